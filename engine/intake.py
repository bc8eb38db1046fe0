"""Facts from what people have: tables and dicts held against what the contract asks for.

`engine/tables.py` gives rows, `engine/cells.py` reads a cell by its type; here rows become facts. Mistakes
of all files are told in one run, each with its file, sheet, row, column and the text that stands there. The
same content gives the same facts and the same `sha256`, whatever the format and the order of files, columns
and rows.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal, TypeAlias

import attrs

from clausal.dsl import model
from clausal.dsl.diagnostics import (
    Arg,
    Both,
    Diagnostic,
    any_of,
    diagnostic,
    did_you_mean,
    error,
    has_errors,
    place_text,
    warning,
)
from clausal.dsl.diagnostics import Cell as Place
from clausal.dsl.periods import day_of, month_of, months_between, parse_period, week_of
from clausal.dsl.types import DATE, INTERVAL_FIELDS, PARTY, PAYMENT_KINDS, TEXT, Field, Type, money
from clausal.dsl.values import Duration, Scalar, Unknown
from clausal.dsl.wording import decimals
from clausal.engine import cells, tables
from clausal.engine.cells import Bad, Said
from clausal.engine.facts import Cell, Closing, Facts, Notice, Origin, Payment, Record
from clausal.engine.tables import PERIOD_COLUMNS, Fault, Missing, Row, Table

Given: TypeAlias = tuple[Facts | None, tuple[Diagnostic, ...]]

MOST_FINDINGS: Final = 200

_PERIOD_HEADING: Final = {
    "monthly": "month",
    "quarterly": "quarter",
    "weekly": "week",
    "daily": "date",
    "yearly": "year",
}
_GRAIN_WORDS: Final = {
    "daily": Both("daily", "按日"),
    "weekly": Both("weekly", "按周"),
    "monthly": Both("monthly", "按月"),
    "quarterly": Both("quarterly", "按季"),
    "yearly": Both("yearly", "按年"),
    "once": Both("given once", "一次性"),
}
_GRAIN_OF_KIND: Final = {
    "day": "daily",
    "week": "weekly",
    "month": "monthly",
    "quarter": "quarterly",
    "year": "yearly",
}
_ONCE: Final = Both("what is given once", "一次性数据")
# What the file of a grain may be called.
_TABLE_NAMES: Final[Mapping[str, str]] = {
    **{grain: grain for grain in ("daily", "weekly", "monthly", "quarterly", "yearly", "once")},
    **dict.fromkeys(("日数据", "每日数据", "按日"), "daily"),
    **dict.fromkeys(("周数据", "每周数据", "按周"), "weekly"),
    **dict.fromkeys(("月度数据", "月度", "每月数据", "按月"), "monthly"),
    **dict.fromkeys(("季度数据", "季度", "按季"), "quarterly"),
    **dict.fromkeys(("年度数据", "年度", "按年"), "yearly"),
    **dict.fromkeys(("一次性数据", "一次性"), "once"),
    **dict.fromkeys(("closings", "截止", "截止记录", "结账", "结账记录", "关账"), "closings"),
    **dict.fromkeys(("complete_through", "数据完整至"), "complete_through"),
}
# Sheets of a form that hold no facts (engine/forms.py writes them): they are passed over without a word.
NOTES: Final = ("instructions", "填写说明")
CHOICES: Final = ("choices", "选项")
# Words for the one list of payments of a contract, whatever its name is.
_PAYMENT_TABLES: Final = frozenset(
    {
        "payments",
        "receipts",
        "付款",
        "付款记录",
        "收款",
        "收款记录",
        "收付款",
        "收付款记录",
        "到账",
        "到账记录",
    }
)
_PAYMENT_COLUMNS: Final[Mapping[str, str]] = {
    **{name: name for name in ("ref", "payer", "payee", "amount", "on", "reported", "for", "kind", "currency")},
    "编号": "ref",
    "付款人": "payer",
    "收款人": "payee",
    "金额": "amount",
    "到账日": "on",
    "报告日": "reported",
    "用途": "for",
    "类型": "kind",
    "币种": "currency",
}
PAYMENT_WORDS: Final[Mapping[str, str]] = {
    **{kind: kind for kind in PAYMENT_KINDS},
    **{kind.replace(" ", sign): kind for kind in PAYMENT_KINDS for sign in "_-"},
    "付款": "payment",
    "支付": "payment",
    "退款": "refund",
    "抵销": "set off",
    "抵消": "set off",
    "核销": "write off",
    "免除": "write off",
}


def _kinds_of_payment() -> Iterator[Both]:
    """Each kind as a form of either language writes it."""
    for kind in PAYMENT_KINDS:
        zh = next(word for word, meant in PAYMENT_WORDS.items() if meant == kind and not word.isascii())
        yield Both(f"`{kind}`", f"“{zh}”")


_CLOSING_COLUMNS: Final[Mapping[str, str]] = {
    "as_of": "as_of",
    "source": "source",
    "complete_through": "complete_through",
    "截止日": "as_of",
    "来源": "source",
    "数据完整至": "complete_through",
}
_ONCE_COLUMNS: Final[Mapping[str, str]] = {"fact": "fact", "value": "value", "数据": "fact", "数值": "value"}
_NOTICE_PARTS: Final[Mapping[str, Literal["sent", "received"]]] = {
    "sent": "sent",
    "received": "received",
    "发出": "sent",
    "发出日": "sent",
    "到达": "received",
    "到达日": "received",
}
_REPORTED: Final = frozenset({"reported", "报告日"})
EVERY_SOURCE: Final = frozenset({"", "default", "默认", "全部"})
_INTERVAL_WORDS: Final = {"自": "from", "至": "until"}
_HAPPENINGS: Final = frozenset({"date", "moment", "notice", "list", "payments", "intervals"})


# ---- what a door asks for ------------------------------------------------------------------------


def read_path(
    contract: model.Contract, path: Path, encoding: str | None = None, most: int | None = MOST_FINDINGS
) -> Given:
    """The facts of a folder, a workbook, a CSV, JSON or YAML file, or None with what is wrong: no more than `most`
    findings, and how many there are besides (None: all of them)."""
    intake = _Intake(contract)
    made, found = tables.read_tables(path, encoding, intake.scalars, intake.table_names)
    intake.found += found
    return intake.facts(made, most)


def read_plain(contract: model.Contract, data: Mapping[str, object] | Sequence[object], name: str = "facts") -> Given:
    """The facts of plain dicts and lists, as of JSON; a value may also be int, Decimal, Fraction, date."""
    intake = _Intake(contract)
    made, found = tables.from_plain(data, name, intake.scalars)
    intake.found += found
    return intake.facts(made)


def read_value(text: object, type: Type, contract: model.Contract, name: str | None = None) -> Scalar | Diagnostic:
    """A value given for the parameter `name`: in text, numbers may also have the `_` of the language."""
    plain = text
    if isinstance(text, str) and type.kind not in ("text", "one of", "party"):
        plain = re.sub(r"(?<=[0-9])_(?=[0-9])", "", text)
    value = cells.read(plain, type, _parties(contract))
    match value:
        case Bad():
            said = dict(value.args)
            if said.get("hint") in (cells.MEASURE, cells.HAPPENING):  # a cell may be left blank, not a parameter
                said["hint"] = Both("a statement needs its value", "出具对账单需要其数值")
            return attrs.evolve(_told(Bad(value.code, tuple(said.items())), None), place=name)
        case Said():
            return error("F603", value=_text_of(text) or "", expected=cells.words(type), place=name)
        case _:
            return value


def read_cell(text: str, type: Type, contract: model.Contract, name: str, may_lack: bool) -> Cell | Diagnostic:
    """A value given for the fact or parameter `name`, as a cell has it; only what `may_lack` may be unknown or not have
    happened. A notice is one date, on which it was sent and received."""
    if may_lack:
        kind = DATE if type.kind == "notice" else type
        said = cells.read(text, kind, _parties(contract))
        if said is Said.UNKNOWN or said is Said.NONE or (said is Said.BLANK and type.kind in _HAPPENINGS):
            return Cell(None, Origin(name), said is Said.UNKNOWN)
    value = read_value(text, DATE if type.kind == "notice" else type, contract, name)
    if isinstance(value, Diagnostic):
        return value
    if type.kind == "notice" and isinstance(value, dt.date):
        return Cell(Notice(value, value), Origin(name, text=text))
    return Cell(value, Origin(name, text=text))


# ---- tables to facts -----------------------------------------------------------------------------


@attrs.frozen
class _Column:
    """What a column of a table of scalars gives: a fact, or one date of a notice."""

    index: int
    fact: model.FactDecl
    part: Literal["sent", "received"] | None


# One date of a notice: the row and the index of its cell, and which date it is.
_Part: TypeAlias = tuple[Row, int, Literal["sent", "received"]]


@attrs.frozen
class _Draft:
    """A record before its key is known."""

    key: str | None
    on: dt.date
    fields: Mapping[str, Cell]
    reported: dt.date | None
    origin: Origin


def _parties(contract: model.Contract) -> dict[str, str]:
    titles = {party.title: party.name for party in contract.parties if party.title}
    return {**titles, **{party.name: party.name for party in contract.parties}}


class _Intake:
    """One reading: the facts as they come in, and everything that is wrong with them."""

    def __init__(self, contract: model.Contract) -> None:
        self.contract = contract
        self.declared = {fact.name: fact for fact in contract.facts}
        self.parties = _parties(contract)
        self.found: list[Diagnostic] = []
        self.values: dict[str, dict[str, Cell]] = {}
        self.records: dict[str, list[_Draft]] = {}
        self.payments: dict[str, list[tuple[str | None, Payment]]] = {}
        self.sighted: dict[str, list[tuple[str, Place]]] = {}  # keys and refs, of rows that were refused too
        self.carried: set[str] = set()
        self.closings: dict[dt.date, dict[str | None, dt.date]] = {}
        self.complete: dict[str | None, dt.date] = {}
        self.complete_origins: dict[tuple[dt.date | None, str | None], Origin] = {}
        self.periods: set[str] = set()
        self.blank_periods: set[str] = set()  # those of whose row every cell is blank
        lists = [fact for fact in contract.facts if fact.type.kind in ("list", "payments", "intervals")]
        self.lists = {fact.name: fact for fact in lists}
        self.tabs = {tab: name for name, tab in tables.tabs(self.lists).items()}
        self.scalars = frozenset(self.declared) - frozenset(self.lists)
        payments = [fact for fact in lists if fact.type.kind == "payments"]
        self.synonyms = {}
        if len(payments) == 1:
            self.synonyms = {word: payments[0] for word in _PAYMENT_TABLES if word not in self.lists}
        self.debts: dict[str, bool] = {}  # and whether its periods are those of the calendar
        for duty in contract.obligations:
            self._owed(duty.name, duty.schedule.kind == "periodic", duty.chain, duty.exemptions)
        for forbidden in contract.prohibitions:
            self._owed(forbidden.name, False, forbidden.chain, forbidden.exemptions)
        self.table_names = [*self.declared, *_TABLE_NAMES, *self.synonyms]

    def _owed(
        self, name: str, periodic: bool, chain: Iterable[model.Link], exemptions: Iterable[model.Exemption]
    ) -> None:
        self.debts.update({name: periodic, f"{name}.penalty": periodic})
        for duty in (o for e in exemptions for o in e.instead):
            self._owed(duty.name, periodic, duty.chain, duty.exemptions)
        for link in chain:
            if isinstance(link.remedy, model.Obligation):
                self._owed(link.remedy.name, False, link.remedy.chain, link.remedy.exemptions)

    # what is wrong

    def tell(
        self, code: str, place: Place | None, severity: Literal["error", "warning"] = "error", **args: Arg | int | None
    ) -> None:
        words = (
            (name, word if isinstance(word, Both) else str(word)) for name, word in args.items() if word is not None
        )
        self.found.append(Diagnostic(code, severity, None, tuple(sorted(words, key=_word)), place=place))

    def bad(self, value: Bad, place: Place | None) -> None:
        self.found.append(_told(value, place))

    # one table

    def take(self, table: Table) -> None:
        name = table.name
        fact = self.lists.get(name)
        if fact is None:
            fact = self.synonyms.get(name) or self.synonyms.get(name.casefold())
        if fact is None and table.heading_row is not None and name in self.tabs:
            fact = self.lists[self.tabs[name]]
        role = _TABLE_NAMES.get(name) or _TABLE_NAMES.get(name.casefold())
        scalars = not name or (any(column in PERIOD_COLUMNS for column in table.columns) and self._knows(table))
        if fact is None and role is None and not scalars and self._passed_over(table):
            return
        self.found += table.wrong
        if fact is not None:
            if table.columns == ("",) and table.rows:
                raw = table.rows[0].cells[0]
                place = Place(table.file, getattr(raw, "line", None), name)
                expected = Both("a list of records", "记录清单")
                self.tell("F603", place, value=_text_of(raw), expected=expected)
            elif fact.type.kind == "payments":
                self._payments(table, fact)
            else:
                self._list(table, fact)
        elif role == "closings":
            self._closings(table)
        elif role == "complete_through":
            self._complete_through(table)
        elif role == "once":
            self._once(table)
        elif role is not None:
            self._scalars(table, role)
        elif scalars:
            self._scalars(table, None)
        else:
            self._unmatched(table)

    def _knows(self, table: Table) -> bool:
        return any(column.partition(".")[0] in self.scalars for column in table.columns)

    def _passed_over(self, table: Table) -> bool:
        """A sheet that is none of the facts: the notes of a form, or somebody's own."""
        if table.sheet is None or self._knows(table):
            return False
        if table.name.casefold() in (*NOTES, *CHOICES):
            return True
        if did_you_mean(table.name, self.table_names) is not None:
            return False
        place = Place(table.file, None, None, table.sheet)
        hint = Both("it is passed over", "已略过该表")
        self.found.append(warning("F627", place=place, name=table.name, hint=hint))
        return True

    def _unmatched(self, table: Table) -> None:
        suggestion = did_you_mean(table.name, self.table_names)
        expected = any_of(["monthly", *self.lists, "closings"])
        in_object = table.heading_row is None and table.sheet is None
        place = Place(table.file, None, table.name if in_object else None, table.sheet)
        self.tell("F627", place, name=table.name, expected=expected, suggestion=suggestion)

    def _headings(
        self, table: Table, known: Mapping[str, str], candidates: Iterable[str], list: str | None = None
    ) -> dict[str, int] | None:
        """Where each known column stands. None if one stands twice: then no row says one thing."""
        places: dict[str, int] = {}
        sound = True
        for index, column in enumerate(table.columns):
            if not column:
                continue
            means = known.get(column)
            if means is None:
                means = known.get(column.casefold())
            place = Place(table.file, table.heading_row, column, table.sheet)
            if means is None and list is not None:
                row = next((r for r in table.rows if r.path and r.cells[index] is not Missing.KEY), None)
                if row is not None:
                    place = self._place(table, row, index)
                self.tell("F642", place, list=list, column=column, suggestion=did_you_mean(column, candidates))
            elif means is None:
                self._unknown(column, place, candidates)
            elif means in places:
                self.tell("F628", place, column=column)
                sound = False
            else:
                places[means] = index
        return places if sound else None

    def _unknown(self, column: str, place: Place, candidates: Iterable[str]) -> None:
        base, _, part = column.partition(".")
        suggestion = did_you_mean(column, candidates)
        if suggestion is None and part:
            suggestion = did_you_mean(base, candidates)
        self.tell("F601", place, column=column, suggestion=suggestion)

    def _whole(self, table: Table, may_lack: Iterable[int] = ()) -> Iterator[Row]:
        """The rows, without those that end before a column that each must have."""
        if table.heading_row is None:
            yield from table.rows
            return
        needed = frozenset(range(len(table.columns))).difference(may_lack)
        for row in table.rows:
            if row.cells[-1] is Missing.KEY and any(row.cells[index] is Missing.KEY for index in needed):
                full = sum(cell is not Missing.KEY for cell in row.cells)
                place = Place(table.file, row.number, None, table.sheet)
                self.tell("F622", place, found=full, expected=len(table.columns))
            else:
                yield row

    # scalars

    def _scalars(self, table: Table, grain: str | None) -> None:
        columns: list[_Column] = []
        seen: set[tuple[str, str | None]] = set()
        period: tuple[int, str] | None = None
        sound = True
        for index, column in enumerate(table.columns):
            place = Place(table.file, table.heading_row, column, table.sheet)
            said = PERIOD_COLUMNS.get(column, PERIOD_COLUMNS.get(column.casefold()))
            if said is not None and column not in self.declared:
                if period is not None:
                    self.tell("F628", place, column=column)
                    sound = False
                elif grain and said and said != grain:
                    self._grain(table, place, column, said, grain)
                    sound = False
                period = period or (index, said or grain or "")
                continue
            found = self._fact_column(index, column, place)
            if found is None:
                continue
            what = (found.fact.name, found.part)
            if what in seen:
                self.tell("F628", place, column=column)
                sound = False
                continue
            seen.add(what)
            columns.append(found)
        if period is None:
            self.carried.update(found.fact.name for found in columns if found.fact.happening)
            if table.rows or table.heading_row is not None:
                expected = _PERIOD_HEADING.get(grain or "monthly", "month")
                place = Place(table.file, table.heading_row, None, table.sheet)
                self.tell("F637", place, list=table.name or "facts", column=expected)
            return
        if not sound:
            return
        index, grain_of_column = period
        for found in columns:
            if found.fact.happening:
                self.carried.add(found.fact.name)
            if grain_of_column and found.fact.grain != grain_of_column:
                place = Place(table.file, table.heading_row, table.columns[found.index], table.sheet)
                self._grain(table, place, found.fact.name, found.fact.grain, grain_of_column)
                sound = False
        if sound:
            self._rows_of_scalars(table, columns, index, grain_of_column)

    def _fact_column(self, index: int, column: str, place: Place) -> _Column | None:
        fact = self.declared.get(column)
        part: Literal["sent", "received"] | None = None
        if fact is None and "." in column:
            base, _, said = column.rpartition(".")
            fact, part = self.declared.get(base), _NOTICE_PARTS.get(said)
            if fact is not None and (part is None or fact.type.kind != "notice"):
                fact = None
        if fact is None:
            self._unknown(column, place, [*self.scalars, *_PERIOD_HEADING.values()])
            return None
        if fact.name in self.lists:
            self.tell("F638", place, name=fact.name)
            return None
        if fact.type.kind == "notice" and part is None:
            part = "received"
        return _Column(index, fact, part)

    def _grain(self, table: Table, place: Place, name: str, grain: str, here: str) -> None:
        self.tell("F634", place, name=name, grain=_GRAIN_WORDS[grain], found=_GRAIN_WORDS[here])

    def _rows_of_scalars(self, table: Table, columns: list[_Column], index: int, grain: str) -> None:
        seen: dict[str, Row] = {}
        for row in self._whole(table):
            raw = row.cells[index]
            key = _period(raw, grain)
            if key is None:
                if isinstance(raw, Fault):
                    self.tell(raw.code, self._place(table, row, index), value=raw.text)
                elif raw is Missing.KEY or not tables.spelled(raw).strip():
                    heading = _PERIOD_HEADING.get(grain, "month")
                    self.tell("F635", self._place(table, row, index), column=heading)
                else:
                    self._no_period(raw, grain, self._place(table, row, index))
                continue
            given, kind = key
            if given in seen:
                before = self._place(table, seen[given], index)
                self.tell("F604", self._place(table, row, index), month=given, first=_at(before))
                continue
            seen[given] = row
            cells_ = [row.cells[column.index] for column in columns]
            blank = any(cell is not Missing.KEY for cell in cells_) and not any(map(tables.filled, cells_))
            (self.blank_periods if blank else self.periods).add(given)
            notices: dict[str, list[_Part]] = {}
            for column in columns:
                if row.cells[column.index] is Missing.KEY:
                    continue
                if not grain and column.fact.grain != kind:
                    place = self._place(table, row, column.index)
                    self._grain(table, place, column.fact.name, column.fact.grain, kind)
                elif column.part is not None:
                    notices.setdefault(column.fact.name, []).append((row, column.index, column.part))
                else:
                    self._scalar(table, row, column.index, column.fact, given)
            for name, parts in notices.items():
                self._notice(table, parts, name, given)

    def _scalar(self, table: Table, row: Row, index: int, fact: model.FactDecl, key: str) -> None:
        raw = row.cells[index]
        value = self._read(raw, fact.type, table, row, index)
        if isinstance(value, Bad):
            return
        match value:
            case Said.BLANK:
                if not fact.happening:
                    return
                cell = Cell(None, self._origin(table, row, index))
            case Said.NONE:
                cell = Cell(None, self._origin(table, row, index))
            case Said.UNKNOWN:
                cell = Cell(None, self._origin(table, row, index), unknown=True)
            case _:
                cell = Cell(value, self._origin(table, row, index))
        self._put(fact, key, cell)

    def _notice(self, table: Table, parts: list[_Part], name: str, key: str) -> None:
        dates: dict[str, dt.date] = {}
        unknown = False
        row, index, _ = next((part for part in parts if part[2] == "received"), parts[0])
        for at, column, part in parts:
            value = self._read(at.cells[column], DATE, table, at, column)
            if isinstance(value, Bad):
                return
            if isinstance(value, dt.date):
                dates[part] = value
            unknown = unknown or value is Said.UNKNOWN
        sent, received = dates.get("sent"), dates.get("received")
        if sent and received and received < sent:
            hint = Both(f"it was sent on {sent}, after that", f"其发出日{sent}在此之后")
            expected = Both("a day on or after the sending", "发出日当日或者之后的日期")
            place = self._place(table, row, index)
            self.tell("F603", place, value=received.isoformat(), expected=expected, hint=hint)
            return
        notice = Notice(sent, received) if dates else None
        self._put(self.declared[name], key, Cell(notice, self._origin(table, row, index), unknown=unknown))

    def _put(self, fact: model.FactDecl, key: str, cell: Cell) -> None:
        given = self.values.setdefault(fact.name, {})
        before = given.get(key)
        if before is None:
            given[key] = cell
        elif before.value != cell.value or before.unknown != cell.unknown:
            self.tell(
                "F621",
                _place_of(cell.origin),
                name=fact.name,
                month=key,
                left=_shown_cell(before),
                right=_shown_cell(cell),
                first=_at(_place_of(before.origin)),
            )

    def _no_period(self, raw: object, grain: str, place: Place) -> None:
        text = tables.spelled(raw).strip()
        if _bare_number(raw) and len(text) == 5:
            self.bad(cells.serial(text), place)
            return
        if grain in ("monthly", ""):
            self.tell("F615", place, value=text)
            return
        example = {"quarterly": "2026-Q1", "weekly": "2026-W05", "yearly": "2026", "daily": "2026-01-05"}[grain]
        expected = Both(f"a period like `{example}`", f"形如“{example}”的期间")
        self.tell("F603", place, value=text, expected=expected)

    # facts without a period

    def _once(self, table: Table) -> None:
        columns = [_ONCE_COLUMNS.get(column.casefold(), "") for column in table.columns]
        if "fact" in columns or "value" in columns:
            self._once_by_rows(table)
            return
        found: list[_Column] = []
        for index, column in enumerate(table.columns):
            place = Place(table.file, table.heading_row, column, table.sheet)
            one = self._fact_column(index, column, place) if column else None
            if one is None:
                continue
            if one.fact.grain != "once":
                self._grain(table, place, one.fact.name, one.fact.grain, "once")
            elif any(one.fact is c.fact and one.part == c.part for c in found):
                self.tell("F628", place, column=column)
            else:
                found.append(one)
        rows = list(self._whole(table))
        if table.heading_row is not None:
            for row in rows[1:]:
                place = Place(table.file, row.number, None, table.sheet)
                first = Place(table.file, rows[0].number, None, table.sheet)
                self.tell("F604", place, month=_ONCE, first=_at(first))
        for row in rows:
            self._once_row(table, row, found)

    def _once_row(self, table: Table, row: Row, found: Sequence[_Column]) -> None:
        notices: dict[str, list[_Part]] = {}
        for column in found:
            if column.fact.happening:
                self.carried.add(column.fact.name)
            if row.cells[column.index] is Missing.KEY:
                continue
            if column.part is not None:
                notices.setdefault(column.fact.name, []).append((row, column.index, column.part))
            else:
                self._scalar(table, row, column.index, column.fact, "once")
        for name, parts in notices.items():
            self._notice(table, parts, name, "once")

    def _once_by_rows(self, table: Table) -> None:
        places = self._headings(table, _ONCE_COLUMNS, ["fact", "value"])
        if places is None:
            return
        for need in ("fact", "value"):
            if need not in places:
                place = Place(table.file, table.heading_row, None, table.sheet)
                self.tell("F637", place, list=table.name, column=need)
                return
        seen: dict[tuple[str, str | None], Place] = {}
        notices: dict[str, list[_Part]] = {}
        index = places["value"]
        for row in self._whole(table):
            raw = row.cells[places["fact"]]
            name = tables.heading(raw) if isinstance(raw, str) else ""
            place = self._place(table, row, places["fact"])
            if not name:
                self.tell("F635", place, column="fact")
                continue
            one = self._fact_column(index, name, place)
            if one is None:
                continue
            if one.fact.grain != "once":
                self._grain(table, place, one.fact.name, one.fact.grain, "once")
                continue
            what = (one.fact.name, one.part)
            if what in seen:
                self.tell("F604", place, month=name, first=_at(seen[what]))
                continue
            seen[what] = place
            if one.fact.happening:
                self.carried.add(one.fact.name)
            if row.cells[index] is Missing.KEY:
                continue
            if one.part is None:
                self._scalar(table, row, index, one.fact, "once")
            else:
                notices.setdefault(one.fact.name, []).append((row, index, one.part))
        for name, parts in notices.items():
            self._notice(table, parts, name, "once")

    # lists

    def _list(self, table: Table, fact: model.FactDecl) -> None:
        self.carried.add(fact.name)
        drafts = self.records.setdefault(fact.name, [])
        fields = INTERVAL_FIELDS if fact.type.kind == "intervals" else fact.type.fields
        known = {field.name: field.name for field in fields}
        if fact.type.kind == "intervals":
            known.update(_INTERVAL_WORDS)
        for word in _REPORTED:
            known.setdefault(word, "reported")
        if dating_field(fact, fields) is None:
            known.setdefault("month", "month")
            known.setdefault("月份", "month")
        places = self._headings(table, known, known, fact.name)
        if places is None or not self._has_columns(table, fact, fields, places):
            return
        types = {field.name: field.type for field in fields}
        optional_fields = {field.name for field in fields if field.optional}
        optional = [i for name, i in places.items() if name == "reported" or name in optional_fields]
        for row in self._whole(table, optional):
            draft = self._record(table, row, fact, fields, places, types)
            if draft is not None:
                drafts.append(draft)

    def _has_columns(
        self, table: Table, fact: model.FactDecl, fields: Sequence[Field], places: Mapping[str, int]
    ) -> bool:
        """Objects may each lack a key, and are asked one by one; a table lacks a column once."""
        if table.heading_row is None:
            return True
        lacking = [field.name for field in fields if not field.optional and field.name not in places]
        for name in lacking:
            place = Place(table.file, table.heading_row, None, table.sheet)
            self.tell("F637", place, list=fact.name, column=name)
        return not lacking

    def _record(
        self,
        table: Table,
        row: Row,
        fact: model.FactDecl,
        fields: Sequence[Field],
        places: Mapping[str, int],
        types: Mapping[str, Type],
    ) -> _Draft | None:
        dated_by = dating_field(fact, fields)
        made: dict[str, Cell] = {}
        origin = Origin(table.file, table.sheet, row.number, row.path)
        sound = True
        for field in fields:
            index = places.get(field.name)
            raw = Missing.KEY if index is None else row.cells[index]
            if index is None or raw is Missing.KEY:
                if not field.optional:
                    place = Place(table.file, row.number, row.path, table.sheet)
                    self.tell("F637", place, list=fact.name, column=field.name)
                    sound = False
                made[field.name] = Cell(None, origin)
                continue
            value = self._read(raw, field.type, table, row, index)
            match value:
                case Bad():
                    sound = False
                case Said():
                    if field.name in (dated_by, fact.keyed_by):
                        self.tell("F635", self._place(table, row, index), column=field.name)
                        sound = False
                        continue
                    absent = field.optional or field.type.kind in ("date", "moment")
                    unknown = value is Said.UNKNOWN or (value is Said.BLANK and not absent)
                    made[field.name] = Cell(None, self._origin(table, row, index), unknown=unknown)
                case _:
                    made[field.name] = Cell(value, self._origin(table, row, index))
        reported = self._reported(table, row, places, made, types)
        of_key = made.get(fact.keyed_by or "")
        if of_key is not None and of_key.value is not None:
            place = Place(table.file, row.number, row.path, table.sheet)
            self.sighted.setdefault(fact.name, []).append((_canonical(of_key.value), place))
        if not sound or isinstance(reported, Bad):
            return None
        on = self._on(table, row, fact, dated_by, made, places)
        if on is None:
            return None
        key = None
        if fact.keyed_by is not None:
            key = _canonical(made[fact.keyed_by].value)
        return _Draft(key, on, made, reported, origin)

    def _reported(
        self,
        table: Table,
        row: Row,
        places: Mapping[str, int],
        made: Mapping[str, Cell],
        types: Mapping[str, Type],
    ) -> dt.date | Bad | None:
        if "reported" in types:
            cell = made.get("reported")
            value = cell.value if cell is not None else None
            return value.date() if isinstance(value, dt.datetime) else _date_or_none(value)
        index = places.get("reported")
        if index is None or row.cells[index] is Missing.KEY:
            return None
        read = self._read(row.cells[index], DATE, table, row, index)
        return read if isinstance(read, Bad) else _date_or_none(read)

    def _on(
        self,
        table: Table,
        row: Row,
        fact: model.FactDecl,
        dated_by: str | None,
        made: Mapping[str, Cell],
        places: Mapping[str, int],
    ) -> dt.date | None:
        if dated_by is not None:
            value = made[dated_by].value
            return value.date() if isinstance(value, dt.datetime) else _date_or_none(value)
        index = places.get("month")
        key = None if index is None else _period(row.cells[index], "monthly")
        if index is None or key is None:
            place = Place(table.file, row.number, row.path, table.sheet)
            self.tell("F635", place, column="month")
            return None
        return parse_period(key[0]).end

    # payments

    def _payments(self, table: Table, fact: model.FactDecl) -> None:
        self.carried.add(fact.name)
        drafts = self.payments.setdefault(fact.name, [])
        places = self._headings(table, _PAYMENT_COLUMNS, _PAYMENT_COLUMNS, fact.name)
        if places is None:
            return
        if table.heading_row is not None:
            lacking = [name for name in ("payer", "payee", "amount", "on") if name not in places]
            for name in lacking:
                place = Place(table.file, table.heading_row, None, table.sheet)
                self.tell("F637", place, list=fact.name, column=name)
            if lacking:
                return
        needed = ("payer", "payee", "amount", "on")
        for row in self._whole(table, [i for name, i in places.items() if name not in needed]):
            draft = self._payment(table, row, fact, places)
            if draft is not None:
                drafts.append(draft)

    def _payment(
        self, table: Table, row: Row, fact: model.FactDecl, places: Mapping[str, int]
    ) -> tuple[str | None, Payment] | None:
        read: dict[str, Scalar | None] = {}
        header = self.contract.header
        sound = True

        def take(name: str, type: Type, needed: bool) -> None:
            nonlocal sound
            index = places.get(name)
            raw = Missing.KEY if index is None else row.cells[index]
            if index is None or raw is Missing.KEY:
                if needed:
                    place = Place(table.file, row.number, row.path, table.sheet)
                    self.tell("F637", place, list=fact.name, column=name)
                    sound = False
                read[name] = None
                return
            value = self._read(raw, type, table, row, index)
            if isinstance(value, Bad):
                sound = False
            elif isinstance(value, Said):
                read[name] = None
                if needed or value is Said.UNKNOWN:
                    self.tell("F635", self._place(table, row, index), column=name)
                    sound = False
            else:
                read[name] = value

        take("ref", TEXT, False)
        take("payer", PARTY, True)
        take("payee", PARTY, True)
        take("on", DATE, True)
        take("reported", DATE, False)
        take("for", TEXT, False)
        take("kind", TEXT, False)
        take("currency", TEXT, False)
        currency = str(read.get("currency") or header.currency)
        currencies = (header.currency, *header.currencies)
        currency = {"RMB": "CNY", "人民币": "CNY"}.get(currency, currency)
        if currency not in currencies:
            expected = any_of(currencies)
            self.tell("F611", self._place(table, row, places["currency"]), found=currency, expected=expected)
            sound = False
            currency = header.currency
        take("amount", money(currency), True)
        kind = PAYMENT_WORDS.get(str(read.get("kind") or "payment").casefold())
        if kind is None:
            place, given = self._place(table, row, places["kind"]), str(read["kind"])
            suggestion = did_you_mean(given, PAYMENT_KINDS)
            self.tell("F603", place, value=given, expected=any_of(_kinds_of_payment()), suggestion=suggestion)
            sound = False
        amount = read.get("amount")
        if isinstance(amount, int | Fraction):
            place = self._place(table, row, places["amount"])
            if amount < 0:
                self.tell("F612", place, value=_text_of(row.cells[places["amount"]]))
                sound = False
            elif (amount * 10 ** decimals(currency)).denominator != 1:
                unit = Fraction(1, 10 ** decimals(currency))
                smallest = "1" if unit == 1 else f"{'0.'.ljust(1 + decimals(currency), '0')}1"
                expected = Both(
                    f"a payment of whole {currency} {smallest}",
                    f"以{currency} {smallest}为最小单位的付款金额",
                )
                self.tell("F603", place, value=_text_of(row.cells[places["amount"]]), expected=expected)
                sound = False
        payer, payee, on, reported, for_ = (read.get(n) for n in ("payer", "payee", "on", "reported", "for"))
        if payer is not None and payer == payee:
            self.tell("F640", self._place(table, row, places["payee"]), party=str(payee))
            sound = False
        if for_ is not None:
            self._look_for_debt(str(for_), self._place(table, row, places["for"]))
        if read.get("ref") is not None:
            place = Place(table.file, row.number, row.path, table.sheet)
            self.sighted.setdefault(fact.name, []).append((str(read["ref"]), place))
        if not sound or kind is None or not isinstance(amount, int | Fraction) or not isinstance(on, dt.date):
            return None
        ref = None if read.get("ref") is None else str(read["ref"])
        origin = Origin(table.file, table.sheet, row.number, row.path)
        return ref, Payment(
            ref="",
            payer=str(payer),
            payee=str(payee),
            currency=currency,
            amount=amount,
            on=on,
            reported=_date_or_none(reported),
            for_=None if for_ is None else str(for_),
            kind=kind,
            source=fact.name,
            origin=origin,
        )

    def _look_for_debt(self, word: str, place: Place) -> None:
        """Says so where a payment is for nothing that the contract knows: the payer may write what he likes, and the
        payment counts all the same, as one that names no debt."""
        if word in ("penalty", "违约金") or not self.debts:
            return
        base, at, key = word.partition("@")
        periodic = self.debts.get(base)
        if periodic is None:
            near = did_you_mean(base, self.debts)
            self.tell(
                "F641",
                place,
                "warning",
                value=word,
                suggestion=near and near + at + key,
                expected=_debt_names(self.debts),
            )
            return
        if at and (not key or (periodic and not _is_period(key))):
            read = _period(key, "") if key else None
            suggestion = f"{base}@{read[0]}" if read else base
            expected = Both("a period such as `2026-01` after `@`", "“@”之后形如“2026-01”的期间")
            self.tell("F641", place, "warning", value=word, suggestion=suggestion, expected=expected)
            return

    # closings and completeness

    def _closings(self, table: Table) -> None:
        places = self._headings(table, _CLOSING_COLUMNS, _CLOSING_COLUMNS)
        if places is None:
            return
        for row in self._whole(table, places.values()):
            read: dict[str, Scalar | Said | Bad] = {}
            for name, type in (("as_of", DATE), ("complete_through", DATE), ("source", TEXT)):
                index = places.get(name)
                raw = None if index is None or row.cells[index] is Missing.KEY else row.cells[index]
                read[name] = Said.BLANK if raw is None or index is None else self._read(raw, type, table, row, index)
            if any(isinstance(value, Bad) for value in read.values()):
                continue
            as_of, through, source = read["as_of"], read["complete_through"], read["source"]
            at = _date_or_none(as_of)
            place = Place(table.file, row.number, row.path, table.sheet)
            origin = Origin(table.file, table.sheet, row.number, row.path)
            if at is not None:
                self.closings.setdefault(at, {})
            until = _date_or_none(through)
            if until is None:
                if at is None:
                    self.tell("F635", place, column="complete_through")
                continue
            self._completeness(at, source if isinstance(source, str) else "", until, place, origin)

    def _complete_through(self, table: Table) -> None:
        for row in table.rows:
            for index, column in enumerate(table.columns):
                raw = row.cells[index]
                if raw is Missing.KEY:
                    continue
                value = self._read(raw, DATE, table, row, index)
                if isinstance(value, dt.date):
                    place, origin = self._place(table, row, index), self._origin(table, row, index)
                    self._completeness(None, column, value, place, origin)
                elif isinstance(value, Said):
                    self.tell("F635", self._place(table, row, index), column=column or "complete_through")

    def _completeness(self, at: dt.date | None, source: str, until: dt.date, place: Place, origin: Origin) -> None:
        target = self.complete if at is None else self.closings.setdefault(at, {})
        names: list[str | None] = [None]
        if source not in EVERY_SOURCE:
            names = list(_of_source(self.contract, source))
            if not names:
                sources = [fact.source for fact in self.contract.facts if fact.source]
                suggestion = did_you_mean(source, [*self.declared, *sources])
                self.tell("F601", place, column=source, suggestion=suggestion)
                return
        for name in names:
            before = target.get(name)
            if before is not None and before != until:
                self.tell(
                    "F621",
                    place,
                    name=name or "complete_through",
                    month="—" if at is None else at.isoformat(),
                    left=before.isoformat(),
                    right=until.isoformat(),
                    first=_at(_place_of(self.complete_origins[at, name])),
                )
                continue
            target[name] = until
            self.complete_origins[at, name] = origin

    # cells

    def _read(self, raw: object, type: Type, table: Table, row: Row, index: int) -> Scalar | Said | Bad:
        """The value of a cell; what is wrong with it is told here."""
        if isinstance(raw, Fault):
            value: Scalar | Said | Bad = cells.bad(raw.code, value=raw.text or None)
        elif table.sheet is not None and type.kind in ("date", "moment") and _bare_number(raw):
            value = cells.serial(str(raw))
        else:
            value = cells.read(raw, type, self.parties)
        if isinstance(value, Bad):
            self.bad(value, self._place(table, row, index, raw))
        return value

    def _origin(self, table: Table, row: Row, index: int) -> Origin:
        raw, column = row.cells[index], table.columns[index]
        if row.path is not None:
            column = f"{row.path}.{column}"
        line = getattr(raw, "line", None) or row.number
        return Origin(table.file, table.sheet, line, column or None, _text_of(raw))

    def _place(self, table: Table, row: Row, index: int, raw: object = None) -> Place:
        column = table.columns[index]
        if row.path is not None:
            column = f"{row.path}.{column}"
        line = getattr(row.cells[index], "line", None) or row.number
        return Place(table.file, line, column or None, table.sheet)

    # all together

    def facts(self, made: Iterable[Table], most: int | None = MOST_FINDINGS) -> Given:
        for table in made:
            self.take(table)
        records = {name: self._keyed(self.declared[name], drafts) for name, drafts in self.records.items()}
        payments = {name: self._referred(name, drafts) for name, drafts in self.payments.items()}
        found = _bounded(self.found, most)
        if has_errors(found):
            return None, found
        return self._facts(records, payments), found

    def _keyed(self, fact: model.FactDecl, drafts: list[_Draft]) -> tuple[Record, ...]:
        if fact.keyed_by is None:
            return _numbered(drafts)
        first_of: dict[str, Place] = {}
        for key, place in self.sighted.get(fact.name, ()):
            if key in first_of:
                self.tell("F605", place, key=key, list=fact.name, first=_at(first_of[key]))
            first_of.setdefault(key, place)
        seen: dict[str, _Draft] = {}
        for draft in drafts:
            seen.setdefault(draft.key or "", draft)
        made = (Record(key, d.on, d.fields, d.reported, d.origin) for key, d in seen.items())
        return tuple(sorted(made, key=_record_order))

    def _referred(self, name: str, drafts: list[tuple[str | None, Payment]]) -> tuple[Payment, ...]:
        seen: dict[object, Payment] = {}
        first_of: dict[str, Place] = {}
        for sighted, place in self.sighted.get(name, ()):
            if sighted in first_of:
                self.tell("F613", place, ref=sighted, first=_at(first_of[sighted]))
            first_of.setdefault(sighted, place)
        for ref, payment in drafts:
            if ref is not None:
                continue
            same = (payment.on, payment.payer, payment.payee, payment.currency, payment.amount)
            alike = (*same, payment.reported, payment.for_, payment.kind)
            if alike in seen:
                first = _at(_place_of(seen[alike].origin))
                self.tell("F614", _place_of(payment.origin), first=first)
            seen.setdefault(alike, payment)
        return _with_refs(drafts)

    def _said_complete(self) -> dt.date | None:
        """The last day of which the facts say that they are complete to it, or that a statement was made on it."""
        days = {*self.closings, *self.complete.values()}
        return max(days.union(*(through.values() for through in self.closings.values())), default=None)

    def _facts(self, records: Mapping[str, tuple[Record, ...]], payments: Mapping[str, tuple[Payment, ...]]) -> Facts:
        closings = tuple(Closing(as_of, dict(self.closings[as_of])) for as_of in sorted(self.closings))
        return sealed(
            Facts(
                scalars={name: dict(sorted(self.values[name].items())) for name in sorted(self.values)},
                records={name: records[name] for name in sorted(records)},
                payments={name: payments[name] for name in sorted(payments)},
                carried=frozenset(self.carried),
                closings=closings,
                complete_through=dict(self.complete),
                months=_months(self.periods, self.blank_periods, self._said_complete(), records, payments),
            )
        )


