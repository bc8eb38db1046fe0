"""Hours, windows of days, kpis of every grain and schedules: what the cases of `conformance/` don't reach.

Figures and dates are worked out by hand. Each contract is as short as its point allows.
"""

# ruff: noqa: E501  (a contract's line is as wide as it is)

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

import clausal
from clausal.dsl.diagnostics import Rejected

Document = Mapping[str, Any]


def agreement(body: str, header: str = "", term: str = "2026-01-01 to 2026-12-31") -> clausal.Contract:
    return clausal.load(
        f'contract "Time" {{\n  language 1\n  currency CNY\n  term from {term}\n  rounding half_up to 0.01\n{header}}}\n'
        f"party client\nparty operator\n{body}"
    )


def stated(body: str, facts: Mapping[str, Any], as_of: str, complete: str | None = None, **more: str) -> Document:
    return agreement(body, **more).evaluate(facts, as_of=as_of, complete_through=complete or as_of).to_dict()


def codes(body: str, header: str = "") -> list[str]:
    try:
        agreement(body, header)
    except Rejected as rejected:
        return [d.code for d in rejected.diagnostics if d.severity == "error"]
    return []


def line(document: Document, id: str) -> Any:
    return [x for m in document["months"] for x in m["obligations"] if x["id"] == id][-1]


def value(document: Document, name: str, month: str | None = None) -> Any:
    return [m["values"][name] for m in document["months"] if name in m["values"] and month in (None, m["month"])][-1]


def alerts(document: Document) -> list[tuple[str, str | None, str | None]]:
    rows = [e for m in document["months"] for e in m["events"] if e["kind"] == "alert"]
    return [(e["date"], e["args"]["from"], e["args"]["to"]) for e in rows]


# ---- hours

INCIDENTS = """
fact incidents : list of { no: text, opened_at: moment, answered_at: moment? } dated by opened_at keyed by no
obligation respond {
  operator must do "answer" per record of incidents due within 48 hours after opened_at performed on answered_at
  failing which { breach minor   on day 2 breach serious }
}
"""


@pytest.mark.parametrize(
    ("answered", "status", "late"),
    [
        ("2026-03-04T09:59", "performed", None),
        ("2026-03-04T10:00", "performed", None),
        ("2026-03-04T10:01", "performed late", "0.016666666667"),
        ("2026-03-04T11:00", "performed late", "1"),
        ("2026-03-05T00:00", "performed late", "14"),
        ("2026-03-02T09:00", "performed", None),  # before it was opened: somebody was quick, or a clock is wrong
    ],
)
def test_an_answer_is_late_from_the_minute_after_the_deadline(answered: str, status: str, late: str | None) -> None:
    facts = {"incidents": [{"no": "A", "opened_at": "2026-03-02T10:00", "answered_at": answered}]}
    row = line(stated(INCIDENTS, facts, "2026-03-31"), "respond@A")
    assert (row["status"], row.get("hours_late")) == (status, late)
    assert (row["due"], row["due_at"], row["performed_at"]) == ("2026-03-04", "2026-03-04T10:00", answered)


def test_the_breach_begins_on_the_day_of_the_moment_after_the_deadline() -> None:
    facts = {"incidents": [{"no": "A", "opened_at": "2026-03-02T10:00"}, {"no": "B", "opened_at": "2026-03-02T23:59"}]}
    document = stated(INCIDENTS, facts, "2026-03-06")
    rows = {b["of"]: (b["since"], b["grade"], b["deadline_at"]) for b in document["months"][-1]["breaches"]}
    assert rows == {
        "respond@A": ("2026-03-04", "serious", "2026-03-04T10:00"),
        "respond@B": ("2026-03-05", "serious", "2026-03-04T23:59"),
    }


@pytest.mark.parametrize(
    ("complete", "status"), [("2026-03-03", "undetermined"), ("2026-03-04", "breached"), ("2026-03-05", "breached")]
)
def test_no_answer_is_concluded_once_the_day_is_complete(complete: str, status: str) -> None:
    facts = {"incidents": [{"no": "A", "opened_at": "2026-03-02T10:00"}]}
    assert line(stated(INCIDENTS, facts, "2026-03-05", complete), "respond@A")["status"] == status


