"""The lines of one amount: what was agreed, what of it is over a cap, what tax is in it or comes on top.

Pure: charges go in, lines that close come out. Amounts are whole numbers of the currency's smallest unit; every line is
rounded once, when it becomes one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import attrs

from clausal.dsl import model as m
from clausal.dsl.values import Exact, exact
from clausal.engine.outcome import PartLine, TaxShare


@attrs.frozen
class Charge:
    """A rounded amount as agreed, before tax that comes on top; `of` names the part that a step belongs to."""

    name: str | None
    amount: Exact
    tax: m.Tax | None
    of: str | None = None


def under_cap(charges: Sequence[Charge], room: Exact, name: str) -> list[Charge]:
    """The charges, and behind each what of it is over the cap: `room` is used up in the order of the lines. A cap limits the
    sum, so what a line deducts is room for the others, wherever it stands among them."""
    out: list[Charge] = []
    room = exact(room - sum(c.amount for c in charges if c.amount < 0))
    for charge in charges:
        over = max(charge.amount - room, 0)
        room = room - max(charge.amount - over, 0)
        out.append(charge)
        if over:
            out.append(Charge("over cap", -over, charge.tax, charge.name or name))
    return out


def billed(charges: Sequence[Charge]) -> Exact:
    return exact(sum(c.amount for c in charges))


def taxed(kind: str, rate: Exact, amount: Exact, rounded: Callable[[Exact], Exact]) -> TaxShare:
    """Net, tax and gross of a line. They close exactly: inclusive, the tax is what the net leaves of the gross."""
    if kind == "exclusive":
        tax = rounded(amount * rate)
        return TaxShare(kind, rate, amount, tax, amount + tax)
    net = rounded(Fraction(amount) / (1 + rate))
    return TaxShare(kind, rate, net, amount - net, amount)


def lines(charges: Sequence[Charge], taxes: Sequence[TaxShare | None], name: str) -> list[PartLine]:
    """Each charge as it is to be paid."""
    return [
        PartLine(c.name or name, c.amount if t is None else t.gross, c.of, t)
        for c, t in zip(charges, taxes, strict=True)
    ]


def negated(line: PartLine) -> PartLine:
    t = line.tax
    tax = None if t is None else TaxShare(t.kind, t.rate, -t.net, -t.tax, -t.gross)
    return PartLine(line.name, -line.amount, line.of, tax)


def together(parts: Sequence[PartLine]) -> TaxShare | None:
    """The tax of a whole amount; a part of which no tax was said is in its net. None where none says its tax."""
    said = [p.tax for p in parts if p.tax is not None]
    if not said:
        return None
    kinds = {t.kind for t in said}
    rates = {None if p.tax is None else p.tax.rate for p in parts}
    gross = sum(p.amount for p in parts)
    tax = sum(t.tax for t in said)
    return TaxShare(
        kinds.pop() if len(kinds) == 1 else "mixed",
        rates.pop() if len(rates) == 1 else None,
        exact(gross - tax),
        exact(tax),
        exact(gross),
    )


def reduced(tax: TaxShare, gross: Exact, rounded: Callable[[Exact], Exact]) -> TaxShare:
    """The tax of a line that became smaller: of what is left, or in proportion where its parts bear different rates."""
    if tax.rate is not None:
        return attrs.evolve(taxed("inclusive", tax.rate, gross, rounded), kind=tax.kind)
    part = rounded(Fraction(tax.tax * gross) / tax.gross) if tax.gross else 0
    return TaxShare(tax.kind, None, gross - part, part, gross)
