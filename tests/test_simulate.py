"""What if: cliffs and edges of tiers computed by hand, conditions solved over a range, and what is said of both."""

from __future__ import annotations

import datetime as dt
import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import clausal
from clausal.cli import main
from clausal.dsl.diagnostics import Rejected
from clausal.dsl.wording import percent_text
from clausal.engine.facts import Facts
from clausal.engine.quantities import condition, held_against, quantity
from clausal.engine.report import plot
from clausal.engine.simulate import Answer, Question, Reason, Turn, axis, setting, simulate

CONTRACTS = Path(__file__).resolve().parent.parent / "contracts"

TIERS = """contract "Tiers" {
  language 1
  currency CNY
  term from 2026-01-01 to 2026-12-31
  rounding half_up to 0.01
  month_end clamp
}
party client "A"
party operator "B"
parameter floor_fee : money = CNY 1_000
parameter share : percent = 50%
fact sales : money monthly
fact dealers : count "dealers" monthly
fact paid_on : date monthly
fact receipts : payments
let marginal_fee = tiers marginal per month on sales {
  up to CNY 500_000: 2%
  up to CNY 1_000_000: 3%
  above: 4%
}
let whole_fee = tiers whole per month on sales {
  up to CNY 500_000: 2%
  up to CNY 1_000_000: 3%
  above: 4%
}
let net_of_costs = marginal_fee - CNY 15_000
kpi goal monthly { met when dealers >= 5 and sales > CNY 800_000 }
clause "1" "Fee" {
  obligation pay_fee {
    client must pay operator maximum(marginal_fee, floor_fee)
    every month due day 10 of next month
    performed by receipts
  }
}
"""


CURVES = (
    TIERS.split("let marginal_fee", maxsplit=1)[0]
    + """
let squared = sales * (sales / CNY 1)
let packs = package(sales / CNY 1, 7, CNY 3)
"""
)


@pytest.fixture(scope="module")
def curves() -> clausal.Contract:
    return clausal.load(CURVES)


@pytest.fixture(scope="module")
def tiers() -> clausal.Contract:
    return clausal.load(TIERS)


def facts_of(contract: clausal.Contract, **march: Any) -> Facts:
    months = {f"2026-0{month}": {"sales": 700_000, "dealers": 5, **march} for month in (1, 2, 3)}
    read, _ = contract.read_facts({**months, "receipts": []})
    return read


def asked(contract: clausal.Contract, vary: str, *shown: str, solve: str = "", **more: Any) -> Answer:
    facts = facts_of(contract)
    conditions = []
    if solve:
        name, sign, value = condition(solve)
        conditions.append(held_against(contract.model, quantity(contract.model, name), sign, value))
    question = Question(
        (axis(contract.model, facts, vary),),
        tuple(quantity(contract.model, name) for name in shown),
        tuple(conditions),
        **more,
    )
    return simulate(contract.prepared, facts, question)


def told(turn: Turn) -> list[tuple[object, ...]]:
    return [(e.kind, e.before, e.after, *e.slopes) for e in turn.effects]


# ---- cliffs and edges ----------------------------------------------------------------------------------------------


def test_marginal_tiers_have_an_edge_at_each_bound(tiers: clausal.Contract) -> None:
    """2% to 500,000, 3% to 1,000,000, 4% above: 10,000 and 25,000 at the bounds; a cent more bears 3% and 4% of a cent."""
    answer = asked(tiers, "sales@2026-03=0..2_000_000:100_000", "marginal_fee@2026-03")
    assert [turn.at for turn in answer.turns] == [500_000, 1_000_000]
    first, second = answer.turns
    assert told(first) == [("bend", 10_000, Fraction("10000.0003"), Fraction(2, 100), Fraction(3, 100))]
    assert told(second) == [("bend", 25_000, Fraction("25000.0004"), Fraction(3, 100), Fraction(4, 100))]
    assert (first.left, first.right) == (500_000, Fraction("500000.01"))


