"""Two departments of a company: a year against figures computed without the engine, and the rows S20 to S27."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from shipped import computed, contract, last_rows, months, recomputed, year

from clausal.dsl import periods

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "contracts" / "brand-departments"
EXPECTED = computed(FOLDER)
MONTHS = tuple(EXPECTED["months"])


def test_expected_statement_is_what_the_computation_writes(tmp_path: Path) -> None:
    assert recomputed(FOLDER, tmp_path) == EXPECTED


def test_the_year_runs_to_its_last_month() -> None:
    assert year(FOLDER)["as_of"] == EXPECTED["as_of"]
    assert tuple(months(year(FOLDER))) == MONTHS
    assert {month["state"] for month in year(FOLDER)["months"]} == {"active"}
    assert {warning["code"] for warning in year(FOLDER)["warnings"]} == {"note", "calendar provisional"}
    assert [u["what"] for month in year(FOLDER)["months"] for u in month["undetermined"]] == EXPECTED["undetermined"]


@pytest.mark.parametrize("key", MONTHS)
def test_values_and_shares(key: str) -> None:
    values, expected = months(year(FOLDER))[key]["values"], EXPECTED["months"][key]
    assert {name: values[name]["value"] for name in expected["values"]} == expected["values"]
    assert {part["name"]: part["value"]["value"] for part in values["费用分摊"]["parts"]} == expected["shares"]


@pytest.mark.parametrize("key", MONTHS)
def test_brand_target_by_quarters(key: str) -> None:
    row, expected = months(year(FOLDER))[key]["values"].get("季度品牌目标"), EXPECTED["months"][key]["kpi"]
    if expected is None:
        assert row is None
    else:
        found = {name: row[name]["value"] for name in ("measure", "target")}
        assert found | {"status": row["status"], "level": row.get("level")} == expected


@pytest.mark.parametrize("key", MONTHS)
def test_ledger(key: str) -> None:
    expected = EXPECTED["months"][key]["ledger"]
    rows = {f"{row['from']} -> {row['to']}": row for row in months(year(FOLDER))[key]["ledger"]}
    assert set(rows) == set(expected)
    for pair, row in rows.items():
        found = {name: row[name] if name in row else row["of_which"][name] for name in expected[pair]}
        assert found == expected[pair], pair


@pytest.mark.parametrize("key", MONTHS)
def test_lines(key: str) -> None:
    names = ("due", "status", "paid", "open", "interest", "overdue_since", "performed_on")
    found = {
        row["id"]: {"amount": row["amount"]["value"], **{name: row[name] for name in names}}
        for row in months(year(FOLDER))[key]["obligations"]
        if row["action"] == "pay" and row["status"] != "undetermined"
    }
    assert found == EXPECTED["months"][key]["lines"]


def test_duties_that_are_not_money() -> None:
    rows = last_rows(year(FOLDER), "obligations", "id")
    found = {
        id: {"by": row["debtor"], "due": row["due"], "status": row["status"]}
        for id, row in rows.items()
        if row["action"] != "pay"
    }
    assert found == EXPECTED["duties"]


def test_breaches() -> None:
    found = {
        of: {"by": row["by"][0], "since": row["since"], "ended_on": row["ended_on"], "grade": row["grade"]}
        for of, row in last_rows(year(FOLDER), "breaches", "of").items()
    }
    assert found == EXPECTED["breaches"]


def test_approvals_ladder_and_alerts() -> None:
    found = []
    for event in (e for month in year(FOLDER)["months"] for e in month["events"]):
        args, row = event["args"], [event["date"], event["kind"], event["subject"]]
        if event["kind"] == "approval":
            found.append([*row, args["status"], args.get("without", [])])
        elif event["kind"] == "level":
            last = [args["last_day"]] if "last_day" in args else []
            found.append([*row, args["status"], args["level"], *last])
        elif event["kind"] == "alert" and args["code"] != "level":
            found.append(row)
    assert sorted(found, key=repr) == sorted(EXPECTED["events"], key=repr)


def test_flags() -> None:
    flags = {c["subject"]: c["amount"]["value"] for c in year(FOLDER)["contingent"] if c["kind"] == "flag"}
    assert flags == EXPECTED["flags"]


def test_document_has_the_published_shape() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "engine" / "report" / "result.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(year(FOLDER))


def test_month_by_month_from_the_saved_state_is_the_year_at_once() -> None:
    state = None
    for end in ("2026-02-28", "2026-06-30", "2026-10-31", "2026-12-31"):
        facts: Any = FOLDER / "facts" if state is None else {}
        state = (statement := contract(FOLDER).evaluate(facts, as_of=end, state=state)).state
        state = json.loads(json.dumps(state))
    assert statement.to_dict()["restatement"] == []
    assert statement.to_dict()["months"] == year(FOLDER)["months"]


@pytest.mark.parametrize("key", MONTHS)
def test_a_closed_month_does_not_rest_on_later_facts(key: str) -> None:
    as_of = periods.parse_period(key).end
    issued = contract(FOLDER).evaluate(FOLDER / "facts", as_of=as_of).to_dict()["months"]
    assert [month["month"] for month in issued] == list(MONTHS[: len(issued)])
    for month in issued:  # what a quarter has come to so far is no part of a closed month
        month["values"] = {name: row for name, row in month["values"].items() if not row.get("to_date")}
        closed = {
            name: row for name, row in months(year(FOLDER))[month["month"]]["values"].items() if not row.get("to_date")
        }
        assert month["values"] == closed, month["month"]
        for part in ("obligations", "penalties", "breaches", "rights", "payments", "ledger"):
            assert month[part] == months(year(FOLDER))[month["month"]][part], (month["month"], part)


def test_scenarios() -> None:
    results = contract(FOLDER).run_scenarios()
    assert [(r.name, [str(f) for f in r.failures]) for r in results if r.failures] == []
    assert {result.name.split()[0] for result in results} >= {f"S{n}" for n in range(20, 28)}


def test_nothing_to_report_about_the_contract() -> None:
    assert [found for found in contract(FOLDER).findings if found.severity != "note"] == []


# ---- boundaries, each with its figure by hand (a share of 20,000, due on 24 February, grace to 2 March, 0.02% a day)


def run(facts: Mapping[str, Any], as_of: str) -> dict[str, Any]:
    lists = {name: facts.get(name, []) for name in ("费用", "追加申请", "评估", "会议", "大型活动", "内部结算")}
    return contract(FOLDER).evaluate({**facts, **lists}, as_of=as_of, complete_through=as_of).to_dict()


def cost(amount: str, on: str = "2026-01-14", by: str = "营销部", **consents: str) -> dict[str, Any]:
    return {"费用号": "F1", "发生日": on, "事项": "广告投放", "金额": amount, "垫付方": by, **consents}


def line(document: Mapping[str, Any], id: str) -> dict[str, Any]:
    rows = {row["id"]: row for month in document["months"] for row in month["obligations"]}
    return rows[id]


@pytest.mark.parametrize(
    ("on", "status", "interest"),
    [
        ("2026-02-24", "performed", "0.00"),  # the 15th is a holiday: to the first working day after it
        ("2026-03-02", "performed", "0.00"),  # the fifth day of grace is a Sunday
        ("2026-03-03", "breached", "4.00"),  # grace is forgiven: one day, paid first
    ],
)
def test_share_around_its_grace(on: str, status: str, interest: str) -> None:
    payment = {"ref": "J1", "on": on, "payer": "品牌部", "payee": "营销部", "amount": "20000"}
    share = line(run({"费用": [cost("50000")], "内部结算": [payment]}, on), "品牌部归还分摊@2026-01")
    assert (share["due"], share["status"]) == ("2026-02-24", status)
    assert share["interest"]["booked"] == interest


def test_interest_stops_at_its_cap() -> None:
    """4.00 a day from 3 March; 5% of 20,000 is reached after 250 days, on 7 November."""
    for day, booked in {"2026-11-06": "996.00", "2026-11-07": "1000.00", "2026-12-31": "1000.00"}.items():
        assert line(run({"费用": [cost("50000")]}, day), "品牌部归还分摊@2026-01")["interest"]["booked"] == booked


@pytest.mark.parametrize(
    ("amount", "consents", "shared"),
    [
        ("100000", {}, "100000.00"),
        ("100000.01", {}, "0.00"),
        ("100000.01", {"营销部同意日": "2026-01-14", "品牌部同意日": "2026-01-14"}, "100000.01"),
        ("100000.01", {"营销部同意日": "2026-01-14", "品牌部同意日": "2026-01-15"}, "0.00"),
    ],
)
def test_joint_approval_at_its_threshold(amount: str, consents: dict[str, str], shared: str) -> None:
    document = run({"费用": [cost(amount, **consents)]}, "2026-01-31")
    assert document["months"][0]["values"]["共担费用"]["value"] == shared
    broken = {row["of"] for row in document["months"][0]["breaches"]}
    assert ("未经联合审批开支@F1" in broken) == (shared == "0.00")


@pytest.mark.parametrize(("consent", "cap"), [("2026-06-30", "250000.00"), ("2026-07-01", "200000.00")])
def test_extra_budget_counts_if_both_consent_by_the_end_of_its_month(consent: str, cap: str) -> None:
    request = {"申请号": "T1", "申请日": "2026-06-01", "事由": "大型促销活动", "追加额": "50000"}
    given = {"营销部同意日": "2026-06-02", "品牌部同意日": consent}
    document = run({"追加申请": [request | given]}, "2026-07-31")
    assert [m["values"]["当月预算上限"]["value"] for m in document["months"][-2:]] == [cap, "200000.00"]


def test_a_wednesday_that_is_a_holiday_and_one_that_is_not() -> None:
    meetings = [
        {"会议号": "M1", "召开日": "2026-10-08", "类别": "联合会议"},
        {"会议号": "M2", "召开日": "2026-10-15", "类别": "联合会议"},
    ]
    document = run({"会议": meetings}, "2026-10-31")
    assert line(document, "召开联合会议@2026-10-07")["status"] == "performed"
    assert line(document, "召开联合会议@2026-10-14")["status"] == "breached"
    assert line(document, "召开联合会议@2026-10-21")["status"] == "breached"


@pytest.mark.parametrize("score", ["0", "59.99", "88", "100", "104"])
def test_bonus_by_score(score: str) -> None:
    bonus = {"0": "0.00", "59.99": "17997.00", "88": "26400.00", "100": "30000.00", "104": "30000.00"}[score]
    document = run({"2026-Q1": {"考核得分": score}}, "2026-03-31")
    for who in ("营销部", "品牌部"):
        assert line(document, f"支付{who}奖金@2026-Q1")["amount"]["value"] == bonus
    assert [row["id"] for row in document["months"][1]["obligations"] if "奖金" in row["id"]] == []
