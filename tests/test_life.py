"""The life of a contract: conditions precedent, suspensions, rights to suspend; each figure worked out by hand."""

# ruff: noqa: E501  (a contract's line is as wide as it is)

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import clausal

Document = Mapping[str, Any]

# CNY 3,100 a month: CNY 100 a day in a month of 31 days; interest of CNY 1.55 a day on a whole month.
FEE = """obligation pay_fee { client must pay operator CNY 3_100 every month due day 10 of next month performed by receipts
  failing which { interest 0.05% per day simple on unpaid  after 30 days breach serious } }"""
PAUSE = """fact paused_on : date once
fact resumed_on : date once
"""
PAUSED = {"paused_on": "2026-03-10", "resumed_on": "2026-03-21", "receipts": []}  # 10 to 20 March: 11 days


def agreement(body: str, header: str = "", term: str = "2026-01-01 to 2026-12-31") -> clausal.Contract:
    return clausal.load(
        f'contract "A small agreement" {{\n  language 1\n  currency CNY\n  term from {term}\n  rounding half_up to 0.01\n'
        f'  month_end clamp\n{header}}}\nparty client "The Client"\nparty operator "The Operator"\n'
        f"fact receipts : payments\n{body}"
    )


def stated(
    body: str,
    facts: Mapping[str, Any] | None = None,
    as_of: str = "2026-03-31",
    header: str = "",
    term: str = "2026-01-01 to 2026-12-31",
    complete: Any = None,
) -> Document:
    contract = agreement(body, header, term)
    return contract.evaluate(facts or {}, as_of=as_of, complete_through=complete or as_of).to_dict()


def suspended(
    items: str = "suspends pay_fee",
    facts: Mapping[str, Any] = PAUSED,
    as_of: str = "2026-03-31",
    more: str = "",
    **how: Any,
) -> Document:
    body = f"{PAUSE}{FEE}\nsuspension pause {{ when paused_on and not resumed_on  {items} }}\n{more}"
    return stated(body, facts, as_of, **how)


def line(document: Document, id: str, month: str | None = None) -> Any:
    """The row of an instance in a month, or the last one that there is."""
    months = [m for m in document["months"] if month in (None, m["month"])]
    return [x for m in months for x in m["obligations"] if x["id"] == id][-1]


def ids(document: Document) -> list[str]:
    return list(dict.fromkeys(x["id"] for m in document["months"] for x in m["obligations"]))


def amount(document: Document, id: str) -> str:
    return str(line(document, id)["amount"]["value"])


def states(document: Document) -> list[str]:
    return [m["state"] for m in document["months"]]


def events(document: Document, *kinds: str) -> list[tuple[str, str, Any]]:
    return [
        (e["date"], e["subject"], e["args"].get("code") or f"{e['args'].get('from')} to {e['args'].get('to')}")
        for m in document["months"]
        for e in m["events"]
        if e["kind"] in kinds
    ]


def ends(document: Document) -> str | None:
    return next((u["date"] for u in document["upcoming"] if u["kind"] == "term ends"), None)


# ---- what stands still


def test_a_suspension_covers_its_first_and_its_last_day() -> None:
    assert amount(suspended(), "pay_fee@2026-03") == "2000.00"  # 20 days of 31
    assert line(suspended(), "pay_fee@2026-03")["prorated"] == {"days": 20, "of": 31}


def test_a_duty_due_on_the_first_day_is_suspended_and_moves_by_the_whole_time() -> None:
    day = {d: line(suspended(as_of=f"2026-03-{d}"), "pay_fee@2026-02") for d in ("09", "10", "20", "21", "22")}
    assert [day[d]["status"] for d in day] == ["not yet due", "suspended", "suspended", "due", "breached"]
    assert [day[d]["due"] for d in day] == ["2026-03-10", "2026-03-10", "2026-03-10", "2026-03-21", "2026-03-21"]
    assert day["22"]["overdue_since"] == "2026-03-22"
    assert day["22"]["flags"] == ["moved"]


def test_a_duty_due_on_the_day_of_resumption_is_not_suspended() -> None:
    facts = {**PAUSED, "paused_on": "2026-03-01", "resumed_on": "2026-03-10"}
    assert line(suspended(facts=facts, as_of="2026-03-10"), "pay_fee@2026-02")["status"] == "due"