def test_whole_tiers_have_a_cliff_at_each_bound(tiers: clausal.Contract) -> None:
    """At 500,000 the fee is 2% of it, 10,000; a cent more bears 3% of all, 15,000.0003. At 1,000,000
    it is 30,000, behind it 40,000.0004."""
    answer = asked(tiers, "sales@2026-03=0..2_000_000:100_000", "whole_fee@2026-03")
    assert [told(turn)[0][:3] for turn in answer.turns] == [
        ("jump", 10_000, Fraction("15000.0003")),
        ("jump", 30_000, Fraction("40000.0004")),
    ]
    assert [turn.at for turn in answer.turns] == [500_000, 1_000_000]


def test_the_reason_is_the_line_of_the_band(tiers: clausal.Contract) -> None:
    answer = asked(tiers, "sales@2026-03=0..2_000_000", "whole_fee@2026-03")
    lines = TIERS.splitlines()
    reasons = [reason for turn in answer.turns for reason in turn.reasons]
    assert all(isinstance(reason, Reason) and reason.owner == "whole_fee" for reason in reasons)
    assert [lines[reason.line - 1].strip() for reason in reasons if isinstance(reason, Reason)] == [
        "up to CNY 500_000: 2%",
        "up to CNY 1_000_000: 3%",
    ]


def test_a_floor_is_an_edge_of_the_rounded_line_too(tiers: clausal.Contract) -> None:
    """The least fee of 1,000 is 2% of 50,000: flat before, 2% behind; then the edges of the tiers. None of the roundings of
    the line to a cent counts as a cliff."""
    answer = asked(tiers, "sales@2026-03=0..2_000_000:100_000", "pay_fee@2026-03")
    assert [turn.at for turn in answer.turns] == [50_000, 500_000, 1_000_000]
    assert [told(turn)[0][0] for turn in answer.turns] == ["bend"] * 3
    assert [told(turn)[0][3:] for turn in answer.turns] == [
        (0, Fraction(2, 100)),
        (Fraction(2, 100), Fraction(3, 100)),
        (Fraction(3, 100), Fraction(4, 100)),
    ]
    assert [r.text for r in answer.turns[0].reasons if isinstance(r, Reason)] == ["maximum(marginal_fee, floor_fee)"]


def test_shares_that_are_rounded_are_no_cliffs() -> None:
    """A split is rounded to cents, so a third of the sales goes up by a cent now and then: that is no turn."""
    third = "let third = split sales { client: 1/3, operator: rest }\nlet mine = third.client\n"
    contract = clausal.load(CURVES + third)
    answer = asked(contract, "sales@2026-03=0..1_000:250", "mine@2026-03", "third.operator@2026-03")
    assert answer.turns == () and answer.bent == ()


def test_a_waterfall_turns_where_a_bucket_is_full() -> None:
    """300 to the client, then 200 to the operator, the rest by halves: the operator gets nothing, all, nothing, a half."""
    fall = "let fall = waterfall sales { client up to CNY 300 operator up to CNY 200 rest { client: 50%, operator: 50% } }\n"
    answer = asked(clausal.load(CURVES + fall), "sales@2026-03=0..1_000:250", "fall.operator@2026-03")
    assert [turn.at for turn in answer.turns] == [300, 500]
    assert [told(turn)[0][3:] for turn in answer.turns] == [(0, 1), (1, Fraction(1, 2))]


def test_a_bound_between_two_grid_points_is_found_to_the_cent(tiers: clausal.Contract) -> None:
    answer = asked(tiers, "sales@2026-03=0.03..1_999_999.98:777_777.77", "whole_fee@2026-03")
    assert [turn.left for turn in answer.turns] == [500_000, 1_000_000]


def test_a_status_turns_where_its_condition_does(tiers: clausal.Contract) -> None:
    answer = asked(tiers, "sales@2026-03=0..2_000_000:1_000_000", "goal@2026-03")
    (turn,) = answer.turns
    assert (turn.left, turn.right) == (800_000, Fraction("800000.01"))
    assert told(turn)[0][:3] == ("turn", "missed", "met")


def test_a_count_turns_from_one_to_the_next(tiers: clausal.Contract) -> None:
    answer = asked(tiers, "dealers@2026-03=0..10:5", "goal@2026-03", settings=(
        setting(tiers.model, facts_of(tiers), "sales@2026-03=900_000"),
    ))  # fmt: skip
    assert [(turn.left, turn.right) for turn in answer.turns] == [(4, 5)]


