"""The phrases of a text that was read without an error: which of its words stand together, by the rules of the grammar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import attrs

from clausal.dsl.keywords import table
from clausal.dsl.lexer import Lexed

Goal: TypeAlias = Literal["start", "declarations"]


@attrs.frozen(eq=False)
class Phrase:
    """What one rule of the grammar stands for. Words are numbers of tokens; `end` is the one behind the last."""

    rule: str
    first: int
    end: int
    parts: tuple[Phrase | int, ...]

    def phrases(self) -> tuple[Phrase, ...]:
        return tuple([part for part in self.parts if isinstance(part, Phrase)])

    def words(self) -> tuple[int, ...]:
        """The words that are no part of a smaller phrase."""
        return tuple([part for part in self.parts if isinstance(part, int)])

    def of(self, *rules: str) -> Phrase | None:
        """Its first direct part that one of the rules stands for."""
        return next((part for part in self.phrases() if part.rule in rules), None)

    def within(self) -> Iterator[Phrase]:
        """Itself and every phrase in it, in order; does not recurse."""
        waiting: list[Phrase] = [self]
        while waiting:
            one = waiting.pop()
            yield one
            waiting += [part for part in reversed(one.parts) if isinstance(part, Phrase)]


def phrases(lexed: Lexed, goal: Goal) -> Phrase | None:
    """The whole text as one phrase; None where the grammar does not take it. Does not recurse."""
    automaton = table().automaton
    rows, gotos, rules = automaton.rows, automaton.gotos, automaton.rules
    types = [*lexed.types, "$END"]
    states = [automaton.start[goal]]
    stack: list[Phrase | int | list[Phrase | int]] = []
    i = 0
    while True:
        row = rows[states[-1]]
        act = row if isinstance(row, int) else row.get(types[i])
        if act is None:
            return None
        if act >= 0:
            states.append(act)
            stack.append(i)
            i += 1
            continue
        origin, size, call, _ = rules[-1 - act]
        if call == "+":  # one list grows in place; nobody else holds it
            grown = stack[-size]
            assert isinstance(grown, list)
            for each in stack[1 - size :] if size > 1 else ():
                grown += each if isinstance(each, list) else [each]
            value: Phrase | int | list[Phrase | int] = grown
        elif call == "" and size == 1:
            value = stack[-1]
        else:
            flat: list[Phrase | int] = []
            for each in stack[-size:] if size else ():
                flat += each if isinstance(each, list) else [each]
            value = flat if call == "*" else Phrase(call or origin, *_reach(flat, i), tuple(flat))
        if size:
            del stack[-size:], states[-size:]
        if origin == goal and types[i] == "$END":
            assert isinstance(value, Phrase)
            return value
        states.append(gotos[states[-1]][origin])
        stack.append(value)


def _reach(parts: list[Phrase | int], at: int) -> tuple[int, int]:
    if not parts:
        return at, at
    first, last = parts[0], parts[-1]
    return (first if isinstance(first, int) else first.first, last + 1 if isinstance(last, int) else last.end)
