"""The names of a contract: what each stands for, in which clause it was declared, which were given twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias, assert_never

import attrs

from clausal.dsl import syntax
from clausal.dsl.diagnostics import Both, Diagnostic, Related, Source, Span, did_you_mean, error
from clausal.dsl.model import ClauseRef

Kind: TypeAlias = Literal[
    "party",
    "parameter",
    "fact",
    "let",
    "kpi",
    "balance",
    "obligation",
    "prohibition",
    "right",
    "termination",
    "suspension",
    "escalation",
    "approval",
]

Named: TypeAlias = (
    syntax.Party
    | syntax.Parameter
    | syntax.Fact
    | syntax.Let
    | syntax.Kpi
    | syntax.Balance
    | syntax.Obligation
    | syntax.Prohibition
    | syntax.Right
    | syntax.Termination
    | syntax.Suspension
    | syntax.Escalation
    | syntax.Approval
)

KIND_WORDS: dict[Kind, Both] = {
    "party": Both("a party", "当事人"),
    "parameter": Both("a parameter", "参数"),
    "fact": Both("a fact", "数据"),
    "let": Both("a definition", "定义"),
    "kpi": Both("a kpi", "考核指标"),
    "balance": Both("a balance", "台账"),
    "obligation": Both("an obligation", "义务"),
    "prohibition": Both("a prohibition", "禁止"),
    "right": Both("a right", "权利"),
    "termination": Both("a termination", "终止"),
    "suspension": Both("a suspension", "中止"),
    "escalation": Both("an escalation", "逐级处理"),
    "approval": Both("an approval", "审批"),
}

INSTANCE_WORDS = {"amount": "amount", "本期金额": "amount", "unpaid": "unpaid", "未付金额": "unpaid"}
"""What names a figure of the instance in scope, inside an obligation's consequences."""


@attrs.frozen
class Entry:
    """One declared name. `nested` stands inside another declaration (a consequence)."""

    name: str
    kind: Kind
    node: Named
    span: Span
    clause: ClauseRef | None
    nested: bool = False


@attrs.frozen
class Placed:
    """A declaration as it stands in the file, with the clause around it and for how long that survives."""

    node: syntax.Declaration
    clause: ClauseRef | None
    survives: syntax.Expr | None


@attrs.frozen
class Names:
    """`declarations` are those outside of others, out of their clauses, in the order of the file."""

    entries: dict[str, Entry]
    declarations: tuple[Placed, ...]
    clauses: dict[str, ClauseRef]
    clashing: bool = False
    """Some name is given twice: what its second declaration uses or agrees is not known."""

    def of(self, kinds: Iterable[Kind]) -> list[str]:
        wanted = frozenset(kinds)
        return [entry.name for entry in self.entries.values() if entry.kind in wanted]

    def like(self, word: str, kinds: Iterable[Kind], more: Iterable[str] = ()) -> str | None:
        return did_you_mean(word, (*self.of(kinds), *more))


def resolve(tree: syntax.Tree, source: Source) -> tuple[Names, list[Diagnostic]]:
    """Every name of the file with what it stands for; a name given twice keeps its first meaning."""
    found: list[Diagnostic] = []
    clauses: dict[str, ClauseRef] = {}
    declarations = tuple(_flattened(tree.declarations, clauses))
    entries: dict[str, Entry] = {}
    for placed in declarations:
        for kind, node, nested in named(placed.node):
            clause = placed.clause
            number = getattr(node, "clause", None)
            if isinstance(number, str):
                clause = clauses.get(number) or ClauseRef(number, None, None)
            name = node.name
            number = clause.number if clause else None
            first = entries.get(name.text)
            if first is not None:
                found.append(
                    error(
                        "E202",
                        name.span,
                        source=source,
                        clause=number,
                        related=(Related(first.span, "first"),),
                        name=name.text,
                    )
                )
                continue
            if name.text in INSTANCE_WORDS and kind in ("parameter", "fact", "let"):
                found.append(error("E207", name.span, source=source, clause=number, name=name.text))
            entries[name.text] = Entry(name.text, kind, node, name.span, clause, nested)
    return Names(entries, declarations, clauses, bool(found)), found


def _flattened(declarations: tuple[syntax.Declaration, ...], clauses: dict[str, ClauseRef]) -> Iterator[Placed]:
    """Declarations in file order, without recursion: clauses may hold clauses."""
    stack: list[tuple[Iterator[syntax.Declaration], ClauseRef | None, syntax.Expr | None]] = [
        (iter(declarations), None, None)
    ]
    while stack:
        items, clause, survives = stack[-1]
        node = next(items, None)
        if node is None:
            stack.pop()
        elif isinstance(node, syntax.Clause):
            here = ClauseRef(node.number, node.title, "\n".join(node.texts) or None, node.amendment)
            clauses.setdefault(node.number, here)
            stack.append((iter(node.items), here, node.survives or survives))
        else:
            yield Placed(node, clause, survives)


def named(node: syntax.Declaration) -> Iterator[tuple[Kind, Named, bool]]:
    """The names that a declaration gives: its own first, then those of the norms inside it."""
    match node:
        case syntax.Party():
            yield "party", node, False
        case syntax.Parameter():
            yield "parameter", node, False
        case syntax.Fact():
            yield "fact", node, False
        case syntax.Let():
            yield "let", node, False
        case syntax.Kpi():
            yield "kpi", node, False
        case syntax.Balance():
            yield "balance", node, False
        case syntax.Obligation():
            yield "obligation", node, False
            yield from _inside(node.failing)
        case syntax.Prohibition():
            yield "prohibition", node, False
            yield from _inside(node.failing)
        case syntax.Right():
            yield "right", node, False
        case syntax.Termination():
            yield "termination", node, False
        case syntax.Suspension():
            yield "suspension", node, False
            for instead in node.instead:
                yield "obligation", instead, True
        case syntax.Escalation():
            yield "escalation", node, False
            for end in node.at_end:
                yield ("right" if isinstance(end, syntax.Right) else "obligation"), end, True
        case syntax.Approval():
            yield "approval", node, False
        case syntax.Exception_():
            for instead in node.instead:
                yield "obligation", instead, True
        case syntax.Clause() | syntax.Amendment() | syntax.Property() | syntax.Scenario() | syntax.Use():
            return
        case _:
            assert_never(node)


def _inside(failing: tuple[syntax.Step, ...]) -> Iterator[tuple[Kind, Named, bool]]:
    for step in failing:
        match step.remedy:
            case syntax.Obligation() as remedy:
                yield "obligation", remedy, True
                yield from _inside(remedy.failing)
            case syntax.Right() as remedy:
                yield "right", remedy, True
            case syntax.Interest() | syntax.Penalty() | syntax.Breach():
                pass
            case remedy:
                assert_never(remedy)
