"""What one run found: rows of exact figures, dates and words, frozen, in the order of the statement.

The rows hold values; amounts are whole numbers of the currency's smallest unit (fen, cents), so that adding them up
is exact and cheap. `document` turns the rows into the published result document, where money is a string with its
currency's decimals. Keys are English in every file language; names are the contract's own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Literal, TypeAlias, cast

import attrs

from clausal.dsl.types import Type, money
from clausal.dsl.values import Duration, Exact, NotApplicable, Shares, Unknown, Value, exact
from clausal.dsl.wording import decimals, percent_text, plain_money, rate_text

Args: TypeAlias = tuple[tuple[str, Any], ...]


@attrs.frozen
class Worth:
    """A let at a month: its exact value, and the value rounded to the currency's unit where it is money."""

    name: str
    type: Type
    value: Value
    rounded: Exact | None
    to_date: bool


@attrs.frozen
class Assessed:
    """A kpi at its period. `status` is met, missed, not assessed or undetermined."""

    name: str
    period: str
    status: str
    because: str | None
    to_date: bool
    run: int | None
    needs: tuple[str, ...]
    missing: tuple[str, ...]
    level: str | None
    type: Type | None = None
    figures: Mapping[str, Value] = attrs.Factory(dict)
    """`measure`, `target` (of `type`) and `attainment`, where the kpi has them."""

    @property
    def key(self) -> str:
        """Its name among the values of a month: with the period, where a month has several."""
        return self.name if len(self.period) in (4, 7) and self.period[5:6] != "W" else f"{self.name}@{self.period}"


@attrs.frozen
class TaxShare:
    """What of a line is tax: `gross` = `net` + `tax`, always. `rate` is None where its parts bear different ones."""

    kind: str
    rate: Exact | None
    net: Exact
    tax: Exact
    gross: Exact


@attrs.frozen
class PartLine:
    """One part of a line, or a step with a line of its own: what is over the cap of the part `of`, a true-up."""

    name: str
    amount: Exact
    of: str | None = None
    tax: TaxShare | None = None


@attrs.frozen
class Line:
    """One instance of an obligation (or a penalty) as it stands at the end of a month."""

    id: str
    obligation: str
    period: str
    clause: str | None
    debtor: str
    creditor: str | None
    action: str
    what: str | None
    currency: str | None
    amount: Exact | None
    parts: tuple[PartLine, ...]
    due: dt.date | None
    grace_until: dt.date | None
    status: str
    flags: tuple[str, ...]
    paid: Exact
    open: Exact
    interest_booked: Exact
    interest_paid: Exact
    overdue_since: dt.date | None
    days_overdue: int
    performed_on: dt.date | None
    needs: tuple[str, ...]
    notes: tuple[str, ...]
    withheld: Exact | None
    retained: Exact | None
    written_off: Exact | None
    prorated: tuple[int, int] | None
    done: str | None
    tax: TaxShare | None = None
    disputed: Exact | None = None
    due_at: dt.datetime | None = None
    performed_at: dt.datetime | None = None
    hours_late: Exact | None = None
    amendment: str | None = None


@attrs.frozen
class Slice:
    """Interest or an agreed penalty as booked in one month."""

    id: str
    kind: str
    obligation: str
    clause: str | None
    debtor: str
    creditor: str
    currency: str
    start: dt.date | None
    end: dt.date | None
    days: int | None
    rate: tuple[tuple[Exact, ...], Literal["day", "month", "year"]] | None
    amount: Exact
    exact_total: Exact | None
    capped: bool


@attrs.frozen
class BreachRow:
    of: str
    clause: str | None
    by: tuple[str, ...]
    deadline: dt.date | None
    grace_until: dt.date | None
    since: dt.date
    grade: str | None
    graded_on: dt.date | None
    ended_on: dt.date | None
    cured_on: dt.date | None
    deadline_at: dt.datetime | None = None


@attrs.frozen
class RightRow:
    id: str
    right: str
    over: str | None
    clause: str | None
    holder: str | None
    effect: str
    opened: dt.date
    last_day: dt.date | None
    status: str
    exercised_on: dt.date | None
    stake: tuple[str, Exact] | None
    cure_until: dt.date | None
    effective_on: dt.date | None
    holder_in_breach: tuple[str, ...]
    needs: tuple[str, ...]


