"""A lawyer writes an agreement in an editor, key by key, through a real client and the server over its standard streams:
she takes what is offered, mends what is told, renames, runs her example, and then breaks the agreement in twenty ways."""

from __future__ import annotations

import asyncio
import functools
import os
import re
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient

from clausal.dsl.editor import positions as at

_T = TypeVar("_T")

EDIT = lsp.WorkspaceEditClientCapabilities(
    document_changes=True, resource_operations=[lsp.ResourceOperationKind.Rename]
)
ABLE = lsp.ClientCapabilities(
    general=lsp.GeneralClientCapabilities(
        position_encodings=[lsp.PositionEncodingKind.Utf8, lsp.PositionEncodingKind.Utf16]
    ),
    workspace=lsp.WorkspaceClientCapabilities(workspace_edit=EDIT),
    text_document=lsp.TextDocumentClientCapabilities(
        completion=lsp.CompletionClientCapabilities(
            completion_item=lsp.ClientCompletionItemOptions(snippet_support=True)
        )
    ),
)


class Editor:
    """A client that keeps its own texts, as an editor does, and waits for the findings of each."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.client = LanguageClient("test", "1")
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.told: dict[str, lsp.PublishDiagnosticsParams] = {}
        self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(functools.partial(Editor._hear, self))

    def _hear(self, params: lsp.PublishDiagnosticsParams) -> None:
        self.told[params.uri] = params

    def await_(self, work: Coroutine[Any, Any, _T]) -> _T:
        return self.loop.run_until_complete(asyncio.wait_for(work, 30))

    def start(self, **options: object) -> lsp.InitializeResult:
        self.await_(self.client.start_io(sys.executable, "-m", "clausal.cli", "lsp", "--stdio"))
        result = self.await_(self.client.initialize_async(lsp.InitializeParams(ABLE, initialization_options=options)))
        self.client.initialized(lsp.InitializedParams())
        return result

    def stop(self) -> None:
        self.await_(self.client.shutdown_async(None))
        self.client.exit(None)
        self.await_(self.client.stop())
        self.loop.close()

    # ---- documents

    def open(self, path: Path, text: str | None = None) -> str:
        text = path.read_text("utf-8") if text is None else text
        uri = path.as_uri()
        self.texts[uri], self.versions[uri] = text, 1
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "clausal", 1, text)))
        return uri

    def close(self, uri: str) -> None:
        self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(uri)))

    def change(self, uri: str, range: lsp.Range, text: str) -> None:
        self.versions[uri] += 1
        start, end = range.start, range.end
        ours = at.Range(at.Position(start.line, start.character), at.Position(end.line, end.character))
        self.texts[uri] = at.changed(self.texts[uri], ours, text)
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(self.versions[uri], uri),
                [lsp.TextDocumentContentChangePartial(range, text)],
            )
        )

    def whole(self, uri: str, text: str) -> None:
        self.versions[uri] += 1
        self.texts[uri] = text
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(self.versions[uri], uri),
                [lsp.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def findings(self, uri: str) -> tuple[lsp.Diagnostic, ...]:
        """Those of the text as it is now."""

        async def heard() -> tuple[lsp.Diagnostic, ...]:
            while uri not in self.told or self.told[uri].version != self.versions[uri]:
                await asyncio.sleep(0)
                await asyncio.sleep(1 / 500)
            return tuple(self.told[uri].diagnostics)

        return self.await_(heard())

    def hear_until(self, uri: str, right: Callable[[tuple[lsp.Diagnostic, ...]], bool]) -> tuple[lsp.Diagnostic, ...]:
        """The findings of a document once they are as they should be; they follow the change of another one."""

        async def heard() -> tuple[lsp.Diagnostic, ...]:
            while uri not in self.told or not right(tuple(self.told[uri].diagnostics)):
                await asyncio.sleep(1 / 500)
            return tuple(self.told[uri].diagnostics)

        return self.await_(heard())

    def place(self, uri: str, needle: str, behind: bool = True) -> lsp.Position:
        text = self.texts[uri]
        offset = text.index(needle) + (len(needle) if behind else 0)
        found = at.position_at(at.Source("", text), offset)
        return lsp.Position(found.line, found.character)

    def text_at(self, uri: str, range: lsp.Range) -> str:
        source = at.Source("", self.texts[uri])
        first = at.offset_at(source, at.Position(range.start.line, range.start.character))
        last = at.offset_at(source, at.Position(range.end.line, range.end.character))
        return source.text[first:last]

    def apply(self, edit: lsp.WorkspaceEdit | None) -> None:
        assert edit is not None
        edits: dict[str, list[lsp.TextEdit]] = {uri: [*some] for uri, some in (edit.changes or {}).items()}
        for change in edit.document_changes or ():
            if isinstance(change, lsp.TextDocumentEdit):
                edits[change.text_document.uri] = [e for e in change.edits if isinstance(e, lsp.TextEdit)]
        for uri, some in edits.items():
            for one in sorted(some, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
                self.change(uri, one.range, one.new_text)


class Page:
    """A document and the cursor in it."""

    def __init__(self, editor: Editor, uri: str) -> None:
        self.editor, self.uri = editor, uri
        self.cursor = lsp.Position(0, 0)

    @property
    def text(self) -> str:
        return self.editor.texts[self.uri]

    def go(self, needle: str) -> None:
        self.cursor = self.editor.place(self.uri, needle)

    def go_to_end(self) -> None:
        found = at.position_at(at.Source("", self.text), len(self.text))
        self.cursor = lsp.Position(found.line, found.character)

    def put(self, text: str, range: lsp.Range | None = None) -> None:
        range = range or lsp.Range(self.cursor, self.cursor)
        start = at.offset_at(at.Source("", self.text), at.Position(range.start.line, range.start.character))
        self.editor.change(self.uri, range, text)
        found = at.position_at(at.Source("", self.text), start + len(text))
        self.cursor = lsp.Position(found.line, found.character)

    def type(self, text: str) -> None:
        for key in text:
            self.put(key)

    def offered(self) -> dict[str, lsp.CompletionItem]:
        document = lsp.TextDocumentIdentifier(self.uri)
        found = self.editor.await_(
            self.editor.client.text_document_completion_async(lsp.CompletionParams(document, self.cursor))
        )
        assert isinstance(found, lsp.CompletionList)
        return {item.label: item for item in found.items}

    def take(self, typed: str, label: str, **filled: str) -> None:
        """Types the beginning of a word and takes what is offered, its places filled in by their numbers."""
        self.type(typed)
        offered = self.offered()
        assert label in offered, (typed, label, sorted(offered))
        edit = offered[label].text_edit
        assert isinstance(edit, lsp.TextEdit)
        text = re.sub(r"\$\{(\d+):([^}]*)\}", lambda found: filled.get(f"_{found[1]}", found[2]), edit.new_text)
        self.put(re.sub(r"\$\d", "", text), edit.range)

    def mend(self, title: str) -> None:
        """Takes the quick fix of that title."""
        document = lsp.TextDocumentIdentifier(self.uri)
        everything = lsp.Range(lsp.Position(0, 0), lsp.Position(10_000, 0))
        context = lsp.CodeActionContext([])
        found = self.editor.await_(
            self.editor.client.text_document_code_action_async(lsp.CodeActionParams(document, everything, context))
        )
        actions = {one.title: one for one in found or () if isinstance(one, lsp.CodeAction)}
        assert title in actions, sorted(actions)
        self.editor.apply(actions[title].edit)

    def rename(self, needle: str, new: str) -> None:
        params = lsp.RenameParams(lsp.TextDocumentIdentifier(self.uri), self.editor.place(self.uri, needle), new)
        self.editor.apply(self.editor.await_(self.editor.client.text_document_rename_async(params)))

    def run(self, title: str | None = None) -> list[str]:
        """Presses the button over a scenario, if one is named; then what stands on the buttons."""
        params = lsp.CodeLensParams(lsp.TextDocumentIdentifier(self.uri))
        ask = self.editor.client.text_document_code_lens_async
        for one in self.editor.await_(ask(params)) or ():
            command = one.command
            if command is not None and command.arguments is not None and command.arguments[1] == title:
                press = lsp.ExecuteCommandParams(command.command, command.arguments)
                self.editor.await_(self.editor.client.workspace_execute_command_async(press))
        return [one.command.title for one in self.editor.await_(ask(params)) or () if one.command is not None]

    def codes(self) -> list[str]:
        return [str(one.code) for one in self.editor.findings(self.uri)]


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    made = Editor()
    began = made.start(language="auto")
    assert began.capabilities.position_encoding == lsp.PositionEncodingKind.Utf16
    yield made
    made.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("协议")


AGREEMENT = """\
合同 "推广服务协议" {
  语言版本 1
  币种 CNY
  合同期限 自 2026-01-01 至 2026-12-31
  舍入 四舍五入 精确到 0.01
}

