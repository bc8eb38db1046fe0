"""One agreement, seven months, every line: each statement held against figures that were worked out by hand.

The contract and its facts stand in `contracts/worked-example`. Every table here was written without the engine, from the
terms, the calendar and exact fractions; `figures.json` beside the contract is a second hand's closing figures.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

import clausal

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "contracts" / "worked-example"
FACTS = FOLDER / "facts"
TEXT = (FOLDER / "worked-example.contract").read_text("utf-8")
FIGURES = json.loads((FOLDER / "figures.json").read_text("utf-8"))
ENDS = ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30", "2026-07-31")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul")

Document = Mapping[str, Any]


# ---- the runs


@cache
def contract(old: str = "", new: str = "") -> clausal.Contract:
    """The contract, with one phrase of it replaced."""
    if not old:
        return clausal.load(TEXT)
    assert TEXT.count(old) == 1, f"`{old}` stands {TEXT.count(old)} times in the contract"
    return clausal.load(TEXT.replace(old, new))


@cache
def issued(as_of: str) -> Document:
    """The statement as it was issued: what was reported by then, complete as the closing of that day says."""
    return contract().evaluate(FACTS, as_of=as_of).to_dict()


@cache
def august() -> Document:
    """The next statement, with P13, P14 and P15 reported on 5 August."""
    return contract().evaluate(FACTS, as_of="2026-08-31", complete_through="2026-08-31").to_dict()


@cache
def known(old: str = "", new: str = "", as_of: str = "2026-07-31", notice: bool = False) -> Document:
    """Every payment known in time, P15 never made, no month closed before; with a phrase of the contract replaced.

    `notice`: the day on which the operator sent its notice is known too.
    """
    with TemporaryDirectory() as place:
        folder = Path(shutil.copytree(FACTS, Path(place) / "facts"))
        (folder / "closings.csv").unlink()
        receipts = (folder / "receipts.csv").read_text("utf-8")
        lines = [line for line in receipts.splitlines() if not line.startswith("P15,")]
        assert len(lines) == len(receipts.splitlines()) - 1
        (folder / "receipts.csv").write_text("\n".join(lines).replace("2026-08-05", "") + "\n", "utf-8")
        if notice:
            once = (folder / "once.csv").read_text("utf-8")
            (folder / "once.csv").write_text(once + "operator_notice.sent,2026-05-17\n", "utf-8")
        return contract(old, new).evaluate(folder, as_of=as_of, complete_through=as_of).to_dict()


# ---- reading tables and documents


def table(text: str) -> list[dict[str, str]]:
    """The rows of a table drawn with bars, by the heads of its columns."""
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.strip().splitlines()]
    head, *rows = [line for line in lines if set("".join(line)) - set("-: ")]
    assert all(len(row) == len(head) for row in rows), "a row has too few or too many cells"
    return [dict(zip(head, row, strict=True)) for row in rows]


def short(id: str | None) -> str:
    """`pay_fee@2026-03` as `fee@03`, `exclusivity.penalty@…` as `penalty@exclusivity`."""
    if id is None:
        return "–"
    name, _, key = id.partition("@")
    if name == "exclusivity.penalty":
        return "penalty@exclusivity"
    if name in ("exclusivity", "persistent_failure", "non_payment"):
        return name
    return f"{name.removeprefix('pay_')}@{key[5:]}" if key else name


def day(date: str | None) -> str:
    return "–" if date is None else date.removeprefix("2026-")


def plain(value: str | Fraction) -> str:
    cents = Fraction(value) * 100
    assert cents.denominator == 1, f"{value} is not whole cents"
    return f"{'-' if cents < 0 else ''}{abs(int(cents)) // 100}.{abs(int(cents)) % 100:02}"


def money(value: str | Fraction | None) -> str:
    if value is None:
        return "–"
    whole, _, decimals = plain(value).partition(".")
    return f"{'-' if whole.startswith('-') else ''}{abs(int(whole)):,}.{decimals}"


def moved(value: str | Fraction) -> str:
    """A movement: nothing is a dash."""
    return money(value).replace("-", "−") if Fraction(value) else "–"


def month(document: Document, key: str) -> Any:
    return next(m for m in document["months"] if m["month"] == key)


def last(document: Document) -> Any:
    return document["months"][-1]


def line(document: Document, id: str, key: str | None = None) -> Any:
    """The row of an instance in a month, or the last one that there is."""
    months = document["months"] if key is None else [month(document, key)]
    return [x for m in months for x in m["obligations"] if short(x["id"]) == id][-1]


def right(document: Document, name: str, over: str | None = None) -> Any:
    rows = [r for m in document["months"] for r in m["rights"] if r["right"] == name]
    return [r for r in rows if over is None or short(r["over"]) == over][-1]


def breach(document: Document, of: str) -> Any:
    return [b for m in document["months"] for b in m["breaches"] if short(b["of"]) == of][-1]


def ledger(month: Any) -> Any:
    rows = [row for row in month["ledger"] if row["from"] == "client"]
    assert len(rows) == 1
    return rows[0]


def closing(document: Document) -> str:
    return money(ledger(last(document))["closing"])


# ---- the statements, client to operator, CNY

STATEMENTS = table("""
    |                         | Jan       | Feb        | Mar       | Apr        | May       | Jun        | Jul       |
    |-------------------------|-----------|------------|-----------|------------|-----------|------------|-----------|
    | opening                 | –         | 11,640.00  | 9,322.50  | 29,322.50  | 11,439.73 | 14,732.97  | 6,512.29  |
    | + fee accrued           | 8,000.00  | 8,000.00   | 8,000.00  | 8,000.00   | 8,000.00  | 3,466.67   | –         |
    | + commission accrued    | 3,640.00  | 1,300.00   | 2,600.00  | 650.00     | 3,900.00  | 1,040.00   | –         |
    | + penalty               | –         | –          | 20,000.00 | –          | –         | –          | –         |
    | + late interest booked  | –         | 22.50      | –         | 67.23      | 43.24     | 22.65      | 4.77      |
    | − withheld              | –         | –          | −8,000.00 | –          | −8,000.00 | –          | –         |
    | − payments              | –         | −11,640.00 | −2,600.00 | −26,600.00 | −650.00   | −12,750.00 | −2,000.00 |
    | tax                     | –         | –          | –         | –          | –         | –          | –         |
    | adjusted                | –         | –          | –         | –          | –         | –          | –         |
    | written off             | –         | –          | –         | –          | –         | –          | –         |
    | refunded                | –         | –          | –         | –          | –         | –          | –         |
    | closing (net of credit) | 11,640.00 | 9,322.50   | 29,322.50 | 11,439.73  | 14,732.97 | 6,512.29   | 4,517.06  |
    | credit inside closing   | –         | –          | −1,277.50 | –          | –         | –          | –         |
    | of closing overdue      | –         | 22.50      | –         | 2,789.73   | 2,832.97  | 2,005.62   | 10.39     |
    | overdue 1–30 days       | –         | 22.50      | –         | 2,789.73   | –         | 2,005.62   | –         |
    | overdue 31–60 days      | –         | –          | –         | –          | 2,832.97  | –          | 10.39     |
    | not yet due             | 11,640.00 | 9,300.00   | 30,600.00 | 8,650.00   | 11,900.00 | 4,506.67   | –         |
    | due, not in default     | –         | –          | –         | –          | –         | –          | 4,506.67  |
