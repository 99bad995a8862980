import pytest

from generator.exercises.gradebook.names import Sender, Sent, sent_by

MOODLE = Sender("Ada Lovelace", "1234567", "moodle")
CANVAS = Sender("lovelaceada", "12345", "canvas")


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("Ada Lovelace_1234567_assignsubmission_file_/detr.ipynb", Sent(MOODLE, "detr.ipynb")),
        ("Ada Lovelace_1234567_assignsubmission_file/a/b.py", Sent(MOODLE, "a/b.py")),
        ("Ada Lovelace_1234567_assignsubmission_file_detr.py", Sent(MOODLE, "detr.py")),
        ("Ada Lovelace_1234567_assignsubmission_file_/detr-1.py", Sent(MOODLE, "detr-1.py")),
        ("hw1/Ada Lovelace_1234567_assignsubmission_file_/a.py", Sent(MOODLE, "a.py")),
        ("lovelaceada_12345_678901_detr.ipynb", Sent(CANVAS, "detr.ipynb")),
        ("lovelaceada_LATE_12345_678901_detr-2.ipynb", Sent(CANVAS, "detr-2.ipynb", 2)),
        ("lovelaceada_12345_678901_hw.zip/detr.py", Sent(CANVAS, "hw.zip/detr.py")),
        ("lovelaceada_12345_678901_a_b_c.py", Sent(CANVAS, "a_b_c.py")),
        ("ada/detr.py", Sent(Sender("ada", origin="class"), "detr.py")),
        ("ada.zip/work/detr.py", Sent(Sender("ada", origin="class"), "work/detr.py")),
        ("ada.py", Sent(Sender("ada", origin="class"), "ada.py")),
        ("ada (3).py", Sent(Sender("ada", origin="class"), "ada (3).py", 3)),
        ("homework_2_3_final.py", Sent(Sender("homework_2_3_final", origin="class"),
                                       "homework_2_3_final.py")),
    ],
)  # fmt: skip
def test_the_path_tells_who_sent_it(path: str, sent: Sent) -> None:
    assert sent_by(path.split("/"), "class") == sent


@pytest.mark.parametrize(
    ("path", "searched", "name"),
    [
        ("Ada.zip/Bob Smith_1_assignsubmission_file_/detr.py", 1, "Ada"),
        ("lovelaceada_12345_678901_x-Bob Smith_1_assignsubmission_file_a.ipynb", 1, "lovelaceada"),
        ("Ada Lovelace_1_assignsubmission_file_x_12345_678901_a.py", 1, "Ada Lovelace"),
        (
            "Ada Lovelace_1_assignsubmission_file_Bob_2_assignsubmission_file_a.py",
            1,
            "Ada Lovelace",
        ),
    ],
)
def test_nobody_writes_another_ones_name(path: str, searched: int, name: str) -> None:
    assert sent_by(path.split("/"), "class", searched).sender.name == name