@attrs.frozen
class Event:
    date: dt.date
    kind: str
    subject: str
    args: Args = ()


@attrs.frozen
class Missing:
    """Something that cannot be known yet: the facts that it needs, and for which days."""

    what: str
    needs: tuple[str, ...]
    first: dt.date | None = None
    last: dt.date | None = None
    because: str | None = None


@attrs.frozen
class PaymentRow:
    ref: str
    on: dt.date
    reported: dt.date | None
    payer: str
    payee: str
    currency: str
    amount: Exact
    kind: str
    for_: str | None
    applied: tuple[tuple[str, str, Exact], ...]
    unapplied: Exact
    provisional: bool


@attrs.frozen
class LedgerRow:
    debtor: str
    creditor: str
    currency: str
    opening: Exact
    accrued: Exact
    interest: Exact
    penalties: Exact
    tax: Exact
    adjusted: Exact
    withheld: Exact
    written_off: Exact
    paid: Exact
    refunded: Exact
    closing: Exact
    not_due: Exact
    due: Exact
    overdue: Exact
    retained: Exact
    disputed: Exact
    credit: Exact
    aging: tuple[Exact, Exact, Exact, Exact]
    excludes: tuple[str, ...]


@attrs.frozen
class BalanceRow:
    """A balance in a month; `type` says of what, amounts are in units of its currency. None where it is undetermined."""

    name: str
    type: Type
    opening: Exact | None
    added: Exact | None
    accrued: Exact | None
    used: Exact | None
    closing: Exact | None
    needs: tuple[str, ...] = ()
    because: str | None = None
    moves: tuple[tuple[dt.date, str, Exact, str], ...] = ()


@attrs.frozen
class Month:
    month: str
    state: str
    values: tuple[Worth | Assessed, ...]
    obligations: tuple[Line, ...]
    penalties: tuple[Slice, ...]
    breaches: tuple[BreachRow, ...]
    rights: tuple[RightRow, ...]
    events: tuple[Event, ...]
    undetermined: tuple[Missing, ...]
    payments: tuple[PaymentRow, ...]
    ledger: tuple[LedgerRow, ...]
    balances: tuple[BalanceRow, ...] = ()


@attrs.frozen
class SettlementItem:
    id: str
    part: str
    owed_by: str
    owed_to: str
    currency: str
    amount: Exact | None
    due: dt.date | None


@attrs.frozen
class Settlement:
    as_of: dt.date
    items: tuple[SettlementItem, ...]


@attrs.frozen
class Contingent:
    kind: str
    code: str | None
    subject: str
    debtor: str | None
    creditor: str | None
    amount: tuple[str, Exact] | None
    days: tuple[dt.date, dt.date] | None
    args: Args = ()


@attrs.frozen
class Upcoming:
    date: dt.date
    kind: str
    subject: str
    amount: tuple[str, Exact] | None


@attrs.frozen
class Restated:
    origin: str
    line: str
    kind: str
    debtor: str
    creditor: str
    currency: str
    as_issued: Exact | str | None
    as_now: Exact | str | None
    difference: Exact | None
    booked_in: str


@attrs.frozen
class Warn:
    code: str
    args: Args = ()


@attrs.frozen
class Outcome:
    """One run, whole. `document` is its published form."""

    title: str
    version: str | None
    sha256: str
    engine: str
    as_of: dt.date
    complete_through: dt.date
    completeness: tuple[tuple[str, dt.date], ...]
    inputs_sha256: str
    months: tuple[Month, ...]
    settlement: Settlement | None
    restatement: tuple[Restated, ...]
    contingent: tuple[Contingent, ...]
    upcoming: tuple[Upcoming, ...]
    versions: tuple[tuple[str, str | int], ...]
    warnings: tuple[Warn, ...]
    amendments: tuple[tuple[str, dt.date], ...] = ()


# ---- the published form --------------------------------------------------------------------------------------------


