"""The reader of records: every problem of a group of keys, at any depth, at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import Field, ValidationError
from pydantic.dataclasses import dataclass

from generator.exercises.notes import BlankNotes, Heading, Mistake
from generator.measures.claims.claim import Against, Claim
from generator.project.annotations import Annotation
from generator.project.config import FigureOptions, SiteConfig
from generator.project.fields import Line, Title, a_kind_of
from generator.project.gallery import GalleryImage
from generator.project.records import CLOSED, keys_of, misspelt, read_record
from generator.project.yaml_source import YamlSource, read_yaml


@dataclass(frozen=True, config=CLOSED)
class Leg:
    length: Title
    colour: Line = "black"


Legs = Annotated[
    tuple[Annotated[Leg, a_kind_of((dict, Leg), "keys such as `length:`")], ...],
    a_kind_of((list, tuple), "a list of legs"),
]


@dataclass(frozen=True, config=CLOSED)
class Chair:
    name: Annotated[Title, Field(examples=["Windsor"])]
    origin: Annotated[Title, Field(alias="from")]
    best: Annotated[Leg, a_kind_of((dict, Leg), "keys such as `length:` below it")]
    others: Legs | None = None
    seat: Line = "wood"


GOOD = """\
name: Windsor
from: England
best: {length: long}
others:
- length: short
  colour:
