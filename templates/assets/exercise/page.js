/* The exercise in the page: a box for each blank, what is said of the answer, the listing that fills
   while the reader types, the file to download, and a sheet to print. */
"use strict";
(() => {
  const { LEADS, STATES, answerOf, judge, saysOf } = Exercise;

  // What was typed is kept where the browser allows it; a file may not be allowed.
  const memory = {
    read(key) {
      try { return localStorage.getItem(key) ?? ""; } catch { return ""; }
    },
    write(key, text) {
      try {
        if (text) localStorage.setItem(key, text);
        else localStorage.removeItem(key);
      } catch { /* then it is forgotten */ }
    },
  };

  function element(tag, text = "", attributes = {}) {
    const made = document.createElement(tag);
    made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  // Text with `code` in backticks, as nodes.
  const nodesOf = (text) =>
    text.split("`").map((piece, i) => (i % 2 ? element("code", piece) : document.createTextNode(piece)));

  /** One blank: its card, and its places in the listing. */
  class Blank {
    constructor(form, exercise) {
      this.form = form;
      this.exercise = exercise;
      this.name = form.dataset.blank;
      this.card = form.closest(".blank");
      this.number = this.card.id.split("-").at(-1);
      this.input = form.querySelector("input");
      this.verdictPlace = form.querySelector(".blank-verdict");
      this.check = JSON.parse(form.dataset.check);
      this.key = `exercise ${exercise.name} ${this.name}`;
      this.places = [];
      this.verdict = "";
    }

    /** Turns a blank of the listing into a link to its card. */
    addPlace(token) {
      const link = element("a", "____", { class: "blank-live", href: `#${this.card.id}` });
      token.replaceChildren(link);
      this.places.push(link);
    }

    get answer() {
      return this.input.value.trim() ? answerOf(this.check, this.input.value) : "";
    }

    changed() {
      memory.write(this.key, this.input.value);
      this.show("", "");
    }

    judge() {
      const typed = this.input.value;
      memory.write(this.key, typed);
      if (!typed.trim()) return this.show("", "");
      const judgement = judge(this.check, typed);
      return this.show(judgement.verdict, saysOf(judgement, typed, this.exercise.listing));
    }

    show(verdict, says) {
      this.verdict = this.form.dataset.verdict = verdict;
      this.verdictPlace.replaceChildren();
      if (verdict) this.verdictPlace.append(element("strong", LEADS[verdict]), " ", ...nodesOf(says));
      if (verdict === "mistake") this.input.setAttribute("aria-invalid", "true");
      else this.input.removeAttribute("aria-invalid");
      const answer = this.answer;
      for (const link of this.places) {
        link.textContent = answer || "____";
        link.dataset.verdict = verdict;
        link.classList.toggle("is-filled", answer !== "");
        const state = answer ? STATES[verdict] : "empty";
        link.setAttribute("aria-label", `Blank ${this.number}, ${state}: ${answer || "____"}`);
      }
    }
  }

  class Sheet {
    constructor(root) {
      this.root = root;
      this.name = root.dataset.exercise;
      this.code = root.querySelector(".highlight code");
      this.listing = this.code.textContent;
      this.blanks = Array.from(root.querySelectorAll("form.blank-check"), (form) => new Blank(form, this));
      this.student = root.querySelector(".exercise-name");
      this.dialog = root.querySelector(".exercise-dialog");
    }

    start() {
      const byName = new Map(this.blanks.map((blank) => [blank.name, blank]));
      const tokens = Array.from(this.code.querySelectorAll("span")).filter(
        (one) => one.textContent === "____" && !one.childElementCount,
      );
      this.root.dataset.places.split(" ").forEach((name, i) => byName.get(name).addPlace(tokens[i]));
      for (const blank of this.blanks) this.startBlank(blank);
      this.student.value = memory.read(this.nameKey);
      this.student.addEventListener("input", () => memory.write(this.nameKey, this.student.value));
      this.on(".exercise-download", () => this.download());
      this.on(".exercise-print", () => this.print());
      this.on(".exercise-clear", () => this.dialog.showModal());
      this.dialog.addEventListener("close", () => {
        if (this.dialog.returnValue === "clear") this.clear();
        this.dialog.returnValue = "";
      });
      this.root.querySelector(".exercise-state").hidden = false;
      this.count();
    }

    startBlank(blank) {
      blank.input.disabled = blank.form.querySelector("button").disabled = false;
      blank.form.addEventListener("submit", (event) => {
        event.preventDefault();
        blank.judge();
        this.count();
      });
      blank.input.addEventListener("input", () => {
        blank.changed(); // what was said was said of another answer
        this.count();
      });
      blank.input.value = memory.read(blank.key);
      blank.judge();
    }

    on(selector, run) {
      this.root.querySelector(selector).addEventListener("click", run);
    }

    get nameKey() {
      return `exercise ${this.name} name of the student`;
    }

    get right() {
      return this.blanks.filter((blank) => blank.verdict === "right").length;
    }

    get score() {
      return `${this.right} of ${this.blanks.length} right`;
    }

    count() {
      const isWhole = this.right === this.blanks.length;
      const done = isWhole ? ". That is the whole class: well done." : "";
      this.root.querySelector(".exercise-count").textContent = this.score + done;
      this.root.querySelector("progress").value = this.right;
    }

    clear() {
      this.student.value = "";
      memory.write(this.nameKey, "");
      for (const blank of this.blanks) {
        blank.input.value = "";
        blank.judge();
      }
      this.count();
      this.blanks[0].input.focus();
    }

    /** Saves the listing as it stands, blanks that are still empty included. */
    download() {
      const file = new Blob([this.code.textContent], { type: "text/x-python" });
      const address = URL.createObjectURL(file);
      element("a", "", { href: address, download: `${this.name}.py` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10000);
    }

    /** Prints a sheet of its own: the name, the score, a row for each blank, the class. */
    print() {
      const page = document.documentElement, sheet = this.sheet();
      document.body.append(sheet);
      page.dataset.printing = this.name;
      const tidy = () => {
        sheet.remove();
        delete page.dataset.printing;
      };
      addEventListener("afterprint", tidy, { once: true });
      window.print();
    }

    sheet() {
      const sheet = element("section", "", { class: "exercise-sheet md-typeset" });
      const table = element("table"), head = element("tr");
      head.append(...["Blank", "Answer", "Verdict"].map((text) => element("th", text, { scope: "col" })));
      table.append(head);
      for (const blank of this.blanks) {
        const row = element("tr"), answer = element("td");
        answer.append(element("code", blank.answer || "(empty)"));
        const verdict = blank.answer ? STATES[blank.verdict] : "empty";
        row.append(element("th", blank.number, { scope: "row" }), answer, element("td", verdict));
        table.append(row);
      }
      const name = this.student.value.trim();
      sheet.append(
        element("h1", this.root.dataset.title),
        element("p", `Name: ${name || "______________________"}`),
        element("p", `Score: ${this.score}, by the check of the page`),
        table,
        element("pre", this.code.textContent),
      );
      return sheet;
    }
  }

  document.querySelectorAll("[data-exercise]").forEach((root) => new Sheet(root).start());
})();
