"""Lines over a range, in a terminal (braille dots, or plain ASCII) and as SVG: exact numbers in, whole pixels out.

A chart has one or more panels, one for each kind of quantity; a line is broken where its quantity jumps or is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from html import escape
from typing import Final

import attrs

from clausal.dsl.values import Exact
from clausal.dsl.wording import cut, display_width, folded, pad

Spot = tuple[Exact, Exact]

COLOURS: Final = ("#1f5fa8", "#b5482a", "#2e7d46", "#7a4a9c", "#8a6d1d", "#44636e")
DASHES: Final = ("", "7 4", "2 3", "10 3 2 3", "5 2", "1 4")
FONT: Final = "system-ui, 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif"


@attrs.frozen
class Line:
    """One quantity: its stretches, each a row of spots from left to right."""

    name: str
    stretches: tuple[tuple[Spot, ...], ...]

    @property
    def spots(self) -> tuple[Spot, ...]:
        return tuple(spot for stretch in self.stretches for spot in stretch)


@attrs.frozen
class Panel:
    """Lines over one pair of axes; `spell` gives a height in words."""

    lines: tuple[Line, ...]
    spell: Callable[[Exact], str]


@attrs.frozen
class Mark:
    """A place of the range that is pointed out, with what its tooltip says."""

    place: Exact
    text: str


@attrs.frozen
class Chart:
    """`across` names what is varied, `spell` gives one of its values in words; `whole`: it has whole values only. `bands`
    are parts of the range in which a condition holds."""

    title: str
    across: str
    low: Exact
    high: Exact
    spell: Callable[[Exact], str]
    panels: tuple[Panel, ...]
    marks: tuple[Mark, ...] = ()
    bands: tuple[tuple[Exact, Exact], ...] = ()
    whole: bool = False
    words: str = ""
    """The text alternative: what the chart shows, in a sentence."""


def ticks(low: Exact, high: Exact, most: int, whole: bool = False) -> list[Exact]:
    """Round numbers within a range, 1, 2 or 5 times a power of ten apart, `most` of them at most."""
    if high <= low:
        return [low]
    step = Fraction(1)
    while (high - low) / step > most:
        step *= 10
    while (high - low) / (step / 10) <= most:
        step /= 10
    for divisor in (5, 2):
        if (high - low) / (step / divisor) <= most:
            step /= divisor
            break
    if whole:
        step = Fraction(max(1, -(-step.numerator // step.denominator)))
    first = -(-low // step) * step
    found: list[Exact] = []
    while first <= high:
        found.append(first)
        first += step
    return found


def bounds(panel: Panel) -> tuple[Exact, Exact] | None:
    """The heights that a panel shows, from zero where that is near; None where nothing is known."""
    heights = [height for line in panel.lines for _, height in line.spots]
    if not heights:
        return None
    low, high = min(heights), max(heights)
    if low > 0 and low * 2 < high:
        low = 0
    if high < 0 and high * 2 > low:
        high = 0
    if low == high:
        low, high = (low - 1, high + 1) if low == 0 else (min(low, 0), max(high, 0))
    return low, high


# ---- in a terminal -------------------------------------------------------------------------------------------------

# The bits of a braille sign, by column and row of its dots.
_DOTS: Final = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


def render_text(chart: Chart, width: int, braille: bool = True, height: int = 9) -> str:
    """Each quantity in a plot of its own, one under the other."""
    parts = [
        "\n".join(_plot(chart, panel, line, width, braille, height))
        for panel in chart.panels
        for line in panel.lines
        if line.spots
    ]
    return "\n\n".join(parts) + ("\n" if parts else "")


def _plot(chart: Chart, panel: Panel, line: Line, width: int, braille: bool, height: int) -> Iterator[str]:
    found = bounds(Panel((line,), panel.spell))
    assert found is not None
    low, high = found
    marks = {0: low, height - 1: high}
    if height > 4 and isinstance(middle := _short((low + high) / Fraction(2), high - low), int | Fraction):
        marks[_scaled(middle, low, high, height - 1)] = middle
    labels = {row: panel.spell(value) for row, value in marks.items()}
    margin = max(display_width(text) for text in labels.values())
    columns = max(10, width - margin - 2)
    dots_x, dots_y = (2, 4) if braille else (1, 1)
    grid = [[0] * columns for _ in range(height)]

    def dot(x: int, y: int) -> None:
        row, column = height - 1 - y // dots_y, x // dots_x
        grid[row][column] |= _DOTS[x % 2][3 - y % 4] if braille else 1

    for stretch in line.stretches:
        spots = [
            (
                _scaled(place, chart.low, chart.high, columns * dots_x - 1),
                _scaled(value, low, high, height * dots_y - 1),
            )
            for place, value in stretch
        ]
        for here, there in zip(spots, spots[1:] or spots, strict=False):
            for x, y in _between(here, there):
                dot(x, y)
    sign = "│" if braille else "|"
    yield cut(line.name, width)
    for row in range(height):
        label = labels.get(height - 1 - row, "")
        cells = "".join(
            (chr(0x2800 + bits) if bits else " ") if braille else ("*" if bits else " ") for bits in grid[row]
        )
        yield (pad(label, margin, "right") + " " + sign + cells).rstrip()
    edge = ["-" if not braille else "─"] * columns
    for mark in chart.marks:
        edge[_scaled(mark.place, chart.low, chart.high, columns - 1)] = "+" if not braille else "┴"
    yield " " * margin + " " + ("└" if braille else "+") + "".join(edge)
    left, right = chart.spell(chart.low), chart.spell(chart.high)
    room = columns - display_width(left) - display_width(right)
    name = cut(chart.across, max(0, room - 2)) if room > 6 else ""
    yield " " * (margin + 2) + left + pad(name, max(1, room), "center") + right


def _short(value: Exact, span: Exact) -> Exact:
    """A value near this one with few digits."""
    step = Fraction(1)
    while step * 20 < span:
        step *= 10
    while step > span / Fraction(20):
        step /= 10
    return round(Fraction(value) / step) * step


def _scaled(value: Exact, low: Exact, high: Exact, most: int) -> int:
    share = Fraction(value - low) / (high - low) * most
    return min(most, max(0, (2 * share.numerator + share.denominator) // (2 * share.denominator)))


def _between(here: tuple[int, int], there: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The dots of a line between two dots."""
    (x, y), (x1, y1) = here, there
    steps = max(abs(x1 - x), abs(y1 - y))
    if steps == 0:
        yield here
        return
    for step in range(steps + 1):
        yield (
            x + (2 * step * (x1 - x) + steps) // (2 * steps),
            y + (2 * step * (y1 - y) + steps) // (2 * steps),
        )


