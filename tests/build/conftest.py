"""Tests of builds change a project that was built."""

from pathlib import Path

import pytest
from PIL import Image, ImageOps

from tests.tiny_project import copy_of_tinysite


@pytest.fixture
def project(built_project: Path) -> Path:
    """A copy of the project that was built, with all that the build left."""
    return built_project


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A project of one picture with detections and one of another kind, without causal tests."""
    project = copy_of_tinysite(tmp_path / "small")
    images = project / "content/images"
    with Image.open(images / "pets.jpg") as picture:
        ImageOps.mirror(picture).save(images / "mirrored.png")
    (project / "content/gallery.yml").write_text(
        "images:\n  - file: content/images/pets.jpg\n  - file: content/images/mirrored.png\n"
    )
    settings = project / "site_config.yml"
    settings.write_text(settings.read_text().replace("[site, pdf]", "[site]") + "causal: off\n")
    return project
