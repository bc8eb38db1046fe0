"""Amendments: from its date on a parameter or a clause says something else, and every day has one version of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import Fee, fees, months_after

from clausal.dsl.compile import compile_text
from clausal.engine.embedding import from_text

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = json.loads((ROOT / "engine" / "report" / "result.schema.json").read_text("utf-8"))

HEADER = """contract "Amended" {
  language 1  currency CNY, USD  term from 2026-01-01 to 2026-12-31  rounding half_up to 0.01
}
party client
party operator
fact receipts : payments
fact sales : money monthly
fact dealers : count "dealers" monthly
fact left : notice once
fact orders : list of { no: text, placed_on: date, price: money } dated by placed_on keyed by no
fact leaks : list of { no: text, found_on: date } dated by found_on keyed by no
"""
GIVEN = "facts of 2026-01 { receipts = []  orders = []  leaks = [] }  facts of once { left = none }"


def failures(text: str) -> list[str]:
    results = from_text(HEADER + text, "amended").run_scenarios()
    assert results, "no scenario"
    return [f"{r.name}: {f.what}: expected {f.expected}, got {f.found}" for r in results for f in r.failures]


def told(text: str, *severities: str) -> list[tuple[str, int]]:
    source = HEADER + text
    wanted = severities or ("error",)
    _, found = compile_text(source)
    return [
        (one.code, source.count("\n", 0, one.span.start) - HEADER.count("\n") + 1)
        for one in found
        if one.severity in wanted and one.span is not None
    ]


def test_a_parameter_has_a_new_version_from_the_amendments_date() -> None:
    assert not failures(f"""
parameter fee : money = CNY 8_000
obligation pay_fee {{ client must pay operator fee every month due day 10 of next month performed by receipts }}
amendment "No. 2" effective 2026-06-01 {{ parameter fee = CNY 9_500 }}
amendment "No. 1" effective 2026-03-01 {{ parameter fee = CNY 9_000 }}
scenario "three fees" {{
  {GIVEN}  as_of 2026-06-30
  expect pay_fee of 2026-02 = CNY 8_000
  expect pay_fee of 2026-03 = CNY 9_000
  expect pay_fee of 2026-05 = CNY 9_000
  expect pay_fee of 2026-06 = CNY 9_500
  expect fee of 2026-04 = CNY 9_000
}}""")


def test_inside_a_month_the_first_day_counts_unless_it_is_prorated() -> None:
    # 16 April: 15 of 30 days at 3,000 and 15 at 6,000 = 4,500
    assert not failures(f"""
parameter fee = CNY 3_000
obligation in_one {{ client must pay operator fee every month due day 10 of next month performed by receipts }}
obligation blended {{
  client must pay operator fee every month due day 10 of next month performed by receipts prorated actual
}}
amendment "No. 1" effective 2026-04-16 {{ parameter fee = CNY 6_000 }}
scenario "april" {{
  {GIVEN}  as_of 2026-05-31
  expect in_one of 2026-04 = CNY 3_000
  expect blended of 2026-04 = CNY 4_500
  expect in_one of 2026-05 = CNY 6_000
}}""")


def test_interest_takes_the_amended_rate_of_each_day() -> None:
    # 10,000 due 10 January: 21 days at 0.05% (11 to 31 January) = 105.00, 10 days at 0.1% = 100.00
    assert not failures(
        """
parameter late : rate = 0.05% per day
obligation pay {
  client must pay operator CNY 10_000 once on 2026-01-01 due on 2026-01-10 performed by receipts
  failing which { interest late simple on unpaid }
}
amendment "No. 1" effective 2026-02-01 { parameter late = 0.1% per day }
scenario "late" { facts of 2026-02 { receipts = [] }  as_of 2026-02-10  expect pay.interest = CNY 205 }
""".replace("obligation pay ", "obligation pay_once ").replace("expect pay.", "expect pay_once.")
    )


def test_an_amendment_replaces_what_was_agreed_for_later() -> None:
    text = f"""
parameter fee : money {{ from 2026-01-01: CNY 100
  from 2026-09-01: CNY 300 }}
