"""`new` starts a course, and `eject` copies what its author wants to edit."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from generator.__main__ import main
from generator.check import _tell_outdated
from generator.command_line.cli import version
from generator.course.overrides import ours, outdated
from generator.project.config import SiteConfig, load_config
from generator.project.gallery import load_project
from generator.project.overlay import content_of

ROOT = Path(__file__).parents[1]


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(one) for one in arguments])
    return result.exit_code, result.output


@pytest.fixture
def course(tmp_path: Path) -> Path:
    code, output = run("new", tmp_path / "my-course")
    assert code == 0, output
    return tmp_path / "my-course"


def config_of(course: Path) -> SiteConfig:
    return load_config(course / "site_config.yml")


def test_a_new_course_has_what_it_needs_and_no_text_of_ours(course: Path) -> None:
    site, gallery = load_project(course / "site_config.yml")
    assert (site.title, site.course, site.standard_texts) == ("My course", "", True)
    assert len(gallery) == 4
    names = {path.relative_to(course).as_posix() for path in course.rglob("*") if path.is_file()}
    assert {"README.md", ".gitignore", "mkdocs.yml", ".github/workflows/pages.yml"} <= names
    assert not [name for name in names if name.endswith((".j2", "q1.md"))]
    assert content_of(site).file("q1.md").read_bytes() == (ROOT / "content/q1.md").read_bytes()
    assert {"/build/", "/.cache/", "/grades/"} <= set((course / ".gitignore").read_text().split())


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_what_is_in_no_package_index_is_not_asked_of_one(course: Path) -> None:
    requirements = course / "requirements.txt"
    lines = requirements.read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == []
    assert f"handout-{version()}-py3" in requirements.read_text().replace("_", "-")
    workflow = yaml.safe_load((course / ".github/workflows/pages.yml").read_text())
    steps = workflow["jobs"]["build"]["steps"]
    scripts = [step["run"] for step in steps if "run" in step]
    assert scripts[1] == "pip install -r requirements.txt"
    code, told = in_bash(scripts[0], course)
    assert (code, "Write into requirements.txt where" in told) == (1, True)
    with requirements.open("a") as stream:
        stream.write(lines[2].removeprefix("#   ") + "\n")
    assert in_bash(scripts[0], course) == (0, "")


def in_bash(script: str, folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        ("bash", "-e", "-c", script), cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_it_says_what_to_do_next(tmp_path: Path) -> None:
    code, output = run("new", tmp_path / "two words")
    assert code == 0
    assert f'cd "{tmp_path / "two words"}"' in output
    assert "python -m generator serve" in output


def test_its_readme_and_workflow_name_commands_that_exist(course: Path) -> None:
    texts = [course / "README.md", course / ".github/workflows/pages.yml", course / "README.md"]
    words = " ".join(text.read_text(encoding="utf-8") for text in texts).split()
    after = {words[i + 1].strip("`") for i, word in enumerate(words) if "detr-handout" in word}
    commands = {word for word in after if word.isalpha()}
    assert {"build", "check"} <= commands <= set(main.commands)


@pytest.mark.parametrize("name", ["file.txt", ".hidden"])
def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    code, output = run("new", tmp_path)
    assert code == 2
    assert f"holds `{name}`" in output
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_that_git_made_is_empty(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert run("new", tmp_path)[0] == 0


def test_eject_copies_one_file(course: Path) -> None:
    code, output = run("eject", "q3.md", "--config", course / "site_config.yml")
    assert code == 0, output
    assert (course / "content/q3.md").read_bytes() == (ROOT / "content/q3.md").read_bytes()
    assert run("eject", "image.md.j2", "--config", course / "site_config.yml")[0] == 0
    assert (course / "templates/image.md.j2").is_file()
    assert outdated(config_of(course)) == []


def test_eject_keeps_what_is_there(course: Path) -> None:
    (course / "content/q3.md").write_text("mine")
    code, output = run("eject", "q3.md", "--config", course / "site_config.yml")
    assert (code, (course / "content/q3.md").read_text()) == (2, "mine")
    assert "is your own version already" in output


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("q4.md", "did you mean"),
        ("gallery.yml", "there is no such text"),
        ("../pyproject.toml", "there is no such text"),
        ("/etc/passwd", "there is no such text"),
    ],
)
def test_eject_knows_our_files_alone(course: Path, name: str, told: str) -> None:
    before = sorted(course.rglob("*"))
    code, output = run("eject", name, "--config", course / "site_config.yml")
    assert code == 2
    assert told in output
    assert sorted(course.rglob("*")) == before


def test_filters_that_load_each_other_come_together(course: Path) -> None:
    assert run("eject", "units.lua", "--config", course / "site_config.yml")[0] == 0
    assert (course / "templates/handout/shared.lua").is_file()


@pytest.mark.slow
def test_a_copy_is_outdated_when_ours_changes_and_not_when_it_does(
    course: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    config = course / "site_config.yml"
    run("eject", "q3.md", "--config", config)
    (course / "content/q3.md").write_text("mine")
    assert outdated(config_of(course)) == []
    (tmp_path / "newer.md").write_text("ours, improved")
    newer = {**ours(), "content/q3.md": tmp_path / "newer.md"}
    monkeypatch.setattr("generator.course.overrides.ours", lambda: newer)
    monkeypatch.setattr("generator.eject.ours", lambda: newer)
    assert outdated(config_of(course)) == ["content/q3.md"]
    _tell_outdated(config_of(course))
    assert "q3.md: was made from an older version of ours" in caplog.text
    assert run("eject", "q3.md", "--seen", "--config", config)[0] == 0
    assert outdated(config_of(course)) == []
    assert (course / "content/q3.md").read_text() == "mine"
    del newer["content/q3.md"]
    assert outdated(config_of(course)) == ["content/q3.md"]
    assert run("eject", "q3.md", "--seen", "--config", config)[0] == 0
    assert outdated(config_of(course)) == []


def test_a_record_that_cannot_be_read_is_a_problem_with_a_name(course: Path) -> None:
    run("eject", "q3.md", "--config", course / "site_config.yml")
    (course / "ejected.json").write_text("[")
    code, output = run("eject", "q1.md", "--config", course / "site_config.yml")
    assert code == 2
    assert output.startswith("ejected.json: cannot be read")
