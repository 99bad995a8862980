"""content/homework/hand_in.md -> the notebook that students fill in, run and hand in.

In: the text, the exercise, points and deadline, and the edition. Out: an `.ipynb` file, nbformat
4.5, without outputs and the same at each build. In the text,

    <!-- cell NAME -->        begins a cell of Markdown
    <!-- answer NAME -->      begins one in which students write; what follows is the instructor's
    ```python NAME            begins a cell of code, up to the next line ```
    <!-- exercise NAME -->    stands for the code of an exercise
    {{ points.q1 }}           for a value: see `_values`

Each cell is marked with its name three times, as no tool keeps everything: as its id, among its
tags, and in a comment on its first line. `detr_check.reading` finds it by any of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from generator.errors import PageError
from generator.exercises.homework.detr_check.reading import PLACEHOLDER, marker
from generator.exercises.homework.rubric import points_of, read_rubric
from generator.exercises.notebooks import notebook_of, pieces_of_source
from generator.exercises.notes import Worksheet
from generator.project.config import SiteConfig
from generator.project.overlay import Overlay, content_of
from generator.project.source_lines import Sources

FILE = Path("homework", "hand_in.md")
"""In the folder of the texts."""
VERSION = "0.2.0"
"""Of the packages of the kit; it stands in the names of their files."""
_NAME = "[a-z][a-z0-9_-]*"
_MARK = re.compile(rf"<!-- (?P<kind>cell|answer|exercise) (?P<name>{_NAME}) -->")
_VALUE = re.compile(r"\{\{ *([\w.]+) *\}\}")
_FENCE = re.compile(rf"```python (?P<name>{_NAME})")


@dataclass(frozen=True)
class Cell:
    """A cell as it is written.

    Attributes:
        kind: `cell`, `answer`, `exercise` or `python`.
        name: of the cell or of the exercise.
        text: Markdown or Python; "" for an exercise.
        line: the first one, counted from 1.
    """

    kind: str
    name: str
    text: str
    line: int


def has_notebook(content: Overlay) -> bool:
    """Whether there is a text for the notebook; an empty file is none."""
    path = content.file(FILE.as_posix())
    return path.is_file() and bool(path.read_bytes().strip())


def hand_in_notebook(
    config: SiteConfig, worksheets: Mapping[str, Worksheet], *, instructor: bool
) -> str | None:
    """The notebook, or None if the project has no text for it.

    Args:
        config: holds the folder of the texts, the points and the deadline.
        worksheets: the exercises by name.
        instructor: whether it holds the answers.

    Raises:
        PageError: names the line of the text that is wrong.
        ConfigurationError: the rubric has problems.
    """
    if not has_notebook(content_of(config)):
        return None
    path = content_of(config).file(FILE.as_posix())
    label = Sources(config).label(path)
    values = _values(config, instructor)
    made: list[dict[str, Any]] = []
    for cell in _cells(path.read_text(encoding="utf-8-sig"), label):
        if cell.kind != "exercise":
            cell = replace(cell, text=_filled(cell, values, label))
        made += _made(cell, worksheets, label, instructor)
    names = [one["id"] for one in made]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise PageError(f"{label}: two cells are called `{twice[0]}`")
    return notebook_of(made)


def _values(config: SiteConfig, instructor: bool) -> dict[str, str]:
    """What stands for `{{ name }}`."""
    points, deadline = config.homework.points, config.homework.deadline
    by_question = {"q1": points.q1, "q2": points.q2, "q3": points.q3}
    return {
        **{f"points.{name}": str(number) for name, number in by_question.items()},
        "points.total": str(points.total),
        "deadline": f"Hand in until: **{deadline}**." if deadline else "",
        "edition": "**This is the instructor's edition. It holds the answers.**"
        if instructor
        else "",
        "rubric": _rubric(config, by_question, instructor),
        "threshold": f"{config.threshold:g}",
        "version": VERSION,
    }


def _rubric(config: SiteConfig, points: Mapping[str, int], instructor: bool) -> str:
    """The criteria as lists; for instructors with what deserves all points."""
    parts = []
    for question, criteria in read_rubric(content_of(config)).items():
        lines = [f"**{question.upper()}**, {points[question]} points", ""]
        for one in criteria:
            worth = points_of(one, criteria, points[question])
            unit = "point" if worth == 1 else "points"
            lines.append(f"- {worth:g} {unit}: {one.what}{f' *{one.full}*' if instructor else ''}")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _filled(cell: Cell, values: Mapping[str, str], label: str) -> str:
    """A cell's text with its values; other braces of code are Python's own."""
    is_code = cell.kind == "python"

    def value(found: re.Match[str]) -> str:
        if found[1] not in values and is_code:
            return found[0]
        if found[1] not in values:
            known = ", ".join(f"`{name}`" for name in values)
            raise PageError(f"{label}:{cell.line}: there is no `{found[1]}` here, only {known}")
        return values[found[1]]

    text = _VALUE.sub(value, cell.text)
    return text if is_code else re.sub(r"\n{3,}", "\n\n", text)


def _cells(text: str, label: str) -> Iterator[Cell]:
    kind, name, begun = "", "", 0
    lines: list[str] = []
    code = False
    for number, line in enumerate(text.splitlines(), start=1):
        found = None if code else _MARK.fullmatch(line) or _FENCE.fullmatch(line)
        if found or (code and line == "```"):
            if kind:
                yield Cell(kind, name, "\n".join(lines).strip("\n"), begun)
            kind, lines, begun = "", [], number
            code = bool(found) and line.startswith("```")
            if found:
                kind = found.groupdict().get("kind") or "python"
                name = found["name"]
        elif kind:
            lines.append(line)
        elif line.strip():
            raise PageError(f"{label}:{number}: begin a cell with `<!-- cell name -->` above this")
    if code:
        raise PageError(f"{label}:{begun}: no line ``` ends this code")
    if kind:
        yield Cell(kind, name, "\n".join(lines).strip("\n"), begun)


def _made(
    cell: Cell, worksheets: Mapping[str, Worksheet], label: str, instructor: bool
) -> list[dict[str, Any]]:
    """The cells of the notebook that one of the text becomes."""
    if cell.kind == "python":
        return [_code(cell.name, cell.text)]
    if cell.kind != "exercise":
        is_blank = cell.kind == "answer" and not instructor
        return [_markdown(cell.name, PLACEHOLDER if is_blank else cell.text, cell.kind)]
    worksheet = worksheets.get(cell.name)
    if worksheet is None:
        known = ", ".join(worksheets) or "none"
        raise PageError(f"{label}: there is no exercise `{cell.name}`; there are {known}")
    exercise = worksheet.exercise
    _, *pieces = pieces_of_source(exercise.solution if instructor else exercise.student)
    return [_code(f"q1-class-{number}", piece) for number, piece in enumerate(pieces, start=1)]


def _markdown(name: str, text: str, kind: str) -> dict[str, Any]:
    marked = f"{marker(name)}\n{text}"
    tags = [name, "answer"] if kind == "answer" else [name]
    return {
        "cell_type": "markdown",
        "id": name,
        "metadata": {"tags": tags},
        "source": marked.splitlines(keepends=True),
    }


def _code(name: str, text: str) -> dict[str, Any]:
    marked = f"{marker(name, is_code=True)}\n{text}"
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": {"tags": [name]},
        "outputs": [],
        "source": marked.splitlines(keepends=True),
    }
