"""The documents that are open in an editor, each read once for each of its texts, with what they use taken from the screen
before it is taken from the disk."""

from __future__ import annotations

import os.path
from collections.abc import Iterator
from typing import Final, TypeAlias

import attrs

from clausal.dsl.diagnostics import Diagnostic, Source
from clausal.dsl.editor.beside import Beside
from clausal.dsl.editor.facts_files import FactsFile
from clausal.dsl.editor.lens import Ran
from clausal.dsl.editor.reading import Reading, is_contract, read_contract, read_part
from clausal.dsl.files import Read, used_in

FACTS: Final = frozenset({".csv", ".json", ".yaml", ".yml"})
_HIGHEST: Final = 4  # folders above a part in which its contract is looked for

Grounds: TypeAlias = "tuple[dict[str, int], frozenset[str]]"  # versions by address, and what was open


@attrs.define
class Paper:
    """One open document. `path` is that of its file, or its address where it has none."""

    address: str
    path: str
    version: int
    text: str
    on_disk: bool
    ran: dict[str, Ran] = attrs.Factory(dict)

    @property
    def ending(self) -> str:
        return os.path.splitext(self.path)[1].lower()


@attrs.define
class Desk:
    """All open documents, by address."""

    beside: Beside
    papers: dict[str, Paper] = attrs.Factory(dict)
    facts_at: str | None = None
    _read: dict[str, tuple[Grounds, Reading]] = attrs.Factory(dict)

    def reading(self, paper: Paper) -> Reading:
        """The document as it stands now."""
        kept = self._read.get(paper.address)
        if kept is not None and self._as_it_was(kept[0]):
            return kept[1]
        source = Source(paper.path, paper.text)
        if is_contract(source):
            reading = read_contract(source, self.reader(paper.path) if paper.on_disk else None)
        else:
            reading = self._part(paper, source)
        self._read[paper.address] = (self._rests_on(paper, reading), reading)
        return reading

    def _rests_on(self, paper: Paper, reading: Reading) -> Grounds:
        """The open documents that a reading was made of; every one of them, where a part's contract was not found."""
        names = {reading.seen.source.name, *(file.name for _, file in reading.seen.source.files)}
        lost = reading.seen.tree is None and not is_contract(reading.source)
        of = {p.address: p.version for p in self.papers.values() if p is paper or lost or p.path in names}
        return of, frozenset(self.papers)

    def _as_it_was(self, grounds: Grounds) -> bool:
        versions, open_ = grounds
        return open_ == frozenset(self.papers) and all(self.papers[a].version == v for a, v in versions.items())

    def forget(self, paper: Paper | None = None) -> None:
        """What was read is read again: a file on the disk has changed, or a document was closed."""
        if paper is None:
            self._read.clear()
        else:
            self._read.pop(paper.address, None)

    def reader(self, contract: str) -> Read:
        """Reads what a contract uses: from the screen where it is open there, else from the disk."""

        def read(path: str) -> tuple[str, str] | Diagnostic:
            file = os.path.join(os.path.dirname(contract), *path.split("/"))
            open_ = self.at(file)
            if open_ is not None:
                return open_.path, open_.text
            return self.beside.used(contract, path)

        return read

    def at(self, path: str) -> Paper | None:
        """The open document of a file."""
        wanted = os.path.normcase(os.path.normpath(path))
        for paper in self.papers.values():
            if paper.on_disk and os.path.normcase(os.path.normpath(paper.path)) == wanted:
                return paper
        return None

    def text(self, path: str) -> str | None:
        open_ = self.at(path)
        if open_ is not None:
            return open_.text
        text = self.beside.text(path)
        return None if isinstance(text, Diagnostic) else text

    def _part(self, paper: Paper, source: Source) -> Reading:
        if not paper.on_disk or not paper.text.strip():
            return read_part(source, None, None)
        for root in self._above(paper.path):
            text = self.text(root)
            if text is None or not used_in(Source(root, text))[1]:
                continue
            reading = read_part(source, (root, text), self.reader(root))
            if reading.seen.tree is not None:
                return reading
        return read_part(source, None, None)

    def _above(self, path: str) -> Iterator[str]:
        """Contracts that could use the file: those of its folder and of the folders above."""
        folder = os.path.dirname(path)
        for _ in range(_HIGHEST):
            for root in self.beside.contracts(folder, below=False):
                if os.path.normcase(root) != os.path.normcase(path):
                    yield root
            above = os.path.dirname(folder)
            if above == folder:
                return
            folder = above

    def touched(self, paper: Paper) -> tuple[Paper, ...]:
        """The open documents whose findings a change of this one can change: itself, and those that belong together."""
        found = [paper]
        for other in self.papers.values():
            if other is paper or other.ending in FACTS:
                continue
            files = {file.name for _, file in self.reading(other).seen.source.files}
            names = {self.reading(other).seen.source.name, *files}
            if paper.path in names:
                found.append(other)
        return tuple(found)

    def contract_of(self, reading: Reading) -> str:
        """The path of the contract that a document belongs to."""
        return reading.seen.source.name

    def facts(self, reading: Reading) -> tuple[FactsFile, ...]:
        """The files of facts beside a contract, as they stand on the screen or the disk."""
        files = self.beside.facts(self.contract_of(reading), self.facts_at)
        shown = ((file, None if file.text is None else self.at(file.path)) for file in files)
        return tuple(file if open_ is None else attrs.evolve(file, text=open_.text) for file, open_ in shown)

    def owners(self, paper: Paper) -> Iterator[Reading]:
        """The contracts beside whose facts a file is: those that are open first, else those of the folder above."""
        seen: set[str] = set()
        for other in self.papers.values():
            if other.ending not in FACTS:
                reading = self.reading(other)
                if self.contract_of(reading) in seen:
                    continue
                seen.add(self.contract_of(reading))
                if any(os.path.normcase(f.path) == os.path.normcase(paper.path) for f in self.facts(reading)):
                    yield reading
        for root in self._above(paper.path):
            if root not in seen and (text := self.text(root)) is not None:
                reading = read_contract(Source(root, text), self.reader(root))
                if any(os.path.normcase(f.path) == os.path.normcase(paper.path) for f in self.facts(reading)):
                    yield reading