def test_a_straight_line_does_not_turn(tiers: clausal.Contract) -> None:
    answer = asked(tiers, "sales@2026-03=0..400_000", "marginal_fee@2026-03")
    assert answer.turns == () and answer.bent == ()


def test_what_changes_nothing_is_said_to(files: Path) -> None:
    result = run(files, "--vary", "floor_fee=0..10:1")
    assert "Nothing in the statement changes over this range." in result.stdout


def test_what_is_no_line_is_said_to_be_none(curves: clausal.Contract) -> None:
    answer = asked(curves, "sales@2026-03=0..400_000", "squared@2026-03")
    assert answer.bent == (0,)


def test_a_function_that_steps_everywhere_is_named_and_not_listed(curves: clausal.Contract) -> None:
    answer = asked(curves, "sales@2026-03=0..2_000_000", "packs@2026-03")
    assert [reason.text for reason in answer.stepping] == ["package(sales / CNY 1, 7, CNY 3)"]


def test_few_steps_are_listed(curves: clausal.Contract) -> None:
    """Packs of 7: one more at each cent above 0, 7 and 14."""
    answer = asked(curves, "sales@2026-03=0..20", "packs@2026-03")
    assert [(t.left, told(t)[0][1:3]) for t in answer.turns] == [(0, (0, 3)), (7, (3, 6)), (14, (6, 9))]


# ---- conditions ----------------------------------------------------------------------------------------------------


def stretches(answer: Answer) -> list[tuple[object, object]]:
    return [(s.first, s.last) for s in answer.solutions[0].holds]


def test_one_solution(tiers: clausal.Contract) -> None:
    """3% band: 10,000 + 3% of what is over 500,000 is 13,000 at 600,000."""
    answer = asked(tiers, "sales@2026-03=0..2_000_000", solve="marginal_fee@2026-03 = 13_000")
    assert stretches(answer) == [(600_000, 600_000)]


def test_two_solutions(tiers: clausal.Contract) -> None:
    """The distance of 20,000 from the fee is 5,000 at 15,000 and at 25,000: sales of 666,666.67 don't give the first to
    the cent, so 1,000,000 alone does; of 4,000 both do: 16,000 at 700,000, and 24,000 at 966,666.67, which no cent gives."""
    contract = clausal.load(TIERS.replace("kpi goal", "let off = absolute(marginal_fee - CNY 19_000)\nkpi goal"))
    facts = facts_of(contract)
    name, sign, value = condition("off@2026-03 = 6_000")
    asked_ = held_against(contract.model, quantity(contract.model, name), sign, value)
    question = Question((axis(contract.model, facts, "sales@2026-03=0..2_000_000"),), (), (asked_,))
    answer = simulate(contract.prepared, facts, question)
    # 19,000 - 6,000 = 13,000 at 600,000; 19,000 + 6,000 = 25,000 at 1,000,000
    assert stretches(answer) == [(600_000, 600_000), (1_000_000, 1_000_000)]


def test_an_interval(tiers: clausal.Contract) -> None:
    """The least fee holds from 0 to where 2% rounds above it: 50,000.24 × 2% = 1,000.0048, 50,000.25 × 2% = 1,000.005."""
    answer = asked(tiers, "sales@2026-03=0..2_000_000", solve="pay_fee@2026-03 = 1_000")
    assert stretches(answer) == [(0, Fraction("50000.24"))]


def test_from_where_on(tiers: clausal.Contract) -> None:
    """999,999.84 × 3% - 5,000 = 24,999.9952, which is rounded to 25,000.00; a cent less gives 24,999.9949."""
    answer = asked(tiers, "sales@2026-03=0..2_000_000", solve="pay_fee@2026-03 >= 25_000")
    assert stretches(answer) == [(Fraction("999999.84"), 2_000_000)]


def test_a_value_that_a_cliff_leaps_over(tiers: clausal.Contract) -> None:
    answer = asked(tiers, "sales@2026-03=0..2_000_000", solve="whole_fee@2026-03 = 12_000")
    (solution,) = answer.solutions
    assert solution.holds == () and solution.skipped
    assert solution.near == ((500_000, 10_000), (Fraction("500000.01"), Fraction("15000.0003")))


