"""Text to syntax: both keyword sets, every mistake told once, and no text that breaks it."""

from __future__ import annotations

import re
import tomllib
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark, UnexpectedToken
from lark import Token as LarkToken

from clausal.dsl import build_table, syntax
from clausal.dsl.actions import depth_over
from clausal.dsl.diagnostics import Diagnostic, Source, apply_fixes, hint, sentence
from clausal.dsl.keywords import read_table, table
from clausal.dsl.lexer import Lexed, lex, segment
from clausal.dsl.parse import (
    MAX_FINDINGS,
    _Parser,
    declared_names,
    keywords,
    parse,
    parse_expression,
    tokens,
)

HERE = Path(__file__).resolve().parent
SAMPLES = {lang: (HERE / "samples" / f"{lang}.contract").read_text("utf-8") for lang in ("en", "zh")}
EN = 'contract "T" { language 1 }\n'
ZH = '合同 "T" { 语言版本 1 }\n当事人 甲方 当事人 乙方 数据 服务费 : 金额 按月\n'


def read(text: str) -> tuple[syntax.Tree | None, tuple[Diagnostic, ...]]:
    return parse(Source("t.contract", text))


def good(text: str) -> syntax.Tree:
    tree, found = read(text)
    assert tree is not None and not found, [sentence(one) for one in found]
    return tree


def declarations(text: str) -> list[str]:
    """The names (or titles) of the declarations that remain."""
    tree, _ = read(text)
    assert tree is not None
    return [
        one.name.text if hasattr(one, "name") else getattr(one, "number", "") or getattr(one, "title", "")
        for one in tree.declarations
    ]


# ---- the table


def test_the_table_is_built_from_the_grammar() -> None:
    assert table().sources == build_table.source_hash(), "run python -m clausal.dsl.build_table"
    assert Path(build_table.TABLE).read_bytes() == build_table.build()


def test_a_changed_table_is_noticed() -> None:
    content = Path(build_table.TABLE).read_bytes().replace(build_table.source_hash().encode(), b"0" * 64)
    assert read_table(content).sources != build_table.source_hash()


def test_every_word_has_one_role() -> None:
    seen: dict[str, str] = {}
    for role, keyword in keywords().roles.items():
        for word in filter(None, (keyword.en, keyword.zh, keyword.singular)):
            assert seen.setdefault(word, role) == role, word


def test_words_by_position_mean_one_thing_in_their_place() -> None:
    for section, row in keywords().names.items():
        assert len(set(row.values())) == len(row), section


def test_every_role_of_the_grammar_has_a_word_and_every_word_is_used() -> None:
    grammar = (Path(build_table.HERE) / "grammar.lark").read_text("utf-8")
    used = {name[2:] for name in build_table.terminals(grammar) if name.startswith("K_")}
    words = tomllib.loads((Path(build_table.HERE) / "keywords.toml").read_text("utf-8"))["keyword"]
    assert used == set(words)


def item_beginnings(rules: list[Any]) -> set[str]:
    """Terminals that may begin what a block repeats."""
    names = {rule.origin.name for rule in rules}
    items = {name for name in names if name.endswith("_item")} | {"decl", "step"}
    return first(rules, items)


def first(rules: list[Any], names: set[str]) -> set[str]:
    found: set[str] = set()
    waiting, seen = list(names), set(names)
    while waiting:
        name = waiting.pop()
        for rule in rules:
            if rule.origin.name == name and rule.expansion:
                symbol = rule.expansion[0]
                if symbol.is_term:
                    found.add(symbol.name)
                elif symbol.name not in seen:
                    seen.add(symbol.name)
                    waiting.append(symbol.name)
    return found


def continuations(rules: list[Any]) -> set[str]:
    """Terminals that may go on with an expression that could have ended."""
    spine = {"expr"}
    while True:
        reached = {
            symbol.name
            for rule in rules
            if rule.origin.name in spine and rule.expansion
            for symbol in (rule.expansion[0], rule.expansion[-1])
            if not symbol.is_term
        }
        if reached <= spine:
            break
        spine |= reached
    found: set[str] = set()
    for rule in rules:
        if rule.origin.name not in spine:
            continue
        for before, symbol in zip(rule.expansion, rule.expansion[1:], strict=False):
            if before.name in ("LBRACE", "LPAR", "LSQB"):
                break
            if before.name in ("compare_op", "aggregate_function"):
                continue  # they end no expression
            if before.is_term and before.name not in build_table.VALUES:
                continue
            found |= {symbol.name} if symbol.is_term else first(rules, {symbol.name})
    return found


def test_a_word_that_may_begin_an_item_never_continues_an_expression() -> None:
    rules = build_table.automaton().rules
    begin, go_on = item_beginnings(rules), continuations(rules)
    assert {"K_WHEN", "K_DUE", "K_GRACE", "K_OPENING", "K_NOTE", "K_LET"} <= begin
    assert {"PLUS", "K_AND", "K_FOR", "K_OVER", "K_THEN", "K_OF"} <= go_on
    assert begin & go_on == set()


