"""Canonical layout and translation: nothing is lost, nothing changes its meaning, and the way back is the same file."""

# ruff: noqa: E501  (a line of a contract is as wide as it is)

from __future__ import annotations

import os
import stat
from functools import cache
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Agreement, agreements

import clausal
from clausal.cli import main
from clausal.dsl import builtins
from clausal.dsl.compile import compile_text
from clausal.dsl.diagnostics import Diagnostic, Source, display_width, has_errors
from clausal.dsl.format import formatted, language, layout, translated
from clausal.dsl.format.layout import WIDTH
from clausal.dsl.format.spelling import TAKES_WORDS
from clausal.dsl.keywords import Lang
from clausal.dsl.lexer import lex
from clausal.dsl.parse import parse, parse_part

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = sorted((ROOT / "contracts").rglob("*.contract"))
SAMPLES = [ROOT / "tests" / "samples" / f"{lang}.contract" for lang in ("en", "zh")]
CASES = sorted((ROOT / "tests" / "conformance").rglob("*.contract"))
# Every case takes half a minute; `EVERY_CASE=1` takes them all.
CASES_HERE = CASES if "EVERY_CASE" in os.environ else CASES[3::16]
EN = 'contract "T" { language 1 }\n'
ZH = '合同 "T" { 语言版本 1 }\n'


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig")


def fmt(text: str) -> str:
    made, found = formatted(Source("t.contract", text))
    assert made is not None, [one.message for one in found]
    assert found == ()
    return made


def turned(text: str, lang: Lang) -> tuple[str, tuple[Diagnostic, ...]]:
    made, found = translated(Source("t.contract", text), lang)
    assert made is not None, [one.message for one in found]
    return made, found


def other(text: str) -> Lang:
    return "en" if language(Source("", text)) == "zh" else "zh"


def exact(text: str) -> str:
    """The translation of a text that must come back to the letter."""
    there, found = turned(text, other(text))
    assert found == ()
    back, found = turned(there, other(there))
    assert found == () and back == text
    return there


def comments(text: str) -> list[str]:
    return [text[start:end].strip() for start, end in lex(Source("", text)).comments]


def sound(text: str) -> bool:
    source = Source("", text)
    whole = "K_CONTRACT" in lex(source).types
    return not has_errors((parse(source) if whole else parse_part(source))[1])


# ---- layout ----------------------------------------------------------------------------------------------------------

