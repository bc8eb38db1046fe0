"""The integrated marketing agreement: a year against figures computed without the engine, its rows, its words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from shipped import computed, contract, last_rows, months, recomputed, year

from clausal.dsl import periods

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "contracts" / "integrated-marketing"
EXPECTED = computed(FOLDER)
MONTHS = tuple(EXPECTED["months"])
CLIENT, PROVIDER = "甲方", "乙方"


def events(kind: str) -> list[dict[str, Any]]:
    return [event for month in year(FOLDER)["months"] for event in month["events"] if event["kind"] == kind]


# ---- the year, figure by figure


def test_expected_statement_is_what_the_computation_writes(tmp_path: Path) -> None:
    assert recomputed(FOLDER, tmp_path) == EXPECTED


def test_the_year_runs_to_its_last_month() -> None:
    assert year(FOLDER)["as_of"] == EXPECTED["as_of"]
    assert tuple(months(year(FOLDER))) == MONTHS
    assert [u for month in year(FOLDER)["months"] for u in month["undetermined"]] == []


@pytest.mark.parametrize("key", MONTHS)
def test_state_and_ledger(key: str) -> None:
    expected = EXPECTED["months"][key]["ledger"]
    assert months(year(FOLDER))[key]["state"] == EXPECTED["months"][key]["state"]
    rows = {row["from"]: row for row in months(year(FOLDER))[key]["ledger"]}
    found = {
        debtor: {name: rows[debtor].get(name, rows[debtor]["of_which"].get(name)) for name in columns}
        for debtor, columns in expected.items()
    }
    assert found == expected
    assert set(rows) == set(expected)


@pytest.mark.parametrize("key", MONTHS)
def test_values_kpis_and_the_run_of_misses(key: str) -> None:
    month, expected = months(year(FOLDER))[key], EXPECTED["months"][key]
    for name, value in expected.get("values", {}).items():
        assert Fraction(month["values"][name]["exact"]) == Fraction(value), name
    for name, kpi in expected.get("kpis", {}).items():
        row = month["values"][name]
        assert row["status"] == kpi["status"], name
        if "attainment" in kpi:
            assert Fraction(row["attainment"].removesuffix("%")) / 100 == Fraction(kpi["attainment"]), name
    for name, value in expected.get("balance", {}).items():
        assert Fraction(month["balances"]["连续未达成月数"][name]) == value, name


@pytest.mark.parametrize("key", MONTHS)
def test_lines(key: str) -> None:
    found = {
        row["id"]: {
            "amount": row["amount"]["value"],
            "tax": row["tax"]["tax"] if row.get("tax") else "0.00",
            **{name: row[name] for name in ("due", "status", "paid", "open", "interest", "performed_on")},
        }
        for row in months(year(FOLDER))[key]["obligations"]
        if row["action"] == "pay"
    }
    assert found == EXPECTED["months"][key]["lines"]


def test_duties_that_are_not_money() -> None:
    rows = last_rows(year(FOLDER), "obligations", "id")
    found = {i: {"due": r["due"], "status": r["status"]} for i, r in rows.items() if r["action"] != "pay"}
    assert found == EXPECTED["duties"]


def test_breaches() -> None:
    rows = last_rows(year(FOLDER), "breaches", "of")
    assert set(rows) == set(EXPECTED["breaches"])
    for id, expected in EXPECTED["breaches"].items():
        row = rows[id]
        assert row["by"] == [expected["by"]], id
        for name in ("since", "ended_on", "grade", "graded_on"):
            assert row[name] == expected[name], (id, name)
        assert row["cured_on"] == expected.get("cured_on"), id


@pytest.mark.parametrize("key", MONTHS)
def test_rights(key: str) -> None:
    expected = EXPECTED["months"][key]["rights"]
    for row in months(year(FOLDER))[key]["rights"]:
        assert {name: row[name] for name in expected[row["id"]]} == expected[row["id"]], row["id"]
    opened = {row["id"] for k in MONTHS if k <= key for row in months(year(FOLDER))[k]["rights"]}
    assert opened == set(expected)


def test_settlement_lists_what_is_owed_at_the_end() -> None:
    settlement, expected = year(FOLDER)["settlement"], EXPECTED["settlement"]
    assert settlement["as_of"] == expected["as_of"] == EXPECTED["ended"]
    for part in ("principal", "interest"):
        found = {item["id"]: item["amount"] for item in settlement["items"] if item["part"] == part}
        assert found == expected[part], part
    # 56,000 + 224.00 of October, 12,000 + 15,000 of November
    assert [(t["from"], t["to"], t["amount"]) for t in settlement["totals"]] == [(CLIENT, PROVIDER, "83224.00")]


def test_start_end_and_force_majeure() -> None:
    states = [(e["date"], e["args"]["to"]) for e in events("state")]
    assert states[0] == (EXPECTED["started"], "active")
    assert states[-1] == (EXPECTED["ended"], "ended")
    assert [(e["date"], e["args"]["code"]) for e in events("suspension")] == [
        ("2026-07-06", "begins"),
        ("2026-07-16", "ends"),
    ]
    issued = contract(FOLDER).evaluate(FOLDER / "facts", as_of="2026-08-31").to_dict()
    # 12 January 2026 and a year: 11 January 2027, and ten days of force majeure
    assert [u["date"] for u in issued["upcoming"] if u["kind"] == "term ends"] == ["2027-01-21"]


def test_ladders() -> None:
    for key, ladder in EXPECTED["ladders"].items():
        rows = [e for e in events("level") if e["subject"] == f"友好协商@{key}"]
        opened = [(e["date"], e["args"]["last_day"]) for e in rows if e["args"]["status"] == "opened"]
        assert opened == [(step["opened"], step["last_day"]) for step in ladder["steps"]], key
        assert (rows[-1]["date"], rows[-1]["args"]["status"]) == (ladder["on"], ladder["status"]), key


def test_launches_without_approval() -> None:
    last = {event["subject"]: event["args"]["status"] for event in events("approval")}
    assert [key.split("@")[1] for key, status in last.items() if status == "blocked"] == EXPECTED["blocked"]


def test_flags() -> None:
    flags = {c["subject"]: c["amount"]["value"] for c in year(FOLDER)["contingent"] if c["kind"] == "flag"}
    assert flags == EXPECTED["flags"]


def test_document_has_the_published_shape() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "engine" / "report" / "result.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(year(FOLDER))


@pytest.mark.parametrize("key", MONTHS)
def test_a_closed_month_does_not_rest_on_later_facts(key: str) -> None:
    """Each month's money as it was issued is what the whole year shows for it."""
    as_of = periods.parse_period(key).end
    issued = contract(FOLDER).evaluate(FOLDER / "facts", as_of=as_of).to_dict()["months"]
    assert [month["month"] for month in issued] == list(MONTHS[: len(issued)])
    for month in issued:
        for part in ("values", "penalties", "rights", "payments", "ledger", "balances"):
            assert month[part] == months(year(FOLDER))[month["month"]][part], (month["month"], part)


