"""The corners of obligations, rights and terminations, each as a small contract with figures worked out by hand."""

# ruff: noqa: E501  (a contract's line is as wide as it is)

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import clausal

Document = Mapping[str, Any]

CALENDAR = "  calendar CN\n  deadlines next business day\n"


def agreement(body: str, header: str = "", term: str = "2026-01-01 to 2026-12-31") -> clausal.Contract:
    return clausal.load(
        f'contract "A small agreement" {{\n  language 1\n  currency CNY\n  term from {term}\n  rounding half_up to 0.01\n'
        f'  month_end clamp\n{header}}}\nparty client "The Client"\nparty operator "The Operator"\n{body}'
    )


def stated(
    body: str,
    facts: Mapping[str, Any] | None = None,
    as_of: str = "2026-02-28",
    header: str = "",
    term: str = "2026-01-01 to 2026-12-31",
    complete: str | None = None,
) -> Document:
    contract = agreement(body, header, term)
    return contract.evaluate(facts or {}, as_of=as_of, complete_through=complete or as_of).to_dict()


def line(document: Document, id: str, month: str | None = None) -> Any:
    """The row of an instance in a month, or the last one that there is."""
    months = [m for m in document["months"] if month in (None, m["month"])]
    return [x for m in months for x in m["obligations"] if x["id"] == id][-1]


def status(document: Document, id: str, month: str | None = None) -> str:
    return str(line(document, id, month)["status"])


def ids(document: Document) -> list[str]:
    return list(dict.fromkeys(x["id"] for m in document["months"] for x in m["obligations"]))


def right(document: Document, id: str) -> Any:
    return [r for m in document["months"] for r in m["rights"] if r["id"] == id][-1]


def ledger(document: Document, debtor: str = "client") -> Any:
    return [row for row in document["months"][-1]["ledger"] if row["from"] == debtor][-1]


def breaches(document: Document) -> list[tuple[str, str]]:
    return list(dict.fromkeys((b["of"], b["since"]) for m in document["months"] for b in m["breaches"]))


def events(document: Document, kind: str) -> list[tuple[str, str]]:
    return [(e["date"], e["subject"]) for m in document["months"] for e in m["events"] if e["kind"] == kind]


def paid(*rows: str, payer: str = "client", payee: str = "operator") -> list[dict[str, str]]:
    """Payments as `02-10 8000` or `02-10 8000 fee@2026-01`, each with its place as its reference."""
    out = []
    for i, row in enumerate(rows, 1):
        on, amount, *names = row.split()
        made = {"ref": f"P{i}", "payer": payer, "payee": payee, "on": f"2026-{on}", "amount": amount}
        out.append({**made, "for": names[0]} if names else made)
    return out


def fee(*more: str, due: str = "due day 10 of next month", amount: str = "CNY 8_000") -> str:
    return (
        "fact receipts : payments\n"
        f"obligation fee {{\n  client must pay operator {amount}\n  every month {due}\n  performed by receipts\n"
        + "".join(f"  {m}\n" for m in more)
        + "}\n"
    )


LATE = "failing which { interest 0.05% per day simple on unpaid }"

# ---- paying on the deadline, and the day after


@pytest.mark.parametrize(
    ("on", "status_", "interest"),
    [
        ("02-09", "performed", "0.00"),
        ("02-10", "performed", "0.00"),  # on the deadline, to the end of the day
        ("02-11", "performed late", "4.00"),  # one day: 8,000 x 0.05%
        ("02-16", "performed late", "24.00"),  # paid six days late bears six days
    ],
)
def test_the_deadline_is_inclusive_and_the_day_of_payment_is_the_last(on: str, status_: str, interest: str) -> None:
    document = stated(fee(LATE), {"receipts": paid(f"{on} 8100 fee@2026-01")})
    found = line(document, "fee@2026-01")
    assert (found["status"], found["interest"]["booked"], found["performed_on"]) == (status_, interest, f"2026-{on}")


def test_statuses_through_the_life_of_an_unpaid_fee() -> None:
    body = fee("grace 5 days delaying", LATE)
    seen = {}
    for day in ("02-09", "02-10", "02-11", "02-15", "02-16", "02-20"):
        found = line(stated(body, {"receipts": []}, as_of=f"2026-{day}"), "fee@2026-01")
        seen[day] = (found["status"], found["overdue_since"], found["days_overdue"], found["interest"]["booked"])
    assert seen == {
        "02-09": ("not yet due", None, 0, "0.00"),
        "02-10": ("due", None, 0, "0.00"),
        "02-11": ("in grace", None, 0, "0.00"),
        "02-15": ("in grace", None, 0, "0.00"),
        "02-16": (
            "breached",
            "2026-02-16",
            1,
            "24.00",
        ),  # 11 to 16: the days of grace are charged on the first day of default
        "02-20": ("breached", "2026-02-16", 5, "40.00"),
    }


def test_a_part_payment_before_the_deadline_and_in_grace() -> None:
    body = fee("grace 5 days forgiving", LATE)
    facts = {"receipts": paid("02-05 3000 fee@2026-01")}
    assert status(stated(body, facts, "2026-02-09"), "fee@2026-01") == "not yet due"
    assert status(stated(body, facts, "2026-02-10"), "fee@2026-01") == "partly performed"
    assert status(stated(body, facts, "2026-02-15"), "fee@2026-01") == "partly performed"
    assert status(stated(body, facts, "2026-02-16"), "fee@2026-01") == "breached"


@pytest.mark.parametrize(
    ("kind", "in_grace", "after"),
    [
        # paid on 13 February, in grace · paid on 20 February, five days after it
        ("forgiving", "0.00", "20.00"),  # 16 to 20: five days of 4.00
        ("delaying", "0.00", "40.00"),  # 11 to 20: ten days
        ("interest unaffected", "12.00", "40.00"),  # 11 to 13: three days
    ],
)
def test_kinds_of_grace(kind: str, in_grace: str, after: str) -> None:
    body = fee(f"grace 5 days {kind}", LATE)
    early = line(stated(body, {"receipts": paid("02-13 8012")}), "fee@2026-01")
    assert (early["status"], early["interest"]["booked"]) == ("performed", in_grace)
    late = line(stated(body, {"receipts": paid("02-20 9000")}), "fee@2026-01")
    assert (late["status"], late["interest"]["booked"]) == ("performed late", after)


