"""Backgrounds of composed scenes: gradients, clouds, stripes, tiles and shapes.

In: a random generator. Out: (H, W, 3) float32 in [0, 1]. Nothing on a background is an
object of a class.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

Canvas = npt.NDArray[np.float32]
Colour = npt.NDArray[np.float32]


def draw_background(rng: np.random.Generator, size_hw: tuple[int, int]) -> Canvas:
    """Draws one background of a random kind."""
    kinds = tuple(BACKGROUNDS.values())
    canvas = kinds[int(rng.integers(len(kinds)))](rng, size_hw)
    if rng.random() < 0.3:
        _clutter(rng, canvas)
    if rng.random() < 0.5:  # large soft light and shade over whatever it is
        canvas = canvas + cv2.merge([_smooth_noise(rng, size_hw, 3, 1) * np.float32(0.15)] * 3)
    return np.clip(canvas, 0, 1).astype(np.float32)


def _colour(rng: np.random.Generator) -> Colour:
    """A colour, rather pale than dark, rather grey than loud: (3,)."""
    base = rng.uniform(0.15, 1.0)
    return np.clip(base + rng.normal(0, 0.15, 3), 0, 1).astype(np.float32)


def _smooth_noise(
    rng: np.random.Generator, size_hw: tuple[int, int], cells: int, channels: int
) -> Canvas:
    """Random numbers on a coarse grid, enlarged smoothly: (H, W, channels), about [-1, 1]."""
    grid = rng.uniform(-1, 1, (cells, cells, channels)).astype(np.float32)
    large = cv2.resize(grid, size_hw[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(large.reshape(*size_hw, channels), np.float32)


def _between(first: Colour, second: Colour, share: npt.NDArray[np.float32]) -> Canvas:
    """Colours from the first, where `share` (H, W) is 0, to the second, where it is 1."""
    planes = [share * (b - a) + a for a, b in zip(first, second, strict=True)]
    return np.asarray(cv2.merge(planes), np.float32)


def _flat(rng: np.random.Generator, size_hw: tuple[int, int]) -> Canvas:
    return np.full((*size_hw, 3), _colour(rng), np.float32)


def _gradient(rng: np.random.Generator, size_hw: tuple[int, int]) -> Canvas:
    y, x = np.mgrid[0 : 1 : size_hw[0] * 1j, 0 : 1 : size_hw[1] * 1j].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    t = np.clip((x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) + 0.5, 0, 1)
    return _between(_colour(rng), _colour(rng), t)


def _clouds(rng: np.random.Generator, size_hw: tuple[int, int]) -> Canvas:
    canvas = _flat(rng, size_hw)
    for cells, strength in ((4, 0.2), (9, 0.12), (24, 0.08)):
        channels = 3 if rng.random() < 0.5 else 1
        canvas = canvas + _smooth_noise(rng, size_hw, cells, channels) * np.float32(strength)
    return canvas


def _stripes(rng: np.random.Generator, size_hw: tuple[int, int]) -> Canvas:
    y, x = np.mgrid[0 : size_hw[0], 0 : size_hw[1]].astype(np.float32)
    angle, period = rng.uniform(0, np.pi), min(size_hw) * rng.uniform(0.06, 0.4)
    wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period)
    t = np.clip(wave * rng.uniform(1, 6), -1, 1) / 2 + 0.5
    return _between(_colour(rng), _colour(rng), t)


def _tiles(rng: np.random.Generator, size_hw: tuple[int, int]) -> Canvas:
    rows, columns = rng.integers(2, 12, 2)
    base = _colour(rng)
    tiles = base + rng.normal(0, rng.uniform(0.02, 0.15), (int(rows), int(columns), 3))
    large = cv2.resize(tiles.astype(np.float32), size_hw[::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(large, np.float32)


def _shapes(rng: np.random.Generator, size_hw: tuple[int, int]) -> Canvas:
    canvas = _gradient(rng, size_hw)
    height, width = size_hw
    for _ in range(int(rng.integers(3, 14))):
        colour = tuple(float(c) for c in _colour(rng))
        x, y = int(rng.integers(width)), int(rng.integers(height))
        reach = min(size_hw) * rng.uniform(0.05, 0.35)
        if rng.random() < 0.5:
            cv2.circle(canvas, (x, y), int(reach), colour, -1, cv2.LINE_AA)
        else:
            turned = cv2.boxPoints(((x, y), (reach, reach * rng.uniform(0.2, 2)),
                                    rng.uniform(0, 90)))  # fmt: skip
            cv2.fillConvexPoly(canvas, turned.astype(np.int32), colour, cv2.LINE_AA)
    return canvas


def _landscape(rng: np.random.Generator, size_hw: tuple[int, int]) -> Canvas:
    """A sky over one to three rolling hills."""
    height, width = size_hw
    sky = np.array([0.55, 0.75, 0.95]) + rng.normal(0, 0.1, 3)
    t = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    canvas = ((1 - t) * sky + t * np.minimum(sky + 0.25, 1)).astype(np.float32)
    canvas = np.broadcast_to(canvas, (height, width, 3)).copy()
    x = np.linspace(0, 1, width)
    horizon = rng.uniform(0.35, 0.7)
    for _ in range(int(rng.integers(1, 4))):
        wave = np.sin(2 * np.pi * (rng.uniform(0.4, 2) * x + rng.random()))
        line = height * (horizon + rng.uniform(0.02, 0.09) * wave)
        ground = np.array([0.4, 0.6, 0.3]) + rng.normal(0, 0.12, 3)
        canvas[np.arange(height)[:, None] > line[None]] = np.clip(ground, 0, 1)
        horizon += rng.uniform(0.05, 0.2)
    return canvas


def _texture(rng: np.random.Generator, size_hw: tuple[int, int]) -> Canvas:
    """Noise of every size between two or three colours, as of walls, cloth, grass and water."""
    roughness, stretch = rng.uniform(0.4, 0.85), 4.0 ** rng.uniform(-1, 1)
    height = np.zeros(size_hw, np.float32)
    strength, cells = 1.0, 2
    while cells < min(size_hw) // 2:
        rows, columns = max(int(cells * stretch**0.5), 2), max(int(cells / stretch**0.5), 2)
        grid = rng.standard_normal((rows, columns)).astype(np.float32)
        large = cv2.resize(grid, size_hw[::-1], interpolation=cv2.INTER_LINEAR)
        height += large * np.float32(strength)
        strength, cells = strength * roughness, cells * 2
    t = 1 / (1 + np.exp(-height * np.float32(rng.uniform(0.5, 2.5))))
    first, second, third = _colour(rng), _colour(rng), _colour(rng)
    canvas = _between(first, second, t)
    if rng.random() < 0.5:
        canvas += _between(np.zeros(3, np.float32), third - second, np.maximum(t - 0.6, 0))
    return canvas


def _room(rng: np.random.Generator, size_hw: tuple[int, int]) -> Canvas:
    """A wall, a floor and what stands there out of focus, as in a photograph."""
    kinds = _texture, _flat, _stripes, _tiles
    canvas = kinds[int(rng.integers(4))](rng, size_hw)
    floor = kinds[int(rng.integers(4))](rng, size_hw)
    line = int(size_hw[0] * rng.uniform(0.4, 0.85))
    canvas[line:] = floor[line:] * np.float32(rng.uniform(0.6, 1.0))
    for _ in range(int(rng.integers(0, 6))):
        colour = tuple(float(c) for c in _colour(rng))
        w, h = (int(size * rng.uniform(0.05, 0.4)) for size in size_hw[::-1])
        x = int(rng.integers(-w // 2, size_hw[1]))
        cv2.rectangle(canvas, (x, line - h), (x + w, line + h // 4), colour, -1)
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.5, 5.0)), np.float32)


def _clutter(rng: np.random.Generator, canvas: Canvas) -> None:
    """Strews small shapes, strokes and letters over a canvas, in place."""
    height, width = canvas.shape[:2]
    for _ in range(int(rng.integers(3, 18))):
        colour = tuple(rng.uniform(0, 1, 3).tolist())
        x, y = int(rng.integers(width)), int(rng.integers(height))
        reach = max(int(min(height, width) * np.exp(rng.uniform(np.log(0.02), np.log(0.25)))), 1)
        kind = int(rng.integers(5))
        if kind == 0:
            axes = (reach, max(int(reach * rng.uniform(0.2, 1)), 1))
            cv2.ellipse(canvas, (x, y), axes, rng.uniform(0, 180), 0, 360, colour, -1, cv2.LINE_AA)
        elif kind == 1:
            far = (
                x + int(rng.integers(-reach, reach + 1)),
                y + int(rng.integers(-reach, reach + 1)),
            )
            cv2.line(canvas, (x, y), far, colour, int(rng.integers(1, 4)), cv2.LINE_AA)
        elif kind == 2:
            points = np.array([x, y]) + rng.integers(
                -reach, reach + 1, (int(rng.integers(3, 7)), 2)
            )
            cv2.fillPoly(canvas, [points.astype(np.int32)], colour, cv2.LINE_AA)
        elif kind == 3:
            letter = chr(int(rng.integers(48, 91)))
            cv2.putText(canvas, letter, (x, y), int(rng.integers(8)), reach / 25 + 0.2, colour,
                        int(rng.integers(1, 3)), cv2.LINE_AA)  # fmt: skip
        else:
            turned = cv2.boxPoints(
                ((x, y), (reach, reach * rng.uniform(0.2, 1)), rng.uniform(0, 90))
            )
            cv2.polylines(canvas, [turned.astype(np.int32)], True, colour, int(rng.integers(1, 4)),
                          cv2.LINE_AA)  # fmt: skip


BACKGROUNDS: dict[str, Callable[[np.random.Generator, tuple[int, int]], Canvas]] = {
    "flat": _flat,
    "gradient": _gradient,
    "clouds": _clouds,
    "stripes": _stripes,
    "tiles": _tiles,
    "shapes": _shapes,
    "landscape": _landscape,
    "texture": _texture,
    "room": _room,
}
"""The kinds of background by name."""
