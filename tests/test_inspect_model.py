"""`models` and `models inspect`: the list, and what a file or folder is, without running it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result

from generator.__main__ import main
from generator.errors import UnavailableError
from tests.detr.own.written import checkpoint, config_of, folder, heads, of_transformers


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("content", "templates"):
        (tmp_path / name).mkdir()
    (tmp_path / "content/gallery.yml").touch()
    folder(tmp_path / "cells", config_of(reference_points=4))
    checkpoint(tmp_path / "checkpoint.pth")
    (tmp_path / "site_config.yml").write_text(
        "title: T\nmodels:\n  cells: {folder: cells}\n  mine: {checkpoint: checkpoint.pth}\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_own_models_are_listed(project: Path) -> None:
    lines = run("models").output.splitlines()
    assert [line.split()[:2] for line in lines[-2:]] == [["cells", "own"], ["mine", "own"]]


@pytest.mark.parametrize("what", ["cells", "./cells"])
def test_a_folder_is_inspected_without_its_numbers(project: Path, what: str) -> None:
    result = run("models", "inspect", what)
    assert "classes     3: 0 cell, 1 nucleus, 2 debris" in result.output
    assert "2 + 3, post-norm, 4 heads, width 32" in result.output
    assert "passed over reference_points" in result.output
    assert "does not fit: missing: backbone.0.body.conv1.weight" in result.output
    assert result.exit_code == 1


def test_a_file_is_called_what_it_is(project: Path) -> None:
    checkpoint(project / "bare.pth", {f"module.{name}": one for name, one in heads().items()},
               backbone=None)  # fmt: skip
    result = run("models", "inspect", "bare.pth")
    assert "a training checkpoint, wrapped by DataParallel" in result.output
    assert "cannot be run: bare.pth: says neither how many heads" in result.output
    assert result.exit_code == 1


def test_a_folder_of_a_panoptic_model_is_called_one(project: Path) -> None:
    tensors = {f"detr.{name}": one for name, one in of_transformers().items()}
    folder(project / "pan", config_of(), tensors | {"mask_head.lay1.weight": torch.zeros(2)})
    result = run("models", "inspect", "pan")
    assert "it is       a panoptic model, whose masks are not drawn\n" in result.output


def test_where_the_names_come_from_is_told(project: Path) -> None:
    checkpoint(project / "coco.pth", heads(outputs=92), dataset_file="coco")
    result = run("models", "inspect", "coco.pth")
    assert "names from  COCO's, by the training's own argument dataset_file: coco; `classes:`" in (
        result.output
    )
    checkpoint(project / "other.pth", heads(outputs=92), dataset_file="coco", coco_path="/a/cells")
    result = run("models", "inspect", "other.pth")
    assert "but coco_path ends in cells; `classes:` in site_config.yml says otherwise" in (
        result.output
    )
    assert "names from  id2label of its config.json" in run("models", "inspect", "cells").output


def test_what_is_not_there_is_told(project: Path) -> None:
    result = run("models", "inspect", "nothing")
    assert result.exit_code == 2
    assert "there is no such file or folder, and no model of this name" in result.output
    result = run("models", "inspect", "me/tables", "--offline")
    assert "cannot be run" in result.output


def test_a_path_with_a_slip_is_not_only_looked_for_on_the_hub(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(name: str, repository: str, revision: str) -> None:
        raise UnavailableError(f"{repository} cannot be read (no network)")

    monkeypatch.setattr("generator.inference.hub.settings_of", unreachable)
    result = run("models", "inspect", "models/cels")
    assert "no file or folder models/cels here; of the Hub, models/cels cannot be" in result.output
    assert result.exit_code == 1


def test_detect_takes_no_other_weights_for_an_own_model(project: Path) -> None:
    result = run("detect", "x.png", "--model", "cells", "--weights", "checkpoint.pth")
    assert result.exit_code == 2
    assert "--weights: cells has its own, which `models:` names; leave it out" in result.output


def test_detect_offers_own_models(project: Path) -> None:
    result = run("detect", "x.png", "--model", "cell")
    assert "no model cell; did you mean `cells`?" in result.output


def test_the_file_under_weights_is_inspected_and_not_the_zoos(project: Path) -> None:
    checkpoint(project / "r50.pth", heads(92, 256, 100), backbone=None)
    (project / "site_config.yml").write_text("title: T\nweights: {detr_resnet50: r50.pth}\n")
    result = run("models", "inspect", "detr_resnet50")
    assert "does not fit: missing: backbone.0.body.conv1.weight" in result.output
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cells", "--base", "detr_resnet50"], "--base: belongs to the path of a checkpoint"),
        (["checkpoint.pth", "--revision", "v1"], "--revision: belongs to a model of the Hub"),
        (["checkpoint.pth", "--base", "nothing"], "'nothing' is not one of 'detr_resnet50'"),
    ],
)
def test_no_option_of_inspect_is_passed_over(
    project: Path, arguments: list[str], said: str
) -> None:
    result = run("models", "inspect", *arguments)
    assert said in result.output
    assert result.exit_code == 2


def test_nothing_is_said_to_fit_that_was_not_compared(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generator import inspect_model
    from generator.detr.formats.file_header import FileHeader
    from tests.detr.relatives.tiny import tiny_card

    found = (tiny_card("yolos"), FileHeader({}))
    monkeypatch.setattr(inspect_model, "_card", lambda *_: found)
    result = run("models", "inspect", "me/yolos")
    assert "weights: not compared" in result.output
    assert "fits:" not in result.output
