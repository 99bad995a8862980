"""Names that a submission gives its parameters -> the reference's names for them.

In: names and shapes of two states, in order. Out: which entries play the same part. A part is known
by its own name; else by the shapes of its entries, one after the other, wherever it is.
"""

from __future__ import annotations

from collections.abc import Mapping

Shapes = Mapping[str, tuple[int, ...]]

# Two parts of the same shapes are told apart by words; else by their order.
_WORDS = {
    "row_embed": ("row", "height", "_y", "y_"),
    "col_embed": ("col", "width", "_x", "x_"),
}


def renamed_parts(own: Shapes, theirs: Shapes) -> dict[str, str]:
    """Prefixes of own names by the part of the reference that they stand for.

    Parts that have the reference's names and shapes are not listed.

    Args:
        own: of the submission.
        theirs: of the reference.
    """
    missing, taken = {}, set[str]()
    for part, entries in parts_of(theirs).items():
        if all(own.get(name) == shape for name, shape in entries.items()):
            taken |= entries.keys()
        else:
            missing[part] = list(entries.values())
    prefixes = _prefixes({name: shape for name, shape in own.items() if name not in taken})
    found: dict[str, str] = {}
    for part in sorted(missing, key=lambda one: not _has_word(one, prefixes)):
        fitting = [one for one, shapes in prefixes.items() if shapes == missing[part]]
        fitting = [one for one in fitting if one not in found.values()]
        worded = [one for one in fitting if any(word in one for word in _WORDS.get(part, ()))]
        if fitting:
            found[part] = (worded or fitting)[0]
    return found


def reference_names(own: Shapes, theirs: Shapes, renamed: Mapping[str, str]) -> dict[str, str]:
    """For each own entry the reference's name of it, or its own.

    Args:
        own: of the submission.
        theirs: of the reference.
        renamed: what `renamed_parts` found.
    """
    names = {name: name for name in own}
    parts = parts_of(theirs)
    for part, prefix in renamed.items():
        mine = [name for name in own if name == prefix or name.startswith(prefix + ".")]
        names |= dict(zip(mine, parts[part], strict=False))
    return names


def parts_of(state: Shapes) -> dict[str, dict[str, tuple[int, ...]]]:
    """Entries by the first piece of their names, the attribute of the class."""
    parts: dict[str, dict[str, tuple[int, ...]]] = {}
    for name, shape in state.items():
        parts.setdefault(name.partition(".")[0], {})[name] = shape
    return parts


def _prefixes(state: Shapes) -> dict[str, list[tuple[int, ...]]]:
    """The shapes under each name and each beginning of one, the longest lists first."""
    found: dict[str, list[tuple[int, ...]]] = {}
    for name, shape in state.items():
        pieces = name.split(".")
        for end in range(1, len(pieces) + 1):
            found.setdefault(".".join(pieces[:end]), []).append(shape)
    return found


def _has_word(part: str, prefixes: Mapping[str, object]) -> bool:
    return any(word in one for word in _WORDS.get(part, ()) for one in prefixes)
