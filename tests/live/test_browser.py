"""The live model in Chromium, in a page that was opened from a file: what it finds, and how."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.exercises.browser import CHROMIUM, Browser
from tests.live.node import LIVE, from_json, to_json
from tests.live.scenes import GALLERY, held_out_scenes, pixels_of
from tests.live.test_detr import assert_agree
from tests.live.twin import (
    Agreement,
    Pixels,
    Twin,
    agreement_of,
    embedded,
    embedded_detector,
    picture_of,
)
from tests.thorough import times

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]

PAGE = """<!doctype html><title>Live</title>
<script src="source.js"></script><script src="client.js"></script><script src="given.js"></script>
"""
GIVEN = """
const value = JSON.parse(%s, (_, one) => {
  if (!one || !one.$array) return one;
  const bytes = Uint8Array.from(atob(one.base64), (character) => character.charCodeAt());
  return new globalThis[one.$array](bytes.buffer);
});
const spelled = (result) => JSON.stringify(result, (_, one) => {
  if (!ArrayBuffer.isView(one)) return one;
  const bytes = new Uint8Array(one.buffer, one.byteOffset, one.byteLength);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return { $array: one.constructor.name, base64: btoa(text) };
});
let answer = null;
const ask = (work) => {
  answer = null;
  work()
    .catch((error) => ({ error: String(error) }))
    .then((result) => (answer = spelled(result === undefined ? null : result)));
};
"""


class Page:
    """A page with the client, a bundle beside it, and pictures as `value`: two of the gallery."""

    def __init__(
        self, browser: Browser, folder: Path, bundle: Path, pictures: Sequence[Pixels] = ()
    ) -> None:
        self._browser = browser
        for name in ("source.js", "client.js"):
            shutil.copy(LIVE / name, folder / name)
        shutil.copy(bundle, folder / "model.js")
        self.pictures = pictures or [pixels_of(path) for path in GALLERY[:2]]
        given = json.dumps([picture_of(one) for one in self.pictures], default=to_json)
        (folder / "given.js").write_text(GIVEN % json.dumps(given), encoding="utf-8")
        (folder / "page.html").write_text(PAGE, encoding="utf-8")
        browser.open((folder / "page.html").as_uri())

    def ask(self, body: str) -> Any:
        """The result of JavaScript statements, which may `await`."""
        self._browser.evaluate(f"ask(async () => {{ {body} }})")
        until = time.monotonic() + 60
        while (text := self._browser.evaluate("answer")) is None:
            if time.monotonic() > until:
                raise TimeoutError(body)
            time.sleep(0.02)
        return json.loads(text, object_hook=from_json)


@pytest.fixture
def page(tmp_path: Path, bundle: Path, browser: Browser) -> Page:
    return Page(browser, tmp_path, bundle)


@pytest.mark.parametrize(
    ("worker", "simd"),
    [(True, True), (True, False), (False, True)],
    ids=["worker", "JavaScript", "no worker"],
)
def test_it_finds_what_python_finds(page: Page, worker: bool, simd: bool) -> None:
    started = page.ask(f"""
      const before = Boolean(Live.bundle);
      globalThis.network = await Live.client.start("model.js", {{
        worker: {json.dumps(worker)}, simd: {json.dumps(simd)} }});
      const {{ card, hasWorker, hasSimd }} = network;
      return {{ before, name: card.name, classes: card.categories.length, hasWorker, hasSimd }};
    """)
    card = embedded()
    assert started == {
        "before": False,  # it comes when the reader asks for it
        "name": "detr_emoji",
        "classes": len(card.category_names),
        "hasWorker": worker,
        "hasSimd": simd,
    }
    assert_agree(compare(page))


def compare(page: Page) -> list[Agreement]:
    detector = embedded_detector()
    return [
        agreement_of(
            detector.run(pixels), Twin.of(page.ask(f"return network.forward(value[{number}]);"))
        )
        for number, pixels in enumerate(page.pictures)
    ]


@pytest.mark.slow
def test_it_does_in_the_gallery_and_in_scenes_that_no_training_saw(
    tmp_path: Path, bundle: Path, browser: Browser
) -> None:
    scenes = held_out_scenes(0, times(3, 30))
    pictures = [pixels_of(path) for path in GALLERY] + scenes
    page = Page(browser, tmp_path, bundle, pictures)
    page.ask('globalThis.network = await Live.client.start("model.js");')
    agreements = compare(page)
    assert len(agreements) >= 10 + len(scenes)
    assert_agree(agreements)


def test_of_many_pictures_the_last_is_answered_and_the_page_stays_awake(page: Page) -> None:
    found = page.ask("""
      const network = await Live.client.start("model.js", { simd: false }); // slow enough to see
      let beats = 0;
      const beating = setInterval(() => beats++, 5);
      const changes = { withoutPositions: true };
      const asked = [network.forward(value[0]), network.forward(value[1], changes),
        network.forward(value[1]), network.forward(value[1], changes)];
      await asked[0];
      const meanwhile = beats;
      const answers = await Promise.all(asked);
      clearInterval(beating);
      return { meanwhile, answered: answers.map((one) => one && one.boxes[0][0]),
        alone: (await network.forward(value[1], changes)).boxes[0][0],
        layers: answers[0].layerCount("encoder_self") };
    """)
    first, second, third, last = found["answered"]
    assert (second, third) == (None, None)
    assert last == found["alone"] != first
    assert found["layers"] == 3
    assert found["meanwhile"] >= 3


def test_what_fails_says_so(page: Page) -> None:
    found = page.ask('return Live.client.start("elsewhere.js");')
    assert found == {"error": "Error: elsewhere.js cannot be loaded"}
    found = page.ask("""
      const network = await Live.client.start("model.js");
      try {
        await network.forward({ width: 0, height: 0, data: new Uint8Array() });
      } catch (error) {
        return { said: String(error), next: (await network.forward(value[0])).classLogits.length };
      }
    """)
    assert found["said"] == "Error: a picture of 0 x 0 has not 0 numbers"
    assert found["next"] == 3  # the one after it is answered
