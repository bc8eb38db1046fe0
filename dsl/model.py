"""The contract as meant: what the engines read. Names are resolved, types and units are checked, word order is gone.

Expressions are a closed set of `Op`s; every engine implements the Ops and nothing else. Norms (obligations, rights,
prohibitions) keep the order of the file, lets and kpis come in computation order. Every node keeps the span that it came
from, so that a trace can quote the contract.

Where an Op is evaluated it has a *scope*: a period (a month, or the period of an instance), a day, perhaps a record, perhaps
an instance. Which of them an Op reads is said with it.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Literal, TypeAlias

import attrs

from clausal.dsl.diagnostics import Diagnostic, Source, Span
from clausal.dsl.types import Grain, Missing, Shift, Type, Unit
from clausal.dsl.values import Duration, Scalar, Unknown, Value


def _span() -> Span:
    return attrs.field(eq=False, repr=False, kw_only=True)  # type: ignore[no-any-return]


# ---- expressions: the Ops ------------------------------------------------------------------------------------------


@attrs.frozen
class Const:
    value: Scalar
    type: Type
    span: Span = _span()


@attrs.frozen
class ParamRef:
    """The version of a parameter that holds on the scope's day (a periodic amount: the period's first day)."""

    name: str
    type: Type
    span: Span = _span()


@attrs.frozen
class FactRef:
    """A scalar fact of the scope's period. A fact of a coarser grain than the period is that of the period around it; one
    of grain `once` has no period. Of type boolean, number, …, date, moment, text, party (a notice is read by `NoticeRef`)."""

    name: str
    grain: Grain
    type: Type
    span: Span = _span()


@attrs.frozen
class NoticeRef:
    """The day on which a fact of type notice works: its `received` (or `sent`), a date."""

    name: str
    grain: Grain
    field: Literal["sent", "received"]
    type: Type
    span: Span = _span()


@attrs.frozen
class FieldRef:
    """A field of the record in scope, or (`outer`) of the one about which records of another list are added up. A blank
    optional field is absent: a comparison with it is false, `Happened` false."""

    name: str
    type: Type
    outer: bool = False
    span: Span = _span()


@attrs.frozen
class LetRef:
    """A `let` of the scope's period."""

    name: str
    type: Type
    span: Span = _span()


@attrs.frozen
class KpiState:
    """Boolean: the kpi of the scope's period is in that state. `not assessed` makes met and missed both unknown for
    `Run` and `NOfM` (they skip or reset), and false elsewhere."""

    kpi: str
    state: Literal["met", "missed", "not assessed"]
    type: Type
    span: Span = _span()


@attrs.frozen
class KpiLevel:
    """Boolean: of the levels of the kpi, in its period around the scope's, `level` is the first whose condition holds. A kpi
    that is not assessed has none: as for `KpiState`."""

    kpi: str
    level: str
    type: Type
    span: Span = _span()


@attrs.frozen
class KpiFigure:
    """A figure of the kpi of the scope's period: its measure, its target (prorated where the kpi is), or how far the measure
    came from the baseline to the target."""

    kpi: str
    field: Literal["measure", "target", "attainment"]
    type: Type
    span: Span = _span()


@attrs.frozen
class Arith:
    """Exact. Division by zero is not applicable. The units are the checker's business."""

    op: Literal["+", "-", "*", "/"]
    left: Op
    right: Op
    type: Type
    span: Span = _span()


@attrs.frozen
class Negate:
    operand: Op
    type: Type
    span: Span = _span()


@attrs.frozen
class Compare:
    op: Literal["=", "!=", "<", "<=", ">", ">="]
    left: Op
    right: Op
    type: Type
    span: Span = _span()


@attrs.frozen
class AllOf:
    """Kleene's and."""

    operands: tuple[Op, ...]
    type: Type
    span: Span = _span()


