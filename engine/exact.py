"""The reference interpreter of values: what each `Op` of the model means, in exact arithmetic and three-valued logic.

An Op is compiled once to a Python function of a `Scope`; a contract evaluated for many months, or for many sets of facts,
pays for the walk over its tree once. `Program` holds what depends on the contract alone, `World` what depends on one run.
The same functions serve the trace: with `traced` each of them also leaves a `Step` behind, so that what is explained is
what was computed.

Meaning in short: arithmetic with a `NotApplicable` stays not applicable and with an `Unknown` stays unknown; a comparison
with either cannot be known; `and` and `or` are Kleene's. What did not happen (`ABSENT`) compares as false.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, Protocol, TypeAlias, assert_never, cast

import attrs

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.builtins import BUILTINS
from clausal.dsl.calendars import Calendar
from clausal.dsl.diagnostics import Both, Rejected, error
from clausal.dsl.periods import Period
from clausal.dsl.types import BOOLEAN, Grain
from clausal.dsl.values import (
    Duration,
    Exact,
    NotApplicable,
    Shares,
    Unknown,
    Value,
    apportioned,
    exact,
    lengths,
    round_to,
    together,
)
from clausal.dsl.wording import decimals
from clausal.engine.facts import Cell, Facts, Notice, Record

_HISTORY: Final = 36_525  # days before the term that a window of days can reach: a century of facts

MOST_STEPS: Final = 500_000  # in the trace of one value: what others come to by many ways is told each time

ABSENT: Final = NotApplicable("absent")
NOT_ASSESSED: Final = NotApplicable("not assessed")

GRAIN_KIND: Final[Mapping[str, periods.Kind]] = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
}


class Life(Protocol):
    """What conditions may ask of the life of the contract (engine/walk/ answers)."""

    def has_status(self, subject: str, statuses: Sequence[str], scope: Scope) -> Value: ...
    def in_breach(self, subject: str, grade: str, scope: Scope) -> Value: ...
    def nothing_open(self, scope: Scope) -> Value: ...
    def figure(self, subject: str | None, field: str, scope: Scope) -> Value: ...
    def suspension_start(self, scope: Scope) -> Value: ...


class Balances(Protocol):
    """What a value may read of the contract's balances (engine/balances.py answers)."""

    def figure(self, name: str, field: str, scope: Scope) -> Value: ...


class Scope:
    """Where an Op is evaluated: a period, a day, perhaps a record and an instance.

    `since`: what happened before it does not count (a cure). `in_run`: a kpi that is not assessed says so. `to_date`: values
    of a month that is not final are computed from what is there. `current`: where a condition is put on a day inside a
    period, and values are those of the period before, the period of that day: its dates may have come already. `outer`: the
    record about which the records of another list are added up. `steps` collects the trace, where one is made.
    """

    __slots__ = (
        "current",
        "day",
        "in_run",
        "instance",
        "outer",
        "period",
        "record",
        "since",
        "steps",
        "to_date",
        "world",
    )

    def __init__(
        self,
        world: World,
        period: Period,
        day: dt.date | None = None,
        record: Record | None = None,
        instance: Any = None,
        since: dt.date | None = None,
        in_run: bool = False,
        to_date: bool = False,
        steps: list[Step] | None = None,
        current: Period | None = None,
        outer: Record | None = None,
    ) -> None:
        self.outer = outer
        self.world = world
        self.current = current
        self.period = period
        self.day = day
        self.record = record
        self.instance = instance
        self.since = since
        self.in_run = in_run
        self.to_date = to_date
        self.steps = steps

    def at(self, period: Period, in_run: bool = False) -> Scope:
        return Scope(self.world, period, self.day, None, self.instance, self.since, in_run, self.to_date, self.steps)


Compiled: TypeAlias = Callable[[Scope], Value]
Watch: TypeAlias = "Callable[[Program, m.Op, Compiled], Compiled]"


@attrs.frozen
class Step:
    """One evaluated Op of a trace: its value, the steps that it rests on, the cell or record that it read."""

    op: m.Op
    value: Value
    steps: tuple[Step, ...]
    cell: Cell | None = None
    fact: str | None = None
    record: Record | None = None
    period: str | None = None
    size: int = attrs.field(
        init=False,
        eq=False,
        default=attrs.Factory(lambda self: 1 + sum(step.size for step in self.steps), takes_self=True),
    )
    """How many steps there are in it."""


# ---- what depends on the contract alone ----------------------------------------------------------------------------


class Program:
    """A contract with its Ops compiled. Nothing in it changes after it is made but the memo of compiled Ops."""

    def __init__(self, contract: m.Contract, traced: bool = False, watch: Watch | None = None) -> None:
        """`watch` may put a function of its own in the place of an Op's, to see what it is asked and what it gives."""
        self.contract = contract
        self.traced = traced
        self.watch = watch
        self.lets = {v.name: v for v in contract.values if isinstance(v, m.Let)}
        self.kpis = {v.name: v for v in contract.values if isinstance(v, m.Kpi)}
        self.versions: dict[str, list[m.Let | m.Kpi]] = {}
        for v in contract.values:
            self.versions.setdefault(v.name, []).append(v)
        self.facts = {f.name: f for f in contract.facts}
        self.parameters = {p.name: p for p in contract.parameters}
        self._compiled: dict[int, tuple[m.Op, Compiled]] = {}

    def let(self, name: str, day: dt.date) -> m.Let | None:
        """The version that holds on the day, if one does."""
        versions = self.versions[name]
        if len(versions) == 1 and versions[0].since is None is versions[0].until:
            return self.lets[name]
        return cast("m.Let | None", next((v for v in versions if m.in_force(v, day)), None))

    def kpi(self, name: str, day: dt.date) -> m.Kpi | None:
        versions = self.versions[name]
        if len(versions) == 1 and versions[0].since is None is versions[0].until:
            return self.kpis[name]
        return cast("m.Kpi | None", next((v for v in versions if m.in_force(v, day)), None))

    def compiled(self, op: m.Op) -> Compiled:
        found = self._compiled.get(id(op))
        if found is None:
            found = self._compiled[id(op)] = (op, self._compile(op))
        return found[1]

    def _compile(self, op: m.Op) -> Compiled:
        run = _compile(self, op)
        if self.watch is not None:
            run = self.watch(self, op, run)
        return _traced(op, run) if self.traced else run