# ---- the twins


def reductions(text: str) -> set[str]:
    """The names of the rules that reading a text makes use of."""
    automaton = table().automaton
    types = [*lex(Source("t", text)).types, "$END"]
    states, used, i = [automaton.start["start"]], set(), 0
    while True:
        row = automaton.rows[states[-1]]
        act = row if isinstance(row, int) else row[types[i]]
        if act >= 0:
            states.append(act)
            i += 1
            continue
        origin, size, call, _ = automaton.rules[-1 - act]
        used.add(call)
        if size:
            del states[-size:]
        if origin == "start":
            return used
        states.append(automaton.gotos[states[-1]][origin])


def test_the_samples_use_every_construct() -> None:
    calls = {rule[2] for rule in table().automaton.rules}
    used = reductions(SAMPLES["en"]) | reductions(SAMPLES["zh"])
    # a header says one of each pair
    assert calls - used == {"expression", "declarations", "h_credit_held", "h_notices_sent"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_samples_use_every_word(lang: Any) -> None:
    types = set(lex(Source("t", SAMPLES[lang])).types)
    unused = {role for role, word in keywords().roles.items() if word.word(lang) and "K_" + role not in types}
    assert unused <= {"CREDIT_HELD", "NOTICES_SENT", "AFTER"}


OWN_TEXT = {
    (syntax.Header, "title"),
    (syntax.Clause, "number"),
    (syntax.Clause, "title"),
    (syntax.Clause, "texts"),
    (syntax.Party, "title"),
    (syntax.Duty, "what"),
    (syntax.Prohibition, "what"),
    (syntax.EscalationLevel, "title"),
    (syntax.Obligation, "secured"),
    (syntax.Signer, "who"),
    (syntax.Amendment, "title"),
    (syntax.Property, "title"),
    (syntax.Scenario, "title"),
    (syntax.TypeExpr, "unit"),
    (syntax.TypeExpr, "choices"),
    (syntax.TextLit, "value"),
    (syntax.Fact, "source"),
}


CANONICAL = re.compile(r"\.(grade|rounding|month_end|calendar|(currencies|payment_order|debt_order)\[[0-9]\])$")


def differences(a: Any, b: Any, names: dict[str, str], path: str = "") -> list[str]:
    """Where two trees differ, names apart; names must correspond one to one."""
    if type(a) is not type(b):
        return [f"{path}: {a!r} and {b!r}"]
    if isinstance(a, tuple):
        if len(a) != len(b):
            return [f"{path}: {len(a)} and {len(b)} parts"]
        return [
            one
            for i, (left, right) in enumerate(zip(a, b, strict=True))
            for one in differences(left, right, names, f"{path}[{i}]")
        ]
    if not attrs.has(type(a)):
        return [] if a == b else [f"{path}: {a!r} and {b!r}"]
    found = []
    for field in attrs.fields(type(a)):
        if not field.eq or (type(a), field.name) in OWN_TEXT or field.name == "notes":
            continue
        left, right = getattr(a, field.name), getattr(b, field.name)
        if (type(a), field.name) in ((syntax.Name, "text"), (syntax.Ref, "name")):
            if right != (left if CANONICAL.search(path) else names.setdefault(left, right)):
                found.append(f"{path}: name {left} and {right}")
        else:
            found += differences(left, right, names, f"{path}.{field.name}")
    return found


def test_the_twins_give_equal_trees() -> None:
    names: dict[str, str] = {}
    english, chinese = good(SAMPLES["en"]), good(SAMPLES["zh"])
    assert (english.keywords, chinese.keywords) == ("en", "zh")
    assert differences(english, chinese, names) == []
    assert len(set(names.values())) == len(names)


def test_comments_are_kept() -> None:
    tree = good('contract "T" { } # one\nlet x = 5 # two “"\n')
    assert [comment.text for comment in tree.comments] == ["# one", '# two “"']


def test_the_mark_at_the_beginning_is_allowed() -> None:
    assert good("\ufeff" + EN + "let x = 1").declarations == good(EN + "let x = 1").declarations


def test_line_ends_mean_nothing() -> None:
    for lang in SAMPLES:
        assert good(SAMPLES[lang].replace("\n", "\r\n")) == good(SAMPLES[lang])


def test_items_stand_in_any_order() -> None:
    assert good(EN + "obligation x { a must pay b c due day 1 every month }") == good(
        EN + "obligation x { every month due day 1 a must pay b c }"
    )


# ---- words


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("not assessed when not assessed not", "K_NOT_ASSESSED_WHEN K_NOT_ASSESSED K_NOT"),
        ("not\n assessed\twhen", "K_NOT_ASSESSED_WHEN"),
        ("mustpay must_pay payb", "NAME NAME NAME"),
        ("x.due x . text due = 4", "NAME . NAME NAME . NAME NAME = NUMBER"),
        ("month end = 1", "K_MONTH_END = NUMBER"),
        ("次月第10日", "K_NEXT_MONTH K_ORDINAL NUMBER K_DAYS"),
        ("自月末起10日内", "K_FROM K_MONTH_END K_SINCE NUMBER K_DAYS K_INSIDE"),
        ("3个工作日内", "NUMBER K_BUSINESS_DAYS K_INSIDE"),
        ("逾期超过30日", "K_AFTER_DAYS NUMBER K_DAYS"),
        ("本期金额的10%", "NAME K_POSSESSIVE PERCENT"),
        ("上限0.8万元", "K_CAP MONEY"),
        ("自2026-01-01至2026-12-31", "K_FROM DATE K_TO DATE"),
        ("2026-01的", "MONTH K_POSSESSIVE"),
        ("是否 非常规收入 日询盘 甲方应当", "NAME NAME NAME NAME"),
        ("数据 第1批货款 : 金额 按月 定义 x = 第1批货款", "K_FACT NAME : NAME K_MONTHLY K_LET NAME = NAME"),
        ("数据 数据来源 : 金额 按月 定义 x = 数据来源", "K_FACT NAME : NAME K_MONTHLY K_LET NAME = NAME"),
        ("CRM 2026-07-08 CNY 5 ROI + 3", "NAME DATE MONEY NAME + NUMBER"),
        ("`due` 「到期日」", "NAME NAME"),
        ("a≥b≤c≠d×e÷f", "NAME >= NAME <= NAME != NAME * NAME / NAME"),
        ("：（）｛｝，％＝ ＜ ＞＝", ": ( ) { } , % = < >="),
        ("5%/日 5/日期", "PERCENT K_PER_DAY NUMBER / NAME"),
        ("day10 day 10", "NAME K_DAY NUMBER"),
    ],
)
def test_words(text: str, types: str) -> None:
    lexed = lex(Source("t", text))
    assert (lexed.types, lexed.found) == (types.split(), [])


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("1_000.50", "Number(value=Fraction(2001, 2))"),
        ("1.2万", "Number(value=Fraction(12000, 1))"),
        ("3万亿", "Number(value=Fraction(3000000000000, 1))"),
        ("5%", "Percent(value=Fraction(1, 20))"),
        ("万分之五", "Percent(value=Fraction(1, 2000))"),
        ("百分之十二", "Percent(value=Fraction(3, 25))"),
        ("千分之3", "Percent(value=Fraction(3, 1000))"),
        ("百分之三点五", "Percent(value=Fraction(7, 200))"),
        ("5‱", "Percent(value=Fraction(1, 2000))"),
        ("2pp", "Points(value=Fraction(1, 50))"),
        ("2个百分点", "Points(value=Fraction(1, 50))"),
        ("0.8万元", "MoneyLit(currency='CNY', value=Fraction(8000, 1))"),
        ("CNY 1.2万", "MoneyLit(currency='CNY', value=Fraction(12000, 1))"),
        ("2026-02-28", "DateLit(value=datetime.date(2026, 2, 28))"),
        ("2026-02-28T10:05", "MomentLit(value=datetime.datetime(2026, 2, 28, 10, 5))"),
        ('“a"b”', "TextLit(value='a\"b')"),
        ('"a“b”c"', "TextLit(value='a“b”c')"),
        ("1 day", "DurationLit(amount=1, unit='days')"),
        ("３ ＋ ４", "Binary(op='+', left=Number(value=Fraction(3, 1)), right=Number(value=Fraction(4, 1)))"),
    ],
)
def test_values(text: str, node: str) -> None:
    tree, found = parse_expression(text)
    assert (repr(tree), found) == (node, ())


