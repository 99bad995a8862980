import os
import sys
from pathlib import Path

import pytest

from generator.errors import GradingError
from generator.exercises.grading.pieces import BOUNDARY
from generator.exercises.grading.submission import read_submission
from tests.exercises.grading.test_notebook import notebook


def test_a_file_is_read_with_and_without_a_byte_order_mark(tmp_path: Path) -> None:
    for content in (b"x = '\xc3\xa9'\r\n", b"\xef\xbb\xbfx = '\xc3\xa9'\r\n"):
        (tmp_path / "a.py").write_bytes(content)
        submission = read_submission(tmp_path / "a.py")
        assert submission.text.splitlines() == ["x = 'é'"]
        assert submission.place_of(1) == "line 1"


def test_a_coding_line_is_obeyed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes("# -*- coding: latin-1 -*-\nx = 'é'".encode("latin-1"))
    assert "x = 'é'" in read_submission(tmp_path / "a.py").text


def test_lines_of_a_notebook_have_their_cells(tmp_path: Path) -> None:
    (tmp_path / "a.IPYNB").write_bytes(notebook("x = 1", "y = 2"))
    submission = read_submission(tmp_path / "a.IPYNB")
    assert submission.text == f"x = 1\n{BOUNDARY}\ny = 2\n"
    assert submission.place_of(3) == "cell 3, line 1"
    assert submission.place_of(99) == "cell 3, line 1"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.py", b"", "is empty"),
        ("a.py", b" \n\n", "is empty"),
        ("a.ipynb", b'{"cells": []}', "is empty"),
        ("a.py", "x = 'é'".encode("latin-1"), "is not UTF-8"),
        ("a.py", "x = 1".encode("utf-16"), "is not UTF-8"),
        ("a.py", b"x\0", "is not Python"),
        ("a.py", b"x = 1\n" * 50_000, "is larger than 200 kB"),
        ("a.ipynb", notebook("x = 1\n" * 50_000), "more than 200 kB of code"),
        ("a.txt", b"x = 1", "is neither .py nor .ipynb"),
    ],
)
def test_what_cannot_be_a_submission_is_reported(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(GradingError, match=message):
        read_submission(tmp_path / name)


def test_what_is_not_a_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    for path, message in (
        (tmp_path / "none.py", "does not exist"),
        (tmp_path / "folder.py", "is a folder"),
        (tmp_path / "nu\0ll.py", "does not exist"),
    ):
        with pytest.raises(GradingError, match=message):
            read_submission(path)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    with pytest.raises(GradingError, match="not a plain file"):
        read_submission(tmp_path / "pipe.py")
