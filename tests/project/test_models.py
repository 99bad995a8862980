"""`models:` of site_config.yml: names, ways to a model, and what is refused on which line."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from generator.detr.own import hub_cache
from generator.errors import ConfigurationError, UnavailableError
from generator.project.config import SiteConfig, load_config
from generator.project.gallery import load_project
from tests.detr.own.written import checkpoint, config_of, folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a folder of transformers and a checkpoint in it."""
    for name in ("content", "templates"):
        (tmp_path / name).mkdir()
    (tmp_path / "content/a.png").touch()
    (tmp_path / "content/gallery.yml").write_text(
        "images:\n- {file: content/a.png, model: mine}\n- {file: content/a.png, slug: b}\n"
    )
    folder(tmp_path / "models/cells", config_of())
    checkpoint(tmp_path / "checkpoint.pth")
    return tmp_path


def written(project: Path, models: str, head: str = "title: T\n") -> Path:
    path = project / "site_config.yml"
    path.write_text(f"{head}models:\n{models}")
    return path


def problems(path: Path) -> list[tuple[int | None, str]]:
    with pytest.raises(ConfigurationError) as caught:
        load_config(path)
    return [(one.line, one.message) for one in caught.value.problems]


def test_own_models_are_named_by_the_site_and_by_images(project: Path) -> None:
    mine = "mine: {checkpoint: checkpoint.pth, classes: [a, b, c]}"
    models = f"  cells: {{folder: models/cells}}\n  {mine}\n"
    config, gallery = load_project(written(project, models, "title: T\nmodel: cells\n"))
    assert [one.model for one in gallery] == ["mine", "cells"]
    assert config.cards["mine"].category_names == ("a", "b", "c")
    assert config.cards["cells"].weights == project / "models/cells/model.safetensors"
    assert config.cards["detr_demo"].title == "Minimal DETR"
    assert config.cards.names[-2:] == ("cells", "mine")


def test_a_word_says_what_the_classes_are(project: Path) -> None:
    mine = "  mine: {checkpoint: checkpoint.pth, classes: unknown}\n"
    config, _ = load_project(written(project, mine))
    card = config.cards["mine"]
    assert card.category_names == ("class 0", "class 1", "class 2")
    assert card.names_from == "`classes: unknown` in site_config.yml"


