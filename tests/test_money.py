"""Tax, caps and commitments over a window, compound interest, legal thresholds: small contracts, figures by hand."""

# ruff: noqa: E501  (a contract's line is as wide as it is)

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

import clausal
from clausal.dsl.diagnostics import Rejected
from clausal.engine.report.plain import render as plain

Document = Mapping[str, Any]


def contract(body: str, header: str = "", currency: str = "CNY", term: str = "2026-01-01 to 2026-12-31") -> Any:
    return clausal.load(
        f'contract "Money" {{\n  language 1\n  currency {currency}\n  term from {term}\n'
        f"  rounding half_up to {'1' if currency == 'JPY' else '0.01'}\n  month_end clamp\n{header}}}\n"
        f"party client\nparty operator\nfact receipts : payments\n{body}"
    )


def stated(body: str, facts: Mapping[str, Any] | None = None, as_of: str = "2026-02-28", **more: Any) -> Document:
    given = {"receipts": [], **(facts or {})}
    complete = more.pop("complete", as_of)
    return contract(body, **more).evaluate(given, as_of=as_of, complete_through=complete).to_dict()  # type: ignore[no-any-return]


def refused(body: str, **more: Any) -> list[str]:
    with pytest.raises(Rejected) as caught:
        contract(body, **more)
    return [d.code for d in caught.value.diagnostics if d.severity == "error"]


def line(document: Document, id: str, month: str | None = None) -> Any:
    months = [m for m in document["months"] if month in (None, m["month"])]
    return [x for m in months for x in m["obligations"] if x["id"] == id][-1]


def tax(document: Document, id: str, month: str | None = None) -> tuple[str, str, str]:
    found = line(document, id, month)["tax"]
    return found["net"], found["tax"], found["gross"]


def ledger(document: Document, month: str | None = None, debtor: str = "client") -> Any:
    months = [m for m in document["months"] if month in (None, m["month"])]
    return [row for m in months for row in m["ledger"] if row["from"] == debtor][-1]


def flags(document: Document) -> list[tuple[str, str, str]]:
    return [(c["code"], c["subject"], c["amount"]["value"]) for c in document["contingent"] if c["kind"] == "flag"]


def monthly(**columns: tuple[Any, ...]) -> dict[str, Any]:
    """Facts of January, February, …"""
    longest = max(map(len, columns.values()))
    return {
        f"2026-{n + 1:02d}": {name: column[n] for name, column in columns.items() if n < len(column)}
        for n in range(longest)
    }


def fee(*items: str, amount: str = "sales", schedule: str = "every month due day 10 of next month") -> str:
    return f"fact sales : money monthly\nobligation fee {{ client must pay operator {amount} {schedule} {' '.join(items)} failing which {{ breach minor }} }}\n"


# ---- tax


@pytest.mark.parametrize(
    ("said", "amount", "expected"),
    [
        ("tax inclusive 6%", "106000", ("100000.00", "6000.00", "106000.00")),
        ("tax inclusive 6%", "10060", ("9490.57", "569.43", "10060.00")),
        ("tax inclusive 13%", "0.01", ("0.01", "0.00", "0.01")),
        ("tax inclusive 0%", "7", ("7.00", "0.00", "7.00")),
        ("tax exclusive 6%", "0.08", ("0.08", "0.00", "0.08")),  # 0.0048
        ("tax exclusive 6%", "0.09", ("0.09", "0.01", "0.10")),  # 0.0054
        ("tax exclusive 5%", "0.10", ("0.10", "0.01", "0.11")),  # 0.005: the half goes up
        ("outside VAT", "99.99", ("99.99", "0.00", "99.99")),
    ],
)
def test_a_line_closes_exactly(said: str, amount: str, expected: tuple[str, str, str]) -> None:
    document = stated(fee(said), monthly(sales=(amount,)), as_of="2026-01-31")
    assert tax(document, "fee@2026-01") == expected
    assert line(document, "fee@2026-01")["amount"]["value"] == expected[2]
    row = ledger(document)
    assert (row["accrued"], row["tax"], row["closing"]) == expected


