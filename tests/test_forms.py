"""The empty form of the facts: what it asks for, and that intake reads it back, empty and filled in."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import every_fact
import pytest
import shipped
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from python_calamine import CalamineWorkbook
from strategies import Agreement, agreements

import clausal
from clausal.dsl.diagnostics import Lang
from clausal.engine.facts import Facts
from clausal.engine.forms import Form, as_csv, as_json, clauses, form
from clausal.engine.intake import read_path
from clausal.engine.report import xlsx

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = sorted(path.parent.name for path in (ROOT / "contracts").glob("*/facts"))
LANGS: tuple[Lang, ...] = ("en", "zh")


def written(made: Form, at: Path) -> list[Path]:
    """The form in its three writings."""
    (at / "form.xlsx").write_bytes(xlsx.form(made))
    (at / "form.json").write_text(as_json(made), "utf-8")
    (at / "form").mkdir(exist_ok=True)
    for old in (at / "form").iterdir():
        old.unlink()
    for name, text in as_csv(made).items():
        (at / "form" / name).write_text(text, "utf-8-sig", newline="")
    return [at / "form.xlsx", at / "form.json", at / "form"]


def read_back(contract: clausal.Contract, made: Form, at: Path) -> Facts:
    """The facts of an empty form, the same from each of its writings; nothing is told of them."""
    read = [read_path(contract.model, path) for path in written(made, at)]
    assert [found for _, found in read] == [(), (), ()]
    facts = [facts for facts, _ in read if facts is not None]
    assert len(facts) == 3 and len({one.sha256 for one in facts}) == 1
    return facts[0]


def columns(made: Form) -> dict[str, list[str]]:
    return {sheet.name: [column.heading for column in sheet.columns] for sheet in made.sheets}


def note(made: Form, sheet: str, heading: str) -> tuple[str, ...]:
    return next(c.note for s in made.sheets if s.name == sheet for c in s.columns if c.heading == heading)


# ---- what it asks for ----------------------------------------------------------------------------


def test_a_table_for_each_grain_and_list() -> None:
    assert columns(form(every_fact.contract().model, "en")) == {
        "monthly": [
            "month",
            "sales",
            "abroad",
            "dealers",
            "idle",
            "strike",
            "share",
            "step",
            "late_rate",
            "grade",
            "remark",
            "refusal",
            "warning.sent",
            "warning.received",
        ],
        "quarterly": ["quarter", "score"],
        "weekly": ["week", "visits"],
        "daily": ["date", "rain"],
        "yearly": ["year", "audited"],
        "once": ["opened_on", "letter.sent", "letter.received", "incident", "patience", "winner"],
        "orders": ["no", "ordered_on", "amount", "area", "back_on", "sound", "reported"],
        "breaks": ["from", "until", "reported"],
        "receipts": ["ref", "on", "payer", "payee", "amount", "currency", "for", "kind", "reported"],
        "closings": ["as_of", "source", "complete_through"],
    }


def test_tables_and_headings_are_in_the_readers_language() -> None:
    found = columns(form(every_fact.contract().model, "zh"))
    assert list(found) == [
        "月度数据",
        "季度数据",
        "周数据",
        "日数据",
        "年度数据",
        "一次性数据",
        "orders",
        "breaks",
        "receipts",
        "截止",
    ]
    assert found["月度数据"][0] == "月份" and "warning.发出日" in found["月度数据"]
    assert found["breaks"] == ["自", "至", "报告日"]
    assert found["receipts"] == ["编号", "到账日", "付款人", "收款人", "金额", "币种", "用途", "类型", "报告日"]
    assert found["截止"] == ["截止日", "来源", "数据完整至"]


def test_only_what_the_contract_asks_for() -> None:
    small = clausal.load(
        'contract "Small" { currency CNY   term from 2026-01-01 to 2026-12-31   rounding half_up to 0.01 }\n'
        "party a\nparty b\nfact paid : payments\n"
        "obligation rent { a must pay b CNY 5 every month due day 10 of next month performed by paid }"
    )
    assert columns(form(small.model, "en")) == {
        "paid": ["ref", "on", "payer", "payee", "amount", "for", "kind", "reported"],
        "closings": ["as_of", "source", "complete_through"],
    }


@pytest.mark.parametrize(
    ("sheet", "heading", "en", "zh"),
    [
        ("monthly", "sales",
         "an amount in CNY|blank: not known, never zero|source: ERP|asked for by clauses 1, 2|Without tax.",
         "以CNY计的金额|留空：表示未知，不等于零|来源：ERP|用于条款：1、2|Without tax."),
        ("monthly", "dealers", "a whole number of dealers|blank: not known, never zero|asked for by clause 1",
         "整数（单位：dealers）|留空：表示未知，不等于零|用于条款：1"),
        ("monthly", "idle", "yes or no|blank: taken to be no", "“是”或“否”|留空：推定为否"),
        ("monthly", "grade", "one of: A, B+|blank: not known|judged by: operator",
         "可选值：A、B+|留空：表示未知|认定人：operator"),
        ("monthly", "late_rate", "a rate per day, such as 0.05%|blank: not known, never zero",
         "费率（/日），例如0.05%|留空：表示未知，不等于零"),
        ("monthly", "refusal",
         "a date like 2026-03-09|blank: it has not happened; if that is not known, write unknown|asked for by clause 1",
         "形如“2026-03-09”的日期|留空：表示没有发生；尚不清楚的，填写“未知”|用于条款：1"),
        ("orders", "no", "text|must be filled in|no two rows may have the same", "文本|必填|不得重复"),
        ("orders", "area", "text|may be left blank", "文本|可以留空"),
        ("breaks", "until", "a date like 2026-03-09|blank: it is not over yet",
         "形如“2026-03-09”的日期|留空：尚未结束"),
        ("receipts", "payer", "who paid|must be filled in", "付款的当事人|必填"),
        ("receipts", "for", "the debt that the payer named, if any; such as pay_fee@2026-01",
         "付款人指定的债务，没有指定的留空；例如pay_fee@2026-01"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_column(sheet: str, heading: str, en: str, zh: str) -> None:
    model = every_fact.contract().model
    places = {"monthly": "月度数据", "until": "至", "payer": "付款人", "for": "用途"}
    assert "|".join(note(form(model, "en"), sheet, heading)) == en
    assert "|".join(note(form(model, "zh"), places.get(sheet, sheet), places.get(heading, heading))) == zh


def test_the_clauses_that_ask_for_a_fact() -> None:
    """`sales` is read by a let outside of any clause, and so by those that read the let."""
    asking = clauses(every_fact.contract().model)
    assert asking == {"sales": ("1", "2"), "dealers": ("1",), "refusal": ("1",), "orders": ("2",), "receipts": ("1",)}


def test_rows_stand_ready_for_the_term_or_as_asked() -> None:
    model = every_fact.contract().model
    rows = {sheet.name: sheet.rows for sheet in form(model, "en").sheets}
    assert rows["monthly"] == ("2026-01", "2026-02", "2026-03")
    assert rows["quarterly"] == ("2026-Q1",) and rows["yearly"] == ("2026",)
    assert rows["weekly"][0] == "2026-W01" and rows["weekly"][-1] == "2026-W14"
    assert len(rows["daily"]) == 31 + 28 + 31
    asked = form(model, "en", dt.date(2025, 12, 1), dt.date(2026, 1, 1))
    assert asked.sheets[0].rows == ("2025-12", "2026-01")
    assert form(model, "en", last=dt.date(2026, 2, 1)).sheets[0].rows == ("2026-01", "2026-02")


def test_a_list_may_be_called_like_a_table_of_the_form(tmp_path: Path) -> None:
    names = ("monthly", "截止", "instructions", "选项", "in/out", "very long " * 5 + "name")
    lists = "\n".join(f"fact `{name}` : list of {{ day_: date }} dated by day_" for name in names)
    contract = clausal.load(
        'contract "Odd" { currency CNY   term from 2026-01-01 to 2026-02-28   rounding half_up to 0.01 }\n'
        f"party a\nparty b\nfact `month` : number monthly\nfact sales : money monthly\n{lists}\n"
    )
    for lang in LANGS:
        made = form(contract.model, lang)
        tabs = [sheet.tab.casefold() for sheet in made.sheets] + [made.notes_tab, made.choices_tab]
        assert len(set(tabs)) == len(tabs) and all(len(tab) <= 31 for tab in tabs)
        facts = read_back(contract, made, tmp_path)
        assert facts.carried == set(names)
        assert facts.months == ("2026-01", "2026-02")


# ---- it is read back -----------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", LIBRARY)
def test_the_forms_of_the_library_are_read_back(name: str, lang: Lang, tmp_path: Path) -> None:
    contract = shipped.contract(ROOT / "contracts" / name)
    facts = read_back(contract, form(contract.model, lang), tmp_path)
    assert facts.carried == {fact.name for fact in contract.model.facts if fact.happening}
    assert not any(cell.value for cells in facts.scalars.values() for cell in cells.values())


@pytest.mark.parametrize("lang", LANGS)
def test_a_form_with_every_type_is_read_back(lang: Lang, tmp_path: Path) -> None:
    contract = every_fact.contract()
    facts = read_back(contract, form(contract.model, lang), tmp_path)
    assert len(facts.carried) == 8


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=5)
@given(agreement=agreements())
def test_any_form_is_read_back(agreement: Agreement, tmp_path: Path) -> None:
    contract = clausal.load(agreement.text())
    for lang in LANGS:
        read_back(contract, form(contract.model, lang), tmp_path)


def typed(text: str) -> Any:
    """What a spreadsheet makes of what a person types: a date, a percentage, a number, else text."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return dt.datetime.fromisoformat(text)
    plain = text.replace(",", "")
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?%", plain):
        return float(Decimal(plain[:-1]) / 100), "%"
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", plain):
        return float(plain)
    return text


