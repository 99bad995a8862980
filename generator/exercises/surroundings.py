"""What stands around each blank of an exercise, for the check of what is typed into it.

In: an exercise, and the scopes that its notes tell. Out: the blank's `Surroundings`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from generator.exercises.meaning.form import Frame, Surroundings
from generator.exercises.normal_form import normal_form
from generator.exercises.source import Exercise


def surroundings_of(exercise: Exercise, scopes: Mapping[str, str], name: str) -> Surroundings:
    """What stands around a blank.

    Args:
        exercise: the exercise.
        scopes: statements by the name of a blank or of the function that it stands in.
        name: of the blank.
    """
    place = next(place for place in exercise.places if place.name == name)
    after = normal_form(place.after)
    scope = scopes.get(name, scopes.get(_function_at(exercise.student, place.line), ""))
    around = (_value_of(place.before), after.removesuffix(","))
    return Surroundings(
        tuple(frames_of(exercise, name)), around, is_block=place.is_block, scope=scope.strip()
    )


def frames_of(exercise: Exercise, name: str) -> list[Frame]:
    """The code around a blank that students may type along with the answer, in normal form."""
    frames: list[Frame] = []
    for place in exercise.places:
        if place.name != name:
            continue
        before, after = normal_form(place.before), normal_form(place.after)
        value = before.partition("=")[2]  # `nn.Parameter(` of `self.query_pos = nn.Parameter(`
        frames += [(before, after), (value, after)]
        if after == ",":
            frames += [(before, ""), (value, "")]
    return [frame for frame in dict.fromkeys(frames) if any(frame)]


def functions_of(exercise: Exercise) -> set[str]:
    """The names of the functions that have blanks."""
    return {_function_at(exercise.student, place.line) for place in exercise.places}


def _value_of(before: str) -> str:
    """The part of a line before its blank that is of the value: not `return`, `x =`, `"key":`."""
    code = normal_form(re.sub(r"^\s*return\b", "", before))
    rest = code.partition("=")[2] if "=" in code else code
    return "" if rest.endswith(":") else rest


def _function_at(source: str, line: int) -> str:
    """The name of the innermost function around a line; "" if there is none."""
    found = ""
    for node in ast.walk(ast.parse(source)):  # from the outside inwards
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found = node.name if node.lineno <= line <= (node.end_lineno or 0) else found
    return found
