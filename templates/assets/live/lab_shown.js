/* What the lab shows of its state: which map, which cell, which boxes, in which colours, and all of
   it in words.
   These are further methods of `Live.Lab`. */
"use strict";

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** @type {Record<string, Mechanism>} */
  const MECHANISMS = { cross: "decoder_cross", looks: "encoder_self", "looked-at": "encoder_self" };

  Object.assign(Live.Lab.prototype, {
    /** The attention that the map is of, or null. @this {Lab} @returns {Mechanism | null} */
    mechanismShown() {
      return MECHANISMS[this.view.show] ?? null;
    },

    /** The weights of the map, one a cell, or null. @this {Lab} @returns {Float32Array | null} */
    mapShown() {
      const mechanism = this.mechanismShown(),
        { result, view } = this;
      const index = view.show === "cross" ? this.queryShown() : this.cellShown();
      if (!mechanism || !result || index === null) return null;
      const layer = result.source.layer(mechanism, view.layers[mechanism]);
      if (index >= (view.show === "looked-at" ? layer.keyCount : layer.queryCount)) return null;
      return Live.attention[view.show === "looked-at" ? "column" : "row"](layer, view.head, index);
    },

    /**
     * The cell that is pointed at or chosen, where cells matter.
     * @this {Lab} @returns {number | null}
     */
    cellShown() {
      if (this.view.brush) return this.view.cell;
      return this.mechanismShown() === "encoder_self" ? (this.pointed ?? this.view.cell) : null;
    },

    /** The cell at a place of the picture. @this {Lab} @param {{x: number, y: number}} place */
    cellAt({ x, y }) {
      const source = this.result?.source;
      if (!source || x < 0 || x > 1 || y < 0 || y > 1) return null;
      const { edgesX, edgesY } = Live.follow.edges(source);
      return Live.follow.cellAt(edgesY, y) * source.grid.width + Live.follow.cellAt(edgesX, x);
    },

    /** @this {Lab} @param {{x: number, y: number} | null} place */
    pointAt(place) {
      if (this.mechanismShown() !== "encoder_self") return;
      const cell = place && this.cellAt(place);
      if (cell === this.pointed) return;
      this.pointed = cell;
      this.update();
    },

    /** @this {Lab} @param {{x: number, y: number}} place */
    pinCell(place) {
      if (this.mechanismShown() === "encoder_self") this.look({ cell: this.cellAt(place) });
    },

    /** @this {Lab} @param {number} down @param {number} right */
    stepCell(down, right) {
      const grid = this.result?.source.grid;
      if (!grid) return;
      const from =
        this.view.cell ?? Math.floor(grid.height / 2) * grid.width + Math.floor(grid.width / 2);
      const row = Math.min(Math.max(Math.floor(from / grid.width) + down, 0), grid.height - 1);
      const column = Math.min(Math.max((from % grid.width) + right, 0), grid.width - 1);
      this.pointed = null;
      this.look({ cell: row * grid.width + column });
    },

    /** The boxes to draw; one that was asked for is drawn below the threshold, too.
     * @this {Lab} @returns {(LabPrediction & {kept: boolean})[]} */
    boxesShown() {
      const asked = this.view.show === "cross" || this.lit !== null ? this.queryShown() : null;
      const kept = this.kept().map((one) => ({ ...one, kept: true }));
      const more = this.result?.predictions[this.view.step].find((one) => one.query === asked);
      return more && !kept.some((one) => one.query === asked)
        ? [...kept, { ...more, kept: false }]
        : kept;
    },

    /** A query's colour as in the figures: that of its number, or the next one that is free.
     * @this {Lab} @param {number} query */
    colourOf(query) {
      const base = this.data.queryColours,
        /** @type {Map<number, string>} */ taken = new Map();
      for (const one of this.kept()) {
        const turns = base.map((_, step) => base[(one.query + step) % base.length]);
        const free = turns.find((colour) => ![...taken.values()].includes(colour));
        taken.set(one.query, free ?? `hsl(${(108 + taken.size * 222.5) % 360} 70% 40%)`);
      }
      return taken.get(query) ?? "#767676";
    },

    /**
     * What of a thing is beyond what the model bears, in words.
     * @this {Lab} @param {number} number
     */
    outside(number) {
      const thing = this.scene.things[number];
      return Live.scene.outside(thing, this.composed?.visible[number] ?? 1, this.data.bounds);
    },

    /** @this {Lab} @param {number} number */
    thingInWords(number) {
      const one = this.scene.things[number],
        { label, known } = this.data.sprites[one.sprite];
      const turn = Math.round(one.turn);
      const turned = turn
        ? `, turned ${Math.abs(turn)} degrees to the ${turn > 0 ? "right" : "left"}`
        : "";
      const [left, top] = [one.x, one.y].map((share) => Math.round(share * 100));
      const place = `${left} % from the left, ${top} % from the top`;
      const rank = `${number + 1} of ${this.scene.things.length}`;
      const beyond = this.outside(number).map(
        (words) => ` Beyond what the model was trained on: ${words}.`
      );
      return (
        `${label}${known ? "" : " (no class of the model)"}, ${rank} ` +
        `from the back: ${place}, size ${one.size.toFixed(2)}${turned}.${beyond.join("")}`
      );
    },

    /** @this {Lab} */
    sceneInWords() {
      const things = this.scene.things.map((one) => this.data.sprites[one.sprite].label);
      const ground = this.own ? "your picture" : this.scene.background;
      return `A scene: ${things.join(", ") || "nothing"} before ${ground}`;
    },

    /** What the map is, in words. @this {Lab} */
    mapInWords() {
      const mechanism = this.mechanismShown(),
        { result, view } = this,
        weights = this.mapShown();
      if (!mechanism || !result) return "";
      if (!weights)
        return view.show === "cross"
          ? "No query is chosen."
          : "Point at a cell, or choose one with the arrow keys.";
      const { width } = result.source.grid,
        most = Live.map.largest(weights);
      /** @param {number} cell */
      const cell = (cell) => `row ${Math.floor(cell / width)}, column ${cell % width}`;
      const head = view.head === "mean" ? "mean of all heads" : `head ${view.head + 1}`;
      const where =
        `${head}, layer ${view.layers[mechanism] + 1}. ` +
        `The most, ${(most.weight * 100).toFixed(1)} %, at ${cell(most.at)}.`;
      if (view.show === "cross") return `Where query ${this.queryShown()} looks: ${where}`;
      const subject = cell(/** @type {number} */ (this.cellShown()));
      return view.show === "looks"
        ? `Where the cell in ${subject} looks: ${where}`
        : `Who looks at the cell in ${subject}: ${where}`;
    },
  });
})();