当事人 甲方 "云岭食品有限公司"
当事人 乙方 "网销通电子商务有限公司"
参数 服务费 : 金额 = 8_000元

数据 销售额 : 金额 按月
数据 收付款 : 付款记录

考核指标 最低销售 按月 { 达成条件 销售额 >= 10万元 }

义务 支付服务费 {
  甲方 应当 支付给 乙方 服务费
  每月 到期日 次月 第10日
  履行凭证 收付款
  违约责任 { 构成违约 严重违约 }
}

示例 "一月按时付清" {
  当期数据 2026-01 {
    销售额 = 12万元
    收付款 = [{ 编号: "P1", 付款人: 甲方, 收款人: 乙方, 金额: 8_000元, 到账日: 2026-02-09 }]
  }
  截止日 2026-02-28
  预期 2026-01 的 最低销售 已达成
  预期 2026-01 的 支付服务费 已履行
}
"""


def test_a_lawyer_writes_an_agreement(editor: Editor, folder: Path) -> None:
    page = Page(editor, editor.open(folder / "推广.contract", ""))
    # the header, by its pinyin, in a file that has no language yet
    page.take("ht", "合同", _1="推广服务协议")
    page.type("\n")
    page.take("dsr", "当事人", _1="甲方", _2="云岭食品有限公司")
    page.type("\n")
    page.take("dangs", "当事人", _1="乙方", _2="网销通电子商务有限公司")
    page.type("\n\n")
    # an English word finds the Chinese one
    page.take("fact", "数据", _1="销售额", _2="金额", _3="按月")
    page.type("\n数据 收付款 : ")
    page.take("fk", "付款记录")
    page.type("\n\n")
    page.take("yw", "义务", _1="支付服务费", _4="服务费")
    assert page.codes() == ["E201"]
    (missing,) = editor.findings(page.uri)
    assert editor.text_at(page.uri, missing.range) == "服务费"
    assert missing.message.startswith("“服务费”没有定义")
    # what is told is mended: the parameter is declared behind the parties, still blank, and then filled
    page.mend("声明参数“服务费”（待填）")
    assert page.codes() == ["W508", "W501"]
    page.go("服务费 : 金额 = ")
    end = lsp.Position(page.cursor.line, page.cursor.character + 2)
    page.put("8_000元", lsp.Range(page.cursor, end))
    # a kpi that uses the fact: its name is found by initials
    page.go("付款记录")
    page.type("\n\n考核指标 最低销售 按月 { ")
    page.take("dc", "达成条件")
    page.type(" ")
    page.take("xse", "销售额")
    page.type(" >= 10万元 }")
    assert page.codes() == ["W501"]  # nothing uses it yet
    # an example, which is run from the button over it
    page.go_to_end()
    page.type("\n")
    page.take("sl", "示例", _1="一月按时付清", _2="2026-01", _4="2026-02-28")
    page.go("当期数据 2026-01 { ")
    page.take("xs", "销售额")
    page.type(" = 12万元")
    page.go("预期 ")
    page.type("2026-01 的 ")
    page.take("zffwf", "支付服务费")
    page.type(" ")
    page.take("ylx", "已履行")
    page.type("\n  预期 2026-01 的 ")
    page.take("zdxs", "最低销售")
    page.type(" ")
    page.take("met", "已达成")
    assert page.codes() == []
    assert page.run() == ["▶ 运行"]
    assert page.run("一月按时付清") == ["▶ 运行 · 未通过：2026-01 的 支付服务费：预期 已履行，实际 暂不能确定"]
    (missed,) = editor.findings(page.uri)
    assert (missed.code, editor.text_at(page.uri, missed.range)) == ("scenario", "预期 2026-01 的 支付服务费 已履行")
    page.go("销售额 = 12万元")
    page.type(' 收付款 = [{ 编号: "P1", 付款人: 甲方, 收款人: 乙方, 金额: 8_000元, 到账日: 2026-02-09 }]')
    assert page.run() == ["▶ 运行"]
    assert page.run("一月按时付清") == ["▶ 运行 · 通过（2项）"]
    assert page.codes() == []
    # the fee gets another name, everywhere
    page.rename("参数 服务费", "推广费")
    assert page.codes() == []
    assert "支付给 乙方 推广费" in page.text
    assert "支付服务费" in page.text
    # what is no name, or one already, is refused
    with pytest.raises(JsonRpcException, match="已经是当事人"):
        page.rename("参数 推广费", "乙方")
    # a keyword as a name is put in quotation marks
    page.rename("参数 推广费", "当事人")
    assert "参数 「当事人」 : 金额" in page.text
    assert page.codes() == []
    editor.close(page.uri)


# What is written over what (its first place), the code, and the words that the finding stands under.
BREAKS = [
    (">= 10万元 }", ">= 10万元", "E113", "{"),
    ("应当", "必须", "E112", "必须"),
    ("支付给 乙方 服务费", "支付给 丙方 服务费", "E201", "丙方"),
    ("8_000元", "8,000元", "E107", "8,000元"),
    ("2026-12-31", "2026-13-31", "E109", "2026-13-31"),
    ("2026-01-01", "2026/1/1", "E108", "2026/1/1"),
    ("预期 2026-01 的 支付", '预期 "2026-01 的 支付', "E008", '"'),
    ("数据 销售额", "数据 服务费", "E202", "服务费"),
    (">= 10万元", ">= USD 10", "E210", "USD 10"),
    ("按月 { 达成", "{ 达成", "E101", "{"),
    ("每月 到期日", "monthly 到期日", "E110", "monthly"),
    ("严重违约", "很重违约", "E210", "很重违约"),
    ("参数 服务费 : 金额 = 8_000元", "参数 服务费 : 金额 = ¥8000", "E106", "¥8000"),
    ("履行凭证 收付款", "履行凭证 销售额", "E301", "销售额"),
    ("甲方 应当 支付给 乙方 服务费", "甲方应当支付给乙方 服务费", "E103", "甲方应当支付给乙方"),
    (": 付款记录", ": 付款纪录", "E210", "付款纪录"),
    ("}\n\n示例", "};\n\n示例", "E126", ";"),
    ("达成条件 销售额", "达成条件 (销售额", "E113", "("),
    ("甲方 应当", "甲方\u200b 应当", "E003", "\u200b"),
    ("币种 CNY\n", "\n", "E115", None),
    ("到期日 次月 第10日", "到期日 次月 十日", "E103", "十日"),
    ("到账日: 2026-02-09", "到账日: 2026-02-30", "E109", "2026-02-30"),
    ("舍入 四舍五入", "舍入 五入", "E210", "五入"),
]


def test_twenty_ways_to_break_it(editor: Editor, folder: Path) -> None:
    uri = editor.open(folder / "完好.contract", AGREEMENT)
    assert editor.findings(uri) == ()
    for old, new, code, under in BREAKS:
        assert old in AGREEMENT, old
        editor.whole(uri, AGREEMENT.replace(old, new, 1))
        found = [(one.code, editor.text_at(uri, one.range)) for one in editor.findings(uri)]
        assert (code, under) in found or (under is None and code in dict(found)), (new, found)
        assert len(found) <= 3, (new, found)
    editor.whole(uri, AGREEMENT)
    assert editor.findings(uri) == ()
    editor.close(uri)


# ---- several files, and the facts beside them


PARTS = {
    "main.contract": """\