@attrs.frozen
class AnyOf:
    """Kleene's or."""

    operands: tuple[Op, ...]
    type: Type
    span: Span = _span()


@attrs.frozen
class Not:
    operand: Op
    type: Type
    span: Span = _span()


@attrs.frozen
class Choice:
    """The value of the first case whose condition is true. An unknown condition makes the choice unknown unless every
    case that could then be chosen has the same value. Without `otherwise`, no case true is not applicable."""

    cases: tuple[tuple[Op, Op], ...]
    otherwise: Op | None
    type: Type
    tiers: bool = False
    """Whether its cases are the bands of a ladder."""
    span: Span = _span()


@attrs.frozen
class Span_:
    """The months of a window, relative to the scope's month: see syntax.Window for the kinds. One of days or weeks ends with
    the scope's day, where it has one, else with its period."""

    kind: Literal[
        "this month",
        "last",
        "this quarter",
        "contract year to date",
        "calendar year to date",
        "since start",
        "until previous month",
    ]
    amount: int = 0
    unit: Unit | None = None

    @property
    def by_days(self) -> bool:
        return self.unit in ("days", "weeks")


@attrs.frozen
class OverRecords:
    """An aggregate over the records of a list that are dated in the window's months on days on which the contract is in
    term. `body` and `where` have the record in scope; `body` is None for count."""

    function: Literal["sum", "count", "minimum", "maximum", "average"]
    list: str
    where: Op | None
    body: Op | None
    window: Span_
    type: Type
    span: Span = _span()


@attrs.frozen
class OverPeriods:
    """An aggregate of a value of each month (or quarter, year: `grain`) of the window. For count, `body` is a boolean."""

    function: Literal["sum", "count", "minimum", "maximum", "average"]
    body: Op
    grain: Grain
    window: Span_
    type: Type
    span: Span = _span()


@attrs.frozen
class AtPeriod:
    """`body` in the scope's period moved by `offset` periods of `unit`, or in the period `literal`."""

    body: Op
    unit: Literal["month", "quarter", "year", "literal"]
    offset: int
    literal: str | None
    type: Type
    span: Span = _span()


@attrs.frozen
class AtSuspensionStart:
    """`body` in the last month that was over when the suspension in scope began: that of the instance in scope, else the
    one that began last of those that touch the scope's period. Not applicable where there is none."""

    body: Op
    type: Type
    span: Span = _span()


@attrs.frozen
class Run:
    """True when `test` held in each of the last `amount` assessed periods, the scope's included. `missing` says what a
    period that is not assessed does; a period before the term's start ends the run."""

    test: Op
    amount: int
    grain: Grain
    missing: Missing | None
    type: Type
    length: Op | None = None
    """The parameter that says how many, where one does; `amount` is then its known value, or 1."""
    span: Span = _span()


@attrs.frozen
class NOfM:
    """True when `test` held in at least `amount` of the last `of` periods."""

    test: Op
    amount: int
    of: int
    grain: Grain
    missing: Missing | None
    type: Type
    span: Span = _span()


@attrs.frozen
class Ever:
    """True when `test` held in any earlier month of the term (`current`: or in this one)."""

    test: Op
    current: bool
    type: Type
    span: Span = _span()


@attrs.frozen
class StatusTest:
    """Boolean on the scope's day: some instance of the obligation, prohibition or right (some run of the escalation) has
    one of the statuses; if the scope has a period (for an escalation a record) of which there is one, that one only."""

    subject: str
    statuses: tuple[str, ...]
    type: Type
    span: Span = _span()


@attrs.frozen
class BreachTest:
    """Boolean on the scope's day: some instance of the subject is in breach of `grade` or a graver one and still open."""

    subject: str
    grade: str
    type: Type
    span: Span = _span()


@attrs.frozen
class NothingOpen:
    """Boolean on the scope's day: nothing is open on the instances whose breach opened the right in scope."""

    type: Type
    span: Span = _span()


