"""The command line: `python -m detr_check check FILE` and `python -m detr_check hand-in NOTEBOOK`.

In: arguments. Out: the table, or a PDF beside the notebook. An error is one sentence.
"""

from __future__ import annotations

import sys
from pathlib import Path

from generator.exercises.homework.detr_check.reading import MOST_BYTES, NotebookError, read_hand_in

_USAGE = """\
python -m detr_check check FILE           how far the class in a .py file or a notebook is
python -m detr_check hand-in NOTEBOOK     writes the PDF to hand in beside the notebook
python -m detr_check hand-in FOLDER       the same for the one notebook in a folder"""


def main(words: list[str]) -> int:
    """Runs a command; returns 0, 1 if a class or a file is not right, and 2 for wrong usage."""
    if len(words) != 2 or words[0] not in ("check", "hand-in"):
        print(_USAGE)
        return 2
    path = Path(words[1])
    if words[0] == "check":
        from generator.exercises.homework.detr_check.checking import check

        table = check(path)
        print(table)
        return 0 if table.passed else 1
    try:
        notebook = _notebook(path)
        written = hand_in(notebook)
    except NotebookError as error:
        print(f"Error: {path} {error}.", file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"Error: {error.filename or path}: {(error.strerror or 'no').lower()}.", file=sys.stderr
        )
        return 1
    print(f"Hand in {notebook} and {written}.")
    return 0


def _notebook(path: Path) -> Path:
    if not path.is_dir():
        return path
    found = sorted(path.glob("hand_in*.ipynb")) or sorted(path.glob("*.ipynb"))
    if len(found) != 1:
        names = ", ".join(one.name for one in found) or "none"
        raise NotebookError(f"should hold one notebook to hand in; there is {names}")
    return found[0]


def hand_in(notebook: Path) -> Path:
    """Writes the PDF of a notebook beside it; its class is run and checked.

    Raises:
        NotebookError: it is no notebook, or cannot be typeset.
        OSError: it cannot be read, or the PDF not be written.
    """
    from generator.exercises.homework.detr_check.checking import check
    from generator.exercises.homework.detr_check.paper import paper_files, pdf_of

    with notebook.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    one = read_hand_in(content)
    table = check(notebook)
    rows = [(f"{row.number} {row.name}", row.verdict, row.message) for row in table.rows]
    summary = repr(table).split("\n")[0] + f", by detr_check. {table.message}"
    target = notebook.with_suffix(".pdf")
    target.write_bytes(pdf_of(paper_files(one, rows, summary)))
    return target


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
