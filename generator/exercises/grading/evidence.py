"""What was observed of a class -> which blanks are right and wrong, each judged by itself.

In: two `Observation`s, of a submission and of the reference. Out: yes, no, or nothing seen. A blank
is judged by the class's own tensors and modules: what its transformer makes of its own inputs, its
boxes against its own box head, each half of its positions against its own codes. So a mistake
before a blank does not count against it. Names of blanks are those of
`content/exercises/minimal_detr.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from generator.exercises.grading.mixture import explained
from generator.exercises.grading.observation import Array, Observation, Run, close
from generator.exercises.grading.own import grid_codes, own_cells, own_positions, own_source
from generator.exercises.grading.parameters import equal_parts
from generator.exercises.grading.training import untrained_parts
from generator.exercises.homework.detr_check.verdicts import LEARNS, PARTS

_SCALE = 0.1


def shown(seen: Observation, right: Observation, blank: str) -> bool | None:
    """Whether a class shows that a blank is right or wrong; None if it shows neither.

    Args:
        seen: what was observed of a submission.
        right: what was observed of the reference.
        blank: the blank's name.
    """
    if seen.state is None or (blank not in PARTS and blank not in LEARNS):
        return None
    parts = PARTS.get(blank, ())
    if not equal_parts(seen, right).issuperset(parts):
        return False
    if any(part in seen.renamed for part in parts) and not seen.is_complete:
        return None  # other code of the class may ask for the name
    still = untrained_parts(seen, right)
    if any(still.get(part) == "unwanted" for part in parts):
        return False
    if _cuts_the_gradient(seen, still, blank):
        return False
    if blank == "transformer" and set(seen.dropout) != set(right.dropout):
        return False
    verdicts = [_in_run(seen, run, blank) for run in seen.runs]
    if False in verdicts:
        return False
    return True if verdicts and None not in verdicts else None


def _cuts_the_gradient(seen: Observation, still: Mapping[str, str], blank: str) -> bool:
    """Whether a blank keeps the gradient from the part that learns through it."""
    lost = {part for part, reason in still.items() if reason == "lost"}
    learn = seen.training is not None and seen.training.positions_learn is True
    if learn and lost >= {"row_embed", "col_embed"} and blank in ("columns", "rows", "source"):
        return blank == "source"  # the positions had their gradient until then
    return LEARNS.get(blank) in lost and len(still) < len(LEARNS)


def _in_run(seen: Observation, run: Run, blank: str) -> bool | None:
    match blank:
        case "projection":
            return _same(run.projected, run.projected_alone)
        case "transformer":
            return _transformer(seen, run)
        case "target":
            return _target(seen, run)
        case "sigmoid":
            return _sigmoid(run)
        case "columns" | "rows" | "source":
            return source_verdicts(run, seen)[blank]
    return True  # its parameters tell all


def _same(one: Array | None, other: Array | None) -> bool | None:
    return None if one is None or other is None else one.equals(other)


def _transformer(seen: Observation, run: Run) -> bool | None:
    if seen.batch_first and run.source is not None and run.source.shape[1:2] == (1,):
        grid = own_cells(run)
        if run.answers is None and grid is not None and run.source.shape[0] == len(grid):
            return False  # it takes the batch for the sequence
    return _same(run.answers, run.answers_alone)


def _target(seen: Observation, run: Run) -> bool | None:
    queries = seen.codes.get("query_pos")
    if run.target is None or queries is None or queries.numbers is None:
        return None
    return close(run.target.values, queries.values[:, None])


def _sigmoid(run: Run) -> bool | None:
    """Whether the boxes are the sigmoid of what the box head makes of the answers."""
    if run.boxes is None or run.box_output is None or run.box_input is None:
        return None
    with np.errstate(all="ignore"):
        if not close(run.boxes.values, 1 / (1 + np.exp(-run.box_output.values))):
            return False
    inputs = [one for one in (run.class_input, run.answers) if one is not None]
    if not inputs:
        return None
    return any(
        sorted(one.shape) == sorted(run.box_input.shape)
        and close(np.sort(one.values, axis=None), np.sort(run.box_input.values, axis=None))
        for one in inputs
    )


def source_verdicts(run: Run, seen: Observation) -> dict[str, bool | None]:
    """Of columns, rows and source, which are right in an image."""
    verdicts: dict[str, bool | None] = dict.fromkeys(("columns", "rows", "source"))
    source, cells = own_source(run), own_cells(run)
    if cells is None or (codes := grid_codes(run, seen)) is None:
        return verdicts
    positions = own_positions(run)
    half = cells.shape[1] // 2
    if positions is not None:
        verdicts["columns"] = close(positions[:, :half], codes["columns x"])
        verdicts["rows"] = close(positions[:, half:], codes["rows y"])
        if run.source is not None:
            verdicts["source"] = source is not None and close(source, positions + _SCALE * cells)
        if verdicts["source"] is not False or source is None:
            return verdicts
    if source is None:
        return verdicts
    halves = list(explained(source, cells, codes))
    if any(halves):
        if positions is None:
            for name, wanted, found in zip(
                ("columns", "rows"), ("columns x", "rows y"), halves, strict=True
            ):
                verdicts[name] = found is not None and found[0] == wanted
        verdicts["source"] = all(_is_scale(found[1]) for found in _found(halves)) and (
            positions is None or close(source, positions + _SCALE * cells)
        )
    return verdicts


def _found(halves: list[tuple[str, float] | None]) -> Iterator[tuple[str, float]]:
    return (one for one in halves if one is not None)


def _is_scale(scale: float) -> bool:
    return close(np.array(scale), np.array(_SCALE))
