"""Grids for tests: a plain one, and those of models that are shipped."""

from __future__ import annotations

from generator.analysis.grid import Grid


def even_grid(rows: int, columns: int) -> Grid:
    """Cells that divide the image into equal parts, which no ResNet's do."""
    return Grid((rows, columns), (32 * rows, 32 * columns), 32, 15.5)


def resnet_grid(height: int, width: int, stride: int = 32) -> Grid:
    """The grid of a ResNet over an input of this size."""
    return Grid((-(-height // stride), -(-width // stride)), (height, width), stride, 0.0)
