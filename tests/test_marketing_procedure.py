"""A procedure without money: a year against figures computed without the engine, and the rows S60 to S66."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from shipped import computed, contract, last_rows, months, recomputed, year

from clausal.dsl import periods

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "contracts" / "marketing-procedure"
EXPECTED = computed(FOLDER)
MONTHS = tuple(EXPECTED["months"])


@cache
def by_points() -> dict[str, Any]:
    return contract(FOLDER).evaluate(FOLDER / "facts", parameters={"知名度口径": "百分点"}).to_dict()


def minutes_late(row: Mapping[str, Any]) -> int:
    """The hours of the document have twelve decimals."""
    return round(Fraction(row.get("hours_late") or 0) * 60)


def test_expected_statement_is_what_the_computation_writes(tmp_path: Path) -> None:
    assert recomputed(FOLDER, tmp_path) == EXPECTED


def test_the_year_runs_to_its_last_month_and_knows_no_money() -> None:
    assert year(FOLDER)["as_of"] == EXPECTED["as_of"]
    assert tuple(months(year(FOLDER))) == MONTHS
    assert {warning["code"] for warning in year(FOLDER)["warnings"]} == {"note", "calendar provisional"}
    for month in year(FOLDER)["months"]:
        assert (month["state"], month["ledger"], month["payments"], month["undetermined"]) == ("active", [], [], [])


@pytest.mark.parametrize("points", [False, True], ids=["relative", "points"])
@pytest.mark.parametrize("key", MONTHS)
def test_awareness_by_either_reading(key: str, points: bool) -> None:
    expected = EXPECTED["points"][key] if points else EXPECTED["months"][key]["awareness"]
    values = months(by_points() if points else year(FOLDER))[key]["values"]
    found = {"target": values["知名度目标"]["exact"], "status": values["新品知名度"]["status"]}
    assert found | {"goal": values["新品三个月目标"]["status"]} == expected
    if expected["status"] != "not assessed":
        assert values["新品知名度"].get("level") == (None if expected["status"] == "met" else "落后")


@pytest.mark.parametrize("key", MONTHS)
def test_repurchase_is_tracked_by_months(key: str) -> None:
    row = months(year(FOLDER))[key]["values"]["年度复购率"]
    found = {"measure": row["measure"]["exact"], "status": row["status"], "level": row.get("level")}
    assert found | {"to_date": row["to_date"]} == EXPECTED["months"][key]["repurchase"]
    assert months(year(FOLDER))[key]["values"]["累计复购率"]["exact"] == found["measure"]


@pytest.mark.parametrize("key", MONTHS)
def test_content(key: str) -> None:
    values = months(year(FOLDER))[key]["values"]
    found = [int(values[name]["exact"]) for name in ("可发布稿件", "不得发布稿件")]
    assert found == EXPECTED["months"][key]["content"]


def test_duties() -> None:
    rows = last_rows(year(FOLDER), "obligations", "id")
    assert set(rows) == set(EXPECTED["duties"])
    for id, expected in EXPECTED["duties"].items():
        found = {name: rows[id].get(name) for name in expected} | {"by": rows[id]["debtor"]}
        if "due_at" in expected:
            found["minutes_late"] = minutes_late(rows[id])
        assert found == expected, id


def test_breaches() -> None:
    found = {
        of: {"by": row["by"][0], "since": row["since"], "ended_on": row["ended_on"], "grade": row["grade"]}
        for of, row in last_rows(year(FOLDER), "breaches", "of").items()
    }
    assert found == EXPECTED["breaches"]


def test_reviews() -> None:
    found = [
        [event["date"], event["subject"], event["args"]["status"], event["args"].get("without", [])]
        for month in year(FOLDER)["months"]
        for event in month["events"]
        if event["kind"] == "approval"
    ]
    assert sorted(found) == EXPECTED["reviews"]


def test_alerts_when_a_level_changes() -> None:
    found = [
        (event["date"], event["subject"], event["args"]["from"], event["args"]["to"])
        for month in year(FOLDER)["months"]
        for event in month["events"]
        if event["kind"] == "alert"
    ]
    assert found == [
        ("2026-01-31", "年度复购率@2026", None, "落后"),
        ("2026-03-31", "新品知名度@2026-03", None, "落后"),
        ("2026-05-31", "新品知名度@2026-05", "落后", None),
        ("2026-06-30", "新品知名度@2026-06", None, "落后"),
        ("2026-07-31", "新品知名度@2026-07", "落后", None),
        ("2026-12-31", "年度复购率@2026", "落后", None),
    ]


def test_audits_by_half_years() -> None:
    document = contract(FOLDER).evaluate(FOLDER / "facts", parameters={"内审周期": "6个月"}).to_dict()
    found = {
        id: {"due": row["due"], "performed_on": row["performed_on"]}
        for id, row in last_rows(document, "obligations", "id").items()
        if row["obligation"] == "内部审计"
    }
    assert found == EXPECTED["half_yearly"]


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
    for month in issued:
        for part in ("values", "obligations", "breaches"):
            assert month[part] == months(year(FOLDER))[month["month"]][part], (month["month"], part)


def test_scenarios() -> None:
    results = contract(FOLDER).run_scenarios()
    assert [(r.name, [str(f) for f in r.failures]) for r in results if r.failures] == []
    assert {result.name.split()[0] for result in results} >= {f"S{n}" for n in range(60, 67)}


def test_nothing_to_report_about_the_contract() -> None:
    assert [found for found in contract(FOLDER).findings if found.severity != "note"] == []


# ---- boundaries


@pytest.mark.parametrize(
    ("answered", "status", "late"),
    [
        ("2026-03-16T00:30", "performed", 0),  # 22:30 and two hours
        ("2026-03-16T00:31", "performed late", 1),
        (None, "breached", 23 * 60 + 30),  # to the end of the day
    ],
)
def test_two_hours_run_past_midnight(answered: str | None, status: str, late: int) -> None:
    record = {"监测号": "W1", "监测时刻": "2026-03-15T22:30", "负面信息": 21, "启动响应时刻": answered}
    document = contract(FOLDER).evaluate({"舆情监测": [record]}, as_of="2026-03-16").to_dict()
    row = last_rows(document, "obligations", "id")["启动响应@W1"]
    assert (row["due_at"], row["status"]) == ("2026-03-16T00:30", status)
    assert minutes_late(row) == late


@pytest.mark.parametrize(("posts", "duty"), [(20, False), (21, True), (25, True)])
def test_the_threshold_itself_is_no_alarm(posts: int, duty: bool) -> None:
    record = {"监测号": "W1", "监测时刻": "2026-03-15T22:30", "负面信息": posts, "启动响应时刻": None}
    document = contract(FOLDER).evaluate({"舆情监测": [record]}, as_of="2026-03-31").to_dict()
    assert ("启动响应@W1" in last_rows(document, "obligations", "id")) == duty


@pytest.mark.parametrize(
    ("told", "agreed", "broken"),
    [
        ("2026-04-12", "2026-04-12", False),
        ("2026-04-12", "2026-04-13", True),
        ("2026-04-13", "2026-04-12", True),
        ("2026-04-12", None, True),
        (None, "2026-04-12", True),
    ],
)
def test_told_and_agreed_by_the_day_of_collection(told: str | None, agreed: str | None, broken: bool) -> None:
    record = {"收集号": "U1", "收集日": "2026-04-12", "场景": "注册", "告知用途日": told, "用户同意日": agreed}
    document = contract(FOLDER).evaluate({"信息收集": [record]}, as_of="2026-04-30").to_dict()
    rows = last_rows(document, "breaches", "of")
    assert set(rows) == ({"未经同意收集@U1", "删除信息@U1"} if broken else set())


def test_a_consent_that_nobody_knows_of_is_neither_given_nor_missing() -> None:
    record = {"收集号": "U1", "收集日": "2026-04-12", "场景": "注册", "告知用途日": "2026-04-12", "用户同意日": "未知"}
    document = contract(FOLDER).evaluate({"信息收集": [record]}, as_of="2026-04-30").to_dict()
    assert last_rows(document, "breaches", "of") == {}
    assert any("用户同意日" in need for row in document["months"][-1]["undetermined"] for need in row["needs"])
