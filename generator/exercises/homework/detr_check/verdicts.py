"""What was seen of a class, and the numbers of the right one -> the verdict on each blank.

In: the values of `whole` and `isolated`, and those that this package holds. Out: a `Table`.
Numbers are compared by tolerance, as versions of PyTorch and processors round differently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Values = Mapping[str, Any]

_TOLERANCE = 1e-3
"""Two ways to compute the same result differ by 1e-5, usual mistakes by 1e-1."""
_SAME_LENGTH = 0.02
# The grader reads these two tables as well.
PARTS = {
    "backbone": ("backbone",),
    "projection": ("conv",),
    "transformer": ("transformer",),
    "classes": ("linear_class",),
    "boxes": ("linear_bbox",),
    "queries": ("query_pos",),
    "codes": ("row_embed", "col_embed"),
}
LEARNS = {
    "columns": "col_embed",
    "rows": "row_embed",
    "source": "conv",
    "target": "query_pos",
    "sigmoid": "linear_bbox",
}
"""The part that gets no gradient if a blank lets none through."""
PARTS_OF_ALL = tuple(part for parts in PARTS.values() for part in parts)


@dataclass(frozen=True)
class Row:
    """The verdict on a blank: `right`, `wrong`, `empty` or `not found`; and what is said of it."""

    number: int
    name: str
    verdict: str
    message: str = ""

    @property
    def points(self) -> int:
        """One for a blank that is right."""
        return int(self.verdict == "right")


@dataclass(frozen=True)
class Table:
    """The grader's table.

    Attributes:
        rows: one for each blank.
        passed: whether the class is right.
        message: about the whole, or "".
        deducted: points lost because something that was given does not work any more.
    """

    rows: tuple[Row, ...]
    passed: bool
    message: str = ""
    deducted: int = 0

    @property
    def points(self) -> int:
        """The points of all blanks, less what was deducted."""
        return max(0, sum(row.points for row in self.rows) - self.deducted)

    def __repr__(self) -> str:
        state = "passed" if self.passed else "not passed"
        lines = [f"{self.points} of {len(self.rows)} points, {state}"]
        lines += [f"  {self.message}"] if self.message else []
        width = max((len(row.name) for row in self.rows), default=0)
        for row in self.rows:
            head = f"  {row.number:>2}  {row.name:<{width}}  {row.points}  {row.verdict:<9}"
            lines.append(f"{head}  {row.message}".rstrip())
        return "\n".join(lines)


def is_right(seen: Values, right: Values) -> bool:
    """Whether a class as a whole does what the right one does, in training too."""
    if seen.get("error") is not None or seen.get("state") != right["state"]:
        return False
    outputs = [*seen["runs"], seen["training"]], [*right["runs"], right["training"]]
    same = all(
        _same(own[key], other[key])
        for own, other in zip(*outputs, strict=True)
        for key in ("logits", "boxes")
    )
    return (
        same
        and seen["heads"] == right["heads"]
        and seen["dropout"] == right["dropout"]
        and all(seen["wanted"].values())
        and all(
            abs(seen["gradients"].get(part, 0.0) - length) <= _SAME_LENGTH * max(length, 1e-6)
            for part, length in right["gradients"].items()
        )
    )


def shown(blank: str, seen: Values, alone: Values, right: Values) -> bool | None:
    """Whether a blank is right; None if nothing shows it.

    Args:
        blank: its name.
        seen: the class as a whole, with `state` as far as it could be built.
        alone: its blanks by themselves.
        right: the numbers of the right class.
    """
    parts = PARTS.get(blank, ())
    own, theirs = _by_part(seen.get("state") or {}), _by_part(right["state"])
    if any(own.get(part) != theirs[part] for part in parts):
        is_there = all(own.get(part) for part in parts)
        return False if is_there or seen.get("stage") else None
    if any(part in seen.get("renamed", {}) for part in parts) and seen.get("stage") != "trained":
        return None
    unwanted, lost = _untrained(seen, right)
    if unwanted.intersection(parts) or _cuts(blank, alone, unwanted, lost):
        return False
    if blank in PARTS:
        return _module(blank, seen, alone, right)
    grids = [(alone.get(key, {}), right["isolated"][key]) for key in right["isolated"]]
    verdicts = [_forward(blank, one, other) for one, other in grids]
    return False if False in verdicts else None if None in verdicts else True


def _module(blank: str, seen: Values, alone: Values, right: Values) -> bool | None:
    """A layer, by what it makes of known numbers."""
    if blank == "transformer":
        if any(one.get("mixed") for one in alone.values()):
            return False  # it takes the batch for the sequence
        if seen.get("heads") != right["heads"]:
            return False
        if "dropout" in seen and set(seen["dropout"]) != set(right["dropout"]):
            return False
    part = PARTS[blank][0]
    if part in right["modules"]:
        modules = seen.get("modules")
        return None if modules is None else _same(modules[part], right["modules"][part])
    return True


def _forward(blank: str, own: Values, other: Values) -> bool | None:
    """A blank of the forward pass, on one grid."""
    if blank in ("columns", "rows"):
        positions = own.get("positions")
        if positions is None:
            return False if "positions" in own else None
        right = other["positions"]
        width = len(right[1]) // other["cells"]
        shape, half = (-1, 2, width // 2), 0 if blank == "columns" else 1
        one, theirs = (np.array(each[1]).reshape(shape)[:, half] for each in (positions, right))
        return bool(np.allclose(one, theirs, rtol=_TOLERANCE, atol=_TOLERANCE))
    key = {"source": "source", "target": "target", "sigmoid": "boxes"}[blank]
    return None if own.get(key) is None else _same(own[key], other[key])


def _same(own: Any, other: Any) -> bool:
    """Whether two tensors agree, as `whole.numbers` writes them."""
    if own is None or other is None or list(own[0]) != list(other[0]):
        return False
    one, theirs = (np.array([*each[1], each[2]], dtype=np.float64) for each in (own, other))
    return bool(np.allclose(one, theirs, rtol=_TOLERANCE, atol=_TOLERANCE))


def _by_part(state: Values) -> dict[str, dict[str, tuple[int, ...]]]:
    parts: dict[str, dict[str, tuple[int, ...]]] = {}
    for name, shape in state.items():
        parts.setdefault(name.partition(".")[0], {})[name] = tuple(shape)
    return parts


def _untrained(seen: Values, right: Values) -> tuple[set[str], set[str]]:
    """Parts that are no parameters or ask for no gradient, and parts that get none."""
    wanted, gradients = seen.get("wanted"), seen.get("gradients")
    if wanted is None:
        return set(), set()
    there = _by_part(seen["state"])
    unwanted = {
        name.partition(".")[0]
        for name in right["wanted"]
        if name in seen["state"] and not wanted.get(name)
    }
    lost = {
        part
        for part, length in right["gradients"].items()
        if gradients is not None and length and part in there and not gradients.get(part)
    }
    return unwanted, lost - unwanted


def _cuts(blank: str, alone: Values, unwanted: set[str], lost: set[str]) -> bool:
    """Whether a blank keeps the gradient from the part that learns through it."""
    if lost >= set(PARTS_OF_ALL):
        return False  # it is cut off behind all of them
    learns = all(one.get("learns") for one in alone.values()) if alone else False
    if learns and lost >= {"row_embed", "col_embed"} and blank in ("columns", "rows", "source"):
        return blank == "source"
    return LEARNS.get(blank) in lost and len(lost | unwanted) < len(LEARNS)


def table_of(
    blanks: Sequence[Values],
    verdicts: Mapping[str, bool | None],
    empty: set[str],
    passed: bool,
    message: str,
    costs: int,
    says: Mapping[str, str] | None = None,
) -> Table:
    """The table of all verdicts.

    Args:
        blanks: number, name and hint of each.
        verdicts: by name, what is shown.
        empty: names of blanks that are not filled in.
        passed: whether the class as a whole is right.
        message: about the whole.
        costs: what a class loses that does not work though all blanks are right.
        says: by name, what is said of a usual mistake.
    """
    rows = []
    for one in blanks:
        name = one["name"]
        if name in empty:
            rows.append(Row(one["number"], name, "empty"))
        elif passed or verdicts.get(name):
            rows.append(Row(one["number"], name, "right"))
        elif verdicts.get(name) is False:
            rows.append(
                Row(one["number"], name, "wrong", (says or {}).get(name) or f"Hint: {one['hint']}")
            )
        else:
            said = "The class does not come so far that this can be seen."
            rows.append(Row(one["number"], name, "not found", said))
    deducted = 0
    if not passed and all(row.points for row in rows):
        deducted = costs
        message = (
            "All answers are right, but the class as a whole does not work, which costs "
            f"{costs} of the points. {message}"
        )
    return Table(tuple(rows), passed, message.strip(), deducted)
