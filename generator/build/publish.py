"""Puts what was made into its place, if that does not make anything worse.

In: the contents of the pages, and what is published already. Out: outputs in their places, or an
error, and then every output is the one from before. No student's folder holds an answer.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from generator.build.editions import PUBLISHED, edition_builds, remove_other_editions
from generator.build.report import Published
from generator.build.statuses import Statuses
from generator.errors import LossError, PageError
from generator.files.folders import BuildFolder
from generator.outputs.all_outputs import OUTPUTS
from generator.outputs.downloads import add_downloads
from generator.outputs.measures_files import write_measures
from generator.outputs.output import EditionBuild, Output, Staged, read_stamp, write_stamp
from generator.outputs.searched import refuse_written_answers
from generator.pages.contents import Contents
from generator.project.config import SiteConfig
from generator.project.gallery import GalleryImage

logger = logging.getLogger("generator")


def refuse_a_loss(
    folder: BuildFolder, entries: Sequence[GalleryImage], statuses: Statuses, *, force: bool
) -> None:
    """Refuses to replace what is published by less.

    Args:
        entries: that were to be built.
        force: whether it is replaced all the same.

    Raises:
        LossError: nothing was built, or more was lost than gained.
    """
    failed = statuses.not_built()
    built = {entry.slug for entry in entries} - failed
    before = _built_before(folder.report)
    lost, gained = before & failed, built - before
    if force or (built and len(lost) <= len(gained)):
        return
    reasons = [f"  {slug}: {statuses.by_slug[slug].reason}" for slug in sorted(lost or failed)]
    outcome = (
        f"more images would be lost ({len(lost)}) than gained ({len(gained)})"
        if built
        else "no image could be built"
    )
    raise LossError(
        "\n".join(
            [
                f"{outcome}, so nothing is published, and what was published before is as it was; "
                "--force publishes all the same:",
                *reasons,
            ]
        )
    )


def publish(config: SiteConfig, folder: BuildFolder, contents: Contents) -> tuple[Published, ...]:
    """Makes every output of every edition, and puts them into their places once all are made.

    Outputs that are not asked for stay, unless they are of another edition: they may hold answers.
    """
    editions = edition_builds(config, folder, config.root)
    staged = [
        (output, edition, output.stage(edition, contents))
        for edition in editions
        for output in OUTPUTS
        if output.name in config.outputs
    ]
    for edition in editions:
        if edition.config.edition != "instructor":
            _search(edition, contents)
    # Whatever could be refused was not: only now is replaced what an earlier build made.
    remove_other_editions(config, folder, config.root)
    for edition in editions:
        _keep_or_remove(edition)
    write_measures(folder, contents.measures)
    published = tuple(_published(staged, contents))
    for edition in editions:
        edition.forget_others()
        made: dict[str, str] = dict.fromkeys(edition.config.outputs, edition.config.edition)
        stamp = edition.folder.stamp(PUBLISHED)
        write_stamp(stamp, {**read_stamp(stamp), **made})
    return published


def _published(
    staged: Sequence[tuple[Output, EditionBuild, Staged]], contents: Contents
) -> Iterator[Published]:
    """Puts all outputs into their places, sites last: they hold copies of the others."""
    for output, edition, one in sorted(staged, key=lambda these: these[0].name == "site"):
        if output.name == "site":
            add_downloads(edition, contents)
        yield Published(output.name, edition.config.edition, one.publish())


def _search(edition: EditionBuild, contents: Contents) -> None:
    """Searches what students would get; a site that is refused does not stay about."""
    try:
        refuse_written_answers(edition, contents)
    except PageError:
        shutil.rmtree(edition.folder.staged_site, ignore_errors=True)
        raise


def _keep_or_remove(edition: EditionBuild) -> None:
    """Removes outputs of another edition; until it is done, nothing is known of those made now."""
    stamp, wanted = edition.folder.stamp(PUBLISHED), edition.config.outputs
    others = {name: of for name, of in read_stamp(stamp).items() if name not in wanted}
    kept = {name: of for name, of in others.items() if of == edition.config.edition}
    for output in OUTPUTS:
        if output.name not in wanted and output.name not in kept:
            output.remove(edition)
    write_stamp(stamp, kept)
    for name in kept:
        logger.info("%s: not asked for; that of an earlier build stays", name)


def _built_before(report: Path) -> set[str]:
    """The slugs of the entries in what is published."""
    try:
        entries = json.loads(report.read_text(encoding="utf-8"))["entries"]
        return {str(one["slug"]) for one in entries if one["status"] == "built"}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