""")


def accrued(month: Any, obligation: str) -> Fraction:
    rows = [x for x in month["obligations"] if x["obligation"] == obligation and x["period"] == month["month"]]
    return sum((Fraction(x["amount"]["value"]) for x in rows), Fraction(0))


def statement(month: Any) -> dict[str, str]:
    row = ledger(month)
    parts = row["of_which"]
    fee, commission = accrued(month, "pay_fee"), accrued(month, "pay_commission")
    assert Fraction(row["accrued"]) == fee + commission
    return {
        "opening": moved(row["opening"]),
        "+ fee accrued": moved(fee),
        "+ commission accrued": moved(commission),
        "+ penalty": moved(row["penalties"]),
        "+ late interest booked": moved(row["interest"]),
        "− withheld": moved(-Fraction(row["withheld"])),
        "− payments": moved(-Fraction(row["paid"])),
        "tax": moved(row["tax"]),
        "adjusted": moved(row["adjusted"]),
        "written off": moved(row["written_off"]),
        "refunded": moved(row["refunded"]),
        "closing (net of credit)": moved(row["closing"]),
        "credit inside closing": moved(-Fraction(parts["credit"])),
        "of closing overdue": moved(parts["overdue"]),
        "overdue 1–30 days": moved(row["aging"]["1-30"]),
        "overdue 31–60 days": moved(row["aging"]["31-60"]),
        "not yet due": moved(parts["not_due"]),
        "due, not in default": moved(parts["due"]),
    }


@pytest.mark.parametrize(("name", "as_of"), list(zip(MONTHS, ENDS, strict=True)))
def test_statement(name: str, as_of: str) -> None:
    found = last(issued(as_of))
    assert statement(found) == {row[""]: row[name] for row in STATEMENTS}
    assert ledger(found)["excludes"] == []


# ---- the lines of each statement

INSTANCES = table("""
    | as_of | instance            | amount    | due   | status         | paid      | open      | interest | paid of it |
    |-------|---------------------|-----------|-------|----------------|-----------|-----------|----------|------------|
    | 01-31 | fee@01              | 8,000.00  | 02-10 | not yet due    | 0.00      | 8,000.00  | 0.00     | 0.00       |
    | 01-31 | commission@01       | 3,640.00  | 02-10 | not yet due    | 0.00      | 3,640.00  | 0.00     | 0.00       |
    | 02-28 | fee@01              | 8,000.00  | 02-10 | performed late | 8,000.00  | 0.00      | 22.50    | 22.50      |
    | 02-28 | commission@01       | 3,640.00  | 02-10 | breached       | 3,617.50  | 22.50     | 0.00     | 0.00       |
    | 02-28 | fee@02              | 8,000.00  | 03-10 | not yet due    | 0.00      | 8,000.00  | 0.00     | 0.00       |
    | 02-28 | commission@02       | 1,300.00  | 03-10 | not yet due    | 0.00      | 1,300.00  | 0.00     | 0.00       |
    | 03-31 | commission@01       | 3,640.00  | 02-10 | performed late | 3,640.00  | 0.00      | 0.00     | 0.00       |
    | 03-31 | fee@02              | 8,000.00  | 03-10 | withheld       | 0.00      | 0.00      | 0.00     | 0.00       |
    | 03-31 | commission@02       | 1,300.00  | 03-10 | performed      | 1,300.00  | 0.00      | 0.00     | 0.00       |
    | 03-31 | penalty@exclusivity | 20,000.00 | 04-07 | not yet due    | 0.00      | 20,000.00 | 0.00     | 0.00       |
    | 03-31 | fee@03              | 8,000.00  | 04-10 | not yet due    | 0.00      | 8,000.00  | 0.00     | 0.00       |
    | 03-31 | commission@03       | 2,600.00  | 04-10 | not yet due    | 0.00      | 2,600.00  | 0.00     | 0.00       |
    | 04-30 | penalty@exclusivity | 20,000.00 | 04-07 | performed      | 20,000.00 | 0.00      | 0.00     | 0.00       |
    | 04-30 | commission@03       | 2,600.00  | 04-10 | performed      | 2,600.00  | 0.00      | 0.00     | 0.00       |
    | 04-30 | fee@03              | 8,000.00  | 04-10 | breached       | 5,210.27  | 2,789.73  | 67.23    | 67.23      |
    | 04-30 | fee@04              | 8,000.00  | 05-11 | not yet due    | 0.00      | 8,000.00  | 0.00     | 0.00       |
    | 04-30 | commission@04       | 650.00    | 05-11 | not yet due    | 0.00      | 650.00    | 0.00     | 0.00       |
    | 05-31 | fee@03              | 8,000.00  | 04-10 | breached       | 5,210.27  | 2,789.73  | 110.47   | 67.23      |
    | 05-31 | fee@04              | 8,000.00  | 05-11 | withheld       | 0.00      | 0.00      | 0.00     | 0.00       |
    | 05-31 | commission@04       | 650.00    | 05-11 | performed      | 650.00    | 0.00      | 0.00     | 0.00       |
    | 05-31 | fee@05              | 8,000.00  | 06-10 | not yet due    | 0.00      | 8,000.00  | 0.00     | 0.00       |
    | 05-31 | commission@05       | 3,900.00  | 06-10 | not yet due    | 0.00      | 3,900.00  | 0.00     | 0.00       |
    | 06-30 | fee@03              | 8,000.00  | 04-10 | cured          | 8,000.00  | 0.00      | 113.26   | 113.26     |
    | 06-30 | commission@05       | 3,900.00  | 06-10 | performed      | 3,900.00  | 0.00      | 0.00     | 0.00       |
    | 06-30 | fee@05              | 8,000.00  | 06-10 | breached       | 6,014.24  | 1,985.76  | 19.86    | 0.00       |
    | 06-30 | fee@06              | 3,466.67  | 07-10 | not yet due    | 0.00      | 3,466.67  | 0.00     | 0.00       |
    | 06-30 | commission@06       | 1,040.00  | 07-10 | not yet due    | 0.00      | 1,040.00  | 0.00     | 0.00       |
    | 07-31 | fee@05              | 8,000.00  | 06-10 | breached       | 7,989.62  | 10.38     | 24.63    | 24.62      |
    | 07-31 | fee@06              | 3,466.67  | 07-10 | undetermined   | 0.00      | 3,466.67  | 0.00     | 0.00       |
    | 07-31 | commission@06       | 1,040.00  | 07-10 | undetermined   | 0.00      | 1,040.00  | 0.00     | 0.00       |
