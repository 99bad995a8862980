"""Attention is taken away from a relative as it is said, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from generator.detr.interventions import Answer, shuffled
from generator.detr.relatives.cells import Cells
from generator.detr.relatives.changed import Change, attend_changed, changing
from generator.detr.relatives.load import architecture_of
from generator.detr.relatives.parts import Attention
from generator.detr.relatives.relevance import relevance_of_relative
from generator.detr.relatives.replay import RelativeReplay
from generator.detr.relevance import relevance_rule
from generator.inference import causal_runs
from generator.inference.causal_tests import ATTENTIONS, load_causal_tests, save_causal_tests
from generator.inference.detector import Detector
from generator.inference.forward_pass import ForwardPass
from generator.inference.intervene_relative import intervene_relative
from generator.measures.causal.measure import measure_causal
from generator.measures.causal.plan import mass_of_points, plan_of
from tests.detr.relatives.tiny import CONFIGS, a_picture, save_tiny, tiny_card

pytestmark = [
    pytest.mark.reference,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
SAMPLED = ("deformable_detr", "rt_detr")
QUERY = 4


@dataclass
class Case:
    """A model that saw an image.

    Attributes:
        output: what transformers alone gives, with all attentions and gradients.
    """

    kind: str
    detector: Detector
    forward: ForwardPass
    image: Tensor
    replay: RelativeReplay
    output: Any

    @property
    def cells(self) -> int:
        h, w = self.forward.grid_hw
        return h * w

    def blocked(self, *numbers: int) -> Tensor:
        """A mask of these cells, of `QUERY` alone."""
        mask = torch.zeros(1, self.replay.queries, self.cells, dtype=torch.bool)
        mask[0, QUERY, list(numbers)] = True
        return mask

    def weights(self, *changes: Change) -> list[Tensor]:
        """The attentions that transformers itself puts out, of the kind of the first change."""
        replay = self.replay
        with torch.no_grad(), changing(replay.model, changes, replay.cells, gives_weights=True):
            output = self.replay.model(pixel_values=self.image, output_attentions=True)
        found: list[Tensor] = list(
            output.attentions if self.kind == "yolos" else output.cross_attentions
        )
        return found


@pytest.fixture(scope="module", params=sorted(CONFIGS))
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    pytest.importorskip("transformers")
    kind = request.param
    folder = tmp_path_factory.mktemp(kind)
    theirs = save_tiny(kind, folder)
    detector = Detector.load(tiny_card(kind), folder / "model.safetensors", "0" * 64)
    forward, image = detector.run(a_picture()), detector.prepared(a_picture())
    cells = Cells(forward.grid_hw, forward.input_hw, forward.stride, forward.first_centre)
    number = forward.grid_hw[0] * forward.grid_hw[1]
    architecture = architecture_of(detector.card)
    with torch.no_grad():
        replay = RelativeReplay(detector.model, architecture, image, cells, number)
    output = theirs(pixel_values=image, output_attentions=True)
    return Case(kind, detector, forward, image, replay, output)


def assert_same(answer: Answer, forward: ForwardPass, atol: float = 1e-6) -> None:
    for logits, boxes in zip(answer.logits, answer.boxes_cxcywh, strict=True):
        np.testing.assert_allclose(logits, forward.logits[-1], rtol=1e-6, atol=atol)
        np.testing.assert_allclose(boxes, forward.boxes_cxcywh[-1], atol=atol)


def test_taking_nothing_away_changes_nothing(case: Case) -> None:
    replay = case.replay
    with torch.no_grad():
        assert_same(replay.decode(), case.forward)
        nothing = torch.zeros(2, case.replay.queries, case.cells, dtype=torch.bool)
        assert_same(replay.decode(nothing[:1]), case.forward)
        assert_same(replay.decode(nothing), case.forward, 1e-5)  # a batch's products round anew
        for kind in ATTENTIONS:
            for layer, attention in enumerate(replay.attentions(kind)):
                with replay.evenly(attention, []):
                    assert_same(replay.again(kind, layer), case.forward)


def test_weights_are_given_to_who_asks_alone() -> None:
    """Those of 4,000 patches take a gigabyte, and nobody would read them."""
    pytest.importorskip("transformers")
    module, vectors = torch.nn.Identity(), torch.randn(1, 2, 5, 4)
    change = Change(Attention(module, 2, is_block=True), even=(0,))
    for asks, shape in ((False, None), (True, (1, 2, 5, 5))):
        with changing(module, [change], Cells((1, 5), (32, 160), 32, 0), gives_weights=asks):
            _, weights = attend_changed(module, vectors, vectors, vectors)
        assert (None if weights is None else tuple(weights.shape)) == shape


def test_what_is_masked_has_no_weight_at_all(case: Case) -> None:
    cross = case.replay.attentions("decoder_cross")
    gone = [5, 6]
    if case.kind in SAMPLED:  # where this query reads most
        gone = mass_of_points(case.forward)[QUERY].argsort()[-2:].tolist()
    blocked = case.blocked(*gone)
    changes = [Change(one, blocked) for one in cross]
    if case.kind in SAMPLED:
        before, after = read_points(case), read_points(case, *changes)
        assert sum(points_gone(case, gone, *one) for one in after) > 3, "no point lies there"
        others = np.arange(case.replay.queries) != QUERY
        np.testing.assert_array_equal(before[0][1][:, others], after[0][1][:, others])
        return
    new = case.weights(*changes)
    if case.kind == "yolos":
        keys, rows = cross[0].keys, cross[0].rows
        old = [one.detach()[:, :, rows] for one in case.output.attentions]
        assert all(not one[:, :, QUERY, keys][..., 5:7].any() for one in new)
        kept = [*range(6), *range(8, old[0].shape[-1])]
    else:
        assert all(not one[:, :, QUERY, 5:7].any() for one in new)
        old = [one.detach() for one in case.output.cross_attentions]
        kept = [*range(5), *range(7, case.cells)]
    for one in new:
        np.testing.assert_allclose(one.sum(dim=-1), 1, atol=1e-5)
        assert (one[:, :, QUERY][..., kept] > 0).all()
    others = np.arange(case.replay.queries) != QUERY
    np.testing.assert_allclose(old[0][:, :, others], new[0][:, :, others], atol=1e-5)
    rest = old[0][:, :, QUERY][..., kept]
    scaled = rest / rest.sum(dim=-1, keepdim=True)
    found = new[0][:, :, QUERY][..., kept]
    np.testing.assert_allclose(scaled, found / found.sum(dim=-1, keepdim=True), atol=1e-5)


def read_points(case: Case, *changes: Change) -> list[tuple[Tensor, Tensor]]:
    """Places and weights of the points that the decoder reads, layer by layer."""
    read: list[tuple[Tensor, Tensor]] = []
    handles = [
        one.module.get_submodule("attn").register_forward_hook(
            lambda _, arguments, __: read.append((arguments[4], arguments[5]))
        )
        for one in case.replay.attentions("decoder_cross")
    ]
    with torch.no_grad():
        case.replay.run(changes)
    for handle in handles:
        handle.remove()
    return read


def points_gone(case: Case, cells: list[int], places: Tensor, weights: Tensor) -> int:
    """How many points of `QUERY` lie in some cells: they weigh nothing, the others 1."""
    columns = case.forward.grid_hw[1]
    x, y = (places[0, QUERY, ..., axis].double() for axis in (0, 1))
    h, w = case.forward.input_hw
    rows = case.forward.grid_hw[0]
    first = case.forward.first_centre + 0.5 + case.forward.stride * torch.arange(max(rows, columns))
    column = (x[..., None] * w - first[:columns]).abs().argmin(dim=-1)
    row = (y[..., None] * h - first[:rows]).abs().argmin(dim=-1)
    inside = (x >= 0) & (x <= 1) & (y >= 0) & (y <= 1)
    gone = inside & torch.isin(row * columns + column, torch.tensor(cells))
    sums = weights.sum(dim=(3, 4))[0, QUERY]
    has_rest = ~gone.flatten(1).all(dim=1)
    np.testing.assert_allclose(sums, has_rest.float(), atol=1e-5)
    assert not weights[0, QUERY][gone].any()
    return int(gone.sum())


def test_what_lies_in_masked_cells_does_not_matter(case: Case) -> None:
    """A planted effect: the memory of two cells is made another, which only who looks can tell."""
    if case.kind not in ("conditional_detr", "dab-detr"):
        pytest.skip("only of an encoder's memory that has no other way to the answer")

    def plant(_: Any, __: Any, output: Any) -> Any:
        memory = output.last_hidden_state.clone()
        memory[:, 2:4] = 5
        return type(output)(last_hidden_state=memory)

    everyone = torch.zeros(1, 1, case.cells, dtype=torch.bool)
    everyone[..., 2:4] = True
    with torch.no_grad():
        masked, free = case.replay.decode(everyone), case.replay.decode()
        handle = case.replay.parts.before[1].register_forward_hook(plant)
        planted, seen = case.replay.decode(everyone), case.replay.decode()
        handle.remove()
    np.testing.assert_allclose(planted.logits, masked.logits, atol=1e-6)
    assert (seen.logits - free.logits).abs().max() > 0.01


def test_nothing_to_look_at_leaves_what_a_sum_over_nothing_leaves(case: Case) -> None:
    if case.kind == "yolos":
        pytest.skip("a detection token always sees the others")
    if case.kind in SAMPLED:
        pytest.skip("points outside the image lie in no cell")
    nothing = torch.ones(1, 1, case.cells, dtype=torch.bool)
    cross = case.replay.attentions("decoder_cross")
    with torch.no_grad(), ExitStack() as changed:
        answer = case.replay.decode(nothing)
        for one in cross:
            changed.enter_context(zeros(projection(one).weight))
        np.testing.assert_allclose(answer.logits, case.replay.run().logits, atol=1e-6)


def projection(attention: Attention) -> Any:
    """The last projection of an attention."""
    names = ("o_proj", "output_proj", "out_proj")
    return next(getattr(attention.module, one) for one in names if hasattr(attention.module, one))


@contextmanager
def zeros(parameter: Any) -> Iterator[None]:
    """While open, a parameter is 0."""
    kept = parameter.clone()
    parameter.zero_()
    yield
    parameter.copy_(kept)


def test_a_uniform_head_is_even_and_others_are_as_they_were(case: Case) -> None:
    cross: Attention = case.replay.attentions("decoder_cross")[0]
    change = Change(cross, even=(1,))
    if case.kind in SAMPLED:
        ((_, old), *_), ((_, new), *_) = read_points(case), read_points(case, change)
        np.testing.assert_allclose(new[:, :, 1], 1 / (old.shape[3] * old.shape[4]))
        np.testing.assert_array_equal(new[:, :, 0], old[:, :, 0])
        assert old[:, :, 1].std() > 1e-3
        return
    new = case.weights(change)[0]
    output = case.output
    if case.kind == "yolos":
        old = output.attentions[0].detach()[:, :, cross.rows]
        share = old[:, 1, :, cross.keys].sum(dim=-1, keepdim=True) / case.cells
        even = new[:, 1, :, cross.keys]
        np.testing.assert_allclose(even, share.expand_as(even), atol=1e-6)
        np.testing.assert_allclose(new[:, 1, :, 0], old[:, 1, :, 0], atol=1e-6)
    else:
        old = output.cross_attentions[0].detach()
        np.testing.assert_allclose(new[:, 1], 1 / case.cells, atol=1e-7)
    np.testing.assert_allclose(new[:, 0], old[:, 0], atol=1e-6)
    assert (new[:, 1] - old[:, 1]).abs().max() > 1e-3


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_a_removed_attention_adds_nothing(case: Case, attention: str) -> None:
    one = case.replay.attentions(attention)[0]
    if case.kind == "yolos":
        weights = case.weights(Change(one, is_silent=True))[0]
        expected = case.output.attentions[0].detach()[:, :, one.rows].clone()
        expected[..., one.keys] = 0
        np.testing.assert_allclose(weights, expected, atol=1e-6)
        assert weights[..., 0].min() > 0
        return
    with torch.no_grad():
        with case.replay.silently(one):
            answer = case.replay.again(attention, 0)
        last = projection(one)
        with zeros(last.weight), zeros(last.bias):
            expected = case.replay.run(first=(attention, 0))
        np.testing.assert_allclose(answer.logits, expected.logits, atol=1e-6)
        whole = torch.from_numpy(case.forward.logits[-1])
        assert (answer.logits[0] - whole).abs().max() > 1e-4


def test_relevance_is_the_rule_of_chefer_on_the_librarys_weights(case: Case) -> None:
    found = relevance_of_relative(case.replay, [QUERY], [1])[0]
    if case.kind in SAMPLED:
        assert found.isnan().all()
        return
    output = case.output
    score = output.logits[0, QUERY, 1]
    if case.kind == "yolos":
        cross = case.replay.attentions("decoder_cross")[0]
        maps = weighted(score, output.attentions)
        relevance = torch.eye(len(maps[0]))
        for one in maps:
            relevance = relevance + one @ relevance
        expected = relevance[cross.rows][QUERY, cross.keys]
    else:
        among = weighted(score, output.decoder_attentions)
        across = weighted(score, output.cross_attentions)
        expected = relevance_rule(among, across)[QUERY]
    assert expected.max() > 1e-4
    np.testing.assert_allclose(found, expected.detach(), rtol=1e-3, atol=1e-6)


def weighted(score: Tensor, weights: Any) -> list[Tensor]:
    slopes = torch.autograd.grad(score, list(weights), retain_graph=True, allow_unused=True)
    return [
        torch.zeros_like(of[0, 0]) if one is None else (one * of)[0].clamp(min=0).mean(dim=0)
        for one, of in zip(slopes, weights, strict=True)
    ]


def test_an_error_leaves_the_network_as_it_was(case: Case) -> None:
    replay = case.replay
    cross, own = (replay.attentions(kind)[-1] for kind in ("decoder_cross", "decoder_self"))
    before = hooks_of(replay.model)

    def fail(*_: Any) -> None:
        raise RuntimeError("no more memory")

    broken = replay.parts.decoder[-1].register_forward_hook(fail)
    for changes in ([Change(cross, case.blocked(1))], [Change(cross, even=(0,))],
                    [Change(cross, is_silent=True), Change(own, even=(1,))]):  # fmt: skip
        with torch.no_grad(), pytest.raises(RuntimeError, match="no more memory"):
            replay.run(changes)
    with torch.no_grad(), ExitStack() as shuffled_ones:
        generator = torch.Generator().manual_seed(1)
        for layer in replay.parts.encoder:
            shuffled_ones.enter_context(shuffled(layer, generator))
        with pytest.raises(RuntimeError, match="no more memory"), replay.with_encoder_as_it_is():
            pass
    broken.remove()
    assert hooks_of(replay.model) == before
    with torch.no_grad():
        assert_same(replay.decode(), case.forward)


def hooks_of(model: torch.nn.Module) -> list[Any]:
    """What computes or may change a network's answers, besides its weights."""
    return [
        (name, len(one._forward_hooks), len(one._forward_pre_hooks), vars(one).get("forward"),
         getattr(getattr(one, "config", None), "_attn_implementation", None))
        for name, one in model.named_modules()
    ]  # fmt: skip


