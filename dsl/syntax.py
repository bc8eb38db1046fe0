"""The contract as written: one frozen node per thing that a `.contract` file can say, with its place in the text.

Both keyword sets give these same nodes: a node holds fields, never the order of words. Two trees are equal when they say
the same; spans do not take part in the comparison. Nothing here is resolved: a `Ref` is a name, not what it names.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Literal, TypeAlias

import attrs

from clausal.dsl.diagnostics import Span
from clausal.dsl.types import Grain, Missing, PerUnit, Shift, Unit


def _span() -> Span:
    return attrs.field(eq=False, repr=False, kw_only=True)  # type: ignore[no-any-return]


@attrs.frozen
class Name:
    """A name where it stands; `text` is NFC, without backticks or corner brackets."""

    text: str
    span: Span = _span()


# ---- expressions ---------------------------------------------------------------------------------------------------


@attrs.frozen
class Number:
    value: Fraction
    span: Span = _span()


@attrs.frozen
class Percent:
    """`5%`; `value` is 1/20."""

    value: Fraction
    span: Span = _span()


@attrs.frozen
class Points:
    """`2pp`; `value` is 1/50."""

    value: Fraction
    span: Span = _span()


@attrs.frozen
class MoneyLit:
    """`CNY 8_000`, `8000元`; `value` in units of the currency (yuan, not fen)."""

    currency: str
    value: Fraction
    span: Span = _span()


@attrs.frozen
class Per:
    """`0.05% per day`, `CNY 500 per day`, `0.5% per week of amount` (then `base` is a `PercentOf`)."""

    base: Expr
    unit: PerUnit
    span: Span = _span()


@attrs.frozen
class DateLit:
    value: dt.date
    span: Span = _span()


@attrs.frozen
class MomentLit:
    value: dt.datetime
    span: Span = _span()


@attrs.frozen
class TextLit:
    value: str
    span: Span = _span()


@attrs.frozen
class BoolLit:
    value: bool
    span: Span = _span()


@attrs.frozen
class AbsentLit:
    """`none` (it did not happen) or `unknown`, in the facts of a scenario."""

    kind: Literal["none", "unknown"]
    span: Span = _span()


@attrs.frozen
class DurationLit:
    amount: int
    unit: Unit
    span: Span = _span()


@attrs.frozen
class Ref:
    name: str
    span: Span = _span()


@attrs.frozen
class Attr:
    """`payout.investor`, `pay_fee.open`, `termination_notice.received`."""

    base: Expr
    field: Name
    span: Span = _span()


@attrs.frozen
class PeriodRef:
    """`previous month`, `this month`, `next month`, `previous quarter`, `2026-01`: `offset` periods from now, or `literal`."""

    kind: Literal["month", "quarter", "year", "literal"]
    offset: int
    literal: str | None = None
    span: Span = _span()


@attrs.frozen
class OfPeriod:
    """`sales of previous month`; `上月 的 销售额`."""

    expr: Expr
    period: PeriodRef
    span: Span = _span()


@attrs.frozen
class AtSuspensionStart:
    """`normal_fee as of suspension start`; `中止开始时 的 正常费用`."""

    expr: Expr
    span: Span = _span()


@attrs.frozen
class PercentOf:
    """`10% of amount`; `本期金额 的 10%`."""

    percent: Fraction
    of: Expr
    span: Span = _span()


@attrs.frozen
class Unary:
    op: Literal["-", "not"]
    operand: Expr
    span: Span = _span()


@attrs.frozen
class Binary:
    op: Literal["+", "-", "*", "/"]
    left: Expr
    right: Expr
    span: Span = _span()


@attrs.frozen
class Compare:
    op: Literal["=", "!=", "<", "<=", ">", ">="]
    left: Expr
    right: Expr
    span: Span = _span()


@attrs.frozen
class Logic:
    op: Literal["and", "or"]
    left: Expr
    right: Expr
    span: Span = _span()


@attrs.frozen
class If:
    condition: Expr
    then: Expr
    otherwise: Expr
    span: Span = _span()


@attrs.frozen
class Case:
    condition: Expr
    value: Expr
    span: Span = _span()


@attrs.frozen
class Choose:
    cases: tuple[Case, ...]
    otherwise: Expr | None
    span: Span = _span()


@attrs.frozen
class Window:
    """`this month`, `last 3 months`, `this quarter`, `contract year to date`, `calendar year to date`, `since start`,
    `until previous month`."""

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
    span: Span = _span()


@attrs.frozen
class Aggregate:
    """`sum of E for each LIST where C over WINDOW`; without `each`, E is a value of each month of the window."""

    function: Literal["sum", "count", "minimum", "maximum", "average"]
    body: Expr | None
    each: Name | None
    where: Expr | None
    window: Window | None
    span: Span = _span()


@attrs.frozen
class Consecutive:
    """`C for 3 consecutive months`; the number may be a parameter's."""

    test: Expr
    amount: int | Name
    unit: Unit
    missing: Missing | None
    span: Span = _span()


