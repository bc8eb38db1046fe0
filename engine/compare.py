"""Two versions of a contract on the same facts: what each party would owe under either, month by month and line by line.

Both runs are made whole, from the first day to the same `as_of`; closings that the facts remember are of one version only and
play no part. Of facts that a version does not ask for nothing is read, and what it asks for and is not given is unknown;
both are said (`Reading`). Sums close: what a pair of parties owes in all differs by the sum of the differences of the lines.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import attrs

from clausal.dsl import model as m
from clausal.dsl.diagnostics import Diagnostic, Rejected
from clausal.dsl.types import Type
from clausal.dsl.values import Exact
from clausal.engine.embedding import Contract, DateLike, FactsLike, Statement
from clausal.engine.evaluate import default_as_of
from clausal.engine.facts import Cell, Closing, Facts, Payment, Record
from clausal.engine.outcome import Assessed, BalanceRow, Line, Month, Outcome

Pair: TypeAlias = tuple[str, str, str]
"""Debtor, creditor, currency."""
Side: TypeAlias = Literal[0, 1]


# ---- facts ---------------------------------------------------------------------------------------------------------


@attrs.frozen
class Reading:
    """The facts as one version reads them. `unasked` are facts, parties and parameters that were given and that this version
    does not know; `lacking` are facts that only this version asks for and that were not given."""

    facts: Facts
    unasked: tuple[str, ...]
    lacking: tuple[str, ...]
    findings: tuple[Diagnostic, ...]


def read(
    own: Contract, other: Contract, names: Mapping[str, str], facts: FactsLike, encoding: str | None = None
) -> Reading:
    """The facts for `own`, which may have been gathered for `other`; `names` says which name of the other's is which of its
    own. Raises `Rejected` where neither version could read them."""
    theirs = {fact.name: fact for fact in other.model.facts}
    alone = [fact.name for fact in own.model.facts if fact.name not in theirs and fact.name not in names.values()]
    try:
        given, found = own.read_facts(facts, encoding)
        unasked: list[str] = []
    except Rejected:
        both = attrs.evolve(own.prepared, contract=_reading_model(own.model, other.model, names))
        wide, found = Contract(both).read_facts(facts, encoding)
        given, unasked = _narrowed(wide, own.model, theirs, names)
    present = {*given.scalars, *given.records, *given.payments, *given.carried}
    given = attrs.evolve(given, payments=_with_debts(given.payments, names))
    return Reading(given, tuple(unasked), tuple(name for name in alone if name not in present), found)


def _reading_model(own: m.Contract, other: m.Contract, names: Mapping[str, str]) -> m.Contract:
    """The contract as intake reads for it, with everything that the other one would know a fact by."""
    ours = {fact.name: fact for fact in own.facts}
    theirs = {fact.name: fact for fact in other.facts}
    declared = [_widened(fact, theirs.get(fact.name)) for fact in own.facts]
    declared += [fact for name, fact in theirs.items() if name not in ours]
    known = {party.name for party in own.parties}
    strangers = [party for party in other.parties if party.name not in known]
    debts = [duty for duty in other.obligations if duty.name in names]
    return attrs.evolve(
        own, facts=tuple(declared), parties=(*strangers, *own.parties), obligations=(*own.obligations, *debts)
    )


def _widened(fact: m.FactDecl, other: m.FactDecl | None) -> m.FactDecl:
    """A list with the columns of both; a column that the other does not have may lack."""
    if other is None or not fact.type.kind == other.type.kind == "list":
        return fact
    ours, theirs = {f.name for f in fact.type.fields}, {f.name for f in other.type.fields}
    keys = (fact.dated_by, fact.keyed_by)
    own = tuple(
        attrs.evolve(f, optional=f.optional or (f.name not in theirs and f.name not in keys)) for f in fact.type.fields
    )
    more = tuple(attrs.evolve(f, optional=True) for f in other.type.fields if f.name not in ours)
    return attrs.evolve(fact, type=attrs.evolve(fact.type, fields=(*own, *more)))


def _narrowed(
    wide: Facts, own: m.Contract, theirs: Mapping[str, m.FactDecl], names: Mapping[str, str]
) -> tuple[Facts, list[str]]:
    """Only what this version asks for, by its own names; and what was left out."""
    declared = {fact.name: fact for fact in own.facts}
    parties = {party.name for party in own.parties}
    present = {*wide.scalars, *wide.records, *wide.payments, *wide.carried}
    unasked: dict[str, None] = {}

    def called(name: str) -> str | None:
        if name in declared:
            return name
        mine = names.get(name)
        if mine in declared and mine not in present:
            return mine
        unasked[name] = None
        return None

    def kept(rows: Mapping[str, Any]) -> dict[str, Any]:
        return {mine: value for name, value in rows.items() if (mine := called(name)) is not None}

    records: dict[str, tuple[Record, ...]] = {}
    for name, rows in kept(wide.records).items():
        fact = declared[name]
        other = theirs.get(name)
        if fact.type.kind == "list":
            rows = tuple(_fields_of(row, fact.type, other) for row in rows)
            extra = {f.name for f in other.type.fields} - {f.name for f in fact.type.fields} if other else set()
            unasked.update((f"{name}.{field}", None) for field in sorted(extra))
        records[name] = rows
    payments: dict[str, tuple[Payment, ...]] = {}
    for name, rows in kept(wide.payments).items():
        known: list[Payment] = []
        for row in rows:
            payer, payee = names.get(row.payer, row.payer), names.get(row.payee, row.payee)
            if {payer, payee} <= parties:
                known.append(attrs.evolve(row, payer=payer, payee=payee, source=name))
            else:
                unasked.update((party, None) for party in (payer, payee) if party not in parties)
        payments[name] = tuple(known)
    narrow = attrs.evolve(
        wide,
        scalars=kept(wide.scalars),
        records=records,
        payments=payments,
        carried=frozenset(mine for name in sorted(wide.carried) if (mine := called(name)) is not None),
        closings=tuple(Closing(c.as_of, _through(c.complete_through, declared, names)) for c in wide.closings),
        complete_through=_through(wide.complete_through, declared, names),
    )
    return narrow, list(unasked)


def _fields_of(record: Record, type: Type, other: m.FactDecl | None) -> Record:
    """A record with the fields of this version; one that the file's version did not have is unknown."""
    others = {f.name for f in other.type.fields} if other is not None else set()
    cells: dict[str, Cell] = {}
    for field in type.fields:
        cell = record.fields[field.name]
        lacks = field.name not in others and not field.optional and cell.value is None and cell.origin == record.origin
        cells[field.name] = attrs.evolve(cell, unknown=True) if lacks else cell
    return attrs.evolve(record, fields=cells)


