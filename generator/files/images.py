"""Turns any image file of a course into plain RGB, or raises an error that explains why not.

In: a file, read through an allow-list of formats. Out: pixels as an instructor sees them in a
viewer: upright, in sRGB, 8 bits, over white. The files are never changed. It does not resize
for the network; `inference` does.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageCms, ImageFile
from PIL.Image import Transpose

from generator.errors import ChangedError, ImageError

_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")  # JPEG includes MPO, which phones write

_SIGNATURES = (b"\xff\xd8", b"\x89PNG", b"RIFF", b"BM", b"GIF8", b"II", b"MM")
# Files that people take for images but that cannot be read, by their first bytes.
_FOREIGN = {
    rb".{4}ftyp(.{4}){0,8}avi[fs]": "an AVIF image",
    rb".{4}ftyp(hei|hev|mif1|msf1)": "a HEIC image",
    rb".{4}ftyp": "a video or a camera's raw image",
    rb"(\xef\xbb\xbf)?\s*<(!doctype )?html": "a web page",
    rb"(\xef\xbb\xbf)?\s*<(svg|.*<svg)": "an SVG drawing",
    rb"%PDF": "a PDF document",
}
_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
# By a profile's colour space: the mode to apply it in, and the modes that convert to that.
_PROFILED = {
    "RGB": ("RGB", ("RGB", "P", "L", "1", "YCbCr")),
    "GRAY": ("L", ("L", "1")),
    "CMYK": ("CMYK", ("CMYK",)),
}
_START_BYTES = 1024
_MOST_BYTES = 1_000_000_000
_BITS, _COMPRESSION, _PHOTOMETRIC, _PLANES, _SAMPLE_FORMAT = 258, 259, 262, 284, 339  # in TIFF
_PILLOW_LOCK = threading.RLock()


def load_image(
    path: Path,
    *,
    max_pixels: int,
    sha256: str | None = None,
    advice: str = "make it smaller, or raise max_pixels in site_config.yml",
) -> npt.NDArray[np.uint8]:
    """Reads an image as a viewer shows it: upright, sRGB, transparency over white.

    The format is recognised by content, whatever the suffix. Of an animation or a stack of pages
    the first image is taken. `max_pixels` limits width x height, before anything is decoded. With
    `sha256` the bytes that are decoded are those of this hash, whoever replaces the file meanwhile.
    `advice` says what to do about too many pixels.

    Returns:
        (height, width, 3) uint8, RGB.

    Raises:
        ImageError: the file is missing, of another kind, too large, damaged or cut short.
        ChangedError: its SHA-256 is another one.
    """
    content = _content(path)
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise ChangedError(f"{path}: was replaced by another file meanwhile; build again")
    try:
        with _decoder(content) as image:
            width, height = image.size
            if width * height > max_pixels:
                raise ImageError(
                    f"{path}: {width:,} x {height:,} = {width * height:,} pixels are more than the "
                    f"limit of {max_pixels:,}; {advice}"
                )
            _refuse_garbled(image)
            _widen_transparency(image)
            image.load()
            return np.array(_upright(_over_white(image), image))
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageError(f"{path}: does not fit into memory; make it smaller") from error
    except Exception as error:  # on damaged files Pillow's decoders raise nearly anything
        raise ImageError(f"{path}: {_complaint(content[:_START_BYTES])}") from error


def complaint_of(path: Path, *, max_pixels: int) -> str:
    """What is wrong with a file that is no whole image but, say, a log-in page; else "".

    An image of more than `max_pixels` is not decoded, and so nothing is found wrong with it.

    Raises:
        ImageError: there is no such file, or it cannot be opened.
    """
    content = _content(path)
    with suppress(Exception), _decoder(content) as image:
        if image.size[0] * image.size[1] <= max_pixels:
            image.load()
        return ""
    return _complaint(content[:_START_BYTES])


@contextmanager
def _decoder(content: bytes) -> Iterator[ImageFile.ImageFile]:
    """An image as Pillow opens it; neither Pillow nor the libraries below it say a word."""
    silent = _silent_terminal() if content.startswith((b"II", b"MM")) else nullcontext()
    with _quiet_pillow(), silent, Image.open(io.BytesIO(content), formats=_FORMATS) as image:
        yield image


@contextmanager
def _silent_terminal() -> Iterator[None]:
    """For a moment libtiff cannot write what it thinks of a file, past Python, to the terminal."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # there is no terminal to keep silent
        yield
        return
    try:
        with open(os.devnull, "wb") as nothing:  # noqa: PTH123
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def first_bytes(path: Path) -> bytes:
    """The first 1,024 bytes; raises an ImageError if there is no file that can be opened."""
    return _content(path, _START_BYTES)


def _content(path: Path, most: int = -1) -> bytes:
    """The bytes of a file, at most so many; raises an ImageError if it cannot be opened."""
    try:
        if path.is_dir():
            raise ImageError(f"{path}: a folder, not an image; name a file in it")
        if not path.is_file():
            raise ImageError(f"{path}: there is no such file; check the path")
        if most < 0 and path.stat().st_size > _MOST_BYTES:
            raise ImageError(f"{path}: larger than {_MOST_BYTES:,} bytes; export it again, smaller")
        with path.open("rb") as stream:
            return stream.read(most)
    except OSError as error:
        reason = f"cannot be opened ({error.strerror}); check its permissions"
        raise ImageError(f"{path}: {reason}") from error


