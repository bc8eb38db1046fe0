"""The empty form of a contract's facts: its tables, what each column asks for, and the rows that stand ready.

A form is what the model says, laid out for whoever fills it in; engine/intake.py reads it back as it is. Here it is
neutral, and written as CSV and JSON; engine/report/xlsx.py makes a workbook of it. A cell that stays blank keeps the
meaning that intake gives to it, and the notes say so beside every column.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final, Literal

import attrs

from clausal.dsl import model
from clausal.dsl.diagnostics import Both, Lang
from clausal.dsl.periods import Kind, add_months, month_of, periods_between
from clausal.dsl.types import DATE, INTERVAL_FIELDS, PARTY, TEXT, Field, Type, is_numeric, money
from clausal.dsl.values import Duration, Scalar
from clausal.dsl.wording import duration_text, figure, label
from clausal.engine import cells, tables
from clausal.engine.intake import CHOICES, NOTES, dating_field

# How tables and columns are headed in each language: words that intake knows.
TABLES: Final[Mapping[str, Both]] = {
    "monthly": Both("monthly", "月度数据"),
    "quarterly": Both("quarterly", "季度数据"),
    "weekly": Both("weekly", "周数据"),
    "daily": Both("daily", "日数据"),
    "yearly": Both("yearly", "年度数据"),
    "once": Both("once", "一次性数据"),
    "closings": Both("closings", "截止"),
}
PERIODS: Final[Mapping[str, Both]] = {
    "monthly": Both("month", "月份"),
    "quarterly": Both("quarter", "季度"),
    "weekly": Both("week", "周"),
    "daily": Both("date", "日期"),
    "yearly": Both("year", "年份"),
}
PAYMENT: Final[Mapping[str, Both]] = {
    "ref": Both("ref", "编号"),
    "on": Both("on", "到账日"),
    "payer": Both("payer", "付款人"),
    "payee": Both("payee", "收款人"),
    "amount": Both("amount", "金额"),
    "currency": Both("currency", "币种"),
    "for": Both("for", "用途"),
    "kind": Both("kind", "类型"),
    "reported": Both("reported", "报告日"),
}
CLOSING: Final[Mapping[str, Both]] = {
    "as_of": Both("as_of", "截止日"),
    "source": Both("source", "来源"),
    "complete_through": Both("complete_through", "数据完整至"),
}
NOTICE: Final[Mapping[str, Both]] = {"sent": Both("sent", "发出日"), "received": Both("received", "到达日")}
INTERVAL: Final[Mapping[str, Both]] = {"from": Both("from", "自"), "until": Both("until", "至")}
KINDS: Final = (
    Both("payment", "付款"),
    Both("refund", "退款"),
    Both("set off", "抵销"),
    Both("write off", "核销"),
)
YES_NO: Final = (Both("yes", "是"), Both("no", "否"))
UNKNOWN: Final = Both("unknown", "未知")
ONCE: Final = (Both("fact", "数据"), Both("value", "数值"))
EVERY_SOURCE: Final = Both("default", "默认")

_KIND_OF_GRAIN: Final[Mapping[str, Kind]] = {
    "monthly": "month",
    "quarterly": "quarter",
    "weekly": "week",
    "daily": "day",
    "yearly": "year",
}
_MONTHS_OF_AN_OPEN_TERM: Final = 12

# What a blank cell says.
_UNKNOWN_IF_BLANK: Final = Both("blank: not known", "留空：表示未知")
_NOT_ZERO_IF_BLANK: Final = Both("blank: not known, never zero", "留空：表示未知，不等于零")
_NOT_HAPPENED_IF_BLANK: Final = Both(
    "blank: it has not happened; if that is not known, write unknown", "留空：表示没有发生；尚不清楚的，填写“未知”"
)
_MAY_BE_BLANK: Final = Both("may be left blank", "可以留空")
_NEEDED: Final = Both("must be filled in", "必填")

_ABOUT_TABLES: Final[Mapping[str, Both]] = {
    "monthly": Both("a row for each month", "每月一行"),
    "quarterly": Both("a row for each quarter", "每季度一行"),
    "weekly": Both("a row for each week", "每周一行"),
    "daily": Both("a row for each day", "每日一行"),
    "yearly": Both("a row for each year", "每年一行"),
    "once": Both("what is given once: a row for each fact", "只填一次的数据，每项一行"),
    "list": Both("a row for each record", "每笔记录一行"),
    "payments": Both("a row for each payment", "每笔收付款一行"),
    "intervals": Both("a row for each stretch of days", "每段期间一行"),
    "closings": Both(
        "how far the facts are complete; may be left empty, and is then the day of the statement",
        "数据收集到哪一天；可以不填，不填的以对账单的截止日为准",
    ),
}
_ABOUT_PAYMENTS: Final[Mapping[str, Both]] = {
    "ref": Both("the payment's own number, in no other row", "付款的编号，不得重复"),
    "on": Both("the day on which it was credited", "款项到账的日期"),
    "payer": Both("who paid", "付款的当事人"),
    "payee": Both("who was paid", "收款的当事人"),
    "amount": Both("not negative; money that goes back has its own kind", "不得为负数；退回的款项在类型中注明"),
    "currency": Both("blank: {currency}", "留空：{currency}"),
    "for": Both("the debt that the payer named, if any", "付款人指定的债务，没有指定的留空"),
    "kind": Both("blank: a payment", "留空：付款"),
    "reported": Both(
        "the day on which it became known, if that was later than a statement",
        "得知的日期；晚于已出具对账单的，应当填写",
    ),
}
_ANY_AMOUNT: Final = Both("an amount in the currency beside it", "以旁列币种计的金额")
_ABOUT_CLOSINGS: Final[Mapping[str, Both]] = {
    "as_of": Both("the day of a statement that was made; blank: of this one", "已出具的对账单的截止日；留空：本次"),
    "source": Both("which facts; blank: all the others", "哪些数据；留空：其余全部数据"),
    "complete_through": Both("the day up to which they are complete", "这些数据完整收集到哪一天"),
}


@attrs.frozen
class Column:
    """A column by its heading. `note` has what a reader should know, a line each; of `choices` one is to be taken, or
    where the column is `loose`, anything else too. `part`: which date of the notice `name` it is."""

    heading: str
    type: Type
    note: tuple[str, ...]
    choices: tuple[str, ...] = ()
    loose: bool = False
    needed: bool = False
    name: str = ""
    part: str | None = None


@attrs.frozen
class Sheet:
    """A table: `name` is what the reader calls it, `tab` what a sheet or a file can be called. `rows` are the periods
    that stand ready in the first column. What is given once has a row for each of its `columns`: its heading, its value."""

    name: str
    tab: str
    kind: Literal["periods", "once", "list"]
    about: str
    columns: tuple[Column, ...]
    rows: tuple[str, ...] = ()


@attrs.frozen
class Form:
    """`notes` say how to fill it in, a paragraph each; `days` are the first and the last that are likely."""

    title: str
    lang: Lang
    notes_tab: str
    choices_tab: str
    notes: tuple[str, ...]
    sheets: tuple[Sheet, ...]
    days: tuple[dt.date, dt.date]


def form(contract: model.Contract, lang: Lang, first: dt.date | None = None, last: dt.date | None = None) -> Form:
    """The form of the facts that the contract asks for, with rows from the month of `first` to that of `last` (the term;
    of a term without an end, a year)."""
    header = contract.header
    start = month_of(first or header.term_start).start
    open_end = add_months(start, _MONTHS_OF_AN_OPEN_TERM - 1, "clamp")
    end = month_of(last or max(header.term_end or open_end, start)).end
    asking = clauses(contract)
    listed = [fact for fact in contract.facts if fact.type.kind in ("list", "payments", "intervals")]
    lists = tables.tabs([fact.name for fact in listed])
    sheets = list(_scalars(contract, lang, asking, start, end, lists))
    for fact in listed:
        columns = _payments(contract, lang) if fact.type.kind == "payments" else _fields(contract, fact, lang)
        about = [_ABOUT_TABLES[fact.type.kind].text(lang), *_background(fact, asking, lang)]
        sheets.append(Sheet(fact.name, lists[fact.name], "list", _joined(about, lang), tuple(columns)))
    closings = _table_name("closings", lang, lists)
    columns = _closings(contract, lang)
    sheets.append(Sheet(closings, closings, "list", _ABOUT_TABLES["closings"].text(lang), tuple(columns)))
    taken = {sheet.tab.casefold() for sheet in sheets}
    return Form(
        title=header.title,
        lang=lang,
        notes_tab=_free(NOTES, lang, taken),
        choices_tab=_free(CHOICES, lang, taken),
        notes=_instructions(lang),
        sheets=tuple(sheets),
        days=(dt.date(start.year - 1, 1, 1), dt.date(min(end.year + 10, cells.YEARS[1]), 12, 31)),
    )


def _free(names: tuple[str, ...], lang: Lang, taken: Iterable[str]) -> str:
    en, zh = names
    return next((name for name in ((zh, en) if lang == "zh" else (en, zh)) if name not in taken), en)


def _table_name(table: str, lang: Lang, lists: Mapping[str, str]) -> str:
    """The name of a table of scalars in the reader's language, or in the other one where a list is called so."""
    both = TABLES[table]
    name = both.text(lang)
    return name if name not in lists else both.text("en" if lang == "zh" else "zh")


