"""Odd image files, each made here, and the pixels that they must give."""

from __future__ import annotations

import struct
import threading
import time
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms

from generator.errors import ChangedError, ImageError
from generator.files.fingerprint import sha256_of
from generator.files.images import complaint_of, load_image

Pixels = npt.NDArray[np.uint8]
LIMIT = 1_000_000
RAMP: Pixels = np.linspace(0, 255, 256).astype(np.uint8).reshape(8, 32)
PACKED = [zlib.compress(bytes([value, value])) for value in (1, 2, 3)]
COLOURS: Pixels = np.stack([RAMP, RAMP[::-1], RAMP[:, ::-1]], axis=-1)


def stored(folder: Path, image: Image.Image, kind: str, **options: Any) -> Path:
    path = folder / f"image.{kind}"
    image.save(path, kind, **options)
    return path


def loaded(folder: Path, image: Image.Image, kind: str, **options: Any) -> Pixels:
    return load_image(stored(folder, image, kind, **options), max_pixels=LIMIT)


def grey(values: Pixels) -> Pixels:
    return np.stack([values] * 3, axis=-1)


def png(bits: int, colour_type: int, row: bytes, *size_wh: int, **chunks: bytes) -> bytes:
    """A PNG of one row, for the kinds that Pillow does not write."""
    header = struct.pack(">IIBBBBB", *size_wh, bits, colour_type, 0, 0, 0)
    body = [("IHDR", header), *chunks.items(), ("IDAT", zlib.compress(b"\0" + row)), ("IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data))
        + (name.encode() + data)
        + struct.pack(">I", zlib.crc32(name.encode() + data))
        for name, data in body
    )


def tiff(order: str, *strips: bytes, **tags: tuple[int, ...]) -> bytes:
    """A TIFF of one pixel, for the same reason; tags are named `t` and their number."""
    places = tuple(8 + sum(map(len, strips[:i])) for i in range(len(strips)))
    sizes = tuple(len(strip) for strip in strips)
    known = {"t256": (1,), "t257": (1,), "t273": places, "t277": (len(strips),), "t279": sizes}
    entries = sorted((int(name[1:]), values) for name, values in (known | tags).items())
    start = places[-1] + sizes[-1]
    directory, rest = struct.pack(f"{order}H", len(entries)), b""
    for tag, values in entries:
        data = struct.pack(f"{order}{len(values)}H", *values)
        if len(data) > 4:
            rest, data = (
                rest + data,
                struct.pack(f"{order}I", start + 6 + 12 * len(entries) + len(rest)),
            )
        directory += struct.pack(f"{order}HHI", tag, 3, len(values)) + data.ljust(4, b"\0")
    head = b"II*\0" if order == "<" else b"MM\0*"
    return head + struct.pack(f"{order}I", start) + b"".join(strips) + directory + bytes(4) + rest


def linear_profile(space: bytes) -> bytes:
    """An ICC profile with sRGB's primaries whose values are proportional to light."""

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))

    curve = b"curv\0\0\0\0" + struct.pack(">IHH", 1, 256, 0)
    tags = {b"wtpt": xyz(0.9642, 1, 0.8249)}
    if space == b"GRAY":
        tags |= {b"kTRC": curve}
    else:
        tags |= {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
        tags |= {b"rXYZ": xyz(0.4361, 0.2225, 0.0139), b"gXYZ": xyz(0.3851, 0.7169, 0.0971)}
        tags |= {b"bXYZ": xyz(0.1431, 0.0606, 0.7139)}
    table, data, start = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(data), len(content))
        data += content
    head = struct.pack(">I4sI4s4s4s", 0, b"\0" * 4, 0x02100000, b"mntr", space, b"XYZ ")
    head += b"\0" * 12 + b"acsp" + b"\0" * 28 + xyz(0.9642, 1, 0.8249)[8:]
    head = head.ljust(128, b"\0")
    return struct.pack(">I", len(head + table + data)) + (head + table + data)[4:]


@pytest.mark.parametrize("kind", ["png", "bmp", "tiff"])
def test_plain_colours_come_through_exactly(tmp_path: Path, kind: str) -> None:
    pixels = loaded(tmp_path, Image.fromarray(COLOURS), kind)
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    np.testing.assert_array_equal(pixels, COLOURS)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("jpeg", {"quality": 95, "subsampling": 0}),
        ("webp", {"quality": 95}),
        ("tiff", {"compression": "jpeg", "quality": 95}),
        ("mpo", {"quality": 95, "subsampling": 0, "save_all": True}),
    ],
)
def test_lossy_kinds(tmp_path: Path, kind: str, options: dict[str, Any]) -> None:
    smooth = np.array(Image.fromarray(COLOURS).resize((64, 64), Image.Resampling.BICUBIC))
    if kind == "mpo":
        options |= {"append_images": [Image.fromarray(255 - smooth)]}
    pixels = loaded(tmp_path, Image.fromarray(smooth), kind, **options)
    assert np.abs(pixels.astype(int) - smooth).mean() < 4


