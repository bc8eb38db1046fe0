"""What is certain of a contract before any fact is known: conditions that never hold, gaps, deadlines that come too early.

The language is total, so much can be decided by looking: whether a choice leaves a value out, whether a right can ever be
exercised, whether a cure can still save the contract. Each finding is a proof with a *witness*, the facts or the days that
show it; where nothing can be proved nothing is said. `dsl/cases.py` says what is taken for possible.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final, Literal, TypeAlias

import attrs

from clausal.dsl import calendars, periods
from clausal.dsl import model as m
from clausal.dsl.cases import (
    ABSENT,
    Axis,
    Case,
    Cases,
    Condition,
    Known,
    Linear,
    answer,
    certain_end,
    example,
    known_of,
    name_of,
    nodes,
    plus,
)
from clausal.dsl.check import children
from clausal.dsl.diagnostics import Arg, Both, Diagnostic, Related, Span, all_of, diagnostic
from clausal.dsl.types import PERCENT
from clausal.dsl.values import FINEST, Duration
from clausal.dsl.wording import figure

DAY: Final = dt.timedelta(days=1)
MOST_BANDS: Final = 60  # a choice of more cases is not looked at for gaps: nobody reads it case by case either

Norm: TypeAlias = m.Obligation | m.Prohibition | m.Right


@attrs.define
class Proof:
    """One contract while it is looked at."""

    contract: m.Contract
    known: Known
    calendar: calendars.Calendar | None
    findings: list[Diagnostic] = attrs.Factory(list)
    told: set[tuple[str, Span]] = attrs.Factory(set)

    def tell(
        self,
        severity: Literal["warning", "note"],
        code: str,
        span: Span,
        clause: m.ClauseRef | None,
        *,
        related: Sequence[Related] = (),
        words: Mapping[str, Arg] | None = None,
        **more: Arg | None,
    ) -> None:
        if (code, span) not in self.told:
            self.told.add((code, span))
            number = None if clause is None else clause.number
            found = diagnostic(severity, code, span, source=self.contract.source, clause=number, related=related)
            said = {**(words or {}), **{name: word for name, word in more.items() if word is not None}}
            self.findings.append(attrs.evolve(found, args=tuple(sorted(said.items()))))

    def text(self, span: Span) -> str:
        return self.contract.source.text[span.start : span.end]

    def after(self, day: dt.date, length: Duration) -> dt.date | None:
        """`length` after `day`, or None where it can't be said."""
        try:
            return periods.add_duration(day, length.amount, length.unit, self.calendar, self.contract.header.month_end)
        except (ValueError, OverflowError):
            return None


def prove(contract: m.Contract) -> list[Diagnostic]:
    """What is certain of a contract without errors, each told once."""
    name = contract.header.calendar
    p = Proof(contract, known_of(contract), None if name is None else calendars.calendar(name))
    for norm in norms(contract):
        match norm:
            case m.Obligation():
                deadlines(p, norm)
                consequences(p, norm)
            case m.Prohibition():
                consequences(p, norm)
            case m.Right():
                exercise(p, norm)
    for value in contract.values:
        if isinstance(value, m.Kpi):
            late_start(p, value)
    for op, clause in conditions(contract):
        constant(p, op, clause)
    caught = replaced(p)
    for op, clause in expressions(contract):
        if isinstance(op, m.Choice) and p.known.small(op):
            choice(p, op, clause, open_=id(op) not in caught)
            falling(p, op, clause)
        elif isinstance(op, m.Run | m.NOfM):
            too_many(p, op, clause)
        elif isinstance(op, m.BreachTest) and not p.known.can_breach(op.subject, op.grade):
            p.tell("warning", "W567", op.span, clause, name=op.subject, grade=_GRADES[op.grade])
    return p.findings


_GRADES: Final = {
    "minor": Both("minor", "轻微"),
    "serious": Both("serious", "严重"),
    "fundamental": Both("fundamental", "根本"),
}


# ---- what there is to look at


