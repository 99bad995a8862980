"""What changes a drawing and a finished scene: tints, outlines, shadows; light, blur, noise, JPEG.

In: sprites and pixels, a random generator. Out: the same, changed at random.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Drawn = npt.NDArray[np.float32]
"""A sprite as it is painted: (h, w, 4) in [0, 1], premultiplied."""


def varied(rng: np.random.Generator, drawn: Drawn) -> Drawn:
    """Tints a sprite and, now and then, gives it an outline or a shadow."""
    gain = rng.uniform(0.7, 1.12) * rng.uniform(0.9, 1.1, size=3)
    drawn[..., :3] = np.minimum(drawn[..., :3] * gain.astype(np.float32), drawn[..., 3:])
    kind = rng.random()
    if kind < 0.12:
        return outlined(rng, drawn)
    if kind < 0.3:
        return shaded(rng, drawn)
    return drawn


def bent(rng: np.random.Generator) -> tuple[float, float]:
    """A stretch and a shear for `Sprite.drawn`: another shape of the same thing."""
    return float(np.exp(rng.normal(0, 0.16))), float(rng.normal(0, 0.12))


def recoloured(rng: np.random.Generator, drawn: Drawn) -> Drawn:
    """Gives a sprite other colours: paler or stronger, turned, brighter or darker, fewer."""
    grey = np.full((3, 3), 1 / 3)
    axis = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    angle = rng.normal(0, 0.25)
    # Rodrigues' formula, about the axis of greys.
    turn = grey + np.cos(angle) * (np.eye(3) - grey) + np.sin(angle) * axis
    saturation = rng.uniform(0.2, 1.4)
    colour = turn @ (saturation * np.eye(3) + (1 - saturation) * grey)
    contrast = rng.uniform(0.6, 1.3)
    matrix = np.zeros((4, 4), np.float32)
    matrix[:3, :3] = contrast * colour
    matrix[:3, 3] = (1 - contrast) * 0.5 + rng.uniform(-0.15, 0.15)
    matrix[3, 3] = 1
    made = np.asarray(cv2.transform(drawn, matrix), np.float32)
    made[..., :3] = np.clip(made[..., :3], 0, made[..., 3:])
    if rng.random() < 0.2:
        steps = np.float32(rng.integers(2, 6))
        made[..., :3] = np.round(made[..., :3] * steps) / steps
        made[..., :3] = np.minimum(made[..., :3], made[..., 3:])
    return made


def outlined(rng: np.random.Generator, drawn: Drawn) -> Drawn:
    """Puts a sprite on a larger one of a single colour, light or dark, as stickers have it."""
    width = max(round(max(drawn.shape) * rng.uniform(0.015, 0.05)), 1)
    wide = cv2.copyMakeBorder(drawn, width, width, width, width, cv2.BORDER_CONSTANT)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 1, 2 * width + 1))
    alpha = cv2.dilate(wide[..., 3], kernel)[..., None]
    light = rng.uniform(0.85, 1.0) if rng.random() < 0.7 else rng.uniform(0.0, 0.25)
    below = np.concatenate([alpha * np.float32(light)] * 3 + [alpha], -1)
    return np.asarray(wide + below * (1 - wide[..., 3:]), np.float32)


def shaded(rng: np.random.Generator, drawn: Drawn) -> Drawn:
    """Puts a soft shadow under a sprite; it is too thin to count as a part of it."""
    reach = max(round(max(drawn.shape) * rng.uniform(0.03, 0.1)), 1)
    wide = cv2.copyMakeBorder(drawn, reach, reach, reach, reach, cv2.BORDER_CONSTANT)
    move = np.array([[1, 0, rng.uniform(-reach, reach)], [0, 1, rng.uniform(0, reach)]], np.float32)
    h, w = wide.shape[:2]
    shadow = cv2.warpAffine(wide[..., 3], move, (w, h))
    shadow = cv2.blur(shadow, (reach + 1, reach + 1)) * np.float32(rng.uniform(0.2, 0.45))
    below = np.zeros_like(wide)
    below[..., 3] = shadow
    return np.asarray(wide + below * (1 - wide[..., 3:]), np.float32)


def developed(
    rng: np.random.Generator, pixels: npt.NDArray[np.float32], effects: bool
) -> npt.NDArray[np.uint8]:
    """Pixels in [0, 1] as a camera and a file would keep them: light, blur, noise, JPEG."""
    if effects:
        if rng.random() < 0.3:
            pixels = (pixels - 0.5) * np.float32(rng.uniform(0.6, 1.2)) + np.float32(
                0.5 + rng.uniform(-0.12, 0.12)
            )
        if rng.random() < 0.2:
            pixels = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.4, 1.1))
        if rng.random() < 0.5:
            grain = rng.standard_normal(pixels.shape[:2], dtype=np.float32)
            pixels = pixels + grain[..., None] * np.float32(rng.uniform(0, 0.04))
    done = (np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    if effects and rng.random() < 0.25:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 95))]
        done = np.asarray(cv2.imdecode(cv2.imencode(".jpg", done, quality)[1], 1), np.uint8)
    return np.ascontiguousarray(done)
