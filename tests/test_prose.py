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
from clausal.dsl.builtins import BUILTINS
from clausal.dsl.check import reads_the_day
from clausal.dsl.compile import compile_text
from clausal.dsl.diagnostics import Lang, Span
from clausal.dsl.prose import formula, things, tiers
from clausal.dsl.prose.ladders import same
from clausal.dsl.prose.words import Telling
from clausal.dsl.types import NUMBER
from clausal.engine.embedding import reader

ROOT = Path(__file__).resolve().parents[1]
LANGS: tuple[Lang, ...] = ("en", "zh")

# ---- nothing is left out: whatever field of a model is changed, its sentences change

LISTS = (
    *("parties", "parameters", "facts", "values", "obligations", "prohibitions", "rights", "balances"),
    *("escalations", "approvals", "properties", "suspensions", "amendments"),
)
OPS = typing.get_args(m.Op)
OVER_A_DEBT = ("withhold", "retain", "reduce", "extend")  # put every day, or once a month for each period
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
    **{
        ("Header", name): lambda node: not node.currency for name in ("payment_order", "debt_order", "credit")
    },  # no money
    ("Type", "per"): lambda node: node.kind != "rate",
    ("Type", "currency"): lambda node: node.kind not in ("money", "rate", "shares"),
    ("Type", "unit"): lambda node: node.kind not in ("count", "duration"),
    ("Type", "parties"): lambda node: node.kind != "shares",
    ("Span_", "amount"): lambda node: node.kind != "last",
    ("Span_", "unit"): lambda node: node.kind != "last",
    ("Schedule", "every"): lambda node: node.kind != "periodic" or node.length is not None,
    ("Schedule", "unit"): lambda node: node.kind != "periodic",
    ("Schedule", "pace"): lambda node: node.kind not in ("once when", "each time") or reads_the_day(node.condition),
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
    ("Right", "timing"): lambda node: node.when is None or node.list is not None or node.effect in OVER_A_DEBT,
    ("Right", "pace"): lambda node: (
        node.when is None or node.timing == "day" or node.list is not None or node.effect in OVER_A_DEBT
    ),
    ("Exemption", "excused"): lambda node: bool(node.instead) or node.amount is not None,
    ("AtPeriod", "offset"): lambda node: node.unit == "literal",
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
    *(("Right", "since"), ("Right", "until"), ("Kpi", "since"), ("Kpi", "until")),
}


@cache
def hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


@cache
def choices(hint: Any) -> tuple[Any, ...]:
    """The words that a field may have, where it is one of a few."""
    if typing.get_origin(hint) is typing.Literal:
        return typing.get_args(hint)
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return tuple(one for part in typing.get_args(hint) for one in choices(part))
    return ()


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
    """Every contract of the repository that is sound."""
    for folder in ("tests/prose", "contracts", "tests/conformance"):
        for path in sorted((ROOT / folder).rglob("*.contract")):
            made, _ = compile_text(path.read_text("utf-8"), str(path), reader(path, None))
            if made is not None:
                yield path, made


def sentences(contract: m.Contract, lang: Lang) -> list[tuple[str, ...]]:
    """Everything that is told, with the names and titles under which it is told."""
    told = things(contract, lang)
    return [(t.kind, t.name, one.aspect, one.text) for t in told for one in t.said] + [(t.kind, t.name) for t in told]


def alone(contract: m.Contract) -> Iterator[tuple[Any, Callable[[Any], m.Contract]]]:
    """Each declaration, and the contract that holds it only, so that a thousand changes of it take no time."""
    facts = tuple(fact for fact in contract.facts if fact.type.kind == "list")  # which fields may be blank
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


# ---- it reads as a lawyer would write it: drafted by hand, in both languages, before it was told by the program