def norms(contract: m.Contract) -> Iterator[Norm]:
    """Obligations, prohibitions and rights, those of chains and at the ends of escalations included."""
    ends = [end for ladder in contract.escalations for end in ladder.at_end]
    stack: list[Norm] = [*contract.obligations, *contract.prohibitions, *contract.rights, *ends]
    stack.reverse()
    while stack:
        norm = stack.pop()
        yield norm
        if not isinstance(norm, m.Right):
            remedies = (link.remedy for link in norm.chain)
            stack.extend(one for one in remedies if isinstance(one, m.Obligation | m.Right))


def conditions(contract: m.Contract) -> Iterator[tuple[m.Op, m.ClauseRef | None]]:
    """Every condition that something hangs on."""
    for value in contract.values:
        if isinstance(value, m.Kpi):
            for test in (value.met, value.not_assessed, *(test for _, test in value.levels)):
                if test is not None:
                    yield test, value.clause
    for norm in norms(contract):
        for test in _conditions_of(norm):
            if test is not None:
                yield test, norm.clause
    for halt in contract.suspensions:
        yield halt.when, halt.clause
    for op, clause in expressions(contract):
        match op:
            case m.Choice() if len(op.cases) <= MOST_BANDS:
                for test, _ in op.cases:
                    yield test, clause
            case m.OverRecords(where=where) if where is not None:
                yield where, clause
            case m.Run(test=test) | m.NOfM(test=test) | m.Ever(test=test):
                yield test, clause
            case _:
                pass


def _conditions_of(norm: Norm) -> Iterator[m.Op | None]:
    match norm:
        case m.Obligation():
            yield from (norm.when, norm.schedule.condition, norm.schedule.where, norm.excused_while)
            yield norm.performance.where
            if norm.performance.kind == "when":
                yield norm.performance.expr
            yield from (one.when for one in norm.exemptions)
        case m.Prohibition():
            yield from (norm.violated_when, norm.where, norm.except_when)
            yield from (one.when for one in norm.exemptions)
        case m.Right():
            yield from (norm.when, norm.only_while, norm.where, norm.cured_when)


def _roots(contract: m.Contract) -> Iterator[tuple[m.Op | None, m.ClauseRef | None]]:
    for parameter in contract.parameters:
        yield from ((version.value, parameter.clause) for version in parameter.versions)
    for value in contract.values:
        if isinstance(value, m.Let):
            yield value.value, value.clause
        else:
            for one in (value.starting, value.not_assessed, value.met, *(test for _, test in value.levels)):
                yield one, value.clause
    for balance in contract.balances:
        yield balance.opening, balance.clause
        for movement in balance.movements:
            yield from ((one, balance.clause) for one in (movement.amount, movement.when))
    for halt in contract.suspensions:
        yield halt.when, halt.clause
    for norm in norms(contract):
        yield from ((one, norm.clause) for one in _conditions_of(norm))
        if isinstance(norm, m.Right):
            yield norm.by, norm.clause
            continue
        for link in norm.chain:
            if isinstance(link.remedy, m.Interest):
                yield from ((one, norm.clause) for one in (link.remedy.rate, link.remedy.cap))
            elif isinstance(link.remedy, m.Penalty):
                yield from ((one, norm.clause) for one in (link.remedy.amount, link.remedy.cap, link.remedy.loss))
        yield from ((one.amount, norm.clause) for one in norm.exemptions)
        if isinstance(norm, m.Obligation):
            yield from ((part.amount, norm.clause) for part in norm.parts)
            yield from ((amount, norm.clause) for _, amount in norm.schedule.dates)
            yield norm.extended_by, norm.clause


def expressions(contract: m.Contract) -> Iterator[tuple[m.Op, m.ClauseRef | None]]:
    """Every Op of the contract's expressions once, with the clause that it stands in."""
    seen: set[int] = set()
    for root, clause in _roots(contract):
        stack = [] if root is None else [root]
        while stack:
            op = stack.pop()
            if id(op) not in seen:
                seen.add(id(op))
                yield op, clause
                stack.extend(children(op))


