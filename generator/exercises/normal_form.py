"""A piece of Python as people type it -> its normal form, for comparison.

In: one or a few lines of code. Out: code without comments and white space, with one kind of
quotation mark and no comma before a closing bracket. `templates/assets/exercise/code.js` does
the same in the browser, and the tests compare the two. The code need not be valid Python.
"""

from __future__ import annotations

import functools
import re

# JavaScript and Python disagree on what `\s` is, so it is spelt out.
_SPACES = (
    "\t\n\v\f\r \x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_SPACE = re.compile(f"[{_SPACES}]")
_CONTINUED = re.compile(r"\\\r?\n")
_LAST_COMMA = re.compile(r",(?=[)\]}])")
# Curly quotation marks, as telephones and word processors write them, and the double one.
_MARKS = str.maketrans(dict.fromkeys('\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f"', "'"))
_MARKS_ALONE = _MARKS | str.maketrans("", "", _SPACES)


@functools.lru_cache(maxsize=4096)  # a build asks for the same forms in every page
def normal_form(code: str) -> str:
    """The code in normal form; white space inside strings is removed as well."""
    return normal_text(without_comments(_CONTINUED.sub("", code)))


def plain_code(code: str) -> str:
    """The code without comments and continued lines, with one kind of quotation mark and space."""
    bare = without_comments(_CONTINUED.sub("", code)).translate(_MARKS)
    return _SPACE.sub(lambda space: "\n" if space[0] in "\r\n" else " ", bare)


def normal_text(text: str) -> str:
    """A text of any kind in normal form; a `#` does not begin a comment."""
    return _LAST_COMMA.sub("", text.translate(_MARKS_ALONE))


def without_comments(code: str) -> str:
    """The code without its comments; a `#` between quotation marks does not begin one."""
    kept: list[str] = []
    mark = ""  # the quotation mark that is open
    escaped = comment = False
    for character in code:
        if character in "\r\n":
            mark, escaped, comment = "", False, False
        elif comment:
            continue
        elif mark:
            if character == mark and not escaped:
                mark = ""
            escaped = character == "\\" and not escaped
        elif character == "#":
            comment = True
            continue
        elif character in "'\"":
            mark = character
        kept.append(character)
    return "".join(kept)


def is_balanced(code: str) -> bool:
    """Whether each bracket of the code is closed, and the last line is not continued."""
    expected: list[str] = []
    for character in _bare(code):
        if character in "([{":
            expected.append(")]}"["([{".index(character)])
        elif character in ")]}" and (not expected or expected.pop() != character):
            return False
    return not expected and not code.rstrip().endswith("\\")


def _bare(code: str) -> str:
    """The code without comments and without what is between quotation marks."""
    return re.sub(r"'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"", "", without_comments(code))
