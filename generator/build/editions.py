"""Which editions a build writes, and where: no folder that students get holds an answer.

In: the settings, the folder of the build. Out: an `EditionBuild` for each edition, the student's
own folder first. The instructor's has a folder of its own even if it is built alone: whoever copies
`build/site`, `mkdocs gh-deploy` among them, finds the student's there, or nothing.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from generator.files.folders import BuildFolder
from generator.files.owned_folder import MARKER, claim_output, remove_output
from generator.outputs.all_outputs import OUTPUTS
from generator.outputs.output import EditionBuild
from generator.project.config import SiteConfig

PUBLISHED = "published"
"""The stamp that tells which edition each output of a folder is of."""


def editions(config: SiteConfig) -> tuple[SiteConfig, ...]:
    """The settings of each edition to build; `both` are a student's and an instructor's."""
    if config.edition != "both":
        return (config,)
    return (replace(config, edition="student"), replace(config, edition="instructor"))


def edition_builds(
    config: SiteConfig, folder: BuildFolder, root: Path | None
) -> tuple[EditionBuild, ...]:
    """Each edition, with its settings and its folder.

    The student's goes into `folder` itself, the instructor's into one below it.

    Raises:
        UsageError: the instructor's folder holds files that no build wrote.
    """
    if config.edition == "student":
        return (EditionBuild(config, folder, folder),)
    below = folder.instructor
    claim_output(below.path, root)
    return tuple(
        EditionBuild(one, below if one.edition == "instructor" else folder, folder, one.edition)
        for one in editions(config)
    )


def remove_other_editions(config: SiteConfig, folder: BuildFolder, root: Path | None) -> None:
    """Removes the outputs of the other edition, if one alone is asked for."""
    below = folder.instructor.path
    if config.edition == "student" and (below / MARKER).is_file():
        remove_output(below, root)
    if config.edition == "instructor":
        student = EditionBuild(replace(config, edition="student"), folder, folder)
        for output in OUTPUTS:
            output.remove(student)
        folder.stamp(PUBLISHED).unlink(missing_ok=True)