def test_what_is_paid_within_a_delaying_grace_bears_nothing() -> None:
    # 5,000 on the 13th; 3,000 stay open at the end of grace: 3,000 x 0.05% x 8 days (11 to 18).
    document = stated(fee("grace 5 days delaying", LATE), {"receipts": paid("02-13 5000", "02-18 3012")})
    found = line(document, "fee@2026-01")
    assert (found["status"], found["interest"]["booked"]) == ("performed late", "12.00")


def test_principal_falls_during_default_and_interest_with_it() -> None:
    # 11 to 20: 10 x 4.00 = 40.00; the payment of 1,040 leaves 7,000; 21 to 28: 8 x 3.50 = 28.00.
    found = line(stated(fee(LATE), {"receipts": paid("02-20 1040")}), "fee@2026-01")
    assert (found["paid"], found["open"], found["interest"]) == (
        "1000.00", "7000.00", {"booked": "68.00", "paid": "40.00", "open": "28.00"},
    )  # fmt: skip


def test_a_cap_limits_the_total_and_is_idempotent() -> None:
    body = fee("failing which { interest 1% per day simple on unpaid, cap 10% of amount }")
    document = stated(body, {"receipts": []}, "2026-04-30")
    # 80.00 a day: the cap of 800.00 is reached on the tenth day of default, 20 February.
    assert [line(document, "fee@2026-01", f"2026-0{m}")["interest"]["booked"] for m in (2, 3, 4)] == ["800.00"] * 3
    assert next(s["capped"] for m in document["months"] for s in m["penalties"] if s["obligation"] == "fee@2026-01")


def test_interest_per_year_names_its_day_count() -> None:
    for count, expected in (
        ("actual_365", "39.45"),
        ("actual_360", "40.00"),
        ("actual_actual", "39.45"),
        ("thirty_e_360", "40.00"),
    ):
        # 8,000 x 10% x 18 days (11 to 28 February) / 365 = 39.452…, / 360 = 40.00
        body = fee(f"failing which {{ interest 10% per year simple {count} on unpaid }}")
        assert line(stated(body, {"receipts": []}), "fee@2026-01")["interest"]["booked"] == expected


@pytest.mark.parametrize("between", [[], ["01-30 0"], ["01-31 0", "02-28 0", "03-30 0"]])
def test_bond_basis_does_not_depend_on_what_happens_in_between(between: list[str]) -> None:
    # 15 January to 31 March: 2 x 30 + 16 = 76 days of 360 on 36,000 at 10%.
    body = "fact receipts : payments\nobligation sum_ { client must pay operator CNY 36_000 once on 2026-01-15 due on 2026-01-15 performed by receipts failing which { interest 10% per year simple thirty_360 on unpaid } }\n"
    document = stated(body, {"receipts": paid(*between)}, "2026-03-31")
    assert line(document, "sum_@once")["interest"]["booked"] == "760.00"


def test_a_rate_changes_during_default() -> None:
    body = "parameter late : rate per day { from 2026-01-01: 0.05% per day   from 2026-02-15: 0.04% per day }\n" + fee(
        "failing which { interest late simple on unpaid }"
    )
    # 11 to 14: 4 x 4.00; 15 to 28: 14 x 3.20
    assert line(stated(body, {"receipts": []}), "fee@2026-01")["interest"]["booked"] == "60.80"


# ---- holidays


@pytest.mark.parametrize(
    ("rule", "due"),
    [("next business day", "2026-02-24"), ("previous business day", "2026-02-14"), ("unshifted", "2026-02-15")],
)
def test_a_deadline_in_the_spring_festival(rule: str, due: str) -> None:
    # 15 to 23 February are holidays; Saturday 14 February is worked.
    header = f"  calendar CN\n  deadlines {rule}\n"
    assert (
        line(stated(fee(LATE, due="due day 15 of next month"), {"receipts": []}, header=header), "fee@2026-01")["due"]
        == due
    )


def test_one_deadline_may_differ_from_the_rule() -> None:
    document = stated(fee(LATE, due="due day 15 of next month, unshifted"), {"receipts": []}, header=CALENDAR)
    assert line(document, "fee@2026-01")["due"] == "2026-02-15"


def test_grace_is_counted_from_the_shifted_deadline_and_shifts_too() -> None:
    # Due Tuesday 10 February; five days end on Sunday 15, a holiday up to 23: Tuesday 24.
    found = line(stated(fee("grace 5 days delaying", LATE), {"receipts": []}, header=CALENDAR), "fee@2026-01")
    assert (found["due"], found["grace_until"], found["overdue_since"]) == ("2026-02-10", "2026-02-24", "2026-02-25")


def test_a_fee_due_before_its_month_is_paid_on_that_day() -> None:
    # 1 February 2026 is a Sunday: February's fee falls due on Friday 30 January, and exists from that day.
    header = "  calendar CN\n  deadlines previous business day\n"
    body = fee(LATE, due="due day 1")
    facts = {"receipts": paid("01-01 8000", "01-30 8000")}
    document = stated(body, facts, as_of="2026-02-26", header=header)
    assert line(document, "fee@2026-02")["due"] == "2026-01-30"
    assert [status(document, f"fee@2026-0{m}") for m in (1, 2)] == ["performed", "performed"]
    late = stated(body, {"receipts": paid("01-01 8000", "02-02 8012")}, as_of="2026-02-26", header=header)
    # 31 January, 1 and 2 February: three days of 4.00
    assert line(late, "fee@2026-02")["interest"]["booked"] == "12.00"


