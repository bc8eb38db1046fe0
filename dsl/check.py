"""What an expression means: from syntax and names to a typed Op, or a finding with what to write instead.

One pass types and lowers at once, because an Op carries its type. None stands for what was already told: an
expression over a part that failed says nothing more. Long sums and conditions are walked without recursion.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final, Literal, TypeAlias, assert_never, cast

import attrs

from clausal.dsl import builtins, calendars, model, periods, syntax
from clausal.dsl.builtins import DAYS
from clausal.dsl.diagnostics import Arg, Both, Diagnostic, Fix, Source, Span, any_of, diagnostic, did_you_mean
from clausal.dsl.keywords import table
from clausal.dsl.lexer import segment, written_figures
from clausal.dsl.model import Op
from clausal.dsl.resolve import INSTANCE_WORDS, KIND_WORDS, Entry, Kind, Names
from clausal.dsl.types import (
    BOOLEAN,
    DATE,
    DURATION,
    INTERVAL_FIELDS,
    MOMENT,
    NUMBER,
    PARTY,
    PAYMENT_KINDS,
    PERCENT,
    POINTS,
    TEXT,
    Field,
    Grain,
    Type,
    is_numeric,
    money,
    spell,
)
from clausal.dsl.values import FINEST, Duration, Exact, Scalar, exact
from clausal.dsl.wording import decimals, exact_text, figure, percent_text

OBLIGATION_STATUSES: Final = (
    "discharged",
    "waived",
    "withheld",
    "retained",
    "excused",
    "suspended",
    "undetermined",
    "performed",
    "performed late",
    "cured",
    "untracked",
    "not yet due",
    "breached",
    "partly performed",
    "in grace",
    "due",
    "disputed",
)
PROHIBITION_STATUSES: Final = (
    "observed",
    "violated",
    "breached",
    "cured",
    "excused",
    "undetermined",
    "untracked",
)
RIGHT_STATUSES: Final = (
    "not open",
    "open",
    "exercised",
    "lapsed",
    "given up",
    "premature",
    "too late",
    "no right",
    "no effect",
    "undetermined",
)
ESCALATION_STATUSES: Final = ("not started", "running", "stopped", "exhausted", "undetermined")
APPROVAL_STATUSES: Final = ("granted", "blocked")
KPI_STATUSES: Final = ("met", "missed", "not assessed", "undetermined")
PAYMENT_FIELDS: Final = ("ref", "payer", "payee", "amount", "on", "reported", "for", "kind")
GRADES: Final = ("minor", "serious", "fundamental")
GRAINS: Final[tuple[Grain, ...]] = ("daily", "weekly", "monthly", "quarterly", "yearly", "once")

HOURS: Final = Type("count", unit="hours")

_MOST_GUESSES: Final = 50

_GRAIN_OF_UNIT: Final[dict[str, Grain]] = {
    "days": "daily",
    "weeks": "weekly",
    "months": "monthly",
    "quarters": "quarterly",
    "years": "yearly",
}
_ZH_KIND: Final = {
    "boolean": "是否",
    "number": "数值",
    "percent": "百分比",
    "points": "百分点",
    "count": "数量",
    "money": "金额",
    "rate": "费率",
    "date": "日期",
    "moment": "时刻",
    "duration": "时长",
    "text": "文本",
    "one of": "可选值",
    "party": "当事人",
    "intervals": "期间",
    "notice": "通知",
    "payments": "付款记录",
    "list": "清单",
    "record": "记录",
    "shares": "分配",
}
_WITHOUT_ARTICLE: Final = ("points", "money", "text", "one of", "intervals", "payments", "shares")
_ZH_PER: Final = {"day": "每日", "week": "每周", "month": "每月", "year": "每年"}
_TYPE_WORDS: Final = {
    "boolean": "boolean",
    "number": "number",
    "percent": "percent",
    "percentage points": "points",
    "percentage_points": "points",
    "points": "points",
    "count": "count",
    "money": "money",
    "rate": "rate",
    "date": "date",
    "moment": "moment",
    "duration": "duration",
    "text": "text",
    "string": "text",
    "party": "party",
    "intervals": "intervals",
    "notice": "notice",
    "notice_record": "notice",
    "payments": "payments",
    "one of": "one of",
    "list": "list",
}
_TYPES_SHOWN: Final = (
    "boolean",
    "number",
    "percent",
    "percentage_points",
    "count",
    "money",
    "rate",
    "date",
    "moment",
    "duration",
    "string",
    "party",
    "intervals",
    "notice",
    "payments",
)


def spoken(t: Type) -> Both:
    """A type in both languages."""
    zh, en = _ZH_KIND[t.kind], spell(t)
    match t.kind:
        case "money":
            zh += f" {t.currency}"
        case "count" if t.unit:
            zh += f"（{t.unit}）"
        case "rate":
            zh += f"（{_ZH_PER.get(t.per or '', '')}）"
    return Both(en if t.kind in _WITHOUT_ARTICLE else f"a {en}", zh)


def duration_over(types: Iterable[Type]) -> Type:
    """The type of a duration that may be any of several: with a unit only if all can be compared with each other."""
    units = {t.unit for t in types}
    families = {unit and FINEST[unit][0] for unit in units}
    if len(families) != 1:
        return DURATION
    return Type("duration", unit=units.pop() if len(units) == 1 else families.pop())


def in_unit(op: Op, unit: str | None) -> Op:
    """A duration as written in the finer unit of what it is compared with: 2 weeks beside days as 14 days."""
    if not isinstance(op, model.Const) or not isinstance(op.value, Duration) or unit is None or op.value.unit == unit:
        return op
    finest, times = FINEST[op.value.unit]
    if unit != finest:
        return op
    return attrs.evolve(op, value=Duration(op.value.amount * times, finest), type=Type("duration", unit=finest))


def quoted(text: str) -> Both:
    return Both(f"`{text}`", f"“{text}”")


def in_both(word: str, section: str | None = None) -> Both:
    """A word of the language, by its English one, as each set writes it; `section` says where a name by position stands."""
    known = table().keywords
    if section is not None:
        return Both(word, known.names[section].get(word, word))
    type = known.words.get(word, ("", "en"))[0]
    return Both(word, known.word(type, "zh") or word)


def keyword(word: str, section: str | None = None) -> Both:
    """The same in quotation marks, as what is expected."""
    both = in_both(word, section)
    return Both(f"`{both.en}`", f"“{both.zh}”")


def words_of(words: Iterable[str]) -> Both:
    """Words of the language, to choose one of."""
    return any_of(map(keyword, words))


WHO_GETS: Final = Both("who gets which share", "各方的分配份额")

LadderWindow: TypeAlias = Literal["this quarter", "contract year to date", "calendar year to date", "since start"]


@attrs.frozen
class Scope:
    """What an expression may read besides the names of the contract.

    `fields` are those of the record in scope. `instance` is the type of `amount` and `unpaid`, where there is
    an instance. With `dates`, a date in the place of a condition means that it has come. With `arises`, the instance arises
    on a day of its own.
    """

    fields: dict[str, Type] | None = None
    instance: Type | None = None
    dates: bool = False
    arises: bool = False
    outer: dict[str, Type] | None = None
    """The fields of the record around, where records of another list are added up about it."""


BARE: Final = Scope()
HAPPENINGS: Final = Scope(dates=True)


@attrs.frozen
class Reads:
    """What an Op reads, through lets: a fact of its own period; something of a day; a kpi; the finest grain
    of a fact that it reads by period; whether the value may be below zero; the finest period at whose end it can change."""

    own: bool = False
    day: bool = False
    kpi: bool = False
    grain: Grain | None = None
    negative: bool = False
    pace: Grain | None = None


@attrs.frozen
class Rung:
    """A band of a ladder: rate and flat amount, what the rate applies to, the result at the lower bound."""

    method: Literal["marginal", "whole"] | None
    rate: Op | None
    flat: Op | None
    applied: Op | None
    lower: Op | None
    at_lower: Op | None
    span: Span


@attrs.define
class Checker:
    """The tables beside the tree, filled in computation order, and everything found."""

    source: Source
    names: Names
    keywords: Literal["en", "zh"]
    findings: list[Diagnostic] = attrs.Factory(list)
    clause: str | None = None
    used: set[str] = attrs.Factory(set)
    told: set[str] = attrs.Factory(set)
    types: dict[str, Type] = attrs.Factory(dict)
    grains: dict[str, Grain] = attrs.Factory(dict)
    adaptable: set[str] = attrs.Factory(set)
    versions: dict[str, tuple[model.Version, ...]] = attrs.Factory(dict)
    reads_of: dict[str, Reads] = attrs.Factory(dict)
    obligation_currency: dict[str, str | None] = attrs.Factory(dict)
    kpi_ops: dict[str, model.Kpi] = attrs.Factory(dict)
    approvals: dict[str, model.Approval] = attrs.Factory(dict)
    failed: set[str] = attrs.Factory(set)
    """Names whose declarations are wrong, or cannot be read: what uses them is not told again."""
    currencies: tuple[str, ...] = ()
    calendar: calendars.Calendar | None = None
    month_end: str = "clamp"
    notices: Literal["received", "sent"] = "received"
    term_start: dt.date | None = None
    term_end: dt.date | None = None
    start_is_fixed: bool = True
    money_at: Span | None = None

    # ---- telling

    def tell(
        self,
        severity: Literal["error", "warning", "note"],
        code: str,
        span: Span,
        *,
        fix: Fix | None = None,
        **args: Arg | int | None,
    ) -> None:
        found = diagnostic(severity, code, span, source=self.source, clause=self.clause, fix=fix)
        words = {
            name: value if isinstance(value, Both) else str(value) for name, value in args.items() if value is not None
        }
        self.findings.append(attrs.evolve(found, args=tuple(sorted(words.items()))))

    def error(self, code: str, span: Span, *, fix: Fix | None = None, **args: Arg | int | None) -> None:
        self.tell("error", code, span, fix=fix, **args)

    def lacks(self, span: Span, owner: Both, item: str | Both | None, hint: Both | None = None) -> None:
        """An item that a declaration must have; None for its times, which have many words."""
        word = quoted(item) if isinstance(item, str) else item and Both(f"`{item.en}`", f"“{item.zh}”")
        said = word or Both("how often or when", "频率或时间")
        self.error("E115", span, owner=owner, item=said, hint=hint)

    # ---- names

    def entry(self, name: syntax.Name, *kinds: Kind) -> Entry | None:
        """What the name stands for, if it is of one of the kinds; else that is told."""
        found = self.names.entries.get(name.text)
        expected = any_of(KIND_WORDS[kind] for kind in kinds)
        if found is None and (name.text in self.failed or self.run_together(name.text, name.span)):
            return None
        if found is None:
            similar = self.like(name.text, kinds)
            fix = Fix(name.span, similar) if similar else None
            self.error("E201", name.span, name=name.text, expected=expected, suggestion=similar, fix=fix)
            return None
        self.used.add(name.text)
        if found.kind not in kinds:
            self.error("E203", name.span, name=name.text, kind=KIND_WORDS[found.kind], expected=expected)
            return None
        return found

    def like(self, word: str, kinds: tuple[Kind, ...], more: Iterable[str] = ()) -> str | None:
        """The name that a word was most likely meant to be; not looked for behind the first findings."""
        return None if len(self.findings) >= _MOST_GUESSES else self.names.like(word, kinds, more)

    def run_together(self, word: str, span: Span) -> bool:
        """Tells of Chinese words without the blanks between them: 上月的销售额 for `上月 的 销售额`."""
        spaced = segment(word, self.names.entries) if self.keywords == "zh" else None
        if spaced is None or not any(part in self.names.entries for part in spaced.split()):
            return False
        self.error("E103", span, found=word, spaced=spaced, fix=Fix(span, spaced))
        return True

    def party(self, name: syntax.Name) -> str | None:
        found = self.entry(name, "party")
        return found.name if found else None

    def currency(self, span: Span) -> str | None:
        """The contract's first currency; that it has none is told once."""
        if self.money_at is None:
            self.money_at = span
        if self.currencies:
            return self.currencies[0]
        if "currency" not in self.told:
            self.told.add("currency")
            self.lacks(
                span,
                THE_CONTRACT,
                Both("currency", "币种"),
                Both("write `currency CNY` in the header", "在合同头部写明“币种 CNY”"),
            )
        return None

    def list_fields(self, name: syntax.Name) -> dict[str, Type] | None:
        """The fields of a list of records, or of payments, by name."""
        found = self.entry(name, "fact")
        if found is None or name.text in self.failed:
            return None
        t = self.types.get(name.text)
        if t is None:
            return None
        if t.kind not in ("list", "payments"):
            self.error("E301", name.span, found=spoken(t), expected=Both("a list of records", "清单"))
            return None
        return {f.name: f.type for f in self.fields_of(t, name.span)}

    def field_named(self, word: str, fields: Iterable[str]) -> str | None:
        """The field that a word stands for. In a Chinese file those of the built-in records have Chinese words beside."""
        names = tuple(fields)
        if word in names:
            return word
        section = _RECORD_WORDS.get(frozenset(names)) if self.keywords == "zh" else None
        return None if section is None else table().keywords.to_english[section].get(word)

    def field_words(self, fields: Iterable[str]) -> tuple[str, ...]:
        """How fields are written in this file."""
        names = tuple(fields)
        section = _RECORD_WORDS.get(frozenset(names)) if self.keywords == "zh" else None
        return names if section is None else tuple(table().keywords.names[section].values())

    def figure_words(self, figures: Iterable[str]) -> tuple[str, ...]:
        """How what can be read behind a dot is written in this file."""
        chinese = table().keywords.names["field"]
        return tuple(chinese.get(figure, figure) if self.keywords == "zh" else figure for figure in figures)

    def kind_word(self, op: Op, t: Type) -> Op:
        """The kind of a payment in the Chinese word for it, as the kind that it is."""
        if self.keywords == "zh" and t.choices == PAYMENT_KINDS and isinstance(op, model.Const):
            english = table().keywords.to_english["payment_kind"].get(str(op.value))
            return op if english is None else attrs.evolve(op, value=english)
        return op

    def fields_of(self, t: Type, span: Span) -> tuple[Field, ...]:
        if t.kind == "intervals":
            return INTERVAL_FIELDS
        if t.kind != "payments":
            return t.fields
        return (
            Field("ref", TEXT, optional=True),
            Field("payer", PARTY),
            Field("payee", PARTY),
            Field("amount", money(self.currency(span) or "")),
            Field("on", DATE),
            Field("reported", DATE, optional=True),
            Field("for", TEXT, optional=True),
            Field("kind", Type("one of", choices=PAYMENT_KINDS), optional=True),
        )

    # ---- types as written

    def type_of(self, written: syntax.TypeExpr) -> Type | None:
        kind = _TYPE_WORDS.get(written.kind)
        match kind:
            case None:
                similar = did_you_mean(written.kind, _TYPES_SHOWN)
                self.error(
                    "E210",
                    written.span,
                    found=written.kind,
                    expected=any_of(_TYPES_SHOWN, 20),
                    suggestion=similar,
                )
                return None
            case "money":
                code = self.code(written)
                return money(code) if code else None
            case "count":
                return Type("count", unit=written.unit or None)
            case "rate":
                code = self.code(written) if written.currency else None
                return Type("rate", currency=code, per=written.per)
            case "one of":
                return Type("one of", choices=written.choices)
            case "list":
                return self.list_type(written)
            case _:
                return Type(cast(Literal["boolean"], kind))

    def code(self, written: syntax.TypeExpr) -> str | None:
        first = self.currency(written.span)
        if written.currency is None or first is None:
            return first
        if written.currency.text not in self.currencies:
            self.error("E210", written.currency.span, found=written.currency.text, expected=any_of(self.currencies))
            return None
        return written.currency.text

    def list_type(self, written: syntax.TypeExpr) -> Type | None:
        fields: dict[str, Field] = {}
        good = True
        for declared in written.fields:
            name = declared.name.text
            if name in fields:
                self.error("E114", declared.name.span, item=name, owner=Both("this list", "此清单"))
                good = False
                continue
            t = self.type_of(declared.type)
            if t is not None and t.kind in ("list", "payments", "notice", "intervals"):
                self.error("E301", declared.type.span, found=spoken(t), expected=Both("a plain value", "单个值"))
                t = None
            if t is None:
                good = False
                continue
            fields[name] = Field(name, t, declared.optional)
        return Type("list", fields=tuple(fields.values())) if good else None

    # ---- expressions

    def expr(self, e: syntax.Expr, s: Scope) -> Op | None:
        """The Op of an expression, or None if it, or a part of it, was told to be wrong."""
        match e:
            case syntax.Number():
                return model.Const(exact(e.value), NUMBER, span=e.span)
            case syntax.Percent():
                return model.Const(exact(e.value), PERCENT, span=e.span)
            case syntax.Points():
                return model.Const(exact(e.value), POINTS, span=e.span)
            case syntax.MoneyLit():
                if self.currency(e.span) is None:
                    return None
                if e.currency not in self.currencies:
                    self.error("E210", e.span, found=e.currency, expected=any_of(self.currencies))
                    return None
                return model.Const(exact(e.value), money(e.currency), span=e.span)
            case syntax.Per():
                return self.per(e, s)
            case syntax.DateLit():
                return model.Const(e.value, DATE, span=e.span)
            case syntax.MomentLit():
                return model.Const(e.value, MOMENT, span=e.span)
            case syntax.TextLit():
                return model.Const(e.value, TEXT, span=e.span)
            case syntax.BoolLit():
                return model.Const(e.value, BOOLEAN, span=e.span)
            case syntax.AbsentLit():
                self.error(
                    "E301",
                    e.span,
                    found=quoted(e.kind),
                    expected=Both("a value", "一个值"),
                    hint=Both(
                        "a date that may be absent is a condition by itself: `not delivered_on`",
                        "可能没有的日期本身即可作为条件：“非 交付日”",
                    ),
                )
                return None
            case syntax.DurationLit():
                if e.unit == "business days":
                    self.needs_calendar(e.span)
                return model.Const(Duration(e.amount, e.unit), Type("duration", unit=e.unit), span=e.span)
            case syntax.Ref():
                return self.ref(e, s)
            case syntax.Attr():
                return self.attribute(e, s)
            case syntax.OfPeriod():
                body = self.expr(e.expr, s)
                return None if body is None else self.at(body, e.period, e.span)
            case syntax.AtSuspensionStart():
                return self.at_suspension_start(e, s)
            case syntax.PercentOf():
                of = self.expr(e.of, s)
                share = model.Const(exact(e.percent), PERCENT, span=e.span)
                return None if of is None else self.combine("*", share, of, e.span)
            case syntax.Unary():
                return self.unary(e, s)
            case syntax.Binary():
                return self.arithmetic(e, s)
            case syntax.Compare():
                left, right = self.expr(e.left, s), self.expr(e.right, s)
                return None if left is None or right is None else self.compare(e.op, left, right, e.span)
            case syntax.Logic():
                return self.logic(e, s)
            case syntax.If() | syntax.Choose():
                return self.choice(e, s)
            case syntax.Aggregate():
                return self.aggregate(e, s)
            case syntax.Consecutive() | syntax.AtLeastOf() | syntax.Ever():
                return self.run(e, s)
            case syntax.KpiIs():
                if self.entry(e.kpi, "kpi") is None or e.kpi.text in self.failed:
                    return None
                return model.KpiState(e.kpi.text, e.state, BOOLEAN, span=e.span)
            case syntax.StatusIs():
                return self.status(e, s)
            case syntax.InBreach():
                subject = self.entry(e.subject, "obligation", "prohibition")
                grade = self.word(e.grade, GRADES)
                if subject is None or grade is None:
                    return None
                return model.BreachTest(subject.name, grade, BOOLEAN, span=e.span)
            case syntax.NothingOpen():
                return model.NothingOpen(BOOLEAN, span=e.span)
            case syntax.Growth():
                return self.growth(e, s)
            case syntax.Call():
                return self.call(e, s)
            case syntax.Boundary(kind="arises") if not s.arises:
                place = Both("a duty of the calendar", "按期的义务")
                text = self.source.text[e.span.start : e.span.end]
                self.error("E116", e.span, item=text, owner=place, expected=quoted(self.word_for("PERIOD_START")))
                return None
            case syntax.Boundary():
                return model.Bound(e.kind, DATE, span=e.span)
            case syntax.Tiers():
                return self.tiers(e, s)
            case syntax.Split():
                return self.split(e, s)
            case syntax.Stages():
                return self.stages(e, s)
            case syntax.Waterfall():
                return self.waterfall(e, s)
            case syntax.ListLit() | syntax.RecordLit():
                self.error(
                    "E301",
                    e.span,
                    found=Both("a list of records", "清单"),
                    expected=Both("a value", "一个值"),
                )
                return None
            case _:
                assert_never(e)

    def word(self, name: syntax.Name, words: tuple[str, ...]) -> str | None:
        if name.text in words:
            return name.text
        written, shown = self.shown(name.text, words), [self.shown(word, words) for word in words]
        # Where the word does not stand by itself, the span is that of a whole sentence.
        alone = self.source.text[name.span.start : name.span.end] == written
        similar = did_you_mean(written, shown) if alone else None
        self.error("E210", name.span, found=written, expected=any_of(shown, 20), suggestion=similar)
        return None

    def shown(self, word: str, among: tuple[str, ...]) -> str:
        """A canonical word as this file writes it, among those that can stand there; a name of the contract's own stays."""
        if self.keywords == "en":
            return word
        known = table().keywords
        if word == "due" and "not yet due" in among:  # a status, else what stands in an order of debts
            return known.roles["DUE_STATUS"].zh or word
        rows = (known.names[section] for section in _WORDS_SHOWN)
        by_position = next((row[word] for row in rows if word in row), None)
        as_keyword = (one.zh for one in known.roles.values() if one.en == word and one.zh is not None)
        return by_position or next(as_keyword, word)

    def word_for(self, role: str) -> str:
        """How a keyword is written in this file."""
        return table().keywords.roles[role].word(self.keywords) or role

    def needs_calendar(self, span: Span) -> None:
        if self.calendar is None and "calendar" not in self.told:
            self.told.add("calendar")
            self.lacks(
                span,
                THE_CONTRACT,
                Both("calendar", "工作日历"),
                Both(
                    "business days need one: write `calendar CN` in the header",
                    "工作日需要日历：在合同头部写明“工作日历 CN”",
                ),
            )

    def condition(self, e: syntax.Expr, s: Scope) -> Op | None:
        """An expression where a boolean is wanted."""
        op = self.expr(e, s)
        return None if op is None else self.as_condition(op, s, e.span)

    def as_condition(self, op: Op, s: Scope, span: Span) -> Op | None:
        if op.type.kind == "boolean":
            return op
        if op.type.kind == "intervals" and s.dates:
            return model.Covered(cast(model.FactRef, op).name, BOOLEAN, span=span)
        if op.type.kind in ("date", "moment"):
            if s.dates:
                return model.Happened(op, BOOLEAN, span=span)
            hint = Both(
                "a date says when, not whether: compare it, for example `D <= month end`",
                "日期只说明何时：请比较，例如“D <= 月末”",
            )
            self.error("E309", span, found=spoken(op.type), hint=hint)
            return None
        self.error("E309", span, found=spoken(op.type))
        return None

    def typed(self, e: syntax.Expr, s: Scope, expected: Type) -> Op | None:
        """An expression where one type is wanted."""
        op = self.expr(e, s)
        return None if op is None else self.coerce(op, expected, e.span)

    def amount(self, e: syntax.Expr, s: Scope) -> Op | None:
        """An expression where money of any of the contract's currencies is wanted."""
        op = self.expr(e, s)
        if op is None or op.type.kind == "money":
            return op
        self.not_money(op, e.span)
        return None

    def above_zero(self, op: Op | None, what: Both, span: Span, least: Literal["zero", "more"] = "zero") -> Op | None:
        """What makes no sense below zero (or, with `more`, at zero), as far as its value is known here."""
        known = None if op is None else self.folded(op)
        if not isinstance(known, int | Fraction) or known > 0 or (known == 0 and least == "zero"):
            return op
        found = quoted(" ".join(self.source.text[span.start : span.end].split()))
        expected = Both("zero or more", "零或者正数") if least == "zero" else Both("more than zero", "正数")
        self.error("E425", span, what=what, found=found, expected=expected)
        return None

    def not_money(self, op: Op, span: Span) -> None:
        currency = self.currency(span) or "CNY"
        if op.type.kind == "rate":
            self.error("E304", span)
            return
        fix = None
        hint = None
        if isinstance(op, model.Const) and op.type == NUMBER:
            fix = self.as_money(span, currency)
        elif op.type.kind == "percent":
            hint = Both("say of what: `10% of amount`", "写明以何为基数：“本期金额 的 10%”")
        self.error("E301", span, found=spoken(op.type), expected=spoken(money(currency)), fix=fix, hint=hint)

    def as_money(self, span: Span, currency: str) -> Fix:
        """The currency to a number that lacks it, as the file says it: `CNY 8_000`, 8_000元."""
        if self.keywords == "zh" and currency == "CNY":
            return Fix(Span(span.end, span.end), "元")
        return Fix(Span(span.start, span.start), f"{currency} ")

    def date(self, e: syntax.Expr, s: Scope) -> Op | None:
        op = self.expr(e, s)
        if op is None or op.type.kind in ("date", "moment"):
            return op
        self.error("E301", e.span, found=spoken(op.type), expected=spoken(DATE))
        return None

    def duration(self, e: syntax.Expr, s: Scope) -> Op | None:
        op = self.expr(e, s)
        if op is None or op.type.kind == "duration":
            return op
        hint = Both("say the unit: `10 days`", "写明单位：“10 日”")
        self.error("E301", e.span, found=spoken(op.type), expected=spoken(DURATION), hint=hint)
        return None

    def coerce(self, op: Op, expected: Type, span: Span) -> Op | None:
        """The Op as a value of the type: a plain number may be a count, a text one of the choices."""
        t = op.type
        if t == expected:
            return op
        match expected.kind:
            case "count" if t.kind == "count" and (t.unit is None or expected.unit is None):
                return op
            case "count" if self.bare(op):
                return attrs.evolve(op, type=expected) if isinstance(op, model.Const) else op
            case "percent" if t == NUMBER and not self.bare(op):
                return op  # a quotient of like units
            case "rate" if t.kind == "percent" and _plain_rate(expected) and isinstance(op, model.Const):
                return attrs.evolve(op, type=expected)
            case "rate" if t.kind == "rate" and expected.per is None and t.currency == expected.currency:
                return op
            case "duration" if t.kind == "duration":
                return op
            case "text" if t.kind == "one of":
                return op
            case "one of" if t.kind == "text" and isinstance(op, model.Const):
                said = self.kind_word(op, expected)
                if isinstance(said, model.Const) and said.value in expected.choices:
                    return attrs.evolve(said, type=expected)
                self.not_a_choice(str(op.value), expected, span)
                return None
            case "one of" if t.kind == "text":
                return op
            case "notice" if t.kind == "date":
                return op
        if t.kind == expected.kind == "money":
            self.error("E301", span, found=spoken(t), expected=spoken(expected))
        elif expected.kind == "money":
            self.not_money(op, span)
        else:
            hint = None
            if expected.kind == "percent" and t == NUMBER:
                written = self.source.text[span.start : span.end]
                amounts = [f"{written}%" if _FIGURES.fullmatch(written) else "5%"]
                if isinstance(op, model.Const) and isinstance(op.value, int | Fraction) and 0 < op.value < 1:
                    amounts.append(percent_text(op.value))  # a half may be meant, or half a percent
                signs = any_of(amounts)
                hint = Both(f"write the sign: {signs.en}", f"写上百分号：{signs.zh}")
            self.error("E301", span, found=spoken(t), expected=spoken(expected), hint=hint)
        return None

    def not_a_choice(self, word: str, t: Type, span: Span, name: str | None = None) -> None:
        choices = t.choices
        if self.keywords == "zh" and choices == PAYMENT_KINDS:
            choices = tuple(table().keywords.names["payment_kind"].values())
            name = table().keywords.names["payment"]["kind"]
        self.error(
            "E317",
            span,
            found=word,
            name=name or spoken(t),
            expected=any_of(choices, 20),
            suggestion=did_you_mean(word, choices),
        )

    def bare(self, op: Op) -> bool:
        """Whether the op is a plain number as written, which takes the unit of what it meets."""
        while isinstance(op, model.Negate):
            op = op.operand
        match op:
            case model.Const():
                return op.type == NUMBER
            case model.ParamRef():
                return op.name in self.adaptable
            case model.Arith():
                return op.type == NUMBER and self.folded(op) is not None
            case _:
                return False

    # ---- names in expressions

    def ref(self, e: syntax.Ref, s: Scope) -> Op | None:
        name = e.name
        field_name = None if s.fields is None else self.field_named(name, s.fields)
        if s.fields is not None and field_name is not None:
            return model.FieldRef(field_name, s.fields[field_name], span=e.span)
        outer_name = None if s.outer is None else self.field_named(name, s.outer)
        if s.outer is not None and outer_name is not None:
            return model.FieldRef(outer_name, s.outer[outer_name], outer=True, span=e.span)
        word = INSTANCE_WORDS.get(name)
        if word is not None and s.instance is not None:
            field = cast(Literal["amount", "unpaid"], word)
            return model.InstanceValue(None, field, s.instance, span=e.span)
        found = self.names.entries.get(name)
        if found is None:
            function = builtins.builtin(name)
            if function is not None and not function.parameters:
                return model.Builtin(function.name, (), cast(Type, function.result), span=e.span)
            if name in self.failed or self.run_together(name, e.span):
                return None
            similar = self.like(name, ("parameter", "fact", "let", "party"), s.fields or ())
            hint = None
            amount = written_figures(name)
            if amount is not None:
                hint = Both(f"write it in figures: `{amount}`", f"请用数字书写：“{amount}”")
                similar = None
            if word is not None:
                hint = Both(
                    "it names a figure of an instance, inside `failing which` and in rights over a payment",
                    "它指某一期义务的数字，仅用于“违约责任”及针对付款的权利",
                )
            write = amount or similar
            fix = Fix(e.span, write) if write else None
            written = name if word is None or self.keywords == "en" else table().keywords.names["instance"][word]
            self.error("E201", e.span, name=written, suggestion=similar, fix=fix, hint=hint)
            return None
        self.used.add(name)
        if name in self.failed:
            return None
        match found.kind:
            case "party":
                return model.Const(name, PARTY, span=e.span)
            case "parameter":
                t = self.types.get(name)
                return None if t is None else model.ParamRef(name, t, span=e.span)
            case "let":
                t = self.types.get(name)
                return None if t is None else model.LetRef(name, t, span=e.span)
            case "fact":
                return self.fact(name, e.span)
            case "balance":
                t = self.types.get(name)
                return None if t is None else model.BalanceRef(name, "closing", t, span=e.span)
            case "kpi":
                hint = Both(f"write `{name} met` or `{name} missed`", f"写“{name} 已达成”或“{name} 未达成”")
            case "obligation":
                hint = Both(f"write `{name}.open` or `{name} is breached`", f"写“{name}.未付”或“{name} 处于 违约”")
            case "right" | "termination":
                hint = Both(f"write `{name} is exercised`", f"写“{name} 处于 已行使”")
            case "prohibition":
                hint = Both(f"write `{name} is violated`", f"写“{name} 处于 已违反”")
            case "escalation":
                hint = Both(f"write `{name} is exhausted`", f"写“{name} 处于 已穷尽”")
            case "approval":
                hint = Both(f"write `{name} is granted`", f"写“{name} 处于 已批准”")
            case "suspension":
                hint = None
            case _:
                assert_never(found.kind)
        expected = Both("a value", "一个值")
        self.error("E203", e.span, name=name, kind=KIND_WORDS[found.kind], expected=expected, hint=hint)
        return None

    def fact(self, name: str, span: Span) -> Op | None:
        t = self.types.get(name)
        if t is None:
            return None
        grain = self.grains[name]
        match t.kind:
            case "list" | "payments":
                self.error("E313", span, name=name)
                return None
            case "notice":
                return model.NoticeRef(name, grain, self.notices, DATE, span=span)
            case _:
                return model.FactRef(name, grain, t, span=span)

    def attribute(self, e: syntax.Attr, s: Scope) -> Op | None:
        base, part = e.base, e.field.text
        if not isinstance(base, syntax.Ref) or self.divides(base):
            return self.share_of(e, s)
        kinds: tuple[Kind, ...] = ("obligation", "fact", "let", "balance", "kpi", "escalation")
        found = self.entry(syntax.Name(base.name, span=base.span), *kinds)
        if found is None or base.name in self.failed:
            return None
        expected: tuple[str, ...] = ()
        match found.kind:
            case "obligation":
                expected = ("open", "overdue", "days_late", "hours_late", "penalty")
                if part == "days_late":
                    return model.InstanceValue(found.name, "days_late", DAYS, span=e.span)
                if part == "hours_late":
                    return model.InstanceValue(found.name, "hours_late", HOURS, span=e.span)
                if part in expected:
                    currency = self.obligation_currency.get(found.name) or self.currency(e.span)
                    if currency is None:
                        return None
                    field = cast(Literal["open", "overdue", "penalty"], part)
                    return model.InstanceValue(found.name, field, money(currency), span=e.span)
            case "fact":
                t = self.types.get(found.name)
                if t is None:
                    return None
                if t.kind == "notice":
                    expected = ("sent", "received")
                    if part in expected:
                        way = cast(Literal["sent", "received"], part)
                        return model.NoticeRef(found.name, self.grains[found.name], way, DATE, span=e.span)
            case "escalation":
                expected = ("opened", "last_day")
                if part in expected:
                    when = cast(Literal["opened", "last_day"], part)
                    return model.InstanceValue(found.name, when, DATE, span=e.span)
            case "kpi":
                kpi = self.kpi_ops.get(found.name)
                if kpi is None:
                    return None
                expected = kpi.figures
                if part in expected and kpi.measure is not None:
                    figure = next(word for word in kpi.figures if word == part)
                    t = PERCENT if figure == "attainment" else kpi.measure.type
                    return model.KpiFigure(found.name, figure, t, span=e.span)
            case "balance":
                expected = BALANCE_FIELDS
                t = self.types.get(found.name)
                if part in expected and t is not None:
                    return model.BalanceRef(found.name, cast(Literal["closing"], part), t, span=e.span)
        known = self.figure_words(expected)
        similar = did_you_mean(part, known)
        if part == "late_days" and "days_late" in expected:
            similar = "days_late"
        self.error(
            "E204",
            e.field.span,
            name=base.name,
            part=part,
            expected=any_of(known) if known else None,
            suggestion=similar,
            fix=Fix(e.field.span, similar) if similar else None,
        )
        return None

    def status(self, e: syntax.StatusIs, s: Scope) -> Op | None:
        kinds: tuple[Kind, ...] = (
            *("obligation", "prohibition", "right", "termination", "kpi"),
            *("escalation", "approval"),
        )
        found = self.entry(e.subject, *kinds)
        if found is None:
            return None
        if found.kind == "approval":
            return self.approved(found.name, e, s)
        if found.kind == "kpi":
            return self.kpi_status(found.name, e)
        known = statuses_of(found.kind)
        if self.word(syntax.Name(e.status, span=e.span), known) is None:
            return None
        return model.StatusTest(found.name, (e.status,), BOOLEAN, span=e.span)

    def approved(self, name: str, e: syntax.StatusIs, s: Scope) -> Op | None:
        """Whether what is in scope has the consents that it needs: the approval's own condition."""
        approval = self.approvals.get(name)
        if self.word(syntax.Name(e.status, span=e.span), APPROVAL_STATUSES) is None or approval is None:
            return None
        if approval.list is not None and s.fields != {f.name: f.type for f in self.types[approval.list].fields}:
            self.error("E461", e.span, name=name, list=approval.list)
            return None
        granted = attrs.evolve(approval.granted, span=e.span)
        return granted if e.status == "granted" else model.Not(granted, BOOLEAN, span=e.span)

    def kpi_status(self, name: str, e: syntax.StatusIs) -> Op | None:
        """A state of a kpi, or one of its levels: the first whose condition holds."""
        if e.status in ("met", "missed", "not assessed"):
            state = cast(Literal["met", "missed", "not assessed"], e.status)
            return model.KpiState(name, state, BOOLEAN, span=e.span)
        kpi = self.kpi_ops.get(name)
        if kpi is None:
            return None
        if e.status in (level for level, _ in kpi.levels):
            return model.KpiLevel(name, e.status, BOOLEAN, span=e.span)
        self.word(syntax.Name(e.status, span=e.span), ("met", "missed", "not assessed", *(n for n, _ in kpi.levels)))
        return None

    # ---- operators

    def per(self, e: syntax.Per, s: Scope) -> Op | None:
        base = self.expr(e.base, s)
        if base is None:
            return None
        match base.type.kind:
            case "percent":
                return attrs.evolve(base, type=Type("rate", per=e.unit), span=e.span)
            case "money":
                rate = Type("rate", currency=base.type.currency, per=e.unit)
                return attrs.evolve(base, type=rate, span=e.span)
            case _:
                expected = Both("a percent or money", "百分比或金额")
                self.error("E301", e.base.span, found=spoken(base.type), expected=expected)
                return None

    def unary(self, e: syntax.Unary, s: Scope) -> Op | None:
        if e.op == "not":
            operand = self.condition(e.operand, s)
            return None if operand is None else model.Not(operand, BOOLEAN, span=e.span)
        operand = self.expr(e.operand, s)
        if operand is None:
            return None
        if not is_numeric(operand.type):
            self.error("E308", e.span, op="-", left=Both("nothing", "空"), right=spoken(operand.type))
            return None
        if isinstance(operand, model.Const):
            return model.Const(-cast(Exact, operand.value), operand.type, span=e.span)
        return model.Negate(operand, operand.type, span=e.span)

    def arithmetic(self, e: syntax.Binary, s: Scope) -> Op | None:
        spine: list[syntax.Binary] = []
        node: syntax.Expr = e
        while isinstance(node, syntax.Binary):
            spine.append(node)
            node = node.left
        left = self.expr(node, s)
        for b in reversed(spine):
            right = self.expr(b.right, s)
            left = None if left is None or right is None else self.combine(b.op, left, right, b.span)
        return left

    def combine(self, op: Literal["+", "-", "*", "/"], left: Op, right: Op, span: Span) -> Op | None:
        lt, rt = left.type, right.type
        if {"date", "moment"} & {lt.kind, rt.kind}:
            return self.dated(op, left, right, span)
        if op == "*" and {lt.kind, rt.kind} in ({"duration", "number"}, {"duration", "count"}):
            length = lt if lt.kind == "duration" else rt
            return model.Arith("*", left, right, length, span=span)
        if op in ("+", "-") and lt == rt == PERCENT and isinstance(left, model.Const) != isinstance(right, model.Const):
            self.points_or_parts(op, left, right, span)
        if is_numeric(lt) and is_numeric(rt):
            t = self.sum_type(left, right, op, span) if op in ("+", "-") else self.product_type(left, right, op, span)
            return None if t is None else model.Arith(op, left, right, t, span=span)
        self.error("E308", span, op=op, left=spoken(lt), right=spoken(rt))
        return None

    def points_or_parts(self, op: str, left: Op, right: Op, span: Span) -> None:
        """A percent as written, added to one that is not: points, as it stands; many mean a part of the other."""
        written = left if isinstance(left, model.Const) else right
        other = right if written is left else left
        if isinstance(written, model.Const) and (written.value == 1 or (written is left and op == "-")):
            return  # a whole and a part, or what a part leaves of it
        text = self.source.text
        percent, of = (text[x.span.start : x.span.end] for x in (written, other))
        number = percent.strip().rstrip("%％")
        self.tell(
            "note",
            "W575",
            span,
            percent=quoted(percent),
            points=quoted(f"{of} {op} {number}{'pp' if self.keywords == 'en' else '个百分点'}"),
            part=quoted(f"{of} * (1 {op} {percent})"),
        )

    def dated(self, op: str, left: Op, right: Op, span: Span) -> Op | None:
        lt, rt = left.type, right.type
        if op == "+" and lt.kind == "duration":
            left, right, lt, rt = right, left, rt, lt
        if lt.kind in ("date", "moment") and rt.kind == "duration" and op in ("+", "-"):
            if lt.kind == "date" and rt.unit == "hours":
                self.error(
                    "E307",
                    span,
                    other=spoken(rt),
                    op=op,
                    hint=Both("hours need a `moment`", "小时须配合“时刻”"),
                )
                return None
            return model.DateShift(left, right, 1 if op == "+" else -1, lt, span=span)
        if op == "-" and lt.kind == rt.kind == "date":
            return model.Builtin("days_between", (right, left), DAYS, span=span)
        if op in ("+", "-") and "date" in (lt.kind, rt.kind):
            self.error("E307", span, other=spoken(rt if lt.kind == "date" else lt), op=op)
        else:
            self.error("E308", span, op=op, left=spoken(lt), right=spoken(rt))
        return None

    def sum_type(self, left: Op, right: Op, op: str, span: Span) -> Type | None:
        lt, rt = left.type, right.type
        if lt == rt:
            return lt
        kinds = {lt.kind, rt.kind}
        if kinds == {"money"}:
            self.error("E302", span, op=op, left=lt.currency, right=rt.currency)
            return None
        if kinds == {"count"}:
            if lt.unit is None or rt.unit is None:
                return lt if rt.unit is None else rt
            self.error("E305", span, op=op, left=lt.unit, right=rt.unit)
            return None
        if kinds == {"count", "number"} and self.bare(left if lt.kind == "number" else right):
            return rt if lt.kind == "number" else lt
        if kinds == {"number", "percent"}:
            return NUMBER
        if kinds == {"percent", "points"}:
            return PERCENT
        self.error("E308", span, op=op, left=spoken(lt), right=spoken(rt))
        return None

    def product_type(self, left: Op, right: Op, op: str, span: Span) -> Type | None:
        lt, rt = left.type, right.type
        a, b = lt.kind, rt.kind
        if "rate" in (a, b):
            if b in ("number", "percent"):
                return lt
            if op == "*" and a in ("number", "percent"):
                return rt
            self.error("E304", span)
            return None
        if {a, b} == {"percent", "points"}:
            self.error("E303", span, op=op)
            return None
        t = self.times(lt, rt) if op == "*" else self.over(left, right)
        if t is not None:
            return t
        if a == b == "money" and op == "/":
            self.error("E302", span, op=op, left=lt.currency, right=rt.currency)
        elif a == b == "count" and op == "*":
            self.error("E305", span, op=op, left=lt.unit, right=rt.unit)
        else:
            self.error("E308", span, op=op, left=spoken(lt), right=spoken(rt))
        return None

    def times(self, lt: Type, rt: Type) -> Type | None:
        a, b = lt.kind, rt.kind
        if a == "number":
            return rt
        if b == "number":
            return lt
        if a == "percent" and b != "points":
            return rt
        if b == "percent" and a != "points":
            return lt
        if {a, b} == {"count", "money"}:
            return lt if a == "money" else rt
        if a == b == "count" and (lt.unit is None or rt.unit is None):
            return lt if rt.unit is None else rt
        return None

    def over(self, left: Op, right: Op) -> Type | None:
        lt, rt = left.type, right.type
        a, b = lt.kind, rt.kind
        if b == "number" or (b == "percent" and a in ("money", "count")):
            return lt
        if a == b == "count":
            like = lt.unit == rt.unit or lt.unit is None or rt.unit is None
            return NUMBER if like else Type("count", unit=f"{lt.unit} per {rt.unit}")
        if a == b:
            return NUMBER if lt == rt else None
        if {a, b} == {"number", "percent"}:
            return NUMBER
        if b == "count" and a in ("money", "percent"):
            return lt
        return None

    def compare(self, op: Literal["=", "!=", "<", "<=", ">", ">="], left: Op, right: Op, span: Span) -> Op | None:
        lt, rt = left.type, right.type
        kinds = {lt.kind, rt.kind}
        equality = op in ("=", "!=")
        if "duration" in kinds:
            pair = self.durations(op, left, right, span)
            if pair is None:
                return None
            left, right = pair
        elif kinds == {"money"}:
            if lt != rt:
                self.error("E302", span, op=op, left=lt.currency, right=rt.currency)
                return None
        elif kinds == {"count"}:
            if lt != rt and lt.unit is not None and rt.unit is not None:
                self.error("E305", span, op=op, left=lt.unit, right=rt.unit)
                return None
        elif kinds == {"percent", "points"}:
            self.error("E303", span, op=op)
            return None
        elif kinds <= {"text", "one of"}:
            if not equality:
                self.error("E316", span, op=op)
                return None
            choices = lt if lt.kind == "one of" else rt
            left, right = self.kind_word(left, choices), self.kind_word(right, choices)
            for side in (left, right):
                if choices.kind == "one of" and isinstance(side, model.Const) and side.value not in choices.choices:
                    other = right if side is left else left
                    self.not_a_choice(str(side.value), choices, side.span, getattr(other, "name", None))
                    return None
        elif not (
            (lt == rt and (equality or is_numeric(lt) or lt.kind in ("date", "moment")))
            or kinds == {"number", "percent"}
            or (kinds == {"count", "number"} and self.comparable_count(left, right))
        ):
            self.not_comparable(op, left, right, span)
            return None
        return model.Compare(op, left, right, BOOLEAN, span=span)

    def comparable_count(self, left: Op, right: Op) -> bool:
        number, count = (left, right) if left.type.kind == "number" else (right, left)
        return self.bare(number) or " per " in (count.type.unit or "")

    def not_comparable(self, op: str, left: Op, right: Op, span: Span) -> None:
        lt, rt = left.type, right.type
        fix = None
        if {lt.kind, rt.kind} == {"money", "number"}:
            number = left if lt.kind == "number" else right
            if isinstance(number, model.Const):
                currency = (lt if lt.kind == "money" else rt).currency
                fix = None if currency is None else self.as_money(number.span, currency)
        if "date" in (lt.kind, rt.kind) and "number" in (lt.kind, rt.kind):
            self.error("E307", span, other=spoken(NUMBER), op=op)
            return
        if "rate" in (lt.kind, rt.kind) and lt.kind != rt.kind:
            self.error("E304", span)
            return
        self.error("E308", span, op=op, left=spoken(lt), right=spoken(rt), fix=fix)

    def durations(self, op: str, left: Op, right: Op, span: Span) -> tuple[Op, Op] | None:
        """Both sides of a comparison in one unit; a count of days meets a duration in days or weeks."""
        lt, rt = left.type, right.type
        if lt.kind == "count" or rt.kind == "count":
            days, other = (left, right) if lt.kind == "count" else (right, left)
            if days.type == DAYS and isinstance(other, model.Const):
                duration = cast(Duration, other.value)
                if FINEST[duration.unit][0] == "days":
                    number = duration.amount * (7 if duration.unit == "weeks" else 1)
                    const = model.Const(number, DAYS, span=other.span)
                    return (left, const) if lt.kind == "count" else (const, right)
        if lt.kind != rt.kind:
            if "date" in (lt.kind, rt.kind):
                self.error("E307", span, other=spoken(DURATION), op=op)
            else:
                self.error("E306", span, left=spoken(lt), right=spoken(rt))
            return None
        if lt.unit and rt.unit and FINEST[lt.unit][0] != FINEST[rt.unit][0]:
            self.error("E306", span, left=quoted(lt.unit), right=quoted(rt.unit))
            return None
        return in_unit(left, rt.unit), in_unit(right, lt.unit)

    def logic(self, e: syntax.Logic, s: Scope) -> Op | None:
        """A chain of one of `and`, `or` becomes one node, however long it is."""
        operands: list[syntax.Expr] = []
        node: syntax.Expr = e
        while isinstance(node, syntax.Logic) and node.op == e.op:
            operands.append(node.right)
            node = node.left
        operands.append(node)
        ops = [self.condition(operand, s) for operand in reversed(operands)]
        if any(op is None for op in ops):
            return None
        good = tuple(op for op in ops if op is not None)
        return model.AllOf(good, BOOLEAN, span=e.span) if e.op == "and" else model.AnyOf(good, BOOLEAN, span=e.span)

    def choice(self, e: syntax.If | syntax.Choose, s: Scope) -> Op | None:
        written: list[tuple[syntax.Expr, syntax.Expr]] = []
        last: syntax.Expr | None
        if isinstance(e, syntax.If):
            node: syntax.Expr = e
            while isinstance(node, syntax.If):
                written.append((node.condition, node.then))
                node = node.otherwise
            last = node
        else:
            written = [(case.condition, case.value) for case in e.cases]
            last = e.otherwise
        cases: list[tuple[Op, Op]] = []
        good = True
        for test, value in written:
            test_op, value_op = self.condition(test, s), self.branch(value, s)
            if test_op is None or value_op is None:
                good = False
            else:
                cases.append((test_op, value_op))
        otherwise = None if last is None else self.branch(last, s)
        if not good or (last is not None and otherwise is None):
            return None
        branches = [value for _, value in cases] + ([otherwise] if otherwise is not None else [])
        t = self.unified(branches)
        return None if t is None else model.Choice(tuple(cases), otherwise, t, span=e.span)

    def branch(self, e: syntax.Expr, s: Scope) -> Op | None:
        op = self.expr(e, s)
        if op is not None and s.dates and op.type.kind in ("date", "moment"):
            return model.Happened(op, BOOLEAN, span=e.span)
        return op

    def unified(self, ops: list[Op]) -> Type | None:
        """The one type that all have; a plain number takes the unit of the counts beside it."""
        t = ops[0].type
        for op in ops[1:]:
            joined = self.joined(t, ops[0], op)
            if joined is None:
                self.error("E310", op.span, left=spoken(t), right=spoken(op.type))
                return None
            t = joined
        return t

    def joined(self, t: Type, first: Op, op: Op) -> Type | None:
        u = op.type
        if t == u:
            return t
        if t.kind == u.kind == "count":
            return u if t.unit is None else t if u.unit is None else None
        if t.kind == "count" and self.bare(op):
            return t
        if u.kind == "count" and t == NUMBER and self.bare(first):
            return u
        if t.kind == u.kind == "shares":
            return shares_type(first, (*t.parties, *u.parties)) if t.currency == u.currency else None
        if {t.kind, u.kind} == {"text", "one of"} or t.kind == u.kind == "one of":
            return TEXT
        if t.kind == u.kind == "duration":
            return duration_over((t, u))
        return None

    # ---- over time

    def at(self, body: Op, period: syntax.PeriodRef, span: Span) -> Op | None:
        unit = period.kind
        finer = self.reads(body).grain if unit == "quarter" else None
        if finer is not None and GRAINS.index(finer) < GRAINS.index("quarterly"):
            self.too_fine(body, finer, "quarterly", span)
            return None
        return model.AtPeriod(body, unit, period.offset, period.literal, body.type, span=span)

    def at_suspension_start(self, e: syntax.AtSuspensionStart, s: Scope) -> Op | None:
        body = self.expr(e.expr, s)
        if body is None:
            return None
        if not any(_suspends(entry.node) for entry in self.names.entries.values()):
            self.error("E464", e.span)
            return None
        return model.AtSuspensionStart(body, body.type, span=e.span)

    def too_fine(self, body: Op, grain: Grain, expected: Grain, span: Span) -> None:
        name = getattr(body, "name", None)
        self.error(
            "E314",
            span,
            name=name if isinstance(name, str) else self.source.text[body.span.start : body.span.end],
            grain=GRAIN_WORDS[grain],
            expected=Both(expected, GRAIN_WORDS[expected].zh.removeprefix("按")),
            hint=Both(
                f"say over which: `sum of … over {_OVER[expected][0]}`",
                f"写明期间：“合计 … 期间为 {_OVER[expected][1]}”",
            ),
        )

    def coarse_enough(self, op: Op, grain: Grain, span: Span) -> bool:
        """Whether the op has one value in a period of that grain; else that is told."""
        finest = self.reads(op).grain
        if finest is None or GRAINS.index(finest) >= GRAINS.index(grain):
            return True
        culprit = next((o for o in walk(op) if isinstance(o, model.FactRef) and o.grain == finest), op)
        self.too_fine(culprit, finest, grain, culprit.span if culprit is not op else span)
        return False

    def growth(self, e: syntax.Growth, s: Scope) -> Op | None:
        now = self.expr(e.expr, s)
        if now is None:
            return None
        if not is_numeric(now.type) or now.type.kind == "rate":
            self.error("E301", e.expr.span, found=spoken(now.type), expected=Both("an amount", "数量或金额"))
            return None
        before = self.at(now, e.over, e.span)
        if before is None:
            return None
        change = model.Arith("-", now, before, now.type, span=e.span)
        return model.Arith("/", change, before, PERCENT, span=e.span)

    def window(self, w: syntax.Window | None) -> model.Span_ | None:
        if w is None:
            return model.Span_("this month")
        if w.kind == "last":
            if w.amount < 1:
                self.error("E421", w.span, what=Both("the number of periods", "期数"))
                return None
            if w.unit not in _GRAIN_OF_UNIT:
                self.error("E122", w.span, found=in_both(w.unit or ""), expected=words_of(_GRAIN_OF_UNIT))
                return None
        return model.Span_(w.kind, w.amount, w.unit)

    def aggregate(self, e: syntax.Aggregate, s: Scope) -> Op | None:
        each, body = e.each, e.body
        if each is None and e.function == "count" and isinstance(body, syntax.Ref):
            t = self.types.get(body.name)
            if t is not None and t.kind in ("list", "payments") and body.name not in (s.fields or {}):
                each, body = syntax.Name(body.name, span=body.span), None
        window = self.window(e.window)
        if each is None:
            return None if body is None else self.over_periods(e, body, window, s)
        fields = self.list_fields(each)
        if fields is None or window is None:
            return None
        inner = attrs.evolve(s, fields=fields, outer=s.fields)
        where = None
        if e.where is not None:
            where = self.condition(e.where, inner)
            if where is None:
                return None
        if e.function == "count":
            if body is not None and not (isinstance(body, syntax.Ref) and body.name == each.text):
                test = self.condition(body, inner)
                if test is None:
                    return None
                where = test if where is None else model.AllOf((where, test), BOOLEAN, span=e.span)
            t = Type("count")
            return model.OverRecords("count", each.text, where, None, window, t, span=e.span)
        value = None if body is None else self.expr(body, inner)
        if value is None or body is None or not self.summable(e.function, value, body.span):
            return None
        return model.OverRecords(e.function, each.text, where, value, window, value.type, span=e.span)

    def summable(self, function: str, value: Op, span: Span) -> bool:
        t = value.type
        if (is_numeric(t) and t.kind != "rate") or (function in ("minimum", "maximum") and t.kind == "date"):
            return True
        if t.kind == "rate":
            self.error("E304", span)
        else:
            self.error("E301", span, found=spoken(t), expected=Both("an amount", "数量或金额"))
        return False

    def over_periods(self, e: syntax.Aggregate, body: syntax.Expr, window: model.Span_ | None, s: Scope) -> Op | None:
        value = self.condition(body, s) if e.function == "count" else self.expr(body, s)
        if value is None or window is None:
            return None
        if e.where is not None:
            self.error(
                "E116",
                e.where.span,
                item=in_both("where"),
                owner=Both("an aggregate over periods", "按期间的汇总"),
                expected=keyword("for each"),
            )
            return None
        if e.window is None:
            self.lacks(
                e.span,
                Both("this aggregate", "此汇总"),
                Both("over …", "期间为 …"),
                Both(
                    "say which records or which periods: `for each orders`, `over last 3 months`",
                    "写明按哪些记录或期间：“逐笔 订单”“期间为 最近3个月”",
                ),
            )
            return None
        if e.function != "count" and not self.summable(e.function, value, body.span):
            return None
        grain = self.reads(value).grain or "monthly"
        longest = {"days": "daily", "weeks": "weekly"}.get(window.unit or "months")
        if longest is not None and GRAINS.index(grain) > GRAINS.index(longest):
            expected = (
                Both("a value of each day", "每日的数值") if longest == "daily" else Both("of each week", "每周的数值")
            )
            name = getattr(value, "name", None) or self.source.text[value.span.start : value.span.end]
            hint = Both("say over which months: `over last 3 months`", "写明按月的期间：“期间为 最近3个月”")
            self.error("E314", body.span, name=name, grain=GRAIN_WORDS[grain], expected=expected, hint=hint)
            return None
        t = Type("count") if e.function == "count" else value.type
        return model.OverPeriods(e.function, value, grain, window, t, span=e.span)

    def run(self, e: syntax.Consecutive | syntax.AtLeastOf | syntax.Ever, s: Scope) -> Op | None:
        test = self.condition(e.test, attrs.evolve(s, dates=False))
        if test is None:
            return None
        if isinstance(e, syntax.Ever):
            return model.Ever(test, e.current, BOOLEAN, span=e.span)
        grain = _GRAIN_OF_UNIT.get(e.unit)
        if grain is None:
            self.error("E122", e.span, found=in_both(e.unit), expected=words_of(_GRAIN_OF_UNIT))
            return None
        length: Op | None = None
        amount = 1
        if isinstance(e.amount, syntax.Name):
            length = self.length(e.amount)
            if length is None:
                return None
            known = self.folded(length)
            amount = int(known) if isinstance(known, int) and known >= 1 else 1
        elif e.amount < 1:
            self.error("E421", e.span, what=Both("the number of periods", "期数"))
            return None
        else:
            amount = e.amount
        if isinstance(e, syntax.AtLeastOf) and e.of < amount:
            self.error("E421", e.span, what=Both("the window of periods", "期间"))
            return None
        if not self.coarse_enough(test, grain, e.test.span):
            return None
        reads = self.reads(test)
        if reads.kpi and e.missing is None:
            words = {"en": " skipping not assessed", "zh": " 不考核期跳过"}[self.keywords]
            self.error("E403", e.span, fix=Fix(Span(e.span.end, e.span.end), words))
            return None
        if isinstance(e, syntax.Consecutive):
            return model.Run(test, amount, grain, e.missing, BOOLEAN, length, span=e.span)
        return model.NOfM(test, amount, e.of, grain, e.missing, BOOLEAN, span=e.span)

    def length(self, name: syntax.Name) -> Op | None:
        """A parameter that says a number of periods."""
        if self.entry(name, "parameter") is None or name.text in self.failed:
            return None
        t = self.types.get(name.text)
        if t is None or t.kind not in ("count", "number"):
            found = Both("nothing", "空") if t is None else spoken(t)
            self.error("E301", name.span, found=found, expected=spoken(NUMBER))
            return None
        op = model.ParamRef(name.text, t, span=name.span)
        known = self.folded(op)
        if known is not None and (not isinstance(known, int) or known < 1):
            self.error("E127", name.span, found=f"{name.text} = {exact_text(cast(Fraction, known))}", least=1)
            return None
        return op

    # ---- functions

    def call(self, e: syntax.Call, s: Scope) -> Op | None:
        function = builtins.builtin(e.function.text)
        if function is None:
            known = [f.name if self.keywords == "en" else f.zh for f in builtins.FUNCTIONS]
            longer = [name for name in known if name.startswith(e.function.text)]  # `max`, `min`, `round`, `abs`
            similar = longer[0] if len(longer) == 1 else did_you_mean(e.function.text, known)
            fix = Fix(e.function.span, similar) if similar else None
            for arg in e.args:
                self.expr(arg, s)
            self.error("E205", e.function.span, name=e.function.text, suggestion=similar, fix=fix)
            return None
        uneven = function.turns and len(e.args) % len(function.parameters)
        if uneven or len(e.args) < function.least or (function.most is not None and len(e.args) > function.most):
            names = ", ".join(p.name + ("…" if p.many else "?" if p.optional else "") for p in function.parameters)
            self.error(
                "E206",
                e.span,
                name=Both(function.name, function.zh),
                expected=Both(f"({names})", f"（{names}）"),
                found=len(e.args),
            )
            return None
        args = [self.argument(function.parameter(i), arg, s) for i, arg in enumerate(e.args)]
        if any(arg is None for arg in args):
            return None
        ops = [arg for arg in args if arg is not None]
        if function.name == "weighted" and not self.shared_out(ops[1::2], e):
            return None
        if function.needs == "calendar":
            self.needs_calendar(e.span)
        return self.applied(function, ops, e)

    def argument(self, parameter: builtins.Parameter, e: syntax.Expr, s: Scope) -> Op | None:
        """An argument; some are words that mean something by their place."""
        words: tuple[str, ...]
        match parameter.accepts:
            case "daycount":
                words, section = periods.DAY_COUNTS, "interest"
            case "proration":
                words, section = ("actual", "fixed30"), "proration"
            case "currency":
                words, section = self.currencies, ""
            case _:
                return self.expr(e, s)
        if self.currency(e.span) is None and not section:
            return None
        said = e.name if isinstance(e, syntax.Ref) else self.source.text[e.span.start : e.span.end]
        names = table().keywords.names[section] if section and self.keywords == "zh" else {}
        shown = {names.get(word, word): word for word in words}
        word = self.word(syntax.Name(said, span=e.span), tuple(shown))
        return None if word is None else model.Const(shown[word], TEXT, span=e.span)

    def shared_out(self, weights: list[Op], e: syntax.Call) -> bool:
        """Whether weights that are known add up to one whole."""
        known = [self.folded(w) for w in weights]
        numbers = [w for w in known if isinstance(w, int | Fraction)]
        if len(numbers) < len(known) or sum(numbers) == 1:
            return True
        self.error("E442", e.span, found=percent_text(sum(numbers)))
        return False

    def applied(self, function: builtins.Function, ops: list[Op], e: syntax.Call) -> Op | None:
        types: dict[str, Type] = {}
        firsts: dict[str, Op] = {}
        for index, op in enumerate(ops):
            parameter = function.parameter(index)
            accepts = parameter.accepts
            t, expected = op.type, Both("", "")
            match accepts:
                case "same" | "amount":
                    good = is_numeric(t) and t.kind != "rate"
                    if accepts == "same":
                        good = good or t.kind in ("date", "boolean", "text", "one of")
                    expected = Both("an amount", "数量或金额")
                    if good and accepts in types:
                        joined = self.joined(types[accepts], firsts[accepts], op)
                        if function.name == "rounded" and t == NUMBER:
                            joined = types[accepts]
                        good, expected = joined is not None, spoken(types[accepts])
                        t = joined or t
                    firsts.setdefault(accepts, op)
                case "plain":
                    good, expected = t.kind in ("number", "count"), spoken(NUMBER)
                case "money":
                    good = t.kind == "money"
                    expected = spoken(money(self.currencies[0] if self.currencies else ""))
                case "percent":
                    good, expected = t.kind == "percent", spoken(PERCENT)
                case "date":
                    good, expected = t.kind == "date", spoken(DATE)
                case "width":
                    of = types["amount"]
                    good = (
                        t == of or (t == POINTS and of in (PERCENT, NUMBER)) or (of.kind == "count" and self.bare(op))
                    )
                    expected = spoken(POINTS if of == PERCENT else of)
                case "daycount" | "proration":
                    good = True
                case "currency":
                    good, t = True, money(str(cast(model.Const, op).value))
                case "base":
                    good, expected = t.kind in ("percent", "number", "money"), spoken(PERCENT)
                case "rise":
                    of = types["base"]
                    good = t == of or (t == POINTS and of == PERCENT)
                    expected = spoken(POINTS if of == PERCENT else of)
                case _:
                    assert_never(accepts)
            if not good:
                self.error(
                    "E315",
                    e.args[index].span,
                    argument=parameter.name,
                    function=e.function.text,
                    found=spoken(op.type),
                    expected=expected,
                )
                return None
            types[accepts] = t
        result = function.result
        t = result if isinstance(result, Type) else types[result]
        return model.Builtin(function.name, tuple(ops), t, span=e.span)

    # ---- divisions

    def divides(self, base: syntax.Ref) -> bool:
        """Whether the name stands for a division among parties."""
        found = self.names.entries.get(base.name)
        t = self.types.get(base.name)
        return found is not None and found.kind == "let" and t is not None and t.kind == "shares"

    def share_of(self, e: syntax.Attr, s: Scope) -> Op | None:
        """`dist.investor`, `dist.shortfall.operator`, `dist.left`, or the same behind an expression in parentheses."""
        base, part = e.base, e.field.text
        field: Literal["share", "shortfall", "left"] = "share"
        if isinstance(base, syntax.Attr) and base.field.text == "shortfall":
            base, field = base.base, "shortfall"
        of = self.expr(base, s)
        if of is None:
            return None
        name = base.name if isinstance(base, syntax.Ref) else "…"
        if of.type.kind != "shares":
            self.error("E204", e.field.span, name=name, part=part)
            return None
        t = money(of.type.currency or "")
        if part in of.type.parties:
            self.used.add(part)
            return model.ShareOf(of, part, field, t, span=e.span)
        if part == "left" and field == "share":
            return model.ShareOf(of, None, "left", t, span=e.span)
        more = () if field == "shortfall" else self.figure_words(("shortfall", "left"))
        known = (*of.type.parties, *more)
        similar = did_you_mean(part, known)
        fix = Fix(e.field.span, similar) if similar else None
        self.error("E204", e.field.span, name=name, part=part, expected=any_of(known, 20), suggestion=similar, fix=fix)
        return None

    def vector(self, v: syntax.Vector, s: Scope, overlay: bool = False) -> tuple[model.Share, ...] | None:
        """The shares of a division, with one at most that takes the rest; what is known adds up to one."""
        shares: list[model.Share] = []
        known: list[Exact | None] = []
        good, rest = True, False
        for share in v.shares:
            party = self.party(share.party)
            if party is None:
                good = False
            elif any(party == other.party for other in shares):
                self.error("E114", share.party.span, item=party, owner=Both("this division", "此分配"))
                good = False
            if share.value is None:
                if overlay:
                    self.error("E426", share.span, party=party or share.party.text)
                    good = False
                elif rest:
                    self.error("E417", share.span)
                    good = False
                rest = True
                shares.append(model.Share(party or "", None))
                continue
            if isinstance(share.value, syntax.Ref) and self.stands_for_nothing(share.value.name, s):
                expected = Both(
                    "a part of the whole (`60%`, `1/3`) or `rest`", "占整体的份额（如“60%”“1/3”）或者“余下部分”"
                )
                figures = written_figures(share.value.name)
                fix = Fix(share.value.span, figures) if figures else None
                self.error("E201", share.value.span, name=share.value.name, expected=expected, fix=fix)
                good = False
                continue
            op = self.expr(share.value, s)
            if op is None:
                good = False
                continue
            if op.type.kind not in ("percent", "number"):
                expected = Both("a part of the whole: `60%`, `1/3`", "占整体的份额：“60%”“1/3”")
                self.error("E301", share.value.span, found=spoken(op.type), expected=expected)
                good = False
                continue
            if self.above_zero(op, Both("a share", "分配份额"), share.value.span) is None:
                good = False
                continue
            value = self.folded(op)
            known.append(value if isinstance(value, int | Fraction) else None)
            shares.append(model.Share(party or "", op))
        if not good:
            return None
        numbers = [k for k in known if k is not None]
        if not overlay and len(numbers) == len(known):
            total = sum(numbers)
            if total > 1 if rest else total != 1:
                hint = None
                if total == 100 or (rest and 1 < total <= 100):
                    hint = Both("write the signs: `60%` and not `60`", "请写上百分号：“60%”，而不是“60”")
                elif rest:
                    hint = Both("they leave nothing for `rest`", "没有可归入“余下部分”的份额")
                self.error("E406", v.span, sum=f"{exact_text(total * 100)}%", hint=hint)
                return None
        return tuple(shares)

    def stands_for_nothing(self, word: str, s: Scope) -> bool:
        """Whether a word names nothing at all, in a place where no record and no instance is in scope."""
        if s.fields is not None or word in self.names.entries or word in INSTANCE_WORDS:
            return False
        return builtins.builtin(word) is None and segment(word, self.names.entries) is None

    def whole(self, e: syntax.Expr, s: Scope) -> Op | None:
        """What is divided: money."""
        return self.amount(e, s)

    def split(self, e: syntax.Split, s: Scope) -> Op | None:
        whole, shares = self.whole(e.amount, s), self.vector(e.shares, s, e.overlay)
        if whole is None or shares is None:
            return None
        return model.Split(whole, shares, e.overlay, shares_type(whole, [x.party for x in shares]), span=e.span)

    def stages(self, e: syntax.Stages, s: Scope) -> Op | None:
        whole = self.whole(e.of, s)
        balance = self.entry(e.on, "balance")
        filled_by = self.party(e.filled_by)
        stages: list[model.Stage] = []
        parties: list[str] = []
        lowest: Exact | None = None
        good = True
        for index, band in enumerate(e.bands):
            bound = None if band.bound is None else self.expr(band.bound, s)
            shares = self.vector(band.value, s) if isinstance(band.value, syntax.Vector) else None
            if not isinstance(band.value, syntax.Vector) or band.flat is not None or band.method is not None:
                hint = Both("write `{ A: 70%, B: 30% }` behind the colon", "请在冒号之后写“{ 甲方: 70%, 乙方: 30% }”")
                self.error("E115", band.span, owner=Both("this stage", "此阶段"), item=WHO_GETS, hint=hint)
                good = False
            if shares is None or (band.bound is not None and bound is None):
                good = False
                continue
            if filled_by is not None and filled_by not in [x.party for x in shares]:
                self.lacks(band.span, Both("this stage", "此阶段"), filled_by)
                good = False
            parties += [x.party for x in shares]
            if bound is None or band.bound is None:
                if index != len(e.bands) - 1:
                    self.error("E405", e.bands[index + 1].span, band=index + 2)
                    return None
            else:
                if whole is not None and self.coerce(bound, whole.type, band.bound.span) is None:
                    good = False
                known = self.folded(bound)
                if isinstance(known, int | Fraction):
                    if lowest is not None and known <= lowest:
                        self.error("E405", band.span, band=index + 1)
                        good = False
                    lowest = known
            stages.append(model.Stage(bound, shares))
        if whole is None or balance is None or filled_by is None or not good or balance.name in self.failed:
            return None
        if self.types.get(balance.name) not in (None, whole.type):
            self.error("E301", e.on.span, found=spoken(self.types[balance.name]), expected=spoken(whole.type))
            return None
        if stages[-1].bound is not None:
            text = self.source.text
            last = stages[-1].bound.span
            measure = quoted(text[e.of.span.start : e.of.span.end])
            self.error("E416", e.span, measure=measure, bound=quoted(text[last.start : last.end]))
            return None
        t = shares_type(whole, parties)
        crossing = e.crossing == "within month"
        return model.Stages(whole, balance.name, filled_by, crossing, tuple(stages), t, span=e.span)

    def waterfall(self, e: syntax.Waterfall, s: Scope) -> Op | None:
        cash = self.whole(e.cash, s)
        buckets: list[tuple[str, Op]] = []
        good = cash is not None
        for bucket in e.buckets:
            party = self.party(bucket.party)
            need = self.expr(bucket.up_to, s)
            if need is not None and cash is not None:
                need = self.coerce(need, cash.type, bucket.up_to.span)
                need = self.above_zero(need, Both("what a bucket holds", "顺位分配的额度"), bucket.up_to.span)
            if party is None or need is None:
                good = False
            else:
                buckets.append((party, need))
        rest = () if e.rest is None else self.vector(e.rest, s)
        if not good or rest is None or cash is None:
            return None
        parties = [party for party, _ in buckets] + [x.party for x in rest]
        return model.Waterfall(cash, tuple(buckets), rest, shares_type(cash, parties), span=e.span)

    def divided(self, e: syntax.Tiers, s: Scope) -> Op | None:
        """A ladder of shares: for each party a ladder of its own, all rounded together."""
        if self.whole(e.on if e.applied_to is None else e.applied_to, s) is None:
            return None
        vectors: list[tuple[syntax.Band, tuple[model.Share, ...]]] = []
        parties: list[str] = []
        for band in e.bands:
            if not isinstance(band.value, syntax.Vector) or band.flat is not None:
                hint = Both(
                    "if one band divides, all do: `{ A: 70%, B: 30% }`",
                    "有一级约定分配份额的，各级均应约定：“{ 甲方: 70%, 乙方: 30% }”",
                )
                self.error("E115", band.span, owner=Both("this band", "此级"), item=WHO_GETS, hint=hint)
                return None
            shares = self.vector(band.value, s)
            if shares is None:
                return None
            vectors.append((band, shares))
            parties += [x.party for x in shares if x.party not in parties]
        kept: int | None = None
        now: list[tuple[str, Op]] = []
        before: list[tuple[str, Op]] = []
        for party in parties:
            bands = tuple(attrs.evolve(band, value=_part_of(band, party)) for band, _ in vectors)
            ladder = self.tiers(attrs.evolve(e, bands=bands), s)
            if kept is None:
                kept = len(self.findings)  # what is wrong with the bands is told once
            del self.findings[kept:]
            if ladder is None:
                return None
            if isinstance(ladder, model.Arith):  # a window longer than the month: f(to date) - f(to date before)
                now.append((party, ladder.left))
                before.append((party, ladder.right))
            else:
                now.append((party, ladder))
        t = Type("shares", currency=now[0][1].type.currency, parties=tuple(parties))
        if now[0][1].type.kind != "money":
            self.not_money(now[0][1], e.on.span)
            return None
        return model.Apportion(tuple(now), tuple(before) or None, t, span=e.span)

    # ---- tiers

    def tiers(self, e: syntax.Tiers, s: Scope) -> Op | None:
        """A ladder as a choice of bands. A marginal band starts from the result at its lower bound."""
        measure = self.expr(e.on, s)
        applied = None if e.applied_to is None else self.expr(e.applied_to, s)
        if measure is None or (e.applied_to is not None and applied is None):
            return None
        owner = Both("this ladder of tiers", "此阶梯")
        methods = {band.method or e.method for band in e.bands}
        if None in methods:
            hint = Both(
                "`marginal` rates what lies in each band, `whole` rates everything by the band reached",
                "“超额累进”按各级分段计算，“全额累进”按所达级别对全额计算",
            )
            self.lacks(e.span, owner, Both("marginal | whole", "超额累进 | 全额累进"), hint)
            return None
        if e.window is None and s.fields is None:
            self.error("E407", e.span)
            return None
        if applied is not None and "marginal" in methods:
            self.error("E116", e.span, item=in_both("applied to"), owner=owner, expected=keyword("whole"))
            return None
        if any(isinstance(band.value, syntax.Vector) for band in e.bands):
            return self.divided(e, s)
        if not is_numeric(measure.type) or measure.type.kind == "rate":
            self.error("E301", e.on.span, found=spoken(measure.type), expected=Both("an amount", "数量或金额"))
            return None
        window = (e.window or "month").removeprefix("per ")
        if window == "month":
            return self.ladder(e, measure, applied, s)
        kind = _LADDER_WINDOWS.get(window)
        if kind is None:
            self.error("E407", e.span)
            return None
        if (finest := self.reads(measure).grain) is not None and finest in ("quarterly", "yearly"):
            self.too_fine(measure, finest, "monthly", e.on.span)
            return None
        to_date, before = self.so_far(measure, kind, e.on.span)
        base: Op | None = None
        base_before: Op | None = None
        if applied is not None and e.applied_to is not None:
            base, base_before = self.so_far(applied, kind, e.applied_to.span)
        now = self.ladder(e, to_date, base, s)
        then = self.ladder(e, before, base_before, s, quiet=True)
        if now is None or then is None:
            return None
        if any(band.flat is not None for band in e.bands):
            # A flat amount of the first band is due though nothing was measured: once, with the window's first month.
            months = model.Const(1, NUMBER, span=e.span)
            counted = model.OverPeriods("sum", months, "monthly", model.Span_(kind), NUMBER, span=e.span)
            first = model.Compare("=", counted, months, BOOLEAN, span=e.span)
            then = model.Choice(((first, model.Const(0, then.type, span=e.span)),), then, then.type, span=e.span)
        return model.Arith("-", now, then, now.type, span=e.span)

    def so_far(self, value: Op, kind: LadderWindow, span: Span) -> tuple[Op, Op]:
        """What a value of the month comes to in the window so far, and came to before this month."""
        to_date = model.OverPeriods("sum", value, "monthly", model.Span_(kind), value.type, span=span)
        return to_date, model.Arith("-", to_date, value, value.type, span=span)

    def ladder(self, e: syntax.Tiers, measure: Op, applied: Op | None, s: Scope, quiet: bool = False) -> Op | None:
        """The amount for one measure. `quiet` where the same ladder was looked at before."""
        if quiet:
            kept = len(self.findings)
            result = self.ladder(e, measure, applied, s)
            del self.findings[kept:]
            return result
        cases: list[tuple[Op, Op]] = []
        values: list[Op] = []
        lower = at_lower = None
        before: Rung | None = None
        lowest: Exact | None = None
        for index, band in enumerate(e.bands):
            parts = self.band_parts(band, s)
            bound = None if band.bound is None else self.expr(band.bound, s)
            if parts is None or (band.bound is not None and bound is None):
                return None
            rung = Rung(band.method or e.method, *parts, applied, lower, at_lower, band.span)
            value = self.rung_value(rung, measure)
            if value is None:
                return None
            if before is not None and lower is not None:
                self.jump(before, rung, lower, measure.type, "up to" if e.bands[index - 1].edge == "up to" else "below")
            before = rung
            values.append(value)
            if bound is None or band.bound is None:
                if index != len(e.bands) - 1:
                    self.error("E405", e.bands[index + 1].span, band=index + 2)
                    return None
                t = self.unified(values)
                return None if t is None else model.Choice(tuple(cases), value, t, True, span=e.span)
            ratio = {measure.type.kind, bound.type.kind} == {"number", "percent"}  # they compare, as hundredths
            if not ratio and self.coerce(bound, measure.type, band.bound.span) is None:
                return None
            known = self.folded(bound)
            if isinstance(known, int | Fraction):
                if lowest is not None and known <= lowest:
                    self.error("E405", band.span, band=index + 1)
                    return None
                lowest = known
            op: Literal["<", "<="] = "<=" if band.edge == "up to" else "<"
            cases.append((model.Compare(op, measure, bound, BOOLEAN, span=band.span), value))
            lower, at_lower = bound, self.rung_value(rung, bound)
        text = self.source.text
        last = "…" if lower is None else text[lower.span.start : lower.span.end]
        self.error("E416", e.span, measure=quoted(text[e.on.span.start : e.on.span.end]), bound=quoted(last))
        return None

    def rung_value(self, rung: Rung, x: Op) -> Op | None:
        """What a band gives for a measure of `x`."""
        terms: list[Op | None] = []
        base = x
        if rung.method == "marginal":
            terms.append(rung.at_lower)
            if rung.lower is not None:
                base = model.Arith("-", x, rung.lower, x.type, span=rung.span)
        if rung.rate is not None:
            product = self.combine("*", rung.rate, rung.applied or base, rung.span)
            if product is None:
                return None
            terms.append(product)
        terms.append(rung.flat)
        total: Op | None = None
        for term in terms:
            if term is not None:
                total = term if total is None else self.combine("+", total, term, rung.span)
                if total is None:
                    return None
        return total

    def jump(self, before: Rung, rung: Rung, bound: Op, measure: Type, edge: Literal["up to", "below"]) -> None:
        """Tells that the whole amount changes at a bound, if by how much is known, with one value on either side of it."""
        at = self.folded(bound)
        if rung.method != "whole" or not isinstance(at, int | Fraction):
            return
        step = least_step(measure)
        low, high = (at, at + step) if edge == "up to" else (at - step, at)
        below, above, less, more = (
            None if amount is None else self.folded(amount)
            for amount in (
                self.rung_value(before, bound),
                self.rung_value(rung, bound),
                self.rung_value(before, model.Const(low, measure, span=bound.span)),
                self.rung_value(rung, model.Const(high, measure, span=bound.span)),
            )
        )
        if (
            not isinstance(below, int | Fraction)
            or not isinstance(above, int | Fraction)
            or not isinstance(less, int | Fraction)
            or not isinstance(more, int | Fraction)
            or below == above
        ):
            return
        if above < below and rung.rate is not None and before.rate is not None:
            return  # more is less: that is proved, and told with its own code
        value = self.rung_value(rung, bound)
        t = measure if value is None else value.type
        shown = self.source.text[bound.span.start : bound.span.end]
        self.tell(
            "note",
            "W509",
            rung.span,
            bound=quoted(shown),
            jump=figure(above - below, t),
            low=figure(low, measure),
            high=figure(high, measure),
            less=figure(less, t),
            more=figure(more, t),
        )

    def band_parts(self, band: syntax.Band, s: Scope) -> tuple[Op | None, Op | None] | None:
        """A band's rate (to be multiplied) and flat amount; either may be missing, not both."""
        rate = flat = None
        if band.value is not None and not isinstance(band.value, syntax.Vector):
            rate = self.expr(band.value, s)
            if rate is None:
                return None
        if band.flat is not None:
            flat = self.expr(band.flat, s)
            if flat is None:
                return None
        if rate is None and flat is None:
            self.lacks(band.span, Both("this band", "此级"), "5%")
            return None
        return rate, flat

    # ---- what an Op is known to be

    def folded(self, op: Op) -> Scalar | None:
        """The value of an op that rests on nothing but literals and parameters with one known value."""
        match op:
            case model.Const():
                return op.value
            case model.ParamRef():
                versions = self.versions.get(op.name, ())
                if len(versions) == 1 and versions[0].value is not None:
                    return self.folded(versions[0].value)
                return None
            case model.Negate():
                value = self.folded(op.operand)
                return -value if isinstance(value, int | Fraction) else None
            case model.Arith():
                return self.folded_sum(op)
            case model.DateShift():
                day, duration = self.folded(op.date), self.folded(op.duration)
                if not isinstance(day, dt.date) or not isinstance(duration, Duration):
                    return None
                try:
                    return periods.add_duration(
                        day, op.sign * duration.amount, duration.unit, self.calendar, self.month_end
                    )
                except ValueError:
                    return None
            case model.Bound(kind="term start"):
                return self.term_start if self.start_is_fixed else None
            case model.Bound(kind="term end"):
                return self.term_end
            case _:
                return None

    def folded_sum(self, op: model.Arith) -> Scalar | None:
        spine: list[model.Arith] = []
        node: Op = op
        while isinstance(node, model.Arith):
            spine.append(node)
            node = node.left
        value = self.folded(node)
        for arith in reversed(spine):
            right = self.folded(arith.right)
            if not isinstance(value, int | Fraction) or not isinstance(right, int | Fraction):
                return None
            match arith.op:
                case "+":
                    value = value + right
                case "-":
                    value = value - right
                case "*":
                    value = value * right
                case "/":
                    if right == 0:
                        return None
                    value = Fraction(value) / right
        return exact(value) if isinstance(value, int | Fraction) else None

    def reads(self, op: Op) -> Reads:
        """What the op reads, through lets. One walk without recursion."""
        own = day = kpi = False
        bounds: set[str] = set()
        finest = len(GRAINS)
        stack: list[tuple[Op, bool, bool]] = [(op, True, True)]  # node, counts as own period, counts for the grain
        while stack:
            node, mine, grained = stack.pop()
            match node:
                case model.FactRef():
                    own = own or (mine and node.grain != "once")
                    if grained and node.type.kind not in ("date", "moment") and node.grain != "once":
                        finest = min(finest, GRAINS.index(node.grain))
                    continue
                case model.LetRef():
                    other = self.reads_of.get(node.name, Reads())
                    own = own or (mine and other.own)
                    day, kpi = day or other.day, kpi or other.kpi
                    if grained and other.grain is not None:
                        finest = min(finest, GRAINS.index(other.grain))
                    continue
                case model.BalanceRef():
                    own = own or (mine and node.field != "opening")
                    continue
                case model.KpiState() | model.KpiLevel() | model.KpiFigure():
                    kpi = True
                    own = own or (mine and isinstance(node, model.KpiFigure))
                    if grained and (entry := self.names.entries.get(node.kpi)) is not None:
                        finest = min(finest, GRAINS.index(cast(syntax.Kpi, entry.node).grain))
                    continue
                case model.StatusTest() | model.BreachTest() | model.NothingOpen() | model.InstanceValue():
                    day = True
                case model.Happened() | model.Covered():
                    day = True
                case model.Bound() if mine:
                    bounds.add(node.kind)
                case model.AtSuspensionStart():
                    mine, grained = False, False
                case model.OverRecords() | model.OverPeriods():
                    day = day or node.window.by_days
                    current = node.window.kind != "until previous month"
                    own = own or (mine and current)
                    mine, grained = mine and current, False
                case model.AtPeriod():
                    mine = mine and node.unit != "literal" and node.offset == 0
                    grained = grained and node.unit == "month"
                case model.Run() | model.NOfM():
                    grained = False
                case _:
                    pass
            stack.extend((child, mine, grained) for child in children(node))
        grain = GRAINS[finest] if finest < len(GRAINS) else None
        own = own or {"period start", "period end"} <= bounds  # what counts its own days is not prorated by days again
        return Reads(own, day, kpi, grain, self.may_be_negative(op), self.pace(op))

    def pace(self, *ops: Op) -> Grain | None:
        """The finest period at whose end the ops can change, through lets; None where they read nothing by period."""
        found: list[Grain] = []
        stack: list[Op] = list(ops)
        while stack:
            node = stack.pop()
            match node:
                case model.FactRef():
                    if node.type.kind not in ("date", "moment") and node.grain != "once":
                        found.append(node.grain)
                case model.LetRef():
                    if (other := self.reads_of.get(node.name, Reads()).pace) is not None:
                        found.append(other)
                case model.KpiState() | model.KpiLevel() | model.KpiFigure():
                    found.append(cast(syntax.Kpi, self.names.entries[node.kpi].node).grain)
                case model.Run() | model.NOfM():
                    found.append(node.grain)
                case model.OverRecords() | model.OverPeriods():
                    found.append(_PACE_OF_UNIT.get(node.window.unit or "months", "monthly"))
                case model.BalanceRef():
                    found.append("monthly")
                case model.AtPeriod() if node.unit in ("month", "quarter"):
                    found.append("monthly" if node.unit == "month" else "quarterly")
                case _:
                    stack.extend(children(node))
        return min(found, key=GRAINS.index, default=None)

    def may_be_negative(self, op: Op) -> bool:
        """Whether a difference or a negative figure reaches the value unfloored; facts count as positive."""
        stack: list[Op] = [op]
        above: set[tuple[int, int]] = set()  # measure and bound of ladders: in the next band it lies above it
        while stack:
            node = stack.pop()
            match node:
                case model.Const():
                    if is_numeric(node.type) and cast(Exact, node.value) < 0:
                        return True
                case model.Negate():
                    return True
                case model.Arith():
                    if node.op == "-" and (id(node.left), id(node.right)) in above:
                        pass
                    elif node.op == "-":
                        value = self.folded(node)
                        if not isinstance(value, int | Fraction) or value < 0:
                            return True
                    else:
                        stack += (node.left, node.right)
                case model.LetRef():
                    if self.reads_of.get(node.name, Reads()).negative:
                        return True
                case model.Choice():
                    stack += (value for _, value in node.cases)
                    tests = (test for test, _ in node.cases if isinstance(test, model.Compare))
                    above |= {(id(t.left), id(t.right)) for t in tests if t.op in ("<", "<=")}
                    if node.otherwise is not None:
                        stack.append(node.otherwise)
                case model.Builtin():
                    match node.name:
                        case "maximum" if any(_at_least_zero(arg) for arg in node.args):
                            pass
                        case "limit":
                            stack.append(node.args[1])
                        case "absolute" | "days_between" | "business_days_between" | "deviation":
                            pass
                        case _:
                            stack += node.args
                case model.OverRecords() | model.OverPeriods():
                    if node.body is not None and node.function != "count":
                        stack.append(node.body)
                case model.AtPeriod() | model.AtSuspensionStart():
                    stack.append(node.body)
                case model.ShareOf():
                    stack.append(node.of)
                case model.Split() | model.Stages():
                    stack.append(node.whole)
                case model.Apportion():
                    stack += (value for _, value in node.shares)
                case _:
                    pass
        return False


