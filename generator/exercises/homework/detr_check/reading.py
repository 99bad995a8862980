"""A handed-in notebook -> its parts: the name, the class, the outputs of cells, and the texts.

In: the bytes of an `.ipynb` file, which may hold anything. Out: `Part`s by name, in the notebook's
order, or a `NotebookError`, a sentence. It runs nothing, and needs no package.

A cell is known by its tags, by its id, or by the comment on its first line, whatever of these a
tool left. A text that lost all three is what stands below the prompt before it.
"""

from __future__ import annotations

import ast
import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PLACEHOLDER = "*Write your answer in place of this line.*"
PART = "[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
MOST_BYTES = 50_000_000
_MOST_CELLS, _MOST_TEXT, _MOST_FIGURES, _MOST_FIGURE = 1000, 200_000, 60, 20_000_000
_MARKER = re.compile(rf"\s*(?:<!-- part: ({PART}) -->|# part: ({PART}))[ \t]*(?:\n|$)")
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_PNG = b"\x89PNG\r\n\x1a\n"


class NotebookError(Exception):
    """A predicate of the file, such as "is not a notebook"."""


@dataclass(frozen=True)
class Part:
    """One cell of the notebook.

    Attributes:
        name: of the cell; "" for one that students added.
        is_code: whether it is code, and not text.
        number: of the cell, counted from 1.
        source: without the comment that names it.
        printed: what the cell printed.
        figures: PNG files that it drew.
        error: what it raised, or "".
        was_run: whether it has been run.
        is_answer: whether it is a text that students write.
    """

    name: str
    is_code: bool
    number: int
    source: str
    printed: str = ""
    figures: tuple[bytes, ...] = ()
    error: str = ""
    was_run: bool = False
    is_answer: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written in it."""
        return not self.source.replace(PLACEHOLDER, "").strip()


@dataclass(frozen=True)
class HandIn:
    """A handed-in notebook.

    Attributes:
        parts: all cells, in order.
        names: the parts that have names.
    """

    parts: tuple[Part, ...]
    names: Mapping[str, Part] = field(default_factory=dict)

    @property
    def is_homework(self) -> bool:
        """Whether it was made from the hand-in notebook."""
        return any(name.startswith(("q2", "q3")) for name in self.names)

    def said(self, name: str) -> str:
        """The value of a name that the cell `name` sets to a text; "" if there is none."""
        part = self.names.get("name")
        try:
            tree = ast.parse(part.source) if part else ast.Module([], [])
            for statement in tree.body:
                if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
                    targets = [one.id for one in statement.targets if isinstance(one, ast.Name)]
                    if name in targets and isinstance(statement.value.value, str | int):
                        return " ".join(str(statement.value.value).split())[:200]
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass  # ValueError also for a number with more digits than Python writes
        return ""


def marker(name: str, *, is_code: bool = False) -> str:
    """The first line of a cell, which names it."""
    return f"# part: {name}" if is_code else f"<!-- part: {name} -->"


def read_hand_in(content: bytes) -> HandIn:
    """Reads a notebook.

    Raises:
        NotebookError: it is none, or is too large.
    """
    if len(content) > MOST_BYTES:
        raise NotebookError(f"is larger than {MOST_BYTES // 1_000_000} MB")
    try:
        value: Any = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise NotebookError("is not a notebook: its content is no JSON; save it again") from error
    cells = value.get("cells") if isinstance(value, dict) else None
    if not isinstance(cells, list):
        raise NotebookError("is not a notebook of version 4; open it in Jupyter and save it again")
    if len(cells) > _MOST_CELLS:
        raise NotebookError(f"has more than {_MOST_CELLS} cells")
    parts: list[Part] = []
    left = [_MOST_FIGURES]
    for number, cell in enumerate(cells, start=1):
        if isinstance(cell, dict):
            parts.append(_part(cell, number, left))
    parts = _with_lost_answers(parts)
    names: dict[str, Part] = {}
    for part in parts:
        # Of two with one name, such as a copied cell, the last that holds something counts.
        if part.name and (part.name not in names or not part.is_empty):
            names[part.name] = part
    return HandIn(tuple(parts), names)


def _part(cell: Mapping[str, Any], number: int, left: list[int]) -> Part:
    text = _text(cell.get("source"))
    found = _MARKER.match(text)
    metadata = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    tags = [one for one in tags if isinstance(one, str)] if isinstance(tags, list) else []
    candidates = [(found[1] or found[2]) if found else "", *tags, _word(cell.get("id"))]
    named = [one for one in candidates if one and one != "answer" and _is_part(one)]
    is_code = cell.get("cell_type") == "code"
    outputs = cell.get("outputs") if is_code else None
    printed, figures, error = _outputs(outputs, left)
    name = named[0] if named else ""
    return Part(
        name=name,
        is_code=is_code,
        number=number,
        source=text[found.end() :] if found else text,
        printed=printed,
        figures=figures,
        error=error,
        was_run=is_code and (bool(outputs) or isinstance(cell.get("execution_count"), int)),
        is_answer=not is_code and name.endswith("-answer"),
    )


def _is_part(name: str) -> bool:
    """Whether a name can be one of ours: ids that tools draw at random are not."""
    is_known = name.startswith(("q1", "q2", "q3")) or name in _OTHERS
    return is_known and re.fullmatch(PART, name) is not None


_OTHERS = ("title", "who", "name", "setup", "rubric", "hand-in", "last-check")


def _with_lost_answers(parts: list[Part]) -> list[Part]:
    """Gives texts that lost their names those of the answers that are missing above them."""
    known = {part.name for part in parts}
    named, open_answer = [], ""
    for part in parts:
        if part.name:
            prompt = re.fullmatch(r"q[23]-\d+", part.name)
            open_answer = f"{part.name}-answer" if prompt else ""
            open_answer = "" if open_answer in known else open_answer
        elif open_answer and not part.is_code:
            part = Part(open_answer, False, part.number, part.source, is_answer=True)
            open_answer = ""
        named.append(part)
    return named


def _outputs(outputs: Any, left: list[int]) -> tuple[str, tuple[bytes, ...], str]:
    """What a cell printed, drew and raised."""
    printed, figures, error = "", [], ""
    for output in outputs if isinstance(outputs, list) else ():
        if not isinstance(output, dict):
            continue
        kind = output.get("output_type")
        if kind == "stream":
            printed += _text(output.get("text"))
        elif kind == "error":
            words = (_word(output.get("ename")), _word(output.get("evalue")))
            error = _COLOURS.sub("", ": ".join(filter(None, words)))[:300]
        elif isinstance(data := output.get("data"), dict):
            if (figure := _png(data.get("image/png"))) and left[0] > 0:
                figures.append(figure)
                left[0] -= 1
            elif kind == "execute_result" or "image/png" not in data:
                printed += _text(data.get("text/plain"))
                printed += "\n" if printed else ""
    return _COLOURS.sub("", printed)[:_MOST_TEXT], tuple(figures), error


def _png(value: Any) -> bytes | None:
    """The bytes of a picture; None if it is none."""
    text = _text(value, _MOST_FIGURE)
    if not text or len(text) >= _MOST_FIGURE:
        return None
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if content.startswith(_PNG) else None


def _text(value: Any, most: int = _MOST_TEXT) -> str:
    """A text, which notebooks also keep as a list of lines."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    return value[:most] if isinstance(value, str) else ""


def _word(value: Any) -> str:
    return value[:200] if isinstance(value, str) else ""