@pytest.mark.parametrize("kind", ["gif", "webp", "tiff", "png"])
def test_first_of_several_frames(tmp_path: Path, kind: str) -> None:
    first, second = Image.new("RGB", (5, 4), "red"), Image.new("RGB", (5, 4), "blue")
    options = {"lossless": True} if kind == "webp" else {}
    pixels = loaded(tmp_path, first, kind, save_all=True, append_images=[second], **options)
    assert (pixels == (255, 0, 0)).all()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff"])
@pytest.mark.parametrize("orientation", range(10))
def test_orientation(tmp_path: Path, kind: str, orientation: int) -> None:
    image = Image.new("L", (48, 32))
    image.paste(200, (0, 0, 24, 16))  # as stored: 200 100 over 0 0
    image.paste(100, (24, 0, 48, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = loaded(tmp_path, image.convert("RGB"), kind, exif=exif)
    # EXIF 2.32, 4.6.4: which sides the first stored row and column are seen on
    expected = {
        2: [[100, 200], [0, 0]],
        3: [[0, 0], [100, 200]],
        4: [[0, 0], [200, 100]],
        5: [[200, 0], [100, 0]],
        6: [[0, 200], [0, 100]],
        7: [[0, 100], [0, 200]],
        8: [[100, 0], [200, 0]],
    }.get(orientation, [[200, 100], [0, 0]])
    assert pixels.shape == ((48, 32, 3) if orientation in (5, 6, 7, 8) else (32, 48, 3))
    np.testing.assert_allclose(pixels[8::16, 8::16, 0][[0, -1]][:, [0, -1]], expected, atol=5)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "LAB"])
def test_modes_look_right(tmp_path: Path, mode: str) -> None:
    source = Image.fromarray(COLOURS)
    if mode == "LAB":
        profiles = (ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"))
        image = ImageCms.profileToProfile(source, *profiles, outputMode="LAB")
        assert image is not None
    else:
        image = source.convert(mode)
    expected = np.array(source if mode == "LAB" else image.convert("RGB")).astype(int)
    pixels = loaded(tmp_path, image, "tiff", compression="tiff_deflate")
    assert np.abs(pixels - expected).mean() <= (2 if mode in ("LAB", "YCbCr") else 0)


def test_cmyk_jpeg_is_not_inverted(tmp_path: Path) -> None:
    pixels = loaded(tmp_path, Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "jpeg", quality=95)
    np.testing.assert_allclose(pixels[8, 8], (255, 0, 0), atol=3)


@pytest.mark.parametrize("kind", ["png", "tiff"])
@pytest.mark.parametrize("dtype", ["<u2", ">u2"])
def test_sixteen_bit_grey_is_rescaled(tmp_path: Path, kind: str, dtype: str) -> None:
    image = Image.fromarray((RAMP.astype(np.uint16) * 257).astype(dtype))
    np.testing.assert_array_equal(loaded(tmp_path, image, kind), grey(RAMP))


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [
        ("f4", [0, 0.5, 1], [0, 128, 255]),
        ("f4", [0, 64, 255], [0, 64, 255]),
        ("f4", [0, 1.5, 3], [0, 128, 255]),
        ("f4", [-1, 0, 1], [0, 128, 255]),
        ("f4", [np.nan, 1, np.inf], [0, 255, 255]),
        ("f4", [np.nan, np.nan], [0, 0]),
        ("i4", [0, 257, 65535], [0, 1, 255]),
        ("i4", [0, 200, 255], [0, 200, 255]),
        ("i4", [0, 2**30, 2**31 - 1], [0, 128, 255]),
        ("i4", [-7, -7], [0, 0]),
        ("i4", [-300, 0, 100], [0, 191, 255]),
    ],
)
def test_wide_grey_is_rescaled(
    tmp_path: Path, dtype: str, values: list[float], expected: list[int]
) -> None:
    pixels = loaded(tmp_path, Image.fromarray(np.array([values], dtype)), "tiff")
    assert pixels[0, :, 1].tolist() == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (tiff("<", b"\1\1", t258=(16,), t262=(1,)), [1, 1, 1]),
        (tiff("<", b"\1\1", t258=(16,), t262=(0,)), [254, 254, 254]),  # white is zero
        (tiff("<", b"\xff\xff\xff\xff", t258=(32,), t262=(1,), t339=(1,)), [255, 255, 255]),
        (tiff("<", b"\x08\x00", t258=(12,), t262=(1,)), [8, 8, 8]),
        (tiff(">", b"\0\0\0\7", t258=(32,), t262=(1,), t339=(2,)), [7, 7, 7]),
        (tiff(">", b"\1\0", b"\2\0", b"\3\0", t258=(8,) * 3, t262=(2,), t284=(2,)), [1, 2, 3]),
        (tiff("<", *PACKED, t258=(16,) * 3, t259=(8,), t262=(2,), t284=(2,)), [1, 2, 3]),
        (tiff("<", b"\7", t257=(1, 1), t258=(8,), t262=(1,)), [7, 7, 7]),  # Pillow warns
        # What Pillow would turn into noise: bytes swapped twice, planes of 16 bits.
        (tiff(">", zlib.compress(b"\0\0\0\7"), t258=(32,), t259=(8,), t262=(1,), t339=(2,)), None),
        (tiff("<", b"\1\1", b"\2\2", b"\3\3", t258=(16,) * 3, t262=(2,), t284=(2,)), None),
    ],
)
def test_rare_tiffs(tmp_path: Path, content: bytes, expected: list[int] | None) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    if expected is None:
        with pytest.raises(ImageError, match="rare variant"):
            load_image(path, max_pixels=LIMIT)
    else:
        assert load_image(path, max_pixels=LIMIT).tolist() == [[expected]]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (png(16, 2, struct.pack(">3H", 257, 65535, 32896), 1, 1), [[1, 255, 128]]),
        (png(16, 4, struct.pack(">4H", 0, 65535, 0, 32896), 2, 1), [[0] * 3, [127] * 3]),
        (png(16, 6, struct.pack(">4H", 65535, 0, 0, 32896), 1, 1), [[255, 127, 127]]),
        (png(16, 0, struct.pack(">2H", 257, 514), 2, 1, tRNS=b"\1\1"), [[255] * 3, [2] * 3]),
        (png(2, 0, b"\x18", 3, 1, tRNS=b"\0\1"), [[0] * 3, [255] * 3, [170] * 3]),
        (png(4, 0, b"\x1e", 2, 1, tRNS=b"\0\1"), [[255] * 3, [238] * 3]),
        (png(8, 2, b"abcdef", 2, 1, tRNS=b"\0a\0b\0c"), [[255] * 3, [100, 101, 102]]),
        (png(8, 3, b"\0", 1, 1, PLTE=b"\xff\0\0", tRNS=b"\x80"), [[255, 127, 127]]),
    ],
)
def test_png_depths_and_transparency(tmp_path: Path, content: bytes, expected: object) -> None:
    (tmp_path / "a.png").write_bytes(content)
    assert load_image(tmp_path / "a.png", max_pixels=LIMIT)[0].tolist() == expected