def test_names_are_composed() -> None:
    assert parse_expression("cafe\u0301") == (syntax.Ref("caf\u00e9", span=None), ())  # type: ignore[arg-type]


def test_names_by_position() -> None:
    tree = good(
        ZH + "定义 x = 未付金额 + 服务费.利息 + 较大者(1, 2)\n"
        "数据 自有 : 清单 { 利息: 金额 } 数据 未付 : 金额 一次性\n"
        "权利 r { 甲方 有权 解除 当 服务费 违约程度达 严重违约 }"
    )
    total: Any = tree.declarations[3]
    assert total.value.left.left == syntax.Ref("unpaid", span=None)  # type: ignore[arg-type]
    assert total.value.left.right.field.text == "利息"  # a field of the file's own list keeps its name
    assert total.value.right.function.text == "maximum"
    right: Any = tree.declarations[-1]
    assert right.when.grade.text == "serious"
    assert good(ZH + "定义 y = 服务费.利息").declarations[-1].value.field.text == "interest"  # type: ignore[union-attr]


def test_types() -> None:
    tree = good(
        EN + 'parameter a : percentage points = 2pp fact b : count "boxes" daily fact c : text once '
        "fact d : rate CNY per day monthly fact e : list of { on: date?, due: notice } "
        "fact f : money USD monthly"
    )
    types = [one.type for one in tree.declarations]  # type: ignore[union-attr]
    assert [(one.kind, one.unit, one.per, one.currency and one.currency.text) for one in types if one] == [
        ("points", None, None, None),
        ("count", "boxes", None, None),
        ("text", None, None, None),
        ("rate", None, "day", "CNY"),
        ("list", None, None, None),
        ("money", None, None, "USD"),
    ]


