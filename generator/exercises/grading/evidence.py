"""What was observed of a class -> which blanks are right, even if the class as a whole is not.

In: two `Observation`s, of a submission and of the reference. Out: yes or no for a blank. A yes
needs an observation that equals the reference's; that nothing speaks against a blank is not
enough. Names of blanks are those of `content/exercises/minimal_detr.py`.
"""

from __future__ import annotations

from generator.exercises.grading.observation import Array, Observation, Run
from generator.exercises.grading.parameters import equal_parts

_PARTS = {
    "backbone": ("backbone",),
    "projection": ("conv",),
    "transformer": ("transformer",),
    "classes": ("linear_class",),
    "boxes": ("linear_bbox",),
    "queries": ("query_pos",),
    "codes": ("row_embed", "col_embed"),
}
# The records of a run that a blank influences; one of them is enough.
_PASSES = {
    "projection": ("source",),  # no parameter shows its stride
    "transformer": ("logits", "boxes"),
    "columns": ("source",),
    "rows": ("source",),
    "source": ("source",),
    "target": ("target",),
    "sigmoid": ("boxes",),
}


def shows_right(seen: Observation, right: Observation, blank: str) -> bool:
    """Whether a class shows that a blank is right; False for an unknown blank.

    Args:
        seen: what was observed of a submission.
        right: what was observed of the reference.
        blank: the blank's name.
    """
    if blank not in _PARTS and blank not in _PASSES:
        return False
    if not equal_parts(seen, right).issuperset(_PARTS.get(blank, ())):
        return False
    return blank not in _PASSES or any(
        len(seen.runs) == len(right.runs)
        and all(
            _equals(_passing(run, name), _passing(other, name))
            for run, other in zip(seen.runs, right.runs, strict=True)
        )
        for name in _PASSES[blank]
    )


def _passing(run: Run, name: str) -> Array | None:
    return {
        "source": run.source,
        "target": run.target,
        "logits": run.logits,
        "boxes": run.boxes,
    }[name]


def _equals(one: Array | None, other: Array | None) -> bool:
    return one is not None and other is not None and one.equals(other)
