/* The lab without its page: a scene, its past, what is looked at, and what the model found in it.

   Whoever changes something calls a method; each ends in `update`, which draws at most once a
   frame. The
   model is asked at each change and answers when it can: of scenes that wait, only the newest is
   run. */
"use strict";

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  class Lab {
    /** @param {LabParts} parts */
    constructor({ data, model, sprites, run, schedule }) {
      this.data = data;
      this.model = model;
      this.sprites = sprites;
      this.names = model.categories.map((one) => one.name);
      this.colours = Live.weights.bytes(data.colours);
      this.past = Live.scene.past(
        /** @type {Scene} */ ({ background: "gradient", seed: 1, things: [], follow: -1 })
      );
      this.view = this.firstView();
      this.selected = -1;
      /** @type {Composed | null} */
      this.composed = null;
      /** @type {Result | null} */
      this.result = null;
      this.track = Live.plot.track();
      /** The reader's own picture, in place of a background. @type {Canvas3 | null} */
      this.own = null;
      /** @type {number | null} */
      this.lit = null;
      /** @type {number | null} */
      this.pointed = null;
      /** Called after everything that changes. @type {() => void} */
      this.onupdate = () => {};
      this._run = run;
      this._schedule = schedule;
      this._isScheduled = false;
      this._isStale = true;
      this._isRunning = false;
      this._isAsked = true;
      /** @type {{key: string, canvas: Canvas3} | null} */
      this._ground = null;
    }

    /** @returns {LabView} */
    firstView() {
      const { num_encoder_layers: encoder, num_decoder_layers: decoder } = this.model.architecture;
      return {
        show: "boxes",
        plot: "runs",
        head: "mean",
        strength: 65,
        threshold: this.data.threshold,
        step: decoder - 1,
        layers: {
          encoder_self: Math.min(1, encoder - 1),
          decoder_self: decoder - 1,
          decoder_cross: decoder - 1,
        },
        off: new Set(),
        query: null,
        cell: null,
        brush: false,
      };
    }

    get scene() {
      return this.past.state;
    }

    /** Of the picture, in pixels. @returns {Size} */
    get size() {
      if (this.own) return { width: this.own.width, height: this.own.height };
      const height = 2 * this.model.input.short_side;
      return { width: Math.round((height * 4) / 3), height };
    }

    /* Changes to the scene. */

    /**
     * @param {Scene} scene
     * @param {string} [kind] of changes that count as one if they follow one another
     */
    setScene(scene, kind) {
      this.past.push(scene, kind);
      this._changed();
    }

    _changed() {
      this.selected = Math.min(this.selected, this.scene.things.length - 1);
      this._isStale = this._isAsked = true;
      this.update();
    }

    /** @param {number} number @param {Partial<Thing>} change @param {string} [kind] */
    change(number, change, kind) {
      if (this.scene.things[number])
        this.setScene(Live.scene.change(this.scene, number, change), kind);
    }

    /** Ends a drag. */
    settle() {
      this.past.settle();
      this.update();
    }

    /** @param {string} sprite @param {{x: number, y: number}} place */
    add(sprite, place) {
      this.setScene(Live.scene.add(this.scene, Live.scene.thing({ sprite, ...place })));
      this.select(this.scene.things.length - 1);
    }

    /** @param {number} number */
    remove(number) {
      this.setScene(Live.scene.remove(this.scene, number));
      this.select(Math.min(number, this.scene.things.length - 1));
    }

    /** @param {number} number @param {number} to */
    reorder(number, to) {
      const place = Math.min(Math.max(to, 0), this.scene.things.length - 1);
      this.setScene(Live.scene.reorder(this.scene, number, place));
      this.select(place);
    }

    /** @param {number} number */
    follow(number) {
      this.track.clear();
      this.view.query = null;
      this.setScene({ ...this.scene, follow: number });
    }

    clear() {
      this.setScene({ ...this.scene, things: [], follow: -1 });
    }

    /** @param {string} background @param {number} seed */
    setBackground(background, seed) {
      this.own = null;
      this.setScene({ ...this.scene, background, seed });
    }

    /** @param {Canvas3 | null} canvas */
    setOwn(canvas) {
      this.own = canvas;
      this.setScene({ ...this.scene, things: [], follow: -1 });
    }

    undo() {
      this.own = null; // what is undone was before one's own picture
      this.past.undo();
      this._changed();
    }

    redo() {
      this.past.redo();
      this._changed();
    }

    /**
     * An experiment, or a scene from an address.
     * @param {Scene} scene @param {Partial<LabView>} view
     */
    begin(scene, view) {
      this.own = null;
      this.track.clear();
      this.selected = -1;
      this.view = { ...this.firstView(), ...view };
      this.setScene(scene);
    }

    /** The place that is farthest from all things. */
    freePlace() {
      const places = [0.2, 0.35, 0.5, 0.65, 0.8].flatMap((y) =>
        [0.2, 0.35, 0.5, 0.65, 0.8].map((x) => ({ x, y }))
      );
      /** @param {{x: number, y: number}} place */
      const room = ({ x, y }) =>
        Math.min(
          ...this.scene.things.map((one) => Math.hypot((one.x - x) * (4 / 3), one.y - y)),
          0.5 - Math.hypot(x - 0.5, y - 0.5) / 10
        );
      return places.reduce((best, place) => (room(place) > room(best) ? place : best));
    }

    /** Asks the model about the scene as it is, since something else has changed. */
    askAgain() {
      this._isAsked = true;
      this.update();
    }

    /** @param {number} number */
    select(number) {
      if (number === this.selected) return;
      this.selected = number;
      this.update();
    }

    /* Drawing and running. */

    update() {
      if (this._isScheduled) return;
      this._isScheduled = true;
      this._schedule(() => {
        this._isScheduled = false;
        if (this._isStale) this._compose();
        if (this._isAsked && !this._isRunning) this._ask();
        this.onupdate();
      });
    }

    _compose() {
      const { background, seed, things } = this.scene,
        key = `${background} ${seed}`;
      if (!this.own && this._ground?.key !== key) {
        this._ground = { key, canvas: Live.backgrounds.draw(background, seed, this.size) };
      }
      const canvas = this.own ?? /** @type {{canvas: Canvas3}} */ (this._ground).canvas;
      this.composed = Live.compose.compose(things, this.sprites, canvas);
      this._isStale = false;
    }

    async _ask() {
      const { scene, composed } = this,
        changes = Live.knock.changes(this.view.off);
      if (!composed) return;
      this._isAsked = false;
      this._isRunning = true;
      const started = performance.now();
      try {
        const source = await this._run(composed.picture, changes);
        if (source) this._take(source, scene, composed, performance.now() - started);
      } finally {
        this._isRunning = false;
        this.update(); // and asks for what has changed in the meantime
      }
    }

    /**
     * @param {Source} source @param {Scene} scene @param {Composed} composed
     * @param {number} milliseconds
     */
    _take(source, scene, { boxes, visible }, milliseconds) {
      const predictions = source.classLogits.map((_, layer) =>
        Live.follow.predictions(source, layer, this.names)
      );
      this.result = { source, scene, boxes, visible, predictions, milliseconds };
      const thing = scene.things[scene.follow],
        answer = this.answer();
      if (!thing) return;
      const { size, turn, x, y } = thing;
      this.track.add({
        query: answer?.query ?? -1,
        right: answer?.label === this.data.sprites[thing.sprite].label,
        score: answer?.score ?? 0,
        iou: answer?.iou ?? 0,
        visible: visible[scene.follow],
        size,
        turn,
        x,
        y,
      });
    }

    /* What was found. */

    /**
     * The queries above the threshold after the chosen layer, best first.
     * @returns {LabPrediction[]}
     */
    kept() {
      const predictions = this.result?.predictions[this.view.step] ?? [];
      return predictions
        .filter((one) => one.score > this.view.threshold)
        .sort((a, b) => b.score - a.score);
    }

    /** What answers for the followed thing. @returns {Answer | null} */
    answer() {
      const { result } = this,
        box = result?.boxes[result.scene.follow];
      return result && box ? Live.follow.answer(result.predictions[this.view.step], box) : null;
    }

    queryShown() {
      return this.lit ?? this.view.query ?? this.answer()?.query ?? null;
    }
  }

  Live.Lab = /** @type {any} */ (Lab); // others add methods
})();
