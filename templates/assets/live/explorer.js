/* The explorer of an image: which cell or query is chosen, and what is drawn of it. In: the elements
   of templates/explorer.html.j2, and the scripts of a build. Out: maps, boxes and words on the page;
   whatever else on the page is about a query lights up with it. */
"use strict";

/** @typedef {"row" | "column" | "cross" | "among" | "reads" | "points" | "around"} Show */
/** What is looked at: a cell, a query, or a place of the finest grid that points lie in; from 0.
 *  @typedef {{kind: Kind, index: number}} Subject */
/** A map, or points: of which subject (with a cell's level, where cells have one), attention, layer, head and
 *  level; whether the boxes are the last ones.
 *  @typedef {Subject & {show: Show, mechanism: string, layer: number, head: Head, level: Level,
 *    cellLevel: number | null, isLast: boolean}} View */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** The attention that each map is of. @type {Record<Show, string>} */
  const MECHANISMS = {
    row: "encoder_self", column: "encoder_self", cross: "decoder_cross", among: "decoder_self",
    reads: "encoder_points", points: "decoder_points", around: "decoder_points",
  };

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
      this._legend = find("legend");
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
      /** Of the cell that was chosen last: on another level it is another one. @type {Spot | null} */
      this._middle = null;
      /** What of the queries is drawn. */
      this._drawn = "";
      /** A drawing that was asked for. @type {number | undefined} */
      this._frame = undefined;
      this._listen();
      Object.assign(find("body"), { hidden: false, inert: false });
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

    /** What pointing at the picture chooses. @returns {Kind} */
    get kind() {
      return this.control("subject").value;
    }

    /** What a click beside all boxes chooses. @returns {"cell" | "place" | null} */
    get cellKind() {
      if (this.kind !== "query") return this.kind;
      return this.control("cell") ? "cell" : this.control("place") ? "place" : null;
    }

    /** The level whose cells can be chosen, where cells have one. @returns {number | null} */
    get cellLevel() {
      const control = this.control("cell-level");
      return control ? Number(control.value) : null;
    }

    /** Where the cells or places that can be chosen begin and end. @param {Kind} kind */
    edgesOf(kind) {
      return Live.look.edges(this.source, kind, this.cellLevel);
    }

    /** @param {Subject | null} subject */
    choose(subject) {
      this.pointed = this.lit = null;
      this.subject = subject;
      if (subject) this.control("subject").value = subject.kind;
      if (subject?.kind === "cell") this._middle = Live.look.middle(this.source, subject, this.cellLevel);
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
      const lit = this.lit !== null && (this.pointed?.kind ?? "query") === "query"
        ? /** @type {Subject} */ ({ kind: "query", index: this.lit }) : null;
      const subject = this.pointed ?? lit ?? this.subject;
      if (!subject) return null;
      const show = /** @type {Show} */ (this.control(subject.kind).value), mechanism = MECHANISMS[show];
      const head = this.control("head").value, level = this.control("level")?.value ?? "all";
      return {
        ...subject, show, mechanism, layer: this._layers[mechanism],
        level: level === "all" ? level : Number(level), cellLevel: this.cellLevel,
        isLast: this.control("step").value === this.control("step").max,
        head: Number(head) < this.source.headCount(mechanism) && head !== "" ? Number(head) : "mean",
      };
    }

    /** The attention that the form is about: of what is chosen, whatever is pointed at. */
    get _mechanism() {
      return MECHANISMS[/** @type {Show} */ (this.control(this.kind).value)];
    }

    /** @param {HTMLInputElement} control */
    _changed(control) {
      if (control.name === "layer") {
        this._layers[this._mechanism] = Number(control.value);
      }
      if (control.name === "subject" && this.subject && this.subject.kind !== control.value) this.subject = null;
      if (control.name === "cell-level" && this.subject?.kind === "cell" && this._middle) {
        this.subject.index = Live.map.cellAt(this.edgesOf("cell"), this._middle.x, this._middle.y);
      }
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
      const chosen = queryOf(this.view());
      return Live.look.boxes(this.source, this._answer, { chosen, lit: this.lit }, among ?? null)
        .map((one) => ({ ...one, colour: this.colourOf(one.query) }));
    }

    /** Draws everything anew, at most once a frame. */
    redraw() {
      this._frame ??= requestAnimationFrame(() => {
        this._frame = undefined;
        this.draw();
      });
    }

    /** Fills the form and the legend, by what is chosen: what is pointed at must stay below the pointer. */
    _offer() {
      const { source, kind, _mechanism: mechanism } = this;
      Live.form.offer(this._form, source, kind, mechanism, this._layers[mechanism]);
      this._legend.hidden = !mechanism.endsWith("_points");
      if (source.sampled) Live.points.legend(this._legend, source.sampled, source.headCount(mechanism));
    }

    /** Draws what is chosen or pointed at; a layer that is not there yet is loaded first. */
    draw() {
      const view = this.view();
      const layer = view ? this.source.layer(view.mechanism, view.layer) : null;
      this._offer();
      if (view && !layer) {
        this._says.textContent = "Loading …";
        this.source.load(view.mechanism, view.layer).then(() => this.redraw(),
          () => { this._says.textContent = "This layer could not be loaded."; });
        return this._drawBoxes(view, null);
      }
      const weights = view && layer ? Live.look.weights(this.source, layer, view) : null;
      this._drawBoxes(view, view && isOfQueries(view) ? weights : null);
      if (layer && "places" in layer) return this._drawPoints(/** @type {View} */ (view), layer, weights);
      Live.points.draw(this._svg, null, []);
      this._drawMap(view, layer, weights);
    }

    /** @param {View} view  @param {PointsLayer} layer  @param {Float32Array | null} weights  of queries */
    _drawPoints(view, layer, weights) {
      const { source } = this, { threshold, step } = this._answer, sampled = /** @type {Sampled} */ (source.sampled);
      const shown = Live.look.points(source, layer, view, weights ? Live.look.first(weights) : []);
      Live.points.draw(this._svg, shown, sampled.colours);
      Live.points.veil(this._map);
      this._map.style.opacity = String(Number(this.control("overlay").value) / 100);
      const name = (/** @type {number} */ query) => Live.words.query(source, step, query, threshold);
      this._says.textContent = weights ? Live.words.around(source, view, weights, name)
        : Live.words.points(source, view, layer, shown.points, name);
      this._error.textContent = Live.words.error(source.fileOf(view.mechanism, view.layer), sampled.placeError);
      this._drawMultiples(view);
    }

    /** @param {View | null} view  @param {ShippedLayer | null | undefined} layer  @param {Float32Array | null} weights */
    _drawMap(view, layer, weights) {
      const { source } = this, onPicture = view !== null && view.show !== "among";
      this._map.style.opacity = onPicture ? String(Number(this.control("overlay").value) / 100) : "0";
      if (!view || !layer || !weights) return;
      if (onPicture) Live.map.paint(this._map, weights, source, source.colours);
      const { threshold, step } = this._answer;
      const asked = view.kind === "cell" ? "" : Live.words.query(source, step, view.index, threshold);
      this._says.textContent = Live.words.map(source, view, layer, weights, asked);
      this._error.textContent = Live.words.error(source.fileOf(view.mechanism, view.layer), null);
      this._drawMultiples(view);
    }

    /** Draws the same in all layers and heads. @param {View} view */
    _drawMultiples(view) {
      if (!this._details.open || this.pointed || this.lit !== null) return; // not while the pointer moves
      const { source } = this, { width, height } = source.pictureSize;
      const [grid, aspect] = isOfQueries(view) ? [Live.map.squares(source.queryCount), 1] : [source, width / height];
      this._multiples.show(view, (canvas, layer, head) => {
        const one = { ...view, head }, weights = Live.look.weights(source, layer, one);
        if (weights) Live.map.paint(canvas, weights, grid, source.colours);
        else if ("places" in layer) Live.points.paint(canvas, Live.look.points(source, layer, one, []).points, source);
      }, aspect);
    }

    /** Draws boxes and buttons, and lights up what is about the same query.
     *  @param {View | null} view  @param {Float32Array | null} among */
    _drawBoxes(view, among) {
      const { threshold, step } = this._answer;
      const chosen = queryOf(view);
      const of = among && view ? [view.show, view.layer, view.head, view.level, view.index] : [];
      const drawn = [threshold, step, chosen, this.lit, this._cells.clientWidth, ...of].join();
      if (drawn !== this._drawn) this._drawQueries(chosen, among);
      this._drawn = drawn;
      Live.boxes.mark(this._svg, view?.kind === "cell" ? Live.look.frame(this.source, view, view.cellLevel) : null);
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
  }

  /** The query that a view is of. @param {View | null} view */
  const queryOf = (view) => view?.kind === "query" ? view.index : null;

  /** Whether weights are of queries, which lie nowhere. @param {View} view */
  const isOfQueries = ({ show }) => show === "among" || show === "around";

  /** Starts the explorers of a page. */
  async function start() {
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".explorer"))) {
      const source = await Live.shipped.open(place.dataset.index ?? "", place.dataset.name ?? "").catch(() => null);
      if (source) Live.explorers.push(new Explorer(place, source));
      else place.textContent = "The explorer's files could not be loaded.";
    }
    Live.marks.start();
  }

  Live.explorers = [];
  start();
})();
