"""The notes on an exercise: hints, accepted spellings, reasons and usual mistakes.

In: the YAML file next to an exercise's source, and the exercise. Out: `BlankNotes` for each
blank, or every problem at once with its line. What students read, such as hints and comments
on mistakes, must not hold an accepted answer; that is checked here too.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass as plain_dataclass
from dataclasses import field as dataclass_field
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, Strict
from pydantic.dataclasses import dataclass

from generator.errors import ConfigurationError
from generator.exercises.leaks import given_away
from generator.exercises.meaning.form import Surroundings, form_of
from generator.exercises.normal_form import normal_form
from generator.exercises.source import Exercise, read_exercise
from generator.exercises.surroundings import functions_of, surroundings_of
from generator.files.fingerprint import sha256_of
from generator.project.fields import Sentence, Title, a_kind_of, expects, quotes_needed
from generator.project.overlay import Overlay
from generator.project.records import CLOSED, keys_of, misspelt, read_record
from generator.project.yaml_source import Location, YamlSource, read_yaml

Text = Annotated[
    str, Strict(), AfterValidator(str.rstrip), Field(min_length=1), expects("text", quotes_needed)
]
Forms = Annotated[tuple[Title, ...], a_kind_of((list, tuple), "a list of answers")]


@dataclass(frozen=True, config=CLOSED)
class Mistake:
    """A usual mistake.

    Attributes:
        answers: ways to write it.
        says: what is wrong with it, without the answer; may hold `code` in backticks.
    """

    answers: Forms
    says: Sentence


Mistakes = Annotated[
    tuple[
        Annotated[Mistake, a_kind_of((dict, Mistake), "`answers:` and `says:` after the dash")], ...
    ],
    a_kind_of((list, tuple), "a list of `answers:` and `says:`", may_be_empty=True),
]


@dataclass(frozen=True, config=CLOSED)
class BlankNotes:
    """The notes on one blank; texts may hold `code` in backticks.

    Attributes:
        hint: for students, before they answer.
        why: the reason for the answer.
        accepted: ways to write the answer; after reading, the source's own is the first.
        mistakes: the usual ones.
    """

    hint: Sentence
    why: Sentence
    accepted: Forms = ()
    mistakes: Mistakes = ()


Scopes = Annotated[dict[str, Text], a_kind_of((dict,), "names with statements below it")]


@dataclass(frozen=True, config=CLOSED)
class Heading:
    """The notes on the whole exercise.

    Attributes:
        title: its name on pages and in its notebook.
        introduction: Markdown for the notebook.
        try_out: Python that runs what was filled in, for the notebook's last cell.
        given_costs: the points that a class loses whose blanks are right and which does not
            work, as something else in it was changed.
        scopes: by the name of a function or of a blank, statements that make what answers may
            name there, so that they can be worked out; students' pages hold them.
    """

    title: Title
    introduction: Text
    try_out: Text
    given_costs: Annotated[int, Strict(), Field(ge=1), expects("a number of points")] = 1
    scopes: Scopes = dataclass_field(default_factory=dict)


@plain_dataclass(frozen=True)
class Worksheet:
    """An exercise with its notes.

    Attributes:
        exercise: its source and blanks.
        heading: the notes on the whole.
        notes: by the blank's name, in the order of the blanks' numbers.
    """

    exercise: Exercise
    heading: Heading
    notes: Mapping[str, BlankNotes]

    @cached_property
    def surroundings(self) -> Mapping[str, Surroundings]:
        """By the blank's name, what stands around it."""
        scopes = self.heading.scopes
        return {name: surroundings_of(self.exercise, scopes, name) for name in self.notes}


def read_worksheets(folder: Path | Overlay) -> tuple[Worksheet, ...]:
    """Reads the exercises of a folder, by name; none if there is no such folder.

    Raises:
        ExerciseError: a source is not an exercise.
        ConfigurationError: holds every problem of the YAML file next to a source.
    """
    return tuple(map(read_worksheet, Overlay.of(folder).files("*.py").values()))


def read_worksheet(path: Path) -> Worksheet:
    """Reads an exercise's source and the YAML file of the same name next to it.

    Raises:
        ExerciseError: the source is not an exercise.
        ConfigurationError: holds every problem of the YAML file.
    """
    files = (path, path.with_suffix(".yml"))
    return _read_worksheet(path, *(sha256_of(one) if one.is_file() else "" for one in files))


@lru_cache(16)
def _read_worksheet(path: Path, _source: str, _notes: str) -> Worksheet:
    """Reads files of these digests; a build asks for the same several times, a second each."""
    exercise = read_exercise(path)
    source = read_yaml(path.with_suffix(".yml"))
    worksheet = _worksheet(exercise, source)
    if worksheet is None or source.problems:
        raise ConfigurationError(source.sorted_problems())
    return worksheet


def accepted_forms(worksheets: Sequence[Worksheet]) -> dict[str, tuple[str, ...]]:
    """Every form of every answer, by exercise and blank, such as "minimal_detr: boxes"."""
    return {
        f"{worksheet.exercise.name}: {name}": notes.accepted
        for worksheet in worksheets
        for name, notes in worksheet.notes.items()
    }


