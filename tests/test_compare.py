"""Two versions of a contract held against each other: what is told as a change of meaning, and what is not."""

# ruff: noqa: E501  (a line of a contract is as wide as it is)

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, get_args

import attrs
import pytest
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st
from strategies import Agreement, agreements

from clausal.dsl import compare as comparing
from clausal.dsl import model as m
from clausal.dsl.compare import Aspect, Change, Comparison, changed_lines, compare, tells
from clausal.dsl.compile import compile_text
from clausal.dsl.diagnostics import Lang, Source
from clausal.engine.report.comparison import marked

ROOT = Path(__file__).resolve().parents[1]
B2B = (ROOT / "contracts" / "b2b-outsourcing-en" / "b2b-outsourcing.contract").read_text("utf-8")

SUPPLY = """
contract "Supply" {
  currency CNY
  term from 2026-01-01 to 2026-06-30
  rounding half_up to 0.01
  calendar CN
  deadlines next business day
}
party buyer "Buyer Ltd"
party seller "Seller Ltd"
parameter fee : money = CNY 1_000
parameter late_rate : rate per day = 0.05% per day
fact boxes : count "boxes" monthly
fact refusal : date monthly
fact receipts : payments
clause "2" "Price" {
  text "The buyer pays a fee of one thousand."
  obligation pay_fee {
    buyer must pay seller fee every month due day 10 of next month performed by receipts
    failing which { interest late_rate simple on unpaid  after 30 days breach serious }
  }
}
clause "3" "Minimum" {
  text "Below ten boxes the buyer may refuse the fee."
  kpi minimum monthly { met when boxes >= 10   partial months not assessed }
  right refuse { buyer may withhold pay_fee when minimum missed exercised on refusal lapses 10 days after month end }
}
clause "4" "Care" { text "Each party takes care of the other's goods." }
scenario "the fee is due on the tenth" {
  facts of 2026-01 { boxes = 12  receipts = [] }
  as_of 2026-01-31
  expect pay_fee of 2026-01 = CNY 1_000
}
"""


def model(text: str, name: str = "supply.contract") -> m.Contract:
    contract, found = compile_text(text, name)
    assert contract is not None, [str(one) for one in found]
    return contract


def compared(before: str, after: str, lang: Lang = "en") -> Comparison:
    return compare(model(before), model(after), lang)


def edited(*edits: tuple[str, str], text: str = SUPPLY) -> str:
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return text


def told(found: Comparison) -> list[str]:
    """The changes in short: how, what, and of each aspect what it was and what it is."""
    return [
        f"{c.how} {c.kind} {c.name}".rstrip() + "".join(f" | {a.was} > {a.is_}" for a in c.aspects)
        for c in found.changes
    ]


# ---- no difference -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "after",
    [
        SUPPLY,
        SUPPLY.replace("\n", "   # as agreed\n"),
        SUPPLY.replace("{", "{\n\n").replace("  ", " "),
        SUPPLY.replace("CNY 1_000\n", "CNY 1000.00\n"),
        SUPPLY.replace("party seller", "\n# the other side\nparty seller"),
    ],
    ids=["itself", "comments", "layout", "spelling", "lines"],
)
def test_what_only_looks_different_is_no_difference(after: str) -> None:
    found = compared(SUPPLY, after)
    assert found.same
    assert (found.changes, found.clauses, found.unsaid, found.notes) == ((), (), (), ())


def test_the_order_of_declarations_means_nothing() -> None:
    head, *declared = re.split(r"\n(?=party|parameter|fact|clause|scenario)", SUPPLY)
    Random(1).shuffle(declared)
    assert compared(SUPPLY, "\n".join([head, *declared])).same


