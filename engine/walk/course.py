"""What one run through the days knows and keeps: its instances, powers and accounts, the plan of each day, what is told."""

from __future__ import annotations

import datetime as dt
import heapq
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TypeAlias, cast

import attrs

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.periods import Period
from clausal.dsl.values import Duration, Exact, Value, round_to
from clausal.dsl.wording import decimals
from clausal.engine.balances import Ledgers
from clausal.engine.exact import ABSENT, Scope, World, add_duration
from clausal.engine.facts import Payment, Record
from clausal.engine.instances import (
    NEVER,
    ONE,
    Account,
    Growth,
    Instance,
    Pair,
    Power,
    Violation,
)
from clausal.engine.ladders import Ladder
from clausal.engine.outcome import (
    Args,
    Assessed,
    Contingent,
    Event,
    Missing,
    Month,
    PaymentRow,
    Settlement,
    Slice,
    Warn,
    Worth,
    major,
)
from clausal.engine.suspensions import Suspensions
from clausal.engine.terms import Terms, Timing


@attrs.frozen
class Broken:
    """A property that did not hold at the end of a month, with the values that it read."""

    property: m.Property
    month: str
    day: dt.date
    values: tuple[tuple[str, Value], ...]


Task: TypeAlias = tuple[Callable[..., object], tuple[object, ...]]


