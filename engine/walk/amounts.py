"""How much: the lines of an instance, rounded when it arises, prorated, limited over windows, taxed."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import cast

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.periods import Period
from clausal.dsl.values import Exact, NotApplicable, Unknown, Value, exact
from clausal.engine import charges
from clausal.engine.exact import Scope
from clausal.engine.instances import (
    DAY,
    NEVER,
    Instance,
)
from clausal.engine.outcome import (
    TaxShare,
)
from clausal.engine.walk.deadlines import Deadlines


class Amounts(Deadlines):
    def _reckon(self, x: Instance, o: m.Obligation, scope: Scope) -> None:
        """The amount, rounded line by line when the instance arises."""
        share: Exact = 1
        days = self._days_owed(o, x.period)
        if o.prorated != "none" and o.schedule.kind == "periodic" and days is not None:
            x.prorated = None
            halves = self._two_periods(o.schedule, x.period) if o.schedule.long_last else None
            if halves or days != [(x.period.start, x.period.end)]:
                of = halves or (x.period,)
                share = sum((periods.share_of(p, a, b, o.prorated) for p in of for a, b in days), cast(Exact, 0))
                x.prorated = (sum((b - a).days + 1 for a, b in days), periods.days_in(of[0]))
            if x.gap is None and (needs := self.suspensions.doubts(o, x.period.start, x.period.end)):
                x.gap = Unknown(needs)
        scale = self._scale(o.currency)
        agreed: list[charges.Charge] = []
        whole: Exact = 0
        gap: Unknown | NotApplicable | None = None
        for i, (name, op) in enumerate(x.amount_ops):
            value = self._blended(x, o, op, scope)
            if isinstance(value, (Unknown, NotApplicable)):
                gap = value
                break
            part = o.parts[i] if i < len(o.parts) else None
            cut = share if part is None or part.prorated else 1
            line = self._round(cast(Exact, value) * cut * scale, o.currency)
            whole = whole + self._round(cast(Exact, value) * scale, o.currency)
            tax = part.tax if part is not None and part.amount is op else o.tax
            agreed.append(charges.Charge(name, line, tax))
        applying = self._exemptions(x, o)
        other = [e.amount for e in applying if e.amount is not None]
        if other:
            x.amount = None if gap is not None else whole  # `amount` in its formula
            before, x.gap = x.gap, x.gap or gap
            values = list(dict.fromkeys(self._blended(x, o, op, scope) for op in other))
            x.amount, x.gap, gap = None, before, None
            if len(values) > 1 or len(other) < len(applying):
                self._conflict(x, applying)
                return
            if isinstance(values[0], (Unknown, NotApplicable)):
                gap = values[0]
            else:
                cut = share if not o.parts or any(p.prorated for p in o.parts) else 1
                tax = o.parts[0].tax if o.parts and all(p.tax == o.parts[0].tax for p in o.parts) else o.tax
                line = self._round(cast(Exact, values[0]) * cut * scale, o.currency)
                agreed = [charges.Charge(o.parts[0].name if len(o.parts) == 1 else None, line, tax)]
        if gap is not None:
            x.gap = x.gap or gap
            return
        if o.cap is not None or o.commitment is not None:
            agreed = self._limited(x, o, scope, agreed)
        parts = charges.lines(agreed, [self._tax_on(x, charge, scope) for charge in agreed], o.name)
        if x.gap is not None:
            return
        total = sum(p.amount for p in parts)
        if total < 0 and o.negative == "reverse" and o.creditor is not None:
            x.debtor, x.creditor = o.creditor, o.debtor
            total = -total
            parts = [charges.negated(p) for p in parts]
        if total < 0 and o.negative == "not below 0":
            total = 0
        else:
            x.tax = charges.together(parts)
        x.amount = exact(total)
        x.parts = tuple(parts) if len(parts) > 1 or agreed[0].name is not None else ()

    def _limited(
        self, x: Instance, o: m.Obligation, scope: Scope, agreed: list[charges.Charge]
    ) -> list[charges.Charge]:
        """The charges under the cap of their window, and the true-up where this instance is the last of its own."""
        out = agreed
        x.billed = charges.billed(out)
        for limit in (o.cap, o.commitment):
            if limit is None:
                continue
            value, before = self._value(limit.amount, scope), self._billed_before(x, limit.window)
            if isinstance(before, (Unknown, NotApplicable)):
                x.gap = x.gap or before
                return agreed
            if isinstance(value, (Unknown, NotApplicable)):
                x.gap = x.gap or value
                return agreed
            most = self._minor(cast(Exact, value), o.currency)
            if limit is o.cap:
                out = charges.under_cap(out, max(self._round(most, o.currency) - before, 0), o.name)
                x.billed = charges.billed(out)
            elif (share := self._last_of_window(x, limit)) is not None:
                due = self._round(most * share, o.currency) - before - x.billed
                if due > 0:
                    out = [*out, charges.Charge("minimum commitment", due, o.tax, o.name)]
        return out

    def _window(self, window: str, day: dt.date) -> tuple[dt.date, dt.date]:
        """The first and the last day of the window around a day."""
        world = self.world
        match window:
            case "month":
                period = periods.month_of(day)
            case "quarter":
                period = periods.quarter_of(day)
            case "calendar year":
                period = periods.year_of(day)
            case "contract year":
                period = periods.contract_year_of(max(day, world.start), world.start, world.rule)
            case _:
                return world.start, self.header.term_end or NEVER
        return period.start, period.end

    def _billed_before(self, x: Instance, window: str) -> Exact | Unknown | NotApplicable:
        """What the earlier instances of the same window came to, as agreed and without any true-up."""
        around = self._window(window, x.period.end)
        earlier = self.by_norm.get(x.name, [])
        at, total = self._billed.get((x.name, window, around[0]), (0, 0))
        while at < len(earlier) and earlier[at].place < x.place:
            y = earlier[at]
            if self._window(window, y.period.end) == around:
                if y.gap is not None:
                    return y.gap
                if y.fixed != "excused":
                    total = total + y.billed
            at += 1
        self._billed[x.name, window, around[0]] = at, total
        return total

    def _last_of_window(self, x: Instance, limit: m.Limit) -> Exact | None:
        """What of its window the contract runs, where the instance is the last of it; else None."""
        world = self.world
        first, last = self._window(limit.window, x.period.end)
        end = min(last, world.end)
        if end == NEVER or x.period.end < end:
            return None
        if not limit.prorated or last == NEVER:
            return 1
        return Fraction((end - max(first, world.start)).days + 1, (last - first).days + 1)

    def _tax_on(self, x: Instance, charge: charges.Charge, scope: Scope) -> TaxShare | None:
        tax = charge.tax
        if tax is None:
            return None
        rate = 0 if tax.rate is None else self._value(tax.rate, scope)
        if isinstance(rate, (Unknown, NotApplicable)):
            x.gap = x.gap or rate
            return None
        share = cast(Exact, rate)
        if share < 0:
            x.gap = x.gap or NotApplicable("a rate of tax below zero")
            return None
        return charges.taxed(tax.kind, share, charge.amount, lambda value: self._round(value, x.currency))

    def _two_periods(self, schedule: m.Schedule, period: Period) -> tuple[Period, Period] | None:
        """The regular periods that a long last one is made of: a whole one, and the one that the term cuts short."""
        anchor = schedule.anchor or period.start
        dates = periods.schedule(anchor, schedule.every, NEVER, self.header.month_end)
        shifted = (periods.shift_deadline(d, schedule.periods_shifted, self.calendar) for d in dates)
        following = [d for d, _ in zip((d for d in shifted if d > period.start), range(2), strict=False)]
        if len(following) < 2 or following[0] > period.end:
            return None
        middle, end = following
        return Period(period.start, middle - DAY, period.key), Period(middle, end - DAY, period.key)

    def _shorten(self, x: Instance, day: dt.date) -> None:
        """What was booked for a whole period that the end of the contract cuts short is prorated now."""
        o = x.obligation
        if o is None or o.prorated == "none" or o.schedule.kind != "periodic" or x.amount is None:
            return
        if o.survives is not None:
            return
        if x.created == day or not x.period.start <= day < x.period.end or x.fixed is not None:
            return
        self._recut(x, day)

    def _recut(self, x: Instance, day: dt.date) -> None:
        """What was booked for more days than turned out to count is adjusted; what was paid of it is credit."""
        o = x.obligation
        if o is None or o.prorated == "none" or x.amount is None or x.fixed is not None:
            return
        before = x.amount
        self._charge_and_book(x, day)
        self._billed.clear()
        self._reckon(x, o, Scope(self.world, x.period, None, x.record, x))
        if x.amount != before:
            account = self._account(x)
            account.adjusted += x.amount - before
            self._fit(x, account)
            x.note(day, "prorated", x.amount - before)
            if x not in self.live:
                self.live.append(x)  # closed in an earlier month, and changed today
            self._settle_if_paid(x, day)
        elif x.gap is not None and x not in self.live:
            self.live.append(x)

    def _cut_short(self, x: Instance, day: dt.date) -> None:
        """An act of a period that the end of the contract cuts short, and that is not yet due, is no longer owed."""
        o = x.obligation
        if o is None or x.pays or x.closed or o.survives is not None or o.schedule.kind != "periodic":
            return
        if x.period.start <= day < x.period.end and x.in_period and (x.due or day) > day:
            if o.performance.kind == "when":
                self._test_performance(x, day)
            if x.performed_on is None and x.fixed is None and x.gap is None:
                x.fixed = "discharged"
                x.closed = True
                x.note(day, "ended")

    def _blended(self, x: Instance, o: m.Obligation, op: m.Op, scope: Scope) -> Value:
        """The value for the period; where `prorated` was said, each version of a parameter counts for its days."""
        owed = self._days_owed(o, x.period)
        if not o.blends or not owed or o.schedule.kind != "periodic":
            return self._value(op, scope)
        starts = self.world.version_starts
        if not any(owed[0][0] < d <= owed[-1][1] for d in starts):
            return self._value(op, scope)
        total: Exact = 0
        days = sum((b - a).days + 1 for a, b in owed)
        for first, last in owed:
            cuts = [d for d in starts if first < d <= last]
            for a, b in zip([first, *cuts], [*(c - DAY for c in cuts), last], strict=True):
                value = self._value(op, Scope(self.world, x.period, a, x.record, x))
                if isinstance(value, (Unknown, NotApplicable)):
                    return value
                total = total + cast(Exact, value) * Fraction((b - a).days + 1, days)
        return exact(total)

    def _days_owed(self, o: m.Obligation, period: Period) -> list[tuple[dt.date, dt.date]] | None:
        """The days of the period on which the contract ran and the obligation did not stand still; None where the
        contract did not run on any."""
        first, last = period.start, period.end
        if o.survives is None:
            active = self.world.active_days(period)
            if active is None:
                return None
            first, last = active
            if max(first, o.starts or first) <= min(last, o.stops or last):
                first, last = max(first, o.starts or first), min(last, o.stops or last)
        return self.suspensions.live_days(o, first, last)
