"""The steward: what a person asks of a contract and its facts, each room called once and in order.

`evaluate` runs the days and gives a `Run`: the outcome, and what is needed to explain it or to go on from it. Runs that were
closed before (facts say so, or a saved state) are made again from what was known then; what differs now is restated, and
booked in the month that is open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.calendars import Calendar, calendar
from clausal.dsl.diagnostics import Both, Diagnostic, Rejected, all_of, error
from clausal.dsl.values import Exact, Value
from clausal.dsl.version import __version__
from clausal.engine import state as states
from clausal.engine.exact import Program, Watch, World
from clausal.engine.facts import Facts, Past
from clausal.engine.outcome import LedgerRow, Month, Outcome, Restated, Warn
from clausal.engine.terms import Terms
from clausal.engine.walk.walk import Walk

Completeness = Mapping[str | None, dt.date]

MAX_MONTHS = 2_400


@attrs.frozen(eq=False)
class Prepared:
    """A contract made ready to run: compiled once, used by any number of runs, at the same time too."""

    contract: m.Contract
    program: Program
    terms: Terms
    calendar: Calendar | None


@attrs.frozen(eq=False)
class Run:
    """What a run found (`outcome`), the walk that found it, the state to go on from."""

    prepared: Prepared
    outcome: Outcome
    walk: Walk
    facts: Facts
    runs: tuple[Past, ...]
    parameters: Mapping[str, Value]

    def state(self) -> dict[str, Any]:
        return states.save(self.runs, self.prepared.contract.sha256)


def prepare(contract: m.Contract, watch: Watch | None = None) -> Prepared:
    program = Program(contract, watch=watch)
    days_off = None if contract.header.calendar is None else calendar(contract.header.calendar)
    return Prepared(contract, program, Terms(program), days_off)


def blanks(contract: m.Contract, parameters: Mapping[str, Value]) -> tuple[Diagnostic, ...]:
    """One finding that names every `TBD` that the run was not given."""
    names = [
        p.name for p in contract.parameters if p.name not in parameters and any(v.value is None for v in p.versions)
    ]
    return (error("R701", names=all_of(names)),) if names else ()


def default_as_of(contract: m.Contract, facts: Facts) -> dt.date:
    """The last day of the last month given; where no month is given, of the last month in which anything is dated."""
    if facts.months:
        return periods.parse_period(facts.months[-1]).end
    days = [r.on for rows in facts.records.values() for r in rows]
    days += [p.on for rows in facts.payments.values() for p in rows]
    last = max(days, default=contract.header.term_start)
    return periods.month_of(max(last, contract.header.term_start)).end


def evaluate(
    prepared: Prepared,
    facts: Facts,
    as_of: dt.date | None = None,
    complete_through: Completeness | None = None,
    parameters: Mapping[str, Value] | None = None,
    state: Mapping[str, Any] | None = None,
) -> Run:
    """Run a contract on its facts up to the end of `as_of`.

    `complete_through` says per fact (None: all others) up to which day the facts are complete. Raises `Rejected` where
    the run cannot be made: blanks, an `as_of` before the term, a state of another contract.
    """
    contract = prepared.contract
    parameters = parameters or {}
    found = blanks(contract, parameters)
    if found:
        raise Rejected(found)
    earlier: tuple[Past, ...] = ()
    known = Facts()
    if state is not None:
        try:
            earlier = states.load(state, contract.sha256)
        except states.NotThisState as problem:
            raise Rejected((error("R708", found=str(problem)),)) from problem
        for past in earlier:
            known = states.merge(known, past.facts)
    everything = states.merge(known, facts) if earlier else facts
    day = as_of or default_as_of(contract, everything)
    if day < contract.header.term_start:
        raise Rejected((error("R703", as_of=day.isoformat(), start=contract.header.term_start.isoformat()),))
    if 12 * (day.year - contract.header.term_start.year) > MAX_MONTHS:
        raise Rejected((error("R704", limit=str(MAX_MONTHS), what=Both("months", "个月")),))
    said: dict[str | None, dt.date] = dict(facts.complete_through)
    for closing in facts.closings:
        if closing.as_of == day:
            said.update(closing.complete_through)
    said.update(complete_through or {})
    if state is None:
        closings = sorted((c for c in facts.closings if c.as_of < day), key=lambda c: c.as_of)
        layers = [facts, *(Facts() for _ in closings)]
        earlier = tuple(
            Past(c.as_of, c.complete_through, parameters, layer) for c, layer in zip(closings, layers, strict=False)
        )
    else:
        earlier = tuple(past for past in earlier if past.as_of < day)
    issued = _Issued()
    known = Facts()
    for past in earlier:
        known = states.merge(known, past.facts)
        walk = _walk(prepared, known, past.as_of, past.complete_through, past.parameters)
        issued = issued.followed_by(walk.months, past.as_of)
    walk = _walk(prepared, everything, day, said, parameters)
    view = issued.followed_by(walk.months, day)
    outcome = _outcome(prepared, walk, everything, view.months, view.restated, said)
    outcome = attrs.evolve(outcome, warnings=(*outcome.warnings, *_without_ground(issued.by_period, walk.months)))
    now = Past(day, said, parameters, states.news(known, everything))
    return Run(prepared, outcome, walk, everything, (*earlier, now), parameters)


@attrs.frozen
class _Issued:
    """The statements as they were issued, up to a run: its months in the cash view (`months`: what was closed before stands
    as it was issued, what changed since is booked in the month that was open) and by period (`by_period`)."""

    months: tuple[Month, ...] = ()
    by_period: tuple[Month, ...] = ()
    restated: tuple[Restated, ...] = ()
    as_of: dt.date = dt.date.min

    def followed_by(self, months: Sequence[Month], as_of: dt.date) -> _Issued:
        closed = sum(1 for x in self.months if periods.parse_period(x.month).end <= self.as_of)
        now = tuple(months)
        if not closed or len(now) <= closed:
            return _Issued(now, now, self.restated, as_of)
        then, later = self.by_period[:closed], now[:closed]
        rows = tuple(_restatement(then, later, now[closed].month))
        if not rows and not self.restated:
            return _Issued(now, now, (), as_of)
        open_ = _carry(self.months[:closed], then, later, now[closed])
        return _Issued((*self.months[:closed], open_, *now[closed + 1 :]), now, (*self.restated, *rows), as_of)


def _walk(
    prepared: Prepared, facts: Facts, as_of: dt.date, said: Completeness, parameters: Mapping[str, Value]
) -> Walk:
    world = World(prepared.program, facts, as_of, said, parameters, prepared.calendar)
    walk = Walk(prepared.terms, world)
    walk.run()
    return walk


def _outcome(
    prepared: Prepared,
    walk: Walk,
    facts: Facts,
    months: tuple[Month, ...],
    restated: tuple[Restated, ...],
    said: Completeness,
) -> Outcome:
    contract = prepared.contract
    versions: list[tuple[str, str | int]] = [("language", contract.header.language)]
    if prepared.calendar is not None:
        versions.insert(0, ("calendar", prepared.calendar.version))
    completeness = [
        (f.name, walk.world.complete[f.name]) for f in contract.facts if f.type.kind == "payments" or f.name in said
    ]
    return Outcome(
        contract.header.title,
        contract.header.version,
        contract.sha256,
        __version__,
        walk.as_of,
        min(walk.as_of, said.get(None, walk.as_of)),
        tuple(completeness),
        facts.sha256 or "0" * 64,
        months,
        walk.settlement,
        restated,
        walk.contingent(),
        walk.upcoming(),
        tuple(versions),
        (*_warnings(prepared, walk, said), *dict.fromkeys(_notes(contract)), *walk.warnings),
        tuple((a.title, a.effective) for a in contract.amendments if a.effective <= walk.as_of),
    )


def _warnings(prepared: Prepared, walk: Walk, said: Completeness) -> Iterator[Warn]:
    contract = prepared.contract
    for fact in contract.facts:
        if fact.type.kind == "payments" and fact.name not in said and None not in said:
            yield Warn("completeness assumed", (("source", fact.name), ("date", walk.as_of)))
    days = prepared.calendar
    if days is not None:
        last = max((x.due for x in walk.instances if x.due is not None), default=walk.as_of)
        if days.provisional(contract.header.term_start, max(last, contract.header.term_start)):
            yield Warn("calendar provisional", (("calendar", days.version), ("known_through", days.known_through)))


def _notes(contract: m.Contract) -> Iterator[Warn]:
    """What the contract marks as a reading of the paper is repeated with every statement."""
    for text in contract.header.notes:
        yield Warn("note", (("of", "contract"), ("text", text)))
    for clause in contract.clauses:
        if clause.until is None:
            for text in clause.notes:
                yield Warn("note", (("of", clause.ref.number), ("text", text)))
    declared = (
        *contract.parameters,
        *contract.facts,
        *contract.values,
        *contract.balances,
        *contract.prohibitions,
        *contract.rights,
        *contract.suspensions,
        *contract.escalations,
        *contract.approvals,
    )
    for one in declared:
        for text in one.notes:
            yield Warn("note", (("of", one.name), ("text", text)))


# ---- restatement ---------------------------------------------------------------------------------------------------


def _figures(month: Month) -> dict[tuple[str, str, str, str, str], Exact]:
    """The month's movements by (kind, line, from, to, currency); payments are negative."""
    out: dict[tuple[str, str, str, str, str], Exact] = {}
    for line in month.obligations:
        if line.action == "pay" and line.creditor is not None and line.currency is not None:
            key = (line.debtor, line.creditor, line.currency)
            if line.withheld is not None and line.performed_on is None:
                out["withheld", line.id, *key] = -line.withheld
    for row in month.penalties:
        out[row.kind, row.obligation if row.kind == "interest" else row.id, row.debtor, row.creditor, row.currency] = (
            row.amount
        )
    for p in month.payments:
        if p.kind == "payment":
            out["payment", f"payment {p.ref}", p.payer, p.payee, p.currency] = -p.amount
    return out


