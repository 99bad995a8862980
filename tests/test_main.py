import dataclasses
import errno
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.__main__ import main
from generator.detr import zoo
from generator.detr.zoo import model_card, model_names
from generator.errors import PageError
from generator.files.fingerprint import sha256_of
from generator.files.owned_folder import MARKER, claim_output
from tests.tiny_project import copy_of_tinysite

ROOT = Path(__file__).parents[1]
EXERCISE = ROOT / "content/exercises/minimal_detr.py"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_of_tinysite(tmp_path / "site")


@pytest.mark.parametrize(
    "command", ["add", "build", "check", "detect", "export", "grade", "models", "clean"]
)
def test_help_says_what_a_command_does(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.output
    assert len(result.output.splitlines()) > 5


@pytest.mark.parametrize("command", ["build", "detect", "export", "grade", "clean"])
def test_a_command_that_may_find_a_folder_busy_can_wait(command: str) -> None:
    assert "--wait" in run(command, "--help").output


@pytest.mark.parametrize(
    "options", [["--output", "x"], ["--no-pdf"], ["--edition", "student"], ["--jobs", "2"]]
)
def test_a_part_refuses_what_it_would_not_heed(project: Path, options: list[str]) -> None:
    result = run("build", "--config", project / "site_config.yml", "--shard", "1/2", *options)
    assert result.exit_code == 2
    assert f"leave out `{options[0]}`" in result.stderr


def test_a_part_knows_no_image_that_is_not_there(project: Path) -> None:
    config = project / "site_config.yml"
    result = run("build", "--config", config, "--shard", "1/1", "--only", "pest", "--offline")
    assert result.exit_code == 2
    assert "did you mean `pets`" in result.stderr


def test_version_is_that_of_the_clone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pyproject = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    version = tomllib.loads(pyproject)["project"]["version"]
    monkeypatch.chdir(tmp_path)  # wherever it is asked
    result = run("--version")
    assert (result.exit_code, result.output) == (0, f"detr-attention-handout {version}\n")


@pytest.mark.parametrize("found", ["", '[project]\nname = "other"\nversion = "9"\n'])
def test_version_of_what_pip_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, found: str
) -> None:
    if found:  # of whoever put this package into his own
        (tmp_path / "pyproject.toml").write_text(found)
    monkeypatch.setattr(
        "generator.command_line.cli.__file__",
        str(tmp_path / "generator" / "command_line" / "cli.py"),
    )
    installed = {"detr-attention-handout": "1.2.3"}
    monkeypatch.setattr(metadata, "version", installed.__getitem__)
    assert run("--version").output == "detr-attention-handout 1.2.3\n"
    monkeypatch.setattr(metadata, "version", raiser(metadata.PackageNotFoundError()))
    assert run("--version").output == "detr-attention-handout unknown\n"


