"""The conformance suite: claims about the language as data, each put to this engine and held against what it expects.

A case is a folder: what it claims (`claim.toml`), a contract (`case.contract`), and either what must be found wrong with it
(`expected_diagnostics.toml`), or the facts (`facts.json`) with a part of the result document (`expected.json`), or the
contract's own scenarios. tests/conformance/README.md tells the format to whoever writes another engine.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

import attrs

from clausal.dsl.compile import compile_text
from clausal.dsl.diagnostics import Both, Diagnostic, Rejected, error, has_errors
from clausal.engine import evaluate as steward
from clausal.engine.embedding import Contract, os_reason, read_text
from clausal.engine.scenarios import run_scenarios

CASE: Final = "case.contract"
CLAIM: Final = "claim.toml"
FACTS: Final = "facts.json"
EXPECTED: Final = "expected.json"
DIAGNOSTICS: Final = "expected_diagnostics.toml"

ROW: Final = re.compile(r"S[1-9][0-9]?|F[1-9][0-9]?[bc]?|B[1-9][0-9]?\.[1-9][0-9]?")
_NAME: Final = re.compile(r"[0-9]{3}[a-z]?-[a-z0-9-]+")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

# By which of its keys an item of a list is told from the others: the first of these that it has.
IDENTITIES: Final = (
    *(("id",), ("of",), ("right",), ("ref",), ("what",), ("month",), ("name",), ("from", "to", "currency")),
    *(("date", "kind", "subject"), ("origin", "line", "kind"), ("to", "part"), ("kind", "subject"), ("code",)),
)


@attrs.frozen
class Case:
    """One claim and what it is put to. `expected` and `codes` are None where the case has no such file; `source` says
    where the figures are published, if they come from elsewhere."""

    name: str
    area: str
    folder: Path
    claim: str
    rows: tuple[str, ...]
    as_of: str | None = None
    complete_through: Mapping[str | None, str] | None = None
    parameters: Mapping[str, str] = attrs.field(factory=dict)
    facts: Path | None = None
    expected: Mapping[str, Any] | None = None
    codes: tuple[str, ...] | None = None
    line: int | None = None
    source: str | None = None


@attrs.frozen
class Mismatch:
    """Where the outcome is not what the case expects: a path in the document, a scenario, or the diagnostics."""

    where: str
    expected: str
    found: str
    line: int | None = None


@attrs.frozen
class Verdict:
    """`error` where the case itself is malformed; `finding` says what is wrong with it."""

    name: str
    area: str
    claim: str
    rows: tuple[str, ...]
    status: Literal["passed", "failed", "error"]
    mismatches: tuple[Mismatch, ...] = ()
    finding: Diagnostic | None = None


# ---- reading cases -------------------------------------------------------------------------------------------------


def shipped() -> Path:
    """The folder of the suite that this package carries: installed beside it, or in its source tree."""
    root = Path(__file__).resolve().parents[1]
    installed = root / "conformance"
    return installed if installed.is_dir() else root / "tests" / "conformance"


def folders(root: Path) -> tuple[Path, ...]:
    """The folders of cases below a folder (or the folder itself), in order. Raises `Rejected` if there is none."""
    if not root.is_dir():
        missing = Both("there is no such folder", "没有这个文件夹")
        raise Rejected((error("E010", file=str(root), reason=missing),))
    inside = (p for p in root.rglob("*") if p.is_dir())
    found = tuple(sorted(p for p in (root, *inside) if _NAME.fullmatch(p.name) or (p / CLAIM).exists()))
    if not found:
        raise Rejected((error("R732", folder=str(root)),))
    return found


def read(folder: Path) -> Case:
    """A case as its files say it. Raises `Rejected` with one finding where they say it wrongly."""
    name = f"{folder.parent.name}/{folder.name}"
    if not _NAME.fullmatch(folder.name):
        _malformed(name, "its folder is not named like `012-short-slug`", "其文件夹未按“012-short-slug”的格式命名")
    claim = _toml(folder, CLAIM, name, {"claim", "rows", "source", "as_of", "complete_through", "parameters"})
    said, rows, source = claim.get("claim"), claim.get("rows"), claim.get("source", CASE)
    if not isinstance(said, str) or not said.strip():
        _malformed(name, f"{CLAIM} has no `claim`, a sentence", f"{CLAIM}没有“claim”（一句话）")
    if not isinstance(rows, list) or not rows or not all(isinstance(r, str) and ROW.fullmatch(r) for r in rows):
        _malformed(
            name,
            f'`rows` in {CLAIM} is a list of rows such as "S38", "F7", "B2.5"',
            f"{CLAIM}中的“rows”应为“S38”、“F7”、“B2.5”之类的列表",
        )
    if not isinstance(source, str) or not source.strip():
        _malformed(name, f"`source` in {CLAIM} is a text that is not empty", f"{CLAIM}中的“source”应为非空文本")
    expected = _json(folder, EXPECTED, name) if (folder / EXPECTED).exists() else None
    codes = line = None
    if (folder / DIAGNOSTICS).exists():
        if expected is not None:
            _malformed(name, f"it has both {EXPECTED} and {DIAGNOSTICS}", f"同时有{EXPECTED}和{DIAGNOSTICS}")
        codes, line = _codes(folder, name)
    facts = folder / FACTS
    if expected is not None and not facts.exists():
        _malformed(name, f"{EXPECTED} needs {FACTS}", f"有{EXPECTED}就应有{FACTS}")
    if facts.exists() and expected is None and codes is None:
        _malformed(name, f"{FACTS} needs {EXPECTED} or {DIAGNOSTICS}", f"有{FACTS}就应有{EXPECTED}或者{DIAGNOSTICS}")
    if not (folder / CASE).exists():
        _malformed(name, f"{CASE} is missing", f"缺少{CASE}")
    return Case(
        name,
        folder.parent.name,
        folder,
        said,
        tuple(rows),
        None if "as_of" not in claim else _day(claim["as_of"], name, "as_of"),
        _completeness(claim, name),
        _parameters(claim, name),
        facts if facts.exists() else None,
        expected,
        codes,
        line,
        source,
    )


def _malformed(name: str, en: str, zh: str) -> NoReturn:
    raise Rejected((error("R731", case=name, reason=Both(en, zh)),))


def _toml(folder: Path, file: str, name: str, keys: set[str]) -> dict[str, Any]:
    try:
        table = tomllib.loads((folder / file).read_text("utf-8"))
    except OSError as problem:
        reason = os_reason(problem)
        _malformed(name, f"{file}: {reason.en}", f"{file}：{reason.zh}")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        _malformed(name, f"{file} is no TOML: {problem}", f"{file}不是TOML：{problem}")
    for key in table:
        if key not in keys:
            _malformed(name, f"{file} knows no `{key}`", f"{file}不应有“{key}”")
    return table


def _json(folder: Path, file: str, name: str) -> Mapping[str, Any]:
    try:
        document = json.loads((folder / file).read_text("utf-8"), parse_float=Decimal)
    except (ValueError, RecursionError) as problem:
        _malformed(name, f"{file} is no JSON: {problem}", f"{file}不是JSON：{problem}")
    if not isinstance(document, dict) or not document:
        _malformed(name, f"{file} is an object that expects something", f"{file}应为写有预期内容的对象")
    return document


def _codes(folder: Path, name: str) -> tuple[tuple[str, ...], int | None]:
    table = _toml(folder, DIAGNOSTICS, name, {"codes", "line"})
    codes, line = table.get("codes"), table.get("line")
    if not isinstance(codes, list) or not all(isinstance(c, str) for c in codes):
        _malformed(name, f'`codes` in {DIAGNOSTICS} is a list such as ["E405"]', f"{DIAGNOSTICS}中的“codes”应为列表")
    if line is not None and (not isinstance(line, int) or isinstance(line, bool)):
        _malformed(name, f"`line` in {DIAGNOSTICS} is a number", f"{DIAGNOSTICS}中的“line”应为数字")
    return tuple(codes), line


def _day(said: object, name: str, key: str) -> str:
    try:
        if isinstance(said, str) and _DAY.fullmatch(said):
            return dt.date.fromisoformat(said).isoformat()
    except ValueError:
        pass
    _malformed(
        name, f'`{key}` in {CLAIM} is a day such as "2026-03-31"', f"{CLAIM}中的“{key}”应为“2026-03-31”之类的日期"
    )


def _completeness(claim: Mapping[str, Any], name: str) -> Mapping[str | None, str] | None:
    """By source; `default` is for all others, and a day alone for all."""
    said = claim.get("complete_through")
    if said is None:
        return None
    table = said if isinstance(said, dict) else {"default": said}
    return {None if k == "default" else k: _day(day, name, "complete_through") for k, day in table.items()}


def _parameters(claim: Mapping[str, Any], name: str) -> Mapping[str, str]:
    said = claim.get("parameters", {})
    if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
        _malformed(
            name,
            f"`parameters` in {CLAIM} are strings, as on the command line",
            f"{CLAIM}中的“parameters”应为字符串，写法与命令行相同",
        )
    return said


# ---- putting them to the engine ------------------------------------------------------------------------------------


def judge(folder: Path) -> Verdict:
    """One case, read and run."""
    try:
        case = read(folder)
    except Rejected as rejected:
        name = f"{folder.parent.name}/{folder.name}"
        return Verdict(name, folder.parent.name, "", (), "error", finding=rejected.diagnostics[0])
    mismatches = tuple(run(case))
    status: Literal["passed", "failed"] = "failed" if mismatches else "passed"
    return Verdict(case.name, case.area, case.claim, case.rows, status, mismatches)


def run(case: Case) -> Iterator[Mismatch]:
    """Where this engine departs from what a case expects."""
    found: list[Diagnostic] = []
    contract = _compiled(case, found)
    document: Mapping[str, Any] | None = None
    if contract is not None and case.facts is not None:
        try:
            statement = contract.evaluate(case.facts, case.as_of, case.complete_through, case.parameters)
            found += statement.findings
            document = statement.to_dict()
        except Rejected as rejected:
            found += rejected.diagnostics
    if case.codes is not None:
        yield from _diagnosed(case, found)
        return
    if has_errors(found):
        yield Mismatch("the run", "a statement", "; ".join(map(str, found)), _line(found))
        return
    assert contract is not None
    if document is not None and case.expected is not None:
        yield from differences(case.expected, document)
    elif not contract.model.scenarios:
        yield Mismatch(CASE, "a scenario", "none")
    source = contract.model.source
    for result in run_scenarios(contract.prepared):
        for failure in result.failures:
            line = None if failure.span is None else source.position(failure.span.start)[0]
            yield Mismatch(f"{result.name}: {failure.what}", failure.expected, failure.found, line)


def _compiled(case: Case, found: list[Diagnostic]) -> Contract | None:
    try:
        text = read_text(case.folder / CASE)
    except Rejected as rejected:
        found += rejected.diagnostics
        return None
    model, findings = compile_text(text, CASE)
    found += findings
    return None if model is None else Contract(steward.prepare(model))


def _diagnosed(case: Case, found: list[Diagnostic]) -> Iterator[Mismatch]:
    """The errors and warnings, in the order of their places, are those that were named; a note counts where it is named."""
    named = case.codes or ()
    told = [one for one in found if one.severity != "note" or one.code in named]
    codes = tuple(one.code for one in told)
    if codes != case.codes:
        expected = ", ".join(case.codes or ()) or "no error and no warning"
        yield Mismatch("diagnostics", expected, ", ".join(codes) or "no error and no warning", _line(told))
    elif case.line is not None and _line(told) != case.line:
        yield Mismatch("diagnostics", f"line {case.line}", f"line {_line(told)}", _line(told))


def _line(found: list[Diagnostic]) -> int | None:
    """The line of the first that has one."""
    for one in found:
        if one.source is not None and one.span is not None:
            return one.source.position(one.span.start)[0]
    return None


# ---- a part of a document against the whole ------------------------------------------------------------------------


def differences(expected: Any, found: Any, path: str = "") -> Iterator[Mismatch]:
    """Where the document lacks what is expected of it.

    Objects are held against each other key by key, as far as keys are expected. Each object expected in a list is looked
    for by its identity (`IDENTITIES`); an empty list says that there is nothing. All else is equal or it is not.
    """
    if isinstance(expected, dict) and isinstance(found, dict):
        for key, value in expected.items():
            inner = f"{path}.{key}" if path else str(key)
            if key not in found:
                yield Mismatch(inner, _shown(value), "no such key")
            else:
                yield from differences(value, found[key], inner)
    elif isinstance(expected, list) and isinstance(found, list) and expected and isinstance(expected[0], dict):
        for item in expected:
            yield from _in_list(item, found, path)
    elif type(expected) is not type(found) or expected != found:
        yield Mismatch(path, _shown(expected), _shown(found))


def _in_list(item: Any, found: list[Any], path: str) -> Iterator[Mismatch]:
    names = isinstance(item, dict) and next((keys for keys in IDENTITIES if all(k in item for k in keys)), ())
    identity = [item[key] for key in names] if names else []
    inner = f"{path}[{' '.join(map(str, identity))}]" if names else f"{path}[…]"
    alike = [
        one for one in found if not names or (isinstance(one, dict) and [one.get(key) for key in names] == identity)
    ]
    nearest: list[Mismatch] | None = None
    for one in alike:
        apart = list(differences(item, one, inner))
        if not apart:
            return
        if nearest is None or len(apart) < len(nearest):
            nearest = apart
    yield from nearest if nearest is not None else (Mismatch(inner, _shown(item), "nothing of that name"),)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 200 else text[:199] + "…"
