/* The lab's state in the address after the `#`, and back: a link to a scene, what is looked at,
   what is off. */
"use strict";

/**
 * @typedef {Object} LiveAddress
 * @property {(scene: Scene, view: LabView, first: LabView) => string} write  what is as at first is
 *   left out
 * @property {(text: string, first: LabView, architecture: Architecture) => Partial<LabView>} view
 * @property {(text: string) => string | null} experiment  the name of one
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});
  const SHOWS = ["boxes", "cross", "looks", "looked-at"];

  /** @param {Scene} scene @param {LabView} view @param {LabView} first */
  function write(scene, view, first) {
    const parts = [Live.scene.serialise(scene)];
    if (view.show !== first.show) parts.push(`show=${view.show}`);
    if (view.head !== first.head) parts.push(`head=${Number(view.head) + 1}`);
    if (view.threshold !== first.threshold) parts.push(`threshold=${view.threshold}`);
    if (view.step !== first.step) parts.push(`step=${view.step + 1}`);
    if (view.query !== null) parts.push(`query=${view.query}`);
    if (view.cell !== null) parts.push(`cell=${view.cell}`);
    for (const [mechanism, layer] of Object.entries(view.layers)) {
      if (layer !== first.layers[mechanism]) parts.push(`${mechanism}=${layer + 1}`);
    }
    if (view.off.size) parts.push(`off=${[...view.off].sort().join(",")}`);
    return parts.join("&");
  }

  /**
   * @param {string} text @param {LabView} first @param {Architecture} architecture
   * @returns {Partial<LabView>}
   */
  function view(text, first, architecture) {
    const values = new URLSearchParams(text.replace(/^#/, ""));
    /**
     * A whole number from `low` to `high`.
     * @param {string} name @param {number} low @param {number} high
     */
    const whole = (name, low, high) => {
      const value = Number(values.get(name) ?? NaN);
      return Number.isInteger(value) && value >= low && value <= high ? value : null;
    };
    /** @type {Partial<LabView>} */
    const found = {};
    const show = values.get("show"),
      threshold = Number(values.get("threshold") ?? NaN);
    if (show && SHOWS.includes(show)) found.show = /** @type {LabShow} */ (show);
    if (threshold > 0 && threshold < 1) found.threshold = threshold;
    const head = whole("head", 1, architecture.nheads),
      step = whole("step", 1, architecture.num_decoder_layers);
    if (head !== null) found.head = head - 1;
    if (step !== null) found.step = step - 1;
    found.query = whole("query", 0, architecture.num_queries - 1);
    found.cell = whole("cell", 0, 100_000);
    found.layers = { ...first.layers };
    for (const mechanism of Object.keys(first.layers)) {
      const layer = whole(mechanism, 1, Live.knock.layerCount(mechanism, architecture));
      if (layer !== null) found.layers[mechanism] = layer - 1;
    }
    const off = (values.get("off") ?? "")
      .split(",")
      .filter((name) => Live.knock.isKnown(name, architecture));
    found.off = new Set(off);
    return found;
  }

  /** @param {string} text */
  function experiment(text) {
    const anchor = /^#experiment-([\w-]+)$/.exec(text); // of its text
    return anchor ? anchor[1] : new URLSearchParams(text.replace(/^#/, "")).get("experiment");
  }

  Live.address = { write, view, experiment };
})();
