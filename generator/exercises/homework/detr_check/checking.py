"""A file or a class -> the table of its blanks, from the numbers that this package holds.

In: a path or a class, and the numbers. Out: a `Table`. `numbers_of` makes the numbers from the
right class; a kit's `numbers.json` holds them.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from importlib import resources
from typing import Any

from torch import nn

from generator.exercises.homework.detr_check import isolated, typed, whole
from generator.exercises.homework.detr_check.source import BLANK, Written, written
from generator.exercises.homework.detr_check.verdicts import Table, is_right, shown, table_of

CLASS_NAME = "MinimalDETR"
Values = Mapping[str, Any]


def check(target: Any, numbers: Values | None = None) -> Table:
    """The table of a file, a notebook or a class.

    Args:
        target: a path, or the class.
        numbers: of the right class; None takes those of this package.
    """
    if numbers is None:
        file = resources.files(__package__) / "numbers.json"
        numbers = json.loads(file.read_text(encoding="utf-8"))
    one = written(target, CLASS_NAME)
    answers = typed.answers_in(one.text, numbers["places"], numbers["student"])
    empty = {name for name, found in answers.items() if typed.is_empty(found)}
    if one.kind is None or not issubclass(one.kind, nn.Module):
        message = one.problem or f"`{CLASS_NAME}` is no `nn.Module`."
        listed = _listed(answers, numbers["tables"])
        verdicts = {name: verdict for name, (verdict, _) in listed.items()}
        says = {name: said for name, (_, said) in listed.items()}
        return table_of(
            numbers["blanks"], verdicts, empty, False, message, numbers["given_costs"], says
        )
    return _table(one, numbers, answers, empty)


def _table(
    one: Written, numbers: Values, answers: Mapping[str, list[str]], empty: set[str]
) -> Table:
    assert one.kind is not None
    right = numbers["right"]
    theirs = {name: tuple(shape) for name, shape in right["state"].items()}
    seen = whole.look(one.kind, theirs)
    if seen.get("left_out"):
        right = {**right, **numbers["without_queries"]}
    if not empty and is_right(seen, right):
        return table_of(numbers["blanks"], {}, empty, True, _remark(seen), 0)
    error = seen.get("error")
    message = "" if error is None else f"It stops: {_told(error)}"
    if "state" not in seen:
        partly = isolated.partly_built(one.kind, one.methods.get("__init__"))
        if partly is not None:
            seen = {**whole.state_of(partly, theirs), "stage": seen.get("stage")}
    names = seen.get("renamed", {})
    alone = isolated.look(one.kind, one.methods, names, theirs, seen.get("batch_first", False))
    listed = _listed(answers, numbers["tables"])
    verdicts = {}
    for blank in numbers["blanks"]:
        known = listed.get(blank["name"], (None, ""))[0]
        verdict = True if known else shown(blank["name"], seen, alone, right)
        verdicts[blank["name"]] = known if verdict is None else verdict
    says = {name: said for name, (known, said) in listed.items() if known is False}
    costs = numbers["given_costs"]
    return table_of(numbers["blanks"], verdicts, empty, False, message, costs, says)


def _listed(
    answers: Mapping[str, list[str]], tables: Mapping[str, Values]
) -> dict[str, tuple[bool | None, str]]:
    """What the page would say of the answers, where they are found."""
    found: dict[str, tuple[bool | None, str]] = {}
    for name, ones in answers.items():
        judged = [typed.judged(tables[name], one) for one in ones]
        worst = sorted(judged, key=lambda one: (one[0] is True, one[0] is None))
        found[name] = worst[0]
    return found


def _told(error: BaseException) -> str:
    """An error in a line, with the line of the class that raised it."""
    lines = [frame.line for frame in traceback.extract_tb(error.__traceback__) if frame.line]
    own = next((line for line in reversed(lines) if "# blank" in line), "")
    if isinstance(error, NameError) and error.name == BLANK:
        return "a blank is not filled in."
    said = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    return f"{said}{f', in the line `{own}`' if own else ''}."


def _remark(seen: Values) -> str:
    if not seen.get("renamed"):
        return ""
    names = ", ".join(f"`{own}` for `{part}`" for part, own in seen["renamed"].items())
    return f"The class is right. It has other names than the exercise ({names})."


def numbers_of(kind: type[Any]) -> dict[str, Any]:
    """The numbers of the right class."""
    seen = whole.look(kind, None)
    if seen.get("error") is not None:
        raise seen["error"]
    kept = ("state", "heads", "dropout", "wanted", "runs", "training", "gradients", "modules")
    theirs = {name: tuple(shape) for name, shape in seen["state"].items()}
    alone = isolated.look(kind, {}, {}, theirs)
    for number, grid in enumerate(isolated.GRIDS_HW):
        alone[f"grid {number}"]["cells"] = grid[0] * grid[1]
    without = {k: v for k, v in whole.ARGUMENTS.items() if k != "num_queries"}
    other = whole.look(kind, None, without)
    return {
        "right": {**{key: seen[key] for key in kept}, "isolated": alone},
        "without_queries": {
            key: other[key] for key in ("state", "runs", "training", "gradients", "wanted")
        },
    }
