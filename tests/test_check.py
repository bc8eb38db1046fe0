"""Contracts that are wrong, each with the code on the line that causes it, and what good ones become."""

from __future__ import annotations

import datetime as dt
import re
import time
from fractions import Fraction

import pytest

from clausal.dsl import builtins, model
from clausal.dsl.compile import compile_text
from clausal.dsl.diagnostics import apply_fixes, catalogue
from clausal.dsl.model import Contract
from clausal.dsl.types import Type, money
from clausal.dsl.values import Duration, lengths

HEADER = """contract "t" {
  language 1  currency CNY  term from 2026-01-01 to 2026-12-31  rounding half_up to 0.01
  calendar CN  deadlines next business day
}
party client "Client"
party operator "Operator"
"""
FACTS = """
parameter fee = CNY 8_000
fact sales : money monthly
fact dealers : count "dealers" monthly
fact boxes : count "boxes" monthly
fact visits : count monthly
fact ok : boolean monthly
fact profit : money quarterly
fact weekly_change : percent weekly
fact started_on : date once
fact said : notice once
fact grade : one of {"good", "bad"} monthly
fact orders : list of { no: text, ordered: date, price: money, quantity: count, shipped_on: date? }
  dated by ordered keyed by no
fact receipts : payments
"""
PAY = "client must pay operator fee every month due day 10 of next month"


def good(text: str) -> Contract:
    contract, findings = compile_text(text)
    assert contract is not None, [(f.code, f.args) for f in findings if f.severity == "error"]
    return contract


def marked(text: str) -> list[tuple[int, str]]:
    return sorted(
        (number, code)
        for number, line in enumerate(text.splitlines(), 1)
        if "#" in line
        for code in re.findall(r"[EW][0-9]{3}", line.split("#")[1])
    )


def found(text: str) -> list[tuple[int, str]]:
    """Every error, and the warnings and notes whose code the text names, as line and code."""
    named = {code for _, code in marked(text)}
    _, findings = compile_text(text)
    return sorted(
        (f.source.position(f.span.start)[0], f.code)
        for f in findings
        if f.span is not None and f.source is not None and (f.severity == "error" or f.code in named)
    )


