/* Paints a map of weights over the cells of a grid. In: weights, where the cells lie, and colours.
   Out: pixels in a canvas, each in the colour of the cell whose footprint it is in. */
"use strict";
(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** The cells of a row or column that pixels lie in, by the borders of the cells' footprints.
   *  @param {number[]} edges  fractions, one more than cells
   *  @param {number} pixels  @returns {Uint16Array} */
  function cellsOf(edges, pixels) {
    const found = new Uint16Array(pixels), last = edges.length - 2;
    for (let pixel = 0, cell = 0; pixel < pixels; pixel++) {
      while (cell < last && edges[cell + 1] <= (pixel + 0.5) / pixels) cell++;
      found[pixel] = cell;
    }
    return found;
  }

  /** The cell that a place lies in, row by row. @param {Edges} edges  @param {number} x  @param {number} y  fractions */
  function cellAt({ edgesX, edgesY }, x, y) {
    /** The last one that begins before it. @param {number[]} edges  @param {number} at */
    const last = (edges, at) => edges.slice(1, -1).filter((edge) => edge <= at).length;
    return last(edgesY, y) * (edgesX.length - 1) + last(edgesX, x);
  }

  /** The borders of equal cells. @param {number} count */
  function even(count) {
    return Array.from({ length: count + 1 }, (_, i) => i / count);
  }

  /** Equal cells all over the picture. @param {{width: number, height: number}} cells  @returns {Edges} */
  function grid({ width, height }) {
    return { edgesX: even(width), edgesY: even(height) };
  }

  /** A grid for queries, which lie nowhere: nearly square, row by row. @param {number} count */
  function squares(count) {
    const width = Math.ceil(Math.sqrt(count));
    return grid({ width, height: Math.ceil(count / width) });
  }

  /** @param {ArrayLike<number>} weights */
  function largest(weights) {
    let found = 0, at = 0;
    for (let i = 0; i < weights.length; i++) if (weights[i] > found) found = weights[at = i];
    return { weight: found, at };
  }

  /** Colours as a canvas keeps them, one 32-bit number each. @type {WeakMap<Uint8Array, Uint32Array>} */
  const packed = new WeakMap();

  /** @param {Uint8Array} colours  (256, 3) */
  function pack(colours) {
    let found = packed.get(colours);
    if (!found) {
      const bytes = new Uint8ClampedArray(4 * 256).fill(255);
      for (let i = 0; i < 256; i++) bytes.set(colours.subarray(3 * i, 3 * i + 3), 4 * i);
      packed.set(colours, found = new Uint32Array(bytes.buffer));
    }
    return found;
  }

  /**
   * Paints weights from 0 to their largest.
   * @param {HTMLCanvasElement} canvas
   * @param {Float32Array} weights  (rows, columns); cells without a weight stay empty
   * @param {Edges} edges
   * @param {Uint8Array} colours  (256, 3)
   */
  function paint(canvas, weights, { edgesX, edgesY }, colours) {
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const { width, height } = canvas, columns = edgesX.length - 1;
    const of = new Uint32Array((edgesY.length - 1) * columns), table = pack(colours);
    const scale = 255 / (largest(weights).weight || 1);
    for (let i = 0; i < weights.length; i++) of[i] = table[Math.round(weights[i] * scale)];
    const image = context.createImageData(width, height), pixels = new Uint32Array(image.data.buffer);
    const across = cellsOf(edgesX, width), down = cellsOf(edgesY, height);
    for (let y = 0, at = 0; y < height; y++) {
      const row = down[y] * columns;
      for (let x = 0; x < width; x++) pixels[at++] = of[row + across[x]];
    }
    context.putImageData(image, 0, 0);
  }

  Live.map = { cellsOf, cellAt, grid, squares, largest, paint };
})();