""")

DATES = table("""
    | as_of | instance            | grace | overdue since | performed | withheld |
    |-------|---------------------|-------|---------------|-----------|----------|
    | 01-31 | fee@01              | 02-24 | –             | –         | –        |
    | 01-31 | commission@01       | –     | –             | –         | –        |
    | 02-28 | fee@01              | 02-24 | –             | 02-25     | –        |
    | 02-28 | commission@01       | –     | 02-11         | –         | –        |
    | 02-28 | fee@02              | 03-16 | –             | –         | –        |
    | 02-28 | commission@02       | –     | –             | –         | –        |
    | 03-31 | commission@01       | –     | –             | 03-12     | –        |
    | 03-31 | fee@02              | 03-16 | –             | –         | 8,000.00 |
    | 03-31 | commission@02       | –     | –             | 03-10     | –        |
    | 03-31 | penalty@exclusivity | –     | –             | –         | –        |
    | 03-31 | fee@03              | 04-15 | –             | –         | –        |
    | 03-31 | commission@03       | –     | –             | –         | –        |
    | 04-30 | penalty@exclusivity | –     | –             | 04-07     | –        |
    | 04-30 | commission@03       | –     | –             | 04-10     | –        |
    | 04-30 | fee@03              | 04-15 | 04-16         | –         | –        |
    | 04-30 | fee@04              | 05-18 | –             | –         | –        |
    | 04-30 | commission@04       | –     | –             | –         | –        |
    | 05-31 | fee@03              | 04-15 | 04-16         | –         | –        |
    | 05-31 | fee@04              | 05-18 | –             | –         | 8,000.00 |
    | 05-31 | commission@04       | –     | –             | 05-11     | –        |
    | 05-31 | fee@05              | 06-15 | –             | –         | –        |
    | 05-31 | commission@05       | –     | –             | –         | –        |
    | 06-30 | fee@03              | 04-15 | –             | 06-02     | –        |
    | 06-30 | commission@05       | –     | –             | 06-05     | –        |
    | 06-30 | fee@05              | 06-15 | 06-16         | –         | –        |
    | 06-30 | fee@06              | 07-15 | –             | –         | –        |
    | 06-30 | commission@06       | –     | –             | –         | –        |
    | 07-31 | fee@05              | 06-15 | 06-16         | –         | –        |
    | 07-31 | fee@06              | 07-15 | –             | –         | –        |
    | 07-31 | commission@06       | –     | –             | –         | –        |
""")


def instance(as_of: str, x: Any) -> dict[str, str]:
    return {
        "as_of": day(as_of),
        "instance": short(x["id"]),
        "amount": money(x["amount"]["value"]),
        "due": day(x["due"]),
        "status": x["status"],
        "paid": money(x["paid"]),
        "open": money(x["open"]),
        "interest": money(x["interest"]["booked"]),
        "paid of it": money(x["interest"]["paid"]),
    }


def dates(as_of: str, x: Any) -> dict[str, str]:
    return {
        "as_of": day(as_of),
        "instance": short(x["id"]),
        "grace": day(x["grace_until"]),
        "overdue since": day(x["overdue_since"]),
        "performed": day(x["performed_on"]),
        "withheld": money(x["withheld"]),
    }


@pytest.mark.parametrize("as_of", ENDS)
def test_lines(as_of: str) -> None:
    lines = last(issued(as_of))["obligations"]
    found = {short(x["id"]): instance(as_of, x) for x in lines}
    assert found == {row["instance"]: row for row in INSTANCES if row["as_of"] == day(as_of)}
    found = {short(x["id"]): dates(as_of, x) for x in lines}
    assert found == {row["instance"]: row for row in DATES if row["as_of"] == day(as_of)}


def test_the_last_fee_is_that_of_thirteen_days() -> None:
    assert line(issued("2026-06-30"), "fee@06")["prorated"] == {
        "days": 13,
        "of": 30,
    }  # 8,000 × 13/30 = 3,466.666…
    assert line(issued("2026-06-30"), "commission@06")["prorated"] is None


def test_days_in_default_count_from_the_day_after_grace() -> None:
    assert line(issued("2026-02-28"), "commission@01")["days_overdue"] == 18  # 11–28 February
    assert line(issued("2026-04-30"), "fee@03")["days_overdue"] == 15  # 16–30 April
    assert line(issued("2026-05-31"), "fee@03")["days_overdue"] == 46


# ---- late interest: slices of one exact total

SLICES = table("""
    | month   | instance | from  | to    | days | amount | exact total to date | rate          |
    |---------|----------|-------|-------|------|--------|---------------------|---------------|
    | 2026-02 | fee@01   | 02-11 | 02-25 | 15   | 22.50  | 22.5                | 0.05% per day |
    | 2026-04 | fee@03   | 04-11 | 04-30 | 20   | 67.23  | 67.225              | 0.05% per day |
    | 2026-05 | fee@03   | 05-01 | 05-31 | 31   | 43.24  | 110.465815          | 0.05% per day |
    | 2026-06 | fee@03   | 06-01 | 06-02 | 2    | 2.79   | 113.255545          | 0.05% per day |
    | 2026-06 | fee@05   | 06-11 | 06-30 | 20   | 19.86  | 19.8576             | 0.05% per day |
    | 2026-07 | fee@05   | 07-01 | 07-08 | 8    | 4.77   | 24.631728           | 0.04% per day |