def _traced(op: m.Op, run: Compiled) -> Compiled:
    def step(s: Scope) -> Value:
        outer = s.steps
        inner: list[Step] = []
        s.steps = inner
        value = run(s)
        s.steps = outer
        if outer is not None:
            cell = fact = None
            match op:
                case m.FactRef(name=name, grain=grain) | m.NoticeRef(name=name, grain=grain):
                    key = s.world.key_of(grain, s.period)
                    fact = name if key == "once" else f"{name}@{key}"
                    cell = s.world.cell(name, key)
                case m.FieldRef(name=name, outer=of_outer) if (about := s.outer if of_outer else s.record) is not None:
                    cell = about.fields.get(name)
                    fact = name
                case _:
                    pass
            made = Step(op, value, tuple(inner), cell, fact, s.record, s.period.key)
            if made.size > MOST_STEPS:
                what = Both("steps of an explanation", "推导步骤")
                raise Rejected((error("R704", limit=str(MOST_STEPS), what=what),))
            outer.append(made)
        return value

    return step


# ---- what depends on one run ---------------------------------------------------------------------------------------


class World:
    """One run's facts and parameters as its conditions see them on `as_of`; `end` moves when the contract is ended."""

    def __init__(
        self,
        program: Program,
        facts: Facts,
        as_of: dt.date,
        complete_through: Mapping[str | None, dt.date],
        parameters: Mapping[str, Value],
        calendar: Calendar | None,
    ) -> None:
        contract = program.contract
        self.program = program
        self.facts = facts
        self.as_of = as_of
        self.calendar = calendar
        self.rule = contract.header.month_end
        self.start = contract.header.term_start
        self.end: dt.date = contract.header.term_end or dt.date.max
        self.pending = False
        self.pending_needs: tuple[str, ...] = ()
        self.first_month = periods.month_of(self.start)
        self.overrides = parameters
        default = complete_through.get(None, as_of)
        self.complete = {f.name: min(as_of, complete_through.get(f.name, default)) for f in contract.facts}
        self.life: Life | None = None
        self.balances: Balances | None = None
        self._values: dict[tuple[str, str], Value] = {}
        self._so_far: dict[tuple[str, Period], Value] | None = None
        self._kpis: dict[tuple[str, str], Value] = {}
        self._levels: dict[tuple[str, str], Value] = {}
        self._by_month: dict[str, dict[str, list[Record]]] = {}
        self._intervals: dict[str, tuple[tuple[dt.date, dt.date], ...]] = {}
        self.dated_parameters = tuple(
            p for p in contract.parameters if len(p.versions) > 1 and p.name not in parameters
        )
        self.version_starts = tuple(
            sorted({v.start for p in self.dated_parameters for v in p.versions if v.start is not None})
        )
        if contract.header.starts_when is not None:
            self._begin(contract.header.starts_when)

    def _begin(self, condition: m.Op) -> None:
        """The term starts on the first day on which its conditions precedent hold; until then it is pending."""
        start = None
        for day in self.days_of_change(condition):
            held = self.in_the_morning(condition, day)
            if isinstance(held, Unknown):
                self.pending_needs = held.needs
                break
            if held is True:
                start = day
                break
        if start is None:
            self.pending = True
            return
        if start > self.end:
            self.pending = True
            return
        self._values.clear()
        self._kpis.clear()
        self.start = start
        self.first_month = periods.month_of(start)
        counted = self.program.contract.header.term_end_op
        if counted is not None:
            end = self.program.compiled(counted)(Scope(self, self.first_month, start))
            if isinstance(end, dt.date):
                self.end = end

    def in_the_morning(self, condition: m.Op, day: dt.date) -> Value:
        """A condition as a day begins: its dates count if they have come by then, its values are those of the last month
        that was over. Before the first month is over nothing is known of one, and nothing holds for that."""
        over = periods.shift(periods.month_of(day), -1)
        held = self.program.compiled(condition)(Scope(self, over, day))
        if isinstance(held, Unknown) and over.end < self.start:
            needs = tuple(n for n in held.needs if "@" not in n)
            return Unknown(needs) if needs else NotApplicable("before the history", over.key)
        return held

    def days_of_change(self, condition: m.Op) -> tuple[dt.date, ...]:
        """The days, from the start of the term to `as_of`, on which a condition over facts can become another: the first,
        those of its dates and intervals, and the first of each month, when the values of the last are known."""
        days = {self.start}
        months = periods.months_between(self.start, self.as_of)
        days.update(month.start for month in months)
        stack: list[Any] = [condition]
        while stack:
            op = stack.pop()
            if isinstance(op, m.Happened):
                for month in (periods.shift(self.first_month, -1), *months):
                    value = self.program.compiled(op.date)(Scope(self, month))
                    if isinstance(value, dt.datetime):
                        value = value.date()
                    if isinstance(value, dt.date):
                        days.add(value)
            elif isinstance(op, m.Covered):
                days.add(self.complete[op.name] + dt.timedelta(days=1))
                for first, last in self.intervals(op.name):
                    days.add(first)
                    if last < self.as_of:
                        days.add(last + dt.timedelta(days=1))
            stack.extend(children(op))
        return tuple(sorted(d for d in days if self.start <= d <= self.as_of))

    # -- facts
    def key_of(self, grain: Grain, period: Period) -> str:
        if grain == "once":
            return "once"
        if grain == "monthly" and len(period.key) == 7 and period.key[5] != "Q" and period.key[5] != "H":
            return period.key
        return periods.period_of(period.end, GRAIN_KIND[grain]).key

    def cell(self, name: str, key: str) -> Cell | None:
        column = self.facts.scalars.get(name)
        return None if column is None else column.get(key)

    def records(self, name: str) -> dict[str, list[Record]]:
        """The records that this run may use, by month."""
        found = self._by_month.get(name)
        if found is None:
            found = self._by_month[name] = {}
            for record in (*self.facts.records.get(name, ()), *self._paid(name)):
                if record.on <= self.as_of and (record.reported is None or record.reported <= self.as_of):
                    found.setdefault(record.on.isoformat()[:7], []).append(record)
        return found

    def intervals(self, name: str) -> tuple[tuple[dt.date, dt.date], ...]:
        """The first and last days of a fact's intervals; one that is not over yet has no last day."""
        found = self._intervals.get(name)
        if found is None:
            days = []
            for records in self.records(name).values():
                for record in records:
                    until = record.fields["until"].value
                    days.append((record.on, dt.date.max if until is None else cast(dt.date, until)))
            found = self._intervals[name] = tuple(sorted(days))
        return found

    def _paid(self, name: str) -> Iterator[Record]:
        """Payments as records, in the currency that their `amount` is declared in: the contract's first."""
        for p in self.facts.payments.get(name, ()):
            if p.currency == self.program.contract.header.currency:
                said = {"ref": p.ref, "payer": p.payer, "payee": p.payee, "amount": p.amount, "on": p.on}
                more = {"reported": p.reported, "for": p.for_, "kind": p.kind}
                fields = {field: Cell(value, p.origin) for field, value in {**said, **more}.items()}
                yield Record(p.ref, p.on, fields, p.reported, p.origin)

    def parameter(self, name: str, day: dt.date) -> Value:
        override = self.overrides.get(name)
        if override is not None:
            return override
        declared = self.program.parameters[name]
        chosen = None
        for version in declared.versions:
            if version.start is None or version.start <= day:
                chosen = version
        if chosen is None:
            return NotApplicable("no version yet", name)
        if chosen.value is None:
            return NotApplicable("TBD", name)
        return self.program.compiled(chosen.value)(Scope(self, periods.month_of(day), day))

    # -- values
    def let(self, name: str, s: Scope) -> Value:
        program = self.program
        key = (name, s.period.key)
        found = self._values.get(key)
        if found is not None and not (program.traced or s.to_date):
            return found
        let = program.let(name, self.first_day(s.period))
        if let is None:
            return NotApplicable("no version", name)
        if program.traced:
            return program.compiled(let.value)(s)
        if s.to_date:
            return self._to_date(let, s)
        found = self._values[key] = program.compiled(let.value)(Scope(self, s.period))
        return found

    def _to_date(self, let: m.Let, s: Scope) -> Value:
        """The value up to now of a month that still runs: kept no longer than for the question at hand, which may come to it
        by many ways."""
        outermost = self._so_far is None
        kept = self._so_far if self._so_far is not None else {}
        self._so_far = kept
        key = (let.name, s.period)
        try:
            if key not in kept:
                kept[key] = self.program.compiled(let.value)(Scope(self, s.period, to_date=True))
            return kept[key]
        finally:
            if outermost:
                self._so_far = None

    def kpi(self, name: str, s: Scope) -> Value:
        """`met`, `missed`, NOT_ASSESSED (or why not), or Unknown."""
        program = self.program
        kpi = program.kpis[name]
        s = _around(kpi, s)
        key = (name, s.period.key)
        found = self._kpis.get(key)
        if found is not None and not (program.traced or s.to_date):
            return found
        version = program.kpi(name, self.first_day(s.period))
        if version is None:
            return NotApplicable("not assessed", "no version")
        if program.traced or s.to_date:
            return self._kpi(version, s)
        found = self._kpis[key] = self._kpi(version, Scope(self, s.period))
        return found

    def kpi_level(self, name: str, s: Scope) -> Value:
        """The name of the first level whose condition holds, `""` for none; else why it has none, or Unknown."""
        program = self.program
        kpi = program.kpis[name]
        s = _around(kpi, s)
        if program.traced or s.to_date:
            return self._level(kpi, s)
        key = (name, s.period.key)
        found = self._levels.get(key)
        if found is None:
            found = self._levels[key] = self._level(kpi, Scope(self, s.period))
        return found

    def _level(self, kpi: m.Kpi, s: Scope) -> Value:
        out = self._assessed(kpi, s)
        if out is not None:
            return out
        for level, condition in kpi.levels:
            held = self.program.compiled(condition)(s)
            if held is True:
                return level
            if isinstance(held, Unknown):
                return held
        return ""

    def kpi_figure(self, name: str, field: str, s: Scope) -> Value:
        """The measure of a kpi, its target, or how far the measure came from the baseline to the target."""
        kpi = self.program.kpis[name]
        s = _around(kpi, s)
        out = self._assessed(kpi, s)
        if out is not None:
            return out
        measure = self._figure(kpi, kpi.measure, s)
        if field == "measure":
            return measure
        target = self._figure(kpi, kpi.target, s)
        if field == "target":
            return target
        base: Value = 0 if kpi.baseline is None else self._figure(kpi, kpi.baseline, s)
        for value in (measure, target, base):
            if isinstance(value, _GAPS):
                return _gap(_gap(measure, target) if isinstance(measure, _GAPS) else target, base)
        way = cast(Exact, target) - cast(Exact, base)
        if way == 0:
            return NotApplicable("division by zero")
        return exact(Fraction(cast(Exact, measure) - cast(Exact, base)) / way)

    def _figure(self, kpi: m.Kpi, op: m.Op | None, s: Scope) -> Value:
        """A figure of the kpi. Where it is prorated, what is to be reached counts by the days in term."""
        if op is None:
            return NotApplicable("no figure")
        value = self.program.compiled(op)(s)
        if kpi.partial != "prorated" or op is kpi.measure or isinstance(value, _GAPS):
            return value
        whole = periods.period_of(s.period.end, GRAIN_KIND[kpi.grain])
        first, last = max(whole.start, self.start), min(whole.end, self.end)
        return exact(cast(Exact, value) * periods.share_of(whole, first, last, "actual"))

    def _assessed(self, kpi: m.Kpi, s: Scope) -> Value | None:
        """None where the kpi is assessed in the scope's period; else why not, or Unknown."""
        period = s.period
        compiled = self.program.compiled
        if period.end < self.start or period.start > self.end:
            return NotApplicable("not assessed", "out of term")
        if kpi.partial == "not assessed" and (period.start < self.start or period.end > self.end):
            return NotApplicable("not assessed", "partial")
        if kpi.starting is not None:
            start = compiled(kpi.starting)(s)
            if isinstance(start, Unknown):
                return start
            if isinstance(start, NotApplicable) or cast(dt.date, start) > period.start:
                return NotApplicable("not assessed", "not started")
        if kpi.not_assessed is not None:
            out = compiled(kpi.not_assessed)(s)
            if out is True:
                return NotApplicable("not assessed", "as agreed")
            if isinstance(out, Unknown):
                return out
        return None

    def _kpi(self, kpi: m.Kpi, s: Scope) -> Value:
        out = self._assessed(kpi, s)
        if out is not None:
            return out
        met = self._reached(kpi, s) if kpi.met is None else self.program.compiled(kpi.met)(s)
        if met is True:
            return "met"
        if met is False:
            return "missed"
        if isinstance(met, Unknown):
            return met
        reason = met.reason if isinstance(met, NotApplicable) else "not applicable"
        return NotApplicable("not assessed", reason)

    def _reached(self, kpi: m.Kpi, s: Scope) -> Value:
        measure, target = self._figure(kpi, kpi.measure, s), self._figure(kpi, kpi.target, s)
        if isinstance(measure, _GAPS) or isinstance(target, _GAPS):
            return _gap(measure, target)
        a, b = cast(Exact, measure), cast(Exact, target)
        return a <= b if kpi.lower else a >= b

    def first_day(self, period: Period) -> dt.date:
        """The period's first day, of those on which the contract runs."""
        return self.start if period.start < self.start <= period.end else period.start

    def active_days(self, period: Period) -> tuple[dt.date, dt.date] | None:
        first = max(period.start, self.start)
        last = min(period.end, self.end)
        return (first, last) if first <= last else None


