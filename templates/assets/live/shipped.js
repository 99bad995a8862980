/* The scripts that a build ships, as a source of attention for the explorer.
   In: the address of an image's index script. Out: a Source, which loads the script of a layer when
   it is asked for: from a file a page may load scripts, and nothing else. generator/outputs/live
   writes the scripts. */
"use strict";
(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** How a script calls itself, and the rest of what it holds.
   *  @typedef {{name: string, [key: string]: any}} Shipped */

  /** What waits for a script, by the script's name. @type {Map<string, (value: Shipped) => void>} */
  const waiting = new Map();

  /** What scripts call. @param {Shipped} value */
  function receive(value) {
    waiting.get(value.name)?.(value);
    waiting.delete(value.name);
  }

  /**
   * Loads a script of the site by adding it to the page.
   * @param {string} address  @param {string} name  as the script calls itself
   * @returns {Promise<Shipped>}
   */
  function load(address, name) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      waiting.set(name, resolve);
      script.onload = () => script.remove();
      script.onerror = () => {
        waiting.delete(name);
        script.remove();
        reject(new Error(`${name} could not be loaded`));
      };
      script.src = address;
      document.head.append(script);
    });
  }

  /** @param {string} text  base64 @returns {ArrayBuffer} */
  function bytesOf(text) {
    const signs = atob(text), bytes = new Uint8Array(signs.length);
    for (let i = 0; i < signs.length; i++) bytes[i] = signs.charCodeAt(i);
    return bytes.buffer;
  }

  /** All numbers of half precision, by their bits. @type {Float32Array | undefined} */
  let halves;

  function allHalves() {
    const found = new Float32Array(1 << 16);
    for (let bits = 0; bits < found.length; bits++) {
      const exponent = (bits >> 10) & 31, fraction = bits & 1023, sign = bits >> 15 ? -1 : 1;
      const size = exponent === 0 ? fraction * 2 ** -24
        : exponent === 31 ? (fraction ? NaN : Infinity)
        : (1 + fraction / 1024) * 2 ** (exponent - 15);
      found[bits] = sign * size;
    }
    return found;
  }

  /** @param {string} text  base64 of float16 @returns {Float32Array} */
  function fromHalf(text) {
    const table = halves ??= allHalves();
    return Float32Array.from(new Uint16Array(bytesOf(text)), (bits) => table[bits]);
  }

  /**
   * Queries or keys in 8 bits, times the scale of each token and head.
   * @param {string} text  @param {string} scales  @param {number} width  of a head
   * @returns {Float32Array}
   */
  function fromBytes(text, scales, width) {
    const scale = fromHalf(scales);
    return Float32Array.from(new Int8Array(bytesOf(text)), (one, i) => one * scale[Math.floor(i / width)]);
  }

  /** The points of a layer of sampled attention. @param {Shipped} value  @returns {PointsLayer} */
  function pointsOf({ heads, queryCount, levels, each, least, most, places, weights, references, inside }) {
    /** @param {string} text  @param {number} from  @param {number} to */
    const between = (text, from, to) =>
      Float64Array.from(new Uint16Array(bytesOf(text)), (one) => from + (to - from) * one / 65535);
    return {
      heads, queryCount, levels, each,
      places: between(places, least, most), weights: between(weights, 0, 1),
      references: between(references, least, most),
      inside: inside ? new Uint8Array(bytesOf(inside)) : null,
    };
  }

  /** @param {Shipped} value  @returns {ShippedLayer | PointsLayer} */
  function layerOf(value) {
    if (value.places) return pointsOf(value);
    const { heads, queryCount, keyCount, headWidth } = value;
    const isRounded = value.precision === "int8";
    return {
      heads, queryCount, keyCount, headWidth, isRounded,
      q: isRounded ? fromBytes(value.q, value.qScale, headWidth) : fromHalf(value.q),
      k: isRounded ? fromBytes(value.k, value.kScale, headWidth) : fromHalf(value.k),
      keyBias: isRounded ? fromHalf(value.keyBias) : new Float32Array(bytesOf(value.keyBias)),
      logSumExp: new Float32Array(bytesOf(value.logSumExp)),
      peak: fromHalf(value.peak), // (heads + 1, queryCount), the last row of the mean
      received: fromHalf(value.received), // (keyCount), of the mean
      rest: value.rest ? new Float32Array(bytesOf(value.rest)) : undefined,
    };
  }

  /** One image's attention and predictions. */
  class Source {
    /** @param {Shipped} index  @param {string} address  of the index */
    constructor(index, address) {
      this.grid = index.grid;
      this.stride = index.stride;
      this.inputSize = index.inputSize;
      this.pictureSize = index.pictureSize;
      /** Where the cells' footprints begin and end, as fractions. @type {number[]} */
      this.edgesX = index.edgesX;
      /** @type {number[]} */
      this.edgesY = index.edgesY;
      /** @type {number} */
      this.queryCount = index.queryCount;
      this._heads = /** @type {Record<string, number>} */ (index.headCounts);
      /** Red, green and blue from the least weight to the greatest, (256, 3). */
      this.colours = new Uint8Array(bytesOf(index.colours));
      /** Of sampled attention. @type {Sampled | null} */
      this.sampled = index.sampled;
      this._names = /** @type {string[]} */ (index.classNames);
      this._classes = new Uint16Array(bytesOf(index.classes));
      this._scores = new Float64Array(bytesOf(index.scores));
      /** Scores by sigmoid have no such class. */
      this._noObject = index.noObject === null ? null : new Float64Array(bytesOf(index.noObject));
      this._boxes = new Float32Array(bytesOf(index.boxes));
      this._counts = /** @type {Record<string, number>} */ (index.layerCounts);
      this._folder = address.slice(0, address.lastIndexOf("/") + 1);
      this._name = index.name.slice(0, index.name.lastIndexOf("/") + 1);
      this._files = /** @type {LayerFile[]} */ (index.layers);
      /** @type {Map<string, Promise<ShippedLayer | PointsLayer>>} */
      this._loading = new Map();
      /** @type {Map<string, ShippedLayer | PointsLayer>} */
      this._loaded = new Map();
    }

    /** How many layers a mechanism has. @param {string} mechanism */
    layerCount(mechanism) {
      return this._counts[mechanism] ?? 0;
    }

    /** How many heads a mechanism has. @param {string} mechanism */
    headCount(mechanism) {
      return this._heads[mechanism] ?? 0;
    }

    /** The layers that can be had, from 0. @param {string} mechanism  @returns {number[]} */
    layersOf(mechanism) {
      return this._files.filter((one) => one.mechanism === mechanism).map((one) => one.layer);
    }

    /** The file of a layer. @param {string} mechanism  @param {number} index */
    fileOf(mechanism, index) {
      const found = this._files.find((one) => one.mechanism === mechanism && one.layer === index);
      if (!found) throw new RangeError(`layer ${index} of ${mechanism} is not shipped`);
      return found;
    }

    /** A layer that was loaded before. @param {string} mechanism  @param {number} index */
    layer(mechanism, index) {
      return this._loaded.get(this.fileOf(mechanism, index).file);
    }

    /** Loads a layer, once. @param {string} mechanism  @param {number} index */
    load(mechanism, index) {
      const { file } = this.fileOf(mechanism, index);
      let found = this._loading.get(file);
      if (!found) {
        found = load(this._folder + file, this._name + file).then((value) => {
          const layer = layerOf(value);
          this._loaded.set(file, layer);
          return layer;
        });
        found.catch(() => this._loading.delete(file)); // the next call tries again
        this._loading.set(file, found);
      }
      return found;
    }

    /** What a query says after a decoder layer. @param {number} layer  @param {number} query  @returns {Prediction} */
    prediction(layer, query) {
      const at = layer * this.queryCount + query;
      const [x, y, w, h] = this._boxes.subarray(4 * at, 4 * at + 4);
      return {
        label: this._names[this._classes[at]],
        score: this._scores[at],
        noObject: this._noObject && this._noObject[at],
        box: [x - w / 2, y - h / 2, x + w / 2, y + h / 2],
      };
    }
  }

  /** The source of an image. @param {string} address  of its index script @param {string} name  of the script */
  async function open(address, name) {
    return new Source(await load(address, name), address);
  }

  Live.shipped = { receive, open, layerOf };
})();
