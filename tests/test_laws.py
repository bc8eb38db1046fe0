"""The laws that hold of every contract and every set of facts, on generated ones and on the library's.

The strongest of them is an independent reference: the life of a monthly fee walked day by day over every calendar day, with
fractions and no code of the engine, held against the statement month by month.
"""

# ruff: noqa: E501, SIM905  (a line of a contract, a row of a table)

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import attrs
import jsonschema
import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st
from strategies import DAY, DECIMALS, Agreement, Fee, agreements, fees, month_end, months_after, spelled

import clausal
from clausal.engine.explain import subjects

ROOT = Path(__file__).resolve().parents[1]

# ---- an independent reference: one fee, day by day ------------------------------------------------------------------

# The State Council's arrangement for 2026: days off that are no weekend, and weekends that are worked.
OFF_2026 = {
    dt.date.fromisoformat(f"2026-{d}")
    for d in (
        "01-01 01-02 01-03 02-15 02-16 02-17 02-18 02-19 02-20 02-21 02-22 02-23 04-04 04-05 04-06 05-01 05-02 05-03 05-04"
        " 05-05 06-19 06-20 06-21 09-25 09-26 09-27 10-01 10-02 10-03 10-04 10-05 10-06 10-07"
    ).split()
}
WORKED_2026 = {dt.date.fromisoformat(f"2026-{d}") for d in "01-04 02-14 02-28 05-09 09-20 10-10".split()}


def works(day: dt.date, calendar: str) -> bool:
    if calendar == "CN" and day.year == 2026:
        return day in WORKED_2026 or (day.isoweekday() < 6 and day not in OFF_2026)
    return day.isoweekday() < 6


def moved(day: dt.date, fee: Fee) -> dt.date:
    step = {"next": DAY, "previous": -DAY, "unshifted": None}[fee.shift]
    while step is not None and not works(day, fee.calendar or ""):
        day += step
    return day


def rounded(value: Fraction, unit: Fraction, mode: str) -> Fraction:
    """Of a value that is not negative."""
    units = value / unit
    below = units.__floor__()
    part = units - below
    up = {
        "half_up": part >= Fraction(1, 2),
        "half_even": part > Fraction(1, 2) or (part == Fraction(1, 2) and below % 2 == 1),
        "round_up": part > 0,
        "round_down": False,
    }[mode]
    return (below + up) * unit


class Debt:
    """One month's fee in the reference."""

    def __init__(self, fee: Fee, month: dt.date) -> None:
        last = month_end(month)
        first_day, last_day = max(month, fee.start), min(last, fee.end)
        self.id = f"pay_fee@{month.isoformat()[:7]}"
        self.born = last_day
        self.amount = rounded(fee.amount * Fraction((last_day - first_day).days + 1, last.day), fee.unit, fee.mode)
        kind, n, months = fee.due
        there = months_after(month, months)
        due = last + n * DAY
        if kind == "day":
            due = min(month_end(there), there + (n - 1) * DAY)
        elif kind == "last":
            due = month_end(there)
        self.due = max(moved(due, fee), fee.start)
        self.at_start = fee.inside or self.due < last_day
        if self.at_start:
            self.born = max(fee.start, min(first_day, self.due)) if fee.inside else self.due
        self.grace_until = None if fee.grace is None else max(self.due, moved(self.due + fee.grace[0] * DAY, fee))
        self.deadline = self.grace_until or self.due
        self.open = self.amount
        self.exact = self.booked = self.interest_paid = Fraction(0)
        self.since: dt.date | None = None
        self.done: dt.date | None = None
        self.graded: dt.date | None = None
        self.closed = self.amount == 0

    @property
    def owed(self) -> Fraction:
        return self.open + self.booked - self.interest_paid

    def take(self, sum_: Fraction, day: dt.date, principal_first: bool) -> Fraction:
        """What is left of a sum after this debt took its part."""
        for part in ("principal", "interest") if principal_first else ("interest", "principal"):
            if part == "principal":
                used = min(sum_, self.open)
                self.open -= used
            else:
                used = min(sum_, self.booked - self.interest_paid)
                self.interest_paid += used
            sum_ -= used
        if self.owed == 0 and not self.closed:
            self.closed, self.done = True, day
        return sum_