def document(outcome: Outcome) -> dict[str, Any]:
    """The result document: plain dicts, lists and strings, ready for JSON."""
    return {
        "contract": {"title": outcome.title, "version": outcome.version, "sha256": outcome.sha256},
        "engine": outcome.engine,
        "as_of": outcome.as_of.isoformat(),
        "complete_through": outcome.complete_through.isoformat(),
        "inputs_sha256": outcome.inputs_sha256,
        "months": [_month(m) for m in outcome.months],
        "settlement": None if outcome.settlement is None else _settlement(outcome.settlement),
        "restatement": [_restated(r) for r in outcome.restatement],
        "contingent": [_contingent(c) for c in outcome.contingent],
        "upcoming": [
            {"date": u.date.isoformat(), "kind": u.kind, "subject": u.subject, "amount": _pair(u.amount)}
            for u in outcome.upcoming
        ],
        "completeness": {name: day.isoformat() for name, day in outcome.completeness},
        "versions": {
            **dict(outcome.versions),
            **(
                {"amendments": [{"amendment": t, "effective": d.isoformat()} for t, d in outcome.amendments]}
                if outcome.amendments
                else {}
            ),
        },
        "warnings": [{"code": w.code, "args": _args(w.args)} for w in outcome.warnings],
    }


def _month(month: Month) -> dict[str, Any]:
    return {
        "month": month.month,
        "state": month.state,
        "values": {v.key if isinstance(v, Assessed) else v.name: _value(v) for v in month.values},
        "obligations": [_line(line) for line in month.obligations],
        "penalties": [_slice(s) for s in month.penalties],
        "breaches": [_breach(b) for b in month.breaches],
        "rights": [_right(r) for r in month.rights],
        "events": [
            {"date": e.date.isoformat(), "kind": e.kind, "subject": e.subject, "args": _args(e.args)}
            for e in month.events
        ],
        "balances": {b.name: _balance(b) for b in month.balances},
        "undetermined": [_missing(u) for u in month.undetermined],
        "payments": [_payment(p) for p in month.payments],
        "ledger": [_ledger(row) for row in month.ledger],
    }


def _value(v: Worth | Assessed) -> dict[str, Any]:
    if isinstance(v, Assessed):
        kpi: dict[str, Any] = {"type": "kpi", "status": v.status, "to_date": v.to_date}
        if v.status == "undetermined":
            kpi["needs"] = list(v.needs)
        if v.because is not None:
            kpi["because"] = v.because
        if len(v.period) != 7 or not v.period[5:].isdigit():
            kpi["period"] = v.period
        if v.level is not None:
            kpi["level"] = v.level
        for name, value in v.figures.items():
            if name == "attainment":
                if not isinstance(value, (Unknown, NotApplicable)):
                    kpi["attainment"] = digits(cast(Exact, value) * 100) + "%"
            elif v.type is not None:
                kpi[name] = typed_value(v.type, value)
        if v.run is not None:
            kpi["run"] = v.run
        if v.missing:
            kpi["missing"] = list(v.missing)
        return kpi
    out = typed_value(v.type, v.value, v.rounded)
    if v.to_date:
        out["to_date"] = True
    return out


def _balance(b: BalanceRow) -> dict[str, Any]:
    def shown(value: Exact | None) -> str | None:
        if value is None:
            return None
        return plain_money(value, decimals(b.type.currency or "")) if b.type.kind == "money" else digits(value)

    out: dict[str, Any] = {
        "currency": b.type.currency,
        "opening": shown(b.opening),
        "added": shown(b.added),
        "used": shown(b.used),
        "closing": shown(b.closing),
        "needs": list(b.needs),
    }
    if b.accrued:
        out["accrued"] = shown(b.accrued)
    if b.because is not None:
        out["because"] = b.because
    if b.moves:
        out["movements"] = [
            {"date": on.isoformat(), "kind": kind, "amount": shown(amount), "of": of}
            for on, kind, amount, of in b.moves
        ]
    return out


_TYPE_NAMES: Mapping[str, str] = {"points": "percentage points", "one of": "text", "party": "text"}