# ---- tables of scalars ---------------------------------------------------------------------------


def _scalars(
    contract: model.Contract,
    lang: Lang,
    asking: Mapping[str, tuple[str, ...]],
    start: dt.date,
    end: dt.date,
    lists: Mapping[str, str],
) -> Iterator[Sheet]:
    declared = {fact.name for fact in contract.facts}
    for grain in ("monthly", "quarterly", "weekly", "daily", "yearly", "once"):
        columns = [
            column
            for fact in contract.facts
            if fact.grain == grain and fact.type.kind not in ("list", "payments", "intervals")
            for column in _columns_of(contract, fact, asking, lang)
        ]
        if not columns:
            continue
        name = _table_name(grain, lang, lists)
        about = _ABOUT_TABLES[grain].text(lang)
        if grain == "once":
            yield Sheet(name, name, "once", about, tuple(columns))
            continue
        rows = tuple(period.key for period in periods_between(start, end, _KIND_OF_GRAIN[grain]))
        heading = _period_heading(grain, lang, declared)
        written = Both(f"written like {rows[0]}; rows may be added", f"写法如{rows[0]}；可以增加行")
        period = Column(heading, TEXT, (written.text(lang), _NEEDED.text(lang)), needed=True)
        yield Sheet(name, name, "periods", about, (period, *columns), rows)