def test_a_contract_and_its_translation_do_not_differ() -> None:
    english = """
contract "Supply" { currency CNY term from 2026-01-01 to 2026-06-30 rounding half_up to 0.01
  calendar CN deadlines next business day }
party buyer "Buyer Ltd"
party seller "Seller Ltd"
parameter fee : money = CNY 1_000
parameter late_rate : rate per day = 0.05% per day
fact boxes : count "boxes" monthly
fact refusal : date monthly
fact receipts : payments
clause "2" "Price" {
  text "The buyer pays a fee of one thousand."
  obligation pay_fee {
    buyer must pay seller fee every month due day 10 of next month performed by receipts
    grace 5 days delaying
    failing which { interest late_rate simple on unpaid, cap 10% of amount  after 30 days breach serious }
  }
}
clause "3" "Minimum" {
  kpi minimum monthly { met when boxes >= 10 }
  right refuse { buyer may withhold pay_fee when minimum missed exercised on refusal lapses 10 days after month end }
}
"""
    chinese = """
合同 "Supply" { 币种 CNY 合同期限 自2026-01-01至2026-06-30 舍入 四舍五入 精确到0.01
  工作日历 中国 期限规则 遇休假日顺延 }
当事人 buyer "Buyer Ltd"
当事人 seller "Seller Ltd"
参数 fee : 金额 = 1000元
参数 late_rate : 费率 /日 = 0.05%/日
数据 boxes : 数量 "boxes" 按月
数据 refusal : 日期 按月
数据 receipts : 付款记录
条款 "2" "Price" {
  原文 "The buyer pays a fee of one thousand."
  义务 pay_fee {
    buyer 应当 支付给 seller fee 每月 到期日 次月第10日 履行凭证 receipts
    宽限期 5日 逾宽限期追溯计息
    违约责任 { 逾期利息 late_rate 单利 以未付金额为基数, 上限 本期金额 的 10%  逾期超过 30日 构成违约 严重违约 }
  }
}
条款 "3" "Minimum" {
  考核指标 minimum 按月 { 达成条件 boxes >= 10 }
  权利 refuse { buyer 有权 拒付 pay_fee 当 minimum 未达成 行使日 refusal 行使期限 自 月末 起 10日 内 }
}
"""
    found = compared(english, chinese)
    assert told(found) == []
    assert found.same
    assert found.keywords == ("en", "zh")


def test_a_scenario_or_a_note_is_no_rule() -> None:
    found = compared(
        SUPPLY,
        edited(
            ("= CNY 1_000\n}", "= CNY 1_001\n}"),
            ("fact refusal : date monthly", 'fact refusal : date monthly note "By letter."'),
        ),
    )
    assert found.same
    assert found.examples.changed == ("the fee is due on the tenth",)
    assert found.notes == (("fact", "refusal"),)


# ---- one change after the other ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([("= CNY 1_000\nparameter", "= CNY 1_200\nparameter")], ["changed parameter fee, value: 1,000 > 1,200"]),
        ([("= 0.05% per day", "= 0.06% per day")], ["changed parameter late_rate, value: 0.05% > 0.06%"]),
        ([("due day 10", "due day 15")], ["changed obligation pay_fee, due: 10 > 15"]),
        ([("boxes >= 10", "boxes > 10")], ["changed kpi minimum, met: at least > more than"]),
        ([("after 30 days breach serious", "after 31 days breach serious")], ["changed obligation pay_fee, breach: 30 > 31"]),
        ([("breach serious", "breach fundamental")], ["changed obligation pay_fee, breach: serious > fundamental"]),
        ([('"Buyer Ltd"', '"Buyer Holding Ltd"')], ["changed party buyer, party:  > Holding"]),
        ([("half_up to 0.01", "half_up to 0.1")], ["changed header, rounding: 0.01 > 0.10"]),
        ([("lapses 10 days", "lapses 9 days")], ["changed right refuse, lapses: 10 > 9"]),
        ([("performed by receipts\n", "performed by receipts tax inclusive 6%\n")], ["changed obligation pay_fee, tax: (new)"]),
        ([("  right refuse { buyer may withhold pay_fee when minimum missed exercised on refusal lapses 10 days after month end }\n", "")],
         ["removed right refuse, power: (gone), when: (gone), instances: (gone), exercised: (gone), lapses: (gone), retroactive: (gone)"]),
        ([("fact refusal", "fact pallets : count monthly\nfact refusal"), ("boxes >= 10", "boxes + pallets >= 10")],
         ["added fact pallets, type: (new)", "changed kpi minimum, met:  > + pallets"]),
    ],
    ids=["fee", "rate", "due day", "bound", "days", "breach", "party", "rounding", "lapse", "tax", "right removed", "fact added"],
)  # fmt: skip
def test_a_change_is_told_where_it_was_made_and_once(edits: list[tuple[str, str]], expected: list[str]) -> None:
    found = compared(SUPPLY, edited(*edits))
    assert [in_short(change) for change in found.changes] == expected
    assert not found.same


