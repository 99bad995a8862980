"""content/gallery.yml -> `GalleryImage`s in the author's order, or every problem at once.

In: a `SiteConfig`, whose model and threshold apply where an image names none. Out: one
frozen record per image, each with its own slug. It checks that image files exist, but opens
none of them and requests no address.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import NoneType
from typing import Annotated

from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from generator.detr.model_cards import ModelCards
from generator.errors import ConfigurationError
from generator.project.annotated import (
    AnnotationFiles,
    AnnotationsPath,
    categories_of,
    path_of_image,
)
from generator.project.annotation_files import AnnotationFile, CocoImage
from generator.project.annotations import Annotations, without_cocos_keys
from generator.project.comparisons import Comparison, Models, slug_with, split_by_model
from generator.project.config import SiteConfig, read_config
from generator.project.fields import (
    DEFAULT_GALLERY,
    Line,
    ModelName,
    OnOrOff,
    Threshold,
    Title,
    a_kind_of,
    in_project,
    project_path,
)
from generator.project.image_fields import Address, Hash, Points, Slug, Text
from generator.project.models import names_in
from generator.project.overlay import content_of
from generator.project.records import CLOSED, keys_of, misspelt, read_record
from generator.project.slugs import RESERVED, check_slug, slug_of_origin, slugify
from generator.project.yaml_source import Location, YamlSource, read_yaml


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class GalleryImage:
    """One image of the gallery, with the site's settings filled in where it has none.

    Attributes:
        slug: its name in addresses and file names: a-z, 0-9 and hyphens, unique.
        file: of the project, with links resolved; None if `url` is given.
        url: http or https; None if `file` is given.
        sha256: of the image file, 64 lower-case hexadecimal digits.
        caption: may have several lines; all other texts have one.
        models: several, in place of `model`; each image that `load_gallery` gives has one.
        threshold: the least score of a detection that is shown, 0 < threshold < 1.
        print: whether `print: core` of the settings is to show it.
        points: reference points (x, y), fractions of width and height in [0, 1]; None
            leaves the choice to the site.
        page: whether it gets a page where not all images do.
        annotations: the file or folder that says so, of this image or of all; None if none does.
        objects: what is really in the image; empty if nothing is, None if not annotated.
        coco: the ids of the image and of categories in `annotations`; no key of gallery.yml.
        comparison: what it shares with the same picture's images of other models; no key, either.
    """

    slug: Slug
    title: Title
    file: Annotated[Path, in_project("file")] | None = None
    url: Address | None = None
    sha256: Hash | None = None
    caption: Text = ""
    alt: Line = ""
    credit: Line = ""
    model: ModelName
    models: Models = ()
    threshold: Threshold
    print: OnOrOff = False
    points: Points = None
    page: OnOrOff = False
    annotations: AnnotationsPath | None = None
    objects: Annotations | None = None
    coco: Annotated[CocoImage | None, a_kind_of((CocoImage, NoneType), "nothing")] = None
    comparison: Annotated[Comparison | None, a_kind_of((Comparison, NoneType), "nothing")] = None


def load_gallery(config: SiteConfig) -> tuple[GalleryImage, ...]:
    """Reads and checks the gallery of a site.

    Raises:
        ConfigurationError: holds every problem found.
    """
    source, images = _read_gallery(config.gallery, config)
    if source.problems:
        raise ConfigurationError(source.sorted_problems())
    return images


def load_project(path: Path) -> tuple[SiteConfig, tuple[GalleryImage, ...]]:
    """Reads and checks site_config.yml at `path` and the gallery that it names.

    Raises:
        ConfigurationError: holds every problem of both files. Where site_config.yml cannot
            be read, the gallery is looked for in its default place.
    """
    source, config = read_config(path)
    if config is not None:
        return config, load_gallery(config)
    problems = source.sorted_problems()
    stand_in = SiteConfig(
        root=path.parent.resolve(),
        title="of a broken site_config.yml",
        cards=ModelCards(away=dict.fromkeys(names_in(source.value), "")),
    )
    written = source.value.get("gallery") if isinstance(source.value, dict) else None
    try:
        gallery = project_path(written or str(DEFAULT_GALLERY), stand_in.root, "file")
    except PydanticCustomError:
        pass  # not there; where it matters, that is among the problems
    else:
        problems += _read_gallery(gallery, stand_in)[0].sorted_problems()
    raise ConfigurationError(problems)


def reserved_slugs(config: SiteConfig) -> set[str]:
    """The names that no image may have: those of pages and of devices."""
    return RESERVED | {Path(name).stem for name in content_of(config).files("*.md")}


def _read_gallery(path: Path, config: SiteConfig) -> tuple[YamlSource, tuple[GalleryImage, ...]]:
    """The gallery's file with its problems, and the images without problems."""
    source = read_yaml(path)
    entries, at = _entries(source)
    reading = _Reading(source, config)
    images = [
        image for index, entry in enumerate(entries) for image in reading.images(entry, at, index)
    ]
    return source, tuple(images)