def filled(folder: Path, form_path: Path, out: Path) -> Path:
    """The form with the rows of the folder's tables typed into its sheets, below its own headings, saved again."""
    empty = CalamineWorkbook.from_path(form_path)
    book = cast(Any, xlsxwriter).Workbook(str(out), {"strings_to_formulas": False})
    day, percent = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "0.00%"})
    for name in empty.sheet_names:
        page = book.add_worksheet(name)
        cells = empty.get_sheet_by_name(name).to_python()
        for i, row in enumerate(cells):
            page.write_row(i, 0, row)
        path = folder / f"{name}.csv"
        if not path.exists():
            continue
        ready = {row[0]: i for i, row in enumerate(cells) if i}
        free = len(cells)
        for given_row in csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))):
            first = next(iter(given_row.values()))
            at = ready.get(first)
            if at is None:
                at, free = free, free + 1
            for heading, text in given_row.items():
                heading = heading.replace(".发出", ".发出日").replace(".到达", ".到达日")
                column = cells[0].index(heading)
                value = typed(text)
                if text == "" or (at < len(cells) and column == 0):
                    continue
                if isinstance(value, dt.datetime):
                    page.write_datetime(at, column, value, day)
                elif isinstance(value, tuple):
                    page.write_number(at, column, value[0], percent)
                else:
                    page.write(at, column, value)
    book.close()
    return out


