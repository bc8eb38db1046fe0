"""Exceptions to what was agreed, and what the end of the contract leaves: settlement, handover, what survives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from clausal.dsl.compile import compile_text
from clausal.engine.embedding import from_text

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = json.loads((ROOT / "engine" / "report" / "result.schema.json").read_text("utf-8"))

PARTIES = """
party client
party operator
fact receipts : payments
fact closed : boolean monthly
fact sick : boolean monthly
fact sales : money monthly
fact left : notice once
fact accepted : date once
fact done : date once
"""
TERM = 'contract "Endings" { currency CNY  term from 2026-01-01 to 2026-12-31  rounding half_up to 0.01 }' + PARTIES
OPEN = 'contract "Project" { currency CNY  term from 2026-01-01  rounding half_up to 0.01 }' + PARTIES
FEE = "obligation pay_fee { client must pay operator CNY 1_000 every month due day 10 of next month performed by receipts }"
NONE = "facts of once { left = none  accepted = none  done = none }"


def failures(text: str) -> list[str]:
    results = from_text(text, "endings").run_scenarios()
    assert results, "no scenario"
    return [f"{r.name}: {f.what}: expected {f.expected}, got {f.found}" for r in results for f in r.failures]


def document(text: str, facts: dict[str, Any], as_of: str) -> dict[str, Any]:
    made = from_text(text, "endings").evaluate(facts, as_of=as_of).to_dict()
    jsonschema.Draft202012Validator(SCHEMA).validate(made)
    return made


# ---- exceptions


def test_an_unknown_exception_makes_the_duty_undetermined_unless_it_changes_nothing() -> None:
    assert not failures(
        TERM
        + FEE
        + """
exception to pay_fee when closed { excused }
exception to pay_fee when sick { excused }
scenario "what decides" {
  facts of 2026-01 { closed = false  sick = unknown  receipts = [] }
  facts of 2026-02 { closed = true  sick = unknown }
  facts of 2026-03 { closed = false  sick = false }
  as_of 2026-03-31
  expect pay_fee of 2026-01 undetermined
  expect pay_fee of 2026-01 needs sick
  expect pay_fee of 2026-02 excused
  expect pay_fee of 2026-03 = CNY 1_000
}"""
    )


def test_another_amount_may_rest_on_what_it_replaces_and_is_one_line() -> None:
    # 700 + 300 = 1,000, half of it is 500; January has 15 of 31 days: 500 × 15/31 = 241.94
    assert not failures(
        (
            TERM
            + """
obligation pay_fee {
  client must pay operator { base: CNY 700  plus: CNY 300 }
  every month due day 10 of next month performed by receipts prorated actual
}
exception to pay_fee when closed { amount = 50% of amount }
scenario "halved" {
  facts of 2026-01 { closed = true  receipts = [] }
  facts of 2026-02 { closed = true }
  as_of 2026-02-28
  expect pay_fee of 2026-01 = CNY 241.94
  expect pay_fee of 2026-02 = CNY 500
}"""
        ).replace("term from 2026-01-01", "term from 2026-01-17")
    )


def test_two_amounts_that_come_to_the_same_are_no_conflict() -> None:
    text = """
exception to pay_fee when closed { amount = 40% of amount }
exception to pay_fee when sick { amount = CNY 400 }
scenario "both" {
  facts of 2026-01 { closed = true  sick = true  receipts = [] }
  as_of 2026-01-31
  expect pay_fee of 2026-01 = CNY 400
}"""
    assert not failures(TERM + FEE + text)


def test_in_a_conflict_nothing_is_owed_and_nothing_is_chosen() -> None:
    text = TERM + FEE + "exception to pay_fee when closed { amount = CNY 1 } exception to pay_fee when sick { excused }"
    facts = {"receipts": [], "monthly": [{"month": "2026-01", "closed": "true", "sick": "true"}]}
    made = document(text, facts, "2026-02-28")
    line = next(x for x in made["months"][-1]["obligations"] if x["id"] == "pay_fee@2026-01")
    assert (line["status"], line["amount"], line["flags"]) == ("undetermined", None, ["conflict"])
    january = made["months"][0]
    assert {"what": "pay_fee@2026-01", "needs": [], "because": "conflict"} in january["undetermined"]
    assert [e["args"] for e in january["events"] if e["kind"] == "conflict"] == [
        {"between": ["pay_fee exception 1", "pay_fee exception 2"]}
    ]
    row = january["ledger"]
    assert all(r["closing"] == "0.00" for r in row)


def test_instead_arises_with_the_record_of_what_it_replaces() -> None:
    assert not failures(
        TERM
        + """
