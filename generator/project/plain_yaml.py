"""Text -> the nodes of plain YAML, or what is wrong with it in words for an author.

In: the text of a file. Out: PyYAML's nodes, which know their lines. It builds no values.
"""

from __future__ import annotations

import yaml

_MAX_DEPTH = 12

Complaint = tuple[str, int | None]
"""A sentence, and the line to look at, counted from 1."""

_BACKSLASH = "a backslash inside double quotes; write folders with `/`, or use single quotes"
_BEGINNING = "a text that begins with one of @ % ` > | ? , ] } must be put in quotes"
_NOT_PLAIN = "a text that begins with `*`, `&` or `!` must be put in quotes"
_ANY_OTHER = "this is not valid YAML; check the indentation, the colons and the quotes"
# A part of PyYAML's message -> an explanation for somebody who does not know YAML.
_SENTENCES = {
    "mapping values are not allowed": "this colon is not allowed here; put a text that holds a "
    "colon in quotes, and start keys that belong together in the same column",
    "sequence entries are not allowed": "a dash is not allowed here; start each list item on its "
    "own line, and put a text that begins with a dash in quotes",
    "found character '\\t'": "this line holds a tab; indent with spaces",
    "cannot start any token": _BEGINNING,
    "mapping keys are not allowed": _BEGINNING,
    "expected the node content": _BEGINNING,
    "scanning a block scalar": _BEGINNING,
    "scanning a directive": _BEGINNING,
    "could not find expected ':'": "a line without a colon; write `key: value`, with a space "
    "after the colon, and indent the lines of a long text",
    "unknown escape character": _BACKSLASH,
    "expected escape sequence": _BACKSLASH,
    "scanning a quoted scalar": "the quotation mark opened here is never closed",
    "parsing a flow sequence": "after `[` here, a comma or the closing `]` is missing",
    "parsing a flow mapping": "after `{` here, a comma or the closing `}` is missing",
    "expected <block end>": "this does not belong here; start keys of one group in the same "
    "column, and let quotation marks go around the whole text",
    "expected a single document": "a second document begins here; remove the line `---`",
    "not plain": _NOT_PLAIN,
    "scanning an a": _NOT_PLAIN,  # alias, anchor
    "a tag": _NOT_PLAIN,
    "too many levels": "too many levels of lists and groups inside each other",
}
# For these the line to look at is where something was begun, not where it went wrong.
_BEGUN = ("could not find", "scanning a quoted", "parsing a flow")


def plain_yaml(text: str) -> tuple[yaml.Node | None, Complaint | None]:
    """The top node of a text, if it has any, and what is wrong with the text, if anything."""
    try:
        loader = _PlainLoader(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        invisible = f"U+{ord(text[error.position]):04X}"
        return None, (f"an invisible character ({invisible}); remove it", line)
    try:
        return loader.get_single_node(), None
    except yaml.MarkedYAMLError as error:
        return None, _explain(error)
    except (ValueError, OverflowError):  # an escape such as "\UFFFFFFFF"
        message = "a backslash with digits that stand for no character; write the character itself"
        return None, (message, loader.line + 1)


class _PlainLoader(yaml.SafeLoader):
    """PyYAML's safe loader without aliases, anchors, tags and very deep nesting.

    Aliases let a small file stand for billions of values; without them a file's values
    are never more than its bytes.
    """

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        # An alias event names its anchor, as the event that defines it does.
        plain = not any(getattr(event, name, None) for name in ("anchor", "tag"))
        if not plain or self.depth >= _MAX_DEPTH:
            refused = "too many levels" if plain else "not plain"
            mark = event.start_mark
            raise yaml.MarkedYAMLError(problem=refused, problem_mark=mark)  # type: ignore[arg-type]
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _explain(error: yaml.MarkedYAMLError) -> Complaint:
    """What PyYAML's message means, and the line to look at."""
    message = f"{error.problem} {error.context}"
    words = next((words for words in _SENTENCES if words in message), "")
    mark = error.problem_mark
    if words.startswith(_BEGUN):
        mark = error.context_mark or mark
    return _SENTENCES.get(words, _ANY_OTHER), None if mark is None else mark.line + 1
