"""Tests of builds change a project that was built."""

import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from tests.quick_figures import draw_next_to_nothing
from tests.shared import made_once
from tests.tiny_project import copy_of_tinysite, options


@pytest.fixture
def project(built_project: Path) -> Path:
    """A copy of the project that was built, with all that the build left."""
    return built_project


@pytest.fixture
def unbuilt(tmp_path: Path) -> Path:
    """A project of one picture with detections and one of another kind, without causal tests."""
    return _small_project(tmp_path / "small")


@pytest.fixture
def small(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the same project, built, with stand-ins for its figures."""

    def make(folder: Path) -> Path:
        from generator.build.recipe import build

        project = _small_project(folder / "small")
        with pytest.MonkeyPatch.context() as patch:
            draw_next_to_nothing(patch.setattr)
            assert build(options(project)).count("built") == 2
        return project

    built = made_once(tmp_path_factory, "small", make)
    return Path(shutil.copytree(built, tmp_path / "small"))


def _small_project(folder: Path) -> Path:
    project = copy_of_tinysite(folder)
    images = project / "content/images"
    with Image.open(images / "pets.jpg") as picture:
        ImageOps.mirror(picture).save(images / "mirrored.png")
    (project / "content/gallery.yml").write_text(
        "images:\n  - file: content/images/pets.jpg\n  - file: content/images/mirrored.png\n"
    )
    settings = project / "site_config.yml"
    settings.write_text(settings.read_text().replace("[site, pdf]", "[site]") + "causal: off\n")
    return project
