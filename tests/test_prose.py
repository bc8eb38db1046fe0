"""The contract in sentences: nothing that has a consequence is left out, and it reads as a lawyer would write it."""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest

from clausal.dsl import model as m
from clausal.dsl.compile import compile_text
from clausal.dsl.diagnostics import Lang
from clausal.dsl.prose import things
from clausal.dsl.prose.words import Telling
from clausal.engine.embedding import reader

ROOT = Path(__file__).resolve().parents[1]
LANGS: tuple[Lang, ...] = ("en", "zh")

# ---- nothing is left out: whatever field of a model is changed, its sentences change

LISTS = (
    *("parties", "parameters", "facts", "values", "obligations", "prohibitions", "rights", "balances"),
    *("escalations", "approvals", "properties", "suspensions", "amendments"),
)
OPS = typing.get_args(m.Op)
OFTEN = 2  # how many times one field is tried in the same kind of place

# What says nothing of its own, and why. `node` is what the field belongs to, `around` the declaration.
SILENT: Mapping[tuple[str, str], Callable[[Any], bool]] = {
    ("FactRef", "grain"): lambda node: True,  # that of the fact, which says it
    ("NoticeRef", "grain"): lambda node: True,
    ("Approval", "granted"): lambda node: True,  # put together from signers, quorum and what is needed
    ("FactDecl", "grain"): lambda node: node.type.kind in ("list", "payments", "intervals"),  # each record has its day
    ("FactDecl", "dated_by"): lambda node: node.type.kind != "list",
    ("FactDecl", "keyed_by"): lambda node: node.type.kind != "list",
    ("Obligation", "currency"): lambda node: True,  # that of its amounts, which are told with it
    ("Header", "currencies"): lambda node: len(node.currencies) < 2,
    ("Type", "per"): lambda node: node.kind != "rate",
    ("Type", "currency"): lambda node: node.kind not in ("money", "rate", "shares"),
    ("Type", "unit"): lambda node: node.kind not in ("count", "duration"),
    ("Type", "parties"): lambda node: node.kind != "shares",
    ("Span_", "amount"): lambda node: node.kind != "last",
    ("Span_", "unit"): lambda node: node.kind != "last",
    ("Schedule", "every"): lambda node: node.kind != "periodic" or node.length is not None,
    ("Schedule", "unit"): lambda node: node.kind != "periodic",
    ("Schedule", "pace"): lambda node: node.kind not in ("once when", "each time"),
    ("Due", "day"): lambda node: node.kind not in ("day", "business day"),
    ("Due", "unit"): lambda node: node.kind in ("within", "on"),
    ("Due", "offset"): lambda node: node.kind in ("within", "on") or node.unit == "period",
    ("Due", "shift"): lambda node: (
        node.kind == "business day" or node.timed
    ),  # a business day, and a minute, never move
    ("Obligation", "prorated"): lambda node: node.schedule.kind != "periodic" or node.action != "pay",
    ("Obligation", "blends"): lambda node: (
        node.schedule.kind != "periodic" or node.action != "pay" or node.prorated == "none"
    ),
    ("Part", "prorated"): lambda node: True,  # put to the test below, where anything is prorated
    ("Limit", "prorated"): lambda node: True,  # of a commitment only: below
    ("Interest", "months"): lambda node: node.method == "simple",
    ("Right", "accelerated"): lambda node: node.effect != "terminate",
    ("Right", "timing"): lambda node: node.when is None,
    ("Right", "pace"): lambda node: node.when is None or node.timing == "day",
    ("Exemption", "excused"): lambda node: bool(node.instead) or node.amount is not None,
    ("Choice", "tiers"): lambda node: True,  # of anything that is no ladder; a ladder has its own tests
    ("Movement", "pace"): lambda node: node.list is not None or node.on is not None,
    ("Interest", "per"): lambda node: isinstance(node.rate, m.Const),  # a rate that is written out says it
    ("Balance", "per"): lambda node: node.rate is None,
    ("Balance", "daycount"): lambda node: node.rate is None,
    ("OverRecords", "function"): lambda node: node.body is None,  # counts
    ("Apportion", "before"): lambda node: True,  # f(to date before) of a ladder over a window
}
UNORDERED = {("Header", "currencies")}
# What no contract of the repository has in a form that could be changed.
UNSEEN = {
    *(("Header", "version"), ("AtPeriod", "literal"), ("Right", "given_up_on"), ("Escalation", "where")),
    *(("Right", "since"), ("Right", "until"), ("Kpi", "since"), ("Kpi", "until")),
}