LAYOUT = {
    "blocks, blanks, digits and signs": (
        EN + "party a\nparty b\r\nkpi k monthly{met when x>=5 and y≠3×2}  \n\n\n\nlet x : number=１２",
        EN + "party a\nparty b\nkpi k monthly { met when x >= 5 and y != 3 * 2 }\n\nlet x : number = 12\n",
    ),
    "the byte order mark goes, one newline stays at the end": ("\ufeff" + EN + "\n\n", EN),
    "a block on many lines has blank lines only between its items": (
        'contract "T" {\n\n  language 1\n\n\n    currency CNY\n\n}',
        'contract "T" {\n  language 1\n\n  currency CNY\n}\n',
    ),
    "names, types and what follows them stand below one another": (
        EN + 'fact sales : money monthly source "ERP"\nfact dealers_signed : count "dealers" monthly\nfact receipts : payments',
        EN
        + 'fact sales          : money           monthly source "ERP"\n'
        + 'fact dealers_signed : count "dealers" monthly\n'
        + "fact receipts       : payments\n",
    ),
    "a Chinese character is two columns wide": (
        ZH + "参数 服务费 : 金额 = 8_000元\n参数 a : 数量 \"家\" = 5\n参数 逾期费率 : 费率 /日 = 万分之五 /日",
        ZH
        + '参数 服务费   : 金额      = 8_000元\n参数 a        : 数量 "家" = 5\n参数 逾期费率 : 费率/日   = 万分之五/日\n',
    ),
    "a blank line or a comment of its own parts what is aligned": (
        EN + "let a = 1\nlet bbb = 2\n\nlet cc = 3\n# now\nlet ddddd = 4",
        EN + "let a   = 1\nlet bbb = 2\n\nlet cc = 3\n# now\nlet ddddd = 4\n",
    ),
    "tiers": (
        EN + "let x = tiers whole per month on y {\nup to CNY 100万: 5%\nabove: 3% }",
        EN + "let x = tiers whole per month on y {\n  up to CNY 100万: 5%\n  above:           3%\n}\n",
    ),
    "tiers on one line stay there, two blanks apart": (
        EN + "let x = tiers whole per month on y {up to 3:5% above:3%}",
        EN + "let x = tiers whole per month on y { up to 3: 5%  above: 3% }\n",
    ),
    "cases": (
        EN + "let x = choose {\nwhen y > 1: 5\nwhen y > 10 and z: 6 otherwise: 7 }",
        EN + "let x = choose {\n  when y > 1:        5\n  when y > 10 and z: 6\n  otherwise:         7\n}\n",
    ),
    "a condition that was broken by hand stays broken": (
        EN + "right r {\nclient may terminate\nwhen a\n            and b\nor c }",
        EN + "right r {\n  client may terminate\n  when a\n    and b\n    or c\n}\n",
    ),
    "items that stand on one line of a block stay together": (
        EN + 'obligation o {\na must do "x"\nevery month   due last day\n}',
        EN + 'obligation o {\n  a must do "x"\n  every month due last day\n}\n',
    ),
    "records are rows": (
        EN + 'scenario "s" {\nfacts of 2026-01 { orders=[{no:"1",cost:CNY 5},{no:"12345",cost:CNY 50}] receipts=[]\n}}',
        EN
        + 'scenario "s" {\n  facts of 2026-01 {\n    orders = [ { no: "1", cost: CNY 5 }, { no: "12345", cost: CNY 50 } ]  receipts = []\n  }\n}\n',
    ),
    "records on several lines are a table": (
        EN + 'scenario "s" {\nfacts of 2026-01 { orders=[\n{no:"1",cost:CNY 5},{no:"12345",cost:CNY 50}] receipts=[]}}',
        EN
        + 'scenario "s" {\n  facts of 2026-01 {\n    orders = [\n      { no: "1",     cost: CNY 5 },\n      { no: "12345", cost: CNY 50 }\n    ]\n    receipts = []\n  }\n}\n',
    ),
    "assignments on their own lines": (
        EN + 'scenario "s" {\nfacts of 2026-01 {\na=1\nlong_name=-2\n}}',
        EN + 'scenario "s" {\n  facts of 2026-01 {\n    a         = 1\n    long_name = -2\n  }\n}\n',
    ),
    "comments": (
        "# first\n" + EN + "\n\n# of its own\nparty a   #   behind\nparty long_name # behind too\n{}\n# last".replace("{}\n", ""),
        "# first\n" + EN + "\n# of its own\nparty a          #   behind\nparty long_name  # behind too\n# last\n",
    ),
    "comments in a block": (
        EN + 'clause "1" { # opens\n# of its own\n\n# and one more\nparty a\n# closes\n}',
        EN + 'clause "1" {  # opens\n  # of its own\n\n  # and one more\n  party a\n  # closes\n}\n',
    ),
    "what is said once more stays with its declaration": (
        EN + 'parameter x : number = 5\nnote "why"\nlet y = x',
        EN + 'parameter x : number = 5\n  note "why"\nlet y = x\n',
    ),
    "texts over several lines are the same": (
        EN + 'clause "1" { text "one\n      two" note "three" }',
        EN + 'clause "1" {\n  text "one\n      two" note "three"\n}\n',
    ),
    "full-width signs are folded outside of texts, comments and names": (
        ZH + "定义　x＝（５＋３）＊２　＃　（备注）\n条款　“１”　｛原文　“（５）”｝",
        ZH + "定义 x = (5 + 3) * 2  ＃　（备注）\n条款 “１” { 原文 “（５）” }\n",
    ),
    "quotes of names that need none": (
        EN + "let `x` = 1\nlet `due` = `x` + `month end`\nlet 「客户 a」 = `for`",
        EN + "let x        = 1\nlet `due`    = x + `month end`\nlet `客户 a` = `for`\n",
    ),
    "one, and more than one": (
        EN + "let x = 1 days\nlet y = 2 day\nlet z = a for 1 consecutive months",
        EN + "let x = 1 day\nlet y = 2 days\nlet z = a for 1 consecutive month\n",
    ),
    "one spelling of each phrase": (
        EN + "right r { a may terminate lapses 90 days }\nlet x = y missed consecutive 3 months\nlet z = 8_000元 + USD   5",
        EN
        + "right r { a may terminate lapses after 90 days }\nlet x = y missed for 3 consecutive months\nlet z = CNY 8_000 + USD 5\n",
    ),
    "one spelling of each phrase in Chinese": (
        ZH + "定义 x = CNY 8_000\n权利 r { 甲方 有权 暂停履行 o 解扣日 d 行使期限 9日 内 }\n义务 o { 甲方 不得 \"a\" }".replace("义务 o { 甲方 不得 \"a\" }", ""),
        ZH + "定义 x = 8_000元\n权利 r { 甲方 有权 暂停履行 o 恢复履行日 d 行使期限 9日 }\n",
    ),
    "numbers stay as they are written": (
        EN + "let x = 8000 + 8_000 + 10_00.50 + 万分之五 + 2个百分点",
        EN + "let x = 8000 + 8_000 + 10_00.50 + 万分之五 + 2pp\n",
    ),
    "signs": (
        EN + "let x = - 5 + minimum ( a , b ) . c - ( - y )",
        EN + "let x = -5 + minimum(a, b).c - (-y)\n",
    ),
    "an empty block": (EN + "clause \"1\" {\n\n}", EN + 'clause "1" {}\n'),
    "declarations only": ("party   a\nparty  b", "party a\nparty b\n"),
    "comments only": ("\n\n  # nothing\n\n\n# more", "# nothing\n\n# more\n"),
    "nothing": ("\n  \n", ""),
}  # fmt: skip


