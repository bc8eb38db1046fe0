"""Where the lines of a text begin and which of its words stand below one another.

The words stay as they are. An author's line breaks are kept, as far as there is a choice: a block in braces stands on one
line or on many, with one item on each line or several. What is wider than `WIDTH` columns is broken at its braces. Then
neighbouring lines that say the same kind of thing are aligned; a Chinese character is two columns wide.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

import attrs

from clausal.dsl.diagnostics import display_width
from clausal.dsl.format.phrases import Phrase
from clausal.dsl.format.spelling import Word, apart, as_written, gaps, inseparable
from clausal.dsl.lexer import DECLARING, Lexed

WIDTH: Final = 100
_ROW_WIDTH: Final = 120  # a record of a list is a row of a table, and easier to read whole than in pieces
_INDENT: Final = 2
_COMMENTS_UP_TO: Final = 52  # code that is wider does not move the comments of its neighbours
_SPREAD: Final = 32  # a column is aligned if what stands before it differs by no more than this

# Blocks on several lines that have each item on a line of its own.
_ONE_PER_LINE: Final = frozenset(
    [
        "start",
        "declarations",
        "contract_block",
        "clause",
        "scenario",
        "amendment",
        "kpi",
        "balance",
        "list",
        "choose",
        "tiers",
        "stages",
        "waterfall",
        "parameter_dated",
        "s_on_dates",
    ]
)
# Blocks whose lines are filled up to the width where they have to be broken; of others each item gets a line.
_FILLED: Final = frozenset(["z_facts", "z_corrected", "record", "vector", "t_list", "t_one_of"])
# Blocks whose items on one line stand two blanks apart, since nothing else parts them.
_PARTED: Final = frozenset(
    [
        "z_facts",
        "z_corrected",
        "choose",
        "tiers",
        "stages",
        "waterfall",
        "parameter_dated",
        "s_on_dates",
        "d_pay_parts",
        "kpi",
        "balance",
        "failing",
        "scenario",
    ]
)
_COLUMN_AFTER: Final = MappingProxyType(
    dict.fromkeys(["band", "case", "otherwise", "dated", "dated_amount", "share", "part", "field", "record_field"], ":")
)
_NO_BREAK_BEFORE: Final = frozenset(["{", ",", ".", ")", "?", ":"])
_NO_BREAK_AFTER: Final = frozenset(["(", "."]) | DECLARING
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


@attrs.define
class _Gap:
    """What stands between two words: a comment behind the first, comments on their own lines, blank lines."""

    broken: bool
    trailing: str | None
    own: list[tuple[bool, str]]  # whether a blank line stands before it, and the comment
    blank: bool  # whether a blank line stands before the word


@attrs.define
class _Block:
    """A pair of braces or brackets, or the file: the tokens of its signs and those at which its items begin."""

    rule: str
    open: int
    close: int
    items: list[int]
    kinds: dict[int, Phrase]
    many: bool = False
    outer: int = 0

    def between(self, first: int, end: int) -> list[int]:
        """The items that begin at a token from `first` to before `end`."""
        return self.items[bisect_left(self.items, first) : bisect_left(self.items, end)]

    @property
    def inner(self) -> int:
        return self.outer + _INDENT if self.open >= 0 else 0


@attrs.define
class _Line:
    """Tokens from `first` to before `end`."""

    first: int
    end: int
    indent: int
    alone: bool  # nothing stands between this line and the one before: no blank line, no comment
    block: _Block | None  # of which its first token begins an item


def laid_out(lexed: Lexed, whole: Phrase, breaking: bool = True) -> str:
    """The text in canonical layout; `breaking`: wide lines are broken."""
    return _Layout(lexed, whole).text(breaking)


class _Layout:
    """The layout of one text."""

    def __init__(self, lexed: Lexed, whole: Phrase) -> None:
        self.words = [_with_plain_breaks(word) for word in as_written(lexed, whole)]
        self.widths = [len(word.text) if word.text.isascii() else display_width(word.text) for word in self.words]
        between = gaps(lexed)
        self.gaps = [_gap(gap, i == 0) for i, gap in enumerate(between)]
        self.blocks = sorted(_blocks(whole, self.words), key=lambda block: block.open)
        self.item_of = {first: block for block in self.blocks for first in block.items}
        self.opened = {block.open: block for block in self.blocks}
        self.closed = {block.close: block for block in self.blocks if block.open >= 0}
        self.inseparable = set(inseparable(whole))
        self.breaks = [self.author_breaks(i) for i in range(len(self.words))]

    def author_breaks(self, i: int) -> bool:
        """Whether the author's line break before a word is one that may stay."""
        gap = self.gaps[i]
        if gap.own or gap.trailing is not None:
            return True
        if not gap.broken or i == 0:
            return i == 0
        if i in self.item_of:
            return True
        before, word = self.words[i - 1].type, self.words[i]
        return not (word.type in _NO_BREAK_BEFORE or word.tight or before in _NO_BREAK_AFTER or i in self.inseparable)

    def text(self, breaking: bool) -> str:
        if not self.words:
            return "".join(line + "\n" for line in self.comments_before(0, 0))
        while True:
            self.settle()
            lines = self.lines()
            pads = self.aligned(lines)
            wide = [line for line in lines if self.width(line, pads) > self.room(line)] if breaking else []
            if not [line for line in wide if self.break_up(line)]:
                return self.drawn(lines, pads)

    # ---- line breaks

    def settle(self) -> None:
        """Carries line breaks outwards: a block with one in it, or in a text in it, stands on many lines."""
        breaks = self.breaks
        inner = [new or "\n" in word.text for new, word in zip(breaks, self.words, strict=True)]
        for block in reversed(self.blocks):
            inside = range(block.open + 1, min(block.close + 1, len(breaks)))
            if not block.items:
                if block.open >= 0:
                    gap = self.gaps[block.close]
                    block.many = breaks[block.close] = bool(gap.own) or gap.trailing is not None
                continue
            block.many = block.open < 0 or any(inner[inside.start : inside.stop])
            if not block.many:
                continue
            breaks[block.items[0]] = inner[block.items[0]] = True
            if block.open >= 0:
                breaks[block.close] = inner[block.close] = True
            ends = [*block.items[1:], block.close]
            for item, end in zip(block.items, ends, strict=True):
                if block.rule in _ONE_PER_LINE:
                    breaks[item] = inner[item] = True
                if any(inner[item + 1 : end]):
                    breaks[item] = inner[item] = True
                    if end < len(breaks):
                        breaks[end] = inner[end] = True

    def lines(self) -> list[_Line]:
        found: list[_Line] = []
        open_: list[_Block] = [self.blocks[0]]
        self.blocks[0].outer = 0
        for i in range(len(self.words)):
            closing = self.closed.get(i)
            if self.breaks[i]:
                item = self.item_of.get(i)
                if closing is not None and closing.many:
                    indent = closing.outer
                elif item is not None and item.many:
                    indent = item.inner
                else:
                    indent = open_[-1].inner + _INDENT
                    item = None
                gap = self.gaps[i]
                alone = not (gap.own or self.blank_before(i, item))
                if found:
                    found[-1].end = i
                found.append(_Line(i, len(self.words), indent, alone, item))
            if closing is not None and closing.many:
                open_.pop()
            opening = self.opened.get(i)
            if opening is not None:
                opening.outer = found[-1].indent
                if opening.many:
                    open_.append(opening)
        return found

    def blank_before(self, i: int, item_of: _Block | None) -> bool:
        """Whether the author's blank line before a word stays: before an item, but none between a brace and the first."""
        gap = self.gaps[i]
        return gap.blank and item_of is not None and (bool(gap.own) or i != item_of.items[0])

    def break_up(self, line: _Line) -> bool:
        """Breaks a line that is too wide; False where it has no place for that."""
        block = line.block
        if block is not None:
            items = block.between(line.first + 1, line.end)
            if items:
                before = list(self.breaks)
                if block.rule in _FILLED:
                    self.fill(line, items)
                else:
                    for i in items:
                        self.breaks[i] = True
                if before != self.breaks:
                    return True
        inner: _Block | None = None
        reach = -1
        for i in range(line.first, line.end):
            opening = self.opened.get(i)
            if opening is None or opening.many or not opening.items or i <= reach:
                continue
            reach = opening.close
            if inner is None or self.span(opening) > self.span(inner):
                inner = opening
        if inner is None:
            return False
        behind, inside = self.gaps[line.end], self.gaps[inner.open + 1]
        if inner.close == line.end - 1 and inside.trailing is None:  # a comment stays beside what it is about
            behind.trailing, inside.trailing = None, behind.trailing
        self.breaks[inner.items[0]] = True
        if inner.rule not in _FILLED:
            for i in inner.items:
                self.breaks[i] = True
        return True

    def room(self, line: _Line) -> int:
        """How wide a line may be."""
        block = line.block
        row = block is not None and block.rule == "list" and line.end >= block.kinds[line.first].end
        return _ROW_WIDTH if row else WIDTH

    def span(self, block: _Block) -> int:
        return sum(self.widths[block.open : block.close + 1])

    def fill(self, line: _Line, items: list[int]) -> None:
        """Puts on each line as many items as it takes."""
        start = line.first
        ends = [*items[1:], line.end]
        for item, end in zip(items, ends, strict=True):
            if line.indent + self.run(start, end) > WIDTH:
                self.breaks[item] = True
                start = item

    # ---- widths

    def blanks(self, i: int) -> int:
        """How many blanks stand before a word that does not begin its line, if nothing is aligned."""
        block = self.item_of.get(i)
        if block is not None and block.rule in _PARTED and i != block.items[0]:
            return 2
        return 1 if apart(self.words[i - 1], self.words[i]) else 0

    def run(self, first: int, end: int) -> int:
        """The width of words on one line."""
        return self.widths[first] + sum(self.blanks(i) + self.widths[i] for i in range(first + 1, end))

    def width(self, line: _Line, pads: dict[int, int], end: int | None = None) -> int:
        """The width of a line up to token `end`; of one with a text over several lines that of its last."""
        total = line.indent
        for i in range(line.first, line.end if end is None else end):
            if i > line.first:
                total += self.blanks(i) + pads.get(i, 0)
            text = self.words[i].text
            total = display_width(text.rpartition("\n")[2]) if "\n" in text else total + self.widths[i]
        return total

    # ---- alignment

    def aligned(self, lines: list[_Line]) -> dict[int, int]:
        """How many more blanks stand before a token."""
        pads: dict[int, int] = {}
        by_block: dict[int, list[_Line]] = {}
        for line in lines:
            if line.block is not None:
                by_block.setdefault(line.block.open, []).append(line)
        for block in self.blocks:
            run: list[tuple[_Line, dict[int, int]]] = []
            kind: object = None
            for line in by_block.get(block.open, ()):
                key, stops = self.columns(line, block)
                if key is None or key != kind or not line.alone:
                    self.align(run, pads)
                    run = []
                kind = key
                run.append((line, stops))
            self.align(run, pads)
        return pads

    def columns(self, line: _Line, block: _Block) -> tuple[object, dict[int, int]]:
        """What kind of thing a line says, and the tokens before which its columns may be padded, by column."""
        phrase = block.kinds.get(line.first)
        others = bool(block.between(line.first + 1, line.end))
        if phrase is None or others or any("\n" in self.words[i].text for i in range(line.first, line.end)):
            return None, {}
        stops: dict[int, int] = {}
        rule = phrase.rule
        match rule:
            case "fact" | "parameter" | "parameter_dated" | "let" | "party":
                rule = "parameter" if rule == "parameter_dated" else rule
                for part in phrase.parts:
                    i = part if isinstance(part, int) else part.first
                    if i in self.opened and self.opened[i].many:
                        continue
                    if isinstance(part, int) and self.words[i].type in (":", "=", "{", "STRING"):
                        stops[{":": 0, "STRING": 0}.get(self.words[i].type, 1)] = i
                    elif isinstance(part, Phrase) and part.rule.startswith("f_") and rule == "fact":
                        listed = phrase.of("t_list", "t_one_of") is not None
                        if not listed:
                            stops.setdefault(1, i)
            case "assign":
                if line.end < phrase.end:
                    return None, {}
                stops[0] = phrase.first + 1
            case "bucket":
                stops[0] = phrase.first + 1
            case "record":
                fields = phrase.phrases()
                if line.end < phrase.end:
                    return None, {}
                names = tuple(self.words[field.first].text for field in fields)
                return ("record", names), {n: field.first for n, field in enumerate(fields) if n}
            case "z_facts" | "z_corrected":
                assigns = [part for part in phrase.phrases() if part.rule == "assign"]
                if line.end < phrase.end:
                    return None, {}
                names = tuple(self.words[assign.first].text for assign in assigns)
                return (rule, names), {n: assign.first for n, assign in enumerate(assigns) if n}
            case _:
                if rule not in _COLUMN_AFTER:
                    return None, {}
                colon = next((i for i in phrase.words() if self.words[i].type == ":"), None)
                if colon is not None and colon + 1 < phrase.end:
                    stops[0] = colon + 1
                if rule == "otherwise":
                    rule = "case"
        return rule, {n: i for n, i in stops.items() if line.first < i < line.end}

    def align(self, run: list[tuple[_Line, dict[int, int]]], pads: dict[int, int]) -> None:
        """Puts the columns of neighbouring lines below one another."""
        if len(run) < 2:
            return
        for column in sorted({n for _, stops in run for n in stops}):
            rows = [(line, stops[column]) for line, stops in run if column in stops]
            before = [self.width(line, pads, i) + self.blanks(i) for line, i in rows]
            furthest = max(before)
            if furthest - min(before) > _SPREAD:
                continue
            more = {i: furthest - at for (_, i), at in zip(rows, before, strict=True)}
            if all(self.width(line, pads) + more[i] <= self.room(line) for line, i in rows):
                pads.update((i, n) for i, n in more.items() if n)

    # ---- text

    def drawn(self, lines: list[_Line], pads: dict[int, int]) -> str:
        out: list[str] = []
        ends = [self.width(line, pads) for line in lines]
        columns = self.comment_columns(lines, ends)
        for n, line in enumerate(lines):
            closing = self.closed.get(line.first)
            indent = closing.inner if closing is not None and closing.many else line.indent
            out += self.comments_before(line.first, indent)
            if self.blank_before(line.first, line.block):
                out.append("")
            pieces = [" " * line.indent, self.words[line.first].text]
            for i in range(line.first + 1, line.end):
                pieces.append(" " * (self.blanks(i) + pads.get(i, 0)))
                pieces.append(self.words[i].text)
            trailing = self.gaps[line.end].trailing
            if trailing is not None:
                pieces.append(" " * (columns[n] - ends[n]) + trailing)
            out.append("".join(pieces))
        out += self.comments_before(len(self.words), 0)
        return "\n".join(out) + "\n"

    def comment_columns(self, lines: list[_Line], ends: list[int]) -> list[int]:
        """Where the comment behind each line begins: in one column, for lines that stand together."""
        columns: list[int] = []
        group: list[int] = []

        def close() -> None:
            told = [n for n in group if self.gaps[lines[n].end].trailing is not None]
            beside = {n for n in told if lines[n].first not in self.closed and ends[n] <= _COMMENTS_UP_TO}
            column = max((ends[n] for n in beside), default=0) + 2
            columns.extend(column if n in beside else ends[n] + 2 for n in group)

        for n, line in enumerate(lines):
            if not line.alone and group:
                close()
                group = []
            group.append(n)
        close()
        return columns

    def comments_before(self, i: int, indent: int) -> Iterator[str]:
        """Comments on lines of their own before a token, with the blank lines between them."""
        gap = self.gaps[i]
        block = self.item_of.get(i) or self.closed.get(i)
        for n, (blank, comment) in enumerate(gap.own):
            opens = n == 0 and (i == 0 or (block is not None and block.open == i - 1))
            if blank and not opens:
                yield ""
            yield " " * indent + comment


