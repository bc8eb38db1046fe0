"""Which of many are meant: `late and not (fee or rent)`, words looked for in a name and joined as one would say it.

A word stands for every name that contains it, capitals or not. `not` binds before `and`, `and` before `or`; words that
follow one another are one phrase.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_BINDS: Final = {"or": 1, "and": 2, "not": 3}


def selector(expression: str) -> Callable[[str], bool]:
    """The test that `expression` puts to a name. Raises `ValueError` where it cannot be read."""
    steps = _postfix(_tokens(expression))

    def chosen(name: str) -> bool:
        folded = name.casefold()
        held: list[bool] = []
        for kind, word in steps:
            if kind == "word":
                held.append(word in folded)
            elif word == "not":
                held.append(not held.pop())
            else:
                right, left = held.pop(), held.pop()
                held.append(left and right if word == "and" else left or right)
        return held[0]

    return chosen


def _tokens(expression: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    for text in re.findall(r"[()]|[^\s()]+", expression):
        if text in ("(", ")"):
            tokens.append((text, text))
        elif text in _BINDS:
            tokens.append(("joint", text))
        elif tokens and tokens[-1][0] == "word":
            tokens[-1] = ("word", f"{tokens[-1][1]} {text.casefold()}")
        else:
            tokens.append(("word", text.casefold()))
    return tokens


def _postfix(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The tokens in the order in which they are worked off."""
    steps: list[tuple[str, str]] = []
    waiting: list[str] = []
    wants_word = True

    def work_off(down_to: int) -> None:
        while waiting and waiting[-1] != "(" and _BINDS[waiting[-1]] >= down_to:
            steps.append(("joint", waiting.pop()))

    for kind, text in tokens:
        opens = kind in ("word", "(") or text == "not"
        if opens != wants_word:
            raise ValueError(f"`{text}` cannot stand there")
        if kind == "word":
            steps.append((kind, text))
            wants_word = False
        elif kind == "(" or text == "not":
            waiting.append(text)
        elif kind == ")":
            work_off(0)
            if not waiting:
                raise ValueError("a `)` closes nothing")
            waiting.pop()
        else:
            work_off(_BINDS[text])
            waiting.append(text)
            wants_word = True
    if wants_word:
        raise ValueError("a word is missing at its end")
    work_off(0)
    if waiting:
        raise ValueError("a `(` is not closed")
    return steps
