"""Text that students get + the accepted answers -> the answers that the text gives away.

In: any text that is written: Markdown, HTML, a script, a notebook, JSON. Out: the answers that
can be read in it, however they are spaced, coloured, quoted or escaped. Answers of a few
characters, such as `4`, are left out: every text has them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.exercises.normal_form import normal_form, normal_text

_TAG = re.compile(r"<[^<>]*>")
# Escapes of JSON and of scripts: \n, \u003c, \".
_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([nrt])|(.))", re.DOTALL)
# What is between two lines of a notebook's cell.
_NEXT_LINE = re.compile(r'\\n",\s*"')
_TELLING = 6
"""Answers with fewer characters than these are not looked for."""


@dataclass(frozen=True)
class GivenAway:
    """An answer that can be read in a text, and the name of its blank."""

    blank: str
    answer: str


def given_away(text: str, accepted: Mapping[str, Sequence[str]]) -> Iterator[GivenAway]:
    """Finds answers in a text.

    Args:
        text: what was, or will be, written.
        accepted: by the blank's name, each form of its answer.
    """
    readings = _readings(text)
    for blank, forms in accepted.items():
        for form in forms:
            wanted = normal_form(form)
            if len(wanted) >= _TELLING and any(wanted in reading for reading in readings):
                yield GivenAway(blank, form)


def _readings(text: str) -> set[str]:
    """The text as it is, without tags, and with escapes resolved; all without white space."""
    plain, untagged = html.unescape(text), _TAG.sub("", text)
    resolved = _ESCAPED.sub(_character, plain)
    candidates = {text, plain, untagged, html.unescape(untagged), resolved}
    candidates |= {html.unescape(_TAG.sub("", resolved)), plain.replace("\\", "")}
    candidates |= {_ESCAPED.sub(_character, _NEXT_LINE.sub("", text))}
    return {normal_text(candidate) for candidate in candidates}


def _character(escape: re.Match[str]) -> str:
    if code := escape[1] or escape[2]:
        return chr(int(code, 16))
    return " " if escape[3] else escape[4]
