"""The functions that read a submission besides its class, in the order of their sections.

Nothing comes in. Out: `READERS`. They are functions of modules, as other processes import them.
"""

from __future__ import annotations

from generator.exercises.gradebook.section import Reader

READERS: tuple[Reader, ...] = ()