class _Reading:
    """A gallery's file while its entries are read: which names are taken, which files are open."""

    def __init__(self, source: YamlSource, config: SiteConfig) -> None:
        self.source, self.config = source, config
        self.taken: dict[str, Location] = {}
        self.reserved = reserved_slugs(config)
        self.files = AnnotationFiles(config.root, source)
        self.shared = self.files.shared()

    def images(self, entry: object, at: Location, index: int) -> tuple[GalleryImage, ...]:
        """The images of an entry: none if it has problems, and several if it has several models."""
        location = (*at, index)
        if not isinstance(entry, dict):
            self.source.report_unexpected(
                location, "keys such as `file:` after the dash", _key_for(entry)
            )
            return ()
        written = {key: value for key, value in entry.items() if value is not None}
        _check_origin(entry, location, self.source)
        if "model" in written and "models" in written:
            self.source.report(location, "has both `model:` and `models:`; keep one of the two")
        derived = self._derived(written, location, index)
        asked = (*location, "annotations")
        file = self.files.at(written.get("annotations"), asked) or self.shared
        if "objects" in written:
            entry["objects"] = without_cocos_keys(
                entry["objects"], categories_of(file), self.source, (*location, "objects")
            )
        image = read_record(
            GalleryImage,
            entry,
            self.source,
            location,
            root=self.config.root,
            models=self.config.cards.names,
            defaults=derived,
            given={"coco": None, "comparison": None},
        )
        if image is None:
            return ()
        if file is not None:
            image = self._annotated(image, file, location, "annotations" in written)
        return self._by_model(image, location)

    def _derived(
        self, written: dict[str, object], location: Location, index: int
    ) -> dict[str, object]:
        """What an entry has where it says nothing."""
        slug = written.get("slug", slug_of_origin(written, index + 1))
        if isinstance(slug, str):
            check_slug(slug, "slug" in written, location, self.taken, self.reserved, self.source)
        return {
            "slug": slug,
            "title": (slugify(str(slug)) or "image").replace("-", " ").capitalize(),
            "model": self.config.model,
            "threshold": self.config.threshold,
        }

    def _annotated(
        self, image: GalleryImage, file: AnnotationFile, location: Location, is_asked: bool
    ) -> GalleryImage:
        """The image with the objects that a file has of it, if it has none of its own."""
        name = path_of_image(image.file, image.url, self.config.root)
        before = len(self.source.problems)
        found = self.files.found(file, name, location)
        is_told = len(self.source.problems) > before
        image = replace(image, annotations=file.path)
        if found is None:
            if is_asked and not is_told:
                message = f"`{file.path.name}` has no image of the name `{name.name}`"
                self.source.report((*location, "annotations"), message)
            return image
        objects = found.objects if image.objects is None else image.objects
        return replace(image, objects=objects, coco=found.coco)

    def _by_model(self, image: GalleryImage, location: Location) -> tuple[GalleryImage, ...]:
        """The image, or one for each of its models, whose slugs are taken as well."""
        if not image.models:
            return (image,)
        try:
            slugs = [slug_with(image.slug, model) for model in image.models]
        except ValueError as error:
            self.source.report(location, str(error))
            return ()
        for slug in slugs:
            check_slug(slug, False, location, self.taken, self.reserved, self.source)
        return split_by_model(image, slugs)


def _entries(source: YamlSource) -> tuple[list[object], Location]:
    """The list of images and its location."""
    value = source.value
    if isinstance(value, list):
        source.report((), "write `images:` on a line above the list")
        return value, ()
    if not isinstance(value, dict):
        if value is not None:
            source.report_unexpected((), "`images:` and below it a list")
        return [], ()
    for key in value:
        if key == "annotations":
            continue
        if key in keys_of(GalleryImage):
            message = f"`{key}:` belongs to an image; indent it as far as the key after the dash"
            source.report((), message, source.key_lines[(key,)])
        elif key.startswith("-"):
            message = f"put a space after the dash of `{key}:`"
            source.report((), message, source.key_lines[(key,)])
        elif key != "images":
            source.report_unknown_key((key,), ("images", "annotations"))
    images = value.get("images")
    if isinstance(images, list) and images:
        return images, ("images",)
    if "images" in value or not misspelt(value, ["images"]):
        example = "a list of images, such as `- file: images/cats.jpg`"
        source.report_unexpected(("images",), example)
    return [], ()


def _key_for(entry: object) -> str:
    """How to turn a line that is only a text into an image."""
    if not isinstance(entry, str):
        return ""
    pair = re.match(r"(\w+)\s*[:=]\s*(?!//)(\S.*)", entry)
    if pair:
        return f"; write `- {pair[1]}: {pair[2]}`"
    return f"; write `- {'url' if '://' in entry else 'file'}: {entry}`"


def _check_origin(entry: dict[str, object], location: Location, source: YamlSource) -> None:
    origins = {key for key in ("file", "url") if entry.get(key) is not None}
    if len(origins) == 2:
        source.report(location, "has both `file:` and `url:`; keep one of the two")
    if not origins and not misspelt(entry, keys_of(GalleryImage)) & {"file", "url"}:
        source.report(
            location, "needs `file:` (an image of the project) or `url:` (one from the web)"
        )
