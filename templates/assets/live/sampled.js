/* What queries and cells read by sampled attention. In: a layer of points, as shipped.js reads it.
   Out: the points of one of them, what their weights come to, and who reads near a place. It knows
   no page; generator/analysis/sampled.py and measures/points.py have the same in Python. */
"use strict";
(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** The first, and one after the last.
   *  @param {number | "all" | "mean"} one  @param {number} count  @returns {[number, number]} */
  const range = (one, count) => typeof one === "number" ? [one, one + 1] : [0, count];

  /**
   * The points that a query or cell reads; each head's weights have a sum of 1 over all levels.
   * @param {PointsLayer} layer  @param {number} index  @param {Head} head  @param {Level} level
   * @returns {ReadPoint[]}
   */
  function read(layer, index, head, level) {
    const { heads, levels, each, places, weights, inside } = layer;
    const [firstHead, endHead] = range(head, heads), [firstLevel, endLevel] = range(level, levels);
    const found = [];
    for (let h = firstHead; h < endHead; h++) {
      for (let l = firstLevel; l < endLevel; l++) {
        for (let i = 0, at = ((index * heads + h) * levels + l) * each; i < each; i++, at++) {
          found.push({
            x: places[2 * at], y: places[2 * at + 1], head: h, level: l, weight: weights[at],
            isInside: inside ? ((inside[at >> 3] >> (at & 7)) & 1) === 1 : null,
          });
        }
      }
    }
    return found;
  }

  /** The place that the points of a query or cell are set off from.
   *  @param {PointsLayer} layer  @param {number} index */
  function reference({ references }, index) {
    return { x: references[2 * index], y: references[2 * index + 1] };
  }

  /** How many heads are chosen. @param {PointsLayer} layer  @param {Head} head */
  const headsOf = ({ heads }, head) => head === "mean" ? heads : 1;

  /** @param {Spot} spot */
  const isOutside = ({ x, y }) => x < 0 || x > 1 || y < 0 || y > 1;

  /** The share of some points in all that their heads read, heads counted alike; and the shares of
   *  those in the query's box, and of those outside the picture.
   *  @param {ReadPoint[]} points  @param {number} heads  that they are of */
  function shares(points, heads) {
    let all = 0, inside = 0, outside = 0;
    for (const one of points) {
      const share = one.weight / heads;
      all += share;
      if (one.isInside) inside += share;
      if (isOutside(one)) outside += share;
    }
    return { all, inside, outside };
  }

  /** Whether a point lies in a circle. @param {Spot} spot  @param {Circle} circle */
  function isNear({ x, y }, { centre, radius, size }) {
    return Math.hypot((x - centre.x) * size.width, (y - centre.y) * size.height) <= radius;
  }

  /**
   * How much of what each query reads lies in a circle.
   * @param {PointsLayer} layer  @param {Head} head  @param {Level} level  @param {Circle} circle
   * @returns {Float32Array} (queryCount)
   */
  function around(layer, head, level, circle) {
    const heads = headsOf(layer, head);
    return Float32Array.from({ length: layer.queryCount }, (_, query) => {
      const near = read(layer, query, head, level).filter((one) => isNear(one, circle));
      return shares(near, heads).all;
    });
  }

  /** The row of a layer that a level's cell has, where levels before the first were left out.
   *  @param {Sampled} sampled  @param {number} level  @param {number} index */
  function token({ levels, firstLevel }, level, index) {
    const before = levels.slice(firstLevel, level);
    return before.reduce((sum, { width, height }) => sum + width * height, index);
  }

  Live.sampled = { read, reference, headsOf, isOutside, shares, isNear, around, token };
})();
