"""What people wrote in the gallery is shown as they wrote it: never computed, never markup."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from generator.files.folders import BuildFolder
from generator.outputs.pdf.chapters import _converter
from generator.pages.contents import EntryStatus
from generator.pages.other_hosts import in_html
from generator.pages.render import write_pages
from generator.project.gallery import GalleryImage
from tests.invented import (
    built,
    invented_contents,
    invented_explorer,
    invented_project,
    invented_result,
)

HOSTILE = {
    "jinja": "{{ 7 * 191 }}{% for x in range(10**9) %}{% endfor %}<# gone #>",
    "jinja in a filter": "{{ ''.__class__ }} {{ site.root }}",
    "script": "<script>alert(1337)</script>",
    "picture": "<img src=https://example.org/x onerror=alert(1337)>",
    "picture in Markdown": "![x](https://example.org/x)",
    "link": "[x](javascript:alert(1337))",
    "link in angles": "<javascript:alert(1337)>",
    "end of an attribute": '" onmouseover="alert(1337)" x=\'',
    "attributes": "{: onclick=alert(1337) style='background:url(//example.org)' }",
    "end of a formula": "$</math><script>alert(1337)</script>$",
    "comment": "--><script>alert(1337)</script><!--",
    "entities": "&lt;script&gt;alert(1337)&lt;/script&gt;",
    "end of a caption": "x\n///\n\n<script>alert(1337)</script>",
    "YAML": 'x"\nextra_javascript: [https://example.org/x.js]\n# ',
    "fence": "```\n</code></pre><script>alert(1337)</script>",
}
_HEAD = re.compile(r"\A---\n.*?^---$", re.DOTALL | re.MULTILINE)
FIELDS = ("title", "caption", "alt", "credit")


def test_every_field_of_texts_is_tried() -> None:
    others = {
        "slug",
        "file",
        "url",
        "sha256",
        "model",
        "threshold",
        "points",
        "print",
        "objects",
        "annotations",
        "coco",
        "models",
        "comparison",
        "page",
    }
    assert set(GalleryImage.__dataclass_fields__) - others == set(FIELDS)


class Elements(HTMLParser):
    """What a browser would make of a page: elements, and attributes that act."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.acting: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            acts = name.startswith("on") or "javascript:" in (value or "").lower()
            if acts and name not in ("alt", "title", "id", "aria-label"):
                self.acting.append(f"{tag} {name}={value}")
        if tag in ("iframe", "object", "embed", "base"):
            self.acting.append(tag)


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("edition", ["student", "instructor"])
def test_a_text_of_the_gallery_is_shown_and_does_nothing(
    tmp_path: Path, text: str, edition: str
) -> None:
    line = " ".join(text.split())
    given: dict[str, Any] = {
        field: f"{field} {text if field == 'caption' else line}" for field in FIELDS
    }
    result = replace(invented_result("cats", **given), explorer=invented_explorer())
    lost = [EntryStatus("dogs", f"lost {line}", "failed", f"reason {line}")]
    config, folder = invented_project(tmp_path, edition=edition), BuildFolder(tmp_path / "build")
    write_pages(config, invented_contents([result], [*built([result]), *lost]), folder)
    settings = folder.settings.read_text(encoding="utf-8")
    assert "extra_javascript:\n  - assets/reachable.js\n" in settings
    converter, shown = _converter(settings), ""
    for name in ("gallery/cats.md", "q2.md", "about.md"):
        page = _HEAD.sub("", (folder.docs / name).read_text(encoding="utf-8"))
        made = converter.reset().convert(page)
        assert Elements(made).acting == []
        assert list(in_html(made)) == []
        assert "<script>alert" not in made
        assert "{{" in text or "{{" not in made
        assert "{{ 7" not in text or "1337" not in made
        shown += html.unescape(made)
    for field in (*FIELDS, "lost"):
        assert f"{field} {line}" in " ".join(shown.split()), field
    is_told = f"reason {line}" in " ".join(shown.split())
    assert is_told == (edition == "instructor")  # why something is missing is no student's business
