"""An exercise -> the numbers of its right class, as `detr_check` holds them.

In: a `Worksheet`. Out: JSON: outputs, shapes and lengths of gradients, the page's tables of
hashes, and the student's source. Its class runs once; torch is imported for that.
"""

from __future__ import annotations

import json
import types
from dataclasses import asdict

from generator.errors import ExerciseError
from generator.exercises.answer_check import check_of
from generator.exercises.notes import Worksheet


def right_numbers(worksheet: Worksheet) -> str:
    """The numbers of an exercise's right class.

    Raises:
        ExerciseError: the solution has no such class, or it does not run.
    """
    from generator.exercises.homework.detr_check.checking import CLASS_NAME, numbers_of

    exercise = worksheet.exercise
    module = types.ModuleType("solution")
    try:
        exec(compile(exercise.solution, f"{exercise.name}.py", "exec"), module.__dict__)
        numbers = numbers_of(module.__dict__[CLASS_NAME])
    except Exception as error:
        raise ExerciseError(f"{exercise.name}: the solution does not run: {error}") from error
    value = {
        **numbers,
        "student": exercise.student,
        "places": [asdict(place) for place in exercise.places],
        "blanks": [
            {"number": one.number, "name": one.name, "hint": worksheet.notes[one.name].hint}
            for one in exercise.blanks
        ],
        "tables": {one.name: json.loads(check_of(worksheet, one.name)) for one in exercise.blanks},
        "given_costs": worksheet.heading.given_costs,
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
