"""A folder of CSVs, a workbook, JSON, YAML or plain data as neutral tables: headings, rows, their places.

Nothing here knows the contract. A cell stays what the file has: text for CSV, JSON and YAML (numbers too, so
that no digit is lost), and for a workbook also a date or a boolean. What a format would let pass silently (a
key that stands twice, NaN, a number that a spreadsheet has cut, a formula without its result) is found here,
because only here it can be seen.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import sys
import unicodedata
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Final

import attrs

from clausal.dsl.diagnostics import Both, Cell, Diagnostic, any_of, error

MOST_BYTES: Final = 64 * 1024 * 1024
MOST_ROWS: Final = 1_000_000
MOST_CELLS: Final = 20_000_000
MOST_COLUMNS: Final = 2_000
MOST_FILES: Final = 2_000
MOST_DEPTH: Final = 40
MOST_UNPACKED: Final = 8 * MOST_BYTES
MOST_DIGITS_OF_A_SPREADSHEET: Final = 15
MOST_OF_A_TAB: Final = 31
_NO_TAB: Final = re.compile(r'[\[\]:*?/\\<>"|\x00-\x1f]')

ENDINGS: Final = (".csv", ".xlsx", ".xlsm", ".json", ".yaml", ".yml")
_TABLE_ENDINGS: Final = frozenset(
    {".xls", ".xlsb", ".ods", ".numbers", ".tsv", ".txt", ".toml", ".xml", ".parquet", ".et", ".doc", ".docx"}
)
_ENCODINGS: Final[Mapping[str, str]] = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "cp936": "gb18030",
}
# The column that says of which period a row is, and the grain of the facts beside it (`period`: by its form).
PERIOD_COLUMNS: Final[Mapping[str, str]] = {
    "month": "monthly",
    "月份": "monthly",
    "quarter": "quarterly",
    "季度": "quarterly",
    "week": "weekly",
    "周": "weekly",
    "date": "daily",
    "日期": "daily",
    "year": "yearly",
    "年份": "yearly",
    "period": "",
}
# What a period looks like as the key of an object; whether there is such a one is asked later.
PERIOD_KEY: Final = re.compile(r"\s*[0-9]{4}(?:[-/年]\s*[0-9A-Z第].*|Q[1-4]\s*|年?\s*)", re.DOTALL)


class Missing(Enum):
    """What stands in a row for a key that the row doesn't have: not even a blank."""

    KEY = "key"


@attrs.frozen
class Fault:
    """A cell that the file itself shows to be no value: its code and the text that stands there."""

    code: str
    text: str


class Text(str):
    """Text that remembers its line, for YAML."""

    line: int | None = None


@attrs.frozen
class Row:
    """`number` is the line or row, from 1; `path` is where it stands in an object (`orders[3]`). There are as
    many cells as the table has columns."""

    number: int | None
    cells: Sequence[object]
    path: str | None = None


@attrs.frozen
class Table:
    """`name` is the file's name without its ending, the sheet's, or the key's. A period that is a key of an
    object stands under the heading `period`. `wrong` is what makes a sheet no table: it is told if the sheet is asked for,
    since one of notes may look as it likes."""

    name: str
    file: str
    sheet: str | None
    columns: tuple[str, ...]
    rows: Sequence[Row]
    heading_row: int | None = None
    wrong: tuple[Diagnostic, ...] = ()


# Files


def read_tables(
    path: Path, encoding: str | None, scalars: Container[str], names: Iterable[str]
) -> tuple[list[Table], list[Diagnostic]]:
    """Every table of a file or of a folder's files, in the order of their names, and what is wrong with them.

    `scalars` are the names of facts with one value per period, which an object may have as keys of periods.
    `names` are all that a table may be called: a file of a kind that is not read is refused if it has such a
    name, and left alone otherwise.
    """
    codec = None
    if encoding is not None:
        codec = _ENCODINGS.get(encoding.strip().lower().replace("_", "-"))
        if codec is None:
            expected = any_of(("utf-8", "gb18030"))
            return [], [error("F603", value=encoding, expected=expected, place="--encoding")]
    try:
        if not path.exists():
            return [], [_unreadable(path.name, _GONE)]
        if not path.is_dir():
            return _read_file(path, path.name, codec, scalars)
        files = sorted((p for p in path.iterdir() if p.name[0] not in ".~" and p.is_file()), key=_by_name)
    except (OSError, ValueError) as problem:
        return [], [_unreadable(path.name, _reason(problem))]
    tables: list[Table] = []
    found: list[Diagnostic] = []
    if len(files) > MOST_FILES:
        return [], [_too_large(path.name, Both("this folder", "该文件夹"), f"{MOST_FILES:,}", "files", "个文件")]
    known = {name.casefold() for name in names}
    read = 0
    for file in files:
        ending = file.suffix.lower()
        if ending in ENDINGS:
            more, wrong = _read_file(file, file.name, codec, scalars)
            read += 1
            tables += more
            found += wrong
        elif ending in _TABLE_ENDINGS and unicodedata.normalize("NFC", file.stem).casefold() in known:
            found.append(_not_read(file.name, ending))
    if not read and not found:
        found.append(error("F630", place=path.name or str(path), hint=_WHAT_TO_GIVE))
    return tables, found


