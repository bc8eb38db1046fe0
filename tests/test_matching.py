"""Payments to debts: the order in which money extinguishes what is owed, with figures worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from clausal.engine.matching import DEFAULT_ORDER, Application, Debt, Sum, match_named, match_pool, within_a_debt

CENT = Fraction(1, 100)
IN_PARTS = ("interest", "principal")


def debt(id: str, principal: str, due: str = "02-10", rate: str = "0", interest: str = "0", place: int = 0) -> Debt:
    return Debt(
        id, dt.date.fromisoformat(f"2026-{due}"), Fraction(rate), Fraction(principal), Fraction(interest), place
    )


def pool(
    debts: Sequence[Debt], *sums: str, order: Sequence[str] = DEFAULT_ORDER, parts: Sequence[str] = IN_PARTS
) -> tuple[list[str], str]:
    """What was applied, as `P1 fee interest 22.50`, and what is left over."""
    done, left = match_pool([Sum(f"P{i}", Fraction(s)) for i, s in enumerate(sums, 1)], debts, order, parts, CENT)
    return [words(a) for a in done], str(float(sum(s.amount for s in left)))


def words(a: Application) -> str:
    return f"{a.ref} {a.to} {a.part} {float(a.amount):.2f}"


# ---- the order among debts


def test_a_debt_that_bears_interest_comes_before_one_that_does_not() -> None:
    debts = [debt("commission", "3640"), debt("fee", "8000", rate="0.0005", place=1)]
    assert pool(debts, "5000") == (["P1 fee principal 5000.00"], "0.0")


def test_the_higher_rate_comes_first_though_it_fell_due_later() -> None:
    debts = [debt("old", "100", due="01-10", rate="0.0004"), debt("new", "100", due="02-10", rate="0.0005", place=1)]
    assert pool(debts, "150") == (["P1 new principal 100.00", "P1 old principal 50.00"], "0.0")


def test_of_equal_burden_the_earlier_due_comes_first_whatever_their_order() -> None:
    debts = [debt("feb", "100", due="03-10"), debt("jan", "100", due="02-10", place=1)]
    assert pool(debts, "150") == (["P1 jan principal 100.00", "P1 feb principal 50.00"], "0.0")


def test_what_the_order_cannot_tell_apart_is_paid_in_proportion() -> None:
    # 5,000 x 8,000 / 11,640 = 3,436.426…; 5,000 x 3,640 / 11,640 = 1,563.573…: the odd cent to the larger remainder.
    debts = [debt("fee", "8000"), debt("commission", "3640", place=1)]
    assert pool(debts, "5000") == (["P1 fee principal 3436.43", "P1 commission principal 1563.57"], "0.0")


def test_a_contract_may_leave_out_the_burden() -> None:
    debts = [debt("fee", "8000", rate="0.0005"), debt("commission", "3640", place=1)]
    order = ("named", "due", "oldest", "proportional")
    assert pool(debts, "5000", order=order)[0] == ["P1 fee principal 3436.43", "P1 commission principal 1563.57"]


def test_an_odd_cent_among_three_equals_goes_to_the_first() -> None:
    debts = [debt(id, "10", place=i) for i, id in enumerate("abc")]
    assert pool(debts, "0.01")[0] == ["P1 a principal 0.01"]
    debts = [debt(id, "10", place=i) for i, id in enumerate("abc")]
    assert pool(debts, "10")[0] == ["P1 a principal 3.34", "P1 b principal 3.33", "P1 c principal 3.33"]


# ---- within a debt


def test_interest_is_paid_before_principal() -> None:
    # P02 of the worked example: 22.50 of interest, 3,000 of the fee, 3,617.50 of the commission; nothing is left.
    debts = [debt("fee", "3000", rate="0.0005", interest="22.50"), debt("commission", "3640", place=1)]
    assert pool(debts, "6640") == (
        ["P1 fee interest 22.50", "P1 fee principal 3000.00", "P1 commission principal 3617.50"],
        "0.0",
    )
    assert [(d.id, float(d.open)) for d in debts] == [("fee", 0.0), ("commission", 22.5)]


def test_principal_first_leaves_the_interest_standing() -> None:
    debts = [debt("fee", "3000", rate="0.0005", interest="22.50")]
    assert pool(debts, "3010", parts=within_a_debt(("principal", "interest"))) == (
        ["P1 fee principal 3000.00", "P1 fee interest 10.00"],
        "0.0",
    )


def test_what_a_contract_does_not_name_within_a_debt_comes_after() -> None:
    assert within_a_debt(("costs", "interest", "principal")) == ("interest", "principal")
    assert within_a_debt(("principal",)) == ("principal", "interest")
    assert within_a_debt(()) == ("interest", "principal")


# ---- several sums on one day


def test_sums_of_one_day_are_one_pool_and_shares_go_to_them_in_order() -> None:
    debts = [debt("fee", "100"), debt("commission", "50", due="02-11", place=1)]
    assert pool(debts, "60", "70", "40") == (
        [
            "P1 fee principal 60.00",
            "P2 fee principal 40.00",
            "P2 commission principal 30.00",
            "P3 commission principal 20.00",
        ],
        "20.0",
    )


def test_nothing_due_leaves_every_sum_as_it_came() -> None:
    done, left = match_pool([Sum("P1", 5), Sum("P2", 7)], [], DEFAULT_ORDER, IN_PARTS, CENT)
    assert (done, left) == ([], [Sum("P1", 5), Sum("P2", 7)])


def test_a_named_payment_pays_what_it_named_and_the_rest_goes_on() -> None:
    late = debt("fee@01", "2789.73", rate="0.0005", interest="46.03")
    done, left = match_named([(Sum("P09", 2850), [late])], IN_PARTS)
    assert [words(a) for a in done] == ["P09 fee@01 interest 46.03", "P09 fee@01 principal 2789.73"]
    assert left == [Sum("P09", Fraction("14.24"))]


def test_two_payments_that_name_one_debt_do_not_pay_it_twice() -> None:
    one = debt("commission@02", "1300")
    done, left = match_named([(Sum("P03", 1300), [one]), (Sum("P04", 1300), [one])], IN_PARTS)
    assert [words(a) for a in done] == ["P03 commission@02 principal 1300.00"]
    assert left == [Sum("P04", 1300)]


# ---- laws

cents = st.integers(0, 20_000).map(lambda n: n * CENT)
debts_ = st.lists(
    st.tuples(cents, cents, st.sampled_from(["01-10", "02-10", "02-11"]), st.sampled_from(["0", "0.0004", "0.0005"])),
    max_size=5,
).map(lambda rows: [debt(f"d{i}", str(p), due, rate, str(t), i) for i, (p, t, due, rate) in enumerate(rows)])


@given(debts_, st.lists(cents, max_size=4), st.permutations(range(5)))
def test_nothing_is_lost_and_nothing_is_paid_twice(debts: list[Debt], sums: list[Fraction], order: list[int]) -> None:
    open_before = {d.id: (d.principal, d.interest) for d in debts}
    again = [Debt(d.id, d.due, d.rate, d.principal, d.interest, d.place) for d in debts]
    given_ = [Sum(f"P{i}", s) for i, s in enumerate(sums)]
    done, left = match_pool(given_, debts, DEFAULT_ORDER, IN_PARTS, CENT)
    for money in given_:
        used = sum(a.amount for a in done if a.ref == money.ref)
        assert used + sum(s.amount for s in left if s.ref == money.ref) == money.amount
    for d in debts:
        principal, interest = open_before[d.id]
        assert d.principal == principal - sum(a.amount for a in done if (a.to, a.part) == (d.id, "principal")) >= 0
        assert d.interest == interest - sum(a.amount for a in done if (a.to, a.part) == (d.id, "interest")) >= 0
    assert not any(s.amount for s in left) or all(d.open == 0 for d in debts)
    shuffled = [again[i] for i in order if i < len(again)]
    assert match_pool(given_, shuffled, DEFAULT_ORDER, IN_PARTS, CENT) == (done, left)
