/* What the explorer's scripts are to each other, for `tsc`; no page loads it. */

declare var Live: LiveParts;

interface LiveParts {
  attention: LiveAttention;
  shipped: LiveShipped;
  map: {
    cellsOf(edges: number[], pixels: number): Uint16Array;
    squares(count: number): Edges;
    largest(weights: ArrayLike<number>): { weight: number, at: number };
    paint(canvas: HTMLCanvasElement, weights: Float32Array, edges: Edges, colours: Uint8Array): void;
  };
  boxes: {
    draw(svg: SVGSVGElement, shown: ShownBox[], lit: number | null): void;
    mark(svg: SVGSVGElement, cell: number[] | null): void;
    at(shown: ShownBox[], x: number, y: number, size: { width: number, height: number },
      onlyFrames: boolean): number | null;
  };
  words: {
    percent(share: number): string;
    scored(score: number): string;
    query(source: ShippedSource, layer: number, query: number, threshold: number): string;
    map(source: ShippedSource, view: View, layer: ShippedLayer, weights: Float32Array,
      asked: string): string;
    error(file: LayerFile): string;
  };
  panels: {
    Queries: new (place: HTMLElement, count: number, choose: (query: number) => void,
      point: (query: number | null) => void) => {
      show(tell: (query: number) => { label: string, colour: string | null }, chosen: number | null,
        lit: number | null, weights: Float32Array | null, colours: Uint8Array): void;
    };
    Multiples: new (place: HTMLElement, source: ShippedSource,
      choose: (layer: number, head: Head) => void) => {
      show(view: View, weightsOf: (layer: ShippedLayer, head: Head) => Float32Array, edges: Edges,
        aspect: number): Promise<void>;
    };
  };
  pointing: { listen(explorer: ImageExplorer, cells: HTMLElement): void };
  marks: { start(): void, light(image: string, query: number | null): void };
  /** Those of the page. */
  explorers: ImageExplorer[];
}

/** Where cells begin and end: fractions of the picture, one more than cells. */
interface Edges { edgesX: number[], edgesY: number[] }

/** The script of one layer. */
interface LayerFile {
  mechanism: string;
  layer: number;
  file: string;
  bytes: number;
  largestError: number;
}

/** A layer as a script holds it; `peak` and `received` are exact, as far as half precision goes. */
type ShippedLayer = AttentionLayer & {
  logSumExp: Float32Array;
  /** Whether queries and keys came in 8 bits. */
  isRounded: boolean;
  /** The largest weight of each row, (heads + 1, queryCount); the last is of the heads' mean. */
  peak: Float32Array;
  /** What all rows of the heads' mean give to a key, (keyCount). */
  received: Float32Array;
};

/** What a query says after a decoder layer; `box` is left, top, right, bottom as fractions. No
    `noObject` where each class has a score of its own. */
interface Prediction { label: string, score: number, noObject: number | null, box: number[] }

/** One image's attention and predictions. */
interface ShippedSource extends Edges {
  grid: { width: number, height: number };
  pictureSize: { width: number, height: number };
  queryCount: number;
  /** Red, green and blue from the least weight to the greatest, (256, 3). */
  colours: Uint8Array;
  layerCount(mechanism: string): number;
  headCount(mechanism: string): number;
  layersOf(mechanism: string): number[];
  fileOf(mechanism: string, index: number): LayerFile;
  layer(mechanism: string, index: number): ShippedLayer | undefined;
  load(mechanism: string, index: number): Promise<ShippedLayer>;
  prediction(layer: number, query: number): Prediction;
}

interface LiveShipped {
  receive(value: { name: string, [key: string]: any }): void;
  open(address: string, name: string): Promise<ShippedSource>;
  layerOf(value: { name: string, [key: string]: any }): ShippedLayer;
}

/** A box to draw: above the threshold; chosen; or looked at by the chosen one. */
interface ShownBox {
  query: number;
  box: number[];
  colour: string;
  label: string;
  kind: "kept" | "chosen" | "seen";
  opacity: number;
}

/** The explorer of one image, as its parts and the rest of the page see it. */
interface ImageExplorer {
  image: string;
  place: HTMLElement;
  source: ShippedSource;
  subject: Subject | null;
  readonly kind: "cell" | "query";
  shown(): ShownBox[];
  choose(subject: Subject | null): void;
  point(subject: Subject | null, query: number | null): void;
  light(query: number | null): void;
}
