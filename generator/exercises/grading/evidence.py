"""What was seen of a class -> which blanks it shows to be right, also if the class is not.

In: two `Observation`s, of a submission and of the reference. Out: yes or no for a blank. A yes
takes something that was seen and equals the reference's; that nothing spoke against a blank
is not enough. Names of blanks are those of `content/exercises/minimal_detr.py`.
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
# What a blank has a hand in, of each image's run; of several one is enough.
_PASSES = {
    "projection": ("source",),  # its stride shows in no parameter
    "transformer": ("logits", "boxes"),
    "columns": ("source",),
    "rows": ("source",),
    "source": ("source",),
    "target": ("target",),
    "sigmoid": ("boxes",),
}


def shows_right(seen: Observation, right: Observation, blank: str) -> bool:
    """Whether a class shows that a blank is right; False for a blank of another name.

    Args:
        seen: a submission.
        right: the reference.
        blank: its name.
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
