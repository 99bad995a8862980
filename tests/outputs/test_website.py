"""A small site in both editions, built by MkDocs once, and read as a browser would."""

from __future__ import annotations

import html
import json
import logging
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

from generator.errors import WebsiteError
from generator.figures.image.image_set import IMAGE_FIGURES, OF_RELATIVES
from generator.files.folders import BuildFolder
from generator.files.write import write_if_different
from generator.outputs.website import _content, stage_website
from generator.pages.contents import EntryStatus
from generator.pages.render import write_pages
from tests.invented import (
    TEMPLATES,
    built,
    invented_contents,
    invented_project,
    invented_result,
    paint,
)

pytestmark = pytest.mark.slow

ON_IMAGE_PAGE = len(IMAGE_FIGURES) - len(OF_RELATIVES)
"""The image itself, and all its figures but the matching."""

NASTY = "</title><script>alert(1)</script> | *x*"
Q1 = r"""# Q1 The model

It has $N = hw$ tokens, and $|a|$ in a table:

| a | b |
| --- | --- |
| $|p_i|$ | ok |

{% call exercise("Count") %}
{{ figure(example.figures["decoder"], "The *decoder*", "fig-decoder") }}

{% call answer() %}
Zweiundvierzig.

$$ 6 \times 7 $$
{% endcall %}
{% endcall %}

See {{ ref("q1#fig-decoder", "the figure") }}, {{ ref("cats") }} and {{ ref("about") }}.
"""
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@dataclass
class Element:
    """A start tag: its place and its attributes."""

    tag: str
    attributes: dict[str, str]
    parents: tuple[str, ...]


@dataclass
class Page(HTMLParser):
    """The elements of a page."""

    elements: list[Element] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append(Element(tag, attributes, tuple(self.open)))
        if tag not in ("img", "meta", "link", "input", "br", "hr"):
            self.open.append(f"{tag}.{attributes.get('class', '')}")

    def handle_endtag(self, tag: str) -> None:
        while self.open and not self.open.pop().startswith(f"{tag}."):
            pass


def parsed(path: Path) -> list[Element]:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page.elements


def make_project(root: Path, edition: str = "student", q1: str = Q1) -> Path:
    results = [
        invented_result("cats", 2, title=NASTY, caption=NASTY, alt=NASTY),
        invented_result("nothing", 0),
    ]
    config = invented_project(root, {"q1.md": q1}, edition=edition, title='off: "R&D" <b>')
    statuses = [*built(results), EntryStatus("far", NASTY, "left_out", NASTY)]
    write_pages(config, invented_contents(results, statuses), BuildFolder(root / "build"))
    paint(root / "build", results)
    return root / "build"


def build_website(build: Path) -> Path:
    folder = BuildFolder(build)
    stage_website(folder, captions={"gallery/cats.md": "", "gallery/nothing.md": ""})
    shutil.rmtree(folder.site, ignore_errors=True)
    return folder.staged_site.rename(folder.site)