def _restatement(issued: Sequence[Month], now: Sequence[Month], booked_in: str) -> Iterator[Restated]:
    arisen_then: dict[str, tuple[str, Exact | None]] = _first_amounts(issued)
    arisen_now: dict[str, tuple[str, Exact | None]] = _first_amounts(now)
    lines = {x.id: x for month in (*issued, *now) for x in month.obligations}
    for then, later in zip(issued, now, strict=True):
        for id, line in lines.items():
            if (
                line.action != "pay"
                or line.creditor is None
                or line.currency is None
                or line.obligation.endswith(".penalty")
            ):
                continue
            was, new = arisen_then.get(id), arisen_now.get(id)
            month = (new or was or ("", None))[0]
            if month != then.month or was == new:
                continue
            a, b = was[1] if was else None, new[1] if new else None
            if a != b:
                difference = (b or 0) - (a or 0)
                yield Restated(
                    then.month, id, "accrued", line.debtor, line.creditor, line.currency, a, b, difference, booked_in
                )
        a_figures, b_figures = _figures(then), _figures(later)
        for key in dict.fromkeys((*a_figures, *b_figures)):
            before, after = a_figures.get(key), b_figures.get(key)
            if before != after:
                kind, line_id, debtor, creditor, currency = key
                difference = (after or 0) - (before or 0)
                yield Restated(
                    then.month, line_id, kind, debtor, creditor, currency, before, after, difference, booked_in
                )
    last_then, last_now = issued[-1], now[-1]
    status_now = {x.id: x for x in last_now.obligations}
    for x in last_then.obligations:
        other = status_now.get(x.id)
        if other is not None and other.status != x.status and x.creditor is not None:
            yield Restated(
                last_then.month, x.id, "status", x.debtor, x.creditor, x.currency or "", x.status, other.status,
                None, booked_in,
            )  # fmt: skip
    rows_now = {(r.debtor, r.creditor, r.currency): r for r in last_now.ledger}
    for row in last_then.ledger:
        new_row = rows_now.get((row.debtor, row.creditor, row.currency))
        if new_row is not None and new_row.closing != row.closing:
            yield Restated(
                last_then.month, "closing", "closing", row.debtor, row.creditor, row.currency, row.closing,
                new_row.closing, new_row.closing - row.closing, booked_in,
            )  # fmt: skip


