"""Every output that the configuration can ask for is there, and no other."""

import pytest

from generator.outputs.all_outputs import OUTPUTS
from generator.outputs.output import Output
from generator.project.config import OUTPUT_NAMES


def test_configuration_and_outputs_have_the_same_names() -> None:
    assert tuple(output.name for output in OUTPUTS) == OUTPUT_NAMES


@pytest.mark.parametrize("output", OUTPUTS, ids=OUTPUT_NAMES)
def test_summary_names_the_place(output: Output) -> None:
    assert "build/x" in output.summary.format(path="build/x")
