"""Formatting as an editor wants it: the lines that change, not the whole text, so that cursors and marks stay."""

from __future__ import annotations

from difflib import SequenceMatcher

from clausal.dsl.diagnostics import Diagnostic, Source, Span
from clausal.dsl.editor.positions import Edit
from clausal.dsl.format import formatted


def tidied(source: Source, lines: tuple[int, int] | None = None) -> tuple[tuple[Edit, ...], Diagnostic | None]:
    """The edits that lay a text out, of those lines only (from 0, the last included); or the finding that forbids it."""
    text, found = formatted(source)
    if text is None:
        return (), next((one for one in found if one.severity == "error"), found[0] if found else None)
    return tuple(_edits(source.text, text, lines)), None


def _edits(old: str, new: str, lines: tuple[int, int] | None) -> list[Edit]:
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    made: list[Edit] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal" or (lines is not None and (a > lines[1] or max(b, a + 1) <= lines[0])):
            continue
        made.append(Edit(Span(starts[a], starts[b]), "".join(after[c:d])))
    return made
