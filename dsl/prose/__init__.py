"""The contract in sentences: each thing that it declares as a colleague would have drafted it, in Chinese or in English.

Told from the model, so that what is read is what is computed; the contract's own names stand where a defined term would.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from clausal.dsl import model as m
from clausal.dsl.diagnostics import Lang
from clausal.dsl.prose import basics, course, duties
from clausal.dsl.prose.formulas import words
from clausal.dsl.prose.powers import right
from clausal.dsl.prose.telling import Said, Thing
from clausal.dsl.prose.words import Telling

__all__ = ["Said", "Thing", "formula", "things"]


def things(contract: m.Contract, lang: Lang) -> tuple[Thing, ...]:
    """Everything that the contract declares, in the order of the file; what stands inside a duty comes behind it."""
    t = Telling(contract, lang)
    told = sorted(_things(t), key=lambda thing: thing.span.start)
    return (basics.header(t), *told)


def formula(op: m.Op, contract: m.Contract, lang: Lang) -> str:
    """An Op in words: a value as a formula, a condition as a case."""
    return words(Telling(contract, lang), op)


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