@pytest.mark.parametrize("name", ["b2b-outsourcing", "b2b-outsourcing-en", "minimal"])
def test_a_form_that_is_filled_in_gives_the_statement_of_the_shipped_facts(name: str, tmp_path: Path) -> None:
    folder = ROOT / "contracts" / name
    contract = shipped.contract(folder)
    made, *_ = written(form(contract.model, contract.model.keywords), tmp_path)
    document = contract.evaluate(filled(folder / "facts", made, tmp_path / "filled.xlsx")).to_dict()
    expected = dict(shipped.year(folder))
    # the form says of the months to come too that nothing was refused in them
    for one in (document, expected):
        one.pop("inputs_sha256")
    assert document == expected


# ---- the workbook --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def parts() -> dict[str, str]:
    """The parts of the workbook of a form, in Chinese."""
    book = zipfile.ZipFile(io.BytesIO(xlsx.form(form(every_fact.contract().model, "zh"))))
    return {name: book.read(name).decode("utf-8", "replace") for name in book.namelist()}


def test_a_cell_takes_what_its_column_asks_for(parts: dict[str, str]) -> None:
    monthly = parts["xl/worksheets/sheet2.xml"]
    rules = re.findall(r"<dataValidation ([^>]*)>(.*?)</dataValidation>", monthly)
    by_place = {re.search(r'sqref="([^"]*)"', attributes)[1]: (attributes, inside) for attributes, inside in rules}  # type: ignore[index]
    assert 'type="list"' in by_place["F2:F4"][0]  # strike
    assert 'type="decimal"' in by_place["B2:B4"][0] and 'errorStyle="warning"' in by_place["B2:B4"][0]  # sales
    assert 'type="whole"' in by_place["D2:D4"][0]  # dealers
    assert 'type="date"' in by_place["L2:L4"][0]  # refusal
    assert "A2:A4" not in by_place and "K2:K4" not in by_place  # months, remarks
    receipts = parts["xl/worksheets/sheet10.xml"]
    assert receipts.count('type="list"') == 5  # payer, payee, currency, for, kind
    words = re.findall(r"<t[^>]*>([^<]*)</t>", parts["xl/sharedStrings.xml"])
    assert {"client", "operator", "是", "否", "未知", "付款", "退款", "抵销", "核销", "A", "B+", "默认"} <= set(words)
    assert 'state="hidden"' in parts["xl/workbook.xml"]


