"""One cell of a table, read by the type that the contract declares: text in, an exact value out.

A cell is understood where its declared type leaves one reading (`0.8万元` for money, `5％` for a rate),
and refused with a reason where it leaves two (`0.05` for a percent, `20260309` for a date). Nothing here is
aware of files and rows: what is wrong comes back as a `Bad`, and `engine/intake.py` puts the place to it.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Final, TypeAlias

import attrs

from clausal.dsl.diagnostics import Arg, Both, any_of, did_you_mean
from clausal.dsl.lexer import spoken_number
from clausal.dsl.types import Type, spell
from clausal.dsl.values import FINEST, Duration, Exact, Scalar, exact

MOST_DIGITS: Final = 40
_LONGEST: Final = 400  # no value but text is spelled in more characters
YEARS: Final = (1900, 2199)  # outside of them a year is a slip of the finger, and a run to it would not end


class Said(Enum):
    """What a cell can say without giving a value."""

    BLANK = "blank"
    NONE = "none"
    UNKNOWN = "unknown"


@attrs.frozen
class Bad:
    """Why a cell is refused: the code and the words of its diagnostic, without a place."""

    code: str
    args: tuple[tuple[str, Arg], ...] = ()


Read: TypeAlias = Scalar | Said | Bad

NO_PARTIES: Final[Mapping[str, str]] = {}


def bad(code: str, **args: Arg | None) -> Bad:
    return Bad(code, tuple((name, word) for name, word in args.items() if word is not None))


# What a cell may hold beside a value

_NONE: Final = frozenset({"none", "无"})
_UNKNOWN: Final = frozenset({"unknown", "未知"})
_NAN: Final = frozenset({"nan", "+nan", "-nan", "snan"})
_INFINITE: Final = frozenset({sign + word for sign in ("", "+", "-") for word in ("inf", "infinity", "∞", "无穷大")})
_PLACEHOLDERS: Final = frozenset(
    {"-", "--", "---", "—", "——", "–", "/", "\\", "?", "？", "*", "x", "."}
    | {"n/a", "na", "n.a.", "null", "nil"}
    | {"tbd", "tbc", "pending", "待定", "待填", "暂无", "不适用", "没有", "空", "缺", "缺失"}
)
_ERRORS: Final = frozenset(
    {"#n/a", "#div/0!", "#ref!", "#value!", "#name?", "#num!", "#null!", "#spill!", "#calc!", "#getting_data"}
)

# Signs that spreadsheets and Chinese input methods write, one for one. U+2212 is a minus; dashes are not.
_FOLD: Final = {
    **{0xFF10 + i: str(i) for i in range(10)},
    **{0xFF21 + i: chr(ord("A") + i) for i in range(26)},
    **{0xFF41 + i: chr(ord("a") + i) for i in range(26)},
    **{ord(full): plain for full, plain in zip("．，％－＋（）／：￥＄＃−", ".,%-+()/:¥$#-", strict=True)},
    **dict.fromkeys((0x00A0, 0x2007, 0x2009, 0x202F, 0x3000), " "),
}

_PLAIN: Final = re.compile(r"-?[0-9]{1,18}")
_PLAIN_POINT: Final = re.compile(r"(-?[0-9]{1,18})\.([0-9]{1,18})")
_NUMBER: Final = re.compile(r"([+-]?)([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?")
_EXPONENT: Final = re.compile(r"[+-]?[0-9.,]+[eE][+-]?[0-9]+")
SCALES: Final = {
    "万亿": 10**12,
    "亿": 10**8,
    "億": 10**8,
    "千万": 10**7,
    "百万": 10**6,
    "万": 10**4,
    "萬": 10**4,
    "千": 10**3,
}
_SCALED: Final = re.compile(r"(.*?) *(万亿|千万|百万|亿|億|万|萬|千)")

_DOLLARS: Final = frozenset({"USD", "HKD", "TWD", "SGD", "AUD", "CAD", "NZD"})
_MARKS: Final[Mapping[str, frozenset[str]]] = {
    "¥": frozenset({"CNY", "JPY"}),
    "$": _DOLLARS,
    "US$": frozenset({"USD"}),
    "HK$": frozenset({"HKD"}),
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP"}),
    "RMB": frozenset({"CNY"}),
    "人民币": frozenset({"CNY"}),
    "元": frozenset({"CNY"}),
    "圆": frozenset({"CNY"}),
    "元整": frozenset({"CNY"}),
    "元人民币": frozenset({"CNY"}),
    "美元": frozenset({"USD"}),
    "港元": frozenset({"HKD"}),
    "港币": frozenset({"HKD"}),
    "欧元": frozenset({"EUR"}),
    "日元": frozenset({"JPY"}),
    "円": frozenset({"JPY"}),
    "英镑": frozenset({"GBP"}),
}


def marks(currency: str) -> tuple[str, ...]:
    """The signs and words that may stand for a currency beside an amount."""
    return (currency, *(mark for mark, meant in _MARKS.items() if currency in meant))


_BEFORE: Final = re.compile(r"(US\$|HK\$|[¥$€£]|RMB|人民币|[A-Z]{3}(?![A-Z])) *")
_AFTER: Final = re.compile(r" *(元人民币|元整|元|圆|美元|港元|港币|欧元|日元|円|英镑|RMB|[A-Z]{3})")

YES: Final = frozenset({"true", "yes", "y", "1", "是"})
NO: Final = frozenset({"false", "no", "n", "0", "否"})

_DATE: Final = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|年([0-9]{1,2})月)([0-9]{1,2})(日?)")
_MIDNIGHT: Final = re.compile(r"[T ]00:00(?::00(?:\.0+)?)?")
_TIME: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.0+)?)?|([0-9]{1,2})时(?:([0-9]{1,2})分)?")
_SERIAL: Final = re.compile(r"[0-9]{4,6}(?:\.[0-9]+)?")
_EPOCH: Final = dt.date(1899, 12, 30)

_PER_HUNDRED: Final = {"%": 100, "‰": 1000, "‱": 10000, "百分之": 100, "千分之": 1000, "万分之": 10000}
_SPOKEN: Final = re.compile("[零〇一二两三四五六七八九十百千点]{1,20}")
_PERCENT: Final = re.compile(r"(百分之|千分之|万分之)? *(.*?) *(%|‰|‱)?")
_POINTS: Final = re.compile(r"(.*?) *(?:pp|个百分点|百分点|percentage points?)")
_PER: Final = re.compile(r"(.*?) *(?:per *|/ *|每)(day|week|month|year|日|天|周|月|年)|([日天周月年]) *(.*)")
PER_UNITS: Final = {"日": "day", "天": "day", "周": "week", "月": "month", "年": "year"}
_DURATION: Final = re.compile(r"([0-9]{1,6}) *([^\W\d][\w ]*)")
DURATIONS: Final = {
    **dict.fromkeys(("hour", "hours", "小时", "个小时"), "hours"),
    **dict.fromkeys(("day", "days", "日", "天"), "days"),
    **dict.fromkeys(("business day", "business days", "工作日", "个工作日"), "business days"),
    **dict.fromkeys(("week", "weeks", "周", "个周"), "weeks"),
    **dict.fromkeys(("month", "months", "个月"), "months"),
    **dict.fromkeys(("quarter", "quarters", "季度", "个季度"), "quarters"),
    **dict.fromkeys(("year", "years", "年"), "years"),
}

HAPPENING: Final = Both(
    "leave the cell blank, or write `none` (it did not happen) or `unknown`",
    "请将单元格留空，或者填写“无”（没有发生）或“未知”",
)
_ZONE: Final = Both(
    "leave the zone out: times are those of the contract's zone",
    "请勿写时区：时间均按合同约定的时区",
)
MEASURE: Final = Both("leave the cell blank or write `unknown`", "请将单元格留空，或者填写“未知”")


def fold(text: str) -> str:
    """Trimmed, with full-width digits and signs as their plain ones."""
    return text.strip() if text.isascii() else text.translate(_FOLD).strip()


def read(raw: object, type: Type, parties: Mapping[str, str] = NO_PARTIES) -> Read:
    """The value of a cell: text, or a plain Python value. `parties` gives the name for each name and title.

    A date or moment may be `none`, anything may be `unknown`. Text stays text: there `none` is a word.
    """
    if raw is None:
        return Said.BLANK
    if isinstance(raw, str):
        return read_text(raw, type, parties)
    return _python_value(raw, type, parties)


def read_text(text: str, type: Type, parties: Mapping[str, str] = NO_PARTIES) -> Read:
    plain = fold(text)
    if not plain:
        return Said.BLANK
    kind = type.kind
    if kind == "text":
        return _text(text)
    if len(plain) > _LONGEST:
        return _not(text, type)
    if not (plain[0].isdigit() and plain.isascii()):
        word = plain.casefold()
        if word in _UNKNOWN and plain not in type.choices:
            return Said.UNKNOWN
        if word in _NONE and plain not in type.choices:
            if kind in ("date", "moment"):
                return Said.NONE
            return _not(text, type, hint=MEASURE)
        if word in _ERRORS:
            return bad("F625", value=text.strip())
        if kind not in ("one of", "party"):
            if word in _NAN:
                return bad("F606", value=text.strip())
            if word in _INFINITE:
                return bad("F607", value=text.strip())
            if word in _PLACEHOLDERS:
                return _not(text, type, hint=HAPPENING if kind in ("date", "moment") else MEASURE)
    match kind:
        case "money":
            return _money(text, plain, type)
        case "number":
            return _number(text, plain, type)
        case "count":
            return _count(text, plain, type)
        case "percent":
            return _percent(text, plain, type)
        case "points":
            found = _POINTS.fullmatch(plain)
            value = _exact(found[1], type, text) if found else None
            if value is None:
                return _not(text, type, hint=Both("write `2pp`", "请写作“2pp”或“2个百分点”"))
            return value if isinstance(value, Bad) else exact(Fraction(value) / 100)
        case "rate":
            return _rate(text, plain, type)
        case "boolean":
            word = plain.casefold()
            if word in YES:
                return True
            if word in NO:
                return False
            return _not(text, type)
        case "date":
            return _date(text, plain, type)
        case "moment":
            return _moment(text, plain, type)
        case "one of":
            given = unicodedata.normalize("NFC", text.strip())
            return given if given in type.choices else _not(text, type, did_you_mean(given, type.choices))
        case "party":
            return _party(text, parties)
        case "duration":
            return _duration(text, plain, type)
        case _:
            return _not(text, type)


def words(type: Type) -> Both:
    """What a cell of the type should hold, for a reader."""
    match type.kind:
        case "money":
            return Both(f"an amount in {type.currency}", f"以{type.currency}计的金额")
        case "number":
            return Both("a number", "数值")
        case "count":
            of = f" of {type.unit}" if type.unit else ""
            return Both(f"a whole number{of}", f"整数（单位：{type.unit}）" if type.unit else "整数")
        case "percent":
            return Both("a percentage with its sign", "带百分号的百分比")
        case "points":
            return Both("a number of percentage points", "百分点数")
        case "boolean":
            return Both("yes or no", "“是”或“否”")
        case "date":
            return Both("a date like `2026-03-09`", "形如“2026-03-09”的日期")
        case "moment":
            return Both("a day with its time, like `2026-03-09 10:00`", "形如“2026-03-09 10:00”的时点")
        case "one of":
            return any_of(type.choices)
        case "party":
            return Both("a party of the contract", "合同当事人")
        case "duration":
            return Both("a time like `30 days`", "形如“30日”的期间")
        case _:
            return Both(f"of type `{spell(type)}`", f"“{spell(type)}”类型的值")


def _not(text: str, type: Type, suggestion: str | None = None, hint: Both | None = None) -> Bad:
    found = text[: _LONGEST + 1].strip()
    return bad("F603", value=found, expected=words(type), suggestion=suggestion, hint=hint)


def _text(text: str) -> Read:
    given = text.strip()
    if not given.isascii():
        given = unicodedata.normalize("NFC", given)
    if not given.isprintable() and any(
        unicodedata.category(char) in ("Cc", "Cf", "Cs") and char not in "\n\r\t" for char in given
    ):
        hint = Both("it has characters that cannot be seen; delete them", "其中含有不可见字符，请删去")
        return bad("F603", value=given, expected=Both("plain text", "普通文本"), hint=hint)
    return given


# Numbers


def _exact(plain: str, type: Type, text: str) -> Exact | Bad | None:
    """The number that `plain` spells; None where it spells none."""
    if _PLAIN.fullmatch(plain):
        return int(plain)
    found = _PLAIN_POINT.fullmatch(plain)
    if found:
        scale: int = 10 ** len(found[2])
        return exact(Fraction(int(found[1] + found[2]), scale))
    found = _NUMBER.fullmatch(plain)
    if found is None:
        if _EXPONENT.fullmatch(plain):
            hint = Both("write all its digits; an exponent is refused", "请写出全部数字，不接受科学计数法")
            return _not(text, type, hint=hint)
        return None
    sign, whole, fraction = found[1], found[2].replace(",", ""), found[3] or ""
    digits = whole + fraction
    if len(digits) > MOST_DIGITS:
        return _too_long()
    value = exact(Fraction(int(digits), 10 ** len(fraction)))
    return -value if sign == "-" else value


def _scaled(plain: str, type: Type, text: str) -> Exact | Bad | None:
    """A number that may end in 万 or 亿."""
    found = None if plain.isascii() else _SCALED.fullmatch(plain)
    if found is None:
        return _exact(plain, type, text)
    value = _exact(found[1], type, text)
    if value is None or isinstance(value, Bad):
        return value
    return exact(value * SCALES[found[2]])


def _no_number(text: str, plain: str, type: Type) -> Bad:
    if "," in plain and re.fullmatch(r"[^0-9]*[0-9][0-9.,]*[^0-9]*", plain):
        return bad("F624", value=text.strip())
    return _not(text, type)


def _number(text: str, plain: str, type: Type) -> Read:
    value = _scaled(plain, type, text)
    return _no_number(text, plain, type) if value is None else value


def _count(text: str, plain: str, type: Type) -> Read:
    number = plain
    if type.unit and plain.endswith(type.unit):
        number = plain[: -len(type.unit)].rstrip()
    value = _scaled(number, type, text)
    if value is None:
        return _no_number(text, number, type)
    if isinstance(value, Fraction):
        return _not(text, type)
    return value


def _money(text: str, plain: str, type: Type) -> Read:
    if _PLAIN.fullmatch(plain):
        return int(plain)
    number, negative = plain, False
    if plain[0] == "(" and plain[-1] == ")":
        number, negative = plain[1:-1].strip(), True
    sign = ""
    if number[:1] in ("-", "+"):
        sign, number = number[0], number[1:].lstrip()
    marks: list[str] = []
    before = _BEFORE.match(number)
    while before is not None and len(marks) < 2:
        marks.append(before[1])
        number = number[before.end() :]
        before = _BEFORE.match(number)
    if number[:1] in ("-", "+") and not sign:
        sign, number = number[0], number[1:].lstrip()
    end = re.search(_AFTER.pattern + r"\Z", number)
    if end:
        marks.append(end[1])
        number = number[: end.start()]
    if number[:1] in ("-", "+") or (negative and sign):
        return _not(text, type)
    value = _scaled(number, type, text)
    if value is None:
        return _no_number(text, number, type)
    if isinstance(value, Bad):
        return value
    for mark in marks:
        meant = _MARKS.get(mark, frozenset({mark}))
        if type.currency not in meant:
            return bad("F611", found=mark, expected=type.currency)
    return -value if negative or sign == "-" else value


def _percent(text: str, plain: str, type: Type) -> Read:
    found = _PERCENT.fullmatch(plain)
    if found is None or (found[1] and found[3]):
        return _not(text, type)
    if found[1] and _SPOKEN.fullmatch(found[2]):
        return exact(spoken_number(found[2]) / _PER_HUNDRED[found[1]])
    value = _exact(found[2], type, text)
    if value is None:
        return _no_number(text, found[2], type)
    if isinstance(value, Bad):
        return value
    sign = found[1] or found[3]
    if sign is None:
        if value == 0:
            return 0
        hint = Both(
            f"write `{found[2]}%` if so many hundredths are meant; a bare number may mean the fraction",
            f"如指百分之几，请写作“{found[2]}%”；不带百分号的数值也可能表示小数",
        )
        return _not(text, type, hint=hint)
    return exact(Fraction(value) / _PER_HUNDRED[sign])


def _rate(text: str, plain: str, type: Type) -> Read:
    number = plain
    found = _PER.fullmatch(plain)
    if found:
        unit = found[2] or found[3]
        if PER_UNITS.get(unit, unit) != type.per:
            return _not(text, type)
        number = found[1] if found[2] else found[4]
    base = Type("money", currency=type.currency) if type.currency else Type("percent")
    return _money(text, number, base) if type.currency and number else _percent(text, number, base)


# Days


def day(text: str) -> dt.date | None:
    """The date that folded text spells in one of the readings that leave no doubt."""
    found = _DATE.match(text)
    if found is None or bool(found[4]) != bool(found[6]):
        return None
    rest = text[found.end() :]
    if rest and not _MIDNIGHT.fullmatch(rest):
        return None
    return _day_of(int(found[1]), int(found[2] or found[3] or found[4]), int(found[5]))


def _day_of(year: int, month: int, day: int) -> dt.date | None:
    if not YEARS[0] <= year <= YEARS[1]:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _date(text: str, plain: str, type: Type) -> Read:
    value = day(plain)
    return _no_date(text, plain, type) if value is None else value


def _no_date(text: str, plain: str, type: Type) -> Bad:
    if re.fullmatch(r"[0-9]{8}", plain):
        hint = Both(
            f"write `{plain[:4]}-{plain[4:6]}-{plain[6:]}`; eight digits may also be a number",
            f"请写作“{plain[:4]}-{plain[4:6]}-{plain[6:]}”；八位数字也可能是编号",
        )
        return _not(text, type, hint=hint)
    if _SERIAL.fullmatch(plain):
        return serial(plain)
    if re.fullmatch(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}", plain):
        hint = Both(
            "write year, month and day: which of the numbers is the month differs from place to place",
            "请按年、月、日的顺序书写：月与日的先后各地不同",
        )
        return _not(text, type, hint=hint)
    if _DATE.match(plain) and len(plain) <= 11:
        hint = Both(
            f"there is no such day between {YEARS[0]} and {YEARS[1]}",
            f"{YEARS[0]}年至{YEARS[1]}年之间没有这一天",
        )
        return _not(text, type, hint=hint)
    return _not(text, type)


def serial(plain: str) -> Bad:
    """A spreadsheet's bare day number where a date should stand."""
    days = int(plain.partition(".")[0][:7])
    try:
        write = (_EPOCH + dt.timedelta(days=days)).isoformat()
    except OverflowError:
        write = "2026-03-09"
    return bad("F608", value=plain, write=write)


