"""The content of the diagram of a model's workflow: words, counts and shares.

In: the profiles of a build's forward passes. Out: `Workflow`s, which the template
`workflow.svg.j2` draws and the pages quote. It computes no layout.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from generator.detr.model_profile import ModelProfile, Part
from generator.detr.relatives.architecture import RelativeArchitecture
from generator.detr.zoo import ModelCard, model_card
from generator.pages.contents import Contents, ImageResult

TWO_CATS = ModelProfile(
    shapes={
        "image": (3, 480, 640),
        "input": (3, 800, 1066),
        "features": (2048, 25, 34),
        "projected": (256, 25, 34),
        "tokens": (850, 256),
        "positions": (850, 256),
        "memory": (850, 256),
        "queries": (100, 256),
        "decoded": (100, 256),
        "classes": (100, 92),
        "boxes": (100, 4),
    },
    parts={
        "backbone": Part(23_454_912, 69_976_448_000),
        "projection": Part(524_544, 445_644_800),
        "positions": Part(0, 0),
        "encoder": Part(7_890_432, 8_904_192_000),
        "queries": Part(25_600, 0),
        "decoder": Part(9_473_024, 1_825_382_400),
        "class_head": Part(23_644, 2_355_200),
        "box_head": Part(132_612, 13_209_600),
    },
)
"""DETR-R50 on image 000000039769 of COCO's val2017, counted without weights or image."""

_TITLES = {
    "backbone": "Backbone",
    "projection": "Projection",
    "positions": "Position encodings",
    "encoder": "Encoder",
    "queries": "Object queries",
    "decoder": "Decoder",
    "class_head": "Class head",
    "box_head": "Box head",
}
_ONE_STACK = {"backbone": "Patches", "encoder": "One stack", "queries": "Detection tokens"}
"""What parts are called in a model that has one stack for everything."""
_BACKBONES = {
    "small": "a small ResNet",
    **{f"resnet{depth}": f"ResNet-{depth}" for depth in (18, 34, 50, 101, 152)},
}


@dataclass(frozen=True)
class Amount:
    """A number and its share of a whole.

    Attributes:
        text: "23.5 M", or "none".
        share: 0 to 1.
        percent: "56 %", or "" if the number is 0.
    """

    text: str
    share: float
    percent: str


@dataclass(frozen=True)
class Row:
    """A part of the model in the diagram.

    Attributes:
        title, about: its name, and its kind in this model.
        parameters, work: the number of parameters and of multiply-adds.
    """

    title: str
    about: str
    parameters: Amount
    work: Amount


@dataclass(frozen=True)
class Workflow:
    """The workflow of one model over one image.

    Attributes:
        card: the model's.
        image: title of the image that ran through it; None if none did in this build.
        rows: by the names of the parts, in the order of the forward pass.
        minimal: whether positions and queries enter once, not in every layer.
        file: the diagram as a separate file, relative to `docs`.
    """

    card: ModelCard
    image: str | None
    profile: ModelProfile
    rows: dict[str, Row]
    minimal: bool
    file: str

    @property
    def has_one_stack(self) -> bool:
        """Whether queries sit in the encoder's stack, and there is no decoder."""
        return self.card.relative is not None and not self.card.relative.has_decoder

    @property
    def has_places_in_decoder(self) -> bool:
        """Whether cross-attention compares queries with the places of cells."""
        return self.card.relative is None or not self.card.relative.is_sampled

    @property
    def chooses_queries(self) -> bool:
        """Whether the encoder proposes the queries."""
        return self.card.relative is not None and self.card.relative.chooses_queries

    @property
    def levels(self) -> int:
        """How many feature maps are read."""
        return 1 if self.card.relative is None else self.card.relative.levels

    @property
    def parameters(self) -> str:
        """Of the whole model: "41.5 M"."""
        return short_count(self.profile.parameters)

    @property
    def work(self) -> str:
        """Multiply-adds of the whole forward pass: "81.2 G"."""
        return short_count(self.profile.multiply_adds)


def workflows_of(contents: Contents, example: ImageResult | None) -> tuple[Workflow, ...]:
    """One workflow for each model that ran, the example's first.

    If a model ran over several images, the first image counts. If nothing ran, the result
    is the documented workflow of DETR-R50 over an image of two cats.
    """
    if example is None:
        return (documented_workflow(),)
    by_model = {example.entry.model: example}
    for result in contents.results:
        by_model.setdefault(result.entry.model, result)
    cards = {card.name: card for card in contents.cards}
    return tuple(
        _workflow(cards[model], result.entry.title, result.profile)
        for model, result in by_model.items()
    )


