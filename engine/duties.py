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
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Final, TypeAlias, cast

import attrs

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.periods import Period
from clausal.dsl.types import Grain, Type
from clausal.dsl.values import Duration, Exact, NotApplicable, Unknown, Value, exact, round_to
from clausal.dsl.wording import decimals
from clausal.engine import charges, matching, rows, thresholds
from clausal.engine.balances import Ledgers
from clausal.engine.exact import ABSENT, GRAIN_KIND, Scope, World, add_duration, leaves, used_facts
from clausal.engine.facts import Payment, Record
from clausal.engine.instances import (
    DAY,
    GRADES,
    NEVER,
    ONE,
    Account,
    Accrual,
    Growth,
    Held,
    Instance,
    Pair,
    Power,
    Violation,
    as_day,
)
from clausal.engine.ladders import Ladder
from clausal.engine.outcome import (
    Args,
    Assessed,
    Contingent,
    Event,
    Line,
    Missing,
    Month,
    PartLine,
    PaymentRow,
    Settlement,
    SettlementItem,
    Slice,
    TaxShare,
    Upcoming,
    Warn,
    Worth,
    major,
    plain_minor,
)
from clausal.engine.suspensions import Halt, Suspensions
from clausal.engine.terms import Terms, Timing

Gap: TypeAlias = tuple[tuple[str, ...], dt.date]
Task: TypeAlias = tuple[Callable[..., object], tuple[object, ...]]

AHEAD: Final = dt.timedelta(days=15)
PER_YEAR: Final = {"day": 365, "month": 12, "year": 1}  # to compare the burden of rates, nothing else


@attrs.frozen
class Broken:
    """A property that did not hold at the end of a month, with the values that it read."""

    property: m.Property
    month: str
    day: dt.date
    values: tuple[tuple[str, Value], ...]