def _around(kpi: m.Kpi, s: Scope) -> Scope:
    """The scope of the kpi's own period around another."""
    kind = GRAIN_KIND[kpi.grain]
    return s if s.period.kind == kind else s.at(periods.period_of(s.period.end, kind))


# ---- Ops -----------------------------------------------------------------------------------------------------------


def _gap(left: Value, right: Value) -> Value:
    """What an operation on two values gives when one of them is not simply known."""
    if isinstance(left, Unknown):
        return together(left, right) if isinstance(right, Unknown) else left
    if isinstance(right, Unknown):
        return right
    return left if isinstance(left, NotApplicable) else right


_GAPS: Final = (Unknown, NotApplicable)


def _compile(program: Program, op: m.Op) -> Compiled:
    sub = program.compiled
    match op:
        case m.Const(value=value):
            return lambda s: value
        case m.ParamRef(name=name):
            return _parameter(program, name)
        case m.FactRef(name=name, grain=grain):
            return _fact(program.facts[name], name, grain)
        case m.NoticeRef(name=name, grain=grain, field=field):
            return _notice(program.facts[name], name, grain, field)
        case m.FieldRef(name=name, outer=outer):
            return _field(name, outer)
        case m.LetRef(name=name):
            return lambda s: s.world.let(name, s)
        case m.KpiState(kpi=name, state=state):
            return _kpi_state(name, state)
        case m.KpiLevel(kpi=name, level=wanted):
            return _kpi_level(name, wanted)
        case m.KpiFigure(kpi=name, field=part):
            return lambda s: s.world.kpi_figure(name, part, s)
        case m.Arith():
            return _arith(op, sub(op.left), sub(op.right))
        case m.Negate(operand=operand):
            inner = sub(operand)

            def negate(s: Scope) -> Value:
                v = inner(s)
                return v if isinstance(v, _GAPS) else -cast(Exact, v)

            return negate
        case m.Compare():
            return _compare(op.op, sub(op.left), sub(op.right))
        case m.AllOf(operands=operands):
            return _kleene(tuple(map(sub, operands)), stop=False)
        case m.AnyOf(operands=operands):
            return _kleene(tuple(map(sub, operands)), stop=True)
        case m.Not(operand=operand):
            inner = sub(operand)

            def negated(s: Scope) -> Value:
                v = inner(s)
                return v if isinstance(v, _GAPS) else not v

            return negated
        case m.Choice(cases=cases, otherwise=otherwise):
            return _choice(tuple((sub(c), sub(v)) for c, v in cases), None if otherwise is None else sub(otherwise))
        case m.OverRecords():
            return _over_records(
                op, None if op.where is None else sub(op.where), None if op.body is None else sub(op.body)
            )
        case m.OverPeriods():
            return _over_periods(op, sub(op.body))
        case m.AtPeriod():
            return _at_period(op, sub(op.body))
        case m.Run():
            return _run(op, sub(op.test), None if op.length is None else sub(op.length))
        case m.NOfM():
            return _n_of_m(op, sub(op.test))
        case m.Ever(test=test, current=current):
            return _ever(sub(test), current)
        case m.StatusTest(subject=subject, statuses=statuses):
            return lambda s: _life(s).has_status(subject, statuses, s)
        case m.BreachTest(subject=subject, grade=grade):
            return lambda s: _life(s).in_breach(subject, grade, s)
        case m.NothingOpen():
            return lambda s: _life(s).nothing_open(s)
        case m.InstanceValue(subject=holder, field=figure):
            return lambda s: _life(s).figure(holder, figure, s)
        case m.AtSuspensionStart():
            return _at_suspension_start(sub(op.body))
        case m.Happened(date=date):
            return _happened(sub(date))
        case m.Covered(name=name):
            return _covered(name)
        case m.DateShift():
            return _date_shift(sub(op.date), sub(op.duration), op.sign)
        case m.Bound(kind=kind):
            return _bound(kind)
        case m.Builtin():
            return _builtin(op, tuple(map(sub, op.args)))
        case m.Split():
            return _split(program, op, sub(op.whole), _parts(op.shares, sub))
        case m.Apportion():
            now = tuple((party, sub(value)) for party, value in op.shares)
            before = None if op.before is None else tuple((party, sub(value)) for party, value in op.before)
            return _apportion(program, op, now, before)
        case m.Stages():
            stages = tuple(
                (None if stage.bound is None else sub(stage.bound), _parts(stage.shares, sub)) for stage in op.stages
            )
            return _stages(program, op, sub(op.whole), stages)
        case m.Waterfall():
            buckets = tuple((party, sub(need)) for party, need in op.buckets)
            return _waterfall(program, op, sub(op.cash), buckets, _parts(op.rest, sub))
        case m.ShareOf():
            return _share_of(op, sub(op.of))
        case m.BalanceRef(name=name, field=figure):
            return lambda s: _balances(s).figure(name, figure, s)
        case _:
            assert_never(op)


