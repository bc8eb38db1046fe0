"""What follows when nothing was performed: default, its chain of consequences, penalties that grow by the day."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import cast

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.periods import Period
from clausal.dsl.values import Exact, NotApplicable, Unknown, Value, exact
from clausal.engine.exact import Scope
from clausal.engine.facts import Record
from clausal.engine.instances import (
    DAY,
    NEVER,
    Growth,
    Instance,
    as_day,
)
from clausal.engine.outcome import (
    Contingent,
    Slice,
)
from clausal.engine.walk.performing import Performing


class Default(Performing):
    def _defaults(self, day: dt.date) -> None:
        """What holds from the start of this day, of what was open at the end of the day before."""
        yesterday = day - DAY
        for x in list(self.live):
            if x.closed or x.fixed is not None or x.due is None or x.due > yesterday:
                continue
            deadline = cast(dt.date, x.deadline)
            if deadline > yesterday or x.complete < deadline or x.gap is not None or x.untracked:
                continue
            if x.due_at is not None and x.created == day:
                continue  # what is recorded together with its performance: seen when today's acts are
            if x.excused or x.stayed or x.retained:
                continue
            if x.halted is not None and deadline >= x.halted:
                continue
            if x.pays and (x.amount is None or x.settled or self._only_disputed(x)):
                continue
            if x.default_since is None:
                if self._dispute_unknown(x) or self._excused(x, deadline) or self._extend(x, yesterday):
                    continue
                x.default_since = cast(dt.date, x.first_default_day)
                x.note(x.default_since, "default")
                for link in x.links:
                    self._queue(x.default_since + dt.timedelta(days=link.day - 1))
            number = self.suspensions.days_run(x.name, x.default_since, day)
            if x.complete < yesterday:
                continue
            while x.fired < len(x.links) and x.links[x.fired].day <= number:
                x.fired += 1
                self._link(x, x.links[x.fired - 1], day)

    def _default_within(self, x: Instance, day: dt.date) -> None:
        """A deadline that is a moment was missed on this day: in default from the minute after it."""
        since = cast(dt.date, x.first_default_day)
        if x.default_since is not None or since > day or x.complete < cast(dt.date, x.due) or x.gap is not None:
            return
        if x.closed or x.fixed is not None or x.untracked or x.excused or x.stayed:
            return
        if self._excused(x, cast(dt.date, x.due)) or self._extend(x, day):
            return
        x.default_since = since
        x.note(since, "default")
        for link in x.links:
            self._queue(since + dt.timedelta(days=link.day - 1))
        while x.fired < len(x.links) and x.links[x.fired].day <= (day - since).days + 1:
            x.fired += 1
            self._link(x, x.links[x.fired - 1], day)

    def _defaults_today(self, day: dt.date) -> None:
        """Deadlines that are moments of this day, and passed without performance."""
        for x in list(self.live):
            if x.due_at is not None and x.performed_on is None and cast(dt.date, x.first_default_day) <= day:
                self._default_within(x, day)

    def _excused(self, x: Instance, deadline: dt.date) -> bool:
        o = x.obligation
        if o is None or o.excused_while is None:
            return False
        held = self._value(o.excused_while, Scope(self.world, x.period, deadline, x.record, x))
        if held is True:
            # A debt stays a debt: what is excused is the delay. An act is no longer owed.
            x.excused = True
            x.note(deadline, "excused")
            if not x.pays:
                x.fixed = "excused"
                x.closed = True
            return True
        if isinstance(held, Unknown):
            x.doubt = held.needs
            x.stayed = True
            self._missing(x.id, held.needs)
            return True
        return False

    def _link(self, x: Instance, link: m.Link, day: dt.date) -> None:
        match link.remedy:
            case m.Grade(grade=grade):
                x.grade = grade
                x.graded_on = day
                x.note(day, f"breach {grade}")
            case m.Penalty():
                self._penalty(link.remedy, x.id, x.name, x.key, x.clause, x.debtor, x.period, x.record, day, x)
            case m.Obligation():
                timing = self.terms.timing(link.remedy)
                self._arise(timing, x.period, day, key=x.key, record=x.record)
            case m.Right():
                self._open(link.remedy, x.key, day - DAY, x.period, over=x)
            case m.Interest():
                pass

    def _end_default(self, x: Instance, day: dt.date) -> None:
        if x.default_since is not None and x.default_until is None:
            x.default_until = day
            for power in self.notices:
                if (
                    x in power.grounds
                    and power.exercised_on is not None
                    and power.cure_until is not None
                    and power.exercised_on <= day <= power.cure_until
                ):
                    x.cured_on = day

    def _penalty(
        self,
        penalty: m.Penalty,
        of: str,
        name: str,
        key: str,
        clause: m.ClauseRef | None,
        debtor: str,
        period: Period,
        record: Record | None,
        day: dt.date,
        bearer: Instance | None,
    ) -> None:
        scope = Scope(self.world, period, None, record, bearer)
        id = f"{name}.penalty@{key}"
        while id in self.by_id:
            id += "'"
        since = day
        if penalty.demanded_on is not None:
            demanded = self._value(penalty.demanded_on, scope)
            if isinstance(demanded, dt.date) and as_day(demanded) <= self.as_of:
                since = max(day, as_day(demanded))
            else:
                value = self._value(penalty.amount, scope)
                cap = self._value(penalty.cap, scope)
                known = None if isinstance(value, (Unknown, NotApplicable)) else value
                if known is not None and not isinstance(cap, (Unknown, NotApplicable)):
                    known = min(cast(Exact, known), cast(Exact, cap))
                currency = penalty.amount.type.currency or self.header.currency
                amount = (
                    None
                    if known is None
                    else (currency, self._round(self._minor(cast(Exact, known), currency), currency))
                )
                self.demands.append(
                    Contingent("on demand", "penalty", id, debtor, penalty.to, amount, None, (("of", of),))
                )
                return
        if since > day:
            self._plan(
                self._starts,
                since,
                self._penalty_arises,
                penalty,
                id,
                of,
                name,
                key,
                clause,
                debtor,
                period,
                scope,
            )
            return
        self._penalty_arises(penalty, id, of, name, key, clause, debtor, period, scope, since)

    def _penalty_arises(
        self,
        penalty: m.Penalty,
        id: str,
        of: str,
        name: str,
        key: str,
        clause: m.ClauseRef | None,
        debtor: str,
        period: Period,
        scope: Scope,
        day: dt.date,
    ) -> None:
        x = Instance(id, f"{name}.penalty", key, period, len(self.instances))
        x.kind = "penalty"
        x.parent = of
        x.record = scope.record
        x.clause = clause
        x.debtor, x.creditor = debtor, penalty.to
        x.currency = penalty.amount.type.currency or self.header.currency
        x.created = day
        x.amount_ops = ((None, penalty.amount),)
        capped = False
        value = self._value(penalty.amount, scope)
        if isinstance(value, (Unknown, NotApplicable)):
            x.gap = value
        else:
            amount = cast(Exact, value)
            if penalty.cap is not None:
                cap = self._value(penalty.cap, scope)
                if not isinstance(cap, (Unknown, NotApplicable)):
                    capped = amount > cast(Exact, cap)
                    amount = min(amount, cast(Exact, cap))
            x.amount = self._round(self._minor(amount, x.currency), x.currency)
        grows = penalty.per is not None and isinstance(scope.instance, Instance)
        if grows and x.gap is None:
            x.amount = 0
            x.growing = True
        elif penalty.due is not None:
            month = periods.month_of(day)
            value = self.due_date(penalty.due, month, Scope(self.world, month, day, scope.record, x))
            x.due = value if isinstance(value, dt.date) else day
        else:
            x.due = day
        self._adopt_source(x)
        self._enter(x, day)
        if x.growing:
            parent = cast(Instance, scope.instance)
            self._growing.append(Growth(x, parent, penalty, scope, day, cast(Exact, value)))
            self._queue(day)
        elif x.amount is not None:
            self.slices.append(
                Slice(
                    id,
                    "penalty",
                    of,
                    clause.number if clause else None,
                    debtor,
                    penalty.to,
                    x.currency,
                    day,
                    day,
                    None,
                    None,
                    x.amount,
                    None,
                    capped,
                )
            )
            self._penalty_flags(penalty, x, scope)

    def _grow(self, day: dt.date) -> None:
        """Penalties by the day (or full week) of default: what they come to by today is booked; they fall due when the
        default ends."""
        for g in list(self._growing):
            x, parent = g.instance, g.parent
            if g.start is None:
                g.start = parent.default_since
            last = min(day, parent.complete, parent.default_until or NEVER)
            days = g.before + self._days_of_default(g, last)
            units = days if g.penalty.per == "day" else days // 7
            total: Exact = g.rate * units
            capped = False
            if g.penalty.cap is not None:
                cap = self._value(g.penalty.cap, g.scope)
                if not isinstance(cap, (Unknown, NotApplicable)):
                    capped = total >= cast(Exact, cap)
                    if not capped and g.rate > 0:  # the day on which the cap is reached decides when it falls due
                        whole = -(-cast(Exact, cap) // g.rate) * (1 if g.penalty.per == "day" else 7)
                        self._queue(day + DAY * min(int(whole) - days, (self.as_of - day).days + 1))
                    total = min(total, cast(Exact, cap))
            target = self._round(self._minor(total, x.currency), x.currency)
            difference = target - cast(Exact, x.amount)
            if difference:
                x.amount = target
                self._account(x).penalties += difference
                x.note(day, "penalty", difference)
                g.capped = capped
                g.total = exact(total)
                g.booked_to = last
            over = parent.default_until or (parent.performed_on if g.start is None else None)
            if g.capped or (over is not None and over <= day):
                self._growing.remove(g)
                x.growing = False
                self._grown(g)
                due: Value = day
                if g.penalty.due is not None:
                    month = periods.month_of(day)
                    due = self.due_date(g.penalty.due, month, Scope(self.world, month, day, x.record, x))
                x.due = max(due, day) if isinstance(due, dt.date) else day
                self._queue(x.due)
                self._queue(x.due + DAY)
                if not x.amount:
                    x.fixed = "discharged"
                    x.closed = True
                self._penalty_flags(g.penalty, x, g.scope)

    def _days_of_default(self, g: Growth, last: dt.date) -> int:
        """The days from the beginning of the default that lasts, those that stand still left out."""
        return self.suspensions.days_run(g.parent.name, g.start, last) if g.start is not None and last >= g.start else 0

    def _pause_penalties(self, x: Instance, day: dt.date) -> None:
        """A later deadline lifts the default: what its penalties came to by the end of today stands, and they grow again
        from the next default on."""
        for g in self._growing:
            if g.parent is x and g.start is not None:
                g.before += self._days_of_default(g, min(day, x.complete))
                g.start = None

    def _grown(self, g: Growth) -> None:
        """The row of what a growing penalty came to in this month."""
        x = g.instance
        amount = cast(Exact, x.amount) - x.sliced
        if not amount:
            return
        self.slices.append(
            Slice(
                x.id,
                "penalty",
                g.parent.id,
                x.clause.number if x.clause else None,
                x.debtor,
                cast(str, x.creditor),
                cast(str, x.currency),
                g.shown_to + DAY,
                g.booked_to,
                (g.booked_to - g.shown_to).days,
                None,
                amount,
                g.total,
                g.capped,
            )
        )
        x.sliced = cast(Exact, x.amount)
        g.shown_to = g.booked_to

    def _penalty_flags(self, penalty: m.Penalty, x: Instance, scope: Scope) -> None:
        """A penalty of more than 130% of a proven loss is flagged, never reduced (Civil Code, art. 585)."""
        if penalty.loss is None or x.amount is None or x.currency is None:
            return
        loss = self._value(penalty.loss, scope)
        if isinstance(loss, (Unknown, NotApplicable)):
            return
        threshold = cast(Exact, loss) * Fraction(13, 10)
        excess = self._round(x.amount - self._minor(threshold, x.currency), x.currency)
        if excess > 0:
            self.flags.append(
                Contingent(
                    "flag",
                    "over 130% of loss",
                    x.id,
                    x.creditor,
                    x.debtor,
                    (x.currency, excess),
                    None,
                    (("loss", str(loss)), ("threshold", str(exact(threshold)))),
                )
            )

    def _adopt_source(self, x: Instance) -> None:
        """A penalty is paid like any debt between its parties: its receipts are those of the contract's payments."""
        names = [f.name for f in self.contract.facts if f.type.kind == "payments"]
        x.source = names[0] if names else None
        if x.source is None:
            x.complete = self.as_of
            x.untracked = True
        elif x.source in self.world.facts.carried:
            x.complete = self.world.complete[x.source]
        else:
            x.complete = dt.date.min
