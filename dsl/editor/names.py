"""Where a name comes from, everywhere it stands, and a new name for it, in the contract and in the facts beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import attrs

from clausal.dsl import syntax
from clausal.dsl.compile import examined
from clausal.dsl.diagnostics import Both, Source, Span
from clausal.dsl.editor.facts_files import FactsFile, holds, standing, word_at
from clausal.dsl.editor.positions import Edit, edited
from clausal.dsl.editor.reading import Reading, Use
from clausal.dsl.editor.writing import quoted_name, written_name
from clausal.dsl.lexer import lex
from clausal.dsl.resolve import INSTANCE_WORDS, KIND_WORDS


@attrs.frozen
class Location:
    """A place in a file, by the name that its text was read under."""

    source: Source
    span: Span


@attrs.frozen
class Change:
    location: Location
    text: str


@attrs.frozen
class Renaming:
    """All edits, by file, and files that take the new name (`from`, `to`): a list of records is a file of its name."""

    changes: tuple[Change, ...]
    files: tuple[tuple[str, str], ...] = ()


# ---- where it comes from


def definition(reading: Reading, offset: int, facts: Sequence[FactsFile] = ()) -> tuple[Location, ...]:
    """Where the name at an offset is declared; at the declaration of a fact, where the facts beside the contract say it.
    Of a file that is used its beginning, of a clause's number the clause."""
    use = reading.use_at(offset)
    if use is None:
        return tuple(_numbered(reading, offset))
    told = tuple(_location(reading, one.span) for one in reading.uses if _same(one, use) and one.declares)
    if use.declares:
        beside = tuple(_beside(use, facts))
        return beside or told
    return told


def references(
    reading: Reading, offset: int, facts: Sequence[FactsFile] = (), declared: bool = True
) -> tuple[Location, ...]:
    """Every place of the name at an offset."""
    use = reading.use_at(offset)
    if use is None:
        return ()
    places = (
        _location(reading, one.span) for one in reading.uses if _same(one, use) and (declared or not one.declares)
    )
    return (*places, *_beside(use, facts))


def highlights(reading: Reading, offset: int) -> tuple[tuple[Span, bool], ...]:
    """The places of the name in this document, and whether each declares it."""
    use = reading.use_at(offset)
    if use is None:
        return ()
    found = ((reading.here(one.span), one.declares) for one in reading.uses if _same(one, use))
    return tuple((span, declares) for span, declares in found if span is not None)


def declared_as(reading: Reading, name: str, list: str | None) -> tuple[Location, ...]:
    """The declaration of a name that a file of facts says; in a list of records of its field."""
    for owner in (list, None):
        found = [one for one in reading.uses if one.declares and one.name == name and one.list == owner]
        if found:
            return tuple(_location(reading, one.span) for one in found)
    return ()


def from_facts(reading: Reading, file: FactsFile, offset: int) -> tuple[Location, ...]:
    """The declaration behind a heading, key or cell of a file of facts."""
    word = word_at(file, offset)
    return () if word is None else declared_as(reading, word.text, word.list)


def _same(one: Use, other: Use) -> bool:
    return one.name == other.name and one.list == other.list


def _location(reading: Reading, span: Span) -> Location:
    source, there = reading.seen.source.origin(span)
    return Location(Source(source.name, reading.source.text) if source.name == reading.source.name else source, there)


def _beside(use: Use, facts: Iterable[FactsFile]) -> Iterator[Location]:
    for file in facts:
        if file.text is None:
            continue
        source = Source(file.path, file.text)
        if use.list is None and file.stem == use.name:
            yield Location(source, Span(0, 0))
        for word in standing(file, use.name, use.list):
            yield Location(source, word.span)


def _numbered(reading: Reading, offset: int) -> Iterator[Location]:
    at = reading.token_at(offset)
    lexed = reading.lexed
    if at is None or at == 0 or lexed.types[at] != "STRING":
        return
    said = str(lexed.values[at])
    if lexed.types[at - 1] == "K_USE":
        for _, file in reading.seen.source.files:
            if file.name.replace("\\", "/").endswith(said.removeprefix("./")):
                yield Location(file, Span(0, 0))
        return
    if lexed.types[at - 1] == "K_CLAUSE" and reading.seen.tree is not None:
        stack = list(reading.seen.tree.declarations)
        while stack:
            node = stack.pop()
            if isinstance(node, syntax.Clause):
                if node.number == said:
                    yield _location(reading, Span(node.span.start, node.span.start))
                stack += node.items


# ---- a new name


