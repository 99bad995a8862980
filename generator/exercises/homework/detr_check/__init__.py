"""Says how far a class of the exercise is, blank by blank, and makes the PDF to hand in.

    import detr_check
    detr_check.check("minimal_detr.py")     a file, a notebook, or the class itself
    python -m detr_check hand-in hand_in.ipynb

It knows what the right class does with certain numbers, and not how it is written. Read in this
order: `noise`, `whole`, `isolated`, `source`, `typed`, `verdicts`, `checking`; `reading`, `second`,
`blocks`, `paper`, `__main__`.
"""

from __future__ import annotations

from typing import Any


def check(target: Any) -> Any:
    """The grader's table of a file, a notebook or a class.

    Args:
        target: a path, or the class.
    """
    from generator.exercises.homework.detr_check.checking import check as run

    return run(target)
