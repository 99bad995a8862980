"""What was observed of a class and of the reference -> what is wrong with the class.

In: two `Observation`s made in the same way, of a submission and of the exercise's solution.
Out: `Finding`s, causes before effects; none if the class is right. How the code is written
does not matter: names and shapes of parameters are compared, and numbers.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from generator.exercises.grading.behaviour import behaviour_findings
from generator.exercises.grading.finding import Finding
from generator.exercises.grading.observation import Observation, SeenError
from generator.exercises.grading.parameters import parameter_findings
from generator.exercises.grading.request import CLASS_NAME
from generator.exercises.grading.training import training_findings

# PyTorch's messages -> what they mean for the exercise, and for which blanks.
_KNOWN = (
    (
        "embed_dim must be divisible",
        "the transformer's heads cannot share its width; its arguments may be in the wrong order",
        ("transformer",),
    ),
    (
        "The expanded size of the tensor",
        "its codes do not fit the grid: they cannot be expanded to (h, w, d / 2)",
        ("columns", "rows"),
    ),
)


def findings(
    seen: Observation, right: Observation, arguments: Mapping[str, int]
) -> tuple[Finding, ...]:
    """Everything that is wrong with a class.

    Args:
        seen: what was observed of a submission.
        right: what was observed of the reference.
        arguments: of the class; both were built with them.

    Returns:
        Nothing if the class is right, even if its file stops with an error after it.
    """
    if CLASS_NAME not in seen.classes:
        return (_no_class(seen),)
    if _is_right(seen, right):
        return tuple(training_findings(seen, right))
    found = list(parameter_findings(seen, right, arguments))
    with np.errstate(all="ignore"):  # a submission may return any number
        for run, other in zip(seen.runs, right.runs, strict=False):
            found += behaviour_findings(run, other, seen)
        found += training_findings(seen, right)
    if error := seen.error_in("build", "forward", "train"):
        stage = _STAGES[error.stage]
        found += [
            Finding(sentence, blanks) for text, sentence, blanks in _KNOWN if text in error.text
        ]
        found.append(Finding(f"{stage}: {words_of(error)}", line=error.line))
    return tuple(dict.fromkeys(found)) or (Finding("it was not run to its end"),)


_STAGES = {
    "build": "it cannot be built",
    "forward": "it cannot take an image",
    "train": "it cannot be trained",
}


def _is_right(seen: Observation, right: Observation) -> bool:
    """Whether state and outputs equal the reference's."""
    if seen.state is None or right.state is None:
        return False
    if seen.error_in("train") is not None or seen.training is None:
        return False
    return dict(seen.state) == dict(right.state) and seen.answers_as(right)


def words_of(error: SeenError) -> str:
    """An error in words for students, without its line."""
    if error.kind == "NameError" and "'____'" in error.text:
        return "a blank is not filled in"
    return f"{error.kind}: {error.text}" if error.text else error.kind


def _no_class(seen: Observation) -> Finding:
    broken = ("SyntaxError", "IndentationError", "TabError")
    errors = [error for error in seen.errors if error.stage == "import"]
    for error in errors:
        if error.kind in broken:
            return Finding(f"it is not Python: {error.text}", line=error.line)
    if seen.stand_ins:
        missing = " and ".join(f"`{name}`" for name in seen.stand_ins)
        return Finding(
            f"the file defines no class `{CLASS_NAME}`, and {missing} is not installed here"
        )
    if errors:
        return Finding(f"the file cannot be run: {words_of(errors[0])}", line=errors[0].line)
    others = ", ".join(f"`{name}`" for name in seen.classes)
    has = f"; there is {others}" if others else ""
    return Finding(f"the file has no class `{CLASS_NAME}` that is an `nn.Module`{has}")
