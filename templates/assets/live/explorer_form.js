/* What the explorer's form offers: layers, heads, and what goes with what is chosen. In: the form of
   templates/explorer.html.j2 and a source. Out: lists are filled, and fields hidden or shown. */
"use strict";
(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** Fills a list, if it is to hold something else. @param {HTMLSelectElement} select  @param {string[][]} options  @param {string} value */
  function fill(select, options, value) {
    const before = Array.from(select.options, (one) => one.value + one.text).join();
    if (before !== options.map(([key, text]) => key + text).join()) {
      select.replaceChildren(...options.map(([key, text]) => new Option(text, key)));
    }
    select.value = value;
  }

  /**
   * Offers the layers and heads that there are, and the fields that are for what is looked at.
   * @param {HTMLFormElement} form  @param {ShippedSource} source
   * @param {Kind} kind  @param {string} mechanism  @param {number} layer  the chosen one
   */
  function offer(form, source, kind, mechanism, layer) {
    const isSampled = mechanism.endsWith("_points");
    for (const one of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-for]"))) {
      one.hidden = one.dataset.for === "points" ? !isSampled : one.dataset.for !== kind;
    }
    const control = (/** @type {string} */ name) => /** @type {HTMLSelectElement} */ (form.elements.namedItem(name));
    const of = source.layerCount(mechanism), count = source.headCount(mechanism);
    fill(control("layer"), source.layersOf(mechanism).map((one) => [String(one), `${one + 1} of ${of}`]), String(layer));
    const chosen = control("head").value || "mean";
    const heads = Array.from({ length: count }, (_, one) => [String(one), `head ${one + 1}`]);
    const all = isSampled ? "all heads" : "mean of all";
    fill(control("head"), [["mean", all], ...heads], Number(chosen) >= count ? "mean" : chosen);
  }

  Live.form = { offer };
})();
