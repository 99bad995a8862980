"""Running and measuring on several workers: the same bytes as in one process, whoever dies."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
from PIL import Image, ImageOps

from generator.build import shard
from generator.build.engines import spread_of
from generator.build.entry import EntryBuilder
from generator.build.fill import Filler, fill_all
from generator.build.measuring import all_get_pages
from generator.build.recipe import build
from generator.build.shard import Shard, run_shard
from generator.build.spread import Processes, Spread
from generator.build.statuses import Statuses
from generator.build.workers import build_entries
from generator.errors import UsageError
from generator.files.folders import BuildFolder, CacheFolder
from generator.inference.runner import LocatedEntry, Runner
from generator.project.config import SiteConfig
from generator.project.gallery import load_project
from tests.build.dying import always_dies, dies_once
from tests.build.dying_filler import DyingFiller
from tests.shared import made_once
from tests.tiny_project import copy_of_tinysite, files_in, options

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def make_project(folder: Path, pages: str = "all") -> Path:
    """Three small pictures without causal tests."""
    project = copy_of_tinysite(folder)
    images = project / "content/images"
    with Image.open(images / "pets.jpg") as picture:
        small = picture.resize((160, 120))
        small.save(images / "one.png")
        ImageOps.mirror(small).save(images / "two.png")
        ImageOps.flip(small).save(images / "three.png")
    lines = [f"  - file: content/images/{name}.png\n" for name in ("one", "two", "three")]
    (project / "content/gallery.yml").write_text("images:\n" + "".join(lines))
    settings = project / "site_config.yml"
    text = settings.read_text().replace("[site, pdf]", "[site]")
    settings.write_text(text + f"causal: off\npages: {pages}\n")
    return project


@dataclass
class Alone:
    """What one process makes of the project's images."""

    project: Path
    cache: dict[str, bytes]


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Alone:
    def make(folder: Path) -> Alone:
        project = make_project(folder / "site")
        assert fill(project, project / "cache", Processes(1)) == ["one", "two", "three"]
        return Alone(project, files_in(project / "cache"))

    return made_once(tmp_path_factory, "alone", make)


def fill(
    project: Path, cache: Path, spread: Spread, fatal: str = "", store: str = ""
) -> Sequence[str]:
    """Runs and measures all images; the process that has run the image `fatal` is killed, once."""
    config, gallery = load_project(project / "site_config.yml")
    folder = CacheFolder(cache)
    runner = Runner(config, folder.forward_passes, folder.downloads, offline=True)
    statuses = Statuses(project)
    marker = cache.with_suffix(".killed")
    filler = DyingFiller(config, folder, store, offline=True, fatal=fatal, marker=str(marker))
    found = list(runner.look(gallery).values())
    done = fill_all(found, filler, runner, statuses, spread)
    assert marker.exists() == bool(fatal)
    assert not statuses.by_slug
    return [one.entry.slug for one in done]


def test_a_process_that_dies_is_no_loss(tmp_path: Path) -> None:
    items = [(number, str(tmp_path / "died")) for number in (1, 2, 3)]
    results = dict(Processes(2).each(dies_once, items))
    assert {number: results[number, file]() for number, file in items} == {1: 1, 2: 4, 3: 9}
    assert (tmp_path / "died").exists()


def test_what_always_ends_its_process_fails_alone() -> None:
    results = dict(Processes(2).each(always_dies, [1, 2, 3, 4]))
    assert {item: result() for item, result in results.items() if item != 3} == {1: 1, 2: 4, 4: 16}
    with pytest.raises(ChildProcessError, match="ended 3 times"):
        results[3]()


@pytest.fixture(scope="module")
def dask() -> Iterator[str]:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        yield f"dask:{cluster.scheduler_address}"


@pytest.fixture(scope="module")
def ray() -> Iterator[str]:
    found = pytest.importorskip("ray", reason="Ray is not installed; its wheel is large")
    environment = {"env_vars": {"PYTHONPATH": str(ROOT)}}
    found.init(num_cpus=2, log_to_driver=False, include_dashboard=False, runtime_env=environment)
    yield "ray:local"
    found.shutdown()