def tabs(names: Iterable[str]) -> dict[str, str]:
    """What the sheets and files of these tables are called, where a spreadsheet or a file system takes no such name: the
    tab by the name. A tab is at most 31 characters long, no two differ only in the size of their letters, and none is
    the name of another table."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    plain = {name: _NO_TAB.sub("_", name).strip(" .'") or "_" for name in names}
    for name, tab in sorted(plain.items(), key=lambda one: one[0] != one[1][:MOST_OF_A_TAB]):
        number = 1
        tab = tab[:MOST_OF_A_TAB]
        while tab.casefold() in taken:
            number += 1
            tab = f"{plain[name][: MOST_OF_A_TAB - 4]}_{number}"
        taken.add(tab.casefold())
        found[name] = tab
    return found


def _by_name(path: Path) -> str:
    return path.name


def _read_file(
    path: Path, name: str, codec: str | None, scalars: Container[str]
) -> tuple[list[Table], list[Diagnostic]]:
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        return [], [_not_read(name, ending or path.name)]
    try:
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as problem:
        return [], [_unreadable(name, _reason(problem))]
    if len(content) > MOST_BYTES:
        what = Both("this file", "该文件")
        return [], [_too_large(name, what, f"{MOST_BYTES // 1024 // 1024}", "MB", "MB")]
    stem = unicodedata.normalize("NFC", path.stem)
    if ending in (".xlsx", ".xlsm"):
        return from_workbook(content, name)
    text = decode(content, name, codec)
    if isinstance(text, Diagnostic):
        return [], [text]
    if not text.strip():
        return [], [error("F630", place=name, hint=_WHAT_TO_GIVE)]
    match ending:
        case ".csv":
            return from_csv(text, stem, name)
        case ".json":
            return from_json(text, name, scalars)
        case _:
            return from_yaml(text, name, scalars)


def decode(content: bytes, name: str, codec: str | None) -> str | Diagnostic:
    """The text of a file: UTF-8 with or without its mark, or the encoding that was named; never a guess."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        hint = Both("the file is UTF-16; save it as UTF-8", "该文件为UTF-16编码，请另存为UTF-8")
        return error("F609", place=Cell(name, 1), encoding="UTF-8", byte=1, hint=hint)
    if content[:3] == b"\xef\xbb\xbf":
        content, codec, skipped = content[3:], "utf-8", 3
    else:
        codec, skipped = codec or "utf-8", 0
    try:
        return content.decode(codec)
    except UnicodeDecodeError as problem:
        row = content.count(b"\n", 0, problem.start) + 1
        byte = problem.start + skipped + 1
        return error("F609", place=Cell(name, row), encoding=codec.upper(), byte=byte)


_GONE: Final = Both("there is no such file", "没有这个文件")
_WHAT_TO_GIVE: Final = Both(
    "give a folder of CSV files (`monthly.csv`, and one for each list), a workbook, a JSON or a YAML file",
    "请提供CSV文件夹（“monthly.csv”以及每个清单一个文件）、工作簿、JSON或者YAML文件",
)


def _reason(problem: Exception) -> Both:
    match problem:
        case FileNotFoundError():
            return _GONE
        case PermissionError():
            return Both("reading it is not permitted", "没有读取权限")
        case _:
            return Both("the file system refuses to read it", "文件系统拒绝读取")


def _unreadable(name: str, reason: Both) -> Diagnostic:
    return error("F629", place=name, reason=reason)


def _not_read(name: str, ending: str) -> Diagnostic:
    return error("F620", place=name, found=ending, expected=any_of(ENDINGS))


def _too_large(name: str, what: Both, limit: str, unit_en: str, unit_zh: str) -> Diagnostic:
    return error("F632", place=name, what=what, limit=Both(f"{limit} {unit_en}", f"{limit}{unit_zh}"))


def _broken(name: str, what: str, reason: Both, row: int | None = None, column: int | None = None) -> Diagnostic:
    place = Cell(name, row, None if column is None else str(column))
    return error("F631", place=place, format=what, reason=reason)


