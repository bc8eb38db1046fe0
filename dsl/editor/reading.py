"""A document as the services of an editor read it: its words, its contract as far as that can be understood, its names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final, TypeAlias

import attrs

from clausal.dsl import syntax
from clausal.dsl.compile import Examined, examined
from clausal.dsl.diagnostics import Diagnostic, Source, Span
from clausal.dsl.files import Read
from clausal.dsl.keywords import Lang
from clausal.dsl.lexer import DECLARING, Lexed, lex
from clausal.dsl.parse import parse_part
from clausal.dsl.resolve import INSTANCE_WORDS, Entry

# Names that stand for no declaration of the contract: words by position, and parts of something else.
_ELSEWHERE: Final[dict[type, frozenset[str]]] = {
    syntax.Header: frozenset(
        ("currencies", "rounding", "month_end", "calendar", "payment_order", "debt_order", "zone", "spans")
    ),
    syntax.TypeExpr: frozenset({"currency"}),
    syntax.Attr: frozenset({"field"}),
    syntax.Expect: frozenset({"field"}),
    syntax.Breach: frozenset({"grade"}),
    syntax.InBreach: frozenset({"grade"}),
    syntax.Level: frozenset({"name"}),
    syntax.Part: frozenset({"name"}),
    syntax.Call: frozenset({"function"}),
}

_PART: Final = "."  # in the place of a list: a word behind a dot, which may be a party (`payout.operator`)

_FIRST_WORD: Final = re.compile(r"\ufeff?\s*(?:#[^\r\n]*\s*)*(?:contract|合同)(?!\w)")


@attrs.frozen
class Use:
    """A name where it stands, in the text of the whole contract. `list` is the list of records of which it is a field."""

    name: str
    span: Span
    declares: bool = False
    list: str | None = None


@attrs.frozen(eq=False)
class Reading:
    """One document. Spans of the contract lie in `seen.source`, in which this text begins at `begins`."""

    source: Source
    begins: int
    seen: Examined
    declarations: tuple[syntax.Declaration, ...]

    @cached_property
    def lexed(self) -> Lexed:
        return lex(self.source)

    @property
    def lang(self) -> Lang:
        return self.lexed.lang

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """Those of all files of the contract."""
        return self.seen.findings

    @cached_property
    def entries(self) -> dict[str, Entry]:
        return {} if self.seen.names is None else self.seen.names.entries

    @cached_property
    def fields(self) -> dict[str, dict[str, syntax.FieldDecl]]:
        """The fields of each list of records, by name."""
        found: dict[str, dict[str, syntax.FieldDecl]] = {}
        for d in leaves(self.declarations if self.seen.tree is None else self.seen.tree.declarations):
            if isinstance(d, syntax.Fact) and d.type.fields:
                found.setdefault(d.name.text, {f.name.text: f for f in d.type.fields})
        return found

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """Every name of the contract where it stands, in all its files, in the order of the text."""
        tree = self.seen.tree
        found = list(_uses(self.declarations if tree is None else (tree.header, *tree.declarations), self.fields))
        found += self._unread()
        owned = {self._owned(use) for use in found if use.list != _PART or self._is_party(use.name)}
        return tuple(sorted(owned, key=lambda use: (use.span.start, use.span.end)))

    def _is_party(self, name: str) -> bool:
        entry = self.entries.get(name)
        return entry is not None and entry.kind == "party"

    def _owned(self, use: Use) -> Use:
        """A name that is none of the contract's is a field where one list only has such a field: of a right over each
        instance of a duty, say, it is that duty which tells the list."""
        if use.list == _PART:
            return attrs.evolve(use, list=None)
        if use.list is not None or use.name in self.entries:
            return use
        lists = [name for name, fields in self.fields.items() if use.name in fields]
        return attrs.evolve(use, list=lists[0]) if len(lists) == 1 else use

    def _unread(self) -> Iterator[Use]:
        """Names in parts that cannot be read: what the words by themselves tell."""
        tree = self.seen.tree
        covered = [(d.span.start, d.span.end) for d in leaves(self.declarations if tree is None else tree.declarations)]
        covered += [] if tree is None else [(tree.header.span.start, tree.header.span.end)]
        covered.sort()
        lexed = lex(self.seen.source)
        known = lexed.declared | set(self.entries)
        place = 0
        for i, type in enumerate(lexed.types):
            start = lexed.starts[i]
            while place < len(covered) and covered[place][1] <= start:
                place += 1
            if type != "NAME" or (place < len(covered) and covered[place][0] <= start):
                continue
            before = lexed.types[i - 1] if i else ""
            if lexed.values[i] in known and before != ".":
                yield Use(lexed.values[i], Span(start, lexed.ends[i]), before in DECLARING)

    def in_whole(self, offset: int) -> int:
        """An offset of this document as one of the whole contract."""
        return offset + self.begins

    def here(self, span: Span) -> Span | None:
        """A span of the whole contract as one of this document, if it lies in it."""
        file, there = self.seen.source.origin(span)
        mine = self.begins == 0 if file is self.seen.source else file.name == self.source.name
        return there if mine else None

    def use_at(self, offset: int) -> Use | None:
        """The name at an offset of this document, or that ends there."""
        at = self.in_whole(offset)
        touching = [use for use in self.uses if use.span.start <= at <= use.span.end]
        return max(touching, key=lambda use: (use.span.start, use.declares), default=None)

    def token_at(self, offset: int) -> int | None:
        """The number of the word at an offset, or that ends there; the later of two that touch."""
        lexed = self.lexed
        found = None
        for i, start in enumerate(lexed.starts):
            if start > offset:
                break
            if offset <= lexed.ends[i]:
                found = i
        return found


Root: TypeAlias = "tuple[str, str]"
"""The name and the text of a contract."""


def read_contract(source: Source, read: Read | None) -> Reading:
    """A document that is a contract, with the files that it uses."""
    seen = examined(source.text, source.name, read, further=True)
    declared = () if seen.tree is None else seen.tree.declarations
    return Reading(source, 0, seen, declared)


def read_part(source: Source, contract: Root | None, read: Read | None) -> Reading:
    """A document without a header: as a part of the contract that uses it, or by itself where none is known."""
    if contract is not None:
        name, text = contract
        seen = examined(text, name, read, further=True)
        for offset, file in seen.source.files:
            if file.name == source.name:
                declared = () if seen.tree is None else seen.tree.declarations
                here = tuple(d for d in declared if offset <= d.span.start < offset + len(file.text))
                return Reading(source, offset, seen, here)
    made, found = parse_part(source)
    return Reading(source, 0, Examined(source, None, None, None, None, found), made)


def is_contract(source: Source) -> bool:
    """Whether a document is a contract by itself, or a part of one: told by its first word, since each key asks for it."""
    return _FIRST_WORD.match(source.text) is not None


def leaves(declared: Iterable[syntax.Declaration]) -> Iterator[syntax.Declaration]:
    """Declarations out of their clauses and amendments, in the order of the file."""
    stack = list(reversed(tuple(declared)))
    while stack:
        node = stack.pop()
        if isinstance(node, syntax.Clause | syntax.Amendment):
            stack.extend(reversed(node.items))
        else:
            yield node


def _uses(nodes: Iterable[object], fields: dict[str, dict[str, syntax.FieldDecl]]) -> Iterator[Use]:
    """The names in syntax, without recursion; those of fields with the list whose records are in scope."""
    stack: list[tuple[object, dict[str, str]]] = [(node, {}) for node in nodes]
    while stack:
        node, bound = stack.pop()
        if isinstance(node, tuple):
            stack.extend((part, bound) for part in node)
            continue
        if isinstance(node, syntax.Attr | syntax.Expect) and node.field is not None:
            yield Use(node.field.text, node.field.span, list=_PART)
        match node:
            case syntax.Ref():
                if node.name not in INSTANCE_WORDS or node.name in bound:
                    yield Use(node.name, node.span, list=bound.get(node.name))
                continue
            case syntax.Name():
                yield Use(node.text, node.span)
                continue
            case str() | int() | None:
                continue
            case syntax.Fact():
                yield Use(node.name.text, node.name.span, True)
                for field in node.type.fields:
                    yield Use(field.name.text, field.name.span, True, node.name.text)
                for chosen in (node.dated_by, node.keyed_by):
                    if chosen is not None:
                        yield Use(chosen.text, chosen.span, list=node.name.text)
                stack.extend((part, bound) for part in (node.presume, node.judged_by))
                continue
            case syntax.Assign():
                yield Use(node.name.text, node.name.span)
                yield from _given(node.value, node.name.text, fields)
                continue
            case _:
                pass
        described = getattr(type(node), "__attrs_attrs__", None)
        if described is None:
            continue
        bound = _bound(node, bound, fields)
        left_out = _ELSEWHERE.get(type(node), frozenset())
        for attribute in described:
            if attribute.name in left_out or attribute.name == "span":
                continue
            value = getattr(node, attribute.name)
            if (
                attribute.name == "name"
                and isinstance(value, syntax.Name)
                and not isinstance(node, syntax.SetParameter)
            ):
                yield Use(value.text, value.span, True)
            elif value is not None:
                stack.append((value, bound))


def _given(value: syntax.Expr, name: str, fields: dict[str, dict[str, syntax.FieldDecl]]) -> Iterator[Use]:
    """The fields, and other names, in the records that a scenario gives."""
    records = value.records if isinstance(value, syntax.ListLit) else (value,)
    for record in records:
        if isinstance(record, syntax.RecordLit):
            for field, given in record.fields:
                if field.text in fields.get(name, {}):
                    yield Use(field.text, field.span, list=name)
                yield from _uses((given,), fields)
        else:
            yield from _uses((record,), fields)


def _bound(node: object, bound: dict[str, str], fields: dict[str, dict[str, syntax.FieldDecl]]) -> dict[str, str]:
    """The fields in scope inside a node, each with its list."""
    lists: list[syntax.Name | None] = []
    match node:
        case syntax.Aggregate() | syntax.Movement():
            lists = [node.each]
        case syntax.Performed() | syntax.Right() | syntax.Escalation() | syntax.Approval():
            lists = [node.list]
        case syntax.Prohibition():
            lists = [node.violated_by]
        case syntax.Obligation():
            lists = [schedule.list for schedule in node.schedules]
        case _:
            pass
    for one in lists:
        if one is not None and one.text in fields:
            bound = {**bound, **dict.fromkeys(fields[one.text], one.text)}
    return bound
