"""A name that is wrong comes with the nearest one that is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.errors import PageError
from generator.pages.jinja import Renderer
from generator.pages.reads import Reads
from tests.invented import invented_project, invented_result


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ reff('q1') }}", "'reff' is undefined; did you mean `ref`?"),
        ("{{ rang(3) }}", "'rang' is undefined; did you mean `range`?"),
        ("{{ xyzzy }}", "'xyzzy' is undefined"),
        ("{{ result.entry.captoin }}", "has no attribute 'captoin'; did you mean `caption`?"),
        ("{{ figures.decodr }}", "has no attribute 'decodr'; did you mean `decoder`?"),
        ("{{ figures['decodr'] }}", "has no attribute 'decodr'; did you mean `decoder`?"),
        ("{{ result.query_colour }}", "'query_colour'; did you mean `query_colours`?"),
        ("{{ result.__class__ }}", "of '_RecordView' object is unsafe."),
        ("{{ 'a' | plian }}", "No filter named 'plian'; did you mean `plain`?"),
    ],
)  # fmt: skip
def test_the_nearest_name_is_told(tmp_path: Path, text: str, message: str) -> None:
    site = invented_project(tmp_path, {"q1.md": f"# Q1\n\n{text}\n"})
    values: dict[str, Any] = {"result": invented_result(), "figures": {"decoder": 1, "_secret": 2}}
    views = Reads(values).views() | {"ref": lambda name: name}
    with pytest.raises(PageError) as caught:
        Renderer(site).page("q1.md", views)
    place, said = str(caught.value).split(": ", 1)
    assert place == "content/q1.md:3"
    assert said.endswith(message)