def test_a_value_that_no_cent_gives(tiers: clausal.Contract) -> None:
    """13,000.001 is 3% of no whole number of cents: 600,000.03 gives 13,000.0009 and 600,000.04 gives 13,000.0012."""
    answer = asked(tiers, "sales@2026-03=0..2_000_000", solve="marginal_fee@2026-03 = 13_000.001")
    (solution,) = answer.solutions
    assert solution.skipped
    assert [place for place, _ in solution.near] == [Fraction("600000.03"), Fraction("600000.04")]


def test_nowhere_and_the_nearest(tiers: clausal.Contract) -> None:
    answer = asked(tiers, "sales@2026-03=0..2_000_000", solve="marginal_fee@2026-03 >= 100_000")
    (solution,) = answer.solutions
    assert (solution.holds, solution.skipped, solution.near) == ((), False, ((2_000_000, 65_000),))


def test_break_even(tiers: clausal.Contract) -> None:
    answer = asked(tiers, "sales@2026-03=0..2_000_000", solve="net_of_costs@2026-03 > 0")
    # 10,000 + 3% × (x - 500,000) > 15,000: above 666,666.666…
    assert stretches(answer) == [(Fraction("666666.67"), 2_000_000)]


def test_a_status_solved(tiers: clausal.Contract) -> None:
    answer = asked(tiers, "sales@2026-03=0..2_000_000", solve="goal@2026-03 = met")
    assert stretches(answer) == [(Fraction("800000.01"), 2_000_000)]


def test_total_is_what_has_come_to_be_owed(tiers: clausal.Contract) -> None:
    """January and February: 10,000 + 3% × 200,000 = 16,000 each; March makes up the rest of 45,000."""
    answer = asked(tiers, "sales@2026-03=0..2_000_000", solve="total = 45_000")
    # lines are rounded to cents: 13,000.00 from 599,999.84 (12,999.9952) to 600,000.16 (13,000.0048)
    assert stretches(answer) == [(Fraction("599999.84"), Fraction("600000.16"))]


def test_unknown_is_not_zero(tiers: clausal.Contract) -> None:
    facts, _ = tiers.read_facts({"2026-03": {"sales": 700_000, "dealers": 5}, "receipts": []})
    name, sign, value = condition("total = 0")
    solve = held_against(tiers.model, quantity(tiers.model, name), sign, value)
    answer = simulate(
        tiers.prepared, facts, Question((axis(tiers.model, facts, "sales@2026-03=0..1_000_000"),), (), (solve,))
    )
    (solution,) = answer.solutions
    assert solution.holds == () and solution.near == ()
    assert solution.undetermined == ((0, 1_000_000, ("sales@2026-01", "sales@2026-02")),)


# ---- the law -------------------------------------------------------------------------------------------------------

_RATES = st.integers(min_value=0, max_value=1_000).map(lambda points: Fraction(points, 10_000))
# in cents, three apart: one single cent is no line that a slope could be told of
_BOUNDS = st.lists(st.integers(1, 33_333).map(lambda n: 3 * n), min_size=1, max_size=4, unique=True).map(sorted)


