"""What is proved of a contract before any fact is known: each finding with its witness, and a near miss that is sound."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction

import pytest
import strategies  # noqa: F401  (its profile)
from hypothesis import given
from hypothesis import strategies as st

from clausal.dsl.compile import compile_text
from clausal.dsl.diagnostics import Both, Diagnostic, hint, sentence
from clausal.dsl.figures import figures_in

HEADER = """contract "t" {
  language 1  currency CNY  term from 2026-01-01 to 2026-12-31  rounding half_up to 0.01
  calendar CN  deadlines unshifted
}
party client "Client"
party operator "Operator"
parameter fee = CNY 8_000
fact sales : money monthly
fact costs : money monthly
fact dealers : count "dealers" monthly
fact score : percent monthly
fact ok : boolean monthly
fact grade : one of {"good", "fair", "bad"} monthly
fact said : date once
fact orders : list of { no: text, ordered: date, price: money, shipped: date? } dated by ordered keyed by no
fact receipts : payments
"""
PAY = "client must pay operator fee every month due day 10 of next month performed by receipts"
FEE = f"obligation pay_fee {{ {PAY} failing which {{ breach minor after 30 days breach serious }} }}\n"
KPI = "kpi k monthly { met when sales >= CNY 500 }\n"


def proved(text: str, header: str = HEADER) -> list[Diagnostic]:
    """The findings of a sound contract that are proofs: W514 and those of the W56 and W57 hundreds."""
    contract, findings = compile_text(header + text)
    assert contract is not None, [sentence(one) for one in findings if one.severity == "error"]
    return [one for one in findings if one.code == "W514" or "W560" <= one.code <= "W579"]


def told(text: str, header: str = HEADER) -> list[str]:
    return [f"{one.code}: {sentence(one)}" for one in proved(text, header)]


def codes(text: str, header: str = HEADER) -> list[str]:
    return [one.code for one in proved(text, header)]


# ---- choices


@pytest.mark.parametrize(
    ("choice", "witness"),
    [
        ("when sales < CNY 100: CNY 1 when sales > CNY 100: CNY 2", "`sales` = CNY 100.00"),
        ("when sales <= CNY 100: CNY 1 when sales > CNY 200: CNY 2", "`sales` = CNY 200.00"),
        ("when dealers <= 3: CNY 1 when dealers >= 5: CNY 2", "`dealers` = 4 dealers"),
        ("when score < 5%: CNY 1 when score > 5%: CNY 2", "`score` = 5%"),
        ('when grade = "good": CNY 2 when grade = "bad": CNY 1', '`grade` = "fair"'),
        ("when ok: CNY 1", "`ok` = false"),
        ("when dealers <= 3 and ok: CNY 1 when dealers >= 4: CNY 2", "`dealers` = 3 dealers and `ok` = false"),
        ("when sales < fee: CNY 1 when sales > fee: CNY 2", "`sales` = CNY 8,000.00"),
    ],
)
def test_a_choice_that_leaves_a_value_out_is_told_with_that_value(choice: str, witness: str) -> None:
    assert told(f"let x = choose {{ {choice} }}") == [f"W560: with {witness} no case of this choice applies"]


@pytest.mark.parametrize(
    "choice",
    [
        "when sales < CNY 100: CNY 1 when sales >= CNY 100: CNY 2",
        "when dealers <= 3: CNY 1 when dealers >= 4: CNY 2",  # no dealers lie between three and four
        "when dealers = 0: CNY 1 when dealers >= 1: CNY 2",  # nor below none
        "when ok: CNY 1 when not ok: CNY 2",
        'when grade = "good": CNY 1 when grade != "good": CNY 2',
        "when sales > CNY 1 or sales <= CNY 1: CNY 1",
        "when ok: CNY 1 otherwise: CNY 2",
        "when sales > costs: CNY 1 when costs > sales: CNY 2 when sales = costs: CNY 3",
    ],
)
def test_a_choice_that_covers_everything_is_not(choice: str) -> None:
    assert "W560" not in codes(f"let x = choose {{ {choice} }}")


def test_a_gap_that_fallback_closes_is_meant() -> None:
    gap = "choose { when sales < CNY 100: CNY 1 }"
    assert codes(f"let x = fallback({gap}, CNY 0)") == []
    assert codes(f"let y = {gap}\nlet x = fallback(y, CNY 0)") == []
    assert codes(f"let y = {gap}\nlet x = y + CNY 1") == ["W560"]


@pytest.mark.parametrize(
    ("choice", "example"),
    [
        ("when sales >= CNY 100: CNY 1 when sales >= CNY 200: CNY 2 otherwise: CNY 3", "`sales` = CNY 200.00"),
        ("when dealers > 3: CNY 1 when dealers = 4: CNY 2 otherwise: CNY 3", "`dealers` = 4 dealers"),
        ("when ok: CNY 1 when ok and sales > CNY 5: CNY 2 otherwise: CNY 3", "`sales` = CNY 5.01 and `ok` = true"),
    ],
)
def test_a_case_behind_one_that_covers_it_is_never_reached(choice: str, example: str) -> None:
    (found,) = proved(f"let x = choose {{ {choice} }}")
    assert found.code == "W561"
    assert set((hint(found) or "").removeprefix("with ").split(" one of ")[0].split(" and ")) == set(
        example.split(" and ")
    )


def test_an_otherwise_that_nothing_is_left_for_is_never_reached() -> None:
    assert codes("let x = choose { when ok: CNY 1 when not ok: CNY 2 otherwise: CNY 3 }") == ["W561"]
    assert codes("let x = choose { when ok: CNY 1 when dealers > 3: CNY 2 otherwise: CNY 3 }") == []


# ---- conditions


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("sales > CNY 500 and sales < CNY 100", "false"),
        ("dealers > 3 and dealers < 4", "false"),
        ("sales > CNY 1 or sales <= CNY 1", "true"),
        ("sales > costs and costs > sales", "false"),
        ("score >= 20% and score < 0.1", "false"),
        ("ok and not ok", "false"),
        ('grade = "good" and grade = "bad"', "false"),
        ("1 > 2", "false"),
        ("(count of orders) < 0", "false"),
        ("sales + CNY 1 > sales", "true"),
    ],
)
def test_a_condition_that_never_changes_is_told(condition: str, value: str) -> None:
    assert told(f"kpi k monthly {{ met when {condition} }}") == [f"W514: this condition is always {value}"]


@pytest.mark.parametrize(
    "condition",
    [
        "sales > CNY 100 and sales < CNY 500",
        "dealers > 3 and dealers < 5",
        "sales > costs and sales > CNY 5",
        "(count of orders) < 1",
        "sales of previous month > CNY 500 and sales < CNY 100",
        "not (ok and sales > CNY 5)",
        "sales / costs > 3 and sales / costs < 4",
        "fee > CNY 5 and sales > CNY 1",  # who fills a parameter may choose by it
    ],
)
def test_a_condition_that_may_go_either_way_is_not(condition: str) -> None:
    assert codes(f"kpi k monthly {{ met when {condition} }}") == []


def test_lets_are_looked_through() -> None:
    text = "let net = sales - costs\nlet margin = net * 2\nkpi k monthly { met when margin > CNY 10 and net < CNY 5 }"
    assert codes(text) == ["W514"]
    assert codes(text.replace("CNY 5 }", "CNY 5.01 }")) == []


def test_an_operand_that_is_dead_is_told_where_it_stands() -> None:
    (found,) = proved("kpi k monthly { met when ok or (sales > CNY 500 and sales < CNY 100) }")
    assert found.source is not None and found.span is not None
    assert found.source.text[found.span.start : found.span.end].strip("()") == "sales > CNY 500 and sales < CNY 100"
    assert hint(found) == "the answer is the same for `sales` below, at and above CNY 100.00 and CNY 500.00"


def test_a_record_that_can_never_match() -> None:
    assert codes("let x = count of orders where price > CNY 5 and price < CNY 2") == ["W514"]
    assert codes("let x = count of orders where not (shipped <= ordered)") == []  # what was not shipped


def test_chinese_says_the_same() -> None:
    text = """合同 "t" { 语言版本 1 币种 CNY 合同期限 自 2026-01-01 至 2026-12-31 舍入 四舍五入 精确到 0.01 }