def _life(s: Scope) -> Life:
    if s.world.life is None:
        raise RuntimeError("a condition asks for a status outside the life of the contract")
    return s.world.life


def _balances(s: Scope) -> Balances:
    if s.world.balances is None:
        raise RuntimeError("a balance is read outside a run")
    return s.world.balances


def _parameter(program: Program, name: str) -> Compiled:
    declared = program.parameters[name]
    only = declared.versions[0].value if len(declared.versions) == 1 else None
    if isinstance(only, m.Const):
        constant = only.value

        def fixed(s: Scope) -> Value:
            override = s.world.overrides.get(name)
            return constant if override is None else override

        return fixed
    return lambda s: s.world.parameter(name, s.day or s.world.first_day(s.period))


def _fact(decl: m.FactDecl, name: str, grain: Grain) -> Compiled:
    presume = decl.presume
    dated = decl.type.kind in ("date", "moment")

    def read(s: Scope) -> Value:
        world = s.world
        period = s.period
        key = world.key_of(grain, period)
        column = world.facts.scalars.get(name)
        cell = None if column is None else column.get(key)
        if dated and s.current is not None and column is not None:
            today = column.get(world.key_of(grain, s.current))
            if today is not None and today.value is not None:
                cell = today
        if cell is None or cell.unknown:
            if presume is not None and (cell is None or not cell.unknown):
                return presume
            if dated and cell is None and name in world.facts.carried:
                return ABSENT if grain == "once" or _final(world, name, s) else _needs(name, key)
            return _needs(name, key)
        value = cell.value
        if value is None:
            if presume is not None:
                return presume
            return ABSENT if dated else _needs(name, key)
        if dated:
            day = value.date() if isinstance(value, dt.datetime) else cast(dt.date, value)
            return ABSENT if day > world.as_of else cast(Value, value)
        if grain != "once" and (_later(world, grain, period) if s.to_date else not _final(world, name, s)):
            return _needs(name, key)
        return cast(Value, value)

    return read


def _later(world: World, grain: Grain, period: Period) -> bool:
    """Whether a fact is of a time that was not over when the period (cut off to see how far it had come) was."""
    return period.end < world.as_of and periods.period_of(period.end, GRAIN_KIND[grain]).end > period.end


def _final(world: World, name: str, s: Scope) -> bool:
    return world.complete[name] >= min(s.period.end, world.end)


