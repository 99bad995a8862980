"""The matching on pages: the section of Q1 and that of an image's own page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from generator.analysis.matching_summary import Candidate, MatchedObject, MatchingSummary
from generator.figures.figure_file import FigureFile
from generator.files.folders import BuildFolder
from generator.pages.contents import ImageResult
from generator.pages.render import write_pages
from tests.invented import built, invented_contents, invented_project, invented_result

CONTENT = Path(__file__).parents[2] / "content"
OWN = Candidate(15, "cat", 0.982, -0.98, 0.91, 0.77)
RUNNER_UP = Candidate(18, "cat", 0.054, -0.05, 0.40, 0.43)
SAME_CLASS = Candidate(4, "cat", 0.9996, -1.0, 2.0, 1.5)


def summary(
    own: Candidate = OWN,
    runner_up: Candidate | None = RUNNER_UP,
    same_class: Candidate | None = None,
    n: int = 2,
) -> MatchingSummary:
    """Object 1 as given; the others have large margins."""
    sure = MatchedObject(
        2, "dog", Candidate(2, "dog", 0.9, -0.9, 0.0, 0.0), replace(RUNNER_UP, l1=9), None
    )
    first = MatchedObject(1, "cat", own, runner_up, same_class)
    return MatchingSummary((first, *(replace(sure, number=2 + i) for i in range(n - 1))), 20)


def with_matching(slug: str, matching: MatchingSummary | None, n: int = 2) -> ImageResult:
    result = invented_result(slug, n=n)
    if matching is None or not matching.objects:
        return replace(result, matching=matching)
    picture = FigureFile(f"figures/{slug}/matching.webp", "Alt of matching", (20, 10))
    return replace(result, matching=matching, figures={**result.figures, "matching": picture})


def pages_of(root: Path, *results: ImageResult, q1: str | None = None) -> Path:
    config = invented_project(root, {"q1.md": q1} if q1 else None)
    write_pages(config, invented_contents(results, built(results)), BuildFolder(root / "build"))
    return root / "build" / "docs"


Q1 = (CONTENT / "q1.md").read_text(encoding="utf-8")
MACROS = "".join(re.findall(r"{% macro .*?{% endmacro %}", Q1, re.DOTALL))
SECTION = MACROS + Q1[Q1.index("### Step one") : Q1.index("### Step two")]


def section(root: Path, *results: ImageResult) -> str:
    """Q1's section about the matching, without markup, in one line."""
    page = (pages_of(root, *results, q1=SECTION) / "q1.md").read_text(encoding="utf-8")
    return " ".join(re.sub(r"<annotation.*?</annotation>|<[^>]+>", "", page).split())


@pytest.mark.slow
def test_q1_shows_the_closest_decision_with_its_three_parts(tmp_path: Path) -> None:
    text = section(tmp_path, with_matching("pets", summary()))
    assert "](figures/pets/matching.webp)" in text
    assert "There are 2 objects, and `detr_emoji` has 20 queries, which makes 380 possible" in text
    assert "the framed costs sum to −0.20." in text
    assert "The closest decision was about object 1, the cat." in text
    assert "| 15, matched with it | cat 98 % | −0.98 | 0.91 | 0.77 | 0.70 |" in text
    assert "| 18, cheapest other | cat 5 % | −0.05 | 0.40 | 0.43 | 0.78 |" in text
    assert (
        "Query 15 is ahead by 0.08, although its box lies worse than that of query 18: the two "
        "parts for the box cost 1.68 against 0.83. It is the class that decides."
    ) in text
    assert "Each object gets the query that is cheapest for it" in text
    assert "with another" not in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("own", "runner_up", "words"),
    [
        (
            replace(OWN, l1=0.1, giou=0.1),
            RUNNER_UP,
            "it believes more in the class, and its box lies",
        ),
        (
            replace(OWN, classes=-0.6, l1=0.1, giou=0.1),
            replace(RUNNER_UP, classes=-0.9),
            "although it believes less in the class than query 18: it is the box that decides.",
        ),
        (
            OWN,
            replace(RUNNER_UP, l1=0.0),
            "Query 18 would have been cheaper for it by 0.32, but it answers for another object.",
        ),
    ],
)
def test_q1_says_what_decided(
    tmp_path: Path, own: Candidate, runner_up: Candidate, words: str
) -> None:
    text = section(tmp_path, with_matching("pets", summary(own, runner_up)))
    assert words in text
    assert ("object 1 does not. Another object needs that query more" in text) == (
        runner_up.total < own.total
    )


