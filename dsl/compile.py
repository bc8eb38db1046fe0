"""From the text of a contract to its model: parse, resolve, check, lower and prove, with every finding in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from clausal.dsl import syntax
from clausal.dsl.amend import Step, epochs, gathered, joined
from clausal.dsl.check import THE_CONTRACT
from clausal.dsl.diagnostics import Diagnostic, Source, Span, has_errors, in_order, located, placed
from clausal.dsl.figures import unwritten
from clausal.dsl.files import Read, assembled
from clausal.dsl.lower import Lowering, lower
from clausal.dsl.model import Contract
from clausal.dsl.parse import declared_names
from clausal.dsl.prove import prove
from clausal.dsl.resolve import Names, resolve

# What is told of a whole contract: of one that cannot be read as a whole it may be untrue.
_OF_THE_WHOLE: Final = frozenset({"E209", "E402", "E464"})


@attrs.frozen(eq=False)
class Examined:
    """All that is known of a text, sound or not: how it reads, what its names stand for (in its last version, where it
    is amended), what was made of them, and its model where nothing is wrong with it."""

    source: Source
    tree: syntax.Tree | None
    names: Names | None
    made: Lowering | None
    contract: Contract | None
    findings: tuple[Diagnostic, ...]


def compile_text(
    text: str, name: str = "<text>", read: Read | None = None
) -> tuple[Contract | None, tuple[Diagnostic, ...]]:
    """The contract, or None if anything is wrong with it, and all findings; a good contract keeps its own.

    `read` reads the files that it uses, by their paths below its folder; without it the contract can use none.
    """
    seen = examined(text, name, read)
    return seen.contract, seen.findings


def examined(text: str, name: str = "<text>", read: Read | None = None, further: bool = False) -> Examined:
    """The same, with all that was made on the way. With `further` a text that cannot be read to its end is checked in
    the parts that can, as an editor needs it: one broken clause must not hide what is wrong with the others."""
    tree, source, found = assembled(Source(name, text), read)
    broken = has_errors(found)
    if tree is None or (broken and not further):
        return Examined(source, tree, None, None, None, _told(found, source))
    lost = declared_names(source) if broken else frozenset()
    texts, amended = epochs(tree, source)
    steps: list[Step] = []
    said: list[tuple[Names, list[Diagnostic]]] = []
    names: Names | None = None
    made: Lowering | None = None
    for epoch in texts if not has_errors(amended) else texts[:1]:
        names, clashes = resolve(epoch.tree, source)
        contract, made = lower(epoch.tree, names, source, lost.difference(names.entries) | _miswritten(names, found))
        said.append((names, [*clashes, *made.c.findings]))
        if contract is not None:
            steps.append(Step(epoch, names, contract))
    findings = [*found, *amended, *gathered(said)]
    if broken:
        doubtful = (
            [] if names is None else [e.node.span for e in names.entries.values() if _wrong_in(e.node.span, found)]
        )
        findings = [*found, *(one for one in findings[len(found) :] if _stands(one, doubtful, found, source))]
        return Examined(source, tree, names, made, None, _told(findings, source))
    whole = None
    if len(steps) == len(texts):
        whole, versions = joined(steps, tree, source)
        findings += versions
    if whole is None or has_errors(findings):
        return Examined(source, tree, names, made, None, _told(findings, source))
    for step in steps:
        findings += [*prove(step.contract), *unwritten(step.epoch.tree, step.names, source)]
    told = _told(dict.fromkeys(findings), source)
    return Examined(source, tree, names, made, attrs.evolve(whole, findings=told), told)


def _told(found: Iterable[Diagnostic], source: Source) -> tuple[Diagnostic, ...]:
    return in_order(located(placed(one, source)) for one in found)


def _wrong_in(span: Span, found: Sequence[Diagnostic]) -> bool:
    """Whether something in the span, or right behind it, could not be read."""
    return any(e.severity == "error" and e.span and span.start <= e.span.start <= span.end + 1 for e in found)


def _miswritten(names: Names, found: Sequence[Diagnostic]) -> frozenset[str]:
    """The names whose declarations hold something that could not be read: what stands in for it tells nothing of them."""
    if not has_errors(found):
        return frozenset()
    return frozenset(entry.name for entry in names.entries.values() if _wrong_in(entry.node.span, found))


def _stands(found: Diagnostic, doubtful: Sequence[Span], misread: Sequence[Diagnostic], source: Source) -> bool:
    """Whether a finding holds though a part of the text is missing: no warning does, nor what is said of the whole, nor of
    a declaration that holds a mistake of writing anything but that a name on another line of it is unknown."""
    if found.severity != "error" or found.code in _OF_THE_WHOLE or found.arg("owner") == THE_CONTRACT:
        return False
    span = found.span
    if span is None or not any(one.start <= span.start < one.end for one in doubtful):
        return True
    lines = {source.position(one.span.start)[0] for one in misread if one.span is not None}
    return found.code[:2] == "E2" and source.position(span.start)[0] not in lines