@attrs.frozen
class AtLeastOf:
    """`C in at least 2 of last 4 quarters`."""

    test: Expr
    amount: int
    of: int
    unit: Unit
    missing: Missing | None
    span: Span = _span()


@attrs.frozen
class Ever:
    """`C in any previous month` (`current` false), `C in any month so far` (true)."""

    test: Expr
    current: bool
    span: Span = _span()


@attrs.frozen
class KpiIs:
    kpi: Name
    state: Literal["met", "missed", "not assessed"]
    span: Span = _span()


@attrs.frozen
class StatusIs:
    """`pay_fee is withheld`."""

    subject: Name
    status: str
    span: Span = _span()


@attrs.frozen
class InBreach:
    """`pay_fee in breach serious`: that grade or a graver one."""

    subject: Name
    grade: Name
    span: Span = _span()


@attrs.frozen
class NothingOpen:
    """`nothing open on it`: on the instances whose breach opened the right."""

    span: Span = _span()


@attrs.frozen
class Growth:
    """`growth of sales over previous quarter`."""

    expr: Expr
    over: PeriodRef
    span: Span = _span()


@attrs.frozen
class Call:
    function: Name
    args: tuple[Expr, ...]
    span: Span = _span()


@attrs.frozen
class Boundary:
    """`month start`, `month end`, `term start`, `term end`, `period start`, `period end`; `arises` for `it arises`."""

    kind: Literal["month start", "month end", "term start", "term end", "period start", "period end", "arises"]
    span: Span = _span()


@attrs.frozen
class RecordLit:
    fields: tuple[tuple[Name, Expr], ...]
    span: Span = _span()


@attrs.frozen
class ListLit:
    records: tuple[RecordLit, ...]
    span: Span = _span()


@attrs.frozen
class Share:
    """One party's share; `value` is None for `rest`."""

    party: Name
    value: Expr | None
    span: Span = _span()


@attrs.frozen
class Vector:
    shares: tuple[Share, ...]
    span: Span = _span()


@attrs.frozen
class Band:
    """`up to X: 5% flat CNY 100`; `bound` is None for `above`; `method` overrides the ladder's own."""

    edge: Literal["up to", "below", "above"]
    bound: Expr | None
    value: Expr | Vector | None
    flat: Expr | None
    method: Literal["marginal", "whole"] | None = None
    span: Span = _span()


@attrs.frozen
class Tiers:
    method: Literal["marginal", "whole"] | None
    window: str | None
    on: Expr
    applied_to: Expr | None
    bands: tuple[Band, ...]
    span: Span = _span()


@attrs.frozen
class Stages:
    of: Expr
    on: Name
    filled_by: Name
    crossing: Literal["within month", "next month"]
    bands: tuple[Band, ...]
    span: Span = _span()


@attrs.frozen
class Split:
    amount: Expr
    shares: Vector
    overlay: bool = False
    span: Span = _span()


@attrs.frozen
class Bucket:
    party: Name
    up_to: Expr
    span: Span = _span()


@attrs.frozen
class Waterfall:
    cash: Expr
    buckets: tuple[Bucket, ...]
    rest: Vector | None
    span: Span = _span()


Expr: TypeAlias = (
    Number
    | Percent
    | Points
    | MoneyLit
    | Per
    | DateLit
    | MomentLit
    | TextLit
    | BoolLit
    | AbsentLit
    | DurationLit
    | Ref
    | Attr
    | OfPeriod
    | AtSuspensionStart
    | PercentOf
    | Unary
    | Binary
    | Compare
    | Logic
    | If
    | Choose
    | Aggregate
    | Consecutive
    | AtLeastOf
    | Ever
    | KpiIs
    | StatusIs
    | InBreach
    | NothingOpen
    | Growth
    | Call
    | Boundary
    | ListLit
    | RecordLit
    | Tiers
    | Stages
    | Split
    | Waterfall
)


# ---- types ---------------------------------------------------------------------------------------------------------


@attrs.frozen
class FieldDecl:
    name: Name
    type: TypeExpr
    optional: bool
    span: Span = _span()


