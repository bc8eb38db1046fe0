"""What a value can be when it is not simply known, and the only roundings that there are, each with its name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from typing import Final, TypeAlias

import attrs

Exact: TypeAlias = int | Fraction


@attrs.frozen
class Unknown:
    """A value that cannot be known yet; `needs` are the missing facts, each as `fact` or `fact of period`, sorted."""

    needs: tuple[str, ...]


@attrs.frozen
class NotApplicable:
    """A value that does not exist here: division by zero, growth from nothing, a month before the history."""

    reason: str
    detail: str = ""


@attrs.frozen
class Duration:
    """`30 days`; units of different calendars are not comparable."""

    amount: int
    unit: str

    def times(self, number: Exact) -> Duration | NotApplicable:
        """So many of it; only whole ones there are."""
        length = exact(self.amount * number)
        if not isinstance(length, int):
            return NotApplicable("no whole number of periods", str(length))
        return Duration(length, self.unit)


@attrs.frozen
class Shares:
    """An amount divided among parties, in the order in which the contract names them; every share is rounded as a line is.

    `short` is what a party of a waterfall still lacks, `left` what nobody was given.
    """

    amounts: tuple[tuple[str, Exact], ...]
    short: tuple[tuple[str, Exact], ...] = ()
    left: Exact = 0


# What a unit is a whole number of, and of how many. Hours, days, business days and months never meet.
FINEST: Final = {
    "hours": ("hours", 1),
    "days": ("days", 1),
    "weeks": ("days", 7),
    "business days": ("business days", 1),
    "months": ("months", 1),
    "quarters": ("months", 3),
    "years": ("months", 12),
}


def lengths(a: Duration, b: Duration) -> tuple[int, int] | None:
    """Two durations as numbers of one unit, to be compared; None where their order depends on the calendar."""
    (unit, times), (other, more) = FINEST[a.unit], FINEST[b.unit]
    return (a.amount * times, b.amount * more) if unit == other else None


Scalar: TypeAlias = bool | int | Fraction | str | dt.date | dt.datetime | Duration
Value: TypeAlias = Scalar | Unknown | NotApplicable | Shares

MODES: Final = ("half_up", "half_even", "round_up", "round_down")


def together(*values: Unknown) -> Unknown:
    """One Unknown that needs what any of them needs."""
    return Unknown(tuple(sorted({n for v in values for n in v.needs})))


def round_to(value: Exact, unit: Fraction, mode: str) -> Exact:
    """`value` rounded to a whole multiple of `unit` (> 0).

    half_up: halves away from zero; half_even: halves to the even multiple; round_up: away from zero; round_down: toward
    zero. All work on the absolute value, so that the rounding of a negative amount is the negated rounding.
    """
    if value.__class__ is int and unit.numerator == 1:
        return value
    quotient = Fraction(value) / unit
    n, d = quotient.numerator, quotient.denominator
    if d == 1:
        return exact(value)
    sign = 1 if n > 0 else -1
    whole, rest = divmod(abs(n), d)
    if mode == "half_up":
        whole += 2 * rest >= d
    elif mode == "half_even":
        whole += 2 * rest > d or (2 * rest == d and whole % 2 == 1)
    elif mode == "round_up":
        whole += 1
    elif mode != "round_down":
        raise ValueError(f"no such rounding: {mode}")
    return exact(sign * whole * unit)


def exact(value: Exact) -> Exact:
    """The same number, as an int where it is whole: ints are several times faster than Fractions."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value


def apportioned(amounts: Sequence[Exact], unit: Fraction, mode: str) -> list[Exact]:
    """Exact amounts rounded to whole multiples of `unit` that add up to their rounded sum. Odd units go to the largest
    remainders, ties by listed order; amounts that come to less than zero give the negated parts."""
    total = sum(amounts)
    if total < 0:
        return [-part for part in apportioned([-a for a in amounts], unit, mode)]
    shares = [Fraction(a) / unit for a in amounts]
    floors = [s.numerator // s.denominator for s in shares]
    left = Fraction(round_to(total, unit, mode)) / unit - sum(floors)
    order = sorted(range(len(shares)), key=lambda i: (floors[i] - shares[i], i))
    odd = set(order[: int(left)])
    return [exact((floor + (1 if i in odd else 0)) * unit) for i, floor in enumerate(floors)]


def largest_remainder(total: Exact, weights: Sequence[Exact], unit: Fraction) -> list[Exact]:
    """`total` (a whole multiple of `unit`) in parts proportional to `weights`, each a whole multiple of `unit`, that add
    up to `total` exactly. Odd units go to the largest remainders, ties by listed order; a negative total gives the
    negated parts.

    `ValueError` if the weights do not add up to more than zero.
    """
    whole = sum(weights)
    if whole <= 0:
        raise ValueError("the weights must add up to more than zero")
    sign = -1 if total < 0 else 1
    units = abs(Fraction(total) / unit)
    shares = [units * Fraction(w) / whole for w in weights]
    floors = [s.numerator // s.denominator for s in shares]
    left = units - sum(floors)
    order = sorted(range(len(shares)), key=lambda i: (floors[i] - shares[i], i))
    parts: list[Exact] = []
    odd = set(order[: int(left)])
    for i, floor in enumerate(floors):
        parts.append(exact(sign * (floor + (1 if i in odd else 0)) * unit))
    return parts