def _through(
    said: Mapping[str | None, dt.date], declared: Mapping[str, m.FactDecl], names: Mapping[str, str]
) -> dict[str | None, dt.date]:
    mine = {name if name is None or name in declared else names.get(name, name): day for name, day in said.items()}
    return {name: day for name, day in mine.items() if name is None or name in declared}


def _with_debts(
    payments: Mapping[str, tuple[Payment, ...]], names: Mapping[str, str]
) -> dict[str, tuple[Payment, ...]]:
    """Payments that name a debt by the other's name of it name it by its own."""
    return {
        source: tuple(attrs.evolve(p, for_=_called(p.for_, names)) if p.for_ else p for p in rows)
        for source, rows in payments.items()
    }


def _called(id: str, names: Mapping[str, str]) -> str:
    """An instance, by the other name of what it is one of: `fee.penalty@2026-01` for `pay_fee.penalty@2026-01`."""
    base, at, key = id.partition("@")
    name, dot, part = base.partition(".")
    return names.get(name, name) + dot + part + at + key


# ---- runs ----------------------------------------------------------------------------------------------------------


def last_day(a: Contract, b: Contract, readings: tuple[Reading, Reading]) -> dt.date:
    """The day of both statements where none was asked for."""
    return max(default_as_of(c.model, r.facts) for c, r in zip((a, b), readings, strict=True))


