"""The conformance suite against this engine, the suite's runner against cases that are wrong, and the table of rows."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conformance import rows as row_table

from clausal.cli import main
from clausal.engine.conformance import differences, folders, judge, shipped

ROOT = Path(__file__).resolve().parents[1]
SUITE = ROOT / "tests" / "conformance"
CASES = folders(SUITE)

SOUND = """contract "Rent" { currency CNY  term from 2026-01-01 to 2026-12-31  rounding half_up to 0.01 }
party tenant
party landlord
fact receipts : payments
obligation rent { tenant must pay landlord CNY 100 every month due day 10 of next month failing which { breach minor } }
"""
SCENARIO = """scenario "January" { facts of 2026-01 { receipts = [] }  as_of 2026-01-31  expect rent of 2026-01 = CNY 100 }
"""
FACTS: dict[str, Any] = {
    "receipts": [{"ref": "P1", "payer": "tenant", "payee": "landlord", "amount": 40, "on": "2026-02-05"}]
}


def contract(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


def case(
    tmp_path: Path,
    text: str = SOUND + SCENARIO,
    claim: str = 'claim = "Something holds."\nrows = ["B4.1"]\n',
    facts: Any = None,
    expected: Any = None,
    diagnostics: str | None = None,
    name: str = "001-case",
) -> Path:
    folder = tmp_path / "area" / name
    folder.mkdir(parents=True)
    (folder / "case.contract").write_text(text, "utf-8")
    (folder / "claim.toml").write_text(claim, "utf-8")
    if facts is not None:
        (folder / "facts.json").write_text(json.dumps(facts), "utf-8")
    if expected is not None:
        (folder / "expected.json").write_text(json.dumps(expected), "utf-8")
    if diagnostics is not None:
        (folder / "expected_diagnostics.toml").write_text(diagnostics, "utf-8")
    return folder


# ---- the suite -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", CASES, ids=[f"{path.parent.name}/{path.name}" for path in CASES])
def test_case(folder: Path) -> None:
    verdict = judge(folder)
    told = [f"{m.where}: expected {m.expected}, and it is {m.found}" for m in verdict.mismatches]
    assert verdict.finding is None, str(verdict.finding)
    assert told == [], verdict.claim


def test_each_case_claims_something_else() -> None:
    claims = [judge(folder).claim for folder in CASES]
    assert sorted(claims) == sorted(set(claims))


def test_every_row_is_shown() -> None:
    by_row, unknown = row_table.table()
    assert unknown == []
    assert [row for row, where in by_row.items() if not where] == []


def test_rows() -> None:
    assert len(row_table.rows()) == len(set(row_table.rows()))
    assert list(row_table.named("S3, F49 the tax part")) == ["S3", "F49"]
    assert list(row_table.named("S67 佣金按价差乘件数")) == ["S67"]
    assert list(row_table.named("late, F49")) == []


# ---- the runner ------------------------------------------------------------------------------------------------------


def test_a_case_of_scenarios(tmp_path: Path) -> None:
    assert judge(case(tmp_path)).status == "passed"


def test_a_scenario_that_fails_is_told_with_its_line(tmp_path: Path) -> None:
    verdict = judge(case(tmp_path, SOUND + SCENARIO.replace("CNY 100", "CNY 99")))
    assert verdict.status == "failed"
    (mismatch,) = verdict.mismatches
    assert (mismatch.where, mismatch.expected, mismatch.found, mismatch.line) == (
        "January: rent of 2026-01",
        "99",
        "100",
        6,
    )


def test_where_figures_come_from_may_be_said(tmp_path: Path) -> None:
    said = 'claim = "Something holds."\nrows = ["B4.1"]\nsource = "A statute"\n'
    assert judge(case(tmp_path / "said", claim=said)).status == "passed"
    assert judge(case(tmp_path / "empty", claim=said.replace("A statute", " "))).status == "error"


def test_a_figure_that_fails_is_told_in_decimals(tmp_path: Path) -> None:
    text = SOUND.replace("CNY 100", "CNY 100.25") + SCENARIO.replace("CNY 100", "CNY 99.5")
    (mismatch,) = judge(case(tmp_path, text)).mismatches
    assert (mismatch.expected, mismatch.found) == ("99.5", "100.25")


def test_a_case_without_expectation_shows_nothing(tmp_path: Path) -> None:
    assert judge(case(tmp_path, SOUND)).status == "failed"


def test_a_part_of_the_document(tmp_path: Path) -> None:
    line = {"id": "rent@2026-01", "status": "breached", "open": "60.00", "flags": []}
    expected = {"months": [{"month": "2026-02", "obligations": [line], "rights": []}]}
    claim = 'claim = "Something holds."\nrows = ["B4.1"]\nas_of = "2026-02-28"\ncomplete_through = { default = "2026-02-28" }\n'
    assert judge(case(tmp_path / "good", SOUND, claim, FACTS, expected)).mismatches == ()
    line["open"] = "61.00"
    (mismatch,) = judge(case(tmp_path / "bad", SOUND, claim, FACTS, expected)).mismatches
    assert mismatch.where == "months[2026-02].obligations[rent@2026-01].open"
    assert (mismatch.expected, mismatch.found) == ('"61.00"', '"60.00"')


@pytest.mark.parametrize(
    ("expected", "found", "paths"),
    [
        ({}, {"a": 1}, []),
        ({"a": 1}, {"a": 1, "b": 2}, []),
        ({"a": 1}, {"a": True}, ["a"]),
        ({"a": 1}, {}, ["a"]),
        ({"a": []}, {"a": [1]}, ["a"]),
        ({"a": ["x"]}, {"a": ["x", "y"]}, ["a"]),
        ({"a": [{"id": "x", "b": 2}]}, {"a": [{"id": "y", "b": 2}, {"id": "x", "b": 2}]}, []),
        ({"a": [{"id": "x", "b": 2}]}, {"a": [{"id": "x", "b": 1}, {"id": "x", "b": 2}]}, []),
        ({"a": [{"id": "x", "b": 2}]}, {"a": [{"id": "x", "b": 1}]}, ["a[x].b"]),
        ({"a": [{"id": "z"}]}, {"a": [{"id": "x"}]}, ["a[z]"]),
        ({"a": [{"b": 2}]}, {"a": [{"b": 1}, {"b": 2, "c": 3}]}, []),
        ({"a": [{"from": "x", "to": "y", "currency": "CNY", "n": 1}]}, {"a": [{"from": "y", "to": "x", "currency": "CNY"}]},
         ["a[x y CNY]"]),
        ({"a": {"b": 1}}, {"a": None}, ["a"]),
    ],
)  # fmt: skip
def test_what_matches(expected: Any, found: Any, paths: list[str]) -> None:
    assert [mismatch.where for mismatch in differences(expected, found)] == paths


@pytest.mark.parametrize(
    ("codes", "line", "status"),
    [
        ('["E201"]', 1, "passed"),
        ('["E201"]', None, "passed"),
        ('["E201"]', 2, "failed"),
        ('["E202"]', None, "failed"),
        ('["E201", "E201"]', None, "failed"),
        ("[]", None, "failed"),
    ],
)
def test_diagnostics(tmp_path: Path, codes: str, line: int | None, status: str) -> None:
    text = SOUND.replace("CNY 100", "rrent", 1).replace("\nparty landlord", " party landlord")
    place = "" if line is None else f"line = {line + 3}\n"
    assert judge(case(tmp_path, text, diagnostics=f"codes = {codes}\n{place}")).status == status


def test_diagnostics_of_facts(tmp_path: Path) -> None:
    facts = {"receipts": [{**FACTS["receipts"][0], "amount": -1}]}
    assert judge(case(tmp_path, SOUND, facts=facts, diagnostics='codes = ["F612"]\n')).mismatches == ()


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ({"claim": "claim = 5"}, "no `claim`"),
        ({"claim": 'claim = "Yes."\nrows = []'}, "`rows`"),
        ({"claim": 'claim = "Yes."\nrows = ["B2"]'}, "`rows`"),
        ({"claim": 'claim = "Yes."\nrows = ["B2.1"]\nrow = 1'}, "knows no `row`"),
        ({"claim": 'claim = "Yes."\nrows = ["B2.1"]\nas_of = "2026-02-30"'}, "`as_of`"),
        ({"claim": 'claim = "Yes."\nrows = ["B2.1"]\ncomplete_through = { receipts = 5 }'}, "`complete_through`"),
        ({"claim": 'claim = "Yes."\nrows = ["B2.1"]\nparameters = { fee = 5 }'}, "`parameters`"),
        ({"claim": 'claim = "Yes."\nrows = ["B2.1"]\nsource = 5'}, "`source`"),
        ({"claim": "claim = "}, "no TOML"),
        ({"expected": {"months": []}}, "needs facts.json"),
        ({"facts": FACTS}, "needs expected.json"),
        ({"facts": FACTS, "expected": {}}, "expects something"),
        ({"facts": FACTS, "expected": []}, "an object"),
        ({"facts": FACTS, "expected": {"as_of": ""}, "diagnostics": "codes = []"}, "both"),
        ({"diagnostics": "codes = 5"}, "`codes`"),
        ({"diagnostics": "codes = []\nline = true"}, "`line`"),
        ({"name": "first"}, "not named like"),
    ],
)
def test_a_malformed_case_is_one_error(tmp_path: Path, made: dict[str, Any], words: str) -> None:
    folder = case(tmp_path, **made)
    verdict = judge(folder)
    assert verdict.status == "error" and verdict.finding is not None
    assert verdict.finding.code == "R731" and words in str(verdict.finding)
    done = contract("conformance", folder)
    assert done.exit_code == 2 and done.stderr.count("error[R731]") == 1


def test_a_case_with_a_file_missing(tmp_path: Path) -> None:
    for i, file in enumerate(("claim.toml", "case.contract")):
        folder = case(tmp_path / str(i))
        (folder / file).unlink()
        finding = judge(folder).finding
        assert finding is not None and file in str(finding)


# ---- the command -----------------------------------------------------------------------------------------------------


def test_the_shipped_suite_is_this_one() -> None:
    assert shipped() == SUITE


def test_the_command(tmp_path: Path) -> None:
    case(tmp_path, name="001-good")
    case(tmp_path, SOUND + SCENARIO.replace("CNY 100", "CNY 99"), name="002-bad")
    done = contract("conformance", tmp_path)
    assert done.exit_code == 1 and done.stdout.endswith("1 passed, 1 failed\n")
    assert "failed  area/002-bad  Something holds.\n    line 6: January: rent of 2026-01: expected 99" in done.stdout
    assert contract("conformance", tmp_path, "-k", "good").exit_code == 0
    assert contract("conformance", tmp_path, "-k", "B4.1 and not bad").stdout == "1 passed, 0 failed\n"
    assert contract("conformance", tmp_path, "-k", "nowhere").exit_code == 2
    rows = json.loads(contract("conformance", tmp_path, "--format", "json").stdout)
    assert [(row["name"], row["status"], row["rows"]) for row in rows] == [
        ("area/001-good", "passed", ["B4.1"]),
        ("area/002-bad", "failed", ["B4.1"]),
    ]
    suites = ET.fromstring(contract("conformance", tmp_path, "--format", "junit").stdout)
    assert [(suite.get("name"), suite.get("failures")) for suite in suites] == [("area", "1")]


def test_a_folder_without_cases(tmp_path: Path) -> None:
    assert "R732" in contract("conformance", tmp_path).stderr
    assert "E010" in contract("conformance", tmp_path / "none").stderr