def shares_type(whole: Op, parties: Iterable[str]) -> Type:
    return Type("shares", currency=whole.type.currency, parties=tuple(dict.fromkeys(parties)))


def _part_of(band: syntax.Band, party: str) -> syntax.Expr:
    """A party's part of a band: what it says, what the others leave, or nothing."""
    vector = cast(syntax.Vector, band.value)
    span = vector.span
    mine = next((x for x in vector.shares if x.party.text == party), None)
    if mine is None:
        return syntax.Number(Fraction(0), span=span)
    if mine.value is not None:
        return mine.value
    left: syntax.Expr = syntax.Number(Fraction(1), span=mine.span)
    for other in vector.shares:
        if other.value is not None:
            left = syntax.Binary("-", left, other.value, span=mine.span)
    return left


_FIGURES: Final = re.compile(r"[0-9][0-9_]*(?:\.[0-9]+)?")
# The sections of words by position that a message may list.
_WORDS_SHOWN: Final = ("status", "grade", "rounding", "month_end", "interest", "calendar", "order")
_RECORD_WORDS: Final = {
    frozenset(PAYMENT_FIELDS): "payment",
    frozenset(field.name for field in INTERVAL_FIELDS): "interval",
}
THE_CONTRACT: Final = Both("the contract", "合同")
BALANCE_FIELDS: Final = ("closing", "opening", "added", "accrued", "used")
GRAIN_WORDS: Final[dict[Grain, Both]] = {
    "daily": Both("daily", "按日"),
    "weekly": Both("weekly", "按周"),
    "monthly": Both("monthly", "按月"),
    "quarterly": Both("quarterly", "按季"),
    "yearly": Both("yearly", "按年"),
    "once": Both("given once", "一次性"),
}
_OVER: Final[dict[Grain, tuple[str, str]]] = {
    "daily": ("this month", "本月"),
    "weekly": ("this month", "本月"),
    "monthly": ("this month", "本月"),
    "quarterly": ("this quarter", "本季度"),
    "yearly": ("calendar year to date", "自然年度累计"),
    "once": ("since start", "自生效累计"),
}
_LADDER_WINDOWS: Final[dict[str, LadderWindow]] = {
    "quarter": "this quarter",
    "contract year": "contract year to date",
    "calendar year": "calendar year to date",
    "whole term": "since start",
    "term": "since start",
}