obligation pay_fee {{ client must pay operator fee every month due day 10 of next month performed by receipts }}
amendment "No. 1" effective 2026-06-01 {{ parameter fee {{ from 2026-06-01: CNY 150 from 2026-08-01: CNY 175 }} }}
scenario "steps" {{
  {GIVEN}  as_of 2026-10-31
  expect pay_fee of 2026-05 = CNY 100
  expect pay_fee of 2026-06 = CNY 150
  expect pay_fee of 2026-10 = CNY 175
}}"""
    assert not failures(text)
    assert ("W590", 3) in told(text, "warning")


CLAUSE = """
clause "3.6" "Fees" {
  text "old words"
  let commission = 5% of sales
  obligation pay_commission {
    client must pay operator commission every month due day 10 of next month performed by receipts
  }
  obligation pay_extra { client must pay operator CNY 310 every month due day 10 of next month performed by receipts }
}
"""


def test_a_clause_is_replaced_with_all_that_it_declares() -> None:
    assert not failures(
        CLAUSE
        + f"""
amendment "No. 1" effective 2026-03-01 {{
  clause "3.6" {{
    text "new words"
    let commission = 6% of sales
    obligation pay_commission {{
      client must pay operator commission + CNY 1 every month due day 15 of next month performed by receipts
    }}
  }}
}}
scenario "before and after" {{
  facts of 2026-02 {{ sales = CNY 1_000 }}  facts of 2026-03 {{ sales = CNY 1_000 }}
  {GIVEN}  as_of 2026-04-30
  expect commission of 2026-02 = CNY 50
  expect commission of 2026-03 = CNY 60
  expect pay_commission of 2026-02 = CNY 50
  expect pay_commission of 2026-03 = CNY 61
  expect pay_commission.due of 2026-02 = 2026-03-10
  expect pay_commission.due of 2026-03 = 2026-04-15
  expect pay_extra of 2026-02 = CNY 310
}}"""
    )


def test_what_the_new_words_do_not_repeat_ends_and_what_is_new_begins() -> None:
    # from 16 May: 310 × 15/31 = 150.00 of the old, 620 × 16/31 = 320.00 of the new
    text = (
        CLAUSE
        + f"""
amendment "No. 1" effective 2026-05-16 {{
  clause "3.6" {{ obligation pay_more {{
    client must pay operator CNY 620 every month due day 10 of next month performed by receipts }} }}
}}
scenario "half of May each" {{
  facts of 2026-04 {{ sales = CNY 0 }}  facts of 2026-05 {{ sales = CNY 100 }}  {GIVEN}  as_of 2026-06-30
  expect pay_extra of 2026-05 = CNY 150
  expect pay_more of 2026-05 = CNY 320
  expect pay_more of 2026-06 = CNY 620
}}"""
    )
    assert not failures(text)
    statement = from_text(HEADER + text, "amended").evaluate({"receipts": [], "orders": []}, as_of="2026-06-30")
    arisen = [x["id"] for x in statement.to_dict()["months"][-1]["obligations"]]
    assert "pay_extra@2026-06" not in arisen and "pay_commission@2026-06" not in arisen


def test_each_duty_takes_the_version_of_its_own_day() -> None:
    text = """
clause "5" {
  obligation per_order {
    client must pay operator 10% of price per record of orders due within 5 days after placed_on performed by receipts }
  obligation on_days { client must pay operator on dates { 2026-03-31: CNY 1  2026-04-01: CNY 2 } performed by receipts }
}
amendment "No. 1" effective 2026-04-01 {
  clause "5" {
    obligation per_order {
      client must pay operator 20% of price per record of orders due within 9 days after placed_on performed by receipts }
    obligation on_days { client must pay operator on dates { 2026-03-31: CNY 10  2026-04-01: CNY 20 } performed by receipts }
  }
}
scenario "31 March and 1 April" {
  facts of 2026-03 { receipts = []  orders = [ {no: "a", placed_on: 2026-03-31, price: CNY 100},
                                               {no: "b", placed_on: 2026-04-01, price: CNY 100} ] }
  as_of 2026-04-30
  expect per_order of "a" = CNY 10
  expect per_order.due of "a" = 2026-04-05
  expect per_order of "b" = CNY 20
  expect per_order.due of "b" = 2026-04-10
  expect on_days of 2026-03-31 = CNY 1
  expect on_days of 2026-04-01 = CNY 20
}
""".replace("operator on dates", "operator CNY 0 on dates")
    assert not failures(text)


def test_kpis_prohibitions_and_rights_take_the_version_of_the_day() -> None:
    assert not failures("""
