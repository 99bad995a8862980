"""The recipes of CONTRIBUTING.md name files that are there, and their examples run."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pytest

from generator.analysis.detections import detect
from generator.analysis.entry_analysis import analyse
from generator.build.stand_ins import stand_ins
from generator.detr import zoo
from generator.figures.gallery.gallery_data import GalleryData
from generator.figures.redraw import FigureKind
from generator.files.folders import BuildFolder
from generator.measures import catalogue, image
from generator.measures.claims.read import FILE, read_claims
from generator.measures.decoder import Targets
from generator.measures.measurement import Measure, Measurement
from generator.measures.target_boxes import detected_boxes, unmatched_boxes
from generator.outputs.output import EditionBuild
from generator.project.config import FigureOptions
from generator.project.gallery import GalleryImage
from tests.conftest import MakeForward
from tests.figures.gallery.planted import full, gallery, summaries_of
from tests.invented import invented_project

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"^### (.+)\n((?:(?!^#{2,3} ).*\n)*)", TEXT, re.MULTILINE))


def examples(recipe: str, language: str) -> list[str]:
    found = re.findall(rf"^   ```{language}\n(.*?)^   ```$", RECIPES[recipe], re.M | re.S)
    return [textwrap.dedent(one) for one in found]


def run(code: str, **given: Any) -> dict[str, Any]:
    names = {"__name__": "of_contributing", **given}
    exec(compile(code, "CONTRIBUTING.md", "exec", dont_inherit=True), names)
    return names


def test_there_is_a_recipe_for_each_thing_that_people_add() -> None:
    assert list(RECIPES) == [
        "A figure of each image", "A figure of the gallery", "A measure", "A model",
        "An output format", "An experiment", "A claim",
    ]  # fmt: skip


@pytest.mark.parametrize("recipe", RECIPES)
def test_files_are_there_but_for_the_new_one(recipe: str) -> None:
    steps = re.findall(r"^\d\. (.*)", RECIPES[recipe], re.MULTILINE)
    named = [(path, step) for step in steps for path in re.findall(r"`([\w/]+\.[\w.]+)`", step)]
    assert named
    for path, step in named:
        assert (ROOT / path).exists() != ("a new module" in step), path


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXT)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_templates_can_be_read() -> None:
    blocks = [one for recipe in RECIPES for one in examples(recipe, "jinja")]
    assert len(blocks) == 2
    for block in blocks:
        jinja2.Environment().parse(block)


def test_figure_of_an_image_is_drawn(make_forward: MakeForward) -> None:
    (code,) = examples("A figure of each image", "python")
    kind: FigureKind[Any] = run(code)["SCORES"]
    pixels = np.zeros((96, 128, 3), np.uint8)
    found, nothing = (analyse(pixels, make_forward(detections=n), 0.9) for n in (2, 0))
    assert len(kind.draw(found, FigureOptions()).axes[0].patches) == 2
    assert kind.alt(found) == "Bars of scores: cat 99 %; dog 91 %."
    assert (kind.applies(found), kind.applies(nothing)) == (True, False)


def test_figure_of_the_gallery_is_drawn() -> None:
    (code,) = examples("A figure of the gallery", "python")
    kind: FigureKind[GalleryData] = run(code)["FOUND_FIGURE"]
    images = gallery(full())
    data = GalleryData(images, summaries_of(images), {"detr_emoji": "Small"})
    assert len(kind.draw(data, FigureOptions()).axes) == 1
    assert kind.alt(data).startswith("Boxes by decoder layer. Small: ")


def test_measure_is_made_as_its_entry_says(
    make_forward: MakeForward, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry_code, code = examples("A measure", "python")
    entry: Measure = run(entry_code, **vars(catalogue))["CONFIDENCE"]
    monkeypatch.setattr(catalogue, "CONFIDENCE", entry, raising=False)
    forward = make_forward(detections=2)
    found = detect(forward, 0.9)
    targets = Targets(detected_boxes(found), unmatched_boxes(forward, found))
    ones: list[Measurement] = list(run(code)["measure_confidence"](forward, targets))
    ((mechanism, controls),) = entry.mechanisms.items()
    assert {(one.measure, one.mechanism) for one in ones} == {(entry.name, mechanism.name)}
    assert {name for one in ones for name, _ in one.controls} == {one.name for one in controls}
    assert ones[-1].value == pytest.approx(found.scores.mean())
    assert "targets" in image.measure_image.__code__.co_varnames  # what the new line hands on


def test_model_is_a_card() -> None:
    (code,) = examples("A model", "python")
    card = run(f"card = {code}", **vars(zoo))["card"]
    assert card.checkpoint_hash == "01234567"


@pytest.mark.slow
def test_output_is_published_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, code = examples("An output format", "python")
    monkeypatch.setattr(BuildFolder, "one_file", run(place, Path=Path)["one_file"], raising=False)
    output = run(code)["OneFile"]()
    folder = BuildFolder(tmp_path / "build")
    edition = EditionBuild(invented_project(tmp_path), folder, folder)
    entry = GalleryImage(
        slug="cats", title="Cats", file=Path("cats.png"), model="detr_emoji", threshold=0.9
    )
    staged = output.stage(edition, stand_ins([entry], [entry]))
    assert not (folder.path / "handout.md").exists()
    assert "# Cats" in staged.publish().read_text(encoding="utf-8")
    output.remove(edition)
    assert not (folder.path / "handout.md").exists()


def test_claim_can_be_read(tmp_path: Path) -> None:
    (text,) = examples("A claim", "yaml")
    (tmp_path / FILE).write_text("claims:\n" + textwrap.indent(text, "  "), encoding="utf-8")
    (claim,) = read_claims(tmp_path / FILE)
    assert claim.name == "surer-at-the-end"
