"""How duties come to exist: period by period, on dates, with records and conditions, and what excepts them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final, cast

import attrs

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.periods import Period
from clausal.dsl.values import Duration, NotApplicable, Unknown
from clausal.engine.exact import Scope
from clausal.engine.facts import Record
from clausal.engine.instances import (
    DAY,
    NEVER,
    Instance,
    as_day,
)
from clausal.engine.outcome import (
    Warn,
)
from clausal.engine.terms import Timing
from clausal.engine.walk.amounts import Amounts


def _result(e: m.Exemption) -> tuple[object, ...]:
    """What an exception comes to, as far as its text tells: two with one result do not conflict."""
    return ("excused", *(o.name for o in e.instead)) if e.amount is None else ("amount", e.name)


AHEAD: Final = dt.timedelta(days=15)


class Arising(Amounts):
    def _periods_of(self, schedule: m.Schedule, start: dt.date, last: dt.date) -> Iterator[Period]:
        """The periods of a periodic schedule that lie in or across the days from `start` to `last`."""
        if schedule.length is not None:
            known = self._of_length(schedule, start)
            if known is None:
                return
            schedule = known
        end = self.header.term_end
        if not schedule.long_last or end is None:
            yield from self._regular_periods(schedule, start, last)
            return
        before: Period | None = None
        for period in self._regular_periods(schedule, start, last):
            if before is not None and period.start <= end < period.end:
                yield Period(before.start, end, before.key)
                return
            if before is not None:
                yield before
            before = period
        if before is not None:
            yield before

    def _regular_periods(self, schedule: m.Schedule, start: dt.date, last: dt.date) -> Iterator[Period]:
        if schedule.unit == "weeks":
            anchor = schedule.anchor or periods.on_weekday(start, schedule.weekday or start.isoweekday())
            for day in periods.weekly_schedule(anchor, schedule.every, last + dt.timedelta(days=7 * schedule.every)):
                first = day - dt.timedelta(days=7 * schedule.every - 1)
                if day >= start and first <= last:
                    yield Period(first, day, day.isoformat())
            return
        kind: periods.Kind | None = None
        if schedule.anchor is None:
            kind = cast("periods.Kind | None", {1: "month", 3: "quarter", 6: "half", 12: "year"}.get(schedule.every))
        if kind is not None:
            period = periods.period_of(start, kind)
            while period.start <= last:
                yield period
                period = periods.shift(period, 1)
            return
        anchor = schedule.anchor or start
        begun: dt.date | None = None
        named = anchor
        for date in periods.schedule(anchor, schedule.every, NEVER, self.header.month_end):
            day = periods.shift_deadline(date, schedule.periods_shifted, self.calendar)
            if begun is not None:
                if day > start:
                    yield Period(begun, day - DAY, named.isoformat())
                if day > last:
                    return
            begun, named = day, date

    def _of_length(self, schedule: m.Schedule, start: dt.date) -> m.Schedule | None:
        """The schedule with periods as long as its parameter says in this run; None where that is no length of time."""
        said = self._value(schedule.length, Scope(self.world, periods.month_of(start), start))
        unit = said.unit if isinstance(said, Duration) else cast(m.Const, schedule.length).type.unit or "months"
        value = said.amount if isinstance(said, Duration) else said
        if (
            isinstance(value, bool)
            or not isinstance(value, int)
            or value < 1
            or (unit == "weeks") != (schedule.unit == "weeks")
        ):
            self.warnings.append(Warn("no such period", (("text", self._words(cast(m.Op, schedule.length))),)))
            return None
        every = value * {"quarters": 3, "years": 12}.get(unit, 1)
        whole = schedule.unit == "weeks" or (12 % every == 0 and every in (1, 3, 6, 12))
        return attrs.evolve(schedule, every=every, length=None, anchor=schedule.anchor or (None if whole else start))

    def _words(self, op: m.Op) -> str:
        return self.contract.source.text[op.span.start : op.span.end]

    def _prepare_obligation(self, timing: Timing, start: dt.date, last: dt.date) -> None:
        schedule = timing.obligation.schedule
        if timing.obligation.survives is not None:
            last = self.as_of  # how long it runs is seen when the contract has ended
        match schedule.kind:
            case "periodic":
                # A deadline that moves to a day before may fall into the period before its own.
                ahead = min(last + AHEAD, self.world.end) if last >= start else last
                o = timing.obligation
                for period in self._periods_of(schedule, start, max(last, ahead)):
                    begins = max(self.world.first_day(period), o.starts or start)
                    if begins > period.end or not m.in_force(o, begins):
                        continue
                    first = self._first_day(timing, period)
                    if first is not None:
                        if first > period.start:
                            self._running[o.name, period.key] = (timing, period)
                        self._plan(self._starts, max(first, start, o.starts or start), self._arise, timing, period)
                    else:
                        self._running[o.name, period.key] = (timing, period)
                        end = min(period.end, o.stops or period.end)
                        self._plan(self._ends, end, self._arise_at_end, timing, period)
            case "once on":
                scope = Scope(self.world, periods.month_of(start))
                on = self._value(schedule.on, scope)
                if isinstance(on, Unknown):
                    self._missing(timing.obligation.name, on.needs)
                elif isinstance(on, dt.date):
                    day = max(as_day(on), start)
                    if m.in_force(timing.obligation, day):
                        self._plan(self._starts, day, self._arise_once, timing)
            case "dates":
                for date, amount in schedule.dates:
                    if start <= date <= last and m.in_force(timing.obligation, date):
                        period = periods.month_of(date)
                        self._plan(
                            self._starts,
                            max(start, period.start),
                            self._arise_on_date,
                            timing,
                            period,
                            date,
                            amount,
                        )
            case "records":
                self._prepare_records(timing, cast(str, schedule.list), schedule.where)
            case "once when" | "each time":
                self.armed[f"obligation {timing.obligation.name}"] = True

    def _first_day(self, timing: Timing, period: Period) -> dt.date | None:
        """The day from which a duty exists: its period's first where it may be performed or falls due within the
        period, its deadline's own where that was moved to a day before; None where it exists from the period's end."""
        o = timing.obligation
        if o.action != "pay":
            return period.start
        due = o.due
        if due is None:
            return None
        agreed = self.due_date(due, period, Scope(self.world, period), shifted=False)
        inside = isinstance(agreed, dt.date) and as_day(agreed) < period.end
        inside = inside or (due.kind in ("day", "business day") and due.offset == 0)
        if due.shift == "previous":
            moved = self.due_date(due, period, Scope(self.world, period))
            if isinstance(moved, dt.date) and moved < (period.start if inside else period.end):
                return moved
        return period.start if inside else None

    def _prepare_records(self, timing: Timing, name: str, where: m.Op | None) -> None:
        world = self.world
        self._standing.append((timing.obligation.name, name))
        if name not in world.facts.carried:
            return
        for records in world.records(name).values():
            for record in records:
                if world.start <= record.on and m.in_force(timing.obligation, record.on):
                    self._plan(self._starts, record.on, self._arise_record, timing, record, where)

    def _arise_once(self, timing: Timing, day: dt.date) -> None:
        on = self._value(timing.obligation.schedule.on, Scope(self.world, periods.month_of(self.world.start)))
        if isinstance(on, dt.date) and as_day(on) > day:
            self._plan(self._starts, as_day(on), self._arise_once, timing)  # the end of the contract has moved
            return
        self._arise(timing, periods.month_of(day), day, key="once")

    def _arise_on_date(self, timing: Timing, period: Period, on: dt.date, amount: m.Op | None, day: dt.date) -> None:
        self._arise(timing, period, day, key=on.isoformat(), due=on, amount=amount)

    def _arise_record(self, timing: Timing, record: Record, where: m.Op | None, day: dt.date) -> None:
        if not self._alive(timing.obligation.survives, day):
            self._event(day, "excluded", f"{timing.obligation.name}@{record.key}", (("reason", "after the end"),))
            return
        period = periods.month_of(record.on)
        scope = Scope(self.world, period, day, record)
        kept = True if where is None else self._value(where, scope)
        if kept is True:
            self._arise(timing, period, day, key=record.key, record=record)
        elif isinstance(kept, Unknown):
            self._missing(f"{timing.obligation.name}@{record.key}", kept.needs)

    def _arise_at_end(self, timing: Timing, period: Period, day: dt.date) -> None:
        if self._running.pop((timing.obligation.name, period.key), None) is not None:
            self._arise(timing, period, day, over=True)

    def _end_running(self, day: dt.date) -> None:
        """The end of the contract ends every running period; its instances exist from the end of that day."""
        for key, (timing, period) in list(self._running.items()):
            if timing.obligation.survives is not None:
                continue
            del self._running[key]
            if max(period.start, timing.obligation.starts or period.start) <= day:
                self._arise(timing, period, day, over=True)
        for x in self.instances:
            self._shorten(x, day)
            self._cut_short(x, day)

    def _arise(
        self,
        timing: Timing,
        period: Period,
        day: dt.date,
        key: str | None = None,
        record: Record | None = None,
        due: dt.date | None = None,
        amount: m.Op | None = None,
        over: bool = False,
        origin: Instance | None = None,
        waited: bool = False,
    ) -> Instance | None:
        """`over`: the period, as far as the contract lasted, is over. `waited`: it stood still until yesterday, and what is
        dated before today acts when its deadline has moved."""
        o = timing.obligation
        world = self.world
        if self.ended_on is not None and o.since is not None and o.since > self.ended_on:
            # What survives keeps the words of the day on which the contract ended.
            kept = self.terms.timing_on(o.name, self.ended_on)
            if kept is None:
                return None
            timing, o = kept, kept.obligation
        if not self._alive(o.survives, day):
            return None
        if self.suspensions.any and not self._owed(timing, period, day, over):
            return None
        key = key or period.key
        x = Instance(f"{o.name}@{key}", o.name, key, period, len(self.instances))
        if x.id in self.by_id:
            return None
        x.obligation = o
        x.record = record
        x.action = o.action
        x.what = o.what
        x.clause = o.clause
        x.debtor, x.creditor, x.currency = o.debtor, o.creditor, o.currency
        x.created = day
        x.links = timing.links
        x.interest_link = timing.interest
        x.interest_after = timing.interest_after
        x.source = timing.source
        x.untracked = o.performance.kind == "untracked"
        x.notes = o.notes
        on = None if o.schedule.kind == "periodic" else day
        scope = Scope(world, period, on, record, x)
        if on is not None or (o.action == "pay" and not over):
            x.asked_on = day
        if o.when is not None:
            wanted = self._value(o.when, self._asked(x))
            if wanted is False or isinstance(wanted, NotApplicable):
                return None
            if isinstance(wanted, Unknown):
                x.gap = wanted
        self._timetable(x, o, scope, due)
        x.origin = origin
        applying = self._exemptions(x, o)
        if len({_result(e) for e in applying if e.amount is None}) > 1:
            self._conflict(x, applying)
        if o.action == "pay":
            x.amount_ops = ((None, amount),) if amount is not None else tuple((p.name, p.amount) for p in o.parts)
            if "conflict" not in x.flags:
                self._reckon(x, o, scope)
        x.complete = self._completeness(x)
        self._enter(x, day)
        self._exempt(x, o, applying, day)
        if o.dispute is not None and not waited:
            self._watch_dispute(x, o.dispute, day)
        if o.action != "pay":
            self._watch_performance(x, o, day)
        elif self.suspensions.any and not over and o.schedule.kind == "periodic" and day < period.end:
            self._plan(self._ends, period.end, self._recut, x)
        return x

    def _alive(self, survives: Duration | None, day: dt.date) -> bool:
        """Whether a clause still runs: while the contract does, and for its own time after the end."""
        if self.ended_on is None or day <= self.ended_on:
            return True
        return survives is not None and day <= self._after(self.ended_on, survives)

    def _asked(self, x: Instance) -> Scope:
        """Where its conditions are put: on the day on which it arose, if it is owed in advance; else in its whole period."""
        return Scope(self.world, x.period, x.asked_on, x.record, x)

    def _exemptions(self, x: Instance, o: m.Obligation) -> list[m.Exemption]:
        """The exceptions that apply. Whether one does may be unknown where it would change nothing."""
        scope = self._asked(x)
        applying: list[m.Exemption] = []
        unknown: list[tuple[m.Exemption, Unknown]] = []
        for exemption in o.exemptions:
            held = self._value(exemption.when, scope)
            if held is True:
                applying.append(exemption)
            elif isinstance(held, Unknown):
                unknown.append((exemption, held))
        results = {_result(e) for e in applying}
        for exemption, held in unknown:
            if results != {_result(exemption)} and x.gap is None:
                x.gap = held
        return applying

    def _conflict(self, x: Instance, applying: Sequence[m.Exemption]) -> None:
        """Two exceptions with different results: neither is chosen, and what is owed stays undetermined."""
        x.flags.add("conflict")
        x.gap = NotApplicable("conflict", ", ".join(e.name for e in applying))

    def _exempt(self, x: Instance, o: m.Obligation, applying: Sequence[m.Exemption], day: dt.date) -> None:
        if "conflict" in x.flags:
            self._event(day, "conflict", x.id, (("between", tuple(e.name for e in applying)),))
            return
        excusing = next((e for e in applying if e.excused), None)
        if excusing is None or (excusing.instead and x.gap is not None):
            return
        if x.pays and x.amount and x.creditor is not None and x.currency is not None:
            self._account(x).adjusted -= x.open
            x.note(day, "excused", x.open)
        x.fixed = "excused"
        x.closed = True
        self._event(day, "exception", x.id, (("by", excusing.name),))
        for duty in excusing.instead:
            self._arise(self.terms.timing(duty), x.period, day, key=x.key, record=x.record, origin=x)

    def _enter(self, x: Instance, day: dt.date) -> None:
        """The instance exists: booked, listed, its dates on the agenda."""
        self.instances.append(x)
        self.by_id[x.id] = x
        self.by_norm.setdefault(x.name, []).append(x)
        self.live.append(x)
        x.note(day, "arises", x.amount)
        if x.pays and x.amount is not None and x.creditor is not None:
            account = self._account(x)
            if x.amount < 0:
                account.adjusted += x.amount
                account.credit -= x.amount
                x.flags.add("adjustment")
                x.fixed = "discharged"
            else:
                if x.kind == "penalty":
                    account.penalties += x.amount
                else:
                    tax = 0 if x.tax is None else x.tax.tax
                    account.accrued += x.amount - tax
                    account.tax += tax
                if x.amount == 0 and not x.growing:
                    x.flags.add("nil")
                    x.fixed = "discharged"
            if x.fixed is not None:
                x.closed = True
                x.performed_on = None
        if x.gap is not None:
            needs = x.gap.needs if isinstance(x.gap, Unknown) else ()
            because = x.gap.reason if isinstance(x.gap, NotApplicable) else None
            self._missing(x.id, needs, because=because)
        if self.suspensions.any:
            x.halted = self.suspensions.since(x.name)
        self._queue(x.due)
        deadline = x.deadline
        if deadline is not None:
            for when in (x.grace_until, deadline + DAY):
                self._queue(when)
            for link in x.links:
                self._queue(deadline + dt.timedelta(days=link.day))
