/* Answers what `client.js` asks: beside the page, in a worker, so that a slow machine does not
   freeze it; or in the page, where there can be no worker. */
"use strict";

/**
 * @typedef {{bundle: Bundle, simd: boolean}} LoadRequest
 * @typedef {{picture: Picture, changes?: Changes}} ForwardRequest
 * @typedef {{hasSimd: boolean}} Loaded
 *
 * @typedef {Object} LiveWorker
 * @property {(request: LoadRequest | ForwardRequest) => Loaded | Found} answer
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /** @type {Model} */
  let model;

  /** @param {LoadRequest | ForwardRequest} request @returns {Loaded | Found} */
  function answer(request) {
    if ("bundle" in request) {
      model = Live.model.load(request.bundle, { simd: request.simd });
      return { hasSimd: model.tensors.kernels.hasSimd };
    }
    const source = Live.detr.forward(model, request.picture, request.changes);
    const { layer, layerCount, ...found } = source; // functions cannot be sent
    return found;
  }

  Live.worker = { answer };
  if (typeof document === "undefined") {
    onmessage = ({ data: { id, request } }) => {
      try {
        postMessage({ id, result: answer(request) });
      } catch (error) {
        postMessage({ id, error: error instanceof Error ? error.message : String(error) });
      }
    };
  }
})();
