"""The names that images have in addresses and file names: slugs.

In: what an author wrote, or the name of a file. Out: a slug of a-z, 0-9 and hyphens, and
problems of slugs that are taken. It reads no file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from generator.project.yaml_source import Location, YamlSource

LONGEST_SLUG = 60
# Pages, which `ref` finds by these names too, and names that Windows reserves for devices.
RESERVED = {"index", "q1", "q2", "q3", "lab", "about", "con", "prn", "aux", "nul"}
RESERVED |= {f"{device}{i}" for device in ("com", "lpt") for i in range(1, 10)}


def slugify(text: str) -> str:
    """Lower-case ASCII letters, digits and single hyphens; empty where no letter is Latin."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    slug = re.sub("[^a-z0-9]+", "-", "".join(map(_in_ascii, folded)))
    return slug.strip("-")[:LONGEST_SLUG].rstrip("-")


def _in_ascii(letter: str) -> str:
    if letter.isascii() or unicodedata.combining(letter):
        return letter if letter.isascii() else ""
    # "ø" has no decomposition; its name is LATIN SMALL LETTER O WITH STROKE.
    name = re.match("LATIN SMALL LETTER ([A-Z]{1,2})( WITH .*)?$", unicodedata.name(letter, ""))
    return name[1].lower() if name else "-"


def slug_of_origin(values: Mapping[str, object], number: int) -> str:
    """The slug of an image without a `slug`: from its file, its address or its number."""
    name = values.get("file", values.get("url"))
    if "file" not in values:
        try:
            name = unquote(urlsplit(str(name or "")).path)
        except ValueError:  # not an address; reported elsewhere
            name = ""
    return slugify(PurePosixPath(str(name)).stem) or f"image-{number}"


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