contract "Fees" {
  currency CNY
  term from 2026-01-01 to 2026-12-31
  rounding half_up to 0.01
}
party client "A"
party operator "B"
fact sales : money monthly
fact orders : list of { no: text, ordered_on: date, price: money } dated by ordered_on keyed by no
use "terms/fees.contract"
let half = commission * 50%
""",
    "terms/fees.contract": "let commission = 5% of sales + (sum of price for each orders)\n",
    "facts/monthly.csv": "month,sales\n2026-01,100\n",
    "facts/orders.csv": "no,ordered_on,price\nN1,2026-01-05,88\n",
}


@pytest.fixture
def parts(editor: Editor, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The files, on the disk and open."""
    opened: dict[str, str] = {}
    for name, text in PARTS.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for name in PARTS:
        opened[name] = editor.open(tmp_path / name)
    yield opened
    for uri in opened.values():
        editor.close(uri)


def errors(found: tuple[lsp.Diagnostic, ...]) -> list[object]:
    return [one.code for one in found if one.severity == lsp.DiagnosticSeverity.Error]


def test_a_change_of_a_part_is_told_where_it_is_wrong(editor: Editor, parts: dict[str, str]) -> None:
    main, terms = parts["main.contract"], parts["terms/fees.contract"]
    assert errors(editor.findings(main)) == []
    assert errors(editor.findings(terms)) == []
    # a mistake in the part is told in the part, though the disk still has the good text
    editor.whole(terms, "let commission = 5% of salez\n")
    (wrong,) = [one for one in editor.findings(terms) if one.severity == lsp.DiagnosticSeverity.Error]
    assert (wrong.code, editor.text_at(terms, wrong.range)) == ("E201", "salez")
    # what the part no longer declares is missing where it was used
    editor.whole(terms, "let bonus = 5% of sales\n")
    editor.findings(terms)
    waited = editor.hear_until(main, lambda found: errors(found) == ["E201"])
    assert [editor.text_at(main, one.range) for one in waited if one.code == "E201"] == ["commission"]


