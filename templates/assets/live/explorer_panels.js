/* The explorer's two panels: a button for each query, and a small map for each layer and head. In: a
   place in the page, a source, and what to call when something is chosen. Out: buttons, which can be
   reached with Tab and moved between with the arrow keys. */
"use strict";
(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /**
   * Makes one stop for Tab of many buttons; arrow keys, Home and End move in it.
   * @param {HTMLElement} place
   */
  function oneStop(place) {
    const buttons = () => /** @type {HTMLElement[]} */ ([...place.querySelectorAll("button")]);
    place.addEventListener("focusin", (event) => {
      for (const one of buttons()) one.tabIndex = one === event.target ? 0 : -1;
    });
    place.addEventListener("keydown", (event) => {
      const all = buttons(), at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
      const columns = getComputedStyle(place).gridTemplateColumns.split(" ").length;
      const next = new Map([
        ["ArrowRight", at + 1], ["ArrowLeft", at - 1], ["ArrowDown", at + columns],
        ["ArrowUp", at - columns], ["Home", 0], ["End", all.length - 1],
      ]).get(event.key);
      if (at < 0 || next === undefined) return;
      event.preventDefault();
      all[next]?.focus();
    });
  }

  /** A button for each query; its colour can tell how much it is looked at. */
  class Queries {
    /** @param {HTMLElement} place  @param {number} count
     *  @param {(query: number) => void} choose  @param {(query: number | null) => void} point */
    constructor(place, count, choose, point) {
      const isMoved = Live.pointing.watchMoves();
      this._buttons = Array.from({ length: count }, (_, query) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = String(query);
        button.dataset.number = String(query);
        button.tabIndex = query ? -1 : 0;
        button.addEventListener("click", () => choose(query));
        button.addEventListener("pointerenter", (event) => { if (isMoved(event)) point(query); });
        button.addEventListener("pointerleave", () => point(null));
        return button;
      });
      place.addEventListener("pointermove", isMoved);
      place.replaceChildren(...this._buttons);
      oneStop(place);
    }

    /**
     * @param {(query: number) => {label: string, colour: string | null}} tell  of those above the threshold the colour
     * @param {number | null} chosen  @param {number | null} lit
     * @param {Float32Array | null} weights  @param {Uint8Array} colours
     */
    show(tell, chosen, lit, weights, colours) {
      const most = weights ? Live.map.largest(weights).weight || 1 : 1;
      this._buttons.forEach((button, query) => {
        const { label, colour } = tell(query);
        if (button.title !== label) button.title = label;
        button.setAttribute("aria-label", label);
        button.setAttribute("aria-pressed", String(query === chosen));
        button.classList.toggle("is-kept", colour !== null);
        button.classList.toggle("is-lit", query === lit);
        button.style.setProperty("--colour", colour ?? "transparent");
        const at = weights ? Math.round(255 * weights[query] / most) : -1;
        const [red, green, blue] = at < 0 ? [] : colours.subarray(3 * at, 3 * at + 3);
        button.style.background = at < 0 ? "" : `rgb(${red} ${green} ${blue})`;
        // As bright as people see it: dark words on bright colours.
        button.style.color = at < 0 ? "" : 0.3 * red + 0.59 * green + 0.11 * blue > 115 ? "#000" : "#fff";
      });
    }
  }

  /** The same map in all layers and heads. */
  class Multiples {
    /** @param {HTMLElement} place  @param {ShippedSource} source  @param {(layer: number, head: number | "mean") => void} choose */
    constructor(place, source, choose) {
      this._place = place;
      this._source = source;
      this._choose = choose;
      /** Of which attention, and of which shape. */
      this._drawn = "";
      /** @type {{layer: number, head: number | "mean", button: HTMLButtonElement, canvas: HTMLCanvasElement}[]} */
      this._all = [];
      oneStop(place);
    }

    /** @param {string} mechanism  @param {{width: number, height: number}} size  of a canvas */
    _fill(mechanism, size) {
      const columns = /** @type {(number | "mean")[]} */ (["mean", ...Array(this._source.headCount(mechanism)).keys()]);
      const all = mechanism.endsWith("_points") ? "all heads" : "mean";
      this._all = this._source.layersOf(mechanism).flatMap((layer) => columns.map((head) => {
        const button = document.createElement("button"), canvas = document.createElement("canvas");
        const label = `layer ${layer + 1}, ${head === "mean" ? all : `head ${head + 1}`}`;
        Object.assign(canvas, size);
        button.type = "button";
        button.append(canvas, label.split(", ")[1]);
        button.setAttribute("aria-label", label);
        button.tabIndex = -1;
        button.addEventListener("click", () => this._choose(layer, head));
        return { layer, head, button, canvas };
      }));
      if (this._all.length) this._all[0].button.tabIndex = 0;
      this._place.style.gridTemplateColumns = `auto repeat(${columns.length}, minmax(3rem, 1fr))`;
      this._place.replaceChildren(...this._all.flatMap(({ layer, head, button }) => {
        if (head !== "mean") return [button];
        const name = document.createElement("span");
        name.textContent = String(layer + 1);
        name.title = `layer ${layer + 1}`;
        return [name, button];
      }));
    }

    /**
     * Draws all maps; loads the layers that are not there yet.
     * @param {View} view
     * @param {(canvas: HTMLCanvasElement, layer: ShippedLayer | PointsLayer, head: Head) => void} paint
     * @param {number} aspect  width by height
     */
    async show(view, paint, aspect) {
      const { mechanism } = view, layers = this._source.layersOf(mechanism);
      const loaded = new Map(await Promise.all(layers.map(async (one) =>
        /** @type {[number, ShippedLayer | PointsLayer]} */ ([one, await this._source.load(mechanism, one)]))));
      if (this._drawn !== `${mechanism} ${aspect}`) {
        const width = Math.round(96 * Math.min(1, aspect));
        this._fill(mechanism, { width, height: Math.round(width / aspect) });
        this._drawn = `${mechanism} ${aspect}`;
      }
      for (const { layer, head, button, canvas } of this._all) {
        button.setAttribute("aria-pressed", String(layer === view.layer && head === view.head));
        paint(canvas, /** @type {ShippedLayer | PointsLayer} */ (loaded.get(layer)), head);
      }
    }
  }

  Live.panels = { Queries, Multiples };
})();
