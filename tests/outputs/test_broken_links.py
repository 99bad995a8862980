"""Links of a site that lead nowhere, in pages written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.outputs.broken_links import Broken, broken_links, told
from generator.outputs.gallery_order import Neighbours, gallery_order


def site_with(folder: Path, body: str) -> Path:
    (folder / "below").mkdir()
    (folder / "index.html").write_text(f"<h1 id='top-of-it'>x</h1>{body}", encoding="utf-8")
    (folder / "below/page one.html").write_text("<p id='ü'><a name=old>x</a>", encoding="utf-8")
    (folder / "picture.webp").write_bytes(b"x")
    (folder / "404.html").write_text("<a href='nowhere.html'>x</a>", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "right",
    [
        "<a href='below/page%20one.html#%C3%BC'>x</a><a href='below/page one.html#old'>x</a>",
        "<a href='#top-of-it'>x</a><a href=''>x</a><a href='./'>x</a><a href='#top'>x</a>",
        "<a href='https://example.org/x'>x</a><a href='mailto:a@example.org'>x</a>",
        "<img src='picture.webp?1'><img srcset='picture.webp 1x, picture.webp 2x'>",
        "<a href='downloads/later.pdf' download>x</a><a href='#query-3' data-query=3>x</a>",
        "<pre>&lt;a href='gone.html'&gt;</pre><script>'<img src=\"gone.png\">'</script>",
        "<!-- <a href='gone.html'> --><link rel=canonical href='/gone.html'>",
    ],
)
def test_what_is_there_is_no_news(tmp_path: Path, right: str) -> None:
    assert broken_links(site_with(tmp_path, right)) == []


@pytest.mark.parametrize(
    ("wrong", "picture", "anchor"),
    [
        ("<a href='gone.html'>x</a>", False, False),
        ("<a href='below/page%20one.html#gone'>x</a>", False, True),
        ("<a href='#gone'>x</a>", False, True),
        ("<a href='../index.html'>x</a>", False, False),
        ("<a href='/index.html'>x</a>", False, False),
        ("<a href='http://[x'>x</a>", False, False),
        ("<img src='gone.png'>", True, False),
        ("<picture><source srcset='picture.webp 1x, gone.png 2x'></picture>", True, False),
        ("<svg><image href='gone.png'/></svg>", True, False),
        ("<script src='gone.js'></script>", False, False),
        ("<link rel='stylesheet' href='gone.css'>", False, False),
    ],
)
def test_what_is_not_there_is_found_once(
    tmp_path: Path, wrong: str, picture: bool, anchor: bool
) -> None:
    (found,) = broken_links(site_with(tmp_path, wrong + wrong))
    assert (found.page, found.is_picture, found.is_anchor) == ("index.html", picture, anchor)
    assert found.address in wrong


def test_the_place_is_the_line_of_the_source() -> None:
    lines = {"q3.md#nothing": "content/q1.md:3", "": "content/q1.md"}
    broken = Broken("q1.html", "q3.html#nothing", is_picture=False, is_anchor=True)
    assert told(broken, lambda _, text: lines.get(text, "content/q1.md")) == (
        "content/q1.md:3: the link `q3.md#nothing` leads nowhere: there is no such anchor"
    )
    picture = Broken("q1.html", "gone.png", is_picture=True, is_anchor=False)
    assert told(picture, lambda *_: "content/q1.md") == (
        "content/q1.md: there is no picture `gone.png`"
    )


def test_further_pages_of_the_gallery_and_images_are_chains_of_their_own(tmp_path: Path) -> None:
    for name in ("q2", "q2-2", "q2-10", "q2-more", "q2-all"):
        (tmp_path / f"{name}.md").touch()
    assert gallery_order(tmp_path, ["gallery/a.md", "gallery/b.md"]) == {
        "gallery/a.md": Neighbours(None, "gallery/b.md"),
        "gallery/b.md": Neighbours("gallery/a.md", None),
        "q2-2.md": Neighbours(None, "q2-10.md"),
        "q2-10.md": Neighbours("q2-2.md", "q2-all.md"),
        "q2-all.md": Neighbours("q2-10.md", None),
    }