Asked: TypeAlias = tuple[dict["str | None", str], dict[str, str]]
"""`complete_through` by fact and parameters by name, as they were given."""


def shared_out(
    contracts: tuple[Contract, Contract],
    readings: tuple[Reading, Reading],
    names: tuple[Mapping[str, str], Mapping[str, str]],
    through: Mapping[str | None, str],
    parameters: Mapping[str, str],
) -> tuple[tuple[Reading, Reading], tuple[Asked, Asked]]:
    """What was asked of a run, for each version what it knows by its own names. A name that neither knows goes to both, and
    is refused there; one that only the other knows is said to be left out. `names` are the other's names for its own."""
    own = [({f.name for f in c.model.facts}, {p.name for p in c.model.parameters}) for c in contracts]
    made: list[Reading] = []
    asked: list[Asked] = []
    for side in (0, 1):
        facts, known = own[side]
        other_facts, other_known = own[1 - side]
        left: list[str] = []

        def mine(name: str, here: set[str], there: set[str], side: int = side, left: list[str] = left) -> str | None:
            called = name if name in here else names[side].get(name, name)
            if called not in here and name in there:
                left.append(name)
                return None
            return called

        days: dict[str | None, str] = {}
        for source, day in through.items():
            if source is None or (called := mine(source, facts, other_facts)) is not None:
                days[None if source is None else called] = day
        values = {
            called: value
            for name, value in parameters.items()
            if (called := mine(name, known, other_known)) is not None
        }
        unasked = tuple(dict.fromkeys((*readings[side].unasked, *left)))
        made.append(attrs.evolve(readings[side], unasked=unasked))
        asked.append((days, values))
    return (made[0], made[1]), (asked[0], asked[1])


def run(
    own: Contract,
    reading: Reading,
    as_of: DateLike,
    complete_through: Mapping[str | None, str] | None = None,
    parameters: Mapping[str, str] | None = None,
) -> Statement:
    """One version on its reading of the facts. Raises `Rejected` as `Contract.evaluate` does."""
    facts = reading.facts
    of_that_day = {c.as_of.isoformat(): c.complete_through for c in facts.closings}
    said = {**facts.complete_through, **of_that_day.get(str(as_of), {})}
    facts = attrs.evolve(facts, closings=(), complete_through=said)
    return own.evaluate(facts, as_of, complete_through or None, parameters or None)


# ---- what differs --------------------------------------------------------------------------------------------------


@attrs.frozen
class Figure:
    """An amount under either version, in smallest units; None is undetermined, and no amount. Of two that are undetermined
    nobody knows whether they differ: they are listed as undetermined, and not as different."""

    was: Exact | None
    is_: Exact | None

    @property
    def difference(self) -> Exact | None:
        return None if self.was is None or self.is_ is None else self.is_ - self.was

    @property
    def differs(self) -> bool:
        return self.was != self.is_


@attrs.frozen
class Row:
    """What a line came to in a month: its amount (after reductions, what is withheld and what is written off), the interest
    booked on it, agreed penalties. `line` is None for adjustments that belong to no line. `there`: whether either version
    has the line."""

    month: str
    line: str | None
    clause: str | None
    debtor: str
    creditor: str
    currency: str
    owed: Figure
    interest: Figure
    penalties: Figure
    there: tuple[bool, bool]

    @property
    def differs(self) -> bool:
        return self.owed.differs or self.interest.differs or self.penalties.differs


