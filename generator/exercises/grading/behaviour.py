"""The values that passed through a class, from image to boxes -> what is wrong with it.

In: runs of the same image through a submission and through the reference, on shared weights.
Out: findings. The transformer's input is compared with the usual wrong ways to combine
positions and cells, so that the mistake can be named.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from generator.exercises.grading.finding import Finding, shown
from generator.exercises.grading.observation import Array, Run, close

Numbers = npt.NDArray[np.float64]
Codes = Mapping[str, Array | None]

_SCALE = 0.1  # of the cells; the published weights were trained that way
_STRIDE = 32  # pixels per cell


def behaviour_findings(run: Run, right: Run, codes: Codes) -> Iterator[Finding]:
    """What is wrong with a class, judged by one image's run.

    Args:
        run: the image's run through the submission.
        right: its run through the reference.
        codes: the reference's own parameters, `row_embed` and `col_embed` among them.
    """
    if run.source is not None and right.source is not None:
        yield from _source_findings(run.source, right, codes)
    if run.target is not None and right.target is not None:
        yield from _target_findings(run.target, right.target)
    if run.output is not None:  # the class returned something
        yield from _output_findings(run, right)


def _source_findings(source: Array, right: Run, codes: Codes) -> Iterator[Finding]:
    """The encoder's input: positions + 0.1 cells, (N, 1, d)."""
    expected = right.source
    if expected is None or source.equals(expected):
        return
    blanks: tuple[str, ...] = ("columns", "rows", "source")
    if sorted(source.shape) != sorted(expected.shape) or source.numbers is None:
        sentence = f"what goes into the encoder has the shape {shown(source.shape)}, not (N, 1, d)"
        yield Finding(sentence, blanks)
        return
    if source.shape != expected.shape:  # batch first, perhaps on purpose
        return
    rows, columns = codes.get("row_embed"), codes.get("col_embed")
    if rows is None or columns is None or rows.numbers is None or columns.numbers is None:
        return
    grid_hw = (right.size[0] // _STRIDE, right.size[1] // _STRIDE)
    named = _named_mixture(
        source.values[:, 0], expected.values[:, 0], rows.values, columns.values, grid_hw
    )
    yield named or Finding("what goes into the encoder is not positions + 0.1 cells", blanks)


def _named_mixture(
    source: Numbers, expected: Numbers, rows: Numbers, columns: Numbers, grid_hw: tuple[int, int]
) -> Finding | None:
    """How a source (N, d) was put together, if in one of the usual wrong ways."""
    h, w = grid_hw
    y, x = (index.ravel() for index in np.mgrid[:h, :w])
    if rows.shape[1] * 2 != source.shape[1] or columns.shape != rows.shape or h * w != len(source):
        return None
    codes = {
        f"{of} {axis}": table[index]
        for of, table in (("columns", columns), ("rows", rows))
        for axis, index in (("x", x), ("y", y))
    }
    positions = np.hstack([codes["columns x"], codes["rows y"]])  # (N, d)
    cells = (expected - positions) / _SCALE
    for left, right in itertools.product(codes, codes):
        scale = _scale_of(cells, source - np.hstack([codes[left], codes[right]]))
        if scale is not None:
            named = _wrong_codes(left, right)
            return named or Finding(_wrong_scale(scale), ("source",))
    if _scale_of(cells, source) is not None:
        return Finding("the positions are missing from the encoder's input", ("source",))
    return None


def _scale_of(cells: Numbers, rest: Numbers) -> float | None:
    """The factor between the rest and the cells; None if the rest is something else."""
    scale = float((rest * cells).sum() / (cells**2).sum())
    return scale if np.isfinite(scale) and close(rest, scale * cells) else None


def _wrong_codes(left: str, right: str) -> Finding | None:
    """What is wrong with positions of these two halves; right are "columns x", "rows y"."""
    blanks = ("columns",) * (left != "columns x") + ("rows",) * (right != "rows y")
    swapped = "rows and columns are swapped"
    of = (left.split()[0], right.split()[0])
    axes = (left.split()[1], right.split()[1])
    if of == ("rows", "columns"):
        return Finding(f"{swapped} in the positions", blanks)
    if of == ("rows", "rows"):
        return Finding(f"{swapped}: the columns have the rows' codes", blanks)
    if of == ("columns", "columns"):
        return Finding(f"{swapped}: the rows have the columns' codes", blanks)
    if axes == ("y", "x"):
        return Finding(f"{swapped}: each code follows the other's axis", blanks)
    if axes != ("x", "y"):
        wrong = "columns" if axes == ("y", "y") else "rows"
        return Finding(f"the codes of the {wrong} follow the wrong axis", blanks)
    return None


def _wrong_scale(scale: float) -> str:
    if close(np.array(scale), np.array(0.0)):
        return "the features are missing from the encoder's input"
    if close(np.array(scale), np.array(1.0)):
        return "the features are not scaled"
    return f"the features are scaled by {scale:.3g}, and not by {_SCALE}"


def _target_findings(target: Array, expected: Array) -> Iterator[Finding]:
    """The decoder's input: the object queries, (M, 1, d)."""
    if target.equals(expected):
        return
    if target.shape == (expected.shape[0], expected.shape[2]):
        sentence = "the queries are missing their batch axis"
    elif target.shape == (1, *expected.shape[::2]):
        sentence = (
            "the queries have their batch axis in front, where the transformer wants it second"
        )
    elif target.shape != expected.shape:
        sentence = f"the queries have the shape {shown(target.shape)}, not (M, 1, d)"
    else:
        sentence = "what goes into the decoder is not the object queries"
    yield Finding(sentence, ("target",))


def _output_findings(run: Run, right: Run) -> Iterator[Finding]:
    """The return value: a dictionary of logits (1, M, C + 1) and boxes (1, M, 4)."""
    if run.logits is None or run.boxes is None:
        missing = [f"`pred_{name}`" for name in ("logits", "boxes") if getattr(run, name) is None]
        yield Finding(
            f"`forward` gives back a {run.output} without the tensors {' and '.join(missing)}"
        )
        return
    if right.logits is None or right.boxes is None:
        return
    if run.boxes.shape != right.boxes.shape:
        yield Finding(
            f"`pred_boxes` has the shape {shown(run.boxes.shape)}, not (1, M, 4)",
            ("boxes", "sigmoid"),
        )
    elif not run.boxes.equals(right.boxes):
        named = _wrong_boxes(run.boxes.values, right.boxes.values)
        if named:
            yield Finding(named, ("sigmoid",))
        else:  # any earlier step may be the reason
            yield Finding("`pred_boxes` differs from the reference on the same weights")
    if run.logits.shape != right.logits.shape:
        yield Finding(
            f"`pred_logits` has the shape {shown(run.logits.shape)}, not (1, M, C + 1)",
            ("classes",),
        )
    elif not run.logits.equals(right.logits):
        yield Finding("`pred_logits` differs from the reference on the same weights")


def _wrong_boxes(boxes: Numbers, right: Numbers) -> str | None:
    """The mistake in the boxes, if it is a usual one; both arrays are (1, M, 4)."""
    if not np.isfinite(boxes).all():
        return "the boxes hold numbers that are not finite"
    before = np.log(right / (1 - right))
    if close(boxes, before):
        return "the boxes did not go through a sigmoid, so that they leave [0, 1]"
    if close(boxes, 1 / (1 + np.exp(-right))):
        return "the boxes went through a sigmoid twice"
    if close(boxes, np.exp(before) / np.exp(before).sum(axis=-1, keepdims=True)):
        return "the boxes went through a softmax, so that their four numbers sum to 1"
    if boxes.min() < 0 or boxes.max() > 1:
        return "the boxes leave [0, 1]"
    return None
