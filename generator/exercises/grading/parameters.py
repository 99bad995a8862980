"""Names and shapes of a class's parameters -> what is wrong with them.

In: the state of a submission and that of the reference, built with the same arguments. Out:
findings, one for each part that differs; usual mistakes are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from generator.exercises.grading.finding import Finding, shown
from generator.exercises.grading.observation import Observation
from generator.exercises.grading.roles import parts_of as _by_part

Shapes = Mapping[str, tuple[int, ...]]

BLANK_OF = {
    "backbone": ("backbone",),
    "conv": ("projection",),
    "transformer": ("transformer",),
    "linear_class": ("classes",),
    "linear_bbox": ("boxes",),
    "query_pos": ("queries",),
    "row_embed": ("codes",),
    "col_embed": ("codes",),
}
"""The blank that makes a part of the class."""
_DEFAULT_LAYERS, _DEFAULT_HEADS, _DEFAULT_WIDTH = 6, 8, 512  # of nn.Transformer


def parameter_findings(
    seen: Observation, right: Observation, arguments: Mapping[str, int]
) -> Iterator[Finding]:
    """What is wrong with a class's parameters.

    Args:
        seen: what was observed of a submission.
        right: what was observed of the reference.
        arguments: of the class; both were built with them.
    """
    if seen.state is None or right.state is None:
        return
    ours, theirs = _by_part(dict(right.state)), _by_part(dict(seen.state))
    for part in (*ours, *sorted(theirs.keys() - ours.keys())):
        blanks = BLANK_OF.get(part, ())
        expected, found = ours.get(part, {}), theirs.get(part, {})
        if expected == found:
            if part == "transformer" and seen.heads != right.heads:
                yield Finding(_wrong_heads(seen.heads, arguments), blanks)
        elif not found:
            yield Finding(f"the class has no `{part}` with parameters", blanks)
        elif not expected:
            yield Finding(f"the class has `{part}`, which the reference does not have", blanks)
        else:
            named = _named_mistake(part, found, arguments)
            yield Finding(named or _difference(expected, found), blanks)


def equal_parts(seen: Observation, right: Observation) -> set[str]:
    """Attributes whose parameters equal the reference's, such as "linear_class"."""
    if seen.state is None or right.state is None:
        return set()
    ours, theirs = _by_part(dict(right.state)), _by_part(dict(seen.state))
    equal = {part for part in ours if ours[part] == theirs.get(part)}
    return equal if seen.heads == right.heads else equal - {"transformer"}


def _named_mistake(part: str, found: Shapes, arguments: Mapping[str, int]) -> str | None:
    """A usual mistake with a part that differs from the reference's, or None."""
    width, classes = arguments["hidden_dim"], arguments["num_classes"]
    shape = found.get(f"{part}.weight", found.get(part, ()))
    match part:
        case "backbone" if "backbone.fc.weight" in found:
            return "the backbone still has its classifier `fc`, which the checkpoint does not have"
        case "conv" if shape == (2048, width, 1, 1):
            return "the 1x1 convolution has its numbers of channels the wrong way round"
        case "conv" if len(shape) == 4 and shape[2:] != (1, 1):
            return "the convolution is not a 1x1 convolution"
        case "transformer":
            return _wrong_transformer(found, arguments)
        case "linear_class" if shape == (classes, width):
            return 'the class head has no extra class for "no object"'
        case "linear_bbox" if shape[:1] in ((4 * classes,), (4 * (classes + 1),)):
            return "the box head gives a box for each class; DETR gives one for each query"
        case "linear_bbox" if len(shape) == 2 and shape[0] != 4:
            return f"the box head gives {shape[0]} numbers; a box has 4"
        case "query_pos" if shape == (width, arguments["num_queries"]):
            return "the object queries have their two sizes the wrong way round"
        case "row_embed" | "col_embed" if shape == (50, width):
            return "the positions are not halved: a row's and a column's code together are a token"
        case "row_embed" | "col_embed" if shape == (width // 2, 50):
            return "the codes of rows and columns have their two sizes the wrong way round"
    return None


def _wrong_transformer(found: Shapes, arguments: Mapping[str, int]) -> str | None:
    layers = tuple(_layers(found, stack) for stack in ("encoder", "decoder"))
    wanted = (arguments["num_encoder_layers"], arguments["num_decoder_layers"])
    width = found.get("transformer.encoder.norm.weight", (0,))[0]
    if width != arguments["hidden_dim"]:
        default = ", the default of `nn.Transformer`," if width == _DEFAULT_WIDTH else ""
        return f"the transformer is {width} wide{default} and not `hidden_dim`"
    if layers == wanted[::-1]:
        return "the transformer has its numbers of encoder and decoder layers in the wrong order"
    if layers != wanted:
        left = [
            stack
            for stack, number, right in zip(("encoder", "decoder"), layers, wanted, strict=True)
            if number == _DEFAULT_LAYERS and number != right
        ]
        if left:
            return f"the number of {' and '.join(left)} layers is left to its default"
        return "the arguments of the transformer are in the wrong order: " + (
            f"{layers[0]} encoder and {layers[1]} decoder layers "
            f"where {wanted[0]} and {wanted[1]} were asked for"
        )
    return None


def _layers(found: Shapes, stack: str) -> int:
    pattern = re.compile(rf"transformer\.{stack}\.layers\.(\d+)\.")
    return len({match[1] for name in found if (match := pattern.match(name))})


def _wrong_heads(heads: int | None, arguments: Mapping[str, int]) -> str:
    if heads == _DEFAULT_HEADS:
        return "the number of the transformer's heads is left to its default"
    return f"the transformer has {heads} heads where {arguments['nheads']} were asked for"


def _difference(expected: Shapes, found: Shapes) -> str:
    """The first entry that differs, in words."""
    for name, shape in expected.items():
        if name not in found:
            return f"`{name}` is missing among the parameters"
        if found[name] != shape:
            return f"`{name}` has the shape {shown(found[name])}, and not {shown(shape)}"
    name = next(name for name in found if name not in expected)
    return f"`{name}` is not among the reference's parameters"
