"""What is reported of a submission besides its class: Q2's checks, Q3's texts.

In: functions that read a file's bytes, listed in `readers`. Out: `Section`s, which the submission's
record keeps and the pages show. Nobody else has to change where one is added. A reader runs in the
grader's own process, unconfined: it must run nothing of a submission.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of a section's table.

    Attributes:
        name: what was looked at.
        verdict: in a word or two, such as "found"; or "".
        message: a sentence, or "". Plain text: pages escape it.
        points: that it gets, or None if it is not marked.
        of: the most points that it can get, or None.
    """

    name: str
    verdict: str = ""
    message: str = ""
    points: int | None = None
    of: int | None = None


@dataclass(frozen=True)
class Section:
    """A part of a submission's record, shown under a heading of its own.

    Attributes:
        name: the heading, and the column of `grades.csv`; the same for every submission.
        rows: a table; none if it is empty.
        html: what stands below the table, as HTML that is safe: all that a student wrote in it is
            escaped, pictures are `data:` addresses, and there is no script. At most a megabyte.
        summary: the cell of `grades.csv`, such as "3 of 4"; or "".
        is_for_students: whether it stands on the student's feedback, or is for the instructor.
    """

    name: str
    rows: tuple[Row, ...] = ()
    html: str = ""
    summary: str = ""
    is_for_students: bool = True


Reader = Callable[[str, bytes], tuple[Section, ...]]
"""From the name of a file, such as "detr.ipynb", and its bytes, to its sections; none if the file
is not of the kind that it reads. It raises nothing but `GradingError`, a predicate of the file."""
