"""Contracts and facts for property tests: contracts as text, so that the parser and the checker take part.

`fees` gives one payment obligation with everything that its life can depend on, and the payments of a few months; the
independent reference of `test_laws.py` reads the same description. `agreements` gives whole contracts with facts for them.
Edges are drawn on purpose: zero, one cent, halves of both signs, month ends, leap days, boundaries and the day after.
"""

# ruff: noqa: E501  (a line of a contract is as wide as it is)

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import attrs
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

# `CI` draws the same examples in every run; `HYPOTHESIS_EXAMPLES=5000` searches for longer.
settings.register_profile(
    "laws",
    deadline=None,
    derandomize="CI" in os.environ,
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "100")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
)
settings.load_profile("laws")

DAY = dt.timedelta(days=1)
DECIMALS = {"CNY": 2, "JPY": 0, "KWD": 3, "USD": 2}
MODES = ("half_up", "half_even", "round_up", "round_down")


def spelled(value: Fraction | int, places: int = 12) -> str:
    """A decimal as a contract or a cell writes it. The value must end within `places` decimals."""
    value = Fraction(value)
    scaled = value * 10**places
    assert scaled.denominator == 1, f"{value} does not end within {places} decimals"
    digits = str(abs(scaled.numerator)).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".") if places else digits
    return f"-{text}" if value < 0 else text


