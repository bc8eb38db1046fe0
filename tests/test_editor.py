"""What an editor is told of a text: asked of the rooms of `dsl/editor` directly, on texts with a mark where the cursor is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clausal.dsl.builtins import BUILTINS
from clausal.dsl.diagnostics import Both, Source, Span
from clausal.dsl.editor import colours, completion, fixes, hints, hover, lens, names, outline
from clausal.dsl.editor import positions as at
from clausal.dsl.editor.expected import place_at
from clausal.dsl.editor.facts_files import FactsFile, standing, word_at, words_of
from clausal.dsl.editor.pinyin import sounds, spells
from clausal.dsl.editor.reading import Reading, is_contract, read_contract, read_part
from clausal.dsl.editor.tidying import tidied
from clausal.dsl.editor.writing import written_name
from clausal.dsl.format import formatted
from clausal.dsl.keywords import keywords
from clausal.dsl.lexer import DECLARING, lex

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = {path.parent.name: path.read_text("utf-8") for path in sorted(ROOT.glob("contracts/*/*.contract"))}
B2B = SHIPPED["b2b-outsourcing"]
B2B_EN = SHIPPED["b2b-outsourcing-en"]

HEAD = """\
contract "Fees" {
  currency CNY
  term from 2026-01-01 to 2026-12-31
  rounding half_up to 0.01
}
party client "A"
party operator "B"
parameter fee = CNY 100
fact receipts : payments
"""
KOPF = """\
合同 "服务费" {
  币种 CNY
  合同期限 自 2026-01-01 至 2026-12-31
  舍入 四舍五入 精确到 0.01
}
当事人 甲方 "甲公司"
当事人 乙方 "乙公司"
参数 服务费 = 100元
数据 销售额 : 金额 按月
数据 订单 : 清单 { 订单号: 文本, 下单日: 日期, 价款: 金额 } 日期列 下单日 编号列 订单号
数据 收付款 : 付款记录
"""
DUTY = "义务 付款 { 甲方 应当 支付给 乙方 服务费 + (合计 价款 逐笔 订单)\n  每月 到期日 次月 第10日 履行凭证 收付款 }\n"


def reading(text: str) -> Reading:
    return read_contract(Source("t.contract", text), None)


def marked(text: str) -> tuple[Reading, int]:
    """A text and the place of the mark `|` in it."""
    offset = text.index("|")
    return reading(text[:offset] + text[offset + 1 :]), offset


# ---- places


@pytest.mark.parametrize(
    ("text", "offset", "line", "character"),
    [
        ("", 0, 0, 0),
        ("ab\ncd", 4, 1, 1),
        ("甲方\r\n乙方", 5, 1, 1),
        ("a\rb", 2, 1, 0),
        ("𠮷野家", 1, 0, 2),  # beyond U+FFFF: two units
        ("x𠮷\n𠮷𠮷y", 5, 1, 4),
        ("\t\ta", 2, 0, 2),
        ("a\u2028b", 2, 0, 2),  # a line of text, not of the protocol
        ("a\x0cb\x0bc", 4, 0, 4),
        ("\ufeffa", 1, 0, 1),
    ],
)
def test_a_place_in_utf16(text: str, offset: int, line: int, character: int) -> None:
    source = Source("", text)
    assert at.position_at(source, offset) == at.Position(line, character)
    assert at.offset_at(source, at.Position(line, character)) == offset


def test_a_place_outside_is_drawn_to_the_edge() -> None:
    source = Source("", "ab\r\ncd")
    assert at.offset_at(source, at.Position(0, 99)) == 2
    assert at.offset_at(source, at.Position(99, 0)) == 6
    assert at.offset_at(source, at.Position(1, 99)) == 6


LETTERS = st.text(st.sampled_from("ab 甲义\t\n\r𠮷😀\u2028{}\x0b"), max_size=30)
PLACES = st.tuples(st.integers(0, 6), st.integers(0, 12))


def units_after(units: list[str], start: tuple[int, int], end: tuple[int, int], new: str) -> list[str]:
    """The reference: a text as a list of UTF-16 units, its lines found by hand."""

    def place(line: int, character: int) -> int:
        starts = [0]
        for i, unit in enumerate(units):
            if unit == "\n" or (unit == "\r" and units[i + 1 : i + 2] != ["\n"]):
                starts.append(i + 1)
        if line >= len(starts):
            return len(units)
        stop = starts[line + 1] if line + 1 < len(starts) else len(units)
        while stop > starts[line] and units[stop - 1] in "\r\n":
            stop -= 1
        found = min(starts[line] + character, stop)
        inside = found < len(units) and "\udc00" <= units[found] <= "\udfff" and found > starts[line]
        return found + inside  # inside a pair: behind it

    first, last = sorted((place(*start), place(*end)))
    return [*units[:first], *as_units(new), *units[last:]]


def as_units(text: str) -> list[str]:
    raw = text.encode("utf-16-le", "surrogatepass")
    return [chr(int.from_bytes(raw[i : i + 2], "little")) for i in range(0, len(raw), 2)]


@settings(deadline=None)
@given(LETTERS, st.lists(st.tuples(PLACES, PLACES, LETTERS), max_size=6))
def test_edits_give_the_text_that_the_client_has(
    text: str, edits: list[tuple[tuple[int, int], tuple[int, int], str]]
) -> None:
    units = as_units(text)
    for start, end, new in edits:
        text = at.changed(text, at.Range(at.Position(*start), at.Position(*end)), new)
        units = units_after(units, start, end, new)
        assert as_units(text) == units


# ---- findings where one clause is broken


def codes(text: str) -> list[tuple[str, str]]:
    found = reading(text).findings
    return [(one.code, "" if one.span is None else text[one.span.start : one.span.end]) for one in found]


def test_a_broken_clause_does_not_hide_what_is_wrong_elsewhere() -> None:
    broken = 'clause "1" "x" { obligation one { client must pay pay } }\n'
    elsewhere = 'clause "2" "y" { let twice = fee + 5% }\n'
    assert codes(HEAD + broken + elsewhere) == [("E101", "pay"), ("E308", "fee + 5%")]


def test_names_of_a_broken_declaration_are_not_undefined() -> None:
    broken = "obligation one { client must pay pay }\n"
    uses = "let owed = one.open + fee\nright r { client may withhold one when fee > CNY 5 }\n"
    assert codes(HEAD + broken + uses) == [("E101", "pay")]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("fact receipts : payments", "fact receipts : paymints", "E210"),
        ("fact receipts : payments", "facts receipts : payments", "E112"),
        ("  currency CNY", "  curency CNY", "E101"),
        ("  term from 2026-01-01 to", "  term form 2026-01-01 to", "E101"),
        ("parameter fee = CNY 100", "parameter fee = CNY CNY 100", "E101"),
        ('party operator "B"', 'party operator operator "B"', "E101"),
    ],
)
def test_one_mistake_is_told_once(old: str, new: str, code: str) -> None:
    text = HEAD + (
        "let half = fee * 50%\n"
        "obligation due_half { client must pay operator half every month due day 10 of next month performed by receipts\n"
        "  failing which { interest 0.05% per day simple on unpaid, cap 10% of amount after 30 days breach serious } }\n"
    )
    assert not [one for one in reading(text).findings if one.severity == "error"]
    assert old in text
    assert len(codes(text.replace(old, new))) == 1, codes(text.replace(old, new))


def test_what_was_read_of_a_broken_declaration_reaches_to_the_mistake() -> None:
    """The sum that was read stands around what is wrong in it: that 100 is no money is not told beside `100 元`."""
    text = KOPF + "定义 总价 = 合计 价款 逐笔 订单 其中 价款 > 100 元\n"
    assert codes(text) == [("E101", "100 元")]
    span = reading(text).entries["总价"].node.span
    assert text[span.start : span.end] == "定义 总价 = 合计 价款 逐笔 订单 其中 价款 > 100"


# ---- completion


def offered(text: str) -> list[str]:
    found, offset = marked(text)
    return [item.label for item in completion.completions(found, offset)]


def taken(text: str, label: str) -> str:
    """The text after what is offered under that label was taken, its places filled in as they stand."""
    found, offset = marked(text)
    item = next(item for item in completion.completions(found, offset) if item.label == label)
    insert = re.sub(r"\$\{\d+:([^}]*)\}|\$\d", lambda m: m[1] or "", item.insert) if item.snippet else item.insert
    return found.source.text[: item.span.start] + insert + found.source.text[item.span.end :]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("|", ["contract", "合同"]),
        ("ht|", ["合同"]),
        ("con|", ["contract", "合同"]),
        ("h|", ["合同"]),
        (KOPF + "yw|", ["义务"]),
        (KOPF + "oblig|", ["义务"]),
        (HEAD + "义|", ["obligation"]),
        (HEAD + "obl|", ["obligation"]),
        (KOPF + "义务 付款 { jf|", ["甲方"]),
        (KOPF + "义务 付款 { 甲方 yd|", ["应当"]),
        (KOPF + "义务 付款 { 甲方 应当 |", ["支付给", "交付", "交付给", "完成"]),
        (KOPF + "义务 付款 { 甲方 应当 支付给 |", ["甲方", "乙方"]),
        (KOPF + "义务 付款 { 甲方 应当 支付给 乙方 fwf|", ["服务费"]),
        (KOPF + "义务 付款 { 甲方 应当 支付给 乙方 fuwufei|", ["服务费"]),
        (KOPF + "义务 付款 { 甲方 应当 支付给 乙方 服务费 每月 到期日 次月 |", ["最后一日", "第"]),
        (KOPF + "义务 付款 { 履行凭证 |", ["订单", "收付款"]),
        (KOPF + "义务 付款 { 违约责任 { 构成违约 |", ["一般违约", "严重违约", "根本违约"]),
        (KOPF + "定义 总价 = 合计 价款 逐笔 |", ["订单", "收付款"]),
        (KOPF + "定义 总价 = 合计 jk|", ["价款"]),
        (KOPF + "定义 总价 = 合计 价款 逐笔 订单 其中 xdr|", ["下单日"]),
        (KOPF + "数据 付款日 : rq|", ["日期"]),
        (KOPF + "数据 x : date|", ["日期"]),
        (KOPF.replace("四舍五入", "|"), ["四舍五入", "四舍六入五成双", "向上取整", "向下取整"]),
        (HEAD.replace("CNY\n", "CN|\n"), ["CNH", "CNY"]),
        (KOPF + "义务 付款 { |", ["甲方", "乙方"]),
        (KOPF + "义务 付款 { 甲方 应当 支付给 乙方 服务费\n  |", ["备注", "当", "每月"]),
        (KOPF + "考核指标 量 按月 { 达成条件 销售额 > 5元 }\n权利 某 { 当 量 |", ["已达成", "未达成", "不考核"]),
        (HEAD + "obligation x { client must |", ["pay", "deliver", "do"]),
        (HEAD + "obligation x { client must pay |", ["client", "operator"]),
        (HEAD + "obligation x { client must pay operator fee every m|", ["every month"]),
        (HEAD + "obligation x { client must pay operator fee every month due day 10 of n|", ["next month"]),
        (HEAD + "obligation x { performed by |", ["receipts"]),
        (HEAD + "obligation x { failing which { breach |", ["minor", "serious", "fundamental"]),
        (HEAD + 'obligation x { client must do "y" }\nright r { client may withhold |', ["x"]),
        (
            HEAD + 'obligation x { client must do "y" }\nlet z = x.|',
            ["open", "overdue", "days_late", "hours_late", "penalty"],
        ),
        (HEAD + "obligation x { wrong wrong wrong\n  every month du|", ["due"]),
        (HEAD + 'clause "1" "a" {\n  obligation bad { pay pay\n  }\n  oblig|\n}', ["obligation"]),
        (KOPF + '示例 "x" { 当期数据 2026-01 { xs|', ["销售额"]),
        (KOPF + '示例 "x" { 当期数据 2026-01 { 订单 = [{ |', ["订单号", "下单日", "价款"]),
        (KOPF + '示例 "x" { 当期数据 2026-01 { 收付款 = [{ 编号: "1", fk|', ["付款人"]),
        (KOPF + "参数 率 : 费率/|", ["/日", "/周", "/月", "/年"]),
        (KOPF + "参数 率 : 费率/日 = 万分之五/r|", ["/日"]),
        (KOPF + "义务 付款 { 每月 到期日 次月 第5gzr|", ["个工作日"]),
        (KOPF + "义务 付款 { 每月 到期日 次月 第5|", ["日", "个工作日"]),
        (KOPF + "数据 甲 : 是否 |", ["按日", "按周", "按月", "按季", "按年"]),  # no name of the contract's is a type
        (KOPF.replace("CNY", "CNY, USD") + "数据 甲 : 金额 |", ["CNY", "USD"]),
        (KOPF + "数据 会议 : 清单 { 会议号: 文本, 召开日: 日期 } 日期列 |", ["会议号", "召开日"]),
        (KOPF + "数据 甲 : 是否 按月 推定 |", ["是", "否", "未知"]),
        (KOPF + "定义 甲 = 合计 价款 |", ["逐笔"]),
        (KOPF + "定义 甲 = 合计 |", ["订单号", "下单日", "价款"]),
        (KOPF + "定义 甲 = 合计 价款 逐笔 订单\n定义 乙 = |", ["服务费", "销售额"]),
        (
            KOPF + DUTY.replace(" }", " 宽限期 5日 |"),
            ["遇休假日顺延", "遇休假日提前", "遇休假日不顺延", "宽限期内不计息"],
        ),
        (KOPF + DUTY.replace(" }", " 违约责任 { 逾期利息 0.05%/日, 上限 |"), ["本期金额", "未付金额"]),
        (KOPF + "数据 通知日 : 日期 按月\n权利 某 { 行使日 |", ["通知日"]),
        (KOPF + "权利 某 { 行使期限 自 |", ["月初", "月末"]),
        (KOPF + DUTY + '示例 "x" { 预期 2026-01 的 |', ["甲方", "乙方", "付款"]),
        (KOPF + '示例 "x" { 预期 甲方 |', ["尚欠"]),
        (HEAD + 'obligation x { client must do "y" }\nscenario "x" { expect x |', ["of"]),
        (HEAD + 'kpi k monthly { met when fee > CNY 1 }\nscenario "x" { expect k of 2026-01 |', ["met", "missed"]),
        (KOPF + '数据 甲 : 是否 按月\n示例 "x" { 当期数据 2026-01 { 甲 = |', ["是", "否", "未知"]),
        (KOPF + '数据 甲 : 可选值 { "网络", "电话" } 按月\n示例 "x" { 当期数据 2026-01 { 甲 = |', ['"网络"', '"电话"']),
        (KOPF + '示例 "x" { 当期数据 2026-01 { 收付款 = [{ 付款人: |', ["甲方", "乙方"]),
        (KOPF + DUTY + '示例 "x" { 当期数据 2026-01 { 收付款 = [{ 用途: |', ["付款"]),
        (KOPF + "义务 付款 { 甲方 应当 支付给 乙方 { 底费: 服务费 提成: 5元 } }\n定义 甲 = 付款.|", ["底费", "提成"]),
        ("ht|" + KOPF[2:], ["合同"]),  # its first word is written anew
        (KOPF + "审批 z|", []),  # a new name
        (KOPF + "数据 会议 : 清单 { |", []),
        (KOPF + "# 注释 y|", []),
        (KOPF + '条款 "1" "y|', []),
        (KOPF + "义务 y|", []),  # a new name
    ],
)
def test_what_is_offered(text: str, first: list[str]) -> None:
    assert offered(text)[: max(1, len(first))] == first


@pytest.mark.parametrize("name", ["minimal", "minimal-en"])
def test_a_whole_contract_can_be_written_with_what_is_offered(name: str) -> None:
    """Before each word of it, with nothing typed yet, that word is in the list; but for new names, and the sign of a rate."""
    text = SHIPPED[name]
    lexed = lex(Source("", text))
    for i, (type, start, end) in enumerate(zip(lexed.types, lexed.starts, lexed.ends, strict=True)):
        word = " ".join(text[start:end].split())
        if text[start - 1 : start].isalnum():  # 次月第10日: behind 次月 the cursor is in that word
            continue
        if not (type.startswith("K_") or type == "NAME") or lexed.types[i - 1] in DECLARING or word.startswith("/"):
            continue
        items = completion.completions(reading(text[:start]), start)
        assert word in {item.label for item in items}, (text[:start].splitlines()[-1], word)


def test_what_is_taken_reads_on() -> None:
    assert taken(KOPF + "参数 率 : 费率/日 = 万分之五/r|", "/日").endswith("万分之五/日")
    assert taken(KOPF + "yw|", "义务").startswith(KOPF + "义务 名称 {\n  甲方 应当 支付给 乙方")
    assert taken(HEAD + "obligation x { client must pay operator fee every m|", "every month").endswith(
        "fee every month"
    )
    assert taken(KOPF + "义务 付款 { 甲方yd|", "应当").endswith("{ 甲方 应当")  # the blank comes with it


def test_names_are_quoted_where_they_must_be() -> None:
    text = KOPF + "参数 「应当 付」 = 5元\n定义 x = y|"
    assert taken(text, "应当 付").endswith("定义 x = 「应当 付」")
    assert written_name("应当", "zh") == "「应当」"
    assert written_name("two words", "en") == "`two words`"
    assert written_name("甲方", "zh") == "甲方"


def test_files_are_offered_to_be_used() -> None:
    found, offset = marked(HEAD + 'use "te|"')
    files = ["terms/fees.contract", "annex.contract"]
    assert [item.label for item in completion.completions(found, offset, files)] == ["terms/fees.contract"]


def test_numbers_of_clauses_are_offered() -> None:
    assert offered(KOPF + '条款 "六.2" "解除" { }\n条款 "七" "其他" { }\n终止 提前 { 条款 "六|"') == ["六.2"]
    assert offered(KOPF + '条款 "六.2" "解除" { }\n条款 "六|" { }') == []  # a new number


def test_an_editor_without_places_to_fill_gets_the_bare_word() -> None:
    found, offset = marked(KOPF + "yw|")
    (item,) = completion.completions(found, offset)
    assert (item.snippet, completion.bare(item).insert) == (True, "义务")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_template_reads_as_it_stands(lang: str) -> None:
    """What a snippet writes has no mistake of writing, whatever is still undefined in it."""
    from clausal.dsl.editor.snippets import SNIPPETS

    for type, both in SNIPPETS.items():
        text = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", both.text("en" if lang == "en" else "zh"))
        fill = {"en": ("fee > CNY 5", "fee"), "zh": ("服务费 > 5元", "服务费")}[lang]
        text = re.sub(r"\$0", "" if text.rstrip().endswith("\n$0") else fill[type in ("K_LET", "K_BALANCE")], text)
        head = {"en": HEAD, "zh": KOPF}[lang]
        match type:
            case "K_CONTRACT":
                text = re.sub(r"\s*(fee|服务费) > .*\Z", "", text)
                found = reading(text).findings
            case "K_FAILING_WHICH":
                found = reading(head + {"en": "obligation o { ", "zh": "义务 某 { "}[lang] + text + " }").findings
            case _:
                text = text.replace("}\n" + fill[0], "}").replace("{\n  " + fill[0], "{").replace("$3", "")
                text = re.sub(r'(words of the paper"|合同原文")\n  .*', r"\1", text)
                if type == "K_SCENARIO":
                    text = text.replace(fill[0], {"en": "fee = CNY 5", "zh": "服务费 = 5元"}[lang])
                found = reading(head + text).findings
        wrong = [one for one in found if one.code.startswith("E1") and one.code not in ("E115", "E116")]
        assert not wrong, (type, text, [str(one) for one in wrong])


# ---- pinyin


@pytest.mark.parametrize(
    ("typed", "word", "found"),
    [
        ("yw", "义务", True),
        ("yiwu", "义务", True),
        ("yiw", "义务", True),
        ("YW", "义务", True),
        ("jf", "甲方", True),
        ("jf", "乙方", False),
        ("htqx", "合同期限", True),
        ("hqx", "合同期限", False),
        ("ydlip", "月独立IP", True),
        ("lv", "率", True),
        ("yh", "银行", True),  # a sound of several
        ("cz", "重组", True),
        ("yw", "obligation", False),
        ("义", "义务", False),  # letters only: characters are compared as such
    ],
)
def test_a_word_is_found_by_its_sounds(typed: str, word: str, found: bool) -> None:
    assert spells(typed, word) is found


def test_every_character_of_a_keyword_has_a_sound() -> None:
    words = [role.zh or "" for role in keywords().roles.values()]
    words += [zh for row in keywords().names.values() for zh in row.values()]
    letters = {char for word in words for char in word if "\u4e00" <= char <= "\u9fff"}
    assert letters <= set(sounds())


def test_the_table_of_sounds_is_what_is_built() -> None:
    from clausal.dsl.editor.build_pinyin import built

    assert (ROOT / "dsl/editor/pinyin.txt").read_text("utf-8") == built()


# ---- names


def spots(found: Reading, locations: tuple[names.Location, ...]) -> list[str]:
    """`line:column` of places in the document, `file:line:column` of others."""
    said = []
    for one in locations:
        line, column = one.source.position(one.span.start)
        said.append(
            f"{line}:{column}" if one.source.name == found.source.name else f"{one.source.name}:{line}:{column}"
        )
    return said


FACTS = (
    FactsFile("facts/月度.csv", "月份,销售额\n2026-01,100\n"),
    FactsFile("facts/订单.csv", "订单号,下单日,价款\nD1,2026-01-05,88\n"),
    FactsFile("facts/收付款.csv", "编号,付款人,收款人,金额,到账日,用途\nP1,甲方,乙方,100,2026-02-01,付款@2026-01\n"),
)


def test_a_name_leads_to_its_declaration_and_to_its_facts() -> None:
    found, offset = marked(KOPF + DUTY.replace("服务费 +", "服|务费 +"))
    assert spots(found, names.definition(found, offset, FACTS)) == ["8:4"]
    assert spots(found, names.references(found, offset, FACTS)) == ["8:4", "12:22"]
    found, offset = marked(KOPF.replace("销售额", "销|售额") + DUTY)
    assert spots(found, names.definition(found, offset, FACTS)) == ["facts/月度.csv:1:4"]
    found, offset = marked(KOPF + DUTY.replace("价款", "价|款"))
    assert spots(found, names.references(found, offset, FACTS)) == ["10:32", "12:32", "facts/订单.csv:1:9"]


def test_a_heading_leads_back_to_its_declaration() -> None:
    found = reading(KOPF + DUTY)
    assert spots(found, names.from_facts(found, FACTS[0], 4)) == ["9:4"]
    assert spots(found, names.from_facts(found, FACTS[1], 9)) == ["10:32"]  # a field, in its list
    assert spots(found, names.from_facts(found, FACTS[2], FACTS[2].text.index("甲方") if FACTS[2].text else 0)) == [
        "6:5"
    ]


def renamed(text: str, new: str, facts: tuple[FactsFile, ...] = FACTS) -> dict[str, str] | Both:
    found, offset = marked(text)
    made = names.rename(found, offset, new, facts)
    if isinstance(made, Both):
        return made
    texts = {found.source.name: found.source.text, **{file.path: file.text or "" for file in facts}}
    edits: dict[str, list[at.Edit]] = {}
    for change in made.changes:
        edits.setdefault(change.location.source.name, []).append(at.Edit(change.location.span, change.text))
    done = {name: at.edited(texts[name], some) for name, some in edits.items()}
    return {**done, **{old: f"→ {new}" for old, new in made.files}}


def test_a_new_name_reaches_the_contract_and_its_facts() -> None:
    made = renamed(KOPF.replace("销售额", "销|售额") + "定义 半额 = 销售额 * 50%\n", "营业额")
    assert isinstance(made, dict)
    assert made["facts/月度.csv"] == "月份,营业额\n2026-01,100\n"
    assert "数据 营业额 : 金额 按月" in made["t.contract"]
    assert "定义 半额 = 营业额 * 50%" in made["t.contract"]
    assert set(made) == {"t.contract", "facts/月度.csv"}


def test_a_list_takes_its_file_along_and_a_field_its_column() -> None:
    made = renamed(KOPF.replace("订单 :", "订|单 :") + DUTY, "销售单")
    assert isinstance(made, dict)
    assert made["facts/订单.csv"] == "→ facts/销售单.csv"
    made = renamed(KOPF.replace("价款", "价|款") + DUTY, "含税 价")
    assert isinstance(made, dict)
    assert made["facts/订单.csv"].startswith("订单号,下单日,含税 价\n")
    assert "合计 「含税 价」 逐笔" in made["t.contract"]


def test_a_party_and_a_duty_are_renamed_in_the_cells_that_name_them() -> None:
    made = renamed(KOPF.replace("甲方", "甲|方", 1) + DUTY, "买方")
    assert isinstance(made, dict)
    assert made["facts/收付款.csv"].endswith("P1,买方,乙方,100,2026-02-01,付款@2026-01\n")
    made = renamed(KOPF + DUTY.replace("付款", "付|款", 1), "付服务费")
    assert isinstance(made, dict)
    assert made["facts/收付款.csv"].endswith("P1,甲方,乙方,100,2026-02-01,付服务费@2026-01\n")


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("乙方", "已经是当事人"),
        ("订单号", "已经是“订单”的一列"),
        ("", "不能作为名称"),
        ("a`b", "不能作为名称"),
        ("未付金额", "语言自身"),
        ("服务费", "没有变化"),
    ],
)
def test_a_new_name_is_refused(new: str, why: str) -> None:
    made = renamed(KOPF.replace("服务费 =", "服|务费 ="), new)
    assert isinstance(made, Both)
    assert why in made.zh


def test_a_name_that_would_break_the_contract_is_refused() -> None:
    """A field 到期日 takes the word of the language from every `付款.到期日`."""
    text = (
        KOPF
        + DUTY
        + '示例 "到期" { 当期数据 2026-01 { 订单 = [] } 截止日 2026-01-31 预期 2026-01 的 付款.到期日 = 2026-02-10 }\n'
    )
    found = reading(text)
    assert not [one for one in found.findings if one.severity == "error"]
    made = names.rename(found, text.index("下单日"), "到期日")
    assert isinstance(made, Both)
    assert made.zh == "改名为“到期日”后合同会出现错误：“付款”没有“到期日”这一部分"
    assert not isinstance(names.rename(found, text.index("下单日"), "到店日"), Both)


def test_a_workbook_cannot_be_changed_here() -> None:
    book = FactsFile("facts.xlsx", None, ("月份", "销售额"))
    made = renamed(KOPF.replace("销售额", "销|售额"), "营业额", (book,))
    assert isinstance(made, Both)
    assert "facts.xlsx" in made.en
    assert "先在其中改名" in made.zh


def test_a_keyword_becomes_a_quoted_name() -> None:
    made = renamed(KOPF.replace("服务费 =", "服|务费 =") + DUTY, "应当")
    assert isinstance(made, dict)
    assert "支付给 乙方 「应当」 + (合计" in made["t.contract"]
    assert not [one for one in reading(made["t.contract"]).findings if one.severity == "error"]


@pytest.mark.parametrize("name", ["worked-example", "b2b-outsourcing", "brand-departments", "marketing-procedure"])
def test_a_shipped_contract_means_the_same_under_other_names(name: str) -> None:
    """Every name in turn would be too slow: one of each kind is renamed, and the contract stays sound."""
    found = reading(SHIPPED[name])
    kinds = {}
    for entry in found.entries.values():
        kinds.setdefault(entry.kind, entry)
    text = SHIPPED[name]
    for entry in kinds.values():
        again = reading(text)
        place = again.entries[entry.name].span.start
        made = names.rename(again, place, entry.name + "2")
        assert not isinstance(made, Both)
        text = at.edited(text, [at.Edit(change.location.span, change.text) for change in made.changes])
    assert not [str(one) for one in reading(text).findings if one.severity == "error"]


# ---- files of facts


def test_words_of_files() -> None:
    csv = FactsFile("a/orders.csv", '\ufeff"no, 1", notice.sent\r\n\r\nx,"y\nz"\r\n')
    assert [(w.text, w.sort, w.list) for w in words_of(csv)] == [
        ("no, 1", "heading", "orders"),
        ("notice", "heading", "orders"),
    ]
    json = FactsFile("f.json", '{"2026-01": {"sales": 5}, "orders": [{"no": "1", "payer": "client"}]}')
    assert [(w.text, w.sort, w.list) for w in words_of(json)] == [
        ("2026-01", "key", None),
        ("sales", "key", "2026-01"),
        ("orders", "key", None),
        ("no", "key", "orders"),
        ("payer", "key", "orders"),
        ("client", "cell", "orders"),
    ]
    yaml = FactsFile("f.yaml", "2026-01:\n  sales: 5 # x: y\norders:\n  - no: 1\n    payer: client\n")
    assert [(w.text, w.list) for w in words_of(yaml)] == [
        ("2026-01", None),
        ("sales", "2026-01"),
        ("orders", None),
        ("no", "orders"),
        ("payer", "orders"),
        ("client", "orders"),
    ]
    assert [json.text[w.span.start : w.span.end] for w in standing(json, "no", "orders") if json.text] == ["no"]
    assert word_at(csv, 9) is None or word_at(csv, 9)


@settings(deadline=None)
@given(st.text(st.sampled_from('ab,"\n\r{}[]: -#甲.\\'), max_size=40), st.sampled_from([".csv", ".json", ".yaml"]))
def test_any_file_of_facts_has_words_inside_it(text: str, ending: str) -> None:
    for word in words_of(FactsFile(f"f{ending}", text)):
        assert 0 <= word.span.start <= word.span.end <= len(text)


# ---- layout


def test_formatting_touches_only_the_lines_that_change() -> None:
    text = HEAD + "let   a =  fee\nlet b = fee\nlet  c = fee\n"
    edits, problem = tidied(Source("t.contract", text))
    assert problem is None
    assert at.edited(text, edits) == formatted(Source("t.contract", text))[0]
    assert all("let b" not in text[edit.span.start : edit.span.end] for edit in edits)
    first = text.count("\n", 0, text.index("let   a"))
    some, _ = tidied(Source("t.contract", text), (first, first))
    assert "let a = fee\nlet b = fee\nlet  c = fee\n" in at.edited(text, some)


def test_a_broken_file_is_not_formatted() -> None:
    edits, problem = tidied(Source("t.contract", HEAD + "let  a = = fee\n"))
    assert edits == ()
    assert problem is not None
    assert problem.code == "E101"


# ---- the file at a glance


def test_the_outline_follows_the_clauses() -> None:
    text = (
        HEAD + 'clause "1" "Fees" { let a = fee\n obligation b { client must do "x" failing which { right c { } } } }\n'
    )
    found = outline.symbols(reading(text))
    assert [(one.name, one.sort) for one in found] == [
        ("Fees", "header"),
        ("client", "party"),
        ("operator", "party"),
        ("fee", "parameter"),
        ("receipts", "fact"),
        ("1", "clause"),
    ]
    assert [(one.name, one.sort) for one in found[-1].children] == [("a", "let"), ("b", "obligation")]
    assert [one.name for one in found[-1].children[1].children] == ["c"]


def test_a_broken_declaration_keeps_its_place_in_the_outline() -> None:
    found = outline.symbols(reading(HEAD + "obligation broken { pay pay pay }\nlet a = fee\n"))
    assert [one.name for one in found][-2:] == ["broken", "a"]


def test_what_can_be_folded() -> None:
    text = "# one\n# two\n# three\n" + HEAD + "let a = fee  # a\n# b\n"
    folds = outline.folds(reading(text))
    assert [(f.first, f.last, f.comment) for f in folds] == [(0, 2, True), (3, 6, False)]


def test_selections_grow() -> None:
    found, offset = marked(HEAD + 'clause "1" "x" { let a = f|ee }\n')
    steps = [found.source.text[span.start : span.end] for span in outline.around(found, offset)]
    assert steps[:3] == ["fee", "let a = fee", " let a = fee "]
    assert steps[-1] == found.source.text


def test_colours() -> None:
    text = KOPF + DUTY + '条款 "1" "a\nb" { }'
    found = reading(text)
    by_text = {text[c.span.start : c.span.end]: c for c in colours.coloured(found)}
    assert by_text["甲方"].colour == "class"
    assert by_text["付款"].colour == "method"
    assert by_text["价款"].colour == "property"
    assert by_text["应当"].colour == "keyword"
    assert by_text["四舍五入"].colour == "enumMember"
    assert "\n" not in "".join(by_text)


# ---- hints


def test_first_deadlines_are_counted() -> None:
    # 2026-02-10 is a Tuesday before the Spring Festival (15 to 23 February off); 2026-02-15 is a make-up-free Sunday in it
    text = KOPF.replace("  舍入", "  工作日历 中国\n  期限规则 遇休假日顺延\n  舍入") + (
        "义务 甲 { 甲方 应当 支付给 乙方 服务费 每月 到期日 次月 第10日 }\n"
        "义务 乙 { 甲方 应当 支付给 乙方 服务费 每月 到期日 次月 第15日 }\n"
        "义务 丙 { 甲方 应当 支付给 乙方 服务费 每季度 到期日 次月 最后一日, 遇休假日不顺延 }\n"
        "义务 丁 { 甲方 应当 支付给 乙方 服务费 每月 到期日 最后一日, 遇休假日提前 }\n"
        "参数 日费率 : 费率 /日 = 万分之五 /日\n"
    )
    found = reading(text)
    assert found.seen.contract is not None, [str(one) for one in found.findings]
    told = [hint.text for hint in hints.hints(found, 0, len(text))]
    assert told == ["首期：2026-02-10", "首期：2026-02-24", "首期：2026-04-30", "首期：2026-01-30", "（年18.25%）"]


def test_a_term_that_is_counted_is_shown() -> None:
    text = HEAD.replace("to 2026-12-31", "to 2026-01-01 + 18 months - 1 days")
    assert [hint.text for hint in hints.hints(reading(text), 0, len(text))] == ["= 2027-06-30"]


def test_the_parameters_of_a_function_while_it_is_typed() -> None:
    found, offset = marked(HEAD + "let a = limit(fee, CNY 5, |")
    made = hints.signature(found, offset)
    assert made is not None
    assert (made.label, made.active) == ("limit(value, low, high)", 2)
    found, offset = marked(KOPF + "定义 a = 加权值(70, 40%, (1 + 2), |")
    made = hints.signature(found, offset)
    assert made is not None
    assert (made.label, made.active) == ("加权值(score…, weight…)", 1)


# ---- hover


def pointed(text: str, lang: str = "zh", **more: object) -> str:
    found, offset = marked(text)
    told = hover.hover(found, offset, "en" if lang == "en" else "zh")
    return "" if told is None else told.text


def test_what_is_told_of_a_word() -> None:
    assert pointed(KOPF + DUTY.replace("应当", "应|当")) == "**应当 · must**\n\n" + hover.keyword_told("MUST", "zh")
    assert "must · 应当" in pointed(HEAD + "obligation o { client mu|st pay operator fee }", "en")
    told = pointed(KOPF + DUTY.replace("服务费 +", "服|务费 +"))
    assert told.startswith("**服务费** · 参数 · 金额 CNY")
    assert "参数 服务费 = 100元" in told
    assert "“订单”的一栏" in pointed(KOPF + DUTY.replace("价款", "价|款"))
    assert pointed(HEAD + "let a = mini|mum(fee, CNY 5)", "en").startswith("**minimum(first, others…)** · 较小者")
    assert "抵销" in pointed(KOPF + '条款 "1" "x" { 原文 "双方可以抵|消债务" }')
    assert pointed(KOPF + "# 注|释") == ""
    assert pointed(KOPF + '示例 "x" { 当期数据 2026-Q|1 { } }') == "自2026-01-01至2026-03-31"


def test_a_function_is_shown_in_the_words_of_the_reader() -> None:
    assert "当月首日(2026-05-10)" in pointed(KOPF + "定义 a = 当月|首日(2026-05-10)")
    assert "first_of_month(2026-05-10)" in pointed(HEAD + "let a = first_of|_month(2026-05-10)", "en")


def test_of_many_values_it_is_said_that_they_are_the_last() -> None:
    found, offset = marked(KOPF.replace("数据 销售额", "数据 销|售额"))
    known = [hover.Known(f"2026-{n:02}", str(n), Both("", "")) for n in range(1, 11)]
    told = hover.hover(found, offset, "zh", known)
    assert told is not None
    assert "数据文件中的值（共10项，以下为最后6项）：\n- 2026-05: 5" in told.text
    told = hover.hover(found, offset, "zh", known[:6])
    assert told is not None
    assert "数据文件中的值：\n- 2026-01: 1" in told.text


def test_a_note_is_told_once() -> None:
    found, offset = marked(KOPF + '定义 |甲 = 1元 备注 "含税"\n')
    told = hover.hover(found, offset, "zh", (), ("备注：含税",))
    assert told is not None
    assert told.text.count("含税") == 2  # and once in the words of the contract


def test_a_finding_is_explained_where_it_stands() -> None:
    found, offset = marked(HEAD + "let a = fe|es")
    told = hover.explained(found, offset, "en")
    assert told is not None
    assert told.text.startswith("**E201** Every name is declared once")
    assert found.source.text[told.span.start : told.span.end] == "fees"


def test_every_keyword_and_function_has_its_sentence() -> None:
    assert set(hover.told()["keyword"]) == set(keywords().roles)
    assert set(hover.told()["function"]) == set(BUILTINS)
    for rows in hover.told().values():
        for both in rows.values():
            assert both.en.endswith(".")
            assert both.zh.endswith("。")


# ---- mending


def mended(text: str, title: str) -> str:
    found = reading(text)
    offers = {one.title: one for one in fixes.mendings(found, 0, len(text))}
    assert title in offers, list(offers)
    return at.edited(text, offers[title].edits)


def test_a_missing_name_is_declared() -> None:
    text = KOPF + "义务 付款 { 丙方 应当 支付给 乙方 押金额 每月 到期日 次月 第10日 履行凭证 到账 }\n"
    once = mended(text, "声明当事人“丙方”")
    assert '当事人 乙方 "乙公司"\n当事人 丙方 "丙方"\n' in once
    twice = mended(once, "声明参数“押金额”（待填）")
    assert "参数 服务费 = 100元\n参数 押金额 : 金额 = 待填\n" in twice
    done = mended(twice, "声明付款记录“到账”")
    assert not [one for one in reading(done).findings if one.severity == "error"]


def test_all_of_one_kind_and_everything() -> None:
    text = HEAD.replace("CNY 100", "CNY 1,000") + "let a = fee + CNY 2,000\nlet b = feee\n"
    assert "CNY 1_000" in mended(text, "mend all 2 of this kind (E107)")
    everything = fixes.mend_all(reading(text))
    assert everything is not None
    assert "feee" in at.edited(text, everything.edits)  # a guess is left to the reader
    assert "CNY 2_000" in at.edited(text, everything.edits)


def test_what_only_looks_alike_is_never_the_preferred_fix() -> None:
    """拒付 is one character from 支付, and the contrary; of guesses only the same word is mended together."""
    text = KOPF + "定义 拒付额 = 服务费\n定义 甲 = 支付额 + 服务贵\n定义 乙 = 支付额 + 1_00元\n"
    found = reading(text)
    offers = {one.title: one for one in fixes.mendings(found, 0, len(text))}
    assert not offers["改为“拒付额”"].preferred
    both = offers["修正全部2处同类问题（E201）"]
    assert at.edited(text, both.edits) == text.replace("支付额", "拒付额")
    assert fixes.mend_all(found) is None


def test_a_number_that_lacks_its_currency_gets_that_of_the_file() -> None:
    assert mended(KOPF + "定义 a = 服务费 > 1.2万\n", "插入“元”") == KOPF + "定义 a = 服务费 > 1.2万元\n"
    assert mended(HEAD + "let a = fee > 12\n", "insert `CNY`") == HEAD + "let a = fee > CNY 12\n"


def test_a_word_of_the_other_language_is_translated() -> None:
    assert mended(KOPF + DUTY.replace("应当", "must"), "改为“应当”") == KOPF + DUTY


def test_the_example_runs_from_its_button() -> None:
    text = HEAD + 'scenario "one" { facts of 2026-01 { receipts = [] } as_of 2026-01-31 expect contract active }\n'
    found = reading(text)
    assert [one.text for one in lens.lenses(found, {})] == ["▶ run"]
    assert [one.text for one in lens.lenses(found, {"one": lens.Ran(1, ())})] == ["▶ run · passed (1)"]
    missed = lens.Ran(1, (lens.Miss(Span(0, 1), Both("it is late", "已逾期")),))
    assert [one.text for one in lens.lenses(found, {"one": missed})] == ["▶ run · failed: it is late"]


# ---- several files


def test_a_part_is_read_with_its_contract() -> None:
    root = HEAD + 'use "terms.contract"\nlet b = a + fee\n'
    part = "let a = fee * 2\n"
    files = {"terms.contract": ("terms.contract", part)}
    found = read_part(Source("terms.contract", part), ("main.contract", root), files.__getitem__)
    assert not [one for one in found.findings if one.severity == "error"]
    use = found.use_at(part.index("fee"))
    assert use is not None
    assert [one.source.name for one in names.references(found, part.index("fee"))] == [
        "main.contract",
        "main.contract",
        "terms.contract",
    ]
    assert [one.name for one in outline.symbols(found)] == ["a"]
    assert not is_contract(Source("terms.contract", part))


# ---- whatever is typed


MUTATIONS = [
    "{",
    "}",
    '"',
    "(",
    "的",
    "𠮷",
    "\u2028",
    "义务 ",
    "obligation ",
    "= ",
    ".",
    "「",
    "`",
    ":",
    "，",
    "\r\n",
    "\ufeff",
]


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A shipped contract, or a part of one, as it is while somebody works on it."""
    text = draw(st.sampled_from([SHIPPED["worked-example"], B2B[:9000], B2B_EN[:9000], KOPF + DUTY]))
    match draw(st.integers(0, 3)):
        case 0:
            return text[: draw(st.integers(0, len(text)))]
        case 1:
            start = draw(st.integers(0, len(text)))
            return text[:start] + text[start + draw(st.integers(1, 40)) :]
        case 2:
            place = draw(st.integers(0, len(text)))
            return text[:place] + draw(st.sampled_from(MUTATIONS)) + text[place:]
        case _:
            pieces = [*MUTATIONS, "contract ", '合同 "a" ', "甲方", " ", "\n", "1"]
            return "".join(draw(st.lists(st.sampled_from(pieces), max_size=20)))


