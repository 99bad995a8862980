"""Which editions a build writes, and where: no folder that students get holds an answer.

In: the settings, the folder of the build. Out: an `EditionBuild` for each edition, the student's
own folder first.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from generator.files.folders import BuildFolder
from generator.files.owned_folder import MARKER, claim_output, remove_output
from generator.outputs.output import EditionBuild
from generator.project.config import SiteConfig


def editions(config: SiteConfig) -> tuple[SiteConfig, ...]:
    """The settings of each edition to build; `both` are a student's and an instructor's."""
    if config.edition != "both":
        return (config,)
    return (replace(config, edition="student"), replace(config, edition="instructor"))


def edition_builds(
    config: SiteConfig, folder: BuildFolder, root: Path | None
) -> tuple[EditionBuild, ...]:
    """Each edition, with its settings and its folder.

    The first edition goes into `folder` itself, the instructor's of both into one below it.

    Raises:
        UsageError: the instructor's folder holds files that no build wrote.
    """
    first, *others = editions(config)
    if not others:
        return (EditionBuild(first, folder, folder),)
    below = folder.instructor
    claim_output(below.path, root)
    return (
        EditionBuild(first, folder, folder, first.edition),
        EditionBuild(others[0], below, folder, others[0].edition),
    )


def remove_other_editions(config: SiteConfig, folder: BuildFolder, root: Path | None) -> None:
    """Removes what an earlier build of both left, if one edition alone is asked for."""
    below = folder.instructor.path
    if config.edition != "both" and (below / MARKER).is_file():
        remove_output(below, root)
