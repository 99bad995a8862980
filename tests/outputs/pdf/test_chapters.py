from __future__ import annotations

import pytest

from generator.outputs.pdf.chapters import chapters_of

SETTINGS = """
markdown_extensions:
  - admonition
  - footnotes
  - toc: {permalink: true}
  - pymdownx.highlight
  - pymdownx.superfences
"""
PAGES = {
    f"{name}.md": f"# {name}\n"
    for name in ("about", "gallery/b", "gallery/a", "index", "q1", "q2", "q3", "syllabus")
} | {"figures/flow.svg": "<svg/>"}


@pytest.mark.slow
def test_all_images_together_are_told_of_below_the_gallery() -> None:
    pages = {**PAGES, "q2-all.md": "# All\n"}
    chapters = chapters_of(pages, SETTINGS, ["gallery/a.md"])
    assert [(one.file, one.level) for one in chapters[2:5]] == [
        ("q2.md", 1), ("q2-all.md", 2), ("gallery/a.md", 2),
    ]  # fmt: skip


@pytest.mark.slow
def test_chapters_are_in_reading_order_with_images_below_the_gallery() -> None:
    chapters = chapters_of(PAGES, SETTINGS, ["gallery/b.md", "gallery/a.md"])
    assert [(one.file.removesuffix(".md"), one.level) for one in chapters] == [
        ("index", 1),
        ("q1", 1),
        ("q2", 1),
        ("gallery/b", 2),
        ("gallery/a", 2),
        ("q3", 1),
        ("syllabus", 1),
        ("about", 1),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("# A\n", '<h1 id="a">A</h1>'),  # without the symbol of a permanent link
        ("---\ntitle: x\n---\n# A\n", '<h1 id="a">A</h1>'),
        ('!!! note "N"\n\n    x\n', '<div class="admonition note">'),
        ("```python\nx\n```\n", '<div class="language-python highlight">'),
    ],
)
def test_extensions_of_the_site_are_used_without_what_is_for_screens(
    text: str, wanted: str
) -> None:
    first = chapters_of(PAGES | {"index.md": text}, SETTINGS, [])[0]
    assert first.html.startswith(wanted)


def test_footnotes_of_one_page_stay_out_of_the_next() -> None:
    noted = {"index.md": "# A\n\nx[^1]\n\n[^1]: y\n", "q1.md": "# B\n\nz\n"}
    chapters = chapters_of(PAGES | noted, SETTINGS, [])
    assert "footnote" in chapters[0].html
    assert "footnote" not in chapters[1].html
