"""What each word is, for an editor to colour: keyword, party, parameter, duty, field, number, text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias, get_args

import attrs

from clausal.dsl.builtins import builtin
from clausal.dsl.diagnostics import Source, Span
from clausal.dsl.editor.reading import Reading, Use
from clausal.dsl.keywords import keywords
from clausal.dsl.resolve import Kind

Colour: TypeAlias = Literal[
    "keyword", "class", "parameter", "variable", "function", "method", "property", "enumMember", "number", "string",
    "comment", "operator", "event",
]  # fmt: skip
COLOURS: Final[tuple[Colour, ...]] = get_args(Colour)

_OF_KIND: Final[dict[Kind, Colour]] = {
    "party": "class",
    "parameter": "parameter",
    "fact": "variable",
    "let": "variable",
    "kpi": "variable",
    "balance": "variable",
    "obligation": "method",
    "prohibition": "method",
    "right": "event",
    "termination": "event",
    "suspension": "event",
    "escalation": "event",
    "approval": "event",
}
_NUMBERS: Final = frozenset(("NUMBER", "DATE", "MOMENT", "MONTH", "QUARTER", "WEEK", "PERCENT", "POINTS", "MONEY"))


@attrs.frozen
class Coloured:
    """A run of characters within one line, in spans of the document."""

    span: Span
    colour: Colour
    declares: bool = False


def coloured(reading: Reading) -> tuple[Coloured, ...]:
    """Every word and comment that has a colour, in order."""
    lexed, source = reading.lexed, reading.source
    uses = {here.start: use for use in reading.uses if (here := reading.here(use.span)) is not None}
    found: list[Coloured] = []
    for i, type in enumerate(lexed.types):
        span = Span(lexed.starts[i], lexed.ends[i])
        use = uses.get(span.start)
        colour = _colour(reading, type, str(lexed.values[i]), use, lexed.types[i - 1] if i else "")
        if colour is not None:
            declares = use is not None and use.declares
            found += (Coloured(piece, colour, declares) for piece in _lines(source, span))
    for start, end in lexed.comments:
        found += (Coloured(piece, "comment") for piece in _lines(source, Span(start, end)))
    return tuple(sorted(found, key=lambda one: one.span.start))


def _colour(reading: Reading, type: str, text: str, use: Use | None, before: str) -> Colour | None:
    if type.startswith("K_"):
        return "keyword"
    if type == "STRING":
        return "string"
    if type in _NUMBERS:
        return "number"
    if type == "NAME":
        if use is not None:
            if use.list is not None:
                return "property"
            entry = reading.entries.get(use.name)
            if entry is not None:
                return _OF_KIND[entry.kind]
        if before == ".":
            return "property"
        if builtin(text) is not None:
            return "function"
        names = keywords().names
        if any(text in section or text in section.values() for section in names.values()):
            return "enumMember"
        return None
    return "operator" if type in ("+", "-", "*", "/", "=", "!=", "<", "<=", ">", ">=") else None


def _lines(source: Source, span: Span) -> Iterator[Span]:
    """A span cut at line breaks, without empty pieces."""
    start = span.start
    while start < span.end:
        line, column = source.position(start)
        end = min(span.end, start - column + 1 + len(source.line_text(line)))
        if end > start:
            yield Span(start, end)
        after = source.offset(line + 1, 1)
        if after <= start:
            return
        start = after
