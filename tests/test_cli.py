"""The command line: every command, option and exit code, and what it does with hostile files."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import clausal
from clausal.cli import Door, fitting, keyword_language, main, save, subject
from clausal.dsl.diagnostics import Rejected
from clausal.engine.selection import selector

ROOT = Path(__file__).resolve().parents[1]

CONTRACT = """
contract "Supply" {
  currency CNY
  term from 2026-01-01 to 2026-06-30
  rounding half_up to 0.01
  payments applied named, due, burden, oldest, proportional
  within a debt costs, interest, principal
}
party buyer "Buyer Ltd"
party seller "Seller Ltd"
parameter fee : money = CNY 1_000
parameter late_rate : rate per day = 0.05% per day
fact boxes : count "boxes" monthly
fact refusal : date monthly
fact receipts : payments
clause "2" "Price" {
  text "The buyer pays a fee of one thousand."
  obligation pay_fee {
    buyer must pay seller fee every month due day 10 of next month performed by receipts
    failing which { interest late_rate simple on unpaid }
  }
}
clause "3" "Minimum" {
  kpi minimum monthly { met when boxes >= 10   partial months not assessed }
  right refuse {
    buyer may withhold pay_fee when minimum missed exercised on refusal lapses 10 days after month end
  }
}
scenario "the fee is due on the tenth" {
  facts of 2026-01 { boxes = 12  receipts = [] }
  as_of 2026-01-31
  expect pay_fee of 2026-01 = CNY 1_000
}
"""

WRONG_SCENARIO = """
scenario "wrongly computed" {
  facts of 2026-01 { boxes = 12  receipts = [] }
  as_of 2026-01-31
  expect pay_fee of 2026-01 = CNY 999
}
"""

CHINESE = """合同 “供货合同” {
  币种 CNY
  合同期限 自2026-01-01至2026-06-30
  舍入 四舍五入 精确到0.01
}
当事人 甲方 "某食品有限公司"
当事人 乙方 "网销科技有限公司"
参数 服务费 ：金额 ＝ 1000元
数据 到账 ：付款记录
条款 "二" "价款" {
  原文 "甲方每月支付服务费1000元"
  义务 支付服务费 {
    甲方 应当支付给 乙方 服务费
    每月
    到期日 次月第10日
    履行凭证 到账
  }
}
"""

MONTHLY = "month,boxes,refusal\n2026-01,12,\n2026-02,4,\n"
RECEIPTS = "ref,payer,payee,amount,on\nP1,buyer,seller,400.00,2026-02-10\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one contract and its facts."""
    (tmp_path / "supply.contract").write_text(CONTRACT, "utf-8")
    (tmp_path / "facts").mkdir()
    (tmp_path / "facts" / "monthly.csv").write_text(MONTHLY, "utf-8")
    (tmp_path / "facts" / "receipts.csv").write_text(RECEIPTS, "utf-8")
    return tmp_path


def contract(*args: object, input: str | bytes | None = None, env: Mapping[str, str] | None = None) -> Result:
    done = CliRunner().invoke(main, [str(arg) for arg in args], input=input, env=env)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert "Traceback" not in done.output
    return done


def really(
    *args: object, env: Mapping[str, str] | None = None, stdout: Any = subprocess.PIPE
) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "clausal.cli", *map(str, args)],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={**os.environ, **(env or {})},
        check=False,
    )


# ---- the door ------------------------------------------------------------------------------------


def test_version_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom clausal.cli import main\n"
        "try: main(['--version'])\nexcept SystemExit: pass\n"
        "heavy = ('rich', 'lark', 'attrs', 'attr', 'cattrs', 'yaml', 'clausal.engine')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"contract {clausal.__version__}\n[]\n"


@pytest.mark.parametrize("command", [(), ("check",), ("eval",), ("explain",), ("test",), ("conformance",), ("schema",)])
def test_help_shows_an_example(command: tuple[str, ...]) -> None:
    done = contract(*command, "--help")
    assert done.exit_code == 0
    assert "Example:\n" in done.stdout
    assert "contract " in done.stdout.split("Example:")[1]