@attrs.frozen
class InstanceValue:
    """A figure of the instance in scope (`subject` None: `amount`, `unpaid`), or over all instances of a subject:
    `open`, `overdue`, `penalty` (money), `days_late` (count "days") and `hours_late` (count "hours", of a deadline that is a
    moment), of the instance of the same period or record; of an escalation `opened` and `last_day` (dates, of the run of the
    same record or opening, else of the last one)."""

    subject: str | None
    field: Literal["amount", "unpaid", "open", "overdue", "days_late", "hours_late", "penalty", "opened", "last_day"]
    type: Type
    span: Span = _span()


@attrs.frozen
class Happened:
    """Boolean on the scope's day: the date is on or before it. Absent: false."""

    date: Op
    type: Type
    span: Span = _span()


@attrs.frozen
class Covered:
    """Boolean on the scope's day: one of the intervals of the fact covers it, first and last day included."""

    name: str
    type: Type
    span: Span = _span()


@attrs.frozen
class DateShift:
    """A date moved by a duration (`sign` +1 or -1), by the contract's calendar and month_end rule, not shifted."""

    date: Op
    duration: Op
    sign: int
    type: Type
    span: Span = _span()


@attrs.frozen
class Bound:
    """`month start|end` and `period start|end` of the scope's period (of its days in term), `term start|end` of the
    contract as of now; `arises`: the day on which an obligation that was demanded arises."""

    kind: Literal["month start", "month end", "term start", "term end", "period start", "period end", "arises"]
    type: Type
    span: Span = _span()


@attrs.frozen
class Builtin:
    """A pure function of its arguments, by name (dsl/builtins.py)."""

    name: str
    args: tuple[Op, ...]
    type: Type
    span: Span = _span()


@attrs.frozen
class Share:
    """What one party gets, as an amount or as a part of the whole; `value` None for what the others leave."""

    party: str
    value: Op | None


@attrs.frozen
class Split:
    """`whole` divided by parts that come to one (else not applicable), or with `overlay` each for itself."""

    whole: Op
    shares: tuple[Share, ...]
    overlay: bool
    type: Type
    span: Span = _span()


@attrs.frozen
class Apportion:
    """Amounts that belong together, rounded so that they add up to their rounded sum; less those of `before`, where they
    are the slice of a window longer than a month."""

    shares: tuple[tuple[str, Op], ...]
    before: tuple[tuple[str, Op], ...] | None
    type: Type
    span: Span = _span()


@attrs.frozen
class Stage:
    """Holds until the balance has reached `bound` (None: for ever)."""

    bound: Op | None
    shares: tuple[Share, ...]


@attrs.frozen
class Stages:
    """`whole` divided by the stage that the balance had reached when the period opened. What `filled_by` gets fills the
    stage; with `crossing` the rest goes to the next one. A loss is divided as the stage at the opening."""

    whole: Op
    balance: str
    filled_by: str
    crossing: bool
    stages: tuple[Stage, ...]
    type: Type
    span: Span = _span()


@attrs.frozen
class Waterfall:
    """`cash` to one bucket after the other, each up to what it needs, then divided as `rest`; below zero nobody gets
    anything."""

    cash: Op
    buckets: tuple[tuple[str, Op], ...]
    rest: tuple[Share, ...]
    type: Type
    span: Span = _span()


@attrs.frozen
class ShareOf:
    """One party's share of a division, what it lacks (`shortfall`), or what nobody was given (`left`)."""

    of: Op
    party: str | None
    field: Literal["share", "shortfall", "left"]
    type: Type
    span: Span = _span()


@attrs.frozen
class BalanceRef:
    """A balance at the end of the scope's day, or of its period; `opening`, `added`, `accrued`, `used` are those of the
    period."""

    name: str
    field: Literal["closing", "opening", "added", "accrued", "used"]
    type: Type
    span: Span = _span()


