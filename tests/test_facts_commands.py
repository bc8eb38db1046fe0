"""`contract facts` and `contract new`: what they write, what they refuse, and that nothing is lost on the way."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import clausal
from clausal import cli
from clausal.cli import main, save_folder
from clausal.dsl.diagnostics import Rejected
from clausal.engine.gaps import gaps
from clausal.engine.templates import TEMPLATES, Template, files

ROOT = Path(__file__).resolve().parents[1]
MINIMAL = ROOT / "contracts" / "minimal"


def contract(*args: object, input: str | None = None) -> Result:
    done = CliRunner().invoke(main, [str(arg) for arg in args], input=input)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert "Traceback" not in done.output
    return done


def inside(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


# ---- template ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "wanted"), [("f.xlsx", None), ("f.json", None), ("f", None), ("f/g/", None),
                                              ("f.tables", "csv"), ("F.XLSX", None), ("plain", "json")])  # fmt: skip
def test_a_form_is_written_as_its_name_asks(name: str, wanted: str | None, tmp_path: Path) -> None:
    path = tmp_path / name
    done = contract("facts", "template", MINIMAL, "-o", path, *(["--format", wanted] if wanted else []))
    assert done.exit_code == 0
    assert done.stdout.endswith(f"  contract facts validate {MINIMAL} {path}\n")
    # facts are read by the ending of their name, so that one without an ending is not
    assert contract("facts", "validate", MINIMAL, path).exit_code == (1 if name == "plain" else 0)
    if path.is_dir():
        assert inside(path) == ["填写说明.txt", "截止.csv", "收付款.csv", "月度数据.csv"]
        assert (path / "月度数据.csv").read_bytes().startswith("\ufeff月份,".encode())


def test_json_may_go_to_standard_output() -> None:
    done = contract("facts", "template", MINIMAL, "--format", "json", "--lang", "en", "--to", "2026-01")
    assert json.loads(done.stdout)["monthly"] == {"2026-01": {"工单及时率": None, "扣减通知到达日": None}}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "-o facts.xlsx"),
        (["--format", "xlsx"], "-o facts.xlsx"),
        (["-o", "f.ods"], ".ods"),
        (["-o", "f.xlsx", "--from", "2026"], "2026-03"),
        (["-o", "f.xlsx", "--from", "2026-13"], "2026-13"),
        (["-o", "f.xlsx", "--from", "2026-05", "--to", "2026-04"], "2026-04"),
        (["-o", "f.xlsx", "--to", "2025-12"], "2025-12"),
    ],
)
def test_what_a_form_cannot_be(options: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = contract("facts", "template", MINIMAL, *options)
    assert done.exit_code == 2 and words in done.stderr
    assert inside(tmp_path) == []


def test_what_is_filled_in_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "f.xlsx").write_text("mine")
    (tmp_path / "g").mkdir()
    (tmp_path / "g" / "月度数据.csv").write_text("mine")
    (tmp_path / "g" / "notes.txt").write_text("mine too")
    for name in ("f.xlsx", "g"):
        done = contract("facts", "template", MINIMAL, "-o", tmp_path / name)
        assert done.exit_code == 2 and "R741" in done.stderr
    assert (tmp_path / "f.xlsx").read_text() == (tmp_path / "g" / "月度数据.csv").read_text() == "mine"
    for name in ("f.xlsx", "g"):
        assert contract("facts", "template", MINIMAL, "-o", tmp_path / name, "--force").exit_code == 0
        assert contract("facts", "validate", MINIMAL, tmp_path / name).exit_code == 0
    assert (tmp_path / "g" / "notes.txt").read_text() == "mine too"


def test_the_language_of_a_form_is_that_of_the_contract_or_as_asked(tmp_path: Path) -> None:
    for options, name in (([], "月度数据.csv"), (["--lang", "en"], "monthly.csv")):
        folder = tmp_path / name[:2]
        assert contract("facts", "template", MINIMAL, "-o", folder, *options).exit_code == 0
        assert name in inside(folder)


# ---- validate ------------------------------------------------------------------------------------


def test_facts_that_are_fine_are_counted() -> None:
    done = contract("facts", "validate", MINIMAL, "--lang", "en")
    assert (done.exit_code, done.stdout) == (
        0,
        "facts are fine: 4 values, 2 records, months 2026-01 to 2026-03\n",
    )
    assert done.stderr == ""
    done = contract("facts", "validate", MINIMAL, MINIMAL / "facts")
    assert done.stdout == "数据无误：数值4个，记录2条，月份自2026-01至2026-03\n"
    assert contract("facts", "validate", MINIMAL, "-q").stdout == ""


def test_every_mistake_is_told_with_its_cell(tmp_path: Path) -> None:
    (tmp_path / "月度数据.csv").write_text("月份,工单及时率,扣减通知到达日\n2026-01,0.95,05/02/2026\n2026-13,95%,\n")
    (tmp_path / "收付款.csv").write_text("付款人,收款人,金额,到账日\n丙方,乙方,5,2026-02-10\n甲方,乙方,-5,2026-02-10\n")
    done = contract("facts", "validate", MINIMAL, tmp_path, "--lang", "en", "--format", "json")
    assert done.exit_code == 1
    assert [(one["code"], one["place"]) for one in json.loads(done.stdout)] == [
        ("F610", "收付款.csv row 2 column 付款人"),
        ("F612", "收付款.csv row 3 column 金额"),
        ("F603", "月度数据.csv row 2 column 工单及时率"),
        ("F603", "月度数据.csv row 2 column 扣减通知到达日"),
        ("F615", "月度数据.csv row 3 column 月份"),
    ]
    done = contract("facts", "validate", MINIMAL, tmp_path)
    assert done.exit_code == 1 and done.stdout == "数据未通过：5个错误\n"
    done = contract("facts", "validate", MINIMAL, tmp_path, "--format", "github")
    assert done.stdout.count("::error file=") == 5
    done = contract("facts", "validate", MINIMAL, tmp_path, "-o", tmp_path / "found.txt")
    assert done.stdout == "" and (tmp_path / "found.txt").read_text("utf-8").endswith("数据未通过：5个错误\n")


def test_a_program_is_told_of_all_mistakes_and_a_person_of_200(tmp_path: Path) -> None:
    (tmp_path / "收付款.csv").write_text("付款人,收款人,金额,到账日\n" + "丙方,乙方,5,2026-02-10\n" * 300)
    told = json.loads(contract("facts", "validate", MINIMAL, tmp_path, "--format", "json").stdout)
    assert len(told) == 300 and {one["code"] for one in told} == {"F610"}
    done = contract("facts", "validate", MINIMAL, tmp_path)
    assert done.stderr.count("[F610]") == 200 and "[F639]" in done.stderr


def test_what_is_missing_is_a_note_and_with_strict_an_error(tmp_path: Path) -> None:
    (tmp_path / "月度数据.csv").write_text("月份,工单及时率\n2026-01,\n2026-02,95%\n2026-03,未知\n2026-04,\n")
    done = contract("facts", "validate", MINIMAL, tmp_path, "--format", "json", "--lang", "en")
    assert done.exit_code == 0
    assert [(one["code"], one["severity"], one["message"]) for one in json.loads(done.stdout)] == [
        ("F650", "note", "`工单及时率` has no value for `2026-01`"),
        ("F651", "note", "the facts give nothing for `扣减通知到达日`"),
        ("F651", "note", "the facts give nothing for `收付款`"),
    ]
    done = contract("facts", "validate", MINIMAL, tmp_path)
    assert done.stdout == "数据无误：数值1个，记录0条，月份自2026-01至2026-03；3个提示\n"
    assert contract("facts", "validate", MINIMAL, tmp_path, "--strict").exit_code == 1


def test_periods_that_are_not_over_are_not_missing() -> None:
    terms = clausal.load(
        'contract "T" { currency CNY   term from 2026-01-15 to 2026-12-31   rounding half_up to 0.01 }\n'
        "party a\nparty b\nfact sales : money monthly\nfact growth : number quarterly\n"
        "fact idle : boolean monthly presume false\n"
    )
    facts, _ = terms.read_facts({"monthly": {"2026-04": {"sales": 5}}, "quarterly": {"2025-Q4": {"growth": 1}}})
    told = [one.message for one in gaps(terms.model, facts)]
    assert told == [
        "`sales` has no value for `2026-01`, `2026-02` and `2026-03`",
        "`growth` has no value for `2026-Q1`",
    ]


def test_facts_that_cannot_be_read(tmp_path: Path) -> None:
    assert contract("facts", "validate", MINIMAL, tmp_path / "none").exit_code == 2
    (tmp_path / "f.json").write_text("{")
    assert contract("facts", "validate", MINIMAL, tmp_path / "f.json").exit_code == 1
    assert contract("facts", "validate", tmp_path / "none.contract", tmp_path).exit_code == 2
    assert contract("facts", "validate", "-", "-", input="").exit_code == 2


def test_facts_on_standard_input() -> None:
    done = contract("facts", "validate", MINIMAL, "-", input='{"月度数据": {"2026-01": {"工单及时率": 5}}}')
    assert done.exit_code == 1 and "F603" in done.stderr and "stdin.json" in done.stderr


# ---- schema --------------------------------------------------------------------------------------


def test_the_schema_of_the_facts_stands_beside_that_of_the_result(tmp_path: Path) -> None:
    done = contract("facts", "schema", MINIMAL)
    schema = json.loads(done.stdout)
    assert schema["$schema"].endswith("2020-12/schema") and schema["title"] == "技术服务协议"
    assert "用于条款" in json.dumps(schema, ensure_ascii=False)
    assert contract("facts", "schema", MINIMAL, "--lang", "en", "-o", tmp_path / "s.json").exit_code == 0
    assert "asked for by clause 三" in (tmp_path / "s.json").read_text("utf-8")
    assert json.loads(contract("schema", "result").stdout)["title"] != schema["title"]


# ---- new -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: f"{one.name}-{one.lang}")
def test_every_template_makes_a_folder_whose_commands_work(template: Template, tmp_path: Path) -> None:
    """Its scenarios are run where it lies in the repository; that the texts are the same is seen here."""
    folder = tmp_path / "a" / "new one"
    done = contract("new", folder, "--template", template.name, "--lang", template.lang)
    assert done.exit_code == 0
    commands = [line.strip() for line in done.stdout.splitlines()[1:]]
    assert commands == [f'contract {command} "{folder}"' for command in ("check", "test", "eval")]
    source = ROOT / "contracts" / template.folder
    for path in [*source.glob("*.contract"), *source.glob("facts/*")]:
        assert (folder / path.relative_to(source)).read_bytes() == path.read_bytes()
    assert (folder / "README.md").read_text("utf-8").startswith(f"# {template.title}\n")
    assert (folder / "sources.md").exists() == (template.name != "minimal")
    assert contract("check", folder, "--strict").exit_code == contract("check", source, "--strict").exit_code
    assert contract("facts", "validate", folder).exit_code == 0
    assert contract("eval", folder, "--format", "plain").exit_code == 0
    if template.name == "minimal":
        assert contract("test", folder).exit_code == 0


def test_the_smallest_contract_means_the_same_in_both_languages() -> None:
    chinese, english = (clausal.load(ROOT / "contracts" / name) for name in ("minimal", "minimal-en"))
    figures = []
    for one, folder in ((chinese, "minimal"), (english, "minimal-en")):
        document = one.evaluate(ROOT / "contracts" / folder / "facts").to_dict()
        lines = [line for month in document["months"] for line in month["obligations"]]
        figures.append([(x["amount"], x["due"], x["status"], x["interest"], x["paid"], x["open"]) for x in lines])
    assert figures[0] == figures[1]
    # 10 days of 3 in 10,000 on 8,000, of which the payment of 8,000 covers 7,976 of the fee
    assert (figures[0][3][0]["value"], figures[0][3][3]["paid"], figures[0][3][5]) == ("8000.00", "24.00", "24.00")


def test_the_templates_are_listed() -> None:
    lines = contract("new", "--list", "--lang", "en").stdout.splitlines()
    assert lines[0].startswith("minimal               zh, en  a small service agreement")
    assert len(lines) == 6
    assert "每月服务费" in contract("new", "--list", "--lang", "zh").stdout


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--template", "minimal"], "R742"),
        (["--template", "minimal", "--lang", "zh"], "R742"),
        ([], "R742"),
    ],
)
def test_a_folder_that_holds_something_is_left_alone(options: list[str], code: str, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for place in (tmp_path, tmp_path / "mine.txt"):
        done = contract("new", place, *options)
        assert done.exit_code == 2 and code in done.stderr
    assert inside(tmp_path) == ["mine.txt"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "R745"),
        (["--template", "minimla"], "`minimal`"),
        (["--template", "brand-cooperation", "--lang", "en"], "R744"),
    ],
)
def test_nothing_is_written_without_a_template(options: list[str], words: str, tmp_path: Path) -> None:
    done = contract("new", tmp_path / "x", *options)
    assert done.exit_code == 2 and words in done.stderr
    assert inside(tmp_path) == []
    assert contract("new").exit_code == 2


def test_no_name_is_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Least of all the folder in which one stands."""
    monkeypatch.chdir(tmp_path)
    assert "R715" in contract("new", "", "--template", "minimal").stderr
    assert "R715" in contract("facts", "template", MINIMAL, "-o", "").stderr
    assert inside(tmp_path) == []


