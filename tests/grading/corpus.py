"""All submissions of the table, and the files in which they are handed in."""

from __future__ import annotations

from generator.exercises.source import Exercise
from tests.exercises.grading.conftest import EXERCISE
from tests.grading.cases import CELL, Case
from tests.grading.mistaken import MISTAKEN
from tests.grading.second_round import SECOND_ROUND
from tests.grading.surrounded import SURROUNDED
from tests.grading.undeserved import UNDESERVED
from tests.grading.variants import IMPORTS, changed, class_of, notebook, official

CASES = [*SURROUNDED, *MISTAKEN, *UNDESERVED, *SECOND_ROUND]
OF_THE_BACKBONE = [
    case
    for case in CASES
    if case.name in ("default weights", "pretrained", "a list of modules", "a stage left out")
]
"""Those that change the ResNet-50, and so have to be run with it."""


def made(case: Case, exercise: Exercise) -> tuple[str, bytes]:
    """The name and the content of the file that a case hands in."""
    source = exercise.with_answers(case.answers)
    text = case.text.replace("{source!r}", repr(source))
    student = exercise.student
    pieces = {
        "source": source,
        "class": class_of(exercise, case.answers),
        "imports": "from __future__ import annotations\n" + IMPORTS,
        "student": student[student.index("class MinimalDETR") :],
        "official": official(),
        "marked": EXERCISE.read_text(encoding="utf-8"),
        "wrong": exercise.with_answers({"sigmoid": "self.linear_bbox(answers)"}),
    }
    for name, piece in pieces.items():
        text = text.replace(f"{{{name}}}", piece)
    cells = [changed(cell, {}) for cell in text.split(CELL)]
    if len(cells) > 1:
        return "a.ipynb", notebook(*cells)
    return "a.py", changed(text, case.changes).encode()