def test_a_currency_without_decimals() -> None:
    document = stated(fee("tax inclusive 10%"), monthly(sales=("1000",)), as_of="2026-01-31", currency="JPY")
    assert tax(document, "fee@2026-01") == ("909", "91", "1000")


def test_below_zero_is_an_adjustment_with_its_tax() -> None:
    document = stated(fee("tax exclusive 6%"), monthly(sales=("-100",)), as_of="2026-01-31")
    assert tax(document, "fee@2026-01") == ("-100.00", "-6.00", "-106.00")
    row = ledger(document)
    assert (row["accrued"], row["tax"], row["adjusted"], row["of_which"]["credit"]) == (
        "0.00",
        "0.00",
        "-106.00",
        "106.00",
    )


def test_below_zero_turned_round_or_left_out() -> None:
    reverse = stated(fee("tax exclusive 6%", "reverse"), monthly(sales=("-100",)), as_of="2026-01-31")
    assert line(reverse, "fee@2026-01")["debtor"] == "operator"
    assert tax(reverse, "fee@2026-01") == ("100.00", "6.00", "106.00")
    nothing = stated(fee("tax exclusive 6%", "not below 0"), monthly(sales=("-100",)), as_of="2026-01-31")
    assert line(nothing, "fee@2026-01")["status"] == "discharged"
    assert "tax" not in line(nothing, "fee@2026-01")


def test_an_unknown_rate_leaves_the_line_undetermined() -> None:
    body = "fact vat : percent monthly\n" + fee("tax inclusive vat")
    document = stated(body, monthly(sales=("106",), vat=(None,)), as_of="2026-01-31")
    assert line(document, "fee@2026-01")["status"] == "undetermined"
    assert line(document, "fee@2026-01")["needs"] == ["vat@2026-01"]
    below = stated(body, monthly(sales=("106",), vat=("-1%",)), as_of="2026-01-31")
    assert line(below, "fee@2026-01")["status"] == "undetermined"


def test_a_rate_that_changes_holds_from_the_first_day_of_the_period() -> None:
    body = "parameter vat : percent { from 2026-01-01: 6%   from 2026-02-01: 9% }\n" + fee("tax exclusive vat")
    document = stated(body, monthly(sales=("100", "100")))
    assert tax(document, "fee@2026-01")[1] == "6.00"
    assert tax(document, "fee@2026-02")[1] == "9.00"


def test_parts_bear_their_own_rates() -> None:
    document = stated(
        fee(
            "tax inclusive 6%",
            amount="{ design: CNY 106  goods: CNY 100 tax exclusive 13%  licence: CNY 10 outside VAT }",
        ),
        monthly(sales=("1",)),
        as_of="2026-01-31",
    )
    parts = {p["name"]: (p["amount"], p["tax"]["tax"]) for p in line(document, "fee@2026-01")["parts"]}
    assert parts == {"design": ("106.00", "6.00"), "goods": ("113.00", "13.00"), "licence": ("10.00", "0.00")}
    whole = line(document, "fee@2026-01")["tax"]
    assert whole == {"kind": "mixed", "rate": None, "net": "210.00", "tax": "19.00", "gross": "229.00"}


def test_dates_with_amounts_of_their_own_bear_the_tax_of_the_obligation() -> None:
    body = fee("tax inclusive 6%", amount="CNY 5", schedule="on dates { 2026-01-31: CNY 212   2026-02-28 }")
    document = stated(body, monthly(sales=("1",)))
    assert tax(document, "fee@2026-01-31") == ("200.00", "12.00", "212.00")
    assert tax(document, "fee@2026-02-28") == ("4.72", "0.28", "5.00")


def test_what_is_withheld_and_paid_is_the_gross() -> None:
    body = (
        fee("tax exclusive 6%")
        + "fact refusal : date monthly\nright refuse { client may withhold fee when sales > CNY 0 exercised on refusal lapses 20 days after month end }\n"
    )
    document = stated(body, monthly(sales=("1000", "1"), refusal=("2026-02-03", None)))
    assert line(document, "fee@2026-01", "2026-02")["withheld"] == "1060.00"
    assert ledger(document, "2026-02")["withheld"] == "1060.00"
    assert ledger(document, "2026-02")["closing"] == "1.06"


