"""What stands in the statement of a month: values, kpis, rows; and beside the months what may still come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import cast

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.periods import Period
from clausal.dsl.types import Type
from clausal.dsl.values import Exact, NotApplicable, Unknown, Value, exact
from clausal.engine import rows, thresholds
from clausal.engine.exact import GRAIN_KIND, Scope, leaves
from clausal.engine.instances import (
    DAY,
    Instance,
    Pair,
)
from clausal.engine.outcome import (
    Args,
    Assessed,
    Contingent,
    Line,
    Month,
    Upcoming,
    Worth,
    plain_minor,
)
from clausal.engine.walk.answers import Answers
from clausal.engine.walk.course import Broken


class Months(Answers):
    def _month_values(self, day: dt.date) -> None:
        """Lets and kpis of the month that ends today (or of which today is the contract's last day)."""
        if self.ended_on is not None or self._month.key in self._valued:
            return
        self._valued.add(self._month.key)
        month = self._month
        final = day >= min(month.end, self.world.end)
        if self.world.active_days(month) is None:
            return
        scope = Scope(self.world, month)
        for value in self._values_of(month):
            if isinstance(value, m.Let):
                self._show_let(value, scope, final)
            else:
                self._show_kpis(value, month, final)
        for prohibition in self.contract.prohibitions:
            if prohibition.violated_when is not None and final:
                self._test_prohibition(prohibition, month, day)
        self._excluded_records(month)

    def _values_of(self, month: Period) -> Iterator[m.Let | m.Kpi]:
        """The lets and kpis of a month, each in the version of the first day of its period."""
        for value in self.contract.values:
            if value.since is value.until is None:
                yield value
                continue
            period = month
            if isinstance(value, m.Kpi) and value.grain in ("quarterly", "yearly"):
                period = periods.period_of(month.end, "quarter" if value.grain == "quarterly" else "year")
            if m.in_force(value, self.world.first_day(period)):
                yield value

    def _show_let(self, let: m.Let, scope: Scope, final: bool) -> None:
        value = self.world.let(let.name, scope) if final else Unknown(())
        to_date = False
        if isinstance(value, Unknown):
            shown = self.world.let(let.name, Scope(self.world, scope.period, to_date=True))
            if not isinstance(shown, Unknown):
                value, to_date = shown, True
            elif final:
                self._missing(f"{let.name}@{scope.period.key}", value.needs)
            else:
                value, to_date = shown, not isinstance(shown, Unknown)
        elif let.grain in ("quarterly", "yearly"):
            to_date = periods.period_of(scope.period.end, GRAIN_KIND[let.grain]).end > self.as_of
        shown_as = self._as_money(let.type, value)
        rounded = None if let.type.kind != "money" or isinstance(value, (Unknown, NotApplicable)) else shown_as
        self.values.append(Worth(let.name, let.type, value, cast("Exact | None", rounded), to_date))

    def _as_money(self, t: Type, value: Value) -> Value:
        """A value of the statement: money as the contract rounds it, anything else as it is."""
        if t.kind != "money" or isinstance(value, (Unknown, NotApplicable)):
            return value
        scale = self._scale(t.currency)
        return exact(Fraction(self._round(cast(Exact, value) * scale, t.currency), scale))

    def _show_kpis(self, kpi: m.Kpi, month: Period, over: bool) -> None:
        """The kpi for each of its periods that ends in the month (or with the contract); the one that runs on is shown as
        far as it has come, if anything is known of it."""
        last = min(month.end, self.world.end) if over else self.as_of
        for period in periods.periods_between(max(month.start, self.world.start), last, GRAIN_KIND[kpi.grain]):
            if period.end <= last or (over and last == self.world.end):
                self._show_kpi(kpi, period, True)
            elif kpi.grain in ("quarterly", "yearly"):
                self._show_kpi(kpi, Period(period.start, month.end, period.key), False, tracked=over)
            elif not over:
                self._show_kpi(kpi, period, False)

    def _show_kpi(self, kpi: m.Kpi, period: Period, final: bool, tracked: bool = False) -> None:
        key = period.key
        scope = Scope(self.world, period)
        status = self.world.kpi(kpi.name, scope) if final else Unknown(())
        to_date = False
        if isinstance(status, Unknown):
            shown = self.world.kpi(kpi.name, Scope(self.world, period, to_date=True))
            if not isinstance(shown, Unknown):
                status, to_date = shown, True
            elif tracked:
                return
        needs: tuple[str, ...] = ()
        because: str | None = None
        word = "undetermined"
        if isinstance(status, Unknown):
            needs = status.needs
            self._missing(f"{kpi.name}@{key}", needs)
        elif isinstance(status, NotApplicable):
            word, because = "not assessed", status.detail or status.reason
        else:
            word = cast(str, status)
        run = self.kpi_runs.get(kpi.name, 0)
        if not to_date:
            if word == "undetermined":
                run = None
            elif word == "met":
                run = 0
            elif word == "missed":
                run = None if run is None else run + 1
            self.kpi_runs[kpi.name] = run
        missing = tuple(n for n in self._unknown_of(self.terms.kpi_needs[kpi.name], scope.period) if n not in needs)
        if word == "not assessed":
            missing = ()
        shown_at = Scope(self.world, period, to_date=to_date)
        level: str | None = None
        if kpi.levels:
            found = self.world.kpi_level(kpi.name, shown_at)
            level = found if isinstance(found, str) and found else None
        figures: dict[str, Value] = {}
        if kpi.measure is not None and word != "not assessed":
            for name in kpi.figures:
                figure = self.world.kpi_figure(kpi.name, name, shown_at)
                figures[name] = figure if name == "attainment" else self._as_money(kpi.measure.type, figure)
        t = None if kpi.measure is None else kpi.measure.type
        self.values.append(Assessed(kpi.name, key, word, because, to_date, run, needs, missing, level, t, figures))
        day = min(period.end, self.world.end)
        if final and not to_date:
            args: Args = (("status", word), ("run", run))
            self._event(day, "kpi", f"{kpi.name}@{key}", args)
        if kpi.levels and (tracked or (final and not to_date)) and not isinstance(found, Unknown):
            before = self._level_of.get(kpi.name)
            if level != before:
                self._level_of[kpi.name] = level
                self._event(day, "alert", f"{kpi.name}@{key}", (("code", "level"), ("from", before), ("to", level)))

    def _unknown_of(self, names: Sequence[str], period: Period) -> Iterator[str]:
        for name in names:
            fact = self.program.facts[name]
            if fact.presume is not None:
                continue
            key = self.world.key_of(fact.grain, period)
            if fact.type.kind in ("list", "payments"):
                if name not in self.world.facts.carried:
                    yield f"{name}@{key}"
            else:
                cell = self.world.cell(name, key)
                blank = cell is None or cell.unknown or (cell.value is None and not fact.happening)
                if blank and not (fact.happening and name in self.world.facts.carried):
                    yield f"{name}@{key}"

    def _excluded_records(self, month: Period) -> None:
        """Records dated in the month on days on which the contract is not in term: listed, never used."""
        world = self.world
        for fact in self.contract.facts:
            if fact.type.kind == "list":
                for record in world.records(fact.name).get(month.key, ()):
                    if record.on < world.start:
                        args: Args = (("list", fact.name), ("reason", "before the term"))
                        self._event(record.on, "excluded", f"{fact.name} {record.key}", args)

    def _records_after_end(self) -> None:
        if self.ended_on is None:
            return
        for fact in self.contract.facts:
            if fact.type.kind == "list" and fact.name not in self.terms.surviving:
                for records in self.world.records(fact.name).values():
                    for record in records:
                        if record.on > self.ended_on and periods.month_of(record.on) == self._month:
                            args: Args = (("list", fact.name), ("reason", "after the end"))
                            self._event(record.on, "excluded", f"{fact.name} {record.key}", args)

    def _close_month(self, month: Period, day: dt.date) -> None:
        """Everything of the month that ends (or of `as_of`): interest is booked, rows are taken."""
        if self._growing:
            self._grow(day)
        for x in self.live:
            self._charge_and_book(x, day)
            if not x.closed:
                self._settle_if_paid(x, day)
        for always in self.contract.properties:
            self._hold_against(always, month, day)
        for g in self._growing:
            self._grown(g)
        for x in self.live:
            if x.interest_link is not None and x.slice_from is not None:
                self.slices.append(rows.interest_slice(x))
        lines: list[Line] = []
        keep: list[Instance] = []
        for x in self.live:
            still = x.is_open
            if still or x.touched:
                lines.append(rows.line(x, day, self.provisional_from is not None and x.created > self.provisional_from))
                if lines[-1].status == "undetermined":
                    waits = rows.missing(x, day)
                    if waits is not None:
                        self.missing.append(waits)
            if x.created <= day:
                x.touched = False
            if still or (x.default_since is not None and x.default_until is None and not x.pays):
                keep.append(x)
        for ladder in self.ladders:
            if ladder.needs:
                self._missing(ladder.id, ladder.needs)
        for e in self.contract.escalations:
            if e.list is None and (gap := self.opening_gap(e.name, day)):
                self._missing(e.name, gap)
        for what, name in self._standing:
            known = self.world.complete[name]
            if name not in self.world.facts.carried:
                self._missing(what, (name,))
            elif known < day:
                self._missing(what, (name,), max(known + DAY, month.start), day)
        breaches = rows.breaches(self.live, self.violations, month, day)
        for x in self.live:
            if not x.pays and x.default_since is not None and not x.closed and x.never_performed:
                x.closed = True
        self.live = [x for x in keep if x.is_open]
        self._records_after_end()
        rights = tuple(rows.right(p, self.live) for p in self.live_powers if p.status != "superseded")
        self.live_powers = [p for p in self.live_powers if p.status in ("open", "undetermined") or p in self.notices]
        self.events.sort(key=lambda e: e.date)
        self.months.append(
            Month(
                month.key,
                self.state,
                tuple(self.values),
                tuple(lines),
                tuple(self.slices),
                breaches,
                rights,
                tuple(self.events),
                tuple(dict.fromkeys(self.missing)),
                tuple(self.payment_rows),
                tuple(rows.ledger(self.accounts, self.live, day, self._pair_order)),
                tuple(rows.balance(self.balances, balance, month) for balance in self.contract.balances),
            )
        )
        self.values = []
        self.events = []
        self.missing = []
        self.slices = []
        self.payment_rows = []

    def _hold_against(self, always: m.Property, month: Period, day: dt.date) -> None:
        """A property that does not hold at the end of the month is kept for the tests; what is unknown breaks nothing."""
        scope = Scope(self.world, month, day)
        if self._value(always.always, scope) is not False:
            return
        text = self.contract.source.text
        read = tuple(
            (" ".join(text[op.span.start : op.span.end].split()), self._value(op, scope))
            for op in leaves(always.always)
        )
        self.broken.append(Broken(always, month.key, day, read))

    def _pair_order(self, pair: Pair) -> tuple[int, int, str]:
        names = [p.name for p in self.contract.parties]
        return names.index(pair[0]), names.index(pair[1]), pair[2]

    def _last_month(self) -> None:
        """The month of `as_of`, whether it is over or not."""
        day = self.as_of
        if day < self.world.start or self.world.pending:
            return
        self._month = periods.month_of(day)
        if day < self._month.end and self.ended_on is None:
            self._month_values_to_date()
        self.events.extend(self._unused)
        self._close_month(self._month, day)

    def _month_values_to_date(self) -> None:
        scope = Scope(self.world, self._month)
        for value in self._values_of(self._month):
            if isinstance(value, m.Let):
                self._show_let(value, scope, False)
            else:
                self._show_kpis(value, self._month, False)

    def contingent(self) -> tuple[Contingent, ...]:
        """Open rights, what is payable on demand, flags, and what unknown days could still add, outside every total."""
        found: list[Contingent] = []
        for p in self.powers:
            if not p.pending:
                continue
            right = p.right
            other = next((q.name for q in self.contract.parties if q.name != right.holder), None)
            days = None if p.last_day is None else (p.opened + DAY, p.last_day)
            args: Args = (("over", p.over.id),) if p.over is not None else ()
            found.append(Contingent("right", right.effect, p.id, other, right.holder, p.stake, days, args))
        found.extend(self.demands)
        found.extend(self.flags)
        found.extend(
            thresholds.flags(
                thresholds.Run(self.instances, self.violations, self._reference, self._earnest_price, self._round)
            )
        )
        found.extend(self._at_most())
        return tuple(found)

    def _reference(self, x: Instance) -> Exact | None:
        """The rate that interest is held against: that of the day on which the contract was made."""
        op = None if x.interest_link is None else x.interest_link.reference
        value = self._value(op, Scope(self.world, x.period, self.world.start, x.record, x))
        return None if isinstance(value, (Unknown, NotApplicable)) else cast(Exact, value)

    def _earnest_price(self, x: Instance) -> Exact | None:
        op = None if x.obligation is None else x.obligation.earnest
        value = self._value(op, Scope(self.world, x.period, x.created, x.record, x))
        if isinstance(value, (Unknown, NotApplicable)):
            return None
        return self._minor(cast(Exact, value), x.currency)

    def _at_most(self) -> Iterator[Contingent]:
        """Interest of the days that are not known, if nothing but what is known was paid on them."""
        yield from self._held_back()
        for x in self.instances:
            known = min(x.complete, self.suspensions.known_to_run(x.name))
            if x.interest_link is None or known >= self.as_of or x.fixed is not None or x.excused or x.stayed:
                continue
            principal = x.open + sum(amount for _, amount in x.later)
            if x.amount is None or x.charged_to is None or principal <= 0 or x.charged_to >= self.as_of:
                continue
            deadline = cast(dt.date, x.deadline)
            if x.default_since is None and deadline >= self.as_of and x.grace_kind != "unaffected":
                continue
            first, booked = x.charged_to + DAY, x.booked
            keep = (x.interest, x.charged_to, x.slice_from, x.slice_to, x.slice_days, x.capitalised)
            lists = (list(x.slice_rates), list(x.accruals), x.touched)
            for day, paid in [*sorted(x.later), (self.as_of, 0)]:
                if principal > 0 and day > x.charged_to:
                    self._accrue(x, x.interest_link, principal, day)
                    x.charged_to = day
                principal = principal - paid
            most = self._round(x.interest, x.currency) - booked
            x.interest, x.charged_to, x.slice_from, x.slice_to, x.slice_days, x.capitalised = keep
            x.slice_rates, x.accruals, x.touched = lists
            if most > 0:
                yield Contingent(
                    "at most",
                    "interest",
                    x.id,
                    x.debtor,
                    x.creditor,
                    (cast(str, x.currency), most),
                    (first, self.as_of),
                )

    def _held_back(self) -> Iterator[Contingent]:
        """Interest on what is disputed, if all of it turns out to be owed."""
        for x in self.instances:
            link, o = x.interest_link, x.obligation
            if (
                not x.held
                or link is None
                or not x.held_back
                or o is None
                or o.dispute is None
                or not o.dispute.interest
            ):
                continue
            total = x.interest + sum(min(k.principal, x.held) * k.rate * k.time for k in x.held_back)
            most = self._round(self._capped_interest(x, link, exact(total)), x.currency) - x.booked
            if most > 0:
                days = x.held_back[0].first, x.held_back[-1].last
                args: Args = (("disputed", plain_minor(x.held, x.currency)),)
                amount = cast(str, x.currency), most
                yield Contingent("at most", "interest", x.id, x.debtor, x.creditor, amount, days, args)

    def upcoming(self) -> tuple[Upcoming, ...]:
        return rows.upcoming(
            self.instances,
            self.powers,
            self.notices,
            self.ladders,
            self.as_of,
            self.world.end,
            self.ended_on is not None,
            self.suspensions.known_last(self.as_of),
            tuple(dict.fromkeys(self._surviving())),
        )
