"""What an editor offers to mend: the fix that a finding brings, the declaration that a name lacks, all of one kind at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

from clausal.dsl.diagnostics import Both, Diagnostic, Span
from clausal.dsl.editor.positions import Edit, as_edit
from clausal.dsl.editor.reading import Reading
from clausal.dsl.editor.writing import written_name
from clausal.dsl.keywords import Lang
from clausal.dsl.resolve import INSTANCE_WORDS, KIND_WORDS, Kind

# What a missing name may be declared as, by the word of its kind in the finding.
_DECLARED: Final[dict[Kind, Both]] = {
    "party": Both('party {name} "{title}"', '当事人 {name} "{title}"'),
    "parameter": Both("parameter {name} : {type} = TBD", "参数 {name} : {type} = 待填"),
    "fact": Both("fact {name} : {type} monthly", "数据 {name} : {type} 按月"),
}
_SAID: Final[dict[str, Both]] = {
    "party": Both("declare the party `{name}`", "声明当事人“{name}”"),
    "parameter": Both("declare the parameter `{name}` (still blank)", "声明参数“{name}”（待填）"),
    "fact": Both("declare the fact `{name}`", "声明数据“{name}”"),
    "list": Both("declare the list of payments `{name}`", "声明付款记录“{name}”"),
    "replace": Both("write `{new}`", "改为“{new}”"),
    "insert": Both("insert `{new}`", "插入“{new}”"),
    "delete": Both("delete `{old}`", "删除“{old}”"),
    "all": Both("mend all {number} of this kind ({code})", "修正全部{number}处同类问题（{code}）"),
    "every": Both("mend everything that has a fix", "修正所有可自动修正的问题"),
    "quote": Both("write the name in quotation marks: {new}", "给名称加引号：{new}"),
}
_LISTS_BEFORE: Final = frozenset({"K_PERFORMED_BY", "K_FOR_EACH", "K_PER_RECORD_OF", "K_FOR_EVERY", "K_VIOLATED_BY"})
_PARTY_BEFORE: Final = frozenset({"K_PAY", "K_DELIVER_TO", "K_JUDGED_BY", "K_FILLED_BY", "K_OWES", "K_APPROVED_BY"})
_PARTY_BEHIND: Final = frozenset({"K_MUST", "K_MAY", "K_MUST_NOT", "K_OWES"})


@attrs.frozen
class Mending:
    """One offer: what it says, the edits of this document, the finding that it is for (None: of several)."""

    title: str
    edits: tuple[Edit, ...]
    finding: Diagnostic | None
    preferred: bool = False


def mine(reading: Reading, found: Diagnostic) -> bool:
    """Whether a finding lies in this document."""
    return found.source is not None and found.source.name == reading.source.name


def mendings(reading: Reading, first: int, last: int) -> tuple[Mending, ...]:
    """What is offered for the findings that touch the offsets from `first` to `last`."""
    touched = [
        one
        for one in reading.findings
        if mine(reading, one) and one.span is not None and one.span.start <= last and one.span.end >= first
    ]
    made: list[Mending] = []
    for one in touched:
        made += _of(reading, one)
    for kind in dict.fromkeys(_kind(reading, one) for one in touched if one.fix is not None):
        every = [
            one
            for one in reading.findings
            if one.fix is not None and mine(reading, one) and _kind(reading, one) == kind
        ]
        if len(every) > 1:
            title = _say("all", reading.lang, number=str(len(every)), code=kind[0])
            made.append(Mending(title, _together(every), None))
    return tuple(made)


def _guessed(found: Diagnostic) -> bool:
    """Whether its fix only takes what looks most alike: 拒付 for 支付 is alike, and the contrary."""
    return found.arg("suggestion") is not None


def _kind(reading: Reading, found: Diagnostic) -> tuple[str, ...]:
    """What is mended together: a code; of guesses only the same word for the same word."""
    if found.fix is None or not _guessed(found):
        return (found.code,)
    return found.code, reading.source.text[found.fix.span.start : found.fix.span.end], found.fix.replacement


def mend_all(reading: Reading) -> Mending | None:
    """Every fix of the document at once, but none that only guesses at what was meant."""
    every = [one for one in reading.findings if one.fix is not None and mine(reading, one) and not _guessed(one)]
    return Mending(_say("every", reading.lang), _together(every), None) if every else None


def _of(reading: Reading, found: Diagnostic) -> Iterator[Mending]:
    lang, text = reading.lang, reading.source.text
    if found.fix is not None:
        old = text[found.fix.span.start : found.fix.span.end]
        new = found.fix.replacement
        key = "delete" if not new else "insert" if not old.strip() else "replace"
        title = _say(key, lang, old=old, new=new.strip())
        yield Mending(title, (as_edit(found.fix),), found, not _guessed(found))
    suggestion = found.arg("suggestion")
    if (
        isinstance(suggestion, str)
        and found.span is not None
        and (found.fix is None or found.fix.replacement != suggestion)
    ):
        yield Mending(_say("replace", lang, new=suggestion), (Edit(found.span, suggestion),), found)
    if found.code == "E201" and found.span is not None:
        yield from _declaring(reading, found, found.span)
    if found.code == "E111" and found.span is not None and found.fix is None:
        old = text[found.span.start : found.span.end]
        new = f"`{old}`" if lang == "en" else f"「{old}」"
        yield Mending(_say("quote", lang, new=new), (Edit(found.span, new),), found)


def _declaring(reading: Reading, found: Diagnostic, span: Span) -> Iterator[Mending]:
    """The declarations that would give an undefined name its meaning; what the place tells of its kind comes first."""
    name = found.arg("name")
    if not isinstance(name, str) or name in INSTANCE_WORDS:
        return
    lang = reading.lang
    at = reading.token_at(span.start)
    lexed = reading.lexed
    before = lexed.types[at - 1] if at else ""
    behind = lexed.types[at + 1] if at is not None and at + 1 < len(lexed.types) else ""
    written = written_name(name, lang)
    expected = found.arg("expected")
    wanted = expected.en if isinstance(expected, Both) else ""
    if before in _LISTS_BEFORE:
        if before == "K_PERFORMED_BY":
            line = {"en": f"fact {written} : payments", "zh": f"数据 {written} : 付款记录"}[lang]
            yield Mending(_say("list", lang, name=name), (_line(reading, "fact", line),), found)
        return
    kinds: Sequence[Kind] = ("parameter", "fact")
    if before in _PARTY_BEFORE or behind in _PARTY_BEHIND or wanted == KIND_WORDS["party"].en:
        kinds = ("party",)
    elif wanted and not any(KIND_WORDS[kind].en in wanted for kind in kinds):
        return
    for kind in kinds:
        type = "money" if lang == "en" else "金额"
        line = _DECLARED[kind].text(lang).format(name=written, title=name, type=type)
        yield Mending(_say(kind, lang, name=name), (_line(reading, kind, line),), found)


def _line(reading: Reading, kind: Kind, line: str) -> Edit:
    """A new line behind the last declaration of that kind at the top of the file; else behind the header."""
    text = reading.source.text
    depth = 0
    wanted = {f"K_{kind.upper()}"}
    best, header, last = None, 0, 0
    lexed = reading.lexed
    current = ""
    for i, type in enumerate(lexed.types):
        if depth == 0 and type.startswith("K_") and lexed.types[i - 1 : i] != [":"]:
            if type in ("K_PARTY", "K_PARAMETER", "K_FACT", "K_LET", "K_CONTRACT", "K_CLAUSE", "K_OBLIGATION", "K_KPI"):
                current = type
        depth += (type in ("{", "(", "[")) - (type in ("}", ")", "]"))
        last = lexed.ends[i]
        if current in wanted:
            best = last
        if current == "K_CONTRACT":
            header = last
    place = best if best is not None else header
    end = re.compile(r"[^\r\n]*").match(text, place)
    stop = place if end is None else end.end()
    return Edit(Span(stop, stop), f"{_newline(text)}{line}")


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _together(found: Iterable[Diagnostic]) -> tuple[Edit, ...]:
    """The fixes of several findings, of two that touch the same characters the first one."""
    edits: list[Edit] = []
    done = -1
    for fix in sorted({one.fix for one in found if one.fix is not None}, key=lambda f: (f.span.start, f.span.end)):
        if fix.span.start >= max(done, 0) and not (edits and fix.span.start == done == fix.span.end):
            edits.append(as_edit(fix))
            done = fix.span.end
    return tuple(edits)


def _say(key: str, lang: Lang, **words: str) -> str:
    return _SAID[key].text(lang).format(**{name: _short(word) for name, word in words.items()})


def _short(word: str) -> str:
    line = " ".join(word.split())
    return line if len(line) <= 60 else line[:59] + "…"