def test_help_on_an_ascii_console() -> None:
    done = really("explain", "--help", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0 and b"Example" in done.stdout


@pytest.mark.parametrize("args", [("nothing",), ("eval",), ("check",), ("eval", "x", "--format", "pdf"), ("--what",)])
def test_what_click_refuses_is_2(args: tuple[str, ...]) -> None:
    assert contract(*args).exit_code == 2


def test_our_own_mistake_is_70_and_one_message(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("impossible")

    monkeypatch.setattr("clausal.engine.embedding.from_text", broken)
    done = contract("eval", folder)
    assert done.exit_code == 70
    assert done.stdout == ""
    assert "error[X901]: internal error: RuntimeError: impossible" in done.stderr
    assert clausal.__version__ in done.stderr and "report this" in done.stderr
    done = CliRunner().invoke(main, ["eval", str(folder)], env={"CLAUSAL_TRACEBACK": "1"})
    assert done.exit_code == 70 and "Traceback" in done.stderr


def test_an_interruption_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("clausal.cli._schema", stopped)
    assert contract("schema", "result").exit_code == 130


def test_a_closed_pipe_is_quiet(folder: Path) -> None:
    shell = f"{sys.executable} -m clausal.cli schema result; echo $? >&2"
    done = subprocess.run(
        ["sh", "-c", f"{{ {shell}; }} | true"], capture_output=True, text=True, check=True, timeout=60
    )
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr


def test_the_door_is_a_group() -> None:
    assert isinstance(main, Door)
    assert list(main.commands) == [
        *("check", "fmt", "translate", "eval", "facts", "new", "explain", "render", "test", "diff"),
        *("conformance", "simulate", "graph", "schema", "completion", "lsp"),
    ]


# ---- check ---------------------------------------------------------------------------------------


def test_a_sound_contract_is_fine(folder: Path) -> None:
    done = contract("check", folder)
    assert done.exit_code == 0
    assert done.stdout.startswith("1 contract checked: ")
    assert done.stdout[-1] == "\n"


def test_findings_are_drawn_on_stderr_and_summed_up_on_stdout(folder: Path) -> None:
    (folder / "supply.contract").write_text(CONTRACT.replace("seller fee every", "seler fee every"), "utf-8")
    done = contract("check", folder / "supply.contract")
    assert done.exit_code == 1
    assert "error[E201]: `seler` is not defined" in done.stderr
    assert "did you mean `seller`?" in done.stderr
    assert done.stdout.startswith("1 contract checked: 1 error")
    assert contract("check", folder, "--quiet").stdout == ""


def test_warnings_count_when_asked(folder: Path) -> None:
    text = CONTRACT.replace("parameter fee", "parameter spare : money = CNY 5\nparameter fee")
    (folder / "supply.contract").write_text(text, "utf-8")
    done = contract("check", folder)
    assert (done.exit_code, contract("check", folder, "--strict").exit_code) == (0, 1)


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_machines_read_stdout(folder: Path, form: str) -> None:
    (folder / "supply.contract").write_text(CONTRACT.replace("seller fee every", "seler fee every"), "utf-8")
    done = contract("check", folder, "--format", form)
    assert done.exit_code == 1
    assert done.stderr == ""
    assert "E201" in done.stdout
    if form != "github":
        json.loads(done.stdout)
    out = folder / "out.txt"
    again = contract("check", folder, "--format", form, "-o", out)
    assert again.stdout == "" and out.read_text("utf-8") == done.stdout


def test_folders_are_searched_and_stdin_is_read(folder: Path) -> None:
    below = folder / "more" / "below"
    below.mkdir(parents=True)
    (below / "zh.contract").write_text(CHINESE, "utf-8")
    done = contract("check", folder)
    assert done.exit_code == 0
    assert "2" in done.stdout and "zh.contract" in done.stderr
    assert contract("check", "-", input=CONTRACT).exit_code == 0
    assert "<stdin>:" in contract("check", "-", input="contract").stderr


def test_the_language_is_that_of_the_contract_or_the_one_asked_for(folder: Path) -> None:
    (folder / "supply.contract").write_text(CHINESE.replace("乙方 服务费", "丙方 服务费"), "utf-8")
    done = contract("check", folder)
    assert done.exit_code == 1
    assert "错误[E201]：“丙方”没有定义" in done.stderr
    assert done.stdout.startswith("已检查1份合同：1个错误")
    assert "error[E201]" in contract("check", folder, "--lang", "en").stderr
    assert contract("check", folder, "--lang", "xx").exit_code == 2


@pytest.mark.parametrize(
    ("content", "code", "exit_code"),
    [
        (CHINESE.encode("gb18030"), "E001", 1),
        (b"\x00\x01\xff\xfe\x89PNG" * 50, "E001", 1),
        (b"", "E", 1),
        (CONTRACT.encode()[: len(CONTRACT) // 2], "E", 1),
        (b"contract " * 5000, "E", 1),
        (b"let x = " + b"(" * 5000 + b")" * 5000, "E006", 5),
        (CONTRACT.encode() + b"#" * (4 * 1024 * 1024 + 1), "E005", 5),
        (CONTRACT.replace("1_000", "1" + "0" * 60).encode(), "E007", 1),
        ("\u202e".encode(), "E002", 1),
    ],
    ids=["gbk", "binary", "empty", "half", "repeated", "deep", "huge", "digits", "bidi"],
)
def test_hostile_contracts_are_told_not_thrown(tmp_path: Path, content: bytes, code: str, exit_code: int) -> None:
    path = tmp_path / "x.contract"
    path.write_bytes(content)
    done = contract("check", path, "--lang", "en")
    assert done.exit_code == exit_code, done.output
    assert f"error[{code}" in done.stderr
    assert contract("eval", path, tmp_path).exit_code == (5 if exit_code == 5 else 2)


def test_another_encoding_is_read_when_it_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.contract"
    path.write_bytes(CHINESE.encode("gb18030"))
    assert contract("check", path, "--encoding", "gb18030").exit_code == 0
    assert contract("check", "-", "--encoding", "gb18030", input=CHINESE.encode("gb18030")).exit_code == 0
    assert "F603" in contract("check", path, "--encoding", "klingon").stderr


def test_what_cannot_be_read_is_2(tmp_path: Path) -> None:
    done = contract("check", tmp_path / "none.contract")
    assert done.exit_code == 2 and "E010" in done.stderr
    assert "1 contract" not in done.stdout
    assert "没有这个文件" in contract("check", tmp_path / "none.contract", "--lang", "zh").stderr
    for command in ("check", "eval"):
        done = contract(command, tmp_path)
        assert done.exit_code == 2 and "R719" in done.stderr


# ---- eval ----------------------------------------------------------------------------------------


def test_a_folder_with_its_facts_is_enough(folder: Path) -> None:
    done = contract("eval", folder)
    assert done.exit_code == 0
    assert "Supply" in done.stdout and "pay_fee@2026-01" in done.stdout and "breached" in done.stdout
    assert contract("eval", folder / "supply.contract", folder / "facts").stdout == done.stdout


def test_facts_have_to_come_from_somewhere(folder: Path) -> None:
    done = contract("eval", folder / "supply.contract")
    assert done.exit_code == 2 and "R716" in done.stderr
    (folder / "facts" / "monthly.csv").rename(folder / "facts.csv")
    (folder / "facts" / "receipts.csv").unlink()
    (folder / "facts").rmdir()
    assert contract("eval", folder).exit_code == 0


def test_two_contracts_in_a_folder_are_not_guessed(folder: Path) -> None:
    (folder / "twin.contract").write_text(CONTRACT, "utf-8")
    done = contract("eval", folder, folder / "facts")
    assert done.exit_code == 2 and "R713" in done.stderr and "twin.contract" in done.stderr


def test_the_same_document_in_every_form(folder: Path) -> None:
    document = json.loads(contract("eval", folder, "--format", "json").stdout)
    statement = clausal.load(folder).evaluate(folder / "facts")
    assert document == statement.to_dict()
    lines = [json.loads(x) for x in contract("eval", folder, "--format", "jsonl").stdout.splitlines()]
    assert lines[0]["record"] == "run" and any(line["record"] == "obligation" for line in lines)
    assert contract("eval", folder, "--format", "csv").stdout.startswith("record,month,id,")
    assert contract("eval", folder, "--format", "md").stdout.startswith("# ")
    assert "pay_fee@2026-01" in contract("eval", folder, "--format", "plain").stdout


def test_months_and_parties_are_chosen(folder: Path) -> None:
    one = json.loads(contract("eval", folder, "--month", "2026-01", "--format", "json").stdout)
    assert [part["month"] for part in one["months"]] == ["2026-01"]
    two = json.loads(contract("eval", folder, "--month", "2026-02", "--month", "2026-01", "--format", "json").stdout)
    whole = json.loads(contract("eval", folder, "--format", "json").stdout)
    assert two == whole
    assert contract("eval", folder, "--month", "2031-01").exit_code == 2
    assert "R718" in contract("eval", folder, "--month", "2031-01").stderr
    assert contract("eval", folder, "--month", "March").exit_code == 2
    assert contract("eval", folder, "--party", "buyer").exit_code == 0
    assert (
        contract("eval", folder, "--party", "Buyer Ltd").stdout == contract("eval", folder, "--party", "buyer").stdout
    )
    wrong = contract("eval", folder, "--party", "byer")
    assert wrong.exit_code == 2 and "F610" in wrong.stderr and "`buyer`" in wrong.stderr


def test_the_day_and_the_completeness_are_said(folder: Path) -> None:
    early = json.loads(contract("eval", folder, "--as-of", "2026-01-31", "--format", "json").stdout)
    assert early["as_of"] == "2026-01-31"
    late = json.loads(contract("eval", folder, "--complete-through", "receipts=2026-02-05", "--format", "json").stdout)
    assert late["completeness"]["receipts"] == "2026-02-05"
    line = next(x for x in late["months"][-1]["obligations"] if x["id"] == "pay_fee@2026-01")
    assert line["status"] == "undetermined"
    every = json.loads(contract("eval", folder, "--complete-through", "2026-02-05", "--format", "json").stdout)
    assert every["complete_through"] == "2026-02-05"
    for args in (("--as-of", "yesterday"), ("--complete-through", "x"), ("--as-of", "2020-01-01")):
        assert contract("eval", folder, *args).exit_code == 2
    assert "F601" in contract("eval", folder, "--complete-through", "bank=2026-02-05").stderr


def test_parameters_are_set(folder: Path) -> None:
    document = json.loads(contract("eval", folder, "--set", "fee=CNY 2_000", "--format", "json").stdout)
    assert document["months"][0]["obligations"][0]["amount"]["value"] == "2000.00"
    assert "R712" in contract("eval", folder, "--set", "fees=1").stderr
    assert contract("eval", folder, "--set", "fee=much").exit_code == 2
    assert contract("eval", folder, "--set", "fee").exit_code == 2


def test_a_blank_has_to_be_filled(folder: Path) -> None:
    (folder / "supply.contract").write_text(CONTRACT.replace("= CNY 1_000\nparameter", "= TBD\nparameter"), "utf-8")
    done = contract("eval", folder)
    assert done.exit_code == 2 and "R701" in done.stderr and done.stdout == ""
    assert contract("eval", folder, "--set", "fee=CNY 5").exit_code == 0


def test_facts_on_stdin(folder: Path) -> None:
    facts = {"2026-01": {"boxes": 12}, "receipts": []}
    done = contract("eval", folder / "supply.contract", "-", "--format", "json", input=json.dumps(facts))
    assert done.exit_code == 0 and json.loads(done.stdout)["months"][0]["values"]["minimum"]["status"] == "met"
    assert contract("eval", folder / "supply.contract", "-", input="{").exit_code == 2
    assert contract("eval", "-", folder / "facts", input=CONTRACT).exit_code == 0
    assert contract("eval", "-", "-", input=CONTRACT).exit_code == 2


def test_missing_facts(folder: Path) -> None:
    (folder / "facts" / "monthly.csv").write_text(MONTHLY + "2026-03,unknown,\n", "utf-8")
    assert contract("eval", folder).exit_code == 0
    strict = contract("eval", folder, "--strict")
    assert strict.exit_code == 3
    assert strict.stdout == ""
    assert "R702" in strict.stderr and "boxes@2026-03" in strict.stderr
    done = contract("eval", folder, "--fail-on", "undetermined")
    assert done.exit_code == 3 and "Supply" in done.stdout
    assert contract("eval", folder, "--fail-on", "undetermined", "--month", "2026-01").exit_code == 0


def test_failing_on_breach_and_overdue(folder: Path) -> None:
    for on in ("breach", "overdue"):
        done = contract("eval", folder, "--fail-on", on)
        assert done.exit_code == 1 and "Supply" in done.stdout
        assert contract("eval", folder, "--fail-on", on, "--as-of", "2026-01-31").exit_code == 0
    assert contract("eval", folder, "--fail-on", "breach", "--fail-on", "undetermined").exit_code == 1


def test_explanations_after_the_table(folder: Path) -> None:
    done = contract("eval", folder, "--explain")
    assert done.exit_code == 0
    assert "in default since 2026-02-11" in " ".join(done.stdout.split())
    assert "receipts.csv row 2" in " ".join(done.stdout.split())
    assert "```text" in contract("eval", folder, "--explain", "--format", "md").stdout
    document = json.loads(contract("eval", folder, "--explain", "--format", "json").stdout)
    assert {e["subject"] for e in document["explanations"]} >= {"pay_fee@2026-01", "refuse@2026-02"}
    last = contract("eval", folder, "--explain", "--format", "jsonl").stdout.splitlines()[-1]
    assert json.loads(last)["record"] == "explanation"
    assert contract("eval", folder, "--explain", "--format", "csv").exit_code == 2


def test_a_state_is_saved_and_gone_on_from(folder: Path) -> None:
    state = folder / "state.json"
    assert contract("eval", folder, "--as-of", "2026-01-31", "--save-state", state).exit_code == 0
    done = contract("eval", folder, "--state", state, "--format", "json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["months"][-1]["month"] == "2026-02"
    (folder / "supply.contract").write_text(CONTRACT + "# changed\n", "utf-8")
    assert "R708" in contract("eval", folder, "--state", state).stderr
    for text in ("", "{", "[]", "{}", "[" * 100_000):
        state.write_text(text, "utf-8")
        assert contract("eval", folder, "--state", state).exit_code == 2
    assert contract("eval", folder, "--state", folder / "none.json").exit_code == 2


@pytest.mark.parametrize(
    ("name", "content", "code", "exit_code"),
    [
        ("monthly.csv", MONTHLY + "2026-02,5,\n", "F604", 2),
        ("monthly.csv", "month,boxes\n2026-01,ten\n", "F603", 2),
        ("monthly.csv", "month,boxes,extra\n2026-01,1,2\n", "F601", 2),
        ("monthly.csv", "", "F630", 2),
        ("monthly.csv", b"month,boxes\n2026-01,\xff\n", "F609", 2),
        ("monthly.csv", 'month,boxes\n2026-01,"1\n', "F631", 2),
        ("receipts.csv", RECEIPTS.replace("400.00", "NaN"), "F606", 2),
        ("receipts.csv", RECEIPTS.replace("400.00", "1" + "0" * 90), "F632", 5),
        ("receipts.csv", RECEIPTS.replace("buyer,seller", "byer,seller"), "F610", 2),
        ("monthly.json", "{", "F631", 2),
        ("facts.json", "[]", "F630", 2),
        ("facts.yaml", "[]\n", "F630", 2),
        ("monthly.xlsx", b"PK\x03\x04 half a workbook", "F6", 2),
    ],
)
def test_hostile_facts_are_told_not_thrown(
    folder: Path, name: str, content: str | bytes, code: str, exit_code: int
) -> None:
    path = folder / ("" if name.startswith("facts") else "facts") / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    done = contract("eval", folder / "supply.contract", path if name.startswith("facts") else folder / "facts")
    assert f"error[{code}" in done.stderr, done.output
    assert done.exit_code == exit_code
    assert done.stdout == ""


def test_large_amounts_stay_exact(folder: Path) -> None:
    (folder / "facts" / "receipts.csv").write_text(RECEIPTS.replace("400.00", "1" + "0" * 30), "utf-8")
    done = contract("eval", folder, "--format", "json")
    assert done.exit_code == 0
    paid = json.loads(done.stdout)["months"][-1]["payments"][0]["amount"]["value"]
    assert paid == "1" + "0" * 30 + ".00"


def test_gb18030_facts_only_when_asked_for(folder: Path) -> None:
    text = "月份,boxes\n2026-01,12\n"
    (folder / "facts" / "monthly.csv").write_bytes(text.encode("gb18030"))
    assert contract("eval", folder).exit_code == 2
    assert contract("eval", folder, "--encoding", "gb18030").exit_code == 0


def test_quiet_leaves_out_the_warnings(folder: Path) -> None:
    (folder / "facts" / "monthly.csv").write_text("month,boxes\n2026-01,12\n", "utf-8")
    loud, quiet = contract("eval", folder), contract("eval", folder, "--quiet")
    assert loud.exit_code == quiet.exit_code == 0
    assert quiet.stderr == "" and quiet.stdout == loud.stdout


# ---- where results go ----------------------------------------------------------------------------


def test_a_file_is_written_whole(folder: Path) -> None:
    out = folder / "statement.json"
    done = contract("eval", folder, "--format", "json", "-o", out)
    assert done.exit_code == 0 and done.stdout == ""
    assert json.loads(out.read_text("utf-8"))["as_of"] == "2026-02-28"
    out.chmod(0o600)
    contract("eval", folder, "--format", "md", "-o", out)
    assert out.read_text("utf-8").startswith("# ")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert sorted(p.name for p in folder.iterdir()) == ["facts", "statement.json", "supply.contract"]


def test_what_cannot_be_written_is_one_message_and_loses_nothing(folder: Path) -> None:
    for target in (folder / "none" / "x.json", folder / "facts", "/dev/full"):
        done = contract("eval", folder, "-o", target)
        assert done.exit_code == 2, target
        assert done.stderr.count("error[") == 1 and "R715" in done.stderr
    assert os.path.exists("/dev/full") and not os.path.isfile("/dev/full")


def test_an_old_result_survives_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "old.txt"
    out.write_text("old", "utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Rejected) as caught:
        save(str(out), "new")
    assert "there is no space left" in str(caught.value)
    assert [(p.name, p.read_text("utf-8")) for p in tmp_path.iterdir()] == [("old.txt", "old")]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old", "utf-8")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    save(str(tmp_path / "link.txt"), "new")
    assert (tmp_path / "link.txt").is_symlink() and (tmp_path / "real.txt").read_text("utf-8") == "new"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no such device")
def test_a_full_stdout_is_one_message(folder: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = really("eval", folder, stdout=full)
    assert done.returncode == 2
    assert done.stderr.decode().count("error[R715]") == 1
    assert b"Traceback" not in done.stderr and b"Exception ignored" not in done.stderr


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize("form", ["table", "plain", "md", "csv", "json", "jsonl"])
def test_every_console_shows_it(tmp_path: Path, encoding: str, form: str) -> None:
    (tmp_path / "zh.contract").write_text(CHINESE.replace("供货合同", "供货合同¥…✓"), "utf-8")
    facts = json.dumps({"2026-01": {}, "到账": []})
    (tmp_path / "facts.json").write_text(facts, "utf-8")
    done = really("eval", tmp_path, "--format", form, env={"PYTHONIOENCODING": encoding})
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode(encoding)
    if form == "json":
        assert json.loads(text)["contract"]["title"] == "供货合同¥…✓"
    elif form in ("table", "plain", "md") and encoding in ("gbk", "utf-8"):
        assert "到期日" in text
    elif form in ("table", "plain", "md"):
        assert "due date" in text  # a console without Chinese is spoken to in English


@pytest.mark.parametrize(
    "command",
    [("fmt",), ("translate", "--to", "en"), ("render",), ("graph",), ("graph", "--format", "dot")],
    ids=" ".join,
)
def test_a_file_that_is_redirected_loses_nothing_to_the_console(tmp_path: Path, command: tuple[str, ...]) -> None:
    """`contract fmt a > b` where the console has no `¥`: quotation marks are not made straight, nor signs replaced."""
    text = CHINESE.replace("供货合同", "供货¥…✓—é")
    (tmp_path / "zh.contract").write_text(text, "utf-8")
    done = really(*command, tmp_path / "zh.contract", env={"PYTHONIOENCODING": "gbk"})
    assert done.returncode == 0, done.stderr
    assert "供货¥…✓—é" in done.stdout.decode("utf-8")


def test_a_dash_is_standard_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "zh.contract").write_text(CHINESE, "utf-8")
    result = CliRunner().invoke(main, ["translate", "zh.contract", "--to", "en", "-o", "-"])
    assert result.stdout.startswith("contract ")
    assert [path.name for path in tmp_path.iterdir()] == ["zh.contract"]


def test_characters_that_a_console_lacks_become_plainer_ones() -> None:
    assert fitting("¥8,000 → 5 ≥ 3…", "ascii") == "CNY 8,000 -> 5 >= 3..."
    assert fitting("甲方", "ascii") == "\\u7532\\u65b9"
    assert json.loads(fitting('"甲𠮷方"', "ascii", machine=True)) == "甲𠮷方"
    assert fitting("甲方", "no-such-encoding") == "\\u7532\\u65b9"


def test_colour_only_where_it_is_wanted(folder: Path) -> None:
    assert "\x1b" not in contract("eval", folder).stdout
    assert "\x1b[" in really("eval", folder, "--color", "always").stdout.decode()
    assert b"\x1b" not in really("eval", folder, env={"NO_COLOR": "1"}).stdout
    assert contract("eval", folder, "--color", "never", "--format", "table").exit_code == 0


def test_the_width_is_the_terminals(folder: Path) -> None:
    from clausal.dsl.wording import display_width

    for columns in ("60", "80", "100"):
        text = contract("eval", folder, "--explain", env={"COLUMNS": columns}).stdout
        assert max(map(display_width, text.splitlines())) <= int(columns)


# ---- explain -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "what",
    [
        ("pay_fee@2026-01",),
        ("pay_fee of 2026-01",),
        ("pay_fee", "of", "2026-01"),
        ("2026-01", "的", "pay_fee"),
        ("2026-01的pay_fee",),
        ("2026年1月 的 pay_fee",),
    ],
)
def test_why_a_line_is_what_it_is(folder: Path, what: tuple[str, ...]) -> None:
    done = contract("explain", folder / "supply.contract", folder / "facts", *what)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("pay_fee@2026-01 = CNY 1,000.00\n  Clause 2 Price\n")
    assert "The buyer pays a fee of one thousand." in done.stdout
    assert "receipts.csv row 2" in done.stdout


def test_a_folder_and_a_subject_are_enough(folder: Path) -> None:
    done = contract("explain", folder, "minimum@2026-02", "--why-not", "--format", "json")
    tree = json.loads(done.stdout)["tree"]
    assert tree["because"][0]["key"] == "why not"
    assert "in default since" in contract("explain", folder, "pay_fee@2026-01", "--lang", "en").stdout
    assert "违约" in contract("explain", folder, "pay_fee@2026-01", "--lang", "zh").stdout
    assert contract("explain", folder, "pay_fee@2026-01", "--as-of", "2026-01-31").exit_code == 0


def test_an_unknown_subject_is_guessed_at(folder: Path) -> None:
    done = contract("explain", folder, "pay_fees@2026-01")
    assert done.exit_code == 2
    assert "error[R714]" in done.stderr and "did you mean `pay_fee@2026-01`?" in done.stderr
    assert contract("explain", folder).exit_code == 2
    assert contract("explain", folder, "a", "b", "c", "d").exit_code == 2


def test_a_code_has_a_page() -> None:
    done = contract("explain", "E201")
    assert done.exit_code == 0 and done.stdout.startswith("E201: ")
    assert "声明" in contract("explain", "e201", "--lang", "zh").stdout
    assert json.loads(contract("explain", "E201", "--format", "json").stdout)["code"] == "E201"
    wrong = contract("explain", "E299")
    assert wrong.exit_code == 2 and "R717" in wrong.stderr


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("pay_fee", "pay_fee"),
        ("支付服务费的逾期利息@2026-03", "支付服务费.interest@2026-03"),
        ("2026-03 的 支付服务费", "支付服务费@2026-03"),
        ("2026年3月的支付服务费", "支付服务费@2026-03"),
        ("支付服务费＠2026年3月9日", "支付服务费@2026-03-09"),
        ("2026-Q1 的 完成率", "完成率@2026-Q1"),
        ("pay_fee.interest of 2026-03", "pay_fee.interest@2026-03"),
    ],
)
def test_subjects_as_people_write_them(said: str, meant: str) -> None:
    assert subject(said) == meant


# ---- test, schema --------------------------------------------------------------------------------


def test_scenarios_are_run(folder: Path) -> None:
    done = contract("test", folder)
    assert done.exit_code == 0
    assert done.stdout.startswith("passed  the fee is due on the tenth  (")
    assert done.stdout.endswith("1 passed, 0 failed\n")


def test_a_failed_scenario_is_told_by_its_line(folder: Path) -> None:
    (folder / "supply.contract").write_text(CONTRACT + WRONG_SCENARIO, "utf-8")
    done = contract("test", folder)
    assert done.exit_code == 1
    assert "failed  wrongly computed" in done.stdout
    assert "pay_fee of 2026-01: expected CNY 999.00, and it is CNY 1,000.00" in done.stdout
    assert done.stdout.endswith("1 passed, 1 failed\n")
    rows = json.loads(contract("test", folder, "--format", "json").stdout)
    assert [(row["name"], row["status"]) for row in rows] == [
        ("the fee is due on the tenth", "passed"),
        ("wrongly computed", "failed"),
    ]
    assert set(rows[1]) == {"name", "status", "file", "line", "clause", "failures"}
    line = (CONTRACT + WRONG_SCENARIO).split("CNY 999")[0].count("\n") + 1
    assert rows[1]["failures"][0]["line"] == line


def test_a_contract_that_is_not_sound_fails(folder: Path) -> None:
    (folder / "bad.contract").write_text("contract", "utf-8")
    done = contract("test", folder, "--format", "json")
    assert done.exit_code == 2
    assert [row["status"] for row in json.loads(done.stdout)] == ["failed", "passed"]
    assert "error[" in done.stderr
    assert contract("test", folder / "none.contract").exit_code == 2


def test_nothing_to_test_is_said(tmp_path: Path) -> None:
    done = contract("test", tmp_path)
    assert done.exit_code == 0 and done.stdout == "no scenarios\n"
    assert json.loads(contract("test", tmp_path, "--format", "json").stdout) == []


def test_the_schema_is_the_one_that_is_shipped(tmp_path: Path) -> None:
    done = contract("schema", "result")
    assert json.loads(done.stdout) == json.loads((ROOT / "engine/report/result.schema.json").read_text("utf-8"))
    assert contract("schema", "nothing").exit_code == 2
    assert contract("schema", "result", "-o", tmp_path / "s.json").stdout == ""


def test_results_fit_the_schema(folder: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(contract("schema", "result").stdout)
    for args in (
        (),
        ("--month", "2026-01"),
        ("--party", "buyer"),
        ("--month", "2026-01", "--month", "2026-02"),
    ):
        jsonschema.validate(json.loads(contract("eval", folder, "--format", "json", *args).stdout), schema)


def test_the_language_of_keywords() -> None:
    assert keyword_language(CONTRACT) == "en"
    assert keyword_language(CHINESE) == "zh"
    assert keyword_language("# 注释\n" + CHINESE) == "zh"
    assert keyword_language("") == "en"


# ---- the shipped agreements ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["worked-example", "b2b-outsourcing"])
def test_the_shipped_agreements(name: str) -> None:
    path = ROOT / "contracts" / name
    assert contract("check", path).exit_code == 0
    done = contract("test", path)
    assert done.exit_code == 0, done.stdout
    for form in ("table", "plain", "md", "csv", "jsonl", "json"):
        for lang in ("en", "zh"):
            assert contract("eval", path, "--format", form, "--lang", lang, "--explain").exit_code == (
                2 if form == "csv" else 0
            )
    again = [contract("eval", path, "--format", "json").stdout for _ in range(2)]
    assert again[0] == again[1]


# ---- what an outsider stumbled over ---------------------------------------------------------------


def test_a_contract_without_end_is_not_read_to_its_end() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "clausal.cli", "check", "/dev/zero"], capture_output=True, timeout=30, check=False
    )
    assert done.returncode == 5 and b"E005" in done.stderr


@pytest.mark.parametrize("args", [("--version",), ("--help",), ("eval", "--help")])
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_help_on_a_full_disk(args: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = really(*args, stdout=full)
    assert done.returncode == 2
    assert b"R715" in done.stderr and b"Traceback" not in done.stderr


def test_a_closed_standard_output_is_said_in_one_message(folder: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", '"$0" -m clausal.cli eval "$1" >&-', sys.executable, str(folder)], capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"R715" in done.stderr and b"X901" not in done.stderr


def test_a_folder_that_the_system_refuses(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(Path, "iterdir", refuse)
    done = contract("eval", folder, "--lang", "zh")
    assert done.exit_code == 2 and "E010" in done.stderr and "没有权限" in done.stderr


def test_a_failed_scenario_in_chinese(folder: Path) -> None:
    wrong = WRONG_SCENARIO.replace(
        "999", "999  expect pay_fee of 2026-01 breached  expect pay_fee.open of 2026-01 = CNY 1"
    )
    (folder / "supply.contract").write_text(CONTRACT + wrong, "utf-8")
    out = contract("test", folder, "--lang", "zh").stdout
    assert "2026-01 的 pay_fee：预期 CNY 999.00，实际 CNY 1,000.00" in out
    assert "2026-01 的 pay_fee：预期 违约，实际 未到期" in out
    assert "2026-01 的 pay_fee，未付：预期 CNY 1.00，实际 CNY 1,000.00" in out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--as-of", "2026-02-30"), ("E109",)),
        (("--as-of", "2026-2-3"), ("E108",)),
        (("--set", "fee=TBD"), ("F603", "fee", "a statement needs its value")),
        (("--set", "fee=abc"), ("F603", "--> fee")),
        (("--set", "fees=1"), ("R712", "did you mean `fee`?")),
        (("--set", "fee=1", "--set", "fee=2"), ("R721",)),
        (("--complete-through", "receits=2026-02-28"), ("F601", "did you mean `receipts`?")),
        (("--complete-through", "2026-02-01", "--complete-through", "2026-02-02"), ("R721",)),
        (("--save-state", "-"), ("-o FILE",)),
    ],
)
def test_options_that_are_misspelt(folder: Path, args: tuple[str, ...], words: tuple[str, ...]) -> None:
    done = contract("eval", folder, *args)
    assert done.exit_code == 2
    assert [word for word in words if word not in done.stderr] == []
    assert "cell blank" not in done.stderr


def test_completeness_beyond_the_day_of_the_statement_is_told(folder: Path) -> None:
    done = contract("eval", folder, "--as-of", "2026-02-28", "--complete-through", "2026-05-31")
    assert done.exit_code == 0 and "R722" in done.stderr
    assert "R722" not in contract("eval", folder, "--as-of", "2026-02-28", "--complete-through", "2026-02-28").stderr


def test_the_state_on_standard_output(folder: Path, tmp_path: Path) -> None:
    done = contract("eval", folder, "--save-state", "-", "-o", tmp_path / "statement.txt")
    assert done.exit_code == 0 and "format" in json.loads(done.stdout)


def test_quiet_says_nothing_of_notes(folder: Path) -> None:
    loud = CONTRACT.replace("fact boxes", 'note "Read so."\nfact idle : money monthly\nfact boxes')
    (folder / "supply.contract").write_text(loud, "utf-8")
    done = contract("check", folder, "-q")
    assert (done.exit_code, done.stdout, done.stderr) == (contract("check", folder).exit_code, "", "")


def test_a_csv_file_opens_in_a_chinese_spreadsheet(folder: Path, tmp_path: Path) -> None:
    contract("eval", folder, "--format", "csv", "-o", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbfrecord,")


def test_an_ascii_console_has_escapes_under_true_carets(tmp_path: Path) -> None:
    (tmp_path / "zh.contract").write_text(CHINESE.replace("服务费\n    每月", "管理费\n    每月"), "utf-8")
    done = really("check", tmp_path / "zh.contract", env={"PYTHONIOENCODING": "ascii"})
    err = done.stderr.decode("ascii")
    name = "管理费".encode("unicode_escape").decode("ascii")
    line = next(line for line in err.splitlines() if name in line and "|" in line)
    carets = err.splitlines()[err.splitlines().index(line) + 1]
    assert line[carets.index("^") : carets.rindex("^") + 1] == name
    assert "?" not in line


def test_payments_for_nothing_that_is_owed(folder: Path) -> None:
    for word, meant in (
        ("pay_fe", "pay_fee"),
        ("pay_fee@2026-14", "pay_fee"),
        ("boxes", None),
        ("pay_fee@", "pay_fee"),
    ):
        (folder / "facts" / "receipts.csv").write_text(
            f"ref,payer,payee,amount,on,for\nP1,buyer,seller,400.00,2026-02-10,{word}\n", "utf-8"
        )
        done = contract("eval", folder)
        assert "F641" in done.stderr
        assert meant is None or f"did you mean `{meant}`?" in done.stderr
    for word in ("pay_fee", "pay_fee@2026-01", "pay_fee.penalty", "penalty", ""):
        (folder / "facts" / "receipts.csv").write_text(
            f"ref,payer,payee,amount,on,for\nP1,buyer,seller,400.00,2026-02-10,{word}\n", "utf-8"
        )
        done = contract("eval", folder)
        assert done.exit_code == 0 and "F641" not in done.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"as_of": 5}, "R720"),
        ({"parameters": [1]}, "R720"),
        ({"parameters": {"fee": [1]}}, "F603"),
        ({"parameters": {"fee": None}}, "F603"),
        ({"state": {}}, "R720"),
        ({"state": 5}, "R720"),
        ({"complete_through": 5}, "R720"),
    ],
)
def test_a_caller_who_errs_is_told_so(folder: Path, words: dict[str, Any], code: str) -> None:
    with pytest.raises(Rejected) as raised:
        clausal.load(folder).evaluate(folder / "facts", **words)
    assert [one.code for one in raised.value.diagnostics] == [code]