Op: TypeAlias = (
    Const
    | ParamRef
    | FactRef
    | NoticeRef
    | FieldRef
    | LetRef
    | KpiState
    | KpiLevel
    | KpiFigure
    | Arith
    | Negate
    | Compare
    | AllOf
    | AnyOf
    | Not
    | Choice
    | OverRecords
    | OverPeriods
    | AtPeriod
    | AtSuspensionStart
    | Run
    | NOfM
    | Ever
    | StatusTest
    | BreachTest
    | NothingOpen
    | InstanceValue
    | Happened
    | Covered
    | DateShift
    | Bound
    | Builtin
    | Split
    | Apportion
    | Stages
    | Waterfall
    | ShareOf
    | BalanceRef
)


# ---- declarations --------------------------------------------------------------------------------------------------


@attrs.frozen
class ClauseRef:
    """The clause that a norm stands in; `text` is the paper's own words, `amendment` the one that wrote them."""

    number: str
    title: str | None
    text: str | None
    amendment: str | None = None


@attrs.frozen
class Clause:
    """A clause of the paper with the notes behind its words, whether or not any rule stands in it. Of an amended one there
    is one for each stretch of days."""

    ref: ClauseRef
    notes: tuple[str, ...]
    since: dt.date | None = None
    until: dt.date | None = None
    span: Span = _span()


@attrs.frozen
class Amendment:
    """What changed parameters and clauses from `effective` on. Each version says by itself on which days it holds: of
    things of one name (lets, kpis, norms) with `since` and `until` there is one on every day, or none."""

    title: str
    effective: dt.date
    span: Span = _span()


@attrs.frozen
class Header:
    title: str
    version: str | None
    language: int
    currency: str
    currencies: tuple[str, ...]
    term_start: dt.date
    term_end: dt.date | None
    rounding_mode: str
    rounding_unit: Fraction
    month_end: Literal["clamp", "sticky", "next", "error"]
    calendar: str | None
    deadlines: Shift
    payment_order: tuple[str, ...]
    debt_order: tuple[str, ...]
    credit: Literal["used when due", "held"]
    notices: Literal["received", "sent"]
    source: str | None
    notes: tuple[str, ...]
    tolerance: Op | None = None
    starts_when: Op | None = None
    """The conditions precedent: the term starts on the first day from `term_start` on, on which they hold."""
    term_end_op: Op | None = None
    """The last day of a term that is counted from its start, where only the facts tell the start; `term_end` is None."""
    span: Span = _span()


@attrs.frozen
class Party:
    name: str
    title: str | None
    span: Span = _span()


@attrs.frozen
class Version:
    """A parameter's value from `start` on (None: from the beginning); `value` is None while it is `TBD`."""

    start: dt.date | None
    value: Op | None


@attrs.frozen
class Parameter:
    name: str
    type: Type
    versions: tuple[Version, ...]
    clause: ClauseRef | None
    notes: tuple[str, ...]
    span: Span = _span()


@attrs.frozen
class FactDecl:
    """What the contract asks for. `type.kind` is `list` (with `fields`), `payments`, `notice`, or a scalar.

    A *happening* (date, moment, notice, list, payments) that is carried but blank did not happen; a measure is unknown.
    """

    name: str
    type: Type
    grain: Grain
    presume: Scalar | None
    judged_by: str | None
    source: str | None
    dated_by: str | None
    keyed_by: str | None
    clause: ClauseRef | None
    notes: tuple[str, ...]
    span: Span = _span()

    @property
    def happening(self) -> bool:
        return self.type.kind in ("date", "moment", "notice", "list", "payments", "intervals")


@attrs.frozen
class Let:
    """`grain` is that of the finest fact it reads by period (monthly where it reads none)."""

    name: str
    type: Type
    value: Op
    clause: ClauseRef | None
    notes: tuple[str, ...]
    grain: Grain = "monthly"
    since: dt.date | None = None
    until: dt.date | None = None
    span: Span = _span()