def typed_value(t: Type, value: Value, rounded: Exact | None = None) -> dict[str, Any]:
    """A value with its type, as the result document says it."""
    name = _TYPE_NAMES.get(t.kind, t.kind)
    if isinstance(value, Unknown):
        return {"type": name, "undetermined": True, "needs": list(value.needs)}
    if isinstance(value, NotApplicable):
        return {"type": name, "not_applicable": value.reason}
    if isinstance(value, Shares):
        return _shares(t, value)
    match t.kind:
        case "money":
            shown = cast(Exact, value) if rounded is None else rounded
            return {
                "type": "money",
                "currency": t.currency,
                "value": plain_money(shown, decimals(t.currency or "")),
                "exact": str(value),
            }
        case "number" | "count" | "percent" | "points" | "rate":
            return _measure(t, name, cast(Exact, value))
        case "boolean":
            return {"type": "boolean", "value": bool(value)}
        case "duration":
            length = cast(Duration, value)
            return {"type": name, "value": str(length.amount), "unit": length.unit}
        case "date":
            return {"type": name, "value": cast(dt.date, value).isoformat()}
        case "moment":
            return {"type": name, "value": cast(dt.datetime, value).isoformat(timespec="minutes")}
        case _:
            return {"type": name, "value": str(value)}


def _shares(t: Type, value: Shares) -> dict[str, Any]:
    """A division: what it comes to, and every share as a part; what a party lacks or nobody got, where there is any."""
    of = money(t.currency or "")

    def parts(amounts: tuple[tuple[str, Exact], ...]) -> list[dict[str, Any]]:
        return [{"name": party, "value": typed_value(of, amount)} for party, amount in amounts]

    total = exact(sum((amount for _, amount in value.amounts), value.left))
    out: dict[str, Any] = {
        "type": "shares",
        "currency": t.currency,
        "value": plain_money(total, decimals(t.currency or "")),
        "parts": parts(value.amounts),
    }
    if any(lack for _, lack in value.short):
        out["shortfall"] = parts(tuple((party, lack) for party, lack in value.short if lack))
    if value.left:
        out["left"] = typed_value(of, value.left)
    return out


def _measure(t: Type, name: str, value: Exact) -> dict[str, Any]:
    hundreds = t.kind in ("percent", "points") or (t.kind == "rate" and t.currency is None)
    mark = "pp" if t.kind == "points" else "%" if hundreds else ""
    out: dict[str, Any] = {"type": name, "value": digits(value * 100 if hundreds else value) + mark}
    if t.kind == "count":
        out["unit"] = t.unit
    elif t.kind == "rate":
        out["unit"] = t.per
    out["exact"] = str(value)
    return out


def digits(value: Exact) -> str:
    """Decimal digits of an exact number: in full where they end, else rounded half up to twelve places (`exact` beside it
    has the whole)."""
    f = Fraction(value)
    rest = f.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    places = 12
    if rest == 1:
        places = 0
        scaled = f
        while scaled.denominator != 1:
            scaled *= 10
            places += 1
    sign = "-" if f < 0 else ""
    n = abs(f) * 10**places
    whole = (2 * n.numerator + n.denominator) // (2 * n.denominator)
    text = str(whole).rjust(places + 1, "0")
    if not places:
        return sign + text
    return sign + (text[:-places] + "." + text[-places:]).rstrip("0").rstrip(".")


def plain_minor(amount: Exact, currency: str | None) -> str:
    """An amount in smallest units as the document writes it: 22.50 for 2250 fen."""
    if amount.denominator != 1:
        raise ValueError(f"{amount} is no whole number of smallest units")
    places = decimals(currency or "")
    digits = str(abs(amount.numerator))
    sign = "-" if amount < 0 else ""
    if not places:
        return sign + digits
    digits = digits.rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def major(amount: Exact, currency: str | None) -> Exact:
    """Smallest units as an exact amount of the currency."""
    return exact(Fraction(amount, 10 ** decimals(currency or "")))


_money = plain_minor


def _amount(value: Exact, currency: str) -> dict[str, str]:
    return {"currency": currency, "value": _money(value, currency)}


def _pair(amount: tuple[str, Exact] | None) -> dict[str, str] | None:
    return None if amount is None else _amount(amount[1], amount[0])


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _args(args: Args) -> dict[str, Any]:
    return {key: _arg(value) for key, value in args}


def _arg(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, tuple):
        return [_arg(v) for v in value]
    return value


