/* What the scripts of this folder are to each other, for `tsc`; no page loads it. */

/** The one global: each script adds one property. */
declare var Live: {
  attention: LiveAttention;
  client: LiveClient;
  detr: LiveDetr;
  kernels: LiveKernels;
  model: LiveModel;
  resize: LiveResize;
  tensor: LiveTensor;
  weights: LiveWeights;
  bundle?: Bundle;
};
