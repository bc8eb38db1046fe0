"""Places as editors count them (lines and UTF-16 units, both from 0), and a text after a change was made in it."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from clausal.dsl.diagnostics import Fix, Source, Span


@attrs.frozen(order=True)
class Position:
    """`character` counts UTF-16 units: a character beyond U+FFFF is two."""

    line: int
    character: int


@attrs.frozen
class Range:
    start: Position
    end: Position


@attrs.frozen
class Edit:
    """What stands in `span` of a text becomes `text`."""

    span: Span
    text: str


def position_at(source: Source, offset: int) -> Position:
    line, column = source.position_utf16(offset)
    return Position(line - 1, column - 1)


def range_of(source: Source, span: Span) -> Range:
    return Range(position_at(source, span.start), position_at(source, max(span.start, span.end)))


def offset_at(source: Source, position: Position) -> int:
    """The offset of a position; one behind the end of its line, or of the text, is drawn to that end, and one inside a
    pair of surrogates to the character behind it."""
    return source.offset(position.line + 1, position.character + 1, utf16=True)


def changed(text: str, range: Range | None, new: str) -> str:
    """The text after an editor's change; without a range all of it is new."""
    if range is None:
        return new
    source = Source("", text)
    start, end = sorted((offset_at(source, range.start), offset_at(source, range.end)))
    return text[:start] + new + text[end:]


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; none of them overlaps another."""
    pieces: list[str] = []
    done = 0
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)):
        pieces += (text[done : edit.span.start], edit.text)
        done = edit.span.end
    return "".join((*pieces, text[done:]))


def as_edit(fix: Fix) -> Edit:
    return Edit(fix.span, fix.replacement)
