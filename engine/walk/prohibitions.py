"""What must not be done, and what follows when it was."""

from __future__ import annotations

import datetime as dt

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.periods import Period
from clausal.dsl.values import Unknown, together
from clausal.engine.exact import Scope
from clausal.engine.facts import Record
from clausal.engine.instances import (
    Violation,
    as_day,
)
from clausal.engine.walk.arising import _result
from clausal.engine.walk.escalations import Escalations


class Prohibitions(Escalations):
    def _prepare_prohibition(self, p: m.Prohibition) -> None:
        world = self.world
        if p.violated_by is not None:
            self._standing.append((p.name, p.violated_by))
            if p.violated_by not in world.facts.carried:
                return
            for records in world.records(p.violated_by).values():
                for record in records:
                    if record.on >= world.start:
                        self._plan(self._starts, record.on, self._violated_by, p, record)
        if p.violated_on is not None:
            month = periods.month_of(world.start)
            seen: set[dt.date] = set()
            while month.start <= self.as_of:
                on = self._value(p.violated_on, Scope(world, month))
                if isinstance(on, dt.date) and as_day(on) >= world.start and as_day(on) not in seen:
                    seen.add(as_day(on))
                    self._plan(self._starts, as_day(on), self._violated_on, p, month)
                month = periods.shift(month, 1)

    def _violated_on(self, p: m.Prohibition, month: Period, day: dt.date) -> None:
        self._violate(p, day.isoformat(), day, month, None)

    def _violated_by(self, p: m.Prohibition, record: Record, day: dt.date) -> None:
        period = periods.month_of(day)
        if not m.in_force(p, min(day, self.ended_on or day)):
            return
        held = True if p.where is None else self._value(p.where, Scope(self.world, period, day, record))
        if held is True:
            key = record.key if p.per == "record" else day.isoformat() if p.per == "day" else period.key
            self._violate(p, key, day, period, record)
        elif isinstance(held, Unknown):
            self._missing(f"{p.name}@{record.key}", held.needs)

    def _test_prohibition(self, p: m.Prohibition, month: Period, day: dt.date) -> None:
        held = self._value(p.violated_when, Scope(self.world, month, day)) if m.in_force(p, day) else False
        if held is True:
            self._violate(p, month.key, day, month, None)
        elif isinstance(held, Unknown):
            self._missing(f"{p.name}@{month.key}", held.needs)

    def _violate(self, p: m.Prohibition, key: str, day: dt.date, period: Period, record: Record | None) -> None:
        if not self._alive(p.survives, day) or not m.in_force(p, min(day, self.ended_on or day)):
            return
        scope = Scope(self.world, period, day, record)
        id = f"{p.name}@{key}"
        held = False if p.except_when is None else self._value(p.except_when, scope)
        if held is True:
            self._event(day, "exception", id, ())
            return
        if isinstance(held, Unknown):
            self._missing(id, held.needs)
            return
        if p.exemptions and self._exempted_from(p, key, scope, day):
            return
        v = Violation(p, key, day, record)
        if v.id in self._violated:
            return
        self._violated.add(v.id)
        self.violations.append(v)
        for link in p.chain:
            if link.day <= 1:
                self._consequence(v, link, key, period, day)
            else:
                later = day + dt.timedelta(days=link.day - 1)
                self._plan(self._starts, later, self._consequence, v, link, key, period)

    def _exempted_from(self, p: m.Prohibition, key: str, scope: Scope, day: dt.date) -> bool:
        """Whether an exception, or not knowing of one, keeps this from being a violation."""
        id = f"{p.name}@{key}"
        if id in self._violated:
            return True
        held = [(e, self._value(e.when, scope)) for e in p.exemptions]
        applying = [e for e, value in held if value is True]
        results = {_result(e) for e in applying}
        if len(results) > 1:
            self._violated.add(id)
            self._missing(id, (), because="conflict")
            self._event(day, "conflict", id, (("between", tuple(e.name for e in applying)),))
            return True
        unknown = [value for e, value in held if isinstance(value, Unknown) and results != {_result(e)}]
        if unknown:
            self._missing(id, together(*unknown).needs)
            return True
        if not applying:
            return False
        self._violated.add(id)
        self._event(day, "exception", id, (("by", applying[0].name),))
        for duty in applying[0].instead:
            self._arise(self.terms.timing(duty), scope.period, day, key=key, record=scope.record)
        return True

    def _consequence(self, v: Violation, link: m.Link, key: str, period: Period, day: dt.date) -> None:
        p = v.prohibition
        match link.remedy:
            case m.Grade(grade=grade):
                v.grade, v.graded_on, v.touched = grade, day, True
            case m.Penalty():
                self._penalty(link.remedy, v.id, p.name, key, p.clause, p.debtor, period, v.record, day, None)
            case m.Obligation():
                self._arise(self.terms.timing(link.remedy), period, day, key=key, record=v.record)
            case m.Right():
                self._open(link.remedy, key, day, period, None, v.record)
            case m.Interest():
                pass
