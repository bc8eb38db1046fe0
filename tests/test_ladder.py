"""Escalations, approvals, disputed amounts, secured debts and properties: contracts whose scenarios hold the findings.

Business days are counted by hand in the Chinese calendar of 2026: days off from 15 to 23 February, and work on Saturday 14
and Saturday 28 February.
"""

# ruff: noqa: E501  (a contract's line is as wide as it is)

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from clausal.dsl.compile import compile_text
from clausal.engine.evaluate import Prepared, evaluate, prepare
from clausal.engine.explain import explain
from clausal.engine.intake import from_scenario
from clausal.engine.outcome import document
from clausal.engine.report import explanation, plain
from clausal.engine.scenarios import run_scenarios

jsonschema: Any = pytest.importorskip("jsonschema")

SCHEMA = json.loads((Path(__file__).parent.parent / "engine" / "report" / "result.schema.json").read_text("utf-8"))

HEAD = """
contract "Ladder" {
  language 1
  currency CNY
  term from 2026-01-01 to 2026-12-31
  rounding half_up to 0.01
  calendar CN
  deadlines next business day
}
party a
party b
"""


def contract(text: str) -> Prepared:
    made, findings = compile_text(text if text.lstrip().startswith(("contract", "合同")) else HEAD + text, "ladder")
    assert made is not None, [(f.code, str(f)) for f in findings if f.severity == "error"]
    return prepare(made)


def failures(text: str) -> list[str]:
    results = run_scenarios(contract(text))
    assert results
    return [f"{r.name}: {f.what}: {f.expected} / {f.found}" for r in results for f in r.failures]


def statement(text: str, closing: int = 0, scenario: int = 0) -> Mapping[str, Any]:
    """The result document of a scenario at one of its closings; every such document is valid."""
    prepared = contract(text)
    closings = prepared.contract.scenarios[scenario].closings[: closing + 1]
    end = closings[-1]
    run = evaluate(prepared, from_scenario(prepared.contract, closings), end.as_of, dict(end.complete_through))
    made = document(run.outcome)
    jsonschema.Draft202012Validator(SCHEMA).validate(made)
    return made


def codes(text: str) -> list[str]:
    return [f.code for f in compile_text(HEAD + text, "ladder")[1] if f.severity == "error"]


def events(made: Mapping[str, Any], kind: str) -> list[tuple[str, str, str | None]]:
    """(date, subject, what) of the events of a kind."""
    return [
        (e["date"], e["subject"], e["args"].get("status"))
        for month in made["months"]
        for e in month["events"]
        if e["kind"] == kind
    ]


# ---- escalations

MEDIATION = """
fact disputed_on : date monthly
fact settled_on  : date once
fact plan_on     : date monthly
fact suit_on     : date once
escalation mediation {
  clause "9"
  opens on disputed_on
  level "managers"  within 7 business days answered on plan_on
  level "directors" within 7 business days
  level "chairs"    within 7 business days
  stops when settled_on
  at end right leave { a may terminate exercised on suit_on lapses after 60 days }
  at end obligation report { b must do "report" due within 10 days after mediation.last_day performed on settled_on }
}
prohibition early_suit { b must not "sue before the mediation is over" violated on suit_on except when mediation is exhausted }
"""