# ---- as SVG --------------------------------------------------------------------------------------------------------

_WIDTH: Final = 760
_RIGHT: Final = 24
_PANEL: Final = 260
_GAP: Final = 40


def render_svg(chart: Chart) -> str:
    """One picture: its panels under one another, marks as numbered lines, bands as shading; no script, no outer resource."""
    panels = [panel for panel in chart.panels if bounds(panel) is not None]
    labels = [panel.spell(tick) for panel in panels for tick in ticks(*_known(panel), 6)]
    left = max(48, 20 + 7 * max((display_width(text) for text in labels), default=4))
    title = folded(chart.title, (_WIDTH - 32) // 10)
    legends = [list(_legend_rows(panel, left)) for panel in panels]
    top = 18 + 20 * len(title)
    body: list[str] = []
    y = top
    for panel, rows in zip(panels, legends, strict=True):
        y += 22 * len(rows) + 26
        body += _panel(chart, panel, rows, left, y)
        y += _PANEL + _GAP
    height = y + 24
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'role="img" aria-labelledby="title words" font-family="{FONT}" font-size="13">',
        f'<title id="title">{escape(chart.title)}</title>',
        f'<desc id="words">{escape(chart.words)}</desc>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    lines += [
        f'<text x="16" y="{26 + 20 * i}" font-size="16" font-weight="600" fill="#1b1b1b">{escape(text)}</text>'
        for i, text in enumerate(title)
    ]
    across = f"{chart.across}"
    lines += body
    lines.append(
        f'<text x="{(left + _WIDTH - _RIGHT) // 2}" y="{height - 12}" text-anchor="middle" fill="#333">{escape(across)}</text>'
    )
    return "\n".join([*lines, "</svg>"]) + "\n"


def _known(panel: Panel) -> tuple[Exact, Exact]:
    return bounds(panel) or (0, 1)


