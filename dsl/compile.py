"""From the text of a contract to its model: parse, resolve, check, lower and prove, with every finding in order."""

from __future__ import annotations

import attrs

from clausal.dsl.diagnostics import Diagnostic, Source, has_errors, in_order, placed
from clausal.dsl.figures import unwritten
from clausal.dsl.lower import lower
from clausal.dsl.model import Contract
from clausal.dsl.parse import parse
from clausal.dsl.prove import prove
from clausal.dsl.resolve import resolve


def compile_text(text: str, name: str = "<text>") -> tuple[Contract | None, tuple[Diagnostic, ...]]:
    """The contract, or None if anything is wrong with it, and all findings; a good contract keeps its own."""
    source = Source(name, text)
    tree, found = parse(source)
    if tree is None or has_errors(found):
        return None, in_order(placed(one, source) for one in found)
    names, clashes = resolve(tree, source)
    contract, meant = lower(tree, names, source)
    findings = in_order(placed(one, source) for one in (*found, *clashes, *meant))
    if contract is None or has_errors(findings):
        return None, findings
    findings = in_order((*findings, *prove(contract), *unwritten(tree, names, source)))
    return attrs.evolve(contract, findings=findings), findings
