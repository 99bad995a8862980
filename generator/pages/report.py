"""One tried picture -> the Markdown of its report: the page that the site has for an image.

In: an `ImageResult` that no gallery knows, its measurements, and templates. Out: Markdown, and the
settings of MkDocs, which tell how it is converted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generator.detr.zoo import ModelCard
from generator.measures.catalogue import about
from generator.measures.last_layer import last_layer
from generator.measures.measurement import Measurement
from generator.measures.mechanisms import CONTROLS
from generator.pages.contents import ImageResult
from generator.pages.figure_numbers import image_figure_numbers
from generator.pages.image_rows import detection_rows, point_rows
from generator.pages.jinja import Renderer
from generator.pages.query_marks import QueryMarks
from generator.project.config import Output, SiteConfig

_TITLES = {"q1": "Q1", "q3": "Q3"}


def render_report(
    config: SiteConfig,
    result: ImageResult,
    card: ModelCard,
    measurements: Sequence[Measurement],
    target: Output,
) -> tuple[str, str]:
    """Renders the report.

    Args:
        config: whose templates are used; its title is that of the report.
        card: of the model that ran.
        target: "site" gives figures in tiles, "pdf" whole ones.

    Returns:
        Markdown, and the text of mkdocs.yml.

    Raises:
        PageError: a template cannot be rendered.
    """
    renderer = Renderer(config)
    values: dict[str, Any] = {
        "site": config,
        "target": target,
        "core": False,
        "instructor": False,
        "is_report": True,
        "result": result,
        "results": (result,),
        "example": result,
        "card_of": {card.name: card},
        "detections": detection_rows(result.detections),
        "points": point_rows(result.points, result.shapes),
        "previous": None,
        "next": None,
        "gallery_file": "",
        "chapter": "1",
        "comparison": "",
        "figure_numbers": image_figure_numbers(result),
        "folder": "",
        "measured": _measured(measurements),
        "controls": {name: one.text for name, one in CONTROLS.items()},
    }
    values["ref"] = _named
    values["query"] = QueryMarks.of(values, "").query
    values |= renderer.macros("macros.md.j2", values)
    settings = renderer.text("mkdocs.yml.j2", {**values, "nav": []})
    return renderer.page("report.md.j2", values), settings


def _named(page: str, text: str | None = None) -> str:
    """What the site links to is only named: a report stands alone."""
    name = page.partition("#")[0]
    return f"{text or _TITLES.get(name, name)} of the handout"


def _measured(measurements: Sequence[Measurement]) -> list[Mapping[str, Any]]:
    """The rows of the table of measures, by mechanism."""
    return [
        {
            "title": mechanism.title,
            "rows": [{"about": about(one.measure), "made": one} for one in rows],
        }
        for mechanism, rows in last_layer(measurements)
    ]