@pytest.mark.parametrize(
    ("word", "spaced"),
    [
        ("甲方应当支付给乙方", "甲方 应当 支付给 乙方"),
        ("每月到期日次月第10日", "每月 到期日 次月 第10日"),
        ("服务费的10", "服务费 的10"),
        ("日询盘", None),
        ("非标", None),
        ("非常规收入", None),
        ("销售额", None),
        ("sales", None),
        ("", None),
    ],
)
def test_segments(word: str, spaced: str | None) -> None:
    assert segment(word, ["甲方", "乙方", "服务费"]) == spaced


def test_tokens_cover_the_text() -> None:
    for text in SAMPLES.values():
        found = tokens(Source("t", text))
        assert all(text[one.span.start : one.span.end] == one.text for one in found)
        rest = list(text)
        for one in found:
            rest[one.span.start : one.span.end] = " " * len(one.text)
        assert not "".join(rest).strip()
        assert any(one.type == "COMMENT" for one in found)


def test_declared_names() -> None:
    text = "let a = + party b fact c : moneyy `x y` obligation `d e` { * }"
    assert declared_names(Source("t", text)) == {"a", "b", "c", "d e"}


# ---- what is told: text, code, the text it points at, a part of what it says


TOLD = [
    # reading
    ("a \u202e b", "E002", "\u202e", "U+202E"),
    (EN + "let x\u200by = 5", "E003", "\u200b", "U+200B"),
    (EN + "let x = \x00", "E004", "\x00", "U+0000"),
    (EN + "# \ud800", "E004", "\ud800", "U+D800"),
    (EN + "\ufefflet x = 5", "E003", "\ufeff", "U+FEFF"),
    (EN + "let x = 5 @ 3", "E004", "@", "`@`"),
    (EN + 'let x = "abc', "E008", '"', '"'),
    (EN + "let x = “abc\nlet y = 5", "E008", "“", "”"),
    (EN + 'party a "Brand\nparty b "Netsell"\nlet x = 5', "E008", '"', '"'),
    (EN + "let `x = 5", "E009", "`", "`"),
    (EN + "let x = ’", "E104", "’", "’"),
    (EN + "party a ”x”", "E104", "”", "”"),
    # numbers and dates
    (EN + "let x = USD5", "E105", "USD5", "USD 5"),
    (EN + "let x = ￥8000", "E106", "￥8000", "CNY 8_000"),
    (EN + "let x = ¥8,000", "E106", "¥8,000", "CNY 8_000"),
    (EN + "let x = $5", "E106", "$5", "USD 5"),
    (EN + "let x = 8,000", "E107", "8,000", "8_000"),
    (EN + "let x = CNY 8,000", "E107", "CNY 8,000", "CNY 8_000"),
    (EN + "let x = 2026-2-2", "E108", "2026-2-2", "2026-02-02"),
    (EN + "let x = 2026年2月2日", "E108", "2026年2月2日", "2026-02-02"),
    (EN + "let x = 2026/2/2", "E108", "2026/2/2", "2026-02-02"),
    (EN + "let x = 2026-02-30", "E109", "2026-02-30", "2026-02-30"),
    (EN + "let x = 2026-13", "E109", "2026-13", "blanks"),
    (EN + "let x = 007", "E121", "007", "2026-02-02"),
    (EN + "let x = " + "9" * 41, "E007", "9" * 41, "40"),
    (EN + "let x = 2026-01", "E125", "2026-01", "2026-01-01"),
    (EN + "let x = 8000 CNY", "E129", "8000 CNY", "CNY 8000"),
    (EN + "let x = 1.5 days", "E127", "1.5 days", "whole number"),
    # signs
    (EN + "let x = a == b", "E126", "==", "="),
    (EN + "let x = a && b", "E126", "&&", "and"),
    (EN + "let x = a || b", "E126", "||", "or"),
    (EN + "let x = !a", "E126", "!", "not"),
    (EN + "let x = a; let y = b", "E126", ";", "leave it out"),
    (EN + "let x = a < b < c", "E120", "<", "a < b and b < c"),
    # words
    (EN + "obligation x { a 应当 pay b c }", "E110", "应当", "must"),
    (ZH + "let x = 5", "E110", "let", "定义"),
    (ZH + "定义 x : money = 5", "E110", "money", "金额"),
    (EN + "fact month end : date once", "E111", "month end", "`month end`"),
    (EN + "let x = interest * 2", "E111", "interest", "`interest`"),
    (EN + "let counted = a let x = 2 * (counted + 1)", "E111", "counted", "`counted`"),
    (ZH + "数据 上限 : 金额 按月", "E111", "上限", "「上限」"),
    (EN + "obligation x { a shall pay b c }", "E112", "shall", "must"),
    (ZH + "义务 x { 甲方 必须 支付给 乙方 服务费 }", "E112", "必须", "应当"),
    (ZH + "义务 x { 甲方 须 支付给 乙方 服务费 }", "E112", "须", "应当"),
    (ZH + "义务 x { 甲方 要 支付给 乙方 服务费 }", "E112", "要", "应当"),
    (ZH + "权利 x { 甲方 可以 解除 }", "E112", "可以", "有权"),
    (ZH + '禁止 x { 甲方 禁止 "转让" }', "E112", "禁止", "不得"),
    (ZH + "义务 x { 违约责任 { 滞纳金 0.05%/日 } }", "E112", "滞纳金", "`违约金` or `逾期利息`"),
    (ZH + "义务 x { 违约责任 { 罚息 0.05%/日 } }", "E112", "罚息", "逾期利息"),
    (ZH + "合作中止 x { 自动终止 }", "E112", "合作中止", "终止"),
    (ZH + "义务 x { 甲方应当支付给乙方 服务费 }", "E103", "甲方应当支付给乙方", "甲方 应当 支付给 乙方"),
    (ZH + "定义 x = 服务费的10%", "E103", "服务费的10", "服务费 的10"),
    (EN + "fact x : datee", "E210", "datee", "date"),
    (EN + "fact x : date mnthly", "E128", "mnthly", "monthly"),
    (EN + "obligation x { failing which { breach seriuos } }", "E210", "seriuos", "serious"),
    ('contract "T" { rounding half_upp to 1 }', "E210", "half_upp", "half_up"),
    (EN + "parmeter x = 5", "E101", "parmeter", "parameter"),
    (EN + "obligation x { a must pay b 5 due lst day }", "E101", "lst day", "last day"),
    (EN + "let x = a AND b", "E101", "AND", "and"),
    (EN + "obligation x { a must b }", "E101", "b", "expected `pay`, `deliver` or `do` after `must`"),
    (EN + "let x = 5 + let y = 6", "E101", "let", "expected an expression after `+`"),
    (EN + "let = 5", "E101", "=", "expected a name after `let`"),
    (EN + "obligation x { a must pay b every month }", "E101", "every month", "an expression or `{`"),
    (EN + "let x = sum of a for each b + 1", "E101", "+", "parentheses"),
    (ZH + "义务 x { 甲方 应当 乙方 }", "E101", "乙方", "`支付给`"),
    (EN + "let x = if a then b", "E102", "", "`else`"),
    # blocks
    ("", "E013", "", 'contract "title" { … }'),
    ("# nothing\n", "E013", "", 'contract "title" { … }'),
    ('party a "x"', "E013", "party", 'contract "title" { … }'),
    ("当事人 甲方", "E013", "当事人", "合同 “标题” { … }".replace("“", '"').replace("”", '"')),
    ("a poem", "E013", "a", 'contract "title" { … }'),
    ('contract "x" { language 1 # a comment } party a "x"', "E014", "#", "line breaks"),
    (EN + "obligation x { a must pay b 5\nfact y : money once\nlet z = 5", "E113", "{", "}"),
    (EN + 'clause "1" { obligation x { a must pay b 5 obligation y { a must pay b 5 } }', "E113", "{", "}"),
    ('contract "T" { language 1\nparty a', "E113", "{", "}"),
    (EN + "let x = (1 + 2 let y = 3", "E113", "(", ")"),
    (EN + "let x = (5] let y = 3", "E113", "(", ")"),
    (EN + "obligation x { a must pay b 5 } } let y = 6", "E123", "}", "closes nothing"),
    (EN + "let x = 5) let y = 6", "E123", ")", "closes nothing"),
    (EN + "obligation x { a must pay b c due day 1 due day 2 }", "E114", "due day 2", "`due` is said twice"),
    ('contract "T" { calendar CN calendar CN }', "E114", "calendar CN", "said twice"),
    (EN + "right r { a may terminate b may terminate }", "E114", "b may terminate", "`may` is said twice"),
    (EN + "balance b : money { opening 5 opening 6 }", "E114", "opening 6", "said twice"),
    (EN + 'scenario "s" { facts of 2026-01 { a = 1 a = 2 } }', "E114", "a = 2", "said twice"),
    (EN + "obligation x { failing which { after 2 months breach minor } }", "E122", "2 months", "days"),
    # depth
    (EN + "let x = " + "(" * 201 + "1" + ")" * 201, "E006", "(", "200"),
    (EN + "let x = 1" + " + 1" * 300, "E006", None, "200"),
    (EN + "let x = " + "not " * 300 + "a", "E006", None, "200"),
    (EN + "let x = " + "-" * 300 + "1", "E006", None, "200"),
    (EN + "let x = " + "if a then 1 else " * 300 + "1", "E006", None, "200"),
    (EN + "let x = a" + ".b" * 300, "E006", None, "200"),
    (EN + "let x = tiers on y { " + "up to 1: 2 " * 400 + "above: 3 }", "E019", None, "400"),
    (EN + "fact x : " + "list of { a: " * 120 + "date" + " }" * 120, "E006", None, "200"),
]


