"""The laws that hold of every contract and every set of facts, on generated ones and on the library's.

The strongest of them is an independent reference: the life of a monthly fee walked day by day over every calendar day, with
fractions and no code of the engine, held against the statement month by month.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import attrs
from hypothesis import given, note
from strategies import DAY, Fee, Paid, fees, month_end, months_after, spelled

import clausal

# ---- an independent reference: one fee, day by day ------------------------------------------------------------------

# The State Council's arrangement for 2026: days off that are no weekend, and weekends that are worked.
OFF_2026 = {
    dt.date.fromisoformat(f"2026-{d}")
    for d in (
        "01-01 01-02 01-03 02-15 02-16 02-17 02-18 02-19 02-20 02-21 02-22 02-23 04-04 04-05 04-06 05-01 05-02 05-03 05-04"
        " 05-05 06-19 06-20 06-21 09-25 09-26 09-27 10-01 10-02 10-03 10-04 10-05 10-06 10-07"
    ).split()
}
WORKED_2026 = {
    dt.date.fromisoformat(f"2026-{d}") for d in "01-04 02-14 02-28 05-09 09-20 10-10".split()
}


def works(day: dt.date, calendar: str) -> bool:
    if calendar == "CN" and day.year == 2026:
        return day in WORKED_2026 or (day.isoweekday() < 6 and day not in OFF_2026)
    return day.isoweekday() < 6


def moved(day: dt.date, fee: Fee) -> dt.date:
    step = {"next": DAY, "previous": -DAY, "unshifted": None}[fee.shift]
    while step is not None and not works(day, fee.calendar or ""):
        day += step
    return day


def rounded(value: Fraction, unit: Fraction, mode: str) -> Fraction:
    """Of a value that is not negative."""
    units = value / unit
    below = units.__floor__()
    part = units - below
    up = {
        "half_up": part >= Fraction(1, 2),
        "half_even": part > Fraction(1, 2) or (part == Fraction(1, 2) and below % 2 == 1),
        "round_up": part > 0,
        "round_down": False,
    }[mode]
    return (below + up) * unit


class Debt:
    """One month's fee in the reference."""

    def __init__(self, fee: Fee, month: dt.date) -> None:
        last = month_end(month)
        first_day, last_day = max(month, fee.start), min(last, fee.end)
        self.id = f"pay_fee@{month.isoformat()[:7]}"
        self.born = last_day
        self.amount = rounded(fee.amount * Fraction((last_day - first_day).days + 1, last.day), fee.unit, fee.mode)
        kind, n, months = fee.due
        there = months_after(month, months)
        due = last + n * DAY
        if kind == "day":
            due = min(month_end(there), there + (n - 1) * DAY)
        elif kind == "last":
            due = month_end(there)
        self.due = max(moved(due, fee), fee.start)
        self.at_start = fee.inside or self.due < last_day
        if self.at_start:
            self.born = max(fee.start, min(first_day, self.due)) if fee.inside else self.due
        self.grace_until = None if fee.grace is None else max(self.due, moved(self.due + fee.grace[0] * DAY, fee))
        self.deadline = self.grace_until or self.due
        self.open = self.amount
        self.exact = self.booked = self.interest_paid = Fraction(0)
        self.since: dt.date | None = None
        self.done: dt.date | None = None
        self.graded: dt.date | None = None
        self.closed = self.amount == 0

    @property
    def owed(self) -> Fraction:
        return self.open + self.booked - self.interest_paid

    def take(self, sum_: Fraction, day: dt.date, principal_first: bool) -> Fraction:
        """What is left of a sum after this debt took its part."""
        for part in ("principal", "interest") if principal_first else ("interest", "principal"):
            if part == "principal":
                used = min(sum_, self.open)
                self.open -= used
            else:
                used = min(sum_, self.booked - self.interest_paid)
                self.interest_paid += used
            sum_ -= used
        if self.owed == 0 and not self.closed:
            self.closed, self.done = True, day
        return sum_


