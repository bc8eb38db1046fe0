"""A contract of several files: what `use` reads, where, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import clausal
from clausal.cli import main
from clausal.dsl.compile import compile_text
from clausal.dsl.diagnostics import Diagnostic, Rejected

MAIN = """contract "Used" { currency CNY  term from 2026-01-01 to 2026-12-31  rounding half_up to 0.01 }
use "parts/parties.contract"
clause "3" "Fee" { use "parts/fee.contract" }
"""
PARTIES = """party client
party operator
use "rates.contract"
"""
RATES = "参数 费率 : 百分比 = 5%\n"
FEE = """fact sales : money monthly
fact receipts : payments
obligation pay_fee { client must pay operator 费率 * sales every month due day 10 of next month performed by receipts }
scenario "five percent" {
  facts of 2026-01 { sales = CNY 1_000  receipts = [] }
  as_of 2026-01-31
  expect pay_fee of 2026-01 = CNY 50
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    for name, text in (
        ("main.contract", MAIN),
        ("parts/parties.contract", PARTIES),
        ("parts/rates.contract", RATES),
        ("parts/fee.contract", FEE),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def told(folder: Path) -> list[tuple[str, str, int]]:
    """Code, file and line of each error of the contract."""
    with pytest.raises(Rejected) as rejected:
        clausal.load(folder / "main.contract")
    return [place(one, folder) for one in rejected.value.diagnostics if one.severity == "error"]


def place(one: Diagnostic, folder: Path) -> tuple[str, str, int]:
    assert one.source is not None and one.span is not None
    return one.code, Path(one.source.name).relative_to(folder).as_posix(), one.source.position(one.span.start)[0]


def test_what_is_used_stands_where_the_use_stands(folder: Path) -> None:
    contract = clausal.load(folder / "main.contract")
    assert [r.status for r in contract.run_scenarios()] == ["passed"]
    assert contract.model.obligations[0].clause is not None
    assert contract.model.obligations[0].clause.number == "3"
    statement = contract.evaluate(
        {"monthly": [{"month": "2026-01", "sales": "1000"}], "receipts": []}, as_of="2026-01-31"
    )
    tree = statement.explain("pay_fee@2026-01").to_dict()["tree"]
    assert "费率 * sales" in str(tree)


def test_the_hash_covers_every_file(folder: Path) -> None:
    before = clausal.load(folder / "main.contract").model.sha256
    assert clausal.load(folder / "main.contract").model.sha256 == before
    (folder / "parts/rates.contract").write_text(RATES.replace("5%", "6%"), encoding="utf-8")
    assert clausal.load(folder / "main.contract").model.sha256 != before


def test_a_file_used_twice_counts_once(folder: Path) -> None:
    (folder / "parts/fee.contract").write_text('use "parties.contract"\n' + FEE, encoding="utf-8")
    assert clausal.load(folder / "main.contract").run_scenarios()[0].status == "passed"


PATHS = {
    "above the folder": "../outside.contract",
    "through a folder and up": "deeper/../../outside.contract",
    "absolute": "/etc/hostname",
    "a drive": "C:/outside.contract",
    "a drive with backslashes": "C:\\\\outside.contract",
    "a backslash": "..\\\\outside.contract",
    "an address": "https://example.org/a.contract",
    "nothing": "",
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())
def test_only_files_below_the_folder_can_be_used(folder: Path, path: str) -> None:
    (folder.parent / "outside.contract").write_text("", encoding="utf-8")
    (folder / "parts/fee.contract").write_text(f'{FEE}use "{path}"\n', encoding="utf-8")
    assert told(folder) == [("E011", "parts/fee.contract", FEE.count("\n") + 1)]


def test_a_link_out_of_the_folder_is_not_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("elsewhere") / "fee.contract"
    outside.write_text(FEE, encoding="utf-8")
    (folder / "parts/fee.contract").unlink()
    (folder / "parts/fee.contract").symlink_to(outside)
    assert told(folder) == [("E011", "main.contract", 3)]
    (folder / "parts/fee.contract").unlink()
    (folder / "parts/within.contract").write_text(FEE, encoding="utf-8")
    (folder / "parts/fee.contract").symlink_to(folder / "parts/within.contract")
    assert clausal.load(folder / "main.contract").title == "Used"


def test_a_circle_a_missing_file_a_folder_and_bytes_are_told_at_the_use(folder: Path) -> None:
    fee = folder / "parts/fee.contract"
    fee.write_text(FEE + 'use "fee.contract"\n', encoding="utf-8")
    assert told(folder) == [("E012", "parts/fee.contract", 9)]
    (folder / "parts/rates.contract").write_text(RATES + '引用 "parties.contract"\n', encoding="utf-8")
    fee.write_text(FEE, encoding="utf-8")
    assert told(folder) == [("E012", "parts/rates.contract", 2)]
    (folder / "parts/rates.contract").write_text(RATES, encoding="utf-8")
    fee.write_bytes(b"\xff\xfe\x00")
    assert told(folder)[0] == ("E001", "main.contract", 3)
    fee.unlink()
    assert told(folder)[0] == ("E010", "main.contract", 3)
    fee.mkdir()
    assert told(folder)[0] == ("E010", "main.contract", 3)


def test_findings_name_the_used_file_and_its_line(folder: Path) -> None:
    fee = folder / "parts/fee.contract"
    fee.write_text(FEE.replace("* sales", "* salse"), encoding="utf-8")
    assert told(folder) == [("E201", "parts/fee.contract", 3)]
    fee.write_text(FEE + "obligation more { client must }\n", encoding="utf-8")
    assert told(folder) == [("E101", "parts/fee.contract", 9)]
    fee.write_text(FEE + "party client\n", encoding="utf-8")
    assert told(folder) == [("E202", "parts/fee.contract", 9)]
    with pytest.raises(Rejected) as rejected:
        clausal.load(folder / "main.contract")
    (first,) = rejected.value.diagnostics[-1].related or rejected.value.diagnostics[0].related
    assert first.source is not None and Path(first.source.name).name == "parties.contract"
    fee.write_text('contract "Own" { language 1 }\n' + FEE, encoding="utf-8")
    assert told(folder)[0] == ("E015", "parts/fee.contract", 1)


def test_a_text_without_a_folder_can_use_nothing() -> None:
    contract, found = compile_text(MAIN)
    assert contract is None and {one.code for one in found} == {"E016"}
    with pytest.raises(Rejected):
        clausal.load(MAIN)
    done = CliRunner().invoke(main, ["check", "-"], input=MAIN)
    assert done.exit_code == 1 and "E016" in done.output + (done.stderr if done.stderr_bytes else "")


def test_a_folder_is_checked_and_tested_by_its_whole_contracts(folder: Path) -> None:
    done = CliRunner().invoke(main, ["check", str(folder)])
    assert done.exit_code == 0, done.output
    assert "1 contract" in done.output
    (folder / "parts/fee.contract").write_text(FEE.replace("CNY 50", "CNY 51"), encoding="utf-8")
    done = CliRunner().invoke(main, ["test", str(folder)])
    assert done.exit_code == 1 and "parts/fee.contract:4" in done.output.replace("\\", "/")


def test_an_amendment_may_stand_in_a_file_of_its_own(folder: Path) -> None:
    (folder / "no1.contract").write_text(
        'amendment "No. 1" effective 2026-02-01 { parameter 费率 = 6% }\n', encoding="utf-8"
    )
    (folder / "main.contract").write_text(MAIN + 'use "no1.contract"\n', encoding="utf-8")
    statement = clausal.load(folder / "main.contract").evaluate(
        {"monthly": [{"month": "2026-02", "sales": "1000"}], "receipts": []}, as_of="2026-02-28"
    )
    line = next(x for x in statement.to_dict()["months"][-1]["obligations"] if x["id"] == "pay_fee@2026-02")
    assert line["amount"] == {"currency": "CNY", "value": "60.00"}


def test_coverage_names_the_used_file(folder: Path) -> None:
    done = CliRunner().invoke(main, ["test", "--coverage", str(folder / "main.contract")])
    assert done.exit_code == 0, done.output
    assert "parts/fee.contract:3  obligation pay_fee: breached" in done.output.replace("\\", "/")
