/* What there is to see of a cell, a query or a place: weights, or points. In: a source, a layer of it,
   and what is looked at. Out: numbers, frames and names; explorer.js draws them. */
"use strict";
(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** How near a place points count as read there, in longer sides of the picture. */
  const NEAR = 0.03;
  /** How many of the queries that one looks at, or that read at a place, are drawn. */
  const SEEN = 5;

  /** Where the cells or places that can be chosen begin and end: cells of maps, or of a level; places are
   *  cells of the finest level.
   *  @param {ShippedSource} source  @param {Kind} kind  @param {number | null} cellLevel  @returns {Edges} */
  function edges(source, kind, cellLevel) {
    if (!source.sampled || (kind === "cell" && cellLevel === null)) return source;
    return Live.map.grid(source.sampled.levels[kind === "cell" ? Number(cellLevel) : 0]);
  }

  /** Left, top, right and bottom of a cell or place.
   *  @param {ShippedSource} source  @param {Subject} subject  @param {number | null} cellLevel */
  function frame(source, { kind, index }, cellLevel) {
    const { edgesX, edgesY } = edges(source, kind, cellLevel), width = edgesX.length - 1;
    const row = Math.floor(index / width), column = index % width;
    return [edgesX[column], edgesY[row], edgesX[column + 1], edgesY[row + 1]];
  }

  /** The middle of a cell or place.
   *  @param {ShippedSource} source  @param {Subject} subject  @param {number | null} cellLevel */
  function middle(source, subject, cellLevel) {
    const [x0, y0, x1, y1] = frame(source, subject, cellLevel);
    return { x: (x0 + x1) / 2, y: (y0 + y1) / 2 };
  }

  /** Where points count as read at a place. @param {ShippedSource} source  @param {Subject} place  @returns {Circle} */
  function circle(source, place) {
    const size = source.pictureSize;
    return { centre: middle(source, place, null), radius: NEAR * Math.max(size.width, size.height), size };
  }

  /** Of a map, or of the queries that read at a place; points have weights of their own.
   *  @param {ShippedSource} source  @param {ShippedLayer | PointsLayer} layer  @param {View} view
   *  @returns {Float32Array | null} */
  function weights(source, layer, view) {
    const { show, head, index, level } = view;
    if (!("places" in layer)) return Live.attention[show === "column" ? "column" : "row"](layer, head, index);
    return show === "around" ? Live.sampled.around(layer, head, level, circle(source, view)) : null;
  }

  /** Those that have a weight, the largest one first. @param {Float32Array} weights */
  function order(weights) {
    return Array.from(weights.keys()).filter((one) => weights[one] > 0)
      .sort((a, b) => weights[b] - weights[a]);
  }

  /** The first of them, which are drawn. @param {Float32Array} weights */
  const first = (weights) => order(weights).slice(0, SEEN);

  /**
   * The boxes to draw, without their colours: above the threshold; chosen, lit up, or looked at.
   * @param {ShippedSource} source  @param {{threshold: number, step: number}} answer
   * @param {{chosen: number | null, lit: number | null}} queries  @param {Float32Array | null} among
   */
  function boxes(source, { threshold, step }, { chosen, lit }, among) {
    const seen = among ? first(among) : [], most = among ? among[seen[0]] || 1 : 1;
    /** @type {Omit<ShownBox, "colour">[]} */
    const shown = [];
    for (let query = 0; query < source.queryCount; query++) {
      const { label, score, box } = source.prediction(step, query), kept = score > threshold;
      const isSeen = seen.includes(query), isChosen = query === chosen;
      if (!kept && !isSeen && !isChosen && query !== lit) continue;
      shown.push({
        query, box, label: `${query} ${label}`,
        kind: isChosen ? "chosen" : kept ? "kept" : "seen",
        opacity: among && isSeen && !isChosen ? 0.3 + 0.7 * (among[query] / most) : 1,
      });
    }
    return shown;
  }

  /** The points that a query or cell reads, or those that the first queries read at a place.
   *  @param {ShippedSource} source  @param {PointsLayer} layer  @param {View} view  @param {number[]} queries
   *  @returns {ShownPoints} */
  function points(source, layer, view, queries) {
    const { show, index, head, level, cellLevel } = view, { read, reference, isNear, token } = Live.sampled;
    if (show === "around") {
      const around = circle(source, view), all = queries.flatMap((one) => read(layer, one, head, level));
      return { points: all.filter((one) => isNear(one, around)), circle: around };
    }
    const row = show === "reads" ? token(/** @type {Sampled} */ (source.sampled), Number(cellLevel), index) : index;
    return { points: read(layer, row, head, level), reference: reference(layer, row) };
  }

  Live.look = { edges, frame, middle, circle, weights, order, first, boxes, points };
})();