@attrs.frozen
class Total:
    """What one party owes another over all months: the sums of the rows, what was paid, and what is open at the end.
    `excludes` are the lines that are undetermined and count in no sum, by version."""

    debtor: str
    creditor: str
    currency: str
    owed: Figure
    interest: Figure
    penalties: Figure
    paid: Figure
    closing: Figure
    excludes: tuple[tuple[str, ...], tuple[str, ...]]

    @property
    def all(self) -> Figure:
        """Amounts, interest and penalties together."""
        sums = [(f.was or 0, f.is_ or 0) for f in (self.owed, self.interest, self.penalties)]
        return Figure(sum(was for was, _ in sums), sum(is_ for _, is_ in sums))

    @property
    def differs(self) -> bool:
        figures = (self.owed, self.interest, self.penalties, self.paid, self.closing)
        return any(figure.differs for figure in figures) or self.excludes[0] != self.excludes[1]


@attrs.frozen
class Event:
    """A date or a status that is another: `kind` says of what (obligation, breach, right, kpi, state, balance), `aspect` which.
    None: there is none. A balance's amounts are in units of its type."""

    kind: str
    subject: str
    month: str
    aspect: str
    was: dt.date | str | Exact | None
    is_: dt.date | str | Exact | None
    type: Type | None = None


@attrs.frozen
class Money:
    """Two runs held against each other. `rows` and `events` are only those that differ."""

    as_of: dt.date
    rows: tuple[Row, ...]
    totals: tuple[Total, ...]
    events: tuple[Event, ...]
    needs: tuple[tuple[str, ...], tuple[str, ...]]
    """The facts that either run needed and did not have."""

    @property
    def same(self) -> bool:
        return not self.rows and not self.events and not any(total.differs for total in self.totals)


def compare(a: Statement, b: Statement, renamed: Mapping[str, str]) -> Money:
    """What changed from run `a` to run `b`; `renamed` says which name of a's is which of b's. Everything goes by b's names."""
    old, new = a.run.outcome, b.run.outcome
    books = (_Book(old, renamed), _Book(new, {}))
    rows = list(_rows(*books))
    totals = tuple(_totals(rows, *books))
    events = tuple(_events(books))
    return Money(new.as_of, tuple(row for row in rows if row.differs), totals, events, (_needs(old), _needs(new)))


def _needs(outcome: Outcome) -> tuple[str, ...]:
    return tuple(sorted({need for month in outcome.months for gap in month.undetermined for need in gap.needs}))


@attrs.frozen
class _Entry:
    """What one line moved in one month."""

    line: Line
    owed: Exact
    interest: Exact
    penalties: Exact
    undetermined: bool


class _Book:
    """One run by month and line, by the names that both are told in."""

    def __init__(self, outcome: Outcome, names: Mapping[str, str]) -> None:
        self.names = names
        self.months = outcome.months
        self.last: dict[str, Line] = {}
        for month in outcome.months:
            self.last.update((_called(line.id, names), line) for line in month.obligations)
        self.entries: dict[tuple[str, str, Pair], _Entry] = {}
        self.rest: dict[tuple[str, Pair], Exact] = {}
        self.paid: dict[Pair, Exact] = {}
        self.closing: dict[Pair, Exact] = {}
        before: dict[str, tuple[Exact, Exact]] = {}
        for month in outcome.months:
            self._book(month, before)

    def pair(self, debtor: str, creditor: str, currency: str) -> Pair:
        return self.names.get(debtor, debtor), self.names.get(creditor, creditor), currency

    def _book(self, month: Month, before: dict[str, tuple[Exact, Exact]]) -> None:
        moved: dict[Pair, Exact] = {}
        for line in month.obligations:
            if line.action != "pay" or line.creditor is None or line.currency is None:
                continue
            id = _called(line.id, self.names)
            pair = self.pair(line.debtor, line.creditor, line.currency)
            first = id not in before
            worth, interest = _worth(line), line.interest_booked
            old_worth, old_interest = before.get(id, (0, 0))
            before[id] = (worth, interest)
            grown, more = worth - old_worth, interest - old_interest
            moved[pair] = moved.get(pair, 0) + grown + more
            penal = line.obligation.endswith(".penalty")
            undetermined = first and self.last[id].amount is None
            if first or grown or more:
                self.entries[month.month, id, pair] = _Entry(
                    line, 0 if penal else grown, more, grown if penal else 0, undetermined
                )
        for row in month.ledger:
            pair = self.pair(row.debtor, row.creditor, row.currency)
            booked = (
                row.accrued + row.tax + row.adjusted + row.interest + row.penalties - row.withheld - row.written_off
            )
            rest = booked - moved.get(pair, 0)
            if rest:
                self.rest[month.month, pair] = rest
            self.paid[pair] = self.paid.get(pair, 0) + row.paid - row.refunded
            self.closing[pair] = row.closing

    def excludes(self, pair: Pair) -> tuple[str, ...]:
        return tuple(
            id
            for id, line in self.last.items()
            if line.amount is None
            and line.action == "pay"
            and line.creditor is not None
            and self.pair(line.debtor, line.creditor, line.currency or "") == pair
        )