# ---- which scenarios, in which form, and what they reached ---------------------------------------------------------------


REACHING = """contract "Reach" {
  currency CNY  term from 2026-01-01 to 2026-12-31  rounding half_up to 0.01
}
party buyer
party seller
fact sales    : money monthly
fact refusal  : date monthly
fact storm    : boolean monthly presume false
fact rivals   : list of { seen_on: date } dated by seen_on
fact letter   : date once
fact receipts : payments
clause "1" {
  kpi goal monthly { not assessed when storm  met when sales >= CNY 100 }
  let share = tiers marginal per month on sales { up to CNY 100: 1%  up to CNY 200: 2%  above: 3% }
  let extra = if sales > CNY 500 then CNY 1 else CNY 2
}
clause "2" {
  obligation fee {
    buyer must pay seller CNY 10 + share + extra every month due day 10 of next month
    failing which { interest 0.1% per day  after 5 days breach serious }
  }
  right refuse { buyer may withhold fee when goal missed exercised on refusal lapses 10 days after month end }
  exception to fee when storm { excused }
}
clause "3" { prohibition loyal { seller must not "sell elsewhere" violated by rivals } }
termination leave { buyer may terminate when goal missed for 2 consecutive months skipping not assessed exercised on letter }
"""
AT_A_BOUND = """scenario "at the bound" {
  facts of 2026-01 { sales = CNY 100  refusal = none }
  facts of 2026-02 { receipts = [ { payer: buyer, payee: seller, amount: CNY 13, on: 2026-02-10 } ] }
  as_of 2026-02-28
  complete_through 2026-02-10
  expect fee of 2026-01 performed
}
"""
ALL_OF_IT = """scenario "late, refused, excused, ended" {
  facts of 2026-01 { sales = CNY 600  refusal = none }
  facts of 2026-02 { sales = CNY 50  refusal = 2026-03-05 }
  facts of 2026-03 { sales = CNY 50  storm = true  refusal = none }
  facts of 2026-04 { sales = CNY 99.99  refusal = none  rivals = [ { seen_on: 2026-04-01 } ] }
  facts of once { letter = 2026-05-20  receipts = [ { payer: buyer, payee: seller, amount: CNY 40, on: 2026-02-28 } ] }
  as_of 2026-05-31
  expect fee of 2026-01 performed late
}
"""


