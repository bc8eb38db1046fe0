"""`contract diff`: what it prints in each form, when it refuses, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from clausal.cli import main
from clausal.engine.report.comparison import OWN, marked

BEFORE = """
contract "Supply" {
  currency CNY
  term from 2026-01-01 to 2026-06-30
  rounding half_up to 0.01
}
party buyer "Buyer Ltd"
party seller "Seller Ltd"
parameter fee : money = CNY 1_000
fact receipts : payments
clause "2" "Price" {
  text "The buyer pays a fee of one thousand."
  obligation pay_fee { buyer must pay seller fee every month due day 10 of next month performed by receipts }
}
"""
AFTER = BEFORE.replace("CNY 1_000", "CNY 1_200").replace("one thousand", "twelve hundred")
FACTS = {"receipts": [{"ref": "P1", "payer": "buyer", "payee": "seller", "amount": "1000", "on": "2026-02-10"}]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "v1.contract").write_text(BEFORE, "utf-8")
    (tmp_path / "v2.contract").write_text(AFTER, "utf-8")
    (tmp_path / "facts.json").write_text(json.dumps(FACTS), "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contract(*args: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["diff", *args], given, prog_name="contract")


def data(*args: str) -> dict[str, Any]:
    found = contract(*args, "--format", "json")
    assert found.exit_code in (0, 1), found.output
    loaded: dict[str, Any] = json.loads(found.stdout)
    return loaded


def test_lines_meaning_and_money(folder: Path) -> None:
    found = contract("v1.contract", "v2.contract", "--facts", "facts.json", "--as-of", "2026-02-28")
    assert found.exit_code == 0
    assert (
        found.stdout
        == """\
two versions compared
=====================
before: v1.contract, Supply
after: v2.contract, Supply

Text
----
--- v1.contract
+++ v2.contract
@@ -6,9 +6,9 @@
 }
 party buyer "Buyer Ltd"
 party seller "Seller Ltd"
-parameter fee : money = CNY 1_000
+parameter fee : money = CNY 1_200
 fact receipts : payments
 clause "2" "Price" {
-  text "The buyer pays a fee of one thousand."
+  text "The buyer pays a fee of twelve hundred."
   obligation pay_fee { buyer must pay seller fee every month due day 10 of next month performed by receipts }
 }

Meaning
-------
1 change in meaning

parameter fee: changed (line 9)
    was: fee is CNY 1,000.
    now: fee is CNY 1,200.
    what rests on it: obligation pay_fee

Words of the clauses

clause 2: other words
    the rule changed too
    was: Price
         The buyer pays a fee of one thousand.
    now: Price
         The buyer pays a fee of twelve hundred.

Money, as of 2026-02-28
-----------------------

Totals

buyer → seller, CNY
amount             before     after  difference
---------------  --------  --------  ----------
amounts          2,000.00  2,400.00     +400.00
owed in all      2,000.00  2,400.00     +400.00
paid             1,000.00  1,000.00        0.00
open at the end  1,000.00  1,400.00     +400.00

Lines that differ

buyer → seller, CNY
month    clause  of               what      before     after  difference
-------  ------  ---------------  ------  --------  --------  ----------
2026-01  2       pay_fee@2026-01  amount  1,000.00  1,200.00     +200.00
2026-02  2       pay_fee@2026-02  amount  1,000.00  1,200.00     +200.00
-------  ------  ---------------  ------  --------  --------  ----------
                 total                                           +400.00

