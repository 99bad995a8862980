/* Which query answers for a thing, and how well: a forward pass and boxes in, numbers out. */
"use strict";

/**
 * What one query says after one decoder layer; the box in pixels of the picture, cut at its border.
 * @typedef {{query: number, label: string, score: number, box: Box}} LabPrediction
 *
 * The query that answers for a thing: of all, the one whose box and score together fit best.
 * @typedef {LabPrediction & {iou: number}} Answer
 *
 * @typedef {Object} LiveFollow
 * @property {(a: Box, b: Box) => number} iou
 * @property {(source: Source, layer: number, names: string[]) => LabPrediction[]} predictions
 * @property {(predictions: LabPrediction[], box: Box) => Answer | null} answer
 *   null if no box of any query touches the thing's
 * @property {(source: Source) => {edgesX: number[], edgesY: number[]}} edges
 *   where the cells' footprints begin and end, as shares of the picture
 * @property {(edges: number[], share: number) => number} cellAt  of a row or column
 * @property {(source: Source, box: Box, size: Size) => number[]} cellsOf  that a box touches
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** Shared area by joint area. @param {Box} a @param {Box} b */
  function iou(a, b) {
    const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
    const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
    if (width <= 0 || height <= 0) return 0;
    const shared = width * height;
    return shared / (area(a) + area(b) - shared);
  }

  /** @param {Box} box */
  function area([x0, y0, x1, y1]) {
    return (x1 - x0) * (y1 - y0);
  }

  /** @param {number} share */
  function cut(share) {
    return Math.min(Math.max(share, 0), 1);
  }

  /**
   * @param {Source} source @param {number} layer @param {string[]} names @returns {LabPrediction[]}
   */
  function predictions(source, layer, names) {
    const logits = source.classLogits[layer],
      boxes = source.boxes[layer];
    const { width, height } = source.pictureSize,
      columns = names.length + 1;
    return Array.from({ length: logits.length / columns }, (_, query) => {
      const row = logits.subarray(query * columns, (query + 1) * columns);
      const largest = row.reduce((most, one) => Math.max(most, one), -Infinity);
      let sum = 0,
        best = 0;
      for (let c = 0; c < columns; c++) {
        sum += Math.exp(row[c] - largest);
        if (c < names.length && row[c] > row[best]) best = c;
      }
      const [x, y, w, h] = boxes.subarray(query * 4, query * 4 + 4);
      /** @type {Box} */
      const box = [
        cut(x - w / 2) * width,
        cut(y - h / 2) * height,
        cut(x + w / 2) * width,
        cut(y + h / 2) * height,
      ];
      return { query, label: names[best], score: Math.exp(row[best] - largest) / sum, box };
    });
  }

  /** @param {LabPrediction[]} predictions @param {Box} box @returns {Answer | null} */
  function answer(predictions, box) {
    let found = null,
      most = 0;
    for (const one of predictions) {
      const shared = iou(one.box, box);
      if (shared * one.score > most) {
        most = shared * one.score;
        found = { ...one, iou: shared };
      }
    }
    return found;
  }

  /** @param {Source} source */
  function edges({ grid, stride, firstCentre, inputSize }) {
    /** @param {number} cells @param {number} pixels */
    const along = (cells, pixels) =>
      Array.from({ length: cells + 1 }, (_, edge) =>
        edge === 0 ? 0 : edge === cells ? 1 : (firstCentre + 0.5 + stride * (edge - 0.5)) / pixels
      );
    return {
      edgesX: along(grid.width, inputSize.width),
      edgesY: along(grid.height, inputSize.height),
    };
  }

  /** @param {number[]} edges @param {number} share */
  function cellAt(edges, share) {
    return edges.slice(1, -1).filter((edge) => edge <= share).length;
  }

  /** @param {Source} source @param {Box} box @param {Size} size */
  function cellsOf(source, [x0, y0, x1, y1], { width, height }) {
    const { edgesX, edgesY } = edges(source),
      cells = [];
    const last = [cellAt(edgesX, (x1 - 1) / width), cellAt(edgesY, (y1 - 1) / height)];
    for (let row = cellAt(edgesY, y0 / height); row <= last[1]; row++) {
      for (let column = cellAt(edgesX, x0 / width); column <= last[0]; column++) {
        cells.push(row * source.grid.width + column);
      }
    }
    return cells;
  }

  Live.follow = { iou, predictions, answer, edges, cellAt, cellsOf };
})();