def least_step(t: Type) -> Fraction:
    """The least step of a measure that a reader would think of: a cent, a dealer, a day, a basis point."""
    match t.kind:
        case "money":
            return Fraction(1, 10 ** decimals(t.currency or ""))
        case "percent" | "points" | "rate":
            return Fraction(1, 10_000)
        case "count" | "date" | "moment":
            return Fraction(1)
        case _:
            return Fraction(1, 100)


_PACE_OF_UNIT: Final[dict[str, Grain]] = {"days": "daily", "weeks": "weekly"}


def statuses_of(kind: Kind) -> tuple[str, ...]:
    match kind:
        case "obligation":
            return OBLIGATION_STATUSES
        case "prohibition":
            return PROHIBITION_STATUSES
        case "right" | "termination":
            return RIGHT_STATUSES
        case "kpi":
            return KPI_STATUSES
        case "escalation":
            return ESCALATION_STATUSES
        case "approval":
            return (*APPROVAL_STATUSES, "undetermined")
        case _:
            return ("undetermined", "not applicable")


def _suspends(node: syntax.Declaration) -> bool:
    if isinstance(node, syntax.Right):
        return node.effect is not None and node.effect.kind == "suspend"
    return isinstance(node, syntax.Suspension)


def _plain_rate(t: Type) -> bool:
    return t.currency is None and t.per is not None