def documented_workflow() -> Workflow:
    """The documented workflow, which pages fall back to and compare with."""
    return _workflow(model_card("detr_resnet50"), None, TWO_CATS)


def short_count(number: int) -> str:
    """A count with three digits: "840", "23.6 k", "1.71 M", "81.2 G"."""
    if number < 1000:
        return str(number)
    value = float(f"{number:.3g}")
    thousands = min(3, math.floor(math.log10(value)) // 3)
    value /= 1000**thousands
    return f"{value:.{max(0, 2 - math.floor(math.log10(value)))}f} {'kMG'[thousands - 1]}"


def percent_of(share: float) -> str:
    """A share in per cent: "56 %", "1.3 %", "< 0.1 %"."""
    if share >= 0.0995:
        return f"{share * 100:.0f} %"
    return f"{share * 100:.1f} %" if share >= 0.001 else "< 0.1 %"


def _workflow(card: ModelCard, image: str | None, profile: ModelProfile) -> Workflow:
    abouts, titles = _abouts(card), dict(_TITLES)
    if card.relative is not None and not card.relative.has_decoder:
        titles |= _ONE_STACK
    rows = {
        name: Row(
            title=title,
            about=abouts[name],
            parameters=_amount(profile.parts[name].parameters, profile.parameters),
            work=_amount(profile.parts[name].multiply_adds, profile.multiply_adds),
        )
        for name, title in titles.items()
    }
    file = f"models/{card.name}-workflow.svg"
    return Workflow(card, image, profile, rows, card.architecture is None, file)


def _amount(number: int, whole: int) -> Amount:
    if not number:
        return Amount("none", 0.0, "")
    return Amount(short_count(number), number / whole, percent_of(number / whole))


def _abouts(card: ModelCard) -> dict[str, str]:
    """The kind of each part of a model, in a few words."""
    if isinstance(card.architecture, RelativeArchitecture):
        return _of_relative(card.architecture)
    a = card.architecture
    backbone = _BACKBONES.get(a.backbone, a.backbone) if a else "ResNet-50"
    encoder_layers, decoder_layers = (a.num_encoder_layers, a.num_decoder_layers) if a else (6, 6)
    return {
        "backbone": f"{backbone}, dilated" if a and a.dilation else backbone,
        "projection": "1 × 1 convolution",
        "positions": "waves, in every layer" if a else "learned, added once",
        "encoder": f"{encoder_layers} layers, self-attention",
        "queries": "learned, in every layer" if a else "learned, decoder's input",
        "decoder": f"{decoder_layers} layers, self- and cross-attention",
        "class_head": "1 layer, softmax",
        "box_head": "3 layers, sigmoid" if a else "1 layer, sigmoid",
    }


def _of_relative(a: RelativeArchitecture) -> dict[str, str]:
    """The same of a relative, whose parts do the work of DETR's, each in its way."""
    encoder_layers, decoder_layers = (f"{one} layer{'' if one == 1 else 's'}" for one in a.layers)
    scores = "softmax" if a.score == "softmax" else "sigmoid for each class"
    if not a.has_decoder:
        return {
            "backbone": "1 convolution",
            "projection": "none: patches are tokens",
            "positions": "learned, in every layer"
            if a.repeats_positions
            else "learned, added once",
            "encoder": f"{encoder_layers}, self-attention of all tokens",
            "queries": "learned",
            "decoder": "none: the tokens are in the stack",
            "class_head": f"3 layers, {scores}",
            "box_head": "3 layers, sigmoid",
        }
    reads = "sampled points" if a.is_sampled else "cross-attention"
    encoders = {
        "deformable_detr": "reads sampled points",
        "rt_detr": "self-attention, convolutions",
    }
    queries = {"box": "learned boxes (anchors)", "cells": "the best cells of the encoder"}
    return {
        "backbone": "convolutions",
        "projection": "convolutions" if a.is_sampled else "1 × 1 convolution",
        "positions": "waves, in every layer",
        "encoder": f"{encoder_layers}, {encoders.get(a.kind, 'self-attention')}",
        "queries": queries.get(a.query_start, "learned, in every layer"),
        "decoder": f"{decoder_layers}, self-attention, {reads}",
        "class_head": f"1 layer, {scores}",
        "box_head": "3 layers, added to a place",
    }
