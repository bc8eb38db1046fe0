"""Where the names of a contract stand in its files of facts: headings of a CSV, keys of JSON and YAML, cells that say a
party or a duty by its name. Texts only: what a workbook holds is told by whoever can read one."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

import attrs

from clausal.dsl.diagnostics import Span

Sort: TypeAlias = Literal["heading", "key", "cell", "file"]

# Columns whose cells are names of the contract: who pays whom, for which debt, whose completeness.
_NAMING: Final = frozenset(("payer", "payee", "for", "source", "付款人", "收款人", "用途", "来源", "数据"))
_CSV_CELL: Final = re.compile(r'"((?:[^"]|"")*)"|([^,\r\n]*)')
_JSON_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_YAML_KEY: Final = re.compile(
    r"(?m)^([ \t]*(?:- +)*)([^\s#:\"'-][^#:\n]*?|\"[^\"\n]*\"|'[^'\n]*')[ \t]*:(?=[ \t\r\n]|$)"
)


@attrs.frozen
class FactsFile:
    """A file of facts beside a contract. `text` is None for a workbook, which is no text, and `names` are its headings."""

    path: str
    text: str | None
    names: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        return posixpath.splitext(posixpath.basename(self.path.replace("\\", "/")))[0]

    @property
    def ending(self) -> str:
        return posixpath.splitext(self.path)[1].lower()


@attrs.frozen
class Word:
    """A name that a file says: its place, and the list (a file's name, or a key around it) that it stands in."""

    text: str
    span: Span
    sort: Sort
    list: str | None


def words_of(file: FactsFile) -> tuple[Word, ...]:
    """Every word of a file that could be a name of the contract, in order. Of `fact.part` it is the part before the dot."""
    if file.text is None:
        return ()
    match file.ending:
        case ".csv":
            return tuple(_of_csv(file.text, file.stem))
        case ".json":
            return tuple(_of_json(file.text))
        case ".yaml" | ".yml":
            return tuple(_of_yaml(file.text))
        case _:
            return ()


def standing(file: FactsFile, name: str, list: str | None = None) -> tuple[Word, ...]:
    """Where a name stands in a file; that of a field only in its list."""
    return tuple(
        word
        for word in words_of(file)
        if word.text == name and (list is None or (word.list == list and word.sort != "cell"))
    )


def holds(file: FactsFile, name: str) -> bool:
    """Whether a workbook has a name among its headings and sheets."""
    return file.text is None and name in file.names


def word_at(file: FactsFile, offset: int) -> Word | None:
    return next((word for word in words_of(file) if word.span.start <= offset <= word.span.end), None)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _named(raw: str, start: int, sort: Sort, list: str | None) -> Iterator[Word]:
    """The part of a heading or key that is a name: without blanks round it, and before a dot."""
    lead = len(raw) - len(raw.lstrip("\ufeff \t"))
    name = raw.strip("\ufeff \t").split("." if sort != "cell" else "@")[0]
    if name:
        yield Word(_plain(name), Span(start + lead, start + lead + len(name)), sort, list)


def _of_csv(text: str, stem: str) -> Iterator[Word]:
    columns: list[str] | None = None
    place = 1 if text.startswith("\ufeff") else 0
    while place < len(text):
        cells: list[tuple[str, int]] = []
        while True:
            found = _CSV_CELL.match(text, place)
            assert found is not None
            quoted = found[1] is not None
            raw = (found[1] if quoted else found[2]) or ""
            cells.append((raw, found.start() + quoted))
            place = found.end()
            if text[place : place + 1] != ",":
                break
            place += 1
        line_end = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)").match(text, place)
        assert line_end is not None
        place = max(line_end.end(), place + (place < len(text) and not line_end[0]))
        if not any(raw.strip() for raw, _ in cells):
            continue
        if columns is None:
            columns = [_plain(raw.strip("\ufeff")) for raw, _ in cells]
            for raw, start in cells:
                yield from _named(raw, start, "heading", stem)
            continue
        for column, (raw, start) in zip(columns, cells, strict=False):
            if column in _NAMING:
                yield from _named(raw, start, "cell", stem)


def _of_json(text: str) -> Iterator[Word]:
    open_: list[str | None] = []
    key: str | None = None
    place = 0
    for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[{}\[\],]', text):
        sign = found[0]
        place = found.end()
        if sign in "{[":
            open_.append(key)
            key = None
        elif sign in "}]":
            if open_:
                open_.pop()
        elif sign[0] == '"':
            raw, start = sign[1:-1], found.start() + 1
            around = next((name for name in reversed(open_) if name is not None), None)
            if re.compile(r"\s*:").match(text, place):
                yield from _named(raw, start, "key", around)
                key = raw
            elif key in _NAMING:
                yield from _named(raw, start, "cell", around)


def _of_yaml(text: str) -> Iterator[Word]:
    open_: list[tuple[int, str]] = []
    for found in _YAML_KEY.finditer(text):
        raw, start = found[2], found.start(2)
        if raw[0] in "\"'":
            raw, start = raw[1:-1], start + 1
        depth = len(found[1])
        while open_ and open_[-1][0] >= depth:
            open_.pop()
        around = open_[-1][1] if open_ else None
        yield from _named(raw, start, "key", around)
        if raw in _NAMING:
            value = re.compile(r"[ \t]*[\"']?([^\"'#\r\n]+)").match(text, found.end())
            if value is not None:
                yield from _named(value[1], value.start(1), "cell", around)
        open_.append((depth, raw))
