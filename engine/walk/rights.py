"""What the parties may do: rights open, are exercised, lapse, and what an exercise changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TypeAlias, cast

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.periods import Period
from clausal.dsl.types import Grain
from clausal.dsl.values import Duration, Exact, NotApplicable, Unknown, Value, exact
from clausal.engine import charges
from clausal.engine.exact import ABSENT, GRAIN_KIND, Scope
from clausal.engine.facts import Record
from clausal.engine.instances import (
    DAY,
    Account,
    Instance,
    Power,
    as_day,
)
from clausal.engine.outcome import (
    PartLine,
)
from clausal.engine.walk.default import Default

Gap: TypeAlias = tuple[tuple[str, ...], dt.date]


class Rights(Default):
    def _prepare_exercises(self, right: m.Right) -> None:
        """The days on which the holder gave notice, each once."""
        if right.exercised_on is None:
            return
        seen: set[dt.date] = set()
        month = periods.month_of(self.world.start)
        given = self.world.facts.months
        last = max(self.as_of, periods.parse_period(given[-1]).end if given else self.as_of)
        while month.start <= last:
            on = self._value(right.exercised_on, Scope(self.world, month))
            if isinstance(on, dt.date) and as_day(on) not in seen:
                seen.add(as_day(on))
                if self.terms.right_on(right.name, as_day(on)) is right:
                    self._plan(self._notices, as_day(on), self._exercise_any, right)
            month = periods.shift(month, 1)

    def _ending(self, pace: Grain, day: dt.date) -> Period | None:
        """The period of that length that ends today, if one does; the end of the contract ends them all."""
        period = periods.period_of(day, GRAIN_KIND[pace])
        return period if day in (period.end, self.world.end) else None

    def _tested(self, pace: Grain, day: dt.date) -> Scope:
        """Where a condition is put on any day: values are those of the last period that is over."""
        period = self._ending(pace, day)
        if period is not None:
            return Scope(self.world, period, day)
        current = periods.period_of(day, GRAIN_KIND[pace])
        return Scope(self.world, periods.shift(current, -1), day, current=current)

    def _conditional(self, day: dt.date) -> None:
        """Obligations that arise when a condition comes to hold, at the end of the day (or period) on which it does."""
        for timing, daily in self.terms.conditional:
            o = timing.obligation
            ends = self._ending(o.schedule.pace, day) is not None
            if not (daily or ends):
                continue
            flag = f"obligation {o.name}"
            if self.armed.get(flag) is None or not m.in_force(o, day):
                continue
            scope = self._tested(o.schedule.pace, day)
            held = self._value(o.schedule.condition, scope)
            if held is True and self.armed[flag]:
                once = o.schedule.kind == "once when"
                self._arise(timing, periods.month_of(day), day, key="once" if once else day.isoformat())
                if once:
                    del self.armed[flag]
                else:
                    self.armed[flag] = False
            elif held is False or isinstance(held, NotApplicable):
                self.armed[flag] = True
            elif isinstance(held, Unknown) and ends:
                self._missing(f"{o.name}@{scope.period.key}", held.needs)

    def _open_rights(self, day: dt.date) -> None:
        if self.ended_on is not None:
            return
        month_end = day == self._month.end or day == self.world.end
        if self.terms.conditional:
            self._conditional(day)
        for right in self.terms.over_daily:
            self._open_over_daily(right, day)
        if month_end:
            for right in self.terms.over:
                self._open_over(right, day)
        for right in self.terms.monthly:
            ended = self._ending(right.pace, day)
            if ended is not None:
                self._open_when(right, day, Scope(self.world, ended, day))
        for right in self.terms.daily:
            self._open_when(right, day, self._tested(right.pace, day))

    def _open_when(self, right: m.Right, day: dt.date, scope: Scope) -> None:
        if not m.in_force(right, day):
            return
        held = True if right.when is None else self._value(right.when, scope)
        if held is True:
            if self.armed.get(right.name, True):
                self.armed[right.name] = False
                key = scope.period.key if right.timing == "period" else day.isoformat()
                earlier = self._perhaps.pop(right.name, [])
                for power in earlier:
                    if power.status == "undetermined" and power.exercised_on is None:
                        power.status = "superseded"
                power = self._open(right, key, day, scope.period)
                power.perhaps = tuple(earlier)
                power.grounds = tuple(self._grounds(right))
                if right.automatic:
                    self._give_notice(power, day)
                elif (gap := self._notice_gap(right, Scope(self.world, self._month), day, power.last_day)) is not None:
                    self._doubt_notice(power, gap)
        elif isinstance(held, Unknown):
            if self.armed.get(right.name, True) and right.timing == "period":
                self._missing(f"{right.name}@{scope.period.key}", held.needs)
                power = self._open(right, scope.period.key, day, scope.period)
                power.status = "undetermined"
                power.needs = held.needs
                self._perhaps.setdefault(right.name, []).append(power)
        else:
            self.armed[right.name] = True
            self._perhaps.pop(right.name, None)

    def _grounds(self, right: m.Right) -> Iterator[Instance]:
        for subject, grade in self.terms.breach_subjects.get(right.name, ()):
            for x in self.by_norm.get(subject, ()):
                if x.in_breach(grade):
                    yield x

    def _open_over(self, right: m.Right, day: dt.date) -> None:
        """A right over the instances of a periodic obligation: once for each of this month's."""
        if not m.in_force(right, day):
            return
        month = self._month
        for x in self.by_norm.get(right.target or "", ()):
            if x.period.end > month.end or x.period.end < month.start or x.created > day:
                continue
            id = f"{right.name}@{x.key}"
            if id in self.power_ids:
                continue
            scope = Scope(self.world, x.period, day, x.record, x)
            held = True if right.when is None else self._value(right.when, scope)
            on = self._value(right.exercised_on, scope) if right.exercised_on is not None else ABSENT
            notice = as_day(on) if isinstance(on, dt.date) else None
            if notice is not None and notice <= day:
                word = "no right" if held is False else "premature"  # whatever is unknown, it came too soon
                self._event(notice, word, id, (("over", x.id),))
                notice = None
            if held is True or isinstance(held, Unknown):
                power = self._open(right, x.key, day, x.period, over=x)
                if isinstance(held, Unknown):
                    power.status = "undetermined"
                    power.needs = held.needs
                    self._missing(id, held.needs)
                if notice is not None:
                    self._plan(self._notices, notice, self._exercise, power)
                elif held is True and (gap := self._notice_gap(right, scope, day, power.last_day)) is not None:
                    self._doubt_notice(power, gap)
            elif notice is not None:
                self._plan(self._notices, notice, self._no_right, id, x)

    def _no_right(self, id: str, over: Instance | None, day: dt.date) -> None:
        self._event(day, "no right", id, () if over is None else (("over", over.id),))

    def _open_over_daily(self, right: m.Right, day: dt.date) -> None:
        """A right over instances whose condition can come to hold on any day: once for each, while it is open."""
        if not m.in_force(right, day):
            return
        for x in list(self.by_norm.get(right.target or "", ())):
            id = f"{right.name}@{x.key}"
            if id in self.power_ids or not x.is_open or x.created > day:
                continue
            scope = Scope(self.world, x.period, day, x.record, x)
            if right.when is not None and self._value(right.when, scope) is not True:
                continue
            power = self._open(right, x.key, day, x.period, over=x)
            on = self._value(right.exercised_on, scope) if right.exercised_on is not None else ABSENT
            if isinstance(on, dt.date):
                if as_day(on) <= day:
                    self._event(as_day(on), "premature", id, (("over", x.id),))
                else:
                    self._plan(self._notices, as_day(on), self._exercise, power)

    def _prepare_per_record(self, right: m.Right) -> None:
        """A right that arises with each record of a list, from the end of the record's day."""
        name = cast(str, right.list)
        self._standing.append((right.name, name))
        if name not in self.world.facts.carried:
            return
        for records in self.world.records(name).values():
            for record in records:
                if record.on >= self.world.start:
                    self._plan(self._ends, record.on, self._open_for_record, right, record)

    def _open_for_record(self, right: m.Right, record: Record, day: dt.date) -> None:
        if self.ended_on is not None or not m.in_force(right, day):
            return
        period = periods.month_of(day)
        over = next((x for x in self.by_norm.get(right.target or "", ()) if x.key == record.key), None)
        scope = Scope(self.world, period, day, record, over)
        about = True if right.where is None else self._value(right.where, scope)
        held = about if about is not True or right.when is None else self._value(right.when, scope)
        on = self._value(right.exercised_on, scope) if right.exercised_on is not None else ABSENT
        if isinstance(held, Unknown):
            self._missing(f"{right.name}@{record.key}", held.needs)
        if held is not True:
            if about is True and held is False and isinstance(on, dt.date):
                id = f"{right.name}@{record.key}"
                if as_day(on) <= day:
                    self._no_right(id, over, as_day(on))
                else:
                    self._plan(self._notices, as_day(on), self._no_right, id, over)
            return
        power = self._open(right, record.key, day, period, over, record)
        if isinstance(on, dt.date):
            if as_day(on) <= day:
                self._event(as_day(on), "premature", power.id)
            else:
                self._plan(self._notices, as_day(on), self._exercise, power)

    def _open(
        self,
        right: m.Right,
        key: str,
        day: dt.date,
        period: Period,
        over: Instance | None = None,
        record: Record | None = None,
    ) -> Power:
        power = Power(right, key, day, period)
        power.over = over
        power.record = record if record is not None or over is None else over.record
        self._set_last_day(power)
        self.powers.append(power)
        self.power_ids.add(power.id)
        self.live_powers.append(power)
        self._queue(power.last_day)
        return power

    def _set_last_day(self, power: Power) -> None:
        lapses = power.right.lapses
        if lapses is None:
            return
        start: Value = power.opened
        if lapses.after is not None:
            scope = Scope(self.world, power.period, power.opened, power.record, power.over)
            start = self._value(lapses.after, scope)
        if isinstance(start, dt.date):
            end = self._after(as_day(start), lapses.duration)
            power.last_day = periods.shift_deadline(end, lapses.shift, self.calendar)

    def _exercise_any(self, right: m.Right, day: dt.date) -> None:
        """A notice of a right that is not over one instance: whose it is, if anybody's, is seen on its day."""
        mine = [p for p in self.powers if p.right.name == right.name]
        for power in mine:
            if power.status in ("open", "undetermined") and power.opened < day:
                self._exercise(power, day)
                return
        if (self.ended_on is not None and day > self.ended_on) or any(p.status == "exercised" for p in mine):
            word = "no effect"
        elif any(p.status == "lapsed" for p in mine):
            word = "too late"
        else:
            word = "premature"
        self._event(day, word, right.name)

    def _exercise(self, power: Power, day: dt.date) -> None:
        right = power.right
        if day <= power.opened:
            self._event(day, "premature", power.id)
        elif power.last_day is not None and day > power.last_day:
            self._event(day, "too late", power.id)
        elif power.status == "exercised":
            self._event(day, "no effect", power.id)
        elif power.status == "undetermined" or (power.status == "open" and power.may_be_over(day)):
            if power.status == "open":
                power.status, power.needs, power.touched = "undetermined", power.may_be_over(day), True
            self._event(day, "undetermined", power.id, (("needs", power.needs),))
            power.exercised_on = day
            if power.over is not None:
                power.over.doubt = power.needs
                power.over.touched = True
            elif right.effect == "terminate":
                self.provisional_from = day
            elif right.effect == "suspend":
                self._perhaps_suspend(right, power.needs, day)
        elif power.status != "open":
            self._event(day, "too late" if power.status == "lapsed" else "no effect", power.id)
        else:
            self._take_effect(power, day)

    def _take_effect(self, power: Power, day: dt.date) -> None:
        right = power.right
        power.unsure = ()
        x = power.over
        power.touched = True
        if right.effect == "terminate":
            self._give_notice(power, day)
            return
        if right.effect == "suspend":
            power.status = "exercised"
            power.exercised_on = power.effective_on = day
            self._event(day, "exercise", power.id, (("over", right.target), ("effect", right.effect)))
            self._suspend(power, day)
            return
        if x is None and right.effect == "demand":
            power.status = "exercised"
            power.exercised_on = power.effective_on = day
            self._event(day, "exercise", power.id, (("effect", right.effect),))
            timing = self.terms.timing_on(right.target or "", day)
            if timing is not None:
                self._arise(timing, periods.month_of(day), day, key=day.isoformat())
            return
        if x is None or (
            right.effect in ("withhold", "reduce", "retain") and (x.fixed is not None or x.amount is None)
        ):
            self._event(day, "no effect", power.id)
            return
        power.status = "exercised"
        power.exercised_on = day
        power.effective_on = day
        self._event(day, "exercise", power.id, (("over", x.id), ("effect", right.effect)))
        if x not in self.live:
            self.live.append(x)  # closed in an earlier month, and changed by today's notice
        match right.effect:
            case "withhold":
                self._withhold(x, day, right.retroactive)
            case "reduce":
                self._reduce(x, right, day)
            case "retain":
                self._retain(x, right, day)
            case "extend":
                by = self._value(right.by, Scope(self.world, x.period, day, x.record, x))
                if isinstance(by, Duration) and x.due is not None:
                    later = self._after(x.agreed_due or x.due, by)
                    later = periods.shift_deadline(later, self.header.deadlines, self.calendar)
                    x.note(day, "extended")
                    self._charge_and_book(x, day)  # what ran up before stands
                    self._move_due(x, later, day)
            case _:
                pass

    def _withhold(self, x: Instance, day: dt.date, retroactive: bool) -> None:
        """The instance is extinguished from today; what was paid of it comes back as credit of the same day. `retroactive`: of
        the days before, neither interest nor a breach is left."""
        self._charge_and_book(x, day)
        account = self._account(x)
        whole = cast(Exact, x.amount) - (x.written_off or 0)
        account.withheld += whole
        if x.paid > 0:
            account.credit += x.paid
            x.note(day, "returned to credit", x.paid)
        if retroactive and x.booked:
            account.interest -= x.booked
            account.credit += x.interest_paid
            x.booked = x.interest_paid = x.interest = x.capitalised = 0
        x.withheld = whole
        x.retained = None
        x.fixed = "withheld"
        x.note(day, "withheld", whole)
        x.closed = True
        self._end_default(x, day)
        x.undone = retroactive

    def _fit(self, x: Instance, account: Account) -> None:
        """A debt that became smaller: what was paid over it is credit, what was written off or retained of it is less, and
        the cap of its interest is that of the new amount."""
        amount = cast(Exact, x.amount)
        x.cap_known = False
        if x.paid > amount:
            account.credit += x.paid - amount
            x.paid = amount
        if x.written_off is not None and x.written_off > amount - x.paid:
            account.written_off -= x.written_off - (amount - x.paid)
            x.written_off = amount - x.paid
        if x.retained is not None:
            x.retained = min(x.retained, amount - x.paid - (x.written_off or 0))

    def _reduce(self, x: Instance, right: m.Right, day: dt.date) -> None:
        by = self._value(right.by, Scope(self.world, x.period, day, x.record, x))
        if isinstance(by, (Unknown, NotApplicable)) or x.amount is None:
            return
        self._charge_and_book(x, day)
        amount = min(self._round(self._minor(cast(Exact, by), x.currency), x.currency), x.amount)
        account = self._account(x)
        account.adjusted -= amount
        x.amount = exact(x.amount - amount)
        x.reduced = x.reduced + amount
        if x.parts:
            x.parts = (*x.parts, PartLine("reduced", -amount))
        if x.tax is not None:
            x.tax = charges.reduced(x.tax, x.amount, lambda value: self._round(value, x.currency))
        self._fit(x, account)
        x.note(day, "reduced", amount)
        self._settle_if_paid(x, day)

    def _retain(self, x: Instance, right: m.Right, day: dt.date) -> None:
        self._charge_and_book(x, day)
        x.retained = x.open
        x.note(day, "retained", x.retained)
        self._end_default(x, day)
        on = (
            self._value(right.released_on, Scope(self.world, x.period, None, x.record, x))
            if right.released_on is not None
            else ABSENT
        )
        if isinstance(on, dt.date) and as_day(on) > day:
            self._plan(self._notices, as_day(on), self._release, x)

    def _release(self, x: Instance, day: dt.date) -> None:
        x.note(day, "released", x.retained)
        self._event(day, "release", x.id)
        x.retained = None
        self._move_due(x, max(day, x.due or day), day)

    def _lapse_rights(self, day: dt.date) -> None:
        for power in self.live_powers:
            if power.status not in ("open", "undetermined"):
                continue
            right = power.right
            if right.only_while is not None and power.status == "open":
                held = self._value(right.only_while, self._now(power, day))
                if held is False:
                    power.status = "lapsed"
                    power.touched = True
                    continue
            if right.given_up_on is not None:
                on = self._value(right.given_up_on, Scope(self.world, power.period, day, power.record, power.over))
                if isinstance(on, dt.date) and power.opened < as_day(on) <= day:
                    power.status = "given up"
                    power.touched = True
                    self._event(day, "given up", power.id)
                    continue
            if power.over is not None and power.over.fixed is not None:
                power.status = "lapsed"  # a right over an instance lives as long as it does
                power.touched = True
                continue
            if power.last_day is not None and day >= power.last_day:
                if power.status == "undetermined" and power.exercised_on is not None:
                    continue
                if self._exercise_unknown(power):
                    power.status, power.needs = "undetermined", power.unsure
                    continue
                power.status = "lapsed"
                power.touched = True
                self._event(day, "lapse", power.id)

    def _now(self, power: Power, day: dt.date) -> Scope:
        """What holds today: values are those of the last month that is over."""
        over = day in (self._month.end, self.world.end)
        period = self._month if over else periods.shift(self._month, -1)
        return Scope(self.world, max(period, power.period), day, power.record, power.over)

    def _notice_gap(self, right: m.Right, scope: Scope, opened: dt.date, last: dt.date | None) -> Gap | None:
        """The facts for want of which nobody can say whether the right was exercised, and from which day."""
        if right.exercised_on is None:
            return None
        on = self._value(right.exercised_on, scope)
        if isinstance(on, Unknown):
            return on.needs, opened + DAY
        if isinstance(on, dt.date):
            return None
        names = self.terms.notice_facts[right.name]
        known = min((self.world.complete[n] for n in names), default=self.as_of)
        if known < min(self.as_of, last or self.as_of):
            return tuple(sorted(names)), max(known, opened) + DAY
        return None

    def _doubt_notice(self, power: Power, gap: Gap) -> None:
        """From the first day on which the notice may have been given, what it would have changed is undetermined."""
        needs, first = gap
        self._plan(self._starts, first, self._doubt_from, power, needs)

    def _doubt_from(self, power: Power, needs: tuple[str, ...], day: dt.date) -> None:
        power.unsure = needs
        power.touched = True
        self._missing(power.id, needs)
        if power.over is not None and power.over.fixed is None and not power.over.closed:
            power.over.doubt = needs
            power.over.touched = True
        elif power.right.effect == "terminate" and self.provisional_from is None:
            self.provisional_from = day
        elif power.right.effect == "suspend":
            self._perhaps_suspend(power.right, needs, day)

    def _exercise_unknown(self, power: Power) -> bool:
        """Whether a notice may have been given that the facts do not tell of."""
        return bool(power.unsure)
