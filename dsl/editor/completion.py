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
from clausal.dsl.parse import CONTINUING, DECLARATIONS
from clausal.dsl.resolve import KIND_WORDS, Entry, Kind

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
_LESS_LIKELY: Final = frozenset({"K_AND", "K_OR", "K_IS", "K_IN_BREACH", "K_NOTE", "K_SOURCE"})
_STATUS: Final = ("K_IS", "K_IN_BREACH")
_SCHEDULES: Final = frozenset({"K_EVERY_MONTH", "K_EVERY_QUARTER", "K_EVERY_HALF_YEAR", "K_EVERY_YEAR"})
_TRUTH: Final = ("K_TRUE", "K_FALSE", "K_UNKNOWN")
_DAYS: Final = (
    "K_MONTH_START",
    "K_MONTH_END",
    "K_PERIOD_START",
    "K_PERIOD_END",
    "K_TERM_START",
    "K_TERM_END",
    "K_IT_ARISES",
)
# Behind these a day is told, mostly by a fact that is one.
_DAYS_BEHIND: Final = frozenset(
    ("K_EXERCISED_ON", "K_DEMANDED_ON", "K_RELEASED_ON", "K_RESUMED_ON", "K_GIVEN_UP_ON", "K_OPENS_ON", "K_ANSWERED_ON",
     "K_PERFORMED_ON", "K_VIOLATED_ON", "K_ONCE_ON", "K_STARTING_FROM", "K_CURED_WHEN")
)  # fmt: skip
_DECLARING_TYPES: Final = frozenset({"K_FACT", "K_PARAMETER", "K_LET", "K_BALANCE"})


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
    if began and part and reading.begins == 0 and not place.types:  # the first word of a file that has lost it
        lost = place_at(Source("", ""), 0)
        offers += [] if lost is None else _keywords(lost, lang, reading)
    if not began:  # nothing tells yet in which language, and whether it will be a part of another file
        other: Lang = "en" if lang == "zh" else "zh"
        inside = place_at(Source("", text), typed.span.start, True)
        offers += _keywords(place, other, reading)
        offers += [] if inside is None else [*_keywords(inside, lang, reading), *_keywords(inside, other, reading)]
    found = list(_matching(offers, typed, text, lang))
    tail = re.search(r"[A-Za-z]*\Z", typed.text)
    if not found and tail is not None and tail.start() > 0:  # 甲方yd, 第5gzr: a word that is stuck to the one before it
        start = typed.span.start + tail.start()
        place = place_at(Source("", text), start, part)
        stuck = [] if place is None else [*_keywords(place, lang, reading), *_named(reading, place, lang)]
        if tail[0] or (place is not None and place.before == "NUMBER"):
            found = list(_matching(stuck, Typed(tail[0], Span(start, offset)), text, lang))
    found += _behind_a_slash(text, offset, typed, part, reading)
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
    if words[0].startswith("个") and spells(low, words[0][1:]):
        return 1
    parts = re.split(r"[ _]", first)[1:]
    if any(part.startswith(low) for part in parts) or (not low.isascii() and low in first):
        return 2
    return None


# ---- keywords


def _keywords(place: Place, lang: Lang, reading: Reading) -> Iterator[_Offer]:
    """The words that the grammar lets stand here, those that begin an item before those that go on with an expression."""
    other: Lang = "zh" if lang == "en" else "en"
    named = -3 if place.types[-4:-1] == ("K_EXPECT", "NAME", "K_OF") else -1  # expect fee of 2026-01
    subject = reading.entries.get(str(place.values[named])) if place.types[named:][:1] == ("NAME",) else None
    asked = _asked(place, subject, reading)
    begins_item = "K_LET" in place.expected or "K_NOTE" in place.expected or "}" in place.expected
    for role, keyword in keywords().roles.items():
        type = f"K_{role}"
        word, also = keyword.word(lang), keyword.word(other) or ""
        if type not in place.expected or word is None:
            continue
        rank = 40 if type in CONTINUING and begins_item and not place.goes_on else 20
        if type == "K_CONTRACT" or type in asked:
            rank = 5
        elif place.goes_on and type not in place.opening and "NUMBER" not in place.expected:
            rank = 16 if type in _LESS_LIKELY else 12  # what only goes on with it
        elif rank == 20 and place.before not in ("", "{") and not place.goes_on and type not in place.opening:
            rank = 30
        offer = _Offer((word, also) if also else (word,), "keyword", rank, also, role)
        if type in SNIPPETS and _declares(type, place):
            yield attrs.evolve(offer, sort="snippet", snippet=SNIPPETS[type].text(lang))
        else:
            yield offer


