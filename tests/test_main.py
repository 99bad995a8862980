from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.__main__ import main
from tests.test_build import copy_of_tinysite


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_of_tinysite(tmp_path / "site")


@pytest.mark.parametrize("command", ["build", "check", "detect", "models", "clean"])
def test_help_says_what_a_command_does(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.output
    assert len(result.output.splitlines()) > 5


def test_check_is_content_with_a_good_project(project: Path) -> None:
    result = run("check", "--config", project / "site_config.yml")
    assert result.exit_code == 0
    assert "4 images" in result.output


def test_configuration_problems_are_all_told_with_exit_code_2(project: Path) -> None:
    (project / "site_config.yml").write_text("titel: x\nthreshold: 2\n")
    for command in ("check", "build"):
        result = run(command, "--config", project / "site_config.yml")
        assert result.exit_code == 2
        assert "site_config.yml:1" in result.output
        assert "site_config.yml:2" in result.output
        assert "problems." in result.output
        assert "Traceback" not in result.output


def test_build_ends_with_a_summary(project: Path) -> None:
    gallery = project / "content/gallery.yml"
    whole = gallery.read_text()
    result = run("build", "--offline", "--jobs", 1, "--config", project / "site_config.yml")
    assert result.exit_code == 1  # one entry is broken
    assert "2 images built with" in result.output
    assert "1 left out, 1 failed" in result.output
    assert "failed: broken:" in result.output
    assert "site/index.html" in result.output
    gallery.write_text(whole.replace("broken.png", "beach.png\n    slug: again"))
    arguments = ("build", "--offline", "--jobs", 1, "--config", project / "site_config.yml")
    assert run(*arguments).exit_code == 0  # what is out of reach is only left out
    assert run(*arguments, "--strict").exit_code == 1
    assert "Open" not in run(*arguments, "-q").output


def test_detect_tells_and_draws(project: Path, tmp_path: Path) -> None:
    images = project / "content/images"
    result = run(
        "detect", images / "beach.png", images / "broken.png", images / "narrow.jpg",
        "--threshold", 0.999, "--output", tmp_path / "out",
    )  # fmt: skip
    assert result.exit_code == 1
    assert "96 x 72 pixels" in result.output
    assert "Nothing scores above 0.999." in result.output
    assert "broken.png: damaged" in result.output
    drawn = {path.name for path in (tmp_path / "out/narrow").iterdir()}
    assert drawn == {"detections.png", "decoder.png", "encoder_row.png", "encoder_column.png"}


def test_detect_offers_the_nearest_model(project: Path) -> None:
    result = run("detect", project / "content/images/beach.png", "--model", "detr_resnet5")
    assert result.exit_code == 2
    assert "did you mean detr_resnet50?" in result.output


def test_detect_without_weights_says_what_to_do(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "hub"))
    result = run(
        "detect", project / "content/images/beach.png", "--model", "detr_resnet50", "--offline"
    )
    assert result.exit_code == 1
    assert "put detr-r50-e632da11.pth into" in result.output


def test_models_lists_every_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    lines = run("models").output.splitlines()
    assert len(lines) == 7
    assert lines[1].split()[:2] == ["detr_emoji", "shipped"]
    assert lines[2].split()[:3] == ["detr_resnet50", "to", "download"]
    checkpoint = tmp_path / "hub/checkpoints/detr-r50-e632da11.pth"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.write_bytes(b"0" * 3_000_000)
    assert run("models").output.splitlines()[2].split()[1:4] == ["here", "3", "MB"]


def test_clean_removes_a_build_and_nothing_else(project: Path, tmp_path: Path) -> None:
    config = project / "site_config.yml"
    (project / "build").mkdir()
    (project / "build/mkdocs.yml").touch()
    (project / ".cache").mkdir()
    assert run("clean", "--config", config).exit_code == 0
    assert not (project / "build").exists()
    assert (project / ".cache").exists()
    assert run("clean", "--config", config, "--cache").exit_code == 0
    assert not (project / ".cache").exists()
    foreign = tmp_path / "thesis"
    foreign.mkdir()
    result = run("clean", "--config", config, "--output", foreign)
    assert result.exit_code == 1
    assert foreign.exists()
