"""preprocessor_config.json -> how images are resized and normalised.

In: the mapping of the file, of version 4 or 5 of transformers, and the kind of model, whose
defaults count for what the file leaves out. Out: an `InputRule`, whose fields are those of a
`ModelCard`. What it says and we do not do is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.detr.imagenet import DEVIATION, MEAN
from generator.errors import WeightsError

_MOST_SIDE = 10_000
_BILINEAR = 2
_RESCALE = 1 / 255
_DETR: Mapping[str, Any] = {"size": {"shortest_edge": 800, "longest_edge": 1333}}
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "rt_detr": {"size": {"height": 640, "width": 640}, "do_normalize": False}
}
"""What transformers takes where the file says nothing, by `model_type`; of others as of DETR."""


@dataclass(frozen=True)
class InputRule:
    """How an image becomes the network's input.

    Attributes:
        short_side, long_side_cap, fixed_hw, mean, std: as in `ModelCard`.
    """

    short_side: int = 800
    long_side_cap: int = 1333
    fixed_hw: tuple[int, int] | None = None
    mean: tuple[float, float, float] = MEAN
    std: tuple[float, float, float] = DEVIATION


def input_rule(config: Mapping[str, Any], kind: str = "detr") -> InputRule:
    """The rule that a preprocessor_config.json tells.

    Args:
        config: of a model that has no such file it is empty.
        kind: `model_type` of its config.json.

    Raises:
        WeightsError: in one sentence, what of it is not done here, without the name of the file.
    """
    told = {key: value for key, value in config.items() if value is not None}
    config = {**_DETR, **_DEFAULTS.get(kind, {}), **told}
    for key, wanted in (("do_resize", True), ("do_rescale", True), ("resample", _BILINEAR)):
        if (value := config.get(key, wanted)) != wanted:
            raise WeightsError(f"{key} is {value!r}; only {wanted!r} can be done")
    factor = config.get("rescale_factor", _RESCALE)
    if not isinstance(factor, float) or abs(factor - _RESCALE) > 1e-6:
        raise WeightsError(f"rescale_factor is {factor!r}; only 1/255 can be done")
    if config.get("do_center_crop") or config.get("pad_size"):
        raise WeightsError("images are to be cropped or padded to one size; that cannot be done")
    mean, std = _three(config, "image_mean", MEAN), _three(config, "image_std", DEVIATION)
    if config.get("do_normalize", True) is False:
        mean, std = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    if min(std) <= 0:
        raise WeightsError(f"image_std is {list(std)}; each has to be above 0")
    short, cap, fixed = _sizes(config)
    return InputRule(short, cap, fixed, mean, std)


def _sizes(config: Mapping[str, Any]) -> tuple[int, int, tuple[int, int] | None]:
    """The short side, the cap of the long one, and the size where all images get one."""
    size = config["size"]
    if not isinstance(size, Mapping):  # as version 4.25 and earlier wrote it
        size = {"shortest_edge": size, "longest_edge": config.get("max_size", 1333)}
    keys = {key for key, value in size.items() if value is not None}
    sides = {key: _side(key, size[key]) for key in keys}
    if keys == {"height", "width"}:
        fixed = (sides["height"], sides["width"])
        return min(fixed), max(fixed), fixed
    if keys == {"shortest_edge", "longest_edge"}:
        return sides["shortest_edge"], sides["longest_edge"], None
    if keys == {"longest_edge"}:  # the long side gets this length, whatever the short one is then
        return sides["longest_edge"], sides["longest_edge"], None
    if keys == {"shortest_edge"}:
        return sides["shortest_edge"], _MOST_SIDE, None
    raise WeightsError(
        f"size has the keys {', '.join(sorted(keys)) or 'none'}; it can be resized by "
        "shortest_edge and longest_edge, or by height and width"
    )


def _side(key: str, value: Any) -> int:
    if type(value) is not int or not 16 <= value <= _MOST_SIDE:
        raise WeightsError(f"{key} is {value!r}, not a number of pixels from 16 to {_MOST_SIDE}")
    return value


def _three(
    config: Mapping[str, Any], key: str, default: tuple[float, float, float]
) -> tuple[float, float, float]:
    value = config.get(key) or default
    try:
        red, green, blue = (float(one) for one in value)
    except (TypeError, ValueError):
        raise WeightsError(
            f"{key} is {value!r}, not one number for each of three colours"
        ) from None
    return red, green, blue
