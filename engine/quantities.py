"""What a person may watch of a run, by the names of the statement: `fee@2026-03`, `pay_fee.interest`, `minimums@2026-03`,
`client owes operator`, `total`; and conditions on it, such as `pay_fee@2026-03 >= 50_000`.

Without a period an obligation's money is that of all its instances together; everything else is that of the last period.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Final, Literal, TypeAlias

import attrs

from clausal.dsl import model as m
from clausal.dsl.check import statuses_of
from clausal.dsl.diagnostics import Both, Diagnostic, Rejected, Span, all_of, any_of, did_you_mean, error
from clausal.dsl.keywords import keywords
from clausal.dsl.lower import CONTRACT_STATUSES
from clausal.dsl.periods import parse_period
from clausal.dsl.resolve import Kind
from clausal.dsl.types import DATE, MOMENT, NUMBER, PERCENT, Type, money
from clausal.dsl.values import Exact, NotApplicable, Unknown, Value, exact, together
from clausal.engine.evaluate import Run
from clausal.engine.exact import children
from clausal.engine.intake import read_value
from clausal.engine.outcome import Assessed, Line, major
from clausal.engine.scenarios import figure_of, last_lines, status_of

Sign: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]

_SIGNS: Final = {"=": "=", "==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_CONDITION: Final = re.compile(r"(.+?)\s*(<=|>=|!=|==|=|<|>)\s*(.+)", re.DOTALL)
_FOLD: Final = str.maketrans("（），＝＜＞≤≥≠＠", "(),=<>≤≥≠@")
_TOTAL: Final = re.compile(r"(?:total|合计)\s*(?:\(\s*(.+?)\s*,\s*(.+?)\s*\))?")
_OWES: Final = re.compile(r"(\S+)\s+(?:owes|尚欠)\s+(\S+)")
_NAMED: Final = re.compile(r"(?P<name>[^@.]+)(?:\.(?P<field>[^@.]+))?(?:@(?P<period>.+))?")

_SUMMED: Final = ("amount", "paid", "open", "interest", "penalty", "net", "tax", "disputed")
_DAYS: Final = ("due", "grace_until", "overdue_since", "performed_on")
_MOMENTS: Final = ("due_at", "performed_at")
_COUNTS: Final = {"days_overdue": "days", "hours_late": "hours"}
_MOVEMENTS: Final = 24  # of a balance, each of which is rounded
_BALANCE: Final = ("opening", "added", "used", "accrued")
_RIGHT: Final = ("opened", "last_day", "status")


@attrs.frozen
class Quantity:
    """One figure or status of a run. `type` None: a status, whose words have the scope `words` (see engine/report/spelling).

    `rounded`: how often it is rounded on its way (0: it is exact), each time by less than a unit; a sum of lines is rounded
    once for each. `between`: the parties of a total, net of what the second comes to owe the first."""

    text: str
    type: Type | None
    rounded: int
    expect: m.Expect | None = None
    between: tuple[str, str] | None = None
    summed: bool = False
    words: str = "status"

    @property
    def subject(self) -> str | None:
        """The declaration that it is of; None for what parties owe."""
        return None if self.expect is None or self.expect.kind == "owes" else self.expect.subject

    def read(self, run: Run) -> Value | None:
        """Its value in a run, an Unknown where it cannot be known yet, None where the statement has no such thing."""
        if self.between is not None:
            currency = self.type.currency if self.type is not None else None
            return _come_to_owe(run, *self.between, currency)
        assert self.expect is not None
        if self.type is None:
            return status_of(run, self.expect)
        if not self.summed:
            value = figure_of(run, self.expect)
            absent = isinstance(value, Unknown) and value.needs == (self.expect.subject,)
            return None if absent and self.expect.subject not in run.walk.world.program.facts else value
        found: list[Value | None] = []
        for line in last_lines(run, self.expect.subject, None):
            found.append(figure_of(run, attrs.evolve(self.expect, period=line.period)))
        if not found and self.expect.field == "penalty":
            return figure_of(run, self.expect)
        unknown = [value for value in found if isinstance(value, Unknown)]
        if unknown:
            return together(*unknown)
        return exact(sum((Fraction(v) for v in found if isinstance(v, int | Fraction)), Fraction(0))) if found else None


def _come_to_owe(run: Run, debtor: str, creditor: str, currency: str | None) -> Value:
    """What one party has come to owe another over the run, less what it came to be owed, whatever was paid of it."""
    total: Exact = 0
    unknown: set[str] = set()
    for month in run.outcome.months:
        for row in month.ledger:
            if row.currency != currency or {row.debtor, row.creditor} != {debtor, creditor}:
                continue
            grown = row.closing - row.opening + row.paid - row.refunded
            total = total + (grown if row.debtor == debtor else -grown)
    for month in run.outcome.months[-1:]:
        for row in month.ledger:
            if row.currency == currency and {row.debtor, row.creditor} == {debtor, creditor} and row.excludes:
                lines = {line.id: line for line in month.obligations}
                unknown.update(need for id in row.excludes if id in lines for need in lines[id].needs)
    return Unknown(tuple(sorted(unknown))) if unknown else major(total, currency)


@attrs.frozen
class Condition:
    """A quantity held against a value of its type, or a status against a word."""

    quantity: Quantity
    sign: Sign
    value: Value
    text: str


def condition(text: str) -> tuple[str, Sign, str]:
    """The quantity, the sign and the value of a condition, as they are written. Raises `Rejected`."""
    found = _CONDITION.fullmatch(text.translate(_FOLD).replace("≤", "<=").replace("≥", ">=").replace("≠", "!=").strip())
    if found is None:
        raise Rejected((error("R766", text=text),))
    return found[1], _SIGNS[found[2]], found[3]  # type: ignore[return-value]


def held_against(contract: m.Contract, quantity: Quantity, sign: Sign, value: str) -> Condition:
    """Raises `Rejected` where the value is none of the quantity's."""
    text = f"{quantity.text} {sign} {value}"
    if quantity.type is None:
        word = value.strip().strip('"“”')
        english = {zh: en for part in ("status", "grade") for en, zh in keywords().names[part].items()}
        spoken = {
            "已达成": "met",
            "未达成": "missed",
            "不考核": "not assessed",
            "已到期": "due",
            "未到期": "not yet due",
        }
        if sign not in ("=", "!="):
            raise Rejected((error("R766", text=text),))
        status = spoken.get(word, english.get(word, word.replace("_", " ")))
        known = _statuses(contract, quantity)
        if status not in known:
            meant = did_you_mean(status, known)
            raise Rejected(
                (error("F603", value=word, expected=any_of(known, 40), suggestion=meant, place=quantity.text),)
            )
        return Condition(quantity, sign, status, text)
    read = read_value(value.strip(), quantity.type, contract, quantity.text)
    if isinstance(read, Diagnostic):
        raise Rejected((read,))
    return Condition(quantity, sign, read, text)