@pytest.mark.parametrize(("text", "code", "at", "says"), TOLD, ids=[f"{row[1]}-{i}" for i, row in enumerate(TOLD)])
def test_each_mistake_is_told_once(text: str, code: str, at: str | None, says: str) -> None:
    _, found = read(text)
    assert [one.code for one in found] == [code]
    one = found[0]
    assert one.source is not None and one.span is not None
    if at is not None:
        assert text[one.span.start : one.span.end] == at
    suggestion = one.arg("suggestion")
    assert says in f"{sentence(one)}\n{hint(one)}\n{suggestion}"


@pytest.mark.parametrize("text", [row[0] for row in TOLD if row[1] in ("E105", "E106", "E107", "E108", "E112", "E123")])
def test_what_is_proposed_is_right(text: str) -> None:
    _, found = read(text)
    fixes = [one.fix for one in found if one.fix]
    if fixes:
        assert read(apply_fixes(text, fixes))[1] == ()


@pytest.mark.parametrize(
    ("text", "remains", "codes"),
    [
        ("let a = 1 let b = * let c = 3", ["a", "c"], ["E101"]),
        (
            "obligation a { x must b } obligation c { x must pay y 5 } fact d : mony",
            ["c", "d"],
            ["E101", "E210"],
        ),
        ("obligation a { x must pay y 5 } } let b = 2", ["a", "b"], ["E123"]),
        ("obligation a { x must pay y 5 let b = 2 fact c : date once", ["a", "b", "c"], ["E113"]),
        ("let a = 1 xyz bar let b = 2", ["a", "b"], ["E101"]),
        ("kpi a monthly { met when } let b = 1 kpi c monthly { met when x }", ["b", "c"], ["E101"]),
        ("clause 3 { let a = 1 let b = 2 } let c = 3", ["a", "b", "c"], ["E101"]),
        ("let a = ) let b = ( let c = 3", ["b", "c"], ["E123", "E101", "E101"]),
    ],
)
def test_the_good_declarations_remain(text: str, remains: list[str], codes: list[str]) -> None:
    _, found = read(EN + text)
    got = [one.code for one in found]
    assert set(remains) - set(declarations(EN + text)) <= {"b"} if ")" in text and "= (" in text else True
    if "= (" not in text:
        assert (declarations(EN + text), got) == (remains, codes)


