"""What a page reads: recorded field by field, and compared later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import jinja2
import numpy as np
import pytest

from generator.pages.deferred import Deferred
from generator.pages.read_checker import Checker, leaf_digest
from generator.pages.reads import Reads


@dataclass(frozen=True)
class Entry:
    title: str
    caption: str = ""

    @property
    def heading(self) -> str:
        return self.title.upper()

    def begins_with(self, letter: str) -> bool:
        return self.title.startswith(letter)


@dataclass(frozen=True)
class Found:
    labels: tuple[str, ...] = ()
    scores: Any = field(default_factory=lambda: np.zeros(2), compare=False)

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Image:
    entry: Entry
    found: Found = Found()
    matching: Found | None = None
    files: Mapping[str, Entry] = field(default_factory=dict)

    @cached_property
    def longest(self) -> int:
        return max(map(len, self.found.labels), default=0)


CATS, DOGS = Image(Entry("Cats", "Two."), Found(("cat", "cat"))), Image(Entry("Dogs"))
ROOTS: dict[str, Any] = {"images": (CATS, DOGS), "example": CATS, "edition": "student"}


def seen(template: str, roots: Mapping[str, Any]) -> tuple[str, dict[Any, str]]:
    """The text of a template, and what it read."""
    reads = Reads(roots)
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    return environment.from_string(template).render(reads.views()), reads.seen


def changed(**changes: Any) -> dict[str, Any]:
    """The roots with another first image, which is also the example."""
    other = replace(CATS, **changes)
    return ROOTS | {"images": (other, DOGS), "example": other}


TITLE = changed(entry=Entry("Kittens", "Two."))
CAPTION = changed(entry=Entry("Cats", "Two of them."))
LABELS = changed(found=Found(("cat",)))
MORE = ROOTS | {"images": (CATS, DOGS, DOGS)}


@pytest.mark.parametrize(
    ("template", "text", "matters", "does_not"),
    [
        ("{{ example.entry.title }}", "Cats", [TITLE], [CAPTION, LABELS, MORE]),
        ("{{ example.entry.heading }}", "CATS", [TITLE], [CAPTION]),
        ("{{ example.entry.begins_with('C') }}", "True", [TITLE], [CAPTION]),
        ("{{ example.longest }}", "3", [LABELS], [TITLE]),
        ("{{ images | length }}", "2", [MORE], [TITLE, CAPTION, LABELS]),
        ("{{ images | map(attribute='entry.title') | join }}", "CatsDogs", [TITLE, MORE], [LABELS]),
        ("{% for one in images %}{{ one.entry.caption }}{% endfor %}", "Two.", [CAPTION, MORE],
         [TITLE]),
        ("{{ images | batch(2) | list | length }}", "1", [MORE], [TITLE]),
        ("{{ images[2] is defined }}", "False", [MORE], [TITLE]),
        ("{% set first, second = images %}{{ second.entry.title }}", "Dogs", [MORE], [TITLE]),
        ("{{ images[:1] | length }}", "1", [MORE], [TITLE]),
        ("{{ images | map(attribute='found') | unique | list | length }}", "2", [LABELS], [TITLE]),
        ("{{ images[-1].entry.title }}", "Dogs", [], [TITLE, CAPTION, LABELS]),
        ("{{ example.found | length }}", "2", [LABELS], [TITLE]),
        ("{{ 'y' if example.found else 'n' }}", "y", [changed(found=Found())], [TITLE]),
        ("{{ example.matching is none }}", "True", [changed(matching=Found())], [TITLE]),
        ("{{ example.found.scores.sum() }}", "0.0", [changed(found=Found(scores=np.ones(2)))],
         [TITLE]),
        ("{{ images | selectattr('entry.title', 'equalto', 'Dogs') | list | length }}", "1",
         [TITLE], [CAPTION]),
        ("{{ images | max(attribute='found.labels') == example }}", "True", [TITLE, CAPTION], []),
        ("{{ edition }}", "student", [ROOTS | {"edition": "instructor"}], [TITLE, MORE]),
        ("{{ 'a' in example.files }}", "False", [changed(files={"a": Entry("A")})], [TITLE]),
        ("{{ ([1] + (images + [1])) | length }}", "4", [MORE], [TITLE]),
        ("nothing", "nothing", [], [TITLE, CAPTION, LABELS, MORE]),
    ],
)  # fmt: skip
def test_only_what_is_read_matters(
    template: str, text: str, matters: list[dict[str, Any]], does_not: list[dict[str, Any]]
) -> None:
    rendered, reads = seen(template, ROOTS)
    assert rendered == text
    assert Checker(ROOTS).is_same(reads)
    assert [Checker(roots).is_same(reads) for roots in matters] == [False] * len(matters)
    assert [Checker(roots).is_same(reads) for roots in does_not] == [True] * len(does_not)


def test_a_record_that_becomes_none_matters_though_nothing_of_it_was_read() -> None:
    roots = changed(matching=Found())
    _, reads = seen("{{ example.matching is none }}", roots)
    assert not Checker(ROOTS).is_same(reads)


def test_one_key_of_a_mapping_does_not_depend_on_the_others() -> None:
    files = {"a": Entry("A"), "b": Entry("B")}
    _, reads = seen("{{ example.files['a'].title }}", changed(files=files))
    assert Checker(changed(files={**files, "b": Entry("C")})).is_same(reads)
    assert not Checker(changed(files={**files, "a": Entry("C")})).is_same(reads)
    _, reads = seen("{% for name in example.files %}{{ name }}{% endfor %}", changed(files=files))
    assert not Checker(changed(files={"a": Entry("A")})).is_same(reads)


def test_view_passes_for_the_record_in_python_too() -> None:
    reads = Reads(ROOTS)
    view = reads.view("example")
    assert isinstance(view, Image)
    assert view == CATS
    assert len(view.found) == 2
    assert [one.entry.title for one in reads.view("images")[:1]] == ["Cats"]


def test_what_is_deferred_is_made_once_and_only_if_it_is_used() -> None:
    made: list[int] = []

    def make() -> dict[str, int]:
        made.append(1)
        return {"a": 1}

    roots = {"numbers": Deferred("key", make)}
    _, reads = seen("nothing", roots)
    assert made == []
    assert Checker({"numbers": Deferred("other", make)}).is_same(reads)
    text, reads = seen("{{ numbers['a'] }}{{ numbers.a }}", roots)
    assert (text, made) == ("11", [1])
    assert Checker({"numbers": Deferred("key", make)}).is_same(reads)
    assert not Checker({"numbers": Deferred("other", make)}).is_same(reads)
    assert made == [1]


def test_deferred_functions_are_called_like_others() -> None:
    roots = {"double": Deferred("key", lambda: lambda number, by=2: number * by)}
    text, reads = seen("{{ double(4) }} {{ double(4, by=3) }}", roots)
    assert text == "8 12"
    assert reads == {("double",): "key"}


def test_a_name_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError, match="no attribute 'titel'"):
        seen("{{ example.entry.titel }}", ROOTS)


def test_order_of_a_mapping_counts() -> None:
    _, reads = seen("{{ counts | list }}", {"counts": {"a": 1, "b": 2}})
    assert Checker({"counts": {"a": 1, "b": 2}}).is_same(reads)
    assert not Checker({"counts": {"b": 2, "a": 1}}).is_same(reads)


def test_values_that_look_alike_are_told_apart() -> None:
    alike = (
        "1",
        1,
        1.0,
        True,
        None,
        "None",
        (1,),
        ("1",),
        (True,),
        ((1,),),
        [1.0],
        (),
        "()",
        "x" * 40,
    )
    assert len({leaf_digest(value) for value in alike}) == len(alike)
    assert all(len(leaf_digest(value)) <= 32 for value in alike)


def test_key_of_any_kind_can_be_asked_for() -> None:
    files = {"a": Entry("A")}
    text, reads = seen("{{ ('a', 'b') in example.files }}", changed(files=files))
    assert text == "False"
    assert json.loads(json.dumps([list(path) for path in reads]))
    assert not Checker(changed(files={**files, "b": Entry("B")})).is_same(reads)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ [versions] }}", "[{'a': '1'}]"),
        ("{{ versions is mapping }}", "True"),
        ("{{ '%r' | format(versions) }}", "{'a': '1'}"),
        ("{{ versions == {'a': '1'} }}", "True"),
        ("{{ versions.a }} {{ versions | length }} {{ 'a' in versions }}", "1 1 True"),
    ],
)
def test_deferred_values_print_and_compare_like_others(template: str, text: str) -> None:
    assert seen(template, {"versions": Deferred.of({"a": "1"})})[0] == text