def test_a_last_day_moved_back_is_met_by_a_payment_on_it() -> None:
    # Saturday 31 January: due on Friday 30.
    header = "  calendar CN\n  deadlines previous business day\n"
    document = stated(
        fee(LATE, due="due last day of this month"), {"receipts": paid("01-30 8000")}, "2026-01-31", header
    )
    assert (line(document, "fee@2026-01")["due"], status(document, "fee@2026-01")) == ("2026-01-30", "performed")


def test_no_deadline_lies_before_the_contract() -> None:
    document = stated(fee(LATE, due="due day 10"), {"receipts": []}, "2026-01-31", term="2026-01-20 to 2026-12-31")
    found = line(document, "fee@2026-01")
    # 12 of 31 days of 8,000; due on the first day of the contract, in default from the second: eleven days.
    assert (found["amount"]["value"], found["due"], found["overdue_since"]) == ("3096.77", "2026-01-20", "2026-01-21")
    assert found["interest"]["booked"] == "17.03"  # 3,096.77 x 0.05% x 11 = 17.032235


def test_business_days_count_made_up_days() -> None:
    # Business days of February 2026: 2–6, 9–13, 14 (worked), 24–27, 28 (worked). The eleventh is the 14th, the twelfth the 24th.
    for n, due in ((1, "2026-02-02"), (11, "2026-02-14"), (12, "2026-02-24")):
        document = stated(fee(LATE, due=f"due business day {n} of next month"), {"receipts": []}, header=CALENDAR)
        assert line(document, "fee@2026-01")["due"] == due


# ---- month ends and leap days


@pytest.mark.parametrize(
    ("rule", "dues"),
    [
        ("clamp", ["2024-02-29", "2024-03-31", "2024-04-30"]),
        ("next", ["2024-03-01", "2024-03-31", "2024-05-01"]),
    ],
)
def test_day_31_of_the_next_month(rule: str, dues: list[str]) -> None:
    contract = clausal.load(
        agreement(fee(LATE, due="due day 31 of next month"))
        .model.source.text.replace("clamp", rule)
        .replace("2026-", "2024-")
    )
    document = contract.evaluate({"receipts": []}, as_of="2024-03-31").to_dict()
    assert [line(document, f"fee@2024-0{m}")["due"] for m in (1, 2, 3)] == dues


def test_proration_of_february_in_a_leap_year() -> None:
    contract = clausal.load(agreement(fee(LATE), term="2024-02-10 to 2024-12-31").model.source.text)
    found = line(contract.evaluate({"receipts": []}, as_of="2024-02-29").to_dict(), "fee@2024-02")
    # 20 of 29 days: 8,000 x 20/29 = 5,517.241…
    assert (found["amount"]["value"], found["prorated"]) == ("5517.24", {"days": 20, "of": 29})


# ---- credit, naming, set-off, refunds


def test_an_unnamed_payment_pays_nothing_that_is_not_due() -> None:
    document = stated(fee(LATE), {"receipts": paid("02-05 8000")}, "2026-02-09")
    assert status(document, "fee@2026-01") == "not yet due"
    assert ledger(document)["of_which"]["credit"] == "8000.00"
    later = stated(fee(LATE), {"receipts": paid("02-05 8000")}, "2026-02-10")
    found = line(later, "fee@2026-01")
    assert (found["status"], found["performed_on"]) == ("performed", "2026-02-10")


def test_credit_that_is_held_pays_nothing_by_itself() -> None:
    document = stated(fee(LATE), {"receipts": paid("02-05 8000")}, header="  credit held\n")
    assert status(document, "fee@2026-01") == "breached"
    assert ledger(document)["of_which"]["credit"] == "8000.00"


def test_a_payment_before_the_term_is_credit_on_its_first_day() -> None:
    document = stated(fee(LATE), {"receipts": [{**paid("01-05 500")[0], "on": "2025-12-20"}]}, "2026-01-31")
    assert ledger(document)["of_which"]["credit"] == "500.00"
    assert [p["on"] for p in document["months"][0]["payments"]] == ["2025-12-20"]


def test_a_refund_takes_credit_back() -> None:
    rows = [
        *paid("02-05 8500"),
        {"ref": "R1", "payer": "operator", "payee": "client", "on": "2026-02-20", "amount": "500", "kind": "refund"},
    ]
    document = stated(fee(LATE), {"receipts": rows})
    row = ledger(document)
    assert (row["paid"], row["refunded"], row["closing"], row["of_which"]["credit"]) == (
        "8500.00",
        "500.00",
        "8000.00",
        "0.00",
    )


def test_a_refund_over_the_credit_is_an_alert() -> None:
    rows = [
        *paid("02-05 8000"),
        {"ref": "R1", "payer": "operator", "payee": "client", "on": "2026-02-20", "amount": "1", "kind": "refund"},
    ]
    assert events(stated(fee(LATE), {"receipts": rows}), "alert") == [("2026-02-20", "R1")]


def test_a_write_off_ends_the_debt() -> None:
    rows = [{**paid("02-20 8000 fee@2026-01")[0], "kind": "write off"}]
    document = stated(fee(LATE), {"receipts": rows}, "2026-02-28")
    assert status(document, "fee@2026-01") == "waived"


def test_money_is_shared_to_the_cent_where_lines_are_rounded_coarser() -> None:
    two = fee(amount="CNY 1.005") + fee(amount="CNY 1.005").replace("fact receipts : payments\n", "").replace(
        "obligation fee", "obligation rent"
    )
    text = agreement(two).model.source.text.replace("rounding half_up to 0.01", "rounding half_up to 0.05")
    document = clausal.load(text).evaluate({"receipts": paid("02-10 1.37")}, as_of="2026-02-28").to_dict()
    # 1.00 each; 1.37 in halves is 0.685 each, the odd cent to the first.
    assert [line(document, f"{n}@2026-01")["paid"] for n in ("fee", "rent")] == ["0.69", "0.68"]
    assert ledger(document)["of_which"]["credit"] == "0.00"


# ---- amounts below zero, nil, unknown


