"""The brand cooperation: a year against figures computed without the engine, its words against the paper's, its blanks."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import clausal
from clausal.dsl import periods

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "contracts" / "brand-cooperation"
EXPECTED: Mapping[str, Any] = json.loads((FOLDER / "expected" / "statement.json").read_text("utf-8"))
MONTHS = tuple(EXPECTED["months"])
KPIS = ("met", "missed", "not assessed")


@cache
def contract() -> clausal.Contract:
    return clausal.load(FOLDER)


@cache
def year() -> dict[str, Any]:
    return contract().evaluate(FOLDER / "facts").to_dict()


@cache
def months() -> dict[str, dict[str, Any]]:
    return {month["month"]: month for month in year()["months"]}


def last_rows(document: Mapping[str, Any], part: str, key: str) -> dict[str, dict[str, Any]]:
    """The last row of each thing, by its id."""
    return {row[key]: row for month in document["months"] for row in month[part]}


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
    assert {warning["code"] for warning in year()["warnings"]} <= {"note"}
    assert [u for month in year()["months"] for u in month["undetermined"]] == []


@pytest.mark.parametrize("key", MONTHS)
def test_values_kpis_and_balances(key: str) -> None:
    month, expected = months()[key], EXPECTED["months"][key]
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
        for row in months()[key]["ledger"]
    }
    assert found == expected


@pytest.mark.parametrize("key", MONTHS)
def test_lines(key: str) -> None:
    found = {
        row["id"]: {
            "amount": row["amount"]["value"],
            **{name: row[name] for name in ("due", "status", "paid", "open", "interest", "performed_on")},
        }
        for row in months()[key]["obligations"]
        if row["action"] == "pay"
    }
    assert found == EXPECTED["months"][key]["lines"]


def test_duties_that_are_not_money() -> None:
    rows = {i: r for i, r in last_rows(year(), "obligations", "id").items() if r["action"] != "pay"}
    assert set(rows) == set(EXPECTED["duties"])
    for id, expected in EXPECTED["duties"].items():
        assert {name: rows[id].get(name) for name in expected} == expected, id


def test_breaches() -> None:
    rows = last_rows(year(), "breaches", "of")
    assert set(rows) == set(EXPECTED["breaches"])
    for id, expected in EXPECTED["breaches"].items():
        assert rows[id]["by"] == [expected["by"]], id
        for name in ("since", "ended_on", "grade", "graded_on"):
            assert rows[id][name] == expected[name], (id, name)


@pytest.mark.parametrize("key", MONTHS)
def test_rights(key: str) -> None:
    """Each right by its name and the day on which it opened."""
    rows = {row["id"]: row for k in MONTHS if k <= key for row in months()[k]["rights"]}
    found = {
        (row["right"], row["opened"], row["lapses"], row["status"], row["exercised_on"]) for row in rows.values()
    }
    assert found == {
        (id.split("@")[0], right["opened"], right["last_day"], right["status"], right["exercised_on"])
        for id, right in EXPECTED["months"][key]["rights"].items()
    }