def _period_heading(grain: str, lang: Lang, declared: Iterable[str]) -> str:
    both = PERIODS[grain]
    words = (both.zh, both.en) if lang == "zh" else (both.en, both.zh)
    return next((word for word in words if word not in declared), "period")


def _columns_of(
    contract: model.Contract, fact: model.FactDecl, asking: Mapping[str, tuple[str, ...]], lang: Lang
) -> Iterator[Column]:
    behind = _background(fact, asking, lang)
    if fact.type.kind == "notice":
        for part, word in NOTICE.items():
            said = Both("when it was sent", "通知发出的日期") if part == "sent" else Both(
                "when it was received; this is the day on which it works unless the contract says otherwise",
                "通知到达的日期；合同没有另行约定的，通知自该日起生效",
            )  # fmt: skip
            note = (said.text(lang), _NOT_HAPPENED_IF_BLANK.text(lang), *behind)
            yield Column(f"{fact.name}.{word.text(lang)}", DATE, note, name=fact.name, part=part)
        return
    blank = _NOT_HAPPENED_IF_BLANK if fact.happening else _if_not_known(fact.type)
    if fact.presume is not None:
        presumed = _scalar_text(fact.presume, fact.type)
        blank = Both(f"blank: taken to be {presumed.en}", f"留空：推定为{presumed.zh}")
    note = (holds(fact.type).text(lang), blank.text(lang), *behind)
    yield Column(fact.name, fact.type, note, _choices(contract, fact.type, lang), name=fact.name)