def in_short(change: Change) -> str:
    """What changed, and of each aspect the words that differ."""
    said = [f"{change.how} {change.kind} {change.name}".rstrip()]
    for aspect in change.aspects:
        if aspect.was is None or aspect.is_ is None:
            said.append(f"{aspect.name}: ({'new' if aspect.was is None else 'gone'})")
            continue
        one, other = (
            " ".join(text.strip() for text, differs in pieces if differs) for pieces in marked(aspect.was, aspect.is_)
        )
        said.append(f"{aspect.name}: {one} > {other}" if one or other else f"{aspect.name}: (another sentence)")
    return ", ".join(said)


def test_in_chinese_a_change_reads_as_a_lawyer_writes_it() -> None:
    (change,) = compared(SUPPLY, edited(("boxes >= 10", "boxes > 10")), "zh").changes
    assert change.aspects == (Aspect("met", "达成条件：boxes不低于10（含）。", "达成条件：boxes超过10（不含）。"),)


def test_what_rests_on_a_parameter_is_named_behind_it() -> None:
    (change,) = compared(SUPPLY, edited(("= CNY 1_000\nparameter", "= CNY 1_200\nparameter"))).changes
    assert change.rests == (("obligation", "pay_fee"), ("right", "refuse"))


def test_deadlines_that_follow_the_header_are_named_behind_it() -> None:
    (change,) = compared(SUPPLY, edited(("deadlines next", "deadlines previous"))).changes
    assert change.kind == "header"
    assert change.rests == (("obligation", "pay_fee"), ("right", "refuse"))


def test_a_deadline_of_its_own_is_a_change_of_its_own() -> None:
    edits = ("due day 10 of next month performed", "due day 10 of next month, unshifted performed")
    changes = compared(SUPPLY, edited(edits, ("deadlines next", "deadlines previous"))).changes
    assert [(c.kind, c.name) for c in changes] == [("header", ""), ("obligation", "pay_fee")]


def test_places_are_lines_of_either_file() -> None:
    (change,) = compared(SUPPLY, edited(("party seller", "\n\nparty seller"), ("boxes >= 10", "boxes > 10"))).changes
    assert change.lines == (("supply.contract", 25), ("supply.contract", 27))


# ---- names ---------------------------------------------------------------------------------------------------------


def test_another_name_is_told_as_that() -> None:
    found = compared(
        SUPPLY, edited(("pay_fee", "pay_price"), ("late_rate", "rate_of_delay"), ("refusal", "notice_of_refusal"))
    )
    assert found.renamed == {"pay_fee": "pay_price", "late_rate": "rate_of_delay", "refusal": "notice_of_refusal"}
    assert [(c.how, c.was_name, c.name, c.aspects) for c in found.changes] == [
        ("renamed", "late_rate", "rate_of_delay", ()),
        ("renamed", "refusal", "notice_of_refusal", ()),
        ("renamed", "pay_fee", "pay_price", ()),
    ]


def test_names_that_change_places_are_told_by_who_reads_them() -> None:
    before = edited(("fact refusal : date monthly", "fact refusal : date monthly\nfact paid_out : date monthly\n"
                     "clause \"5\" \"x\" { obligation pay_out { seller must deliver \"boxes\" every month due last day performed on paid_out } }"))  # fmt: skip
    after = before.replace("refusal", "first").replace("paid_out", "second")
    assert compared(before, after).renamed == {"refusal": "first", "paid_out": "second"}


def test_of_a_thing_with_another_name_its_reader_tells_which_it_was() -> None:
    found = compared(SUPPLY, edited(("minimum", "least"), ("boxes >= 10", "boxes >= 11")))
    (change,) = found.changes
    assert (change.how, change.was_name, change.name) == ("changed", "minimum", "least")
    assert change.aspects[-1] == Aspect(
        "met", "It is met if boxes is at least 10.", "It is met if boxes is at least 11."
    )


