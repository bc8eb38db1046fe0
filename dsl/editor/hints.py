"""What a reader would otherwise have to count: the first due date of a duty, the last day of a term, the value of a
parameter's unit, written dimly behind the words that it follows from; and the parameters of a function while it is typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction

import attrs

from clausal.dsl import calendars, model, periods
from clausal.dsl.builtins import Function, builtin
from clausal.dsl.cases import known_of
from clausal.dsl.diagnostics import Both, Source
from clausal.dsl.editor.expected import place_at
from clausal.dsl.editor.reading import Reading
from clausal.dsl.prove import Proof, due_day, first_period, fixed_deadline
from clausal.dsl.wording import date_text

_PER_YEAR = {"day": 365, "week": 52, "month": 12}


@attrs.frozen
class Hint:
    """Text behind an offset of the document; `why` is told when the reader points at it."""

    offset: int
    text: str
    why: str


@attrs.frozen
class FirstDue:
    """The first deadline of a duty: of which period, the day that was agreed, and the day after the shift."""

    period: str
    agreed: dt.date
    day: dt.date
    moved: bool


@attrs.frozen
class Signature:
    """A function while its arguments are typed; `active` counts from 0."""

    label: str
    parameters: tuple[str, ...]
    active: int
    doc: str


def proof_of(contract: model.Contract) -> Proof:
    name = contract.header.calendar
    return Proof(contract, known_of(contract), None if name is None else calendars.calendar(name))


def first_due(proof: Proof, duty: model.Obligation) -> FirstDue | None:
    """When a duty first falls due, where the contract alone says so."""
    due = duty.due
    if due is None:
        return None
    fixed = fixed_deadline(proof, attrs.evolve(due, shift="unshifted"))
    period = first_period(proof, duty)
    agreed = fixed if fixed is not None else None if period is None else _agreed(proof, due, period)
    if agreed is None:
        return None
    try:
        day = periods.shift_deadline(agreed, due.shift, proof.calendar)
    except (ValueError, OverflowError):
        return None
    return FirstDue("" if period is None or fixed is not None else str(period.key), agreed, day, day != agreed)


def _agreed(proof: Proof, due: model.Due, period: periods.Period) -> dt.date | None:
    if due.kind not in ("last day", "business day"):
        return due_day(proof, due, period)
    first = due_day(proof, attrs.evolve(due, kind="day", day=1), period)
    if first is None:
        return None
    month = periods.month_of(first)
    if due.kind == "last day":
        return month.end
    try:
        return None if proof.calendar is None else periods.nth_business_day(month, due.day, proof.calendar)
    except ValueError:
        return None


def hints(reading: Reading, first: int, last: int) -> tuple[Hint, ...]:
    """Those between two offsets of the document, in order."""
    contract = reading.seen.contract
    if contract is None:
        return ()
    found = [hint for hint in _all(reading, contract) if first <= hint.offset <= last]
    return tuple(sorted(found, key=lambda hint: hint.offset))


def _all(reading: Reading, contract: model.Contract) -> Iterator[Hint]:
    lang = reading.lang
    proof = proof_of(contract)
    for duty in contract.obligations:
        due = first_due(proof, duty)
        span = None if duty.due is None else reading.here(duty.due.span)
        if due is not None and span is not None:
            yield Hint(span.end, Both(f"first: {due.day}", f"首期：{due.day}").text(lang), _why(due).text(lang))
    for parameter in contract.parameters:
        if parameter.type.kind != "rate" or parameter.type.currency is not None:
            continue
        times = _PER_YEAR.get(parameter.type.per or "")
        for version in parameter.versions:
            if times is None or not isinstance(version.value, model.Const):
                continue
            value = version.value.value
            span = reading.here(version.value.span)
            if span is not None and isinstance(value, int | Fraction):
                yearly = f"{_rounded(value.numerator * times * 100, value.denominator)}%"
                why = Both(f"× {times}, without compounding", f"×{times}，不计复利")
                yield Hint(span.end, Both(f"= {yearly} a year", f"（年{yearly}）").text(lang), why.text(lang))
    tree = reading.seen.tree
    end = contract.header.term_end
    if tree is not None and end is not None and tree.header.term_to is not None:
        span = reading.here(tree.header.term_to.span)
        if span is not None and reading.seen.source.text[span.start : span.end] != end.isoformat():
            yield Hint(span.end, f"= {end.isoformat()}", date_text(end, lang, long=True))


def _rounded(numerator: int, denominator: int) -> str:
    """A quotient with at most two decimals, rounded half up."""
    hundredths = (2 * 100 * numerator + denominator) // (2 * denominator)
    text = f"{hundredths // 100}.{hundredths % 100:02}"
    return text.rstrip("0").rstrip(".")


def _why(due: FirstDue) -> Both:
    agreed = due.agreed.isoformat()
    of = Both(f" of {due.period}", f"（{due.period}）") if due.period else Both("", "")
    if due.moved:
        return Both(
            f"the first deadline{of.en}: {agreed} is no business day, so it moves to {due.day}",
            f"首个到期日{of.zh}：{agreed}是休假日，调整至{due.day}",
        )
    return Both(f"the first deadline{of.en}", f"首个到期日{of.zh}")


def signature(reading: Reading, offset: int) -> Signature | None:
    """The function whose parentheses are open at an offset, and which of its parameters is being typed."""
    place = place_at(Source("", reading.source.text), offset)
    if place is None or place.quoted:
        return None
    depth, commas = 0, 0
    for i in range(len(place.types) - 1, 0, -1):
        type = place.types[i]
        if type in (")", "]", "}"):
            depth += 1
        elif type in ("(", "[", "{"):
            if depth:
                depth -= 1
                continue
            function = builtin(str(place.values[i - 1])) if type == "(" and place.types[i - 1] == "NAME" else None
            return None if function is None else _signature(function, commas, reading)
        elif type == "," and not depth:
            commas += 1
    return None


def _signature(function: Function, commas: int, reading: Reading) -> Signature:
    names = tuple(f"{p.name}{'?' if p.optional else '…' if p.many else ''}" for p in function.parameters)
    word = function.zh if reading.lang == "zh" else function.name
    active = min(commas, max(0, len(names) - 1))
    if function.turns:
        active = commas % len(names)
    return Signature(f"{word}({', '.join(names)})", names, active, "\n".join(e.text for e in function.examples))