@pytest.mark.parametrize("lang", LANGS)
def test_an_agreement_with_one_of_each(lang: Lang) -> None:
    """Each thing of `tests/prose/services.*` that the draft has stands there with every sentence."""
    folder = ROOT / "tests/prose"
    path = folder / {"en": "services.contract", "zh": "services.zh.contract"}[lang]
    made, _ = compile_text(path.read_text("utf-8"), path.name)
    assert made is not None
    drafted = (folder / f"services.{lang}.txt").read_text("utf-8").splitlines()
    told: list[str] = []
    for thing in things(made, lang):
        head = f"{thing.kind} {thing.name}"
        if head in drafted:
            told += [head, *(f"  {one.aspect}: {one.text}" for one in thing.said)]
    assert told == drafted


FACTS = """
    contract "Formulas" {
      currency CNY  term from 2026-01-01 to 2026-12-31  rounding half_up to 0.01  calendar CN  deadlines unshifted
    }
    party client  party operator
    parameter price : money = CNY 58
    parameter cycle : duration = 3 months
    fact sales : money monthly  fact visits : count monthly  fact rank : number monthly  fact index : percent monthly
    fact closed : boolean monthly  fact launched_on : date once  fact left : notice once  fact paused : intervals
    fact orders : list of { on_day: date, boxes: count "boxes", shipped_on: date? } dated by on_day
    fact rankings : list of { on_day: date, score: number } dated by on_day
    kpi met_it monthly { measure sales target CNY 100 level red when sales < CNY 5 }
    balance saved : money { add sales }
    obligation fee { client must pay operator CNY 5 every month due day 10 of next month failing which { breach minor } }
    right hold { client may withhold fee exercised on launched_on lapses after 10 days }
"""


def let(expression: str) -> tuple[m.Op, m.Contract]:
    made, found = compile_text(f"{FACTS}\nlet x = {expression}\n", "formulas.contract")
    assert made is not None, [one.code for one in found]
    value = next(x for x in made.values if x.name == "x")
    assert isinstance(value, m.Let)
    return value.value, made


