"""What a cell says, by its declared type: a text, the type, and the value or the code of the refusal."""

from __future__ import annotations

import datetime as dt
import time
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clausal.dsl.diagnostics import Both
from clausal.dsl.types import (
    BOOLEAN,
    DATE,
    DURATION,
    MOMENT,
    NUMBER,
    PARTY,
    PERCENT,
    POINTS,
    TEXT,
    Type,
    money,
)
from clausal.dsl.values import Duration
from clausal.engine.cells import Bad, Said, read

CNY, JPY, USD = money("CNY"), money("JPY"), money("USD")
DEALERS, HOUSES = Type("count", unit="dealers"), Type("count", unit="家")
DAILY = Type("rate", per="day")
BAND = Type("one of", choices=("gold", "silver", "none"))
PARTIES = {"client": "client", "Brand Foods Co., Ltd.": "client", "甲方": "甲方"}

READ = [
    # money
    ("8000", CNY, 8000),
    ("8,000.00", CNY, 8000),
    ("￥8,000", CNY, 8000),
    ("¥8000", CNY, 8000),
    ("¥8000", JPY, 8000),
    ("CNY 8,000", CNY, 8000),
    ("RMB8000", CNY, 8000),
    ("8000元", CNY, 8000),
    ("8000 CNY", CNY, 8000),
    ("人民币8000元整", CNY, 8000),
    ("0.8万元", CNY, 8000),
    ("1.2亿", CNY, 120_000_000),
    ("8千", CNY, 8000),
    ("８，０００．５０", CNY, Fraction(16001, 2)),
    ("8 000", CNY, "F603"),
    ("\u00a08000\u3000", CNY, 8000),
    ("0.005", CNY, Fraction(1, 200)),
    ("1/3", CNY, "F603"),
    ("-500", CNY, -500),
    ("−500", CNY, -500),
    ("-¥500", CNY, -500),
    ("¥-500", CNY, -500),
    ("(500)", CNY, -500),
    ("（500.00）", CNY, -500),
    ("(-500)", CNY, "F603"),
    ("--500", CNY, "F603"),
    ("$8,000", USD, 8000),
    ("$8,000", CNY, "F611"),
    ("USD 8000", CNY, "F611"),
    ("8000美元", CNY, "F611"),
    ("8000元", USD, "F611"),
    ("1,23,4", CNY, "F624"),
    ("1,2345", CNY, "F624"),
    ("8000,50", CNY, "F624"),
    ("1.234,50", CNY, "F624"),
    ("1_000", CNY, "F603"),
    ("1e5", CNY, "F603"),
    ("1e1000000", CNY, "F603"),
    ("9" * 41, CNY, "F632"),
    ("9" * 40, CNY, int("9" * 40)),
    ("9" * 5000, CNY, "F603"),
    ("8000/月", CNY, "F603"),
    ("about 8000", CNY, "F603"),
    ("٣", CNY, "F603"),
    ("NaN", CNY, "F606"),
    ("Infinity", CNY, "F607"),
    ("-inf", NUMBER, "F607"),
    ("#DIV/0!", CNY, "F625"),
    ("", CNY, Said.BLANK),
    (" \u3000", CNY, Said.BLANK),
    ("unknown", CNY, Said.UNKNOWN),
    ("未知", CNY, Said.UNKNOWN),
    ("none", CNY, "F603"),
    ("-", CNY, "F603"),
    ("n/a", CNY, "F603"),
    ("待定", CNY, "F603"),
    # numbers and counts
    ("1,240", DEALERS, 1240),
    ("1240.00", DEALERS, 1240),
    ("1240.5", DEALERS, "F603"),
    ("1.2万", DEALERS, 12000),
    ("12家", HOUSES, 12),
    ("12 家", HOUSES, 12),
    ("12箱", HOUSES, "F603"),
    ("12家", DEALERS, "F603"),
    ("12 dealers", DEALERS, 12),
    ("1.5", NUMBER, Fraction(3, 2)),
    ("-0", NUMBER, 0),
    ("1,000", NUMBER, 1000),
    ("5%", NUMBER, "F603"),
    # percent, points, rates
    ("5%", PERCENT, Fraction(1, 20)),
    ("5％", PERCENT, Fraction(1, 20)),
    ("-5.25 %", PERCENT, Fraction(-21, 400)),
    ("100%", PERCENT, 1),
    ("5‰", PERCENT, Fraction(1, 200)),
    ("5‱", PERCENT, Fraction(1, 2000)),
    ("万分之5", PERCENT, Fraction(1, 2000)),
    ("百分之5%", PERCENT, "F603"),
    ("0", PERCENT, 0),
    ("0.05", PERCENT, "F603"),
    ("5", PERCENT, "F603"),
    ("2pp", POINTS, Fraction(1, 50)),
    ("2个百分点", POINTS, Fraction(1, 50)),
    ("2%", POINTS, "F603"),
    ("0.05% per day", DAILY, Fraction(1, 2000)),
    ("0.05%/日", DAILY, Fraction(1, 2000)),
    ("每日万分之5", DAILY, "F603"),
    ("0.05%", DAILY, Fraction(1, 2000)),
    ("8% per year", DAILY, "F603"),
    # booleans
    *[(text, BOOLEAN, True) for text in ("true", "TRUE", "Yes", "是", "1", "y", "１")],
    *[(text, BOOLEAN, False) for text in ("false", "No", "否", "0", "n")],
    ("maybe", BOOLEAN, "F603"),
    ("2", BOOLEAN, "F603"),
    # days
    ("2026-03-09", DATE, dt.date(2026, 3, 9)),
    ("2026/3/9", DATE, dt.date(2026, 3, 9)),
    ("2026-3-9", DATE, dt.date(2026, 3, 9)),
    ("2026年3月9日", DATE, dt.date(2026, 3, 9)),
    ("２０２６年３月９日", DATE, dt.date(2026, 3, 9)),
    ("2026-03-09 00:00:00", DATE, dt.date(2026, 3, 9)),
    ("2026-02-29", DATE, "F603"),
    ("2028-02-29", DATE, dt.date(2028, 2, 29)),
    ("2026-03-09 10:00", DATE, "F603"),
    ("2026-3/9", DATE, "F603"),
    ("2026年3月9", DATE, "F603"),
    ("20260309", DATE, "F603"),
    ("09/03/2026", DATE, "F603"),
    ("3/9/26", DATE, "F603"),
    ("0026-03-09", DATE, "F603"),
    ("46090", DATE, "F608"),
    ("46090.5", DATE, "F608"),
    ("none", DATE, Said.NONE),
    ("无", DATE, Said.NONE),
    ("unknown", DATE, Said.UNKNOWN),
    ("", DATE, Said.BLANK),
    ("-", DATE, "F603"),
    ("N/A", DATE, "F603"),
    ("2026-03-09 10:00", MOMENT, dt.datetime(2026, 3, 9, 10)),
    ("2026-03-09T10:00:30", MOMENT, dt.datetime(2026, 3, 9, 10, 0, 30)),
    ("2026年3月9日 10:00", MOMENT, dt.datetime(2026, 3, 9, 10)),
    ("2026年3月9日10时30分", MOMENT, dt.datetime(2026, 3, 9, 10, 30)),
    ("2026-03-09", MOMENT, "F603"),
    ("2026-03-09 24:00", MOMENT, "F603"),
    ("2026-03-09T10:00Z", MOMENT, "F603"),
    ("2026-03-09T10:00+08:00", MOMENT, "F603"),
    ("30 days", DURATION, Duration(30, "days")),
    ("15个工作日", DURATION, Duration(15, "business days")),
    ("30", DURATION, "F603"),
    # words
    ("  a, b ", TEXT, "a, b"),
    ("none", TEXT, "none"),
    ("n/a", TEXT, "n/a"),
    ("a\u200bb", TEXT, "F603"),
    ("a\x00b", TEXT, "F603"),
    ("gold", BAND, "gold"),
    ("none", BAND, "none"),
    ("Gold", BAND, "F603"),
    ("client", PARTY, "client"),
    ("Brand Foods Co., Ltd.", PARTY, "client"),
    ("甲方 ", PARTY, "甲方"),
    ("Bob", PARTY, "F610"),
    # from programs and workbooks
    (True, BOOLEAN, True),
    (1, BOOLEAN, True),
    (True, CNY, "F603"),
    (None, CNY, Said.BLANK),
    (8000, CNY, 8000),
    (Decimal("8000.50"), CNY, Fraction(16001, 2)),
    (Decimal("1E+3"), CNY, 1000),
    (Decimal("1e1000000"), CNY, "F632"),
    (Decimal("1e-1000000"), CNY, "F632"),
    (Decimal("NaN"), CNY, "F606"),
    (Decimal("-Infinity"), CNY, "F607"),
    (10**40, CNY, "F632"),
    (Fraction(1, 3), CNY, Fraction(1, 3)),
    (Fraction(4, 2), DEALERS, 2),
    (Fraction(1, 20), PERCENT, Fraction(1, 20)),
    (Decimal("0.05"), PERCENT, "F603"),
    (0, PERCENT, 0),
    (0.5, CNY, "F636"),
    (6.0, DEALERS, "F636"),
    (float("nan"), CNY, "F606"),
    (float("inf"), CNY, "F607"),
    (dt.date(2026, 3, 9), DATE, dt.date(2026, 3, 9)),
    (dt.datetime(2026, 3, 9), DATE, dt.date(2026, 3, 9)),
    (dt.datetime(2026, 3, 9, 10), DATE, "F603"),
    (dt.datetime(2026, 3, 9, 10), MOMENT, dt.datetime(2026, 3, 9, 10)),
    (dt.datetime(2026, 3, 9, 10, tzinfo=dt.UTC), MOMENT, "F603"),
    (dt.date(2026, 3, 9), MOMENT, "F603"),
    (dt.date(2026, 3, 9), CNY, "F603"),
    (46090, DATE, "F608"),
    (1001, TEXT, "1001"),
    ([], CNY, "F603"),
    (object(), DATE, "F603"),
]