def reached(folder: Path, text: str) -> dict[str, tuple[int, int]]:
    path = folder / "reach.contract"
    path.write_text(text, "utf-8")
    (told,) = json.loads(contract("test", path, "--coverage", "--format", "json").stdout)["coverage"]
    assert told["reached"] == sum(1 for point in told["points"] if point["reached"])
    assert told["percent"] == 100 * told["reached"] // told["of"] and told["of"] == len(told["points"])
    return {kind: (total["reached"], total["of"]) for kind, total in told["kinds"].items()}


def test_what_one_scenario_reaches(tmp_path: Path) -> None:
    assert reached(tmp_path, REACHING + AT_A_BOUND) == {
        "clause": (2, 3),
        "branch": (1, 2),  # `else`
        "band": (1, 3),  # up to 100
        "bound": (2, 4),  # the goal and the first band; not 200, not 500
        "kpi": (1, 3),
        "obligation": (1, 3),
        "consequence": (0, 2),
        "prohibition": (0, 1),
        "exception": (0, 1),
        "right": (0, 3),
        "termination": (0, 3),
    }


def test_scenarios_reach_more_together(tmp_path: Path) -> None:
    assert reached(tmp_path, REACHING + AT_A_BOUND + ALL_OF_IT) == {
        "clause": (3, 3),
        "branch": (2, 2),
        "band": (2, 3),  # nobody sold between 100 and 200
        "bound": (2, 4),
        "kpi": (3, 3),
        "obligation": (3, 3),
        "consequence": (2, 2),
        "prohibition": (1, 1),
        "exception": (1, 1),
        "right": (3, 3),
        "termination": (3, 3),
    }