@pytest.mark.parametrize(
    ("expression", "en", "zh"),
    [
        ("(sales - price) * 2", "(sales − price) × 2", "（sales − price） × 2"),
        ("sales - (price - price)", "sales − (price − price)", "sales − （price − price）"),
        ("-sales", "−sales", "−sales"),
        ("30% of sales", "30% of sales", "sales的30%"),
        ("sales / visits", "sales ÷ visits", "sales ÷ visits"),
        ("sales of previous month", "sales of the previous month", "上月sales"),
        ("sales of 2025-12", "sales of 2025-12", "2025-12的sales"),
        ("growth of sales over previous month", "the growth of sales over the previous month", "sales较上月的增长率"),
        ("sales >= price", "sales is at least price", "sales不低于price（含）"),
        ("sales > price", "sales is more than price", "sales超过price（不含）"),
        (
            "launched_on <= 2026-03-01",
            "launched_on is on or before 1 March 2026",
            "launched_on不晚于2026年3月1日（含）",
        ),
        (
            "sales > price and (closed or not met_it missed)",
            "sales is more than price and (closed is yes or met_it is not missed)",
            "sales超过price（不含），且（closed为“是”，或并非“met_it”未达成）",
        ),
        (
            "not (launched_on <= 2026-03-01)",
            "(launched_on is after 1 March 2026, or launched_on is blank)",
            "（launched_on晚于2026年3月1日（不含），或者launched_on空缺）",
        ),
        (
            "sum of boxes for each orders where boxes > 5 over last 3 months",
            "the sum of boxes over the records of orders in the last 3 months where boxes is more than 5",
            "最近3个月“orders”中boxes超过5（不含）的各笔记录所载boxes的合计",
        ),
        (
            "count of orders over contract year to date",
            "the number of records of orders in the contract year to date",
            "本合同年度至今“orders”的记录笔数",
        ),
        (
            "average of sales over last 3 months",
            "the average of sales over the months of the last 3 months",
            "最近3个月各月sales的平均值",
        ),
        (
            "sales < price for 3 consecutive months",
            "for 3 consecutive months sales is less than price",
            "连续3个月sales低于price（不含）",
        ),
        (
            "sales < price in at least 2 of last 4 months",
            "in at least 2 of the last 4 months sales is less than price",
            "最近4个月中至少2个月sales低于price（不含）",
        ),
        (
            "sales > price in any previous month",
            "in any earlier month sales is more than price",
            "此前任一月份sales超过price（不含）",
        ),
        (
            "not (sales > price or closed)",
            "sales is at most price and closed is no",
            "sales不超过price（含），且closed为“否”",
        ),
        ("sales = price", "sales equals price", "sales等于price"),
        (
            "maximum(launched_on, 2026-03-01)",
            "the later of launched_on and 1 March 2026",
            "launched_on与2026年3月1日两者中的较晚者",
        ),
        ("met_it missed", "met_it is missed", "“met_it”未达成"),
        ("met_it is red", "met_it is at level “red”", "“met_it”处于“red”级"),
        ("met_it.attainment", "the attainment of met_it", "“met_it”的达成率"),
        ("fee is breached", "fee is “breached”", "“fee”处于“违约”状态"),
        (
            "fee in breach serious",
            "there is a serious or graver breach of fee",
            "“fee”构成严重违约（含更严重的违约）",
        ),
        ("hold is exercised", "hold is “exercised”", "“hold”处于“已行使”状态"),
        ("fee.days_late", "the days of delay of fee", "“fee”的迟延天数"),
        ("saved.opening", "the opening balance of saved", "“saved”的期初余额"),
        ("launched_on + 3 months", "3 months after launched_on", "launched_on后满3个月之日"),
        ("launched_on + cycle", "cycle after launched_on", "launched_on后满cycle之日"),
        ("month end - 3 days", "3 days before the last day of the month", "当月末日前推3日之日"),
        (
            "if closed then price else sales",
            "if closed is yes, price; otherwise sales",
            "closed为“是”的，为price；其他情形，为sales",
        ),
        (
            "split sales { client: 60%, operator: rest }",
            "sales divided as follows: the client 60%, the operator the rest",
            "将sales按下列份额分配：client得60%，operator得余下部分",
        ),
        (
            "(waterfall sales { client up to price  rest { operator: 100% } }).shortfall.client",
            "what the client lacks of its part in (sales distributed in this order: first the client up to price; "
            "the rest: the operator 100%)",
            "（将sales按下列顺位分配：首先分给client，以price为限；余下部分，operator得100%）中client的不足额",
        ),
        (
            "tiers whole per month on visits applied to sales { below 10: 1%  above: 2% }",
            "the amount on visits by the band reached, its rate on the whole of sales: less than 10: 1%; 10 or more: 2%",
            "按visits全额累进计算（按所达级别对sales适用该级比例）：不满10（不含）的，1%；10以上（含）的，2%",
        ),
        (
            "tiers marginal per contract year on sales { up to CNY 100: 1%  above: 2% }",
            "the amount on (the sum of sales over the months of the contract year to date) in bands, each rate on no more than "
            "what lies in its band, less what the months before came to: up to and including CNY 100: 1%; "
            "more than CNY 100: 2%",
            "按本合同年度至今各月sales的合计超额累进计算（各级只就本级部分适用本级比例），并减去此前各月已计的数额："
            "不超过100元（含）的部分，1%；超过100元（不含）的部分，2%",
        ),
        ("maximum(sales, CNY 0)", "sales, but not less than CNY 0", "sales（低于0元的，按0元计）"),
        ("minimum(sales, price)", "the smaller of sales and price", "sales与price两者中的较小者"),
        ("rounded(sales, CNY 1)", "sales rounded half up to CNY 1", "sales四舍五入至1元的整数倍"),
        ("floor(rank)", "rank rounded down to a whole number", "rank舍去小数后的整数"),
        ("ceiling(rank)", "rank rounded up to a whole number", "rank有小数即进一后的整数"),
        (
            "limit(rank, 1, 5)",
            "rank, but at least 1 and at most 5",
            "rank（低于1的按1，高于5的按5）",
        ),
        (
            "step(index, 100%, 10pp, 40%, 2pp)",
            "40%, raised by 2pp for each full 10pp by which index lies above 100%",
            "以40%为基数，index超过100%的部分每满10个百分点增加2个百分点（不足10个百分点的不计）",
        ),
        ("fallback(sales, CNY 0)", "sales, or where that does not exist CNY 0", "sales（无法计算的，取0元）"),
        ("absolute(rank)", "rank without its sign", "rank的绝对值"),
        (
            "deviation(sales, price, price)",
            "the difference between sales and price relative to price, without its sign",
            "sales与price之差的绝对值 ÷ price",
        ),
        (
            "weighted(rank, 40%, rank, 60%)",
            "the weighted sum of rank at 40% and rank at 60%",
            "下列各项的加权值：rank占40%和rank占60%",
        ),
        (
            "uplift(price, index, 0%, 5%)",
            "price raised by index, by at least 0% and at most 5%",
            "price按index上调后的数额（上调幅度不低于0%、不超过5%）",
        ),
        ("tax_net(sales, 6%)", "sales without the tax of 6% in it", "sales按税率6%换算的不含税金额"),
        (
            "days_between(launched_on, term end)",
            "the number of days from launched_on to the day on which the contract ends",
            "自launched_on至合同终止之日相隔的天数",
        ),
        (
            "prorate(price, period start, period end, fixed30)",
            "what of price falls on the days from the first day of the period to the last day of the period, months of 30 days",
            "price按自本期首日至本期末日的天数折算的数额（每月按30日计）",
        ),
    ],
)
def test_a_formula(expression: str, en: str, zh: str) -> None:
    op, contract = let(expression)
    assert (formula(op, contract, "en"), formula(op, contract, "zh")) == (en, zh)