def month_end(day: dt.date) -> dt.date:
    return (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY


def months_after(day: dt.date, n: int) -> dt.date:
    """The first day of the month n months after the day's."""
    y, m = divmod(12 * day.year + day.month - 1 + n, 12)
    return dt.date(y, m + 1, 1)


# ---- one payment obligation -----------------------------------------------------------------------------------------


@attrs.frozen
class Paid:
    """A payment of the debtor; `names` is what it is for: an instance, the obligation, something else, or nothing."""

    ref: str
    on: dt.date
    amount: Fraction
    names: str | None

    def row(self) -> dict[str, str]:
        row = {
            "ref": self.ref,
            "payer": "client",
            "payee": "operator",
            "amount": spelled(self.amount),
            "on": self.on.isoformat(),
        }
        return row if self.names is None else {**row, "for": self.names}


@attrs.frozen
class Fee:
    """A monthly fee, in full: its terms, what was paid, the day of the statement and to which day payments are known."""

    currency: str
    unit: Fraction
    mode: str
    calendar: str | None
    shift: str
    start: dt.date
    end: dt.date
    amount: Fraction
    due: tuple[str, int, int]
    """("day", n, months after) · ("last", 0, months after) · ("within", days after month end, 0)"""
    inside: bool
    """The fee falls due within its own month, and so exists from the first day of it."""
    grace: tuple[int, str] | None
    rates: tuple[tuple[dt.date | None, Fraction], ...]
    """Versions of the rate, each from its day on; empty: no interest."""
    per: str
    daycount: str | None
    cap: tuple[str, Fraction] | None
    """("percent", share of the amount) · ("money", a sum)"""
    grade_after: int | None
    principal_first: bool
    credit_held: bool
    payments: tuple[Paid, ...]
    as_of: dt.date
    complete: dt.date
    amended: bool = False
    """Later versions of the rate are said by amendments."""

    @property
    def places(self) -> int:
        return DECIMALS[self.currency]

    def money(self, value: Fraction) -> str:
        return f"{self.currency} {spelled(value)}"

    def text(self) -> str:
        header = [
            "language 1",
            f"currency {self.currency}",
            f"term from {self.start} to {self.end}",
            f"rounding {self.mode} to {spelled(self.unit)}",
            "month_end clamp",
        ]
        if self.calendar is not None:
            word = {"next": "next business day", "previous": "previous business day", "unshifted": "unshifted"}
            header += [f"calendar {self.calendar}", f"deadlines {word[self.shift]}"]
        header.append(f"within a debt {'principal, interest' if self.principal_first else 'interest, principal'}")
        header.append("credit held" if self.credit_held else "credit used when due")
        kind, n, months = self.due
        of = {0: "" if self.inside else " of this month", 1: " of next month"}.get(months, "")
        due = {"day": f"day {n}{of}", "last": f"last day{of}", "within": f"within {n} days after month end"}[kind]
        duty = [
            "client must pay operator fee",
            f"every month due {due}",
            "performed by receipts",
        ]
        if self.grace is not None:
            days, way = self.grace
            duty.append(f"grace {days} days{f' {way}' if self.rates else ''}")
        chain = []
        if self.rates:
            cap = ""
            if self.cap is not None:
                how, most = self.cap
                cap = f", cap {spelled(most * 100)}% of amount" if how == "percent" else f", cap {self.money(most)}"
            count = f" {self.daycount}" if self.daycount else ""
            chain.append(f"interest late_rate simple{count} on unpaid{cap}")
        if self.grade_after is not None:
            chain.append(f"after {self.grade_after} days breach serious")
        if chain:
            duty.append("failing which { " + "  ".join(chain) + " }")
        rate = ""
        if self.rates:
            first = f"{spelled(self.rates[0][1] * 100)}% per {self.per}"
            versions = "  ".join(
                f"from {day or self.start}: {spelled(r * 100)}% per {self.per}" for day, r in self.rates
            )
            rate = f"parameter late_rate : rate per {self.per} " + (
                f"= {first}" if len(self.rates) == 1 or self.amended else f"{{ {versions} }}"
            )
        lines = [
            'contract "A fee" {',
            *(f"  {line}" for line in header),
            "}",
            'party client "The Client"',
            'party operator "The Operator"',
            f"parameter fee : money = {self.money(self.amount)}",
            rate,
            "fact receipts : payments",
            "obligation pay_fee {",
            *(f"  {line}" for line in duty),
            "}",
        ]
        if self.amended:
            lines += [
                f'amendment "of {day}" effective {day} {{ parameter late_rate = {spelled(r * 100)}% per {self.per} }}'
                for day, r in reversed(self.rates[1:])
            ]
        return "\n".join(lines) + "\n"

    def facts(self) -> dict[str, Any]:
        return {"receipts": [p.row() for p in self.payments]}


def amounts_of(currency: str, unit: Fraction) -> st.SearchStrategy[Fraction]:
    """Money that a line can hold: nothing, the smallest unit, a round sum, any sum, a sum that no computer holds."""
    return st.one_of(
        st.sampled_from([unit, Fraction(8000), Fraction(100), Fraction(1), 3 * unit, Fraction(10**30)]),
        st.integers(1, 2_000_000).map(lambda n: n * unit),
    )


@st.composite
def fees(draw: st.DrawFn) -> Fee:
    currency = draw(st.sampled_from(["CNY", "CNY", "JPY", "KWD"]))
    smallest = Fraction(1, 10 ** DECIMALS[currency])
    unit = draw(
        st.sampled_from([smallest, smallest, smallest, Fraction(1), Fraction(1, 20) if currency == "CNY" else smallest])
    )
    calendar = draw(st.sampled_from([None, "CN", "weekdays"]))
    shift = "unshifted" if calendar is None else draw(st.sampled_from(["next", "previous", "unshifted"]))
    inside = draw(st.integers(0, 4)) == 0
    year = 2026 if calendar == "CN" else draw(st.sampled_from([2024, 2026, 2027]))
    first = dt.date(year, draw(st.integers(1, 4)), 1)
    start = first if inside else first.replace(day=draw(st.sampled_from([1, 1, 2, 15, 28])))
    length = draw(st.integers(2, 7))
    last = month_end(months_after(start, length - 1))
    end = draw(st.sampled_from([last, last, last - DAY, last.replace(day=1), last.replace(day=14)]))
    amount = draw(amounts_of(currency, unit))
    if inside:
        due = draw(st.sampled_from([("day", 1, 0), ("day", 10, 0), ("day", 31, 0)]))
    else:
        due = draw(
            st.sampled_from(
                [
                    ("day", 10, 1),
                    ("day", 1, 1),
                    ("day", 31, 1),
                    ("day", 15, 1),
                    ("last", 0, 1),
                    ("within", 10, 0),
                    ("within", 40, 0),
                ]
            )
        )
    way = st.sampled_from(["forgiving", "delaying", "interest unaffected"])
    grace = draw(st.none() | st.tuples(st.sampled_from([1, 2, 5, 5, 9, 30]), way))
    per = draw(st.sampled_from(["day", "day", "year", "month"]))
    size = {"day": Fraction(1, 10_000), "month": Fraction(1, 400), "year": Fraction(1, 100)}[per]
    rate = st.integers(1, 40).map(lambda n: n * size)
    later = st.integers(20, 200).map(lambda n: start + n * DAY)
    rates: tuple[tuple[dt.date | None, Fraction], ...] = ((None, draw(rate)),)
    rates = rates + tuple(sorted((d, draw(rate)) for d in draw(st.lists(later, max_size=2, unique=True))))
    if draw(st.integers(0, 5)) == 0:
        rates = ()
    daycount = (
        None if per == "day" else draw(st.sampled_from(["actual_365", "actual_360", "actual_actual", "thirty_e_360"]))
    )
    cap = draw(
        st.none()
        | st.sampled_from([Fraction(1, 10), Fraction(1, 100), Fraction(1, 3000)]).map(
            lambda s: ("percent", round_share(s))
        )
        | amounts_of(currency, unit).map(lambda a: ("money", a))
    )
    grade_after = draw(st.none() | st.sampled_from([1, 10, 30]))
    as_of = draw(
        st.sampled_from([month_end(months_after(start, length + 1)), end, start + 70 * DAY, start + 100 * DAY])
    )
    complete = draw(st.sampled_from([as_of, as_of, as_of, as_of - DAY, as_of - 10 * DAY, as_of - 33 * DAY]))
    payments = draw(_payments(start, as_of, amount, unit, smallest, due, grace))
    return Fee(
        currency,
        unit,
        draw(st.sampled_from(MODES)),
        calendar,
        shift,
        start,
        end,
        amount,
        due,
        inside,
        grace,
        rates,
        per,
        daycount,
        cap,
        grade_after,
        draw(st.booleans()),
        draw(st.integers(0, 4)) == 0,
        payments,
        as_of,
        max(complete, start),
        all(day is None or day <= end for day, _ in rates) and draw(st.booleans()),
    )


def round_share(share: Fraction) -> Fraction:
    """A share that a percentage can write."""
    return Fraction(round(share * 10**8), 10**8)


@st.composite
def _payments(
    draw: st.DrawFn,
    start: dt.date,
    as_of: dt.date,
    amount: Fraction,
    unit: Fraction,
    smallest: Fraction,
    due: tuple[str, int, int],
    grace: tuple[int, str] | None,
) -> tuple[Paid, ...]:
    months = [months_after(start, n) for n in range(-1, 8)]
    kind, n, _ = due
    edge = n if kind == "day" else 10
    near = st.tuples(st.sampled_from(months), st.sampled_from([-1, 0, 1, 2])).map(
        lambda x: min(month_end(x[0]), x[0] + (edge - 1) * DAY) + x[1] * DAY
    )
    after_grace = near.map(lambda d: d + (grace[0] if grace else 3) * DAY)
    ends = st.sampled_from(months).map(month_end)
    anywhere = st.integers(-5, max(5, (as_of - start).days)).map(lambda k: start + k * DAY)
    day = st.one_of(near, near, after_grace, after_grace, ends, anywhere)
    sums = st.one_of(
        st.sampled_from([amount, amount, amount - smallest, amount + smallest, 2 * amount, smallest, amount / 2]),
        st.integers(0, 300).map(lambda p: amount * p / 100),
    ).map(lambda a: max(Fraction(0), Fraction(a / smallest).__floor__() * smallest))
    names = st.one_of(
        st.none(),
        st.none(),
        st.just("pay_fee"),
        st.sampled_from(months[1:]).map(lambda d: f"pay_fee@{d.isoformat()[:7]}"),
    )
    drawn = draw(st.lists(st.tuples(day, sums, names), max_size=7))
    refs = draw(st.permutations(range(len(drawn))))
    return tuple(Paid(f"P{ref}", on, a, name) for ref, (on, a, name) in zip(refs, drawn, strict=True))


# ---- whole agreements -----------------------------------------------------------------------------------------------


@attrs.frozen
class Agreement:
    """A contract of several obligations, kpis, rights and prohibitions, with facts for the months of a run."""

    header: tuple[str, ...]
    declarations: tuple[str, ...]
    facts: Mapping[str, Any]
    start: dt.date
    as_of: dt.date
    complete: dt.date

    def text(self, declarations: Sequence[str] | None = None) -> str:
        lines = ['contract "An agreement" {', *(f"  {line}" for line in self.header), "}"]
        return "\n".join([*lines, *(declarations or self.declarations)]) + "\n"


FACT_DECLARATIONS = (
    "fact sales : money monthly",
    'fact boxes : count "boxes" monthly',
    "fact idle : boolean monthly presume false",
    "fact share : percent monthly",
    "fact delivered_on : date monthly",
    "fact notice_on : date monthly",
    "fact demanded_on : date monthly",
    "fact contested_on : date monthly",
    "fact resolved_on : date monthly",
    "fact given : notice once",
    "fact remedied_on : date once",
    'fact orders : list of { order_no: text, made_on: date, price: money, quantity: count "boxes", returned: boolean } dated by made_on keyed by order_no',
    "fact visits : list of { visited_on: date, note_: text? } dated by visited_on",
    "fact violations : list of { seen_on: date, demanded_on: date? } dated by seen_on",
    "fact receipts : payments",
    "fact closed : intervals",
    "fact paused_on : date once",
    "fact resumed_on : date once",
    "fact mood : percent weekly",
    "fact incidents : list of { no: text, opened_at: moment, answered_at: moment? } dated by opened_at keyed by no",
)

# Values over the facts; {m} spells money of the agreement's currency.
LETS = {
    "commission": (
        "sum of price * quantity for each orders where not returned",
        "3% of (sum of price * quantity for each orders)",
        "sum of price for each orders over last 2 months",
        "sum of price for each orders over last 10 days",
        "maximum({m0}, (sum of price * quantity for each orders) - {m50})",
        "{m7} * (count of orders where price >= {m10})",
    ),
    "bonus": (
        "if sales >= min_sales then 5% of sales else {m0}",
        "choose { when boxes >= 100: {m100}  when sales > {m100}: {m10}  otherwise: {m0} }",
        "share * sales",
        "fallback(growth of sales over previous month, 0%) * sales",
        "sales / 3 - min_sales / 7",
        "fallback(sales - sales of previous month, {m0})",
        "limit(sales / 12, {m0}, {m100})",
        "(sum of sales over this quarter) / 100",
        "if idle then {m0} else average of price for each orders",
        "tiers marginal per quarter on sales { up to {m10}: 5% flat {m7}   above: 1% }",
        "prorate(sales, first_of_month(month end), month end, fixed30) * year_fraction(month start, month end, actual_360)",
    ),
    "division": (
        "split sales { client: 1/3, operator: rest }",
        "tiers marginal per quarter on sales { up to {m100}: { client: 60%, operator: 40% }  above: { client: 1/3, operator: rest } }",
        "tiers whole per month on sales { below {m100}: { client: 100% }  above: { client: 1/3, operator: 2/3 } }",
        "stages of sales on pot filled by operator { up to {m100}: { client: 30%, operator: 70% }  above: { client: rest, operator: 1/3 } }",
        "stages of sales - {m50} on pot filled by client crossing next month { up to {m50}: { client: 1/7, operator: rest }  above: { client: 1/3, operator: rest } }",
        "waterfall sales { operator up to {m50}  client up to pot.opening  rest { client: 1/3, operator: rest } }",
        "split sales { client: share, operator: rest }",
    ),
    "checked": (
        "minimum missed for 2 consecutive months skipping not assessed",
        "minimum missed in at least 2 of last 3 months resetting on not assessed",
        "minimum missed in any previous month",
        "boxes > 0 and sales > {m0} or idle",
        "(count of visits over last 2 weeks) > 1",
        "calm missed for 2 consecutive weeks skipping not assessed",
    ),
}
BALANCES = (
    "balance pot : money { opening {m10}  add division.operator }",
    "balance pot : money { add division.operator  deduct price for every orders where returned  accrues 0.01% per day }",
    "balance pot : money { add {m7} when demanded_on  deduct {m10} when idle  add price * quantity for every orders  accrues 7% per year actual_365 }",
)
KPIS = (
    "kpi minimum monthly { met when sales >= min_sales and boxes >= 5 }",
    "kpi minimum monthly { not assessed when idle  met when sales >= min_sales or boxes >= 5  partial months in full }",
    "kpi minimum monthly { measure sales  target min_sales  partial months prorated  level red when boxes < 2 }",
    "kpi minimum monthly { measure boxes  baseline 1  target 5  partial months in full }",
    "kpi minimum monthly { starting from first_of_month(term start + 40 days)  met when boxes >= 5  level red when boxes < 2 }",
)
DUES = (
    "every month due day 10 of next month",
    "every month due day 31 of next month",
    "every month due last day of next month",
    "every month due within 15 days after month end",
    "every month due day 10",
    "every quarter due day 10 of next month",
)
DISPUTES = (
    "",
    "",
    'secured by "a pledge"',
    "disputed amount {m50} from contested_on to resolved_on",
    "disputed amount {m100} from contested_on without interest",
)
CHAINS = (
    "",
    "failing which { interest late_rate simple on unpaid }",
    "failing which { interest late_rate simple on unpaid, cap 10% of amount   after 10 days breach serious }",
    "failing which { interest 8% per year simple actual_365 on unpaid   after 3 days penalty {m10} to operator }",
    "failing which { interest 10% per year compound actual_365 on unpaid, cap 10% of amount reference rate 2% per year }",
    "failing which { breach minor   on day 5 breach serious   after 20 days breach fundamental }",
)


@st.composite
def agreements(draw: st.DrawFn, max_months: int = 4) -> Agreement:
    """An agreement and facts for it; every declared thing is used by something, and anything may be missing."""
    pick = st.sampled_from
    currency = draw(pick(["CNY", "JPY", "KWD", "USD"]))
    smallest = Fraction(1, 10 ** DECIMALS[currency])
    unit = draw(pick([smallest, smallest, Fraction(1)]))
    calendar = draw(pick([None, None, "CN", "weekdays"]))
    header = [
        "language 1",
        f"currency {currency}",
        f"rounding {draw(pick(MODES))} to {spelled(unit)}",
        f"month_end {draw(pick(['clamp', 'sticky', 'next']))}",
        draw(pick(["credit used when due", "credit held"])),
        draw(pick(["notices count when received", "notices count when sent"])),
    ]
    if calendar is not None:
        header += [
            f"calendar {calendar}",
            f"deadlines {draw(pick(['next business day', 'previous business day', 'unshifted']))}",
        ]
    if draw(st.booleans()):
        header.append(
            f"payments applied {draw(pick(['named, due, oldest, proportional', 'named, due, burden, oldest, proportional']))}"
        )
    first = dt.date(2026, draw(st.integers(1, 8)), draw(pick([1, 1, 1, 2, 15, 28])))
    months = draw(st.integers(2, max_months))
    end = draw(pick([month_end(months_after(first, 11)), month_end(months_after(first, months - 1)) - 9 * DAY]))
    header.append(f"term from {first} to {end}")

    def filled(text: str) -> str:
        for n in (0, 7, 10, 50, 100):
            text = text.replace(f"{{m{n}}}", f"{currency} {n}")
        return text

    lets = [f"let {name} = {filled(draw(pick(options)))}" for name, options in LETS.items()]
    lets.append(filled(draw(pick(BALANCES))))
    chain = pick([filled(c) for c in CHAINS])
    grace = pick(["", "grace 5 days delaying", "grace 3 days forgiving", "grace 1 days interest unaffected"])

    taxes = pick(["", "", "tax inclusive 6%", "tax exclusive 9%", "outside VAT"])
    windows = pick(["per month", "per quarter", "per contract year", "per calendar year", "per whole term"])
    amounts = pick(["{m0}", "{m10}", "{m100}"])

    def limited() -> str:
        words = draw(pick([(), (), ("cap",), ("minimum commitment",), ("cap", "minimum commitment")]))
        return " ".join(f"{word} {draw(windows)} {filled(draw(amounts))}" for word in words)

    def pays(name: str, amount: str, *more: str) -> str:
        failing = draw(chain)
        more = (*more, draw(taxes), limited())
        wait = draw(grace)
        held = draw(pick([filled(d) for d in DISPUTES]))
        due = pick(DUES if name == "pay_fee" else DUES[:-1])  # a monthly value is no amount of a quarter
        if "interest" not in failing and wait:
            wait = " ".join(wait.split()[:3])
        return f"obligation {name} {{ client must pay operator {amount} {draw(due)} performed by receipts {wait} {held} {' '.join(more)} {failing} }}"

    negative = pick(["", "not below 0", "reverse"])
    norms = [
        pays("pay_fee", "fee"),
        pays("pay_commission", draw(pick(["commission", "{ base: commission  extra: bonus }"])), draw(negative)),
        pays("pay_bonus", "bonus", draw(negative), draw(pick(["", "when minimum met", "when not idle"]))),
        'obligation report { operator must deliver "a report" every month due day 5 of next month performed on delivered_on failing which { after 2 days breach minor } }',
        f'obligation visit {{ operator must do "a visit" at least {draw(pick([1, 2]))} times {draw(pick(["every month", "every week on friday"]))} performed by visits }}',
        f"obligation pay_order {{ client must pay operator price per record of orders where price > {currency} 1 due within 7 days after made_on performed by receipts {draw(pick(['', 'failing which { interest late_rate simple on unpaid }']))} }}",
        f'prohibition alone {{ client must not "appoint another" violated by violations failing which {{ breach serious   penalty {currency} 20 to operator {draw(pick(["", "demanded on demanded_on due within 10 days after demand"]))} }} }}',
    ]
    norms.append(pays("pay_share", "division.operator", draw(negative)))
    norms += [
        'obligation call { operator must do "a call" each time minimum missed due within 3 days after it arises performed by visits failing which { breach minor } }',
        'obligation soothe { operator must do "a visit" each time calm is red due within 3 days after it arises performed by visits failing which { breach minor } }',
        f'obligation respond {{ operator must do "an answer" per record of incidents due within {draw(pick([1, 14, 48]))} hours after opened_at performed on answered_at failing which {{ breach minor   on day 3 breach serious }} }}',
    ]
    kept = draw(st.lists(pick(range(len(norms))), min_size=2, max_size=5, unique=True))
    chosen = [norms[0], *(norms[i] for i in sorted(kept) if i)]
    rights = [
        f"right keep_back {{ client may {draw(pick(['withhold pay_fee', 'reduce pay_fee by 25% of amount']))} when minimum missed exercised on notice_on {draw(pick(['', 'lapses 10 days after month end']))} }}",
        f"right later {{ client may extend pay_fee by {draw(pick([5, 40]))} days exercised on notice_on }}",
        f"termination bad {{ client may terminate when minimum missed for {draw(pick([1, 2]))} consecutive months skipping not assessed exercised on given notice {draw(pick([5, 30]))} days {draw(pick(['', 'cure 10 days cured when remedied_on']))} {draw(pick(['', 'lapses after 30 days']))} }}",
    ]
    ladders = [
        'escalation talks { opens on contested_on level "one" within 5 days answered on resolved_on level "two" within 10 days stops when remedied_on at end obligation mend { operator must do "mend" due within 5 days after talks.last_day } }',
        'escalation talks { per record of violations level "one" within 3 days answered on demanded_on level "two" within 4 days at end right leave { client may terminate when talks is exhausted exercised on demanded_on lapses after 9 days } }',
        'approval signed { per record of violations approved by client on demanded_on, "legal" on seen_on quorum 1 }',
    ]
    chosen += draw(st.lists(pick(ladders), max_size=1))
    chosen += draw(st.lists(pick(rights), max_size=2, unique=True))
    if not draw(st.integers(0, 2)):
        when = draw(pick(["closed", "paused_on and not resumed_on", "idle", "minimum missed", "closed or idle"]))
        term = draw(
            pick(["suspends pay_fee", "extends term by days", "extends term by months", "does not extend term"])
        )
        storage = f"instead obligation storage {{ client must pay operator {currency} 10 {draw(pick(DUES[:-1]))} performed by receipts {draw(chain)} }}"
        chosen.append(
            f"suspension pause {{ when {when} {term} {draw(pick(['', 'interest continues']))} {draw(pick(['', storage]))} }}"
        )
    if not draw(st.integers(0, 4)):
        chosen.append(
            f"right stop {{ operator may suspend pay_fee {draw(pick(['', 'when pay_fee is breached']))} exercised on given released on resumed_on }}"
        )
    if not draw(st.integers(0, 4)):
        header.append(f"starts when {draw(pick(['paused_on', 'paused_on or boxes >= 5', 'not closed']))}")
    rates = draw(
        pick(["= 0.05% per day", f"{{ from {first}: 0.05% per day  from {first + 70 * DAY}: 0.04% per day }}"])
    )
    declarations = [
        'party client "The Client"',
        'party operator "The Operator"',
        f"parameter fee : money = {currency} {spelled(draw(amounts_of(currency, smallest)))}",
        f"parameter min_sales : money = {currency} 100",
        f"parameter late_rate : rate per day {rates}",
        *FACT_DECLARATIONS,
        *lets,
        draw(pick(KPIS)),
        "kpi calm weekly { met when mood >= 50%  level red when mood < 50% for 2 consecutive weeks  level yellow when mood < 50% }",
        *chosen,
    ]
    last = month_end(months_after(first, months - 1))
    as_of = draw(pick([last, last, last - 3 * DAY]))
    complete = draw(pick([as_of, as_of, as_of, as_of - DAY, as_of - 12 * DAY]))
    facts = draw(facts_of(first, months, as_of, smallest))
    return Agreement(tuple(header), tuple(declarations), facts, first, as_of, max(complete, first))


@st.composite
def facts_of(draw: st.DrawFn, first: dt.date, months: int, as_of: dt.date, smallest: Fraction) -> dict[str, Any]:
    """Facts for the months of a run: known, blank, left out; lists carried or not."""
    firsts = [months_after(first, n) for n in range(months)]
    places = {Fraction(1): 0, Fraction(1, 100): 2, Fraction(1, 1000): 3}[smallest]
    money = st.one_of(
        st.sampled_from(
            ["0", "99.99", "100", "100.01", "-5", "1" + "0" * 30] if places >= 2 else ["0", "99", "100", "101", "-5"]
        ),
        st.integers(0, 10_000_000).map(lambda n: spelled(n * smallest)),
    )
    day = st.integers(-3, max(1, (as_of - first).days)).map(lambda n: (first + n * DAY).isoformat())
    edge = st.sampled_from(
        [
            d
            for m in firsts
            for d in (month_end(m), months_after(m, 1), months_after(m, 1) + 9 * DAY, months_after(m, 1) + 10 * DAY)
        ]
    ).map(str)
    date = st.one_of(day, edge)
    blank = st.just("")
    rows: dict[str, dict[str, str]] = {}
    for month in firsts:
        row: dict[str, str] = {}
        for name, values in (
            ("sales", money),
            ("boxes", st.sampled_from(["0", "4", "5", "6", "100"])),
            ("idle", st.sampled_from(["true", "false"])),
            ("share", st.sampled_from(["0%", "5%", "12.5%", "100%"])),
            ("delivered_on", date),
            ("notice_on", date),
            ("demanded_on", date),
            ("contested_on", date),
            ("resolved_on", date),
        ):
            said = draw(st.sampled_from(["known", "known", "known", "blank", "left out"]))
            if said != "left out":
                row[name] = draw(values) if said == "known" else draw(blank)
        if row:
            rows[month.isoformat()[:7]] = row
    facts: dict[str, Any] = {"monthly": rows} if rows else {}
    positive = st.one_of(
        st.sampled_from([smallest, Fraction(100)]), st.integers(1, 100_000).map(lambda n: n * smallest)
    )
    if draw(st.integers(0, 5)):
        made = draw(
            st.lists(
                st.tuples(
                    date, positive, st.sampled_from(["0", "1", "3"]), st.sampled_from(["true", "false", "false", ""])
                ),
                max_size=5,
            )
        )
        facts["orders"] = [
            {"order_no": f"N{i}", "made_on": on, "price": spelled(p), "quantity": q, "returned": r}
            for i, (on, p, q, r) in enumerate(made)
        ]
    if draw(st.integers(0, 5)):
        facts["visits"] = [{"visited_on": on} for on in draw(st.lists(date, max_size=5))]
    if draw(st.integers(0, 5)):
        facts["violations"] = [
            {"seen_on": on, "demanded_on": to}
            for on, to in draw(st.lists(st.tuples(date, st.one_of(blank, date)), max_size=2))
        ]
    if draw(st.integers(0, 7)):
        keys = [m.isoformat()[:7] for m in firsts]
        names = st.one_of(
            st.none(),
            st.none(),
            st.sampled_from(["pay_fee", "pay_commission", "pay_order@N0", "pay_order@N1", "alone", "nothing"]),
            st.tuples(st.sampled_from(["pay_fee", "pay_commission", "pay_bonus"]), st.sampled_from(keys)).map("@".join),
        )
        kinds = st.sampled_from(["payment"] * 9 + ["refund", "set off", "write off"])
        paid = draw(st.lists(st.tuples(date, positive, names, kinds), max_size=6))
        facts["receipts"] = [
            {
                "ref": f"P{i}",
                "payer": "client" if kind != "refund" else "operator",
                "payee": "operator" if kind != "refund" else "client",
                "amount": spelled(a),
                "on": on,
                "kind": kind,
                **({} if name is None else {"for": name}),
            }
            for i, (on, a, name, kind) in enumerate(paid)
        ]
    weeks = [(firsts[0] + 7 * n * DAY).isocalendar() for n in range(5 * months) if firsts[0] + 7 * n * DAY <= as_of]
    moods = [draw(st.sampled_from(["0%", "50%", "100%", "", None])) for _ in weeks]
    weekly = {
        f"{w.year}-W{w.week:02d}": {"mood": said} for w, said in zip(weeks, moods, strict=True) if said is not None
    }
    if weekly:
        facts["weekly"] = weekly
    if draw(st.integers(0, 3)):
        time = st.sampled_from(["T00:00", "T09:30", "T23:59"])
        moments = draw(st.lists(st.tuples(date, time, st.one_of(blank, date), time), max_size=3))
        facts["incidents"] = [
            {"no": f"I{i}", "opened_at": on + at, "answered_at": to + when if to else ""}
            for i, (on, at, to, when) in enumerate(moments)
        ]
    once: dict[str, Any] = {}
    if draw(st.booleans()):
        on = draw(date)
        once["given"] = {"sent": on, "received": draw(st.sampled_from([on, on, ""]))}
    if draw(st.booleans()):
        once["remedied_on"] = draw(st.one_of(blank, date))
    for name in ("paused_on", "resumed_on"):
        if draw(st.integers(0, 3)):
            once[name] = draw(st.one_of(blank, date))
    if draw(st.integers(0, 3)):
        spans = draw(st.lists(st.tuples(date, st.one_of(blank, st.sampled_from([0, 10, 30, 45]))), max_size=3))
        facts["closed"] = [
            {"from": on, "until": "" if n == "" else (dt.date.fromisoformat(on) + n * DAY).isoformat()}
            for on, n in sorted(spans, key=lambda span: span[0])
        ]
    if once:
        facts["once"] = once
    return facts
