"""What a weights file, a folder or a model of the Hub is: its card, and what does not fit.

In: a path, a name, or a repository on the Hub. Out: lines of text. Headers are read, and
nothing runs; of the Hub only the settings are downloaded. Only a relative's weights are read, since
transformers alone knows what it needs of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from generator.detr.formats.file_header import FileHeader, Shape, read_header
from generator.detr.formats.key_names import is_of_transformers, official_shapes
from generator.detr.model_cards import ModelCards
from generator.detr.own.cards import card_of_checkpoint, card_of_folder
from generator.detr.own.class_names import BY_ARGUMENT
from generator.detr.own.config_card import unknown_keys
from generator.detr.own.expected_shapes import expected_shapes
from generator.detr.own.hub_cache import card_in_cache
from generator.detr.own.identity import CONFIG, official_model, read_json
from generator.detr.own.resnet_names import RESNETS
from generator.detr.zoo import ModelCard
from generator.errors import GeneratorError, UnavailableError, UsageError, WeightsError

_MOST = 5
"""Names of tensors that are told of each kind of mismatch."""
_WIDTH = 12


@dataclass(frozen=True)
class Wanted:
    """What is to be inspected.

    Attributes:
        what: a name of `models:` or of the zoo, the path of a folder or file, or a repository.
        revision: of a repository; None is `main`.
        base: for a checkpoint that does not tell all, as in `models:`.
        offline: download nothing.
    """

    what: str
    revision: str | None = None
    base: str | None = None
    offline: bool = False


def inspect_lines(
    wanted: Wanted, cards: ModelCards, local: Mapping[str, Path]
) -> tuple[list[str], bool]:
    """The lines, and whether the model can be run.

    Args:
        cards: of the project's models.
        local: weights files by model name, as `weights:` has them.

    Raises:
        UsageError: there is nothing of this name, or an option does not belong to it.
    """
    path = Path(wanted.what).expanduser()
    is_named = wanted.what in cards.names
    if wanted.base is not None and (is_named or not path.is_file()):
        raise UsageError("--base: belongs to the path of a checkpoint; leave it out")
    if wanted.revision is not None and (is_named or path.exists()):
        raise UsageError("--revision: belongs to a model of the Hub; leave it out")
    lines: list[str] = []
    try:
        if path.is_file() and not is_named:
            lines += _of_file(path)
        card, header = _card(wanted, path, cards, local)
    except (WeightsError, UnavailableError) as error:
        return [*lines, f"cannot be run: {error}"], False
    lines += list(_of_card(card))
    if header is None and not card.file.is_file():
        return [*lines, f"weights: not on this machine ({card.file.name})"], True
    if header is not None and card.relative is not None:
        return [*lines, "weights: not compared; transformers does that once they are here"], True
    if not path.is_file():
        with suppress(GeneratorError):  # what is wrong with it is told below
            lines += _kinds(header or read_header(card.file))
    fits = list(_fits(card, header))
    return [*lines, *(fits or ["fits: every tensor that the model needs, in its shape"])], not fits


def _card(
    wanted: Wanted, path: Path, cards: ModelCards, local: Mapping[str, Path]
) -> tuple[ModelCard, FileHeader | None]:
    """The card and, of weights that are not here, what they hold."""
    what, revision = wanted.what, wanted.revision or "main"
    name = path.name or what
    if what in cards.names:
        card = cards[what]
        return (replace(card, weights=local[what]) if what in local else card), None
    if path.is_dir():
        return card_of_folder(name, path), None
    if path.is_file():
        official = official_model(path)
        if official is not None and wanted.base in (None, official.name):
            return replace(official, weights=path), None
        return card_of_checkpoint(path.stem, path, None, wanted.base), None
    if "/" not in what or what.startswith((".", "/", "~")):
        raise UsageError(
            f"{what}: there is no such file or folder, and no model of this name; a model of the "
            "Hub is written OWNER/NAME"
        )
    try:
        return card_in_cache(name, what, revision), None
    except UnavailableError:
        if wanted.offline:
            raise
    from generator.inference.hub import settings_of

    try:
        return settings_of(name, what, revision)
    except UnavailableError as error:  # it may be a path, too, with a slip in it
        here = f"there is no file or folder {what} here"
        raise UnavailableError(f"{here}; of the Hub, {error}") from error


def _of_file(path: Path) -> Iterator[str]:
    header = read_header(path)
    kind = "transformers" if is_of_transformers(header.shapes) else "the official code"
    plural = "" if len(header.shapes) == 1 else "s"
    yield f"file: {path}"
    yield f"{'names':<{_WIDTH}}{len(header.shapes)} tensor{plural}, named as by {kind}"
    yield from _kinds(header)
    told = [
        f"{name} {header.arguments[name]}"
        for name in ("dataset_file", "backbone", "dilation", "pre_norm", "epochs")
        if name in header.arguments
    ]
    if told:
        yield f"{'trained with':<{_WIDTH}} {', '.join(told)}"


def _kinds(header: FileHeader) -> Iterator[str]:
    if header.kinds:
        yield f"{'it is':<{_WIDTH}}{', '.join(header.kinds)}"


def _of_card(card: ModelCard) -> Iterator[str]:
    a, relative = card.detr, card.relative
    rows = {"model": card.title, "from": card.source, "known by": card.identity or "its name"}
    if card.hub is not None:
        rows["commit"] = card.hub.commit
    if a is not None:
        norm = "pre-norm" if a.pre_norm else "post-norm"
        rows |= {
            "backbone": f"{a.backbone}{', dilated (DC5)' if a.dilation else ''}",
            "layers": f"{a.num_encoder_layers} + {a.num_decoder_layers}, {norm}, {a.nheads} heads, "
            f"width {a.hidden_dim}, feed-forward {a.dim_feedforward}",
            "queries": str(a.num_queries),
        }
    if relative is not None:
        layers, heads = (
            f"{encoder} + {decoder}" if relative.has_decoder else str(encoder)
            for encoder, decoder in (relative.layers, relative.heads)
        )
        rows |= {
            "kind": f"{relative.about.title} (arXiv {relative.about.paper}), by transformers",
            "layers": f"{layers}, {heads} heads",
            "queries": str(relative.queries),
            "scores": relative.score,
        }
    rows["parameters"] = f"{card.parameters:,}"
    rows["input"] = (
        f"always {card.fixed_hw[1]} x {card.fixed_hw[0]} pixels"
        if card.fixed_hw
        else f"short side {card.short_side}, long side at most {card.long_side_cap} pixels"
    ) + f"; mean {_numbers(card.mean)}, std {_numbers(card.std)}"
    names = card.categories
    listed = ", ".join(f"{number} {name}" for number, name in list(names.items())[:100])
    rows["classes"] = f"{len(names)}{'' if card.is_named else ', without names'}: {listed}"
    if card.names_from:
        mend = "; `classes:` in site_config.yml says otherwise" if _is_on_trust(card) else ""
        rows["names from"] = f"{card.names_from}{mend}"
    for key, value in rows.items():
        yield f"{key:<{_WIDTH}}{value}"
    config = card.file.parent / CONFIG
    if card.is_own and a and config.is_file() and (unknown := unknown_keys(read_json(config))):
        yield f"{'passed over':<{_WIDTH}}{', '.join(unknown)}, of {CONFIG}: not known here"


def _is_on_trust(card: ModelCard) -> bool:
    """Whether no more than one argument of a training says what the classes are called, or not."""
    return card.names_from == BY_ARGUMENT or (not card.is_named and "coco" in card.names_from)


def _numbers(three: tuple[float, float, float]) -> str:
    return ", ".join(f"{one:g}" for one in three)


def _fits(card: ModelCard, header: FileHeader | None) -> Iterator[str]:
    """What of the file does not fit the network; its shapes are compared without numbers."""
    if card.relative is not None:  # transformers compares names and shapes as it loads them
        from generator.detr.weights import load_model

        try:
            load_model(card, card.file)
        except GeneratorError as error:
            yield f"does not fit: {error}"
        return
    wanted = _needed(card)
    try:
        shapes = official_shapes((header or read_header(card.file)).shapes)
    except GeneratorError as error:
        yield f"does not fit: {error}"
        return
    shapes = {name: one for name, one in shapes.items() if not name.endswith("batches_tracked")}
    wanted = {name: one for name, one in wanted.items() if not name.endswith("batches_tracked")}
    other = [
        f"{name} {shapes[name]} instead of {shape}"
        for name, shape in wanted.items()
        if name in shapes and shapes[name] != shape
    ]
    missing, extra = [n for n in wanted if n not in shapes], [n for n in shapes if n not in wanted]
    for words, names in (("missing", missing), ("too many", extra), ("another shape", other)):
        if names:
            more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
            yield f"does not fit: {words}: {', '.join(names[:_MOST])}{more}"


def _needed(card: ModelCard) -> dict[str, Shape]:
    """The shapes of all tensors that a network has; of a ResNet's without torch."""
    if card.detr is not None and card.detr.backbone in RESNETS:
        return expected_shapes(card.detr)
    import torch

    from generator.detr.weights import build_model

    with torch.device("meta"):
        return {name: tuple(one.shape) for name, one in build_model(card).state_dict().items()}
