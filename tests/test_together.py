"""Constructs that meet in one debt: caps and parts below zero, disputes and suspensions, write-offs and interest, cuts and caps.

Each was found by holding the engine against a model that walks every day; the figures here are worked out by hand.
"""

# ruff: noqa: E501  (a contract's line is as wide as it is)

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import clausal

HEADER = """contract "Together" {
  language 1
  currency CNY
  term from 2026-01-01 to 2026-12-31
  rounding half_up to 0.01
  month_end clamp
}
party client
party operator
fact receipts : payments
fact closed : intervals
fact contested_on : date monthly
fact resolved_on : date monthly
fact base : money monthly
fact extra : money monthly
fact notice_on : date monthly
fact stop : notice once
"""
NEXT = "every month due day 10 of next month"


def line(
    body: str, id: str, as_of: str, receipts: tuple[Any, ...] = (), closed: tuple[Any, ...] = (), **monthly: Any
) -> Any:
    """The last row of an instance. Receipts are (day, amount, debt, kind), closed times (first, last)."""
    stop = monthly.pop("stop", None)
    facts: dict[str, Any] = {
        "receipts": [
            {
                "ref": f"P{i}",
                "payer": "client",
                "payee": "operator",
                "on": on,
                "amount": amount,
                "kind": kind,
                "for": name,
            }
            for i, (on, amount, name, kind) in enumerate(receipts)
        ],
        "closed": [{"from": a, "until": b} for a, b in closed],
        "monthly": {f"2026-0{n}": {"contested_on": "", "resolved_on": "", "notice_on": ""} for n in range(1, 7)},
        "once": {"stop": stop},
    }
    for name, cells in monthly.items():
        for month, value in cells.items():
            facts["monthly"][month][name] = value
    document: Mapping[str, Any] = (
        clausal.load(HEADER + body).evaluate(facts, as_of=as_of, complete_through=as_of).to_dict()
    )
    return [x for m in document["months"] for x in m["obligations"] if x["id"] == id][-1]


def fee(amount: str, more: str, when: str = NEXT) -> str:
    return f"obligation pay_fee {{ client must pay operator CNY {amount} {when} performed by receipts {more} }}\n"


# ---- caps and parts below zero


@pytest.mark.parametrize(
    ("cap", "base", "extra", "debtor", "amount", "parts"),
    [
        ("5", "10", "-4", "client", "5.00", [("base", "10.00"), ("over cap", "-1.00"), ("extra", "-4.00")]),
        ("5", "10", "-5", "client", "5.00", [("base", "10.00"), ("extra", "-5.00")]),
        ("5", "-4", "10", "client", "5.00", [("base", "-4.00"), ("extra", "10.00"), ("over cap", "-1.00")]),
        ("0", "3", "-14.29", "operator", "11.29", [("base", "-3.00"), ("extra", "14.29")]),
    ],
)
def test_a_cap_limits_the_sum_of_parts(
    cap: str, base: str, extra: str, debtor: str, amount: str, parts: list[tuple[str, str]]
) -> None:
    body = f"obligation pay_it {{ client must pay operator {{ base: base  extra: extra }} {NEXT} performed by receipts reverse cap per month CNY {cap} }}"
    row = line(body, "pay_it@2026-01", "2026-01-31", base={"2026-01": base}, extra={"2026-01": extra})
    assert (row["debtor"], row["amount"]["value"]) == (debtor, amount)
    assert [(p["name"], p["amount"]) for p in row["parts"]] == parts


# ---- write-offs and interest


@pytest.mark.parametrize(
    ("written_off", "booked"),
    [("400", "7.40"), ("1000", "5.00")],  # 11 to 20 February 0.50 a day on 1,000; then eight days on 600, or nothing
)
def test_the_day_of_a_write_off_bears_interest_on_the_whole(written_off: str, booked: str) -> None:
    body = fee("1_000", "failing which { interest 0.05% per day simple on unpaid }")
    row = line(body, "pay_fee@2026-01", "2026-02-28", (("2026-02-20", written_off, "pay_fee@2026-01", "write off"),))
    assert row["interest"]["booked"] == booked


# ---- disputes and default


def test_what_was_late_stays_late_though_a_part_was_disputed_until_it_was_paid() -> None:
    body = fee("1_000", "disputed amount CNY 500 from contested_on to resolved_on failing which { breach minor }")
    paid = (("2026-03-04", "1000", "pay_fee@2026-01", "payment"),)
    assert (
        line(body, "pay_fee@2026-01", "2026-03-31", paid, contested_on={"2026-01": "2026-02-18"})["status"]
        == "performed late"
    )
    assert (
        line(body, "pay_fee@2026-01", "2026-03-31", paid, contested_on={"2026-01": "2026-02-05"})["status"]
        == "performed late"
    )
    # Disputed in full before it was due: nothing was ever late.
    whole = body.replace("CNY 500", "CNY 1_000")
    assert (
        line(whole, "pay_fee@2026-01", "2026-03-31", paid, contested_on={"2026-01": "2026-02-05"})["status"]
        == "performed"
    )


# ---- suspensions, interest, disputes

