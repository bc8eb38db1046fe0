"""What if: a contract run on its facts again and again, with one or two things changed, and where its figures turn.

`simulate` runs every point of the ranges and, where one thing is varied, looks between the points too: two runs that
decided alike (engine/decisions.py) follow one formula, so a range is halved wherever its ends decided differently, down to
the least unit of what is varied. What is found there is exact: the place at which the comparison tips, the values on either
side, the slopes. A condition is solved piece by piece, again by halving.

Values that are made of rounded lines are held to be straight where they are within a unit for each line; a let is exact.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final, Literal, TypeAlias, cast

import attrs

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.check import least_step
from clausal.dsl.diagnostics import Both, Diagnostic, Rejected, did_you_mean, error
from clausal.dsl.keywords import keywords
from clausal.dsl.types import DATE, Type, is_numeric, money
from clausal.dsl.values import Exact, NotApplicable, Scalar, Unknown, Value, exact
from clausal.engine.decisions import Decided, Decisions, Key, Place, changes, measure
from clausal.engine.evaluate import Completeness, Prepared, Run, default_as_of, evaluate, prepare
from clausal.engine.facts import Cell, Facts, Notice, Origin, Payment, Record
from clausal.engine.intake import read_cell
from clausal.engine.quantities import Condition, Quantity, candidates, same

MOST_RUNS: Final = 10_000
MOST_POINTS: Final = 100_000
MOST_TURNS: Final = 400  # places at which something turns; more of them are steps, not terms
MANY: Final = 16  # into so many parts a range is cut to see which functions step in most of them,
FEW: Final = 4  # and one of the parts into so many, to see whether they step in all
MOST_SHOWN: Final = 6
USUAL_STEPS: Final = 20

_NAME: Final = re.compile(r"\s*(?P<name>[^@=]+?)\s*(?:@\s*(?P<period>[^=]+?)\s*)?")
_DAY_STEP: Final = re.compile(r"(?:([0-9]{1,6})\s*)?(days?|weeks?|months?|日|天|周|个月|月)?")

Seen: TypeAlias = Callable[[int, int], object]
"""Told how much of the work is done, and of how much."""


# ---- what is changed -----------------------------------------------------------------------------------------------


@attrs.frozen
class Input:
    """A parameter (no `periods`), a fact in these periods (`once` for one without), or of a list a `field` of the record
    with this `key`."""

    name: str
    type: Type
    periods: tuple[str, ...] = ()
    text: str = ""
    key: str = ""
    field: str = ""

    @property
    def is_fact(self) -> bool:
        return bool(self.periods or self.field)


@attrs.frozen
class Axis:
    """What is varied: from `first` on in steps of `unit`, `size` of them. `stops` are those of the table (by their number).

    With `listed` there are only these values, and nothing between them."""

    input: Input
    first: Exact | dt.date
    unit: Fraction
    size: int
    stops: tuple[int, ...]
    listed: tuple[Scalar, ...] = ()

    def value(self, number: int) -> Scalar:
        """The value at a number of units from the first."""
        if self.listed:
            return self.listed[number]
        if isinstance(self.first, dt.date):
            return self.first + dt.timedelta(days=number)
        return exact(self.first + number * self.unit)

    def place(self, number: int) -> Exact:
        """Where the value stands on a line; a listed one by its number."""
        if self.listed:
            return number
        return measure(self.value(number)) or 0


@attrs.frozen
class Setting:
    input: Input
    value: Scalar | Notice | None
    known: bool = True


def _input(contract: m.Contract, facts: Facts, text: str, months: Sequence[str]) -> Input:
    found = _NAME.fullmatch(text.replace("＠", "@"))
    name = (text if found is None else found["name"]).strip("`「」 ")
    period = None if found is None else found["period"]
    for parameter in contract.parameters:
        if parameter.name == name and period is None:
            return Input(name, parameter.type, (), name)
    listed, dot, rest = name.partition(".")
    fact = next((f for f in contract.facts if f.name == (listed if dot else name)), None)
    key, _, field = rest.rpartition(".")
    if fact is not None and key and period is None and fact.type.kind in ("list", "payments"):
        return _of_record(fact, facts, key, field, name)
    if fact is None or (dot and (period is not None or fact.type.kind not in ("list", "payments"))):
        known = [p.name for p in contract.parameters] + [f.name for f in contract.facts]
        raise Rejected((error("R762", name=name, suggestion=did_you_mean(name, known)),))
    if fact.type.kind in ("list", "payments", "intervals"):
        reason = Both(
            "it is a list of records; name one of them and its field, as `receipts.P1.on`",
            "它是由多条记录组成的清单；请指明其中一条及其字段，例如“收付款.P1.到账日”",
        )
        raise Rejected((error("R763", name=name, reason=reason),))
    keys = tuple(_keys(fact, facts, period, months))
    return Input(name, fact.type, keys, name if period is None else f"{name}@{period}")


def _of_record(fact: m.FactDecl, facts: Facts, key: str, field: str, text: str) -> Input:
    """A field of one record: of a list as it declares it, of payments `amount`, `on` and `reported`."""
    if fact.type.kind == "payments":
        payments = {p.ref: p for p in facts.payments.get(fact.name, ())}
        field = keywords().to_english["payment"].get(field, field)
        types = {"on": DATE, "reported": DATE}
        if key in payments:
            types["amount"] = money(payments[key].currency)
        keys: Iterable[str] = payments
    else:
        keys = {r.key for r in facts.records.get(fact.name, ())}
        types = {f.name: f.type for f in fact.type.fields}
    if key not in keys:
        raise Rejected((error("R773", name=fact.name, key=key, suggestion=did_you_mean(key, keys)),))
    if field not in types:
        raise Rejected((error("R723", name=fact.name, figure=field),))
    return Input(fact.name, types[field], (), text, key, field)


def _keys(fact: m.FactDecl, facts: Facts, period: str | None, months: Sequence[str]) -> Iterator[str]:
    """The periods of a fact that are meant: the one that is said, else every one that was given."""
    if fact.grain == "once":
        if period is not None and period not in ("once", "一次性"):
            raise Rejected((error("R764", key=period, name=fact.name, grain=_GRAINS["once"]),))
        yield "once"
        return
    kind = _KINDS[fact.grain]
    if period is not None or months:
        for key in (period,) if period is not None else months:
            try:
                found = periods.parse_period(key or "")
            except ValueError:
                found = None
            if found is None or (found.kind != kind and not (period is None and found.kind == "month")):
                raise Rejected((error("R764", key=key, name=fact.name, grain=_GRAINS[fact.grain]),))
            yield from (x.key for x in periods.periods_between(found.start, found.end, kind))
        return
    given = tuple(facts.scalars.get(fact.name, {}))
    if given:
        yield from given
        return
    spans = [periods.parse_period(key) for key in facts.months]
    if not spans:
        raise Rejected((error("R764", key="", name=fact.name, grain=_GRAINS[fact.grain]),))
    yield from (x.key for x in periods.periods_between(spans[0].start, spans[-1].end, kind))


_KINDS: Final[Mapping[str, periods.Kind]] = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
}
_GRAINS: Final = {
    "daily": Both("by day, as `sales@2026-03-31`", "按日提供，例如“销售额@2026-03-31”"),
    "weekly": Both("by week, as `sales@2026-W14`", "按周提供，例如“销售额@2026-W14”"),
    "monthly": Both("by month, as `sales@2026-03`", "按月提供，例如“销售额@2026-03”"),
    "quarterly": Both("by quarter, as `sales@2026-Q1`", "按季提供，例如“销售额@2026-Q1”"),
    "yearly": Both("by year, as `sales@2026`", "按年提供，例如“销售额@2026”"),
    "once": Both("once, and has no period", "一次性提供，没有期间"),
}


def setting(contract: m.Contract, facts: Facts, text: str, months: Sequence[str] = ()) -> Setting:
    """`NAME=VALUE` or `FACT@PERIOD=VALUE`, the value read as a cell is. A fact without a period is set in `months`, else in
    every period that was given. Raises `Rejected`."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise Rejected((error("R761", text=text, write=_SETTING),))
    given = _input(contract, facts, name, months)
    cell = _cell(contract, given, value, given.is_fact)
    return Setting(given, cell.value, not cell.unknown)


