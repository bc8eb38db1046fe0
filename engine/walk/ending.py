"""How the contract ends: notices, cures, termination and expiry, settlement, what survives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import cast

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.values import Unknown
from clausal.engine.exact import Scope
from clausal.engine.instances import (
    DAY,
    NEVER,
    Power,
    as_day,
)
from clausal.engine.outcome import (
    Args,
    Settlement,
    SettlementItem,
)
from clausal.engine.walk.halting import Halting


class Ending(Halting):
    def _give_notice(self, power: Power, day: dt.date) -> None:
        right = power.right
        power.status = "exercised"
        power.exercised_on = day
        power.touched = True
        if not power.grounds:
            power.grounds = tuple(self._grounds(right))
        if right.cure is not None:
            end = self._after(day, right.cure)
            power.cure_until = periods.shift_deadline(end, right.cure_shift or self.header.deadlines, self.calendar)
            self._queue(power.cure_until)
        power.effective_on = day if right.notice is None else self._after(day, right.notice)
        if right.automatic and right.notice is None:
            power.effective_on = day
        self.notices.append(power)
        self._queue(power.effective_on)
        self._event(
            day,
            "notice",
            power.id,
            (("by", right.holder), ("effective_on", power.effective_on), ("cure_until", power.cure_until)),
        )
        if self.state in ("active", "suspended") and power.effective_on > day:
            self._event(day, "state", "contract", (("from", self.state), ("to", "ending"), ("reason", right.name)))
            self.state = "ending"

    def _cures(self, day: dt.date) -> None:
        if self.ended_on is not None:
            return
        for power in list(self.notices):
            right = power.right
            if right.cured_when is None or power.cure_until is None or power.exercised_on is None:
                continue
            if not power.exercised_on <= day <= power.cure_until:
                continue
            scope = Scope(self.world, self._month, day, since=power.exercised_on, instance=power)
            held = self._value(right.cured_when, scope)
            names = self.terms.cure_facts[right.name]
            known = min((self.world.complete[n] for n in names), default=self.as_of)
            if held is False and day > known:
                held = Unknown(tuple(sorted(names)))
            power.cure_unknown = held.needs if isinstance(held, Unknown) else ()
            if held is True:
                self.notices.remove(power)
                power.effective_on = None
                power.touched = True
                self._event(day, "cure", power.id)
                for x in power.grounds:
                    if x.default_until is not None and power.exercised_on <= x.default_until <= power.cure_until:
                        x.cured_on = x.default_until
                if not self.notices and self.state == "ending" and self.ended_on is None:
                    self.state = self.suspensions.state
                    args: Args = (("from", "ending"), ("to", self.state), ("reason", "cured"))
                    self._event(day, "state", "contract", args)

    def _terminate(self, day: dt.date) -> None:
        power = min(self.notices, key=lambda n: n.effective_on or NEVER)
        if power.cure_unknown:
            # Whether it was cured in time is not known: the contract runs on in the figures, provisionally.
            self.notices.remove(power)
            power.status, power.needs, power.touched = "undetermined", power.cure_unknown, True
            self._missing("contract", power.cure_unknown)
            self._event(day, "undetermined", power.id, (("needs", power.cure_unknown),))
            self.provisional_from = self.provisional_from or day
            return
        self.world.end = day
        self._month_values(day)
        self._end_running(day)
        month_end = day == self._month.end
        if not month_end:
            for right in self.terms.over:
                self._open_over(right, day)
        self._use_credit(day, evening=True)
        self._finish(day, power.right.name, power.right)

    def _finish(self, day: dt.date, reason: str, by: m.Right | None = None) -> None:
        before = self.state
        self.state = "ended"
        self.ended_on = day
        self.world.end = day
        self.end_reason = reason
        self._event(day, "state", "contract", (("from", before), ("to", "ended"), ("reason", reason)))
        for halt in list(self.suspensions.running.values()):
            self.suspensions.end(halt, day)
            self._plan(self._starts, day + DAY, self._halt_ends, halt)
        for power in self.live_powers:
            if power.right.effect == "terminate" and power.status in ("open", "undetermined"):
                power.status = "lapsed"
                power.touched = True
        self._count_from_the_end(day)
        settled = by.settle if by is not None else ()
        if by is not None and by.accelerated:
            self._accelerate(settled, day)
        items: list[SettlementItem] = []
        for x in self.live:
            self._charge_and_book(x, day)
        for x in self.live:
            if not x.pays or x.creditor is None or x.currency is None:
                continue
            if x.amount is None:
                items.append(SettlementItem(x.id, "principal", x.debtor, x.creditor, x.currency, None, x.due))
                continue
            part = "penalty" if x.kind == "penalty" else "principal"
            if x.open > 0:
                items.append(SettlementItem(x.id, part, x.debtor, x.creditor, x.currency, x.open, x.due))
            if x.interest_open > 0:
                items.append(SettlementItem(x.id, "interest", x.debtor, x.creditor, x.currency, x.interest_open, x.due))
        for (debtor, creditor, currency), account in self.accounts.items():
            if account.credit > 0:
                items.append(SettlementItem("credit", "credit", creditor, debtor, currency, account.credit, None))
        items += self._nothing_owed(settled, {i.id for i in items})
        self.settlement = Settlement(day, tuple(items))

    def _count_from_the_end(self, day: dt.date) -> None:
        """What is dated from the end of the contract is dated now: duties that arise with it, deadlines, last days of
        rights, the end of what survives."""
        for timing in self.terms.at_the_end:
            o = timing.obligation
            if m.in_force(o, day):
                self._arise_once(timing, day)
        for x in self.instances:
            o_ = x.obligation
            if o_ is None or o_.due is None or x.closed:
                continue
            if self.terms.reads_the_end(o_.due.after) or self.terms.reads_the_end(o_.due.on):
                on = None if o_.schedule.kind == "periodic" else x.created
                due = self.due_date(o_.due, x.period, Scope(self.world, x.period, on, x.record, x))
                if isinstance(due, dt.date) and as_day(due) != x.due:
                    self._move_due(x, max(as_day(due), self.world.start), day)
        for power in self.live_powers:
            lapses = power.right.lapses
            if power.pending and lapses is not None and self.terms.reads_the_end(lapses.after):
                self._set_last_day(power)
                self._queue(power.last_day)
        for name, last in self._surviving():
            self._plan(self._ends, last, self._survived, name)

    def _surviving(self) -> Iterator[tuple[str, dt.date]]:
        """What goes on after the end, with its last day."""
        end = self.ended_on
        if end is not None:
            norms: list[m.Obligation | m.Prohibition] = [*self.contract.obligations, *self.contract.prohibitions]
            for norm in norms:
                done = isinstance(norm, m.Obligation) and norm.schedule.kind in ("once on", "dates")
                done = done and all(x.closed for x in self.by_norm.get(norm.name, ()))
                if norm.survives is not None and m.in_force(norm, end) and not done:
                    yield norm.name, self._after(end, norm.survives)

    def _survived(self, name: str, day: dt.date) -> None:
        """A duty without a deadline ends with the clause that it stands in."""
        for x in self.by_norm.get(name, ()):
            if not x.pays and not x.closed and x.fixed is None and (x.due is None or x.due > day):
                x.fixed = "discharged"
                x.closed = True
                x.note(day, "ended")

    def _accelerate(self, names: Sequence[str], day: dt.date) -> None:
        """What the termination settles falls due today, instalments of later dates included."""
        for timing in self.terms.timings:
            o = timing.obligation
            if o.name in names and o.schedule.kind == "dates" and m.in_force(o, day):
                for date, amount in o.schedule.dates:
                    if date > day:
                        self._arise_on_date(timing, periods.month_of(date), date, amount, day)
        for x in [y for y in self.live if y.name in names and y.pays and not y.closed]:
            if x.due is None or x.due > day:
                self._move_due(x, day, day)
                x.flags.add("accelerated")
                x.note(day, "accelerated")
        self._use_credit(day)

    def _nothing_owed(self, names: Sequence[str], listed: set[str]) -> Iterator[SettlementItem]:
        """What the termination says it settles is listed though nothing is owed."""
        for name in names:
            mine = self.by_norm.get(name, [])
            if any(x.id in listed for x in mine):
                continue
            timing = self.terms.timing_on(name, cast(dt.date, self.ended_on)) or self.terms.by_name[name][-1]
            o, x = timing.obligation, mine[-1] if mine else None
            if o.creditor is not None and o.currency is not None:
                id, due = (name, None) if x is None else (x.id, x.due)
                yield SettlementItem(id, "principal", o.debtor, o.creditor, o.currency, 0, due)
