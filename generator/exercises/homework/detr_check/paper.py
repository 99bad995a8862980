"""A handed-in notebook and its table -> the PDF to submit.

In: a `HandIn`, and the verdicts on its class. Out: what Typst reads, as files; and, where the
package typst is installed, the PDF. Words of the notebook are data and no commands; pictures are
drawn anew, so that a damaged one is a sentence.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from generator.exercises.homework.detr_check.blocks import Block, blocks_of, plain
from generator.exercises.homework.detr_check.reading import HandIn, NotebookError, Part
from generator.exercises.homework.detr_check.second import measures_in, second_question

TITLE = "Homework: where DETR looks"
SOURCE, DATA = "paper.typ", "data.json"
_MOST_LINES, _MOST_PRINTED, _MOST_SIDE, _MOST_PIXELS = 400, 60, 1600, 40_000_000
FIGURES = {
    "q2-detections": "The picture with the boxes that were found.",
    "q2-decoder": "Above the map of each kept query, below the picture with its box.",
    "q2-encoder": "Four points: where each looks, the point, and who looks at it.",
}
PROMPTS = {
    "q2-1": "2.1 The decoder's maps",
    "q2-2": "2.2 Rows and columns",
    "q2-3": "2.3 Cells that everybody reads",
    "q3-1": "3.1 Three attentions",
    "q3-2": "3.2 Encoder and decoder in numbers",
    "q3-3": "3.3 For and against",
    "q3-4": "3.4 Limits",
}

Verdicts = Sequence[tuple[str, str, str]]
"""Name, verdict and message of each blank."""


def prompts_of(hand_in: HandIn) -> dict[str, str]:
    """Heading by prompt: ours, and those of questions that a course added, in order of number."""
    answers = (re.fullmatch(r"(q[23]-\d{1,3})-answer", name) for name in hand_in.names)
    added = {found[1] for found in answers if found} - set(PROMPTS)
    headings = PROMPTS | {name: _heading(hand_in, name) for name in added}
    return dict(sorted(headings.items(), key=lambda one: (one[0][:2], int(one[0][3:]), one[0])))


def _heading(hand_in: HandIn, prompt: str) -> str:
    """What a prompt begins with in bold letters, after its number."""
    number = f"{prompt[1]}.{prompt[3:]}"
    part = hand_in.names.get(prompt)
    found = re.match(r"\s*\*\*([^*\n]{1,120})\*\*", part.source) if part else None
    words = _line(found[1]).removesuffix(".") if found else ""
    return words if words.split(" ")[0] == number else f"{number} {words}".strip()


def paper_files(
    hand_in: HandIn,
    verdicts: Verdicts,
    summary: str,
    families: Sequence[str] = (),
    paper: str = "a4",
    missing: Collection[str] = (),
) -> dict[str, bytes]:
    """What Typst reads, by file name.

    Args:
        hand_in: the notebook.
        verdicts: on its class, blank by blank; none if it was not checked.
        summary: a sentence about the class.
        families: fonts for letters that the usual ones lack.
        paper: `a4` or `us-letter`.
        missing: letters that no font has, which become question marks.
    """
    files: dict[str, bytes] = {}
    name, student = hand_in.said("NAME"), hand_in.said("STUDENT")
    data = {
        "title": TITLE,
        "who": _line(name or student or "no name given"),
        "facts": [
            ["Name", _line(name or "not given")],
            ["Number or account", _line(student or "not given")],
        ],
        "paper": paper,
        "families": list(families),
        "blocks": list(_blocks(hand_in, verdicts, summary, files)),
    }
    files[DATA] = json.dumps(_typeset(data, missing), ensure_ascii=False).encode("utf-8")
    files[SOURCE] = (resources.files(__package__) / SOURCE).read_bytes()
    return files


def characters_in(files: Mapping[str, bytes]) -> set[str]:
    """Every character that is typeset."""
    return set(files[DATA].decode("utf-8"))


def pdf_of(files: Mapping[str, bytes]) -> bytes:
    """The PDF, by the package typst.

    Raises:
        NotebookError: typst is not installed, or cannot set it.
    """
    try:
        import typst
    except ImportError as error:
        raise NotebookError("needs the package typst: `pip install typst`") from error
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        try:
            pdf = typst.compile(str(Path(folder, SOURCE)), root=folder, timestamp=0)
        except RuntimeError as error:
            raise NotebookError(f"cannot be typeset: {str(error)[:300]}") from error
    assert isinstance(pdf, bytes)
    return pdf


def _typeset(value: Any, missing: Collection[str]) -> Any:
    """A value whose texts Typst can set: without control characters and letters of no font."""
    if isinstance(value, str):
        shown = (one if one == "\n" or one.isprintable() else " " for one in value)
        return "".join("?" if one in missing else one for one in shown)
    if isinstance(value, list):
        return [_typeset(one, missing) for one in value]
    if isinstance(value, dict):
        return {name: _typeset(one, missing) for name, one in value.items()}
    return value


def _line(text: str) -> str:
    return " ".join(plain(text, 1).split())[:120]


def _blocks(
    hand_in: HandIn, verdicts: Verdicts, summary: str, files: dict[str, bytes]
) -> Iterator[Block]:
    yield _title("Q1 The class")
    yield _note(_line_of(summary))
    if verdicts:
        yield {
            "kind": "verdicts",
            "rows": [[_line(one) for one in row[:2]] + [_line_of(row[2])] for row in verdicts],
        }
    code = [part for name, part in hand_in.names.items() if name.startswith("q1-class")]
    code = code or [
        part for part in hand_in.parts if part.is_code and "class MinimalDETR" in part.source
    ]
    for part in code:
        yield {"kind": "code", "text": plain(part.source, _MOST_LINES)}
    if not code:
        yield _note("There is no class in this notebook.")
    yield _title("Q2 The own picture")
    yield {
        "kind": "verdicts",
        "rows": [
            [one.name, one.verdict, _line_of(one.message)] for one in second_question(hand_in)
        ],
    }
    shapes = hand_in.names.get("q2-forward")
    if shapes is not None and shapes.printed.strip():
        yield {"kind": "printed", "text": plain(shapes.printed, _MOST_PRINTED)}
    for name, alt in FIGURES.items():
        yield from _cell(hand_in.names.get(name), alt, files)
    yield from _texts(hand_in, "q2")
    yield _title("Q3 The mechanisms")
    yield from _measures(hand_in)
    yield from _texts(hand_in, "q3")
    others = [
        part
        for part in hand_in.parts
        if not part.name and (part.is_code or not part.is_empty) and part.source.strip()
    ]
    if others:
        yield _title("What was added")
        for part in others[:40]:
            if part.is_code:
                yield {"kind": "code", "text": plain(part.source, _MOST_LINES)}
                yield from _cell(part, f"A figure of cell {part.number}.", files)
            else:
                yield from blocks_of(part.source)


def _cell(part: Part | None, alt: str, files: dict[str, bytes]) -> Iterator[Block]:
    """What a cell printed and drew."""
    if part is None:
        yield _note(f"Missing: {alt}")
        return
    if part.printed.strip():
        yield {"kind": "printed", "text": plain(part.printed, _MOST_PRINTED)}
    if part.error:
        yield _note(f"Cell {part.number} stops with {_line(part.error)}.")
    for figure in part.figures[:4]:
        drawn = redrawn(figure)
        if drawn is None:
            yield _note(f"A figure of cell {part.number} is damaged.")
            continue
        file, (width, height) = f"figure-{len(files)}.png", drawn[1]
        files[file] = drawn[0]
        share = 100 if width > height else max(30, round(100 * width / height))
        yield {"kind": "figure", "file": file, "alt": alt, "width": min(share, 100)}
    if not part.figures and not part.was_run:
        yield _note(f"Cell {part.number} was not run.")


def redrawn(content: bytes) -> tuple[bytes, tuple[int, int]] | None:
    """A picture once more, no larger than paper needs; None if it is damaged or huge."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            if image.width * image.height > _MOST_PIXELS:
                return None
            picture = Image.new("RGB", image.size, "white")
            shown = image.convert("RGBA")
            picture.paste(shown, mask=shown.getchannel("A"))
        picture.thumbnail((_MOST_SIDE, _MOST_SIDE))
        stream = io.BytesIO()
        picture.save(stream, "PNG")
    except Exception:  # Pillow raises nearly anything on damaged files
        return None
    return stream.getvalue(), picture.size


def _measures(hand_in: HandIn) -> Iterator[Block]:
    rows = measures_in(hand_in)
    if not rows:
        yield _note("The measures of the picture are not printed.")
        return
    head = [[["strong", one]] for one in ("measure", "yours", "control")]
    body = [
        [_run(words), _run(value), _run(f"{control} ({of})")] for words, value, control, of in rows
    ]
    yield {"kind": "table", "rows": [head, *body]}


def _texts(hand_in: HandIn, question: str) -> Iterator[Block]:
    for prompt, words in prompts_of(hand_in).items():
        if not prompt.startswith(question):
            continue
        yield {"kind": "title", "level": 2, "text": words}
        part = hand_in.names.get(f"{prompt}-answer")
        if part is None or part.is_empty:
            yield _note("Nothing was written.")
        else:
            yield from blocks_of(part.source)


def _title(text: str) -> Block:
    return {"kind": "title", "level": 1, "text": text}


def _note(text: str) -> Block:
    return {"kind": "note", "text": text}


def _run(text: str) -> list[Any]:
    return [["plain", _line(text)]]


def _line_of(text: str) -> str:
    return " ".join(plain(text, 20).split())[:600]
