"""Adds pictures to the gallery: copies without metadata, and entries in gallery.yml.

In: files, folders and addresses of pictures, and what is to be said of them. Out: copies below
`content/images`, lines at the end of gallery.yml, and sentences for the terminal; or an error, and
everything is as it was before. What was changed passes `check`.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from generator.check import check_entries
from generator.errors import ChangedError, GeneratorError, UsageError
from generator.files.clean_copy import Look, clean_copy, free_place, sides_of
from generator.files.folders import CacheFolder
from generator.files.images import load_image
from generator.files.lock import locked
from generator.files.named_pictures import NamedPicture, named_pictures
from generator.files.write import replace_file
from generator.inference.locate import MAX_IMAGE_BYTES, locate_image
from generator.project.config import SiteConfig, load_config
from generator.project.gallery import GalleryImage, load_gallery, reserved_slugs
from generator.project.gallery_text import has_images, with_entries, without_controls
from generator.project.slugs import LONGEST_SLUG, romanised, title_of_name
from generator.project.suggest import did_you_mean
from generator.project.yaml_source import displayed

logger = logging.getLogger("generator")

FOLDER = "images"
"""Where copies go, in the folder of the texts."""
_NOTHING_ADDED = "nothing was added"


@dataclass(frozen=True)
class Wishes:
    """What the command line says of new images; "" where it says nothing.

    Attributes:
        name: of the copy and of the image's page, in place of the file's own.
    """

    title: str = ""
    caption: str = ""
    alt: str = ""
    credit: str = ""
    model: str = ""
    name: str = ""


@dataclass(frozen=True)
class _New:
    """A picture that will be in the gallery.

    Attributes:
        staged: where its copy is now.
        file: where that goes.
        entry: keys and values for gallery.yml.
    """

    source: NamedPicture
    staged: Path
    file: Path
    entry: dict[str, str]


@dataclass
class _Plan:
    """What is to be added, and what has to be said of the rest."""

    new: list[_New] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def add(
    config: Path, sources: Sequence[str], wishes: Wishes, *, dry_run: bool, wait: bool = False
) -> str:
    """Adds pictures, and returns what is to be said of it.

    Args:
        config: site_config.yml.
        sources: paths of files and folders, and addresses.
        dry_run: only say what would be added; nothing is checked either.
        wait: for another command that adds pictures.

    Raises:
        UsageError: a name leads nowhere, or a title is to be that of several pictures.
        ImageError, UnavailableError, DownloadError: a picture cannot be had or read.
        BusyError: another command adds pictures.
        ConfigurationError: settings or gallery have problems already.
        ChangedError: gallery.yml was changed meanwhile.
        GeneratorError: what would be added does not pass `check`.
    """
    site = load_config(config)
    names = site.cards.names
    if wishes.model and wishes.model not in names:
        offer = did_you_mean(wishes.model, names) or f"; there are {', '.join(names)}"
        raise UsageError(f"--model: no model {wishes.model}{offer}")
    with locked(site.gallery.parent, "`add`", wait=wait), tempfile.TemporaryDirectory() as place:
        gallery = load_gallery(site) if has_images(_text_of(site.gallery)) else ()
        plan = _planned(site, gallery, sources, wishes, Path(place))
        before = site.gallery.read_bytes()
        after = _extended(before, plan.new)
        if plan.new and not dry_run:
            with _copies(plan.new), _trial(site, gallery, after, plan.new) as trial:
                _put_into_place(trial, site.gallery, before)
    return "\n".join(_report(site, plan, dry_run=dry_run))


def _text_of(gallery: Path) -> str:
    try:
        return gallery.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return "images"  # which is reported when it is read


def _planned(
    site: SiteConfig,
    gallery: Sequence[GalleryImage],
    names: Sequence[str],
    wishes: Wishes,
    staging: Path,
) -> _Plan:
    """Reads all pictures; every one that cannot be read is told of."""
    private = site.private_addresses
    found = named_pictures(names, staging, max_bytes=MAX_IMAGE_BYTES, private=private)
    plan, problems = _Plan(notes=found.passed_over), found.problems
    if len(found.pictures) + len(problems) > 1:
        for key in ("title", "name"):
            if getattr(wishes, key):
                raise UsageError(f"--{key} is for one picture, and there are several; leave it out")
    taken = {one.slug for one in gallery} | reserved_slugs(site)
    model, known = wishes.model or site.model, _Known(site, gallery)
    for number, source in enumerate(found.pictures):
        try:
            copy = clean_copy(source.path, max_pixels=site.max_pixels)
        except GeneratorError as error:
            problems.append(str(error).replace(str(source.path), str(source)))
            continue
        if same := known.same_as(source, copy.look, model):
            plan.notes.append(f"{source}: is in the gallery already, as `{same}`; not added again")
            continue
        name = romanised(wishes.name or source.name)
        file = free_place(site.content / FOLDER, name, copy, taken, LONGEST_SLUG)
        staged = staging / f"{number}{copy.suffix}"
        staged.write_bytes(copy.content)
        plan.new.append(_New(source, staged, file, _entry(site, source, file, wishes)))
        taken.add(file.stem)
        known.add(file.stem, copy.look, model)
    if problems:
        advice = f"{_NOTHING_ADDED}; mend or leave out what is named above"
        raise UsageError("\n".join([*problems, advice]))
    return plan


class _Known:
    """The pictures that are in the gallery, or will be."""

    def __init__(self, site: SiteConfig, gallery: Sequence[GalleryImage]) -> None:
        self._site, self._gallery = site, gallery
        self._new: list[tuple[str, Look, str]] = []

    def add(self, slug: str, look: Look, model: str) -> None:
        self._new.append((slug, look, model))

    def same_as(self, source: NamedPicture, look: Look, model: str) -> str:
        """The slug of the same picture for the same model; "" if there is none.

        Of pictures from the web only those are compared that were downloaded by a build.
        """
        downloads = CacheFolder.of(self._site.root).downloads
        for entry in self._gallery:
            if entry.model != model:
                continue
            if source.url and source.url == entry.url:
                return entry.slug
            with suppress(GeneratorError):
                path = locate_image(entry, downloads, offline=True)
                if sides_of(path) == (min(look.size_hw), max(look.size_hw)):
                    pixels = load_image(path, max_pixels=self._site.max_pixels)
                    if look.is_that_of(Look.of(pixels)):
                        return entry.slug
        same = (slug for slug, other, of in self._new if of == model and look.is_that_of(other))
        return next(same, "")


def _entry(site: SiteConfig, source: NamedPicture, file: Path, wishes: Wishes) -> dict[str, str]:
    texts = {
        "title": wishes.title or title_of_name(source.name, file.stem),
        "caption": wishes.caption,
        "alt": wishes.alt,
        "credit": wishes.credit,
        "model": wishes.model,
    }
    written = {key: text for key, value in texts.items() if (text := without_controls(value))}
    return {"file": os.path.relpath(file, site.root).replace(os.sep, "/"), **written}


def _extended(before: bytes, new: Sequence[_New]) -> bytes:
    """The bytes of gallery.yml with the new entries."""
    mark = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
    notes = [f"From {one.source.url}" if one.source.url else "" for one in new]
    text = before.removeprefix(mark).decode()
    return mark + with_entries(text, [one.entry for one in new], notes).encode()


@contextmanager
def _copies(new: Sequence[_New]) -> Iterator[None]:
    """Writes the copies; after an error they are gone again."""
    written: list[Path] = []
    try:
        for one in new:
            if not one.file.exists():
                written.append(one.file)
                replace_file(one.file, one.staged.read_bytes())
        yield
    except BaseException:
        for file in written:
            with suppress(OSError):
                file.unlink(missing_ok=True)
        raise


@contextmanager
def _trial(
    site: SiteConfig, gallery: Sequence[GalleryImage], after: bytes, new: Sequence[_New]
) -> Iterator[Path]:
    """A file beside gallery.yml with the new bytes, which passed `check`; it is gone afterwards."""
    path = site.gallery
    logger.info("checking that the handout can be built with it, which takes a moment")
    trial = path.with_name(f".{path.name}.{os.getpid()}.part")
    for left in path.parent.glob(f".{path.name}.*.part"):  # by an `add` that was killed
        left.unlink(missing_ok=True)
    try:
        trial.write_bytes(after)
        shutil.copymode(path, trial)
        tried = replace(site, gallery=trial)
        try:
            entries = load_gallery(tried)
            wanted = [*(one.file for one in gallery), *(one.file for one in new)]
            if [one.file for one in entries] != wanted:
                raise GeneratorError(f"{displayed(path)}: lines cannot be added to its end")
            check_entries(tried, entries)
        except GeneratorError as error:
            text = str(error).replace(trial.name, path.name)
            raise GeneratorError(
                f"{_NOTHING_ADDED}, because with it `check` would say:\n{text}"
            ) from error
        yield trial
    finally:
        trial.unlink(missing_ok=True)


def _put_into_place(trial: Path, gallery: Path, before: bytes) -> None:
    if gallery.read_bytes() != before:
        raise ChangedError(
            f"{displayed(gallery)}: was changed meanwhile; {_NOTHING_ADDED}, so run `add` again"
        )
    trial.replace(gallery)


def _report(site: SiteConfig, plan: _Plan, *, dry_run: bool) -> Iterator[str]:
    yield from plan.notes
    for one in plan.new:
        yield f"{one.source} -> {one.entry['file']}"
    number = f"{len(plan.new)} image{'' if len(plan.new) == 1 else 's'}"
    where = displayed(site.gallery)
    if not plan.new:
        yield f"Nothing to add to {where}."
    elif dry_run:
        yield f"Would add {number} to {where}; nothing was written or checked."
    else:
        yield f"Added {number} to {where}. The copies do not say where they were taken."
