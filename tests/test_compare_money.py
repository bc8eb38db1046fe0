"""Two versions on the same facts: what either would owe, computed by hand and held against what the comparison says."""

# ruff: noqa: E501  (a line of a contract is as wide as it is)

from __future__ import annotations

import csv
import datetime as dt
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from strategies import Agreement, agreements

import clausal
from clausal.dsl import compare as meaning
from clausal.engine import compare as money
from clausal.engine.compare import Figure, Money, Reading
from clausal.engine.embedding import Contract, from_text

ROOT = Path(__file__).resolve().parents[1]

DELIVERY = """
contract "Delivery" {
  currency CNY
  term from 2026-01-01 to 2026-06-30
  rounding half_up to 0.01
}
party buyer "Buyer Ltd"
party seller "Seller Ltd"
parameter late_rate : rate per day = 0.05% per day
parameter least : number = 5
fact tons     : number monthly
fact refusal  : date monthly
fact receipts : payments
let price = tiers marginal per month on tons { up to 10: CNY 100   above: CNY 90 }
kpi enough monthly { met when tons >= least }
clause "3" "Price" {
  obligation pay_price {
    buyer must pay seller price every month due day 10 of next month performed by receipts
    failing which { interest late_rate simple on unpaid }
  }
  right refuse { buyer may withhold pay_price when enough missed exercised on refusal lapses 10 days after month end }
}
"""

# January is paid ten days late, February not at all, March is below the least quantity and refused.
FACTS: dict[str, Any] = {
    "monthly": [
        {"month": "2026-01", "tons": "12", "refusal": ""},
        {"month": "2026-02", "tons": "10.5", "refusal": ""},
        {"month": "2026-03", "tons": "4", "refusal": "2026-04-05"},
    ],
    "receipts": [{"ref": "P1", "payer": "buyer", "payee": "seller", "amount": "1180", "on": "2026-02-20"}],
}


def edited(*edits: tuple[str, str], text: str = DELIVERY) -> str:
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return text


def both(
    before: str, after: str, facts: Any = FACTS, as_of: str = "2026-04-30"
) -> tuple[Money, tuple[Reading, Reading], meaning.Comparison]:
    a, b = from_text(before, "before"), from_text(after, "after")
    return of_contracts(a, b, facts, as_of)


def of_contracts(
    a: Contract, b: Contract, facts: Any, as_of: str | dt.date, complete: str | None = None
) -> tuple[Money, tuple[Reading, Reading], meaning.Comparison]:
    found = meaning.compare(a.model, b.model, "en")
    back = {new: old for old, new in found.renamed.items()}
    readings = (money.read(a, b, back, facts), money.read(b, a, found.renamed, facts))
    through = {None: complete} if complete is not None else None
    runs = (money.run(a, readings[0], as_of, through), money.run(b, readings[1], as_of, through))
    return money.compare(*runs, found.renamed), readings, found


def amounts(found: Money) -> dict[tuple[str, str | None, str], int | None]:
    """The differences in fen by month, line and kind."""
    return {
        (row.month, row.line, name): figure.difference
        for row in found.rows
        for name in ("owed", "interest", "penalties")
        for figure in (getattr(row, name),)
        if figure.differs
    }


# ---- by hand -------------------------------------------------------------------------------------------------------


def test_the_same_terms_give_the_same_money() -> None:
    found, readings, _ = both(DELIVERY, DELIVERY)
    assert found.same
    assert found.rows == found.events == ()
    assert [(r.unasked, r.lacking) for r in readings] == [((), ()), ((), ())]


