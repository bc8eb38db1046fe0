"""The pictures of a contract in two notations that others draw: Graphviz's DOT, and Mermaid's flowcharts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from clausal.dsl import model as m
from clausal.dsl.diagnostics import Both, Lang
from clausal.dsl.graph import EdgeKind, Graph, Node, NodeKind, said, tooltip

# Fill and border of each kind, for all three ways of drawing.
COLOURS: Final[Mapping[NodeKind, tuple[str, str]]] = MappingProxyType(
    {
        "fact": ("#eef3f8", "#5b7ea3"),
        "parameter": ("#f4f1e6", "#9a8742"),
        "let": ("#ffffff", "#6b6b6b"),
        "kpi": ("#e9f5ec", "#4c8a5d"),
        "balance": ("#eef0fb", "#6a6fb5"),
        "obligation": ("#dbe9fb", "#2f5f9e"),
        "prohibition": ("#fbe3dc", "#b0492c"),
        "right": ("#fdf0d5", "#b57f1d"),
        "termination": ("#f6dcdc", "#a33a3a"),
        "suspension": ("#ece6f5", "#7a5aa6"),
        "escalation": ("#f5e6f0", "#9c4f83"),
        "approval": ("#e3f3f3", "#3f8484"),
        "grace": ("#f5f5f5", "#8a8a8a"),
        "interest": ("#fdeee0", "#c0703a"),
        "penalty": ("#fbdcd2", "#b5482a"),
        "grade": ("#f8d7d7", "#a03030"),
        "state": ("#30475e", "#1d2d3d"),
        "step": ("#f7f7f7", "#8a8a8a"),
    }
)
DASHED: Final[frozenset[EdgeKind]] = frozenset({"condition"})
DOTTED: Final[frozenset[EdgeKind]] = frozenset({"performance"})


def spoken(text: Both, lang: Lang) -> str:
    return text.zh if lang == "zh" else text.en


def title(graph: Graph, lang: Lang) -> str:
    """The contract's title, and of which kind the picture is."""
    kind = spoken(said(graph.view), lang)
    return f"{graph.title}：{kind}" if lang == "zh" else f"{graph.title}: {kind}"


def lines_of(node: Node, lang: Lang) -> tuple[str, ...]:
    return tuple(line for line in (spoken(text, lang) for text in (node.title, *node.lines)) if line)


def dot(graph: Graph, contract: m.Contract, lang: Lang) -> str:
    """A directed graph in DOT; tooltips say the place in the contract."""
    return "\n".join(_dot(graph, contract, lang)) + "\n"


def _dot(graph: Graph, contract: m.Contract, lang: Lang) -> Iterator[str]:
    yield "digraph contract {"
    yield f"  graph [rankdir=LR, label={_quoted(title(graph, lang))}, labelloc=t, fontname={_quoted('sans-serif')}]"
    yield '  node [shape=box, style="rounded,filled", fontname="sans-serif", fontsize=11]'
    yield '  edge [fontname="sans-serif", fontsize=10, color="#666666"]'
    numbers = {node.id: f"n{i}" for i, node in enumerate(graph.nodes, 1)}
    for node in graph.nodes:
        fill, border = COLOURS[node.kind]
        ink = ', fontcolor="#ffffff"' if node.kind == "state" else ""
        tip = _quoted(tooltip(contract, node, lang))
        text = _quoted("\n".join(lines_of(node, lang)))
        yield f'  {numbers[node.id]} [label={text}, tooltip={tip}, fillcolor="{fill}", color="{border}"{ink}]'
    for edge in graph.edges:
        words = [] if edge.said is None else [f"label={_quoted(spoken(edge.said, lang))}"]
        if edge.kind in DASHED | DOTTED:
            words.append("style=dashed" if edge.kind in DASHED else "style=dotted")
        tail = f" [{', '.join(words)}]" if words else ""
        yield f"  {numbers[edge.source]} -> {numbers[edge.target]}{tail}"
    yield "}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def mermaid(graph: Graph, contract: m.Contract, lang: Lang) -> str:
    """A flowchart in Mermaid, as Markdown pages take it."""
    return "\n".join(_mermaid(graph, lang)) + "\n"


def _mermaid(graph: Graph, lang: Lang) -> Iterator[str]:
    yield "---"
    yield f'title: "{_yaml(title(graph, lang))}"'
    yield "---"
    yield "flowchart LR"
    numbers = {node.id: f"n{i}" for i, node in enumerate(graph.nodes, 1)}
    for node in graph.nodes:
        text = "<br/>".join(_entities(line) for line in lines_of(node, lang))
        yield f'  {numbers[node.id]}["{text}"]:::{node.kind}'
    for edge in graph.edges:
        arrow = "-.->" if edge.kind in DASHED | DOTTED else "-->"
        words = "" if edge.said is None else f'|"{_entities(spoken(edge.said, lang))}"|'
        yield f"  {numbers[edge.source]} {arrow}{words} {numbers[edge.target]}"
    for kind in dict.fromkeys(node.kind for node in graph.nodes):
        fill, border = COLOURS[kind]
        ink = "#ffffff" if kind == "state" else "#1b1b1b"
        yield f"  classDef {kind} fill:{fill},stroke:{border},color:{ink}"


def _entities(text: str) -> str:
    """Mermaid's own escapes: what could end a label, or be taken for markup."""
    return "".join(f"#{ord(char)};" if char in '#"&<>`' else char for char in text)


def _yaml(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
