"""A random forward pass with planted detections, the start of most tests."""

from __future__ import annotations

import functools
import gc
import logging
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
import pytest

from generator.detr.model_profile import PARTS, ModelProfile, Part
from generator.inference.forward_pass import ForwardPass, QueriesAndKeys
from tests.compiled_templates import compile_once
from tests.quick_figures import draw_next_to_nothing
from tests.shared import made_once

if TYPE_CHECKING:
    from generator.build.report import BuildReport

# What is imported stays until the end. To look through a million objects of torch for garbage,
# while they are imported and again after each figure, would take a tenth of the whole time.
gc.disable()


def pytest_collection_finish() -> None:
    """Everything is imported: from here on only what tests make can become garbage.

    It is looked for as often as in a build (`generator.__main__.run`).
    Pytest would also add a handler to each of torch's sixty loggers, six times a test.
    """
    gc.freeze()
    gc.set_threshold(50_000)
    gc.enable()
    for name, logger in logging.root.manager.loggerDict.items():
        if isinstance(logger, logging.Logger) and name.partition(".")[0] == "torch":
            logger.propagate = True


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no test: processes that share the tests must find the same names.

    A packed file may hold the second in which it was made.
    """
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session", autouse=True)
def _once_is_enough() -> Iterator[None]:
    """Templates are compiled once, versions of packages looked up once, our code read once."""
    from generator.files.fingerprint import PACKAGE, digest_of_files

    of_code: list[str] = []

    def once(folder: Path, *wanted: Callable[[Path], bool]) -> str:
        if folder != PACKAGE:
            return digest_of_files(folder, *wanted)
        if not of_code:
            of_code.append(digest_of_files(folder, *wanted))
        return of_code[0]

    with pytest.MonkeyPatch.context() as patch:
        compile_once(patch)
        patch.setattr("generator.build.unchanged.digest_of_files", once)
        patch.setattr(metadata, "version", functools.cache(metadata.version))
        yield


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Builds of tests, in processes of their own too, leave nothing in the user's cache folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp().parent / "cache"))
        yield


@pytest.fixture(autouse=True)
def _says_as_much_as_at_first() -> Iterator[None]:
    """A command sets how much is logged; the next test starts as if there had been none."""
    yield
    logging.getLogger("generator").setLevel(logging.NOTSET)


@pytest.fixture(autouse=True)
def _torch_as_it_was() -> Iterator[None]:
    """A submission that ran in this process may have set what holds for all that follow."""
    yield
    if torch := sys.modules.get("torch"):
        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> BuildReport:
    """A student's site and PDF of all entries of `tinysite`: one is damaged, one out of reach."""
    from generator.build.recipe import build
    from tests.tiny_project import copy_of_tinysite, options

    def make(folder: Path) -> BuildReport:
        return build(options(copy_of_tinysite(folder / "site")))

    return made_once(tmp_path_factory, "tinysite", make)


@pytest.fixture
def quick_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draws next to nothing in this process; what was drawn before still serves."""
    draw_next_to_nothing(monkeypatch.setattr)


@pytest.fixture
def built_project(report: BuildReport, quick_figures: None, tmp_path: Path) -> Path:
    """A copy of the project that was built, with all that the build left."""
    return Path(shutil.copytree(report.output.parent, tmp_path / "site"))


class MakeForward(Protocol):
    """The type of `make_forward`."""

    def __call__(
        self,
        grid_hw: tuple[int, int] = (3, 4),
        size_hw: tuple[int, int] = (96, 128),
        detections: int = 2,
        *,
        queries: int = 20,
        layers: int = 2,
        heads: int = 2,
        d: int = 4,
        names: tuple[str, ...] = ("cat", "dog", "remote"),
        seed: int = 0,
    ) -> ForwardPass: ...


@pytest.fixture(scope="session")
def make_forward() -> MakeForward:
    """Returns a function that builds a random but valid forward pass.

    The last decoder layer finds `detections` objects, at queries spread evenly over the
    ids, with scores from 0.99 downwards to 0.91 and categories in turn; every other query,
    and every query of the layers before, says "no object" with more than 0.9.
    """
    return _forward


def _forward(
    grid_hw: tuple[int, int] = (3, 4),
    size_hw: tuple[int, int] = (96, 128),
    detections: int = 2,
    *,
    queries: int = 20,
    layers: int = 2,
    heads: int = 2,
    d: int = 4,
    names: tuple[str, ...] = ("cat", "dog", "remote"),
    seed: int = 0,
) -> ForwardPass:
    random = np.random.default_rng(seed)
    queries, tokens = max(queries, detections), grid_hw[0] * grid_hw[1]

    def pair(n_queries: int, n_keys: int) -> QueriesAndKeys:
        q, k = (random.normal(0, 1.5, (layers, heads, n, d)) for n in (n_queries, n_keys))
        return QueriesAndKeys(q.astype(np.float32), k.astype(np.float32))

    centres = random.uniform(0.15, 0.85, (layers, queries, 2))
    sizes = random.uniform(0.08, 0.5, (layers, queries, 2))
    return ForwardPass(
        model="detr_random",
        weights_sha256="0" * 64,
        size_hw=size_hw,
        input_hw=(grid_hw[0] * 32, grid_hw[1] * 32),
        grid_hw=grid_hw,
        stride=32,
        first_centre=15.5,  # an even division of the image, unlike a ResNet's
        feature_channels=16,
        category_ids=tuple(range(1, len(names) + 1)),
        category_names=names,
        profile=_profile(size_hw, grid_hw, queries, heads * d, len(names)),
        logits=_planted_logits(layers, queries, len(names), detections),
        boxes_cxcywh=np.concatenate([centres, sizes], axis=2).astype(np.float32),
        encoder_self=pair(tokens, tokens),
        decoder_self=pair(queries, queries),
        decoder_cross=pair(queries, tokens),
    )


def _profile(
    size_hw: tuple[int, int], grid_hw: tuple[int, int], queries: int, width: int, classes: int
) -> ModelProfile:
    """Shapes that fit the forward pass, and parts of 1, 2, 3, ... parameters."""
    tokens = grid_hw[0] * grid_hw[1]
    return ModelProfile(
        shapes={
            "image": (3, *size_hw),
            "input": (3, grid_hw[0] * 32, grid_hw[1] * 32),
            "features": (16, *grid_hw),
            "projected": (width, *grid_hw),
            "tokens": (tokens, width),
            "positions": (tokens, width),
            "memory": (tokens, width),
            "queries": (queries, width),
            "decoded": (queries, width),
            "classes": (queries, classes + 1),
            "boxes": (queries, 4),
        },
        parts={part: Part(number, 1000 * number) for number, part in enumerate(PARTS, start=1)},
    )


def _planted_logits(
    layers: int, queries: int, classes: int, detections: int
) -> npt.NDArray[np.float32]:
    """Logarithms of probabilities, so that the softmax gives exactly the planted scores."""
    probabilities = np.full((layers, queries, classes + 1), 0.05 / classes)
    probabilities[..., -1] = 0.95
    scores = np.linspace(0.99, 0.91, detections) if detections > 1 else [0.99] * detections
    for n, score in enumerate(scores):
        query = n * queries // detections
        probabilities[-1, query] = (1 - score) / classes
        probabilities[-1, query, n % classes] = score
    return np.asarray(np.log(probabilities), dtype=np.float32)