def test_what_nobody_reads_and_says_something_else_is_another_thing() -> None:
    found = compared(SUPPLY, edited(("right refuse", "right decline"), ("lapses 10 days", "lapses 9 days")))
    assert [(c.how, c.name) for c in found.changes] == [("removed", "refuse"), ("added", "decline")]


def test_a_fact_is_another_one_unless_its_readers_are_the_same() -> None:
    """Facts that were gathered under one name are never taken for those of another that looks alike."""
    asked = ("fact refusal", 'fact pallets : count "boxes" monthly\nfact refusal')
    found = compared(SUPPLY, edited(("fact boxes : count \"boxes\" monthly\n", ""), asked, ("boxes >= 10", "pallets >= 20"),
                                    ("boxes = 12", "pallets = 12")))  # fmt: skip
    assert found.renamed == {}
    assert [(c.how, c.name) for c in found.changes if c.kind == "fact"] == [("removed", "boxes"), ("added", "pallets")]


# ---- the paper -----------------------------------------------------------------------------------------------------


def test_words_that_changed_while_the_rule_did_not_are_pointed_out() -> None:
    found = compared(SUPPLY, edited(("Below ten boxes", "Below twelve boxes")))
    (clause,) = found.clauses
    assert found.changes == ()
    assert (clause.how, clause.number, clause.rule) == ("reworded", "3", False)
    assert not found.same


def test_a_rule_that_changed_while_the_words_did_not_is_pointed_out() -> None:
    found = compared(SUPPLY, edited(("boxes >= 10", "boxes >= 12")))
    assert found.clauses == ()
    assert found.unsaid == ("3",)


def test_words_and_rule_together_are_no_alarm() -> None:
    found = compared(SUPPLY, edited(("boxes >= 10", "boxes >= 12"), ("Below ten boxes", "Below twelve boxes")))
    assert [(c.number, c.rule) for c in found.clauses] == [("3", True)]
    assert found.unsaid == ()


def test_a_clause_without_a_rule_is_compared_too() -> None:
    found = compared(SUPPLY, edited(("takes care", "takes good care")))
    assert [(c.how, c.number, c.rule) for c in found.clauses] == [("reworded", "4", None)]


def test_line_breaks_inside_the_words_are_no_other_words() -> None:
    assert compared(SUPPLY, edited(("of the other's goods", 'of" text "the other\'s goods'))).same


def test_a_clause_that_is_renumbered_is_told_once() -> None:
    found = compared(SUPPLY, edited(('clause "3"', 'clause "3.1"')))
    assert found.changes == ()
    assert [(c.how, c.was_number, c.number) for c in found.clauses] == [("renumbered", "3", "3.1")]


def test_a_thing_that_stands_in_another_clause_is_told_as_moved() -> None:
    kpi = "  kpi minimum monthly { met when boxes >= 10   partial months not assessed }\n"
    found = compared(SUPPLY, edited((kpi, ""), ('goods." }', 'goods."\n' + kpi + "}")))
    assert [(c.how, c.name, c.moved, c.clauses, c.aspects) for c in found.changes] == [
        ("changed", "minimum", True, ("3", "4"), ())
    ]


def test_a_clause_that_is_gone_is_told_with_its_words() -> None:
    found = compared(
        SUPPLY, edited(('clause "4" "Care" { text "Each party takes care of the other\'s goods." }\n', ""))
    )
    assert [(c.how, c.number, c.was) for c in found.clauses] == [
        ("removed", "4", "Care\nEach party takes care of the other's goods.")
    ]


# ---- amendments ----------------------------------------------------------------------------------------------------


def test_an_amendment_is_told_as_what_changes_from_its_day_on() -> None:
    amended = SUPPLY + """
amendment "First" effective 2026-04-01 {
  clause "3" "Minimum" {
    text "Below twelve boxes the buyer may refuse the fee."
    kpi minimum monthly { met when boxes >= 12   partial months not assessed }
    right refuse { buyer may withhold pay_fee when minimum missed exercised on refusal lapses 10 days after month end }
  }
}
"""  # fmt: skip
    found = compared(SUPPLY, amended)
    assert told(found) == [
        "added amendment First | None > It takes effect on 1 April 2026: what it says holds from that day on, what it changes "
        "held to the day before.",
        "changed kpi minimum | It is met if boxes is at least 10. > It is met if boxes is at least 12.",
    ]
    assert str(found.changes[1].since) == "2026-04-01"
    assert [(c.how, c.number, c.amendment, c.rule) for c in found.clauses] == [("reworded", "3", "First", True)]


