"""The contract and its statement as a developer holds them: load, evaluate, explain, in six lines.

    contract = clausal.load("b2b-outsourcing.contract")
    statement = contract.evaluate("facts/", as_of="2026-03-31")
    for month in statement.to_dict()["months"]:
        ...
    print(statement.explain("pay_fee@2026-03"))

Both are frozen and may be shared between threads. Neither knows a command line or a terminal.
"""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import attrs

from clausal.dsl import model as m
from clausal.dsl.compile import compile_text
from clausal.dsl.diagnostics import (
    Both,
    Diagnostic,
    Rejected,
    did_you_mean,
    error,
    has_errors,
    unreadable,
    warning,
)
from clausal.dsl.files import Read
from clausal.dsl.values import Value, exact
from clausal.dsl.wording import Lang
from clausal.engine import evaluate as steward
from clausal.engine import explain as explaining
from clausal.engine.facts import Facts
from clausal.engine.intake import read_path, read_plain, read_value
from clausal.engine.outcome import document
from clausal.engine.scenarios import Result, run_scenarios

FactsLike: TypeAlias = "str | Path | Mapping[str, Any] | Sequence[Mapping[str, Any]] | Facts"
DateLike: TypeAlias = "str | dt.date"

MAX_BYTES = 4 * 1024 * 1024
NOTEBOOK = 110  # columns of a text in a notebook

_FACTS: Final = ("", ".xlsx", ".xlsm", ".json", ".yaml", ".yml", ".csv")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMERIC: Final = frozenset({"money", "number", "count", "percent", "points", "rate"})
_A_STATE: Final = Both("a state as an earlier statement gave it", "此前对账单给出的状态")
_A_MAPPING: Final = Both("a mapping from names to values", "名称到数值的映射")
_SOME_FACTS: Final = Both("a path, a mapping, rows or `Facts`", "路径、映射、各行数据或者“Facts”")


@attrs.frozen(eq=False)
class Contract:
    """A checked contract, ready to run any number of times."""

    prepared: steward.Prepared

    @property
    def model(self) -> m.Contract:
        return self.prepared.contract

    @property
    def title(self) -> str:
        return self.model.header.title

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """Warnings and notes of the checker; a contract with errors is never made."""
        return self.model.findings

    def read_facts(self, facts: FactsLike, encoding: str | None = None) -> tuple[Facts, tuple[Diagnostic, ...]]:
        """Facts of any form as `Facts`, with the warnings of reading them. Raises `Rejected` with every error."""
        if isinstance(facts, Facts):
            return facts, ()
        if not isinstance(cast(object, facts), (str, Path, Mapping, Sequence)):
            raise Rejected((error("R720", name="facts", found=_named(facts), expected=_SOME_FACTS),))
        if isinstance(facts, (str, Path)):
            read, found = read_path(self.model, Path(facts), encoding)
        else:
            read, found = read_plain(self.model, facts)
        if read is None or has_errors(found):
            raise Rejected(found)
        return read, found

    def evaluate(
        self,
        facts: FactsLike,
        as_of: DateLike | None = None,
        complete_through: DateLike | Mapping[str | None, DateLike] | None = None,
        parameters: Mapping[str, Any] | None = None,
        state: Mapping[str, Any] | None = None,
        encoding: str | None = None,
    ) -> Statement:
        """What the contract says of these facts at the end of `as_of` (default: the last day of the last month given).

        `facts`: a folder of CSVs, a workbook, a JSON or YAML file, a dict as such a file holds, rows by month, or `Facts`
        read before. `complete_through`: the day to which the facts are complete, for all or by fact. `parameters`: values
        that replace the contract's, as text in the contract's own notation or as exact numbers. `state`: of an earlier
        statement, to go on from it. Raises `Rejected` with every finding; nothing is computed on facts that are in doubt.
        """
        day, through = self.days(as_of, complete_through)
        values = self._parameters({} if parameters is None else parameters)
        if state is not None and not (isinstance(cast(object, state), Mapping) and "format" in state):
            raise Rejected((error("R720", name="state", found=_named(state), expected=_A_STATE),))
        read, found = self.read_facts(facts, encoding)
        run = steward.evaluate(self.prepared, read, day, through, values, state)
        return Statement(self, run, (*found, *_clamped(run.outcome.as_of, through)))

    def days(
        self, as_of: DateLike | None, complete_through: DateLike | Mapping[str | None, DateLike] | None
    ) -> tuple[dt.date | None, dict[str | None, dt.date]]:
        """The day of a run and that to which facts are complete, as a caller may say them. Raises `Rejected`."""
        return None if as_of is None else _date(as_of, "as_of"), _completeness(self.model, complete_through)

    def run_scenarios(self) -> tuple[Result, ...]:
        """Each scenario of the contract, run: passed, or failed with what was expected and what came out."""
        return run_scenarios(self.prepared)

    def _repr_html_(self) -> str:
        """What a notebook shows: title, term, parties and what is provided, in the language of the keywords."""
        from clausal.engine.report.html import outline

        return outline(self.model, self.model.keywords)

    def _parameters(self, given: Mapping[str, Any]) -> dict[str, Value]:
        if not isinstance(given, Mapping):
            raise Rejected((error("R720", name="parameters", found=_named(given), expected=_A_MAPPING),))
        known = {p.name: p for p in self.model.parameters}
        values: dict[str, Value] = {}
        found: list[Diagnostic] = []
        for name, value in given.items():
            declared = known.get(name)
            if declared is None:
                found.append(error("R712", name=str(name), suggestion=did_you_mean(str(name), known)))
                continue
            if isinstance(value, float):
                found.append(error("F636", value=str(value), expected=name))
                continue
            if isinstance(value, (int, Fraction)) and not isinstance(value, bool) and declared.type.kind in _NUMERIC:
                values[name] = exact(value)
                continue
            read = read_value(value, declared.type, self.model, name)
            if isinstance(read, Diagnostic):
                found.append(read)
            else:
                values[name] = read
        if found:
            raise Rejected(found)
        return values