def test_a_duty_whose_deadline_passed_the_day_before_is_in_default() -> None:
    facts = {**PAUSED, "paused_on": "2026-03-11"}
    row = line(suspended(facts=facts, as_of="2026-03-15"), "pay_fee@2026-02")
    assert (row["status"], row["overdue_since"], row["interest"]["booked"]) == ("breached", "2026-03-11", "0.00")


def test_a_suspension_that_ends_with_the_month() -> None:
    facts = {**PAUSED, "resumed_on": "2026-04-01"}  # 10 to 31 March: 22 days
    document = suspended(facts=facts, as_of="2026-04-01")
    assert states(document) == ["active", "active", "suspended", "active"]
    assert amount(document, "pay_fee@2026-03") == "900.00"
    assert line(document, "pay_fee@2026-02")["due"] == "2026-04-01"
    assert events(document, "suspension", "state")[1:] == [
        ("2026-03-10", "pause", "begins"),
        ("2026-03-10", "contract", "active to suspended"),
        ("2026-04-01", "pause", "ends"),
        ("2026-04-01", "contract", "suspended to active"),
    ]


def test_a_month_wholly_inside_has_no_instance() -> None:
    facts = {**PAUSED, "paused_on": "2026-03-25", "resumed_on": "2026-05-06"}
    document = suspended(facts=facts, as_of="2026-05-31")
    assert ids(document) == ["pay_fee@2026-01", "pay_fee@2026-02", "pay_fee@2026-03", "pay_fee@2026-05"]
    assert amount(document, "pay_fee@2026-03") == "2400.00"
    assert amount(document, "pay_fee@2026-05") == "2600.00"


def test_an_amount_on_facts_of_the_month_is_not_cut() -> None:
    body = f"""{PAUSE}fact sales : money monthly
obligation pay_share {{ client must pay operator 10% of sales every month due day 10 of next month performed by receipts }}
suspension pause {{ when paused_on and not resumed_on suspends pay_share }}"""
    document = stated(body, {**PAUSED, "2026-03": {"sales": "5000"}})
    assert amount(document, "pay_share@2026-03") == "500.00"


@pytest.mark.parametrize(
    ("more", "booked", "days"),
    [("", "58.90", 38), ("interest continues", "75.95", 49)],  # 11 February to 31 March, without 11 days
)
def test_interest_stands_still_unless_it_continues(more: str, booked: str, days: int) -> None:
    document = suspended(f"suspends pay_fee {more}")
    row = line(document, "pay_fee@2026-01")
    assert (row["status"], row["interest"]["booked"]) == ("breached", booked)
    assert sum(p["days"] for m in document["months"] for p in m["penalties"] if p["obligation"] == row["id"]) == days


def test_days_of_default_stand_still_with_the_interest() -> None:
    # Day 30 of default would have been 12 March, day 31 the 13th; 11 days later that is the 24th.
    grade = {d: suspended(as_of=f"2026-03-{d}")["months"][-1]["breaches"][0]["grade"] for d in ("23", "24")}
    assert grade == {"23": None, "24": "serious"}
    assert line(suspended(as_of="2026-03-15"), "pay_fee@2026-01")["flags"] == ["standing still"]


def test_grace_that_ends_inside_moves() -> None:
    body = f"""{PAUSE}obligation pay_it {{ client must pay operator CNY 3_100 every month due day 10 of next month performed by receipts
  grace 5 days delaying failing which {{ interest 0.05% per day simple on unpaid }} }}
suspension pause {{ when paused_on and not resumed_on suspends pay_it }}"""
    facts = {**PAUSED, "paused_on": "2026-03-12"}  # 12 to 20: 9 days; the grace of 15 March ends on the 24th
    row = line(stated(body, facts, "2026-03-25"), "pay_it@2026-02")
    assert (row["due"], row["grace_until"], row["overdue_since"]) == ("2026-03-10", "2026-03-24", "2026-03-25")
    assert row["interest"]["booked"] == "9.30"  # 11 March, and 21 to 25 March: 6 days at 1.55


def test_a_moved_deadline_is_shifted_by_the_calendar() -> None:
    header = "  calendar CN\n  deadlines next business day\n"
    facts = {**PAUSED, "resumed_on": "2026-03-14"}  # 4 days: the 10th becomes the 14th, a Saturday
    assert line(suspended(facts=facts, header=header), "pay_fee@2026-02")["due"] == "2026-03-16"


