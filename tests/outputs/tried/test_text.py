"""What stands on the terminal."""

from __future__ import annotations

from generator.analysis.cells import cell_of_point
from generator.analysis.grid import Grid
from generator.measures.last_layer import last_layer
from generator.outputs.tried.text import text_of
from generator.outputs.tried.tried_image import TriedImage
from tests.outputs.tried.conftest import Make


def test_the_shapes_are_those_of_the_notebook_and_right(tried: TriedImage) -> None:
    assert (
        "\nEncoder attention: [48, 48]\nFeature map: [1, 16, 6, 8]\n"
        "Reshaped self-attention: [6, 8, 6, 8]\n"
    ) in text_of(tried)


def test_a_row_and_a_column_are_told_apart(tried: TriedImage) -> None:
    one = tried.analysis
    (to, by), *_ = tried.looks()
    row, column = cell_of_point((0.1, 0.2), Grid.of(one.forward))
    matrix = one.maps.encoder_self()  # (cells that look, cells that are looked at)
    assert abs(to.weights.ravel() - matrix[8 * row + column]).max() < 1e-6
    assert abs(by.weights.ravel() - matrix[:, 8 * row + column]).max() < 1e-6
    (line,) = (line for line in text_of(tried).splitlines() if line.startswith("    1  25, 38"))
    assert f"sum 1.00, most {100 * to.most:.2g} % at {to.most_at[0]}, {to.most_at[1]}" in line
    assert f"sum {by.total:.2f}, most" in line
    assert abs(by.total - 1) > 0.01


def test_measures_are_the_last_layers_with_their_controls(tried: TriedImage) -> None:
    text = text_of(tried)
    (mass,) = (
        one
        for mechanism, rows in last_layer(tried.measurements)
        for one in rows
        if (mechanism.name, one.measure) == ("decoder_cross", "mass")
    )
    assert (mass.layer, mass.head) == (1, None)
    names = ", ".join(name for name, _ in mass.controls)
    (line,) = (line for line in text.splitlines() if line.startswith("    mass "))
    assert [word for word in line.split("(")[1].split() if word[0].isalpha()] == names.split(", ")
    assert "without_sinks" not in text
    assert text.index("Encoder self-attention\n") < text.index("Decoder cross-attention\n")


def test_nothing_found_is_said(make_tried: Make) -> None:
    text = text_of(make_tried(0))
    assert "Nothing scores above 0.9." in text
    assert "    mass " not in text
    assert "    detected  " in text