fact orders : list of { no: text, placed_on: date, price: money, sample: boolean } dated by placed_on keyed by no
obligation pay_order {
  client must pay operator price per record of orders due within 5 days after placed_on performed by receipts
}
exception to pay_order when sample {
  instead obligation pay_sample { client must pay operator 10% of price due within 20 days after placed_on performed by receipts
    failing which { penalty CNY 3 to operator } }
}
scenario "a sample and an order" {
  facts of 2026-01 {
    receipts = [{ref: "p", payer: client, payee: operator, amount: CNY 50, on: 2026-01-12, for: pay_order}]
    orders = [{no: "a", placed_on: 2026-01-10, price: CNY 50, sample: false},
              {no: "b", placed_on: 2026-01-10, price: CNY 80, sample: true}]
  }
  as_of 2026-01-31
  expect pay_order of "a" performed
  expect pay_order of "b" excused
  expect pay_sample of "b" = CNY 8
  expect pay_sample.due of "b" = 2026-01-30
  expect pay_sample of "b" breached
  expect pay_sample.penalty of "b" = CNY 3
  expect client owes operator = CNY 11
}"""
    )


def test_a_payment_may_name_what_stands_in_for_a_duty() -> None:
    text = (
        TERM
        + FEE
        + "exception to pay_fee when closed { instead obligation pay_half { client must pay operator 50% of amount "
        "due day 20 of next month performed by receipts } }"
    )
    paid = {"ref": "1", "on": "2026-02-15", "payer": "client", "payee": "operator", "amount": "500", "for": "pay_half"}
    facts = {
        "receipts": [paid],
        "monthly": [{"month": "2026-01", "closed": "true"}, {"month": "2026-02", "closed": "false"}],
    }
    made = document(text, facts, "2026-02-28")
    line = next(x for x in made["months"][-1]["obligations"] if x["id"] == "pay_half@2026-01")
    assert (line["status"], line["paid"]) == ("performed", "500.00")


CONDITIONS = {
    "one condition": ("closed", "closed", True),
    "always": ("true", "sick", True),
    "bounds that overlap": ("sales > CNY 10", "sales > CNY 20 and sales < CNY 30", True),
    "bounds that touch": ("sales >= CNY 10", "sales <= CNY 10", True),
    "turned round": ("CNY 10 <= sales", "sales = CNY 10", True),
    "bounds that part": ("sales > CNY 10", "sales <= CNY 10", False),
    "two facts": ("closed", "sick", False),
    "a figure and a fact": ("sales > CNY 10", "closed", False),
    "one without the other": ("closed", "sick and not closed", False),
    "dates": ("accepted", "accepted and closed", False),
}


@pytest.mark.parametrize(("one", "other", "refused"), CONDITIONS.values(), ids=CONDITIONS.keys())
def test_a_conflict_is_refused_where_it_is_certain(one: str, other: str, refused: bool) -> None:
    text = (
        TERM
        + FEE
        + f"exception to pay_fee when {one} {{ excused }} exception to pay_fee when {other} {{ amount = CNY 1 }}"
    )
    codes = [d.code for d in compile_text(text)[1] if d.severity == "error"]
    assert codes == (["E411"] if refused else [])


def test_an_exception_says_one_thing() -> None:
    text = TERM + FEE + "exception to pay_fee when closed { excused amount = CNY 1 }"
    assert [d.code for d in compile_text(text)[1] if d.severity == "error"] == ["E116"]
    assert [d.code for d in compile_text(TERM + FEE + 'exception to pay_fee when closed { note "x" }')[1]].count(
        "E115"
    ) == 1


# ---- the end


def test_a_term_without_a_last_day_runs_until_it_is_ended() -> None:
    # 1,000 × 18/30 = 600; the last day counts
    text = (
        OPEN
        + FEE
        + """
