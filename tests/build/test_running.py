"""Running a model beside what draws: the same bytes, whoever fails or stops it.

No test needs a card: a `Runner` is told that it has one, and runs on the processor all the same.
"""

from __future__ import annotations

import logging
import multiprocessing
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image, ImageOps

from generator.build.recipe import build
from generator.build.spread import Processes
from generator.files.folders import BuildFolder
from generator.inference import detector
from generator.inference.causal_tests import CausalPlan
from generator.inference.runner import LocatedEntry, Runner
from generator.project.config import SiteConfig
from tests.quick_figures import draw_next_to_nothing
from tests.shared import made_once
from tests.tiny_project import copy_of_tinysite, files_in, options, replace_in

ROOT = Path(__file__).parents[2]
ORDER = ["one", "two", "three"]
LONG_S = 120


def make_project(folder: Path) -> Path:
    """Three small pictures of one cat each, with causal tests."""
    project = copy_of_tinysite(folder)
    images = project / "content/images"
    with Image.open(ROOT / "content/images/one-cat.jpg") as picture:
        small = picture.resize((160, 160))
        small.save(images / "one.png")
        ImageOps.mirror(small).save(images / "two.png")
        ImageOps.mirror(small.crop((8, 8, 160, 160))).save(images / "three.png")
    lines = [f"  - file: content/images/{name}.png\n" for name in ORDER]
    (project / "content/gallery.yml").write_text("images:\n" + "".join(lines))
    settings = project / "site_config.yml"
    settings.write_text(settings.read_text().replace("[site, pdf]", "[site]"))
    return project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Such a project, not built yet."""
    return make_project(tmp_path / "site")


@pytest.fixture
def one_after_the_other(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What is built of it if all are run before any is drawn."""

    def make(folder: Path) -> dict[str, bytes]:
        project = make_project(folder / "site")
        assert build(options(project, jobs=1)).count("built") == 3
        return made(project)

    return made_once(tmp_path_factory, "one after the other", make)


def made(project: Path) -> dict[str, bytes]:
    """All that a build leaves, in its folder and in the cache."""
    found = {**files_in(project / ".cache"), **files_in(project / "build")}
    return {name: data for name, data in found.items() if not name.startswith("stamps/")}


def assert_same(found: dict[str, bytes], expected: dict[str, bytes]) -> None:
    """Names the files that differ; their bytes would fill the screen."""
    names = found.keys() | expected.keys()
    assert [name for name in sorted(names) if found.get(name) != expected.get(name)] == []


@pytest.fixture
def card(one_after_the_other: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Has all builds run beside what draws; gives the names of what was run and tested."""
    ran: list[str] = []
    monkeypatch.setattr(Runner, "runs_beside", True)
    run, intervene = Runner.run, Runner.intervene

    def run_noted(runner: Runner, located: LocatedEntry) -> None:
        ran.append(located.entry.slug)
        run(runner, located)

    def intervene_noted(
        runner: Runner, located: LocatedEntry, plan: CausalPlan, file: Path
    ) -> None:
        ran.append(located.entry.slug)
        intervene(runner, located, plan, file)

    monkeypatch.setattr(Runner, "run", run_noted)
    monkeypatch.setattr(Runner, "intervene", intervene_noted)
    return ran


@pytest.mark.parametrize(("device", "found"), [("cpu", "cuda"), ("auto", "cpu"), ("auto", "cuda")])
def test_only_what_has_a_card_runs_beside(
    device: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detector, "choose_device", lambda _: SimpleNamespace(type=found))
    config = SiteConfig(root=Path(), title="T", device=device)  # type: ignore[arg-type]
    runner = Runner(config, Path(), Path(), offline=True)
    assert runner.runs_beside == (device != "cpu" and found == "cuda")


@pytest.mark.slow
def test_an_image_is_drawn_before_the_last_one_is_run(
    project: Path,
    card: list[str],
    one_after_the_other: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "generator")
    drawn = BuildFolder(project / "build").entry_stamp("one")
    run = Runner.run

    def wait_then_run(runner: Runner, located: LocatedEntry) -> None:
        if located.entry.slug == "three":
            until = time.monotonic() + LONG_S
            while not drawn.exists():
                assert time.monotonic() < until, "nothing is drawn while models run"
                time.sleep(0.02)
        run(runner, located)

    monkeypatch.setattr(Runner, "run", wait_then_run)
    assert build(options(project, jobs=2)).count("built") == 3
    assert card == ["one", "one", "two", "two", "three", "three"]
    assert_same(made(project), one_after_the_other)
    said = [one for one in caplog.messages if one.startswith(("DETR", "Tests", "Figures"))]
    assert said[:4] == ["DETR 1/3: one", "Tests 1/3: one", "DETR 2/3: two", "Tests 2/3: two"]
    assert sorted(said[4:]) == sorted(
        ["DETR 3/3: three", "Tests 3/3: three"] + [one for one in said if one.startswith("Figures")]
    )
    assert len(said) == 9


@pytest.mark.slow
def test_an_image_that_fails_in_the_middle_stops_no_other(
    project: Path, card: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_next_to_nothing(monkeypatch.setattr)
    run = Runner.run

    def fail_at_two(runner: Runner, located: LocatedEntry) -> None:
        if located.entry.slug == "two":
            raise OSError("it is torn")
        run(runner, located)

    with monkeypatch.context() as patch:
        patch.setattr(Runner, "run", fail_at_two)
        report = build(options(project, jobs=1))
    found = [(one.slug, one.status, one.reason) for one in report.statuses]
    assert found == [("one", "built", ""), ("two", "failed", "it is torn"), ("three", "built", "")]
    assert card == ["one", "one", "three", "three"]
    assert build(options(project, jobs=1)).count("built") == 3
    assert card[4:] == ["two", "two"]


@pytest.mark.slow
def test_a_build_that_is_interrupted_goes_on_where_it_was(
    project: Path,
    card: list[str],
    one_after_the_other: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = Runner.run

    def stop_at_three(runner: Runner, located: LocatedEntry) -> None:
        if located.entry.slug == "three":
            assert multiprocessing.active_children()  # some draw
            raise KeyboardInterrupt
        run(runner, located)

    with monkeypatch.context() as patch:
        patch.setattr(Runner, "run", stop_at_three)
        with pytest.raises(KeyboardInterrupt):
            build(options(project, jobs=2))
    for child in multiprocessing.active_children():
        child.join(LONG_S)
        assert not child.is_alive()
    assert not (project / "build/site").exists()
    del card[:]
    assert build(options(project, jobs=1)).count("built") == 3
    assert card == ["three", "three"]
    assert_same(made(project), one_after_the_other)
    # Where all was run before, nobody asks what it would run on: torch would be imported.
    monkeypatch.setattr(Runner, "runs_beside", property(lambda _: pytest.fail("asked")))
    replace_in(project / "content/gallery.yml", "one.png\n", "one.png\n    caption: New.\n")
    assert build(options(project, jobs=1)).count("built") == 3


def test_one_process_takes_an_item_when_it_has_done_the_one_before() -> None:
    said: list[str] = []

    def coming() -> Iterator[int]:
        for number in range(3):
            said.append(f"{number} comes")
            yield number

    for item, result in Processes(1).each(lambda number: number**2, coming()):
        said.append(f"{item} is {result()}")
    assert said == ["0 comes", "0 is 0", "1 comes", "1 is 1", "2 comes", "2 is 4"]
