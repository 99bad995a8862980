"""A picture as a course may give it away: the same to look at, and nothing else in the file.

In: an image file of any kind that `images` reads. Out: the bytes of a JPEG or PNG without EXIF,
XMP, comments, previews and whatever stands behind the picture. A JPEG keeps its coded pixels where
no turn is needed. It also tells whether two pictures are the same.
"""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
import warnings
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from generator.files.images import load_image

_START, _END, _SCAN, _COMMENT, _ADOBE = 0xD8, 0xD9, 0xDA, 0xFE, 0xEE
_APPLICATIONS = range(0xE0, 0xF0)
_ALONE = {0x01, *range(0xD0, 0xD8)}
"""Markers of a JPEG that no length follows."""
_JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
"""The head of a JPEG, without a preview; that it is there says how its colours are coded."""
_PROFILE = b"ICC_PROFILE\x00"
_ADOBE_BYTES = 12
_QUALITY = 95
_SIDE, _TOLERANCE = 32, 2.0
"""Two pictures are the same if the means of their 32 x 32 parts differ by 2 levels at most."""

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class CleanCopy:
    """A picture that was read, and what is to be written of it.

    Attributes:
        content: of the new file.
        suffix: its own, `.jpg` or `.png`.
    """

    content: bytes
    suffix: str
    look: Look


@dataclass(frozen=True, eq=False)
class Look:
    """What tells whether two pictures look the same.

    Attributes:
        size_hw: in pixels.
        coarse: (32, 32, 3) float, 0 to 255: the mean of each of its equal parts.
    """

    size_hw: tuple[int, int]
    coarse: npt.NDArray[np.float32]

    @classmethod
    def of(cls, pixels: Pixels) -> Look:
        """That of (H, W, 3) uint8, RGB."""
        small = Image.fromarray(pixels).resize((_SIDE, _SIDE), Image.Resampling.BOX)
        return cls((pixels.shape[0], pixels.shape[1]), np.asarray(small, np.float32))

    def is_that_of(self, other: Look) -> bool:
        """Whether both are of the same picture; coding it again makes no difference."""
        if self.size_hw != other.size_hw:
            return False
        return bool(np.abs(self.coarse - other.coarse).max() <= _TOLERANCE)


def clean_copy(path: Path, *, max_pixels: int) -> CleanCopy:
    """Reads an image file.

    A JPEG that is upright keeps its coded pixels and its colour profile. Else the pixels, in sRGB,
    are coded once more: of lossy kinds as JPEG, of others as PNG.

    Raises:
        ImageError: as `load_image`.
    """
    pixels = load_image(path, max_pixels=max_pixels)
    content, look = path.read_bytes(), Look.of(pixels)
    if content.startswith(b"\xff\xd8"):
        stripped = without_metadata(content)
        if stripped is not None and _shows(stripped, pixels, max_pixels):
            return CleanCopy(stripped, ".jpg", look)
    buffer, picture = io.BytesIO(), Image.fromarray(pixels)
    if _is_lossy(content):
        picture.save(buffer, "JPEG", quality=_QUALITY, subsampling=0, optimize=True)
        return CleanCopy(buffer.getvalue(), ".jpg", look)
    picture.save(buffer, "PNG")
    return CleanCopy(buffer.getvalue(), ".png", look)


def without_metadata(jpeg: bytes) -> bytes | None:
    """A JPEG with the same coded pixels and colours and nothing else; None if it is damaged.

    Source:
        ITU-T T.81, annex B; of application segments, JFIF 1.02 and ICC.1, annex B.4.
    """
    kept = [jpeg[:2]]
    for marker, segment in _segments(jpeg):
        body = segment[4:]
        if marker in _APPLICATIONS or marker == _COMMENT:
            if marker == 0xE0 and body.startswith(b"JFIF\0"):
                kept.append(_JFIF)
            elif marker == 0xE2 and body.startswith(_PROFILE):
                kept.append(segment)
            elif marker == _ADOBE and body.startswith(b"Adobe"):
                length = (_ADOBE_BYTES + 2).to_bytes(2, "big")
                kept.append(segment[:2] + length + body[:_ADOBE_BYTES])
        else:
            kept.append(segment)
        if marker == _END:
            return b"".join(kept)
    return None


def free_place(
    folder: Path, name: str, copy: CleanCopy, taken: Container[str], longest: int
) -> Path:
    """A file for a copy that no other picture has, whatever its suffix.

    Args:
        name: without a suffix, if it can be had; "" gives one from the content.
        taken: names that are not free.
        longest: how many characters a name may have.
    """
    wanted = name or f"image-{hashlib.sha256(copy.content).hexdigest()[:8]}"
    present: dict[str, list[Path]] = {}
    for one in folder.iterdir() if folder.is_dir() else ():
        present.setdefault(one.stem.casefold(), []).append(one)
    number, free = 1, wanted
    while True:
        file = folder / f"{free}{copy.suffix}"
        others = [one for one in present.get(free, ()) if not _holds(one, file, copy)]
        if free not in taken and not others:
            return file
        number += 1
        free = f"{wanted[: longest - 1 - len(str(number))].rstrip('-')}-{number}"


def sides_of(path: Path) -> tuple[int, int]:
    """The shorter and the longer side in pixels by the file's head; (0, 0) if it has none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                return min(image.size), max(image.size)
    except Exception:  # whatever Pillow raises of a damaged file, which is reported elsewhere
        return 0, 0


def _segments(jpeg: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and bytes of each segment after the first; a scan has its coded pixels with it."""
    at = 2
    while found := re.compile(rb"\xff+([^\x00\xff])").match(jpeg, at):
        marker, start = found[1][0], found.end() - 2
        if marker == _END or marker in _ALONE:
            at = found.end()
            yield marker, jpeg[start:at]
            continue
        length = int.from_bytes(jpeg[found.end() : found.end() + 2], "big")
        at = found.end() + length
        if length < 2 or at > len(jpeg):
            return
        if marker == _SCAN:
            following = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]").search(jpeg, at)
            if following is None:
                return
            at = following.start()
        yield marker, jpeg[start:at]


def _shows(content: bytes, pixels: Pixels, max_pixels: int) -> bool:
    """Whether a file's content is read as exactly these pixels."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "copy.jpg")
        file.write_bytes(content)
        return np.array_equal(load_image(file, max_pixels=max_pixels), pixels)


def _is_lossy(content: bytes) -> bool:
    """Whether a file is a JPEG or a WebP that is not coded exactly."""
    if content.startswith(b"RIFF"):
        coding = re.search(rb"VP8[L ]", content)
        return coding is not None and coding[0] == b"VP8 "
    return content.startswith(b"\xff\xd8")


def _holds(one: Path, file: Path, copy: CleanCopy) -> bool:
    """Whether a file is the very copy already, left by whoever put it there before."""
    return one.name == file.name and one.read_bytes() == copy.content
