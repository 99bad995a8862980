from pathlib import Path

import pytest

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import detect
from generator.figures.figure_file import DrawnFigure, FigurePlace
from generator.figures.gallery import gallery_set
from generator.figures.gallery.gallery_data import Example, GalleryData
from generator.figures.redraw import redraw
from generator.measures.summary import ImageMeasures
from generator.project.config import FigureOptions
from generator.project.slugs import RESERVED
from tests.conftest import MakeForward
from tests.figures.gallery.planted import full, gallery, summaries_of
from tests.quick_figures import draw_next_to_nothing

pytestmark = pytest.mark.slow

COMMON = {"entropy", "distance", "duplicates", "heads-entropy", "heads-distance"}
LIFTS = {"lift", "heads-lift"}


def draw(
    folder: Path,
    images: list[ImageMeasures],
    *,
    examples: tuple[Example, ...] = (),
    for_print: bool = False,
    before: dict[str, DrawnFigure] | None = None,
) -> dict[str, DrawnFigure]:
    models = list(dict.fromkeys(image.model for image in images))
    by_model = {one.maps.forward.model: one for one in examples}
    data = GalleryData(images, summaries_of(images), {}, by_model)
    kinds = gallery_set.gallery_figures([*models, *by_model]) if images else ()
    key = f"{[image.slug for image in images]} {len(summaries_of(images))}"
    place = FigurePlace(folder / "docs", folder / "print", for_print, "figures/q3", ".svg")
    return redraw(kinds, data, key, FigureOptions(), place, before or {})


@pytest.fixture(scope="module")
def drawn(
    tmp_path_factory: pytest.TempPathFactory, make_forward: MakeForward
) -> tuple[Path, dict[str, DrawnFigure]]:
    forward = make_forward()
    example = Example("Cats", AttentionMaps(forward), detect(forward, 0.9))
    folder = tmp_path_factory.mktemp("build")
    figures = draw(folder, gallery(full()), examples=(example,), for_print=True)
    return folder, figures


def test_every_figure_is_a_file_with_words(drawn: tuple[Path, dict[str, DrawnFigure]]) -> None:
    folder, figures = drawn
    assert set(figures) == COMMON | LIFTS | {"query-places-detr_emoji", "query-map-detr_random"}
    for name, figure in figures.items():
        file = figure.file
        assert file.path == f"figures/q3/{name}.svg"
        assert (folder / "docs" / file.path).read_text().count("<svg") == 1
        assert (folder / "print" / file.path).is_file()
        assert file.size_wh[0] == 700
        assert any(character.isdigit() for character in file.alt)


def test_the_same_data_gives_the_same_bytes(
    drawn: tuple[Path, dict[str, DrawnFigure]], tmp_path: Path, make_forward: MakeForward
) -> None:
    folder, figures = drawn
    forward = make_forward()
    example = Example("Cats", AttentionMaps(forward), detect(forward, 0.9))
    again = draw(tmp_path, gallery(full()), examples=(example,))
    assert {name: one.file for name, one in again.items()} == {
        name: one.file for name, one in figures.items()
    }
    for figure in figures.values():
        first, second = (here / "docs" / figure.file.path for here in (folder, tmp_path))
        assert first.read_bytes() == second.read_bytes(), figure.file.path


def test_what_was_drawn_is_not_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = gallery(full(found=False), 1)
    figures = draw(tmp_path, images)
    with monkeypatch.context() as changed:
        changed.setattr("generator.figures.redraw.save_figure", _refuse)
        assert draw(tmp_path, images, before=figures) == figures
        with pytest.raises(AssertionError, match="drawn again"):
            draw(tmp_path, gallery(full(), 1), before=figures)
    assert set(draw(tmp_path, gallery(full(), 1))) > set(figures)


def test_figures_of_models_that_are_gone_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as quick:  # these need only be there
        draw_next_to_nothing(quick.setattr)
        draw(tmp_path, gallery(full(), 1), for_print=True)
    left = draw(tmp_path, gallery(full(found=False), 1, model="detr_other"), for_print=True)
    assert set(left) == COMMON | {"query-places-detr_other"}
    for place, ends in (("docs", ("", "-narrow")), ("print", ("",))):
        files = {file.stem for file in (tmp_path / place / "figures" / "q3").iterdir()}
        assert files == {f"{name}{end}" for name in left for end in ends}


def test_no_images_no_figures(tmp_path: Path) -> None:
    assert draw(tmp_path, []) == {}


def test_no_image_can_take_the_folder() -> None:
    assert "q3" in RESERVED


def _refuse(*_: object) -> None:
    raise AssertionError("drawn again")
