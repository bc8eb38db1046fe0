"""What the facts lack of what a contract asks for: no mistake, but what rests on it stays undetermined."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from clausal.dsl import model
from clausal.dsl.diagnostics import Both, Cell, Diagnostic, all_of, diagnostic
from clausal.dsl.periods import Kind, parse_period, periods_between
from clausal.engine.facts import Facts

_KIND_OF_GRAIN: Final[Mapping[str, Kind]] = {
    "monthly": "month",
    "quarterly": "quarter",
    "weekly": "week",
    "daily": "day",
    "yearly": "year",
}
_MOST_PERIODS: Final = 12  # of one fact that are named

_HOW_TO_SAY_NOTHING: Final = Both(
    "if nothing happened, give it its column or its table and leave it blank", "没有发生的，请保留该列或者该表并留空"
)


def gaps(contract: model.Contract, facts: Facts, severity: Literal["error", "note"] = "note") -> tuple[Diagnostic, ...]:
    """A finding for each fact of which nothing is said, or not for every period from the start of the term to the end of
    the last month given."""
    return tuple(_gaps(contract, facts, severity))


def _gaps(contract: model.Contract, facts: Facts, severity: Literal["error", "note"]) -> Iterator[Diagnostic]:
    last = parse_period(facts.months[-1]).end if facts.months else None
    for fact in contract.facts:
        given = facts.scalars.get(fact.name, {})
        if fact.happening:
            if fact.name not in facts.carried and not given:
                yield diagnostic(severity, "F651", name=fact.name, hint=_HOW_TO_SAY_NOTHING)
        elif fact.presume is not None:
            continue
        elif not given:
            yield diagnostic(severity, "F651", name=fact.name)
        elif fact.grain != "once" and last is not None:
            missing = [key for key in _asked(contract.header, fact, last) if key not in given]
            if missing:
                origin = next(iter(given.values())).origin
                column = (origin.column or fact.name).rpartition(".")[2]
                place = Cell(origin.file, None, column, origin.sheet)
                periods = all_of(missing, limit=_MOST_PERIODS)
                yield diagnostic(severity, "F650", place=place, name=fact.name, periods=periods)


def _asked(header: model.Header, fact: model.FactDecl, last: dt.date) -> Iterator[str]:
    """The periods that a run to that day asks for: those that are over by then."""
    end = last if header.term_end is None else min(last, header.term_end)
    for period in periods_between(header.term_start, end, _KIND_OF_GRAIN[fact.grain]):
        if period.end <= last:
            yield period.key
