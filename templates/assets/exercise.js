/* The check of a fill-in exercise: compares hashes of what is typed with hashes of accepted
   answers and usual mistakes, and deciphers what is said of them. It asks nobody anything, and
   works from a file. generator/exercises/answer_check.py makes the tables and does the same in
   Python. */
"use strict";
(() => {
  // The spelling in which answers are compared, as generator/exercises/normal_form.py has it.
  const SPACE =
    /[\t\n\v\f\r \x1c-\x1f\x85\xa0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]/g;
  const MARKS = /[\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f"]/g;

  function withoutComments(code) {
    let kept = "", mark = "", escaped = false, comment = false;
    for (const sign of code) {
      if (sign === "\r" || sign === "\n") {
        mark = "", escaped = false, comment = false;
      } else if (comment) {
        continue;
      } else if (mark) {
        if (sign === mark && !escaped) mark = "";
        escaped = sign === "\\" && !escaped;
      } else if (sign === "#") {
        comment = true;
        continue;
      } else if (sign === "'" || sign === '"') {
        mark = sign;
      }
      kept += sign;
    }
    return kept;
  }

  function normalForm(code) {
    return withoutComments(code.replace(/\\\r?\n/g, ""))
      .replace(SPACE, "")
      .replace(MARKS, "'")
      .replace(/,(?=[)\]}])/g, "");
  }

  function bracketsMatch(form) {
    let depth = 0;
    for (const sign of form) {
      depth += "([{".includes(sign) - ")]}".includes(sign);
      if (depth < 0) return false;
    }
    return depth === 0;
  }

  // The answer alone, where the code around the blank was typed along with it.
  function withoutFrame(form, frames) {
    for (const [before, after] of frames) {
      const inner = form.slice(before.length, Math.max(form.length - after.length, 0));
      if (inner && form === before + inner + after && bracketsMatch(inner)) return inner;
    }
    return form;
  }

  // SHA-256 (FIPS 180-4). The browser's own is not there on pages that came without https.
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
  const ROUND = primes.map((p) => fraction(Math.cbrt(p)));
  const START = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
  const turned = (x, n) => (x >>> n) | (x << (32 - n));

  function sha256(text) {
    const message = new TextEncoder().encode(text);
    const padded = new Uint8Array(((message.length + 8) >> 6) * 64 + 64);
    padded.set(message);
    padded[message.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(message.length / 2 ** 29));
    view.setUint32(padded.length - 4, message.length << 3);
    const state = START.slice(), words = new Int32Array(64);
    for (let block = 0; block < padded.length; block += 64) {
      for (let i = 0; i < 64; i++) {
        if (i < 16) {
          words[i] = view.getInt32(block + 4 * i);
          continue;
        }
        const a = words[i - 15], b = words[i - 2];
        const s0 = turned(a, 7) ^ turned(a, 18) ^ (a >>> 3);
        const s1 = turned(b, 17) ^ turned(b, 19) ^ (b >>> 10);
        words[i] = words[i - 16] + s0 + words[i - 7] + s1;
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i++) {
        const s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
        const one = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + words[i]) | 0;
        const s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
        const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g, g = f, f = e, e = (d + one) | 0, d = c, c = b, b = a, a = (one + two) | 0;
      }
      [a, b, c, d, e, f, g, h].forEach((x, i) => { state[i] = (state[i] + x) | 0; });
    }
    const digest = new Uint8Array(32);
    state.forEach((x, i) => new DataView(digest.buffer).setInt32(4 * i, x));
    return digest;
  }

  const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

  function deciphered(base64, salt, form) {
    const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
    for (let i = 0, key; i < bytes.length; i++) {
      if (i % 32 === 0) key = sha256(`${salt}\n${i / 32}\n${form}`);
      bytes[i] ^= key[i % 32];
    }
    return new TextDecoder().decode(bytes);
  }

  // {verdict: "right" | "mistake" | "unknown", says: text}
  function judge(check, typed) {
    const form = withoutFrame(normalForm(typed), check.frames);
    const hash = hex(sha256(`${check.salt}\n${form}`)).slice(0, 32);
    if (!Object.hasOwn(check.says, hash)) return { verdict: "unknown", says: "" };
    const text = deciphered(check.says[hash], check.salt, form);
    return { verdict: text[0] === "+" ? "right" : "mistake", says: text.slice(1) };
  }

  if (typeof document === "undefined") {
    module.exports = { hex, judge, normalForm, sha256 }; // for the tests
    return;
  }

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

  const LEADS = { right: "Right.", mistake: "Not yet.", unknown: "Not one of the accepted forms." };
  const UNKNOWN =
    "Look at the hint again. It may still be right in a way that nobody thought of: " +
    "`python -m generator grade` runs your class and knows.";

  // Text with `code` in backticks, as nodes.
  function nodesOf(text) {
    return text.split("`").map((piece, i) => {
      if (i % 2 === 0) return document.createTextNode(piece);
      const code = document.createElement("code");
      code.textContent = piece;
      return code;
    });
  }

  function show(form, verdict, says) {
    const place = form.querySelector(".blank-verdict");
    form.dataset.verdict = verdict;
    place.replaceChildren();
    if (!verdict) return;
    const lead = document.createElement("strong");
    lead.textContent = LEADS[verdict];
    place.append(lead, " ", ...nodesOf(says || UNKNOWN));
  }

  function start(exercise) {
    const forms = Array.from(exercise.querySelectorAll("form.blank-check"));
    const counter = exercise.querySelector(".exercise-count");
    const inputOf = (form) => form.querySelector("input");
    const keyOf = (form) => `exercise ${exercise.dataset.exercise} ${form.dataset.blank}`;

    function count() {
      const right = forms.filter((form) => form.dataset.verdict === "right").length;
      counter.textContent = `${right} of ${forms.length} right`;
      exercise.querySelector("progress").value = right;
      return right;
    }

    function check(form) {
      const typed = inputOf(form).value;
      memory.write(keyOf(form), typed);
      if (!typed.trim()) {
        show(form, "");
      } else {
        const { verdict, says } = judge(JSON.parse(form.dataset.check), typed);
        show(form, verdict, says);
      }
      inputOf(form).setAttribute("aria-invalid", ["mistake", "unknown"].includes(form.dataset.verdict));
      if (count() === forms.length) counter.textContent += ". That is the whole class: well done.";
    }

    for (const form of forms) {
      inputOf(form).disabled = form.querySelector("button").disabled = false;
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        check(form);
      });
      inputOf(form).addEventListener("input", () => {
        memory.write(keyOf(form), inputOf(form).value);
        if (form.dataset.verdict) show(form, ""); // it was said of another answer
        inputOf(form).removeAttribute("aria-invalid");
        count();
      });
      inputOf(form).value = memory.read(keyOf(form));
      if (inputOf(form).value) check(form);
    }
    exercise.querySelector(".exercise-clear").addEventListener("click", () => {
      for (const form of forms) {
        inputOf(form).value = "";
        check(form);
      }
      inputOf(forms[0]).focus();
    });
    exercise.querySelector(".exercise-state").hidden = false;
    count();
  }

  document.querySelectorAll("[data-exercise]").forEach(start);
})();
