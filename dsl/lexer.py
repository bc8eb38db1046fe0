"""Cuts a contract's text into words: one pass, one pattern, both keyword sets, every refused spelling.

A keyword is a keyword wherever it stands, except after a dot (a field's name), before the colon of a field,
and directly before `=` (an assignment), unless an expression can end with it; the longest phrase wins. What
cannot be a word here but has one clear reading (`USD5`, `8,000`, `2026-2-2`, `&&`) is told and then read as
that, so that one slip does not hide what follows. Full-width signs and digits are folded one for one, so
that every offset is one of the original text.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Iterable
from fractions import Fraction
from functools import cache
from typing import Any, Final

import attrs

from clausal.dsl.diagnostics import Both, Diagnostic, Fix, Source, Span, error
from clausal.dsl.keywords import OPERATORS, Keywords, Lang, table

MAX_CHARACTERS: Final = 4 * 1024 * 1024
MAX_DEPTH: Final = 200
MAX_DIGITS: Final = 40
_LONGEST_RUN: Final = 100  # characters without a blank that are looked through for keywords

DECLARING: Final = frozenset(
    [
        "K_PARTY",
        "K_PARAMETER",
        "K_FACT",
        "K_LET",
        "K_KPI",
        "K_BALANCE",
        "K_OBLIGATION",
        "K_PROHIBITION",
        "K_RIGHT",
        "K_SUSPENSION",
        "K_TERMINATION",
        "K_ESCALATION",
        "K_APPROVAL",
    ]
)
CURRENCIES: Final = frozenset(
    [
        "AED",
        "AUD",
        "BRL",
        "CAD",
        "CHF",
        "CNH",
        "CNY",
        "CZK",
        "DKK",
        "EUR",
        "GBP",
        "HKD",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "JPY",
        "KRW",
        "KWD",
        "MOP",
        "MXN",
        "MYR",
        "NOK",
        "NZD",
        "PHP",
        "PLN",
        "RUB",
        "SAR",
        "SEK",
        "SGD",
        "THB",
        "TRY",
        "TWD",
        "USD",
        "VND",
        "ZAR",
    ]
)
CLOSERS: Final = {"{": "}", "(": ")", "[": "]"}

_SIGNS: Final = {"¥": "CNY", "$": "USD", "€": "EUR", "£": "GBP"}
_MYRIADS: Final = {"": 1, "万": 10**4, "亿": 10**8, "万亿": 10**12}
_HUNDREDTHS: Final = {"%": 100, "‰": 1000, "‱": 10000, "百": 100, "千": 1000, "万": 10000}
BEFORE_COLON: Final = frozenset({"K_OTHERWISE", "K_ABOVE"})
_LOOKALIKES: Final = {
    "==": "=",
    "&&": "K_AND",
    "||": "K_OR",
    "!": "K_NOT",
    "<>": "!=",
    "=>": ">=",
    "=<": "<=",
}
_DIGITS: Final = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}

_FOLDED: Final = dict(
    zip(
        map(ord, "：（）｛｝，％＝＜＞；、＋－＊／［］＃．！＆｜？｀￥＄０１２３４５６７８９\u3000＂"),
        ':(){},%=<>;,+-*/[]#.!&|?`¥$0123456789 "',
        strict=True,
    )
)
_TO_FOLD: Final = re.compile("[" + re.escape("".join(map(chr, _FOLDED))) + "]")

# What no reader can see, or what makes a line look different from what it says.
_REFUSED: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
# Breaks that end a line on the screen of a word processor, and here end none: not even a comment.
_BREAKS: Final = frozenset("\x0b\x0c\x85\u2028\u2029")
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_NUMBER_TEXT: Final = r"[0-9][0-9_]*(?:\.[0-9]+)?"
_NOT_A_WORD: Final = r"(?![0-9A-Za-z_])"
_TOKEN: Final = re.compile(
    r"\s*(?:"
    r"([A-Z]{3}[^\S\r\n]+(?![0-9]{4}-[0-9QW])"
    rf"(?:[0-9]{{1,3}}(?:,[0-9]{{3}})+(?:\.[0-9]+)?|{_NUMBER_TEXT})(?:万亿|万|亿)?)"
    rf"|([百千万]分之(?:{_NUMBER_TEXT}|[零〇一二两三四五六七八九十百千点]+))"
    r"|([^\W\d][\w\u0300-\u036f]*)"
    r"|(/[日周月年](?!\w)|<=|>=|!=|==|=>|=<|<>|&&|\|\||[{}()\[\]:,.=<>+\-*/?;!%‰‱≥≤≠×÷])"
    rf"|([0-9]{{4}}-(?:[0-9]{{1,2}}-[0-9]{{1,2}}(?:T[0-9:]+{_NOT_A_WORD}|(?![0-9_]|T[0-9]))"
    rf"|(?:[0-9]{{1,2}}|[QW][0-9]{{1,2}}){_NOT_A_WORD})(?!-[0-9]))"
    rf"|([0-9]{{4}}(?:年[0-9]{{1,2}}月(?:[0-9]{{1,2}}[日号])?|([./])[0-9]{{1,2}}\7[0-9]{{1,2}}|Q[1-4]){_NOT_A_WORD})"
    r"|([0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?(?:万亿|万|亿)?元?)"
    rf"|({_NUMBER_TEXT}(?:万亿|万|亿)?(?:元|%|‰|‱|个百分点|pp(?!\w))?)"
    r"|(\"[^\"]*\"|“[^”]*”)"
    r"|(#[^\r\n]*)"
    r"|(`[^`\r\n]*`|「[^」\r\n]*」)"
    r"|([¥$€£][^\S\r\n]*[0-9][0-9_,]*(?:\.[0-9]+)?(?:万亿|万|亿)?元?)"
    r"|(”[^”\r\n]*”|‘[^’\r\n]*’|'[^'\r\n]*')"
    r"|([^\s\w\"“#`「{}()\[\]:,.=<>+\-*/?;!%‰‱≥≤≠×÷¥$€£]+|\S)"
    r"|\Z)"
)
(
    _MONEY,
    _PARTS,
    _WORD,
    _SIGN,
    _DATE,
    _LOOSE,
    _,
    _GROUPED,
    _NUMBER,
    _STRING,
    _COMMENT,
    _QUOTED,
    _MARKED,
    _CURLY,
    _OTHER,
) = range(1, 16)
_NUMBER_PARTS: Final = re.compile(r"([0-9][0-9_]*)(?:\.([0-9]+))?(万亿|万|亿)?(.*)", re.S)
_STUCK_MONEY: Final = re.compile(r"([A-Z]{3})([0-9][0-9_]*)")
_STUCK_NUMBER: Final = re.compile("[\u3400-\u9fff]([0-9]+)\\Z")
_CAPITALS: Final = dict(zip("零壹贰叁肆伍陆柒捌玖拾佰仟圆", "零一二三四五六七八九十百千元", strict=True))
_IN_WORDS: Final = re.compile("(?:人民币)?([零一二三四五六七八九十百千]+)(万?)元[整正]?")
_TENTHS: Final = re.compile("([一二两三四五六七八九])成([一二三四五六七八九]?)")
_RATE_IN_WORDS: Final = re.compile("(?:每|按)?([日天周月年])(?:利率|按)?([百千万]分之[零一二三四五六七八九十百点]+)")
_TIME_IN_WORDS: Final = re.compile("([一二两三四五六七八九十百]+)(小时|个工作日|工作日|日|天|周|个月|月|年|次)(内?)")
_NUMERAL: Final = re.compile("[一二两三四五六七八九十百]+")
_AFTER_POINT: Final = re.compile(r"\.[0-9]+")
_NAME: Final = re.compile(r"[^\W\d][\w\u0300-\u036f]*")
_CODE: Final = re.compile("[A-Z]{3}")
_CJK: Final = re.compile("[\u3400-\u9fff]")


def visible(text: str) -> str:
    """The same text with a blank for each character that no reader can see: what is left can be cut into words."""
    return _REFUSED.sub(" ", text)


def spoken_number(text: str) -> Fraction:
    """五, 十二, 一百二十, 三点五 as a number. `KeyError` for any other character."""
    whole, _, decimals = text.partition("点")
    value, digit = 0, None
    for char in whole:
        if char in _DIGITS:
            digit = _DIGITS[char]
        else:
            value += (1 if digit is None else digit) * {"十": 10, "百": 100, "千": 1000}[char]
            digit = None
    total = Fraction(value + (digit or 0))
    figures = "".join(str(_DIGITS[char]) for char in decimals if char in _DIGITS)
    return total + Fraction(int(figures), 10 ** len(figures)) if figures else total


def written_figures(word: str) -> str | None:
    """How what contracts on paper write in words is written here: 人民币捌仟元整 as `8_000元`, 七日内 as `7日内`,
    每日万分之五 as `万分之五/日`, 六成 as `60%`. None for any other word.
    """
    if len(word) > MAX_DIGITS or word.isascii():
        return None
    plain = "".join(_CAPITALS.get(char, char) for char in word)
    if found := _IN_WORDS.fullmatch(plain):
        return f"{spoken_number(found[1]).numerator:_}{found[2]}元"
    if found := _TENTHS.fullmatch(plain):
        return f"{_DIGITS[found[1]]}{_DIGITS[found[2]] if found[2] else 0}%"
    if found := _RATE_IN_WORDS.fullmatch(plain):
        per = {"天": "日"}.get(found[1], found[1])
        return f"{found[2]}/{per}"
    if found := _TIME_IN_WORDS.fullmatch(plain):
        unit = {"天": "日", "工作日": "个工作日", "月": "个月"}.get(found[2], found[2])
        return f"{spoken_number(found[1]).numerator}{unit}{found[3]}"
    return None


@attrs.frozen
class Token:
    """A word of the text for tools that need no tree; `type` is `K_` and a role, a value or a sign."""

    type: str
    text: str
    span: Span


@attrs.define
class Lexed:
    """The words of one text as four columns, and what was found on the way. Positions are token numbers."""

    source: Source
    types: list[str]
    starts: list[int]
    ends: list[int]
    values: list[Any]
    comments: list[tuple[int, int]]
    found: list[Diagnostic]
    lang: Lang = "en"
    declared: set[str] = attrs.Factory(set)
    foreign: list[int] = attrs.Factory(list)
    unclosed: list[int] = attrs.Factory(list)  # brackets without a partner
    cut: int | None = None  # from here on a string was not closed
    fatal: bool = False

    def text(self, i: int) -> str:
        """A token as it is written, phrases with one blank between their words."""
        return " ".join(self.source.text[self.starts[i] : self.ends[i]].split())


@cache
def _lookup() -> dict[str, tuple[str | None, Lang, re.Pattern[str] | None]]:
    """First word → the keyword that it is alone, its set, the pattern of the phrases that it may begin."""
    words = table().keywords.words
    phrases: dict[str, list[str]] = {}
    for word in words:
        first = re.match(r"[^\W\d]\w*", word)
        if first and first[0] != word:
            phrases.setdefault(first[0], []).append(word)
    found: dict[str, tuple[str | None, Lang, re.Pattern[str] | None]] = {}
    for word, (type, lang) in words.items():
        if word not in phrases and word[0] != "/":
            found[word] = (type, lang, None)
    for first_word, longer in phrases.items():
        choices = sorted(longer, key=len, reverse=True)
        pattern = "|".join(r"\s+".join(map(re.escape, phrase.split(" "))) for phrase in choices)
        alone = words.get(first_word)
        found[first_word] = (alone and alone[0], words[longer[0]][1], re.compile(rf"(?:{pattern})(?!\w)"))
    return found


@cache
def _plain() -> frozenset[str]:
    """Chinese words that mean something by position; made of keywords or not, they are one word."""
    return frozenset(zh for row in table().keywords.names.values() for zh in row.values())


@cache
def _instance_words() -> frozenset[str]:
    return frozenset(table().keywords.names["instance"].values())


def lex(source: Source) -> Lexed:
    """All words of a text; what is wrong with them is told beside them."""
    text = source.text
    lexed = Lexed(source, [], [], [], [], [], [])
    if len(text) > MAX_CHARACTERS:
        lexed.found.append(error("E005", Span(0, 0), source=source, size=len(text), limit=MAX_CHARACTERS))
        lexed.fatal = True
        return lexed
    begin = 1 if text.startswith("\ufeff") else 0
    if not text.isascii() or _REFUSED.search(text):
        _refuse(lexed, begin)
        if lexed.fatal:
            return lexed
    _Lexing(lexed, begin).run()
    return lexed


def _refuse(lexed: Lexed, begin: int) -> None:
    broken = False
    for match in _REFUSED.finditer(lexed.source.text, begin):
        char = match[0]
        span = Span(match.start(), match.end())
        said = f"U+{ord(char):04X}"
        lexed.fatal = True
        if char in _BREAKS:
            if broken:  # a pasted page has one on every line: one message stands for all of them
                continue
            broken = True
            code, fix = "E004", None
            hint = Both(
                "a word processor's line break: replace each of them by an ordinary one",
                "这是文字处理软件的换行符：请全部替换为普通换行",
            )
        elif unicodedata.category(char) in ("Cc", "Cs"):
            code, fix = "E004", Fix(span, "")
            hint = Both("delete it; it cannot be seen on the screen", "请删去该字符；它在屏幕上不可见")
        else:
            code, fix, hint = "E002" if char in _BIDI else "E003", Fix(span, ""), None
        lexed.found.append(error(code, span, source=lexed.source, fix=fix, char=said, hint=hint))
        if len(lexed.found) >= 50:
            return


class _Lexing:
    """One pass over one text."""

    __slots__ = ("_declared", "_numbers", "_pieces", "begin", "folded", "lexed", "nfc", "open")

    def __init__(self, lexed: Lexed, begin: int) -> None:
        text = lexed.source.text
        self.lexed = lexed
        self.begin = begin
        self.folded = text.translate(_FOLDED) if not text.isascii() and _TO_FOLD.search(text) else text
        self.nfc = text.isascii() or unicodedata.is_normalized("NFC", text)
        self.open: list[int] = []
        self._pieces: dict[str, list[str] | None] = {}
        self._numbers: dict[str, Fraction] = {}
        self._declared: frozenset[str] | None = None

    def run(self) -> None:
        lexed, folded, nfc = self.lexed, self.folded, self.nfc
        types, starts, ends, values = lexed.types, lexed.starts, lexed.ends, lexed.values
        lookup, match = _lookup(), _TOKEN.match
        in_set: dict[Lang, list[int]] = {"en": [], "zh": []}
        open_ = self.open
        declared = lexed.declared
        pos, size = self.begin, len(folded)
        while pos < size:
            found = match(folded, pos)
            assert found is not None
            kind = found.lastindex
            if kind is None:
                break
            start, pos = found.span(kind)
            if kind == _WORD:
                word = found[kind]
                if (
                    folded[pos : pos + 1] == "."
                    and not word.isascii()
                    and (stuck := _STUCK_NUMBER.search(folded, start, pos))
                ):
                    if folded[pos + 1 : pos + 2].isdigit():  # 精确到0.01
                        pos = stuck.start(1)
                        word = folded[start:pos]
                before = types[-1] if types else ""
                entry = lookup.get(word)
                if entry is not None and before != ".":
                    type, lang, phrase = entry
                    if phrase is not None:
                        longer = phrase.match(folded, start)
                        if longer is not None:
                            pos = longer.end()
                            type = table().keywords.words[" ".join(longer[0].split())][0]
                    if type is not None:
                        in_set[lang].append(len(types))
                        types.append(type)
                        starts.append(start)
                        ends.append(pos)
                        values.append(word)
                        continue
                elif not word.isascii():
                    pieces = self.pieces(word, before)
                    if pieces is not None:
                        pos = self.split(start, pieces, in_set["zh"])
                        continue
                if len(word) > 3 and word[:3] in CURRENCIES and before not in DECLARING:
                    stuck = _STUCK_MONEY.fullmatch(word)
                    if stuck is not None:
                        pos = self.stuck(stuck, start, pos)
                        continue
                if not nfc:
                    word = unicodedata.normalize("NFC", word)
                if before in DECLARING:
                    declared.add(word)
                types.append("NAME")
                starts.append(start)
                ends.append(pos)
                values.append(word)
            elif kind == _SIGN:
                sign = found[kind]
                if sign in "{([":
                    open_.append(len(types))
                    if len(open_) > MAX_DEPTH:
                        span = Span(start, pos)
                        lexed.found.append(error("E006", span, source=lexed.source, limit=MAX_DEPTH))
                        lexed.fatal = True
                        return
                elif sign in "})]":
                    self.close(sign)
                elif sign == "=":
                    if types and self.a_name_before("=", types[-1]):
                        self.rename(in_set)
                elif sign == ":":
                    # A field of a record or of a list, `{ on: … }`, may have a keyword's name.
                    if len(types) > 1 and types[-2] in ("{", ",") and self.a_name_before(":", types[-1]):
                        self.rename(in_set)
                elif len(sign) == 2 and sign[0] == "/":
                    in_set["zh"].append(len(types))
                    types.append(table().keywords.words[sign][0])
                    starts.append(start)
                    ends.append(pos)
                    values.append(sign)
                    continue
                elif sign in OPERATORS:
                    sign = OPERATORS[sign]
                elif sign == ";" or sign in _LOOKALIKES:
                    self.lookalike(sign, start, pos)
                    continue
                types.append(sign)
                starts.append(start)
                ends.append(pos)
                values.append(sign)
            elif kind == _COMMENT:
                lexed.comments.append((start, pos))
            elif kind == _STRING:
                inner = lexed.source.text[start + 1 : pos - 1]
                if "\r" in inner:
                    inner = inner.replace("\r\n", "\n").replace("\r", "\n")
                types.append("STRING")
                starts.append(start)
                ends.append(pos)
                values.append(inner)
            elif kind == _NUMBER:
                self.number(found[kind], start, pos)
            else:
                pos = self.rare(kind, found[kind], start, pos)
                if lexed.cut is not None:
                    break
        lexed.unclosed += open_
        lexed.unclosed.sort()
        self.finish(in_set)

    def a_name_before(self, sign: str, last: str) -> bool:
        """Whether a keyword of one word stands where only a name can: `text = 3`, `{ on: 5 }`."""
        lexed = self.lexed
        if not last.startswith("K_") or lexed.values[-1] != self.folded[lexed.starts[-1] : lexed.ends[-1]]:
            return False
        if sign == ":":
            return last not in BEFORE_COLON
        return last == "K_DUE" or not (last == "K_LET" or last in table().automaton.ends_expression)

    def rename(self, in_set: dict[Lang, list[int]]) -> None:
        """Makes the last keyword a name."""
        types = self.lexed.types
        types[-1] = "NAME"
        if len(types) > 1 and types[-2] in DECLARING:
            self.lexed.declared.add(
                self.lexed.values[-1]
            )  # where it is used it is told as a keyword, not as out of place
        for numbers in in_set.values():
            if numbers and numbers[-1] == len(self.lexed.types) - 1:
                numbers.pop()

    def put(self, type: str, start: int, end: int, value: Any) -> None:
        lexed = self.lexed
        lexed.types.append(type)
        lexed.starts.append(start)
        lexed.ends.append(end)
        lexed.values.append(value)

    def tell(self, code: str, start: int, end: int, **words: Any) -> None:
        fix = Fix(Span(start, end), words["write"]) if isinstance(words.get("write"), str) else None
        self.lexed.found.append(error(code, Span(start, end), source=self.lexed.source, fix=fix, **words))

    def close(self, sign: str) -> None:
        """Pairs a closing sign with the nearest opening one of its kind; what is between is not closed."""
        types, open_ = self.lexed.types, self.open
        for depth in range(len(open_) - 1, -1, -1):
            if CLOSERS[types[open_[depth]]] == sign:
                self.lexed.unclosed += open_[depth + 1 :]
                del open_[depth:]
                return

    # ---- Chinese words without blanks

    def pieces(self, word: str, before: str) -> list[str] | None:
        """The keywords that a run of characters up to its first digit is made of; None if it is a name."""
        if word in self._pieces:
            pieces = self._pieces[word]
        else:
            pieces = self._pieces[word] = None if word in _plain() else _decomposed(word)
            if pieces is not None and word in self.names():
                pieces = self._pieces[word] = None
        return None if before in DECLARING or before == "." else pieces

    def names(self) -> frozenset[str]:
        """Names that the file declares, looked for only when a run of keywords could be one of them."""
        if self._declared is None:
            words = table().keywords.words
            roles = "|".join(word for word, (type, lang) in words.items() if lang == "zh" and type in DECLARING)
            declared = re.findall(rf"(?<!\w)(?:{roles})\s+([^\W\d]\w*)|[{{,]\s*([^\W\d]+)\s*:", self.folded)
            self._declared = frozenset(name for pair in declared for name in pair if name)
        return self._declared

    def split(self, start: int, pieces: list[str], in_set: list[int]) -> int:
        words = table().keywords.words
        for piece in pieces:
            if piece in words:
                in_set.append(len(self.lexed.types))
            self.put(words[piece][0] if piece in words else "NAME", start, start + len(piece), piece)
            start += len(piece)
        return start

    # ---- numbers, money, dates

    def digits(self, text: str, start: int, end: int) -> tuple[Fraction, str]:
        """The value of a number with 万 and 亿, and what stands behind it."""
        match = _NUMBER_PARTS.fullmatch(text)
        assert match is not None
        whole, decimals, myriad, rest = match.groups()
        plain = whole.replace("_", "")
        if len(plain) + len(decimals or "") > MAX_DIGITS:
            self.tell("E007", start, end, limit=MAX_DIGITS)
            return Fraction(0), rest
        if plain[0] == "0" and len(plain) > 1:
            hint = Both("write a date as `2026-02-02`, a code as text", "日期请写作“2026-02-02”，编号请放入引号")
            self.tell("E121", start, end, found=text[: len(text) - len(rest)], hint=hint)
        value = int(plain) * _MYRIADS[myriad or ""]
        if decimals is None:
            return Fraction(value), rest
        scale: int = 10 ** len(decimals)
        return Fraction(int(plain + decimals) * _MYRIADS[myriad or ""], scale), rest

    def number(self, text: str, start: int, end: int) -> None:
        if text in self._numbers:
            self.put("NUMBER", start, end, self._numbers[text])
            return
        value, rest = self.digits(text, start, end)
        if not rest:
            self._numbers[text] = value
            self.put("NUMBER", start, end, value)
        elif rest == "元":
            self.put("MONEY", start, end, ("CNY", value))
        elif rest in _HUNDREDTHS:
            self.put("PERCENT", start, end, value / _HUNDREDTHS[rest])
        else:
            self.put("POINTS", start, end, value / 100)

    def stuck(self, found: re.Match[str], start: int, end: int) -> int:
        """`USD5`: told, and read as money."""
        amount = found[2]
        point = _AFTER_POINT.match(self.folded, end)
        if point is not None:
            amount += point[0]
            end = point.end()
        self.tell("E105", start, end, found=self.folded[start:end], write=f"{found[1]} {amount}")
        self.put("MONEY", start, end, (found[1], self.digits(amount, start, end)[0]))
        return end

    def date(self, text: str, start: int, end: int) -> None:
        """Any of the forms that begin with `dddd-`."""
        day, _, time = text.partition("T")
        parts = day.split("-")
        try:
            if parts[1][0] == "Q":
                if not (len(parts[1]) == 2 and "1" <= parts[1][1] <= "4"):
                    raise ValueError
                self.put("QUARTER", start, end, text)
            elif parts[1][0] == "W":
                dt.date.fromisocalendar(int(parts[0]), int(parts[1][1:]), 1)
                if len(parts[1]) != 3:
                    write = f"{parts[0]}-W{int(parts[1][1:]):02}"
                    self.tell("E108", start, end, found=text, write=write)
                    text = write
                self.put("WEEK", start, end, text)
            elif len(parts) == 2:
                dt.date(int(parts[0]), int(parts[1]), 1)
                if len(parts[1]) != 2:
                    self.loose_date(text, start, end)
                    return
                self.put("MONTH", start, end, text)
            else:
                found = dt.date(*map(int, parts))
                clock = time.split(":") if time else []
                if [len(part) for part in parts[1:]] != [2, 2] or (time and [len(part) for part in clock] != [2, 2]):
                    self.loose_date(text, start, end)
                elif time:
                    moment = dt.datetime(found.year, found.month, found.day, int(clock[0]), int(clock[1]))
                    self.put("MOMENT", start, end, moment)
                else:
                    self.put("DATE", start, end, found)
        except ValueError:
            hint = Both("put blanks round a minus that subtracts", "如需相减，请在减号两边留空格")
            self.tell("E109", start, end, found=text, hint=None if len(parts) > 2 else hint)
            if len(parts) > 2:
                self.put("DATE", start, end, dt.date(2000, 1, 1))
            else:
                self.put("MONTH", start, end, "2000-01")

    def loose_date(self, text: str, start: int, end: int) -> None:
        """`2026-2-2`, `2026/2/2`, `2026年2月2日`, `2026Q1`: told, and read as the date that it says."""
        numbers = [int(part) for part in re.findall(r"[0-9]+", text)]
        try:
            if "Q" in text:
                write = f"{numbers[0]}-Q{numbers[1]}"
                self.put("QUARTER", start, end, write)
            elif len(numbers) == 2:
                dt.date(numbers[0], numbers[1], 1)
                write = f"{numbers[0]:04}-{numbers[1]:02}"
                self.put("MONTH", start, end, write)
            elif len(numbers) == 3:
                day = dt.date(*numbers)
                write = day.isoformat()
                self.put("DATE", start, end, day)
            else:
                hour, minute = numbers[3], numbers[4] if len(numbers) > 4 else 0
                moment = dt.datetime(numbers[0], numbers[1], numbers[2], hour, minute)
                write = moment.isoformat(timespec="minutes")
                self.put("MOMENT", start, end, moment)
        except ValueError:
            self.tell("E109", start, end, found=text)
            self.put("DATE", start, end, dt.date(2000, 1, 1))
            return
        self.tell("E108", start, end, found=text, write=write)

    # ---- what is seldom met, and what is told

    def lookalike(self, sign: str, start: int, end: int) -> None:
        lexed = self.lexed
        if sign == ";":
            hint = Both("leave it out: items need no separator", "请删去：各项之间无需分隔")
            lexed.found.append(
                error(
                    "E126",
                    Span(start, end),
                    source=lexed.source,
                    fix=Fix(Span(start, end), ""),
                    found=sign,
                    hint=hint,
                )
            )
            return
        type = _LOOKALIKES[sign]
        sign = self.folded[start:end]
        keyword = table().keywords.roles[type[2:]] if type.startswith("K_") else None
        if keyword:
            said = Both(f"write `{keyword.en}`", f"请写作“{keyword.zh}”")
            self.tell("E126", start, end, found=sign, hint=said)
        else:
            self.tell("E126", start, end, found=sign, write=type)
        self.put(type, start, end, type)

    def rare(self, kind: int, text: str, start: int, end: int) -> int:
        """A token of a kind that is seldom met; gives where to go on."""
        lexed = self.lexed
        if kind == _MONEY:
            currency, amount = text.split(None, 1)
            if "," in amount:
                self.tell("E107", start, end, found=text, write=f"{currency} {amount.replace(',', '_')}")
                amount = amount.replace(",", "")
            self.put("MONEY", start, end, (currency, self.digits(amount, start, end)[0]))
        elif kind == _PARTS:
            self.put("PERCENT", start, end, self.said(text[3:], start, end) / _HUNDREDTHS[text[0]])
        elif kind == _DATE:
            self.date(text, start, end)
        elif kind == _LOOSE:
            self.loose_date(text, start, end)
        elif kind == _GROUPED:
            write = text.replace(",", "_")
            spaced = ", ".join(text.split(","))
            hint = Both(
                f"write `{write}`; if these are several numbers, `{spaced}`",
                f"请写作“{write}”；如果是几个数，请写作“{spaced}”",
            )
            self.tell("E107", start, end, found=text, write=write, hint=hint)
            self.number(text.replace(",", ""), start, end)
        elif kind == _MARKED:
            amount = text[1:].strip().replace(",", "").replace("_", "").removesuffix("元")
            value, _ = self.digits(amount, start, end)
            currency = _SIGNS[text[0]]
            self.tell("E106", start, end, sign=lexed.source.text[start], write=f"{currency} {_grouped(amount)}")
            self.put("MONEY", start, end, (currency, value))
        elif kind == _QUOTED:
            name = unicodedata.normalize("NFC", lexed.source.text[start + 1 : end - 1].strip())
            if not name:
                self.tell("E009", start, end, quote="」" if text[0] == "「" else "`")
                name = "_"
            if lexed.types and lexed.types[-1] in DECLARING:
                lexed.declared.add(name)
            self.put("NAME", start, end, name)
        elif kind == _CURLY:
            self.tell("E104", start, start + 1, quote=lexed.source.text[start])
            self.put("STRING", start, end, lexed.source.text[start + 1 : end - 1])
        elif text[0] in '"“':
            self.unclosed_string(start, "”" if text[0] == "“" else '"')
        elif text[0] in "`「":
            self.tell("E009", start, start + 1, quote="」" if text[0] == "「" else "`")
            line_end = re.compile(r"[\r\n]|\Z").search(self.folded, start)
            assert line_end is not None
            word = re.compile(r"\w*").match(self.folded, start + 1)
            assert word is not None
            end = word.end()
            self.put("NAME", start, end, word[0] or "_")
        elif text[0] in "”’‘'":
            self.tell("E104", start, start + 1, quote=lexed.source.text[start])
            end = start + 1
        elif text in ("&", "|"):
            self.lookalike(text * 2, start, end)
        elif text[0] in _SIGNS:
            sign = lexed.source.text[start]
            self.tell("E106", start, start + 1, sign=sign, write=f"{_SIGNS[text[0]]} 8_000")
            end = start + 1
        else:
            char = lexed.source.text[start:end]
            self.tell("E004", start, end, char=Both(f"`{char}`", f"“{char}”"))
        return end

    def said(self, text: str, start: int, end: int) -> Fraction:
        """五, 十二, 一百二十, 三点五, or digits."""
        if text[0] in "0123456789":
            return self.digits(text, start, end)[0]
        if len(text) > MAX_DIGITS:
            self.tell("E007", start, end, limit=MAX_DIGITS)
            return Fraction(0)
        return spoken_number(text)

    def unclosed_string(self, start: int, quote: str) -> None:
        """Told once. If an earlier string runs over a line break into a word, that one lacks its mark."""
        lexed = self.lexed
        lexed.cut = start
        if quote == '"':
            for i, type in enumerate(lexed.types):
                if type != "STRING" or self.folded[lexed.starts[i]] != '"':
                    continue
                end = lexed.ends[i]
                if (
                    "\n" in lexed.values[i]
                    and end < len(self.folded)
                    and (self.folded[end] == "_" or self.folded[end].isalnum())
                ):
                    lexed.cut = lexed.starts[i]
                    break
        lexed.found = [one for one in lexed.found if one.span is not None and one.span.start < lexed.cut]
        self.tell("E008", lexed.cut, lexed.cut + 1, quote=quote)
        keep = sum(1 for at in lexed.starts if at < lexed.cut)
        for column in (lexed.types, lexed.starts, lexed.ends, lexed.values):
            del column[keep:]
        self.open = [i for i in self.open if i < keep]

    def finish(self, in_set: dict[Lang, list[int]]) -> None:
        """Decides which keyword set the file uses, and tells the words of the other one."""
        lexed = self.lexed
        en, zh = in_set["en"], in_set["zh"]
        if lexed.types and lexed.types[0] == "K_CONTRACT":
            lexed.lang = "zh" if zh and zh[0] == 0 else "en"
        else:
            lexed.lang = "zh" if len(zh) > len(en) else "en"
        lexed.foreign = [i for i in (en if lexed.lang == "zh" else zh) if i < len(lexed.types)]


def _decomposed(word: str) -> list[str] | None:
    """A run of Chinese as keywords: all of it, at least two; or up to its first digit, at least one."""
    digit = re.search(r"[0-9]", word)
    head = word[: digit.start()] if digit else word
    if not _CJK.match(head) or len(head) > _LONGEST_RUN:
        return None
    words, instance = table().keywords.words, _instance_words()
    best: list[list[str] | None] = [[]] + [None] * len(head)
    for end in range(1, len(head) + 1):
        for start in range(max(0, end - 12), end):
            before = best[start]
            piece = head[start:end]
            if before is None or not (words.get(piece, ("", "en"))[1] == "zh" or (piece in instance)):
                continue
            now = best[end]
            if now is None or len(before) + 1 < len(now):
                best[end] = [*before, piece]
    pieces = best[-1]
    if pieces is None or not any(piece in words for piece in pieces) or (len(pieces) < 2 and not digit):
        return None
    return pieces


def _grouped(amount: str) -> str:
    """8000 → 8_000."""
    match = re.match(r"[0-9]+", amount)
    digits = match[0] if match else ""
    return f"{int(digits):_}" + amount[len(digits) :] if digits and len(digits) <= MAX_DIGITS else amount


def segment(word: str, names: Collection[str]) -> str | None:
    """How a run of Chinese without blanks should be written: 甲方应当支付给乙方 → `甲方 应当 支付给 乙方`.

    It is cut into names of the file, keywords and numbers; None where that needs a guess. A keyword of one
    character is only seen between other words that are known, so that 日询盘 and 非标 stay whole.
    """
    if not _CJK.search(word) or len(word) > _LONGEST_RUN:
        return None
    words: Keywords = table().keywords
    known = {name for name in names if name and _CJK.search(name)}
    longest = max([12, *map(len, known)])
    # best[i]: (unknown characters, pieces) and the last piece's start and kind
    best: list[tuple[int, int, int, str] | None] = [(0, 0, 0, "")] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - longest), end):
            before = best[start]
            piece = word[start:end]
            if before is None:
                continue
            if piece in known:
                kind, unknown = "name", 0
            elif words.words.get(piece, ("", "en"))[1] == "zh":
                kind, unknown = ("keyword" if len(piece) > 1 else "short"), 0
            elif (piece.isascii() and piece.isdigit()) or _NUMERAL.fullmatch(piece):
                kind, unknown = "number", 0
            elif piece in _plain():
                kind, unknown = "name", 0
            elif len(piece) > 1:
                kind, unknown = "unknown", len(piece)
            else:
                continue
            if (kind in ("short", "unknown") and before[3] == "unknown") or (
                before[3] == "short" and kind == "unknown"
            ):
                continue
            candidate = (before[0] + unknown, before[1] + 1, start, kind)
            if best[end] is None or candidate[:2] < best[end][:2]:  # type: ignore[index]
                best[end] = candidate
    pieces: list[tuple[str, str]] = []
    end = len(word)
    while end > 0:
        step = best[end]
        if step is None:
            return None
        pieces.append((word[step[2] : end], step[3]))
        end = step[2]
    kinds = [kind for _, kind in pieces]
    if (
        len(pieces) < 2
        or kinds.count("unknown") > 1
        or ("unknown" in kinds and any(kind == "number" and not piece.isascii() for piece, kind in pieces))
    ):
        return None
    if "keyword" not in kinds and not ("short" in kinds and "unknown" not in kinds):
        return None
    text = ""
    for piece, kind in reversed(pieces):
        if kind == "number" and not piece.isascii():
            piece = str(spoken_number(piece).numerator)
        tight = text and (piece[0].isdigit() or text[-1].isdigit())
        text += piece if tight or not text else " " + piece
    return text if text != word else None


def folded(text: str) -> str:
    """Full-width signs and digits as the language reads them, one for one."""
    return text.translate(_FOLDED)


def needs_quotes(name: str, before: str, following: str, declared: Collection[str]) -> bool:
    """Whether a name must be quoted to be read as one, between a token of type `before` and the text `following`.

    `declared` are the names that the file declares, as a reader of runs of Chinese keywords sees them.
    """
    if not _NAME.fullmatch(name):
        return True
    if before == ".":
        return False
    entry = _lookup().get(name)
    if entry is not None:
        type, _, phrase = entry
        if type is not None:
            as_field = before in ("{", ",") and following == ":" and type not in BEFORE_COLON
            return not as_field or (phrase is not None and bool(phrase.match(f"{name} {following}")))
        return phrase is not None and bool(phrase.match(f"{name} {following}"))
    if name in CURRENCIES or _CODE.fullmatch(name):
        return following[:1].isdigit()
    if before in DECLARING or name in declared or name in _plain():
        return False
    return _STUCK_MONEY.fullmatch(name) is not None or (not name.isascii() and _decomposed(name) is not None)


def tokens(source: Source) -> tuple[Token, ...]:
    """Every word and comment of a text in order, for an editor or a formatter."""
    lexed = lex(source)
    text = source.text
    words: Iterable[Token] = (
        Token(type, text[start:end], Span(start, end))
        for type, start, end in zip(lexed.types, lexed.starts, lexed.ends, strict=True)
    )
    comments = (Token("COMMENT", text[start:end], Span(start, end)) for start, end in lexed.comments)
    return tuple(sorted([*words, *comments], key=lambda token: token.span.start))
