"""The types of settings and gallery entries: texts, numbers, names and paths.

In: what was written in a YAML file. Out: valid values, or a sentence with what was expected.
It knows neither the keys nor the file.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    Strict,
    ValidationError,
    ValidationInfo,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from generator.detr.zoo import model_names
from generator.project.suggest import nearest

DEFAULT_GALLERY = Path("content/gallery.yml")


@dataclass(frozen=True)
class Context:
    """What values are read in: without one they come from code, and are taken as they are.

    Attributes:
        root: the folder that relative paths start at.
        models: the names that a model can have.
    """

    root: Path
    models: tuple[str, ...]


def unexpected(phrase: str, note: str = "", names: tuple[str, ...] = ()) -> PydanticCustomError:
    """The error "expected PHRASE, found ...NOTE"; it suggests the nearest of `names`."""
    context = {"phrase": phrase, "note": note, "names": names}
    return PydanticCustomError("unexpected", "{phrase}", context)


def expects(phrase: str, note: Callable[[object], str] | None = None) -> WrapValidator:
    """Replaces pydantic's message about a wrong value by what was expected."""

    def check(value: Any, handler: Callable[[Any], Any]) -> Any:
        try:
            return handler(value)
        except ValidationError:
            raise unexpected(phrase, note(value) if note else "") from None

    return WrapValidator(check)


def a_kind_of(
    kinds: tuple[type, ...], phrase: str, *, may_be_empty: bool = False
) -> BeforeValidator:
    """Accepts a list with items or a group of keys; other checks look at what is in it."""

    def check(value: object) -> object:
        if not isinstance(value, kinds) or (value == [] and not may_be_empty):
            raise unexpected(phrase)
        return value

    return BeforeValidator(check)


def one_of(*names: str) -> BeforeValidator:
    """Accepts only these names."""
    listed = ", ".join(f"`{name}`" for name in names)

    def check(value: object) -> object:
        if value not in names:
            raise unexpected(f"one of {listed}" if len(names) > 1 else listed, names=names)
        return value

    return BeforeValidator(check)


def quotes_needed(value: object) -> str:
    """Why a value that was meant to be text is not text."""
    if not isinstance(value, bool | int | float):
        return ""
    kind = "true or false" if isinstance(value, bool) else "a number"
    return f", which YAML reads as {kind}; put it in quotes"


def _number_meant(value: object) -> str:
    """What to write in place of the likes of "0.9", `0,9`, `90%` and 1."""
    if isinstance(value, bool):
        return ", which YAML reads as true or false; write a number such as 0.9"
    if not isinstance(value, str):
        return "; 0 and 1 themselves are not allowed" if value in (0, 1) else ""
    try:
        text = value.replace(",", ".")
        number = float(text.rstrip("% ")) / (100 if "%" in text else 1)
    except ValueError:
        return ""
    return f"; write {number:g}" if 0 < number < 1 else ""


MOST_TITLE, MOST_LINE, MOST_CAPTION = 300, 3000, 20_000
"""Characters of a title, of another text in one line, and of one in several."""
OneLine = AfterValidator(lambda text: " ".join(text.split()))


def at_most(length: int) -> AfterValidator:
    """Refuses a longer text: pages and paper are set for short ones."""

    def check(text: str) -> str:
        if len(text) > length:
            raise unexpected(f"at most {length} characters", f", which has {len(text)}")
        return text

    return AfterValidator(check)


_NOT_EMPTY = expects("text", quotes_needed)
Line = Annotated[str, Strict(), OneLine, expects("text", quotes_needed), at_most(MOST_LINE)]
Sentence = Annotated[str, Strict(), OneLine, Field(min_length=1), _NOT_EMPTY, at_most(MOST_LINE)]
Title = Annotated[str, Strict(), OneLine, Field(min_length=1), _NOT_EMPTY, at_most(MOST_TITLE)]
Between = expects("a number between 0 and 1", _number_meant)
Threshold = Annotated[float, Strict(), Field(gt=0, lt=1), Between]
OnOrOff = Annotated[bool, Strict(), expects("`on` or `off`, without quotes")]


def _model_name(value: object, info: ValidationInfo) -> object:
    names = info.context.models if isinstance(info.context, Context) else ()
    if names and value not in names:
        raise unexpected(f"one of {', '.join(f'`{name}`' for name in names)}", names=names)
    return value


ModelName = Annotated[str, BeforeValidator(_model_name)]
"""Of the zoo or of the project; `ZooName` of the zoo alone."""
ZooName = Annotated[str, one_of(*model_names())]


def project_path(text: object, root: Path, kind: Literal["file", "folder"]) -> Path:
    """The existing file or folder of the project that a text names; links are resolved.

    Raises:
        PydanticCustomError: it is something else, is missing, or leads out of the project.
    """
    if not isinstance(text, str) or not text.strip():
        note = quotes_needed(text)
    elif len(text) > MOST_LINE:
        note = f", which has {len(text)} characters"
    elif "://" in text:
        note = ", which is an address; an image from the web goes under `url:`"
    elif text.startswith("~") or Path(text).is_absolute() or PureWindowsPath(text).drive:
        note = ", which is not a path from the folder of site_config.yml; copy it into that folder"
    elif "\\" in text:
        note = "; separate folders with `/`, not with a backslash"
    else:
        path = Path(os.path.realpath(root / text))
        note = _path_note(text, path, root, kind)
        if not note:
            return path
    raise unexpected(f"a {kind} in the project", note)


def _path_note(text: str, path: Path, root: Path, kind: str) -> str:
    """What is wrong with the path that a text names, if anything is."""
    try:
        if not path.is_relative_to(root):
            is_link = Path(os.path.normpath(root / text)).is_relative_to(root)
            what = "is a link that leads out of it" if is_link else "leads out of it"
            return f", which {what}; copy it into the folder of site_config.yml"
        if not path.exists():
            return f", which does not exist{_similar_path(text, root)}"
        right = path.is_file() if kind == "file" else path.is_dir()
        return "" if right else f", which is not a {kind}"
    except OSError:
        return ", which cannot be opened"


def _similar_path(text: str, root: Path) -> str:
    wanted = Path(os.path.normpath(text))
    beside = DEFAULT_GALLERY.parent / wanted
    if (root / beside).exists():  # relative to gallery.yml
        return f"; did you mean `{beside.as_posix()}`?"
    names = sorted(path.name for path in (root / wanted.parent).glob("*"))
    guess = nearest(wanted.name, names)
    return f"; did you mean `{(wanted.parent / guess).as_posix()}`?" if guess else ""


def in_project(kind: Literal["file", "folder"]) -> BeforeValidator:
    """Turns a path from the file into an existing one; a `Path` from code stays as it is."""

    def check(value: object, info: ValidationInfo) -> object:
        if not isinstance(info.context, Context):
            return value
        text = str(value) if isinstance(value, Path) else value
        return project_path(text, info.context.root, kind)

    return BeforeValidator(check)
