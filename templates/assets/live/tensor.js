/* Matrices in one memory, and what a network does to them: linear layers, convolutions, softmax,
   layer norms. All products go through `Live.kernels`, whose memory this file divides up.

   A row of a matrix takes a multiple of eight floats, and three spare rows follow the last one, so
   that the kernels need no special cases; what lies there means nothing. */
"use strict";

/**
 * Rows and columns of numbers. The memory may move when it grows: ask for `values` each time.
 * @typedef {Object} Matrix
 * @property {number} rows @property {number} columns
 * @property {number} at where it begins in the memory
 * @property {number} step from one row to the next
 *
 * A feature map: a row a cell, row by row of the image, a column a channel.
 * @typedef {Matrix & {height: number, width: number}} FeatureMap
 *
 * A matrix B to multiply with, and what to add to each row of A B. The kernels read it in panels
 * of eight columns.
 * @typedef {{inputs: number, outputs: number, panels: number, bias: number}} Linear
 * @typedef {Linear & {kernel: number, stride: number, padding: number}} Convolution
 *
 * What may follow a product: a matrix of the same shape is added, then negative numbers become 0.
 * `into` is where it goes, if not into a new matrix.
 * @typedef {{plus?: Matrix, relu?: boolean, into?: Matrix}} Then
 */

