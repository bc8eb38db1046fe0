"""What each operation means: exact, three-valued and total. Each row is a small contract's value in a month."""

# ruff: noqa: E501  (a row is as wide as it is)

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

import clausal

FACTS = """
fact a : boolean monthly
fact b : boolean monthly
fact x : money monthly
fact y : money monthly
fact n : count "boxes" monthly
fact rate_of : percent monthly
fact seen_on : date monthly
fact soon : date once
fact quarterly_x : money quarterly
fact orders : list of { no: text, made_on: date, price: money, quantity: count "boxes", kind: one of {"new", "old"}, sent_on: date? } dated by made_on keyed by no
"""


def contract(lets: str, start: str = "2026-01-01", end: str = "2026-12-31", extra: str = "") -> clausal.Contract:
    return clausal.load(
        f'contract "Values" {{\n  language 1\n  currency CNY\n  term from {start} to {end}\n  rounding half_up to 0.01\n'
        f'  month_end clamp\n{extra}}}\nparty client "C"\nparty operator "O"\n{FACTS}\n{lets}\n'
    )


def values(
    lets: str,
    monthly: Mapping[str, Mapping[str, str]] | None = None,
    as_of: str = "2026-01-31",
    month: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """The values of a month (by default the last), by name."""
    start = more.pop("start", "2026-01-01")
    end = more.pop("end", "2026-12-31")
    extra = more.pop("extra", "")
    complete = more.pop("complete", as_of)
    facts = {**({"monthly": monthly} if monthly else {}), **more}
    document = contract(lets, start, end, extra).evaluate(facts, as_of=as_of, complete_through=complete).to_dict()
    months = [m for m in document["months"] if month in (None, m["month"])]
    return dict(months[-1]["values"])


def shown(value: Mapping[str, Any]) -> Any:
    if value.get("undetermined"):
        return ("needs", *value["needs"])
    if "not_applicable" in value:
        return ("none", value["not_applicable"])
    if value["type"] == "kpi":
        return value["status"]
    if "exact" in value:
        return Fraction(value["exact"])
    if value["type"] == "boolean":
        return value["value"]
    return value["value"]


def one(expression: str, monthly: Mapping[str, Mapping[str, str]] | None = None, **more: Any) -> Any:
    return shown(values(f"let v = {expression}", monthly, **more)["v"])


JANUARY = "2026-01"
T, F, U = "true", "false", ""


# ---- three-valued logic

NA, NB = ("needs", f"a@{JANUARY}"), ("needs", f"b@{JANUARY}")
NAB = ("needs", f"a@{JANUARY}", f"b@{JANUARY}")


@pytest.mark.parametrize(
    ("a", "b", "both", "either"),
    [
        (T, T, True, True),
        (T, F, False, True),
        (F, T, False, True),
        (F, F, False, False),
        (T, U, NB, True),
        (U, T, NA, True),
        (F, U, False, NB),
        (U, F, False, NA),
        (U, U, NAB, NAB),
    ],
)
def test_kleene(a: str, b: str, both: Any, either: Any) -> None:
    found = values("let both = a and b\nlet either = a or b", {JANUARY: {"a": a, "b": b}})
    assert (shown(found["both"]), shown(found["either"])) == (both, either)


@pytest.mark.parametrize(("a", "expected"), [(T, False), (F, True), (U, NA)])
def test_not(a: str, expected: Any) -> None:
    assert one("not a", {JANUARY: {"a": a}}) == expected


@pytest.mark.parametrize(
    ("x", "expected"),
    [("99.99", True), ("100", False), ("100.01", False), ("", ("needs", f"x@{JANUARY}"))],
)
def test_a_comparison_at_its_boundary(x: str, expected: Any) -> None:
    assert one("x < CNY 100", {JANUARY: {"x": x}}) == expected


@pytest.mark.parametrize("sign", ["=", "!=", "<", "<=", ">", ">="])
def test_every_comparison_of_equals_and_of_neighbours(sign: str) -> None:
    for left, right_, wanted in (
        ("1", "1", {"=", "<=", ">="}), ("0.99", "1", {"!=", "<", "<="}), ("1", "0.99", {"!=", ">", ">="}), ("-0.01", "0", {"!=", "<", "<="}),
    ):  # fmt: skip
        assert one(f"x {sign} y", {JANUARY: {"x": left, "y": right_}}) is (sign in wanted)


# ---- choices


@pytest.mark.parametrize(
    ("a", "expected"),
    [(T, Fraction(1)), (F, Fraction(2)), (U, ("needs", f"a@{JANUARY}"))],
)
def test_if(a: str, expected: Any) -> None:
    assert one("if a then CNY 1 else CNY 2", {JANUARY: {"a": a}}) == expected


def test_a_condition_that_is_not_known_does_not_matter_where_both_branches_agree() -> None:
    assert one("if a then CNY 7 else CNY 7", {JANUARY: {"a": U}}) == 7
    assert one("if a then x else x", {JANUARY: {"a": U, "x": "5"}}) == 5
    assert one("if a then x else CNY 5", {JANUARY: {"a": U, "x": "5"}}) == 5


def test_a_branch_that_is_not_taken_may_be_unknown() -> None:
    assert one("if a then CNY 7 else x", {JANUARY: {"a": T, "x": ""}}) == 7
    assert one("if a then CNY 7 else x", {JANUARY: {"a": F, "x": ""}}) == ("needs", f"x@{JANUARY}")
    assert one("if a then CNY 7 else x", {JANUARY: {"a": U, "x": ""}}) == ("needs", f"a@{JANUARY}", f"x@{JANUARY}")


def test_the_first_case_that_holds() -> None:
    choose = "choose { when x >= CNY 100: CNY 3  when x >= CNY 50: CNY 2  otherwise: CNY 1 }"
    assert [one(choose, {JANUARY: {"x": x}}) for x in ("100", "99.99", "50", "49.99", "-1")] == [3, 2, 2, 1, 1]
    assert one("choose { when a: CNY 1  when b: CNY 2  otherwise: CNY 3 }", {JANUARY: {"a": F, "b": U}}) == NB
    assert one("choose { when a: CNY 1  when b: CNY 2  otherwise: CNY 3 }", {JANUARY: {"a": T, "b": U}}) == 1
    assert one("choose { when a: CNY 1  when b: CNY 1  otherwise: CNY 1 }", {JANUARY: {"a": U, "b": U}}) == 1


def test_no_case_applies() -> None:
    assert one("choose { when a: CNY 1 }", {JANUARY: {"a": F}}) == ("none", "no case applies")


# ---- arithmetic


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("x + y", Fraction(13)),
        ("x - y", Fraction(7)),
        ("y - x", Fraction(-7)),
        ("-x", Fraction(-10)),
        ("x / y", Fraction(10, 3)),
        ("x / 3", Fraction(10, 3)),
        ("x * 3 / 3", Fraction(10)),
        ("x / 3 * 3", Fraction(10)),  # nothing is rounded on the way
        ("5% of x", Fraction(1, 2)),
        ("0.05% of x", Fraction(1, 200)),
        ("x * 110%", Fraction(11)),
        ("x * (100% + 10%)", Fraction(11)),
        ("x - y * 2 + CNY 1", Fraction(5)),
        ("(x - y) * 2", Fraction(14)),
        ("2 * n", Fraction(14)),
        ("x * n", Fraction(70)),
        ("minimum(x, y)", Fraction(3)),
        ("maximum(x, y, CNY 20)", Fraction(20)),
        ("absolute(y - x)", Fraction(7)),
        ("rounded(x / 3, CNY 0.01)", Fraction("3.33")),
        ("floor(x / y)", Fraction(3)),
        ("ceiling(x / y)", Fraction(4)),
        ("floor(-x / y)", Fraction(-4)),
        ("limit(x, CNY 0, CNY 4)", Fraction(4)),
        ("x = CNY 10", True),
    ],
)
def test_arithmetic_is_exact(expression: str, expected: Any) -> None:
    assert one(expression, {JANUARY: {"x": "10", "y": "3", "n": "7"}}) == expected