def _at_least_zero(op: Op) -> bool:
    return isinstance(op, model.Const) and is_numeric(op.type) and cast(Exact, op.value) >= 0


def children(op: Op) -> Iterable[Op]:
    """The Ops directly inside an Op."""
    match op:
        case (
            model.Const()
            | model.ParamRef()
            | model.FactRef()
            | model.NoticeRef()
            | model.FieldRef()
            | model.LetRef()
            | model.KpiState()
            | model.KpiLevel()
            | model.KpiFigure()
            | model.StatusTest()
            | model.BreachTest()
            | model.NothingOpen()
            | model.InstanceValue()
            | model.Covered()
            | model.Bound()
            | model.BalanceRef()
        ):
            return ()
        case model.Arith() | model.Compare():
            return (op.left, op.right)
        case model.Negate() | model.Not():
            return (op.operand,)
        case model.AllOf() | model.AnyOf():
            return op.operands
        case model.Choice():
            pairs = tuple(part for case in op.cases for part in case)
            return pairs if op.otherwise is None else (*pairs, op.otherwise)
        case model.OverRecords():
            return tuple(part for part in (op.where, op.body) if part is not None)
        case model.OverPeriods() | model.AtPeriod() | model.AtSuspensionStart():
            return (op.body,)
        case model.Run():
            return (op.test,) if op.length is None else (op.test, op.length)
        case model.NOfM() | model.Ever():
            return (op.test,)
        case model.Happened():
            return (op.date,)
        case model.DateShift():
            return (op.date, op.duration)
        case model.Builtin():
            return op.args
        case model.Split():
            return (op.whole, *values_of(op.shares))
        case model.Apportion():
            return tuple(value for _, value in (*op.shares, *(op.before or ())))
        case model.Stages():
            bounds = tuple(stage.bound for stage in op.stages if stage.bound is not None)
            return (op.whole, *bounds, *(value for stage in op.stages for value in values_of(stage.shares)))
        case model.Waterfall():
            return (op.cash, *(need for _, need in op.buckets), *values_of(op.rest))
        case model.ShareOf():
            return (op.of,)
        case _:
            assert_never(op)