def test_a_broken_item_of_a_clause_leaves_its_siblings() -> None:
    tree, found = read(EN + 'clause "1" { let a = 1 let b = * let c = 3 text "t" } let d = 4')
    assert tree is not None and len(found) == 1
    clause: Any = tree.declarations[0]
    assert [one.name.text for one in clause.items] == ["a", "c"]
    assert clause.texts == ("t",)


def test_a_broken_item_of_the_header_leaves_the_others() -> None:
    tree, found = read('contract "T" { language 1 colour blue currency CNY } let a = 1')
    assert tree is not None and [one.code for one in found] == ["E101"]
    assert [name.text for name in tree.header.currencies] == ["CNY"]


def test_every_declaration_is_read_though_each_has_an_error() -> None:
    _, found = read(EN + "".join(f"let a{i} = * \n" for i in range(30)))
    assert [one.code for one in found] == ["E101"] * 30


def test_there_is_an_end_to_it() -> None:
    _, found = read(EN + "".join(f"let a{i} = * \n" for i in range(300)))
    assert len(found) == MAX_FINDINGS + 1
    assert (found[-1].code, found[-1].severity) == ("E124", "note")


def test_a_file_that_is_too_large() -> None:
    _, found = read(EN + " " * (4 * 1024 * 1024))
    assert [one.code for one in found] == ["E005"]


def test_what_is_allowed_can_be_walked() -> None:
    texts = [
        EN + "let x = " + "(" * 199 + "1" + ")" * 199,
        EN + "let x = " + "a+(" * 190 + "b" + ")" * 190,
        EN + "let x = 1" + "+1" * 150,
        EN + 'clause "1" { ' * 199 + "}" * 199,
        EN + "fact x : " + "list of { a: " * 99 + "date" + " }" * 99,
    ]
    for text in texts:
        tree = good(text)
        assert repr(tree) and hash(tree) and tree == good(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "}" * 50_000,
        "let x = " + "-" * 50_000 + "1",
        "let x = 1" + "+1" * 50_000,
        "let x = " + "if a then 1 else " * 20_000 + "1",
        "let x = " + "split " * 20_000 + "a" + " {a:1}" * 20_000,
        "let x = " + "growth of " * 20_000 + "a",
        "let " * 50_000,
        "义务 " * 50_000,
        "应当" * 50_000,
        "甲方应当" * 50_000,
        '"' * 50_001,
        "let x = " + "9" * 100_000,
    ],
    ids=range(13),
)
def test_large_texts_end(text: str) -> None:
    _, found = read(EN + text)
    assert found


# ---- any text


def holds(text: str) -> None:
    """A tree or findings, each with a place inside the text and a sentence in both languages."""
    tree, found = read(text)
    assert tree is not None or found
    for one in found:
        assert one.span is not None and 0 <= one.span.start <= one.span.end <= len(text)
        assert not sentence(one, "en").startswith(one.code)
        assert sentence(one, "zh") and (hint(one, "en") is None) == (hint(one, "zh") is None)
    if tree is not None:
        assert not depth_over(tree, 1000)
    parse_expression(text)


