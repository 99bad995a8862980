from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from generator.errors import ImageError
from generator.files.clean_copy import Look, clean_copy, free_place, sides_of, without_metadata
from generator.files.images import load_image

SECRET = b"Rosebud"
LIMIT = 10**6


def picture(size: tuple[int, int] = (48, 32)) -> Image.Image:
    """A smooth picture whose left, right, top and bottom are told apart."""
    x, y = np.meshgrid(np.linspace(0, 255, size[0]), np.linspace(0, 255, size[1]))
    return Image.fromarray(np.stack([x, y, 255 - x], -1).astype(np.uint8))


def exif(orientation: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[0x0112], made[0x010F] = orientation, SECRET.decode()
    gps = made.get_ifd(0x8825)
    gps[1], gps[2] = "N", (52.0, 31.0, 12.0)
    return made


def saved(path: Path, image: Image.Image | None = None, **options: Any) -> Path:
    (image or picture()).save(path, **options)
    return path


def is_plain(content: bytes) -> bool:
    """Whether a file holds nothing of what was hidden in it."""
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        kinds = {"exif", "xmp", "comment", "photoshop", "mp"} & image.info.keys()
        return SECRET not in content and not kinds and not image.getexif()


def test_an_upright_jpeg_keeps_its_coded_pixels_and_nothing_else(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "a.jpg", exif=exif(), comment=SECRET, xmp=b"<x>" + SECRET + b"</x>", quality=80
    )
    plain = saved(tmp_path / "plain.jpg", quality=80)
    copy = clean_copy(path, max_pixels=LIMIT)
    assert (copy.suffix, copy.content) == (".jpg", plain.read_bytes())


def test_what_stands_behind_the_picture_is_gone(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", progressive=True)
    before = path.read_bytes()
    path.write_bytes(before + saved(tmp_path / "b.jpg", exif=exif()).read_bytes())
    assert clean_copy(path, max_pixels=LIMIT).content == before


def test_preview_in_the_head_is_gone(tmp_path: Path) -> None:
    content = saved(tmp_path / "a.jpg").read_bytes()
    body = b"JFIF\0\1\2\1\0\x48\0\x48\1\1" + b"Ros"  # a preview of one pixel
    assert content[2:4] == b"\xff\xe0"
    head = b"\xff\xe0" + (len(body) + 2).to_bytes(2, "big") + body
    assert without_metadata(content[:2] + head + content[20:]) == content


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_photograph_is_made_upright(tmp_path: Path, orientation: int) -> None:
    path = saved(tmp_path / "a.jpg", exif=exif(orientation), quality=95)
    upright = load_image(path, max_pixels=LIMIT)
    copy = clean_copy(path, max_pixels=LIMIT)
    (tmp_path / "copy.jpg").write_bytes(copy.content)
    again = load_image(tmp_path / "copy.jpg", max_pixels=LIMIT)
    assert again.shape == upright.shape
    assert np.abs(again.astype(int) - upright).max() <= 6  # coded once more
    assert is_plain(copy.content)


def test_colour_profile_of_a_jpeg_is_kept(tmp_path: Path) -> None:
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = saved(tmp_path / "a.jpg", icc_profile=icc, exif=exif())
    copy = clean_copy(path, max_pixels=LIMIT)
    with Image.open(io.BytesIO(copy.content)) as image:
        assert image.info["icc_profile"] == icc
    assert is_plain(copy.content)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_other_colours_of_a_jpeg_are_kept(tmp_path: Path, mode: str) -> None:
    path = saved(tmp_path / "a.jpg", picture().convert(mode), exif=exif())
    copy = clean_copy(path, max_pixels=LIMIT)
    (tmp_path / "copy.jpg").write_bytes(copy.content)
    same = load_image(tmp_path / "copy.jpg", max_pixels=LIMIT)
    assert np.array_equal(same, load_image(path, max_pixels=LIMIT))
    assert is_plain(copy.content)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif", "a.gif"])
def test_exact_kinds_become_png_with_the_same_pixels(tmp_path: Path, name: str) -> None:
    options: dict[str, Any] = {"exif": exif()} if name in ("a.png", "a.tif") else {}
    path = saved(tmp_path / name, **options)
    copy = clean_copy(path, max_pixels=LIMIT)
    assert copy.suffix == ".png"
    (tmp_path / "copy.png").write_bytes(copy.content)
    same = load_image(tmp_path / "copy.png", max_pixels=LIMIT)
    assert np.array_equal(same, load_image(path, max_pixels=LIMIT))
    assert is_plain(copy.content)


@pytest.mark.parametrize(("lossless", "suffix"), [(True, ".png"), (False, ".jpg")])
def test_webp_becomes_what_it_is_like(tmp_path: Path, lossless: bool, suffix: str) -> None:
    path = saved(tmp_path / "a.webp", lossless=lossless, exif=exif())
    copy = clean_copy(path, max_pixels=LIMIT)
    assert copy.suffix == suffix
    assert is_plain(copy.content)


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", exif=exif(6))
    assert clean_copy(path, max_pixels=LIMIT).content == clean_copy(path, max_pixels=LIMIT).content


@pytest.mark.parametrize("length", [0, 2, 3, 30, 300])
def test_a_jpeg_that_is_cut_short_is_not_stripped(tmp_path: Path, length: int) -> None:
    assert without_metadata(saved(tmp_path / "a.jpg").read_bytes()[:length]) is None


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_text("<html>")
    with pytest.raises(ImageError, match="a web page"):
        clean_copy(path, max_pixels=LIMIT)


def look(image: Image.Image) -> Look:
    return Look.of(np.array(image))


def test_a_picture_that_was_coded_again_is_the_same(tmp_path: Path) -> None:
    with Image.open(saved(tmp_path / "a.jpg", picture((640, 480)), quality=60)) as again:
        assert look(again).is_that_of(look(picture((640, 480))))


def test_a_picture_in_which_something_moved_is_another() -> None:
    one, other = picture((640, 480)), picture((640, 480))
    one.paste("grey", (100, 100, 140, 140))
    other.paste("grey", (104, 100, 144, 140))
    assert not look(one).is_that_of(look(other))
    assert not look(one).is_that_of(look(one.resize((320, 240))))


def test_sides_are_read_from_the_head(tmp_path: Path) -> None:
    assert sides_of(saved(tmp_path / "a.jpg", exif=exif(6))) == (32, 48)
    assert sides_of(Path(__file__)) == (0, 0)


def test_a_name_that_another_picture_has_is_not_taken(tmp_path: Path) -> None:
    copy = clean_copy(saved(tmp_path / "a.png"), max_pixels=LIMIT)
    folder = tmp_path / "images"
    assert free_place(folder, "cats", copy, {"dogs"}, 60) == folder / "cats.png"
    assert free_place(folder, "cats", copy, {"cats", "cats-2"}, 60) == folder / "cats-3.png"
    assert free_place(folder, "a" * 60, copy, {"a" * 60}, 60) == folder / f"{'a' * 58}-2.png"
    folder.mkdir()
    (folder / "Cats.JPG").touch()
    assert free_place(folder, "cats", copy, (), 60) == folder / "cats-2.png"
    (folder / "dogs.png").write_bytes(copy.content)  # the very copy
    assert free_place(folder, "dogs", copy, (), 60) == folder / "dogs.png"
    nameless = free_place(folder, "", copy, (), 60)
    assert nameless == free_place(folder, "", copy, (), 60)
    assert nameless.name.startswith("image-")
