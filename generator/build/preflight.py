"""Finds what would stop a build later, before anything is run: renders and sets the stand-ins.

In: settings and gallery. Out: nothing, or the error that a build would end with.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from generator.build.editions import editions
from generator.build.stand_ins import PICTURE, stand_ins
from generator.files.folders import BuildFolder
from generator.outputs.all_outputs import OUTPUTS
from generator.outputs.output import EditionBuild
from generator.outputs.searched import refuse_written_answers
from generator.pages.contents import Contents
from generator.pages.render import render_pages
from generator.project.config import SiteConfig
from generator.project.experiments import Experiment, read_experiments, sprite_files
from generator.project.gallery import GalleryImage
from generator.project.overlay import content_of, templates_of
from generator.project.page_number import ALL

ENOUGH = 2
"""How many images are rendered: their pages are all made from one template."""


def render_stand_ins(config: SiteConfig, gallery: Sequence[GalleryImage]) -> None:
    """Renders every page of every edition once and writes none.

    Raises:
        PageError: names the file and line of content or of a template.
        ConfigurationError: an experiment has problems.
    """
    contents = _contents(config, gallery, gallery[:ENOUGH])
    for edition in editions(config):
        for target in config.outputs:
            render_pages(edition, contents, target)


def publish_stand_ins(config: SiteConfig, gallery: Sequence[GalleryImage]) -> None:
    """Makes every output of every edition in a folder that is removed again.

    It finds what only they refuse: a link that leads nowhere, a picture that is not there, a
    character that no font has, a formula that cannot be printed.

    Raises:
        PageError: names the file and line of what cannot be rendered or typeset.
        WebsiteError: everything that MkDocs complains of.
    """
    contents = _contents(config, gallery, gallery)
    for edition in editions(config):
        with tempfile.TemporaryDirectory() as place:
            folder = BuildFolder(Path(place).resolve())
            picture = folder.docs / PICTURE.path
            picture.parent.mkdir(parents=True)
            Image.new("RGB", PICTURE.size_wh, "grey").save(picture)
            trial = EditionBuild(edition, folder, folder, is_trial=True)
            for output in OUTPUTS:
                if output.name in config.outputs:
                    output.stage(trial, contents)
            if edition.edition != "instructor":
                refuse_written_answers(trial, contents)


def _contents(
    config: SiteConfig, gallery: Sequence[GalleryImage], entries: Sequence[GalleryImage]
) -> Contents:
    """Stand-ins; where not every image gets a page, one is told of with all others."""
    return stand_ins(
        gallery,
        entries,
        _experiments(config),
        config.cards,
        some_without_page=config.pages != ALL,
    )


def _experiments(config: SiteConfig) -> tuple[Experiment, ...]:
    return read_experiments(content_of(config), list(sprite_files(templates_of(config))))
