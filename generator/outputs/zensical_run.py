"""One run of Zensical, with what our plugins of MkDocs do, and links checked by ourselves.

In: a folder with `docs/` and `mkdocs.yml`. Out: its staged site, or every complaint as one error.
Zensical has no plugins of others: it gets a folder of its own, with the files that may be
published, and a template that gives the pages of images their place.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from generator.errors import StorageError, UsageError, WebsiteError
from generator.files.folders import NOT_FOUND, BuildFolder
from generator.files.storage import storage_error_in
from generator.files.walk import names_below
from generator.files.write import link_or_copy
from generator.outputs.broken_links import broken_links, told
from generator.outputs.downloads import SOCIAL
from generator.outputs.gallery_order import Neighbours, gallery_order
from generator.outputs.mkdocs_run import Place
from generator.outputs.theme import theme_files
from generator.outputs.zensical_search import shorten_search
from generator.project.config import Engine

MAIN = "zensical/main.html"
"""The template that Zensical puts around pages, in `templates`."""
_LONGEST_S = 900
"""Within these seconds a thousand pages are converted."""
_ENDS = {".html": b"</html>", ".json": b"}"}
"""How files end that Zensical makes itself."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_FRONT = re.compile(r"\A---\n(.*?\n)---\n", re.DOTALL)
_HEADING = re.compile(r"^# (.+)$", re.MULTILINE)


def refuse_missing_engine(engine: Engine) -> None:
    """Says what to install.

    Raises:
        UsageError: the settings ask for Zensical, and it is not here.
    """
    if engine == "zensical" and find_spec("zensical") is None:
        raise UsageError(
            "`engine: zensical` needs a package that is not installed: "
            "pip install zensical, or write `engine: mkdocs`"
        )


def run_zensical(
    folder: BuildFolder,
    listed: Set[str] | None,
    place: Place,
    captions: Mapping[str, str],
    main: Path,
) -> None:
    """Lets Zensical make the staged site of a folder.

    Args:
        folder: with `docs/` and `mkdocs.yml`.
        listed: the files of `docs` that may be published; None means all.
        place: finds a piece of a page in the author's files.
        captions: of images, by the files of their pages, in the order of the gallery; the search
            knows these and the titles.
        main: the template around every page.

    Raises:
        UsageError: Zensical is not installed.
        StorageError: the disk is full, or Zensical could not write a file whole.
        WebsiteError: what Zensical refused; or every link and picture that leads nowhere.
    """
    refuse_missing_engine("zensical")
    shutil.rmtree(folder.zensical, ignore_errors=True)
    try:
        stage = _Stage(folder)
        stage.write(listed, list(captions), main)
        _run(stage.settings)
        _refuse_cut_files(stage)
        shorten_search(stage.site, captions)
        own = folder.docs / NOT_FOUND
        if own.is_file():  # Zensical writes the theme's, which a site below a path cannot show
            shutil.copyfile(own, stage.site / NOT_FOUND)
        if broken := broken_links(stage.site):
            raise WebsiteError("\n".join(told(one, place) for one in broken))
        stage.site.rename(folder.staged_site)
    finally:
        shutil.rmtree(folder.zensical, ignore_errors=True)


def _run(settings: Path) -> None:
    """Runs Zensical in a process of its own: what it prints cannot be caught in this one."""
    command = [sys.executable, "-P", "-m", "zensical", "build", "--config-file", str(settings)]
    try:
        ended = subprocess.run(
            command, cwd=settings.parent, capture_output=True, timeout=_LONGEST_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise WebsiteError(f"Zensical was not done after {_LONGEST_S} seconds") from None
    if ended.returncode:
        said = _COLOUR.sub("", (ended.stderr or ended.stdout).decode("utf-8", "replace"))
        lines = [line for line in said.splitlines() if line.strip()]
        if (stopped := storage_error_in(said, settings.parent)) is not None:
            raise stopped
        raise WebsiteError("Zensical refused the site:\n" + "\n".join(lines[-1:]))


def _refuse_cut_files(stage: _Stage) -> None:
    """Refuses a site with files that were not written to their end.

    On a full disk Zensical may copy half a file, and say that all is well.

    Raises:
        StorageError: names the first one.
    """
    for name in names_below(stage.site):
        file, source = stage.site / name, stage.docs / name
        if source.is_file() and name != NOT_FOUND:
            is_whole = file.stat().st_size == source.stat().st_size
        elif file.suffix in _ENDS:
            is_whole = file.read_bytes().rstrip().endswith(_ENDS[file.suffix])
        else:
            same = theme_files(name) if name.startswith("assets/") else []
            is_whole = not same or file.stat().st_size in {one.stat().st_size for one in same}
        if not is_whole:
            raise StorageError(
                f"{stage.folder.path}: Zensical could not write `{name}` to its end; see to it "
                "that the disk has room, and build again"
            )


@dataclass(frozen=True)
class _Stage:
    """The folder in which Zensical works."""

    folder: BuildFolder

    @property
    def settings(self) -> Path:
        return self.folder.zensical / "mkdocs.yml"

    @property
    def docs(self) -> Path:
        return self.folder.zensical / "docs"

    @property
    def site(self) -> Path:
        return self.folder.zensical / "site"

    def write(self, listed: Set[str] | None, images: Sequence[str], main: Path) -> None:
        """Puts everything there that Zensical reads."""
        place, docs = self.folder.zensical, self.folder.docs
        files = set(names_below(docs))
        pages = gallery_order(docs, images)
        for name in sorted(files if listed is None else files & listed):
            target = place / "docs" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if name in pages:
                text = (docs / name).read_text(encoding="utf-8")
                target.write_text(self._with_place(text, pages[name]), encoding="utf-8")
            else:
                link_or_copy(docs / name, target)
        (place / "theme").mkdir()
        shutil.copyfile(main, place / "theme" / "main.html")
        handout = {
            "index": "q2.html",
            "first": self._link(images[0]) if images else None,
            "last": self._link(images[-1]) if images else None,
            "picture": SOCIAL if images else None,
        }
        settings = {
            "INHERIT": os.path.relpath(self.folder.settings, place),
            "docs_dir": "docs",
            "site_dir": "site",
            "theme": {"custom_dir": "theme"},
            "extra": {"handout": handout},
        }
        self.settings.write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")

    def _with_place(self, text: str, neighbours: Neighbours) -> str:
        """A page that says in its first lines between which others it lies."""
        sides = {"previous": neighbours.previous, "next": neighbours.next}
        place: dict[str, Any] = {side: self._link(name) for side, name in sides.items() if name}
        place["below"] = (
            "q2.html"  # a page that is alone has no neighbours, and a place all the same
        )
        line = f"place: {json.dumps(place, ensure_ascii=False)}\n"
        found = _FRONT.match(text)
        if found is None:
            return f"---\n{line}---\n\n{text}"
        return f"---\n{found[1]}{line}---\n{text[found.end() :]}"

    def _link(self, name: str) -> dict[str, str]:
        """A page as the theme's templates are told of it."""
        return {"title": self._title(name), "url": f"{name.removesuffix('.md')}.html"}

    def _title(self, name: str) -> str:
        text = (self.folder.docs / name).read_text(encoding="utf-8")
        for front in _fronts(text):
            if isinstance(front, dict) and "title" in front:
                return str(front["title"])
        heading = _HEADING.search(text)
        return heading[1] if heading else name


def _fronts(text: str) -> Iterator[object]:
    if found := _FRONT.match(text):
        yield yaml.safe_load(found[1])
