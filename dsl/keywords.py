"""The words of the language in both keyword sets, and the automaton that they drive, from one prebuilt table.

`grammar.table` is built from `grammar.lark` and `keywords.toml` by `build_table.py`; it is plain JSON and
loads in a few milliseconds, once.
"""

from __future__ import annotations

import json
import os.path
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import attrs

Lang: TypeAlias = Literal["en", "zh"]

# How punctuation that is not ASCII, or is written in another way elsewhere, is spelled here.
OPERATORS: Final = MappingProxyType({"≥": ">=", "≤": "<=", "≠": "!=", "×": "*", "÷": "/"})

Rule: TypeAlias = tuple[str, int, str, tuple[int, ...]]  # origin, size, what to call, which parts it takes


@attrs.frozen
class Keyword:
    """A role and its word in each set; None where that set says it by another construction."""

    role: str
    en: str | None
    zh: str | None
    singular: str | None

    def word(self, lang: Lang) -> str | None:
        return self.en if lang == "en" else self.zh


@attrs.frozen
class Keywords:
    """The table of words. A token's type is `K_` and the role; `names` hold words by position."""

    roles: Mapping[str, Keyword]
    words: Mapping[str, tuple[str, Lang]]  # a word or phrase, one blank between its parts → token type, set
    names: Mapping[str, Mapping[str, str]]  # section → canonical English → Chinese
    to_english: Mapping[str, Mapping[str, str]]  # section → Chinese → canonical English

    def word(self, type: str, lang: Lang) -> str | None:
        """How a set spells a token's type; None where it has no word for it."""
        role = self.roles.get(type[2:]) if type.startswith("K_") else None
        return role.word(lang) if role else None


@attrs.frozen
class Automaton:
    """The LALR automaton. A row says what to do on a terminal: shift to a state, or reduce by -1 - a rule;
    a row that is one number reduces on every terminal."""

    rows: tuple[dict[str, int] | int, ...]
    gotos: tuple[dict[str, int], ...]
    rules: tuple[Rule, ...]
    start: Mapping[str, int]
    end: Mapping[str, int]
    sync: frozenset[int]
    begins_expression: frozenset[str]
    ends_expression: frozenset[str]


@attrs.frozen
class Table:
    sources: str
    keywords: Keywords
    automaton: Automaton


def read_table(content: bytes) -> Table:
    raw = json.loads(content)
    rows = raw["rows"]
    automaton = Automaton(
        rows=tuple([rows[i] for i in raw["row"]]),
        gotos=tuple(raw["goto"]),
        rules=tuple([(origin, size, call, tuple(parts)) for origin, size, call, parts in raw["rules"]]),
        start=raw["start"],
        end=raw["end"],
        sync=frozenset(raw["sync"]),
        begins_expression=frozenset(raw["begins_expression"]),
        ends_expression=frozenset(raw["ends_expression"]),
    )
    roles = {role: Keyword(role, en, zh, singular) for role, (en, zh, singular) in raw["keyword"].items()}
    words: dict[str, tuple[str, Lang]] = {}
    for role, keyword in roles.items():
        for word in (keyword.en, keyword.singular):
            if word:
                words[word] = ("K_" + role, "en")
        if keyword.zh:
            words[keyword.zh] = ("K_" + role, "zh")
    names: dict[str, dict[str, str]] = raw["name"]
    keywords = Keywords(
        MappingProxyType(roles),
        MappingProxyType(words),
        MappingProxyType(names),
        MappingProxyType({section: {zh: en for en, zh in row.items()} for section, row in names.items()}),
    )
    return Table(raw["sources"], keywords, automaton)


@cache
def table() -> Table:
    with open(os.path.join(os.path.dirname(__file__), "grammar.table"), "rb") as file:
        return read_table(file.read())


def keywords() -> Keywords:
    """The table of words, in both sets."""
    return table().keywords