def _line(x: Line) -> dict[str, Any]:
    cur = x.currency
    pays = x.action == "pay" and cur is not None
    out: dict[str, Any] = {
        "id": x.id,
        "obligation": x.obligation,
        "period": x.period,
        "clause": x.clause,
        "debtor": x.debtor,
        "creditor": x.creditor,
        "action": x.action,
        "what": x.what,
        "amount": _amount(x.amount, cur) if pays and x.amount is not None and cur else None,
        "parts": [_part(p, cur) for p in x.parts] if cur else [],
        "due": _iso(x.due),
        "grace_until": _iso(x.grace_until),
        "status": x.status,
        "flags": list(x.flags),
        "paid": _money(x.paid, cur) if pays and cur and x.amount is not None else None,
        "open": _money(x.open, cur) if pays and cur and x.amount is not None else None,
        "interest": {
            "booked": _money(x.interest_booked, cur),
            "paid": _money(x.interest_paid, cur),
            "open": _money(x.interest_booked - x.interest_paid, cur),
        }
        if pays and cur
        else None,
        "overdue_since": _iso(x.overdue_since),
        "days_overdue": x.days_overdue,
        "performed_on": _iso(x.performed_on),
        "needs": list(x.needs),
        "notes": list(x.notes),
        "withheld": None if x.withheld is None or cur is None else _money(x.withheld, cur),
        "prorated": None if x.prorated is None else {"days": x.prorated[0], "of": x.prorated[1]},
    }
    if x.tax is not None and cur is not None:
        out["tax"] = _tax(x.tax, cur)
    if x.retained is not None and cur is not None:
        out["retained"] = _money(x.retained, cur)
    if x.written_off is not None and cur is not None:
        out["written_off"] = _money(x.written_off, cur)
    if x.disputed is not None and cur is not None:
        out["disputed"] = _money(x.disputed, cur)
    if x.done is not None:
        out["done"] = x.done
    if x.due_at is not None:
        out["due_at"] = x.due_at.isoformat(timespec="minutes")
    if x.performed_at is not None:
        out["performed_at"] = x.performed_at.isoformat(timespec="minutes")
    if x.hours_late:
        out["hours_late"] = digits(x.hours_late)
    if x.amendment is not None:
        out["amendment"] = x.amendment
    return out


def _part(p: PartLine, currency: str) -> dict[str, Any]:
    out: dict[str, Any] = {"name": p.name, "amount": _money(p.amount, currency)}
    if p.of is not None:
        out["of"] = p.of
    if p.tax is not None:
        out["tax"] = _tax(p.tax, currency)
    return out


def _tax(t: TaxShare, currency: str) -> dict[str, Any]:
    return {
        "kind": t.kind,
        "rate": None if t.rate is None else percent_text(t.rate),
        "net": _money(t.net, currency),
        "tax": _money(t.tax, currency),
        "gross": _money(t.gross, currency),
    }


def _slice(s: Slice) -> dict[str, Any]:
    return {
        "id": s.id,
        "kind": s.kind,
        "obligation": s.obligation,
        "clause": s.clause,
        "debtor": s.debtor,
        "creditor": s.creditor,
        "from": _iso(s.start),
        "to": _iso(s.end),
        "days": s.days,
        "rate": None if s.rate is None else ", ".join(rate_text(r, s.rate[1]) for r in s.rate[0]),
        "amount": _amount(s.amount, s.currency),
        "exact_total": None if s.exact_total is None else str(s.exact_total),
        "capped": s.capped,
    }


def _breach(b: BreachRow) -> dict[str, Any]:
    at = {} if b.deadline_at is None else {"deadline_at": b.deadline_at.isoformat(timespec="minutes")}
    return {
        "of": b.of,
        "clause": b.clause,
        "by": list(b.by),
        "deadline": _iso(b.deadline),
        "grace_until": _iso(b.grace_until),
        "since": b.since.isoformat(),
        "grade": b.grade,
        "graded_on": _iso(b.graded_on),
        "ended_on": _iso(b.ended_on),
        "cured_on": _iso(b.cured_on),
        **at,
    }


def _right(r: RightRow) -> dict[str, Any]:
    return {
        "id": r.id,
        "right": r.right,
        "over": r.over,
        "clause": r.clause,
        "holder": r.holder,
        "effect": r.effect,
        "opened": r.opened.isoformat(),
        "lapses": _iso(r.last_day),
        "status": r.status,
        "exercised_on": _iso(r.exercised_on),
        "stake": _pair(r.stake),
        "cure_until": _iso(r.cure_until),
        "effective_on": _iso(r.effective_on),
        "holder_in_breach": list(r.holder_in_breach),
        "needs": list(r.needs),
    }


