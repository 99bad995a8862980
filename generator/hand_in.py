"""The PDF to hand in, made by an instructor: notebooks -> PDFs, whose classes the grader judged.

In: a notebook, or a folder of them. Out: a PDF beside each, under a name that students do not use,
or in another folder, which is laid out as the notebooks are. Nothing of a notebook is run outside
of the grader's confinement, and Typst reads its words as data. Students make the same PDF with
`detr_check`, without the answers.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from generator.errors import GeneratorError, GradingError, UsageError, sentence_of
from generator.exercises.gradebook.handed_in import is_left_out
from generator.exercises.grading.grade import Grade
from generator.exercises.grading.grader import Grader
from generator.exercises.grading.report import warning_of
from generator.exercises.grading.workers import Limits
from generator.exercises.homework.detr_check.paper import SOURCE, characters_in, paper_files
from generator.exercises.homework.detr_check.reading import (
    MOST_BYTES,
    HandIn,
    NotebookError,
    read_hand_in,
)
from generator.files.write import write_if_different
from generator.outputs.pdf.fonts import gather_fonts
from generator.outputs.pdf.typst_calls import Complaint, ask, pdf_of


@dataclass(frozen=True)
class Written:
    """What became of one notebook.

    Attributes:
        notebook: its path.
        line: what is said of it.
        failed: whether no PDF was made.
    """

    notebook: Path
    line: str
    failed: bool = False


def hand_in(sources: Sequence[Path], exercise: Path, output: Path | None) -> Iterator[Written]:
    """Makes the PDFs, one after the other.

    Args:
        sources: notebooks, and folders of notebooks.
        exercise: the marked source of the exercise.
        output: folder of the PDFs, in which each has the place that its notebook has below all
            sources; None is that of each notebook.

    Raises:
        UsageError: there is no notebook, or no exercise.
    """
    if not exercise.is_file():
        raise UsageError(f"{exercise}: there is no such file; name one with --exercise")
    notebooks = dict.fromkeys(one for source in sources for one in _notebooks(source))
    above = os.path.commonpath([_folder(source) for source in sources])
    with closing(Grader(exercise, Limits())) as grader:
        for notebook in notebooks:
            target = notebook.with_name(f"{notebook.stem}-graded.pdf")
            try:
                if output is not None:
                    target = output / _folder(notebook).relative_to(above) / f"{notebook.stem}.pdf"
                grade = _written(notebook, target, grader)
            except (NotebookError, GradingError) as error:
                yield Written(notebook, f"{notebook}: {_stripped(error)}", failed=True)
            except (GeneratorError, OSError) as error:
                said = sentence_of(error) if isinstance(error, OSError) else str(error)
                yield Written(notebook, f"{notebook}: {said}", failed=True)
            except Exception as error:  # a notebook may hold anything; the others go on
                said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
                yield Written(
                    notebook, f"{notebook}: no PDF can be made of it ({said})", failed=True
                )
            else:
                yield Written(
                    notebook, f"{target}: {grade.points} of {grade.of} points for the class"
                )
        if grader.lacks:
            yield Written(Path(), warning_of(grader.lacks))


def _notebooks(source: Path) -> list[Path]:
    if source.is_dir():
        found = sorted(
            one for one in source.rglob("*.ipynb") if not is_left_out(one.relative_to(source).parts)
        )
        if not found:
            raise UsageError(f"{source}: there is no notebook in this folder")
        return found
    if not source.exists():
        raise UsageError(f"{source}: there is no such file")
    return [source]


def _folder(source: Path) -> Path:
    return (source if source.is_dir() else source.parent).resolve()


def _stripped(error: Exception) -> str:
    return f"it {error}".rstrip(".") + "."


def _written(notebook: Path, target: Path, grader: Grader) -> Grade:
    """Writes the PDF of one notebook, and returns the grade of its class."""
    with notebook.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    one = read_hand_in(content)
    grade = grader.grade(notebook)
    write_if_different(target, _pdf(one, grade))
    return grade


def _pdf(one: HandIn, grade: Grade) -> bytes:
    """The PDF, tagged as the handout is.

    Raises:
        NotebookError: Typst cannot set it.
    """
    rows = [
        (f"{blank.number} {blank.name}", blank.verdict, blank.message) for blank in grade.blanks
    ]
    state = "passed" if grade.passed else "not passed"
    summary = f"{grade.points} of {grade.of} points, {state}, by the grader. {grade.message}"
    with tempfile.TemporaryDirectory() as folder:
        root, fonts = Path(folder, "paper"), Path(folder, "fonts")
        root.mkdir()
        fonts.mkdir()
        letters = characters_in(paper_files(one, rows, summary))
        found = gather_fonts(letters, fonts, Path(folder, "none"))
        files = paper_files(one, rows, summary, found.families, missing=found.missing)
        for name, content in files.items():
            (root / name).write_bytes(content)
        try:
            pdf = ask(pdf_of, files[SOURCE].decode("utf-8"), root, fonts, {})
        except (TimeoutError, ChildProcessError) as error:
            raise NotebookError("takes too long to typeset") from error
    if isinstance(pdf, Complaint):
        raise NotebookError(f"cannot be typeset: {pdf.message}")
    return pdf
