/* What can be taken away from the network while it runs: heads that choose where they look, whole
   attentions, cells, positions. Each means what generator/detr/interventions.py means by it. */
"use strict";

/**
 * An attention, by its kind and its layer from 0.
 * @typedef {{mechanism: Mechanism, layer: number}} Place
 *
 * @typedef {Object} Changes
 * @property {(Place & {heads?: number[]})[]} [even]
 *   heads (without them, all) that look at all keys alike: their queries are 0
 * @property {Place[]} [silent]
 *   attentions that give 0, so that only the residual connection is left
 * @property {number[]} [blocked]
 *   cells that no object query may look at; one that may look nowhere reads nothing
 * @property {number[]} [blockedLayers] the decoder layers in which that holds; without them, all
 * @property {boolean} [withoutPositions] whether no cell is told where it lies
 *
 * @typedef {Object} LiveChanges
 * @property {(changes: Changes, place: Place, heads: number) => number[]} evenHeads
 * @property {(changes: Changes, place: Place) => boolean} isSilent
 * @property {(changes: Changes, place: Place, keys: number) => Float32Array} keyBias
 *   (keys,): -Infinity for keys that may not be looked at, 0 for others
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** @param {Place} place @returns {(other: Place) => boolean} */
  const at = (place) => (other) =>
    other.mechanism === place.mechanism && other.layer === place.layer;

  /** @type {LiveChanges["evenHeads"]} */
  function evenHeads({ even = [] }, place, heads) {
    const all = Array.from({ length: heads }, (_, head) => head);
    return even.filter(at(place)).flatMap((one) => one.heads || all);
  }

  /** @type {LiveChanges["isSilent"]} */
  function isSilent({ silent = [] }, place) {
    return silent.some(at(place));
  }

  /** @type {LiveChanges["keyBias"]} */
  function keyBias({ blocked = [], blockedLayers }, { mechanism, layer }, keys) {
    const bias = new Float32Array(keys);
    const isBlocked = !blockedLayers || blockedLayers.includes(layer);
    if (mechanism === "decoder_cross" && isBlocked) {
      for (const cell of blocked) bias[cell] = -Infinity;
    }
    return bias;
  }

  Live.changes = { evenHeads, isSilent, keyBias };
})();
