"""The figures of causal tests: what was taken away, and what was then found."""

import dataclasses

import numpy as np
import pytest
from matplotlib.figure import Figure

from generator.analysis.entry_analysis import EntryAnalysis, analyse
from generator.figures.image.ablation import ABLATION
from generator.figures.image.deletion import DELETION, LINES
from generator.figures.image.knock_out import KNOCK_OUT
from generator.figures.image.relevance import RELEVANCE
from generator.figures.image.shuffled import SHUFFLED_MAPS
from generator.figures.redraw import FigureKind
from generator.inference.causal_tests import ORDERS, OWN_BOX
from generator.project.config import FigureOptions
from tests.conftest import MakeForward
from tests.invented_causal import invented_causal_tests, without_maps
from tests.sampled import with_one_stack, with_points

KINDS = (KNOCK_OUT, ABLATION, DELETION, RELEVANCE, SHUFFLED_MAPS)
PIXELS = np.full((96, 128, 3), 200, np.uint8)


def analysis(make_forward: MakeForward, detections: int, *, tested: bool = True) -> EntryAnalysis:
    forward = make_forward((6, 8), detections=detections)
    return analyse(PIXELS, forward, 0.9, causal=invented_causal_tests(forward) if tested else None)


def texts(figure: Figure) -> str:
    written = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    return "\n".join(text.get_text() for text in written)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("detections", [1, 4])
def test_every_figure_can_be_drawn_and_told(
    make_forward: MakeForward, kind: FigureKind[EntryAnalysis], detections: int
) -> None:
    one = analysis(make_forward, detections)
    assert kind.applies(one)
    figure = kind.draw(one, FigureOptions())
    assert figure.get_size_inches()[0] == 7
    assert any(character.isdigit() for character in kind.alt(one))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_without_tests_nothing_is_drawn(
    make_forward: MakeForward, kind: FigureKind[EntryAnalysis]
) -> None:
    assert not kind.applies(analysis(make_forward, 2, tested=False))
    assert kind.applies(analysis(make_forward, 0)) == (kind is ABLATION)


def test_what_is_found_without_detections(make_forward: MakeForward) -> None:
    one = analysis(make_forward, 0)
    assert ABLATION.draw(one, FigureOptions()).axes
    assert ABLATION.alt(one).startswith("As it is: no boxes.")


@pytest.mark.slow
def test_the_cells_that_were_taken_are_dark(make_forward: MakeForward) -> None:
    one = analysis(make_forward, 2)
    assert one.causal is not None
    panel = KNOCK_OUT.draw(one, FigureOptions()).axes[1]
    dark = panel.images[-1].get_array()
    mask = one.causal.plan.knock_outs[one.causal.plan.kinds.index(OWN_BOX), 0]
    np.testing.assert_array_equal(np.asarray(dark)[..., 3] > 0, mask.reshape(6, 8))


@pytest.mark.slow
def test_a_detection_that_is_lost_is_called_lost(make_forward: MakeForward) -> None:
    one = analysis(make_forward, 1)
    assert one.causal is not None
    one.causal.knocked_out.probability[:] = 0.012
    assert "lost: 1 %" in texts(KNOCK_OUT.draw(one, FigureOptions()))
    one.causal.knocked_out.probability[:] = 0.999
    assert "lost" not in texts(KNOCK_OUT.draw(one, FigureOptions()))
    one.causal.knocked_out.probability[3] = np.nan
    assert "there is none" in texts(KNOCK_OUT.draw(one, FigureOptions()))


@pytest.mark.slow
def test_the_curves_are_those_of_the_tests(make_forward: MakeForward) -> None:
    one = analysis(make_forward, 3)
    assert one.causal is not None
    charts = DELETION.draw(one, FigureOptions()).axes[-2:]
    for axes, outcomes in zip(charts, (one.causal.deleted, one.causal.inserted), strict=True):
        lines = {line.get_gid(): line for line in axes.lines}
        assert set(lines) == set(LINES) == set(ORDERS)
        for row, name in enumerate(ORDERS):
            wanted = outcomes.similarity[row].mean(axis=1)
            np.testing.assert_allclose(np.asarray(lines[name].get_ydata()), wanted, rtol=1e-6)


def test_boxes_that_are_too_many_are_counted(make_forward: MakeForward) -> None:
    one = analysis(make_forward, 2)
    assert one.causal is not None
    silent = one.causal.silent["decoder_self"]
    silent.scores[-1], silent.scores[-1, :3] = 0.1, 0.95
    silent.classes[-1] = 1
    silent.boxes_cxcywh[-1] = (0.5, 0.5, 0.2, 0.2)
    assert "3 boxes, 2 too many" in texts(ABLATION.draw(one, FigureOptions()))


@pytest.mark.slow
def test_sampled_attention_has_the_figures_that_need_no_map(make_forward: MakeForward) -> None:
    one = analysis(make_forward, 2)
    assert one.causal is not None
    one = dataclasses.replace(
        one, forward=with_points(one.forward), causal=without_maps(one.causal)
    )
    assert [kind for kind in KINDS if kind.applies(one)] == [KNOCK_OUT, ABLATION]
    assert "sampled points removed" in ABLATION.alt(one)
    assert "most" not in texts(KNOCK_OUT.draw(one, FigureOptions()))


@pytest.mark.slow
def test_one_stack_has_no_rollout_and_no_decoder_to_shuffle(make_forward: MakeForward) -> None:
    forward = with_one_stack(make_forward((6, 8), detections=2))
    tests = invented_causal_tests(forward)
    tests.plan.orders[ORDERS.index("rollout")] = -1
    tests.shuffled_attention[0] = tests.shuffled_relevance[0] = np.nan
    one = analyse(PIXELS, forward, 0.9, causal=tests)
    assert all(kind.applies(one) for kind in KINDS)
    assert "rollout" not in DELETION.alt(one)
    charts = DELETION.draw(one, FigureOptions()).axes[-2:]
    assert {line.get_gid() for line in charts[0].lines} == set(ORDERS) - {"rollout"}
    assert "rollout" not in texts(RELEVANCE.draw(one, FigureOptions()))
    assert "with the stack shuffled" in SHUFFLED_MAPS.alt(one)
    assert len(SHUFFLED_MAPS.draw(one, FigureOptions()).axes) >= 8
    assert "tokens to patches removed" in ABLATION.alt(one)
