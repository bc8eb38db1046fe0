"""The only roundings that there are: halves of both signs in every mode and unit, and what shares out an odd cent."""

# ruff: noqa: E501  (a row is as wide as it is)

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clausal.dsl.values import MODES, exact, largest_remainder, round_to

# value | unit | half_up | half_even | round_up | round_down
TABLE = """
 0        0.01   0      0      0      0
 0.001    0.01   0      0      0.01   0
 0.004    0.01   0      0      0.01   0
 0.005    0.01   0.01   0      0.01   0
 0.015    0.01   0.02   0.02   0.02   0.01
 0.025    0.01   0.03   0.02   0.03   0.02
 0.0249   0.01   0.02   0.02   0.03   0.02
 0.0251   0.01   0.03   0.03   0.03   0.02
 0.01     0.01   0.01   0.01   0.01   0.01
 1.005    0.01   1.01   1      1.01   1
 1.015    0.01   1.02   1.02   1.02   1.01
 2.675    0.01   2.68   2.68   2.68   2.67
 67.225   0.01   67.23  67.22  67.23  67.22
 110.465  0.01   110.47 110.46 110.47 110.46
 -0.001   0.01   0      0      -0.01  0
 -0.005   0.01   -0.01  0      -0.01  0
 -0.015   0.01   -0.02  -0.02  -0.02  -0.01
 -0.025   0.01   -0.03  -0.02  -0.03  -0.02
 -1.005   0.01   -1.01  -1     -1.01  -1
 -2.675   0.01   -2.68  -2.68  -2.68  -2.67
 0.5      1      1      0      1      0
 1.5      1      2      2      2      1
 2.5      1      3      2      3      2
 0.49     1      0      0      1      0
 -0.5     1      -1     0      -1     0
 -1.5     1      -2     -2     -2     -1
 -2.5     1      -3     -2     -3     -2
 7        1      7      7      7      7
 0.025    0.05   0.05   0      0.05   0
 0.075    0.05   0.1    0.1    0.1    0.05
 0.125    0.05   0.15   0.1    0.15   0.1
 1.02     0.05   1      1      1.05   1
 1.03     0.05   1.05   1.05   1.05   1
 -0.025   0.05   -0.05  0      -0.05  0
 -0.125   0.05   -0.15  -0.1   -0.15  -0.1
 0.0005   0.001  0.001  0      0.001  0
 0.0015   0.001  0.002  0.002  0.002  0.001
 0.0025   0.001  0.003  0.002  0.003  0.002
 -0.0005  0.001  -0.001 0      -0.001 0
 -0.0025  0.001  -0.003 -0.002 -0.003 -0.002
 1250     100    1300   1200   1300   1200
 1350     100    1400   1400   1400   1300
 -1250    100    -1300  -1200  -1300  -1200
 1000000000000000000000000000000.005 0.01 1000000000000000000000000000000.01 1000000000000000000000000000000 1000000000000000000000000000000.01 1000000000000000000000000000000
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize(("value", "unit", "mode", "expected"), [
    (row[0], row[1], mode, row[2 + i])
    for row in ROWS
    for i, mode in enumerate(("half_up", "half_even", "round_up", "round_down"))
])  # fmt: skip
def test_halves_of_both_signs(value: str, unit: str, mode: str, expected: str) -> None:
    found = round_to(exact(Fraction(value)), Fraction(unit), mode)
    assert found == Fraction(expected)
    assert isinstance(found, int) == (Fraction(expected).denominator == 1)


def test_a_third_is_never_a_half() -> None:
    assert round_to(Fraction(1, 3), Fraction(1, 100), "half_up") == Fraction(33, 100)
    assert round_to(Fraction(2, 3), Fraction(1, 100), "half_even") == Fraction(67, 100)
    assert round_to(Fraction(10**40 + 1, 3), Fraction(1), "round_up") == (10**40 + 2) // 3


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="no such rounding: up"):
        round_to(Fraction(1, 3), Fraction(1, 100), "up")


# Halves are drawn on purpose, of both signs; random fractions never hit them.
units = st.sampled_from([Fraction(1, 100), Fraction(1), Fraction(1, 20), Fraction(1, 1000), Fraction(100)])
near = st.sampled_from(
    [
        Fraction(0),
        Fraction(1, 2),
        Fraction(1, 2) + Fraction(1, 10**9),
        Fraction(1, 2) - Fraction(1, 10**9),
        Fraction(1, 3),
    ]
)


@given(st.integers(-(10**6), 10**6), near, units, st.sampled_from(MODES))
def test_a_rounding_is_the_nearest_multiple_and_keeps_the_sign(
    whole: int, part: Fraction, unit: Fraction, mode: str
) -> None:
    value = (whole + part) * unit
    found = Fraction(round_to(value, unit, mode))
    assert (found / unit).denominator == 1
    assert abs(found - value) < unit
    assert round_to(-value, unit, mode) == -found
    assert round_to(found, unit, mode) == found
    if mode.startswith("half"):
        assert abs(found - value) * 2 <= unit
    else:
        assert (abs(found) >= abs(value)) if mode == "round_up" else (abs(found) <= abs(value))


# ---- an odd cent among several --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "weights", "unit", "parts"),
    [
        ("0.01", (1, 1, 1), "0.01", ("0.01", "0", "0")),  # one cent among three: by listed order
        ("0.02", (1, 1, 1), "0.01", ("0.01", "0.01", "0")),
        ("100", (1, 1, 1), "0.01", ("33.34", "33.33", "33.33")),
        ("-0.01", (1, 1, 1), "0.01", ("-0.01", "0", "0")),
        ("-100", (1, 1, 1), "0.01", ("-33.34", "-33.33", "-33.33")),  # the negated parts, not another order
        ("100", (1, 2), "0.01", ("33.33", "66.67")),  # the larger remainder first
        ("100", (2, 1), "0.01", ("66.67", "33.33")),
        ("1", (1, 1, 1, 1, 1, 1), "0.01", ("0.17", "0.17", "0.17", "0.17", "0.16", "0.16")),
        ("0", (1, 2, 3), "0.01", ("0", "0", "0")),
        ("10", (0, 1), "0.01", ("0", "10")),
        ("0.01", (0, 1, 0), "0.01", ("0", "0.01", "0")),
        ("7", (1, 1), "1", ("4", "3")),  # yen
        ("0.001", (1, 1), "0.001", ("0.001", "0")),  # fils
        ("5000", (8000, 3640), "0.01", ("3436.43", "1563.57")),  # the worked example's fork d
        ("0.10", (70, 30), "0.05", ("0.05", "0.05")),
    ],
)
def test_odd_units_go_to_the_largest_remainders(
    total: str, weights: Sequence[int], unit: str, parts: Sequence[str]
) -> None:
    assert largest_remainder(Fraction(total), weights, Fraction(unit)) == [Fraction(p) for p in parts]


@pytest.mark.parametrize("weights", [(), (0, 0), (1, -1), (-1,)])
def test_weights_that_come_to_nothing_are_refused(weights: Sequence[int]) -> None:
    with pytest.raises(ValueError, match="more than zero"):
        largest_remainder(1, weights, Fraction(1, 100))


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 1000), min_size=1, max_size=7).filter(any), units)
def test_parts_add_up_and_none_is_off_by_a_unit(n: int, weights: list[int], unit: Fraction) -> None:
    parts = largest_remainder(exact(n * unit), weights, unit)
    assert sum(parts) == n * unit
    for part, weight in zip(parts, weights, strict=True):
        assert (Fraction(part) / unit).denominator == 1
        assert abs(part - Fraction(n * weight, sum(weights)) * unit) < unit
    assert largest_remainder(exact(-n * unit), weights, unit) == [-p for p in parts]