def _moment(text: str, plain: str, type: Type) -> Read:
    found = _DATE.match(plain)
    date = _day_of(int(found[1]), int(found[2] or found[3] or found[4]), int(found[5])) if found else None
    if found is None or date is None or bool(found[4]) != bool(found[6]):
        return _no_date(text, plain, type)
    rest = plain[found.end() :]
    time = _TIME.fullmatch(rest[1:] if rest[:1] in ("T", " ") else rest if found[4] else "")
    if time is None:
        hint = None
        if not rest:
            hint = Both("write the time too", "请同时写明时间")
        elif re.search(r"(?:Z|[+-][0-9]{2}:?[0-9]{2})\Z", rest):
            hint = _ZONE
        return _not(text, type, hint=hint)
    hour, minute, second = int(time[1] or time[4]), int(time[2] or time[5] or 0), int(time[3] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return _not(text, type)
    return dt.datetime(date.year, date.month, date.day, hour, minute, second)


def _duration(text: str, plain: str, type: Type) -> Read:
    found = _DURATION.fullmatch(plain)
    unit = DURATIONS.get(found[2]) if found else None
    if found is None or unit is None:
        return _not(text, type)
    if type.unit is not None and FINEST[unit][0] != FINEST[type.unit][0]:
        return _not(text, type)
    return Duration(int(found[1]), unit)


def _party(text: str, parties: Mapping[str, str]) -> Read:
    given = unicodedata.normalize("NFC", text.strip())
    name = parties.get(given)
    if name is not None:
        return name
    return bad(
        "F610",
        value=given,
        expected=any_of(dict.fromkeys(parties.values())),
        suggestion=did_you_mean(given, parties),
    )


# Plain Python values: from JSON's true, from a workbook's dates, from a program


def _python_value(raw: object, type: Type, parties: Mapping[str, str]) -> Read:
    match raw:
        case bool():
            if type.kind == "boolean":
                return raw
            return _not(str(raw).lower(), type)
        case dt.datetime():
            return _python_moment(raw, type)
        case dt.date():
            if type.kind == "date" and YEARS[0] <= raw.year <= YEARS[1]:
                return raw
            return read_text(raw.isoformat(), type, parties)
        case int():
            if abs(raw) >= 10**MOST_DIGITS:
                return _too_long()
            return _python_number(raw, type, parties)
        case Fraction():
            if abs(raw.numerator) >= 10**MOST_DIGITS or raw.denominator >= 10**MOST_DIGITS:
                return _too_long()
            return _python_number(exact(raw), type, parties)
        case Decimal():
            if raw.is_nan():
                return bad("F606", value=str(raw))
            if raw.is_infinite():
                return bad("F607", value=str(raw))
            exponent = raw.as_tuple().exponent
            # before any conversion: int(Decimal("1e1000000")) takes most of a minute
            if not isinstance(exponent, int) or abs(exponent) > MOST_DIGITS or raw.adjusted() > MOST_DIGITS:
                return _too_long()
            if len(raw.as_tuple().digits) > MOST_DIGITS:
                return _too_long()
            return read_text(format(raw, "f"), type, parties)
        case float():
            return _binary(raw, type)
        case Duration() if type.kind == "duration":
            return raw
        case _:
            return _index(raw, type, parties)


def _too_long() -> Bad:
    return bad(
        "F632",
        what=Both("this number", "该数值"),
        limit=Both(f"{MOST_DIGITS} digits", f"{MOST_DIGITS}位数字"),
    )


def _binary(raw: object, type: Type) -> Bad:
    spelled = repr(raw)
    if spelled == "nan":
        return bad("F606", value=spelled)
    if spelled in ("inf", "-inf"):
        return bad("F607", value=spelled)
    return bad("F636", value=spelled, expected=words(type))


def _index(raw: object, type: Type, parties: Mapping[str, str]) -> Read:
    """Integers of other libraries know their int; anything else is no value."""
    try:
        whole = operator.index(raw)  # type: ignore[arg-type]
    except TypeError:
        return _not(_named(raw), type)
    return _python_value(whole, type, parties)


def _named(raw: object) -> str:
    match raw:
        case Mapping():
            return "{…}"
        case list() | tuple():
            return "[…]"
        case _:
            return f"<{raw.__class__.__name__}>"


def _python_moment(raw: dt.datetime, type: Type) -> Read:
    spelled = raw.isoformat(" ")
    if raw.tzinfo is not None:
        return _not(spelled, type, hint=_ZONE)
    if not YEARS[0] <= raw.year <= YEARS[1]:
        return _not(spelled, type)
    if type.kind == "moment" and not raw.microsecond:
        return raw
    if type.kind == "date" and raw.time() == dt.time():
        return raw.date()
    return _not(spelled, type)


def _python_number(raw: Exact, type: Type, parties: Mapping[str, str]) -> Read:
    """A number as itself. Of percents only a Fraction is taken: 1/20 leaves no doubt."""
    match type.kind:
        case "money" | "number":
            return raw
        case "percent" | "points" | "rate":
            if isinstance(raw, Fraction) or raw == 0 or type.currency:
                return raw
            return read_text(str(raw), type)
        case _:
            return read_text(str(raw), type, parties)