def _statuses(contract: m.Contract, quantity: Quantity) -> tuple[str, ...]:
    """The statuses that it can have; of a kpi whose level is asked for, the levels."""
    expect = quantity.expect
    if expect is None or expect.kind == "contract":
        return CONTRACT_STATUSES
    if expect.kind == "kpi" and expect.status is None:
        mine = [v for v in contract.values if isinstance(v, m.Kpi) and v.name == expect.subject]
        return (*(level for kpi in mine for level, _ in kpi.levels), "no level")
    kinds: dict[str, Kind] = {"kpi": "kpi", "right": "right", "prohibition": "prohibition"}
    return statuses_of(kinds.get(expect.kind, "obligation"))


def quantity(contract: m.Contract, text: str) -> Quantity:
    """What a name stands for. Raises `Rejected` where the contract has nothing of that name."""
    plain = text.translate(_FOLD).strip()
    names = {p.title: p.name for p in contract.parties if p.title} | {p.name: p.name for p in contract.parties}
    if total := _TOTAL.fullmatch(plain):
        return _total(contract, plain, names, total[1], total[2])
    if (owes := _OWES.fullmatch(plain)) and owes[1] in names and owes[2] in names:
        kind = money(contract.header.currency)
        return Quantity(plain, kind, 1, _expect("owes", names[owes[1]], None, names[owes[2]], None, kind))
    named = _NAMED.fullmatch(plain)
    name = plain if named is None else named["name"].strip("`「」 ")
    field = None if named is None else named["field"]
    period = None if named is None else named["period"]
    if field is not None:
        field = keywords().to_english["field"].get(field, field)
    if period is not None and any(one.name == name for one in (*contract.values, *contract.balances)):
        try:
            parse_period(period)
        except ValueError as problem:
            raise Rejected((error("R724", key=period, name=name),)) from problem
    for found in _named(contract, name, field, period):
        return attrs.evolve(found, text=plain)
    every = sorted({*_names(contract)})
    if name in every:
        raise Rejected((error("R723", name=name, figure=field or ""),))
    raise Rejected((error("R765", name=name, suggestion=did_you_mean(name, every)),))


