/* What a forward pass found, in the shape in which the explorer reads it; whoever made it: the live
   model, or the build, whose queries and keys lie in scripts. */
"use strict";

/**
 * One attention's queries and keys, for all heads: a row is a token, a head is `headWidth` columns.
 * Its weights are softmax(q k^T / sqrt(headWidth) + keyBias).
 * @typedef {Object} AttentionLayer
 * @property {number} heads
 * @property {number} queryCount @property {number} keyCount @property {number} headWidth
 * @property {Float32Array} q (queryCount, heads * headWidth), biases included, not scaled
 * @property {Float32Array} k (keyCount, heads * headWidth)
 * @property {Float32Array} [keyBias] (heads, keyCount); without it, 0
 * @property {Float32Array} [rest]  (heads, queryCount), the logarithm of what keys that are not
 *   among these add to each row's denominator
 * @property {Float32Array} [logSumExp] (heads, queryCount), of each row; without it, to be computed
 *
 * @typedef {"encoder_self" | "decoder_self" | "decoder_cross"} Mechanism
 *
 * What a forward pass found, and what its attentions compared.
 * @typedef {Object} Found
 * @property {Record<Mechanism, AttentionLayer[]>} attention
 * @property {{height: number, width: number}} grid
 * @property {number} stride from a cell's centre to the next one's, in pixels of the input
 * @property {number} firstCentre the pixel that the first cell is centred on, counted from 0
 * @property {Size} inputSize @property {Size} pictureSize
 * @property {Float32Array[]} classLogits by decoder layer, (Q, C + 1); the last is "no object"
 * @property {Float32Array[]} boxes by decoder layer, (Q, 4): centre x, y, width, height from 0 to 1
 *
 * The same, as the explorer reads it.
 * @typedef {Found & {layer: (mechanism: Mechanism, index: number) => AttentionLayer,
 *   layerCount: (mechanism: Mechanism) => number}} Source
 *
 * @typedef {Object} LiveSource
 * @property {(found: Found) => Source} of
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** @param {Found} found @returns {Source} */
  function of(found) {
    return {
      ...found,
      layer: (mechanism, index) => found.attention[mechanism][index],
      layerCount: (mechanism) => found.attention[mechanism].length,
    };
  }

  Live.source = { of };
})();
