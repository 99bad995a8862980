/* DETR, the detection transformer (arXiv 2005.12872), in the order of the paper: a backbone, a
   position encoding, an encoder, a decoder, and two heads. Names are the paper's and those of
   generator/detr; a line that changes a shape says the new one.

       N   cells of the feature map, h * w        d   width of the transformer
       Q   object queries                         C   classes, without "no object"

   To step through it, set a breakpoint in `forward`. */
"use strict";

/**
 * @typedef {Object} LiveDetr
 * @property {(model: Model, picture: Picture, changes?: Changes) => Source} forward
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** A forward pass on its way. @typedef {Model & {changes: Changes,
   *   attention: Record<Mechanism, AttentionLayer[]>}} Run */

  /** @param {Model} model @param {Picture} picture @param {Changes} [changes] @returns {Source} */
  function forward(model, picture, changes = {}) {
    const attention = { encoder_self: [], decoder_self: [], decoder_cross: [] };
    /** @type {Run} */
    const run = { ...model, changes, attention };
    const { tensors, card } = model;
    return tensors.scratch(() => {
      const inputSize = Live.resize.inputSize(picture, card.input);
      const image = inputOf(run, picture, inputSize); // (H * W, 3)
      const features = backbone(run, image); // (N, channels)
      const src = tensors.linear(features, run.inputProj); // (N, d)
      const pos = positionEncoding(run, features); // (N, d)
      const memory = encoder(run, src, pos); // (N, d)
      const hs = decoder(run, memory, pos); // by layer, (Q, d)
      return Live.source.of({
        attention,
        grid: { height: features.height, width: features.width },
        ...cellsOf(run),
        inputSize,
        pictureSize: { width: picture.width, height: picture.height },
        classLogits: hs.map((layer) => logitsOf(run, layer)),
        boxes: hs.map((layer) => boxesOf(run, layer)),
      });
    });
  }

  /** @param {Run} run @param {Picture} picture @param {Size} size */
  function inputOf({ card, tensors }, picture, size) {
    const resized = Live.resize.bilinear(Live.resize.overWhite(picture), size);
    const pixels = Live.resize.normalise(resized, card.mean, card.deviation);
    return tensors.imageOf(size.height, size.width, pixels);
  }

  /* The backbone: a stem and residual blocks (arXiv 1512.03385). Batch norms are multiplied into
     the convolutions before them. */

  /** @param {Run} run @param {FeatureMap} image */
  function backbone({ tensors, conv1, blocks }, image) {
    let x = tensors.convolution(image, conv1, { relu: true }); // (H/s * W/s, 32)
    for (const block of blocks) x = basicBlock(tensors, block, x);
    return x; // (H/4s * W/4s, channels)
  }

  /** @param {LiveTensors} tensors @param {BasicBlock} block @param {FeatureMap} x */
  function basicBlock(tensors, { conv1, conv2, downsample }, x) {
    const identity = downsample ? tensors.convolution(x, downsample) : x;
    const hidden = tensors.convolution(x, conv1, { relu: true });
    return tensors.convolution(hidden, conv2, { plus: identity, relu: true });
  }

  /** Where the cells lie in the input: a kernel of k pixels whose first one lies p pixels outside
   * is centred on pixel (k - 1) / 2 - p. @param {Run} run */
  function cellsOf({ conv1, blocks }) {
    let stride = 1, firstCentre = 0;
    for (const { kernel, stride: step, padding } of [
      conv1,
      ...blocks.flatMap((block) => [block.conv1, block.conv2]),
    ]) {
      firstCentre += stride * ((kernel - 1) / 2 - padding);
      stride *= step;
    }
    return { stride, firstCentre };
  }

  /**
   * Sines and cosines of row and column (appendix A.4), half of the d numbers for each:
   * sin(y / t^(2i/n)) and cos(y / t^(2i/n)) in turn, with n = d / 2, t the temperature, and y
   * running up to the model's scale.
   * @param {Run} run @param {{height: number, width: number}} grid @returns {Matrix}
   */
  function positionEncoding({ card, tensors, changes }, { height, width }) {
    const { hidden_dim: d, position_temperature: t, position_scale: scale } = card.architecture;
    const half = d / 2;
    /** The codes of so many rows or columns, (d / 2,) each. @param {number} length */
    const codes = (length) =>
      Array.from({ length }, (_, place) =>
        Float32Array.from({ length: half }, (_, i) => {
          const angle = (((place + 1) / length) * scale) / t ** ((2 * Math.floor(i / 2)) / half);
          return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
        })
      );
    const ofRows = codes(height), ofColumns = codes(width);
    const encoding = new Float32Array(height * width * d); // (N, d)
    for (let cell = 0; cell < height * width && !changes.withoutPositions; cell++) {
      encoding.set(ofRows[Math.floor(cell / width)], cell * d);
      encoding.set(ofColumns[cell % width], cell * d + half);
    }
    return tensors.matrixOf(height * width, d, encoding);
  }

  /* The transformer (Fig. 10): positions are added to queries and keys in every layer, and each
     norm follows its residual connection. */

  /** @param {Run} run @param {Matrix} src (N, d) @param {Matrix} pos (N, d) */
  function encoder(run, src, pos) {
    const { tensors } = run;
    run.encoder.forEach((layer, index) => {
      /** @type {Place} */
      const place = { mechanism: "encoder_self", layer: index };
      const q = tensors.sum(src, pos), k = q; // (N, d)
      src = tensors.layerNorm(attention(run, place, layer.self, q, k, src, src), layer.norm1);
      src = tensors.layerNorm(feedForward(tensors, layer, src), layer.norm2);
    });
    return src;
  }

  /** @param {Run} run @param {Matrix} memory (N, d) @param {Matrix} pos (N, d) */
  function decoder(run, memory, pos) {
    const { tensors, queryPos } = run;
    const cells = tensors.sum(memory, pos); // (N, d)
    let tgt = tensors.zeros(queryPos.rows, queryPos.columns); // (Q, d): it starts from nothing
    return run.decoder.map((layer, index) => {
      /** @type {Place} */
      const self = { mechanism: "decoder_self", layer: index };
      const q = tensors.sum(tgt, queryPos), k = q; // (Q, d)
      tgt = tensors.layerNorm(attention(run, self, layer.self, q, k, tgt, tgt), layer.norm1);

      /** @type {Place} */
      const cross = { mechanism: "decoder_cross", layer: index };
      const asking = tensors.sum(tgt, queryPos); // (Q, d)
      const read = attention(run, cross, layer.cross, asking, cells, memory, tgt);
      tgt = tensors.layerNorm(read, layer.norm2);

      tgt = tensors.layerNorm(feedForward(tensors, layer, tgt), layer.norm3);
      return tensors.layerNorm(tgt, run.norm); // (Q, d): one of `hs`
    });
  }

  /** x + W2 relu(W1 x): (n, d) to (n, d).
   * @param {LiveTensors} tensors @param {FeedForward} layer @param {Matrix} x */
  function feedForward(tensors, layer, x) {
    const hidden = tensors.linear(x, layer.linear1, { relu: true }); // (n, feed-forward width)
    return tensors.linear(hidden, layer.linear2, { plus: x });
  }

  /**
   * Multi-head attention with its residual connection: (n, d).
   * @param {Run} run @param {Place} place @param {Attention} weights
   * @param {Matrix} query (n, d) @param {Matrix} key (m, d) @param {Matrix} value (m, d)
   * @param {Matrix} residual (n, d)
   */
  function attention(run, place, weights, query, key, value, residual) {
    const { tensors, changes } = run, heads = run.card.architecture.nheads;
    const q = tensors.linear(query, weights.q); // (n, d): the heads side by side
    const k = tensors.linear(key, weights.k); // (m, d)
    const v = tensors.linear(value, weights.v); // (m, d)
    for (const head of Live.changes.evenHeads(changes, place, heads)) {
      tensors.clear(headOf(tensors, q, heads, head));
    }
    const keyBias = Live.changes.keyBias(changes, place, k.rows); // (m,)
    run.attention[place.mechanism].push(compared(tensors, heads, q, k, keyBias));
    if (Live.changes.isSilent(changes, place)) return residual;
    const attended = weightedMeans(tensors, heads, q, k, v, keyBias); // (n, d)
    return tensors.linear(attended, weights.out, { plus: residual });
  }

  /**
   * softmax(q k^T / sqrt(width)) v in each head (arXiv 1706.03762, equation 1): (n, d).
   * @param {LiveTensors} tensors @param {number} heads
   * @param {Matrix} q (n, d) @param {Matrix} k (m, d) @param {Matrix} v (m, d)
   * @param {Float32Array} keyBias (m,), added before the softmax
   */
  function weightedMeans(tensors, heads, q, k, v, keyBias) {
    const means = tensors.zeros(q.rows, q.columns);
    if (!keyBias.includes(0)) return means; // who may look nowhere reads nothing
    const scale = 1 / Math.sqrt(q.columns / heads);
    for (let head = 0; head < heads; head++) {
      const [qHead, kHead, vHead, into] = [q, k, v, means].map((one) =>
        headOf(tensors, one, heads, head)
      ); // (n or m, width)
      tensors.scratch(() => {
        const weights = tensors.timesTransposed(qHead, kHead, scale, keyBias); // (n, m)
        tensors.softmax(weights);
        tensors.times(weights, vHead, into);
      });
    }
    return means;
  }

  /** The columns of one head. @param {LiveTensors} tensors @param {Matrix} x
   * @param {number} heads @param {number} head */
  function headOf(tensors, x, heads, head) {
    const width = x.columns / heads;
    return tensors.columnsOf(x, head * width, width);
  }

  /** What an attention compared, for the explorer.
   * @param {LiveTensors} tensors @param {number} heads @param {Matrix} q @param {Matrix} k
   * @param {Float32Array} keyBias @returns {AttentionLayer} */
  function compared(tensors, heads, q, k, keyBias) {
    const layer = {
      heads,
      queryCount: q.rows,
      keyCount: k.rows,
      headWidth: q.columns / heads,
      q: tensors.values(q),
      k: tensors.values(k),
    };
    if (keyBias.every((one) => one === 0)) return layer;
    const ofHeads = new Float32Array(heads * k.rows);
    for (let head = 0; head < heads; head++) ofHeads.set(keyBias, head * k.rows);
    return { ...layer, keyBias: ofHeads };
  }

  /* The two heads of the network (section 3.2): a linear layer for classes, a small perceptron for
     boxes. Both read each layer's output, so that one can see the answer come about. */

  /** @param {Run} run @param {Matrix} hs (Q, d) @returns {Float32Array} (Q, C + 1) */
  function logitsOf({ tensors, classEmbed }, hs) {
    return tensors.values(tensors.linear(hs, classEmbed));
  }

  /** @param {Run} run @param {Matrix} hs (Q, d) @returns {Float32Array} (Q, 4) */
  function boxesOf({ tensors, bboxEmbed }, hs) {
    let x = hs;
    bboxEmbed.forEach((linear, index) => {
      x = tensors.linear(x, linear, { relu: index < bboxEmbed.length - 1 });
    });
    return tensors.values(x).map((one) => 1 / (1 + Math.exp(-one))); // a sigmoid
  }

  Live.detr = { forward };
})();