def _told(value: Bad, place: Place | None) -> Diagnostic:
    return Diagnostic(value.code, "error", None, tuple(sorted(value.args, key=_word)), place=place)


def _word(arg: tuple[str, Arg]) -> str:
    return arg[0]


def _bounded(found: list[Diagnostic], most: int | None) -> tuple[Diagnostic, ...]:
    """Each once, and no more than a reader can take in."""
    unique = list(dict.fromkeys(found))
    if most is None or len(unique) <= most:
        return tuple(unique)
    errors = [one for one in unique if one.severity == "error"]
    shown = (errors or unique)[:most]
    severity: Literal["error", "warning"] = "error" if errors else "warning"
    return (*shown, diagnostic(severity, "F639", count=len(unique) - len(shown)))


# ---- periods -------------------------------------------------------------------------------------

_MONTH: Final = re.compile(r"([0-9]{4})(?:[-/]([0-9]{1,2})|年([0-9]{1,2})月)")
_QUARTER: Final = re.compile(r"([0-9]{4})(?:[-/ ]?Q([1-4])|年?第?([1-4一二三四])季度)", re.IGNORECASE)
_WEEK: Final = re.compile(r"([0-9]{4})(?:[-/ ]?W([0-9]{1,2})|年?第([0-9]{1,2})周)", re.IGNORECASE)
_YEAR: Final = re.compile(r"([0-9]{4})年?(?:度)?")
_CHINESE: Final = {"一": "1", "二": "2", "三": "3", "四": "4"}