@pytest.mark.slow
def test_version_and_models_are_quick() -> None:
    code = (
        "import sys; from generator.__main__ import main; "
        "main(['--version'], standalone_mode=False); "
        "print({'torch', 'matplotlib', 'jinja2', 'numpy', 'PIL'} & set(sys.modules)); "
        "main(['models'], standalone_mode=False); "
        "print({'torch', 'matplotlib', 'jinja2'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    _, after_version, *_, after_models = done.stdout.splitlines()
    assert (after_version, after_models) == ("set()", "set()")


@pytest.mark.slow
def test_check_accepts_a_good_project(project: Path) -> None:
    gallery = project / "content/gallery.yml"
    gallery.write_text(gallery.read_text().replace("broken.png", "pets.jpg\n    slug: again"))
    result = run("check", "--config", project / "site_config.yml")
    assert result.exit_code == 0
    assert "5 images" in result.output


@pytest.mark.slow
def test_check_opens_images_and_renders_the_prose(project: Path) -> None:
    result = run("check", "--config", project / "site_config.yml")
    assert result.exit_code == 2
    assert "gallery.yml: broken: " in result.output
    assert "broken.png: damaged" in result.output
    assert result.output.count("problem") == 1
    (project / "content/q3.md").write_text("# Q3 Attention\n\n$\\nonsense{$\n")
    result = run("check", "--config", project / "site_config.yml")
    assert result.exit_code == 1
    assert "content/q3.md:3" in result.output
    assert not (project / "build").exists()


def test_configuration_problems_are_all_reported_with_exit_code_2(project: Path) -> None:
    (project / "site_config.yml").write_text("titel: x\nthreshold: 2\n")
    for command in ("check", "build"):
        result = run(command, "--config", project / "site_config.yml")
        assert result.exit_code == 2
        assert "site_config.yml:1" in result.output
        assert "site_config.yml:2" in result.output
        assert "problems." in result.output
        assert "Traceback" not in result.output


@pytest.mark.slow
def test_build_ends_with_a_summary(built_project: Path) -> None:
    gallery = built_project / "content/gallery.yml"
    whole = gallery.read_text()
    result = run("build", "--offline", "--jobs", 1, "--config", built_project / "site_config.yml")
    assert result.exit_code == 1  # one entry is broken
    assert "3 images built with" in result.output
    assert "1 left out, 1 failed" in result.output
    assert "failed: broken:" in result.output
    assert "Open" in result.output
    assert "site/index.html" in result.output
    gallery.write_text(whole.replace("broken.png", "beach.png\n    slug: again"))
    arguments = ("build", "--offline", "--jobs", 1, "--config", built_project / "site_config.yml")
    quiet = run(*arguments, "-q")
    assert quiet.exit_code == 0  # an image that cannot be downloaded is only left out
    assert "Open" not in quiet.output
    assert run(*arguments, "--strict").exit_code == 1


@pytest.mark.slow
def test_detect_prints_a_table_and_draws(project: Path, tmp_path: Path) -> None:
    images = project / "content/images"
    result = run(
        "detect", images / "beach.png", images / "broken.png", images / "narrow.jpg",
        "--threshold", 0.999, "--output", tmp_path / "out",
    )  # fmt: skip
    assert result.exit_code == 1
    assert "96 x 72 pixels" in result.output
    assert "Nothing scores above 0.999." in result.output
    assert "broken.png: damaged" in result.output
    assert (tmp_path / "out" / MARKER).is_file()
    drawn = {path.name for path in (tmp_path / "out/narrow").iterdir()}
    assert drawn == {
        "detections.png",
        "decoder.png",
        "rollout.png",
        "encoder_row.png",
        "encoder_column.png",
        "sinks.png",
        "query_heads.png",
        "point_heads.png",
    }


@pytest.mark.slow
def test_detect_with_json_writes_nothing_else_to_standard_output(
    project: Path, tmp_path: Path, quick_figures: None
) -> None:
    images = project / "content/images"
    result = run(
        "detect", images / "beach.png", images / "broken.png", images / "narrow.jpg", "--json",
        "--points", "0.5,0.5", "--points", "90,10", "--output", tmp_path / "out",
    )  # fmt: skip
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    beach, broken, narrow = answer["images"]
    assert [point["pixel_xy"] for point in beach["points"]] == [[48, 36], [90, 10]]
    assert "damaged" in broken["error"]
    assert "--points: 90,10 lies outside the image, which is " in narrow["error"]
    assert f"Error: {images / 'narrow.jpg'}: --points: 90,10" in result.stderr
    assert all(Path(path).is_file() for path in beach["figures"].values())


@pytest.mark.parametrize(("word", "says"), [("1", "expected x,y"), ("0.5,9", "mixes a fraction")])
def test_a_word_that_is_no_point_is_told_before_anything_is_done(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, word: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("detect", project / "content/images/beach.png", "--points", word)
    assert result.exit_code == 2
    assert result.output.startswith("Error: --points: ")
    assert says in result.output
    assert not (tmp_path / "build").exists()


def test_detect_offers_the_nearest_model(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("detect", project / "content/images/beach.png", "--model", "detr_resnet5")
    assert result.exit_code == 2
    message = "Error: --model: no model detr_resnet5; did you mean `detr_resnet50`?\n"
    assert result.output == message
    assert not (tmp_path / "build").exists()


def test_detect_without_weights_says_what_to_do(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "hub"))
    monkeypatch.chdir(tmp_path)
    result = run(
        "detect", project / "content/images/beach.png", "--model", "detr_resnet50", "--offline"
    )
    assert result.exit_code == 1
    assert "put detr-r50-e632da11.pth into" in result.output


@pytest.mark.slow
@pytest.mark.parametrize("folder", [".", "..", "content", "content/images", "templates/new"])
def test_detect_writes_to_no_folder_of_the_project(
    project: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.chdir(project)
    before = sorted(project.rglob("*"))
    result = run("detect", "content/images/beach.png", "--output", folder)
    assert result.exit_code == 2
    assert f"Error: {folder}: " in result.output
    assert "--output" in result.output
    assert sorted(project.rglob("*")) == before


@pytest.mark.slow
def test_detect_knows_four_devices(project: Path) -> None:
    result = run("detect", project / "content/images/beach.png", "--device", "gpu")
    assert result.exit_code == 2
    assert "'auto', 'cpu', 'cuda', 'mps'" in result.output


@pytest.mark.slow
def test_images_named_by_dots_stay_in_the_output(project: Path, tmp_path: Path) -> None:
    picture = tmp_path / "...png"
    picture.write_bytes((project / "content/images/beach.png").read_bytes())
    assert run("detect", picture, "--output", tmp_path / "out").exit_code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [MARKER, "image"]


def raiser(error: Exception) -> Callable[..., None]:
    def fail(*arguments: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "no space left on device"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS), "/x/y"), "/x/y: read-only file system"),
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES), b"/x"), "/x: permission denied"),
        (OSError("a library's own words"), "a library's own words"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_an_error_of_the_system_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: OSError,
    message: str,
) -> None:
    monkeypatch.setattr("generator.build.recipe.build", raiser(error))
    result = run("build", "-q")
    assert (result.exit_code, result.output) == (1, f"Error: {message}\n")
    assert not caplog.records
    run("build", "-v")
    assert [record.exc_info is not None for record in caplog.records] == [True]


