"""A site with three images whose attention can be explored: forward passes in, pages out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from generator.analysis.detections import detect
from generator.analysis.matching_summary import Candidate, MatchedObject, MatchingSummary
from generator.files.folders import BuildFolder
from generator.inference.forward_pass import ForwardPass, QueriesAndKeys
from generator.outputs.live import shipped_layer
from generator.outputs.live.explorer_place import ExplorerPlace
from generator.outputs.live.explorer_scripts import write_explorer
from generator.outputs.website import stage_website
from generator.pages.contents import ImageResult, Shapes
from generator.pages.explorer import Explorer
from generator.pages.render import write_pages
from tests.conftest import MakeForward
from tests.invented import built, invented_contents, invented_project, invented_result, paint
from tests.live.explorer_page import Example
from tests.sampled import with_points

LAYERS, HEADS, QUERIES = 3, 4, 20


def write_examples(root: Path, make_forward: MakeForward) -> dict[str, Example]:
    """A site with an image in half precision, one in 8 bits, and one whose attention is sampled.

    Of all of them every layer is shipped.
    """
    folder = BuildFolder(root / "build")
    found, results = {}, []
    small, large = 10**9, 0
    for slug, most, grid_hw, seed in (
        ("cats", small, (6, 9), 1),
        ("dogs", large, (9, 6), 2),
        ("birds", small, (6, 8), 3),
    ):
        height, width = (32 * side for side in grid_hw)
        forward = make_forward(
            grid_hw, (height, width), detections=3, layers=LAYERS, heads=HEADS, d=8, seed=seed
        )
        # As in a ResNet: cells are narrower or wider at the edges. And maps are less sharp.
        forward = replace(
            forward,
            first_centre=0.0,
            input_hw=(height - 20, width - 11),
            encoder_self=halved(forward.encoder_self),
            decoder_self=halved(forward.decoder_self),
            decoder_cross=halved(forward.decoder_cross),
        )
        if slug == "birds":
            forward = with_points(forward)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(shipped_layer, "MOST_BYTES_IN_HALF_PRECISION", most)
            place = ExplorerPlace(folder.docs, f"attention/{slug}", "all", "viridis")
            explorer = write_explorer(forward, slug, place, None)
        assert explorer is not None
        results.append(result_of(slug, forward, explorer))
        page = (folder.site / "gallery" / f"{slug}.html").as_uri()
        found[slug] = Example(page, forward, explorer)
    config = invented_project(root, {"added.md": "# Added\n\n{{ query(3, 'cats') }}\n"})
    write_pages(config, invented_contents(results, built(results)), folder)
    paint(folder.path, results)
    stage_website(folder)
    folder.staged_site.rename(folder.site)
    return found


def halved(pair: QueriesAndKeys) -> QueriesAndKeys:
    """Half the logits."""
    return QueriesAndKeys((pair.q / 2).astype(np.float32), pair.k)


def result_of(slug: str, forward: ForwardPass, explorer: Explorer) -> ImageResult:
    """What pages tell of a forward pass, one of whose objects was matched with its best query."""
    blank, told = invented_result(slug), Shapes.of(forward)
    detections = detect(forward, 0.9)
    own = Candidate(int(detections.queries[0]), "cat", 0.9, -0.9, 0.1, 0.2)
    matching = MatchingSummary((MatchedObject(1, "cat", own, None, None),), QUERIES)
    height, width = forward.size_hw
    return replace(
        blank,
        shapes=replace(
            blank.shapes,
            size_hw=forward.size_hw,
            input_hw=forward.input_hw,
            grid_hw=forward.grid_hw,
            num_queries=QUERIES,
            decoder_layers=LAYERS,
            heads=told.heads,
            encoder_heads=told.encoder_heads,
            answers=LAYERS,
            mapped=told.mapped,
            sampled=told.sampled,
            levels_hw=told.levels_hw,
            points_each=told.points_each,
        ),
        detections=detections,
        image=replace(blank.image, size_wh=(width, height)),
        figures={**blank.figures, "matching": blank.figures["detections"]},
        matching=matching,
        explorer=explorer,
    )
