"""The pictures of a contract as SVG, laid out here: columns from left to right, no outside program, no script.

The way of all layered drawings: circles are cut by turning edges round, each node comes one column behind the last that it
rests on, edges that cross several columns (and the words on an edge) get a place in each, the order in a column is that of
the neighbours' middles, and heights are as near to the neighbours as they can be without anything overlapping. Whole pixels.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final

import attrs

from clausal.dsl import model as m
from clausal.dsl.diagnostics import Lang, display_width
from clausal.dsl.graph import Edge, EdgeKind, Graph, Node, NodeKind, said, tooltip
from clausal.dsl.graph_notation import COLOURS, DASHED, DOTTED, lines_of, spoken, title
from clausal.dsl.wording import folded

FONT: Final = "system-ui, 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif"
FOLD: Final = 26  # columns of a line in a box
EDGE_FOLD: Final = 18
SIGN: Final = 7  # the width of a column of text, with some to spare
BOLD: Final = 15  # that of two columns of a bold one
LINE: Final = 16
PAD: Final = 8
BESIDE: Final = 14  # between two things in a column
LOWER: Final = 9  # where an edge that leads back touches a box, below its middle
BETWEEN: Final = 46  # between two columns
MARGIN: Final = 24
SWEEPS: Final = 12
ROW: Final = 1100  # how wide what is linked to nothing may lie side by side
NARROWEST: Final = 560


@attrs.define
class Place:
    """A node, a bend of an edge, or the words on one, with its size and its middle; `left` and `right` are the edges of its
    column, between which nothing but it lies at its height."""

    id: str
    width: int
    height: int
    layer: int = 0
    x: int = 0
    y: int = 0
    left: int = 0
    right: int = 0
    node: Node | None = None
    words: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


@attrs.frozen
class Way:
    """An edge through the places that it passes, from left to right; `turned`: its arrow points to the left."""

    edge: Edge
    places: tuple[Place, ...]
    turned: bool


@attrs.frozen
class Layout:
    places: tuple[Place, ...]
    ways: tuple[Way, ...]
    width: int
    height: int


# ---- layout --------------------------------------------------------------------------------------------------------


def laid_out(graph: Graph, lang: Lang) -> Layout:
    """Where everything stands: what hangs together is laid out by itself, then put side by side and in rows. Nothing
    overlaps: each thing has its own part of its column."""
    edges = [e for e in graph.edges if e.source != e.target]
    parts = [_laid_out(nodes, mine, lang) for nodes, mine in _together(graph.nodes, edges)]
    widest = max([ROW, *(part.width for part in parts)])
    x, y, tallest, right = MARGIN, MARGIN, 0, 0
    for part in parts:
        if x > MARGIN and x + part.width > widest:
            x, y, tallest = MARGIN, y + tallest + 2 * BESIDE, 0
        for place in part.places:
            place.x, place.left, place.right = place.x + x, place.left + x, place.right + x
            place.y += y
        right = max(right, x + part.width)
        x += part.width + BETWEEN
        tallest = max(tallest, part.height)
    places = tuple(place for part in parts for place in part.places)
    return Layout(places, tuple(way for part in parts for way in part.ways), right + MARGIN, y + tallest)


def _together(nodes: Sequence[Node], edges: Sequence[Edge]) -> Iterator[tuple[list[Node], list[Edge]]]:
    """The parts that no edge links with one another, in the order of their first nodes; single nodes come last."""
    beside: dict[str, set[str]] = {node.id: set() for node in nodes}
    for edge in edges:
        beside[edge.source].add(edge.target)
        beside[edge.target].add(edge.source)
    seen: set[str] = set()
    parts: list[set[str]] = []
    for node in nodes:
        if node.id in seen:
            continue
        stack, part = [node.id], {node.id}
        while stack:
            fresh = beside[stack.pop()] - part
            part |= fresh
            stack += sorted(fresh)
        seen |= part
        parts.append(part)
    for part in sorted(parts, key=lambda part: len(part) == 1):
        yield [n for n in nodes if n.id in part], [e for e in edges if e.source in part]


def _laid_out(nodes: Sequence[Node], edges: Sequence[Edge], lang: Lang) -> Layout:
    """What hangs together, from its own corner on."""
    places = {node.id: _boxed(node, lang) for node in nodes}
    ids = list(places)
    turned = _turned(ids, edges)
    forward = [(e.target, e.source) if e in turned else (e.source, e.target) for e in edges]
    long = [2 if e.said is not None else 1 for e in edges]
    for id, layer in _layers(ids, [(a, b, long[i]) for i, (a, b) in enumerate(forward)]).items():
        places[id].layer = layer
    every = list(places.values())
    ways: list[Way] = []
    for i, (edge, (one, other)) in enumerate(zip(edges, forward, strict=True)):
        between = list(_stations(i, edge, places[one], places[other], lang))
        every += between
        ways.append(Way(edge, (places[one], *between, places[other]), edge in turned))
    _placed(_ordered(every, ways), ways)
    width = max(place.right for place in every)
    height = max(place.y + place.height // 2 for place in every)
    return Layout(tuple(every), tuple(ways), width, height)


def _boxed(node: Node, lang: Lang) -> Place:
    name, *rest = lines_of(node, lang) or ("",)
    words = tuple(folded(name, FOLD)) or ("",)
    lines = tuple(part for line in rest for part in folded(line, FOLD + 4)[:4])
    wide = max(
        [*(BOLD * display_width(word) // 2 for word in words), *(13 * display_width(line) // 2 for line in lines)]
    )
    height = LINE * len(words) + (LINE - 2) * len(lines) + 2 * PAD
    return Place(node.id, max(64, wide + 2 * PAD + 4), height, node=node, words=words, lines=lines)


def _stations(number: int, edge: Edge, one: Place, other: Place, lang: Lang) -> Iterator[Place]:
    """What an edge passes in the columns between its ends: its words in the first (at the end, where it is turned), then
    bends."""
    layers = range(one.layer + 1, other.layer)
    words = () if edge.said is None else tuple(folded(spoken(edge.said, lang), EDGE_FOLD)[:3])
    for layer in layers:
        if words and layer == layers[0]:
            wide = max(map(display_width, words))
            yield Place(f"/{number}/{layer}", SIGN * wide + 6, (LINE - 2) * len(words) + 4, layer, words=words)
        else:
            yield Place(f"/{number}/{layer}", 0, 4, layer)


def _turned(ids: Sequence[str], edges: Sequence[Edge]) -> set[Edge]:
    """The edges that lead back, found by going deep in the order of the nodes: without them there is no circle."""
    after: dict[str, list[Edge]] = {id: [] for id in ids}
    for edge in edges:
        after[edge.source].append(edge)
    entered: set[str] = set()
    open_: set[str] = set()
    back: set[Edge] = set()
    for start in ids:
        if start in entered:
            continue
        stack: list[tuple[str, Iterator[Edge]]] = [(start, iter(after[start]))]
        entered.add(start)
        open_.add(start)
        while stack:
            top, rest = stack[-1]
            found = next(rest, None)
            if found is None:
                stack.pop()
                open_.discard(top)
            elif found.target in open_:
                back.add(found)
            elif found.target not in entered:
                entered.add(found.target)
                open_.add(found.target)
                stack.append((found.target, iter(after[found.target])))
    return back


def _layers(ids: Sequence[str], arrows: Sequence[tuple[str, str, int]]) -> dict[str, int]:
    """The longest way to each node; then what nothing leads to comes as near to what it leads to as it can."""
    after: dict[str, list[tuple[str, int]]] = {id: [] for id in ids}
    before: dict[str, int] = dict.fromkeys(ids, 0)
    for one, other, length in arrows:
        after[one].append((other, length))
        before[other] += 1
    sources = {id for id in ids if before[id] == 0}
    layers = dict.fromkeys(ids, 0)
    ready = [id for id in ids if before[id] == 0]
    while ready:
        top = ready.pop()
        for other, length in after[top]:
            layers[other] = max(layers[other], layers[top] + length)
            before[other] -= 1
            if before[other] == 0:
                ready.append(other)
    for id in sources:
        if after[id]:
            layers[id] = min(layers[other] - length for other, length in after[id])
    first = min(layers.values(), default=0)
    return {id: layer - first for id, layer in layers.items()}


def _ordered(every: Sequence[Place], ways: Sequence[Way]) -> list[list[Place]]:
    """The columns, each in the order in which the fewest edges cross that was found."""
    columns: list[list[Place]] = [[] for _ in range(max((p.layer for p in every), default=-1) + 1)]
    for place in every:
        columns[place.layer].append(place)
    left, right = _neighbours(ways)
    best, fewest = [list(column) for column in columns], _crossings(columns, right)
    for sweep in range(SWEEPS):
        downward = sweep % 2 == 0
        beside = left if downward else right
        for number in range(1, len(columns)) if downward else range(len(columns) - 2, -1, -1):
            there = columns[number - 1 if downward else number + 1]
            ranks = {place.id: rank for rank, place in enumerate(there)}
            own = {place.id: rank for rank, place in enumerate(columns[number])}
            columns[number].sort(key=lambda place: (_middle(place, beside, ranks, own), own[place.id]))
        crossed = _crossings(columns, right)
        if crossed < fewest:
            best, fewest = [list(column) for column in columns], crossed
    return best


def _neighbours(ways: Sequence[Way]) -> tuple[dict[str, list[Place]], dict[str, list[Place]]]:
    left: dict[str, list[Place]] = {}
    right: dict[str, list[Place]] = {}
    for way in ways:
        for one, other in zip(way.places, way.places[1:], strict=False):
            right.setdefault(one.id, []).append(other)
            left.setdefault(other.id, []).append(one)
    return left, right


def _middle(place: Place, beside: Mapping[str, list[Place]], ranks: Mapping[str, int], own: Mapping[str, int]) -> int:
    """A thousand times the mean rank of its neighbours; its own where it has none."""
    near = [ranks[p.id] for p in beside.get(place.id, ()) if p.id in ranks]
    return 1000 * sum(near) // len(near) if near else 1000 * own[place.id]


def _crossings(columns: Sequence[Sequence[Place]], right: Mapping[str, list[Place]]) -> int:
    count = 0
    for column, following in itertools.pairwise(columns):
        ranks = {place.id: rank for rank, place in enumerate(following)}
        ends = [sorted(ranks[p.id] for p in right.get(place.id, ()) if p.id in ranks) for place in column]
        seen: list[int] = []
        for mine in ends:
            count += sum(1 for end in mine for other in seen if other > end)
            seen += mine
    return count


def _placed(columns: Sequence[Sequence[Place]], ways: Sequence[Way]) -> None:
    """Heights and sides: each column as wide as its widest, each thing as near to its neighbours as its column lets it."""
    x = 0
    for column in columns:
        wide = max((place.width for place in column), default=0)
        for place in column:
            place.x, place.left, place.right = x + wide // 2, x, x + wide
        x += wide + (BETWEEN if wide > 0 else BETWEEN // 2)
    for column in columns:
        y = 0
        for place in column:
            place.y = y + place.height // 2
            y += place.height + BESIDE
    left, right = _neighbours(ways)
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            wanted = [_wanted(place, left, right, sweep) for place in column]
            _settle(column, wanted)
    top = min((place.y - place.height // 2 for column in columns for place in column), default=0)
    for column in columns:
        for place in column:
            place.y -= top


def _wanted(place: Place, left: Mapping[str, list[Place]], right: Mapping[str, list[Place]], sweep: int) -> int:
    near = left.get(place.id, []) if sweep % 2 == 0 else right.get(place.id, [])
    if sweep >= SWEEPS - 2 or not near:
        near = [*left.get(place.id, ()), *right.get(place.id, ())]
    return sum(p.y for p in near) // len(near) if near else place.y


def _settle(column: Sequence[Place], wanted: Sequence[int]) -> None:
    """The heights that come nearest to those wanted, in this order and without overlap: things that would meet are moved
    together, to the mean of what they want."""
    blocks: list[tuple[int, int, int]] = []  # the sum of what is wanted, how many, the room before the first
    room = 0
    offsets: list[int] = []
    for i, place in enumerate(column):
        if i:
            room += (column[i - 1].height + place.height) // 2 + BESIDE
        offsets.append(room)
        blocks.append((wanted[i] - room, 1, i))
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            total, count, _ = blocks.pop()
            before, number, first = blocks.pop()
            blocks.append((before + total, number + count, first))
    for total, count, first in blocks:
        for i in range(first, first + count):
            column[i].y = total // count + offsets[i]


# ---- drawing -------------------------------------------------------------------------------------------------------


def svg(graph: Graph, contract: m.Contract, lang: Lang) -> str:
    """The picture as one SVG: boxes with tooltips, edges, a legend, and what it shows in words."""
    layout = laid_out(graph, lang)
    heading = title(graph, lang)
    width = max(layout.width, NARROWEST)
    head = folded(heading, (width - 2 * MARGIN) // 10)
    top = 12 + 22 * len(head)
    legend, legend_height = _legend(graph, lang, width, top + layout.height + MARGIN)
    height = top + layout.height + MARGIN + legend_height + 12
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-labelledby="title words" font-family="{FONT}" font-size="12">',
        f'<title id="title">{escape(heading)}</title>',
        f'<desc id="words">{escape(_in_words(graph, lang))}</desc>',
        f"<defs>{''.join(_arrow(kind) for kind in dict.fromkeys(e.kind for e in graph.edges))}</defs>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for i, text in enumerate(head):
        out.append(
            f'<text x="{MARGIN}" y="{26 + 22 * i}" font-size="16" font-weight="600" fill="#1b1b1b">{escape(text)}</text>'
        )
    out.append(f'<g transform="translate(0 {top})">')
    out += [_edge(way) for way in layout.ways]
    out += [_words(place) for place in layout.places if place.node is None and place.words]
    for place in layout.places:
        if place.node is not None:
            out += _box(place, place.node, tooltip(contract, place.node, lang))
    return "\n".join([*out, "</g>", *legend, "</svg>"]) + "\n"


def _in_words(graph: Graph, lang: Lang) -> str:
    """The text alternative: every edge as a sentence."""
    names = {node.id: (lines_of(node, lang) or ("",))[0] for node in graph.nodes}
    sentences = []
    for edge in graph.edges:
        words = (
            ""
            if edge.said is None
            else f" ({spoken(edge.said, lang)})"
            if lang == "en"
            else f"（{spoken(edge.said, lang)}）"
        )
        sentences.append(f"{names[edge.source]} → {names[edge.target]}{words}")
    joint = "；" if lang == "zh" else "; "
    return title(graph, lang) + ("。" if lang == "zh" else ". ") + joint.join(sentences)


_INKS: Final[Mapping[EdgeKind, str]] = {
    "figure": "#4a6a8a",
    "condition": "#8a6d1d",
    "performance": "#4c8a5d",
    "follows": "#a04a30",
    "acts on": "#7a4a9c",
    "becomes": "#55606b",
}


def _arrow(kind: EdgeKind) -> str:
    return (
        f'<marker id="{_mark(kind)}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        f'orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="{_INKS[kind]}"/></marker>'
    )


def _mark(kind: EdgeKind) -> str:
    return "to-" + kind.replace(" ", "-")


def _dashes(kind: EdgeKind) -> str:
    return ' stroke-dasharray="5 3"' if kind in DASHED else ' stroke-dasharray="1 3"' if kind in DOTTED else ""


def _edge(way: Way) -> str:
    """A curve from the right side of one thing to the left side of the next; straight across what it passes. One that leads
    back touches its boxes lower than the others, so that its arrow stands by itself."""
    first, *rest = way.places
    lower = LOWER if way.turned else 0
    y = first.y + lower
    path = [f"M{first.x + first.width // 2} {y}H{first.right}"]
    x = first.right
    for place in rest:
        half = max(12, (place.left - x) // 2)
        level = place.y + (lower if place is rest[-1] else 0)
        path.append(f"C{x + half} {y} {place.left - half} {level} {place.left} {level}")
        x, y = place.right, level
        if place is rest[-1]:
            path.append(f"H{place.x - place.width // 2}")
        elif place.words:
            path += [f"H{place.x - place.width // 2}", f"M{place.x + place.width // 2} {y}H{x}"]
        else:
            path.append(f"H{x}")
    kind = way.edge.kind
    end = f'marker-start="url(#{_mark(kind)})"' if way.turned else f'marker-end="url(#{_mark(kind)})"'
    if way.turned and any(place.words for place in rest):
        return "".join(_pieces(path, kind))
    if any(place.words for place in rest[:-1]):
        return "".join(_pieces(path, kind, forward=True))
    return f'<path d="{"".join(path)}" fill="none" stroke="{_INKS[kind]}"{_dashes(kind)} {end}/>'


def _pieces(path: Sequence[str], kind: EdgeKind, forward: bool = False) -> Iterator[str]:
    """An edge in two pieces, before its words and behind them: the arrow belongs to the end only."""
    parts: list[list[str]] = []
    for piece in path:
        if piece.startswith("M"):
            parts.append([])
        parts[-1].append(piece)
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        end = f' marker-end="url(#{_mark(kind)})"' if forward and last else ""
        start = f' marker-start="url(#{_mark(kind)})"' if not forward and number == 0 else ""
        yield f'<path d="{"".join(part)}" fill="none" stroke="{_INKS[kind]}"{_dashes(kind)}{start}{end}/>'


def _words(place: Place) -> str:
    top = place.y - (LINE - 2) * len(place.words) // 2
    lines = "".join(
        f'<tspan x="{place.x}" y="{top + (LINE - 2) * i + 11}">{escape(text)}</tspan>'
        for i, text in enumerate(place.words)
    )
    return f'<text text-anchor="middle" font-size="11" fill="#555">{lines}</text>'


def _box(place: Place, node: Node, tip: str) -> Iterator[str]:
    fill, border = COLOURS[node.kind]
    ink, small = ("#ffffff", "#e8eef4") if node.kind == "state" else ("#1b1b1b", "#444444")
    x, y = place.x - place.width // 2, place.y - place.height // 2
    round_ = 14 if node.kind == "state" else 3 if node.kind in ("fact", "parameter") else 7
    yield f"<g><title>{escape(tip)}</title>"
    yield (
        f'<rect x="{x}" y="{y}" width="{place.width}" height="{place.height}" rx="{round_}" fill="{fill}" '
        f'stroke="{border}" stroke-width="{2 if node.kind in ("obligation", "termination") else 1}"/>'
    )
    at = y + PAD
    for text in place.words:
        at += LINE
        yield f'<text x="{place.x}" y="{at - 4}" text-anchor="middle" font-weight="600" fill="{ink}">{escape(text)}</text>'
    for text in place.lines:
        at += LINE - 2
        yield f'<text x="{place.x}" y="{at - 4}" text-anchor="middle" font-size="11" fill="{small}">{escape(text)}</text>'
    yield "</g>"


def _legend(graph: Graph, lang: Lang, width: int, top: int) -> tuple[list[str], int]:
    """What the colours and lines mean, in rows; and how high it is."""
    out: list[str] = []
    x, y = MARGIN, top + 14

    def room(text: str) -> tuple[int, int]:
        nonlocal x, y
        wide = 32 + SIGN * display_width(text) + 16
        if x > MARGIN and x + wide > width - MARGIN:
            x, y = MARGIN, y + 22
        place = x, y
        x += wide
        return place

    kinds: list[NodeKind] = list(dict.fromkeys(node.kind for node in graph.nodes))
    for kind in kinds:
        text = spoken(said(kind), lang)
        at, line = room(text)
        fill, border = COLOURS[kind]
        out.append(f'<rect x="{at}" y="{line - 11}" width="22" height="14" rx="3" fill="{fill}" stroke="{border}"/>')
        out.append(f'<text x="{at + 28}" y="{line}" fill="#333">{escape(text)}</text>')
    for link in dict.fromkeys(edge.kind for edge in graph.edges):
        text = spoken(said(link), lang)
        at, line = room(text)
        out.append(
            f'<path d="M{at} {line - 4}H{at + 22}" stroke="{_INKS[link]}"{_dashes(link)} '
            f'marker-end="url(#{_mark(link)})"/>'
        )
        out.append(f'<text x="{at + 28}" y="{line}" fill="#333">{escape(text)}</text>')
    return out, y - top + 14 if out else 0
