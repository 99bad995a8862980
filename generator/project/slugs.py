"""The names that images have in addresses and file names: slugs.

In: what an author wrote, or the name of a file. Out: a slug of a-z, 0-9 and hyphens, and
problems of slugs that are taken. It reads no file.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from anyascii import anyascii

from generator.project.yaml_source import Location, YamlSource

LONGEST_SLUG = 60
# Pages, which `ref` finds by these names too, and names that Windows reserves for devices.
RESERVED = {"index", "q1", "q2", "q3", "lab", "about", "con", "prn", "aux", "nul"}
RESERVED |= {f"{device}{i}" for device in ("com", "lpt") for i in range(1, 10)}


def slugify(text: str) -> str:
    """Lower-case ASCII letters, digits and single hyphens; empty if there is no letter or digit.

    Where no letter is Latin, each is written in Latin ones: "Кот 1" is "kot-1". Where one is, the
    others are left out, as they always were: an address that could be read stays as it is.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    slug = _hyphenated("".join(map(_in_ascii, folded)))
    return slug if re.search("[a-z]", slug) else romanised(text)


def romanised(text: str) -> str:
    """The slug of a text in which each letter of any script, and each emoji, is spelled out."""
    return _hyphenated(anyascii(unicodedata.normalize("NFC", text)).lower())


def _hyphenated(text: str) -> str:
    slug = re.sub("[^a-z0-9]+", "-", text)
    return slug.strip("-")[:LONGEST_SLUG].rstrip("-")


def _in_ascii(letter: str) -> str:
    if letter.isascii() or unicodedata.combining(letter):
        return letter if letter.isascii() else ""
    # "ø" has no decomposition; its name is LATIN SMALL LETTER O WITH STROKE.
    name = re.match("LATIN SMALL LETTER ([A-Z]{1,2})( WITH .*)?$", unicodedata.name(letter, ""))
    return name[1].lower() if name else "-"


def title_of_name(name: str, slug: str) -> str:
    """A title from the name of a file, with its accents; "" where the slug says as much.

    Only Latin letters are taken: the handout's fonts may have no others.
    """
    words = " ".join(re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", name)).split())
    letters = [one for one in words if one.isalpha()]
    are_latin = all("LATIN" in unicodedata.name(one, "") for one in letters)
    if not letters or not are_latin or romanised(words) != romanised(name):
        return ""
    title = words[:1].upper() + words[1:]
    return "" if title == slug.replace("-", " ").capitalize() else title


def slug_of_origin(values: Mapping[str, object], number: int) -> str:
    """The slug of an image without a `slug`: from its file or its address.

    A name without letters and digits gives some of its hash, so that the order does not matter. The
    number is for an image that has neither file nor address, which is reported elsewhere.
    """
    name = values.get("file", values.get("url"))
    if "file" not in values:
        try:
            name = unquote(urlsplit(str(name or "")).path)
        except ValueError:  # not an address; reported elsewhere
            name = ""
    origin = values.get("file", values.get("url"))
    slug = slugify(PurePosixPath(str(name)).stem)
    return slug or f"image-{number if origin is None else _short_hash(str(origin))}"


def _short_hash(text: str) -> str:
    """Eight hex digits; the same however a system writes accents."""
    return hashlib.sha256(unicodedata.normalize("NFC", text).encode()).hexdigest()[:8]


def check_slug(
    slug: str,
    is_written: bool,
    location: Location,
    taken: dict[str, Location],
    reserved: set[str],
    source: YamlSource,
) -> None:
    """Reports a slug that is taken or reserved; otherwise takes it.

    Slugs are compared in their slugified form, so that `Cats` and `cats` are the same.

    Args:
        is_written: by the author; otherwise it was made from the name of the file.
        here: the image's location in the file.
        taken: the location of each earlier slug; grows.
    """
    same = slugify(slug)
    line = source.value_lines[(*location, "slug") if is_written else location]
    subject = f"the slug `{same}`" + ("" if is_written else ", made from the name of its file,")
    if same in reserved:
        source.report(location, f"{subject} is not free; choose another with `slug:`", line)
    if same in taken:
        first = f"image {int(taken[same][-1]) + 1} on line {source.value_lines[taken[same]]}"
        source.report(location, f"{subject} is that of {first}; choose another with `slug:`", line)
    elif same:
        taken[same] = location
