/* What the explorer says in words. In: a source, what is looked at, weights. Out: sentences. Numbers
   that are printed are Python's or of half precision, never what 8 bits gave. */
"use strict";
(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** As the pages write shares. @param {number} share */
  const percent = (share) => share < 0.001 ? "< 0.1 %" : `${(100 * share).toFixed(1)} %`;

  /** Rounded down, as in the tables: only 1 reads as 1. @param {number} score */
  const scored = (score) => (Math.floor(score * 1000) / 1000).toFixed(3);

  /** @param {number} index  @param {{width: number}} grid */
  const cell = (index, { width }) => `row ${Math.floor(index / width)}, column ${index % width}`;

  /** A query, and what it answers. @param {ShippedSource} source  @param {number} layer  @param {number} query  @param {number} threshold */
  function query(source, layer, query, threshold) {
    const { label, score, noObject } = source.prediction(layer, query);
    return score > threshold
      ? `Query ${query} (${label} ${scored(score)})`
      : noObject === null ? `Query ${query} (below the threshold: ${label} ${scored(score)})`
      : `Query ${query} (no object ${scored(noObject)}, ${label} ${scored(score)})`;
  }

  /** Which layer and head a map is of. @param {View} view  @param {number} layers */
  const where = ({ layer, head }, layers) =>
    `Layer ${layer + 1} of ${layers}, ${head === "mean" ? "mean of the heads" : `head ${head + 1}`}`;

  /**
   * What a map shows.
   * @param {ShippedSource} source  @param {View} view  @param {ShippedLayer} shipped
   * @param {Float32Array} weights  @param {string} asked  of a query, its name
   */
  function map(source, view, shipped, weights, asked) {
    const { at, weight } = Live.map.largest(weights);
    const head = view.head === "mean" ? shipped.heads : view.head;
    const peak = percent(shipped.peak[head * shipped.queryCount + view.index]);
    const place = `${where(view, source.layerCount(view.mechanism))}. `;
    const there = `the ${view.show === "row" ? "one" : "cell"} in ${cell(at, source.grid)}`;
    if (view.show === "row") {
      return `${place}The cell in ${cell(view.index, source.grid)} looks most at ${there}: ${peak} of its attention.`;
    }
    if (view.show === "column") {
      const most = shipped.isRounded ? "" : `: ${percent(weight)}`;
      const whole = view.head === "mean"
        ? ` All cells together give it ${shipped.received[view.index].toFixed(2)} times an even share.` : "";
      return `${place}Of all cells, the one in ${cell(at, source.grid)} looks most at the one in ${cell(view.index, source.grid)}${most}.${whole}`;
    }
    if (view.show === "cross") {
      return `${place}${asked} looks most at ${there}: ${peak} of its attention.`;
    }
    const order = Array.from(weights.keys()).sort((a, b) => weights[b] - weights[a]).slice(0, 4);
    const first = order.map((one) => shipped.isRounded ? `${one}` : `${one} (${percent(weights[one])})`);
    return `${place}${asked} looks most at the queries ${first.join(", ")}.`;
  }

  /** How far off a layer's weights are. @param {{bytes: number, largestError: number}} file */
  function error({ bytes, largestError }) {
    const points = (100 * largestError).toPrecision(2);
    return `Loaded ${(bytes / 1e6).toFixed(2)} MB, rounded: no weight of this layer is off by more than ` +
      `${Number(points)} percentage points.`;
  }

  Live.words = { percent, scored, query, map, error };
})();