@settings(max_examples=25, deadline=None)
@given(bounds=_BOUNDS, rates=st.data(), whole=st.booleans(), below=st.booleans())
def test_what_is_told_of_tiers_is_all_and_true(bounds: list[int], rates: Any, whole: bool, below: bool) -> None:
    """Every turn is one, none is missed, and between two of them the amount is a straight line."""
    found: list[Fraction] = [rates.draw(_RATES) for _ in range(len(bounds) + 1)]
    said = "below" if below else "up to"
    bands = "".join(
        f"{said} CNY {b // 100}.{b % 100:02d}: {percent_text(r)}\n" for b, r in zip(bounds, found, strict=False)
    )
    method = "whole" if whole else "marginal"
    text = TIERS.split("let marginal_fee")[0] + (
        f"let fee = tiers {method} per month on sales {{\n{bands}above: {percent_text(found[-1])}\n}}\n"
    )
    contract = clausal.load(text)

    def amount(cents: int) -> Fraction:
        x, total, low = Fraction(cents, 100), Fraction(0), Fraction(0)
        for bound, rate in zip([Fraction(b, 100) for b in bounds], found, strict=False):
            inside = x < bound if below else x <= bound
            if inside:
                return x * rate if whole else total + (x - low) * rate
            total, low = total + (bound - low) * rate, bound
        return x * found[-1] if whole else total + (x - low) * found[-1]

    facts = facts_of(contract)
    question = Question(
        (axis(contract.model, facts, "sales@2026-03=0..1_000:100"),), (quantity(contract.model, "fee@2026-03"),)
    )
    answer = simulate(contract.prepared, facts, question)
    lefts = [int(Fraction(str(turn.left)) * 100) for turn in answer.turns]
    # what is before a bound: the bound itself, or (where it belongs to the band above) the cent before it
    wanted = [
        bound - (1 if below else 0)
        for bound, (before, after) in zip(bounds, pairwise(found), strict=True)
        if before != after
    ]
    assert lefts == wanted
    for first, last in pairwise([0, *(x for left in lefts for x in (left, left + 1)), 100_000]):
        middle = (first + last) // 2
        if (first, last) in [(left, left + 1) for left in lefts] or middle == first:
            continue
        line = amount(first) + (amount(last) - amount(first)) * Fraction(middle - first, last - first)
        assert amount(middle) == line
    for turn, left in zip(answer.turns, lefts, strict=True):
        assert (turn.effects[0].before, turn.effects[0].after) == (amount(left), amount(left + 1))


# ---- records -------------------------------------------------------------------------------------------------------


def test_a_payment_made_later_bears_interest_for_each_day() -> None:
    """8,000 due on 10 February, grace of 5 days delaying, 0.05% simple: from 16 February on 4 for each day from the 11th;
    the payment covers it."""
    text = TIERS.replace("performed by receipts\n", "performed by receipts\n    grace 5 days delaying\n"
                         "    failing which { interest 0.05% per day simple }\n")  # fmt: skip
    contract = clausal.load(text)
    facts, _ = contract.read_facts(
        {
            "2026-01": {"sales": 400_000},
            "receipts": [{"ref": "P1", "payer": "client", "payee": "operator", "amount": 8_100, "on": "2026-02-10"}],
        }
    )
    question = Question(
        (axis(contract.model, facts, "receipts.P1.on=2026-02-10..2026-02-28:1"),),
        (quantity(contract.model, "pay_fee.interest@2026-01"),),
        as_of=dt.date(2026, 2, 28),
    )
    answer = simulate(contract.prepared, facts, question)
    paid = {point.at[0]: point.values[0] for point in answer.points}
    assert paid[dt.date(2026, 2, 15)] == 0
    assert [paid[dt.date(2026, 2, day)] for day in (16, 17, 28)] == [24, 28, 72]
    (turn,) = answer.turns
    assert told(turn)[0] == ("jump", 0, 24, 0, 4)
    assert (turn.left, turn.right) == (dt.date(2026, 2, 15), dt.date(2026, 2, 16))


def test_a_record_that_is_not_there(tiers: clausal.Contract) -> None:
    for text, code in (("receipts.P9.on=2026-02-10..2026-02-12", "R773"), ("receipts.=1..2", "R763")):
        with pytest.raises(Rejected) as rejected:
            axis(tiers.model, facts_of(tiers), text)
        assert rejected.value.diagnostics[0].code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("receipts.P1.amount=-1", "F612"),
        ("receipts.P1.amount=unknown", "F603"),
        ("receipts.P1.on=unknown", "F603"),
        ("receipts.P1.on=", "F603"),
        ("receipts.P1=5", "R763"),
        ("receipts.P9.on=2026-02-10", "R773"),
    ],
)
def test_a_payment_keeps_a_day_and_an_amount(tiers: clausal.Contract, text: str, code: str) -> None:
    receipt = {"ref": "P1", "payer": "client", "payee": "operator", "amount": 5, "on": "2026-02-10"}
    facts, _ = tiers.read_facts({"2026-01": {"sales": 1}, "receipts": [receipt]})
    with pytest.raises(Rejected) as rejected:
        setting(tiers.model, facts, text)
    assert rejected.value.diagnostics[0].code == code


