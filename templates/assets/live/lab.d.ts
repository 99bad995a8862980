/* What the lab's scripts are to each other, for `tsc`; no page loads it. */

interface LiveParts {
  address: LiveAddress;
  answers: LiveAnswers;
  backgrounds: LiveBackgrounds;
  compose: LiveCompose;
  dom: LiveDom;
  files: LiveFiles;
  follow: LiveFollow;
  keys: LiveKeys;
  knock: LiveKnock;
  overlay: LiveOverlay;
  panel: LivePanel;
  plot: LivePlot;
  scene: LiveScene;
  stage: LiveStage;
  tray: LiveTray;
  /** As lab_state.js and lab_shown.js have it. */
  Lab: new (parts: LabParts) => Lab;
  /** The page's lab, once it was started. */
  lab?: Lab;
  /** Set by the build's script. */
  labData?: LabData;
}

/** lab_state.js, lab_switches.js and lab_shown.js say what each does. */
interface Lab {
  readonly data: LabData;
  readonly model: ModelCard;
  readonly names: string[];
  readonly colours: Uint8Array;
  readonly past: Past<Scene>;
  readonly scene: Scene;
  readonly size: Size;
  view: LabView;
  selected: number;
  composed: Composed | null;
  result: Result | null;
  readonly track: Track;
  own: Canvas3 | null;
  lit: number | null;
  pointed: number | null;
  onupdate: () => void;
  firstView(): LabView;
  setScene(scene: Scene, kind?: string): void;
  change(number: number, change: Partial<Thing>, kind?: string): void;
  settle(): void;
  add(sprite: string, place: { x: number; y: number }): void;
  remove(number: number): void;
  reorder(number: number, to: number): void;
  follow(number: number): void;
  clear(): void;
  setBackground(background: string, seed: number): void;
  setOwn(canvas: Canvas3 | null): void;
  undo(): void;
  redo(): void;
  begin(scene: Scene, view: Partial<LabView>): void;
  freePlace(): { x: number; y: number };
  look(change: Partial<LabView>): void;
  setLayer(layer: number): void;
  select(number: number): void;
  chooseQuery(query: number): void;
  lightQuery(query: number | null): void;
  switchOff(names: string[], off: boolean): void;
  switchEverythingOn(): void;
  showCells(): void;
  switchCell(cell: number, off: boolean): void;
  hideFollowed(): void;
  askAgain(): void;
  update(): void;
  kept(): LabPrediction[];
  answer(): Answer | null;
  queryShown(): number | null;
  mechanismShown(): Mechanism | null;
  mapShown(): Float32Array | null;
  cellShown(): number | null;
  cellAt(place: { x: number; y: number }): number | null;
  pointAt(place: { x: number; y: number } | null): void;
  pinCell(place: { x: number; y: number }): void;
  stepCell(down: number, right: number): void;
  boxesShown(): (LabPrediction & { kept: boolean })[];
  colourOf(query: number): string;
  outside(number: number): string[];
  thingInWords(number: number): string;
  sceneInWords(): string;
  mapInWords(): string;
}
