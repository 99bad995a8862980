"""What a student gets, and what not."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from generator.exercises.gradebook.entry import Entry
from generator.exercises.gradebook.feedback import Feedback
from generator.exercises.gradebook.participants import Participant
from generator.exercises.gradebook.record import FileNote, Record
from generator.exercises.gradebook.roster import Student
from generator.exercises.gradebook.summary import summary_page
from generator.exercises.grading.grade import BlankGrade, Grade
from generator.exercises.source import Exercise, parse_exercise
from tests.exercises.gradebook.fakes import SOURCE

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e"


@pytest.fixture
def exercise() -> Exercise:
    return parse_exercise("exercise", SOURCE)


def entry(name: str = "Ada", said: str = "No.", **grade: object) -> Entry:
    blanks = (BlankGrade(1, "size", "right"), BlankGrade(2, "depth", "wrong", said))
    made = Grade("a.py", False, blanks, **grade)  # type: ignore[arg-type]
    record = Record("1", made, (FileNote("a.py"),))
    return Entry(Participant(Student(name)), record, made.flags)


def page(exercise: Exercise, one: Entry, *, answers: bool = False) -> str:
    (content,) = Feedback(exercise, None, answers).pages([one]).values()
    return content.decode()


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_what_a_submission_says_is_text(exercise: Exercise) -> None:
    one = entry(HOSTILE, HOSTILE, message=HOSTILE, flags=(HOSTILE,))
    for text in (
        page(exercise, one),
        summary_page(HOSTILE, exercise, [one], [HOSTILE]).decode(),
    ):
        tags = _Tags(text).found
        assert not [tag for tag, _ in tags if tag in ("script", "link", "iframe", "object")]
        assert not re.search(r"(?:src|href)\s*=|url\(|@import", text)
        assert "default-src 'none'" in text


def test_a_sentence_that_gives_an_answer_away_is_left_out(exercise: Exercise) -> None:
    told = entry(said="It is not `abs( -6 )`, is it?")
    assert "abs(" not in page(exercise, told)
    assert "abs( -6 )" in page(exercise, told, answers=True)
    assert "No." in page(exercise, entry())


def test_who_is_refused_sees_no_verdicts_and_no_reason(exercise: Exercise) -> None:
    text = page(exercise, entry(deducted=2, flags=("it holds the markers",)))
    assert "0 of 2 points" in text
    assert "your instructor can tell you why" in text
    assert "markers" not in text
    assert "<code>size</code>" not in text
    assert "<code>size</code>" in page(exercise, entry())


def test_pages_have_names_of_their_own(exercise: Exercise) -> None:
    entries = [entry("Ada L"), entry("ada-l"), entry("Кот"), entry("..")]
    names = list(Feedback(exercise, None, False).pages(entries))
    assert names == ["ada-l.html", "ada-l-2.html", "kot.html", "student.html"]


def test_the_page_about_the_class_counts(exercise: Exercise) -> None:
    entries = [entry(str(number)) for number in range(3)]
    text = summary_page("X", exercise, entries, ["a.zip: is damaged"]).decode()
    assert "3 graded, 0 passed" in text
    assert "3 of 3" in text
    assert "0 of 3" in text
    assert "3 × No." in text
    assert "a.zip: is damaged" in text
    assert 'aria-label="wrong 3"' in text
    assert "nothing to grade" in summary_page("X", exercise, [], []).decode()
