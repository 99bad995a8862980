import numpy as np
import pytest

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import detect
from generator.figures.gallery.query_map import order_queries, query_map_alt, query_map_figure
from tests.conftest import MakeForward


@pytest.mark.parametrize(("queries", "detections"), [(20, 5), (100, 14), (20, 0), (5, 5)])
def test_every_query_once_kept_ones_first(
    make_forward: MakeForward, queries: int, detections: int
) -> None:
    forward = make_forward(queries=queries, detections=detections)
    found = detect(forward, 0.9)
    order = order_queries(AttentionMaps(forward), found)
    assert sorted(order.queries.tolist()) == list(range(queries))
    assert order.kept == detections
    assert set(order.queries[:detections].tolist()) == set(found.queries.tolist())
    assert [group.start for group in order.groups] == np.cumsum(
        [0, *(group.size for group in order.groups)]
    )[:-1].tolist()


def test_kept_queries_stand_by_class_best_first(make_forward: MakeForward) -> None:
    forward = make_forward(detections=5)  # cat, dog, remote, cat, dog by falling score
    found = detect(forward, 0.9)
    order = order_queries(AttentionMaps(forward), found)
    kept = [(group.label, group.size) for group in order.groups if group.kept]
    assert kept == [("cat", 2), ("dog", 2), ("remote", 1)]
    by_score = found.queries.tolist()
    assert order.queries[:5].tolist() == [by_score[index] for index in (0, 3, 1, 4, 2)]


def test_cells_are_weights_over_uniform_ones(make_forward: MakeForward) -> None:
    forward = make_forward(queries=20, detections=4, layers=3, heads=4)
    maps, found = AttentionMaps(forward), detect(forward, 0.9)
    figure = query_map_figure(maps, found, "Cats")
    order = order_queries(maps, found).queries
    shown = np.asarray(figure.axes[0].images[0].get_array())
    weights = maps.decoder_self(-1)
    assert shown[2, 7] == pytest.approx(20 * weights[order[2], order[7]])
    assert shown.mean() == pytest.approx(1, abs=1e-5)


def test_classes_are_framed_and_named(make_forward: MakeForward) -> None:
    forward = make_forward(queries=100, detections=6, names=("cat", "dog", "remote"))
    figure = query_map_figure(AttentionMaps(forward), detect(forward, 0.9), "Cats")
    axes = figure.axes[0]
    frames = [patch for patch in axes.patches if patch.get_gid() == "kept"]
    assert len(frames) == 3
    names = [text for text in axes.texts if text.get_text() in ("cat (2)", "dog (2)", "remote (2)")]
    assert len(names) == 3
    heights = sorted(text.get_position()[1] for text in names)
    assert min(np.diff(heights)) > 2.5  # of 100 rows: no name covers another
    assert len([line for line in axes.lines if line.get_gid() == "edge"]) == 2


@pytest.mark.slow
def test_queries_are_numbered_where_there_is_room(make_forward: MakeForward) -> None:
    for queries, numbered in ((20, True), (100, False)):
        forward = make_forward(queries=queries)
        found = detect(forward, 0.9)
        axes = query_map_figure(AttentionMaps(forward), found, "Cats").axes[0]
        ids = [text for text in axes.texts if text.get_text() == str(found.queries[0])]
        assert bool(ids) is numbered


def test_nothing_kept_is_no_crash(make_forward: MakeForward) -> None:
    forward = make_forward(detections=0)
    maps, found = AttentionMaps(forward), detect(forward, 0.9)
    axes = query_map_figure(maps, found, "Nothing").axes[0]
    assert not [line for line in axes.lines if line.get_gid() == "edge"]
    assert "None was kept" in query_map_alt(maps, found)


def test_words_carry_numbers(make_forward: MakeForward) -> None:
    forward = make_forward(queries=20, detections=4)
    maps, found = AttentionMaps(forward), detect(forward, 0.9)
    alt = query_map_alt(maps, found)
    assert "Kept: 2 × cat; 1 × dog; 1 × remote." in alt
    itself = 20 * np.diag(maps.decoder_self(-1))[found.queries].mean()
    assert f"gives itself {itself:.3f} times" in alt