def test_an_amount_below_zero_is_credit_and_no_duty() -> None:
    body = "fact delta : money monthly\n" + fee(amount="delta")
    document = stated(
        body, {"monthly": {"2026-01": {"delta": "-100"}, "2026-02": {"delta": "300"}}, "receipts": []}, "2026-03-31"
    )
    found = line(document, "fee@2026-01")
    assert (found["status"], found["flags"]) == ("discharged", ["adjustment"])
    assert line(document, "fee@2026-02")["open"] == "200.00"


def test_reverse_makes_the_payee_owe() -> None:
    body = "fact delta : money monthly\n" + fee("reverse", amount="delta")
    document = stated(body, {"monthly": {"2026-01": {"delta": "-100"}, "2026-02": {"delta": "0"}}, "receipts": []})
    found = line(document, "fee@2026-01")
    assert (found["debtor"], found["creditor"], found["amount"]["value"]) == ("operator", "client", "100.00")
    nil = line(document, "fee@2026-02")
    assert (nil["status"], nil["flags"]) == ("discharged", ["nil"])


def test_a_missing_measure_makes_the_line_undetermined_and_no_debt() -> None:
    body = "fact sales : money monthly\n" + fee(amount="5% of sales")
    document = stated(
        body, {"monthly": {"2026-01": {"sales": ""}, "2026-02": {"sales": "1000"}}, "receipts": paid("02-10 50")}
    )
    found = line(document, "fee@2026-01")
    assert (found["status"], found["needs"], found["amount"]) == ("undetermined", ["sales@2026-01"], None)
    assert ledger(document)["excludes"] == ["fee@2026-01"]
    assert ledger(document)["of_which"]["credit"] == "50.00"


def test_no_receipts_at_all_is_not_known_rather_than_unpaid() -> None:
    document = stated(fee(LATE), {}, "2026-02-28")
    found = line(document, "fee@2026-01")
    assert (found["status"], found["needs"], found["interest"]["booked"]) == ("undetermined", ["receipts"], "0.00")
    assert breaches(document) == []


def test_an_empty_list_of_receipts_means_that_nothing_was_paid() -> None:
    assert status(stated(fee(LATE), {"receipts": []}), "fee@2026-01") == "breached"


@pytest.mark.parametrize(
    ("complete", "status_", "interest"),
    [
        ("2026-02-09", "undetermined", "0.00"),
        ("2026-02-10", "breached", "0.00"),  # the deadline itself is known to have passed unpaid
        ("2026-02-11", "breached", "4.00"),
        ("2026-02-20", "breached", "40.00"),
    ],
)
def test_absence_is_concluded_only_for_days_that_are_complete(complete: str, status_: str, interest: str) -> None:
    document = stated(fee(LATE), {"receipts": []}, "2026-02-20", complete=complete)
    found = line(document, "fee@2026-01")
    assert (found["status"], found["interest"]["booked"]) == (status_, interest)


def test_the_possible_rest_of_the_interest_is_shown_at_most() -> None:
    document = stated(fee(LATE), {"receipts": []}, "2026-02-20", complete="2026-02-15")
    most = [c for c in document["contingent"] if c["kind"] == "at most"]
    # booked 11 to 15: 20.00; 16 to 20: 20.00 more at most
    assert [(c["subject"], c["amount"]["value"], c["days"]) for c in most] == [
        ("fee@2026-01", "20.00", {"from": "2026-02-16", "to": "2026-02-20"})
    ]


def test_completeness_that_was_not_said_is_said_in_the_result() -> None:
    document = agreement(fee(LATE)).evaluate({"receipts": []}, as_of="2026-02-28").to_dict()
    assert [w["code"] for w in document["warnings"]] == ["completeness assumed"]


# ---- schedules


def test_weeks_of_april_2026() -> None:
    # April 2026 begins on a Wednesday: four Fridays (3, 10, 17, 24), five Wednesdays (1, 8, 15, 22, 29).
    def weekly(weekday: str) -> list[str]:
        body = f'fact reports : list of {{ made_on: date }} dated by made_on\nobligation report {{ operator must deliver "a report" every week on {weekday} performed by reports }}\n'
        document = stated(body, {"reports": []}, "2026-04-30")
        return [id for id in ids(document) if id.startswith("report@2026-04")]

    assert weekly("friday") == [f"report@2026-04-{d:02d}" for d in (3, 10, 17, 24)]
    assert weekly("wednesday") == [f"report@2026-04-{d:02d}" for d in (1, 8, 15, 22, 29)]


def test_a_weekly_report_is_performed_within_its_seven_days() -> None:
    body = 'fact reports : list of { made_on: date } dated by made_on\nobligation report { operator must deliver "a report" every week on friday performed by reports }\n'
    document = stated(
        body,
        {"reports": [{"made_on": "2026-04-03"}, {"made_on": "2026-04-11"}, {"made_on": "2026-04-16"}]},
        "2026-04-30",
        term="2026-04-01 to 2026-12-31",
    )
    seen = {id[-2:]: status(document, id) for id in ids(document)}
    # The week to the 10th has none: that of the 11th belongs to the week to the 17th.
    assert seen == {"03": "performed", "10": "breached", "17": "performed", "24": "breached", "01": "not yet due"}
    assert breaches(document) == [("report@2026-04-10", "2026-04-11"), ("report@2026-04-24", "2026-04-25")]


def test_quarters_and_dates_and_once() -> None:
    body = (
        "fact receipts : payments\n"
        "obligation rent { client must pay operator CNY 900 every quarter due day 10 of next month performed by receipts }\n"
        "obligation deposit { client must pay operator CNY 5_000 once on 2026-02-02 due on 2026-02-02 performed by receipts }\n"
        "obligation steps { client must pay operator CNY 1 on dates { 2026-01-15: CNY 100   2026-03-31: CNY 200 } performed by receipts }\n"
    )
    document = stated(body, {"receipts": []}, "2026-06-30")
    seen = {id: (line(document, id)["amount"]["value"], line(document, id)["due"]) for id in ids(document)}
    assert seen == {
        "rent@2026-Q1": ("900.00", "2026-04-10"),
        "rent@2026-Q2": ("900.00", "2026-07-10"),
        "deposit@once": ("5000.00", "2026-02-02"),
        "steps@2026-01-15": ("100.00", "2026-01-15"),
        "steps@2026-03-31": ("200.00", "2026-03-31"),
    }


