"""What editors are given: the grammar is the one that the table of words makes, snippets are read, hooks are commands."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from clausal.cli import main
from clausal.dsl.compile import compile_text
from clausal.dsl.diagnostics import Source
from clausal.dsl.keywords import Lang, keywords
from clausal.dsl.lexer import DECLARING
from clausal.dsl.parse import parse
from clausal.dsl.version import __version__

ROOT = Path(__file__).resolve().parents[1]
EDITORS = ROOT / "editors"
VSCODE = EDITORS / "vscode"
SNIPPETS: Mapping[str, Mapping[str, Any]] = json.loads((VSCODE / "snippets" / "contract.json").read_text("utf-8"))
HEADER = {"en": 'contract "x" {}\n', "zh": '合同 "x" {}\n'}


def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", EDITORS / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ---- the grammar


def test_the_grammar_is_what_the_table_of_words_gives() -> None:
    """`python editors/generate.py` writes it."""
    made = generate()
    assert made.GRAMMAR.read_text("utf-8") == made.text()


def test_every_word_is_in_the_grammar() -> None:
    made = generate()
    repository = json.dumps(made.grammar()["repository"], ensure_ascii=False)
    for word in keywords().words:
        assert made.spelled(word).replace("\\", "\\\\") in repository, word


def test_the_grammar_knows_every_declaring_word() -> None:
    assert {f"K_{role}" for role in generate().DECLARED} >= DECLARING


def test_a_word_gives_way_to_a_longer_one() -> None:
    made = generate()
    pattern = re.compile(made.anyone(["term", "合同"], ["term start", "合同期限", "terminate"]))
    assert pattern.match("term from") and pattern.match("terms") and pattern.match("合同 ")
    assert not pattern.match("term start") and not pattern.match("合同期限")


# ---- snippets


def expanded(body: list[str], pick: int = 0) -> str:
    """A snippet as it is inserted, every place with its default, or of its choices the one that is picked (or the last)."""

    def picked(found: re.Match[str]) -> str:
        choices = found[1].split(",")
        return choices[min(pick, len(choices) - 1)]

    text = re.sub(r"\$\{[0-9]+\|([^|]*)\|\}", picked, "\n".join(body))
    text = re.sub(r"\$\{[0-9]+:([^}]*)\}", r"\1", text)
    return re.sub(r"\$[0-9]", "", text)


@pytest.mark.parametrize("title", SNIPPETS)
def test_a_snippet_is_read_as_it_is_inserted(title: str) -> None:
    """With each of its choices."""
    lang: Lang = "zh" if title.endswith("(zh)") else "en"
    for pick in range(6):
        text = expanded(SNIPPETS[title]["body"], pick)
        whole = text if title.startswith("contract ") else HEADER[lang] + text
        _, found = parse(Source(title, whole))
        assert [(one.code, one.text(lang)) for one in found if one.severity == "error"] == []


# What the snippets name and none of them declares.
NAMED = {
    "en": """
fact topped_up : money monthly
fact used_up : money monthly
fact meeting_held : boolean monthly
fact other_appointed : boolean monthly
fact withhold_notice : date monthly
fact termination_notice : notice monthly
fact under_force_majeure : boolean monthly
fact dispute_raised_on : date once
fact expenses : list of { expense_no: string, incurred_on: date, approved_on: date? } dated by incurred_on keyed by expense_no
""",
    "zh": """