def _worth(line: Line) -> Exact:
    """What is owed of a line in the end, interest apart."""
    if line.amount is None:
        return 0
    if line.status == "excused":
        return line.paid
    return line.amount - (line.withheld or 0) - (line.written_off or 0)


def _rows(a: _Book, b: _Book) -> Iterator[Row]:
    order = {month.month: None for month in sorted((*a.months, *b.months), key=lambda month: month.month)}
    keys = dict.fromkeys((*b.entries, *a.entries))
    rests = dict.fromkeys((*b.rest, *a.rest))
    for month in order:
        for key in (key for key in keys if key[0] == month):
            one, other = a.entries.get(key), b.entries.get(key)
            _, id, pair = key
            line = (other or one).line  # type: ignore[union-attr]
            there = tuple(book.last.get(id) is not None for book in (a, b))
            yield Row(
                month, id, line.clause, *pair, _figure(one, other, "owed"), _figure(one, other, "interest"),
                _figure(one, other, "penalties"), (there[0], there[1]),
            )  # fmt: skip
        for pair in (pair for at, pair in rests if at == month):
            rest = Figure(a.rest.get((month, pair), 0), b.rest.get((month, pair), 0))
            yield Row(month, None, None, *pair, rest, Figure(0, 0), Figure(0, 0), (True, True))


def _figure(one: _Entry | None, other: _Entry | None, name: str) -> Figure:
    return Figure(_amount(one, name), _amount(other, name))


def _amount(entry: _Entry | None, name: str) -> Exact | None:
    if entry is None:
        return 0
    penal = entry.line.obligation.endswith(".penalty")
    if entry.undetermined and name == ("penalties" if penal else "owed"):
        return None
    amount: Exact = getattr(entry, name)
    return amount


def _totals(rows: Sequence[Row], a: _Book, b: _Book) -> Iterator[Total]:
    for pair in dict.fromkeys((*b.closing, *a.closing)):
        own = [row for row in rows if (row.debtor, row.creditor, row.currency) == pair]
        owed, interest, penalties = (
            Figure(sum(getattr(row, name).was or 0 for row in own), sum(getattr(row, name).is_ or 0 for row in own))
            for name in ("owed", "interest", "penalties")
        )
        total = Total(
            *pair, owed, interest, penalties,
            Figure(a.paid.get(pair, 0), b.paid.get(pair, 0)),
            Figure(a.closing.get(pair, 0), b.closing.get(pair, 0)),
            (a.excludes(pair), b.excludes(pair)),
        )  # fmt: skip
        for all_, paid, closing in zip(*(_sides(f) for f in (total.all, total.paid, total.closing)), strict=True):
            if all_ - paid != closing:
                raise AssertionError(f"the lines of {pair} do not add up: {all_} less {paid} is not {closing}")
        yield total