seat:
"""


def source_of(folder: Path, text: str) -> YamlSource:
    path = folder / "chair.yml"
    path.write_text(text, encoding="utf-8")
    return read_yaml(path)


def read(folder: Path, text: str, **options: Any) -> tuple[Chair | None, list[str]]:
    source = source_of(folder, text)
    assert isinstance(source.value, dict)
    chair = read_record(Chair, source.value, source, **options)
    return chair, [f"{one.line}: {one.message}" for one in source.sorted_problems()]


def test_record_is_read_with_the_records_in_it(tmp_path: Path) -> None:
    chair = Chair("Windsor", "England", Leg("long"), (Leg("short", "black"),), "wood")
    assert read(tmp_path, GOOD) == (chair, [])


MISSING = "is missing, or nothing is written after it"


@pytest.mark.parametrize(
    ("old", "new", "messages"),
    [
        ("name: Windsor", "", [f"2: `name:` {MISSING}; an example is `name: Windsor`"]),
        ("name: Windsor", "name:", [f"1: `name:` {MISSING}; an example is `name: Windsor`"]),
        ("from: England", "", [f"1: `from:` {MISSING}"]),
        ("from:", "origin:", ["2: unknown key `origin`; the keys here are name, from, best, "
                              "others, seat", f"1: `from:` {MISSING}"]),
        ("from:", "form:", ["2: unknown key `form`; did you mean `from`?"]),
        ("name: Windsor", "nmae:", ["1: unknown key `nmae`; did you mean `name`?"]),
        ("{length: long}", "long", ["3: best: expected keys such as `length:` below it, found "
                                    "`long`"]),
        ("{length: long}", "{}", [f"3: best: `length:` {MISSING}"]),
        ("{length: long}", "{lenght: long}", ["3: best: unknown key `lenght`; did you mean "
                                              "`length`?"]),
        ("{length: long}", "{length: 5}", ["3: best: length: expected text, found `5`, which YAML "
                                           "reads as a number; put it in quotes"]),
        ("- length: short", "- length:", [f"5: other 1: `length:` {MISSING}"]),
        ("- length: short\n  colour:", "- short", ["5: other 1: expected keys such as `length:`, "
                                                   "found `short`"]),
        ("- length: short\n  colour:", "  a: b", ["5: others: expected a list of legs, found a "
                                                  "group of keys"]),
    ],
)  # fmt: skip
def test_problem_is_reported(tmp_path: Path, old: str, new: str, messages: list[str]) -> None:
    assert old in GOOD
    chair, problems = read(tmp_path, GOOD.replace(old, new, 1))
    assert chair is None
    assert sorted(problems) == sorted(messages)


def test_all_problems_are_reported_at_once_and_each_only_once(tmp_path: Path) -> None:
    text = (
        "nmae: Windsor\nfrom: 5\nbest: {}\nothers:\n- {length: 1, color: red}\n- short\n"
        "- length: long\n- colour: 2\nseat: off\nback: high\n"
    )
    chair, problems = read(tmp_path, text)
    assert chair is None
    assert [problem.partition(": expected")[0] for problem in problems] == [
        "1: unknown key `nmae`; did you mean `name`?",
        "2: from",
        f"3: best: `length:` {MISSING}",
        "5: other 1: unknown key `color`; did you mean `colour`?",
        "5: other 1: length",
        "6: other 2",
        f"8: other 4: `length:` {MISSING}",
        "8: other 4: colour",
        "9: seat",
        "10: unknown key `back`; the keys here are name, from, best, others, seat",
    ]


def test_code_gives_what_the_file_does_not(tmp_path: Path) -> None:
    text = "from: England\nbest: {length: long}\nseat: straw\n"
    [chair] = read(tmp_path, text, given={"name": "Windsor"}, defaults={"seat": "wood"})[:1]
    assert chair == Chair("Windsor", "England", Leg("long"), None, "straw")
    chair, _ = read(tmp_path, text.replace("straw", ""), defaults={"name": "W", "seat": "cane"})
    assert chair == Chair("W", "England", Leg("long"), None, "cane")
    # A field in `given` is not a key of the file; one in `besides` is.
    _, problems = read(tmp_path, "name: A\n" + text, given={"name": "B"}, besides=("price",))
    assert problems == ["1: unknown key `name`; the keys here are from, best, others, seat, price"]
    assert read(tmp_path, GOOD + "price: 5\n", besides=("price",))[1] == []


def test_place_in_the_file_is_part_of_the_message(tmp_path: Path) -> None:
    source = source_of(tmp_path, "chairs:\n- name: A\n  from: B\n  best: {length: C, wood: oak}\n")
    [values] = source.value["chairs"]  # type: ignore[index]
    assert read_record(Chair, values, source, ("chairs", 0)) is None
    [problem] = source.problems
    assert (problem.line, problem.message) == (
        4, "chair 1: best: unknown key `wood`; the keys here are length, colour",
    )  # fmt: skip


def test_problem_from_before_does_not_spoil_a_record(tmp_path: Path) -> None:
    source = source_of(tmp_path, GOOD)
    source.report((), "something else")
    assert read_record(Chair, source.value, source) is not None  # type: ignore[arg-type]


def test_misspelt_names() -> None:
    assert misspelt(["flie", "url", "x"], ["file", "url"]) == {"file"}
    assert keys_of(Chair) == ["name", "from", "best", "others", "seat"]
    with pytest.raises(ValidationError):
        Leg(lenght="long")  # type: ignore[call-arg]


KINDS = (SiteConfig, FigureOptions, GalleryImage, Annotation, Against, Claim, Heading,
         BlankNotes, Mistake)  # fmt: skip
NO_KEYS = {"root", "cards", "coco", "comparison"}
"""What the program finds out; no author writes it."""
WRONG = ("5", "yes", "[]", "[[a]]", "[{b: c}]", "{d: e}", "{detr_demo: {f: g}}", "''", ".nan")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrong", WRONG)
def test_every_field_reports_what_it_expects(tmp_path: Path, kind: type[Any], wrong: str) -> None:
    keys = [key for key in keys_of(kind) if key not in NO_KEYS]
    source = source_of(tmp_path, "".join(f"{key}: {wrong}\n" for key in keys))
    given = {key: tmp_path if key == "root" else None for key in keys_of(kind) if key in NO_KEYS}
    assert isinstance(source.value, dict)
    assert read_record(kind, source.value, source, root=tmp_path, given=given) is None
    said = ("expected", "unknown key", "is missing")
    assert all(any(words in problem.message for words in said) for problem in source.problems)