def _needs(name: str, key: str) -> Unknown:
    return Unknown((name if key == "once" else f"{name}@{key}",))


def _notice(decl: m.FactDecl, name: str, grain: Grain, field: str) -> Compiled:
    def read(s: Scope) -> Value:
        key = s.world.key_of(grain, s.period)
        cell = s.world.cell(name, key)
        if cell is None or cell.unknown:
            carried = cell is None and name in s.world.facts.carried
            return ABSENT if carried else _needs(name, key)
        if cell.value is None:
            return ABSENT
        notice = cell.value
        day = getattr(notice, field) if isinstance(notice, Notice) else cast(dt.date, notice)
        return ABSENT if day is None or day > s.world.as_of else day

    return read


def _field(name: str, outer: bool) -> Compiled:
    def read(s: Scope) -> Value:
        record = s.outer if outer else s.record
        if record is None:
            raise RuntimeError(f"the field {name} is read outside a record")
        cell = record.fields.get(name)
        if cell is None or cell.value is None:
            if cell is not None and cell.unknown:
                return Unknown((f"{name} of {record.key}",))
            return ABSENT
        return cast(Value, cell.value)

    return read


def _kpi_state(name: str, state: str) -> Compiled:
    def read(s: Scope) -> Value:
        status = s.world.kpi(name, s)
        if isinstance(status, Unknown):
            return status
        if isinstance(status, NotApplicable):
            if state == "not assessed":
                return True
            return NOT_ASSESSED if s.in_run else False
        return status == state

    return read


def _kpi_level(name: str, wanted: str) -> Compiled:
    def read(s: Scope) -> Value:
        level = s.world.kpi_level(name, s)
        if isinstance(level, Unknown):
            return level
        if isinstance(level, NotApplicable):
            return NOT_ASSESSED if s.in_run else False
        return level == wanted

    return read


_OPERATIONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}


def _arith(op: m.Arith, left: Compiled, right: Compiled) -> Compiled:
    if op.op == "/":
        return _divide(left, right)
    if op.type.kind == "duration":
        return _times(left, right)
    operation = _OPERATIONS[op.op]

    def compute(s: Scope) -> Value:
        a, b = left(s), right(s)
        if isinstance(a, _GAPS) or isinstance(b, _GAPS):
            return _gap(a, b)
        return cast(Value, operation(a, b))

    return compute


def _times(left: Compiled, right: Compiled) -> Compiled:
    """A duration as often as a number says."""

    def times(s: Scope) -> Value:
        a, b = left(s), right(s)
        if isinstance(a, _GAPS) or isinstance(b, _GAPS):
            return _gap(a, b)
        length, number = (a, b) if isinstance(a, Duration) else (b, a)
        return cast(Duration, length).times(cast(Exact, number))

    return times


def _divide(left: Compiled, right: Compiled) -> Compiled:
    def divide(s: Scope) -> Value:
        a, b = left(s), right(s)
        if isinstance(a, _GAPS) or isinstance(b, _GAPS):
            return _gap(a, b)
        if b == 0:
            return NotApplicable("division by zero")
        return Fraction(cast(Exact, a)) / cast(Exact, b)

    return divide


def _compare(sign: str, left: Compiled, right: Compiled) -> Compiled:
    test: Callable[[Any, Any], bool] = {
        "=": operator.eq,
        "!=": operator.ne,
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }[sign]

    def compare(s: Scope) -> Value:
        a, b = left(s), right(s)
        if isinstance(a, _GAPS) or isinstance(b, _GAPS):
            if isinstance(a, Unknown) or isinstance(b, Unknown):
                return _gap(a, b)
            if a == ABSENT or b == ABSENT:
                return False
            return _gap(a, b)
        if isinstance(a, Duration):
            pair = lengths(a, cast(Duration, b))
            return NotApplicable("no common length") if pair is None else test(*pair)
        return test(a, b)

    return compare


def _kleene(operands: tuple[Compiled, ...], stop: bool) -> Compiled:
    """`and` stops at false, `or` at true; else what is not known decides, and names every fact that it needs."""

    def connect(s: Scope) -> Value:
        unknown: list[Unknown] = []
        beside: NotApplicable | None = None
        for operand in operands:
            v = operand(s)
            if v is stop:
                return stop
            if isinstance(v, Unknown):
                unknown.append(v)
            elif isinstance(v, NotApplicable):
                beside = v
        if unknown:
            return unknown[0] if len(unknown) == 1 else together(*unknown)
        return not stop if beside is None else beside

    return connect


def _choice(cases: tuple[tuple[Compiled, Compiled], ...], otherwise: Compiled | None) -> Compiled:
    def choose(s: Scope) -> Value:
        open_: list[Value] = []
        unknown: list[Value] = []
        for condition, value in cases:
            c = condition(s)
            if c is True:
                open_.append(value(s))
                break
            if c is not False:
                unknown.append(c)
                open_.append(value(s))
        else:
            open_.append(NotApplicable("no case applies") if otherwise is None else otherwise(s))
        if not unknown:
            return open_[-1]
        first = open_[0]
        if all(v == first for v in open_) and not isinstance(first, Unknown):
            return first
        needs = [v for v in (*unknown, *open_) if isinstance(v, Unknown)]
        if needs:
            return together(*needs)
        return next(v for v in unknown if isinstance(v, NotApplicable))

    return choose


def _window_months(window: m.Span_, s: Scope) -> Iterator[Period]:
    """The months of a window that ends with the scope's month, in order."""
    month = periods.month_of(s.period.end)
    world = s.world
    match window.kind:
        case "this month":
            if s.period.kind in ("quarter", "half", "year"):
                yield from periods.months_between(max(s.period.start, world.first_month.start), s.period.end)
            else:
                yield month
            return
        case "last":
            n = window.amount * {"months": 1, "quarters": 3, "years": 12}.get(window.unit or "months", 1)
            for back in range(n - 1, -1, -1):
                yield periods.shift(month, -back)
            return
        case "this quarter":
            first = periods.quarter_of(month.end).start
        case "contract year to date":
            first = periods.contract_year_of(max(month.end, world.start), world.start, world.rule).start
        case "calendar year to date":
            first = dt.date(month.start.year, 1, 1)
        case "since start":
            first = world.start
        case "until previous month":
            if month.start <= world.start:
                return
            yield from periods.months_between(world.start, periods.shift(month, -1).end)
            return
        case _:
            assert_never(window.kind)
    yield from periods.months_between(max(first, world.first_month.start), month.end)


def _window_days(window: m.Span_, s: Scope) -> tuple[dt.date, dt.date]:
    """The first and the last day of a window of days or weeks: it ends with the scope's day, else with its period."""
    last = min(s.day or s.period.end, s.world.end)
    days = window.amount * (7 if window.unit == "weeks" else 1)
    earliest = min(last, s.world.start).toordinal() - _HISTORY
    return dt.date.fromordinal(max(1, earliest, last.toordinal() + 1 - days)), last