""")


def test_interest_slices() -> None:
    found = [
        {
            "month": m["month"],
            "instance": short(p["obligation"]),
            "from": day(p["from"]),
            "to": day(p["to"]),
            "days": str(p["days"]),
            "amount": money(p["amount"]["value"]),
            "exact total to date": Fraction(p["exact_total"]),
            "rate": p["rate"],
        }
        for m in issued("2026-07-31")["months"]
        for p in m["penalties"]
        if p["kind"] == "interest"
    ]
    total = "exact total to date"
    assert found == [row | {total: Fraction(row[total])} for row in SLICES]


def test_the_agreed_penalty_is_booked_once_and_flagged() -> None:
    march = issued("2026-03-31")
    booked = [(m["month"], p["amount"]["value"]) for m in issued("2026-07-31")["months"] for p in m["penalties"]
              if p["kind"] == "penalty"]  # fmt: skip
    assert booked == [("2026-03", "20000.00")]
    flags = [c for c in march["contingent"] if c["kind"] == "flag"]
    # 20,000 − 1.3 × 12,000
    assert [(c["code"], short(c["subject"]), c["amount"]["value"]) for c in flags] == [
        ("over 130% of loss", "penalty@exclusivity", "4400.00")
    ]


# ---- payments

PAYMENTS = table("""
    | payment | on    | applied                                                                           | to credit |
    |---------|-------|-----------------------------------------------------------------------------------|-----------|
    | P01     | 02-10 | 5,000.00 principal of fee@01                                                      | 0.00      |
    | P02     | 02-25 | 22.50 interest of fee@01; 3,000.00 principal of fee@01; 3,617.50 principal of commission@01 | 0.00 |
    | P03     | 03-10 | 1,300.00 principal of commission@02                                               | 0.00      |
    | P04     | 03-12 | 22.50 principal of commission@01                                                  | 1,277.50  |
    | P05     | 04-07 | 20,000.00 principal of penalty@exclusivity                                        | 0.00      |
    | P06     | 04-10 | 2,600.00 principal of commission@03                                               | 0.00      |
    | credit  | 04-10 | 1,277.50 principal of fee@03                                                      | 0.00      |
    | P07     | 04-30 | 67.23 interest of fee@03; 3,932.77 principal of fee@03                            | 0.00      |
    | P08     | 05-11 | 650.00 principal of commission@04                                                 | 0.00      |
    | P09     | 06-02 | 46.03 interest of fee@03; 2,789.73 principal of fee@03                            | 14.24     |
    | P10     | 06-05 | 3,900.00 principal of commission@05                                               | 0.00      |
    | P11     | 06-10 | 6,000.00 principal of fee@05                                                      | 0.00      |
    | credit  | 06-10 | 14.24 principal of fee@05                                                         | 0.00      |
    | P12     | 07-06 | 24.62 interest of fee@05; 1,975.38 principal of fee@05                            | 0.00      |
""")


def part(name: str) -> str:
    """What an agreed penalty is paid with may be called by either name."""
    return "principal" if name == "penalty" else name


def split(payment: Any) -> str:
    applied = payment["applied"]
    return "; ".join(f"{money(a['amount'])} {part(a['part'])} of {short(a['to'])}" for a in applied)


def test_payments_are_split_as_by_hand() -> None:
    found = [
        {"payment": p["ref"], "on": day(p["on"]), "applied": split(p), "to credit": money(p["unapplied"])}
        for m in issued("2026-07-31")["months"]
        for p in sorted(m["payments"], key=lambda p: (p["on"], p["kind"] == "credit", p["ref"]))
    ]
    assert found == PAYMENTS


CREDIT = table("""
    |         | Jan  | Feb  | Mar      | Apr      | May  | Jun   | Jul  |
    |---------|------|------|----------|----------|------|-------|------|
    | opening | 0.00 | 0.00 | 0.00     | 1,277.50 | 0.00 | 0.00  | 0.00 |
    | added   | 0.00 | 0.00 | 1,277.50 | 0.00     | 0.00 | 14.24 | 0.00 |
    | used    | 0.00 | 0.00 | 0.00     | 1,277.50 | 0.00 | 14.24 | 0.00 |
    | closing | 0.00 | 0.00 | 1,277.50 | 0.00     | 0.00 | 0.00  | 0.00 |
""")


def test_credit() -> None:
    found: dict[str, dict[str, str]] = {}
    opening = "0.00"
    for name, m in zip(MONTHS, issued("2026-07-31")["months"], strict=True):
        added = sum((Fraction(p["unapplied"]) for p in m["payments"]), Fraction(0))
        used = sum((Fraction(p["amount"]["value"]) for p in m["payments"] if p["kind"] == "credit"), Fraction(0))
        after = ledger(m)["of_which"]["credit"]
        assert Fraction(opening) + added - used == Fraction(after)
        found[name] = {
            "opening": money(opening),
            "added": money(added),
            "used": money(used),
            "closing": money(after),
        }
        opening = after
    assert found == {name: {row[""]: row[name] for row in CREDIT} for name in MONTHS}


# ---- values, rights, breaches, events

VALUES = table("""
    | as_of | commission | minimums     | missed in a row | missing  | state  |
    |-------|------------|--------------|-----------------|----------|--------|
    | 01-31 | 3,640.00   | met          | 0               |          | active |
    | 02-28 | 1,300.00   | missed       | 1               | boxes@02 | active |
    | 03-31 | 2,600.00   | missed       | 2               |          | active |
    | 04-30 | 650.00     | missed       | 3               |          | active |
    | 05-31 | 3,900.00   | met          | 0               |          | ending |
    | 06-30 | 1,040.00   | not assessed | 0               |          | ended  |