def test_names_lead_across_files(editor: Editor, parts: dict[str, str]) -> None:
    main, terms = parts["main.contract"], parts["terms/fees.contract"]
    ask = editor.client.text_document_definition_async

    def at_(uri: str, needle: str) -> list[tuple[str, str]]:
        params = lsp.DefinitionParams(lsp.TextDocumentIdentifier(uri), editor.place(uri, needle))
        found = editor.await_(ask(params))
        places = [one for one in found or () if isinstance(one, lsp.Location)]
        return [(one.uri, editor.text_at(one.uri, one.range)) for one in places]

    assert at_(main, "half = commission") == [(terms, "commission")]
    assert at_(terms, "of sales") == [(main, "sales")]
    # from a fact's declaration to its column, and back; a field likewise
    assert at_(main, "fact sales") == [(parts["facts/monthly.csv"], "sales")]
    assert at_(parts["facts/monthly.csv"], "month,sa") == [(main, "sales")]
    assert at_(parts["facts/orders.csv"], "ordered_on,pri") == [(main, "price")]


def test_a_new_name_goes_through_all_files(editor: Editor, parts: dict[str, str]) -> None:
    main, orders = parts["main.contract"], parts["facts/orders.csv"]
    ask = editor.client.text_document_rename_async

    def renamed(needle: str, new: str) -> lsp.WorkspaceEdit:
        params = lsp.RenameParams(lsp.TextDocumentIdentifier(main), editor.place(main, needle), new)
        edit = editor.await_(ask(params))
        assert edit is not None
        return edit

    edit = renamed("{ no: text, ordered_on: date, pri", "net price")
    editor.apply(edit)
    assert editor.texts[orders].startswith("no,ordered_on,net price\n")
    assert "(sum of `net price` for each orders)" in editor.texts[parts["terms/fees.contract"]]
    assert errors(editor.findings(main)) == []
    # a list is a file of its name
    edit = renamed("fact orders", "purchases")
    (moved,) = [one for one in edit.document_changes or () if isinstance(one, lsp.RenameFile)]
    assert (moved.old_uri, moved.new_uri.rsplit("/", 1)[1]) == (orders, "purchases.csv")


