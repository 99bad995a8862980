/* A bundle's numbers to the layers of DETR, ready to be multiplied with. */
"use strict";

/**
 * @typedef {{weight: Float32Array, bias: Float32Array}} Norm
 * @typedef {{q: Linear, k: Linear, v: Linear, out: Linear}} Attention
 * @typedef {{conv1: Convolution, conv2: Convolution, downsample: Convolution | null}} BasicBlock
 * @typedef {{linear1: Linear, linear2: Linear}} FeedForward
 * @typedef {FeedForward & {self: Attention, norm1: Norm, norm2: Norm}} EncoderLayer
 * @typedef {EncoderLayer & {cross: Attention, norm3: Norm}} DecoderLayer
 *
 * A network in its own memory.
 * @typedef {Object} Model
 * @property {ModelCard} card
 * @property {LiveTensors} tensors
 * @property {Convolution} conv1 @property {BasicBlock[]} blocks of the backbone
 * @property {Linear} inputProj
 * @property {Matrix} queryPos (Q, d)
 * @property {EncoderLayer[]} encoder @property {DecoderLayer[]} decoder
 * @property {Norm} norm of what each decoder layer gives
 * @property {Linear} classEmbed @property {Linear[]} bboxEmbed
 *
 * @typedef {Object} LiveModel
 * @property {(bundle: Bundle, options?: {simd?: boolean}) => Model} load
 *   `simd: false` computes in plain JavaScript in any case
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** @param {Bundle} bundle @param {{simd?: boolean}} [options] @returns {Model} */
  function load(bundle, { simd = true } = {}) {
    const { architecture, stem } = bundle.model;
    const width = architecture.hidden_dim, queries = architecture.num_queries;
    if ((width / architecture.nheads) % 8) throw new Error("a head's width is no multiple of 8");
    const tensors = new Live.tensor.Tensors(simd ? Live.weights.bytes(bundle.kernels) : undefined);
    const state = new State(Live.weights.state(bundle), tensors, width);
    return {
      card: bundle.model,
      tensors,
      conv1: state.convolution("backbone.0.body.conv1", stem),
      blocks: state.blocks("backbone.0.body."),
      inputProj: state.linear("input_proj"), // a convolution of one pixel is a linear layer
      queryPos: tensors.matrixOf(queries, width, state.get("query_embed.weight")),
      encoder: counted(architecture.num_encoder_layers, (layer) =>
        state.encoderLayer(`transformer.encoder.layers.${layer}.`)
      ),
      decoder: counted(architecture.num_decoder_layers, (layer) =>
        state.decoderLayer(`transformer.decoder.layers.${layer}.`)
      ),
      norm: state.norm("transformer.decoder.norm"),
      classEmbed: state.linear("class_embed"),
      bboxEmbed: counted(3, (layer) => state.linear(`bbox_embed.layers.${layer}`)),
    };
  }

  /** @template T @param {number} length @param {(index: number) => T} make */
  function counted(length, make) {
    return Array.from({ length }, (_, index) => make(index));
  }

  /** The tensors of a checkpoint, by the names of its modules. */
  class State {
    /** @param {TensorsByName} values @param {LiveTensors} tensors @param {number} width */
    constructor(values, tensors, width) {
      this.values = values;
      this.tensors = tensors;
      this.width = width;
    }

    /** @param {string} name */
    get(name) {
      const found = this.values.get(name);
      if (!found) throw new Error(`the weights have no ${name}`);
      return found;
    }

    /** @param {string} name */
    linear(name) {
      return this.tensors.linearOf(this.get(`${name}.weight`), this.get(`${name}.bias`));
    }

    /** @param {string} name @param {Shape} shape */
    convolution(name, shape) {
      const weight = this.get(`${name}.weight`), bias = this.get(`${name}.bias`);
      return this.tensors.convolutionOf(weight, bias, shape);
    }

    /** Two stages of basic blocks; the first block of each halves the size. @param {string} body */
    blocks(body) {
      /** @type {BasicBlock[]} */
      const blocks = [];
      for (let stage = 1; this.values.has(`${body}layer${stage}.0.conv1.weight`); stage++) {
        for (let number = 0; ; number++) {
          const name = `${body}layer${stage}.${number}.`;
          if (!this.values.has(`${name}conv1.weight`)) break;
          const stride = number === 0 ? 2 : 1;
          blocks.push({
            conv1: this.convolution(`${name}conv1`, { kernel: 3, stride, padding: 1 }),
            conv2: this.convolution(`${name}conv2`, { kernel: 3, stride: 1, padding: 1 }),
            downsample: this.values.has(`${name}downsample.0.weight`)
              ? this.convolution(`${name}downsample.0`, { kernel: 1, stride, padding: 0 })
              : null,
          });
        }
      }
      return blocks;
    }

    /** @param {string} name @returns {Norm} */
    norm(name) {
      return { weight: this.get(`${name}.weight`), bias: this.get(`${name}.bias`) };
    }

    /** `nn.MultiheadAttention` keeps three projections in one matrix, (3 d, d).
     * @param {string} name @returns {Attention} */
    attention(name) {
      const { width, tensors } = this;
      const weight = this.get(`${name}.in_proj_weight`), bias = this.get(`${name}.in_proj_bias`);
      const [q, k, v] = counted(3, (part) =>
        tensors.linearOf(
          weight.subarray(part * width * width, (part + 1) * width * width),
          bias.subarray(part * width, (part + 1) * width)
        )
      );
      return { q, k, v, out: this.linear(`${name}.out_proj`) };
    }

    /** @param {string} name @returns {EncoderLayer} */
    encoderLayer(name) {
      return {
        self: this.attention(`${name}self_attn`),
        norm1: this.norm(`${name}norm1`),
        norm2: this.norm(`${name}norm2`),
        linear1: this.linear(`${name}linear1`),
        linear2: this.linear(`${name}linear2`),
      };
    }

    /** @param {string} name @returns {DecoderLayer} */
    decoderLayer(name) {
      return {
        ...this.encoderLayer(name),
        cross: this.attention(`${name}multihead_attn`),
        norm3: this.norm(`${name}norm3`),
      };
    }
  }

  Live.model = { load };
})();