def test_by_months_a_deadline_moves_months_first() -> None:
    facts = {**PAUSED, "paused_on": "2026-01-31", "resumed_on": "2026-03-01"}  # a month (to 27 February) and a day
    document = suspended("suspends pay_fee extends term by months", facts, "2026-03-31")
    assert line(document, "pay_fee@2026-01")["due"] == "2026-03-11"
    assert ends(document) == "2027-02-01"


def test_what_is_paid_during_a_suspension_counts() -> None:
    paid = [
        {
            "ref": "p1",
            "payer": "client",
            "payee": "operator",
            "amount": "3100",
            "on": "2026-03-15",
            "for": "pay_fee@2026-02",
        }
    ]
    row = line(suspended(facts={**PAUSED, "receipts": paid}), "pay_fee@2026-02")
    assert (row["status"], row["paid"]) == ("performed", "3100.00")


def test_money_without_a_name_pays_nothing_that_stands_still() -> None:
    paid = [{"ref": "p1", "payer": "client", "payee": "operator", "amount": "6200", "on": "2026-03-15"}]
    document = suspended(facts={**PAUSED, "receipts": paid}, as_of="2026-03-20")
    assert line(document, "pay_fee@2026-02")["paid"] == "0.00"
    of_which = document["months"][-1]["ledger"][0]["of_which"]
    # 11 February to 9 March is 27 days of 1.55: 41.85 of interest, then 3,100; the rest is credit.
    assert (of_which["due"], of_which["credit"], of_which["not_due"]) == ("0.00", "3058.15", "3100.00")


def test_a_fee_paid_in_advance_is_cut_and_the_rest_is_credit() -> None:
    body = f"""{PAUSE}obligation rent {{ client must pay operator CNY 3_100 every month due day 5 performed by receipts }}
suspension pause {{ when paused_on and not resumed_on suspends rent }}"""
    paid = [
        {"ref": f"p{n}", "payer": "client", "payee": "operator", "amount": "3100", "on": f"2026-0{n}-05"}
        for n in (1, 2, 3)
    ]
    document = stated(body, {**PAUSED, "receipts": paid})
    row = line(document, "rent@2026-03")
    assert (row["amount"]["value"], row["status"], row["prorated"]) == ("2000.00", "performed", {"days": 20, "of": 31})
    ledger = document["months"][-1]["ledger"][0]
    assert (ledger["adjusted"], ledger["of_which"]["credit"]) == ("-1100.00", "1100.00")


def test_a_fee_in_advance_of_a_month_that_begins_suspended_arises_when_it_goes_on() -> None:
    body = f"""{PAUSE}obligation rent {{ client must pay operator CNY 3_100 every month due day 5 performed by receipts }}
suspension pause {{ when paused_on and not resumed_on suspends rent }}"""
    facts = {**PAUSED, "paused_on": "2026-02-20"}  # 20 February to 20 March: 29 days
    assert "rent@2026-03" not in ids(stated(body, facts, "2026-03-20"))
    row = line(stated(body, facts, "2026-03-31"), "rent@2026-03")
    assert (row["amount"]["value"], row["due"]) == ("1100.00", "2026-04-03")  # 11 days; the 5th and 29 days


def test_an_act_counts_until_the_moved_deadline() -> None:
    body = f"""{PAUSE}fact reports : list of {{ no: text, sent: date }} dated by sent keyed by no
obligation report {{ operator must do "report" every month performed by reports }}
suspension pause {{ when paused_on and not resumed_on suspends report }}"""
    facts = {"paused_on": "2026-03-27", "resumed_on": "2026-04-06"}  # 10 days: 31 March becomes 10 April
    sent = [
        {"no": str(n), "sent": day} for n, day in enumerate(("2026-01-09", "2026-02-09", "2026-04-09", "2026-04-29"))
    ]
    document = stated(body, {**facts, "reports": sent, "receipts": []}, "2026-04-30")
    march, april = line(document, "report@2026-03"), line(document, "report@2026-04")
    assert (march["status"], march["due"], march["performed_on"]) == ("performed", "2026-04-10", "2026-04-09")
    assert (april["status"], april["performed_on"]) == ("performed", "2026-04-29")


# ---- which, and for how long


def test_force_majeure_excuses_only_what_it_names() -> None:
    more = 'obligation report { operator must do "report" every month performed on resumed_on }'
    document = suspended("suspends report", as_of="2026-03-22", more=more)
    assert line(document, "pay_fee@2026-02")["status"] == "breached"
    assert states(document)[-1] == "active"


