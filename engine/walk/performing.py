"""How performance is known: by dates, by acts that are counted, by conditions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import cast

from clausal.dsl import model as m
from clausal.dsl.values import Unknown
from clausal.engine.exact import Scope, used_facts
from clausal.engine.facts import Record
from clausal.engine.instances import (
    Instance,
    as_day,
)
from clausal.engine.walk.arising import Arising


class Performing(Arising):
    def _completeness(self, x: Instance) -> dt.date:
        """The day through which the absence of performance can be known."""
        o = x.obligation
        if x.source is not None:
            if x.source not in self.world.facts.carried:
                return dt.date.min
            disputes = used_facts(self.program, (o.dispute.start, o.dispute.end)) if o and o.dispute else ()
            return min(self.world.complete[name] for name in (x.source, *disputes))
        if o is not None and o.performance.kind in ("on", "when"):
            names = used_facts(self.program, (o.performance.expr,))
            if o.schedule.kind == "records" and o.schedule.list is not None:
                names |= {o.schedule.list}
            x.source = min(names, default=None)
            return min((self.world.complete[n] for n in names), default=self.as_of)
        return self.as_of

    def _watch_performance(self, x: Instance, o: m.Obligation, day: dt.date) -> None:
        performance = o.performance
        match performance.kind:
            case "on":
                scope = Scope(self.world, x.period, None, x.record, x)
                on = self._value(performance.expr, scope)
                if isinstance(on, dt.date):
                    self._deliver(max(as_day(on), day), self._perform_at, x, on)
                elif isinstance(on, Unknown):
                    x.gap = on
                    self._missing(x.id, on.needs)
            case "acts":
                name = cast(str, performance.list)
                if name not in self.world.facts.carried:
                    x.gap = Unknown((f"{name}@{x.period.key}",))
                    self._missing(x.id, x.gap.needs)
                    return
                for records in self.world.records(name).values():
                    for record in records:
                        if not self._counts_for(x, record):
                            continue
                        if performance.where is not None:
                            scope = Scope(self.world, x.period, None, record, x)
                            if self._value(performance.where, scope) is not True:
                                continue
                        self._deliver(max(record.on, day), self._act, x, record)
            case "when":
                end = min(x.period.end, self.world.end)
                self._plan(self._ends, max(end, day), self._test_performance, x)
            case _:
                pass

    def _deliver(self, day: dt.date, task: Callable[..., object], *what: object) -> None:
        """An act among the deliveries of its day; at once where those were taken before the duty arose in the evening."""
        if day <= self._delivered_to:
            task(*what, day)
        else:
            self._plan(self._acts, day, task, *what)

    def _counts_for(self, x: Instance, record: Record) -> bool:
        """An act counts for the period in which it is dated (or until a deadline that days off moved past its end); where
        the agreed deadline lies after the period, from its end on."""
        if not x.in_period:
            return record.on >= x.period.end
        return x.period.start <= record.on <= max(x.period.end, x.due or x.period.end)

    def _act(self, x: Instance, record: Record, day: dt.date) -> None:
        o = cast(m.Obligation, x.obligation)
        if x.performed_on is not None:
            return
        # One act performs one duty; after its period, the earliest of this obligation that is still open.
        if (x.name, record.key) in self._used_acts:
            return
        if not x.in_period:
            earliest = next(
                (y for y in self.live if y.name == x.name and y.performed_on is None and not y.closed), None
            )
            if earliest is not x:
                return
        self._used_acts.add((x.name, record.key))
        x.done += 1
        x.note(day, "act", None, record.key)
        if x.done >= o.at_least:
            dated_by = self.program.facts[cast(str, o.performance.list)].dated_by
            self._perform_at(x, record.fields[dated_by].value if dated_by else None, day)

    def _test_performance(self, x: Instance, day: dt.date) -> None:
        o = cast(m.Obligation, x.obligation)
        held = self._value(o.performance.expr, Scope(self.world, x.period, day, x.record, x))
        if held is True:
            self._perform(x, min(day, x.due or day))
        elif isinstance(held, Unknown):
            x.gap = held
            self._missing(x.id, held.needs)

    def _perform_at(self, x: Instance, at: object, day: dt.date) -> None:
        """Performed at that moment, if it is one: where the deadline is a moment too, late means after it."""
        if x.performed_on is None and x.fixed is None and isinstance(at, dt.datetime):
            x.performed_at = at
            if x.due_at is not None and at > x.due_at:
                self._default_within(x, day)
        self._perform(x, day)

    def _perform(self, x: Instance, day: dt.date) -> None:
        if x.performed_on is not None or x.fixed is not None:
            return
        x.performed_on = day
        x.closed = True
        x.note(day, "performed")
        self._end_default(x, day)
