"""What can stand at a place of a text, asked of the automaton itself; what is wrong before the place is passed over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import attrs

from clausal.dsl.diagnostics import Source, Span
from clausal.dsl.keywords import table
from clausal.dsl.lexer import CLOSERS, Lexed, lex
from clausal.dsl.parse import DECLARATIONS, Goal, continuations, stepped

_WORD: Final = re.compile(r"[\w]*\Z")
_NO_WORD: Final = re.compile(r"[^\W\d]")
_HEADER: Final = ("K_CONTRACT", "STRING", "{", "}")


@attrs.frozen
class Place:
    """`expected`: the terminals that can stand here; `behind_a_name`: those that could follow, if it were a name.

    `types` and `values` are the words of the declaration up to here, `block` the keyword whose braces are open around it
    (`K_CONTRACT`, `K_OBLIGATION`, …), `owner` the name behind that keyword. `opening`: the terminals that can begin an item of
    it, or a declaration; `goes_on`: the line has begun before. `quoted`: the place is inside quotation marks.
    """

    expected: frozenset[str]
    behind_a_name: frozenset[str]
    types: tuple[str, ...]
    values: tuple[object, ...]
    block: str | None
    owner: str | None
    opening: frozenset[str]
    goes_on: bool
    quoted: bool = False

    @property
    def before(self) -> str:
        return self.types[-1] if self.types else ""


@attrs.frozen
class Typed:
    """The word that is being written: where it stands, and what there is of it up to the cursor."""

    text: str
    span: Span


def typed_at(text: str, offset: int) -> Typed:
    """A word of letters up to the offset; digits by themselves are no word. It may be empty."""
    found = _WORD.search(text, max(0, offset - 200), offset)
    start = offset if found is None or not _NO_WORD.search(found[0]) else found.start()
    return Typed(text[start:offset], Span(start, offset))


def place_at(source: Source, offset: int, part: bool = False) -> Place | None:
    """What can stand at an offset; None inside a comment. `part`: the file is one that a contract uses."""
    lexed = lex(Source(source.name, source.text[:offset]))
    if lexed.fatal:
        return None
    if any(end >= offset and start < offset for start, end in lexed.comments):
        return None
    goal: Goal = "declarations" if part else "start"
    types, values = lexed.types, lexed.values
    first = _declaration(types)
    words, said = types[first:], values[first:]
    whole = [] if part or types[first : first + 1] in ([], ["K_CONTRACT"]) else list(_HEADER)
    opened, states = _reached(lexed, first, whole, goal)
    behind = list(states)
    named = stepped(behind, "NAME", goal)
    block, owner = _block(words, said)
    return Place(
        frozenset(continuations(states, goal)),
        frozenset(continuations(behind, goal)) if named else frozenset(),
        tuple(words),
        tuple(said),
        block,
        owner,
        frozenset(continuations(opened, goal)),
        bool(words) and words[-1] != "{" and "\n" not in source.text[lexed.ends[-1] : offset],
        lexed.cut is not None,
    )


def _declaration(types: Sequence[str]) -> int:
    """Where the last declaration outside of all braces begins; what a clause holds belongs to it."""
    depth, first = 0, 0
    for i, type in enumerate(types):
        if type in CLOSERS:
            depth += 1
        elif type in ("}", ")", "]"):
            depth = max(0, depth - 1)
        elif depth == 0 and (type in DECLARATIONS or type == "K_CONTRACT") and types[i - 1 : i] != [":"]:
            first = i
    return first


def _reached(lexed: Lexed, first: int, whole: list[str], goal: Goal) -> tuple[list[int], list[int]]:
    """The states behind the innermost open brace, and those behind all words from `first` on. Where these cannot all be
    read, of each open brace its beginning, and in it the words from the start of some line on."""
    states = [table().automaton.start[goal]]
    for type in whole:
        stepped(states, type, goal)
    open_: list[int] = []
    for i in range(first, len(lexed.types)):
        if lexed.types[i] in CLOSERS:
            open_.append(i)
        elif lexed.types[i] in ("}", ")", "]") and open_:
            open_.pop()
    begin = first
    opened = states
    for end in (*(i + 1 for i in open_), len(lexed.types)):
        best = opened = states
        for start in (begin, *_line_starts(lexed, begin + 1, end)):
            trial = list(states)
            if all(stepped(trial, type, goal) for type in lexed.types[start:end]):
                best = trial
                break
        states, begin = best, end
    return opened, states


def _line_starts(lexed: Lexed, begin: int, end: int) -> list[int]:
    text = lexed.source.text
    return [i for i in range(begin, end) if "\n" in text[lexed.ends[i - 1] : lexed.starts[i]]]


def _block(types: Sequence[str], values: Sequence[object]) -> tuple[str | None, str | None]:
    """The keyword before the innermost open brace, and the name that it declares."""
    open_: list[int] = []
    for i, type in enumerate(types):
        if type in CLOSERS:
            open_.append(i)
        elif type in ("}", ")", "]") and open_:
            open_.pop()
    while open_:
        at = open_.pop()
        if types[at] != "{":
            continue
        k = at - 1
        while k >= 0 and not types[k].startswith("K_") and types[k] not in ("{", "}"):
            k -= 1
        if k > 0 and types[k - 1] == "NAME" and k > 1 and types[k - 2] == "K_KPI":
            k -= 2
        if k >= 0 and types[k].startswith("K_"):
            name = values[k + 1] if k + 1 < at and types[k + 1] == "NAME" else None
            return types[k], None if name is None else str(name)
        return None, None
    return None, None