@cache
def hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def choices(hint: Any) -> list[Any]:
    """The words that a field may have, where it is one of a few."""
    if typing.get_origin(hint) is typing.Literal:
        return list(typing.get_args(hint))
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return [one for part in typing.get_args(hint) for one in choices(part)]
    return []


def others(value: Any, hint: Any) -> Iterator[Any]:
    """Other values that the field could have."""
    words = choices(hint)
    if value in words and not isinstance(value, bool):
        yield from (word for word in words if word != value)
        return
    match value:
        case bool():
            yield not value
        case int():
            yield value + 1
        case Fraction():
            yield value + Fraction(1, 8)
        case str():
            yield value + "Q"
        case dt.datetime():
            yield value + dt.timedelta(minutes=61)
        case dt.date():
            yield value + dt.timedelta(days=40)
        case _:
            pass


Change = tuple[str, str, str, Any, Any]
"""Class, field, what was done to it, the node that it belongs to, the whole with that field changed."""


def changes(node: Any) -> Iterator[Change]:
    """The node with one field changed, for every field in it and in what it is made of."""
    cls = type(node)
    for field in attrs.fields(cls):
        if field.name in ("span", "clause") or (field.name == "type" and cls in OPS):
            continue  # of an Op the type follows from what it is made of
        for owner, name, how, inner, new in _changed(node, field.name):
            of = (owner, name, how, inner) if owner else (cls.__name__, field.name, how, node)
            yield *of, attrs.evolve(node, **{field.name: new})


def _changed(node: Any, name: str) -> Iterator[Change]:
    value, hint = getattr(node, name), hints(type(node))[name]
    for new in (-value,) if name == "sign" else others(value, hint):
        yield "", "", str(new) if new in choices(hint) else "other", None, new
    if value is not None and type(None) in typing.get_args(hint):
        yield "", "", "none", None, None
    if isinstance(value, tuple) and value:
        yield "", "", "shorter", None, value[:-1]
        if value[::-1] != value and (type(node).__name__, name) not in UNORDERED:
            yield "", "", "turned", None, value[::-1]
    yield from _inside(value)


def _inside(value: Any) -> Iterator[Change]:
    match value:
        case tuple():
            for at, one in enumerate(value):
                if isinstance(one, str):
                    yield "", "", "word", None, (*value[:at], one + "Q", *value[at + 1 :])
                elif isinstance(one, dt.date):
                    yield "", "", "day", None, (*value[:at], one + dt.timedelta(days=40), *value[at + 1 :])
                else:
                    for owner, name, how, inner, new in _inside(one):
                        yield owner, name, how, inner, (*value[:at], new, *value[at + 1 :])
        case _ if attrs.has(type(value)):
            yield from changes(value)
        case _:
            pass


def contracts() -> Iterator[tuple[Path, m.Contract]]:
    for path in sorted([*(ROOT / "contracts").rglob("*.contract"), *(ROOT / "tests/conformance").rglob("*.contract")]):
        made, _ = compile_text(path.read_text("utf-8"), str(path), reader(path, None))
        if made is not None:
            yield path, made


def sentences(contract: m.Contract, lang: Lang) -> list[tuple[str, ...]]:
    """Everything that is told, with the names and titles under which it is told."""
    told = things(contract, lang)
    return [(t.kind, t.name, one.aspect, one.text) for t in told for one in t.said] + [(t.kind, t.name) for t in told]


def alone(contract: m.Contract) -> Iterator[tuple[Any, Callable[[Any], m.Contract]]]:
    """Each declaration, and the contract that holds it only, so that a thousand changes of it take no time."""
    facts = contract.facts
    bare = attrs.evolve(contract, scenarios=(), **{name: () for name in LISTS if name != "facts"})
    yield contract.header, lambda new: attrs.evolve(bare, header=new)
    for name in LISTS:
        for one in getattr(contract, name):

            def put(new: Any, name: str = name) -> m.Contract:
                return attrs.evolve(bare, **{"facts": facts, name: (new,)})

            yield one, put


