"""Looks for whatever would stop a build, without running or downloading anything.

In: the path of site_config.yml. Out: the project as it was read, or every problem found:
settings, gallery, prose and templates, and each image file that is there to be opened.
"""

from __future__ import annotations

from pathlib import Path

from generator.config import SiteConfig
from generator.downloads import is_here
from generator.errors import ConfigurationError, ImageError, Problem
from generator.gallery import GalleryImage, load_project
from generator.images import load_image
from generator.rehearsal import rehearse


def check_project(path: Path) -> tuple[SiteConfig, tuple[GalleryImage, ...]]:
    """Reads a whole project.

    Raises:
        ConfigurationError: everything that is wrong with the settings, or with image files.
        PageError: the prose or a template cannot be rendered.
    """
    config, gallery = load_project(path)
    rehearse(config, gallery)
    problems = [problem for entry in gallery for problem in _image_problems(entry, config)]
    if problems:
        raise ConfigurationError(problems)
    return config, gallery


def _image_problems(entry: GalleryImage, config: SiteConfig) -> list[Problem]:
    """What is wrong with a local image; one that would be downloaded is taken on trust."""
    if entry.file is None:
        return []
    try:
        load_image(entry.file, max_pixels=config.max_pixels)
    except ImageError as error:
        return [Problem(config.gallery, None, f"{entry.slug}: {error}")]
    if not is_here(entry.file, entry.sha256):
        return [
            Problem(entry.file, None, f"its SHA-256 is not {entry.sha256}, as the gallery says")
        ]
    return []
