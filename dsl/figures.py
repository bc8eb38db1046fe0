"""The figures in the words of a clause, held against the numbers of its code.

A clause quotes the paper and says the same in the language; where the quotation names an amount, a percentage or a time that
no number of the code can stand for, one of the two was most likely forgotten or changed. Units are read generously (three
months are also a quarter or 90 days, 10% may be written as what is left of it), and dates, numbers of clauses and plain counts
are not looked at: better to say nothing than to be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import attrs

from clausal.dsl import syntax
from clausal.dsl.diagnostics import Diagnostic, Source, Span, note
from clausal.dsl.lexer import spoken_number
from clausal.dsl.resolve import Names

_DIGITS: Final = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
_SPOKEN: Final = r"[零〇一二两三四五六七八九十百千]+(?:点[零〇一二三四五六七八九]+)?"
_NUMBER: Final = rf"(?:{_DIGITS}|{_SPOKEN})"
_LOW: Final = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_HIGH: Final = {"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "sixty": 60, "ninety": 90}
_WORDS: Final = {**{word: number for number, word in enumerate(_LOW, 1)}, **_HIGH}
_FIGURE: Final = re.compile(
    r"(?P<date>[0-9]{4}\s*[-年/.]\s*[0-9]{1,2}(?:\s*[-月/.]\s*[0-9]{1,2}\s*[日号]?)?月?|[0-9]{1,2}月[0-9]{1,2}[日号]"
    r"|[零〇一二三四五六七八九]{4}年|[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}[日号]|(?:周|星期)[一二三四五六])"
    rf"|(?P<parts>[百千万]分之(?:{_NUMBER}))"
    rf"|(?P<percent>{_DIGITS})\s*(?P<sign>%|％|‰|‱|per\s?cent\b)"
    rf"|(?:CNY|RMB|USD|EUR|HKD|JPY|GBP|¥|￥|\$|€)\s*(?P<coded>{_DIGITS})\s*(?P<scale>万|亿)?"
    rf"|(?P<money>{_NUMBER})\s*(?P<times>[百千万亿])?元"
    rf"|(?P<time>{_NUMBER})\s*个?(?P<unit>工作日|日历日|自然日|日|天|月|周|星期|季度|年|小时)(?<![^个]月)"
    rf"|(?<![\w.])(?P<number>[0-9]+|{'|'.join(_WORDS)})\)?[\s-]+(?:(?:business|working|calendar|consecutive)[\s-]+)?"
    r"(?P<length>day|week|month|quarter|year|hour)s?\b",
    re.IGNORECASE,
)
_PLAIN: Final = str.maketrans(
    "壹贰貳叁肆伍陆柒捌玖拾佰仟圆萬億個兩點週時", "一二二三四五六七八九十百千元万亿个两点周时"
)
"""Capital and traditional figures as the plain ones, character by character, so that places stay."""
_SCALE: Final = {"百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_PART: Final = {"百": 100, "千": 1_000, "万": 10_000, "%": 100, "％": 100, "‰": 1_000, "‱": 10_000}
_UNITS: Final = {
    **dict.fromkeys(("工作日", "日历日", "自然日", "日", "天"), "day"),
    **{"月": "month", "周": "week", "星期": "week", "季度": "quarter", "年": "year", "小时": "hour"},
}
_ALSO: Final = {
    "hour": (Fraction(1, 24),),
    "day": (Fraction(24), Fraction(1, 7), Fraction(1, 30)),
    "week": (Fraction(7),),
    "month": (Fraction(30), Fraction(1, 3), Fraction(1, 12)),
    "quarter": (Fraction(3), Fraction(1, 4)),
    "year": (Fraction(12), Fraction(4), Fraction(365)),
}


_LONGER: Final = {"days": (24,), "weeks": (7,), "months": (30,), "quarters": (3,), "years": (12, 365)}
_GRAINS: Final = {
    **dict.fromkeys(("quarters", "quarterly", "quarter"), (Fraction(3),)),
    **dict.fromkeys(("years", "yearly", "year"), (Fraction(12),)),
}
"""A rule that runs by quarters says three months, without the figure."""


@attrs.frozen
class Figure:
    """One figure of a text: its words, where they stand in it, and every number that code may say it by."""

    words: str
    start: int
    readings: frozenset[Fraction]


def figures_in(text: str) -> Iterator[Figure]:
    """The amounts, percentages and times of a text. A single day, month or year is a unit and no figure, 100% is the whole."""
    for found in _FIGURE.finditer(text.translate(_PLAIN)):
        readings = _readings(found)
        if readings:
            yield Figure(text[found.start() : found.end()].strip(), found.start(), frozenset(readings))


def _readings(found: re.Match[str]) -> set[Fraction]:
    if found["date"] is not None:
        return set()
    if found["parts"] is not None:
        return _percent(_number(found["parts"][3:]), _PART[found["parts"][0]])
    if found["percent"] is not None:
        return _percent(_number(found["percent"]), _PART.get(found["sign"], 100))
    if found["coded"] is not None:
        return _money(_number(found["coded"]), _SCALE.get(found["scale"], 1))
    if found["money"] is not None:
        return _money(_number(found["money"]), _SCALE.get(found["times"], 1))
    unit = _UNITS[found["unit"]] if found["unit"] is not None else found["length"].lower()
    number = _number(found["time"] or found["number"])
    if number is None or number == 1 or (unit == "year" and number >= 1900):
        return set()
    return {number, *(number * by for by in _ALSO[unit])} - {1}


def _number(text: str) -> Fraction | None:
    if text.lower() in _WORDS:
        return Fraction(_WORDS[text.lower()])
    try:
        return Fraction(text.replace(",", "")) if text[0].isascii() else spoken_number(text.replace("两", "二"))
    except (KeyError, ValueError):
        return None


def _percent(number: Fraction | None, of: int) -> set[Fraction]:
    if number is None or number == of:
        return set()
    return {number, number / of, 1 - number / of, 1 + number / of}


def _money(number: Fraction | None, scale: int) -> set[Fraction]:
    return set() if number is None else {number * scale, number, number / 10_000}


# ---- the numbers of code


def numbers_of(node: object, names: Names) -> set[Fraction]:
    """Every number of some code and of what it names, through parameters, definitions and norms; scenarios apart."""
    found: set[Fraction] = set()
    seen: set[str] = set()
    stack: list[object] = [node]
    while stack:
        one = stack.pop()
        match one:
            case bool() | None:
                continue
            case int() | Fraction():
                found.add(Fraction(one))
                continue
            case syntax.DurationLit():
                found.update(Fraction(one.amount * by) for by in (1, *_LONGER.get(one.unit, ())))
                continue
            case str():
                found.update(_GRAINS.get(one, ()))
                if one in names.entries and one not in seen:
                    seen.add(one)
                    stack.append(names.entries[one].node)
                continue
            case tuple():
                stack.extend(one)
                continue
            case Span() | syntax.Scenario():
                continue
            case _:
                described = getattr(type(one), "__attrs_attrs__", ())
                stack.extend(getattr(one, a.name) for a in described if a.name not in ("span", "texts", "notes"))
    return found


def unwritten(tree: syntax.Tree, names: Names, source: Source) -> list[Diagnostic]:
    """The figures that the text of a clause says and its code does not. A clause without code only keeps the words."""
    findings: list[Diagnostic] = []
    stack: list[syntax.Declaration] = list(tree.declarations)
    while stack:
        clause = stack.pop()
        if not isinstance(clause, syntax.Clause):
            continue
        stack.extend(clause.items)
        if not clause.texts or all(isinstance(item, syntax.Clause | syntax.Scenario) for item in clause.items):
            continue
        figures = [(text, figure) for text in clause.texts for figure in figures_in(text)]
        if not figures:
            continue
        code = numbers_of(clause.items, names)
        told: set[str] = set()
        for text, figure in figures:
            if not figure.readings & code and figure.words not in told:
                told.add(figure.words)
                span = _place(source, clause.span, text, figure)
                number = clause.number
                findings.append(note("W572", span, source=source, clause=number, found=figure.words, number=number))
    return findings


def _place(source: Source, clause: Span, text: str, figure: Figure) -> Span:
    """Where the figure stands; the clause's own place where the text is not written as it is read."""
    start = source.text.find(text, clause.start, clause.end)
    if start < 0:
        return Span(clause.start, min(clause.end, clause.start + len("clause")))
    return Span(start + figure.start, start + figure.start + len(figure.words))