def test_each_level_opens_at_the_close_of_the_one_before() -> None:
    assert (
        failures(
            MEDIATION
            + """
scenario "F35: nobody answers" {
  facts of once { settled_on = none  suit_on = none }
  facts of 2026-02 { disputed_on = 2026-02-11  plan_on = none }
  facts of 2026-03 { disputed_on = none  plan_on = none }
  as_of 2026-02-10
  expect mediation not started
  as_of 2026-02-26
  expect mediation running
  expect mediation.level of 2026-02-11 = "managers"
  expect mediation.last_day = 2026-02-27
  as_of 2026-02-27
  expect mediation.level = "directors"
  expect mediation.last_day = 2026-03-09
  as_of 2026-03-09
  expect mediation.level = "chairs"
  expect mediation.last_day = 2026-03-18
  as_of 2026-03-17
  expect mediation of 2026-02-11 running
  expect leave not open
  as_of 2026-03-18
  expect mediation exhausted
  expect mediation.opened = 2026-02-11
  expect leave open
  expect leave.opened = 2026-03-18
  expect report.due = 2026-03-30
}
scenario "an answer moves on from its own day" {
  facts of once { settled_on = none  suit_on = none }
  facts of 2026-02 { disputed_on = 2026-02-11  plan_on = 2026-02-13 }
  as_of 2026-02-13
  expect mediation.level = "directors"
  expect mediation.last_day = 2026-03-02
}
scenario "an answer on the last day is in time" {
  facts of once { settled_on = none  suit_on = none }
  facts of 2026-02 { disputed_on = 2026-02-11  plan_on = 2026-02-27 }
  as_of 2026-02-27
  expect mediation.level = "directors"
  expect mediation.last_day = 2026-03-09
}
scenario "settled on the last day of the last level" {
  facts of once { settled_on = 2026-03-18  suit_on = none }
  facts of 2026-02 { disputed_on = 2026-02-11  plan_on = none }
  facts of 2026-03 { disputed_on = none  plan_on = none }
  as_of 2026-03-31
  expect mediation stopped
  expect mediation.level = "chairs"
  expect leave not open
}
scenario "what was settled before it began stops nothing" {
  facts of once { settled_on = 2026-01-15  suit_on = none }
  facts of 2026-02 { disputed_on = 2026-02-11  plan_on = none }
  as_of 2026-02-20
  expect mediation running
}
scenario "an empty contract" {
  facts of once { settled_on = none  suit_on = none }
  facts of 2026-01 { disputed_on = none  plan_on = none }
  as_of 2026-01-31
  expect mediation not started
}
"""
        )
        == []
    )


def test_a_precondition_is_satisfied_at_the_end_of_the_last_level() -> None:
    assert (
        failures(
            MEDIATION
            + """
scenario "S43: sued the day before" {
  facts of once { settled_on = none  suit_on = 2026-03-17 }
  facts of 2026-02 { disputed_on = 2026-02-11  plan_on = none }
  facts of 2026-03 { disputed_on = none  plan_on = none }
  as_of 2026-03-31
  expect early_suit violated
  expect leave premature
}
scenario "S43: sued the day after" {
  facts of once { settled_on = none  suit_on = 2026-03-19 }
  facts of 2026-02 { disputed_on = 2026-02-11  plan_on = none }
  facts of 2026-03 { disputed_on = none  plan_on = none }
  as_of 2026-03-31
  expect early_suit observed
  expect leave exercised
  expect contract terminated
}
"""
        )
        == []
    )


LATE = (
    MEDIATION
    + """
scenario "late" {
  facts of once { settled_on = none  suit_on = none }
  facts of 2026-02 { disputed_on = 2026-02-11  plan_on = 2026-03-02 }
  as_of 2026-03-02
  expect mediation.level = "directors"
  expect mediation.last_day = 2026-03-09
}
"""
)


def test_a_late_answer_changes_nothing_and_is_said() -> None:
    assert failures(LATE) == []
    made = statement(LATE)
    assert events(made, "too late") == [("2026-03-02", "mediation@2026-02-11", None)]
    assert events(made, "level") == [
        ("2026-02-11", "mediation@2026-02-11", "opened"),
        ("2026-02-27", "mediation@2026-02-11", "expired"),
        ("2026-02-27", "mediation@2026-02-11", "opened"),
    ]
    assert {"date": "2026-03-09", "kind": "level ends", "subject": "mediation@2026-02-11", "amount": None} in made[
        "upcoming"
    ]


def test_an_answer_before_the_level_is_premature() -> None:
    made = statement(
        MEDIATION
        + """
scenario "early" {
  facts of once { settled_on = none  suit_on = none }
  facts of 2026-02 { disputed_on = 2026-02-11  plan_on = 2026-02-10 }
  as_of 2026-02-28
}
"""
    )
    assert [e[:2] for e in events(made, "premature")] == [("2026-02-10", "mediation")]