def test_values_stand_beside_the_fact(editor: Editor, parts: dict[str, str]) -> None:
    main = parts["main.contract"]
    params = lsp.HoverParams(lsp.TextDocumentIdentifier(main), editor.place(main, "fact sales"))
    found = editor.await_(editor.client.text_document_hover_async(params))
    assert found is not None and isinstance(found.contents, lsp.MarkupContent)
    assert "**sales** · a fact · money CNY" in found.contents.value
    assert "- 2026-01: 100  (monthly.csv row 2)" in found.contents.value
    # and from the column: what it stands for
    for name, needle, told in (
        ("facts/monthly.csv", "month,sa", "**sales** · a fact · money CNY"),
        ("facts/orders.csv", "ordered_on,pri", "**price** · a field of `orders`"),
    ):
        column = lsp.HoverParams(lsp.TextDocumentIdentifier(parts[name]), editor.place(parts[name], needle))
        found = editor.await_(editor.client.text_document_hover_async(column))
        assert found is not None and isinstance(found.contents, lsp.MarkupContent)
        assert told in found.contents.value


def test_columns_behind_rare_characters(editor: Editor, tmp_path: Path) -> None:
    text = AGREEMENT.replace("甲方", "𠮷甲").replace("支付给 乙方 服务费", "支付给 乙方 服务废")
    uri = editor.open(tmp_path / "rare.contract", text.replace("\n", "\r\n"))
    (wrong,) = editor.findings(uri)
    assert editor.text_at(uri, wrong.range) == "服务废"
    assert wrong.range.start.character == len("  𠮷甲 应当 支付给 乙方 ") + 1  # 𠮷 is two units
    page = Page(editor, uri)
    page.rename("当事人 𠮷甲", "𠮷𠮷")
    assert "\r\n  𠮷𠮷 应当 支付给 乙方 服务废\r\n" in page.text
    page.go("支付给 乙方 服务")
    assert next(iter(page.offered())) == "服务费"
    editor.close(uri)