@attrs.frozen
class Kpi:
    """`met` None: met when the measure reaches the target (from above, if `lower` is better). `target` and `baseline` count
    by days in a partial period where `partial` is prorated."""

    name: str
    grain: Grain
    starting: Op | None
    not_assessed: Op | None
    met: Op | None
    levels: tuple[tuple[str, Op], ...]
    partial: Literal["not assessed", "prorated", "in full"]
    clause: ClauseRef | None
    notes: tuple[str, ...]
    measure: Op | None = None
    baseline: Op | None = None
    target: Op | None = None
    lower: bool = False
    since: dt.date | None = None
    until: dt.date | None = None
    span: Span = _span()

    @property
    def tests(self) -> tuple[Op, ...]:
        """Everything that its state rests on."""
        ops = (self.starting, self.not_assessed, self.met, self.measure, self.baseline, self.target)
        return tuple(op for op in ops if op is not None)

    @property
    def figures(self) -> tuple[Literal["measure", "target", "attainment"], ...]:
        """What can be read of it. Where less is better, only a baseline says how much was attained."""
        if self.measure is None:
            return ()
        if self.target is None:
            return ("measure",)
        whole: tuple[Literal["measure", "target", "attainment"], ...] = ("measure", "target", "attainment")
        return whole[:2] if self.lower and self.baseline is None else whole


@attrs.frozen
class Movement:
    """What changes a balance. Of a list: with each of its records (where `when`), on the record's day. With a date (`on`): on
    that day, once. Else at the end of each `pace` (if `when` holds): of a quarter, where it reads figures of quarters only.
    `sign` is +1 for additions, -1 for deductions."""

    sign: Literal[1, -1]
    amount: Op
    list: str | None
    when: Op | None
    on: Op | None
    pace: Grain = "monthly"
    span: Span = _span()


@attrs.frozen
class Balance:
    """`rate` accrues on what the balance was when each day began and is added with each month's end."""

    name: str
    type: Type
    opening: Op | None
    movements: tuple[Movement, ...]
    rate: Op | None
    per: Literal["day", "month", "year"]
    daycount: str | None
    clause: ClauseRef | None
    notes: tuple[str, ...]
    span: Span = _span()


@attrs.frozen
class Tax:
    """Value added tax on a line: the amount as agreed holds it (`inclusive`), or it comes on top (`exclusive`)."""

    kind: Literal["inclusive", "exclusive", "outside"]
    rate: Op | None


@attrs.frozen
class Limit:
    """What a window of an obligation's instances may come to at most, or must come to at least."""

    amount: Op
    window: str
    """month, quarter, contract year, calendar year, whole term"""
    prorated: bool = True
    """Of a window that the term covers in part, its days count."""


@attrs.frozen
class Part:
    """One line of a payment; `name` is None when there is only one. `prorated`: a partial period prorates it, as was
    said, or because it rests on no fact of the period itself."""

    name: str | None
    amount: Op
    prorated: bool = True
    tax: Tax | None = None


@attrs.frozen
class Schedule:
    """When instances arise.

    periodic: `grain` monthly, quarterly, half-yearly, yearly, weekly or N months; `anchor` the first day of the first
    period where it is not the calendar's; `weekday` 1 to 7 for weekly (every `every` weeks).
    `length`, where the periods are as long as a parameter says when the contract is run: a duration in months or weeks.
    once: on a date (`on`), or at the end of the first day on which `condition` holds.
    dates: fixed dates, each with its amount or None.
    records: one per record of `list` where `where`, from the start of the record's day.
    each time: one whenever `condition` becomes true at the end of a day, or of a period of its `pace`.
    """

    kind: Literal["periodic", "once on", "once when", "dates", "records", "each time"]
    every: int = 1
    unit: Literal["weeks", "months"] = "months"
    length: Op | None = None
    weekday: int | None = None
    anchor: dt.date | None = None
    on: Op | None = None
    condition: Op | None = None
    list: str | None = None
    where: Op | None = None
    dates: tuple[tuple[dt.date, Op | None], ...] = ()
    pace: Grain = "monthly"
    long_last: bool = False
    """What the end of the term leaves of a last period belongs to the period before it, which is longer."""
    periods_shifted: Shift = "unshifted"
    """Periods run from business day to business day: their first days move as said."""