def test_moments_once_and_by_the_month() -> None:
    body = """
    fact crisis_at : moment once
    fact leak_at   : moment monthly
    fact team_at   : moment once
    fact notice_at : moment monthly
    obligation team   { operator must do "meet" once on crisis_at due within 1 hours after crisis_at performed on team_at }
    obligation inform { operator must do "inform" each time leak_at due within 24 hours after leak_at performed on notice_at }
    """
    facts = {
        "once": {"crisis_at": "2026-03-10T09:30", "team_at": "2026-03-10T10:31"},
        "2026-02": {"leak_at": None, "notice_at": None},
        "2026-03": {"leak_at": "2026-03-10T12:00", "notice_at": "2026-03-10T13:00"},
    }
    document = stated(body, facts, "2026-03-31")
    assert line(document, "team@once")["status"] == "performed late"
    row = line(document, "inform@2026-03-10")
    assert (row["status"], row["due_at"]) == ("performed", "2026-03-11T12:00")


def test_an_act_is_dated_to_the_minute_by_its_record() -> None:
    body = """
    fact calls : list of { called_at: moment, who: text } dated by called_at
    fact crises : list of { no: text, opened_at: moment } dated by opened_at keyed by no
    obligation call { operator must do "call" per record of crises due within 2 hours after opened_at performed by calls }
    """
    facts = {
        "crises": [{"no": "A", "opened_at": "2026-03-10T09:00"}],
        "calls": [{"called_at": "2026-03-10T11:30", "who": "x"}],
    }
    row = line(stated(body, facts, "2026-03-31"), "call@A")
    assert (row["status"], row["hours_late"]) == ("performed late", "0.5")


def test_moments_move_by_hours_and_by_days() -> None:
    body = """
    fact opened_at : moment once
    let later = opened_at + 20 hours
    let week_later = opened_at + 7 days
    let sooner = opened_at - 10 hours
    let still = opened_at + 20 hours > 2026-03-03T05:59
    """
    values = stated(body, {"once": {"opened_at": "2026-03-02T10:00"}}, "2026-03-31")["months"][-1]["values"]
    assert values["later"]["value"] == "2026-03-03T06:00"
    assert values["week_later"]["value"] == "2026-03-09T10:00"
    assert values["sooner"]["value"] == "2026-03-02T00:00"
    assert values["still"]["value"] is True


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("due within 2 hours after opened_on performed on done_at", ["E301"]),
        ("due within 2 hours after opened_at performed on done_on", ["E301"]),
        ("due within 2 hours after opened_at performed by visits", ["E301"]),
        ("due within 2 hours after opened_at performed when ok", ["E301"]),
        ("due within 2 hours after opened_at performed on done_at grace 1 days", ["E116"]),
        ("due within 2 days after opened_at performed on done_at grace 1 hours", ["E122"]),
        ("due within 2 hours after it arises performed on done_at", ["E301"]),
        ("due within 2 days after opened_at performed on done_at survives 5 hours", ["E122"]),
    ],
)
def test_hours_where_there_is_no_moment_are_told(body: str, found: list[str]) -> None:
    facts = """
    fact opened_on : date once
    fact opened_at : moment once
    fact done_on   : date once
    fact done_at   : moment once
    fact ok        : boolean once
    fact visits    : list of { visited_on: date } dated by visited_on
    """
    assert codes(f'{facts}obligation o {{ operator must do "x" once on opened_at {body} }}\n') == found