def test_what_is_unknown_leaves_the_level_undetermined_and_names_its_facts() -> None:
    assert (
        failures(
            MEDIATION
            + """
scenario "answers are not told" {
  facts of once { settled_on = none  suit_on = none }
  facts of 2026-02 { disputed_on = 2026-02-11 }
  as_of 2026-03-31
  expect mediation undetermined
  expect mediation of 2026-02-11 needs plan_on
  expect leave not open
}
scenario "an answer is unknown" {
  facts of once { settled_on = none  suit_on = none }
  facts of 2026-02 { disputed_on = 2026-02-11  plan_on = unknown }
  as_of 2026-03-31
  expect mediation undetermined
  expect mediation of 2026-02-11 needs plan_on
}
scenario "settlement is told through the day before the level ends" {
  facts of once { settled_on = none  suit_on = none }
  facts of 2026-02 { disputed_on = 2026-02-11  plan_on = none }
  facts of 2026-03 { disputed_on = none  plan_on = none }
  as_of 2026-02-28
  complete_through 2026-02-28
  complete_through settled_on 2026-02-26
  expect mediation undetermined
  expect mediation of 2026-02-11 needs settled_on
}
scenario "and through the day on which it ends" {
  facts of once { settled_on = none  suit_on = none }
  facts of 2026-02 { disputed_on = 2026-02-11  plan_on = none }
  facts of 2026-03 { disputed_on = none  plan_on = none }
  as_of 2026-02-27
  complete_through 2026-02-27
  expect mediation running
  expect mediation.level = "directors"
}
scenario "an answer is presence, and counts whatever is unknown" {
  facts of once { settled_on = none  suit_on = none }
  facts of 2026-02 { disputed_on = 2026-02-11  plan_on = 2026-02-13 }
  as_of 2026-02-13
  complete_through 2026-02-12
  complete_through settled_on 2026-02-13
  expect mediation running
  expect mediation.level = "directors"
}
scenario "whether a dispute began is unknown" {
  facts of once { settled_on = none  suit_on = 2026-02-20 }
  facts of 2026-02 { disputed_on = unknown  plan_on = none }
  as_of 2026-02-28
  expect mediation undetermined
  expect mediation needs disputed_on
  expect early_suit of 2026-02-20 needs disputed_on
}
"""
        )
        == []
    )


def test_each_date_of_a_monthly_fact_opens_a_run() -> None:
    assert (
        failures(
            MEDIATION
            + """
scenario "two disputes" {
  facts of once { settled_on = none  suit_on = none }
  facts of 2026-02 { disputed_on = 2026-02-11  plan_on = none }
  facts of 2026-03 { disputed_on = 2026-03-02  plan_on = 2026-03-04 }
  facts of 2026-04 { disputed_on = none  plan_on = none }
  as_of 2026-03-05
  expect mediation.level of 2026-02-11 = "directors"
  expect mediation.level of 2026-03-02 = "directors"
  expect mediation.last_day of 2026-03-02 = 2026-03-13
}
"""
        )
        == []
    )


RECORDS = """
fact disputes : list of { no: text, raised_on: date, amount: money, heard_on: date?, settled_on: date? } dated by raised_on keyed by no
escalation talks {
  per record of disputes where amount > CNY 1_000
  level "managers" within 10 days, answered on heard_on
  level "directors" within 10 days
  stops when settled_on
  at end obligation file { b must do "file for arbitration" due within 30 days after talks.last_day }
}
"""


def test_each_record_has_its_own_run() -> None:
    # Within 10 days of 2 March is 12 March; of 12 March, Sunday 22, moved to Monday 23 March.
    assert (
        failures(
            RECORDS.replace("days, answered", "days answered")
            + """
scenario "three disputes" {
  facts of 2026-03 {
    disputes = [{ no: "D-1", raised_on: 2026-03-02, amount: CNY 5_000 },
                { no: "D-2", raised_on: 2026-03-02, amount: CNY 1_000 },
                { no: "D-3", raised_on: 2026-03-02, amount: CNY 9_000, heard_on: 2026-03-06, settled_on: 2026-03-12 }]
  }
  as_of 2026-03-31
  expect talks of "D-1" exhausted
  expect talks.last_day of "D-1" = 2026-03-23
  expect file.due of "D-1" = 2026-04-22
  expect talks of "D-2" not started
  expect talks of "D-3" stopped
  expect talks.level of "D-3" = "directors"
}
"""
        )
        == []
    )


