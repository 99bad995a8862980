"""A file that a student handed in -> its Python.

In: a path. Out: a `Submission`, or a `GradingError` that explains why the file cannot be one.
It runs nothing.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from generator.errors import GradingError, sentence_of
from generator.exercises.grading.notebook import python_lines, python_of
from generator.exercises.grading.pieces import Effort, class_in
from generator.exercises.grading.request import CLASS_NAME

MAX_BYTES = {".py": 200_000, ".ipynb": 50_000_000}
"""The most bytes of a file, by its suffix; no other suffix is read."""
_MAX_CODE, _MAX_LINES = 200_000, 10_000
"""The most characters and lines of code; the time to find the blanks grows with them."""


@dataclass(frozen=True)
class Submission:
    """What a student wrote.

    Attributes:
        text: Python, though it may be invalid.
        cells: of a notebook, for each line of the text its cell and its line in the cell.
        written: the text as it was typed, where that differs.
        prose: of a notebook, number and text of the cells that are not code.
    """

    text: str
    cells: tuple[tuple[int, int], ...] = ()
    written: str = ""
    prose: tuple[tuple[int, str], ...] = ()

    @cached_property
    def answers(self) -> str:
        """The text to look for answers in: the class, of several copies the last complete one."""
        text = self.written or self.text
        found = class_in(text, CLASS_NAME)
        if found is None and CLASS_NAME in text:  # written into a file by an exported magic
            inner = (one for one in _strings_in(self.text) if class_in(one, CLASS_NAME))
            found = class_in(next(inner, ""), CLASS_NAME)
        return found or text

    @property
    def has_class(self) -> bool:
        """Whether the class stands anywhere in the code, in strings as well."""
        return re.search(rf"\bclass\s+{CLASS_NAME}\b", self.text) is not None

    @property
    def class_in_prose(self) -> int | None:
        """The number of a cell that holds the class, but is not code."""
        begins = re.compile(rf"^\s*class\s+{CLASS_NAME}\b", re.MULTILINE)
        return next((number for number, text in self.prose if begins.search(text)), None)

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
    return submission_of(path.suffix, bytes_of(path))


def submission_of(suffix: str, content: bytes) -> Submission:
    """What a file of such a name and content holds.

    Raises:
        GradingError: as `read_submission`.
    """
    if suffix.lower() == ".ipynb":
        lines = python_of(content)
        _check_size(lines.written)
        submission = Submission(lines.text, lines.cells, lines.written, lines.prose)
    else:
        text = _decoded(content)
        _check_size(text)
        submission = Submission(
            "\n".join(python_lines(text.splitlines(), Effort())) + "\n", written=text
        )
    if not submission.text.strip() and submission.class_in_prose is None:
        raise GradingError("is empty")
    return submission


def _check_size(text: str) -> None:
    if len(text) > _MAX_CODE:
        raise GradingError(
            f"holds more than {_MAX_CODE // 1000} kB of code; hand in the class alone"
        )
    if len(text.splitlines()) > _MAX_LINES:
        raise GradingError(f"holds more than {_MAX_LINES} lines of code; hand in the class alone")


def bytes_of(path: Path) -> bytes:
    """A file's content; pipes and devices are refused, as they might have no end.

    Raises:
        GradingError: as `read_submission`.
    """
    try:
        if not path.exists():
            raise GradingError("does not exist")
        if path.is_dir():
            raise GradingError("is a folder; name the files in it")
        if not path.is_file():
            raise GradingError("is not a plain file")
        limit = MAX_BYTES.get(path.suffix.lower())
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
    """The text of a file, in the encoding that its first lines name, as Python reads it."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise GradingError("is not UTF-8 text; save it as UTF-8") from error
    if "\0" in text:
        raise GradingError("is not Python: it holds null bytes, as a program or a picture does")
    return text


def _strings_in(text: str) -> list[str]:
    """The strings in the calls of a text that Python can read."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
