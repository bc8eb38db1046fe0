"""From the contract as written to the contract as meant: every declaration becomes its model, checked.

Values come first, in computation order (parameters, lets, kpis, amounts of duties); norms in file order.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations
from math import comb
from typing import Final, Literal, assert_never, cast

import attrs

from clausal.dsl import calendars, model, periods, syntax
from clausal.dsl.check import (
    BALANCE_FIELDS,
    BARE,
    GRADES,
    GRAIN_WORDS,
    GRAINS,
    HAPPENINGS,
    KPI_STATUSES,
    PAYMENT_FIELDS,
    THE_CONTRACT,
    Checker,
    Scope,
    children,
    duration_over,
    in_both,
    keyword,
    quoted,
    references,
    spoken,
    statuses_of,
    walk,
    words_of,
)
from clausal.dsl.diagnostics import Both, Fix, Source, Span, any_of, did_you_mean, has_errors
from clausal.dsl.keywords import table
from clausal.dsl.model import ClauseRef, Op
from clausal.dsl.resolve import Entry, Kind, Names, Placed
from clausal.dsl.types import (
    BOOLEAN,
    DATE,
    MOMENT,
    NUMBER,
    PERCENT,
    TEXT,
    Field,
    Grain,
    Shift,
    Type,
    is_numeric,
    money,
)
from clausal.dsl.values import MODES, Duration, Scalar, Unknown, Value
from clausal.dsl.wording import decimals, exact_text

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
MOST_QUORUMS: Final = 1000
PAYMENT_ORDER: Final = ("named", "due", "secured", "burden", "oldest", "proportional")
DEBT_ORDER: Final = ("costs", "interest", "principal", "penalties")
CONTRACT_STATUSES: Final = (
    "pending",
    "active",
    "suspended",
    "ending",
    "ended",
    "expired",
    "terminated",
    "undetermined",
)

_EVERY_UNITS: Final = ("weeks", "months", "quarters", "years")
_MONTHS: Final = {"months": 1, "quarters": 3, "years": 12}
_GRAIN_OF_MONTHS: Final[dict[int, Grain]] = {1: "monthly", 3: "quarterly", 12: "yearly"}
_GRAIN_OF_PERIOD: Final[dict[str, Grain]] = {
    "day": "daily",
    "week": "weekly",
    "month": "monthly",
    "quarter": "quarterly",
    "year": "yearly",
}
# Lawyers' words that mean something else between equal parties; told about names, never about quoted text.
_DOUBTFUL: Final = ("滞纳金", "罚息", "罚款", "罚金", "抵消", "订金", "押金", "权力", "解约")
TO_PAY: Final = Both("a duty to `pay`", "“支付给”义务")
CAPITALISED: Final[dict[str, int]] = {"monthly": 1, "quarterly": 3, "yearly": 12}
_MONEY_FIELDS: Final = (
    "amount",
    "net",
    "tax",
    "paid",
    "open",
    "interest",
    "penalty",
    "difference",
    "interest_difference",
    "disputed",
)
_OBLIGATION_FIELDS: Final[dict[str, str]] = {
    **dict.fromkeys(_MONEY_FIELDS, "money"),
    **dict.fromkeys(("due", "grace_until", "overdue_since", "performed_on"), "date"),
    **dict.fromkeys(("due_at", "performed_at"), "moment"),
    **dict.fromkeys(("days_overdue",), "days"),
    **dict.fromkeys(("hours_late",), "hours"),
}
_RIGHT_FIELDS: Final = {"opened": "date", "last_day": "date"}
_ESCALATION_FIELDS: Final = {"level": "text", "opened": "date", "last_day": "date"}
_LADDER_EFFECTS: Final = ("terminate", "demand", "suspend")


@attrs.frozen
class Prepared:
    """The money of an obligation, and what the rest of it may read."""

    parts: tuple[model.Part, ...]
    tax: model.Tax | None
    dates: tuple[tuple[dt.date, Op | None], ...]
    currency: str | None
    scope: Scope


@attrs.define
class Lowering:
    """One contract on its way: the checker's tables, and what was made so far."""

    c: Checker
    names: Names
    header: model.Header | None = None
    facts: dict[str, model.FactDecl] = attrs.Factory(dict)
    parameters: dict[str, model.Parameter] = attrs.Factory(dict)
    values: list[model.Let | model.Kpi] = attrs.Factory(list)
    balances: list[model.Balance] = attrs.Factory(list)
    prepared: dict[str, Prepared] = attrs.Factory(dict)
    parents: dict[str, str] = attrs.Factory(dict)
    exceptions: dict[str, list[tuple[syntax.Exception_, ClauseRef | None]]] = attrs.Factory(dict)
    parties: tuple[model.Party, ...] = ()
    payments: tuple[str, ...] = ()
    shift: Shift = "unshifted"
    demanded: frozenset[str] | None = None
    term_end: Op | None = None


def lower(
    tree: syntax.Tree, names: Names, source: Source, lost: frozenset[str] = frozenset()
) -> tuple[model.Contract | None, Lowering]:
    """The model of a tree, None if an error was found in it; and all that was made on the way, findings included.

    `lost` names what the text declares where it cannot be read: of its uses nothing is told.
    """
    c = Checker(source, names, tree.keywords, failed=set(lost))
    w = Lowering(c, names)
    basics(w, tree.header)
    for placed in names.declarations:
        c.clause = placed.clause.number if placed.clause else None
        early(w, placed)
    w.payments = tuple(n for n, t in c.types.items() if t.kind == "payments")
    w.parties = tuple(
        model.Party(e.name, cast(syntax.Party, e.node).title, span=e.node.span)
        for e in names.entries.values()
        if e.kind == "party"
    )
    order = computation_order(w)
    for entry in order:
        c.clause = entry.clause.number if entry.clause else None
        if entry.kind == "parameter":
            parameter(w, entry)
    term(w, tree.header)
    coverage(w)
    for entry in order:
        c.clause = entry.clause.number if entry.clause else None
        match entry.kind:
            case "let":
                let(w, entry)
            case "kpi":
                kpi(w, entry)
            case "balance":
                balance(w, entry)
            case "obligation":
                prepare(w, entry)
            case "approval":
                approval(w, entry)
            case _:
                pass
    obligations: list[model.Obligation] = []
    prohibitions: list[model.Prohibition] = []
    rights: list[model.Right] = []
    escalations: list[model.Escalation] = []
    properties: list[model.Property] = []
    suspensions: list[model.Suspension] = []
    scenarios: list[model.Scenario] = []
    for placed in names.declarations:
        c.clause = placed.clause.number if placed.clause else None
        match placed.node:
            case syntax.Obligation() as node:
                if mine(names, node) and (made := obligation(w, node, placed.clause, placed.survives, None)):
                    obligations.append(made)
            case syntax.Prohibition() as node:
                if mine(names, node) and (ban := prohibition(w, node, placed.clause, placed.survives)):
                    prohibitions.append(ban)
            case syntax.Right() as node:
                if mine(names, node) and (power := right(w, node, placed.clause, None)):
                    rights.append(power)
            case syntax.Termination() as node:
                if mine(names, node) and (power := termination(w, node)):
                    rights.append(power)
            case syntax.Escalation() as node:
                if mine(names, node) and (ladder := escalation(w, node)):
                    escalations.append(ladder)
            case syntax.Property() as node:
                if (always := c.condition(node.always, HAPPENINGS)) is not None:
                    properties.append(model.Property(node.title, always, placed.clause, span=node.span))
            case syntax.Suspension() as node:
                if mine(names, node):
                    obligations += substitutes(w, node)
                    if (halt := suspension(w, node)) is not None:
                        suspensions.append(halt)
            case syntax.Scenario() as node:
                if (made_scenario := scenario(w, node, placed.clause)) is not None:
                    scenarios.append(made_scenario)
            case _:
                pass
    c.clause = None
    header = finish(w, tree.header)
    remarks(w, tree.header.span)
    if header is None or has_errors(c.findings):
        return None, w
    return (
        model.Contract(
            source=source,
            sha256=hashlib.sha256(source.text.encode("utf-8")).hexdigest(),
            keywords=tree.keywords,
            header=header,
            parties=w.parties,
            parameters=tuple(w.parameters[e.name] for e in names.entries.values() if e.name in w.parameters),
            facts=tuple(w.facts.values()),
            values=tuple(w.values),
            balances=tuple(w.balances),
            obligations=tuple(obligations),
            prohibitions=tuple(prohibitions),
            rights=tuple(rights),
            escalations=tuple(escalations),
            approvals=tuple(c.approvals.values()),
            properties=tuple(properties),
            scenarios=tuple(scenarios),
            findings=(),
            suspensions=tuple(suspensions),
            clauses=tuple(clauses_of(tree.declarations)),
        ),
        w,
    )


def clauses_of(declarations: tuple[syntax.Declaration, ...]) -> Iterator[model.Clause]:
    """Clauses in the order of the file; clauses may hold clauses."""
    stack = list(reversed(declarations))
    while stack:
        node = stack.pop()
        if isinstance(node, syntax.Clause):
            ref = ClauseRef(node.number, node.title, "\n".join(node.texts) or None, node.amendment)
            yield model.Clause(ref, node.notes, span=node.span)
            stack.extend(reversed(node.items))


def mine(
    names: Names,
    node: syntax.Obligation
    | syntax.Prohibition
    | syntax.Right
    | syntax.Termination
    | syntax.Escalation
    | syntax.Suspension,
) -> bool:
    """Whether the node is what its name stands for: of two with one name only the first is looked at."""
    entry = names.entries.get(node.name.text)
    return entry is not None and entry.node is node


# ---- header

# What currencies are called where they are not named by their codes.
_CURRENCY_WORDS: Final = {
    **dict.fromkeys(("RMB", "人民币", "人民币元", "元", "cny", "rmb"), "CNY"),
    **dict.fromkeys(("美元", "美金", "usd"), "USD"),
    **dict.fromkeys(("港币", "港元", "HK"), "HKD"),
    **dict.fromkeys(("欧元",), "EUR"),
    **dict.fromkeys(("日元", "YEN"), "JPY"),
}


def basics(w: Lowering, h: syntax.Header) -> None:
    """What expressions need of the header: currencies, calendar, rules. The term may rest on parameters."""
    c = w.c
    spans = dict(h.spans)
    if h.language not in (None, 1):
        c.error("E118", spans.get("language", h.span), found=h.language, limit=1)
    codes: list[str] = []
    for name in h.currencies:
        code = name.text
        if code in _CURRENCY_WORDS or len(code) != 3 or not code.isascii() or not code.isupper() or not code.isalpha():
            c.told.add("currency")  # what lacks one is not told again
            write = _CURRENCY_WORDS.get(code)
            hint = None if write is None else Both(f"write `{write}`", f"请写作“{write}”")
            c.error("E117", name.span, found=code, hint=hint, fix=None if write is None else Fix(name.span, write))
            if write is not None and write not in codes:
                codes.append(write)  # the amounts are meant in it
        elif code in codes:
            c.error("E114", name.span, item=code, owner=THE_CONTRACT)
        else:
            codes.append(code)
    c.currencies = tuple(codes)
    if h.calendar is not None:
        c.calendar = calendars.calendar(h.calendar.text)
        if c.calendar is None:
            known: tuple[str, ...] = calendars.CALENDARS
            if c.keywords == "zh":
                known = tuple(table().keywords.names["calendar"].values())
            similar = did_you_mean(h.calendar.text, known)
            c.error("E419", h.calendar.span, name=h.calendar.text, expected=any_of(known), suggestion=similar)
            c.told.add("calendar")
        if h.deadlines is None:
            c.error("E402", h.calendar.span)
    elif h.deadlines in ("next", "previous"):
        c.needs_calendar(spans.get("deadlines", h.span))
    if h.month_end is not None:
        c.month_end = c.word(h.month_end, periods.MONTH_END_RULES) or "clamp"
    w.shift = h.deadlines or "unshifted"
    c.notices = h.notices or "received"


def term(w: Lowering, h: syntax.Header) -> None:
    c = w.c
    c.clause = None
    if h.term_from is None:
        c.lacks(
            h.span,
            THE_CONTRACT,
            Both("term", "合同期限"),
            Both("write `term from 2026-01-01 to 2026-12-31`", "写明“合同期限 自 … 至 …”"),
        )
        return
    c.term_start = fixed_date(w, h.term_from)
    c.start_is_fixed = h.starts_when is None
    if h.term_to is not None and h.starts_when is not None and counted_from_start(h.term_to):
        w.term_end = relative_end(w, h.term_to)
    elif h.term_to is not None:
        c.term_end = fixed_date(w, h.term_to)
    if c.term_start is not None and not FIRST_YEAR <= c.term_start.year <= LAST_YEAR:
        day = c.term_start.isoformat()
        c.error("E424", h.term_from.span, date=day, first=str(FIRST_YEAR), last=str(LAST_YEAR))
    if c.term_start is not None and c.term_end is not None and c.term_end < c.term_start and h.term_to is not None:
        c.error("E408", h.term_to.span, start=c.term_start.isoformat(), end=c.term_end.isoformat())


def counted_from_start(e: syntax.Expr) -> bool:
    """Whether a last day is said as a time after the start of the term."""
    while isinstance(e, syntax.Binary):
        e = e.left
    return isinstance(e, syntax.Boundary) and e.kind == "term start"


def relative_end(w: Lowering, e: syntax.Expr) -> Op | None:
    op = w.c.typed(e, BARE, DATE)
    return op if op is not None and of_parameters(w, op, e.span) else None


def precedent(w: Lowering, h: syntax.Header) -> Op | None:
    """The condition on which the term starts; it rests on facts alone."""
    if h.starts_when is None:
        return None
    w.c.clause = None
    op = w.c.condition(h.starts_when, HAPPENINGS)
    if op is None:
        return None
    for node in walk(op):
        if isinstance(node, _OF_LIFE):
            text = w.c.source.text[node.span.start : node.span.end]
            w.c.error("E465", node.span, depends=quoted(text))
            return None
    return op


