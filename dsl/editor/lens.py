"""A button over each example of the contract, and what came of it when it was run."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from clausal.dsl import syntax
from clausal.dsl.diagnostics import Both, Span
from clausal.dsl.editor.reading import Reading, leaves


@attrs.frozen
class Miss:
    """An expectation that did not hold: where it stands (in the text of the whole contract), and what came out instead."""

    span: Span | None
    text: Both


@attrs.frozen
class Ran:
    """One scenario's result."""

    expectations: int
    misses: tuple[Miss, ...]


@attrs.frozen
class Lens:
    """`runs` is the title of the scenario that a click runs."""

    span: Span
    text: str
    runs: str


def lenses(reading: Reading, ran: Mapping[str, Ran]) -> tuple[Lens, ...]:
    """One over each scenario of the document; `ran` holds what is known of them, by title."""
    found: list[Lens] = []
    for d in leaves(reading.declarations):
        span = reading.here(d.span)
        if not isinstance(d, syntax.Scenario) or span is None:
            continue
        text = Both("▶ run", "▶ 运行")
        result = ran.get(d.title)
        if result is not None and not result.misses:
            text = Both(f"▶ run · passed ({result.expectations})", f"▶ 运行 · 通过（{result.expectations}项）")
        elif result is not None:
            one = result.misses[0].text
            text = Both(f"▶ run · failed: {one.en}", f"▶ 运行 · 未通过：{one.zh}")
        found.append(Lens(Span(span.start, span.start), text.text(reading.lang), d.title))
    return tuple(found)