class Course(ABC):
    """The state of one run, and the means that every room of the walk shares."""

    def __init__(self, terms: Terms, world: World) -> None:
        self.terms = terms
        self.program = terms.program
        self.world = world
        self.balances = world.balances = Ledgers(world)
        self.contract = terms.program.contract
        self.header = self.contract.header
        self.as_of = world.as_of
        self.calendar = world.calendar
        self.suspensions = Suspensions(self.contract, world)
        self.state = "pending" if world.pending else "active"
        self.ended_on: dt.date | None = None
        self.end_reason = "expired"
        self.instances: list[Instance] = []
        self.by_id: dict[str, Instance] = {}
        self.by_norm: dict[str, list[Instance]] = {}
        self.live: list[Instance] = []
        self.powers: list[Power] = []
        self.power_ids: set[str] = set()
        self.live_powers: list[Power] = []
        self.armed: dict[str, bool] = {}
        self._perhaps: dict[str, list[Power]] = {}  # openings of a right whose condition was not known
        self.notices: list[Power] = []
        self.violations: list[Violation] = []
        self._violated: set[str] = set()
        self.ladders: list[Ladder] = []
        self.ladder_gaps: dict[str, tuple[str, ...]] = {}
        self.accounts: dict[Pair, Account] = {}
        self.months: list[Month] = []
        self.events: list[Event] = []
        self.missing: list[Missing] = []
        self.slices: list[Slice] = []
        self.payment_rows: list[PaymentRow] = []
        self.values: list[Worth | Assessed] = []
        self.kpi_runs: dict[str, int | None] = {}
        self.settlement: Settlement | None = None
        self.demands: list[Contingent] = []
        self.flags: list[Contingent] = []
        self.broken: list[Broken] = []
        self.warnings: list[Warn] = []
        self.provisional_from: dt.date | None = None
        self._days: list[dt.date] = []
        self._queued: set[dt.date] = set()
        self._starts: dict[dt.date, list[Task]] = {}
        self._acts: dict[dt.date, list[Task]] = {}
        self._notices: dict[dt.date, list[Task]] = {}
        self._ends: dict[dt.date, list[Task]] = {}
        self._payments: dict[dt.date, list[Payment]] = {}
        self._running: dict[tuple[str, str], tuple[Timing, Period]] = {}
        self._waiting: dict[tuple[str, str], tuple[Timing, Period]] = {}  # what is not owed on its period's first day
        self._echoes: set[dt.date] = set()
        self._morning = dt.date.min
        self._valued: set[str] = set()
        self._used_acts: set[tuple[str, str]] = set()
        self._unused: list[Event] = []
        self._standing: list[tuple[str, str]] = []  # what arises from a list, and the list
        self._growing: list[Growth] = []
        self._billed: dict[tuple[str, str, dt.date], tuple[int, Exact]] = {}  # what of a window was added up so far
        self._month: Period = periods.month_of(world.start)
        self._today: dt.date | None = None  # the day of the walk; None before and after it
        self._level_of: dict[str, str | None] = {}  # of each kpi, the level that it had last
        self._delivered_to = dt.date.min  # the last day whose deliveries were taken

    def _queue(self, day: dt.date | None) -> None:
        if day is not None and day <= self.as_of and day not in self._queued:
            self._queued.add(day)
            heapq.heappush(self._days, day)

    def _plan(
        self,
        where: dict[dt.date, list[Task]],
        day: dt.date,
        task: Callable[..., object],
        *what: object,
    ) -> None:
        """On that day, do `task` about `what`; the day is its last argument."""
        if day <= self.as_of:
            where.setdefault(day, []).append((task, what))
            self._queue(day)

    def _account(self, x: Instance) -> Account:
        return self._account_of((x.debtor, cast(str, x.creditor), cast(str, x.currency)))

    def _account_of(self, pair: Pair) -> Account:
        account = self.accounts.get(pair)
        if account is None:
            account = self.accounts[pair] = Account()
        return account

    def _minor(self, value: Exact, currency: str | None) -> Exact:
        """An exact amount in the currency's smallest units (fen)."""
        return value * self._scale(currency)

    def _major(self, amount: Exact, currency: str | None) -> Exact:
        return major(amount, currency or self.header.currency)

    def _scale(self, currency: str | None) -> int:
        if currency is None or currency == self.header.currency:
            return self.terms.scale
        return int(10 ** decimals(currency))

    def _round(self, value: Exact, currency: str | None) -> int:
        """An amount in smallest units, rounded by the contract's rule to what can be paid."""
        own = currency is None or currency == self.header.currency
        return cast(int, round_to(value, self.terms.unit if own else ONE, self.terms.mode))

    def _after(self, day: dt.date, length: Duration) -> dt.date:
        """The day `length` after `day`. Where the contract's rule refuses a day that its month does not have, the
        month's last day stands in, and the statement says so."""
        try:
            return add_duration(self.world, day, length)
        except (ValueError, OverflowError):
            pass
        try:
            last = periods.add_duration(day, length.amount, length.unit, self.calendar, "clamp")
        except (ValueError, OverflowError):
            return NEVER  # past the last year that there is
        self.warnings.append(Warn("no such day", (("date", day), ("text", f"{length.amount} {length.unit}"))))
        return last

    def _value(self, op: m.Op | None, scope: Scope) -> Value:
        if op is None:
            return ABSENT
        return self.program.compiled(op)(scope)

    def _event(self, day: dt.date, kind: str, subject: str, args: Args = ()) -> None:
        self.events.append(Event(day, kind, subject, args))

    def _missing(
        self,
        what: str,
        needs: tuple[str, ...],
        first: dt.date | None = None,
        last: dt.date | None = None,
        because: str | None = None,
    ) -> None:
        self.missing.append(Missing(what, needs, first, last, because))

    # ---- what a lower room asks of a higher one; the rooms are one class in the end (walk.py), and this says how they meet

    @abstractmethod
    def _exemptions(self, x: Instance, o: m.Obligation) -> list[m.Exemption]: ...

    @abstractmethod
    def _conflict(self, x: Instance, applying: Sequence[m.Exemption]) -> None: ...

    @abstractmethod
    def _completeness(self, x: Instance) -> dt.date: ...

    @abstractmethod
    def _watch_performance(self, x: Instance, o: m.Obligation, day: dt.date) -> None: ...

    @abstractmethod
    def _test_performance(self, x: Instance, day: dt.date) -> None: ...

    @abstractmethod
    def _default_within(self, x: Instance, day: dt.date) -> None: ...

    @abstractmethod
    def _end_default(self, x: Instance, day: dt.date) -> None: ...

    @abstractmethod
    def _pause_penalties(self, x: Instance, day: dt.date) -> None: ...

    @abstractmethod
    def _open(
        self,
        right: m.Right,
        key: str,
        day: dt.date,
        period: Period,
        over: Instance | None = None,
        record: Record | None = None,
    ) -> Power: ...

    @abstractmethod
    def _fit(self, x: Instance, account: Account) -> None: ...

    @abstractmethod
    def _owed(self, timing: Timing, period: Period, day: dt.date, over: bool) -> bool: ...

    @abstractmethod
    def _suspend(self, power: Power, day: dt.date) -> None: ...

    @abstractmethod
    def _perhaps_suspend(self, right: m.Right, needs: tuple[str, ...], day: dt.date) -> None: ...

    @abstractmethod
    def _give_notice(self, power: Power, day: dt.date) -> None: ...

    @abstractmethod
    def _month_values(self, day: dt.date) -> None: ...
