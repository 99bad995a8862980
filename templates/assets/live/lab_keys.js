/* What keys do in the picture of the lab: to a thing that has the focus, and to the cells. */
"use strict";

/**
 * @typedef {Object} LiveKeys
 * @property {(lab: Lab, event: KeyboardEvent, number: number) => void} thing
 * @property {(lab: Lab, event: KeyboardEvent) => void} cell
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  const STEP = 0.01,
    LARGE_STEP = 0.05,
    GROW = 1.06,
    TURN = 5;

  /** @param {Lab} lab @param {KeyboardEvent} event @param {number} number */
  function thing(lab, event, number) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const one = lab.scene.things[number],
      step = event.shiftKey ? LARGE_STEP : STEP;
    /** @type {Record<string, Partial<Thing>>} */
    const changes = {
      ArrowLeft: { x: one.x - step },
      ArrowRight: { x: one.x + step },
      ArrowUp: { y: one.y - step },
      ArrowDown: { y: one.y + step },
      "+": { size: one.size * GROW },
      "=": { size: one.size * GROW },
      "-": { size: one.size / GROW },
      "[": { turn: one.turn - TURN },
      "]": { turn: one.turn + TURN },
      f: { flip: !one.flip },
    };
    if (changes[event.key]) lab.change(number, changes[event.key], `key ${event.key} ${number}`);
    else if (event.key === "Delete" || event.key === "Backspace") lab.remove(number);
    else if (event.key === "PageUp" || event.key === "PageDown")
      lab.reorder(number, number + (event.key === "PageUp" ? 1 : -1));
    else if (event.key === "Enter") lab.follow(number);
    else return;
    event.preventDefault();
  }

  /** @param {Lab} lab @param {KeyboardEvent} event */
  function cell(lab, event) {
    const [down, right] = /** @type {Record<string, number[]>} */ ({
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
    })[event.key] ?? [0, 0];
    if (event.key === " " && lab.view.brush && lab.view.cell !== null) {
      lab.switchCell(lab.view.cell, !lab.view.off.has(`cell.${lab.view.cell}`));
    } else if (down || right) lab.stepCell(down, right);
    else return;
    event.preventDefault();
  }

  Live.keys = { thing, cell };
})();