@pytest.mark.parametrize(("given", "wanted"), LAYOUT.values(), ids=LAYOUT)
def test_layout(given: str, wanted: str) -> None:
    assert fmt(given) == wanted
    assert fmt(wanted) == wanted


def test_what_is_too_wide_is_broken_at_its_braces() -> None:
    wide = ", ".join(f"field_number_{n}: money" for n in range(6))
    made = fmt(EN + f"fact x : list of {{ {wide} }} dated by field_number_1")
    assert made == (
        EN + "fact x : list of {\n"
        "  field_number_0: money, field_number_1: money, field_number_2: money, field_number_3: money,\n"
        "  field_number_4: money, field_number_5: money\n"
        "} dated by field_number_1\n"
    )
    text = 'text "' + "字" * 40 + '"'
    assert fmt(EN + f'clause "1" "A title" {{ {text} }}') == EN + f'clause "1" "A title" {{\n  {text}\n}}\n'


def test_an_item_for_itself_on_each_line_of_a_block_that_is_broken() -> None:
    obligation = (
        "obligation o { a must pay b 5% of some_long_name every month due day 10 of next month performed by receipts }"
    )
    assert fmt(EN + obligation).splitlines()[1:] == [
        "obligation o {",
        "  a must pay b 5% of some_long_name",
        "  every month",
        "  due day 10 of next month",
        "  performed by receipts",
        "}",
    ]


# ---- nothing is lost -------------------------------------------------------------------------------------------------


def commented(text: str, at: int) -> str:
    """The text with a comment before each token (`at` -1), or before one."""
    lexed = lex(Source("", text))
    pieces, end = [], 0
    for n, (start, stop) in enumerate(zip(lexed.starts, lexed.ends, strict=True)):
        mark = f"# comment {n}\n" if at in (-1, n) else ""
        pieces += [text[end:start], mark, text[start:stop]]
        end = stop
    return "".join([*pieces, text[end:], "\n# the last"])


@pytest.mark.parametrize("path", SAMPLES, ids=["en", "zh"])
def test_a_comment_between_any_two_words_survives(path: Path) -> None:
    text = commented(text_of(path), -1)
    made = fmt(text)
    assert comments(made) == comments(text)
    assert fmt(made) == made
    there, _ = turned(made, other(made))
    assert comments(there) == comments(text)


SMALL = {
    "en": EN + 'obligation o { a must pay b 10% of x of previous month every month due day 5 of next month grace 1 day\n failing which { after 3 days breach minor } }\nright r { b may withhold o when k missed for 2 consecutive months lapses 10 days after month end }',
    "zh": ZH + '义务 o { 甲方 应当 支付给 乙方 上月 的 x 的 10% 每月 到期日 次月第5日 宽限期 1日\n 违约责任 { 逾期超过 3日 构成违约 一般违约 } }\n权利 r { 乙方 有权 拒付 o 当 k 未达成 连续 2个月 行使期限 自 月末 起 10日 内 }',
}  # fmt: skip


@pytest.mark.parametrize("lang", SMALL)
def test_a_comment_at_one_place(lang: str) -> None:
    for at in range(len(lex(Source("", SMALL[lang])).starts)):
        text = commented(SMALL[lang], at)
        made = fmt(text)
        assert comments(made) == comments(text)
        assert fmt(made) == made
        assert comments(turned(made, other(made))[0]) == comments(text)