LATE = "failing which { interest 0.05% per day simple on unpaid }"  # CNY 1.55 a day on 3,100
PAUSE = "suspension pause { when closed suspends pay_fee }\n"
GOES_ON = "suspension pause { when closed suspends pay_fee interest continues }\n"
MARCH = (("2026-03-10", "2026-03-20"),)


def test_what_falls_due_in_a_suspension_bears_no_interest_though_interest_continues() -> None:
    body = fee("3_100", LATE) + GOES_ON
    assert line(body, "pay_fee@2026-02", "2026-03-15", closed=MARCH)["interest"]["booked"] == "0.00"
    row = line(body, "pay_fee@2026-02", "2026-03-31", closed=MARCH)
    assert (row["due"], row["interest"]["booked"]) == ("2026-03-21", "15.50")  # 22 to 31 March


def test_interest_too_small_to_be_booked_goes_on_after_a_suspension() -> None:
    # 11 February and 13 to 31 March: 20 days of 0.00155.
    row = line(fee("3.10", LATE) + PAUSE, "pay_fee@2026-01", "2026-03-31", closed=(("2026-02-12", "2026-03-12"),))
    assert row["interest"]["booked"] == "0.03"


def test_interest_from_a_later_day_of_default_waits_for_days_that_run() -> None:
    body = fee("3_100", "failing which { after 5 days interest 0.05% per day simple on unpaid }") + PAUSE
    # Days 1 to 3 of default are 11 to 13 February, days 4 and 5 are 13 and 14 March; 15 to 31 March bear interest.
    row = line(body, "pay_fee@2026-01", "2026-03-31", closed=(("2026-02-14", "2026-03-12"),))
    assert row["interest"]["booked"] == "26.35"


def test_a_deadline_moves_before_what_was_due_in_advance_is_cut() -> None:
    body = fee("3_100", LATE, "every month due day 20") + PAUSE
    times = (("2026-01-15", "2026-01-24"), ("2026-01-26", "2026-01-27"))
    row = line(body, "pay_fee@2026-01", "2026-01-31", closed=times)
    # Ten days: due on the 30th; 19 of 31 days are owed, and the 31st bears interest.
    assert (row["due"], row["amount"]["value"], row["interest"]["booked"]) == ("2026-01-30", "1900.00", "0.95")


def test_what_arises_when_a_suspension_ends_moves_by_months_where_that_is_said() -> None:
    body = fee("3_100", LATE, "every month due day 20") + "suspension pause { when closed extends term by months }\n"
    row = line(body, "pay_fee@2026-03", "2026-03-31", closed=(("2026-02-22", "2026-03-29"),))
    assert row["due"] == "2026-04-28"  # a month (to 21 March) and eight days


def test_a_dispute_from_before_a_duty_arose_acts_on_its_moved_deadline() -> None:
    more = f"disputed amount CNY 1_000 from contested_on to resolved_on {LATE}"
    body = fee("2_800", more, "every month due day 5") + PAUSE
    row = line(
        body,
        "pay_fee@2026-02",
        "2026-02-19",
        closed=(("2026-01-29", "2026-02-18"),),
        contested_on={"2026-02": "2026-02-03"},
    )
    assert (row["due"], row["disputed"], row["interest"]["booked"]) == ("2026-02-26", "1000.00", "0.00")


def test_disputed_and_paid_in_grace_that_stands_still_bears_no_interest() -> None:
    more = f"grace 40 days delaying disputed amount CNY 3_100 from contested_on to resolved_on {LATE}"
    row = line(
        fee("3_100", more) + PAUSE,
        "pay_fee@2026-01",
        "2026-04-20",
        (("2026-04-02", "3100", "pay_fee@2026-01", "payment"),),
        (("2026-03-02", "2026-04-07"),),
        contested_on={"2026-01": "2026-01-11"},
    )
    assert (row["status"], row["interest"]["booked"]) == ("performed", "0.00")


# ---- the cap of interest follows the amount


def test_the_cap_of_interest_follows_an_amount_that_is_cut() -> None:
    more = "failing which { interest 0.1% per day simple on unpaid, cap 1% of amount }"
    body = fee("3_100", more, "every month due day 15") + PAUSE
    closed = (("2026-01-20", "2026-01-29"),)
    # 3.10 for 16 to 19 and 30 January; then 2.10 a day on 2,100, up to 21.00.
    assert line(body, "pay_fee@2026-01", "2026-02-01", closed=closed)["interest"]["booked"] == "19.70"
    assert line(body, "pay_fee@2026-01", "2026-02-28", closed=closed)["interest"]["booked"] == "21.00"


# ---- the deadline moves by a right: what ran up before stands, whatever else was paid


@pytest.mark.parametrize("receipts", [(), (("2026-02-18", "1", "other@once", "payment"),)])
def test_an_extension_leaves_the_interest_of_the_days_before(receipts: tuple[Any, ...]) -> None:
    body = (
        fee("3_100", LATE)
        + """right later { client may extend pay_fee by 20 days exercised on notice_on }
obligation other { client must pay operator CNY 1 once on 2026-01-01 due on 2026-01-10 performed by receipts }
"""
    )
    row = line(body, "pay_fee@2026-01", "2026-02-28", receipts, notice_on={"2026-01": "2026-02-20"})
    assert (row["due"], row["status"], row["interest"]["booked"]) == ("2026-03-02", "not yet due", "15.50")  # 11 to 20