@pytest.mark.parametrize(
    ("mode", "colour", "kind"),
    [("LA", (0, 51), "png"), ("RGBA", (0, 0, 0, 51), "webp"), ("PA", (0, 51), "tiff")],
)
def test_alpha_lies_over_white(tmp_path: Path, mode: str, colour: Any, kind: str) -> None:
    options = {"lossless": True} if kind == "webp" else {}
    pixels = loaded(tmp_path, Image.new(mode, (2, 2), colour), kind, **options)
    assert (pixels == 204).all()


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "LA", "P", "I;16"])
@pytest.mark.parametrize("space", [b"RGB ", b"GRAY"])
def test_profile_becomes_srgb(tmp_path: Path, mode: str, space: bytes) -> None:
    image = Image.fromarray(np.full((2, 2), 51, np.uint8)).convert("RGB").convert(mode[:4])
    if mode == "I;16":
        image = Image.fromarray(np.full((2, 2), 51 * 257, np.uint16))
    pixels = loaded(tmp_path, image, "png", icc_profile=linear_profile(space))
    fits = space == b"RGB " or mode in ("L", "LA", "I;16")
    # IEC 61966-2-1: 1.055 * 0.2 ** (1 / 2.4) - 0.055 = 0.485
    np.testing.assert_allclose(pixels, 124 if fits else 51, atol=1)


@pytest.mark.parametrize("profile", [b"nonsense", b"", linear_profile(b"CMYK")])
def test_broken_profile_is_ignored(tmp_path: Path, profile: bytes) -> None:
    pixels = loaded(tmp_path, Image.fromarray(COLOURS), "png", icc_profile=profile)
    np.testing.assert_array_equal(pixels, COLOURS)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("exif", [b"Exif\0\0nonsense", b"Exif\0\0II*\0\x08\0\0\0\x05\0"])
def test_broken_exif_is_ignored(tmp_path: Path, kind: str, exif: bytes) -> None:
    assert loaded(tmp_path, Image.fromarray(COLOURS), kind, exif=exif).shape == COLOURS.shape


