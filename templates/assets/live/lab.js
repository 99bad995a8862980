/* The lab's page: what "Start" does, where everything stands, and the experiments' buttons. In: the
   elements of
   the macro `lab`, and two scripts that the build wrote. It is loaded last. */
"use strict";

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** Adds a script of the site to the page. @param {string} src @returns {Promise<void>} */
  function load(src) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = src;
      script.onload = () => resolve();
      script.onerror = () => reject(new Error(`${src} could not be loaded`));
      document.head.append(script);
    });
  }

  /** @param {HTMLElement} place @param {HTMLElement} says */
  async function start(place, says) {
    says.textContent = "Loading the model …";
    const [network] = await Promise.all([
      Live.client.start(String(place.dataset.model)),
      load(String(place.dataset.things)),
    ]);
    const data = /** @type {LabData} */ (Live.labData);
    /** @type {Record<string, Sprite>} */
    const sprites = {};
    await Promise.all(
      Object.entries(data.sprites).map(async ([name, { src }]) => {
        sprites[name] = Live.compose.sprite(await Live.files.pixels(src));
      })
    );
    const lab = new Live.Lab({
      data,
      sprites,
      model: network.card,
      run: network.forward,
      schedule: (draw) => requestAnimationFrame(draw),
    });
    says.textContent = "";
    return lab;
  }

  /** Builds the lab's elements. @param {Lab} lab @param {HTMLElement} place */
  function build(lab, place) {
    const { el } = Live.dom;
    const stage = Live.stage.make(lab),
      tray = Live.tray.make(lab),
      panel = Live.panel.make(lab);
    const answers = Live.answers.make(lab),
      plot = Live.plot.make(lab);
    const note = el("p", { class: "lab-says", role: "status" });
    const speed = el("span", { class: "lab-note" });
    const files = Live.files.make(lab, stage.root, (text) => {
      note.textContent = text;
    });
    const task = el("div", { class: "lab-task", hidden: true });
    place.replaceChildren(
      el(
        "div",
        { class: "lab-main" },
        el("div", { class: "lab-view" }, stage.root),
        el("div", { class: "lab-under" }, answers.followed, tray.tools),
        el(
          "div",
          { class: "lab-right" },
          task,
          panel.looks,
          panel.knocks,
          answers.list,
          plot.root,
          speed
        ),
        el("div", { class: "lab-more" }, bounds(lab), files, note, tray.tray, keys())
      )
    );
    lab.onupdate = () => {
      for (const part of [stage, tray, panel, answers, plot]) part.update();
      speed.textContent = lab.result
        ? `One forward pass: ${Math.round(lab.result.milliseconds)} ms.`
        : "";
      place.dataset.runs = String(Number(place.dataset.runs ?? 0) + (lab.result !== shown ? 1 : 0));
      shown = lab.result;
      remember(lab);
    };
    /** @type {Result | null} */
    let shown = null;
    place.addEventListener("keydown", (event) => {
      const key = event.key.toLowerCase();
      if (!(event.ctrlKey || event.metaKey) || (key !== "z" && key !== "y")) return;
      event.preventDefault();
      if (key === "y" || event.shiftKey) lab.redo();
      else lab.undo();
    });
    return task;
  }

  /** What the model bears, as what it is. @param {Lab} lab */
  function bounds(lab) {
    const { side, turn, visible, things } = lab.data.bounds;
    return Live.dom.el(
      "p",
      { class: "lab-note" },
      `The model holds for things of ${side[0]} to ${side[1]} of the picture's short side, ` +
        `turned by up to ${turn} degrees, of which ${Math.round(visible * 100)} % can be seen, ` +
        `and for up to ${things} at once. To cross these is an experiment.`
    );
  }

  function keys() {
    return Live.dom.el(
      "p",
      { class: "lab-note", id: "lab-keys" },
      "Keys for the chosen thing: arrows move it (with Shift farther), + and − scale, " +
        "[ and ] turn, F flips, Page Up and Page Down change the order, Enter follows, " +
        "Delete removes; Ctrl+Z undoes."
    );
  }

  /** Writes the state into the address. @param {Lab} lab */
  function remember(lab) {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (lab.own) return;
      const text = Live.address.write(lab.scene, lab.view, lab.firstView());
      if (`#${text}` !== location.hash) history.replaceState(history.state, "", `#${text}`);
    }, 400);
  }
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;

  /** Sets an experiment up. @param {Lab} lab @param {string} name @param {HTMLElement} task */
  function setUp(lab, name, task) {
    const prepared = lab.data.experiments[name];
    if (!prepared) return false;
    const { scene, show, plot, threshold } = prepared;
    lab.begin(scene, { show, plot, ...(threshold === null ? {} : { threshold }) });
    const text = document.querySelector(`.lab-experiment[data-experiment="${name}"]`);
    const copy = /** @type {HTMLElement} */ (
      text?.cloneNode(true) ?? Live.dom.el("p", {}, prepared.title)
    );
    for (const one of copy.querySelectorAll("figure, .lab-set-up, .headerlink, .lab-address"))
      one.remove();
    for (const one of [copy, ...copy.querySelectorAll("[id]")]) one.removeAttribute("id");
    // It follows the page's title here.
    const heading = copy.querySelector("h1, h2, h3, h4, h5, h6");
    heading?.replaceWith(Live.dom.el("h2", {}, heading.textContent));
    task.replaceChildren(...copy.childNodes);
    task.hidden = false;
    return true;
  }

  /**
   * What the address asks for, or the first experiment.
   * @param {Lab} lab @param {HTMLElement} task
   */
  function beginWithAddress(lab, task) {
    const text = decodeURI(location.hash),
      first = lab.firstView();
    const named = Live.address.experiment(text);
    if (named && setUp(lab, named, task)) return;
    const scene = Live.scene.parse(text, Object.keys(lab.data.sprites), Live.backgrounds.kinds);
    if (scene) lab.begin(scene, Live.address.view(text, first, lab.model.architecture));
    else setUp(lab, Object.keys(lab.data.experiments)[0], task) || lab.update();
  }

  /** Makes the page's button work. @param {HTMLElement} place */
  function prepare(place) {
    const button = /** @type {HTMLButtonElement} */ (place.querySelector(".lab-start"));
    const says = /** @type {HTMLElement} */ (place.querySelector(".lab-state"));
    /** @type {Promise<{lab: Lab, task: HTMLElement}> | null} */
    let running = null;
    const begin = () =>
      (running ??= start(place, says)
        .then((lab) => {
          const task = build(lab, place);
          beginWithAddress(lab, task);
          window.addEventListener("hashchange", () => {
            if (/[#&](scene|experiment)=/.test(location.hash)) beginWithAddress(lab, task);
          });
          Live.lab = lab;
          return { lab, task };
        })
        .catch((error) => {
          running = null;
          says.textContent = `The model could not be started: ${error.message}`;
          throw error;
        }));
    button.addEventListener("click", begin);
    button.disabled = false;
    for (const text of /** @type {NodeListOf<HTMLElement>} */ (
      document.querySelectorAll(".lab-experiment")
    )) {
      const set = Live.dom.button(
        "Set this up in the lab",
        async () => {
          const { lab, task } = await begin();
          setUp(lab, String(text.dataset.experiment), task);
          place.scrollIntoView({ block: "start" });
        },
        { class: "lab-button lab-set-up" }
      );
      text.append(set);
    }
  }

  document.querySelectorAll(".lab").forEach((place) => prepare(/** @type {HTMLElement} */ (place)));
})();