""")


@pytest.mark.parametrize("row", VALUES, ids=lambda row: row["as_of"])
def test_values(row: dict[str, str]) -> None:
    found = last(issued(f"2026-{row['as_of']}"))
    minimums, commission = found["values"]["minimums"], found["values"]["commission"]
    assert not minimums["to_date"] and not commission.get("to_date", False)
    assert row == {
        "as_of": row["as_of"],
        "commission": money(commission["value"]),
        "minimums": minimums["status"],
        "missed in a row": str(minimums["run"]),
        "missing": ", ".join(short(x) for x in minimums.get("missing", [])),
        "state": found["state"],
    }


RIGHTS = table("""
    | as_of | right              | over   | opened | last day | status    | exercised | cure until | effective |
    |-------|--------------------|--------|--------|----------|-----------|-----------|------------|-----------|
    | 02-28 | withhold_fee       | fee@02 | 02-28  | 03-10    | open      | –         | –          | –         |
    | 03-31 | withhold_fee       | fee@02 | 02-28  | 03-10    | exercised | 03-09     | –          | 03-09     |
    | 03-31 | withhold_fee       | fee@03 | 03-31  | 04-10    | open      | –         | –          | –         |
    | 04-30 | withhold_fee       | fee@03 | 03-31  | 04-10    | lapsed    | –         | –          | –         |
    | 04-30 | withhold_fee       | fee@04 | 04-30  | 05-11    | open      | –         | –          | –         |
    | 04-30 | persistent_failure | –      | 04-30  | 07-29    | open      | –         | –          | –         |
    | 05-31 | withhold_fee       | fee@04 | 04-30  | 05-11    | exercised | 05-11     | –          | 05-11     |
    | 05-31 | persistent_failure | –      | 04-30  | 07-29    | exercised | 05-14     | 05-29      | 06-13     |
    | 05-31 | non_payment        | –      | 05-16  | –        | exercised | 05-18     | 06-02      | 06-17     |
""")


@pytest.mark.parametrize("as_of", ENDS[:5])
def test_rights(as_of: str) -> None:
    found = [
        {
            "as_of": day(as_of),
            "right": r["right"],
            "over": short(r["over"]),
            "opened": day(r["opened"]),
            "last day": day(r["lapses"]),
            "status": r["status"],
            "exercised": day(r["exercised_on"]),
            "cure until": day(r["cure_until"]),
            "effective": day(r["effective_on"]),
        }
        for r in last(issued(as_of))["rights"]
    ]
    expected = [row for row in RIGHTS if row["as_of"] == day(as_of)]
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_the_right_to_withhold_is_worth_the_fee() -> None:
    february = issued("2026-02-28")
    assert right(february, "withhold_fee")["stake"] == {"currency": "CNY", "value": "8000.00"}
    outside = [c for c in february["contingent"] if c["kind"] == "right"]
    assert [(c["code"], c["days"], c["amount"]["value"]) for c in outside] == [
        ("withhold", {"from": "2026-03-01", "to": "2026-03-10"}, "8000.00")
    ]


def test_cure_ends_one_notice_and_the_other_stands() -> None:
    june = issued("2026-06-30")
    assert right(june, "non_payment")["effective_on"] is None
    assert right(june, "persistent_failure")["effective_on"] == "2026-06-13"


BREACHES = table("""
    | as_of | of            | by     | deadline | grace | since | grade   | graded | ended | cured |
    |-------|---------------|--------|----------|-------|-------|---------|--------|-------|-------|
    | 02-28 | fee@01        | client | 02-10    | 02-24 | 02-25 | –       | –      | 02-25 | –     |
    | 02-28 | commission@01 | client | 02-10    | –     | 02-11 | –       | –      | –     | –     |
    | 03-31 | commission@01 | client | 02-10    | –     | 02-11 | –       | –      | 03-12 | –     |
    | 03-31 | exclusivity   | client | –        | –     | 03-18 | –       | –      | –     | –     |
    | 04-30 | fee@03        | client | 04-10    | 04-15 | 04-16 | –       | –      | –     | –     |
    | 05-31 | fee@03        | client | 04-10    | 04-15 | 04-16 | serious | 05-16  | –     | –     |
    | 06-30 | fee@03        | client | 04-10    | 04-15 | 04-16 | serious | 05-16  | 06-02 | 06-02 |
    | 06-30 | fee@05        | client | 06-10    | 06-15 | 06-16 | –       | –      | –     | –     |
    | 07-31 | fee@05        | client | 06-10    | 06-15 | 06-16 | –       | –      | –     | –     |
""")


@pytest.mark.parametrize("as_of", ENDS)
def test_breaches(as_of: str) -> None:
    found = {
        short(b["of"]): {
            "as_of": day(as_of),
            "of": short(b["of"]),
            "by": ", ".join(b["by"]),
            "deadline": day(b["deadline"]),
            "grace": day(b["grace_until"]),
            "since": day(b["since"]),
            "grade": b["grade"] or "–",
            "graded": day(b["graded_on"]),
            "ended": day(b["ended_on"]),
            "cured": day(b["cured_on"]),
        }
        for b in last(issued(as_of))["breaches"]
    }
    assert found == {row["of"]: row for row in BREACHES if row["as_of"] == day(as_of)}


EVENTS = [
    ("01-01", "state", "contract", {"from": "pending", "to": "active"}),
    ("01-31", "kpi", "minimums@01", {"status": "met", "run": 0}),
    ("02-28", "kpi", "minimums@02", {"status": "missed", "run": 1}),
    ("03-09", "exercise", "withhold_fee@02", {}),
    ("03-12", "alert", "P04", {"code": "pays a closed debt"}),
    ("03-31", "kpi", "minimums@03", {"status": "missed", "run": 2}),
    ("04-10", "lapse", "withhold_fee@03", {}),
    ("04-30", "kpi", "minimums@04", {"status": "missed", "run": 3}),
    ("05-11", "exercise", "withhold_fee@04", {}),
    (
        "05-14",
        "notice",
        "persistent_failure",
        {"by": "client", "effective_on": "2026-06-13", "cure_until": "2026-05-29"},
    ),
    ("05-14", "state", "contract", {"from": "active", "to": "ending", "reason": "persistent_failure"}),
    (
        "05-18",
        "notice",
        "non_payment",
        {"by": "operator", "effective_on": "2026-06-17", "cure_until": "2026-06-02"},
    ),
    ("05-31", "kpi", "minimums@05", {"status": "met", "run": 0}),
    ("06-02", "cure", "non_payment", {}),
    ("06-13", "state", "contract", {"from": "ending", "to": "ended", "reason": "persistent_failure"}),
    ("06-14", "excluded", None, {"list": "orders"}),
]


@pytest.mark.parametrize(("date", "kind", "subject", "args"), EVENTS, ids=lambda x: x if isinstance(x, str) else "")
def test_event(date: str, kind: str, subject: str | None, args: dict[str, Any]) -> None:
    events = [(m["month"], e) for m in issued("2026-07-31")["months"] for e in m["events"]]
    same = [(key, e) for key, e in events if e["kind"] == kind and day(e["date"]) == date]
    mine = [(key, e) for key, e in same if subject is None or short(e["subject"]) == subject]
    assert mine, f"no such event; on that day of that kind: {same}"
    key, event = mine[0]
    assert key == f"2026-{date[:2]}"
    assert {name: event["args"].get(name) for name in args} == args


def test_what_did_not_happen() -> None:
    kinds = {(e["kind"], short(e["subject"])) for m in issued("2026-07-31")["months"] for e in m["events"]}
    assert not {kind for kind, _ in kinds} & {
        "premature",
        "too late",
        "no right",
        "no effect",
        "conflict",
        "undetermined",
    }
    assert ("exercise", "withhold_fee@03") not in kinds
    assert ("cure", "persistent_failure") not in kinds


# ---- the end: settlement on 13 June

SETTLEMENT = table("""
    | item          | owed by | owed to  | amount   | due   |
    |---------------|---------|----------|----------|-------|
    | fee@05        | client  | operator | 1,985.76 | 06-10 |
    | fee@06        | client  | operator | 3,466.67 | 07-10 |
    | commission@06 | client  | operator | 1,040.00 | 07-10 |
