"""By when: the due date of an instance, its grace, and what moves them."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import cast

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.periods import Period
from clausal.dsl.values import Duration, NotApplicable, Unknown, Value
from clausal.engine.exact import Scope, add_duration
from clausal.engine.instances import (
    DAY,
    Instance,
    as_day,
)
from clausal.engine.walk.payments import Payments


class Deadlines(Payments):
    def _timetable(self, x: Instance, o: m.Obligation, scope: Scope, due: dt.date | None) -> None:
        if due is not None:
            shift = o.due.shift if o.due is not None else self.header.deadlines
            x.due = periods.shift_deadline(due, shift, self.calendar)
        elif o.due is not None:
            value = self._due(o.due, x.period, scope)
            if isinstance(value, dt.date):
                x.due = as_day(value)
                if isinstance(value, dt.datetime) and x.due >= self.world.start:
                    x.due_at = value
                if o.performance.kind == "acts":
                    agreed = self.due_date(o.due, x.period, scope, shifted=False)
                    x.in_period = isinstance(agreed, dt.date) and agreed <= x.period.end
            elif x.gap is None and isinstance(value, (Unknown, NotApplicable)):
                if isinstance(value, Unknown) or value.reason == "no such day":
                    x.gap = value
        elif o.action != "pay":
            x.due = periods.shift_deadline(x.period.end, "unshifted", self.calendar)
        if x.due is None:
            return
        x.due = max(x.due, self.world.start)  # nobody is late before there is a contract
        x.agreed_due = x.due
        self._set_grace(x, o)

    def _extend(self, x: Instance, day: dt.date) -> bool:
        """Whether the deadline, about to pass, is extended by what another party has been late with so far."""
        o = x.obligation
        if o is None or o.extended_by is None or x.agreed_due is None:
            return False
        by = self._value(o.extended_by, Scope(self.world, x.period, day, x.record, x))
        length = by if isinstance(by, Duration) else None
        if not isinstance(by, (bool, Unknown, NotApplicable)) and isinstance(by, (int, Fraction)) and by > 0:
            length = Duration(int(by), "days")
        if length is None:
            return False
        if length.unit == "hours":
            return False  # the deadline of a duty in hours is moved by days at least
        later = self._after(x.agreed_due, length)
        later = periods.shift_deadline(later, self.header.deadlines, self.calendar)
        if x.due is None or later <= x.due:
            return False
        agreed = x.agreed_due
        x.note(day, "extended")
        self._move_due(x, later, day)
        x.agreed_due = agreed
        return cast(dt.date, x.deadline) > day

    def _move_due(self, x: Instance, due: dt.date, day: dt.date) -> None:
        """Another deadline, and with it another grace and another first day of interest; what was booked stands."""
        charged, runs_from = x.charged_to, x.runs_from
        x.due = x.agreed_due = due
        if x.due_at is not None:
            x.due_at = dt.datetime.combine(due, x.due_at.time())
        if x.obligation is not None:
            self._set_grace(x, x.obligation)
        if charged is not None and x.charged_to is not None and x.interest:
            x.charged_to, x.runs_from = max(x.charged_to, charged), runs_from
        deadline = cast(dt.date, x.deadline)
        if deadline >= day:
            self._pause_penalties(x, day)
            x.default_since = x.default_until = None
        for when in (x.due, x.grace_until, deadline + DAY):
            self._queue(when)

    def _set_grace(self, x: Instance, o: m.Obligation) -> None:
        if x.due is None:
            return
        if o.grace is not None:
            try:
                end = add_duration(self.world, x.due, o.grace.duration)
                x.grace_until = max(x.due, periods.shift_deadline(end, o.grace.shift, self.calendar))
            except (ValueError, OverflowError) as problem:
                x.gap = x.gap or NotApplicable("no such day", str(problem))
                return
            x.grace_kind = o.grace.kind
        if self.calendar is not None and x.due is not None:
            if self.calendar.provisional(x.due, x.grace_until or x.due):
                x.flags.add("provisional")
        self._interest_from(x)

    def _interest_from(self, x: Instance) -> None:
        """The day before the first for which interest can be charged."""
        if x.interest_link is not None:
            x.charged_to = x.grace_until if x.grace_kind == "forgiving" else x.due
            if x.interest_after > 1:
                x.charged_to = cast(dt.date, x.deadline) + dt.timedelta(days=x.interest_after - 1)
            x.runs_from = x.charged_to

    def due_date(self, due: m.Due, period: Period, scope: Scope, shifted: bool = True) -> Value:
        """The last day to perform, shifted as the deadline's rule says (or not)."""
        value = self._due(due, period, scope, shifted)
        return as_day(value) if isinstance(value, dt.datetime) else value

    def _due(self, due: m.Due, period: Period, scope: Scope, shifted: bool = True) -> Value:
        """The last day to perform, or the moment where the deadline is one."""
        try:
            return self._due_day(due, period, scope, shifted)
        except (ValueError, OverflowError) as problem:
            return NotApplicable("no such day", str(problem))

    def _due_day(self, due: m.Due, period: Period, scope: Scope, shifted: bool) -> Value:
        calendar = self.calendar
        match due.kind:
            case "day" | "business day" | "last day":
                if due.unit == "period":
                    target = periods.shift(period, due.offset) if due.offset else period
                elif due.unit == "month":
                    target = periods.shift(periods.month_of(period.end), due.offset)
                elif due.unit == "quarter":
                    target = periods.shift(periods.quarter_of(period.end), due.offset)
                else:
                    target = periods.shift(periods.year_of(period.end), due.offset)
                if due.kind == "last day":
                    day = target.end
                elif due.kind == "day":
                    day = periods.day_of_month(periods.month_of(target.start), due.day, self.header.month_end)
                else:
                    if calendar is None:
                        return NotApplicable("no calendar")
                    return periods.nth_business_day(periods.month_of(target.start), due.day, calendar)
            case "within":
                after = self._value(due.after, scope)
                length = self._value(due.within, scope)
                if not isinstance(after, dt.date) or not isinstance(length, Duration):
                    return after if isinstance(after, Unknown) else NotApplicable("no day to count from")
                if due.timed:
                    return add_duration(self.world, after, length)
                day = add_duration(self.world, as_day(after), length)
            case "on":
                on = self._value(due.on, scope)
                if not isinstance(on, dt.date) or due.timed:
                    return on if isinstance(on, (Unknown, dt.date)) else NotApplicable("no day")
                day = as_day(on)
        return periods.shift_deadline(day, due.shift, calendar) if shifted else day
