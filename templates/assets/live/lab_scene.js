/* A scene of the lab as data: things, a background, what is switched off; and its past.

   Nothing here draws or knows the page. A scene goes into the address after the `#`, so that it can
   be
   linked to, and comes back from there. */
"use strict";

/**
 * One thing in a scene, as in an experiment's YAML: its middle as shares of width and height, its
 * longer side as a share of the picture's short side, degrees to the right.
 * @typedef {{sprite: string, x: number, y: number, size: number, turn: number, flip: boolean}}
 *   Thing
 *
 * The last thing lies on top; `follow` is the number of one, from 0, or -1.
 * @typedef {{background: string, seed: number, things: Thing[], follow: number}} Scene
 *
 * Within these the model finds nearly everything: sides as shares of the short side, degrees either
 * way, the
 * share that has to be seen, and how many things.
 * @typedef {{side: [number, number], turn: number, visible: number, things: number}} Bounds
 *
 * @typedef {Object} LiveScene
 * @property {(thing: Partial<Thing>) => Thing} thing      with every value in its range
 * @property {(scene: Scene) => string} serialise          for an address
 * @property {(text: string, sprites: string[], kinds: string[]) => Scene | null} parse
 *   null if it is no scene; what is not known is left out
 * @property {(scene: Scene, number: number, change: Partial<Thing>) => Scene} change
 * @property {(scene: Scene, thing: Thing) => Scene} add
 * @property {(scene: Scene, number: number) => Scene} remove
 * @property {(scene: Scene, number: number, to: number) => Scene} reorder  to another place in the
 *   pile
 * @property {(thing: Thing, visible: number, bounds: Bounds) => string[]} outside
 *   what of a thing is beyond the bounds, in words
 * @property {<State>(state: State, most?: number) => Past<State>} past
 */