@attrs.frozen
class TypeExpr:
    """A type as written. `kind` is the English word of the type; the rest is there where the kind takes it."""

    kind: str
    currency: Name | None = None
    unit: str | None = None
    per: PerUnit | None = None
    choices: tuple[str, ...] = ()
    fields: tuple[FieldDecl, ...] = ()
    span: Span = _span()


# ---- header --------------------------------------------------------------------------------------------------------


@attrs.frozen
class Header:
    """The `contract "…" { … }` block. Each item keeps its span in `spans`, by the field's name."""

    title: str
    language: int | None
    version: str | None
    currencies: tuple[Name, ...]
    term_from: Expr | None
    term_to: Expr | None
    starts_when: Expr | None
    rounding: Name | None
    rounding_unit: Fraction | None
    month_end: Name | None
    calendar: Name | None
    deadlines: Shift | None
    zone: str | None
    payment_order: tuple[Name, ...]
    debt_order: tuple[Name, ...]
    credit: Literal["used when due", "held"] | None
    tolerance: Expr | None
    notices: Literal["received", "sent"] | None
    source: str | None
    notes: tuple[str, ...]
    spans: tuple[tuple[str, Span], ...] = attrs.field(eq=False, repr=False)
    span: Span = _span()


# ---- declarations --------------------------------------------------------------------------------------------------


@attrs.frozen
class Party:
    name: Name
    title: str | None
    span: Span = _span()


@attrs.frozen
class Dated:
    start: dt.date
    value: Expr | None
    amended: bool = False
    """Whether an amendment says it (dsl/amend.py)."""
    span: Span = _span()


@attrs.frozen
class Parameter:
    """`value` is one undated value (None for `TBD`), or `dated` holds the versions. Both: the value was amended."""

    name: Name
    type: TypeExpr | None
    value: Expr | None
    dated: tuple[Dated, ...]
    tbd: bool
    notes: tuple[str, ...]
    span: Span = _span()


@attrs.frozen
class Fact:
    name: Name
    type: TypeExpr
    grain: Grain | None
    source: str | None
    presume: Expr | None
    judged_by: Name | None
    dated_by: Name | None
    keyed_by: Name | None
    notes: tuple[str, ...]
    span: Span = _span()


@attrs.frozen
class Let:
    name: Name
    type: TypeExpr | None
    value: Expr
    notes: tuple[str, ...]
    span: Span = _span()


@attrs.frozen
class Level:
    name: Name
    condition: Expr
    span: Span = _span()


@attrs.frozen
class Kpi:
    name: Name
    grain: Grain
    starting: Expr | None
    not_assessed: tuple[Expr, ...]
    met: Expr | None
    levels: tuple[Level, ...]
    partial: Literal["not assessed", "prorated", "in full"] | None
    measure: Expr | None
    baseline: Expr | None
    target: Expr | None
    lower_is_better: bool
    notes: tuple[str, ...]
    span: Span = _span()


@attrs.frozen
class Movement:
    kind: Literal["opening", "add", "deduct", "accrues"]
    value: Expr
    each: Name | None
    condition: Expr | None
    daycount: str | None
    span: Span = _span()


@attrs.frozen
class Balance:
    name: Name
    type: TypeExpr
    movements: tuple[Movement, ...]
    notes: tuple[str, ...]
    span: Span = _span()


@attrs.frozen
class Tax:
    """`tax inclusive 6%`, `tax exclusive 6%`, `outside VAT` (no rate)."""

    kind: Literal["inclusive", "exclusive", "outside"]
    rate: Expr | None
    span: Span = _span()


@attrs.frozen
class Part:
    name: Name
    value: Expr
    tax: Tax | None = None
    span: Span = _span()


@attrs.frozen
class Duty:
    """`client must pay operator E`; `parts` of a payment with several lines; `what` of a delivery or an act."""

    debtor: Name
    action: Literal["pay", "deliver", "do"]
    creditor: Name | None
    amount: Expr | None
    parts: tuple[Part, ...]
    what: str | None
    at_least: int | None
    span: Span = _span()


@attrs.frozen
class Schedule:
    """When instances arise. `every` + `unit` for `every N unit`; `length` for a parameter in the place of N, alone a duration;
    `weekday` 1 (Monday) to 7."""

    kind: Literal["every", "once on", "once when", "on dates", "per record", "each time"]
    every: int = 0
    unit: Unit | None = None
    weekday: int | None = None
    anchor: Expr | None = None
    condition: Expr | None = None
    on: Expr | None = None
    list: Name | None = None
    where: Expr | None = None
    dates: tuple[Dated, ...] = ()
    length: Ref | None = None
    span: Span = _span()


