"""A finding says what, where and what to write instead, the same in both languages and for every reader."""

import ast
import json
import pickle
import re
import time
import tomllib
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import clausal
from clausal.dsl.diagnostics import (
    LANGS,
    Both,
    Cell,
    Fix,
    Rejected,
    Related,
    Source,
    Span,
    _distance,
    all_of,
    any_of,
    apply_fixes,
    brief,
    catalogue,
    codes,
    cut,
    did_you_mean,
    display_width,
    draw,
    draw_all,
    error,
    explain,
    has_errors,
    hint,
    in_order,
    legal_word,
    legal_words_in,
    note,
    pad,
    place_text,
    placed,
    sentence,
    shown,
    to_github,
    to_json,
    to_sarif,
    unreadable,
    warning,
)

ROOT = Path(clausal.__file__).parent
PLACEHOLDER = re.compile(r"\{([a-z][a-z_]*)\}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MESSAGES = [pytest.param(message, id=code) for code, message in catalogue().messages.items()]


def at(source, word, nth=0):
    start = -1
    for _ in range(nth + 1):
        start = source.text.index(word, start + 1)
    return Span(start, start + len(word))


# The catalogue


@pytest.mark.parametrize("message", MESSAGES)
def test_both_languages_say_the_same_of_the_same_words(message):
    for pair in filter(None, (message.say, message.hint)):
        assert set(PLACEHOLDER.findall(pair.en)) == set(PLACEHOLDER.findall(pair.zh))


@pytest.mark.parametrize("message", MESSAGES)
def test_each_code_has_a_number_of_its_kind_and_a_page(message):
    assert re.fullmatch(r"(E[0-4]|W5|F6|R7|X9)[0-9]{2}", message.code)
    assert len(message.page.en) > 40 and len(message.page.zh) > 12
    assert message.page.en.endswith((".", '."')) and message.page.zh.endswith(("。", "。”"))
    assert not PLACEHOLDER.search(message.page.en + message.page.zh)


@pytest.mark.parametrize("message", MESSAGES)
def test_english_is_lower_case_without_a_final_stop(message):
    for text in filter(None, (message.say.en, message.hint and message.hint.en)):
        assert text.strip() == text and not text.endswith((".", "!"))
        assert not text[0].isupper()
        assert not CHINESE.search(text)
        assert text.count("`") % 2 == 0


@pytest.mark.parametrize("message", MESSAGES)
def test_chinese_has_full_width_punctuation(message):
    for text in filter(None, (message.say.zh, message.hint and message.hint.zh, message.page.zh)):
        assert CHINESE.search(text)
        outside = re.sub(r"“[^”]*”", "", text)  # what stands in quotation marks is the language's own
        assert not re.search(r"[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]", outside), outside
        assert text.count("“") == text.count("”")
    assert not message.say.zh.endswith("。")


def test_a_chinese_console_can_show_every_message():
    (ROOT / "dsl" / "messages.toml").read_text("utf-8").encode("gbk")


def test_every_code_that_the_program_uses_is_in_the_catalogue():
    used = {}
    for room in ("dsl", "engine"):
        for file in (ROOT / room).rglob("*.py"):
            for code in re.findall(r"[\"']([EWFRX][0-9]{3})[\"']", file.read_text("utf-8")):
                used.setdefault(code, file.name)
    assert {code: file for code, file in used.items() if code not in codes()} == {}


def test_whoever_tells_a_finding_gives_every_word_of_its_sentence():
    missing = []
    for room in ("dsl", "engine"):
        for file in (ROOT / room).rglob("*.py"):
            for call in ast.walk(ast.parse(file.read_text("utf-8"))):
                if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                    continue
                if call.func.id not in ("error", "warning", "note") or not call.args:
                    continue
                code, given = call.args[0], {word.arg for word in call.keywords}
                if isinstance(code, ast.Constant) and code.value in codes() and None not in given:
                    asked = set(PLACEHOLDER.findall(catalogue().messages[code.value].say.en))
                    if not asked <= given:
                        missing.append(f"{file.name}:{call.lineno} {code.value} lacks {sorted(asked - given)}")
    assert missing == []


def test_hints_name_keywords_as_they_are():
    with (ROOT / "dsl" / "keywords.toml").open("rb") as file:
        table = tomllib.load(file)
    words = {row.get("zh") for row in table["keyword"].values()}
    words |= {word for names in table["name"].values() for word in names.values()}
    for code in codes():
        pair = catalogue().messages[code].hint
        if pair is not None and code[:2] in ("E4", "W5"):
            quoted = " ".join(re.findall(r"“([\u4e00-\u9fff ]+)”", pair.zh)).split()
            assert set(quoted) <= words, code


def test_legal_words_say_what_to_write_and_why():
    for word, entry in catalogue().legal_words.items():
        assert entry.write and word not in entry.write
        assert entry.why.en and CHINESE.search(entry.why.zh) and not entry.why.zh.endswith("。")
    for pair in ("滞纳金 违约金", "必须 应当", "可以 有权", "合作中止 终止", "抵消 抵销"):
        wrong, right = pair.split()
        assert right in legal_word(wrong).write
    assert legal_word("违约金") is None
    found = legal_words_in("滞纳金率与抵消")
    assert [(place, word.word) for place, word in found] == [(0, "滞纳金"), (5, "抵消")]
    assert legal_words_in("升级") == ()


def test_explain_gives_the_page_in_the_readers_language():
    assert explain("E302").startswith("E302: ... and ... are two currencies")
    assert "币种不同" in explain("E302", "zh")
    assert explain("E999") is None


# Where


def test_positions_count_from_one_in_characters_and_in_utf16_units():
    source = Source("a.contract", "甲𠀀乙\r\nb\rc\n")
    assert source.lines == 4
    assert [source.position(offset) for offset in (0, 2, 3, 5, 7, 9, 99)] == [
        (1, 1), (1, 3), (1, 4), (2, 1), (3, 1), (4, 1), (4, 1),
    ]  # fmt: skip
    assert source.position_utf16(2) == (1, 4)
    assert [source.line_text(line) for line in range(6)] == ["", "甲𠀀乙", "b", "c", "", ""]
    assert source.offset(1, 4, utf16=True) == 2 and source.offset(1, 3) == 2
    assert source.offset(0, 1) == 0 and source.offset(9, 1) == 9 and source.offset(2, 99) == 6


@given(st.text(alphabet="ab甲𠀀\r\n\t", max_size=30), st.integers(0, 30))
def test_a_position_leads_back_to_its_offset(text, offset):
    source = Source("x", text)
    if offset > len(text) or (text[:offset].endswith("\r") and text[offset : offset + 1] == "\n"):
        return
    assert source.offset(*source.position(offset)) == offset
    assert source.offset(*source.position_utf16(offset), utf16=True) == offset


# What


def test_a_word_may_differ_by_language_and_lists_are_joined():
    expected = any_of(["a", Both("money", "金额")])
    found = error("E301", Span(0, 1), found=Both("a date", "日期"), expected=expected)
    assert sentence(found) == "this is a date; expected `a` or money"
    assert sentence(found, "zh") == "此处为日期，应为“a”或者金额"
    assert all_of("abc") == Both("`a`, `b` and `c`", "“a”“b”和“c”")
    assert any_of("abc", limit=2) == Both("`a`, `b`, …", "“a”“b”等")
    assert any_of(["a"]) == Both("`a`", "“a”") and any_of([]) == Both("", "")


def test_a_hint_is_shown_when_its_words_are_known_and_may_be_given():
    assert hint(error("E105", found="USD5")) is None
    assert hint(error("E105", found="USD5", write="USD 5"), "zh") == "请写作“USD 5”"
    assert hint(error("E105", found="USD5", hint=legal_word("shall").why)).startswith("a duty is expressed")


def test_words_of_the_user_are_neither_templates_nor_control_characters():
    assert sentence(error("E201", name="{name} {x}")) == "`{name} {x}` is not defined"
    assert sentence(error("E201", name="a\u202eb\n\u200b")) == "`a\\u202Eb\\u000A\\u200B` is not defined"
    assert shown("甲\u3000乙") == "甲\u3000乙" and shown("\U000e0001") == "\\U000E0001"
    assert len(sentence(error("E201", name="x" * 10_000))) < 200


def test_a_missing_word_or_an_unknown_code_still_says_something():
    assert sentence(error("E308", left="CNY")) == "`{op}` does not go with CNY and {right}"
    assert sentence(error("E999", name="a")) == "E999; name: a"


def test_findings_are_told_once_and_in_the_order_of_the_text():
    first, second = error("E201", Span(5, 6), name="a"), warning("W501", Span(1, 2), name="b")
    last = error("R703", as_of="2025-12-31", start="2026-01-01")
    assert in_order([last, first, second, first]) == (second, first, last)
    assert has_errors([second, first]) and not has_errors([second, note("W506", found="a")])
    source = Source("a", "text")
    assert placed(first, source, "4.8").clause == "4.8"
    assert placed(placed(first, source), None).source == source


def test_rejected_says_every_finding_in_english_one_per_line():
    source = Source("a.contract", "x\n  sale")
    found = (
        error("E201", at(source, "sale"), source=source, name="sale"),
        error("F610", place=Cell("pay.csv", 4, "payer"), value="Bob", expected=any_of(["us", "them"])),
    )
    told = Rejected(found)
    assert str(told) == (
        "a.contract:2:3: error[E201]: `sale` is not defined\n"
        "pay.csv row 4 column payer: error[F610]: `Bob` is no party of this contract; "
        "expected `us` or `them`"
    )
    assert pickle.loads(pickle.dumps(told)).diagnostics == found


def test_fixes_are_applied_from_the_first_without_overlap():
    assert apply_fixes("8,000 USD5", [Fix(Span(6, 10), "USD 5"), Fix(Span(0, 5), "8_000")]) == "8_000 USD 5"
    assert apply_fixes("abc", [Fix(Span(0, 2), "x"), Fix(Span(1, 3), "y")]) == "xc"


# Drawing

AGREEMENT = Source("协议.contract", "合同 “外包” {\n\t甲方 应当 支付给 乙方 服务費 每月\n  rate = 8,000\n}\n")


def test_carets_stand_right_under_wide_characters_and_tabs():
    span = at(AGREEMENT, "服务費")
    found = error(
        "E201", span, source=AGREEMENT, clause="4.8", name="服务費", suggestion="服务费",
        fix=Fix(span, "服务费"), related=[Related(Span(0, 2), "declared")],
    )  # fmt: skip
    assert (
        draw(found, "zh")
        == """\
错误[E201]：“服务費”没有定义
 --> 协议.contract:2:15
  |
2 |     甲方 应当 支付给 乙方 服务費 每月
  |                           ^^^^^^
  = 见条款 4.8
  = 是否指“服务费”？
提示：在此声明
 --> 协议.contract:1:1
  |
1 | 合同 “外包” {
  | ^^^^"""
    )


def test_a_fix_is_told_once():
    span = at(AGREEMENT, "8,000")
    found = error("E107", span, source=AGREEMENT, found="8,000", write="8_000", fix=Fix(span, "8_000"))
    assert draw(found).endswith("  |          ^^^^^\n  = hint: write `8_000`")
    bare = error("E107", span, source=AGREEMENT, found="8,000", fix=Fix(span, "8_000"))
    assert draw(bare).endswith("= write `8_000`")
    gone = error("E114", span, source=AGREEMENT, item="due", owner="x", fix=Fix(span, ""))
    assert draw(gone).endswith("= delete `8,000`")
    added = error("E105", span, source=AGREEMENT, found="USD5", fix=Fix(Span(3, 3), " "))
    assert draw(added, "zh").endswith("= 插入“ ”")


def test_an_empty_span_at_the_end_of_a_line_has_one_caret():
    source = Source("a", "ab\n")
    assert draw(error("E102", Span(2, 2), source=source, expected="`}`")).endswith("1 | ab\n  |   ^")
    source = Source("a", "")
    assert draw(error("E013", Span(0, 0), source=source)).splitlines()[3:5] == ["1 |", "  | ^"]


def test_a_span_of_several_lines_says_how_far_it_goes():
    source = Source("a", "one {\n two\n}\n")
    assert draw(error("E116", Span(0, 12), source=source)).splitlines()[4] == "  | ^^^^^ to line 3"


def test_hidden_characters_are_drawn_as_escapes_with_their_carets():
    source = Source("a", "x \u202e y")
    drawn = draw(error("E002", Span(2, 3), source=source, char="U+202E")).splitlines()
    assert drawn[3:5] == ["1 | x \\u202E y", "  |   ^^^^^^"]


def test_without_a_source_the_cell_is_the_place():
    amount = Both("an amount", "金额")
    found = error("F603", place=Cell("sales.csv", 3, "B", "一月"), value="many", expected=amount)
    assert draw(found) == "error[F603]: `many` is not an amount\n --> sales.csv sheet `一月` row 3 column B"
    assert place_text(found.place, "zh") == "sales.csv 工作表“一月” 第3行 B列"
    assert draw(error("F603", place="standard input", value="x", expected="y")).endswith("--> standard input")


def test_colour_changes_nothing_but_colour():
    found = warning("W501", at(AGREEMENT, "rate"), source=AGREEMENT, name="rate")
    assert re.sub(r"\x1b\[[0-9;]*m", "", draw(found, color=True)) == draw(found)
    assert "\x1b" not in draw(found)


def test_all_findings_are_counted():
    found = [error("E201", name="a"), warning("W501", name="b"), warning("W501", name="c")]
    assert draw_all(found).endswith("\n\n1 error, 2 warnings")
    assert draw_all(found, "zh").endswith("\n\n1个错误，2个警告")
    assert draw_all([]) == ""


@given(st.text(alphabet="ab 甲“\t\u0301\u202e𠀀", max_size=120), st.integers(0, 120), st.integers(0, 120))
def test_a_drawn_line_fits_and_carets_stand_under_the_span(text, start, length):
    source = Source("a", text)
    span = Span(min(start, len(text)), min(start + length, len(text)))
    lines = draw(error("E301", span, source=source, found="a", expected="b"), width=50).splitlines()
    picture, carets = lines[3][4:], lines[4][4:]
    assert display_width(lines[3]) <= 50 and len(lines[4]) <= 51
    begin, columns, under = len(carets) - len(carets.lstrip()), 0, ""
    for char in picture:
        if begin <= columns < len(carets):
            under += char
        columns += display_width(char)
    word = text[span.start : span.end]
    if "\t" not in text and "\u202e" not in text and "…" not in picture and not word.endswith("\u0301"):
        visible = "".join(char for char in word if char != "\u0301").rstrip()
        assert "".join(char for char in under if char != "\u0301").startswith(visible)


def test_a_line_of_a_million_characters_is_drawn_around_the_span():
    source = Source("a", "x" * 500_000 + "错" + "y" * 500_000)
    line, carets = draw(error("E004", at(source, "错"), source=source, char="错")).splitlines()[3:5]
    assert line.startswith("1 | …x") and line.endswith("y…") and display_width(line) <= 80
    assert display_width(line[: line.index("错")]) == carets.index("^^")


def test_the_frame_is_ascii():
    source = Source("a", "x" * 300)
    for lang in LANGS:
        drawn = draw(error("E203", Span(150, 151), source=source, name="x", kind="y", expected="z"), lang)
        drawn.encode("gbk")
        assert "".join(drawn.splitlines()[1:]).replace("…", "").isascii()


# Widths


def test_width_counts_columns():
    assert list(map(display_width, ("", "abc", "甲方", "ａ", "e\u0301", "…", "👍"))) == [0, 3, 4, 2, 1, 1, 2]
    assert pad("甲", 4) == "甲  " and pad("甲", 4, "right") == "  甲" and pad("甲", 5, "center") == " 甲  "
    assert pad("甲方", 2) == "甲方"
    assert cut("甲方乙方", 5) == "甲方…" and cut("甲方乙方", 6) == "甲方…" and cut("甲方", 4) == "甲方"
    assert cut("abc", 1) == "…" and cut("abc", 0) == ""


@given(st.text(max_size=20), st.integers(0, 12))
def test_cut_text_fits_and_padded_text_fills(text, width):
    assert display_width(cut(text, width)) <= width
    assert display_width(pad(cut(text, width), width)) == width


# Machines


def sample():
    span = at(AGREEMENT, "8,000")
    return (
        error(
            "E107", span, source=AGREEMENT, found="8,000", write="8_000", fix=Fix(span, "8_000"),
            related=[Related(Span(0, 2), "opened")],
        ),
        warning("F619", place=Cell("a,b:50%.csv", 3, "B"), what="a payment", date="2027-01-01"),
        error("R703", as_of="2025-12-31", start="2026-01-01"),
    )  # fmt: skip


def test_json_has_the_same_keys_for_every_finding():
    told = json.loads(to_json(sample()))
    assert {tuple(one) for one in told} == {tuple(told[0])}
    assert told[0]["line"] == 3 and told[0]["end_column"] == 15
    assert told[0]["fix"]["replacement"] == "8_000"
    assert told[0]["related"][0]["message"] == "opened here"
    assert told[1]["file"] == "a,b:50%.csv" and told[1]["line"] == 3 and told[2]["file"] is None
    assert json.loads(to_json(sample(), "zh"))[0]["message"] == "“8,000”的数字中含有逗号"


def test_github_commands_are_escaped():
    assert to_github(sample()).splitlines() == [
        "::error file=协议.contract,line=3,endLine=3,col=10,endColumn=15,title=E107::"
        "`8,000` has a comma inside a number%0Ahint: write `8_000`",
        "::warning file=a%2Cb%3A50%25.csv,line=3,endLine=3,title=F619::"
        "a payment is dated 2027-01-01, outside the term, and is not used%0Aa,b:50%25.csv row 3 column B",
        "::error title=R703::as_of 2025-12-31 lies before the start of the term, 2026-01-01",
    ]
    assert to_github([note("W506", found="a")]).startswith("::notice ")


def test_sarif_has_rules_regions_and_fixes():
    log = json.loads(to_sarif(sample(), "1.2.3"))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0" and run["tool"]["driver"]["version"] == "1.2.3"
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["E107", "F619", "R703"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] and result["message"]["text"]
    first, second, third = run["results"]
    region = first["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (3, 10, 15)
    (change,) = first["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"]["text"] == "8_000"
    assert change["replacements"][0]["deletedRegion"] == region
    assert change["artifactLocation"]["uri"] == "%E5%8D%8F%E8%AE%AE.contract"
    assert second["level"] == "warning"
    assert second["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}
    assert "locations" not in third


def test_the_same_findings_give_the_same_bytes():
    assert to_json(sample()) == to_json(sample()) and to_sarif(sample(), "1") == to_sarif(sample(), "1")


# Did you mean


@pytest.mark.parametrize(
    ("word", "candidates", "meant"),
    [
        ("sale", ["sales", "orders"], "sales"),
        ("slaes", ["sales", "orders"], "sales"),
        ("Sales", ["sales", "sale"], "sales"),
        ("payfee", ["pay_fee", "pay_fees"], "pay_fee"),
        ("销售", ["销售额", "利润"], "销售额"),
        ("服务費", ["服务费", "服务期"], None),
        ("服务費", ["服务费", "利润"], "服务费"),
        ("新签经销商数量", ["新签经销商", "销售额"], "新签经销商"),
        ("ab", ["ac"], None),
        ("甲", ["乙"], None),
        ("sales", ["sales"], None),
        ("salse", ["sales", "salsa"], None),
        ("commission", ["completion"], None),
        ("x", [], None),
    ],
)
def test_the_only_nearest_name_is_suggested(word, candidates, meant):
    assert did_you_mean(word, candidates) == meant
    assert did_you_mean(word, reversed(candidates)) == meant


def test_brief_in_chinese():
    assert brief(error("E201", name="a"), "zh") == "错误[E201]：“a”没有定义"
    assert unicodedata.east_asian_width("：") == "F"


def test_suggestions_among_a_thousand_long_names_are_quick():
    names = [f"the_monthly_service_fee_of_the_operator_for_region_{i:04}" for i in range(1000)]
    start = time.process_time()
    assert all(did_you_mean(name + "_undefined", names) is None for name in names[:50])
    assert did_you_mean("the_monthly_servise_fee_of_the_operator_for_region_0500", names) == names[500]
    assert time.process_time() - start < 2


@given(*[st.text("abcd", max_size=9)] * 2, st.integers(1, 3))
def test_the_distance_is_that_of_the_whole_table(left, right, most):
    rows = [[max(i, j) if not i * j else 0 for j in range(len(right) + 1)] for i in range(len(left) + 1)]
    for i, a in enumerate(left, 1):
        for j, b in enumerate(right, 1):
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    assert _distance(left, right, most) == min(rows[-1][-1], most + 1)


def test_a_finding_speaks_for_itself():
    source = Source("terms.contract", "let x = 1\nlet y = z\n")
    found = error("E201", Span(18, 19), source=source, name="z")
    assert str(found) == "error[E201] terms.contract:2:9: `z` is not defined"
    assert found.message == found.text() == "`z` is not defined" and found.text("zh") == "“z”没有定义"
    assert found.draw("zh") == draw(found, "zh") and found.draw() == draw(found)
    assert str(error("E010", file="a", reason="b")) == "error[E010]: `a` cannot be read: b"
    assert str(Rejected((found,))) == brief(found)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("甲方".encode("utf-16"), "this is UTF-16"),
        ("甲 contract \ud800".encode("utf-16-le", "surrogatepass"), "looks like UTF-16"),
        (b"PK\x03\x04\x14\x00\xff word/document.xml", "Word or Excel document"),
        (b"PK\x03\x04\xff", "zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Word or Excel document"),
        (b"%PDF-1.7\xff", "PDF"),
        (b"\x7fELF\x02\x01\x01\x00\x00\x00\xff\xfe", "binary file"),
        ("甲方应当".encode("gb18030"), "save it as UTF-8"),
        ("甲方应当".encode()[:-1], "break off here"),
    ],
)
def test_what_cannot_be_read_says_what_it_seems_to_be(content, said):
    found = unreadable(content, "terms.contract")
    assert found.code == "E001" and found.place == "terms.contract"
    assert said in hint(found) and hint(found, "zh")