@attrs.frozen
class Due:
    """`offset`: months (or periods of the obligation's own grain) from the instance's period. `shift` is resolved.

    `timed`: the deadline is a moment, to the minute, and no rule moves it (a time in hours, or a moment itself)."""

    kind: Literal["day", "business day", "last day", "within", "on"]
    shift: Shift
    day: int = 0
    unit: Literal["month", "quarter", "year", "period"] = "month"
    offset: int = 0
    within: Op | None = None
    after: Op | None = None
    on: Op | None = None
    timed: bool = False
    span: Span = _span()


@attrs.frozen
class Grace:
    duration: Duration
    kind: Literal["forgiving", "delaying", "unaffected"]
    shift: Shift


@attrs.frozen
class Performance:
    """How performance is known. payments: matched money. acts: records of a dated list in the period. on: a date.
    when: a boolean of the period. `untracked`: nothing tells."""

    kind: Literal["payments", "acts", "on", "when", "untracked"]
    list: str | None = None
    where: Op | None = None
    expr: Op | None = None


@attrs.frozen
class Interest:
    """Late interest. `rate` is evaluated per day (its parameters by their version of that day); `per` its period.

    `months`: how often compound interest is capitalised. `reference`: the yearly rate of which four times is the limit
    of what courts protect."""

    rate: Op
    per: Literal["day", "month", "year"]
    method: Literal["simple", "compound"]
    daycount: str | None
    cap: Op | None
    months: int = 1
    reference: Op | None = None
    span: Span = _span()


@attrs.frozen
class Penalty:
    """An agreed penalty. `per` None: a flat sum once; else accrues for each day (or full week) of default.

    `due` None: due on the day on which it arises. `demanded_on`: contingent until that date, an instance from it."""

    amount: Op
    per: Literal["day", "week"] | None
    to: str
    cap: Op | None
    demanded_on: Op | None
    due: Due | None
    loss: Op | None = None
    span: Span = _span()


@attrs.frozen
class Grade:
    grade: Literal["minor", "serious", "fundamental"]
    span: Span = _span()


@attrs.frozen
class Link:
    """One link of a `failing which` chain: holds from day `day` of default on (day 1 is `since`)."""

    day: int
    remedy: Interest | Penalty | Grade | Obligation | Right


@attrs.frozen
class Exemption:
    """An `exception to` this norm: excused, or another amount, while `when` holds. With `instead` it is excused too,
    and these duties arise in its place, with its key."""

    name: str
    when: Op
    excused: bool
    amount: Op | None
    instead: tuple[Obligation, ...] = ()
    span: Span = _span()


@attrs.frozen
class Dispute:
    """How much of a debt is disputed, from which day to which; `interest` false: the time between bears none."""

    amount: Op
    start: Op
    end: Op | None
    interest: bool
    span: Span = _span()


