"""The script that compares two builds."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "scripts" / "same_bytes"


def compared(*folders: Path) -> tuple[int, list[str]]:
    command: list[str | Path] = [sys.executable, SCRIPT, *folders]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


def build(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_the_same_but_for_stamps(tmp_path: Path) -> None:
    one = build(tmp_path / "a", site__index="x", stamps__site="1")
    other = build(tmp_path / "b", site__index="x", stamps__site="2", stamps__more="3")
    assert compared(one, other) == (0, ["1 files in both, 0 differences"])


def test_differences_are_named(tmp_path: Path) -> None:
    one = build(tmp_path / "a", site__index="x", site__q1="q")
    other = build(tmp_path / "b", site__index="y")
    code, lines = compared(one, other)
    assert code == 1
    assert lines[:2] == ["only in one: site/q1", "differs: site/index"]


def test_nothing_to_compare_is_no_success(tmp_path: Path) -> None:
    assert compared(build(tmp_path / "a", x="1"), tmp_path / "none")[0] == 1
