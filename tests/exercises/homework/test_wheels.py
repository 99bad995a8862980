"""The wheels are whole: they need nothing of this program, and are the same each time."""

from __future__ import annotations

import ast
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.exercises.homework.wheels import check_wheel, small_wheel
from generator.exercises.notes import Worksheet, accepted_forms
from generator.outputs.searched import answers_in
from tests.exercises.homework.handed_in import notebook_of

_ONLY = {"numpy", "torch", "torchvision", "PIL", "typst"}


def modules_of(wheel: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        names = [name for name in archive.namelist() if name.endswith(".py")]
        return {name: archive.read(name).decode() for name in names}


def imported_by(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        if isinstance(node, ast.ImportFrom):
            yield str(node.module)


@pytest.mark.parametrize("kind", ["check", pytest.param("small", marks=pytest.mark.slow)])
def test_a_wheel_imports_nothing_that_students_lack(kind: str) -> None:
    wheel = check_wheel("{}") if kind == "check" else small_wheel()
    assert wheel == (check_wheel("{}") if kind == "check" else small_wheel())
    modules = modules_of(wheel[1])
    own = next(iter(modules)).partition("/")[0]
    assert f"{own}/__init__.py" in modules
    for name, text in modules.items():
        for module in imported_by(text):
            top = module.partition(".")[0]
            assert top in {own, *_ONLY} or top in sys.stdlib_module_names, (name, module)
            if top == own:
                path = module.replace(".", "/")
                assert f"{path}.py" in modules or f"{path}/__init__.py" in modules, module


@pytest.mark.slow
def test_no_wheel_holds_an_answer(worksheet: Worksheet, numbers: dict[str, Any]) -> None:
    accepted = accepted_forms([worksheet])
    for name, content in (check_wheel(json.dumps(numbers)), small_wheel()):
        assert not [*answers_in(name, content, accepted)]
    name, content = check_wheel(json.dumps({**numbers, "x": worksheet.exercise.solution}))
    assert [*answers_in(name, content, accepted)]


@pytest.mark.slow
def test_students_check_and_make_the_pdf_from_the_wheels_alone(
    worksheet: Worksheet, numbers: dict[str, Any], tmp_path: Path
) -> None:
    for name, content in (check_wheel(json.dumps(numbers)), small_wheel()):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "hand_in.ipynb").write_bytes(notebook_of())
    (tmp_path / "broken.ipynb").write_text("{")
    (tmp_path / "a.py").write_text(worksheet.exercise.student)
    code = (
        "import sys\n"
        "sys.path[:0] = sorted(__import__('glob').glob('*.whl'))\n"
        "class Hidden:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.partition('.')[0] in ('generator', 'pydantic', 'yaml', 'scipy'):\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Hidden())\n"
        "import torch, detr_small, detr_check\n"
        "from detr_check.__main__ import main\n"
        "torch.set_num_threads(1)\n"
        "model, classes = detr_small.load()\n"
        "print(len(classes), list(model(torch.zeros(1, 3, 64, 64))['pred_boxes'].shape))\n"
        "print(detr_check.check('a.py').rows[0].verdict)\n"
        "print(main(['hand-in', 'broken.ipynb']), main(['hand-in', 'hand_in.ipynb']), main([]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[:2] == ["24 [1, 20, 4]", "empty"]
    assert "1 0 2" in done.stdout
    said = "Error: broken.ipynb is not a notebook: its content is no JSON; save it again.\n"
    assert done.stderr == said
    assert (tmp_path / "hand_in.pdf").read_bytes().startswith(b"%PDF")
