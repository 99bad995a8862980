"""The functions that read a submission besides its class, in the order of their sections.

Nothing comes in. Out: `READERS`, and what else they read. They are functions of modules, as other
processes import them.
"""

from __future__ import annotations

from pathlib import Path

from generator.exercises.gradebook.section import Reader
from generator.exercises.homework.rubric import FILE
from generator.exercises.homework.sections import sections_of
from generator.project.overlay import CONTENT, own_or_ours

READERS: tuple[Reader, ...] = (sections_of,)

SECTIONS = ("Q2", "Q3")
"""The names of their sections: what `grades.csv` has in these columns is never the instructor's."""


def texts_of_readers() -> tuple[Path, ...]:
    """The files, besides submissions, that stand in their sections: the rubric."""
    return (own_or_ours(Path(CONTENT, FILE)),)
