"""A document as CommonMark (with tables): whatever a contract says is text in it, and never markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, assert_never

from clausal.engine.report.blocks import (
    Block,
    Cell,
    Contents,
    Document,
    Facing,
    Heading,
    Items,
    Lines,
    Paragraph,
    Strong,
    Table,
    Text,
)
from clausal.engine.report.spelling import clean

_MARKUP: Final = "\\`*_[]<>|#~&$"
_LEADING: Final = re.compile(  # what would make a list, a heading or a rule of a line
    r"^(\s*)([-+](?=\s|$)|-(?=[-\s]*$)|=(?==*\s*$)|[0-9]{1,9}(?=[.)](?:\s|$)))"
)


def render(document: Document) -> str:
    lines = [line for block in document.blocks for line in _block(block, document)]
    text = "\n".join(lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def _block(block: Block, document: Document) -> Iterator[str]:
    match block:
        case Heading(level, text):
            yield from ("", f"{'#' * level} {_line(text)}", "")
        case Paragraph(text, tone):
            said = _text(text)
            yield from ("", f"> {said}" if tone == "alert" else said, "")
        case Items(items):
            yield ""
            yield from (f"- {_text(item)}" for item in items)
            yield ""
        case Table(columns, rows, _):
            yield ""
            yield _row(_line(name) for name in columns)
            yield _row("---" for _ in columns)
            for row in rows:
                yield _row(_cell(cell) for cell in row)
            yield ""
        case Facing():
            yield from _facing(block)
        case Contents(title):
            yield from ("", f"**{_line(title)}**", "")
            for heading in document.blocks:
                if isinstance(heading, Heading) and heading.anchor is not None:
                    yield f"- {_line(heading.text)}"
            yield ""
        case Lines(labels):
            yield ""
            yield from (f"- {_line(label)}" for label in labels if label)
            yield ""
        case _:
            assert_never(block)


def _facing(facing: Facing) -> Iterator[str]:
    """Clause by clause: its words quoted, its rules below them."""
    for side in facing.sides:
        yield from ("", f"### {_line(side.title)}", "")
        yield from (f"**{_line(facing.left)}**", "")
        for at, text in enumerate(side.left):
            yield from (">",) if at else ()
            yield "> " + _text(text).replace("\n", "\n> ")
        yield from ("", f"**{_line(facing.right)}**", "")
        for part in side.right:
            yield from _block(part, _NOTHING)


_NOTHING: Final = Document("", "en", ())


def _row(cells: Iterator[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(cell: Cell) -> str:
    return "<br>".join(_text(text).replace("\\\n", "<br>") for text in cell)


def _text(text: Text) -> str:
    said = (f"**{_escaped(part.text)}**" if isinstance(part, Strong) else _escaped(part) for part in text)
    return "".join(said).lstrip()


def _escaped(text: str) -> str:
    return "\\\n".join(_line(line.lstrip()) if at else _line(line) for at, line in enumerate(text.splitlines()))


def _line(text: str) -> str:
    safe = "".join("\\" + char if char in _MARKUP else char for char in clean(text))
    return _LEADING.sub(_unleading, safe)


def _unleading(found: re.Match[str]) -> str:
    if found[2].isdigit():
        return f"{found[1]}{found[2]}\\"
    return f"{found[1]}\\{found[2]}"
