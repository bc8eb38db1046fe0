"""The words of a text in the one spelling that each has in a keyword set, in the order that this set gives them.

`respelled` goes through the phrases of a text and writes every word of it once more, in the same set or in the other
one. It leaves the gaps between words (blanks, line breaks, comments) as they are; where a phrase has another number of
words in the other set, its gaps are dealt out in order, so that nothing that stands in them is lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

from clausal.dsl.actions import ENGLISH_TYPES
from clausal.dsl.format.phrases import Phrase
from clausal.dsl.keywords import Lang, table
from clausal.dsl.lexer import DECLARING, Lexed, folded, needs_quotes
from clausal.dsl.parse import PERIODS

Part: TypeAlias = "Phrase | int | str"  # a phrase, a token, or the type of a keyword

UNITS: Final = MappingProxyType(
    {
        "hours": "K_HOURS",
        "days": "K_DAYS",
        "business_days": "K_BUSINESS_DAYS",
        "weeks": "K_WEEKS",
        "months": "K_MONTHS",
        "quarters": "K_QUARTERS",
        "years": "K_YEARS",
    }
)
_MEASURES: Final = frozenset([*UNITS.values(), "K_TIMES"])
# How tightly what a rule makes holds together, in English and in Chinese; what is not listed is an atom.
_ATOM: Final = 10
_LEVELS: Final = MappingProxyType(
    {
        **dict.fromkeys(("if_", "aggregate"), (0, 0)),
        "or_": (1, 1),
        "and_": (2, 2),
        "not_": (3, 3),
        **dict.fromkeys(("consecutive", "at_least_of", "at_least_of_zh", "ever_before", "ever"), (4, 4)),
        "comparison": (5, 5),
        **dict.fromkeys(("add", "subtract"), (6, 6)),
        **dict.fromkeys(("multiply", "divide"), (7, 7)),
        **dict.fromkeys(("negate", "percent", "percent_rate"), (8, 8)),
        **dict.fromkeys(("percent_of", "percent_of_zh", "rate_of", "rate_of_zh"), (8, 9)),
        **dict.fromkeys(("attribute", "of_period", "of_period_zh", "as_of_suspension"), (9, 9)),
        **dict.fromkeys(("kpi_is", "status_is", "in_breach"), (9, 9)),
    }
)
# How tightly an operand must hold together in a phrase whose order differs, in English and in Chinese.
_SLOTS: Final = MappingProxyType(
    {
        **dict.fromkeys(("percent_of", "percent_of_zh", "rate_of", "rate_of_zh"), (8, 9)),
        **dict.fromkeys(("of_period", "of_period_zh", "as_of_suspension"), (9, 10)),
    }
)
# Rules that take a word which means something by its position, and the section of the table that it is in.
_POSITIONS: Final = MappingProxyType(
    {
        "h_rounding": "rounding",
        "h_month_end": "month_end",
        "h_calendar": "calendar",
        "order_word": "order",
        "prorated_word": "proration",
        "s_every_week": "weekday",
        "s_every_n": "weekday",
        "interest": "interest",
        "b_accrues": "interest",
        "breach": "grade",
        "status": "status",
        "v_flag": "exception",
        "v_amount": "exception",
    }
)
_REORDERED: Final = frozenset(
    [
        *("due_day", "due_day_zh", "due_business_day", "due_business_day_zh", "due_last_day", "due_last_day_zh"),
        *("due_within", "due_within_zh", "due_within_demand", "due_within_demand_zh"),
        *("lapse_from", "lapse_from_zh", "lapse_after", "d_deliver", "d_deliver_to", "x_must_not"),
        *("of_period", "of_period_zh", "as_of_suspension"),
        *("percent_of", "percent_of_zh", "rate_of", "rate_of_zh"),
    ]
)
# Functions that take a word of a section, as an argument.
TAKES_WORDS: Final = MappingProxyType({"year_fraction": "interest", "prorate": "proration"})
_PER_RECORD: Final = ("s_per_record", "r_per_record", "l_per_record", "a_per_record", "x_by")
# Types that English writes with another word than the table's key.
_TYPES: Final = MappingProxyType({word: key for key, word in ENGLISH_TYPES.items()})
# What ends before a blank could be left out between two words.
_WORDLIKE: Final = re.compile(r"[\w`」\"”%‰‱]\Z")
_WORD_BEGIN: Final = re.compile(r"[\w`「]")


@attrs.frozen
class Word:
    """A word as it is written. `tight`: no blank before it; `loose`: one before it, though its sign has none elsewhere."""

    type: str
    text: str
    tight: bool = False
    loose: bool = False


def apart(left: Word, right: Word) -> bool:
    """Whether a blank stands between two words of one line."""
    before, after = left.type, right.type
    if right.tight or before in ("(", ".") or after in (")", ",", ".", "?"):
        return False
    if after == ":":
        return right.loose
    if (before, after) in (("[", "]"), ("{", "}")):
        return False
    if after in _MEASURES and before == "NUMBER":
        return right.text.isascii() or not left.text.isdigit()
    if before == "K_ORDINAL":
        return after != "NUMBER" or not right.text.isdigit()
    if after == "K_ORDINAL":
        return before not in PERIODS
    if right.text[:1] == "/" and after != "/":
        return before not in ("PERCENT", "MONEY", "NAME")
    return True


def as_written(lexed: Lexed, whole: Phrase) -> list[Word]:
    """The words of a text as they stand, each with what its place in the grammar says of the blank before it."""
    text = lexed.source.text
    plain = text if text.isascii() else folded(text)
    tight, loose = _by_place(whole)
    return [
        Word(type, plain[start:end] if type != "STRING" else text[start:end], i in tight, i in loose)
        for i, (type, start, end) in enumerate(zip(lexed.types, lexed.starts, lexed.ends, strict=True))
    ]


def _by_place(whole: Phrase) -> tuple[set[int], set[int]]:
    """Tokens that stand tight after the one before: what is negated, and the parenthesis of a call; loose colons."""
    tight: set[int] = set()
    loose: set[int] = set()
    for phrase in whole.within():
        match phrase.rule:
            case "call" | "negate":
                tight.add(phrase.first + 1)
            case "fact" | "parameter" | "parameter_dated" | "let" | "balance":
                loose.add(phrase.first + 2)
    return tight, loose


def gaps(lexed: Lexed) -> list[str]:
    """What stands before each token, and behind the last."""
    text = lexed.source.text
    between = zip([0, *lexed.ends], [*lexed.starts, len(text)], strict=True)
    return [text[end:start] for end, start in between]


@attrs.frozen
class Records:
    """What the facts of a text hold: `built_in` of payments or intervals, with the section that their fields are in;
    `own` are the fields of its lists."""

    built_in: Mapping[str, str]
    own: frozenset[str]


def records(lexed: Lexed, whole: Phrase) -> Records:
    """What the facts that a text declares hold."""
    names = table().keywords.names["type"]
    types = {word: word_of for word_of in ("payments", "intervals") for word in (word_of, names[word_of])}
    built_in: dict[str, str] = {}
    own: set[str] = set()
    for phrase in whole.within():
        if phrase.rule == "field":
            own.add(lexed.values[phrase.first])
        elif phrase.rule == "fact":
            type_word = next((each for each in phrase.within() if each.rule == "type_word"), None)
            found = None if type_word is None else types.get(lexed.values[type_word.first])
            if found is not None:
                built_in[lexed.values[phrase.first + 1]] = found.removesuffix("s")
    return Records(built_in, frozenset(own))


def respelled(lexed: Lexed, whole: Phrase, lang: Lang, beside: Iterable[Records] = ()) -> str:
    """The text with its words as `lang` spells and orders them; `beside`: the facts of other files of its contract."""
    return _Respelling(lexed, whole, lang, tuple(beside)).text()


@attrs.define
class _Name:
    """A name that still has to be quoted where it needs it; `moved` is one that the table gave."""

    text: str
    quoted: bool
    moved: bool


class _Respelling:
    """One pass over the phrases of one text."""

    def __init__(self, lexed: Lexed, whole: Phrase, lang: Lang, beside: tuple[Records, ...]) -> None:
        self.lexed = lexed
        self.whole = whole
        self.source_lang = lexed.lang
        self.lang = lang
        self.words = table().keywords
        self.written = as_written(lexed, whole)
        self.between = gaps(lexed)
        self.out: list[Word] = []
        self.names: dict[int, _Name] = {}
        self.origins: list[int | None] = []
        self.openers: dict[int, int | None] = {}  # words that begin a part, and the token before which their gap stood
        self.units: list[tuple[int, int, int, int]] = []  # with comments in them: tokens from, to; words from, to
        self.depth = 0  # of such phrases
        here = records(lexed, whole)
        self.own = here.own
        self.own_anywhere = here.own.union(*(each.own for each in beside))
        self.records = {name: section for each in (*beside, here) for name, section in each.built_in.items()}
        self.scope: str | None = None  # the built-in record whose fields can be read here

    def both(self, section: str, english: str) -> tuple[str, str]:
        return english, self.words.names[section][english]

    # ---- the text

    def text(self) -> str:
        self.go_through(self.whole)
        self.settle_names()
        between = self.between
        slots = self.dealt(between)
        pieces: list[str] = []
        for word, gap in zip(self.out, slots, strict=True):
            pieces.append(gap)
            pieces.append(word.text)
        pieces.append(slots_end(between, self.behind))
        return "".join(pieces)

    def dealt(self, between: list[str]) -> list[str]:
        """The gap before each word that is written."""
        self.behind: dict[int, str] = {}  # what a phrase had no room for, before the token that follows it
        slots = [self.usual(k) for k in range(len(self.out))]
        for k, origin in enumerate(self.origins):
            origin = self.openers.get(k, origin)
            if origin is not None:
                slots[k] = self.gap(between[origin], origin, k)
        for first, end, start, stop in self.units:
            slots[start] = self.gap(between[first], first, start)
            inner = [(between[i], i) for i in range(first + 1, end)]
            room = stop - start - 1
            for t in range(room):
                k = start + 1 + t
                slots[k] = self.gap(*inner[t], k) if t < len(inner) else self.usual(k)
            rest = "".join(gap for gap, _ in inner[room:] if gap.strip())
            if rest and room:
                slots[stop - 1] = slots[stop - 1].rstrip(" \t") + rest
            elif rest:
                self.behind[end] = rest
        for k, origin in enumerate(self.origins):
            if origin is not None and origin in self.behind:
                slots[k] = self.behind[origin] + slots[k]
        for first, _, start, _ in self.units:
            if first in self.behind:
                slots[start] = self.behind[first] + slots[start]
        return slots

    def usual(self, k: int) -> str:
        return " " if k and apart(self.out[k - 1], self.out[k]) else ""

    def gap(self, gap: str, i: int, k: int) -> str:
        """The gap that stood before token `i`, before word `k`: the usual one stays the usual one."""
        if i == 0 or k == 0:
            return gap
        if gap == (" " if apart(self.written[i - 1], self.written[i]) else ""):
            return self.usual(k)
        if gap == "" and _WORDLIKE.search(self.out[k - 1].text) and _WORD_BEGIN.match(self.out[k].text):
            return self.usual(k)
        return gap

    def settle_names(self) -> None:
        declared = set(self.declared_here())
        mark = ("「", "」") if self.lang == "zh" else ("`", "`")
        for k, name in self.names.items():
            before = self.out[k - 1].type if k else ""
            following = self.out[k + 1].text if k + 1 < len(self.out) else ""
            needed = needs_quotes(name.text, before, following, declared)
            if needed and not name.quoted and not name.moved and name.text in self.words.words:
                needed = False  # a keyword where only a name can stand: `text = 3`
            text = name.text
            if needed:
                left, right = mark if mark[1] not in text else ("`", "`") if mark[0] == "「" else ("「", "」")
                text = f"{left}{text}{right}"
            self.out[k] = Word("NAME", text, self.out[k].tight)

    def declared_here(self) -> Iterator[str]:
        """Names of which a run of Chinese keywords is known to be one."""
        for k, name in self.names.items():
            before = self.out[k - 1].type if k else ""
            following = self.out[k + 1].type if k + 1 < len(self.out) else ""
            declaring = self.lang == "zh" and before in DECLARING
            if declaring or (before in ("{", ",") and following == ":" and not re.search("[0-9]", name.text)):
                yield name.text

    # ---- writing

    def put(self, word: Word, origin: int | None) -> None:
        self.out.append(word)
        self.origins.append(None if self.depth else origin)

    def keyword(self, type: str, origin: int | None = None, one: bool = False) -> None:
        """A keyword by its type; `one`: in the singular, where the set has it."""
        text = self.words.word(type, self.lang)
        if one and self.lang == "en":
            singular = {"K_DAYS": "day", "K_BUSINESS_DAYS": "business day"}
            text = singular.get(type) or self.words.roles[type[2:]].singular or text
        if text is None:
            raise Untranslatable(type, origin)
        self.put(Word(type, text), origin)

    def token(self, i: int) -> None:
        word = self.written[i]
        if word.tight:
            word = Word(word.type, word.text)
        type = word.type
        if type == "NAME":
            self.name(i)
        elif type.startswith("K_"):
            self.keyword(type, i)
        elif type == "MONEY":
            self.put(Word(type, _money(word.text, self.lang)), i)
        elif type == "POINTS":
            number = word.text.removesuffix("pp").removesuffix("个百分点")
            text = f"{number}个百分点" if self.lang == "zh" else f"{number}pp"
            self.put(Word(type, text), i)
        elif type[0].isalpha():  # texts, numbers, dates
            self.put(word, i)
        else:
            self.put(Word(type, type, loose=word.loose), i)

    def name(self, i: int, text: str | None = None) -> None:
        """A name, or `text` in its place."""
        value: str = self.lexed.values[i]
        quoted = self.written[i].text[:1] in "`「"
        new = value if text is None else text
        self.names[len(self.out)] = _Name(new, quoted, new != value)
        self.put(Word("NAME", new), i)

    def go_through(self, whole: Phrase) -> None:
        """Writes a phrase and all in it. What writes a phrase gives the phrases in it as it meets them, so that nothing
        recurses on how deep they stand in one another."""
        open_ = [self.phrase(whole)]
        while open_:
            inner = next(open_[-1], None)
            if inner is None:
                open_.pop()
            else:
                open_.append(self.phrase(inner))

    def phrase(self, phrase: Phrase) -> Iterator[Phrase]:
        scope = self.scope
        self.scope = self.scope_in(phrase)
        special = _SPECIAL.get(phrase.rule)
        inner = self.parts(phrase) if special is None else special(self, phrase)
        if inner is not None:
            yield from inner
        self.scope = scope

    def part(self, part: Phrase | int) -> Iterator[Phrase]:
        if isinstance(part, int):
            self.token(part)
        else:
            yield part

    def parts(self, phrase: Phrase) -> Iterator[Phrase]:
        section = _POSITIONS.get(phrase.rule)
        for part in phrase.parts:
            if isinstance(part, int):
                self.token(part)
            elif section is not None and part.rule == "name":
                self.name(part.first, self.by_position(section, self.lexed.values[part.first]))
            else:
                yield part

    def unit(self, phrase: Phrase, *parts: Part) -> Iterator[Phrase]:
        """A phrase whose parts may be others, or in another order, than those that stand there.

        The gaps between its parts are dealt out in order, those inside a part stay there; if a comment stands
        in any of them, all are dealt out in order, for the order of comments is that of the text.
        """
        start = len(self.out)
        commented = any("#" in gap or "＃" in gap for gap in self.between[phrase.first + 1 : phrase.end])
        self.depth += commented
        starts: list[int] = []
        for part in parts:
            starts.append(len(self.out))
            if isinstance(part, Phrase):
                yield part
            elif isinstance(part, int):
                self.token(part)
            elif part.startswith("K_"):
                self.keyword(part)
            else:
                self.put(Word(part, part), None)
        self.depth -= commented
        if not self.depth and commented:
            self.units.append((phrase.first, phrase.end, start, len(self.out)))
        elif not self.depth:
            here = [part if isinstance(part, int) else part.first for part in phrase.parts]
            before = [i for i in here if phrase.first <= i < phrase.end]
            for n, k in enumerate(starts):
                self.openers[k] = before[n] if n < len(before) else None

    # ---- words by position

    def by_position(self, section: str, word: str) -> str:
        """A word of a section as the set writes it; any other word as it is."""
        names = self.words.names[section]
        english = self.words.to_english[section].get(word, word) if self.source_lang == "zh" else word
        if english not in names:
            return word
        return names[english] if self.lang == "zh" else english

    def of_record(self, word: str) -> str | None:
        """A word as a field of the built-in record in hand; None if it is none."""
        if self.scope is None:
            return None
        found = self.by_position(self.scope, word)
        return found if found != word or word in self.words.names[self.scope] else None

    def field(self, word: str) -> str:
        found = self.of_record(word)
        if found is not None:
            return found
        if word in self.own:
            return word
        new = self.by_position("field", word)
        return word if new in self.own else new

    def scope_in(self, phrase: Phrase) -> str | None:
        """The built-in record whose fields can be read in a phrase."""
        match phrase.rule:
            case "aggregate" | "b_add" | "b_deduct":
                each = phrase.of("for_each", "bw_each")
                if each is not None:
                    return self.records.get(self.lexed.values[each.first + 1])
            case "obligation" | "right" | "escalation" | "approval" | "prohibition":
                for item in phrase.phrases():
                    record = item.of(*_PER_RECORD) or (item if item.rule in _PER_RECORD else None)
                    if record is not None:
                        return self.records.get(self.lexed.values[record.first + 1])
                return None
            case "p_by":
                return self.records.get(self.lexed.values[phrase.first + 1])
            case "assign":
                return self.records.get(self.lexed.values[phrase.first])
        return self.scope

    # ---- phrases of their own

    def on_ref(self, phrase: Phrase) -> None:
        word = self.lexed.values[phrase.first]
        new = word
        if word not in self.lexed.declared:
            found = self.of_record(word)
            if found is not None:
                new = found
            elif word not in self.own_anywhere:
                new = self.by_position("instance", word)
                new = word if new in self.own_anywhere else new
            new = word if new in self.lexed.declared else new
        self.name(phrase.first, new)

    def on_call(self, phrase: Phrase) -> Iterator[Phrase]:
        name, mark, *rest = phrase.parts
        assert isinstance(name, Phrase) and isinstance(mark, int)
        self.name(name.first, self.by_position("builtin", self.lexed.values[name.first]))
        self.put(attrs.evolve(self.written[mark], tight=True), mark)
        function = self.words.to_english["builtin"].get(self.lexed.values[name.first], self.lexed.values[name.first])
        section = TAKES_WORDS.get(function)
        for part in rest:
            if isinstance(part, int):
                self.token(part)
            elif section is not None and part.rule == "ref":
                self.name(part.first, self.by_position(section, self.lexed.values[part.first]))
            else:
                yield part

    def on_negate(self, phrase: Phrase) -> Iterator[Phrase]:
        minus, operand = phrase.parts
        assert isinstance(minus, int) and isinstance(operand, Phrase)
        self.token(minus)
        k = len(self.out)
        yield operand
        self.out[k] = attrs.evolve(self.out[k], tight=True)

    def on_field_behind(self, phrase: Phrase) -> Iterator[Phrase]:
        """`a.b`: the field is the last word."""
        for part in phrase.parts[:-1]:
            yield from self.part(part)
        self.name(phrase.end - 1, self.field(self.lexed.values[phrase.end - 1]))

    def on_record_field(self, phrase: Phrase) -> Iterator[Phrase]:
        name, colon, value = phrase.parts
        assert isinstance(name, Phrase) and isinstance(colon, int) and isinstance(value, Phrase)
        self.name(name.first, self.field(self.lexed.values[name.first]))
        self.token(colon)
        yield from self.kind_or(value, self.is_kind(self.lexed.values[name.first]))

    def on_comparison(self, phrase: Phrase) -> Iterator[Phrase]:
        kind = any(each.rule == "ref" and self.is_kind(self.lexed.values[each.first]) for each in phrase.phrases())
        for part in phrase.parts:
            if isinstance(part, Phrase):
                yield from self.kind_or(part, kind)
            else:
                self.token(part)

    def is_kind(self, word: str) -> bool:
        return self.scope == "payment" and word in self.both("payment", "kind")

    def kind_or(self, phrase: Phrase, kind: bool) -> Iterator[Phrase]:
        """The kind of a payment is a word of the table, though it stands in quotation marks."""
        if kind and phrase.rule == "string":
            mark = self.written[phrase.first].text
            text = mark[0] + self.by_position("payment_kind", mark[1:-1]) + mark[-1]
            self.put(attrs.evolve(self.written[phrase.first], text=text), phrase.first)
        else:
            yield phrase

    def on_in_breach(self, phrase: Phrase) -> Iterator[Phrase]:
        name, breach, grade = phrase.parts
        assert isinstance(name, Phrase) and isinstance(breach, int) and isinstance(grade, Phrase)
        yield name
        self.token(breach)
        self.name(grade.first, self.by_position("grade", self.lexed.values[grade.first]))

    def on_type_word(self, phrase: Phrase) -> None:
        i = phrase.first
        word = {"type_text": "string", "type_notice": "notice_record", "type_party": "party"}.get(phrase.rule)
        if word is None:
            value = self.lexed.values[i]  # before `=` a keyword arrives as a name
            plain = {**self.words.to_english["type"], "当事人": "party"} if self.source_lang == "zh" else _TYPES
            word = plain.get(value, value)
        if word == "party":
            self.keyword("K_PARTY", i)
        elif self.lang == "zh":
            self.put(Word("NAME", self.words.names["type"].get(word, word)), i)
        elif word == "percentage_points":
            self.unit_of_words(phrase, "percentage", "points")
        else:
            self.put(Word("NAME", ENGLISH_TYPES.get(word, word)), i)

    def unit_of_words(self, phrase: Phrase, *texts: str) -> None:
        start = len(self.out)
        for text in texts:
            self.put(Word("NAME", text), None)
        if not self.depth:
            self.units.append((phrase.first, phrase.end, start, len(self.out)))

    def on_t_money(self, phrase: Phrase) -> Iterator[Phrase]:
        if self.lexed.values[phrase.first : phrase.end] == ["percentage", "points"]:
            texts = ("percentage", "points") if self.lang == "en" else (self.words.names["type"]["percentage_points"],)
            self.unit_of_words(phrase, *texts)
        else:
            yield from self.parts(phrase)

    def on_unit(self, phrase: Phrase) -> None:
        number = next((i for i in range(phrase.first - 1, max(-1, phrase.first - 3), -1) if self.is_number(i)), None)
        one = number is not None and self.lexed.values[number] == 1
        self.keyword(UNITS[phrase.rule], phrase.first, one)

    def is_number(self, i: int) -> bool:
        return self.lexed.types[i] == "NUMBER"

    def on_d_do(self, phrase: Phrase) -> Iterator[Phrase]:
        for part in phrase.parts:
            if isinstance(part, int) and self.lexed.types[part] == "K_TIMES":
                self.keyword("K_TIMES", part, self.lexed.values[part - 1] == 1)
            else:
                yield from self.part(part)

    def on_w_month(self, phrase: Phrase) -> None:
        self.keyword("K_BY_MONTH" if self.lang == "zh" else "K_PER_MONTH", phrase.first)

    def on_status_due(self, phrase: Phrase) -> None:
        self.keyword("K_DUE_STATUS" if self.lang == "zh" else "K_DUE", phrase.first)

    def on_h_rounding(self, phrase: Phrase) -> None:
        keyword, name, _, unit = phrase.parts
        assert isinstance(keyword, int) and isinstance(name, Phrase) and isinstance(unit, int)
        self.token(keyword)
        self.name(name.first, self.by_position("rounding", self.lexed.values[name.first]))
        self.keyword("K_ROUNDED_TO" if self.lang == "zh" else "K_TO", unit - 1)
        self.token(unit)

    def on_right(self, phrase: Phrase) -> Iterator[Phrase]:
        """What a right retains is released; what it suspends is resumed."""
        resumed = any(each.rule == "e_suspend" for each in phrase.within())
        for part in phrase.parts:
            if isinstance(part, Phrase) and part.rule == "r_released":
                self.keyword("K_RESUMED_ON" if self.lang == "zh" and resumed else "K_RELEASED_ON", part.first)
                yield from part.phrases()
            else:
                yield from self.part(part)

    # ---- phrases whose order is not that of the other set

    def numbers(self, phrase: Phrase) -> list[int]:
        return [i for i in phrase.words() if self.is_number(i)]

    def on_due_day(self, phrase: Phrase) -> Iterator[Phrase]:
        period = phrase.phrases()
        (number,) = self.numbers(phrase)
        business = "business" in phrase.rule
        if self.lang == "zh":
            yield from self.unit(phrase, *period, "K_ORDINAL", number, "K_BUSINESS_DAYS" if business else "K_DAYS")
        else:
            behind: tuple[Part, ...] = ("K_OF", *period) if period else ()
            yield from self.unit(phrase, "K_BUSINESS_DAY" if business else "K_DAY", number, *behind)

    def on_due_last_day(self, phrase: Phrase) -> Iterator[Phrase]:
        period = phrase.phrases()
        if self.lang == "zh":
            yield from self.unit(phrase, *period, "K_FINAL_DAY")
        else:
            behind: tuple[Part, ...] = ("K_OF", *period) if period else ()
            yield from self.unit(phrase, "K_LAST_DAY", *behind)

    def on_due_within(self, phrase: Phrase) -> Iterator[Phrase]:
        since, within = phrase.phrases()
        if phrase.rule == "due_within":
            within, since = since, within
        if self.lang == "zh":
            yield from self.unit(phrase, "K_FROM", since, "K_SINCE", within, "K_INSIDE")
        else:
            yield from self.unit(phrase, "K_WITHIN", within, "K_AFTER", since)

    def on_due_within_demand(self, phrase: Phrase) -> Iterator[Phrase]:
        (within,) = phrase.phrases()
        if self.lang == "zh":
            yield from self.unit(phrase, "K_FROM", "K_DEMAND", "K_SINCE", within, "K_INSIDE")
        else:
            yield from self.unit(phrase, "K_WITHIN", within, "K_AFTER", "K_DEMAND")

    def on_lapse_from(self, phrase: Phrase) -> Iterator[Phrase]:
        first, second, *shift = phrase.phrases()
        after, within = (first, second) if phrase.rule == "lapse_from_zh" else (second, first)
        if self.lang == "zh":
            yield from self.unit(phrase, "K_LAPSES", "K_FROM", after, "K_SINCE", within, "K_INSIDE", *shift)
        else:
            yield from self.unit(phrase, "K_LAPSES", within, "K_AFTER", after, *shift)

    def on_lapse_after(self, phrase: Phrase) -> Iterator[Phrase]:
        between: tuple[Part, ...] = () if self.lang == "zh" else ("K_AFTER",)
        yield from self.unit(phrase, "K_LAPSES", *between, *phrase.phrases())

    def on_d_deliver(self, phrase: Phrase) -> Iterator[Phrase]:
        debtor, *creditor = phrase.phrases()
        what = next(i for i in phrase.words() if self.lexed.types[i] == "STRING")
        if not creditor:
            yield from self.unit(phrase, debtor, "K_MUST", "K_DELIVER", what)
        elif self.lang == "zh":
            yield from self.unit(phrase, debtor, "K_MUST", "K_DELIVER_TO", *creditor, what)
        else:
            yield from self.unit(phrase, debtor, "K_MUST", "K_DELIVER", what, "K_TO", *creditor)

    def on_x_must_not(self, phrase: Phrase) -> Iterator[Phrase]:
        """What must not be is said by the text alone, without `do`."""
        (debtor,) = phrase.phrases()
        yield from self.unit(phrase, debtor, "K_MUST_NOT", phrase.end - 1)

    def on_step_after(self, phrase: Phrase) -> Iterator[Phrase]:
        within, remedy = phrase.phrases()
        self.keyword("K_AFTER_DAYS" if self.lang == "zh" else "K_AFTER", phrase.first)
        yield within
        yield remedy

    def on_step_on_day(self, phrase: Phrase) -> Iterator[Phrase]:
        (remedy,) = phrase.phrases()
        (number,) = self.numbers(phrase)
        head = attrs.evolve(phrase, end=remedy.first)
        yield from self.unit(head, "K_ON_DAY", number, *(("K_DAYS",) if self.lang == "zh" else ()))
        yield remedy

    def on_consecutive(self, phrase: Phrase) -> Iterator[Phrase]:
        tested, *rest = phrase.phrases()
        if rest[0].rule == "name":
            amount: Part = rest.pop(0)
        else:
            (amount,) = self.numbers(phrase)
        unit, *missing = rest
        yield tested
        tail = attrs.evolve(phrase, first=tested.end)
        if self.lang == "zh":
            yield from self.unit(tail, "K_CONSECUTIVE", amount, unit, *missing)
        else:
            yield from self.unit(tail, "K_FOR", amount, "K_CONSECUTIVE", unit, *missing)

    def on_at_least_of(self, phrase: Phrase) -> Iterator[Phrase]:
        tested, unit, *missing = phrase.phrases()
        least, of = self.numbers(phrase)
        if phrase.rule == "at_least_of_zh":
            least, of = of, least
        yield tested
        tail = attrs.evolve(phrase, first=tested.end)
        if self.lang == "zh":
            yield from self.unit(tail, "K_LAST", of, unit, "K_AT_LEAST", least, "K_TIMES", *missing)
        else:
            yield from self.unit(tail, "K_IN_AT_LEAST", least, "K_OF_LAST", of, unit, *missing)

    def on_of_period(self, phrase: Phrase) -> Iterator[Phrase]:
        first, second = phrase.phrases()
        of, period = (first, second) if phrase.rule == "of_period" else (second, first)
        operand = self.operand(phrase.rule, of)
        if self.lang == "zh":
            yield from self.unit(phrase, period, "K_POSSESSIVE", *operand)
        else:
            yield from self.unit(phrase, *operand, "K_OF", period)

    def on_as_of_suspension(self, phrase: Phrase) -> Iterator[Phrase]:
        operand = self.operand(phrase.rule, *phrase.phrases())
        if self.lang == "zh":
            yield from self.unit(phrase, "K_AT_SUSPENSION_START", "K_POSSESSIVE", *operand)
        else:
            yield from self.unit(phrase, *operand, "K_AS_OF_SUSPENSION_START")

    def on_percent_of(self, phrase: Phrase) -> Iterator[Phrase]:
        percent = next(i for i in phrase.words() if self.lexed.types[i] == "PERCENT")
        per = [each for each in phrase.phrases() if each.rule.startswith("per_")]
        (of,) = [each for each in phrase.phrases() if each not in per]
        operand = self.operand(phrase.rule, of)
        if self.lang == "zh":
            yield from self.unit(phrase, *operand, "K_POSSESSIVE", percent, *per)
        else:
            yield from self.unit(phrase, percent, *per, "K_OF", *operand)

    def operand(self, rule: str, operand: Phrase) -> tuple[Part, ...]:
        """An operand in the parentheses that it needs; only those that neither set needs, or both do, stay as written."""
        inner, marks = operand, []
        while inner.rule == "parenthesis":
            left, inside, right = inner.parts
            assert isinstance(left, int) and isinstance(inside, Phrase) and isinstance(right, int)
            marks.append((left, right))
            inner = inside
        level, slot = _LEVELS.get(inner.rule, (_ATOM, _ATOM)), _SLOTS[rule]
        needed = {"en": level[0] < slot[0], "zh": level[1] < slot[1]}
        if needed["en"] == needed["zh"]:
            return (operand,)
        return ("(", inner, ")") if needed[self.lang] else (inner,)

    def on_expect(self, phrase: Phrase) -> Iterator[Phrase]:
        keyword = phrase.first
        subject = phrase.of("subject", "subject_field")
        period = phrase.of("period")
        outcome = phrase.phrases()[-1]
        assert subject is not None
        if period is None:
            yield from self.parts(phrase)
            return
        self.token(keyword)
        head = attrs.evolve(phrase, first=keyword + 1, end=outcome.first)
        if self.lang == "zh":
            yield from self.unit(head, period, "K_POSSESSIVE", subject)
        else:
            yield from self.unit(head, subject, "K_OF", period)
        yield outcome


def inseparable(whole: Phrase) -> Iterator[int]:
    """Tokens that begin a part of a phrase whose order differs: a line break before them has no place there."""
    for phrase in whole.within():
        match phrase.rule:
            case "consecutive" | "at_least_of" | "at_least_of_zh" | "z_expect" | "z_expect_zh":
                parts = phrase.parts[2:]
            case "step_on_day":
                parts = phrase.parts[1:-1]
            case rule if rule in _REORDERED:
                parts = phrase.parts[1:]
            case _:
                continue
        outcome = phrase.rule.startswith("z_expect")
        for part in parts[:-1] if outcome else parts:
            yield part if isinstance(part, int) else part.first


class Untranslatable(Exception):
    """A keyword that the other set has no word for, outside the phrases that say it in another way."""

    def __init__(self, type: str, token: int | None) -> None:
        super().__init__(type)
        self.type = type
        self.token = token


def slots_end(between: list[str], behind: dict[int, str]) -> str:
    """What stands behind the last word."""
    return behind.get(len(between) - 1, "") + between[-1]


def _money(text: str, lang: Lang) -> str:
    """`CNY 8_000` or `8_000元`, as the set writes it; other currencies with one blank."""
    if text.endswith("元"):
        return text if lang == "zh" else f"CNY {text[:-1]}"
    currency, amount = text.split(None, 1)
    return f"{amount}元" if lang == "zh" and currency == "CNY" else f"{currency} {amount}"


_SPECIAL: Final = MappingProxyType[str, Callable[[_Respelling, Phrase], Iterator[Phrase] | None]](
    {
        "ref": _Respelling.on_ref,
        "call": _Respelling.on_call,
        "negate": _Respelling.on_negate,
        "attribute": _Respelling.on_field_behind,
        "subject_field": _Respelling.on_field_behind,
        "record_field": _Respelling.on_record_field,
        "comparison": _Respelling.on_comparison,
        "in_breach": _Respelling.on_in_breach,
        **dict.fromkeys(("type_word", "type_text", "type_party", "type_notice"), _Respelling.on_type_word),
        "t_money": _Respelling.on_t_money,
        **dict.fromkeys(UNITS, _Respelling.on_unit),
        "d_do": _Respelling.on_d_do,
        "w_month": _Respelling.on_w_month,
        "status_due": _Respelling.on_status_due,
        "h_rounding": _Respelling.on_h_rounding,
        "right": _Respelling.on_right,
        **dict.fromkeys(("due_day", "due_day_zh", "due_business_day", "due_business_day_zh"), _Respelling.on_due_day),
        **dict.fromkeys(("due_last_day", "due_last_day_zh"), _Respelling.on_due_last_day),
        **dict.fromkeys(("due_within", "due_within_zh"), _Respelling.on_due_within),
        **dict.fromkeys(("due_within_demand", "due_within_demand_zh"), _Respelling.on_due_within_demand),
        **dict.fromkeys(("lapse_from", "lapse_from_zh"), _Respelling.on_lapse_from),
        "lapse_after": _Respelling.on_lapse_after,
        **dict.fromkeys(("d_deliver", "d_deliver_to"), _Respelling.on_d_deliver),
        "x_must_not": _Respelling.on_x_must_not,
        "step_after": _Respelling.on_step_after,
        "step_on_day": _Respelling.on_step_on_day,
        "consecutive": _Respelling.on_consecutive,
        **dict.fromkeys(("at_least_of", "at_least_of_zh"), _Respelling.on_at_least_of),
        **dict.fromkeys(("of_period", "of_period_zh"), _Respelling.on_of_period),
        "as_of_suspension": _Respelling.on_as_of_suspension,
        **dict.fromkeys(("percent_of", "percent_of_zh", "rate_of", "rate_of_zh"), _Respelling.on_percent_of),
        **dict.fromkeys(("z_expect", "z_expect_zh"), _Respelling.on_expect),
    }
)
