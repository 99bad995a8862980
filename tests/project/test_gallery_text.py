from __future__ import annotations

import pytest
import yaml

from generator.errors import UsageError
from generator.project.gallery_text import has_images, with_entries, without_controls

CATS = {"file": "content/images/cats.jpg"}
DOGS = {"file": "content/images/dogs.jpg", "title": 'Two "dogs": a #1', "caption": "One\ntwo"}
DOGS_LINES = (
    '- file: content/images/dogs.jpg\n  title: "Two \\"dogs\\": a #1"\n  caption: "One\\ntwo"\n'
)


def indented(text: str, spaces: int = 2) -> str:
    return "".join(" " * spaces + line for line in text.splitlines(keepends=True))


OLD = "# Mine\nimages:  # in order\n  - {file: a.jpg, title:   'A'}   # first\n"
TIGHT = "images:\n- file: a.jpg\n- file: b.jpg\n"
SPACED = "images:\n    - file: a.jpg\n\n    # the second\n    -   file: b.jpg\n"
BLOCK = "images:\n- file: a.jpg\n  caption: |\n    # no heading\n    text"


@pytest.mark.parametrize(
    ("text", "added"),
    [
        (OLD, "\n" + indented(DOGS_LINES)),
        (OLD + "  # - file: later.jpg\n", "\n" + indented(DOGS_LINES)),
        (OLD + "\n\n", indented(DOGS_LINES)),
        (TIGHT, DOGS_LINES),
        (SPACED, "\n" + indented(DOGS_LINES, 4)),
        (BLOCK + "\n", "\n" + DOGS_LINES),
        ("images:\n", indented(DOGS_LINES)),
        ("images: # none\n", indented(DOGS_LINES)),
        ("# nothing\n", "images:\n" + indented(DOGS_LINES)),
        ("", "images:\n" + indented(DOGS_LINES)),
    ],
)
def test_lines_are_added_at_the_end_and_all_others_stay(text: str, added: str) -> None:
    extended = with_entries(text, [DOGS], [""])
    assert extended == text + added
    before = (yaml.safe_load(text) or {}).get("images") or []
    assert yaml.safe_load(extended) == {"images": [*before, DOGS]}


def test_several_entries_and_where_they_come_from() -> None:
    extended = with_entries(OLD, [CATS, DOGS], ["From https://example.org/cats.jpg", ""])
    cats = "# From https://example.org/cats.jpg\n- file: content/images/cats.jpg\n"
    assert extended == f"{OLD}\n{indented(cats)}\n{indented(DOGS_LINES)}"


def test_an_empty_list_in_brackets_is_filled() -> None:
    extended = with_entries("# A\nimages: []  # none yet\n", [CATS], [""])
    assert extended == "# A\nimages:  # none yet\n  - file: content/images/cats.jpg\n"


def test_keys_below_the_images_stay_below_them_with_their_comments() -> None:
    rest = "\n# Where boxes are from\nannotations: content/instances.json\n"
    extended = with_entries(TIGHT + rest, [CATS], [""])
    assert extended == f"{TIGHT}- file: content/images/cats.jpg\n{rest}"


def test_line_ends_are_those_of_the_file() -> None:
    text = OLD.replace("\n", "\r\n")
    extended = with_entries(text, [DOGS], [""])
    assert extended.startswith(text)
    assert extended.count("\n") == extended.count("\r\n") == OLD.count("\n") + 4


def test_full_brackets_are_refused() -> None:
    with pytest.raises(UsageError, match="on lines of its own"):
        with_entries("images: [{file: a.jpg}]\n", [CATS], [""])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False), ("# Only this\n", False), ("images:\n", False), ("images: []\n", False),
        (OLD, True), ("images: cats\n", True), ("other: 1\n", True), ("images: [\n", True),
    ],
)  # fmt: skip
def test_whether_there_is_anything(text: str, expected: bool) -> None:
    assert has_images(text) is expected


@pytest.mark.parametrize(
    "text",
    ["A\u2028b", "bell\x07", "\udc80", "\x85", "Zo\u0301e", "👩\u200d🚀", "on", "5", "- a: b"],
)
def test_any_text_is_read_as_it_was_meant(text: str) -> None:
    entry = {"file": "content/bilder ö/a.jpg", "title": without_controls(text) or "T"}
    assert yaml.safe_load(with_entries(TIGHT, [entry], [""]))["images"][-1] == entry