@pytest.mark.parametrize("engine", ["dask", "ray"])
@pytest.mark.filterwarnings("default")  # of the engine's own packages
def test_an_engine_gives_the_same_bytes_when_a_worker_is_killed(
    engine: str, alone: Alone, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    spread = spread_of(request.getfixturevalue(engine), 1)
    done = fill(alone.project, tmp_path / "cache", spread, "two")
    assert done == ["one", "two", "three"]
    assert files_in(tmp_path / "cache") == alone.cache


@pytest.mark.filterwarnings("default")
def test_a_build_by_an_engine_has_the_same_numbers(
    dask: str, alone: Alone, tmp_path: Path, quick_figures: None
) -> None:
    address, own = (f"file://{tmp_path / name}" for name in ("store", "own"))
    built = {}
    for name, more in (
        ("one", {"store": own}),
        ("dask", {"executor": dask, "store": address}),
    ):
        project = make_project(tmp_path / name, "none")
        report = build(options(project, **more))
        assert report.count("built") == 3
        made = files_in(project / "build")
        built[name] = {file: made[file] for file in ("predictions.json", "measures.json")}
    assert built["dask"] == built["one"]
    # What a machine makes alone goes to its storage as well.
    assert files_in(tmp_path / "own") == files_in(tmp_path / "store")
    # A machine that has nothing but the storage runs the model over what Q3 shows alone.
    project, run = make_project(tmp_path / "last", "none"), Runner.run
    ran: list[LocatedEntry] = []

    def noted(runner: Runner, located: LocatedEntry) -> None:
        ran.append(located)
        run(runner, located)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Runner, "run", noted)
        assert build(options(project, store=address)).count("built") == 3
    assert len(ran) == 1
    assert {path.suffix for path in (tmp_path / "store").rglob("*") if path.is_file()} == {
        ".gz", ".json",
    }  # fmt: skip


