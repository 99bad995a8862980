"""How heavy the page of an image is, and how soon its explorer answers.

In: a site that was built. Out: kilobytes before anything is touched; milliseconds until the
explorer is there, and until its first map; and processor time of a map, computed and painted, for
the image and for a layer as large as DETR-R50's. The site is served from this machine, since a
browser tells no sizes of files.

    python -m benchmarks.explorer [build/site] [gallery/SLUG.html]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.exercises.browser import Browser
from tests.live.server import served

BYTES = """(() => {
  const all = [performance.getEntriesByType("navigation")[0],
    ...performance.getEntriesByType("resource")];
  return all.map((one) => [one.name, one.encodedBodySize || one.transferSize]);
})()"""
# Notes when the explorer can be used, which is before all pictures of the page are loaded.
WATCH = """(() => { const ask = () => { if (globalThis.Live?.explorers?.length)
  globalThis.there = performance.now(); else setTimeout(ask, 2); }; ask(); })()"""
# From a touch of the picture to the map, the layer's script and its decoding included.
FIRST = """new Promise((done) => {
  const [one] = Live.explorers, started = performance.now(), draw = one._drawMap;
  one._drawMap = function (view, layer, weights) {
    draw.call(this, view, layer, weights);
    if (weights) { one._drawMap = draw; done(performance.now() - started); }
  };
  one.choose({ kind: "cell", index: 0 });
})"""
# Everything is drawn anew for each cell in turn; how often.
REDRAW = """(() => {
  const [one] = Live.explorers, cells = one.source.grid.width * one.source.grid.height;
  one.control("cell").value = WHAT;
  for (let cell = 0; cell < cells; cell++) {
    one.subject = { kind: "cell", index: cell };
    one.draw();
  }
  return cells;
})()"""
LARGE = """(() => {
  const heads = 8, headWidth = 32, [queryCount, keyCount] = [850, 850], [one] = Live.explorers;
  const random = (n) => Float32Array.from({ length: n }, () => Math.random() - 0.5);
  const even = (n) => Array.from({ length: n + 1 }, (_, i) => i / n);
  const grid = { edgesX: even(34), edgesY: even(25) }, size = queryCount * heads * headWidth;
  const layer = { heads, headWidth, queryCount, keyCount, q: random(size), k: random(size),
    logSumExp: random(heads * queryCount) };
  for (let cell = 0; cell < 300; cell++) {
    const weights = Live.attention[WHAT](layer, "mean", cell);
    Live.map.paint(one._map, weights, grid, one.source.colours);
  }
  return 300;
})()"""


def waited(browser: Browser, script: str) -> Any:
    """The value of a promise."""
    answer = browser.call(
        "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
    )
    return answer["result"]["value"]


def metrics(browser: Browser) -> dict[str, float]:
    """What the page's main thread has done so far: its parts, in seconds."""
    found = browser.call("Performance.getMetrics")["metrics"]
    return {one["name"]: float(one["value"]) for one in found}


def processor_time(browser: Browser) -> float:
    """Seconds that the page's main thread has computed."""
    return metrics(browser)["ThreadTime"]


def began(browser: Browser) -> dict[str, float]:
    """Milliseconds after which steps of the page were taken: what came first waits for nothing."""
    script = """(() => {
      const [page] = performance.getEntriesByType("navigation");
      const paint = performance.getEntriesByName("first-contentful-paint")[0];
      return { received: page.responseEnd, parsed: page.domInteractive,
        painted: paint?.startTime ?? 0, "scripts run": page.domContentLoadedEventEnd,
        loaded: page.loadEventEnd };
    })()"""
    return {name: float(value) for name, value in browser.evaluate(script).items()}


def main() -> None:
    """Prints what was measured."""
    site = Path(sys.argv[1] if len(sys.argv) > 1 else "build/site").resolve()
    pages = sorted(path.relative_to(site).as_posix() for path in site.glob("gallery/*.html"))
    page = sys.argv[2] if len(sys.argv) > 2 else pages[0]
    with served(site) as host, Browser() as browser:
        browser.call("Performance.enable", timeDomain="threadTicks")
        browser.call("Page.enable")
        browser.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        browser.open(f"{host}/{page}")
        spent, steps, ready = metrics(browser), began(browser), browser.evaluate("there")
        sizes = dict(browser.evaluate(BYTES))
        print(f"{page}: {sum(sizes.values()) / 1000:.0f} kB before anything is touched")
        for name, size in sorted(sizes.items(), key=lambda one: -one[1])[:5]:
            print(f"    {size / 1000:6.0f} kB  {name.removeprefix(host)}")
        print(f"there after {ready:.0f} ms; the page computed {1000 * spent['ThreadTime']:.0f} ms")
        parts = {
            "scripts": "ScriptDuration",
            "styles": "RecalcStyleDuration",
            "layout": "LayoutDuration",
        }
        told = ", ".join(f"{what} {1000 * spent[name]:.0f}" for what, name in parts.items())
        print(f"    of the computing: {told} ms")
        print(f"    after ms: {', '.join(f'{what} {when:.0f}' for what, when in steps.items())}")
        before = processor_time(browser)
        first = waited(browser, FIRST)
        computed = 1000 * (processor_time(browser) - before)
        print(
            f"first map {first:.0f} ms after a cell was chosen, {computed:.0f} ms of them computing"
        )
        for what in ("row", "column"):
            for name, script in (("this image", REDRAW), ("850 tokens, 8 heads", LARGE)):
                before = processor_time(browser)
                maps = browser.evaluate(script.replace("WHAT", repr(what)))
                each = 1000 * (processor_time(browser) - before) / maps
                print(f"{what}, {name}: {each:.1f} ms of a processor a map")


if __name__ == "__main__":
    main()