/**
 * @template State
 * @typedef {Object} Past
 * @property {State} state     what is now
 * @property {boolean} canUndo
 * @property {boolean} canRedo
 * @property {(state: State, kind?: string) => void} push
 *   a new state; changes of one kind that follow one another, as while a thing is dragged, are one
 * @property {() => void} settle  ends a run of changes of one kind
 * @property {() => State} undo
 * @property {() => State} redo
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  const SMALLEST = 0.03,
    LARGEST = 1.5;

  /** States that can be undone and done again. @template State */
  class Past {
    /** @param {State} state @param {number} [most] */
    constructor(state, most = 100) {
      this.past = [state];
      /** @type {State[]} */
      this.future = [];
      this.most = most;
      this.kind = "";
    }

    get state() {
      return this.past[this.past.length - 1];
    }

    get canUndo() {
      return this.past.length > 1;
    }

    get canRedo() {
      return this.future.length > 0;
    }

    /**
     * A new state. Changes of one kind that follow one another, as while a thing is dragged, are
     * one.
     * @param {State} state @param {string} [kind]
     */
    push(state, kind = "") {
      if (kind && kind === this.kind && this.past.length > 1) this.past.pop();
      this.past.push(state);
      if (this.past.length > this.most) this.past.shift();
      this.future = [];
      this.kind = kind;
    }

    /** Ends a run of changes of one kind. */
    settle() {
      this.kind = "";
    }

    undo() {
      if (this.canUndo) this.future.push(/** @type {State} */ (this.past.pop()));
      this.settle();
      return this.state;
    }

    redo() {
      const next = this.future.pop();
      if (next !== undefined) this.past.push(next);
      this.settle();
      return this.state;
    }
  }

  /** @param {number} value @param {number} low @param {number} high @param {number} otherwise */
  function within(value, low, high, otherwise) {
    return Number.isFinite(value) ? Math.min(Math.max(value, low), high) : otherwise;
  }

  /** @param {Partial<Thing>} given @returns {Thing} */
  function thing(given) {
    const turn = within(Number(given.turn ?? 0), -36000, 36000, 0);
    return {
      sprite: String(given.sprite),
      x: within(Number(given.x ?? 0.5), -0.5, 1.5, 0.5),
      y: within(Number(given.y ?? 0.5), -0.5, 1.5, 0.5),
      size: within(Number(given.size ?? 0.35), SMALLEST, LARGEST, 0.35),
      turn: ((((turn + 180) % 360) + 360) % 360) - 180, // -180 to 180
      flip: Boolean(given.flip),
    };
  }

  /** @param {Scene} scene */
  function serialise({ background, seed, things, follow }) {
    const parts = things.map((one) => {
      const numbers = [one.x * 1000, one.y * 1000, one.size * 1000, one.turn].map(Math.round);
      return [one.sprite, ...numbers, one.flip ? 1 : 0].join(",");
    });
    const followed = follow >= 0 ? `&follow=${follow + 1}` : "";
    return `scene=${background},${seed}${parts.map((one) => `;${one}`).join("")}${followed}`;
  }

  /**
   * @param {string} text @param {string[]} sprites @param {string[]} kinds @returns {Scene | null}
   */
  function parse(text, sprites, kinds) {
    const values = new URLSearchParams(text.replace(/^#/, "").replace(/\+/g, "%2B"));
    const written = values.get("scene");
    if (!written) return null;
    const [ground, ...rest] = written.split(";");
    const [background, seed] = ground.split(",");
    if (!kinds.includes(background)) return null;
    const things = rest.map((part) => part.split(",")).filter((part) => sprites.includes(part[0]));
    const follow = Math.trunc(Number(values.get("follow") || 0)) - 1;
    return {
      background,
      seed: within(Math.trunc(Number(seed)), 0, 9999, 1),
      things: things.slice(0, 40).map(([sprite, x, y, size, turn, flip]) =>
        thing({
          sprite,
          x: Number(x) / 1000,
          y: Number(y) / 1000,
          size: Number(size) / 1000,
          turn: Number(turn),
          flip: flip === "1",
        })
      ),
      follow: follow >= 0 && follow < things.length ? follow : -1,
    };
  }

  /** @param {Scene} scene @param {number} number @param {Partial<Thing>} change @returns {Scene} */
  function change(scene, number, change) {
    const things = scene.things.map((one, i) =>
      i === number ? thing({ ...one, ...change }) : one
    );
    return { ...scene, things };
  }

  /** @param {Scene} scene @param {Thing} added @returns {Scene} */
  function add(scene, added) {
    const things = [...scene.things, thing(added)];
    return { ...scene, things, follow: scene.follow < 0 ? things.length - 1 : scene.follow };
  }

  /** @param {Scene} scene @param {number} number @returns {Scene} */
  function remove(scene, number) {
    const things = scene.things.filter((_, i) => i !== number);
    const { follow } = scene;
    return {
      ...scene,
      things,
      follow: follow === number ? -1 : follow - (follow > number ? 1 : 0),
    };
  }

  /** @param {Scene} scene @param {number} number @param {number} to @returns {Scene} */
  function reorder(scene, number, to) {
    const place = within(to, 0, scene.things.length - 1, number);
    const things = scene.things.filter((_, i) => i !== number);
    things.splice(place, 0, scene.things[number]);
    return { ...scene, things, follow: things.indexOf(scene.things[scene.follow]) };
  }

  /** @param {Thing} one @param {number} visible @param {Bounds} bounds */
  function outside(one, visible, bounds) {
    const words = [];
    if (one.size < bounds.side[0]) words.push(`small: below ${bounds.side[0]} of the short side`);
    if (one.size > bounds.side[1]) words.push(`large: above ${bounds.side[1]} of the short side`);
    if (Math.abs(one.turn) > bounds.turn) words.push(`turned: by more than ${bounds.turn} degrees`);
    if (visible < bounds.visible) {
      const percent = Math.round(visible * 100),
        least = Math.round(bounds.visible * 100);
      words.push(`hidden: ${percent} % of it can be seen, less than ${least} %`);
    }
    return words;
  }

  Live.scene = {
    thing,
    serialise,
    parse,
    change,
    add,
    remove,
    reorder,
    outside,
    past: (state, most) => new Past(state, most),
  };
})();
