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

  /** @param {Spot} place */
  const at = ({ x, y }) => `${Math.round(100 * x)} % from the left and ${Math.round(100 * y)} % from the top`;

  /** A level and its cells. @param {ShippedSource} source  @param {Level} level */
  const levels = ({ sampled }, level) => level === "all" ? "all levels"
    : `level ${level + 1} of ${/** @type {Sampled} */ (sampled).levels.length}`;

  /** @param {ShippedSource} source  @param {View} view */
  const whereOfPoints = (source, { mechanism, layer, head, level }) =>
    `Layer ${layer + 1} of ${source.layerCount(mechanism)}, ` +
    `${head === "mean" ? "all heads" : `head ${head + 1}`}, ${levels(source, level)}. `;

  /**
   * What the points of a query or cell come to.
   * @param {ShippedSource} source  @param {View} view  @param {PointsLayer} layer
   * @param {ReadPoint[]} points  those that are shown  @param {(query: number) => string} name  of a query
   */
  function points(source, view, layer, points, name) {
    const own = Number(view.cellLevel), { levels } = /** @type {Sampled} */ (source.sampled);
    const asked = view.show === "points" ? name(view.index)
      : `The cell in ${cell(view.index, levels[own])} of level ${own + 1}`;
    const heads = Live.sampled.headsOf(layer, view.head), { all, inside, outside } = Live.sampled.shares(points, heads);
    const most = points.reduce((best, one) => one.weight > best.weight ? one : best);
    const level = view.level === "all" ? "" : ` here, with ${percent(all)} of the weight`;
    const box = layer.inside ? ` ${inside > 0 ? percent(inside) : "None"} of the weight lies in its ${view.isLast ? "" : "last "}box.` : "";
    const beyond = outside > 0 ? ` ${percent(outside)} lies outside the picture, where it reads zeros.` : "";
    return `${whereOfPoints(source, view)}${asked} reads ${points.length} points${level}.${box}${beyond} The largest one, ` +
      `${at(most)}, has ${percent(most.weight)} of head ${most.head + 1}, on level ${most.level + 1}.`;
  }

  /**
   * Who reads near a place.
   * @param {ShippedSource} source  @param {View} view
   * @param {Float32Array} weights  (queryCount), the shares that lie near it
   * @param {(query: number) => string} name  of a query
   */
  function around(source, view, weights, name) {
    const { centre, radius } = Live.look.circle(source, view), order = Live.look.order(weights);
    const [first, ...rest] = order.slice(0, 4);
    const near = `Within ${Math.round(radius)} pixels of the place ${at(centre)}, `;
    if (first === undefined) return `${whereOfPoints(source, view)}${near}no query reads a point.`;
    const others = rest.length ? ` Next: ${rest.map((one) => `${one} (${percent(weights[one])})`).join(", ")}.` : "";
    const all = order.length === 1 ? "one query reads" : `${order.length} queries read`;
    return `${whereOfPoints(source, view)}${near}${all} points. ${name(first)} has the largest share of ` +
      `its weight there: ${percent(weights[first])}.${others}`;
  }

  /** How far off a layer's weights are, and the places of points.
   *  @param {{bytes: number, largestError: number}} file  @param {number | null} placeError */
  function error({ bytes, largestError }, placeError) {
    const off = (/** @type {number} */ share) => Number((100 * share).toPrecision(2));
    const places = placeError === null ? "" : `, no place by more than ${off(placeError)} % of the picture's sides`;
    return `Loaded ${(bytes / 1e6).toFixed(2)} MB, rounded: no weight of this layer is off by more than ` +
      `${off(largestError)} percentage points${places}.`;
  }

  Live.words = { percent, scored, query, map, points, around, error };
})();