def _window_periods(window: m.Span_, grain: Grain, s: Scope) -> Iterator[Period]:
    """The periods of a grain that end in the window's months, or on its days."""
    if window.by_days:
        first, last = _window_days(window, s)
        for period in periods.periods_between(first, last, GRAIN_KIND[grain]):
            if period.end <= last:
                yield period
        return
    for month in _window_months(window, s):
        if grain in ("weekly", "daily"):
            for period in periods.periods_between(month.start, month.end, GRAIN_KIND[grain]):
                if period.end <= month.end:
                    yield period
        else:
            yield month if grain == "monthly" else periods.period_of(month.end, GRAIN_KIND[grain])


def _over_records(op: m.OverRecords, where: Compiled | None, body: Compiled | None) -> Compiled:
    name = op.list
    function = op.function
    window = op.window
    # Facts from before the term are history: only a window that looks back by name may read them.
    history = window.kind == "last"
    counted = m.Const(True, BOOLEAN, span=op.span)  # what the trace of a bare count says of each record

    def over(s: Scope) -> Value:
        world = s.world
        key = world.key_of("monthly", s.period)
        if name not in world.facts.carried:
            return Unknown((f"{name}@{key}",))
        first, last = (dt.date.min if history else world.start), world.end
        months: Iterable[Period]
        if window.by_days:
            first, last = _window_days(window, s)
            months = periods.months_between(first, last)
        else:
            months = _window_months(window, s)
        if not s.to_date and world.complete[name] < min(last if window.by_days else s.period.end, world.end):
            return Unknown((f"{name}@{key}",))
        by_month = world.records(name)
        gaps: list[Value] = []
        values: list[Exact] = []
        for month in months:
            for record in by_month.get(month.key, ()):
                if record.on < first or record.on > last:
                    continue
                inner = Scope(
                    world, month, s.day, record, s.instance, s.since, False, s.to_date, s.steps, outer=s.record
                )
                if where is not None:
                    kept = where(inner)
                    if kept is False:
                        continue
                    if kept is not True:
                        gaps.append(kept)
                        continue
                if body is None:
                    values.append(1)
                    if where is None and s.steps is not None:
                        s.steps.append(Step(counted, True, (), None, None, record, month.key))
                    continue
                v = body(inner)
                if isinstance(v, _GAPS):
                    gaps.append(v)
                else:
                    values.append(cast(Exact, v))
        return fold(function, values, gaps)

    return over


def fold(function: str, values: list[Exact], gaps: list[Value]) -> Value:
    unknown = [g for g in gaps if isinstance(g, Unknown)]
    if unknown:
        return together(*unknown)
    if gaps:
        return gaps[0]
    if function in ("sum", "count"):
        return sum(values)
    if not values:
        return NotApplicable("nothing to choose from")
    if function == "minimum":
        return min(values)
    if function == "maximum":
        return max(values)
    return Fraction(sum(values)) / len(values)


def _over_periods(op: m.OverPeriods, body: Compiled) -> Compiled:
    function = op.function
    grain = op.grain

    def over(s: Scope) -> Value:
        gaps: list[Value] = []
        values: list[Exact] = []
        seen: set[str] = set()
        for period in _window_periods(op.window, grain, s):
            if period.key in seen:
                continue
            seen.add(period.key)
            v = body(s.at(period))
            if isinstance(v, _GAPS):
                gaps.append(v)
            elif function == "count":
                values.append(1 if v else 0)
            else:
                values.append(cast(Exact, v))
        return fold(function, values, gaps)

    return over


def _at_period(op: m.AtPeriod, body: Compiled) -> Compiled:
    def elsewhere(s: Scope) -> Value:
        if op.unit == "literal":
            period = periods.parse_period(cast(str, op.literal))
        elif op.unit == s.period.kind:
            period = periods.shift(s.period, op.offset)
        elif op.unit == "quarter":
            period = periods.shift(periods.quarter_of(s.period.end), op.offset)
        elif op.unit == "year":
            period = periods.shift(periods.month_of(s.period.end), 12 * op.offset)
        else:
            period = periods.shift(periods.month_of(s.period.end), op.offset)
        v = body(s.at(period))
        if isinstance(v, Unknown) and period.end < s.world.start:
            return NotApplicable("before the history", period.key)
        return v

    return elsewhere


def _at_suspension_start(body: Compiled) -> Compiled:
    def then(s: Scope) -> Value:
        begun = _life(s).suspension_start(s)
        if isinstance(begun, _GAPS):
            return begun
        return body(s.at(periods.shift(periods.month_of(cast(dt.date, begun)), -1)))

    return then


def _back(period: Period, grain: Grain, world: World) -> Iterator[Period]:
    """The period around the scope's and those before it, back to the one of the term's start."""
    kind = GRAIN_KIND[grain]
    p = period if period.kind == kind else periods.period_of(period.end, kind)
    while p.end >= world.start:
        yield p
        p = periods.shift(p, -1)


def _run(op: m.Run, test: Compiled, length: Compiled | None) -> Compiled:
    grain = op.grain
    resets = op.missing == "resetting"

    def consecutive(s: Scope) -> Value:
        amount: Value = op.amount if length is None else length(s)
        if isinstance(amount, _GAPS):
            return amount
        if not isinstance(amount, int) or amount < 1:
            return NotApplicable("no number of periods")
        count = 0
        unknown: list[Unknown] = []
        for period in _back(s.period, grain, s.world):
            v = test(s.at(period, in_run=True))
            if v is False:
                return False
            if isinstance(v, NotApplicable):
                if resets:
                    return False
                continue
            if isinstance(v, Unknown):
                unknown.append(v)
            count += 1
            if count == amount:
                return together(*unknown) if unknown else True
        return False

    return consecutive


def _n_of_m(op: m.NOfM, test: Compiled) -> Compiled:
    def at_least(s: Scope) -> Value:
        sure = possible = seen = 0
        unknown: list[Unknown] = []
        for period in _back(s.period, op.grain, s.world):
            if seen == op.of:
                break
            v = test(s.at(period, in_run=True))
            if isinstance(v, NotApplicable):
                if op.missing == "resetting":
                    break
                if op.missing == "skipping":
                    continue
            seen += 1
            if v is True:
                sure += 1
                possible += 1
            elif isinstance(v, Unknown):
                possible += 1
                unknown.append(v)
        if sure >= op.amount:
            return True
        return together(*unknown) if possible >= op.amount else False

    return at_least


def _ever(test: Compiled, current: bool) -> Compiled:
    def ever(s: Scope) -> Value:
        unknown: list[Unknown] = []
        for i, period in enumerate(_back(s.period, "monthly", s.world)):
            if i == 0 and not current:
                continue
            v = test(s.at(period))
            if v is True:
                return True
            if isinstance(v, Unknown):
                unknown.append(v)
        return together(*unknown) if unknown else False

    return ever


