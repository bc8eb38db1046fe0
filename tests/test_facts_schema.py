"""The JSON Schema of a contract's facts against intake: one is for other programs what the other is for people."""

from __future__ import annotations

import csv
import json
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import every_fact
import pytest
import shipped
from hypothesis import given, settings
from hypothesis import strategies as st

from clausal.dsl.diagnostics import Diagnostic
from clausal.engine.forms import as_json, form
from clausal.engine.intake import read_path
from clausal.engine.schema import facts_schema

jsonschema: Any = pytest.importorskip("jsonschema")

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = sorted(path.parent.name for path in (ROOT / "contracts").glob("*/facts"))
MODEL = every_fact.contract().model
VALIDATOR = jsonschema.Draft202012Validator(facts_schema(MODEL, "en"))

# What intake finds by holding one value against another, or a date against the calendar: no schema can.
BETWEEN_VALUES = {"F604", "F605", "F613", "F614", "F618", "F621", "F640", "F641"}
PERIODS = {
    **{"月份": "月度数据", "季度": "季度数据", "周": "周数据", "日期": "日数据", "年份": "年度数据"},
    **{"month": "monthly", "quarter": "quarterly", "week": "weekly", "date": "daily", "year": "yearly"},
}


def as_document(folder: Path) -> dict[str, Any]:
    """The tables of a folder as one object, every cell as it stands."""
    data: dict[str, Any] = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
            first = next(csv.reader(path.read_text("utf-8-sig").splitlines()))[0]
        if first in PERIODS:
            data[path.stem] = {row.pop(first): row for row in rows}
        elif first in ("fact", "数据"):
            data[path.stem] = {row[first]: list(row.values())[1] for row in rows}
        else:
            data[path.stem] = rows
    return data


def told(document: Any, at: Path, text: str | None = None) -> tuple[Diagnostic, ...]:
    path = at / "facts.json"
    path.write_text(text or json.dumps(document, ensure_ascii=False), "utf-8")
    return read_path(MODEL, path)[1]


@pytest.mark.parametrize("name", LIBRARY)
def test_the_facts_of_the_library_satisfy_their_schema(name: str, tmp_path: Path) -> None:
    contract = shipped.contract(ROOT / "contracts" / name)
    document = as_document(ROOT / "contracts" / name / "facts")
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    facts, _ = read_path(contract.model, path)
    assert facts is not None
    assert facts.sha256 == contract.read_facts(ROOT / "contracts" / name / "facts")[0].sha256
    for lang in ("en", "zh"):
        schema = facts_schema(contract.model, lang)
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema).validate(document)
        jsonschema.Draft202012Validator(schema).validate(json.loads(as_json(form(contract.model, lang))))


def test_descriptions_say_what_the_form_says() -> None:
    assert facts_schema(MODEL, "zh")["$defs"]["fact dealers"]["description"] == (
        "整数（单位：dealers）；留空：表示未知，不等于零；用于条款：1"
    )
    assert facts_schema(MODEL, "en")["$defs"]["fact dealers"]["description"] == (
        "a whole number of dealers; blank: not known, never zero; asked for by clause 1"
    )


RECEIPT = {"payer": "client", "payee": "operator", "amount": 5, "on": "2026-02-10"}
ORDER = {"no": "A-1", "ordered_on": "2026-01-12", "amount": 5, "sound": True}