def _sides(figure: Figure) -> tuple[Exact, Exact]:
    return figure.was or 0, figure.is_ or 0


# ---- dates and statuses --------------------------------------------------------------------------------------------

_OF_LINES: Final = ("due", "grace_until", "status", "performed_on", "overdue_since")
_OF_BREACHES: Final = ("since", "grade", "cured_on")
_OF_KPIS: Final = ("status", "level")
_OF_RIGHTS: Final = ("opened", "last_day", "status", "exercised_on", "effective_on")


def _events(books: tuple[_Book, _Book]) -> Iterator[Event]:
    """What bears on the whole contract first. A state is told in the month from which on it differs so; a kpi that only one
    version assesses is told by the state, or by the contracts themselves."""
    a, b = books
    states = tuple({month.month: month.state for month in book.months} for book in books)
    before: tuple[str | None, str | None] = (None, None)
    for month in sorted({*states[0], *states[1]}):
        was, is_ = states[0].get(month), states[1].get(month)
        if was != is_ and (was, is_) != before:
            yield Event("state", "", month, "state", was, is_)
        before = (was, is_)
    yield from _of_rows("right", _last(a, "rights", "id"), _last(b, "rights", "id"), _OF_RIGHTS)
    yield from _of_rows("breach", _last(a, "breaches", "of"), _last(b, "breaches", "of"), _OF_BREACHES)
    yield from _of_rows("obligation", _last(a, "obligations", "id"), _last(b, "obligations", "id"), _OF_LINES)
    kpis, others = _kpis(a), _kpis(b)
    both = kpis.keys() & others.keys()
    kpis, others = ({id: row for id, row in found.items() if id in both} for found in (kpis, others))
    yield from _of_rows("kpi", kpis, others, _OF_KPIS)
    closings = tuple(
        {(month.month, book.names.get(row.name, row.name)): row for month in book.months for row in month.balances}
        for book in books
    )
    for month, name in dict.fromkeys((*closings[0], *closings[1])):
        one, other = closings[0].get((month, name)), closings[1].get((month, name))
        stood, stands = _closing(one), _closing(other)
        if stood != stands:
            yield Event("balance", name, month, "closing", stood, stands, (other or one).type)  # type: ignore[union-attr]


def _closing(row: BalanceRow | None) -> Exact | str | None:
    if row is None:
        return None
    return "undetermined" if row.closing is None else row.closing


def _last(book: _Book, part: str, key: str) -> dict[str, tuple[str, Any]]:
    """The last row of each thing, by its id, with the month in which it first stood."""
    found: dict[str, tuple[str, Any]] = {}
    for month in book.months:
        for row in getattr(month, part):
            id = _called(getattr(row, key), book.names)
            found[id] = (found[id][0] if id in found else month.month, row)
    return found


def _kpis(book: _Book) -> dict[str, tuple[str, Any]]:
    return {
        f"{book.names.get(value.name, value.name)}@{value.period}": (month.month, value)
        for month in book.months
        for value in month.values
        if isinstance(value, Assessed)
    }


def _of_rows(
    kind: str, a: Mapping[str, tuple[str, Any]], b: Mapping[str, tuple[str, Any]], aspects: Sequence[str]
) -> Iterator[Event]:
    """What differs of rows that both have; of one that only one has, its first aspect that says something of it."""
    ids = sorted(dict.fromkeys((*b, *a)), key=lambda id: (b.get(id) or a[id])[0])
    for id in ids:
        one, other = a.get(id), b.get(id)
        month = (other or one)[0]  # type: ignore[index]
        if one is None or other is None:
            told = "since" if kind == "breach" else "status"
            was, is_ = (row and getattr(row[1], told) for row in (one, other))
            yield Event(kind, id, month, told, was, is_)
            continue
        for aspect in aspects:
            was, is_ = getattr(one[1], aspect), getattr(other[1], aspect)
            if was != is_:
                yield Event(kind, id, month, aspect, was, is_)
