"""What was measured + content/ and templates/ -> the Markdown of the site and its mkdocs.yml.

In: the configuration, the results of a build, the models' cards. Out: `build/docs/*.md`,
`build/docs/gallery/*.md`, `build/docs/assets/` and `build/mkdocs.yml`: an ordinary MkDocs
project. Everything is rendered before the first file is written. Pictures are somebody
else's; they are linked, not opened.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from generator.analysis.attention import cell_of_point
from generator.analysis.detections import rounded_down
from generator.errors import PageError
from generator.exercises.fill_in import FillIns, downloads
from generator.exercises.guard import refuse_answers
from generator.exercises.notes import read_worksheets
from generator.figures.style import point_colours, query_colours
from generator.files.write import write_folder, write_if_different
from generator.measures.claims.read import FILE as CLAIMS
from generator.measures.claims.read import read_claims
from generator.measures.summary import ENOUGH_IMAGES
from generator.pages.built_gallery import BuiltGallery
from generator.pages.claim_cards import by_mechanism, claim_cards
from generator.pages.contents import Contents, ImageResult
from generator.pages.escape import shape
from generator.pages.jinja import Renderer
from generator.pages.links import Links
from generator.pages.model_diagram import documented_workflow, percent_of, workflows_of
from generator.pages.quoted_numbers import QuotedNumbers
from generator.project.config import Output, SiteConfig

PAGES = {
    "index": "Home",
    "q1": "Q1 The model",
    "q2": "Q2 Gallery",
    "q3": "Q3 Attention",
    "about": "About",
}
"""File name and title of each page that every site has, in the order of the menu."""


IMAGES_A_PAGE = 60

_PACKAGES = (
    "torch", "torchvision", "numpy", "matplotlib", "pillow", "jinja2", "mkdocs", "mkdocs-material"
)  # fmt: skip


def write_pages(config: SiteConfig, contents: Contents, build: Path) -> None:
    """Writes the MkDocs project of a site into `build`.

    A file is written only when its bytes differ, and pages of an earlier build that no
    longer belong are removed; other files in `build/docs` stay.

    Args:
        config: the site's settings.
        contents: what the pages tell of.
        build: the folder that holds `docs/`; made if it is missing.

    Raises:
        PageError: names the file and line of content or of a template.
    """
    pages, settings = render_pages(config, contents)
    files = {name: text.encode() for name, text in pages.items()} | assets_of(config.templates)
    write_folder(build / "docs", files, build / "pages.json")
    write_if_different(build / "mkdocs.yml", settings.encode())


def render_pages(
    config: SiteConfig, contents: Contents, target: Output = "site"
) -> tuple[dict[str, str], str]:
    """Renders every page and writes none.

    Args:
        target: what the pages are for; content and templates may ask.

    Returns:
        Markdown, diagrams and plots in SVG and exercises to download, by file name in `docs`,
        and the text of mkdocs.yml.

    Raises:
        PageError: names the file and line of content or of a template.
        ExerciseError, ConfigurationError: an exercise or the claims cannot be read.
    """
    added = _added_pages(config.content)
    renderer = Renderer(config)
    worksheets = read_worksheets(config.content / "exercises")
    values = _common_values(config, contents) | {"target": target}
    values |= _analysis(config, contents)
    instructor = values["instructor"]
    values["fill_ins"] = FillIns(worksheets, instructor=instructor)
    top = values | _page_tools(renderer, contents, values, added, folder="")
    below = values | _page_tools(renderer, contents, values, added, folder="../")

    pages = {
        f"{name}.md": renderer.page(f"{name}.md", top) for name in (*PAGES, *added) if name != "q2"
    }
    pages |= _gallery_pages(renderer, top)
    pages |= _image_pages(renderer, below)
    pages |= _diagrams(renderer, values)
    pages |= _plots(renderer, values)
    # An added page is called in the menu what it calls itself.
    nav = [
        *({title: f"{name}.md"} for name, title in PAGES.items()),
        *(f"{name}.md" for name in added),
    ]
    pages |= downloads(worksheets, instructor=instructor)
    settings = renderer.text("mkdocs.yml.j2", values | {"nav": nav})
    if not instructor:
        refuse_answers(pages | {"mkdocs.yml": settings}, worksheets, config)
    return pages, settings


def _added_pages(content: Path) -> dict[str, str]:
    """Name and title of the pages that an author added to the five.

    Raises:
        PageError: one has the name of a page of the gallery.
    """
    added = {}
    for path in sorted(content.glob("*.md")):
        if path.stem in PAGES:
            continue
        if re.fullmatch(r"q2-\d+", path.stem):
            raise PageError(f"{path.name}: the gallery's own pages have such names; rename it")
        heading = re.search(r"^# +(.+?) *#* *$", path.read_text(encoding="utf-8"), re.MULTILINE)
        added[path.stem] = heading.group(1) if heading else path.stem
    return added


def _common_values(config: SiteConfig, contents: Contents) -> dict[str, Any]:
    results, cards = contents.results, contents.cards
    gallery = BuiltGallery(results, contents.statuses)
    return {
        "site": config,
        "gallery": gallery,
        "results": results,
        "statuses": contents.statuses,
        "cards": cards,
        "curves": contents.curves,
        "site_pages": PAGES,
        "card_of": {card.name: card for card in cards},
        "example": gallery.example,
        "workflows": workflows_of(contents, gallery.example),
        "two_cats": documented_workflow(),
        "percent_of": percent_of,
        "instructor": config.edition == "instructor",
        "versions": _versions(),
        "shape": shape,
    }


def _analysis(config: SiteConfig, contents: Contents) -> dict[str, Any]:
    """The claims with their verdicts, and what lets prose quote a number."""
    gallery = contents.measures
    claims = claim_cards(read_claims(config.content / CLAIMS), gallery)
    findings = {card.claim.name: tuple(one.finding for one in card.findings) for card in claims}
    numbers = QuotedNumbers(gallery, [card.name for card in contents.cards], findings)
    return {
        "claims": claims,
        "claims_by_mechanism": by_mechanism(claims),
        "measured_models": gallery.models,
        "main_model": gallery.main_model,
        "measured_images": {model: gallery.images_of(model) for model in gallery.models},
        "enough_images": ENOUGH_IMAGES,
        "measure": numbers.measure,
        "enough": numbers.enough,
        "verdict": numbers.verdict,
        "q3_figures": contents.q3_figures,
    }


def _page_tools(
    renderer: Renderer,
    contents: Contents,
    values: Mapping[str, Any],
    added: dict[str, str],
    folder: str,
) -> dict[str, Any]:
    """What depends on where a page lies: the macros and `ref`.

    Args:
        added: title by name of the pages that the author added.
        folder: the way from the page's folder to `docs`, "" or "../".
    """
    links = Links(PAGES | added, contents.results, contents.titles, folder)
    here = {"folder": folder, "ref": links.ref}
    return here | renderer.macros("macros.md.j2", {**values, **here})


def _versions() -> dict[str, str]:
    """Version by package, of Python too, without importing any."""
    versions = {"Python": platform.python_version()}
    return versions | {name: metadata.version(name) for name in _PACKAGES}


def _gallery_pages(renderer: Renderer, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The gallery's index: q2.md, then q2-2.md and so on."""
    results = values["results"]
    most = IMAGES_A_PAGE if values["target"] == "site" else max(len(results), 1)
    chunks = [results[start : start + most] for start in range(0, max(len(results), 1), most)]
    introduction = renderer.page("q2.md", values)
    for number, chunk in enumerate(chunks, start=1):
        own = {
            "introduction": introduction,
            "chunk": chunk,
            "number": number,
            "pages": [_gallery_file(n) for n in range(1, len(chunks) + 1)],
        }
        yield _gallery_file(number), renderer.page("gallery.md.j2", {**values, **own})


