"""A contract of several files: what it uses is read in, declarations where the `use` stands, texts behind its own.

The language has no machine: a file is read by a function that the door passes in, bound to the contract's folder. A path is
relative to the file that says it, and never leaves the folder. All texts stand one behind the other in one `Source`, so that
a span is enough to know the file; each file is parsed with as many blanks before it as there is text before.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

import attrs

from clausal.dsl import syntax
from clausal.dsl.diagnostics import Diagnostic, Source, Span, error
from clausal.dsl.lexer import lex
from clausal.dsl.parse import parse, parse_part

Read: TypeAlias = "Callable[[str], tuple[str, str] | Diagnostic]"
"""The name to show and the text of a file, by its path below the folder; or why it cannot be read."""

_ELSEWHERE: Final = re.compile(r"^(?:[A-Za-z]:|[\\/]|[A-Za-z][A-Za-z0-9+.-]*://)|\\")
_MOST_FILES: Final = 200


def assembled(source: Source, read: Read | None) -> tuple[syntax.Tree | None, Source, tuple[Diagnostic, ...]]:
    """The tree of a contract and all that it uses, with the source that its spans lie in."""
    tree, found = parse(source)
    if tree is None or not any(_uses(tree.declarations)):
        return tree, source, found
    gathering = _Gathering(source, read)
    declarations = tuple(gathering.through(tree.declarations, ("",)))
    whole = Source(source.name, gathering.text, tuple(gathering.files))
    findings = tuple(attrs.evolve(one, source=whole) for one in (*found, *gathering.found))
    return attrs.evolve(tree, declarations=declarations), whole, findings


def _uses(declared: Iterable[syntax.Declaration | syntax.Parameter]) -> Iterator[bool]:
    for d in declared:
        if isinstance(d, syntax.Clause | syntax.Amendment):
            yield from _uses(d.items)
        elif isinstance(d, syntax.Use):
            yield True


def used_in(source: Source) -> tuple[bool, tuple[str, ...]]:
    """Whether a file is a contract by itself, and the paths that it uses, as written: read off its words alone."""
    lexed = lex(source)
    pairs = zip(lexed.types, lexed.types[1:], lexed.values[1:], strict=False)
    paths = tuple(str(value) for a, b, value in pairs if (a, b) == ("K_USE", "STRING"))
    return "K_CONTRACT" in lexed.types[:1], paths


class _Gathering:
    """The texts read so far. `chain` is the way from the contract to the file in hand."""

    def __init__(self, source: Source, read: Read | None) -> None:
        self.name = source.name
        self.text = source.text
        self.read = read
        self.files: list[tuple[int, Source]] = []
        self.paths: set[str] = set()
        self.found: list[Diagnostic] = []

    def through(self, declared: Iterable[syntax.Declaration], chain: tuple[str, ...]) -> Iterator[syntax.Declaration]:
        """The declarations, each `use` replaced by what the file declares."""
        for d in declared:
            match d:
                case syntax.Use():
                    yield from self.used(d, chain)
                case syntax.Clause():
                    yield attrs.evolve(d, items=tuple(self.through(d.items, chain)))
                case syntax.Amendment():
                    items = self.through(d.items, chain)
                    kept = tuple(i for i in items if isinstance(i, syntax.Parameter | syntax.Clause))
                    yield attrs.evolve(d, items=kept)
                case _:
                    yield d

    def used(self, use: syntax.Use, chain: tuple[str, ...]) -> Iterator[syntax.Declaration]:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(chain[-1]), use.path))
        if not use.path or _ELSEWHERE.search(use.path) or ".." in use.path.split("/"):
            self.found.append(error("E011", use.span, file=use.path))
        elif path in chain:
            way = " → ".join((*chain[chain.index(path) :], path))
            self.found.append(error("E012", use.span, file=path, path=way))
        elif path in self.paths:
            return  # it is here already
        elif self.read is None:
            self.found.append(error("E016", use.span, file=use.path))
        elif len(self.paths) >= _MOST_FILES:
            self.found.append(error("E017", use.span, limit=_MOST_FILES))
        else:
            answer = self.read(path)
            if isinstance(answer, Diagnostic):
                self.found.append(attrs.evolve(answer, span=use.span, source=None, place=None))
                return
            self.paths.add(path)
            name, text = answer
            offset = len(self.text) + 1
            file = Source(name, " " * offset + text)
            self.text += "\n" + text
            self.files.append((offset, Source(name, text)))
            made, found = parse_part(file)
            self.found += [_moved(one) for one in found]
            yield from self.through(made, (*chain, path))


def _moved(found: Diagnostic) -> Diagnostic:
    """A finding of a file as one of the whole: its spans are those of the whole already."""
    related = tuple(attrs.evolve(one, source=None) for one in found.related)
    return attrs.evolve(found, source=None, related=related, span=found.span or Span(0, 0))