def _cell(contract: m.Contract, given: Input, text: str, of_fact: bool) -> Cell:
    """What is written, read as a cell of the facts is: an amount paid and the day of a record have to be known. Raises
    `Rejected`."""
    fact = next((f for f in contract.facts if given.field and f.name == given.name), None)
    paid = fact is not None and fact.type.kind == "payments"
    needed = fact is not None and given.field in (("amount", "on") if paid else (fact.dated_by,))
    cell = read_cell(text.strip(), given.type, contract, given.text, of_fact and not needed)
    if isinstance(cell, Diagnostic):
        raise Rejected((cell,))
    if paid and isinstance(cell.value, int | Fraction) and cell.value < 0:
        raise Rejected((error("F612", value=text.strip(), place=given.text),))
    return cell


_SETTING: Final = "sales@2026-03=500_000"
_RANGE: Final = "sales@2026-03=0..2_000_000:100_000"


def axis(contract: m.Contract, facts: Facts, text: str, months: Sequence[str] = ()) -> Axis:
    """`NAME[@PERIOD]=FIRST..LAST[:STEP]`, or `NAME=VALUE, VALUE, …`. Raises `Rejected`."""
    name, equals, spec = text.replace("＝", "=").replace("：", ":").partition("=")
    if not equals or not name.strip() or not spec.strip():
        raise Rejected((error("R761", text=text, write=_RANGE),))
    given = _input(contract, facts, name, months)

    def read(word: str) -> Scalar:
        value = _cell(contract, given, word, False).value
        return cast(Scalar, value.received if isinstance(value, Notice) else value)

    first_word, dots, rest = spec.partition("..")
    if not dots:
        listed = tuple(dict.fromkeys(read(word) for word in re.split(r"[,，、]", spec) if word.strip()))
        if len(listed) < 2:
            raise Rejected((error("R761", text=text, write=_RANGE),))
        return Axis(given, 0, Fraction(1), len(listed) - 1, tuple(range(len(listed))), listed)
    if not (is_numeric(given.type) or given.type.kind in ("date", "notice")):
        reason = Both("a range needs numbers or dates", "范围只适用于数值或者日期")
        raise Rejected((error("R763", name=given.name, reason=reason),))
    last_word, _, step_word = rest.rpartition(":") if ":" in rest else (rest, "", "")
    first, last = read(first_word), read(last_word)
    low, high = measure(first), measure(last)
    if low is None or high is None or low >= high:
        raise Rejected((error("R769", first=first_word.strip(), last=last_word.strip()),))
    if isinstance(first, dt.date):
        return _of_days(given, first, cast(dt.date, last), step_word, text)
    step = None if not step_word else measure(read(step_word))
    if step is not None and step <= 0:
        raise Rejected((error("R761", text=text, write=_RANGE),))
    unit = _unit(given.type, [low, high, *([] if step is None else [step])])
    size = int((high - low) / unit)
    width = max(1, -(-size // USUAL_STEPS)) if step is None else int(step / unit)
    if size // width > MOST_POINTS:
        raise Rejected((error("R767", limit=str(MOST_POINTS)),))
    return Axis(given, low, unit, size, _stops(range(0, size + 1, width), size))


def _of_days(given: Input, first: dt.date, last: dt.date, step: str, text: str) -> Axis:
    size = (last - first).days
    found = _DAY_STEP.fullmatch(step.strip())
    if found is None or (found[1] is not None and int(found[1]) == 0):
        raise Rejected((error("R761", text=text, write="paid_on=2026-02-01..2026-04-30:7"),))
    number = int(found[1] or 1)
    if (found[2] or "").startswith(("month", "个月", "月")):
        days = [periods.add_months(first, number * i, "clamp") for i in range(size // (28 * number) + 1)]
        return Axis(given, first, Fraction(1), size, _stops([(d - first).days for d in days if d <= last], size))
    if not step.strip():
        number = max(1, -(-size // USUAL_STEPS))
    elif (found[2] or "").startswith(("week", "周")):
        number *= 7
    return Axis(given, first, Fraction(1), size, _stops(range(0, size + 1, number), size))


def _stops(stops: Iterable[int], size: int) -> tuple[int, ...]:
    """With the end of the range, where the steps do not meet it."""
    return tuple(sorted({*stops, size}))


def _unit(t: Type, given: Sequence[Exact]) -> Fraction:
    """The least unit of the type, or a tenth, a hundredth … of it where a number that was given is finer."""
    unit = Fraction(1, 1_000_000) if t.kind == "rate" else least_step(t)
    for _ in range(12):
        if all((Fraction(one) / unit).denominator == 1 for one in given):
            break
        unit /= 10
    return unit


def changed(
    contract: m.Contract, facts: Facts, parameters: Mapping[str, Value], settings: Iterable[Setting]
) -> tuple[Facts, dict[str, Value]]:
    """The facts and parameters with these in the place of what was given. A period that is set counts as given."""
    scalars = dict(facts.scalars)
    carried = set(facts.carried)
    months = set(facts.months)
    records, payments = dict(facts.records), dict(facts.payments)
    dated = {f.name: f.dated_by for f in contract.facts}
    values = dict(parameters)
    for one in settings:
        name = one.input.name
        if not one.input.is_fact:
            values[name] = cast(Value, one.value)
            continue
        value = one.value
        if one.input.type.kind == "notice" and isinstance(value, dt.date):
            value = Notice(value, value)
        cell = Cell(value, Origin(one.input.text, text=str(one.value)), not one.known)
        if one.input.field and name in payments:
            payments[name] = _paid(payments[name], one)
            continue
        if one.input.field:
            records[name] = _recorded(records[name], one, cell, dated.get(name))
            continue
        scalars[name] = {**scalars.get(name, {}), **dict.fromkeys(one.input.periods, cell)}
        carried.add(name)
        months.update(key for key in one.input.periods if re.fullmatch(r"[0-9]{4}-[0-9]{2}", key))
    made = attrs.evolve(
        facts,
        scalars=scalars,
        records=records,
        payments=payments,
        carried=frozenset(carried),
        months=tuple(sorted(months)),
    )
    return made, values


def _paid(payments: Sequence[Payment], one: Setting) -> tuple[Payment, ...]:
    """The payments with one changed, in the order of their days. One that is paid later is not reported before."""
    found = []
    for payment in payments:
        if payment.ref == one.input.key:
            match one.input.field:
                case "amount":
                    payment = attrs.evolve(payment, amount=cast(Exact, one.value))
                case "on":
                    payment = attrs.evolve(payment, on=cast(dt.date, one.value))
                case _:
                    payment = attrs.evolve(payment, reported=cast("dt.date | None", one.value))
            if payment.reported is not None and payment.reported < payment.on:
                payment = attrs.evolve(payment, reported=payment.on)
        found.append(payment)
    return tuple(sorted(found, key=lambda p: (p.on, p.ref)))


def _recorded(records: Sequence[Record], one: Setting, cell: Cell, dated_by: str | None) -> tuple[Record, ...]:
    found = []
    for record in records:
        if record.key == one.input.key:
            record = attrs.evolve(record, fields={**record.fields, one.input.field: cell})
            if one.input.field == dated_by and isinstance(one.value, dt.date):
                record = attrs.evolve(record, on=one.value)
        found.append(record)
    return tuple(sorted(found, key=lambda r: (r.on, r.key)))


# ---- what is asked, and the answer ---------------------------------------------------------------------------------


@attrs.frozen
class Question:
    """`shown` empty: what turns out to change. Without an axis the facts as given are held against what is set; with two of
    them only the points are run."""

    axes: tuple[Axis, ...]
    shown: tuple[Quantity, ...] = ()
    conditions: tuple[Condition, ...] = ()
    settings: tuple[Setting, ...] = ()
    as_of: dt.date | None = None
    complete_through: Completeness = attrs.Factory(dict)
    parameters: Mapping[str, Value] = attrs.Factory(dict)
    most_runs: int = MOST_RUNS


@attrs.frozen
class Point:
    """One run: the values of the axes, and those of the quantities in their order. Without an axis there are two: the facts
    as given, and with what is set."""

    at: tuple[Scalar, ...]
    values: tuple[Value | None, ...]


@attrs.frozen
class Reason:
    """What decided otherwise: the condition or function in the contract's own text, the declaration, the clause."""

    text: str
    line: int
    file: str
    owner: str
    clause: str | None


@attrs.frozen
class Change:
    """What became another thing there: a status of `subject` in the scope of its word, before and after, in a month."""

    subject: str
    scope: str
    before: str
    after: str
    month: str


@attrs.frozen
class Effect:
    """What happens to one quantity at a place. jump: another value at once (`before`, `after`); bend: another slope, in units
    of the quantity for one of the axis; turn: another status, or known no more."""

    quantity: int
    kind: Literal["jump", "bend", "turn"]
    before: Value | None
    after: Value | None
    slopes: tuple[Fraction | None, Fraction | None] = (None, None)


@attrs.frozen
class Turn:
    """Where something turns: between `left` and `right`, which are one least unit apart; `at` is the exact place, where a
    comparison says it."""

    left: Scalar
    right: Scalar
    at: Exact | dt.date | None
    effects: tuple[Effect, ...]
    reasons: tuple[Reason | Change, ...]


@attrs.frozen
class Stretch:
    """Part of the range, both ends included, in which a condition holds; with the quantity's values at its ends."""

    first: Scalar
    last: Scalar
    values: tuple[Value | None, Value | None]


@attrs.frozen
class Solution:
    """Where a condition holds. `near`: where it holds nowhere, the points that come nearest, as (place, value).

    `skipped`: between the two points of `near` the quantity passes the value without taking it: it jumps, or the unit of the
    axis is too coarse. `undetermined`: where it cannot be known, with the facts that are needed. `certain` False: in a part
    of the range the quantity follows no straight line, and more may hold there."""

    condition: Condition
    holds: tuple[Stretch, ...]
    near: tuple[tuple[Scalar, Value | None], ...] = ()
    skipped: bool = False
    undetermined: tuple[tuple[Scalar, Scalar, tuple[str, ...]], ...] = ()
    certain: bool = True


@attrs.frozen
class Piece:
    """A stretch (by numbers of units) in which a quantity follows one straight line; `slope` None: a single point, or no
    number. `bent`: it is no straight line."""

    first: int
    last: int
    slope: tuple[Fraction, Fraction] | None
    bent: bool = False


@attrs.frozen
class Answer:
    """Everything that was found. `searched`: the places between the points were looked at."""

    axes: tuple[Axis, ...]
    quantities: tuple[Quantity, ...]
    points: tuple[Point, ...]
    turns: tuple[Turn, ...]
    solutions: tuple[Solution, ...]
    searched: bool
    runs: int
    stepping: tuple[Reason, ...] = ()
    """Functions that take too many steps in the range to be told one by one."""
    bent: tuple[int, ...] = ()
    """Quantities that follow no straight line somewhere."""
    crowded: bool = False
    """There are too many places at which something turns, or too many runs were needed to find them."""
    idle: bool = False
    """Nothing that the statement shows changes over the range."""


def simulate(prepared: Prepared, facts: Facts, question: Question, seen: Seen | None = None) -> Answer:
    """Run every point, find what turns between them, solve the conditions. Raises `Rejected`, also at the limit of runs."""
    return _Simulation(prepared, facts, question, seen or (lambda done, of: None)).answer()


# ---- the search ----------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False)
class _Ran:
    values: tuple[Value | None, ...]
    decided: Decided


class _Simulation:
    """One question on its way: every run once, whatever asks for it."""

    def __init__(self, prepared: Prepared, facts: Facts, question: Question, seen: Seen) -> None:
        self.contract = prepared.contract
        self.decisions = Decisions(self.contract)
        self.prepared = prepare(self.contract, self.decisions.watch)
        self.question = question
        self.seen = seen
        self.given = facts
        self.facts, self.parameters = changed(self.contract, facts, question.parameters, question.settings)
        touched = [Setting(a.input, a.value(0)) for a in question.axes]
        self.as_of = question.as_of or default_as_of(self.contract, changed(self.contract, self.facts, {}, touched)[0])
        self.quantities: tuple[Quantity, ...] = ()
        self.runs = 0
        self.known: dict[int, _Ran] = {}
        self.bent: set[int] = set()
        self.amounts: dict[tuple[str, str], Exact | None] = {}
        self.varying: set[tuple[str, str]] = set()

    def answer(self) -> Answer:
        axes = self.question.axes
        if not axes:
            return self._compared()
        wanted = tuple(dict.fromkeys((*self.question.shown, *(c.quantity for c in self.question.conditions))))
        grid = _grid(axes)
        if len(grid) > self.question.most_runs:
            raise Rejected((error("R767", limit=str(self.question.most_runs)),))
        ends = [self._run(at) for at in _ends(axes)]
        offered = candidates(self.contract, ends) if not self.question.shown else ()
        every = tuple(dict.fromkeys((*wanted, *offered)))
        self.quantities = every
        rows: list[tuple[tuple[int, ...], tuple[Value | None, ...]]] = []
        for done, at in enumerate(grid):
            self.seen(done, len(grid))
            rows.append((at, self._values(at)))
        self.seen(len(grid), len(grid))
        moving = [i for i in range(len(every)) if any(not same(row[1][i], rows[0][1][i]) for row in rows)]
        shown = list(range(len(wanted))) if self.question.shown else self._chosen(moving, len(wanted))
        self._keep(shown)
        points = tuple(Point(tuple(a.value(k) for a, k in zip(axes, at, strict=True)), values) for at, values in rows)
        points = tuple(attrs.evolve(p, values=tuple(p.values[i] for i in shown)) for p in points)
        idle = not moving
        if len(axes) != 1 or axes[0].listed:
            return Answer(axes, self.quantities, points, (), (), False, self.runs, idle=idle)
        try:
            turns, pieces, stepping = self._turns(axes[0])
        except Rejected as rejected:
            if self.question.conditions or rejected.diagnostics[0].code not in ("R767", "R770"):
                raise
            return Answer(axes, self.quantities, points, (), (), False, self.runs, idle=idle, crowded=True)
        solutions = tuple(self._solved(axes[0], c, pieces) for c in self.question.conditions)
        bent = tuple(sorted(i for i, mine in enumerate(pieces) if any(p.bent for p in mine)))
        return Answer(axes, self.quantities, points, turns, solutions, True, self.runs, stepping, bent, idle=idle)

    def _compared(self) -> Answer:
        """The facts as they were given, and with what is set. A blank that is set is filled in on either side."""
        blank = {p.name for p in self.contract.parameters if any(v.value is None for v in p.versions)}
        filled = {name: value for name, value in self.parameters.items() if name in blank}
        parameters = {**filled, **self.question.parameters}
        was = evaluate(self.prepared, self.given, self.as_of, self.question.complete_through, parameters)
        now = self._run(())
        every = self.question.shown or candidates(self.contract, (was, now))
        rows = [(q, q.read(was), q.read(now)) for q in every]
        kept = [row for row in rows if self.question.shown or not same(row[1], row[2])]
        points = (Point((), tuple(row[1] for row in kept)), Point((), tuple(row[2] for row in kept)))
        return Answer((), tuple(row[0] for row in kept), points, (), (), False, 2, idle=not kept)

    def _chosen(self, moving: Sequence[int], asked: int) -> list[int]:
        """What is shown where nothing was said: what a condition asks for, then what changes, a few of each kind."""
        rest: dict[str, int] = {}
        for i in moving:
            if i >= asked:  # one of each name: the months of a fee all say the same
                rest.setdefault(self.quantities[i].text.partition("@")[0], i)
        kept = [*range(asked), *list(rest.values())[: max(2, MOST_SHOWN - asked)]]
        return kept or list(range(min(1, len(self.quantities))))

    def _keep(self, shown: Sequence[int]) -> None:
        self.quantities = tuple(self.quantities[i] for i in shown)
        self.known = {
            number: attrs.evolve(ran, values=tuple(ran.values[i] for i in shown)) for number, ran in self.known.items()
        }

    # -- runs

    def _run(self, at: tuple[int, ...], measuring: bool = False) -> Run:
        self.runs += 1
        if self.runs > self.question.most_runs:
            raise Rejected((error("R767", limit=str(self.question.most_runs)),))
        settings = [Setting(a.input, a.value(k)) for a, k in zip(self.question.axes, at, strict=True)]
        facts, parameters = changed(self.contract, self.facts, self.parameters, settings)
        self.decisions.begin(measuring)
        return evaluate(self.prepared, facts, self.as_of, self.question.complete_through, parameters)

    def _values(self, at: tuple[int, ...]) -> tuple[Value | None, ...]:
        run = self._run(at)
        values = tuple(q.read(run) for q in self.quantities)
        if len(at) == 1:
            self.known[at[0]] = _Ran(values, self.decisions.decided(run))
            self._compare_lines(run)
        return values

    def _compare_lines(self, run: Run) -> None:
        """Which rounded figures are not the same in every run: each may be off its line by a unit."""
        for month in run.outcome.months:
            for line in month.obligations:
                self._compare_amount(("", line.id), line.amount)
            for cut in month.penalties:
                self._compare_amount((month.month, cut.id), cut.amount)

    def _compare_amount(self, key: tuple[str, str], amount: Exact | None) -> None:
        if self.amounts.setdefault(key, amount) != amount:
            self.varying.add(key)

    def _noise(self, quantity: Quantity) -> Fraction:
        """By how much roundings can move a figure from one run to another."""
        several = quantity.summed or quantity.subject is None
        return self.contract.header.rounding_unit * (quantity.rounded + (len(self.varying) if several else 0))

    def _at(self, number: int) -> _Ran:
        found = self.known.get(number)
        if found is None:
            self._values((number,))
            found = self.known[number]
        return found

    # -- where something turns

    def _turns(self, axis: Axis) -> tuple[tuple[Turn, ...], list[list[Piece]], tuple[Reason, ...]]:
        stepping = self._too_many_steps(axis)
        cuts: set[int] = set()
        total = len(axis.stops) - 1
        for done, (a, b) in enumerate(zip(axis.stops, axis.stops[1:], strict=False)):
            self.seen(done, total)
            cuts.update(self._cuts(a, b))
            if len(cuts) > MOST_TURNS:
                raise Rejected((error("R770", limit=str(MOST_TURNS)),))
        self.seen(total, total)
        ends = [0, *(x for cut in sorted(cuts) for x in (cut, cut + 1)), axis.size]
        runs = list(zip(ends[::2], ends[1::2], strict=True))
        bends = {number for first, last in runs for number in self._bends(first, last)}
        pieces = [list(self._pieces(i, axis.size, sorted(cuts), sorted(bends))) for i in range(len(self.quantities))]
        found: dict[int, list[Effect]] = {}
        for i, mine in enumerate(pieces):
            for one, other in itertools.pairwise(mine):
                effect = self._effect(i, one, other)
                if effect is not None:
                    found.setdefault(one.last, []).append(effect)
        turns = tuple(self._turn(axis, cut, tuple(effects)) for cut, effects in sorted(found.items()))
        return turns, pieces, stepping

    def _too_many_steps(self, axis: Axis) -> tuple[Reason, ...]:
        """Functions that round or count in so many steps that each of them is no term of the contract; they are left out of
        what counts as a decision."""
        stepped: list[int] = []
        if axis.size >= MANY**2:
            wide = self._given(0, axis.size, MANY)
            for key, values in wide.items():
                if len(set(values)) <= MANY // 2:
                    continue
                a = next(i for i in range(MANY) if values[i] != values[i + 1]) * axis.size // MANY
                near = self._given(a, a + axis.size // MANY, FEW).get(key, ())
                nearer = self._given(a, a + axis.size // MANY // FEW, FEW).get(key, ())
                if len(set(near)) == len(set(nearer)) == FEW + 1:
                    stepped.append(key[0])
        self.decisions.ignored.update(stepped)
        for number, ran in list(self.known.items()):
            ops = {key: said for key, said in ran.decided.ops.items() if key[0] not in self.decisions.ignored}
            self.known[number] = attrs.evolve(ran, decided=attrs.evolve(ran.decided, ops=ops))
        return tuple(
            self._reason(place) for n in dict.fromkeys(stepped) if (place := self.decisions.places.get(n)) is not None
        )

    def _given(self, first: int, last: int, parts: int) -> dict[Key, tuple[frozenset[object], ...]]:
        """What each function that steps gave at so many places, evenly apart."""
        runs = [self._at(first + (last - first) * part // parts).decided.ops for part in range(parts + 1)]
        every = {key for ops in runs for key in ops if key[0] in self.decisions.stepping}
        return {key: tuple(ops.get(key, frozenset()) for ops in runs) for key in every}

    def _cuts(self, first: int, last: int) -> Iterator[int]:
        """The numbers after which the decisions are other ones."""
        stack = [(first, last)]
        found = 0
        while stack:
            a, b = stack.pop()
            one, other = self._at(a).decided, self._at(b).decided
            if b - a <= 1:
                if one != other:
                    found += 1
                    if found > MOST_TURNS:
                        raise Rejected((error("R770", limit=str(MOST_TURNS)),))
                    yield a
                continue
            middle = (a + b) // 2
            if one == other and self._at(middle).decided == one:
                continue
            stack += [(middle, b), (a, middle)]

    def _bends(self, first: int, last: int) -> Iterator[int]:
        """Numbers at which a slope changes though nothing was decided otherwise (the walk has limits of its own); where it
        changes everywhere, the quantity is noted as following no line."""
        stack = [(first, last, 0)]
        while stack:
            a, b, depth = stack.pop()
            if b - a < 2 or all(self._straight(i, a, b) for i in range(len(self.quantities))):
                continue
            middle = (a + b) // 2
            left = [i for i in range(len(self.quantities)) if not self._straight(i, a, middle)]
            right = [i for i in range(len(self.quantities)) if not self._straight(i, middle, b)]
            if left and right and (depth >= 3 or b - a < 8):
                self.bent.update(set(left) & set(right))
            elif not left and not right:
                yield middle
                if b - a == 2:
                    yield a
            else:
                stack += [(x, y, depth + 1 if left and right else depth) for x, y, on in
                          ((middle, b, right), (a, middle, left)) if on]  # fmt: skip

    def _straight(self, i: int, a: int, b: int) -> bool:
        """Whether the middle lies where the ends say, within what lines are rounded by."""
        if b - a < 2 or i in self.bent:
            return True
        middle = (a + b) // 2
        low, mid, high = (measure_of(self._at(k).values[i]) for k in (a, middle, b))
        if low is None or mid is None or high is None:
            return (low is None) == (mid is None) == (high is None)
        expected = low + (high - low) * Fraction(middle - a, b - a)
        return abs(mid - expected) <= self._slack(i)

    def _slack(self, i: int) -> Fraction:
        """How far a value may be off its line: dates go by whole days, rounded lines by a unit each."""
        q = self.quantities[i]
        if q.type is not None and q.type.kind == "date":
            return Fraction(1)
        return 2 * self._noise(q)

    def _pieces(self, i: int, size: int, cuts: Sequence[int], bends: Sequence[int]) -> Iterator[Piece]:
        """The stretches of one quantity: parted at the cuts and bends at which it does turn, joined across the others."""
        stops = sorted({*cuts, *bends})
        first = 0
        for n, cut in enumerate(stops):
            before = self._piece(i, first, cut)
            until = stops[n + 1] if n + 1 < len(stops) else size
            after = self._piece(i, cut + 1, until)
            if cut + 1 <= size and self._effect(i, before, after) is not None:
                yield before
                first = cut + 1
        if first <= size:
            yield self._piece(i, first, size)

    def _piece(self, i: int, first: int, last: int) -> Piece:
        low, high = measure_of(self._at(first).values[i]), measure_of(self._at(last).values[i])
        if low is None or high is None or last <= first:
            return Piece(first, last, None)
        slack = self._slack(i) / 2
        rise, length = high - low, last - first
        bent = i in self.bent and not all(self._straight_now(i, a, b) for a, b in _halves(first, last))
        return Piece(first, last, (Fraction(rise - slack) / length, Fraction(rise + slack) / length), bent)

    def _straight_now(self, i: int, a: int, b: int) -> bool:
        if b - a < 2:
            return True
        middle = (a + b) // 2
        low, mid, high = (measure_of(self._at(k).values[i]) for k in (a, middle, b))
        if low is None or mid is None or high is None:
            return True
        return abs(mid - (low + (high - low) * Fraction(middle - a, b - a))) <= self._slack(i)

    def _effect(self, i: int, one: Piece, other: Piece) -> Effect | None:
        """What happens to a quantity between two pieces, if anything does."""
        before, after = self._at(one.last).values[i], self._at(other.first).values[i]
        low, high = measure_of(before), measure_of(after)
        if low is None or high is None:
            return None if same(before, after) else Effect(i, "turn", before, after)
        slack = self._slack(i)
        rises = [slope for piece in (one, other) if (slope := piece.slope) is not None]
        rise = high - low
        expected = [(s[0] - slack, s[1] + slack) for s in rises] or [(-slack, slack)]
        slopes = (self._named(one.slope), self._named(other.slope))
        if all(not a <= rise <= b for a, b in expected):
            return Effect(i, "jump", before, after, slopes)
        if one.bent or other.bent or one.slope is None or other.slope is None:
            return None if any(a <= rise <= b for a, b in expected) else Effect(i, "jump", before, after, slopes)
        if one.slope[1] < other.slope[0] or other.slope[1] < one.slope[0]:
            return Effect(i, "bend", before, after, slopes)
        return None

    def _named(self, slope: tuple[Fraction, Fraction] | None) -> Fraction | None:
        """The slope for one of the axis (a yuan, a dealer, a day) that a contract would name."""
        axis = self.question.axes[0]
        per = 1 if isinstance(axis.first, dt.date) else 1 / axis.unit
        return None if slope is None else _simplest((slope[0] * per, slope[1] * per))

    def _turn(self, axis: Axis, cut: int, effects: tuple[Effect, ...]) -> Turn:
        reasons, at = self._why(axis, cut, effects)
        if isinstance(axis.first, dt.date):
            where: Exact | dt.date | None = None
        else:
            exactly = [e for e in effects if not self.quantities[e.quantity].rounded]
            met = [x for e in exactly if (x := _meeting(axis, cut, e)) is not None]
            where = exact(at) if at is not None else met[0] if met else None
        return Turn(axis.value(cut), axis.value(cut + 1), where, effects, reasons)

    def _why(self, axis: Axis, cut: int, effects: Sequence[Effect]) -> tuple[tuple[Reason | Change, ...], Exact | None]:
        """The conditions that tip just there, and where; else what became another thing in the days."""
        one, other = self._at(cut).decided, self._at(cut + 1).decided
        tipping: dict[Place, Exact | None] = {}
        keys = [key for key in self.decisions.differing(one, other) if key in one.ops and key in other.ops]
        if keys:
            self._run((cut,), measuring=True)
            left = self.decisions.margins()
            self._run((cut + 1,), measuring=True)
            right = self.decisions.margins()
            for key in keys:
                place = self.decisions.places.get(key[0])
                where = _tips(axis, cut, left.get(key, ()), right.get(key, ()))
                if place is not None and (where is not None or key not in left):
                    tipping.setdefault(place, where)
        rested = self.decisions.rests_on(self.quantities[e.quantity].subject for e in effects)
        mine = {place: where for place, where in tipping.items() if place.owner in rested}
        tipping = mine or tipping
        if tipping:
            exactly = [where for where in tipping.values() if where is not None]
            return tuple(self._reason(place) for place in list(tipping)[:3]), exactly[0] if exactly else None
        found: dict[str, Change] = {}
        for day, before, after in changes(one, other):
            found.setdefault(day[2], Change(day[2], day[1], before, after, day[0]))
        return tuple(found.values())[:2], None

    def _reason(self, place: Place) -> Reason:
        source, span = self.contract.source.origin(place.span)
        text = " ".join(source.text[span.start : span.end].split())
        return Reason(text, source.position(span.start)[0], source.name, place.owner, place.clause)

    # -- where a condition holds

    def _solved(self, axis: Axis, asked: Condition, pieces: Sequence[Sequence[Piece]]) -> Solution:
        i = self.quantities.index(asked.quantity)
        held: list[tuple[int, int]] = []
        unknown: list[tuple[int, int, tuple[str, ...]]] = []
        certain = True
        for piece in pieces[i]:
            value = self._at(piece.first).values[i]
            if isinstance(value, Unknown):
                unknown.append((piece.first, piece.last, value.needs))
            elif measure_of(value) is None or measure(asked.value) is None:
                if _holds(asked, value):
                    held.append((piece.first, piece.last))
            else:
                certain = certain and not piece.bent
                for a, b in _parts(piece):
                    held += self._within(i, asked, a, b)
        stretches = _joined(held)
        near: tuple[int, ...] = ()
        skipped = False
        if not stretches and measure(asked.value) is not None:
            near, skipped = self._nearest(i, cast(Exact, measure(asked.value)), pieces[i])
        return Solution(
            asked,
            tuple(
                Stretch(axis.value(a), axis.value(b), (self._at(a).values[i], self._at(b).values[i]))
                for a, b in stretches
            ),
            tuple((axis.value(k), self._at(k).values[i]) for k in near),
            skipped,
            tuple((axis.value(a), axis.value(b), needs) for a, b, needs in unknown),
            certain,
        )

    def _within(self, i: int, asked: Condition, a: int, b: int) -> Iterator[tuple[int, int]]:
        """Where a condition holds in a stretch in which the quantity only rises, only falls, or stays."""
        wanted = cast(Exact, measure(asked.value))

        def at(number: int) -> Exact:
            return cast(Exact, measure_of(self._at(number).values[i]))

        rising = at(b) >= at(a)

        def first(test: Callable[[Exact], bool]) -> int:
            """The first number for which the test holds, where it holds from there on; one past the end for none."""
            low, high = a, b + 1
            while low < high:
                middle = (low + high) // 2
                if test(at(middle)):
                    high = middle
                else:
                    low = middle + 1
            return low

        reached = first(lambda v: v >= wanted) if rising else first(lambda v: v <= wanted)
        passed = first(lambda v: v > wanted) if rising else first(lambda v: v < wanted)
        before, after = (a, reached - 1), (passed, b)
        equal = (reached, passed - 1)
        lower, higher = (before, after) if rising else (after, before)
        wholes = {
            "=": (equal,),
            "!=": (before, after),
            "<": (lower,),
            "<=": (lower, equal),
            ">": (higher,),
            ">=": (higher, equal),
        }
        yield from ((x, y) for x, y in wholes[asked.sign] if x <= y)

    def _nearest(self, i: int, wanted: Exact, pieces: Sequence[Piece]) -> tuple[tuple[int, ...], bool]:
        """The two neighbours between which the value is passed, else the end of a piece that comes nearest."""
        marks = [k for piece in pieces for a, b in _parts(piece) for k in (a, b)]
        known = [(k, v) for k in marks if (v := measure_of(self._at(k).values[i])) is not None]
        for (a, low), (b, high) in itertools.pairwise(known):
            if (low - wanted) * (high - wanted) < 0:
                while b - a > 1:
                    middle = (a + b) // 2
                    value = measure_of(self._at(middle).values[i])
                    if value is not None and (value - wanted) * (low - wanted) > 0:
                        a, low = middle, value
                    else:
                        b = middle
                return (a, b), True
        best = min(known, key=lambda found: (abs(found[1] - wanted), found[0]), default=None)
        return () if best is None else (best[0],), False


def measure_of(value: Value | None) -> Exact | None:
    return None if value is None or isinstance(value, Unknown | NotApplicable) else measure(value)


def _holds(asked: Condition, value: Value | None) -> bool:
    return (value == asked.value) is (asked.sign == "=") if value is not None else False


def _parts(piece: Piece) -> Iterator[tuple[int, int]]:
    """The piece, or many short ones of one that is no line."""
    if not piece.bent:
        yield piece.first, piece.last
        return
    width = max(1, (piece.last - piece.first) // 64)
    for a in range(piece.first, piece.last + 1, width):
        yield a, min(a + width - 1, piece.last)


def _halves(first: int, last: int) -> tuple[tuple[int, int], ...]:
    middle = (first + last) // 2
    return (first, last), (first, middle), (middle, last)


def _joined(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for a, b in sorted(stretches):
        if found and a <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], b))
        else:
            found.append((a, b))
    return found


def _tips(axis: Axis, cut: int, left: Sequence[Exact], right: Sequence[Exact]) -> Exact | None:
    """Where two figures between which something decides are equal, if that is between two neighbours; what is given is by
    how much they differ on either."""
    here, there = axis.place(cut), axis.place(cut + 1)
    for one, other in zip(left, right, strict=False):
        if one != other and not (one > 0 and other > 0) and not (one < 0 and other < 0):
            return exact(here + (there - here) * Fraction(one) / (one - other))
    return None


def _meeting(axis: Axis, cut: int, effect: Effect) -> Exact | None:
    """Where the two lines of a bend meet, if that is between the neighbours."""
    left, right = effect.slopes
    before, after = measure_of(effect.before), measure_of(effect.after)
    if effect.kind != "bend" or left is None or right is None or left == right or before is None or after is None:
        return None
    here, there = axis.place(cut), axis.place(cut + 1)
    found = Fraction(after - before + left * here - right * there) / (left - right)
    return exact(found) if here <= found <= there else None


def _simplest(within: tuple[Fraction, Fraction] | None) -> Fraction | None:
    """The fraction with the least denominator in a closed interval: the slope that a contract would name."""
    if within is None:
        return None
    low, high = within
    if low > high:
        return None
    if low <= 0 <= high:
        return Fraction(0)
    if high < 0:
        found = _simplest((-high, -low))
        return None if found is None else -found
    # the continued fraction that both ends share, then the least whole number between them
    parts: list[int] = []
    while True:
        whole = -(-low.numerator // low.denominator)
        if whole <= high:
            parts.append(whole)
            break
        floor = low.numerator // low.denominator
        parts.append(floor)
        low, high = 1 / (high - floor), 1 / (low - floor)
    found = Fraction(parts[-1])
    for part in reversed(parts[:-1]):
        found = part + 1 / found
    return found


def _grid(axes: Sequence[Axis]) -> list[tuple[int, ...]]:
    points: list[tuple[int, ...]] = [()]
    for one in axes:
        if len(points) * len(one.stops) > MOST_POINTS:
            raise Rejected((error("R767", limit=str(MOST_POINTS)),))
        points = [(*point, stop) for point in points for stop in one.stops]
    return points


def _ends(axes: Sequence[Axis]) -> list[tuple[int, ...]]:
    return [tuple(0 for _ in axes), tuple(one.size for one in axes)]