def replaced(p: Proof) -> set[int]:
    """The Ops that `fallback` stands behind: that they may be not applicable is meant."""
    found: set[int] = set()
    stack: list[m.Op] = []
    for op, _ in expressions(p.contract):
        if isinstance(op, m.Builtin) and op.name == "fallback":
            stack.append(op.args[0])
    while stack:
        op = stack.pop()
        if id(op) not in found:
            found.add(id(op))
            stack.extend(children(op))
            if isinstance(op, m.LetRef) and op.name in p.known.lets:
                stack.append(p.known.lets[op.name].value)
    return found


# ---- conditions


def constant(p: Proof, op: m.Op, clause: m.ClauseRef | None) -> None:
    """A condition that is the same whatever the facts are; else one of those that it joins."""
    if not p.known.small(op) or (isinstance(op, m.Const) and op.value is True) or _told_otherwise(p, op):
        return
    cases = Cases(p.known)
    condition = cases.condition(op)
    answers = cases.answers(condition)
    if answers == {True} or answers == {False}:
        value = Both("true", "成立") if True in answers else Both("false", "不成立")
        p.tell("warning", "W514", op.span, clause, value=value, why=_why(p, cases))
        return
    if isinstance(op, m.AllOf | m.AnyOf):
        for operand in op.operands:
            if isinstance(operand, m.Compare | m.AllOf | m.AnyOf | m.Not):
                constant(p, operand, clause)


def _told_otherwise(p: Proof, op: m.Op) -> bool:
    """Whether it is constant for a reason that is told by its own code, wherever it stands inside."""
    end = certain_end(p.contract)
    for node in nodes(op):
        if isinstance(node, m.BreachTest) and not p.known.can_breach(node.subject, node.grade):
            return True
        if isinstance(node, m.KpiState) and end is not None:
            begins = p.known.day(p.known.kpis[node.kpi].starting)
            if begins is not None and begins > end:
                return True
        if isinstance(node, m.Run | m.NOfM) and _beyond(p, node) is not None:
            return True
    return False


def _why(p: Proof, cases: Cases) -> Both | None:
    """By what measures, and around which bounds, the answer was found not to change."""
    parts: list[Both] = []
    for axis in cases.axes:
        name = name_of(cases, axis, p.contract.source.text)
        bounds = [figure(bound, axis.type) for bound in sorted(axis.bounds)]
        if axis.kind == "number" and bounds:
            at = all_of(bounds)
            parts.append(Both(f"`{name}` below, at and above {at.en}", f"“{name}”低于、等于还是高于{at.zh}"))
        else:
            parts.append(Both(f"every value of `{name}`", f"“{name}”如何取值"))
    return all_of(parts, 3) if parts else None


def choice(p: Proof, op: m.Choice, clause: m.ClauseRef | None, open_: bool) -> None:
    """A value that no case takes, and a case that the ones before it leave nothing."""
    if len(op.cases) > MOST_BANDS:
        return
    cases = Cases(p.known)
    tests = [cases.condition(test) for test, _ in op.cases]
    every = cases.all()
    if every is None:
        return
    reached = [False] * (len(tests) + 1)
    left: Case | None = None
    before: dict[int, Case] = {}
    for case in every:
        found = _first(tests, case)
        if found is None:
            return  # what can't be told may be anything
        reached[found] = True
        for number, test in enumerate(tests):
            if number > found and number not in before and answer(test, case):
                before[number] = case
        if found == len(tests) and left is None and _plausible(cases, case):
            left = case
    if op.otherwise is None and left is not None and _free(cases) and open_:
        p.tell("warning", "W560", op.span, clause, example=example(cases, left, p.contract.source.text))
    for number, (written, _) in enumerate(op.cases):
        if not reached[number] and number in before:
            earlier = next(i for i, one in enumerate(tests) if answer(one, before[number]))
            related = (Related(op.cases[earlier][0].span, "because"),)
            shown = example(cases, before[number], p.contract.source.text)
            p.tell("warning", "W561", written.span, clause, related=related, example=shown)
    if op.otherwise is not None and not reached[len(tests)] and not any(_one_sided(p, test) for test, _ in op.cases):
        covering = [Related(op.cases[i][0].span, "because") for i in range(len(tests)) if reached[i]]
        p.tell("warning", "W561", op.otherwise.span, clause, related=covering[:3])


def _one_sided(p: Proof, test: m.Op) -> bool:
    """Whether the condition is told to be constant by itself."""
    return ("W514", test.span) in p.told