def test_without_a_list_everything_stands_still() -> None:
    more = "obligation deposit { client must pay operator CNY 500 once on 2026-03-01 due on 2026-03-15 performed by receipts }"
    document = suspended("does not extend term", more=more)
    assert line(document, "deposit@once")["due"] == "2026-03-26"
    assert line(document, "pay_fee@2026-02")["due"] == "2026-03-21"
    assert ends(document) == "2026-12-31"


@pytest.mark.parametrize(
    ("items", "first", "resumed", "end"),
    [
        ("extends term by days", "2026-03-10", "2026-03-21", "2027-01-11"),
        ("extends term by months", "2026-04-01", "2026-07-01", "2027-03-31"),
        ("extends term by days", "2026-04-01", "2026-07-01", "2027-04-01"),  # 91 days
        ("extends term by months", "2026-03-15", "2026-05-21", "2027-03-06"),  # two months and six days
    ],
)
def test_the_term_moves_by_the_suspended_time(items: str, first: str, resumed: str, end: str) -> None:
    facts = {"paused_on": first, "resumed_on": resumed, "receipts": []}
    assert ends(suspended(items, facts, "2026-08-31")) == end


@pytest.mark.parametrize(("by", "end"), [("months", "2029-01-31"), ("days", "2029-01-29")])
def test_over_a_leap_february(by: str, end: str) -> None:
    facts = {"paused_on": "2028-02-01", "resumed_on": "2028-03-01", "receipts": []}
    document = suspended(f"extends term by {by}", facts, "2028-03-31", term="2028-01-01 to 2028-12-31")
    assert ends(document) == end
    assert ids(document) == ["pay_fee@2028-01", "pay_fee@2028-03"]


def test_the_longer_term_is_lived_through() -> None:
    document = suspended("extends term by days", as_of="2027-01-31")
    assert states(document)[-2:] == ["active", "ended"]
    assert events(document, "state")[-1] == ("2027-01-11", "contract", "active to ended")
    assert amount(document, "pay_fee@2027-01") == "1100.00"


def test_what_falls_due_with_the_end_of_the_term_follows_it() -> None:
    more = 'obligation handover { operator must deliver "the site" once on term end due within 5 days after term end survives 30 days }'
    document = suspended("extends term by days", as_of="2027-01-31", more=more)
    assert line(document, "handover@once")["due"] == "2027-01-16"


def test_interest_from_a_later_day_of_default_waits_as_well() -> None:
    body = f"""{PAUSE}obligation pay_it {{ client must pay operator CNY 3_100 once on 2026-01-01 due on 2026-03-05 performed by receipts
  failing which {{ after 10 days interest 0.05% per day simple on unpaid }} }}
suspension pause {{ when paused_on and not resumed_on suspends pay_it }}"""
    document = stated(body, PAUSED)
    # Day 1 is 6 March, day 5 the 10th: suspended. Day 11 is 16 March and 11 days: interest of 27 to 31 March.
    assert line(document, "pay_it@once")["interest"]["booked"] == "7.75"


def test_the_contract_does_not_expire_while_it_is_suspended() -> None:
    facts = {"paused_on": "2026-12-20", "resumed_on": None, "receipts": []}
    document = suspended("extends term by days", facts, "2027-02-28")
    assert states(document)[-1] == "suspended"
    assert ends(document) == "2027-03-12"  # 20 December to 28 February are 71 days
    assert ids(document)[-1] == "pay_fee@2026-12"


def test_days_that_two_suspensions_cover_count_once() -> None:
    more = """fact ill_on : date once
fact well_on : date once
suspension illness { when ill_on and not well_on  suspends pay_fee  extends term by days }"""
    facts = {**PAUSED, "ill_on": "2026-03-15", "well_on": "2026-03-26"}  # together 10 to 25 March: 16 days
    document = suspended("suspends pay_fee extends term by days", facts, more=more)
    assert ends(document) == "2027-01-16"
    assert amount(document, "pay_fee@2026-03") == "1500.00"
    assert line(document, "pay_fee@2026-02")["due"] == "2026-03-26"