def test_what_a_machine_made_alone_goes_to_its_storage(alone: Alone, tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    config, gallery = load_project(alone.project / "site_config.yml")
    cache = CacheFolder(alone.project / "cache")
    runner = Runner(config, cache.forward_passes, cache.downloads, offline=True)
    found = list(runner.look(gallery).values())
    Filler(config, cache, f"file://{tmp_path / 'own'}", offline=True).put_all(found)
    assert files_in(tmp_path / "own") == alone.cache
    Filler(config, cache, offline=True).put_all(found)  # no storage, nothing to do


@pytest.mark.filterwarnings("default")
def test_workers_draw_into_a_shared_folder(dask: str, alone: Alone, tmp_path: Path) -> None:
    config, gallery = load_project(alone.project / "site_config.yml")
    shutil.copytree(alone.project / "cache", tmp_path / "cache")
    cache = CacheFolder(tmp_path / "cache")
    runner = Runner(config, cache.forward_passes, cache.downloads, offline=True)
    found = list(runner.look(gallery).values())
    drawn = []
    for name, spread in (("alone", Processes(1)), ("dask", spread_of(dask, 1))):
        folder, statuses = BuildFolder(tmp_path / name), Statuses(alone.project)
        builder = EntryBuilder(config, folder, cache, for_print=False)
        built = build_entries(found, list, builder, statuses, spread)
        assert [one.located.entry.slug for one in built] == ["one", "two", "three"]
        drawn.append(files_in(folder.path))
    assert drawn[0] == drawn[1]
    assert sum(name.endswith(".webp") for name in drawn[0]) > 20


def test_three_parts_fill_the_cache(alone: Alone, tmp_path: Path) -> None:
    project = make_project(tmp_path / "site", "5")  # more pages than images: all are drawn
    other = subprocess.run(
        [sys.executable, "-m", "generator", "build", "--offline", "--shard", "2/3"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert other.returncode == 0, other.stderr
    assert other.stdout == "Part 2 of 3: 1 of 1 images are in the cache.\n"
    for part in (3, 1):
        line, is_well = run_shard(project / "site_config.yml", f"{part}/3", "", offline=True)
        assert (line, is_well) == (f"Part {part} of 3: 1 of 1 images are in the cache.", True)
    assert files_in(project / ".cache") == alone.cache
    assert not (project / "build").exists()


def test_a_part_that_does_nothing_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(tmp_path / "site")
    entry = "  - url: https://example.org/NAME.png\n"
    lines = [entry.replace("NAME", name) for name in ("one", "two")]
    (project / "content/gallery.yml").write_text("images:\n" + "".join(lines))
    asked: list[str] = []

    def noted(config: SiteConfig, names: Iterable[str], *, offline: bool) -> SiteConfig:
        asked.extend(names)
        return config

    monkeypatch.setattr(shard, "with_hub_models", noted)
    config = project / "site_config.yml"
    line, is_well = run_shard(config, "1/2", "", offline=True)
    assert (line, is_well) == ("Part 1 of 2: 0 of 1 images are in the cache.", False)
    assert asked == ["detr_emoji"]  # models of the Hub are downloaded by parts, too
    assert run_shard(config, "2/2", "", offline=True, only=["one"])[1]  # there is nothing to do


def test_parts_are_counted_from_one_and_slurm_may_say_which(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Shard.of("2/3") == Shard(2, 3)
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "7")
    assert Shard.of("/10") == Shard(7, 10)
    whole = list(range(10))
    parts = [Shard(number, 3).part(whole) for number in (1, 2, 3)]
    assert sorted(one for part in parts for one in part) == whole
    for wrong in ("0/3", "4/3", "/5", "a/3", "3", "1/0"):
        with pytest.raises(UsageError, match="--shard"):
            Shard.of(wrong)


def test_who_wants_no_more_results_of_dask_does_not_wait_for_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended: list[bool] = []

    class Executor(ThreadPoolExecutor):
        """As that of Dask, which cancels what is left if nobody waits."""

        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            ended.append(wait)
            super().shutdown(wait, cancel_futures=not wait)

    client = MagicMock()
    client.return_value.__enter__.return_value = client.return_value
    client.return_value.get_executor.return_value = Executor(1)
    fake = SimpleNamespace(Client=client, KilledWorker=KeyError)
    monkeypatch.setitem(sys.modules, "distributed", fake)
    go_on = threading.Event()
    done: list[int] = []

    def work(item: int) -> None:
        done.append(item)
        if item:
            go_on.wait(10)

    results = spread_of("dask:x", 1).each(work, range(100))
    assert next(results)[0] == 0
    threading.Timer(0.05, go_on.set).start()
    results.close()
    assert ended[0] is False
    assert len(done) <= 2


def test_who_wants_no_more_results_of_ray_has_its_tasks_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cancelled: list[int] = []

    class Reference:
        """A task, of which only the last is done at once."""

        def __init__(self, item: int) -> None:
            self.item = item

        def future(self) -> Future[int]:
            task: Future[int] = Future()
            if self.item == 3:
                task.set_result(3)
            return task

    class Task:
        def remote(self, _: object, item: int) -> Reference:
            return Reference(item)

    fake = SimpleNamespace(
        is_initialized=lambda: True,
        remote=lambda **_: lambda _: Task(),
        put=lambda function: function,
        cancel=lambda reference: cancelled.append(reference.item),
        exceptions=SimpleNamespace(
            WorkerCrashedError=KeyError, OutOfMemoryError=KeyError, RayTaskError=KeyError
        ),
    )
    monkeypatch.setitem(sys.modules, "ray", fake)
    results = spread_of("ray:auto", 1).each(abs, range(4))
    item, result = next(results)
    assert (item, result()) == (3, 3)
    results.close()
    assert sorted(cancelled) == [0, 1, 2]


def test_a_worker_forgets_what_it_knew_in_the_build_before(alone: Alone, tmp_path: Path) -> None:
    config, _ = load_project(alone.project / "site_config.yml")
    folder = CacheFolder(tmp_path / "cache")
    first, second = Filler(config, folder, offline=True), Filler(config, folder, offline=True)
    runner = first._runner()
    assert first._runner() is runner
    assert second._runner() is not runner


def test_nothing_is_dropped_that_a_page_will_need(alone: Alone) -> None:
    config, _ = load_project(alone.project / "site_config.yml")
    assert all_get_pages(config, 10**6, ())
    config = replace(config, pages=2)
    assert [all_get_pages(config, number, ()) for number in (1, 2, 3)] == [True, True, False]
    assert all_get_pages(config, 3, ["one"])


@pytest.mark.parametrize("name", ["threads", "dask", "dask:", "ray", ""])
def test_what_no_executor_is(name: str) -> None:
    with pytest.raises(UsageError, match="expected processes, dask:ADDRESS or ray:ADDRESS"):
        spread_of(name, 1)


def test_a_worker_of_another_version_is_refused(alone: Alone, tmp_path: Path) -> None:
    config, gallery = load_project(alone.project / "site_config.yml")
    folder = CacheFolder(tmp_path / "cache")
    runner = Runner(config, folder.forward_passes, folder.downloads, offline=True)
    (first, *_) = runner.look(gallery).values()
    filler = Filler(config, folder, offline=True)
    with pytest.raises(UsageError, match="one: a worker makes another result than asked for"):
        filler.fill(replace(first, key="of another version"))
    statuses = Statuses(alone.project)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Filler, "fill", lambda *_: "of another version")
        with pytest.raises(UsageError, match="another result"):
            fill_all([first], filler, runner, statuses, Processes(1))