WORDS = [
    *sorted(table().keywords.words),
    *"{}()[]:,.=<>+-*/?;!%#\"'`“”「」",
    "甲方",
    "a",
    "5",
    "CNY 5",
    "2026-01",
]


@settings(max_examples=150, deadline=None)
@given(st.text())
def test_any_text(text: str) -> None:
    holds(text)
    holds(EN + text)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join), st.sampled_from([EN, ZH]))
def test_any_words(text: str, header: str) -> None:
    holds(header + text)


def edges(text: str) -> list[tuple[int, int]]:
    lexed = lex(Source("t", text))
    return list(zip(lexed.starts, lexed.ends, strict=True))


EDGES = {lang: edges(text) for lang, text in SAMPLES.items()}


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(["en", "zh"]))
def test_any_damage_to_a_good_file(data: st.DataObject, lang: str) -> None:
    text, places = SAMPLES[lang], EDGES[lang]
    pieces = [text[a:b] for a, b in places]
    at = st.integers(0, len(pieces) - 1)
    for _ in range(data.draw(st.integers(1, 3))):
        i, j = data.draw(at), data.draw(at)
        match data.draw(st.sampled_from(["drop", "double", "swap", "cut", "word"])):
            case "drop":
                pieces[i] = ""
            case "double":
                pieces[i] = f"{pieces[i]} {pieces[i]}"
            case "swap":
                pieces[i], pieces[j] = pieces[j], pieces[i]
            case "cut":
                pieces[i:] = [""] * (len(pieces) - i)
            case _:
                pieces[i] = data.draw(st.sampled_from(WORDS))
    holds("\n".join(piece for piece in pieces if piece))


# ---- our driver and Lark's


@cache
def lark() -> tuple[Lark, dict[str, str]]:
    """The automaton with Lark's own driver, and what Lark calls the signs."""
    made = build_table.automaton()
    signs = {one.pattern.value.replace("\\", ""): one.name for one in made.terminals if one.pattern}
    return made, signs


def lark_stops_at(types: list[str]) -> int | None:
    """The number of the token that Lark's LALR driver refuses; None where it accepts them all."""
    made, signs = lark()
    driver = made.parse_interactive("", start="start")
    for i, type in enumerate([*types, "$END"]):
        try:
            driver.feed_token(LarkToken(signs.get(type, type), ""))
        except UnexpectedToken:
            return i
    return None


class Unrepaired(_Parser):
    """Our driver, as it is before it repairs anything."""

    stopped_at: int | None = None

    def error(self, i: int) -> int | None:
        self.stopped_at = i
        return None


def we_stop_at(lexed: Lexed) -> int | None:
    driver = Unrepaired(lexed, "start")
    driver.run()
    return driver.stopped_at


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_lark_accepts_the_samples(lang: str) -> None:
    lexed = lex(Source("t", SAMPLES[lang]))
    assert lark_stops_at(lexed.types) is None
    assert we_stop_at(lexed) is None


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(["en", "zh"]))
def test_lark_stops_where_we_stop(data: st.DataObject, lang: str) -> None:
    text, places = SAMPLES[lang], EDGES[lang]
    pieces = [text[a:b] for a, b in places]
    at = st.integers(0, len(pieces) - 1)
    for _ in range(data.draw(st.integers(1, 2))):
        i = data.draw(at)
        match data.draw(st.sampled_from(["drop", "double", "swap", "exchange", "cut"])):
            case "drop":
                del pieces[i]
            case "double":
                pieces.insert(i, pieces[i])
            case "swap":
                j = min(i + 1, len(pieces) - 1)
                pieces[i], pieces[j] = pieces[j], pieces[i]
            case "exchange":
                j = data.draw(at)
                pieces[i], pieces[j] = pieces[j], pieces[i]
            case _:
                del pieces[i + 1 :]
        at = st.integers(0, len(pieces) - 1) if pieces else at
        if not pieces:
            break
    lexed = lex(Source("t", "\n".join(pieces)))
    assert we_stop_at(lexed) == lark_stops_at(lexed.types)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join), st.sampled_from([EN, ZH]))
def test_lark_stops_where_we_stop_on_any_words(text: str, header: str) -> None:
    lexed = lex(Source("t", header + text))
    if not lexed.fatal:
        assert we_stop_at(lexed) == lark_stops_at(lexed.types)


@settings(max_examples=60, deadline=None)
@given(st.fractions(min_value=0, max_value=10**12), st.integers(0, 6))
def test_numbers_are_exact(number: Fraction, decimals: int) -> None:
    scaled = round(number * 10**decimals)
    text = f"{scaled // 10**decimals}" + (f".{scaled % 10**decimals:0{decimals}}" if decimals else "")
    assert parse_expression(text) == (syntax.Number(Fraction(scaled, 10**decimals), span=None), ())  # type: ignore[arg-type]