def _period(raw: object, grain: str) -> tuple[str, str] | None:
    """The key of a period and its grain: the grain that is asked for or, for "", the one that it spells."""
    if isinstance(raw, dt.datetime):
        if raw.time() != dt.time():
            return None
        raw = raw.date()
    if isinstance(raw, dt.date):
        return _period_of_day(raw, grain)
    if isinstance(raw, int) and not isinstance(raw, bool) and grain == "yearly":
        raw = str(raw)
    if not isinstance(raw, str) or len(raw) > 40:
        return None
    text = cells.fold(raw)
    key = ""
    if found := _MONTH.fullmatch(text):
        key = f"{found[1]}-{int(found[2] or found[3]):02d}"
    elif found := _QUARTER.fullmatch(text):
        which = found[2] or found[3]
        key = f"{found[1]}-Q{_CHINESE.get(which, which)}"
    elif found := _WEEK.fullmatch(text):
        key = f"{found[1]}-W{int(found[2] or found[3]):02d}"
    elif found := _YEAR.fullmatch(text):
        key = found[1]
    if not key:
        day = cells.day(text)
        return None if day is None else _period_of_day(day, grain)
    if not cells.YEARS[0] <= int(key[:4]) <= cells.YEARS[1]:
        return None
    try:
        kind = _GRAIN_OF_KIND[parse_period(key).kind]
    except (ValueError, KeyError):
        return None
    return (key, kind) if grain in ("", kind) else None


