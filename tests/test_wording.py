"""What a reader sees of numbers, money, dates and the words of the statement."""

import tomllib
from datetime import date
from fractions import Fraction as F
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import clausal
from clausal.dsl.wording import (
    LABELS,
    clause_text,
    count_text,
    date_text,
    decimals,
    display_width,
    duration_text,
    exact_text,
    has_label,
    label,
    money_text,
    number_text,
    pad,
    percent_text,
    plain_money,
    points_text,
    rate_text,
)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (8000, "CNY", "CNY 8,000.00"),
        (F("1234567.5"), "CNY", "CNY 1,234,567.50"),
        (-5, "CNY", "-CNY 5.00"),
        (0, "CNY", "CNY 0.00"),
        (F(0, -7), "CNY", "CNY 0.00"),
        (1500, "JPY", "JPY 1,500"),
        (F("0.125"), "KWD", "KWD 0.125"),
        (F("67.225"), "CNY", "CNY 67.225"),
        (F(10400, 3), "CNY", "CNY 3,466.666666666666…"),
        (F(-1, 3), "JPY", "-JPY 0.333333333333…"),
    ],
)
def test_money_is_shown_exactly(amount, currency, text):
    assert money_text(amount, currency) == text


def test_the_result_document_has_plain_money_and_only_rounded_lines():
    assert plain_money(8000) == "8000.00" and plain_money(F("-0.5")) == "-0.50" and plain_money(0, 0) == "0"
    assert plain_money(F("0.125"), 3) == "0.125"
    with pytest.raises(ValueError):
        plain_money(F("67.225"))
    with pytest.raises(ValueError):
        plain_money(F(1, 3))


@given(st.integers(-(10**12), 10**12), st.sampled_from([0, 2, 3]))
def test_plain_money_reads_back(minor, places):
    amount = F(minor, 10**places)
    text = plain_money(amount, places)
    assert F(text) == amount and not (amount == 0 and text.startswith("-"))
    assert len(text.partition(".")[2]) == places


@pytest.mark.parametrize(
    ("value", "text", "exact"),
    [
        (1240, "1,240", "1240"),
        (F("1234.5"), "1,234.5", "1234.5"),
        (F(1, 3), "0.333333333333…", "1/3"),
        (F(-10400, 3), "-3,466.666666666666…", "-10400/3"),
        (F(1, 3 * 10**15), "0.000000000000000333333333333…", "1/3000000000000000"),
        (F(2, 3), "0.666666666666…", "2/3"),
        (F(1, 2**12), "0.000244140625", "0.000244140625"),
        (F(1, 10**40), "0." + "0" * 39 + "1", "0." + "0" * 39 + "1"),
        (F(1, 2**41), "0.000000000000454747350886…", f"1/{2**41}"),
    ],
)
def test_numbers_end_or_say_that_they_do_not(value, text, exact):
    assert number_text(value) == text
    assert exact_text(value) == exact and F(exact_text(value)) == value


def test_percents_points_rates_and_durations():
    assert percent_text(F(1, 20)) == "5%" and percent_text(F("0.0005")) == "0.05%"
    assert percent_text(12) == "1,200%"
    assert points_text(F(1, 50)) == "2pp" and points_text(F(1, 50), "zh") == "2个百分点"
    assert rate_text(F("0.0005"), "day") == "0.05% per day"
    assert rate_text(F("0.0005"), "day", "zh") == "0.05%/日"
    assert duration_text(1, "days") == "1 day" and duration_text(30, "business days") == "30 business days"
    assert duration_text(1, "business_days", "zh") == "1个工作日"
    assert duration_text(3, "months", "zh") == "3个月"
    assert count_text(5, "dealers") == "5 dealers" and count_text(1240) == "1,240"


def test_dates_are_iso_in_tables_and_words_in_sentences():
    day = date(2026, 3, 9)
    assert date_text(day) == date_text(day, "zh") == "2026-03-09"
    assert date_text(day, "zh", long=True) == "2026年3月9日" and date_text(day, long=True) == "9 March 2026"