def test_a_run_goes_on_from_its_state_with_hours_and_weeks() -> None:
    body = (
        INCIDENTS
        + """
    fact mood : percent weekly
    kpi calm weekly { met when mood >= 50%  level red when mood < 20% for 2 consecutive weeks }
    """
    )
    contract = agreement(body)
    first = {
        "weekly": {"2026-W10": {"mood": "10%"}, "2026-W11": {"mood": "15%"}},
        "incidents": [{"no": "A", "opened_at": "2026-03-30T23:00"}],
    }
    second = {"weekly": {"2026-W12": {"mood": "60%"}, "2026-W13": {"mood": "10%"}, "2026-W14": {"mood": "10%"}}}
    run = contract.evaluate(first, as_of="2026-03-31")
    went_on = contract.evaluate({**second, "incidents": []}, as_of="2026-04-30", state=run.state)
    weeks = {**first["weekly"], **second["weekly"]}
    at_once = contract.evaluate({"weekly": weeks, "incidents": first["incidents"]}, as_of="2026-04-30")
    assert line(went_on.to_dict(), "respond@A") == line(at_once.to_dict(), "respond@A")
    assert went_on.to_dict()["months"][-1]["values"] == at_once.to_dict()["months"][-1]["values"]


# ---- windows

POSTS = "fact posts : list of { d: date, n: number } dated by d\n"


@pytest.mark.parametrize(
    ("window", "total"),
    [
        ("last 1 days", 1),  # 31 March
        ("last 14 days", 1 + 2),  # from 18 March
        ("last 2 weeks", 1 + 2),
        ("last 15 days", 1 + 2 + 4),
        ("last 400 days", 1 + 2 + 4 + 8 + 16),  # history too
    ],
)
def test_a_window_of_days_counts_its_first_and_its_last_day(window: str, total: int) -> None:
    days = {"2026-03-31": 1, "2026-03-18": 2, "2026-03-17": 4, "2026-01-01": 8, "2025-12-31": 16}
    facts = {"posts": [{"d": d, "n": n} for d, n in days.items()]}
    body = f"{POSTS}let x = sum of n for each posts over {window}\n"
    assert value(stated(body, facts, "2026-03-31"), "x", "2026-03")["value"] == str(total)


def test_weekly_figures_over_weeks_are_those_that_ended() -> None:
    body = "fact leads : number weekly\nlet x = sum of leads over last 2 weeks\nlet y = maximum of leads over last 2 weeks\n"
    weeks = {"2026-W12": {"leads": 5}, "2026-W13": {"leads": 7}, "2026-W14": {"leads": 100}}
    document = stated(body, {"weekly": weeks}, "2026-03-31")
    assert value(document, "x", "2026-03")["value"] == "12"  # week 14 ends on 5 April
    assert value(document, "y", "2026-03")["value"] == "7"


def test_a_window_with_an_unknown_day_is_not_known() -> None:
    body = "fact visits : number daily\nlet x = sum of visits over last 2 days\n"
    facts = {"daily": {"2026-03-31": {"visits": 3}}}
    assert value(stated(body, facts, "2026-03-31"), "x", "2026-03") == {
        "type": "number",
        "undetermined": True,
        "needs": ["visits@2026-03-30"],
    }


def test_a_right_over_days_opens_and_opens_again() -> None:
    body = f"""{POSTS}
    fact stop_on : date once
    right stop {{ client may terminate when (count of posts over last 3 days) >= 2 exercised on stop_on lapses after 2 days }}
    """
    days = ["2026-03-02", "2026-03-04", "2026-03-20", "2026-03-21"]
    facts = {"posts": [{"d": d, "n": 1} for d in days], "once": {"stop_on": None}}
    rights = stated(body, facts, "2026-03-31")["months"][-1]["rights"]
    assert [(r["id"], r["opened"], r["lapses"]) for r in rights] == [
        ("stop@2026-03-04", "2026-03-04", "2026-03-06"),
        ("stop@2026-03-21", "2026-03-21", "2026-03-23"),
    ]


# ---- kpis