@attrs.frozen
class Obligation:
    """`prorated` is resolved: `actual` where nothing was said and the amount rests on no fact of the period."""

    name: str
    clause: ClauseRef | None
    debtor: str
    creditor: str | None
    action: Literal["pay", "deliver", "do"]
    what: str | None
    parts: tuple[Part, ...]
    currency: str | None
    at_least: int
    schedule: Schedule
    when: Op | None
    due: Due | None
    grace: Grace | None
    performance: Performance
    chain: tuple[Link, ...]
    prorated: Literal["actual", "fixed30", "none"]
    excused_while: Op | None
    extended_by: Op | None
    exemptions: tuple[Exemption, ...]
    negative: Literal["adjust", "not below 0", "reverse"]
    survives: Duration | None
    notes: tuple[str, ...]
    blends: bool = False
    """`prorated` was said: a dated parameter whose version changes inside the period counts by days."""
    since: dt.date | None = None
    until: dt.date | None = None
    starts: dt.date | None = None
    """The day on which an amendment brought the duty in; a period around it counts from there."""
    stops: dt.date | None = None
    """The last day before an amendment took the duty out; a period around it counts to there."""
    tax: Tax | None = None
    cap: Limit | None = None
    commitment: Limit | None = None
    earnest: Op | None = None
    """The price that this payment is earnest money of."""
    dispute: Dispute | None = None
    secured: str | None = None
    """What secures the debt, in the contract's words."""
    during: str | None = None
    """The suspension that it stands in: it exists only while that one lasts."""
    span: Span = _span()


@attrs.frozen
class Prohibition:
    name: str
    clause: ClauseRef | None
    debtor: str
    creditor: str | None
    what: str | None
    violated_when: Op | None
    violated_on: Op | None
    violated_by: str | None
    where: Op | None
    per: Literal["record", "day", "month"]
    except_when: Op | None
    chain: tuple[Link, ...]
    exemptions: tuple[Exemption, ...]
    notes: tuple[str, ...]
    survives: Duration | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    span: Span = _span()


@attrs.frozen
class Lapse:
    """`after` None: counted from the last day before it can be exercised (the opening)."""

    duration: Duration
    after: Op | None
    shift: Shift


@attrs.frozen
class Right:
    """A power, termination included. `timing`: its condition is put at the end of each period of its `pace` (the finest
    period whose values it reads), or every day (`day`). `per_instance`: once per instance of its target's period."""

    name: str
    clause: ClauseRef | None
    holder: str | None
    effect: Literal["withhold", "retain", "reduce", "terminate", "suspend", "demand", "extend"]
    target: str | None
    by: Op | None
    when: Op | None
    timing: Literal["period", "day"]
    per_instance: bool
    only_while: Op | None
    list: str | None
    where: Op | None
    exercised_on: Op | None
    released_on: Op | None
    given_up_on: Op | None
    lapses: Lapse | None
    retroactive: bool
    automatic: bool
    notice: Duration | None
    cure: Duration | None
    cured_when: Op | None
    settle: tuple[str, ...]
    notes: tuple[str, ...]
    pace: Grain = "monthly"
    cure_shift: Shift | None = None
    """How the end of the cure period moves; None: as the contract's deadlines."""
    accelerated: bool = False
    """What it settles falls due with the end of the contract."""
    since: dt.date | None = None
    until: dt.date | None = None
    span: Span = _span()


@attrs.frozen
class Suspension:
    """While `when` holds, what it `suspends` (None: every obligation) stands still. `extends_term_by` None: the end of the
    term stays. Obligations that apply instead are the contract's, with `during`."""

    name: str
    clause: ClauseRef | None
    when: Op
    suspends: tuple[str, ...] | None
    extends_term_by: Literal["days", "months"] | None
    interest_continues: bool
    notes: tuple[str, ...]
    span: Span = _span()


@attrs.frozen
class EscalationLevel:
    """`answered_on` None: the level closes by its time alone."""

    title: str
    within: Duration
    answered_on: Op | None
    span: Span = _span()


@attrs.frozen
class Escalation:
    """Levels in order, each open until it is answered or its time is over. A run begins on each day that `opens_on` gives,
    or for each record of `list` where `where` (on `opens_on`, else on the record's day). At its end a right opens or a
    duty arises."""

    name: str
    clause: ClauseRef | None
    opens_on: Op | None
    list: str | None
    where: Op | None
    levels: tuple[EscalationLevel, ...]
    stops_when: Op | None
    at_end: tuple[Right | Obligation, ...]
    notes: tuple[str, ...]
    span: Span = _span()


