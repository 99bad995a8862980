import numpy as np
import pytest

from generator.figures.gallery.duplicates import duplicates_alt, duplicates_figure
from tests.figures.gallery.planted import counts, full, gallery, summaries_of


def test_boxes_and_duplicates_by_layer() -> None:
    figure = duplicates_figure(summaries_of(gallery(counts([7, 5, 4], [3, 1, 0]))), {})
    drawn = [np.asarray(axes.lines[0].get_ydata()).tolist() for axes in figure.axes]
    assert drawn == [[7, 5, 4], [3, 1, 0]]
    assert all(axes.get_ylim()[0] == 0 for axes in figure.axes)


@pytest.mark.slow
def test_words_and_models() -> None:
    summaries = summaries_of(
        gallery(counts([7, 5, 4], [3, 1, 0])),
        gallery(full(found=False, layers=6), 1, model="detr_resnet50"),
    )
    assert len(duplicates_figure(summaries, {}).axes) == 4
    alt = duplicates_alt(summaries, {"detr_emoji": "Small", "detr_resnet50": "Large"})
    assert "Small, boxes above the threshold: 7.00, 5.00, 4.00 in layers 1 to 3" in alt
    assert "Large, of these, boxes that NMS would remove: 0, 0, 0" in alt
    assert "1 image; not enough to tell" in alt
