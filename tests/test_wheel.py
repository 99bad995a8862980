"""The wheel holds everything: away from the clone it starts a course, checks and builds it."""

from __future__ import annotations

import os
import re
import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from generator.command_line.cli import version

ROOT = Path(__file__).parents[1]
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")


def run(*command: str | Path, cwd: Path) -> str:
    """Runs a command with nothing of this clone on its path."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=cwd, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def leave_the_lab_out(course: Path) -> None:
    (course / "content/lab").mkdir()
    for file in (ROOT / "content").glob("lab/*.md"):
        (course / "content/lab" / file.name).touch()
    (course / "content/lab.md").touch()


def shipped(folder: Path) -> set[str]:
    """The files that a wheel has to hold, by their names."""
    files = [
        file for one in ("content", "templates", "starter") for file in (folder / one).rglob("*")
    ]
    named = {file.relative_to(folder).as_posix() for file in files if file.is_file()}
    return {"site_config.yml", "mkdocs.yml"} | {
        name for name in named if "/." not in name and "__pycache__" not in name
    }


@pytest.mark.slow
def test_a_course_is_built_from_the_wheel_alone(tmp_path: Path) -> None:
    wheel = (*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path)
    run(*wheel, ROOT, cwd=tmp_path)
    (file,) = tmp_path.glob("*.whl")
    place = tmp_path / "environment"
    venv.create(place, with_pip=False)
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    purelib = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))",
                       cwd=tmp_path).strip())  # fmt: skip
    # What it needs is here already; only the package itself has to be the wheel's.
    paths = [one for one in (*site.getsitepackages(), *sys.path) if "site-packages" in one]
    only_this = ("--no-deps", "--no-index", "--no-compile", "--ignore-installed", file)
    run(*PIP, "--python", python, "install", *only_this, cwd=tmp_path)
    (purelib / "others.pth").write_text("\n".join(dict.fromkeys(paths)), encoding="utf-8")
    handout = (python, "-m", "generator")

    where = run(python, "-c", "import generator; print(generator.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(purelib)
    assert run(*handout, "--version", cwd=tmp_path).split()[-1] == version()
    run(*handout, "new", "course", cwd=tmp_path)
    course = tmp_path / "course"
    standard = purelib / "generator/standard"
    held = {one.relative_to(standard).as_posix() for one in standard.rglob("*") if one.is_file()}
    assert {one for one in held if "__pycache__" not in one} == shipped(ROOT)
    package = ROOT / "generator"
    data = [one.relative_to(package) for one in package.rglob("*") if one.is_file()]
    others = [one for one in data if one.suffix not in (".py", ".pyc")]
    assert [one for one in others if not (purelib / "generator" / one).is_file()] == []
    settings = course / "site_config.yml"
    text = settings.read_text(encoding="utf-8")
    for key, value in {"causal": "off", "explorer": "none", "outputs": "[site]"}.items():
        text = re.sub(rf"^{key}: .*$", f"{key}: {value}", text, flags=re.MULTILINE)
    settings.write_text(text, encoding="utf-8")
    leave_the_lab_out(course)  # whose scenes take longest
    assert "are fine: 4 images." in run(*handout, "check", cwd=course)
    run(*handout, "build", "--offline", "--only", "pets", "--jobs", "1", cwd=course)
    home = (course / "build/site/index.html").read_text(encoding="utf-8")
    assert re.search(r"<title>(Home - )?Course</title>", home)
    assert 'href="q3.html"' in home
    assert "dog" in (course / "build/site/gallery/pets.html").read_text(encoding="utf-8")
