"""The B2B agreement: a year against figures computed without the engine, its English twin, its boundaries."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from shipped import computed, contract, last_rows, months, recomputed, year

import clausal
from clausal.dsl import model, periods

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "contracts" / "b2b-outsourcing"
TWIN = ROOT / "contracts" / "b2b-outsourcing-en"
EXPECTED = computed(FOLDER)
MONTHS = tuple(EXPECTED["months"])
CLIENT, OPERATOR = "甲方", "乙方"


# ---- the year, figure by figure


def test_expected_statement_is_what_the_computation_writes(tmp_path: Path) -> None:
    assert recomputed(FOLDER, tmp_path) == EXPECTED


def test_the_year_runs_to_its_last_month() -> None:
    assert year(FOLDER)["as_of"] == EXPECTED["as_of"]
    assert tuple(months(year(FOLDER))) == MONTHS
    assert {warning["code"] for warning in year(FOLDER)["warnings"]} <= {"note"}
    assert [u for month in year(FOLDER)["months"] for u in month["undetermined"]] == []


@pytest.mark.parametrize("key", MONTHS)
def test_values_and_kpis(key: str) -> None:
    month, expected = months(year(FOLDER))[key], EXPECTED["months"][key]
    assert month["state"] == expected["state"]
    assert {name: month["values"][name]["value"] for name in expected["values"]} == expected["values"]
    assert {name: month["values"][name]["status"] for name in expected["kpis"]} == expected["kpis"]
    if expected["kpis"]:
        assert month["values"]["最低指标"]["run"] == expected["run"]


@pytest.mark.parametrize("key", MONTHS)
def test_ledger(key: str) -> None:
    rows = {row["from"]: row for row in months(year(FOLDER))[key]["ledger"]}
    found = {
        debtor: {name: row[name] if name in row else row["of_which"][name] for name in expected}
        for debtor, expected in EXPECTED["months"][key]["ledger"].items()
        if (row := rows.get(debtor))
    }
    assert found == EXPECTED["months"][key]["ledger"]
    assert set(rows) == set(EXPECTED["months"][key]["ledger"])


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


def test_events_settlement_and_flags() -> None:
    events = [event for month in year(FOLDER)["months"] for event in month["events"]]
    idle = ("too late", "premature", "no right", "no effect")
    late = [(e["date"], e["kind"], e["subject"]) for e in events if e["kind"] in idle]
    assert late == [(e["date"], e["kind"], e["subject"]) for e in EXPECTED["events"]]
    excluded = [e["subject"] for e in events if e["kind"] == "excluded"]
    assert excluded == [f"订单 {number}" for number in EXPECTED["excluded"]]
    assert [e["subject"] for e in events if e["kind"] == "alert"] == ["P04"]
    settlement, expected = year(FOLDER)["settlement"], EXPECTED["settlement"]
    assert settlement["as_of"] == expected["as_of"] == EXPECTED["ended"]
    items = {i["id"]: i["amount"] for i in settlement["items"] if i["part"] in ("principal", "penalty")}
    assert items == expected["items"]
    credit = [i["amount"] for i in settlement["items"] if i["part"] == "credit"]
    assert credit == list(expected["credit"].values())
    # 3,612.90 + 780.00 owed, less 341.22 of credit
    totals = [(t["from"], t["to"], t["amount"]) for t in settlement["totals"]]
    assert totals == [(CLIENT, OPERATOR, "4051.68")]
    flags = {c["subject"]: c["amount"]["value"] for c in year(FOLDER)["contingent"] if c["kind"] == "flag"}
    assert flags == EXPECTED["flags"]


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
    ends = {row["month"]: row for row in year(FOLDER)["months"]}
    as_of = periods.parse_period(key).end
    issued = contract(FOLDER).evaluate(FOLDER / "facts", as_of=as_of).to_dict()["months"]
    assert [month["month"] for month in issued] == list(MONTHS[: len(issued)])
    for month in issued:
        if key == "2026-01":  # the launch lies in February: nobody knows yet from when the site is tested
            month["values"]["网络考核起始日"] = ends["2026-01"]["values"]["网络考核起始日"]
        for part in ("values", "obligations", "penalties", "breaches", "rights", "payments", "ledger"):
            assert month[part] == ends[month["month"]][part], (month["month"], part)


def test_month_by_month_from_the_saved_state_is_the_year_at_once() -> None:
    state = None
    for end in ("2026-01-31", "2026-03-31", "2026-06-30", "2026-10-31", "2026-12-31"):
        facts: Any = FOLDER / "facts" if state is None else {}
        state = (statement := contract(FOLDER).evaluate(facts, as_of=end, state=state)).state
        state = json.loads(json.dumps(state))
    assert statement.to_dict()["restatement"] == []
    assert statement.to_dict()["months"] == year(FOLDER)["months"]


# ---- the English twin


def names(of: model.Contract) -> Iterator[str]:
    """Every name and word of a contract that a result may show, in the order of the file."""
    yield from (of.header.title, *of.header.notes)
    yield from (party.name for party in of.parties)
    for parameter in of.parameters:
        yield from (parameter.name, *parameter.notes)
    for fact in of.facts:
        yield from (fact.name, *fact.notes)
        yield from (field.name for field in fact.type.fields)
    norms = (*of.values, *of.obligations, *of.prohibitions, *of.rights)
    for norm in sorted(norms, key=lambda n: n.span.start):
        yield norm.name
        yield norm.clause.number if norm.clause else ""
        yield getattr(norm, "what", None) or ""
        yield from norm.notes
        for link in getattr(norm, "chain", ()):
            if isinstance(link.remedy, model.Obligation):
                yield link.remedy.name
                yield from link.remedy.notes
    for clause in of.clauses:
        for text in clause.notes:
            yield clause.ref.number
            yield text


def renamed(value: Any, words: Mapping[str, str]) -> Any:
    match value:
        case dict():
            return {renamed(key, words): renamed(inner, words) for key, inner in value.items()}
        case list():
            return [renamed(inner, words) for inner in value]
        case str() if value in words:
            return words[value]
        case str() if value.isascii():
            return value
        case str():
            for separator in ("@", ".", " "):  # NAME@PERIOD, NAME.penalty@KEY, LIST KEY
                if separator in value:
                    first, _, rest = value.partition(separator)
                    if first in words or separator == "@":
                        return f"{renamed(first, words)}{separator}{rest}"
            return value
        case _:
            return value


def test_twin_gives_the_same_document_but_for_names() -> None:
    here, there = list(names(contract(FOLDER).model)), list(names(contract(TWIN).model))
    assert len(here) == len(there)
    words = {a: b for a, b in zip(here, there, strict=True) if a}
    document, other = renamed(year(FOLDER), words), contract(TWIN).evaluate(TWIN / "facts").to_dict()
    for found in (document, other):
        found["contract"]["sha256"] = found["inputs_sha256"] = ""
    assert document == other
    assert json.dumps(document, ensure_ascii=False).isascii()


@pytest.mark.parametrize("folder", [FOLDER, TWIN], ids=["zh", "en"])
def test_scenarios(folder: Path) -> None:
    results = contract(folder).run_scenarios()
    assert [(r.name, [str(f) for f in r.failures]) for r in results if r.failures] == []
    rows = {result.name.split()[0] for result in results}
    assert rows >= {f"S{n}" for n in range(67, 83)}


def test_nothing_to_report_about_the_contracts() -> None:
    for found in (*contract(FOLDER).findings, *contract(TWIN).findings):
        assert found.severity == "note", found


# ---- boundaries, each with its figure by hand (fee 8,000, due on the 5th working day of the next month)


GOOD: dict[str, Any] = {"新签经销商": 5, "出货量": 1000, "销售额": 800_000, "拒付通知到达日": None}
BAD: dict[str, Any] = {**GOOD, "新签经销商": 4}


def order(on: str, dealer: int, factory: int, boxes: int, number: str = "D1") -> dict[str, Any]:
    where = {"订单号": number, "下单日": on, "经销商": "某店", "区域": "未开发区域"}
    return {**where, "经销价": dealer, "出厂价": factory, "件数": boxes}


def paid(on: str, amount: str, what: str | None = None, ref: str = "P1") -> dict[str, Any]:
    return {"ref": ref, "on": on, "payer": CLIENT, "payee": OPERATOR, "amount": amount, "for": what}


def run(facts: Mapping[str, Any], as_of: str, complete_through: str | None = None) -> dict[str, Any]:
    lists = {name: facts.get(name, []) for name in ("收付款", "订单", "另行委托")}
    given = {**{k: v for k, v in facts.items() if k not in lists}, **lists}
    return contract(FOLDER).evaluate(given, as_of=as_of, complete_through=complete_through or as_of).to_dict()


def events_of(document: Mapping[str, Any], subject: str) -> list[str]:
    return [e["kind"] for month in document["months"] for e in month["events"] if e["subject"] == subject]


def line(document: Mapping[str, Any], id: str) -> dict[str, Any]:
    return last_rows(document, "obligations", "id")[id]


@pytest.mark.parametrize(
    ("on", "status", "interest", "open_", "since"),
    [
        ("2026-02-06", "performed", "0.00", "0.00", None),  # exactly on the deadline
        ("2026-02-07", "performed", "0.00", "0.00", None),  # the day after, within grace
        ("2026-02-11", "performed", "0.00", "0.00", None),  # the last day of grace
        ("2026-02-12", "breached", "24.00", "24.00", "2026-02-12"),  # 8,000 x 0.05% x 6, paid first
    ],
)
def test_fee_around_its_deadline(on: str, status: str, interest: str, open_: str, since: str | None) -> None:
    facts = {"2026-01": GOOD, "收付款": [paid(on, "8000", "支付外包服务费@2026-01")]}
    document = run(facts, on)
    fee = line(document, "支付外包服务费@2026-01")
    assert fee["status"] == status
    assert (fee["interest"]["booked"], fee["open"], fee["overdue_since"]) == (interest, open_, since)


@pytest.mark.parametrize(
    ("on", "amount", "status", "interest"),
    [
        ("2026-02-06", "3640", "performed", "0.00"),
        ("2026-02-07", "3641.82", "performed late", "1.82"),  # 3,640 x 0.05% x 1: the commission has no grace
        ("2026-02-09", "3645.46", "performed late", "5.46"),
    ],
)
def test_commission_around_its_deadline(on: str, amount: str, status: str, interest: str) -> None:
    orders = [order("2026-01-12", 58, 45, 120), order("2026-01-20", 96, 70, 80, "D2")]
    facts = {"2026-01": GOOD, "订单": orders, "收付款": [paid(on, amount, "支付销售佣金@2026-01")]}
    row = line(run(facts, "2026-02-10"), "支付销售佣金@2026-01")
    assert (row["status"], row["interest"]["booked"], row["performed_on"]) == (status, interest, on)


@pytest.mark.parametrize(
    ("dealers", "boxes", "sales", "status"),
    [
        (5, 1000, "800000", "met"),
        (4, 1000, "800000", "missed"),
        (5, 999, "800000", "missed"),
        (5, 1000, "799999.99", "missed"),
        (5, None, "800000", "undetermined"),
        (4, None, None, "missed"),
    ],
)
def test_minimums_exactly(dealers: int, boxes: int | None, sales: str | None, status: str) -> None:
    facts = {"2026-01": {"新签经销商": dealers, "出货量": boxes, "销售额": sales}}
    kpi = run(facts, "2026-01-31")["months"][0]["values"]["最低指标"]
    assert kpi["status"] == status
    assert ("出货量@2026-01" in kpi.get("missing", []) + kpi.get("needs", [])) == (boxes is None)


@pytest.mark.parametrize(
    ("on", "event", "status"),
    [
        ("2026-01-31", "premature", "breached"),  # the right opens at the end of that day
        ("2026-02-01", "exercise", "withheld"),
        ("2026-02-10", "exercise", "withheld"),  # the last day
        ("2026-02-11", "too late", "breached"),
    ],
)
def test_withholding_on_its_first_and_last_day(on: str, event: str, status: str) -> None:
    document = run({"2026-01": {**BAD, "拒付通知到达日": on}}, "2026-02-28")
    assert line(document, "支付外包服务费@2026-01")["status"] == status
    assert event in events_of(document, "拒付外包服务费@2026-01")
    # 8,000 x 0.05% x 22 days (7 to 28 February) unless withheld, and February's fee
    owed = "8000.00" if status == "withheld" else "16088.00"
    assert document["months"][-1]["ledger"][0]["closing"] == owed


def test_no_right_to_withhold_in_a_month_that_met_the_minimums() -> None:
    document = run({"2026-01": {**GOOD, "拒付通知到达日": "2026-02-05"}}, "2026-02-28")
    assert events_of(document, "拒付外包服务费@2026-01") == ["no right"]
    assert line(document, "支付外包服务费@2026-01")["status"] == "breached"


def test_unnamed_part_payment_is_shared_and_double_payment_becomes_credit() -> None:
    orders = [order("2026-01-12", 58, 45, 120), order("2026-01-20", 96, 70, 80, "D2")]
    facts = {"2026-01": GOOD, "订单": orders, "收付款": [paid("2026-02-06", "5000")]}
    document = run(facts, "2026-02-06")
    # 5,000 x 8,000 / 11,640 = 3,436.426…; the odd cent goes to the larger remainder
    assert line(document, "支付外包服务费@2026-01")["paid"] == "3436.43"
    assert line(document, "支付销售佣金@2026-01")["paid"] == "1563.57"
    twice = [paid("2026-02-06", "11640", None, "P1"), paid("2026-02-06", "11640", None, "P2")]
    ledger = run({**facts, "收付款": twice}, "2026-02-06")["months"][-1]["ledger"][0]
    assert (ledger["closing"], ledger["of_which"]["credit"]) == ("-11640.00", "11640.00")


@pytest.mark.parametrize(
    ("day", "grade"), [("2026-03-13", None), ("2026-03-14", "serious")], ids=["day 30", "day 31 of default"]
)
def test_serious_from_the_thirty_first_day(day: str, grade: str | None) -> None:
    document = run({"2026-01": GOOD}, day)
    breach = last_rows(document, "breaches", "of")["支付外包服务费@2026-01"]
    assert (breach["since"], breach["grade"]) == ("2026-02-12", grade)


@pytest.mark.parametrize(("on", "state"), [("2026-03-31", "active"), ("2026-04-01", "ended")])
def test_cure_on_the_last_day_and_a_day_late(on: str, state: str) -> None:
    """Serious on 14 March, notice received 16 March: cure to 31 March (212.00 of interest), end 15 April."""
    notice = {"sent": "2026-03-15", "received": "2026-03-16"}
    facts: dict[str, Any] = {"2026-01": GOOD, "2026-02": GOOD, "2026-03": {**GOOD, "乙方解除通知": notice}}
    facts["收付款"] = [paid(on, "8216", "支付外包服务费@2026-01")]
    document = run(facts, "2026-04-30")
    assert document["months"][-1]["state"] == state
    fee = line(document, "支付外包服务费@2026-01")
    assert fee["status"] == ("cured" if state == "active" else "performed late")
    assert fee["interest"]["booked"] == ("212.00" if state == "active" else "216.00")
    april = line(document, "支付外包服务费@2026-04")
    assert april["amount"]["value"] == ("8000.00" if state == "active" else "4000.00")  # 15 of 30 days


@pytest.mark.parametrize(
    ("received", "ends"),
    [
        ("2026-03-31", None),
        ("2026-04-01", "2026-05-01"),
        ("2026-06-29", "2026-07-29"),
        ("2026-06-30", None),
    ],
)
def test_terminating_for_three_misses_on_the_first_and_last_day(received: str, ends: str | None) -> None:
    """The third miss is final on 31 March: 1 April to 29 June (90 days)."""
    months_ = {f"2026-{n:02}": (BAD if n < 4 else GOOD) for n in range(1, 8)}
    months_["2026-03"] = {**BAD, "甲方解除通知": {"sent": received, "received": received}}
    months_["once"] = {"整改验收日": None}
    settlement = run(months_, "2026-07-31")["settlement"]
    assert (settlement and settlement["as_of"]) == ends


def test_an_assessed_month_between_the_misses_stops_the_run() -> None:
    months_ = {"2026-01": BAD, "2026-02": BAD, "2026-03": GOOD, "2026-04": BAD, "2026-05": BAD}
    document = run(months_, "2026-05-31")
    assert [m["values"]["最低指标"]["run"] for m in document["months"]] == [1, 2, 0, 1, 2]
    assert not [r for m in document["months"] for r in m["rights"] if r["right"] == "连续不达标"]


@pytest.mark.parametrize(("on", "status"), [("2026-04-07", "performed"), ("2026-04-08", "performed late")])
def test_penalty_due_on_a_holiday(on: str, status: str) -> None:
    """Demand received 25 March + 10 days = 4 April, Qingming; the next working day is 7 April."""
    record: dict[str, Any] = {
        "委托号": "E1",
        "委托日": "2026-03-18",
        "受托方": "某公司",
        "催告到达日": "2026-03-25",
    }
    facts = {"2026-03": GOOD, "另行委托": [record], "收付款": [paid(on, "20000", "独家招商")]}
    row = line(run(facts, "2026-04-30"), "独家招商.penalty@E1")
    assert (row["due"], row["status"], row["performed_on"]) == ("2026-04-07", status, on)


def test_late_interest_stops_at_its_cap() -> None:
    """144 days at 4.00 to 30 June = 576.00; then 3.20 a day; 10% of 8,000 is reached on 8 September."""
    booked = {"2026-06-30": "576.00", "2026-09-07": "796.80", "2026-09-08": "800.00", "2026-09-30": "800.00"}
    for day, amount in booked.items():
        fee = line(run({"2026-01": GOOD}, day), "支付外包服务费@2026-01")
        assert fee["interest"]["booked"] == amount, day


def test_a_month_without_facts_is_owed_and_not_judged() -> None:
    document = run({"2026-01": GOOD, "2026-03": GOOD}, "2026-03-31")
    february = document["months"][1]
    assert line(document, "支付外包服务费@2026-02")["amount"]["value"] == "8000.00"
    assert february["values"]["最低指标"]["status"] == "undetermined"
    needs = {f"{name}@2026-02" for name in ("新签经销商", "出货量", "销售额")}
    assert set(february["values"]["最低指标"]["needs"]) == needs


def test_what_the_bank_feed_does_not_cover_is_undetermined() -> None:
    """Feed to 10 February: the commission was in default from the 7th; the fee's grace ends on the 11th."""
    orders = [order("2026-01-12", 58, 45, 120), order("2026-01-20", 96, 70, 80, "D2")]
    document = run({"2026-01": GOOD, "2026-02": GOOD, "订单": orders}, "2026-02-28", "2026-02-10")
    fee, commission = line(document, "支付外包服务费@2026-01"), line(document, "支付销售佣金@2026-01")
    assert (fee["status"], fee["needs"], fee["interest"]["booked"]) == ("undetermined", ["收付款"], "0.00")
    assert (commission["status"], commission["overdue_since"]) == ("breached", "2026-02-07")
    assert commission["interest"]["booked"] == "7.28"  # 3,640 x 0.05% x 4
    most = {c["subject"]: c["amount"]["value"] for c in document["contingent"] if c["kind"] == "at most"}
    # 3,640 x 0.05% x 22 = 40.04, less 7.28; 8,000 x 0.05% x 22
    assert most == {"支付销售佣金@2026-01": "32.76", "支付外包服务费@2026-01": "88.00"}


