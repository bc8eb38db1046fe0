"""The colours of a contract wherever Pygments paints: web pages, notebooks, documentation, a terminal.

The words are cut by the language's own lexer, so that a keyword is coloured where it is one and not where it is the
name of a field. `kind_of` says what sort of word each role is; the grammar for editors is made from the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from pygments import token as paint
from pygments.lexer import Lexer

from clausal.dsl.diagnostics import Source
from clausal.dsl.keywords import keywords
from clausal.dsl.lexer import DECLARING, Lexed, lex, visible

Kind: TypeAlias = Literal[
    "declaration", "modal", "logic", "function", "constant", "status", "unit", "time", "particle", "item"
]

_ROLES: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        # what opens a declaration, and what it may be made of
        "declaration": """CONTRACT PARTY PARAMETER FACT LET KPI BALANCE CLAUSE OBLIGATION PROHIBITION RIGHT SUSPENSION
            TERMINATION ESCALATION EXCEPTION_TO AMENDMENT SCENARIO PROPERTY USE APPROVAL""",
        # who must, may or must not do what
        "modal": """MUST MAY MUST_NOT PAY DELIVER DELIVER_TO DO WITHHOLD RETAIN REDUCE TERMINATE SUSPEND DEMAND
            EXTEND OWES""",
        "logic": "AND OR NOT IF THEN ELSE CHOOSE WHEN OTHERWISE IS WHERE ALWAYS EXPECT NEEDS",
        "function": """TIERS SPLIT STAGES_OF WATERFALL SUM_OF COUNT_OF MINIMUM_OF MAXIMUM_OF AVERAGE_OF GROWTH_OF
            FOR_EACH OVER ONE_OF LIST_OF""",
        "constant": "TRUE FALSE NONE UNKNOWN TBD",
        "status": """MET MISSED NOT_ASSESSED DUE_STATUS NOT_YET_DUE IN_GRACE PERFORMED_LATE PARTLY_PERFORMED NOT_OPEN
            TOO_LATE NO_RIGHT NO_EFFECT NOT_STARTED GIVEN_UP""",
        "unit": """HOURS DAYS DAY BUSINESS_DAYS BUSINESS_DAY WEEKS MONTHS QUARTERS YEARS PER_DAY PER_WEEK PER_MONTH
            PER_YEAR TIMES""",
        # days and periods that the language knows by a word
        "time": """THIS_MONTH NEXT_MONTH PREVIOUS_MONTH THIS_QUARTER NEXT_QUARTER PREVIOUS_QUARTER NEXT_YEAR
            PREVIOUS_YEAR CONTRACT_YEAR_TO_DATE CALENDAR_YEAR_TO_DATE SINCE_START UNTIL_PREVIOUS_MONTH MONTH_START
            MONTH_END TERM_START TERM_END PERIOD_START PERIOD_END IT_ARISES LAST_DAY FINAL_DAY AS_OF_SUSPENSION_START
            AT_SUSPENSION_START DAILY WEEKLY MONTHLY QUARTERLY YEARLY ONCE EVERY_MONTH EVERY_QUARTER EVERY_HALF_YEAR
            EVERY_YEAR""",
        "particle": "OF POSSESSIVE FROM TO ON BY AFTER SINCE INSIDE ORDINAL FOR",
    }
)
_KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {role: kind for kind, row in _ROLES.items() for role in row.split()}
)

# Names by position that are words of the law or of accounting wherever a file doesn't declare them itself.
CONSTANTS: Final = (
    *("status", "grade", "rounding", "month_end", "calendar", "order", "interest", "proration", "weekday"),
)

_PAINTS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "declaration": paint.Keyword.Declaration,
        "modal": paint.Keyword.Reserved,
        "logic": paint.Operator.Word,
        "function": paint.Name.Builtin,
        "constant": paint.Keyword.Constant,
        "status": paint.Name.Constant,
        "unit": paint.Keyword.Type,
        "time": paint.Keyword.Pseudo,
        "particle": paint.Keyword,
        "item": paint.Keyword,
        "STRING": paint.String,
        "NUMBER": paint.Number,
        "POINTS": paint.Number,
        "PERCENT": paint.Number,
        "MONEY": paint.Number,
        **dict.fromkeys(("DATE", "MOMENT", "MONTH", "QUARTER", "WEEK"), paint.Literal.Date),
        **dict.fromkeys("{}()[],:.", paint.Punctuation),
        **dict.fromkeys(("=", "!=", "<", "<=", ">", ">=", *"+-*/?"), paint.Operator),
    }
)
_OPENING: Final = re.compile(r'\s*(?:#[^\n]*\n\s*)*(?:contract|合同)\s*["“]')
_BLANK_OR_NOT: Final = re.compile(r"\s+|\S+")


def kind_of(role: str) -> Kind:
    """What sort of word a role of the keyword table is; `item` is a line of a declaration, as `due` or 宽限期."""
    return _KINDS.get(role, "item")


class ContractLexer(Lexer):  # type: ignore[misc]  # Pygments has no types
    """Contracts in either keyword set. Any text is painted whole; what cannot be a word is an error token."""

    name = "Clausal contract"
    aliases = ("contract", "clausal")
    filenames = ("*.contract",)
    mimetypes = ("text/x-contract",)

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, Any, str]]:
        """Each piece of the text in order: where it begins, what it is, and its characters."""
        lexed = lex(Source("", visible(text)))
        marks = [(lexed.starts[i], lexed.ends[i], painted) for i, painted in enumerate(_painted(lexed))]
        marks += [(start, end, paint.Comment.Single) for start, end in lexed.comments]
        if lexed.cut is not None:
            marks.append((lexed.cut, len(text), paint.String))
        at = 0
        for start, end, painted in sorted(marks, key=lambda mark: mark[:2]):
            yield from _between(text, at, start)
            if end > max(at, start):
                at = max(at, start)
                yield at, painted, text[at:end]
                at = end
        yield from _between(text, at, len(text))

    @staticmethod
    def analyse_text(text: str) -> int:
        """1 for a text that begins as a contract does, 0 for any other."""
        return int(_OPENING.match(text) is not None)


def _between(text: str, start: int, end: int) -> Iterator[tuple[int, Any, str]]:
    """What lies between two words: blanks, and what is no word."""
    for found in _BLANK_OR_NOT.finditer(text, start, max(start, end)):
        yield found.start(), paint.Whitespace if found[0].isspace() else paint.Error, found[0]


def _painted(lexed: Lexed) -> Iterator[Any]:
    """What each word of the text is."""
    types, values = lexed.types, lexed.values
    parties = {values[i + 1] for i, type in enumerate(types[:-1]) if type == "K_PARTY" and types[i + 1] == "NAME"}
    for i, type in enumerate(types):
        before = types[i - 1] if i else ""
        after = types[i + 1] if i + 1 < len(types) else ""
        if type == "NAME":
            yield _name(values[i], before, after, parties, lexed.declared)
        elif type == "STRING" and before in ("K_TEXT", "K_NOTE"):
            yield paint.String.Doc  # words of the paper, or about it
        elif type.startswith("K_"):
            yield _PAINTS[kind_of(type[2:])]
        else:
            yield _PAINTS.get(type, paint.Error)


def _name(word: str, before: str, after: str, parties: set[str], declared: set[str]) -> Any:
    if before in DECLARING:
        return paint.Name.Class if before == "K_PARTY" else paint.Name.Function
    if before == "." or (after == ":" and before in ("{", ",")):
        return paint.Name.Attribute
    if word in parties:
        return paint.Name.Class
    if before == ":" and _means(word, "type"):
        return paint.Keyword.Type
    if after == "(" and _means(word, "builtin"):
        return paint.Name.Builtin
    if word not in declared and any(_means(word, section) for section in CONSTANTS):
        return paint.Name.Constant
    return paint.Name


def _means(word: str, section: str) -> bool:
    table = keywords()
    return word in table.names[section] or word in table.to_english[section]