GOOD: list[dict[str, Any]] = [
    {},
    {"2026-01": {"sales": 912000.25, "dealers": 6, "strike": True, "share": "1.5%", "refusal": None}},
    {"monthly": {"2026-1": {"sales": "0.8万元"}, "2026/02": {"sales": "(5.00)"}, "2026年3月": {"sales": "¥8,000"}}},
    {"monthly": {"2026-01": {"sales": "CNY 8,000.00", "abroad": "US$5", "dealers": "1,240", "idle": "否"}}},
    {"monthly": {"2026-01": {"dealers": "6 dealers", "strike": "1", "share": 0, "step": "2pp", "grade": "B+"}}},
    {"monthly": {"2026-01": {"share": "百分之五", "step": "2个百分点", "late_rate": "日万分之五", "remark": 5}}},
    {"monthly": {"2026-01": {"late_rate": "0.05% per day", "strike": "YES", "grade": "unknown", "sales": "未知"}}},
    {"monthly": {"2026-01": {"refusal": "none", "warning": {"sent": "2026-01-03", "到达日": "2026年1月5日"}}}},
    {"月度数据": {"2026-01": {"warning.received": "2026-3-9", "refusal": "2026/3/9"}}},
    {"sales": {"2026-01": 5, "2026-02": None}},
    {"quarterly": {"2026-Q1": {"score": -0.5}}, "weekly": {"2026-W05": {"visits": "1.2万"}}},
    {"daily": {"2026-01-05": {"rain": 3}}, "yearly": {"2026": {"audited": "1200万元"}}, "2026年第1季度": {"score": 1}},
    {"once": {"opened_on": "2026-01-15", "letter": "2026-05-14", "incident": "2026-01-05 10:30", "winner": "client"}},
    {"once": {"patience": "30 days", "winner": "Brand Foods Co., Ltd.", "incident": "2026年3月9日10时"}},
    {"opened_on": "2026-01-15", "letter": {"sent": None, "received": "2026-05-14"}},
    {"orders": [ORDER, {**ORDER, "no": 7, "area": None, "back_on": "2026-02-20", "reported": "2026-03-02"}]},
    {"2026-01": {"orders": [ORDER]}},
    {"breaks": [{"from": "2026-01-02"}, {"from": "2026-02-02", "until": "2026-02-03", "reported": None}]},
    {"breaks": [{"自": "2026-02-02", "至": None}]},
    {"receipts": [RECEIPT, {**RECEIPT, "ref": "P1", "for": "pay_fee@2026-01", "kind": "Set Off", "currency": "USD"}]},
    {"receipts": [{"付款人": "client", "收款人": "operator", "金额": "5.00", "到账日": "2026-02-10", "类型": "退款"}]},
    {"closings": [{"as_of": "2026-01-31", "source": None, "complete_through": "2026-01-31"}]},
    {"complete_through": "2026-01-31"},
    {"complete_through": {"default": "2026-01-31", "ERP": "2026-01-31"}},
]

