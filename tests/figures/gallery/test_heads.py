import numpy as np
import pytest

from generator.figures.gallery.heads import HEADS, head_grid, heads_alt, heads_figure
from tests.figures.gallery.planted import full, gallery, summaries_of


@pytest.mark.slow
def test_a_grid_of_layers_and_heads_with_its_numbers() -> None:
    summaries = summaries_of(gallery(full(layers=6, heads=8)))
    grid = head_grid(summaries, "detr_emoji", "entropy", "encoder_self")
    assert grid.shape == (6, 8)
    assert grid[5, 7] == pytest.approx(0.3 + 0.25 + 0.08)
    figure = heads_figure(summaries, HEADS["entropy"], {}, "viridis")
    assert len(figure.axes) == 3
    for axes in figure.axes:
        (image,) = axes.images
        assert np.asarray(image.get_array()).shape == (6, 8)
        assert image.get_clim() == (0, 1)
        assert len(axes.texts) == 48
    assert figure.axes[0].texts[-1].get_text() == "63"


@pytest.mark.slow
def test_numbers_can_be_read_on_their_colours() -> None:
    figure = heads_figure(summaries_of(gallery(full())), HEADS["distance"], {}, "viridis")
    inks = {text.get_color() for axes in figure.axes for text in axes.texts}
    assert inks <= {"black", "white"}


def test_lift_is_not_a_share() -> None:
    figure = heads_figure(summaries_of(gallery(full())), HEADS["lift"], {}, "viridis")
    encoder, cross = figure.axes
    assert encoder.texts[0].get_text() == "5.00"
    assert cross.texts[0].get_text() == "6.20"
    assert cross.images[0].get_clim()[1] == pytest.approx(8.8)


@pytest.mark.slow
def test_models_with_other_numbers_of_heads_and_nothing_detected() -> None:
    summaries = summaries_of(
        gallery(full(found=False), 1),
        gallery(full(layers=6, heads=8), model="detr_resnet50"),
    )
    figure = heads_figure(summaries, HEADS["entropy"], {}, "viridis")
    assert [len(axes.images) for axes in figure.axes] == [1, 0, 0, 1, 1, 1]
    assert "No detections" in figure.axes[1].texts[0].get_text()
    alt = heads_alt(summaries, HEADS["entropy"], {"detr_emoji": "Small", "detr_resnet50": "Big"})
    assert "Small, decoder self-attention: nothing to measure." in alt
    assert "Big, encoder self-attention: from 31 (layer 1, head 1) to 63 (layer 6, head 8)." in alt


@pytest.mark.slow
def test_few_images_are_called_few() -> None:
    for images, says in ((2, True), (9, False)):
        figure = heads_figure(summaries_of(gallery(full(), images)), HEADS["lift"], {}, "magma")
        texts = " ".join(text.get_text() for text in figure.texts)
        assert ("not enough to tell" in texts) is says
