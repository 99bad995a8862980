"""One picture, several models: an image of `gallery.yml` whose `models:` names more than one.

In: a `GalleryImage` as it was read. Out: an image for each of its models, with a slug and a title
of its own, and the `Comparison` that they belong to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from generator.project.fields import ModelName, a_kind_of, unexpected
from generator.project.slugs import LONGEST_SLUG, slugify

if TYPE_CHECKING:
    from generator.project.gallery import GalleryImage


@dataclass(frozen=True)
class Comparison:
    """What images have in common that show one picture to several models.

    Attributes:
        slug, title: of the page that compares them.
    """

    slug: str
    title: str


def comparisons_of(gallery: Iterable[GalleryImage]) -> dict[str, str]:
    """The titles of a gallery's comparisons, by slug, in order."""
    return {one.comparison.slug: one.comparison.title for one in gallery if one.comparison}


def _several(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(names) == 1:
        raise unexpected(_SEVERAL, f"; write `model: {names[0]}` for a single one")
    if len(set(names)) < len(names):
        raise unexpected(_SEVERAL, "; name each once")
    return names


_SEVERAL = "a list of two models or more, such as `[detr_emoji, detr_resnet50]`"
Models = Annotated[
    tuple[ModelName, ...], a_kind_of((list, tuple), _SEVERAL), AfterValidator(_several)
]


def slug_with(image_slug: str, model: str) -> str:
    """The slug of an image that is run by one of several models.

    Raises:
        ValueError: it is too long; the message says what to write.
    """
    slug = f"{image_slug}-{slugify(model)}"
    if len(slug) > LONGEST_SLUG:
        most = LONGEST_SLUG - len(slug) + len(image_slug)
        raise ValueError(
            f"with the name of a model the slug `{image_slug}` is too long; choose one of at most "
            f"{most} characters with `slug:`"
        )
    return slug


def split_by_model(image: GalleryImage, slugs: Sequence[str]) -> tuple[GalleryImage, ...]:
    """An image for each of the models.

    Args:
        image: with `models`.
        slugs: one for each of them.
    """
    whole = Comparison(image.slug, image.title)
    return tuple(
        replace(
            image,
            slug=slug,
            title=f"{image.title}, {model}",
            model=model,
            models=(),
            comparison=whole,
        )
        for slug, model in zip(slugs, image.models, strict=True)
    )