def test_weekly_kpis_are_listed_in_the_month_in_which_their_week_ends() -> None:
    body = "fact mood : percent weekly\nkpi calm weekly { measure mood  target 50% }\n"
    weeks = {f"2026-W{w:02d}": {"mood": "60%"} for w in range(1, 19)}
    document = stated(body, {"weekly": weeks}, "2026-04-30")
    listed = {m["month"]: list(m["values"]) for m in document["months"]}
    assert listed["2026-01"] == [f"calm@2026-W{w:02d}" for w in range(1, 5)]  # the first week began on 29 December
    assert listed["2026-03"] == [f"calm@2026-W{w:02d}" for w in range(9, 14)]
    assert listed["2026-04"] == [f"calm@2026-W{w:02d}" for w in range(14, 18)]  # the last one ends on 26 April
    assert value(document, "calm@2026-W01")["status"] == "not assessed"
    assert value(document, "calm@2026-W02")["status"] == "met"


def test_a_week_that_runs_on_is_shown_to_date() -> None:
    body = "fact mood : percent weekly\nkpi calm weekly { measure mood  target 50% }\n"
    weeks = {"2026-W02": {"mood": "60%"}, "2026-W03": {"mood": "40%"}}
    values = stated(body, {"weekly": weeks}, "2026-01-14")["months"][-1]["values"]
    assert values["calm@2026-W02"]["to_date"] is False
    assert values["calm@2026-W03"]["to_date"] is True


def test_the_end_of_the_contract_ends_the_week() -> None:
    body = "fact mood : percent weekly\nkpi calm weekly { measure mood  target 50%  partial months in full }\n"
    document = stated(body, {"weekly": {"2026-W03": {"mood": "60%"}}}, "2026-01-31", term="2026-01-12 to 2026-01-14")
    assert value(document, "calm@2026-W03")["status"] == "met"


def test_levels_change_with_an_alert_and_stay_without() -> None:
    body = """
    fact mood : percent weekly
    kpi calm weekly { met when mood >= 50%  level red when mood < 20%  level yellow when mood < 50% }
    """
    moods = {"W10": "60%", "W11": "40%", "W12": "45%", "W13": "10%", "W14": "60%"}
    facts = {"weekly": {f"2026-{w}": {"mood": m} for w, m in moods.items()}}
    assert alerts(stated(body, facts, "2026-04-05")) == [
        ("2026-03-15", None, "yellow"),
        ("2026-03-29", "yellow", "red"),
        ("2026-04-05", "red", None),
    ]


def test_a_quarterly_figure_is_not_seen_before_its_quarter_is_over() -> None:
    body = "fact rank : number quarterly\nkpi plan quarterly { measure rank  target 6  lower is better  level behind when rank > 6 }\n"
    document = stated(body, {"quarterly": {"2026-Q1": {"rank": 7}}}, "2026-03-31")
    assert alerts(document) == [("2026-03-31", None, "behind")]
    assert [list(m["values"]) for m in document["months"]] == [[], [], ["plan"]]


def test_attainment_pays_and_does_not_apply_without_an_assessment() -> None:
    body = """
    fact visits : count monthly
    fact receipts : payments
    kpi traffic monthly { measure visits  baseline 100  target 200 }
    obligation bonus_fee { client must pay operator CNY 1_000 * maximum(traffic.attainment, 0%) every month due day 10 of next month }
    """
    facts = {"2026-01": {"visits": 150}, "2026-02": {"visits": 150}, "2026-03": {"visits": 50}, "receipts": []}
    document = stated(body, facts, "2026-03-31", term="2026-01-10 to 2026-12-31")
    assert line(document, "bonus_fee@2026-01")["status"] == "undetermined"
    assert line(document, "bonus_fee@2026-02")["amount"]["value"] == "500.00"
    assert line(document, "bonus_fee@2026-03")["status"] == "discharged"


