"""The brand cooperation: a year against figures computed without the engine, its words against the paper's, its blanks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from shipped import computed, contract, last_rows, months, recomputed, year

import clausal
from clausal.dsl import periods

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "contracts" / "brand-cooperation"
EXPECTED = computed(FOLDER)
MONTHS = tuple(EXPECTED["months"])
KPIS = ("met", "missed", "not assessed")


# ---- the year, figure by figure


def test_expected_statement_is_what_the_computation_writes(tmp_path: Path) -> None:
    assert recomputed(FOLDER, tmp_path) == EXPECTED


def test_the_year_runs_to_its_last_month() -> None:
    assert year(FOLDER)["as_of"] == EXPECTED["as_of"]
    assert tuple(months(year(FOLDER))) == MONTHS
    # the dividends of the last quarter fall due in 2027, of which the calendar knows only the weekends
    assert {warning["code"] for warning in year(FOLDER)["warnings"]} == {"note", "calendar provisional"}
    unknown = {
        (month["month"], u["what"].split("@")[0]) for month in year(FOLDER)["months"] for u in month["undetermined"]
    }
    growth = ("营收增长率", "连续两季度低于行业")  # the quarter in which the contract ends has no revenue of its own
    assert unknown == {(month, name) for month in ("2026-10", "2026-11") for name in growth}


@pytest.mark.parametrize("key", MONTHS)
def test_values_kpis_and_balances(key: str) -> None:
    month, expected = months(year(FOLDER))[key], EXPECTED["months"][key]
    assert month["state"] == expected["state"]
    assert {name: month["values"][name]["value"] for name in expected["values"]} == expected["values"]
    assert {name: month["values"][name]["status"] for name in expected["kpis"]} == expected["kpis"]
    for name, figures in expected["balances"].items():
        assert {figure: month["balances"][name][figure] for figure in figures} == figures, name


@pytest.mark.parametrize("key", MONTHS)
def test_ledger(key: str) -> None:
    expected = EXPECTED["months"][key]["ledger"]
    found = {
        f"{row['from']}→{row['to']}": {
            name: row[name] if name in row else row["of_which"][name]
            for name in next(iter(expected.values()))  # every row has the same columns
        }
        for row in months(year(FOLDER))[key]["ledger"]
    }
    assert found == expected


@pytest.mark.parametrize("key", MONTHS)
def test_lines(key: str) -> None:
    found = {
        row["id"]: {
            "amount": row["amount"]["value"],
            **{name: row[name] for name in ("due", "status", "paid", "open", "interest", "performed_on")},
        }
        for row in months(year(FOLDER))[key]["obligations"]
        if row["action"] == "pay"
    }
    assert found == EXPECTED["months"][key]["lines"]


def test_duties_that_are_not_money() -> None:
    rows = {i: r for i, r in last_rows(year(FOLDER), "obligations", "id").items() if r["action"] != "pay"}
    assert set(rows) == set(EXPECTED["duties"])
    for id, expected in EXPECTED["duties"].items():
        assert {name: rows[id].get(name) for name in expected} == expected, id


def test_breaches() -> None:
    rows = last_rows(year(FOLDER), "breaches", "of")
    assert set(rows) == set(EXPECTED["breaches"])
    for id, expected in EXPECTED["breaches"].items():
        assert rows[id]["by"] == [expected["by"]], id
        for name in ("since", "ended_on", "grade", "graded_on"):
            assert rows[id][name] == expected[name], (id, name)


@pytest.mark.parametrize("key", MONTHS)
def test_rights(key: str) -> None:
    """Each right by its name and the day on which it opened."""
    rows = {row["id"]: row for k in MONTHS if k <= key for row in months(year(FOLDER))[k]["rights"]}
    found = {(row["right"], row["opened"], row["lapses"], row["status"], row["exercised_on"]) for row in rows.values()}
    assert found == {
        (id.split("@")[0], right["opened"], right["last_day"], right["status"], right["exercised_on"])
        for id, right in EXPECTED["months"][key]["rights"].items()
    }


def test_events_settlement_and_flags() -> None:
    events = [event for month in year(FOLDER)["months"] for event in month["events"]]
    idle = ("too late", "premature", "no right", "no effect")
    late = [(e["date"], e["kind"], e["subject"]) for e in events if e["kind"] in idle]
    assert late == [(e["date"], e["kind"], e["subject"]) for e in EXPECTED["events"]]
    excluded = [e["subject"] for e in events if e["kind"] == "excluded"]
    assert excluded == [f"联名销售 {number}" for number in EXPECTED["excluded"]]
    settlement, expected = year(FOLDER)["settlement"], EXPECTED["settlement"]
    assert settlement["as_of"] == expected["as_of"] == EXPECTED["ended"]
    items = {i["id"]: i["amount"] for i in settlement["items"] if i["part"] in ("principal", "penalty")}
    assert items == expected["items"]
    interest = {i["id"]: i["amount"] for i in settlement["items"] if i["part"] == "interest"}
    assert interest == expected["interest"]
    parts = [i for i in settlement["items"] if i["part"] == "credit"]
    assert {f"{i['owed_to']}→{i['owed_by']}": i["amount"] for i in parts} == expected["credit"]
    # 50,000 + 225 of the dividends of October, 20,000 of November, 18,950 for the exit
    owed = {(t["from"], t["to"]): t["amount"] for t in settlement["totals"]}
    assert owed["经营方", "投资方"] == "89175.00"
    assert (owed["共管账户", "品牌方"], owed["共管账户", "经营方"]) == ("32000.00", "48000.00")
    over = {c["subject"]: c["amount"]["value"] for c in year(FOLDER)["contingent"] if c["code"] == "over 130% of loss"}
    assert over == EXPECTED["flags"]


def test_confidence_is_kept_for_five_years() -> None:
    """S50, after the exit of 19 November 2026."""
    ends = [(u["date"], u["subject"]) for u in year(FOLDER)["upcoming"] if u["kind"] == "survival ends"]
    assert ends == [("2031-11-19", "泄露核心机密")]


def test_disputes_climb_and_stop() -> None:
    """Each level's last day, and the day on which the ladder is exhausted."""
    found: dict[str, list[tuple[str, str]]] = {}
    for event in (e for month in year(FOLDER)["months"] for e in month["events"] if e["kind"] == "level"):
        found.setdefault(event["subject"].split("@")[1], []).append((event["args"]["status"], event["date"]))
    first = EXPECTED["ladders"]["D-01"]
    assert [day for status, day in found["D-01"] if status == "expired"] == first["ends"]
    assert ("exhausted", first["exhausted"]) in found["D-01"]
    assert EXPECTED["ladders"]["D-02"]["exhausted"] is None
    assert [status for status, _ in found["D-02"]][-1] == "stopped"


