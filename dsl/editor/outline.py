"""The contract at a glance: what it declares, by clause, and what can be folded away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

import attrs

from clausal.dsl import syntax
from clausal.dsl.diagnostics import Span
from clausal.dsl.editor.reading import Reading
from clausal.dsl.keywords import keywords
from clausal.dsl.lexer import CLOSERS, DECLARING
from clausal.dsl.resolve import KIND_WORDS, Kind, named

Sort: TypeAlias = Literal["header", "clause", "amendment", "scenario", "property", "exception", "use"] | Kind


@attrs.frozen
class Symbol:
    """A declaration: `span` holds all of it, `chosen` the name inside it. Spans are those of the document."""

    name: str
    detail: str
    sort: Sort
    span: Span
    chosen: Span
    children: tuple[Symbol, ...] = ()


@attrs.frozen
class Fold:
    """Lines from `first` to `last`, from 0."""

    first: int
    last: int
    comment: bool = False


def symbols(reading: Reading) -> tuple[Symbol, ...]:
    """The declarations of the document in order, those of a clause inside it; a broken one by its name."""
    found: list[Symbol] = []
    tree = reading.seen.tree
    if tree is not None and reading.begins == 0 and tree.header.span.end > tree.header.span.start:
        span = reading.here(tree.header.span)
        if span is not None:
            word = keywords().word("K_CONTRACT", reading.lang) or ""
            found.append(Symbol(tree.header.title or word, word, "header", span, Span(span.start, span.start)))
    found += _declared(reading, reading.declarations)
    found += _unread(reading, found)
    return tuple(sorted(found, key=lambda symbol: symbol.span.start))


def flat(found: Iterable[Symbol], owner: str = "") -> Iterator[tuple[Symbol, str]]:
    """Each symbol, and the name of the one around it."""
    for symbol in found:
        yield symbol, owner
        yield from flat(symbol.children, symbol.name)


def _declared(reading: Reading, declared: Iterable[syntax.Declaration | syntax.Parameter]) -> Iterator[Symbol]:
    for d in declared:
        span = reading.here(d.span)
        if span is None:
            continue
        start = Span(span.start, span.start)
        match d:
            case syntax.Clause():
                children = tuple(_declared(reading, d.items))
                yield Symbol(d.number or "…", d.title or "", "clause", span, start, children)
            case syntax.Amendment():
                children = tuple(_declared(reading, d.items))
                yield Symbol(d.title or "…", d.effective.isoformat(), "amendment", span, start, children)
            case syntax.Scenario():
                yield Symbol(d.title or "…", keywords().word("K_SCENARIO", reading.lang) or "", "scenario", span, start)
            case syntax.Property():
                yield Symbol(d.title or "…", keywords().word("K_PROPERTY", reading.lang) or "", "property", span, start)
            case syntax.Use():
                yield Symbol(d.path or "…", keywords().word("K_USE", reading.lang) or "", "use", span, start)
            case syntax.Exception_():
                word = keywords().word("K_EXCEPTION_TO", reading.lang) or ""
                children = tuple(_norms(reading, d, 0))
                yield Symbol(d.target.text, word, "exception", span, _inside(reading, d.target.span, start), children)
            case _:
                (kind, node, _), *_ = named(d)
                detail = KIND_WORDS[kind].text(reading.lang)
                chosen = _inside(reading, node.name.span, start)
                yield Symbol(node.name.text, detail, kind, span, chosen, tuple(_norms(reading, d, 1)))


def _norms(reading: Reading, d: syntax.Declaration, skip: int) -> Iterator[Symbol]:
    """The norms that stand inside another."""
    for kind, node, _ in list(named(d))[skip:]:
        span = reading.here(node.span)
        if span is not None:
            chosen = _inside(reading, node.name.span, Span(span.start, span.start))
            yield Symbol(node.name.text, KIND_WORDS[kind].text(reading.lang), kind, span, chosen)


def _inside(reading: Reading, span: Span, otherwise: Span) -> Span:
    return reading.here(span) or otherwise


def _unread(reading: Reading, found: Iterable[Symbol]) -> Iterator[Symbol]:
    """Declarations that cannot be read, by their keyword and name."""
    covered = [(symbol.span.start, symbol.span.end) for symbol in found]
    lexed = reading.lexed
    for i in range(len(lexed.types) - 1):
        start = lexed.starts[i]
        if lexed.types[i] not in DECLARING or lexed.types[i + 1] != "NAME":
            continue
        if (i and lexed.types[i - 1] in (":", "K_EXPECT")) or any(a <= start < b for a, b in covered):
            continue
        kind = lexed.types[i][2:].lower()
        if kind in KIND_WORDS:
            span = Span(start, lexed.ends[i + 1])
            chosen = Span(lexed.starts[i + 1], lexed.ends[i + 1])
            yield Symbol(str(lexed.values[i + 1]), KIND_WORDS[kind].text(reading.lang), kind, span, chosen)


def folds(reading: Reading) -> tuple[Fold, ...]:
    """What is in braces over several lines, and comments of several lines."""
    lexed, source = reading.lexed, reading.source
    found: list[Fold] = []
    open_: list[int] = []
    for i, type in enumerate(lexed.types):
        if type == "{":
            open_.append(i)
        elif type == "}" and open_:
            first = source.position(lexed.starts[open_.pop()])[0]
            last = source.position(lexed.starts[i])[0]
            if last - 1 > first:
                found.append(Fold(first - 1, last - 2))
    first = last = -2
    for start, _ in (*lexed.comments, (len(source.text), 0)):
        line, column = source.position(start)
        alone = not source.line_text(line)[: column - 1].strip()
        if alone and line - 1 == last + 1 and start < len(source.text):
            last = line - 1
            continue
        if last > first >= 0:
            found.append(Fold(first, last, True))
        first = last = line - 1 if alone else -2
    return tuple(sorted(found, key=lambda fold: (fold.first, -fold.last)))


def around(reading: Reading, offset: int) -> tuple[Span, ...]:
    """What an editor selects step by step: the word, what is in its brackets, its declaration, its clause, the file."""
    lexed = reading.lexed
    spans = {Span(0, len(reading.source.text))}
    open_: list[int] = []
    for i, type in enumerate(lexed.types):
        if type == "NAME" or type.startswith("K_") or type == "STRING":
            spans.add(Span(lexed.starts[i], lexed.ends[i]))
        if type in CLOSERS:
            open_.append(i)
        elif type in ("}", ")", "]") and open_:
            opener = open_.pop()
            spans.add(Span(lexed.ends[opener], lexed.starts[i]))
            spans.add(Span(lexed.starts[opener], lexed.ends[i]))
    spans |= {symbol.span for symbol, _ in flat(symbols(reading))}
    holding = [span for span in spans if span.start <= offset <= span.end]
    nested: list[Span] = []
    for span in sorted(holding, key=lambda span: span.end - span.start):
        if not nested or (span.start <= nested[-1].start and nested[-1].end <= span.end and span != nested[-1]):
            nested.append(span)
    return tuple(nested)