# ---- what may be asked ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vary", "code"),
    [
        ("sales@2026-03", "R761"),
        ("sales@2026-03=1", "R761"),
        ("sales@2026-03=5..x", "F603"),
        ("sales@2026-03=0..1_000_000:-5", "R761"),
        ("sales@2026-03=10..5", "R769"),
        ("sales@2026-Q1=0..5", "R764"),
        ("sale@2026-03=0..5", "R762"),
        ("receipts=0..5", "R763"),
        ("paid_on@2026-03=2026-02-30..2026-03-31", "F603"),
        ("dealers@2026-03=0..2.5", "F603"),
        ("paid_on@2026-03=2026-02-01..2026-03-31:" + "9" * 5_000, "R761"),
        ("sales@2026-03=0..1_000_000_000:0.01", "R767"),
    ],
)
def test_a_range_that_is_none(tiers: clausal.Contract, vary: str, code: str) -> None:
    with pytest.raises(Rejected) as rejected:
        axis(tiers.model, facts_of(tiers), vary)
    assert rejected.value.diagnostics[0].code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("pay_fe@2026-03", "R765"),
        ("pay_fee.colour@2026-03", "R723"),
        ("total(client, nobody)", "F610"),
        ("marginal_fee@2026-3", "R724"),
    ],
)
def test_a_quantity_that_is_none(tiers: clausal.Contract, text: str, code: str) -> None:
    with pytest.raises(Rejected) as rejected:
        quantity(tiers.model, text)
    assert rejected.value.diagnostics[0].code == code


def test_dates_go_by_days_weeks_and_months(tiers: clausal.Contract) -> None:
    facts = facts_of(tiers)

    def stops(step: str) -> list[object]:
        made = axis(tiers.model, facts, f"paid_on@2026-03=2026-01-31..2026-04-30:{step}")
        return [made.value(stop) for stop in made.stops]

    assert stops("1 month") == [dt.date(2026, 1, 31), dt.date(2026, 2, 28), dt.date(2026, 3, 31), dt.date(2026, 4, 30)]
    assert stops("4周")[:2] == [dt.date(2026, 1, 31), dt.date(2026, 2, 28)]
    assert stops("30")[-2:] == [dt.date(2026, 4, 1), dt.date(2026, 4, 30)]


def test_a_limit_of_runs_is_kept(tiers: clausal.Contract) -> None:
    with pytest.raises(Rejected) as rejected:
        asked(tiers, "sales@2026-03=0..2_000_000:1_000", "whole_fee@2026-03", most_runs=100)
    assert rejected.value.diagnostics[0].code == "R767"


def test_points_are_kept_where_the_turns_are_too_many_runs_away(tiers: clausal.Contract) -> None:
    answer = asked(tiers, "sales@2026-03=0..2_000_000:500_000", "whole_fee@2026-03", most_runs=12)
    assert answer.crowded and len(answer.points) == 5 and answer.turns == ()


def test_a_fact_without_a_period_is_that_of_every_month_given(tiers: clausal.Contract) -> None:
    facts = facts_of(tiers)
    assert axis(tiers.model, facts, "sales=0..5").input.periods == ("2026-01", "2026-02", "2026-03")
    assert axis(tiers.model, facts, "sales=0..5", ("2026-02",)).input.periods == ("2026-02",)


# ---- the command ---------------------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "tiers.contract").write_text(TIERS, "utf-8")
    months = {f"2026-0{month}": {"sales": 700_000, "dealers": 5} for month in (1, 2, 3)}
    (tmp_path / "facts.json").write_text(json.dumps({**months, "receipts": []}), "utf-8")
    return tmp_path


def contract(*args: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, [*args], input=given, catch_exceptions=False, env={"COLUMNS": "100"})


def run(files: Path, *args: str) -> Result:
    return contract("simulate", str(files / "tiers.contract"), str(files / "facts.json"), *args)