def test_what_is_not_reached_is_told_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "reach.contract"
    path.write_text(REACHING + AT_A_BOUND, "utf-8")
    out = contract("test", path, "--coverage").stdout
    assert "1 passed, 0 failed\n\nreached by scenarios:" in out
    assert f"{path}:14  band not reached in share: up to CNY 200: 2%\n" in out
    assert f"{path}:15  branch not taken in extra: sales > CNY 500\n" in out
    assert f"{path}:18  obligation fee: performed late\n" in out
    assert f"{path}:20  consequence of fee: late interest\n" in out
    assert "fee: performed\n" not in out
    assert "未达到的级别 share：up to CNY 200: 2%" in contract("test", path, "--coverage", "--lang", "zh").stdout


def test_coverage_changes_no_result(tmp_path: Path) -> None:
    path = tmp_path / "reach.contract"
    path.write_text(REACHING + AT_A_BOUND + ALL_OF_IT, "utf-8")
    plain = json.loads(contract("test", path, "--format", "json").stdout)
    assert json.loads(contract("test", path, "--coverage", "--format", "json").stdout)["scenarios"] == plain
    assert [row["status"] for row in plain] == ["passed", "passed"]


def test_coverage_tells_a_minute_late_from_in_time(tmp_path: Path) -> None:
    path = tmp_path / "hours.contract"
    path.write_text(
        """contract "Hours" { term from 2026-01-01 to 2026-12-31 zone "Asia/Shanghai" }
party client
party operator
fact calls : list of { no: text, at: moment, back: moment? } dated by at keyed by no
obligation call_back {
  operator must do "call back" per record of calls due within 2 hours after at performed on back failing which { breach minor }
}
scenario "a minute late" {
  facts of 2026-01 { calls = [ { no: "A", at: 2026-01-05T09:00, back: 2026-01-05T11:01 } ] }
  as_of 2026-01-31
  expect call_back of "A" performed late
}
""",
        "utf-8",
    )
    (told,) = json.loads(contract("test", path, "--coverage", "--format", "json").stdout)["coverage"]
    found = {point["outcome"]: point["reached"] for point in told["points"] if point["kind"] == "obligation"}
    assert found == {"performed": False, "performed late": True, "breached": True}