def test_headings_stay_in_sight_and_have_notes(parts: dict[str, str]) -> None:
    assert 'state="frozen"' in parts["xl/worksheets/sheet2.xml"]
    said = "".join(text for name, text in parts.items() if name.startswith("xl/comments"))
    assert "整数（单位：dealers）\n留空：表示未知，不等于零\n用于条款：1" in said


def test_the_same_form_gives_the_same_bytes() -> None:
    model = every_fact.contract().model
    assert xlsx.form(form(model, "en")) == xlsx.form(form(model, "en"))


def test_text_is_never_a_formula(tmp_path: Path) -> None:
    contract = clausal.load(
        'contract "=1+1" { currency CNY   term from 2026-01-01 to 2026-01-31   rounding half_up to 0.01 }\n'
        'party a\nparty b\nfact `=cmd` : one of { "=2+2", "@x" } monthly note "=HYPERLINK(1)"\n'
    )
    book = zipfile.ZipFile(io.BytesIO(xlsx.form(form(contract.model, "en"))))
    assert not any(b"<f>" in book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/"))
    read_back(contract, form(contract.model, "en"), tmp_path)


def test_what_a_spreadsheet_would_change_is_read_as_it_was_typed(tmp_path: Path) -> None:
    """Into the cells of a form: long amounts as text, numbers of orders with noughts, dates, times, percentages."""
    contract = every_fact.contract()
    sheets = {
        "monthly": [
            ["month", "sales", "share", "late_rate", "refusal", "strike"],
            ["2026-01", "12345678901234567.89", (0.015, "0.00##%"), (0.0005, "0.00####%"), dt.date(2026, 2, 9), "yes"],
            ["2026-02", 0.1, (0.07, "0.00##%"), (0.0003, "0.00####%"), "unknown", "unknown"],
        ],
        "once": [["fact", "value"], ["incident", dt.datetime(2026, 1, 5, 10, 30)], ["patience", "30 days"]],
        "orders": [
            ["no", "ordered_on", "amount", "area", "back_on", "sound", "reported"],
            ["00123", dt.date(2026, 2, 28), 1560.5, None, None, "no", None],
        ],
    }
    path = tmp_path / "filled.xlsx"
    book = cast(Any, xlsxwriter).Workbook(str(path))
    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                value, shown = cell if isinstance(cell, tuple) else (cell, "@")
                if isinstance(cell, dt.datetime):
                    page.write_datetime(i, j, cell, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
                elif isinstance(cell, dt.date):
                    page.write_datetime(i, j, cell, book.add_format({"num_format": "yyyy-mm-dd"}))
                else:
                    page.write(i, j, value, book.add_format({"num_format": shown}))
    book.close()
    facts, found = read_path(contract.model, path)
    assert facts is not None and found == ()
    got = {name: {key: str(cell.value) for key, cell in cells.items()} for name, cells in facts.scalars.items()}
    assert got["sales"] == {"2026-01": "1234567890123456789/100", "2026-02": "1/10"}
    assert got["share"] == {"2026-01": "3/200", "2026-02": "7/100"}
    assert got["late_rate"] == {"2026-01": "1/2000", "2026-02": "3/10000"}
    assert got["refusal"]["2026-01"] == "2026-02-09" and facts.scalars["refusal"]["2026-02"].unknown
    assert got["incident"] == {"once": "2026-01-05 10:30:00"}
    (order,) = facts.records["orders"]
    assert (order.key, order.on, str(order.fields["amount"].value)) == ("00123", dt.date(2026, 2, 28), "3121/2")


def test_the_forms_for_programs_have_a_place_for_everything() -> None:
    data = json.loads(as_json(form(every_fact.contract().model, "en", last=dt.date(2026, 1, 1))))
    assert data["monthly"]["2026-01"]["warning"] == {"sent": None, "received": None}
    assert data["once"] == {
        "opened_on": None,
        "letter": {"sent": None, "received": None},
        **dict.fromkeys(("incident", "patience", "winner")),
    }
    assert data["orders"] == data["receipts"] == data["closings"] == []