def test_blanks_and_tabs_before_a_line_break_go_and_lines_fit() -> None:
    for path in SHIPPED:
        for line in text_of(path).split("\n"):
            assert line == line.rstrip() and "\t" not in line
            if "{ " in line and "text" not in line and "#" not in line and "原文" not in line:
                assert display_width(line) <= WIDTH + 20


def test_a_part_with_a_scenario_that_says_contract_is_a_part() -> None:
    part = 'scenario "s" {\n  as_of 2026-03-31\n  expect contract active\n}\n'
    assert fmt(part) == part


def test_a_date_that_a_word_follows_at_once_is_a_date() -> None:
    made = fmt('contract "T" { term from 2026-01-01to 2026-12-31rounding half_up to 0.01 }')
    assert "from 2026-01-01 to 2026-12-31 rounding" in made


def test_a_blank_line_that_is_not_drawn_parts_no_comments() -> None:
    """The blank line between a brace and its first item goes, so comments stand in one column the first time already."""
    made = fmt(EN + 'clause "1" {  # one\n\n  party a  # two\n}\n')
    assert made == fmt(made)


def test_a_formatted_agreement_says_the_same_in_both_languages() -> None:
    """Law B8.12 on generated contracts, in both keyword sets, with the checker's findings."""
    checked = 0

    @given(agreements())
    @settings(max_examples=6)
    def holds(agreement: Agreement) -> None:
        nonlocal checked
        text = agreement.text()
        made = fmt(text)
        assert parse(Source("", made))[0] == parse(Source("", text))[0]
        assert fmt(made) == made
        there = exact(made)
        assert parse(Source("", there))[0] == parse(Source("", fmt(there)))[0]
        assert [one.code for one in compile_text(there, "t")[1]] == [one.code for one in compile_text(text, "t")[1]]
        checked += 1

    holds()
    assert checked >= 6


@cache
def bases() -> tuple[str, ...]:
    return tuple(text_of(path) for path in [*SAMPLES, *CASES[::7]] if path.stat().st_size < 6_000)


SLIPS = ["\n", "# c\n", "\n\n\n", " ", "\t", "　", "(", ")", "{", "}", "[", "]", ":", ",", ".", "=", "#", "5", "%", "万", "元", '"', "`", "「", "的", "内", "日"]  # fmt: skip


def damaged(text: str, random: Random) -> str:
    """The text with words deleted, doubled or swapped, or with something put in."""
    for _ in range(random.choice([1, 1, 2, 4])):
        lexed = lex(Source("", text))
        spans = list(zip(lexed.starts, lexed.ends, strict=True))
        if len(spans) < 3:
            return text
        start, end = random.choice(spans)
        match random.randrange(5):
            case 0:
                text = text[:start] + text[end:]
            case 1:
                text = text[:end] + " " + text[start:end] + text[end:]
            case 2:
                (a, b), (c, d) = sorted(random.sample(spans, 2))
                text = text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]
            case 3:
                text = text[:start] + random.choice(SLIPS) + text[start:]
            case _:
                at = random.randrange(len(text))
                text = text[:at] + random.choice(["", random.choice(SLIPS)]) + text[at + 1 :]
    return text


