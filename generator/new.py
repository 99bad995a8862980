"""Starts a course: a folder with settings, a small gallery and whatever else a course needs.

In: the name of a folder that is empty or not there. Out: that folder, and what to do next. Texts
and templates are not copied: they stay in the program, and are used from there (`overlay`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from generator.errors import UsageError
from generator.files.write import replace_file
from generator.project.fields import MOST_TITLE
from generator.project.overlay import standard_root

STARTER = "starter"
_PLACES = {
    "README.md": "README.md",
    "gitignore": ".gitignore",
    "requirements.txt": "requirements.txt",
    "gallery.yml": "content/gallery.yml",
    "pages.yml": ".github/workflows/pages.yml",
    "templates.md": "templates/README.md",
}
"""Where a file of `starter` goes."""
_SETTINGS = "site_config.yml"
_MKDOCS = "mkdocs.yml"
_PICTURE = re.compile(r"^  - file: (\S+)$", re.MULTILINE)
_IGNORED = {".git", ".DS_Store", "Thumbs.db", "desktop.ini"}
"""A folder that holds no more than these counts as empty."""


def new(folder: Path, version: str) -> str:
    """Starts a course, and returns what to do next.

    Args:
        version: of this program.

    Raises:
        UsageError: the folder holds something, or is none; nothing was written.
    """
    _refuse_others(folder)
    for name, content in course_files(_title_of(folder.resolve().name), version):
        replace_file(folder / name, content)
    go = f"cd {_quoted(folder)}\n  " if folder.resolve() != Path.cwd().resolve() else ""
    return (
        f"{folder} is a course with a small gallery. Next:\n"
        f"  {go}python -m generator serve    shows it in the browser, "
        "and shows it again after each change\n"
        "  python -m generator add PICTURE    adds a picture of your own\n"
        "Its README.md tells the rest."
    )


def course_files(title: str, version: str) -> Iterator[tuple[str, bytes]]:
    """The files of a new course, by their place in it."""
    root = standard_root()
    for name, place in _PLACES.items():
        text = (root / STARTER / name).read_text(encoding="utf-8")
        yield place, text.replace("@TITLE@", title).replace("@VERSION@", version).encode()
        if name == "gallery.yml":
            for picture in _PICTURE.findall(text):
                yield picture, (root / picture).read_bytes()
    yield _SETTINGS, settings_of((root / _SETTINGS).read_text(encoding="utf-8"), title).encode()
    yield _MKDOCS, (root / _MKDOCS).read_bytes()


def settings_of(shipped: str, title: str) -> str:
    """The settings of a new course: ours, with another title, and our texts below its own."""
    values = {"title": f'"{title}"', "course": '""', "standard_texts": "on"}
    lines = shipped.splitlines(keepends=True)
    keys = [line.partition(":")[0] for line in lines]
    return "".join(
        f"{key}: {values[key]}\n" if key in values else line
        for key, line in zip(keys, lines, strict=True)
    )


def _title_of(name: str) -> str:
    """A title from a folder's name: "my-course" is "My course"."""
    words = " ".join(re.sub(r"[\W_]+", " ", name).split())[:MOST_TITLE]
    return words[:1].upper() + words[1:] or "My course"


def _refuse_others(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file; name a folder that is empty or not there")
    held = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    others = [name for name in held if name not in _IGNORED]
    if others:
        raise UsageError(
            f"{folder}: holds `{others[0]}`; name a folder that is empty or not there. Nothing was "
            "written"
        )


def _quoted(folder: Path) -> str:
    text = str(folder)
    return f'"{text}"' if " " in text else text.replace(os.sep, "/") if os.sep == "\\" else text