def test_a_payment_for_each_record() -> None:
    body = (
        "fact receipts : payments\n"
        "fact orders : list of { no: text, ordered_on: date, price: money } dated by ordered_on keyed by no\n"
        "obligation price { client must pay operator price_of_it per record of orders where price >= CNY 10 due within 7 days after ordered_on performed by receipts }\n"
    ).replace("price_of_it", "price")
    orders = [
        {"no": "A1", "ordered_on": "2026-01-30", "price": "100"},
        {"no": "A2", "ordered_on": "2026-02-01", "price": "9.99"},
        {"no": "A3", "ordered_on": "2026-02-20", "price": "10"},
        {"no": "A0", "ordered_on": "2025-12-31", "price": "50"},
    ]
    document = stated(
        body.replace("obligation price", "obligation pay_price"), {"orders": orders, "receipts": paid("02-06 100")}
    )
    assert {id: (status(document, id), line(document, id)["due"]) for id in ids(document)} == {
        "pay_price@A1": ("performed", "2026-02-06"),
        "pay_price@A3": ("breached", "2026-02-27"),
    }


# ---- acts and deliveries


def test_acts_are_counted() -> None:
    body = 'fact visits : list of { made_on: date, ok: boolean } dated by made_on\nobligation visit { operator must do "a visit" at least 3 times every month performed by visits where ok }\n'
    visits = [{"made_on": f"2026-01-{d:02d}", "ok": "true"} for d in (2, 9, 31)] + [
        {"made_on": "2026-02-03", "ok": "true"}, {"made_on": "2026-02-04", "ok": "false"}, {"made_on": "2026-02-28", "ok": "true"},
    ]  # fmt: skip
    document = stated(body, {"visits": visits}, "2026-03-31")
    january, february = line(document, "visit@2026-01"), line(document, "visit@2026-02")
    assert (january["status"], january["performed_on"], january["done"]) == ("performed", "2026-01-31", "3/3")
    assert (february["status"], february["overdue_since"], february["done"]) == ("breached", "2026-03-01", "2/3")


def test_a_delivery_known_by_its_date() -> None:
    body = 'fact delivered_on : date monthly\nobligation report { operator must deliver "a report" every month due day 5 of next month performed on delivered_on failing which { after 2 days breach minor } }\n'
    facts = {
        "monthly": {
            "2026-01": {"delivered_on": "2026-02-05"},
            "2026-02": {"delivered_on": "2026-03-06"},
            "2026-03": {"delivered_on": ""},
        }
    }
    document = stated(body, facts, "2026-04-30")
    assert [status(document, f"report@2026-0{m}") for m in (1, 2, 3)] == ["performed", "performed late", "breached"]
    grades = {b["of"]: (b["since"], b["grade"], b["graded_on"]) for m in document["months"] for b in m["breaches"]}
    assert grades == {
        "report@2026-02": ("2026-03-06", None, None),
        "report@2026-03": ("2026-04-06", "minor", "2026-04-08"),  # `after 2 days` holds from the third day of default
    }


def test_a_duty_that_nothing_tells_of_is_untracked() -> None:
    document = stated('obligation care { operator must do "its best" every month }\n', {}, "2026-01-31")
    assert status(document, "care@2026-01") == "untracked"


# ---- prohibitions

EXCLUSIVE = (
    "fact receipts : payments\n"
    "fact violations : list of {{ seen_on: date, demanded_on: date? }} dated by seen_on\n"
    'prohibition exclusive {{ client must not "appoint another operator" violated by violations {counted}\n'
    "  failing which {{ penalty CNY 20_000 to operator {demanded} }} }}\n"
)


def test_a_penalty_on_demand_is_contingent_until_the_demand() -> None:
    body = EXCLUSIVE.format(counted="", demanded="demanded on demanded_on due within 10 days after demand")
    before = stated(body, {"violations": [{"seen_on": "2026-02-03", "demanded_on": ""}], "receipts": []})
    assert [(c["kind"], c["amount"]["value"]) for c in before["contingent"]] == [("on demand", "20000.00")]
    assert ids(before) == []
    assert breaches(before) == [("exclusive@2026-02-03#1", "2026-02-03")]
    after = stated(
        body, {"violations": [{"seen_on": "2026-02-03", "demanded_on": "2026-02-10"}], "receipts": paid("02-20 20000")}
    )
    found = line(after, "exclusive.penalty@2026-02-03#1")
    assert (found["status"], found["due"], found["performed_on"]) == ("performed", "2026-02-20", "2026-02-20")
    assert ledger(after)["penalties"] == "20000.00"


@pytest.mark.parametrize(("counted", "number"), [("", 3), ("counted per day", 2), ("counted per month", 1)])
def test_violations_are_counted_as_said(counted: str, number: int) -> None:
    body = EXCLUSIVE.format(counted=counted, demanded="")
    days = ("2026-02-03", "2026-02-03", "2026-02-20")
    document = stated(body, {"violations": [{"seen_on": d, "demanded_on": ""} for d in days], "receipts": []})
    assert len([b for b in breaches(document) if not b[0].startswith("exclusive.penalty")]) == number
    assert ledger(document)["penalties"] == f"{20000 * number}.00"


# ---- rights over an instance

WITHHOLD = (
    "fact sales : money monthly\nfact notice_on : date monthly\n"
    "kpi minimum monthly { met when sales >= CNY 100 }\n"
    + fee(LATE)
    + "right withhold_fee { client may withhold fee when minimum missed exercised on notice_on lapses 10 days after month end }\n"
)


def withheld(
    on: str, sales: str = "99.99", receipts: list[dict[str, str]] | None = None, as_of: str = "2026-02-28"
) -> Document:
    facts = {
        "monthly": {"2026-01": {"sales": sales, "notice_on": on}, "2026-02": {"sales": "100", "notice_on": ""}},
        "receipts": receipts or [],
    }
    return stated(WITHHOLD, facts, as_of)