def _background(fact: model.FactDecl, asking: Mapping[str, tuple[str, ...]], lang: Lang) -> tuple[str, ...]:
    """Where a fact comes from, who judges it, which clauses ask for it, and what the contract notes of it."""
    told = []
    if fact.source is not None:
        told.append(Both(f"source: {fact.source}", f"来源：{fact.source}"))
    if fact.judged_by is not None:
        told.append(Both(f"judged by: {fact.judged_by}", f"认定人：{fact.judged_by}"))
    numbers = asking.get(fact.name, ())
    if numbers:
        word = "clause" if len(numbers) == 1 else "clauses"
        told.append(Both(f"asked for by {word} {', '.join(numbers)}", f"用于条款：{'、'.join(numbers)}"))
    return (*(one.text(lang) for one in told), *fact.notes)


# ---- lists ---------------------------------------------------------------------------------------


def _fields(contract: model.Contract, fact: model.FactDecl, lang: Lang) -> Iterator[Column]:
    intervals = fact.type.kind == "intervals"
    fields = INTERVAL_FIELDS if intervals else fact.type.fields
    dating = dating_field(fact, fields)
    names = {field.name for field in fields}
    for field in fields:
        heading = INTERVAL[field.name].text(lang) if intervals else field.name
        needed = field.name in (dating, fact.keyed_by)
        told = [holds(field.type), _if_blank(field, needed, intervals)]
        if field.name == fact.keyed_by:
            told.append(Both("no two rows may have the same", "不得重复"))
        note = tuple(one.text(lang) for one in told)
        choices = _choices(contract, field.type, lang, not needed)
        yield Column(heading, field.type, note, choices, needed=needed, name=field.name)
    if dating is None:
        heading = _period_heading("monthly", lang, names)
        written = Both("the month to which it belongs, written like 2026-01", "所属月份，写法如2026-01")
        yield Column(heading, TEXT, (written.text(lang), _NEEDED.text(lang)), needed=True, name="month")
    reported = PAYMENT["reported"]
    if names.isdisjoint((reported.en, reported.zh)):
        note = (_ABOUT_PAYMENTS["reported"].text(lang), _MAY_BE_BLANK.text(lang))
        yield Column(reported.text(lang), DATE, note, name="reported")


def _if_blank(field: Field, needed: bool, intervals: bool) -> Both:
    if needed:
        return _NEEDED
    if intervals:
        return Both("blank: it is not over yet", "留空：尚未结束")
    if field.type.kind in ("date", "moment"):
        return _NOT_HAPPENED_IF_BLANK
    return _MAY_BE_BLANK if field.optional else _if_not_known(field.type)


def _if_not_known(type: Type) -> Both:
    return _NOT_ZERO_IF_BLANK if is_numeric(type) else _UNKNOWN_IF_BLANK


def _payments(contract: model.Contract, lang: Lang) -> Iterator[Column]:
    header = contract.header
    parties = tuple(party.name for party in contract.parties)
    owed = [duty for duty in contract.obligations if duty.action == "pay"]
    debts = tuple(dict.fromkeys(duty.name for duty in owed))
    periodic = next((duty.name for duty in owed if duty.schedule.kind == "periodic"), None)
    example = f"{periodic}@{month_of(header.term_start).key}" if periodic is not None else "".join(debts[:1])
    currencies = (header.currency, *header.currencies)
    amount = money(header.currency)
    for name, word in PAYMENT.items():
        if name == "currency" and len(set(currencies)) < 2:
            continue
        about = _ABOUT_PAYMENTS[name].text(lang).format(currency=header.currency)
        if name == "for" and example:
            about = _joined([about, Both(f"such as {example}", f"例如{example}").text(lang)], lang)
        needed = name in ("payer", "payee", "amount", "on")
        note = (about, *([_NEEDED.text(lang)] if needed else []))
        type = TEXT
        choices: tuple[str, ...] = ()
        match name:
            case "payer" | "payee":
                type = PARTY
                choices = parties
            case "on" | "reported":
                type = DATE
            case "amount":
                type = amount
                note = ((_ANY_AMOUNT if len(set(currencies)) > 1 else holds(amount)).text(lang), *note)
            case "currency":
                choices = tuple(dict.fromkeys(currencies))
            case "kind":
                choices = tuple(kind.text(lang) for kind in KINDS)
            case "for":
                choices = debts
            case _:
                pass
        yield Column(word.text(lang), type, note, choices, name == "for", needed, name)


