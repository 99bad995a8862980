"""Searches the folder that students get for answers, once it is written and before it is published.

In: an edition whose outputs are staged. Out: nothing, or a `PageError` that names the file. Files
that were searched before are known by their digest. Pictures that this build drew are not read.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from generator.errors import PageError
from generator.exercises.known_forms import known_forms
from generator.exercises.leaks import GivenAway, given_away
from generator.exercises.normal_form import normal_form
from generator.files.fingerprint import fingerprint
from generator.files.folders import CacheFolder
from generator.files.walk import names_below
from generator.outputs.known_clean import KnownClean
from generator.outputs.listed import pictures_of
from generator.outputs.output import EditionBuild
from generator.outputs.pdf.handout import name_of
from generator.outputs.theme import is_of_the_theme
from generator.pages.contents import Contents
from generator.project.overlay import content_of, templates_of
from generator.project.source_lines import Sources

_STAMP = "searched"
_MOST_BYTES, _MOST_MEMBERS = 20_000_000, 1000
"""Of a packed file no more is unpacked, and of an archive no more files."""
_PACKED = (".zip", ".gz", ".npz", ".docx", ".xlsx", ".pptx", ".odt", ".whl")


def refuse_written_answers(edition: EditionBuild, contents: Contents) -> None:
    """Searches every file of a student's edition that is, or is about to be, published.

    Raises:
        PageError: names the file, or the author's file that it was made from.
    """
    config = edition.config
    accepted = known_forms(
        content_of(config).below("exercises"), CacheFolder.of(config.root).exercises
    )
    key = fingerprint(__name__, border=_BORDER, values={"accepted": accepted})
    known = KnownClean(edition.folder.stamp(_STAMP), key)
    drawn = pictures_of(contents)
    for name, place in _published(edition):
        if name in drawn:
            continue
        file = place / name
        content = file.read_bytes()
        kind = "packed" if name.lower().endswith(_PACKED) else ""
        if not content or is_of_the_theme(name, content) or known.holds(content, kind):
            continue
        for leak in answers_in(name, content, accepted):
            if file.is_relative_to(edition.folder.docs):
                file.unlink()
            _refuse(edition, name, leak)
    known.save()


def answers_in(
    name: str, content: bytes, accepted: Mapping[str, Sequence[str]]
) -> Iterator[GivenAway]:
    """The answers that can be read in a file, whatever it is.

    Args:
        name: of the file; its ending tells what is packed.
        content: of the file.
        accepted: by the blank's name, each form of its answer.
    """
    for text in _texts(name, content, accepted):
        yield from given_away(text, accepted)


_BORDER = (
    "generator.errors",
    "generator.outputs.listed",
    "generator.outputs.output",
    "generator.outputs.pdf",
    "generator.pages",
    "generator.project",
)
"""Not followed: whatever they make is read as it was written."""


def _refuse(edition: EditionBuild, name: str, leak: GivenAway) -> NoReturn:
    """Names the author's file, where that is known, else the one that was written."""
    source = templates_of(edition.config).file(name)
    if not (name.startswith("assets/") and source.is_file()):
        source = edition.folder.path / name
    place = Sources(edition.config).label(source)
    raise PageError(
        f"{place}: students would read an answer here, `{leak.answer}` of the blank "
        f"`{leak.blank}`; nothing was published. Remove it, or build the instructor's edition"
    )


def _published(edition: EditionBuild) -> Iterator[tuple[str, Path]]:
    """Each file of what is made now, and the folder it is in; others may be the instructor's."""
    folder, places = edition.folder, []
    if "site" in edition.config.outputs:
        places += [folder.docs, folder.staged_site if folder.staged_site.is_dir() else folder.site]
    if "pdf" in edition.config.outputs:
        places.append(folder.handout_sources(name_of(edition)))
    for place in places:
        for name in names_below(place):
            yield name, place


def _texts(name: str, content: bytes, accepted: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What can be read in a file, whatever it is; of a packed file, in what is packed."""
    for unpacked in _packed(name, content):
        yield from _plain(unpacked, accepted)
    yield from _plain(content, accepted)


def _plain(content: bytes, accepted: Mapping[str, Sequence[str]]) -> Iterator[str]:
    try:
        yield content.decode("utf-8-sig")
        return
    except UnicodeDecodeError:
        pass
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield content.decode("utf-16", "replace")
    # Whatever else it is, answers may stand in it as they are.
    for forms in accepted.values():
        for form in forms:
            spellings = {form, normal_form(form)}
            if any(one.encode(code) in content for one in spellings for code in _CODES):
                yield form


_CODES = ("utf-8", "utf-16-le", "utf-16-be")


def _packed(name: str, content: bytes) -> Iterator[bytes]:
    """What an archive or a compressed file holds; nothing if it is neither, or damaged."""
    if not name.lower().endswith(_PACKED):
        return
    try:
        if content.startswith(b"\x1f\x8b"):
            with gzip.open(io.BytesIO(content)) as stream:
                yield stream.read(_MOST_BYTES)
            return
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for one in archive.infolist()[:_MOST_MEMBERS]:
                with archive.open(one) as member:
                    yield member.read(_MOST_BYTES)
    except (OSError, EOFError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile):
        return