def _first(tests: Sequence[Condition], case: Case) -> int | None:
    for number, test in enumerate(tests):
        held = answer(test, case)
        if held is None:
            return None
        if held:
            return number
    return len(tests)


def _free(cases: Cases) -> bool:
    """Whether each case can occur: every measure is a fact, or there is one measure only."""
    return all(axis.free for axis in cases.axes) and len({id(axis.op) for axis in cases.axes}) == len(cases.axes)


def _plausible(cases: Cases, case: Case) -> bool:
    """A case that a reader would not call far-fetched: nothing is missing, and nothing below zero without a reason."""
    for number, place in case.items():
        axis = cases.axes[number]
        if isinstance(place, str) and place == ABSENT:
            return False
        if axis.kind == "number" and isinstance(place, Fraction) and place < 0 <= min(axis.bounds, default=place):
            return False
    return True


# ---- amounts


def falling(p: Proof, op: m.Choice, clause: m.ClauseRef | None) -> None:
    """Less for more: the amount rises within two neighbouring bands and falls from one to the other."""
    if op.type.kind not in ("money", "number", "count") or len(op.cases) > MOST_BANDS:
        return
    cases = Cases(p.known)
    tests = [cases.condition(test) for test, _ in op.cases]
    if len(cases.axes) != 1 or cases.axes[0].kind != "number":
        return
    axis = cases.axes[0]
    values = [*(value for _, value in op.cases), op.otherwise]
    for bound in sorted(axis.bounds):
        lower, upper = bound, bound + axis.unit
        if _first(tests, {0: lower}) == _first(tests, {0: upper}):
            lower, upper = bound - axis.unit, bound
        chosen = [_first(tests, {0: place}) for place in (lower, upper)]
        if chosen[0] is None or chosen[1] is None or chosen[0] == chosen[1] or _outside(axis, lower, upper):
            continue
        after = values[chosen[1]]
        one, other = (_line(p, values[number], axis) for number in (chosen[0], chosen[1]))
        if one is None or other is None or after is None:
            continue
        (slope, start), (slope_after, start_after) = one, other
        less, more = slope * lower + start, slope_after * upper + start_after
        if min(slope, slope_after) >= 0 < max(slope, slope_after) and more < less:
            measure = name_of(cases, axis, p.contract.source.text)
            p.tell(
                "warning",
                "W562",
                after.span,
                clause,
                measure=measure,
                low=figure(lower, axis.type),
                high=figure(upper, axis.type),
                less=figure(more, op.type),
                more=figure(less, op.type),
            )


def _outside(axis: Axis, *places: Fraction) -> bool:
    return any(
        (axis.least is not None and place < axis.least) or (axis.most is not None and place > axis.most)
        for place in places
    )


def _line(p: Proof, op: m.Op | None, axis: Axis) -> tuple[Fraction, Fraction] | None:
    """Slope and constant of an amount that rests on this measure only."""
    form = None if op is None else p.known.linear(op)
    if form is None:
        return None
    slope = form.terms[0][1] if form.terms else Fraction(0)
    if form.terms and form.terms != tuple((atom, slope * factor) for atom, factor in axis.terms):
        return None
    return slope, form.constant


# ---- days