def interest_of(fee: Fee, day: dt.date) -> Fraction:
    """The rate of one day, as a share of the principal."""
    rate = [r for since, r in fee.rates if since is None or since <= day][-1]
    if fee.per == "day":
        return rate
    if fee.daycount == "actual_actual":
        share = Fraction(1, 366 if day.year % 4 == 0 else 365)
    elif fee.daycount == "thirty_e_360":
        eve = day - DAY
        numbers = [360 * d.year + 30 * d.month + min(d.day, 30) for d in (eve, day)]
        share = Fraction(numbers[1] - numbers[0], 360)
    else:
        share = Fraction(1, 365 if fee.daycount == "actual_365" else 360)
    return rate * share * (12 if fee.per == "month" else 1)


def charge(fee: Fee, debt: Debt, day: dt.date, open_at_start: Fraction) -> None:
    """Interest of one day on the principal that was open when the day began."""
    if not fee.rates or day > fee.complete or day <= debt.due or debt.closed:
        return
    days = [day]
    way = None if fee.grace is None else fee.grace[1]
    if way == "forgiving" and day <= debt.deadline:
        return
    if way == "delaying":
        if day <= debt.deadline:
            return
        if day == debt.deadline + DAY:
            days = [debt.due + n * DAY for n in range(1, (day - debt.due).days + 1)]
    debt.exact += sum((interest_of(fee, d) for d in days), Fraction(0)) * open_at_start
    if fee.cap is not None:
        how, most = fee.cap
        debt.exact = min(debt.exact, debt.amount * most if how == "percent" else most)
    debt.booked = rounded(debt.exact, fee.unit, fee.mode)


def reference(fee: Fee) -> list[dict[str, Any]]:
    """The statement of each month: lines by instance, the breaches, the ledger."""
    months = [months_after(fee.start, n) for n in range(100)]
    debts = [Debt(fee, month) for month in months if month <= fee.end]
    alive: list[Debt] = []
    credit = closing = Fraction(0)
    before = {"accrued": Fraction(0), "interest": Fraction(0), "paid": Fraction(0)}
    so_far = dict(before)
    statements: list[dict[str, Any]] = []
    day = fee.start

    def use_credit() -> None:
        nonlocal credit
        if not fee.credit_held:
            for debt in sorted((d for d in alive if d.due <= day), key=lambda d: d.due):
                credit = debt.take(credit, day, fee.principal_first)

    while day <= fee.as_of:
        alive += [d for d in debts if d.born == day and d.at_start]
        for debt in alive:
            if debt.since is None and debt.deadline < day and debt.deadline <= fee.complete and not debt.closed:
                debt.since = debt.deadline + DAY
            known = day - DAY <= fee.complete
            if debt.since is not None and fee.grade_after is not None and not debt.closed and known:
                if day == debt.since + fee.grade_after * DAY:
                    debt.graded = day
            charge(fee, debt, day, debt.open)
        today = sorted((p for p in fee.payments if max(p.on, fee.start) == day), key=lambda p: p.ref)
        pool = Fraction(0)
        for payment in today:
            left = payment.amount
            if payment.names is not None:
                for debt in sorted(alive, key=lambda d: d.due):
                    if payment.names in (debt.id, "pay_fee"):
                        left = debt.take(left, day, fee.principal_first)
            pool += left
            so_far["paid"] += payment.amount
        for debt in sorted((d for d in alive if d.due <= day), key=lambda d: d.due):
            pool = debt.take(pool, day, fee.principal_first)
        credit += pool
        use_credit()
        alive += [d for d in debts if d.born == day and not d.at_start]
        use_credit()
        if day in (month_end(day), fee.as_of):
            so_far["accrued"] = sum((d.amount for d in alive), Fraction(0))
            so_far["interest"] = sum((d.booked for d in alive), Fraction(0))
            moves = {k: so_far[k] - before[k] for k in before}
            before = dict(so_far)
            closing += moves["accrued"] + moves["interest"] - moves["paid"]
            late = sum((d.owed for d in alive if d.since is not None), Fraction(0))
            due = sum((d.owed for d in alive if d.since is None and d.due <= day), Fraction(0))
            later = sum((d.owed for d in alive if d.due > day), Fraction(0))
            assert closing == late + due + later - credit
            split = {"overdue": late, "due": due, "not_due": later, "credit": credit}
            statements.append(
                {"lines": {d.id: state_of(fee, d, day) for d in alive}, "ledger": {**moves, **split, "closing": closing}}
            )
        day += DAY
    return statements


