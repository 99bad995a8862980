/* What lies over the picture of the lab: boxes, a map, cells that are hidden. */
"use strict";

/**
 * @typedef {Object} LiveOverlay
 * @property {(stage: {map: HTMLCanvasElement, boxes: SVGSVGElement, root: HTMLElement}, lab: Lab)
 *   => void} draw
 * @property {(canvas: HTMLCanvasElement, weights: Float32Array, source: Source, lab: Lab, most:
 *   number) => void} paint
 *   at most so many pixels wide
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /**
   * @param {{map: HTMLCanvasElement, boxes: SVGSVGElement, root: HTMLElement}} stage
   * @param {Lab} lab
   */
  function draw(stage, lab) {
    const weights = lab.mapShown(),
      { result, view } = lab;
    stage.map.style.opacity = weights ? String(view.strength / 100) : "0";
    if (weights && result) paint(stage.map, weights, result.source, lab, 320);
    stage.boxes.replaceChildren(...hidden(stage, lab), ...cell(stage, lab), ...boxes(stage, lab));
  }

  /**
   * @param {HTMLCanvasElement} canvas @param {Float32Array} weights @param {Source} source
   * @param {Lab} lab @param {number} most
   */
  function paint(canvas, weights, source, lab, most) {
    const { width, height } = lab.size,
      scale = Math.min(1, most / width);
    const across = Math.round(width * scale),
      down = Math.round(height * scale);
    if (canvas.width !== across) canvas.width = across;
    if (canvas.height !== down) canvas.height = down;
    Live.map.paint(canvas, weights, Live.follow.edges(source), lab.colours);
  }

  /**
   * Pixels of the screen for one of the picture.
   * @param {{root: HTMLElement, boxes: SVGSVGElement}} stage @param {Lab} lab
   */
  function scaleOf({ root, boxes }, lab) {
    const width = root.clientWidth || lab.size.width,
      height = (width * lab.size.height) / lab.size.width;
    boxes.setAttribute("viewBox", `0 0 ${width} ${height}`);
    return { width, height, scale: width / lab.size.width };
  }

  /**
   * The boxes of the queries above the threshold, and that of the one that is asked for.
   * @param {any} stage @param {Lab} lab
   */
  function boxes(stage, lab) {
    const { width, height, scale } = scaleOf(stage, lab),
      chosen = lab.queryShown();
    return lab.boxesShown().map((one) => {
      const [x0, y0, x1, y1] = one.box.map((side, i) =>
        Math.min(Math.max(side * scale, 1), (i % 2 ? height : width) - 1)
      );
      const group = Live.dom.svg("g", {
        class: `lab-box${one.query === chosen ? " is-chosen" : ""}${one.kept ? "" : " is-below"}`,
        style: `--colour: ${lab.colourOf(one.query)}`,
      });
      const frame = { x: x0, y: y0, width: Math.max(x1 - x0, 0), height: Math.max(y1 - y0, 0) };
      group.append(
        Live.dom.svg("rect", { class: "lab-halo", ...frame }),
        Live.dom.svg("rect", frame)
      );
      const text = `${one.label} ${percent(one.score)} (${one.query})`;
      const x = Math.min(x0 + 3, Math.max(width - 7 * text.length, 2));
      group.append(
        Live.dom.svg("text", { x, y: y0 > 16 ? y0 - 4 : Math.min(y1 + 13, height - 4) }, text)
      );
      return group;
    });
  }

  /** @param {number} score */
  function percent(score) {
    return `${Math.floor(score * 100)} %`;
  }

  /** The cells that queries may not look at. @param {any} stage @param {Lab} lab */
  function hidden(stage, lab) {
    return [...lab.view.off]
      .filter((name) => name.startsWith("cell."))
      .map((name) => frameOf(Number(name.slice(5)), "lab-hidden", stage, lab))
      .filter((one) => one !== null);
  }

  /** The cell that is pointed at. @param {any} stage @param {Lab} lab */
  function cell(stage, lab) {
    const shown = lab.cellShown();
    const frame = shown === null ? null : frameOf(shown, "lab-cell", stage, lab);
    return frame ? [frame] : [];
  }

  /** @param {number} number @param {string} name @param {any} stage @param {Lab} lab */
  function frameOf(number, name, stage, lab) {
    const source = lab.result?.source;
    if (!source || number >= source.grid.width * source.grid.height) return null;
    const { edgesX, edgesY } = Live.follow.edges(source),
      { width, height } = scaleOf(stage, lab);
    const row = Math.floor(number / source.grid.width),
      column = number % source.grid.width;
    return Live.dom.svg("rect", {
      class: name,
      x: edgesX[column] * width,
      y: edgesY[row] * height,
      width: (edgesX[column + 1] - edgesX[column]) * width,
      height: (edgesY[row + 1] - edgesY[row]) * height,
    });
  }

  Live.overlay = { draw, paint };
})();
