"""What can be written next: the words that the grammar lets stand here and the names that make sense here, found by their
beginning, by their pinyin, or by the word of the other language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, TypeAlias

import attrs

from clausal.dsl import syntax
from clausal.dsl.builtins import FUNCTIONS, Function
from clausal.dsl.check import GRADES, PAYMENT_FIELDS, statuses_of
from clausal.dsl.diagnostics import Source, Span
from clausal.dsl.editor.expected import Place, Typed, place_at, typed_at
from clausal.dsl.editor.pinyin import spells
from clausal.dsl.editor.reading import Reading, is_contract
from clausal.dsl.editor.snippets import SNIPPETS
from clausal.dsl.editor.writing import written_name
from clausal.dsl.keywords import Lang, keywords
from clausal.dsl.lexer import CURRENCIES, DECLARING
from clausal.dsl.parse import CONTINUING
from clausal.dsl.resolve import KIND_WORDS, Kind

Sort: TypeAlias = Literal["keyword", "name", "word", "field", "function", "snippet", "file"]

_VALUES: Final[frozenset[Kind]] = frozenset({"parameter", "fact", "let", "balance", "party"})
_TESTED: Final[frozenset[Kind]] = frozenset(
    ("kpi", "obligation", "prohibition", "right", "termination", "escalation", "approval")
)
_PAYABLE: Final[frozenset[Kind]] = frozenset({"obligation"})

# The section of words by position that the keyword before opens.
_WORDS_BEHIND: Final[Mapping[str, str]] = {
    "K_ROUNDING": "rounding",
    "K_MONTH_END_RULE": "month_end",
    "K_CALENDAR": "calendar",
    "K_PAYMENTS_APPLIED": "order",
    "K_WITHIN_A_DEBT": "order",
    "K_PRORATED": "proration",
    "K_EVERY_WEEK_ON": "weekday",
    "K_BREACH": "grade",
    "K_IN_BREACH": "grade",
}
# What names stand for behind a keyword.
_NAMES_BEHIND: Final[Mapping[str, frozenset[Kind]]] = {
    **dict.fromkeys(
        ("K_PAY", "K_DELIVER_TO", "K_JUDGED_BY", "K_FILLED_BY", "K_APPROVED_BY", "K_OWES", "K_TO"),
        frozenset[Kind]({"party"}),
    ),
    **dict.fromkeys(
        ("K_WITHHOLD", "K_RETAIN", "K_REDUCE", "K_DEMAND", "K_SUSPEND", "K_EXTEND", "K_SUSPENDS", "K_SETTLE"),
        _PAYABLE,
    ),
    "K_EXCEPTION_TO": frozenset[Kind]({"obligation", "prohibition"}),
    "K_NEEDS": frozenset[Kind]({"fact"}),
    "K_COMPLETE_THROUGH": frozenset[Kind]({"fact"}),
    "K_EXPECT": frozenset[Kind]({*_TESTED, "let", "party", "balance", "suspension"}),
}
_LISTS_BEHIND: Final = frozenset({"K_FOR_EACH", "K_PER_RECORD_OF", "K_FOR_EVERY", "K_PERFORMED_BY", "K_VIOLATED_BY"})
_OF_A_CLAUSE: Final = frozenset({"K_TERMINATION", "K_SUSPENSION", "K_ESCALATION", "K_APPROVAL"})
_MODALS: Final = frozenset({"K_MUST", "K_MAY", "K_MUST_NOT"})
_STATES: Final = ("K_MET", "K_MISSED", "K_NOT_ASSESSED")
_STATUS: Final = ("K_IS", "K_IN_BREACH")


@attrs.frozen
class Item:
    """One offer. `insert` goes in the place of `span` (offsets of the document); a `snippet` has places to fill.
    `detail` is one short line; `role` is that of a keyword, `kind` that of a name."""

    label: str
    sort: Sort
    insert: str
    span: Span
    rank: int
    detail: str = ""
    role: str | None = None
    kind: Kind | None = None
    snippet: bool = False


@attrs.frozen
class _Offer:
    """Something that could be written: `words` are all by which it is found, the one to be written first."""

    words: tuple[str, ...]
    sort: Sort
    rank: int
    detail: str = ""
    role: str | None = None
    kind: Kind | None = None
    snippet: str | None = None
    quoted: bool = False


def completions(reading: Reading, offset: int, files: Iterable[str] = ()) -> tuple[Item, ...]:
    """What to offer at an offset of the document, best first. `files` are the paths that it could `use`."""
    text = reading.source.text
    offset = min(max(offset, 0), len(text))
    typed = typed_at(text, offset)
    began = any(type.startswith("K_") for type in reading.lexed.types)
    part = reading.begins > 0 or (began and not is_contract(reading.source) and reading.seen.tree is None)
    place = place_at(Source("", text), typed.span.start, part)
    if place is None:
        return ()
    if place.quoted:
        return tuple(_quoted(reading, offset, place, files))
    if place.before in DECLARING and "NAME" in place.expected:
        return ()  # a new name: nobody can guess it
    lang = reading.lang
    offers = [*_keywords(place, lang, reading), *_named(reading, place, lang)]
    if not began:  # nothing tells yet in which language, and whether it will be a part of another file
        other: Lang = "en" if lang == "zh" else "zh"
        inside = place_at(Source("", text), typed.span.start, True)
        offers += _keywords(place, other, reading)
        offers += [] if inside is None else [*_keywords(inside, lang, reading), *_keywords(inside, other, reading)]
    found = list(_matching(offers, typed, text, lang))
    tail = re.search(r"[A-Za-z]+\Z", typed.text)
    if not found and tail is not None and tail.start() > 0:  # 甲方yd: a word that is stuck to the one before it
        start = typed.span.start + tail.start()
        place = place_at(Source("", text), start, part)
        stuck = [] if place is None else [*_keywords(place, lang, reading), *_named(reading, place, lang)]
        found = list(_matching(stuck, Typed(tail[0], Span(start, offset)), text, lang))
    found += _phrases(text, offset, typed, part, lang)
    unique: dict[tuple[str, Sort], Item] = {}
    for item in sorted(found, key=lambda item: item.rank):  # of one rank in the order of the language, or of the file
        unique.setdefault((item.label, item.sort), item)
    return tuple(unique.values())


def _matching(offers: Iterable[_Offer], typed: Typed, text: str, lang: Lang) -> Iterator[Item]:
    stuck = text[: typed.span.start][-1:]
    gap = " " if stuck.isalnum() and typed.text else ""
    for offer in offers:
        near = _near(typed.text, offer.words)
        if near is None:
            continue
        word = offer.words[0]
        written = written_name(word, lang) if offer.quoted else word
        insert = gap + (written if offer.snippet is None else offer.snippet)
        yield Item(
            word, offer.sort, insert, typed.span, 10 * offer.rank + near, offer.detail, offer.role, offer.kind,
            offer.snippet is not None,
        )  # fmt: skip


def _near(typed: str, words: tuple[str, ...]) -> int | None:
    """How well what is typed finds a thing: 0 by its own word, then by another or by sound, by a later word of it."""
    if not typed:
        return 0
    low = typed.lower()
    first = words[0].lower()
    if first.startswith(low):
        return 0
    if any(word.lower().startswith(low) for word in words[1:]):
        return 1
    if spells(low, words[0]):
        return 1
    parts = re.split(r"[ _]", first)[1:]
    if any(part.startswith(low) for part in parts) or (not low.isascii() and low in first):
        return 2
    return None


# ---- keywords


def _keywords(place: Place, lang: Lang, reading: Reading) -> Iterator[_Offer]:
    """The words that the grammar lets stand here, those that begin an item before those that go on with an expression."""
    other: Lang = "zh" if lang == "en" else "en"
    subject = reading.entries.get(str(place.values[-1])) if place.before == "NAME" else None
    asked = () if subject is None or subject.kind not in _TESTED else _STATES if subject.kind == "kpi" else _STATUS
    begins_item = "K_LET" in place.expected or "K_NOTE" in place.expected or "}" in place.expected
    for role, keyword in keywords().roles.items():
        type = f"K_{role}"
        word, also = keyword.word(lang), keyword.word(other) or ""
        if type not in place.expected or word is None:
            continue
        rank = 5 if type == "K_CONTRACT" or type in asked else 40 if type in CONTINUING and begins_item else 20
        offer = _Offer((word, also) if also else (word,), "keyword", rank, also, role)
        if type in SNIPPETS and _declares(type, place):
            yield attrs.evolve(offer, sort="snippet", snippet=SNIPPETS[type].text(lang))
        else:
            yield offer


def _declares(type: str, place: Place) -> bool:
    """Whether the word begins a declaration here: `party` is a type too, `parameter` and `clause` are items of others."""
    if type in ("K_PARTY", "K_PARAMETER", "K_CLAUSE"):
        return "K_PROPERTY" in place.expected or place.block == "K_AMENDMENT"
    return True


def _phrases(text: str, offset: int, typed: Typed, part: bool, lang: Lang) -> Iterator[Item]:
    """Keywords of several words, of which the first ones are there already."""
    if lang == "zh":
        return
    start = typed.span.start
    for _ in range(4):
        before = re.search(r"[A-Za-z_]+[ \t]+\Z", text[max(0, start - 60) : start])
        if before is None:
            return
        start -= len(before[0])
        begun = " ".join(text[start:offset].split()) + ("" if typed.text else " ")
        place = place_at(Source("", text), start, part)
        if place is None or place.quoted:
            return
        for role, keyword in keywords().roles.items():
            word = keyword.en
            if f"K_{role}" in place.expected and word and " " in word and word.startswith(begun) and word != begun:
                yield Item(word, "keyword", word, Span(start, offset), 100, keyword.zh or "", role)


# ---- names


def _named(reading: Reading, place: Place, lang: Lang) -> Iterator[_Offer]:
    before, expected = place.before, place.expected
    if before == ".":
        yield from _parts(reading, place, lang)
        return
    if "NAME" not in expected:
        return
    section = _section(place)
    if section is not None:
        yield from _by_position(section, place, reading, lang)
        return
    if before in ("K_DATED_BY", "K_KEYED_BY"):
        for name in _list_fields(reading, str(_name_behind(place, "K_FACT"))):
            yield _Offer((name,), "field", 10, quoted=True)
        return
    if before in _LISTS_BEHIND:
        lists = [e for e in reading.entries.values() if isinstance(e.node, syntax.Fact) and _is_list(e.node)]
        yield from (
            _Offer((e.name,), "name", 10, KIND_WORDS[e.kind].text(lang), kind=e.kind, quoted=True) for e in lists
        )
        return
    if place.behind_a_name == {":"} and (given := _given(place)) is not None:
        yield from _fields_of(reading, given, 10)
        return
    kinds, first = _kinds(place)
    if place.behind_a_name & _MODALS and _said(place):
        first = frozenset()  # who must do it was said; a second time is seldom meant
    for entry in reading.entries.values():
        listed = kinds >= _VALUES and isinstance(entry.node, syntax.Fact) and _is_list(entry.node)
        if entry.kind in kinds and not listed:
            rank = 10 if entry.kind in first else 14 if first else 30
            yield _Offer((entry.name,), "name", rank, KIND_WORDS[entry.kind].text(lang), kind=entry.kind, quoted=True)
    if kinds >= _VALUES:
        yield from _fields_in_scope(reading, place)
        yield from (_function(f, lang) for f in FUNCTIONS)


def _section(place: Place) -> str | None:
    """The words by position that stand here, if any do."""
    before, expected = place.before, place.expected
    if {"K_ONE_OF", "K_LIST_OF"} <= expected:
        return "type"
    if before == "K_IS" or "K_PERFORMED_LATE" in expected:
        return "status"
    if before in _WORDS_BEHIND:
        return _WORDS_BEHIND[before]
    if before == ",":
        opened = next((t for t in reversed(place.types) if t in ("K_PAYMENTS_APPLIED", "K_WITHIN_A_DEBT")), None)
        if opened is not None and place.block == "K_CONTRACT":
            return "order"
    if before == "K_CURRENCY" or (before == "," and place.block == "K_CONTRACT"):
        return "currency"
    if before == "K_ON" and "K_EVERY" in place.types[-5:]:
        return "weekday"
    if "K_ON_UNPAID" in expected or ("K_ADD" in expected and "K_ACCRUES" in place.types[-8:]):
        return "interest"
    return None


def _by_position(section: str, place: Place, reading: Reading, lang: Lang) -> Iterator[_Offer]:
    if section == "currency":
        yield from (_Offer((code,), "word", 10) for code in sorted(CURRENCIES))
        return
    allowed: tuple[str, ...] | None = GRADES if section == "grade" else None
    if section == "status":
        subject = next((str(v) for t, v in zip(place.types[::-1], place.values[::-1], strict=True) if t == "NAME"), "")
        entry = reading.entries.get(subject)
        allowed = None if entry is None or "K_CONTRACT" in place.types[-2:] else statuses_of(entry.kind)
    for english, chinese in keywords().names[section].items():
        if allowed is None or english in allowed:
            word, also = (english, chinese) if lang == "en" else (chinese, english)
            yield _Offer((word, also), "word", 10, also)


def _kinds(place: Place) -> tuple[frozenset[Kind], frozenset[Kind]]:
    """The kinds of names that can stand here, and of them those to show first."""
    before, behind = place.before, place.behind_a_name
    wanted = _NAMES_BEHIND.get(before)
    if wanted is not None and not (before == "K_TO" and "K_AND" in behind):
        return wanted, wanted
    if before == "," and "(" not in behind:
        opened = next((t for t in reversed(place.types[:-1]) if t in _NAMES_BEHIND), None)
        if opened in ("K_NEEDS", "K_SUSPENDS", "K_SETTLE"):
            return _NAMES_BEHIND[opened], _NAMES_BEHIND[opened]
    if behind & _MODALS or (behind == {"K_UP_TO"}):
        party = frozenset[Kind]({"party"})
        return party, party
    if behind == {":"} and place.block in ("K_LIST_OF", "K_PAY"):
        return frozenset(), frozenset()  # a new name
    if behind == {":"}:
        party = frozenset[Kind]({"party"})
        return party, party
    if behind == {"="}:
        facts = frozenset[Kind]({"fact"} if place.block == "K_FACTS_OF" or before != "K_PARAMETER" else {"parameter"})
        return facts, facts
    if behind and not behind & {"K_AND", "K_CONSECUTIVE"} and "K_FILLED_BY" in behind:
        balance = frozenset[Kind]({"balance"})
        return balance, balance
    if before in ("K_WHEN", "K_MET_WHEN", "K_AND", "K_OR", "K_NOT", "K_IF", "K_EACH_TIME", "K_ONCE_WHEN"):
        return _VALUES | _TESTED, frozenset[Kind]({"fact", "kpi", "let"})
    return _VALUES | _TESTED, _VALUES - {"party"}


def _said(place: Place) -> bool:
    """Whether the block in hand has its party and modal already."""
    depth = 0
    for type in reversed(place.types):
        depth += (type == "}") - (type == "{")
        if depth < 0:
            return False
        if depth == 0 and type in _MODALS:
            return True
    return False


def _name_behind(place: Place, keyword: str) -> object:
    for i in range(len(place.types) - 1):
        if place.types[i] == keyword and place.types[i + 1] == "NAME":
            return place.values[i + 1]
    return ""


def _is_list(node: syntax.Fact) -> bool:
    return node.type.kind in ("list", "payments", "intervals")


def _list_fields(reading: Reading, name: str) -> tuple[str, ...]:
    return tuple(reading.fields.get(name, ()))


def _fields_in_scope(reading: Reading, place: Place) -> Iterator[_Offer]:
    """Fields of the list that is named before; of every list where it may be named behind."""
    named = [
        str(place.values[i + 1])
        for i in range(len(place.types) - 1)
        if place.types[i] in _LISTS_BEHIND and place.types[i + 1] == "NAME"
    ]
    inside = place.types[-12:]
    summing = any(type.endswith("_OF") and type[2:5] in ("SUM", "COU", "MIN", "MAX", "AVE") for type in inside)
    for name in named or (reading.fields if summing else ()):
        yield from _fields_of(reading, name, 10 if named else 13)


def _fields_of(reading: Reading, name: str, rank: int) -> Iterator[_Offer]:
    """The fields of a list of records, or of payments."""
    for field in _list_fields(reading, name):
        yield _Offer((field,), "field", rank, name, quoted=True)
    entry = reading.entries.get(name)
    if entry is not None and isinstance(entry.node, syntax.Fact) and entry.node.type.kind == "payments":
        rows = keywords().names["payment"]
        for field in PAYMENT_FIELDS:
            word = rows.get(field, field) if reading.lang == "zh" else field
            yield _Offer((word, field), "field", rank, name)


def _given(place: Place) -> str | None:
    """The list whose records a scenario is giving."""
    if not {"K_FACTS_OF", "K_CORRECTED_FACTS_OF"} & set(place.types):
        return None
    for i in range(len(place.types) - 1, 0, -1):
        if place.types[i] == "=" and place.types[i - 1] == "NAME":
            return str(place.values[i - 1])
    return None


def _parts(reading: Reading, place: Place, lang: Lang) -> Iterator[_Offer]:
    """What can be read of the thing before the dot."""
    name = next((str(v) for t, v in zip(place.types[::-1], place.values[::-1], strict=True) if t == "NAME"), "")
    entry = reading.entries.get(name)
    wanted: tuple[str, ...] = ()
    match entry and entry.kind:
        case "obligation":
            wanted = ("open", "overdue", "days_late", "hours_late", "penalty")
            if "K_EXPECT" in place.types:
                wanted = tuple(keywords().names["field"])
        case "kpi":
            wanted = ("measure", "target", "attainment", "level")
        case "balance":
            wanted = ("opening", "closing", "added", "accrued", "used")
        case "escalation" | "right" | "termination":
            wanted = ("opened", "last_day", "level")
        case "fact":
            wanted = ("sent", "received")
        case "let":
            for other in reading.entries.values():
                if other.kind == "party":
                    yield _Offer((other.name,), "name", 10, KIND_WORDS["party"].text(lang), kind="party", quoted=True)
            wanted = ("shortfall", "left")
        case _:
            wanted = tuple(keywords().names["field"])
    rows = keywords().names["field"]
    for english in wanted:
        chinese = rows.get(english)
        if chinese is not None:
            word, also = (english, chinese) if lang == "en" else (chinese, english)
            yield _Offer((word, also), "field", 10, also)


def _function(f: Function, lang: Lang) -> _Offer:
    word, also = (f.name, f.zh) if lang == "en" else (f.zh, f.name)
    places = ", ".join(f"${{{i}:{p.name}}}" for i, p in enumerate(f.parameters, 1))
    return _Offer((word, also), "function", 30, also, snippet=f"{word}({places})" if f.parameters else f"{word}()")


# ---- in quotation marks


def _quoted(reading: Reading, offset: int, place: Place, files: Iterable[str]) -> Iterator[Item]:
    """The files of the folder behind `use`, the numbers of clauses where a norm says which clause it belongs to."""
    text = reading.source.text
    names = reading.seen.names
    start = max(text.rfind(mark, 0, offset) for mark in '"“') + 1
    begun, span = text[start:offset], Span(start, offset)
    if place.before == "K_USE":
        yield from (Item(path, "file", path, span, 10) for path in sorted(files) if path.startswith(begun))
    elif place.before == "K_CLAUSE" and place.block in _OF_A_CLAUSE and names is not None:
        for number, clause in names.clauses.items():
            if number.startswith(begun):
                yield Item(number, "word", number, span, 10, clause.title or "")


def bare(item: Item) -> Item:
    """What is offered, without places to fill: for an editor that knows none."""
    return attrs.evolve(item, insert=item.label, snippet=False)