def _legend_rows(panel: Panel, left: int) -> Iterator[list[tuple[int, int, str]]]:
    """The names of the lines, side by side as far as they fit: (x, number, name)."""
    row: list[tuple[int, int, str]] = []
    x = left
    for number, line in enumerate(panel.lines):
        name = cut(line.name, 60)
        wide = 44 + 8 * display_width(name)
        if row and x + wide > _WIDTH - _RIGHT:
            yield row
            row, x = [], left
        row.append((x, number, name))
        x += wide
    if row:
        yield row


def _panel(
    chart: Chart, panel: Panel, legend: Sequence[Sequence[tuple[int, int, str]]], left: int, top: int
) -> list[str]:
    low, high = _known(panel)
    right, bottom = _WIDTH - _RIGHT, top + _PANEL

    def across(place: Exact) -> int:
        return left + _scaled(place, chart.low, chart.high, right - left)

    def up(value: Exact) -> int:
        return bottom - _scaled(value, low, high, _PANEL)

    out: list[str] = []
    for i, row in enumerate(legend):
        y = top - 22 - 22 * (len(legend) - 1 - i)
        for x, number, name in row:
            out.append(f'<line x1="{x}" y1="{y - 4}" x2="{x + 26}" y2="{y - 4}" {_stroke(number)}/>')
            out.append(f'<text x="{x + 32}" y="{y}" fill="#1b1b1b">{escape(name)}</text>')
    for first, last in chart.bands:
        x, x1 = across(first), across(last)
        out.append(f'<rect x="{x}" y="{top}" width="{max(2, x1 - x)}" height="{_PANEL}" fill="#e4f0e4"/>')
    for tick in ticks(low, high, 6):
        y = up(tick)
        out.append(f'<line x1="{left}" y1="{y}" x2="{right}" y2="{y}" stroke="#e2e2e2"/>')
        out.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end" fill="#444">{escape(panel.spell(tick))}</text>')
    out += _across_ticks(chart, across, bottom, right - left)
    out.append(f'<path d="M{left} {top}V{bottom}H{right}" fill="none" stroke="#666"/>')
    taken = -100
    for number, mark in enumerate(chart.marks, 1):
        x = across(mark.place)
        out.append(
            f"<g><title>{escape(mark.text)}</title>"
            f'<line x1="{x}" y1="{top}" x2="{x}" y2="{bottom}" stroke="#999" stroke-dasharray="3 3"/>'
        )
        if x - taken >= 16:
            out.append(f'<text x="{x}" y="{top - 2}" text-anchor="middle" font-size="11" fill="#555">{number}</text>')
            taken = x
        out.append("</g>")
    for number, line in enumerate(panel.lines):
        out += _drawn(line, number, across, up)
    return out


def _across_ticks(chart: Chart, across: Callable[[Exact], int], bottom: int, room: int) -> Iterator[str]:
    for most in (8, 6, 5, 4, 3, 2):
        found = ticks(chart.low, chart.high, most, chart.whole)
        if sum(8 * display_width(chart.spell(tick)) + 14 for tick in found) <= room:
            break
    for tick in found:
        x, text = across(tick), chart.spell(tick)
        half = 4 * display_width(text)
        at = min(max(x, half), _WIDTH - half - 4)
        yield f'<line x1="{x}" y1="{bottom}" x2="{x}" y2="{bottom + 5}" stroke="#666"/>'
        yield f'<text x="{at}" y="{bottom + 20}" text-anchor="middle" fill="#444">{escape(text)}</text>'


def _drawn(line: Line, number: int, across: Callable[[Exact], int], up: Callable[[Exact], int]) -> Iterator[str]:
    yield f"<g><title>{escape(line.name)}</title>"
    colour = COLOURS[number % len(COLOURS)]
    for i, stretch in enumerate(line.stretches):
        spots = [(across(place), up(value)) for place, value in stretch]
        if len(spots) > 1:
            points = " ".join(f"{x},{y}" for x, y in spots)
            yield f'<polyline points="{points}" fill="none" {_stroke(number)} stroke-linejoin="round"/>'
        ends = ([spots[0]] if i or len(spots) == 1 else []) + ([spots[-1]] if i + 1 < len(line.stretches) else [])
        for x, y in ends:
            yield f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>'
    yield "</g>"


def _stroke(number: int) -> str:
    dash = DASHES[number % len(DASHES)]
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'stroke="{COLOURS[number % len(COLOURS)]}" stroke-width="2"{dashed}'
