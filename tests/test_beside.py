"""What the editor is told of the files beside a contract: facts of every format, their values, and an example run on demand."""

from __future__ import annotations

from pathlib import Path

from xlsxwriter import Workbook

import clausal
from clausal.dsl.diagnostics import Both, Diagnostic
from clausal.engine.beside import FilesBeside
from clausal.engine.scenarios import Failure

ROOT = Path(__file__).resolve().parents[1]
B2B = ROOT / "contracts" / "b2b-outsourcing" / "b2b-outsourcing.contract"


def told(failure: Failure) -> Both:
    return Both(failure.found, failure.found)


BESIDE = FilesBeside(told)


def book(path: Path) -> None:
    workbook = Workbook(path)
    sheet = workbook.add_worksheet("月度数据")
    sheet.write_row(0, 0, ["月份", "销售额"])
    sheet.write_row(1, 0, ["2026-01", 900_000])
    workbook.close()


def test_the_values_of_a_fact_are_those_of_its_cells() -> None:
    contract = clausal.load(B2B).model
    known = BESIDE.values(contract, str(B2B), None, "销售额")
    assert [one.period for one in known] == [f"2026-{month:02}" for month in range(1, 11)]
    assert known[0].place.zh.startswith("月度数据.csv")
    rows = BESIDE.values(contract, str(B2B), None, "收付款")
    assert "甲方 → 乙方 CNY " in rows[0].text
    assert "订单号: " in BESIDE.values(contract, str(B2B), None, "订单")[0].text
    assert BESIDE.values(contract, str(B2B), "no-such-folder", "销售额") == ()


def test_the_files_beside_a_contract(tmp_path: Path) -> None:
    files = BESIDE.facts(str(B2B), None)
    assert {file.stem for file in files} >= {"订单", "月度数据", "收付款"}
    assert all(file.text for file in files)
    home = tmp_path / "x.contract"
    book(tmp_path / "facts.xlsx")
    (only,) = BESIDE.facts(str(home), None)
    assert (only.text, only.names) == (None, ("月份", "月度数据", "销售额"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "broken.csv").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "mine" / "good.json").write_text("{}", "utf-8")
    assert [file.stem for file in BESIDE.facts(str(home), "mine")] == ["good"]
    assert BESIDE.facts(str(tmp_path / "none" / "x.contract"), None) == ()


def test_contracts_of_a_folder_and_texts(tmp_path: Path) -> None:
    (tmp_path / "a" / ".hidden").mkdir(parents=True)
    for name in ("b.contract", "a/c.contract", "a/.hidden/d.contract", "a/e.txt"):
        (tmp_path / name).write_text("x", "utf-8")
    assert [Path(path).name for path in BESIDE.contracts(str(tmp_path), below=True)] == ["b.contract", "c.contract"]
    assert [Path(path).name for path in BESIDE.contracts(str(tmp_path), below=False)] == ["b.contract"]
    assert BESIDE.contracts(str(tmp_path / "gone"), below=True) == ()
    assert BESIDE.text(str(tmp_path / "b.contract")) == "x"
    for path in (tmp_path / "gone", tmp_path):
        found = BESIDE.text(str(path))
        assert isinstance(found, Diagnostic)
        assert found.code == "E010"
    (tmp_path / "b.contract").write_bytes(b"\xb9\xfa")
    found = BESIDE.used(str(tmp_path / "x.contract"), "b.contract")
    assert isinstance(found, Diagnostic)
    assert found.code == "E001"


def test_one_example_is_run() -> None:
    contract = clausal.load(B2B).model
    title = contract.scenarios[0].title
    ran = BESIDE.run(contract, title)
    assert ran is not None
    assert (ran.expectations > 0, ran.misses) == (True, ())
    assert BESIDE.run(contract, "no such scenario") is None
    text = B2B.read_text("utf-8").replace("预期 2026-01 的 销售佣金 = 3_640元", "预期 2026-01 的 销售佣金 = 3_641元", 1)
    wrong = clausal.load(text).model
    ran = BESIDE.run(wrong, title)
    assert ran is not None
    (miss,) = ran.misses
    assert miss.span is not None
    assert text[miss.span.start : miss.span.end] == "预期 2026-01 的 销售佣金 = 3_641元"
