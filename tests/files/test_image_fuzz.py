"""Damaged files of every format that Pillow writes: pixels or one sentence, whatever the damage."""

from __future__ import annotations

import io
import random
import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from generator.errors import ImageError
from generator.files.images import load_image
from generator.files.time_limit import at_most

pytestmark = pytest.mark.slow
FILES, MOST_PIXELS, MOST_S = 60, 1_000_000, 30
MODES = ("RGB", "RGBA", "L", "P", "1", "CMYK", "I;16")


def formats() -> list[str]:
    Image.init()
    return sorted(
        set(Image.SAVE) & set(Image.OPEN) - {"PDF", "IM"}
    )  # Pillow will not read IM any more


def written(kind: str) -> bytes:
    """A small picture in a format, in the first mode that it can hold."""
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    for mode in MODES:
        stream = io.BytesIO()
        try:
            picture = Image.fromarray(noise).convert("L" if mode == "I;16" else mode)
            picture.convert(mode).save(stream, kind)
        except (OSError, ValueError, KeyError, TypeError):
            continue
        return stream.getvalue()
    return b""


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Bytes changed, left out, repeated or cut off, more of them near the beginning."""
    made = bytearray(content)
    for _ in range(chance.choice((1, 2, 8, 40))):
        at = min(int(chance.expovariate(8 / len(made))), len(made) - 1)
        action = chance.randrange(4)
        if action == 0:
            made[at] = chance.randrange(256)
        elif action == 1:
            made[at : at + 4] = chance.choice((b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff"))
        elif action == 2:
            made[at:at] = made[at : at + chance.randrange(64)]
        else:
            del made[at : at + chance.randrange(64)]
        made = made or bytearray(b"x")
    return bytes(made[: chance.randrange(1, len(made) + 1)] if chance.random() < 0.3 else made)


def outcome(path: Path) -> tuple[npt.NDArray[np.uint8] | None, str]:
    """The pixels, or what is said of the file."""
    try:
        return load_image(path, max_pixels=MOST_PIXELS), ""
    except ImageError as error:
        return None, str(error)


@pytest.mark.parametrize("kind", formats())
def test_hostile_images_are_one_sentence(tmp_path: Path, kind: str) -> None:
    content, chance = written(kind), random.Random(kind)
    if not content:
        pytest.skip("nothing can be written in this format here")
    path = tmp_path / f"image.{kind.lower()}"
    for number in range(FILES):
        path.write_bytes(damaged(content, chance) if number else content)
        with warnings.catch_warnings(), at_most(MOST_S):
            warnings.simplefilter("error")
            pixels, said = outcome(path)
        if pixels is None:
            assert said.startswith(str(path))
            assert len(said.splitlines()) == 1
            continue
        assert pixels.dtype == np.uint8
        assert pixels.shape[2] == 3
        assert pixels.shape[0] * pixels.shape[1] <= MOST_PIXELS