WRONG = {
    "a name that nothing declares": "let x = salse * 2  # E201",
    "a name given twice": "let x = sales\nlet x = fee  # E202",
    "a party is no amount": "let x = client + fee  # E308",
    "a kpi is no value": "kpi k monthly { met when ok }\nlet x = k * 2  # E203",
    "an obligation is no party": f"obligation o {{ {PAY} }}\nfact f : boolean monthly judged by o  # E203",
    "a list is no value": "let x = orders * 2  # E313",
    "an unknown field of an obligation": f"obligation o {{ {PAY} }}\nlet x = o.opened  # E204",
    "an unknown function": "let x = roundd(sales, CNY 1)  # E205",
    "too few arguments": "let x = limit(sales, CNY 1)  # E206",
    "an argument of another type": "let x = limit(sales, 1%, 2%)  # E315",
    "money and a plain number": "let x = sales + 5  # E308",
    "money against a plain number": "let x = sales > 5  # E308",
    "money times money": "let x = sales * fee  # E308",
    "dealers and boxes": "let x = dealers + boxes  # E305",
    "dealers against boxes": "let x = dealers >= boxes  # E305",
    "a percent against points": "let x = 5% > 2pp  # E303",
    "percent times points": "let x = 5% * 2pp  # E303",
    "a rate without a time": "parameter r = 0.05% per day\nlet x = sales * r  # E304",
    "two currencies": "let x = sales + USD 5  # E210",
    "a time in hours": "let x = started_on + 5 hours  # E307",
    "a window of weeks": "let x = sum of sales over last 2 weeks  # E314",
    "a window of days": "let x = sum of sales over last 10 days  # E314",
    "payments that only some perform": f"""obligation o {{ {PAY}
  performed by receipts where payer = client  # E116
}}""",
    "a kpi in part of a month": "kpi k monthly { met when ok partial months prorated }  # E115",
    "a date and a number": "let x = started_on + 10  # E307",
    "a date against a number": "let x = started_on > 10  # E307",
    "a date against a duration": "let x = started_on > 10 days  # E307",
    "months against days": "let x = started_on - started_on >= 2 months  # E306",
    "text has no order": 'let x = grade > "good"  # E316',
    "a word that is none of the choices": 'let x = grade = "god"  # E317',
    "branches that differ": "let x = if ok then sales else 5%  # E310",
    "a number is no condition": "let x = if dealers then 1 else 2  # E309",
    "a date is no condition of a kpi": "kpi k monthly { met when started_on }  # E309",
    "an aggregate over nothing": "let x = sum of sales  # E115",
    "a monthly fact in a quarterly kpi": "kpi k quarterly { met when sales > CNY 5 }  # E314",
    "a monthly fact over quarters": "let x = sales > CNY 5 for 2 consecutive quarters  # E314",
    "a quarter of a monthly fact": "let x = growth of sales over previous quarter  # E314",
    "weeks in a monthly kpi": "kpi k monthly { met when weekly_change > 1% }  # E314",
    "a run of kpis without a word on gaps": """kpi k monthly { met when ok }
        let x = k missed for 3 consecutive months  # E403""",
    "a circle": "let x = y + CNY 1  # E401\nlet y = z\nlet z = x",
    "a parameter rests on no fact": "parameter p = sales  # E318",
    "a percent needs its sign": "parameter p : percent = 5  # E301",
    "a blank needs a type": "parameter p = TBD  # E115",
    "versions in disorder": """parameter p : percent { from 2026-01-01: 5%
        from 2026-01-01: 6% }  # E410""",
    "a version too late": """parameter p : percent {
        from 2026-02-01: 5% }  # E409""",
    "an unknown type": "fact f : mony monthly  # E210",
    "a fact without a grain": "fact f : money  # E115",
    "a list without a date": "fact f : list of { a: text, b: date, c: date }  # E115",
    "a list dated by no field": "fact f : list of { a: text, b: date } dated by c  # E204",
    "tiers without a method": "let x = tiers per month on sales { up to CNY 5: 5%  above: 8% }  # E115",
    "tiers without a window": "let x = tiers marginal on sales { up to CNY 5: 5%  above: 8% }  # E407",
    "tiers that fall": """let x = tiers marginal per month on sales { up to CNY 5: 5%
        up to CNY 4: 6%  # E405
        above: 8% }""",
    "tiers without an end": "let x = tiers marginal per month on sales { up to CNY 5: 5% }  # E416",
    "tiers in another unit": "let x = tiers marginal per month on sales { up to 5: 5%  above: 8% }  # E301",
    "no schedule": "obligation o { client must pay operator fee due day 10 of next month }  # E115",
    "no deadline": "obligation o { client must pay operator fee every month }  # E115",
    "paying oneself": "obligation o { client must pay client fee every month due last day }  # E415",
    "a payment that is no money": """obligation o {
        client must pay operator dealers  # E301
        every month due last day }""",
    "a rate is no payment": """parameter r = 0.05% per day
        obligation o { client must pay operator r every month due last day }  # E304""",
    "which day 10": """obligation o { client must pay operator fee every quarter
        due day 10 }  # E115""",
    "grace with interest says how": f"""obligation o {{ {PAY}
        grace 5 days  # E404
        failing which {{ interest 0.05% per day simple on unpaid }} }}""",
    "interest needs a time": f"""obligation o {{ {PAY}
        failing which {{ interest 5% simple on unpaid }} }}  # E301""",
    "a day count on a daily rate": f"""obligation o {{ {PAY}
        failing which {{ interest 0.05% per day simple actual_365 on unpaid }} }}  # E311""",
    "a yearly rate without a day count": f"""obligation o {{ {PAY}
        failing which {{ interest 8% per year simple on unpaid }} }}  # E312""",
    "a cap of nothing": f"""obligation o {{ {PAY}
        failing which {{ interest 0.05% per day simple on unpaid, cap 10% }} }}  # E301""",
    "performed by a list, not payments": f"obligation o {{ {PAY} performed by orders }}  # E301",
    "who may withhold": f"""obligation o {{ {PAY} }}
        right w {{ operator may withhold o when ok exercised on started_on }}  # E420""",
    "cure without a test": """termination t { client may terminate when ok exercised on said
        notice 30 days cure 15 days }  # E412""",
    "an unknown status": f"obligation o {{ {PAY} }}\nlet x = o is witheld  # E210",
    "an unknown grade": f"obligation o {{ {PAY} }}\nlet x = o in breach grave  # E210",
    "a balance of what has no amount": "balance q : text { }  # E301",
    "a balance that opens with boxes": "balance q : money { opening 5 }  # E301",
    "two accruals": "balance q : money { accrues 1% per year actual_365  accrues 2% per year actual_365 }  # E114",
    "an accrual without a day count": "balance q : money { accrues 1% per year }  # E312",
    "an accrual per day with a day count": "balance q : money { accrues 1% per day actual_365 }  # E311",
    "a balance that moves if a week was good": "balance q : money { add CNY 1 when weekly_change > 1% }  # E314",
    "a balance reads itself": "balance q : money { opening CNY 1  deduct q }  # E414",
    "a part that is no part": "let x = split sales { client: CNY 5, operator: rest }  # E301",
    "a party twice": "let x = split sales { client: 50%, client: 50% }  # E114",
    "shares that make too little": "let x = split sales { client: 50%, operator: 40% }  # E406",
    "a share of nobody": "let x = split sales { client: 50%, operator: 50% }\nlet y = x.clint  # E204",
    "stages on what is no balance": "let x = stages of sales on sales filled by client { above: { client: 100% } }  # E203",
    "a stage without who fills it": """balance q : money { opening CNY 1 }
let x = stages of sales on q filled by client { above: { operator: 100% } }  # E115""",
    "bands of shares and of rates": """let x = tiers marginal per month on sales {
  up to CNY 5: { client: 100% }
  above: 5% }  # E115""",
    "a whole suspension that is silent about the term": "suspension s { when ok }  # E413",
    "what is suspended is no obligation": "suspension s { when ok  suspends sales }  # E203",
    "a suspension start in a contract without one": "let x = sales as of suspension start  # E464",
    "`amount` outside of a duty": "let x = amount * 2  # E201",
    "`amount` belongs to the language": "let amount = sales  # E207",
    "an exception to nothing": "exception to o when ok { excused }  # E201",
    "a fact that is not asked for": 'scenario "s" { facts of 2026-01 { sale = CNY 5 } }  # E201',
    "a fact of another period": 'scenario "s" { facts of 2026-01 { profit = CNY 5 } }  # E314',
    "a fact once in a month": 'scenario "s" { facts of 2026-01 { started_on = 2026-01-05 } }  # E314',
    "a fact of another type": 'scenario "s" { facts of 2026-01 { sales = 5 } }  # E301',
    "a record lacks a field": """scenario "s" { facts of 2026-01 {
        orders = [{ no: "1", ordered: 2026-01-05, price: CNY 5 }] } }  # E115""",
    "a record has too much": """scenario "s" { facts of 2026-01 {
        orders = [{ no: "1", ordered: 2026-01-05, price: CNY 5, quantity: 3, size: 2 }] } }  # E204""",
    "an expectation of another type": 'let x = sales\nscenario "s" { expect x of 2026-01 = 5 }  # E301',
    "an expected status": f'obligation o {{ {PAY} }}\nscenario "s" {{ expect o of 2026-01 lapsed }}  # E210',
    "untracked": """obligation o { operator must deliver "report" every month due last day }  # W502""",
    "can be negative": """let x = fee - sales
        obligation o { client must pay operator x every month due last day }  # W504""",
    "a doubtful word": "fact 滞纳金 : money monthly  # W507",
    "still blank": "parameter p : money = TBD  # W508",
    "the whole amount jumps": """let x = tiers whole per month on sales { up to CNY 100: 5%
        above: 8% }  # W509""",
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG.keys())
def test_wrong_contracts_say_so_on_the_line(body: str) -> None:
    text = HEADER + FACTS + body + "\n"
    assert found(text) == marked(text)


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG.keys())
def test_every_word_of_a_sentence_is_filled(body: str) -> None:
    _, findings = compile_text(HEADER + FACTS + body + "\n")
    for finding in findings:
        message = catalogue().messages[finding.code]
        words = {name for name, _ in finding.args}
        assert set(re.findall(r"\{([a-z_]+)\}", message.say.en)) <= words, finding


