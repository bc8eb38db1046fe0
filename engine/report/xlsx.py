"""Workbooks: the only room that knows how one is written. The same form gives the same bytes.

A person fills it in, so a cell says what it takes: its heading has a note, dates and amounts have their formats, and
what can only be one of a few words is chosen from them. Text stays text (`=1+1` is no formula, `00123` keeps its
noughts), since the columns of texts are formatted so.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from clausal.dsl.diagnostics import Both, Lang
from clausal.dsl.types import Type
from clausal.dsl.wording import decimals, display_width
from clausal.engine.forms import ONCE, Column, Form, Sheet

_ROWS_OF_A_LIST: Final = 2_000  # so far down a list is checked as it is typed
_NARROWEST, _WIDEST = 10, 40
_CREATED: Final = dt.datetime(2026, 1, 1)  # a workbook wants to say when it was made; the form must not depend on it

_WRONG_CHOICE: Final = Both("Choose one of the words in the list.", "请从下拉列表中选择。")
_UNLIKELY: Final = {
    "date": Both(
        "This is no day between {first} and {last}. Keep it all the same?",
        "应当填写{first}至{last}之间的日期。是否仍然保留？",
    ),
    "number": Both("This is no number. Keep it all the same?", "应当填写数值。是否仍然保留？"),
    "count": Both("This is no whole number. Keep it all the same?", "应当填写整数。是否仍然保留？"),
}
_TITLES: Final = {"stop": Both("Not in the list", "不在可选范围"), "warning": Both("Please check", "请核对")}


def form(made: Form) -> bytes:
    """The form as a workbook: how to fill it in first, then a sheet for each table."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": made.title, "created": _CREATED})
        _instructions(book, made)
        choices = _Choices()
        for sheet in made.sheets:
            page = _page(book, sheet)
            if sheet.kind == "once":
                _once(book, page, made, sheet, choices)
            else:
                _columns(book, page, made, sheet, choices)
        choices.write(book, made.choices_tab)
    return out.getvalue()


def _instructions(book: Any, made: Form) -> None:
    page = book.add_worksheet(made.notes_tab)
    page.hide_gridlines(2)
    page.set_column(0, 0, 24, book.add_format({"valign": "top"}))
    page.set_column(1, 1, 90)
    large = book.add_format({"bold": True, "font_size": 14})
    bold = book.add_format({"bold": True, "valign": "top", "bottom": 1})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    page.write_string(0, 0, made.title, large)
    row = 2
    for number, note in enumerate(made.notes, 1):
        page.write_string(row, 0, f"{number}.", book.add_format({"align": "right", "valign": "top", "text_wrap": True}))
        page.write_string(row, 1, note, plain)
        page.set_row(row, 15 * _lines(note, 100))
        row += 1
    for sheet in made.sheets:
        row += 1
        page.write_url(row, 0, f"internal:'{_quoted(sheet.tab)}'!A1", bold, sheet.tab)
        page.write_string(row, 1, sheet.about, bold)
        for column in sheet.columns:
            row += 1
            note = ("；" if made.lang == "zh" else "; ").join(column.note)
            page.write_string(row, 0, column.heading, plain)
            page.write_string(row, 1, note, plain)
            page.set_row(row, 15 * max(_lines(note, 100), _lines(column.heading, 22)))
        row += 1
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)


