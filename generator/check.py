"""Looks for everything that would stop a build, without running or downloading anything.

In: the path of site_config.yml. Out: the project as it was read, or every problem found, in
settings, gallery, prose, templates, links, formulas, the image files that are on this machine,
the lab's sprites, and the objects that entries say are in their images.
"""

from __future__ import annotations

import logging
from pathlib import Path

from generator.analysis.ground_truth import box_problems, category_problems
from generator.build.preflight import publish_stand_ins, render_stand_ins
from generator.course.overrides import outdated, own_place
from generator.errors import ConfigurationError, ImageError, Problem
from generator.figures.lab.compose import load_sprite
from generator.files.fingerprint import is_here
from generator.files.images import load_image
from generator.outputs.zensical_run import refuse_missing_engine
from generator.project.config import SiteConfig
from generator.project.experiments import sprite_files
from generator.project.gallery import GalleryImage, load_project
from generator.project.overlay import standard_root, templates_of
from generator.project.yaml_source import displayed

logger = logging.getLogger("generator")


def check_project(path: Path) -> tuple[SiteConfig, tuple[GalleryImage, ...]]:
    """Reads a whole project.

    Raises:
        ConfigurationError: everything that is wrong with the settings, or with image files and
            sprites.
        PageError: the prose or a template cannot be rendered or typeset.
        ExerciseError: the markers of an exercise make no sense.
        UsageError: the engine of the settings is not installed.
        WebsiteError: MkDocs would refuse the pages.
    """
    config, gallery = load_project(path)
    refuse_missing_engine(config.engine)
    check_entries(config, gallery)
    return config, gallery


def check_entries(config: SiteConfig, gallery: tuple[GalleryImage, ...]) -> None:
    """Checks what was read, with all texts that are made of it.

    Raises:
        ConfigurationError, PageError, ExerciseError, WebsiteError: as `check_project`.
    """
    render_stand_ins(config, gallery)
    problems = [problem for entry in gallery for problem in _problems_of(entry, config)]
    problems += _problems_of_sprites(config)
    if problems:
        raise ConfigurationError(problems)
    publish_stand_ins(config, gallery)
    _tell_outdated(config)
    for entry in gallery:
        _tell_unknown(entry, config)


def _problems_of(entry: GalleryImage, config: SiteConfig) -> list[Problem]:
    """What is wrong with an entry's objects, and with its image if it is a local file.

    An image that would be downloaded is not checked.
    """
    objects, problems = entry.objects or (), []
    for card in config.cards.known([entry.model]):
        problems += category_problems(objects, card.category_names)
    if entry.file is not None:
        try:
            pixels = load_image(entry.file, max_pixels=config.max_pixels)
        except ImageError as error:
            problems.append(str(error))
        else:
            problems += box_problems(objects, (pixels.shape[0], pixels.shape[1]))
            if not is_here(entry.file, entry.sha256):
                problems.append(
                    f"{entry.file}: its SHA-256 is not {entry.sha256}, as the gallery says"
                )
    return [
        Problem(displayed(config.gallery), None, f"{entry.slug}: {sentence}")
        for sentence in problems
    ]


def _problems_of_sprites(config: SiteConfig) -> list[Problem]:
    """What is wrong with the lab's sprites: with one that cannot be read no lab would start."""
    problems = []
    for file in sprite_files(templates_of(config)).values():
        try:
            load_sprite(file)
        except ImageError as error:
            problems.append(Problem(displayed(file), None, str(error).removeprefix(f"{file}: ")))
    return problems


def _tell_outdated(config: SiteConfig) -> None:
    """Logs which of the project's versions of our files are older than ours; that is no mistake."""
    for name in outdated(config):
        original = standard_root() / name
        logger.warning(
            "%s: was made from an older version of ours, %s; take over what you like, and say "
            "`eject --seen %s`",
            displayed(own_place(config, name)), original if original.exists() else "now gone", name,
        )  # fmt: skip


def _tell_unknown(entry: GalleryImage, config: SiteConfig) -> None:
    """Logs which of an entry's objects its model cannot find; that is no mistake.

    Nor is an image that the gallery's file of annotations does not have.
    """
    if entry.annotations is not None and entry.objects is None:
        logger.warning(
            "%s: %s does not have it, so its objects are not known",
            entry.slug,
            entry.annotations.name,
        )
    cards = config.cards.known([entry.model])
    if not cards:
        logger.warning("%s", config.cards.away[entry.model])
    names = {name for card in cards for name in card.category_names}
    unknown = [one.category for one in entry.objects or () if one.category not in names]
    if unknown and cards:
        listed = ", ".join(dict.fromkeys(unknown))
        logger.warning(
            "%s: %s has no class for %s; what it has none for takes no part in the matching",
            entry.slug, entry.model, listed,
        )  # fmt: skip