def _period_of_day(day: dt.date, grain: str) -> tuple[str, str] | None:
    """A spreadsheet turns `2026-01` into the first of January; a week may be named by its Monday."""
    if not cells.YEARS[0] <= day.year <= cells.YEARS[1]:
        return None
    match grain:
        case "monthly":
            return (month_of(day).key, grain) if day.day == 1 else None
        case "weekly":
            return (week_of(day).key, grain) if day.isoweekday() == 1 else None
        case "daily" | "":
            return day_of(day).key, "daily"
        case _:
            return None


def _months(
    keys: Iterable[str],
    blank: Iterable[str],
    complete: dt.date | None,
    records: Mapping[str, Sequence[Record]],
    payments: Mapping[str, Sequence[Payment]],
) -> tuple[str, ...]:
    """The months that facts were given for: those of the finest periods that were given, and where only
    records or payments were, those of their dates.

    A form has a row for every month of the term: rows at its end that are still blank are not yet given, unless the facts
    are said to be complete (`complete`) to the end of their month. Between rows that are filled a blank one says that
    nothing happened.
    """
    said, unsaid = _by_grain(keys), _by_grain(blank)
    grain = next((g for g in ("monthly", "quarterly", "yearly") if g in said or g in unsaid), "")
    empty = unsaid.get(grain, set())
    dates = {r.on for many in records.values() for r in many} or {p.on for some in payments.values() for p in some}
    dated = {month_of(day).key for day in dates}
    last = max(said[grain] if grain in said else dated.union(*said.values()), default=None)

    def given(month: str) -> bool:
        return last is None or month <= last or (complete is not None and parse_period(month).end <= complete)

    found = said.get(grain, set()) | {month for month in empty if given(month)}
    return tuple(sorted(found or dated))