ZH = """合同 "t" { 币种 CNY 合同期限 自 2026-01-01 至 2026-12-31 舍入 四舍五入 精确到 0.01 }
当事人 甲方 当事人 乙方
数据 销售额 : 金额 按月
数据 收款 : 付款记录
数据 退货 : 清单 { 编号: 文本, 退货日: 日期, 金额: 金额, 类型: 文本 } 日期列 退货日 编号列 编号
义务 付款 { 甲方 应当 支付给 乙方 销售额 的 5% 每月 到期日 次月第10日 违约责任 { 逾期利息 0.05%/日 } }
"""


def chinese(text: str) -> list[tuple[str, str | None]]:
    """The errors of a contract, each with what it proposes."""
    _, findings = compile_text(ZH + text)
    return [(f.code, f.fix.replacement if f.fix is not None else None) for f in findings if f.severity == "error"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("定义 甲 = 上月的销售额 * 2", [("E103", "上月 的 销售额")]),
        ("定义 甲 = 销售额的10%", [("E103", "销售额 的10")]),
        ("定义 甲 = 本月天数 * 2", [("E201", None)]),
        ("定义 甲 = 上月 的 销售额 * 2", []),
    ],
)
def test_chinese_words_without_blanks(text: str, told: list[tuple[str, str | None]]) -> None:
    assert [one for one in chinese(text) if one[0] in ("E103", "E201")] == told