@pytest.mark.parametrize(
    ("on", "status_", "right_"),
    [
        ("2026-02-01", "withheld", "exercised"),  # the first day
        ("2026-02-10", "withheld", "exercised"),  # the last day
        ("2026-02-11", "breached", "lapsed"),  # one day late
        ("2026-01-31", "breached", "lapsed"),  # the right opens at the end of this day
        ("", "breached", "lapsed"),  # nothing happens by itself
    ],
)
def test_the_days_of_a_right_to_withhold(on: str, status_: str, right_: str) -> None:
    document = withheld(on)
    assert (status(document, "fee@2026-01"), right(document, "withhold_fee@2026-01")["status"]) == (status_, right_)
    row = right(document, "withhold_fee@2026-01")
    assert (row["opened"], row["lapses"]) == ("2026-01-31", "2026-02-10")


@pytest.mark.parametrize(
    ("word", "breaches_", "interest"), [("", ["fee@2026-01"], "20.00"), (" retroactive", [], "0.00")]
)
def test_a_retroactive_right_leaves_neither_breach_nor_interest(word: str, breaches_: list[str], interest: str) -> None:
    # due on 10 February, refused on the 15th: days 11 to 15 at 0.05% a day of 8,000
    source = WITHHOLD.replace("lapses 10 days after month end", "lapses 20 days after month end" + word)
    facts = {"monthly": {"2026-01": {"sales": "99", "notice_on": "2026-02-15"}}, "receipts": []}
    document = stated(source, facts, "2026-02-28")
    assert status(document, "fee@2026-01") == "withheld"
    assert [b[0] for b in breaches(document)] == breaches_
    assert ledger(document)["interest"] == interest


def test_words_for_notices_without_effect() -> None:
    assert events(withheld("2026-01-31"), "premature") == [("2026-01-31", "withhold_fee@2026-01")]
    assert events(withheld("2026-02-11"), "too late") == [("2026-02-11", "withhold_fee@2026-01")]
    assert events(withheld("2026-02-05", sales="100"), "no right") == [("2026-02-05", "withhold_fee@2026-01")]


def test_what_was_paid_of_a_withheld_fee_comes_back_as_credit() -> None:
    document = withheld("2026-02-09", receipts=paid("02-02 3000 fee@2026-01"))
    row = ledger(document)
    assert (row["withheld"], row["paid"], row["of_which"]["credit"], row["closing"]) == (
        "8000.00",
        "3000.00",
        "3000.00",
        "5000.00",
    )


def test_an_unknown_minimum_leaves_the_exercise_undetermined_and_the_figures_alone() -> None:
    document = withheld("2026-02-09", sales="")
    found = line(document, "fee@2026-01")
    assert (found["status"], found["open"], found["needs"]) == ("undetermined", "8000.00", ["sales@2026-01"])


def test_retain_and_release() -> None:
    body = (
        "fact sales : money monthly\nfact retained_on : date monthly\nfact released_on : date monthly\n"
        "kpi minimum monthly { met when sales >= CNY 100 }\n"
        + fee(LATE)
        + "right hold { client may retain fee when minimum missed exercised on retained_on released on released_on }\n"
    )
    months = {
        "2026-01": {"sales": "1", "retained_on": "2026-02-05", "released_on": "2026-03-12"},
        "2026-02": {"sales": "100", "retained_on": "", "released_on": ""},
    }
    facts = {"monthly": months, "receipts": []}
    kept = stated(body, facts, "2026-02-28")
    assert (
        status(kept, "fee@2026-01"),
        line(kept, "fee@2026-01")["open"],
        line(kept, "fee@2026-01")["interest"]["booked"],
    ) == ("retained", "0.00", "0.00")
    assert ledger(kept)["of_which"]["retained"] == "8000.00"
    # Released on 12 March, payable that day; in default from the 13th: 19 days of 4.00 to the 31st.
    released = line(stated(body, facts, "2026-03-31"), "fee@2026-01")
    assert (released["status"], released["open"], released["interest"]["booked"]) == ("breached", "8000.00", "76.00")


def test_reduce_by_an_amount() -> None:
    body = (
        "fact sales : money monthly\nfact reduced_on : date monthly\n"
        "kpi minimum monthly { met when sales >= CNY 100 }\n"
        + fee(LATE)
        + "right less { client may reduce fee by 25% of amount when minimum missed exercised on reduced_on }\n"
    )
    months = {"2026-01": {"sales": "1", "reduced_on": "2026-02-05"}, "2026-02": {"sales": "100", "reduced_on": ""}}
    document = stated(body, {"monthly": months, "receipts": paid("02-10 6000")})
    found = line(document, "fee@2026-01")
    assert (found["status"], found["amount"]["value"], ledger(document)["adjusted"]) == (
        "performed",
        "6000.00",
        "-2000.00",
    )


REDUCE = (
    "fact sales : money monthly\nfact reduced_on : date monthly\n"
    "kpi minimum monthly { met when sales >= CNY 100 }\n"
    + fee(LATE)
    + "right less { client may reduce fee by 25% of amount when minimum missed exercised on reduced_on }\n"
)


def reduced(on: str, *rows: dict[str, str], as_of: str = "2026-03-31") -> Document:
    months = {
        m: {"sales": s, "reduced_on": d}
        for m, s, d in (("2026-01", "1", on), ("2026-02", "100", ""), ("2026-03", "100", ""))
    }
    return stated(REDUCE, {"monthly": months, "receipts": list(rows)}, as_of)


def test_a_debt_that_was_written_off_is_not_reduced_below_nothing() -> None:
    rows = [*paid("02-10 1"), {**paid("02-11 7999")[0], "ref": "W1", "kind": "write off"}]
    document = reduced("2026-02-20", *rows)
    found = line(document, "fee@2026-01")
    # 6,000 are left of 8,000: 1 paid, 5,999 written off.
    assert (found["amount"]["value"], found["paid"], found["written_off"], found["open"]) == (
        "6000.00",
        "1.00",
        "5999.00",
        "0.00",
    )


