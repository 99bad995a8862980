"""What was observed of a class that is right -> what is said about it all the same.

In: an `Observation` and its submission. Out: sentences; none of it costs points.
"""

from __future__ import annotations

from generator.exercises.grading.findings import words_of
from generator.exercises.grading.observation import Observation
from generator.exercises.grading.submission import Submission


def remarks_on(seen: Observation, submission: Submission) -> str:
    """Other names, missing arguments, and what went wrong beside the class."""
    said = []
    if seen.renamed:
        names = ", ".join(
            f"inside `{part}`" if own == part else f"`{own}` for `{part}`"
            for part, own in seen.renamed.items()
        )
        said.append(
            f"It has other names than the exercise ({names}), so the published checkpoint does not "
            "load into it unchanged."
        )
    if seen.renamed_arguments:
        names = ", ".join(f"`{one}`" for one in seen.renamed_arguments)
        said.append(f"Its arguments have other names than the exercise's: {names}.")
    for name in seen.left_out:
        said.append(f"It has no argument `{name}`.")
    error = seen.error_in("import")
    if error is not None:
        place = f" ({submission.place_of(error.line)})" if error.line else ""
        said.append(f"Beside it something fails, which costs nothing: {words_of(error)}{place}.")
    if seen.ended:
        said.append(f"The file {seen.ended}, which costs nothing.")
    return " ".join(["The class is right.", *said]) if said else ""