ZH = """
合同 “争议解决” {
  语言版本 1
  币种 CNY
  合同期限 自 2026-01-01 至 2026-12-31
  舍入 四舍五入 精确到 0.01
  工作日历 中国
  期限规则 遇休假日顺延
}
当事人 甲方
当事人 乙方
数据 争议日 ：日期 按月
数据 和解日 ：日期 一次性
数据 支出 ：清单 { 编号：文本，支出日：日期，金额：金额，甲方同意：日期？，法务同意：日期？ } 日期列 支出日 编号列 编号
逐级处理 调解 {
  启动日 争议日
  级别 “经理” 限期 7 个工作日
  级别 “总监” 限期 7 个工作日
  级别 “董事长” 限期 7 个工作日
  停止条件 和解日
  最终 权利 退出 { 甲方 有权 解除 行使期限 60日内 }
}
审批 重大支出 {
  每笔 支出 其中 金额 > 10万元
  审批人 甲方 于 甲方同意、“法务部” 于 法务同意
  依次审批
}
禁止 擅自支出 { 乙方 不得 “未经审批支出” 违反记录 支出 其中 重大支出 处于 未获批准 }
恒成立 “支出不为负” { 始终 （合计 金额 逐笔 支出）>= 0元 }
示例 “三级” {
  当期数据 一次性 { 和解日 = 无 }
  当期数据 2026-02 {
    争议日 = 2026-02-11
    支出 = [{ 编号："1", 支出日：2026-02-05, 金额：12万元, 甲方同意：2026-02-03 }]
  }
  当期数据 2026-03 { 争议日 = 无 支出 = [] }
  截止日 2026-02-27
  预期 调解.级别 = “总监”
  预期 调解 进行中
  截止日 2026-03-31
  预期 2026-02-11 的 调解 已穷尽
  预期 退出.成立日 = 2026-03-18
  预期 “1” 的 重大支出 未获批准
  预期 擅自支出 已违反
}
"""


def test_the_same_in_chinese() -> None:
    assert failures(ZH) == []


def test_every_event_is_said_in_both_languages() -> None:
    made = statement(ZH, closing=1)
    english, chinese = plain.render(made, "en"), plain.render(made, "zh")
    for word in ("expired", "exhausted", "blocked", "without the consent of 法务部"):
        assert word in english
    for word in ("逐级处理", "期限届满", "已穷尽", "未获批准", "尚缺同意 法务部"):
        assert word in chinese
    assert "arg." not in english + chinese


def test_why_a_run_stands_where_it_does() -> None:
    prepared = contract(LATE)
    (end,) = prepared.contract.scenarios[0].closings
    run = evaluate(prepared, from_scenario(prepared.contract, (end,)), end.as_of)
    english = explanation.render(explain(run, "mediation@2026-02-11"), "en", width=120)
    assert "running, on level directors, whose last day is 2026-03-09" in english
    assert "stops when: settled_on" in english
    assert "2026-02-27  level  level managers; status expired" in english
    chinese = explanation.render(explain(run, "mediation"), "zh", width=120)
    assert "进行中；所在级别：directors；期限届满日2026-03-09" in chinese


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('escalation e { level "x" within 3 days }', "E115"),
        ("fact d : date once\nescalation e { opens on d }", "E115"),
        ('fact d : date once\nescalation e { opens on d level "x" within 3 days level "x" within 3 days }', "E114"),
        ('escalation e { opens on 5 level "x" within 3 days }', "E301"),
        (
            'fact d : date once\nescalation e { opens on d level "x" within 3 days at end obligation o { a must do "x" every month } }',
            "E116",
        ),
        (
            'fact d : date once\nescalation e { opens on d level "x" within 3 days at end right r { a may withhold o } }\n'
            "obligation o { a must pay b CNY 1 every month due day 5 of next month }",
            "E116",
        ),
        ('fact d : date once\nescalation e { opens on d level "x" within 3 days }\nlet x = e', "E203"),
        ('fact d : date once\nescalation e { opens on d level "x" within 3 days }\nlet x = e.level', "E204"),
        (
            'fact d : date once\nescalation e { opens on d level "x" within 3 days }\nlet x = if e is granted then 1 else 2',
            "E210",
        ),
    ],
)
def test_what_is_wrong_with_an_escalation_is_told_once(text: str, code: str) -> None:
    assert codes(text) == [code]


# ---- approvals

SPENDS = """
fact spends : list of { no: text, spent_on: date, amount: money, a_ok: date?, b_ok: date?, law_ok: date? } dated by spent_on keyed by no
"""
JOINT = (
    SPENDS
    + """
approval joint { per record of spends where amount > CNY 100_000  approved by a on a_ok, b on b_ok }
prohibition lone_spending { b must not "spend without both" violated by spends where joint is blocked }
let approved = sum of amount for each spends where joint is granted
"""
)


