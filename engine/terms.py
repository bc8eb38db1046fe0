"""A contract's norms arranged for the walk through the days: worked out once, changed by no run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TypeVar, cast

import attrs

from clausal.dsl import model as m
from clausal.dsl.check import reads_the_day
from clausal.dsl.wording import decimals
from clausal.engine import matching
from clausal.engine.exact import Program, children, used_facts

_T = TypeVar("_T", m.Kpi, m.Right)


@attrs.frozen
class Timing:
    """What an obligation's terms come to, worked out once: its part of the program that no run changes."""

    obligation: m.Obligation
    interest: m.Interest | None
    interest_after: int
    links: tuple[m.Link, ...]
    source: str | None


class Terms:
    """A contract's norms arranged for the walk; depends on the contract alone."""

    def __init__(self, program: Program) -> None:
        contract = program.contract
        self.program = program
        self.timings = tuple(self.timing(o) for o in contract.obligations)
        self.by_name: dict[str, list[Timing]] = {}
        for t in self.timings:
            self.by_name.setdefault(t.obligation.name, []).append(t)
        over = ("withhold", "retain", "reduce", "extend")
        by_record = {o.name for o in contract.obligations if o.schedule.kind == "records"}
        mine = [r for r in contract.rights if r.list is None and r.effect in over]
        self.over = tuple(r for r in mine if r.per_instance and r.target not in by_record)
        self.over_daily = tuple(r for r in mine if not r.per_instance or r.target in by_record)
        self.per_record = tuple(r for r in contract.rights if r.list is not None)
        rest = [r for r in contract.rights if not r.per_instance and r.effect not in over and r.list is None]
        self.monthly = tuple(r for r in rest if r.timing == "period")
        self.daily = tuple(r for r in rest if r.timing == "day")
        self.conditional = tuple(
            (t, reads_the_day(t.obligation.schedule.condition))
            for t in self.timings
            if t.obligation.schedule.kind in ("once when", "each time")
        )
        self.at_the_end = tuple(t for t in self.timings if self.reads_the_end(t.obligation.schedule.on))
        asked = [r.when for r in (*self.daily, *self.over_daily)]
        asked += [t.obligation.schedule.condition for t, _ in self.conditional]
        self.every_day = any(grows_by_the_day(op) for op in asked)
        self.paces = {r.pace for r in (*self.monthly, *self.daily)} | {
            t.obligation.schedule.pace for t, _ in self.conditional
        }
        self.scale = int(10 ** decimals(contract.header.currency))
        self.unit = contract.header.rounding_unit * self.scale
        self.mode = contract.header.rounding_mode
        self.parts = matching.within_a_debt(contract.header.debt_order)
        self.order = contract.header.payment_order or matching.DEFAULT_ORDER
        self.kpi_needs = {
            name: tuple(
                f
                for f in sorted(used_facts(program, [op for v in versions for op in v.tests]))
                if program.facts[f].grain != "once"
            )
            for name, versions in _by_name(v for v in contract.values if isinstance(v, m.Kpi)).items()
        }
        self.surviving = {o.schedule.list for o in contract.obligations if o.survives is not None} | {
            p.violated_by for p in contract.prohibitions if p.survives is not None
        }
        self.escalations = {e.name: e for e in contract.escalations}
        self.after_ladder = tuple(
            end for e in contract.escalations if e.list is None for end in e.at_end if isinstance(end, m.Right)
        )
        ends = (end for e in contract.escalations for end in e.at_end if isinstance(end, m.Right))
        self.rights = _by_name((*contract.rights, *ends))
        self.notice_facts = {
            name: used_facts(program, [r.exercised_on for r in versions]) for name, versions in self.rights.items()
        }
        self.cure_facts = {
            name: used_facts(program, [r.cured_when for r in versions]) for name, versions in self.rights.items()
        }
        self.breach_subjects = {
            name: tuple(dict.fromkeys(s for r in versions for s in subjects(r.when)))
            for name, versions in self.rights.items()
        }

    def reads_the_end(self, op: m.Op | None) -> bool:
        """Whether a date is counted from the end of the contract, which a termination moves."""
        stack = [] if op is None else [op]
        seen: set[str] = set()
        while stack:
            top = stack.pop()
            match top:
                case m.Bound(kind="term end"):
                    return True
                case m.LetRef(name=name) if name not in seen:
                    seen.add(name)
                    stack.extend(v.value for v in self.program.versions[name] if isinstance(v, m.Let))
                case m.ParamRef(name=name) if name not in seen:
                    seen.add(name)
                    versions = self.program.parameters[name].versions
                    stack.extend(v.value for v in versions if v.value is not None)
                case _:
                    stack.extend(children(top))
        return False

    def timing_on(self, name: str, day: dt.date) -> Timing | None:
        """The version of an obligation that holds on the day, if one does."""
        return next((t for t in self.by_name.get(name, ()) if m.in_force(t.obligation, day)), None)

    def right_on(self, name: str, day: dt.date) -> m.Right:
        """The version of a right that holds on the day; after an amendment took it out, the last one."""
        versions = self.rights[name]
        return next((r for r in reversed(versions) if r.since is None or r.since <= day), versions[0])

    def timing(self, o: m.Obligation) -> Timing:
        charging = [k for k in o.chain if isinstance(k.remedy, m.Interest)]
        interest = cast(m.Interest, charging[0].remedy) if charging else None
        after = charging[0].day if charging else 1
        links = tuple(
            sorted((link for link in o.chain if not isinstance(link.remedy, m.Interest)), key=lambda k: k.day)
        )
        source = o.performance.list if o.performance.kind in ("payments", "acts") else None
        return Timing(o, interest, after, links, source)


def _by_name(things: Iterable[_T]) -> dict[str, list[_T]]:
    found: dict[str, list[_T]] = {}
    for thing in things:
        found.setdefault(thing.name, []).append(thing)
    return found


def grows_by_the_day(op: m.Op | None) -> bool:
    """Whether a condition asks for a figure that another day changes though nothing happens on it."""
    stack = [] if op is None else [op]
    while stack:
        top = stack.pop()
        if isinstance(top, m.InstanceValue) and top.field in ("days_late", "penalty"):
            return True
        if isinstance(top, (m.OverRecords, m.OverPeriods)) and top.window.by_days:
            return True
        stack.extend(children(top))
    return False


def subjects(op: m.Op | None) -> tuple[tuple[str, str | None], ...]:
    """The obligations whose breach a condition tests, with the grade."""
    found: list[tuple[str, str | None]] = []
    stack = [] if op is None else [op]
    while stack:
        top = stack.pop()
        if isinstance(top, m.BreachTest):
            found.append((top.subject, top.grade))
        elif isinstance(top, m.StatusTest) and "breached" in top.statuses:
            found.append((top.subject, None))
        stack.extend(children(top))
    return tuple(found)
