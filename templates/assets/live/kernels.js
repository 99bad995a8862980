/* The two loops that nearly all of the time goes into, in plain JavaScript, and the same from
   kernels.wasm where the reader's browser has SIMD: four numbers at once.

   Both work on one memory of 32-bit floats. A place in it is counted in floats. */
"use strict";

/**
 * A product of matrices, C = max(floor, A B + bias + plus), or a convolution, which is one as well.
 *
 * A is read in `groups` of `rows`, `aGroup` apart; rows are `aStep` apart. A row consists of
 * `segments` pieces of `length` floats, `segmentStep` apart. So a matrix is one group, of rows of
 * one piece; a row of an image is a group, and a window in it has a piece for each of its rows.
 *
 * B lies in `panels` of eight columns, each (segments * length, 8) without gaps; `bias` has eight
 * numbers for each. C and what is added to it have all rows one after the other, `cStep` and
 * `plusStep` apart; `plusPanel` is 8, or 0 if the same eight numbers are added everywhere.
 *
 * Rows come in fours: up to three more are read after each group, and written after the last.
 * @typedef {Object} Product
 * @property {number} a @property {number} aStep @property {number} aGroup
 * @property {number} groups @property {number} rows
 * @property {number} segments @property {number} segmentStep @property {number} length
 * @property {number} b @property {number} bias @property {number} panels
 * @property {number} plus @property {number} plusStep @property {number} plusPanel
 * @property {number} c @property {number} cStep
 * @property {number} floor 0 for a ReLU, -Infinity for none
 *
 * @typedef {Object} Kernels
 * @property {boolean} hasSimd
 * @property {(product: Product) => void} multiply
 * @property {(at: number, rows: number, columns: number, step: number) => void} softmax
 *   of each row, in place; `columns` and `step` are multiples of 4
 *
 * The one memory; `floats` is another array after it grew.
 * @typedef {{floats: Float32Array, grow: (floats: number) => void}} Floats
 *
 * @typedef {Object} LiveKernels
 * @property {(module?: Bytes) => {memory: Floats, kernels: Kernels}} start
 *   from the bytes of kernels.wasm; without them, or without SIMD, in JavaScript
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  const PANEL = 8; // columns at once
  const PAGE = 65536 / 4; // floats that WebAssembly's memory grows by

  /** @param {Bytes} [bytes] */
  function start(bytes) {
    if (bytes && typeof WebAssembly === "object" && WebAssembly.validate(bytes)) {
      return inWebAssembly(bytes);
    }
    return inJavaScript();
  }

  function inJavaScript() {
    const memory = {
      floats: new Float32Array(PAGE),
      /** @param {number} floats */
      grow(floats) {
        const larger = new Float32Array(floats);
        larger.set(memory.floats);
        memory.floats = larger;
      },
    };
    /** @type {Kernels} */
    const kernels = {
      hasSimd: false,
      multiply: (product) => multiply(memory.floats, product),
      softmax(at, rows, columns, step) {
        for (let row = 0; row < rows; row++) {
          const start = at + row * step;
          softmax(memory.floats.subarray(start, start + columns));
        }
      },
    };
    return { memory, kernels };
  }

  /** @param {Bytes} bytes */
  function inWebAssembly(bytes) {
    const pages = new WebAssembly.Memory({ initial: 1 });
    const memory = {
      floats: new Float32Array(pages.buffer),
      /** @param {number} floats */
      grow(floats) {
        pages.grow(Math.ceil((floats - memory.floats.length) / PAGE));
        memory.floats = new Float32Array(pages.buffer); // the old one is empty now
      },
    };
    const module = new WebAssembly.Module(bytes);
    const { exports } = new WebAssembly.Instance(module, { page: { memory: pages } });
    const wasm = /** @type {Record<string, (...numbers: number[]) => void>} */ (
      /** @type {unknown} */ (exports)
    );
    /** @type {Kernels} */
    const kernels = {
      hasSimd: true,
      // WebAssembly counts in bytes.
      multiply: (p) =>
        wasm.multiply(
          4 * p.a, 4 * p.aStep, 4 * p.aGroup, p.groups, p.rows, p.segments, 4 * p.segmentStep,
          4 * p.length, 4 * p.b, 4 * p.bias, p.panels, 4 * p.plus, 4 * p.plusStep, 4 * p.plusPanel,
          4 * p.c, 4 * p.cStep, p.floor
        ),
      softmax: (at, rows, columns, step) => wasm.softmax(4 * at, rows, 4 * columns, 4 * step),
    };
    return { memory, kernels };
  }

  /** @param {Float32Array} f @param {Product} p */
  function multiply(f, p) {
    for (let panel = 0; panel < p.panels; panel++) {
      for (let group = 0; group < p.groups; group++) {
        for (let row = 0; row < p.rows; row += 4) {
          multiplyTile(f, p, panel, group, row, 0);
          multiplyTile(f, p, panel, group, row, 4);
        }
      }
    }
  }

  /** Four rows and four columns: sixteen sums stay in registers.
   * @param {Float32Array} f @param {Product} p
   * @param {number} panel @param {number} group @param {number} row @param {number} column */
  function multiplyTile(f, p, panel, group, row, column) {
    const bias = p.bias + panel * PANEL + column;
    // c01: row 0, column 1. Sums have 64 bits: to round each to 32 would take three times as long.
    let c00 = f[bias], c01 = f[bias + 1], c02 = f[bias + 2], c03 = f[bias + 3];
    let c10 = c00, c11 = c01, c12 = c02, c13 = c03;
    let c20 = c00, c21 = c01, c22 = c02, c23 = c03;
    let c30 = c00, c31 = c01, c32 = c02, c33 = c03;
    let b = p.b + panel * PANEL * p.segments * p.length + column;
    for (let segment = 0; segment < p.segments; segment++) {
      let a0 = p.a + group * p.aGroup + row * p.aStep + segment * p.segmentStep;
      let a1 = a0 + p.aStep, a2 = a1 + p.aStep, a3 = a2 + p.aStep;
      for (const end = a0 + p.length; a0 < end; a0++, a1++, a2++, a3++, b += PANEL) {
        const b0 = f[b], b1 = f[b + 1], b2 = f[b + 2], b3 = f[b + 3];
        const x0 = f[a0], x1 = f[a1], x2 = f[a2], x3 = f[a3];
        c00 += x0 * b0; c01 += x0 * b1; c02 += x0 * b2; c03 += x0 * b3;
        c10 += x1 * b0; c11 += x1 * b1; c12 += x1 * b2; c13 += x1 * b3;
        c20 += x2 * b0; c21 += x2 * b1; c22 += x2 * b2; c23 += x2 * b3;
        c30 += x3 * b0; c31 += x3 * b1; c32 += x3 * b2; c33 += x3 * b3;
      }
    }
    const place = group * p.rows + row; // of the first row in C
    const c = p.c + place * p.cStep + panel * PANEL + column;
    const plus = p.plus + place * p.plusStep + panel * p.plusPanel + column;
    put(f, p, c, plus, c00, c01, c02, c03);
    put(f, p, c + p.cStep, plus + p.plusStep, c10, c11, c12, c13);
    put(f, p, c + 2 * p.cStep, plus + 2 * p.plusStep, c20, c21, c22, c23);
    put(f, p, c + 3 * p.cStep, plus + 3 * p.plusStep, c30, c31, c32, c33);
  }

  /**
   * @param {Float32Array} f @param {Product} p @param {number} c @param {number} plus
   * @param {number} c0 @param {number} c1 @param {number} c2 @param {number} c3
   */
  function put(f, p, c, plus, c0, c1, c2, c3) {
    f[c] = Math.max(c0 + f[plus], p.floor);
    f[c + 1] = Math.max(c1 + f[plus + 1], p.floor);
    f[c + 2] = Math.max(c2 + f[plus + 2], p.floor);
    f[c + 3] = Math.max(c3 + f[plus + 3], p.floor);
  }

  /** @param {Float32Array} row */
  function softmax(row) {
    let largest = -Infinity, sum = 0;
    for (const value of row) largest = Math.max(largest, value);
    for (let i = 0; i < row.length; i++) sum += row[i] = Math.exp(row[i] - largest);
    for (let i = 0; i < row.length; i++) row[i] /= sum;
  }

  Live.kernels = { start };
})();