def test_what_the_next_month_follows_is_told() -> None:
    """Of a monthly duty the month after; of a quarter, of what arises once, of a penalty that grows: after what is said."""
    text = """
        contract "Months" {
          currency CNY term from 2026-01-01 to 2026-12-31 rounding half_up to 0.01 calendar CN deadlines unshifted
        }
        party buyer  party seller  fact receipts : payments  fact sales : money monthly  fact reported_on : date monthly
        obligation fee { buyer must pay seller sales every month due day 10 of next month performed by receipts }
        obligation bonus { buyer must pay seller CNY 5 every quarter due day 20 of next month performed by receipts }
        obligation end { buyer must pay seller CNY 5 every quarter due business day 10 of next quarter performed by receipts }
        obligation parting { buyer must pay seller CNY 5 once on term end due last day of next month performed by receipts }
        obligation report {
          seller must deliver "a report" to buyer every month due day 3 of next month performed on reported_on
          failing which { penalty CNY 200 per day to buyer, cap CNY 2_000 due day 10 of next month }
        }
    """
    made, found = compile_text(text, "months.contract")
    assert made is not None, [one.code for one in found]
    told = {
        lang: [one.text for thing in things(made, lang) for one in thing.said if one.aspect in ("due", "penalty_due")]
        for lang in LANGS
    }
    assert told["en"] == [
        "It is due by day 10 of the next month, whether or not that day is a business day.",
        "It is due by day 20 of the next month after the period ends, whether or not that day is a business day.",
        "It is due by business day 10 of the first month of the next quarter.",
        "It is due by the last day of the next month after it arises, whether or not that day is a business day.",
        "It is due by day 3 of the next month, whether or not that day is a business day.",
        "The penalty is due by day 10 of the next month after the default ends or the cap is reached, whether or not that day "
        "is a business day.",
    ]
    assert told["zh"] == [
        "应当于次月10日（含当日）前付清；遇休息日不作调整。",
        "应当于当期末日的次月20日（含当日）前付清；遇休息日不作调整。",
        "应当于下季度首月第10个工作日（含当日）前付清。",
        "应当于发生之日的次月最后一日（含当日）前付清；遇休息日不作调整。",
        "应当于次月3日（含当日）前履行完毕；遇休息日不作调整。",
        "上述违约金应当于违约终了或者达到上限之日的次月10日（含当日）前付清；遇休息日不作调整。",
    ]


