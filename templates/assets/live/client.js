/* What a page calls: it brings the model when the reader asks for it, and runs it in a worker, so
   that a slow machine does not freeze the page, or in the page itself where there can be no worker.

   A page that was opened from a file may neither fetch nor load a worker. But it may add a script,
   and make a worker of a text: the build's script holds the worker's scripts as one. */
"use strict";

/**
 * A model that is ready.
 * @typedef {Object} LiveNetwork
 * @property {ModelCard} card
 * @property {boolean} hasSimd @property {boolean} hasWorker
 * @property {(picture: Picture, changes?: Changes) => Promise<Source | null>} forward
 *   null if another call came before this one could begin: who drags wants the last picture alone
 * @property {() => void} stop ends the worker; what was asked gets no answer
 *
 * @typedef {Object} LiveClient
 * @property {(address: string, options?: Without) => Promise<LiveNetwork>} start
 *   from the address of the build's script
 *
 * What `false` does without, in any case.
 * @typedef {{simd?: boolean, worker?: boolean}} Without
 */

(() => {
  globalThis.Live = globalThis.Live || /** @type {any} */ ({});

  /**
   * Who answers.
   * @typedef {Object} Answerer
   * @property {(request: LoadRequest | ForwardRequest) => Promise<Loaded | Found>} ask
   * @property {() => void} stop
   */

  /** @param {string} address @param {Without} [options] @returns {Promise<LiveNetwork>} */
  async function start(address, { simd = true, worker = true } = {}) {
    const bundle = await bring(address);
    if (worker) {
      try {
        return await networkIn(startWorker(bundle.worker), true, bundle, simd);
      } catch (error) {
        console.info(`No worker, so the page itself computes: ${error}`);
      }
    }
    return networkIn(startHere(bundle.worker), false, bundle, simd);
  }

  /** Adds the build's script to the page, unless it is there. @param {string} address
   * @returns {Promise<Bundle>} */
  function bring(address) {
    if (Live.bundle) return Promise.resolve(Live.bundle);
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = () => {
        if (Live.bundle) resolve(Live.bundle);
        else reject(new Error(`${address} holds no model`));
      };
      script.onerror = () => reject(new Error(`${address} cannot be loaded`));
      document.head.append(script);
    });
  }

  /** @param {Answerer} place @param {boolean} hasWorker @param {Bundle} bundle
   * @param {boolean} simd @returns {Promise<LiveNetwork>} */
  async function networkIn(place, hasWorker, bundle, simd) {
    const loaded = await place.ask({ bundle, simd });
    const { hasSimd } = /** @type {Loaded} */ (loaded);
    const forward = lastOnly(async (/** @type {ForwardRequest} */ request) => {
      const found = await place.ask(request);
      return Live.source.of(/** @type {Found} */ (found));
    });
    return {
      card: bundle.model,
      hasSimd,
      hasWorker,
      forward: (picture, changes) => forward({ picture, changes }),
      stop: place.stop,
    };
  }

  /** One answer at a time: of all that is asked meanwhile, the last alone is asked next.
   * @template Q, A @param {(question: Q) => Promise<A>} ask
   * @returns {(question: Q) => Promise<A | null>} */
  function lastOnly(ask) {
    /** @type {Promise<void> | null} */
    let running = null;
    let newest = 0;
    return (question) => {
      const number = ++newest;
      const begin = async () => (number === newest ? ask(question) : null);
      const answer = running ? running.then(begin) : begin();
      const settled = answer.then(ended, ended);
      running = settled;
      return answer;

      function ended() {
        if (running === settled) running = null;
      }
    };
  }

  /** @param {string} text the worker's scripts @returns {Answerer} */
  function startWorker(text) {
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    const worker = new Worker(address);
    /** @type {Map<number, {resolve: (result: any) => void, reject: (error: Error) => void}>} */
    const waiting = new Map();
    worker.onmessage = ({ data: { id, result, error } }) => {
      const asked = waiting.get(id);
      waiting.delete(id);
      if (error) asked?.reject(new Error(error));
      else asked?.resolve(result);
    };
    worker.onerror = ({ message }) => {
      for (const { reject } of waiting.values()) reject(new Error(message));
      waiting.clear();
    };
    let last = 0;
    return {
      ask: (request) =>
        new Promise((resolve, reject) => {
          waiting.set(++last, { resolve, reject });
          worker.postMessage({ id: last, request });
        }),
      stop() {
        worker.terminate();
        URL.revokeObjectURL(address);
      },
    };
  }

  /** @param {string} text the worker's scripts @returns {Answerer} */
  function startHere(text) {
    if (!Live.worker) {
      const script = document.createElement("script");
      script.textContent = text;
      document.head.append(script);
    }
    return {
      async ask(request) {
        // A moment for the browser to show what it has to.
        await new Promise((resolve) => setTimeout(resolve));
        return Live.worker.answer(request);
      },
      stop() {},
    };
  }

  Live.client = { start };
})();
