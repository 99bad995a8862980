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
        return ()
    found = list(parameter_findings(seen, right, arguments))
    with np.errstate(all="ignore"):  # a submission may return any number
        for run, other in zip(seen.runs, right.runs, strict=False):
            found += behaviour_findings(run, other, right.codes)
    if error := seen.error_in("build", "forward"):
        stage = "it cannot be built" if error.stage == "build" else "it cannot take an image"
        found += [
            Finding(sentence, blanks) for text, sentence, blanks in _KNOWN if text in error.text
        ]
        found.append(Finding(f"{stage}: {words_of(error)}", line=error.line))
    return tuple(dict.fromkeys(found)) or (Finding("it was not run to its end"),)


def _is_right(seen: Observation, right: Observation) -> bool:
    """Whether state and outputs equal the reference's; that alone makes a class right."""
    if seen.state is None or right.state is None or len(seen.runs) != len(right.runs):
        return False
    return dict(seen.state) == dict(right.state) and all(
        run.logits is not None
        and run.boxes is not None
        and other.logits is not None
        and other.boxes is not None
        and run.logits.equals(other.logits)
        and run.boxes.equals(other.boxes)
        for run, other in zip(seen.runs, right.runs, strict=True)
    )


def words_of(error: SeenError) -> str:
    """An error in words for students, without its line."""
    if error.kind == "NameError" and "'____'" in error.text:
        return "a blank is not filled in"
    return f"{error.kind}: {error.text}" if error.text else error.kind


def _no_class(seen: Observation) -> Finding:
    if error := seen.error_in("import"):
        if error.kind in ("SyntaxError", "IndentationError", "TabError"):
            return Finding(f"the file is not Python: {error.text}", line=error.line)
        return Finding(f"the file cannot be run: {words_of(error)}", line=error.line)
    others = ", ".join(f"`{name}`" for name in seen.classes)
    has = f"; there is {others}" if others else ""
    return Finding(f"the file has no class `{CLASS_NAME}` that is an `nn.Module`{has}")