数据 本期缴存 : 金额 按月
数据 本期使用 : 金额 按月
数据 例会已召开 : 是否 按月
数据 已另行委托 : 是否 按月
数据 拒付通知到达日 : 日期 按月
数据 解除通知 : 通知 按月
数据 不可抗力期间 : 是否 按月
数据 争议提出日 : 日期 一次性
数据 费用 : 清单 { 费用号: 文本, 发生日: 日期, 批准日: 日期? } 日期列 发生日 编号列 费用号
""",
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_snippets_together_are_a_sound_contract(lang: Lang) -> None:
    bodies = [
        expanded(each["body"])
        for title, each in SNIPPETS.items()
        if title.endswith(f"({lang})") and not title.startswith(("party", "use"))
    ]
    _, found = compile_text("\n".join([*bodies, NAMED[lang]]), "snippets")
    assert [(one.code, one.text(lang)) for one in found if one.severity == "error"] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_declaration_has_a_snippet_in_both_languages(lang: Lang) -> None:
    first = {expanded(each["body"]).split()[0] for title, each in SNIPPETS.items() if title.endswith(f"({lang})")}
    others = ("CONTRACT", "CLAUSE", "EXCEPTION_TO", "AMENDMENT", "SCENARIO", "PROPERTY", "USE", "APPROVAL")
    for role in [type.removeprefix("K_") for type in sorted(DECLARING)] + list(others):
        word = keywords().roles[role].word(lang)
        assert word is not None and word.split()[0] in first, role


# ---- the extension of VS Code


def read(name: str) -> Any:
    return json.loads((VSCODE / name).read_text("utf-8"))


def test_the_extension_says_everything_in_both_languages() -> None:
    wanted = set(re.findall(r'"%([\w.]+)%"', (VSCODE / "package.json").read_text("utf-8")))
    assert wanted == set(read("package.nls.json")) == set(read("package.nls.zh-cn.json"))
    source = (VSCODE / "src" / "extension.ts").read_text("utf-8")
    said = set(re.findall(r'l10n\.t\("([^"]+)"', source))
    assert said and said == set(read("l10n/bundle.l10n.zh-cn.json"))


def test_the_extension_has_the_version_of_the_program() -> None:
    package = read("package.json")
    assert package["version"] == __version__
    for contribution in ("languages", "grammars", "snippets"):
        for each in package["contributes"][contribution]:
            for key in ("path", "configuration"):
                assert key not in each or (VSCODE / each[key]).is_file()


def test_what_is_locked_names_no_place_to_load_it_from() -> None:
    lock = (VSCODE / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
    assert "omit-lockfile-registry-resolved=true" in (VSCODE / ".npmrc").read_text("utf-8")


@pytest.mark.parametrize(
    "word", ["服务费", "「服务 费」", "pay_fee", "`pay fee`", "月独立IP", "8_000", "0.05", "𠀀方", "naïve"]
)
def test_a_name_is_one_word_of_the_editor(word: str) -> None:
    pattern = read("language-configuration.json")["wordPattern"]["pattern"]
    ours = pattern.replace("\\p{L}\\p{M}\\p{N}_", "\\w").replace("\\p{L}_", "^\\W\\d")
    assert re.fullmatch(ours, word)


@pytest.mark.parametrize(
    ("line", "deeper"),
    [
        ("obligation pay_fee {", True),
        ("义务 支付服务费 ｛  # 每月", True),
        ("fact orders : list of {", True),
        ('clause "1" "a { b" {', True),
        ('text "an open {', False),
        ("# a note {", False),
        ("failing which { breach minor }", False),
    ],
)
def test_a_line_that_opens_a_block_indents_the_next(line: str, deeper: bool) -> None:
    pattern = read("language-configuration.json")["indentationRules"]["increaseIndentPattern"]["pattern"]
    assert (re.match(pattern, line) is not None) == deeper


def test_the_page_on_editors_names_settings_and_scopes_that_exist() -> None:
    page = (ROOT / "docs" / "editors.md").read_text("utf-8")
    settings = set(read("package.json")["contributes"]["configuration"]["properties"]) - {"clausal.trace.server"}
    assert set(re.findall(r"^\| `(clausal\.\w+)` \|", page, re.M)) == settings
    named = set(re.findall(r"^\| `((?:storage|keyword|support|constant|entity|variable)\.[\w.]+)` \|", page, re.M))
    painted = set(re.findall(r"[\w.-]+(?=\.contract\b)", json.dumps(generate().grammar())))
    assert named and all(any(f"{scope}.".startswith(f"{name}.") for scope in painted) for name in named)
    kinds = set(generate().SCOPES.values())
    assert all(any(f"{scope}.".startswith(f"{name}.") for name in named) for scope in kinds)


# ---- hooks of pre-commit


HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
KEYS = {
    "id",
    "name",
    "description",
    "entry",
    "language",
    "files",
    "pass_filenames",
    "require_serial",
    "args",
    "types_or",
}


def test_the_hooks_are_the_three_that_a_contract_needs() -> None:
    assert [hook["id"] for hook in HOOKS] == ["contract-check", "contract-fmt", "contract-test"]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_is_a_command_on_contracts(hook: dict[str, Any]) -> None:
    assert {"id", "name", "entry", "language", "files"} <= set(hook) <= KEYS
    assert hook["language"] == "python"
    assert re.search(hook["files"], "terms/terms.contract") and not re.search(hook["files"], "contract.md")
    program, command, *options = hook["entry"].split()
    assert program == "contract"
    assert command in main.commands
    known = {name for parameter in main.commands[command].params for name in parameter.opts}
    assert set(options) <= known
