"""What changes a drawing and a finished scene: tints, outlines, shadows; light, blur, noise, JPEG.

In: sprites and pixels, a random generator. Out: the same, changed at random.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Drawn = npt.NDArray[np.float32]
"""A sprite as it is painted: (h, w, 4) in [0, 1], premultiplied."""
_GREY = np.full((3, 3), 1 / 3)
_ABOUT_GREY = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)


def alpha_of(drawn: Drawn, channels: int) -> Drawn:
    """Its alpha, (h, w, channels): OpenCV is quick where channels lie together, NumPy is not."""
    return np.asarray(cv2.merge([cv2.extractChannel(drawn, 3)] * channels), np.float32)


def varied(rng: np.random.Generator, drawn: Drawn) -> Drawn:
    """Tints a sprite and, now and then, gives it an outline or a shadow."""
    gain = rng.uniform(0.7, 1.12) * rng.uniform(0.9, 1.1, size=3)
    drawn = np.asarray(cv2.multiply(drawn, (*gain.tolist(), 1.0)), np.float32)
    if gain.max() > 1:
        drawn = np.asarray(cv2.min(drawn, alpha_of(drawn, 4)), np.float32)
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
    angle, saturation = rng.normal(0, 0.25), rng.uniform(0.2, 1.4)
    # Rodrigues' formula, about the axis of greys, and what is left of all other directions.
    colour = _GREY + saturation * (
        np.cos(angle) * (np.eye(3) - _GREY) + np.sin(angle) * _ABOUT_GREY
    )
    contrast = rng.uniform(0.6, 1.3)
    matrix = np.zeros((4, 4), np.float32)
    matrix[:3, :3] = contrast * colour
    matrix[:3, 3] = (1 - contrast) * 0.5 + rng.uniform(-0.15, 0.15)
    matrix[3, 3] = 1
    made = cv2.max(cv2.transform(drawn, matrix), 0)
    if rng.random() < 0.2:
        steps = float(rng.integers(2, 6))
        made = np.rint(made * np.float32(steps)) / np.float32(steps)
        made[..., 3] = drawn[..., 3]
    return np.asarray(cv2.min(made, alpha_of(drawn, 4)), np.float32)


def outlined(rng: np.random.Generator, drawn: Drawn) -> Drawn:
    """Puts a sprite on a larger one of a single colour, light or dark, as stickers have it."""
    width = max(round(max(drawn.shape) * rng.uniform(0.015, 0.05)), 1)
    wide = cv2.copyMakeBorder(drawn, width, width, width, width, cv2.BORDER_CONSTANT)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 1, 2 * width + 1))
    alpha = cv2.dilate(cv2.extractChannel(wide, 3), kernel)
    light = rng.uniform(0.85, 1.0) if rng.random() < 0.7 else rng.uniform(0.0, 0.25)
    return _above(wide, alpha, light)


def shaded(rng: np.random.Generator, drawn: Drawn) -> Drawn:
    """Puts a soft shadow under a sprite; it is too thin to count as a part of it."""
    reach = max(round(max(drawn.shape) * rng.uniform(0.03, 0.1)), 1)
    wide = cv2.copyMakeBorder(drawn, reach, reach, reach, reach, cv2.BORDER_CONSTANT)
    move = np.array([[1, 0, rng.uniform(-reach, reach)], [0, 1, rng.uniform(0, reach)]], np.float32)
    shadow = cv2.warpAffine(cv2.extractChannel(wide, 3), move, wide.shape[1::-1])
    shadow = cv2.blur(shadow, (reach + 1, reach + 1)) * np.float32(rng.uniform(0.2, 0.45))
    return _above(wide, shadow, 0.0)


def _above(drawn: Drawn, alpha: npt.NDArray[np.float32], light: float) -> Drawn:
    """A sprite over a plane of one grey with this alpha, (h, w)."""
    alpha = alpha * (1 - cv2.extractChannel(drawn, 3))
    grey = alpha * np.float32(light)
    return np.asarray(cv2.add(drawn, cv2.merge([grey, grey, grey, alpha])), np.float32)


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
            pixels = pixels + cv2.merge([grain * np.float32(rng.uniform(0, 0.04))] * 3)
    done = (np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    if effects and rng.random() < 0.25:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 95))]
        done = np.asarray(cv2.imdecode(cv2.imencode(".jpg", done, quality)[1], 1), np.uint8)
    return np.ascontiguousarray(done)