def test_very_large_and_very_small_sums_are_exact() -> None:
    big = "1" + "0" * 30
    found = values("let v = x * 3 + y\nlet w = x / 3", {JANUARY: {"x": big, "y": "0.01"}})
    assert found["v"]["value"] == "3" + "0" * 30 + ".01"
    assert Fraction(found["w"]["exact"]) == Fraction(10**30, 3)


def test_percents_and_points() -> None:
    found = values(
        "let up = rate_of + 2pp\nlet down = rate_of - 2pp\nlet gap = 12% - 10%\nlet over = rate_of >= 5%\nlet share = rate_of * x\nlet plain = rate_of > 0.05",
        {JANUARY: {"rate_of": "5%", "x": "200"}},
    )
    assert {k: shown(v) for k, v in found.items()} == {
        "up": Fraction(7, 100), "down": Fraction(3, 100), "gap": Fraction(2, 100), "over": True, "share": 10, "plain": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    "bad",
    [
        "rate_of = 2pp",
        "x > 5",
        "x + n",
        "x * y",
        "x = n",
        "5% + x",
        "seen_on + x",
        "a + b",
        "x and a",
        "not x",
        "n > 5 months",
        "30 days > 1 month",
    ],
)
def test_units_that_do_not_meet_are_refused(bad: str) -> None:
    with pytest.raises(clausal.Rejected):
        contract(f"let v = {bad}")