def test_a_suspension_may_happen_again() -> None:
    body = f"""fact closed : intervals
{FEE}
suspension closure {{ when closed  suspends pay_fee  extends term by days }}"""
    closed = [{"from": "2026-03-02", "until": "2026-03-06"}, {"from": "2026-03-10", "until": "2026-03-20"}]
    document = stated(body, {"closed": closed, "receipts": []})
    assert amount(document, "pay_fee@2026-03") == "1500.00"  # 31 less 5 less 11 days
    assert ends(document) == "2027-01-16"
    assert line(document, "pay_fee@2026-02")["due"] == "2026-03-21"


def test_a_condition_over_values_covers_the_month_after() -> None:
    body = f"""fact profit : money monthly
{FEE}
suspension dormant {{ when profit < CNY 0  suspends pay_fee }}"""
    profits = {f"2026-0{n}": {"profit": p} for n, p in enumerate(("-5", "-5", "10", "10"), 1)}
    document = stated(body, {**profits, "receipts": []}, "2026-04-30")
    assert states(document) == ["active", "suspended", "suspended", "active"]
    assert ids(document) == ["pay_fee@2026-01", "pay_fee@2026-04"]
    assert line(document, "pay_fee@2026-01")["due"] == "2026-04-10"  # 10 February and 59 days


def test_a_condition_over_statuses() -> None:
    body = f"""{FEE}
obligation report {{ operator must do "report" every month due last day }}
suspension stop {{ when pay_fee is breached  suspends report }}"""
    paid = [{"ref": "p", "payer": "client", "payee": "operator", "amount": "3100", "on": "2026-02-10"}]
    paid += [{"ref": "q", "payer": "client", "payee": "operator", "amount": "3200", "on": "2026-03-15"}]
    document = stated(body, {"receipts": paid})
    assert events(document, "suspension") == [("2026-03-11", "stop", "begins"), ("2026-03-16", "stop", "ends")]


# ---- what applies instead

DORMANCY = """fact dividend : money monthly
fact paused_on : date once
fact resumed_on : date once
let normal = average of dividend over last 3 months
obligation pay_dividend { client must pay operator dividend every month due day 10 of next month performed by receipts }
suspension dormancy { when paused_on and not resumed_on  extends term by months
  instead obligation dormant_fee { client must pay operator 30% of normal as of suspension start
    every month due day 10 of next month performed by receipts } }
"""
DIVIDENDS = {
    "receipts": [],
    **{f"2026-0{n}": {"dividend": d} for n, d in enumerate(("40000", "44000", "36000", "0", "0", "0", "50000"), 1)},
}


def test_the_dormant_fee_and_the_longer_term() -> None:
    facts = {**DIVIDENDS, "paused_on": "2026-04-01", "resumed_on": "2026-07-01"}
    document = stated(DORMANCY, facts, "2026-07-31")
    assert [x for x in ids(document) if x > "pay_dividend@2026-03" or x.startswith("dormant")] == [
        "dormant_fee@2026-04",
        "dormant_fee@2026-05",
        "dormant_fee@2026-06",
        "pay_dividend@2026-07",
    ]
    assert {amount(document, f"dormant_fee@2026-0{n}") for n in (4, 5, 6)} == {"12000.00"}
    assert line(document, "dormant_fee@2026-05")["due"] == "2026-06-10"  # it is not itself suspended
    assert ends(document) == "2027-03-31"
    assert states(document)[3:] == ["suspended", "suspended", "suspended", "active"]


def test_what_applies_instead_is_prorated_by_the_suspended_days() -> None:
    facts = {**DIVIDENDS, "paused_on": "2026-04-16", "resumed_on": "2026-05-11"}
    document = stated(DORMANCY, facts, "2026-05-31")
    assert amount(document, "dormant_fee@2026-04") == "6000.00"  # 15 days of 30
    assert amount(document, "dormant_fee@2026-05") == "3870.97"  # 10 days of 31
    assert "dormant_fee@2026-03" not in ids(document)


def test_what_applies_instead_and_is_due_within_the_month() -> None:
    body = f"""{PAUSE}{FEE}
suspension pause {{ when paused_on and not resumed_on suspends pay_fee
  instead obligation storage {{ client must pay operator CNY 310 every month due day 25 performed by receipts }}
  instead obligation survey {{ operator must do "a survey" due on 2026-03-31 }} }}"""
    document = stated(body, {**PAUSED, "resumed_on": "2026-04-11"}, "2026-04-30")
    assert amount(document, "storage@2026-03") == "220.00"  # 10 to 31 March
    assert amount(document, "storage@2026-04") == "103.33"  # 10 days of 30
    assert [x for x in ids(document) if x.startswith("survey")] == ["survey@2026-03-10"]