def _gallery_file(number: int) -> str:
    return "q2.md" if number == 1 else f"q2-{number}.md"


def _image_pages(renderer: Renderer, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    results = values["results"]
    for index, result in enumerate(results):
        own = {
            "result": result,
            "previous": results[index - 1] if index else None,
            "next": results[index + 1] if index + 1 < len(results) else None,
            "gallery_file": _gallery_file(index // IMAGES_A_PAGE + 1),
            "detections": _detection_rows(result),
            "points": _point_rows(result),
        }
        text = renderer.page("image.md.j2", {**values, **own})
        yield f"gallery/{result.entry.slug}.md", text


def _diagrams(renderer: Renderer, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The workflow of each model as a file that stands alone; pages hold the first one too."""
    for workflow in values["workflows"]:
        own = {"flow": workflow, "standalone": True}
        yield workflow.file, renderer.text("workflow.svg.j2", {**values, **own})


def _plots(renderer: Renderer, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The plot of each claim as a file that stands alone, for paper."""
    for card in (one for one in values["claims"] if one.is_testable):
        own = {"plot": card.plot, "standalone": True}
        yield card.plot.file, renderer.text("claim.svg.j2", {**values, **own})


def _detection_rows(result: ImageResult) -> list[dict[str, Any]]:
    """The table of detections; scores are rounded down, so that none reads as certain."""
    found = result.detections
    colours = query_colours(found.queries)
    return [
        {
            "query": int(query),
            "colour": colours[int(query)],
            "label": label,
            "score": f"{rounded_down(float(score)):.3f}",
            "box": ", ".join(str(round(float(side))) for side in box_xyxy),
        }
        for query, label, score, box_xyxy in zip(
            found.queries, found.labels, found.scores, found.boxes_xyxy, strict=True
        )
    ]


def _point_rows(result: ImageResult) -> list[dict[str, Any]]:
    """The reference points in pixels of the image and cells of the grid."""
    height, width = result.shapes.size_hw
    rows = []
    colours = point_colours(len(result.points))
    for number, (point_xy, colour) in enumerate(zip(result.points, colours, strict=True), start=1):
        row, column = cell_of_point(point_xy, result.shapes.grid_hw)
        rows.append(
            {
                "number": number,
                "colour": colour,
                "pixel": f"{round(point_xy[0] * width)}, {round(point_xy[1] * height)}",
                "row": row,
                "column": column,
            }
        )
    return rows


def assets_of(templates: Path) -> dict[str, bytes]:
    """Style sheet, scripts and an author's own pictures, by their path in the site."""
    folder = templates / "assets"
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name[0] != ".")
    return {f"assets/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in files}
