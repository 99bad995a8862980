"""A piece of Python as typed -> its tokens, and from these its tree.

In: one or a few statements. Out: tuples such as `("call", function, arguments, keywords)`. What
answers have no use for, such as comprehensions, is `UnclearError`. `code.js` does the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from generator.exercises.normal_form import plain_code

Node = tuple[Any, ...]

_TOKEN = re.compile(
    r"(?P<number>(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<text>'[^'\n]*')"
    r"|(?P<sign>\*\*|//|>>|<<|\.\.\.|\n|[-+*/%@()\[\]{},:.=;])"
    r"|(?P<space>[ \t]+)"
)
_RANKS = ((">>", "<<"), ("+", "-"), ("*", "/", "//", "%", "@"))
_OPEN = {"(": ")", "[": "]", "{": "}"}
_MOST_TOKENS, _MOST_DEPTH, _MOST_DIGITS = 300, 20, 15
_NO_NAMES = {
    "if", "else", "for", "in", "lambda", "not", "and", "or", "is", "await", "del", "return",
    "pass",
}  # fmt: skip


class UnclearError(Exception):
    """The code cannot be worked out here, or stops; a name that is missing is told."""

    def __init__(self, missing: str = "") -> None:
        super().__init__(missing)
        self.missing = missing


def tokens_of(code: str) -> list[str]:
    """The tokens; line ends count outside of brackets only, and `;` is one.

    Raises:
        UnclearError: a character belongs to no token.
    """
    code = plain_code(code)
    found: list[str] = []
    depth = position = 0
    while position < len(code):
        match = _TOKEN.match(code, position)
        if match is None:
            raise UnclearError
        position, token = match.end(), match[0]
        if match["space"]:
            continue
        depth += (token in _OPEN) - (token in _OPEN.values())
        if depth > _MOST_DEPTH or len(found) > _MOST_TOKENS:
            raise UnclearError
        if token in "\n;":
            if depth and token == ";":
                raise UnclearError
            if depth == 0 and found and found[-1] != ";":
                found.append(";")
            continue
        found.append(token)
    return found[:-1] if found and found[-1] == ";" else found


def statements_of(tokens: Sequence[str]) -> list[Node]:
    """The statements of a piece of code.

    Raises:
        UnclearError: it is not Python, or Python that answers have no use for.
    """
    return _Parser(tokens).statements()


class _Parser:
    """Reads tokens from left to right."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def statements(self) -> list[Node]:
        found = []
        while self._at < len(self._tokens):
            found.append(self._statement())
            if self._at < len(self._tokens):
                self._take(";")
        return found

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, token: str) -> None:
        if self._next() != token:
            raise UnclearError
        self._at += 1

    def _takes(self, *tokens: str) -> str:
        """Takes the next token if it is one of these."""
        token = self._next()
        if token == "" or token not in tokens:
            return ""
        self._at += 1
        return token

    def _statement(self) -> Node:
        if self._takes("del"):
            targets = self._several(";", "")
            return ("del", tuple(targets[1]) if targets[0] == "tuple" else (targets,))
        value = self._several(";", "=", "")
        if not self._takes("="):
            return ("value", value)
        return ("set", value, self._several(";", ""))

    def _several(self, *ends: str) -> Node:
        """One expression, or a tuple without brackets, up to one of the ends."""
        items, is_tuple = [self._expression()], False
        while self._takes(","):
            is_tuple = True
            if self._next() in ends:
                break
            items.append(self._expression())
        if self._next() not in ends:
            raise UnclearError
        return ("tuple", items) if is_tuple else items[0]

    def _expression(self, rank: int = 0) -> Node:
        if rank == len(_RANKS):
            return self._signed()
        left = self._expression(rank + 1)
        while sign := self._takes(*_RANKS[rank]):
            left = ("operation", sign, left, self._expression(rank + 1))
        return left

    def _signed(self) -> Node:
        if sign := self._takes("-", "+"):
            return ("sign", sign, self._signed())
        base = self._with_parts(self._atom())
        if self._takes("**"):
            return ("operation", "**", base, self._signed())
        return base

    def _with_parts(self, node: Node) -> Node:
        while sign := self._takes(".", "(", "["):
            if sign == ".":
                node = ("part", node, self._name())
            elif sign == "(":
                node = ("call", node, *self._arguments())
            else:
                node = ("index", node, self._indices())
        return node

    def _name(self) -> str:
        name = self._next()
        if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name) or name in _NO_NAMES:
            raise UnclearError
        self._at += 1
        return name

    def _arguments(self) -> tuple[list[Node], dict[str, Node]]:
        places: list[Node] = []
        keywords: dict[str, Node] = {}
        while not self._takes(")"):
            if self._takes("*"):
                places.append(("star", self._expression()))
            elif self._tokens[self._at + 1 : self._at + 2] == ["="]:
                name = self._name()
                self._take("=")
                if name in keywords:
                    raise UnclearError
                keywords[name] = self._expression()
            elif keywords:
                raise UnclearError
            else:
                places.append(self._expression())
            if not self._takes(","):
                self._take(")")
                break
        return places, keywords

    def _indices(self) -> list[Node]:
        found = []
        while not self._takes("]"):
            found.append(self._slice())
            if not self._takes(","):
                self._take("]")
                break
        if not found:
            raise UnclearError
        return found

    def _slice(self) -> Node:
        parts: list[Node | None] = [None]
        while self._next() not in (",", "]", ""):
            if self._takes(":"):
                parts.append(None)
            elif parts[-1] is None:
                parts[-1] = self._expression()
            else:
                raise UnclearError
        if len(parts) > 3:
            raise UnclearError
        if len(parts) == 1:
            if parts[0] is None:
                raise UnclearError
            return parts[0]
        return ("slice", *parts, *[None] * (3 - len(parts)))

    def _atom(self) -> Node:
        token = self._next()
        if opened := self._takes("(", "["):
            return self._listed(_OPEN[opened])
        if self._takes("..."):
            return ("ellipsis",)
        if re.match("[0-9.]", token) and token != ".":
            self._at += 1
            return ("number", _number(token))
        if token[:1] == "'":
            self._at += 1
            return ("text", token[1:-1])
        return ("name", self._name())

    def _listed(self, end: str) -> Node:
        """What stands between brackets: an expression in round ones, else a tuple or list."""
        items, has_comma = [], False
        while not self._takes(end):
            items.append(("star", self._expression()) if self._takes("*") else self._expression())
            if not self._takes(","):
                self._take(end)
                break
            has_comma = True
        if end == ")" and len(items) == 1 and not has_comma:
            if items[0][0] == "star":
                raise UnclearError
            return items[0]
        return ("tuple", items)


def _number(token: str) -> int | float:
    digits = token.replace("_", "")
    if re.fullmatch("0[0-9]+", digits) or len(digits) > _MOST_DIGITS:
        raise UnclearError
    try:
        return float(digits) if re.search("[.eE]", digits) else int(digits)
    except ValueError:
        raise UnclearError from None