def test_decimals_of_currencies():
    assert [decimals(code) for code in ("CNY", "USD", "JPY", "KRW", "KWD", "CLF", "HUF", "ISK")] == [
        2, 2, 0, 0, 3, 4, 2, 0,
    ]  # fmt: skip


WORDS = """
status: discharged, waived, withheld, retained, excused, suspended, undetermined, performed, performed late,
  cured, untracked, not yet due, breached, partly performed, in grace, due, disputed
state: pending, active, suspended, ending, ended, expired, terminated
right: open, exercised, given up, lapsed, premature, too late, no right, no effect, undetermined
kpi: met, missed, not assessed, to date
ledger: from, to, currency, opening, accrued, interest, penalties, tax, adjusted, withheld, written_off, paid,
  refunded, closing, of_which, not_due, due, overdue, retained, disputed, credit, aging
section: values, obligations, penalties, breaches, rights, events, balances, undetermined, payments, ledger,
  settlement, restatement, contingent, upcoming, completeness, versions, warnings
"""
KEYS = [
    f"{room}.{word.strip()}"
    for room, words in (line.split(":") for line in WORDS.replace("\n  ", " ").strip().splitlines())
    for word in words.split(",")
]


def test_the_statement_has_all_its_words():
    assert [key for key in KEYS if not has_label(key)] == []


def test_labels_of_statuses_are_the_words_of_the_language():
    assert label("status.performed late") == "performed late"
    assert label("status.not yet due", "zh") == label("status.not_yet_due", "zh") == "未到期"
    assert label("ledger.closing", "zh") == "期末余额" and label("state.ended", "zh") == "已终止"
    assert label("status.brand_new", "zh") == "brand new" and not has_label("status.brand_new")


def test_a_word_that_can_be_written_in_a_contract_is_the_one_that_the_statement_shows():
    with (Path(clausal.__file__).parent / "dsl" / "keywords.toml").open("rb") as file:
        table = tomllib.load(file)
    written = {word: {chinese} for word, chinese in table["name"]["status"].items()}
    for row in table["keyword"].values():
        written.setdefault(row.get("en", ""), set()).add(row.get("zh"))
    written["suspended"] |= {"中止履行中"}  # a contract that is suspended, where the keyword is of one obligation
    written["due"] |= {"已到期"}  # as a status; the keyword is the date
    told = {}
    for room in ("status", "right", "state", "effect", "kpi", "grain", "unit"):
        for english, chinese in (pair for key, pair in LABELS.items() if key.startswith(room + ".")):
            if english in written and chinese not in written[english] | {None}:
                told[f"{room}: {english}"] = (chinese, written[english])
    assert told == {}


def test_every_label_is_bilingual_and_no_two_of_a_room_look_alike():
    for key, (english, chinese) in LABELS.items():
        assert english.strip() and chinese.strip() and not chinese.isascii(), key
        chinese.encode("gbk")
    for room in ("status", "right", "state", "ledger", "section", "unit", "type", "grade"):
        for column in (0, 1):
            words = [pair[column] for key, pair in LABELS.items() if key.startswith(room + ".")]
            assert len(words) == len(set(words)), (room, words)


def test_columns_align_by_display_width():
    cells = [pad(label(key, "zh"), 14) + "|" for key in KEYS if key.startswith("status.")]
    assert {display_width(cell) for cell in cells} == {15}


@pytest.mark.parametrize(
    ("number", "en", "zh"),
    [
        ("4.8", "clause 4.8", "第4.8条"),
        ("12", "clause 12", "第12条"),
        ("二", "clause 二", "第二条"),
        ("十二", "clause 十二", "第十二条"),
        ("四.8", "clause 四.8", "第四.8条"),
        ("二.(一).1", "clause 二.(一).1", "条款“二.(一).1”"),
        ("定义.4", "clause 定义.4", "条款“定义.4”"),
        ("补.1", "clause 补.1", "条款“补.1”"),
    ],
)
def test_a_clause_is_named_as_its_number_allows(number: str, en: str, zh: str) -> None:
    assert (clause_text(number), clause_text(number, "zh")) == (en, zh)
