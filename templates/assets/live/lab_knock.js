/* What is switched off in the network: names in, what `Live.detr.forward` is told out.

   A name is "encoder_self.2" for a whole attention of a layer, "encoder_self.2.3" for one head of
   it (both
   counted from 1), "positions", or "cell.17". So they can stand in an address. */
"use strict";

/**
 * @typedef {Object} LiveKnock
 * @property {Record<string, string>} mechanisms          their names in words, in the order of the
 *   network
 * @property {(off: Iterable<string>) => Changes} changes
 * @property {(name: string) => string} words
 * @property {(name: string, architecture: Architecture) => boolean} isKnown
 * @property {(mechanism: string, architecture: Architecture) => number} layerCount
 * @property {(mechanism: string, architecture: Architecture) => string[]} all
 *   the names of one attention in all layers
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** @type {Record<string, string>} */
  const mechanisms = {
    encoder_self: "encoder self-attention",
    decoder_self: "decoder self-attention",
    decoder_cross: "decoder cross-attention",
  };

  /** @param {string} mechanism @param {Architecture} architecture */
  function layerCount(mechanism, architecture) {
    return mechanism === "encoder_self"
      ? architecture.num_encoder_layers
      : architecture.num_decoder_layers;
  }

  /** @param {string} mechanism @param {Architecture} architecture */
  function all(mechanism, architecture) {
    const count = layerCount(mechanism, architecture);
    return Array.from({ length: count }, (_, layer) => `${mechanism}.${layer + 1}`);
  }

  /** @param {string} name @param {Architecture} architecture */
  function isKnown(name, architecture) {
    if (name === "positions") return true;
    const parts = name.split("."),
      numbers = parts.slice(1).map(Number);
    if (!numbers.every((one) => Number.isInteger(one) && one >= 0)) return false;
    if (parts[0] === "cell") return numbers.length === 1;
    if (!(parts[0] in mechanisms) || !numbers.length || numbers.length > 2) return false;
    const [layer, head = 1] = numbers;
    const isLayer = layer >= 1 && layer <= layerCount(parts[0], architecture);
    return isLayer && head >= 1 && head <= architecture.nheads;
  }

  /** @param {Iterable<string>} off @returns {Changes} */
  function changes(off) {
    /** @type {{mechanism: Mechanism, layer: number, heads: number[]}[]} */
    const even = [];
    /** @type {{mechanism: Mechanism, layer: number}[]} */
    const silent = [];
    const blocked = [];
    let withoutPositions = false;
    for (const name of off) {
      const [what, first, second] = name.split(".");
      if (what === "positions") withoutPositions = true;
      else if (what === "cell") blocked.push(Number(first));
      else {
        const mechanism = /** @type {Mechanism} */ (what),
          layer = Number(first) - 1;
        if (second === undefined) {
          silent.push({ mechanism, layer });
          continue;
        }
        const found = even.find((one) => one.mechanism === mechanism && one.layer === layer);
        if (found) found.heads.push(Number(second) - 1);
        else even.push({ mechanism, layer, heads: [Number(second) - 1] });
      }
    }
    return { even, silent, blocked, withoutPositions };
  }

  /** @param {string} name */
  function words(name) {
    const [what, layer, head] = name.split(".");
    if (what === "positions") return "position encodings";
    if (what === "cell") return `cell ${layer}`;
    const part = `${mechanisms[what]}, layer ${layer}`;
    return head === undefined ? part : `${part}, head ${head}`;
  }

  Live.knock = { mechanisms, changes, words, isKnown, layerCount, all };
})();
