"""A handed-in notebook -> what the grader reports of questions 2 and 3.

In: the name and the bytes of a file. Out: `Section`s: what its outputs show of question 2, and
the texts of question 3 with the rubric beside them. Nothing of the notebook is run, and all of it
is escaped.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from generator.errors import GeneratorError, GradingError
from generator.exercises.gradebook.section import Row, Section
from generator.exercises.homework.detr_check.blocks import blocks_of, plain
from generator.exercises.homework.detr_check.paper import FIGURES, prompts_of, redrawn
from generator.exercises.homework.detr_check.reading import HandIn, NotebookError, read_hand_in
from generator.exercises.homework.detr_check.second import measures_in, picture_of, second_question
from generator.exercises.homework.rubric import read_rubric
from generator.project.overlay import CONTENT, Overlay, standard_root

_MOST_HTML, _SIDE, _QUALITY = 900_000, 900, 80
_Runs = list[list[str]]


def sections_of(name: str, content: bytes) -> tuple[Section, ...]:
    """The sections of a notebook; none of any other file, or of a notebook of another kind.

    Args:
        name: of the file.
        content: its bytes.

    Raises:
        GradingError: it is called a notebook, and is none.
    """
    if not name.lower().endswith(".ipynb"):
        return ()
    try:
        hand_in = read_hand_in(content)
    except NotebookError as error:
        raise GradingError(str(error)) from error
    if not hand_in.is_homework:
        return ()
    return (_second(hand_in), _to_read(hand_in))


def _second(hand_in: HandIn) -> Section:
    seen = second_question(hand_in)
    found = sum(one.verdict == "found" for one in seen)
    rows = tuple(Row(one.name, one.verdict, one.message) for one in seen)
    return Section("Q2", rows, summary=f"{found} of {len(seen)} found")


def _to_read(hand_in: HandIn) -> Section:
    """What a person reads: the figures, the measures, and each text beside its criterion."""
    answers = [hand_in.names.get(f"{one}-answer") for one in prompts_of(hand_in)]
    written = [one for one in answers if one is not None and not one.is_empty]
    parts = [f"<p>{html.escape(said)}</p>" for said in _who(hand_in)]
    left = _MOST_HTML
    for cell, alt in FIGURES.items():
        part = hand_in.names.get(cell)
        for figure in part.figures[:2] if part else ():
            picture = _picture(figure, alt)
            if len(picture) < left / 2:
                left -= len(picture)
                parts.append(picture)
    rows = "".join(
        f"<tr><td>{html.escape(words)}</td><td>{value}</td>"
        f"<td>{control} ({html.escape(of)})</td></tr>"
        for words, value, control, of in measures_in(hand_in)[:30]
    )
    head = "<tr><th>measure</th><th>value</th><th>control</th></tr>"
    parts += [f"<table>{head}{rows}</table>"] if rows else []
    parts += _texts(hand_in, left)
    summary = f"{len(written)} of {len(answers)} written"
    return Section("Q3", (), "".join(parts), summary, is_for_students=False)


def _criteria() -> dict[str, str]:
    """By the number of a prompt, such as "2.1", what deserves how much; HTML.

    The rubric is that of the folder in which `grade` was started, or ours.
    """
    try:
        rubric = read_rubric(Overlay((Path(CONTENT), standard_root() / CONTENT)))
    except GeneratorError as error:
        return {"": html.escape(str(error))}
    return {
        one.what.partition(" ")[0]: (
            f"<strong>{one.share} of {sum(each.share for each in criteria)}</strong>: "
            f"{html.escape(one.what)} <em>{html.escape(one.full)}</em>"
        )
        for criteria in rubric.values()
        for one in criteria
    }


def _who(hand_in: HandIn) -> Iterator[str]:
    name, student = hand_in.said("NAME"), hand_in.said("STUDENT")
    yield f"By {name or 'somebody who gives no name'}{f', {student}' if student else ''}."
    if picture := picture_of(hand_in):
        yield f"The picture's digest is {picture}; who has the same one has the same picture."


def _picture(content: bytes, alt: str) -> str:
    drawn = redrawn(content)
    if drawn is None:
        return f"<p>A figure is damaged: {html.escape(alt)}</p>"
    stream = io.BytesIO()
    with Image.open(io.BytesIO(drawn[0])) as image:
        image.thumbnail((_SIDE, _SIDE))
        image.convert("RGB").save(stream, "JPEG", quality=_QUALITY)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    return f'<p><img alt="{html.escape(alt)}" src="data:image/jpeg;base64,{data}"></p>'


def _texts(hand_in: HandIn, most: int) -> Iterator[str]:
    """The answers under their headings, each beside its criterion."""
    criteria = _criteria()
    for prompt, words in prompts_of(hand_in).items():
        part = hand_in.names.get(f"{prompt}-answer")
        written = "<p><em>Nothing was written.</em></p>"
        if part is not None and not part.is_empty:
            written = "".join(_block(block) for block in blocks_of(part.source))
        if len(written) > most:
            written = "<p><em>Too long to be shown; open the notebook.</em></p>"
        most -= len(written)
        beside = criteria.get(words.partition(" ")[0], criteria.get("", ""))
        cells = f'<td width="55%">{written}</td><td width="45%">{beside}</td>'
        yield f"<h4>{html.escape(words)}</h4><table><tr>{cells}</tr></table>"


def _block(block: dict[str, object]) -> str:
    match block:
        case {"kind": "code", "text": str(text)}:
            return f"<pre>{html.escape(plain(text, 400))}</pre>"
        case {"kind": "list", "items": list(items)}:
            return f"<ul>{''.join(f'<li>{_runs(one)}</li>' for one in items)}</ul>"
        case {"kind": "table", "rows": list(rows)}:
            cells = ("".join(f"<td>{_runs(cell)}</td>" for cell in row) for row in rows)
            return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"
        case {"runs": list(runs)}:
            return f"<p>{_runs(runs)}</p>"
    return ""


def _runs(runs: _Runs) -> str:
    names = {"plain": "", "code": "code", "strong": "strong", "emph": "em"}
    return "".join(
        f"<{names[style]}>{html.escape(text)}</{names[style]}>"
        if names[style]
        else html.escape(text)
        for style, text in runs
    )