def test_a_correction_restates_the_gross() -> None:
    text = fee("tax exclusive 6%") + (
        'scenario "corrected" {\n  facts of 2026-01 { sales = CNY 100 receipts = [] }\n  as_of 2026-01-31\n  expect fee of 2026-01 = CNY 106\n'
        "  corrected facts of 2026-01 { sales = CNY 200 }\n  facts of 2026-02 { sales = CNY 0 }\n  as_of 2026-02-28\n"
        "  expect fee.difference of 2026-01 = CNY 106\n  expect client owes operator = CNY 212\n}\n"
    )
    results = contract(text).run_scenarios()
    assert [r.status for r in results] == ["passed"]


def test_the_statement_and_the_explanation_show_the_tax() -> None:
    statement = contract(fee("tax inclusive 6%", "cap per month CNY 50")).evaluate(
        {**monthly(sales=("106",)), "receipts": []}, as_of="2026-01-31", complete_through="2026-01-31"
    )
    english, chinese = (plain(statement.to_dict(), lang) for lang in ("en", "zh"))
    said = "part fee CNY 106.00; over the cap CNY -56.00; net of tax CNY 47.17; tax rate 6%; tax CNY 2.83; with tax CNY 50.00."
    assert said in english
    said = (
        "部分 fee CNY 106.00；超出上限 CNY -56.00；不含税金额 CNY 47.17；税率 6%；税额 CNY 2.83；价税合计 CNY 50.00。"
    )
    assert said in chinese
    keys = [n["key"] for n in statement.explain("fee@2026-01").to_dict()["tree"]["because"]]
    assert "step" in keys and "tax" in keys


# ---- caps and commitments


def amounts(document: Document, name: str = "fee") -> list[str]:
    """What each instance came to, in the order in which they arose."""
    found: dict[str, str] = {}
    for m in document["months"]:
        for x in m["obligations"]:
            if x["obligation"] == name:
                found.setdefault(x["id"], x["amount"]["value"] if x["amount"] else x["status"])
    return list(found.values())


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("per month", ["100.00", "100.00", "30.00", "100.00"]),
        ("per quarter", ["100.00", "0.00", "0.00", "100.00"]),
        ("per calendar year", ["100.00", "0.00", "0.00", "0.00"]),
        ("per contract year", ["100.00", "0.00", "0.00", "0.00"]),
        ("per whole term", ["100.00", "0.00", "0.00", "0.00"]),
    ],
)
def test_a_cap_is_used_up_in_its_window(window: str, expected: list[str]) -> None:
    document = stated(fee(f"cap {window} CNY 100"), monthly(sales=("120", "110", "30", "500")), as_of="2026-04-30")
    assert amounts(document) == expected


def test_a_negative_line_gives_room_back() -> None:
    document = stated(fee("cap per whole term CNY 100"), monthly(sales=("90", "-40", "80")), as_of="2026-03-31")
    assert amounts(document) == ["90.00", "-40.00", "50.00"]


def test_a_cap_over_records_takes_them_in_order() -> None:
    body = (
        "fact orders : list of { no: text, made_on: date, price: money } dated by made_on keyed by no\n"
        "obligation fee { client must pay operator price per record of orders due within 5 days after made_on cap per month CNY 100 failing which { breach minor } }\n"
    )
    rows = [
        {"no": n, "made_on": f"2026-01-{d}", "price": p}
        for n, d, p in (("B", "07", "60"), ("A", "05", "70"), ("C", "09", "1"))
    ]
    document = stated(body, {"orders": rows}, as_of="2026-01-31")
    assert {x["id"]: x["amount"]["value"] for x in document["months"][0]["obligations"]} == {
        "fee@A": "70.00",
        "fee@B": "30.00",
        "fee@C": "0.00",
    }


