// Browsers start no Worker from a file of a page that was opened from a file. There this stands in
// for one: the worker's script runs in a hidden frame, and messages are handed over as events. It
// does what the search of Material and that of Zensical ask of a worker: messages, heard by a
// listener or by `onmessage`, errors, and an end. Workers that a page makes from a text of its own
// (`blob:`) start everywhere, and stay what they are.
{
  const RealWorker = window.Worker;

  // What is searched for means itself: "encoder:" names no field, and the point of "0.9" parts
  // no words. Of Material's messages queries alone are texts; Zensical needs no such help.
  const plain = (query) => query.replaceAll(":", " ").replace(/\.(?=\d)/g, "\\.");
  const asked = (message) =>
    typeof message?.data === "string" ? { ...message, data: plain(message.data) } : message;

  function asking(worker) {
    const post = worker.postMessage.bind(worker);
    worker.postMessage = (message, ...more) => post(asked(message), ...more);
    return worker;
  }

  window.Worker = class extends EventTarget {
    onmessage = null;
    onmessageerror = null;
    onerror = null;

    constructor(url, options) {
      if (String(url).startsWith("blob:")) return new RealWorker(url, options);
      if (location.protocol !== "file:") return asking(new RealWorker(url, options));
      super();
      for (const kind of ["message", "messageerror", "error"]) {
        this.addEventListener(kind, (event) => this[`on${kind}`]?.(event));
      }
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.srcdoc = "<!doctype html><title>search</title>";
      const address = new URL(url, document.baseURI);
      this.scope = new Promise((resolve, reject) => {
        this.frame.onload = () => {
          const scope = this.frame.contentWindow;
          scope.postMessage = (data) => this.tell(new MessageEvent("message", { data }));
          scope.importScripts = (...urls) =>
            urls.reduce((before, next) => before.then(() => load(scope, new URL(next, address))),
              Promise.resolve());
          scope.addEventListener("error", ({ message }) => this.fail(message));
          load(scope, address).then(() => resolve(scope), () => reject(new Error(String(address))));
        };
      });
      this.scope.catch((error) => this.fail(`cannot load ${error.message}`));
      document.documentElement.append(this.frame);
    }

    postMessage(message) {
      const data = asked(message);
      this.scope.then(
        (scope) => this.frame.isConnected && scope.dispatchEvent(new MessageEvent("message", { data })),
        () => {}, // it was told that nobody listens
      );
    }

    fail(message) {
      this.tell(new ErrorEvent("error", { message, cancelable: true }));
    }

    // What a worker says after its end is not heard.
    tell(event) {
      if (this.frame.isConnected) this.dispatchEvent(event);
    }

    terminate() {
      this.frame.remove();
    }
  };

  function load(scope, url) {
    return new Promise((resolve, reject) => {
      const script = scope.document.createElement("script");
      script.src = url;
      script.onload = resolve;
      script.onerror = reject;
      scope.document.head.append(script);
    });
  }
}