def test_a_contract_can_be_terminated_while_it_is_suspended() -> None:
    more = """fact left_on : date once
termination leave { client may terminate exercised on left_on notice 10 days }"""
    facts = {**PAUSED, "resumed_on": None, "left_on": "2026-03-15"}
    document = suspended("extends term by days", facts, "2026-04-30", more=more)
    assert events(document, "state")[1:] == [
        ("2026-03-10", "contract", "active to suspended"),
        ("2026-03-15", "contract", "suspended to ending"),
        ("2026-03-25", "contract", "ending to ended"),
    ]
    assert amount(document, "pay_fee@2026-03") == "900.00"
    assert line(document, "pay_fee@2026-02")["due"] == "2026-03-26"  # 10 to 25 March: 16 days


# ---- not known


def test_while_nobody_knows_whether_it_goes_on_what_turns_on_it_is_undetermined() -> None:
    document = suspended(facts={"paused_on": "2026-03-10", "receipts": []})
    for id in ("pay_fee@2026-02", "pay_fee@2026-03"):
        assert (line(document, id)["status"], line(document, id)["needs"]) == ("undetermined", ["resumed_on"])
    row = line(document, "pay_fee@2026-01")
    assert (row["status"], row["interest"]["booked"]) == ("breached", "41.85")  # 11 February to 9 March
    needs = {u["what"]: u["needs"] for u in document["months"][-1]["undetermined"]}
    assert needs["pause"] == needs["contract"] == ["resumed_on"]
    most = next(c for c in document["contingent"] if c["subject"] == "pay_fee@2026-01")
    assert most["amount"]["value"] == "34.10"  # 10 to 31 March, if it did not stand still


def test_the_end_of_the_term_is_undetermined_with_it() -> None:
    facts = {"paused_on": "2026-12-20", "receipts": []}
    document = suspended("extends term by days", facts, "2027-01-31")
    assert states(document)[-1] != "ended"
    assert any(u["what"] == "contract" and u["needs"] == ["resumed_on"] for u in document["months"][-2]["undetermined"])


def test_intervals_are_known_as_far_as_they_are_complete() -> None:
    body = f"""fact closed : intervals
{FEE}
suspension closure {{ when closed  suspends pay_fee }}"""
    closed = [{"from": "2026-03-02", "until": "2026-03-06"}]
    whole = {"closed": closed, "receipts": []}
    assert line(stated(body, whole, "2026-03-12"), "pay_fee@2026-02")["status"] == "breached"
    part = stated(body, whole, "2026-03-12", complete={"closed": "2026-03-08", "receipts": "2026-03-12"})
    assert (line(part, "pay_fee@2026-02")["status"], line(part, "pay_fee@2026-02")["needs"]) == (
        "undetermined",
        ["closed"],
    )


def test_an_interval_that_is_not_over_has_no_last_day() -> None:
    body = f"""fact closed : intervals
{FEE}
suspension closure {{ when closed  suspends pay_fee }}"""
    for until, upcoming in ((None, []), ("2026-05-06", ["2026-05-06"])):
        document = stated(body, {"closed": [{"from": "2026-03-02", "until": until}], "receipts": []})
        assert states(document)[-1] == "suspended"
        assert [u["date"] for u in document["upcoming"] if u["kind"] == "suspension ends"] == upcoming


# ---- the right to suspend

STOP = f"""{FEE}
fact stop_notice : date once
fact goes_on : date once
obligation report {{ operator must do "report" every month due last day }}
right stop {{ operator may suspend report when pay_fee is breached  exercised on stop_notice  released on goes_on }}"""


def test_a_right_to_suspend_works_from_the_day_of_its_exercise_to_the_day_before_release() -> None:
    facts = {"stop_notice": "2026-02-20", "goes_on": "2026-03-10", "receipts": []}  # 20 February to 9 March: 18 days
    document = stated(STOP, facts)
    assert line(document, "report@2026-02", "2026-02")["status"] == "suspended"
    assert line(document, "report@2026-02")["due"] == "2026-03-18"
    assert line(document, "report@2026-03")["due"] == "2026-03-31"
    assert events(document, "suspension") == [("2026-02-20", "stop", "begins"), ("2026-03-10", "stop", "ends")]
    assert states(document) == ["active", "active", "active"]  # one duty stands still, not the contract
    assert [r["status"] for r in document["months"][1]["rights"]] == ["exercised"]


