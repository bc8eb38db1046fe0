"""When performance stands still: the runs of suspensions and of exercised rights to suspend, and what time they take.

Only time is kept here. What follows for a debt or a duty (a deadline that moves, interest that stands still, an amount that
counts fewer days) is done by `engine/walk/`, on the mornings on which a run begins or ends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal, TypeAlias

import attrs

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.periods import Period
from clausal.dsl.values import NotApplicable, Unknown, Value
from clausal.engine.exact import World, children
from clausal.engine.instances import DAY, NEVER

Days: TypeAlias = tuple[dt.date, dt.date]  # first and last, both included

NOT_SUSPENDED: Final = NotApplicable("not suspended")


@attrs.define(eq=False)
class Halt:
    """One run of a suspension. `covers` None: every obligation. With `needs` it may have run: that turns on these facts."""

    source: str
    covers: tuple[str, ...] | None
    begun: dt.date
    declared: bool = True
    extends: Literal["days", "months"] | None = None
    interest_continues: bool = False
    needs: tuple[str, ...] = ()
    ended: dt.date | None = None

    @property
    def sure(self) -> bool:
        return not self.needs

    @property
    def last(self) -> dt.date:
        return self.ended or NEVER

    def touches(self, first: dt.date, last: dt.date) -> bool:
        return self.begun <= last and first <= self.last


class Suspensions:
    """The runs so far, in the order in which they began."""

    def __init__(self, contract: m.Contract, world: World) -> None:
        self.world = world
        self.declared = contract.suspensions
        self.any = bool(contract.suspensions) or any(r.effect == "suspend" for r in contract.rights)
        self.term_end = world.end
        self.may_extend = any(s.extends_term_by is not None for s in self.declared)
        self.halts: list[Halt] = []
        self.running: dict[str, Halt] = {}
        self._instead = frozenset(_names(o for o in contract.obligations if o.during is not None))
        self.follows_life = any(_follows_life(s.when) for s in self.declared)

    # ---- the mornings

    def days_of_change(self) -> Iterator[dt.date]:
        """The days on which facts can begin or end a suspension."""
        for suspension in self.declared:
            yield from self.world.days_of_change(suspension.when)

    def morning(self, day: dt.date) -> tuple[list[Halt], list[Halt]]:
        """What begins today, and what had its last day yesterday."""
        begun: list[Halt] = []
        ended: list[Halt] = []
        for s in self.declared:
            held = self.world.in_the_morning(s.when, day)
            needs = held.needs if isinstance(held, Unknown) else ()
            wanted = held is True or bool(needs)
            running = self.running.get(s.name)
            if running is not None and (not wanted or running.needs != needs):
                self.end(running, day - DAY)
                ended.append(running)
                running = None
            if wanted and running is None:
                halt = Halt(s.name, s.suspends, day, True, s.extends_term_by, s.interest_continues, needs)
                self.begin(halt)
                begun.append(halt)
        return begun, ended

    def begin(self, halt: Halt) -> None:
        self.halts.append(halt)
        self.running[halt.source] = halt

    def end(self, halt: Halt, last: dt.date) -> None:
        halt.ended = last
        if self.running.get(halt.source) is halt:
            del self.running[halt.source]

    # ---- what stands still

    def covers(self, halt: Halt, name: str) -> bool:
        """Whether a run is about the obligation (or the penalties of its default)."""
        name = name.removesuffix(".penalty")
        return name not in self._instead if halt.covers is None else name in halt.covers

    def since(self, name: str) -> dt.date | None:
        """The first day of the time, not over yet, in which the obligation stands still; runs that meet are one."""
        mine = [h for h in self.halts if h.sure and self.covers(h, name)]
        first = min((h.begun for h in mine if h.ended is None), default=None)
        for halt in reversed(mine):
            if first is not None and halt.begun < first <= halt.last + DAY:
                first = halt.begun
        return first

    def run_until(self, name: str, last: dt.date) -> dt.date | None:
        """The first day of the time that had its last day then."""
        first = None
        for halt in reversed([h for h in self.halts if h.sure and self.covers(h, name)]):
            if halt.last == last or (first is not None and halt.begun < first <= halt.last + DAY):
                first = min(halt.begun, first or NEVER)
        return first

    def moved_by(self, name: str, last: dt.date) -> Literal["days", "months"]:
        """How the time that had its last day then moves deadlines."""
        over = (h.extends for h in self.halts if h.sure and h.ended == last and self.covers(h, name))
        return next((by for by in over if by is not None), "days")

    def in_force(self, source: str) -> Halt | None:
        """The run of that suspension today, sure or possible."""
        return self.running.get(source)

    @property
    def state(self) -> str:
        """The state of the contract but for notices of termination."""
        return "suspended" if any(h.sure and h.declared for h in self.running.values()) else "active"

    def live_days(self, o: m.Obligation, first: dt.date, last: dt.date) -> list[Days]:
        """The days on which the obligation is owed: those on which it does not stand still, or on which what it replaces
        does."""
        if not self.any:
            return [(first, last)]
        if o.during is not None:
            return within(first, last, [(h.begun, h.last) for h in self.halts if h.source == o.during and h.sure])
        return without(first, last, [(h.begun, h.last) for h in self.halts if h.sure and self.covers(h, o.name)])

    def doubts(self, o: m.Obligation, first: dt.date, last: dt.date) -> tuple[str, ...]:
        """The facts on which it turns whether the obligation is owed on all of these days."""
        found: set[str] = set()
        for halt in self.halts:
            mine = halt.source == o.during if o.during is not None else self.covers(halt, o.name)
            if mine and halt.touches(first, last):
                found.update(halt.needs)
        return tuple(sorted(found))

    def doubt_on(self, name: str, day: dt.date) -> tuple[str, ...]:
        """The facts on which it turns whether the obligation stands still on that day."""
        found: set[str] = set()
        for halt in self.halts:
            if halt.needs and self.covers(halt, name) and halt.touches(day, day):
                found.update(halt.needs)
        return tuple(sorted(found))

    def running_days(self, name: str, first: dt.date, last: dt.date) -> list[Days]:
        """The days on which interest, and all else that runs by days of a default, runs."""
        if not self.halts:
            return [(first, last)]
        still = (h for h in self.halts if h.sure and not h.interest_continues and self.covers(h, name))
        return without(first, last, [(h.begun, h.last) for h in still])

    def days_run(self, name: str, first: dt.date, last: dt.date) -> int:
        return sum((b - a).days + 1 for a, b in self.running_days(name, first, last))

    def known_to_run(self, name: str) -> dt.date:
        """The last day of which it is known whether interest runs on it."""
        unsure = (h.begun for h in self.halts if h.needs and not h.interest_continues and self.covers(h, name))
        return min(unsure, default=NEVER) - DAY if self.halts else NEVER

    # ---- the term

    def extended_end(self, day: dt.date) -> tuple[int, int]:
        """The months and days by which the suspended time, up to `day`, moves the end of the term. A day that several
        suspensions cover counts once: by months where one of them says so."""
        by_months = [h for h in self.halts if h.sure and h.extends == "months"]
        by_days = [h for h in self.halts if h.sure and h.extends == "days"]
        months = days = 0
        counted: list[Days] = []
        for first, last in within(self.world.start, day, [(h.begun, h.last) for h in by_months]):
            counted.append((first, last))
            whole, rest = periods.months_and_days(first, last)
            months, days = months + whole, days + rest
        for first, last in within(self.world.start, day, [(h.begun, h.last) for h in by_days]):
            days += sum((b - a).days + 1 for a, b in without(first, last, counted))
        return months, days

    def end_in_doubt(self) -> tuple[str, ...]:
        """The facts on which it turns whether the end of the term moves."""
        return tuple(sorted({n for h in self.halts if h.extends is not None for n in h.needs}))

    def known_last(self, day: dt.date) -> Iterator[tuple[str, dt.date]]:
        """The suspensions in force of which the facts already give the last day."""
        for s in self.declared:
            if s.name in self.running and isinstance(s.when, m.Covered):
                last = max((b for a, b in self.world.intervals(s.when.name) if a <= day <= b), default=NEVER)
                if last < NEVER:
                    yield s.name, last

    # ---- what a condition asks

    def start_of(self, source: str | None, period: Period) -> Value:
        """The day on which the suspension began that touches the period: that of the name, else the last of any."""
        touching = [h for h in self.halts if source in (None, h.source) and h.touches(period.start, period.end)]
        sure = [h for h in touching if h.sure]
        if sure:
            return (sure[0] if source is not None else sure[-1]).begun
        needs = tuple(sorted({n for h in touching for n in h.needs}))
        return Unknown(needs) if needs else NOT_SUSPENDED


def without(first: dt.date, last: dt.date, taken: Sequence[Days]) -> list[Days]:
    """The days from `first` to `last` that are not among `taken`, in runs."""
    left: list[Days] = []
    start = first
    for a, b in sorted(taken):
        if b < start:
            continue
        if a > last:
            break
        if a > start:
            left.append((start, a - DAY))
        if b >= last:
            return left
        start = b + DAY
    if start <= last:
        left.append((start, last))
    return left


def within(first: dt.date, last: dt.date, wanted: Sequence[Days]) -> list[Days]:
    """The days from `first` to `last` that are among `wanted`, in runs: what meets or overlaps is one."""
    found: list[Days] = []
    for a, b in sorted(wanted):
        a, b = max(a, first), min(b, last)
        if b < a:
            continue
        if found and a <= found[-1][1] + DAY:
            found[-1] = (found[-1][0], max(found[-1][1], b))
        else:
            found.append((a, b))
    return found


def _names(obligations: Iterable[m.Obligation]) -> Iterator[str]:
    """The obligations and those that are consequences of their default."""
    stack = list(obligations)
    while stack:
        o = stack.pop()
        yield o.name
        stack.extend(link.remedy for link in o.chain if isinstance(link.remedy, m.Obligation))


def _follows_life(op: m.Op) -> bool:
    """Whether a condition rests on what becomes of duties, which only the run itself can tell."""
    stack = [op]
    while stack:
        top = stack.pop()
        if isinstance(top, (m.StatusTest, m.BreachTest, m.NothingOpen, m.InstanceValue)):
            return True
        stack.extend(children(top))
    return False
