"""What each edition gets of an exercise."""

from __future__ import annotations

from generator.exercises.fill_in import downloads, fill_in
from generator.exercises.leaks import given_away
from generator.exercises.notes import Worksheet, accepted_forms


def test_student_has_blanks_and_checks(worksheet: Worksheet) -> None:
    shown = fill_in(worksheet, instructor=False)
    assert len(shown.cards) == 12
    assert len(shown.lines) == 13
    for card in shown.cards:
        assert card.notes is None
        assert '"salt":' in card.check
        assert "____" in card.code
    assert shown.cards[6].code == (
        "self.row_embed = nn.Parameter(____)\nself.col_embed = nn.Parameter(____)"
    )
    source = shown.source.splitlines()
    for card in shown.cards:
        for line in card.lines:
            assert source[line - 1].endswith(f"# blank {card.number}")
    assert not list(given_away(repr(shown), accepted_forms([worksheet])))


def test_instructor_has_answers_in_place_of_checks(worksheet: Worksheet) -> None:
    shown = fill_in(worksheet, instructor=True)
    for card, blank in zip(shown.cards, worksheet.exercise.blanks, strict=True):
        assert card.check == ""
        assert card.notes is worksheet.notes[blank.name]
        assert blank.answer in card.code


def test_downloads_of_both_editions(worksheet: Worksheet) -> None:
    student = downloads([worksheet], instructor=False)
    instructor = downloads([worksheet], instructor=True)
    assert list(student) == ["downloads/minimal_detr.py", "downloads/minimal_detr.ipynb"]
    assert instructor.keys() - student.keys() == {
        "downloads/minimal_detr_solution.py",
        "downloads/minimal_detr_solution.ipynb",
    }
    assert student["downloads/minimal_detr.py"] == worksheet.exercise.student
    for name, text in student.items():
        assert not list(given_away(text, accepted_forms([worksheet]))), name
        assert instructor[name] == text
    for edition, files in ((False, student), (True, instructor)):
        offered = [path for path, _ in fill_in(worksheet, instructor=edition).downloads]
        assert offered == list(files)


def test_pieces_are_the_whole_source_and_each_ends_with_its_blanks(worksheet: Worksheet) -> None:
    shown = fill_in(worksheet, instructor=False)
    source = shown.source.split("\n")
    put_together = [""] * len(source)
    for piece in shown.pieces:
        lines = piece.source.split("\n")
        assert source[piece.first_line - 1 : piece.first_line - 1 + len(lines)] == lines
        put_together[piece.first_line - 1 : piece.first_line - 1 + len(lines)] = lines
        last = piece.first_line + len(lines) - 1
        assert all(piece.first_line <= max(card.lines) <= last for card in piece.cards)
    assert put_together == source
    assert [card.number for piece in shown.pieces for card in piece.cards] == list(range(1, 13))
    assert all(piece.cards for piece in shown.pieces)