def _without_ground(issued: Sequence[Month], now: Sequence[Month]) -> Iterator[Warn]:
    """Rights whose exercise was issued as good and that now have no ground: said, whatever follows from it."""
    later = {r.id: r.status for month in now for r in month.rights}
    then = {r.id: r for month in issued for r in month.rights}
    for id, right in then.items():
        if right.status == "exercised" and later.get(id) != "exercised":
            yield Warn("right without ground", (("right", id), ("on", right.exercised_on)))


def _first_amounts(months: Sequence[Month]) -> dict[str, tuple[str, Exact | None]]:
    first: dict[str, tuple[str, Exact | None]] = {}
    for month in months:
        for line in month.obligations:
            first.setdefault(line.id, (month.month, line.amount))
    return first


def _carry(booked: Sequence[Month], then: Sequence[Month], now: Sequence[Month], first_open: Month) -> Month:
    """The first open month as it is booked: from the closing that was issued, with every difference in it."""
    closing = {(r.debtor, r.creditor, r.currency): r.closing for r in booked[-1].ledger}
    total_then, total_now = _totals(booked), _totals(now)
    rows: list[LedgerRow] = []
    for row in first_open.ledger:
        key = (row.debtor, row.creditor, row.currency)
        a, b = total_then.get(key, {}), total_now.get(key, {})
        moved = {name: b.get(name, 0) - a.get(name, 0) for name in _MOVEMENTS}

        paid = moved["paid"]
        interest = moved["interest"]
        rest = (
            moved["accrued"]
            + moved["penalties"]
            + moved["tax"]
            + moved["adjusted"]
            - moved["withheld"]
            - moved["written_off"]
            + moved["refunded"]
        )
        if paid < 0:
            rest, paid = rest - paid, 0
        rows.append(
            attrs.evolve(
                row,
                opening=closing.get(key, 0),
                interest=row.interest + interest,
                paid=row.paid + paid,
                adjusted=row.adjusted + rest,
            )
        )
    return attrs.evolve(
        first_open,
        ledger=tuple(rows),
        obligations=(*_changed(then, now, first_open, "obligations", "id"), *first_open.obligations),
        breaches=(*_changed(then, now, first_open, "breaches", "of"), *first_open.breaches),
        rights=(*_changed(then, now, first_open, "rights", "id"), *first_open.rights),
    )


def _changed(issued: Sequence[Month], now: Sequence[Month], first_open: Month, rows: str, key: str) -> Iterator[Any]:
    """What a closed month would now say otherwise is listed in the open month, as it now stands."""
    then = {getattr(row, key): row for month in issued for row in getattr(month, rows)}
    later = {getattr(row, key): row for month in now for row in getattr(month, rows)}
    listed = {getattr(row, key) for row in getattr(first_open, rows)}
    for name, row in later.items():
        if name not in listed and row != then.get(name):
            yield row


_MOVEMENTS = ("accrued", "interest", "penalties", "tax", "adjusted", "withheld", "written_off", "paid", "refunded")


def _totals(months: Sequence[Month]) -> dict[tuple[str, str, str], dict[str, Exact]]:
    totals: dict[tuple[str, str, str], dict[str, Exact]] = {}
    for month in months:
        for row in month.ledger:
            sums = totals.setdefault((row.debtor, row.creditor, row.currency), {})
            for name in _MOVEMENTS:
                sums[name] = sums.get(name, 0) + getattr(row, name)
    return totals