@pytest.mark.parametrize("zero", ["0", "0.00", "-0"])
def test_division_by_zero_is_not_applicable(zero: str) -> None:
    facts = {JANUARY: {"x": "1", "y": zero}}
    assert one("x / y", facts) == ("none", "division by zero")
    assert one("x / y + 1", facts) == ("none", "division by zero")
    assert one("fallback(x / y, 7)", facts) == 7
    assert one("x / y > 1", facts) == ("none", "division by zero")
    assert one("if x / y > 1 then CNY 1 else CNY 2", facts) == ("none", "division by zero")
    assert one("if x / y > 1 then CNY 2 else CNY 2", facts) == 2
    assert one("x / y > 1 or x > CNY 0", facts) is True
    assert one("x / y > 1 and x < CNY 0", facts) is False


def test_a_kpi_over_what_is_not_applicable_is_not_assessed() -> None:
    assert shown(values("kpi k monthly { met when x / y > 1 }", {JANUARY: {"x": "1", "y": "0"}})["k"]) == "not assessed"


def test_what_is_unknown_stays_unknown_and_is_named_once() -> None:
    needs = ("needs", f"x@{JANUARY}", f"y@{JANUARY}")
    assert one("x + y + x", {JANUARY: {"x": "", "y": ""}}) == needs
    assert one("x / y", {JANUARY: {"x": "", "y": "0"}}) == ("needs", f"x@{JANUARY}")


# ---- dates


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("seen_on + 10 days", "2026-02-10"),
        ("seen_on + 1 month", "2026-02-28"),
        ("seen_on + 2 months", "2026-03-31"),  # from the anchor, not from 28 February
        ("seen_on - 1 month", "2025-12-31"),
        ("seen_on + 1 year", "2027-01-31"),
        ("seen_on + 2 weeks", "2026-02-14"),
        ("seen_on + 1 quarter", "2026-04-30"),
        ("seen_on - 31 days", "2025-12-31"),
        ("first_of_month(seen_on)", "2026-01-01"),
        ("month end", "2026-01-31"),
        ("month start + 4 days", "2026-01-05"),
        ("term end", "2026-12-31"),
        ("days_between(seen_on, 2026-03-01)", Fraction(29)),
        ("seen_on < 2026-02-01", True),
        ("seen_on >= 2026-01-31", True),
    ],
)
def test_dates(expression: str, expected: Any) -> None:
    assert one(expression, {JANUARY: {"seen_on": "2026-01-31"}}) == expected


def test_leap_days() -> None:
    def on(expression: str) -> Any:
        return one(
            expression, {"2024-02": {"seen_on": "2024-02-29"}}, as_of="2024-02-29", start="2024-02-01", end="2030-12-31"
        )

    assert [on("seen_on + 1 year"), on("seen_on + 4 years"), on("seen_on + 12 months"), on("days_in_month()")] == [
        "2025-02-28", "2028-02-29", "2025-02-28", Fraction(29),
    ]  # fmt: skip


