"""What can be read in a published file, whatever it is."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from pathlib import Path

import pytest

from generator.exercises.leaks import given_away
from generator.outputs.searched import _texts

ACCEPTED = {"minimal: head": ("self.linear_class(answers)",)}
ANSWER = "classes = self.linear_class( answers )  # blank 11\n"


def found(name: str, content: bytes) -> bool:
    return any([*given_away(text, ACCEPTED)] for text in _texts(name, content, ACCEPTED))


def archive(text: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a/b.txt", text)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.py", ANSWER.encode()),
        ("a.txt", ANSWER.encode("utf-8-sig")),
        ("a.txt", ANSWER.encode("utf-16")),
        ("a.html", ANSWER.replace("(", "&#40;<b>").encode()),
        ("a.zip", archive(ANSWER)),
        ("a.gz", gzip.compress(ANSWER.encode(), mtime=0)),
        ("a.bin", b"\xff\x00self.linear_class(answers)"),
        ("a.bin", b"\xff\x00" + "self.linear_class(answers)".encode("utf-16-le")),
        ("a.bin", b"\xffself.linear_class(answers)\xfe\xfe"),
    ],
)
def test_an_answer_is_found(name: str, content: bytes) -> None:
    assert found(name, content)


def test_a_packed_file_is_not_known_by_another_name(tmp_path: Path) -> None:
    """As `x.dat` nobody unpacks it; as `x.zip` whoever downloads it does."""
    from generator.outputs.known_clean import KnownClean

    stamp = tmp_path / "stamp.json"
    for kind, is_known in (("", False), ("", True), ("packed", False)):
        known = KnownClean(stamp, "key")
        assert known.holds(archive(ANSWER), kind) == is_known
        known.save()


def test_the_same_bytes_are_searched_once_and_what_is_not_clean_is_never_known(
    tmp_path: Path,
) -> None:
    from generator.outputs.known_clean import KnownClean

    stamp = tmp_path / "stamp.json"
    known = KnownClean(stamp, "key")
    assert [known.holds(one) for one in (b"a", b"a", b"b")] == [False, True, False]
    known.forget(b"b")
    known.save()
    assert [KnownClean(stamp, "key").holds(one) for one in (b"a", b"b")] == [True, False]


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"self.linear_class(queries)", archive("x")])
def test_what_holds_none_is_let_through(content: bytes) -> None:
    assert not found("a.zip", content)
    assert not found("a.py", content)


@pytest.mark.parametrize("name", ["x.zip", "x.gz", "x.html", "x.webp"])
def test_nothing_that_is_damaged_stops_the_search(name: str) -> None:
    dice, plain = random.Random(0), b"\xff" + b"self.linear_class(answers)"
    for whole in (
        archive(ANSWER * 50),
        gzip.compress(ANSWER.encode() * 50, mtime=0),
        dice.randbytes(99),
    ):
        for _ in range(200):
            spoilt = bytearray(whole)
            for _ in range(3):
                spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
            # What is damaged is read as it is: an answer behind it is found all the same.
            assert found(name, bytes(spoilt) + plain)
            assert found(name, whole[: dice.randrange(len(whole))] + plain)
