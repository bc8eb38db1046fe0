"""What is told of the word that a reader points at: what it is, its formula, the words of its clause, its values so far."""

from __future__ import annotations

import os.path
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Final

import attrs

from clausal.dsl import model
from clausal.dsl.builtins import Function, builtin
from clausal.dsl.check import spoken, walk
from clausal.dsl.diagnostics import Both, Source, Span, catalogue, legal_words_in
from clausal.dsl.editor.facts_files import FactsFile, word_at
from clausal.dsl.editor.hints import first_due, proof_of
from clausal.dsl.editor.reading import Reading
from clausal.dsl.format import translated
from clausal.dsl.keywords import Lang, keywords
from clausal.dsl.periods import Period, parse_period
from clausal.dsl.prove import expressions
from clausal.dsl.resolve import INSTANCE_WORDS, KIND_WORDS, Entry
from clausal.dsl.types import Type

_MOST_LINES: Final = 12
_MOST_VALUES: Final = 6
_SAID: Final[Mapping[str, Both]] = MappingProxyType(
    {
        "field": Both("a field of `{list}`", "“{list}”的一栏"),
        "word": Both("a word of the language in this place", "此处的固定用语"),
        "function": Both("a function", "函数"),
        "clause": Both("clause {number}", "条款{number}"),
        "values": Both("in the facts beside the file:", "数据文件中的值："),
        "last values": Both(
            "in the facts beside the file ({all} in all, the last {some}):",
            "数据文件中的值（共{all}项，以下为最后{some}项）：",
        ),
        "first": Both("first due: ", "首个到期日："),
        "of the month": Both("for {period}", "{period}当期"),
        "moved": Both("{agreed} is no business day", "{agreed}是休假日"),
        "bounds": Both("from {first} to {last}", "自{first}至{last}"),
        "type": Both("type: ", "类型："),
        "instance": Both("a figure of the instance in hand", "当期义务的数字"),
    }
)


@attrs.frozen
class Hover:
    """Markdown, and the span of the document that it is about."""

    text: str
    span: Span


@attrs.frozen
class Known:
    """A value that the facts beside the file give: of which period, how it is written, and where it stands."""

    period: str
    text: str
    place: Both


@cache
def told() -> Mapping[str, Mapping[str, Both]]:
    """A sentence for each keyword and function."""
    with open(os.path.join(os.path.dirname(__file__), "words.toml"), "rb") as file:
        tables = tomllib.load(file)
    return {
        section: MappingProxyType({word: Both(*said) for word, said in rows.items()})
        for section, rows in tables.items()
    }


def hover(
    reading: Reading, offset: int, lang: Lang, values: Sequence[Known] = (), prose: Sequence[str] = ()
) -> Hover | None:
    """What to show at an offset of the document, in the reader's language. `values`: those of the fact there, the latest
    last; `prose`: the norm there in sentences."""
    at = reading.token_at(offset)
    if at is None:
        return None
    lexed = reading.lexed
    type, span = lexed.types[at], Span(lexed.starts[at], lexed.ends[at])
    if type.startswith("K_"):
        return Hover(_keyword(type[2:], lang), span)
    if type in ("MONTH", "QUARTER", "WEEK"):
        bounds = _bounds(str(lexed.values[at]))
        return None if bounds is None else Hover(_say("bounds", lang, first=bounds.start, last=bounds.end), span)
    if type == "STRING":
        return _of_text(reading, offset, span, lang)
    if type == "NAME":
        use = reading.use_at(span.start)
        if use is not None and use.list is not None:
            return Hover("\n\n".join(_field(reading, use.name, use.list, lang)), span)
        entry = None if use is None else reading.entries.get(use.name)
        if entry is not None:
            return Hover("\n\n".join(_entry(reading, entry, lang, values, prose)), span)
        name = str(lexed.values[at])
        function = builtin(name)
        if function is not None:
            return Hover("\n\n".join(_function(function, lang)), span)
        if name in INSTANCE_WORDS:
            return Hover(f"**{name}** · {_say('instance', lang)}", span)
        word = _word(name, lang)
        if word is not None:
            return Hover(word, span)
    found = _expression(reading, span)
    return None if found is None else Hover(f"{_say('type', lang)}{spoken(found).text(lang)}", span)


def of_facts(reading: Reading, file: FactsFile, offset: int, lang: Lang) -> Hover | None:
    """What a heading, key or cell of a file of facts stands for in the contract beside it."""
    word = word_at(file, offset)
    if word is None:
        return None
    if word.list in reading.fields and word.text in reading.fields[word.list]:
        return Hover("\n\n".join(_field(reading, word.text, word.list, lang)), word.span)
    entry = reading.entries.get(word.text)
    return None if entry is None else Hover("\n\n".join(_entry(reading, entry, lang, (), ())), word.span)


def explained(reading: Reading, offset: int, lang: Lang) -> Hover | None:
    """The pages of the findings at an offset, as `contract explain` tells a code."""
    pages: dict[str, Span] = {}
    for one in reading.findings:
        mine = one.source is not None and one.source.name == reading.source.name
        if mine and one.span is not None and one.span.start <= offset <= one.span.end:
            pages.setdefault(one.code, one.span)
    told = ((code, catalogue().messages.get(code), span) for code, span in pages.items())
    known = [(f"**{code}** {message.page.text(lang)}", span) for code, message, span in told if message is not None]
    return Hover("\n\n".join(text for text, _ in known), known[0][1]) if known else None