(() => {
  const Live = (globalThis.Live = globalThis.Live || {});

  const PANEL = 8; // columns in a panel
  const SPARE = 3; // rows after the last one: the kernels take four at a time
  const EPSILON = 1e-5; // of a layer norm, PyTorch's
  /** @param {number} columns */
  const padded = (columns) => Math.ceil(columns / PANEL) * PANEL;

  class Tensors {
    /** @param {Uint8Array} [module] the bytes of kernels.wasm */
    constructor(module) {
      const { memory, kernels } = Live.kernels.start(module);
      this.memory = memory;
      this.kernels = kernels;
      this.taken = 0; // floats in use, from the start of the memory
      this.zeros = this.take(PANEL); // what is added where nothing is; a new memory is all 0
    }

    /** @param {number} floats @returns {number} the place of so many floats, with any values */
    take(floats) {
      const at = this.taken;
      this.taken += padded(floats);
      if (this.taken > this.memory.floats.length) this.memory.grow(Math.ceil(this.taken * 1.25));
      return at;
    }

    /** Frees all that was taken in the meantime. @template T @param {() => T} work @returns {T} */
    scratch(work) {
      const before = this.taken;
      try {
        return work();
      } finally {
        this.taken = before;
      }
    }

    /** @param {number} rows @param {number} columns @returns {Matrix} */
    matrix(rows, columns) {
      const step = padded(columns);
      return { rows, columns, step, at: this.take((rows + SPARE) * step) };
    }

    /** @param {number} height @param {number} width
     * @param {Float32Array} values (height * width, channels), without gaps @returns {FeatureMap} */
    imageOf(height, width, values) {
      const rows = height * width, columns = values.length / rows;
      const at = this.take(values.length);
      this.memory.floats.set(values, at);
      return { rows, columns, at, step: columns, height, width };
    }

    /** @param {number} rows @param {number} columns @param {Float32Array} values row by row */
    matrixOf(rows, columns, values) {
      const matrix = this.matrix(rows, columns);
      for (let row = 0; row < rows; row++) {
        this.row(matrix, row).set(values.subarray(row * columns, (row + 1) * columns));
      }
      return matrix;
    }

    /** One row, to read or to change. @param {Matrix} matrix @param {number} row */
    row({ at, step, columns }, row) {
      return this.memory.floats.subarray(at + row * step, at + row * step + columns);
    }

    /** A copy of all numbers, row by row. @param {Matrix} matrix */
    values(matrix) {
      const values = new Float32Array(matrix.rows * matrix.columns);
      for (let row = 0; row < matrix.rows; row++) {
        values.set(this.row(matrix, row), row * matrix.columns);
      }
      return values;
    }

    /** Some columns of a matrix, in its own place. @param {Matrix} matrix
     * @param {number} first @param {number} columns @returns {Matrix} */
    columnsOf(matrix, first, columns) {
      return { ...matrix, at: matrix.at + first, columns };
    }

    /** @param {Float32Array} weight (outputs, inputs), as `nn.Linear` has it
     * @param {Float32Array} bias (outputs,) @returns {Linear} */
    linearOf(weight, bias) {
      const outputs = bias.length, inputs = weight.length / outputs;
      return this.panelsOf(inputs, outputs, bias, (k, n) => weight[n * inputs + k]);
    }

    /** @param {Float32Array} weight (outputs, inputs, kernel, kernel), as `nn.Conv2d` has it
     * @param {Float32Array} bias (outputs,)
     * @param {{kernel: number, stride: number, padding: number}} shape @returns {Convolution} */
    convolutionOf(weight, bias, shape) {
      const { kernel } = shape, outputs = bias.length;
      const window = weight.length / outputs, inputs = window / kernel ** 2;
      // The kernels read a window row by row, pixel by pixel, channel by channel.
      const linear = this.panelsOf(window, outputs, bias, (k, n) => {
        const pixel = Math.floor(k / inputs), channel = k % inputs;
        return weight[n * window + channel * kernel ** 2 + pixel];
      });
      return { ...linear, ...shape, inputs };
    }

    /** @param {number} inputs @param {number} outputs @param {ArrayLike<number> | undefined} bias
     * @param {(k: number, n: number, memory: Float32Array) => number} entry of B
     * @returns {Linear} */
    panelsOf(inputs, outputs, bias, entry) {
      const columns = padded(outputs);
      const panels = this.take(inputs * columns), biasAt = this.take(columns);
      const { floats } = this.memory; // after it may have grown
      for (let n = 0; n < columns; n++) {
        let at = panels + (n - (n % PANEL)) * inputs + (n % PANEL);
        for (let k = 0; k < inputs; k++, at += PANEL) {
          floats[at] = n < outputs ? entry(k, n, floats) : 0;
        }
      }
      floats.fill(0, biasAt, biasAt + columns);
      if (bias) floats.set(bias, biasAt);
      return { inputs, outputs, panels, bias: biasAt };
    }

    /** x B + bias: (rows, inputs) to (rows, outputs).
     * @param {Matrix} x @param {Linear} linear @param {Then} [then] */
    linear(x, linear, then = {}) {
      const into = then.into || this.matrix(x.rows, linear.outputs);
      const shape = { rows: x.rows, aStep: x.step, segments: 1, segmentStep: 0 };
      this.multiplyPanels(linear, { ...shape, a: x.at, length: linear.inputs }, into, 0, then);
      return into;
    }

    /** (height * width, inputs) to about (height * width / stride^2, outputs).
     * @param {FeatureMap} x @param {Convolution} convolution @param {Then} [then]
     * @returns {FeatureMap} */
    convolution(x, convolution, then = {}) {
      const { kernel, stride, padding } = convolution;
      /** @param {number} side */
      const after = (side) => Math.floor((side + 2 * padding - kernel) / stride) + 1;
      const height = after(x.height), width = after(x.width);
      const into = this.matrix(height * width, convolution.outputs);
      const edged = this.withEdge(x, padding, (SPARE + 1) * stride + kernel);
      const row = (x.width + 2 * padding) * x.columns; // floats in a row of pixels
      const shape = { rows: width, aStep: stride * x.columns, segments: kernel, segmentStep: row };
      for (let y = 0; y < height; y++) {
        // Each window is `kernel` pieces of the image, each of which lies in one piece already.
        const window = { ...shape, a: edged + y * stride * row, length: kernel * x.columns };
        this.multiplyPanels(convolution, window, into, y * width, then);
      }
      return { ...into, height, width };
    }

    /** The place of a copy, pixel after pixel, with zeros around it and spare pixels after it.
     * @param {FeatureMap} x @param {number} padding @param {number} spare */
    withEdge(x, padding, spare) {
      const row = (x.width + 2 * padding) * x.columns;
      const size = row * (x.height + 2 * padding) + spare * x.columns;
      const at = this.take(size);
      const { floats } = this.memory;
      floats.fill(0, at, at + size);
      const together = x.step === x.columns ? x.width : 1; // pixels without a gap between them
      for (let pixel = 0; pixel < x.rows; pixel += together) {
        const y = Math.floor(pixel / x.width), column = pixel % x.width;
        const from = x.at + pixel * x.step;
        const to = at + (y + padding) * row + (column + padding) * x.columns;
        floats.copyWithin(to, from, from + together * x.columns);
      }
      return at;
    }

    /** @param {Linear} linear
     * @param {{a: number, aStep: number, segments: number, segmentStep: number, length: number,
     *   rows: number}} left what is multiplied with it
     * @param {Matrix} into @param {number} first its first row @param {Then} then */
    multiplyPanels(linear, left, into, first, { plus, relu }) {
      const window = left.segments * left.length;
      for (let column = 0; column < linear.outputs; column += PANEL) {
        this.kernels.multiply({
          ...left,
          b: linear.panels + column * window,
          bias: linear.bias + column,
          plus: plus ? plus.at + first * plus.step + column : this.zeros,
          plusStep: plus ? plus.step : 0,
          c: into.at + first * into.step + column,
          cStep: into.step,
          floor: relu ? 0 : -Infinity,
        });
      }
    }

    /** x y^T times a number, plus one number a column: (n, d) and (m, d) to (n, m).
     * @param {Matrix} x @param {Matrix} y @param {number} scale @param {ArrayLike<number>} bias (m,) */
    timesTransposed(x, y, scale, bias) {
      const transposed = this.panelsOf(y.columns, y.rows, bias, (k, n, memory) =>
        scale * memory[y.at + n * y.step + k]
      );
      return this.linear(x, transposed);
    }

    /** x y: (n, m) and (m, d) to (n, d). @param {Matrix} x @param {Matrix} y @param {Matrix} into */
    times(x, y, into) {
      const panels = this.panelsOf(y.rows, y.columns, undefined, (k, n, memory) =>
        memory[y.at + k * y.step + n]
      );
      this.linear(x, panels, { into });
    }

    /** Makes each row positive, with the sum 1, in place. @param {Matrix} x */
    softmax({ at, rows, columns, step }) {
      for (let row = 0; row < rows; row++) {
        this.memory.floats.fill(-1e30, at + row * step + columns, at + (row + 1) * step);
      }
      this.kernels.softmax(at, rows, step, step);
    }

    /** @param {Matrix} x @param {Matrix} y @returns {Matrix} */
    sum(x, y) {
      const result = this.matrix(x.rows, x.columns);
      for (let row = 0; row < x.rows; row++) {
        const to = this.row(result, row), from = this.row(x, row), other = this.row(y, row);
        for (let i = 0; i < to.length; i++) to[i] = from[i] + other[i];
      }
      return result;
    }

    /** Each row with mean 0 and variance 1, then scaled and moved, column by column.
     * @param {Matrix} x @param {{weight: Float32Array, bias: Float32Array}} norm @returns {Matrix} */
    layerNorm(x, { weight, bias }) {
      const result = this.matrix(x.rows, x.columns);
      for (let row = 0; row < x.rows; row++) {
        const from = this.row(x, row), to = this.row(result, row);
        let mean = 0, variance = 0;
        for (const value of from) mean += value / x.columns;
        for (const value of from) variance += (value - mean) ** 2 / x.columns;
        const scale = 1 / Math.sqrt(variance + EPSILON);
        for (let i = 0; i < to.length; i++) to[i] = (from[i] - mean) * scale * weight[i] + bias[i];
      }
      return result;
    }
  }

  Live.tensor = { Tensors };
})();
