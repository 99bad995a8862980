from __future__ import annotations

import pytest

from generator.figures.words import (
    enumerated,
    labelled,
    layer_and_head,
    limit,
    percent,
    place,
    printable,
    share,
    spoken,
)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("traffic light", "traffic light"),
        (" two\nlines\t", "two lines"),
        ("猫", "□"),
        ("cat\u200d\x00\ud83d", "cat"),
        ("cafe\u0301", "café"),
        ("a" * 40, "a" * 27 + "…"),
        ("", ""),
    ],
)
def test_any_text_becomes_one_that_can_be_drawn(text: str, drawn: str) -> None:
    assert printable(text) == drawn


@pytest.mark.parametrize(
    ("score", "text"), [(0.9, "90 %"), (0.996, "99 %"), (1.0, "100 %"), (0.29, "29 %")]
)
def test_a_score_is_never_rounded_up(score: float, text: str) -> None:
    assert percent(score) == text


@pytest.mark.parametrize(("threshold", "text"), [(0.9, "90 %"), (0.995, "99.5 %"), (0.29, "29 %")])
def test_a_threshold_is_not_rounded(threshold: float, text: str) -> None:
    assert limit(threshold) == text


@pytest.mark.parametrize(
    ("weight", "text"),
    [
        (1.0, "100 %"),
        (0.126, "13 %"),
        (0.0997, "10 %"),
        (0.0423, "4.2 %"),
        (0.00996, "1.0 %"),
        (0.00042, "0.042 %"),
        (1e-9, "< 0.001 %"),
        (0.0, "0 %"),
    ],
)
def test_a_weight_has_two_digits(weight: float, text: str) -> None:
    assert share(weight) == text


def test_only_the_label_is_cut() -> None:
    assert labelled("a very long label", 0.95, 6) == "a ver… 95 %"
    assert spoken("a very\nlong 猫\ud83d", 0.95) == "a very long 猫 95 %"


def test_layers_and_heads_are_counted_from_one() -> None:
    assert layer_and_head(-1, 6, None, 8) == "layer 6 of 6, mean of 8 heads"
    assert layer_and_head(0, 6, 2, 8) == "layer 1 of 6, head 3 of 8"


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (0.1, 0.1, "the top left"),
        (0.5, 0.9, "the bottom"),
        (0.9, 0.5, "the right"),
        (0.5, 0.5, "the centre"),
    ],
)
def test_places_go_by_thirds(x: float, y: float, words: str) -> None:
    assert place(x, y) == words


def test_long_lists_end_in_a_count() -> None:
    assert enumerated(["a", "b"]) == "a; b"
    assert enumerated(["a", "b", "c"], 2) == "a; b; c"  # "1 more" would save nothing
    assert enumerated(["a", "b", "c", "d"], 2) == "a; b; and 2 more"
