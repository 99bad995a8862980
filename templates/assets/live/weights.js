/* The model as the build ships it, a script that holds its numbers as text, to numbers again.
   generator/outputs/live writes it. */
"use strict";

/**
 * What the build wrote: the model, the module of kernels.wasm and the worker's scripts.
 * @typedef {Object} Bundle
 * @property {ModelCard} model
 * @property {string} weights base64 of all tensors, one after the other, in the card's order
 * @property {string} kernels base64
 * @property {string} worker JavaScript
 *
 * @typedef {Object} ModelCard
 * @property {string} name @property {string} title
 * @property {Architecture} architecture
 * @property {{kernel: number, stride: number, padding: number}} stem
 *   of the backbone's first convolution
 * @property {InputRule} input
 * @property {number[]} mean @property {number[]} deviation
 * @property {{id: number, name: string}[]} categories
 * @property {"float16" | "float32"} type
 * @property {[name: string, shape: number[]][]} tensors
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
 * @property {(text: string) => Uint8Array} bytes from base64
 * @property {(bundle: Bundle) => TensorsByName} state
 */

(() => {
  const Live = (globalThis.Live = globalThis.Live || {});

  /** @param {string} text */
  function bytes(text) {
    const characters = atob(text), result = new Uint8Array(characters.length);
    for (let i = 0; i < result.length; i++) result[i] = characters.charCodeAt(i);
    return result;
  }

  /** @param {Bundle} bundle @returns {TensorsByName} */
  function state({ model, weights }) {
    const { buffer } = bytes(weights);
    const half = model.type === "float16";
    const numbers = half ? fromHalf(new Uint16Array(buffer)) : new Float32Array(buffer);
    let at = 0;
    return new Map(model.tensors.map(([name, shape]) => {
      const size = shape.reduce((product, side) => product * side, 1);
      at += size;
      return [name, numbers.subarray(at - size, at)];
    }));
  }

  /** Half precision (IEEE 754) to single, exactly. @param {Uint16Array} halves */
  function fromHalf(halves) {
    const bits = new Uint32Array(halves.length), numbers = new Float32Array(bits.buffer);
    for (let i = 0; i < halves.length; i++) {
      // The sign goes to the top, exponent and fraction to where a single has them. Its exponent
      // counts from 112 lower, so that the number is 2^112 times too small.
      bits[i] = ((halves[i] & 0x8000) << 16) | ((halves[i] & 0x7fff) << 13);
      numbers[i] *= 2 ** 112;
    }
    return numbers;
  }

  Live.weights = { bytes, state };
})();