@pytest.mark.parametrize(("raw", "type", "expected"), READ)
def test_a_cell(raw: object, type: Type, expected: object) -> None:
    value = read(raw, type, PARTIES)
    if isinstance(value, Bad):
        assert value.code == expected
    else:
        assert value == expected and value.__class__ is expected.__class__


@pytest.mark.parametrize(
    ("raw", "type", "words"),
    [
        ("0.05", PERCENT, "`0.05%`"),
        ("20260309", DATE, "`2026-03-09`"),
        ("-", DATE, "`none`"),
        ("-", CNY, "`unknown`"),
        ("1e5", CNY, "exponent"),
        ("3/9/26", DATE, "differs from place to place"),
        ("2026-03-09", MOMENT, "time too"),
    ],
)
def test_a_refusal_says_what_to_write(raw: str, type: Type, words: str) -> None:
    value = read(raw, type, PARTIES)
    assert isinstance(value, Bad)
    hint = dict(value.args)["hint"]
    assert isinstance(hint, Both) and words in hint.en and hint.zh


def test_an_integer_too_long_to_be_printed_is_refused() -> None:
    for type in (CNY, DEALERS, TEXT, DATE):
        value = read(10**5000, type)
        assert isinstance(value, Bad) and value.code == "F632"


def test_a_serial_is_told_as_the_date_that_it_may_be() -> None:
    value = read("46090", DATE)
    assert isinstance(value, Bad) and dict(value.args)["write"] == "2026-03-09"