""")


@pytest.mark.parametrize("as_of", ENDS[5:])
def test_settlement_on_the_last_day(as_of: str) -> None:
    settlement = issued(as_of)["settlement"]
    assert settlement["as_of"] == "2026-06-13"
    found = [
        {
            "item": short(i["id"]),
            "owed by": i["owed_by"],
            "owed to": i["owed_to"],
            "amount": money(i["amount"]),
            "due": day(i["due"]),
        }
        for i in settlement["items"]
    ]
    assert sorted(found, key=str) == sorted(SETTLEMENT, key=str)
    assert {i["part"] for i in settlement["items"]} == {"principal"}
    owed = {(t["from"], t["to"]): t["amount"] for t in settlement["totals"] if Fraction(t["amount"])}
    assert owed == {("client", "operator"): "6492.43"}


def test_no_settlement_before_the_end() -> None:
    assert issued("2026-05-31")["settlement"] is None


# ---- July, with the bank's feed only to the 8th


def test_july_undetermined() -> None:
    july = issued("2026-07-31")
    assert july["completeness"]["receipts"] == "2026-07-08"
    found = {short(u["what"]): (u["needs"], u.get("days")) for u in last(july)["undetermined"]}
    assert found == {
        "fee@06": (["receipts"], {"from": "2026-07-09", "to": "2026-07-15"}),
        "commission@06": (["receipts"], {"from": "2026-07-09", "to": "2026-07-10"}),
    }
    assert line(july, "fee@06")["needs"] == ["receipts"]
    assert line(july, "commission@06")["needs"] == ["receipts"]


def test_july_interest_at_most() -> None:
    rows = [c for c in issued("2026-07-31")["contingent"] if c["kind"] == "at most"]
    found = {short(c["subject"]): (money(c["amount"]["value"]), c["days"]["from"], c["days"]["to"]) for c in rows}
    assert found == {
        "fee@05": ("0.10", "2026-07-09", "2026-07-31"),  # 24.727224 → 24.73 less 24.63
        "fee@06": ("29.12", "2026-07-11", "2026-07-31"),  # 3,466.67 × 0.04% × 21
    }
    assert sum(Fraction(c["amount"]["value"]) for c in rows) == Fraction("29.22")


# ---- every payment known in time: the second hand's figures


def other(id: str) -> str:
    """The second hand's names."""
    return short(id).replace("commission", "comm").replace("penalty@exclusivity", "pen@excl")


@pytest.mark.parametrize("figures", FIGURES["months"], ids=lambda figures: figures["month"])
def test_month_of_the_second_hand(figures: dict[str, Any]) -> None:
    found = month(known(), figures["month"][:7])
    row = ledger(found)
    open_items = {
        other(x["id"]): {"principal": x["open"], "interest": x["interest"]["open"]}
        for x in found["obligations"]
        if Fraction(x["open"]) or Fraction(x["interest"]["open"])
    }
    exact = {
        other(p["obligation"]): str(Fraction(p["exact_total"]))
        for m in known()["months"]
        for p in m["penalties"]
        if p["kind"] == "interest" and m["month"] <= found["month"]
    }
    assert {
        "month": figures["month"],
        "opening": row["opening"],
        "accrued": row["accrued"],
        "penalty": row["penalties"],
        "interest": row["interest"],
        "withheld": plain(-Fraction(row["withheld"])),
        "paid": plain(-Fraction(row["paid"])),
        "closing": row["closing"],
        "credit": row["of_which"]["credit"],
        "open": open_items,
        "interest_exact_to_date": exact,
    } == figures


def test_allocations_of_the_second_hand() -> None:
    found: list[dict[str, str]] = []
    for m in known()["months"]:
        for p in sorted(m["payments"], key=lambda p: (p["on"], p["kind"] == "credit", p["ref"])):
            to: dict[str, dict[str, str]] = {}
            for a in p["applied"]:
                to.setdefault(other(a["to"]), {"interest": "0.00", "principal": "0.00"})[part(a["part"])] = a["amount"]
            if Fraction(p["unapplied"]):
                to["CREDIT"] = {"interest": "0.00", "principal": p["unapplied"]}
            found += [{"payment": p["ref"], "on": p["on"], "to": name} | parts for name, parts in to.items()]
    assert found == FIGURES["allocations"]


def test_july_if_everything_was_known() -> None:
    july = ledger(last(known()))
    assert (july["interest"], july["paid"], july["closing"]) == ("4.87", "6506.67", "10.49")
    fee = line(known(), "fee@05")
    assert (fee["open"], fee["interest"]["open"]) == ("10.38", "0.11")
    assert known()["restatement"] == []


# ---- August: P13, P14 and P15 are reported on the 5th

