"""The same pages by MkDocs and by Zensical: what a reader finds, and what an author is told."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator.build.recipe import build
from generator.errors import StorageError, UsageError, WebsiteError
from generator.files.folders import BuildFolder
from generator.outputs import zensical_run
from generator.outputs.website import stage_website
from generator.project.config import Engine
from tests.outputs.test_website import NASTY, Q1, make_project, parsed, source_of_drawer
from tests.tiny_project import files_in, options, replace_in

needs_zensical = pytest.mark.skipif(
    importlib.util.find_spec("zensical") is None, reason="zensical is not installed here"
)
ENGINES = ("mkdocs", pytest.param("zensical", marks=needs_zensical))
CAPTIONS = {"gallery/cats.md": "Two <b>cats</b>,\nasleep.", "gallery/nothing.md": ""}


def made_by(engine: Engine, build: Path) -> Path:
    folder = BuildFolder(build)
    stage_website(folder, captions=CAPTIONS, engine=engine)
    return folder.staged_site.rename(folder.site)


@pytest.fixture(scope="module", params=ENGINES)
def small(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of invented pages, with an address, which is not the top of its host."""
    project = make_project(tmp_path_factory.mktemp(request.param))
    settings = project / "mkdocs.yml"
    replace_in(settings, 'site_url: ""', 'site_url: "https://example.org/courses/detr/"')
    (project / "docs/q2-all.md").write_text("# All images\n", encoding="utf-8")
    return made_by(request.param, project)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "before", "after"),
    [
        ("q2", "q1.html", "gallery/cats.html"),
        ("gallery/cats", "../q2.html", "nothing.html"),
        ("gallery/nothing", "cats.html", "../q3.html"),
        ("q2-all", "q2.html", "q3.html"),  # alone: between no others of its kind
        ("q3", "gallery/nothing.html", "about.html"),
    ],
)
def test_readers_go_on_from_q2_through_the_images_to_q3(
    small: Path, page: str, before: str, after: str
) -> None:
    ways = {
        element.attributes["class"].rpartition("--")[2]: element.attributes["href"]
        for element in parsed(small / f"{page}.html")
        if "md-footer__link--" in element.attributes.get("class", "")
    }
    assert {side: way.removeprefix("./") for side, way in ways.items()} == {
        "prev": before,
        "next": after,
    }


@pytest.mark.slow
def test_an_image_belongs_to_q2_and_its_drawer_has_its_contents(small: Path) -> None:
    for page in ("gallery/cats", "gallery/nothing", "q2", "q2-all"):
        source = (small / f"{page}.html").read_text(encoding="utf-8")
        tabs = source.partition("md-tabs__item--active")[2].partition("</li>")[0]
        assert "Q2 Gallery" in tabs
    drawer = source_of_drawer(small / "gallery/cats.html")
    assert 'href="#what-was-found"' in drawer
    assert "nothing.html" not in drawer
    assert "#what-was-found" not in source_of_drawer(small / "q2.html")


@pytest.mark.slow
def test_the_search_knows_an_image_by_title_and_caption_alone(small: Path) -> None:
    files = [small / "search.json", small / "search/search_index.json"]
    (index,) = (json.loads(file.read_text(encoding="utf-8")) for file in files if file.is_file())
    docs = index.get("items") or index["docs"]
    images = [one for one in docs if one["location"].startswith("gallery/")]
    assert [one["location"] for one in images] == ["gallery/cats.html", "gallery/nothing.html"]
    texts = [one["text"].removeprefix("<p>").removesuffix("</p>") for one in images]
    assert texts == ["Two &lt;b&gt;cats&lt;/b&gt;, asleep.", ""]
    assert "q3.html" in {one["location"] for one in docs}
    script = next(one for one in (small / "search.js", small / "search/search_index.js")
                  if one.is_file())  # fmt: skip
    assert "What was found" not in script.read_text(encoding="utf-8")


