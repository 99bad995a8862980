"""The code that students read is right: its numbers are those of the handout's own code."""

from __future__ import annotations

import json
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from generator.analysis.attention import AttentionMaps
from generator.analysis.boxes import to_fractions
from generator.analysis.cells import cell_of_point
from generator.analysis.detections import Detections, detect
from generator.analysis.grid import Grid
from generator.detr.zoo import EMBEDDED, model_card
from generator.exercises.homework import detr_small
from generator.exercises.homework.detr_check.reading import read_hand_in
from generator.exercises.homework.detr_check.second import second_question
from generator.exercises.homework.notebook import hand_in_notebook
from generator.exercises.homework.wheels import check_wheel, small_wheel
from generator.exercises.notes import Worksheet
from generator.inference.detector import Detector
from generator.inference.forward_pass import ForwardPass
from generator.measures.distance import cell_centres, distances_between, mean_distance
from generator.measures.entropy import normalised_entropy
from generator.measures.localisation import box_coverage, lift, mass_in_box
from generator.project.config import SiteConfig
from tests.exercises.conftest import CONTENT

PICTURE = CONTENT / "images" / "two-elephants.jpg"
Scope = dict[str, Any]


def notebook(worksheet: Worksheet) -> str:
    config = SiteConfig(root=CONTENT.parent, title="T", content=CONTENT)
    text = hand_in_notebook(config, {worksheet.exercise.name: worksheet}, instructor=False)
    assert text is not None
    return text


@pytest.fixture(scope="module")
def scope(worksheet: Worksheet, tmp_path_factory: pytest.TempPathFactory) -> Scope:
    """What the cells of questions 2 and 3 made, in this process, with the embedded model."""
    folder = tmp_path_factory.mktemp("cells")
    Image.open(PICTURE).save(folder / "example.png")
    made: Scope = {"hashlib": __import__("hashlib"), "np": np, "Image": Image}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setitem(sys.modules, "detr_small", detr_small)
        patch.setattr(resources, "files", lambda _: EMBEDDED.parent)
        exec(
            "import torch, torchvision\nfrom PIL import ImageOps\n"
            "import matplotlib.pyplot as plt\nplt.show = lambda: plt.close('all')",
            made,
        )
        for part in read_hand_in(notebook(worksheet).encode()).parts:
            if part.is_code and part.name.startswith(("q2", "q3")):
                exec(compile(part.source, part.name, "exec"), made)
    return made


@pytest.fixture(scope="module")
def forward() -> ForwardPass:
    card = model_card("detr_emoji")
    detector = Detector.load(card, card.file, "0" * 64)
    return detector.run(np.asarray(Image.open(PICTURE).convert("RGB")))


@pytest.fixture(scope="module")
def found(forward: ForwardPass) -> Detections:
    return detect(forward, 0.9)


@pytest.mark.slow
def test_detections_are_the_same(scope: Scope, found: Detections) -> None:
    assert scope["kept"] == found.queries.tolist()
    assert [scope["CLASSES"][scope["labels"][q]] for q in scope["kept"]] == list(found.labels)
    assert np.allclose(scope["scores"].numpy()[scope["kept"]], found.scores, atol=2e-3)
    assert np.allclose(scope["boxes"][scope["kept"]], found.boxes_xyxy, atol=0.5)


@pytest.mark.slow
def test_maps_rows_and_columns_are_the_same(
    scope: Scope, forward: ForwardPass, found: Detections
) -> None:
    maps, grid = AttentionMaps(forward), Grid.of(forward)
    h, w = grid.hw
    decoder = scope["decoder_map"][scope["kept"]].reshape(-1, h, w)
    assert np.allclose(decoder, maps.decoder_cross()[found.queries], atol=2e-3)
    assert np.allclose(scope["among_map"], maps.decoder_self(), atol=2e-3)
    for x, y in scope["POINTS"]:
        cell = cell_of_point((x, y), grid)
        at = cell[0] * w + cell[1]
        row, column = scope["encoder_map"][at], scope["encoder_map"][:, at]
        assert np.allclose(row.reshape(h, w), maps.encoder_row(cell), atol=2e-3)
        assert np.allclose(column.reshape(h, w), maps.encoder_column(cell), atol=2e-3)
        assert not np.allclose(row, column, atol=2e-3)
    edges = grid.edges_x * scope["image"].width, grid.edges_y * scope["image"].height
    assert np.allclose(scope["edges_x"], edges[0])
    assert np.allclose(scope["edges_y"], edges[1])


@pytest.mark.slow
def test_measures_are_the_same(scope: Scope, forward: ForwardPass, found: Detections) -> None:
    grid, kept, others = Grid.of(forward), scope["kept"], scope["others"]
    encoder, decoder = scope["encoder_map"], scope["decoder_map"]
    cells = cell_centres(grid)
    boxes = to_fractions(np.asarray(scope["boxes"][kept], np.float64), found.size_hw)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2 * grid.size_wh
    coverage = box_coverage(boxes, grid)

    def far(rows: npt.NDArray[Any], places: npt.NDArray[Any]) -> float:
        return float(mean_distance(rows, distances_between(places, cells)).mean() / grid.diagonal)

    own = decoder[kept].reshape(-1, *grid.hw)
    wanted = [
        (normalised_entropy(encoder).mean(), 1),
        (normalised_entropy(decoder[kept]).mean(), normalised_entropy(decoder[others]).mean()),
        (
            normalised_entropy(scope["among_map"][kept]).mean(),
            normalised_entropy(scope["among_map"][others]).mean(),
        ),
        (far(encoder, cells), far(np.full_like(encoder, 1 / len(cells)), cells)),
        (far(decoder[kept], middles), far(np.full_like(decoder[kept], 1 / len(cells)), middles)),
        (
            mass_in_box(own, coverage).mean(),
            (decoder[others] @ coverage.reshape(len(kept), -1).T).mean(),
        ),
        (lift(own, coverage).mean(), 1),
    ]
    for (words, value, control, _), (right, other) in zip(scope["table"], wanted, strict=False):
        assert value == pytest.approx(right, rel=1e-4), words
        assert control == pytest.approx(other, rel=1e-4), words
    assert len(scope["table"]) == 8


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_it_runs_from_top_to_bottom_beside_the_wheels(
    worksheet: Worksheet,
    numbers: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from nbclient import NotebookClient
    from nbformat import reads, writes

    for name, content in (check_wheel(json.dumps(numbers)), small_wheel()):
        (tmp_path / name).write_bytes(content)
    Image.open(PICTURE).save(tmp_path / "example.png")
    monkeypatch.setenv("PYTHONPATH", "")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    run = reads(notebook(worksheet), as_version=4)  # type: ignore[no-untyped-call]
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(run, timeout=120, kernel_name="python3", resources=resources).execute()
    handed_in = read_hand_in(writes(run).encode())  # type: ignore[no-untyped-call]
    verdicts = {one.name: one.verdict for one in second_question(handed_in)}
    assert verdicts.pop("own picture") == "look"
    assert set(verdicts.values()) == {"found"}
    assert "1  backbone     0  empty" in handed_in.names["q1-check"].printed
    assert not [part.error for part in handed_in.parts if part.error]
