"""Payments to debts: the order in which money extinguishes what is owed, and nothing lost on the way.

Pure: debts and sums go in, applications and what is left over come out. The order is the contract's (by default that of the
Civil Code, art. 560 and 561): the debt that the payer named; then debts that are due; the less secured; the heavier burden
(one that bears interest before one that does not, the higher rate first); the earlier due; in proportion to what is open.
Within a debt interest is paid before principal unless the contract says otherwise.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final, Literal, TypeAlias

import attrs

from clausal.dsl.values import Exact, exact, largest_remainder

DebtPart: TypeAlias = Literal["cost", "interest", "principal"]

DEFAULT_ORDER: Final = ("named", "due", "secured", "burden", "oldest", "proportional")


@attrs.define
class Debt:
    """What can be paid of one instance on one day. `rate` is the burden (0: bears no interest); `interest` is what is
    booked and open; `held` is what is disputed: money reaches it only where it names the debt. Changed as money is applied."""

    id: str
    due: dt.date
    rate: Exact
    principal: Exact
    interest: Exact
    place: int
    secured: bool = False
    held: Exact = 0

    @property
    def open(self) -> Exact:
        return self.principal + self.interest


@attrs.frozen
class Sum:
    """Money to apply: a payment's reference (or `credit`) and how much of it."""

    ref: str
    amount: Exact


@attrs.frozen
class Application:
    """`amount` of the sum `ref` extinguished that part of the debt `to`."""

    ref: str
    to: str
    part: DebtPart
    amount: Exact


def apply(debt: Debt, amount: Exact, parts: Sequence[str]) -> list[tuple[DebtPart, Exact]]:
    """Apply up to `amount` to one debt, in the order of `parts`; says what went where."""
    done: list[tuple[DebtPart, Exact]] = []
    for part in parts:
        if part == "interest" and debt.interest > 0 and amount > 0:
            used = min(debt.interest, amount)
            debt.interest = exact(debt.interest - used)
            done.append(("interest", used))
        elif part == "principal" and debt.principal > 0 and amount > 0:
            used = min(debt.principal, amount)
            debt.principal = exact(debt.principal - used)
            done.append(("principal", used))
        else:
            continue
        amount = amount - used
    return done


def within_a_debt(order: Sequence[str]) -> tuple[str, ...]:
    """The contract's order within a debt as the parts that a debt has; what it does not name comes after."""
    named = [p for p in order if p in ("interest", "principal")]
    return tuple(named) + tuple(p for p in ("interest", "principal") if p not in named)


def match_named(
    sums: Iterable[tuple[Sum, Sequence[Debt]]], parts: Sequence[str]
) -> tuple[list[Application], list[Sum]]:
    """Each payment to the debts that it named, in order; what is left of each goes on to the day's pool."""
    applications: list[Application] = []
    left: list[Sum] = []
    for money, debts in sums:
        amount = money.amount
        for debt in debts:
            for part, used in apply(debt, amount, parts):
                applications.append(Application(money.ref, debt.id, part, used))
                amount = amount - used
            held = min(debt.held, amount)
            if held > 0:
                debt.held = exact(debt.held - held)
                applications.append(Application(money.ref, debt.id, "principal", held))
                amount = amount - held
        if amount > 0:
            left.append(Sum(money.ref, exact(amount)))
    return applications, left


def match_pool(
    sums: Sequence[Sum], debts: Sequence[Debt], order: Sequence[str], parts: Sequence[str], unit: Fraction
) -> tuple[list[Application], list[Sum]]:
    """The day's unnamed sums as one pool over the debts that are due; shares go to the sums in their order.

    Debts that the order cannot tell apart are paid in proportion to what is open on each, odd units by largest remainder.
    """
    pool = sum(s.amount for s in sums)
    if pool <= 0 or not debts:
        return [], list(sums)
    ranked: dict[tuple[object, ...], list[Debt]] = {}
    for debt in in_order(debts, order):
        if debt.open > 0:
            ranked.setdefault(_rank(debt, order), []).append(debt)
    shares: list[tuple[str, DebtPart, Exact]] = []
    for group in ranked.values():
        if pool <= 0:
            break
        total = sum(d.open for d in group)
        if pool >= total or len(group) == 1:
            given = [min(d.open, pool) for d in group]
        else:
            given = largest_remainder(pool, [d.open for d in group], unit)
        for debt, amount in zip(group, given, strict=True):
            shares.extend((debt.id, part, used) for part, used in apply(debt, amount, parts))
        pool = pool - sum(given)
    return _hand_out(sums, shares)


def in_order(debts: Iterable[Debt], order: Sequence[str]) -> list[Debt]:
    """The debts as money reaches them; what the order cannot tell apart stands as listed in the contract."""
    return sorted(debts, key=lambda d: (_rank(d, order), d.place))


def _rank(debt: Debt, order: Sequence[str]) -> tuple[object, ...]:
    keys: list[object] = []
    for word in order:
        if word == "secured":
            keys.append(debt.secured)
        elif word == "burden":
            keys.append(-Fraction(debt.rate))
        elif word == "oldest":
            keys.append(debt.due)
    return tuple(keys)


def _hand_out(
    sums: Sequence[Sum], shares: Sequence[tuple[str, DebtPart, Exact]]
) -> tuple[list[Application], list[Sum]]:
    applications: list[Application] = []
    left: list[Sum] = []
    queue = list(shares)
    for money in sums:
        amount = money.amount
        while amount > 0 and queue:
            to, part, wanted = queue[0]
            used = min(amount, wanted)
            applications.append(Application(money.ref, to, part, exact(used)))
            amount = amount - used
            if used == wanted:
                queue.pop(0)
            else:
                queue[0] = (to, part, exact(wanted - used))
        if amount > 0:
            left.append(Sum(money.ref, exact(amount)))
    return applications, left