def _closings(contract: model.Contract, lang: Lang) -> Iterator[Column]:
    sources = dict.fromkeys(fact.source for fact in contract.facts if fact.source is not None)
    choices = (EVERY_SOURCE.text(lang), *sources, *(fact.name for fact in contract.facts if fact.source is None))
    for name, word in CLOSING.items():
        note = (_ABOUT_CLOSINGS[name].text(lang),)
        if name == "source":
            yield Column(word.text(lang), TEXT, note, tuple(dict.fromkeys(choices)), loose=True, name=name)
        else:
            yield Column(word.text(lang), DATE, note, name=name)


# ---- words ---------------------------------------------------------------------------------------


def holds(type: Type) -> Both:
    """What a cell of the type should hold, for whoever fills it in."""
    match type.kind:
        case "text":
            return Both("text", "文本")
        case "rate":
            per = f"per.{type.per}"
            if type.currency is not None:
                return Both(f"an amount in {type.currency}{label(per)}", f"以{type.currency}计的金额{label(per, 'zh')}")
            return Both(f"a rate{label(per)}, such as 0.05%", f"费率（{label(per, 'zh')}），例如0.05%")
        case "points":
            return Both("percentage points, such as 2pp", "百分点，例如2个百分点")
        case "one of":
            return Both("one of: " + ", ".join(type.choices), "可选值：" + "、".join(type.choices))
        case _:
            plain = cells.words(type)
            return Both(plain.en.replace("`", ""), plain.zh)


def _choices(contract: model.Contract, type: Type, lang: Lang, unknown: bool = True) -> tuple[str, ...]:
    """What a cell may be chosen from; that it is not known is one of the choices where a blank would say so too."""
    match type.kind:
        case "boolean":
            words = tuple(word.text(lang) for word in YES_NO)
        case "one of":
            words = type.choices
        case "party":
            words = tuple(party.name for party in contract.parties)
        case _:
            return ()
    said = UNKNOWN.text(lang)
    return (*words, said) if unknown and said not in words else words


def _scalar_text(value: Scalar, type: Type) -> Both:
    match value:
        case bool():
            yes, no = YES_NO
            return yes if value else no
        case int() | Fraction() | dt.date():
            return figure(value, type)
        case Duration(amount=amount, unit=unit):
            return Both(duration_text(amount, unit), duration_text(amount, unit, "zh"))
        case _:
            return Both(str(value), str(value))


def _joined(parts: Iterable[str], lang: Lang) -> str:
    return ("；" if lang == "zh" else "; ").join(parts)


_HOW: Final = (
    Both(
        "Tables and headings keep their names. Rows may be added and deleted, columns may change places.",
        "请勿改动各表的名称和第一行的表头；行可以增删，列的次序可以调整。",
    ),
    Both(
        "A blank figure is not known; it is never taken for zero. A blank date or notice says that it has not happened. "
        "If you do not know whether it has, write unknown.",
        "数值留空表示未知，不等于零。日期、通知留空表示没有发生；尚不清楚是否发生的，请填写“未知”。",
    ),
    Both(
        "A table of records without rows says that there were none. If you do not know, delete the whole table.",
        "记录表没有任何行，表示没有发生过；没有掌握该项情况的，请删去整张表。",
    ),
    Both(
        "Rows for months to come may stay blank: the statement is made for the last month that has something in it, or to the "
        "end of which the facts are said to be complete.",
        "尚未到来的月份可以整行留空：对账单默认做到最后一个填有内容的月份；注明数据完整至某日的，做到该日。",
    ),
    Both(
        "Amounts may be written 8000, 8,000.00 or CNY 8,000; percentages with their sign; dates as 2026-03-09.",
        "金额可以写作8000、8,000.00、0.8万元；百分比应当带百分号；日期写作2026-03-09或者2026年3月9日。",
    ),
    Both(
        "A spreadsheet cuts numbers of more than 15 digits: format such a cell as text before you type.",
        "电子表格会截断超过15位的数字：此类单元格请先设为文本格式，再填写。",
    ),
    Both(
        "When it is filled in, `contract facts validate CONTRACT FORM` finds what is wrong and what is missing, and "
        "`contract eval CONTRACT FORM` makes the statement.",
        "填写完毕，先运行contract facts validate检查错漏，再运行contract eval出具对账单。",
    ),
)


