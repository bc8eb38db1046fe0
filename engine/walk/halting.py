"""What stands still and goes on: suspensions, and the end of the term that moves with them."""

from __future__ import annotations

import datetime as dt
from typing import cast

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.periods import Period
from clausal.dsl.values import Duration, Unknown, Value
from clausal.engine.exact import ABSENT, Scope
from clausal.engine.instances import (
    DAY,
    NEVER,
    Instance,
    Power,
    as_day,
)
from clausal.engine.outcome import (
    Args,
)
from clausal.engine.suspensions import Halt
from clausal.engine.terms import Timing
from clausal.engine.walk.prohibitions import Prohibitions


class Halting(Prohibitions):
    def _stand_still(self, day: dt.date) -> None:
        """What begins and what ends to stand still this morning; the end of the term moves with the time."""
        if self.ended_on is not None or day < self._morning:
            return  # a day that is looked at again for a duty that arose after its own deadline
        self._morning = day
        begun, ended = self.suspensions.morning(day)
        for halt in ended:
            doubt = next((h.needs for h in begun if h.source == halt.source), ())
            self._halt_ends(halt, day, doubt)
        for halt in begun:
            self._halt_begins(halt, day)
        self._extend_term(day)
        self._doubt_deadlines(day)
        for (name, key), (timing, period) in list(self._waiting.items()):
            if day > period.end:
                del self._waiting[name, key]
            elif self.suspensions.live_days(timing.obligation, day, day):
                del self._waiting[name, key]
                x = self._arise(timing, period, day, waited=True)
                first = self.suspensions.run_until(name, day - DAY)
                if x is not None and x.halted is None and first is not None:
                    x.halted = first
                    self._go_on(x, self.suspensions.moved_by(name, day - DAY), day - DAY, day)
                if x is not None and x.obligation is not None and x.obligation.dispute is not None:
                    self._watch_dispute(x, x.obligation.dispute, day)

    def _halt_begins(self, halt: Halt, day: dt.date) -> None:
        if halt.needs:
            self._missing(halt.source, halt.needs)
            if halt.declared:
                self._missing("contract", halt.needs)
        else:
            self._event(day, "suspension", halt.source, (("code", "begins"),))
        for x in self.live:
            if halt.sure and self.suspensions.covers(halt, x.name):
                x.halted = x.halted or day
                x.touched = True
                if x.default_since is not None and x.default_until is None and not halt.interest_continues:
                    x.flags.add("standing still")
        if halt.sure:
            for timing in self.terms.timings:
                o = timing.obligation
                if o.during == halt.source and o.schedule.kind == "once on" and o.schedule.on is None:
                    self._arise(timing, periods.month_of(day), day, key=day.isoformat())
        self._show_state(day, halt.source)

    def _halt_ends(self, halt: Halt, day: dt.date, doubt: tuple[str, ...] = ()) -> None:
        """`doubt`: it may go on, and that turns on these facts."""
        last = cast(dt.date, halt.ended)
        if halt.sure and doubt:
            for x in self.live:
                if x.suspended(day) and self.suspensions.since(x.name) is None:
                    x.halted, x.doubt, x.stayed, x.touched = None, doubt, True, True
        elif halt.sure:
            args: Args = (("code", "ends"), ("last_day", last), ("days", (last - halt.begun).days + 1))
            self._event(day, "suspension", halt.source, args)
            for x in list(self.live):
                if x.halted is not None and self.suspensions.covers(halt, x.name):
                    if self.suspensions.since(x.name) is None:
                        self._go_on(x, halt.extends or "days", last, day)
        self._show_state(day, halt.source)

    def _show_state(self, day: dt.date, reason: str) -> None:
        state = self.suspensions.state
        if self.state in ("active", "suspended") and state != self.state:
            self._event(day, "state", "contract", (("from", self.state), ("to", state), ("reason", reason)))
            self.state = state

    def _go_on(self, x: Instance, by: str, last: dt.date, day: dt.date) -> None:
        """The suspension is over: a deadline that fell into it moves by the time that it took."""
        first, x.halted = cast(dt.date, x.halted), None
        x.touched = True
        if "standing still" in x.flags and x.runs_from is not None and x.runs_from >= first:
            x.charged_to = x.runs_from = x.runs_from + (last - first + DAY)  # interest from a later day of default
        x.flags.discard("standing still")
        o = x.obligation
        if (x.closed and x.performed_on is None) or x.fixed is not None or x.due is None:
            return
        shift = o.due.shift if o is not None and o.due is not None else self.header.deadlines
        resolved = x.resolved_on if x.resolved_on == x.deadline else None
        if first <= x.due <= last:
            before = x.due
            later = periods.shift_deadline(self._tolled(x.due, first, last, by), shift, self.calendar)
            x.note(day, "moved")
            x.flags.add("moved")
            self._move_due(x, later, day)
            if o is not None and o.performance.kind == "acts" and x.in_period:
                self._watch_acts(x, o, day, max(before, x.period.end))
        elif x.grace_until is not None and x.due < first <= x.grace_until <= last and o is not None:
            later = self._tolled(x.grace_until, first, last, by)
            x.grace_until = periods.shift_deadline(later, o.grace.shift if o.grace else shift, self.calendar)
            x.note(day, "moved")
            x.flags.add("moved")
            if x.grace_kind == "forgiving" or x.interest_after > 1:
                self._interest_from(x)
            for when in (x.grace_until, x.grace_until + DAY):
                self._queue(when)
        if resolved is not None and first <= resolved <= last:
            x.resolved_on = periods.shift_deadline(self._tolled(resolved, first, last, by), shift, self.calendar)
            self._queue(x.resolved_on + DAY)
        if x.default_since is not None and x.default_until is None:
            number = self.suspensions.days_run(x.name, x.default_since, day)
            for link in x.links[x.fired :]:
                self._queue(day + dt.timedelta(days=max(0, link.day - number)))
        if o is not None and o.schedule.kind == "periodic" and x.pays and x.period.start <= day <= x.period.end:
            self._recut(x, day)

    def _tolled(self, day: dt.date, first: dt.date, last: dt.date, by: str) -> dt.date:
        """A day moved by the time from `first` to `last`: months first, then days, or days alone."""
        try:
            return periods.extend(day, first, last, by, self.header.month_end)
        except ValueError:
            return periods.extend(day, first, last, by, "clamp")

    def _watch_acts(self, x: Instance, o: m.Obligation, day: dt.date, after: dt.date) -> None:
        """Acts dated in the time by which the deadline moved count for the period as well."""
        for records in self.world.records(cast(str, o.performance.list)).values():
            for record in records:
                if after < record.on <= cast(dt.date, x.due):
                    scope = Scope(self.world, x.period, None, record, x)
                    if o.performance.where is None or self._value(o.performance.where, scope) is True:
                        self._plan(self._acts, max(record.on, day), self._act, x, record)

    def _owed(self, timing: Timing, period: Period, day: dt.date, over: bool) -> bool:
        """Whether an obligation arises today: not in a period in which it stands still on every day, and what stands
        in place of others only while that lasts. What is not owed yet on its period's first day waits for its day."""
        o = timing.obligation
        if o.schedule.kind != "periodic":
            return o.during is None or self.suspensions.in_force(o.during) is not None
        if over:
            if self._days_owed(o, period):
                return True
            return bool(self.suspensions.doubts(o, period.start, period.end))
        if self.suspensions.live_days(o, day, day) or self.suspensions.doubts(o, day, day):
            return True
        self._waiting[o.name, period.key] = (timing, period)
        return False

    def _suspend(self, power: Power, day: dt.date) -> None:
        """The holder of a right has suspended an obligation: from today to the day before it goes on."""
        right = power.right
        target = right.target or ""
        perhaps = self.suspensions.running.get(right.name)
        if perhaps is not None:
            self.suspensions.end(perhaps, day - DAY)
        until: Value = ABSENT
        if right.released_on is not None:
            until = self._value(right.released_on, Scope(self.world, power.period, day, power.record, power.over))
        halt = Halt(right.name, (target,), day, declared=False)
        if isinstance(until, Unknown):
            halt.needs = until.needs
        elif isinstance(until, dt.date) and as_day(until) > day:
            self._plan(self._starts, as_day(until), self._suspended_until, halt)
        self.suspensions.begin(halt)
        self._halt_begins(halt, day)

    def _perhaps_suspend(self, right: m.Right, needs: tuple[str, ...], day: dt.date) -> None:
        """Whether an obligation stands still turns on facts about the exercise."""
        if right.name not in self.suspensions.running and right.target is not None:
            halt = Halt(right.name, (right.target,), day, declared=False, needs=needs)
            self.suspensions.begin(halt)
            self._halt_begins(halt, day)

    def _suspended_until(self, halt: Halt, day: dt.date) -> None:
        if halt.ended is None:
            self.suspensions.end(halt, day - DAY)
            self._halt_ends(halt, day)
            self._stand_still(day)

    def _extend_term(self, day: dt.date) -> None:
        term_end = self.suspensions.term_end
        if term_end == NEVER or not self.suspensions.may_extend:
            return
        months, days = self.suspensions.extended_end(day)
        if months or days:
            end = self._after(term_end, Duration(months, "months")) if months else term_end
            if self.world.end != NEVER:
                self.world.end = end + dt.timedelta(days=days)
                self._queue(self.world.end)

    def _end_in_doubt(self, day: dt.date) -> bool:
        """Whether the term may be longer by a suspension of which nobody knows: it runs on, provisionally."""
        needs = self.suspensions.end_in_doubt()
        if not needs:
            return False
        self._missing("contract", needs)
        self.provisional_from = self.provisional_from or day
        self.world.end = NEVER
        return True

    def _doubt_deadlines(self, day: dt.date) -> None:
        """A deadline that may fall into a suspension: whether anything is late turns on the facts that would tell."""
        for x in self.live:
            if x.due is not None and x.due <= day and not x.closed and x.default_since is None and not x.stayed:
                needs = self.suspensions.doubt_on(x.name, cast(dt.date, x.deadline))
                if needs:
                    x.doubt = tuple(sorted({*x.doubt, *needs}))
                    x.stayed = x.touched = True
