"""The pictures that a command line names: files, folders and addresses -> files on this machine.

In: names as they were typed. Out: `NamedPicture`s in that order, those of a folder by their names;
or what is wrong with a name. Pictures from the web are downloaded; none is opened.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from generator.errors import GeneratorError, ImageError
from generator.files.addresses import check_address, without_secrets

_MAX_SECONDS, _LONGEST = 300, 40
_SUFFIXES = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"}
_FOREIGN_SUFFIXES = {".heic", ".heif", ".avif"}
"""Of pictures that cannot be read; whoever opens one says what to do about it."""


@dataclass(frozen=True)
class NamedPicture:
    """A picture that was named.

    Attributes:
        path: where it is now.
        name: of the file, without a suffix.
        url: where it came from, without secrets; "" if it was no address.
    """

    path: Path
    name: str
    url: str = ""

    def __str__(self) -> str:
        return self.url or str(self.path)


@dataclass
class NamedPictures:
    """What was found of all names.

    Attributes:
        passed_over: sentences on files of folders that are no pictures.
        problems: a sentence for each name that leads to no picture.
    """

    pictures: list[NamedPicture] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def named_pictures(
    names: Sequence[str], downloads: Path, *, max_bytes: int, private: bool
) -> NamedPictures:
    """Finds or downloads all pictures.

    Args:
        names: paths of files and folders, in which further folders are not searched; addresses.
        downloads: a folder for what is downloaded.
        max_bytes: of one download.
        private: whether an address may lead to this machine or its own network.
    """
    found = NamedPictures()
    for number, name in enumerate(names):
        try:
            if "://" in name:
                folder = downloads / str(number)
                found.pictures.append(_download(name, folder, max_bytes, private=private))
            elif (path := Path(name).expanduser()).is_dir():
                _look_into(path, found)
            else:
                found.pictures.append(NamedPicture(path, path.stem))
        except GeneratorError as error:
            found.problems.append(str(error))
    return found


def _download(url: str, folder: Path, max_bytes: int, *, private: bool) -> NamedPicture:
    from generator.files.download import fetch  # only here: it takes a while to import

    check_address(url, private=private)
    parts = urlsplit(url)
    name = PurePosixPath(unquote(parts.path)).stem or parts.hostname or ""
    # The name is shown while it is downloaded.
    file = folder / (re.sub(r"\W+", "-", name)[:_LONGEST] or "picture")
    fetch(
        url,
        file,
        max_bytes=max_bytes,
        max_seconds=_MAX_SECONDS,
        progress=True,
        private=private,
    )
    return NamedPicture(file, name, without_secrets(url))


def _look_into(folder: Path, found: NamedPictures) -> None:
    """Adds the pictures of a folder by name, numbers in their order."""
    files = [one for one in folder.iterdir() if one.is_file() and not one.name.startswith(".")]
    wanted = _SUFFIXES | _FOREIGN_SUFFIXES
    pictures = [one for one in files if one.suffix.lower() in wanted]
    if not pictures:
        raise ImageError(f"{folder}: no pictures are in it; folders in it are not searched")
    if others := sorted(one.name for one in files if one not in pictures):
        sentence = f"{folder}: left out, as they are no pictures: {', '.join(others)}"
        found.passed_over.append(sentence)
    pictures.sort(key=_in_natural_order)
    found.pictures += [NamedPicture(path, path.stem) for path in pictures]


def _in_natural_order(path: Path) -> tuple[list[tuple[bool, int, str]], str]:
    parts = re.split(r"(\d+)", path.name.casefold())
    numbers = [(one.isdecimal(), int(one) if one.isdecimal() else 0, one) for one in parts]
    return numbers, path.name
