"""`docs/authors.md` names what pages may use, no more and no less, and its examples work."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import jinja2
import pytest

from generator.build.stand_ins import stand_ins
from generator.detr.zoo import ModelCard, model_names
from generator.figures.figure_file import FigureFile
from generator.figures.gallery.gallery_set import gallery_figures
from generator.figures.image.image_set import IMAGE_FIGURES
from generator.pages.built_gallery import BuiltGallery
from generator.pages.claim_cards import ClaimCard
from generator.pages.contents import ImageResult, MeasuredImage, Shapes
from generator.pages.jinja import Renderer
from generator.pages.model_diagram import Workflow
from generator.pages.render import render_pages
from generator.pages.values import LINKS, WORKSHEETS
from generator.project.comparisons import Comparison
from generator.project.gallery import GalleryImage
from generator.project.records import keys_of
from tests.invented import built, invented_contents, invented_project, invented_result

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs" / "authors.md").read_text(encoding="utf-8")
RECORDS = (BuiltGallery, ImageResult, Shapes, FigureFile, ModelCard, Workflow, ClaimCard)


def section(heading: str) -> str:
    """What stands below a heading, up to the next one of its level or above."""
    level = len(heading.split()[0])
    below = re.search(
        rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{level}}} |\Z)", REFERENCE, re.MULTILINE | re.DOTALL
    )
    assert below, f"there is no {heading}"
    return below[1]


def entries(heading: str) -> list[str]:
    """What a section describes, as it is spelled there: "results", "ref(page, text)"."""
    heads = re.findall(r"^- ((?:`[^`]+`(?:, )?)+):", section(heading), re.MULTILINE)
    return [entry for head in heads for entry in re.findall("`([^`]+)`", head)]


def names(*headings: str) -> list[str]:
    return [entry.partition("(")[0] for heading in headings for entry in entries(heading)]


def test_the_keys_of_an_image_are_those_of_the_gallery() -> None:
    keys = set(keys_of(GalleryImage)) - {"coco", "comparison"}
    assert set(names("## The gallery")) == keys
    gallery = (ROOT / "content" / "gallery.yml").read_text(encoding="utf-8")
    head = gallery.partition("\nimages:")[0]
    assert {key for key in keys if not re.search(rf"^#.*\b{key}\b", head, re.MULTILINE)} == set()


@dataclass
class Code:
    """What the code gives to pages: names of values by template, macros, and its own filters."""

    given: dict[str, set[str]]
    macros: dict[str, Any]
    filters: set[str]

    @property
    def everywhere(self) -> set[str]:
        return set.intersection(*self.given.values())


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Code:
    """Renders the pages of two images and notes what each template is given."""
    given: dict[str, set[str]] = {}
    render = Renderer.text

    def noted(renderer: Renderer, name: str, values: Mapping[str, Any]) -> str:
        given.setdefault(name, set()).update(values)
        return render(renderer, name, values)

    config = invented_project(tmp_path_factory.mktemp("project"))
    whole = Comparison("both", "Both")
    results = [invented_result(name, comparison=whole) for name in "ab"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Renderer, "text", noted)
        rest = invented_result("c")
        contents = invented_contents(results, built([*results, rest]))
        without = (MeasuredImage(rest.entry, rest.detections),)
        render_pages(config, replace(contents, without_pages=without))
    renderer = Renderer(config)
    filters = set(renderer._environment.filters) - set(jinja2.Environment().filters)
    return Code(given, renderer.macros("macros.md.j2", {}), filters)


@pytest.mark.slow
def test_values_and_functions_are_those_of_all_pages(code: Code) -> None:
    told = names("## Values", "## Functions")
    assert len(told) == len(set(told))
    hidden = {LINKS, WORKSHEETS}
    assert set(told) == code.everywhere - set(code.macros) - hidden


@pytest.mark.slow
def test_functions_can_be_called_and_values_cannot(code: Code) -> None:
    calls = [entry for entry in entries("## Functions") if "(" in entry]
    assert len(calls) == len(entries("## Functions"))
    assert [entry for entry in entries("## Values") if "(" in entry] == []


def test_macros_are_those_of_the_file_with_their_arguments(code: Code) -> None:
    told = {
        name: tuple(arguments.rstrip(")").split(", ")) if arguments != ")" else ()
        for name, _, arguments in (entry.partition("(") for entry in entries("## Macros"))
    }
    assert told == {name: macro.arguments for name, macro in code.macros.items()}


def test_filters_are_those_of_the_environment(code: Code) -> None:
    assert set(names("## Filters")) == code.filters


def test_values_of_some_pages_are_those_that_they_add(code: Code) -> None:
    told = names("## Values of some pages")
    added = set.union(*code.given.values()) - code.everywhere
    assert set(told) == added | {"plot"}  # of claim.svg.j2, for which there has to be a claim


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_fields_of_records_exist(record: type) -> None:
    assert is_dataclass(record)
    own = {one.name for one in fields(record)} | set(dir(record))
    assert [name for name in names(f"### {record.__name__}") if name not in own] == []


def test_everything_that_the_gallery_chooses_is_told() -> None:
    public = {one.name for one in fields(BuiltGallery)} | set(vars(BuiltGallery))
    assert set(names("### BuiltGallery")) == {name for name in public if name[0] != "_"}


def test_records_are_all_told_of() -> None:
    told = re.findall(r"^### (\w+)$", section("## Records"), re.MULTILINE)
    assert told == [record.__name__ for record in RECORDS]
    linked = set(re.findall(r"\]\(#(\w+)\)", REFERENCE))
    assert linked - {"looks"} <= {name.lower() for name in told}


def test_figures_that_are_named_exist() -> None:
    known = {kind.name for kind in IMAGE_FIGURES}
    known |= {kind.name for kind in gallery_figures(model_names())}
    asked = set(re.findall(r'"(\w+)" in (?:example\.figures|q3_figures)', REFERENCE))
    listed = re.search(r"^- `figures`:.*?, (`detections`.*?):", REFERENCE, re.MULTILINE | re.DOTALL)
    assert listed
    assert asked | set(re.findall("`(\\w+)`", listed[1])) <= known


@pytest.mark.slow
@pytest.mark.parametrize("edition", ["student", "instructor"])
@pytest.mark.parametrize("target", ["site", "pdf"])
def test_examples_work(tmp_path: Path, edition: str, target: Any) -> None:
    texts = REFERENCE + (ROOT / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```jinja\n(.*?)^```", texts, re.MULTILINE | re.DOTALL)
    assert len(examples) >= 5
    config = invented_project(
        tmp_path, {"added.md": "# Added\n\n" + "\n\n".join(examples)}, edition=edition
    )
    shutil.copytree(ROOT / "content" / "exercises", config.content / "exercises")
    shutil.copy(ROOT / "content" / "claims.yml", config.content)
    image = GalleryImage(
        slug="cats", title="Cats", file=Path("cats.png"), model="detr_emoji", threshold=0.9
    )
    pages, _ = render_pages(config, stand_ins([image], [image]), target)
    page = pages["added.md"]
    assert "[the object queries](q1.md#queries)" in page
    assert "0.012, 874" in page
    assert ("850." in page) == (edition == "instructor")
    assert page.count('class="blank"') == 12
