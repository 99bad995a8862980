/* Attention weights from queries and keys: one row, one column, or what the rows and columns come to.
   In: an AttentionLayer. Out: typed arrays. It is generator/analysis/attention.py once more, and
   knows neither pages nor models. */
"use strict";

/**
 * A head, counted from 0, or the mean of the weights of all of them.
 * @typedef {number | "mean"} Head
 *
 * A weight of row i and head h is the softmax, over the keys j, of
 * `q_i . k_j / sqrt(headWidth) + keyBias_hj`. detr.js says what an AttentionLayer is.
 * @typedef {Object} LiveAttention
 * @property {(layer: AttentionLayer, head: Head, index: number) => Float32Array} row
 *   (keyCount), where row `index` looks; sums to 1, or to less if the layer has a `rest`
 * @property {(layer: AttentionLayer, head: Head, index: number) => Float32Array} column
 *   (queryCount), who looks at key `index`; need not sum to 1
 * @property {(layer: AttentionLayer) => Float32Array} logSumExp
 *   (heads, queryCount), the logarithm of each row's softmax denominator
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** What was computed for layers that came without it. @type {WeakMap<AttentionLayer, Float32Array>} */
  const normalisers = new WeakMap();

  /** @param {AttentionLayer} layer  @param {Head} head  @returns {number[]} */
  function headsOf(layer, head) {
    if (head === "mean") return Array.from({ length: layer.heads }, (_, one) => one);
    if (Number.isInteger(head) && head >= 0 && head < layer.heads) return [head];
    throw new RangeError(`there is no head ${head}: this layer has ${layer.heads} (0 to ${layer.heads - 1})`);
  }

  /** @param {number} index  @param {number} count  @param {string} what */
  function check(index, count, what) {
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new RangeError(`there is no ${what} ${index}: this layer has ${count}`);
    }
  }

  /**
   * The logits of one row and head, written to `out`.
   * @param {AttentionLayer} layer  @param {number} head  @param {number} index
   * @param {Float64Array} out  (keyCount)
   */
  function logitsOfRow(layer, head, index, out) {
    const { heads, headWidth, keyCount, q, k, keyBias } = layer;
    const width = heads * headWidth, first = head * headWidth, scale = 1 / Math.sqrt(headWidth);
    const own = index * width + first;
    for (let key = 0, start = first; key < keyCount; key++, start += width) {
      let sum = 0;
      for (let i = 0; i < headWidth; i++) sum += q[own + i] * k[start + i];
      out[key] = sum * scale + (keyBias ? keyBias[head * keyCount + key] : 0);
    }
  }

  /**
   * Turns logits into powers of e, relative to the largest; returns that, and the sum of the powers.
   * @param {Float64Array} values
   */
  function exponentiate(values) {
    let largest = -Infinity, sum = 0;
    for (const one of values) if (one > largest) largest = one;
    for (let i = 0; i < values.length; i++) sum += values[i] = Math.exp(values[i] - largest);
    return { largest, sum };
  }

  /**
   * Where row `index` looks: weights that sum to 1, or to less where other keys take part that
   * are not among these, as detection tokens do beside patches.
   * @param {AttentionLayer} layer  @param {Head} head  @param {number} index
   * @returns {Float32Array} (keyCount)
   */
  function row(layer, head, index) {
    check(index, layer.queryCount, "row");
    const heads = headsOf(layer, head), values = new Float64Array(layer.keyCount);
    const total = new Float64Array(layer.keyCount);
    for (const one of heads) {
      logitsOfRow(layer, one, index, values);
      const { largest, sum } = exponentiate(values);
      const all = layer.rest ? sum + Math.exp(layer.rest[one * layer.queryCount + index] - largest) : sum;
      for (let key = 0; key < values.length; key++) total[key] += values[key] / (all * heads.length);
    }
    return Float32Array.from(total);
  }

  /**
   * The logarithm of each row's softmax denominator: as it came, or computed once.
   * @param {AttentionLayer} layer
   * @returns {Float32Array} (heads, queryCount)
   */
  function logSumExp(layer) {
    if (layer.logSumExp) return layer.logSumExp;
    const known = normalisers.get(layer);
    if (known) return known;
    const found = new Float32Array(layer.heads * layer.queryCount);
    const values = new Float64Array(layer.keyCount);
    for (let head = 0; head < layer.heads; head++) {
      for (let index = 0; index < layer.queryCount; index++) {
        logitsOfRow(layer, head, index, values);
        const { largest, sum } = exponentiate(values);
        found[head * layer.queryCount + index] = largest + Math.log(sum);
      }
    }
    normalisers.set(layer, found);
    return found;
  }

  /**
   * Who looks at key `index`: a weight of each row, which need not sum to 1.
   * @param {AttentionLayer} layer  @param {Head} head  @param {number} index
   * @returns {Float32Array} (queryCount)
   */
  function column(layer, head, index) {
    check(index, layer.keyCount, "column");
    const { headWidth, keyCount, queryCount, q, k, keyBias } = layer;
    const width = layer.heads * headWidth, scale = 1 / Math.sqrt(headWidth);
    const heads = headsOf(layer, head), normaliser = logSumExp(layer);
    const total = new Float64Array(queryCount);
    for (const one of heads) {
      const own = index * width + one * headWidth;
      const bias = keyBias ? keyBias[one * keyCount + index] : 0;
      for (let query = 0, start = one * headWidth; query < queryCount; query++, start += width) {
        let sum = 0;
        for (let i = 0; i < headWidth; i++) sum += q[start + i] * k[own + i];
        const logit = sum * scale + bias - normaliser[one * queryCount + query];
        total[query] += Math.exp(logit) / heads.length;
      }
    }
    return Float32Array.from(total);
  }

  Live.attention = { row, column, logSumExp };
})();