# What intake refuses for its type or its name.
BAD: list[dict[str, Any]] = [
    {"monthly": {"2026-01": {"sales": True}}},
    {"monthly": {"2026-01": {"sales": "8.000,00"}}},
    {"monthly": {"2026-01": {"sales": "8e3"}}},
    {"monthly": {"2026-01": {"sales": "$5"}}},
    {"monthly": {"2026-01": {"sales": "NaN"}}},
    {"monthly": {"2026-01": {"sales": "n/a"}}},
    {"monthly": {"2026-01": {"sales": [5]}}},
    {"monthly": {"2026-01": {"sales": "none"}}},
    {"monthly": {"2026-01": {"dealers": 6.5}}},
    {"monthly": {"2026-01": {"dealers": "6 boxes"}}},
    {"monthly": {"2026-01": {"dealers": False}}},
    {"monthly": {"2026-01": {"strike": 2}}},
    {"monthly": {"2026-01": {"strike": "maybe"}}},
    {"monthly": {"2026-01": {"share": 0.05}}},
    {"monthly": {"2026-01": {"share": "5"}}},
    {"monthly": {"2026-01": {"step": 2}}},
    {"monthly": {"2026-01": {"step": "2%"}}},
    {"monthly": {"2026-01": {"late_rate": "0.05% per year"}}},
    {"monthly": {"2026-01": {"late_rate": 0.0005}}},
    {"monthly": {"2026-01": {"grade": "C"}}},
    {"monthly": {"2026-01": {"grade": "b+"}}},
    {"monthly": {"2026-01": {"remark": True}}},
    {"monthly": {"2026-01": {"remark": "a\u202eb"}}},
    {"monthly": {"2026-01": {"remark": "a\u0007"}}},
    {"receipts": [{**RECEIPT, "ref": True}]},
    {"monthly": {"2026-01": {"refusal": "09/03/2026"}}},
    {"monthly": {"2026-01": {"refusal": 46060}}},
    {"monthly": {"2026-01": {"refusal": "2026-02-30"}}},
    {"monthly": {"2026-01": {"refusal": "2026-03-09 10:00"}}},
    {"monthly": {"2026-01": {"refusal": "20260309"}}},
    {"monthly": {"2026-01": {"refusal": "1026-03-09"}}},
    {"monthly": {"2026-01": {"warning": {"seen": "2026-01-03"}}}},
    {"monthly": {"2026-01": {"warning": {"sent": 5}}}},
    {"monthly": {"2026-01": {"dealer": 5}}},
    {"monthly": {"2026-01": {"score": 5}}},
    {"monthly": {"2026-13": {"sales": 5}}},
    {"monthly": {"2026-Q1": {"sales": 5}}},
    {"monthly": {"2026-01": 5}},
    {"quarterly": {"2026-Q5": {"score": 5}}},
    {"weekly": {"2026-W61": {"visits": 5}}},
    {"daily": {"2026-02-31": {"rain": 5}}},
    {"2026-01": {"score": 5}},
    {"once": {"patience": "30"}},
    {"once": {"patience": "30 fortnights"}},
    {"once": {"incident": "2026-01-05"}},
    {"once": {"incident": "2026-01-05 25:00"}},
    {"once": {"incident": "2026-01-05 10:30+08:00"}},
    {"once": {"winner": "klient"}},
    {"once": {"sales": 5}},
    {"orders": [{**ORDER, "colour": "red"}]},
    {"orders": [{key: value for key, value in ORDER.items() if key != "amount"}]},
    {"orders": [{**ORDER, "no": None}]},
    {"orders": [{**ORDER, "no": " "}]},
    {"orders": [{**ORDER, "ordered_on": "unknown"}]},
    {"orders": [5]},
    {"orders": 5},
    {"breaks": [{"until": "2026-01-02"}]},
    {"receipts": [{**RECEIPT, "amount": -5}]},
    {"receipts": [{**RECEIPT, "amount": "-5"}]},
    {"receipts": [{**RECEIPT, "amount": "EUR 5"}]},
    {"receipts": [{**RECEIPT, "amount": None}]},
    {"receipts": [{**RECEIPT, "payer": "unknown"}]},
    {"receipts": [{**RECEIPT, "on": None}]},
    {"receipts": [{**RECEIPT, "kind": "gift"}]},
    {"receipts": [{**RECEIPT, "currency": "EUR"}]},
    {"receipts": [{key: value for key, value in RECEIPT.items() if key != "payee"}]},
    {"closings": [{"as_of": "soon"}]},
    {"closings": [{"source": "hearsay", "complete_through": "2026-01-31"}]},
    {"complete_through": {"hearsay": "2026-01-31"}},
    {"complete_through": "soon"},
    {"complete_through": {"ERP": None}},
    {"sails": {"2026-01": 5}},
    {"unheard": [5]},
]


@pytest.mark.parametrize("document", GOOD, ids=lambda document: json.dumps(document, ensure_ascii=False)[:60])
def test_what_intake_takes_the_schema_takes(document: dict[str, Any], tmp_path: Path) -> None:
    assert [str(one) for one in told(document, tmp_path) if one.severity == "error"] == []
    VALIDATOR.validate(document)


@pytest.mark.parametrize("document", BAD, ids=lambda document: json.dumps(document, ensure_ascii=False)[:60])
def test_what_intake_refuses_by_its_type_the_schema_refuses(document: dict[str, Any], tmp_path: Path) -> None:
    assert any(one.severity == "error" for one in told(document, tmp_path))
    assert not VALIDATOR.is_valid(document)


# ---- documents with something else in them -------------------------------------------------------