当事人 甲方 "甲"
当事人 乙方 "乙"
数据 销售额 : 金额 按月
定义 提成 = 择一 { 当 销售额 < 100万元: 1元 当 销售额 > 100万元: 2元 }
"""
    contract, findings = compile_text(text)
    assert contract is not None, [sentence(one, "zh") for one in findings]
    (found,) = (one for one in findings if one.code == "W560")
    assert sentence(found, "zh") == "“销售额”为CNY 1,000,000.00时，没有任何一种情形适用"


# ---- ladders


def test_a_whole_ladder_tells_the_size_of_its_jump() -> None:
    ladder = "let x = tiers whole per month on sales { up to CNY 1_000_000: 5% above: 8% }"
    _, findings = compile_text(HEADER + ladder)
    (found,) = (one for one in findings if one.code == "W509")
    assert sentence(found) == (
        "with `whole` the amount jumps at `CNY 1_000_000` by CNY 30,000.00: "
        "with CNY 1,000,000.00 it is CNY 50,000.00, with CNY 1,000,000.01 CNY 80,000.0008"
    )


def test_below_puts_the_bound_itself_into_the_upper_band() -> None:
    _, findings = compile_text(HEADER + "let x = tiers whole per month on dealers { below 10: CNY 2 above: CNY 3 }")
    (found,) = (one for one in findings if one.code == "W509")
    assert sentence(found).endswith("by CNY 10.00: with 9 dealers it is CNY 18.00, with 10 dealers CNY 30.00")


def test_more_is_less_where_a_whole_rate_falls() -> None:
    # 100 at 2 each and 10 flat are 210, 101 at 1 each are 101 (F2)
    ladder = "let x = tiers whole per month on dealers { up to 100: CNY 2 flat CNY 10 above: CNY 1 }"
    assert told(ladder) == [
        "W562: more is less here: with `dealers` = 100 dealers it is CNY 210.00, with 101 dealers only CNY 101.00"
    ]
    assert "W509" not in {one.code for one in compile_text(HEADER + ladder)[1]}


@pytest.mark.parametrize(
    "ladder",
    [
        "tiers whole per month on dealers { up to 100: CNY 1 above: CNY 2 }",
        "tiers marginal per month on dealers { up to 100: CNY 2 above: CNY 1 }",
        "tiers whole per month on dealers { up to 3: flat CNY 100 above: flat CNY 50 }",  # fewer is wanted
        "if dealers > 3 then CNY 50 else CNY 100",
        "tiers whole per month on dealers { up to 100: CNY 2 above: CNY 1 flat CNY 99 }",  # 200, and 101 + 99
    ],
)
def test_nothing_falls_where_the_bands_meet_or_were_not_meant_to_rise(ladder: str) -> None:
    assert codes(f"let x = {ladder}") == []


def test_the_same_cliff_written_as_a_choice_or_over_a_year() -> None:
    assert codes("let x = if sales > CNY 1_000 then 3% * sales else 5% * sales") == ["W562"]
    assert codes("let x = tiers whole per contract year on sales { up to CNY 1_000: 5% above: 3% }") == ["W562"]
    assert codes("let x = tiers whole per month on sales - costs { up to CNY 1_000: 5% above: 3% }") == ["W562"]


# ---- days


@pytest.mark.parametrize(
    ("duty", "code"),
    [
        ("client must pay operator 5% of sales every month due day 10 of this month", ["W563"]),
        ("client must pay operator 5% of sales every month due day 10 of next month", []),
        ("client must pay operator fee every month due day 10 of this month", []),  # in advance
        ("client must pay operator 5% of (sales of previous month) every month due day 10 of this month", []),
        ("client must pay operator fee once on 2026-05-01 due on 2026-04-01", ["W563"]),
        ("client must pay operator fee once on 2026-05-01 due within 10 days after 2026-04-20", ["W563"]),
        ("client must pay operator fee once on 2026-05-01 due within 10 days after 2026-04-21", []),
        ("client must pay operator fee once on 2027-01-01 due on 2027-02-01", ["W568"]),
        ("client must pay operator CNY 0 on dates { 2025-12-31: CNY 5 2026-12-31: CNY 5 }", ["W568"]),
        ("client must pay operator CNY 0 on dates { 2026-01-01: CNY 5 2026-12-31: CNY 5 }", []),
    ],
)
def test_a_deadline_before_what_it_is_for(duty: str, code: list[str]) -> None:
    assert codes(f"obligation o {{ {duty} performed by receipts }}") == code


def test_the_first_period_is_the_witness() -> None:
    text = "obligation o { client must pay operator 5% of sales every month due day 10 of this month performed by receipts }"
    assert told(text) == [
        "W563: `o` falls due on 2026-01-10 and cannot be performed then: "
        "its amount rests on the facts of a period that ends on 2026-01-31"
    ]


def test_a_kpi_that_starts_when_the_term_is_over() -> None:
    assert codes("kpi k monthly { starting from 2027-01-01 met when ok }") == ["W568"]
    assert codes("kpi k monthly { starting from 2026-12-31 met when ok }") == []


# ---- rights


def ends(rest: str, when: str = "k missed") -> str:
    return f"{FEE}{KPI}termination t {{ client may terminate when {when} exercised on said {rest} }}"


@pytest.mark.parametrize(
    ("rest", "code"),
    [
        ("notice 15 days cure 30 days cured when ok lapses after 30 days", ["W564"]),
        ("notice 30 days cure 30 days cured when ok lapses after 30 days", []),
        ("notice 1 month cure 32 days cured when ok lapses after 30 days", ["W564"]),
        ("notice 1 month cure 30 days cured when ok lapses after 30 days", []),  # not in a month of 31 days
        ("notice 12 months lapses after 30 days", ["W565"]),
        ("notice 11 months lapses after 30 days", []),
        ("notice 30 days lapses after 0 days", ["W566"]),
        ("notice 30 days lapses after 1 day", []),
    ],
)
def test_times_that_defeat_a_right_to_terminate(rest: str, code: list[str]) -> None:
    assert codes(ends(rest)) == code


def test_a_notice_after_so_many_months_that_the_term_is_over() -> None:
    # twelve missed months are over on 31 December; on 31 October ten are, and a notice of 1 November works on 1 December
    notice = "notice 30 days lapses after 30 days"
    assert told(ends(notice, "k missed for 12 consecutive months skipping not assessed")) == [
        "W565: `t` can never end the contract: a notice received on 2027-01-01, the first possible day, "
        "works on 2027-01-31, and the term ends on 2026-12-31"
    ]
    assert codes(ends(notice, "k missed for 10 consecutive months skipping not assessed")) == []


def test_more_months_than_the_term_has() -> None:
    rest = "notice 30 days lapses after 30 days"
    assert codes(ends(rest, "k missed for 13 consecutive months skipping not assessed")) == ["W569"]


def test_a_grade_that_the_chain_never_reaches() -> None:
    rest = "notice 30 days lapses after 30 days"
    assert codes(ends(rest, "pay_fee in breach fundamental")) == ["W567"]
    assert codes(ends(rest, "pay_fee in breach serious")) == []
    assert codes(ends(rest, "pay_fee in breach minor")) == []


def test_only_while_against_when() -> None:
    right = "right r {{ client may withhold pay_fee when k missed only while {} exercised on said {} }}"
    lapses = "lapses 10 days after month end"
    assert codes(FEE + KPI + right.format("k met", lapses)) == ["W573"]
    assert codes(FEE + KPI + right.format("ok", lapses)) == []


def test_a_right_over_what_never_arises() -> None:
    dead = FEE.replace("fee every", "fee when sales > CNY 5 and sales < CNY 2 every")
    right = "right r { client may withhold pay_fee when k missed exercised on said lapses 10 days after month end }"
    assert sorted(codes(dead + KPI + right)) == ["W514", "W574"]


# ---- caps


@pytest.mark.parametrize(
    ("remedy", "code"),
    [
        ("penalty CNY 50_000, cap CNY 20_000", ["W570"]),
        ("penalty 10% of amount, cap 5% of amount", ["W570"]),
        ("penalty 10% per day of amount, cap 5% of amount", ["W570"]),
        ("penalty 5% per day of amount, cap 10% of amount", []),
        ("penalty CNY 20_000, cap CNY 50_000", ["W571"]),
        ("penalty 10% of amount, cap CNY 5_000", []),
        ("interest 10% per day simple on unpaid, cap 10% of amount", ["W570"]),
        ("interest 0.05% per day simple on unpaid, cap 10% of amount", []),
    ],
)
def test_a_cap_that_always_or_never_binds(remedy: str, code: list[str]) -> None:
    assert codes(f"obligation o {{ {PAY} failing which {{ {remedy} }} }}") == code


# ---- the words of a clause


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("收到发票后五日内支付5,000元,逾期按万分之五,上限10%", ["五日", "5,000元", "万分之五", "10%"]),
        ("7、运营三个月后,每逾期一日;月独立IP达500;日询盘10家;转化率1.5%", ["三个月", "1.5%"]),
        ("2026年3月9日至2026-03-31,五月三日,二〇二六年,每周三日报,百分之百", []),
        ("人民币捌仟元整,7个工作日,5万元,兩年", ["捌仟元", "7个工作日", "5万元", "兩年"]),
        (
            "within thirty (30) days, CNY 8,000, 5 per cent, a 60-day notice",
            ["30) days", "CNY 8,000", "5 per cent", "60-day"],
        ),
        ("clause 3.6, tel. 010-88886666, 100% of it, one day", []),
    ],
)
def test_figures_in_a_text(text: str, figures: list[str]) -> None:
    assert [one.words for one in figures_in(text)] == figures


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("服务费为8,000元,于次月10日支付", []),
        ("服务费为8千元,于次月十日支付", []),
        ("服务费为9,000元", ["W572"]),
        ("于次月15日支付", ["W572"]),
        ("the fee is CNY 0.8万, due within 10 days", []),
        ("the fee is reduced by 20%", ["W572"]),
        ("服务费按三个月结算", ["W572"]),
    ],
)
def test_a_figure_of_the_words_without_one_in_the_code(text: str, code: list[str]) -> None:
    assert codes(f'clause "1" {{ text "{text}" obligation pay_fee {{ {PAY} }} }}') == code


def test_a_clause_without_code_keeps_its_words() -> None:
    assert codes(f'clause "1" {{ text "应于15日内支付9,000元" }}\n{FEE}') == []


def test_the_figure_is_marked_in_the_words() -> None:
    (found,) = proved(f'clause "1" {{ text "服务费为9,000元" obligation pay_fee {{ {PAY} }} }}')
    assert found.source is not None and found.span is not None
    assert found.source.text[found.span.start : found.span.end] == "9,000元"
    assert sentence(found) == "the text of clause 1 says 9,000元, and nothing in its code does"


# ---- size


def test_what_is_too_large_to_be_taken_apart_is_left_alone() -> None:
    lets = "let a0 = sales\n" + "\n".join(f"let a{i} = a{i - 1} + CNY 1" for i in range(1, 600))
    parameters = "\n".join(f"parameter p{i} = p{i - 1} + CNY 1" for i in range(1, 600))
    text = f"{lets}\nparameter p0 = CNY 1\n{parameters}\nkpi k monthly {{ met when a599 > p599 }}"
    assert codes(text) == []


# ---- laws: a proof is held against every value, by another reading of the same condition

Reading = Callable[[Mapping[str, Fraction]], bool]
_TESTS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq}


def _compared(name: str, test: str, bound: int, money: bool) -> tuple[str, Reading]:
    return f"{name} {test} {'CNY ' if money else ''}{bound}", lambda facts: _TESTS[test](facts[name], bound)


def _between(test: str, bound: int) -> tuple[str, Reading]:
    return f"sales - costs {test} CNY {bound}", lambda facts: _TESTS[test](facts["sales"] - facts["costs"], bound)


def _joined(word: str, left: tuple[str, Reading], right: tuple[str, Reading]) -> tuple[str, Reading]:
    both = all if word == "and" else any
    return f"({left[0]}) {word} ({right[0]})", lambda facts: both((left[1](facts), right[1](facts)))


def _denied(one: tuple[str, Reading]) -> tuple[str, Reading]:
    return f"not ({one[0]})", lambda facts: not one[1](facts)


TEST = st.sampled_from(sorted(_TESTS))
LEAVES = st.one_of(
    st.builds(_compared, st.just("sales"), TEST, st.integers(0, 4), st.just(True)),
    st.builds(_compared, st.just("dealers"), TEST, st.integers(0, 4), st.just(False)),
    st.builds(_between, TEST, st.integers(0, 2)),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(_joined, st.sampled_from(["and", "or"]), inner, inner),
        st.builds(_denied, inner),
    ),
    max_leaves=5,
)
HALVES = [Fraction(n, 2) for n in range(-2, 11)]
FACTS = [
    {"sales": sales, "costs": costs, "dealers": Fraction(dealers)}
    for sales in HALVES
    for costs in (Fraction(0), Fraction(1, 2), Fraction(3))
    for dealers in range(-1, 6)
]


@given(CONDITIONS)
def test_what_is_always_so_is_so_for_every_value(condition: tuple[str, Reading]) -> None:
    text, reading = condition
    contract, findings = compile_text(HEADER + f"kpi k monthly {{ met when {text} }}")
    assert contract is not None
    for found in findings:
        if found.code == "W514" and found.span is not None:
            written = (HEADER + f"kpi k monthly {{ met when {text} }}")[found.span.start : found.span.end]
            if written == text:
                value = dict(found.args)["value"]
                assert isinstance(value, Both)
                assert {reading(facts) for facts in FACTS} == {value.en == "true"}


@given(st.lists(LEAVES, min_size=1, max_size=3))
def test_a_witness_of_a_gap_falls_through_every_case(cases: list[tuple[str, Reading]]) -> None:
    listed = " ".join(f"when {text}: CNY 1" for text, _ in cases)
    gaps = [one for one in proved(f"let x = choose {{ {listed} }}") if one.code == "W560"]
    covered = all(any(reading(facts) for _, reading in cases) for facts in FACTS if min(facts.values()) >= 0)
    assert not (gaps and covered)
    for gap in gaps:
        facts = {"sales": Fraction(0), "costs": Fraction(0), "dealers": Fraction(0)}
        for name, value in re.findall(r"`(\w+)` = (?:CNY )?(-?[0-9.]+)", sentence(gap)):
            facts[name] = Fraction(value)
        assert not any(reading(facts) for _, reading in cases)


@given(st.lists(LEAVES, min_size=2, max_size=4))
def test_a_case_that_is_never_reached_is_first_for_no_value(cases: list[tuple[str, Reading]]) -> None:
    texts = [f"when {text}: CNY {number}" for number, (text, _) in enumerate(cases)]
    for found in proved(f"let x = choose {{ {' '.join(texts)} otherwise: CNY 9 }}"):
        if found.code == "W561" and found.span is not None and found.source is not None:
            written = found.source.text[found.span.start : found.span.end]
            numbers = [n for n, (text, _) in enumerate(cases) if text == written]
            for number in numbers[-1:]:
                firsts = (next((n for n, (_, one) in enumerate(cases) if one(facts)), None) for facts in FACTS)
                assert number not in firsts


def test_a_term_that_can_move_proves_nothing_of_its_end() -> None:
    """Three quarters are more than half a year has, unless a suspension may extend the term."""
    fixed = """contract "Half a year" {
  currency CNY  term from 2026-01-01 to 2026-06-30  rounding half_up to 0.01
}
party a
party b
fact ok : boolean quarterly
fact closed : boolean monthly
fact left_on : date once
termination poor { a may terminate when not ok for 3 consecutive quarters exercised on left_on lapses after 5 days }
obligation o { a must pay b CNY 1 every month due last day }
"""
    moving = fixed + "suspension still { when closed  suspends o  extends term by months }\n"
    still = fixed + "suspension still { when closed  suspends o }\n"
    assert "W569" in codes_of(fixed)
    assert "W569" in codes_of(still)
    assert "W569" not in codes_of(moving)


def codes_of(text: str) -> list[str]:
    contract, findings = compile_text(text)
    assert contract is not None, findings
    return [one.code for one in findings]


def test_a_percent_added_to_a_percent_says_that_it_is_points() -> None:
    text = """contract "x" { currency CNY term from 2026-01-01 to 2026-12-31 rounding half_up to 0.01 }
party a
party b
fact industry : percent quarterly
fact ours : percent quarterly
kpi k quarterly { met when ours >= EXPRESSION }
obligation o { a must pay b CNY 1 every month due last day when k met }
"""
    assert "W575" in codes_of(text.replace("EXPRESSION", "industry + 15%"))
    for clear in ("industry + 15pp", "industry * (1 + 15%)", "100% - industry"):
        assert "W575" not in codes_of(text.replace("EXPRESSION", clear))