def test_scenarios_are_chosen_by_words(tmp_path: Path) -> None:
    path = tmp_path / "reach.contract"
    path.write_text(REACHING + AT_A_BOUND + ALL_OF_IT, "utf-8")

    def names(expression: str) -> list[str]:
        return [row["name"] for row in json.loads(contract("test", path, "-k", expression, "--format", "json").stdout)]

    assert names("bound") == ["at the bound"]
    assert names("BOUND or refused") == ["at the bound", "late, refused, excused, ended"]
    assert names("the bound and reach.contract") == ["at the bound"]
    assert names("not bound") == ["late, refused, excused, ended"]
    assert contract("test", path, "-k", "nobody").exit_code == 2
    assert contract("test", path, "-k", "(bound").exit_code == 2
    assert contract("test", path, "--coverage", "--format", "junit").exit_code == 2


def test_junit(tmp_path: Path) -> None:
    path = tmp_path / "reach.contract"
    wrong = AT_A_BOUND.replace("at the bound", "both “a” & <b>").replace(
        "fee of 2026-01 performed", "fee of 2026-01 breached"
    )
    path.write_text(REACHING + AT_A_BOUND + wrong, "utf-8")
    (tmp_path / "worse.contract").write_text("contract", "utf-8")
    done = contract("test", tmp_path, "--format", "junit", "--quiet")
    assert done.exit_code == 2
    root = ET.fromstring(done.stdout)
    assert {key: root.get(key) for key in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": "1",
        "errors": "1",
    }
    good, bad = root.findall(f"testsuite[@name='{path}']/testcase")
    line = REACHING.count("\n") + 1
    assert (good.get("name"), good.get("line"), list(good)) == ("at the bound", str(line), [])
    (failure,) = bad
    assert bad.get("name") == "both “a” & <b>" and failure.tag == "failure"
    assert failure.get("message") == "fee of 2026-01: expected breached, and it is performed"
    assert failure.text is not None and failure.text.startswith(f"{path}:{line + 12}: ")
    (error,) = root.iter("error")
    assert "E1" in (error.text or "") or "error" in (error.text or "")


@pytest.mark.parametrize(
    ("expression", "chosen"),
    [
        ("a", "a ab abc"),
        ("a and b", "ab abc"),
        ("not a or c", "abc b c"),
        ("not (a or c)", "b"),
        ("not not b and not c", "ab b"),
        ("a or b and c", "a ab abc"),
        ("(a or b) and c", "abc"),
    ],
)
def test_selection(expression: str, chosen: str) -> None:
    chooses = selector(expression)
    assert [name for name in ("a", "ab", "abc", "b", "c") if chooses(name)] == chosen.split()


@pytest.mark.parametrize("expression", ["", "and", "a and", "not", "(a", "a)", "a (b)", "()", "a not b", "or a"])
def test_a_selection_that_cannot_be_read(expression: str) -> None:
    with pytest.raises(ValueError):
        selector(expression)
