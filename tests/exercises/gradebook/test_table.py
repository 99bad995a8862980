from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from generator.errors import UsageError
from generator.exercises.gradebook.table import as_typed, defused, read_table, table_bytes

TEXT = "id;name\r\n1;Jörg\r\n\r\n2;\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_whatever_a_spreadsheet_writes_is_read(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT.replace(";", separator).encode(encoding))
    table = read_table(path)
    assert (table.header, table.separator) == (("id", "name"), separator)
    assert table.rows == ((2, {"id": "1", "name": "Jörg"}), (4, {"id": "2", "name": ""}))


def test_columns_without_a_name_are_kept_if_there_is_something_in_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,,\n1,,note\n2\n")
    table = read_table(path)
    assert table.header == ("id", "column 3")
    assert [row for _, row in table.rows] == [
        {"id": "1", "column 3": "note"},
        {"id": "2", "column 3": ""},
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04", "workbook"),
        (b"a\0b", "no CSV"),
        (b'a\n"' + b"b" * 200_000, "field larger"),
    ],
)
def test_what_is_no_table_is_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(UsageError, match=said):
        read_table(tmp_path / "a.csv")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\n=1", "＝1"])
def test_a_cell_that_somebody_chose_begins_no_formula(cell: str) -> None:
    shown = defused(cell)
    assert not shown.lstrip().startswith(("=", "+", "-", "@", "\t", "\n", "＝"))
    assert defused("Ada = 1") == as_typed(defused("Ada = 1")) == "Ada = 1"
    assert as_typed(defused("=1+1")) == "=1+1"
    assert as_typed("'tis") == "'tis"


def test_the_bytes_open_right_in_excel() -> None:
    content = table_bytes(["a", "b"], [{"a": 'x "y"\nz', "b": "ü"}, {"b": "\udcff"}])
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows == [["a", "b"], ['x "y"\nz', "ü"], ["", "\\udcff"]]
