"""What each rule of the grammar makes of its parts: a node of the tree, an item of a declaration, a finding.

The parser calls these while it reads, so the tree is built without another tree in between. An item of a
block is a tuple (field, value, start, end); a declaration gathers its items in any order and refuses one
said twice.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from clausal.dsl import syntax as s
from clausal.dsl.diagnostics import Both, Diagnostic, Fix, Related, Span, any_of, did_you_mean, error
from clausal.dsl.keywords import table
from clausal.dsl.lexer import Lexed

Item: TypeAlias = tuple[str, Any, int, int]
Action: TypeAlias = Callable[[list[Any], int, int], Any]

MAX_DEPTH: Final = 200
MOST_BANDS: Final = 400
_MOST: Final = 10**6  # of days, periods or acts

# Rules that stand for one fixed value.
CONSTANTS: Final = MappingProxyType(
    {
        "daily": "daily",
        "weekly": "weekly",
        "monthly": "monthly",
        "quarterly": "quarterly",
        "yearly": "yearly",
        "once": "once",
        "optional": True,
        "tbd": "TBD",
        "shift_next": "next",
        "shift_previous": "previous",
        "shift_unshifted": "unshifted",
        "forgiving": "forgiving",
        "delaying": "delaying",
        "unaffected": "unaffected",
        "skipping": "skipping",
        "resetting": "resetting",
        "met": "met",
        "missed": "missed",
        "not_assessed": "not assessed",
        "status_due": "due",
        "status_not_yet_due": "not yet due",
        "status_in_grace": "in grace",
        "status_performed_late": "performed late",
        "status_partly_performed": "partly performed",
        "status_given_up": "given up",
        "status_not_open": "not open",
        "status_not_started": "not started",
        "status_too_late": "too late",
        "status_no_right": "no right",
        "status_no_effect": "no effect",
        "status_met": "met",
        "status_missed": "missed",
        "status_not_assessed": "not assessed",
        "status_unknown": "unknown",
        "per_day": "day",
        "per_week": "week",
        "per_month": "month",
        "per_year": "year",
        "marginal": "marginal",
        "whole": "whole",
        "w_month": ("window", "month"),
        "w_quarter": ("window", "quarter"),
        "w_contract_year": ("window", "contract year"),
        "w_calendar_year": ("window", "calendar year"),
        "w_term": ("window", "whole term"),
        "rest_word": None,
        "crossing_within": "within month",
        "crossing_next": "next month",
        "overlay": True,
        "without_interest": True,
        "f_sum": "sum",
        "f_count": "count",
        "f_minimum": "minimum",
        "f_maximum": "maximum",
        "f_average": "average",
        "hours": "hours",
        "days": "days",
        "business_days": "business days",
        "weeks": "weeks",
        "months": "months",
        "quarters": "quarters",
        "years": "years",
        "prorated_none": "none",
    }
)

# Items that set one field to their one part.
FIELDS: Final = MappingProxyType(
    {
        "h_version": "version",
        "h_starts_when": "starts_when",
        "h_deadlines": "deadlines",
        "h_zone": "zone",
        "h_tolerance": "tolerance",
        "h_source": "source",
        "f_grain": "grain",
        "f_source": "source",
        "f_presume": "presume",
        "f_judged_by": "judged_by",
        "f_dated_by": "dated_by",
        "f_keyed_by": "keyed_by",
        "k_starting": "starting",
        "k_not_assessed": "not_assessed",
        "k_met": "met",
        "k_measure": "measure",
        "k_baseline": "baseline",
        "k_target": "target",
        "c_survives": "survives",
        "c_decl": "items",
        "o_duty": "duty",
        "o_schedule": "schedules",
        "o_when": "when",
        "o_due": "due",
        "o_performed": "performed",
        "o_failing": "failing",
        "o_prorated": "prorated",
        "o_tax": "tax",
        "o_earnest": "earnest",
        "reference": "reference",
        "o_extended_by": "extended_by",
        "o_excused_while": "excused_while",
        "o_survives": "survives",
        "o_secured": "secured",
        "disputed_to": "end",
        "demanded": "demanded_on",
        "penalty_due": "due",
        "penalty_loss": "loss",
        "cap": "cap",
        "x_when": "violated_when",
        "x_on": "violated_on",
        "x_except": "except_when",
        "x_survives": "survives",
        "x_failing": "failing",
        "r_when": "when",
        "r_only_while": "only_while",
        "r_exercised": "exercised_on",
        "r_released": "released_on",
        "r_given_up": "given_up_on",
        "r_lapses": "lapses",
        "u_when": "when",
        "u_instead": "instead",
        "u_clause": "clause",
        "n_may": "how",
        "n_when": "when",
        "n_exercised": "exercised_on",
        "n_notice": "notice",
        "n_only_while": "only_while",
        "n_cured": "cured_when",
        "n_lapses": "lapses",
        "n_clause": "clause",
        "l_opens": "opens_on",
        "a_clause": "clause",
        "a_no_later": "no_later_than",
        "l_stops": "stops_when",
        "l_at_end": "at_end",
        "l_clause": "clause",
        "answered": "answered_on",
        "v_instead": "instead",
        "otherwise": "otherwise",
        "applied": "applied_to",
        "flat": "flat",
        "rest": "rest",
        "for_each": "each",
        "where": "where",
        "over": "over",
        "outcome_value": "value",
        "outcome_status": "status",
    }
)

# Items that say it all by being there.
FLAGS: Final = MappingProxyType(
    {
        "h_credit_used": ("credit", "used when due"),
        "h_credit_held": ("credit", "held"),
        "h_notices_received": ("notices", "received"),
        "h_notices_sent": ("notices", "sent"),
        "k_partial_not_assessed": ("partial", "not assessed"),
        "k_partial_prorated": ("partial", "prorated"),
        "k_partial_in_full": ("partial", "in full"),
        "k_lower_is_better": ("lower_is_better", True),
        "o_long_last": ("long_last", True),
        "o_periods_shifted": ("periods_shifted", True),
        "o_not_below_zero": ("negative", "not below 0"),
        "o_reverse": ("negative", "reverse"),
        "r_retroactive": ("retroactive", True),
        "u_by_days": ("extends_term_by", "days"),
        "u_by_months": ("extends_term_by", "months"),
        "u_not_extended": ("extends_term_by", "nothing"),
        "u_interest_continues": ("interest_continues", True),
        "n_automatic": ("how", None),
        "a_in_order": ("in_order", True),
    }
)

# Items that are handed on as they are.
SAME: Final = frozenset(
    [
        "h_note",
        "f_note",
        "k_note",
        "b_note",
        "o_note",
        "x_note",
        "r_note",
        "u_note",
        "n_note",
        "l_note",
        "a_note",
        "v_note",
        "comma_shift",
        "expression",
        "compare_op",
    ]
)

BOUNDARIES: Final = MappingProxyType(
    {
        "month_start": "month start",
        "month_end": "month end",
        "term_start": "term start",
        "term_end": "term end",
        "period_start": "period start",
        "period_end": "period end",
        "it_arises": "arises",
    }
)
PERIODS: Final = MappingProxyType(
    {
        "this_month": ("month", 0),
        "next_month": ("month", 1),
        "previous_month": ("month", -1),
        "this_quarter_ref": ("quarter", 0),
        "next_quarter": ("quarter", 1),
        "previous_quarter": ("quarter", -1),
        "next_year": ("year", 1),
        "previous_year": ("year", -1),
    }
)
WINDOWS: Final = MappingProxyType(
    {
        "window_this_month": "this month",
        "window_this_quarter": "this quarter",
        "window_contract_year": "contract year to date",
        "window_calendar_year": "calendar year to date",
        "window_since_start": "since start",
        "window_until_previous": "until previous month",
    }
)
EVERY: Final = MappingProxyType(
    {
        "s_every_month": (1, "months"),
        "s_every_quarter": (1, "quarters"),
        "s_every_half_year": (6, "months"),
        "s_every_year": (1, "years"),
    }
)
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYCOUNTS: Final = ("actual_365", "actual_360", "actual_actual", "thirty_360", "thirty_e_360")
# Types as an English file writes them, where the table's key is another word.
ENGLISH_TYPES: Final = MappingProxyType(
    {"percentage_points": "percentage points", "string": "text", "notice_record": "notice"}
)
KINDS: Final = MappingProxyType({"percentage_points": "points", "string": "text", "notice_record": "notice"})


def depth_over(node: object, limit: int) -> bool:
    """Whether nodes stand in one another more than `limit` deep; walks without recursion."""
    waiting: list[tuple[object, int]] = [(node, 1)]
    while waiting:
        one, depth = waiting.pop()
        if depth > limit:
            return True
        for slot in getattr(type(one), "__slots__", ()):
            value = getattr(one, slot, None)
            if isinstance(value, tuple):
                waiting += [(part, depth + 1) for part in value if hasattr(part, "__attrs_attrs__")]
                waiting += [(p, depth + 1) for part in value if isinstance(part, tuple) for p in part]
            elif hasattr(value, "__attrs_attrs__") and not isinstance(value, Span):
                waiting.append((value, depth + 1))
    return False


class Actions:
    """The actions for one text."""

    def __init__(self, lexed: Lexed) -> None:
        self.lexed = lexed
        self.lang = lexed.lang
        self.words = table().keywords
        self.found: list[Diagnostic] = []
        self._too_deep = (-1, -1)
        self._fields: frozenset[str] | None = None

    def action(self, call: str) -> Action:
        """What to call when a rule of this name is complete."""
        if call in FIELDS:
            field = FIELDS[call]
            return lambda c, start, end: (field, c[0], start, end)
        if call in FLAGS:
            field, value = FLAGS[call]
            return lambda c, start, end: (field, value, start, end)
        if call in SAME:
            return lambda c, start, end: c[0]
        if call in BOUNDARIES:
            boundary: Any = BOUNDARIES[call]
            return lambda c, start, end: s.Boundary(boundary, span=Span(start, end))
        if call in PERIODS:
            kind: Any
            kind, offset = PERIODS[call]
            return lambda c, start, end: s.PeriodRef(kind, offset, span=Span(start, end))
        if call in WINDOWS:
            window: Any = WINDOWS[call]
            return lambda c, start, end: s.Window(window, span=Span(start, end))
        if call in EVERY:
            unit: Any
            every, unit = EVERY[call]
            return lambda c, start, end: s.Schedule("every", every, unit, span=Span(start, end))
        found: Action = getattr(self, "on_" + call)
        return found

    # ---- telling

    def tell(
        self, code: str, span: Span, related: Iterable[Related] = (), fix: Fix | None = None, **words: Any
    ) -> None:
        self.found.append(error(code, span, source=self.lexed.source, related=related, fix=fix, **words))

    def token_at(self, offset: int) -> int:
        return max(0, bisect_right(self.lexed.starts, offset) - 1)

    def text(self, span: Span) -> str:
        return " ".join(self.lexed.source.text[span.start : span.end].split())

    def word(self, role: str) -> str:
        return self.words.word("K_" + role, self.lang) or role.lower()

    def owner(self, role: str, name: str) -> Both:
        word = self.word(role)
        return Both(f"`{word} {name}`", f"“{word} {name}”")

    def item_word(self, key: str, start: int) -> str:
        """The word by which a reader knows an item."""
        i = self.token_at(start)
        if self.lexed.types[i] == "NAME" and key in ("duty", "holder", "how"):
            return self.word("MUST" if key == "duty" else "MAY")
        if self.lexed.types[i] == ",":
            i += 1
        return self.lexed.text(i)

    def gather(self, items: Sequence[Item], owner: Both, many: Sequence[str] = ()) -> dict[str, Any]:
        """Field → value; fields of `many` hold all values. Of an item said twice the first value holds."""
        found: dict[str, Any] = {key: [] for key in many}
        first: dict[str, Span] = {}
        for key, value, start, end in items:
            if key in many:
                found[key].append(value)
            elif key in first:
                related = (Related(first[key], "first"),)
                self.tell("E114", Span(start, end), related, item=self.item_word(key, start), owner=owner)
            else:
                found[key] = value
                first[key] = Span(start, end)
        return found

    def whole(self, value: Fraction, start: int, end: int, least: int = 0) -> int:
        if value.denominator != 1 or value < least or value > _MOST:
            span = Span(start, end)
            if value > _MOST:
                self.tell("E427", span, found=self.text(span), limit=f"{_MOST:_}")
            else:
                self.tell("E127", span, found=self.text(span), least=least)
            return max(least, 1)
        return value.numerator

    def deep(self, node: Any, start: int, end: int) -> Any:
        """Refuses an expression nested too deep for the passes that follow; a leaf takes its place."""
        low, high = self._too_deep
        told = start <= high and end >= low
        if not told and not depth_over(node, MAX_DEPTH):
            return node
        if not told:
            self.tell("E006", Span(start, end), limit=MAX_DEPTH)
            low, high = start, end
        self._too_deep = (min(low, start), max(high, end))
        return s.Number(Fraction(0), span=Span(start, end))

    # ---- names by position

    def position(self, name: s.Name, section: str, only: Sequence[str] | None = None, known: bool = True) -> s.Name:
        """The canonical English word for a name that means something by its place; an unknown one is told."""
        row = self.words.names[section]
        if self.lang == "zh":
            english = self.words.to_english[section].get(name.text)
            if english is not None and (only is None or english in only):
                return s.Name(english, span=name.span)
        elif name.text in row and (only is None or name.text in only):
            return name
        other = row.get(name.text) if self.lang == "zh" else self.words.to_english[section].get(name.text)
        if other is not None and (only is None or name.text in only or other in only):
            self.tell("E110", name.span, fix=Fix(name.span, other), found=name.text, write=other)
            return s.Name(name.text if self.lang == "zh" else other, span=name.span)
        if known:
            choices = [zh if self.lang == "zh" else en for en, zh in row.items() if only is None or en in only]
            self.unknown_word(name, choices)
        return name

    def unknown_word(self, name: s.Name, choices: Sequence[str]) -> None:
        near = did_you_mean(name.text, choices)
        fix = Fix(name.span, near) if near else None
        hint = None
        if name.text in ("每日", "每天", "每周") and "单利" in choices:
            write = "/周" if name.text == "每周" else "/日"
            hint, fix = Both(f"write `{write}`", f"费率请写作“0.05%{write}”"), Fix(name.span, write)
        self.tell("E210", name.span, fix=fix, found=name.text, expected=any_of(choices, 6), suggestion=near, hint=hint)

    def own_fields(self) -> frozenset[str]:
        """Fields that the file's own lists declare: there a word of the table is the file's own name."""
        if self._fields is None:
            types, values = self.lexed.types, self.lexed.values
            kinds = {*self.words.to_english["type"], "K_TEXT", "K_PARTY", "K_NOTICE", "K_LIST_OF", "K_ONE_OF"}
            self._fields = frozenset(
                values[i]
                for i in range(1, len(types) - 2)
                if types[i] == "NAME"
                and types[i + 1] == ":"
                and types[i - 1] in ("{", ",")
                and (values[i + 2] if types[i + 2] == "NAME" else types[i + 2]) in kinds
            )
        return self._fields

    def field(self, name: s.Name) -> s.Name:
        if self.lang == "zh":
            english = self.words.to_english["field"].get(name.text)
            if english is not None and name.text not in self.own_fields():
                return s.Name(english, span=name.span)
        return name

    # ---- the file and its header

    def on_start(self, c: list[Any], start: int, end: int) -> s.Tree:
        lexed = self.lexed
        comments = tuple([s.Comment(lexed.source.text[a:b], span=Span(a, b)) for a, b in lexed.comments])
        return s.Tree(lexed.lang, c[0], tuple(c[1:]), comments, span=Span(0, len(lexed.source.text)))

    def on_declarations(self, c: list[Any], start: int, end: int) -> tuple[s.Declaration, ...]:
        return tuple(c)

    def on_contract_block(self, c: list[Any], start: int, end: int) -> s.Header:
        title, *items = c
        got = self.gather(items, self.owner("CONTRACT", f'"{title}"'), ("notes",))
        spans = {key: Span(a, b) for key, _, a, b in reversed(items)}
        if "term" in spans:
            spans["term_from"] = spans["term_to"] = spans["term"]
        term = got.get("term", (None, None))
        rounding = got.get("rounding", (None, None))
        return s.Header(
            title=title,
            language=got.get("language"),
            version=got.get("version"),
            currencies=got.get("currencies", ()),
            term_from=term[0],
            term_to=term[1],
            starts_when=got.get("starts_when"),
            rounding=rounding[0],
            rounding_unit=rounding[1],
            month_end=got.get("month_end"),
            calendar=got.get("calendar"),
            deadlines=got.get("deadlines"),
            zone=got.get("zone"),
            payment_order=got.get("payment_order", ()),
            debt_order=got.get("debt_order", ()),
            credit=got.get("credit"),
            tolerance=got.get("tolerance"),
            notices=got.get("notices"),
            source=got.get("source"),
            notes=tuple(got["notes"]),
            spans=tuple(sorted(spans.items())),
            span=Span(start, end),
        )

    def no_header(self, at: int) -> s.Header:
        """Stands in for a header that could not be read, so that the declarations behind it can."""
        return self.on_contract_block([""], at, at)

    def on_h_language(self, c: list[Any], start: int, end: int) -> Item:
        return ("language", self.whole(c[0], start, end, 1), start, end)

    def on_h_currency(self, c: list[Any], start: int, end: int) -> Item:
        return ("currencies", tuple(c), start, end)

    def on_h_term(self, c: list[Any], start: int, end: int) -> Item:
        return ("term", (c[0], c[1] if len(c) > 1 else None), start, end)

    def on_h_rounding(self, c: list[Any], start: int, end: int) -> Item:
        return ("rounding", (self.position(c[0], "rounding"), c[1]), start, end)

    def on_h_month_end(self, c: list[Any], start: int, end: int) -> Item:
        return ("month_end", self.position(c[0], "month_end"), start, end)

    def on_h_calendar(self, c: list[Any], start: int, end: int) -> Item:
        return ("calendar", self.position(c[0], "calendar", known=False), start, end)

    def on_h_payment_order(self, c: list[Any], start: int, end: int) -> Item:
        return ("payment_order", tuple(c), start, end)

    def on_h_debt_order(self, c: list[Any], start: int, end: int) -> Item:
        return ("debt_order", tuple(c), start, end)

    def on_order_word(self, c: list[Any], start: int, end: int) -> s.Name:
        return self.position(c[0], "order")

    def on_order_due(self, c: list[Any], start: int, end: int) -> s.Name:
        return s.Name("due", span=Span(start, end))

    def on_order_interest(self, c: list[Any], start: int, end: int) -> s.Name:
        return s.Name("interest", span=Span(start, end))

    def on_order_penalty(self, c: list[Any], start: int, end: int) -> s.Name:
        return s.Name("penalties", span=Span(start, end))

    def on_note(self, c: list[Any], start: int, end: int) -> Item:
        return ("notes", c[0], start, end)

    def on_name(self, c: list[Any], start: int, end: int) -> s.Name:
        return s.Name(c[0], span=Span(start, end))

    # ---- small declarations

    def on_party(self, c: list[Any], start: int, end: int) -> s.Party:
        return s.Party(c[0], c[1] if len(c) > 1 else None, span=Span(start, end))

    def on_parameter(self, c: list[Any], start: int, end: int) -> s.Parameter:
        notes = tuple([part[1] for part in c if isinstance(part, tuple)])
        type, value = None, None
        for part in c[1:]:
            if isinstance(part, s.TypeExpr):
                type = part
            elif not isinstance(part, tuple):
                value = part
        tbd = value == "TBD"
        return s.Parameter(c[0], type, None if tbd else value, (), tbd, notes, span=Span(start, end))

    def on_parameter_dated(self, c: list[Any], start: int, end: int) -> s.Parameter:
        type = next((part for part in c if isinstance(part, s.TypeExpr)), None)
        dated = tuple([part for part in c if isinstance(part, s.Dated)])
        notes = tuple([part[1] for part in c if isinstance(part, tuple)])
        return s.Parameter(c[0], type, None, dated, False, notes, span=Span(start, end))

    def on_dated(self, c: list[Any], start: int, end: int) -> s.Dated:
        return s.Dated(c[0], None if c[1] == "TBD" else c[1], span=Span(start, end))

    def on_fact(self, c: list[Any], start: int, end: int) -> s.Fact:
        name, type, *items = c
        got = self.gather(items, self.owner("FACT", name.text), ("notes",))
        return s.Fact(
            name,
            type,
            got.get("grain"),
            got.get("source"),
            got.get("presume"),
            got.get("judged_by"),
            got.get("dated_by"),
            got.get("keyed_by"),
            tuple(got["notes"]),
            span=Span(start, end),
        )

    def on_let(self, c: list[Any], start: int, end: int) -> s.Let:
        notes = tuple([part[1] for part in c if isinstance(part, tuple)])
        type = c[1] if isinstance(c[1], s.TypeExpr) else None
        return s.Let(c[0], type, c[2 if type else 1], notes, span=Span(start, end))

    # ---- types

    def on_type_word(self, c: list[Any], start: int, end: int) -> s.Name:
        name: s.Name = c[0]
        text = name.text
        if self.lang == "zh":
            english = self.words.to_english["type"].get(text)
            if english is None and text == self.words.word("K_PARTY", "zh"):
                english = "party"
            if english is not None:
                return s.Name(english, span=name.span)
            other = {en: zh for zh, en in self.words.to_english["type"].items()}.get(
                {written: en for en, written in ENGLISH_TYPES.items()}.get(text, text)
            )
            if other is None and text == "party":
                other = self.words.word("K_PARTY", "zh")
            if other is not None:
                self.tell("E110", name.span, fix=Fix(name.span, other), found=text, write=other)
                return s.Name(self.words.to_english["type"].get(other, text), span=name.span)
        else:
            # before `=` these keywords arrive as names
            if text in ("text", "string"):
                return s.Name("string", span=name.span)
            if text in ("party", "notice"):
                return s.Name("notice_record" if text == "notice" else text, span=name.span)
            if (text in self.words.names["type"] and text not in ENGLISH_TYPES) or text == "percentage":
                return name
            english = self.words.to_english["type"].get(text)
            if english is not None:
                write = ENGLISH_TYPES.get(english, english)
                self.tell("E110", name.span, fix=Fix(name.span, write), found=text, write=write)
                return s.Name(english, span=name.span)
        return s.Name("?" + text, span=name.span)

    def on_type_text(self, c: list[Any], start: int, end: int) -> s.Name:
        if self.lang == "zh":
            self.wrong_type_word("string", Span(start, end))
        return s.Name("string", span=Span(start, end))

    def on_type_party(self, c: list[Any], start: int, end: int) -> s.Name:
        return s.Name("party", span=Span(start, end))

    def on_type_notice(self, c: list[Any], start: int, end: int) -> s.Name:
        if self.lang == "zh":
            self.wrong_type_word("notice_record", Span(start, end))
        return s.Name("notice_record", span=Span(start, end))

    def wrong_type_word(self, english: str, span: Span) -> None:
        write = self.words.names["type"][english]
        self.tell(
            "E210",
            span,
            fix=Fix(span, write),
            found=self.text(span),
            expected=any_of([write]),
            suggestion=write,
        )

    def type_words(self) -> list[str]:
        row = self.words.names["type"]
        if self.lang == "zh":
            return [*row.values(), self.word("PARTY"), self.word("ONE_OF"), self.word("LIST_OF")]
        return [
            *(ENGLISH_TYPES.get(en, en) for en in row),
            "party",
            self.word("ONE_OF"),
            self.word("LIST_OF"),
        ]

    def type_of(
        self,
        word: s.Name,
        span: Span,
        extra: s.Name | None = None,
        per: str | None = None,
        unit: str | None = None,
    ) -> s.TypeExpr:
        """A type of one word, with what may follow it: a currency after money, a unit after count."""
        kind = word.text
        if kind == "percentage" and extra is not None and extra.text == "points":
            kind, extra = "percentage_points", None
        elif kind == "percentage":
            self.unknown_word(s.Name("percentage", span=word.span), ["percent", "percentage points"])
            kind = "percent"
        if kind.startswith("?"):
            written = s.Name(kind[1:], span=word.span)
            self.unknown_word(written, self.type_words())
            return s.TypeExpr("number", span=span)
        if unit is not None and kind != "count":
            self.tell("E128", span, found=self.text(word.span), what=f'"{unit}"')
            unit = None
        if extra is not None and kind not in ("money", "rate"):
            grains = [self.word(role) for role in ("DAILY", "WEEKLY", "MONTHLY", "QUARTERLY", "YEARLY", "ONCE")]
            near = did_you_mean(extra.text, grains)
            fix = Fix(extra.span, near) if near else None
            found = self.text(word.span)
            self.tell("E128", extra.span, fix=fix, found=found, what=any_of((extra.text,)), suggestion=near)
            extra = None
        if per is not None and kind != "rate":
            self.tell("E128", span, found=self.text(word.span), what=any_of((self.word("PER_" + per.upper()),)))
            per = None
        per_unit: Any = per
        return s.TypeExpr(KINDS.get(kind, kind), currency=extra, unit=unit, per=per_unit, span=span)

    def on_t_plain(self, c: list[Any], start: int, end: int) -> s.TypeExpr:
        return self.type_of(c[0], Span(start, end), unit=c[1] if len(c) > 1 else None)

    def on_t_money(self, c: list[Any], start: int, end: int) -> s.TypeExpr:
        return self.type_of(c[0], Span(start, end), extra=c[1])

    def on_t_rate(self, c: list[Any], start: int, end: int) -> s.TypeExpr:
        return self.type_of(c[0], Span(start, end), per=c[1])

    def on_t_money_rate(self, c: list[Any], start: int, end: int) -> s.TypeExpr:
        return self.type_of(c[0], Span(start, end), extra=c[1], per=c[2])

    def on_t_one_of(self, c: list[Any], start: int, end: int) -> s.TypeExpr:
        return s.TypeExpr("one of", choices=tuple(c), span=Span(start, end))

    def on_t_list(self, c: list[Any], start: int, end: int) -> s.TypeExpr:
        node = s.TypeExpr("list", fields=tuple(c), span=Span(start, end))
        if end - start > MAX_DEPTH and depth_over(node, MAX_DEPTH):
            self.tell("E006", Span(start, end), limit=MAX_DEPTH)
            return s.TypeExpr("date", span=Span(start, end))
        return node

    def on_field(self, c: list[Any], start: int, end: int) -> s.FieldDecl:
        return s.FieldDecl(c[0], c[1], len(c) > 2, span=Span(start, end))

    # ---- kpi, balance, clause

    def on_kpi(self, c: list[Any], start: int, end: int) -> s.Kpi:
        name, grain, *items = c
        got = self.gather(items, self.owner("KPI", name.text), ("notes", "not_assessed", "levels"))
        return s.Kpi(
            name,
            grain,
            got.get("starting"),
            tuple(got["not_assessed"]),
            got.get("met"),
            tuple(got["levels"]),
            got.get("partial"),
            got.get("measure"),
            got.get("baseline"),
            got.get("target"),
            got.get("lower_is_better", False),
            tuple(got["notes"]),
            span=Span(start, end),
        )

    def on_k_level(self, c: list[Any], start: int, end: int) -> Item:
        return ("levels", s.Level(c[0], c[1], span=Span(start, end)), start, end)

    def on_balance(self, c: list[Any], start: int, end: int) -> s.Balance:
        name, type, *items = c
        # An opening is said once; movements as often as there are any.
        owner = self.owner("BALANCE", name.text)
        openings = [item for item in items if item[0] == "opening"]
        self.gather(openings, owner)
        many = [item for item in items if item[0] != "opening"]
        got = self.gather(
            [("movements", *item[1:]) if item[0] != "notes" else item for item in many],
            owner,
            ("notes", "movements"),
        )
        movements = (*[item[1] for item in openings[:1]], *got["movements"])
        return s.Balance(name, type, movements, tuple(got["notes"]), span=Span(start, end))

    def movement(self, kind: Any, c: list[Any], start: int, end: int) -> Item:
        each, condition = c[1] if len(c) > 1 else (None, None)
        key = "opening" if kind == "opening" else "movements"
        return (key, s.Movement(kind, c[0], each, condition, None, span=Span(start, end)), start, end)

    def on_b_opening(self, c: list[Any], start: int, end: int) -> Item:
        return self.movement("opening", c, start, end)

    def on_b_add(self, c: list[Any], start: int, end: int) -> Item:
        return self.movement("add", c, start, end)

    def on_b_deduct(self, c: list[Any], start: int, end: int) -> Item:
        return self.movement("deduct", c, start, end)

    def on_b_accrues(self, c: list[Any], start: int, end: int) -> Item:
        daycount = self.position(c[1], "interest", DAYCOUNTS).text if len(c) > 1 else None
        return (
            "movements",
            s.Movement("accrues", c[0], None, None, daycount, span=Span(start, end)),
            start,
            end,
        )

    def on_bw_each(self, c: list[Any], start: int, end: int) -> tuple[s.Name | None, s.Expr | None]:
        return (c[0], c[1] if len(c) > 1 else None)

    def on_bw_when(self, c: list[Any], start: int, end: int) -> tuple[s.Name | None, s.Expr | None]:
        return (None, c[0])

    def on_clause(self, c: list[Any], start: int, end: int) -> s.Clause:
        number = c[0]
        title = c[1] if len(c) > 1 and isinstance(c[1], str) else None
        items: list[Item] = []
        for item in c[2 if title is not None else 1 :]:
            items += item[1] if item[0] == "several" else [item]
        got = self.gather(items, self.owner("CLAUSE", f'"{number}"'), ("notes", "texts", "items"))
        return s.Clause(
            number,
            title,
            tuple(got["texts"]),
            got.get("survives"),
            tuple(got["items"]),
            tuple(got["notes"]),
            span=Span(start, end),
        )

    def on_c_text(self, c: list[Any], start: int, end: int) -> Item:
        return ("several", [("texts", c[0], start, end), *c[1:]], start, end)

    # ---- obligations

    def on_obligation(self, c: list[Any], start: int, end: int) -> s.Obligation:
        name, *items = c
        got = self.gather(items, self.owner("OBLIGATION", name.text), ("notes", "schedules"))
        return s.Obligation(
            name,
            got.get("duty"),
            tuple(got["schedules"]),
            got.get("when"),
            got.get("due"),
            got.get("grace"),
            got.get("performed"),
            got.get("failing", ()),
            got.get("prorated"),
            got.get("extended_by"),
            got.get("excused_while"),
            got.get("survives"),
            got.get("negative"),
            tuple(got["notes"]),
            got.get("tax"),
            got.get("cap"),
            got.get("commitment"),
            got.get("earnest"),
            got.get("disputed"),
            got.get("secured"),
            got.get("long_last", False),
            got.get("periods_shifted", False),
            span=Span(start, end),
        )

    def on_o_cap(self, c: list[Any], start: int, end: int) -> Item:
        return ("cap", s.Limit(c[0][1], c[1], span=Span(start, end)), start, end)

    def on_o_commitment(self, c: list[Any], start: int, end: int) -> Item:
        return ("commitment", s.Limit(c[0][1], c[1], span=Span(start, end)), start, end)

    def on_tax_inclusive(self, c: list[Any], start: int, end: int) -> s.Tax:
        return s.Tax("inclusive", c[0], span=Span(start, end))

    def on_tax_exclusive(self, c: list[Any], start: int, end: int) -> s.Tax:
        return s.Tax("exclusive", c[0], span=Span(start, end))

    def on_tax_outside(self, c: list[Any], start: int, end: int) -> s.Tax:
        return s.Tax("outside", None, span=Span(start, end))

    def on_o_disputed(self, c: list[Any], start: int, end: int) -> Item:
        until = next((part[1] for part in c[2:] if isinstance(part, tuple)), None)
        dispute = s.Disputed(c[0], c[1], until, True not in c[2:], span=Span(start, end))
        return ("disputed", dispute, start, end)

    def on_o_grace(self, c: list[Any], start: int, end: int) -> Item:
        kind: Any = next((part for part in c[1:] if part in ("forgiving", "delaying", "unaffected")), None)
        shift: Any = next((part for part in c[1:] if part in ("next", "previous", "unshifted")), None)
        return ("grace", s.Grace(c[0], kind, shift, span=Span(start, end)), start, end)

    def on_prorated_word(self, c: list[Any], start: int, end: int) -> str:
        return self.position(c[0], "proration").text

    def on_d_pay(self, c: list[Any], start: int, end: int) -> s.Duty:
        return s.Duty(c[0], "pay", c[1], c[2], (), None, None, span=Span(start, end))

    def on_d_pay_parts(self, c: list[Any], start: int, end: int) -> s.Duty:
        return s.Duty(c[0], "pay", c[1], None, tuple(c[2:]), None, None, span=Span(start, end))

    def on_d_deliver(self, c: list[Any], start: int, end: int) -> s.Duty:
        return s.Duty(c[0], "deliver", c[2] if len(c) > 2 else None, None, (), c[1], None, span=Span(start, end))

    def on_d_deliver_to(self, c: list[Any], start: int, end: int) -> s.Duty:
        return s.Duty(c[0], "deliver", c[1], None, (), c[2], None, span=Span(start, end))

    def on_d_do(self, c: list[Any], start: int, end: int) -> s.Duty:
        at_least = self.whole(c[2], start, end, 1) if len(c) > 2 else None
        return s.Duty(c[0], "do", None, None, (), c[1], at_least, span=Span(start, end))

    def on_part(self, c: list[Any], start: int, end: int) -> s.Part:
        return s.Part(c[0], c[1], c[2] if len(c) > 2 else None, span=Span(start, end))

    def weekday(self, name: s.Name) -> int:
        canonical = self.position(name, "weekday").text
        return WEEKDAYS.index(canonical) + 1 if canonical in WEEKDAYS else 1

    def on_s_every_week(self, c: list[Any], start: int, end: int) -> s.Schedule:
        return s.Schedule("every", 1, "weeks", self.weekday(c[0]), span=Span(start, end))

    def on_s_every_n(self, c: list[Any], start: int, end: int) -> s.Schedule:
        every, unit, *rest = c
        weekday = next((self.weekday(part) for part in rest if isinstance(part, s.Name)), None)
        anchor = next((part for part in rest if not isinstance(part, s.Name)), None)
        return s.Schedule("every", self.whole(every, start, end, 1), unit, weekday, anchor, span=Span(start, end))

    def on_s_every_length(self, c: list[Any], start: int, end: int) -> s.Schedule:
        name, *rest = c
        unit: Any = next((part for part in rest if isinstance(part, str)), None)
        anchor = next((part for part in rest if not isinstance(part, str)), None)
        length = s.Ref(name.text, span=name.span)
        return s.Schedule("every", 0, unit, length=length, anchor=anchor, span=Span(start, end))

    def on_s_once_on(self, c: list[Any], start: int, end: int) -> s.Schedule:
        return s.Schedule("once on", on=c[0], span=Span(start, end))

    def on_s_once_when(self, c: list[Any], start: int, end: int) -> s.Schedule:
        return s.Schedule("once when", condition=c[0], span=Span(start, end))

    def on_s_each_time(self, c: list[Any], start: int, end: int) -> s.Schedule:
        return s.Schedule("each time", condition=c[0], span=Span(start, end))

    def on_s_on_dates(self, c: list[Any], start: int, end: int) -> s.Schedule:
        return s.Schedule("on dates", dates=tuple(c), span=Span(start, end))

    def on_dated_amount(self, c: list[Any], start: int, end: int) -> s.Dated:
        return s.Dated(c[0], c[1] if len(c) > 1 else None, span=Span(start, end))

    def on_s_per_record(self, c: list[Any], start: int, end: int) -> s.Schedule:
        return s.Schedule("per record", list=c[0], where=c[1] if len(c) > 1 else None, span=Span(start, end))

    def on_due(self, c: list[Any], start: int, end: int) -> s.Due:
        kind, words = c[0]
        return s.Due(kind, shift=c[1] if len(c) > 1 else None, span=Span(start, end), **words)

    def on_due_day(self, c: list[Any], start: int, end: int) -> tuple[str, dict[str, Any]]:
        return ("day", self.day_of(c, start, end))

    def on_due_business_day(self, c: list[Any], start: int, end: int) -> tuple[str, dict[str, Any]]:
        return ("business day", self.day_of(c, start, end))

    on_due_day_zh = on_due_day
    on_due_business_day_zh = on_due_business_day

    def day_of(self, c: list[Any], start: int, end: int) -> dict[str, Any]:
        period = next((part for part in c if isinstance(part, s.PeriodRef)), None)
        number = next(part for part in c if isinstance(part, Fraction))
        return {"day": self.whole(number, start, end, 1), "period": period}

    def on_due_last_day(self, c: list[Any], start: int, end: int) -> tuple[str, dict[str, Any]]:
        return ("last day", {"period": c[0] if c else None})

    on_due_last_day_zh = on_due_last_day

    def on_due_within(self, c: list[Any], start: int, end: int) -> tuple[str, dict[str, Any]]:
        return ("within", {"within": c[0], "after": c[1]})

    def on_due_within_zh(self, c: list[Any], start: int, end: int) -> tuple[str, dict[str, Any]]:
        return ("within", {"within": c[1], "after": c[0]})

    def on_due_within_demand(self, c: list[Any], start: int, end: int) -> tuple[str, dict[str, Any]]:
        return ("within", {"within": c[0]})

    on_due_within_demand_zh = on_due_within_demand

    def on_due_on(self, c: list[Any], start: int, end: int) -> tuple[str, dict[str, Any]]:
        return ("on", {"on": c[0]})

    def on_p_by(self, c: list[Any], start: int, end: int) -> s.Performed:
        return s.Performed("by", list=c[0], where=c[1] if len(c) > 1 else None, span=Span(start, end))

    def on_p_on(self, c: list[Any], start: int, end: int) -> s.Performed:
        return s.Performed("on", expr=c[0], span=Span(start, end))

    def on_p_when(self, c: list[Any], start: int, end: int) -> s.Performed:
        return s.Performed("when", expr=c[0], span=Span(start, end))

    # ---- what follows a breach

    def on_failing(self, c: list[Any], start: int, end: int) -> tuple[s.Step, ...]:
        return tuple(c)

    def on_step_at_once(self, c: list[Any], start: int, end: int) -> s.Step:
        return s.Step("at once", 0, c[0], span=Span(start, end))

    def on_step_after(self, c: list[Any], start: int, end: int) -> s.Step:
        duration = c[0]
        days = 1
        if isinstance(duration, s.DurationLit) and duration.unit == "days":
            days = duration.amount
        else:
            expected = any_of([self.word("DAYS")])
            self.tell("E122", duration.span, found=self.text(duration.span), expected=expected)
        return s.Step("after", days, c[1], span=Span(start, end))

    def on_step_on_day(self, c: list[Any], start: int, end: int) -> s.Step:
        return s.Step("on day", self.whole(c[0], start, end, 1), c[1], span=Span(start, end))

    def on_interest(self, c: list[Any], start: int, end: int) -> s.Interest:
        names = [self.position(part, "interest") for part in c[1:] if isinstance(part, s.Name)]
        owner = Both(f"`{self.word('INTEREST')}`", f"“{self.word('INTEREST')}”")
        items: list[Item] = []
        for name in names:
            key = "method" if name.text in ("simple", "compound") else "daycount"
            items.append((key, name.text, name.span.start, name.span.end))
        items += [("every", part, start, end) for part in c[1:] if isinstance(part, str)]
        got = self.gather([*items, *[part for part in c[1:] if isinstance(part, tuple)]], owner)
        return s.Interest(
            c[0],
            got.get("method"),
            got.get("daycount"),
            got.get("cap"),
            got.get("every"),
            got.get("reference"),
            span=Span(start, end),
        )

    def on_penalty(self, c: list[Any], start: int, end: int) -> s.Penalty:
        to = next((part for part in c[1:] if isinstance(part, s.Name)), None)
        words = {part[0]: part[1] for part in c[1:] if isinstance(part, tuple)}
        return s.Penalty(
            c[0],
            to,
            words.get("cap"),
            words.get("demanded_on"),
            words.get("due"),
            words.get("loss"),
            span=Span(start, end),
        )

    def on_breach(self, c: list[Any], start: int, end: int) -> s.Breach:
        return s.Breach(self.position(c[0], "grade"), span=Span(start, end))

    # ---- prohibitions, rights, the life of the contract

    def on_prohibition(self, c: list[Any], start: int, end: int) -> s.Prohibition:
        name, *items = c
        got = self.gather(items, self.owner("PROHIBITION", name.text), ("notes",))
        debtor, what = got.get("duty", (None, None))
        violated_by, where = got.get("violated_by", (None, None))
        return s.Prohibition(
            name,
            debtor,
            what,
            got.get("violated_when"),
            got.get("violated_on"),
            violated_by,
            where,
            got.get("per", "record"),
            got.get("except_when"),
            got.get("failing", ()),
            got.get("survives"),
            tuple(got["notes"]),
            span=Span(start, end),
        )

    def on_x_must_not(self, c: list[Any], start: int, end: int) -> Item:
        return ("duty", (c[0], c[1]), start, end)

    def on_x_by(self, c: list[Any], start: int, end: int) -> Item:
        return ("violated_by", (c[0], c[1] if len(c) > 1 else None), start, end)

    def on_x_counted(self, c: list[Any], start: int, end: int) -> Item:
        if c[0] not in ("day", "month"):
            expected = any_of([self.word("PER_DAY"), self.word("PER_MONTH")])
            span = Span(start, end)
            self.tell("E122", span, found=self.text(span), expected=expected)
        return ("per", c[0] if c[0] in ("day", "month") else "day", start, end)

    def on_right(self, c: list[Any], start: int, end: int) -> s.Right:
        name, *items = c
        got = self.gather(items, self.owner("RIGHT", name.text), ("notes",))
        holder, effect = got.get("holder", (None, None))
        records, where = got.get("list", (None, None))
        return s.Right(
            name,
            holder,
            effect,
            got.get("when"),
            got.get("only_while"),
            records,
            where,
            got.get("exercised_on"),
            got.get("released_on"),
            got.get("given_up_on"),
            got.get("lapses"),
            got.get("retroactive", False),
            tuple(got["notes"]),
            span=Span(start, end),
        )

    def on_r_may(self, c: list[Any], start: int, end: int) -> Item:
        return ("holder", (c[0], c[1]), start, end)

    def on_r_per_record(self, c: list[Any], start: int, end: int) -> Item:
        return ("list", (c[0], c[1] if len(c) > 1 else None), start, end)

    def effect(self, kind: Any, c: list[Any], start: int, end: int) -> s.Effect:
        return s.Effect(kind, c[0] if c else None, c[1] if len(c) > 1 else None, span=Span(start, end))

    def on_e_withhold(self, c: list[Any], start: int, end: int) -> s.Effect:
        return self.effect("withhold", c, start, end)

    def on_e_retain(self, c: list[Any], start: int, end: int) -> s.Effect:
        return self.effect("retain", c, start, end)

    def on_e_reduce(self, c: list[Any], start: int, end: int) -> s.Effect:
        return self.effect("reduce", c, start, end)

    def on_e_terminate(self, c: list[Any], start: int, end: int) -> s.Effect:
        return self.effect("terminate", c, start, end)

    def on_e_suspend(self, c: list[Any], start: int, end: int) -> s.Effect:
        return self.effect("suspend", c, start, end)

    def on_e_demand(self, c: list[Any], start: int, end: int) -> s.Effect:
        return self.effect("demand", c, start, end)

    def on_e_extend(self, c: list[Any], start: int, end: int) -> s.Effect:
        return self.effect("extend", c, start, end)

    def lapse(self, duration: s.Expr, after: s.Expr | None, rest: list[Any], start: int, end: int) -> s.Lapse:
        return s.Lapse(duration, after, rest[0] if rest else None, span=Span(start, end))

    def on_lapse_from(self, c: list[Any], start: int, end: int) -> s.Lapse:
        return self.lapse(c[0], c[1], c[2:], start, end)

    def on_lapse_from_zh(self, c: list[Any], start: int, end: int) -> s.Lapse:
        return self.lapse(c[1], c[0], c[2:], start, end)

    def on_lapse_after(self, c: list[Any], start: int, end: int) -> s.Lapse:
        return self.lapse(c[0], None, c[1:], start, end)

    def on_suspension(self, c: list[Any], start: int, end: int) -> s.Suspension:
        name, *items = c
        got = self.gather(items, self.owner("SUSPENSION", name.text), ("notes", "instead"))
        return s.Suspension(
            name,
            got.get("clause"),
            got.get("when"),
            got.get("suspends", ()),
            got.get("extends_term_by"),
            got.get("interest_continues", False),
            tuple(got["instead"]),
            tuple(got["notes"]),
            span=Span(start, end),
        )

    def on_u_suspends(self, c: list[Any], start: int, end: int) -> Item:
        return ("suspends", tuple(c), start, end)

    def on_termination(self, c: list[Any], start: int, end: int) -> s.Termination:
        name, *items = c
        got = self.gather(items, self.owner("TERMINATION", name.text), ("notes",))
        settle, accelerated = got.get("settle", ((), False))
        cure, cure_shift = got.get("cure", (None, None))
        return s.Termination(
            name,
            got.get("clause"),
            got.get("how"),
            "how" in got and got["how"] is None,
            got.get("when"),
            got.get("exercised_on"),
            got.get("notice"),
            cure,
            cure_shift,
            got.get("cured_when"),
            got.get("only_while"),
            got.get("lapses"),
            settle,
            accelerated,
            tuple(got["notes"]),
            span=Span(start, end),
        )

    def on_n_cure(self, c: list[Any], start: int, end: int) -> Item:
        return ("cure", (c[0], c[1] if len(c) > 1 else None), start, end)

    def on_n_settle(self, c: list[Any], start: int, end: int) -> Item:
        return ("settle", (tuple(c), False), start, end)

    def on_n_settle_accelerated(self, c: list[Any], start: int, end: int) -> Item:
        return ("settle", (tuple(c), True), start, end)

    def on_escalation(self, c: list[Any], start: int, end: int) -> s.Escalation:
        name, *items = c
        got = self.gather(items, self.owner("ESCALATION", name.text), ("notes", "levels", "at_end"))
        records, where = got.get("list", (None, None))
        return s.Escalation(
            name,
            got.get("clause"),
            got.get("opens_on"),
            records,
            where,
            tuple(got["levels"]),
            got.get("stops_when"),
            tuple(got["at_end"]),
            tuple(got["notes"]),
            span=Span(start, end),
        )

    def on_l_per_record(self, c: list[Any], start: int, end: int) -> Item:
        return ("list", (c[0], c[1] if len(c) > 1 else None), start, end)

    def on_l_level(self, c: list[Any], start: int, end: int) -> Item:
        answered = c[2][1] if len(c) > 2 else None
        return ("levels", s.EscalationLevel(c[0], c[1], answered, span=Span(start, end)), start, end)

    def on_approval(self, c: list[Any], start: int, end: int) -> s.Approval:
        name, *items = c
        got = self.gather(items, self.owner("APPROVAL", name.text), ("notes",))
        records, where = got.get("list", (None, None))
        return s.Approval(
            name,
            got.get("clause"),
            records,
            where,
            got.get("signers", ()),
            got.get("quorum"),
            got.get("in_order", False),
            got.get("no_later_than"),
            tuple(got["notes"]),
            span=Span(start, end),
        )

    on_a_per_record = on_l_per_record

    def on_a_signers(self, c: list[Any], start: int, end: int) -> Item:
        return ("signers", tuple(c), start, end)

    def on_a_quorum(self, c: list[Any], start: int, end: int) -> Item:
        return ("quorum", self.whole(c[0], start, end, 1), start, end)

    def on_signer(self, c: list[Any], start: int, end: int) -> s.Signer:
        return s.Signer(c[0], c[1], span=Span(start, end))

    def on_exception(self, c: list[Any], start: int, end: int) -> s.Exception_:
        target, when, *items = c
        got = self.gather(items, self.owner("EXCEPTION_TO", target.text), ("notes", "instead"))
        return s.Exception_(
            target,
            when,
            got.get("excused", False),
            got.get("amount"),
            tuple(got["instead"]),
            tuple(got["notes"]),
            span=Span(start, end),
        )

    def on_v_flag(self, c: list[Any], start: int, end: int) -> Item:
        self.position(c[0], "exception", ("excused",))
        return ("excused", True, start, end)

    def on_v_amount(self, c: list[Any], start: int, end: int) -> Item:
        self.position(c[0], "exception", ("amount",))
        return ("amount", c[1], start, end)

    def on_amendment(self, c: list[Any], start: int, end: int) -> s.Amendment:
        return s.Amendment(c[0], c[1], tuple(c[2:]), span=Span(start, end))

    def on_property(self, c: list[Any], start: int, end: int) -> s.Property:
        return s.Property(c[0], c[1], span=Span(start, end))

    def on_use(self, c: list[Any], start: int, end: int) -> s.Use:
        return s.Use(c[0], span=Span(start, end))

    # ---- scenarios

    def on_scenario(self, c: list[Any], start: int, end: int) -> s.Scenario:
        return s.Scenario(c[0], tuple(c[1:]), span=Span(start, end))

    def on_z_parameter(self, c: list[Any], start: int, end: int) -> s.SetParameter:
        return s.SetParameter(c[0], c[1], span=Span(start, end))

    def facts(self, c: list[Any], corrected: bool, start: int, end: int) -> s.FactsOf:
        period, *assigns = c
        first: dict[str, s.Assign] = {}
        for assign in assigns:
            if assign.name.text in first:
                related = (Related(first[assign.name.text].span, "first"),)
                owner = self.owner("CORRECTED_FACTS_OF" if corrected else "FACTS_OF", period)
                self.tell("E114", assign.span, related, item=assign.name.text, owner=owner)
            else:
                first[assign.name.text] = assign
        return s.FactsOf(period, tuple(assigns), corrected, span=Span(start, end))

    def on_z_facts(self, c: list[Any], start: int, end: int) -> s.FactsOf:
        return self.facts(c, False, start, end)

    def on_z_corrected(self, c: list[Any], start: int, end: int) -> s.FactsOf:
        return self.facts(c, True, start, end)

    def on_assign(self, c: list[Any], start: int, end: int) -> s.Assign:
        return s.Assign(c[0], c[1], span=Span(start, end))

    def on_z_as_of(self, c: list[Any], start: int, end: int) -> s.AsOf:
        return s.AsOf(c[0], span=Span(start, end))

    def on_z_complete(self, c: list[Any], start: int, end: int) -> s.CompleteThrough:
        return s.CompleteThrough(c[0] if len(c) > 1 else None, c[-1], span=Span(start, end))

    def expect(self, subject: Any, period: str | None, outcome: Item, start: int, end: int) -> s.Expect:
        key, value = outcome[:2]
        return s.Expect(
            subject=subject[0],
            field=subject[1],
            owes=None,
            period=period,
            value=value if key == "value" else None,
            status=value if key == "status" else None,
            needs=value if key == "needs" else (),
            span=Span(start, end),
        )

    def on_z_expect(self, c: list[Any], start: int, end: int) -> s.Expect:
        return self.expect(c[0], c[1] if len(c) > 2 else None, c[-1], start, end)

    def on_z_expect_zh(self, c: list[Any], start: int, end: int) -> s.Expect:
        return self.expect(c[1], c[0], c[2], start, end)

    def on_z_expect_contract(self, c: list[Any], start: int, end: int) -> s.Expect:
        return s.Expect(None, None, None, None, None, c[0], (), span=Span(start, end))

    def on_z_expect_owes(self, c: list[Any], start: int, end: int) -> s.Expect:
        return s.Expect(c[0], None, c[1], None, c[2], None, (), span=Span(start, end))

    def on_subject(self, c: list[Any], start: int, end: int) -> tuple[s.Name, s.Name | None]:
        return (c[0], None)

    def on_subject_field(self, c: list[Any], start: int, end: int) -> tuple[s.Name, s.Name | None]:
        return (c[0], self.field(c[1]))

    def on_outcome_needs(self, c: list[Any], start: int, end: int) -> Item:
        return ("needs", tuple(c), start, end)

    def on_period(self, c: list[Any], start: int, end: int) -> str:
        if not c:
            return "once"
        value = c[0]
        if isinstance(value, dt.date):
            return value.isoformat()
        if isinstance(value, Fraction):
            return str(self.whole(value, start, end, 1))
        return str(value)

    # ---- expressions

    def on_if_(self, c: list[Any], start: int, end: int) -> Any:
        node = s.If(c[0], c[1], c[2], span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_or_(self, c: list[Any], start: int, end: int) -> Any:
        node = s.Logic("or", c[0], c[1], span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_and_(self, c: list[Any], start: int, end: int) -> Any:
        node = s.Logic("and", c[0], c[1], span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_not_(self, c: list[Any], start: int, end: int) -> Any:
        node = s.Unary("not", c[0], span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_consecutive(self, c: list[Any], start: int, end: int) -> Any:
        said = c[1]
        amount = said if isinstance(said, s.Name) else self.whole(said, start, end, 1)
        node = s.Consecutive(c[0], amount, c[2], c[3] if len(c) > 3 else None, span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def at_least(self, test: s.Expr, n: Fraction, m: Fraction, unit: Any, rest: list[Any], start: int, end: int) -> Any:
        missing = rest[0] if rest else None
        amount, of = self.whole(n, start, end, 1), self.whole(m, start, end, 1)
        node = s.AtLeastOf(test, amount, of, unit, missing, span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_at_least_of(self, c: list[Any], start: int, end: int) -> Any:
        return self.at_least(c[0], c[1], c[2], c[3], c[4:], start, end)

    def on_at_least_of_zh(self, c: list[Any], start: int, end: int) -> Any:
        return self.at_least(c[0], c[3], c[1], c[2], c[4:], start, end)

    def on_ever_before(self, c: list[Any], start: int, end: int) -> Any:
        node = s.Ever(c[0], False, span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_ever(self, c: list[Any], start: int, end: int) -> Any:
        node = s.Ever(c[0], True, span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_comparison(self, c: list[Any], start: int, end: int) -> Any:
        node = s.Compare(c[1], c[0], c[2], span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def binary(self, op: Any, c: list[Any], start: int, end: int) -> Any:
        node = s.Binary(op, c[0], c[1], span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_add(self, c: list[Any], start: int, end: int) -> Any:
        return self.binary("+", c, start, end)

    def on_subtract(self, c: list[Any], start: int, end: int) -> Any:
        return self.binary("-", c, start, end)

    def on_multiply(self, c: list[Any], start: int, end: int) -> Any:
        return self.binary("*", c, start, end)

    def on_divide(self, c: list[Any], start: int, end: int) -> Any:
        return self.binary("/", c, start, end)

    def on_negate(self, c: list[Any], start: int, end: int) -> Any:
        node = s.Unary("-", c[0], span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_percent_of(self, c: list[Any], start: int, end: int) -> Any:
        node = s.PercentOf(c[0], c[1], span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_percent_of_zh(self, c: list[Any], start: int, end: int) -> Any:
        return self.on_percent_of([c[1], c[0]], start, end)

    def on_rate_of(self, c: list[Any], start: int, end: int) -> Any:
        percent, per, of = c
        node = s.Per(s.PercentOf(percent, of, span=Span(start, end)), per, span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_rate_of_zh(self, c: list[Any], start: int, end: int) -> Any:
        return self.on_rate_of([c[1], c[2], c[0]], start, end)

    def on_percent(self, c: list[Any], start: int, end: int) -> s.Percent:
        return s.Percent(c[0], span=Span(start, end))

    def on_percent_rate(self, c: list[Any], start: int, end: int) -> s.Per:
        return s.Per(s.Percent(c[0], span=Span(start, end)), c[1], span=Span(start, end))

    def on_attribute(self, c: list[Any], start: int, end: int) -> Any:
        node = s.Attr(c[0], self.field(c[1]), span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_of_period(self, c: list[Any], start: int, end: int) -> Any:
        node = s.OfPeriod(c[0], c[1], span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_as_of_suspension(self, c: list[Any], start: int, end: int) -> Any:
        node = s.AtSuspensionStart(c[0], span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_of_period_zh(self, c: list[Any], start: int, end: int) -> Any:
        return self.on_of_period([c[1], c[0]], start, end)

    def on_kpi_is(self, c: list[Any], start: int, end: int) -> s.KpiIs:
        return s.KpiIs(c[0], c[1], span=Span(start, end))

    def on_status_is(self, c: list[Any], start: int, end: int) -> s.StatusIs:
        return s.StatusIs(c[0], c[1], span=Span(start, end))

    def on_in_breach(self, c: list[Any], start: int, end: int) -> s.InBreach:
        return s.InBreach(c[0], self.position(c[1], "grade"), span=Span(start, end))

    def on_status(self, c: list[Any], start: int, end: int) -> str:
        return self.position(c[0], "status", known=False).text

    def on_number(self, c: list[Any], start: int, end: int) -> s.Number:
        return s.Number(c[0], span=Span(start, end))

    def on_points(self, c: list[Any], start: int, end: int) -> s.Points:
        return s.Points(c[0], span=Span(start, end))

    def on_money(self, c: list[Any], start: int, end: int) -> s.MoneyLit:
        currency, value = c[0]
        return s.MoneyLit(currency, value, span=Span(start, end))

    def on_money_rate(self, c: list[Any], start: int, end: int) -> s.Per:
        return s.Per(self.on_money(c, start, end), c[1], span=Span(start, end))

    def on_date(self, c: list[Any], start: int, end: int) -> s.DateLit:
        return s.DateLit(c[0], span=Span(start, end))

    def on_moment(self, c: list[Any], start: int, end: int) -> s.MomentLit:
        return s.MomentLit(c[0], span=Span(start, end))

    def on_string(self, c: list[Any], start: int, end: int) -> s.TextLit:
        return s.TextLit(c[0], span=Span(start, end))

    def on_true(self, c: list[Any], start: int, end: int) -> s.BoolLit:
        return s.BoolLit(True, span=Span(start, end))

    def on_false(self, c: list[Any], start: int, end: int) -> s.BoolLit:
        return s.BoolLit(False, span=Span(start, end))

    def on_none(self, c: list[Any], start: int, end: int) -> s.AbsentLit:
        return s.AbsentLit("none", span=Span(start, end))

    def on_unknown(self, c: list[Any], start: int, end: int) -> s.AbsentLit:
        return s.AbsentLit("unknown", span=Span(start, end))

    def on_duration_literal(self, c: list[Any], start: int, end: int) -> s.DurationLit:
        return s.DurationLit(self.whole(c[0], start, end), c[1], span=Span(start, end))

    def on_ref(self, c: list[Any], start: int, end: int) -> s.Ref:
        text: str = c[0].text
        if self.lang == "zh":
            english = self.words.to_english["instance"].get(text)
            if english is not None and text not in self.lexed.declared:
                text = english
        return s.Ref(text, span=c[0].span)

    def on_call(self, c: list[Any], start: int, end: int) -> Any:
        name = c[0]
        if self.lang == "zh":
            english = self.words.to_english["builtin"].get(name.text)
            if english is not None:
                name = s.Name(english, span=name.span)
        node = s.Call(name, tuple(c[1:]), span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_parenthesis(self, c: list[Any], start: int, end: int) -> Any:
        return c[0]

    def on_nothing_open(self, c: list[Any], start: int, end: int) -> s.NothingOpen:
        return s.NothingOpen(span=Span(start, end))

    def on_list(self, c: list[Any], start: int, end: int) -> s.ListLit:
        return s.ListLit(tuple(c), span=Span(start, end))

    def on_record(self, c: list[Any], start: int, end: int) -> s.RecordLit:
        return s.RecordLit(tuple(c), span=Span(start, end))

    def on_record_field(self, c: list[Any], start: int, end: int) -> tuple[s.Name, s.Expr]:
        return (self.field(c[0]), c[1])

    def on_month_literal(self, c: list[Any], start: int, end: int) -> s.PeriodRef:
        return s.PeriodRef("literal", 0, c[0], span=Span(start, end))

    on_quarter_literal = on_month_literal

    def on_choose(self, c: list[Any], start: int, end: int) -> Any:
        cases = tuple([part for part in c if isinstance(part, s.Case)])
        otherwise = next((part[1] for part in c if isinstance(part, tuple)), None)
        node = s.Choose(cases, otherwise, span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_case(self, c: list[Any], start: int, end: int) -> s.Case:
        return s.Case(c[0], c[1], span=Span(start, end))

    def on_tiers(self, c: list[Any], start: int, end: int) -> Any:
        method: Any = c[0] if isinstance(c[0], str) else None
        words = {part[0]: part[1] for part in c if isinstance(part, tuple)}
        bands = tuple([part for part in c if isinstance(part, s.Band)])
        on = next(part for part in c if not isinstance(part, (str, tuple, s.Band)))
        if len(bands) > MOST_BANDS:
            self.tell("E019", Span(start, on.span.end), number=str(len(bands)), limit=str(MOST_BANDS))
            bands = (*bands[: MOST_BANDS - 1], bands[-1])
        node = s.Tiers(method, words.get("window"), on, words.get("applied_to"), bands, span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_band(self, c: list[Any], start: int, end: int) -> s.Band:
        edge, bound = c[0]
        method: Any = None
        value, flat = None, None
        for part in c[1:]:
            if isinstance(part, str):
                method = part
            elif isinstance(part, tuple):
                flat = part[1]
            else:
                value = part
        return s.Band(edge, bound, value, flat, method, span=Span(start, end))

    def on_up_to(self, c: list[Any], start: int, end: int) -> tuple[str, s.Expr | None]:
        return ("up to", c[0])

    def on_below(self, c: list[Any], start: int, end: int) -> tuple[str, s.Expr | None]:
        return ("below", c[0])

    def on_above(self, c: list[Any], start: int, end: int) -> tuple[str, s.Expr | None]:
        return ("above", None)

    def on_vector(self, c: list[Any], start: int, end: int) -> s.Vector:
        return s.Vector(tuple(c), span=Span(start, end))

    def on_share(self, c: list[Any], start: int, end: int) -> s.Share:
        return s.Share(c[0], c[1], span=Span(start, end))

    def on_stages(self, c: list[Any], start: int, end: int) -> Any:
        of, on, filled_by, *rest = c
        crossing: Any = next((part for part in rest if isinstance(part, str)), "within month")
        bands = tuple([part for part in rest if isinstance(part, s.Band)])
        node = s.Stages(of, on, filled_by, crossing, bands, span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_split(self, c: list[Any], start: int, end: int) -> Any:
        node = s.Split(c[0], c[1], len(c) > 2, span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_waterfall(self, c: list[Any], start: int, end: int) -> Any:
        buckets = tuple([part for part in c[1:] if isinstance(part, s.Bucket)])
        rest = next((part[1] for part in c[1:] if isinstance(part, tuple)), None)
        node = s.Waterfall(c[0], buckets, rest, span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_bucket(self, c: list[Any], start: int, end: int) -> s.Bucket:
        return s.Bucket(c[0], c[1], span=Span(start, end))

    def on_aggregate(self, c: list[Any], start: int, end: int) -> Any:
        words = {part[0]: part[1] for part in c[2:]}
        node = s.Aggregate(c[0], c[1], words.get("each"), words.get("where"), words.get("over"), span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node

    def on_window_last(self, c: list[Any], start: int, end: int) -> s.Window:
        return s.Window("last", self.whole(c[0], start, end, 1), c[1], span=Span(start, end))

    def on_growth(self, c: list[Any], start: int, end: int) -> Any:
        node = s.Growth(c[0], c[1], span=Span(start, end))
        return self.deep(node, start, end) if end - start > MAX_DEPTH else node
