"""`docs/architecture.md` and its picture name the packages that there are."""

import ast
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
WINGS = {"command_line", "course", "exercises", "training"}
PACKAGES = {path.parent.name for path in (ROOT / "generator").glob("*/__init__.py")}


def test_the_table_has_every_package() -> None:
    assert set(re.findall(r"^\| `(\w+)`", TEXT, re.MULTILINE)) == PACKAGES


def test_the_row_has_every_package_but_the_wings() -> None:
    (row,) = re.findall(r"^    (errors -> .*)$", TEXT, re.MULTILINE)
    assert set(re.split(r" -> | \| ", row)) == PACKAGES - WINGS | {"errors"}


def test_the_picture_has_every_package() -> None:
    texts = ElementTree.parse(ROOT / "docs" / "house.svg").iter("{http://www.w3.org/2000/svg}text")
    names = [text.text for text in texts if text.get("class") == "name"]
    assert sorted(filter(None, names)) == sorted(PACKAGES)


def test_files_that_are_named_are_there() -> None:
    named = re.findall(r"\(`([\w/]+\.py)`\)", TEXT)
    assert len(named) == 7
    assert [name for name in named if not (ROOT / "generator" / name).is_file()] == []


@pytest.mark.parametrize(
    "package",
    sorted(path.parent for path in (ROOT / "generator").glob("*/**/__init__.py")),
    ids=lambda path: path.name,
)
def test_packages_list_their_modules(package: Path) -> None:
    text = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    modules = {path.stem for path in package.glob("*.py")} - {"__init__"}
    modules |= {path.parent.name for path in package.glob("*/__init__.py")}
    assert modules - set(re.findall(r"`(\w+)`", text)) == set()