def test_the_reader_chooses_the_language_and_hints(editor: Editor, tmp_path: Path) -> None:
    uri = editor.open(tmp_path / "eng.contract", PARTS["main.contract"].replace('use "terms/fees.contract"\n', ""))
    assert "`commission` is not defined" in editor.findings(uri)[0].message
    params = lsp.DidChangeConfigurationParams({"clausal": {"language": "zh", "inlayHints": False}})
    editor.client.workspace_did_change_configuration(params)
    heard = editor.hear_until(uri, lambda found: bool(found) and "没有定义" in found[0].message)
    assert heard[0].code == "E201"
    editor.client.workspace_did_change_configuration(
        lsp.DidChangeConfigurationParams({"clausal": {"language": "auto", "inlayHints": True}})
    )
    editor.close(uri)


def test_rapid_keys_tell_only_the_last_text(editor: Editor, tmp_path: Path) -> None:
    uri = editor.open(tmp_path / "rapid.contract", AGREEMENT)
    page = Page(editor, uri)
    page.go_to_end()
    page.type("定义 a = 服务费 + 服务费\n定义 b = a * 2\n")
    assert page.codes() == ["W501"]
    # a broken file is not formatted, and nothing is lost
    page.type("义务 {")
    before = page.text
    params = lsp.DocumentFormattingParams(lsp.TextDocumentIdentifier(uri), lsp.FormattingOptions(2, True))
    assert not editor.await_(editor.client.text_document_formatting_async(params))
    assert page.text == before
    editor.whole(uri, AGREEMENT.replace("参数 服务费 :", "参数   服务费 :"))
    edits = editor.await_(editor.client.text_document_formatting_async(params))
    assert edits is not None
    editor.apply(lsp.WorkspaceEdit(changes={uri: list(edits)}))
    assert "\n参数 服务费 :" in page.text
    editor.close(uri)


