/* The picture of the lab: its things can be dragged, scaled and turned, by mouse, by finger and by
   key; boxes
   and maps lie over it. In: the lab. Out: changes to its scene, and which cell is pointed at. */
"use strict";

/**
 * @typedef {Object} LiveStage
 * @property {(lab: Lab) => {root: HTMLElement, update: () => void, focus: (number: number) =>
 *   void}} make
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  const GROW = 1.06,
    TURN = 5;
  /** CSS pixels: what can be taken hold of by a finger. */
  const LEAST = 24;

  class Stage {
    /** @param {Lab} lab */
    constructor(lab) {
      const { el, svg } = Live.dom;
      this.lab = lab;
      this.picture = el("canvas", { class: "lab-picture", role: "img" });
      this.map = el("canvas", { class: "lab-map", "aria-hidden": "true" });
      this.boxes = /** @type {SVGSVGElement} */ (
        svg("svg", { class: "lab-boxes", "aria-hidden": "true" })
      );
      this.cells = el("div", {
        class: "lab-cells",
        role: "group",
        onkeydown: (/** @type {KeyboardEvent} */ event) => Live.keys.cell(this.lab, event),
      });
      this.things = el("div", {
        class: "lab-things",
        role: "group",
        "aria-label": "Things in the scene",
      });
      this.root = el("div", { class: "lab-stage" });
      this.root.append(this.picture, this.map, this.boxes, this.cells, this.things);
      /** @type {HTMLButtonElement[]} */
      this.buttons = [];
      /** Fingers and the mouse, where they are. @type {Map<number, {x: number, y: number}>} */
      this.pointers = new Map();
      /**
       * What is being done.
       * @type {{number: number, kind: "move" | "size" | "turn" | "pinch" | "cells", from: Thing, x:
       *   number, y: number, span: number, angle: number, off: boolean} | null}
       */
      this.grip = null;
      /** What is on the canvas. @type {Composed | null} */
      this.shown = null;
      this._listen();
    }

    _listen() {
      const { root } = this;
      root.addEventListener("pointerdown", (event) => this._down(event));
      root.addEventListener("pointermove", (event) => this._move(event));
      for (const end of ["pointerup", "pointercancel"]) {
        root.addEventListener(end, (event) => this._up(/** @type {PointerEvent} */ (event)));
      }
      root.addEventListener("pointerleave", () => this.lab.pointAt(null));
      root.addEventListener("wheel", (event) => this._wheel(event), { passive: false });
      new ResizeObserver(() => this.update()).observe(root);
    }

    /** A place as shares of the picture. @param {{clientX: number, clientY: number}} event */
    _place(event) {
      const frame = this.root.getBoundingClientRect();
      return {
        x: (event.clientX - frame.left) / frame.width,
        y: (event.clientY - frame.top) / frame.height,
      };
    }

    /** @param {EventTarget | null} target */
    _numberOf(target) {
      const button = target instanceof Element ? target.closest(".lab-thing") : null;
      return button ? this.buttons.indexOf(/** @type {HTMLButtonElement} */ (button)) : -1;
    }

    /** @param {PointerEvent} event */
    _down(event) {
      if (event.button > 0) return;
      const place = this._place(event),
        { lab } = this;
      this.pointers.set(event.pointerId, place);
      this.root.setPointerCapture(event.pointerId);
      if (lab.view.brush) {
        const cell = lab.cellAt(place);
        if (cell === null) return;
        const off = !lab.view.off.has(`cell.${cell}`);
        this.grip = { ...blank(), kind: "cells", off };
        lab.switchCell(cell, off);
        return;
      }
      const number = this._numberOf(event.target);
      if (this.pointers.size === 2 && lab.selected >= 0) return this._pinch();
      if (number < 0) {
        if (!event.isPrimary) return;
        lab.select(-1);
        lab.pinCell(place);
        return;
      }
      event.preventDefault();
      lab.select(number);
      this.focus(number);
      const handle = event.target instanceof HTMLElement ? event.target.dataset.handle : undefined;
      const kind = /** @type {"size" | "turn" | undefined} */ (handle) ?? "move";
      const from = lab.scene.things[number],
        { span, angle } = this._arm(from, place);
      this.grip = { ...blank(), number, kind, from, ...place, span, angle };
    }

    /**
     * Length and direction from a thing's middle, in pixels and degrees.
     * @param {Thing} thing @param {{x: number, y: number}} place
     */
    _arm(thing, place) {
      const { width, height } = this.lab.size;
      const dx = (place.x - thing.x) * width,
        dy = (place.y - thing.y) * height;
      return { span: Math.hypot(dx, dy), angle: (Math.atan2(dy, dx) * 180) / Math.PI };
    }

    _pinch() {
      const { lab } = this,
        { span, angle } = this._fingers();
      this.grip = {
        ...blank(),
        number: lab.selected,
        kind: "pinch",
        from: lab.scene.things[lab.selected],
        span,
        angle,
      };
    }

    _fingers() {
      const { width, height } = this.lab.size;
      const [a, b] = [...this.pointers.values()];
      const dx = (b.x - a.x) * width,
        dy = (b.y - a.y) * height;
      return { span: Math.hypot(dx, dy), angle: (Math.atan2(dy, dx) * 180) / Math.PI };
    }

    /** @param {PointerEvent} event */
    _move(event) {
      const place = this._place(event),
        { lab, grip } = this;
      if (this.pointers.has(event.pointerId)) this.pointers.set(event.pointerId, place);
      if (!grip) {
        lab.pointAt(place);
        return;
      }
      if (grip.kind === "cells") {
        const cell = lab.cellAt(place);
        if (cell !== null) lab.switchCell(cell, grip.off);
        return;
      }
      const { from, number } = grip;
      if (grip.kind === "move") {
        lab.change(
          number,
          { x: from.x + place.x - grip.x, y: from.y + place.y - grip.y },
          `drag ${number}`
        );
        return;
      }
      const { span, angle } =
        grip.kind === "pinch" && this.pointers.size > 1 ? this._fingers() : this._arm(from, place);
      const size = from.size * (span / Math.max(grip.span, 1)),
        turn = from.turn + angle - grip.angle;
      const change =
        grip.kind === "size" ? { size } : grip.kind === "turn" ? { turn } : { size, turn };
      lab.change(number, change, `${grip.kind} ${number}`);
    }

    /** @param {PointerEvent} event */
    _up(event) {
      this.pointers.delete(event.pointerId);
      if (!this.grip) return;
      this.grip = null;
      this.lab.settle();
    }

    /** @param {WheelEvent} event */
    _wheel(event) {
      const { lab } = this,
        number = this._numberOf(event.target);
      // Only over the chosen thing, or a page could not be scrolled over things.
      if (number < 0 || number !== lab.selected) return;
      event.preventDefault();
      const thing = lab.scene.things[number],
        up = event.deltaY < 0;
      if (event.shiftKey)
        lab.change(number, { turn: thing.turn + (up ? -TURN : TURN) }, `turn ${number}`);
      else lab.change(number, { size: thing.size * (up ? GROW : 1 / GROW) }, `size ${number}`);
    }

    /** @param {number} number */
    focus(number) {
      this.buttons[number]?.focus({ preventScroll: true });
    }

    /** Shows the scene as it is, and what the model found in the last one that it was given. */
    update() {
      const { lab } = this,
        { width, height } = lab.size;
      this.root.style.setProperty("--aspect", String(width / height));
      this.root.classList.toggle("is-brush", lab.view.brush);
      this._paint(width, height);
      this._place_things(width, height);
      const showsCells =
        lab.view.brush || lab.view.show === "looks" || lab.view.show === "looked-at";
      this.cells.tabIndex = showsCells ? 0 : -1;
      this.cells.setAttribute("aria-label", "Cells of the feature map: arrow keys choose one");
      Live.overlay.draw(this, lab);
    }

    /** @param {number} width @param {number} height */
    _paint(width, height) {
      const { composed } = this.lab;
      if (!composed || this.shown === composed) return;
      this.shown = composed;
      this.picture.width = width;
      this.picture.height = height;
      const context = /** @type {CanvasRenderingContext2D} */ (this.picture.getContext("2d"));
      const data = /** @type {any} */ (composed.picture.data);
      context.putImageData(new ImageData(data, width, height), 0, 0);
      this.picture.setAttribute("aria-label", this.lab.sceneInWords());
    }

    /** @param {number} width @param {number} height */
    _place_things(width, height) {
      const { lab } = this,
        { things } = lab.scene,
        frame = this.root.clientWidth || width;
      while (this.buttons.length > things.length)
        /** @type {HTMLElement} */ (this.buttons.pop()).remove();
      things.forEach((thing, number) => {
        const button = this.buttons[number] ?? this._button(number);
        const [x0, y0, x1, y1] = lab.composed?.boxes[number] ?? [0, 0, 0, 0],
          scale = width / frame;
        const w = Math.max(x1 - x0, LEAST * scale),
          h = Math.max(y1 - y0, LEAST * scale);
        const isOut = x1 <= x0;
        const middle = [
          isOut ? thing.x * width : (x0 + x1) / 2,
          isOut ? thing.y * height : (y0 + y1) / 2,
        ];
        const left = Math.min(Math.max(middle[0] - w / 2, 0), width - w);
        const top = Math.min(Math.max(middle[1] - h / 2, 0), height - h);
        Object.assign(button.style, {
          left: `${(left / width) * 100}%`,
          top: `${(top / height) * 100}%`,
          width: `${(w / width) * 100}%`,
          height: `${(h / height) * 100}%`,
        });
        button.classList.toggle("is-selected", number === lab.selected);
        button.classList.toggle("is-followed", number === lab.scene.follow);
        button.setAttribute("aria-pressed", String(number === lab.selected));
        button.setAttribute("aria-label", lab.thingInWords(number));
      });
    }

    /** @param {number} number */
    _button(number) {
      const { el } = Live.dom;
      const made = el(
        "button",
        {
          type: "button",
          class: "lab-thing",
          "aria-describedby": "lab-keys",
          onkeydown: (/** @type {KeyboardEvent} */ event) =>
            Live.keys.thing(this.lab, event, number),
          onfocus: () => this.lab.select(number),
        },
        el("span", { class: "lab-handle", "data-handle": "size", title: "Drag to scale" }),
        el("span", { class: "lab-handle", "data-handle": "turn", title: "Drag to turn" })
      );
      this.buttons.push(made);
      this.things.append(made);
      return made;
    }
  }

  /** @returns {any} */
  function blank() {
    return { number: -1, kind: "move", from: null, x: 0, y: 0, span: 1, angle: 0, off: false };
  }

  Live.stage = { make: (lab) => new Stage(lab) };
})();