@pytest.mark.parametrize(
    ("kpi", "found"),
    [
        ("monthly { measure visits }", ["E115"]),
        ("monthly { target 5 }", ["E115"]),
        ("monthly { measure visits  baseline 5 met when visits > 1 }", ["E115"]),
        ("monthly { lower is better  met when visits > 1 }", ["E115"]),
        ("monthly { measure visits  target CNY 5 }", ["E301"]),
        ("monthly { measure ok  target 5 }", ["E301"]),
        ("quarterly { measure visits  target 5 }", ["E314"]),
        ("quarterly { met when sum of visits over this quarter > 1  level red when visits > 1 }", ["E314"]),
        ("once { met when ok }", ["E116"]),
        ("monthly { measure visits  target 5  met when visits > 2  partial months prorated }", ["E116"]),
        ("monthly { measure visits  target 5 }\nlet x = k.progress", ["E204"]),
        ("monthly { measure visits  target 5  lower is better }\nlet x = k.attainment", ["E204"]),
        ("monthly { measure visits  target 5 }\nobligation o { operator must do \"x\" each time k is red }", ["E210"]),
    ],
)  # fmt: skip
def test_what_a_kpi_lacks_is_told(kpi: str, found: list[str]) -> None:
    text = kpi.replace("met when sum of visits over this quarter > 1", "met when (sum of visits over this quarter) > 1")
    assert codes(f"fact visits : number monthly\nfact ok : boolean monthly\nkpi k {text}\n") == found


# ---- schedules


@pytest.mark.parametrize(
    ("cycle", "keys"),
    [
        ("3 months", ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]),
        ("1 quarters", ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]),
        ("6 months", ["2026-H1", "2026-H2"]),
        ("1 years", ["2026"]),
        ("5 months", ["2026-01-01", "2026-06-01", "2026-11-01"]),
    ],
)
def test_a_cycle_is_what_the_run_says(cycle: str, keys: list[str]) -> None:
    body = """
    parameter cycle : duration = 3 months
    fact audits : list of { d: date } dated by d
    obligation audit { operator must do "audit" every cycle performed by audits }
    """
    document = agreement(body).evaluate({"audits": []}, as_of="2026-12-31", parameters={"cycle": cycle}).to_dict()
    seen = dict.fromkeys(x["period"] for m in document["months"] for x in m["obligations"])
    assert list(seen) == keys


def test_a_cycle_of_nothing_makes_no_duties_and_says_so() -> None:
    body = """
    parameter n = 3
    fact audits : list of { d: date } dated by d
    obligation audit { operator must do "audit" every n months performed by audits }
    """
    document = agreement(body).evaluate({"audits": []}, as_of="2026-12-31", parameters={"n": "0"}).to_dict()
    assert [w["code"] for w in document["warnings"]] == ["no such period"]
    assert codes(body.replace("= 3", "= 0")) == ["E127"]
    assert codes(body.replace("= 3", "= CNY 3")) == ["E301"]
    assert codes(body.replace("every n months", "every n days")) == ["E122"]


def test_the_deadline_of_a_periodic_duty_does_not_begin_when_it_arises() -> None:
    assert codes('obligation o { operator must do "x" every month due within 3 days after it arises }') == ["E116"]


@pytest.mark.parametrize(
    ("end", "last"),
    [
        ("2026-12-30", ("2026-11-01", "610.00")),  # a whole month, and 30 of 31 days
        ("2026-12-31", ("2026-12-01", "310.00")),  # nothing is left over
        ("2026-12-01", ("2026-11-01", "320.00")),
        ("2026-01-20", ("2026-01-01", "200.00")),  # there is no period before it: 20 of 31 days
    ],
)
def test_a_long_last_period_is_one_whole_amount_and_the_days_of_the_other(end: str, last: tuple[str, str]) -> None:
    body = """
    fact receipts : payments
    obligation fee { client must pay operator CNY 310 every 1 months from 2026-01-01 due within 5 days after period end long last period }
    """
    document = stated(body, {"receipts": []}, "2027-01-31", term=f"2026-01-01 to {end}")
    lines = {x["period"]: x["amount"]["value"] for m in document["months"] for x in m["obligations"]}
    assert list(lines.items())[-1] == last


