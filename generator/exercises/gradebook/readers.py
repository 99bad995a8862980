"""The functions that read a submission besides its class, in the order of their sections.

Nothing comes in. Out: `READERS`. They are functions of modules, as other processes import them.
"""

from __future__ import annotations

from generator.exercises.gradebook.section import Reader
from generator.exercises.homework.sections import sections_of

READERS: tuple[Reader, ...] = (sections_of,)

SECTIONS = ("Q2", "Q3")
"""The names of their sections: what `grades.csv` has in these columns is never the instructor's."""