def _too_wide(name: str, sheet: str | None = None) -> Diagnostic:
    what, limit = Both("this table", "该表"), Both(f"{MOST_COLUMNS:,} columns", f"{MOST_COLUMNS:,}列")
    return error("F632", place=Cell(name, None, None, sheet), what=what, limit=limit)


def heading(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip() if not text.isascii() else text.strip()


# CSV


def from_csv(text: str, stem: str, file: str) -> tuple[list[Table], list[Diagnostic]]:
    """The one table of a file. A row has as many cells as the heading; blank lines are passed over."""
    rows: list[Row] = []
    found: list[Diagnostic] = []
    columns: tuple[str, ...] | None = None
    heading_row = 1
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 0
    try:
        for cells in reader:
            line, before = reader.line_num, line
            if not any(cells) or not any(map(str.strip, cells)):
                continue
            if columns is None:
                if len(cells) > MOST_COLUMNS:
                    return [], [_too_wide(file)]
                columns, heading_row = tuple(map(heading, cells)), before + 1
                if len(columns) == 1:
                    found += _other_separator(columns[0], file, heading_row)
                    if found:
                        return [], found
                continue
            rows.append(Row(before + 1, cells))
            if len(rows) > MOST_ROWS:
                what = Both("this table", "该表")
                return [], [_too_large(file, what, f"{MOST_ROWS:,}", "rows", "行")]
    except csv.Error as problem:
        return [], [_broken(file, "CSV", _csv_reason(str(problem)), line + 1)]
    if columns is None:
        return [], [error("F630", place=file, hint=_WHAT_TO_GIVE)]
    return [_trimmed(Table(stem, file, None, columns, rows, heading_row), found)], found


def _csv_reason(said: str) -> Both:
    if "field larger" in said:
        return Both(
            "a cell is longer than 131,072 characters; most often a quotation mark is not closed",
            "某一单元格超过131,072个字符，多半是引号没有闭合",
        )
    if "unexpected end" in said:
        return Both(
            "a quotation mark is opened and never closed",
            "引号没有闭合",
        )
    if "expected after" in said:
        return Both(
            "something stands between a closing quotation mark and the next comma",
            "闭合的引号与下一个逗号之间还有其他内容",
        )
    return Both("its quotation marks or line breaks don't match", "引号或者换行不成对")


def _other_separator(text: str, file: str, row: int) -> Iterator[Diagnostic]:
    for sign, en, zh in (
        ("\t", "tabs", "制表符"),
        (";", "semicolons", "分号"),
        ("，", "full-width commas", "全角逗号"),
        ("；", "full-width semicolons", "全角分号"),
        ("|", "bars", "竖线"),
    ):
        if sign in text:
            reason = Both(f"its columns are separated by {en}; commas are needed", f"各列以{zh}分隔，应当使用英文逗号")
            yield _broken(file, "CSV", reason, row)
            return


def _trimmed(table: Table, found: list[Diagnostic]) -> Table:
    """Without columns that have no heading and no cell, and with every row as long as the heading.

    A row that is short by cells is kept with `Missing`: only the contract knows whether they may be left out.
    """
    width = len(table.columns)
    rows: list[Row] = []
    for row in table.rows:
        cells = row.cells
        if len(cells) > width:
            if any(filled(cell) for cell in cells[width:]):
                place = Cell(table.file, row.number, None, table.sheet)
                found.append(error("F622", place=place, found=len(cells), expected=width))
                continue
            row = Row(row.number, cells[:width])
        elif len(cells) < width:
            row = Row(row.number, [*cells, *[Missing.KEY] * (width - len(cells))])
        rows.append(row)
    blank = [i for i, name in enumerate(table.columns) if not name]
    if not blank:
        return attrs.evolve(table, rows=rows)
    for i in blank:
        first = next((row for row in rows if filled(row.cells[i])), None)
        if first is not None:
            place = Cell(table.file, first.number, str(i + 1), table.sheet)
            found.append(error("F633", place=place, found=spelled(first.cells[i])))
    keep = [i for i, name in enumerate(table.columns) if name]
    return attrs.evolve(
        table,
        columns=tuple(table.columns[i] for i in keep),
        rows=[Row(row.number, [row.cells[i] for i in keep]) for row in rows],
    )


def filled(cell: object) -> bool:
    if isinstance(cell, str):
        return bool(cell.strip())
    return cell is not None and cell is not Missing.KEY


def spelled(value: object) -> str:
    """What stands in a cell, as text for a reader; never more than that, and never an error."""
    match value:
        case None:
            return ""
        case Fault():
            return value.text
        case bool():
            return "true" if value else "false"
        case str():
            return str(value)
        case dt.datetime():
            return value.isoformat(" ")
        case Mapping():
            return "{…}"
        case list() | tuple():
            return "[…]"
        case int() | Fraction() | Decimal() | float() | dt.date():
            try:
                return str(value)
            except ValueError:  # an integer of thousands of digits
                return "…"
        case _:
            return f"<{value.__class__.__name__}>"


# Workbooks


def from_workbook(content: bytes, file: str) -> tuple[list[Table], list[Diagnostic]]:
    """A table for each sheet that has a cell."""
    import zipfile

    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        reason = Both("it is encrypted, or in the old format of `.xls`", "该文件已加密，或者为旧版“.xls”格式")
        return [], [_unreadable(file, reason)]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            marks = _marks(parts)
    except _TooLarge as problem:
        return [], [_too_large(file, Both("this workbook", "该工作簿"), *problem.limit)]
    except _NoDay as problem:
        expected = Both("a date like `2026-03-09`", "形如“2026-03-09”的日期")
        return [], [
            error(
                "F603",
                place=Cell(file, problem.row, problem.column, problem.sheet),
                value=problem.text,
                expected=expected,
            )
        ]
    except Exception:  # whatever a broken archive makes of itself, it is no workbook
        return [], [_unreadable(file, _NO_WORKBOOK)]
    try:
        from python_calamine import CalamineWorkbook, SheetTypeEnum

        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        sheets = [(name, book.get_sheet_by_name(name)) for name in names]
        raw = [(name, sheet.start or (0, 0), sheet.to_python(skip_empty_area=True)) for name, sheet in sheets]
    except Exception:  # the library raises errors of its own, of archives and of XML
        return [], [_unreadable(file, _NO_WORKBOOK)]
    tables: list[Table] = []
    found: list[Diagnostic] = []
    for name, (top, left), cells in raw:
        marked = marks.get(name, {})
        columns: tuple[str, ...] | None = None
        heading_row = 1
        rows: list[Row] = []
        for i, line in enumerate(cells):
            number = top + i + 1
            read = [_from_sheet(cell, marked.get((number, left + j + 1))) for j, cell in enumerate(line)]
            if not any(map(filled, read)):
                continue
            if columns is None:
                columns, heading_row = tuple(_heading_of(cell) for cell in read), number
            else:
                rows.append(Row(number, read))
        if columns is not None and sum(map(bool, columns)) > MOST_COLUMNS:
            found.append(_too_wide(file, name))
        elif columns is not None:
            wrong: list[Diagnostic] = []
            table = _trimmed(Table(heading(name), file, name, columns, rows, heading_row), wrong)
            tables.append(attrs.evolve(table, wrong=tuple(wrong)))
    if not tables and not found:
        found.append(error("F630", place=file, hint=_WHAT_TO_GIVE))
    return tables, found


_NO_WORKBOOK: Final = Both("it is no workbook, or it is damaged", "该文件不是工作簿，或者已经损坏")


def _heading_of(cell: object) -> str:
    match cell:
        case str():
            return heading(cell)
        case None:
            return ""
        case _:
            return spelled(cell)


def _from_sheet(cell: object, mark: str | None) -> object:
    """A cell as text, boolean, date or datetime. Of a float the shortest decimal is what was typed."""
    if mark is not None and mark != "%":
        return Fault("F617", "") if mark == "f" else Fault("F625", mark)
    match cell:
        case str():
            return cell
        case bool() | dt.date():
            return cell
        case dt.time() | dt.timedelta():
            return str(cell)
        case _:
            return _shortest(repr(cell), mark == "%")


def _shortest(typed: str, percent: bool) -> object:
    number = Decimal(typed)
    if not number.is_finite():
        return typed
    digits = len(number.normalize().as_tuple().digits)
    if digits > MOST_DIGITS_OF_A_SPREADSHEET or abs(number.adjusted()) > 2 * MOST_DIGITS_OF_A_SPREADSHEET:
        return Fault("F616", typed)
    if percent:
        return format(number.scaleb(2).normalize(), "f") + "%"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class _TooLarge(Exception):
    def __init__(self, limit: str, unit_en: str, unit_zh: str) -> None:
        super().__init__()
        self.limit = (limit, unit_en, unit_zh)


class _NoDay(Exception):
    """A number so large that the library breaks off when it has to be a date."""

    def __init__(self, sheet: str, place: re.Match[bytes] | None, text: str) -> None:
        super().__init__()
        self.sheet, self.text = sheet, text
        self.column = None if place is None else place[1].decode()
        self.row = None if place is None else int(place[2])


_REFERENCE: Final = re.compile(rb"""\sr\s*=\s*["']\s*\$?([A-Za-z]{1,8})\$?([0-9]{1,12})""")
# A cell with its inside up to its own end: a run of broken cells must not start the search over for each.
_CELL: Final = re.compile(rb"<(?:\w+:)?c\b([^<>]*?)(?:/>|>([^<]*(?:<(?!/?(?:\w+:)?c\b)[^<]*)*)</(?:\w+:)?c\s*>)")
_VALUE: Final = re.compile(rb"<(?:\w+:)?(?:v|is)\b[^>]*>\s*[^<\s]")
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f\b")
_STYLE: Final = re.compile(rb"""\ss\s*=\s*["']([0-9]{1,6})["']""")
_IS_ERROR: Final = re.compile(rb"""\st\s*=\s*["']e["']""")
_IS_TEXT: Final = re.compile(rb"""\st\s*=\s*["'](?!n["'])""")
_HUGE: Final = re.compile(rb"<(?:\w+:)?v\b[^>]*>\s*([+-]?(?:[0-9]{11,}(?:\.[0-9]*)?|[0-9.]+[eE][+]?[0-9]+))\s*<")
_DATES: Final = frozenset(map(str, (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59))))
_V: Final = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]*)<")