def test_bounds_of_periods_are_said_of_schedules_of_months() -> None:
    pay = "client must pay operator CNY 5"
    due = "due within 5 days after period end"
    receipts = "fact receipts : payments\n"
    assert codes(f"{receipts}obligation o {{ {pay} once on 2026-02-01 due on 2026-02-01 long last period }}") == [
        "E116"
    ]
    assert codes(f"{receipts}obligation o {{ {pay} every month {due} periods on business days }}") == ["E116"]
    body = f"{receipts}obligation o {{ {pay} every 1 months from 2026-01-01 {due} periods on business days }}"
    assert codes(body) == ["E115", "E116"]  # no calendar, and no rule to shift by
    assert codes(body, "  calendar CN\n  deadlines unshifted\n") == ["E116"]
    assert codes(body, "  calendar CN\n  deadlines next business day\n") == []


# ---- conditions by the week


def test_a_duty_by_the_week_arises_on_its_sunday_and_not_again_while_it_holds() -> None:
    body = """
    fact bad : count weekly
    fact answers : list of { d: date } dated by d
    kpi reputation weekly { met when bad <= 20  level red when bad > 20 }
    obligation respond { operator must do "respond" each time reputation is red due within 2 days after it arises performed by answers }
    """
    counts = {"W10": 25, "W11": 30, "W12": 1, "W13": 21}
    facts = {"weekly": {f"2026-{w}": {"bad": n} for w, n in counts.items()}, "answers": [{"d": "2026-03-09"}]}
    document = stated(body, facts, "2026-03-31")
    rows = {x["id"]: (x["due"], x["status"]) for m in document["months"] for x in m["obligations"]}
    assert rows == {
        "respond@2026-03-08": ("2026-03-10", "performed"),
        "respond@2026-03-29": ("2026-03-31", "due"),
    }


def test_both_keyword_sets_mean_the_same() -> None:
    english = agreement(
        """
        fact cases : list of { no: text, at: moment, done: moment? } dated by at keyed by no
        fact rank : number monthly
        parameter cycle : duration = 3 months
        kpi seo monthly { measure rank  baseline 18  target 10  lower is better  partial months prorated  level red when rank > 15 }
        obligation answer { operator must do "answer" per record of cases due within 48 hours after at performed on done }
        obligation audit { operator must do "audit" every cycle long last period }
        obligation improve { operator must do "improve" each time seo is red due within 3 days after it arises }
        let lately = count of cases over last 14 days
        let bonus = CNY 100 * seo.attainment
        """
    )
    chinese = clausal.load(
        """
        合同 "Time" { 语言版本 1  币种 CNY  合同期限 自 2026-01-01 至 2026-12-31  舍入 四舍五入 精确到 0.01 }
        当事人 client
        当事人 operator
        数据 cases : 清单 { no: 文本, at: 时刻, done: 时刻? } 日期列 at 编号列 no
        数据 rank : 数值 按月
        参数 cycle : 时长 = 3个月
        考核指标 seo 按月 { 实际值 rank  基准值 18  目标值 10  越低越好  不足月按比例考核  级别 red 当 rank > 15 }
        义务 answer { operator 应当 完成 "answer" 每笔 cases 到期日 自 at 起48小时内 履行日 done }
        义务 audit { operator 应当 完成 "audit" 每满 cycle 末期并入上期 }
        义务 improve { operator 应当 完成 "improve" 每当 seo 处于 red 到期日 自 义务发生日 起3日内 }
        定义 lately = 计数 cases 期间为 最近14日
        定义 bonus = 100元 * seo.达成率
        """
    )
    for part in ("facts", "parameters", "values", "obligations"):
        assert getattr(english.model, part) == getattr(chinese.model, part), part


def test_a_moment_of_today_counts_today() -> None:
    """A condition that is a date of this month holds from that day, though the month's figures are not there yet."""
    body = """
    fact closed_on : date monthly
    obligation tell { operator must do "tell" each time closed_on due within 1 days after it arises }
    """
    document = stated(body, {"2026-02": {"closed_on": None}, "2026-03": {"closed_on": "2026-03-10"}}, "2026-03-31")
    assert line(document, "tell@2026-03-10")["due"] == str(dt.date(2026, 3, 11))