def test_a_date_that_did_not_happen_compares_as_false() -> None:
    facts = {JANUARY: {"seen_on": ""}}
    assert [one(e, facts) for e in ("seen_on < 2026-02-01", "seen_on >= 2026-02-01")] == [False, False]


# ---- lists

ORDERS = [
    {"no": "1", "made_on": "2026-01-05", "price": "10", "quantity": "2", "kind": "new", "sent_on": "2026-01-09"},
    {"no": "2", "made_on": "2026-01-31", "price": "7.50", "quantity": "4", "kind": "old", "sent_on": ""},
    {"no": "3", "made_on": "2026-02-01", "price": "1", "quantity": "1", "kind": "new", "sent_on": ""},
    {"no": "0", "made_on": "2025-12-31", "price": "1000", "quantity": "1", "kind": "new", "sent_on": ""},
]


@pytest.mark.parametrize(
    ("expression", "january", "february", "march"),
    [
        ("sum of price * quantity for each orders", 50, 1, 0),
        ("count of orders", 2, 1, 0),
        ('count of orders where kind = "new"', 1, 1, 0),
        ("sum of price for each orders where quantity > 2", Fraction(15, 2), 0, 0),
        ("minimum of price for each orders", Fraction(15, 2), 1, ("none", "nothing to choose from")),
        ("maximum of price for each orders", 10, 1, ("none", "nothing to choose from")),
        ("average of price for each orders", Fraction(35, 4), 1, ("none", "nothing to choose from")),
        ("count of orders where sent_on <= 2026-01-31", 1, 0, 0),
        (
            "sum of price for each orders over last 2 months",
            Fraction(2035, 2),
            Fraction(37, 2),
            1,
        ),  # history counts in a window
        ("sum of price for each orders over since start", Fraction(35, 2), Fraction(37, 2), Fraction(37, 2)),
        ("sum of price for each orders over this quarter", Fraction(35, 2), Fraction(37, 2), Fraction(37, 2)),
        ("sum of price for each orders over calendar year to date", Fraction(35, 2), Fraction(37, 2), Fraction(37, 2)),
        ("sum of price for each orders over contract year to date", Fraction(35, 2), Fraction(37, 2), Fraction(37, 2)),
        ("sum of price for each orders over until previous month", 0, Fraction(35, 2), Fraction(37, 2)),
    ],
)
def test_over_records(expression: str, january: Any, february: Any, march: Any) -> None:
    found = [one(expression, as_of="2026-03-31", month=f"2026-0{m}", orders=ORDERS) for m in (1, 2, 3)]
    assert found == [january, february, march]


def test_an_empty_list_is_nothing_and_a_list_that_is_not_given_is_unknown() -> None:
    assert one("sum of price for each orders", orders=[]) == 0
    assert one("count of orders", orders=[]) == 0
    assert one("sum of price for each orders", {JANUARY: {"x": "1"}}) == ("needs", f"orders@{JANUARY}")


def test_a_blank_field_makes_the_sum_unknown_unless_it_is_left_out() -> None:
    orders = [dict(ORDERS[0]), {**ORDERS[1], "price": ""}]
    found = one("sum of price for each orders", orders=orders)
    assert found[0] == "needs"
    assert one('sum of price for each orders where kind = "new"', orders=orders) == 10


def test_records_of_days_outside_the_term_count_only_as_history() -> None:
    kw: dict[str, Any] = {"as_of": "2026-01-31", "start": "2026-01-10", "orders": ORDERS}
    assert one("count of orders", **kw) == 1
    assert one("count of orders over last 2 months", **kw) == 3


def test_a_month_that_is_not_complete_is_shown_to_date() -> None:
    found = values("let v = sum of price for each orders", as_of="2026-01-20", orders=ORDERS)["v"]
    assert (found["value"], found["to_date"]) == ("10.00", True)
    found = values("let v = sum of price for each orders", as_of="2026-01-31", complete="2026-01-30", orders=ORDERS)[
        "v"
    ]
    assert found.get("to_date") is True