@settings(max_examples=60, deadline=None)
@given(damaged(), st.data())
def test_nothing_that_is_typed_stops_the_services(text: str, data: st.DataObject) -> None:
    found = reading(text) if data.draw(st.booleans()) else read_part(Source("t.contract", text), None, None)
    size = len(text)

    def inside(span: Span | None) -> None:
        assert span is None or 0 <= span.start <= span.end <= size

    for one in found.findings:
        inside(one.span)
        inside(one.fix and one.fix.span)
    for symbol, _ in outline.flat(outline.symbols(found)):
        inside(symbol.span)
        assert symbol.span.start <= symbol.chosen.start <= symbol.chosen.end <= symbol.span.end
    for coloured in colours.coloured(found):
        inside(coloured.span)
    for hint in hints.hints(found, 0, size):
        assert 0 <= hint.offset <= size
    for mending in [*fixes.mendings(found, 0, size), fixes.mend_all(found)]:
        for edit in mending.edits if mending else ():
            inside(edit.span)
    outline.folds(found)
    lens.lenses(found, {})
    offset = data.draw(st.integers(0, size))
    for item in completion.completions(found, offset):
        inside(item.span)
    told = hover.hover(found, offset, "zh")
    inside(told and told.span)
    names.definition(found, offset)
    names.references(found, offset)
    for span, _ in names.highlights(found, offset):
        inside(span)
    names.rename(found, offset, "新名")
    hints.signature(found, offset)
    place_at(Source("", text), offset)
    for span in outline.around(found, offset):
        inside(span)