# ---- nothing hides -------------------------------------------------------------------------------------------------


def test_a_change_that_no_sentence_tells_is_shown_in_the_contracts_own_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = comparing.things

    def without_due(contract: m.Contract, lang: Lang) -> Any:
        for thing in whole(contract, lang):
            yield attrs.evolve(thing, said=tuple(one for one in thing.said if one.aspect != "due"))

    monkeypatch.setattr(comparing, "things", without_due)
    (change,) = compared(SUPPLY, edited(("due day 10", "due day 15"), ("pay seller fee", "pay seller 2 * fee"))).changes
    amount, due = change.aspects
    assert (amount.was, amount.is_) == (
        "The buyer must pay the seller an amount equal to fee.",
        "The buyer must pay the seller an amount equal to 2 × fee.",
    )
    assert due.quoted and due.name == "due"
    assert "due day 10" in (due.was or "") and "due day 15" in (due.is_ or "")


SAID = {
    word
    for path in (ROOT / "dsl" / "prose").glob("*.py")
    for found in re.findall(
        r'say\(\s*"([a-z_]+)"|aspect = "([a-z_]+)" if .* else "([a-z_]+)"|\("([a-z_]+)", [a-z]+\.[a-z]+, ',
        path.read_text("utf-8"),
    )
    for word in found
    if word
}
THINGS = (m.Header, m.Party, m.Parameter, m.FactDecl, m.Let, m.Kpi, m.Balance, m.Obligation, m.Prohibition, m.Right,
          m.Suspension, m.Escalation, m.Approval, m.Exemption, m.Amendment, m.Property)  # fmt: skip
# What is no aspect of its own: a thing's name; exceptions are things themselves; the duty of a suspension is told there.
ELSEWHERE = {"name", "exemptions", "during"}


@pytest.mark.parametrize("kind", THINGS, ids=lambda kind: kind.__name__)
def test_every_field_of_a_thing_is_told_by_an_aspect(kind: type) -> None:
    word = "suspension" if kind is m.Suspension else kind.__name__.lower()
    told_fields = {field for aspect in SAID for field in tells(word, aspect)}
    untold = {f.name for f in attrs.fields(kind) if f.eq} - told_fields - ELSEWHERE - {"clause", "notes"}
    assert untold == set()


def test_every_aspect_that_is_spoken_of_is_said() -> None:
    assert set(comparing._TELLS) - SAID == set()


def numbers(text: str) -> list[re.Match[str]]:
    """The figures of a contract outside its scenarios, dates and header."""
    return [
        found
        for found in re.finditer(r"(?<![-\w.\"])\d+(?![-\w.\"])", text)
        if "language" not in text[max(0, found.start() - 9) : found.start()]
    ]


def meant(contract: m.Contract) -> Any:
    return attrs.evolve(contract, source=Source("", ""), sha256="", scenarios=(), findings=())


@settings(max_examples=30)
@given(agreements(), st.data())
def test_whatever_changes_in_the_model_is_told_in_words(agreement: Agreement, data: st.DataObject) -> None:
    text = agreement.text()
    figure = data.draw(st.sampled_from(numbers(text)))
    after = text[: figure.start()] + str(int(figure[0]) + 1) + text[figure.end() :]
    note(text)
    note(f"{figure[0]} at {figure.start()}: {text[figure.start() - 30 : figure.end() + 10]}")
    contract, _ = compile_text(after, "after")
    assume(contract is not None)
    assert contract is not None
    before = model(text)
    assert compare(before, before, "zh").same
    found = compare(before, contract, "en")
    assert found.same == (meant(before) == meant(contract))
    for change in found.changes:
        assert change.how == "changed" and change.aspects
        assert all(aspect.was != aspect.is_ for aspect in change.aspects)
        assert not any(aspect.quoted for aspect in change.aspects), "a sentence leaves something out"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", sorted(p.name for p in (ROOT / "contracts").iterdir() if p.is_dir()))
