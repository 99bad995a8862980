"""Pages that are kept from build to build."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from generator.files.sealed import write_sealed
from generator.pages.page_store import Files, PageStore
from generator.pages.read_checker import Checker
from generator.pages.reads import Reads


@dataclass(frozen=True)
class Site:
    title: str
    author: str = ""


def page(store: PageStore, site: Site) -> str:
    roots = {"site": site}

    def render(reads: Reads) -> Files:
        return {"a.md": reads.view("site").title}

    return store.files("a", roots, Checker(roots), render)["a.md"]


def test_page_is_rendered_again_only_if_what_it_reads_changed(tmp_path: Path) -> None:
    file = tmp_path / "pages.json"
    for site, rendered in (
        (Site("One"), ["a"]),
        (Site("One"), []),
        (Site("One", "Me"), []),
        (Site("Two"), ["a"]),
    ):
        store = PageStore(file, "key")
        assert page(store, site) == site.title
        assert store.rendered == rendered
        store.save()


def test_another_key_renders_everything(tmp_path: Path) -> None:
    for key in ("key", "other"):
        store = PageStore(tmp_path / "pages.json", key)
        page(store, Site("One"))
        assert store.rendered == ["a"]
        store.save()


def test_a_value_that_is_no_longer_there_is_a_change(tmp_path: Path) -> None:
    def rendered(roots: dict[str, Site]) -> list[str]:
        store = PageStore(tmp_path / "pages.json", "key")

        def render(reads: Reads) -> Files:
            return {"a.md": ", ".join(reads.view(name).title for name in roots)}

        store.files("a", roots, Checker({}, Checker(roots)), render)
        store.save()
        return store.rendered

    assert rendered({"site": Site("One"), "more": Site("Two")}) == ["a"]
    assert rendered({"site": Site("One")}) == ["a"]
    assert rendered({"site": Site("One")}) == []


def test_pages_that_are_gone_are_forgotten(tmp_path: Path) -> None:
    store = PageStore(tmp_path / "pages.json", "key")
    page(store, Site("An answer"))
    store.save()
    PageStore(tmp_path / "pages.json", "key").save()
    assert "An answer" not in (tmp_path / "pages.json").read_text()


@pytest.mark.parametrize(
    "damage",
    ["", "[]", "{}", '{"key": "key"}', '{"key": "key", "pages": [1]}',
     '{"key": "key", "paths": [], "pages": {"a": {"reads": 1, "files": {}}}}',
     '{"key": "key", "paths": [], "pages": {"a": {"reads": [[], []]}}}',
     '{"key": "key", "paths": [], "pages": {"a": {"reads": [[0], ["1"]], "files": {}}}}',
     '{"key": "key", "paths": [["b"]], "pages": {"a": {"reads": [[0], []], "files": {}}}}'],
)  # fmt: skip
def test_damaged_store_holds_nothing(tmp_path: Path, damage: str) -> None:
    write_sealed(tmp_path / "pages.json", damage.encode())
    store = PageStore(tmp_path / "pages.json", "key")
    assert page(store, Site("One")) == "One"
    assert store.rendered == ["a"]


def test_without_a_file_nothing_is_kept() -> None:
    store = PageStore(None)
    assert page(store, Site("One")) == "One"
    store.save()
    assert store.rendered == ["a"]
