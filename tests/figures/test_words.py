from __future__ import annotations

import pytest

from generator.figures.words import (
    enumerated,
    in_digits,
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
def test_a_weight_has_two_figures(weight: float, text: str) -> None:
    assert share(weight) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234.5, "1234"), (123.45, "123"), (12.345, "12.3"), (1.2345, "1.23"), (0.12345, "0.123"),
        (0.0123, "0.012"), (0.0004, "0.000"), (0, "0"), (1, "1.00"), (-0.5, "−0.500"),
        (-0.0001, "0.000"), (-12.34, "−12.3"),
        (0.9996, "1.00"), (9.996, "10.0"), (99.96, "100"), (999.6, "1000"), (-9.996, "−10.0"),
    ],
)  # fmt: skip
def test_three_digits_count_also_after_rounding(value: float, text: str) -> None:
    assert in_digits(value) == text


@pytest.mark.parametrize(
    ("value", "like", "text"),
    [(9.87, 12.34, "9.9"), (874.02, 84.5, "874"), (0.012, -12.3, "0.0"), (0.5, 0.0, "0.500")],
)
def test_a_number_can_have_the_decimals_of_another(value: float, like: float, text: str) -> None:
    assert in_digits(value, like) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.00"), (-0.001, "0.00"), (-0.98, "−0.98"), (123.456, "123.46")]
)
def test_numbers_below_each_other_have_the_same_decimals(value: float, text: str) -> None:
    assert in_digits(value, decimals=2) == text


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