_OF_THE_DAY: Final = (
    *(model.StatusTest, model.BreachTest, model.NothingOpen, model.InstanceValue, model.Happened, model.Covered),
)


def reads_the_day(op: Op | None) -> bool:
    """Whether a condition can change on any day, and not only when a period ends."""
    stack = [] if op is None else [op]
    while stack:
        top = stack.pop()
        if isinstance(top, _OF_THE_DAY):
            return True
        stack.extend(children(top))
    return False


def values_of(shares: tuple[model.Share, ...]) -> tuple[Op, ...]:
    return tuple(share.value for share in shares if share.value is not None)


def walk(op: Op) -> Iterator[Op]:
    """An Op and everything inside it, without recursion."""
    stack = [op]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(children(node))


def references(e: object, fields_of: dict[str, frozenset[str]], bound: frozenset[str] = frozenset()) -> set[str]:
    """The names that an expression as written mentions, without fields of a record in scope."""
    found: set[str] = set()
    stack: list[tuple[object, frozenset[str]]] = [(e, bound)]
    while stack:
        node, hidden = stack.pop()
        match node:
            case syntax.Ref():
                if node.name not in hidden:
                    found.add(node.name)
                continue
            case syntax.KpiIs():
                found.add(node.kpi.text)
                continue
            case syntax.StatusIs() | syntax.InBreach():
                found.add(node.subject.text)
                continue
            case syntax.Attr(base=syntax.Ref(name=name), field=field) if field.text in ("opening", "accrued"):
                if name not in hidden:
                    found.add(f"{name}.{field.text}")
                continue
            case syntax.Aggregate() if node.each is not None:
                hidden = hidden | fields_of.get(node.each.text, frozenset())
            case _:
                pass
        if isinstance(node, tuple):
            stack.extend((part, hidden) for part in node)
        elif (described := getattr(type(node), "__attrs_attrs__", None)) is not None:
            stack.extend((getattr(node, a.name), hidden) for a in described if a.name != "span")
    return found