def _with_plain_breaks(word: Word) -> Word:
    return attrs.evolve(word, text=_LINE_END.sub("\n", word.text)) if "\r" in word.text else word


def _gap(text: str, first: bool) -> _Gap:
    behind, *lines = _LINE_END.split(text.removeprefix("\ufeff"))
    if first:
        lines.insert(0, behind)
        behind = ""
    trailing = behind.strip() or None
    own: list[tuple[bool, str]] = []
    blank = False
    for n, line in enumerate(lines):
        comment = line.strip()
        if comment:
            own.append((blank, comment))
            blank = False
        elif n < len(lines) - 1:
            blank = True
    return _Gap(bool(lines), trailing, own, blank)


def _blocks(whole: Phrase, words: list[Word]) -> Iterator[_Block]:
    for phrase in whole.within():
        if phrase is whole:
            items = phrase.phrases()
            yield _Block(phrase.rule, -1, len(words), [each.first for each in items], {p.first: p for p in items})
            continue
        signs = {words[i].type: i for i in phrase.words() if words[i].type in ("{", "}", "[", "]")}
        if not signs:
            continue
        (opening, closing) = sorted(signs.values())
        inside = [part for part in phrase.parts if opening < (part if isinstance(part, int) else part.first) < closing]
        commas = [part for part in inside if isinstance(part, int) and words[part].type == ","]
        if commas:
            firsts = [opening + 1, *[i + 1 for i in commas if i + 1 < closing]]
        elif phrase.rule == "property":
            firsts = [opening + 1]
        else:
            firsts = [part if isinstance(part, int) else part.first for part in inside]
        kinds = {part.first: part for part in inside if isinstance(part, Phrase)}
        yield _Block(phrase.rule, opening, closing, firsts, kinds)
