"""What the language server asks about files and machines, of which the language itself knows nothing; a door fills it in."""

from __future__ import annotations

from typing import Protocol

from clausal.dsl.diagnostics import Diagnostic
from clausal.dsl.editor.facts_files import FactsFile
from clausal.dsl.editor.hover import Known
from clausal.dsl.editor.lens import Ran
from clausal.dsl.model import Contract


class Beside(Protocol):
    """Paths are those of the machine. Nothing here raises: what cannot be read or run is empty, or says why."""

    def text(self, path: str) -> str | Diagnostic:
        """The text of a file, or why it cannot be read."""

    def used(self, contract: str, path: str) -> tuple[str, str] | Diagnostic:
        """The path and text of a file that a contract uses, by its path below the contract's folder."""

    def contracts(self, folder: str, below: bool) -> tuple[str, ...]:
        """The contract files of a folder, and with `below` those of the folders in it: at most a few hundred."""

    def facts(self, contract: str, chosen: str | None) -> tuple[FactsFile, ...]:
        """The files of facts beside a contract: those that were `chosen`, else `facts` as `contract eval` finds it."""

    def values(self, contract: Contract, path: str, chosen: str | None, name: str) -> tuple[Known, ...]:
        """What these files say of a fact, in the order of time."""

    def run(self, contract: Contract, title: str) -> Ran | None:
        """Runs one scenario; None where there is none of that title."""