def _happened(date: Compiled) -> Compiled:
    def happened(s: Scope) -> Value:
        v = date(s)
        if isinstance(v, Unknown):
            return v
        if isinstance(v, NotApplicable):
            return False
        day = v.date() if isinstance(v, dt.datetime) else cast(dt.date, v)
        if s.since is not None and day < s.since:
            return False
        return day <= (s.day or s.period.end)

    return happened


def _covered(name: str) -> Compiled:
    def covered(s: Scope) -> Value:
        world = s.world
        day = s.day or s.period.end
        if name not in world.facts.carried:
            return Unknown((name,))
        if any(first <= day <= last for first, last in world.intervals(name)):
            return True
        return False if day <= world.complete[name] else Unknown((name,))

    return covered


def _date_shift(date: Compiled, duration: Compiled, sign: int) -> Compiled:
    def shifted(s: Scope) -> Value:
        d, by = date(s), duration(s)
        if isinstance(d, _GAPS) or isinstance(by, _GAPS):
            return _gap(d, by)
        length = cast(Duration, by)
        try:
            return add_duration(s.world, cast(dt.date, d), length, sign)
        except (ValueError, OverflowError) as error:
            return NotApplicable("no such day", str(error))

    return shifted


def add_duration(world: World, day: dt.date, length: Duration, sign: int = 1) -> dt.date:
    """The day `length` after (or before) `day`; `day` itself does not count. A moment stays a moment: days and longer
    units keep its time, hours run on the clock of the contract's zone."""
    amount = sign * length.amount
    if not isinstance(day, dt.datetime):
        return periods.add_duration(day, amount, length.unit, world.calendar, world.rule)
    if length.unit == "hours":
        return day + dt.timedelta(hours=amount)
    later = periods.add_duration(day.date(), amount, length.unit, world.calendar, world.rule)
    return dt.datetime.combine(later, day.time())


def _bound(kind: str) -> Compiled:
    def bound(s: Scope) -> Value:
        match kind:
            case "month start":
                return periods.month_of(s.period.end).start
            case "month end":
                return periods.month_of(s.period.end).end
            case "period start":
                return s.world.first_day(s.period)
            case "arises":
                return getattr(s.instance, "created", None) or s.day or s.world.first_day(s.period)
            case "period end":
                return min(s.period.end, s.world.end)
            case "term start":
                return s.world.start
            case _:
                if s.world.end == dt.date.max:
                    return NotApplicable("no end")
                return s.world.end

    return bound


def _builtin(op: m.Builtin, args: tuple[Compiled, ...]) -> Compiled:
    function = BUILTINS[op.name]
    passes = function.name == "fallback"

    def call(s: Scope) -> Value:
        values = tuple(a(s) for a in args)
        if not passes:
            gap: Value | None = None
            for v in values:
                if isinstance(v, _GAPS):
                    gap = v if gap is None else _gap(gap, v)
            if gap is not None:
                return gap
        return function.evaluate(values, s.world.calendar, s.period)

    return call


# ---- divisions ------------------------------------------------------------------------------------------------------

Parts: TypeAlias = tuple[tuple[str, Compiled | None], ...]


def _parts(shares: tuple[m.Share, ...], sub: Callable[[m.Op], Compiled]) -> Parts:
    return tuple((share.party, None if share.value is None else sub(share.value)) for share in shares)


def rounding_of(contract: m.Contract, currency: str | None) -> tuple[Fraction, str]:
    """The unit and the mode by which a line in that currency is rounded, in units of the currency."""
    header = contract.header
    if currency is None or currency == header.currency:
        return header.rounding_unit, header.rounding_mode
    return Fraction(1, 10 ** decimals(currency)), header.rounding_mode


def _portions(parts: Parts, s: Scope, overlay: bool = False) -> list[tuple[str, Exact]] | Unknown | NotApplicable:
    """What part each gets; they have to add up to one, unless they may overlap."""
    found: list[tuple[str, Exact]] = []
    gap: Value | None = None
    for party, value in parts:
        v: Value = 0 if value is None else value(s)
        if isinstance(v, _GAPS):
            gap = v if gap is None else _gap(gap, v)
        else:
            found.append((party, cast(Exact, v)))
    if gap is not None:
        return cast("Unknown | NotApplicable", gap)
    total = sum(portion for _, portion in found)
    if overlay:
        return found
    if any(value is None for _, value in parts):
        found = [
            (party, 1 - total if value is None else portion)
            for (party, value), (_, portion) in zip(parts, found, strict=True)
        ]
    if any(portion < 0 for _, portion in found) or (total != 1 and all(value is not None for _, value in parts)):
        return NotApplicable("shares that do not make the whole", str(exact(total)))
    return found


def _conserved(amounts: dict[str, Exact], unit: Fraction, mode: str) -> tuple[tuple[str, Exact], ...]:
    return tuple(zip(amounts, apportioned(list(amounts.values()), unit, mode), strict=True))


def _split(program: Program, op: m.Split, whole: Compiled, parts: Parts) -> Compiled:
    unit, mode = rounding_of(program.contract, op.type.currency)
    overlay = op.overlay

    def split(s: Scope) -> Value:
        total, portions = whole(s), _portions(parts, s, overlay)
        if isinstance(total, _GAPS) or isinstance(portions, _GAPS):
            return _gap(total, cast(Value, portions))
        amounts = {party: cast(Exact, total) * portion for party, portion in portions}
        if overlay:
            return Shares(tuple((party, round_to(amount, unit, mode)) for party, amount in amounts.items()))
        return Shares(_conserved(amounts, unit, mode))

    return split


def _apportion(
    program: Program,
    op: m.Apportion,
    now: tuple[tuple[str, Compiled], ...],
    before: tuple[tuple[str, Compiled], ...] | None,
) -> Compiled:
    unit, mode = rounding_of(program.contract, op.type.currency)

    def together_(values: tuple[tuple[str, Compiled], ...], s: Scope) -> dict[str, Exact] | Value:
        amounts: dict[str, Exact] = {}
        gap: Value | None = None
        for party, value in values:
            v = value(s)
            if isinstance(v, _GAPS):
                gap = v if gap is None else _gap(gap, v)
            else:
                amounts[party] = cast(Exact, v)
        return amounts if gap is None else gap

    def apportion(s: Scope) -> Value:
        amounts = together_(now, s)
        then = {} if before is None else together_(before, s)
        if not isinstance(amounts, dict):
            return amounts
        if not isinstance(then, dict):
            return then
        shares = _conserved(amounts, unit, mode)
        if not then:
            return Shares(shares)
        earlier = dict(_conserved(then, unit, mode))
        return Shares(tuple((party, exact(share - earlier[party])) for party, share in shares))

    return apportion


