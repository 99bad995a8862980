import json

import pytest

from generator.errors import GradingError
from generator.exercises.grading.notebook import python_of
from generator.exercises.grading.pieces import BOUNDARY


def notebook(*sources: str | list[str]) -> bytes:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": "# Hi"}, *cells]}).encode()


def test_code_cells_are_joined_and_remember_where_they_stood() -> None:
    lines = python_of(notebook("a = 1\nb = 2", ["c = 3\n", "d = 4"]))
    assert lines.text == f"a = 1\nb = 2\n{BOUNDARY}\nc = 3\nd = 4\n"
    assert lines.cells == ((2, 1), (2, 2), (0, 0), (3, 1), (3, 2))  # the text is cell 1
    assert lines.prose == ((1, "# Hi"),)


@pytest.mark.parametrize(
    ("cell", "python"),
    [
        (
            "%matplotlib inline\nx = 1",
            "get_ipython().run_line_magic('matplotlib', 'inline')\nx = 1",
        ),
        ("if 1:\n    !ls\nx = 1", "if 1:\n    get_ipython().system('ls')\nx = 1"),
        ("files = !ls\nx = 1", "files = get_ipython().getoutput('ls')\nx = 1"),
        ("torch?\nx = 1", "get_ipython().run_line_magic('pinfo', 'torch')\nx = 1"),
        ("!pip install \\\n  a\nx = 1", "get_ipython().system('pip install    a')\n\nx = 1"),
        ("# why\n%%time\nx = 1", "\n\nx = 1"),
        ("%%bash\nrm x", "get_ipython().run_cell_magic('bash', '', 'rm x\\n')\n"),
        ("So it is.\n!ls\nx = 1", "So it is.\nget_ipython().system('ls')\nx = 1"),
    ],
)
def test_a_cell_is_read_as_ipython_reads_it_and_its_lines_stay(cell: str, python: str) -> None:
    lines = python_of(notebook(cell))
    assert lines.text == python + "\n"
    assert len(lines.cells) == len(cell.splitlines())


def test_what_a_cell_writes_to_a_file_is_there_to_look_for_answers() -> None:
    assert python_of(notebook("%%writefile a.py\nx = 1")).written == "\nx = 1\n"


def test_plain_python_is_left_alone() -> None:
    source = "x = (7\n  % 4)\ns = '''\n!ls\n'''\nt = '\\d'"
    assert python_of(notebook(source)).text == source + "\n"


@pytest.mark.parametrize(
    "content", [b"", b"nope", b"[" * 100_000, b"\xff\xfe", b"3", b'{"cells": 3}']
)
def test_what_is_not_a_notebook_is_reported(content: bytes) -> None:
    with pytest.raises(GradingError, match="is not a notebook"):
        python_of(content)


def test_odd_cells_are_skipped() -> None:
    cells = [3, {"cell_type": "code"}, {"cell_type": "code", "source": [1, "x = 1"]}]
    assert python_of(json.dumps({"cells": cells}).encode()).text == "x = 1\n"
