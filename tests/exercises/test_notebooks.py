"""The notebooks are valid, the same at each build, and run from top to bottom."""

from __future__ import annotations
import __future__

import json
import warnings
from pathlib import Path
from typing import Any

import nbformat
import pytest

from generator.exercises.notebooks import notebook
from generator.exercises.notes import Worksheet
from tests.exercises.test_minimal_detr import SmallBackbone


def read(text: str) -> Any:
    return nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]


def executed(*texts: str) -> list[str]:
    """What the cells of each notebook print, as a student would see it.

    They share a kernel, because the first import of torch takes longer than both notebooks.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # from jupyter's own libraries
        from nbclient import NotebookClient

        notebooks = [read(text) for text in texts]
        client = NotebookClient(notebooks[0], timeout=120, kernel_name="python3")
        with client.setup_kernel():
            for client.nb in notebooks:
                client.reset_execution_trackers()
                for number, cell in enumerate(client.nb.cells):
                    client.execute_cell(cell, number)
    outputs = [[one for cell in nb.cells for one in cell.get("outputs", ())] for nb in notebooks]
    assert {one.output_type for each in outputs for one in each} <= {"stream"}
    return ["".join(one.text for one in each) for each in outputs]


@pytest.mark.parametrize("kind", ["student", "solution"])
def test_notebook_is_valid_and_has_no_outputs(worksheet: Worksheet, kind: str) -> None:
    source = getattr(worksheet.exercise, kind)
    text = notebook(worksheet, source)
    assert text == notebook(worksheet, source)
    cells = read(text)
    nbformat.validate(cells)
    assert (cells.nbformat, cells.nbformat_minor) == (4, 5)
    ids = [cell.id for cell in cells.cells]
    assert len(set(ids)) == len(ids)
    assert all(not cell.outputs for cell in cells.cells if cell.cell_type == "code")
    assert json.loads(text)["cells"][0]["source"][0] == "# The minimal DETR\n"


def test_cells_hold_the_whole_source(worksheet: Worksheet) -> None:
    for source in (worksheet.exercise.student, worksheet.exercise.solution):
        cells = read(notebook(worksheet, source)).cells
        code = [cell.source for cell in cells if cell.cell_type == "code"]
        assert code[0].startswith("from __future__")
        assert code[1].startswith("class MinimalDETR")
        kept = [line for line in "\n".join(code[:2]).splitlines() if line]
        wanted = [line for line in source.splitlines() if line]
        assert wanted[-len(kept) :] == kept


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_both_run_from_top_to_bottom(worksheet: Worksheet) -> None:
    exercise = worksheet.exercise
    sources = (exercise.student, exercise.solution)
    student, solution = executed(*(notebook(worksheet, source) for source in sources))
    assert student == "Blank 1 is still empty: ____  # blank 1\n"
    assert "pred_logits: shape (1, 100, 92), from " in solution
    assert "pred_boxes: shape (1, 100, 4), from 0." in solution
    assert "The class runs." in solution


def run_here(text: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What a notebook prints when its cells are run one after the other in this process."""
    scope: dict[str, object] = {"__name__": "__main__"}
    flags = 0
    with warnings.catch_warnings():
        for cell in read(text).cells:
            if cell.cell_type == "code":
                path = folder / f"{cell.id}.py"
                path.write_text(cell.source, encoding="utf-8")
                code = compile(cell.source, str(path), "exec", flags, dont_inherit=True)
                flags |= code.co_flags & __future__.annotations.compiler_flag
                exec(code, scope)
    return capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"sigmoid": "____"}, 'Blank 12 is still empty: "pred_boxes": ____,'),
        ({"sigmoid": "self.linear_bbox(answers)"}, "The boxes leave the image"),
        ({"source": "0.1 * x"}, "It came up in this line: answers = self.transformer("),
        ({"columns": "self.col_embed"}, "It came up in this line, with blank 8: columns ="),
        ({"target": "self.query_pos.unsqueeze(0)"}, "It came up in this line: answers ="),
        ({"boxes": "nn.Linear(hidden_dim, 5)"}, "pred_boxes: shape (1, 100, 5)"),
    ],
)
def test_mistakes_are_explained_in_words(
    worksheet: Worksheet,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    answers: dict[str, str],
    expected: str,
) -> None:
    monkeypatch.setattr("torchvision.models.resnet50", SmallBackbone)
    text = notebook(worksheet, worksheet.exercise.with_answers(answers))
    assert expected in run_here(text, tmp_path, capsys)