PAID = """{ 编号: "P1", 付款人: 甲方, 收款人: 乙方, 金额: 8000元, 到账日: 2026-02-10, 报告日: 2026-02-11,
  用途: 2026-01 的 付款, 类型: "退款" }"""


def first_record(contract: Contract) -> dict[str, object]:
    given = contract.scenarios[0].closings[0].facts[0]
    assert isinstance(given, model.GivenRecords)
    return dict(given.records[0])


def test_payments_have_chinese_words() -> None:
    contract = good(ZH + f'示例 "a" {{ 当期数据 2026-01 {{ 收款 = [ {PAID} ] }} 截止日 2026-03-31 }}')
    english = PAID
    for zh, en in zip(
        ("编号", "付款人", "收款人", "金额", "到账日", "报告日", "用途", "类型", "退款"),
        ("ref", "payer", "payee", "amount", "on", "reported", "for", "kind", "refund"),
        strict=True,
    ):
        english = english.replace(zh, en)
    twin = good(ZH + f'示例 "a" {{ 当期数据 2026-01 {{ 收款 = [ {english} ] }} 截止日 2026-03-31 }}')
    assert twin.scenarios == contract.scenarios
    assert first_record(contract) == {
        "ref": "P1",
        "payer": "甲方",
        "payee": "乙方",
        "amount": 8000,
        "on": dt.date(2026, 2, 10),
        "reported": dt.date(2026, 2, 11),
        "for": "付款@2026-01",
        "kind": "refund",
    }