def interest_of(fee: Fee, day: dt.date) -> Fraction:
    """The rate of one day, as a share of the principal."""
    rate = [r for since, r in fee.rates if since is None or since <= day][-1]
    if fee.per == "day":
        return rate
    if fee.daycount == "actual_actual":
        share = Fraction(1, 366 if day.year % 4 == 0 else 365)
    elif fee.daycount == "thirty_e_360":
        eve = day - DAY
        numbers = [360 * d.year + 30 * d.month + min(d.day, 30) for d in (eve, day)]
        share = Fraction(numbers[1] - numbers[0], 360)
    else:
        share = Fraction(1, 365 if fee.daycount == "actual_365" else 360)
    return rate * share * (12 if fee.per == "month" else 1)


def charge(fee: Fee, debt: Debt, day: dt.date, open_at_start: Fraction) -> None:
    """Interest of one day on the principal that was open when the day began."""
    if not fee.rates or day > fee.complete or day <= debt.due or debt.closed:
        return
    days = [day]
    way = None if fee.grace is None else fee.grace[1]
    if way == "forgiving" and day <= debt.deadline:
        return
    if way == "delaying":
        if day <= debt.deadline:
            return
        if day == debt.deadline + DAY:
            days = [debt.due + n * DAY for n in range(1, (day - debt.due).days + 1)]
    debt.exact += sum((interest_of(fee, d) for d in days), Fraction(0)) * open_at_start
    if fee.cap is not None:
        how, most = fee.cap
        debt.exact = min(debt.exact, debt.amount * most if how == "percent" else most)
    debt.booked = rounded(debt.exact, fee.unit, fee.mode)


def reference(fee: Fee) -> list[dict[str, Any]]:
    """The statement of each month: lines by instance, the breaches, the ledger."""
    months = [months_after(fee.start, n) for n in range(100)]
    debts = [Debt(fee, month) for month in months if month <= fee.end]
    alive: list[Debt] = []
    credit = closing = Fraction(0)
    before = {"accrued": Fraction(0), "interest": Fraction(0), "paid": Fraction(0)}
    so_far = dict(before)
    statements: list[dict[str, Any]] = []
    day = fee.start

    def use_credit() -> None:
        nonlocal credit
        if not fee.credit_held:
            for debt in sorted((d for d in alive if d.due <= day), key=lambda d: d.due):
                credit = debt.take(credit, day, fee.principal_first)

    while day <= fee.as_of:
        alive += [d for d in debts if d.born == day and d.at_start]
        for debt in alive:
            if debt.since is None and debt.deadline < day and debt.deadline <= fee.complete and not debt.closed:
                debt.since = debt.deadline + DAY
            known = day - DAY <= fee.complete
            if debt.since is not None and fee.grade_after is not None and not debt.closed and known:
                debt.graded = day if day == debt.since + fee.grade_after * DAY else debt.graded
            charge(fee, debt, day, debt.open)
        today = sorted((p for p in fee.payments if max(p.on, fee.start) == day), key=lambda p: p.ref)
        pool = Fraction(0)
        for payment in today:
            left = payment.amount
            if payment.names is not None:
                for debt in sorted(alive, key=lambda d: d.due):
                    if payment.names in (debt.id, "pay_fee"):
                        left = debt.take(left, day, fee.principal_first)
            pool += left
            so_far["paid"] += payment.amount
        for debt in sorted((d for d in alive if d.due <= day), key=lambda d: d.due):
            pool = debt.take(pool, day, fee.principal_first)
        credit += pool
        use_credit()
        alive += [d for d in debts if d.born == day and not d.at_start]
        use_credit()
        if day in (month_end(day), fee.as_of):
            so_far["accrued"] = sum((d.amount for d in alive), Fraction(0))
            so_far["interest"] = sum((d.booked for d in alive), Fraction(0))
            moves = {k: so_far[k] - before[k] for k in before}
            before = dict(so_far)
            closing += moves["accrued"] + moves["interest"] - moves["paid"]
            late = sum((d.owed for d in alive if d.since is not None), Fraction(0))
            due = sum((d.owed for d in alive if d.since is None and d.due <= day), Fraction(0))
            later = sum((d.owed for d in alive if d.due > day), Fraction(0))
            assert closing == late + due + later - credit
            split = {"overdue": late, "due": due, "not_due": later, "credit": credit}
            statements.append(
                {
                    "lines": {d.id: state_of(fee, d, day) for d in alive},
                    "ledger": {**moves, **split, "closing": closing},
                }
            )
        day += DAY
    return statements