def test_the_command_says_where_it_turns_and_why(files: Path) -> None:
    result = run(files, "--vary", "sales@2026-03=0..2_000_000:500_000", "--show", "whole_fee@2026-03")
    assert result.exit_code == 0
    for part in (
        "CNY 1,500,000.00                60,000.00",
        "CNY 500,000.00 | CNY 500,000.01",
        "whole_fee@2026-03: cliff from CNY 10,000.00 to CNY 15,000.0003",
        "line 22, whole_fee: up to CNY 500_000: 2%",
    ):
        assert part in result.stdout


def test_the_command_speaks_chinese(files: Path) -> None:
    result = run(
        files, "--vary", "sales@2026-03=0..2_000_000:500_000", "--solve", "pay_fee@2026-03 >= 25_000", "--lang", "zh"
    )
    assert "转折之处" in result.stdout and "满足“pay_fee@2026-03 >= 25_000”之处" in result.stdout


def test_settings_alone_are_held_against_the_facts_as_given(files: Path) -> None:
    result = run(files, "--set", "sales@2026-03=600_000")
    # 10,000 + 3% × 100,000 = 13,000 instead of 16,000; the total is less by the same
    rows = {line.split()[0]: line.split()[-3:] for line in result.stdout.splitlines()[2:] if line}
    assert rows["total"] == ["48,000.00", "45,000.00", "-3,000.00"]
    assert rows["pay_fee@2026-03"] == ["16,000.00", "13,000.00", "-3,000.00"]


def test_a_blank_that_is_set_is_filled_in_on_either_side(files: Path) -> None:
    given = files / "tiers.contract"
    given.write_text(given.read_text("utf-8") + "parameter blank_sum : money = TBD\n", "utf-8")
    result = run(files, "--set", "blank_sum=5", "--set", "sales@2026-03=0", "--show", "pay_fee@2026-03")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "pay_fee@2026-03" in result.stdout


def test_json_is_exact(files: Path) -> None:
    result = run(
        files, "--vary", "sales@2026-03=0..1_000_000:500_000", "--show", "whole_fee@2026-03",
        "--solve", "whole_fee@2026-03 = 12_000", "--format", "json",
    )  # fmt: skip
    data = json.loads(result.stdout)
    assert data["turns"][0]["effects"][0]["after"] == {
        "type": "money", "currency": "CNY", "value": "15000.0003", "exact": "150000003/10000",
    }  # fmt: skip
    assert data["turns"][0]["reasons"][0]["line"] == 22
    assert data["solutions"][0]["skipped"] is True
    assert [point["at"][0]["value"] for point in data["points"]] == ["0", "500000", "1000000"]


def test_csv_has_a_row_for_each_point(files: Path) -> None:
    result = run(
        files, "--vary", "sales@2026-03=0..1_000_000:500_000", "--show", "whole_fee@2026-03", "--format", "csv"
    )
    assert result.stdout == "sales@2026-03,whole_fee@2026-03\n0,0\n500000,10000\n1000000,30000\n"


def test_svg_is_a_picture_with_a_text_alternative(files: Path) -> None:
    out = files / "plot.svg"
    result = run(
        files, "--vary", "sales@2026-03=0..1_000_000:500_000", "--show", "whole_fee@2026-03", "--plot", str(out)
    )
    assert result.exit_code == 0
    root = ElementTree.fromstring(out.read_text("utf-8"))
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    assert "whole_fee@2026-03" in (root.findtext(f"{space}desc") or "")
    assert len(root.findall(f".//{space}polyline")) == 2  # the line is broken at its cliff


def test_two_ranges_make_a_matrix(files: Path) -> None:
    result = run(
        files, "--vary", "sales@2026-03=0..1_000_000:500_000", "--vary", "floor_fee=0..20_000:10_000",
        "--show", "pay_fee@2026-03",
    )  # fmt: skip
    assert "CNY 500,000.00  10,000.00      10,000.00      20,000.00" in result.stdout