def test_every_op_and_function_is_told() -> None:
    """None is told by its bare name: each has words of its own, in both languages."""
    met: set[type] = set()
    called: dict[str, tuple[m.Builtin, m.Contract]] = {}
    for _, contract in contracts():
        stack: list[Any] = [getattr(contract, name) for name in ("header", *LISTS)]
        while stack:
            one = stack.pop()
            if isinstance(one, tuple):
                stack += one
            elif attrs.has(type(one)):
                met.add(type(one))
                stack += [getattr(one, field.name) for field in attrs.fields(type(one)) if field.name != "span"]
                if isinstance(one, m.Builtin):
                    called.setdefault(one.name, (one, contract))
    assert set(OPS) - met == set()
    assert set(BUILTINS) == set(called)
    for name, (op, contract) in called.items():
        assert not formula(op, contract, "en").startswith(f"{name}("), name
        assert not formula(op, contract, "zh").startswith(f"{name}（"), name


def test_ladders_of_any_height_are_held_against_each_other() -> None:
    def sum_of(first: int) -> m.Op:
        total: m.Op = m.Const(first, NUMBER, span=Span(0, 0))
        for n in range(5_000):
            total = m.Arith("+", total, m.Const(n, NUMBER, span=Span(n, n)), NUMBER, span=Span(0, n))
        return total

    assert same(sum_of(0), sum_of(0))
    assert not same(sum_of(0), sum_of(1))


def test_a_ladder_that_was_tampered_with_is_told_as_what_it_is() -> None:
    """Each band is read off what it computes: one that no longer starts from the band below is not marginal."""
    op, contract = let("tiers marginal per month on sales { up to CNY 100: 1%  above: 2% }")
    assert isinstance(op, m.Choice)
    other = attrs.evolve(op, otherwise=op.cases[0][1])
    assert formula(other, contract, "en") == (
        "the amount on sales by the band reached, its rate on the whole of it: up to and including CNY 100: 1%; "
        "more than CNY 100: 1%"
    )
    assert formula(attrs.evolve(op, tiers=False), contract, "zh").startswith("sales不超过100元（含）的，为")


@pytest.mark.parametrize(
    ("expression", "lang", "table"),
    [
        (
            "CNY 1 + tiers marginal per month on sales { below CNY 100: 1% flat CNY 5  above: 2% }",
            "en",
            [("less than CNY 100", "1% and a sum of CNY 5"), ("CNY 100 or more", "2%")],
        ),
        (
            "tiers whole per month on visits applied to sales { up to 10: 1%  up to 20: 2%  above: flat price }",
            "zh",
            [("不超过10（含）", "1%"), ("超过10（不含）至20（含）", "2%"), ("超过20（不含）", "定额price")],
        ),
        (
            "(stages of sales on saved filled by client crossing next month { up to price: { client: 70%, operator: 30% }  "
            "above: { client: 1/2, operator: rest } }).client",
            "zh",
            [("累计达到price之前", "client得70%，operator得30%"), ("此后", "client得1/2，operator得余下部分")],
        ),
    ],
)
def test_tiers_and_stages_as_tables(expression: str, lang: Lang, table: list[tuple[str, str]]) -> None:
    op, contract = let(expression)
    (found,) = tiers(op, contract, lang)
    assert list(found.bands) == table
