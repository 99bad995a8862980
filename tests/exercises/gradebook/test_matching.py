from __future__ import annotations

import pytest

from generator.exercises.gradebook.matching import Matcher
from generator.exercises.gradebook.names import Sender
from generator.exercises.gradebook.roster import Student

ADA = Student("Ada Lovelace", "20231", "ada.l@uni.example", canvas="501")
JORG = Student("Müller, Jörg", "20232", "jm@uni.example", login="jmueller", canvas="502")
ANN = Student("Ann Lee Smith", "20233", moodle="777")
TWINS = (Student("Kim Park", "20234"), Student("Park Kim", "20235"))
OLGA = Student("Ольга Иванова", "20236")
TOLD = Student("Zed", "20237", submission="the zed group")
MATCHER = Matcher([ADA, JORG, ANN, *TWINS, OLGA, TOLD])


@pytest.mark.parametrize(
    ("sender", "student"),
    [
        (Sender("Ada Lovelace", "1", "moodle"), ADA),
        (Sender("lovelace ada", "1", "moodle"), ADA),
        (Sender("Group 3-Ada Lovelace", "1", "moodle"), ADA),
        (Sender("Jörg Müller", "1", "moodle"), JORG),
        (Sender("Jo\u0308rg Mu\u0308ller", "1", "moodle"), JORG),  # as a Mac writes it
        (Sender("lovelaceada", "999", "canvas"), ADA),
        (Sender("mllerjrg", "999", "canvas"), JORG),
        (Sender("x", "502", "canvas"), JORG),
        (Sender("somebody", "777", "moodle"), ANN),
        (Sender("Olga Ivanova", "1", "moodle"), OLGA),
        (Sender("leesmithann", "1", "canvas"), ANN),
        (Sender("20231"), ADA),
        (Sender("hw1_20231_final"), ADA),
        (Sender("ada.l"), ADA),
        (Sender("jmueller"), JORG),
        (Sender("ada_lovelace"), ADA),
        (Sender("the zed group"), TOLD),
    ],
)
def test_who_it_is(sender: Sender, student: Student) -> None:
    assert MATCHER.match(sender).student == student


@pytest.mark.parametrize(
    ("sender", "said"),
    [
        (Sender("Ada Lovelase", "1", "moodle"), "is it: Ada Lovelace (20231)?"),
        (Sender("Ann Smith", "1", "moodle"), "is it: Ann Lee Smith (20233)?"),
        (Sender("lovelaceadaking", "1", "canvas"), "Ada Lovelace"),
        (Sender("ada_lovelace_q1"), "is it: Ada Lovelace (20231)?"),
        (Sender("Kim Park", "1", "moodle"), "more than one student"),
        (Sender("lovelaceada", "502", "canvas"), "of different students"),
        (Sender("Nobody", "20231", "moodle"), ""),  # a participation, and no student's id
        (Sender("20231x"), ""),
        (Sender("mllerjrg", "1", "moodle"), "Müller, Jörg"),
        (Sender("detr"), ""),
    ],
)
def test_who_is_not_known_is_suggested_at_most(sender: Sender, said: str) -> None:
    match = MATCHER.match(sender)
    assert match.student is None
    assert said in match.why
    assert bool(said) == bool(match.why)
