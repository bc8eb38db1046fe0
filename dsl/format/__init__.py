"""The canonical layout of a contract's text, and the same text in the other keyword set.

Words and gaps go through two passes: `spelling` writes each word in its one spelling and order, `layout` puts line
breaks, indents and columns between them. Nothing is printed from the tree, so nothing can be lost on the way; and what
was made is read once more, and given back only if it says the same as what was there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

import attrs

from clausal.dsl.diagnostics import Both, Diagnostic, Source, Span, error, has_errors, warning
from clausal.dsl.format.layout import laid_out
from clausal.dsl.format.phrases import Goal, Phrase, phrases
from clausal.dsl.format.spelling import Records, Untranslatable, records, respelled
from clausal.dsl.keywords import Lang, keywords
from clausal.dsl.lexer import Lexed, lex
from clausal.dsl.parse import parse, parse_part

__all__ = ["formatted", "language", "translated"]

_MOST_LINES: Final = 5  # that a warning names
_CALLED: Final = {"en": Both("English", "英文"), "zh": Both("Chinese", "中文")}


@attrs.frozen
class _Read:
    """A text without errors: its words, and what it says (a tree, or the declarations of a part)."""

    lexed: Lexed
    meaning: object

    @cached_property
    def whole(self) -> Phrase:
        found = phrases(self.lexed, _goal(self.lexed))
        assert found is not None  # the parser took it, and its table is the same
        return found


def formatted(source: Source) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """The text in canonical layout, or None and why not: what the parser found, or that we would have changed it.

    A file of declarations that a contract uses is laid out like a contract. Types need not be right, only the syntax.
    """
    read, found = _read(source)
    if read is None:
        return None, found
    text = _ended(_formatted(read.lexed, read.whole, breaking=True), source.text)
    if _same(read, text):
        return text, ()
    return None, (error("X904", Span(0, 0), source=source),)


def translated(source: Source, lang: Lang, beside: Iterable[Source] = ()) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """The text in the keywords of `lang`, or None and why not. With it come warnings: lines that would not come back.

    A text in canonical layout stays in it; of any other the gaps between words are kept as they are. Names, numbers,
    texts in quotation marks and comments stay. A text that is in that language already is given back as it is.
    `beside` are the other files of the same contract: the fields of payments that they declare are words too.
    """
    read, found = _read(source)
    if read is None:
        return None, found
    if read.lexed.lang == lang:
        return source.text, ()
    known = tuple(records(other.lexed, other.whole) for other, _ in map(_read, beside) if other is not None)
    try:
        text = _turned(read, lang, known)
    except Untranslatable as problem:
        span = Span(0, 0) if problem.token is None else _span(read.lexed, problem.token)
        return None, (error("E018", span, source=source, language=_CALLED[lang]),)
    there = _same(read, text)
    if there is None:
        return None, (error("E018", Span(0, 0), source=source, language=_CALLED[lang]),)
    changed = tuple(_not_coming_back(source, _turned(there, read.lexed.lang, known)))
    return text, changed


def language(source: Source) -> Lang:
    """The keyword set that a text is written in."""
    return lex(source).lang


def _read(source: Source) -> tuple[_Read | None, tuple[Diagnostic, ...]]:
    lexed = lex(source)
    meaning: object
    meaning, found = parse(source) if _goal(lexed) == "start" else parse_part(source)
    return (None if has_errors(found) else _Read(lexed, meaning)), found


def _goal(lexed: Lexed) -> Goal:
    """What a file is by its words: a scenario in a part may say `contract` too, but no title follows it there."""
    titled = ("K_CONTRACT", "STRING") in zip(lexed.types, lexed.types[1:], strict=False)
    return "start" if titled or "K_CONTRACT" in lexed.types[:1] else "declarations"


def _formatted(lexed: Lexed, whole: Phrase, breaking: bool, beside: tuple[Records, ...] = ()) -> str:
    """In its own words, each in its one spelling, laid out."""
    return _laid_out(respelled(lexed, whole, lexed.lang, beside), breaking)


def _turned(read: _Read, lang: Lang, beside: tuple[Records, ...]) -> str:
    """In the words of the other set, laid out if the text was."""
    whole = read.whole
    turned = respelled(read.lexed, whole, lang, beside)
    text = read.lexed.source.text
    if _ended(_formatted(read.lexed, whole, breaking=False, beside=beside), text) == text:
        return _ended(_laid_out(turned, breaking=False), text)
    return turned


def _ended(made: str, given: str) -> str:
    """What was made of a text, with its line ends: those of Windows if it has no other, else plain ones."""
    windows = given.count("\r\n")
    return made.replace("\n", "\r\n") if windows and windows == given.count("\n") == given.count("\r") else made


def _laid_out(text: str, breaking: bool) -> str:
    lexed = lex(Source("", text))
    whole = phrases(lexed, _goal(lexed))
    return text if whole is None else laid_out(lexed, whole, breaking)


def _same(read: _Read, text: str) -> _Read | None:
    """What was made of a text, read once more; None unless it says the same and has the same comments."""
    made, _ = _read(Source(read.lexed.source.name, text))
    if made is None or list(_comments(made.lexed)) != list(_comments(read.lexed)):
        return None
    return made if _alike(read.meaning, made.meaning) else None


def _comments(lexed: Lexed) -> Iterator[str]:
    for start, end in lexed.comments:
        yield lexed.source.text[start:end].strip()


def _alike(left: object, right: object) -> bool:
    """Whether two trees are equal, up to the two words that the checker knows only by their place. Does not recurse."""
    names = keywords().names
    words = {
        pair
        for section in ("payment", "interval", "payment_kind", "interest", "proration")
        for en, zh in names[section].items()
        for pair in ((en, zh), (zh, en))
    }
    waiting: list[tuple[object, object]] = [(left, right)]
    while waiting:
        a, b = waiting.pop()
        if a.__class__ is not b.__class__:
            return False
        if isinstance(a, tuple) and isinstance(b, tuple):
            if len(a) != len(b):
                return False
            waiting += zip(a, b, strict=True)
        elif attrs.has(a.__class__):
            waiting += ((getattr(a, f.name), getattr(b, f.name)) for f in attrs.fields(a.__class__) if f.eq)
        elif a != b and (a, b) not in words:
            return False
    return True


def _not_coming_back(source: Source, back: str) -> Iterator[Diagnostic]:
    """That the way back does not lead to the same file, with the lines that would be others."""
    if back == source.text:
        return
    here, there = source.text.split("\n"), back.split("\n")
    lines = [n for n, (a, b) in enumerate(zip(here, there, strict=False)) if a != b]
    first = lines[0] if lines else min(len(here), len(there)) - 1
    start = sum(len(line) + 1 for line in here[:first])
    numbers = [str(n + 1) for n in lines[:_MOST_LINES]] or [str(first + 1)]
    more = len(lines) > _MOST_LINES
    listed = Both(", ".join(numbers) + ", …" * more, "、".join(numbers) + "等" * more)
    yield warning("W520", Span(start, start + len(here[first].rstrip("\r"))), source=source, lines=listed)


def _span(lexed: Lexed, token: int) -> Span:
    return Span(lexed.starts[token], lexed.ends[token])
