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


def test_columns_of_one_name_are_both_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,note,note,note 2,note\n1,a,b,c,d\n")
    table = read_table(path)
    assert table.header == ("id", "note", "note 3", "note 2", "note 4")
    assert list(table.rows[0][1].values()) == ["1", "a", "b", "c", "d"]
    path.write_bytes(table_bytes(table.header, [row for _, row in table.rows]))
    assert read_table(path).header == table.header


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


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("separator", [";", ",", "; ", ';"'])
def test_nor_does_what_is_behind_another_ones_separator(separator: str, begin: str) -> None:
    cell = f"x{separator}{begin}HYPERLINK(1)&"
    shown = defused(cell)
    assert f"'{separator[1:]}{begin}" in shown
    other = csv.reader([table_bytes(["a", "b"], [{"b": cell}]).decode().splitlines()[1]])
    assert next(other)[1] == cell
    line = table_bytes(["a", "b"], [{"b": shown}]).decode("utf-8-sig").splitlines()[1]
    for split in csv.reader([line], delimiter=";"):
        assert not [one for one in split if one.strip(' "').startswith(begin)]
    assert as_typed(shown) == cell


def test_the_bytes_open_right_in_excel() -> None:
    content = table_bytes(["a", "b"], [{"a": 'x "y"\nz', "b": "ü"}, {"b": "\udcff"}])
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows == [["a", "b"], ['x "y"\nz', "ü"], ["", "\\udcff"]]
