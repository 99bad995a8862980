/* What the model answered: the followed thing and its query, and all queries above the threshold,
   each
   with the map of its cross-attention. */
"use strict";

/**
 * @typedef {Object} LiveAnswers
 * @property {(lab: Lab) => {followed: HTMLElement, list: HTMLElement, update: () => void}} make
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});
  const MOST = 20;

  /** @param {Lab} lab */
  function make(lab) {
    const { el } = Live.dom;
    const followed = el("p", { class: "lab-followed", "aria-live": "polite" });
    const list = el("div", {
      class: "lab-answers",
      role: "group",
      "aria-label": "Queries above the threshold",
    });
    /** @type {Entry[]} */
    const entries = [];

    function update() {
      followed.replaceChildren(...story(lab));
      const { result } = lab,
        kept = lab.kept().slice(0, MOST);
      while (entries.length > kept.length) /** @type {Entry} */ (entries.pop()).root.remove();
      kept.forEach((one, place) => {
        const entry = entries[place] ?? entryOf(lab, entries, list);
        entry.query = one.query;
        entry.root.style.setProperty("--colour", lab.colourOf(one.query));
        entry.root.setAttribute("aria-pressed", String(one.query === lab.view.query));
        entry.words.textContent = `${one.query} ${one.label} ${one.score.toFixed(2)}`;
        if (result) {
          const layer = result.source.layer("decoder_cross", lab.view.layers.decoder_cross);
          Live.overlay.paint(
            entry.map,
            Live.attention.row(layer, lab.view.head, one.query),
            result.source,
            lab,
            110
          );
        }
      });
      if (!kept.length) list.dataset.empty = result ? "No query is above the threshold." : "";
      else delete list.dataset.empty;
    }
    return { followed, list, update };
  }

  /**
   * @typedef {{root: HTMLButtonElement, map: HTMLCanvasElement, words: HTMLElement, query: number}}
   *   Entry
   */

  /** @param {Lab} lab @param {Entry[]} entries @param {HTMLElement} list @returns {Entry} */
  function entryOf(lab, entries, list) {
    const { el } = Live.dom;
    const map = el("canvas", { "aria-hidden": "true" }),
      words = el("span", {});
    const root = el(
      "button",
      {
        type: "button",
        class: "lab-answer",
        onclick: () => lab.chooseQuery(entry.query),
        onpointerenter: () => lab.lightQuery(entry.query),
        onpointerleave: () => lab.lightQuery(null),
      },
      map,
      words
    );
    const entry = { root, map, words, query: -1 };
    entries.push(entry);
    list.append(root);
    return entry;
  }

  /** What became of the followed thing, in words. @param {Lab} lab @returns {Node[]} */
  function story(lab) {
    const { el } = Live.dom,
      { result } = lab,
      follow = result?.scene.follow ?? -1;
    if (!result) return [document.createTextNode("The model has not been run yet.")];
    const thing = result.scene.things[follow];
    if (!thing)
      return [
        document.createTextNode(
          "Nothing is followed: choose a thing and press \u201cFollow it\u201d."
        ),
      ];
    const { label } = lab.data.sprites[thing.sprite],
      answer = lab.answer();
    const parts = [el("strong", {}, `The ${label} that is followed: `)];
    if (!answer) return [...parts, document.createTextNode("no query's box touches it.")];
    const kept = answer.score > lab.view.threshold;
    const changes = lab.track.changes;
    parts.push(
      el(
        "span",
        { class: "lab-query", style: `--colour: ${lab.colourOf(answer.query)}` },
        `query ${answer.query}`
      )
    );
    const words =
      ` says ${answer.label}, ${answer.score.toFixed(2)}${kept ? "" : ", below the threshold"}; ` +
      `IoU ${answer.iou.toFixed(2)}; ` +
      `${Math.round(result.visible[follow] * 100)} % of it can be seen. `;
    const times = changes === 1 ? "once" : `${changes} times`;
    const history =
      changes === 0
        ? "No other query has answered for it so far."
        : `Another query answers than before: that happened ${times} on the way.`;
    return [...parts, document.createTextNode(words + history)];
  }

  Live.answers = { make };
})();