def renamable(reading: Reading, offset: int) -> tuple[Span, str] | None:
    """The name that would be changed, and where it stands."""
    use = reading.use_at(offset)
    span = None if use is None else reading.here(use.span)
    if use is None or span is None or not any(_same(one, use) and one.declares for one in reading.uses):
        return None
    return span, use.name


def rename(reading: Reading, offset: int, new: str, facts: Sequence[FactsFile] = ()) -> Renaming | Both:
    """The edits that give the name at an offset a new one, or why there are none."""
    if renamable(reading, offset) is None:
        return Both("there is no name of the contract here", "此处没有可以重命名的名称")
    use = reading.use_at(offset)
    assert use is not None
    new = new.strip().strip("`「」").strip()
    refused = _refused(reading, use, new)
    if refused is not None:
        return refused
    books = [file.path for file in facts if holds(file, use.name)]
    if books:
        listed = ", ".join(books)
        return Both(
            f"`{use.name}` is also a heading in the workbook {listed}, which an editor cannot change: rename it there first",
            f"工作簿{listed}中也有“{use.name}”，编辑器无法修改工作簿：请先在其中改名",
        )
    changes: list[Change] = []
    for one in reading.uses:
        if _same(one, use):
            at = _location(reading, one.span)
            changes.append(Change(at, _fitting(at, new, reading)))
    broken = _broken(reading, changes)
    if broken is not None:
        return Both(
            f"the contract would have an error with the name `{new}`: {broken.en}",
            f"改名为“{new}”后合同会出现错误：{broken.zh}",
        )
    files: list[tuple[str, str]] = []
    for file in facts:
        if file.text is None:
            continue
        source = Source(file.path, file.text)
        for word in standing(file, use.name, use.list):
            text = new if not (file.ending == ".csv" and re.search(r'[,"\r\n]', new)) else new.replace('"', '""')
            changes.append(Change(Location(source, word.span), text))
        if use.list is None and file.stem == use.name and file.ending == ".csv":
            files.append((file.path, re.sub(r"[^/\\]+\Z", f"{new}.csv", file.path)))
    return Renaming(tuple(changes), tuple(files))


def _broken(reading: Reading, changes: Sequence[Change]) -> Both | None:
    """What is wrong with a sound contract after the changes: a field 到期日, say, takes that word from every `X.到期日`."""
    if any(one.severity == "error" for one in reading.findings):
        return None  # what it was before tells nothing
    edits: dict[str, list[Edit]] = {}
    for change in changes:
        edits.setdefault(change.location.source.name, []).append(Edit(change.location.span, change.text))
    whole = reading.seen.source
    own = whole.text[: whole.files[0][0] - 1] if whole.files else whole.text
    used = iter([(file.name, edited(file.text, edits.get(file.name, ()))) for _, file in whole.files])
    text = edited(own, edits.get(whole.name, ()))
    for found in examined(text, whole.name, lambda path: next(used)).findings:  # they are read in their order
        if found.severity == "error":
            return Both(found.text("en"), found.text("zh"))
    return None


def _refused(reading: Reading, use: Use, new: str) -> Both | None:
    if not new or any(sign in new for sign in "`「」\r\n") or not new.isprintable() or len(new) > 100:
        return Both(f"`{new}` cannot be a name", f"“{new}”不能作为名称")
    bare = lex(Source("", f"`{new}`"))
    if bare.found or bare.types != ["NAME"]:
        return Both(f"`{new}` cannot be a name", f"“{new}”不能作为名称")
    if new == use.name:
        return Both("this is its name already", "名称没有变化")
    if new in INSTANCE_WORDS:
        return Both(f"`{new}` belongs to the language", f"“{new}”是语言自身的词语")
    entry = reading.entries.get(new)
    if entry is not None:
        kind = KIND_WORDS[entry.kind]
        return Both(f"`{new}` is already {kind.en}", f"“{new}”已经是{kind.zh}")
    for name, fields in reading.fields.items():
        if new in fields and use.list in (None, name):
            return Both(f"`{new}` is already a field of `{name}`", f"“{new}”已经是“{name}”的一列")
    return None


def _fitting(at: Location, new: str, reading: Reading) -> str:
    """The new name as it is written there: in quotation marks where it could not be read, or would touch another word."""
    written = written_name(new, reading.lang)
    text = at.source.text
    around = text[max(0, at.span.start - 1) : at.span.start] + text[at.span.end : at.span.end + 1]
    if written == new and any(char.isalnum() or char == "_" for char in around):
        return quoted_name(new, reading.lang)
    return written
