/* The explorer of an image: which cell or query is chosen, and what is drawn of it. In: the elements
   of templates/explorer.html.j2, and the scripts of a build. Out: maps, boxes and words on the page;
   whatever else on the page is about a query lights up with it. */
"use strict";

/** @typedef {"row" | "column" | "cross" | "among"} Show */
/** What is looked at: a cell or a query, from 0.
 *  @typedef {{kind: "cell" | "query", index: number}} Subject */
/** A map: of which attention, layer, head and subject.
 *  @typedef {{show: Show, mechanism: string, layer: number, head: number | "mean", index: number}} View */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** The attention that each map is of. @type {Record<Show, string>} */
  const MECHANISMS = {
    row: "encoder_self", column: "encoder_self", cross: "decoder_cross", among: "decoder_self",
  };
  /** How many of the queries that one looks at are drawn as boxes. */
  const SEEN = 5;

  class Explorer {
    /** @param {HTMLElement} place  @param {ShippedSource} source */
    constructor(place, source) {
      this.place = place;
      this.source = source;
      this.image = place.dataset.image ?? "";
      /** By query, of those that the page keeps. @type {Record<string, string>} */
      this._colours = JSON.parse(place.dataset.colours ?? "{}");
      /** @param {string} name */
      const find = (name) => /** @type {HTMLElement} */ (place.querySelector(`.explorer-${name}`));
      this._map = /** @type {HTMLCanvasElement} */ (find("map"));
      this._svg = /** @type {SVGSVGElement} */ (/** @type {unknown} */ (find("boxes")));
      this._says = find("says");
      this._error = find("error");
      this._cells = find("cells");
      this._form = /** @type {HTMLFormElement} */ (find("controls"));
      this._details = /** @type {HTMLDetailsElement} */ (find("multiples"));
      /** Chosen. @type {Subject | null} */
      this.subject = null;
      /** Pointed at. @type {Subject | null} */
      this.pointed = null;
      /** A query that lights up, whatever is shown. @type {number | null} */
      this.lit = null;
      /** The layer of each attention, the last one first. @type {Record<string, number>} */
      this._layers = Object.fromEntries(Object.values(MECHANISMS).map((one) =>
        [one, Math.max(...source.layersOf(one))]));
      this._queries = new Live.panels.Queries(find("queries"), source.queryCount,
        (query) => this.choose({ kind: "query", index: query }),
        (query) => this.light(query));
      this._multiples = new Live.panels.Multiples(find("grid"), source,
        (layer, head) => this._take(layer, head));
      /** What of the queries is drawn. */
      this._drawn = "";
      /** A drawing that was asked for. @type {number | undefined} */
      this._frame = undefined;
      this._listen();
      find("body").hidden = false;
      this.redraw();
    }

    /** A control of the form. @param {string} name  @returns {any} */
    control(name) {
      return this._form.elements.namedItem(name);
    }

    _listen() {
      this._form.addEventListener("input", (event) => this._changed(/** @type {HTMLInputElement} */ (event.target)));
      this._form.addEventListener("submit", (event) => event.preventDefault());
      Live.pointing.listen(this, this._cells);
      this._details.addEventListener("toggle", () => this.redraw());
      new ResizeObserver(() => this.redraw()).observe(this._cells);
    }

    /** What pointing at the picture chooses. @returns {"cell" | "query"} */
    get kind() {
      return this.control("subject").value;
    }

    /** @param {Subject | null} subject */
    choose(subject) {
      this.pointed = this.lit = null;
      this.subject = subject;
      if (subject) this.control("subject").value = subject.kind;
      this.redraw();
    }

    /** Shows a subject as long as it is pointed at.
     *  @param {Subject | null} subject  @param {number | null} query  that lights up */
    point(subject, query) {
      this.pointed = subject;
      this.light(query);
    }

    /** Lights a query up wherever it is on the page; none with null. @param {number | null} query */
    light(query) {
      this.lit = query;
      this.redraw();
    }

    /** What is shown now. @returns {View | null} */
    view() {
      const lit = this.lit !== null && this.pointed?.kind !== "cell"
        ? /** @type {Subject} */ ({ kind: "query", index: this.lit }) : null;
      const subject = this.pointed ?? lit ?? this.subject;
      if (!subject) return null;
      const show = /** @type {Show} */ (this.control(subject.kind).value), mechanism = MECHANISMS[show];
      const head = this.control("head").value;
      return {
        show, mechanism, layer: this._layers[mechanism], index: subject.index,
        head: Number(head) < this.source.headCount(mechanism) && head !== "" ? Number(head) : "mean",
      };
    }

    /** The attention that is shown, or would be of what is chosen next. @param {View | null} view */
    _mechanism(view) {
      return view?.mechanism ?? MECHANISMS[/** @type {Show} */ (this.control(this.kind).value)];
    }

    /** Left, top, right and bottom of the cell that is looked at. @param {View | null} view */
    _cellOf(view) {
      if (view?.mechanism !== "encoder_self") return null;
      const { edgesX, edgesY, grid: { width } } = this.source;
      const row = Math.floor(view.index / width), column = view.index % width;
      return [edgesX[column], edgesY[row], edgesX[column + 1], edgesY[row + 1]];
    }

    /** @param {HTMLInputElement} control */
    _changed(control) {
      if (control.name === "layer") {
        this._layers[this._mechanism(this.view())] = Number(control.value);
      }
      if (control.name === "subject" && this.subject && this.subject.kind !== control.value) this.subject = null;
      this.redraw();
    }

    /** @param {number} layer  @param {number | "mean"} head */
    _take(layer, head) {
      const view = this.view();
      if (view) this._layers[view.mechanism] = layer;
      this.control("head").value = String(head);
      this.redraw();
    }

    /** The threshold and the decoder layer whose boxes are shown. */
    get _answer() {
      return { threshold: Number(this.control("threshold").value), step: Number(this.control("step").value) - 1 };
    }

    /** The colour of a query, as in all figures if the page keeps it. @param {number} query */
    colourOf(query) {
      return this._colours[query] ?? "#767676";
    }

    /** The boxes to draw. @param {Float32Array | null} [among]  weights of the queries that one looks at */
    shown(among) {
      const { threshold, step } = this._answer, view = this.view();
      const chosen = view && view.mechanism !== "encoder_self" ? view.index : null;
      const order = among ? Array.from(among.keys()).sort((a, b) => among[b] - among[a]).slice(0, SEEN) : [];
      const most = among ? among[order[0]] || 1 : 1;
      /** @type {ShownBox[]} */
      const shown = [];
      for (let query = 0; query < this.source.queryCount; query++) {
        const { label, score, box } = this.source.prediction(step, query), kept = score > threshold;
        const isSeen = order.includes(query), isChosen = query === chosen;
        if (!kept && !isSeen && !isChosen && query !== this.lit) continue;
        shown.push({
          query, box, colour: this.colourOf(query), label: `${query} ${label}`,
          kind: isChosen ? "chosen" : kept ? "kept" : "seen",
          opacity: among && isSeen && !isChosen ? 0.3 + 0.7 * (among[query] / most) : 1,
        });
      }
      return shown;
    }

    /** Draws everything anew, at most once a frame. */
    redraw() {
      this._frame ??= requestAnimationFrame(() => {
        this._frame = undefined;
        this.draw();
      });
    }

    /** Draws what is chosen or pointed at; a layer that is not there yet is loaded first. */
    draw() {
      const view = this.view();
      const layer = view ? this.source.layer(view.mechanism, view.layer) : null;
      this._offer(view);
      if (view && !layer) {
        this._says.textContent = "Loading …";
        this.source.load(view.mechanism, view.layer).then(() => this.redraw(),
          () => { this._says.textContent = "The maps of this layer could not be loaded."; });
        return this._drawBoxes(view, null);
      }
      const weights = view && layer ? this.weights(layer, view) : null;
      this._drawBoxes(view, view?.show === "among" ? weights : null);
      this._drawMap(view, layer, weights);
    }

    /** @param {ShippedLayer} layer  @param {View} view  @returns {Float32Array} */
    weights(layer, { show, head, index }) {
      return Live.attention[show === "column" ? "column" : "row"](layer, head, index);
    }

    /** @param {View | null} view  @param {ShippedLayer | null | undefined} layer  @param {Float32Array | null} weights */
    _drawMap(view, layer, weights) {
      const { source } = this, onPicture = view !== null && view.show !== "among";
      this._map.style.opacity = onPicture ? String(Number(this.control("overlay").value) / 100) : "0";
      if (!view || !layer || !weights) return;
      if (onPicture) Live.map.paint(this._map, weights, source, source.colours);
      const { threshold, step } = this._answer;
      const asked = view.mechanism === "encoder_self" ? "" : Live.words.query(source, step, view.index, threshold);
      this._says.textContent = Live.words.map(source, view, layer, weights, asked);
      this._error.textContent = Live.words.error(source.fileOf(view.mechanism, view.layer));
      if (!this._details.open || this.pointed || this.lit !== null) return; // not while the pointer moves
      const { width, height } = source.pictureSize;
      const [grid, aspect] = onPicture ? [source, width / height] : [Live.map.squares(source.queryCount), 1];
      this._multiples.show(view, (one, head) =>
        this.weights(one, { ...view, head }), grid, aspect);
    }

    /** Draws boxes and buttons, and lights up what is about the same query.
     *  @param {View | null} view  @param {Float32Array | null} among */
    _drawBoxes(view, among) {
      const { threshold, step } = this._answer;
      const chosen = view && view.mechanism !== "encoder_self" ? view.index : null;
      const of = among && view ? [view.layer, view.head, view.index] : [];
      const drawn = [threshold, step, chosen, this.lit, this._cells.clientWidth, ...of].join();
      if (drawn !== this._drawn) this._drawQueries(chosen, among);
      this._drawn = drawn;
      Live.boxes.mark(this._svg, this._cellOf(view));
    }

    /** @param {number | null} chosen  @param {Float32Array | null} among */
    _drawQueries(chosen, among) {
      const { threshold, step } = this._answer, { source } = this;
      Live.boxes.draw(this._svg, this.shown(among), this.lit ?? chosen);
      this._queries.show((query) => ({
        label: Live.words.query(source, step, query, threshold),
        colour: source.prediction(step, query).score > threshold ? this.colourOf(query) : null,
      }), chosen, this.lit, among, source.colours);
      Live.marks.light(this.image, this.lit ?? chosen);
      const count = Array.from({ length: source.queryCount }, (_, query) => source.prediction(step, query).score)
        .filter((score) => score > threshold).length;
      this.control("threshold-says").value = threshold.toFixed(2);
      this.control("step-says").value = `${step + 1}: ${count} ${count === 1 ? "box" : "boxes"}`;
    }

    /** Offers the layers and heads that there are. @param {View | null} view */
    _offer(view) {
      const kind = view && view.mechanism === "encoder_self" ? "cell" : view ? "query" : this.kind;
      for (const one of /** @type {NodeListOf<HTMLElement>} */ (this._form.querySelectorAll("[data-for]"))) {
        one.hidden = one.dataset.for !== kind;
      }
      const mechanism = this._mechanism(view);
      const layers = this.source.layersOf(mechanism), of = this.source.layerCount(mechanism);
      fill(this.control("layer"), layers.map((one) => [String(one), `${one + 1} of ${of}`]),
        String(this._layers[mechanism]));
      const count = this.source.headCount(mechanism), chosen = this.control("head").value || "mean";
      const heads = Array.from({ length: count }, (_, one) => [String(one), `head ${one + 1}`]);
      fill(this.control("head"), [["mean", "mean of all"], ...heads], Number(chosen) >= count ? "mean" : chosen);
    }
  }

  /** Fills a list, if it is to hold something else. @param {HTMLSelectElement} select  @param {string[][]} options  @param {string} value */
  function fill(select, options, value) {
    const before = Array.from(select.options, (one) => one.value + one.text).join();
    if (before !== options.map(([key, text]) => key + text).join()) {
      select.replaceChildren(...options.map(([key, text]) => new Option(text, key)));
    }
    select.value = value;
  }

  /** Starts the explorers of a page. */
  async function start() {
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".explorer"))) {
      const source = await Live.shipped.open(place.dataset.index ?? "", place.dataset.name ?? "");
      Live.explorers.push(new Explorer(place, source));
    }
    Live.marks.start();
  }

  Live.explorers = [];
  start();
})();