RESTATEMENT = table("""
    | origin  | line        | kind     | as issued | as now    | difference |
    |---------|-------------|----------|-----------|-----------|------------|
    | 2026-06 | payment P15 | payment  | –         | -500.00   | -500.00    |
    | 2026-06 | fee@05      | interest | 19.86     | 14.86     | -5.00      |
    | 2026-07 | fee@05      | interest | 4.77      | 3.56      | -1.21      |
    | 2026-07 | payment P13 | payment  | –         | -3,466.67 | -3,466.67  |
    | 2026-07 | payment P14 | payment  | –         | -1,040.00 | -1,040.00  |
    | 2026-07 | closing     | closing  | 4,517.06  | -495.82   | -5,012.88  |
""")


def test_restatement() -> None:
    rows = [r for r in august()["restatement"] if r["kind"] != "status"]
    found = [
        {
            "origin": r["origin"],
            "line": short(r["line"]) if "@" in r["line"] else r["line"],
            "kind": r["kind"],
            "as issued": money(r["as_issued"]),
            "as now": money(r["as_now"]),
            "difference": money(r["difference"]),
        }
        for r in rows
    ]
    assert sorted(found, key=str) == sorted(RESTATEMENT, key=str)
    assert {(r["from"], r["to"], r["booked_in"]) for r in rows} == {("client", "operator", "2026-08")}
    moves = [Fraction(r["difference"]) for r in rows if r["kind"] != "closing"]
    assert sum(moves) == Fraction("-5012.88")


def test_restated_statuses() -> None:
    rows = [r for r in august()["restatement"] if r["kind"] == "status" and r["origin"] == "2026-07"]
    assert {short(r["line"]): (r["as_issued"], r["as_now"]) for r in rows} == {
        "fee@05": ("breached", "performed late"),
        "fee@06": ("undetermined", "performed"),
        "commission@06": ("undetermined", "performed"),
    }


def test_august_is_booked_from_the_closing_that_was_issued() -> None:
    row = ledger(last(august()))
    assert (row["opening"], row["closing"]) == ("4517.06", "-495.82")
    assert (row["accrued"], row["penalties"], row["withheld"]) == ("0.00", "0.00", "0.00")
    assert Fraction(row["interest"]) - Fraction(row["paid"]) + Fraction(row["adjusted"]) == Fraction("-5012.88")
    assert row["of_which"]["credit"] == "495.82"
    assert row["of_which"]["overdue"] == "0.00"


def test_august_leaves_the_closed_months_alone() -> None:
    for key in ("2026-06", "2026-07"):
        assert ledger(month(august(), key)) == ledger(month(issued("2026-07-31"), key))


AUGUST = table("""
    | instance      | status         | paid     | open | interest | paid of it | performed |
    |---------------|----------------|----------|------|----------|------------|-----------|
    | fee@05        | performed late | 8,000.00 | 0.00 | 18.42    | 18.42      | 07-06     |
    | fee@06        | performed      | 3,466.67 | 0.00 | 0.00     | 0.00       | 07-10     |
    | commission@06 | performed      | 1,040.00 | 0.00 | 0.00     | 0.00       | 07-10     |
""")


def test_august_lists_what_changed() -> None:
    found = {}
    for x in last(august())["obligations"]:
        row = instance("2026-08-31", x) | dates("2026-08-31", x)
        found[row["instance"]] = {name: row[name] for name in AUGUST[0]}
    assert found == {row["instance"]: row for row in AUGUST}


def test_august_leaves_the_breach_where_it_was() -> None:
    ended = breach(august(), "fee@05")
    assert (ended["since"], ended["ended_on"]) == ("2026-06-16", "2026-07-06")


@cache
def by_period() -> Document:
    """The same facts as if no month had been closed: every figure in the month to which it belongs."""
    with TemporaryDirectory() as place:
        folder = Path(shutil.copytree(FACTS, Path(place) / "facts"))
        (folder / "closings.csv").unlink()
        return contract().evaluate(folder, as_of="2026-08-31", complete_through="2026-08-31").to_dict()


def test_june_and_july_as_they_are_now() -> None:
    june, july = month(by_period(), "2026-06"), month(by_period(), "2026-07")
    assert (ledger(june)["interest"], ledger(june)["closing"]) == ("17.65", "6007.29")  # 2.79 + 14.86
    assert (ledger(july)["interest"], ledger(july)["closing"]) == ("3.56", "-495.82")
    slices = [(m["month"], p) for m in (june, july) for p in m["penalties"] if short(p["obligation"]) == "fee@05"]
    # 1,485.76 × 0.05% × 20, then 1,485.76 × 0.04% × 6
    assert [(key, Fraction(p["exact_total"])) for key, p in slices] == [
        ("2026-06", Fraction("14.8576")),
        ("2026-07", Fraction("18.423424")),
    ]
    twelfth = next(p for p in july["payments"] if p["ref"] == "P12")
    assert split(twelfth) == "18.42 interest of fee@05; 1,485.76 principal of fee@05"
    assert twelfth["unapplied"] == "495.82"
    assert by_period()["restatement"] == []


# ---- months once issued stay as they were


@pytest.mark.parametrize("place", range(1, 7), ids=ENDS[1:])
def test_later_runs_say_the_same_of_earlier_months(place: int) -> None:
    later = issued(ENDS[place])
    assert later["restatement"] == []
    for end in ENDS[:place]:
        then = last(issued(end))
        again = month(later, then["month"])
        for what in (
            "state",
            "obligations",
            "penalties",
            "breaches",
            "payments",
            "ledger",
            "values",
            "rights",
        ):
            assert again[what] == then[what], (end, what)


def test_from_the_state_of_the_month_before() -> None:
    state = None
    for end in ENDS:
        statement = contract().evaluate(FACTS, as_of=end, state=state)
        assert statement.to_dict()["months"] == issued(end)["months"]
        state = statement.state
    there = contract().evaluate(FACTS, as_of="2026-08-31", complete_through="2026-08-31", state=state).to_dict()
    assert there["restatement"] == august()["restatement"]
    assert ledger(last(there)) == ledger(last(august()))


