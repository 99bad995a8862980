"""What it costs to build again after a change: CPU seconds of rows of docs/rebuilding.md.

Makes a project of the shipped scenes, over and over under new names until there are enough
images, builds it, and then changes one thing at a time, builds, and changes it back.

    python -m benchmarks.rebuild [IMAGES] [--pdf]
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).parents[1]
SCENES = ("two-elephants", "street", "savanna", "pets", "near-and-far")
FIRST = SCENES[0]
Change = Callable[[Path], None]


def make_project(folder: Path, images: int) -> None:
    """The project's own pages with a gallery of so many images."""
    for name in ("content", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    config = (ROOT / "site_config.yml").read_text(encoding="utf-8")
    config = config.replace("\ncausal: on\n", "\ncausal: off\n")  # made once an image, and kept
    (folder / "site_config.yml").write_text(config, encoding="utf-8")
    lines = ["images:"]
    for number, scene in enumerate(islice(cycle(SCENES), images)):
        file = f"content/images/{scene}.jpg"
        slug = scene if number < len(SCENES) else f"{scene}-{number}"
        lines += [f"  - file: {file}", f"    slug: {slug}", f'    title: "Number {number}"']
        lines.append(f'    caption: "Caption {number}."')
    (folder / "content/gallery.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def build(folder: Path, pdf: bool) -> float:
    """Builds the project in a process of its own; returns its CPU seconds, children's included."""
    command = [sys.executable, "-m", "generator", "build", "--offline", "--quiet"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has compiled modules
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [*command, *([] if pdf else ["--no-pdf"])],
        cwd=folder,
        env=environment,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def replaced(name: str, old: str, new: str) -> Change:
    """A change of a text file."""

    def change(folder: Path) -> None:
        file = folder / name
        text = file.read_text(encoding="utf-8")
        if old not in text:
            raise ValueError(f"{name} does not hold {old!r}")
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def with_new_image(folder: Path) -> None:
    """One more entry, of a picture that no model has seen."""
    image = folder / "content/images/new.jpg"
    image.write_bytes((folder / f"content/images/{FIRST}.jpg").read_bytes() + b"\0")
    with (folder / "content/gallery.yml").open("a", encoding="utf-8") as stream:
        stream.write('  - file: content/images/new.jpg\n    title: "New"\n')


CHANGES: dict[str, Change] = {
    "nothing": lambda _: None,
    "a caption": replaced("content/gallery.yml", "Caption 1.", "Another caption."),
    "a title": replaced("content/gallery.yml", '"Number 1"', '"Another title"'),
    "a paragraph of Q1": replaced("content/q1.md", "six stations", "these six stations"),
    "a claim's words": replaced("content/claims.yml", 'text: "', 'text: "Really: '),
    "the template of images": replaced("templates/image.md.j2", "What was found", "What is found"),
    "the style sheet": replaced("templates/assets/handout.css", "{", "{ /* */"),
    "a threshold": replaced(
        "content/gallery.yml", 'title: "Number 1"', 'title: "Number 1"\n    threshold: 0.8'
    ),
    "a new image": with_new_image,
}


def kept(folder: Path) -> dict[Path, bytes]:
    """What changes may touch, to be put back."""
    files = [*(folder / "content").glob("*.*"), *(folder / "templates").rglob("*.*")]
    return {path: path.read_bytes() for path in files if path.is_file()}


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("images", nargs="?", type=int, default=10)
    parser.add_argument("--pdf", action="store_true", help="make the PDF, too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make_project(folder, options.images)
        outputs = "site and PDF" if options.pdf else "site"
        print(f"{options.images} images, {outputs}; Python {platform.python_version()}, ", end="")
        print(f"{os.cpu_count()} cores\n")
        print("| changed | CPU seconds |\n| --- | ---: |")
        print(f"| (the first build) | {build(folder, options.pdf):.1f} |", flush=True)
        build(folder, options.pdf)
        before = kept(folder)
        for words, change in CHANGES.items():
            change(folder)
            print(f"| {words} | {build(folder, options.pdf):.1f} |", flush=True)
            for path, content in before.items():
                path.write_bytes(content)
            build(folder, options.pdf)


if __name__ == "__main__":
    main()