def _worksheet(exercise: Exercise, source: YamlSource) -> Worksheet | None:
    """The worksheet of a YAML file; its problems are reported to `source`."""
    if not isinstance(source.value, dict):
        if source.value is not None:
            source.report_unexpected((), "keys such as `title:` and `blanks:`")
        return None
    blanks = source.value.get("blanks")
    heading = read_record(Heading, source.value, source, besides=("blanks",))
    names = [blank.name for blank in exercise.blanks]
    if not isinstance(blanks, dict):
        if "blanks" not in misspelt(source.value, [*keys_of(Heading), "blanks"]):
            source.report_unexpected(("blanks",), "below it the names of the blanks")
        return None
    meant = misspelt(blanks, names)
    for name in blanks.keys() - set(names):
        source.report_unknown_key(("blanks", name), names)
    notes = {}
    for blank in exercise.blanks:
        here = ("blanks", blank.name)
        if blank.name not in blanks:
            if blank.name not in meant:
                source.report(("blanks",), f"`{blank.name}` is missing; give it a hint and a why")
        elif read := _notes(blanks[blank.name], blank.answer, source, here):
            notes[blank.name] = read
    _report_answers_given_away(notes, heading, source)
    if heading is not None:
        _report_broken_code(heading.try_out, source)
        if len(notes) == len(names):
            _report_scopes(exercise, heading.scopes, notes, source)
    return None if heading is None else Worksheet(exercise, heading, notes)


def _notes(written: object, answer: str, source: YamlSource, at: Location) -> BlankNotes | None:
    """The notes on one blank; the source's answer becomes the first accepted form."""
    if not isinstance(written, dict):
        source.report_unexpected(at, "keys such as `hint:` below it")
        return None
    notes = read_record(BlankNotes, written, source, at)
    if notes is None:
        return None
    notes = replace(notes, accepted=(answer, *notes.accepted))
    _report_repeated(notes, source, at)
    return notes


def _report_repeated(notes: BlankNotes, source: YamlSource, at: Location) -> None:
    """Reports forms that are written twice, or that are both an answer and a mistake."""
    accepted: set[str] = set()
    for i, form in enumerate(notes.accepted):
        if normal_form(form) in accepted:  # not the first, which is from the source
            source.report((*at, "accepted", i - 1), "is accepted already; leave this one out")
        accepted.add(normal_form(form))
    mistaken: set[str] = set()
    for i, mistake in enumerate(notes.mistakes):
        for j, form in enumerate(mistake.answers):
            where = (*at, "mistakes", i, "answers", j)
            if normal_form(form) in accepted:
                source.report(where, "is an accepted answer; keep one of the two")
            if normal_form(form) in mistaken:
                source.report(where, "stands among the mistakes already; keep one of the two")
            mistaken.add(normal_form(form))


def _report_scopes(
    exercise: Exercise,
    scopes: Mapping[str, str],
    notes: Mapping[str, BlankNotes],
    source: YamlSource,
) -> None:
    """Reports scopes that nothing needs or that are of no use, and mistakes that are right."""
    functions = functions_of(exercise)
    for name in scopes.keys() - functions - set(notes):
        source.report_unknown_key(("scopes", name), sorted({*functions, *notes} - {""}))
    for name, one in notes.items():
        around = surroundings_of(exercise, scopes, name)
        if not around.scope:
            continue
        keys = {form_of(around, form).keys[1] for form in one.accepted}
        if form_of(around, one.accepted[0]).kind != "line":
            source.report(("scopes",), f"the answer of `{name}` cannot be worked out with them")
        for i, mistake in enumerate(one.mistakes):
            for j, form in enumerate(mistake.answers):
                if form_of(around, form).keys[1] in keys:
                    where = ("blanks", name, "mistakes", i, "answers", j)
                    source.report(where, "comes to the same as an accepted answer")


def _report_answers_given_away(
    notes: Mapping[str, BlankNotes], heading: Heading | None, source: YamlSource
) -> None:
    """Reports texts for students that hold the answer of any blank."""
    accepted = {name: one.accepted for name, one in notes.items()}
    texts: dict[Location, str] = {}
    if heading is not None:
        texts |= {(one,): getattr(heading, one) for one in ("title", "introduction", "try_out")}
        texts |= {("scopes", name): code for name, code in heading.scopes.items()}
    for name, one in notes.items():
        texts["blanks", name, "hint"] = one.hint
        for i, mistake in enumerate(one.mistakes):
            texts["blanks", name, "mistakes", i, "says"] = mistake.says
    for at, text in texts.items():
        for leak in given_away(text, accepted):
            source.report(at, f"gives an answer of `{leak.blank}` away: {leak.answer}")


def _report_broken_code(try_out: str, source: YamlSource) -> None:
    """Reports code for the notebook that Python cannot read."""
    try:
        ast.parse(try_out)
    except (SyntaxError, ValueError) as error:
        line = (getattr(error, "text", None) or "").strip()
        source.report(("try_out",), f"is not valid Python{f': {line}' if line else ''}")