def deadlines(p: Proof, o: m.Obligation) -> None:
    header = p.contract.header
    name = o.name
    start, end = header.term_start, certain_end(p.contract)
    for date, _ in o.schedule.dates:
        if date < start or (end is not None and date > end and o.survives is None):
            p.tell(
                "warning",
                "W568",
                o.span,
                o.clause,
                what=Both(f"`{name}`", f"“{name}”"),
                date=date.isoformat(),
                words=_term(p),
            )
    once = p.known.day(o.schedule.on)
    if once is not None and end is not None and once > end and o.survives is None and o.schedule.on is not None:
        what = Both(f"`{name}`", f"“{name}”")
        p.tell("warning", "W568", o.schedule.on.span, o.clause, what=what, date=once.isoformat(), words=_term(p))
    due = o.due
    if due is None:
        return
    fixed = fixed_deadline(p, due)
    first = max(once, start) if once is not None else start
    if fixed is not None and fixed < first and o.schedule.kind != "dates":
        p.tell(
            "warning",
            "W563",
            due.span,
            o.clause,
            name=name,
            due=fixed.isoformat(),
            from_day=first.isoformat(),
            why=Both(f"it does not arise before {first.isoformat()}", f"该义务最早于{first.isoformat()}产生"),
        )
        return
    period = first_period(p, o)
    if period is None or o.action != "pay" or not any(reads_period(p, part.amount) for part in o.parts):
        return
    day = due_day(p, due, period)
    if day is None:
        return
    room = DAY * 15 if due.shift == "next" else DAY * 0
    if day < period.end - room:
        p.tell(
            "warning",
            "W563",
            due.span,
            o.clause,
            name=name,
            due=day.isoformat(),
            from_day=period.end.isoformat(),
            why=Both(
                f"its amount rests on the facts of a period that ends on {period.end.isoformat()}",
                f"其金额取决于截至{period.end.isoformat()}的当期数据",
            ),
        )


def _term(p: Proof) -> dict[str, Arg]:
    header = p.contract.header
    end = header.term_end
    return {
        "start": header.term_start.isoformat(),
        "end": Both("…", "…") if end is None else end.isoformat(),
    }


def fixed_deadline(p: Proof, due: m.Due) -> dt.date | None:
    """A deadline that rests on nothing that may change, before it is shifted; a shift to a later day makes it unsure."""
    if due.kind == "on":
        day = p.known.day(due.on)
    elif due.kind == "within" and isinstance(due.within, m.Const) and isinstance(due.within.value, Duration):
        after = p.known.day(due.after)
        day = None if after is None else p.after(after, due.within.value)
    else:
        return None
    if day is None or due.shift != "next":
        return day
    return periods.shift_deadline(day, "next", p.calendar)


def first_period(p: Proof, o: m.Obligation) -> periods.Period | None:
    """The first whole period of a schedule by calendar months that begins in the term."""
    schedule = o.schedule
    kinds: dict[int, periods.Kind] = {1: "month", 3: "quarter", 12: "year"}
    if schedule.kind != "periodic" or schedule.unit != "months" or schedule.anchor is not None:
        return None
    kind = kinds.get(schedule.every)
    if kind is None:
        return None
    period = periods.period_of(p.contract.header.term_start, kind)
    return period if period.start == p.contract.header.term_start else periods.shift(period, 1)


def due_day(p: Proof, due: m.Due, period: periods.Period) -> dt.date | None:
    """The agreed day, not shifted."""
    if due.kind != "day" or due.unit not in ("month", "period", "quarter", "year"):
        return None
    match due.unit:
        case "period":
            target = periods.shift(period, due.offset)
        case "month":
            target = periods.shift(periods.month_of(period.end), due.offset)
        case "quarter":
            target = periods.shift(periods.quarter_of(period.end), due.offset)
        case "year":
            target = periods.shift(periods.year_of(period.end), due.offset)
    try:
        return periods.day_of_month(periods.month_of(target.start), due.day, p.contract.header.month_end)
    except ValueError:
        return None


def reads_period(p: Proof, op: m.Op) -> bool:
    """Whether the value rests on a measure of its own period, which is not known before the period's end."""
    stack: list[m.Op] = [op]
    seen: set[str] = set()
    while stack:
        node = stack.pop()
        match node:
            case m.FactRef():
                if node.grain != "once" and not p.known.facts[node.name].happening:
                    return True
            case m.OverRecords() | m.OverPeriods():
                if node.window.kind != "until previous month":
                    return True
            case m.AtPeriod():
                if node.unit != "literal" and node.offset == 0:
                    stack.append(node.body)
            case m.LetRef(name=name):
                if name not in seen and name in p.known.lets:
                    seen.add(name)
                    stack.append(p.known.lets[name].value)
            case m.Run() | m.NOfM() | m.Ever():
                pass
            case _:
                stack.extend(children(node))
    return False