def _names(contract: m.Contract) -> Iterator[str]:
    for one in (
        *contract.values,
        *contract.balances,
        *contract.obligations,
        *contract.prohibitions,
        *contract.rights,
        *contract.parameters,
        *contract.facts,
        *contract.escalations,
    ):
        yield one.name
    yield from (inner.name for inner in _inner(contract))


def _inner(contract: m.Contract) -> Iterator[m.Obligation | m.Right]:
    """Duties and rights that stand in the chains of others."""
    stack: list[m.Obligation | m.Prohibition] = [*contract.obligations, *contract.prohibitions]
    while stack:
        norm = stack.pop()
        for link in norm.chain:
            if isinstance(link.remedy, m.Obligation | m.Right):
                yield link.remedy
            if isinstance(link.remedy, m.Obligation):
                stack.append(link.remedy)


def _total(
    contract: m.Contract, text: str, names: dict[str, str], debtor: str | None, creditor: str | None
) -> Quantity:
    kind = money(contract.header.currency)
    if debtor is not None and creditor is not None:
        for word in (debtor, creditor):
            if word not in names:
                meant = did_you_mean(word, names)
                raise Rejected((error("F610", value=word, expected=any_of(names.values()), suggestion=meant),))
        return Quantity(text, kind, 1, between=(names[debtor], names[creditor]))
    found = pairs(contract)
    if len(found) != 1:
        raise Rejected((error("R768", pairs=all_of(Both(f"total({a}, {b})", f"合计（{a}，{b}）") for a, b in found)),))
    return Quantity(text, kind, 1, between=found[0])


def pairs(contract: m.Contract) -> tuple[tuple[str, str], ...]:
    """The parties between whom money may be owed, each two once, the debtor of the first duty to pay first."""
    found: dict[frozenset[str], tuple[str, str]] = {}
    for duty in (*contract.obligations, *(x for x in _inner(contract) if isinstance(x, m.Obligation))):
        if duty.action == "pay" and duty.creditor is not None:
            found.setdefault(frozenset((duty.debtor, duty.creditor)), (duty.debtor, duty.creditor))
    return tuple(found.values())


def _expect(
    kind: Literal["value", "kpi", "obligation", "prohibition", "right", "owes", "contract", "escalation"],
    subject: str,
    field: str | None,
    creditor: str | None,
    period: str | None,
    type: Type | None,
) -> m.Expect:
    return m.Expect(kind, subject, field, creditor, period, None, type, None, (), span=Span(0, 0))


def _named(contract: m.Contract, name: str, field: str | None, period: str | None) -> Iterator[Quantity]:
    """The readings of a name, the best first."""
    if name in ("contract", "合同") and field is None:
        yield Quantity(name, None, 0, _expect("contract", "contract", None, None, period, None), words="state")
    for value in contract.values:
        if value.name == name:
            rounded = 2 if _rounds(contract, _ops_of(value)) else 0
            yield from _of_value(value, field, period, rounded)
    for duty in (*contract.obligations, *(x for x in _inner(contract) if isinstance(x, m.Obligation))):
        if duty.name == name:
            rounded = 1 + _rounds(contract, (part.amount for part in duty.parts))
            yield from _of_duty(duty, field, period, rounded)
    for balance in contract.balances:
        if balance.name == name and field in (None, "closing", *_BALANCE):
            field = None if field == "closing" else field
            yield Quantity(name, balance.type, _MOVEMENTS, _expect("value", name, field, None, period, balance.type))
    for forbidden in contract.prohibitions:
        if forbidden.name == name and field in (None, "status"):
            yield Quantity(name, None, 0, _expect("prohibition", name, None, None, period, None))
        elif forbidden.name == name and field == "penalty":
            kind = money(contract.header.currency)
            yield Quantity(name, kind, 1, _expect("prohibition", name, field, None, period, kind))
    for right in (*contract.rights, *(x for x in _inner(contract) if isinstance(x, m.Right))):
        if right.name == name and field in (None, *_RIGHT):
            kind_ = None if field in (None, "status") else DATE
            expect = _expect("right", name, None if kind_ is None else field, None, period, kind_)
            yield Quantity(name, kind_, 0, expect, words="right")
    given = {**{f.name: f.type for f in contract.facts}, **{p.name: p.type for p in contract.parameters}}
    if name in given and field is None:
        yield Quantity(name, given[name], 0, _expect("value", name, None, None, period, given[name]))