def _lines(text: str, width: int) -> int:
    return sum(1 + display_width(line) // width for line in text.split("\n"))


def _quoted(tab: str) -> str:
    return tab.replace("'", "''")


class _Choices:
    """The words that cells are chosen from, on a hidden sheet: a list inside a cell's own rule may not be long."""

    def __init__(self) -> None:
        self.lists: dict[tuple[str, ...], int] = {}

    def place(self, words: tuple[str, ...], tab: str) -> str:
        column = xl_col_to_name(self.lists.setdefault(words, len(self.lists)), True)
        return f"='{_quoted(tab)}'!{column}$2:{column}${len(words) + 1}"

    def write(self, book: Any, tab: str) -> None:
        if not self.lists:
            return
        page = book.add_worksheet(tab)
        page.hide()
        for words, column in self.lists.items():
            page.write_string(0, column, tab)
            for row, word in enumerate(words, 1):
                page.write_string(row, column, word)


def _page(book: Any, sheet: Sheet) -> Any:
    page = book.add_worksheet(sheet.tab)
    page.freeze_panes(1, 0 if sheet.kind == "list" else 1)
    page.set_row(0, 30)
    page.set_landscape()
    page.set_paper(9)
    page.repeat_rows(0)
    page.fit_to_pages(1, 0)
    return page


def _columns(book: Any, page: Any, made: Form, sheet: Sheet, choices: _Choices) -> None:
    last = len(sheet.rows) if sheet.kind == "periods" else _ROWS_OF_A_LIST
    for index, column in enumerate(sheet.columns):
        width = _width(column, sheet.rows if index == 0 else ())
        page.set_column(index, index, width, book.add_format({"num_format": _format(column.type)}))
        page.write_string(0, index, column.heading, _heading(book, column.needed))
        _note(page, 0, index, column)
        rule = _rule(made, column, choices)
        if rule is not None:
            page.data_validation(1, index, last, index, rule)
    text = book.add_format({"num_format": "@", "bg_color": "#F7F7F7"})
    for row, key in enumerate(sheet.rows, 1):
        page.write_string(row, 0, key, text)


def _once(book: Any, page: Any, made: Form, sheet: Sheet, choices: _Choices) -> None:
    for index, word in enumerate(ONCE):
        page.write_string(0, index, word.text(made.lang), _heading(book, index == 0))
    page.set_column(0, 0, max(_width(column, ()) for column in sheet.columns))
    page.set_column(1, 1, 24)
    for row, column in enumerate(sheet.columns, 1):
        page.write_string(row, 0, column.heading, book.add_format({"num_format": "@", "bg_color": "#F7F7F7"}))
        page.write_blank(row, 1, None, book.add_format({"num_format": _format(column.type), "align": "left"}))
        _note(page, row, 0, column)
        rule = _rule(made, column, choices)
        if rule is not None:
            page.data_validation(row, 1, row, 1, rule)


def _heading(book: Any, needed: bool) -> Any:
    look = {"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter"}
    return book.add_format({**look, "bg_color": "#DDE7F3" if needed else "#F2F2F2"})


def _note(page: Any, row: int, index: int, column: Column) -> None:
    text = "\n".join(column.note)
    height = 20 + 18 * _lines(text, 34)
    page.write_comment(row, index, text, {"x_scale": 2, "height": height, "font_size": 9, "author": ""})


def _width(column: Column, rows: Sequence[str]) -> int:
    shown = max(map(display_width, (column.heading, *column.choices, *rows)))
    least = {"date": 12, "moment": 17, "money": 14}.get(column.type.kind, _NARROWEST)
    return min(max(shown + 3, least), _WIDEST)


def _format(type: Type) -> str:
    match type.kind:
        case "money":
            places = decimals(type.currency or "")
            return "#,##0" + ("." + "0" * places if places else "")
        case "rate" if type.currency is not None:
            return "#,##0.00####"
        case "percent":
            return "0.00##%"
        case "rate":
            return "0.00####%"
        case "count":
            return "#,##0"
        case "date":
            return "yyyy-mm-dd"
        case "moment":
            return "yyyy-mm-dd hh:mm"
        case "number":
            return "General"
        case _:
            return "@"


def _rule(made: Form, column: Column, choices: _Choices) -> dict[str, Any] | None:
    """What a cell of the column takes. Only a closed list refuses other words; a date or a number is asked about, since
    `unknown` and an amount in words are read too."""
    if column.choices:
        source = choices.place(column.choices, made.choices_tab)
        strict = "stop" if not column.loose else "information"
        said = _message(made.lang, "stop", _WRONG_CHOICE, {})
        return {"validate": "list", "source": source, "error_type": strict, "show_error": not column.loose, **said}
    first, last = made.days
    match column.type.kind:
        case "date" | "moment":
            days = {"first": first.isoformat(), "last": last.isoformat()}
            between = {"minimum": _moment(first), "maximum": _moment(last)}
            said = _message(made.lang, "warning", _UNLIKELY["date"], days)
            return {"validate": "date", "criteria": "between", **between, "error_type": "warning", **said}
        case "money" | "number" | "percent" | "rate":
            kind, said = "decimal", _message(made.lang, "warning", _UNLIKELY["number"], {})
        case "count":
            kind, said = "integer", _message(made.lang, "warning", _UNLIKELY["count"], {})
        case _:
            return None
    bounds = {"minimum": 0 if column.name == "amount" and column.needed else -(10**15), "maximum": 10**15}
    return {"validate": kind, "criteria": "between", **bounds, "error_type": "warning", **said}


def _message(lang: Lang, kind: str, text: Both, words: Mapping[str, str]) -> dict[str, str]:
    return {"error_title": _TITLES[kind].text(lang), "error_message": text.text(lang).format(**words)}


def _moment(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day)