def test_another_bound_of_the_first_band() -> None:
    # January, 12 t: 10 × 100 + 2 × 90 = 1,180; with the bound at 11: 11 × 100 + 1 × 90 = 1,190.
    # February, 10.5 t: 1,000 + 45 = 1,045; with the bound at 11: 1,050. March, 4 t: 400 in both, and refused.
    # 1,180 were paid on 20 February. Interest, 0.05% a day: on 1,180 for ten days 5.90, on 1,190 for ten days 5.95. In
    # either version the payment first pays that interest, so that 5.90 and 15.95 of January stay open. They bear interest
    # from 21 February on, 8, 39 and 69 days to the ends of the months, and the months book what the whole comes to:
    # 5.90 + 0.0236, 0.11505, 0.20355 is 5.92, 6.02, 6.10; 5.95 + 0.0638, 0.311025, 0.550275 is 6.01, 6.26, 6.50.
    # February's debt is in default from 11 March: 51 days to 30 April, of which 21 in March:
    # 1,045 × 0.0005 × 21 = 10.97 and 51 days 26.65; 1,050: 11.03 and 26.78.
    found, _, _ = both(DELIVERY, edited(("up to 10:", "up to 11:")))
    assert amounts(found) == {
        ("2026-01", "pay_price@2026-01", "owed"): 1000,
        ("2026-02", "pay_price@2026-02", "owed"): 500,
        ("2026-02", "pay_price@2026-01", "interest"): 601 - 592,
        ("2026-03", "pay_price@2026-01", "interest"): (626 - 601) - (602 - 592),
        ("2026-03", "pay_price@2026-02", "interest"): 1103 - 1097,
        ("2026-04", "pay_price@2026-01", "interest"): (650 - 626) - (610 - 602),
        ("2026-04", "pay_price@2026-02", "interest"): (2678 - 1103) - (2665 - 1097),
    }
    (total,) = found.totals
    assert (total.debtor, total.creditor, total.currency) == ("buyer", "seller", "CNY")
    assert total.owed == Figure(118000 + 104500, 119000 + 105000)
    assert total.all.difference == sum(value or 0 for value in amounts(found).values()) == total.closing.difference


def test_the_whole_amount_by_the_band_that_is_reached() -> None:
    # 12 t × 90 = 1,080 instead of 1,180; 10.5 t × 90 = 945 instead of 1,045; 4 t × 100 as before.
    found, _, _ = both(DELIVERY, edited(("marginal", "whole")))
    owed = {key: value for key, value in amounts(found).items() if key[2] == "owed"}
    assert owed == {
        ("2026-01", "pay_price@2026-01", "owed"): -10000,
        ("2026-02", "pay_price@2026-02", "owed"): -10000,
    }


def test_another_day_on_which_it_falls_due() -> None:
    # January falls due on the 15th and not on the 10th: five days of late interest on 1,180 and not ten: 2.95 for 5.90.
    found, _, _ = both(DELIVERY, edited(("due day 10", "due day 15")), as_of="2026-02-20")
    assert amounts(found) == {("2026-02", "pay_price@2026-01", "interest"): -295}
    dates = [(e.subject, e.aspect, str(e.was), str(e.is_)) for e in found.events if e.kind == "obligation"]
    assert dates[:2] == [
        ("pay_price@2026-01", "due", "2026-02-10", "2026-02-15"),
        ("pay_price@2026-01", "overdue_since", "2026-02-11", "2026-02-16"),
    ]
    assert [(e.kind, e.aspect, str(e.was), str(e.is_)) for e in found.events if e.kind == "breach"] == [
        ("breach", "since", "2026-02-11", "2026-02-16")
    ]


def test_a_bound_that_is_no_longer_missed_leaves_the_debt_standing() -> None:
    # With a least quantity of 4 the refusal of March has no ground: 400 are owed, where nothing was, and from 11 to 30 April
    # they bear interest: 400 × 0.05% × 20 = 4.00.
    found, _, _ = both(DELIVERY, edited(("least : number = 5", "least : number = 4")))
    assert amounts(found) == {
        ("2026-04", "pay_price@2026-03", "owed"): 40000,
        ("2026-04", "pay_price@2026-03", "interest"): 400,
    }
    (row,) = found.rows
    assert row.owed == Figure(-40000, 0)
    told = {(e.kind, e.subject, e.aspect): (e.was, e.is_) for e in found.events}
    assert told["right", "refuse@2026-03", "status"] == ("exercised", None)
    assert told["obligation", "pay_price@2026-03", "status"] == ("withheld", "breached")
    assert told["kpi", "enough@2026-03", "status"] == ("missed", "met")


def test_an_agreement_of_the_library_with_commission_on_all_areas() -> None:
    # The boxes of developed areas earn a commission too: the price difference of each order, added up here by itself.
    folder = ROOT / "contracts" / "b2b-outsourcing-en"
    with open(folder / "facts" / "orders.csv", encoding="utf-8-sig", newline="") as file:
        orders = list(csv.DictReader(file))
    more: dict[str, int] = {}
    for order in orders:
        if order["area"] == "developed":
            each = Fraction(order["dealer_price"]) - Fraction(order["factory_price"])
            month = order["ordered_on"][:7]
            more[month] = more.get(month, 0) + int(each * int(order["boxes"]) * 100)
    text = (folder / "b2b-outsourcing.contract").read_text("utf-8")
    wide = edited((' where area != "developed"', ""), text=text)
    a, b = from_text(text, "a"), from_text(wide, "b")
    found, _, _ = of_contracts(a, b, folder / "facts", "2026-05-31")
    assert more
    owed = {(month, line): value for (month, line, kind), value in amounts(found).items() if kind == "owed"}
    assert owed == {
        (month, f"pay_commission@{month}"): value
        for month, value in sorted(more.items())
        if month <= "2026-05" and value
    }


