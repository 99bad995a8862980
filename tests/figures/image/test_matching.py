from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from generator.analysis.detections import Detections, detect
from generator.analysis.ground_truth import ground_truth
from generator.analysis.matching import Matching, match_objects
from generator.figures.colours import query_colours
from generator.figures.image.matching import matched_colours, matching_alt, matching_figure
from generator.figures.save import save_figure
from generator.inference.forward_pass import ForwardPass
from generator.project.annotations import Annotation
from generator.project.config import FigureOptions

MakeForward = Callable[..., ForwardPass]
PIXELS = np.full((12, 12, 3), 200, dtype=np.uint8)


def matched(
    make_forward: MakeForward,
    n: int,
    size_hw: tuple[int, int] = (480, 640),
    queries: int = 20,
    found: int | None = None,
) -> tuple[Matching, Detections]:
    """A matching of n objects; `found` of them are at the place of a detection."""
    forward = make_forward((3, 4), size_hw, n if found is None else found, queries=queries)
    detections = detect(forward, 0.9)
    random = np.random.default_rng(n)
    objects = []
    for index in range(n):
        if index < len(detections):
            x0, y0, x1, y1 = detections.boxes_xyxy[index] + random.uniform(-2, 2, 4)
        else:
            x0, y0 = random.uniform(0, 0.5, 2) * size_hw[::-1]
            x1, y1 = x0 + 0.2 * size_hw[1], y0 + 0.3 * size_hw[0]
        name = forward.category_names[index % 3]
        objects.append(
            Annotation(category=name, bbox=(float(x0), float(y0), float(x1 - x0), float(y1 - y0)))
        )
    truth = ground_truth(objects, forward.category_names, size_hw)
    return match_objects(forward, truth), detections


def drawn(matching: Matching, detections: Detections) -> Figure:
    return matching_figure(PIXELS, matching, detections, FigureOptions())


def corners(patch: Rectangle) -> tuple[float, ...]:
    (x, y), w, h = patch.get_xy(), patch.get_width(), patch.get_height()
    return (x, y, x + w, y + h)


def rectangles(axes: Axes, gid: str | None) -> list[Rectangle]:
    return [one for one in axes.patches if isinstance(one, Rectangle) and one.get_gid() == gid]


CASES = [
    (1, (480, 640), 20), (2, (480, 640), 100), (2, (640, 480), 20), (8, (480, 640), 100),
    (8, (640, 400), 20), (5, (200, 1200), 20), (5, (1200, 200), 100), (20, (480, 640), 100),
    (1, (480, 640), 1), (6, (480, 640), 4),
]  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Drawn:
    """A case of `CASES`, drawn once; tests look at it and change nothing."""

    n: int
    size_hw: tuple[int, int]
    queries: int
    matching: Matching
    detections: Detections
    figure: Figure


@pytest.fixture(scope="module", params=CASES, ids=str)
def case(request: pytest.FixtureRequest, make_forward: MakeForward) -> Drawn:
    n, size_hw, queries = request.param
    both = matched(make_forward, n, size_hw, queries, found=min(n, queries))
    return Drawn(n, size_hw, queries, *both, drawn(*both))


@pytest.mark.slow
def test_every_object_is_drawn_with_its_query(case: Drawn) -> None:
    n, queries, matching = case.n, case.queries, case.matching
    image, _ = case.figure.axes
    truth = matching.truth.boxes_xyxy
    assert sorted(map(corners, rectangles(image, "true"))) == sorted(map(tuple, truth.tolist()))
    with_query = [query for query in matching.queries.tolist() if query >= 0]
    assert len(with_query) == min(n, queries)
    colours = matched_colours(matching, case.detections)
    boxes = {corners(one): one.get_edgecolor() for one in rectangles(image, None)}
    assert len(boxes) == len(with_query)
    for query in with_query:
        assert same_color(boxes[tuple(matching.boxes_xyxy[query])], colours[query])
    chips = [text.get_text() for text in image.texts]
    assert chips[:n] == [str(number) for number in range(1, n + 1)]
    ids = [str(query) if query >= 0 else "none" for query in matching.queries.tolist()]
    assert chips[n:] == ids


