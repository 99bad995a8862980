"""A site that would ask another host is refused with the place in the author's files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator.check import check_project
from generator.errors import PageError
from generator.outputs.no_other_host import refuse_other_hosts
from generator.pages import other_hosts
from tests.tiny_project import copy_of_tinysite

X = "https://example.org/x"


def refusal(site: Path) -> str:
    with pytest.raises(PageError) as caught:
        refuse_other_hosts(site, lambda page, _: page)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("q1.html", f"<img src='{X}'>"),
        ("gallery/cats.html", f"<p style='background: url({X})'>"),
        ("404.html", f"<iframe src='{X}'></iframe>"),
        ("assets/own.css", f"@import '{X}';"),
        ("assets/own.js", f"fetch('{X}')"),
        ("assets/own.svg", f"<svg><image href='{X}'/></svg>"),
        ("own/page.xhtml", f"<img src='{X}'/>"),
    ],
)
def test_every_kind_of_file_is_read(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    said = refusal(tmp_path)
    assert X in said
    assert said.partition(":")[0].rpartition(".")[0] == name.rpartition(".")[0]


def test_an_own_file_with_the_name_of_one_of_the_theme_is_read(tmp_path: Path) -> None:
    file = tmp_path / "assets/javascripts/lunr/tinyseg.js"
    file.parent.mkdir(parents=True)
    file.write_text(f"fetch('{X}')", encoding="utf-8")
    assert X in refusal(tmp_path)


def test_two_files_of_the_same_bytes_are_both_named(tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        (tmp_path / name).write_text(f"<img src='{X}'>")
    said = refusal(tmp_path).splitlines()
    assert [line.partition(":")[0] for line in said] == ["a.md", "b.md"]


def test_what_was_clean_is_not_read_again(tmp_path: Path) -> None:
    site, stamp, asked = tmp_path / "site", tmp_path / "stamp.json", list[str]()

    def place(page: str, _: str) -> str:
        asked.append(page)
        return page

    site.mkdir()
    (site / "a.html").write_text("<p>plain</p>")
    refuse_other_hosts(site, place, stamp)
    before = stamp.read_bytes()
    (site / "b.html").write_text(f"<img src='{X}'>")
    for _ in range(2):  # what was refused is no cleaner the second time
        with pytest.raises(PageError, match="example"):
            refuse_other_hosts(site, place, stamp)
    assert stamp.read_bytes() == before
    # The same bytes are read as a script where they are one.
    (site / "b.html").write_text(f"fetch('{X}')")
    refuse_other_hosts(site, place, stamp)
    (site / "b.html").rename(site / "b.js")
    with pytest.raises(PageError, match="example"):
        refuse_other_hosts(site, place, stamp)


def test_a_clean_file_of_the_same_size_and_time_is_not_even_read(tmp_path: Path) -> None:
    site, stamp = tmp_path / "site", tmp_path / "stamp.json"
    site.mkdir()
    script = site / "a.js"
    script.write_text("plain;" + " " * 40)
    refuse_other_hosts(site, lambda page, _: page, stamp)
    before, bad = script.stat(), f"fetch('{X}')"
    script.write_text(bad.ljust(before.st_size))
    os.utime(script, ns=(before.st_mtime_ns, before.st_mtime_ns))
    refuse_other_hosts(site, lambda page, _: page, stamp)
    os.utime(script, ns=(before.st_mtime_ns, before.st_mtime_ns + 1))
    with pytest.raises(PageError, match="example"):
        refuse_other_hosts(site, lambda page, _: page, stamp)


def test_known_files_are_not_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site, stamp = tmp_path / "site", tmp_path / "stamp.json"
    site.mkdir()
    (site / "a.html").write_text("<p>plain</p>")
    parsed: list[str] = []
    monkeypatch.setattr(other_hosts._Reader, "feed", lambda _, text: parsed.append(text))
    refuse_other_hosts(site, lambda page, _: page, stamp)
    assert parsed == ["<p>plain</p>"]
    refuse_other_hosts(site, lambda page, _: page, stamp)
    assert parsed == ["<p>plain</p>"]


def sound_project(root: Path) -> Path:
    """The small project without its damaged image."""
    project = copy_of_tinysite(root / "site")
    gallery = "images:\n- file: content/images/pets.jpg\n"
    (project / "content/gallery.yml").write_text(gallery, encoding="utf-8")
    return project


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "place"),
    [
        (f'<p style="background:url({X})">x</p>', "content/q1.md:1: "),
        (f"<style>@import '{X}';</style>", "content/q1.md:1: "),
        (f"<script>fetch('{X}')</script>", "content/q1.md:1: "),
        (f"![a picture][p]\n\n[p]: {X}", "content/q1.md:3: "),
        (f"words\n{{: style='background:url({X})' }}", "content/q1.md:2: "),
    ],
    ids=["style", "import", "fetch", "a picture by reference", "a list of attributes"],
)
def test_check_names_file_and_line(tmp_path: Path, page: str, place: str) -> None:
    project = sound_project(tmp_path)
    q1 = project / "content/q1.md"
    q1.write_text(page + "\n\n" + q1.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(PageError) as caught:
        check_project(project / "site_config.yml")
    assert str(caught.value).startswith(place)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.slow
def test_styles_of_an_author_are_read_too(tmp_path: Path) -> None:
    project = sound_project(tmp_path)
    css = project / "templates/assets/handout.css"
    css.write_text(css.read_text(encoding="utf-8") + f"\n@import '{X}';\n", encoding="utf-8")
    lines = css.read_text(encoding="utf-8").count("\n")
    with pytest.raises(PageError) as caught:
        check_project(project / "site_config.yml")
    assert str(caught.value).startswith(f"templates/assets/handout.css:{lines}: {X}")