@attrs.frozen
class Due:
    """`day 10 of next month`, `business day 5 of next month`, `last day`, `within 10 days after E`, `on E`."""

    kind: Literal["day", "business day", "last day", "within", "on"]
    day: int = 0
    period: PeriodRef | None = None
    within: Expr | None = None
    after: Expr | None = None
    on: Expr | None = None
    shift: Shift | None = None
    span: Span = _span()


@attrs.frozen
class Grace:
    duration: Expr
    kind: Literal["forgiving", "delaying", "unaffected"] | None
    shift: Shift | None
    span: Span = _span()


@attrs.frozen
class Performed:
    """`performed by receipts`, `performed by meetings where C`, `performed on DATE`, `performed when C`."""

    kind: Literal["by", "on", "when"]
    list: Name | None = None
    where: Expr | None = None
    expr: Expr | None = None
    span: Span = _span()


@attrs.frozen
class Interest:
    """`every`: how often compound interest is capitalised, where that was said."""

    rate: Expr
    method: Literal["simple", "compound"] | None
    daycount: str | None
    cap: Expr | None
    every: Grain | None = None
    reference: Expr | None = None
    span: Span = _span()


@attrs.frozen
class Penalty:
    amount: Expr
    to: Name | None
    cap: Expr | None
    demanded_on: Expr | None
    due: Due | None
    loss: Expr | None = None
    span: Span = _span()


@attrs.frozen
class Breach:
    grade: Name
    span: Span = _span()


@attrs.frozen
class Step:
    """One link of `failing which`. `trigger`: at once, `after` N days (from day N+1 of default), `on day` N."""

    trigger: Literal["at once", "after", "on day"]
    days: int
    remedy: Interest | Penalty | Breach | Obligation | Right
    span: Span = _span()


@attrs.frozen
class Limit:
    """`cap per contract year CNY 170`, `minimum commitment per month CNY 1_000`."""

    window: str
    amount: Expr
    span: Span = _span()


@attrs.frozen
class Disputed:
    """`disputed amount E from D to D`: how much of a debt is disputed, from when, until when (None: until it is paid)."""

    amount: Expr
    start: Expr
    end: Expr | None
    interest: bool
    span: Span = _span()


@attrs.frozen
class Obligation:
    name: Name
    duty: Duty | None
    schedules: tuple[Schedule, ...]
    when: Expr | None
    due: Due | None
    grace: Grace | None
    performed: Performed | None
    failing: tuple[Step, ...]
    prorated: Literal["actual", "fixed30", "none"] | None
    extended_by: Expr | None
    excused_while: Expr | None
    survives: Expr | None
    negative: Literal["not below 0", "reverse"] | None
    notes: tuple[str, ...]
    tax: Tax | None = None
    cap: Limit | None = None
    commitment: Limit | None = None
    earnest: Expr | None = None
    disputed: Disputed | None = None
    secured: str | None = None
    long_last: bool = False
    periods_shifted: bool = False
    span: Span = _span()


@attrs.frozen
class Prohibition:
    name: Name
    debtor: Name | None
    what: str | None
    violated_when: Expr | None
    violated_on: Expr | None
    violated_by: Name | None
    where: Expr | None
    per: Literal["record", "day", "month"]
    except_when: Expr | None
    failing: tuple[Step, ...]
    survives: Expr | None
    notes: tuple[str, ...]
    span: Span = _span()


@attrs.frozen
class Effect:
    kind: Literal["withhold", "retain", "reduce", "terminate", "suspend", "demand", "extend"]
    target: Name | None
    by: Expr | None
    span: Span = _span()


@attrs.frozen
class Lapse:
    """`lapses after 90 days` (`after` None: from the opening), `lapses 10 days after month end`."""

    duration: Expr
    after: Expr | None
    shift: Shift | None
    span: Span = _span()


@attrs.frozen
class Right:
    name: Name
    holder: Name | None
    effect: Effect | None
    when: Expr | None
    only_while: Expr | None
    list: Name | None
    where: Expr | None
    exercised_on: Expr | None
    released_on: Expr | None
    given_up_on: Expr | None
    lapses: Lapse | None
    retroactive: bool
    notes: tuple[str, ...]
    span: Span = _span()


@attrs.frozen
class Suspension:
    """`extends_term_by` is `nothing` where it says so; None where it says nothing about the term."""

    name: Name
    clause: str | None
    when: Expr | None
    suspends: tuple[Name, ...]
    extends_term_by: Literal["days", "months", "nothing"] | None
    interest_continues: bool
    instead: tuple[Obligation, ...]
    notes: tuple[str, ...]
    span: Span = _span()