class Walk:
    """One run through the days. Make it, call `run`, read `months` and what stands beside them."""

    def __init__(self, terms: Terms, world: World) -> None:
        self.terms = terms
        self.program = terms.program
        self.world = world
        world.life = self
        self.balances = world.balances = Ledgers(world)
        self.contract = terms.program.contract
        self.header = self.contract.header
        self.as_of = world.as_of
        self.calendar = world.calendar
        self.suspensions = Suspensions(self.contract, world)
        self.state = "pending" if world.pending else "active"
        self.ended_on: dt.date | None = None
        self.end_reason = "expired"
        self.instances: list[Instance] = []
        self.by_id: dict[str, Instance] = {}
        self.by_norm: dict[str, list[Instance]] = {}
        self.live: list[Instance] = []
        self.powers: list[Power] = []
        self.power_ids: set[str] = set()
        self.live_powers: list[Power] = []
        self.armed: dict[str, bool] = {}
        self.notices: list[Power] = []
        self.violations: list[Violation] = []
        self._violated: set[str] = set()
        self.ladders: list[Ladder] = []
        self.ladder_gaps: dict[str, tuple[str, ...]] = {}
        self.accounts: dict[Pair, Account] = {}
        self.months: list[Month] = []
        self.events: list[Event] = []
        self.missing: list[Missing] = []
        self.slices: list[Slice] = []
        self.payment_rows: list[PaymentRow] = []
        self.values: list[Worth | Assessed] = []
        self.kpi_runs: dict[str, int | None] = {}
        self.settlement: Settlement | None = None
        self.demands: list[Contingent] = []
        self.flags: list[Contingent] = []
        self.broken: list[Broken] = []
        self.warnings: list[Warn] = []
        self.provisional_from: dt.date | None = None
        self._days: list[dt.date] = []
        self._queued: set[dt.date] = set()
        self._starts: dict[dt.date, list[Task]] = {}
        self._acts: dict[dt.date, list[Task]] = {}
        self._notices: dict[dt.date, list[Task]] = {}
        self._ends: dict[dt.date, list[Task]] = {}
        self._payments: dict[dt.date, list[Payment]] = {}
        self._running: dict[tuple[str, str], tuple[Timing, Period]] = {}
        self._waiting: dict[tuple[str, str], tuple[Timing, Period]] = {}  # what is not owed on its period's first day
        self._echoes: set[dt.date] = set()
        self._morning = dt.date.min
        self._valued: set[str] = set()
        self._used_acts: set[tuple[str, str]] = set()
        self._unused: list[Event] = []
        self._standing: list[tuple[str, str]] = []  # what arises from a list, and the list
        self._growing: list[Growth] = []
        self._billed: dict[tuple[str, str, dt.date], tuple[int, Exact]] = {}  # what of a window was added up so far
        self._month: Period = periods.month_of(world.start)
        self._today: dt.date | None = None  # the day of the walk; None before and after it
        self._level_of: dict[str, str | None] = {}  # of each kpi, the level that it had last
        self._delivered_to = dt.date.min  # the last day whose deliveries were taken

    # ---- the agenda

    def _queue(self, day: dt.date | None) -> None:
        if day is not None and day <= self.as_of and day not in self._queued:
            self._queued.add(day)
            heapq.heappush(self._days, day)

    def _plan(
        self,
        where: dict[dt.date, list[Task]],
        day: dt.date,
        task: Callable[..., object],
        *what: object,
    ) -> None:
        """On that day, do `task` about `what`; the day is its last argument."""
        if day <= self.as_of:
            where.setdefault(day, []).append((task, what))
            self._queue(day)

    # ---- the run

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

    # ---- instances

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
                for period in self._periods_of(schedule, start, max(last, ahead)):
                    first = self._first_day(timing, period)
                    if first is not None:
                        if first > period.start:
                            self._running[timing.obligation.name, period.key] = (timing, period)
                        self._plan(self._starts, max(first, start), self._arise, timing, period)
                    else:
                        self._running[timing.obligation.name, period.key] = (timing, period)
                        self._plan(self._ends, period.end, self._arise_at_end, timing, period)
            case "once on":
                scope = Scope(self.world, periods.month_of(start))
                on = self._value(schedule.on, scope)
                if isinstance(on, Unknown):
                    self._missing(timing.obligation.name, on.needs)
                elif isinstance(on, dt.date):
                    day = max(as_day(on), start)
                    self._plan(self._starts, day, self._arise_once, timing)
            case "dates":
                for date, amount in schedule.dates:
                    if start <= date <= last:
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
                if world.start <= record.on:
                    self._plan(self._starts, record.on, self._arise_record, timing, record, where)

    def _arise_once(self, timing: Timing, day: dt.date) -> None:
        if self.suspensions.may_extend:
            on = self._value(timing.obligation.schedule.on, Scope(self.world, periods.month_of(self.world.start)))
            if isinstance(on, dt.date) and day < as_day(on) < NEVER:
                self._plan(self._starts, as_day(on), self._arise_once, timing)  # it follows the end of the term
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
            if period.start <= day:
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
    ) -> Instance | None:
        """`over`: the period, as far as the contract lasted, is over."""
        o = timing.obligation
        world = self.world
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
        if o.when is not None:
            wanted = self._value(o.when, scope)
            if wanted is False or isinstance(wanted, NotApplicable):
                return None
            if isinstance(wanted, Unknown):
                x.gap = wanted
        self._timetable(x, o, scope, due)
        if o.action == "pay":
            x.amount_ops = ((None, amount),) if amount is not None else tuple((p.name, p.amount) for p in o.parts)
            self._reckon(x, o, scope)
        x.complete = self._completeness(x)
        self._enter(x, day)
        self._exempt(x, o, scope, day)
        if o.dispute is not None:
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
        if charged is not None and x.charged_to is not None and x.booked:
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

    def _reckon(self, x: Instance, o: m.Obligation, scope: Scope) -> None:
        """The amount, rounded line by line when the instance arises."""
        share: Exact = 1
        days = self._days_owed(o, x.period)
        if o.prorated != "none" and o.schedule.kind == "periodic" and days is not None:
            x.prorated = None
            whole = self._two_periods(o.schedule, x.period) if o.schedule.long_last else None
            if whole or days != [(x.period.start, x.period.end)]:
                of = whole or (x.period,)
                share = sum((periods.share_of(p, a, b, o.prorated) for p in of for a, b in days), cast(Exact, 0))
                x.prorated = (sum((b - a).days + 1 for a, b in days), periods.days_in(of[0]))
            if x.gap is None and (needs := self.suspensions.doubts(o, x.period.start, x.period.end)):
                x.gap = Unknown(needs)
        scale = self._scale(o.currency)
        agreed: list[charges.Charge] = []
        for i, (name, op) in enumerate(x.amount_ops):
            exemption = next((e for e in self._exemptions(x, o, scope) if e.amount is not None), None)
            value = self._blended(x, o, op, scope)
            if exemption is not None and exemption.amount is not None:
                if not isinstance(value, (Unknown, NotApplicable)):
                    x.amount = self._round(cast(Exact, value) * scale, o.currency)  # `amount` in its formula
                value = self._blended(x, o, exemption.amount, scope)
                x.amount = None
            if isinstance(value, (Unknown, NotApplicable)):
                x.gap = x.gap or value
                return
            part = o.parts[i] if i < len(o.parts) else None
            cut = share if part is None or part.prorated else 1
            line = self._round(cast(Exact, value) * cut * scale, o.currency)
            tax = part.tax if part is not None and part.amount is op else o.tax
            agreed.append(charges.Charge(name, line, tax))
        if o.cap is not None or o.commitment is not None:
            agreed = self._limited(x, o, scope, agreed)
        parts = charges.lines(agreed, [self._tax_on(x, charge, scope) for charge in agreed], o.name)
        if x.gap is not None:
            return
        total = sum(p.amount for p in parts)
        if total < 0 and o.negative == "reverse" and o.creditor is not None:
            x.debtor, x.creditor = o.creditor, o.debtor
            total = -total
            parts = [charges.negated(p) for p in parts]
        if total < 0 and o.negative == "not below 0":
            total = 0
        else:
            x.tax = charges.together(parts)
        x.amount = exact(total)
        x.parts = tuple(parts) if len(parts) > 1 or agreed[0].name is not None else ()

    def _limited(
        self, x: Instance, o: m.Obligation, scope: Scope, agreed: list[charges.Charge]
    ) -> list[charges.Charge]:
        """The charges under the cap of their window, and the true-up where this instance is the last of its own."""
        out = agreed
        x.billed = charges.billed(out)
        for limit in (o.cap, o.commitment):
            if limit is None:
                continue
            value, before = self._value(limit.amount, scope), self._billed_before(x, limit.window)
            if isinstance(before, (Unknown, NotApplicable)):
                x.gap = x.gap or before
                return agreed
            if isinstance(value, (Unknown, NotApplicable)):
                x.gap = x.gap or value
                return agreed
            most = self._minor(cast(Exact, value), o.currency)
            if limit is o.cap:
                out = charges.under_cap(out, max(self._round(most, o.currency) - before, 0), o.name)
                x.billed = charges.billed(out)
            elif (share := self._last_of_window(x, limit)) is not None:
                due = self._round(most * share, o.currency) - before - x.billed
                if due > 0:
                    out = [*out, charges.Charge("minimum commitment", due, o.tax, o.name)]
        return out

    def _window(self, window: str, day: dt.date) -> tuple[dt.date, dt.date]:
        """The first and the last day of the window around a day."""
        world = self.world
        match window:
            case "month":
                period = periods.month_of(day)
            case "quarter":
                period = periods.quarter_of(day)
            case "calendar year":
                period = periods.year_of(day)
            case "contract year":
                period = periods.contract_year_of(max(day, world.start), world.start, world.rule)
            case _:
                return world.start, self.header.term_end or NEVER
        return period.start, period.end

    def _billed_before(self, x: Instance, window: str) -> Exact | Unknown | NotApplicable:
        """What the earlier instances of the same window came to, as agreed and without any true-up."""
        around = self._window(window, x.period.end)
        earlier = self.by_norm.get(x.name, [])
        at, total = self._billed.get((x.name, window, around[0]), (0, 0))
        while at < len(earlier) and earlier[at].place < x.place:
            y = earlier[at]
            if self._window(window, y.period.end) == around:
                if y.gap is not None:
                    return y.gap
                if y.fixed != "excused":
                    total = total + y.billed
            at += 1
        self._billed[x.name, window, around[0]] = at, total
        return total

    def _last_of_window(self, x: Instance, limit: m.Limit) -> Exact | None:
        """What of its window the contract runs, where the instance is the last of it; else None."""
        world = self.world
        first, last = self._window(limit.window, x.period.end)
        end = min(last, world.end)
        if end == NEVER or x.period.end < end:
            return None
        if not limit.prorated or last == NEVER:
            return 1
        return Fraction((end - max(first, world.start)).days + 1, (last - first).days + 1)

    def _tax_on(self, x: Instance, charge: charges.Charge, scope: Scope) -> TaxShare | None:
        tax = charge.tax
        if tax is None:
            return None
        rate = 0 if tax.rate is None else self._value(tax.rate, scope)
        if isinstance(rate, (Unknown, NotApplicable)):
            x.gap = x.gap or rate
            return None
        share = cast(Exact, rate)
        if share < 0:
            x.gap = x.gap or NotApplicable("a rate of tax below zero")
            return None
        return charges.taxed(tax.kind, share, charge.amount, lambda value: self._round(value, x.currency))

    def _two_periods(self, schedule: m.Schedule, period: Period) -> tuple[Period, Period] | None:
        """The regular periods that a long last one is made of: a whole one, and the one that the term cuts short."""
        anchor = schedule.anchor or period.start
        dates = periods.schedule(anchor, schedule.every, NEVER, self.header.month_end)
        shifted = (periods.shift_deadline(d, schedule.periods_shifted, self.calendar) for d in dates)
        following = [d for d, _ in zip((d for d in shifted if d > period.start), range(2), strict=False)]
        if len(following) < 2 or following[0] > period.end:
            return None
        middle, end = following
        return Period(period.start, middle - DAY, period.key), Period(middle, end - DAY, period.key)

    def _shorten(self, x: Instance, day: dt.date) -> None:
        """What was booked for a whole period that the end of the contract cuts short is prorated now."""
        o = x.obligation
        if o is None or o.prorated == "none" or o.schedule.kind != "periodic" or x.amount is None:
            return
        if o.survives is not None:
            return
        if x.created == day or not x.period.start <= day < x.period.end or x.fixed is not None:
            return
        self._recut(x, day)

    def _recut(self, x: Instance, day: dt.date) -> None:
        """What was booked for more days than turned out to count is adjusted; what was paid of it is credit."""
        o = x.obligation
        if o is None or o.prorated == "none" or x.amount is None or x.fixed is not None:
            return
        before = x.amount
        self._charge_and_book(x, day)
        self._billed.clear()
        self._reckon(x, o, Scope(self.world, x.period, None, x.record, x))
        if x.amount != before:
            account = self._account(x)
            account.adjusted += x.amount - before
            self._fit(x, account)
            x.note(day, "prorated", x.amount - before)
            if x not in self.live:
                self.live.append(x)  # closed in an earlier month, and changed today
            self._settle_if_paid(x, day)
        elif x.gap is not None and x not in self.live:
            self.live.append(x)

    def _cut_short(self, x: Instance, day: dt.date) -> None:
        """An act of a period that the end of the contract cuts short, and that is not yet due, is no longer owed."""
        o = x.obligation
        if o is None or x.pays or x.closed or o.survives is not None or o.schedule.kind != "periodic":
            return
        if x.period.start <= day < x.period.end and x.in_period and (x.due or day) > day:
            if o.performance.kind == "when":
                self._test_performance(x, day)
            if x.performed_on is None and x.fixed is None and x.gap is None:
                x.fixed = "discharged"
                x.closed = True
                x.note(day, "ended")

    def _blended(self, x: Instance, o: m.Obligation, op: m.Op, scope: Scope) -> Value:
        """The value for the period; where `prorated` was said, each version of a parameter counts for its days."""
        owed = self._days_owed(o, x.period)
        if not o.blends or not owed or o.schedule.kind != "periodic":
            return self._value(op, scope)
        starts = self.world.version_starts
        if not any(owed[0][0] < d <= owed[-1][1] for d in starts):
            return self._value(op, scope)
        total: Exact = 0
        days = sum((b - a).days + 1 for a, b in owed)
        for first, last in owed:
            cuts = [d for d in starts if first < d <= last]
            for a, b in zip([first, *cuts], [*(c - DAY for c in cuts), last], strict=True):
                value = self._value(op, Scope(self.world, x.period, a, x.record, x))
                if isinstance(value, (Unknown, NotApplicable)):
                    return value
                total = total + cast(Exact, value) * Fraction((b - a).days + 1, days)
        return exact(total)

    def _days_owed(self, o: m.Obligation, period: Period) -> list[tuple[dt.date, dt.date]] | None:
        """The days of the period on which the contract ran and the obligation did not stand still; None where the
        contract did not run on any."""
        first, last = period.start, period.end
        if o.survives is None:
            active = self.world.active_days(period)
            if active is None:
                return None
            first, last = active
        return self.suspensions.live_days(o, first, last)

    def _exemptions(self, x: Instance, o: m.Obligation, scope: Scope) -> list[m.Exemption]:
        applying: list[m.Exemption] = []
        for exemption in o.exemptions:
            held = self._value(exemption.when, scope)
            if held is True:
                applying.append(exemption)
            elif isinstance(held, Unknown) and x.gap is None:
                x.gap = held
        return applying

    def _exempt(self, x: Instance, o: m.Obligation, scope: Scope, day: dt.date) -> None:
        applying = self._exemptions(x, o, scope)
        kinds = {(e.excused, e.amount) for e in applying}
        if len(kinds) > 1:
            x.flags.add("conflict")
            self._event(day, "conflict", x.id, (("between", tuple(e.name for e in applying)),))
        if any(e.excused for e in applying):
            if x.pays and x.amount and x.creditor is not None and x.currency is not None:
                self._account(x).adjusted -= x.open
                x.note(day, "excused", x.open)
            x.fixed = "excused"
            x.closed = True
            self._event(day, "exception", x.id, (("by", applying[0].name),))

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

    # ---- default and its chain

    def _defaults(self, day: dt.date) -> None:
        """What holds from the start of this day, of what was open at the end of the day before."""
        yesterday = day - DAY
        for x in list(self.live):
            if x.closed or x.fixed is not None or x.due is None or x.due > yesterday:
                continue
            deadline = cast(dt.date, x.deadline)
            if deadline > yesterday or x.complete < deadline or x.gap is not None or x.untracked:
                continue
            if x.due_at is not None and x.created == day:
                continue  # what is recorded together with its performance: seen when today's acts are
            if x.excused or x.stayed or x.retained:
                continue
            if x.halted is not None and deadline >= x.halted:
                continue
            if x.pays and (x.amount is None or x.settled or self._only_disputed(x)):
                continue
            if x.default_since is None:
                if self._dispute_unknown(x) or self._excused(x, deadline) or self._extend(x, yesterday):
                    continue
                x.default_since = cast(dt.date, x.first_default_day)
                x.note(x.default_since, "default")
                for link in x.links:
                    self._queue(x.default_since + dt.timedelta(days=link.day - 1))
            number = self.suspensions.days_run(x.name, x.default_since, day)
            if x.complete < yesterday:
                continue
            while x.fired < len(x.links) and x.links[x.fired].day <= number:
                x.fired += 1
                self._link(x, x.links[x.fired - 1], day)

    def _default_within(self, x: Instance, day: dt.date) -> None:
        """A deadline that is a moment was missed on this day: in default from the minute after it."""
        since = cast(dt.date, x.first_default_day)
        if x.default_since is not None or since > day or x.complete < cast(dt.date, x.due) or x.gap is not None:
            return
        if x.closed or x.fixed is not None or x.untracked or x.excused or x.stayed:
            return
        if self._excused(x, cast(dt.date, x.due)) or self._extend(x, day):
            return
        x.default_since = since
        x.note(since, "default")
        for link in x.links:
            self._queue(since + dt.timedelta(days=link.day - 1))
        while x.fired < len(x.links) and x.links[x.fired].day <= (day - since).days + 1:
            x.fired += 1
            self._link(x, x.links[x.fired - 1], day)

    def _defaults_today(self, day: dt.date) -> None:
        """Deadlines that are moments of this day, and passed without performance."""
        for x in list(self.live):
            if x.due_at is not None and x.performed_on is None and cast(dt.date, x.first_default_day) <= day:
                self._default_within(x, day)

    def _excused(self, x: Instance, deadline: dt.date) -> bool:
        o = x.obligation
        if o is None or o.excused_while is None:
            return False
        held = self._value(o.excused_while, Scope(self.world, x.period, deadline, x.record, x))
        if held is True:
            # A debt stays a debt: what is excused is the delay. An act is no longer owed.
            x.excused = True
            x.note(deadline, "excused")
            if not x.pays:
                x.fixed = "excused"
                x.closed = True
            return True
        if isinstance(held, Unknown):
            x.doubt = held.needs
            x.stayed = True
            self._missing(x.id, held.needs)
            return True
        return False

    def _link(self, x: Instance, link: m.Link, day: dt.date) -> None:
        match link.remedy:
            case m.Grade(grade=grade):
                x.grade = grade
                x.graded_on = day
                x.note(day, f"breach {grade}")
            case m.Penalty():
                self._penalty(link.remedy, x.id, x.name, x.key, x.clause, x.debtor, x.period, x.record, day, x)
            case m.Obligation():
                timing = self.terms.timing(link.remedy)
                self._arise(timing, x.period, day, key=x.key, record=x.record)
            case m.Right():
                self._open(link.remedy, x.key, day - DAY, x.period, over=x)
            case m.Interest():
                pass

    def _end_default(self, x: Instance, day: dt.date) -> None:
        if x.default_since is not None and x.default_until is None:
            x.default_until = day
            for power in self.notices:
                if (
                    x in power.grounds
                    and power.exercised_on is not None
                    and power.cure_until is not None
                    and power.exercised_on <= day <= power.cure_until
                ):
                    x.cured_on = day

    def _penalty(
        self,
        penalty: m.Penalty,
        of: str,
        name: str,
        key: str,
        clause: m.ClauseRef | None,
        debtor: str,
        period: Period,
        record: Record | None,
        day: dt.date,
        bearer: Instance | None,
    ) -> None:
        scope = Scope(self.world, period, None, record, bearer)
        id = f"{name}.penalty@{key}"
        while id in self.by_id:
            id += "'"
        since = day
        if penalty.demanded_on is not None:
            demanded = self._value(penalty.demanded_on, scope)
            if isinstance(demanded, dt.date) and as_day(demanded) <= self.as_of:
                since = max(day, as_day(demanded))
            else:
                value = self._value(penalty.amount, scope)
                cap = self._value(penalty.cap, scope)
                known = None if isinstance(value, (Unknown, NotApplicable)) else value
                if known is not None and not isinstance(cap, (Unknown, NotApplicable)):
                    known = min(cast(Exact, known), cast(Exact, cap))
                currency = penalty.amount.type.currency or self.header.currency
                amount = (
                    None
                    if known is None
                    else (currency, self._round(self._minor(cast(Exact, known), currency), currency))
                )
                self.demands.append(
                    Contingent("on demand", "penalty", id, debtor, penalty.to, amount, None, (("of", of),))
                )
                return
        if since > day:
            self._plan(
                self._starts,
                since,
                self._penalty_arises,
                penalty,
                id,
                of,
                name,
                key,
                clause,
                debtor,
                period,
                scope,
            )
            return
        self._penalty_arises(penalty, id, of, name, key, clause, debtor, period, scope, since)

    def _penalty_arises(
        self,
        penalty: m.Penalty,
        id: str,
        of: str,
        name: str,
        key: str,
        clause: m.ClauseRef | None,
        debtor: str,
        period: Period,
        scope: Scope,
        day: dt.date,
    ) -> None:
        x = Instance(id, f"{name}.penalty", key, period, len(self.instances))
        x.kind = "penalty"
        x.parent = of
        x.record = scope.record
        x.clause = clause
        x.debtor, x.creditor = debtor, penalty.to
        x.currency = penalty.amount.type.currency or self.header.currency
        x.created = day
        x.amount_ops = ((None, penalty.amount),)
        capped = False
        value = self._value(penalty.amount, scope)
        if isinstance(value, (Unknown, NotApplicable)):
            x.gap = value
        else:
            amount = cast(Exact, value)
            if penalty.cap is not None:
                cap = self._value(penalty.cap, scope)
                if not isinstance(cap, (Unknown, NotApplicable)):
                    capped = amount > cast(Exact, cap)
                    amount = min(amount, cast(Exact, cap))
            x.amount = self._round(self._minor(amount, x.currency), x.currency)
        grows = penalty.per is not None and isinstance(scope.instance, Instance)
        if grows and x.gap is None:
            x.amount = 0
            x.growing = True
        elif penalty.due is not None:
            month = periods.month_of(day)
            value = self.due_date(penalty.due, month, Scope(self.world, month, day, scope.record, x))
            x.due = value if isinstance(value, dt.date) else day
        else:
            x.due = day
        self._adopt_source(x)
        self._enter(x, day)
        if x.growing:
            parent = cast(Instance, scope.instance)
            self._growing.append(Growth(x, parent, penalty, scope, day, cast(Exact, value)))
            self._queue(day)
        elif x.amount is not None:
            self.slices.append(
                Slice(
                    id,
                    "penalty",
                    of,
                    clause.number if clause else None,
                    debtor,
                    penalty.to,
                    x.currency,
                    day,
                    day,
                    None,
                    None,
                    x.amount,
                    None,
                    capped,
                )
            )
            self._penalty_flags(penalty, x, scope)

    def _grow(self, day: dt.date) -> None:
        """Penalties by the day (or full week) of default: what they come to by today is booked; they fall due when the
        default ends."""
        for g in list(self._growing):
            x, parent = g.instance, g.parent
            if g.start is None:
                g.start = parent.default_since
            last = min(day, parent.complete, parent.default_until or NEVER)
            days = g.before + self._days_of_default(g, last)
            units = days if g.penalty.per == "day" else days // 7
            total: Exact = g.rate * units
            capped = False
            if g.penalty.cap is not None:
                cap = self._value(g.penalty.cap, g.scope)
                if not isinstance(cap, (Unknown, NotApplicable)):
                    capped = total >= cast(Exact, cap)
                    total = min(total, cast(Exact, cap))
            target = self._round(self._minor(total, x.currency), x.currency)
            difference = target - cast(Exact, x.amount)
            if difference:
                x.amount = target
                self._account(x).penalties += difference
                x.note(day, "penalty", difference)
                g.capped = capped
                g.total = exact(total)
                g.booked_to = last
            over = parent.default_until or (parent.performed_on if g.start is None else None)
            if g.capped or (over is not None and over <= day):
                self._growing.remove(g)
                x.growing = False
                self._grown(g)
                due: Value = day
                if g.penalty.due is not None:
                    due = self.due_date(g.penalty.due, x.period, Scope(self.world, x.period, day, x.record, x))
                x.due = max(due, day) if isinstance(due, dt.date) else day
                self._queue(x.due)
                self._queue(x.due + DAY)
                if not x.amount:
                    x.fixed = "discharged"
                    x.closed = True
                self._penalty_flags(g.penalty, x, g.scope)

    def _days_of_default(self, g: Growth, last: dt.date) -> int:
        """The days from the beginning of the default that lasts, those that stand still left out."""
        return self.suspensions.days_run(g.parent.name, g.start, last) if g.start is not None and last >= g.start else 0

    def _pause_penalties(self, x: Instance, day: dt.date) -> None:
        """A later deadline lifts the default: what its penalties came to by the end of today stands, and they grow again
        from the next default on."""
        for g in self._growing:
            if g.parent is x and g.start is not None:
                g.before += self._days_of_default(g, min(day, x.complete))
                g.start = None

    def _grown(self, g: Growth) -> None:
        """The row of what a growing penalty came to in this month."""
        x = g.instance
        amount = cast(Exact, x.amount) - x.sliced
        if not amount:
            return
        self.slices.append(
            Slice(
                x.id,
                "penalty",
                g.parent.id,
                x.clause.number if x.clause else None,
                x.debtor,
                cast(str, x.creditor),
                cast(str, x.currency),
                g.shown_to + DAY,
                g.booked_to,
                (g.booked_to - g.shown_to).days,
                None,
                amount,
                g.total,
                g.capped,
            )
        )
        x.sliced = cast(Exact, x.amount)
        g.shown_to = g.booked_to

    def _penalty_flags(self, penalty: m.Penalty, x: Instance, scope: Scope) -> None:
        """A penalty of more than 130% of a proven loss is flagged, never reduced (Civil Code, art. 585)."""
        if penalty.loss is None or x.amount is None or x.currency is None:
            return
        loss = self._value(penalty.loss, scope)
        if isinstance(loss, (Unknown, NotApplicable)):
            return
        threshold = cast(Exact, loss) * Fraction(13, 10)
        excess = self._round(x.amount - self._minor(threshold, x.currency), x.currency)
        if excess > 0:
            self.flags.append(
                Contingent(
                    "flag",
                    "over 130% of loss",
                    x.id,
                    x.creditor,
                    x.debtor,
                    (x.currency, excess),
                    None,
                    (("loss", str(loss)), ("threshold", str(exact(threshold)))),
                )
            )

    def _adopt_source(self, x: Instance) -> None:
        """A penalty is paid like any debt between its parties: its receipts are those of the contract's payments."""
        names = [f.name for f in self.contract.facts if f.type.kind == "payments"]
        x.source = names[0] if names else None
        if x.source is None:
            x.complete = self.as_of
            x.untracked = True
        elif x.source in self.world.facts.carried:
            x.complete = self.world.complete[x.source]
        else:
            x.complete = dt.date.min

    # ---- interest

    def _charge(self, x: Instance, through: dt.date) -> None:
        """Accrue late interest through the end of a day, on the principal open when each day began. That of what is disputed
        is held back until the dispute is resolved."""
        link = x.interest_link
        if link is None or x.charged_to is None or x.amount is None or x.excused or x.stayed:
            return
        through = min(through, x.complete, self.suspensions.known_to_run(x.name))
        if (
            x.grace_kind != "unaffected"
            and x.grace_until is not None
            and (x.default_since is None or through < x.default_since)
            and not (x.disputed and through > cast(dt.date, x.deadline))
        ):
            return
        if through <= x.charged_to:
            return
        held = x.held
        if x.fixed is None and x.open - held + self._capital(x, link) > 0:
            self._accrue(x, link, x.open - held, through)
        if held and x.fixed is None:
            for a, b in self.suspensions.running_days(x.name, x.charged_to + DAY, through):
                for first, last, rate, time in self._segments(x, link, a, b):
                    if not isinstance(rate, (Unknown, NotApplicable)):
                        x.held_back.append(Held(first, last, held, cast(Exact, rate), time))
        x.charged_to = through

    def _accrue(self, x: Instance, link: m.Interest, principal: Exact, through: dt.date) -> None:
        days = self.suspensions.running_days(x.name, cast(dt.date, x.charged_to) + DAY, through)
        if not days:
            return
        if x.slice_from is None:
            x.slice_from = days[0][0]
        x.slice_to = days[-1][1]
        x.slice_days += sum((b - a).days + 1 for a, b in days)
        stretches = [stretch for a, b in days for stretch in self._stretches(x, link, a, b)]
        for begin, end, capitalises in stretches:
            total: Exact = x.interest
            capital = self._capital(x, link)
            base = principal + capital
            for first, last, rate, time in self._segments(x, link, begin, end):
                if isinstance(rate, (Unknown, NotApplicable)):
                    return
                amount = base * cast(Exact, rate) * time
                total = total + amount
                x.accruals.append(Accrual(first, last, base, cast(Exact, rate), amount, capital))
                if not x.slice_rates or x.slice_rates[-1] != rate:
                    x.slice_rates.append(cast(Exact, rate))
            x.interest = self._capped_interest(x, link, exact(total))
            if capitalises:
                x.capitalised = x.interest
        x.touched = True

    def _segments(
        self, x: Instance, link: m.Interest, begin: dt.date, through: dt.date
    ) -> Iterator[tuple[dt.date, dt.date, Value, Exact]]:
        """The days from `begin` cut where the rate changes: first, last, rate, and their time in the rate's own unit."""
        for first, last, rate in self._rates(x, link, begin, through):
            time: Exact = (last - first).days + 1
            if link.per != "day":
                fraction = self._year_fraction(x, first - DAY, last, link.daycount or "actual_365")
                time = fraction if link.per == "year" else fraction * 12
            yield first, last, rate, time

    def _capital(self, x: Instance, link: m.Interest) -> Exact:
        """Interest that itself bears interest: what was capitalised and has not been paid since."""
        return max(x.capitalised - x.interest_paid, 0) if link.method == "compound" else 0

    def _stretches(
        self, x: Instance, link: m.Interest, first: dt.date, last: dt.date
    ) -> Iterator[tuple[dt.date, dt.date, bool]]:
        """The days cut at the ends of the periods of compound interest, and whether one ends there."""
        if link.method != "compound" or x.runs_from is None:
            yield first, last, False
            return
        rule = "clamp" if self.header.month_end == "error" else self.header.month_end
        for day in periods.schedule(x.runs_from, link.months, last, rule):
            if day >= first:
                yield first, day, True
                first = day + DAY
        if first <= last:
            yield first, last, False

    def _year_fraction(self, x: Instance, start: dt.date, end: dt.date, count: str) -> Fraction:
        """Bond basis counts a span otherwise than its parts: there each part is what it adds to the whole default."""
        if count != "thirty_360":
            return periods.year_fraction(start, end, count)
        origin = cast(dt.date, x.grace_until if x.grace_kind == "forgiving" else x.due)
        return periods.year_fraction(origin, end, count) - periods.year_fraction(origin, start, count)

    def _rates(
        self, x: Instance, link: m.Interest, first: dt.date, last: dt.date
    ) -> Iterator[tuple[dt.date, dt.date, Value]]:
        cuts = [d for d in self.world.version_starts if first < d <= last]
        for a, b in zip([first, *cuts], [*(c - DAY for c in cuts), last], strict=True):
            yield a, b, self._value(link.rate, Scope(self.world, x.period, a, x.record, x))

    def _cap(self, x: Instance, link: m.Interest) -> Exact | None:
        if link.cap is None:
            return None
        if not x.cap_known:
            value = self._value(link.cap, Scope(self.world, x.period, x.due, x.record, x))
            if not isinstance(value, (Unknown, NotApplicable)):
                x.cap = self._minor(cast(Exact, value), x.currency)
            x.cap_known = True
        return x.cap

    def _book(self, x: Instance, day: dt.date) -> None:
        """Book interest by cumulative difference: the rounded running total less what was booked before."""
        if x.interest_link is None or x.creditor is None:
            return
        target = self._round(x.interest, x.currency)
        difference = target - x.booked
        if difference:
            x.booked = target
            self._account(x).interest += difference
            x.note(day, "interest", difference)

    def _charge_and_book(self, x: Instance, day: dt.date) -> None:
        if x.interest_link is None or x.closed or x.fixed is not None:
            return
        if x.charged_to is not None and x.charged_to < day:
            self._charge(x, day)
            self._book(x, day)

    # ---- payments

    def _account(self, x: Instance) -> Account:
        return self._account_of((x.debtor, cast(str, x.creditor), cast(str, x.currency)))

    def _account_of(self, pair: Pair) -> Account:
        account = self.accounts.get(pair)
        if account is None:
            account = self.accounts[pair] = Account()
        return account

    def _minor(self, value: Exact, currency: str | None) -> Exact:
        """An exact amount in the currency's smallest units (fen)."""
        return value * self._scale(currency)

    def _major(self, amount: Exact, currency: str | None) -> Exact:
        return major(amount, currency or self.header.currency)

    def _scale(self, currency: str | None) -> int:
        if currency is None or currency == self.header.currency:
            return self.terms.scale
        return int(10 ** decimals(currency))

    def _round(self, value: Exact, currency: str | None) -> int:
        """An amount in smallest units, rounded by the contract's rule to what can be paid."""
        own = currency is None or currency == self.header.currency
        return cast(int, round_to(value, self.terms.unit if own else ONE, self.terms.mode))

    def _debts(self, pair: Pair, day: dt.date, due_only: bool) -> list[matching.Debt]:
        debts: list[matching.Debt] = []
        for x in self.live:
            if x.closed and x.interest_open <= 0:
                continue
            if not x.pays or x.amount is None or x.due is None:
                continue
            if (x.debtor, x.creditor, x.currency) != pair or (due_only and (x.due > day or x.suspended(day))):
                continue
            if x.fixed is not None and x.interest_open <= 0:
                continue
            rate: Exact = 0
            if x.interest_link is not None:
                value = self._value(x.interest_link.rate, Scope(self.world, x.period, day, x.record, x))
                if not isinstance(value, (Unknown, NotApplicable)):
                    rate = cast(Exact, value) * PER_YEAR[x.interest_link.per]
            due = day + DAY if x.suspended(day) else x.due  # what stands still can be paid, and asks for nothing
            held = x.held
            secured = x.obligation is not None and x.obligation.secured is not None
            principal = max(x.open, 0) - held
            debts.append(matching.Debt(x.id, due, rate, principal, x.interest_open, x.place, secured, held))
        return debts

    def _pay(self, day: dt.date, payments: list[Payment]) -> None:
        """What was paid today first; then what was set off or written off; what was paid back last."""
        ordered = sorted(payments, key=lambda p: p.ref)
        groups: dict[Pair, list[Payment]] = {}
        for payment in ordered:
            if payment.kind == "payment":
                groups.setdefault((payment.payer, payment.payee, payment.currency), []).append(payment)
        for pair, group in groups.items():
            self._pay_pair(day, pair, group)
        for kind, step in (("set off", self._set_off), ("write off", self._write_off), ("refund", self._refund)):
            for payment in ordered:
                if payment.kind == kind:
                    step(day, payment)

    def _named(self, payment: Payment, debts: Sequence[matching.Debt]) -> list[matching.Debt]:
        word = payment.for_
        if word is None:
            return []
        exact_id = [d for d in debts if d.id == word]
        if exact_id or "@" in word:
            return exact_id
        wanted = [d for d in debts if self.by_id[d.id].name in (word, f"{word}.penalty")]
        if not wanted and word in ("penalty", "违约金"):
            wanted = [d for d in debts if self.by_id[d.id].kind == "penalty"]
        return sorted(wanted, key=lambda d: (d.due, d.place))

    def _pay_pair(self, day: dt.date, pair: Pair, group: list[Payment]) -> None:
        for x in self.live:
            if x.pays and (x.debtor, x.creditor, x.currency) == pair:
                self._charge_and_book(x, day)
        account = self._account_of(pair)
        debts = self._debts(pair, day, due_only=False)
        named = [p for p in group if p.for_ is not None]
        for payment in named:
            if not self._named(payment, debts):
                known = payment.for_ in self.by_id or payment.for_ in self.by_norm
                code = "pays a closed debt" if known else "pays an unknown debt"
                self._event(day, "alert", payment.ref, (("code", code), ("for", payment.for_)))
        done, left = matching.match_named(
            [(matching.Sum(p.ref, p.amount), self._named(p, debts)) for p in named], self.terms.parts
        )
        pool = left + [matching.Sum(p.ref, p.amount) for p in group if p.for_ is None]
        pool.sort(key=lambda s: s.ref)
        due = [d for d in debts if d.due <= day and d.open > 0]
        more, rest = matching.match_pool(pool, due, self.terms.order, self.terms.parts, ONE)
        applications = done + more
        self._apply(day, applications)
        over = {s.ref: s.amount for s in rest}
        for payment in group:
            account.paid += payment.amount
            unapplied = over.get(payment.ref, 0)
            account.credit += unapplied
            applied = tuple((a.to, a.part, a.amount) for a in applications if a.ref == payment.ref)
            self._payment_row(payment, applied, unapplied)

    def _payment_row(self, p: Payment, applied: tuple[tuple[str, str, Exact], ...], unapplied: Exact) -> None:
        late = p.on > self.world.complete.get(p.source, self.as_of)
        self.payment_rows.append(
            PaymentRow(
                p.ref,
                p.on,
                p.reported,
                p.payer,
                p.payee,
                p.currency,
                p.amount,
                p.kind,
                p.for_,
                applied,
                unapplied,
                late,
            )
        )

    def _apply(self, day: dt.date, applications: Sequence[matching.Application]) -> None:
        held = {a.to: self.by_id[a.to].held for a in applications}
        for a in applications:
            x = self.by_id[a.to]
            if a.part == "interest":
                x.interest_paid = exact(x.interest_paid + a.amount)
            else:
                x.paid = exact(x.paid + a.amount)
                if day > x.complete:
                    x.later.append((day, a.amount))
            x.note(day, f"paid {a.part}", a.amount, a.ref)
        for id in dict.fromkeys(a.to for a in applications):
            x = self.by_id[id]
            if held[id] > x.held:
                self._free_held(x, held[id] - x.held, day)  # who pays what was disputed no longer disputes it
            if x.default_since is not None and x.default_until is None and self._only_disputed(x):
                x.default_until = day
            if x.disputed is not None and not x.open and x.obligation is not None and x.obligation.dispute is not None:
                self._resolve(x, x.obligation.dispute, day)
            self._settle_if_paid(x, day)
            if self.header.tolerance is not None and not x.closed:
                self._tolerate(x, day)

    def _settle_if_paid(self, x: Instance, day: dt.date) -> None:
        if x.settled and not x.closed and not x.retained and not x.growing:
            x.performed_on = day
            x.closed = True
            x.note(day, "performed")
            self._end_default(x, day)

    def _tolerate(self, x: Instance, day: dt.date) -> None:
        """A remainder within the agreed tolerance is written off by a line of its own."""
        most = self._value(self.header.tolerance, Scope(self.world, x.period, day))
        left = x.open
        if isinstance(most, (Unknown, NotApplicable)) or x.interest_open:
            return
        if not 0 < left <= self._minor(cast(Exact, most), x.currency):
            return
        x.written_off = (x.written_off or 0) + left
        self._account(x).written_off += left
        x.note(day, "written off", left, "tolerance")
        self._event(day, "discharge", x.id, (("code", "tolerance"), ("amount", plain_minor(left, x.currency))))
        self._settle_if_paid(x, day)

    def _use_credit(self, day: dt.date, evening: bool = False) -> None:
        """Credit pays what is due or overdue. In the evening only what arose and fell due in this day's last step: who
        paid on the deadline is in time, though the debt exists from the end of that day."""
        if self.header.credit != "used when due":
            return
        for pair, account in self.accounts.items():
            if account.credit <= 0:
                continue
            for x in self.live:
                if x.pays and (x.debtor, x.creditor, x.currency) == pair:
                    self._charge_and_book(x, day)
            debts = [d for d in self._debts(pair, day, due_only=True) if d.open > 0]
            if evening:
                debts = [d for d in debts if self.by_id[d.id].created == day]
            if not debts:
                continue
            before = account.credit
            applications, left = matching.match_pool(
                [matching.Sum("credit", before)], debts, self.terms.order, self.terms.parts, ONE
            )
            account.credit = left[0].amount if left else 0
            self._apply(day, applications)
            applied = tuple((a.to, a.part, a.amount) for a in applications)
            self.payment_rows.append(
                PaymentRow(
                    "credit",
                    day,
                    None,
                    pair[0],
                    pair[1],
                    pair[2],
                    before - account.credit,
                    "credit",
                    None,
                    applied,
                    0,
                    False,
                )
            )

    def _refund(self, day: dt.date, payment: Payment) -> None:
        """Money back to whoever has credit: from the payee of the earlier payments to their payer."""
        account = self._account_of((payment.payee, payment.payer, payment.currency))
        back = min(max(account.credit, 0), payment.amount)
        account.refunded += back
        account.credit -= back
        over = exact(payment.amount - back)
        if over:
            # Paid back without a cause: the payer's own credit with the payee.
            self._event(day, "alert", payment.ref, (("code", "refund over credit"),))
            other = self._account_of((payment.payer, payment.payee, payment.currency))
            other.paid += over
            other.credit += over
        self._payment_row(payment, (), over)

    def _write_off(self, day: dt.date, payment: Payment) -> None:
        pair = (payment.payer, payment.payee, payment.currency)
        debts = matching.in_order(self._debts(pair, day, due_only=payment.for_ is None), self.terms.order)
        if payment.for_ is not None:
            debts = self._named(payment, debts)
        left: Exact = payment.amount
        applied: list[tuple[str, str, Exact]] = []
        for debt in debts:
            x = self.by_id[debt.id]
            amount = min(left, x.open)
            if amount <= 0:
                continue
            x.written_off = (x.written_off or 0) + amount
            self._account_of(pair).written_off += amount
            left = left - amount
            applied.append((x.id, "principal", amount))
            x.note(day, "written off", amount, payment.ref)
            if x.open == 0:
                if not x.paid:
                    x.fixed = "waived"
                x.closed = True
                self._end_default(x, day)
        self._payment_row(payment, tuple(applied), 0)

    def _set_off(self, day: dt.date, payment: Payment) -> None:
        """A set-off reduces two gross debts by the same amount; credit that the payer has with the payee goes first."""
        pair = (payment.payer, payment.payee, payment.currency)
        back = (payment.payee, payment.payer, payment.currency)
        for x in self.live:
            if x.pays and (x.debtor, x.creditor, x.currency) in (pair, back):
                self._charge_and_book(x, day)
        account = self._account_of(pair)
        mine = self._debts(pair, day, due_only=payment.for_ is None)
        if payment.for_ is not None:
            mine = self._named(payment, mine)
        theirs = self._debts(back, day, due_only=True)
        from_credit = min(account.credit, payment.amount)
        owed_back = sum(d.open for d in theirs)
        can = min(payment.amount, from_credit + owed_back, sum(d.open for d in mine))
        if can < payment.amount:
            self._event(day, "alert", payment.ref, (("code", "set-off over the debts"),))
        if can <= 0:
            self._payment_row(payment, (), 0)
            return
        if payment.for_ is None:
            done, _ = matching.match_pool(
                [matching.Sum(payment.ref, can)], mine, self.terms.order, self.terms.parts, ONE
            )
        else:
            done, _ = matching.match_named([(matching.Sum(payment.ref, can), mine)], self.terms.parts)
        self._apply(day, done)
        used = min(from_credit, can)
        account.credit -= used
        netted = can - used
        if netted > 0:
            account.paid += netted
            other, _ = matching.match_pool(
                [matching.Sum(payment.ref, netted)], theirs, self.terms.order, self.terms.parts, ONE
            )
            self._account_of(back).paid += netted
            self._apply(day, other)
            done = done + other
        self._payment_row(payment, tuple((a.to, a.part, a.amount) for a in done), 0)

    # ---- disputes

    def _watch_dispute(self, x: Instance, dispute: m.Dispute, day: dt.date) -> None:
        on = self._value(dispute.start, Scope(self.world, x.period, None, x.record, x))
        if isinstance(on, Unknown):
            x.dispute_needs = on.needs
        elif isinstance(on, dt.date):
            self._from(as_day(on), day, self._dispute, x, dispute)

    def _from(self, on: dt.date, day: dt.date, task: Callable[..., object], *what: object) -> None:
        """With the notices of that day; what is dated before there is anything to act on acts at once."""
        if on > day:
            self._plan(self._notices, on, task, *what)
        else:
            task(*what, day)

    def _dispute(self, x: Instance, dispute: m.Dispute, day: dt.date) -> None:
        """From today part of the debt is disputed: what is left of it stands still, the rest is payable as it was."""
        if x.closed or x.fixed is not None or x.amount is None:
            return
        scope = Scope(self.world, x.period, day, x.record, x)
        value = self._value(dispute.amount, scope)
        if isinstance(value, Unknown):
            x.doubt = value.needs
            self._missing(x.id, value.needs)
            return
        if isinstance(value, NotApplicable):
            return
        self._charge_and_book(x, day)
        x.disputed = self._round(self._minor(cast(Exact, value), x.currency), x.currency)
        held = x.held
        if held <= 0:
            x.disputed = None
            return
        x.note(day, "disputed", held)
        self._event(day, "dispute", x.id, (("status", "disputed"), ("amount", plain_minor(held, x.currency))))
        if x.default_since is not None and x.default_until is None and self._only_disputed(x):
            x.default_until = day
        end = self._value(dispute.end, scope)
        if isinstance(end, Unknown):
            x.doubt = end.needs
            self._missing(x.id, end.needs)
        elif isinstance(end, dt.date):
            self._from(as_day(end), day, self._resolve, x, dispute)

    def _resolve(self, x: Instance, dispute: m.Dispute, day: dt.date) -> None:
        """What is still open of it is payable again: in default from tomorrow, with the interest of the time between."""
        if x.disputed is None or x.closed:
            return
        self._charge_and_book(x, day)
        held = x.held
        self._free_held(x, held, day)
        x.disputed = None
        x.held_back = []
        x.note(day, "resolved", held)
        self._event(day, "dispute", x.id, (("status", "resolved"), ("amount", plain_minor(held, x.currency))))
        if x.default_until is not None:
            x.default_since = x.default_until = None
        x.resolved_on = day
        deadline = cast(dt.date, x.deadline) if x.due is not None else day
        for link in x.links:
            self._queue(deadline + dt.timedelta(days=link.day))
        self._queue(deadline + DAY)
        self._settle_if_paid(x, day)

    def _free_held(self, x: Instance, part: Exact, day: dt.date) -> None:
        """The interest that was held back on that part of what is disputed is booked, unless the contract waives it."""
        link, dispute = x.interest_link, x.obligation.dispute if x.obligation is not None else None
        if link is None or dispute is None or not dispute.interest:
            return
        total: Exact = x.interest
        for kept in x.held_back:
            principal = min(part, kept.principal)
            if not principal:
                continue
            kept.principal = exact(kept.principal - principal)
            amount = principal * kept.rate * kept.time
            total = total + amount
            x.accruals.append(Accrual(kept.first, kept.last, principal, kept.rate, amount))
            if x.slice_from is None:
                x.slice_from, x.slice_days = kept.first, 0
            if x.slice_to is None or kept.last > x.slice_to:
                x.slice_days += (kept.last - max(kept.first - DAY, x.slice_to or kept.first - DAY)).days
                x.slice_to = kept.last
            x.slice_from = min(x.slice_from, kept.first)
            if not x.slice_rates or x.slice_rates[-1] != kept.rate:
                x.slice_rates.append(kept.rate)
        x.interest = self._capped_interest(x, link, exact(total))
        self._book(x, day)

    def _capped_interest(self, x: Instance, link: m.Interest, total: Exact) -> Exact:
        cap = self._cap(x, link)
        return total if cap is None or total <= cap else cap

    def _only_disputed(self, x: Instance) -> bool:
        """Whether nothing of it can be claimed while the dispute lasts."""
        return x.held > 0 and x.open == x.held and x.interest_open <= 0

    def _dispute_unknown(self, x: Instance) -> bool:
        if not x.dispute_needs:
            return False
        x.doubt = x.dispute_needs
        x.stayed = True
        self._missing(x.id, x.dispute_needs)
        return True

    # ---- the end of a month

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
        for value in self.contract.values:
            if isinstance(value, m.Let):
                self._show_let(value, scope, final)
            else:
                self._show_kpis(value, month, final)
        for prohibition in self.contract.prohibitions:
            if prohibition.violated_when is not None and final:
                self._test_prohibition(prohibition, month, day)
        self._excluded_records(month)

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

    # ---- prohibitions

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
        held = True if p.where is None else self._value(p.where, Scope(self.world, period, day, record))
        if held is True:
            key = record.key if p.per == "record" else day.isoformat() if p.per == "day" else period.key
            self._violate(p, key, day, period, record)
        elif isinstance(held, Unknown):
            self._missing(f"{p.name}@{record.key}", held.needs)

    def _test_prohibition(self, p: m.Prohibition, month: Period, day: dt.date) -> None:
        held = self._value(p.violated_when, Scope(self.world, month, day))
        if held is True:
            self._violate(p, month.key, day, month, None)
        elif isinstance(held, Unknown):
            self._missing(f"{p.name}@{month.key}", held.needs)

    def _violate(self, p: m.Prohibition, key: str, day: dt.date, period: Period, record: Record | None) -> None:
        if not self._alive(p.survives, day):
            return
        scope = Scope(self.world, period, day, record)
        excuses = [p.except_when] + [e.when for e in p.exemptions if e.excused]
        for excuse in excuses:
            if excuse is not None:
                held = self._value(excuse, scope)
                if held is True:
                    self._event(day, "exception", f"{p.name}@{key}", ())
                    return
                if isinstance(held, Unknown):
                    self._missing(f"{p.name}@{key}", held.needs)
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

    # ---- rights

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
            if self.armed.get(flag) is None:
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
        held = True if right.when is None else self._value(right.when, scope)
        if held is True:
            if self.armed.get(right.name, True):
                self.armed[right.name] = False
                key = scope.period.key if right.timing == "period" else day.isoformat()
                for power in self.live_powers:
                    if power.right is right and power.status == "undetermined":
                        power.status = "superseded"
                power = self._open(right, key, day, scope.period)
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
        else:
            self.armed[right.name] = True

    def _grounds(self, right: m.Right) -> Iterator[Instance]:
        for subject, grade in self.terms.breach_subjects.get(right.name, ()):
            for x in self.by_norm.get(subject, ()):
                if x.in_breach(grade):
                    yield x

    def _open_over(self, right: m.Right, day: dt.date) -> None:
        """A right over the instances of a periodic obligation: once for each of this month's."""
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

    def _no_right(self, id: str, x: Instance, day: dt.date) -> None:
        self._event(day, "no right", id, (("over", x.id),))

    def _open_over_daily(self, right: m.Right, day: dt.date) -> None:
        """A right over instances whose condition can come to hold on any day: once for each, while it is open."""
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
        if self.ended_on is not None:
            return
        period = periods.month_of(day)
        over = next((x for x in self.by_norm.get(right.target or "", ()) if x.key == record.key), None)
        scope = Scope(self.world, period, day, record, over)
        for condition in (right.where, right.when):
            held = True if condition is None else self._value(condition, scope)
            if isinstance(held, Unknown):
                self._missing(f"{right.name}@{record.key}", held.needs)
            if held is not True:
                return
        power = self._open(right, record.key, day, period, over, record)
        on = self._value(right.exercised_on, scope) if right.exercised_on is not None else ABSENT
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
        if right.lapses is not None:
            start: Value = day
            if right.lapses.after is not None:
                start = self._value(right.lapses.after, Scope(self.world, period, day, power.record, power.over))
            if isinstance(start, dt.date):
                end = self._after(as_day(start), right.lapses.duration)
                power.last_day = periods.shift_deadline(end, right.lapses.shift, self.calendar)
        self.powers.append(power)
        self.power_ids.add(power.id)
        self.live_powers.append(power)
        self._queue(power.last_day)
        return power

    def _exercise_any(self, right: m.Right, day: dt.date) -> None:
        """A notice of a right that is not over one instance: whose it is, if anybody's, is seen on its day."""
        mine = [p for p in self.powers if p.right is right]
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
        elif power.status == "undetermined":
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
            timing = self.terms.by_name.get(right.target or "")
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
                    self._charge_and_book(x, day)
                    self._move_due(x, later, day)
            case _:
                pass

    def _withhold(self, x: Instance, day: dt.date, retroactive: bool) -> None:
        """The instance is extinguished from today; what was paid of it comes back as credit of the same day."""
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

    def _fit(self, x: Instance, account: Account) -> None:
        """A debt that became smaller: what was paid over it is credit, what was written off or retained of it is less."""
        amount = cast(Exact, x.amount)
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

    # ---- escalations

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
        on = self._value(right.exercised_on, scope)
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

    # ---- approvals

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

    # ---- the life of the contract

    def _give_notice(self, power: Power, day: dt.date) -> None:
        right = power.right
        power.status = "exercised"
        power.exercised_on = day
        power.touched = True
        if not power.grounds:
            power.grounds = tuple(self._grounds(right))
        if right.cure is not None:
            end = self._after(day, right.cure)
            power.cure_until = periods.shift_deadline(end, self.header.deadlines, self.calendar)
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
        self._finish(day, power.right.name)

    def _finish(self, day: dt.date, reason: str) -> None:
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
        self.settlement = Settlement(day, tuple(items))

    # ---- suspensions

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
                x = self._arise(timing, period, day)
                first = self.suspensions.run_until(name, day - DAY)
                if x is not None and x.halted is None and first is not None:
                    x.halted = first
                    self._go_on(x, "days", day - DAY, day)

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
        if "standing still" in x.flags and x.charged_to is not None and x.charged_to >= first and not x.booked:
            x.charged_to += last - first + DAY  # interest from a later day of default: its days stood still too
        x.flags.discard("standing still")
        o = x.obligation
        if (x.closed and x.performed_on is None) or x.fixed is not None or x.due is None:
            return
        if o is not None and o.schedule.kind == "periodic" and x.pays and x.period.start <= day <= x.period.end:
            self._recut(x, day)
        shift = o.due.shift if o is not None and o.due is not None else self.header.deadlines
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
        if x.default_since is not None and x.default_until is None:
            number = self.suspensions.days_run(x.name, x.default_since, day)
            for link in x.links[x.fired :]:
                self._queue(day + dt.timedelta(days=max(0, link.day - number)))

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

    # ---- what conditions ask (exact.Life)

    def suspension_start(self, scope: Scope) -> Value:
        x = scope.instance
        source = x.obligation.during if isinstance(x, Instance) and x.obligation is not None else None
        return self.suspensions.start_of(source, scope.period)

    def _after(self, day: dt.date, length: Duration) -> dt.date:
        """The day `length` after `day`. Where the contract's rule refuses a day that its month does not have, the
        month's last day stands in, and the statement says so."""
        try:
            return add_duration(self.world, day, length)
        except (ValueError, OverflowError):
            pass
        try:
            last = periods.add_duration(day, length.amount, length.unit, self.calendar, "clamp")
        except (ValueError, OverflowError):
            return NEVER  # past the last year that there is
        self.warnings.append(Warn("no such day", (("date", day), ("text", f"{length.amount} {length.unit}"))))
        return last

    def _value(self, op: m.Op | None, scope: Scope) -> Value:
        if op is None:
            return ABSENT
        return self.program.compiled(op)(scope)

    def has_status(self, subject: str, statuses: Sequence[str], scope: Scope) -> Value:
        if subject in self.terms.escalations:
            return self._ladder_status(subject, statuses, scope)
        day = scope.day or scope.period.end
        mine = self._of_subject(subject, scope)
        same = [x for x in mine if x.key == scope.period.key] if scope.day is None else []
        for x in same or mine:
            if x.status(day) in statuses or ("disputed" in statuses and x.held > 0):
                return True
        for p in self.powers:
            if p.right.name == subject and p.status in statuses:
                return True
        if "violated" in statuses or "breached" in statuses:
            if any(v.prohibition.name == subject for v in self.violations):
                return True
        return False

    def _of_subject(self, subject: str, scope: Scope) -> list[Instance]:
        """The subject's instances; where the scope is about an instance, the subject's one of the same period or record."""
        about = scope.instance
        if isinstance(about, Instance):
            twin = self.by_id.get(f"{subject}@{about.key}")
            if twin is not None:
                return [twin]
        return self.by_norm.get(subject, [])

    def in_breach(self, subject: str, grade: str, scope: Scope) -> Value:
        if any(x.in_breach(grade) for x in self._of_subject(subject, scope)):
            return True
        for v in self.violations:
            if v.prohibition.name == subject and v.grade is not None:
                if GRADES.index(v.grade) >= GRADES.index(grade):
                    return True
        return False

    def nothing_open(self, scope: Scope) -> Value:
        power = scope.instance
        if not isinstance(power, Power):
            return NotApplicable("no breach to cure")
        return all(x.closed or x.settled for x in power.grounds)

    def _day_of(self, scope: Scope) -> dt.date:
        """The day as of which a value is asked for: that of an instance's line is the day on which it arises."""
        if scope.day is not None or not isinstance(scope.instance, Instance):
            return scope.day or scope.period.end
        return self._today or scope.instance.created

    def figure(self, subject: str | None, field: str, scope: Scope) -> Value:
        if subject is None:
            x = scope.instance
            if not isinstance(x, Instance):
                return NotApplicable("no instance")
            if x.amount is None:
                return x.gap if x.gap is not None else NotApplicable("no amount")
            return self._major(x.amount if field == "amount" else x.open, x.currency)
        if subject in self.terms.escalations:
            return self._ladder_date(subject, field, scope)
        mine = self.by_norm.get(subject or "", [])
        if field in ("days_late", "hours_late"):
            day = self._day_of(scope)
            keys = {scope.period.key, scope.record.key if scope.record is not None else ""}
            if isinstance(scope.instance, Instance):
                keys.add(scope.instance.key)
            x = next((y for y in mine if y.key in keys), mine[0] if len(mine) == 1 else None)
            if x is None or x.due is None:
                return 0
            if field == "hours_late":
                return x.hours_late(day) or 0
            performed = x.performed_on if x.performed_on is not None and x.performed_on <= day else day
            return max(0, (performed - x.due).days)
        if field == "penalty":
            mine = self._of_subject(f"{subject}.penalty", scope)
        total: Exact = 0
        for x in mine:
            if x.amount is None:
                if x.gap is not None and isinstance(x.gap, Unknown):
                    return x.gap
                continue
            if field == "penalty":
                total = total + self._major(x.amount, x.currency)
                continue
            overdue = x.default_since is not None and x.default_until is None
            if field == "open" or overdue:
                held = x.held if field == "overdue" else 0
                total = total + self._major(x.open - held + x.interest_open, x.currency)
        return total

    # ---- statuses and rows

    def _event(self, day: dt.date, kind: str, subject: str, args: Args = ()) -> None:
        self.events.append(Event(day, kind, subject, args))

    def _missing(
        self,
        what: str,
        needs: tuple[str, ...],
        first: dt.date | None = None,
        last: dt.date | None = None,
        because: str | None = None,
    ) -> None:
        self.missing.append(Missing(what, needs, first, last, because))

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
        for value in self.contract.values:
            if isinstance(value, m.Let):
                self._show_let(value, scope, False)
            else:
                self._show_kpis(value, self._month, False)

    # ---- beside the months

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
        )
