"""One thing that is wrong with a class, in words.

In and out: the record that `parameters`, `behaviour` and `findings` make and the grader reads.
The names of blanks are those of `content/exercises/minimal_detr.py`. An exercise with other
names is graded all the same, but no sentence is assigned to a single blank.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        sentence: without capital and full stop, such as "the boxes leave [0, 1]".
        blanks: names of the blanks that may be its cause; empty if any of them may be.
        line: of the source, counted from 1.
    """

    sentence: str
    blanks: tuple[str, ...] = ()
    line: int | None = None


def shown(shape: tuple[int, ...]) -> str:
    """A shape as people write it, such as "(100, 256)" or "(100,)"."""
    return str(tuple(shape))
