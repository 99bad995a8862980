"""Which editions a build writes, and where: no folder that students get holds an answer.

In: the settings, the folder of the build. Out: settings by folder, the student edition's
own folder first; the pictures, which both editions show, copied into the second.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from generator.files.owned_folder import MARKER, claim_output, remove_output
from generator.project.config import SiteConfig

INSTRUCTOR_FOLDER = "instructor"
PICTURES = ("images", "figures", "models")
"""The folders of `docs` that hold what was drawn, the same for every edition."""


def editions(config: SiteConfig) -> tuple[SiteConfig, ...]:
    """The settings of each edition to build; `both` are a student's and an instructor's."""
    if config.edition != "both":
        return (config,)
    return (replace(config, edition="student"), replace(config, edition="instructor"))


def edition_folders(
    config: SiteConfig, output: Path, root: Path | None
) -> tuple[tuple[Path, SiteConfig], ...]:
    """The folder that each edition is written to, with its settings.

    The first edition goes into `output` itself, the instructor's of both into a folder below it.
    What an earlier build of both left there is removed when one edition alone is asked for.

    Raises:
        UsageError: the instructor's folder holds files that no build wrote.
    """
    first, *others = editions(config)
    folder = output / INSTRUCTOR_FOLDER
    if not others:
        if (folder / MARKER).is_file():
            remove_output(folder, root)
        return ((output, first),)
    claim_output(folder, root)
    return ((output, first), (folder, others[0]))


def copy_pictures(source: Path, target: Path) -> None:
    """Makes the pictures below one `docs` folder those of another one."""
    for name in PICTURES:
        wanted = {path.relative_to(source) for path in _files(source / name)}
        for path in sorted(wanted):
            _copy_if_different(source / path, target / path)
        for path in _files(target / name):
            if path.relative_to(target) not in wanted:
                path.unlink()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _copy_if_different(source: Path, target: Path) -> None:
    """Copies a file unless it was copied before: then size and time are the same."""
    here = source.stat()
    if target.exists():
        there = target.stat()
        if (here.st_size, here.st_mtime_ns) == (there.st_size, there.st_mtime_ns):
            return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)