def test_a_list_of_ones_own_keeps_its_fields() -> None:
    record = '{ 编号: "R1", 退货日: 2026-01-05, 金额: 5元, 类型: "退款" }'
    contract = good(ZH + f'示例 "a" {{ 当期数据 2026-01 {{ 退货 = [ {record} ] }} 截止日 2026-03-31 }}')
    assert list(first_record(contract)) == ["编号", "退货日", "金额", "类型"]
    assert first_record(contract)["类型"] == "退款"


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (PAID.replace("付款人", "付款方"), ("E204", "付款人")),
        (PAID.replace("退款", "退"), ("E317", None)),
        (PAID.replace("金额: 8000元, ", ""), ("E115", None)),
    ],
)
def test_what_is_wrong_in_a_payment_is_said_in_its_words(record: str, told: tuple[str, str | None]) -> None:
    assert chinese(f'示例 "a" {{ 当期数据 2026-01 {{ 收款 = [ {record} ] }} 截止日 2026-03-31 }}')[0] == told


HEADERS = {
    "calendar without deadlines": """contract "t" { currency CNY term from 2026-01-01
  calendar CN  # E402
}""",
    "an unknown calendar": """contract "t" { term from 2026-01-01
  calendar XX deadlines unshifted  # E419
}""",
    "no term": 'contract "t" { currency CNY }  # E115',
    "the term runs backwards": """contract "t" { term from 2026-02-01
  to 2026-01-31  # E408
}""",
    "money without a currency": """contract "t" { term from 2026-01-01 }
parameter p = CNY 5  # E115""",
    "money without rounding": """contract "t" { currency CNY term from 2026-01-01 }  # E115
parameter p = CNY 5""",
    "business days without a calendar": """contract "t" { term from 2026-01-01 }
parameter p = 5 business days  # E115""",
}


@pytest.mark.parametrize("text", HEADERS.values(), ids=HEADERS.keys())
def test_what_a_header_must_say(text: str) -> None:
    assert found(text) == marked(text)


def test_a_mistake_is_told_once() -> None:
    text = HEADER + FACTS + "let x = salse\nlet y = x * 2\nkpi k monthly { met when y > CNY 1 }\n"
    assert [code for _, code in found(text)] == ["E201"]


def test_fixes_make_it_right() -> None:
    text = HEADER + FACTS + "kpi k monthly { met when ok and sales > 5 }\n"
    text += "let x = k missed for 3 consecutive months\n"
    for _ in range(2):
        _, findings = compile_text(text)
        text = apply_fixes(text, (f.fix for f in findings if f.fix is not None))
    assert "sales > CNY 5" in text and "months skipping not assessed" in text
    good(text)


def value(expression: str, more: str = "") -> model.Op:
    contract = good(HEADER + FACTS + more + f"\nlet x = {expression}\n")
    (x,) = (v for v in contract.values if v.name == "x")
    assert isinstance(x, model.Let)
    return x.value


@pytest.mark.parametrize(
    ("expression", "t"),
    [
        ("sales * 5%", money("CNY")),
        ("dealers * CNY 5", money("CNY")),
        ("sales / fee", Type("number")),
        ("sales / dealers", money("CNY")),
        ("dealers / visits", Type("number")),
        ("dealers + 1", Type("count", unit="dealers")),
        ("5% + 2pp", Type("percent")),
        ("2pp * 3", Type("points")),
        ("1 + 6%", Type("number")),
        ("started_on - 2026-01-01", Type("count", unit="days")),
        ("started_on + 3 months", Type("date")),
        ("started_on - 2026-01-01 > 30 days", Type("boolean")),
        ("sales / fee >= 5%", Type("boolean")),
        ("visits / days_in_month >= 500", Type("boolean")),
        ("sum of price * quantity for each orders where quantity > 2", money("CNY")),
        ("count of orders", Type("count")),
        ("sum of sales over contract year to date", money("CNY")),
        ("growth of profit over previous quarter", Type("percent")),
        ("minimum(60%, step(attainment(sales, CNY 0, fee), 100%, 10pp, 40%, 2pp))", Type("percent")),
        ("if ok then sales else if dealers > 3 then fee else CNY 0", money("CNY")),
        ("tiers marginal per month on sales { up to CNY 100: 5%  above: 8% flat CNY 2 }", money("CNY")),
        ("tiers whole per month on dealers { below 10: CNY 5  above: CNY 4 }", money("CNY")),
        ("sales of previous month", money("CNY")),
        ("minimum(dealers, 5)", Type("count", unit="dealers")),
        ("fallback(sales / dealers, CNY 0)", money("CNY")),
        ("said.received - said.sent", Type("count", unit="days")),
        ("package(dealers, 10, CNY 100)", money("CNY")),
    ],
)
def test_types(expression: str, t: Type) -> None:
    assert value(expression).type == t


