// Browsers start no Worker from a file of a page that was opened from a file. There this stands in
// for one: the worker's script runs in a hidden frame, and messages are handed over as events.
// Material's search needs no more than that. Workers that a page makes from a text of its own
// (`blob:`) start everywhere, and stay what they are.
{
  const RealWorker = window.Worker;

  // What is searched for means itself: "encoder:" names no field, and the point of "0.9" parts
  // no words. Queries alone are messages whose data is a text.
  const plain = (query) => query.replaceAll(":", " ").replace(/\.(?=\d)/g, "\\.");
  const asked = (message) =>
    typeof message?.data === "string" ? { ...message, data: plain(message.data) } : message;

  function asking(worker) {
    const post = worker.postMessage.bind(worker);
    worker.postMessage = (message, ...more) => post(asked(message), ...more);
    return worker;
  }

  window.Worker = class extends EventTarget {
    constructor(url, options) {
      if (String(url).startsWith("blob:")) return new RealWorker(url, options);
      if (location.protocol !== "file:") return asking(new RealWorker(url, options));
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.srcdoc = "<!doctype html><title>search</title>";
      const address = new URL(url, document.baseURI);
      this.scope = new Promise((resolve, reject) => {
        this.frame.onload = () => {
          const scope = this.frame.contentWindow;
          scope.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
          scope.importScripts = (...urls) =>
            urls.reduce((before, next) => before.then(() => load(scope, new URL(next, address))),
              Promise.resolve());
          load(scope, address).then(() => resolve(scope), reject);
        };
      });
      document.documentElement.append(this.frame);
    }

    postMessage(message) {
      const data = asked(message);
      this.scope.then((scope) => scope.dispatchEvent(new MessageEvent("message", { data })));
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
