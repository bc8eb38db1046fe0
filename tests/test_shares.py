"""Divisions among parties and balances, held against plain independent arithmetic."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clausal.dsl.values import apportioned
from clausal.engine.embedding import from_text

HEADER = """contract "Divisions" {
  currency CNY
  term from 2026-01-01 to 2026-12-31
  rounding half_up to 0.01
}
party a party b party c
"""
CENT = Fraction(1, 100)
cents = st.integers(-20_000_00, 20_000_00).map(lambda n: Fraction(n, 100))
weights = st.lists(st.integers(0, 20), min_size=3, max_size=3).filter(any)


def money(value: Fraction) -> str:
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(int(value * 100)), 100)
    return f"{sign}CNY {whole}.{rest:02d}"


def shares(value: dict[str, Any]) -> dict[str, Fraction]:
    return {part["name"]: Fraction(part["value"]["value"]) for part in value["parts"]}


def document(text: str, facts: dict[str, Any], as_of: str = "2026-01-31") -> dict[str, Any]:
    contract = from_text(HEADER + text, "divisions.contract")
    return contract.evaluate(facts, as_of=dt.date.fromisoformat(as_of)).to_dict()


@given(st.lists(st.fractions(-50, 50, max_denominator=700), min_size=1, max_size=6))
def test_rounded_parts_add_up_to_the_rounded_whole(amounts: list[Fraction]) -> None:
    parts = apportioned(amounts, CENT, "half_up")
    total = sum(amounts, Fraction(0))
    whole = abs(total) / CENT
    rounded = Fraction((2 * whole.numerator + whole.denominator) // (2 * whole.denominator)) * CENT
    assert sum(parts) == (rounded if total >= 0 else -rounded)
    assert all(abs(Fraction(p) - a) <= CENT for p, a in zip(parts, amounts, strict=True))
    assert apportioned([-a for a in amounts], CENT, "half_up") == [-p for p in parts] or total == 0


@given(cents, weights)
def test_a_split_gives_away_what_there_is(amount: Fraction, by: list[int]) -> None:
    whole = sum(by)
    parts = ", ".join(f"{p}: {w}/{whole}" for p, w in zip("abc", by, strict=True))
    found = document(
        f"let x = split {money(amount)} {{ {parts} }}\n"
        "obligation o { a must pay b x.b once on 2026-01-31 due on 2026-01-31 }",
        {},
    )
    got = shares(found["months"][0]["values"]["x"])
    assert sum(got.values()) == amount
    for party, weight in zip("abc", by, strict=True):
        assert abs(got[party] - amount * weight / whole) < CENT


def by_stages(profit: Fraction, reached: Fraction, bounds: list[Fraction], filling: list[Fraction]) -> Fraction:
    """What the party that fills the stages gets of a gain, cent by cent of the way: the area under its share."""
    got, left, at = Fraction(0), profit, reached
    while left > 0:
        i = next((k for k, bound in enumerate(bounds) if at < bound), len(bounds))
        if i == len(bounds) or filling[i] == 0:
            return got + left * filling[i]
        step = min(left, (bounds[i] - at) / filling[i])
        got, left, at = got + step * filling[i], left - step, at + step * filling[i]
    return got


@given(
    st.lists(st.integers(0, 3000_00), min_size=1, max_size=4),
    st.integers(0, 1500_00),
    st.integers(1, 900_00),
    st.integers(1, 900_00),
    st.lists(st.sampled_from([0, 25, 50, 70, 100]), min_size=3, max_size=3),
)
def test_stages_fill_one_after_the_other(
    profits: list[int], opening: int, first: int, second: int, filling: list[int]
) -> None:
    bounds = [Fraction(first, 100), Fraction(first + second, 100)]
    vectors = [f"{{ a: {share}%, b: rest }}" for share in filling]
    text = f"""fact profit : money monthly
let x = stages of profit on got filled by a {{
  up to {money(bounds[0])}: {vectors[0]}
  up to {money(bounds[1])}: {vectors[1]}
  above: {vectors[2]}
}}
balance got : money {{ opening {money(Fraction(opening, 100))}  add x.a }}
obligation o {{ b must pay a x.a every month due last day of next month }}
"""
    months = [f"2026-{i + 1:02d}" for i in range(len(profits))]
    facts = {month: {"profit": f"{p / 100:.2f}"} for month, p in zip(months, profits, strict=True)}
    last = {1: "31", 2: "28", 3: "31", 4: "30"}[len(profits)]
    found = document(text, facts, f"{months[-1]}-{last}")
    at = Fraction(opening, 100)
    for part, p in zip(found["months"], profits, strict=True):
        profit = Fraction(p, 100)
        exactly = by_stages(profit, at, bounds, [Fraction(s, 100) for s in filling])
        got = shares(part["values"]["x"])
        assert abs(got["a"] - exactly) < CENT and sum(got.values()) == profit
        balance = part["balances"]["got"]
        assert Fraction(balance["opening"]) == at
        at += got["a"]
        assert Fraction(balance["closing"]) == at


@given(
    st.lists(st.tuples(st.integers(1, 28), st.sampled_from(["add", "take"]), st.integers(0, 500_00)), max_size=6),
    st.integers(0, 900_00),
)
def test_a_balance_accrues_day_by_day(moves: list[tuple[int, str, int]], opening: int) -> None:
    text = f"""fact moves : list of {{ no: text, on_day: date, way: one of {{ "add", "take" }}, sum_of: money }}
  dated by on_day keyed by no