def state_of(fee: Fee, debt: Debt, day: dt.date) -> dict[str, Any]:
    in_default = debt.since is not None and not debt.closed
    if debt.amount == 0:
        status = "discharged"
    elif debt.done is not None:
        status = "performed" if debt.done <= debt.deadline else "performed late"
    elif debt.since is None and fee.complete < day and debt.due <= day:
        status = "undetermined"  # what was paid on the unknown days would make it performed
    elif day < debt.due:
        status = "not yet due"
    elif debt.since is not None:
        status = "breached"
    elif debt.open < debt.amount:
        status = "partly performed"
    else:
        status = "due" if day == debt.due else "in grace"
    return {
        "status": status,
        "amount": debt.amount,
        "due": debt.due,
        "grace_until": debt.grace_until,
        "paid": debt.amount - debt.open,
        "open": debt.open,
        "booked": debt.booked,
        "interest_paid": debt.interest_paid,
        "overdue_since": debt.since if in_default else None,
        "days_overdue": (day - debt.since).days + 1 if in_default and debt.since else 0,
        "performed_on": debt.done,
        "graded_on": debt.graded,
    }


def as_stated(month: dict[str, Any]) -> dict[str, Any]:
    """The same figures of one month, read off the result document."""
    graded = {b["of"]: b["graded_on"] for b in month["breaches"]}
    since = {b["of"]: b["since"] for b in month["breaches"]}
    lines = {}
    for x in month["obligations"]:
        lines[x["id"]] = {
            "status": x["status"],
            "amount": Fraction(x["amount"]["value"]),
            "due": _day(x["due"]),
            "grace_until": _day(x["grace_until"]),
            "paid": Fraction(x["paid"]),
            "open": Fraction(x["open"]),
            "booked": Fraction(x["interest"]["booked"]),
            "interest_paid": Fraction(x["interest"]["paid"]),
            "overdue_since": _day(x["overdue_since"]),
            "days_overdue": x["days_overdue"],
            "performed_on": _day(x["performed_on"]),
            "graded_on": _day(graded.get(x["id"])),
        }
        assert x["overdue_since"] in (None, since.get(x["id"]))
    ledger = {k: Fraction(0) for k in "accrued interest paid overdue due not_due credit closing".split()}
    for row in month["ledger"]:
        assert (row["from"], row["to"]) == ("client", "operator")
        for name in ("accrued", "interest", "paid", "closing"):
            ledger[name] = Fraction(row[name])
        for name in ("overdue", "due", "not_due", "credit"):
            ledger[name] = Fraction(row["of_which"][name])
    return {"lines": lines, "ledger": ledger}


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


@given(fees())
def test_the_life_of_a_fee_is_that_of_the_reference(fee: Fee) -> None:
    note(fee.text())
    note("\n".join(str(p) for p in fee.payments))
    contract = clausal.load(fee.text())
    document = contract.evaluate(fee.facts(), as_of=fee.as_of, complete_through=fee.complete).to_dict()
    expected = reference(fee)
    assert len(document["months"]) == len(expected)
    for month, wanted in zip(document["months"], expected, strict=True):
        found = as_stated(month)
        for id, line in found["lines"].items():
            assert line == wanted["lines"][id], f"{id} in {month['month']}"
        unlisted = set(wanted["lines"]) - set(found["lines"])
        for id in unlisted:
            line = wanted["lines"][id]
            assert line["open"] == 0 and line["booked"] == line["interest_paid"], f"{id} is missing in {month['month']}"
        assert found["ledger"] == wanted["ledger"], month["month"]


# ---- generated agreements -------------------------------------------------------------------------------------------

