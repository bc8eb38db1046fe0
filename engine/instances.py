"""What exists while a contract runs: debts and duties with their history, rights that opened, violations, accounts.

These objects change from day to day, and only `engine/walk/` changes them; nothing of them leaves a run but through
`engine/rows.py` and the explanation. Amounts are whole numbers of the currency's smallest unit; interest is exact until it
is booked.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Final, TypeAlias, cast

import attrs

from clausal.dsl import model as m
from clausal.dsl.periods import Period
from clausal.dsl.values import Exact, NotApplicable, Unknown, exact
from clausal.engine.exact import Scope
from clausal.engine.facts import Record
from clausal.engine.outcome import PartLine, TaxShare

Pair: TypeAlias = tuple[str, str, str]  # debtor, creditor, currency

GRADES: Final = ("minor", "serious", "fundamental")
DAY: Final = dt.timedelta(days=1)
MINUTE: Final = dt.timedelta(minutes=1)
SECOND: Final = dt.timedelta(seconds=1)
ONE: Final = Fraction(1)
NEVER: Final = dt.date.max


@attrs.frozen
class Entry:
    """One thing that happened to an instance: for the explanation of its figures."""

    date: dt.date
    what: str
    amount: Exact | None = None
    ref: str | None = None


@attrs.frozen
class Accrual:
    """Interest of the days `first` to `last` at one rate on one principal, before the cap.

    `capital`: what of the principal is interest that was capitalised."""

    first: dt.date
    last: dt.date
    principal: Exact
    rate: Exact
    amount: Exact
    capital: Exact = 0


@attrs.define
class Held:
    """Interest of days on which that principal was disputed: `rate` for `time`, booked when the dispute is resolved."""

    first: dt.date
    last: dt.date
    principal: Exact
    rate: Exact
    time: Exact


class Instance:
    """A debt or a duty that exists: one period's or one record's performance of an obligation, or an agreed penalty."""

    __slots__ = (
        "accruals",
        "action",
        "agreed_due",
        "amount",
        "amount_ops",
        "asked_on",
        "billed",
        "booked",
        "cap",
        "cap_known",
        "capitalised",
        "charged_to",
        "clause",
        "closed",
        "complete",
        "created",
        "creditor",
        "cured_on",
        "currency",
        "debtor",
        "default_since",
        "default_until",
        "dispute_needs",
        "disputed",
        "done",
        "doubt",
        "due",
        "due_at",
        "excused",
        "fired",
        "fixed",
        "flags",
        "gap",
        "grace_kind",
        "grace_until",
        "grade",
        "graded_on",
        "growing",
        "halted",
        "held_back",
        "history",
        "id",
        "in_period",
        "interest",
        "interest_after",
        "interest_link",
        "interest_paid",
        "key",
        "kind",
        "later",
        "links",
        "name",
        "notes",
        "obligation",
        "origin",
        "paid",
        "parent",
        "parts",
        "performed_at",
        "performed_on",
        "period",
        "place",
        "prorated",
        "record",
        "reduced",
        "resolved_on",
        "retained",
        "runs_from",
        "slice_days",
        "slice_from",
        "slice_rates",
        "slice_to",
        "sliced",
        "source",
        "stayed",
        "tax",
        "touched",
        "undone",
        "untracked",
        "what",
        "withheld",
        "written_off",
    )

    def __init__(self, id: str, name: str, key: str, period: Period, place: int) -> None:
        self.id = id
        self.name = name
        self.key = key
        self.period = period
        self.place = place
        self.record: Record | None = None
        self.obligation: m.Obligation | None = None
        self.parent: str | None = None
        self.origin: Instance | None = None  # what it stands in for, by an exception
        self.kind = "duty"
        self.action = "pay"
        self.what: str | None = None
        self.clause: m.ClauseRef | None = None
        self.debtor = ""
        self.creditor: str | None = None
        self.currency: str | None = None
        self.source: str | None = None
        self.complete: dt.date = NEVER
        self.created: dt.date = NEVER
        self.asked_on: dt.date | None = None
        self.amount: Exact | None = None
        self.amount_ops: tuple[tuple[str | None, m.Op], ...] = ()
        self.gap: Unknown | NotApplicable | None = None
        self.parts: tuple[PartLine, ...] = ()
        self.tax: TaxShare | None = None
        self.billed: Exact = 0  # as agreed, without tax that comes on top: what counts for caps over a window
        self.prorated: tuple[int, int] | None = None
        self.due: dt.date | None = None
        self.due_at: dt.datetime | None = None  # where the deadline is a moment; `due` is its day
        self.agreed_due: dt.date | None = None
        self.grace_until: dt.date | None = None
        self.grace_kind = "unaffected"
        self.links: tuple[m.Link, ...] = ()
        self.excused = False
        self.doubt: tuple[str, ...] = ()  # facts on which it turns whether anything is owed, or late
        self.fired = 0  # how many of them have taken effect
        self.interest_link: m.Interest | None = None
        self.interest_after = 1  # the day of default from which it runs
        self.cap: Exact | None = None
        self.cap_known = False
        self.interest: Exact = 0
        self.booked: Exact = 0
        self.interest_paid: Exact = 0
        self.capitalised: Exact = 0  # interest that bears interest, from the last anniversary of `runs_from` on
        self.runs_from: dt.date | None = None  # the day before the first interest day
        self.charged_to: dt.date | None = None
        self.slice_from: dt.date | None = None
        self.slice_to: dt.date | None = None
        self.slice_days = 0
        self.halted: dt.date | None = None  # since when its obligation stands still
        self.stayed = False  # whether it is late turns on an unknown excuse: nothing runs until that is known
        self.later: list[tuple[dt.date, Exact]] = []  # principal paid on days that are not complete
        self.sliced: Exact = 0
        self.untracked = False
        self.in_period = True
        self.growing = False
        self.slice_rates: list[Exact] = []
        self.accruals: list[Accrual] = []
        self.paid: Exact = 0
        self.withheld: Exact | None = None
        self.retained: Exact | None = None
        self.written_off: Exact | None = None
        self.disputed: Exact | None = None  # as it was disputed, while the dispute lasts
        self.dispute_needs: tuple[str, ...] = ()  # facts for want of which it is not known whether it is disputed
        self.held_back: list[Held] = []
        self.resolved_on: dt.date | None = None
        self.reduced: Exact = 0
        self.default_since: dt.date | None = None
        self.default_until: dt.date | None = None
        self.undone = False  # a retroactive right took the breach back
        self.grade: str | None = None
        self.graded_on: dt.date | None = None
        self.performed_on: dt.date | None = None
        self.performed_at: dt.datetime | None = None
        self.cured_on: dt.date | None = None
        self.done = 0
        self.fixed: str | None = None  # a status that nothing changes any more: withheld, excused, discharged, waived
        self.closed = False
        self.flags: set[str] = set()
        self.notes: tuple[str, ...] = ()
        self.history: list[Entry] = []
        self.touched = True

    @property
    def pays(self) -> bool:
        return self.action == "pay"

    @property
    def open(self) -> Exact:
        """Principal that can be claimed: neither paid nor withheld nor retained nor written off."""
        if self.amount is None or self.fixed in ("withheld", "excused", "discharged"):
            return 0
        left = self.amount - self.paid if self.paid else self.amount
        if self.retained:
            left = left - self.retained
        if self.written_off:
            left = left - self.written_off
        return left

    @property
    def held(self) -> Exact:
        """What is disputed of the open principal: what is paid is taken from the rest first."""
        return min(self.disputed, max(self.open, 0)) if self.disputed else 0

    @property
    def interest_open(self) -> Exact:
        return self.booked - self.interest_paid

    @property
    def settled(self) -> bool:
        """Nothing open: neither principal nor booked interest."""
        if self.amount is None:
            return False
        return self.booked == self.interest_paid and self.open == 0

    @property
    def deadline(self) -> dt.date | None:
        """The last day on which performance is no default; what was disputed is payable when that is resolved."""
        agreed = self.grace_until or self.due
        if self.resolved_on is None or agreed is None:
            return agreed
        return max(agreed, self.resolved_on)

    @property
    def first_default_day(self) -> dt.date | None:
        """The day of the first moment at which it is late: for a deadline that is a moment, that of the minute after it."""
        if self.due_at is not None:
            return (self.due_at + MINUTE).date()
        return None if self.deadline is None else self.deadline + DAY

    @property
    def in_time(self) -> bool:
        """Whether what was performed was performed by the deadline, to the minute where that is a moment."""
        if self.stands_still:
            return True
        if self.due_at is not None and self.performed_at is not None:
            return self.performed_at <= self.due_at
        deadline = self.deadline
        return deadline is None or self.performed_on is None or self.performed_on <= deadline

    def hours_late(self, day: dt.date) -> Exact | None:
        """By how many hours a deadline that is a moment was missed, or is at the end of `day`."""
        if self.due_at is None or self.fixed is not None:
            return None
        if self.performed_on is not None and self.performed_at is None:
            return None
        end = self.performed_at
        if end is None or end.date() > day:
            end = dt.datetime.combine(day, dt.time()) + DAY
        return max(0, exact(Fraction((end - self.due_at) // SECOND, 3600)))

    @property
    def is_open(self) -> bool:
        """Whether something can still happen to it: open principal or interest, an amount or an act that is awaited."""
        if self.retained or self.growing:
            return True
        if self.pays:
            return self.gap is not None or (self.fixed is None and not self.settled) or self.interest_open > 0
        return not self.closed

    @property
    def never_performed(self) -> bool:
        """Whether a failure is final: an act that belonged to a period that is over."""
        o = self.obligation
        if o is None:
            return False
        return o.performance.kind == "when" or (o.performance.kind == "acts" and self.in_period)

    def suspended(self, day: dt.date) -> bool:
        """Whether it fell due, or its grace ended, in a suspension that lasts."""
        if self.due is None or self.closed or self.fixed is not None:
            return False
        return self.stands_still and self.due <= day

    @property
    def stands_still(self) -> bool:
        """Whether its deadline did not pass before the suspension that lasts."""
        deadline = self.deadline
        return self.halted is not None and deadline is not None and deadline >= self.halted

    def in_breach(self, grade: str | None = None) -> bool:
        """In default now, and of that grade or a graver one."""
        if self.default_since is None or self.default_until is not None or self.fixed is not None:
            return False
        if grade is None:
            return True
        return self.grade is not None and GRADES.index(self.grade) >= GRADES.index(grade)

    def status(self, day: dt.date) -> str:
        """The first that applies, as at the end of `day`."""
        if self.fixed in ("discharged", "waived", "withheld"):
            return self.fixed
        if self.retained:
            return "retained"
        if self.fixed == "excused":
            return "excused"
        if self.suspended(day):
            return "suspended"
        if self.gap is not None or self.doubt:
            return "undetermined"
        if self.excused and not self.closed:
            return "excused"
        if self.performed_on is not None and self.closed:
            if self.cured_on is not None:
                return "cured"
            return "performed" if self.in_time else "performed late"
        if self.due is not None and self.complete < day and not self.untracked:
            if self._turns_on_the_unknown(day):
                return "undetermined"
        if self.untracked:
            return "untracked"
        if self.due is None or day < self.due:
            return "not yet due"
        if self.default_since is not None and self.default_since <= day and self.default_until is None:
            return "breached"
        if self.paid > 0 or self.done > 0:
            return "partly performed"
        return "in grace" if self.grace_until is not None and day > self.due else "due"

    def _turns_on_the_unknown(self, day: dt.date) -> bool:
        """Whether it is open at the end of `day` only if nothing was paid or done on days that are not known."""
        if self.default_since is not None and self.default_since <= day:
            return False
        return self.due is not None and self.due <= day

    def note(self, date: dt.date, what: str, amount: Exact | None = None, ref: str | None = None) -> None:
        self.history.append(Entry(date, what, amount, ref))
        self.touched = True


@attrs.define
class Growth:
    """A penalty that accrues while its parent is in default; `rate` is money per day or week. `start` is the first day of the
    default that lasts, None while there is none; `before` are the days of earlier ones."""

    instance: Instance
    parent: Instance
    penalty: m.Penalty
    scope: Scope
    start: dt.date | None
    rate: Exact
    before: int = 0
    total: Exact = 0
    capped: bool = False
    booked_to: dt.date = attrs.field(init=False)
    shown_to: dt.date = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.booked_to = self.shown_to = cast(dt.date, self.start) - DAY


class Power:
    """A right that opened (or may have): one run of its condition, or one instance of what it is over."""

    __slots__ = (
        "cure_unknown",
        "cure_until",
        "effective_on",
        "exercised_on",
        "grounds",
        "id",
        "key",
        "last_day",
        "needs",
        "opened",
        "over",
        "perhaps",
        "period",
        "record",
        "right",
        "status",
        "touched",
        "unsure",
    )

    def __init__(self, right: m.Right, key: str, opened: dt.date, period: Period) -> None:
        self.right = right
        self.key = key
        self.id = f"{right.name}@{key}"
        self.opened = opened
        self.period = period
        self.last_day: dt.date | None = None
        self.over: Instance | None = None
        self.record: Record | None = None
        self.status = "open"
        self.needs: tuple[str, ...] = ()
        self.exercised_on: dt.date | None = None
        self.cure_until: dt.date | None = None
        self.effective_on: dt.date | None = None
        self.grounds: tuple[Instance, ...] = ()
        self.unsure: tuple[str, ...] = ()  # facts that would tell of a notice
        self.cure_unknown: tuple[str, ...] = ()
        self.perhaps: tuple[
            Power, ...
        ] = ()  # openings before it that nobody could know of: in one of them it may be spent
        self.touched = True

    def may_be_over(self, day: dt.date) -> tuple[str, ...]:
        """The facts on which it turns whether it had opened earlier, and was used or lapsed before `day`."""
        over = [p for p in self.perhaps if p.exercised_on is not None or (p.last_day is not None and p.last_day < day)]
        return tuple(sorted({need for p in over for need in p.needs}))

    @property
    def stake(self) -> tuple[str, Exact] | None:
        """The money of the instance that it is over."""
        x = self.over
        if x is None or x.amount is None or x.currency is None:
            return None
        return x.currency, x.amount

    @property
    def pending(self) -> bool:
        """Open, over something that is still there."""
        return self.status == "open" and (self.over is None or self.over.fixed is None)


class Violation:
    """A breach of a prohibition, on a day."""

    __slots__ = ("clause", "ended", "grade", "graded_on", "id", "prohibition", "record", "since", "touched")

    def __init__(self, prohibition: m.Prohibition, key: str, since: dt.date, record: Record | None) -> None:
        self.prohibition = prohibition
        self.id = f"{prohibition.name}@{key}"
        self.clause = prohibition.clause
        self.since = since
        self.record = record
        self.grade: str | None = None
        self.graded_on: dt.date | None = None
        self.ended = False
        self.touched = True


class Account:
    """The movements of one month between a debtor and a creditor in one currency."""

    __slots__ = (
        "accrued",
        "adjusted",
        "credit",
        "interest",
        "opening",
        "paid",
        "penalties",
        "refunded",
        "tax",
        "withheld",
        "written_off",
    )

    def __init__(self) -> None:
        self.opening: Exact = 0
        self.credit: Exact = 0
        self.clear()

    def clear(self) -> None:
        self.accrued: Exact = 0
        self.interest: Exact = 0
        self.penalties: Exact = 0
        self.tax: Exact = 0
        self.adjusted: Exact = 0
        self.withheld: Exact = 0
        self.written_off: Exact = 0
        self.paid: Exact = 0
        self.refunded: Exact = 0

    @property
    def closing(self) -> Exact:
        return (
            self.opening
            + self.accrued
            + self.interest
            + self.penalties
            + self.tax
            + self.adjusted
            - self.withheld
            - self.written_off
            - self.paid
            + self.refunded
        )


def as_day(value: dt.date) -> dt.date:
    """The day of a date or a moment."""
    return value.date() if isinstance(value, dt.datetime) else value
