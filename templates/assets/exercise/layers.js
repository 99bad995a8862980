/* Layers of `torch.nn`: the arguments of a call in, a `Layer` with all of its settings out. The table
   holds the signatures of PyTorch's usual layers, with their defaults, as its documentation prints
   them. The same as generator/exercises/meaning/layers.py. */
"use strict";
(() => {
  const { Unclear, functions, tensors: t } = Exercise;
  const CONV =
    "in_channels out_channels kernel_size stride:1 padding:0 dilation:1 groups:1 bias:True " +
    "padding_mode:zeros";
  const NORM = "num_features eps:1e-5 momentum:0.1 affine:True track_running_stats:True";
  const ATTENDING =
    "d_model nhead dim_feedforward:2048 dropout:0.1 activation:relu layer_norm_eps:1e-5";
  const OPTIONS = "batch_first:False norm_first:False bias:True";
  const LAYERS = {
    BatchNorm1d: NORM,
    BatchNorm2d: NORM,
    Conv1d: CONV,
    Conv2d: CONV,
    Conv3d: CONV,
    Dropout: "p:0.5 inplace:False",
    Embedding: "num_embeddings embedding_dim padding_idx:None max_norm:None",
    Flatten: "start_dim:1 end_dim:-1",
    GELU: "approximate:none",
    GroupNorm: "num_groups num_channels eps:1e-5 affine:True",
    Identity: "",
    LayerNorm: "normalized_shape eps:1e-5 elementwise_affine:True bias:True",
    Linear: "in_features out_features bias:True",
    MultiheadAttention:
      "embed_dim num_heads dropout:0.0 bias:True add_bias_kv:False " +
      "add_zero_attn:False kdim:None vdim:None batch_first:False",
    ReLU: "inplace:False",
    Sequential: "*layers:None",
    Sigmoid: "",
    Softmax: "dim:None",
    Tanh: "",
    Transformer:
      "d_model:512 nhead:8 num_encoder_layers:6 num_decoder_layers:6 " +
      "dim_feedforward:2048 dropout:0.1 activation:relu custom_encoder:None custom_decoder:None " +
      `layer_norm_eps:1e-5 ${OPTIONS}`,
    TransformerDecoder: "decoder_layer num_layers norm:None",
    TransformerDecoderLayer: `${ATTENDING} ${OPTIONS}`,
    TransformerEncoder: "encoder_layer num_layers norm:None",
    TransformerEncoderLayer: `${ATTENDING} ${OPTIONS}`,
  };
  const AS_FUNCTIONS = { Sigmoid: "sigmoid", Tanh: "tanh", ReLU: "relu", Softmax: "softmax" };

  class Layer {
    constructor(name, settings) { Object.assign(this, { name, settings }); }

    get isEmpty() {
      return this.name === "Identity" || (this.name === "Sequential" && this.settings.layers === null);
    }
  }

  function layerOf(name, places, keywords) {
    if (!Object.hasOwn(LAYERS, name)) throw new Unclear();
    if (name === "Identity") return new Layer(name, {}); // takes whatever it is given
    const settings = functions.bound(LAYERS[name], places, keywords, "device dtype");
    for (const option of ["device", "dtype"]) {
      if ((keywords.get(option) ?? null) !== null) throw new Unclear();
    }
    if (name.startsWith("Conv")) eachWay(settings, Number(name.at(-2)));
    if (typeof settings.activation === "string") {
      settings.activation = settings.activation.split(".").at(-1);
    }
    return new Layer(name, settings);
  }

  /** Gives a convolution's settings a number for each direction. */
  function eachWay(settings, count) {
    for (const name of ["kernel_size", "stride", "dilation", "padding"]) {
      let value = settings[name];
      if (name === "padding" && value === "valid") value = 0;
      if (name === "padding" && value === "same") {
        const reach = settings.dilation.map((one, i) => one * (settings.kernel_size[i] - 1));
        if (reach.some((one) => one % 2) || settings.stride.some((one) => one !== 1)) {
          throw new Unclear();
        }
        value = reach.map((one) => one / 2);
      }
      if (t.isWhole(value)) value = Array(count).fill(value);
      if (!Array.isArray(value) || value.length !== count || !value.every(t.isWhole)) {
        throw new Unclear();
      }
      settings[name] = value;
    }
  }

  function weightOf({ name, settings }) {
    if (name === "Embedding") return t.filled([settings.num_embeddings, settings.embedding_dim], 0, true);
    if (name === "Linear") return t.filled([settings.out_features, settings.in_features], 0, true);
    throw new Unclear();
  }

  /** What a layer without weights makes of a tensor. */
  function applied(layer, value) {
    if (layer.isEmpty) return value;
    if (!Object.hasOwn(AS_FUNCTIONS, layer.name)) throw new Unclear();
    const keywords = new Map(layer.name === "Softmax" ? [["dim", layer.settings.dim]] : []);
    return functions.called("f", AS_FUNCTIONS[layer.name], [value], keywords);
  }

  Exercise.layers = { Layer, applied, layerOf, weightOf };
})();