# ---- windows over months, the month before, the year before

SALES = {f"2026-{m:02d}": {"x": str(100 * m)} for m in range(1, 8)}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("sum of x over this month", 700),
        ("sum of x over last 3 months", 500 + 600 + 700),
        ("sum of x over this quarter", 700),
        ("sum of x over since start", 2800),
        ("sum of x over until previous month", 2100),
        ("sum of x over calendar year to date", 2800),
        ("average of x over last 2 months", 650),
        ("maximum of x over last 4 months", 700),
        ("minimum of x over last 4 months", 400),
        ("count of x >= CNY 300 over since start", 5),
        ("x of previous month", 600),
        ("x of 2026-03", 300),
        ("x - x of previous month", 100),
        ("growth of x over previous month", Fraction(1, 6)),
    ],
)
def test_windows_in_july(expression: str, expected: Any) -> None:
    assert one(expression, SALES, as_of="2026-07-31") == expected


def test_a_contract_year_begins_with_the_term() -> None:
    facts = {f"2026-{m:02d}": {"x": "1"} for m in range(3, 13)} | {f"2027-{m:02d}": {"x": "1"} for m in range(1, 6)}
    kw: dict[str, Any] = {"start": "2026-03-15", "end": "2028-12-31"}
    assert one("sum of x over contract year to date", facts, as_of="2027-02-28", **kw) == 12
    assert one("sum of x over calendar year to date", facts, as_of="2027-02-28", **kw) == 2
    assert one("sum of x over contract year to date", facts, as_of="2027-04-30", **kw) in (2, 3)


def test_before_the_history() -> None:
    assert one("x of previous month", {JANUARY: {"x": "1"}}) == ("none", "before the history")
    assert one("fallback(x of previous month, CNY 0)", {JANUARY: {"x": "1"}}) == 0
    assert one("x of previous month", {"2025-12": {"x": "9"}, JANUARY: {"x": "1"}}) == 9
    assert one("growth of x over previous month", {JANUARY: {"x": "1"}}) == ("none", "before the history")


def test_growth_from_zero() -> None:
    assert one("growth of x over previous month", {JANUARY: {"x": "0"}, "2026-02": {"x": "1"}}, as_of="2026-02-28") == (
        "none",
        "division by zero",
    )


# ---- runs and counts of months


def run(months: str, test: str, extra: str = "") -> Any:
    """`+` met, `-` missed, `?` unknown, `o` not assessed."""
    words = {"+": {"a": T, "b": F}, "-": {"a": F, "b": F}, "?": {"a": U, "b": F}, "o": {"a": F, "b": T}}
    facts = {f"2026-{i:02d}": words[sign] for i, sign in enumerate(months, 1)}
    last = max(facts)
    end = dt.date(2026, int(last[5:]) + 1, 1) - dt.timedelta(1)
    lets = f"kpi k monthly {{ not assessed when b  met when a }}\nlet v = {test}"
    return shown(values(lets, facts, as_of=end.isoformat())["v"])


@pytest.mark.parametrize(
    ("months", "skipping", "resetting"),
    [
        ("---", True, True),
        ("--", False, False),  # before the term there is nothing
        ("+---", True, True),
        ("-+--", False, False),
        ("--o-", True, False),
        ("-o-o-", True, False),
        ("---o", True, False),
        ("--+", False, False),
        ("?--", ("needs", "a@2026-01"), ("needs", "a@2026-01")),
        ("-?-", ("needs", "a@2026-02"), ("needs", "a@2026-02")),
        ("--?", ("needs", "a@2026-03"), ("needs", "a@2026-03")),
        ("?---", True, True),  # decided without it
        ("?+--", False, False),
        ("-?+-", False, False),
        ("-?o-", ("needs", "a@2026-02"), False),
        ("??-", ("needs", "a@2026-01", "a@2026-02"), ("needs", "a@2026-01", "a@2026-02")),
    ],
)
def test_three_in_a_row(months: str, skipping: Any, resetting: Any) -> None:
    assert run(months, "k missed for 3 consecutive months skipping not assessed") == skipping
    assert run(months, "k missed for 3 consecutive months resetting on not assessed") == resetting


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        ("--", True),
        ("-+-", True),
        ("-++-", True),
        ("-+++-", False),  # the first lies outside of the last four
        ("-+?+", ("needs", "a@2026-03")),
        ("-?-+", True),
        ("+?++", False),
        ("-o-", True),
    ],
)
def test_two_of_the_last_four(months: str, expected: Any) -> None:
    assert run(months, "k missed in at least 2 of last 4 months skipping not assessed") == expected


