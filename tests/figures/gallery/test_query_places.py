import numpy as np
import pytest

from generator.figures.gallery.query_places import kinds_of, query_places_alt, query_places_figure
from generator.figures.panels import MARGIN
from generator.figures.style import WIDTH


def boxes(images: int, queries: int, seed: int = 0) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.uniform(0.05, 0.9, (queries, 4)).astype(np.float32) for _ in range(images)]


@pytest.mark.parametrize("queries", [1, 20, 100])
def test_a_square_for_each_query_and_a_mark_for_each_image(queries: int) -> None:
    figure = query_places_figure(boxes(7, queries))
    (axes,) = figure.axes
    assert len(axes.collections[0].get_paths()) == queries
    assert [text.get_text() for text in axes.texts] == [str(query) for query in range(queries)]
    assert sum(np.size(line.get_xdata()) for line in axes.lines) == 7 * queries


def test_a_mark_stands_where_its_box_is() -> None:
    one = np.array([[0.25, 0.75, 0.1, 0.1], [0.5, 0.5, 0.9, 0.4], [1.0, 0.0, 0.3, 0.9]])
    figure = query_places_figure([one])
    (axes,) = figure.axes
    squares = [path.get_extents() for path in axes.collections[0].get_paths()]
    small, wide, high = axes.lines
    assert [line.get_gid() for line in axes.lines] == ["small", "wider than high", "higher than wide"]  # fmt: skip  # noqa: E501
    for line, square, (x, y) in zip((small, wide, high), squares, one[:, :2], strict=True):
        expected = (square.x0 + x * square.width, square.y0 + y * square.height)
        assert np.asarray(line.get_xydata())[0].tolist() == pytest.approx(expected)
    assert max(square.x1 for square in squares) <= WIDTH - 2 * MARGIN
    assert axes.yaxis_inverted()


def test_every_box_is_of_one_kind() -> None:
    random = np.random.default_rng(3).uniform(0, 1, (50, 4))
    assert (kinds_of(random).sum(axis=0) == 1).all()
    assert kinds_of(np.array([[0, 0, 0.5, 0.5]]))[:, 0].tolist() == [False, True, False]


@pytest.mark.slow
def test_many_points_become_pixels() -> None:
    few, many = (query_places_figure(boxes(images, 100)) for images in (3, 50))
    assert not any(line.get_rasterized() for line in few.axes[0].lines)
    assert all(line.get_rasterized() for line in many.axes[0].lines)


def test_one_image_shows_nothing_yet_and_says_so() -> None:
    one = boxes(1, 20)
    texts = [text.get_text() for text in query_places_figure(one).texts]
    assert any("shows nothing yet" in text for text in texts)
    assert "One image does not show" in query_places_alt(one)


def test_words_name_the_steadiest_query() -> None:
    several = boxes(5, 20)
    for image in several:
        image[4, :2] = 0.5
    alt = query_places_alt(several)
    assert alt.startswith("The boxes of 20 queries in 5 images: ")
    assert "stays query 4, on average 0 % of the image's side away" in alt


def test_no_edge_of_a_square_is_cut() -> None:
    (axes,) = query_places_figure(boxes(3, 20)).axes
    assert not axes.collections[0].get_clip_on()