@pytest.mark.slow
def test_q1_shows_the_query_of_another_object_of_the_class(tmp_path: Path) -> None:
    text = section(tmp_path, with_matching("pets", summary(same_class=SAME_CLASS)))
    assert "| 4, matched with another cat | cat 99 % | −1.00 | 2.00 | 1.50 | 2.50 |" in text
    assert "The last row is right about the class" in text
    same = section(
        tmp_path,
        with_matching("pets", summary(runner_up=SAME_CLASS, same_class=SAME_CLASS)),
    )
    assert "with another cat" not in same


@pytest.mark.slow
def test_q1_takes_the_scene_with_the_closest_decision(tmp_path: Path) -> None:
    clear = summary(runner_up=replace(RUNNER_UP, l1=5.0))
    single = summary(n=1)
    results = [
        with_matching("none", None),
        with_matching("empty", MatchingSummary((), 20)),
        with_matching("single", single),
        with_matching("clear", clear),
        with_matching("close", summary()),
    ]
    assert "](figures/close/matching.webp)" in section(tmp_path, *results)
    assert "](figures/clear/matching.webp)" in section(tmp_path, *results[:4])
    assert "](figures/single/matching.webp)" in section(tmp_path, *results[:3])


@pytest.mark.slow
@pytest.mark.parametrize("count", [0, 1, 2])
def test_q1_says_how_to_get_the_figure(tmp_path: Path, count: int) -> None:
    nothing = [with_matching("none", None), with_matching("empty", MatchingSummary((), 20))]
    text = section(tmp_path, *nothing[:count])
    assert "Where the gallery says what is really in a picture (`objects:`" in text
    assert "matching.webp" not in text


def own_section(root: Path, result: ImageResult) -> str:
    page = (pages_of(root, result) / "gallery" / "pets.md").read_text(encoding="utf-8")
    found = re.search(r"## What is really there\n(.*?)## Look for yourself", page, re.DOTALL)
    return " ".join(found[1].split()) if found else ""


@pytest.mark.slow
def test_the_page_of_an_image_shows_its_matching(tmp_path: Path) -> None:
    text = own_section(tmp_path, with_matching("pets", summary()))
    assert "](../figures/pets/matching.webp)" in text
    assert "here it is −0.20." in text
    assert "Left out" not in text


@pytest.mark.slow
def test_the_page_names_what_the_model_cannot_know(tmp_path: Path) -> None:
    some = replace(summary(), unknown=("bus", "bus", "tv"))
    assert own_section(tmp_path, with_matching("pets", some)).endswith(
        "Left out: bus, tv. The model has no such class."
    )
    none = MatchingSummary((), 20, ("bus",))
    text = own_section(tmp_path, with_matching("pets", none))
    assert text == (
        "The gallery says what is in this picture, but the model knows none of these classes, so "
        "there is nothing to match."
    )


@pytest.mark.slow
def test_the_page_marks_crowds(tmp_path: Path) -> None:
    some = replace(summary(), crowds=("person", "person", "cat"))
    assert own_section(tmp_path, with_matching("pets", some)).endswith(
        "Left out: a box around many (person, cat), as in training. No query answers for a crowd."
    )
    alone = MatchingSummary((), 20, crowds=("person",))
    text = own_section(tmp_path, with_matching("pets", alone))
    assert text == (
        "The gallery says that there are crowds in this picture whose members nobody told apart, "
        "so there is nothing to match."
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "words"),
    [
        (0, "None scores above 0.9 with a class."),
        (1, "One query scores above 0.9 with a class, which is wrong."),
        (3, "3 score above 0.9 with a class, which is wrong."),
    ],
)
def test_the_page_of_an_image_with_nothing_in_it(tmp_path: Path, n: int, words: str) -> None:
    text = own_section(tmp_path, with_matching("pets", MatchingSummary((), 20), n))
    assert text.endswith(words)


@pytest.mark.slow
def test_the_page_of_an_image_without_annotations_has_no_section(tmp_path: Path) -> None:
    assert own_section(tmp_path, with_matching("pets", None)) == ""