def test_what_is_excused_uses_up_nothing() -> None:
    body = fee("cap per quarter CNY 100") + "fact storm : boolean monthly\nexception to fee when storm { excused }\n"
    document = stated(body, monthly(sales=("80", "80"), storm=(True, False)))
    assert amounts(document) == ["80.00", "80.00"]


def test_the_tax_is_that_of_what_is_left_under_the_cap() -> None:
    document = stated(fee("cap per month CNY 100", "tax exclusive 6%"), monthly(sales=("150",)), as_of="2026-01-31")
    assert tax(document, "fee@2026-01") == ("100.00", "6.00", "106.00")


def test_a_commitment_counts_the_days_of_its_window() -> None:
    # 17 of January's 31 days; of the quarter 76 of 90; the contract ends on 28 February: of its 45 days all count.
    facts = monthly(sales=("10", "20"))
    for window, most, expected in (
        ("per month", "CNY 310", ["170.00", "310.00"]),
        ("per quarter", "CNY 900", ["10.00", "440.00"]),  # 45 of 90 days: 450
        ("per whole term", "CNY 900", ["10.00", "890.00"]),
    ):
        body = fee(f"minimum commitment {window} {most}")
        assert amounts(stated(body, facts, term="2026-01-15 to 2026-02-28")) == expected, window
    whole = fee("minimum commitment per quarter CNY 900", "prorated none")
    assert amounts(stated(whole, facts, term="2026-01-15 to 2026-02-28")) == ["10.00", "890.00"]


def test_a_contract_that_is_terminated_is_committed_for_its_days() -> None:
    body = fee("minimum commitment per whole term CNY 365") + (
        "fact given : notice once\ntermination stop { client may terminate exercised on given notice 10 days }\n"
    )
    document = stated(
        body,
        {**monthly(sales=("10", "20", "0")), "once": {"given": {"sent": "2026-03-01", "received": "2026-03-01"}}},
        as_of="2026-03-31",
    )
    assert amounts(document) == ["10.00", "20.00", "40.00"]  # 11 March is the 70th day


def test_a_true_up_is_never_below_zero_and_knows_what_is_unknown() -> None:
    body = fee("minimum commitment per quarter CNY 100")
    assert amounts(stated(body, monthly(sales=("99", "1", "0.01")), as_of="2026-03-31")) == ["99.00", "1.00", "0.01"]
    assert amounts(stated(body, monthly(sales=("99", None, "1")), as_of="2026-03-31")) == [
        "99.00",
        "undetermined",
        "undetermined",
    ]


def test_what_cannot_be_capped_is_refused() -> None:
    act = 'fact done_on : date once\nobligation act_ { operator must do "it" once on 2026-01-01 due on 2026-01-10 performed on done_on '
    assert refused(act + "cap per month CNY 5 }") == ["E116"]
    assert refused(act + "tax inclusive 6% }") == ["E116"]
    assert refused(act + "earnest of CNY 5 }") == ["E116"]
    assert refused(fee("cap per month 5")) == ["E301"]
    assert refused(fee("tax inclusive 6")) == ["E301"]
    assert refused(fee("tax inclusive -6%")) == ["E441"]
    assert refused(fee("cap per month CNY 5", "cap per quarter CNY 9")) == ["E114"]


# ---- compound interest


def loan(interest: str, *items: str, amount: str = "CNY 3_650") -> str:
    return f"obligation loan {{ client must pay operator {amount} once on 2026-01-01 due on 2026-01-01 {' '.join(items)} failing which {{ interest {interest} on unpaid }} }}\n"


def interest(document: Document, id: str = "loan@once") -> str:
    return str(line(document, id)["interest"]["booked"])


def test_each_anniversary_capitalises() -> None:
    # One a day for 31 days; then (3,650 + 31) / 3,650 a day.
    body = loan("10% per year compound actual_365")
    assert interest(stated(body, as_of="2026-02-01")) == "31.00"
    assert interest(stated(body, as_of="2026-02-02")) == "32.01"  # 31 + 3681/3650
    total = 31 + Fraction(3681, 3650) * 28
    assert interest(stated(body, as_of="2026-03-01")) == f"{float(round(total, 2)):.2f}" == "59.24"


