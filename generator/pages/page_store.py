"""The pages as they were rendered last, so that only those are rendered again that changed.

In: how to render a page, and what it may read. Out: its text, from the store if nothing that it
read then has changed. What was rendered for one edition and output is one file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
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
        self._before: dict[str, Any] = {} if file is None else _read(file, key)
        self._now: dict[str, Any] = {}
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
        if known is not None and checker.is_same(_seen(known["reads"])):
            self._now[name] = known
            return dict(known["files"])
        self.rendered.append(name)
        reads = Reads(roots)
        files = dict(render(reads))
        paths = [[list(path), digest] for path, digest in reads.seen.items()]
        self._now[name] = {"files": files, "reads": paths}
        return files

    def save(self) -> None:
        """Writes down what was rendered, and forgets pages that are gone."""
        if self._file is not None:
            value = {"key": self._key, "pages": self._now}
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            write_sealed(self._file, text.encode())


def _seen(reads: list[Any]) -> dict[Path, str]:
    return {tuple(path): digest for path, digest in reads}


def _read(file: File, key: str) -> dict[str, Any]:
    """The pages of an earlier build; none if they depend on something else, or are damaged."""
    try:
        value = json.loads(read_sealed(file))
        pages = value["pages"] if value["key"] == key else {}
        for page in pages.values():
            _seen(page["reads"])
            dict(page["files"])
        return dict(pages)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