@pytest.mark.parametrize("slip", [("# why", "# because"), ("# why", ""), ("= 1", "= 2"), ("let y", "let x")])
def test_a_mistake_of_our_own_writes_nothing(
    slip: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the layout made, it is read again and must say the same, comments included."""
    monkeypatch.setattr("clausal.dsl.format.laid_out", lambda *given: layout.laid_out(*given).replace(*slip))
    path = tmp_path / "a.contract"
    path.write_text(EN + "let x =1 # why\nlet y = 3\n", "utf-8")
    assert [one.code for one in formatted(Source("", path.read_text("utf-8")))[1]] == ["X904"]
    done = run("fmt", str(path), "--write")
    assert done.exit_code == 70 and "X904" in done.stderr
    assert path.read_text("utf-8") == EN + "let x =1 # why\nlet y = 3\n"


@given(st.integers(0, 2**32))
@settings(max_examples=80)
def test_a_damaged_text_is_refused_or_keeps_its_meaning(seed: int) -> None:
    random = Random(seed)
    text = damaged(random.choice(bases()), random)
    made, found = formatted(Source("t.contract", text))
    if made is None:
        assert has_errors(found) and not any(one.code.startswith("X") for one in found)
        assert not sound(text)
        assert translated(Source("t.contract", text), other(text))[0] is None or other(text) == language(
            Source("", text)
        )
    else:
        assert comments(made) == comments(text)
        assert fmt(made) == made


# ---- translation -----------------------------------------------------------------------------------------------------

PAIRS = [
    ("let x = sales of previous month", "定义 x = 上月 的 sales"),
    ("let x = 10% of sales of previous month", "定义 x = 上月 的 sales 的 10%"),
    ("let x = 0.5% per week of sales", "定义 x = sales 的 0.5%/周"),
    ("let x = 10% of (a + b)", "定义 x = (a + b) 的 10%"),
    ("let x = 10% of -a", "定义 x = (-a) 的 10%"),
    ("let x = k.attainment of previous month", "定义 x = 上月 的 (k.达成率)"),
    ("let x = (a + b) as of suspension start", "定义 x = 中止开始时 的 (a + b)"),
    ("let x = a missed for 3 consecutive months skipping not assessed", "定义 x = a 未达成 连续 3个月 不考核期跳过"),
    ("let x = a in at least 2 of last 4 quarters", "定义 x = a 最近 4个季度 至少 2次"),
    ("let x = growth of sales over previous quarter", "定义 x = 增长率 sales 期间为 上季度"),
    ("let x = minimum(a, CNY 80万) + 2pp", "定义 x = 较小者(a, 80万元) + 2个百分点"),
    ("let x = year_fraction(a, b, thirty_360)", "定义 x = 折合年数(a, b, 每月30日除以360)"),
    ("let x = amount * unpaid", "定义 x = 本期金额 * 未付金额"),
    ("parameter p : percentage points = 2pp", "参数 p : 百分点 = 2个百分点"),
    ('parameter p : text = "a"', '参数 p : 文本 = "a"'),
    ("fact n : notice once", "数据 n : 通知 一次性"),
    ('fact l : list of { on: date, who: party, what: text? } dated by on'.replace("dated by on", "dated by `on`"), '数据 l : 清单 { on: 日期, who: 当事人, what: 文本? } 日期列 「on」'),
    ("obligation o { a must pay b 5 every month due day 5 of next month, unshifted }", "义务 o { a 应当 支付给 b 5 每月 到期日 次月第5日, 遇休假日不顺延 }"),
    ("obligation o { a must pay b 5 every month due business day 5 }", "义务 o { a 应当 支付给 b 5 每月 到期日 第5个工作日 }"),
    ("obligation o { a must pay b 5 every month due last day of next month }", "义务 o { a 应当 支付给 b 5 每月 到期日 次月 最后一日 }"),
    ("obligation o { a must pay b 5 once on d due within 10 days after e }", "义务 o { a 应当 支付给 b 5 一次性于 d 到期日 自 e 起 10日 内 }"),
    ('obligation o { a must deliver "goods" to b once on d }', '义务 o { a 应当 交付给 b "goods" 一次性于 d }'),
    ('obligation o { a must do "x" at least 1 time every week on friday }', '义务 o { a 应当 完成 "x" 至少 1次 每周逢 周五 }'),
    ('obligation o { a must do "x" failing which { after 3 days breach serious  on day 9 penalty CNY 5 demanded on d due within 5 days after demand } }', '义务 o { a 应当 完成 "x" 违约责任 { 逾期超过 3日 构成违约 严重违约  逾期满 9日 违约金 5元 催告日 d 到期日 自 催告 起 5日 内 } }'),
    ("obligation o { a must pay b 5 cap per month 9 prorated actual }", "义务 o { a 应当 支付给 b 5 上限 按月累计 9 折算方式 按实际天数 }"),
    ('prohibition p { a must not "sell" counted per day }', '禁止 p { a 不得 "sell" 违约计次 /日 }'),
    ("right r { a may withhold o lapses 10 days after month end, unshifted }", "权利 r { a 有权 拒付 o 行使期限 自 月末 起 10日 内, 遇休假日不顺延 }"),
    ("right r { a may suspend o released on d lapses after 9 days }", "权利 r { a 有权 暂停履行 o 恢复履行日 d 行使期限 9日 }"),
    ("right r { a may retain o released on d }", "权利 r { a 有权 暂扣 o 解扣日 d }"),
    ('scenario "s" { expect o of 2026-01 due  expect o.interest of 2026-01 = CNY 5 }', '示例 "s" { 预期 2026-01 的 o 已到期  预期 2026-01 的 o.利息 = 5元 }'),
]  # fmt: skip


@pytest.mark.parametrize(("en", "zh"), PAIRS, ids=[en[:50] for en, _ in PAIRS])
def test_translation(en: str, zh: str) -> None:
    english, chinese = fmt(EN + en), fmt(ZH + zh)
    assert fmt(exact(english)) == chinese
    assert fmt(exact(chinese)) == english


def test_translation_of_payments() -> None:
    """Their fields and kinds are words of the table, known only by the fact that holds them."""
    en = fmt(
        EN + "fact receipts : payments\n"
        'let back = sum of amount for each receipts where payee = a and `on` > 2026-01-05 and kind = "refund"\n'
        'let own = sum of amount for each others where kind = "refund"\n'
        'scenario "s" { facts of 2026-01 { receipts = [ { ref: "1", payer: a, amount: CNY 5, on: 2026-01-05, for: "o", kind: "refund" } ] } }'
    )
    zh = exact(en)
    assert '合计 金额 逐笔 receipts 其中 收款人 = a 且 到账日 > 2026-01-05 且 类型 = "退款"' in zh
    assert '{ 编号: "1", 付款人: a, 金额: 5元, 到账日: 2026-01-05, 用途: "o", 类型: "退款" }' in zh
    assert 'amount 逐笔 others 其中 kind = "refund"' in zh.replace("本期金额", "amount")


def test_a_used_file_knows_the_payments_of_the_contract() -> None:
    main = Source("main", EN + 'fact receipts : payments\nuse "part"')
    part = Source("part", 'let x = sum of amount for each receipts where kind = "refund"\n')
    made, found = translated(part, "zh", [main])
    assert made == '定义 x = 合计 金额 逐笔 receipts 其中 类型 = "退款"\n' and found == ()


def test_names_that_are_words_of_the_table() -> None:
    """A name keeps its quotes where it is a keyword; a run of Chinese keywords that Chinese knows as declared gets some."""
    en = fmt(EN + "let `due` = 1\nlet x = `due` + `到期日`")
    assert exact(en) == fmt(ZH + "定义 「due」 = 1\n定义 x = 「due」 + 「到期日」")
    zh = fmt(ZH + "定义 每月到期日 = 1\n定义 x = 每月到期日 + 1")
    assert "定义 x          = 每月到期日 + 1" in zh
    assert "let x          = `每月到期日` + 1" in exact(zh)


def test_a_name_that_the_other_language_reads_in_another_way_is_refused() -> None:
    """本期金额 is a field of every duty in Chinese; as a field of the file's own it cannot be said there."""
    made, found = translated(
        Source("t", EN + "fact l : list of { 本期金额: money }\nlet x = sum of 本期金额 for each l"), "zh"
    )
    assert made is None and [one.code for one in found] == ["E018"]


def test_gaps_stay_as_they_are_where_the_text_is_not_laid_out() -> None:
    text = (
        EN + "let  x=a   +  b# why\n\n\n\nkpi k monthly { met when\n   sales of previous month>=5   starting from d }\n"
    )
    there = exact(text)
    assert (
        there == ZH + "定义  x=a   +  b# why\n\n\n\n考核指标 k 按月 { 达成条件\n   上月 的 sales>=5   考核起始日 d }\n"
    )


def test_what_does_not_come_back_is_told_with_its_line() -> None:
    text = EN + "let x = 1\nlet y = 1 days\n"
    made, found = turned(text, "zh")
    assert made.endswith("定义 y = 1日\n")
    (one,) = found
    assert one.code == "W520" and one.severity == "warning" and one.span is not None
    assert one.source is not None and one.source.position(one.span.start)[0] == 3
    assert exact(fmt(text))


def test_a_text_of_that_language_is_left_alone() -> None:
    assert turned("let  x =1", "en") == ("let  x =1", ())
    assert turned("# nothing", "zh")[0] == "# nothing"


def test_errors_of_types_do_not_matter_and_errors_of_syntax_do() -> None:
    assert exact(fmt(EN + "let x = undefined + true"))
    for text in (EN + "let x = ", EN + "定义 x = 5", 'contract "T" {'):
        assert formatted(Source("t", text))[0] is None
        assert translated(Source("t", text), "zh")[0] is None


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_the_shipped_contracts_are_laid_out(path: Path) -> None:
    assert fmt(text_of(path)) == text_of(path)


@pytest.mark.parametrize("path", [*SHIPPED, *SAMPLES], ids=lambda path: path.stem)
def test_a_contract_comes_back_from_the_other_language(path: Path) -> None:
    exact(fmt(text_of(path)))


def test_translating_there_and_back_gives_the_same_file() -> None:
    """Law B8.13 on every case of the suite. One that is not laid out comes back to the letter too, or is told."""
    exactly = 0
    for path in CASES_HERE:
        text = text_of(path)
        if not sound(text):
            continue
        exact(fmt(text))
        there, found = turned(text, other(text))
        back, _ = turned(there, other(there))
        assert (back == text) == (not found)
        exactly += not found
    assert exactly > len(CASES_HERE) * 3 // 4


def test_formatting_gives_the_same_tree() -> None:
    """Law B8.12 on every case of the suite: the tree of the formatted text is that of the text, up to the words of payments."""
    for path in CASES_HERE:
        text = text_of(path)
        if sound(text):
            made = fmt(text)
            assert fmt(made) == made
            if language(Source("", text)) == "en" and "K_CONTRACT" in lex(Source("", text)).types:
                assert parse(Source("", made))[0] == parse(Source("", text))[0]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_a_translated_contract_is_sound(path: Path) -> None:
    text = text_of(path)
    there, _ = turned(text, other(text))
    assert [one.code for one in compile_text(there, "t")[1]] == [one.code for one in compile_text(text, "t")[1]]


@pytest.mark.parametrize("name", ["b2b-outsourcing"])
def test_a_translated_contract_does_the_same(name: str, tmp_path: Path) -> None:
    path = ROOT / "contracts" / name / f"{name}.contract"
    there = tmp_path / "translated.contract"
    there.write_text(exact(fmt(text_of(path))), "utf-8")
    mine, theirs = clausal.load(path), clausal.load(there)
    assert [(one.name, one.status) for one in theirs.run_scenarios()] == [
        (one.name, one.status) for one in mine.run_scenarios()
    ]
    facts = path.parent / "facts"
    assert theirs.evaluate(facts).to_dict()["months"] == mine.evaluate(facts).to_dict()["months"]


def test_every_function_that_takes_a_word_is_known() -> None:
    taking = {
        name: parameter.accepts
        for name, function in builtins.BUILTINS.items()
        for parameter in function.parameters
        if parameter.accepts in ("daycount", "proration")
    }
    kinds = {"interest": "daycount", "proration": "proration"}
    assert taking == {name: kinds[section] for name, section in TAKES_WORDS.items()}


# ---- the commands ----------------------------------------------------------------------------------------------------

LOOSE = EN + "let  x=1\n"
TIGHT = EN + "let x = 1\n"


def run(*arguments: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=given)


def test_fmt_prints_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.contract"
    path.write_text(LOOSE, "utf-8")
    done = run("fmt", str(path))
    assert (done.exit_code, done.stdout, done.stderr) == (0, TIGHT, "")
    assert path.read_text("utf-8") == LOOSE
    assert run("fmt", "-", given=LOOSE).stdout == TIGHT
    assert run("fmt", "-", "--write", given=LOOSE).stdout == TIGHT


def test_a_file_from_windows_keeps_its_line_ends() -> None:
    text = EN + 'clause "1" {\n  text "one\ntwo"\n}  # paid\nlet x = 5\n'
    windows = text.replace("\n", "\r\n")
    assert fmt(windows) == windows == fmt(windows.replace("let x", "let  x"))
    assert fmt(windows.replace("\r\n", "\n", 1)) == text  # mixed
    chinese, _ = translated(Source("", windows), "zh")
    assert chinese is not None and chinese.count("\r\n") == chinese.count("\n") > 3
    assert translated(Source("", chinese), "en") == (windows, ())


def test_fmt_of_several_files_must_say_what_to_do(tmp_path: Path) -> None:
    done = run("fmt", str(tmp_path))
    assert done.exit_code == 2 and "--write, --check or --diff" in done.stderr
    assert run("fmt", str(tmp_path), "--check").exit_code == 2  # there is no contract in it


def test_fmt_writes_what_changes_and_nothing_else(tmp_path: Path) -> None:
    texts = {"a": LOOSE, "b": TIGHT, "c": EN + "let x = ", "d": "\ufeff" + TIGHT, "e": TIGHT.replace("\n", "\r\n")}
    paths = {name: tmp_path / f"{name}.contract" for name in texts}
    for name, path in paths.items():
        path.write_bytes(texts[name].encode())
        path.chmod(0o640)
    before = {name: path.stat().st_mtime_ns for name, path in paths.items()}
    listed = run("fmt", str(tmp_path), "--check")
    assert listed.exit_code == 1
    assert listed.stdout.split() == [str(paths[name]) for name in "ad"]
    assert "2 of 5 files would change" in listed.stderr and "E102" in listed.stderr
    done = run("fmt", str(tmp_path), "--write")
    assert done.exit_code == 1 and "2 of 5 files formatted" in done.stderr
    after = {name: path.read_bytes().decode() for name, path in paths.items()}
    assert after == {**dict.fromkeys("abd", TIGHT), "c": texts["c"], "e": texts["e"]}
    assert [name for name, path in paths.items() if path.stat().st_mtime_ns == before[name]] == ["b", "c", "e"]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o640 for path in paths.values())
    paths["c"].unlink()
    assert run("fmt", str(tmp_path), "--check").exit_code == 0
    assert run("fmt", str(tmp_path), "--write", "-q").stderr == ""


