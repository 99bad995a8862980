/* Draws the points that sampled attention reads. In: points, and the colours of heads. Out: shapes over
   the picture or in a small canvas: the area is the weight, the colour the head, the shape the level;
   and a legend. */
"use strict";
(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  const SVG = "http://www.w3.org/2000/svg";
  /** The radius of a circle with all of a head's weight, in widths of the picture; as in the figures. */
  const LARGEST = 0.058;
  /** By level, the number of corners, and where the first one is; the template names them. */
  const SHAPES = [
    { corners: 32, turn: 0 }, { corners: 4, turn: Math.PI / 4 }, { corners: 3, turn: -Math.PI / 2 },
    { corners: 4, turn: 0 }, { corners: 3, turn: Math.PI / 2 },
  ];

  /** @param {number} level */
  const shapeOf = (level) => SHAPES[level % SHAPES.length];

  /** The corners of a level's shape that has the area of a circle.
   *  @param {number} level  @param {number} x  @param {number} y  @param {number} radius  of the circle
   *  @returns {[number, number][]} */
  function outline(level, x, y, radius) {
    const { corners, turn } = shapeOf(level), angle = 2 * Math.PI / corners;
    const reach = radius * Math.sqrt(angle / Math.sin(angle));
    return Array.from({ length: corners }, (_, i) =>
      [x + reach * Math.cos(turn + i * angle), y + reach * Math.sin(turn + i * angle)]);
  }

  /** Those that lie in the picture, with their corners; large ones first, so that none hides another.
   *  @param {ReadPoint[]} points  @param {number} width  @param {number} height  @param {number} largest  radius, in widths */
  function placed(points, width, height, largest) {
    return points.filter((one) => !Live.sampled.isOutside(one)).sort((a, b) => b.weight - a.weight)
      .map(({ x, y, weight, head, level }) => ({
        head, corners: outline(level, x * width, y * height, largest * width * Math.sqrt(weight)),
      }));
  }

  /** @param {string} name  @param {Record<string, string | number>} attributes */
  function element(name, attributes) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    return made;
  }

  /** A line, and a halo below it. @param {string} name  @param {Record<string, string | number>} attributes */
  const haloed = (name, attributes) =>
    [element(name, { "class": "live-halo", ...attributes }), element(name, attributes)];

  /** @param {[number, number][]} corners  @param {string} fill */
  const polygon = (corners, fill) => element("polygon", {
    points: corners.map((corner) => corner.map((side) => side.toFixed(2)).join()).join(" "), fill,
  });

  /**
   * Draws points in place of those before, with a cross where they are set off from, or the circle
   * that they lie in.
   * @param {SVGSVGElement} svg  @param {ShownPoints | null} shown  @param {string[]} colours  by head
   */
  function draw(svg, shown, colours) {
    svg.querySelector(".explorer-points")?.remove();
    if (!shown) return;
    const { clientWidth: width, clientHeight: height } = /** @type {HTMLElement} */ (svg.parentElement);
    const group = element("g", { "class": "explorer-points" });
    group.append(...placed(shown.points, width, height, LARGEST).map(({ corners, head }) => polygon(corners, colours[head])));
    if (shown.reference) {
      const x = shown.reference.x * width, y = shown.reference.y * height;
      group.append(...haloed("path", { d: `M${x - 8} ${y}h16M${x} ${y - 8}v16` }));
    }
    if (shown.circle) {
      const { centre, radius, size } = shown.circle;
      group.append(...haloed("circle", { cx: centre.x * width, cy: centre.y * height, r: radius * width / size.width }));
    }
    svg.append(group);
  }

  /** Draws points in a small canvas on white, twice as large.
   *  @param {HTMLCanvasElement} canvas  @param {ReadPoint[]} points  @param {ShippedSource} source */
  function paint(canvas, points, { sampled }) {
    const { width, height } = canvas, context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    veil(canvas);
    for (const { corners, head } of placed(points, width, height, 2 * LARGEST)) {
      context.fillStyle = /** @type {Sampled} */ (sampled).colours[head];
      context.beginPath();
      for (const [x, y] of corners) context.lineTo(x, y);
      context.fill();
    }
  }

  /** Paints all of a canvas white: over a picture, points are seen better. @param {HTMLCanvasElement} canvas */
  function veil(canvas) {
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
  }

  /** Draws the legend's shapes beside its words. @param {HTMLElement} place  @param {Sampled} sampled  @param {number} heads */
  function legend(place, { colours }, heads) {
    if (place.dataset.heads === String(heads)) return;
    place.dataset.heads = String(heads);
    for (const one of /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll("li"))) {
      const { head, level } = one.dataset;
      one.hidden = head !== undefined && Number(head) >= heads;
      const fill = head === undefined ? "currentColor" : colours[Number(head)];
      one.querySelector("svg")?.replaceChildren(polygon(outline(Number(level ?? 0), 8, 8, 5), fill));
    }
  }

  Live.points = { outline, draw, paint, veil, legend };
})();