@pytest.mark.slow
def test_image_and_table_share_the_figure(case: Drawn) -> None:
    figure, size_hw = case.figure, case.size_hw
    image, table = (axes.get_position() for axes in figure.axes)
    for place in (image, table):
        assert place.x0 >= 0
        assert place.x1 <= 1
        assert place.y0 >= 0
        assert place.y1 < 1
    assert not image.overlaps(table)
    width, height = image.size * figure.get_size_inches()
    assert width / height == pytest.approx(size_hw[1] / size_hw[0])
    assert width * height > 2  # square inches


def test_a_line_joins_the_centres(make_forward: MakeForward) -> None:
    matching, detections = matched(make_forward, 2)
    lines = [one for one in drawn(matching, detections).axes[0].lines if one.get_gid() == "join"]
    ends = {tuple(np.asarray(one.get_xydata()).ravel().round(6)) for one in lines}
    expected = set()
    for index, query in enumerate(matching.queries):
        pair = [matching.truth.boxes_xyxy[index], matching.boxes_xyxy[query]]
        expected.add(tuple(np.ravel([(b[:2] + b[2:]) / 2 for b in pair]).round(6)))
    assert ends == expected


def test_a_kept_query_has_its_colour_and_others_one_of_their_own(make_forward: MakeForward) -> None:
    matching, detections = matched(make_forward, 4, found=2)
    colours, kept = matched_colours(matching, detections), query_colours(detections.queries)
    assert kept.items() <= colours.items()
    assert set(matching.queries.tolist()) <= set(colours)
    assert len(set(colours.values())) == len(colours) == 4


def test_the_alt_text_has_the_numbers(make_forward: MakeForward) -> None:
    matching, _ = matched(make_forward, 1)
    query = int(matching.queries[0])
    total = matching.costs.total[:, 0]
    other = int(np.argsort(total)[1])
    assert query == int(total.argmin())
    alt = matching_alt(matching)
    assert alt.startswith("Matching of 1 object and 20 queries: object 1, cat at the ")
    cost, next_cost = (f"{total[q]:.2f}".replace("-", "−") for q in (query, other))
    assert alt.endswith(
        f", with query {query} (cat 99 %) at cost {cost} (cheapest other: query {other} at "
        f"{next_cost})."
    )


def test_the_alt_text_of_many_is_short_and_says_who_has_no_query(make_forward: MakeForward) -> None:
    many, _ = matched(make_forward, 20, queries=100)
    assert matching_alt(many).endswith("; and 10 more.")
    crowded, _ = matched(make_forward, 3, queries=2, found=2)
    assert "of 3 objects and 2 queries" in matching_alt(crowded)
    assert matching_alt(crowded).count("has no query left") == 1


@pytest.mark.slow
def test_the_same_figure_has_the_same_bytes(make_forward: MakeForward, tmp_path: Path) -> None:
    matching, detections = matched(make_forward, 3)
    for name in ("a.webp", "b.webp"):
        save_figure(drawn(matching, detections), tmp_path / name, 72)
    assert (tmp_path / "a.webp").read_bytes() == (tmp_path / "b.webp").read_bytes()


@pytest.mark.slow
def test_odd_labels_can_be_drawn(make_forward: MakeForward, tmp_path: Path) -> None:
    matching, detections = matched(make_forward, 2)
    odd = dataclasses.replace(matching.truth, labels=("猫 $x^2$", "a" * 90))
    figure = drawn(dataclasses.replace(matching, truth=odd), detections)
    save_figure(figure, tmp_path / "odd.webp", 72)
    with Image.open(tmp_path / "odd.webp") as picture:
        assert picture.size == pytest.approx(72 * figure.get_size_inches(), abs=1)
