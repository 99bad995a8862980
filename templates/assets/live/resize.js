/* A picture's pixels to the network's input, bit for bit as generator/detr/preprocessing.py has it.

   A canvas must not do this: each browser resizes in its own way, and boxes move by pixels. What
   follows is Pillow's antialiased bilinear filter: each new pixel is a weighted mean of the old
   pixels around it, first along rows, then along columns; the weights are whole multiples of
   2^-22, and each pass rounds to 8 bits. */
"use strict";

/**
 * Pixels row by row, each of 3 numbers from 0 to 255 (red, green, blue) or 4 (and opacity). An
 * ImageData is one.
 * @typedef {Size & {data: Uint8Array | Uint8ClampedArray}} Picture
 * @typedef {{width: number, height: number}} Size
 *
 * What a model wants: the short side has `short_side` pixels unless the long one would pass
 * `long_side_cap`; both are multiples of `size_multiple`.
 * @typedef {{short_side: number, long_side_cap: number, size_multiple: number}} InputRule
 *
 * @typedef {Object} LiveResize
 * @property {(picture: Size, rule: InputRule) => Size} inputSize
 *   size that a picture is resized to
 * @property {(picture: Picture) => Picture} overWhite
 *   the same in three colours, over white where it was transparent
 * @property {(picture: Picture, size: Size) => Picture} bilinear
 *   resized, as Pillow's `resize(size, BILINEAR)`
 * @property {(picture: Picture, mean: number[], deviation: number[]) => Float32Array} normalise
 *   (height * width, 3), of mean 0 and deviation 1 over ImageNet
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  const BITS = 22; // of a weight's fraction; 8 more for the pixel leave the sum two to spare

  /** @param {Size} picture @param {InputRule} rule @returns {Size} */
  function inputSize({ width, height }, rule) {
    const short = Math.min(width, height), long = Math.max(width, height);
    let target = rule.short_side;
    if ((long / short) * target > rule.long_side_cap) {
      target = Math.max(roundHalfToEven((rule.long_side_cap * short) / long), 1);
    }
    // A very thin picture keeps one pixel, and its long side would pass the cap all the same.
    const wanted = Math.max(Math.trunc((target * long) / short), 1);
    const other = Math.min(wanted, Math.max(rule.long_side_cap, target));
    const [less, more] = [target, other].map(
      (side) => Math.max(roundHalfToEven(side / rule.size_multiple), 1) * rule.size_multiple
    );
    return height <= width ? { width: more, height: less } : { width: less, height: more };
  }

  /** As Python rounds: 2.5 to 2, 3.5 to 4. @param {number} value */
  function roundHalfToEven(value) {
    const below = Math.floor(value);
    if (value - below !== 0.5) return Math.round(value);
    return below % 2 === 0 ? below : below + 1;
  }

  /** @param {Picture} picture @returns {Picture} */
  function overWhite({ width, height, data }) {
    const pixels = width * height, channels = data.length / pixels;
    if (channels === 3) return { width, height, data };
    if (channels !== 4) {
      throw new Error(`a picture of ${width} x ${height} has not ${data.length} numbers`);
    }
    const colours = new Uint8Array(pixels * 3);
    for (let pixel = 0; pixel < pixels; pixel++) {
      const opacity = data[pixel * channels + 3];
      for (let channel = 0; channel < 3; channel++) {
        const mixed = data[pixel * channels + channel] * opacity + 255 * (255 - opacity);
        colours[pixel * 3 + channel] = dividedBy255(mixed);
      }
    }
    return { width, height, data: colours };
  }

  /** Rounded to the nearest whole number, without a division. @param {number} value */
  function dividedBy255(value) {
    return (((value + 128) >> 8) + value + 128) >> 8;
  }

  /** @param {Picture} picture @param {Size} size @returns {Picture} */
  function bilinear({ width, height, data }, size) {
    if (size.width !== width) {
      data = resampled(data, height, width, size.width, 3); // (height, width, 3), along the width
    }
    if (size.height !== height) {
      data = resampled(data, 1, height, size.height, size.width * 3);
    }
    return { ...size, data };
  }

  /**
   * Resizes (outer, before, inner) numbers along the axis in the middle to (outer, after, inner).
   * @param {Uint8Array | Uint8ClampedArray} data
   * @param {number} outer @param {number} before @param {number} after @param {number} inner
   */
  function resampled(data, outer, before, after, inner) {
    const result = new Uint8Array(outer * after * inner);
    const sums = new Int32Array(inner);
    const taps = tapsOf(before, after);
    for (let line = 0; line < outer; line++) {
      for (let pixel = 0; pixel < after; pixel++) {
        const { first, weights } = taps[pixel];
        let from = (line * before + first) * inner;
        sums.fill(1 << (BITS - 1)); // a half, so that to cut off is to round
        for (const weight of weights) {
          for (let i = 0; i < inner; i++) sums[i] += data[from++] * weight;
        }
        const to = (line * after + pixel) * inner;
        for (let i = 0; i < inner; i++) result[to + i] = sums[i] >> BITS;
      }
    }
    return result;
  }

  /**
   * The old pixels that each new pixel is made of: the first one, and a weight for each. The
   * weights are a triangle two pixels wide, old or new ones, whichever are larger.
   * @param {number} before @param {number} after
   */
  function tapsOf(before, after) {
    const scale = before / after, reach = Math.max(scale, 1);
    return Array.from({ length: after }, (_, pixel) => {
      const centre = (pixel + 0.5) * scale;
      const first = Math.max(Math.trunc(centre - reach + 0.5), 0);
      const end = Math.min(Math.trunc(centre + reach + 0.5), before);
      const heights = Array.from({ length: end - first }, (_, tap) =>
        Math.max(1 - Math.abs((tap + first - centre + 0.5) * (1 / reach)), 0)
      );
      const total = heights.reduce((sum, height) => sum + height, 0);
      const whole = heights.map((height) => Math.trunc((height / total) * (1 << BITS) + 0.5));
      return { first, weights: Int32Array.from(whole) };
    });
  }

  /** @param {Picture} picture @param {number[]} mean @param {number[]} deviation */
  function normalise({ width, height, data }, mean, deviation) {
    const { fround } = Math; // NumPy has 32 bits here, so each step rounds to them
    const values = mean.map((_, channel) => {
      const scale = fround(fround(1 / 255) / fround(deviation[channel]));
      const offset = fround(fround(mean[channel]) / fround(deviation[channel]));
      return Float32Array.from({ length: 256 }, (_, value) => fround(value * scale) - offset);
    });
    const result = new Float32Array(width * height * 3);
    for (let i = 0; i < result.length; i++) result[i] = values[i % 3][data[i]];
    return result;
  }

  Live.resize = { inputSize, overWhite, bilinear, normalise };
})();
