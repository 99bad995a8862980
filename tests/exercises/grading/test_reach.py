import pytest

from generator.exercises.grading.reach import names_that_reach_out


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import os, torch", ("os",)),
        ("from subprocess import run as walk", ("subprocess",)),
        ("import os.path", ("os",)),
        ("x = open('a')", ("open",)),
        ("# open os\ns = 'import os'", ()),
        ("import sys\nsys.modules.pop('x')", ("sys.modules",)),
        ("from sys import modules", ("sys.modules",)),
        ("__import__('ctypes')", ("ctypes",)),
        ("prose in a cell\nimport gc", ("gc",)),
        ("image.open('a')", ()),
    ],
)
def test_what_reaches_out_is_named(text: str, names: tuple[str, ...]) -> None:
    assert names_that_reach_out(text, confined=False) == names


def test_a_confined_notebook_may_open_its_picture() -> None:
    text = "import os, ctypes\nopen('a')\n"
    assert names_that_reach_out(text, confined=True) == ("ctypes",)