def test_a_misspelt_word_is_met_with_the_right_one() -> None:
    party, band = read("cleint", PARTY, PARTIES), read("silvr", BAND)
    assert isinstance(party, Bad) and dict(party.args)["suggestion"] == "client"
    assert isinstance(band, Bad) and dict(band.args)["suggestion"] == "silver"


def test_long_cells_are_refused_at_once() -> None:
    start = time.process_time()
    for type in (CNY, PERCENT, DAILY, DATE, MOMENT, DEALERS, BAND, PARTY, DURATION, POINTS):
        for text in (" " * 100_000 + "x", "1," * 50_000, "9" * 100_000, "a" * 100_000, "( " * 50_000):
            assert isinstance(read(text, type, PARTIES), Bad)
    assert time.process_time() - start < 2


TYPES = st.sampled_from(
    [
        CNY,
        JPY,
        NUMBER,
        PERCENT,
        POINTS,
        DEALERS,
        HOUSES,
        DAILY,
        BOOLEAN,
        DATE,
        MOMENT,
        DURATION,
        TEXT,
        BAND,
        PARTY,
    ]
)
SIGNS = st.text(alphabet="0123456789０５.,-+()%￥¥$元万亿年月日时/: ETeCNYnone无未知\u3000\x00", max_size=24)
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.fractions(),
    st.decimals(),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.binary(max_size=3),
)


@given(st.one_of(st.text(max_size=40), SIGNS, PLAIN), TYPES)
def test_any_cell_is_a_value_or_a_reason(raw: object, type: Type) -> None:
    value = read(raw, type, PARTIES)
    assert not isinstance(value, float)
    assert isinstance(value, Said | Bad | bool | int | Fraction | str | dt.date | Duration)


@given(st.integers(-(10**15), 10**15), st.integers(0, 6))
def test_every_spelling_of_an_amount_is_the_same_amount(units: int, places: int) -> None:
    amount = Fraction(units, 10**places)
    text = format(Decimal(units).scaleb(-places), "f")
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, point, rest = digits.partition(".")
    grouped = f"{sign}{int(whole):,}{point}{rest}"
    full = text.translate({ord(plain): chr(ord(plain) + 0xFEE0) for plain in "0123456789.-"})
    for spelled in (
        text,
        grouped,
        full,
        f"CNY {grouped}",
        f"{sign}¥{grouped.lstrip('-')}",
        f"{text}元",
        amount,
    ):
        assert read(spelled, CNY) == amount