@pytest.mark.parametrize(
    ("models", "line", "says"),
    [
        ("  Cells: {folder: models/cells}\n", 3, "expected a name of a-z, 0-9, `-` and `_`"),
        ("  detr_demo: {folder: models/cells}\n", 3, "`detr_demo` is a model of this program"),
        ("  a: models/cells\n", 3, "expected `folder:`, `hub:` or `checkpoint:` below it"),
        ("  a: {}\n", 3, "needs `folder:`, `hub:` or `checkpoint:`"),
        ("  a: {folder: models/cells, hub: a/b}\n", 3, "has `folder:` and `hub:`; keep one"),
        ("  a: {foldre: models/cells}\n", 3, "did you mean `folder`?"),
        ("  a: {folder: models/none}\n", 3, "the path of a folder that exists, found"),
        ("  a: {folder: models/cells, revision: main}\n", 3, "`revision:` belongs to `hub:`"),
        ("  a: {folder: models/cells, classes: [a]}\n", 3, "`classes:` belongs to `checkpoint:`"),
        ("  a: {hub: 'a b'}\n", 3, "expected a repository such as"),
        ("  a: {hub: ''}\n", 3, "expected a repository such as"),
        ("  a: {hub: a/b, revision: /a/b}\n", 3, "expected a branch, a tag or a commit"),
        ("  a: {hub: a/../b}\n", 3, "expected a repository such as"),
        ("  a: {checkpoint: checkpoint.pth, base: yolo}\n", 3, "expected one of `detr_resnet50`"),
        ("  a: {checkpoint: checkpoint.pth, classes: {x: y}}\n", 3, "numbers with names"),
        ("  a: {checkpoint: checkpoint.pth, classes: [5]}\n", 3, "put it in quotes"),
        ("  a: {checkpoint: checkpoint.pth, classes: cells}\n", 3, "`coco`, or `unknown`"),
        ("  a: {checkpoint: checkpoint.pth, classes: coco}\n", 3, "COCO's are 91"),
        ("  a: {checkpoint: checkpoint.pth,\n   classes: [a]}\n", 3, "3 classes and"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    project: Path, models: str, line: int, says: str
) -> None:
    found = problems(written(project, models))
    assert any(says in message for _, message in found), found
    assert found[0][0] == line


def test_a_model_that_cannot_be_run_is_a_problem_of_its_line(project: Path) -> None:
    folder(project / "models/y", config_of(model_type="mask2former"))
    path = written(project, "  cells: {folder: models/cells}\n  y: {folder: models/y}\n")
    ((line, message),) = problems(path)
    assert (line, message.startswith("models: y: ")) == (4, True)
    assert "a model of the type mask2former" in message


def test_names_of_a_broken_configuration_are_no_problem_of_the_gallery(project: Path) -> None:
    path = written(project, "  mine: {checkpoint: checkpoint.pth}\n", "titel: T\n")
    with pytest.raises(ConfigurationError) as caught:
        load_project(path)
    assert [one.path.name for one in caught.value.problems] == ["site_config.yml"]


def test_weights_of_another_model_are_a_problem(project: Path) -> None:
    path = project / "site_config.yml"
    path.write_text("title: T\nweights:\n  detr_resnet50: checkpoint.pth\n")
    ((line, message),) = problems(path)
    assert line == 3
    assert "not detr_resnet50, as its training's command line says: backbone is" in message


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the Hub."""
    monkeypatch.setattr(hub_cache, "_cache", lambda: tmp_path / "hub")
    return tmp_path / "hub"


def test_a_model_of_the_hub_is_away_until_it_is_in_the_cache(project: Path, hub: Path) -> None:
    path = written(project, "  tables: {hub: me/tables}\n  mine: {checkpoint: checkpoint.pth}\n")
    config, _ = load_project(path)
    with pytest.raises(UnavailableError, match="me/tables is not on this machine"):
        config.cards["tables"]
    assert [card.name for card in config.cards.known(["tables", "mine"])] == ["mine"]
    commit = "0123456789abcdef0123456789abcdef01234567"
    place = hub / "models--me--tables"
    (place / "refs").mkdir(parents=True)
    (place / "refs/main").write_text(commit)
    folder(place / "snapshots" / commit, config_of())
    card = load_config(path).cards["tables"]
    assert card.hub is not None
    assert (card.hub.commit, card.hub.revision) == (commit, "main")
    assert card.source == "me/tables, revision main, on the Hugging Face Hub"
    (place / "refs/main").write_text("../../../x")
    assert "tables" in load_config(path).cards.away


def test_code_may_say_anything(tmp_path: Path) -> None:
    assert SiteConfig(root=tmp_path, title="T", model="mine").model == "mine"


def test_a_model_that_is_away_is_left_out_of_the_trial(project: Path, hub: Path) -> None:
    from generator.build.stand_ins import stand_ins

    path = written(project, "  mine: {hub: me/tables}\n")
    config, gallery = load_project(path)
    contents = stand_ins(gallery, gallery, (), config.cards)
    assert [card.name for card in contents.cards] == ["detr_emoji"]
    assert [one.status for one in contents.statuses] == ["left_out", "built"]
    assert [one.entry.slug for one in contents.results] == ["b"]


def test_a_configuration_with_own_models_goes_to_other_processes(project: Path) -> None:
    path = written(project, "  cells: {folder: models/cells}\n")
    config = load_config(path)
    assert pickle.loads(pickle.dumps(config)) == config
