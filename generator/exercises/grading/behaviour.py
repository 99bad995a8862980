"""The values that passed through a class, from image to boxes -> what is wrong with it.

In: runs of the same image through a submission and through the reference, on shared weights.
Out: findings. A mistake is named by the class's own values: what goes into the transformer is
compared with the usual wrong ways to combine its own positions and cells.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from generator.exercises.grading.finding import Finding, shown
from generator.exercises.grading.mixture import explained, scale_of
from generator.exercises.grading.observation import Array, Observation, Run, close
from generator.exercises.grading.own import (
    Numbers,
    grid_codes,
    own_cells,
    own_positions,
    own_source,
)

_SCALE = 0.1  # of the cells; the published weights were trained that way


def behaviour_findings(run: Run, right: Run, seen: Observation) -> Iterator[Finding]:
    """What is wrong with a class, judged by one image's run.

    Args:
        run: the image's run through the submission.
        right: its run through the reference.
        seen: all that was observed of the submission.
    """
    if run.projected is not None and run.projected_alone is not None:
        yield from _projection_findings(run.projected, run.projected_alone)
    if run.source is not None and right.source is not None:
        yield from _source_findings(run.source, run, right.source, seen)
    if run.target is not None and right.target is not None:
        yield from _target_findings(run.target, right.target, seen.codes.get("query_pos"))
    alone = run.answers_alone
    if run.answers is not None and alone is not None and not run.answers.equals(alone):
        sentence = "the transformer gives another output than PyTorch's own on the same input"
        yield Finding(sentence, ("transformer",))
    read = run.box_input, run.class_input
    if read[0] is not None and read[1] is not None and not read[0].equals(read[1]):
        yield Finding("the box head reads something else than the class head", ("sigmoid",))
    if run.output is not None:  # the class returned something
        yield from _output_findings(run, right)


def _projection_findings(projected: Array, alone: Array) -> Iterator[Finding]:
    if projected.shape != alone.shape:
        sentence = f"the convolution makes {shown(alone.shape)} into {shown(projected.shape)}"
        yield Finding(f"{sentence}: it does not go cell by cell", ("projection",))
    elif not projected.equals(alone):
        yield Finding("the convolution is not the 1x1 convolution of its input", ("projection",))


def _source_findings(
    source: Array, run: Run, expected: Array, seen: Observation
) -> Iterator[Finding]:
    """The encoder's input: positions + 0.1 cells, (N, 1, d)."""
    blanks: tuple[str, ...] = ("columns", "rows", "source")
    if source.equals(expected):
        return
    if sorted(source.shape) != sorted(expected.shape) or source.numbers is None:
        sentence = f"what goes into the encoder has the shape {shown(source.shape)}, not (N, 1, d)"
        yield Finding(sentence, blanks)
        return
    own, cells, codes = own_source(run), own_cells(run), grid_codes(run, seen)
    if own is None or cells is None or codes is None:
        return
    named = _named_mixture(own, cells, codes)
    if named:
        yield named
    elif not _is_right_mixture(own, cells, codes):
        positions = own_positions(run)
        if positions is not None:
            half = cells.shape[1] // 2
            for name, part, code in (
                ("columns", positions[:, :half], codes["columns x"]),
                ("rows", positions[:, half:], codes["rows y"]),
            ):
                if not close(part, code):
                    yield Finding(
                        f"the positions do not hold the codes of the {name}, cell by cell", (name,)
                    )
            if not close(own, positions + _SCALE * cells):
                yield Finding(
                    "what goes into the encoder is not positions + 0.1 cells", ("source",)
                )
        else:
            yield Finding("what goes into the encoder is not positions + 0.1 cells", blanks)


def _is_right_mixture(source: Numbers, cells: Numbers, codes: dict[str, Numbers]) -> bool:
    positions = np.hstack([codes["columns x"], codes["rows y"]])
    return close(source, positions + _SCALE * cells)


def _named_mixture(source: Numbers, cells: Numbers, codes: dict[str, Numbers]) -> Finding | None:
    """How a source (N, d) was put together, if in one of the usual wrong ways."""
    left, right = explained(source, cells, codes)
    if left is not None and right is not None and close(np.array(left[1]), np.array(right[1])):
        wrong = _wrong_codes(left[0], right[0])
        if wrong is not None or close(np.array(left[1]), np.array(_SCALE)):
            return wrong
        return Finding(_wrong_scale(left[1]), ("source",))
    if scale_of(cells, source) is not None:
        return Finding("the positions are missing from the encoder's input", ("source",))
    return None


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


def _target_findings(target: Array, expected: Array, queries: Array | None) -> Iterator[Finding]:
    """The decoder's input: the object queries, (M, 1, d)."""
    if target.equals(expected):
        return
    if queries is not None and close(target.values, queries.values[:, None]):
        return  # its own queries, whatever they are
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
        named = None if run.box_output is None else _wrong_boxes(run.boxes, run.box_output)
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


def _wrong_boxes(found: Array, head: Array) -> str | None:
    """The mistake in the boxes (1, M, 4), if it is a usual one; `head` is the box head's output."""
    boxes, before = found.values, head.values
    if not np.isfinite(boxes).all():
        return "the boxes hold numbers that are not finite"
    if boxes.shape != before.shape:
        return None
    right = 1 / (1 + np.exp(-before))
    if close(boxes, right):
        return None
    if close(boxes, before):
        return "the boxes did not go through a sigmoid, so that they leave [0, 1]"
    if close(boxes, 1 / (1 + np.exp(-right))):
        return "the boxes went through a sigmoid twice"
    if close(boxes, np.exp(before) / np.exp(before).sum(axis=-1, keepdims=True)):
        return "the boxes went through a softmax, so that their four numbers sum to 1"
    if boxes.min() < 0 or boxes.max() > 1:
        return "the boxes leave [0, 1]"
    return "the boxes are not the sigmoid of what the box head gives"