def test_the_library_does_not_differ_from_itself_and_all_of_it_from_nothing(name: str, lang: Lang) -> None:
    (path,) = (ROOT / "contracts" / name).glob("*.contract")
    whole = model(path.read_text("utf-8"), str(path))
    assert compare(whole, whole, lang).same
    bare = attrs.evolve(
        whole, parameters=(), facts=(), values=(), obligations=(), prohibitions=(), rights=(), balances=(), escalations=(),
        approvals=(), properties=(), suspensions=(), amendments=(), clauses=(),
    )  # fmt: skip
    found = compare(bare, whole, lang)
    assert {c.how for c in found.changes} == {"added"}
    assert all(any(aspect.is_ for aspect in c.aspects) for c in found.changes)


# ---- lines ---------------------------------------------------------------------------------------------------------


def test_lines_are_compared_file_by_file() -> None:
    def whole(own: str, used: str, folder: str) -> Source:
        offset = len(own) + 1
        return Source(
            f"{folder}/terms.contract", own + "\n" + used, ((offset, Source(f"{folder}/parts/a.contract", used)),)
        )

    before = whole("one\ntwo\n", "three\n", "v1")
    after = whole("one\ntwo\n", "three\nfour\n", "v2")
    (file,) = changed_lines(before, after)
    assert file.names == ("v1/parts/a.contract", "v2/parts/a.contract")
    assert file.lines == ("@@ -1 +1,2 @@", " three", "+four")


def test_a_file_that_only_one_version_uses_is_shown_whole() -> None:
    used = Source("v1/terms.contract", "one\ntwo", ((4, Source("v1/a.contract", "two")),))
    (file,) = changed_lines(used, Source("v2/terms.contract", "one"))
    assert file.names == ("v1/a.contract", None)
    assert file.lines[1:] == ("-two",)


def test_line_ends_are_no_difference() -> None:
    assert changed_lines(Source("a", "one\r\ntwo\r\n"), Source("b", "one\ntwo")) == ()


def every_text(kind: type) -> Iterator[str]:
    for field in attrs.fields(kind):
        if "str" in str(field.type) and "Literal" not in str(field.type):
            yield field.name


def test_texts_that_are_no_names_are_known_for_every_node() -> None:
    """A new field of text is a name of a thing until it is said that it is none; here they are, all that are names."""
    named = {
        f"{kind.__name__}.{field}"
        for kind in (*get_args(m.Op), *THINGS, m.Penalty, m.Performance, m.Schedule, m.Movement, m.Stages, m.Share, m.Signer,
                     m.Link, m.Interest, m.Part, m.Due, m.Limit, m.Tax, m.Dispute, m.EscalationLevel)
        for field in every_text(kind)
        if comparing._names_things(kind, field) and field not in ("clause", "notes")
    }  # fmt: skip
    assert named == NAMES


NAMES = {
    *(
        "ParamRef.name",
        "FactRef.name",
        "NoticeRef.name",
        "LetRef.name",
        "KpiState.kpi",
        "KpiLevel.kpi",
        "KpiFigure.kpi",
    ),
    *("OverRecords.list", "StatusTest.subject", "BreachTest.subject", "InstanceValue.subject", "Covered.name"),
    *(
        "Apportion.shares",
        "Apportion.before",
        "Waterfall.buckets",
        "Stages.balance",
        "Stages.filled_by",
        "ShareOf.party",
        "BalanceRef.name",
    ),
    *("Party.name", "Parameter.name", "FactDecl.name", "Let.name", "Kpi.name", "Balance.name", "Obligation.name"),
    *("Obligation.debtor", "Obligation.creditor", "Obligation.during", "Prohibition.name", "Prohibition.debtor"),
    *("Prohibition.creditor", "Prohibition.violated_by", "Right.name", "Right.holder", "Right.target", "Right.list"),
    *("Right.settle", "Suspension.name", "Suspension.suspends", "Escalation.name", "Escalation.list", "Approval.name"),
    *(
        "Approval.list",
        "Exemption.name",
        "Penalty.to",
        "Performance.list",
        "Schedule.list",
        "Movement.list",
        "Share.party",
    ),
    "Signer.who",
}
