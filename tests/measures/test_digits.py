"""Numbers as they are written."""

import pytest

from generator.measures.digits import in_digits


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