def test_a_closed_pipe_is_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    error = BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
    monkeypatch.setattr("generator.build.recipe.build", raiser(error))
    assert run("build", "-q").output == ""


@pytest.fixture
def no_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty working folder, without downloaded weights."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def state_of(model: str, *arguments: object) -> list[str]:
    """The columns of a model in the table, after its name."""
    result = run("models", *arguments)
    assert result.exit_code == 0
    (line,) = (line for line in result.output.splitlines() if line.startswith(f"{model} "))
    return line.split()[1:]


def test_models_lists_every_model(no_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = run("models").output.splitlines()
    assert len(lines) == 1 + len(model_names())
    assert lines[1].split()[:2] == ["detr_emoji", "shipped"]
    assert state_of("detr_resnet50") == ["to", "download", "~166", "MB", "42.0", "COCO", "2017"]
    checkpoint = no_project.parent / "torch/hub/checkpoints/detr-r50-e632da11.pth"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.write_bytes(b"0" * 3_000_000)
    assert state_of("detr_resnet50")[:3] == ["damaged", "3", "MB"]
    card = model_card("detr_resnet50")
    url = f"https://host.example/detr-r50-{sha256_of(checkpoint)[:8]}.pth"
    whole = dataclasses.replace(card, checkpoint_url=url)
    monkeypatch.setitem(zoo._OFFICIAL, "detr_resnet50", whole)
    checkpoint.rename(whole.file)
    assert state_of("detr_resnet50")[:3] == ["here", "3", "MB"]
    assert state_of("detr_demo")[-3] == "~40"


def test_models_reports_that_a_shipped_file_is_missing(
    no_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = dataclasses.replace(model_card("detr_emoji"), ap=None)
    monkeypatch.setattr("generator.detr.zoo._embedded", lambda: card)
    monkeypatch.setattr("generator.detr.zoo.EMBEDDED", no_project)
    state, size, _, ap = state_of("detr_emoji")[:4]
    assert (state, size[0], ap) == ("missing", "~", "-")


def test_models_reports_local_weights(no_project: Path) -> None:
    for folder in ("content", "templates"):
        (no_project / folder).mkdir()
    (no_project / "content/gallery.yml").touch()
    (no_project / "my.pth").write_bytes(b"0" * 2_000_000)
    config = no_project / "other.yml"
    config.write_text("title: T\nweights:\n  detr_demo: my.pth\n")
    assert state_of("detr_demo")[0] == "to"
    assert state_of("detr_demo", "--config", config)[:3] == ["local", "2", "MB"]
    assert run("models", "--config", no_project / "none.yml").exit_code == 2
    config = config.rename(no_project / "site_config.yml")
    assert state_of("detr_demo")[0] == "local"
    config.write_text(config.read_text().replace("title", "titel"))
    assert state_of("detr_demo")[0] == "to"
    assert "site_config.yml has problems" in run("models").output


@pytest.mark.slow
def test_clean_removes_a_build_and_nothing_else(project: Path) -> None:
    config = project / "site_config.yml"
    claim_output(project / "build", project)
    (project / "build/docs").mkdir()
    (project / ".cache/forward_passes").mkdir(parents=True)
    assert run("clean", "--config", config).exit_code == 0
    assert not (project / "build").exists()
    assert (project / ".cache").exists()
    result = run("clean", "--config", config, "--cache")
    assert "build: nothing to remove" in result.output
    assert ".cache: removed" in result.output
    assert not (project / ".cache").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["thesis", "thesis/.cache"])
def test_clean_leaves_what_it_did_not_make(project: Path, tmp_path: Path, name: str) -> None:
    foreign = tmp_path / name
    foreign.mkdir(parents=True)
    (foreign / "mkdocs.yml").touch()
    result = run("clean", "--config", project / "site_config.yml", "--output", foreign)
    assert result.exit_code == 2
    assert "is left alone" in result.output
    assert (foreign / "mkdocs.yml").exists()


@pytest.mark.slow
def test_clean_never_removes_the_project(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    (project / "mkdocs.yml").touch()
    (project / MARKER).touch()  # as if somebody had copied it there
    (project.parent / MARKER).touch()
    for folder in (".", "..", project, project.parent):
        result = run("clean", "--output", folder)
        assert result.exit_code == 2
        assert "holds the project itself" in result.output
    assert (project / "content/gallery.yml").exists()


def test_clean_without_a_project_removes_a_marked_folder_alone(no_project: Path) -> None:
    (no_project / ".cache/forward_passes").mkdir(parents=True)
    claim_output(no_project / "build", None)
    for arguments in ((), ("--cache",), ("--cache", "--output", "build")):
        result = run("clean", *arguments)
        assert result.exit_code == 2
        assert "site_config.yml: there is no such file" in result.output
    assert (no_project / ".cache").exists()
    assert run("clean", "--output", "build").exit_code == 0
    assert not (no_project / "build").exists()


@pytest.mark.slow
def test_detect_warns_of_its_models_limits_and_clean_removes_what_it_wrote(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    result = run("detect", "content/images/beach.png")
    assert result.exit_code == 0
    assert "never seen a photograph" in result.output
    assert (project / "build/detect/beach/decoder.png").exists()
    assert run("clean").output == "build: removed\n"
    assert not (project / "build").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("quick_figures")
def test_clean_removes_a_build_that_stopped_early(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    monkeypatch.setattr("generator.outputs.website.write_pages", raiser(PageError("no")))
    assert run("build", "--offline", "--no-pdf", "--jobs", 1, "--only", "beach").exit_code == 1
    assert (project / "build/docs/figures/beach").exists()
    assert not (project / "build/mkdocs.yml").exists()
    assert run("clean").exit_code == 0
    assert not (project / "build").exists()


@pytest.mark.slow
@pytest.mark.parametrize("folder", [".", "content", "foreign"])
def test_build_overwrites_nothing_of_the_user(
    project: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.setattr("generator.build.recipe.sources_are_known", lambda *_: True)
    monkeypatch.chdir(project)
    (project / "foreign").mkdir()
    (project / "foreign/mkdocs.yml").write_text("mine")
    before = sorted(project.rglob("*"))
    result = run("build", "--offline", "--output", folder)
    assert result.exit_code == 2
    assert "name another folder with --output" in result.output
    assert sorted(project.rglob("*")) == before


PAGES = ["index", "q1", "q2", "q3", "about", "notes"]


@pytest.mark.slow
@pytest.mark.parametrize("slug", PAGES)
def test_no_image_has_the_slug_of_a_page(project: Path, slug: str) -> None:
    (project / "content/notes.md").write_text("# Notes\n")
    gallery = project / "content/gallery.yml"
    gallery.write_text(f"images:\n- file: content/images/beach.png\n  slug: {slug}\n")
    result = run("check", "--config", project / "site_config.yml")
    assert result.exit_code == 2
    assert f"the slug `{slug}` is not free; choose another with `slug:`" in result.output


@pytest.mark.slow
def test_slugs_that_only_begin_like_a_page_are_free(project: Path) -> None:
    (project / "content/notes.md").write_text("# Notes\n")
    entries = [f"- file: content/images/beach.png\n  slug: {page}-1\n" for page in PAGES]
    (project / "content/gallery.yml").write_text("images:\n" + "".join(entries))
    assert run("check", "--config", project / "site_config.yml").exit_code == 0


def test_detect_takes_the_weights_that_the_project_names(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    (project / "mine.pth").write_bytes(b"no weights")
    with (project / "site_config.yml").open("a") as stream:
        stream.write("weights:\n  detr_resnet50: mine.pth\n")
    result = run("detect", "content/images/beach.png", "--model", "detr_resnet50")
    assert result.exit_code == 1
    assert "mine.pth" in result.output


@pytest.mark.slow
def test_tilde_is_the_home_folder(
    built_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.chdir(built_project)
    result = run("build", "--offline", "--only", "beach", "--output", "~/handout")
    assert result.exit_code == 0
    assert (tmp_path / "handout/site/index.html").is_file()
    assert not (built_project / "~").exists()
    assert "The site holds what --only named" in result.output


@pytest.mark.slow
def test_failed_build_says_that_the_site_is_an_old_one(
    built_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(built_project)
    arguments = ("build", "--offline", "-q", "--only", "beach")
    (built_project / "content/q1.md").write_text("# Q1 The model\n\n{{ nothing }}\n")
    result = run(*arguments)
    assert result.exit_code == 1
    assert "content/q1.md:3" in result.output
    assert "is still the one from before" in result.output


@pytest.mark.slow
def test_names_that_the_console_cannot_show_are_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "übung-学生.py").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "generator", "grade", "übung-学生.py", "--exercise", EXERCISE],
        cwd=tmp_path,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONPATH": str(ROOT)},
    )
    assert b"Traceback" not in done.stderr
    assert b"\xfcbung-\\u5b66\\u751f.py" in done.stdout
    assert done.returncode == 1


@pytest.mark.slow
def test_detect_reads_the_limit_that_it_advises_to_raise(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = project / "content/images/beach.png"
    with (project / "site_config.yml").open("a") as settings:
        settings.write("max_pixels: 100\n")
    monkeypatch.chdir(project)
    result = run("detect", picture)
    assert result.exit_code == 1
    assert "limit of 100; make it smaller, or raise max_pixels in site_config.yml" in result.output
    monkeypatch.chdir(tmp_path)
    assert run("detect", picture).exit_code == 0


@pytest.mark.parametrize(
    ("given", "expected"),
    [({}, "1000"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "passive"}, "None")],
)
def test_threads_do_not_wait_in_a_long_loop_unless_told_to(
    given: dict[str, str], expected: str
) -> None:
    """Set before torch is there, which reads it as it is loaded; a user's own word counts more."""
    names = "GOMP_SPINCOUNT", "OMP_WAIT_POLICY"
    environment = {name: value for name, value in os.environ.items() if name not in names}
    code = (
        "import os, sys, generator; assert 'torch' not in sys.modules;"
        "print(os.environ.get('GOMP_SPINCOUNT'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**environment, **given},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == expected