def test_a_record_without_all_consents_is_blocked() -> None:
    text = (
        JOINT
        + """
scenario "S23" {
  facts of 2026-01 {
    spends = [{ no: "S-1", spent_on: 2026-01-10, amount: CNY 120_000, a_ok: 2026-01-08 },
              { no: "S-2", spent_on: 2026-01-11, amount: CNY 100_000 },
              { no: "S-3", spent_on: 2026-01-12, amount: CNY 150_000, a_ok: 2026-01-08, b_ok: 2026-01-12 },
              { no: "S-4", spent_on: 2026-01-13, amount: CNY 200_000, a_ok: 2026-01-08, b_ok: 2026-01-20 }]
  }
  as_of 2026-01-31
  expect joint of "S-1" blocked
  expect joint of "S-2" granted
  expect joint of "S-3" granted
  expect joint of "S-4" granted
  expect lone_spending of "S-1" violated
  expect lone_spending of "S-2" observed
  expect lone_spending of "S-3" observed
  expect lone_spending of "S-4" violated
  expect approved = CNY 450_000
}
"""
    )
    assert failures(text) == []
    assert events(statement(text), "approval") == [
        ("2026-01-10", "joint@S-1", "blocked"),
        ("2026-01-12", "joint@S-3", "granted"),
        ("2026-01-13", "joint@S-4", "blocked"),
        ("2026-01-20", "joint@S-4", "granted"),
    ]
    (first, *_) = [e for e in statement(text)["months"][0]["events"] if e["kind"] == "approval"]
    assert first["args"]["without"] == ["b"]


def test_ordered_prior_and_partial_consents() -> None:
    assert (
        failures(
            SPENDS
            + """
approval review  { per record of spends approved by a on a_ok, b on b_ok, "legal" on law_ok in order }
approval prior   { per record of spends approved by a on a_ok no later than spent_on }
approval two     { per record of spends approved by a on a_ok, b on b_ok, "legal" on law_ok quorum 2 }
let reimbursable = sum of amount for each spends where prior is granted
scenario "S64, S76" {
  facts of 2026-01 {
    spends = [{ no: "1", spent_on: 2026-01-10, amount: CNY 30_000, a_ok: 2026-01-05, b_ok: 2026-01-06 },
              { no: "2", spent_on: 2026-01-10, amount: CNY 30_000, a_ok: 2026-01-07, b_ok: 2026-01-06, law_ok: 2026-01-08 },
              { no: "3", spent_on: 2026-01-10, amount: CNY 30_000, a_ok: 2026-01-10, b_ok: 2026-01-10, law_ok: 2026-01-10 },
              { no: "4", spent_on: 2026-01-10, amount: CNY 30_000, a_ok: 2026-01-11 }]
  }
  as_of 2026-01-31
  expect review of "1" blocked
  expect review of "2" blocked
  expect review of "3" granted
  expect prior of "3" granted
  expect prior of "4" blocked
  expect two of "1" granted
  expect two of "4" blocked
  expect reimbursable = CNY 90_000
}
"""
        )
        == []
    )


def test_one_act_with_the_consent_of_both() -> None:
    assert (
        failures(
            """
fact extra   : money monthly
fact a_ok_on : date monthly
fact b_ok_on : date monthly
approval budget { approved by a on a_ok_on, b on b_ok_on }
let month_cap = if budget is granted then CNY 200_000 + extra else CNY 200_000
scenario "S27" {
  facts of 2026-01 { extra = CNY 50_000  a_ok_on = 2026-01-05  b_ok_on = 2026-01-09 }
  facts of 2026-02 { extra = CNY 50_000  a_ok_on = 2026-02-05  b_ok_on = none }
  facts of 2026-03 { extra = CNY 50_000  a_ok_on = 2026-03-05  b_ok_on = unknown }
  as_of 2026-03-31
  expect month_cap of 2026-01 = CNY 250_000
  expect month_cap of 2026-02 = CNY 200_000
  expect month_cap of 2026-03 needs b_ok_on
}
"""
        )
        == []
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("approval x { per record of spends }", ["E115"]),
        ("approval x { per record of spends approved by a on a_ok, a on b_ok }", ["E114"]),
        ("approval x { per record of spends approved by a on amount }", ["E301"]),
        ("approval x { per record of spends approved by a on ok_a }", ["E201"]),
        ("approval x { per record of spends approved by nobody on a_ok }", ["E201"]),
        ("approval x { per record of spends approved by a on a_ok quorum 2 }", ["E462"]),
        ("approval x { per record of spends approved by a on a_ok }\nlet y = if x is granted then 1 else 2", ["E461"]),
        ("approval x { per record of spends approved by a on a_ok }\nlet y = x", ["E203"]),
        (
            "approval x { per record of spends approved by "
            + ", ".join(f'"{n}" on a_ok' for n in range(20))
            + " quorum 10 }",
            ["E463"],
        ),
    ],
)
def test_what_is_wrong_with_an_approval_is_told_once(text: str, found: list[str]) -> None:
    assert codes(SPENDS + text) == found