def test_month_by_month_from_the_saved_state_is_the_year_at_once() -> None:
    state = None
    for end in ("2026-01-31", "2026-04-30", "2026-07-10", "2026-11-18", "2026-12-31"):
        facts: Any = FOLDER / "facts" if state is None else {}
        state = (statement := contract(FOLDER).evaluate(facts, as_of=end, state=state)).state
        state = json.loads(json.dumps(state))
    assert statement.to_dict()["restatement"] == []
    assert statement.to_dict()["months"] == year(FOLDER)["months"]


# ---- the file


def test_scenarios() -> None:
    results = contract(FOLDER).run_scenarios()
    assert [(r.name, [str(f) for f in r.failures]) for r in results if r.failures] == []
    rows = {word for result in results for word in result.name.split() if word.startswith("S")}
    assert rows >= {f"S{n}" for n in range(1, 20)}


def test_nothing_to_report_about_the_contract() -> None:
    assert [finding for finding in contract(FOLDER).findings if finding.severity != "note"] == []


# ---- boundaries, each with its figure by hand


ONCE: dict[str, Any] = {
    "首付款到账日": "2025-12-20",
    "关键资料齐备日": "2025-12-25",
    "不可抗力发生日": None,
    "未达标解除通知": None,
    "整改验收日": None,
}
MISSED: dict[str, Any] = {"GA独立访客": 11_999, "核心关键词排名": 9, "销售转化额": 0}
MET: dict[str, Any] = {"GA独立访客": 12_000, "核心关键词排名": 10, "销售转化额": 0}


def run(facts: Mapping[str, Any], as_of: str, parameters: Mapping[str, str] | None = None) -> dict[str, Any]:
    given = {"once": ONCE, "收付款": [], **facts}
    return contract(FOLDER).evaluate(given, as_of=as_of, complete_through=as_of, parameters=parameters).to_dict()


@pytest.mark.parametrize(
    ("sales", "amount"),
    [
        (0, "0.00"),
        (999_999.99, "50000.00"),  # 49,999.9995
        (1_000_000, "50000.00"),
        (1_000_001, "50000.08"),
        (1_200_000, "66000.00"),
    ],
)
def test_commission_around_the_million(sales: float, amount: str) -> None:
    document = run({"2026-01": {"销售转化额": str(sales)}}, "2026-01-31")
    [line] = [row for row in document["months"][0]["obligations"] if row["action"] == "pay"]
    assert {part["name"]: part["amount"] for part in line["parts"]}["佣金"] == amount