@pytest.mark.slow
def test_formulas_addresses_and_our_own_404_are_there(small: Path) -> None:
    assert len([e for e in parsed(small / "q1.html") if e.tag == "math"]) == 3
    links = {e.attributes.get("rel"): e.attributes["href"] for e in parsed(small / "q2.html")
             if e.tag == "link"}  # fmt: skip
    assert links["canonical"] == "https://example.org/courses/detr/q2.html"
    assert (small / "404.html").read_bytes() == (small.parent / "docs/404.html").read_bytes()


@pytest.mark.slow
def test_those_who_pass_a_page_on_are_told_of_it(small: Path) -> None:
    told = {
        element.attributes["property"]: element.attributes["content"]
        for element in parsed(small / "gallery/cats.html")
        if element.attributes.get("property", "").startswith("og:")
    }
    assert told == {
        "og:type": "website",
        "og:site_name": 'off: "R&D" <b>',
        "og:title": NASTY,
        "og:url": "https://example.org/courses/detr/gallery/cats.html",
        "og:image": "https://example.org/courses/detr/assets/social.jpg",
    }


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_what_leads_nowhere_is_told_and_nothing_is_left_of_the_site(
    tmp_path: Path, engine: Engine
) -> None:
    wrong = "# Q1\n\n![x](images/gone.png), [x](nowhere.md) and [y](q3.md#nothing)\n"
    folder = BuildFolder(make_project(tmp_path, q1=wrong))
    with pytest.raises(WebsiteError) as caught:
        stage_website(folder, captions=CAPTIONS, engine=engine)
    message = str(caught.value)
    assert "q1.md" in message
    assert all(one in message for one in ("images/gone.png", "nowhere.", "#nothing"))
    assert not folder.staged_site.exists()
    assert not folder.zensical.exists()


@pytest.mark.slow
@needs_zensical
@pytest.mark.skipif(sys.platform == "win32", reason="has no such limits")
@pytest.mark.parametrize(
    ("largest", "told"), [(20_000, "takes no file of that size"), (60_000, "could not write")]
)
def test_a_disk_that_is_full_is_no_error_of_the_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, largest: int, told: str
) -> None:
    """Zensical itself may write half a file and say that all is well."""
    code = (
        f"import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, ({largest},) * 2); "
        "runpy.run_module('zensical', run_name='__main__', alter_sys=True)"
    )
    run = subprocess.run

    def limited(command: list[str], **more: Any) -> Any:
        return run([sys.executable, "-P", "-c", code, *command[4:]], **more)

    folder = BuildFolder(make_project(tmp_path, q1=Q1))
    monkeypatch.setattr(subprocess, "run", limited)
    with pytest.raises(StorageError, match=told):
        stage_website(folder, captions=CAPTIONS, engine="zensical")
    assert not folder.staged_site.exists()
    assert not folder.zensical.exists()


@pytest.mark.slow
@needs_zensical
def test_zensical_publishes_what_is_listed_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    folder = BuildFolder(make_project(tmp_path, q1=Q1))
    files = {path.relative_to(folder.docs).as_posix() for path in folder.docs.rglob("*.*")}
    (folder.docs / "secret.md").write_text("# A secret\n", encoding="utf-8")
    sites = []
    for _ in range(2):
        stage_website(folder, files, captions=CAPTIONS, engine="zensical")
        sites.append(files_in(folder.staged_site))
    assert sites[0] == sites[1]
    assert not [name for name, content in sites[0].items() if b"A secret" in content]


@pytest.mark.slow
@needs_zensical
def test_a_build_takes_the_engine_that_the_settings_name(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    shutil.copytree(site.parents[1], project)
    with (project / "site_config.yml").open("a", encoding="utf-8") as settings:
        settings.write("\nengine: zensical\n")
    report = build(options(project, leave_out={"pdf"}))
    assert "zensical-" in (report.of("site")["student"] / "q2.html").read_text(encoding="utf-8")
    assert build(options(project, leave_out={"pdf"})).is_unchanged
    monkeypatch.setattr(zensical_run, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match="pip install zensical"):
        build(options(project, leave_out={"pdf"}))