def test_how_often_the_tests_run_a_model_is_told_if_it_takes_minutes(
    case: Case, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One stack runs whole each time; the estimate leaves out shuffled weights and relevance."""
    if case.kind != "yolos":
        pytest.skip("has parts that run once")
    runs: list[int] = []
    real = RelativeReplay.run

    def counted(self: RelativeReplay, *args: Any, **more: Any) -> Any:
        runs.append(more.get("batch", 1))
        return real(self, *args, **more)

    monkeypatch.setattr(RelativeReplay, "run", counted)
    monkeypatch.setattr(causal_runs, "_PATIENCE_S", 0)
    plan = plan_of(case.forward, float(np.sort(case.forward.scores().max(axis=1))[-3]))
    intervene_relative(case.detector, a_picture(), plan)
    (said,) = (record.getMessage() for record in caplog.records)
    told = int(said.split("some ")[1].split()[0])
    assert 0.9 * sum(runs) < told <= sum(runs)


def test_what_takes_seconds_is_not_announced() -> None:
    assert causal_runs.told_if_long(runs=700, seconds=0.1) is None
    assert "takes about 14 minutes" in (causal_runs.told_if_long(runs=840, seconds=1) or "")


def test_all_tests_of_an_image(case: Case, tmp_path: Path) -> None:
    detector, forward = case.detector, case.forward
    threshold = float(np.sort(forward.scores().max(axis=1))[-3])
    state = {name: one.clone() for name, one in detector.model.state_dict().items()}
    plan = plan_of(forward, threshold)
    assert len(plan.queries) > 0
    tests = intervene_relative(detector, a_picture(), plan)
    after = detector.model.state_dict()
    assert all(torch.equal(one, after[name]) for name, one in state.items())
    np.testing.assert_array_equal(detector.run(a_picture()).logits, forward.logits)
    scores = forward.scores()[plan.queries, plan.classes]
    np.testing.assert_allclose(tests.before.probability, scores, atol=1e-6)
    assert (abs(tests.knocked_out.probability[0, -1] - scores) > 1e-5).all()
    is_sampled, is_stack = case.kind in SAMPLED, case.kind == "yolos"
    if not is_sampled:  # with all cells there, after weights were shuffled and put back
        np.testing.assert_allclose(tests.deleted.probability[0, 0], scores, atol=1e-6)
        np.testing.assert_allclose(tests.inserted.probability[0, -1], scores, atol=1e-6)
    assert np.isnan(tests.relevance).all() == is_sampled
    curves = np.isnan(tests.deleted.similarity).all(axis=(1, 2)).tolist()
    assert curves == [is_sampled, is_sampled or is_stack, *[is_sampled] * 3]
    assert np.isnan(tests.shuffled_attention).all(axis=(1, 2, 3)).tolist() == [
        is_sampled or is_stack, is_sampled,
    ]  # fmt: skip
    assert np.isnan(tests.silent["encoder_self"].probability).all() == (case.kind == "rt_detr")
    save_causal_tests(tests, tmp_path / "key.npz")
    again = load_causal_tests(tmp_path / "key.npz")
    np.testing.assert_array_equal(again.orders(), tests.orders())
    assert all(np.isfinite(one.value) for one in measure_causal(forward, again, threshold))