def state_of(fee: Fee, debt: Debt, day: dt.date) -> dict[str, Any]:
    in_default = debt.since is not None and not debt.closed
    if debt.amount == 0:
        status = "discharged"
    elif debt.done is not None:
        status = "performed" if debt.done <= debt.deadline else "performed late"
    elif debt.since is None and any(fee.complete < d <= day for d in (debt.due, debt.deadline)):
        status = "undetermined"
    elif day < debt.due:
        status = "not yet due"
    elif debt.since is not None:
        status = "breached"
    elif debt.open < debt.amount:
        status = "partly performed"
    else:
        status = "due" if day == debt.due else "in grace"
    return {
        "status": status,
        "amount": debt.amount,
        "due": debt.due,
        "grace_until": debt.grace_until,
        "paid": debt.amount - debt.open,
        "open": debt.open,
        "booked": debt.booked,
        "interest_paid": debt.interest_paid,
        "overdue_since": debt.since if in_default else None,
        "days_overdue": (day - debt.since).days + 1 if in_default and debt.since else 0,
        "performed_on": debt.done,
        "graded_on": debt.graded,
    }


def as_stated(month: dict[str, Any]) -> dict[str, Any]:
    """The same figures of one month, read off the result document."""
    graded = {b["of"]: b["graded_on"] for b in month["breaches"]}
    since = {b["of"]: b["since"] for b in month["breaches"]}
    lines = {}
    for x in month["obligations"]:
        lines[x["id"]] = {
            "status": x["status"],
            "amount": Fraction(x["amount"]["value"]),
            "due": _day(x["due"]),
            "grace_until": _day(x["grace_until"]),
            "paid": Fraction(x["paid"]),
            "open": Fraction(x["open"]),
            "booked": Fraction(x["interest"]["booked"]),
            "interest_paid": Fraction(x["interest"]["paid"]),
            "overdue_since": _day(x["overdue_since"]),
            "days_overdue": x["days_overdue"],
            "performed_on": _day(x["performed_on"]),
            "graded_on": _day(graded.get(x["id"])),
        }
        assert x["overdue_since"] in (None, since.get(x["id"]))
    ledger = {k: Fraction(0) for k in "accrued interest paid overdue due not_due credit closing".split()}
    for row in month["ledger"]:
        assert (row["from"], row["to"]) == ("client", "operator")
        for name in ("accrued", "interest", "paid", "closing"):
            ledger[name] = Fraction(row[name])
        for name in ("overdue", "due", "not_due", "credit"):
            ledger[name] = Fraction(row["of_which"][name])
    return {"lines": lines, "ledger": ledger}


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


@given(fees())
def test_the_life_of_a_fee_is_that_of_the_reference(fee: Fee) -> None:
    note(fee.text())
    note("\n".join(str(p) for p in fee.payments))
    contract = clausal.load(fee.text())
    document = contract.evaluate(fee.facts(), as_of=fee.as_of, complete_through=fee.complete).to_dict()
    expected = reference(fee)
    assert len(document["months"]) == len(expected)
    for month, wanted in zip(document["months"], expected, strict=True):
        found = as_stated(month)
        for id, line in found["lines"].items():
            assert line == wanted["lines"][id], f"{id} in {month['month']}"
        unlisted = set(wanted["lines"]) - set(found["lines"])
        for id in unlisted:
            line = wanted["lines"][id]
            assert line["open"] == 0 and line["booked"] == line["interest_paid"], f"{id} is missing in {month['month']}"
        assert found["ledger"] == wanted["ledger"], month["month"]
