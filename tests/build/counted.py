"""What a build did, counted: calls, not seconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.figures import redraw
from generator.inference.detector import Detector
from generator.inference.runner import Runner
from generator.measures import image as measuring
from generator.outputs import known_pages, website
from generator.outputs.pdf.typesetting import Typesetter
from generator.pages.page_store import PageStore


class Done:
    """What was done in this process since the counting began."""

    def __init__(self) -> None:
        self.forwards: list[str] = []
        self.tests: list[str] = []
        self.measured = 0
        self.figures: list[str] = []
        self.pages: set[str] = set()
        self.pdf_pages: set[str] = set()
        self.converted: set[str] = set()
        self.mkdocs = self.typst = 0

    def told(self) -> dict[str, Any]:
        """Only what was done at all."""
        return {name: value for name, value in vars(self).items() if value}


def count_in(patch: pytest.MonkeyPatch) -> Done:
    """Counts what builds in this process do, until `patch` is undone."""
    seen = Done()

    def count(target: Any, name: str, note: Callable[..., None]) -> None:
        real = getattr(target, name)

        def counted(*arguments: Any, **options: Any) -> Any:
            note(*arguments)
            return real(*arguments, **options)

        patch.setattr(target, name, counted)

    def mkdocs(*_: object) -> None:
        seen.mkdocs += 1

    def typst(*_: object) -> None:
        seen.typst += 1

    def tile(_: object, path: Path) -> None:
        if path.stem.endswith("-1"):  # the first of a figure
            seen.figures.append(f"{path.parent.name}/{path.stem.removesuffix('-1')}")

    def measured(*_: object) -> None:
        seen.measured += 1

    def pages(store: PageStore) -> None:
        file = store._file
        assert file is not None, "a preflight is no part of any row"
        (seen.pdf_pages if file.stem.endswith("pdf") else seen.pages).update(store.rendered)

    count(Detector, "run", lambda *_: seen.forwards.append("once"))
    count(Runner, "intervene", lambda *_: seen.tests.append("once"))
    count(measuring, "measure_image", measured)
    count(redraw, "save_figure", lambda _, path, dpi: seen.figures.append(
        f"{path.parent.name}/{path.stem}"
    ))  # fmt: skip
    count(redraw, "save_tile", tile)
    count(PageStore, "save", pages)
    count(website, "run_mkdocs", mkdocs)
    count(known_pages, "_converted", lambda page, *_: seen.converted.add(page.file.src_uri))
    count(Typesetter, "pdf_of", typst)
    return seen