@attrs.frozen
class Explanation(explaining.Explanation):
    """The answer to `why`, which a notebook shows in the language of the contract's keywords."""

    lang: Lang = "en"

    def _repr_html_(self) -> str:
        from clausal.engine.report.explanation import render
        from clausal.engine.report.html import preformatted

        return preformatted(render(self, self.lang, NOTEBOOK), self.lang)


@attrs.frozen(eq=False)
class Statement:
    """What one run found. `findings` are the warnings of reading the facts."""

    contract: Contract
    run: steward.Run
    findings: tuple[Diagnostic, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The result document (its JSON Schema: `contract schema result`). Money is text with the currency's decimals."""
        return document(self.run.outcome)

    def to_json(self) -> str:
        """The result document as canonical JSON: the same run gives the same bytes."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"

    @property
    def state(self) -> dict[str, Any]:
        """Everything that the next run needs; give it to `evaluate(state=…)`, store it as JSON."""
        return self.run.state()

    @property
    def as_of(self) -> dt.date:
        return self.run.outcome.as_of

    def _repr_html_(self) -> str:
        """What a notebook shows: the whole statement in the language of the keywords, its last month unfolded."""
        from clausal.engine.report.html import fragment

        return fragment(self.to_dict(), self.contract.model.keywords)

    def explain(self, what: str, why_not: bool = False) -> Explanation:
        """Why a figure, status, kpi, right or breach is what it is (`pay_fee@2026-03`, `commission@2026-03`,
        `minimums@2026-03`, `pay_fee.interest@2026-03`, `withhold_fee@2026-03`). A name alone asks for its last period.
        Where nothing has that name, a `Rejected` that is a `KeyError` too says what has."""
        made = explaining.explain(self.run, what, why_not)
        parts = {field.name: getattr(made, field.name) for field in attrs.fields(type(made))}
        return Explanation(**parts, lang=self.contract.model.keywords)


def load(source: str | Path) -> Contract:
    """A contract from a path, a folder that holds one, or its text. Raises `Rejected` with every finding if it is not sound.

    A string that contains a line break or an opening brace is taken as text, any other as a path.
    """
    if isinstance(source, str) and ("\n" in source or "{" in source):
        return from_text(source, "<text>")
    path = find_contract(Path(source))
    return from_text(read_text(path), str(path), reader(path))


def from_text(text: str, name: str, read: Read | None = None) -> Contract:
    """A contract from its text; with `read`, which reads the files that it uses."""
    contract, found = compile_text(text, name, read)
    if contract is None:
        raise Rejected(found)
    return Contract(steward.prepare(contract))


def reader(contract: Path, encoding: str | None = None) -> Read:
    """Reads the files that the contract at this path uses: below its folder, links followed, and nowhere else. They are
    UTF-8, or what `encoding` says where one of them is not."""
    folder = contract.parent

    def read(path: str) -> tuple[str, str] | Diagnostic:
        file = folder / path
        try:
            if not file.resolve().is_relative_to(folder.resolve()):
                return error("E011", file=path)
            return str(file), read_text(file)
        except Rejected as rejected:
            if encoding is None or rejected.diagnostics[0].code != "E001":
                return rejected.diagnostics[0]
            return str(file), read_content(file).decode(encoding)
        except (OSError, ValueError, LookupError, RuntimeError) as problem:
            return error("E010", file=path, reason=os_reason(problem))

    return read


def facts_beside(folder: Path) -> Path | None:
    """What stands in a contract's folder under the name `facts`: a folder of tables, a workbook, one file."""
    return next((path for ending in _FACTS if (path := folder / f"facts{ending}").exists()), None)


def find_contract(path: Path) -> Path:
    """The contract file itself, or the one in a folder that holds exactly one."""
    try:
        if not path.is_dir():
            return path
    except (OSError, ValueError):
        return path  # a name that no file can have: reading it says so
    try:
        inside = sorted(p for p in path.iterdir() if p.suffix == ".contract")
    except OSError as problem:
        raise Rejected((error("E010", file=str(path), reason=os_reason(problem)),)) from problem
    if not inside:
        raise Rejected((error("R719", folder=str(path)),))
    if len(inside) > 1:
        raise Rejected((error("R713", folder=str(path), found=", ".join(p.name for p in inside)),))
    return inside[0]


def read_text(path: Path) -> str:
    """The text of a UTF-8 file (a byte order mark is dropped). Raises `Rejected` where it cannot be read."""
    content = read_content(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise Rejected((unreadable(content, str(path)),)) from problem


def read_content(path: Path) -> bytes:
    """The bytes of a file, of which no more are read than it may have: a device has no end."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
            size = max(os.fstat(file.fileno()).st_size, len(content))
    except (OSError, ValueError) as problem:
        raise Rejected((error("E010", file=str(path), reason=os_reason(problem)),)) from problem
    if len(content) > MAX_BYTES:
        raise Rejected((error("E005", size=size, limit=MAX_BYTES),))
    return content


def os_reason(problem: Exception) -> Both:
    """Why a file cannot be read or written, in both languages where the reason is a common one."""
    match problem:
        case FileNotFoundError():
            return Both("there is no such file or folder", "没有这个文件或者文件夹")
        case PermissionError():
            return Both("permission denied", "没有权限")
        case IsADirectoryError():
            return Both("it is a folder", "它是文件夹")
        case NotADirectoryError():
            return Both("a part of its path is no folder", "路径中有一部分不是文件夹")
        case OSError(errno=number) if number == errno.ENOSPC:
            return Both("there is no space left", "磁盘空间不足")
        case OSError(errno=number) if number == errno.ENAMETOOLONG:
            return Both("its name is too long", "名称过长")
        case _:
            said = getattr(problem, "strerror", None) or str(problem)
            return Both(said, said)


def _date(value: DateLike, name: str) -> dt.date:
    if isinstance(value, dt.datetime) or not isinstance(value, (str, dt.date)):
        expected = Both("a date", "日期")
        raise Rejected((error("R720", name=name, found=_named(value), expected=expected),))
    if isinstance(value, dt.date):
        return value
    try:
        if not _DAY.fullmatch(value):
            raise Rejected((error("E108", found=value, write="2026-03-31"),))
        return dt.date.fromisoformat(value)
    except ValueError as problem:
        raise Rejected((error("E109", found=value),)) from problem


def _named(value: object) -> str:
    """A value in the caller's own spelling, not longer than a sentence can take, with its type."""
    text = repr(value)
    return f"{text[:40]}{'…' if len(text) > 40 else ''} ({type(value).__name__})"


def _clamped(as_of: dt.date, said: Mapping[str | None, dt.date]) -> tuple[Diagnostic, ...]:
    later = sorted({day for day in said.values() if day > as_of})
    return tuple(warning("R722", date=day.isoformat(), as_of=as_of.isoformat()) for day in later)


def _completeness(
    contract: m.Contract, said: DateLike | Mapping[str | None, DateLike] | None
) -> dict[str | None, dt.date]:
    if said is None:
        return {}
    if not isinstance(said, Mapping):
        return {None: _date(said, "complete_through")}
    known = {f.name for f in contract.facts}
    for name in said:
        if name is not None and name not in known:
            raise Rejected((error("F601", column=str(name), suggestion=did_you_mean(str(name), known)),))
    return {name: _date(day, "complete_through") for name, day in said.items()}
