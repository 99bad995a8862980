"""The check of an answer, in Python and, if node is installed, in the page's own script."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from generator.exercises.answer_check import check_of, judge
from generator.exercises.meaning.form import without_frame
from generator.exercises.normal_form import normal_form
from generator.exercises.notes import Worksheet
from generator.exercises.surroundings import frames_of

SCRIPTS = Path(__file__).parents[2] / "templates" / "assets" / "exercise"
NAMES = ("code", "tensors", "functions", "layers", "evaluate", "form", "check", "words")
NODE = shutil.which("node")


def in_node(program: str, value: Any) -> Any:
    """The result of a JavaScript program for `value`; it can use the page's functions."""
    lines = [
        *(f"require({json.dumps(str(SCRIPTS / f'{name}.js'))});" for name in NAMES),
        "const {answerOf, formOf, hex, judge, normalForm, saysOf, sha256} = Exercise;",
        "const value = JSON.parse(require('fs').readFileSync(0, 'utf8'));",
        f"console.log(JSON.stringify({program}));",
    ]
    done = subprocess.run(
        [str(NODE), "-e", "\n".join(lines)],
        input=json.dumps(value),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return json.loads(done.stdout)


def odd_spellings(answers: list[str]) -> list[str]:
    """Answers as people might type them, and strings that nobody would type."""
    chance = random.Random(0)
    characters = "ab1 \t\u00a0\u200b\u2003\ufeff\x1c\x85\"'\u2019\u201c#\\\n\r,()[]{}.é😀=/"
    texts = ["", *answers, *("".join(chance.choices(characters, k=12)) for _ in range(200))]
    for answer in answers[::3]:
        pieces = [character + chance.choice(["", "", " ", "\u00a0", "\n"]) for character in answer]
        texts += ["".join(pieces), answer.replace(")", ",)") + "  # why", f"  {answer}\r\n"]
    return texts


@pytest.fixture(scope="module")
def typed(worksheet: Worksheet) -> dict[str, list[str]]:
    """By blank, what might be typed into it, with its line and the answers to other blanks."""
    accepted = {name: list(notes.accepted) for name, notes in worksheet.notes.items()}
    everything = odd_spellings([form for forms in accepted.values() for form in forms])
    lines = {place.name: place for place in worksheet.exercise.places}
    return {
        name: [
            *everything,
            *(form for mistake in notes.mistakes for form in mistake.answers),
            *(lines[name].before + form + lines[name].after for form in accepted[name]),
        ]
        for name, notes in worksheet.notes.items()
    }


@pytest.mark.slow
def test_each_accepted_form_is_right_and_each_mistake_is_named(worksheet: Worksheet) -> None:
    for name, notes in worksheet.notes.items():
        for form in notes.accepted:
            assert judge(worksheet, name, form).verdict == "right", form
            assert judge(worksheet, name, f"  {form}  # so").verdict == "right", form
        for mistake in notes.mistakes:
            for form in mistake.answers:
                found = judge(worksheet, name, form)
                assert (found.verdict, found.says) == ("mistake", mistake.says), form
        assert judge(worksheet, name, "nonsense").verdict == "unknown"
        assert judge(worksheet, name, "").verdict == "unknown"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("projection", "self.conv = nn.Conv2d(2048, hidden_dim, 1)  # blank 2"),
        ("queries", "nn.Parameter(torch.rand(num_queries, hidden_dim))"),
        ("codes", "self.col_embed=nn.Parameter(torch.rand(50,hidden_dim//2))"),
        ("codes", "self.row_embed = nn.Parameter(torch.rand(50, hidden_dim // 2))"),
        ("columns", "self.col_embed[:w].expand(h, w, -1)"),
        ("sigmoid", "'pred_boxes': self.linear_bbox(answers).sigmoid(),"),
        ("sigmoid", '"pred_boxes": self.linear_bbox(answers).sigmoid()'),
        ("sigmoid", "self.linear_bbox(answers).sigmoid(),"),
    ],
)
def test_line_around_the_blank_may_be_typed_too(worksheet: Worksheet, name: str, line: str) -> None:
    assert judge(worksheet, name, line).verdict == "right"


def test_code_around_is_taken_off_only_where_an_answer_is_left(worksheet: Worksheet) -> None:
    frames = frames_of(worksheet.exercise, "queries")
    assert frames == [("self.query_pos=nn.Parameter(", ")"), ("nn.Parameter(", ")")]
    assert without_frame("nn.Parameter()", frames) == "nn.Parameter()"
    assert without_frame("nn.Parameter(a)+f(b)", frames) == "nn.Parameter(a)+f(b)"
    assert without_frame("nn.Parameter(f(a))", frames) == "f(a)"


def test_page_is_given_no_answer_and_no_explanation(worksheet: Worksheet) -> None:
    for name, notes in worksheet.notes.items():
        text = check_of(worksheet, name)
        said = [notes.why, *(mistake.says for mistake in notes.mistakes)]
        forms = [*notes.accepted, *(form for m in notes.mistakes for form in m.answers)]
        shown = normal_form(worksheet.exercise.student)  # `self.backbone` is no secret
        for secret in said:
            assert secret not in text
        for form in forms:
            if len(normal_form(form)) > 6 and normal_form(form) not in shown:
                assert normal_form(form) not in normal_form(text)


def test_tables_are_salted_each_in_its_own_way_and_always_the_same(worksheet: Worksheet) -> None:
    checks = [json.loads(check_of(worksheet, name)) for name in worksheet.notes]
    assert len({check["salt"] for check in checks}) == len(checks)
    assert check_of(worksheet, "boxes") == check_of(worksheet, "boxes")
    for check, notes in zip(checks, worksheet.notes.values(), strict=True):
        mistakes = sum(len(mistake.answers) for mistake in notes.mistakes)
        assert 0 < len(check["says"]) <= len(notes.accepted) + mistakes
        assert list(check["says"]) == sorted(check["says"])


@pytest.mark.slow
@pytest.mark.skipif(NODE is None, reason="no node here")
def test_script_hashes_as_python_does() -> None:
    texts = ["", "abc", *("é" * n + "x" * (n % 5) for n in range(130))]
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    assert in_node("value.map((text) => hex(sha256(text)))", texts) == hashes


@pytest.mark.slow
@pytest.mark.skipif(NODE is None, reason="no node here")
def test_script_normalises_as_python_does(typed: dict[str, list[str]]) -> None:
    texts = typed["boxes"]
    assert in_node("value.map(normalForm)", texts) == [normal_form(text) for text in texts]
    assert len({normal_form(text) for text in texts}) > 200


@pytest.mark.slow
@pytest.mark.skipif(NODE is None, reason="no node here")
def test_script_judges_as_python_does(worksheet: Worksheet, typed: dict[str, list[str]]) -> None:
    value = {name: [json.loads(check_of(worksheet, name)), typed[name]] for name in typed}
    program = (
        "Object.fromEntries(Object.entries(value).map(([name, [check, texts]]) =>"
        " [name, texts.map((text) => judge(check, text))]))"
    )
    answers = in_node(program, value)
    verdicts = set()
    for name, texts in typed.items():
        for text, found in zip(texts, answers[name], strict=True):
            expected = judge(worksheet, name, text)
            assert found == asdict(expected), (name, text)
            verdicts.add((name, expected.verdict))
    assert len(verdicts) == 3 * 12