# ---- what is not known ---------------------------------------------------------------------------------------------


def test_what_is_undetermined_is_no_amount() -> None:
    fixed = edited(("pay seller price", "pay seller CNY 1_000"))
    facts = {**FACTS, "monthly": [{"month": "2026-01", "tons": "unknown", "refusal": ""}]}
    found, _, _ = both(fixed, DELIVERY, facts, "2026-01-31")
    (row,) = found.rows
    assert row.owed == Figure(100000, None)
    assert row.owed.difference is None
    (total,) = found.totals
    assert total.excludes == ((), ("pay_price@2026-01",))
    assert total.owed == Figure(100000, 0)
    assert found.needs == (("tons@2026-01",), ("tons@2026-01",))  # the kpi asks for it in either version


def test_a_fact_that_only_one_version_asks_for_is_left_out_for_the_other() -> None:
    more = edited(
        ("fact refusal", "fact rainy : boolean monthly\nfact refusal"), ("pay seller price", "pay seller price + bonus"),
        ("kpi enough", "let bonus = choose { when rainy: CNY 50 otherwise: CNY 0 }\nkpi enough"),
    )  # fmt: skip
    facts = {**FACTS, "monthly": [{"month": "2026-01", "tons": "12", "refusal": "", "rainy": "true"}]}
    found, (before, after), _ = both(DELIVERY, more, facts, "2026-01-31")
    assert (before.unasked, after.unasked) == (("rainy",), ())
    assert amounts(found) == {("2026-01", "pay_price@2026-01", "owed"): 5000}


def test_a_fact_that_is_asked_for_and_not_given_makes_its_line_undetermined() -> None:
    more = edited(("fact refusal", "fact rainy : boolean monthly\nfact refusal"), ("pay seller price", "pay seller price + bonus"),
                  ("kpi enough", "let bonus = choose { when rainy: CNY 50 otherwise: CNY 0 }\nkpi enough"))  # fmt: skip
    found, (before, after), _ = both(DELIVERY, more, as_of="2026-01-31")
    assert (before.lacking, after.lacking) == ((), ("rainy",))
    assert amounts(found) == {("2026-01", "pay_price@2026-01", "owed"): None}
    assert found.needs == ((), ("rainy@2026-01",))


def test_a_column_that_a_version_does_not_know_or_lacks() -> None:
    list_ = "fact orders : list of { no: text, ordered_on: date, price: money } dated by ordered_on keyed by no\nfact refusal"
    listed = edited(("fact refusal", list_), ("pay seller price", "pay seller ordered"),
                    ("kpi enough", "let ordered = sum of price for each orders\nkpi enough"))  # fmt: skip
    counted = edited(
        ("price: money }", "price: money, pieces: count }"), ("sum of price", "sum of price * pieces"), text=listed
    )
    old = {**FACTS, "orders": [{"no": "1", "ordered_on": "2026-01-05", "price": "70"}]}
    found, (before, after), _ = both(listed, counted, old, "2026-01-31")
    assert amounts(found) == {("2026-01", "pay_price@2026-01", "owed"): None}
    new = {**FACTS, "orders": [{"no": "1", "ordered_on": "2026-01-05", "price": "70", "pieces": "3"}]}
    found, (before, after), _ = both(listed, counted, new, "2026-01-31")
    assert (before.unasked, after.unasked) == (("orders.pieces",), ())
    assert amounts(found) == {("2026-01", "pay_price@2026-01", "owed"): 14000}


def test_what_neither_version_knows_is_refused() -> None:
    facts = {**FACTS, "monthly": [{"month": "2026-01", "tons": "12", "refusal": "", "snow": "1"}]}
    with pytest.raises(clausal.Rejected) as refused:
        both(DELIVERY, edited(("= 5", "= 4")), facts)
    assert [one.code for one in refused.value.diagnostics] == ["F601"]


