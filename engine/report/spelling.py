"""The cells of a statement in the reader's language: the one place where a rendering meets the wording."""

from typing import assert_never

from clausal.dsl.wording import label
from clausal.engine.report.statement import (
    Amount,
    Blank,
    Cell,
    Day,
    Detail,
    Number,
    Section,
    Span,
    Text,
    Whole,
    Word,
)


def spell(cell: Cell, lang: str, currency: str = "") -> str:
    """One cell as text; an amount says its currency unless it is the `currency` already said above it."""
    match cell:
        case Text(text):
            return clean(text)
        case Word(scope, word):
            return say(f"{scope} {word}", lang)
        case Amount(value, own):
            return grouped(value) if own == currency or not own else f"{own} {grouped(value)}"
        case Day(iso):
            return iso
        case Span(first, last):
            return first if first == last else f"{first} {say('until', lang)} {last}"
        case Whole(number, unit):
            return f"{number} {say(f'unit {unit}', lang)}" if unit else str(number)
        case Number(digits, unit):
            return f"{digits} {say(f'unit {unit}', lang)}" if unit else digits
        case Blank():
            return ""
        case _:
            assert_never(cell)


def spell_detail(detail: Detail, lang: str, currency: str = "") -> str:
    said = " ".join(text for text in (spell(cell, lang, currency) for cell in detail.cells) if text)
    name = say(f"detail {detail.key}", lang)
    return f"{name} {said}" if said else name


def say(key: str, lang: str) -> str:
    """The label of a key; a word that the wording does not know is the contract's own and stands as it is."""
    try:
        return label(key, lang)
    except KeyError:
        return clean(key.partition(" ")[2] or key)


def section_title(section: Section, lang: str) -> str:
    return say(f"section {section.key}", lang)


def grouped(value: str) -> str:
    """ "-1234567.50" as "-1,234,567.50"."""
    sign = "-" if value.startswith("-") else ""
    whole, point, cents = value.removeprefix("-").partition(".")
    parts: list[str] = []
    while len(whole) > 3:
        parts.insert(0, whole[-3:])
        whole = whole[:-3]
    return sign + ",".join([whole, *parts]) + point + cents


def clean(text: str) -> str:
    """Text from a file without what could drive a terminal or turn a line around."""
    return "".join(_safe(char) for char in text)


def _safe(char: str) -> str:
    code = ord(char)
    if char in "\t\n\r":
        return " "
    if code < 0x20 or 0x7F <= code < 0xA0 or 0x200B <= code <= 0x200F or 0x2028 <= code <= 0x202E:
        return "?"
    return "?" if 0x2066 <= code <= 0x2069 or code == 0xFEFF else char
