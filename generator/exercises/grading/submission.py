"""A file that a student handed in -> its Python.

In: a path. Out: a `Submission`, or a `GradingError` that explains why the file cannot be one.
It runs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from generator.errors import GradingError, sentence_of
from generator.exercises.grading.notebook import python_of

_MAX_BYTES = {".py": 200_000, ".ipynb": 50_000_000}
_MAX_CODE = 200_000
"""The most characters of code; the time to find the blanks grows with them."""


@dataclass(frozen=True)
class Submission:
    """What a student wrote.

    Attributes:
        text: Python, though it may be invalid.
        cells: of a notebook, for each line of the text its cell and its line in the cell.
    """

    text: str
    cells: tuple[tuple[int, int], ...] = ()

    def place_of(self, line: int) -> str:
        """A line of the text, counted from 1, in words."""
        if not self.cells:
            return f"line {line}"
        cell, row = self.cells[min(max(line, 1), len(self.cells)) - 1]
        return f"cell {cell}, line {row}"


def read_submission(path: Path) -> Submission:
    """Reads what was handed in.

    Raises:
        GradingError: a predicate of the file, such as "is empty".
    """
    content = _bytes_of(path)
    if path.suffix.lower() == ".ipynb":
        lines = python_of(content)
        submission = Submission(lines.text, lines.cells)
    else:
        submission = Submission(_decoded(content))
    if not submission.text.strip():
        raise GradingError("is empty")
    if len(submission.text) > _MAX_CODE:
        raise GradingError(
            f"holds more than {_MAX_CODE // 1000} kB of code; hand in the class alone"
        )
    return submission


def _bytes_of(path: Path) -> bytes:
    """A file's content; pipes and devices are refused, as they might have no end."""
    try:
        if not path.exists():
            raise GradingError("does not exist")
        if path.is_dir():
            raise GradingError("is a folder; name the files in it")
        if not path.is_file():
            raise GradingError("is not a plain file")
        limit = _MAX_BYTES.get(path.suffix.lower())
        if limit is None:
            raise GradingError("is neither .py nor .ipynb")
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise GradingError(f"cannot be read: {sentence_of(error)}") from error
    except ValueError as error:  # a null byte in the name
        raise GradingError("does not exist") from error
    if len(content) > limit:
        raise GradingError(f"is larger than {limit // 1000} kB")
    return content


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise GradingError("is not UTF-8 text; save it as UTF-8") from error
    if "\0" in text:
        raise GradingError("is not Python: it holds null bytes, as a program or a picture does")
    return text
