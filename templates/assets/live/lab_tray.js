/* What a scene is made of: the tray, the backgrounds, and what can be done with the chosen thing.
 */
"use strict";

/**
 * @typedef {Object} LiveTray
 * @property {(lab: Lab) => {tray: HTMLElement, tools: HTMLElement, update: () => void}} make
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** @param {Lab} lab */
  function make(lab) {
    const { el, button, choice } = Live.dom;
    const names = Object.keys(lab.data.sprites);
    /** @param {string} title @param {string[]} group */
    const shelf = (title, group) =>
      group.length === 0
        ? null
        : el(
            "div",
            { class: "lab-shelf" },
            el("p", { class: "lab-title" }, title),
            el("div", { class: "lab-sprites" }, ...group.map((name) => sprite(lab, name)))
          );
    const ground = choice(
      "Background",
      Live.backgrounds.kinds.map((kind) => [kind, kind]),
      (kind) => lab.setBackground(kind, lab.scene.seed)
    );
    const tray = el(
      "div",
      { class: "lab-tray" },
      shelf(
        "Things that the model knows",
        names.filter((name) => lab.data.sprites[name].known)
      ),
      shelf(
        "Things that it does not know",
        names.filter((name) => !lab.data.sprites[name].known)
      ),
      el(
        "div",
        { class: "lab-row" },
        ground.field,
        button("Another of its kind", () =>
          lab.setBackground(lab.scene.background, (lab.scene.seed + 1) % 10000)
        ),
        button("Remove all things", () => lab.clear())
      )
    );

    const undo = button("Undo", () => lab.undo()),
      redo = button("Redo", () => lab.redo());
    const chosen = el("p", { class: "lab-chosen", id: "lab-chosen" });
    /** @type {[string, string, (number: number, thing: Thing) => void][]} */
    const actions = [
      ["Smaller", "-", (number, thing) => lab.change(number, { size: thing.size / 1.1 })],
      ["Larger", "+", (number, thing) => lab.change(number, { size: thing.size * 1.1 })],
      ["Turn left", "[", (number, thing) => lab.change(number, { turn: thing.turn - 10 })],
      ["Turn right", "]", (number, thing) => lab.change(number, { turn: thing.turn + 10 })],
      ["Flip", "f", (number, thing) => lab.change(number, { flip: !thing.flip })],
      ["Forward", "PageUp", (number) => lab.reorder(number, number + 1)],
      ["Back", "PageDown", (number) => lab.reorder(number, number - 1)],
      ["Delete", "Delete", (number) => lab.remove(number)],
    ];
    const buttons = actions.map(([text, key, act]) =>
      button(
        text,
        () => {
          const number = lab.selected;
          if (number >= 0) act(number, lab.scene.things[number]);
        },
        { title: `Key: ${key}` }
      )
    );
    const follow = button("Follow it", () => lab.follow(lab.selected), { title: "Key: Enter" });
    const tools = el(
      "div",
      { class: "lab-tools", role: "toolbar", "aria-label": "The chosen thing" },
      chosen,
      el("div", { class: "lab-row" }, undo, redo, ...buttons, follow)
    );

    function update() {
      const { selected, scene, past } = lab,
        thing = scene.things[selected];
      for (const one of [...buttons, follow]) one.disabled = !thing;
      follow.disabled ||= selected === scene.follow;
      undo.disabled = !past.canUndo;
      redo.disabled = !past.canRedo;
      ground.select.value = scene.background;
      chosen.textContent = thing
        ? lab.thingInWords(selected)
        : "Choose a thing in the picture, or add one from the tray.";
      chosen.classList.toggle("is-outside", Boolean(thing) && lab.outside(selected).length > 0);
    }
    return { tray, tools, update };
  }

  /**
   * A thing of the tray: pressed, it comes into the middle; dragged, to where it is let go.
   * @param {Lab} lab @param {string} name
   */
  function sprite(lab, name) {
    const { el } = Live.dom,
      { src, label } = lab.data.sprites[name];
    return el(
      "button",
      {
        type: "button",
        class: "lab-sprite",
        title: label,
        "aria-label": `Add: ${label}`,
        draggable: "true",
        onclick: () => lab.add(name, lab.freePlace()),
        ondragstart: (/** @type {DragEvent} */ event) =>
          event.dataTransfer?.setData("text/x-lab-thing", name),
      },
      el("img", { src, alt: "", width: 40, height: 40, loading: "lazy", draggable: "false" })
    );
  }

  Live.tray = { make };
})();
