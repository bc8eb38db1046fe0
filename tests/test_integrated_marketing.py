"""The integrated marketing agreement: a year against figures computed without the engine, its rows, its words."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import clausal
from clausal.dsl import periods

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "contracts" / "integrated-marketing"
EXPECTED: Mapping[str, Any] = json.loads((FOLDER / "expected" / "statement.json").read_text("utf-8"))
MONTHS = tuple(EXPECTED["months"])
CLIENT, PROVIDER = "甲方", "乙方"


@cache
def contract() -> clausal.Contract:
    return clausal.load(FOLDER)


@cache
def year() -> dict[str, Any]:
    return contract().evaluate(FOLDER / "facts").to_dict()


@cache
def months() -> dict[str, dict[str, Any]]:
    return {month["month"]: month for month in year()["months"]}


def last_rows(part: str, key: str) -> dict[str, dict[str, Any]]:
    """The last row of each thing, by its id."""
    return {row[key]: row for month in year()["months"] for row in month[part]}


def events(kind: str) -> list[dict[str, Any]]:
    return [event for month in year()["months"] for event in month["events"] if event["kind"] == kind]


# ---- the year, figure by figure


def test_expected_statement_is_what_the_computation_writes(tmp_path: Path) -> None:
    shutil.copytree(FOLDER / "facts", tmp_path / "facts")
    (tmp_path / "expected").mkdir()
    script = shutil.copy(FOLDER / "expected" / "compute.py", tmp_path / "expected")
    subprocess.run([sys.executable, "-I", script], check=True, capture_output=True)
    assert json.loads((tmp_path / "expected" / "statement.json").read_text("utf-8")) == EXPECTED


def test_the_year_runs_to_its_last_month() -> None:
    assert year()["as_of"] == EXPECTED["as_of"]
    assert tuple(months()) == MONTHS
    assert [u for month in year()["months"] for u in month["undetermined"]] == []


@pytest.mark.parametrize("key", MONTHS)
def test_state_and_ledger(key: str) -> None:
    expected = EXPECTED["months"][key]["ledger"]
    assert months()[key]["state"] == EXPECTED["months"][key]["state"]
    rows = {row["from"]: row for row in months()[key]["ledger"]}
    found = {
        debtor: {name: rows[debtor].get(name, rows[debtor]["of_which"].get(name)) for name in columns}
        for debtor, columns in expected.items()
    }
    assert found == expected
    assert set(rows) == set(expected)


@pytest.mark.parametrize("key", MONTHS)
def test_values_kpis_and_the_run_of_misses(key: str) -> None:
    month, expected = months()[key], EXPECTED["months"][key]
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
        for row in months()[key]["obligations"]
        if row["action"] == "pay"
    }
    assert found == EXPECTED["months"][key]["lines"]


def test_duties_that_are_not_money() -> None:
    rows = last_rows("obligations", "id")
    found = {i: {"due": r["due"], "status": r["status"]} for i, r in rows.items() if r["action"] != "pay"}
    assert found == EXPECTED["duties"]


def test_breaches() -> None:
    rows = last_rows("breaches", "of")
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
    for row in months()[key]["rights"]:
        assert {name: row[name] for name in expected[row["id"]]} == expected[row["id"]], row["id"]
    opened = {row["id"] for k in MONTHS if k <= key for row in months()[k]["rights"]}
    assert opened == set(expected)