@attrs.frozen
class Signer:
    """One whose consent is asked, a party or a role; `given`: its consent is there and counts."""

    who: str
    given: Op
    span: Span = _span()


@attrs.frozen
class Approval:
    """Consents that a record of `list` where `needed` has to have (without a list: that one act has to have). `granted` is
    the condition that `is granted` stands for; what is not `needed` is granted."""

    name: str
    clause: ClauseRef | None
    list: str | None
    needed: Op | None
    signers: tuple[Signer, ...]
    quorum: int
    granted: Op
    dates: tuple[Op, ...]
    notes: tuple[str, ...]
    span: Span = _span()


@attrs.frozen
class Property:
    """What holds at the end of every month, whatever the facts are: a check of the contract, no part of a statement."""

    title: str
    always: Op
    clause: ClauseRef | None
    span: Span = _span()


# ---- scenarios -----------------------------------------------------------------------------------------------------


@attrs.frozen
class GivenScalar:
    """A fact of a scenario: `value` is None for `none`; `Unknown` for `unknown`. A notice is a pair of dates."""

    name: str
    period: str
    value: Scalar | tuple[dt.date | None, dt.date | None] | None
    known: bool
    span: Span = _span()


@attrs.frozen
class GivenRecords:
    """Records of a list as in the scenario; fields by name, blank optional ones left out, `Unknown` where it was said."""

    name: str
    period: str
    records: tuple[tuple[tuple[str, Scalar | Unknown], ...], ...]
    span: Span = _span()


@attrs.frozen
class Closing:
    """A run of the scenario: the facts given before it (and since the last), its day, completeness, expectations."""

    facts: tuple[GivenScalar | GivenRecords, ...]
    corrected: tuple[GivenScalar | GivenRecords, ...]
    as_of: dt.date | None
    complete_through: tuple[tuple[str | None, dt.date], ...]
    expects: tuple[Expect, ...]
    span: Span = _span()


@attrs.frozen
class Expect:
    """`kind` of the subject is resolved: what the expectation reads off the statement.

    `value` is evaluated (money is exact, not yet rounded); `status` is the English status.
    """

    kind: Literal["value", "kpi", "obligation", "prohibition", "right", "owes", "contract", "escalation", "approval"]
    subject: str
    field: str | None
    creditor: str | None
    period: str | None
    value: Value | None
    value_type: Type | None
    status: str | None
    needs: tuple[str, ...]
    span: Span = _span()


@attrs.frozen
class Scenario:
    title: str
    parameters: tuple[tuple[str, Op], ...]
    closings: tuple[Closing, ...]
    clause: ClauseRef | None
    span: Span = _span()


# ---- the whole -----------------------------------------------------------------------------------------------------


@attrs.frozen
class Contract:
    """A checked contract. `values` holds lets and kpis in computation order."""

    source: Source
    sha256: str
    keywords: Literal["en", "zh"]
    header: Header
    parties: tuple[Party, ...]
    parameters: tuple[Parameter, ...]
    facts: tuple[FactDecl, ...]
    values: tuple[Let | Kpi, ...]
    obligations: tuple[Obligation, ...]
    prohibitions: tuple[Prohibition, ...]
    rights: tuple[Right, ...]
    scenarios: tuple[Scenario, ...]
    findings: tuple[Diagnostic, ...]
    balances: tuple[Balance, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    approvals: tuple[Approval, ...] = ()
    properties: tuple[Property, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    clauses: tuple[Clause, ...] = ()
    """Every clause in the order of the file."""


def in_force(thing: Let | Kpi | Obligation | Prohibition | Right, day: dt.date) -> bool:
    """Whether it is this version that holds on the day."""
    return (thing.since is None or thing.since <= day) and (thing.until is None or day <= thing.until)
