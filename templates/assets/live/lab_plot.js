/* The curve of the followed thing: score and IoU of the query that answers, over what is being
   changed. */
"use strict";

/**
 * One run of the model, as far as the followed thing is concerned.
 * @typedef {{runs: number, query: number, right: boolean, score: number, iou: number, visible:
 *   number,
 *   size: number, turn: number, x: number, y: number}} Sample
 *
 * @typedef {Object} Track
 * @property {Sample[]} samples
 * @property {number} changes  how often another query answered than before
 * @property {(sample: Omit<Sample, "runs">) => void} add
 * @property {() => void} clear
 *
 * @typedef {Object} LivePlot
 * @property {() => Track} track
 * @property {(lab: Lab) => {root: HTMLElement, update: () => void}} make
 * @property {(samples: Sample[], over: keyof Sample) => {low: number, high: number}} range
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  const WIDTH = 360,
    HEIGHT = 170,
    LEFT = 34,
    RIGHT = 8,
    TOP = 10,
    BOTTOM = 34;
  const MOST = 500,
    DOT = 2.4;
  /** @type {[keyof Sample, string][]} */
  const OVERS = [
    ["runs", "the runs, one after the other"],
    ["visible", "the share that can be seen"],
    ["size", "its size"],
    ["turn", "degrees that it is turned"],
    ["x", "its place from left to right"],
    ["y", "its place from top to bottom"],
  ];

  /** @returns {Track} */
  function track() {
    /** @type {Track} */
    const made = {
      samples: [],
      changes: 0,
      add(sample) {
        const last = made.samples[made.samples.length - 1];
        if (last && last.query !== sample.query && sample.query >= 0 && last.query >= 0)
          made.changes++;
        made.samples.push({ ...sample, runs: last ? last.runs + 1 : 1 });
        if (made.samples.length > MOST) made.samples.shift();
      },
      clear() {
        made.samples = [];
        made.changes = 0;
      },
    };
    return made;
  }

  /** @param {Sample[]} samples @param {keyof Sample} over */
  function range(samples, over) {
    if (over === "visible") return { low: 0, high: 1 };
    const values = samples.map((one) => Number(one[over]));
    const low = Math.min(...values),
      high = Math.max(...values);
    return high > low ? { low, high } : { low: low - 0.5, high: low + 0.5 };
  }

  /** @param {Lab} lab */
  function make(lab) {
    const { el, button, choice, svg } = Live.dom;
    const chart = svg("svg", {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      class: "lab-chart",
      role: "img",
    });
    const choose = choice("Score and IoU over", OVERS, (value) => {
      lab.look({ plot: /** @type {keyof Sample} */ (value) });
    });
    const clear = button("Begin anew", () => {
      lab.track.clear();
      lab.update();
    });
    const root = el(
      "div",
      { class: "lab-plot" },
      el("div", { class: "lab-row" }, choose.field, clear),
      chart,
      el(
        "p",
        { class: "lab-note" },
        el("span", { class: "lab-key is-score" }, "score"),
        " ",
        el("span", { class: "lab-key is-iou" }, "IoU with where it is"),
        ". Hollow: the query that answers says another class. " +
          "Marks below: another query answers from here on."
      )
    );

    let shown = "";

    function update() {
      const { samples } = lab.track,
        over = lab.view.plot;
      const now = [
        samples.length,
        samples[samples.length - 1]?.runs,
        over,
        lab.view.threshold,
      ].join();
      if (now === shown) return;
      shown = now;
      choose.select.value = over;
      chart.replaceChildren(
        ...axes(svg, samples, over, lab.view.threshold),
        ...dots(svg, samples, over)
      );
      chart.setAttribute("aria-label", words(samples, over));
    }
    return { root, update };
  }

  /** @param {number} share */
  function down(share) {
    return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
  }

  /**
   * @param {LiveDom["svg"]} svg @param {Sample[]} samples @param {keyof Sample} over
   * @param {number} threshold
   */
  function axes(svg, samples, over, threshold) {
    const marks = [0, 0.5, 1].flatMap((share) => [
      svg("line", {
        class: "lab-grid",
        x1: LEFT,
        x2: WIDTH - RIGHT,
        y1: down(share),
        y2: down(share),
      }),
      svg("text", { x: LEFT - 5, y: down(share) + 4, "text-anchor": "end" }, String(share)),
    ]);
    marks.push(
      svg("line", {
        class: "lab-threshold",
        x1: LEFT,
        x2: WIDTH - RIGHT,
        y1: down(threshold),
        y2: down(threshold),
      })
    );
    if (!samples.length) return marks;
    const { low, high } = range(samples, over),
      digits = over === "runs" || over === "turn" ? 0 : 2;
    marks.push(
      svg("text", { x: LEFT, y: HEIGHT - 6 }, low.toFixed(digits)),
      svg("text", { x: WIDTH - RIGHT, y: HEIGHT - 6, "text-anchor": "end" }, high.toFixed(digits))
    );
    return marks;
  }

  /** @param {LiveDom["svg"]} svg @param {Sample[]} samples @param {keyof Sample} over */
  function dots(svg, samples, over) {
    if (!samples.length) return [];
    const { low, high } = range(samples, over);
    /** @param {Sample} one */
    const across = (one) =>
      LEFT + ((Number(one[over]) - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
    /**
     * One path for all dots of a kind: hundreds of elements would take their time.
     * @type {Record<string, string>}
     */
    const paths = {
      "lab-switch": "",
      "is-iou is-wrong": "",
      "is-score is-wrong": "",
      "is-iou": "",
      "is-score": "",
    };
    samples.forEach((one, i) => {
      const x = across(one),
        before = samples[i - 1],
        wrong = one.right ? "" : " is-wrong";
      if (before && before.query !== one.query) paths["lab-switch"] += `M${x} ${down(0) + 3}v7`;
      paths[`is-iou${wrong}`] += dot(x, down(one.iou));
      paths[`is-score${wrong}`] += dot(x, down(one.score));
    });
    return Object.entries(paths).map(([name, d]) => svg("path", { class: name, d }));
  }

  /** @param {number} x @param {number} y */
  function dot(x, y) {
    return `M${x - DOT} ${y}a${DOT} ${DOT} 0 1 0 ${2 * DOT} 0a${DOT} ${DOT} 0 1 0 ${-2 * DOT} 0`;
  }

  /** @param {Sample[]} samples @param {keyof Sample} over */
  function words(samples, over) {
    if (!samples.length) return "Score and IoU of the followed thing: no run yet.";
    const last = samples[samples.length - 1],
      { low, high } = range(samples, over);
    const scores = samples.map((one) => one.score);
    return (
      `Score and IoU over ${(OVERS.find(([name]) => name === over) ?? ["", ""])[1]}, ` +
      `from ${low.toFixed(2)} to ${high.toFixed(2)}: ${samples.length} runs, ` +
      `scores from ${Math.min(...scores).toFixed(2)} to ${Math.max(...scores).toFixed(2)}; ` +
      `at last ${last.score.toFixed(2)}, IoU ${last.iou.toFixed(2)}.`
    );
  }

  Live.plot = { track, make, range };
})();