def _instructions(lang: Lang) -> tuple[str, ...]:
    return tuple(one.text(lang) for one in _HOW)


# ---- which clauses ask for a fact ----------------------------------------------------------------


def clauses(contract: model.Contract) -> dict[str, tuple[str, ...]]:
    """The clauses whose rules read each fact, in the order of the file. What stands in no clause passes on what it reads
    to those that read it."""
    things = (
        *contract.values,
        *contract.balances,
        *contract.obligations,
        *contract.prohibitions,
        *contract.rights,
        *contract.suspensions,
        *contract.escalations,
        *contract.approvals,
    )
    facts = {fact.name for fact in contract.facts}
    read = [(thing, frozenset(_read_by(thing))) for thing in things]
    loose: dict[str, set[str]] = {}
    for thing, names in read:
        if thing.clause is None:
            loose.setdefault(thing.name, set()).update(names)
    found: dict[str, dict[str, None]] = {}
    order = sorted((pair for pair in read if pair[0].clause is not None), key=lambda pair: pair[0].span.start)
    for thing, names in order:
        assert thing.clause is not None
        reached, waiting = set(names), list(names)
        while waiting:
            more = loose.get(waiting.pop(), set()) - reached
            reached |= more
            waiting += more
        for name in reached & facts:
            found.setdefault(name, {})[thing.clause.number] = None
    return {name: tuple(numbers) for name, numbers in found.items()}


def _read_by(thing: object) -> Iterator[str]:
    """The names of the facts, values and balances that a declaration reads itself."""
    waiting: list[Any] = [thing]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting += node
            continue
        if not attrs.has(type(node)) or type(node).__module__ != model.__name__:
            continue
        match node:
            case model.FactRef() | model.NoticeRef() | model.LetRef() | model.BalanceRef() | model.Covered():
                yield node.name
            case model.KpiState() | model.KpiLevel() | model.KpiFigure():
                yield node.kpi
            case model.Stages():
                yield node.balance
            case model.Prohibition() if node.violated_by is not None:
                yield node.violated_by
            case _:
                pass
        listed = getattr(node, "list", None)
        if isinstance(listed, str):
            yield listed
        waiting += (getattr(node, field.name) for field in attrs.fields(type(node)) if field.name != "span")


# ---- the plain writings --------------------------------------------------------------------------


def as_csv(form: Form) -> dict[str, str]:
    """The files of the form by their names: one for each table, and one that says how to fill them in."""
    files = {}
    for sheet in form.sheets:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        headings = [column.heading for column in sheet.columns]
        if sheet.kind == "once":
            writer.writerow([word.text(form.lang) for word in ONCE])
            writer.writerows([heading, ""] for heading in headings)
        else:
            writer.writerow(headings)
            writer.writerows([key, *[""] * (len(headings) - 1)] for key in sheet.rows)
        files[f"{sheet.tab}.csv"] = out.getvalue()
    return {f"{form.notes_tab}.txt": as_text(form), **files}


def as_text(form: Form) -> str:
    """How to fill the form in, table by table and column by column."""
    colon = "：" if form.lang == "zh" else ": "
    lines = [form.title, "", *(f"{i}. {note}" for i, note in enumerate(form.notes, 1))]
    for sheet in form.sheets:
        lines += ["", f"[{sheet.tab}] {sheet.about}"]
        lines += [f"  {column.heading}{colon}{_joined(column.note, form.lang)}" for column in sheet.columns]
    return "\n".join(lines) + "\n"


def as_json(form: Form) -> str:
    """The form as one object, every value null. It holds no notes; those of a schema say the same."""
    data: dict[str, object] = {}
    for sheet in form.sheets:
        match sheet.kind:
            case "periods":
                data[sheet.name] = {key: _blank(sheet.columns[1:]) for key in sheet.rows}
            case "once":
                data[sheet.name] = _blank(sheet.columns)
            case _:
                data[sheet.name] = []
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _blank(columns: Iterable[Column]) -> dict[str, object]:
    values: dict[str, object] = {}
    for column in columns:
        if column.part is None:
            values[column.heading] = None
            continue
        parts = values.setdefault(column.name, {})
        assert isinstance(parts, dict)
        parts[column.heading.removeprefix(column.name + ".")] = None
    return values
