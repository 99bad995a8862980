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
 * @typedef {{kernel: number, stride: number, padding: number}} Shape
 * @typedef {Linear & Shape} Convolution
 *
 * What may follow a product: a matrix of the same shape is added, then negative numbers become 0.
 * `into` is where it goes, if not into a new matrix.
 * @typedef {{plus?: Matrix, relu?: boolean, into?: Matrix}} Then
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  const PANEL = 8; // columns in a panel
  const SPARE = 3; // rows after the last one: the kernels take four at a time
  const EPSILON = 1e-5; // of a layer norm, PyTorch's
  /** @param {number} columns */
  const padded = (columns) => Math.ceil(columns / PANEL) * PANEL;

  class Tensors {
    /** @param {Bytes} [module] the bytes of kernels.wasm */
    constructor(module) {
      const { memory, kernels } = Live.kernels.start(module);
      this.memory = memory;
      this.kernels = kernels;
      this.taken = 0; // floats in use, from the start of the memory
      this.nothing = this.take(PANEL); // what is added where nothing is: a new memory is all 0
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
      const before = this.taken; // the memory is taken from its start to its end
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

    /** @param {number} rows @param {number} columns @returns {Matrix} */
    zeros(rows, columns) {
      const matrix = this.matrix(rows, columns);
      this.clear(matrix);
      return matrix;
    }

    /** Makes all numbers 0. @param {Matrix} matrix */
    clear(matrix) {
      for (let row = 0; row < matrix.rows; row++) this.row(matrix, row).fill(0);
    }

    /** @param {number} height @param {number} width
     * @param {Float32Array} values (height * width, channels) @returns {FeatureMap} */
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
      const inputs = weight.length / bias.length;
      const linear = this.panels(inputs, bias.length, bias);
      this.fillPanels(linear, weight, { at: 0, kStep: 1, nStep: inputs });
      return linear;
    }

    /** @param {Float32Array} weight (outputs, inputs, kernel, kernel), as `nn.Conv2d` has it
     * @param {Float32Array} bias (outputs,)
     * @param {Shape} shape @returns {Convolution} */
    convolutionOf(weight, bias, shape) {
      const pixels = shape.kernel ** 2, window = weight.length / bias.length;
      const channels = window / pixels;
      // The kernels read a window pixel by pixel, and in it channel by channel.
      const turned = weight.map((_, i) => {
        const pixel = Math.floor((i % window) / channels), channel = i % channels;
        return weight[i - (i % window) + channel * pixels + pixel];
      });
      return { ...this.linearOf(turned, bias), ...shape };
    }

    /** @param {number} inputs @param {number} outputs @param {ArrayLike<number>} [bias]
     * @returns {Linear} with room for B */
    panels(inputs, outputs, bias = []) {
      const columns = padded(outputs);
      const panels = this.take(inputs * columns), biasAt = this.take(columns);
      this.memory.floats.fill(0, biasAt, biasAt + columns);
      this.memory.floats.set(bias, biasAt);
      return { inputs, outputs, panels, bias: biasAt };
    }

    /** Copies B into its panels. @param {Linear} linear @param {Float32Array} source
     * @param {{at: number, kStep: number, nStep: number, factor?: number}} layout
     *   where its first number lies, the steps to the next row and column, what to multiply with */
    fillPanels({ inputs, outputs, panels }, source, { at, kStep, nStep, factor = 1 }) {
      const { floats } = this.memory;
      for (let n = 0; n < padded(outputs); n++) {
        let from = at + n * nStep, to = panels + (n - (n % PANEL)) * inputs + (n % PANEL);
        for (let k = 0; k < inputs; k++, from += kStep, to += PANEL) {
          floats[to] = n < outputs ? factor * source[from] : 0;
        }
      }
    }

    /** x B + bias: (rows, inputs) to (rows, outputs).
     * @param {Matrix} x @param {Linear} linear @param {Then} [then] */
    linear(x, linear, then = {}) {
      const into = then.into || this.matrix(x.rows, linear.outputs);
      this.multiply(into, linear, then, {
        a: x.at, aStep: x.step, aGroup: 0, groups: 1, rows: x.rows,
        segments: 1, segmentStep: 0, length: linear.inputs,
      });
      return into;
    }

    /** (height * width, channels) to about (height * width / stride^2, outputs).
     * @param {FeatureMap} x @param {Convolution} convolution @param {Then} [then]
     * @returns {FeatureMap} */
    convolution(x, convolution, then = {}) {
      const { kernel, stride, padding } = convolution;
      const after = (/** @type {number} */ side) =>
        Math.floor((side + 2 * padding - kernel) / stride) + 1;
      const height = after(x.height), width = after(x.width);
      const into = this.matrix(height * width, convolution.outputs);
      const row = (x.width + 2 * padding) * x.columns; // floats in a row of pixels
      this.multiply(into, convolution, then, {
        a: this.withEdge(x, padding, (SPARE + 1) * stride + kernel),
        aStep: stride * x.columns, aGroup: stride * row, groups: height, rows: width,
        // Each window is `kernel` pieces of the image, each of which lies in one piece already.
        segments: kernel, segmentStep: row, length: kernel * x.columns,
      });
      return { ...into, height, width };
    }

    /** @param {Matrix} into @param {Linear} linear @param {Then} then
     * @param {{a: number, aStep: number, aGroup: number, groups: number, rows: number,
     *   segments: number, segmentStep: number, length: number}} left what is multiplied with it */
    multiply(into, { panels, outputs, bias }, { plus, relu }, left) {
      this.kernels.multiply({
        ...left,
        b: panels,
        bias,
        panels: padded(outputs) / PANEL,
        plus: plus ? plus.at : this.nothing,
        plusStep: plus ? plus.step : 0,
        plusPanel: plus ? PANEL : 0,
        c: into.at,
        cStep: into.step,
        floor: relu ? 0 : -Infinity,
      });
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

    /** x y^T times a factor, plus one number a column: (n, d) and (m, d) to (n, m).
     * @param {Matrix} x @param {Matrix} y @param {number} factor
     * @param {ArrayLike<number>} bias (m,) @returns {Matrix} */
    timesTransposed(x, y, factor, bias) {
      const right = this.panels(y.columns, y.rows, bias);
      const layout = { at: y.at, kStep: 1, nStep: y.step, factor };
      this.fillPanels(right, this.memory.floats, layout);
      return this.linear(x, right);
    }

    /** x y: (n, m) and (m, d) to (n, d).
     * @param {Matrix} x @param {Matrix} y @param {Matrix} into */
    times(x, y, into) {
      const right = this.panels(y.rows, y.columns);
      this.fillPanels(right, this.memory.floats, { at: y.at, kStep: y.step, nStep: 1 });
      this.linear(x, right, { into });
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
     * @param {Matrix} x @param {Norm} norm @returns {Matrix} */
    layerNorm(x, { weight, bias }) {
      const result = this.matrix(x.rows, x.columns), { columns } = x;
      const { floats } = this.memory;
      for (let row = 0; row < x.rows; row++) {
        const from = x.at + row * x.step, to = result.at + row * result.step;
        let sum = 0, squares = 0;
        for (let i = 0; i < columns; i++) sum += floats[from + i];
        const mean = sum / columns;
        for (let i = 0; i < columns; i++) squares += (floats[from + i] - mean) ** 2;
        const scale = 1 / Math.sqrt(squares / columns + EPSILON);
        for (let i = 0; i < columns; i++) {
          floats[to + i] = (floats[from + i] - mean) * scale * weight[i] + bias[i];
        }
      }
      return result;
    }
  }

  Live.tensor = { Tensors };
})();