def _asked(place: Place, subject: Entry | None, reading: Reading) -> tuple[str, ...]:
    """The words that are most likely wanted here: what is said of the name before, the value of a fact that is yes or no,
    the day from which a period runs."""
    if place.types[-2:] == ("K_EXPECT", "NAME") and "K_OF" in place.expected:
        return ("K_OF", "K_OWES") if subject is not None and subject.kind == "party" else ("K_OF",)
    if subject is not None and subject.kind in _TESTED:
        return _STATES if subject.kind == "kpi" else _STATUS
    if subject is not None and subject.kind == "party" and "K_OWES" in place.expected:
        return ("K_OWES",)
    if place.before == "K_PRESUME" and {"boolean", keywords().names["type"]["boolean"]} & set(map(str, place.values)):
        return _TRUTH
    if place.before == "=" and _is_given(place):
        entry = reading.entries.get(str(place.values[-2]))
        if entry is not None and isinstance(entry.node, syntax.Fact) and entry.node.type.kind == "boolean":
            return _TRUTH
    if place.goes_on and "K_FOR_EACH" in place.expected:
        return ("K_FOR_EACH",)
    if place.before in _SCHEDULES:
        return ("K_DUE",)
    return _DAYS if place.before in ("K_FROM", "K_AFTER") else ()


def _is_given(place: Place) -> bool:
    return place.block in ("K_FACTS_OF", "K_CORRECTED_FACTS_OF")


def _declares(type: str, place: Place) -> bool:
    """Whether the word begins a declaration here: `party` is a type too, `parameter` and `clause` are items of others."""
    if type in ("K_PARTY", "K_PARAMETER", "K_CLAUSE"):
        return "K_PROPERTY" in place.expected or place.block == "K_AMENDMENT"
    return True


def _behind_a_slash(text: str, offset: int, typed: Typed, part: bool, reading: Reading) -> Iterator[Item]:
    """万分之五/r: the words of a rate begin with the sign that stands there already."""
    start = typed.span.start - 1
    if reading.lang == "en" or text[max(0, start) : typed.span.start] != "/":
        return
    place = place_at(Source("", text), start, part)
    if place is None or place.quoted:
        return
    rates = [offer for offer in _keywords(place, reading.lang, reading) if offer.words[0].startswith("/")]
    for offer in rates:
        word = offer.words[0]
        if _near(typed.text, (word[1:], *offer.words[1:])) is not None:
            yield Item(word, "keyword", word, Span(start, offset), 0, offer.detail, offer.role)


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
    if _is_type(place):  # 金额: a currency may follow, if there are several; behind other types no name does
        tree = reading.seen.tree
        codes = () if tree is None or len(tree.header.currencies) < 2 else tree.header.currencies
        if str(place.values[-1]) in ("money", keywords().names["type"]["money"]):
            yield from (_Offer((code.text,), "word", 10) for code in codes)
        return
    if before in ("K_DATED_BY", "K_KEYED_BY"):
        for name in _fields_said(place) or _list_fields(reading, str(_name_behind(place, "K_FACT"))):
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
    yield from _choices(reading, place)
    kinds, first = _kinds(place)
    if place.behind_a_name & _MODALS and _said(place):
        first = frozenset()  # who must do it was said; a second time is seldom meant
    for entry in reading.entries.values():
        listed = kinds >= _VALUES and isinstance(entry.node, syntax.Fact) and _is_list(entry.node)
        if entry.kind in kinds and not listed:
            rank = 10 if entry.kind in first else 14 if first else 30
            if before in _DAYS_BEHIND and isinstance(entry.node, syntax.Fact):
                rank = 8 if entry.node.type.kind in ("date", "notice_record") else rank
            yield _Offer((entry.name,), "name", rank, KIND_WORDS[entry.kind].text(lang), kind=entry.kind, quoted=True)
    if kinds >= _VALUES:
        if "K_FAILING_WHICH" in place.types or place.block == "K_RIGHT":
            for english, chinese in keywords().names["instance"].items():
                word, also = (english, chinese) if lang == "en" else (chinese, english)
                yield _Offer((word, also), "word", 7 if place.block == "K_FAILING_WHICH" else 14, also)
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
        if entry is not None and isinstance(entry.node, syntax.Kpi):
            yield from (_Offer((level.name.text,), "word", 8, quoted=True) for level in entry.node.levels)
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
    if place.types[-3:-1] == ("K_EXPECT", place.types[-2]) and before == "K_POSSESSIVE":
        return _NAMES_BEHIND["K_EXPECT"], _NAMES_BEHIND["K_EXPECT"]
    if before == ":" and _given(place) is not None:
        payment = keywords().names["payment"]
        field = payment.get(str(place.values[-2]), str(place.values[-2]))
        if field in (payment["payer"], payment["payee"]):
            return frozenset[Kind]({"party"}), frozenset[Kind]({"party"})
        if field == payment["for"]:
            return _PAYABLE, _PAYABLE
    if behind == {"="}:
        facts = frozenset[Kind]({"fact"} if place.block == "K_FACTS_OF" or before != "K_PARAMETER" else {"parameter"})
        return facts, facts
    if behind and not behind & {"K_AND", "K_CONSECUTIVE"} and "K_FILLED_BY" in behind:
        balance = frozenset[Kind]({"balance"})
        return balance, balance
    if before in ("K_WHEN", "K_MET_WHEN", "K_AND", "K_OR", "K_NOT", "K_IF", "K_EACH_TIME", "K_ONCE_WHEN"):
        return _VALUES | _TESTED, frozenset[Kind]({"fact", "kpi", "let"})
    return _VALUES | _TESTED, _VALUES - {"party"}


