"""Contracts and facts for property tests: contracts as text, so that the parser and the checker take part.

`fees` gives one payment obligation with everything that its life can depend on, and the payments of a few months; the
independent reference of `test_laws.py` reads the same description. `agreements` gives whole contracts with facts for them.
Edges are drawn on purpose: zero, one cent, halves of both signs, month ends, leap days, boundaries and the day after.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import attrs
from hypothesis import strategies as st

DAY = dt.timedelta(days=1)
DECIMALS = {"CNY": 2, "JPY": 0, "KWD": 3, "USD": 2}
MODES = ("half_up", "half_even", "round_up", "round_down")


def spelled(value: Fraction | int, places: int = 12) -> str:
    """A decimal as a contract or a cell writes it. The value must end within `places` decimals."""
    value = Fraction(value)
    scaled = value * 10**places
    assert scaled.denominator == 1, f"{value} does not end within {places} decimals"
    digits = str(abs(scaled.numerator)).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".") if places else digits
    return f"-{text}" if value < 0 else text


def month_end(day: dt.date) -> dt.date:
    return (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY


def months_after(day: dt.date, n: int) -> dt.date:
    """The first day of the month n months after the day's."""
    y, m = divmod(12 * day.year + day.month - 1 + n, 12)
    return dt.date(y, m + 1, 1)


# ---- one payment obligation -----------------------------------------------------------------------------------------


@attrs.frozen
class Paid:
    """A payment of the debtor; `names` is what it is for: an instance, the obligation, something else, or nothing."""

    ref: str
    on: dt.date
    amount: Fraction
    names: str | None

    def row(self) -> dict[str, str]:
        row = {
            "ref": self.ref,
            "payer": "client",
            "payee": "operator",
            "amount": spelled(self.amount),
            "on": self.on.isoformat(),
        }
        return row if self.names is None else {**row, "for": self.names}


@attrs.frozen
class Fee:
    """A monthly fee, in full: its terms, what was paid, the day of the statement and to which day payments are known."""

    currency: str
    unit: Fraction
    mode: str
    calendar: str | None
    shift: str
    start: dt.date
    end: dt.date
    amount: Fraction
    due: tuple[str, int, int]
    """("day", n, months after) · ("last", 0, months after) · ("within", days after month end, 0)"""
    inside: bool
    """The fee falls due within its own month, and so exists from the first day of it."""
    grace: tuple[int, str] | None
    rates: tuple[tuple[dt.date | None, Fraction], ...]
    """Versions of the rate, each from its day on; empty: no interest."""
    per: str
    daycount: str | None
    cap: tuple[str, Fraction] | None
    """("percent", share of the amount) · ("money", a sum)"""
    grade_after: int | None
    principal_first: bool
    credit_held: bool
    payments: tuple[Paid, ...]
    as_of: dt.date
    complete: dt.date

    @property
    def places(self) -> int:
        return DECIMALS[self.currency]

    def money(self, value: Fraction) -> str:
        return f"{self.currency} {spelled(value)}"

    def text(self) -> str:
        header = [
            "language 1",
            f"currency {self.currency}",
            f"term from {self.start} to {self.end}",
            f"rounding {self.mode} to {spelled(self.unit)}",
            "month_end clamp",
        ]
        if self.calendar is not None:
            word = {"next": "next business day", "previous": "previous business day", "unshifted": "unshifted"}
            header += [f"calendar {self.calendar}", f"deadlines {word[self.shift]}"]
        header.append(f"within a debt {'principal, interest' if self.principal_first else 'interest, principal'}")
        header.append("credit held" if self.credit_held else "credit used when due")
        kind, n, months = self.due
        of = {0: "" if self.inside else " of this month", 1: " of next month"}.get(months, "")
        due = {"day": f"day {n}{of}", "last": f"last day{of}", "within": f"within {n} days after month end"}[kind]
        duty = [
            "client must pay operator fee",
            f"every month due {due}",
            "performed by receipts",
        ]
        if self.grace is not None:
            days, way = self.grace
            duty.append(f"grace {days} days{f' {way}' if self.rates else ''}")
        chain = []
        if self.rates:
            cap = ""
            if self.cap is not None:
                how, most = self.cap
                cap = f", cap {spelled(most * 100)}% of amount" if how == "percent" else f", cap {self.money(most)}"
            count = f" {self.daycount}" if self.daycount else ""
            chain.append(f"interest late_rate simple{count} on unpaid{cap}")
        if self.grade_after is not None:
            chain.append(f"after {self.grade_after} days breach serious")
        if chain:
            duty.append("failing which { " + "  ".join(chain) + " }")
        rate = ""
        if self.rates:
            first = f"{spelled(self.rates[0][1] * 100)}% per {self.per}"
            versions = "  ".join(f"from {day or self.start}: {spelled(r * 100)}% per {self.per}" for day, r in self.rates)
            rate = f"parameter late_rate : rate per {self.per} " + (
                f"= {first}" if len(self.rates) == 1 else f"{{ {versions} }}"
            )
        lines = [
            'contract "A fee" {',
            *(f"  {line}" for line in header),
            "}",
            'party client "The Client"',
            'party operator "The Operator"',
            f"parameter fee : money = {self.money(self.amount)}",
            rate,
            "fact receipts : payments",
            "obligation pay_fee {",
            *(f"  {line}" for line in duty),
            "}",
        ]
        return "\n".join(lines) + "\n"

    def facts(self) -> dict[str, Any]:
        return {"receipts": [p.row() for p in self.payments]}


