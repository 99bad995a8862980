"""What went into an encoder -> which codes and how much of the cells it is made of.

In: a source, the cells and the codes of rows and columns, all of the same class. Out: for each half
of the source the codes in it and the factor of the cells, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from generator.exercises.grading.observation import close
from generator.exercises.grading.own import Numbers

_RIGHT = ("columns x", "rows y")


def explained(
    source: Numbers, cells: Numbers, codes: Mapping[str, Numbers]
) -> Iterator[tuple[str, float] | None]:
    """For the left and the right half, the name of its codes and the factor of the cells.

    Args:
        source: what goes into the encoder, (N, d).
        cells: (N, d).
        codes: by name, each (N, d / 2), as `own.grid_codes` gives them.

    Yields:
        None for a half that is no sum of one of the codes and a multiple of the cells.
    """
    half = cells.shape[1] // 2
    for right, part in zip(_RIGHT, (slice(None, half), slice(half, None)), strict=True):
        order = [right, *(name for name in codes if name != right)]
        scales = ((name, scale_of(cells[:, part], source[:, part] - codes[name])) for name in order)
        yield next(((name, scale) for name, scale in scales if scale is not None), None)


def scale_of(cells: Numbers, rest: Numbers) -> float | None:
    """The factor between the rest and the cells; None if the rest is something else."""
    with np.errstate(all="ignore"):
        scale = float((rest * cells).sum() / (cells**2).sum())
    return scale if np.isfinite(scale) and close(rest, scale * cells) else None
