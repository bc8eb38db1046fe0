"""What falls due when, as far as the contract alone tells: its days run with nothing known but what stands in it.

A debt whose amount rests on facts has its due date all the same; a duty that arises from an event has none before the event.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import attrs

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.engine.evaluate import Prepared
from clausal.engine.exact import World
from clausal.engine.facts import Facts
from clausal.engine.walk.walk import Walk

LONGEST: Final = 60  # months; what comes after is left to the schedules
_OPEN_ENDED: Final = 12  # months of a term whose end only the facts tell


@attrs.frozen
class Date:
    """A due date: of which duty and which period (`key` as in a statement), the end of grace, if there is one."""

    obligation: m.Obligation
    key: str
    due: dt.date
    grace_until: dt.date | None
    conditional: bool
    """Whether it is owed at all is for the facts to say."""
    provisional: bool
    """It rests on days off that have not been announced yet."""


@attrs.frozen
class Agenda:
    """`dates` in order of time, up to `until`; `whole`: that is the end of the term."""

    dates: tuple[Date, ...]
    until: dt.date
    whole: bool


def agenda(prepared: Prepared) -> Agenda:
    """The due dates that are certain without a fact."""
    header = prepared.contract.header
    months = LONGEST if header.term_end is not None else _OPEN_ENDED
    last = periods.shift(periods.month_of(header.term_start), months - 1).end
    whole = header.term_end is not None and header.term_end <= last
    until = header.term_end if header.term_end is not None and whole else last
    world = World(prepared.program, Facts(), until, {None: header.term_start}, {}, prepared.calendar)
    walk = Walk(prepared.terms, world)
    walk.run()
    dates: list[Date] = []
    for x in walk.instances:
        o = x.obligation
        if o is None or x.due is None:
            continue
        uncertain = o.when is not None or o.exemptions or o.during is not None or o.extended_by is not None
        dates.append(Date(o, x.key, x.due, x.grace_until, bool(uncertain), "provisional" in x.flags))
    return Agenda(tuple(sorted(dates, key=lambda date: (date.due, date.obligation.span.start))), until, whole)
