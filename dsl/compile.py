"""From the text of a contract to its model: parse, resolve, check, lower and prove, with every finding in order."""

from __future__ import annotations

import attrs

from clausal.dsl.amend import Step, epochs, gathered, joined
from clausal.dsl.diagnostics import Diagnostic, Source, has_errors, in_order, located, placed
from clausal.dsl.figures import unwritten
from clausal.dsl.files import Read, assembled
from clausal.dsl.lower import lower
from clausal.dsl.model import Contract
from clausal.dsl.prove import prove
from clausal.dsl.resolve import Names, resolve


def compile_text(
    text: str, name: str = "<text>", read: Read | None = None
) -> tuple[Contract | None, tuple[Diagnostic, ...]]:
    """The contract, or None if anything is wrong with it, and all findings; a good contract keeps its own.

    `read` reads the files that it uses, by their paths below its folder; without it the contract can use none.
    """
    tree, source, found = assembled(Source(name, text), read)
    if tree is None or has_errors(found):
        return None, in_order(located(placed(one, source)) for one in found)
    texts, amended = epochs(tree, source)
    steps: list[Step] = []
    said: list[tuple[Names, list[Diagnostic]]] = []
    for epoch in texts if not has_errors(amended) else texts[:1]:
        names, clashes = resolve(epoch.tree, source)
        contract, meant = lower(epoch.tree, names, source)
        said.append((names, [*clashes, *meant]))
        if contract is not None:
            steps.append(Step(epoch, names, contract))
    findings = [*found, *amended, *gathered(said)]
    whole = None
    if len(steps) == len(texts):
        whole, versions = joined(steps, tree, source)
        findings += versions
    if whole is None or has_errors(findings):
        return None, in_order(located(placed(one, source)) for one in findings)
    for step in steps:
        findings += [*prove(step.contract), *unwritten(step.epoch.tree, step.names, source)]
    told = in_order(located(placed(one, source)) for one in dict.fromkeys(findings))
    return attrs.evolve(whole, findings=told), told
