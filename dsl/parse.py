"""Text to syntax: reads a `.contract` file in either keyword set, and tells every mistake once, in its words.

A small LALR driver runs over the prebuilt table and calls `actions.py` as it goes. On an error it first
tries the one repair that a reader would make (a bracket that was forgotten, a reserved word that was meant
as a name, `必须` for `应当`) and goes on; else it leaves out the declaration that it stands in and reads on
behind it, so that the good ones remain. Every text gives a tree or findings: nothing here recurses on the
depth of the input.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, Literal, TypeAlias, cast

from clausal.dsl.actions import CONSTANTS, Actions
from clausal.dsl.diagnostics import (
    Arg,
    Both,
    Diagnostic,
    Fix,
    Source,
    Span,
    any_of,
    did_you_mean,
    error,
    in_order,
    legal_word,
    note,
    warning,
)
from clausal.dsl.keywords import Automaton, Keywords, keywords, table
from clausal.dsl.lexer import CLOSERS, CURRENCIES, DECLARING, Lexed, Token, lex, segment, tokens, written_figures
from clausal.dsl.syntax import Declaration, Expr, Tree

__all__ = [
    "CONTINUING",
    "DECLARATIONS",
    "Goal",
    "Token",
    "continuations",
    "declared_names",
    "keywords",
    "parse",
    "parse_expression",
    "parse_part",
    "segment",
    "stepped",
    "tokens",
]

Goal: TypeAlias = Literal["start", "expression", "declarations"]

MAX_FINDINGS: Final = 50
_MAX_REPAIRS: Final = 200

# Keywords that only ever begin a declaration; `K_CLAUSE`, `K_OBLIGATION` and others also stand inside others.
_STRONG: Final = frozenset(
    [
        "K_FACT",
        "K_LET",
        "K_KPI",
        "K_BALANCE",
        "K_PROHIBITION",
        "K_SUSPENSION",
        "K_TERMINATION",
        "K_ESCALATION",
        "K_EXCEPTION_TO",
        "K_APPROVAL",
        "K_AMENDMENT",
        "K_SCENARIO",
        "K_PROPERTY",
        "K_USE",
    ]
)
DECLARATIONS: Final = _STRONG | {"K_PARTY", "K_PARAMETER", "K_CLAUSE", "K_OBLIGATION", "K_RIGHT"}
_NOT_A_START: Final = frozenset({":", "K_INSTEAD", "K_AT_END", "K_EXPECT", ".", ","})
_COMPARISONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
_OPERATORS: Final = _COMPARISONS | frozenset(["+", "-", "*", "/", ".", "K_AND", "K_OR", "K_OF", "K_POSSESSIVE"])
# What goes on after an operand, besides operators; left out of lists of what was expected.
CONTINUING: Final = _OPERATORS | frozenset(
    [
        "K_FOR",
        "K_CONSECUTIVE",
        "K_IN_AT_LEAST",
        "K_LAST",
        "K_IN_ANY_PREVIOUS_MONTH",
        "K_IN_ANY_MONTH",
        "K_IS",
        "K_IN_BREACH",
        "K_MET",
        "K_MISSED",
        "K_NOT_ASSESSED",
        "K_PER_DAY",
        "K_PER_WEEK",
        "K_PER_MONTH",
        "K_PER_YEAR",
        "K_SKIPPING",
        "K_RESETTING",
        "K_OVER",
        "K_WHERE",
        "K_FOR_EACH",
        "(",
    ]
)
_UNITS: Final = frozenset(
    [
        "K_HOURS",
        "K_DAYS",
        "K_DAY",
        "K_BUSINESS_DAYS",
        "K_BUSINESS_DAY",
        "K_WEEKS",
        "K_MONTHS",
        "K_QUARTERS",
        "K_YEARS",
    ]
)
_PER: Final = frozenset({"K_PER_DAY", "K_PER_WEEK", "K_PER_MONTH", "K_PER_YEAR"})
_BEHIND_A_PARTY: Final = frozenset({"K_MUST", "K_MUST_NOT", "K_MAY", "K_UP_TO"})
# Keywords that are taken for one another, and what is meant where it can stand.
_MEANT: Final = {
    "K_FOR_EACH": ("K_FOR_EVERY",),
    "K_PER_RECORD_OF": ("K_FOR_EVERY",),
    "K_REDUCE": ("K_DEDUCT",),
    "K_SUSPENSION": ("K_SUSPENDS", "K_SUSPEND"),
    "K_TERMINATION": ("K_TERMINATE",),
    "K_DAILY": ("K_PER_DAY",),
    "K_MONTHLY": ("K_BY_MONTH", "K_PER_MONTH"),
    "K_QUARTERLY": ("K_PER_QUARTER",),
    "K_EVERY_QUARTER": ("K_QUARTERLY", "K_PER_QUARTER"),
    "K_EVERY_MONTH": ("K_MONTHLY", "K_BY_MONTH", "K_PER_MONTH"),
    "K_EVERY_YEAR": ("K_YEARLY", "K_PER_YEAR"),
    "K_SINCE_START": ("K_PER_WHOLE_TERM",),
    "K_RETAIN": ("K_WITHHOLD",),
}
_ODD: Final = frozenset({"E004", "E009", "E104", "E109"})
PERIODS: Final = frozenset(
    [
        "K_THIS_MONTH",
        "K_NEXT_MONTH",
        "K_PREVIOUS_MONTH",
        "K_THIS_QUARTER",
        "K_NEXT_QUARTER",
        "K_PREVIOUS_QUARTER",
        "K_NEXT_YEAR",
        "K_PREVIOUS_YEAR",
    ]
)
# What other languages of rules, and contracts on paper, call a comparison.
_SIGN_WORDS: Final = {
    **dict.fromkeys(("大于等于", "大于或等于", "大于或者等于", "不少于", "不低于", "不小于", "至少"), ">="),
    **dict.fromkeys(("小于等于", "小于或等于", "小于或者等于", "不多于", "不超过", "不高于", "不大于", "至多"), "<="),
    **dict.fromkeys(("大于", "高于", "多于", "超过"), ">"),
    **dict.fromkeys(("小于", "低于", "少于", "不足"), "<"),
    **dict.fromkeys(("等于", "equals", "is equal to", "equal to", "is"), "="),
    **dict.fromkeys(("不等于", "is not", "not equal to"), "!="),
    **dict.fromkeys(("at most", "no more than", "not more than", "not exceeding", "up to"), "<="),
    **dict.fromkeys(("at least", "no less than", "not less than", "no fewer than"), ">="),
    **dict.fromkeys(("more than", "greater than", "exceeds", "is above", "above"), ">"),
    **dict.fromkeys(("less than", "fewer than", "is below", "below"), "<"),
    **dict.fromkeys(("和", "并且", "而且", "同时"), "K_AND"),
    **dict.fromkeys(("或者", "或是"), "K_OR"),
    **dict.fromkeys(("plus", "加"), "+"),
    **dict.fromkeys(("minus", "减"), "-"),
    **dict.fromkeys(("times", "乘", "乘以"), "*"),
    "除以": "/",
}
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH: Final = "((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*)"
_SPELLED_DATE: Final = re.compile(
    rf"(?<!\w)(?:([0-9]{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH}|{_MONTH}\s+([0-9]{{1,2}})(?:st|nd|rd|th)?),?\s+([0-9]{{4}})(?!\w)"
)
_VALUE_WORDS: Final = {
    "NAME": Both("a name", "名称"),
    "STRING": Both("a text in quotation marks", "引号内的文本"),
    "NUMBER": Both("a number", "数字"),
    "DATE": Both("a date such as `2026-01-31`", "日期（如“2026-01-31”）"),
    "MOMENT": Both("a moment such as `2026-01-31T10:00`", "时刻（如“2026-01-31T10:00”）"),
    "MONTH": Both("a month such as `2026-01`", "月份（如“2026-01”）"),
    "QUARTER": Both("a quarter such as `2026-Q1`", "季度（如“2026-Q1”）"),
    "WEEK": Both("a week such as `2026-W05`", "周（如“2026-W05”）"),
    "PERCENT": Both("a percentage", "百分比"),
    "POINTS": Both("percentage points", "百分点"),
    "MONEY": Both("an amount of money", "金额"),
    "$END": Both("the end of the file", "文件结束"),
}
_EXPRESSION: Final = Both("an expression", "表达式")
_UNIT: Final = Both("a unit of time", "时间单位")
_DECLARATION: Final = Both("a declaration", "一项声明")
_OPERATOR: Final = Both("an operator", "运算符")


def _denied(word: str) -> bool:
    """Whether a word says no: what is denied is never a slip for what is not."""
    return any(sign in word for sign in "不非未无")


def parse(source: Source) -> tuple[Tree | None, tuple[Diagnostic, ...]]:
    """The tree of a contract, and what was found. With errors it holds the good declarations, or is None."""
    tree, found = _read(source, "start")
    return cast("Tree | None", tree), found


def parse_part(source: Source) -> tuple[tuple[Declaration, ...], tuple[Diagnostic, ...]]:
    """The declarations of a file that a contract uses; it has no header of its own."""
    lexed = lex(source)
    if lexed.types and lexed.types[0] == "K_CONTRACT":
        at = Span(lexed.starts[0], lexed.ends[0])
        return (), (error("E015", at, source=source, file=source.name),)
    made, found = _read(source, "declarations")
    return cast("tuple[Declaration, ...]", made or ()), found


def parse_expression(text: str) -> tuple[Expr | None, tuple[Diagnostic, ...]]:
    """A single expression, as a command line or a test gives one; None where it has an error."""
    tree, found = _read(Source("expression", text), "expression")
    return (None if found else cast("Expr | None", tree)), found


def declared_names(source: Source) -> frozenset[str]:
    """Every name that a file declares, in broken declarations too: their uses are not undefined. Of a declaration whose
    keyword is what is wrong with it the name is known by the sign behind it."""
    lexed = lex(source)
    rows = zip(lexed.types, lexed.types[1:], lexed.values, strict=False)
    return frozenset(lexed.declared).union(str(value) for a, b, value in rows if a == "NAME" and b in ("{", ":", "="))


def _read(source: Source, goal: Goal) -> tuple[Any, tuple[Diagnostic, ...]]:
    lexed = lex(source)
    if lexed.fatal:
        return None, _limited(lexed.found)
    parser = _Parser(lexed, goal)
    tree = parser.run()
    told = any(one.code == "E014" for one in parser.found)
    swallowed = [] if told or goal == "expression" else _swallowed(lexed)
    if not (swallowed or lexed.found or parser.found or parser.actions.found or lexed.foreign):
        return tree, ()
    return tree, _limited(
        [*lexed.found, *_foreign(lexed, parser.meant), *parser.found, *parser.actions.found, *swallowed]
    )


def _swallowed(lexed: Lexed) -> list[Diagnostic]:
    """Comments with several declarations in them: line breaks were lost. To the end of the file that is an error."""
    found: list[Diagnostic] = []
    text = lexed.source.text
    for start, end in lexed.comments:
        if end - start > 40 and "{" in text[start:end] and len(_declared_in_text().findall(text, start, end)) > 1:
            at = Span(start, start + 1)
            last = not text[end:].strip()
            told = error("E014", at, source=lexed.source) if last else warning("W519", at, source=lexed.source)
            found.append(told)
    return found


@cache
def _declared_in_text() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word, (type, _) in keywords().words.items() if type in DECLARING)
    return re.compile(rf"(?<!\w)(?:{words})\s+\w+\s*[{{:=\"“]")


def _limited(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    ordered = in_order(found)
    if len(ordered) <= MAX_FINDINGS:
        return ordered
    more = note("E124", source=ordered[0].source, limit=MAX_FINDINGS)
    return (*ordered[:MAX_FINDINGS], more)


def _foreign(lexed: Lexed, meant: Mapping[int, str]) -> Iterable[Diagnostic]:
    """Keywords of the other set; `meant`: the roles, by offset, of those that their place tells better than the word."""
    words = keywords()
    for i in lexed.foreign[: MAX_FINDINGS + 1]:
        span = Span(lexed.starts[i], lexed.ends[i])
        write = words.word(meant.get(span.start, lexed.types[i]), lexed.lang)
        if write is None:
            write = _OTHER_WORDS.get(lexed.types[i][2:], "…")
            yield error("E110", span, source=lexed.source, found=lexed.text(i), write=write)
        else:
            yield error("E110", span, source=lexed.source, fix=Fix(span, write), found=lexed.text(i), write=write)


_MONEY_WORDS: Final = frozenset(("元", "万元", "亿元", "万", "亿"))
# Words for one stretch of time, each of its own place; what is `per` it is never a slip for another.
_FORMS: Final = (
    ("K_DAILY", "K_PER_DAY"),
    ("K_WEEKLY", "K_EVERY_WEEK_ON", "K_PER_WEEK"),
    ("K_MONTHLY", "K_EVERY_MONTH", "K_BY_MONTH", "K_PER_MONTH"),
    ("K_QUARTERLY", "K_EVERY_QUARTER", "K_PER_QUARTER"),
    ("K_YEARLY", "K_EVERY_YEAR", "K_PER_YEAR"),
)
# What the other set says where it has no single word for a role.
_OTHER_WORDS: Final = {
    "OF": "的",
    "FOR": "连续",
    "IN_AT_LEAST": "至少",
    "OF_LAST": "最近",
    "DAY": "日",
    "BUSINESS_DAY": "个工作日",
    "LAST_DAY": "最后一日",
    "ROUNDED_TO": "to",
    "BY_MONTH": "per month",
    "DELIVER_TO": "deliver … to",
    "FINAL_DAY": "last day",
    "ORDINAL": "day",
    "SINCE": "within … after",
    "INSIDE": "within",
    "AFTER_DAYS": "after",
    "DUE_STATUS": "due",
    "POSSESSIVE": "of",
}

# How a completed rule is dealt with.
_PASS, _CONSTANT, _CALL_ALL, _CALL_SOME, _CALL_LISTS, _LIST, _GROW = range(7)


@cache
def _plan() -> tuple[tuple[int, str, int, str, tuple[int, ...]], ...]:
    """(size, origin, how, what to call, parts) of each rule."""
    plan = []
    for origin, size, call, parts in table().automaton.rules:
        if call == "":
            how = _PASS
        elif call == "*":
            how = _LIST
        elif call == "+":
            how = _GROW
        elif call in CONSTANTS:
            how = _CONSTANT
        elif any(part < 0 for part in parts):
            how = _CALL_LISTS
        elif parts == tuple(range(size)):
            how = _CALL_ALL
        else:
            how = _CALL_SOME
        plan.append((size, origin, how, call, parts))
    return tuple(plan)


def stepped(states: list[int], type: str, goal: Goal) -> bool:
    """Moves states of the automaton over one terminal; False where it cannot stand."""
    automaton = table().automaton
    rows, gotos, rules = automaton.rows, automaton.gotos, automaton.rules
    while True:
        row = rows[states[-1]]
        act = row if isinstance(row, int) else row.get(type)
        if act is None:
            return False
        if act >= 0:
            states.append(act)
            return True
        origin, size = rules[-1 - act][:2]
        if size:
            del states[-size:]
        if origin == goal:
            return type == "$END"
        states.append(gotos[states[-1]][origin])


def continuations(states: Sequence[int], goal: Goal) -> set[str]:
    """Every terminal that can stand behind these states."""
    automaton = table().automaton
    states = list(states)
    while isinstance(row := automaton.rows[states[-1]], int):
        origin, size = automaton.rules[-1 - row][:2]
        del states[len(states) - size :]
        states.append(automaton.gotos[states[-1]][origin])
    return {type for type in row if stepped(list(states), type, goal)}


class _Parser:
    """One run over one text. Columns are copied, since repairs insert tokens."""

    def __init__(self, lexed: Lexed, goal: Goal) -> None:
        end = len(lexed.source.text)
        self.lexed = lexed
        self.goal = goal
        self.automaton: Automaton = table().automaton
        self.words: Keywords = keywords()
        self.actions = Actions(lexed)
        self.types = [*lexed.types, "$END"]
        self.starts = [*lexed.starts, end]
        self.ends = [*lexed.ends, end]
        self.values: list[Any] = [*lexed.values, None]
        self.states: list[int] = [self.automaton.start[goal]]
        self.stack: list[Any] = []
        self.begins: list[int] = []
        self.found: list[Diagnostic] = []
        self.unclosed = [lexed.starts[i] for i in lexed.unclosed if i < len(lexed.starts)]
        self.foreign = [lexed.starts[i] for i in lexed.foreign]
        self.meant: dict[int, str] = {}
        # what was told about single characters and dates: an error beside it is the same one
        self.odd = [one.span.start for one in lexed.found if one.span and one.code in _ODD]
        self.repairs = 0
        self.repaired_at = -1  # the token up to which the last repair reached: an error right behind it is not told
        self.swallow = 0  # closing braces of left-out text that may still come
        self.last_broken = -1  # where the last left-out text begins
        self.states_before: list[int] = []
        self.marked = {one.span.start for one in lexed.found if one.span and one.code == "E106"}
        self.guessed: int | None = None  # where a word stands that could be any of several keywords
        self.silent = False  # what follows rests on something already told
        self.no_tree = False

    # ---- the automaton

    def run(self) -> Any:
        rows, gotos = self.automaton.rows, self.automaton.gotos
        types, starts, ends, values = self.types, self.starts, self.ends, self.values
        states, stack, begins = self.states, self.stack, self.begins
        goal = self.goal
        plan = [
            (size, origin, how, CONSTANTS[call] if how == _CONSTANT else call, parts)
            for size, origin, how, call, parts in _plan()
        ]
        actions: dict[str, Any] = {}
        i = 0
        end = 0
        type = types[0]
        while True:
            row = rows[states[-1]]
            if row.__class__ is int:
                act: Any = row
            else:
                act = row.get(type)  # type: ignore[union-attr]
                if act is None:
                    resumed = self.error(i)
                    if resumed is None:
                        return None
                    i = resumed
                    type = types[i]
                    end = ends[i - 1] if i else 0
                    continue
            if act >= 0:
                states.append(act)
                stack.append(values[i])
                begins.append(starts[i])
                end = ends[i]
                i += 1
                type = types[i]
                continue
            size, origin, how, call, parts = plan[-1 - act]
            if how == _PASS:
                if size == 1:
                    states[-1] = gotos[states[-2]][origin]
                    continue
                value = stack[parts[0] - size]
                begin = begins[-size]
            elif how == _GROW:
                # one list grows in place; nobody else holds it
                value = stack[-size]
                for part in parts[1:]:
                    value.append(stack[part - size])
                if size > 1:
                    del stack[1 - size :], states[1 - size :], begins[1 - size :]
                states[-1] = gotos[states[-2]][origin]
                continue
            elif how == _LIST:
                value = [stack[part - size] for part in parts]
                begin = begins[-size]
            elif how == _CONSTANT:
                value = call
                begin = begins[-size] if size else end
            else:
                begin = begins[-size] if size else end
                action = actions.get(call)
                if action is None:
                    action = actions[call] = self.actions.action(call)
                if how == _CALL_ALL:
                    value = action(stack[-size:] if size else [], begin, end)
                elif how == _CALL_SOME:
                    value = action([stack[part - size] for part in parts], begin, end)
                else:
                    given: list[Any] = []
                    for part in parts:
                        if part >= 0:
                            given.append(stack[part - size])
                        else:
                            given += stack[-1 - part - size]
                    value = action(given, begin, end)
            if size:
                del stack[-size:], states[-size:], begins[-size:]
            if origin == goal and type == "$END":
                return None if self.no_tree else value
            states.append(gotos[states[-1]][origin])
            stack.append(value)
            begins.append(begin)

    def step(self, states: list[int], type: str) -> bool:
        """Moves a copy of the states over one terminal; False where it cannot stand."""
        return stepped(states, type, self.goal)

    def accepts(self, states: Sequence[int], *following: str) -> bool:
        copy = list(states)
        return all(self.step(copy, type) for type in following)

    def before(self, i: int) -> list[int]:
        """The states right behind token `i - 1`: the wrong token has already hidden choices."""
        p = self.sync_index()
        start = len(self.states) - 1 if p is None else p
        states = self.states[: start + 1] if p is not None else [self.automaton.start[self.goal]]
        first = 0 if p is None else self.element(i)
        for at in range(first, i):
            if not self.step(states, self.types[at]):
                return list(self.states)
        return states

    def expected(self, states: list[int]) -> set[str]:
        """Every terminal that can stand next."""
        return continuations(states, self.goal)

    def element(self, i: int) -> int:
        """The token at which the part begins that token `i` stands in."""
        p = self.sync_index()
        return bisect_left(self.starts, self.begins[p]) if p is not None and p < len(self.begins) else i

    def rewind(self, i: int) -> int:
        """Forgets the part that token `i` stands in, to read it once more with a token changed."""
        p = self.sync_index()
        if p is None:
            return i
        first = self.element(i)
        del self.states[p + 1 :], self.stack[p:], self.begins[p:]
        return first

    # ---- an error

    def error(self, i: int) -> int | None:
        """Tells what is wrong at token `i` and finds where to go on; None where there is no going on."""
        self.repairs += 1
        if self.repairs > (_MAX_REPAIRS if len(self.types) < 100_000 else 20) or len(self.found) > MAX_FINDINGS:
            return None
        type = self.types[i]
        if self.lexed.cut is not None and type == "$END":
            self.silent = True
        if self.goal == "expression":
            self.report(i)
            return None
        if not self.stack:
            return self.no_contract(i)
        open_ = self.open_brackets(i)
        for repair in (self.missing_closer, self.extra_closer, self.missing_brace):
            resumed = repair(i, open_)
            if resumed is not None:
                return resumed
        resumed = self.repaired_word(i)
        if resumed is None and (begins := self.wrong_beginning(i)) != i:
            i = begins
            resumed = self.repaired_word(i)
        if resumed is not None:
            return resumed
        self.report(i, open_)
        return self.leave_out(i)

    def wrong_beginning(self, i: int) -> int:
        """The token that is wrong: an unknown word that begins an item is read as a party's name, until the next one."""
        before = i - 1
        if before < 1 or self.types[before] != "NAME" or self.values[before] in self.lexed.declared:
            return i
        if not self.expected(self.before(i)) <= _BEHIND_A_PARTY or "}" not in self.expected(self.before(before)):
            return i
        return before

    def quiet(self, i: int) -> bool:
        return self.silent or i <= self.repaired_at

    def tell(self, code: str, i: int, span: Span | None = None, fix: Fix | None = None, **words: Any) -> None:
        if len(self.found) <= MAX_FINDINGS:
            at = span or Span(self.starts[i], self.ends[i])
            self.found.append(error(code, at, source=self.lexed.source, fix=fix, **words))

    def text(self, i: int) -> str:
        written = " ".join(self.lexed.source.text[self.starts[i] : self.ends[i]].split())
        return written if len(written) <= 40 else written[:39] + "…"

    def open_brackets(self, i: int) -> list[int]:
        open_: list[int] = []
        for at in range(i):
            type = self.types[at]
            if type in CLOSERS:
                open_.append(at)
            elif type in ("}", ")", "]") and open_:
                for depth in range(len(open_) - 1, -1, -1):
                    if CLOSERS[self.types[open_[depth]]] == type:
                        del open_[depth:]
                        break
        return open_

    def insert(self, i: int, type: str) -> None:
        """Puts a token that is not in the text before token `i`."""
        at = self.ends[i - 1] if i else 0
        self.types.insert(i, type)
        self.starts.insert(i, at)
        self.ends.insert(i, at)
        self.values.insert(i, type)

    def no_contract(self, i: int) -> int | None:
        """The file does not begin with a contract. What looks like declarations is read all the same."""
        at = next((k for k in range(len(self.types)) if self.types[k] == "K_CONTRACT"), None)
        if not self.silent:
            word = self.words.word("K_CONTRACT", self.lexed.lang)
            title = "title" if self.lexed.lang == "en" else "标题"
            write = f'{word} "{title}" {{ … }}'
            hint = Both(f"a contract file begins with `{write}`", f"合同文件以“{write}”开头")
            span = Span(0, 0) if self.types[i] == "$END" else None
            self.tell("E013", i, span, hint=hint)
        if at is not None and at > i and self.types[at + 1] == "STRING":
            return at
        if self.types[i] in DECLARATIONS:
            self.no_tree = True
            self.assume_header(i)
            return i
        return None

    def assume_header(self, i: int) -> None:
        """Goes on as if a header had been read."""
        start = self.automaton.start["start"]
        self.states[:] = [start, self.automaton.gotos[start]["contract_block"]]
        self.stack[:] = [self.actions.no_header(self.starts[i])]
        self.begins[:] = [self.starts[i]]

    def extra_closer(self, i: int, open_: list[int]) -> int | None:
        """A closing sign that closes nothing is told and left out."""
        type = self.types[i]
        if type not in ("}", ")", "]") or any(CLOSERS[self.types[at]] == type for at in open_):
            return None
        if type == "}" and self.swallow > 0:
            self.swallow -= 1
        elif type == "}" and self.last_broken >= self.top_declaration(i):
            pass  # it belongs to what was left out
        elif not self.quiet(i):
            self.tell("E123", i, fix=Fix(Span(self.starts[i], self.ends[i]), ""), found=type)
        for column in (self.types, self.starts, self.ends, self.values):
            del column[i]
        return i

    def top_declaration(self, i: int) -> int:
        """Where the last declaration at the top of the file before token `i` begins."""
        depth, last = 0, 0
        for at in range(1, i):
            type = self.types[at]
            if type in CLOSERS:
                depth += 1
            elif type in ("}", ")", "]"):
                depth = max(0, depth - 1)
            elif depth == 0 and type in DECLARATIONS and self.types[at - 1] not in _NOT_A_START:
                last = self.starts[at]
        return last

    def missing_closer(self, i: int, open_: list[int]) -> int | None:
        """`}` where `)` or `]` is still open: told at the opening sign, and closed."""
        type = self.types[i]
        if not open_ or self.types[open_[-1]] == "{":
            return None
        opener = open_[-1]
        closer = CLOSERS[self.types[opener]]
        if type not in ("}", "]", ")", "$END") and not (type in DECLARATIONS or self.starts[opener] in self.unclosed):
            return None
        if not self.accepts(self.states, closer):
            return None
        if not self.quiet(i):
            self.tell("E113", opener, found=self.types[opener], write=closer)
        if type in ("]", ")") and not any(CLOSERS[self.types[at]] == type for at in open_):
            self.types[i] = self.values[i] = closer  # the wrong sign of the two
            return i
        self.insert(i, closer)
        self.repaired_at = i + 1
        return i

    def missing_brace(self, i: int, open_: list[int]) -> int | None:
        """A declaration begins, or the file ends, where a brace is open: told at that brace, and closed."""
        type = self.types[i]
        if not open_ or (type != "$END" and (type not in DECLARATIONS or not self.unclosed)):
            return None
        if type == "$END" and not self.silent and self.swallowed_by_comment():
            return None
        states = list(self.states)
        for count in range(1, len(open_) + 1):
            if self.types[open_[-count]] != "{" or not self.step(states, "}"):
                return None
            if self.accepts(states, type):
                break
        else:
            return None
        if not self.quiet(i) and self.swallow == 0:
            self.tell("E113", open_[-1], found="{", write="}")
        for _ in range(count):
            self.insert(i, "}")
            if self.unclosed:
                self.unclosed.pop()
        self.repaired_at = i + count
        return i

    def swallowed_by_comment(self) -> bool:
        """Whether the last comment, up to the end of the file, holds the braces that are missing."""
        if not self.lexed.comments:
            return False
        start, end = self.lexed.comments[-1]
        text = self.lexed.source.text
        if "}" not in text[start:end] or text[end:].strip():
            return False
        self.tell("E014", 0, Span(start, start + 1))
        self.silent = True
        return True

    # ---- repairs of one word

    def repaired_word(self, i: int) -> int | None:
        type = self.types[i]
        if self.quiet(i) or type == "$END":
            return None
        self.states_before = self.before(i)
        expected = self.expected(list(self.states_before))
        form = self.other_form(i, expected)
        if form is not None:
            return form
        lawyer = self.lawyers_word(i, expected)
        if lawyer is not None:
            return lawyer
        if i > 1 and self.text(i - 1) in ("a", "an", "each") and self.types[i - 2] == "PERCENT" and type in _UNITS:
            write = f"per {self.text(i)}"
            span = Span(self.starts[i - 1], self.ends[i])
            self.tell(
                "E112",
                i,
                span,
                fix=Fix(span, write),
                found=f"{self.text(i - 1)} {self.text(i)}",
                write=any_of((write,)),
            )
            return self.leave_out(i)
        if self.types[i - 1] == "NUMBER" and type == "NAME" and self.text(i) in _MONEY_WORDS:
            written = f"{self.text(i - 1)}{self.text(i)}"
            span = Span(self.starts[i - 1], self.ends[i])
            hint = Both(f"write it without a blank: `{written}`", f"中间不留空格：“{written}”")
            found = self.lexed.source.text[span.start : span.end]
            self.tell(
                "E101", i, span, fix=Fix(span, written), found=found, expected=self.listed(expected, i), hint=hint
            )
            return self.leave_out(i)
        sign = self.sign_word(i, expected)
        if sign is not None:
            return sign
        for at in (i, i - 1, i - 2):
            if at >= 0 and self.types[at] == "NAME" and self.values[at] not in self.lexed.declared:
                spaced = segment(self.values[at], self.lexed.declared)
                if spaced is not None:
                    span = Span(self.starts[at], self.ends[at])
                    self.tell("E103", at, fix=Fix(span, spaced), found=self.text(at), spaced=spaced)
                    return self.leave_out(i)
        reserved = self.reserved_word(i, expected)
        return self.near_word(i, expected) if reserved is None else reserved

    def retyped(self, i: int, type: str, value: Any) -> int:
        self.types[i] = type
        self.values[i] = value
        self.repaired_at = i
        return self.rewind(i)

    def other_form(self, i: int, expected: set[str]) -> int | None:
        """按月 for 每月, `monthly` for `every month`, in the words of the file or of the other set: the place tells which."""
        type = self.types[i]
        for form in next((forms for forms in _FORMS if type in forms and "_PER_" not in type), ()):
            write = self.words.word(form, self.lexed.lang)
            if form not in expected or write is None or not self.accepts(self.states_before, form, self.types[i + 1]):
                continue
            if self.starts[i] in self.foreign:
                self.meant[self.starts[i]] = form
            else:
                fix = Fix(Span(self.starts[i], self.ends[i]), write)
                listed = self.listed(expected, i)
                self.tell("E101", i, fix=fix, found=self.text(i), expected=listed, suggestion=write)
            return self.retyped(i, form, write)
        return None

    def lawyers_word(self, i: int, expected: set[str]) -> int | None:
        """必须 for 应当, `shall` for `must`: told with the reason, and read as the keyword."""
        word = self.text(i)
        lawyer = legal_word(word)
        if lawyer is None:
            return None
        fitting = [one for one in lawyer.write if self.words.words.get(one, ("", "en"))[0] in expected]
        following = self.types[i + 1 : i + 2]
        for write in sorted(
            fitting, key=lambda one: not self.accepts(self.states_before, self.words.words[one][0], *following)
        ):
            type = self.words.words[write][0]
            span = Span(self.starts[i], self.ends[i])
            if len(fitting) > 1:
                self.guessed = self.starts[i]
            fix = Fix(span, write) if len(fitting) == 1 else None
            self.tell("E112", i, fix=fix, found=word, write=any_of(fitting), hint=lawyer.why)
            return self.retyped(i, type, write)
        return None

    def sign_word(self, i: int, expected: set[str]) -> int | None:
        """不少于 for `>=`, `at most` for `<=`, 和 for 且: told, and read as the sign or keyword."""
        source = self.lexed.source.text
        for last in (i + 2, i + 1, i):
            if last >= len(self.types) - 1 or any(type[:1] in "{}()[]" for type in self.types[i : last + 1]):
                continue
            span = Span(self.starts[i], self.ends[last])
            type = _SIGN_WORDS.get(" ".join(source[span.start : span.end].split()))
            if type is None or type not in expected or self.types[last + 1] == type:
                continue
            write = self.words.word(type, self.lexed.lang) or type if type.startswith("K_") else type
            found = " ".join(source[span.start : span.end].split())
            self.tell("E112", i, span, fix=Fix(span, write), found=found, write=any_of((write,)))
            self.ends[i] = span.end
            for column in (self.types, self.starts, self.ends, self.values):
                del column[i + 1 : last + 1]
            return self.retyped(i, type, write)
        return None

    def reserved_word(self, i: int, expected: set[str]) -> int | None:
        """A keyword where a name is expected, if the sentence goes on with it as a name."""
        type = self.types[i]
        if not type.startswith("K_") or "NAME" not in expected:
            return None
        following = self.types[i + 1 : i + 2] if i + 2 < len(self.types) else []
        word = self.text(i)
        if type == "K_TBD":
            self.tell("E428", i, found=word)
            self.lexed.declared.add(word)
            return self.retyped(i, "NAME", word)
        declares = self.types[i - 1] in DECLARING and i > 0
        names_it = declares or word in self.lexed.declared or self.types[i + 1] == ":"
        if not names_it and (" " in word or "/" in word):
            return None
        if not names_it and (type in self.begins_item() or not self.accepts(self.states_before, "NAME", *following)):
            return None
        if type in DECLARATIONS and not names_it:
            return None
        if names_it and not declares and not self.accepts(self.states_before, "NAME", *following):
            return None
        if declares and type in DECLARATIONS and self.types[i + 1] == "NAME":
            return None
        span = Span(self.starts[i], self.ends[i])
        write = f"「{word}」" if self.lexed.lang == "zh" else f"`{word}`"
        shown = f"「{word}」" if self.lexed.lang == "zh" else f"`` `{word}` ``"
        hint = Both(f"write {shown}, with the marks, or choose another name", f"请连同标记写作{write}，或者另取名称")
        self.tell("E111", i, fix=Fix(span, write), found=word, write=write, hint=hint)
        self.lexed.declared.add(word)
        return self.retyped(i, "NAME", word)

    def near_word(self, i: int, expected: set[str]) -> int | None:
        """A misspelt keyword, if there is only one that it can be and the sentence goes on with it."""
        near = self.suggestion(i, expected)
        if near is None:
            return None
        word, last = near
        type = self.words.words[word][0]
        if not self.accepts(self.states_before, type, self.types[last + 1]):
            return None
        span = Span(self.starts[i], self.ends[last])
        written = " ".join(self.lexed.source.text[span.start : span.end].split())
        listed = self.listed(expected, i)
        self.tell("E101", i, span, fix=Fix(span, word), found=written, expected=listed, suggestion=word)
        self.ends[i] = self.ends[last]
        for column in (self.types, self.starts, self.ends, self.values):
            del column[i + 1 : last + 1]
        return self.retyped(i, type, word)

    def begins_item(self) -> frozenset[str]:
        """Terminals that begin an item of a block around the error."""
        found: set[str] = set()
        states = list(self.states)
        while states:
            row = self.automaton.rows[states.pop()]
            if not isinstance(row, int) and "}" in row:
                found.update(type for type in row if type.startswith("K_"))
        return frozenset(found - CONTINUING)

    # ---- saying it

    def report(self, i: int, open_: Sequence[int] = ()) -> None:
        """The plain sentence: what was found, what was expected."""
        if self.quiet(i):
            return
        broken = self.element_start(i)
        if any(broken <= at <= self.starts[i] for at in self.foreign):
            return
        if any(self.starts[max(0, i - 2)] <= at <= self.ends[i] for at in self.odd) or self.starts[i] in self.marked:
            return
        if self.guessed is not None and self.only_values(i):
            return
        date = self.spelled_date(i)
        if date is not None:
            span, write = date
            found = " ".join(self.lexed.source.text[span.start : span.end].split())
            self.tell("E108", i, span, fix=Fix(span, write), found=found, write=write)
            return
        expected = self.expected(self.before(i))
        type = self.types[i]
        before = self.types[i - 1] if i else ""
        if before in ("MONTH", "QUARTER") and "K_POSSESSIVE" in expected:
            written = self.text(i - 1)
            day = f"{written}-01" if before == "MONTH" else "2026-01-01"
            hint = Both(
                f"write a day, `{day}`, or the value of that period, `… of {written}`",
                f"请写明日期（如“{day}”），或者写明是该期间的何种数值（如“{written} 的 …”）",
            )
            self.tell("E125", i - 1, found=written, hint=hint)
            return
        if type in _COMPARISONS and not expected & _COMPARISONS and "K_AND" in expected:
            word = self.words.word("K_AND", self.lexed.lang)
            hint = Both(f"write `a < b {word} b < c`", f"请写作“a < b {word} b < c”")
            self.tell("E120", i, hint=hint)
            return
        if type == "NAME" and before == "NUMBER" and self.values[i] in CURRENCIES:
            number = self.text(i - 1)
            span = Span(self.starts[i - 1], self.ends[i])
            write = f"{self.values[i]} {number}"
            self.tell("E129", i, span, fix=Fix(span, write), found=f"{number} {self.values[i]}", write=write)
            return
        listed = self.listed(expected, i)
        if type == "$END":
            if self.swallowed_by_comment():
                return
            if open_:
                opener = self.types[open_[-1]]
                self.tell("E113", open_[-1], found=opener, write=CLOSERS[opener])
            else:
                self.tell(
                    "E102",
                    i,
                    Span(self.ends[i - 1] if i else 0, self.ends[i - 1] if i else 0),
                    expected=listed,
                )
            return
        advice: Both | None = None
        if type in _OPERATORS and expected & {"K_WHERE", "K_OVER", "K_FOR_EACH"}:
            advice = Both("put the aggregate in parentheses to go on with it", "汇总后继续运算的，请将汇总部分放入括号")
        advice = advice or self.dead_end(i, expected)
        near = self.suggestion(i, expected) if advice is None else None
        fix = Fix(Span(self.starts[i], self.ends[near[1]]), near[0]) if near else None
        suggestion = near[0] if near else None
        self.tell("E101", i, fix=fix, found=self.text(i), expected=listed, suggestion=suggestion, hint=advice)

    def spelled_date(self, i: int) -> tuple[Span, str] | None:
        """`31 December 2026` or `December 31, 2026` round token `i`, and how it is written."""
        if self.types[i] not in ("NAME", "NUMBER"):
            return None
        start = self.starts[max(0, i - 2)]
        for match in _SPELLED_DATE.finditer(self.lexed.source.text, start, min(start + 200, self.starts[-1])):
            if match.start() <= self.starts[i] < match.end():
                month = _MONTHS.index((match[2] or match[3])[:3]) + 1
                try:
                    day = dt.date(int(match[5]), month, int(match[1] or match[4]))
                except ValueError:
                    return None
                return Span(match.start(), match.end()), day.isoformat()
        return None

    def dead_end(self, i: int, expected: set[str]) -> Both | None:
        """What to write where contracts on paper go on in a way that this language does not have."""
        type, text = self.types[i], self.text(i)
        before = self.types[i - 1] if i else ""
        if type == "NAME":
            amount = written_figures(text)
            if amount is not None and "MONTH" in expected and amount.endswith("个月"):
                return Both("write a month as `2026-01`", "月份请写作“2026-01”")
            if amount is not None:
                return Both(f"write it in figures: `{amount}`", f"请用数字书写：“{amount}”")
            if (
                before == "NUMBER"
                and not expected & _UNITS
                and text not in self.lexed.declared
                and text not in ("前", "号")
            ):
                number = self.text(i - 1)
                return Both(
                    f"a number of things has no word behind it: write `{number}`",
                    f"数量之后不写量词：请写作“{number}”",
                )
        if before == "NUMBER" and type in _PER:
            percent, money = f"{self.text(i - 1)}% {text}", f"CNY {self.text(i - 1)} {text}"
            if self.lexed.lang == "zh":
                percent, money = f"{self.text(i - 1)}%{text}", f"{self.text(i - 1)}元{text}"
            return Both(
                f"a rate has a sign or a currency: `{percent}`, `{money}`",
                f"费率应当带百分号或者币种：“{percent}”“{money}”",
            )
        if self.lexed.lang == "zh":
            month, day = (i, i + 1) if type in PERIODS else (i - 1, i)
            if self.types[month] in PERIODS and self.types[day] == "NUMBER":
                write = f"{self.text(month)} 第 {self.text(day)} 日"
                if type in PERIODS or "K_ORDINAL" in expected:
                    return Both(f"write `到期日 {write}`", f"请写作“到期日 {write}”")
        return None

    def only_values(self, i: int) -> bool:
        """Whether nothing but values and units stands between the word that was guessed and token `i`."""
        first = bisect_left(self.starts, cast(int, self.guessed))
        return 0 <= i - first <= 6 and not any(type[:1] in "{}," for type in self.types[first : i + 1])

    def suggestion(self, i: int, expected: set[str]) -> tuple[str, int] | None:
        """The keyword that token `i`, alone or with the next one, most likely is; and its last token."""
        for type in _MEANT.get(self.types[i], ()):
            word = self.words.word(type, self.lexed.lang)
            if type in expected and word is not None:
                return word, i
        if self.types[i] != "NAME":
            return None
        words = [word for type in expected if (word := self.words.word(type, self.lexed.lang)) is not None]
        text = self.text(i)
        if len(text) > 1 and not text.isascii():
            longer = [word for word in words if word.startswith(text)]
            if len(longer) == 1:
                return longer[0], i
        phrases = [word for word in words if " " in word]
        for last, candidates in ((i + 1, phrases), (i, words)):
            if self.types[last] == "NAME" or self.types[last].startswith("K_"):
                near = did_you_mean(" ".join(self.text(at) for at in range(i, last + 1)), candidates)
                if near is not None and _denied(near) == _denied(text):
                    return near, last
        return None

    def listed(self, expected: set[str], i: int) -> Both:
        """What can stand here, in the file's words: a few choices, or what kind of thing."""
        choices: list[Arg] = []
        rest = {type for type in expected if not self.foreign_only(type)}
        if len(rest) > 1:
            rest.discard("K_AS_OF_SUSPENSION_START")  # it goes on after any operand
        if self.lexed.lang == "en" and "K_FROM" in rest and rest & {"K_WITHIN", "K_AFTER"}:
            rest.discard("K_FROM")  # it begins the Chinese order only
        if {"NUMBER", "MONEY", "DATE", "("} <= rest:
            rest -= self.automaton.begins_expression
            choices.append(_EXPRESSION)
        if _UNITS & rest and "K_DAYS" in rest:
            rest -= _UNITS
            choices.append(_UNIT)
        if len(_STRONG & rest) > 5:
            rest -= DECLARATIONS
            choices.append(_DECLARATION)
        if {"K_AND", "K_OR"} <= rest or len(rest & _OPERATORS) > 3:
            rest -= CONTINUING
            if not rest and not choices:
                choices.append(_OPERATOR)
        if len(PERIODS & rest) > 3:
            rest -= PERIODS | {"MONTH", "QUARTER"}
            period = self.words.word("K_NEXT_MONTH", self.lexed.lang) or ""
            choices.append(Both(f"a period such as `{period}`", f"期间（如“{period}”）"))
        if i and self.types[i - 1] == "NAME" and len(rest) > 1:
            rest -= {"(", "."}
        names = [type for type in ("NAME", "STRING") if type in rest]
        choices += [_VALUE_WORDS[type] for type in names]
        rest -= set(names)
        words = [type for type in rest if type.startswith("K_")]
        if len(words) + len(choices) > 6 and "}" in expected:
            owner = self.block_owner(i)
            choices.append(Both(f"an item of {owner.en}", f"{owner.zh}的一项"))
            rest -= set(words)
            words = []
        order = list(self.words.roles)
        words.sort(key=lambda type: order.index(type[2:]))
        choices += [self.words.word(type, self.lexed.lang) or type for type in words]
        values = sorted(type for type in rest if type in _VALUE_WORDS)
        choices += [_VALUE_WORDS[type] for type in values if type != "$END"]
        choices += sorted(type for type in rest if not type.startswith("K_") and type not in _VALUE_WORDS)
        if "$END" in values:
            choices.append(_VALUE_WORDS["$END"])
        both = any_of(dict.fromkeys(choices), 6)
        if i > 0 and self.types[i - 1] not in ("}", "") and self.types[i] != "$END":
            before = self.text(i - 1)
            return Both(f"{both.en} after `{before}`", f"{both.zh}（在“{before}”之后）")
        return both

    def foreign_only(self, type: str) -> bool:
        return type.startswith("K_") and self.words.word(type, self.lexed.lang) is None

    def block_owner(self, i: int) -> Both:
        """The declaration whose block the error stands in, by its keyword and name."""
        open_ = self.open_brackets(i)
        if open_:
            at = open_[-1] - 1
            while at >= 0 and not self.types[at].startswith("K_") and self.types[at] not in ("{", "}"):
                at -= 1
            if at > 1 and self.types[at - 1] == "NAME" and self.types[at - 2] in DECLARING:
                at -= 2  # `kpi x monthly {`
            if at >= 0 and self.types[at].startswith("K_"):
                name = self.text(at + 1) if self.types[at + 1] in ("NAME", "STRING") else ""
                words = f"{self.text(at)} {name}".strip()
                return Both(f"`{words}`", f"“{words}”")
        return Both("the file", "文件")

    # ---- leaving out what is broken

    def sync_index(self) -> int | None:
        """The innermost place on the stack where a declaration, or an item of a header, may begin."""
        for p in range(len(self.states) - 1, -1, -1):
            if self.states[p] in self.automaton.sync:
                return p
        return None

    def element_start(self, i: int) -> int:
        """Where the part begins that will be left out."""
        p = self.sync_index()
        return self.begins[p] if p is not None and p < len(self.begins) else self.starts[i]

    def leave_out(self, i: int) -> int | None:
        """Drops the part that the error stands in and goes on behind it."""
        p = self.sync_index()
        if p is None:
            return self.leave_out_header(i)
        begin = self.begins[p] if p < len(self.begins) else self.starts[i]
        depth, left_out = 0, i
        if not self.completed(p, i):
            left_out = bisect_left(self.starts, begin)
            for at in range(left_out, i):
                if self.types[at] in CLOSERS:
                    depth += 1
                elif self.types[at] in ("}", ")", "]"):
                    depth = max(0, depth - 1)
            del self.states[p + 1 :], self.stack[p:], self.begins[p:]
        else:
            begin = self.starts[i]
        self.last_broken = begin
        row = self.automaton.rows[self.states[-1]]
        assert not isinstance(row, int)
        in_clause = self.types[bisect_right(self.starts, begin) - 1] == "K_CLAUSE"
        k = i
        while self.types[k] != "$END":
            type = self.types[k]
            if type in CLOSERS:
                depth += 1
            elif type in ("}", ")", "]"):
                if depth > 0:
                    depth -= 1
                elif type == "}" and "}" in row:
                    break
            elif type in row and type.startswith("K_") and self.types[k - 1] not in _NOT_A_START:
                if depth == 0:
                    break
                begins = type in _STRONG or (type in DECLARATIONS and in_clause and depth == 1)
                if begins and self.types[k + 1] in ("NAME", "STRING"):
                    self.swallow += depth
                    break
            k += 1
        if self.types[k] == "$END":
            self.silent = True
        # its brackets no longer count
        self.types[left_out:k] = [""] * (k - left_out)
        self.repaired_at = k
        return k

    def completed(self, p: int, i: int) -> bool:
        """Completes the part that stands on the stack before token `i`, if nothing is missing in it, and keeps it."""
        if p == len(self.states) - 1:
            return False
        row = self.automaton.rows[self.states[p]]
        assert not isinstance(row, int)
        for type in sorted(row):
            if not type.startswith("K_") and type not in ("}", "$END"):
                continue
            states = list(self.states)
            if not self.step(states, type) or type == "$END":
                continue
            states.pop()
            if len(states) - 1 in (p, p + 1) and states[-1] in self.automaton.sync:
                self.reduce_before(type, self.ends[i - 1])
                return True
        return False

    def reduce_before(self, type: str, last: int) -> None:
        """Does the reductions that a terminal calls for, without moving over it. `last`: where what was read ends."""
        rows, gotos = self.automaton.rows, self.automaton.gotos
        while True:
            row = rows[self.states[-1]]
            act = row if isinstance(row, int) else row[type]
            if act >= 0:
                return
            size, origin, how, call, parts = _plan()[-1 - act]
            given = self.stack[-size:] if size else []
            begin = self.begins[-size] if size else self.ends[0]
            end = max(begin, last) if size else begin
            value: Any
            if how == _PASS:
                value = given[parts[0]]
            elif how == _CONSTANT:
                value = CONSTANTS[call]
            elif how == _LIST:
                value = [given[part] for part in parts]
            elif how == _GROW:
                value = given[0]
                value += [given[part] for part in parts[1:]]
            else:
                flat: list[Any] = []
                for part in parts:
                    if part >= 0:
                        flat.append(given[part])
                    else:
                        flat += given[-1 - part]
                value = self.actions.action(call)(flat, begin, end)
            if size:
                del self.stack[-size:], self.states[-size:], self.begins[-size:]
            self.states.append(gotos[self.states[-1]][origin])
            self.stack.append(value)
            self.begins.append(begin)

    def leave_out_header(self, i: int) -> int | None:
        """The error stands before the header's block: goes on behind it."""
        self.no_tree = True
        k = i
        while self.types[k] not in ("{", "$END") and self.types[k] not in _STRONG:
            k += 1
        if self.types[k] == "{":
            depth = 0
            while self.types[k] != "$END":
                depth += (self.types[k] in CLOSERS) - (self.types[k] in ("}", ")", "]"))
                k += 1
                if depth <= 0:
                    break
        if self.types[k] == "$END":
            return None
        self.assume_header(k)
        self.last_broken = 0
        return k
