"""The examples that a contract carries, run and held against what they expect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, cast

import attrs

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.diagnostics import Rejected, Span
from clausal.dsl.types import Type
from clausal.dsl.values import Exact, NotApplicable, Shares, Unknown, Value, round_to
from clausal.engine.evaluate import Prepared, Run, evaluate
from clausal.engine.exact import Scope, World
from clausal.engine.facts import Facts, Notice
from clausal.engine.intake import from_scenario
from clausal.engine.ladders import Ladder
from clausal.engine.outcome import Assessed, Line, Month, Worth, digits, major


@attrs.frozen
class Side:
    """What one side of a failure says: a `status` of its `scope`, a value of a type, the facts that are `needed`, or
    `text` of the contract's own."""

    scope: str = ""
    status: str | None = None
    value: Value | None = None
    type: Type | None = None
    needed: tuple[str, ...] | None = None
    text: str | None = None


@attrs.frozen
class Failure:
    """An expectation that did not hold: where it stands, what it expects, what came out.

    `what`, `expected` and `found` say so in the contract's own words; `about` and `sides` hold the same typed, to be
    said in a reader's language. They are None where the run itself could not be made.
    """

    span: Span | None
    what: str
    expected: str
    found: str
    about: m.Expect | None = None
    sides: tuple[Side, Side] | None = None


@attrs.frozen
class Result:
    """One scenario's result; `status` is `passed` or `failed`."""

    name: str
    clause: str | None
    expectations: int
    failures: tuple[Failure, ...]
    span: Span | None

    @property
    def status(self) -> str:
        return "failed" if self.failures else "passed"


# Where the words for a status stand; elsewhere it is one of an obligation.
_SCOPES: Final = MappingProxyType(
    {"contract": "state", "kpi": "kpi", "right": "right", "escalation": "level", "approval": "approval"}
)


def run_scenarios(
    prepared: Prepared, chosen: Callable[[str], bool] | None = None, see: Callable[[Run], object] | None = None
) -> tuple[Result, ...]:
    """Those whose titles are `chosen` (all, if nothing is said); `see` is shown each run that they make."""
    return tuple(
        run_scenario(prepared, s, see) for s in prepared.contract.scenarios if chosen is None or chosen(s.title)
    )


def run_scenario(prepared: Prepared, scenario: m.Scenario, see: Callable[[Run], object] | None = None) -> Result:
    failures: list[Failure] = []
    count = 0
    state: dict[str, Any] | None = None
    try:
        parameters = _parameters(prepared, scenario)
        for i, closing in enumerate(scenario.closings):
            facts = from_scenario(prepared.contract, scenario.closings[: i + 1])
            run = evaluate(prepared, facts, closing.as_of, dict(closing.complete_through), parameters, state)
            if see is not None:
                see(run)
            state = run.state()
            for expected in closing.expects:
                count += 1
                failures.extend(_check(run, expected))
            failures += [f for f in _broken(run) if f not in failures]
    except Rejected as rejected:
        failures.append(Failure(scenario.span, "the run", "a statement", str(rejected)))
    clause = None if scenario.clause is None else scenario.clause.number
    if not count and not failures:
        failures.append(Failure(scenario.span, "the scenario", "at least one `expect`", "none"))
    return Result(scenario.title, clause, count, tuple(failures), scenario.span)


def _parameters(prepared: Prepared, scenario: m.Scenario) -> dict[str, Value]:
    contract = prepared.contract
    world = World(prepared.program, Facts(), contract.header.term_start, {}, {}, prepared.calendar)
    scope = Scope(world, periods.month_of(contract.header.term_start), contract.header.term_start)
    return {name: prepared.program.compiled(op)(scope) for name, op in scenario.parameters}