def amounts_of(currency: str, unit: Fraction) -> st.SearchStrategy[Fraction]:
    """Money that a line can hold: nothing, the smallest unit, a round sum, any sum, a sum that no computer holds."""
    return st.one_of(
        st.sampled_from([unit, Fraction(8000), Fraction(100), Fraction(1), 3 * unit, Fraction(10**30)]),
        st.integers(1, 2_000_000).map(lambda n: n * unit),
    )


@st.composite
def fees(draw: st.DrawFn) -> Fee:
    currency = draw(st.sampled_from(["CNY", "CNY", "JPY", "KWD"]))
    smallest = Fraction(1, 10 ** DECIMALS[currency])
    unit = draw(st.sampled_from([smallest, smallest, smallest, Fraction(1), Fraction(1, 20) if currency == "CNY" else smallest]))
    calendar = draw(st.sampled_from([None, "CN", "weekdays"]))
    shift = "unshifted" if calendar is None else draw(st.sampled_from(["next", "previous", "unshifted"]))
    inside = draw(st.integers(0, 4)) == 0
    year = 2026 if calendar == "CN" else draw(st.sampled_from([2024, 2026, 2027]))
    first = dt.date(year, draw(st.integers(1, 4)), 1)
    start = first if inside else first.replace(day=draw(st.sampled_from([1, 1, 2, 15, 28])))
    length = draw(st.integers(2, 7))
    last = month_end(months_after(start, length - 1))
    end = draw(st.sampled_from([last, last, last - DAY, last.replace(day=1), last.replace(day=14)]))
    amount = draw(amounts_of(currency, unit))
    if inside:
        due = draw(st.sampled_from([("day", 1, 0), ("day", 10, 0), ("day", 31, 0)]))
    else:
        due = draw(
            st.sampled_from(
                [("day", 10, 1), ("day", 1, 1), ("day", 31, 1), ("day", 15, 1), ("last", 0, 1), ("within", 10, 0), ("within", 40, 0)]
            )
        )
    way = st.sampled_from(["forgiving", "delaying", "interest unaffected"])
    grace = draw(st.none() | st.tuples(st.sampled_from([1, 2, 5, 5, 9, 30]), way))
    per = draw(st.sampled_from(["day", "day", "year", "month"]))
    size = {"day": Fraction(1, 10_000), "month": Fraction(1, 400), "year": Fraction(1, 100)}[per]
    rate = st.integers(1, 40).map(lambda n: n * size)
    later = st.integers(20, 200).map(lambda n: start + n * DAY)
    rates: tuple[tuple[dt.date | None, Fraction], ...] = ((None, draw(rate)),)
    rates = rates + tuple(sorted((d, draw(rate)) for d in draw(st.lists(later, max_size=2, unique=True))))
    if draw(st.integers(0, 5)) == 0:
        rates = ()
    daycount = None if per == "day" else draw(st.sampled_from(["actual_365", "actual_360", "actual_actual", "thirty_e_360"]))
    cap = draw(
        st.none()
        | st.sampled_from([Fraction(1, 10), Fraction(1, 100), Fraction(1, 3000)]).map(lambda s: ("percent", round_share(s)))
        | amounts_of(currency, unit).map(lambda a: ("money", a))
    )
    grade_after = draw(st.none() | st.sampled_from([1, 10, 30]))
    as_of = draw(st.sampled_from([month_end(months_after(start, length + 1)), end, start + 70 * DAY, start + 100 * DAY]))
    complete = draw(st.sampled_from([as_of, as_of, as_of, as_of - DAY, as_of - 10 * DAY, as_of - 33 * DAY]))
    payments = draw(_payments(start, as_of, amount, unit, smallest, due, grace))
    return Fee(
        currency, unit, draw(st.sampled_from(MODES)), calendar, shift, start, end, amount, due, inside, grace, rates, per,
        daycount, cap, grade_after, draw(st.booleans()), draw(st.integers(0, 4)) == 0, payments, as_of, max(complete, start),
    )  # fmt: skip


def round_share(share: Fraction) -> Fraction:
    """A share that a percentage can write."""
    return Fraction(round(share * 10**8), 10**8)


@st.composite
def _payments(
    draw: st.DrawFn,
    start: dt.date,
    as_of: dt.date,
    amount: Fraction,
    unit: Fraction,
    smallest: Fraction,
    due: tuple[str, int, int],
    grace: tuple[int, str] | None,
) -> tuple[Paid, ...]:
    months = [months_after(start, n) for n in range(-1, 8)]
    kind, n, _ = due
    edge = n if kind == "day" else 10
    near = st.tuples(st.sampled_from(months), st.sampled_from([-1, 0, 1, 2])).map(
        lambda x: min(month_end(x[0]), x[0] + (edge - 1) * DAY) + x[1] * DAY
    )
    after_grace = near.map(lambda d: d + (grace[0] if grace else 3) * DAY)
    ends = st.sampled_from(months).map(month_end)
    anywhere = st.integers(-5, max(5, (as_of - start).days)).map(lambda k: start + k * DAY)
    day = st.one_of(near, near, after_grace, after_grace, ends, anywhere)
    sums = st.one_of(
        st.sampled_from([amount, amount, amount - smallest, amount + smallest, 2 * amount, smallest, amount / 2]),
        st.integers(0, 300).map(lambda p: amount * p / 100),
    ).map(lambda a: max(Fraction(0), Fraction(a / smallest).__floor__() * smallest))
    names = st.one_of(
        st.none(),
        st.none(),
        st.just("pay_fee"),
        st.sampled_from(months[1:]).map(lambda d: f"pay_fee@{d.isoformat()[:7]}"),
    )
    drawn = draw(st.lists(st.tuples(day, sums, names), max_size=7))
    refs = draw(st.permutations(range(len(drawn))))
    return tuple(Paid(f"P{ref}", on, a, name) for ref, (on, a, name) in zip(refs, drawn, strict=True))