def late_start(p: Proof, kpi: m.Kpi) -> None:
    """A kpi that is first assessed when the term is over."""
    day, end = p.known.day(kpi.starting), certain_end(p.contract)
    if day is not None and end is not None and day > end and kpi.starting is not None:
        what = Both(f"kpi `{kpi.name}`", f"考核指标“{kpi.name}”")
        p.tell("warning", "W568", kpi.starting.span, kpi.clause, what=what, date=day.isoformat(), words=_term(p))


def _beyond(p: Proof, op: m.Run | m.NOfM) -> int | None:
    """How many periods the term has, where the test asks for more."""
    count = p.known.periods_in_term(op.grain)
    return count if count is not None and op.amount > count else None


def too_many(p: Proof, op: m.Run | m.NOfM, clause: m.ClauseRef | None) -> None:
    count = _beyond(p, op)
    if count is not None:
        p.tell(
            "warning",
            "W569",
            op.span,
            clause,
            asked=str(op.amount),
            count=str(count),
            unit=_UNITS[op.grain],
            words=_term(p),
        )


_UNITS: Final = {
    "monthly": Both("months", "个月"),
    "quarterly": Both("quarters", "个季度"),
    "yearly": Both("years", "年"),
}


# ---- rights


def exercise(p: Proof, right: m.Right) -> None:
    header = p.contract.header
    opens = p.known.contract.header.term_start if right.when is None else earliest(p, right.when)
    if right.notice is not None and right.cure is not None and _longer(right.cure, right.notice):
        received = header.term_start
        ends, cured = p.after(received, right.notice), p.after(received, right.cure)
        if ends is not None and cured is not None:
            p.tell(
                "warning",
                "W564",
                right.span,
                right.clause,
                name=right.name,
                received=received.isoformat(),
                ends=ends.isoformat(),
                cured=cured.isoformat(),
            )
    end = certain_end(p.contract)
    never = right.when is not None and (p.known.never(right.when) or _told_otherwise(p, right.when))
    if right.effect == "terminate" and right.notice is not None and end is not None and not (right.automatic or never):
        first = opens + DAY
        effective = p.after(first, right.notice)
        if effective is not None and effective > end:
            p.tell(
                "warning",
                "W565",
                right.span,
                right.clause,
                name=right.name,
                received=first.isoformat(),
                effective=effective.isoformat(),
                end=end.isoformat(),
            )
    lapse = right.lapses
    if lapse is not None and not right.automatic:
        last: dt.date | None = None
        if lapse.after is None:
            nothing = lapse.duration.amount == 0 and lapse.shift != "next"
            last = opens if nothing else None
        elif (after := p.known.day(lapse.after)) is not None:
            last = p.after(after, lapse.duration)
            if last is not None and lapse.shift == "next":
                last = periods.shift_deadline(last, "next", p.calendar)
        if last is not None and last <= opens:
            p.tell(
                "warning",
                "W566",
                right.span,
                right.clause,
                name=right.name,
                last=last.isoformat(),
                first=(opens + DAY).isoformat(),
            )
    if right.when is not None and right.only_while is not None:
        both = m.AllOf((right.when, right.only_while), right.when.type, span=right.only_while.span)
        if p.known.never(both) and not p.known.never(right.when) and not p.known.never(right.only_while):
            p.tell("warning", "W573", right.only_while.span, right.clause, name=right.name)
    target = next((o for o in p.contract.obligations if o.name == right.target), None)
    if target is not None and right.effect != "demand":
        for test in (target.when, target.schedule.condition, target.schedule.where):
            if test is not None and p.known.never(test):
                related = (Related(test.span, "because"),)
                p.tell(
                    "warning", "W574", right.span, right.clause, related=related, name=right.name, target=target.name
                )
                break


def _longer(one: Duration, other: Duration) -> bool:
    """Whether one time is longer than the other in every calendar."""
    (unit, amount), (unit_, amount_) = ((FINEST[d.unit][0], d.amount * FINEST[d.unit][1]) for d in (one, other))
    if unit == unit_:
        return amount > amount_
    shortest = {"days": 1, "months": 28, "business days": 1}
    longest = {"days": 1, "months": 31}
    if unit not in shortest or unit_ not in longest:
        return False
    return amount * shortest[unit] > amount_ * longest[unit_]


