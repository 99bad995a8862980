/* The model as the build ships it, a script that holds its numbers as text, to numbers again.
   generator/outputs/live writes it. */
"use strict";

/**
 * What the build wrote: the model, the module of kernels.wasm and the worker's scripts.
 * @typedef {Object} Bundle
 * @property {ModelCard} model
 * @property {string} singles base64 of 32-bit floats: tensors, or the factors of their rows
 * @property {string} whole base64 of 16-bit whole numbers: tensors, divided by the factors
 * @property {string} kernels base64
 * @property {string} worker JavaScript
 *
 * @typedef {Object} ModelCard
 * @property {string} name @property {string} title
 * @property {Architecture} architecture
 * @property {Shape} stem
 *   of the backbone's first convolution
 * @property {InputRule} input
 * @property {number[]} mean @property {number[]} deviation
 * @property {{id: number, name: string}[]} categories
 * @property {"int16" | "float32"} precision of matrices and kernels; vectors are `singles`
 * @property {[name: string, shape: number[]][]} tensors in the order in which their numbers lie
 *
 * As generator/detr/architecture.py has it.
 * @typedef {Object} Architecture
 * @property {number} num_classes without "no object"
 * @property {number} num_queries @property {number} hidden_dim @property {number} nheads
 * @property {number} num_encoder_layers @property {number} num_decoder_layers
 * @property {number} position_temperature @property {number} position_scale
 *
 * Tensors by the names of the official checkpoints; a batch norm is within its convolution.
 * @typedef {Map<string, Float32Array>} TensorsByName
 *
 * @typedef {Object} LiveWeights
 * @property {(text: string) => Bytes} bytes from base64
 * @property {(bundle: Bundle) => TensorsByName} state
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** @param {string} text */
  function bytes(text) {
    const characters = atob(text), result = new Uint8Array(characters.length);
    for (let i = 0; i < result.length; i++) result[i] = characters.charCodeAt(i);
    return result;
  }

  /** @param {Bundle} bundle @returns {TensorsByName} */
  function state(bundle) {
    const { precision, tensors } = bundle.model;
    const singles = reader(new Float32Array(bytes(bundle.singles).buffer));
    const whole = reader(new Int16Array(bytes(bundle.whole).buffer));
    return new Map(tensors.map(([name, shape]) => {
      const size = shape.reduce((product, side) => product * side, 1);
      if (precision === "float32" || shape.length === 1) return [name, singles(size)];
      return [name, rowsTimes(whole(size), singles(shape[0]))];
    }));
  }

  /** Gives the next numbers of an array, and those after them when called again.
   * @template {Float32Array | Int16Array} T @param {T} numbers */
  function reader(numbers) {
    let at = 0;
    return (/** @type {number} */ size) => {
      at += size;
      return /** @type {T} */ (numbers.subarray(at - size, at));
    };
  }

  /** @param {Int16Array} numbers as many to a row @param {Float32Array} factors one a row */
  function rowsTimes(numbers, factors) {
    const result = new Float32Array(numbers.length), length = numbers.length / factors.length;
    for (let row = 0, i = 0; row < factors.length; row++) {
      for (const end = i + length; i < end; i++) result[i] = numbers[i] * factors[row];
    }
    return result;
  }

  Live.weights = { bytes, state };
})();