def test_document_has_the_published_shape() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "engine" / "report" / "result.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(year(FOLDER))


def test_same_inputs_same_bytes() -> None:
    again = clausal.load(FOLDER).evaluate(FOLDER / "facts").to_json()
    assert again == contract(FOLDER).evaluate(FOLDER / "facts").to_json()


@pytest.mark.parametrize("key", MONTHS)
def test_a_closed_month_does_not_rest_on_later_facts(key: str) -> None:
    """Each month's statement as it was issued is the one that the whole year shows for it."""
    as_of = periods.parse_period(key).end
    issued = contract(FOLDER).evaluate(FOLDER / "facts", as_of=as_of).to_dict()["months"]
    assert [month["month"] for month in issued] == list(MONTHS[: len(issued)])
    for month in issued:
        for part in ("obligations", "penalties", "breaches", "rights", "payments", "ledger", "balances"):
            assert month[part] == months(year(FOLDER))[month["month"]][part], (month["month"], part)


def test_month_by_month_from_the_saved_state_is_the_year_at_once() -> None:
    state = None
    for end in ("2026-01-31", "2026-05-31", "2026-06-30", "2026-10-31", "2026-12-31"):
        facts: Any = FOLDER / "facts" if state is None else {}
        state = (statement := contract(FOLDER).evaluate(facts, as_of=end, state=state)).state
        state = json.loads(json.dumps(state))
    assert statement.to_dict()["restatement"] == []
    assert statement.to_dict()["months"] == year(FOLDER)["months"]


def test_scenarios_cover_every_row() -> None:
    results = contract(FOLDER).run_scenarios()
    assert [(r.name, [str(f) for f in r.failures]) for r in results if r.failures] == []
    rows = {result.name.split()[0] for result in results}
    assert rows >= {f"S{n}" for n in range(28, 60)}


def test_nothing_to_report_about_the_contract() -> None:
    for found in contract(FOLDER).findings:
        assert found.severity == "note", found


# ---- blanks and contradictions