def _marks(parts: object) -> dict[str, dict[tuple[int, int], str]]:
    """By sheet and (row, column) what the library doesn't tell: `f` a formula without a result, `%` a number
    shown as a percentage, else the text of an error.

    It also looks at how far apart cells stand: a sheet is read as a full rectangle, and two span a billion.
    """
    from xml.etree import ElementTree

    archive = parts
    if sum(info.file_size for info in archive.infolist()) > MOST_UNPACKED:  # type: ignore[attr-defined]
        raise _TooLarge(f"{MOST_UNPACKED // 1024 // 1024}", "MB unpacked", "MB（解压后）")
    names = set(archive.namelist())  # type: ignore[attr-defined]

    def part(name: str, most: int) -> bytes:
        with archive.open(name) as file:  # type: ignore[attr-defined]
            content: bytes = file.read(most + 1)
        if len(content) > most:
            raise _TooLarge(f"{most // 1024 // 1024}", "MB unpacked", "MB（解压后）")
        return content

    def elements(name: str, tag: str) -> Iterator[Mapping[str, str]]:
        if name in names:
            for element in ElementTree.fromstring(part(name, MOST_BYTES // 8)).iter():
                if element.tag.rpartition("}")[2] == tag:
                    yield element.attrib

    targets = {
        row["Id"]: row["Target"].lstrip("/").removeprefix("xl/")
        for row in elements("xl/_rels/workbook.xml.rels", "Relationship")
    }
    styles = part("xl/styles.xml", MOST_BYTES // 8) if "xl/styles.xml" in names else b"<none/>"
    percents, dates = _styles(styles, {"9", "10"}, "%"), _styles(styles, _DATES, "dmyhs")
    marks: dict[str, dict[tuple[int, int], str]] = {}
    for sheet in elements("xl/workbook.xml", "sheet"):
        identity = next((value for key, value in sheet.items() if key.endswith("}id")), "")
        name = "xl/" + targets.get(identity, "")
        if name in names:
            content = part(name, MOST_UNPACKED)
            _look_for_huge_dates(content, sheet["name"], dates)
            marks[sheet["name"]] = _marks_of_sheet(content, percents)
    return marks


def _look_for_huge_dates(content: bytes, sheet: str, dates: frozenset[int]) -> None:
    if not dates or not _HUGE.search(content):
        return
    for cell in _CELL.finditer(content):
        attributes, number = b" " + cell[1], _HUGE.search(cell[2] or b"")
        style = _STYLE.search(attributes)
        if number is not None and style is not None and int(style[1]) in dates and not _IS_TEXT.search(attributes):
            raise _NoDay(sheet, _REFERENCE.search(attributes), number[1].decode())


def _marks_of_sheet(content: bytes, percents: frozenset[int]) -> dict[tuple[int, int], str]:
    right = bottom = 1
    left = top = sys.maxsize
    for letters, digits in set(_REFERENCE.findall(content)):
        column, row = _column(letters), int(digits)
        right, bottom, left, top = max(right, column), max(bottom, row), min(left, column), min(top, row)
    if left > right:
        return {}
    if bottom - top > MOST_ROWS:
        raise _TooLarge(f"{MOST_ROWS:,}", "rows", "行")
    if (bottom - top + 1) * (right - left + 1) > MOST_CELLS:
        raise _TooLarge(f"{MOST_CELLS:,}", "cells", "个单元格")
    marks: dict[tuple[int, int], str] = {}
    if not (percents or b'"e"' in content or b"'e'" in content or _FORMULA.search(content)):
        return marks
    for cell in _CELL.finditer(content):
        attributes, inside = b" " + cell[1], cell[2] or b""
        mark = ""
        if _IS_ERROR.search(attributes):
            text = _V.search(inside)
            mark = text[1].decode("utf-8", "replace").strip() if text else ""
            mark = mark or "#ERROR"
        elif _FORMULA.search(inside) and not _VALUE.search(inside):
            mark = "f"
        elif percents and not _IS_TEXT.search(attributes):
            style = _STYLE.search(attributes)
            mark = "%" if style and int(style[1]) in percents else ""
        place = _REFERENCE.search(attributes) if mark else None
        if place is not None:
            marks[int(place[2]), _column(place[1])] = mark
    return marks


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _styles(content: bytes, known: Container[str], signs: str) -> frozenset[int]:
    """The numbers of the cell formats whose code is known by its number or has one of the signs."""
    from xml.etree import ElementTree

    root = ElementTree.fromstring(content)
    codes: dict[str, str] = {}
    for element in root.iter():
        if element.tag.rpartition("}")[2] == "numFmt":
            code = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", element.attrib.get("formatCode", ""))
            codes[element.attrib.get("numFmtId", "")] = code.lower()
    for element in root:
        if element.tag.rpartition("}")[2] == "cellXfs":
            numbers = (xf.attrib.get("numFmtId", "") for xf in element)
            return frozenset(
                i for i, n in enumerate(numbers) if n in known or any(sign in codes.get(n, "") for sign in signs)
            )
    return frozenset()


# JSON


class _Twice(dict[str, object]):
    """An object in which a key stands twice."""

    keys_twice: tuple[str, ...] = ()


class _Constant(str):
    """NaN, Infinity or -Infinity, which JSON does not have."""


def from_json(text: str, file: str, scalars: Container[str]) -> tuple[list[Table], list[Diagnostic]]:
    """Numbers stay text, so that `0.10` and a number of a hundred digits come through as they stand."""
    seen: list[object] = []

    def pairs(given: list[tuple[str, object]]) -> dict[str, object]:
        made: dict[str, object] = dict(given)
        if len(made) == len(given):
            return made
        once: set[str] = set()
        again: set[str] = set()
        for key, _ in given:
            (again if key in once else once).add(key)
        twice = _Twice(made)
        twice.keys_twice = tuple(sorted(again))
        seen.append(twice)
        return twice

    def constant(name: str) -> str:
        seen.append(name)
        return _Constant(name)

    try:
        data = json.loads(text, object_pairs_hook=pairs, parse_constant=constant, parse_int=str, parse_float=str)
    except json.JSONDecodeError as problem:
        reason = Both("it breaks off or has a sign too many here", "此处中断，或者多了符号")
        return [], [_broken(file, "JSON", reason, problem.lineno, problem.colno)]
    except RecursionError:
        return [], [_too_deep(file)]
    found = list(_json_faults(data, file)) if seen else []
    if found:
        return [], found
    return from_plain(data, file, scalars)


def _too_deep(file: str) -> Diagnostic:
    return _too_large(file, Both("this nesting", "嵌套层数"), str(MOST_DEPTH), "levels", "层")


def _json_faults(data: object, file: str) -> Iterator[Diagnostic]:
    """Keys that stand twice and constants, each with its path."""
    open_: list[tuple[object, str]] = [(data, "")]
    while open_:
        value, path = open_.pop()
        match value:
            case dict():
                if isinstance(value, _Twice):
                    for key in value.keys_twice:
                        yield error("F618", place=Cell(file, None, path or None), key=key)
                open_ += [(inner, _below(path, key)) for key, inner in reversed(value.items())]
            case list():
                open_ += [(inner, f"{path}[{i}]") for i, inner in reversed([*enumerate(value, 1)])]
            case _Constant():
                code = "F606" if value == "NaN" else "F607"
                yield error(code, place=Cell(file, None, path or None), value=str(value))


def _below(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


# YAML


def from_yaml(text: str, file: str, scalars: Container[str]) -> tuple[list[Table], list[Diagnostic]]:
    """Scalars stay text; `~` and `null` without quotes are blank. No anchors, tags, more documents."""
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    found: list[Diagnostic] = []
    # One frame for each open collection: the collection, and for a mapping the key that waits for its value.
    root: list[object] = []
    frames: list[tuple[list[object] | dict[str, object], list[Text]]] = [(root, [])]

    def put(value: object) -> None:
        collection, waiting = frames[-1]
        if isinstance(collection, list):
            collection.append(value)
        elif waiting:
            collection[waiting.pop()] = value
        elif isinstance(value, Text):
            if value in collection:
                found.append(error("F618", place=Cell(file, value.line), key=str(value)))
            waiting.append(value)
        else:
            found.append(refused(Both("a key that is no plain text", "非普通文本的键"), line))
            waiting.append(Text())

    def refused(what: Both | str, at: int) -> Diagnostic:
        return error("F623", place=Cell(file, at), found=what)

    documents = 0
    line = 1
    try:
        for event in yaml.parse(text, Loader=loader):
            line = event.start_mark.line + 1 if event.start_mark else line
            anchor = getattr(event, "anchor", None)
            tag = getattr(event, "tag", None)
            if isinstance(event, yaml.AliasEvent):
                found.append(refused(f"*{anchor}", line))
                put(_text("", line))
                continue
            if anchor is not None:
                found.append(refused(f"&{anchor}", line))
            if tag is not None:
                found.append(refused(str(tag), line))
            match event:
                case yaml.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        found.append(refused("---", line))
                        return [], found
                case yaml.ScalarEvent():
                    plain = event.style is None or event.style == ""
                    waiting = frames[-1][1] or isinstance(frames[-1][0], list)
                    null = plain and event.value in ("~", "null", "Null", "NULL")
                    put(None if null and waiting else _text(event.value, line))
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    if len(frames) > MOST_DEPTH:
                        return [], [_too_deep(file)]
                    made: list[object] | dict[str, object]
                    made = {} if isinstance(event, yaml.MappingStartEvent) else []
                    put(made)
                    frames.append((made, []))
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    frames.pop()
                case _:
                    pass
    except yaml.MarkedYAMLError as problem:
        at = problem.problem_mark or problem.context_mark
        reason = Both("its indentation or its signs don't match here", "此处缩进或者符号不符合YAML格式")
        if at is None:
            return [], [*found, _broken(file, "YAML", reason)]
        return [], [*found, _broken(file, "YAML", reason, at.line + 1, at.column + 1)]
    except (yaml.YAMLError, ValueError, RecursionError):
        reason = Both("it has characters that YAML does not allow", "其中含有YAML不允许的字符")
        return [], [*found, _broken(file, "YAML", reason)]
    if found:
        return [], found
    if not root:
        return [], [error("F630", place=file, hint=_WHAT_TO_GIVE)]
    return from_plain(root[0], file, scalars)


def _text(value: str, line: int) -> Text:
    text = Text(value)
    text.line = line
    return text


# Plain data


class _Grid:
    """Rows of one table with keys of their own, on their way to common columns."""

    def __init__(self) -> None:
        self.columns: dict[str, int] = {}
        self.rows: list[tuple[int | None, str | None, dict[str, object]]] = []

    def add(self, cells: dict[str, object], path: str | None, line: int | None) -> None:
        for name in cells:
            self.columns.setdefault(name, len(self.columns))
        self.rows.append((line, path, cells))

    def _settle_parts(self) -> None:
        """`letter: null` in one place and `letter: {received: …}` in another are one fact: blank parts there."""
        parts: dict[str, list[str]] = {}
        for column in self.columns:
            base, dot, _ = column.partition(".")
            if dot and base in self.columns:
                parts.setdefault(base, []).append(column)
        for base, inner in parts.items():
            given = [cells for _, _, cells in self.rows if base in cells]
            if all(cells[base] in (None, "") for cells in given):
                for cells in given:
                    cells.pop(base)
                    cells.update({part: None for part in inner if part not in cells})
                del self.columns[base]

    def table(self, name: str, file: str) -> Table:
        self._settle_parts()
        columns = tuple(self.columns)
        rows = [
            Row(line, [cells.get(column, Missing.KEY) for column in columns], path) for line, path, cells in self.rows
        ]
        return Table(name, file, None, columns, rows)


def from_plain(data: object, file: str, scalars: Container[str]) -> tuple[list[Table], list[Diagnostic]]:
    """The tables of nested data. What each key of the outermost object may hold:

    a list of records · an object of periods, each an object of values (`monthly`) · an object of values
    (`once`) · under the name of a scalar fact, an object of periods with its values · under a period, an
    object of values and of lists.
    """
    grids: dict[str, _Grid] = {}
    found: list[Diagnostic] = []

    def wrong(path: str, value: object, expected: Both) -> None:
        line = getattr(value, "line", None)
        place = Cell(file, line, path or None)
        shown = "null" if value is None else spelled(value)
        found.append(error("F603", place=place, value=shown, expected=expected))

    def grid(name: str) -> _Grid:
        return grids.setdefault(name, _Grid())

    def row(name: str, given: Mapping[object, object], path: str, first: dict[str, object], lists: bool = True) -> None:
        cells = first
        line: int | None = None
        for key, value in given.items():
            if not isinstance(key, str):
                wrong(path, key, Both("a name", "名称"))
                continue
            line = line or getattr(value, "line", None) or getattr(key, "line", None)
            written = heading(key)
            below = _below(path, key)
            match value:
                case Mapping():
                    if not value:
                        cells[written] = None
                    for part, inner in value.items():
                        if isinstance(inner, Mapping) or _is_rows(inner):
                            wrong(_below(below, part), inner, _ONE_VALUE)
                        else:
                            cells[f"{written}.{heading(str(part))}"] = inner
                case _ if _is_rows(value):
                    if lists:
                        records(written, value, below)
                    else:
                        wrong(below, value, _ONE_VALUE)
                case _:
                    if written in cells:
                        found.append(error("F618", place=Cell(file, line, path or None), key=written))
                    cells[written] = value
        grid(name).add(cells, path or None, line)

    def records(name: str, given: object, path: str) -> None:
        made = grid(name)
        assert isinstance(given, Sequence)
        if len(given) > MOST_ROWS:
            found.append(_too_large(file, Both("this list", "该清单"), f"{MOST_ROWS:,}", "rows", "行"))
            return
        for i, record in enumerate(given, 1):
            if isinstance(record, Mapping):
                row(name, record, f"{path}[{i}]", {}, lists=False)
            else:
                wrong(f"{path}[{i}]", record, Both("a record: names with their values", "记录：名称及其值"))
        if not given:
            made.columns.setdefault("", 0)

    def periods(name: str, given: Mapping[object, object], path: str) -> None:
        """An object of periods, or of values, or of both."""
        loose: dict[object, object] = {}
        for key, value in given.items():
            written = _period_key(key)
            if written is None:
                loose[key] = value
            elif isinstance(value, Mapping):
                row(name, value, _below(path, written), {"period": written})
            elif value is None or (isinstance(value, str) and not value.strip()):
                row(name, {}, _below(path, written), {"period": written})
            else:
                wrong(_below(path, written), value, Both("names with their values", "名称及其值"))
        if loose:
            row(name, loose, path, {})
        elif not given:
            grid(name)

    if _is_rows(data):
        assert isinstance(data, Sequence)
        if not data:  # no rows and no heading, like an empty file; `{}` says that there are no facts yet
            return [], [error("F630", place=file, hint=_WHAT_TO_GIVE)]
        for i, record in enumerate(data, 1):
            if isinstance(record, Mapping):
                inside = dict(record)
                name = inside.pop("fact", "")
                if "value" in inside and isinstance(name, str):
                    inside[name] = inside.pop("value")
                    name = "" if any(key in PERIOD_COLUMNS for key in inside) else "once"
                row(heading(str(name)), inside, f"[{i}]", {})
            else:
                wrong(f"[{i}]", record, Both("a row: names with their values", "行：名称及其值"))
    elif isinstance(data, Mapping):
        for key, value in data.items():
            name = heading(key) if isinstance(key, str) else str(key)
            path = str(key)
            period = _period_key(key)
            if isinstance(value, Mapping):
                if period is not None:
                    row("", value, path, {"period": period})
                elif name in scalars:
                    for at, inner in value.items():
                        written = _period_key(at)
                        if written is None:
                            row("once", {key: value}, "", {})
                            break
                        row("", {key: inner}, written, {"period": written})
                    else:
                        if not value:
                            grid("").columns.setdefault(name, 0)
                else:
                    periods(name, value, path)
            elif name == "once":
                wrong(path, value, Both("an object: names with their values", "对象：名称及其值"))
            elif _is_rows(value):
                records(name, value, path)
            elif name in scalars:
                row("once", {key: value}, "", {})
            elif value is None or (isinstance(value, str) and not value.strip()):
                grid(name).columns.setdefault("", 0)
            else:
                grid(name).add({"": value}, None, getattr(value, "line", None))
    else:
        wrong("", data, Both("an object: names with their values", "对象：名称及其值"))
    if len(grids) > MOST_FILES:
        what = Both("this object", "该对象")
        return [], [_too_large(file, what, f"{MOST_FILES:,}", "keys", "个键")]
    if any(len(made.columns) > MOST_COLUMNS for made in grids.values()):
        return [], [_too_wide(file)]
    return [made.table(name, file) for name, made in grids.items()], found


_ONE_VALUE: Final = Both("one value", "单个值")


def _is_rows(value: object) -> bool:
    return isinstance(value, list | tuple)


def _period_key(key: object) -> str | None:
    match key:
        case str() if PERIOD_KEY.fullmatch(key):
            return str(key)
        case dt.date() if not isinstance(key, dt.datetime):
            return key.isoformat()
        case _:
            return None
