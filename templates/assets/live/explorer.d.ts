/* What the explorer's scripts are to each other, for `tsc`; no page loads it. */

declare var Live: LiveParts;

interface LiveParts {
  attention: LiveAttention;
  shipped: LiveShipped;
  map: {
    cellsOf(edges: number[], pixels: number): Uint16Array;
    cellAt(edges: Edges, x: number, y: number): number;
    grid(cells: { width: number, height: number }): Edges;
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
  sampled: {
    read(layer: PointsLayer, index: number, head: Head, level: Level): ReadPoint[];
    reference(layer: PointsLayer, index: number): Spot;
    headsOf(layer: PointsLayer, head: Head): number;
    isOutside(point: Spot): boolean;
    shares(points: ReadPoint[], heads: number): { all: number, inside: number, outside: number };
    isNear(point: Spot, circle: Circle): boolean;
    around(layer: PointsLayer, head: Head, level: Level, circle: Circle): Float32Array;
    token(sampled: Sampled, level: number, index: number): number;
  };
  look: {
    edges(source: ShippedSource, kind: Kind, cellLevel: number | null): Edges;
    frame(source: ShippedSource, subject: Subject, cellLevel: number | null): number[];
    middle(source: ShippedSource, subject: Subject, cellLevel: number | null): Spot;
    circle(source: ShippedSource, place: Subject): Circle;
    weights(source: ShippedSource, layer: ShippedLayer | PointsLayer, view: View): Float32Array | null;
    order(weights: Float32Array): number[];
    first(weights: Float32Array): number[];
    boxes(source: ShippedSource, answer: { threshold: number, step: number },
      queries: { chosen: number | null, lit: number | null }, among: Float32Array | null): Omit<ShownBox, "colour">[];
    points(source: ShippedSource, layer: PointsLayer, view: View, queries: number[]): ShownPoints;
  };
  points: {
    outline(level: number, x: number, y: number, radius: number): [number, number][];
    draw(svg: SVGSVGElement, shown: ShownPoints | null, colours: string[]): void;
    paint(canvas: HTMLCanvasElement, points: ReadPoint[], source: ShippedSource): void;
    veil(canvas: HTMLCanvasElement): void;
    legend(place: HTMLElement, sampled: Sampled, heads: number): void;
  };
  form: {
    offer(form: HTMLFormElement, source: ShippedSource, kind: Kind, mechanism: string,
      layer: number): void;
  };
  words: {
    percent(share: number): string;
    scored(score: number): string;
    query(source: ShippedSource, layer: number, query: number, threshold: number): string;
    map(source: ShippedSource, view: View, layer: ShippedLayer, weights: Float32Array,
      asked: string): string;
    points(source: ShippedSource, view: View, layer: PointsLayer, points: ReadPoint[],
      name: (query: number) => string): string;
    around(source: ShippedSource, view: View, weights: Float32Array, name: (query: number) => string): string;
    error(file: LayerFile, placeError: number | null): string;
  };
  panels: {
    Queries: new (place: HTMLElement, count: number, choose: (query: number) => void,
      point: (query: number | null) => void) => {
      show(tell: (query: number) => { label: string, colour: string | null }, chosen: number | null,
        lit: number | null, weights: Float32Array | null, colours: Uint8Array): void;
    };
    Multiples: new (place: HTMLElement, source: ShippedSource,
      choose: (layer: number, head: Head) => void) => {
      show(view: View, paint: (canvas: HTMLCanvasElement, layer: ShippedLayer | PointsLayer,
        head: Head) => void, aspect: number): Promise<void>;
    };
  };
  pointing: {
    listen(explorer: ImageExplorer, cells: HTMLElement): void;
    watchMoves(): (event: MouseEvent) => boolean;
  };
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

type Kind = "cell" | "query" | "place";
type Level = number | "all";
/** Fractions of the picture's width and height. */
interface Spot { x: number, y: number }

/** What an image's sampled attentions have in common: their levels, the finest first; the first
    one whose cells can be chosen; the colours of heads; how far a rounded place may be off. */
interface Sampled {
  levels: { width: number, height: number }[];
  firstLevel: number;
  colours: string[];
  placeError: number;
}

/** A layer of sampled attention; `weights` and the bits of `inside`, which tell of a query's last
    box, are (queryCount, heads, levels, each), `places` has x and y of each. */
interface PointsLayer {
  heads: number;
  queryCount: number;
  levels: number;
  each: number;
  places: Float64Array;
  weights: Float64Array;
  references: Float64Array;
  inside: Uint8Array | null;
}

/** A point that a query or cell reads; `isInside` is null of cells, which have no box. */
interface ReadPoint extends Spot { head: number, level: number, weight: number, isInside: boolean | null }

/** A circle of a radius in pixels of a picture of some size. */
interface Circle { centre: Spot, radius: number, size: { width: number, height: number } }

/** What is drawn of points. */
interface ShownPoints { points: ReadPoint[], reference?: Spot, circle?: Circle }

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
  /** Null where all attention has maps. */
  sampled: Sampled | null;
  layerCount(mechanism: string): number;
  headCount(mechanism: string): number;
  layersOf(mechanism: string): number[];
  fileOf(mechanism: string, index: number): LayerFile;
  layer(mechanism: string, index: number): ShippedLayer | PointsLayer | undefined;
  load(mechanism: string, index: number): Promise<ShippedLayer | PointsLayer>;
  prediction(layer: number, query: number): Prediction;
}

interface LiveShipped {
  receive(value: { name: string, [key: string]: any }): void;
  open(address: string, name: string): Promise<ShippedSource>;
  layerOf(value: { name: string, [key: string]: any }): ShippedLayer | PointsLayer;
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
  readonly kind: Kind;
  /** What a click beside all boxes chooses, if there is anything. */
  readonly cellKind: "cell" | "place" | null;
  /** Where those that pointing chooses begin and end. */
  edgesOf(kind: Kind): Edges;
  shown(): ShownBox[];
  choose(subject: Subject | null): void;
  point(subject: Subject | null, query: number | null): void;
  light(query: number | null): void;
}