Dates and statuses that differ
of                          month    what              before      after
--------------------------  -------  ----------------  ----------  ----------
breach pay_fee@2026-01      2026-02  in breach since   —           2026-02-11
obligation pay_fee@2026-01  2026-01  status            performed   breached
obligation pay_fee@2026-01  2026-01  performed on      2026-02-10  —
obligation pay_fee@2026-01  2026-01  in default since  —           2026-02-11
"""
    )


def test_in_chinese(folder: Path) -> None:
    found = contract("v1.contract", "v2.contract", "--facts", "facts.json", "--lang", "zh")
    for line in (
        "合同版本对比",
        "原版本：v1.contract，“Supply”",
        "含义变更1处",
        "变更参数“fee”（第9行）",
        "    原为：fee：1,000元。",
        "    现为：fee：1,200元。",
        "    受其影响：义务“pay_fee”",
        "第2条：文字有改动",
        "    规则也有变更",
        "金额（截至2026-02-28）",
        "合计",
        "有差异的日期与状态",
    ):
        assert line in found.stdout.splitlines()


def test_the_same_file_twice(folder: Path) -> None:
    for lang, words in (("en", "no difference"), ("zh", "无差异")):
        found = contract("v1.contract", "v1.contract", "--facts", "facts.json", "--exit-code", "--lang", lang)
        assert found.exit_code == 0
        assert found.stdout.splitlines()[-1] == words


def test_exit_code_asks_for_meaning_and_money_and_not_for_lines(folder: Path) -> None:
    (folder / "v3.contract").write_text(BEFORE.replace("\n}", "\n  # the end\n}"), "utf-8")
    assert contract("v1.contract", "v2.contract").exit_code == 0
    assert contract("v1.contract", "v2.contract", "--exit-code").exit_code == 1
    assert contract("v1.contract", "v3.contract", "--exit-code").exit_code == 0
    assert contract("v1.contract", "v2.contract", "--only", "text", "--exit-code").exit_code == 0
    assert (
        contract("v1.contract", "v2.contract", "--only", "money", "--facts", "facts.json", "--exit-code").exit_code == 1
    )


def test_only_what_was_asked_for(folder: Path) -> None:
    assert data("v1.contract", "v2.contract", "--only", "meaning")["text"] is None
    found = data("v1.contract", "v2.contract", "--only", "money", "--facts", "facts.json")
    assert (found["text"], found["meaning"], found["money"]["same"]) == (None, None, False)
    refused = contract("v1.contract", "v2.contract", "--only", "money")
    assert refused.exit_code == 2 and "--only money needs --facts" in refused.output


def test_one_version_from_standard_input(folder: Path) -> None:
    found = contract("-", "v2.contract", "--only", "meaning", given=BEFORE)
    assert "before: <stdin>, Supply" in found.stdout and "fee is CNY 1,200." in found.stdout
    found = contract("v1.contract", "-", "--only", "meaning", given=AFTER)
    assert "after: <stdin>, Supply" in found.stdout
    found = contract("v1.contract", "v2.contract", "--facts", "-", "--only", "money", given=json.dumps(FACTS))
    assert "+400.00" in found.stdout
    assert contract("-", "-").exit_code == 2
    assert contract("-", "v2.contract", "--facts", "-", given=BEFORE).exit_code == 2


def test_a_broken_version_is_named(folder: Path) -> None:
    (folder / "v2.contract").write_text(AFTER.replace("money", "monny"), "utf-8")
    found = contract("v1.contract", "v2.contract")
    assert found.exit_code == 2 and found.stdout == ""
    assert found.stderr.startswith("in the version after, v2.contract:\nerror[E210]")
    (folder / "v1.contract").write_text("nothing", "utf-8")
    found = contract("v1.contract", "v2.contract")
    assert (
        "in the version before, v1.contract:" in found.stderr and "in the version after, v2.contract:" in found.stderr
    )
    missing = contract("v1.contract", "v9.contract")
    assert missing.exit_code == 2 and "v9.contract" in missing.stderr


def test_a_run_that_cannot_be_made_is_named(folder: Path) -> None:
    (folder / "v2.contract").write_text(AFTER.replace("= CNY 1_200", "= TBD"), "utf-8")
    found = contract("v1.contract", "v2.contract", "--facts", "facts.json")
    assert found.exit_code == 2
    assert found.stderr.startswith("in the version after, v2.contract:\nerror[R701]")
    filled = contract(
        "v1.contract",
        "v2.contract",
        "--facts",
        "facts.json",
        "--set",
        "fee=CNY 1_100",
        "--only",
        "text",
        "--only",
        "money",
    )
    assert filled.exit_code == 0 and "no difference in money" in filled.stdout


def test_what_only_one_version_knows_is_left_out_and_said(folder: Path) -> None:
    extra = BEFORE.replace("fact receipts", "parameter extra : money = CNY 5\nfact receipts")
    (folder / "v2.contract").write_text(extra.replace("seller fee", "seller fee + extra"), "utf-8")
    found = contract("v1.contract", "v2.contract", "--facts", "facts.json", "--set", "extra=CNY 7", "--only", "money")
    assert "left out before, which does not ask for it: extra" in found.stdout
    assert "+14.00" in found.stdout
    unknown = contract("v1.contract", "v2.contract", "--facts", "facts.json", "--set", "no_such=1")
    assert unknown.exit_code == 2 and "R712" in unknown.stderr
    twice = contract("v1.contract", "v2.contract", "--facts", "facts.json", "--set", "fee=1", "--set", "fee=2")
    assert twice.exit_code == 2 and "R721" in twice.stderr


def test_the_data_have_their_shape(folder: Path) -> None:
    found = data("v1.contract", "v2.contract", "--facts", "facts.json", "--as-of", "2026-01-31")
    assert list(found) == ["before", "after", "same", "text", "meaning", "money"]
    assert found["same"] is False
    (change,) = found["meaning"]["changes"]
    assert change == {
        "how": "changed",
        "kind": "parameter",
        "name": "fee",
        "was_name": None,
        "since": None,
        "clause": {"before": None, "after": None},
        "aspects": [{"aspect": "value", "before": "fee is CNY 1,000.", "after": "fee is CNY 1,200.", "quoted": False}],
        "read_by": [{"kind": "obligation", "name": "pay_fee"}],
        "place": {"before": {"file": "v1.contract", "line": 9}, "after": {"file": "v2.contract", "line": 9}},
    }
    (total,) = found["money"]["totals"]
    assert total["closing"] == {"before": "1000.00", "after": "1200.00", "difference": "200.00"}
    (line,) = found["money"]["lines"]
    assert (line["month"], line["line"], line["amounts"]["difference"]) == ("2026-01", "pay_fee@2026-01", "200.00")


HOSTILE = 'text "<script>alert(1)</script> | **bold** ``` & more"'


def test_a_page_and_markdown_take_nothing_of_the_contract_for_their_own(folder: Path) -> None:
    (folder / "v2.contract").write_text(
        BEFORE.replace('text "The buyer pays a fee of one thousand."', HOSTILE), "utf-8"
    )
    page = contract("v1.contract", "v2.contract", "--format", "html").stdout
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert page.startswith("<!doctype html>") and "http" not in page  # needs no other file
    text = contract("v1.contract", "v2.contract", "--format", "md", "--only", "meaning").stdout
    assert "<script>" not in text.replace("\\<script\\>", "")
    fenced = contract("v1.contract", "v2.contract", "--format", "md", "--only", "text").stdout
    assert "\n````diff\n" in fenced


def test_a_file_is_written_whole_and_standard_output_stays_silent(folder: Path) -> None:
    found = contract("v1.contract", "v2.contract", "--format", "html", "-o", "changes.html")
    assert (found.exit_code, found.stdout) == (0, "")
    assert (folder / "changes.html").read_text("utf-8").rstrip().endswith("</html>")
    assert contract("v1.contract", "v2.contract", "-o", "no/such/folder.txt").exit_code == 2


def test_colours_mark_what_differs(folder: Path) -> None:
    found = contract("v1.contract", "v2.contract", "--only", "meaning", "--color", "always").stdout
    assert "\x1b[31m\x1b[4m1,000\x1b[0m" in found.replace("CNY ", "")
    assert "\x1b" not in contract("v1.contract", "v2.contract", "--color", "never").stdout


@pytest.mark.parametrize("width", [40, 60, 100])
def test_no_figure_is_cut(folder: Path, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    found = contract("v1.contract", "v2.contract", "--facts", "facts.json", "--only", "money").stdout
    assert "+400.00" in found and "1,200.00" in found
    assert all(len(line) <= width for line in found.splitlines())


@pytest.mark.parametrize(
    ("was", "is_", "expected"),
    [
        ("due day 10 of it", "due day 15 of it", (["10"], ["15"])),
        ("不低于5家（含）", "不低于6家（含）", (["5"], ["6"])),
        ("a rate of 0.05% per day", "a rate of 0.055% per day", (["0.05%"], ["0.055%"])),
        ("one two", "three four five six", ([], [])),
        ("one  two three", "one two three", ([], [])),
    ],
)
def test_what_differs_of_two_sentences(was: str, is_: str, expected: tuple[list[str], list[str]]) -> None:
    one, other = marked(was, is_)
    assert ("".join(text for text, _ in one), "".join(text for text, _ in other)) == (was, is_)
    assert ([t for t, differs in one if differs], [t for t, differs in other if differs]) == expected


def test_every_word_is_said_in_both_languages() -> None:
    for key, (en, zh) in OWN.items():
        assert en and zh, key
        assert set(_fields(en)) >= set(_fields(zh)) or key == "changed", key
        assert not any(mark in zh for mark in ",;:?") or key == "no such", key


def _fields(text: str) -> list[str]:
    return [part.split("}")[0] for part in text.split("{")[1:]]
