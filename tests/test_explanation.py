"""Why a figure is what it is: the tree reaches the cells, and fits the page in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import clausal
from clausal.dsl.wording import display_width
from clausal.engine.explain import Node, deciding, subjects
from clausal.engine.report.explanation import SAID, render

ROOT = Path(__file__).resolve().parents[1]

AGREEMENT = """
contract "Supply" {
  currency CNY
  term from 2026-01-01 to 2026-06-30
  rounding half_up to 0.01
  payments applied named, due, burden, oldest, proportional
  within a debt costs, interest, principal
}
party buyer "Buyer Ltd"
party seller "Seller Ltd"
parameter fee : money = CNY 1_000
parameter least : count "boxes" = 10
parameter late_rate : rate per day = 0.05% per day
fact boxes : count "boxes" monthly
fact quality_ok : boolean monthly judged by buyer
fact force_majeure : boolean monthly presume false
fact refusal : date monthly
fact orders : list of { ordered_on: date, price: money, quantity: count, excluded: boolean }
  dated by ordered_on
fact receipts : payments
fact deals : list of { signed_on: date, partner: text } dated by signed_on
clause "2" "Price" {
  text "The buyer pays a fee and a commission of one third."
  let turnover = sum of price * quantity for each orders where not excluded
  let commission = turnover / 3
  obligation pay_fee {
    buyer must pay seller fee every month due day 10 of next month
    performed by receipts grace 5 days delaying
    failing which { interest late_rate simple on unpaid, cap 10% of amount   after 10 days breach serious }
  }
  obligation pay_commission {
    buyer must pay seller commission every month due day 10 of next month performed by receipts
  }
}
clause "3" "Minimum" {
  kpi minimum monthly { met when boxes >= least and not force_majeure   partial months not assessed }
  right refuse {
    buyer may withhold pay_fee when minimum missed exercised on refusal lapses 10 days after month end
  }
  obligation report { seller must do "report" every month due last day performed when quality_ok }
}
clause "4" "Exclusivity" {
  prohibition exclusive { seller must not "deal with others" violated by deals }
}
termination chronic {
  buyer may terminate when minimum missed for 2 consecutive months skipping not assessed
  notice 30 days lapses after 30 days
}
"""

FACTS: dict[str, Any] = {
    "2026-01": {"boxes": 12, "quality_ok": True, "refusal": None},
    "2026-02": {"boxes": 4, "quality_ok": False, "refusal": None},
    "2026-03": {"boxes": None, "quality_ok": True, "refusal": None},
    "orders": [
        {"ordered_on": "2026-01-05", "price": "58.00", "quantity": 10, "excluded": False},
        {"ordered_on": "2026-01-06", "price": "96.00", "quantity": 5, "excluded": True},
    ],
    "receipts": [
        {
            "ref": "P1",
            "payer": "buyer",
            "payee": "seller",
            "amount": "600.00",
            "on": "2026-02-10",
            "for": "pay_fee@2026-01",
        },
        {
            "ref": "P2",
            "payer": "buyer",
            "payee": "seller",
            "amount": "450.00",
            "on": "2026-03-02",
            "for": "pay_fee@2026-01",
        },
    ],
    "deals": [{"signed_on": "2026-02-03", "partner": "Other"}],
}


@pytest.fixture(scope="module")
def statement() -> clausal.Statement:
    return clausal.load(AGREEMENT).evaluate(FACTS, as_of="2026-03-31", complete_through="2026-03-31")


def said(statement: clausal.Statement, what: str, lang: str = "en", why_not: bool = False, **page: Any) -> str:
    return render(statement.explain(what, why_not), lang, **page)  # type: ignore[arg-type]


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_figure_goes_down_to_the_records_and_their_cells(statement: clausal.Statement) -> None:
    text = flat(said(statement, "turnover@2026-01"))
    assert text.startswith('turnover@2026-01 = CNY 580.00 Clause 2 Price "The buyer pays a fee and a commission of')
    assert "= sum of price * quantity for each orders where not excluded" in text
    assert "price = CNY 58.00 facts row 1 column price" in text or "price = CNY 58.00 facts" in text
    assert "left out record 2026-01-06" in text
    assert "not excluded -> does not hold" in text


def test_a_figure_that_has_no_end_is_said_exactly(statement: clausal.Statement) -> None:
    assert "commission@2026-01 = CNY 193.333333333333… (exactly 580/3)" in flat(said(statement, "commission@2026-01"))
    assert "193.33" in said(statement, "pay_commission@2026-01")


def test_a_late_fee_says_payments_interest_and_the_deciding_dates(statement: clausal.Statement) -> None:
    text = flat(said(statement, "pay_fee@2026-01"))
    assert "due on 2026-02-10 day 10 of next month" in text
    assert "grace until 2026-02-15" in text
    assert "2026-02-10 paid, to the principal CNY 600.00 payment P1" in text
    assert "late interest CNY 4.00" in text
    assert "2026-02-11 to 2026-02-28: 18 days x CNY 400.00 x 0.05% per day = CNY 3.60" in text
    assert "2026-03-01 to 2026-03-02: 2 days x CNY 400.00 x 0.05% per day = CNY 0.40" in text
    assert "2026-02-16 in default from this day" in text
    assert "2026-02-26 breach: serious" in text
    assert "cap CNY 100.00" in text
    assert "Performed late, on 2026-03-02: the last day without default was 2026-02-15" in text


def test_interest_alone(statement: clausal.Statement) -> None:
    text = said(statement, "pay_fee.interest@2026-01")
    assert text.startswith("pay_fee.interest@2026-01 = CNY 4.00")
    assert "18 days x CNY 400.00" in flat(text)
    assert "arises" not in text


def test_a_kpi_says_what_decided_it(statement: clausal.Statement) -> None:
    text = flat(said(statement, "minimum@2026-02", why_not=True))
    assert "minimum@2026-02 is missed" in text
    assert "why not: boxes >= least -> does not hold boxes@2026-02 = 4 boxes" in text
    assert "least = 10 boxes parameter" in text


def test_presumed_judged_and_unknown_facts_say_so(statement: clausal.Statement) -> None:
    assert "force_majeure@2026-01 = no presumed by the contract" in flat(said(statement, "minimum@2026-01"))
    assert "judged by buyer" in said(statement, "report@2026-02")
    assert "needs boxes@2026-03" in said(statement, "minimum@2026-03")


def test_a_right_that_opened_and_lapsed(statement: clausal.Statement) -> None:
    text = flat(said(statement, "refuse@2026-02"))
    assert "buyer may withhold: lapsed: open since 2026-02-28, to be exercised by 2026-03-10, and not exercised" in text
    assert "over pay_fee@2026-02" in text


def test_why_a_right_did_not_open(statement: clausal.Statement) -> None:
    text = flat(said(statement, "refuse@2026-01", why_not=True))
    assert "the right of buyer did not open" in text
    assert "why not: minimum@2026-01 is missed -> does not hold" in text


def test_a_violation_is_found_by_its_month(statement: clausal.Statement) -> None:
    text = flat(said(statement, "exclusive@2026-02"))
    assert "seller violated it on 2026-02-03 deal with others" in text
    assert "no violation is known" in said(statement, "exclusive@2026-01")


def test_what_did_not_arise(statement: clausal.Statement) -> None:
    assert "nothing of it had arisen by 2026-03-31" in said(statement, "pay_fee@2026-05")
    assert "no penalty has arisen" in said(statement, "pay_fee.penalty@2026-01")


def test_without_a_period_the_last_one_is_meant(statement: clausal.Statement) -> None:
    assert said(statement, "exclusive").startswith("exclusive@2026-02-03")
    assert said(statement, "pay_fee").startswith("pay_fee@2026-03")
    assert "`pay_fee` alone asks for the last period: pay_fee@2026-03 was taken" in flat(said(statement, "pay_fee"))
    assert statement.explain("pay_fee").to_dict()["taken"] == "pay_fee"
    assert "taken" not in statement.explain("pay_fee@2026-03").to_dict()


@pytest.mark.parametrize(
    "what", ["nothing@2026-01", "turnover@soon", "", "@", "pay_fee.penalty.x", "pay_fee.foo@2026-01"]
)
def test_what_nobody_knows_is_a_key_error(statement: clausal.Statement, what: str) -> None:
    with pytest.raises(KeyError) as raised:
        statement.explain(what)
    assert isinstance(raised.value, clausal.Rejected) and "error[R7" in str(raised.value)


@pytest.mark.parametrize(
    ("what", "code", "meant"),
    [
        ("pay_fee@2026-1", "R724", "pay_fee@2026-01"),
        ("pay_fee@2026-13", "R724", "pay_fee@2026-03"),
        ("pay_fee@2026-Q1", "R724", "pay_fee@2026-01"),
        ("pay_fee@2026-01.interest", "R724", "pay_fee.interest@2026-01"),
        ("pay_fee@2026-01.x", "R724", "pay_fee@2026-01"),
        ("pay_fee.intrest@2026-01", "R723", "pay_fee.interest@2026-01"),
        ("pay_fee.foo@2026-01", "R723", "pay_fee@2026-01"),
        ("turnover.x@2026-01", "R723", "turnover@2026-01"),
        ("turnover@2026-1", "R724", "turnover@2026-01"),
        ("refuse@2026-1", "R724", "refuse@2026-01"),
        ("pay_fe@2026-01", "R714", "pay_fee@2026-01"),
    ],
)
def test_a_misspelt_name_is_refused_with_what_is_meant(
    statement: clausal.Statement, what: str, code: str, meant: str
) -> None:
    with pytest.raises(clausal.Rejected) as raised:
        statement.explain(what)
    (found,) = raised.value.diagnostics
    assert (found.code, found.arg("suggestion")) == (code, meant)


def test_figures_of_a_line_show_the_line(statement: clausal.Statement) -> None:
    for figure in ("amount", "open", "paid", "due", "status"):
        assert said(statement, f"pay_fee.{figure}@2026-01") == said(statement, "pay_fee@2026-01")


def test_chinese(statement: clausal.Statement) -> None:
    text = said(statement, "pay_fee@2026-01", "zh")
    assert "第2条 Price" in text
    assert "buyer应当支付给seller：逾期履行" in text
    assert "2026-02-11至2026-02-28：18日 x CNY 400.00 x 0.05%/日 = CNY 3.60" in text
    assert "于2026-03-02逾期履行" in text


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [40, 80, 120])
def test_every_explanation_fits_and_a_chinese_console_shows_it(
    statement: clausal.Statement, lang: str, width: int
) -> None:
    for what in subjects(statement.run):
        for why_not in (False, True):
            text = said(statement, what, lang, why_not, width=width)
            text.encode("gbk")
            assert "\u00a0" not in text
            assert [line for line in text.splitlines() if display_width(line) > width] == []


def test_colour_changes_nothing_but_colour(statement: clausal.Statement) -> None:
    drawn = said(statement, "pay_commission@2026-01", color=True)
    for ink in ("\x1b[1m", "\x1b[31m", "\x1b[0m"):
        drawn = drawn.replace(ink, "")
    assert drawn == said(statement, "pay_commission@2026-01")


def test_the_json_tree_has_the_cells(statement: clausal.Statement) -> None:
    tree = statement.explain("turnover@2026-01").to_dict()["tree"]
    cells: list[dict[str, Any]] = []

    def walk(node: dict[str, Any]) -> None:
        cells.extend([node["cell"]] if "cell" in node else [])
        for child in node.get("because", ()):
            walk(child)

    walk(tree)
    assert any(cell.get("text") == "58.00" for cell in cells)


def test_the_deciding_parts_are_the_innermost_that_fail() -> None:
    no = {"type": "boolean", "value": False}
    yes = {"type": "boolean", "value": True}
    bad, good = Node("formula", formula="a", value=no), Node("formula", formula="b", value=yes)
    assert deciding(Node("condition", value=no, children=(good, bad))) == (bad,)
    assert deciding(good) == ()
    negated = Node("condition", formula="not b", value=no, children=(good,))
    assert deciding(negated) == (negated,)


def test_both_languages_fill_the_same_words() -> None:
    def words(template: str) -> set[str]:
        return {part.partition("}")[0] for part in template.split("{")[1:]}

    assert [key for key, (en, zh) in SAID.items() if words(en) != words(zh)] == []


@pytest.mark.parametrize("folder", ["worked-example", "b2b-outsourcing"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_everything_in_the_shipped_agreements_can_be_explained(folder: str, lang: str) -> None:
    path = ROOT / "contracts" / folder
    statement = clausal.load(path).evaluate(path / "facts")
    for what in subjects(statement.run):
        text = said(statement, what, lang, why_not=True)
        assert [line for line in text.splitlines() if display_width(line) > 80] == []


def test_a_right_over_records_is_explained_where_no_record_bears_the_key() -> None:
    contract = clausal.load(
        """contract "t" { currency CNY  term from 2026-01-01 to 2026-12-31  rounding half_up to 0.01 }
        party a
        party b
        fact scores : list of { no: text, on_day: date, score: number, told_on: date? } dated by on_day keyed by no
        obligation replace { b must do "replace" }
        right drop {
          a may demand replace per record of scores
          when score < 60
          exercised on told_on   lapses after 5 days
        }
        """
    )
    facts = {"scores": [{"no": "S1", "on_day": "2026-01-10", "score": 80}]}
    statement = contract.evaluate(facts, as_of="2026-02-28")
    assert statement.explain("drop@2026-01").root.children == ()
    (when,) = statement.explain("drop@S1").root.children
    assert (when.subject, when.value) == ("when", {"type": "boolean", "value": False})