def test_a_reduction_of_what_was_paid_in_an_earlier_month_is_shown_in_its_own() -> None:
    document = reduced("2026-03-05", *paid("02-10 8000"))
    assert (
        line(document, "fee@2026-01", "2026-02")["amount"]["value"],
        line(document, "fee@2026-01", "2026-03")["amount"]["value"],
    ) == ("8000.00", "6000.00")
    # The 2,000 that were paid too much go to the fee of February, due on 10 March.
    assert line(document, "fee@2026-02")["paid"] == "2000.00"


# ---- terminations


def ending(*terms: str) -> str:
    return (
        "fact sales : money monthly\nfact given : notice once\nfact remedied_on : date once\n"
        "kpi minimum monthly { met when sales >= CNY 100 }\n"
        + fee(LATE)
        + "termination bad { client may terminate when minimum missed exercised on given\n"
        + "".join(f"  {t}\n" for t in terms)
        + "}\n"
    )


def given_notice(received: str, remedied: str = "", sent: str | None = None, **months: str) -> dict[str, Any]:
    sales = {"2026-01": "1", "2026-02": "100", "2026-03": "100", **months}
    once = {"given": {"sent": sent or received, "received": received}, "remedied_on": remedied}
    return {"monthly": {m: {"sales": s} for m, s in sales.items()}, "once": once, "receipts": []}


def test_a_termination_on_the_18th_gives_18_of_30() -> None:
    sales = {"2026-04": "100", "2026-05": "100"}
    document = stated(ending("notice 30 days"), given_notice("2026-03-19", **sales), "2026-05-31")
    found = line(document, "fee@2026-04")
    # Received on 19 March, ends on 18 April, that day included: 8,000 x 18/30 = 4,800.
    assert (found["amount"]["value"], found["prorated"], found["due"]) == (
        "4800.00",
        {"days": 18, "of": 30},
        "2026-05-10",
    )
    assert "fee@2026-05" not in ids(document)
    assert [m["state"] for m in document["months"]] == ["active", "active", "ending", "ended", "ended"]
    assert document["settlement"]["as_of"] == "2026-04-18"


def test_a_notice_works_when_received_or_as_agreed_when_sent() -> None:
    facts = given_notice("2026-02-10", sent="2026-02-03")
    received = stated(ending("notice 30 days"), facts, "2026-03-31")
    assert received["settlement"]["as_of"] == "2026-03-12"
    sent = stated(ending("notice 30 days"), facts, "2026-03-31", header="  notices count when sent\n")
    assert sent["settlement"]["as_of"] == "2026-03-05"


@pytest.mark.parametrize(
    ("remedied", "state"),
    [
        ("2026-02-10", "active"),  # on the day of the notice
        ("2026-02-25", "active"),  # on the last day of the cure period
        ("2026-02-26", "ended"),  # the day after
        ("2026-02-09", "ended"),  # an act counts only if dated from receipt on
        ("", "ended"),
    ],
)
def test_the_days_of_a_cure(remedied: str, state: str) -> None:
    document = stated(
        ending("notice 30 days", "cure 15 days", "cured when remedied_on"),
        given_notice("2026-02-10", remedied),
        "2026-03-31",
    )
    assert document["months"][-1]["state"] == state


def test_a_cure_on_the_day_of_the_breach() -> None:
    body = (
        "fact given : notice once\n"
        + fee("failing which { breach serious }")
        + "termination unpaid { operator may terminate when fee in breach serious exercised on given notice 30 days cure 15 days cured when nothing open on it }\n"
    )
    facts = {"once": {"given": {"received": "2026-02-12"}}, "receipts": paid("02-12 8000")}
    document = stated(body, facts, "2026-02-28")
    assert document["months"][-1]["state"] == "active"
    assert status(document, "fee@2026-01") == "cured"


def test_a_notice_before_the_right_opened_and_after_it_lapsed() -> None:
    early = stated(ending("notice 30 days", "lapses after 20 days"), given_notice("2026-01-31"), "2026-03-31")
    assert events(early, "premature") == [("2026-01-31", "bad")]
    last = stated(ending("notice 30 days", "lapses after 20 days"), given_notice("2026-02-20"), "2026-03-31")
    assert last["months"][-1]["state"] == "ended"
    late = stated(ending("notice 30 days", "lapses after 20 days"), given_notice("2026-02-21"), "2026-03-31")
    assert events(late, "too late") == [("2026-02-21", "bad")]
    assert late["months"][-1]["state"] == "active"


def test_the_term_ends_by_itself() -> None:
    document = stated(fee(LATE), {"receipts": paid("02-10 8000")}, "2026-03-31", term="2026-01-01 to 2026-02-14")
    found = line(document, "fee@2026-02")
    # 14 of 28 days; unpaid on 10 March: 4,000 x 0.05% x 21 days
    assert (found["amount"]["value"], found["status"], found["interest"]["booked"]) == ("4000.00", "breached", "42.00")
    assert document["months"][1]["state"] == "ended"
    assert document["settlement"]["totals"] == [
        {"from": "client", "to": "operator", "currency": "CNY", "amount": "4000.00"}
    ]


def test_an_automatic_termination() -> None:
    body = "fact gone_on : date once\n" + fee(LATE) + "termination gone { automatic when gone_on }\n"
    document = stated(body, {"once": {"gone_on": "2026-02-18"}, "receipts": []}, "2026-02-28")
    assert document["months"][-1]["state"] == "ended"
    assert line(document, "fee@2026-02")["prorated"] == {"days": 18, "of": 28}


# ---- exceptions


