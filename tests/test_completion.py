"""What a shell is offered on TAB: commands, contracts, parties, months, names and titles, and never a traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from clausal.cli import completing, main

TERMS = """
contract "Linen" { currency CNY term from 2026-01-01 to 2026-03-31 rounding half_up to 0.01 }
party hotel
party laundry
fact receipts : payments
obligation pay_fee { hotel must pay laundry CNY 100 every month due day 10 of next month performed by receipts }
scenario "paid (in full)" { as_of 2026-01-31 }
scenario "late" { as_of 2026-01-31 }
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "linen.contract").write_text(TERMS, "utf-8")
    (tmp_path / "合同.contract").write_text("broken", "utf-8")
    (tmp_path / "letter.txt").write_text("", "utf-8")
    (tmp_path / "drafts").mkdir()
    return tmp_path


def offered(line: str, shell: str = "zsh") -> list[str]:
    """What TAB offers at the end of a line; `FILE` where the shell is to complete files itself."""
    words = line.split(" ")
    asked = {"_CONTRACT_COMPLETE": f"{shell}_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = CliRunner(env=asked).invoke(main, [], prog_name="contract")
    assert done.exit_code == 0 and done.stderr == ""
    if shell == "bash":
        return [row.partition(",")[2] for row in done.stdout.splitlines()]
    rows = done.stdout.splitlines()
    return ["FILE" if kind == "file" else word for kind, word in zip(rows[::3], rows[1::3], strict=True)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("contract ev", ["eval"]),
        ("contract eval l", ["linen.contract"]),
        ("contract check ", ["FILE"]),  # a folder may be meant
        ("contract check 合", ["合同.contract"]),
        ("contract check nothing", ["FILE"]),
        ("contract eval linen.contract --party ", ["hotel", "laundry"]),
        ("contract eval linen.contract --month ", ["2026-01", "2026-02", "2026-03"]),
        ("contract eval linen.contract --format h", ["html"]),
        ("contract eval --party ", ["FILE"]),
        ("contract eval 合同.contract --party ", ["FILE"]),
        ("contract eval /nowhere --month ", ["FILE"]),
        ("contract explain R70", [f"R70{n}" for n in range(1, 10)]),
        ("contract explain linen.contract p", ["pay_fee"]),
        ("contract explain linen.contract pay_fee@2026-03", ["pay_fee@2026-03"]),
        ("contract test linen.contract -k ", ["late", "paid (in full)"]),
        ("contract completion f", ["fish"]),
    ],
)
def test_tab(folder: Path, line: str, words: list[str]) -> None:
    assert offered(line) == words


def test_a_term_without_end_has_the_months_of_a_year(folder: Path) -> None:
    (folder / "open.contract").write_text(TERMS.replace("from 2026-01-01 to 2026-03-31", "from 2028-02-29"), "utf-8")
    months = offered("contract eval open.contract --month ")
    assert (months[0], months[-1], len(months)) == ("2028-02", "2029-01", 12)


def test_bash_is_given_what_it_can_put_on_the_line(folder: Path) -> None:
    assert offered("contract test linen.contract -k p", "bash") == [r"paid\\ \\(in\\ full\\)"]


def test_what_goes_wrong_is_not_told() -> None:
    def broken(_ctx: object, _typed: str) -> list[str]:
        raise RuntimeError

    (item,) = completing(broken)(None, None, "x")  # type: ignore[arg-type]
    assert (item.value, item.type) == ("x", "file")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_that_the_shell_reads(shell: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["completion", shell])
    assert done.exit_code == 0
    assert "_CONTRACT_COMPLETE" in done.stdout
    program = shutil.which(shell)
    if program is not None:
        file = tmp_path / "script"
        file.write_text(done.stdout, "utf-8")
        subprocess.run([program, "-n", file], check=True)


def test_the_shell_is_that_of_the_environment() -> None:
    runner = CliRunner(env={"SHELL": "/usr/bin/fish"})
    assert runner.invoke(main, ["completion"]).stdout == runner.invoke(main, ["completion", "fish"]).stdout
    unknown = CliRunner(env={"SHELL": "/bin/tcsh"}).invoke(main, ["completion"])
    assert unknown.exit_code == 2 and "bash, zsh, fish" in unknown.stderr


@pytest.mark.skipif(shutil.which("bash") is None or os.name == "nt", reason="needs bash")
def test_a_real_bash_completes(folder: Path) -> None:
    """The function that the script defines, called as bash calls it."""
    command = folder / "contract"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m clausal.cli "$@"\n', "utf-8")
    command.chmod(0o755)
    lines = [
        'eval "$(contract completion bash)"',
        "COMP_WORDS=(contract test linen.contract -k p); COMP_CWORD=4; _contract_completion contract",
        "printf '<%s>' \"${COMPREPLY[@]}\"",
    ]
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(lines)],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == r"<paid\ \(in\ full\)>", done.stderr


def test_forms_and_new_contracts_are_completed_too(folder: Path) -> None:
    assert offered("contract facts ") == ["template", "validate", "schema"]
    assert offered("contract facts template linen.contract --from 2026-0") == ["2026-01", "2026-02", "2026-03"]
    assert offered("contract facts validate l") == ["linen.contract"]
    assert offered("contract new x --template mi") == ["minimal"]
