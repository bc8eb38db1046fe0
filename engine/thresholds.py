"""Where the law sets a limit to what was agreed: flags with amounts, for a court or the parties, never a reduction.

Interest (and penalties with it) over what four times the reference rate gives; interest and a penalty for one default;
a payment in default for which no interest was agreed; earnest money over a fifth of the price, what becomes of it on a
fundamental breach (Civil Code, art. 586 and 587), and that it excludes an agreed penalty (art. 588).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Final, cast

import attrs

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.values import Exact
from clausal.dsl.wording import rate_text
from clausal.engine.instances import DAY, Instance, Violation
from clausal.engine.outcome import Args, Contingent, major

TIMES: Final = 4  # of the reference rate
EARNEST: Final = Fraction(1, 5)  # of the price


@attrs.frozen
class Run:
    """What a run has of its instances: `reference` is the yearly rate held against, `price` what earnest is money of
    (in smallest units); None where it is not known. `rounded` makes an amount that can be paid."""

    instances: Sequence[Instance]
    violations: Sequence[Violation]
    reference: Callable[[Instance], Exact | None]
    price: Callable[[Instance], Exact | None]
    rounded: Callable[[Exact, str | None], Exact]


def flags(run: Run) -> Iterator[Contingent]:
    penalties: dict[str, Exact] = {}
    for x in run.instances:
        if x.kind == "penalty" and x.parent is not None and x.amount:
            penalties[x.parent] = penalties.get(x.parent, 0) + x.amount
    for x in run.instances:
        if not x.pays or x.kind != "duty" or x.amount is None or x.currency is None:
            continue
        penalty = penalties.get(x.id, 0)
        yield from _rate(run, x, penalty)
        if x.booked > 0 and penalty > 0:
            args = _amounts(x, interest=x.booked, penalty=penalty)
            yield _flag("interest and penalty", x, x.booked + penalty, args)
        if _nothing_agreed(x):
            yield _flag("no agreed interest", x, x.open, (("overdue_since", x.default_since),), at_cost_of=x.debtor)
        yield from _earnest(run, x, penalties)


def _rate(run: Run, x: Instance, penalty: Exact) -> Iterator[Contingent]:
    """Interest, and the penalty of the same default with it, against four times the reference rate on the principal."""
    link = x.interest_link
    if link is None or link.reference is None or x.booked <= 0 or x.runs_from is None:
        return
    reference = run.reference(x)
    if reference is None:
        return
    count = link.daycount or "actual_365"
    most: Exact = 0
    for a in x.accruals:
        time = periods.year_fraction(x.runs_from, a.last, count) - periods.year_fraction(
            x.runs_from, a.first - DAY, count
        )
        most = most + (a.principal - a.capital) * TIMES * reference * time
    limit = run.rounded(most, x.currency)
    excess = x.booked + penalty - limit
    if excess > 0:
        args = _amounts(x, agreed=x.booked + penalty, threshold=limit)
        yield _flag("rate over 4x LPR", x, excess, (*args, ("limit", rate_text(TIMES * reference, "year"))))


def _nothing_agreed(x: Instance) -> bool:
    """A payment in default, and the contract says of neither interest nor a penalty."""
    if x.default_since is None or x.default_until is not None or x.fixed is not None or x.open <= 0:
        return False
    return x.interest_link is None and not any(isinstance(k.remedy, m.Penalty) for k in x.links)


def _earnest(run: Run, x: Instance, penalties: dict[str, Exact]) -> Iterator[Contingent]:
    if x.obligation is None or x.obligation.earnest is None or x.paid <= 0 or x.creditor is None:
        return
    price = run.price(x)
    if price is None:
        return
    most = run.rounded(price * EARNEST, x.currency)
    effective = min(x.paid, most)
    over = x.paid - effective
    if over > 0:
        yield _flag("earnest over 20%", x, over, _amounts(x, price=price, paid=x.paid, threshold=most))
    for party in (x.creditor, x.debtor):
        broken = [y.id for y in run.instances if y.debtor == party and _ends_the_purpose(y)]
        broken += [v.id for v in run.violations if v.prohibition.debtor == party and v.grade == "fundamental"]
        if not broken:
            continue
        if party == x.creditor:
            back = 2 * effective + over
            yield _flag("earnest twofold", x, back, (("of", tuple(broken)), *_amounts(x, effective=effective)))
        else:
            args: Args = (("of", tuple(broken)), *_amounts(x, effective=effective))
            yield _flag("earnest forfeited", x, effective, args, at_cost_of=x.debtor)
        penalty = sum(penalties.get(id, 0) for id in broken)
        if penalty > 0:
            yield _flag(
                "earnest or penalty",
                x,
                min(effective, penalty),
                _amounts(x, effective=effective, penalty=penalty),
                at_cost_of=x.debtor if party == x.creditor else x.creditor,
            )


def _ends_the_purpose(y: Instance) -> bool:
    return y.grade == "fundamental" and y.cured_on is None


def _flag(code: str, x: Instance, amount: Exact, args: Args, at_cost_of: str | None = None) -> Contingent:
    """At the cost of the creditor, who may have to do without it, unless it is said otherwise."""
    loser = at_cost_of or x.creditor
    gainer = x.creditor if loser == x.debtor else x.debtor
    return Contingent("flag", code, x.id, loser, gainer, (cast(str, x.currency), amount), None, args)


def _amounts(x: Instance, **amounts: Exact) -> Args:
    return tuple((name, str(major(amount, x.currency))) for name, amount in amounts.items())