def test_fmt_goes_on_where_one_file_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.contract").write_text('contract  "T" {language 1}', "utf-8")
    replace = os.replace

    def refused(source: str, target: str) -> None:
        if target.endswith("a.contract"):
            raise PermissionError
        replace(source, target)

    monkeypatch.setattr(os, "replace", refused)
    result = CliRunner().invoke(main, ["fmt", str(tmp_path), "--write"])
    assert result.exit_code == 2
    assert "R715" in result.stderr
    assert (tmp_path / "a.contract").read_text("utf-8") == 'contract  "T" {language 1}'
    assert (tmp_path / "b.contract").read_text("utf-8") == EN
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.contract", "b.contract"]


def test_fmt_shows_a_diff(tmp_path: Path) -> None:
    path = tmp_path / "a.contract"
    path.write_text(LOOSE, "utf-8")
    done = run("fmt", str(path), "--diff", "-q")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        f"--- {path}", f"+++ {path}", "@@ -1,3 +1,3 @@", ' contract "T" { language 1 }', "-let  x=1", "+let x = 1", " ",
    ]  # fmt: skip
    assert "\x1b[31m-let  x=1\x1b[0m" in run("fmt", str(path), "--diff", "--color", "always").stdout
    assert path.read_text("utf-8") == LOOSE
    path.write_text(TIGHT, "utf-8")
    assert run("fmt", str(path), "--diff", "-q").stdout == ""