parameter fee = CNY 100
fact withheld_on : date monthly
obligation pay_fee { client must pay operator fee every month due day 10 of next month performed by receipts }
clause "4.8" {
  kpi minimums monthly { met when dealers >= 5 }
  right withhold_fee {
    client may withhold pay_fee when minimums missed exercised on withheld_on lapses 10 days after month end }
  prohibition leak { operator must not do "leak" violated by leaks failing which { penalty CNY 300 to client } }
}
amendment "No. 1" effective 2026-04-01 {
  clause "4.8" {
    kpi minimums monthly { met when dealers >= 2 }
    right withhold_fee {
      client may withhold pay_fee when minimums missed exercised on withheld_on lapses 20 days after month end }
    prohibition leak { operator must not do "leak" violated by leaks failing which { penalty CNY 500 to client } }
  }
}
scenario "March and April" {
  facts of 2026-03 { dealers = 3  withheld_on = none  receipts = []
    leaks = [ {no: "a", found_on: 2026-03-31}, {no: "b", found_on: 2026-04-01} ] }
  facts of 2026-04 { dealers = 3  withheld_on = none }
  facts of 2026-05 { dealers = 1  withheld_on = 2026-06-15 }
  as_of 2026-06-30
  expect minimums of 2026-03 missed
  expect minimums of 2026-04 met
  expect withhold_fee.last_day of 2026-03 = 2026-04-10
  expect withhold_fee.last_day of 2026-05 = 2026-06-20
  expect pay_fee of 2026-05 withheld
  expect leak.penalty of "a" = CNY 300
  expect leak.penalty of "b" = CNY 500
}""")


def test_a_right_that_has_opened_can_be_exercised_after_its_clause_is_gone() -> None:
    assert not failures("""
obligation pay_fee { client must pay operator CNY 100 every month due day 10 of next month performed by receipts }
termination poor {
  clause "6.2"  client may terminate when sales < CNY 10  exercised on left  lapses after 90 days }
amendment "No. 1" effective 2026-02-15 { clause "6.2" { text "deleted" } }
scenario "opened on 31 January, exercised on 1 March" {
  facts of 2026-01 { sales = CNY 5  receipts = [] }  facts of 2026-02 { sales = CNY 5 }
  facts of 2026-03 { sales = CNY 5 }
  facts of once { left = 2026-03-01 }
  as_of 2026-03-31
  expect contract ended
  expect pay_fee of 2026-03 = CNY 3.23
}""")


def test_a_chain_of_consequences_is_that_of_the_version() -> None:
    assert not failures(f"""
clause "3" {{ obligation pay_fee {{
  client must pay operator CNY 100 every month due day 10 of next month performed by receipts
  failing which {{ penalty CNY 1 to operator }} }} }}
amendment "No. 1" effective 2026-02-01 {{ clause "3" {{ obligation pay_fee {{
  client must pay operator CNY 100 every month due day 10 of next month performed by receipts
  failing which {{ penalty CNY 2 to operator  obligation apologise {{ client must do "apologise" due on term end }} }} }} }} }}
scenario "both late" {{
  {GIVEN}  as_of 2026-03-31
  expect pay_fee.penalty of 2026-01 = CNY 1
  expect pay_fee.penalty of 2026-02 = CNY 2
}}""")


def test_an_exception_in_an_amended_clause_changes_the_rule_elsewhere() -> None:
    assert not failures("""