def test_a_year_at_a_time_and_simple_are_the_same_within_the_year() -> None:
    for words in ("simple", "compound yearly"):
        assert interest(stated(loan(f"10% per year {words} actual_365"), as_of="2026-12-31")) == "364.00"


def test_a_cap_limits_what_is_capitalised() -> None:
    document = stated(
        loan("10% per year compound actual_365", amount="CNY 3_650").replace("on unpaid", "on unpaid, cap CNY 40"),
        as_of="2026-12-31",
    )
    assert interest(document) == "40.00"


def test_interest_that_was_paid_bears_none() -> None:
    paid = [{"ref": "P1", "payer": "client", "payee": "operator", "amount": "31", "on": "2026-02-01"}]
    assert interest(stated(loan("10% per year compound actual_365"), {"receipts": paid}, as_of="2026-03-01")) == "59.00"


def test_interest_that_was_capitalised_outlives_the_principal() -> None:
    paid = [{"ref": "P1", "payer": "client", "payee": "operator", "amount": "3650", "on": "2026-02-01"}]
    header = "  within a debt principal, interest\n"
    compound = stated(loan("10% per year compound actual_365"), {"receipts": paid}, as_of="2026-03-01", header=header)
    assert interest(compound) == "31.24"  # 31 + 31 x 28/3650
    simple = stated(loan("10% per year simple actual_365"), {"receipts": paid}, as_of="2026-03-01", header=header)
    assert interest(simple) == "31.00"


def test_the_anchor_is_the_day_before_the_first_interest_day() -> None:
    # Forgiven until 11 January: the first interest day is the 12th, the first anniversary 11 February.
    body = loan("10% per year compound actual_365", "grace 10 days forgiving")
    assert interest(stated(body, as_of="2026-02-11")) == "31.00"
    assert interest(stated(body, as_of="2026-02-12")) == "32.01"


def test_unknown_days_may_add_compound_interest_at_most() -> None:
    document = stated(loan("10% per year compound actual_365"), as_of="2026-02-02", complete="2026-01-31")
    assert interest(document) == "30.00"
    most = [c for c in document["contingent"] if c["kind"] == "at most"]
    assert most[0]["amount"]["value"] == "2.01"
    assert interest(stated(loan("10% per year compound actual_365"), as_of="2026-02-02")) == "32.01"


def test_a_rate_by_the_day_and_months_of_thirty_days() -> None:
    assert (
        interest(stated(loan("0.1% per day compound", amount="CNY 1_000"), as_of="2026-02-02")) == "32.03"
    )  # 31 + 1.031
    thirty = stated(loan("12% per year compound thirty_e_360", amount="CNY 1_000"), as_of="2026-03-01")
    assert interest(thirty) == "20.10"  # 10, then 1% of 1,010


@pytest.mark.parametrize("words", ["simple monthly", "compound daily", "compound weekly", "quarterly"])
def test_only_compound_interest_is_capitalised_by_month_quarter_or_year(words: str) -> None:
    assert refused(loan(f"10% per year {words} actual_365")) == ["E116"]


# ---- what the law limits


def test_a_modest_rate_is_no_flag_and_a_reference_needs_a_year() -> None:
    body = "parameter lpr : rate = 3.45% per year\n" + loan("13.8% per year actual_365", amount="CNY 100_000")
    assert flags(stated(body.replace("on unpaid", "on unpaid reference rate lpr"), as_of="2026-02-15")) == []
    assert refused(body.replace("on unpaid", "on unpaid reference rate 0.01% per day")) == ["E301"]


def test_compound_interest_is_held_against_the_principal_uncompounded() -> None:
    body = loan("10% per year compound actual_365").replace("on unpaid", "on unpaid reference rate 2.5% per year")
    assert flags(stated(body, as_of="2026-02-01")) == []
    assert flags(stated(body, as_of="2026-03-01")) == [("rate over 4x LPR", "loan@once", "0.24")]  # 59.24 - 59


