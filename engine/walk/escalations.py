"""Disputes that climb from level to level, and consents that are asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import cast

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.periods import Period
from clausal.dsl.values import NotApplicable, Unknown, Value
from clausal.engine.exact import ABSENT, Scope, used_facts
from clausal.engine.facts import Record
from clausal.engine.instances import (
    Instance,
    Power,
    as_day,
)
from clausal.engine.ladders import Ladder
from clausal.engine.outcome import (
    Args,
)
from clausal.engine.walk.rights import Rights


class Escalations(Rights):
    def _rows(self) -> Iterator[Period]:
        """The months whose facts may tell of a happening: from the term's first to the last given."""
        given = self.world.facts.months
        last = max(self.as_of, periods.parse_period(given[-1]).end if given else self.as_of)
        month = periods.month_of(self.world.start)
        while month.start <= last:
            yield month
            month = periods.shift(month, 1)

    def _prepare_escalation(self, e: m.Escalation) -> None:
        """The days on which runs begin and levels are answered: each known from the facts before the walk begins."""
        if e.list is not None:
            self._standing.append((e.name, e.list))
            if e.list not in self.world.facts.carried:
                return
            for records in self.world.records(e.list).values():
                for record in records:
                    self._prepare_ladder(e, record)
            return
        for first, period in self._happenings(e.opens_on):
            self._plan_opening(e, first.isoformat(), first, period, None)
        for place, level in enumerate(e.levels):
            for on, period in self._happenings(level.answered_on):
                self._plan(self._notices, on, self._answer_any, e, place, period)

    def _happenings(self, op: m.Op | None) -> Iterator[tuple[dt.date, Period]]:
        """The distinct days that a date takes in the rows of the months, each with the first row that gives it."""
        seen: set[dt.date] = set()
        for month in self._rows() if op is not None else ():
            on = self._value(op, Scope(self.world, month))
            if isinstance(on, dt.date) and as_day(on) not in seen:
                seen.add(as_day(on))
                yield as_day(on), month

    def _prepare_ladder(self, e: m.Escalation, record: Record) -> None:
        period = periods.month_of(record.on)
        scope = Scope(self.world, period, None, record)
        on: Value = record.on if e.opens_on is None else self._value(e.opens_on, scope)
        if isinstance(on, Unknown):
            self.ladder_gaps[e.name] = tuple(sorted({*self.ladder_gaps.get(e.name, ()), *on.needs}))
            self._missing(f"{e.name}@{record.key}", on.needs)
        if not isinstance(on, dt.date):
            return
        self._plan_opening(e, record.key, as_day(on), period, record)
        for place, level in enumerate(e.levels):
            answered = self._value(level.answered_on, scope)
            if isinstance(answered, dt.date):
                self._plan(self._notices, as_day(answered), self._answer_record, e, place, record.key)
        for cell in record.fields.values():
            if isinstance(cell.value, dt.date):
                self._queue(max(as_day(cell.value), self.world.start))

    def _plan_opening(self, e: m.Escalation, key: str, day: dt.date, period: Period, record: Record | None) -> None:
        if day < self.world.start:
            self._event(day, "excluded", f"{e.name}@{key}", (("reason", "before the term"),))
        else:
            self._plan(self._notices, day, self._open_ladder, e, key, period, record)

    def _open_ladder(self, e: m.Escalation, key: str, period: Period, record: Record | None, day: dt.date) -> None:
        if e.where is not None:
            held = self._value(e.where, Scope(self.world, period, day, record))
            if isinstance(held, Unknown):
                self._missing(f"{e.name}@{key}", held.needs)
            if held is not True:
                return
        ladder = Ladder(e, key, day, period, record)
        self.ladders.append(ladder)
        self._enter_level(ladder, day)

    def _enter_level(self, ladder: Ladder, day: dt.date) -> None:
        ladder.level_opened = day
        end = self._after(day, ladder.level.within)
        ladder.last_day = periods.shift_deadline(end, self.header.deadlines, self.calendar)
        self._queue(ladder.last_day)
        self._level_event(ladder, day, "opened", (("last_day", ladder.last_day),))

    def _level_event(self, ladder: Ladder, day: dt.date, what: str, more: Args = ()) -> None:
        self._event(day, "level", ladder.id, (("level", ladder.level.title), ("status", what), *more))

    def _answer_any(self, e: m.Escalation, place: int, period: Period, day: dt.date) -> None:
        """An answer that a fact of a month tells of is that of the run opened from the same row, else of the earliest."""
        mine = [ladder for ladder in self.ladders if ladder.escalation is e]
        waiting = [ladder for ladder in mine if ladder.answers(place, day)]
        waiting.sort(key=lambda ladder: (ladder.period != period, ladder.opened))
        self._answer(waiting[0] if waiting else None, mine, e, place, day)

    def _answer_record(self, e: m.Escalation, place: int, key: str, day: dt.date) -> None:
        mine = [ladder for ladder in self.ladders if ladder.escalation is e and ladder.key == key]
        waiting = [ladder for ladder in mine if ladder.answers(place, day)]
        self._answer(waiting[0] if waiting else None, mine, e, place, day)

    def _answer(self, ladder: Ladder | None, mine: Sequence[Ladder], e: m.Escalation, place: int, day: dt.date) -> None:
        if ladder is not None:
            self._level_event(ladder, day, "answered")
            self._next_level(ladder, day)
            return
        word = "premature"
        if any(other.state == "stopped" for other in mine):
            word = "no effect"
        if any(other.beyond(place) or other.stuck for other in mine):
            word = "too late"
        self._event(day, word, mine[-1].id if mine else e.name, (("level", e.levels[place].title),))

    def _next_level(self, ladder: Ladder, day: dt.date) -> None:
        ladder.needs = ()
        ladder.place += 1
        if ladder.place < len(ladder.escalation.levels):
            self._enter_level(ladder, day)
            return
        ladder.state = "exhausted"
        ladder.closed_on = ladder.last_day = day
        self._level_event(ladder, day, "exhausted")
        self._queue(day)

    def _climb(self, day: dt.date) -> None:
        """The end of a day on the ladders: what settles the dispute stops it; a level whose time is over gives way."""
        for ladder in self.ladders:
            if ladder.running:
                self._stop_or_expire(ladder, day)
            if ladder.state == "exhausted":
                self._at_end(ladder, day)

    def _stop_or_expire(self, ladder: Ladder, day: dt.date) -> None:
        stopped, needs = self._stops(ladder, day)
        if stopped:
            ladder.needs = ()
            ladder.state = "stopped"
            ladder.closed_on = day
            self._level_event(ladder, day, "stopped")
            return
        while ladder.running:
            answered = ladder.level.answered_on
            ladder.needs = tuple(sorted({*needs, *self._untold(answered, ladder, day)}))
            if day < ladder.last_day:
                return
            if ladder.needs:
                ladder.stuck = True
                self._missing(ladder.id, ladder.needs)
                return
            self._level_event(ladder, day, "expired")
            self._next_level(ladder, day)

    def _stops(self, ladder: Ladder, day: dt.date) -> tuple[bool, tuple[str, ...]]:
        """Whether the condition that stops the run holds at the end of the day, in the row of any month since the run's
        own; else the facts for want of which that cannot be said. What lies before the opening stops nothing."""
        op = ladder.escalation.stops_when
        if op is None:
            return False, ()
        needs: set[str] = set()
        month = ladder.period
        while month.start <= self._month.start:
            held = self._value(op, Scope(self.world, month, day, ladder.record, since=ladder.opened))
            if held is True:
                return True, ()
            if isinstance(held, Unknown) and (month.end <= day or day == self.world.end):
                needs.update(held.needs)
            month = periods.shift(month, 1)
        needs.update(self._untold(op, ladder, day))
        return False, tuple(sorted(needs))

    def _untold(self, op: m.Op | None, ladder: Ladder, day: dt.date) -> Iterator[str]:
        """The happenings of which the facts do not tell whether they came about by the end of the day."""
        if op is None:
            return
        if ladder.record is not None:
            value = self._value(op, Scope(self.world, ladder.period, day, ladder.record))
            if isinstance(value, Unknown):
                yield from value.needs
            name = cast(str, ladder.escalation.list)
            if self.world.complete[name] < day:
                yield name
        yield from self._untold_facts((op,), ladder.period, day)

    def _untold_facts(self, ops: Sequence[m.Op | None], first: Period, day: dt.date) -> Iterator[str]:
        for name in sorted(used_facts(self.program, ops)):
            fact = self.program.facts[name]
            if not fact.happening or fact.presume is not None:
                continue
            if name not in self.world.facts.carried or self.world.complete[name] < day:
                yield name
                continue
            month = first
            while month.start <= day:
                key = self.world.key_of(fact.grain, month)
                cell = self.world.cell(name, key)
                if cell is not None and cell.unknown:
                    yield name if key == "once" else f"{name}@{key}"
                month = periods.shift(month, 1)

    def _at_end(self, ladder: Ladder, day: dt.date) -> None:
        """What follows when no level is left: duties arise at once, rights open as soon as their own condition holds."""
        if not ladder.ended:
            ladder.ended = True
            for end in ladder.escalation.at_end:
                if isinstance(end, m.Obligation):
                    timing = self.terms.timing(end)
                    self._arise(timing, periods.month_of(day), day, key=ladder.key, record=ladder.record)
                else:
                    ladder.waiting.append(end)
        for right in list(ladder.waiting):
            if self.ended_on is None and self._open_at_end(right, ladder, day):
                ladder.waiting.remove(right)

    def _open_at_end(self, right: m.Right, ladder: Ladder, day: dt.date) -> bool:
        over = day in (self._month.end, self.world.end)
        period = self._month if over else periods.shift(self._month, -1)
        scope = Scope(self.world, period, day, ladder.record)
        held = True if right.when is None else self._value(right.when, scope)
        if isinstance(held, Unknown) and over:
            self._missing(f"{right.name}@{ladder.key}", held.needs)
        if held is not True:
            return False
        power = self._open(right, ladder.key, day, self._month, None, ladder.record)
        if ladder.record is None:
            gap = self._notice_gap(right, Scope(self.world, self._month), day, power.last_day)
            if gap is not None:
                self._doubt_notice(power, gap)
            return True
        on = self._value(right.exercised_on, Scope(self.world, self._month, day, ladder.record))
        if isinstance(on, dt.date):
            if as_day(on) <= day:
                self._event(as_day(on), "premature", power.id)
            else:
                self._plan(self._notices, as_day(on), self._exercise, power)
        return True

    def _ladders_of(self, name: str, scope: Scope) -> list[Ladder]:
        """The runs of an escalation; where the scope is about one, that one only."""
        mine = [ladder for ladder in self.ladders if ladder.escalation.name == name]
        keys = [scope.instance.key] if isinstance(scope.instance, (Instance, Power)) else []
        if scope.record is not None:
            keys.append(scope.record.key)
        return [ladder for ladder in mine if ladder.key in keys] or mine

    def opening_gap(self, name: str, day: dt.date) -> tuple[str, ...]:
        """The facts for want of which it is not known whether (another) run began by the end of the day."""
        e = self.terms.escalations[name]
        if e.list is not None:
            told = e.list in self.world.facts.carried and self.world.complete[e.list] >= day
            return (*(() if told else (e.list,)), *self.ladder_gaps.get(name, ()))
        return tuple(self._untold_facts((e.opens_on,), self.world.first_month, day))

    def _ladder_status(self, name: str, statuses: Sequence[str], scope: Scope) -> Value:
        mine = self._ladders_of(name, scope)
        if any(ladder.status in statuses for ladder in mine):
            return True
        needs = {n for ladder in mine if ladder.needs for n in ladder.needs}
        needs.update(self.opening_gap(name, scope.day or min(scope.period.end, self.as_of)))
        if needs:
            return Unknown(tuple(sorted(needs)))
        return "not started" in statuses and not mine

    def _ladder_date(self, name: str, field: str, scope: Scope) -> Value:
        mine = self._ladders_of(name, scope)
        if not mine:
            needs = self.opening_gap(name, scope.day or min(scope.period.end, self.as_of))
            return Unknown(needs) if needs else ABSENT
        if field == "opened":
            return mine[-1].opened
        return Unknown(mine[-1].needs) if mine[-1].needs else mine[-1].last_day

    def _prepare_approval(self, approval: m.Approval) -> None:
        """The statement says of each record that needs consents whether it has them: on its day, and when it gets them."""
        if approval.list is None:
            for dates in approval.dates:
                for on, period in self._happenings(dates):
                    self._plan(self._ends, on, self._tell_approval, approval, "", period, None)
            return
        self._standing.append((approval.name, approval.list))
        if approval.list not in self.world.facts.carried:
            return
        for month in self.world.records(approval.list).values():
            for record in month:
                period = periods.month_of(record.on)
                days = {max(record.on, self.world.start)}
                for op in approval.dates:
                    signed = self._value(op, Scope(self.world, period, None, record))
                    if isinstance(signed, dt.date) and as_day(signed) > record.on:
                        days.add(as_day(signed))
                if record.on >= self.world.start:
                    for day in sorted(days):
                        self._plan(self._ends, day, self._tell_approval, approval, record.key, period, record)

    def _tell_approval(
        self, approval: m.Approval, key: str, period: Period, record: Record | None, day: dt.date
    ) -> None:
        scope = Scope(self.world, period, day, record)
        needed = True if approval.needed is None else self._value(approval.needed, scope)
        if needed is False or isinstance(needed, NotApplicable):
            return
        id = f"{approval.name}@{key}" if key else approval.name
        granted = self._value(approval.granted, scope)
        if isinstance(granted, Unknown):
            self._missing(id, granted.needs)
            return
        if granted is True:
            self._event(day, "approval", id, (("status", "granted"),))
            return
        missing = tuple(s.who for s in approval.signers if self._value(s.given, scope) is not True)
        self._event(day, "approval", id, (("status", "blocked"), ("without", missing)))