obligation pay_fee { client must pay operator CNY 100 every month due day 10 of next month performed by receipts }
clause "8" { exception to pay_fee when sales < CNY 10 { excused } }
amendment "No. 1" effective 2026-02-01 { clause "8" { exception to pay_fee when sales < CNY 10 { amount = CNY 60 } } }
amendment "No. 2" effective 2026-03-01 { clause "8" { text "deleted" } }
scenario "three rules" {
  facts of 2026-01 { sales = CNY 1 receipts = [] }  facts of 2026-02 { sales = CNY 1 }  facts of 2026-03 { sales = CNY 1 }
  as_of 2026-03-31
  expect pay_fee of 2026-01 excused
  expect pay_fee of 2026-02 = CNY 60
  expect pay_fee of 2026-03 = CNY 100
}""")


def test_what_survives_keeps_the_words_of_the_day_of_the_end() -> None:
    assert not failures("""
clause "9" { survives 2 years
  prohibition leak { operator must not do "leak" violated by leaks failing which { penalty CNY 300 to client } } }
termination leave { client may terminate exercised on left }
amendment "No. 1" effective 2026-06-01 {
  clause "9" { survives 2 years
    prohibition leak { operator must not do "leak" violated by leaks failing which { penalty CNY 900 to client } } } }
scenario "ended in March, leaked in July" {
  facts of 2026-03 { leaks = [ {no: "a", found_on: 2026-07-05} ] }
  facts of once { left = 2026-03-10 }
  as_of 2026-07-31
  expect leak.penalty of "a" = CNY 300
}
scenario "not ended" {
  facts of 2026-03 { leaks = [ {no: "a", found_on: 2026-07-05} ] }
  facts of once { left = none }
  as_of 2026-07-31
  expect leak.penalty of "a" = CNY 900
}""")


def test_a_monthly_duty_becomes_quarterly_at_the_start_of_a_quarter() -> None:
    text = """
clause "3" { obligation pay_fee { client must pay operator CNY 100 every month due day 10 of next month } }
amendment "No. 1" effective 2026-04-01 {
  clause "3" { obligation pay_fee { client must pay operator CNY 300 every quarter due day 10 of next month } } }
scenario "quarters" { facts of 2026-01 { receipts = [] } as_of 2026-06-30
  expect pay_fee of 2026-03 = CNY 100
  expect pay_fee of 2026-Q2 = CNY 300 }
"""
    assert not failures(text)
    assert told(text.replace("2026-04-01", "2026-05-01").split("scenario")[0]) == [("E438", 4)]


def test_unknown_facts_of_the_old_words_are_asked_for_and_those_of_the_new_are_not() -> None:
    assert not failures("""
clause "3" { let base = sales }
obligation pay_share { client must pay operator 10% of base every month due day 10 of next month performed by receipts }
amendment "No. 1" effective 2026-02-01 { clause "3" { let base = CNY 70 } }
scenario "nothing is known of the sales" {
  facts of 2026-01 { receipts = [] }  facts of 2026-02 { receipts = [] }
  as_of 2026-02-28
  expect pay_share of 2026-01 undetermined
  expect pay_share of 2026-01 needs sales
  expect pay_share of 2026-02 = CNY 7
}""")


def test_from_the_first_day_the_old_words_never_held() -> None:
    assert not failures(f"""
clause "3" {{ obligation pay_fee {{ client must pay operator CNY 100 every month due day 10 of next month }} }}
amendment "No. 1" effective 2026-01-01 {{
  clause "3" {{ obligation pay_fee {{ client must pay operator CNY 200 every month due day 10 of next month }} }} }}
scenario "january" {{ {GIVEN} as_of 2026-01-31  expect pay_fee of 2026-01 = CNY 200 }}""")


def test_an_amendment_may_fill_a_blank_and_leave_one() -> None:
    text = """
parameter fee : money = CNY 5
obligation pay_fee { client must pay operator fee every month due day 10 of next month }
amendment "No. 1" effective 2026-03-01 { parameter fee = TBD }
"""
    assert "W508" in [code for code, _ in told(text, "warning")]


WRONG = {
    "one parameter twice on a day": """parameter fee = CNY 1