def test_interest_and_penalty_are_flagged_together() -> None:
    body = loan("10% per year simple actual_365").replace("on unpaid }", "on unpaid   penalty CNY 5 }")
    assert flags(stated(body, as_of="2026-02-01")) == [("interest and penalty", "loan@once", "36.00")]


def test_no_agreed_interest_only_while_in_default() -> None:
    body = fee("grace 5 days", amount="CNY 100", schedule="once on 2026-01-01 due on 2026-01-10")
    assert flags(stated(body, monthly(sales=("1",)), as_of="2026-01-15")) == []
    assert flags(stated(body, monthly(sales=("1",)), as_of="2026-01-16")) == [
        ("no agreed interest", "fee@once", "100.00")
    ]
    paid = [{"ref": "P1", "payer": "client", "payee": "operator", "amount": "100", "on": "2026-01-20"}]
    assert flags(stated(body, {**monthly(sales=("1",)), "receipts": paid}, as_of="2026-01-31")) == []


def test_earnest_money_within_a_fifth_is_no_flag() -> None:
    body = "obligation deposit { client must pay operator CNY 20_000 once on 2026-01-01 due on 2026-01-10 earnest of CNY 100_000 failing which { breach minor } }\n"
    paid = [{"ref": "P1", "payer": "client", "payee": "operator", "amount": "20000", "on": "2026-01-05"}]
    assert flags(stated(body, {"receipts": paid}, as_of="2026-01-31")) == []
    over = body.replace("20_000", "20_000.01")
    paid[0]["amount"] = "20000.01"
    assert flags(stated(over, {"receipts": paid}, as_of="2026-01-31")) == [("earnest over 20%", "deposit@once", "0.01")]


def test_damages_by_the_day_open_a_right_on_the_day_of_their_cap() -> None:
    body = (
        "fact done_on : date once\nfact notice_on : date monthly\n"
        'obligation build { operator must deliver "a shed" to client once on 2026-01-01 due on 2026-01-10 performed on done_on failing which { penalty CNY 50 per day, cap CNY 400 } }\n'
        "termination stop { client may terminate when build.penalty >= CNY 400 exercised on notice_on notice 5 days }\n"
        "termination slow { client may terminate when build.days_late >= 3 exercised on notice_on notice 5 days }\n"
    )
    document = stated(body, {"once": {"done_on": None}, **monthly(notice_on=(None,))}, as_of="2026-01-31")
    opened = {r["right"]: r["opened"] for m in document["months"] for r in m["rights"]}
    assert opened == {"stop": "2026-01-18", "slow": "2026-01-13"}


# ---- functions


def value(expression: str, **more: Any) -> Any:
    return stated(f"let v = {expression}\n", as_of="2026-01-31", **more)["months"][0]["values"]["v"]


def test_functions_that_take_words_by_position() -> None:
    assert value("year_fraction(2026-01-01, 2026-07-01, actual_360)")["exact"] == "181/360"
    assert value("year_fraction(2026-02-01, 2026-01-01, thirty_e_360)")["exact"] == "-1/12"
    assert value("prorate(CNY 310, 2026-01-01, 2026-01-01)")["value"] == "10.00"
    assert value("prorate(CNY 310, 2025-12-01, 2026-12-31)")["value"] == "310.00"
    assert value("prorate(CNY 310, 2026-01-09, 2026-01-08)")["value"] == "0.00"
    assert value("fx(CNY 10, 0.14, USD)", currency="CNY, USD") == {
        "type": "money", "currency": "USD", "value": "1.40", "exact": "7/5",
    }  # fmt: skip
    assert refused("let v = year_fraction(2026-01-01, 2026-02-01, actual_364)\n") == ["E210"]
    assert refused("let v = prorate(CNY 1, 2026-01-01, 2026-01-31, none)\n") == ["E210"]
    assert refused("let v = fx(CNY 10, 0.14, USD)\n") == ["E210"]
    assert refused("let v = fx(10, 0.14, CNY)\n") == ["E315"]