def _stages(
    program: Program, op: m.Stages, whole: Compiled, stages: tuple[tuple[Compiled | None, Parts], ...]
) -> Compiled:
    unit, mode = rounding_of(program.contract, op.type.currency)
    parties = op.type.parties

    def divide(s: Scope) -> Value:
        total, opening = whole(s), _balances(s).figure(op.balance, "opening", s)
        if isinstance(total, _GAPS) or isinstance(opening, _GAPS):
            return _gap(total, opening)
        left, reached = cast(Exact, total), cast(Exact, opening)
        amounts: dict[str, Exact] = dict.fromkeys(parties, 0)
        for bound, parts in stages:
            limit = None if bound is None else bound(s)
            portions = _portions(parts, s)
            if isinstance(limit, _GAPS) or isinstance(portions, _GAPS):
                return _gap(limit if limit is not None else 0, cast(Value, portions))
            shares = dict(portions)
            filling = shares.get(op.filled_by, 0)
            part = left
            if limit is not None:
                room = cast(Exact, limit) - reached
                if room <= 0:
                    continue
                if op.crossing and left > 0 and filling > 0:
                    part = min(left, Fraction(room) / filling)
            for party, portion in shares.items():
                amounts[party] = amounts[party] + part * portion
            reached = reached + part * filling
            left = left - part
            if left == 0:
                break
        return Shares(_conserved(amounts, unit, mode))

    return divide


def _waterfall(
    program: Program, op: m.Waterfall, cash: Compiled, buckets: tuple[tuple[str, Compiled], ...], rest: Parts
) -> Compiled:
    unit, mode = rounding_of(program.contract, op.type.currency)
    parties = op.type.parties

    def fall(s: Scope) -> Value:
        total = cash(s)
        needs = [(party, need(s)) for party, need in buckets]
        portions: Any = _portions(rest, s) if rest else []
        gap: Value | None = None
        for v in (total, *(need for _, need in needs), portions):
            if isinstance(v, _GAPS):
                gap = v if gap is None else _gap(gap, v)
        if gap is not None:
            return gap
        left = max(cast(Exact, total), 0)
        amounts: dict[str, Exact] = dict.fromkeys(parties, 0)
        short: dict[str, Exact] = {}
        for party, wanted in needs:
            need = max(cast(Exact, wanted), 0)
            part = min(left, need)
            amounts[party] = amounts[party] + part
            short[party] = short.get(party, 0) + need - part
            left = left - part
        for party, portion in portions:
            amounts[party] = amounts[party] + left * portion
        if portions:
            left = 0
        shares = _conserved({**amounts, "": left}, unit, mode)
        lacking = tuple((party, round_to(lack, unit, mode)) for party, lack in short.items())
        return Shares(shares[:-1], lacking, shares[-1][1])

    return fall


def _share_of(op: m.ShareOf, of: Compiled) -> Compiled:
    party, field = op.party, op.field

    def read(s: Scope) -> Value:
        v = of(s)
        if not isinstance(v, Shares):
            return v
        if field == "left":
            return v.left
        return dict(v.amounts if field == "share" else v.short).get(cast(str, party), 0)

    return read


def used_facts(program: Program, ops: Sequence[m.Op | None]) -> frozenset[str]:
    """The names of the facts that the Ops read, through lets and kpis too."""
    found: set[str] = set()
    seen: set[str] = set()
    stack: list[Any] = [op for op in ops if op is not None]
    while stack:
        op = stack.pop()
        match op:
            case m.FactRef(name=name) | m.NoticeRef(name=name):
                found.add(name)
            case m.Covered(name=name):
                found.add(name)
            case m.OverRecords(list=name):
                found.add(name)
                stack.extend(x for x in (op.where, op.body) if x is not None)
            case m.LetRef(name=name):
                if name not in seen:
                    seen.add(name)
                    stack.extend(let.value for let in program.versions[name] if isinstance(let, m.Let))
            case m.BalanceRef(name=name):
                if name not in seen:
                    seen.add(name)
                    stack.extend(_balance_ops(program, name, found))
            case m.KpiState(kpi=name) | m.KpiLevel(kpi=name) | m.KpiFigure(kpi=name):
                if name not in seen:
                    seen.add(name)
                    for kpi in program.versions[name]:
                        if isinstance(kpi, m.Kpi):
                            stack.extend(kpi.tests)
                            stack.extend(condition for _, condition in kpi.levels)
            case _:
                stack.extend(children(op))
    return frozenset(found)


def _balance_ops(program: Program, name: str, found: set[str]) -> Iterator[m.Op]:
    balance = next(b for b in program.contract.balances if b.name == name)
    for movement in balance.movements:
        if movement.list is not None:
            found.add(movement.list)
        yield from (x for x in (movement.amount, movement.when, movement.on) if x is not None)


def leaves(op: m.Op) -> Iterator[m.Op]:
    """The parts of a condition that a reader would call its values: what it reads, each in the condition's own scope."""
    stack = [op]
    while stack:
        top = stack.pop()
        match top:
            case m.Const():
                continue
            case (
                m.Arith()
                | m.Compare()
                | m.Negate()
                | m.Not()
                | m.AllOf()
                | m.AnyOf()
                | m.Choice()
                | m.Happened()
                | m.Builtin()
            ):
                stack.extend(reversed(tuple(children(top))))
            case _:
                yield top


def children(op: m.Op) -> Iterator[m.Op]:
    """The Ops directly inside an Op."""
    match op:
        case m.Arith() | m.Compare():
            yield op.left
            yield op.right
        case m.Negate() | m.Not():
            yield op.operand
        case m.AllOf() | m.AnyOf():
            yield from op.operands
        case m.Choice():
            for condition, value in op.cases:
                yield condition
                yield value
            if op.otherwise is not None:
                yield op.otherwise
        case m.OverRecords():
            if op.where is not None:
                yield op.where
            if op.body is not None:
                yield op.body
        case m.OverPeriods() | m.AtPeriod() | m.AtSuspensionStart():
            yield op.body
        case m.Run() | m.NOfM() | m.Ever():
            yield op.test
            if isinstance(op, m.Run) and op.length is not None:
                yield op.length
        case m.Happened():
            yield op.date
        case m.DateShift():
            yield op.date
            yield op.duration
        case m.Builtin():
            yield from op.args
        case m.Split():
            yield op.whole
            yield from _values(op.shares)
        case m.Apportion():
            yield from (value for _, value in (*op.shares, *(op.before or ())))
        case m.Stages():
            yield op.whole
            for stage in op.stages:
                if stage.bound is not None:
                    yield stage.bound
                yield from _values(stage.shares)
        case m.Waterfall():
            yield op.cash
            yield from (need for _, need in op.buckets)
            yield from _values(op.rest)
        case m.ShareOf():
            yield op.of
        case _:
            return


def _values(shares: tuple[m.Share, ...]) -> Iterator[m.Op]:
    return (share.value for share in shares if share.value is not None)