@attrs.frozen
class Termination:
    """`holder` is None for `automatic`."""

    name: Name
    clause: str | None
    holder: Name | None
    automatic: bool
    when: Expr | None
    exercised_on: Expr | None
    notice: Expr | None
    cure: Expr | None
    cure_shift: Shift | None
    cured_when: Expr | None
    only_while: Expr | None
    lapses: Lapse | None
    settle: tuple[Name, ...]
    accelerated: bool
    notes: tuple[str, ...]
    span: Span = _span()


@attrs.frozen
class EscalationLevel:
    title: str
    within: Expr
    answered_on: Expr | None
    span: Span = _span()


@attrs.frozen
class Escalation:
    name: Name
    clause: str | None
    opens_on: Expr | None
    list: Name | None
    where: Expr | None
    levels: tuple[EscalationLevel, ...]
    stops_when: Expr | None
    at_end: tuple[Obligation | Right, ...]
    notes: tuple[str, ...]
    span: Span = _span()


@attrs.frozen
class Signer:
    """Who approves, a party or a role in words, and on which date it did."""

    who: Name | str
    on: Expr
    span: Span = _span()


@attrs.frozen
class Approval:
    name: Name
    clause: str | None
    list: Name | None
    where: Expr | None
    signers: tuple[Signer, ...]
    quorum: int | None
    in_order: bool
    no_later_than: Expr | None
    notes: tuple[str, ...]
    span: Span = _span()


@attrs.frozen
class Exception_:
    """`exception to X when C { excused | amount = E | instead obligation … }`."""

    target: Name
    when: Expr
    excused: bool
    amount: Expr | None
    instead: tuple[Obligation, ...]
    notes: tuple[str, ...]
    span: Span = _span()


@attrs.frozen
class Amendment:
    title: str
    effective: dt.date
    items: tuple[Parameter | Clause, ...]
    span: Span = _span()


@attrs.frozen
class Property:
    title: str
    always: Expr
    span: Span = _span()


@attrs.frozen
class Use:
    path: str
    span: Span = _span()


@attrs.frozen
class Clause:
    number: str
    title: str | None
    texts: tuple[str, ...]
    survives: Expr | None
    items: tuple[Declaration, ...]
    notes: tuple[str, ...]
    amendment: str | None = None
    """The amendment whose words they are (dsl/amend.py)."""
    span: Span = _span()


# ---- scenarios -----------------------------------------------------------------------------------------------------


@attrs.frozen
class SetParameter:
    name: Name
    value: Expr
    span: Span = _span()


@attrs.frozen
class Assign:
    name: Name
    value: Expr
    span: Span = _span()


@attrs.frozen
class FactsOf:
    """`period` is `2026-01`, `2026-Q1`, `2026-W05`, `2026-01-05`, `2026` or `once`."""

    period: str
    assigns: tuple[Assign, ...]
    corrected: bool
    span: Span = _span()


@attrs.frozen
class AsOf:
    value: dt.date
    span: Span = _span()


@attrs.frozen
class CompleteThrough:
    """`complete_through 2026-07-08`, or of one source: `complete_through receipts 2026-07-08`."""

    source: Name | None
    value: dt.date
    span: Span = _span()


@attrs.frozen
class Expect:
    """`expect SUBJECT(.field) (of PERIOD) = E | STATUS | needs f, g`; `expect A owes B = E`; `expect contract ended`.

    `period` may be a period, a date or a record's key; `value`, `status`, `needs` exclude one another.
    """

    subject: Name | None
    field: Name | None
    owes: Name | None
    period: str | None
    value: Expr | None
    status: str | None
    needs: tuple[Name, ...]
    span: Span = _span()


ScenarioItem: TypeAlias = SetParameter | FactsOf | AsOf | CompleteThrough | Expect


@attrs.frozen
class Scenario:
    title: str
    items: tuple[ScenarioItem, ...]
    span: Span = _span()


Declaration: TypeAlias = (
    Party
    | Parameter
    | Fact
    | Let
    | Kpi
    | Balance
    | Clause
    | Obligation
    | Prohibition
    | Right
    | Suspension
    | Termination
    | Escalation
    | Approval
    | Exception_
    | Amendment
    | Property
    | Scenario
    | Use
)


@attrs.frozen
class Comment:
    """A comment, kept for the formatter: `text` with its `#`."""

    text: str
    span: Span = _span()


@attrs.frozen
class Tree:
    """A whole file. `keywords` is the keyword set that it uses."""

    keywords: Literal["en", "zh"] = attrs.field(eq=False)
    header: Header
    declarations: tuple[Declaration, ...]
    comments: tuple[Comment, ...] = attrs.field(eq=False)
    span: Span = _span()
