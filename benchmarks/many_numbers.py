"""The last part of a build of very many images: seconds, and the most memory that it took.

The numbers of a project that was built, over and over, as those of so many images: read, completed,
summarised, and written as JSON, CSV and Parquet. The digests tell whether two versions write the
same. Each number of images takes a process of its own.

    python -m benchmarks.many_numbers PROJECT [IMAGES...]
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from generator.files.folders import BuildFolder, CacheFolder
from generator.measures.cached import load_measures
from generator.measures.gallery import GalleryMeasures, measure_gallery
from generator.measures.summary import ImageMeasures
from generator.outputs.measures_files import write_measures
from generator.pages.contents import MeasuredGallery
from generator.pages.deferred import Deferred

MODEL = "detr_emoji"


def measure(project: Path, images: int) -> None:
    """Prints a row for so many images, and the digests of the files."""
    files = sorted(CacheFolder.of(project).measures.glob("*.json.gz"))

    def each() -> Iterator[ImageMeasures]:
        for number in range(images):
            yield load_measures(files[number % len(files)], f"scene-{number:06}", MODEL)

    told = [f"{images:,}"]

    def note() -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        told.append(f"{peak:.0f} MB, {time.process_time():.1f} s")

    def load() -> GalleryMeasures:
        note()
        gallery = measure_gallery(each())
        note()
        assert gallery.summaries
        note()
        return gallery

    with tempfile.TemporaryDirectory() as place:
        folder = BuildFolder(Path(place))
        write_measures(folder, MeasuredGallery({MODEL: images}, Deferred("numbers", load)))
        note()
        print(f"| {' | '.join(told)} |", flush=True)
        for file in sorted(folder.path.glob("measures.*")):
            with file.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            print(f"  {file.name} {file.stat().st_size / 1e6:.0f} MB {digest[:16]}")


def main() -> None:
    """Prints a row for each number of images: the most memory, and CPU seconds, until then."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("project", type=Path)
    parser.add_argument("images", nargs="*", type=int)
    options = parser.parse_args()
    print("| images | started | read and completed | summarised | written |", flush=True)
    for images in options.images or (200, 1000, 4000):
        one = multiprocessing.get_context("spawn").Process(
            target=measure, args=(options.project, images)
        )
        one.start()
        one.join()


if __name__ == "__main__":
    main()
