/* What the scripts of this folder are to each other, for `tsc`; no page loads it. */

/** The one global. Each script adds one property; others may add theirs to this interface. */
interface LiveParts {
  changes: LiveChanges;
  client: LiveClient;
  detr: LiveDetr;
  kernels: LiveKernels;
  model: LiveModel;
  resize: LiveResize;
  source: LiveSource;
  tensor: LiveTensor;
  weights: LiveWeights;
  worker: LiveWorker;
  /** Set by the build's script. */
  bundle?: Bundle;
}
declare var Live: LiveParts;

interface LiveTensor {
  Tensors: new (module?: Bytes) => LiveTensors;
}

/** As tensor.js has it, which says what each does. */
interface LiveTensors {
  readonly kernels: Kernels;
  scratch<T>(work: () => T): T;
  matrix(rows: number, columns: number): Matrix;
  zeros(rows: number, columns: number): Matrix;
  clear(matrix: Matrix): void;
  matrixOf(rows: number, columns: number, values: Float32Array): Matrix;
  imageOf(height: number, width: number, values: Float32Array): FeatureMap;
  columnsOf(matrix: Matrix, first: number, columns: number): Matrix;
  row(matrix: Matrix, row: number): Float32Array;
  values(matrix: Matrix): Float32Array;
  linearOf(weight: Float32Array, bias: Float32Array): Linear;
  convolutionOf(weight: Float32Array, bias: Float32Array, shape: Shape): Convolution;
  linear(x: Matrix, linear: Linear, then?: Then): Matrix;
  convolution(x: FeatureMap, convolution: Convolution, then?: Then): FeatureMap;
  timesTransposed(x: Matrix, y: Matrix, factor: number, bias: ArrayLike<number>): Matrix;
  times(x: Matrix, y: Matrix, into: Matrix): void;
  softmax(x: Matrix): void;
  sum(x: Matrix, y: Matrix): Matrix;
  layerNorm(x: Matrix, norm: Norm): Matrix;
}

type Bytes = Uint8Array<ArrayBuffer>;