@pytest.mark.parametrize("as_of", [*ENDS, "2026-08-31"])
def test_every_line_can_be_explained(as_of: str) -> None:
    there = contract().evaluate(FACTS, as_of=as_of, complete_through=None if as_of in ENDS else as_of)
    for m in there.to_dict()["months"]:
        ids = [x["id"] for kind in ("obligations", "penalties", "rights") for x in m[kind]]
        ids += [f"{name}@{m['month']}" for name in m["values"]]
        for what in ids:
            assert there.explain(what)


@pytest.mark.parametrize("as_of", [*ENDS, "2026-08-31"])
def test_the_document_has_the_published_shape(as_of: str) -> None:
    jsonschema: Any = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "engine" / "report" / "result.schema.json").read_text("utf-8"))
    document = august() if as_of == "2026-08-31" else issued(as_of)
    jsonschema.Draft202012Validator(schema).validate(document)
    assert document["as_of"] == as_of
    assert [m["month"] for m in document["months"]] == [f"2026-0{n}" for n in range(1, int(as_of[5:7]) + 1)]
    assert "completeness assumed" not in {w["code"] for w in document["warnings"]}


@pytest.mark.parametrize("number", range(2), ids=["February", "to August"])
def test_the_contracts_own_scenarios(number: int) -> None:
    result = contract().run_scenarios()[number]
    told = [f"{f.what}: expected {f.expected}, found {f.found}" for f in result.failures]
    assert told == [] and result.expectations > 5


# ---- forks: one phrase of the contract changed, one figure moves

UNSHIFTED = ("deadlines next business day", "deadlines unshifted")


def test_fork_a_the_notice_of_eleven_may_is_a_day_late() -> None:
    there = known(*UNSHIFTED)
    assert line(there, "fee@04")["status"] == "breached"
    assert Fraction(ledger(month(there, "2026-05"))["withheld"]) == 0
    events = month(there, "2026-05")["events"]
    late = [e for e in events if e["kind"] == "too late"]
    assert [(e["date"], short(e["subject"])) for e in late] == [("2026-05-11", "withhold_fee@04")]


def test_fork_a_deadlines_on_a_holiday_pass() -> None:
    there = known(*UNSHIFTED)
    one_day = breach(there, "commission@04")
    assert (one_day["since"], one_day["ended_on"]) == ("2026-05-11", "2026-05-11")
    three_days = breach(there, "penalty@exclusivity")
    assert (three_days["since"], three_days["ended_on"]) == ("2026-04-05", "2026-04-07")
    ten_days = breach(there, "fee@01")
    assert (ten_days["since"], ten_days["ended_on"]) == ("2026-02-16", "2026-02-25")


def test_fork_a_interest_on_the_fee_of_april() -> None:
    there = known(*UNSHIFTED)
    # due on Sunday 10 May: 8,000 × 0.05% = 4.00 a day from the 11th, 3.20 a day from 1 July
    assert line(there, "fee@04", "2026-05")["interest"]["booked"] == "84.00"
    assert line(there, "fee@04")["interest"]["booked"] == "303.20"
    # P09's rest of 14.24 pays interest here, so that fee@05 keeps 2,000.00 on 10 June: 24.80 open and 0.25 on it by 31 July
    assert closing(there) == "8,314.01"


def test_fork_b_forgiving_grace() -> None:
    shifted = known("grace 5 days delaying", "grace 5 days forgiving")
    assert ledger(month(shifted, "2026-02"))["interest"] == "1.50"
    assert closing(shifted) == "-33.55"
    unshifted = known("grace 5 days delaying", "grace 5 days forgiving, unshifted")
    assert ledger(month(unshifted, "2026-02"))["interest"] == "15.00"


def test_fork_d_debts_of_one_day_share_in_proportion() -> None:
    there = known(
        "payments applied named, due, burden, oldest, proportional",
        "payments applied named, due, proportional",
    )
    first = next(p for p in month(there, "2026-02")["payments"] if p["ref"] == "P01")
    assert {short(a["to"]): a["amount"] for a in first["applied"]} == {
        "fee@01": "3436.43",
        "commission@01": "1563.57",
    }
    assert ledger(month(there, "2026-02"))["interest"] == "34.26"
    assert closing(there) == "22.97"


def test_fork_e_credit_is_held() -> None:
    held = ("credit used when due", "credit held")
    second_june = known(*held, as_of="2026-06-02")
    assert line(second_june, "fee@03")["open"] == "1297.32"
    assert line(second_june, "fee@03")["status"] == "breached"
    there = known(*held)
    assert right(there, "non_payment")["effective_on"] == "2026-06-17"
    assert closing(there) == "79.12"


def test_fork_f_principal_before_interest() -> None:
    there = last(known("within a debt costs, interest, principal", "within a debt principal, interest"))
    assert sum(Fraction(x["open"]) for x in there["obligations"]) == 0
    assert sum(Fraction(x["interest"]["open"]) for x in there["obligations"]) == Fraction("9.26")


def test_fork_g_notices_count_when_sent() -> None:
    there = known("notices count when received", "notices count when sent", notice=True)
    assert there["settlement"]["as_of"] == "2026-06-11"
    assert line(there, "fee@06")["amount"]["value"] == "2933.33"


def test_fork_i_halves_to_even() -> None:
    there = known("rounding half_up to 0.01", "rounding half_even to 0.01")
    assert ledger(month(there, "2026-04"))["interest"] == "67.22"


def test_fork_j_completeness_said_too_late_a_day() -> None:
    there = contract().evaluate(FACTS, as_of="2026-07-31", complete_through={"receipts": "2026-07-31"}).to_dict()
    assert line(there, "fee@06")["status"] == "breached"
    assert line(there, "commission@06")["status"] == "breached"
    assert {short(b["of"]): b["since"] for b in last(there)["breaches"]} == {
        "fee@05": "2026-06-16",
        "fee@06": "2026-07-16",
        "commission@06": "2026-07-11",
    }


def test_without_a_word_on_completeness_the_result_says_so(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FACTS, tmp_path / "facts"))
    (folder / "closings.csv").unlink()
    there = contract().evaluate(folder, as_of="2026-07-31").to_dict()
    assert "completeness assumed" in {w["code"] for w in there["warnings"]}
    assert line(there, "fee@06")["status"] == "breached"


def test_the_tables_are_whole() -> None:
    assert len(INSTANCES) == 30 and len({(r["as_of"], r["instance"]) for r in INSTANCES}) == 30
    assert re.findall(r'scenario "', TEXT) == ['scenario "'] * 2