obligation hand_over { operator must do "hand over" once on term end
  due within 10 days after term end performed on done survives 1 year }
termination accepted_project { automatic when accepted }
"""
    )
    assert not failures(
        text
        + """
scenario "accepted" {
  facts of once { left = none  accepted = 2026-04-18  done = 2026-04-29 }
  facts of 2026-04 { receipts = [] }
  as_of 2026-05-31
  expect contract ended
  expect pay_fee of 2026-04 = CNY 600
  expect hand_over.due = 2026-04-28
  expect hand_over performed late
}
scenario "the day before" {
  facts of once { left = none  accepted = 2026-04-18  done = none }
  facts of 2026-04 { receipts = [] }
  as_of 2026-04-17
  expect contract active
}
scenario "never" {
  facts of once { left = none  accepted = none  done = none }
  facts of 2030-12 { receipts = [] }
  as_of 2030-12-31
  expect contract active
  expect pay_fee of 2030-12 = CNY 1_000
}"""
    )
    made = document(text, {"once": {"accepted": None, "done": None}, "receipts": []}, "2026-04-30")
    assert not [x for month in made["months"] for x in month["obligations"] if x["obligation"] == "hand_over"]
    assert not [u for u in made["upcoming"] if u["kind"] == "term ends"]


def test_by_expiry_the_end_is_the_last_day_of_the_term() -> None:
    assert not failures(
        TERM
        + f"""
obligation hand_over {{ operator must do "hand over" once on term end
  due within 10 days after term end performed on done survives 1 year }}
scenario "expired" {{
  {NONE}
  facts of 2026-12 {{ receipts = [] }}
  as_of 2027-01-31
  expect contract expired
  expect hand_over.due = 2027-01-10
  expect hand_over breached
}}"""
    )


def test_a_duty_of_the_end_may_wait_for_a_day_after_it_if_it_survives() -> None:
    text = """
obligation report {{ operator must do "report" once on term end + 5 days due within 3 days after term end + 5 days
  performed on done {survives} }}
termination leave {{ client may terminate exercised on left lapses after 400 days }}
scenario "five days later" {{
  facts of once {{ left = 2026-04-10  accepted = none  done = none }}
  facts of 2026-04 {{ receipts = [] }}
  as_of 2026-04-30
  expect report{expected}
}}"""
    assert not failures(TERM + text.format(survives="survives 1 year", expected=".due = 2026-04-18"))
    made = failures(TERM + text.format(survives="", expected=" breached"))
    assert made == ["five days later: report: expected breached, got not there"]


def test_only_the_named_termination_makes_the_damages() -> None:
    text = """
obligation damages { client must pay operator CNY 5_000 once on term end when leave is exercised
  due within 30 days after term end performed by receipts }
termination leave { client may terminate exercised on left lapses after 400 days }
termination accepted_project { automatic when accepted }
"""
    assert not failures(
        OPEN
        + text
        + """
scenario "left" {
  facts of once { left = 2026-04-10  accepted = none  done = none }
  facts of 2026-04 { receipts = [] }
  as_of 2026-04-30
  expect damages = CNY 5_000
  expect damages.due = 2026-05-10
}"""
    )
    made = document(OPEN + text, {"once": {"left": None, "accepted": "2026-04-10"}, "receipts": []}, "2026-04-30")
    assert made["settlement"]["items"] == []


SETTLED = """
obligation pay_loan {
  client must pay operator CNY 1 on dates { 2026-03-31: CNY 1_000  2026-06-30: CNY 2_000  2026-12-31: CNY 3_000 }
  performed by receipts }
