"""The accounts that a contract keeps of what was recovered, reserved, advanced or held back, month by month.

A balance opens with the term and moves on days: with records and dates on theirs, with the values of a month on its last
day. Months are worked out in order, each once, so that what feeds a balance may read how it opened.
"""

from __future__ import annotations

import datetime as dt
from typing import cast

import attrs

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.periods import Period
from clausal.dsl.values import Exact, NotApplicable, Unknown, Value, exact, round_to
from clausal.engine.exact import GRAIN_KIND, Scope, World, fold, rounding_of

GAPS = (Unknown, NotApplicable)
ONE_DAY = dt.timedelta(days=1)


@attrs.frozen
class Moved:
    """One movement of a balance: `amount` is signed; `of` says what moved it (a record's key, a day, a month)."""

    on: dt.date
    kind: str
    amount: Exact
    of: str


@attrs.frozen
class BalanceMonth:
    """A balance in one month: what it opened with, what moved it, what accrued on it; a gap where that is not known.

    `until` is the last day that counts: the month's, or the contract's.
    """

    until: dt.date
    opening: Exact
    dated: tuple[Moved, ...]
    accrued: Exact
    exact_accrued: Exact
    closing_moves: tuple[Moved, ...] = ()
    gap: Unknown | NotApplicable | None = None
    dated_gap: Unknown | NotApplicable | None = None

    @property
    def moves(self) -> tuple[Moved, ...]:
        return (*self.dated, *self.closing_moves)

    @property
    def added(self) -> Exact:
        return sum((x.amount for x in self.moves if x.kind == "add"), cast(Exact, 0)) + self.accrued

    @property
    def used(self) -> Exact:
        return -sum((x.amount for x in self.moves if x.kind == "deduct"), cast(Exact, 0))

    @property
    def closing(self) -> Exact:
        return exact(self.opening + self.added - self.used)