balance held : money {{
  opening {money(Fraction(opening, 100))}
  add sum_of for every moves where way = "add"
  deduct sum_of for every moves where way = "take"
  accrues 0.07% per day
}}
obligation o {{ b must pay a held.accrued every month due last day of next month }}
"""
    rows = [
        {"no": str(i), "on_day": f"2026-01-{d:02d}", "way": way, "sum_of": f"{n / 100:.2f}"}
        for i, (d, way, n) in enumerate(moves)
    ]
    balance = document(text, {"2026-01": {"moves": rows}})["months"][0]["balances"]["held"]
    held, accrued = Fraction(opening, 100), Fraction(0)
    for day in range(1, 32):
        accrued += held * Fraction(7, 10_000)
        held += sum(Fraction(n, 100) * (1 if way == "add" else -1) for d, way, n in moves if d == day)
    booked = abs(accrued) / CENT
    rounded = Fraction((2 * booked.numerator + booked.denominator) // (2 * booked.denominator)) * CENT
    assert Fraction(balance["closing"]) == held + (rounded if accrued >= 0 else -rounded)
    assert Fraction(balance["opening"]) + Fraction(balance["added"]) - Fraction(balance["used"]) == Fraction(
        balance["closing"]
    )


WATERFALL = """fact cash : money monthly
let x = waterfall cash { a up to CNY 60_000  b up to CNY 40_000 }
let rest_of_it = x.left
obligation o { a must pay b x.b every month due last day of next month }
"""


def test_what_nobody_was_given_is_left_and_said() -> None:
    value = document(WATERFALL, {"2026-01": {"cash": "100000.01"}})["months"][0]["values"]
    assert value["x"]["left"]["value"] == "0.01"
    assert value["rest_of_it"]["value"] == "0.01"
    assert "shortfall" not in value["x"]
    short = document(WATERFALL, {"2026-01": {"cash": "0"}})["months"][0]["values"]["x"]
    assert [(p["name"], p["value"]["value"]) for p in short["shortfall"]] == [("a", "60000.00"), ("b", "40000.00")]


def test_a_balance_is_read_on_the_day_of_a_record() -> None:
    text = """fact draws : list of { no: text, on_day: date, sum_of: money } dated by on_day keyed by no
balance reserve : money { opening CNY 100  deduct sum_of for every draws }
obligation warn { a must do "top up" per record of draws where reserve < CNY 0 due within 3 days after on_day }
"""
    rows = [
        {"no": "1", "on_day": "2026-01-10", "sum_of": "100"},
        {"no": "2", "on_day": "2026-01-20", "sum_of": "0.01"},
    ]
    lines = document(text, {"2026-01": {"draws": rows}})["months"][0]["obligations"]
    assert [x["id"] for x in lines] == ["warn@2"]


def test_a_balance_is_read_at_the_end_of_a_period_that_ends_inside_a_month() -> None:
    text = """fact draws : list of { no: text, on_day: date, sum_of: money } dated by on_day keyed by no
balance owed : money { opening CNY 100  deduct sum_of for every draws }
obligation pay_share { a must pay b 10% of owed every 1 months from 2026-01-11 due on period end + 1 days prorated none }
"""
    rows = [
        {"no": "1", "on_day": "2026-02-10", "sum_of": "20"},
        {"no": "2", "on_day": "2026-02-11", "sum_of": "50"},
    ]
    facts = {"2026-01": {"draws": rows}}
    for as_of in ("2026-02-10", "2026-02-28"):  # what comes later in the month does not change the instance
        lines = document(text, facts, as_of)["months"][1]["obligations"]
        assert [(x["id"], x["amount"]["value"]) for x in lines] == [("pay_share@2026-01-11", "8.00")]


def test_a_balance_stops_with_the_contract() -> None:
    text = """fact ended_on : date once
fact saved : money monthly
balance pot : money { add saved }
termination stop { automatic when ended_on }
obligation o { a must pay b pot every month due last day of next month }
"""
    facts = {
        "once": {"ended_on": "2026-02-10"},
        "2026-01": {"saved": "5"},
        "2026-02": {"saved": "7"},
        "2026-03": {"saved": "11"},
    }
    found = document(text, facts, "2026-03-31")
    assert [part["balances"]["pot"]["closing"] for part in found["months"]] == ["5.00", "12.00", "12.00"]


def test_an_explanation_shows_only_what_moved_a_balance() -> None:
    text = """fact profit : money quarterly
balance fund : money { add 10% * profit  deduct CNY 5 when profit > CNY 500 }
"""
    statement = from_text(HEADER + text, "divisions.contract").evaluate(
        {"2026-Q1": {"profit": "400"}, "2026-Q2": {"profit": "600"}}, as_of=dt.date(2026, 6, 30)
    )

    def moved(month: str) -> list[tuple[str, str]]:
        children = statement.explain(f"fund@{month}").to_dict()["tree"]["because"]
        return [(c["args"]["kind"], c["value"]["value"]) for c in children if c["key"] == "movement"]

    assert moved("2026-02") == []
    assert moved("2026-03") == [("add", "40.00")]
    assert moved("2026-06") == [("add", "60.00"), ("deduct", "5.00")]
