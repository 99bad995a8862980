/* The boxes of queries over the picture, as SVG. In: queries with their boxes and colours. Out:
   elements, and which query's box lies at a point. */
"use strict";
(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  const SVG = "http://www.w3.org/2000/svg";
  /** CSS pixels from a frame in which a click is on it. */
  const REACH = 3;

  /** @param {string} name  @param {Record<string, string | number>} attributes */
  function element(name, attributes) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    return made;
  }

  /** The frame of a part of the picture, twice: a halo below a line.
   *  @param {number[]} box  fractions  @param {number} width  @param {number} height */
  function framed(box, width, height) {
    const [x0, y0, x1, y1] = box.map((side, i) => Math.min(1, Math.max(0, side)) * (i % 2 ? height : width));
    const frame = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
    return { x0, y0, rects: [element("rect", { "class": "live-halo", ...frame }), element("rect", frame)] };
  }

  /**
   * Draws boxes in place of those before; the one of `lit` stands out.
   * @param {SVGSVGElement} svg  @param {ShownBox[]} shown  @param {number | null} lit
   */
  function draw(svg, shown, lit) {
    const { clientWidth: width, clientHeight: height } = /** @type {HTMLElement} */ (svg.parentElement);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.replaceChildren(...shown.map((one) => {
      const { x0, y0, rects } = framed(one.box, width, height);
      const group = element("g", {
        "class": `live-box is-${one.kind}${one.query === lit ? " is-lit" : ""}`,
        "data-query": one.query, opacity: one.opacity, style: `--colour: ${one.colour}`,
      });
      group.append(...rects);
      const text = element("text", { x: x0 + 3, y: Math.max(y0 - 4, 12) });
      text.textContent = one.label;
      group.append(text);
      return group;
    }));
  }

  /**
   * Marks a cell, and no other.
   * @param {SVGSVGElement} svg  @param {number[] | null} cell  its footprint, as a box
   */
  function mark(svg, cell) {
    const { clientWidth: width, clientHeight: height } = /** @type {HTMLElement} */ (svg.parentElement);
    svg.querySelector(".explorer-cell")?.remove();
    if (!cell) return;
    const made = element("g", { "class": "explorer-cell" });
    made.append(...framed(cell, width, height).rects);
    svg.append(made);
  }

  /**
   * The query whose box is at a point: one whose frame is near, or the smallest one around it.
   * @param {ShownBox[]} shown  @param {number} x  @param {number} y  CSS pixels
   * @param {{width: number, height: number}} size  of the picture, in CSS pixels
   * @param {boolean} onlyFrames
   * @returns {number | null}
   */
  function at(shown, x, y, { width, height }, onlyFrames) {
    let found = null, least = Infinity;
    for (const { query, box } of shown) {
      const [x0, y0, x1, y1] = [box[0] * width, box[1] * height, box[2] * width, box[3] * height];
      const inside = Math.min(x - x0, x1 - x, y - y0, y1 - y); // below 0 outside
      const area = (x1 - x0) * (y1 - y0);
      if (inside > -REACH && (!onlyFrames || inside < REACH) && area < least) {
        found = query;
        least = area;
      }
    }
    return found;
  }

  Live.boxes = { draw, mark, at };
})();