SCHEMA = json.loads((ROOT / "engine" / "report" / "result.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
LIBRARY = sorted(p.name for p in (ROOT / "contracts").iterdir() if (p / "facts").is_dir())


def run(agreement: Agreement, facts: Any = None, text: str | None = None, **how: Any) -> clausal.Statement:
    how.setdefault("as_of", agreement.as_of)
    how.setdefault("complete_through", agreement.complete)
    return clausal.load(text or agreement.text()).evaluate(agreement.facts if facts is None else facts, **how)


def said(agreement: Agreement) -> None:
    note(agreement.text())
    note(json.dumps(agreement.facts, indent=1))
    note(f"as of {agreement.as_of}, complete through {agreement.complete}")


def pair(row: Any) -> tuple[str, str, str]:
    return row["from"], row["to"], row["currency"]


def owing(line: Any) -> tuple[str, str, str]:
    return line["debtor"], line["creditor"], line["amount"]["currency"]


@given(agreements())
def test_money_is_conserved_and_the_document_follows_its_schema(agreement: Agreement) -> None:
    said(agreement)
    audit(run(agreement).to_dict(), *_rounding(agreement), agreement.header[1].split()[1])


@pytest.mark.parametrize("name", LIBRARY)
def test_the_library_keeps_the_laws(name: str) -> None:
    folder = ROOT / "contracts" / name
    contract = clausal.load(folder)
    statement = contract.evaluate(folder / "facts")
    VALIDATOR.validate(statement.to_dict())
    assert statement.to_json() == clausal.load(folder).evaluate(folder / "facts").to_json()
    header = contract.model.header
    day = dt.date(2026, 1, 31)
    while day <= statement.as_of:
        # Each month as a run of its own, so that nothing was closed before it.
        facts = attrs.evolve(contract.read_facts(folder / "facts")[0], closings=())
        alone = contract.evaluate(facts, as_of=day, complete_through=day)
        audit(alone.to_dict(), header.rounding_unit, header.rounding_mode, header.currency)
        for subject in subjects(alone.run):
            alone.explain(subject, why_not=True).to_dict()
        day = month_end(day + DAY)


def audit(document: dict[str, Any], unit: Fraction, mode: str, currency: str) -> None:
    """Every sum of a document, added up again from its rows."""
    VALIDATOR.validate(document)
    closing: dict[tuple[str, str, str], Fraction] = {}
    seen: set[str] = set()
    booked: dict[str, Fraction] = {}
    exact: dict[str, Fraction] = {}
    for month in document["months"]:
        rows = {pair(row): row for row in month["ledger"]}
        assert not set(closing) - set(rows), "a pair is lost"
        moved = {
            key: {k: Fraction(0) for k in ("open", "accrued", "interest", "penalties", "paid", "refunded")}
            for key in rows
        }
        for line in month["obligations"]:
            if line["amount"] is None:
                continue
            moved[owing(line)]["open"] += Fraction(line["open"]) + Fraction(line["interest"]["open"])
            if line["id"] not in seen and Fraction(line["amount"]["value"]) > 0 and ".penalty" not in line["id"]:
                restored = sum(
                    (Fraction(e["args"].get("amount", 0)) for e in month["events"] if e["kind"] == "reduced"),
                    Fraction(0),
                )
                moved[owing(line)]["accrued"] += Fraction(line["amount"]["value"]) + restored
            seen.add(line["id"])
            assert line["amount"]["currency"] == currency
            tax, amount = line.get("tax"), Fraction(line["amount"]["value"])
            if tax is not None:
                assert Fraction(tax["net"]) + Fraction(tax["tax"]) == Fraction(tax["gross"]) == amount
            parts = sum((Fraction(p["amount"]) for p in line["parts"]), Fraction(0))
            assert not line["parts"] or parts == amount or (amount == 0 and parts < 0)  # `not below 0`
        for slice_ in month["penalties"]:
            key = (slice_["debtor"], slice_["creditor"], slice_["amount"]["currency"])
            amount = Fraction(slice_["amount"]["value"])
            moved[key]["interest" if slice_["kind"] == "interest" else "penalties"] += amount
            if slice_["kind"] == "interest":
                booked[slice_["obligation"]] = booked.get(slice_["obligation"], Fraction(0)) + amount
                exact[slice_["obligation"]] = Fraction(slice_["exact_total"])
        for payment in month["payments"]:
            applied = sum((Fraction(a["amount"]) for a in payment["applied"]), Fraction(0))
            unapplied, amount = Fraction(payment["unapplied"]), Fraction(payment["amount"]["value"])
            assert applied >= 0 and unapplied >= 0
            key = (payment["payer"], payment["payee"], payment["amount"]["currency"])
            if payment["kind"] in ("payment", "credit"):
                assert applied + unapplied == amount
            if payment["kind"] == "payment":
                moved[key]["paid"] += amount
            if payment["kind"] == "refund":
                moved[key[1], key[0], key[2]]["refunded"] += amount - unapplied
                if unapplied:
                    moved[key]["paid"] += unapplied
        no_set_off = all(p["kind"] != "set off" for p in month["payments"])
        for key, row in rows.items():
            f = {k: Fraction(v) for k, v in row.items() if isinstance(v, str) and k not in ("from", "to", "currency")}
            of = {k: Fraction(v) for k, v in row["of_which"].items()}
            assert f["opening"] == closing.get(key, 0)
            plus = f["opening"] + f["accrued"] + f["interest"] + f["penalties"] + f["tax"] + f["adjusted"]
            assert plus - f["withheld"] - f["written_off"] - f["paid"] + f["refunded"] == f["closing"]
            assert (
                of["not_due"] + of["due"] + of["overdue"] + of["retained"] + of["disputed"] - of["credit"]
                == f["closing"]
            )
            assert of["not_due"] + of["due"] + of["overdue"] + of["disputed"] == moved[key]["open"]
            assert sum((Fraction(v) for v in row["aging"].values()), Fraction(0)) == of["overdue"]
            assert of["credit"] >= 0
            assert f["interest"] == moved[key]["interest"]
            assert f["penalties"] == moved[key]["penalties"]
            assert f["refunded"] == moved[key]["refunded"]
            if no_set_off:
                assert f["paid"] == moved[key]["paid"]
            closing[key] = f["closing"]
    for id, total in booked.items():
        assert total == rounded(exact[id], unit, mode), f"the slices of {id} do not add up"


def _rounding(agreement: Agreement) -> tuple[Fraction, str]:
    words = next(line for line in agreement.header if line.startswith("rounding")).split()
    return Fraction(words[3]), words[1]


@given(agreements())
def test_the_same_inputs_give_the_same_bytes(agreement: Agreement) -> None:
    said(agreement)
    contract = clausal.load(agreement.text())
    first = contract.evaluate(agreement.facts, as_of=agreement.as_of, complete_through=agreement.complete)
    again = contract.evaluate(agreement.facts, as_of=agreement.as_of, complete_through=agreement.complete)
    assert first.to_json() == again.to_json() == run(agreement).to_json()
    assert json.dumps(first.state) == json.dumps(again.state)


@settings(max_examples=8, phases=(Phase.explicit, Phase.generate))
@given(st.lists(agreements(), min_size=3, max_size=3))
def test_another_process_with_another_hash_seed_gives_the_same_bytes(several: list[Agreement]) -> None:
    program = (
        "import clausal, json, sys\n"
        "for text, facts, as_of, through in json.load(sys.stdin):\n"
        "    s = clausal.load(text).evaluate(facts, as_of=as_of, complete_through=through)\n"
        "    sys.stdout.write(s.to_json() + json.dumps(s.state))\n"
    )
    given_ = json.dumps([(a.text(), a.facts, str(a.as_of), str(a.complete)) for a in several])
    expected = "".join(s.to_json() + json.dumps(s.state) for s in map(run, several))
    environment = {**os.environ, "PYTHONHASHSEED": "4242", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=given_,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        check=True,
    )
    assert done.stdout == expected


@given(agreements(), st.randoms(use_true_random=False))
def test_the_order_of_facts_is_irrelevant(agreement: Agreement, random: Random) -> None:
    said(agreement)

    def shuffled(value: Any, top: bool = False) -> Any:
        if isinstance(value, dict):
            items = [(k, shuffled(v)) for k, v in value.items()]
            random.shuffle(items)
            return dict(items)
        if isinstance(value, list):
            return random.sample(value, len(value))
        return value

    # Records without a key of their own take the place that they have among those of their date.
    facts = {
        k: (v if k in ("visits", "violations", "closed") and not distinct(v) else shuffled(v))
        for k, v in agreement.facts.items()
    }
    facts = dict(random.sample(list(facts.items()), len(facts)))
    assert run(agreement, facts).to_json() == run(agreement).to_json()


def distinct(rows: list[dict[str, str]]) -> bool:
    days = [next(iter(row.values())) for row in rows]
    return len(set(days)) == len(days)


@given(agreements(), st.randoms(use_true_random=False))
def test_the_order_of_declarations_is_irrelevant(agreement: Agreement, random: Random) -> None:
    said(agreement)
    declarations = random.sample(list(agreement.declarations), len(agreement.declarations))
    # Where nothing else tells debts apart, an odd cent goes to the one listed first: obligations keep their order.
    listed = iter([d for d in agreement.declarations if d.startswith("obligation")])
    declarations = [next(listed) if d.startswith("obligation") else d for d in declarations]
    note("\n".join(declarations))
    other = run(agreement, text=agreement.text(declarations)).to_dict()
    assert sorted_(other) == sorted_(run(agreement).to_dict())


def sorted_(value: Any) -> Any:
    """A document without its order and without the contract's fingerprint."""
    if isinstance(value, dict):
        return {k: sorted_(v) for k, v in sorted(value.items()) if k != "sha256"}
    if isinstance(value, list):
        return sorted((sorted_(v) for v in value), key=lambda v: json.dumps(v, sort_keys=True))
    return value


@given(agreements(), st.data())
def test_a_sum_that_is_paid_in_two_is_the_same_sum(agreement: Agreement, data: st.DataObject) -> None:
    said(agreement)
    rows = [r for r in agreement.facts.get("receipts", ()) if r["kind"] == "payment"]
    if not rows:
        return
    row = data.draw(st.sampled_from(rows))
    unit = Fraction(1, 10 ** DECIMALS[agreement.header[1].split()[1]])
    half = (Fraction(row["amount"]) / 2 / unit).__floor__() * unit
    if not half:
        return
    halves = [
        {**row, "ref": row["ref"] + "a", "amount": spelled(half)},
        {**row, "ref": row["ref"] + "b", "amount": spelled(Fraction(row["amount"]) - half)},
    ]
    facts = {**agreement.facts, "receipts": [r for r in agreement.facts["receipts"] if r is not row] + halves}
    assert figures(run(agreement, facts)) == figures(run(agreement))


@given(agreements())
def test_a_day_on_which_nothing_of_interest_happens_changes_nothing(agreement: Agreement) -> None:
    said(agreement)
    other = agreement.text() + (
        "fact trifles : list of { no: text, seen: date } dated by seen keyed by no\n"
        'obligation trifle { operator must do "a trifle" per record of trifles due within 1 days after seen }\n'
    )
    days = [(agreement.start + n * DAY).isoformat() for n in range((agreement.as_of - agreement.start).days + 1)]
    facts = {**agreement.facts, "trifles": [{"no": f"T{i}", "seen": day} for i, day in enumerate(days)]}
    assert figures(run(agreement, facts, other)) == figures(run(agreement))


def figures(statement: clausal.Statement) -> Any:
    """What is owed and late, month by month, without the rows of the payments and of what is a trifle."""
    return [
        (
            [x for x in m["obligations"] if x["obligation"] != "trifle"],
            [b for b in m["breaches"] if not b["of"].startswith("trifle")],
            m["ledger"],
            m["penalties"],
            m["rights"],
            m["values"],
        )
        for m in statement.to_dict()["months"]
    ]


DATES = {"orders": "made_on", "visits": "visited_on", "violations": "seen_on", "incidents": "opened_at"}


@given(agreements(), st.integers(0, 2))
def test_month_after_month_from_the_state_is_all_at_once(agreement: Agreement, n: int) -> None:
    said(agreement)
    cut = month_end(months_after(agreement.start, n))
    if cut >= agreement.as_of:
        return

    def of(first: bool) -> dict[str, Any]:
        def mine(on: str) -> bool:
            return (on <= cut.isoformat()) is first

        facts: dict[str, Any] = {}
        for name, value in agreement.facts.items():
            if name == "monthly":
                rows = {k: v for k, v in value.items() if (k <= cut.isoformat()[:7]) is first}
                if rows:
                    facts[name] = rows
            elif name == "weekly":
                ends = {k: dt.date.fromisocalendar(int(k[:4]), int(k[6:]), 7) for k in value}
                rows = {k: v for k, v in value.items() if (ends[k] <= cut) is first}
                if rows:
                    facts[name] = rows
            elif name == "once":
                facts[name] = value
            else:
                date = {**DATES, "receipts": "on", "closed": "from"}[name]
                facts[name] = [row for row in value if mine(row[date][:10])]
        return facts

    if any(not distinct(agreement.facts.get(k, [])) for k in ("visits", "violations", "closed")):
        return
    # A column that no month before the cut has was not carried then: what becomes known by its arrival is news.
    columns = {k for row in agreement.facts.get("monthly", {}).values() for k in row}
    early = {k for m, row in agreement.facts.get("monthly", {}).items() if m <= cut.isoformat()[:7] for k in row}
    if columns != early:
        return
    contract = clausal.load(agreement.text())
    january = contract.evaluate(of(True), as_of=cut, complete_through=cut)
    state = json.loads(json.dumps(january.state))
    both = contract.evaluate(
        of(False), as_of=agreement.as_of, complete_through=agreement.complete, state=state
    ).to_dict()
    at_once = run(agreement).to_dict()
    for document in (both, at_once):
        del document["inputs_sha256"]
    if agreement.complete < cut:
        return
    assert both["restatement"] == []
    assert both == at_once


@given(agreements(), st.data())
def test_what_becomes_known_makes_nothing_undetermined(agreement: Agreement, data: st.DataObject) -> None:
    said(agreement)
    before = run(agreement).to_dict()
    facts = json.loads(json.dumps(agreement.facts))
    months = sorted(facts.get("monthly", {}))
    unknown = [(m, n) for m in months for n in ("sales", "boxes", "share") if not facts["monthly"][m].get(n)]
    kinds = (["measure"] if unknown else []) + (["payment"] if "receipts" in facts else [])
    if not kinds:
        return
    if data.draw(st.sampled_from(kinds)) == "measure":
        month, name = data.draw(st.sampled_from(unknown))
        facts["monthly"][month][name] = data.draw(st.sampled_from(["0", "4", "5", "100"])) + (
            "%" if name == "share" else ""
        )
    else:
        on = data.draw(st.integers(0, 120).map(lambda k: (agreement.start + k * DAY).isoformat()))
        names = data.draw(st.sampled_from([None, "pay_fee", "pay_commission"]))
        row = {"ref": "Z", "payer": "client", "payee": "operator", "amount": "7", "on": on}
        facts["receipts"] = [*facts["receipts"], row if names is None else {**row, "for": names}]
    after = run(agreement, facts).to_dict()
    open_question = False
    for was, now in zip(before["months"], after["months"], strict=True):
        lines = {x["id"]: x["status"] for x in now["obligations"]}
        # A line whose amount is not known takes no money: what was paid instead of it is not settled either.
        open_question = open_question or any(row["excludes"] for row in was["ledger"])
        for x in was["obligations"]:
            if open_question and x["action"] == "pay":
                continue
            if x["status"] != "undetermined" and x["id"] in lines:
                assert lines[x["id"]] != "undetermined", f"{x['id']} was {x['status']} in {was['month']}"
        for name, value in was["values"].items():
            if name not in now["values"]:
                continue  # of a week that lies after the end, now that this is known
            if value["type"] == "kpi" and value["status"] != "undetermined" and not value["to_date"]:
                assert now["values"][name]["status"] != "undetermined", (
                    f"{name} was {value['status']} in {was['month']}"
                )


# ---- every amount from its own trace


def nodes(tree: Any) -> Iterator[Any]:
    yield tree
    for child in tree.get("because", ()):
        yield from nodes(child)


@given(agreements())
def test_every_amount_can_be_recomputed_from_its_own_trace(agreement: Agreement) -> None:
    said(agreement)
    statement = run(agreement)
    unit, mode = _rounding(agreement)
    lines = {x["id"]: x for m in statement.to_dict()["months"] for x in m["obligations"]}
    for name in subjects(statement.run):
        tree = statement.explain(name).to_dict()["tree"]
        statement.explain(name, why_not=True)
        json.dumps(tree)
        for node in nodes(tree):
            if node["key"] == "interest":
                recompute_interest(node, unit, mode, changed=any(changes(n) for n in tree.get("because", ())))
            elif node["key"] == "records" and "exact" in node.get("value", {}):
                recompute_sum(node)
        line = lines.get(name)
        if line is not None and line["amount"] is not None and not set(line["flags"]) & {"conflict"}:
            recompute_amount(tree, line, unit, mode)


def changes(node: Any) -> bool:
    """Whether it tells of an amount that changed, and with it perhaps the cap of its interest."""
    return node["key"] == "entry" and node["args"]["what"] in ("reduced", "prorated")


def recompute_interest(node: Any, unit: Fraction, mode: str, changed: bool) -> None:
    total, uncapped, cap = Fraction(0), Fraction(0), node["args"].get("cap")
    for row in node["because"]:
        args = row["args"]
        first, last = dt.date.fromisoformat(args["from"]), dt.date.fromisoformat(args["to"])
        days = int(args["days"])
        assert days == (last - first).days + 1
        rate = Fraction(args["rate"].rstrip("%")) / 100
        share = Fraction(1) if args["per"] == "day" else Fraction(1, 365)
        amount = Fraction(args["principal"]) * rate * share * days
        assert amount == Fraction(row["value"]["exact"])
        total += amount
        uncapped += amount
        if cap is not None:
            total = min(total, Fraction(cap))
    exact = Fraction(node["args"]["exact"])
    assert exact == total or (changed and total < exact <= uncapped)  # what had run up under the cap before stands
    assert rounded(exact, unit, mode) == Fraction(node["value"]["exact"])


def recompute_sum(node: Any) -> None:
    counted = [c for c in node.get("because", ()) if c["key"] == "record" and c["args"]["counted"] == "yes"]
    if node["formula"].startswith("sum of"):
        assert sum((Fraction(c["value"]["exact"]) for c in counted), Fraction(0)) == Fraction(node["value"]["exact"])
    elif node["formula"].startswith("count of"):
        assert len(counted) == Fraction(node["value"]["exact"])


def recompute_amount(tree: Any, line: Any, unit: Fraction, mode: str) -> None:
    amounts = [n for n in tree["because"] if n["key"] == "amount"]
    share = Fraction(1)
    if line["prorated"] is not None:
        share = Fraction(line["prorated"]["days"], line["prorated"]["of"])
    on_top = Fraction(0)  # tax that is added to each line
    for node in tree["because"]:
        if node["key"] == "tax" and node["args"]["kind"] == "exclusive":
            on_top = Fraction(node["args"]["rate"].rstrip("%")) / 100

    def line_of(value: Fraction) -> Fraction:
        size = rounded(abs(value), unit, mode)
        size += rounded(size * on_top, unit, mode)
        return -size if value < 0 else size

    parts = [line_of(Fraction(node["value"]["exact"]) * share) for node in amounts]
    parts += [Fraction(n["value"]["exact"]) for n in tree["because"] if n["key"] == "step"]
    reduced = sum(
        (
            Fraction(n["value"]["exact"])
            for n in tree["because"]
            if n["key"] == "entry" and n["args"]["what"] == "reduced"
        ),
        Fraction(0),
    )
    total = sum(parts, Fraction(0))
    stated = Fraction(line["amount"]["value"]) + reduced
    assert stated in (total, -total, max(total, 0)), f"{line['id']}: {stated} is not {total}"
    if line["parts"]:
        shown = sum((Fraction(p["amount"]) for p in line["parts"] if p["name"] != "reduced"), Fraction(0))
        assert shown in (total, -total)


# ---- smaller laws


bounds = st.tuples(*[st.integers(-(10**6), 10**6)] * 3)


@given(bounds)
def test_limits_are_idempotent(numbers: tuple[int, int, int]) -> None:
    x, a, b = (Fraction(n, 100) for n in numbers)
    low, high = min(a, b), max(a, b)

    def cny(value: Fraction) -> str:
        return f"CNY {spelled(value)}" if value >= 0 else f"-CNY {spelled(-value)}"

    once = f"limit({cny(x)}, {cny(low)}, {cny(high)})"
    text = (
        'contract "Limits" {\n  language 1\n  currency CNY\n  term from 2026-01-01 to 2026-12-31\n  rounding half_up to 0.01\n'
        f"  month_end clamp\n}}\nlet one = {once}\nlet two = limit({once}, {cny(low)}, {cny(high)})\n"
        f"let floor_and_cap = minimum(maximum({cny(x)}, {cny(low)}), {cny(high)})\n"
    )
    values = clausal.load(text).evaluate({}, as_of="2026-01-31").to_dict()["months"][0]["values"]
    assert Fraction(values["one"]["exact"]) == min(max(x, low), high)
    assert values["one"]["exact"] == values["two"]["exact"] == values["floor_and_cap"]["exact"]


TWO_CURRENCIES = """contract "Two currencies" {
  language 1
  currency CNY, USD
  term from 2026-01-01 to 2026-12-31
  rounding half_up to 0.01
  month_end clamp
}
party client "C"
party operator "O"
fact receipts : payments
obligation fee { client must pay operator CNY 100 every month due day 10 of next month performed by receipts failing which { interest 0.05% per day simple on unpaid } }
obligation licence { client must pay operator USD 100 every month due day 10 of next month performed by receipts failing which { interest 0.05% per day simple on unpaid } }
"""


@given(
    st.lists(
        st.tuples(
            st.integers(0, 90),
            st.integers(0, 20_000),
            st.sampled_from(["CNY", "USD"]),
            st.sampled_from([None, "fee", "licence", "fee@2026-01", "licence@2026-01"]),
        ),
        max_size=6,
    )
)
def test_a_currency_never_leaks_into_another(drawn: list[tuple[int, int, str, str | None]]) -> None:
    rows = [
        {
            "ref": f"P{i}",
            "payer": "client",
            "payee": "operator",
            "amount": spelled(Fraction(cents, 100)),
            "on": (dt.date(2026, 1, 5) + n * DAY).isoformat(),
            "currency": currency,
            **({} if name is None else {"for": name}),
        }
        for i, (n, cents, currency, name) in enumerate(drawn)
    ]
    contract = clausal.load(TWO_CURRENCIES)

    def of(currency: str, receipts: list[dict[str, str]]) -> list[Any]:
        document = contract.evaluate(
            {"receipts": receipts}, as_of="2026-03-31", complete_through="2026-03-31"
        ).to_dict()
        return [
            (
                [row for row in month["ledger"] if row["currency"] == currency],
                [x for x in month["obligations"] if x["amount"]["currency"] == currency],
                [p for p in month["payments"] if p["amount"]["currency"] == currency],
            )
            for month in document["months"]
        ]

    for currency in ("CNY", "USD"):
        assert of(currency, rows) == of(currency, [row for row in rows if row["currency"] == currency])