def test_a_long_condition_is_one_node() -> None:
    assert value(" + ".join(["sales"] * 150)).type == money("CNY")
    op = value(" and ".join(["ok"] * 150))
    assert isinstance(op, model.AllOf) and len(op.operands) == 150


def test_what_is_never_used_is_told() -> None:
    _, findings = compile_text(
        HEADER + f"parameter fee = CNY 5\nfact sales : money monthly\nobligation o {{ {PAY} }}\n"
    )
    assert [dict(f.args)["name"] for f in findings if f.code == "W501"] == ["sales"]


def example() -> Contract:
    return good(
        HEADER
        + FACTS
        + """
parameter late_rate : rate per day { from 2026-01-01: 0.05%  from 2026-07-01: 0.04% }
fact notice_on : date monthly
fact served : notice once
fact remedied_on : date once
fact excused_for : boolean monthly presume false
kpi minimums monthly { met when dealers >= 5 and sales >= CNY 800_000 }
let commission = sum of price * quantity for each orders
clause "3.6" "Fees" {
  text "fee"
  obligation pay_fee {
    client must pay operator fee
    every month due day 10 of next month
    grace 5 days delaying
    failing which { interest late_rate simple on unpaid, cap 10% of amount  after 30 days breach serious }
  }
}
obligation pay_commission {
  client must pay operator commission every month due day 10 of next month, unshifted
}
obligation ship {
  operator must deliver "goods" per record of orders where quantity > 0
  due within 3 business days after ordered  performed on shipped_on
}
right withhold_fee {
  client may withhold pay_fee when minimums missed
  exercised on notice_on  lapses 10 days after month end
}
termination failure {
  client may terminate when minimums missed for 3 consecutive months skipping not assessed
  exercised on served  notice 30 days  cure 15 days cured when remedied_on  lapses after 90 days
}
termination non_payment {
  operator may terminate when pay_fee in breach serious
  exercised on said  notice 30 days  cure 15 days cured when nothing open on it
}
exception to pay_fee when excused_for { excused }
scenario "two closings" {
  parameter fee = CNY 9_000
  facts of 2026-01 {
    dealers = 3  sales = CNY 900_000  notice_on = none
    orders = [{ no: "1", ordered: 2026-01-05, price: CNY 5, quantity: 3 }]
  }
  facts of once { served = 2026-05-14 }
  as_of 2026-02-28
  complete_through receipts 2026-02-20
  expect pay_fee of 2026-01 withheld
  expect commission of 2026-01 = CNY 10 + CNY 5
  facts of 2026-02 { dealers = unknown }
  corrected facts of 2026-01 { dealers = 4 }
  as_of 2026-03-31
  expect minimums of 2026-02 needs dealers
  expect client owes operator = CNY 5
  expect contract active
}
"""
    )


@pytest.mark.parametrize(
    ("short", "long"), [("max", "maximum"), ("min", "minimum"), ("abs", "absolute"), ("round", "rounded")]
)
def test_a_short_name_of_a_function_suggests_the_long_one(short: str, long: str) -> None:
    _, told = compile_text(HEADER + FACTS + f"let x = {short}(sales, CNY 5)")
    assert [f.arg("suggestion") for f in told if f.code == "E205"] == [long]


@pytest.mark.parametrize(
    ("factor", "prorated"),
    [("days_between(period start, period end)", "none"), ("(if period end > 2026-06-30 then 2 else 1)", "actual")],
)
def test_an_amount_that_counts_its_own_days_is_not_prorated(factor: str, prorated: str) -> None:
    extra = f"obligation extra {{ client must pay operator CNY 5 * {factor} every month due day 5 of next month }}"
    assert good(HEADER + FACTS + extra).obligations[-1].prorated == prorated