def earliest(p: Proof, op: m.Op) -> dt.date:
    """A day before which the condition can't have become true; the term's first day where nothing else is certain."""
    start = p.contract.header.term_start
    match op:
        case m.AllOf(operands=operands) if p.known.small(op):
            return max(earliest(p, one) for one in operands)
        case m.AnyOf(operands=operands) if p.known.small(op):
            return min(earliest(p, one) for one in operands)
        case m.Happened(date=date):
            return max(start, p.known.day(date) or start)
        case m.Run(grain=("monthly" | "quarterly" | "yearly") as grain, amount=amount):
            kinds: dict[str, periods.Kind] = {"monthly": "month", "quarterly": "quarter", "yearly": "year"}
            kind = kinds[grain]
            begins = start
            if isinstance(op.test, m.KpiState):
                kpi = p.known.kpis[op.test.kpi]
                begins = max(start, p.known.day(kpi.starting) or start)
                period = periods.period_of(begins, kind)
                whole = kpi.partial == "not assessed" or begins > start
                if whole and period.start < begins:
                    period = periods.shift(period, 1)
                return periods.shift(period, amount - 1).end
            return max(start, periods.shift(periods.period_of(begins, kind), amount - 1).end)
        case _:
            return start


# ---- consequences


def consequences(p: Proof, norm: m.Obligation | m.Prohibition) -> None:
    for link in norm.chain:
        match link.remedy:
            case m.Penalty(cap=cap) as penalty if cap is not None:
                capped(p, norm, penalty.amount, cap, penalty.per)
            case m.Interest(cap=cap) as interest if cap is not None and interest.per == "day":
                rate, most = p.known.constant(interest.rate), _share(p, cap)
                if rate is not None and most is not None and rate >= most > 0:
                    p.tell(
                        "warning",
                        "W570",
                        cap.span,
                        norm.clause,
                        name=norm.name,
                        amount=figure(rate, interest.rate.type),
                        cap=Both(f"{figure(most, PERCENT).en} of the amount", f"金额的{figure(most, PERCENT).zh}"),
                        when=Both("on the first day", "第一日即"),
                    )
            case _:
                pass


def _share(p: Proof, op: m.Op) -> Fraction | None:
    """The factor of a share of the instance's own amount."""
    form = p.known.linear(op) if p.known.small(op) else None
    if form is None or form.constant or len(form.terms) != 1:
        return None
    atom = p.known.atoms[form.terms[0][0]]
    of_amount = isinstance(atom, m.InstanceValue) and atom.subject is None and atom.field == "amount"
    return form.terms[0][1] if of_amount else None


def capped(p: Proof, norm: m.Obligation | m.Prohibition, amount: m.Op, cap: m.Op, per: str | None) -> None:
    """A penalty that its cap always cuts, or never."""
    if not p.known.small(amount) or not p.known.small(cap):
        return
    one, most = p.known.linear(amount), p.known.linear(cap)
    if one is None or most is None:
        return
    shown = Both(p.text(amount.span), p.text(amount.span)), Both(p.text(cap.span), p.text(cap.span))
    over = plus(one, most, -1)
    if _positive(p, over) or (per is not None and _positive(p, over, zero=True)):
        when = Both("at once", "一经产生即") if per is None else Both(f"in the first {per}", f"第一{_PER_ZH[per]}即")
        p.tell("warning", "W570", cap.span, norm.clause, name=norm.name, amount=shown[0], cap=shown[1], when=when)
    elif per is None and _positive(p, plus(most, one, -1), zero=True):
        p.tell("note", "W571", cap.span, norm.clause, name=norm.name, amount=shown[0], cap=shown[1])


_PER_ZH: Final = {"day": "日", "week": "周"}


def _positive(p: Proof, form: Linear, zero: bool = False) -> bool:
    """Whether a sum is above zero (or not below it) whatever its measures are: only amounts of instances are known to be."""
    for atom, factor in form.terms:
        op = p.known.atoms[atom]
        if not (isinstance(op, m.InstanceValue) and op.field in ("amount", "unpaid") and factor > 0):
            return False
    if form.terms:
        return form.constant >= 0
    return form.constant > 0 or (zero and form.constant == 0)
