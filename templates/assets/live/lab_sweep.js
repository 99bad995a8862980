/* A curve at one press: the followed thing goes through all its sizes, turns or places, and the
   model is asked at each. These are further methods of `Live.Lab`.

   The scene itself stays as it is, and so does its past: what goes through the range is `swept`. */
"use strict";

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  const STEPS = 48;
  /** @type {[string, number, number, (value: number) => Partial<Thing>]} */
  const ACROSS = ["Move it from left to right", -0.2, 1.2, (x) => ({ x })];
  /**
   * What is done for which curve: in words, from where to where.
   * @type {Record<string, [string, number, number, (value: number) => Partial<Thing>]>}
   */
  const WAYS = {
    runs: ACROSS,
    visible: ACROSS,
    x: ACROSS,
    y: ["Move it from top to bottom", -0.2, 1.2, (y) => ({ y })],
    size: ["Scale it from small to large", 0.05, 1.05, (size) => ({ size })],
    turn: ["Turn it once around", -180, 180, (turn) => ({ turn: turn === 180 ? 179.99 : turn })],
  };

  Object.assign(Live.Lab.prototype, {
    /** What `sweep` would do now, in words. @this {Lab} */
    sweepInWords() {
      return this.swept ? "Stop" : WAYS[this.view.plot][0];
    },

    /**
     * Takes the followed thing through its range, one answer after the other; or stops, if it is
     * under way. Whatever changes the scene ends it.
     * @this {Lab}
     */
    async sweep() {
      const { scene } = this;
      if (this.swept) return this.settleSweep();
      if (!scene.things[scene.follow]) return;
      const [, low, high, change] = WAYS[this.view.plot];
      this.track.clear();
      for (let step = 0; step <= STEPS; step++) {
        const value = low + ((high - low) * step) / STEPS;
        const now = Live.scene.change(scene, scene.follow, change(value));
        this._show(now);
        do await new Promise((resolve) => (this._answered = () => resolve(undefined)));
        while (this.swept === now && this._isAsked); // what was answered was asked before
        if (this.swept !== now) return; // somebody has changed the scene, or pressed "Stop"
      }
      this.settleSweep();
    },

    /** Back to the scene as it is. @this {Lab} */
    settleSweep() {
      this._show(null);
    },
  });
})();
