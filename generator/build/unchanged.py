"""Whether a build has anything to do, from what the one before noted.

In: everything that a build reads. Out: the report of the build before, if all is as it was; and
whether the author's texts were rendered before, so that they need not be tried out first.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence, Set
from dataclasses import fields
from pathlib import Path
from typing import Any

from generator.build.report import BuildReport
from generator.build.statuses import Statuses
from generator.files.fingerprint import PACKAGE, digest_of, digest_of_files, digest_of_folders
from generator.files.folders import NO_PART_OF_A_BUILD, BuildFolder
from generator.files.lock import LOCK
from generator.files.walk import sizes_and_times_below
from generator.inference.runner import LocatedEntry
from generator.outputs.output import read_stamp, write_stamp
from generator.project.config import SiteConfig
from generator.project.gallery import GalleryImage
from generator.project.overlay import content_of, templates_of

_BUILD, _SOURCES = "build", "sources"
_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp")


def inputs_of(
    config: SiteConfig,
    gallery: Sequence[GalleryImage],
    located: Sequence[LocatedEntry],
    statuses: Statuses,
) -> str:
    """Names everything that a build reads, this program and its libraries among it."""
    return digest_of(
        {
            "config": _portable(config, config.root),
            "gallery": [_portable(entry, config.root) for entry in gallery],
            "entries": [(one.entry.slug, one.key) for one in located],
            "statuses": [statuses.by_slug[slug] for slug in sorted(statuses.by_slug)],
            "sources": _sources(config),
            "code": digest_of_files(PACKAGE, lambda path: path.suffix in (".py", ".json")),
            "libraries": _libraries(),
        }
    )


def unchanged_build(folder: BuildFolder, inputs: str, seconds: float) -> BuildReport | None:
    """The report of the build before; None if its inputs or anything it wrote have changed."""
    stamp = read_stamp(folder.stamp(_BUILD))
    if stamp.get("inputs") != inputs or stamp.get("written") != _written(folder):
        return None
    try:
        return BuildReport.from_json(stamp["report"], folder.path, seconds)
    except (KeyError, TypeError, ValueError):
        return None


def note_build(folder: BuildFolder, inputs: str, report: BuildReport) -> None:
    """Remembers a build that came to its end."""
    value = {"inputs": inputs, "written": _written(folder), "report": report.to_json()}
    write_stamp(folder.stamp(_BUILD), value)


def forget_build(folder: BuildFolder) -> None:
    """From here on the folder is none that a build has finished."""
    folder.stamp(_BUILD).unlink(missing_ok=True)


def sources_are_known(config: SiteConfig, folder: BuildFolder) -> bool:
    """Whether all texts were rendered as they are, for all editions and outputs asked for."""
    return read_stamp(folder.stamp(_SOURCES)).get("key") == _sources(config)


def note_sources(config: SiteConfig, folder: BuildFolder, failed: Sequence[str]) -> None:
    """Remembers that all texts could be rendered, and the keys of the entries that failed."""
    write_stamp(folder.stamp(_SOURCES), {"key": _sources(config), "failed": sorted(failed)})


def known_failures(folder: BuildFolder) -> Set[str]:
    """The keys of entries that failed in the build before, as they soon will again."""
    failed = read_stamp(folder.stamp(_SOURCES)).get("failed")
    return set(failed) if isinstance(failed, list) else set()


def _sources(config: SiteConfig) -> str:
    """Names the author's texts and templates, and what they are rendered for.

    The gallery is none of them: it holds values, which are checked when it is read.
    """

    def is_text(path: Path) -> bool:
        return path.suffix.lower() not in _PICTURES and path != config.gallery

    return digest_of(
        {
            "content": digest_of_folders(content_of(config).folders, is_text),
            "templates": digest_of_folders(templates_of(config).folders),
            "edition": config.edition,
            "outputs": config.outputs,
            "print": config.print,
        }
    )


def _portable(record: Any, root: Path) -> dict[str, Any]:
    """The fields of a record, paths as from the project's folder: that may be moved."""
    values = {one.name: getattr(record, one.name) for one in fields(record)}
    return {
        name: value.relative_to(root)
        if isinstance(value, Path) and value.is_relative_to(root)
        else value
        for name, value in values.items()
    }


def _libraries() -> list[str]:
    """The names and versions of all that pip installed, as its folders tell them."""
    folders = {Path(one) for one in sys.path if one}
    names = {path.name for folder in folders for path in folder.glob("*.dist-info")}
    return [sys.version, *sorted(names)]


def _written(folder: BuildFolder) -> str:
    """The digest of which files a build has written, how large and how old they are."""
    own = folder.stamp(_BUILD).relative_to(folder.path).as_posix()
    found = sizes_and_times_below(folder.path)
    return digest_of([one for one in found if one[0] != own and _is_of_the_build(one[0])])


def _is_of_the_build(name: str) -> bool:
    """Whether a file is neither the lock nor what other commands put beside a build's files."""
    top, slash, _ = name.partition("/")
    return not top.startswith(LOCK) and not (slash and top in NO_PART_OF_A_BUILD)