def test_weights_add_up_to_one_whole() -> None:
    assert value("weighted(70%, 40%, 80%, 30%, 60%, 30%)")["value"] == "70%"
    assert value("weighted(CNY 100, 100%)")["value"] == "100.00"
    assert refused("let v = weighted(1, 40%, 2, 59%)\n") == ["E442"]
    assert refused("let v = weighted(1, 40%, 2)\n") == ["E206"]
    assert refused("let v = weighted(1, 0.4, 2, 0.6)\n") == ["E315"]
    body = "fact w : percent monthly\nlet v = weighted(10, w, 20, 50%)\n"
    known = {"50%": "15", "40%": None}
    for share, expected in known.items():
        found = stated(body, monthly(w=(share,)), as_of="2026-01-31")["months"][0]["values"]["v"]
        assert found.get("value") == expected
        assert ("not_applicable" in found) == (expected is None)


def test_an_index_is_kept_between_its_bounds() -> None:
    assert value("uplift(CNY 59.86, 7.5%, 0%, 5%)")["exact"] == "62853/1000"
    assert value("uplift(CNY 100, -3%, 0%, 5%)")["value"] == "100.00"
    assert "not_applicable" in value("uplift(CNY 100, 3%, 5%, 0%)")


# ---- Chinese


def test_both_keyword_sets_say_the_same() -> None:
    english = contract(
        "parameter lpr : rate = 3.45% per year\n"
        "obligation a { client must pay operator { x: CNY 106 tax inclusive 6%  y: CNY 10 outside VAT } every month due day 10 of next month tax exclusive 9% "
        "cap per contract year CNY 170 minimum commitment per quarter CNY 300 failing which { interest 24% per year compound quarterly actual_365 on unpaid reference rate lpr } }\n"
        "let v = weighted(70%, 40%, 80%, 60%) * year_fraction(2026-01-01, 2026-02-01, actual_365)\n"
        "let w = uplift(CNY 58, 3.2%, 0%, 5%) + fx(CNY 1, 2, CNY) + prorate(CNY 31, 2026-01-01, 2026-01-09, fixed30)\n"
    )
    chinese = clausal.load(
        '合同 "Money" {\n  语言版本 1\n  币种 CNY\n  合同期限 自 2026-01-01 至 2026-12-31\n  舍入 四舍五入 精确到 0.01\n  月末规则 取月末日\n}\n'
        "当事人 client\n当事人 operator\n数据 receipts : 付款记录\n参数 lpr : 费率 = 3.45%/年\n"
        "义务 a { client 应当 支付给 operator { x: 106元 含增值税6%  y: 10元 不征增值税 } 每月 到期日 次月第10日 另计增值税9% "
        "上限 按合同年度累计 170元 保底金额 按季累计 300元 违约责任 { 逾期利息 24%/年 复利 按季 实际天数除以365 以未付金额为基数 参照利率 lpr } }\n"
        "定义 v = 加权值(70%, 40%, 80%, 60%) * 折合年数(2026-01-01, 2026-02-01, 实际天数除以365)\n"
        "定义 w = 指数调价(58元, 3.2%, 0%, 5%) + 汇率折算(1元, 2, CNY) + 按期折算(31元, 2026-01-01, 2026-01-09, 按三十日)\n"
    )
    assert english.model.obligations == chinese.model.obligations
    assert english.model.values == chinese.model.values
    facts = {"receipts": []}
    pair = [c.evaluate(facts, as_of="2026-05-31", complete_through="2026-05-31").to_dict() for c in (english, chinese)]
    assert pair[0]["months"] == pair[1]["months"] and pair[0]["contingent"] == pair[1]["contingent"]
    # x 106 + y 10 = 116; then 54 is left of the cap; the quarter lacks 130, and bears 9%.
    assert amounts(pair[0], "a") == ["116.00", "54.00", "141.70", "0.00", "0.00"]