def fixed_date(w: Lowering, e: syntax.Expr) -> dt.date | None:
    op = w.c.typed(e, BARE, DATE)
    return None if op is None else cast("dt.date | None", fixed(w, op, e.span))


def fixed_duration(w: Lowering, e: syntax.Expr) -> Duration | None:
    """A time in whole days: hours run from moments only."""
    op = w.c.duration(e, BARE)
    if op is None or (op.type.unit == "hours" and not_in_hours(w, e.span)):
        return None
    return cast("Duration | None", fixed(w, op, e.span))


def not_in_hours(w: Lowering, span: Span) -> bool:
    found = w.c.source.text[span.start : span.end]
    w.c.error("E122", span, found=found, expected=words_of(periods.DURATION_UNITS))
    return True


def fixed(w: Lowering, op: Op, span: Span) -> Scalar | None:
    """The value of an op that rests on nothing that may change; told where it does."""
    value = w.c.folded(op)
    if value is None:
        text = w.c.source.text
        culprit = next((o for o in walk(op) if not isinstance(o, model.Const | model.Arith | model.Negate)), op)
        w.c.error("E318", span, depends=quoted(text[culprit.span.start : culprit.span.end]))
    return value


def finish(w: Lowering, h: syntax.Header) -> model.Header | None:
    """The header, when the whole file has said whether it needs a rule of rounding."""
    c = w.c
    mode = None
    if h.rounding is not None:
        mode = c.word(h.rounding, MODES)
    elif c.money_at is not None and c.currencies:
        hint = Both("write `rounding half_up to 0.01` in the header", "在合同头部写明“舍入 四舍五入 精确到 0.01”")
        c.lacks(h.span, THE_CONTRACT, Both("rounding", "舍入"), hint)
    currency = c.currencies[0] if c.currencies else ""
    unit = h.rounding_unit
    if unit is None:
        unit = Fraction(1, 10 ** decimals(currency))
    elif unit <= 0:
        span = dict(h.spans).get("rounding", h.span)
        c.error("E301", span, found=quoted(str(unit)), expected=Both("a unit above zero", "大于零的单位"))
    smallest = Fraction(1, 10 ** decimals(currency))
    if (unit / smallest).denominator != 1 and unit > 0:
        c.error(
            "E423",
            dict(h.spans).get("rounding", h.span),
            unit=exact_text(unit),
            currency=currency,
            smallest=exact_text(smallest),
        )
    payment_order = order_words(w, h.payment_order, PAYMENT_ORDER)
    debt_order = order_words(w, h.debt_order, DEBT_ORDER)
    tolerance = None if h.tolerance is None else c.expr(h.tolerance, Scope())
    if tolerance is not None and tolerance.type.kind != "money" and h.tolerance is not None:
        c.not_money(tolerance, h.tolerance.span)
    if c.term_start is None:
        return None
    return model.Header(
        title=h.title,
        version=h.version,
        language=h.language or 1,
        currency=currency,
        currencies=c.currencies,
        term_start=c.term_start,
        term_end=c.term_end,
        rounding_mode=mode or "half_up",
        rounding_unit=unit,
        month_end=cast(Literal["clamp"], c.month_end),
        calendar=c.calendar.name if c.calendar else None,
        deadlines=w.shift,
        payment_order=payment_order,
        debt_order=debt_order,
        credit=h.credit or "used when due",
        notices=c.notices,
        source=h.source,
        notes=h.notes,
        tolerance=tolerance,
        starts_when=precedent(w, h),
        term_end_op=w.term_end,
        span=h.span,
    )