class Ledgers:
    """The balances of one run, month by month from the start of the term; each month is worked out once, and again if the
    contract ended in it after that."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.balances = {b.name: b for b in world.program.contract.balances}
        self._months: dict[str, list[BalanceMonth]] = {name: [] for name in self.balances}
        self._begun: dict[str, BalanceMonth] = {}

    def figure(self, name: str, field: str, s: Scope) -> Value:
        """What a scope reads of a balance; `Unknown` or not applicable where a movement before is."""
        world = self.world
        month = periods.month_of(max(s.period.end, world.start))
        first = periods.month_of(max(s.period.start, world.start))
        if s.period.end < world.start:
            return NotApplicable("before the history", s.period.key)
        if field == "opening":
            return self._opening(name, first)
        day = s.period.end if s.day is None else s.day  # a period that ends inside a month is read on its last day
        if field == "closing" and day < min(month.end, world.end):
            return self._on(name, max(day, world.start))
        if field == "accrued" and first == month:
            begun = self._begin(name, month)
            return begun.dated_gap if begun.dated_gap is not None else begun.accrued
        months = [self.month(name, x) for x in periods.months_between(first.start, month.end)]
        gap = next((x.gap for x in months if x.gap is not None), None)
        if gap is not None:
            return gap
        if field == "closing":
            return months[-1].closing
        if field == "accrued":
            return exact(sum((x.accrued for x in months), cast(Exact, 0)))
        return exact(sum((x.added if field == "added" else x.used for x in months), cast(Exact, 0)))

    def _opening(self, name: str, month: Period) -> Value:
        if month == self.world.first_month:
            return self._first(name)
        before = self.month(name, periods.shift(month, -1))
        return before.gap if before.gap is not None else before.closing

    def _first(self, name: str) -> Value:
        world, balance = self.world, self.balances[name]
        if balance.opening is None:
            return 0
        value = world.program.compiled(balance.opening)(Scope(world, world.first_month, world.start))
        return value if isinstance(value, GAPS) else self._rounded(balance, cast(Exact, value))

    def _on(self, name: str, day: dt.date) -> Value:
        begun = self._begin(name, periods.month_of(day))
        if begun.dated_gap is not None:
            return begun.dated_gap
        return exact(begun.opening + sum(x.amount for x in begun.dated if x.on <= day))

    def month(self, name: str, month: Period) -> BalanceMonth:
        """The balance in a month of the term; those before are worked out first, one after the other."""
        world = self.world
        done = self._months[name]
        place = 12 * (month.start.year - world.first_month.start.year) + month.start.month
        place -= world.first_month.start.month
        for i, known in enumerate(done):
            if known.until != self._until(periods.shift(world.first_month, i)):
                del done[i:]
                break
        while len(done) <= place:
            at = periods.shift(world.first_month, len(done))
            done.append(self._close(name, at, self._begin(name, at)))
            self._begun.pop(f"{name}@{at.key}", None)
        return done[place]

    def _until(self, month: Period) -> dt.date:
        return min(month.end, max(self.world.end, self.world.start))

    def _rounded(self, balance: m.Balance, amount: Exact) -> Exact:
        if balance.type.kind != "money":
            return amount
        return round_to(amount, *rounding_of(self.world.program.contract, balance.type.currency))

    def _begin(self, name: str, month: Period) -> BalanceMonth:
        """What is known of a month before its end: its opening, what is dated in it, what accrues on that."""
        key = f"{name}@{month.key}"
        found = self._begun.get(key)
        until = self._until(month)
        if found is not None and found.until == until:
            return found
        world, balance = self.world, self.balances[name]
        opening = self._opening(name, month)
        if isinstance(opening, GAPS):
            return BalanceMonth(until, 0, (), 0, 0, (), opening, opening)
        dated: list[tuple[dt.date, int, str, Moved]] = []
        gaps: list[Value] = []
        if month.start <= world.end:
            for place, movement in enumerate(balance.movements):
                if movement.list is not None:
                    self._by_records(balance, movement, place, month, dated, gaps)
                elif movement.on is not None:
                    self._on_date(balance, movement, place, month, dated, gaps)
        dated.sort(key=lambda row: row[:3])
        moves = tuple(row[3] for row in dated)
        gap_ = None if not gaps else cast("Unknown | NotApplicable", fold("sum", [], gaps))
        whole = exact(cast(Exact, opening))
        before = self._months[name][-1].exact_accrued if self._months[name] else 0
        accrued: Exact = 0
        exactly: Exact = before
        if balance.rate is not None and gap_ is None and month.start <= world.end:
            total = self._accrual(balance, month, until, whole, moves)
            if isinstance(total, GAPS):
                gap_ = total
            else:
                exactly = before + cast(Exact, total)
                accrued = exact(self._rounded(balance, exactly) - self._rounded(balance, before))
        begun = BalanceMonth(until, whole, moves, accrued, exact(exactly), (), gap_, gap_)
        self._begun[key] = begun
        return begun

    def _by_records(
        self,
        balance: m.Balance,
        movement: m.Movement,
        place: int,
        month: Period,
        dated: list[tuple[dt.date, int, str, Moved]],
        gaps: list[Value],
    ) -> None:
        world = self.world
        name = cast(str, movement.list)
        if name not in world.facts.carried:
            gaps.append(Unknown((f"{name}@{month.key}",)))
            return
        if world.complete[name] < min(month.end, world.end, world.as_of):
            gaps.append(Unknown((f"{name}@{month.key}",)))
            return
        compiled = world.program.compiled
        for record in world.records(name).get(month.key, ()):
            if not world.start <= record.on <= world.end:
                continue
            scope = Scope(world, month, record.on, record)
            kept = True if movement.when is None else compiled(movement.when)(scope)
            if kept is False:
                continue
            amount = compiled(movement.amount)(scope)
            if kept is not True or isinstance(amount, GAPS):
                gaps.append(amount if kept is True else kept)
                continue
            dated.append((record.on, place, record.key, self._moved(balance, movement, record.on, amount, record.key)))

    def _moved(self, balance: m.Balance, movement: m.Movement, on: dt.date, amount: Value, of: str) -> Moved:
        kind = "add" if movement.sign > 0 else "deduct"
        return Moved(on, kind, movement.sign * self._rounded(balance, cast(Exact, amount)), of)

    def _on_date(
        self,
        balance: m.Balance,
        movement: m.Movement,
        place: int,
        month: Period,
        dated: list[tuple[dt.date, int, str, Moved]],
        gaps: list[Value],
    ) -> None:
        """A movement that happens with a date: in the month of that date, wherever the fact was given."""
        world = self.world
        compiled = world.program.compiled
        date = compiled(cast(m.Op, movement.on))
        days: set[dt.date] = set()
        for given in periods.months_between(world.start, max(month.end, self._last_given())):
            v = date(Scope(world, given))
            if isinstance(v, Unknown):
                if given == month:
                    gaps.append(v)
            elif isinstance(v, dt.date):
                days.add(v.date() if isinstance(v, dt.datetime) else v)
        for day in sorted(d for d in days if d in month and world.start <= d <= world.end):
            amount = compiled(movement.amount)(Scope(world, month, day))
            if isinstance(amount, GAPS):
                gaps.append(amount)
            else:
                dated.append((day, place, "", self._moved(balance, movement, day, amount, day.isoformat())))

    def _last_given(self) -> dt.date:
        given = self.world.facts.months
        return periods.parse_period(given[-1]).end if given else self.world.start

    def _accrual(
        self, balance: m.Balance, month: Period, until: dt.date, opening: Exact, moves: tuple[Moved, ...]
    ) -> Value:
        """What accrues from the first to the last day, on what the balance was when each day began, at the rate of that day."""
        world = self.world
        rate = world.program.compiled(cast(m.Op, balance.rate))
        first = max(month.start, world.start)
        cuts = {x.on + ONE_DAY for x in moves} | set(world.version_starts)
        starts = [first, *sorted(d for d in cuts if first < d <= until)]
        total: Exact = 0
        for i, start in enumerate(starts):
            end = starts[i + 1] - ONE_DAY if i + 1 < len(starts) else until
            held = opening + sum(x.amount for x in moves if x.on < start)
            r = rate(Scope(world, month, start))
            if isinstance(r, GAPS):
                return r
            if balance.per == "day":
                time: Exact = (end - start).days + 1
            else:
                count = balance.daycount or "actual_365"
                time = periods.year_fraction(start - ONE_DAY, end, count) * (1 if balance.per == "year" else 12)
            total = total + held * cast(Exact, r) * time
        return exact(total)

    def due(self, movement: m.Movement, month: Period) -> bool:
        """Whether a movement by values, not by records or dates, is due at that month's end, or the contract's."""
        if movement.list is not None or movement.on is not None:
            return False
        end = periods.period_of(month.end, GRAIN_KIND[movement.pace]).end
        return self._until(month) in (end, self.world.end)

    def _close(self, name: str, month: Period, begun: BalanceMonth) -> BalanceMonth:
        """The month with what moves at its end: sums of the month, each as the file lists it."""
        world, balance = self.world, self.balances[name]
        if begun.gap is not None or month.start > world.end:
            return begun
        compiled = world.program.compiled
        moves: list[Moved] = []
        gaps: list[Value] = []
        for movement in balance.movements:
            if not self.due(movement, month):
                continue
            scope = Scope(world, month)
            held = True if movement.when is None else compiled(movement.when)(scope)
            if held is False or (movement.when is not None and isinstance(held, NotApplicable)):
                continue
            amount = compiled(movement.amount)(scope)
            missing = [v for v in (held, amount) if isinstance(v, GAPS)]
            gaps += missing
            if not missing:
                moves.append(self._moved(balance, movement, begun.until, amount, month.key))
        if gaps:
            return attrs.evolve(begun, gap=cast("Unknown | NotApplicable", fold("sum", [], gaps)))
        return attrs.evolve(begun, closing_moves=tuple(moves))