@pytest.mark.parametrize(
    ("materials", "amount"),
    [
        ("2026-03-12", "12903.23"),  # 20,000 x 20/31
        ("2026-03-01", "20000.00"),
        ("2026-03-31", "645.16"),  # 20,000 x 1/31
    ],
)
def test_the_first_fee_counts_from_the_day_of_the_last_condition(materials: str, amount: str) -> None:
    once = {**ONCE, "首付款到账日": "2026-02-20", "关键资料齐备日": materials}
    document = run({"once": once, "2026-03": {"销售转化额": 0}}, "2026-03-31")
    assert [month["state"] for month in document["months"]] == ["pending", "pending", "active"]
    [line] = [row for row in document["months"][2]["obligations"] if row["action"] == "pay"]
    assert line["amount"]["value"] == amount


@pytest.mark.parametrize(
    ("shape", "amounts"),
    [
        # a part that is nothing is still a line: 20,000 + 66,000
        ({}, {"支付服务费@2026-01": "86000.00", "支付服务费@2026-02": "20000.00", "支付服务费@2026-03": "20000.00"}),
        ({"支付周期": "季度付"}, {"支付季度服务费@2026-Q1": "126000.00"}),
        (
            {"计费方式": "纯佣金制"},
            {"支付纯佣金@2026-01": "120000.00", "支付纯佣金@2026-02": "0.00", "支付纯佣金@2026-03": "0.00"},
        ),
        ({"计费方式": "固定总价"}, {"支付里程碑一款@once": "72000.00"}),
    ],
)
def test_shapes_of_the_fee(shape: Mapping[str, str], amounts: Mapping[str, str]) -> None:
    facts = {f"2026-{n:02}": {"销售转化额": sales} for n, sales in ((1, 1_200_000), (2, 0), (3, 0))}
    facts["once"] = {**ONCE, "里程碑一验收日": "2026-02-10", "里程碑二验收日": None, "里程碑三验收日": None}
    document = run(facts, "2026-03-31", parameters=shape)
    found = {
        row["id"]: row["amount"]["value"]
        for month in document["months"]
        for row in month["obligations"]
        if row["action"] == "pay" and not row["id"].startswith("里程碑")
    }
    assert found == amounts


@pytest.mark.parametrize(
    ("received", "ends"),
    [("2026-03-31", None), ("2026-04-01", "2026-04-16"), ("2026-06-29", "2026-07-14"), ("2026-06-30", None)],
)
def test_terminating_on_the_first_and_last_day(received: str, ends: str | None) -> None:
    """The third miss is final on 31 March: 1 April to 29 June (90 days); 15 days of notice."""
    facts: dict[str, Any] = {f"2026-{n:02}": MISSED if n < 4 else MET for n in range(1, 8)}
    facts["once"] = {**ONCE, "未达标解除通知": {"sent": received, "received": received}}
    settlement = run(facts, "2026-07-31")["settlement"]
    assert (settlement and settlement["as_of"]) == ends


def test_an_unassessed_month_does_not_break_the_run_of_misses() -> None:
    facts: dict[str, Any] = {"2026-01": MISSED, "2026-02": MISSED, "2026-03": MET, "2026-04": MISSED}
    facts["once"] = {**ONCE, "不可抗力发生日": "2026-03-10", "不可抗力消除日": "2026-03-12"}
    document = run(facts, "2026-04-30")
    assert [month["balances"]["连续未达成月数"]["closing"] for month in document["months"]] == ["1", "2", "2", "3"]
    assert [row["id"] for row in document["months"][3]["rights"] if row["right"] == "长期未达标"] == [
        "长期未达标@2026-04"
    ]


def test_an_unknown_month_leaves_the_run_of_misses_unknown() -> None:
    document = run({"2026-01": MISSED, "2026-02": {"核心关键词排名": 9}, "2026-03": MISSED}, "2026-03-31")
    assert [month["balances"]["连续未达成月数"]["closing"] for month in document["months"]] == ["1", None, None]
    assert "GA独立访客@2026-02" in {need for u in document["months"][2]["undetermined"] for need in u["needs"]}


@pytest.mark.parametrize(("days", "open_"), [(30, False), (31, True)])
def test_force_majeure_of_thirty_days(days: int, open_: bool) -> None:
    """From 1 March on: the thirtieth day after it is 31 March; the power can be exercised from 1 April."""
    facts = {"once": {**ONCE, "不可抗力发生日": "2026-03-01", "不可抗力消除日": None, "乙方不可抗力解除通知": None}}
    as_of = {30: "2026-03-30", 31: "2026-03-31"}[days]
    rows = [row["right"] for month in run(facts, as_of)["months"] for row in month["rights"]]
    assert ("乙方因不可抗力解除" in rows) == open_
