"""What stands in the statement of an instance, a breach, a right, an account: rows read off the run at the end of a month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import cast

from clausal.dsl import model as m
from clausal.dsl.periods import Period
from clausal.dsl.values import Exact, Unknown, exact
from clausal.engine.balances import Ledgers
from clausal.engine.instances import DAY, NEVER, Account, Instance, Pair, Power, Violation
from clausal.engine.ladders import Ladder
from clausal.engine.outcome import BalanceRow, BreachRow, LedgerRow, Line, Missing, RightRow, Slice, Upcoming, major


def needs_of(x: Instance) -> tuple[str, ...]:
    """The facts for want of which the instance is undetermined."""
    needs = x.doubt
    if isinstance(x.gap, Unknown):
        needs = tuple(sorted({*needs, *x.gap.needs}))
    return needs or ((x.source,) if x.gap is None and x.source is not None else ())


def missing(x: Instance, day: dt.date) -> Missing | None:
    """What an undetermined instance waits for, with the days where it is only payments or acts of some days."""
    needs = needs_of(x)
    if not needs:
        return None
    if x.doubt or x.gap is not None:
        return Missing(x.id, needs)
    first = x.created if x.complete == dt.date.min else max(x.complete + DAY, x.created)
    return Missing(x.id, needs, first, min(day, x.deadline or day))


def line(x: Instance, day: dt.date, provisional: bool) -> Line:
    """The instance as it stands at the end of `day`."""
    status = x.status(day)
    in_default = x.default_since is not None and x.default_until is None and x.default_since <= day
    flags = {*x.flags, "provisional"} if provisional else x.flags
    held = x.held
    if held:
        flags = {*flags, "disputed"}
    needs = needs_of(x) if status == "undetermined" or x.doubt else ()
    o = x.obligation
    done = None
    if o is not None and o.performance.kind == "acts":
        done = f"{x.done}/{o.at_least}"
    return Line(
        x.id,
        x.name,
        x.key,
        x.clause.number if x.clause else None,
        x.debtor,
        x.creditor,
        x.action,
        x.what,
        x.currency,
        x.amount,
        x.parts,
        x.due,
        x.grace_until,
        status,
        tuple(sorted(flags)),
        x.paid,
        x.open,
        x.booked,
        x.interest_paid,
        x.default_since if in_default else None,
        (day - cast(dt.date, x.default_since)).days + 1 if in_default else 0,
        x.performed_on,
        needs,
        x.notes,
        x.withheld,
        x.retained,
        x.written_off,
        x.prorated,
        done,
        x.tax,
        held or None,
        x.due_at,
        x.performed_at if x.due_at is not None else None,
        x.hours_late(day),
        x.clause.amendment if x.clause else None,
    )


def interest_slice(x: Instance) -> Slice:
    """The interest booked since the last slice; the next one begins after it."""
    start = cast(dt.date, x.slice_from)
    end = cast(dt.date, x.slice_to)
    amount = x.booked - x.sliced
    x.sliced = x.booked
    link = cast(m.Interest, x.interest_link)
    capped = x.cap is not None and x.interest >= x.cap
    row = Slice(
        f"{x.name}.interest@{x.key}",
        "interest",
        x.id,
        x.clause.number if x.clause else None,
        x.debtor,
        cast(str, x.creditor),
        cast(str, x.currency),
        start,
        end,
        x.slice_days,
        (tuple(x.slice_rates), link.per),
        amount,
        major(x.interest, x.currency),
        capped,
    )
    x.slice_from = x.slice_to = None
    x.slice_days = 0
    x.slice_rates = []
    return row


def breaches(
    live: Sequence[Instance], violations: Sequence[Violation], month: Period, day: dt.date
) -> tuple[BreachRow, ...]:
    rows: list[tuple[dt.date, BreachRow]] = []
    for x in live:
        since = x.default_since
        if since is None or since > day or x.undone:
            continue
        ended = x.default_until
        if ended is not None and ended < month.start and not x.touched:
            continue
        rows.append(
            (
                since,
                BreachRow(
                    x.id,
                    x.clause.number if x.clause else None,
                    (x.debtor,),
                    x.due,
                    x.grace_until,
                    since,
                    x.grade,
                    x.graded_on,
                    ended,
                    x.cured_on,
                    x.due_at,
                ),
            )
        )
    for v in violations:
        graded = v.graded_on is not None and month.start <= v.graded_on <= day
        if graded or month.start <= v.since <= day:
            rows.append(
                (
                    v.since,
                    BreachRow(
                        v.id,
                        v.clause.number if v.clause else None,
                        (v.prohibition.debtor,),
                        None,
                        None,
                        v.since,
                        v.grade,
                        v.graded_on,
                        None,
                        None,
                    ),
                )
            )
    rows.sort(key=lambda pair: pair[0])
    return tuple(row for _, row in rows)


def right(p: Power, live: Sequence[Instance]) -> RightRow:
    norm = p.right
    in_breach: list[str] = []
    if norm.holder is not None and p.status == "open":
        for x in live:
            if x.debtor == norm.holder and x.in_breach():
                related = p.over is not None and p.over.name == x.name
                same = norm.clause is not None and x.clause is not None and norm.clause.number == x.clause.number
                if related or same:
                    in_breach.append(x.id)
    p.touched = False
    return RightRow(
        p.id,
        norm.name,
        p.over.id if p.over is not None else None,
        norm.clause.number if norm.clause else None,
        norm.holder,
        norm.effect,
        p.opened,
        p.last_day,
        p.status,
        p.exercised_on,
        p.stake,
        p.cure_until,
        p.effective_on,
        tuple(in_breach),
        p.needs,
    )


def balance(ledgers: Ledgers, declared: m.Balance, month: Period) -> BalanceRow:
    """A balance as it stands at the end of the month or, where that is not over, of what is known of it."""
    known = ledgers.month(declared.name, month)
    if known.gap is not None:
        needs = known.gap.needs if isinstance(known.gap, Unknown) else ()
        because = None if isinstance(known.gap, Unknown) else known.gap.reason
        opening = None if known.dated_gap is not None else known.opening
        return BalanceRow(declared.name, declared.type, opening, None, None, None, None, needs, because)
    return BalanceRow(
        declared.name,
        declared.type,
        known.opening,
        exact(known.added),
        known.accrued,
        exact(known.used),
        known.closing,
        moves=tuple((x.on, x.kind, x.amount, x.of) for x in known.moves),
    )


def ledger(
    accounts: Mapping[Pair, Account],
    live: Sequence[Instance],
    day: dt.date,
    order: Callable[[Pair], tuple[int, int, str]],
) -> Iterator[LedgerRow]:
    """Each account with its closing held against what is open; the next month opens with it."""
    for pair in sorted(accounts, key=order):
        account = accounts[pair]
        not_due: Exact = 0
        due: Exact = 0
        overdue: Exact = 0
        retained: Exact = 0
        disputed: Exact = 0
        aging: list[Exact] = [0, 0, 0, 0]
        excludes: list[str] = []
        for x in live:
            if (x.debtor, x.creditor, x.currency) != pair or not x.pays:
                continue
            if x.amount is None:
                if x.gap is not None:
                    excludes.append(x.id)
                continue
            held = x.held
            amount = max(x.open, 0) - held + x.interest_open
            retained = retained + (x.retained or 0)
            disputed = disputed + held
            if not amount:
                continue
            if x.default_since is not None and x.default_since <= day and x.default_until is None:
                overdue = overdue + amount
                age = (day - x.default_since).days + 1
                aging[0 if age <= 30 else 1 if age <= 60 else 2 if age <= 90 else 3] += amount
            elif x.due is not None and x.due <= day and not x.suspended(day):
                due = due + amount
            else:
                not_due = not_due + amount
        closing = account.closing
        still = not_due + due + overdue + retained + disputed
        if closing != still - account.credit:
            raise AssertionError(
                f"money is not conserved for {pair} on {day}: closing {closing}, open {still}, credit {account.credit}"
            )
        yield LedgerRow(
            *pair,
            account.opening,
            account.accrued,
            account.interest,
            account.penalties,
            account.tax,
            account.adjusted,
            account.withheld,
            account.written_off,
            account.paid,
            account.refunded,
            closing,
            not_due,
            due,
            overdue,
            retained,
            disputed,
            account.credit,
            (aging[0], aging[1], aging[2], aging[3]),
            tuple(excludes),
        )
        account.opening = closing
        account.clear()


def upcoming(
    instances: Sequence[Instance],
    powers: Sequence[Power],
    notices: Sequence[Power],
    ladders: Sequence[Ladder],
    as_of: dt.date,
    end: dt.date,
    ended: bool,
    standing: Iterable[tuple[str, dt.date]] = (),
    surviving: Sequence[tuple[str, dt.date]] = (),
) -> tuple[Upcoming, ...]:
    """What falls due or lapses next, after `as_of`, in order of date."""
    rows: list[Upcoming] = []
    for x in instances:
        if not x.is_open or x.gap is not None:
            continue
        worth = (x.currency, x.open) if x.pays and x.currency is not None else None
        if x.due is not None and x.due > as_of:
            rows.append(Upcoming(x.due, "due", x.id, worth))
        if x.grace_until is not None and x.grace_until > as_of:
            rows.append(Upcoming(x.grace_until, "grace ends", x.id, worth))
    for p in powers:
        if p.pending and p.last_day is not None and p.last_day > as_of:
            rows.append(Upcoming(p.last_day, "right lapses", p.id, p.stake))
    for p in notices:
        if p.cure_until is not None and p.cure_until > as_of:
            rows.append(Upcoming(p.cure_until, "cure ends", p.id, None))
        if not ended and p.effective_on is not None and p.effective_on > as_of:
            rows.append(Upcoming(p.effective_on, "notice ends", p.id, None))
    for ladder in ladders:
        if ladder.status == "running" and ladder.last_day > as_of:
            rows.append(Upcoming(ladder.last_day, "level ends", ladder.id, None))
    if not ended:
        rows += [Upcoming(last, "suspension ends", name, None) for name, last in standing if last > as_of]
    if not ended and end > as_of and end != NEVER:
        rows.append(Upcoming(end, "term ends", "contract", None))
    rows += [Upcoming(last, "survival ends", name, None) for name, last in surviving if last > as_of]
    return tuple(sorted(rows, key=lambda r: (r.date, r.subject, r.kind)))