def order_words(w: Lowering, said: tuple[syntax.Name, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    if not said:
        return known
    words: list[str] = []
    for name in said:
        word = name.text if name.text != "penalty" else "penalties"
        if word not in known:
            w.c.word(name, known)
        elif word in words:
            w.c.error("E114", name.span, item=name.text, owner=Both("this order", "此顺序"))
        else:
            words.append(word)
    return tuple(words)


# ---- values


def early(w: Lowering, placed: Placed) -> None:
    """Types of facts and what this version does not have, before any expression is read."""
    c, node = w.c, placed.node
    match node:
        case syntax.Fact():
            if w.names.entries[node.name.text].node is node:
                fact(w, node, placed.clause)
        case syntax.Balance():
            if w.names.entries[node.name.text].node is node:
                t = c.type_of(node.type)
                if t is not None and t.kind not in ("money", "count", "number"):
                    c.error("E301", node.type.span, found=spoken(t), expected=Both("an amount", "数量或金额"))
                    t = None
                if t is None:
                    c.failed.add(node.name.text)
                else:
                    c.types[node.name.text] = t
        case syntax.Escalation():
            for end in node.at_end:
                if isinstance(end, syntax.Obligation):
                    w.parents[end.name.text] = node.name.text
                    nest(w, end)
        case syntax.Amendment():
            pass  # in the text already (dsl/amend.py)
        case syntax.Use():
            pass  # read in already (dsl/files.py)
        case syntax.Exception_():
            if c.entry(node.target, "obligation", "prohibition") is None:
                c.failed.update(o.name.text for o in node.instead)
            else:
                w.exceptions.setdefault(node.target.text, []).append((node, placed.clause))
                for instead in node.instead:
                    w.parents[instead.name.text] = node.target.text
                    nest(w, instead)
        case syntax.Obligation() | syntax.Prohibition():
            nest(w, node)
        case _:
            pass


def nest(w: Lowering, node: syntax.Obligation | syntax.Prohibition) -> None:
    for step in node.failing:
        if isinstance(step.remedy, syntax.Obligation):
            w.parents[step.remedy.name.text] = node.name.text
            nest(w, step.remedy)


def fact(w: Lowering, node: syntax.Fact, clause: ClauseRef | None) -> None:
    c, name = w.c, node.name.text
    t = c.type_of(node.type)
    if t is None:
        c.failed.add(name)
        return
    grain = node.grain
    if grain is None:
        if t.kind in ("list", "payments", "intervals"):
            grain = "monthly"
        else:
            hint = Both("say how often it is given: `monthly`, `quarterly`, `once`", "写明频率：“按月”“按季”“一次性”")
            c.lacks(
                node.name.span,
                Both(f"fact `{name}`", f"数据“{name}”"),
                None,
                hint,
            )
            grain = "monthly"
    c.types[name], c.grains[name] = t, grain
    dated_by = keyed_by = None
    if t.kind == "list":
        dated_by = list_field(w, node, node.dated_by, t, dated=True)
        keyed_by = list_field(w, node, node.keyed_by, t, dated=False)
    elif t.kind == "payments":
        dated_by, keyed_by = "on", "ref"
    elif t.kind == "intervals":
        dated_by = "from"
    elif node.dated_by is not None:
        c.error("E116", node.dated_by.span, item=in_both("dated by"), owner=spoken(t), expected=Both("a list", "清单"))
    presume: Scalar | None = None
    if node.presume is not None:
        if t.kind in ("list", "payments", "notice", "intervals"):
            c.error(
                "E116",
                node.presume.span,
                item=in_both("presume"),
                owner=spoken(t),
                expected=Both("a measure", "计量数据"),
            )
        elif (op := c.typed(node.presume, BARE, t)) is not None:
            presume = fixed(w, op, node.presume.span)
    judged_by = c.party(node.judged_by) if node.judged_by else None
    w.facts[name] = model.FactDecl(
        name,
        t,
        grain,
        presume,
        judged_by,
        node.source,
        dated_by,
        keyed_by,
        clause,
        node.notes,
        span=node.span,
    )


def list_field(w: Lowering, node: syntax.Fact, said: syntax.Name | None, t: Type, dated: bool) -> str | None:
    c = w.c
    dates = [f.name for f in t.fields if f.type.kind in ("date", "moment") and not f.optional]
    if said is None:
        if dated:
            only = dates[0] if len(dates) == 1 else None
            words = f" dated by {only}" if c.keywords == "en" else f" 日期列 {only}"
            fix = Fix(Span(node.type.span.end, node.type.span.end), words) if only else None
            c.error(
                "E115",
                node.name.span,
                owner=Both(f"list `{node.name.text}`", f"清单“{node.name.text}”"),
                item=Both("`dated by`", "“日期列”"),
                fix=fix,
            )
        return None
    fields = {f.name: f for f in t.fields}
    if said.text not in fields:
        similar = did_you_mean(said.text, fields)
        c.error("E204", said.span, name=node.name.text, part=said.text, suggestion=similar)
        return None
    if dated and said.text not in dates:
        c.error(
            "E301",
            said.span,
            found=spoken(fields[said.text].type),
            expected=Both("a date that is never blank", "必填的日期"),
        )
        return None
    return said.text


def computation_order(w: Lowering) -> list[Entry]:
    """Parameters, lets, kpis and obligations, each after what it reads. A circle is told once, by name."""
    c, entries = w.c, w.names.entries
    fields_of = {
        name: frozenset((*PAYMENT_FIELDS, *c.field_words(PAYMENT_FIELDS)))
        if t.kind == "payments"
        else frozenset(f.name for f in t.fields)
        for name, t in c.types.items()
        if t.kind in ("list", "payments")
    }
    kinds = ("parameter", "let", "kpi", "balance", "obligation", "approval")
    needs: dict[str, list[str]] = {}
    for entry in entries.values():
        if entry.kind in kinds and entry.name not in c.failed:
            found = references(read_first(entry), fields_of, hidden_fields(entry, fields_of))
            if entry.name in w.parents:
                found.add(w.parents[entry.name])
            needs[entry.name] = sorted(
                n for n in found if (n in entries and entries[n].kind in kinds) or accrual_of(entries, n)
            )
            if isinstance(entry.node, syntax.Balance):
                # What accrues in a month rests on its opening and on what moved in it, not on its month-end movements.
                dated = tuple(v for v in entry.node.movements if v.each is not None or v.kind == "accrues")
                found = set().union(*(references(movement_reads(v), fields_of, fields(v, fields_of)) for v in dated))
                needs[f"{entry.name}.accrued"] = sorted(n for n in found if n in entries and entries[n].kind in kinds)
    order: list[Entry] = []
    state: dict[str, int] = {}  # 1 while on the path, 2 when done
    for start in needs:
        if start in state:
            continue
        path: list[tuple[str, Iterator[str]]] = [(start, iter(needs[start]))]
        state[start] = 1
        while path:
            name, rest = path[-1]
            following = next(rest, None)
            if following is None:
                state[name] = 2
                if name in entries:
                    order.append(entries[name])
                path.pop()
            elif following not in needs:
                continue
            elif following not in state:
                state[following] = 1
                path.append((following, iter(needs[following])))
            elif state[following] == 1:
                names = [n for n, _ in path]
                circle = names[names.index(following) :]
                if not c.failed.issuperset(circle):
                    entry = entries[circle[0].partition(".")[0]]
                    c.clause = entry.clause.number if entry.clause else None
                    fed = next((n for n in circle if n in entries and entries[n].kind == "balance"), None)
                    if fed is not None:
                        c.error("E414", entry.span, balance=fed)
                    else:
                        c.error("E401", entry.span, name=circle[0], path=" → ".join((*circle, circle[0])))
                    c.failed.update(circle)
                    c.used.update(circle)
    return order


def accrual_of(entries: Mapping[str, Entry], name: str) -> bool:
    base, dot, field = name.partition(".")
    return bool(dot) and field == "accrued" and base in entries and entries[base].kind == "balance"


def movement_reads(v: syntax.Movement) -> object:
    return (v.value, v.condition)


def fields(v: syntax.Movement, fields_of: dict[str, frozenset[str]]) -> frozenset[str]:
    """The fields of the records that a movement runs over."""
    return frozenset() if v.each is None else fields_of.get(v.each.text, frozenset())


def read_first(entry: Entry) -> object:
    """The expressions of a declaration that must have a meaning before its own."""
    match entry.node:
        case syntax.Parameter() as node:
            return (node.value, tuple(d.value for d in node.dated))
        case syntax.Let() as node:
            return node.value
        case syntax.Kpi() as node:
            return (
                node.starting,
                node.not_assessed,
                node.met,
                (node.measure, node.baseline, node.target),
                tuple(level.condition for level in node.levels),
            )
        case syntax.Balance() as node:
            return tuple(movement_reads(v) for v in node.movements if v.each is None)
        case syntax.Obligation() as node:
            dates = tuple(d.value for s in node.schedules for d in s.dates)
            duty = node.duty
            taxes = (node.tax, tuple(p.tax for p in duty.parts) if duty is not None else ())
            amounts = () if duty is None else (duty.amount, tuple(p.value for p in duty.parts))
            return (amounts, dates, taxes)
        case syntax.Approval() as node:
            return (node.where, tuple(s.on for s in node.signers), node.no_later_than)
        case _:
            return ()


def hidden_fields(entry: Entry, fields_of: dict[str, frozenset[str]]) -> frozenset[str]:
    hidden = frozenset(("amount", "unpaid"))
    if isinstance(entry.node, syntax.Approval) and entry.node.list is not None:
        return hidden | fields_of.get(entry.node.list.text, frozenset())
    if isinstance(entry.node, syntax.Obligation):
        for s in entry.node.schedules:
            if s.list is not None:
                hidden |= fields_of.get(s.list.text, frozenset())
        return hidden
    return frozenset()


def parameter(w: Lowering, entry: Entry) -> None:
    c, node = w.c, cast(syntax.Parameter, entry.node)
    declared = None
    if node.type is not None:
        declared = c.type_of(node.type)
        if declared is None:
            c.failed.add(entry.name)
            return
        if declared.kind in ("list", "payments", "notice", "record", "shares", "intervals"):
            c.error("E301", node.type.span, found=spoken(declared), expected=Both("a plain value", "单个值"))
            c.failed.add(entry.name)
            return
    written: list[tuple[dt.date | None, syntax.Expr | None]] = [(d.start, d.value) for d in node.dated]
    if undated(node):
        written.insert(0, (None, node.value))
    made: list[model.Version] = []
    t = declared
    good = True
    for start, value in written:
        if value is None:
            made.append(model.Version(start, None))
            continue
        op = c.expr(value, BARE)
        if op is not None and t is None:
            t = op.type
            if t == NUMBER and c.bare(op):
                c.adaptable.add(entry.name)
        if op is not None and t is not None:
            if t.kind == "rate" and t.per is None:
                t = rate_per(t, op)
            op = c.coerce(op, t, value.span)
        if op is None or not of_parameters(w, op, value.span):
            good = False
            continue
        made.append(model.Version(start, op))
    if t is not None and t.kind == "duration" and (said := [v.value.type for v in made if v.value is not None]):
        t = duration_over(said)
    if t is None and good:
        c.lacks(
            entry.span,
            Both(f"parameter `{entry.name}`", f"参数“{entry.name}”"),
            Both(": money", ": 金额"),
            Both("a blank needs a type: `: money = TBD`", "待填的参数需写明类型：“: 金额 = 待填”"),
        )
    if t is None or not good:
        c.failed.add(entry.name)
        return
    c.types[entry.name] = t
    c.versions[entry.name] = tuple(made)
    w.parameters[entry.name] = model.Parameter(entry.name, t, tuple(made), entry.clause, node.notes, span=node.span)
    if any(v.value is None for v in made):
        c.tell("warning", "W508", entry.span, name=entry.name)


def undated(node: syntax.Parameter) -> bool:
    """Whether the parameter has a value from the beginning, or a blank for one."""
    return node.tbd or node.value is not None or not node.dated


def rate_per(t: Type, op: Op) -> Type:
    """The type of a `rate` whose period only its value says."""
    return attrs.evolve(t, per=op.type.per) if op.type.kind == "rate" else t


_CHANGING: Final = (
    model.FactRef,
    model.NoticeRef,
    model.LetRef,
    model.KpiState,
    model.KpiLevel,
    model.KpiFigure,
    model.InstanceValue,
    model.OverRecords,
    model.OverPeriods,
    model.AtPeriod,
    model.AtSuspensionStart,
    model.Covered,
    model.StatusTest,
    model.BreachTest,
    model.BalanceRef,
)
_OF_LIFE: Final = (
    model.StatusTest,
    model.BreachTest,
    model.NothingOpen,
    model.InstanceValue,
    model.AtSuspensionStart,
)


def of_parameters(w: Lowering, op: Op, span: Span) -> bool:
    """A parameter rests on literals and other parameters only: it is the same on every run."""
    for node in walk(op):
        if isinstance(node, _CHANGING):
            text = w.c.source.text[node.span.start : node.span.end]
            w.c.error("E318", span, depends=quoted(text))
            return False
    return True


def coverage(w: Lowering) -> None:
    """Each parameter has exactly one version on every day of the term."""
    c = w.c
    for p in w.parameters.values():
        c.clause = p.clause.number if p.clause else None
        node = cast(syntax.Parameter, w.names.entries[p.name].node)
        before: dt.date | None = None
        for d in node.dated:
            if before is not None and d.start <= before:
                c.error("E410", d.span, name=p.name, date=d.start.isoformat())
            elif before is None and not undated(node) and c.term_start is not None and d.start > c.term_start:
                c.error("E409", d.span, name=p.name, date=c.term_start.isoformat())
            if d.start.day != 1 and d.start != c.term_start and p.type.kind != "rate":
                c.tell("warning", "W505", d.span, name=p.name, date=d.start.isoformat())
            before = d.start


def let(w: Lowering, entry: Entry) -> None:
    c, node = w.c, cast(syntax.Let, entry.node)
    op = c.expr(node.value, BARE)
    if op is not None and node.type is not None:
        declared = c.type_of(node.type)
        if declared is not None and declared.kind == "count" and op.type == NUMBER:
            op = attrs.evolve(op, type=declared)  # what is counted is said here
        op = None if declared is None else c.coerce(op, declared, node.value.span)
        if op is not None and declared is not None and op.type.kind != declared.kind:
            op = attrs.evolve(op, type=declared)
    if op is None or entry.name in c.failed:
        c.failed.add(entry.name)
        return
    c.types[entry.name] = op.type
    reads = c.reads_of[entry.name] = c.reads(op)
    grain = reads.grain or "monthly"
    w.values.append(model.Let(entry.name, op.type, op, entry.clause, node.notes, grain=grain, span=node.span))


def kpi(w: Lowering, entry: Entry) -> None:
    c, node = w.c, cast(syntax.Kpi, entry.node)
    owner = Both(f"kpi `{entry.name}`", f"考核指标“{entry.name}”")
    if node.grain == "once":
        c.error(
            "E116", entry.span, item=in_both("once"), owner=owner, expected=words_of(("weekly", "monthly", "quarterly"))
        )
        c.failed.add(entry.name)
        return
    before = len(c.findings)
    starting = None if node.starting is None else c.date(node.starting, BARE)
    excluded = [c.condition(e, BARE) for e in node.not_assessed]
    met = None if node.met is None else c.condition(node.met, BARE)
    figures = scored(w, node, owner)
    if node.met is None and node.measure is None and node.target is None:
        c.lacks(entry.span, owner, Both("met when", "达成条件"))
    levels: list[tuple[str, Op]] = []
    for at, level in enumerate(node.levels):
        if any(level.name.text == other.name.text for other in node.levels[:at]):
            c.error("E114", level.name.span, item=level.name.text, owner=owner)
        test = c.condition(level.condition, BARE)
        if test is not None:
            levels.append((level.name.text, test))
    tests = [(level.condition, op) for level, (_, op) in zip(node.levels, levels, strict=False)]
    for e, op in ((node.met, met), *zip(node.not_assessed, excluded, strict=True), *tests):
        if e is not None and op is not None:
            c.coarse_enough(op, node.grain, e.span)
    good = tuple(op for op in excluded if op is not None)
    if (
        has_errors(c.findings[before:])
        or (node.met is not None and met is None)
        or len(good) < len(excluded)
        or len(levels) < len(node.levels)
        or entry.name in c.failed
        or (node.starting is not None and starting is None)
    ):
        c.failed.add(entry.name)
        return
    not_assessed = None
    if good:
        not_assessed = good[0] if len(good) == 1 else model.AnyOf(good, BOOLEAN, span=node.span)
    made = model.Kpi(
        entry.name,
        node.grain,
        starting,
        not_assessed,
        met,
        tuple(levels),
        node.partial or "not assessed",
        entry.clause,
        node.notes,
        *figures,
        lower=node.lower_is_better,
        span=node.span,
    )
    c.kpi_ops[entry.name] = made
    w.values.append(made)


def balance(w: Lowering, entry: Entry) -> None:
    """What moves a balance, each with its day, in the order of the file."""
    c, node = w.c, cast(syntax.Balance, entry.node)
    t = c.types.get(entry.name)
    if t is None:
        return
    before = len(c.findings)
    opening: Op | None = None
    movements: list[model.Movement] = []
    rate: Op | None = None
    accrual: syntax.Movement | None = None
    for v in node.movements:
        match v.kind:
            case "opening":
                opening = c.typed(v.value, BARE, t)
                if v.each is not None or v.condition is not None:
                    item = Both("a condition", "条件")
                    c.error("E116", v.span, item=item, owner=keyword("opening"), expected=keyword("add"))
            case "add" | "deduct":
                made = movement(w, v, t)
                if made is not None:
                    movements.append(made)
            case "accrues":
                if accrual is not None:
                    c.error(
                        "E114",
                        v.span,
                        item=in_both("accrues"),
                        owner=Both(f"balance `{entry.name}`", f"台账“{entry.name}”"),
                    )
                accrual = v
                rate = accrual_rate(w, v)
            case _:
                assert_never(v.kind)
    if has_errors(c.findings[before:]) or entry.name in c.failed:
        c.failed.add(entry.name)
        return
    per = cast(Literal["day", "month", "year"], "day" if rate is None else rate.type.per)
    daycount = None if accrual is None else accrual.daycount
    made_balance = model.Balance(
        entry.name, t, opening, tuple(movements), rate, per, daycount, entry.clause, node.notes, span=node.span
    )
    w.balances.append(made_balance)


def movement(w: Lowering, v: syntax.Movement, t: Type) -> model.Movement | None:
    c = w.c
    sign: Literal[1, -1] = 1 if v.kind == "add" else -1
    if v.each is not None:
        fields = c.list_fields(v.each)
        if fields is None:
            return None
        scope = Scope(fields=fields)
        amount = c.typed(v.value, scope, t)
        kept = None if v.condition is None else c.condition(v.condition, scope)
        if amount is None or (v.condition is not None and kept is None):
            return None
        return model.Movement(sign, amount, v.each.text, kept, None, span=v.span)
    amount = c.typed(v.value, BARE, t)
    test = None if v.condition is None else c.expr(v.condition, BARE)
    if amount is None or (v.condition is not None and test is None):
        return None
    if not c.coarse_enough(amount, "monthly", v.value.span):
        return None
    if test is not None and test.type.kind in ("date", "moment"):
        return model.Movement(sign, amount, None, None, test, span=v.span)
    if test is not None and v.condition is not None:
        test = c.as_condition(test, BARE, v.condition.span)
        if test is None or not c.coarse_enough(test, "monthly", v.condition.span):
            return None
    pace = c.pace(amount) if test is None else c.pace(amount, test)
    coarse = pace is not None and GRAINS.index(pace) > GRAINS.index("monthly")
    return model.Movement(sign, amount, None, test, None, pace if pace and coarse else "monthly", span=v.span)


def accrual_rate(w: Lowering, v: syntax.Movement) -> Op | None:
    """A rate in percent per day, month or year, and the day count that a rate per month or year needs."""
    c = w.c
    rate = c.expr(v.value, BARE)
    if rate is None:
        return None
    if rate.type.kind != "rate" or rate.type.currency is not None or rate.type.per not in ("day", "month", "year"):
        expected = Both("a rate per day, month or year", "日、月或年费率")
        c.error("E301", v.value.span, found=spoken(rate.type), expected=expected)
        return None
    if rate.type.per == "day" and v.daycount is not None:
        c.error("E311", v.span)
        return None
    if rate.type.per != "day" and v.daycount is None:
        per = Both("per month", "月") if rate.type.per == "month" else Both("per year", "年")
        c.error("E312", v.value.span, per=per)
        return None
    return rate


def scored(w: Lowering, node: syntax.Kpi, owner: Both) -> tuple[Op | None, Op | None, Op | None]:
    """The measure of a kpi, its baseline and its target: figures of one type. What needs one of them and lacks it is told."""
    c = w.c
    written = (node.measure, node.baseline, node.target)
    ops = [None if e is None else c.expr(e, BARE) for e in written]
    for e, op in zip(written, ops, strict=True):
        if e is None or op is None:
            continue
        if not is_numeric(op.type) or op.type.kind == "rate":
            c.error("E301", e.span, found=spoken(op.type), expected=Both("an amount", "数量或金额"))
            return None, None, None
        c.coarse_enough(op, node.grain, e.span)
    measure, baseline, target = ops
    if measure is not None and target is not None and (measure.type, target.type) == (NUMBER, PERCENT):
        measure = attrs.evolve(measure, type=PERCENT)  # a quotient against a percent is one
    if node.measure is None and (node.baseline is not None or node.target is not None or node.lower_is_better):
        c.lacks(node.name.span, owner, Both("measure", "实际值"))
    elif node.target is None and (node.baseline is not None or (node.measure is not None and node.met is None)):
        c.lacks(node.name.span, owner, Both("target", "目标值"))
    for e, op in zip(written[1:], (baseline, target), strict=True):
        if e is not None and op is not None and measure is not None and op.type != measure.type:
            c.coerce(op, measure.type, e.span)
    if node.partial == "prorated":
        hint = Both(
            "only a target counts by the days of a partial month: `measure E target T`, without `met when`",
            "只有目标值可按不足月的天数折算：写“实际值 … 目标值 …”，不写“达成条件”",
        )
        if node.target is None:
            c.lacks(node.name.span, owner, Both("target", "目标值"), hint)
        elif node.met is not None:
            c.error("E116", node.met.span, item=in_both("met when"), owner=owner, expected=keyword("target"), hint=hint)
        elif target is not None and target.type.kind not in ("number", "count", "money"):
            expected = Both("a number, a count or money", "数值、数量或金额")
            c.error("E301", node.target.span, found=spoken(target.type), expected=expected, hint=hint)
    return measure, baseline, target


# ---- obligations


def prepare(w: Lowering, entry: Entry) -> None:
    """The amounts of an obligation and the scope of the rest of it."""
    c, node = w.c, cast(syntax.Obligation, entry.node)
    name = entry.name
    if name in c.failed:
        return
    outer = parent_scope(w, name)
    fields = outer.fields
    schedule = node.schedules[0] if node.schedules else None
    if schedule is not None and schedule.list is not None:
        fields = c.list_fields(schedule.list)
        if fields is None:
            c.failed.add(name)
            return
    inner = attrs.evolve(outer, fields=fields)
    parts: list[model.Part] = []
    dates: list[tuple[dt.date, Op | None]] = []
    good = True
    duty = node.duty
    written: list[tuple[str | None, syntax.Expr, syntax.Tax | None]] = []
    if duty is not None and duty.action == "pay":
        if duty.amount is not None:
            written.append((None, duty.amount, None))
        written += [(p.name.text, p.value, p.tax) for p in duty.parts]
    tax = None
    if node.tax is not None:
        if duty is not None and duty.action != "pay":
            c.error("E116", node.tax.span, item=Both("tax", "增值税"), owner=owner_of(name), expected=TO_PAY)
            good = False
        tax = taxed(w, node.tax, inner)
        good = good and tax is not None
    currency: str | None = None
    ops: list[tuple[Op, Span]] = []
    seen: set[str] = set()
    for part_name, value, own in written:
        op = c.amount(value, inner)
        share = tax if own is None else taxed(w, own, inner)
        good = good and (own is None or share is not None)
        if op is None:
            good = False
            continue
        if part_name in seen:
            c.error("E114", value.span, item=part_name, owner=owner_of(name))
        if part_name is not None:
            seen.add(part_name)
        parts.append(model.Part(part_name, op, tax=share))
        ops.append((op, value.span))
    for dated in schedule.dates if schedule is not None else ():
        if dated.value is None:
            dates.append((dated.start, None))
            continue
        op = c.amount(dated.value, inner)
        if op is None:
            good = False
            continue
        dates.append((dated.start, op))
        ops.append((op, dated.value.span))
    for op, span in ops:
        if currency is not None and op.type.currency != currency:
            c.error("E302", span, op="+", left=currency, right=op.type.currency)
            good = False
        currency = currency or op.type.currency
    if duty is not None and duty.action == "pay" and not written and not any(op for _, op in dates):
        c.lacks(duty.span, owner_of(name), Both("amount", "金额"))
        good = False
    if not good:
        c.failed.add(name)
        currency = currency or (c.currencies[0] if c.currencies else None)
    instance = money(currency) if duty is not None and duty.action == "pay" and currency else None
    c.obligation_currency[name] = currency
    own_day = schedule is None or schedule.kind not in ("every", "on dates")
    w.prepared[name] = Prepared(
        tuple(parts), tax, tuple(dates), currency, Scope(fields=fields, instance=instance, dates=True, arises=own_day)
    )


def taxed(w: Lowering, said: syntax.Tax, scope: Scope) -> model.Tax | None:
    """A rate of tax is a share of the net amount: it may be nothing, and never less."""
    c = w.c
    if said.rate is None:
        return model.Tax(said.kind, None)
    rate = c.typed(said.rate, scope, PERCENT)
    if rate is None:
        return None
    known = c.folded(rate)
    if isinstance(known, int | Fraction) and known < 0:
        c.error("E441", said.rate.span, found=c.source.text[said.rate.span.start : said.rate.span.end])
        return None
    return model.Tax(said.kind, rate)


def windowed(
    w: Lowering, said: syntax.Limit | None, item: Both, node: syntax.Obligation, prepared: Prepared, scope: Scope
) -> model.Limit | None:
    """A cap or a minimum commitment over a window, in the currency of the payment."""
    c, owner = w.c, owner_of(node.name.text)
    if said is None:
        return None
    if prepared.currency is None:
        c.error("E116", said.span, item=item, owner=owner, expected=TO_PAY)
        return None
    if said is node.commitment and any(s.kind != "every" for s in node.schedules):
        c.error("E116", said.span, item=item, owner=owner, expected=Both("`every month`", "“每月”"))
        return None
    amount = c.typed(said.amount, attrs.evolve(scope, instance=None, dates=False), money(prepared.currency))
    amount = c.above_zero(amount, Both(f"the {item.en}", item.zh), said.amount.span)
    return None if amount is None else model.Limit(amount, said.window, node.prorated != "none")


def parent_scope(w: Lowering, name: str) -> Scope:
    parent = w.parents.get(name)
    if parent is None:
        return BARE
    entry = w.names.entries[parent]
    if isinstance(entry.node, syntax.Prohibition):
        return attrs.evolve(ban_scope(w, entry.node), dates=False)
    if isinstance(entry.node, syntax.Escalation):
        return Scope(fields=ladder_fields(w, entry.node))
    prepared = w.prepared.get(parent)
    return BARE if prepared is None else attrs.evolve(prepared.scope, dates=False)


def owner_of(name: str) -> Both:
    return Both(f"obligation `{name}`", f"义务“{name}”")


def obligation(
    w: Lowering,
    node: syntax.Obligation,
    clause: ClauseRef | None,
    survives: syntax.Expr | None,
    outer: Scope | None,
) -> model.Obligation | None:
    """`outer` is the scope of the norm whose consequence this one is."""
    c, name, duty = w.c, node.name.text, node.duty
    prepared = w.prepared.get(name)
    before = len(c.findings)
    if duty is None:
        c.lacks(node.name.span, owner_of(name), Both("PARTY must pay | deliver | do", "何人应当支付、交付或完成"))
        return None
    if prepared is None:
        return None
    scope = prepared.scope
    debtor = c.party(duty.debtor)
    creditor = None if duty.creditor is None else c.party(duty.creditor)
    if duty.action == "pay" and duty.creditor is None:
        c.lacks(duty.span, owner_of(name), Both("payee", "收款方"))
    if duty.creditor is not None and debtor is not None and debtor == creditor:
        c.error("E415", duty.creditor.span, party=debtor)
    schedule = scheduled(w, node, prepared, nested=outer is not None)
    if schedule is not None and (node.long_last or node.periods_shifted):
        schedule = bounded(w, node, schedule, due_shift=None if node.due is None else node.due.shift)
    months = (
        length_of(w, schedule)
        if schedule is not None and schedule.kind == "periodic" and schedule.unit == "months"
        else None
    )
    if months in _GRAIN_OF_MONTHS:
        grain = _GRAIN_OF_MONTHS[months]
        for part, value in zip(prepared.parts, duty_values(duty), strict=False):
            c.coarse_enough(part.amount, grain, value.span)
    when = None if node.when is None else c.condition(node.when, scope)
    asked = model.Bound("arises", DATE, span=node.name.span) if name in demanded(w) else None
    due = None if node.due is None else deadline(w, node.due, scope, months, asked)
    if node.due is None:
        due = default_due(w, node, duty, schedule)
    performance = performed(w, node, duty, scope)
    if due is not None and due.timed:
        by_the_hour(w, node, duty, performance)
    has_interest = any(isinstance(step.remedy, syntax.Interest) for step in node.failing)
    grace = None if node.grace is None else graced(w, node.grace, has_interest, owner_of(name))
    chain = consequences(w, node.failing, scope, name, debtor, creditor, clause, duty.action == "pay")
    excused = None if node.excused_while is None else c.condition(node.excused_while, scope)
    extended = None if node.extended_by is None else extension(w, node.extended_by, scope)
    kept = node.survives or survives
    survival = None if kept is None else fixed_duration(w, kept)
    exemptions = exempted(w, name, scope, prepared.currency)
    cap = windowed(w, node.cap, Both("cap", "上限"), node, prepared, scope)
    commitment = windowed(w, node.commitment, Both("minimum commitment", "保底金额"), node, prepared, scope)
    earnest = None
    if node.earnest is not None and prepared.currency is None:
        item = Both("earnest of", "定金对应标的额")
        c.error("E116", node.earnest.span, item=item, owner=owner_of(name), expected=TO_PAY)
    elif node.earnest is not None and prepared.currency is not None:
        plain = attrs.evolve(scope, instance=None, dates=False)
        earnest = c.typed(node.earnest, plain, money(prepared.currency))
        what = Both("the price that earnest money stands for", "定金对应的标的额")
        earnest = c.above_zero(earnest, what, node.earnest.span, "more")
    dispute = None if node.disputed is None else disputed(w, node.disputed, scope, name, prepared.currency)
    if node.secured is not None and duty.action != "pay":
        at = c.source.text.find(c.word_for("SECURED_BY").split()[0], node.span.start, node.span.end)
        span = Span(at, at + 1) if at >= 0 else node.name.span
        c.error("E116", span, item=in_both("secured by"), owner=owner_of(name), expected=TO_PAY)
    prorated = proration(w, node, schedule, prepared)
    parts = tuple(
        attrs.evolve(part, prorated=node.prorated is not None or not c.reads(part.amount).own)
        for part in prepared.parts
    )
    if duty.action == "pay" and node.negative is None and outer is None:
        for part, value in zip(prepared.parts, duty_values(duty), strict=False):
            if c.may_be_negative(part.amount):
                c.tell("note", "W504", value.span, name=name)
                break
    if performance is not None and performance.kind == "untracked" and duty.debtor is not None:
        c.tell("warning", "W502", node.name.span, name=name)
    if not node.failing and outer is None:
        c.tell("note", "W503", node.name.span, name=name)
    if has_errors(c.findings[before:]) or name in c.failed:
        return None
    if schedule is None or debtor is None or performance is None:
        return None
    return model.Obligation(
        name=name,
        clause=clause,
        debtor=debtor,
        creditor=creditor,
        action=duty.action,
        what=duty.what,
        parts=parts,
        currency=prepared.currency,
        at_least=1 if duty.at_least is None else duty.at_least,
        schedule=schedule,
        when=when,
        due=due,
        grace=grace,
        performance=performance,
        chain=chain,
        prorated=prorated,
        excused_while=excused,
        extended_by=extended,
        exemptions=exemptions,
        negative=node.negative or "adjust",
        survives=survival,
        notes=node.notes,
        blends=node.prorated not in (None, "none"),
        tax=prepared.tax,
        cap=cap,
        commitment=commitment,
        earnest=earnest,
        dispute=dispute,
        secured=node.secured,
        span=node.span,
    )


def disputed(w: Lowering, said: syntax.Disputed, scope: Scope, name: str, currency: str | None) -> model.Dispute | None:
    c = w.c
    if currency is None:
        c.error("E116", said.span, item=in_both("disputed amount"), owner=owner_of(name), expected=TO_PAY)
        return None
    plain = attrs.evolve(scope, dates=False)
    amount = c.typed(said.amount, plain, money(currency))
    amount = c.above_zero(amount, Both("what is disputed", "争议金额"), said.amount.span)
    start = c.date(said.start, plain)
    end = None if said.end is None else c.date(said.end, plain)
    if amount is None or start is None or (said.end is not None and end is None):
        return None
    return model.Dispute(amount, start, end, said.interest, span=said.span)


def by_the_hour(w: Lowering, node: syntax.Obligation, duty: syntax.Duty, performance: model.Performance | None) -> None:
    """A deadline that is a moment: for acts and deliveries, known by moments too, without days of grace."""
    c, owner = w.c, owner_of(node.name.text)
    if duty.action == "pay" and node.due is not None:
        c.error("E301", node.due.span, found=spoken(MOMENT), expected=spoken(DATE))
    if node.due is not None and node.due.shift not in (None, "unshifted"):
        item = Both("a shift to a business day", "遇休假日顺延或者提前")
        expected = Both("a deadline without one", "不作调整的到期时刻")
        c.error("E116", node.due.span, item=item, owner=owner, expected=expected)
    if node.grace is not None:
        c.error("E116", node.grace.span, item=in_both("grace"), owner=owner, expected=keyword("due"))
    if performance is None or node.performed is None:
        return
    if performance.kind == "on" and performance.expr is not None and performance.expr.type != MOMENT:
        c.error("E301", node.performed.span, found=spoken(performance.expr.type), expected=spoken(MOMENT))
    elif performance.kind == "acts" and performance.list is not None:
        dated = w.facts[performance.list].dated_by
        types = {f.name: f.type for f in w.facts[performance.list].type.fields}
        if dated is not None and types[dated] != MOMENT and node.performed.list is not None:
            c.error("E301", node.performed.list.span, found=spoken(types[dated]), expected=spoken(MOMENT))
    elif performance.kind == "when":
        c.error("E301", node.performed.span, found=spoken(BOOLEAN), expected=spoken(MOMENT))


def bounded(
    w: Lowering, node: syntax.Obligation, schedule: model.Schedule, due_shift: Shift | None
) -> model.Schedule | None:
    """How the periods of a schedule begin and end, where that was said: both need months to be counted."""
    c = w.c
    word = c.word_for("LONG_LAST_PERIOD" if node.long_last else "PERIODS_SHIFTED")
    if schedule.kind != "periodic" or schedule.unit == "weeks" or (node.periods_shifted and schedule.anchor is None):
        expected = Both("a schedule of months from a date", "自某日起按月的安排")
        c.error("E116", node.name.span, item=word, owner=owner_of(node.name.text), expected=expected)
        return None
    shift: Shift = "unshifted"
    if node.periods_shifted:
        c.needs_calendar(node.name.span)
        shift = due_shift or w.shift
        if shift == "unshifted":
            expected = Both(
                "a shift, behind the due date or in the header's `deadlines`: `next business day`",
                "到期日之后或者“期限规则”中写明的调整方式，例如“遇休假日顺延”",
            )
            c.error("E116", node.name.span, item=word, owner=owner_of(node.name.text), expected=expected)
            return None
    return attrs.evolve(schedule, long_last=node.long_last, periods_shifted=shift)


def length_of(w: Lowering, schedule: model.Schedule) -> int:
    """The months of a period; of one that a parameter gives, as the parameter says now, or 0."""
    if schedule.length is None:
        return schedule.every
    known = w.c.folded(schedule.length)
    if isinstance(known, Duration):
        return known.amount * _MONTHS.get(known.unit, 0)
    return int(known) * _MONTHS.get(schedule.length.type.unit or "", 0) if isinstance(known, int) else 0


def duty_values(duty: syntax.Duty) -> list[syntax.Expr]:
    return ([] if duty.amount is None else [duty.amount]) + [p.value for p in duty.parts]


def demanded(w: Lowering) -> frozenset[str]:
    """The obligations that a right can demand: they need no schedule, they arise when it is exercised."""
    if w.demanded is None:
        w.demanded = frozenset(
            entry.node.effect.target.text
            for entry in w.names.entries.values()
            if isinstance(entry.node, syntax.Right)
            and entry.node.effect is not None
            and entry.node.effect.kind == "demand"
            and entry.node.effect.target is not None
        )
    return w.demanded


def scheduled(w: Lowering, node: syntax.Obligation, prepared: Prepared, nested: bool) -> model.Schedule | None:
    c, name, scope = w.c, node.name.text, prepared.scope
    if not node.schedules:
        if nested or name in demanded(w):
            return model.Schedule("once on")
        hint = Both(
            "say when: `every month`, `once on 2026-03-01`, `per record of orders`",
            "写明何时：“每月”“一次性于 …”“每笔 …”",
        )
        c.lacks(node.name.span, owner_of(name), None, hint)
        return None
    if len(node.schedules) > 1:
        c.error("E114", node.schedules[1].span, item=Both("schedule", "频率或时间"), owner=owner_of(name))
        return None
    s = node.schedules[0]
    match s.kind:
        case "every":
            return periodic(w, s)
        case "once on":
            on = None if s.on is None else c.date(s.on, scope)
            return None if on is None else model.Schedule("once on", on=on)
        case "once when" | "each time":
            test = None if s.condition is None else c.condition(s.condition, attrs.evolve(scope, instance=None))
            return None if test is None else model.Schedule(s.kind, condition=test, pace=paced(w, test))
        case "on dates":
            before = None
            for dated in s.dates:
                if before is not None and dated.start <= before:
                    c.error("E114", dated.span, item=dated.start.isoformat(), owner=owner_of(name))
                before = dated.start
            return model.Schedule("dates", dates=prepared.dates)
        case "per record":
            where = None if s.where is None else c.condition(s.where, attrs.evolve(scope, instance=None))
            if s.list is None or (s.where is not None and where is None):
                return None
            return model.Schedule("records", list=s.list.text, where=where)
        case _:
            assert_never(s.kind)


def periodic(w: Lowering, s: syntax.Schedule) -> model.Schedule | None:
    c = w.c
    if s.length is not None:
        return of_length(w, s, s.length)
    if s.every < 1:
        c.error("E421", s.span, what=Both("the number of periods", "期数"))
        return None
    anchor = None
    if s.anchor is not None:
        anchor = fixed_date(w, s.anchor)
        if anchor is None:
            return None
    if s.unit == "weeks":
        return model.Schedule("periodic", every=s.every, unit="weeks", weekday=s.weekday, anchor=anchor)
    if s.unit not in _MONTHS or s.weekday is not None:
        c.error("E122", s.span, found=in_both(s.unit or ""), expected=words_of(("weeks", *_MONTHS)))
        return None
    every = s.every * _MONTHS[s.unit]
    if anchor is None and c.start_is_fixed and (12 % every or (s.unit == "months" and s.every not in (1, 3, 6, 12))):
        anchor = c.term_start
    return model.Schedule("periodic", every=every, anchor=anchor)


def of_length(w: Lowering, s: syntax.Schedule, said: syntax.Ref) -> model.Schedule | None:
    """Periods as long as a parameter says: `every audit_cycle`, a duration, or `every N months` with N a number."""
    c = w.c
    length = c.expr(said, BARE)
    anchor = None if s.anchor is None else fixed_date(w, s.anchor)
    if length is None or not of_parameters(w, length, said.span) or (s.anchor is not None and anchor is None):
        return None
    unit = s.unit or (length.type.unit if length.type.kind == "duration" else None)
    if (s.unit is None) != (length.type.kind == "duration") or (s.unit and length.type.kind not in ("number", "count")):
        hint = Both("a duration (`3 months`), or a number before its unit", "应为时长（如“3个月”），或单位之前的数值")
        wanted = NUMBER if s.unit else Type("duration")
        c.error("E301", said.span, found=spoken(length.type), expected=spoken(wanted), hint=hint)
        return None
    if unit not in _MONTHS and unit != "weeks":
        advice: Both | None = None
        if unit is None:
            advice = Both(
                "its unit must be known: write `every N months`, N being a number that may be blank",
                "单位应当确定：请写“每满 N 个月”，其中 N 为数值，可以待填",
            )
        c.error(
            "E122",
            s.span,
            found=unit or c.source.text[said.span.start : said.span.end],
            expected=words_of(_EVERY_UNITS),
            hint=advice,
        )
        return None
    known = c.folded(length)
    amount = known.amount if isinstance(known, Duration) else known
    if isinstance(amount, int | Fraction) and (amount < 1 or amount.denominator != 1):
        c.error(
            "E127", said.span, found=f"{c.source.text[said.span.start : said.span.end]} = {exact_text(amount)}", least=1
        )
        return None
    if s.unit is not None:
        length = attrs.evolve(length, type=Type("duration", unit=s.unit))
    return model.Schedule(
        "periodic", every=0, unit="weeks" if unit == "weeks" else "months", length=length, anchor=anchor
    )


def default_due(
    w: Lowering, node: syntax.Obligation, duty: syntax.Duty, schedule: model.Schedule | None
) -> model.Due | None:
    c = w.c
    if schedule is None:
        return None
    if schedule.kind == "dates":
        return None  # the dates themselves
    if duty.action == "pay":
        hint = Both(
            "say by when: `due day 10 of next month`, `due within 10 days after …`",
            "写明“到期日 次月 第 10 日”等",
        )
        c.lacks(node.name.span, owner_of(node.name.text), Both("due", "到期日"), hint)
        return None
    if schedule.kind == "periodic":
        return model.Due("last day", w.shift, unit="period", span=node.span)
    c.tell("warning", "W517", node.name.span, name=node.name.text)
    return None


def deadline(
    w: Lowering, due: syntax.Due, scope: Scope, months: int | None, asked: Op | None = None
) -> model.Due | None:
    """`months`: how long the periods of the obligation are, None where they are no months."""
    c = w.c
    dates = attrs.evolve(scope, dates=False)
    shift = shifted(w, due.shift, due.span)
    match due.kind:
        case "day" | "business day" | "last day":
            unit: Literal["month", "quarter", "year", "period"] = "period"
            offset = 0
            if due.period is not None:
                if due.period.kind == "literal":
                    c.error("E318", due.period.span, depends=quoted(due.period.literal or ""))
                    return None
                unit, offset = due.period.kind, due.period.offset
            elif due.kind != "last day" and months != 1:
                hint = Both("of which one: `of next month`, `of next quarter`", "写明哪一期：“次月”“下季度”")
                c.lacks(due.span, Both("this deadline", "此期限"), Both("of …", "次月 …"), hint)
                return None
            elif due.kind == "last day" and months is None:
                unit = "month"
            if due.kind != "last day" and not 1 <= due.day <= (31 if due.kind == "day" else 23):
                c.error("E109", due.span, found=due.day)
                return None
            if due.kind == "business day":
                c.needs_calendar(due.span)
            return model.Due(due.kind, shift, day=due.day, unit=unit, offset=offset, span=due.span)
        case "within":
            within_ = None if due.within is None else c.duration(due.within, dates)
            if within_ is None:
                return None
            after: Op | None = None
            e = due.after
            if e is None or (isinstance(e, syntax.Ref) and e.name == "demand"):
                after = asked
                if after is None:
                    hint = Both("say when it was demanded: `demanded on demand_received`", "写明催告日：“催告日 …”")
                    c.lacks(due.span, Both("this deadline", "此期限"), Both("demanded on", "催告日"), hint)
                    return None
            else:
                after = c.date(e, dates)
                if after is None:
                    return None
                if within_.type.unit == "hours" and after.type != MOMENT:
                    c.error("E301", e.span, found=spoken(after.type), expected=spoken(MOMENT))
                    return None
            timed_ = within_.type.unit == "hours"
            if timed_ and after.type != MOMENT and due.within is not None:
                not_in_hours(w, due.within.span)
                return None
            return model.Due("within", shift, within=within_, after=after, timed=timed_, span=due.span)
        case "on":
            on = None if due.on is None else c.date(due.on, dates)
            return None if on is None else model.Due("on", shift, on=on, timed=on.type == MOMENT, span=due.span)
        case _:
            assert_never(due.kind)


def shifted(w: Lowering, said: Shift | None, span: Span) -> Shift:
    if said in ("next", "previous"):
        w.c.needs_calendar(span)
    return said or w.shift


def graced(w: Lowering, grace: syntax.Grace, has_interest: bool, owner: Both) -> model.Grace | None:
    duration = fixed_duration(w, grace.duration)
    if has_interest and grace.kind is None:
        w.c.error("E404", grace.span, owner=owner)
        return None
    shift = shifted(w, grace.shift, grace.span)
    return None if duration is None else model.Grace(duration, grace.kind or "unaffected", shift)


def performed(w: Lowering, node: syntax.Obligation, duty: syntax.Duty, scope: Scope) -> model.Performance | None:
    c, p = w.c, node.performed
    if p is None:
        if duty.action == "pay" and len(w.payments) == 1:
            c.used.add(w.payments[0])
            return model.Performance("payments", list=w.payments[0])
        return model.Performance("untracked")
    match p.kind:
        case "by":
            if p.list is None:
                return None
            fields = c.list_fields(p.list)
            if fields is None:
                return None
            by_payments = c.types[p.list.text].kind == "payments"
            if by_payments != (duty.action == "pay"):
                expected = (
                    Both("payments", "付款记录") if duty.action == "pay" else Both("a dated list", "带日期的清单")
                )
                c.error("E301", p.list.span, found=spoken(c.types[p.list.text]), expected=expected)
                return None
            if by_payments and p.where is not None:
                # Which payments pay a debt is the business of matching: by name, by what is due.
                item = Both("where", "其中")
                c.error(
                    "E116",
                    p.where.span,
                    item=item,
                    owner=spoken(c.types[p.list.text]),
                    expected=keyword("for", "payment"),
                )
                return None
            where = None
            if p.where is not None:
                where = c.condition(p.where, Scope(fields=fields))
                if where is None:
                    return None
            return model.Performance("payments" if by_payments else "acts", list=p.list.text, where=where)
        case "on":
            on = None if p.expr is None else c.date(p.expr, attrs.evolve(scope, dates=False))
            return None if on is None else model.Performance("on", expr=on)
        case "when":
            test = None if p.expr is None else c.condition(p.expr, scope)
            return None if test is None else model.Performance("when", expr=test)
        case _:
            assert_never(p.kind)


def extension(w: Lowering, e: syntax.Expr, scope: Scope) -> Op | None:
    op = w.c.expr(e, attrs.evolve(scope, dates=False))
    if op is None or op.type.kind == "duration" or op.type == Type("count", unit="days"):
        return op
    if op.type.kind == "count" and op.type.unit is None:
        return op
    w.c.error("E301", e.span, found=spoken(op.type), expected=spoken(Type("count", unit="days")))
    return None


def exempted(w: Lowering, name: str, scope: Scope, currency: str | None) -> tuple[model.Exemption, ...]:
    c, clause = w.c, w.c.clause
    made: list[model.Exemption] = []
    for index, (node, where) in enumerate(w.exceptions.get(name, ()), 1):
        c.clause = where.number if where else None
        when = c.condition(node.when, attrs.evolve(scope, dates=True))
        amount = None
        if node.amount is not None:
            if currency is None:
                c.error(
                    "E116",
                    node.amount.span,
                    item=in_both("amount", "exception"),
                    owner=quoted(name),
                    expected=keyword("excused", "exception"),
                )
                continue
            amount = c.typed(node.amount, attrs.evolve(scope, dates=False), money(currency))
        this = Both("this exception", "此例外")
        if not node.excused and node.amount is None and not node.instead:
            words = Both("excused | amount = … | instead obligation …", "免责 | 金额 = … | 改为 义务 …")
            c.lacks(node.span, this, words)
        if node.amount is not None and (node.excused or node.instead):
            c.error(
                "E116",
                node.amount.span,
                item=in_both("amount", "exception"),
                owner=this,
                expected=keyword("excused", "exception"),
            )
        for schedule in (schedule for o in node.instead for schedule in o.schedules):
            said = " ".join(c.source.text[schedule.span.start : schedule.span.end].split())
            expected = Both("a duty without a time: it takes its place", "不写明时间的义务（其期间与被替代的义务相同）")
            c.error("E116", schedule.span, item=said, owner=this, expected=expected)
        instead = tuple(
            duty
            for o in node.instead
            if mine(w.names, o) and (duty := obligation(w, o, where, None, attrs.evolve(scope, dates=False)))
        )
        if when is not None and (node.amount is None or amount is not None) and len(instead) == len(node.instead):
            label = f"{name} exception {index}"
            excused = node.excused or bool(instead)
            made.append(model.Exemption(label, when, excused, amount, instead, span=node.span))
    for i, one in enumerate(made):
        for other in made[:i]:
            if unlike(w, one, other) and meet(w, one.when, other.when):
                c.error("E411", one.span, name=name, left=other.name, right=one.name)
    c.clause = clause
    return tuple(made)


def unlike(w: Lowering, one: model.Exemption, other: model.Exemption) -> bool:
    """Whether two exceptions come to different things, as far as their texts tell."""
    if one.amount is None or other.amount is None:
        return (one.amount is None) != (other.amount is None) or bool(one.instead or other.instead)
    a, b = w.c.folded(one.amount), w.c.folded(other.amount)
    if a is not None and b is not None:
        return a != b
    return not alike(one.amount, other.amount)


def alike(one: Op, other: Op) -> bool:
    """Whether two Ops say the same, wherever they stand."""
    stack = [(one, other)]
    while stack:
        a, b = stack.pop()
        inside = list(children(a)), list(children(b))
        if type(a) is not type(b) or len(inside[0]) != len(inside[1]):
            return False
        for field in attrs.fields(type(a)):
            mine_, theirs = getattr(a, field.name), getattr(b, field.name)
            plain = isinstance(mine_, str | int | Fraction | bool | dt.date | Duration | model.Span_ | None)
            if field.name not in ("span", "type") and plain and mine_ != theirs:
                return False
        stack += zip(*inside, strict=True)
    return True


def meet(w: Lowering, one: Op, other: Op) -> bool:
    """Whether it is certain that two conditions can hold together: they are the same, one of them always holds and
    the other can, or both do no more than keep one figure within bounds that overlap."""
    if alike(one, other):
        return True
    for a, b in ((one, other), (other, one)):
        if isinstance(a, model.Const) and a.value is True:
            return not isinstance(b, model.Const) or b.value is True
    a_, b_ = figure_held(w, one), figure_held(w, other)
    if a_ is None or b_ is None or not alike(a_[0], b_[0]):
        return False
    tests = (*a_[1], *b_[1])
    lows = [(value, op == ">") for op, value in tests if op in (">", ">=", "=")]
    highs = [(value, op == "<") for op, value in tests if op in ("<", "<=", "=")]
    if not lows or not highs:
        return True
    low, high = max(v for v, _ in lows), min(v for v, _ in highs)
    # An open bound needs room beside it: between two neighbouring days or whole numbers there may be nothing.
    open_ = sum(any(strict for v, strict in side if v == edge) for side, edge in ((lows, low), (highs, high)))
    return high - low >= open_


def figure_held(w: Lowering, test: Op) -> tuple[Op, list[tuple[str, Fraction]]] | None:
    """The one figure that a condition compares with fixed values, and how; None for any other condition."""
    tests = list(test.operands) if isinstance(test, model.AllOf) else [test]
    figure: Op | None = None
    found: list[tuple[str, Fraction]] = []
    turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}
    for t in tests:
        if not isinstance(t, model.Compare) or t.op not in turned:
            return None
        left, right = t.left, t.right
        op: str = t.op
        if isinstance(left, model.Const):
            left, right, op = right, left, turned[t.op]
        value = w.c.folded(right)
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            value = value.toordinal()
        if isinstance(value, bool) or not isinstance(value, int | Fraction):
            return None
        if figure is not None and not alike(figure, left):
            return None
        figure = left
        found.append((op, Fraction(value)))
    return None if figure is None else (figure, found)


def proration(
    w: Lowering, node: syntax.Obligation, schedule: model.Schedule | None, prepared: Prepared
) -> Literal["actual", "fixed30", "none"]:
    """What was said; else by days, where the amount rests on no fact of the period itself."""
    if node.prorated is not None:
        if node.prorated == "fixed30" and schedule is not None and schedule.unit == "weeks":
            w.c.error(
                "E116",
                node.span,
                item=in_both("fixed30", "proration"),
                owner=owner_of(node.name.text),
                expected=keyword("actual", "proration"),
            )
        return node.prorated
    if schedule is None or schedule.kind != "periodic" or not prepared.parts:
        return "none"
    return "none" if all(w.c.reads(part.amount).own for part in prepared.parts) else "actual"


# ---- consequences


def consequences(
    w: Lowering,
    failing: tuple[syntax.Step, ...],
    scope: Scope,
    name: str,
    debtor: str | None,
    creditor: str | None,
    clause: ClauseRef | None,
    pays: bool,
) -> tuple[model.Link, ...]:
    c = w.c
    links: list[model.Link] = []
    for step in failing:
        match step.trigger:
            case "at once":
                day = 1
            case "after":
                day = step.days + 1
            case "on day":
                day = step.days
            case _:
                assert_never(step.trigger)
        if day < 1:
            c.error("E421", step.span, what=Both("the day", "日数"))
            continue
        remedy: model.Interest | model.Penalty | model.Grade | model.Obligation | model.Right | None
        match step.remedy:
            case syntax.Interest() as said:
                remedy = interest(w, said, scope, pays)
            case syntax.Penalty() as said:
                remedy = penalty(w, said, scope, debtor, creditor)
            case syntax.Breach() as said:
                grade = c.word(said.grade, GRADES)
                remedy = None if grade is None else model.Grade(cast(Literal["minor"], grade), span=said.span)
            case syntax.Obligation() as said:
                remedy = obligation(w, said, clause, None, scope) if mine(w.names, said) else None
            case syntax.Right() as said:
                remedy = right(w, said, clause, scope) if mine(w.names, said) else None
            case _:
                assert_never(step.remedy)
        if isinstance(remedy, model.Interest) and any(isinstance(k.remedy, model.Interest) for k in links):
            c.error("E114", step.span, item=in_both("interest"), owner=Both("this `failing which`", "此“违约责任”"))
            continue
        if remedy is not None:
            links.append(model.Link(day, remedy))
    return tuple(links)


def interest(w: Lowering, said: syntax.Interest, scope: Scope, pays: bool) -> model.Interest | None:
    c = w.c
    if not pays:
        c.error(
            "E116", said.span, item=in_both("interest"), owner=Both("this duty", "此义务"), expected=keyword("penalty")
        )
        return None
    plain = attrs.evolve(scope, dates=False)
    rate = c.expr(said.rate, plain)
    cap = None if said.cap is None else capped(w, said.cap, plain)
    reference = None if said.reference is None else c.expr(said.reference, plain)
    if reference is not None and said.reference is not None and reference.type != Type("rate", per="year"):
        expected = Both("a rate per year", "年费率")
        c.error("E301", said.reference.span, found=spoken(reference.type), expected=expected)
        return None
    if rate is None or (said.cap is not None and cap is None) or (said.reference is not None and reference is None):
        return None
    t = rate.type
    if t.kind != "rate" or t.currency is not None or t.per not in ("day", "month", "year"):
        hint = None
        if t.kind == "percent":
            hint = Both("say for which time: `0.05% per day`, `8% per year`", "写明期间：“0.05%/日”“8%/年”")
        expected = Both("a rate per day, month or year", "日、月或年费率")
        c.error("E301", said.rate.span, found=spoken(t), expected=expected, hint=hint)
        return None
    if said.every is not None and (said.method != "compound" or said.every not in CAPITALISED):
        owner = Both("compound interest", "复利") if said.method == "compound" else Both("simple interest", "单利")
        expected = Both("`compound` with `monthly`, `quarterly` or `yearly`", "“复利”加“按月”“按季”或“按年”")
        c.error("E116", said.span, item=GRAIN_WORDS[said.every], owner=owner, expected=expected)
        return None
    if said.daycount is not None and said.daycount not in periods.DAY_COUNTS:
        c.word(syntax.Name(said.daycount, span=said.span), periods.DAY_COUNTS)
        return None
    if t.per == "day" and said.daycount is not None:
        c.error("E311", said.span)
        return None
    if t.per != "day" and said.daycount is None:
        per = Both("per month", "月") if t.per == "month" else Both("per year", "年")
        c.error("E312", said.rate.span, per=per)
        return None
    if c.above_zero(rate, Both("late interest", "逾期利息的利率"), said.rate.span) is None:
        return None
    per_ = cast(Literal["day", "month", "year"], t.per)
    return model.Interest(
        rate,
        per_,
        said.method or "simple",
        said.daycount,
        cap,
        CAPITALISED[said.every or "monthly"],
        reference,
        span=said.span,
    )


def capped(w: Lowering, e: syntax.Expr, scope: Scope) -> Op | None:
    return w.c.amount(e, scope)


def penalty(
    w: Lowering, said: syntax.Penalty, scope: Scope, debtor: str | None, creditor: str | None
) -> model.Penalty | None:
    c = w.c
    plain = attrs.evolve(scope, dates=False)
    amount = c.expr(said.amount, plain)
    cap = None if said.cap is None else capped(w, said.cap, plain)
    loss = None if said.loss is None else c.amount(said.loss, plain)
    demanded = None if said.demanded_on is None else c.date(said.demanded_on, plain)
    due = None
    if said.due is not None and (said.demanded_on is None or demanded is not None):
        due = deadline(w, said.due, attrs.evolve(plain, arises=True), 1, demanded)
    to = None
    if said.to is not None:
        to = c.party(said.to)
        if to is not None and to == debtor:
            c.error("E415", said.to.span, party=to)
            return None
    else:
        to = creditor or other_party(w, debtor)
        if to is None and debtor is not None:
            hint = Both("say to whom: `penalty CNY 500 to client`", "写明向谁支付")
            c.lacks(said.span, Both("this penalty", "此违约金"), Both("to PARTY", "支付对象"), hint)
    if amount is None or to is None:
        return None
    if (said.cap is not None and cap is None) or (said.due is not None and due is None):
        return None
    if said.loss is not None and loss is None:
        return None
    if said.demanded_on is not None and demanded is None:
        return None
    t = amount.type
    per: Literal["day", "week"] | None = None
    if t.kind == "rate" and t.currency is not None and t.per in ("day", "week"):
        per = cast(Literal["day", "week"], t.per)
    elif t.kind == "rate":
        hint = Both("say of what: `0.5% per day of amount`", "写明以何为基数：“0.5% /日”乘以金额")
        expected = Both("money, or money per day or week", "金额，或每日、每周的金额")
        c.error("E301", said.amount.span, found=spoken(t), expected=expected, hint=hint)
        return None
    elif t.kind != "money":
        c.not_money(amount, said.amount.span)
        return None
    return model.Penalty(amount, per, to, cap, demanded, due, loss, span=said.span)


def other_party(w: Lowering, party: str | None) -> str | None:
    if party is None or len(w.parties) != 2:
        return None
    return next((p.name for p in w.parties if p.name != party), None)


# ---- prohibitions and rights


def ban_scope(w: Lowering, node: syntax.Prohibition) -> Scope:
    fields = None
    if node.violated_by is not None:
        t = w.c.types.get(node.violated_by.text)
        if t is not None and t.kind in ("list", "payments"):
            fields = {f.name: f.type for f in w.c.fields_of(t, node.violated_by.span)}
    return Scope(fields=fields, dates=True)


def prohibition(
    w: Lowering, node: syntax.Prohibition, clause: ClauseRef | None, survives: syntax.Expr | None
) -> model.Prohibition | None:
    c, name = w.c, node.name.text
    owner = Both(f"prohibition `{name}`", f"禁止“{name}”")
    before = len(c.findings)
    debtor = None if node.debtor is None else c.party(node.debtor)
    if node.debtor is None:
        c.lacks(node.name.span, owner, Both("PARTY must not …", "何人不得…"))
    if node.violated_by is not None and c.list_fields(node.violated_by) is None:
        return None
    scope = ban_scope(w, node)
    when = None if node.violated_when is None else c.condition(node.violated_when, HAPPENINGS)
    on = None if node.violated_on is None else c.date(node.violated_on, BARE)
    where = None if node.where is None else c.condition(node.where, scope)
    except_when = None if node.except_when is None else c.condition(node.except_when, scope)
    creditor = other_party(w, debtor)
    chain = consequences(w, node.failing, scope, name, debtor, creditor, clause, pays=False)
    exemptions = exempted(w, name, scope, None)
    kept = node.survives or survives
    survival = None if kept is None else fixed_duration(w, kept)
    if node.violated_when is None and node.violated_on is None and node.violated_by is None:
        c.tell("warning", "W502", node.name.span, name=name)
    if not node.failing:
        c.tell("note", "W503", node.name.span, name=name)
    if has_errors(c.findings[before:]) or debtor is None:
        return None
    return model.Prohibition(
        name=name,
        clause=clause,
        debtor=debtor,
        creditor=creditor,
        what=node.what,
        violated_when=when,
        violated_on=on,
        violated_by=None if node.violated_by is None else node.violated_by.text,
        where=where,
        per=node.per,
        except_when=except_when,
        chain=chain,
        exemptions=exemptions,
        notes=node.notes,
        survives=survival,
        span=node.span,
    )


def right(
    w: Lowering, node: syntax.Right, clause: ClauseRef | None, outer: Scope | None, *, of_run: bool = False
) -> model.Right | None:
    """A right; one at the end of an escalation keeps the record of the run in scope, whatever duty it demands."""
    c, name, effect = w.c, node.name.text, node.effect
    owner = Both(f"right `{name}`", f"权利“{name}”")
    before = len(c.findings)
    holder = None if node.holder is None else c.party(node.holder)
    if node.holder is None or effect is None:
        c.lacks(node.name.span, owner, Both("PARTY may withhold | terminate | …", "何人有权拒付、解除…"))
        return None
    scope = outer or HAPPENINGS
    target: Entry | None = None
    target_schedule = None
    if effect.target is not None:
        target = c.entry(effect.target, "obligation")
        if target is not None:
            duty = cast(syntax.Obligation, target.node)
            prepared = w.prepared.get(target.name)
            target_schedule = duty.schedules[0].kind if duty.schedules else None
            if prepared is not None and not of_run:
                # What stands in a record (of a ladder, of a duty) goes on reading it, whatever its target is about.
                fields = prepared.scope.fields if scope.fields is None else scope.fields
                scope = attrs.evolve(prepared.scope, fields=fields, dates=True)
            pays = duty.duty is not None and duty.duty.action == "pay"
            if effect.kind in ("withhold", "retain", "reduce") and not pays and duty.duty is not None:
                found = Both("a duty that is not to pay", "非付款义务")
                c.error("E301", effect.target.span, found=found, expected=Both("a payment", "付款义务"))
            elif (
                effect.kind in ("withhold", "retain")
                and duty.duty is not None
                and holder not in (None, duty.duty.debtor.text)
            ):
                words = {"withhold": Both("withhold", "拒付"), "retain": Both("retain", "暂扣")}
                c.error("E420", effect.span, party=holder, obligation=target.name, effect=words[effect.kind])
    if node.list is not None:
        fields = c.list_fields(node.list)
        if fields is None:
            return None
        scope = attrs.evolve(scope, fields=fields)
    by = None if effect.by is None else effect_by(w, effect, scope)
    when = None if node.when is None else c.condition(node.when, scope)
    only_while = None if node.only_while is None else c.condition(node.only_while, scope)
    where = None if node.where is None else c.condition(node.where, scope)
    exercised, released, given_up = (
        None if e is None else c.date(e, attrs.evolve(scope, dates=False))
        for e in (node.exercised_on, node.released_on, node.given_up_on)
    )
    lapses = lapsing(w, node.lapses, scope)
    timing = timed(w, when, target is not None and effect.kind != "suspend")
    per_instance = (
        effect.kind in ("withhold", "retain", "reduce", "extend")
        and target_schedule in ("every", "per record", "on dates")
        and timing == "period"
    )
    if node.exercised_on is None:
        c.tell("warning", "W516", node.name.span, name=name)
    if node.lapses is None:
        c.tell("note", "W513", node.name.span, name=name)
    if has_errors(c.findings[before:]):
        return None
    return model.Right(
        name=name,
        clause=clause,
        holder=holder,
        effect=effect.kind,
        target=target.name if target else None,
        by=by,
        when=when,
        timing=timing,
        per_instance=per_instance,
        only_while=only_while,
        list=None if node.list is None else node.list.text,
        where=where,
        exercised_on=exercised,
        released_on=released,
        given_up_on=given_up,
        lapses=lapses,
        retroactive=node.retroactive,
        automatic=False,
        notice=None,
        cure=None,
        cured_when=None,
        settle=(),
        notes=node.notes,
        pace=paced(w, when),
        span=node.span,
    )


def effect_by(w: Lowering, effect: syntax.Effect, scope: Scope) -> Op | None:
    """By how much: money (a bare percent is of the instance's amount), or a time."""
    c, plain = w.c, attrs.evolve(scope, dates=False)
    if effect.by is None:
        return None
    if effect.kind == "extend":
        return extension(w, effect.by, plain)
    op = c.expr(effect.by, plain)
    if op is None:
        return None
    if op.type.kind == "percent" and plain.instance is not None:
        amount = model.InstanceValue(None, "amount", plain.instance, span=effect.by.span)
        return model.Arith("*", op, amount, plain.instance, span=effect.by.span)
    if op.type.kind != "money":
        c.not_money(op, effect.by.span)
        return None
    return op


def timed(w: Lowering, when: Op | None, targeted: bool) -> Literal["period", "day"]:
    if when is None:
        return "period" if targeted else "day"
    return "day" if w.c.reads(when).day else "period"


def paced(w: Lowering, when: Op | None) -> Grain:
    """The period at whose end a condition is put."""
    return "monthly" if when is None else w.c.pace(when) or "monthly"


def lapsing(w: Lowering, lapse: syntax.Lapse | None, scope: Scope) -> model.Lapse | None:
    if lapse is None:
        return None
    duration = fixed_duration(w, lapse.duration)
    after = None if lapse.after is None else w.c.date(lapse.after, attrs.evolve(scope, dates=False))
    shift = shifted(w, lapse.shift, lapse.span)
    return None if duration is None else model.Lapse(duration, after, shift)


def termination(w: Lowering, node: syntax.Termination) -> model.Right | None:
    c, name = w.c, node.name.text
    entry = w.names.entries[name]
    c.clause = entry.clause.number if entry.clause else None
    owner = Both(f"termination `{name}`", f"终止“{name}”")
    before = len(c.findings)
    holder = None if node.holder is None else c.party(node.holder)
    if node.holder is None and not node.automatic:
        c.lacks(node.name.span, owner, Both("PARTY may terminate | automatic", "何人有权解除 | 自动终止"))
    when = None if node.when is None else c.condition(node.when, HAPPENINGS)
    if node.when is None and node.automatic:
        c.lacks(node.name.span, owner, Both("when", "当"))
    exercised = None if node.exercised_on is None else c.date(node.exercised_on, BARE)
    notice = None if node.notice is None else fixed_duration(w, node.notice)
    cure = None if node.cure is None else fixed_duration(w, node.cure)
    cured = None if node.cured_when is None else c.condition(node.cured_when, HAPPENINGS)
    only_while = None if node.only_while is None else c.condition(node.only_while, HAPPENINGS)
    cure_shift = None
    if node.cure is not None and node.cure_shift is not None:
        cure_shift = shifted(w, node.cure_shift, node.cure.span)
    if node.cure is not None and node.cured_when is None:
        c.error("E412", node.cure.span, owner=owner)
    elif node.cured_when is not None and node.cure is None:
        c.lacks(node.cured_when.span, owner, Both("cure", "补救期"))
    lapses = lapsing(w, node.lapses, BARE)
    settle = tuple(found.name for s in node.settle if (found := c.entry(s, "obligation")) is not None)
    if not node.automatic:
        if node.exercised_on is None:
            c.tell("warning", "W516", node.name.span, name=name)
        if node.lapses is None:
            c.tell("note", "W513", node.name.span, name=name)
    if has_errors(c.findings[before:]):
        return None
    return model.Right(
        name=name,
        clause=entry.clause,
        holder=holder,
        effect="terminate",
        target=None,
        by=None,
        when=when,
        timing=timed(w, when, targeted=False),
        per_instance=False,
        only_while=only_while,
        list=None,
        where=None,
        exercised_on=exercised,
        released_on=None,
        given_up_on=None,
        lapses=lapses,
        retroactive=False,
        automatic=node.automatic,
        notice=notice,
        cure=cure,
        cure_shift=cure_shift,
        cured_when=cured,
        settle=settle,
        notes=node.notes,
        pace=paced(w, when),
        accelerated=node.accelerated,
        span=node.span,
    )


def substitutes(w: Lowering, node: syntax.Suspension) -> Iterator[model.Obligation]:
    """What is owed while the suspension lasts. Without a schedule it arises once, when the suspension begins."""
    clause = w.names.entries[node.name.text].clause
    for instead in node.instead:
        if mine(w.names, instead):
            made = obligation(w, instead, clause, None, None if instead.schedules else BARE)
            if made is not None:
                yield attrs.evolve(made, during=node.name.text)


def suspension(w: Lowering, node: syntax.Suspension) -> model.Suspension | None:
    c, name = w.c, node.name.text
    clause = w.names.entries[name].clause
    c.clause = clause.number if clause else None
    owner = Both(f"suspension `{name}`", f"中止“{name}”")
    when = None if node.when is None else c.condition(node.when, HAPPENINGS)
    if node.when is None:
        c.lacks(node.name.span, owner, Both("when", "当"))
    targets = [c.entry(target, "obligation") for target in node.suspends]
    for at, target in enumerate(node.suspends):
        if any(target.text == other.text for other in node.suspends[:at]):
            c.error("E114", target.span, item=target.text, owner=owner)
    if not targets and node.extends_term_by is None and (c.term_end is not None or w.term_end is not None):
        c.error("E413", node.name.span, owner=owner)
        return None
    if when is None or any(target is None for target in targets):
        return None
    return model.Suspension(
        name=name,
        clause=clause,
        when=when,
        suspends=tuple(target.name for target in targets if target is not None) or None,
        extends_term_by=None if node.extends_term_by == "nothing" else node.extends_term_by,
        interest_continues=node.interest_continues,
        notes=node.notes,
        span=node.span,
    )


# ---- escalations and approvals


def ladder_fields(w: Lowering, node: syntax.Escalation) -> dict[str, Type] | None:
    """The fields of the record that a run is about."""
    t = None if node.list is None else w.c.types.get(node.list.text)
    return None if t is None or t.kind != "list" else {f.name: f.type for f in t.fields}


def escalation(w: Lowering, node: syntax.Escalation) -> model.Escalation | None:
    c, name = w.c, node.name.text
    entry = w.names.entries[name]
    c.clause = entry.clause.number if entry.clause else None
    owner = Both(f"escalation `{name}`", f"逐级处理“{name}”")
    before = len(c.findings)
    if node.list is not None and c.list_fields(node.list) is None:
        return None
    scope = Scope(fields=ladder_fields(w, node))
    opens = None if node.opens_on is None else c.date(node.opens_on, scope)
    if node.opens_on is None and node.list is None:
        c.lacks(node.name.span, owner, Both("opens on", "启动日"))
    where = None if node.where is None else c.condition(node.where, attrs.evolve(scope, dates=True))
    stops = None if node.stops_when is None else c.condition(node.stops_when, attrs.evolve(scope, dates=True))
    if not node.levels:
        c.lacks(node.name.span, owner, Both("level", "级别"))
    levels: list[model.EscalationLevel] = []
    for level in node.levels:
        if any(level.title == made.title for made in levels):
            c.error("E114", level.span, item=level.title, owner=owner)
            continue
        within = fixed_duration(w, level.within)
        answered = None if level.answered_on is None else c.date(level.answered_on, scope)
        if within is not None:
            levels.append(model.EscalationLevel(level.title, within, answered, span=level.span))
    ends: list[model.Right | model.Obligation] = []
    for end in node.at_end:
        made = at_end(w, end, entry.clause, scope, owner)
        if made is not None:
            ends.append(made)
    if has_errors(c.findings[before:]):
        return None
    return model.Escalation(
        name,
        entry.clause,
        opens,
        None if node.list is None else node.list.text,
        where,
        tuple(levels),
        stops,
        tuple(ends),
        node.notes,
        span=node.span,
    )


def at_end(
    w: Lowering, node: syntax.Right | syntax.Obligation, clause: ClauseRef | None, scope: Scope, owner: Both
) -> model.Right | model.Obligation | None:
    """What follows when no level is left: it takes its time and its record from the run, and names neither."""
    c = w.c
    if not mine(w.names, node):
        return None
    if isinstance(node, syntax.Obligation):
        for schedule in node.schedules:
            span = schedule.span
            said = " ".join(c.source.text[span.start : span.end].split())
            c.error("E116", span, item=said, owner=owner, expected=Both("a duty without a time", "不写明时间的义务"))
        return obligation(w, node, clause, None, scope)
    if node.list is not None:
        c.error("E116", node.list.span, item=node.list.text, owner=owner, expected=keyword("when"))
    if node.effect is not None and node.effect.kind not in _LADDER_EFFECTS:
        c.error(
            "E116", node.effect.span, item=in_both(node.effect.kind), owner=owner, expected=words_of(_LADDER_EFFECTS)
        )
        return None
    return right(w, node, clause, attrs.evolve(scope, dates=True), of_run=True)


def approval(w: Lowering, entry: Entry) -> None:
    """Consents become a condition of plain Ops: happened, in time, in order, enough of them."""
    c, node = w.c, cast(syntax.Approval, entry.node)
    name = entry.name
    owner = Both(f"approval `{name}`", f"审批“{name}”")
    before = len(c.findings)
    fields = None if node.list is None else c.list_fields(node.list)
    if node.list is not None and fields is None:
        c.failed.add(name)
        return
    scope = Scope(fields=fields)
    needed = None if node.where is None else c.condition(node.where, attrs.evolve(scope, dates=True))
    limit = None if node.no_later_than is None else c.date(node.no_later_than, scope)
    if not node.signers:
        c.lacks(node.name.span, owner, Both("approved by", "审批人"))
    signers: list[model.Signer] = []
    dates: list[Op] = []
    for said in node.signers:
        who = said.who if isinstance(said.who, str) else c.party(said.who)
        on = c.date(said.on, scope)
        if who is None or on is None:
            continue
        if any(who == other.who for other in signers):
            c.error("E114", said.span, item=who, owner=owner)
            continue
        tests: list[Op] = [model.Happened(on, BOOLEAN, span=said.span)]
        if limit is not None:
            tests.append(not_before(on, limit, said.span))
        if node.in_order and signers:
            tests += [signers[-1].given, not_before(dates[-1], on, said.span)]
        signers.append(model.Signer(who, all_of(tests, said.span), span=said.span))
        dates.append(on)
    quorum = len(node.signers) if node.quorum is None else node.quorum
    if quorum > len(node.signers):
        c.error("E462", node.span, name=name, found=quorum, limit=len(node.signers))
    elif comb(len(node.signers), quorum) > MOST_QUORUMS:
        c.error("E463", node.span, name=name, found=quorum, limit=len(node.signers))
    if has_errors(c.findings[before:]):
        c.failed.add(name)
        return
    granted = at_least(tuple(s.given for s in signers), quorum, node.span)
    if needed is not None:
        granted = model.AnyOf((model.Not(needed, BOOLEAN, span=node.span), granted), BOOLEAN, span=node.span)
    c.approvals[name] = model.Approval(
        name,
        entry.clause,
        None if node.list is None else node.list.text,
        needed,
        tuple(signers),
        quorum,
        granted,
        tuple(dates),
        node.notes,
        span=node.span,
    )


def not_before(early: Op, late: Op, span: Span) -> Op:
    """`late` does not lie before `early`; where one of them is absent nothing is out of order."""
    return model.Not(model.Compare("<", late, early, BOOLEAN, span=span), BOOLEAN, span=span)


def all_of(ops: list[Op], span: Span) -> Op:
    return ops[0] if len(ops) == 1 else model.AllOf(tuple(ops), BOOLEAN, span=span)


def at_least(ops: tuple[Op, ...], count: int, span: Span) -> Op:
    """At least `count` of the conditions hold. Kleene's `and` and `or` say of unknown ones what can be said: enough that are
    known to hold decide, and so do too few that may hold."""
    if count <= 0:
        return model.Const(True, BOOLEAN, span=span)
    if count == len(ops):
        return all_of(list(ops), span)
    chosen = tuple(all_of(list(some), span) for some in combinations(ops, count))
    return model.AnyOf(chosen, BOOLEAN, span=span)


# ---- scenarios


@attrs.define
class Run:
    """One closing of a scenario while it is read."""

    span: Span
    facts: list[model.GivenScalar | model.GivenRecords] = attrs.Factory(list)
    corrected: list[model.GivenScalar | model.GivenRecords] = attrs.Factory(list)
    as_of: dt.date | None = None
    complete: list[tuple[str | None, dt.date]] = attrs.Factory(list)
    expects: list[model.Expect] = attrs.Factory(list)

    def closing(self) -> model.Closing:
        return model.Closing(
            tuple(self.facts),
            tuple(self.corrected),
            self.as_of,
            tuple(self.complete),
            tuple(self.expects),
            span=self.span,
        )


def scenario(w: Lowering, node: syntax.Scenario, clause: ClauseRef | None) -> model.Scenario | None:
    """Each `as_of` closes: what was given before belongs to it, and what is expected right after it."""
    c = w.c
    before = len(c.findings)
    parameters: list[tuple[str, Op]] = []
    runs: list[Run] = [Run(node.span)]
    for item in node.items:
        run = runs[-1]
        match item:
            case syntax.SetParameter():
                entry = c.entry(item.name, "parameter")
                t = c.types.get(item.name.text)
                if entry is None or t is None or item.name.text in c.failed:
                    continue
                op = c.typed(item.value, BARE, t)
                if op is not None and of_parameters(w, op, item.value.span):
                    parameters.append((item.name.text, op))
            case syntax.FactsOf():
                if run.as_of is not None:
                    run = Run(item.span)
                    runs.append(run)
                given = run.corrected if item.corrected else run.facts
                given += facts_of(w, item)
            case syntax.AsOf():
                if run.as_of is not None:
                    if item.value <= run.as_of:
                        c.error(
                            "E114",
                            item.span,
                            item=f"as_of {item.value}",
                            owner=Both("this scenario", "此示例"),
                        )
                    run = Run(item.span)
                    runs.append(run)
                run.as_of = item.value
            case syntax.CompleteThrough():
                source = None
                if item.source is not None:
                    found = c.entry(item.source, "fact")
                    if found is None:
                        continue
                    source = found.name
                run.complete.append((source, item.value))
            case syntax.Expect():
                made = expectation(w, item)
                if made is not None:
                    run.expects.append(made)
            case _:
                assert_never(item)
    if has_errors(c.findings[before:]):
        return None
    return model.Scenario(node.title, tuple(parameters), tuple(run.closing() for run in runs), clause, span=node.span)


def facts_of(w: Lowering, item: syntax.FactsOf) -> Iterator[model.GivenScalar | model.GivenRecords]:
    c = w.c
    grain: Grain | None = "once"
    if item.period != "once":
        try:
            grain = _GRAIN_OF_PERIOD.get(periods.parse_period(item.period).kind)
        except ValueError:
            c.error("E109", item.span, found=item.period)
            return
    seen: set[str] = set()
    for assign in item.assigns:
        name = assign.name.text
        used = name in c.used
        entry = c.entry(assign.name, "fact")
        if not used:
            c.used.discard(name)
        decl = w.facts.get(name)
        if entry is None or decl is None:
            continue
        if name in seen:
            c.error("E114", assign.name.span, item=name, owner=Both("these facts", "此组数据"))
            continue
        seen.add(name)
        if decl.grain != grain and decl.type.kind not in ("list", "payments", "intervals"):
            wanted = Both(f"facts of {item.period}", f"{item.period}的数据")
            hint = None
            if decl.grain == "once":
                hint = Both("put it into `facts of once { … }`", "请写入“当期数据 一次性 { … }”")
            c.error(
                "E314",
                assign.name.span,
                name=name,
                grain=GRAIN_WORDS[decl.grain],
                expected=wanted,
                hint=hint or Both("put it under a period of its own kind", "请写在相应期间之下"),
            )
            continue
        given = given_value(w, decl, item.period, assign)
        if given is not None:
            yield given


def given_value(
    w: Lowering, decl: model.FactDecl, period: str, assign: syntax.Assign
) -> model.GivenScalar | model.GivenRecords | None:
    c, value, t = w.c, assign.value, decl.type
    if isinstance(value, syntax.AbsentLit):
        if value.kind == "unknown":
            return model.GivenScalar(decl.name, period, None, False, span=assign.span)
        if not decl.happening or t.kind in ("list", "payments", "intervals"):
            hint = Both("a measure is `unknown`, an empty list is `[]`", "计量数据写“未知”，空清单写“[]”")
            c.error("E301", value.span, found=keyword("none"), expected=spoken(t), hint=hint)
            return None
        return model.GivenScalar(decl.name, period, None, True, span=assign.span)
    match t.kind:
        case "list" | "payments" | "intervals":
            if not isinstance(value, syntax.ListLit):
                c.error("E301", value.span, found=Both("one value", "单个值"), expected=spoken(t))
                return None
            fields = c.fields_of(t, value.span)
            made = [record_value(w, r, fields, decl.name, t.kind == "payments") for r in value.records]
            if any(r is None for r in made):
                return None
            records = tuple(r for r in made if r is not None)
            return model.GivenRecords(decl.name, period, records, span=assign.span)
        case "notice":
            pair = notice_value(w, value, decl.name)
            return None if pair is None else model.GivenScalar(decl.name, period, pair, True, span=assign.span)
        case _:
            scalar = literal(w, value, t)
            if scalar is None:
                return None
            return model.GivenScalar(decl.name, period, scalar, True, span=assign.span)


def literal(w: Lowering, e: syntax.Expr, t: Type) -> Scalar | None:
    """A fixed value of that type; words of a `one of` may stand without quotes."""
    if isinstance(e, syntax.Ref) and t.kind == "one of" and e.name in t.choices:
        return e.name
    op = w.c.typed(e, BARE, t)
    return None if op is None else fixed(w, op, e.span)


def notice_value(w: Lowering, e: syntax.Expr, name: str) -> tuple[dt.date | None, dt.date | None] | None:
    c = w.c
    if not isinstance(e, syntax.RecordLit):
        day = literal(w, e, DATE)
        return (day, day) if isinstance(day, dt.date) else None
    found: dict[str, dt.date | None] = {"sent": None, "received": None}
    for field, value in e.fields:
        if field.text not in found:
            similar = did_you_mean(field.text, found)
            c.error("E204", field.span, name=name, part=field.text, suggestion=similar, expected=any_of(found))
            return None
        if isinstance(value, syntax.AbsentLit):
            continue
        day = literal(w, value, DATE)
        if not isinstance(day, dt.date):
            return None
        found[field.text] = day
    return found["sent"], found["received"]


def record_value(
    w: Lowering, record: syntax.RecordLit, fields: tuple[Field, ...], name: str, payment: bool
) -> tuple[tuple[str, Scalar | Unknown], ...] | None:
    c = w.c
    known = {f.name: f for f in fields}
    found: dict[str, Scalar | Unknown] = {}
    absent: set[str] = set()
    good = True
    for written, value in record.fields:
        field = syntax.Name(c.field_named(written.text, known) or written.text, span=written.span)
        declared = known.get(field.text)
        if declared is None:
            similar = did_you_mean(field.text, c.field_words(known))
            fix = Fix(field.span, similar) if similar else None
            c.error("E204", field.span, name=name, part=field.text, suggestion=similar, fix=fix)
            good = False
        elif field.text in found or field.text in absent:
            c.error("E114", field.span, item=field.text, owner=Both("this record", "此条记录"))
            good = False
        elif isinstance(value, syntax.AbsentLit):
            absent.add(field.text)
            decl = w.facts.get(name)
            if value.kind == "unknown" and (payment or decl is None or field.text in (decl.dated_by, decl.keyed_by)):
                c.error("E301", value.span, found=keyword("unknown"), expected=spoken(declared.type))
                good = False
            elif value.kind == "unknown":
                found[field.text] = Unknown(())
            elif not declared.optional:
                c.error("E301", value.span, found=keyword("none"), expected=spoken(declared.type))
                good = False
        else:
            scalar: Scalar | None = payment_for(value) if payment and field.text == "for" else None
            if scalar is None:
                scalar = literal(w, value, declared.type)
            if scalar is None:
                good = False
            else:
                found[field.text] = scalar
    if not good:
        return None
    for f in fields:
        if not f.optional and f.name not in found and f.name not in absent:
            said = c.field_words(known)[list(known).index(f.name)]
            c.lacks(record.span, Both(f"this record of `{name}`", f"“{name}”的此条记录"), said)
            good = False
    return tuple((f.name, found[f.name]) for f in fields if f.name in found) if good else None


def payment_for(e: syntax.Expr) -> str | None:
    """What a payment names: `pay_fee`, or an instance, `pay_fee of 2026-03`, as the statement writes it."""
    match e:
        case syntax.Ref():
            return e.name
        case syntax.OfPeriod(expr=syntax.Ref(name=name), period=syntax.PeriodRef(literal=str(period))):
            return f"{name}@{period}"
        case _:
            return None


def expectation(w: Lowering, e: syntax.Expect) -> model.Expect | None:
    c = w.c
    if e.owes is not None and e.subject is not None:
        debtor, creditor = c.party(e.subject), c.party(e.owes)
        value = None if e.value is None else c.amount(e.value, BARE)
        amount = None if value is None or e.value is None else fixed(w, value, e.value.span)
        if debtor is None or creditor is None or amount is None or value is None:
            return None
        return model.Expect("owes", debtor, None, creditor, e.period, amount, value.type, None, (), span=e.span)
    if e.subject is None or (e.subject.text == "contract" and "contract" not in w.names.entries):
        status = e.status or ""
        if c.word(syntax.Name(status, span=e.span), CONTRACT_STATUSES) is None:
            return None
        return model.Expect("contract", "contract", None, None, e.period, None, None, status, (), span=e.span)
    subjects: tuple[Kind, ...] = (
        "let",
        "kpi",
        "balance",
        "obligation",
        "prohibition",
        "right",
        "termination",
        "fact",
        "parameter",
    )
    entry = c.entry(e.subject, *subjects, "escalation", "approval")
    if entry is None or entry.name in c.failed:
        return None
    kinds: dict[str, Literal["value", "kpi", "obligation", "prohibition", "right", "escalation", "approval"]] = {
        "escalation": "escalation",
        "approval": "approval",
        "let": "value",
        "balance": "value",
        "fact": "value",
        "parameter": "value",
        "kpi": "kpi",
        "obligation": "obligation",
        "prohibition": "prohibition",
        "right": "right",
        "termination": "right",
    }
    kind = kinds[entry.kind]
    field = None if e.field is None else e.field.text
    needs: tuple[str, ...] = ()
    if e.needs:
        needs = tuple(f.name for n in e.needs if (f := c.entry(n, "fact", "parameter")) is not None)
        if len(needs) < len(e.needs):
            return None
    if e.status is not None:
        known = expected_statuses(w, entry)
        if c.word(syntax.Name(e.status, span=e.span), known) is None:
            return None
    if e.value is None:
        return model.Expect(kind, entry.name, field, None, e.period, None, None, e.status, needs, span=e.span)
    t = expected_type(w, entry, e)
    if t is None:
        return None
    value_: Value | None
    if isinstance(e.value, syntax.AbsentLit):
        value_ = None if e.value.kind == "none" else Unknown(())
    else:
        value_ = literal(w, e.value, t)
        if value_ is None:
            return None
    return model.Expect(kind, entry.name, field, None, e.period, value_, t, e.status, needs, span=e.span)


def expected_statuses(w: Lowering, entry: Entry) -> tuple[str, ...]:
    known = statuses_of(entry.kind)
    if entry.kind == "kpi" and (made := w.c.kpi_ops.get(entry.name)) is not None:
        return (*KPI_STATUSES, "unknown", *(n for n, _ in made.levels))
    if entry.kind in ("let", "fact", "parameter"):
        return (*known, "unknown")
    return known


def expected_type(w: Lowering, entry: Entry, e: syntax.Expect) -> Type | None:
    """The type of what an expectation reads, from its subject and field."""
    c = w.c
    field = e.field.text if e.field is not None else None
    fields: dict[str, str] = {}
    match entry.kind:
        case "let" | "fact" | "parameter" | "balance":
            t = c.types.get(entry.name)
            if entry.kind == "balance" and (field is None or field in BALANCE_FIELDS):
                return t
            if t is not None and t.kind == "shares":
                if field is not None and field in (*t.parties, "left"):
                    return money(t.currency or "")
                fields = dict.fromkeys((*t.parties, "left"), "money")
            elif field is None:
                return t
        case "kpi":
            if field is None:
                return BOOLEAN
            made = c.kpi_ops.get(entry.name)
            if made is not None and made.measure is not None and field in made.figures:
                return PERCENT if field == "attainment" else made.measure.type
            fields = {} if made is None else dict.fromkeys(made.figures, "")
        case "obligation":
            duty = cast(syntax.Obligation, entry.node).duty
            parts = [p.name.text for p in duty.parts] if duty is not None else []
            fields = {**dict.fromkeys(parts, "money"), **_OBLIGATION_FIELDS}
            field = field or "amount"
        case "prohibition":
            fields = {"penalty": "money"}
        case "escalation":
            fields = _ESCALATION_FIELDS
        case "approval":
            fields = {}
        case _:
            fields = _RIGHT_FIELDS
    known = fields.get(field or "")
    if not known:
        span = e.field.span if e.field is not None else e.span
        words = c.figure_words(fields)
        similar = did_you_mean(field or "", words)
        expected = any_of(words, 20) if words else None
        c.error("E204", span, name=entry.name, part=field or "=", expected=expected, suggestion=similar)
        return None
    if known == "money":
        currency = c.obligation_currency.get(entry.name) or c.currency(e.span)
        return None if currency is None else money(currency)
    if known == "text":
        return TEXT
    if known in ("date", "moment"):
        return DATE if known == "date" else MOMENT
    return Type("count", unit=known)


# ---- remarks


def remarks(w: Lowering, header: Span) -> None:
    """What is not wrong and worth a look: names that nothing uses, words that mean something else in law."""
    c = w.c
    # What went wrong may have been the only use of a name.
    wrong = w.names.clashing or has_errors(c.findings)
    for entry in w.names.entries.values():
        c.clause = entry.clause.number if entry.clause else None
        if wrong:
            pass
        elif entry.kind in ("party", "parameter", "fact") and entry.name not in c.used:
            c.tell("warning", "W501", entry.span, name=entry.name)
        elif entry.kind in ("let", "kpi", "balance") and entry.name not in c.used:
            c.tell("note", "W501", entry.span, name=entry.name)
        if not entry.name.isascii():
            word = next((d for d in _DOUBTFUL if d in entry.name), None)
            if word is not None:
                c.tell("note", "W507", entry.span, found=word, write=_WRITE[word])
    c.clause = None
    agreed = {"obligation", "prohibition", "right", "termination"}
    if not wrong and not any(entry.kind in agreed for entry in w.names.entries.values()):
        c.tell("warning", "W518", Span(header.start, max(header.start, c.source.text.find("{", header.start))))


_WRITE: Final = {
    "滞纳金": Both("`逾期利息` or `违约金`", "“逾期利息”或“违约金”"),
    "罚息": Both("`逾期利息`", "“逾期利息”"),
    "罚款": Both("`违约金`", "“违约金”"),
    "罚金": Both("`违约金`", "“违约金”"),
    "抵消": Both("`抵销`", "“抵销”"),
    "订金": Both("`定金` or `预付款`", "“定金”或“预付款”"),
    "押金": Both("`保证金` or `定金`", "“保证金”或“定金”"),
    "权力": Both("`权利`", "“权利”"),
    "解约": Both("`解除`", "“解除”"),
}
