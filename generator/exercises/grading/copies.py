"""A submission -> reasons to look at it oneself, because it may be copied.

In: a submission, and what was observed of it. Out: sentences, and a digest of the text, by which
those who know all submissions find copies. A flag is no verdict: two students who fill in the
shortest answers hand in the same text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from generator.exercises.grading.observation import Observation
from generator.exercises.grading.reach import names_that_reach_out
from generator.exercises.grading.submission import Submission

_MARKER = re.compile(r"###\s*(?:BEGIN|END)?\s*SOLUTION\b")
_WHY_CONFINED = ", which the exercise does not need"
_WHY_UNCONFINED = ", and this machine does not keep it from what is yours"
_REFERENCE = re.compile(r"^\s*(?:from|import)\s+generator\b", re.MULTILINE)


def is_the_source(submission: Submission) -> bool:
    """Whether it holds the markers that stand in the instructor's file alone, or imports it."""
    return any(one.search(submission.text) for one in (_MARKER, _REFERENCE))


def digest_of_text(submission: Submission) -> str:
    """What two submissions have in common whose text is the same, character by character."""
    text = (submission.written or submission.text).strip()
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def same_as(other: str) -> str:
    """The flag of a submission whose text is that of another one."""
    return f"it is the same, character by character, as {other}."


def flags_of(
    submission: Submission, seen: Observation | None, lacks: Sequence[str]
) -> tuple[str, ...]:
    """What is suspicious about a submission.

    Args:
        submission: the submission.
        seen: what was observed of it.
        lacks: what a submission can do on this machine though it should not.
    """
    flags = []
    lines = submission.text.splitlines()
    if marked := [number for number, line in enumerate(lines, start=1) if _MARKER.search(line)]:
        where = submission.place_of(marked[0])
        flags.append(
            f"it holds the markers of the instructor's file ({where}), so it gets no points."
        )
    if _REFERENCE.search(submission.text):
        flags.append("it imports the package that holds the solution, so it gets no points.")
    elif seen is not None and seen.forbidden:
        names = ", ".join(f"`{name}`" for name in seen.forbidden)
        flags.append(f"it tried to reach the solution ({names}), so it gets no points.")
    if reached := names_that_reach_out(submission.text, confined=not lacks):
        used = ", ".join(f"`{name}`" for name in reached)
        flags.append(f"it uses {used}{_WHY_UNCONFINED if lacks else _WHY_CONFINED}.")
    return tuple(flags)