def test_pixel_limit_is_checked_before_decoding(tmp_path: Path) -> None:
    (tmp_path / "huge.png").write_bytes(png(8, 0, b"", 30000, 40000))
    with pytest.raises(ImageError, match=r"huge.png: 30,000 x 40,000 .* limit of 1,000,000"):
        load_image(tmp_path / "huge.png", max_pixels=LIMIT)
    path = stored(tmp_path, Image.new("1", (20, 10)), "png")
    assert load_image(path, max_pixels=200).shape == (10, 20, 3)
    with pytest.raises(ImageError, match="limit of 199"):
        load_image(path, max_pixels=199)


def test_limit_may_be_above_that_of_pillow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert loaded(tmp_path, Image.new("L", (30, 30)), "png").shape == (30, 30, 3)
    assert Image.MAX_IMAGE_PIXELS == 10


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "bmp", "gif", "tiff"])
def test_smallest_and_damaged_files(tmp_path: Path, kind: str) -> None:
    assert loaded(tmp_path, Image.new("RGB", (1, 1), "white"), kind).tolist() == [[[255] * 3]]
    path = stored(tmp_path, Image.fromarray(np.tile(COLOURS, (4, 4, 1))), kind)
    content = path.read_bytes()
    for size in (3, 20, len(content) // 3, len(content) // 2):
        path.write_bytes(content[:size])
        with pytest.raises(ImageError, match=f"image.{kind}: .*export it") as caught:
            load_image(path, max_pixels=LIMIT)
        assert "Error" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"Dear student, this is no image.", "not a JPEG"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC.*JPEG or PNG"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", "AVIF.*JPEG or PNG"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", "AVIF.*JPEG or PNG"),
        (b'<?xml version="1.0"?>\n<!-- a -->\n<svg xmlns="x">', "SVG.*JPEG or PNG"),
        (b"\xef\xbb\xbf <svg>", "SVG.*JPEG or PNG"),
        (b"<!DOCTYPE html><html><svg>", "web page"),
        (b"%PDF-1.7", "PDF"),
        (b"P6 1 1 255 abc", "not a JPEG"),
    ],
)
def test_other_files_are_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=rf"photo\.jpg: .*{message}"):
        load_image(path, max_pixels=LIMIT)


def test_what_is_not_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImageError, match="a folder"):
        load_image(tmp_path, max_pixels=LIMIT)
    for name in ("missing.png", "nul\0.png"):
        with pytest.raises(ImageError, match="no such file"):
            load_image(tmp_path / name, max_pixels=LIMIT)
    path = stored(tmp_path, Image.new("L", (2, 2)), "png")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ImageError, match=r"image\.png: .*Permission denied"):
        load_image(path, max_pixels=LIMIT)


@pytest.mark.slow
def test_threads_leave_the_settings_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, before = stored(tmp_path, Image.fromarray(COLOURS), "png"), Image.MAX_IMAGE_PIXELS
    at_once = Image.open

    def slowly(*given: Any, **options: Any) -> Image.Image:
        time.sleep(0.01)
        return at_once(*given, **options)

    monkeypatch.setattr(Image, "open", slowly)
    threads = [
        threading.Thread(target=load_image, args=(path,), kwargs={"max_pixels": LIMIT})
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert before == Image.MAX_IMAGE_PIXELS


def test_only_the_bytes_that_were_hashed_are_decoded(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    Image.new("RGB", (4, 3), "red").save(path)
    sha256 = sha256_of(path)
    assert load_image(path, max_pixels=100, sha256=sha256).shape == (3, 4, 3)
    Image.new("RGB", (4, 3), "blue").save(path)
    with pytest.raises(ChangedError, match="was replaced by another file"):
        load_image(path, max_pixels=100, sha256=sha256)


def test_libtiff_writes_nothing_to_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    dice = np.random.default_rng(0)
    pixels = dice.integers(0, 256, (60, 60, 3), dtype=np.uint8)
    for compression in ("tiff_lzw", "tiff_deflate"):
        path = tmp_path / f"{compression}.tif"
        Image.fromarray(pixels).save(path, compression=compression)
        damaged = bytearray(path.read_bytes())
        damaged[100:900] = dice.bytes(800)
        path.write_bytes(damaged)
        with pytest.raises(ImageError, match="damaged"):
            load_image(path, max_pixels=10_000)
        assert complaint_of(path, max_pixels=10_000).startswith("damaged")
    assert capfd.readouterr() == ("", "")


def test_advice_about_too_many_pixels_is_the_callers(tmp_path: Path) -> None:
    Image.new("RGB", (4, 3)).save(tmp_path / "large.png")
    with pytest.raises(ImageError, match=r"limit of 11; make it smaller, or raise max_pixels in"):
        load_image(tmp_path / "large.png", max_pixels=11)
    with pytest.raises(ImageError, match=r"limit of 11; make it smaller$"):
        load_image(tmp_path / "large.png", max_pixels=11, advice="make it smaller")
