/* Whatever on a page is about one query of an image: rows of tables, and what `query` wrote into the
   text. In: links that bear a query and an image. Out: they and their explorer light up together, and
   a click chooses the query there. */
"use strict";
(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** @typedef {{row: Element, query: number, image: string}} Mark */
  /** @type {Mark[]} */
  let marks = [];

  /** Lights up what is about a query of an image, and nothing else of it.
   *  @param {string} image  @param {number | null} query */
  function light(image, query) {
    for (const one of marks) {
      if (one.image === image) one.row.classList.toggle("is-lit", one.query === query);
    }
  }

  /** @param {HTMLElement} link  @param {ImageExplorer} explorer */
  function connect(link, explorer) {
    const query = Number(link.dataset.query);
    const row = link.closest("tr") ?? link;
    marks.push({ row, query, image: explorer.image });
    row.classList.add("query-row");
    const choose = (/** @type {Event} */ event) => {
      event.preventDefault();
      event.stopPropagation();
      explorer.choose({ kind: "query", index: query });
      show(explorer.place);
    };
    row.addEventListener("click", choose);
    row.addEventListener("pointerenter", () => explorer.light(query));
    row.addEventListener("pointerleave", () => explorer.light(null));
    link.addEventListener("focus", () => explorer.light(query));
    link.addEventListener("blur", () => explorer.light(null));
  }

  /** Brings an explorer into sight, unless half of its picture is. @param {HTMLElement} place */
  function show(place) {
    const stage = /** @type {HTMLElement} */ (place.querySelector(".explorer-stage"));
    const { top, bottom } = stage.getBoundingClientRect(), middle = (top + bottom) / 2;
    if (middle < 0 || middle > innerHeight) stage.scrollIntoView({ block: "center" });
  }

  /** Chooses the query that the page's address ends in. */
  function follow() {
    const [, query] = /^#query-(\d+)$/.exec(location.hash) ?? [];
    const [explorer] = Live.explorers;
    if (query === undefined || !explorer || Number(query) >= explorer.source.queryCount) return;
    explorer.choose({ kind: "query", index: Number(query) });
    show(explorer.place);
  }

  /** Connects the links of a page with its explorers. */
  function start() {
    marks = [];
    for (const link of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("a.query"))) {
      const own = Live.explorers.find((one) => one.image === link.dataset.image);
      if (own) connect(link, own);
    }
    addEventListener("hashchange", follow);
    follow();
  }

  Live.marks = { start, light };
})();