def test_an_exception_excuses_and_one_replaces_the_amount() -> None:
    body = (
        "fact force : boolean monthly presume false\nfact half : boolean monthly presume false\n"
        + fee(LATE)
        + "exception to fee when force { excused }\nexception to fee when half { amount = CNY 4_000 }\n"
    )
    months = {"2026-01": {"force": "true"}, "2026-02": {"half": "true"}, "2026-03": {}}
    document = stated(body, {"monthly": months, "receipts": []}, "2026-03-31")
    assert status(document, "fee@2026-01") == "excused"
    assert line(document, "fee@2026-02")["amount"]["value"] == "4000.00"
    assert ledger(document)["closing"] == "12042.00"  # 4,000 + 8,000 and 21 days of 2.00
    both = stated(body, {"monthly": {"2026-01": {"force": "true", "half": "true"}}, "receipts": []}, "2026-01-31")
    assert "conflict" in line(both, "fee@2026-01")["flags"]


# ---- lateness, and a deadline that is moved while late

REPORTED = """fact sent : date monthly
fact more : date monthly
fact receipts : payments
"""


def test_days_late_in_a_penalty_and_in_a_further_duty_are_those_of_the_day_on_which_it_arises() -> None:
    body = (
        REPORTED
        + """
obligation report { operator must do "report" every month due day 10 of next month performed on sent failing which {
  penalty CNY 10 * report.days_late
  after 4 days penalty CNY 10 * report.days_late
  after 5 days obligation fine { operator must pay client CNY 1 * report.days_late due within 5 days after it arises } } }"""
    )
    document = stated(body, {"monthly": {"2026-01": {"sent": "2026-02-20", "more": None}}, "receipts": []})
    penalties = [line(document, id)["amount"]["value"] for id in ids(document) if id.startswith("report.penalty")]
    assert penalties == ["10.00", "50.00"]
    assert line(document, "fine@2026-01")["amount"]["value"] == "6.00"
    assert line(document, "fine@2026-01")["due"] == "2026-02-21"


def test_hours_late_count_to_the_end_of_the_first_day_or_to_performance_that_is_recorded_with_it() -> None:
    body = """fact calls : list of { no: text, on_day: date, until: moment, done: moment? } dated by on_day keyed by no
fact receipts : payments
obligation load { client must do "load" per record of calls due on until performed on done
  failing which { penalty CNY 10 * load.hours_late due within 10 days after it arises } }"""
    calls = [
        {"no": "early", "on_day": "2026-02-02", "until": "2026-02-05T08:00", "done": "2026-02-07T14:00"},
        {"no": "with it", "on_day": "2026-02-07", "until": "2026-02-05T08:00", "done": "2026-02-07T14:00"},
    ]
    document = stated(body, {"calls": calls, "receipts": []})
    assert line(document, "load.penalty@early")["amount"]["value"] == "160.00"  # 16 hours were left of 5 February
    assert (
        line(document, "load.penalty@with it")["amount"]["value"] == "540.00"
    )  # 54 hours, to the afternoon of the 7th
    assert line(document, "load.penalty@early")["due"] == "2026-02-15"


@pytest.mark.parametrize(
    ("as_of", "interest", "penalty", "since"),
    [
        ("2026-07-05", "50.00", "5.00", "2026-07-01"),
        ("2026-07-08", "80.00", "8.00", None),
        ("2026-07-10", "80.00", "8.00", None),
        ("2026-07-16", "140.00", "14.00", "2026-07-11"),
    ],
)
def test_what_had_accrued_when_a_late_debt_is_extended_stands_and_nothing_more_until_the_new_deadline(
    as_of: str, interest: str, penalty: str, since: str | None
) -> None:
    body = """fact given : date once
fact receipts : payments
obligation pay_it { client must pay operator CNY 36_500 once on 2026-01-01 due on 2026-06-30
  failing which { interest 10% per year actual_365  penalty CNY 1 per day } }
right extension { client may extend pay_it by 10 days exercised on given }"""
    document = stated(body, {"once": {"given": "2026-07-08"}, "receipts": []}, as_of)
    row = line(document, "pay_it@once")
    assert row["interest"]["booked"] == interest
    assert line(document, "pay_it.penalty@once")["amount"]["value"] == penalty
    assert row.get("overdue_since") == since


def test_a_penalty_ends_when_the_act_is_done_within_the_extended_time() -> None:
    body = """fact given : date once
fact done : date once
fact receipts : payments
obligation finish { operator must do "finish" once on 2026-01-01 due on 2026-06-30 performed on done failing which { penalty CNY 500 per day } }
right extension { operator may extend finish by 10 days exercised on given }"""
    document = stated(body, {"once": {"given": "2026-07-08", "done": "2026-07-10"}, "receipts": []}, "2026-08-31")
    assert status(document, "finish@once") == "performed"
    assert line(document, "finish.penalty@once")["amount"]["value"] == "4000.00"
    assert line(document, "finish.penalty@once")["due"] == "2026-07-10"


def test_a_penalty_of_a_prohibition_is_due_so_long_after_it_arises() -> None:
    body = """fact leaks : list of { no: text, seen_on: date } dated by seen_on keyed by no
fact receipts : payments
prohibition secrecy { operator must not "disclose" violated by leaks failing which { penalty CNY 10 due within 30 days after it arises } }"""
    document = stated(body, {"leaks": [{"no": "1", "seen_on": "2026-02-02"}], "receipts": []})
    assert line(document, "secrecy.penalty@1")["due"] == "2026-03-04"


def test_a_definition_is_expected_by_the_quarter_year_or_week_of_its_facts() -> None:
    contract = agreement("""fact boxes : count quarterly
fact hours_worked : number weekly
fact audited : money yearly
let most = 85% * boxes
let half = hours_worked / 2
let tenth = 10% * audited
obligation fee { client must pay operator CNY 10 every month due day 10 of next month }
scenario "each by its own period" {
  facts of 2026-Q1 { boxes = 1_200 }
  facts of 2026-W05 { hours_worked = 30 }
  facts of 2026 { audited = CNY 500 }
  as_of 2026-03-31
  expect most of 2026-Q1 = 1_020
  expect half of 2026-W05 = 15
  expect half of 2026-W06 undetermined
  expect tenth of 2026 = CNY 50
}""")
    assert [(r.status, r.failures) for r in contract.run_scenarios()] == [("passed", ())]