def test_the_lowest_of_five_may_be_removed() -> None:
    assert (
        failures(
            """
fact scores : list of { agent: text, scored_on: date, score: number, removed_on: date? } dated by scored_on keyed by agent
right remove { a may terminate per record of scores where score = lowest exercised on removed_on lapses after 30 days }
let lowest = minimum of score for each scores
scenario "S57" {
  facts of 2026-01 {
    scores = [{ agent: "1", scored_on: 2026-01-31, score: 90 }, { agent: "2", scored_on: 2026-01-31, score: 71 },
              { agent: "3", scored_on: 2026-01-31, score: 65 }, { agent: "4", scored_on: 2026-01-31, score: 80 },
              { agent: "5", scored_on: 2026-01-31, score: 99 }]
  }
  as_of 2026-02-28
  expect remove of "3" open
  expect remove of "2" not open
}
"""
        )
        == []
    )


# ---- disputed amounts: interest at 0.05% per day is 8.00 a day on 16,000 and 35.00 on 70,000

FEE = """
fact receipts    : payments
fact disputed_on : date monthly
fact resolved_on : date monthly
fact contested   : money monthly
obligation fee {
  a must pay b CNY 86_000 every month
  when month_number(month start) = 1
  due day 10 of next month
  performed by receipts
  disputed amount contested from disputed_on to resolved_on WAIVED
  failing which { interest 0.05% per day simple }
}
"""
JANUARY = "facts of 2026-01 { contested = CNY 16_000  disputed_on = 2026-02-05  resolved_on = RESOLVED }"


def fee(body: str, resolved: str = "none", waived: str = "") -> str:
    text = FEE.replace("WAIVED", waived).replace("  when month_number(month start) = 1\n", "")
    text = text.replace("every month", "once on 2026-01-31").replace("due day 10 of next month", "due on 2026-02-10")
    return text + 'scenario "s" {\n  ' + JANUARY.replace("RESOLVED", resolved) + body + "\n}"


def test_the_undisputed_part_stays_payable_and_the_rest_is_not_overdue() -> None:
    text = fee(
        """
  facts of 2026-02 { receipts = [{ ref: "r", payer: a, payee: b, amount: CNY 70_000, on: 2026-02-10 }] }
  as_of 2026-02-28
  expect fee disputed
  expect fee partly performed
  expect fee.disputed = CNY 16_000
  expect fee.open = CNY 16_000
  expect fee.interest = CNY 0
  expect fee.overdue_since = none
  expect a owes b = CNY 16_000
"""
    )
    assert failures(text) == []
    made = statement(text)
    (row,) = made["months"][-1]["ledger"]
    assert row["of_which"] == {
        "not_due": "0.00",
        "due": "0.00",
        "overdue": "0.00",
        "retained": "0.00",
        "disputed": "16000.00",
        "credit": "0.00",
    }
    (most,) = [c for c in made["contingent"] if c["kind"] == "at most"]
    assert most["amount"]["value"] == "144.00"  # 11 to 28 February
    assert most["days"] == {"from": "2026-02-11", "to": "2026-02-28"}
    assert made["months"][-1]["breaches"] == []
    assert "disputed CNY 16,000.00" in plain.render(made, "en")
    assert "有争议 CNY 16,000.00" in plain.render(made, "zh")