def test_the_blank_of_the_budget_is_checked_and_does_not_run() -> None:
    """S55: the paper writes "CPM低于X元"."""
    text = (FOLDER / "brand-cooperation.contract").read_text("utf-8")
    assert text.count(": 金额      = 35元 ") == 1
    blank = clausal.load(text.replace(": 金额      = 35元 ", ": 金额      = 待填 "))
    with pytest.raises(clausal.Rejected, match="CPM门槛"):
        blank.evaluate(FOLDER / "facts")
    filled = blank.evaluate(FOLDER / "facts", parameters={"CPM门槛": "35元"})
    assert filled.to_dict()["months"] == year(FOLDER)["months"]


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("月度数据", "2026-02,150000.55", "2026-01,150000.55", "F604"),  # one month twice
        ("月度数据", "渠道销售额", "渠道销售", "F601"),
        ("月度数据", "150000.55,9%", "150000.55,0.09", None),  # nine percent, or nine hundredths of one?
        ("收付款", "P002", "P001", "F613"),  # one reference twice
        ("收付款", "50000.00", "-50000.00", "F612"),
        ("专项审计", "A-02", "A-01", None),
        ("储备金动用", "供应链中断", "日常开支", None),
        ("重大舆情", "2026-07-06 23:30", "2026-07-06", None),  # a day is no moment
    ],
)
def test_contradictory_files_are_refused(tmp_path: Path, file: str, old: str, new: str, code: str | None) -> None:
    shutil.copytree(FOLDER / "facts", tmp_path / "facts")
    path = tmp_path / "facts" / f"{file}.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(clausal.Rejected) as rejected:
        contract(FOLDER).evaluate(tmp_path / "facts")
    assert f"{file}.csv" in str(rejected.value)
    if code is not None:
        assert code in str(rejected.value)


# ---- other readings cost what the notes say


@cache
def variant(old: str, new: str) -> clausal.Contract:
    text = (FOLDER / "brand-cooperation.contract").read_text("utf-8")
    assert text.count(old) == 1
    return clausal.load(text.replace(old, new))


def figure(of: clausal.Contract, facts: Mapping[str, Any], id: str, as_of: str = "2026-01-31") -> Any:
    document = of.evaluate(facts, as_of=as_of, complete_through=as_of).to_dict()
    return last_rows(document, "obligations", "id")[id]["amount"]["value"]


def test_the_whole_reading_of_the_commission() -> None:
    """S33: 1,500,000 gives 90,000; by the whole amount 120,000."""
    facts = {"2026-01": {"渠道销售额": 1_500_000}}
    assert figure(contract(FOLDER), facts, "支付渠道分成@2026-01") == "90000.00"
    old = "阶梯 超额累进 按月累计 于 渠道销售额"
    assert figure(variant(old, old.replace("超额", "全额")), facts, "支付渠道分成@2026-01") == "120000.00"


def test_the_next_month_reading_of_the_payback() -> None:
    """S38: R = 665,000 of 1,000,000, profit 100,000: 65,000 where the month is cut at 70%, 70,000 where it is not."""
    rates = dict.fromkeys(("客单价达成率", "复购率达成率", "客流达成率", "转化达成率", "满意度达成率"), "100%")
    facts = {"2026-01": {"门店利润": 100_000, "行业景气指数": 51, **rates}, "2025-Q4": {"营收波动系数": "10%"}}
    facts["休眠期"] = []  # type: ignore[assignment]
    capital = {"投资方本金": "100万元", "期初累计回收": "665000元"}
    for of, amount in (
        (contract(FOLDER), "65000.00"),
        (variant("投资方 当月分段 {", "投资方 次月起适用 {"), "70000.00"),
    ):
        document = of.evaluate(facts, as_of="2026-01-31", complete_through="2026-01-31", parameters=capital).to_dict()
        assert last_rows(document, "obligations", "id")["支付门店分红@2026-01"]["amount"]["value"] == amount


@pytest.mark.parametrize(("verified", "audited"), [("286956.53", False), ("286956.52", True), ("285000", True)])
def test_the_audit_at_fifteen_percent(verified: str, audited: bool) -> None:
    """S41: 330,000 reported; 15% is exceeded below 330,000 / 1.15 = 286,956.5217…, to the cent."""
    facts: dict[str, Any] = {f"{month}": {"申报营收": 0, "核实营收": 0} for month in ("2025-11", "2025-12")}
    facts |= {"2026-01": {"申报营收": 330_000, "核实营收": verified}, "专项审计": [], "休眠期": []}
    document = contract(FOLDER).evaluate(facts, as_of="2026-01-31", complete_through="2026-01-31").to_dict()
    assert ("引入专项审计@2026-01-31" in last_rows(document, "obligations", "id")) is audited