def _check(run: Run, e: m.Expect) -> Iterator[Failure]:
    what = f"{e.subject}{'.' + e.field if e.field else ''}{' of ' + e.period if e.period else ''}"
    if e.kind == "owes":
        what = f"{e.subject} owes {e.creditor}"
    if e.needs:
        needs = _needs(run, e)
        missing = [n for n in e.needs if not any(x == n or x.startswith(n + "@") for x in needs)]
        if missing:
            said = "needs " + ", ".join(e.needs), ", ".join(needs) or "nothing is needed"
            yield Failure(e.span, what, *said, e, (Side(needed=e.needs), Side(needed=needs)))
        return
    if e.status is not None:
        found = status_of(run, e)
        if found != e.status:
            scope = _SCOPES.get(e.kind, "status")
            yield Failure(e.span, what, e.status, found, e, (Side(scope, e.status), Side(scope, found)))
        return
    found_value = figure_of(run, e)
    expected = e.value
    if not _equal(run, found_value, e):
        sides = Side(value=expected, type=e.value_type), Side(value=found_value, type=e.value_type)
        yield Failure(e.span, what, _shown(expected), _shown(found_value), e, sides)


def _broken(run: Run) -> Iterator[Failure]:
    """The contract's properties that did not hold at the end of some month of the run."""
    for broken in run.walk.broken:
        found = ", ".join(f"{name} = {_shown(value)}" for name, value in broken.values)
        sides = Side("property", "always"), Side(text=found)
        yield Failure(broken.property.span, f"{broken.property.title}, {broken.month}", "always", found, None, sides)


def _equal(run: Run, found: Value | None, e: m.Expect) -> bool:
    if isinstance(found, Unknown):
        return isinstance(e.value, Unknown)
    if found is None or isinstance(found, NotApplicable):
        return found == e.value
    if isinstance(found, bool) or isinstance(e.value, bool):
        return found is e.value
    if e.value_type is not None and e.value_type.kind == "money":
        # A figure of the statement is rounded to the currency's unit; the expectation may be written so too.
        header = run.prepared.contract.header
        unit, mode = header.rounding_unit, header.rounding_mode
        return found == e.value or round_to(_number(found), unit, mode) == e.value
    return found == e.value


def _number(value: Value) -> Exact:
    assert not isinstance(value, (str, dt.date, Unknown, NotApplicable, Shares))
    return value  # type: ignore[return-value]


def _shown(value: Value | None) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Unknown):
        return "undetermined, needs " + ", ".join(value.needs)
    if isinstance(value, NotApplicable):
        return f"not applicable ({value.reason})"
    if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
        return digits(value)
    return str(value)


def _months(run: Run) -> tuple[Month, ...]:
    return run.outcome.months


def last_lines(run: Run, subject: str, period: str | None) -> list[Line]:
    """The last row of each instance of an obligation (or of a penalty), of one period or of all."""
    last: dict[str, Line] = {}
    for month in _months(run):
        for line in month.obligations:
            if line.obligation in (subject, f"{subject}.penalty") and (period is None or line.period == period):
                last[line.id] = line
    exact = {k: v for k, v in last.items() if v.obligation == subject}
    return list((exact or last).values())


def status_of(run: Run, e: m.Expect) -> str:
    match e.kind:
        case "contract":
            state = _months(run)[-1].state if _months(run) else "pending"
            if state == "ended" and e.status in ("expired", "terminated"):
                return "expired" if run.walk.end_reason == "expired" else "terminated"
            return state
        case "kpi":
            found = [
                v
                for month in _months(run)
                for v in month.values
                if isinstance(v, Assessed) and v.name == e.subject and e.period in (None, v.period)
            ]
            if not found:
                return "not there"
            levelled = e.status not in ("met", "missed", "not assessed", "undetermined")
            return found[-1].level or "no level" if levelled else found[-1].status
        case "right":
            return _right_status(run, e)
        case "escalation":
            return _escalation_status(run, e)
        case "approval":
            return _approval_status(run, e)
        case "prohibition":
            rows = {b.of: b for month in _months(run) for b in month.breaches}
            mine = [
                b
                for of, b in rows.items()
                if of.split("@")[0] == e.subject and (e.period is None or _within(of, b.since, e.period))
            ]
            return "violated" if mine else "observed"
        case "value":
            value = figure_of(run, e)
            return "undetermined" if isinstance(value, Unknown) else "determined"
        case _:
            lines = last_lines(run, e.subject, e.period)
            if e.status == "disputed" and lines and "disputed" in lines[-1].flags:
                return "disputed"
            return lines[-1].status if lines else "not there"


def _ladders(run: Run, e: m.Expect) -> list[Ladder]:
    return [x for x in run.walk.ladders if x.escalation.name == e.subject and e.period in (None, x.key)]