def test_a_list_of_values(files: Path) -> None:
    result = run(
        files, "--vary", "sales@2026-03=600_000, 1_100_000", "--show", "marginal_fee@2026-03", "--format", "csv"
    )
    assert result.stdout.splitlines()[1:] == ["600000,13000", "1100000,29000"]


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["--set", "sales@2026-03=many"], 2, "F603"),
        (["--set", "sales@2026-13=1"], 2, "R764"),
        (["--set", "sales@2026-03=1", "--set", "sales@2026-03=2"], 2, "R721"),
        (["--set", "receipts=1"], 2, "R763"),
        (["--vary", "sales@2026-03=0..5", "--solve", "pay_fee"], 2, "R766"),
        (["--vary", "sales@2026-03=0..5", "--solve", "goal@2026-03 = mett"], 2, "did you mean `met`?"),
        (["--vary", "sales@2026-03=0..5", "--solve", "goal@2026-03 > met"], 2, "R766"),
        (["--vary", "sales@2026-03=0..5", "--solve", "pay_fee@2026-03 = soon"], 2, "F603"),
        (["--vary", "sales@2026-03=0..1_000_000:1_000", "--most-runs", "50"], 5, "R767"),
        ([], 2, "--vary"),
        (["--solve", "total = 0", "--set", "sales@2026-03=1"], 2, "--solve"),
        (["--vary", "a=0..1", "--vary", "b=0..1", "--vary", "c=0..1"], 2, "twice"),
        (["--vary", "sales@2026-03=0..5", "--vary", "sales@2026-03=0..9"], 2, "R721"),
        (["--vary", "sales@2026-03=0..5", "--set", "sales@2026-03=3"], 2, "R721"),
        (["--vary", "sales@2026-03=0..5", "--plot", "late.png"], 2, ".svg"),
        (["--vary", "sales@2026-03=0..5", "--plot", "-"], 2, ".svg"),
        (["--vary", "sales@2026-03=0..5", "--plot", "a.svg", "-o", "./a.svg"], 2, "same file"),
    ],
)
def test_what_cannot_be_asked_is_said(files: Path, args: list[str], code: int, message: str) -> None:
    result = run(files, *args)
    assert result.exit_code == code
    assert message in result.stderr


def test_facts_from_standard_input(files: Path) -> None:
    result = contract(
        "simulate", str(files / "tiers.contract"), "-", "--vary", "sales@2026-03=0..10:5", "--format", "csv",
        "--show", "marginal_fee@2026-03", given=(files / "facts.json").read_text("utf-8"),
    )  # fmt: skip
    assert result.stdout.splitlines()[-1] == "10,0.2"


def test_undetermined_is_an_exit_code(files: Path) -> None:
    (files / "facts.json").write_text('{"2026-03": {"sales": 1, "dealers": 5}, "receipts": []}', "utf-8")
    result = run(files, "--vary", "sales@2026-03=0..10", "--solve", "total = 0")
    assert result.exit_code == 3
    assert "sales@2026-01" in result.stdout


def test_a_shipped_agreement_with_payments(files: Path) -> None:
    """Five dealers are the least: one less, and the fee of March may be withheld, and the notice of it works."""
    result = contract(
        "simulate", str(CONTRACTS / "worked-example"), "--vary", "dealers@2026-03=0..10:1", "--show", "minimums@2026-03",
        "--format", "json",
    )  # fmt: skip
    (turn,) = json.loads(result.stdout)["turns"]
    assert (turn["left"]["value"], turn["right"]["value"]) == ("4", "5")
    assert turn["reasons"][0]["text"] == "dealers >= min_dealers"


# ---- plots ---------------------------------------------------------------------------------------------------------


def test_ticks_are_round() -> None:
    assert plot.ticks(0, 2_000_000, 6) == [0, 500_000, 1_000_000, 1_500_000, 2_000_000]
    assert plot.ticks(Fraction("0.03"), Fraction("0.11"), 5) == [
        Fraction("0.04"), Fraction("0.06"), Fraction("0.08"), Fraction("0.1"),
    ]  # fmt: skip


def test_a_plot_without_braille_is_ascii_and_fits() -> None:
    line = plot.Line("fee", (((0, 0), (5, 50)), ((6, 80), (10, 80))))
    chart = plot.Chart("t", "sales", 0, 10, str, (plot.Panel((line,), str),), (plot.Mark(5, "cliff"),))
    text = plot.render_text(chart, 60, braille=False)
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 60
    assert "+" in text.splitlines()[-2]
