/* What is looked at, and what is switched off: the controls beside the picture. */
"use strict";

/**
 * @typedef {Object} LivePanel
 * @property {(lab: Lab) => {looks: HTMLElement, knocks: HTMLElement, update: () => void}} make
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** @type {[LabShow, string][]} */
  const SHOWS = [
    ["boxes", "boxes alone"],
    ["cross", "where a query looks"],
    ["looks", "where a cell looks"],
    ["looked-at", "who looks at a cell"],
  ];

  /** @param {Lab} lab */
  function make(lab) {
    const looks = makeLooks(lab),
      knocks = makeKnocks(lab);
    return {
      looks: looks.root,
      knocks: knocks.root,
      update() {
        looks.update();
        knocks.update();
      },
    };
  }

  /** @param {Lab} lab */
  function makeLooks(lab) {
    const { el, choice, slider } = Live.dom,
      { architecture } = lab.model;
    const decoders = architecture.num_decoder_layers;
    const show = choice("Over the picture", SHOWS, (value) =>
      lab.look({ show: /** @type {LabShow} */ (value) })
    );
    const layer = choice("Layer of the map", [], (value) => lab.setLayer(Number(value)));
    /** @type {[string, string][]} */
    const heads = Array.from({ length: architecture.nheads }, (_, head) => [
      String(head),
      `head ${head + 1}`,
    ]);
    const head = choice("Head", [["mean", "mean of all"], ...heads], (value) =>
      lab.look({ head: value === "mean" ? value : Number(value) })
    );
    const strength = slider("Strength of the map", { min: 0, max: 100, step: 5 }, (value) =>
      lab.look({ strength: value })
    );
    const threshold = slider("Threshold", { min: 0.05, max: 0.99, step: 0.01 }, (value) =>
      lab.look({ threshold: value })
    );
    const step = slider("Boxes after decoder layer", { min: 1, max: decoders, step: 1 }, (value) =>
      lab.look({ step: value - 1 })
    );
    const says = el("p", { class: "lab-says", "aria-live": "polite" });
    const root = el(
      "div",
      { class: "lab-looks" },
      el("div", { class: "lab-row" }, threshold.field, step.field),
      el("div", { class: "lab-row" }, show.field, layer.field, head.field, strength.field),
      says
    );

    function update() {
      const { view } = lab,
        mechanism = lab.mechanismShown();
      show.select.value = view.show;
      for (const one of [layer.field, head.field, strength.field]) one.hidden = !mechanism;
      if (mechanism) {
        const count = Live.knock.layerCount(mechanism, architecture);
        Live.dom.offer(
          layer.select,
          Array.from({ length: count }, (_, one) => [String(one), `${one + 1} of ${count}`]),
          String(view.layers[mechanism])
        );
      }
      head.select.value = String(view.head);
      strength.input.value = String(view.strength);
      strength.output.value = `${view.strength} %`;
      threshold.input.value = String(view.threshold);
      threshold.output.value = view.threshold.toFixed(2);
      step.input.value = String(view.step + 1);
      const count = lab.kept().length;
      const boxes = count === 1 ? "box" : "boxes";
      step.output.value = `${view.step + 1} of ${decoders}: ${count} ${boxes}`;
      says.textContent = lab.mapInWords();
    }
    return { root, update };
  }

  /** @param {Lab} lab */
  function makeKnocks(lab) {
    const { el, check, button } = Live.dom,
      { architecture } = lab.model;
    const all = Live.knock.all("decoder_self", architecture);
    const self = check("without decoder self-attention", (on) => lab.switchOff(all, on));
    const positions = check("without position encodings", (on) => lab.switchOff(["positions"], on));
    const brush = check("hide cells: draw over the picture", (on) => lab.look({ brush: on }));
    const own = button("Hide the followed thing's cells", () => lab.hideFollowed());
    const none = button("Hide no cells", () => lab.showCells());
    const reset = button("Switch everything on", () => lab.switchEverythingOn());
    /** @type {Map<string, HTMLInputElement>} */
    const boxes = new Map();
    const tables = Object.entries(Live.knock.mechanisms).map(([mechanism, words]) =>
      grid(mechanism, words)
    );

    /**
     * A table of one attention: a row for each layer, a box for each head.
     * @param {string} mechanism @param {string} words
     */
    function grid(mechanism, words) {
      const heads = Array.from({ length: architecture.nheads }, (_, head) => head + 1);
      /** @param {string} name */
      const cell = (name) => {
        const box = el("input", {
          type: "checkbox",
          "aria-label": `Switch off ${Live.knock.words(name)}`,
          onchange: () => lab.switchOff([name], box.checked),
        });
        boxes.set(name, box);
        return el("td", {}, box);
      };
      const rows = Live.knock
        .all(mechanism, architecture)
        .map((name, layer) =>
          el(
            "tr",
            {},
            el("th", { scope: "row" }, `layer ${layer + 1}`),
            cell(name),
            ...heads.map((head) => cell(`${name}.${head}`))
          )
        );
      return el(
        "table",
        { class: "lab-heads" },
        el("caption", {}, words),
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            el("td", {}),
            el("th", { scope: "col" }, "all"),
            ...heads.map((head) => el("th", { scope: "col" }, `h${head}`))
          )
        ),
        el("tbody", {}, ...rows)
      );
    }

    const root = el(
      "div",
      { class: "lab-knocks" },
      el("p", { class: "lab-title" }, "Switch off"),
      el("div", { class: "lab-row" }, self.field, positions.field, brush.field),
      el("div", { class: "lab-row" }, own, none, reset),
      el(
        "details",
        {},
        el("summary", {}, "Single heads and layers"),
        el(
          "p",
          { class: "lab-note" },
          "A head that is switched off looks at all cells or queries alike; " +
            "an attention of a layer that is switched off adds nothing."
        ),
        el("div", { class: "lab-row" }, ...tables)
      )
    );

    function update() {
      const { off } = lab.view;
      self.box.checked = all.every((name) => off.has(name));
      self.box.indeterminate = !self.box.checked && all.some((name) => off.has(name));
      positions.box.checked = off.has("positions");
      brush.box.checked = lab.view.brush;
      for (const [name, box] of boxes) box.checked = off.has(name);
      own.disabled = lab.scene.follow < 0 || !lab.result;
      none.disabled = ![...off].some((name) => name.startsWith("cell."));
      reset.disabled = off.size === 0;
    }
    return { root, update };
  }

  Live.panel = { make };
})();
