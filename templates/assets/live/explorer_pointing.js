/* Mouse, finger and keys over the picture. In: their events. Out: the cell, place or query that they choose or
   point at, told to the explorer. */
"use strict";
(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** By key, the step down and to the right. @type {Record<string, [number, number]>} */
  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  /** @param {number} value  @param {number} count */
  const within = (value, count) => Math.min(count - 1, Math.max(0, value));

  /**
   * The cell, place or query that the arrow keys lead to.
   * @param {ImageExplorer} explorer  @param {[number, number]} step  @returns {Subject}
   */
  function next(explorer, [down, right]) {
    const { source: { queryCount }, subject, kind } = explorer;
    if (kind === "query") {
      const index = subject?.kind === "query" ? subject.index + down + right : 0;
      return { kind, index: (index + queryCount) % queryCount };
    }
    const { edgesX, edgesY } = explorer.edgesOf(kind), width = edgesX.length - 1, height = edgesY.length - 1;
    if (subject?.kind !== kind) {
      return { kind, index: Math.floor(height / 2) * width + Math.floor(width / 2) };
    }
    const row = within(Math.floor(subject.index / width) + down, height);
    return { kind, index: row * width + within(subject.index % width + right, width) };
  }

  /** Tells of each event whether the pointer moved: browsers also tell of one that rests while the page moves.
   *  @returns {(event: MouseEvent) => boolean} */
  function watchMoves() {
    let last = "";
    return ({ screenX, screenY }) => {
      const before = last;
      last = `${screenX} ${screenY}`;
      return last !== before;
    };
  }

  /** Tells an explorer what happens over its picture. @param {ImageExplorer} explorer  @param {HTMLElement} cells */
  function listen(explorer, cells) {
    /** What lies below the pointer; a query only by its frame, while cells are chosen.
     *  @param {MouseEvent} event */
    function below({ offsetX, offsetY }) {
      const size = { width: cells.clientWidth, height: cells.clientHeight }, kind = explorer.cellKind;
      const boxes = explorer.shown().filter((one) => one.kind !== "seen");
      const query = Live.boxes.at(boxes, offsetX, offsetY, size, explorer.kind !== "query");
      return {
        cell: kind && /** @type {Subject} */ ({
          kind, index: Live.map.cellAt(explorer.edgesOf(kind), offsetX / size.width, offsetY / size.height),
        }),
        query: query === null ? null : /** @type {Subject} */ ({ kind: "query", index: query }),
      };
    }

    const isMoved = watchMoves();
    cells.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch" || !isMoved(event)) return; // a tap chooses
      const { cell, query } = below(event);
      explorer.point(explorer.kind === "query" ? query : cell, query?.index ?? null);
    });
    cells.addEventListener("pointerleave", () => explorer.point(null, null));
    /** Whether a finger touched the picture last: it cannot mean a frame beside a cell. */
    let isTouch = false;
    cells.addEventListener("pointerdown", (event) => { isTouch = event.pointerType === "touch"; });
    cells.addEventListener("click", (event) => {
      const { cell, query } = below(event);
      explorer.choose(isTouch && explorer.kind !== "query" ? cell : query ?? cell);
    });
    cells.addEventListener("keydown", (event) => {
      if (!(event.key in STEPS)) return;
      event.preventDefault();
      explorer.point(null, null);
      explorer.choose(next(explorer, STEPS[event.key]));
    });
  }

  Live.pointing = { listen, watchMoves };
})();