WHOLE: dict[str, Any] = {
    "monthly": {
        "2026-01": {
            **{"sales": 5, "abroad": "5", "dealers": 6, "idle": False, "strike": True, "share": "1%", "step": "2pp"},
            **{"late_rate": "1%", "grade": "A", "remark": "x", "refusal": "2026-02-01"},
            "warning": {"sent": "2025-12-01", "received": "2026-02-02"},
        }
    },
    "quarterly": {"2026-Q1": {"score": 1}},
    "daily": {"2026-01-05": {"rain": 1}},
    "once": {"opened_on": "2026-01-15", "incident": "2026-01-05 10:30", "patience": "30 days", "winner": "client"},
    "orders": [{**ORDER, "area": "north", "back_on": None, "reported": "2026-02-02"}],
    "breaks": [{"from": "2026-01-02", "until": "2026-01-03"}],
    "receipts": [{**RECEIPT, "ref": "P1", "currency": "CNY", "for": "pay_fee", "kind": "payment"}],
    "closings": [{"as_of": "2026-01-31", "source": "ERP", "complete_through": "2026-01-31"}],
}
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.decimals(-1000, 1000, places=2).map(float),  # more decimals than the currency has are no matter of type
    st.sampled_from(
        [
            "5",
            "5.5",
            "-5",
            "(5)",
            "8,000",
            "1.234,5",
            "5%",
            "5％",
            "0",
            "0%",
            "2pp",
            "¥5",
            "USD5",
            "5元",
            "1万",
            "万分之五",
            "yes",
            "否",
            "client",
            "klient",
            "none",
            "unknown",
            "未知",
            "n/a",
            "NaN",
            "2026-01-05",
            "2026-02-30",
            "2026/1/5",
            "2026年1月5日",
            "20260105",
            "46060",
            "2026-01",
            "2026-Q1",
            "30日",
            "A",
            "B+",
            "payment",
            "退款",
            "#N/A",
        ]
    ),
    st.sampled_from(["", " ", "2026-01-05 10:30", "30 days", "0.05% per day", "6 dealers", "2026-01-05 00:00"]),
    st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs"]), max_size=4),
    st.lists(st.just(5), max_size=1),
    st.builds(lambda day: {"sent": day}, st.just("2026-01-05")),
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container of the document with one of its keys or indices."""
    found: list[tuple[Any, Any]] = []
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        found.append((value, key))
        if isinstance(inner, dict | list):
            found += places(inner)
    return found


@st.composite
def changed(draw: st.DrawFn) -> dict[str, Any]:
    document = deepcopy(WHOLE)
    for _ in range(draw(st.integers(1, 3))):
        container, key = draw(st.sampled_from(places(document)))
        match draw(st.sampled_from(["value", "value", "value", "delete", "rename"])):
            case "value":
                container[key] = draw(LEAVES)
            case "delete" if isinstance(container, dict):
                del container[key]
            case "rename" if isinstance(container, dict):
                container[draw(st.sampled_from(["2026-02", "2026-Q2", "sales", "orders", "amount", "x", ""]))] = (
                    container.pop(key)
                )
            case _:
                pass
    return document


@settings(deadline=None, max_examples=60)
@given(document=changed())
def test_a_changed_document_is_refused_by_the_schema_if_intake_refuses_its_types(
    document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = told(document, tmp_path_factory.getbasetemp())
    for one in found:
        assert one.place is not None, str(one)
    wrong = {one.code for one in found if one.severity == "error"} - BETWEEN_VALUES
    if wrong and VALIDATOR.is_valid(document):
        pytest.fail(f"the schema takes what intake refuses: {wrong}: {json.dumps(document, ensure_ascii=False)}")


def test_a_number_that_json_spells_with_an_exponent_is_told_by_intake_alone(tmp_path: Path) -> None:
    """`8e3` and 8000 are one number to a schema; intake reads the text and asks for all digits."""
    text = '{"monthly": {"2026-01": {"sales": 8e3}}}'
    assert [one.code for one in told(None, tmp_path, text)] == ["F603"]
    assert VALIDATOR.is_valid(json.loads(text, parse_float=Decimal))
