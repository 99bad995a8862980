import json

import pytest

from generator.errors import GradingError
from generator.exercises.grading.notebook import python_of


def notebook(*sources: str | list[str]) -> bytes:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": "# Hi"}, *cells]}).encode()


def test_code_cells_are_joined_and_remember_where_they_stood() -> None:
    lines = python_of(notebook("a = 1\nb = 2", ["c = 3\n", "d = 4"]))
    assert lines.text == "a = 1\nb = 2\nc = 3\nd = 4\n"
    assert lines.cells == ((2, 1), (2, 2), (3, 1), (3, 2))  # the text is cell 1


def test_what_only_ipython_understands_goes_and_the_lines_stay() -> None:
    lines = python_of(
        notebook("%matplotlib inline\nif 1:\n    !ls\nfiles = !ls\ntorch?\nx = 1", "%%bash\nrm x")
    )
    assert lines.text == "pass\nif 1:\n    pass\npass\npass\nx = 1\n\n\n"
    assert python_of(notebook("%%time\nx = 1")).text == "pass\nx = 1\n"


def test_plain_python_is_left_alone() -> None:
    source = "x = (7\n  % 4)\ns = '''\n!ls\n'''\nt = '\\d'"
    assert python_of(notebook(source)).text == source + "\n"


def test_imports_from_the_future_come_first() -> None:
    lines = python_of(notebook("a = 1", "from __future__ import annotations\nb = 2"))
    assert lines.text == "from __future__ import annotations\na = 1\n\nb = 2\n"
    assert lines.cells == ((0, 0), (2, 1), (3, 1), (3, 2))
    compile(lines.text, "", "exec")


@pytest.mark.parametrize(
    "content", [b"", b"nope", b"[" * 100_000, b"\xff\xfe", b"3", b'{"cells": 3}']
)
def test_what_is_not_a_notebook_is_reported(content: bytes) -> None:
    with pytest.raises(GradingError, match="is not a notebook"):
        python_of(content)


def test_odd_cells_are_skipped() -> None:
    cells = [3, {"cell_type": "code"}, {"cell_type": "code", "source": [1, "x = 1"]}]
    assert python_of(json.dumps({"cells": cells}).encode()).text == "x = 1\n"