def _by_grain(keys: Iterable[str]) -> dict[str, set[str]]:
    """The months that these periods cover, by the grain of the period: what is finer than a month as monthly."""
    found: dict[str, set[str]] = {}
    for key in keys:
        if key == "once":
            continue
        period = parse_period(key)
        grain = "monthly" if period.kind in ("month", "day", "week") else _GRAIN_OF_KIND.get(period.kind, "")
        last = month_of(period.end)
        first = month_of(period.start)
        covered = (first,) if period.kind in ("month", "day") else months_between(first.start, last.end)
        found.setdefault(grain, set()).update(month.key for month in covered)
    return found


# ---- keys, refs, the seal ------------------------------------------------------------------------


def _record_order(record: Record) -> tuple[dt.date, str]:
    return record.on, record.key


def _numbered(drafts: Iterable[_Draft]) -> tuple[Record, ...]:
    """Records without a key of their own get their date and their place among those of that date."""
    places: dict[dt.date, int] = {}
    made: list[tuple[dt.date, int, Record]] = []
    for draft in drafts:
        place = places[draft.on] = places.get(draft.on, 0) + 1
        key = f"{draft.on.isoformat()}#{place}"
        record = Record(key, draft.on, draft.fields, draft.reported, draft.origin)
        made.append((draft.on, place, record))
    made.sort(key=lambda one: one[:2])
    return tuple(record for _, _, record in made)


