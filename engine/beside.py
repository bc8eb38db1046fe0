"""Facts and scenarios for whoever writes a contract: the files beside it, their values, and one example run on demand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import attrs

from clausal.dsl import model
from clausal.dsl.diagnostics import Both, Diagnostic, Rejected, error, place_text
from clausal.dsl.diagnostics import Cell as Place
from clausal.dsl.editor.facts_files import FactsFile
from clausal.dsl.editor.hover import Known
from clausal.dsl.editor.lens import Miss, Ran
from clausal.dsl.wording import money_text
from clausal.engine import evaluate as steward
from clausal.engine import tables
from clausal.engine.embedding import facts_beside, os_reason, read_content, read_text, reader
from clausal.engine.facts import Cell, Facts, Origin
from clausal.engine.intake import read_path
from clausal.engine.scenarios import Failure, run_scenario

_TEXTS: Final = frozenset({".csv", ".json", ".yaml", ".yml"})
_BOOKS: Final = frozenset({".xlsx", ".xlsm"})
_MOST_CONTRACTS: Final = 300
_MOST_FOLDERS: Final = 1_000
_MOST_BYTES: Final = 4 * 1024 * 1024
_MOST_RECORDS: Final = 200


@attrs.define
class FilesBeside:
    """Reads the disk. `tell` says in both languages what an expectation missed. The facts read last are kept."""

    tell: Callable[[Failure], Both]
    _last: tuple[object, Facts | None] = ((), None)

    def text(self, path: str) -> str | Diagnostic:
        try:
            return read_text(Path(path))
        except Rejected as rejected:
            return rejected.diagnostics[0]
        except (OSError, ValueError, RuntimeError) as problem:
            return error("E010", file=path, reason=os_reason(problem))

    def used(self, contract: str, path: str) -> tuple[str, str] | Diagnostic:
        return reader(Path(contract))(path)

    def contracts(self, folder: str, below: bool) -> tuple[str, ...]:
        found: list[str] = []
        visited = 0
        try:
            for here, folders, files in os.walk(folder):
                visited += 1
                folders[:] = sorted(name for name in folders if name[0] not in "._" and name != "node_modules")
                found += (os.path.join(here, name) for name in sorted(files) if name.endswith(".contract"))
                if not below or len(found) >= _MOST_CONTRACTS or visited >= _MOST_FOLDERS:
                    break
        except (OSError, ValueError):
            pass
        return tuple(found[:_MOST_CONTRACTS])

    def facts(self, contract: str, chosen: str | None) -> tuple[FactsFile, ...]:
        path = _place(contract, chosen)
        return () if path is None else tuple(_files(path))

    def values(self, contract: model.Contract, path: str, chosen: str | None, name: str) -> tuple[Known, ...]:
        place = _place(path, chosen)
        if place is None:
            return ()
        facts = self._read(contract, place)
        return () if facts is None else tuple(_known(facts, name))

    def run(self, contract: model.Contract, title: str) -> Ran | None:
        scenario = next((one for one in contract.scenarios if one.title == title), None)
        if scenario is None:
            return None
        try:
            result = run_scenario(steward.prepare(contract), scenario)
        except Rejected as rejected:
            said = rejected.diagnostics[0]
            return Ran(0, (Miss(scenario.span, Both(said.text("en"), said.text("zh"))),))
        return Ran(result.expectations, tuple(Miss(f.span, self.tell(f)) for f in result.failures))

    def _read(self, contract: model.Contract, place: Path) -> Facts | None:
        try:
            files = sorted(place.iterdir()) if place.is_dir() else [place]
            key = (contract.sha256, tuple((str(p), p.stat().st_mtime_ns) for p in files))
            if self._last[0] != key:
                self._last = (key, read_path(contract, place)[0])
        except (OSError, ValueError):
            return None
        return self._last[1]


def _place(contract: str, chosen: str | None) -> Path | None:
    """The folder or file of facts."""
    folder = Path(contract).parent
    try:
        if chosen:
            path = folder / chosen
            return path if path.exists() else None
        return facts_beside(folder)
    except (OSError, ValueError):
        return None


def _files(place: Path) -> Iterator[FactsFile]:
    try:
        paths = (
            sorted(p for p in place.iterdir() if p.is_file() and p.name[0] not in ".~") if place.is_dir() else [place]
        )
    except OSError:
        return
    for path in paths[: tables.MOST_FILES]:
        ending = path.suffix.lower()
        try:
            if ending in _TEXTS:
                if path.stat().st_size <= _MOST_BYTES:
                    yield FactsFile(str(path), read_content(path).decode("utf-8-sig"))
            elif ending in _BOOKS:
                sheets, _ = tables.from_workbook(path.read_bytes(), path.name)
                names = {name.partition(".")[0] for sheet in sheets for name in (*sheet.columns, sheet.sheet or "")}
                yield FactsFile(str(path), None, tuple(sorted(names)))
        except (OSError, ValueError, Rejected):
            continue


def _known(facts: Facts, name: str) -> Iterator[Known]:
    for period, cell in sorted(facts.scalars.get(name, {}).items()):
        yield Known(period, _text(cell), _where(cell.origin))
    records = facts.records.get(name, ())
    for record in records[-_MOST_RECORDS:]:
        said = ", ".join(f"{field}: {_text(cell)}" for field, cell in record.fields.items())
        yield Known(record.on.isoformat(), said, _where(record.origin))
    for payment in facts.payments.get(name, ())[-_MOST_RECORDS:]:
        said = f"{payment.payer} → {payment.payee} {money_text(payment.amount, payment.currency)}"
        yield Known(payment.on.isoformat(), said, _where(payment.origin))


def _text(cell: Cell) -> str:
    if cell.origin.text is not None and cell.origin.text.strip():
        return cell.origin.text.strip()
    return "?" if cell.unknown else "–" if cell.value is None else str(cell.value)


def _where(origin: Origin) -> Both:
    place = Place(origin.file, origin.row, None, origin.sheet)
    return Both(place_text(place, "en"), place_text(place, "zh"))