def _escalation_status(run: Run, e: m.Expect) -> str:
    mine = _ladders(run, e)
    if mine:
        return mine[-1].status
    return "undetermined" if run.walk.opening_gap(e.subject, run.outcome.as_of) else "not started"


def _approval_status(run: Run, e: m.Expect) -> str:
    """As at the end of `as_of`, of the record whose key is the period, or of the one act that the approval is about."""
    world = run.walk.world
    approval = next(a for a in run.prepared.contract.approvals if a.name == e.subject)
    day = run.outcome.as_of
    scope = Scope(world, periods.month_of(day), day)
    if approval.list is not None:
        records = [r for rows in world.records(approval.list).values() for r in rows if e.period in (None, r.key)]
        if not records:
            return "not there"
        scope = Scope(world, periods.month_of(records[-1].on), day, records[-1])
    granted = world.program.compiled(approval.granted)(scope)
    if isinstance(granted, Unknown):
        return "undetermined"
    return "granted" if granted is True else "blocked"


def _within(of: str, since: dt.date, period: str) -> bool:
    if of.split("@", 1)[1] == period:
        return True
    try:
        return since in periods.parse_period(period)
    except ValueError:
        return False


def _right_status(run: Run, e: m.Expect) -> str:
    rows = [
        r
        for month in _months(run)
        for r in month.rights
        if r.right == e.subject and (e.period is None or r.id.split("@", 1)[1] == e.period)
    ]
    events = [
        x.kind
        for month in _months(run)
        for x in month.events
        if x.subject.split("@")[0] == e.subject
        and x.kind in ("premature", "too late", "no right", "no effect")
        and (e.period is None or "@" not in x.subject or x.subject.split("@", 1)[1] == e.period)
    ]
    if e.status in ("premature", "too late", "no right", "no effect") and e.status in events:
        return e.status
    if rows:
        return rows[-1].status
    return events[-1] if events else "not open"


def _needs(run: Run, e: m.Expect) -> tuple[str, ...]:
    found: set[str] = set()
    for month in _months(run):
        for u in month.undetermined:
            name, _, key = u.what.partition("@")
            if name == e.subject and (e.period is None or key == e.period):
                found.update(u.needs)
        for v in month.values:
            if v.name == e.subject and isinstance(v, Assessed) and e.period in (None, v.period):
                found.update(v.needs)
                found.update(v.missing)
            if v.name == e.subject and isinstance(v, Worth) and e.period in (None, month.month):
                if isinstance(v.value, Unknown):
                    found.update(v.value.needs)
    return tuple(sorted(found))


def _month_asked(run: Run, key: str | None) -> tuple[str | None, periods.Period | None]:
    """The month whose rows have the value of a period: that of a quarter or year is in its last month (or the last there is).
    No month has that of a week or a day, which is given itself."""
    period = None if key is None else _period(key)
    if period is None or period.kind == "month":
        return key, None
    if period.kind in ("week", "day"):
        return key, period
    return periods.month_of(min(period.end, run.outcome.as_of)).key, None


def figure_of(run: Run, e: m.Expect) -> Value | None:
    """The figure that is expected, in units of its currency; None where the statement has no such line."""
    match e.kind:
        case "owes":
            return _owed(run, e)
        case "value":
            key, finer = _month_asked(run, e.period)
            found = [
                v.value
                for month in _months(run)
                for v in month.values
                if isinstance(v, Worth) and v.name == e.subject and key in (None, month.month)
            ]
            if finer is not None and any(
                isinstance(v, m.Let) and v.name == e.subject for v in run.prepared.contract.values
            ):
                return run.walk.world.let(e.subject, Scope(run.walk.world, finer))
            if not found and e.subject in run.walk.balances.balances:
                return _of_balance(run, e)
            if found and isinstance(found[-1], Shares):
                return found[-1].left if e.field == "left" else dict(found[-1].amounts).get(e.field or "", 0)
            return found[-1] if found else _given(run, e)
        case "escalation":
            return _of_ladder(run, e)
        case "kpi":
            assessed = [
                v
                for month in _months(run)
                for v in month.values
                if isinstance(v, Assessed) and v.name == e.subject and e.period in (None, v.period)
            ]
            return assessed[-1].figures.get(e.field or "") if assessed else None
        case "right":
            rows = [
                r
                for month in _months(run)
                for r in month.rights
                if r.right == e.subject and e.period in (None, r.id.split("@", 1)[1])
            ]
            if not rows:
                return None
            return rows[-1].opened if e.field == "opened" else rows[-1].last_day
        case _:
            return _of_obligation(run, e)


