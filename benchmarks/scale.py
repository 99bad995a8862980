"""A gallery of many images on one machine: seconds, memory, files, bytes, the site in a browser.

Draws scenes of emoji, each another one, and builds them in a process of its own, without PDF and
causal tests. An interrupted run goes on where it was if --folder names a folder that stays.

    python -m benchmarks.scale [IMAGES] [--pages all|NUMBER|none] [--folder FOLDER] [--jobs NUMBER]

With --stand-ins nothing is run or drawn: the site alone is made, and all pages show one grey
picture.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[1]
SIDES = ((320, 240), (240, 320), (320, 320), (400, 240))
STAGES = {
    "locate_entries": "find files",
    "choose_and_measure": "run and measure all, where not all have a page",
    "ready_entries": "run the model",
    "build_entries": "measure and draw",
    "_contents": "summaries and Q3's figures",
    "publish": "pages, MkDocs, measures files",
}
"""Functions of `build.recipe`, and what the table calls them."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
Row = dict[str, float]


def make_project(folder: Path, images: int, pages: str) -> None:
    """The project's own pages with a gallery of so many scenes, each drawn once."""
    from PIL import Image

    from generator.detr.zoo import model_card
    from generator.training.scenes import HELD_OUT_SEED, SceneOptions, compose_scene
    from generator.training.tray import tray_world

    for name in ("content", "templates"):
        if not (folder / name).exists():
            shutil.copytree(ROOT / name, folder / name)
    settings = (ROOT / "site_config.yml").read_text(encoding="utf-8")
    for old, new in (("causal: on", "causal: off"), ("explorer: all", "explorer: none")):
        settings = settings.replace(old, new)
    settings = settings.replace("outputs: [site, pdf]", "outputs: [site]")
    settings = settings.replace("pages: all", f"pages: {pages}")
    (folder / "site_config.yml").write_text(settings, encoding="utf-8")
    world = tray_world(model_card("detr_emoji").category_names, ROOT / "templates" / "sprites")
    lines = ["images:"]
    for number in range(images):
        name = f"content/images/scene-{number:06}.jpg"
        lines += [f"  - file: {name}", f'    title: "Scene {number}"']
        lines.append(f'    caption: "The scene with the number {number}, drawn from emoji."')
        if not (folder / name).exists():
            size = SIDES[number % len(SIDES)]
            options = SceneOptions(max_objects=5)
            scene = compose_scene(HELD_OUT_SEED, 1_000_000 + number, size, world, options)
            Image.fromarray(scene.pixels).save(folder / name, quality=90)
    (folder / "content/gallery.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def publish_stand_ins(folder: Path, images: int) -> None:
    """Makes the site of so many images, and notes what it took in `scale.json`."""
    from PIL import Image

    from generator.build.stand_ins import PICTURE, stand_ins
    from generator.files.folders import BuildFolder
    from generator.outputs.output import EditionBuild
    from generator.outputs.website import Website
    from generator.project.gallery import load_project

    make_project(folder, 1, "all")
    lines = ["images:"]
    for number in range(images):
        lines += ["  - file: content/images/scene-000000.jpg", f"    slug: scene-{number:06}"]
        lines += [f'    title: "Scene {number}"', f'    caption: "The scene with number {number}."']
    (folder / "content/gallery.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    config, gallery = load_project(folder / "site_config.yml")
    build = BuildFolder.of(folder)
    picture = build.docs / PICTURE.path
    picture.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", PICTURE.size_wh, "grey").save(picture)
    watch = Watch()
    with watch.stage("publish"):
        edition = EditionBuild(config, build, build, is_trial=True)
        Website().stage(edition, stand_ins(gallery, gallery)).publish()
    (folder / "scale.json").write_text(json.dumps(watch.rows), encoding="utf-8")


class Watch:
    """Seconds, processor seconds and the largest memory of stages; later calls are added."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self._peak = 0
        self._me = psutil.Process()
        threading.Thread(target=self._sample, daemon=True).start()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Notes what happens while it is open."""
        self._peak, before, began = self._memory(), self._cpu(), time.monotonic()
        try:
            yield
        finally:
            row = self.rows.setdefault(name, {"seconds": 0.0, "cpu": 0.0, "bytes": 0.0})
            row["seconds"] += time.monotonic() - began
            row["cpu"] += self._cpu() - before
            row["bytes"] = max(row["bytes"], self._peak, self._memory())

    def _sample(self) -> None:
        while True:
            self._peak = max(self._peak, self._memory())
            time.sleep(2)

    def _cpu(self) -> float:
        return sum(os.times()[:4])

    def _memory(self) -> int:
        """Of this process and those that it started, without what they share: proportional sets."""
        total = 0
        for one in (self._me, *self._me.children(recursive=True)):
            try:
                total += one.memory_full_info().pss
            except (psutil.Error, AttributeError):
                continue
        return total


def build_and_watch(folder: Path, jobs: int) -> None:
    """Builds in this process, and writes what each stage took to `scale.json`."""
    from generator.build import recipe

    watch = Watch()

    def watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*arguments: Any, **named: Any) -> Any:
            with watch.stage(name):
                return function(*arguments, **named)

        return call

    for name in STAGES:
        if hasattr(recipe, name):
            setattr(recipe, name, watched(name, getattr(recipe, name)))
    with watch.stage("whole"):
        recipe.build(recipe.BuildOptions(folder / "site_config.yml", offline=True, jobs=jobs))
    (folder / "scale.json").write_text(json.dumps(watch.rows), encoding="utf-8")


def browser_rows(site: Path) -> Iterator[tuple[str, str]]:
    """How soon the gallery opens and the search answers, in Chromium without a screen."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_page()
        began = time.monotonic()
        page.goto((site / "q2.html").as_uri(), wait_until="load")
        yield "open the gallery's first page", f"{time.monotonic() - began:.2f} s"
        links = page.locator("nav.pager a")
        if links.count():
            began = time.monotonic()
            links.last.click()
            page.wait_for_load_state("load")
            yield "turn to another page of it", f"{time.monotonic() - began:.2f} s"
        page.goto((site / "index.html").as_uri(), wait_until="load")
        began = time.monotonic()
        page.locator(".md-search__input").click()
        page.locator(".md-search__input").press_sequentially("scene 17")
        page.locator(".md-search-result__item").first.wait_for(state="attached", timeout=120_000)
        yield "first search: index read, results shown", f"{time.monotonic() - began:.2f} s"
        before = page.locator(".md-search-result__list").inner_text()
        began = time.monotonic()
        page.locator(".md-search__input").fill("attention")
        page.locator(".md-search__input").press("End")  # the search listens to keys
        page.wait_for_function(
            "before => document.querySelector('.md-search-result__list').innerText !== before",
            arg=before,
            timeout=120_000,
        )
        yield "another search", f"{time.monotonic() - began:.2f} s"
        browser.close()


def size_rows(folder: Path) -> Iterator[tuple[str, str]]:
    """Files and bytes of what was written."""
    for name in ("build/site", "build", ".cache"):
        files = [path for path in (folder / name).rglob("*") if path.is_file()]
        if not files:
            continue
        total = sum(path.stat().st_size for path in files)
        yield f"`{name}`", f"{len(files)} files, {total / 1e6:.0f} MB"
    for name in ("search/search_index.json", "q2.html"):
        yield f"`{name}`", f"{(folder / 'build/site' / name).stat().st_size / 1e6:.2f} MB"


def print_tables(folder: Path) -> None:
    """Prints what was measured."""
    rows = json.loads((folder / "scale.json").read_text(encoding="utf-8"))
    print("| stage | seconds | CPU seconds | peak memory, MB |\n| --- | ---: | ---: | ---: |")
    for name, words in {**STAGES, "whole": "the whole build"}.items():
        if name in rows:
            seconds, cpu, size = (rows[name][one] for one in ("seconds", "cpu", "bytes"))
            print(f"| {words} | {seconds:.0f} | {cpu:.0f} | {size / 1e6:.0f} |")
    print("\n| what | |\n| --- | --- |")
    for words, value in size_rows(folder):
        print(f"| {words} | {value} |")
    if CHROMIUM is not None:
        for words, value in browser_rows(folder / "build/site"):
            print(f"| {words} | {value} |", flush=True)


def main() -> None:
    """Prints two tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("images", nargs="?", type=int, default=200)
    parser.add_argument("--pages", default="all", help="as in site_config.yml")
    parser.add_argument("--folder", type=Path, help="where the project is made, and stays")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--stand-ins", action="store_true", help="make a site of grey pictures")
    parser.add_argument("--watched", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.watched:
        build_and_watch(options.folder, options.jobs)
        return
    with tempfile.TemporaryDirectory() as place:
        folder = (options.folder or Path(place)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        if options.stand_ins:
            publish_stand_ins(folder, options.images)
            print(f"{options.images} pages of stand-ins\n")
            print_tables(folder)
            return
        make_project(folder, options.images, options.pages)
        command = [sys.executable, "-m", "benchmarks.scale", "--watched", "--folder", str(folder)]
        subprocess.run([*command, "--jobs", str(options.jobs)], cwd=ROOT, check=True)
        python, cores = platform.python_version(), os.cpu_count()
        print(f"{options.images} images, pages: {options.pages}; Python {python}, {cores} cores\n")
        print_tables(folder)


if __name__ == "__main__":
    main()