obligation pay_once { client must pay operator CNY 70 once on 2026-01-01 due on 2026-01-31 performed by receipts }
termination leave { operator may terminate exercised on left lapses after 400 days settle pay_loan, pay_once%s }
"""


def test_the_settlement_lists_what_it_names_though_nothing_is_owed() -> None:
    paid = [
        {"ref": "1", "on": "2026-01-31", "payer": "client", "payee": "operator", "amount": "70", "for": "pay_once"},
        {"ref": "2", "on": "2026-03-31", "payer": "client", "payee": "operator", "amount": "1000", "for": "pay_loan"},
    ]
    made = document(TERM + FEE + SETTLED % "", {"once": {"left": "2026-04-20"}, "receipts": paid}, "2026-04-30")
    items = {i["id"]: (i["amount"], i["due"]) for i in made["settlement"]["items"]}
    assert items["pay_once@once"] == ("0.00", "2026-01-31")
    assert items["pay_loan@2026-03-31"] == ("0.00", "2026-03-31")
    assert items["pay_fee@2026-04"] == ("666.67", "2026-05-10")  # 1,000 × 20/30
    assert "pay_loan@2026-06-30" not in items


def test_acceleration_makes_later_instalments_due_at_once_and_credit_pays_them() -> None:
    paid = [{"ref": "1", "on": "2026-04-01", "payer": "client", "payee": "operator", "amount": "1100"}]
    made = document(TERM + SETTLED % " accelerated", {"once": {"left": "2026-04-20"}, "receipts": paid}, "2026-04-30")
    # 1,100 pays the 70 and the 1,000 that are overdue; on 20 April 30 of credit meet 2,000 and 3,000 due on that day:
    # 12 and 18
    lines = {x["id"]: x for x in made["months"][-1]["obligations"]}
    june, december = lines["pay_loan@2026-06-30"], lines["pay_loan@2026-12-31"]
    assert (june["due"], june["paid"], june["open"], june["flags"]) == (
        "2026-04-20",
        "12.00",
        "1988.00",
        ["accelerated"],
    )
    assert (december["due"], december["open"], december["overdue_since"]) == ("2026-04-20", "2982.00", "2026-04-21")
    items = {i["id"]: i["amount"] for i in made["settlement"]["items"]}
    assert items == {"pay_loan@2026-06-30": "1988.00", "pay_loan@2026-12-31": "2982.00", "pay_once@once": "0.00"}


def test_what_survives_is_upcoming_until_its_last_day() -> None:
    text = (
        TERM
        + """
fact leaks : list of { no: text, found_on: date } dated by found_on keyed by no
clause "7" { survives 2 years
  prohibition leak { operator must not do "leak" violated by leaks }
  obligation keep { operator must do "keep the books" once on 2026-01-01 due on term end }
}"""
    )
    facts = {"receipts": [], "leaks": []}
    made = document(text, facts, "2026-11-30")
    assert {u["kind"] for u in made["upcoming"]} == {"due", "term ends"}
    made = document(text, facts, "2027-01-31")
    ends = [(u["date"], u["subject"]) for u in made["upcoming"] if u["kind"] == "survival ends"]
    assert ends == [("2028-12-31", "keep"), ("2028-12-31", "leak")]
    made = document(text, facts, "2029-01-31")
    assert made["upcoming"] == []


def test_both_keyword_sets_say_the_same() -> None:
    zh = """合同 "项目" { 币种 CNY 合同期限 自 2026-01-01 舍入 四舍五入 精确到 0.01 }
当事人 甲方
当事人 乙方
数据 收款 : 付款记录
数据 停业 : 是否 按月
数据 验收日 : 日期 一次性
数据 移交日 : 日期 一次性
义务 付费 { 甲方 应当 支付给 乙方 1000元 每月 到期日 次月第10日 履行凭证 收款 }
例外于 付费 当 停业 { 改为 义务 付停业费 { 甲方 应当 支付给 乙方 本期金额 的 30% 到期日 次月第20日 履行凭证 收款 } }
义务 移交 { 乙方 应当 完成 "移交" 一次性于 合同期末 到期日 自 合同期末 起10日内 履行日 移交日 继续有效 1年 }
终止 验收 { 自动终止 当 验收日 清算 付费 加速到期 }
示例 "四月十八日验收" {
  当期数据 一次性 { 验收日 = 2026-04-18  移交日 = 无 }
  当期数据 2026-01 { 停业 = 否  收款 = [] }
  当期数据 2026-02 { 停业 = 是 }
  当期数据 2026-03 { 停业 = 否 }
  当期数据 2026-04 { 停业 = 否 }
  截止日 2026-04-30
  预期 2026-02 的 付费 已免责
  预期 2026-02 的 付停业费 = 300元
  预期 2026-04 的 付费 = 600元
  预期 2026-04 的 付费.due = 2026-04-18
  预期 移交.due = 2026-04-28
}"""
    assert not failures(zh)