def _missing(u: Missing) -> dict[str, Any]:
    out: dict[str, Any] = {"what": u.what, "needs": list(u.needs)}
    if u.first is not None and u.last is not None:
        out["days"] = {"from": u.first.isoformat(), "to": u.last.isoformat()}
    if u.because is not None:
        out["because"] = u.because
    return out


def _payment(p: PaymentRow) -> dict[str, Any]:
    out: dict[str, Any] = {
        "ref": p.ref,
        "on": p.on.isoformat(),
        "reported": _iso(p.reported),
        "payer": p.payer,
        "payee": p.payee,
        "amount": _amount(p.amount, p.currency),
        "kind": p.kind,
        "for": p.for_,
        "applied": [{"to": to, "part": part, "amount": _money(a, p.currency)} for to, part, a in p.applied],
        "unapplied": _money(p.unapplied, p.currency),
    }
    if p.provisional:
        out["provisional"] = True
    return out


def _ledger(r: LedgerRow) -> dict[str, Any]:
    def m(value: Exact) -> str:
        return _money(value, r.currency)

    return {
        "from": r.debtor,
        "to": r.creditor,
        "currency": r.currency,
        "opening": m(r.opening),
        "accrued": m(r.accrued),
        "interest": m(r.interest),
        "penalties": m(r.penalties),
        "tax": m(r.tax),
        "adjusted": m(r.adjusted),
        "withheld": m(r.withheld),
        "written_off": m(r.written_off),
        "paid": m(r.paid),
        "refunded": m(r.refunded),
        "closing": m(r.closing),
        "of_which": {
            "not_due": m(r.not_due),
            "due": m(r.due),
            "overdue": m(r.overdue),
            "retained": m(r.retained),
            "disputed": m(r.disputed),
            "credit": m(r.credit),
        },
        "aging": {
            "1-30": m(r.aging[0]),
            "31-60": m(r.aging[1]),
            "61-90": m(r.aging[2]),
            "over 90": m(r.aging[3]),
        },
        "excludes": list(r.excludes),
    }


def _settlement(s: Settlement) -> dict[str, Any]:
    totals: dict[tuple[str, str, str], Exact] = {}
    for item in s.items:
        if item.amount is not None:
            key = (item.owed_by, item.owed_to, item.currency)
            signed = item.amount
            if item.part == "credit":  # what was paid too much is set against the debts of the same account
                key, signed = (item.owed_to, item.owed_by, item.currency), -signed
            totals[key] = totals.get(key, 0) + signed
    rows: list[dict[str, str]] = []
    for (debtor, creditor, currency), total in totals.items():
        a, b = (debtor, creditor) if total >= 0 else (creditor, debtor)
        rows.append({"from": a, "to": b, "currency": currency, "amount": _money(max(total, -total), currency)})
    return {
        "as_of": s.as_of.isoformat(),
        "items": [
            {
                "id": i.id,
                "part": i.part,
                "owed_by": i.owed_by,
                "owed_to": i.owed_to,
                "currency": i.currency,
                "amount": None if i.amount is None else _money(i.amount, i.currency),
                "due": _iso(i.due),
            }
            for i in s.items
        ],
        "totals": rows,
    }


def _contingent(c: Contingent) -> dict[str, Any]:
    return {
        "kind": c.kind,
        "code": c.code,
        "subject": c.subject,
        "from": c.debtor,
        "to": c.creditor,
        "amount": _pair(c.amount),
        "days": None if c.days is None else {"from": c.days[0].isoformat(), "to": c.days[1].isoformat()},
        "args": _args(c.args),
    }


def _restated(r: Restated) -> dict[str, Any]:
    def shown(value: Exact | str | None) -> str | None:
        return value if value is None or isinstance(value, str) else _money(value, r.currency)

    return {
        "origin": r.origin,
        "line": r.line,
        "kind": r.kind,
        "from": r.debtor,
        "to": r.creditor,
        "currency": r.currency,
        "as_issued": shown(r.as_issued),
        "as_now": shown(r.as_now),
        "difference": None if r.difference is None else _money(r.difference, r.currency),
        "booked_in": r.booked_in,
    }