def test_the_example_becomes_a_model() -> None:
    contract = example()
    fee, commission, ship = contract.obligations
    assert fee.clause == model.ClauseRef("3.6", "Fees", "fee")
    assert (fee.prorated, commission.prorated) == ("actual", "none")
    assert fee.performance == model.Performance("payments", list="receipts")
    assert fee.schedule == model.Schedule("periodic")
    assert fee.due is not None and (fee.due.kind, fee.due.day) == ("day", 10)
    assert (fee.due.unit, fee.due.offset) == ("month", 1)
    assert fee.due.shift == "next" and commission.due is not None and commission.due.shift == "unshifted"
    assert fee.grace is not None and fee.grace.kind == "delaying" and fee.grace.duration.amount == 5
    interest, grade = fee.chain
    assert isinstance(interest.remedy, model.Interest) and interest.remedy.per == "day" and interest.day == 1
    assert grade.day == 31 and isinstance(grade.remedy, model.Grade)
    assert isinstance(interest.remedy.cap, model.Arith)
    assert isinstance(interest.remedy.cap.right, model.InstanceValue)
    assert fee.exemptions[0].excused
    assert ship.schedule.kind == "records" and ship.performance.kind == "on"
    assert ship.due is not None and isinstance(ship.due.after, model.FieldRef)
    withhold, failure, non_payment = contract.rights
    assert withhold.per_instance and withhold.timing == "period"
    assert failure.timing == "period" and isinstance(failure.cured_when, model.Happened)
    assert isinstance(failure.exercised_on, model.NoticeRef) and failure.exercised_on.field == "received"
    assert non_payment.timing == "day" and isinstance(non_payment.cured_when, model.NothingOpen)
    rate = next(p for p in contract.parameters if p.name == "late_rate")
    assert rate.type == Type("rate", per="day")
    assert isinstance(rate.versions[1].value, model.Const) and rate.versions[1].value.value == Fraction(1, 2500)


def test_a_scenario_closes_at_each_as_of() -> None:
    (scenario,) = example().scenarios
    first, second = scenario.closings
    assert (first.as_of, second.as_of) == (dt.date(2026, 2, 28), dt.date(2026, 3, 31))
    assert [given.name for given in first.facts] == ["dealers", "sales", "notice_on", "orders", "served"]
    day = dt.date(2026, 5, 14)
    assert isinstance(first.facts[-1], model.GivenScalar) and first.facts[-1].value == (day, day)
    assert first.complete_through == (("receipts", dt.date(2026, 2, 20)),)
    assert [(e.kind, e.status, e.value) for e in first.expects] == [
        ("obligation", "withheld", None),
        ("value", None, 15),
    ]
    assert [(given.name, getattr(given, "known", None)) for given in second.facts] == [("dealers", False)]
    assert [given.name for given in second.corrected] == ["dealers"]
    assert [e.kind for e in second.expects] == ["kpi", "owes", "contract"]
    assert second.expects[0].needs == ("dealers",)


def test_values_come_in_computation_order() -> None:
    contract = good(HEADER + FACTS + "let c = b\nlet b = a\nlet a = sales\n")
    assert [v.name for v in contract.values] == ["a", "b", "c"]


def test_a_chain_of_lets_needs_no_recursion() -> None:
    lets = "\n".join(f"let x{i} = x{i + 1} + CNY 1" for i in range(3000)) + "\nlet x3000 = sales\n"
    assert len(good(HEADER + FACTS + lets).values) == 3001


def test_time_is_linear_in_the_number_of_clauses() -> None:
    def text(n: int) -> str:
        return (
            HEADER
            + FACTS
            + "".join(
                f'clause "{i}" {{ let v{i} = sales * {i}  kpi k{i} monthly {{ met when v{i} > fee }}'
                f" obligation o{i} {{ client must pay operator v{i} every month due last day }} }}\n"
                for i in range(n)
            )
        )

    def seconds(n: int) -> int:
        start = time.process_time_ns()
        good(text(n))
        return time.process_time_ns() - start

    seconds(20)
    assert seconds(800) < 12 * seconds(200)