def test_a_right_to_suspend_that_is_not_open_changes_nothing() -> None:
    facts = {"stop_notice": "2026-02-05", "goes_on": None, "receipts": []}
    document = stated(STOP, facts)
    assert line(document, "report@2026-02")["due"] == "2026-02-28"
    assert events(document, "suspension") == []


def test_until_it_is_known_whether_it_was_released() -> None:
    document = stated(STOP, {"stop_notice": "2026-02-20", "receipts": []})
    row = line(document, "report@2026-02")
    assert (row["status"], row["needs"]) == ("undetermined", ["goes_on"])


def test_a_right_without_a_condition_is_open_from_the_first_day() -> None:
    body = STOP.replace("when pay_fee is breached", "lapses after 90 days")
    document = stated(body, {"stop_notice": "2026-01-20", "goes_on": "2026-02-01", "receipts": []}, "2026-02-28")
    assert line(document, "report@2026-01")["due"] == "2026-02-12"  # 31 January and 12 days


def test_an_exercise_that_may_have_been_is_undetermined() -> None:
    document = stated(STOP, {"goes_on": None, "receipts": []})
    row = line(document, "report@2026-02")
    assert (row["status"], row["needs"]) == ("undetermined", ["stop_notice"])


# ---- conditions precedent

PRECEDENT = """fact first_payment_on : date once
fact materials_on : date once
obligation retainer { client must pay operator CNY 20_000 every month due day 10 of next month performed by receipts }"""


def started(
    payment: Any = None,
    materials: Any = None,
    as_of: str = "2026-03-31",
    term: str = "2026-01-01 to 2026-12-31",
    **given: Any,
) -> Document:
    facts = {"receipts": [], "first_payment_on": payment, "materials_on": materials}
    header = "  starts when first_payment_on and materials_on\n"
    return stated(PRECEDENT, {k: v for k, v in facts.items() if v != "?"}, as_of, header=header, term=term, **given)


def test_the_term_starts_when_its_conditions_hold() -> None:
    document = started("2026-03-12", "2026-03-05")
    assert states(document) == ["pending", "pending", "active"]
    assert [m["obligations"] for m in document["months"][:2]] == [[], []]
    assert amount(document, "retainer@2026-03") == "12903.23"  # 20,000 × 20/31
    assert events(document, "state") == [("2026-03-12", "contract", "pending to active")]


def test_conditions_that_held_before_are_fulfilled_on_the_first_day() -> None:
    document = started("2025-12-20", "2026-01-01")
    assert states(document) == ["active", "active", "active"]
    assert amount(document, "retainer@2026-01") == "20000.00"


def test_until_then_nothing_is_owed() -> None:
    document = started("2026-03-12", None)
    assert states(document) == ["pending", "pending", "pending"]
    assert ids(document) == []
    assert started("2026-03-12", "2026-04-02", "2026-03-31")["months"][-1]["state"] == "pending"


def test_what_is_not_known_leaves_it_pending_and_says_what_it_needs() -> None:
    document = started("2026-03-12", "?")
    assert states(document)[-1] == "pending"
    assert document["months"][-1]["undetermined"] == [{"what": "contract", "needs": ["materials_on"]}]


def test_a_condition_that_is_not_fulfilled_within_the_term() -> None:
    document = started("2026-03-12", "2026-07-01", "2026-07-31", term="2026-01-01 to 2026-06-30")
    assert set(states(document)) == {"pending"}


def test_a_term_counted_from_its_start() -> None:
    document = started("2026-03-12", "2026-03-05", term="2026-01-01 to term start + 12 months - 1 days")
    assert ends(document) == "2027-03-11"


def test_a_payment_made_before_the_start_is_credit_on_its_first_day() -> None:
    body = PRECEDENT
    paid = [{"ref": "p", "payer": "client", "payee": "operator", "amount": "5000", "on": "2026-02-01"}]
    facts = {"receipts": paid, "first_payment_on": "2026-02-01", "materials_on": "2026-03-12"}
    header = "  starts when first_payment_on and materials_on\n"
    document = stated(body, facts, "2026-04-10", header=header)
    row = line(document, "retainer@2026-03")
    assert (row["paid"], row["open"]) == ("5000.00", "7903.23")
    early = stated(body, facts, "2026-02-28", header=header)
    assert [(e["kind"], e["subject"]) for e in early["months"][-1]["events"]] == [("not yet used", "p")]