def _rounds(contract: m.Contract, ops: Iterable[m.Op]) -> bool:
    """Whether what these read was rounded on the way: a share, a balance, a figure of a line, a function."""
    values: dict[str, list[m.Let | m.Kpi]] = {}
    for value in contract.values:
        values.setdefault(value.name, []).append(value)
    stack: list[m.Op] = list(ops)
    seen: set[str] = set()
    while stack:
        op = stack.pop()
        match op:
            case m.Split() | m.Apportion() | m.Stages() | m.Waterfall() | m.BalanceRef() | m.InstanceValue():
                return True
            case m.Builtin(name="rounded"):
                return True
            case m.LetRef(name=other) | m.KpiState(kpi=other) | m.KpiLevel(kpi=other) | m.KpiFigure(kpi=other):
                if other not in seen:
                    seen.add(other)
                    stack += [inner for value in values.get(other, ()) for inner in _ops_of(value)]
            case _:
                pass
        stack += children(op)
    return False


def _ops_of(value: m.Let | m.Kpi) -> tuple[m.Op, ...]:
    return (value.value,) if isinstance(value, m.Let) else value.tests


def _of_value(value: m.Let | m.Kpi, field: str | None, period: str | None, rounded: int) -> Iterator[Quantity]:
    match value:
        case m.Let(type=kind) if kind.kind == "shares":
            if field in (*kind.parties, "left"):
                part = money(kind.currency or "")
                yield Quantity(value.name, part, 2, _expect("value", value.name, field, None, period, part))
        case m.Let(type=kind) if field is None:
            yield Quantity(value.name, kind, rounded, _expect("value", value.name, None, None, period, kind))
        case m.Kpi() if field in (None, "status") or (field == "level" and value.levels):
            expect = _expect("kpi", value.name, None, None, period, None)
            if field != "level":
                expect = attrs.evolve(expect, status="met")  # its state is asked for, not its level
            yield Quantity(value.name, None, 0, expect, words="kpi")
        case m.Kpi(measure=m_) if m_ is not None and field in value.figures:
            kind = PERCENT if field == "attainment" else m_.type
            yield Quantity(value.name, kind, rounded, _expect("kpi", value.name, field, None, period, kind))
        case _:
            return


def _of_duty(duty: m.Obligation, field: str | None, period: str | None, rounded: int) -> Iterator[Quantity]:
    paying = duty.action == "pay" and duty.currency is not None
    if field == "status" or (field is None and not paying):
        yield Quantity(duty.name, None, 0, _expect("obligation", duty.name, None, None, period, None))
        return
    asked = field or "amount"
    parts = [part.name for part in duty.parts if part.name is not None]
    kind: Type | None = None
    if paying and asked in (*_SUMMED, *parts):
        kind = money(duty.currency or "")
    elif asked in _DAYS:
        kind = DATE
    elif asked in _MOMENTS:
        kind = MOMENT
    elif asked in _COUNTS:
        kind = attrs.evolve(NUMBER, kind="count", unit=_COUNTS[asked])
    if kind is not None:
        expect = _expect("obligation", duty.name, asked, None, period, kind)
        of_money = kind.kind == "money"
        yield Quantity(duty.name, kind, rounded if of_money else 0, expect, summed=period is None and of_money)


def candidates(contract: m.Contract, runs: Sequence[Run]) -> tuple[Quantity, ...]:
    """What a reader may want to see of these runs: totals, then lines, then values and kpis of each month."""
    found: dict[str, Quantity] = {}
    several = len(pairs(contract)) > 1
    for debtor, creditor in pairs(contract):
        if contract.keywords == "zh":
            name = f"合计（{debtor}，{creditor}）" if several else "合计"
        else:
            name = f"total({debtor}, {creditor})" if several else "total"
        found[name] = Quantity(name, money(contract.header.currency), 1, between=(debtor, creditor))
    lines: dict[str, Line] = {}
    values: dict[str, None] = {}
    for run in runs:
        for month in run.outcome.months:
            lines.update((line.id, line) for line in month.obligations)
            for value in month.values:
                period = value.period if isinstance(value, Assessed) else month.month
                values.setdefault(f"{value.name}@{period}")
    for text in (*(id for id, line in lines.items() if line.action == "pay"), *values):
        try:
            found.setdefault(text, quantity(contract, text))
        except Rejected:
            continue  # a penalty, an inner line: what it adds up to is shown with the total
    return tuple(found.values())


def same(one: Value | None, other: Value | None) -> bool:
    """Whether two values are one for a reader; unknown is unknown, whatever is needed."""
    if isinstance(one, Unknown | NotApplicable):
        return type(one) is type(other)
    return one == other