@pytest.fixture(scope="session")
def student(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_website(make_project(tmp_path_factory.mktemp("student")))


@pytest.fixture(scope="session")
def instructor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_website(make_project(tmp_path_factory.mktemp("instructor"), "instructor"))


def test_every_page_is_in_the_build_folder(student: Path) -> None:
    assert student.parts[-2:] == ("build", "site")
    for name in ("index", "q1", "q2", "q3", "about", "gallery/cats", "gallery/nothing"):
        assert (student / f"{name}.html").is_file()


def test_nothing_is_loaded_from_another_host(student: Path, instructor: Path) -> None:
    pages = [*student.rglob("*.html"), *instructor.rglob("*.html")]
    assert len(pages) == 16  # 404.html among them
    for page in pages:
        for element in parsed(page):
            if element.tag == "a":
                continue
            for name in ("src", "href", "srcset", "data", "action"):
                assert "//" not in element.attributes.get(name, ""), (page.name, element)


def test_own_style_sheet_and_scripts_name_no_host(student: Path) -> None:
    ours = [student / "assets" / "handout.css", student / "assets" / "iframe-worker.js"]
    for file in ours:
        assert not re.search(r"https?://|@import|url\(", file.read_text(encoding="utf-8"))


def test_every_page_has_our_own_icon(student: Path) -> None:
    for page in ("index.html", "gallery/cats.html"):
        icons = [
            e.attributes["href"]
            for e in parsed(student / page)
            if e.attributes.get("rel") == "icon"
        ]
        assert [((student / page).parent / icon).resolve() for icon in icons] == [
            student.resolve() / "assets/favicon.svg"
        ]
        assert (student / "assets/favicon.svg").is_file()


def test_own_worker_is_named_before_the_plugin_adds_its_own(student: Path) -> None:
    scripts = [e.attributes.get("src") for e in parsed(student / "gallery" / "cats.html")]
    assert "../assets/iframe-worker.js" in scripts


def test_menu_holds_no_image_page_but_the_one_that_is_open(student: Path) -> None:
    for page in student.rglob("*.html"):
        menu = [
            element.attributes["href"]
            for element in parsed(page)
            if element.tag == "a"
            and any(
                "md-nav--primary" in parent or "md-tabs" in parent for parent in element.parents
            )
        ]
        assert any(target.endswith("q2.html") for target in menu) or page.name == "404.html"
        own = {"./", page.name} if page.parent.name == "gallery" else set()
        images = {target for target in menu if target.endswith(("cats.html", "nothing.html"))}
        assert images <= own
        assert bool(images) == bool(own)


@pytest.mark.parametrize(
    ("page", "before", "after"),
    [
        ("q2", "q1.html", "gallery/cats.html"),
        ("gallery/cats", "../q2.html", "nothing.html"),
        ("gallery/nothing", "cats.html", "../q3.html"),
        ("q3", "gallery/nothing.html", "about.html"),
    ],
)
def test_readers_go_on_from_q2_through_the_images_to_q3(
    student: Path, page: str, before: str, after: str
) -> None:
    ways = {
        element.attributes["class"].rpartition("--")[2]: element.attributes["href"]
        for element in parsed(student / f"{page}.html")
        if "md-footer__link--" in element.attributes.get("class", "")
    }
    assert ways == {"prev": before, "next": after}


def test_an_image_belongs_to_q2_and_its_drawer_has_its_contents(student: Path) -> None:
    for page in ("gallery/cats", "gallery/nothing", "q2"):
        source = (student / f"{page}.html").read_text(encoding="utf-8")
        tabs = source.partition("md-tabs__item--active")[2].partition("</li>")[0]
        assert "Q2 Gallery" in tabs
    drawer = source_of_drawer(student / "gallery/cats.html")
    assert 'href="#what-was-found"' in drawer
    assert "#what-was-found" not in source_of_drawer(student / "q2.html")


def source_of_drawer(page: Path) -> str:
    source = page.read_text(encoding="utf-8")
    return source.partition("md-nav--primary")[2].partition("md-sidebar--secondary")[0]


def test_the_page_of_addresses_that_lead_nowhere_needs_no_other_file(student: Path) -> None:
    elements = parsed(student / "404.html")
    assert not [e for e in elements if e.tag in ("link", "img")]
    assert not [e for e in elements if e.tag == "script" and "src" in e.attributes]
    links = {e.attributes["href"] for e in elements if e.tag == "a"}
    assert links == {f"{name}.html" for name in ("index", "q1", "q2", "q3", "about")}
    assert all((student / link).is_file() for link in links)


def test_answers_are_nowhere_in_the_student_edition(student: Path) -> None:
    for file in student.parent.rglob("*"):
        if file.is_file():
            assert b"Zweiundvierzig" not in file.read_bytes(), file


def test_answers_are_in_the_instructor_edition(instructor: Path) -> None:
    for name in ("q1.html", "search/search_index.json"):
        assert "Zweiundvierzig" in (instructor / name).read_text(encoding="utf-8")
    assert "(instructor edition)" in (instructor / "index.html").read_text(encoding="utf-8")


def test_every_picture_has_alt_text_size_and_lazy_loading(instructor: Path) -> None:
    pages = [*instructor.glob("*.html"), *(instructor / "gallery").glob("*.html")]
    pictures = [element for page in pages for element in parsed(page) if element.tag == "img"]
    # No rollout for the image without detections.
    assert len(pictures) == ON_IMAGE_PAGE + (ON_IMAGE_PAGE - 1) + 2 + 1
    for picture in pictures:
        assert {"alt", "width", "height", "src"} <= picture.attributes.keys()
        assert picture.attributes["alt"]
        assert picture.attributes["loading"] == "lazy"


def test_figures_are_figures_that_link_to_their_file(instructor: Path) -> None:
    for name, count in (("gallery/cats.html", ON_IMAGE_PAGE), ("q1.html", 1)):
        elements = parsed(instructor / name)
        figures = [e for e in elements if e.tag == "figure"]
        assert len(figures) == len([e for e in elements if e.tag == "figcaption"]) == count
        pictures = [e for e in elements if e.tag == "img"]
        for picture in pictures:
            assert picture.parents[-1] == "a."
            assert "figure." in picture.parents
            target = (instructor / name).parent / picture.attributes["src"]
            assert target.resolve().is_file()


def test_anchor_of_a_figure_is_the_figures(instructor: Path) -> None:
    figure = next(e for e in parsed(instructor / "q1.html") if e.tag == "figure")
    assert figure.attributes["id"] == "fig-decoder"


def test_texts_of_the_gallery_run_no_script(student: Path) -> None:
    for page in student.rglob("*.html"):
        source = page.read_text(encoding="utf-8")
        scripts = re.findall(r"<script.*?</script>", source, re.DOTALL)
        assert not [script for script in scripts if "alert(1)" in script], page
    title = re.search(r"<title>(.*?)</title>", (student / "gallery/cats.html").read_text())
    assert title is not None
    assert html.unescape(title[1]) == f'{NASTY} - off: "R&D" <b>'


def test_formulas_reach_the_page_whole(instructor: Path) -> None:
    elements = parsed(instructor / "q1.html")
    formulas = [element for element in elements if element.tag == "math"]
    assert len(formulas) == 4
    assert not [e for e in elements if e.tag == "em" and any("math" in p for p in e.parents)]
    assert len([e for e in elements if e.tag == "td"]) == 2


def test_search_index_lists_images_and_no_formulas(student: Path) -> None:
    index = json.loads((student / "search" / "search_index.json").read_text(encoding="utf-8"))
    locations = {entry["location"] for entry in index["docs"]}
    assert "gallery/cats.html" in locations
    model = next(entry for entry in index["docs"] if entry["location"] == "q1.html")
    assert "It has" in model["text"]
    assert "hw" not in model["text"]


def test_two_builds_give_the_same_bytes(student: Path) -> None:
    before = {path: path.read_bytes() for path in student.rglob("*") if path.is_file()}
    build_website(student.parent)
    assert {path: path.read_bytes() for path in student.rglob("*") if path.is_file()} == before


def test_the_site_shares_the_files_of_docs_and_no_others(student: Path, tmp_path: Path) -> None:
    """And what the next build replaces in `docs` stays in the site that is published."""
    shutil.copytree(student.parent, tmp_path / "build", ignore=shutil.ignore_patterns("site"))
    site, docs = build_website(tmp_path / "build"), tmp_path / "build/docs"
    shared = [
        file for file in docs.rglob("*") if file.is_file() and file.suffix not in (".md", ".html")
    ]
    assert len(shared) > 20
    for file in shared:
        assert (site / file.relative_to(docs)).samefile(file), file
    others = {file for file in site.rglob("*") if file.is_file()}
    others -= {site / file.relative_to(docs) for file in shared}
    assert all(file.stat().st_nlink == 1 for file in others)  # pages, and the theme's own
    published, here = site / "assets/handout.css", docs / "assets/handout.css"
    before = published.read_bytes()
    write_if_different(here, b"body {}")
    assert published.read_bytes() == before


def test_broken_link_is_an_error_with_its_page(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    build = make_project(tmp_path, q1="# Q1\n\n[x](nowhere.md) and [y](q3.md#nothing)\n")
    logger = logging.getLogger("mkdocs")
    before = logger.propagate, logger.handlers[:]
    with pytest.raises(WebsiteError) as caught:
        build_website(build)
    message = str(caught.value)
    assert "'q1.md'" in message
    assert "'nowhere.md'" in message
    assert "'#nothing'" in message
    assert capfd.readouterr() == ("", "")
    assert (logger.propagate, logger.handlers) == before


def test_site_that_is_refused_leaves_the_one_before_as_it_was(
    student: Path, tmp_path: Path
) -> None:
    build = Path(shutil.copytree(student.parent, tmp_path / "build"))
    site = build / "site"
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    (build / "docs" / "q1.md").write_text("# Q1\n\n[x](nowhere.md) A secret.\n")
    with pytest.raises(WebsiteError):
        build_website(build)
    assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before
    others = (path for path in build.rglob("*") if path.is_file() and path.parent.name != "docs")
    assert not [path for path in others if b"A secret." in path.read_bytes()]


def test_settings_that_mkdocs_cannot_read_are_an_error(student: Path, tmp_path: Path) -> None:
    build = Path(shutil.copytree(student.parent, tmp_path / "build"))
    (build / "mkdocs.yml").write_text("site_name: x\nplugins: [unheard-of]\n")
    with pytest.raises(WebsiteError, match="unheard-of"):
        build_website(build)


def test_materials_notice_is_not_printed(student: Path) -> None:
    code = (
        "import sys; sys.argv = ['mkdocs']; from pathlib import Path;"
        "from generator.files.folders import BuildFolder;"
        "from generator.outputs.website import stage_website;"
        "stage_website(BuildFolder(Path(sys.stdin.read())))"
    )
    environment = {k: v for k, v in os.environ.items() if k != "NO_MKDOCS_2_WARNING"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=str(student.parent),
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=TEMPLATES.parent,
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_settings_at_the_top_level_lead_to_the_build(student: Path) -> None:
    from mkdocs.config import load_config

    root = student.parents[1]
    shutil.copy(TEMPLATES.parent / "mkdocs.yml", root)
    config = load_config(str(root / "mkdocs.yml"))
    assert Path(config.docs_dir) == root / "build" / "docs"
    assert Path(config.site_dir) == student
    assert config.use_directory_urls is False


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_search_finds_pages_of_a_site_opened_from_a_file(student: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            f"--user-data-dir={tmp_path}",
            "--virtual-time-budget=20000",
            "--dump-dom",
            f"{(student / 'index.html').as_uri()}?q=introduction",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert "1 matching document" in done.stdout


def test_a_file_of_docs_is_read_again_if_it_changed(tmp_path: Path) -> None:
    docs, known = tmp_path / "docs", tmp_path / "stamps" / "docs.files"
    write_if_different(docs / "a.txt", b"one")
    write_if_different(docs / "b.txt", b"two")
    first = _content(docs, known)
    assert _content(docs, known) == first
    write_if_different(docs / "a.txt", b"six")  # of the same size
    second = _content(docs, known)
    assert second != first
    os.utime(docs / "a.txt", ns=(5, 5))
    assert _content(docs, known) == second  # the same bytes at another time
    known.write_bytes(known.read_bytes()[:-9])  # cut short: all is read
    assert _content(docs, known) == second
    (docs / "b.txt").unlink()
    assert _content(docs, known) not in (first, second)