def _with_refs(drafts: Iterable[tuple[str | None, Payment]]) -> tuple[Payment, ...]:
    drafts = list(drafts)
    taken = {ref for ref, _ in drafts if ref is not None}
    places: dict[dt.date, int] = {}
    made: list[Payment] = []
    for ref, payment in drafts:
        while ref is None:
            place = places[payment.on] = places.get(payment.on, 0) + 1
            free = f"{payment.on.isoformat()}#{place}"
            ref = free if free not in taken else None
        made.append(attrs.evolve(payment, ref=ref))
    return tuple(sorted(made, key=lambda p: (p.on, p.ref)))


def _canonical(value: Scalar | Notice | None) -> str:
    """A value as text, the same for equal values and different for different ones of one type."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case dt.datetime():
            return value.isoformat()
        case dt.date():
            return value.isoformat()
        case Notice(sent=sent, received=received):
            return f"{sent or ''}>{received or ''}"
        case Duration(amount=amount, unit=unit):
            return f"{amount} {unit}"
        case _:
            return str(value)


def sealed(facts: Facts) -> Facts:
    """With the hash of the content: values, not their places, files or spelling."""
    digest = hashlib.sha256()
    for line in _content(facts):
        digest.update("\x1f".join(line).encode("utf-8", "surrogatepass"))
        digest.update(b"\x1e")
    return attrs.evolve(facts, sha256=digest.hexdigest())


def _content(facts: Facts) -> Iterator[tuple[str, ...]]:
    for name in sorted(facts.carried):
        yield "carried", name
    for month in facts.months:
        yield "month", month
    for name in sorted(facts.scalars):
        for key in sorted(facts.scalars[name]):
            yield "scalar", name, key, _cell_text(facts.scalars[name][key])
    for name in sorted(facts.records):
        for record in facts.records[name]:
            fields = (f"{field}={_cell_text(record.fields[field])}" for field in sorted(record.fields))
            yield "record", name, record.key, str(record.on), str(record.reported or ""), *fields
    for name in sorted(facts.payments):
        for p in facts.payments[name]:
            day = (str(p.on), str(p.reported or ""))
            yield (
                "payment",
                name,
                p.ref,
                p.payer,
                p.payee,
                p.currency,
                str(p.amount),
                *day,
                p.for_ or "",
                p.kind,
            )
    for closing in facts.closings:
        yield "closing", str(closing.as_of), *_completeness_text(closing.complete_through)
    yield "complete", *_completeness_text(facts.complete_through)


def _cell_text(cell: Cell) -> str:
    return "?" + _canonical(cell.value) if cell.unknown else f"{_tag(cell.value)}{_canonical(cell.value)}"


def _tag(value: Scalar | Notice | None) -> str:
    return "-" if value is None else "'" if isinstance(value, str) else "="


def _completeness_text(through: Mapping[str | None, dt.date]) -> list[str]:
    return sorted(f"{name or ''}={day.isoformat()}" for name, day in through.items())


# ---- small things --------------------------------------------------------------------------------


def dating_field(fact: model.FactDecl, fields: Sequence[Field]) -> str | None:
    """The field that dates a record: the declared one, else its first date."""
    if fact.dated_by is not None:
        return fact.dated_by
    return next((field.name for field in fields if field.type.kind in ("date", "moment")), None)


def _of_source(contract: model.Contract, source: str) -> Iterator[str]:
    """The facts that a source of completeness stands for: that of its name, else all that come from it."""
    if any(fact.name == source for fact in contract.facts):
        yield source
        return
    for fact in contract.facts:
        if fact.source == source:
            yield fact.name


def _is_period(key: str) -> bool:
    try:
        parse_period(key)
    except ValueError:
        return False
    return True


def _debt_names(debts: Iterable[str]) -> Both:
    return any_of([name for name in debts if "." not in name] or ["penalty"])


def _date_or_none(value: object) -> dt.date | None:
    return value if isinstance(value, dt.date) else None


def _bare_number(raw: object) -> bool:
    return isinstance(raw, str) and bool(re.fullmatch(r"[0-9]{1,7}(?:\.[0-9]+)?", raw.strip()))


def _text_of(raw: object) -> str | None:
    return None if raw is None else tables.spelled(raw)


def _place_of(origin: Origin) -> Place:
    return Place(origin.file, origin.row, origin.column, origin.sheet)


def _at(place: Place) -> Both:
    return Both(place_text(place, "en"), place_text(place, "zh"))


def _shown_cell(cell: Cell) -> Arg:
    if cell.unknown:
        return Both("unknown", "未知")
    if cell.value is None:
        return Both("blank", "空白")
    return cell.origin.text or _canonical(cell.value)


# ---- scenarios -----------------------------------------------------------------------------------


def from_scenario(contract: model.Contract, closings: Sequence[model.Closing]) -> Facts:
    """The facts of a scenario as they are known at the last of these closings.

    A later scalar replaces an earlier one, and corrected records replace those of their list that were given
    for the same period. What is first given after a closing was not reported by then, whatever its date.
    """
    declared = {fact.name: fact for fact in contract.facts}
    parties = _parties(contract)
    values: dict[str, dict[str, Cell]] = {}
    given: dict[tuple[str, str], list[_Draft | tuple[str | None, Payment]]] = {}
    carried: set[str] = set()
    periods: set[str] = set()
    earlier: list[Closing] = []
    last: dt.date | None = None
    for closing in closings:
        for corrected, facts in ((False, closing.facts), (True, closing.corrected)):
            replaced: set[tuple[str, str]] = set()
            for one in facts:
                fact = declared[one.name]
                periods.add(one.period)
                origin = _scenario_origin(contract, one)
                match one:
                    case model.GivenScalar():
                        if fact.type.kind in ("list", "payments", "intervals"):
                            (carried.add if one.known else carried.discard)(one.name)
                            given[one.name, one.period] = []
                            continue
                        if fact.happening:
                            carried.add(one.name)
                        cell = _scenario_cell(one, fact, origin)
                        if cell is not None:
                            values.setdefault(one.name, {})[one.period] = cell
                    case model.GivenRecords():
                        carried.add(one.name)
                        place = (one.name, one.period)
                        if corrected and place not in replaced:
                            given[place] = []
                            replaced.add(place)
                        target = given.setdefault(place, [])
                        for fields in one.records:
                            target.append(_scenario_record(contract, fact, dict(fields), one, origin, parties, last))
        if closing is not closings[-1]:
            at = closing.as_of
            if at is not None:
                earlier.append(Closing(at, _scenario_completeness(contract, closing)))
                last = at
    drafts: dict[str, list[_Draft]] = {}
    payments: dict[str, list[tuple[str | None, Payment]]] = {}
    for (name, _), many in given.items():
        for draft in many:
            if isinstance(draft, _Draft):
                drafts.setdefault(name, []).append(draft)
            else:
                payments.setdefault(name, []).append(draft)
    records = {
        name: _keyed_last(drafts.get(name, [])) if declared[name].keyed_by else _numbered(drafts.get(name, []))
        for name in sorted(carried)
        if declared[name].type.kind in ("list", "intervals")
    }
    paid = {
        name: _with_refs(payments.get(name, [])) for name in sorted(carried) if declared[name].type.kind == "payments"
    }
    return sealed(
        Facts(
            scalars={name: dict(sorted(values[name].items())) for name in sorted(values)},
            records=records,
            payments=paid,
            carried=frozenset(carried),
            closings=tuple(earlier),
            complete_through=_scenario_completeness(contract, closings[-1]) if closings else {},
            months=_months(periods, (), None, records, paid),
        )
    )


def _scenario_completeness(contract: model.Contract, closing: model.Closing) -> dict[str | None, dt.date]:
    through: dict[str | None, dt.date] = {}
    for source, day in closing.complete_through:
        for name in [None] if source is None else (list(_of_source(contract, source)) or [source]):
            through[name] = day
    return through


def _scenario_origin(contract: model.Contract, one: model.GivenScalar | model.GivenRecords) -> Origin:
    home, there = contract.source.origin(one.span)
    line, _ = home.position(there.start)
    return Origin(contract.source.name, None, line, one.name, None)


def _scenario_cell(one: model.GivenScalar, fact: model.FactDecl, origin: Origin) -> Cell | None:
    if not one.known:
        return Cell(None, origin, unknown=True)
    match one.value:
        case None:
            return Cell(None, origin) if fact.happening else None
        case tuple():
            sent, received = one.value
            return Cell(Notice(sent, received) if sent or received else None, origin)
        case dt.date() if fact.type.kind == "notice":
            return Cell(Notice(None, one.value), origin)
        case _:
            return Cell(one.value, origin)


def _scenario_record(
    contract: model.Contract,
    fact: model.FactDecl,
    fields: dict[str, Scalar | Unknown],
    one: model.GivenRecords,
    origin: Origin,
    parties: Mapping[str, str],
    last: dt.date | None,
) -> _Draft | tuple[str | None, Payment]:
    declared_fields = INTERVAL_FIELDS if fact.type.kind == "intervals" else fact.type.fields
    dated_by = "on" if fact.type.kind == "payments" else dating_field(fact, declared_fields)
    on = fields.get(dated_by) if dated_by else parse_period(one.period).end
    on = on.date() if isinstance(on, dt.datetime) else on
    assert isinstance(on, dt.date)  # the checker has seen to it
    reported = _date_or_none(fields.get("reported"))
    if reported is None and last is not None and on <= last:
        reported = last + dt.timedelta(days=1)
    if fact.type.kind != "payments":
        made: dict[str, Cell] = {}
        for field in declared_fields:
            value = fields.get(field.name)
            said = isinstance(value, Unknown)
            lacks = field.name not in fields and not field.optional and field.type.kind not in ("date", "moment")
            made[field.name] = Cell(None if isinstance(value, Unknown) else value, origin, unknown=said or lacks)
        key = _canonical(made[fact.keyed_by].value) if fact.keyed_by else None
        return _Draft(key, on, made, reported, origin)
    amount = fields["amount"]
    assert isinstance(amount, int | Fraction) and not isinstance(amount, bool)
    ref, for_ = fields.get("ref"), fields.get("for", fields.get("for_"))
    payer, payee = str(fields["payer"]), str(fields["payee"])
    return None if ref is None else str(ref), Payment(
        ref="",
        payer=parties.get(payer, payer),
        payee=parties.get(payee, payee),
        currency=str(fields.get("currency") or contract.header.currency),
        amount=amount,
        on=on,
        reported=reported,
        for_=None if for_ is None else str(for_),
        kind=str(fields.get("kind") or "payment"),
        source=fact.name,
        origin=origin,
    )


def _keyed_last(drafts: Iterable[_Draft]) -> tuple[Record, ...]:
    """Of two records with one key the later given one holds: it is the correction."""
    last = {draft.key or "": draft for draft in drafts}
    made = (Record(key, d.on, d.fields, d.reported, d.origin) for key, d in last.items())
    return tuple(sorted(made, key=_record_order))