@pytest.mark.parametrize(
    ("months", "before", "so_far"),
    [
        ("-", False, True),
        ("+", False, False),
        ("-+", True, True),
        ("?+", ("needs", "a@2026-01"), ("needs", "a@2026-01")),
        ("?-", ("needs", "a@2026-01"), True),
    ],
)
def test_in_any_month(months: str, before: Any, so_far: Any) -> None:
    assert run(months, "k missed in any previous month") == before
    assert run(months, "k missed in any month so far") == so_far


# ---- kpis


def test_a_kpi_starts_when_said() -> None:
    lets = "kpi k monthly { starting from 2026-02-01  met when a }"
    found = [
        shown(values(lets, {f"2026-0{m}": {"a": F} for m in (1, 2)}, as_of="2026-02-28", month=f"2026-0{m}")["k"])
        for m in (1, 2)
    ]
    assert found == ["not assessed", "missed"]
    lets = "kpi k monthly { starting from 2026-02-02  met when a }"
    found = [
        shown(values(lets, {f"2026-0{m}": {"a": F} for m in (2, 3)}, as_of="2026-03-31", month=f"2026-0{m}")["k"])
        for m in (2, 3)
    ]
    assert found == ["not assessed", "missed"]
    lets = "kpi k monthly { starting from first_of_month(2026-02-20)  met when a }"
    assert shown(values(lets, {"2026-02": {"a": F}}, as_of="2026-02-28")["k"]) == "missed"


def test_a_month_that_the_term_covers_in_part() -> None:
    facts = {"2026-01": {"a": F}}
    assert shown(values("kpi k monthly { met when a }", facts, start="2026-01-02")["k"]) == "not assessed"
    assert (
        shown(values("kpi k monthly { met when a  partial months in full }", facts, start="2026-01-02")["k"])
        == "missed"
    )


def test_levels_are_read_in_order() -> None:
    lets = "kpi k monthly { met when x >= CNY 100  level red when x < CNY 50  level amber when x < CNY 100 }"
    assert [values(lets, {JANUARY: {"x": x}})["k"].get("level") for x in ("49.99", "50", "100")] == [
        "red",
        "amber",
        None,
    ]


# ---- presumed, and parameters by their day


def test_a_presumption_stands_until_something_is_said() -> None:
    lets = "fact force : boolean monthly presume false\nlet v = force"
    assert [shown(values(lets, {JANUARY: {"force": f, "x": "1"}})["v"]) for f in ("", "true", "false", "unknown")] == [
        False, True, False, ("needs", f"force@{JANUARY}"),
    ]  # fmt: skip


def test_a_parameter_in_a_monthly_value_is_that_of_the_first_day() -> None:
    lets = "parameter p : money { from 2026-01-01: CNY 1  from 2026-01-02: CNY 2  from 2026-02-01: CNY 3 }\nlet v = p"
    assert [
        shown(values(lets, {"2026-01": {"x": "1"}}, as_of="2026-02-28", month=f"2026-0{m}")["v"]) for m in (1, 2)
    ] == [1, 3]


def test_a_parameter_that_was_given_for_the_run() -> None:
    found = contract("parameter p : money = TBD\nlet v = p * 2").evaluate(
        {}, as_of="2026-01-31", parameters={"p": "CNY 1_000.50"}
    )
    assert found.to_dict()["months"][0]["values"]["v"]["value"] == "2001.00"
    with pytest.raises(clausal.Rejected) as rejected:
        contract("parameter p : money = TBD\nlet v = p * 2").evaluate({}, as_of="2026-01-31")
    assert [d.code for d in rejected.value.diagnostics] == ["R701"]