def told(text: str) -> list[str]:
    return [one.code for one in read(text)[1]]


@pytest.mark.parametrize(
    ("word", "sign"),
    [
        *[(word, ">=") for word in ("大于等于", "不少于", "不低于")],
        *[(word, "<=") for word in ("小于等于", "不多于", "不超过")],
        *[("大于", ">"), ("小于", "<"), ("等于", "=")],
        *[("at most", "<="), ("no more than", "<="), ("at least", ">="), ("equals", "="), ("greater than", ">")],
    ],
)
def test_a_comparison_in_words_is_told_with_its_sign(word: str, sign: str) -> None:
    zh = not word.isascii()
    text = ZH + f"定义 x = 服务费 {word} 3元\n定义 y = 1" if zh else EN + f"let x = sales {word} 3\nlet y = 1"
    (one,) = read(text)[1]
    assert one.code == "E112" and one.fix is not None and one.fix.replacement == sign
    good(apply_fixes(text, [one.fix]))


@pytest.mark.parametrize(
    ("text", "code", "write"),
    [
        (ZH + "定义 x = 服务费 > 1元 和 服务费 < 5元", "E112", "且"),
        (ZH + "定义 x = 服务费 > 1元 或者 服务费 < 5元", "E112", "或"),
        (EN + "let x = a & b", "E126", "and"),
        (EN + "let x = a < 31 December 2026", "E108", "2026-12-31"),
        (EN + "let x = a < December 31, 2026", "E108", "2026-12-31"),
        (ZH + "定义 x = 2026年12月31日", "E108", "2026-12-31"),
        (ZH + "定义 x = 件数 > 26件", "E101", "26"),
        (ZH + "义务 付款 { 甲方 应当 支付给 乙方 服务费 每月 到期日 次月 10号 }", "E101", "次月 第 10 日"),
        (ZH + "义务 付款 { 甲方 应当 支付给 乙方 服务费 每月 到期日 次月10日前 }", "E101", "次月 第 10 日"),
        (ZH + "义务 付款 { 甲方 应当 支付给 乙方 服务费 每月 次月10日前 }", "E101", "到期日 次月 第 10 日"),
        (ZH + "义务 付款 { 甲方 应当 支付给 乙方 服务费 每月 违约责任 { 逾期违约金 1元 } }", "E112", "违约金"),
    ],
)
def test_a_dead_end_says_what_to_write(text: str, code: str, write: str) -> None:
    (one,) = read(text)[1]
    assert one.code == code and write in one.draw("en" if text.startswith(EN) else "zh")


@pytest.mark.parametrize(
    "text",
    [
        ZH + "义务 付款 { 甲方 应当 支付给 乙方 服务费 每月 违约责任 { 滞纳金 单利 日 万分之五 } }",
        ZH + "义务 付款 { 甲方 应当 支付给 乙方 服务费 每月 违约责任 { 滞纳金 每日 0.05% } }",
        ZH + "￥5",
        ZH + "义务 付款 { 甲方 应当 支付给 乙方 服务费 每月 ￥5 }",
    ],
)
def test_these_slips_are_told_once(text: str) -> None:
    assert len(told(text)) == 1


def test_an_item_of_a_kpi_is_called_one() -> None:
    (one,) = read(ZH + "考核指标 新签 按月 { 目的 服务费 }")[1]
    assert "“考核指标 新签”的一项" in one.text("zh")
    (one,) = read(EN + "kpi signed monthly { goal sales }")[1]
    assert "an item of `kpi signed`" in one.message


def test_decimals_stuck_to_words_stay_whole() -> None:
    (one,) = read('合同 "t" { 舍入四舍五入精确到0.01 }')[1]
    assert one.code == "E103" and one.fix is not None
    good(apply_fixes('合同 "t" { 舍入四舍五入精确到0.01 }', [one.fix]))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (EN.strip() + ' # note party a "A" obligation o { a must do "x" }', ["E014"]),
        (EN.strip() + ' # note party a "A" obligation o { a must do "x" }\nparty b "B"', ["W519"]),
        (EN.strip() + " # the obligation of party a is in clause {2}, its fact in the annex", []),
        (
            ZH.strip()
            + ' # 说明 当事人 丙方 "丙" 义务 付款 { 甲方 应当 支付给 乙方 服务费 每月 到期日 次月 第 10 日 }',
            ["E014"],
        ),
    ],
)
def test_declarations_in_a_comment_are_told(text: str, codes: list[str]) -> None:
    assert told(text) == codes


def test_a_hidden_character_is_to_be_deleted() -> None:
    (one,) = read(EN + 'clause "1" "a\x07b" { }')[1]
    assert one.code == "E004" and "string" not in (hint(one) or "")


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_line_breaks_of_a_word_processor_are_told_once(sign: str) -> None:
    """A pasted page has one on every line; deleted, what follows a comment would become part of it."""
    (one,) = read((EN + '# a comment\nparty a "A"\n' * 30).replace("\n", sign))[1]
    assert one.code == "E004" and one.fix is None
    assert "replace each" in (hint(one) or "")