def _complaint(start: bytes) -> str:
    """What is wrong with a file that Pillow cannot read, judged by its first bytes."""
    if not start:
        return "the file is empty; copy or export it again"
    for pattern, kind in _FOREIGN.items():
        if re.match(pattern, start, re.DOTALL | re.IGNORECASE):
            return f"{kind}, which cannot be read here; export it as JPEG or PNG"
    if start.startswith(_SIGNATURES):
        return "damaged, cut short or of a rare variant; export it again as JPEG or PNG"
    return "not a JPEG, PNG, WebP, BMP, GIF or TIFF image; export it as JPEG or PNG"


@contextmanager
def _quiet_pillow() -> Iterator[None]:
    """Holds back Pillow's warnings and its own pixel limit; callers check `max_pixels`."""
    # Both are settings of the whole process, hence one thread at a time.
    with _PILLOW_LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _upright(pixels: Image.Image, source: Image.Image) -> Image.Image:
    """Applies the EXIF orientation that `source` carries once it is loaded, if any."""
    orientation = None
    with suppress(Exception):  # the pixels may be fine though EXIF is broken
        orientation = source.getexif().get(ExifTags.Base.Orientation)
    return pixels.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else pixels


def _widen_transparency(image: ImageFile.ImageFile) -> None:
    """Pillow widens 2- and 4-bit grey to 8 bits, but not the value that is transparent."""
    factor = {"L;2": 85, "L;4": 17}.get(str(image.tile[0][3])) if image.tile else None
    if factor and isinstance(image.info.get("transparency"), int):
        image.info["transparency"] *= factor


def _over_white(image: Image.Image) -> Image.Image:
    """A loaded image of any mode as RGB, transparent parts over white."""
    profile = image.info.get("icc_profile")
    alpha: Image.Image | None = None
    if image.mode.startswith(("I", "F")):
        image, alpha = _eight_bits(image)
    elif image.has_transparency_data:
        grey = image.mode in ("1", "L", "LA", "La")
        layered = image.convert("LA" if grey else "RGBA")
        image, alpha = layered.convert("L" if grey else "RGB"), layered.getchannel("A")
    colours = _srgb(image, profile)
    if alpha is None:
        return colours
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(colours, mask=alpha)
    return canvas


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Opaque colours as sRGB; converted by the profile if there is one that fits the image."""
    with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile or b""))
        mode, suitable = _PROFILED.get(source.profile.xcolor_space.strip(), ("", ()))
        if image.mode in suitable:
            target = ImageCms.createProfile("sRGB")
            ready = image.convert(mode)
            return ImageCms.profileToProfile(ready, source, target, outputMode="RGB") or ready
    return image.convert("RGB")


def _refuse_garbled(image: Image.Image) -> None:
    """Refuses the kinds of TIFF that Pillow (13.0) silently turns into noise."""
    tags: Any = getattr(image, "tag_v2", {})
    packed, deep = tags.get(_COMPRESSION, 1) != 1, max(tags.get(_BITS, (1,))) > 8
    swapped = packed and image.mode in ("I", "F") and tags.prefix == b"MM"
    if swapped or (deep and not packed and tags.get(_PLANES, 1) == 2):
        raise ValueError("a TIFF that would be garbled")


def _eight_bits(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Grey of more than 8 bits (or floats) as 8 bits, and its alpha channel, if any."""
    tags = getattr(image, "tag_v2", {})
    bits, values = tags.get(_BITS, (16,))[0], np.asarray(image)
    if image.mode.startswith("I;16"):
        table = np.arange(65536) * (255 / (2**bits - 1))  # Pillow leaves 12 bits at 0..4095
        grey = np.rint(table).clip(0, 255).astype(np.uint8)[values]
    elif image.mode == "I" and bits == 32 and tags.get(_SAMPLE_FORMAT, (1,))[0] == 1:
        grey = _stretched(values.view(np.uint32).astype(np.float64))
    else:
        grey = _stretched(values.astype(np.float64))
    if tags.get(_PHOTOMETRIC) == 0:  # white is zero
        grey = 255 - grey
    hidden = image.info.get("transparency")
    alpha = np.where(values == hidden, 0, 255).astype(np.uint8)
    return Image.fromarray(grey), None if hidden is None else Image.fromarray(alpha)


def _stretched(values: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Grey values of unknown range as 0..255.

    Whole numbers that fit into 1, 8 or 16 bits are taken to have that range, and fractions up
    to 1 the range 0 to 1. Anything else is stretched from its smallest value, at most 0, to its
    largest.
    """
    finite = values[np.isfinite(values)]
    low, high = (min(finite.min(), 0.0), finite.max()) if finite.size else (0.0, 1.0)
    values = np.nan_to_num(values, nan=low, posinf=high, neginf=low)
    whole = bool((values == np.rint(values)).all())
    tops = (1, 255, 65535) if whole else (1,)
    top = next((top for top in tops if low == 0 and high <= top), high)
    grey = np.rint((values - low) * (255 / ((top - low) or 1)))
    return grey.astype(np.uint8)
