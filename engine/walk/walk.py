"""The life of a contract, day by day: instances arise, fall due, are performed or fail; rights open, are used, lapse.

The walk visits only days on which something can happen (a payment, a deadline, the end of a period, a notice, a new
version of a parameter's consequences); what accrues in between is the same on every day and is accrued by segments. Each
visited day has four steps, in this order:

1. start of day: what exists from this morning; defaults and grades that hold from today;
2. interest accrues for the day on what was open when it began;
3. payments and deliveries, then notices and exercises, then the use of credit;
4. end of day: periods that end today, rights open, then lapse, cures are tested, a termination takes effect.

Absence is concluded only through the day to which the facts are complete (`World.complete`).
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterator

import attrs

from clausal.dsl import periods
from clausal.dsl.values import exact
from clausal.engine.exact import GRAIN_KIND, World
from clausal.engine.instances import (
    DAY,
)
from clausal.engine.outcome import (
    Event,
    Missing,
    Month,
)
from clausal.engine.terms import Terms
from clausal.engine.walk.months import Months


class Walk(Months):
    """One run through the days. Make it, call `run`, read `months` and what stands beside them."""

    def __init__(self, terms: Terms, world: World) -> None:
        super().__init__(terms, world)
        world.life = self

    def run(self) -> None:
        self._pending_months()
        if self.as_of >= self.world.start and not self.world.pending:
            self._prepare()
            while self._days:
                self._today = heapq.heappop(self._days)
                self._day(self._today)
        self._last_month()
        self._today = None

    def _pending_months(self) -> None:
        """The months before the conditions precedent are fulfilled: nothing is owed in them."""
        if self.header.starts_when is None:
            return
        month = periods.month_of(self.header.term_start)
        while month.start <= self.as_of and (self.world.pending or month.end < self.world.start):
            last = self.world.pending and month.end >= self.as_of
            missing = (Missing("contract", self.world.pending_needs),) if last and self.world.pending_needs else ()
            events = tuple(self._before_the_start()) if last else ()
            self.months.append(Month(month.key, "pending", (), (), (), (), (), events, missing, (), ()))
            month = periods.shift(month, 1)

    def _before_the_start(self) -> Iterator[Event]:
        """Payments under a contract that has not begun: kept, and said."""
        for payments in self.world.facts.payments.values():
            for payment in payments:
                yield Event(self.as_of, "not yet used", payment.ref, (("on", payment.on),))

    def _prepare(self) -> None:
        world = self.world
        start, last = world.start, min(self.as_of, world.end)
        if self.suspensions.may_extend:
            last = self.as_of  # where the term ends is seen when it has
        for change in self.suspensions.days_of_change():
            self._queue(change)
        self._event(start, "state", "contract", (("from", "pending"), ("to", "active")))
        month = periods.month_of(start)
        while month.start <= self.as_of:
            self._queue(min(month.end, self.as_of))
            month = periods.shift(month, 1)
        for pace in self.terms.paces & {"daily", "weekly"}:
            for period in periods.periods_between(start, last, GRAIN_KIND[pace]):
                self._queue(period.end)
        self._queue(start)
        self._queue(world.end)
        if self.terms.every_day:
            for number in range((last - start).days + 1):
                self._queue(start + number * DAY)
        for timing in self.terms.timings:
            self._prepare_obligation(timing, start, last)
        for prohibition in self.contract.prohibitions:
            self._prepare_prohibition(prohibition)
        for right in (*self.terms.monthly, *self.terms.daily):
            self.armed[right.name] = True
            self._prepare_exercises(right)
        for right in self.terms.after_ladder:
            self._prepare_exercises(right)
        for right in self.terms.per_record:
            self._prepare_per_record(right)
        for escalation in self.contract.escalations:
            self._prepare_escalation(escalation)
        for approval in self.contract.approvals:
            self._prepare_approval(approval)
        for payments in world.facts.payments.values():
            for payment in payments:
                if payment.on > self.as_of or (payment.reported is not None and payment.reported > self.as_of):
                    self._unused.append(Event(self.as_of, "not yet used", payment.ref, (("on", payment.on),)))
                    continue
                day = max(payment.on, start)
                amount = exact(self._minor(payment.amount, payment.currency))
                self._payments.setdefault(day, []).append(attrs.evolve(payment, amount=amount))
                self._queue(day)
        self._list_unused()
        for name in self._dated_scalars():
            for cell in world.facts.scalars.get(name, {}).values():
                value = cell.value
                day_of = getattr(value, self.header.notices, value)
                if isinstance(day_of, dt.datetime):
                    day_of = day_of.date()
                if isinstance(day_of, dt.date):
                    if day_of > self.as_of:
                        self._unused.append(Event(self.as_of, "not yet used", name, (("on", day_of),)))
                    elif day_of >= start:
                        self._queue(day_of)

    def _list_unused(self) -> None:
        """Records that are dated or reported after `as_of`: kept for a later run, and said."""
        for name, records in self.world.facts.records.items():
            for r in records:
                if r.on > self.as_of or (r.reported is not None and r.reported > self.as_of):
                    self._unused.append(Event(self.as_of, "not yet used", f"{name} {r.key}", (("on", r.on),)))

    def _dated_scalars(self) -> Iterator[str]:
        for fact in self.contract.facts:
            if fact.type.kind in ("date", "moment", "notice"):
                yield fact.name

    def _day(self, day: dt.date) -> None:
        if day > self._month.end:
            self._month = periods.month_of(day)
        if self.suspensions.any:
            self._stand_still(day)
        for task, what in self._starts.pop(day, ()):
            task(*what, day)
        self._defaults(day)
        if self.suspensions.follows_life:
            self._stand_still(day)
            if day not in self._echoes:
                self._echoes.add(day + DAY)
                self._queue(day + DAY)
        payments = self._payments.pop(day, None)
        self._delivered_to = day
        for task, what in self._acts.pop(day, ()):
            task(*what, day)
        if payments:
            self._pay(day, payments)
        self._defaults_today(day)
        for task, what in self._notices.pop(day, ()):
            task(*what, day)
        if self._growing:
            self._grow(day)
        self._use_credit(day)
        ends = day == self.world.end and self.ended_on is None and not self._end_in_doubt(day)
        if day == self._month.end or ends:
            self._month_values(min(self._month.end, self.world.end))
        for task, what in self._ends.pop(day, ()):
            task(*what, day)
        if ends:
            self._end_running(day)
        self._use_credit(day, evening=True)
        if self.ladders:
            self._climb(day)
        self._open_rights(day)
        self._lapse_rights(day)
        self._cures(day)
        effective = [n.effective_on for n in self.notices if n.effective_on is not None]
        if self.ended_on is None and effective and min(effective) <= day:
            self._terminate(day)
        elif ends:
            self._finish(day, "expired")
        if day == self._month.end and day < self.as_of:
            self._close_month(self._month, day)