amendment "a" effective 2026-03-01 { parameter fee = CNY 2 }
amendment "b" effective 2026-03-01 { parameter fee = CNY 3 }  # E410""",
    "one clause twice on a day": """clause "1" { let x = sales }
amendment "a" effective 2026-03-01 { clause "1" { let x = 2 * sales } }
amendment "b" effective 2026-03-01 { clause "1" { let x = 3 * sales } }  # E410""",
    "before the term": """parameter fee = CNY 1
amendment "a" effective 2025-12-31 { parameter fee = CNY 2 }  # E418""",
    "after the term": """parameter fee = CNY 1
amendment "a" effective 2027-01-01 { parameter fee = CNY 2 }  # E418""",
    "no such parameter": """amendment "a" effective 2026-03-01 { parameter fee = CNY 2 }  # E201""",
    "no such clause": """amendment "a" effective 2026-03-01 { clause "3.6" { text "x" } }  # E209""",
    "another type": """parameter fee = CNY 1
amendment "a" effective 2026-03-01 { parameter fee = 5% }  # E301""",
    "another type, said": """parameter fee : money = CNY 1
amendment "a" effective 2026-03-01 { parameter fee : percent = CNY 1 }  # E436""",
    "a definition of another type": """clause "1" { let x = sales }
amendment "a" effective 2026-03-01 { clause "1" { let x = 5% } }  # E436""",
    "an obligation becomes a right": """clause "1" { obligation x { operator must do "work" every month } }
amendment "a" effective 2026-03-01 { clause "1" { termination x { client may terminate } } }  # E436""",
    "a fact changes": """clause "1" { fact f : money monthly }
amendment "a" effective 2026-03-01 { clause "1" { fact f : money yearly } }  # E436""",
    "a version begins later than the amendment": """parameter fee = CNY 1
amendment "a" effective 2026-03-01 { parameter fee { from 2026-04-01: CNY 2 } }  # E437""",
    "versions in disorder": """parameter fee = CNY 1
amendment "a" effective 2026-03-01 { parameter fee { from 2026-03-01: CNY 2 from 2026-03-01: CNY 4 } }  # E410""",
    "new words refer to nothing": """clause "1" { let x = sales }
amendment "a" effective 2026-03-01 { clause "1" { let x = nothing_of_that } }  # E201""",
    "a name in two clauses": """clause "1" { let x = sales }
clause "2" { let y = sales }
amendment "a" effective 2026-03-01 { clause "1" { let y = sales } }
# E202""",
    "the base text rests on what comes later": """let early = later  # E201
clause "1" { let x = sales }
amendment "a" effective 2026-03-01 { clause "1" { let later = sales } }""",
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG.keys())
def test_wrong_amendments_say_so_on_the_line(body: str) -> None:
    expected = [(line.partition("# ")[2], i) for i, line in enumerate(body.split("\n"), 1) if "# " in line]
    found = told(body)
    assert [code for code, _ in found] == [code for code, _ in expected]
    if "E202" not in body:
        assert found == expected


def test_a_clause_with_a_title_is_added() -> None:
    text = f"""
amendment "No. 1" effective 2026-02-01 {{
  clause "3.7" "Extra fee" {{
    obligation pay_more {{ client must pay operator CNY 7 every month due day 10 of next month }} }} }}
scenario "from February" {{ {GIVEN} as_of 2026-03-31  expect pay_more of 2026-02 = CNY 7 }}"""
    assert not failures(text)
    assert ("W592", 3) in told(text, "warning")


def test_one_finding_of_one_place_though_several_texts_have_it() -> None:
    text = """
parameter fee = CNY 1
parameter idle = CNY 1
clause "1" { obligation o { client must pay operator fee every month due last day } }
amendment "a" effective 2026-03-01 { clause "1" { obligation o { client must pay operator CNY 2 every month due last day } } }
"""
    warned = told(text, "warning")
    assert warned.count(("W501", 3)) == 1  # idle is never used; fee is, by the old words
    assert ("W501", 2) not in warned


