"""A document before any layout: headings, paragraphs, lists, tables, and words that face each other.

What is written holds no markup: each writer escapes everything.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

from clausal.dsl.diagnostics import Lang


@attrs.frozen
class Strong:
    """Words that stand out: a name that is being told of; `blank`, what is still to be filled in."""

    text: str
    blank: bool = False


Text: TypeAlias = tuple["str | Strong", ...]
"""A run of words on one line; a line break in it is a line break."""

Cell: TypeAlias = tuple[Text, ...]
"""What stands in a cell: one paragraph under the other."""


@attrs.frozen
class Heading:
    """`level` from 1 (the document's title) to 4; `anchor` names it in the contents, where it is listed there; `fresh`: it
    begins a page."""

    level: int
    text: str
    anchor: str | None = None
    fresh: bool = False


@attrs.frozen
class Paragraph:
    text: Text
    tone: Literal["plain", "quiet", "alert"] = "plain"


@attrs.frozen
class Items:
    items: tuple[Text, ...]


@attrs.frozen
class Table:
    """`widths`: of the columns, in percent, or none said."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[int, ...] = ()


@attrs.frozen
class Side:
    """One clause: its number and title, its own words, and what its rules say."""

    title: str
    left: Cell
    right: tuple[Paragraph | Items, ...]


@attrs.frozen
class Facing:
    """The paper's words on one side, the rules on the other."""

    left: str
    right: str
    sides: tuple[Side, ...]


@attrs.frozen
class Contents:
    """The headings that have an anchor, in order."""

    title: str


@attrs.frozen
class Lines:
    """Empty lines behind labels, to be written on by hand; a line without a label goes on with the one above it."""

    labels: tuple[str, ...]


Block: TypeAlias = Heading | Paragraph | Items | Table | Facing | Contents | Lines


@attrs.frozen
class Document:
    title: str
    lang: Lang
    blocks: tuple[Block, ...]


def plain(text: str) -> Text:
    return (text,)