def held(thing: Any) -> Iterator[tuple[str, str]]:
    """Every field that has anything in it."""
    if isinstance(thing, tuple):
        for one in thing:
            yield from held(one)
    elif attrs.has(type(thing)):
        for field in attrs.fields(type(thing)):
            value = getattr(thing, field.name)
            if value is not None and value != ():
                yield type(thing).__name__, field.name
                yield from held(value)


def impossible(owner: str, name: str, how: str) -> bool:
    """A type or a window that lacks a part of it, a period that is none: no contract can be so."""
    return (how == "none" and owner in ("Type", "Span_")) or (how == "once" and name == "pace")


def silences(told: Iterable[tuple[Path, m.Contract]], langs: Sequence[Lang] = LANGS) -> list[str]:
    """What can be changed without a word being changed."""
    tried: dict[tuple[str, ...], int] = {}
    silent: list[str] = []
    for path, contract in told:
        for one, put in alone(contract):
            before: dict[Lang, list[tuple[str, ...]]] = {}
            for owner, name, how, node, new in changes(one):
                exempt = SILENT.get((owner, name))
                kind = getattr(node, "kind", "") or getattr(getattr(node, "type", None), "kind", "")
                place = (owner, name, type(one).__name__, kind, how)
                if (
                    impossible(owner, name, how)
                    or (exempt is not None and exempt(node))
                    or tried.get(place, 0) >= OFTEN
                    or new_is_derived(one, new)
                ):
                    continue
                tried[place] = tried.get(place, 0) + 1
                for lang in langs:
                    if lang not in before:
                        before[lang] = sentences(put(one), lang)
                    if told_alike(put(new), lang, before[lang]):
                        silent.append(f"{lang} {path.parent.name}: {owner}.{name} of {node}")
    return silent


def test_what_has_a_consequence_is_said() -> None:
    told = list(contracts())
    assert silences(told) == []
    seen = {pair for _, contract in told for name in ("header", *LISTS) for pair in held(getattr(contract, name))}
    fields = {(cls.__name__, field.name) for cls in _classes() for field in attrs.fields(cls)}
    assert {pair for pair in fields - seen if pair[1] not in ("span", "clause")} == UNSEEN


def new_is_derived(one: Any, new: Any) -> bool:
    """Whether only what an approval's consents come to was changed, which is put together from the rest of it."""
    return isinstance(one, m.Approval) and attrs.evolve(new, granted=one.granted) == one


def told_alike(contract: m.Contract, lang: Lang, before: list[tuple[str, ...]]) -> bool:
    try:
        return sentences(contract, lang) == before
    except (IndexError, KeyError, ValueError):
        return False  # no contract can be so: a function without its arguments, a unit that is none


def _classes() -> Iterator[type]:
    """Everything that a contract is made of but its scenarios; the clauses are told where they stand beside their rules."""
    examples = (m.Scenario, m.Closing, m.GivenScalar, m.GivenRecords, m.Expect, m.Contract, m.ClauseRef, m.Clause)
    for cls in vars(m).values():
        if isinstance(cls, type) and attrs.has(cls) and cls.__module__ == m.__name__ and cls not in examples:
            yield cls


def test_a_silent_field_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard above is a guard: told without what becomes of a day off, a deadline is found out."""
    text = """
        contract "A fee" {
          currency CNY term from 2026-01-01 to 2026-12-31 rounding half_up to 0.01 calendar CN deadlines next business day
        }
        party buyer  party seller  fact receipts : payments  fact sales : money monthly
        obligation fee { buyer must pay seller sales every month due day 10 of next month }
    """
    made, _ = compile_text(text, "fee.contract")
    assert made is not None
    told = [(Path("fee/fee.contract"), made)]
    assert silences(told) == []
    monkeypatch.setattr(Telling, "shifted", lambda self, shift: "")
    assert {line.split(" of ")[0] for line in silences(told, ("en",))} == {"en fee: Due.shift"}
