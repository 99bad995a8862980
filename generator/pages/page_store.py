"""The pages as they were rendered last, so that only those are rendered again that changed.

In: how to render a page, and what it may read. Out: its text, from the store if nothing that it
read then has changed. What was rendered for one edition and output is one file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from generator.files.sealed import read_sealed, write_sealed
from generator.pages.read_checker import Checker, Path
from generator.pages.reads import Reads

Files = Mapping[str, str]
"""Texts by file name in `docs`."""


class PageStore:
    """The rendered pages of one edition and output.

    Args:
        file: of the store; None keeps nothing.
        key: names what all pages depend on: the code, the libraries, settings.

    Attributes:
        rendered: the names of what was rendered since, in that order.
    """

    def __init__(self, file: File | None, key: str = "") -> None:
        self._file, self._key = file, key
        self._before = {} if file is None else _read(file, key)
        self._now: dict[str, _Page] = {}
        self.rendered: list[str] = []

    def files(
        self,
        name: str,
        roots: Mapping[str, Any],
        checker: Checker,
        render: Callable[[Reads], Files],
    ) -> Files:
        """One page, or what is rendered together with it.

        Args:
            name: of the page.
            roots: the values that it may read.
            checker: of the same roots.
            render: makes the texts, from views of the values.
        """
        known = self._before.get(name)
        if known is not None and checker.is_same(known.seen):
            self._now[name] = known
            return dict(known.files)
        self.rendered.append(name)
        reads = Reads(roots)
        files = dict(render(reads))
        self._now[name] = _Page(files, reads.seen)
        return files

    def save(self) -> None:
        """Writes down what was rendered, and forgets pages that are gone.

        The ways to what was read stand in one list, since pages of images read the same.
        """
        if self._file is None:
            return
        numbers: dict[Path, int] = {}
        pages = {
            name: {
                "files": page.files,
                "reads": [
                    [numbers.setdefault(path, len(numbers)) for path in page.seen],
                    list(page.seen.values()),
                ],
            }
            for name, page in self._now.items()
        }
        value = {"key": self._key, "paths": list(numbers), "pages": pages}
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        write_sealed(self._file, text.encode())


@dataclass(frozen=True)
class _Page:
    """The texts of one page, and what it read."""

    files: Files
    seen: Mapping[Path, str]


def _read(file: File, key: str) -> dict[str, _Page]:
    """The pages of an earlier build; none if they depend on something else, or are damaged."""
    try:
        value = json.loads(read_sealed(file))
        if value["key"] != key:
            return {}
        paths: list[Path] = [tuple(path) for path in value["paths"]]
        return {
            name: _Page(
                dict(page["files"]),
                {paths[number]: digest for number, digest in zip(*page["reads"], strict=True)},
            )
            for name, page in value["pages"].items()
        }
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}
