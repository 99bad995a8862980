"""Every error that a user can cause, and the operating system's own errors as sentences.

In: nothing. Out: the exception tree below. Only `cli` and `__main__` turn these into text on
the terminal and exit codes; every other module just raises them.

    GeneratorError              a sentence for the user: what is wrong, what to do
    +-- UsageError              the command line asks for something that cannot be done
    +-- BusyError               another command writes to the same folder
    +-- ConfigurationError      site_config.yml or gallery.yml; holds every problem found
    +-- UnavailableError        something needs the network, and it cannot be reached
    +-- DownloadError           the server answered, but not with what was asked for
    +-- ImageError              a file that is not an image, or not one that can be used
    +-- ObjectsError            an object of a gallery entry cannot be in its image
    +-- WeightsError            a checkpoint that is missing, damaged or of another model
    +-- CacheError              a saved forward pass that cannot be read back
    +-- ChangedError            a file that was replaced while it was used
    +-- ExerciseError           an exercise whose markers make no sense; names the line
    +-- GradingError            a file that cannot be a submission, or a grader that cannot run
    +-- PageError               content or a template that cannot be rendered
    +-- WebsiteError            MkDocs or Zensical refused the project that was written for it
    +-- StorageError            a full disk, or a folder that cannot be written to: nothing goes on
    +-- LossError               what was made is less than what is published already
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class GeneratorError(Exception):
    """An error whose text is written for the user: what is wrong and what to do."""


class UsageError(GeneratorError):
    """The command line asks for something that cannot be done."""


class BusyError(GeneratorError):
    """Another command writes to the same folder; the text says which, and since when."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a configuration file.

    Attributes:
        path: the file.
        line: counted from 1, or None if the problem concerns the whole file.
        message: what was found, what was expected and, for a name, the nearest valid one.
    """

    path: Path
    line: int | None
    message: str

    def __str__(self) -> str:
        place = str(self.path) if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.message}"


class ConfigurationError(GeneratorError):
    """Everything that is wrong with the configuration, reported at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnavailableError(GeneratorError):
    """Something needs the network, and it cannot be reached or may not be used."""


class DownloadError(GeneratorError):
    """A server answered, but not with what was asked for."""


class ImageError(GeneratorError):
    """A file that is not an image, or not one that can be used."""


class ObjectsError(GeneratorError):
    """An object of a gallery entry cannot be in its image."""


class WeightsError(GeneratorError):
    """A checkpoint that is missing, damaged or of another model."""


class CacheError(GeneratorError):
    """A saved forward pass that cannot be read back."""


class ChangedError(GeneratorError):
    """A file was replaced by another one while it was used; next time the new one is."""


class ExerciseError(GeneratorError):
    """An exercise's source whose markers make no sense; names the file and line."""


class GradingError(GeneratorError):
    """A file that cannot be a submission, or a grader that cannot run.

    The text is a predicate of the file, such as "is empty".
    """


class PageError(GeneratorError):
    """Content or a template that cannot be rendered; names the file and line."""


class WebsiteError(GeneratorError):
    """MkDocs or Zensical refused the project that was written for it."""


class StorageError(GeneratorError):
    """A full disk, or a folder of the program's own that cannot be written to."""


class LossError(GeneratorError):
    """What was made is less than what is published already, which therefore stays."""


def sentence_of(error: OSError) -> str:
    """What the operating system could not do, and where: "/disk/x: permission denied"."""
    if error.strerror is None:  # raised by a library, in its own words
        return str(error) or type(error).__name__
    reason = error.strerror[:1].lower() + error.strerror[1:]
    return reason if error.filename is None else f"{os.fsdecode(error.filename)}: {reason}"