def test_the_undisputed_part_is_in_default_if_it_is_not_paid() -> None:
    text = fee(
        """
  facts of 2026-02 { receipts = [] }
  as_of 2026-02-28
  expect fee breached
  expect fee disputed
  expect fee.interest = CNY 630
  expect fee.overdue_since = 2026-02-11
"""
    )
    assert failures(text) == []
    (row,) = statement(text)["months"][-1]["ledger"]
    assert (row["of_which"]["overdue"], row["of_which"]["disputed"]) == ("70630.00", "16000.00")


def test_what_is_resolved_is_payable_with_the_interest_of_the_time_between() -> None:
    paid = 'facts of 2026-02 { receipts = [{ ref: "r", payer: a, payee: b, amount: CNY 70_000, on: 2026-02-10 }] }'
    # 11 February to 20 March are 38 days: 304.00; to 31 March 11 more: 392.00.
    assert (
        failures(
            fee(
                f"""
  {paid}
  facts of 2026-03 {{ receipts = [] }}
  as_of 2026-03-19
  expect fee.interest = CNY 0
  as_of 2026-03-20
  expect fee.interest = CNY 304
  expect fee.overdue_since = none
  as_of 2026-03-31
  expect fee breached
  expect fee.disputed = CNY 0
  expect fee.overdue_since = 2026-03-21
  expect fee.days_overdue = 11
  expect fee.interest = CNY 392
  expect a owes b = CNY 16_392
""",
                "2026-03-20",
            )
        )
        == []
    )
    assert (
        failures(
            fee(
                f"""
  {paid}
  facts of 2026-03 {{ receipts = [] }}
  as_of 2026-03-31
  expect fee.interest = CNY 88
""",
                "2026-03-20",
                "without interest",
            )
        )
        == []
    )


def test_what_was_not_owed_is_written_off_and_bears_nothing() -> None:
    assert (
        failures(
            fee(
                """
  facts of 2026-02 { receipts = [{ ref: "r", payer: a, payee: b, amount: CNY 70_000, on: 2026-02-10 }] }
  facts of 2026-03 {
    receipts = [{ ref: "c", payer: a, payee: b, amount: CNY 10_000, on: 2026-03-20, kind: "write off", for: fee },
                { ref: "p", payer: a, payee: b, amount: CNY 6_117, on: 2026-03-21, for: fee }]
  }
  as_of 2026-03-20
  expect fee.interest = CNY 114
  as_of 2026-03-31
  expect fee.interest = CNY 117
  expect fee performed late
  expect fee.open = CNY 0
""",
                "2026-03-20",
            )
        )
        == []
    )


def test_unnamed_money_goes_round_what_is_disputed_and_named_money_ends_the_dispute() -> None:
    assert (
        failures(
            fee(
                """
  facts of 2026-02 { receipts = [{ ref: "r", payer: a, payee: b, amount: CNY 86_000, on: 2026-02-10 }] }
  as_of 2026-02-28
  expect fee.open = CNY 16_000
  expect fee disputed
  expect a owes b = CNY 0
"""
            )
        )
        == []
    )
    # 11 February to 1 March: 19 days.
    assert (
        failures(
            fee(
                """
  facts of 2026-02 { receipts = [{ ref: "r", payer: a, payee: b, amount: CNY 70_000, on: 2026-02-10 }] }
  facts of 2026-03 { receipts = [{ ref: "n", payer: a, payee: b, amount: CNY 16_000, on: 2026-03-01, for: fee }] }
  as_of 2026-03-01
  expect fee.open = CNY 0
  expect fee.interest = CNY 152
  expect fee.disputed = CNY 0
  expect fee.overdue_since = none
"""
            )
        )
        == []
    )


def test_a_dispute_raised_in_default_ends_it_for_the_disputed_part() -> None:
    # In default from 11 to 15 February on 86,000: 43.00 a day, 215.00; then the 70,000 and the interest are paid.
    assert (
        failures(
            fee(
                """
  facts of 2026-02 { receipts = [{ ref: "r", payer: a, payee: b, amount: CNY 70_215, on: 2026-02-15 }] }
  as_of 2026-02-28
  expect fee.interest = CNY 215
  expect fee.open = CNY 16_000
  expect fee.overdue_since = none
  expect fee partly performed
"""
            ).replace("disputed_on = 2026-02-05", "disputed_on = 2026-02-15")
        )
        == []
    )