def test_orders_below_the_factory_price_are_not_deducted() -> None:
    document = run({"2026-01": GOOD, "订单": [order("2026-01-12", 40, 45, 10)]}, "2026-01-31")
    assert line(document, "支付销售佣金@2026-01")["amount"]["value"] == "0.00"
    assert document["months"][0]["ledger"][0]["closing"] == "8000.00"


# ---- what is refused


def test_a_blank_is_checked_and_does_not_run() -> None:
    """S69: the paper leaves the three minimums blank."""
    text = (FOLDER / "b2b-outsourcing.contract").read_text("utf-8")
    for value in ('数量 "家" = 5', '数量 "箱" = 1_000', "金额 = 80万元"):
        assert text.count(value) == 1
        text = text.replace(value, value.split("=")[0] + "= 待填")
    blank = clausal.load(text)
    with pytest.raises(clausal.Rejected) as rejected:
        blank.evaluate(FOLDER / "facts")
    for name in ("每月最低开发经销商", "每月最低出货量", "每月最低销售目标"):
        assert name in str(rejected.value)
    filled = {"每月最低开发经销商": "5", "每月最低出货量": "1000", "每月最低销售目标": "80万元"}
    assert blank.evaluate(FOLDER / "facts", parameters=filled).to_dict()["months"] == year(FOLDER)["months"]


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("月度数据", "2026-02,3", "2026-01,3", "F604"),  # one month twice
        ("月度数据", "新签经销商", "新签经销商家数", "F601"),
        ("收付款", "P02", "P01", "F613"),  # one reference twice
        ("收付款", "5000.00", "-5000.00", "F612"),
        ("收付款", "P01,2026-02-06,甲方", "P01,2026-02-06,丙方", None),
        ("订单", "D-0120", "D-0112", None),
        ("订单", "已开发区域", "不详", None),
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
