"""What a submission is worth, as records.

In and out: the records that the grader makes and the report writes down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["right", "wrong", "empty", "not found", "stopped"]


@dataclass(frozen=True)
class BlankGrade:
    """What one blank is worth.

    Attributes:
        number: of the blank, from 1.
        name: of the blank.
        verdict: `right` and `wrong` speak for themselves; `empty` was not filled in; for
            `not found` the line was rewritten or deleted, and the class as a whole does not
            show that it is right; `stopped` could not be run to its end.
        message: a sentence for the one who grades, or "".
    """

    number: int
    name: str
    verdict: Verdict
    message: str = ""

    @property
    def points(self) -> int:
        """One for a blank that is right."""
        return int(self.verdict == "right")


@dataclass(frozen=True)
class Grade:
    """What a submission is worth.

    Attributes:
        file: as it was named.
        passed: whether every blank is right, and the class as a whole as well.
        blanks: by number; all of the exercise.
        message: a sentence about the whole, or "".
    """

    file: str
    passed: bool
    blanks: tuple[BlankGrade, ...]
    message: str = ""

    @property
    def points(self) -> int:
        """Of all blanks."""
        return sum(blank.points for blank in self.blanks)

    @property
    def of(self) -> int:
        """The most that there can be."""
        return len(self.blanks)