def _of_balance(run: Run, e: m.Expect) -> Value | None:
    rows = [b for month in _months(run) if e.period in (None, month.month) for b in month.balances]
    mine = [b for b in rows if b.name == e.subject]
    if not mine:
        return None
    if mine[-1].needs:
        return Unknown(mine[-1].needs)
    figures = {"opening": mine[-1].opening, "added": mine[-1].added, "used": mine[-1].used, "accrued": mine[-1].accrued}
    return figures.get(e.field or "", mine[-1].closing)


def _of_ladder(run: Run, e: m.Expect) -> Value | None:
    mine = _ladders(run, e)
    if not mine:
        return None
    x = mine[-1]
    if e.field == "opened":
        return x.opened
    if x.needs:
        return Unknown(x.needs)
    return x.level.title if e.field == "level" else x.last_day


def _given(run: Run, e: m.Expect) -> Value | None:
    """A parameter in force on the last day (or the first of the period), or a fact as it was given."""
    world = run.walk.world
    period = None if e.period is None else _period(e.period)
    if e.subject in world.program.parameters:
        return world.parameter(e.subject, period.start if period is not None else run.outcome.as_of)
    column = run.facts.scalars.get(e.subject, {})
    cell = column.get("once" if e.period is None else e.period)
    if cell is None or cell.unknown:
        return Unknown((e.subject,))
    value = cell.value
    if isinstance(value, Notice):
        return value.received
    return value


def _period(text: str) -> periods.Period | None:
    try:
        return periods.parse_period(text)
    except ValueError:
        return None


def _owed(run: Run, e: m.Expect) -> Exact:
    """What one party owes the other at the end; an account that is only kept the other way round counts negative."""
    months = _months(run)
    currency = e.value_type.currency if e.value_type is not None else None
    rows = [r for r in (months[-1].ledger if months else ()) if currency in (None, r.currency)]
    for row in rows:
        if (row.debtor, row.creditor) == (e.subject, e.creditor):
            return major(row.closing, row.currency)
    for row in rows:
        if (row.debtor, row.creditor) == (e.creditor, e.subject):
            return -major(row.closing, row.currency)
    return 0


def _of_obligation(run: Run, e: m.Expect) -> Value | None:
    if e.field in ("difference", "interest_difference"):
        kind = "interest" if e.field == "interest_difference" else "accrued"
        rows = [
            r
            for r in run.outcome.restatement
            if r.kind == kind
            and r.line.split("@")[0] == e.subject
            and e.period in (None, r.line.split("@")[1], r.origin)
        ]
        return sum((major(r.difference or 0, r.currency) for r in rows), cast(Exact, 0))
    if e.field == "penalty":
        penalties = last_lines(run, f"{e.subject}.penalty", e.period)
        return sum((major(x.amount or 0, x.currency) for x in penalties), cast(Exact, 0))
    lines = last_lines(run, e.subject, e.period)
    if not lines:
        return None
    x = lines[-1]
    dates = {
        "due": x.due,
        "grace_until": x.grace_until,
        "overdue_since": x.overdue_since,
        "performed_on": x.performed_on,
    }
    if e.field in dates:
        return dates[e.field]
    if e.field == "days_overdue":
        return x.days_overdue
    if e.field in ("due_at", "performed_at"):
        return x.due_at if e.field == "due_at" else x.performed_at
    if e.field == "hours_late":
        return x.hours_late
    if x.amount is None:
        return Unknown(x.needs)
    amounts: dict[str, Exact] = {
        "amount": x.amount,
        "paid": x.paid,
        "open": x.open,
        "interest": x.interest_booked,
        **({} if x.tax is None else {"net": x.tax.net, "tax": x.tax.tax}),
        "disputed": x.disputed or 0,
        **{p.name: p.amount for p in x.parts if p.of is None},
    }
    amount = amounts.get(e.field or "amount")
    return None if amount is None else major(amount, x.currency)