def test_values_of_a_month_are_known_when_it_is_over() -> None:
    body = f"fact orders_in : count monthly\n{FEE}"
    facts = {"receipts": [], "2026-01": {"orders_in": 3}, "2026-02": {"orders_in": 12}, "2026-03": {"orders_in": 12}}
    document = stated(body, facts, "2026-04-30", header="  starts when orders_in >= 10\n")
    assert states(document) == ["pending", "pending", "active", "active"]
    assert ids(document) == ["pay_fee@2026-03", "pay_fee@2026-04"]


# ---- scenarios, and both sets of words

ENGLISH = """contract "Dormancy" {
  language 1  currency CNY  term from 2026-01-01 to 2026-12-31  starts when signed_on  rounding half_up to 0.01  month_end clamp
}
party client "Client"
party operator "Operator"
fact signed_on : date once
fact closed : intervals
fact income : money monthly
fact stop_notice : date once
fact goes_on : date once
fact receipts : payments
let usual = average of income over last 3 months
obligation pay_share { client must pay operator income every month due day 10 of next month performed by receipts }
obligation report { operator must do "report" every month due last day }
right stop { operator may suspend report  exercised on stop_notice  released on goes_on }
suspension closure { when closed  suspends pay_share  extends term by months  interest continues
  instead obligation dormant_fee { client must pay operator 30% of usual as of suspension start every month due day 10 of next month performed by receipts } }
scenario "dormancy" {
  facts of once { signed_on = 2026-01-01  stop_notice = none  goes_on = none }
  facts of 2026-01 { income = CNY 40_000  closed = [{ from: 2026-04-01, until: 2026-06-30 }]  receipts = [] }
  facts of 2026-02 { income = CNY 44_000 }
  facts of 2026-03 { income = CNY 36_000 }
  facts of 2026-04 { income = CNY 0 }
  as_of 2026-04-30
  expect dormant_fee of 2026-04 = CNY 12_000
  expect pay_share of 2026-03 suspended
  expect contract suspended
}
"""
CHINESE = """合同 "Dormancy" {
  语言版本 1  币种 CNY  合同期限 自 2026-01-01 至 2026-12-31  生效条件 signed_on  舍入 四舍五入 精确到 0.01  月末规则 取月末日
}
当事人 client "Client"
当事人 operator "Operator"
数据 signed_on : 日期 一次性
数据 closed : 期间
数据 income : 金额 按月
数据 stop_notice : 日期 一次性
数据 goes_on : 日期 一次性
数据 receipts : 付款记录
定义 usual = 平均值 income 期间为 最近 3 个月
义务 pay_share { client 应当 支付给 operator income 每月 到期日 次月 第 10 日 履行凭证 receipts }
义务 report { operator 应当 完成 "report" 每月 到期日 最后一日 }
权利 stop { operator 有权 暂停履行 report  行使日 stop_notice  恢复履行日 goes_on }
中止 closure { 当 closed  中止对象 pay_share  期限按月顺延  中止期间照常计息
  改为 义务 dormant_fee { client 应当 支付给 operator 中止开始时 的 usual 的 30% 每月 到期日 次月 第 10 日 履行凭证 receipts } }
示例 "dormancy" {
  当期数据 一次性 { signed_on = 2026-01-01  stop_notice = 无  goes_on = 无 }
  当期数据 2026-01 { income = 40_000元  closed = [{ 自: 2026-04-01, 至: 2026-06-30 }]  receipts = [] }
  当期数据 2026-02 { income = 44_000元 }
  当期数据 2026-03 { income = 36_000元 }
  当期数据 2026-04 { income = 0元 }
  截止日 2026-04-30
  预期 2026-04 的 dormant_fee = 12_000元
  预期 2026-03 的 pay_share 已中止
  预期 合同 已中止
}
"""


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_a_contract_says_it_in_either_language(text: str) -> None:
    contract = clausal.load(text)
    assert [(r.status, r.failures) for r in contract.run_scenarios()] == [("passed", ())]


def test_both_languages_mean_the_same() -> None:
    one, other = clausal.load(ENGLISH).model, clausal.load(CHINESE).model
    assert (one.suspensions, one.rights, one.obligations) == (other.suspensions, other.rights, other.obligations)
    assert (one.header, one.scenarios) == (other.header, other.scenarios)