def test_fmt_of_what_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.contract"
    path.write_bytes(ZH.encode("gb18030"))
    done = run("fmt", str(path), "--write")
    assert done.exit_code == 1 and "E001" in done.stderr and path.read_bytes() == ZH.encode("gb18030")
    assert run("fmt", str(path), "--encoding", "gb18030").stdout == ZH
    assert run("fmt", str(tmp_path / "none.contract")).exit_code == 2


def test_translate(tmp_path: Path) -> None:
    path, there = tmp_path / "a.contract", tmp_path / "b.contract"
    path.write_text(TIGHT, "utf-8")
    done = run("translate", str(path), "--to", "zh", "-o", str(there))
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")
    assert there.read_text("utf-8") == ZH + "定义 x = 1\n"
    assert run("translate", "-", "--to", "en", given=there.read_bytes()).stdout == TIGHT
    again = run("translate", str(path), "--to", "en")
    assert again.stdout == TIGHT and "in English keywords already" in again.stderr
    assert run("translate", str(path), "--to", "zh", "--write").exit_code == 0
    assert path.read_text("utf-8") == ZH + "定义 x = 1\n"
    assert run("translate", str(path), "-o", "x", "--to", "zh", "--write").exit_code == 2
    assert run("translate", str(path), str(there), "--to", "zh").exit_code == 2


def test_translate_a_contract_with_the_files_that_it_uses(tmp_path: Path) -> None:
    (tmp_path / "a.contract").write_text(EN + 'fact receipts : payments\nuse "b.contract"\n', "utf-8")
    (tmp_path / "b.contract").write_text("let x = sum of amount for each receipts\n", "utf-8")
    alone = run("translate", str(tmp_path / "a.contract"), "--to", "zh")
    assert alone.exit_code == 0 and "b.contract" in alone.stderr
    assert run("translate", str(tmp_path), "--to", "zh", "--write").exit_code == 0
    assert (tmp_path / "b.contract").read_text("utf-8") == "定义 x = 合计 金额 逐笔 receipts\n"


def test_translate_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "a.contract"
    path.write_text(EN + "let x = ", "utf-8")
    done = run("translate", str(path), "--to", "zh", "--write")
    assert done.exit_code == 1 and "E102" in done.stderr
    assert path.read_text("utf-8") == EN + "let x = "