def keyword_told(role: str, lang: Lang) -> str:
    """The sentence of a keyword."""
    said = told()["keyword"].get(role)
    return "" if said is None else said.text(lang)


def _keyword(role: str, lang: Lang) -> str:
    keyword = keywords().roles[role]
    words = [word for word in (keyword.word(lang), keyword.word("en" if lang == "zh" else "zh")) if word]
    return f"**{' · '.join(words)}**\n\n{keyword_told(role, lang)}"


def _bounds(key: str) -> Period | None:
    try:
        return parse_period(key)
    except ValueError:
        return None


def _word(name: str, lang: Lang) -> str | None:
    names = keywords().names
    for rows in names.values():
        for english, chinese in rows.items():
            if name in (english, chinese):
                return f"**{chinese} · {english}**\n\n{_say('word', lang)}"
    return None


def _function(function: Function, lang: Lang) -> Iterator[str]:
    names = ", ".join(f"{p.name}{'?' if p.optional else '…' if p.many else ''}" for p in function.parameters)
    first, second = (function.zh, function.name) if lang == "zh" else (function.name, function.zh)
    yield f"**{first}({names})** · {second}"
    said = told()["function"].get(function.name)
    if said is not None:
        yield said.text(lang)
    yield _code("\n".join(_example(example.text, lang) for example in function.examples))


@cache
def _example(text: str, lang: Lang) -> str:
    """An example as a contract in that language writes it."""
    before = 'contract "" {\n  currency CNY\n}\nlet x = '
    written, _ = (None, ()) if lang == "en" else translated(Source("", f"{before}{text}\n"), lang)
    return text if written is None else written.rpartition("x = ")[2].strip()


def _field(reading: Reading, name: str, list: str, lang: Lang) -> Iterator[str]:
    yield f"**{name}** · {_say('field', lang, list=list)}"
    made = reading.seen.made
    t = None if made is None else made.c.types.get(list)
    for field in () if t is None else t.fields:
        if field.name == name:
            yield f"{_say('type', lang)}{spoken(field.type).text(lang)}"


def _entry(reading: Reading, entry: Entry, lang: Lang, values: Sequence[Known], prose: Sequence[str]) -> Iterator[str]:
    made = reading.seen.made
    t = None if made is None else made.c.types.get(entry.name)
    kind = KIND_WORDS[entry.kind].text(lang)
    yield f"**{entry.name}** · {kind}" + (f" · {spoken(t).text(lang)}" if t is not None else "")
    if prose:
        yield "\n".join(f"- {line}" for line in prose[:_MOST_LINES])
    source = reading.seen.source.text[entry.node.span.start : entry.node.span.end]
    yield _code(_cut(source))
    contract = reading.seen.contract
    if contract is not None:
        duty = next((o for o in contract.obligations if o.name == entry.name), None)
        due = None if duty is None else first_due(proof_of(contract), duty)
        if due is not None:
            of = f" · {_say('of the month', lang, period=due.period)}" if due.period else ""
            moved = f" · {_say('moved', lang, agreed=due.agreed)}" if due.moved else ""
            yield f"{_say('first', lang)}{due.day}{of}{moved}"
    if values:
        lines = "\n".join(f"- {v.period}: {v.text}  ({v.place.text(lang)})" for v in values[-_MOST_VALUES:])
        said = _say(
            "values" if len(values) <= _MOST_VALUES else "last values", lang, all=len(values), some=_MOST_VALUES
        )
        yield f"{said}\n{lines}"
    if entry.clause is not None:
        number = _say("clause", lang, number=entry.clause.number)
        title = f" {entry.clause.title}" if entry.clause.title else ""
        words = "".join(f"\n> {line}" for line in (entry.clause.text or "").split("\n") if line)
        yield f"{number}{title}{words}"
    yield from (note for note in getattr(entry.node, "notes", ()) if not any(note in line for line in prose))


def _cut(text: str) -> str:
    lines = text.splitlines()
    return "\n".join([*lines[:_MOST_LINES], *(["…"] if len(lines) > _MOST_LINES else [])])


def _code(text: str) -> str:
    fence = "```" if "```" not in text else "~~~~"
    return f"{fence}contract\n{text}\n{fence}"


def _of_text(reading: Reading, offset: int, span: Span, lang: Lang) -> Hover | None:
    """A word of the paper that lawyers confuse with another."""
    text = reading.source.text[span.start : span.end]
    for start, word in legal_words_in(text):
        first = span.start + start
        if first <= offset <= first + len(word.word):
            write = " / ".join(word.write)
            return Hover(f"**{word.word}** → {write}\n\n{word.why.text(lang)}", Span(first, first + len(word.word)))
    return None


def _expression(reading: Reading, span: Span) -> Type | None:
    """The type of the smallest expression around a word, where the contract is sound."""
    contract = reading.seen.contract
    if contract is None:
        return None
    start, end = reading.in_whole(span.start), reading.in_whole(span.end)
    best: model.Op | None = None
    for root, _ in expressions(contract):
        if root.span.start <= start and end <= root.span.end:
            for op in walk(root):
                inside = op.span.start <= start and end <= op.span.end
                if inside and (best is None or op.span.end - op.span.start <= best.span.end - best.span.start):
                    best = op
    return None if best is None else best.type


def _say(key: str, lang: Lang, **words: object) -> str:
    return _SAID[key].text(lang).format_map(words)