def test_an_empty_folder_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert contract("new", ".", "--template", "minimal", "--lang", "en").exit_code == 0
    assert "minimal.contract" in inside(tmp_path)
    assert contract("test", ".").exit_code == 0


def test_a_person_on_a_terminal_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda self: True)
    done = contract("new", tmp_path / "x", "--lang", "zh", input="nothing\nb2b-outsourcing\n")
    assert done.exit_code == 0 and "请选择模板" in done.stdout
    assert "b2b-outsourcing.contract" in inside(tmp_path / "x")


@pytest.mark.parametrize("failing", range(6))
def test_a_full_disk_leaves_nothing_behind(failing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever file does not fit any more: no folder, no part of one, and those that were there stay."""
    (tmp_path / "there").mkdir()
    asked = 0

    def full(_: int) -> None:
        nonlocal asked
        asked += 1
        if asked > failing:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    whole = len(files(TEMPLATES[0])) <= failing
    for place in (tmp_path / "new" / "deep", tmp_path / "there"):
        asked = 0
        done = contract("new", place, "--template", "minimal", "--lang", "zh")
        assert done.exit_code == (0 if whole else 2)
        assert whole or "磁盘空间不足" in done.stderr
    assert whole or inside(tmp_path) == ["there"]


def test_a_folder_that_cannot_be_moved_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked = os.replace, 0

    def broken(source: Any, target: Any) -> None:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        real(source, target)

    monkeypatch.setattr(cli.os, "replace", broken)
    with pytest.raises(Rejected):
        save_folder(str(tmp_path / "x"), {"a": b"1", "b/c": b"2", "b/d": b"3"})
    assert inside(tmp_path) == []


def test_a_command_to_copy_runs_nothing_else(tmp_path: Path) -> None:
    """The name of a folder is a word in the command that is told, whatever is in it."""
    folder = tmp_path / "we $(touch x) `y` $HOME"
    result = CliRunner().invoke(main, ["new", str(folder), "--template", "minimal", "--lang", "en"])
    assert result.exit_code == 0
    for line in result.stdout.splitlines()[1:]:
        if "contract " in line:
            assert f"'{folder}" in line
