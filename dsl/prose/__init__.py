"""The contract in sentences: each thing that it declares as a colleague would have drafted it, in Chinese or in English.

Told from the model, so that what is read is what is computed; the contract's own names stand where a defined term would.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

import attrs

from clausal.dsl import model as m
from clausal.dsl.check import children
from clausal.dsl.diagnostics import Lang, Span
from clausal.dsl.prose import basics, course, duties
from clausal.dsl.prose.formulas import band_gives, band_range, tiers_head, words
from clausal.dsl.prose.ladders import ladder
from clausal.dsl.prose.powers import right
from clausal.dsl.prose.telling import Said, Thing
from clausal.dsl.prose.words import Telling
from clausal.dsl.types import Type

__all__ = ["Said", "Thing", "Tiers", "formula", "kind", "things", "tiers"]


@attrs.frozen
class Tiers:
    """A ladder as a table: what is measured and how, and of each band its range and what it brings."""

    head: str
    bands: tuple[tuple[str, str], ...]
    span: Span


def things(contract: m.Contract, lang: Lang) -> tuple[Thing, ...]:
    """Everything that the contract declares, in the order of the file; what stands inside a duty comes behind it."""
    t = Telling(contract, lang)
    told = sorted(_things(t), key=lambda thing: thing.span.start)
    return (basics.header(t), *told)


def formula(op: m.Op, contract: m.Contract, lang: Lang) -> str:
    """An Op in words: a value as a formula, a condition as a case."""
    return words(Telling(contract, lang), op)


def kind(of: Type, contract: m.Contract, lang: Lang) -> str:
    """What sort of value it is, in words: "an amount in CNY", "金额"."""
    return basics.kind(Telling(contract, lang), of)


def tiers(op: m.Op, contract: m.Contract, lang: Lang) -> Iterator[Tiers]:
    """The ladders in an Op, the outermost ones."""
    t = Telling(contract, lang)
    stack = [op]
    while stack:
        one = stack.pop()
        found = ladder(one)
        if found is None:
            stack.extend(reversed(tuple(children(one))))
            continue
        bands = tuple((band_range(t, found, at), band_gives(t, found, at)) for at in range(len(found.bands)))
        yield Tiers(tiers_head(t, found), bands, one.span)


def _things(t: Telling) -> Iterator[Thing]:
    contract = t.contract
    for party in contract.parties:
        yield basics.party(t, party)
    for parameter in contract.parameters:
        yield basics.parameter(t, parameter)
    for fact in contract.facts:
        yield basics.fact(t, fact)
    for value in contract.values:
        match value:
            case m.Let():
                yield basics.let(t, value)
            case m.Kpi():
                yield basics.kpi(t, value)
            case _:
                assert_never(value)
    for balance in contract.balances:
        yield basics.balance(t, balance)
    for obligation in contract.obligations:
        yield from duties.obligation(t, obligation)
    for prohibition in contract.prohibitions:
        yield from duties.prohibition(t, prohibition)
    for power in contract.rights:
        yield right(t, power)
    for suspension in contract.suspensions:
        yield course.suspension(t, suspension)
    for escalation in contract.escalations:
        yield from course.escalation(t, escalation)
    for approval in contract.approvals:
        yield course.approval(t, approval)
    for amendment in contract.amendments:
        yield course.amendment(t, amendment)
    for held in contract.properties:
        yield course.property_(t, held)