def _is_type(place: Place) -> bool:
    """Whether the word before is a type that was declared."""
    types = place.types
    if types[-2:-1] != (":",) or types[-1] not in ("NAME", "K_TEXT", "K_PARTY", "K_NOTICE"):
        return False
    return types[-4:-3] != () and (
        types[-4] in _DECLARING_TYPES or (place.block == "K_LIST_OF" and types[-3] == "NAME")
    )


def _choices(reading: Reading, place: Place) -> Iterator[_Offer]:
    """The words between which a fact, or a field of a list, chooses, where an example gives it."""
    type: syntax.TypeExpr | None = None
    if place.before == ":" and (given := _given(place)) is not None:
        field = reading.fields.get(given, {}).get(str(place.values[-2]))
        type = None if field is None else field.type
    elif place.before == "=" and _is_given(place):
        entry = reading.entries.get(str(place.values[-2]))
        type = entry.node.type if entry is not None and isinstance(entry.node, syntax.Fact) else None
    for choice in () if type is None else type.choices:
        yield _Offer((f'"{choice}"', choice), "word", 5)


def _fields_said(place: Place) -> tuple[str, ...]:
    """The fields of the list in hand, read off its words: what is not finished stands in no tree."""
    if "K_LIST_OF" not in place.types:
        return ()
    first = place.types.index("K_LIST_OF")
    rows = zip(place.types[first:], place.types[first + 1 :], place.values[first:], strict=False)
    return tuple(str(value) for a, b, value in rows if (a, b) == ("NAME", ":"))


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
    named = _lists_in_scope(place)
    begins = max((i for i, type in enumerate(place.types) if type in DECLARATIONS), default=0)
    inside = place.types[begins:][-12:]
    summing = any(type.endswith("_OF") and type[2:5] in ("SUM", "COU", "MIN", "MAX", "AVE") for type in inside)
    for name in named or (reading.fields if summing else ()):
        yield from _fields_of(reading, name, 8 if named else 9)


def _lists_in_scope(place: Place) -> list[str]:
    """The lists that the item in hand names, and those that the declarations around it name; not those beside it."""
    found: list[str] = []
    depth, beside = 0, False
    for i in range(len(place.types) - 1, -1, -1):
        type = place.types[i]
        depth += (type == "}") - (type == "{")
        if depth < 0:
            depth, beside = 0, False
        elif depth == 0 and not beside and type in _LISTS_BEHIND and place.types[i + 1 : i + 2] == ("NAME",):
            if type != "K_PERFORMED_BY" or ("K_WHERE" in place.types[i + 2 : i + 3] and len(place.types) - i < 12):
                found.append(str(place.values[i + 1]))
        beside = beside or (depth == 0 and type in DECLARATIONS)
    return found


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
            duty = entry.node.duty if entry is not None and isinstance(entry.node, syntax.Obligation) else None
            for part in () if duty is None else duty.parts:
                yield _Offer((part.name.text,), "field", 9, name, quoted=True)
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
