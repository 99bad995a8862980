/* A scene as pixels, composed as generator/figures/lab/compose.py composes it.

   A canvas could do this, but each browser in its own way; so that what a reader sees is what the
   model is
   given, and what Python gave it when an experiment's answer was written, it is done here. */
"use strict";

/**
 * Pixels of a thing: red, green and blue times opacity, opacity; (height * width, 4), 0 to 1.
 * @typedef {{width: number, height: number, data: Float32Array}} Sprite
 *
 * x0, y0, x1, y1 in pixels of the picture.
 * @typedef {[number, number, number, number]} Box
 *
 * @typedef {Object} Composed
 * @property {Picture} picture  four numbers a pixel, opaque
 * @property {Box[]} boxes      tight around each whole thing, cut at the border
 * @property {number[]} visible share of each thing that is in the picture and not covered
 *
 * @typedef {Object} LiveCompose
 * @property {(picture: Picture) => Sprite} sprite  from red, green, blue and opacity, cropped
 * @property {(sprite: Sprite, thing: Thing, shortSide: number) => Sprite} transform
 * @property {(things: Thing[], sprites: Record<string, Sprite>, canvas: Canvas3) => Composed}
 *   compose
 *   over a background, which stays as it is
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** @param {Picture} picture @returns {Sprite} */
  function sprite({ width, height, data }) {
    let left = width,
      right = -1,
      top = height,
      bottom = -1;
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        if (!data[(row * width + column) * 4 + 3]) continue;
        left = Math.min(left, column);
        right = Math.max(right, column);
        top = Math.min(top, row);
        bottom = Math.max(bottom, row);
      }
    }
    const cropped = blank(Math.max(right - left + 1, 1), Math.max(bottom - top + 1, 1));
    for (let row = top, to = 0; row <= bottom; row++) {
      for (let column = left; column <= right; column++, to += 4) {
        const from = (row * width + column) * 4,
          opacity = data[from + 3] / 255;
        for (let c = 0; c < 3; c++) cropped.data[to + c] = (data[from + c] / 255) * opacity;
        cropped.data[to + 3] = opacity;
      }
    }
    return cropped;
  }

  /** @param {number} width @param {number} height @returns {Sprite} */
  function blank(width, height) {
    return { width, height, data: new Float32Array(width * height * 4) };
  }

  /** @param {Sprite} sprite @param {Thing} thing @param {number} shortSide @returns {Sprite} */
  function transform(sprite, thing, shortSide) {
    const w = sprite.width,
      h = sprite.height;
    const scale = (thing.size * shortSide) / Math.max(w, h);
    let factor = 1;
    // Averages before it skips pixels.
    for (; scale * factor < 0.5; factor *= 2) sprite = halved(sprite);
    const angle = (thing.turn * Math.PI) / 180,
      cos = Math.cos(angle),
      sin = Math.sin(angle);
    const placed = blank(
      Math.ceil(scale * (Math.abs(w * cos) + Math.abs(h * sin))) + 2,
      Math.ceil(scale * (Math.abs(w * sin) + Math.abs(h * cos))) + 2
    );
    for (let row = 0, to = 0; row < placed.height; row++) {
      const dy = (row + 0.5 - placed.height / 2) / scale;
      for (let column = 0; column < placed.width; column++, to += 4) {
        const dx = (column + 0.5 - placed.width / 2) / scale;
        let u = dx * cos + dy * sin + w / 2;
        const v = dy * cos - dx * sin + h / 2;
        if (thing.flip) u = w - u;
        sample(sprite, u / factor - 0.5, v / factor - 0.5, placed.data, to);
      }
    }
    return placed;
  }

  /**
   * The means of two by two pixels; beyond the edge everything is transparent.
   * @param {Sprite} sprite
   */
  function halved({ width, height, data }) {
    const half = blank(Math.ceil(width / 2), Math.ceil(height / 2));
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const from = (row * width + column) * 4;
        const to = ((row >> 1) * half.width + (column >> 1)) * 4;
        for (let c = 0; c < 4; c++) half.data[to + c] += data[from + c] / 4;
      }
    }
    return half;
  }

  /**
   * A bilinear sample at column u and row v.
   * @param {Sprite} sprite @param {number} u @param {number} v @param {Float32Array} to @param
   *   {number} at
   */
  function sample({ width, height, data }, u, v, to, at) {
    const left = Math.floor(u),
      top = Math.floor(v);
    if (left < -1 || left >= width || top < -1 || top >= height) return;
    for (let row = top; row <= top + 1; row++) {
      if (row < 0 || row >= height) continue;
      const down = row === top ? 1 - (v - top) : v - top;
      for (let column = left; column <= left + 1; column++) {
        if (column < 0 || column >= width) continue;
        const share = down * (column === left ? 1 - (u - left) : u - left);
        const from = (row * width + column) * 4;
        for (let c = 0; c < 4; c++) to[at + c] += data[from + c] * share;
      }
    }
  }

  /**
   * Turned and scaled sprites are kept: a thing that is dragged stays the same.
   * @type {Map<string, Sprite>}
   */
  const kept = new Map();

  /** @param {Thing} thing @param {Record<string, Sprite>} sprites @param {number} shortSide */
  function transformed(thing, sprites, shortSide) {
    const key = [thing.sprite, thing.size, thing.turn, thing.flip, shortSide].join(" ");
    const found = kept.get(key) || transform(sprites[thing.sprite], thing, shortSide);
    kept.delete(key);
    kept.set(key, found); // the last one used is the last one to go
    if (kept.size > 60) kept.delete(/** @type {string} */ (kept.keys().next().value));
    return found;
  }

  /**
   * @param {Thing[]} things @param {Record<string, Sprite>} sprites @param {Canvas3} canvas
   * @returns {Composed}
   */
  function compose(things, sprites, { width, height, data }) {
    const { colours, owner } = workspace(width * height);
    colours.set(data);
    owner.fill(-1);
    /** Where something was painted: the rest is the background's, and known. @type {Box} */
    const touched = [width, height, 0, 0];
    /** @type {Box[]} */
    const boxes = [];
    const areas = things.map((thing, number) => {
      const placed = transformed(thing, sprites, Math.min(width, height));
      const top = Math.round(thing.y * height - placed.height / 2);
      const left = Math.round(thing.x * width - placed.width / 2);
      const { box, area } = paint(colours, owner, { width, height }, placed, top, left, number);
      touched[0] = Math.min(touched[0], Math.max(left, 0));
      touched[1] = Math.min(touched[1], Math.max(top, 0));
      touched[2] = Math.max(touched[2], Math.min(left + placed.width, width));
      touched[3] = Math.max(touched[3], Math.min(top + placed.height, height));
      boxes.push(box);
      return area;
    });
    const shown = areas.map(() => 0),
      pixels = groundOf(data, width * height).slice();
    const [x0, y0, x1, y1] = touched;
    for (let y = y0; y < y1; y++) {
      for (let pixel = y * width + x0; pixel < y * width + x1; pixel++) {
        if (owner[pixel] >= 0) shown[owner[pixel]]++;
        toBytes(colours, pixels, pixel);
      }
    }
    const visible = areas.map((area, number) => shown[number] / Math.max(area, 1));
    return { picture: { width, height, data: pixels }, boxes, visible };
  }

  /** What a scene is painted in, and which thing each pixel shows. */
  let work = { colours: new Float32Array(0), owner: new Int16Array(0) };

  /** The same memory for every scene of a size. @param {number} count of pixels */
  function workspace(count) {
    if (work.owner.length !== count) {
      work = { colours: new Float32Array(count * 3), owner: new Int16Array(count) };
    }
    return work;
  }

  /** @param {Float32Array} colours @param {Uint8ClampedArray} pixels @param {number} pixel */
  function toBytes(colours, pixels, pixel) {
    const from = pixel * 3,
      to = pixel * 4;
    pixels[to] = Math.floor(colours[from] * 255 + 0.5);
    pixels[to + 1] = Math.floor(colours[from + 1] * 255 + 0.5);
    pixels[to + 2] = Math.floor(colours[from + 2] * 255 + 0.5);
  }

  /** The pixels of backgrounds, made once. @type {WeakMap<Float32Array, Uint8ClampedArray>} */
  const grounds = new WeakMap();

  /** @param {Float32Array} data @param {number} count */
  function groundOf(data, count) {
    let pixels = grounds.get(data);
    if (!pixels) {
      pixels = new Uint8ClampedArray(count * 4).fill(255);
      for (let pixel = 0; pixel < count; pixel++) toBytes(data, pixels, pixel);
      grounds.set(data, pixels);
    }
    return pixels;
  }

  /**
   * Paints a sprite in place; returns its box and how many of its pixels are opaque.
   * @param {Float32Array} colours @param {Int16Array} owner @param {Size} size
   * @param {Sprite} placed @param {number} top @param {number} left @param {number} number
   * @returns {{box: Box, area: number}}
   */
  function paint(colours, owner, { width, height }, placed, top, left, number) {
    let area = 0,
      x0 = width,
      y0 = height,
      x1 = 0,
      y1 = 0;
    for (let row = 0, from = 0; row < placed.height; row++) {
      for (let column = 0; column < placed.width; column++, from += 4) {
        const opacity = placed.data[from + 3],
          x = left + column,
          y = top + row;
        if (opacity > 0.5) area++;
        if (!opacity || x < 0 || x >= width || y < 0 || y >= height) continue;
        const at = (y * width + x) * 3;
        for (let c = 0; c < 3; c++) {
          colours[at + c] = colours[at + c] * (1 - opacity) + placed.data[from + c];
        }
        if (opacity <= 0.5) continue;
        owner[y * width + x] = number;
        x0 = Math.min(x0, x);
        y0 = Math.min(y0, y);
        x1 = Math.max(x1, x + 1);
        y1 = Math.max(y1, y + 1);
      }
    }
    return { box: x1 ? [x0, y0, x1, y1] : [0, 0, 0, 0], area };
  }

  Live.compose = { sprite, transform, compose };
})();