def test_facts_and_payments_are_known_by_either_name() -> None:
    other = edited(("tons", "weight"), ("refusal", "letter"), ("pay_price", "pay_amount"), ("receipts", "paid"),
                   ("buyer", "customer"), ("= 5", "= 4"))  # fmt: skip
    named = {**FACTS, "receipts": [{**FACTS["receipts"][0], "for": "pay_price@2026-01"}]}
    found, readings, said = both(DELIVERY, other, named, "2026-04-10")
    assert (
        said.renamed["tons"] == "weight" and said.renamed["receipts"] == "paid" and said.renamed["buyer"] == "customer"
    )
    assert [r.unasked for r in readings] == [(), ()]
    assert amounts(found) == {("2026-04", "pay_amount@2026-03", "owed"): 40000}
    back, _, _ = both(other, DELIVERY, named, "2026-04-10")
    assert amounts(back) == {("2026-04", "pay_price@2026-03", "owed"): -40000}


def test_closings_of_one_version_play_no_part() -> None:
    closed = {**FACTS, "closings": [{"as_of": "2026-01-31"}, {"as_of": "2026-02-28"}]}
    with_them, _, _ = both(DELIVERY, edited(("up to 10:", "up to 11:")), closed)
    without, _, _ = both(DELIVERY, edited(("up to 10:", "up to 11:")))
    assert (with_them.rows, with_them.totals) == (without.rows, without.totals)


# ---- laws ----------------------------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(agreements(), st.integers(0, 3), st.sampled_from(["fee", "late_rate", "min_sales", "due"]))
def test_sums_close_whatever_changes(agreement: Agreement, factor: int, what: str) -> None:
    text = agreement.text()
    match what:
        case "fee":
            before, rest = text.split("parameter fee : money = ", 1)
            currency, _ = rest.split()[:2]
            after = f"{before}parameter fee : money = {currency} {7 * factor}\n{rest.split(chr(10), 1)[1]}"
        case "late_rate":
            after = text.replace("0.05% per day", f"0.{factor}7% per day")
        case "min_sales":
            after = text.replace("parameter min_sales : money = ", "parameter min_sales : money = 100 * ", 1)
        case _:
            after = text.replace("due day ", "due day 1", 1)
    note(text)
    note(json.dumps(agreement.facts, indent=1))
    try:
        a, b = clausal.load(text), clausal.load(after)
    except clausal.Rejected:
        return
    found, _, _ = of_contracts(a, b, agreement.facts, agreement.as_of, agreement.complete.isoformat())
    audit(found, a.evaluate(agreement.facts, agreement.as_of, agreement.complete), 0)
    audit(found, b.evaluate(agreement.facts, agreement.as_of, agreement.complete), 1)


def audit(found: Money, statement: clausal.Statement, side: int) -> None:
    """What the comparison says of one version, held against that version's own statement."""

    def of(figure: Figure) -> int:
        value = (figure.was, figure.is_)[side]
        return 0 if value is None else int(value)

    ledgers: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for month in statement.to_dict()["months"]:
        for row in month["ledger"]:
            ledgers.setdefault((row["from"], row["to"], row["currency"]), []).append(row)
    for total in found.totals:
        rows = ledgers.get((total.debtor, total.creditor, total.currency), [])
        places = 10 ** {"JPY": 0, "KWD": 3}.get(total.currency, 2)

        def booked(rows: list[dict[str, Any]], *names: str, places: int = places) -> Fraction:
            return sum((Fraction(row[name]) * places for row in rows for name in names), Fraction(0))

        plus = booked(rows, "accrued", "tax", "adjusted", "interest", "penalties")
        assert of(total.all) == plus - booked(rows, "withheld", "written_off")
        assert of(total.interest) == booked(rows, "interest")
        assert of(total.paid) == booked(rows, "paid") - booked(rows, "refunded")
        assert of(total.closing) == (Fraction(rows[-1]["closing"]) * places if rows else 0)
        own = [
            r
            for r in found.rows
            if (r.debtor, r.creditor, r.currency) == (total.debtor, total.creditor, total.currency)
        ]
        for name in ("owed", "interest", "penalties"):
            figure: Figure = getattr(total, name)
            differences = [
                (getattr(r, name).is_ or 0) - (getattr(r, name).was or 0) for r in own if getattr(r, name).differs
            ]
            assert sum(differences) == figure.difference
        assert total.all.difference == (total.closing.difference or 0) + (total.paid.difference or 0)
