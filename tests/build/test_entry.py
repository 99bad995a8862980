"""One entry: what is made of it, and what is made again when something changes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generator.analysis.detections import detect
from generator.build.entry import EntryBuilder
from generator.build.entry_record import EntryRecord
from generator.errors import ObjectsError
from generator.files.fingerprint import sha256_of
from generator.files.folders import BuildFolder, CacheFolder
from generator.inference.forward_pass import ForwardPass
from generator.inference.runner import LocatedEntry, Weights
from generator.inference.saved_forward_pass import save_forward_pass
from generator.project.annotations import Annotation
from generator.project.config import FigureOptions, SiteConfig
from generator.project.gallery import GalleryImage

pytestmark = pytest.mark.usefixtures("quick_figures")

MakeForward = Callable[..., ForwardPass]
ENTRY = GalleryImage(slug="cats", title="Cats", file=Path("x"), model="detr_emoji", threshold=0.9)
CONFIG = SiteConfig(root=Path("x"), title="A handout", figures=FigureOptions(dpi=72), causal=False)


def builder(root: Path, *, for_print: bool = False, **options: object) -> EntryBuilder:
    config = replace(CONFIG, figures=replace(CONFIG.figures, **options))  # type: ignore[arg-type]
    return EntryBuilder(config, BuildFolder(root / "build"), CacheFolder(root / "cache"), for_print)


def located(root: Path, entry: GalleryImage, forward: ForwardPass) -> LocatedEntry:
    image, saved = root / "image.png", root / "forward.npz"
    Image.fromarray(np.full((96, 128, 3), 200, np.uint8)).save(image)
    save_forward_pass(forward, saved)
    return LocatedEntry(entry, image, sha256_of(image), Weights(image, "0" * 64), "key", saved)


def built(root: Path, entry: GalleryImage, forward: ForwardPass) -> EntryRecord:
    return builder(root).build(located(root, entry, forward))


def objects_of(forward: ForwardPass) -> tuple[Annotation, ...]:
    """An object at each detection."""
    found = detect(forward, 0.9)
    return tuple(
        Annotation(category=label, bbox=(x0, y0, x1 - x0, y1 - y0))
        for label, (x0, y0, x1, y1) in zip(found.labels, found.boxes_xyxy.tolist(), strict=True)
    )


@pytest.mark.slow
def test_the_figure_of_the_matching_comes_and_goes_with_the_objects(
    make_forward: MakeForward, tmp_path: Path
) -> None:
    forward = make_forward()
    file = tmp_path / "build" / "docs" / "figures" / "cats" / "matching-1.webp"
    assert built(tmp_path, ENTRY, forward).matching is None
    assert not file.exists()
    objects = objects_of(forward)
    record = built(tmp_path, replace(ENTRY, objects=objects), forward)
    assert file.is_file()
    figure = record.result(ENTRY).figures["matching"]
    assert figure.path == "figures/cats/matching.webp"
    assert figure.alt.startswith("Matching of 2 objects")
    assert record.matching is not None
    found = detect(forward, 0.9).queries.tolist()
    assert [one.matched and one.matched.query for one in record.matching.objects] == found
    before = record.figures["matching"]
    moved = Annotation(category=objects[0].category, bbox=(1, 2, 3, 4))
    record = built(tmp_path, replace(ENTRY, objects=(moved, objects[1])), forward)
    assert record.figures["matching"].depends_on != before.depends_on
    built(tmp_path, ENTRY, forward)
    assert not file.exists()


@pytest.mark.slow
def test_without_objects_there_is_no_figure_but_the_fact(
    make_forward: MakeForward, tmp_path: Path
) -> None:
    record = built(tmp_path, replace(ENTRY, objects=()), make_forward())
    assert record.matching is not None
    assert record.matching.objects == ()
    assert "matching" not in record.figures


def test_objects_that_cannot_be_there_are_an_error(
    make_forward: MakeForward, tmp_path: Path
) -> None:
    outside = Annotation(category="cat", bbox=(500, 0, 5, 5))
    with pytest.raises(ObjectsError, match="lies outside the image, which is 128 x 96"):
        built(tmp_path, replace(ENTRY, objects=(outside,)), make_forward())


@pytest.mark.slow
def test_record_reads_back_as_it_was(make_forward: MakeForward, tmp_path: Path) -> None:
    forward = make_forward()
    one = located(tmp_path, replace(ENTRY, objects=objects_of(forward)), forward)
    made = builder(tmp_path).build(one)
    kept = builder(tmp_path).kept(one)
    assert kept is not None
    assert kept is not made
    for name in ("boxes_xyxy", "scores", "queries", "category_ids"):
        first, second = getattr(made.detections, name), getattr(kept.detections, name)
        assert first.dtype == second.dtype
        assert np.array_equal(first, second)
    assert kept.detections.labels == made.detections.labels
    for name in ("shapes", "profile", "points", "matching", "figures", "measures", "image"):
        assert getattr(kept, name) == getattr(made, name), name


@pytest.mark.slow
def test_words_of_the_gallery_need_nothing_made_again(
    make_forward: MakeForward, tmp_path: Path
) -> None:
    forward = make_forward()
    built(tmp_path, ENTRY, forward)
    renamed = replace(ENTRY, title="Two cats", caption="On a couch.", alt="Two cats.")
    kept = builder(tmp_path).kept(located(tmp_path, renamed, forward))
    assert kept is not None
    assert kept.result(renamed).image.alt == "Two cats."


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes", [{"threshold": 0.95}, {"points": ((0.5, 0.5),)}, {"objects": ()}]
)
def test_what_is_drawn_or_measured_is_made_again(
    changes: dict[str, object], make_forward: MakeForward, tmp_path: Path
) -> None:
    forward = make_forward()
    built(tmp_path, ENTRY, forward)
    changed = replace(ENTRY, **changes)  # type: ignore[arg-type]
    assert builder(tmp_path).kept(located(tmp_path, changed, forward)) is None


@pytest.mark.slow
def test_figures_are_drawn_again_for_other_options(
    make_forward: MakeForward, tmp_path: Path
) -> None:
    one = located(tmp_path, ENTRY, make_forward())
    builder(tmp_path).build(one)
    assert builder(tmp_path, colour_map="magma").kept(one) is None
    assert builder(tmp_path).kept(one) is not None


@pytest.mark.slow
def test_print_is_made_when_it_is_asked_for_and_kept_when_it_is_not(
    make_forward: MakeForward, tmp_path: Path
) -> None:
    one = located(tmp_path, ENTRY, make_forward())
    builder(tmp_path).build(one)
    printed = builder(tmp_path, for_print=True)
    assert printed.kept(one) is None
    printed.build(one)
    assert printed.kept(one) is not None
    assert builder(tmp_path).kept(one) is not None, "a preview without PDF draws nothing again"


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "docs/images/cats.webp",
        "docs/images/thumbnails/cats.webp",
        "docs/figures/cats/decoder-1.webp",
        "stamps/entries/cats.json",
    ],
)
@pytest.mark.parametrize("damage", ["gone", "cut short"])
def test_files_that_are_gone_or_cut_short_are_made_again(
    name: str, damage: str, make_forward: MakeForward, tmp_path: Path
) -> None:
    one = located(tmp_path, ENTRY, make_forward())
    builder(tmp_path).build(one)
    file = tmp_path / "build" / name
    whole = file.read_bytes()
    file.unlink() if damage == "gone" else file.write_bytes(whole[:-10])
    assert builder(tmp_path).kept(one) is None
    builder(tmp_path).build(one)
    assert file.read_bytes() == whole


@pytest.mark.slow
def test_only_a_changed_figure_is_drawn_again(make_forward: MakeForward, tmp_path: Path) -> None:
    one = located(tmp_path, ENTRY, make_forward())
    builder(tmp_path).build(one)
    folder = tmp_path / "build" / "docs" / "figures" / "cats"
    times = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    (folder / "decoder-1.webp").unlink()
    builder(tmp_path).build(one)
    drawn = [file.name for file in folder.iterdir() if times[file.name] != file.stat().st_mtime_ns]
    assert drawn == ["decoder-1.webp"]


@pytest.mark.slow
def test_build_that_is_cut_off_leaves_no_record(
    make_forward: MakeForward, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forward = make_forward()
    built(tmp_path, ENTRY, forward)

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("generator.figures.redraw.save_tile", stop)
    with pytest.raises(KeyboardInterrupt):
        built(tmp_path, replace(ENTRY, threshold=0.95), forward)
    assert builder(tmp_path).kept(located(tmp_path, ENTRY, forward)) is None


@pytest.mark.slow
def test_an_entry_that_is_kept_needs_nothing_that_draws(
    make_forward: MakeForward, tmp_path: Path
) -> None:
    built(tmp_path, ENTRY, make_forward())
    code = (
        "import json, sys; from pathlib import Path\n"
        "from tests.build.test_entry import ENTRY, builder, LocatedEntry, Weights\n"
        "for name in ('matplotlib', 'scipy', 'torch'):\n"
        "    assert name not in sys.modules, name\n"
        f"root = Path({str(tmp_path)!r})\n"
        "image, saved = root / 'image.png', root / 'forward.npz'\n"
        "one = LocatedEntry(ENTRY, image, '0' * 64, Weights(image, '0' * 64), 'key', saved)\n"
        "kept = builder(root).kept(one)\n"
        "print(json.dumps([len(kept.detections), sorted(sys.modules)]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    detections, modules = json.loads(done.stdout)
    assert detections == 2
    assert not {"torch", "matplotlib", "scipy"} & set(modules)