def test_without_the_extra_the_install_line_is_said(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\nold = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'pygls' else old(name, *more)\n"
    )
    path = os.pathsep.join([str(tmp_path), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    done = subprocess.run(
        [sys.executable, "-m", "clausal.cli", "lsp"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert 'pip install "clausal[lsp]"' in done.stderr
    assert "Traceback" not in done.stderr


# ---- every service answers


def test_every_service_answers(editor: Editor, tmp_path: Path) -> None:
    uri = editor.open(tmp_path / "all.contract", AGREEMENT)
    document, client, ask = lsp.TextDocumentIdentifier(uri), editor.client, editor.await_
    everything = lsp.Range(lsp.Position(0, 0), lsp.Position(99, 0))
    symbols = ask(client.text_document_document_symbol_async(lsp.DocumentSymbolParams(document)))
    assert [one.name for one in symbols or ()][:3] == ["推广服务协议", "甲方", "乙方"]
    folds = ask(client.text_document_folding_range_async(lsp.FoldingRangeParams(document)))
    assert (0, 4) in [(one.start_line, one.end_line) for one in folds or ()]
    tokens = ask(client.text_document_semantic_tokens_full_async(lsp.SemanticTokensParams(document)))
    assert tokens is not None
    assert list(tokens.data[:10]) == [0, 0, 2, 0, 0, 0, 3, 8, 9, 0]  # 合同: a keyword; then a text of eight characters
    inlays = ask(client.text_document_inlay_hint_async(lsp.InlayHintParams(document, everything)))
    assert [one.label for one in inlays or ()] == ["首期：2026-02-10"]
    at_fee = editor.place(uri, "支付给 乙方 服务费")
    params = lsp.DocumentHighlightParams(document, at_fee)
    lit = ask(client.text_document_document_highlight_async(params))
    assert [editor.text_at(uri, one.range) for one in lit or ()] == ["服务费", "服务费"]
    grown = ask(client.text_document_selection_range_async(lsp.SelectionRangeParams(document, [at_fee])))
    assert grown is not None and grown[0].parent is not None
    assert editor.text_at(uri, grown[0].range) == "服务费"
    found = ask(client.workspace_symbol_async(lsp.WorkspaceSymbolParams("zffwf")))
    assert "支付服务费" in [one.name for one in found or ()]
    able = ask(client.text_document_prepare_rename_async(lsp.PrepareRenameParams(document, at_fee)))
    assert isinstance(able, lsp.PrepareRenamePlaceholder)
    assert able.placeholder == "服务费"
    # far outside the text, and of a document that nobody opened
    far = lsp.Position(9_999, 9_999)
    assert ask(client.text_document_completion_async(lsp.CompletionParams(document, far))) is not None
    assert ask(client.text_document_hover_async(lsp.HoverParams(document, far))) is None
    nowhere = lsp.TextDocumentIdentifier((tmp_path / "gone.contract").as_uri())
    assert ask(client.text_document_hover_async(lsp.HoverParams(nowhere, far))) is None
    assert ask(client.text_document_definition_async(lsp.DefinitionParams(nowhere, far))) in ([], None, ())
    editor.close(uri)
