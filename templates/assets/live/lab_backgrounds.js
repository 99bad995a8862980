/* The lab's backgrounds: the kinds that the embedded model was trained before.

   The same formulas as in generator/figures/lab/backgrounds.py, in the same order, so that a
   prepared
   scene has the same pixels here as on paper. */
"use strict";

/**
 * Colours of pixels, row by row: (height * width, 3), 0 to 1.
 * @typedef {{width: number, height: number, data: Float32Array}} Canvas3
 *
 * @typedef {Object} LiveBackgrounds
 * @property {string[]} kinds  their names
 * @property {(kind: string, seed: number, size: Size) => Canvas3} draw
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** Random numbers that Python can draw, too: xorshift with 32 bits (Marsaglia 2003). */
  class Lots {
    /** @param {number} seed */
    constructor(seed) {
      this.state = Math.imul(seed + 1, 2654435769) >>> 0 || 1; // seeds far from one another
      for (let i = 0; i < 8; i++) this.between(0, 1);
    }

    /** The next number, even between two others. @param {number} low @param {number} high */
    between(low, high) {
      let state = this.state;
      state = (state ^ (state << 13)) >>> 0;
      state = (state ^ (state >>> 17)) >>> 0;
      state = (state ^ (state << 5)) >>> 0;
      this.state = state;
      return low + (high - low) * (state / 4294967296);
    }

    next() {
      return this.between(0, 1);
    }

    /** A number about 0, more or less normal: the sum of three. @param {number} deviation */
    about(deviation) {
      return (this.next() + this.next() + this.next() - 1.5) * 2 * deviation;
    }

    /** A whole number, `high` not among them. @param {number} low @param {number} high */
    whole(low, high) {
      return low + Math.trunc(this.next() * (high - low));
    }

    /** A colour, rather pale than dark, rather grey than loud. */
    colour() {
      const base = this.between(0.15, 1);
      return [0, 1, 2].map(() => clip(base + this.about(0.15)));
    }
  }

  /** @param {number} value */
  function clip(value, low = 0, high = 1) {
    return Math.min(Math.max(value, low), high);
  }

  /**
   * A canvas, filled by a function of each pixel's middle: shares of width and height, 0 to 1.
   * @param {Size} size
   * @param {(x: number, y: number, to: Float32Array, at: number) => void} fill
   * @returns {Canvas3}
   */
  function filled({ width, height }, fill) {
    const data = new Float32Array(width * height * 3);
    for (let row = 0, at = 0; row < height; row++) {
      for (let column = 0; column < width; column++, at += 3) {
        fill((column + 0.5) / width, (row + 0.5) / height, data, at);
      }
    }
    return { width, height, data };
  }

  /**
   * From one colour to another by the share of the second.
   * @param {number[]} first @param {number[]} second @param {number} t
   * @param {Float32Array} to @param {number} at
   */
  function mix(first, second, t, to, at) {
    for (let c = 0; c < 3; c++) to[at + c] = (1 - t) * first[c] + t * second[c];
  }

  /**
   * Lays a colour over a pixel.
   * @param {number[]} colour @param {number} cover @param {Float32Array} to @param {number} at
   */
  function cover(colour, cover, to, at) {
    for (let c = 0; c < 3; c++) to[at + c] = to[at + c] * (1 - cover) + colour[c] * cover;
  }

  /**
   * Adds random numbers at the corners of cells, eased in between.
   * @param {Lots} lots @param {Canvas3} canvas @param {number} cells @param {number} channels
   * @param {number} strength
   */
  function addNoise(lots, canvas, cells, channels, strength) {
    const side = cells + 1;
    const grid = Array.from({ length: side * side * channels }, () => lots.between(-1, 1));
    const { width, height, data } = canvas;
    for (let row = 0, at = 0; row < height; row++) {
      const y = ((row + 0.5) / height) * cells,
        top = Math.floor(y),
        v = ease(y - top);
      for (let column = 0; column < width; column++, at += 3) {
        const x = ((column + 0.5) / width) * cells,
          left = Math.floor(x),
          u = ease(x - left);
        for (let c = 0; c < 3; c++) {
          const channel = channels === 3 ? c : 0;
          const corner = (top * side + left) * channels + channel;
          const under = corner + side * channels;
          const above = grid[corner] * (1 - u) + grid[corner + channels] * u;
          const below = grid[under] * (1 - u) + grid[under + channels] * u;
          data[at + c] += (above * (1 - v) + below * v) * strength;
        }
      }
    }
  }

  /** @param {number} t */
  function ease(t) {
    return t * t * (3 - 2 * t);
  }

  /** @param {Lots} lots @param {Size} size */
  function flat(lots, size) {
    const colour = lots.colour();
    return filled(size, (_x, _y, to, at) => mix(colour, colour, 0, to, at));
  }

  /** @param {Lots} lots @param {Size} size */
  function gradient(lots, size) {
    const angle = lots.between(0, 2 * Math.PI);
    const first = lots.colour(),
      second = lots.colour();
    const cos = Math.cos(angle),
      sin = Math.sin(angle);
    return filled(size, (x, y, to, at) => {
      mix(first, second, clip((x - 0.5) * cos + (y - 0.5) * sin + 0.5), to, at);
    });
  }

  /** @param {Lots} lots @param {Size} size */
  function clouds(lots, size) {
    const canvas = flat(lots, size);
    for (const [cells, strength] of [
      [4, 0.2],
      [9, 0.12],
      [24, 0.08],
    ]) {
      addNoise(lots, canvas, cells, lots.next() < 0.5 ? 3 : 1, strength);
    }
    return canvas;
  }

  /** @param {Lots} lots @param {Size} size */
  function stripes(lots, size) {
    const { width, height } = size;
    const angle = lots.between(0, Math.PI);
    const period = Math.min(width, height) * lots.between(0.06, 0.4);
    const sharpness = lots.between(1, 6);
    const first = lots.colour(),
      second = lots.colour();
    const across = width * Math.cos(angle),
      down = height * Math.sin(angle);
    return filled(size, (x, y, to, at) => {
      const wave = Math.sin((x * across + y * down) * ((2 * Math.PI) / period));
      mix(first, second, clip(wave * sharpness, -1, 1) / 2 + 0.5, to, at);
    });
  }

  /** @param {Lots} lots @param {Size} size */
  function tiles(lots, size) {
    const rows = lots.whole(2, 12),
      columns = lots.whole(2, 12);
    const base = lots.colour(),
      deviation = lots.between(0.02, 0.15);
    const shades = Array.from({ length: rows * columns * 3 }, () => lots.about(deviation));
    return filled(size, (x, y, to, at) => {
      const tile = (Math.trunc(y * rows) * columns + Math.trunc(x * columns)) * 3;
      for (let c = 0; c < 3; c++) to[at + c] = base[c] + shades[tile + c];
    });
  }

  /**
   * Discs and turned rectangles over a gradient, their edges a pixel soft.
   * @param {Lots} lots @param {Size} size
   */
  function shapes(lots, size) {
    const canvas = gradient(lots, size),
      { width, height, data } = canvas;
    for (let left = lots.whole(3, 14); left > 0; left--) {
      const colour = lots.colour();
      const x = lots.between(0, width),
        y = lots.between(0, height);
      const reach = Math.min(width, height) * lots.between(0.05, 0.35);
      const isDisc = lots.next() < 0.5,
        ratio = lots.between(0.2, 2);
      const angle = lots.between(0, Math.PI / 2),
        cos = Math.cos(angle),
        sin = Math.sin(angle);
      for (let row = 0, at = 0; row < height; row++) {
        const dy = ((row + 0.5) / height) * height - y;
        for (let column = 0; column < width; column++, at += 3) {
          const dx = ((column + 0.5) / width) * width - x;
          const outside = isDisc
            ? Math.sqrt(dx * dx + dy * dy) - reach
            : Math.max(
                Math.abs(dx * cos + dy * sin) - reach / 2,
                Math.abs(dy * cos - dx * sin) - (reach * ratio) / 2
              );
          if (outside < 0.5) cover(colour, clip(0.5 - outside), data, at);
        }
      }
    }
    return canvas;
  }

  /** A sky over one to three rolling hills. @param {Lots} lots @param {Size} size */
  function landscape(lots, size) {
    const { width, height } = size;
    const sky = [0.55, 0.75, 0.95].map((one) => one + lots.about(0.1));
    const low = sky.map((one) => Math.min(one + 0.25, 1));
    const canvas = filled(size, (_x, y, to, at) => mix(sky, low, y, to, at));
    let horizon = lots.between(0.35, 0.7);
    for (let left = lots.whole(1, 4); left > 0; left--) {
      const length = lots.between(0.4, 2),
        begin = lots.next(),
        wave = lots.between(0.02, 0.09);
      const ground = [0.4, 0.6, 0.3].map((one) => one + lots.about(0.12));
      for (let column = 0; column < width; column++) {
        const x = (column + 0.5) / width;
        const line = horizon + wave * Math.sin(2 * Math.PI * (length * x + begin));
        for (let row = 0; row < height; row++) {
          const share = clip(((row + 0.5) / height - line) * height + 0.5);
          if (share > 0) cover(ground, share, canvas.data, (row * width + column) * 3);
        }
      }
      horizon += lots.between(0.05, 0.2);
    }
    return canvas;
  }

  /** @type {Record<string, (lots: Lots, size: Size) => Canvas3>} */
  const KINDS = { flat, gradient, clouds, stripes, tiles, shapes, landscape };

  /** @param {string} kind @param {number} seed @param {Size} size */
  function draw(kind, seed, size) {
    const canvas = KINDS[kind](new Lots(seed), size),
      { data } = canvas;
    for (let i = 0; i < data.length; i++) data[i] = clip(data[i]);
    return canvas;
  }

  Live.backgrounds = { kinds: Object.keys(KINDS), draw };
})();
