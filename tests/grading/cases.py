"""A case of the table: what is handed in, and what it deserves.

`{source}` stands for the solution, `{class}` for its class without the imports, `{imports}` for
these, `{official}` for the class of the authors' notebook. Cells are separated by `-- cell --`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

CELL = "\n-- cell --\n"


@dataclass(frozen=True)
class Case:
    """One submission.

    Attributes:
        name: of the case.
        text: what it is made of.
        answers: what stands in some blanks of `{source}` and `{class}`.
        changes: what is replaced in the finished text.
        lost: the blanks that lose their points.
        works: whether the class as a whole does; None: as no blank is lost.
        passed: whether it passes; None: as it works.
        says: a sentence that has to be said, somewhere.
        never: one that would be false.
    """

    name: str
    text: str = "{source}"
    answers: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, str] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()
    works: bool | None = None
    passed: bool | None = None
    says: str = ""
    never: tuple[str, ...] = ()


def right(name: str, text: str = "{source}", says: str = "", **changes: str) -> Case:
    return Case(name, text, answers=changes, says=says)


def wrong(name: str, says: str = "", text: str = "{source}", **answers: str) -> Case:
    """One in which every answer given is wrong, and nothing else is."""
    return Case(name, text, answers=answers, lost=frozenset(answers), says=says)


def altered(name: str, changes: Mapping[str, str], text: str = "{source}", says: str = "") -> Case:
    """One whose blanks are right and whose class is not."""
    return Case(name, text, changes=changes, works=False, says=says)


def cells(*cells: str) -> str:
    return CELL.join(cells)