def test_the_statement_names_the_amendment_and_the_explanation_quotes_its_words() -> None:
    contract = from_text(
        HEADER
        + CLAUSE
        + """
amendment "No. 1" effective 2026-03-01 {
  parameter idle = CNY 2
  clause "3.6" { text "new words"  let commission = 6% of sales
    obligation pay_commission {
      client must pay operator commission every month due day 10 of next month performed by receipts } } }
amendment "No. 2" effective 2026-09-01 { parameter idle = CNY 3 }
parameter idle = CNY 1
""",
        "amended",
    )
    facts = {"receipts": [], "monthly": [{"month": "2026-02", "sales": "10"}, {"month": "2026-03", "sales": "10"}]}
    statement = contract.evaluate(facts, as_of="2026-03-31")
    document: dict[str, Any] = statement.to_dict()
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert document["versions"]["amendments"] == [{"amendment": "No. 1", "effective": "2026-03-01"}]
    lines = {x["id"]: x for month in document["months"] for x in month["obligations"]}
    assert lines["pay_commission@2026-03"]["amendment"] == "No. 1"
    assert lines["pay_commission@2026-03"]["clause"] == "3.6"
    assert "amendment" not in lines["pay_commission@2026-02"]
    for what in ("pay_commission", "commission"):
        old, new = statement.explain(f"{what}@2026-02").to_dict(), statement.explain(f"{what}@2026-03").to_dict()
        assert old["clause"] == {"number": "3.6", "title": "Fees", "text": "old words"}
        assert new["clause"] == {"number": "3.6", "title": "Fees", "text": "new words", "amendment": "No. 1"}
    assert statement.explain("commission@2026-03").to_dict()["tree"]["formula"] == "6% of sales"


def test_both_keyword_sets_say_the_same() -> None:
    zh = """合同 "变更" { 币种 CNY 合同期限 自 2026-01-01 至 2026-12-31 舍入 四舍五入 精确到 0.01 }
当事人 甲方
当事人 乙方
参数 服务费 = 8000元
数据 收款 : 付款记录
条款 "3.6" "费用" { 义务 付费 { 甲方 应当 支付给 乙方 服务费 每月 到期日 次月第10日 履行凭证 收款 } }
变更 "补充协议一" 生效日 2026-03-01 {
  参数 服务费 = 9000元
  条款 "3.6" { 义务 付费 { 甲方 应当 支付给 乙方 服务费 每月 到期日 次月第15日 履行凭证 收款 } }
}
示例 "前后" {
  当期数据 2026-01 { 收款 = [] }
  截止日 2026-03-31
  预期 2026-02 的 付费 = 8000元
  预期 2026-03 的 付费 = 9000元
  预期 2026-03 的 付费.due = 2026-04-15
}"""
    results = from_text(zh, "zh").run_scenarios()
    assert [r.status for r in results] == ["passed"], results


@given(fees(), st.integers(0, 7))
def test_an_amendment_that_repeats_the_words_changes_nothing(fee: Fee, months: int) -> None:
    """The same duty in a clause, and the clause repeated from some day on: every figure and status stays."""
    day = months_after(fee.start.replace(day=1), months)
    if not fee.start <= day <= fee.end:
        day = fee.start
    before, duty = fee.text().split("obligation pay_fee {")
    duty, *rest = duty.split("\n}\n", 1)
    clause = f'clause "1" {{ obligation pay_fee {{{duty}\n}} }}\n'
    plain = before + clause + "".join(rest)
    amended = plain + f'amendment "same" effective {day} {{ {clause} }}\n'
    statements = []
    for text in (plain, amended):
        made = from_text(text, "fee").evaluate(fee.facts(), as_of=fee.as_of, complete_through=fee.complete).to_dict()
        made["versions"].pop("amendments", None)
        del made["contract"]
        for month in made["months"]:
            for line in month["obligations"]:
                line.pop("amendment", None)
        statements.append(made)
    assert statements[0] == statements[1]


@pytest.mark.parametrize("new", ["", "balance held : money { opening CNY 5 add sales }"])
def test_a_balance_runs_through_amendments_unchanged(new: str) -> None:
    clause = 'clause "1" { balance held : money { opening CNY 1 add sales } let twice = 2 * held }\n'
    assert told(clause + f'amendment "a" effective 2026-03-01 {{ clause "1" {{ let twice = 3 * sales {new} }} }}') == [
        ("E439", 1)
    ]
    assert not told(
        clause + 'clause "2" { let x = sales }\namendment "a" effective 2026-03-01 { clause "2" { let x = sales } }'
    )
