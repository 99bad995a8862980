"""The lab's backgrounds: the kinds that the embedded model was trained before.

In: a kind, a seed, a size. Out: (H, W, 3) float64 in [0, 1]. A browser has to draw the same, so
nothing here is left to a library: `templates/assets/live/lab_backgrounds.js` says the same in the
same order.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Canvas = npt.NDArray[np.float64]
Colour = npt.NDArray[np.float64]
SizeHW = tuple[int, int]

_32_BITS = 0xFFFFFFFF


class Lots:
    """Random numbers that a browser can draw, too: xorshift with 32 bits (Marsaglia 2003)."""

    def __init__(self, seed: int) -> None:
        self._state = ((seed + 1) * 2654435769) & _32_BITS or 1  # seeds far from one another
        for _ in range(8):
            self()

    def __call__(self, low: float = 0.0, high: float = 1.0) -> float:
        """The next number, even between two others."""
        state = self._state
        state ^= (state << 13) & _32_BITS
        state ^= state >> 17
        state ^= (state << 5) & _32_BITS
        self._state = state
        return low + (high - low) * (state / 4294967296)

    def about(self, deviation: float) -> float:
        """A number about 0, more or less normal: the sum of three."""
        return ((self() + self() + self()) - 1.5) * 2 * deviation

    def whole(self, low: int, high: int) -> int:
        """A whole number, `high` not among them."""
        return low + int(self() * (high - low))


def draw_background(kind: str, seed: int, size_hw: SizeHW) -> Canvas:
    """Draws a background."""
    return np.clip(BACKGROUNDS[kind](Lots(seed), size_hw), 0, 1)


def _colour(lots: Lots) -> Colour:
    """A colour, rather pale than dark, rather grey than loud: (3,)."""
    base = lots(0.15, 1.0)
    return np.clip([base + lots.about(0.15) for _ in range(3)], 0, 1)


def _pixels(size_hw: SizeHW) -> tuple[Canvas, Canvas]:
    """X and y of each pixel's middle, as shares of width and height: (1, W), (H, 1)."""
    height, width = size_hw
    return (np.arange(width)[None] + 0.5) / width, (np.arange(height)[:, None] + 0.5) / height


def _noise(lots: Lots, size_hw: SizeHW, cells: int, channels: int) -> Canvas:
    """Random numbers at the corners of cells, eased in between: (H, W, channels), in [-1, 1]."""
    numbers = [lots(-1, 1) for _ in range((cells + 1) ** 2 * channels)]
    grid = np.array(numbers).reshape(cells + 1, cells + 1, channels)
    x, y = (axis.ravel() * cells for axis in _pixels(size_hw))
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    u, v = (x - column)[None, :, None], (y - row)[:, None, None]
    u, v = u * u * (3 - 2 * u), v * v * (3 - 2 * v)
    above = grid[row][:, column] * (1 - u) + grid[row][:, column + 1] * u
    below = grid[row + 1][:, column] * (1 - u) + grid[row + 1][:, column + 1] * u
    return np.asarray(above * (1 - v) + below * v)


def _flat(lots: Lots, size_hw: SizeHW) -> Canvas:
    return np.broadcast_to(_colour(lots), (*size_hw, 3)).copy()


def _mixed(first: Colour, second: Colour, t: Canvas) -> Canvas:
    """From one colour to another by shares of the second, (H, W)."""
    return np.asarray((1 - t[..., None]) * first + t[..., None] * second)


def _gradient(lots: Lots, size_hw: SizeHW) -> Canvas:
    x, y = _pixels(size_hw)
    angle = lots(0, 2 * np.pi)
    first, second = _colour(lots), _colour(lots)
    t = np.clip((x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) + 0.5, 0, 1)
    return _mixed(first, second, t)


def _clouds(lots: Lots, size_hw: SizeHW) -> Canvas:
    canvas = _flat(lots, size_hw)
    for cells, strength in ((4, 0.2), (9, 0.12), (24, 0.08)):
        channels = 3 if lots() < 0.5 else 1
        canvas = canvas + _noise(lots, size_hw, cells, channels) * strength
    return canvas


def _stripes(lots: Lots, size_hw: SizeHW) -> Canvas:
    height, width = size_hw
    x, y = _pixels(size_hw)
    angle, period = lots(0, np.pi), min(size_hw) * lots(0.06, 0.4)
    sharpness = lots(1, 6)
    first, second = _colour(lots), _colour(lots)
    along = x * (width * np.cos(angle)) + y * (height * np.sin(angle))
    t = np.clip(np.sin(along * (2 * np.pi / period)) * sharpness, -1, 1) / 2 + 0.5
    return _mixed(first, second, t)


def _tiles(lots: Lots, size_hw: SizeHW) -> Canvas:
    rows, columns = lots.whole(2, 12), lots.whole(2, 12)
    base, deviation = _colour(lots), lots(0.02, 0.15)
    tiles = np.array([lots.about(deviation) for _ in range(rows * columns * 3)])
    x, y = _pixels(size_hw)
    row, column = (y.ravel() * rows).astype(int), (x.ravel() * columns).astype(int)
    return np.asarray(base + tiles.reshape(rows, columns, 3)[row][:, column])


def _shapes(lots: Lots, size_hw: SizeHW) -> Canvas:
    """Discs and turned rectangles over a gradient, their edges a pixel soft."""
    canvas = _gradient(lots, size_hw)
    height, width = size_hw
    x, y = _pixels(size_hw)
    for _ in range(lots.whole(3, 14)):
        colour = _colour(lots)
        dx, dy = x * width - lots(0, width), y * height - lots(0, height)
        reach = min(size_hw) * lots(0.05, 0.35)
        is_disc, ratio, angle = lots() < 0.5, lots(0.2, 2), lots(0, np.pi / 2)
        if is_disc:
            outside = np.sqrt(dx * dx + dy * dy) - reach
        else:
            cos, sin = np.cos(angle), np.sin(angle)
            across, down = abs(dx * cos + dy * sin), abs(dy * cos - dx * sin)
            outside = np.maximum(across - reach / 2, down - reach * ratio / 2)
        cover = np.clip(0.5 - outside, 0, 1)[..., None]
        canvas = canvas * (1 - cover) + colour * cover
    return canvas


def _landscape(lots: Lots, size_hw: SizeHW) -> Canvas:
    """A sky over one to three rolling hills."""
    height, _ = size_hw
    x, y = _pixels(size_hw)
    sky = np.array([one + lots.about(0.1) for one in (0.55, 0.75, 0.95)])
    t = np.broadcast_to(y, size_hw)
    canvas = _mixed(sky, np.minimum(sky + 0.25, 1), t)
    horizon = lots(0.35, 0.7)
    for _ in range(lots.whole(1, 4)):
        length, begin, wave = lots(0.4, 2), lots(), lots(0.02, 0.09)
        line = horizon + wave * np.sin(2 * np.pi * (length * x + begin))
        ground = np.array([one + lots.about(0.12) for one in (0.4, 0.6, 0.3)])
        cover = np.clip((y - line) * height + 0.5, 0, 1)[..., None]
        canvas = canvas * (1 - cover) + ground * cover
        horizon += lots(0.05, 0.2)
    return canvas


BACKGROUNDS: dict[str, Callable[[Lots, SizeHW], Canvas]] = {
    "flat": _flat,
    "gradient": _gradient,
    "clouds": _clouds,
    "stripes": _stripes,
    "tiles": _tiles,
    "shapes": _shapes,
    "landscape": _landscape,
}
"""The kinds by name, those of `generator.training`."""
