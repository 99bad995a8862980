"""The grade of a submission, as records.

In and out: the records that the grader makes and the report writes down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["right", "wrong", "empty", "not found", "stopped"]


@dataclass(frozen=True)
class BlankGrade:
    """The grade of one blank.

    Attributes:
        number: of the blank, from 1.
        name: of the blank.
        verdict: `right` or `wrong`; `empty`: not filled in; `not found`: the line was rewritten
            or deleted, and the class as a whole does not show that the blank is right;
            `stopped`: could not be run to its end.
        message: a sentence for the grader, or "".
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
    """The grade of a submission.

    Attributes:
        file: the file's name as it was typed.
        passed: whether every blank is right, and the class as a whole as well.
        blanks: all blanks of the exercise, by number.
        message: a sentence about the whole, or "".
        deducted: points that it loses because what was given does not work any more.
        flags: reasons to look at it oneself: it may be copied.
        text: a digest of what was written, by which copies are found; "" if there is nothing to
            copy in it.
    """

    file: str
    passed: bool
    blanks: tuple[BlankGrade, ...]
    message: str = ""
    deducted: int = 0
    flags: tuple[str, ...] = ()
    text: str = ""

    @property
    def points(self) -> int:
        """The points of all blanks, less what was deducted."""
        return max(0, sum(blank.points for blank in self.blanks) - self.deducted)

    @property
    def of(self) -> int:
        """The most points that there are."""
        return len(self.blanks)
