"""One step of training -> what a class cannot learn, or does otherwise while it learns.

In: two `Observation`s, of a submission and of the reference. Out: findings. An image's outputs do
not show whether a parameter is one, whether its gradient is cut off, or what dropout does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from generator.exercises.grading.finding import Finding
from generator.exercises.grading.observation import Observation
from generator.exercises.grading.parameters import BLANK_OF

_SAME_LENGTH = 0.02
"""Lengths of gradients may differ by this part; rounding differs by 1e-3."""

_FEW = 2
"""If more parts than these get no gradient, it is cut off behind all of them."""

_USED_IN = {
    "row_embed": ("rows", "source"),
    "col_embed": ("columns", "source"),
    "conv": ("source",),
    "query_pos": ("target",),
    "linear_bbox": ("sigmoid",),
}

Untrained = Literal["unwanted", "lost"]


def untrained_parts(seen: Observation, right: Observation) -> dict[str, Untrained]:
    """Parts that learn in the reference and not in a class.

    `unwanted`: one is no parameter, or asks for no gradient. `lost`: it asks, and gets none.
    """
    found: dict[str, Untrained] = {}
    if not seen.gradients:
        return found
    there = dict(seen.state or ())
    for name, wanted in right.gradients.items():
        part = name.partition(".")[0]
        if not wanted.length or name not in there:
            continue
        own = seen.gradients.get(name)
        if own is None or not own.wanted:
            found[part] = "unwanted"
        elif not own.length and found.get(part) != "unwanted":
            found[part] = "lost"
    return found


def training_findings(seen: Observation, right: Observation) -> Iterator[Finding]:
    """What is wrong with a class in training."""
    parts = untrained_parts(seen, right)
    unwanted = [part for part, reason in parts.items() if reason == "unwanted"]
    lost = [part for part, reason in parts.items() if reason == "lost"]
    for part in unwanted:
        missing = all(name.partition(".")[0] != part for name in seen.gradients)
        what = "is no parameter" if missing else "asks for no gradient"
        yield Finding(f"`{part}` {what}, so that it cannot learn", BLANK_OF.get(part, ()))
    if lost and len(lost) == len({name.partition(".")[0] for name in right.gradients}):
        yield Finding("no gradient reaches any parameter, so that nothing can learn")
    elif len(lost) > _FEW:
        names = ", ".join(f"`{part}`" for part in lost)
        yield Finding(f"no gradient reaches {names}, so that they cannot learn")
    else:
        for part in lost:
            yield Finding(f"no gradient reaches `{part}`, so that it cannot learn", _blanks(part))
    if seen.dropout != right.dropout and seen.state is not None:
        own, wanted = (
            " and ".join(f"{rate:g}" for rate in sorted(set(one.dropout))) or "none"
            for one in (seen, right)
        )
        if own != wanted:
            yield Finding(f"the rate of dropout is {own} and not {wanted}", ("transformer",))
        elif dict(seen.state) == dict(right.state or ()):
            count = len(seen.dropout), len(right.dropout)
            yield Finding(f"it has {count[0]} layers of dropout and not {count[1]}")
    yield from _outputs(seen, right, bool(parts))


def _outputs(seen: Observation, right: Observation, told: bool) -> Iterator[Finding]:
    own, other = seen.training, right.training
    if own is None or other is None or not seen.answers_as(right):
        return
    same = own.logits is not None and other.logits is not None and own.logits.equals(other.logits)
    same &= own.boxes is not None and other.boxes is not None and own.boxes.equals(other.boxes)
    if not same:
        yield Finding("in training it gives other outputs than the reference, dropout aside")
    elif not told and _lengths_differ(seen, right):
        yield Finding("its outputs are right, but its gradients differ from the reference's")


def _lengths_differ(seen: Observation, right: Observation) -> bool:
    """Whether the gradients of some part are longer or shorter than the reference's."""
    own, other = _lengths(seen), _lengths(right)
    return any(
        abs(own.get(part, 0.0) - length) > _SAME_LENGTH * max(length, 1e-6)
        for part, length in other.items()
    )


def _lengths(seen: Observation) -> Mapping[str, float]:
    sums: dict[str, float] = {}
    for name, one in seen.gradients.items():
        part = name.partition(".")[0]
        sums[part] = sums.get(part, 0.0) + (one.length or 0.0) ** 2
    return {part: total**0.5 for part, total in sums.items()}


def _blanks(part: str) -> tuple[str, ...]:
    return _USED_IN.get(part, ())