def test_whether_it_is_disputed_may_be_unknown() -> None:
    assert (
        failures(
            fee(
                """
  facts of 2026-02 { receipts = [] }
  as_of 2026-02-28
  expect fee undetermined
  expect fee needs disputed_on
  expect fee.interest = CNY 0
"""
            ).replace("disputed_on = 2026-02-05", "disputed_on = unknown")
        )
        == []
    )
    assert codes('obligation o { a must do "x" every month disputed amount CNY 1 from 2026-01-01 }') == ["E116"]


def test_the_less_secured_debt_is_paid_first() -> None:
    assert (
        failures(
            """
fact receipts : payments
obligation safe  { a must pay b CNY 100 once on 2026-01-05 due on 2026-01-09 secured by "a mortgage" performed by receipts }
obligation loose { a must pay b CNY 100 once on 2026-01-05 due on 2026-01-09 performed by receipts }
scenario "100 for 200" {
  facts of 2026-01 { receipts = [{ ref: "r", payer: a, payee: b, amount: CNY 100, on: 2026-01-09 }] }
  as_of 2026-01-31
  expect loose performed
  expect safe.open = CNY 100
}
"""
        )
        == []
    )
    assert codes('obligation o { a must do "x" every month secured by "x" }') == ["E116"]


# ---- properties


def test_a_property_is_held_against_every_month_of_every_scenario() -> None:
    text = """
fact sales : money monthly
let bonus = 10% of sales
property "the bonus stays below 500" { always bonus < CNY 500 }
scenario "two months" {
  facts of 2026-01 { sales = CNY 4_999 }
  facts of 2026-02 { sales = CNY 5_000 }
  as_of 2026-02-28
  expect bonus of 2026-02 = CNY 500
}
scenario "not known" {
  facts of 2026-01 { sales = unknown }
  as_of 2026-01-31
  expect bonus of 2026-01 needs sales
}
"""
    assert failures(text) == ["two months: the bonus stays below 500, 2026-02: always / bonus = 500"]
    assert "properties" not in statement(text)


def test_a_property_may_look_at_what_is_open_at_the_end_of_the_month() -> None:
    assert failures(
        """
fact receipts : payments
obligation fee { a must pay b CNY 100 every month due day 10 of next month performed by receipts }
property "nothing is overdue" { always fee.overdue = CNY 0 and not fee is breached }
scenario "March" {
  facts of 2026-01 { receipts = [] }
  facts of 2026-02 { receipts = [{ ref: "r", payer: a, payee: b, amount: CNY 100, on: 2026-02-10 }] }
  facts of 2026-03 { receipts = [] }
  as_of 2026-03-31
  expect fee of 2026-02 breached
}
"""
    ) == ["March: nothing is overdue, 2026-03: always / fee.overdue = 100, fee is breached = True"]


# ---- corners


def test_levels_without_time_and_times_without_end() -> None:
    zero = """
fact d : date once
escalation e { opens on d level "one" within 0 days level "two" within 0 days }
scenario "one day" { facts of once { d = 2026-01-05 }  as_of 2026-01-05  expect e exhausted  expect e.last_day = 2026-01-05 }
"""
    assert failures(zero) == []
    assert (
        failures(
            """
fact d : date once
escalation e { opens on d level "for ever" within 999999 years }
scenario "still open" { facts of once { d = 2026-01-05 }  as_of 2026-12-31  expect e running }
"""
        )
        == []
    )


def test_each_record_is_disputed_by_its_own_fields() -> None:
    assert (
        failures(
            """
fact receipts : payments
fact bills : list of { no: text, made_on: date, worth: money, bad: money?, bad_on: date? } dated by made_on keyed by no
obligation bill {
  a must pay b worth per record of bills due within 10 days after made_on performed by receipts
  disputed amount bad from bad_on
  failing which { breach serious }
}
right out { b may terminate when bill in breach serious exercised on 2026-03-30 }
scenario "one of two, and more than there is" {
  facts of 2026-01 {
    bills = [{ no: "1", made_on: 2026-01-01, worth: CNY 1_000 },
             { no: "2", made_on: 2026-01-01, worth: CNY 1_000, bad: CNY 5_000, bad_on: 2026-01-02 }]
    receipts = []
  }
  as_of 2026-01-31
  expect bill of "1" breached
  expect bill of "2" disputed
  expect bill.disputed of "2" = CNY 1_000
  expect bill.overdue_since of "2" = none
}
"""
        )
        == []
    )