EXAMPLES = [(f, e) for f in builtins.FUNCTIONS for e in f.examples]


@pytest.mark.parametrize(("function", "case"), EXAMPLES, ids=[e.text for _, e in EXAMPLES])
def test_the_examples_of_functions(function: builtins.Function, case: builtins.Example) -> None:
    assert function.evaluate(case.args, case.calendar, case.period) == case.gives


@pytest.mark.parametrize("function", builtins.FUNCTIONS, ids=[f.name for f in builtins.FUNCTIONS])
def test_every_function_has_an_example(function: builtins.Function) -> None:
    assert function.examples and builtins.builtin(function.zh) is function


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("10 days", "1 month"),
        ("10 days", "3 business days"),
        ("2 weeks", "1 quarter"),
        ("{ from 2026-01-01: 1 month from 2026-07-01: 1 year }", "30 days"),
    ],
)
@pytest.mark.parametrize("declared", [" : duration", ""])
def test_durations_of_two_calendars_do_not_meet_through_names(left: str, right: str, declared: str) -> None:
    assign = "" if left[0] == "{" else "= "
    names = f"parameter d{declared} {assign}{left}\nparameter e{declared} = {right}\nlet f = e\n"
    for test in ("d > e", "e <= d", "d = f", f"d < {right}", "(if ok then d else d) > f"):
        assert [code for _, code in found(HEADER + FACTS + names + f"let x = {test}")] == ["E306"], test
    good(HEADER + FACTS + names + "let x = d >= d")


def test_durations_of_one_calendar_meet() -> None:
    text = HEADER + FACTS + "parameter d = 2 weeks\nparameter e = 10 days\nlet x = d > e\nlet y = e < 2 weeks\n"
    y = good(text).values[1]
    assert isinstance(y, model.Let) and isinstance(y.value, model.Compare) and isinstance(y.value.right, model.Const)
    assert y.value.right.value == Duration(14, "days")
    assert lengths(Duration(2, "weeks"), Duration(10, "days")) == (14, 10)
    assert lengths(Duration(1, "years"), Duration(5, "quarters")) == (12, 15)
    assert lengths(Duration(1, "months"), Duration(30, "days")) is None


def test_a_contract_without_any_norm_says_so() -> None:
    assert "W518" in {one.code for one in compile_text(HEADER + FACTS)[1]}
    assert "W518" not in {one.code for one in compile_text(HEADER + FACTS + f"obligation o {{ {PAY} }}")[1]}


def test_an_unknown_calendar_is_answered_in_the_words_of_the_file() -> None:
    text = '合同 "t" { 语言版本 1 币种 CNY 合同期限 自 2026-01-01 至 2026-12-31 工作日历 北京 期限规则 遇休假日顺延 }'
    told = next(one for one in compile_text(text)[1] if one.code == "E419")
    assert "“中国”或者“周一至周五”" in told.text("zh")


def test_an_amount_in_chinese_figures_is_written_in_digits() -> None:
    text = """合同 "t" { 语言版本 1 币种 CNY 合同期限 自 2026-01-01 至 2026-12-31 }
当事人 甲方 当事人 乙方
义务 付款 { 甲方 应当 支付给 乙方 人民币捌仟元整 每月 到期日 次月 第 10 日 }"""
    told = next(one for one in compile_text(text)[1] if one.code == "E201")
    assert "8_000元" in told.draw("zh") and told.fix is not None and told.fix.replacement == "8_000元"


def test_an_obligation_without_its_times_says_so_in_a_sentence() -> None:
    text = HEADER + FACTS + "obligation o { client must pay operator fee due last day }"
    told = next(one for one in compile_text(text)[1] if one.code == "E115")
    assert told.message == "obligation `o` does not say how often or when"
    assert told.text("zh").endswith("没有约定频率或时间")
