"""A number always belongs to its picture, whatever happens to files between and during builds."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from generator.build.recipe import build
from generator.inference.runner import LocatedEntry, Runner
from tests.tiny_project import options

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick_figures")]


def detections(project: Path) -> dict[str, list[Any]]:
    """Each entry's detections, as published."""
    saved = json.loads((project / "build/predictions.json").read_text())
    slugs = {image["id"]: image["slug"] for image in saved["images"]}
    found: dict[str, list[Any]] = {slug: [] for slug in slugs.values()}
    for one in saved["annotations"]:
        found[slugs[one["image_id"]]].append([one["query"], one["score"], one["bbox"]])
    return found


def test_a_picture_replaced_while_the_build_runs(
    unbuilt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pets = unbuilt / "content/images/pets.jpg"
    original, run = pets.read_bytes(), Runner.run

    def replace_first(runner: Runner, located: LocatedEntry) -> None:
        if located.entry.slug == "pets":
            shutil.copy(unbuilt / "content/images/mirrored.png", pets)
        run(runner, located)

    with monkeypatch.context() as patched:
        patched.setattr(Runner, "run", replace_first)
        assert build(options(unbuilt)).count("built") == 2
    meanwhile = detections(unbuilt)
    assert meanwhile["pets"] == meanwhile["mirrored"] != []

    pets.write_bytes(original)
    assert build(options(unbuilt)).count("built") == 2
    afterwards = detections(unbuilt)
    assert afterwards["mirrored"] == meanwhile["mirrored"]
    assert afterwards["pets"] != afterwards["mirrored"]


@pytest.mark.parametrize("kind", ["forward_passes", "measures"])
def test_two_files_of_the_cache_that_were_swapped(small: Path, kind: str) -> None:
    before = detections(small), (small / "build/measures.json").read_bytes()
    one, other = sorted((small / ".cache" / kind).iterdir())
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)
    shutil.rmtree(small / "build")
    assert build(options(small)).count("built") == 2
    assert (detections(small), (small / "build/measures.json").read_bytes()) == before


@pytest.mark.parametrize("kind", ["forward_passes", "measures"])
@pytest.mark.parametrize("parts", [(0.001, 0.6), (0.3, 0.95)])
def test_a_flipped_byte_in_the_cache_is_made_good_at_once(
    small: Path, kind: str, parts: tuple[float, float]
) -> None:
    """At the beginning, in the middle and at the end of a file; each file has its own place."""
    before = detections(small), (small / "build/measures.json").read_bytes()
    for path, part in zip(sorted((small / ".cache" / kind).iterdir()), parts, strict=True):
        content = bytearray(path.read_bytes())
        content[int(part * len(content))] ^= 0x55
        path.write_bytes(content)
    shutil.rmtree(small / "build")
    assert build(options(small)).count("built") == 2
    assert (detections(small), (small / "build/measures.json").read_bytes()) == before


def test_a_digit_that_changed_in_a_stamp_is_not_believed(small: Path) -> None:
    before = detections(small)
    stamp = small / "build/stamps/entries/pets.json"
    text = stamp.read_text()
    score = next(line for line in text.splitlines() if line.strip().startswith("0.9"))
    stamp.write_text(text.replace(score.strip(), score.strip().replace("0.9", "0.5", 1), 1))
    assert build(options(small)).count("built") == 2
    assert detections(small) == before
