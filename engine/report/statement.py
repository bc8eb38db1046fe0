"""The statement as rows of typed cells: a result document arranged for a reader, before words and layout.

A cell keeps what it is (an amount, a day, a word of the closed vocabulary, a name of the contract's own), so
that every rendering shows the same rows and each spells them in its own way.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import attrs

from clausal.dsl.periods import month_length
from clausal.dsl.wording import decimals, plain_money

Document = Mapping[str, Any]
Record = Mapping[str, Any]


@attrs.frozen
class Text:
    """A name, an id or a sentence of the contract's or the facts' own: never translated."""

    text: str


@attrs.frozen
class Names:
    """Names of the contract in a row."""

    names: tuple[str, ...]


@attrs.frozen
class Word:
    """A word of the result's closed vocabulary; `scope` tells apart equal words in different roles."""

    scope: str
    word: str


@attrs.frozen
class Amount:
    """Money as the document spells it, with its currency (empty where the row leaves it open)."""

    value: str
    currency: str


@attrs.frozen
class Day:
    iso: str


@attrs.frozen
class Span:
    """Days from `first` to `last`, both included."""

    first: str
    last: str


@attrs.frozen
class Whole:
    """A count of `unit`s, such as days in default; a bare number where `unit` is empty."""

    number: int
    unit: str = ""


@attrs.frozen
class Number:
    """A figure that is not money, in decimal digits, with its unit or an empty one."""

    digits: str
    unit: str = ""


@attrs.frozen
class Blank:
    """Does not apply here."""


Cell = Text | Names | Word | Amount | Day | Span | Whole | Number | Blank


@attrs.frozen
class Detail:
    """What is said under a row: a label and what stands behind it. A key with a scope is SCOPE.WORD."""

    key: str
    cells: tuple[Cell, ...] = ()


@attrs.frozen
class Column:
    key: str
    right: bool = False


@attrs.frozen
class Row:
    cells: tuple[Cell, ...]
    details: tuple[Detail, ...] = ()
    alarm: bool = False


@attrs.frozen
class Section:
    """A titled table: `pair` is who owes or pays whom, `currency` that of every amount in it (empty where
    they differ); where it is not `headed`, the first cell of a row says what the second is.
    """

    key: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    pair: tuple[str, ...] = ()
    currency: str = ""
    notes: tuple[Detail, ...] = ()
    headed: bool = True


@attrs.frozen
class MonthPart:
    """`state` is the word, and where a special state began in this month, the day and the reason after it."""

    month: str
    state: tuple[Cell, ...]
    to_date: bool
    sections: tuple[Section, ...]


@attrs.frozen
class Sections:
    """A whole statement: title and facts of the run, the months, and what looks beyond them."""

    title: str
    heading: tuple[Detail, ...]
    months: tuple[MonthPart, ...]
    closing: tuple[Section, ...]


BLANK = Blank()
MOVEMENTS = (
    ("accrued", 1),
    ("interest", 1),
    ("penalties", 1),
    ("tax", 1),
    ("adjusted", 1),
    ("withheld", -1),
    ("written_off", -1),
    ("paid", -1),
    ("refunded", 1),
)
OVERDUE_STATUSES = ("breached",)
# What the status of an event is one of; else it is one of an obligation.
STATUS_SCOPES = (
    ("kpi", ("met", "missed", "not assessed")),
    ("level", ("opened", "answered", "expired", "stopped", "exhausted")),
    ("approval", ("granted", "blocked")),
)


def rows(document: Document, party: str | None = None, month: str | None = None) -> Sections:
    """A result document (of `result.schema.json`) as sections.

    `party` keeps what that party owes, is owed, holds or did; `month` keeps one month ("2026-02"), and what
    looks ahead from `as_of` only with the last one. Raises ValueError where the result has no such month.
    """
    chosen = select(document, party, month)
    return Sections(
        title=chosen["contract"]["title"],
        heading=_heading(chosen),
        months=tuple(_month(part, chosen["as_of"]) for part in chosen["months"]),
        closing=tuple(_closing(chosen)),
    )


# Choosing


def select(document: Document, party: str | None = None, month: str | None = None) -> dict[str, Any]:
    """The same document with only what concerns `party` and `month`; ids and figures are untouched."""
    chosen = dict(document)
    if month is not None:
        _select_month(chosen, month)
    if party is not None:
        _select_party(chosen, party)
    return chosen


def _select_month(chosen: dict[str, Any], month: str) -> None:
    given = [part["month"] for part in chosen["months"]]
    if month not in given:
        raise ValueError(f"no month {month} in this result: it has {', '.join(given) or 'none'}")
    chosen["months"] = [part for part in chosen["months"] if part["month"] == month]
    restatement = chosen["restatement"]
    chosen["restatement"] = [row for row in restatement if month in (row["origin"], row["booked_in"])]
    if month != given[-1]:
        chosen["contingent"] = []
        chosen["upcoming"] = []
    if chosen["settlement"] is not None and not chosen["settlement"]["as_of"].startswith(month):
        chosen["settlement"] = None


def _select_party(chosen: dict[str, Any], party: str) -> None:
    others = _ids_between_others(chosen, party)
    chosen["months"] = [_month_of_party(part, party, others) for part in chosen["months"]]
    settlement = chosen["settlement"]
    if settlement is not None:
        chosen["settlement"] = {
            "as_of": settlement["as_of"],
            "items": _involving(settlement["items"], party, "owed_by", "owed_to"),
            "totals": _involving(settlement["totals"], party, "from", "to"),
        }
    chosen["restatement"] = _involving(chosen["restatement"], party, "from", "to")
    sides = ((row, (row["from"], row["to"])) for row in chosen["contingent"])
    chosen["contingent"] = [row for row, pair in sides if party in pair or pair == (None, None)]
    chosen["upcoming"] = [row for row in chosen["upcoming"] if row["subject"] not in others]


def _month_of_party(part: Record, party: str, others: set[str]) -> dict[str, Any]:
    return {
        **part,
        "obligations": _involving(part["obligations"], party, "debtor", "creditor"),
        "penalties": _involving(part["penalties"], party, "debtor", "creditor"),
        "breaches": [row for row in part["breaches"] if party in row["by"] or row["of"] not in others],
        "rights": [row for row in part["rights"] if row["id"] not in others],
        "events": [row for row in part["events"] if row["subject"] not in others],
        "undetermined": [row for row in part["undetermined"] if row["what"] not in others],
        "payments": _involving(part["payments"], party, "payer", "payee"),
        "ledger": _involving(part["ledger"], party, "from", "to"),
    }


def _involving(records: Iterable[Record], party: str, *keys: str) -> list[Record]:
    return [row for row in records if party in tuple(row[key] for key in keys)]


def _ids_between_others(document: Document, party: str) -> set[str]:
    """Ids of lines, payments and rights in which `party` has no part; what has no such id concerns all."""
    others: set[str] = set()
    for part in document["months"]:
        for row in part["obligations"]:
            if row["creditor"] is not None and party not in (row["debtor"], row["creditor"]):
                others.add(row["id"])
        for row in part["payments"]:
            if row["ref"] != "credit" and party not in (row["payer"], row["payee"]):
                others.add(row["ref"])
    for part in document["months"]:
        for row in part["rights"]:
            if row["holder"] != party and row["over"] in others:
                others.add(row["id"])
    return others


# Heading and months


def _heading(document: Document) -> tuple[Detail, ...]:
    heading = [
        Detail("as_of", (Day(document["as_of"]),)),
        Detail("complete_through", (Day(document["complete_through"]),)),
    ]
    for source, day in sorted(document["completeness"].items()):
        if day != document["complete_through"]:
            heading.append(Detail("complete_source", (Text(source), Day(day))))
    return tuple(heading)


def _month(part: Record, as_of: str) -> MonthPart:
    sections = [
        *_ledgers(part["ledger"]),
        *_values(part["values"]),
        *_obligations(part["obligations"]),
        *_penalties(part["penalties"]),
        *_breaches(part["breaches"]),
        *_rights(part["rights"]),
        *_payments(part["payments"]),
        *_balances(part["balances"]),
        *_events(part["events"]),
        *_undetermined(part["undetermined"]),
    ]
    year, number = part["month"].split("-")
    to_date = as_of < f"{part['month']}-{month_length(int(year), int(number)):02d}"
    return MonthPart(part["month"], _state(part), to_date, tuple(sections))


def _state(part: Record) -> tuple[Cell, ...]:
    state = part["state"]
    cells: tuple[Cell, ...] = (Word("state", state),)
    for event in reversed(part["events"]):
        if state in ("pending", "active"):
            break
        if event["kind"] == "state" and event["args"].get("to") == state:
            cells += (Day(event["date"]),)
            if event["args"].get("reason"):
                cells += (Word("reason", event["args"]["reason"]),)
            break
    return cells


def _ledgers(ledger: Sequence[Record]) -> list[Section]:
    sections = []
    for row in ledger:
        currency = row["currency"]
        lines = [Row((Word("ledger", "opening"), Amount(row["opening"], currency)))]
        for key, sign in MOVEMENTS:
            if not _nil(row[key]):
                lines.append(Row((Word("ledger", key), Amount(_signed(row[key], sign), currency))))
        closing = row["closing"]
        lines.append(Row((Word("ledger", "closing"), Amount(closing, currency))))
        notes = [
            Detail(f"ledger.{key}", (Amount(row["of_which"][key], currency),))
            for key in ("not_due", "due", "overdue", "retained", "credit", "disputed")
            if not _nil(row["of_which"][key])
        ]
        notes += [
            Detail(f"aging.{key}", (Amount(row["aging"][key], currency),))
            for key in ("1-30", "31-60", "61-90", "over 90")
            if not _nil(row["aging"][key])
        ]
        if row["excludes"]:
            notes.append(Detail("excludes", _texts(row["excludes"])))
        sections.append(
            Section(
                "ledger",
                (Column("movement"), Column("amount", right=True)),
                tuple(lines),
                pair=(row["from"], row["to"]),
                currency=currency,
                notes=tuple(notes),
                headed=False,
            )
        )
    return sections


def _values(values: Mapping[str, Record]) -> list[Section]:
    lines = []
    for name, value in values.items():
        details = []
        if value.get("to_date"):
            details.append(Detail("to_date"))
        for key in ("measure", "target"):
            if value.get(key) is not None:
                details.append(Detail(key, (_value(value[key]),)))
        for key in ("level", "attainment"):
            if value.get(key) is not None:
                details.append(Detail(key, (Text(value[key]),)))
        if value.get("run"):
            details.append(Detail("run", (Whole(value["run"]),)))
        if value.get("because"):
            details.append(Detail("because", (Word("reason", value["because"]),)))
        for key in ("needs", "missing", "presumed"):
            if value.get(key):
                details.append(Detail(key, _texts(value[key])))
        if value.get("clause"):
            details.append(Detail("clause", (Text(value["clause"]),)))
        cell = _value(value)
        details += [Detail("part", (Text(part["name"]), _value(part["value"]))) for part in value.get("parts", ())]
        details += [
            Detail("shortfall", (Text(part["name"]), _value(part["value"]))) for part in value.get("shortfall", ())
        ]
        if value.get("left") is not None:
            details.append(Detail("left", (_value(value["left"]),)))
        lines.append(Row((Text(name), cell), tuple(details), alarm=cell == Word("kpi", "missed")))
    return _section("values", (Column("name"), Column("value", right=True)), lines)


def _value(value: Record) -> Cell:
    if value.get("undetermined"):
        return Word("status", "undetermined")
    if "not_applicable" in value:
        return Word("reason", value["not_applicable"])
    match value["type"]:
        case "money" | "shares":
            return Amount(value["value"], value["currency"])
        case "kpi":
            return Word("kpi", value["status"])
        case "boolean":
            return Word("boolean", "true" if value["value"] else "false")
        case "date":
            return Day(value["value"])
        case "list":
            return Whole(value["count"], "records")
        case "text" | "moment":
            return Text(value["value"])
        case _:
            unit = value.get("unit") or ""
            return Number(_short(value["value"]), f"per {unit}" if value["type"] == "rate" and unit else unit)


def _obligations(obligations: Sequence[Record]) -> list[Section]:
    columns = (
        Column("line"),
        Column("due"),
        Column("amount", right=True),
        Column("paid", right=True),
        Column("open", right=True),
        Column("status"),
    )
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in obligations:
        pair = tuple(side for side in (row["debtor"], row["creditor"]) if side is not None)
        currency = "" if row["amount"] is None else row["amount"]["currency"]
        cells = (
            Text(row["id"]),
            _day(row["due"]),
            _amount(row["amount"]),
            _money(row["paid"], currency),
            _money(row["open"], currency),
            Word("status", row["status"]),
        )
        overdue = row["status"] in OVERDUE_STATUSES or row["overdue_since"] is not None
        groups.setdefault(pair, []).append(Row(cells, tuple(_obligation_details(row, currency)), alarm=overdue))
    sections = []
    for pair, lines in groups.items():
        sections += _section("obligations", columns, lines, pair)
    return sections


def _obligation_details(row: Record, currency: str) -> list[Detail]:
    details = []
    if row["what"] is not None:
        details.append(Detail(f"to.{row['action']}", (Text(row["what"]),)))
    if row.get("done"):
        details.append(Detail("done", (Text(row["done"]),)))
    if row.get("due_at"):
        details.append(Detail("due_at", (Text(row["due_at"]),)))
    if row.get("performed_at"):
        details.append(Detail("performed_at", (Text(row["performed_at"]),)))
    if row.get("hours_late"):
        details.append(Detail("hours_late", (Text(_hours(row["hours_late"])),)))
    if row["overdue_since"] is not None:
        details.append(Detail("overdue_since", (Day(row["overdue_since"]),)))
        details.append(Detail("days_overdue", (Whole(row["days_overdue"]),)))
    if row["performed_on"] is not None:
        details.append(Detail("performed_on", (Day(row["performed_on"]),)))
    if row["grace_until"] is not None and row["status"] in (
        "not yet due",
        "due",
        "in grace",
        "partly performed",
    ):
        details.append(Detail("grace_until", (Day(row["grace_until"]),)))
    interest = row["interest"]
    if interest is not None and not _nil(interest["booked"]):
        details.append(Detail("late_interest", (Amount(interest["booked"], currency),)))
        if not _nil(interest["open"]):
            details.append(Detail("interest_open", (Amount(interest["open"], currency),)))
    for key in ("withheld", "retained", "written_off", "disputed"):
        if row.get(key) is not None and not _nil(row[key]):
            details.append(Detail(key, (Amount(row[key], currency),)))
    if row["prorated"] is not None:
        details.append(Detail("prorated", (Text(f"{row['prorated']['days']}/{row['prorated']['of']}"),)))
    details += _parts(row, currency)
    details += _tax(row.get("tax"), currency)
    details += [Detail(f"flag.{flag}") for flag in row["flags"] if flag != "disputed" or row.get("disputed") is None]
    if row["needs"]:
        details.append(Detail("needs", _texts(row["needs"])))
    details += [Detail("note", (Text(note),)) for note in row["notes"]]
    if row["clause"] is not None:
        details.append(Detail("clause", (Text(row["clause"]),)))
    if "amendment" in row:
        details.append(Detail("amendment", (Text(row["amendment"]),)))
    return details


def _parts(row: Record, currency: str) -> Iterable[Detail]:
    """The parts of an amount and its steps, each with its tax where they bear different ones."""
    each_its_own = "tax" in row and row["tax"]["rate"] is None
    for part in row["parts"]:
        amount = Amount(part["amount"], currency)
        if part.get("of") is None and part["name"] != "reduced":
            yield Detail("part", (Text(part["name"]), amount))
        elif part.get("of") in (None, row["obligation"]):
            yield Detail(f"step.{part['name']}", (amount,))
        else:
            yield Detail(f"step.{part['name']}", (Text(part["of"]), amount))
        if each_its_own:
            yield from _tax(part.get("tax"), currency)


def _tax(tax: Record | None, currency: str) -> list[Detail]:
    """Net, rate, tax and gross of a line."""
    if tax is None:
        return []
    if tax["kind"] == "outside":
        return [Detail("tax_kind.outside")]
    details = [Detail("net", (Amount(tax["net"], currency),)), Detail("tax", (Amount(tax["tax"], currency),))]
    if tax["rate"] is not None:
        details.insert(1, Detail("tax_rate", (Text(tax["rate"]),)))
    return [*details, Detail("gross", (Amount(tax["gross"], currency),))]


def _penalties(penalties: Sequence[Record]) -> list[Section]:
    columns = (
        Column("kind"),
        Column("on_line"),
        Column("from"),
        Column("to"),
        Column("days", right=True),
        Column("rate"),
        Column("amount", right=True),
    )
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in penalties:
        details = []
        if row["capped"]:
            details.append(Detail("capped"))
        if row["clause"] is not None:
            details.append(Detail("clause", (Text(row["clause"]),)))
        cells = (
            Word("penalty", row["kind"]),
            Text(row["obligation"]),
            _day(row["from"]),
            _day(row["to"]),
            BLANK if row["days"] is None else Whole(row["days"]),
            _rate(row["rate"]),
            _amount(row["amount"]),
        )
        groups.setdefault((row["debtor"], row["creditor"]), []).append(Row(cells, tuple(details)))
    sections = []
    for pair, lines in groups.items():
        sections += _section("penalties", columns, lines, pair)
    return sections


def _breaches(breaches: Sequence[Record]) -> list[Section]:
    lines = []
    for row in breaches:
        details = []
        if row.get("deadline_at"):
            details.append(Detail("due_at", (Text(row["deadline_at"]),)))
        if row["graded_on"] is not None:
            details.append(Detail("graded_on", (Day(row["graded_on"]),)))
        if row["cured_on"] is not None:
            details.append(Detail("cured_on", (Day(row["cured_on"]),)))
        elif row["ended_on"] is not None:
            details.append(Detail("ended_on", (Day(row["ended_on"]),)))
        if row["grace_until"] is not None:
            details.append(Detail("grace_until", (Day(row["grace_until"]),)))
        if row["clause"] is not None:
            details.append(Detail("clause", (Text(row["clause"]),)))
        cells = (
            Text(row["of"]),
            Names(tuple(row["by"])),
            _day(row["deadline"]),
            Day(row["since"]),
            BLANK if row["grade"] is None else Word("grade", row["grade"]),
        )
        lines.append(Row(cells, tuple(details), alarm=row["ended_on"] is None))
    columns = (Column("of"), Column("by"), Column("deadline"), Column("since"), Column("grade"))
    return _section("breaches", columns, lines)


def _rights(rights: Sequence[Record]) -> list[Section]:
    lines = []
    for row in rights:
        details = []
        if row["over"] is not None:
            details.append(Detail(f"may.{row['effect']}", (Text(row["over"]),)))
        else:
            details.append(Detail(f"may.{row['effect']}"))
        for key in ("exercised_on", "cure_until", "effective_on"):
            if row[key] is not None:
                details.append(Detail(key, (Day(row[key]),)))
        if row["holder_in_breach"]:
            details.append(Detail("holder_in_breach", _texts(row["holder_in_breach"])))
        if row["needs"]:
            details.append(Detail("needs", _texts(row["needs"])))
        if row["clause"] is not None:
            details.append(Detail("clause", (Text(row["clause"]),)))
        cells = (
            Text(row["id"]),
            Text(row["holder"]) if row["holder"] is not None else BLANK,
            Day(row["opened"]),
            _day(row["lapses"]),
            _amount(row["stake"]),
            Word("right", row["status"]),
        )
        lines.append(Row(cells, tuple(details)))
    columns = (
        Column("right"),
        Column("holder"),
        Column("opened"),
        Column("lapses"),
        Column("at_stake", right=True),
        Column("status"),
    )
    return _section("rights", columns, lines)


def _payments(payments: Sequence[Record]) -> list[Section]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in payments:
        currency = row["amount"]["currency"]
        details = [
            Detail("applied", (Text(use["to"]), Word("part", use["part"]), Amount(use["amount"], currency)))
            for use in row["applied"]
        ]
        if not _nil(row["unapplied"]):
            details.append(Detail("unapplied", (Amount(row["unapplied"], currency),)))
        if row["for"] is not None:
            details.append(Detail("named", (Text(row["for"]),)))
        if row["reported"] is not None and row["reported"] != row["on"]:
            details.append(Detail("reported", (Day(row["reported"]),)))
        if row.get("provisional"):
            details.append(Detail("flag.provisional"))
        cells = (Text(row["ref"]), Word("payment", row["kind"]), Day(row["on"]), _amount(row["amount"]))
        groups.setdefault((row["payer"], row["payee"]), []).append(Row(cells, tuple(details)))
    columns = (Column("ref"), Column("kind"), Column("on"), Column("amount", right=True))
    sections = []
    for pair, lines in groups.items():
        sections += _section("payments", columns, lines, pair)
    return sections


def _balances(balances: Mapping[str, Record]) -> list[Section]:
    lines = []
    for name, row in balances.items():
        currency = row["currency"] or ""
        cells = tuple(
            _figure(row[key], currency, bool(row["needs"])) for key in ("opening", "added", "used", "closing")
        )
        details = [Detail("needs", _texts(row["needs"]))] if row["needs"] else []
        if row.get("because"):
            details.append(Detail("because", (Word("reason", row["because"]),)))
        if row.get("accrued"):
            details.append(Detail("accrued_on_it", (_figure(row["accrued"], currency, False),)))
        lines.append(Row((Text(name), *cells), tuple(details)))
    columns = (Column("name"), *(Column(key, right=True) for key in ("opening", "added", "used", "closing")))
    return _section("balances", columns, lines)


def _events(events: Sequence[Record]) -> list[Section]:
    lines = []
    for row in events:
        details = tuple(_args(row["args"]))
        cells = (Day(row["date"]), Word("event", row["kind"]), _subject(row["subject"]))
        lines.append(Row(cells, details, alarm=row["kind"] in ("alert", "conflict")))
    return _section("events", (Column("date"), Column("event"), Column("subject")), lines)


def _undetermined(undetermined: Sequence[Record]) -> list[Section]:
    lines = []
    for row in undetermined:
        details = []
        if row["needs"]:
            details.append(Detail("needs", _texts(row["needs"])))
        if "days" in row:
            details.append(Detail("for_days", (Span(row["days"]["from"], row["days"]["to"]),)))
        if "because" in row:
            details.append(Detail("because", (Word("reason", row["because"]),)))
        lines.append(Row((Text(row["what"]),), tuple(details)))
    return _section("undetermined", (Column("what"),), lines)


# Beyond the months


def _closing(document: Document) -> list[Section]:
    return [
        *_warnings(document["warnings"]),
        *_contingent(document["contingent"]),
        *_upcoming(document["upcoming"]),
        *_settlement(document["settlement"]),
        *_restatement(document["restatement"]),
        *_versions(document),
    ]


def _warnings(warnings: Sequence[Record]) -> list[Section]:
    lines = [
        Row(
            (Word("warning", row["code"]),),
            tuple(_args(row["args"])),
            alarm=True,
        )
        for row in warnings
        if row["code"] != "note"
    ]
    notes = [
        Row((Text(row["args"]["of"]),), (Detail("said", (Text(row["args"]["text"]),)),))
        for row in warnings
        if row["code"] == "note"
    ]
    return [
        *_section("warnings", (Column("what"),), lines),
        *_section("readings", (Column("subject"),), notes),
    ]


def _contingent(contingent: Sequence[Record]) -> list[Section]:
    lines = []
    for row in contingent:
        details = []
        if row["code"] is not None:
            scope = "effect" if row["kind"] == "right" else "code"
            details.append(Detail("code", (Word(scope, row["code"]),)))
        if row["days"] is not None:
            details.append(Detail("for_days", (Span(row["days"]["from"], row["days"]["to"]),)))
        details += _args(row["args"], "" if row["amount"] is None else row["amount"]["currency"])
        cells = (
            Word("contingent", row["kind"]),
            Text(row["subject"]),
            *(BLANK if row[side] is None else Text(row[side]) for side in ("from", "to")),
            _amount(row["amount"]),
        )
        lines.append(Row(cells, tuple(details)))
    columns = (
        Column("kind"),
        Column("subject"),
        Column("at_cost_of"),
        Column("in_favour_of"),
        Column("amount", right=True),
    )
    return _section("contingent", columns, lines)


def _upcoming(upcoming: Sequence[Record]) -> list[Section]:
    lines = []
    for row in upcoming:
        what, amount = Word("upcoming", row["kind"]), _amount(row["amount"])
        lines.append(Row((Day(row["date"]), what, _subject(row["subject"]), amount)))
    columns = (Column("date"), Column("what"), Column("subject"), Column("amount", right=True))
    return _section("upcoming", columns, lines)


def _settlement(settlement: Record | None) -> list[Section]:
    if settlement is None:
        return []
    groups: dict[tuple[str, ...], list[Row]] = {}
    for item in settlement["items"]:
        amount: Cell = Word("status", "undetermined")
        pair: tuple[str, ...] = (item["owed_by"], item["owed_to"])
        if item["amount"] is not None:
            # Credit is set against the debts of its account, and stands there with its sign.
            credit = item["part"] == "credit"
            amount = Amount(_signed(item["amount"], -1 if credit else 1), item["currency"])
            pair = (pair[1], pair[0]) if credit else pair
        cells = (Text(item["id"]), Word("part", item["part"]), _day(item["due"]), amount)
        groups.setdefault(pair, []).append(Row(cells))
    for total in settlement["totals"]:
        summed: tuple[Cell, ...] = (
            Word("ledger", "total"),
            BLANK,
            BLANK,
            Amount(total["amount"], total["currency"]),
        )
        groups.setdefault((total["from"], total["to"]), []).append(Row(summed))
    columns = (Column("line"), Column("part"), Column("due"), Column("amount", right=True))
    sections = []
    for pair, lines in groups.items():
        for section in _section("settlement", columns, lines, pair):
            sections.append(attrs.evolve(section, notes=(Detail("as_of", (Day(settlement["as_of"]),)),)))
    return sections


def _restatement(restatement: Sequence[Record]) -> list[Section]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in restatement:
        currency = row["currency"]
        before, after = (_restated(row[key], row["kind"], currency) for key in ("as_issued", "as_now"))
        cells = (
            Text(row["origin"]),
            Text(row["line"]),
            Word("restated", row["kind"]),
            before,
            after,
            _money(row["difference"], currency),
            Text(row["booked_in"]),
        )
        groups.setdefault((row["from"], row["to"]), []).append(Row(cells))
    columns = (
        Column("origin"),
        Column("line"),
        Column("kind"),
        Column("as_issued", right=True),
        Column("as_now", right=True),
        Column("difference", right=True),
        Column("booked_in"),
    )
    sections = []
    for pair, lines in groups.items():
        sections += _section("restatement", columns, lines, pair)
    return sections


def _restated(value: str | None, kind: str, currency: str) -> Cell:
    if value is not None and kind == "status":
        return Word("status", value)
    return _money(value, currency)


def _versions(document: Document) -> list[Section]:
    lines = [Row((Word("version", "engine"), Text(document["engine"])))]
    lines += [
        Row((Word("version", name), Text(str(value))))
        for name, value in document["versions"].items()
        if name != "amendments"
    ]
    for each in document["versions"].get("amendments", ()):
        lines.append(Row((Word("version", "contract"), Text(f"{each['amendment']} ({each['effective']})"))))
    if document["contract"]["version"] is not None:
        lines.append(Row((Word("version", "contract"), Text(document["contract"]["version"]))))
    lines.append(Row((Word("version", "contract_sha256"), Text(document["contract"]["sha256"]))))
    lines.append(Row((Word("version", "inputs_sha256"), Text(document["inputs_sha256"]))))
    return [
        attrs.evolve(each, headed=False) for each in _section("versions", (Column("name"), Column("version")), lines)
    ]


# Small pieces


def _section(
    key: str,
    columns: Sequence[Column],
    lines: Sequence[Row],
    pair: tuple[str, ...] = (),
) -> list[Section]:
    """One section without the columns that nothing fills, or none where there is nothing to show."""
    if not lines:
        return []
    filled = [at for at in range(len(columns)) if any(not isinstance(line.cells[at], Blank) for line in lines)]
    kept = tuple(Row(tuple(line.cells[at] for at in filled), line.details, line.alarm) for line in lines)
    amounts = (cell for line in kept for cell in _cells(line) if isinstance(cell, Amount))
    found = {amount.currency for amount in amounts if amount.currency}
    return [Section(key, tuple(columns[at] for at in filled), kept, pair, found.pop() if len(found) == 1 else "")]


def _cells(line: Row) -> Iterable[Cell]:
    yield from line.cells
    for detail in line.details:
        yield from detail.cells


def _args(args: Record, currency: str = "") -> list[Detail]:
    said = [(key, value) for key, value in args.items() if value or key not in ("run", "from", "to")]
    return [Detail(f"arg.{key}", _arg(key, value, currency)) for key, value in said]


def _arg(key: str, value: Any, currency: str = "") -> tuple[Cell, ...]:
    """An argument of an event or warning, typed by its key and its looks."""
    if value is None:
        return (BLANK,)
    if isinstance(value, bool):
        return (Word("boolean", "true" if value else "false"),)
    if isinstance(value, int):
        return (Whole(value),)
    if isinstance(value, list):
        return _texts([str(each) for each in value])
    match key:
        case "status":
            return (Word(next((scope for scope, words in STATUS_SCOPES if value in words), "status"), value),)
        case "from" | "to" if value in ("pending", "active", "suspended", "ending", "ended"):
            return (Word("state", value),)
        case "code" | "reason" | "because":
            return (Word("reason", value),)
        case "effect":
            return (Word("effect", value),)
        case "loss" | "threshold" | "agreed" | "interest" | "penalty" | "price" | "paid" | "effective" if currency:
            return (_exact_amount(value, currency),)
        case _:
            return (Amount(value, "") if _is_money(value) else Text(value),)


def _exact_amount(text: str, currency: str) -> Cell:
    try:
        return Amount(plain_money(Fraction(text), decimals(currency)), currency)
    except ValueError:
        return Text(text)


def _is_money(text: str) -> bool:
    whole, _, decimals = text.removeprefix("-").partition(".")
    return whole.isdecimal() and whole.isascii() and decimals.isdecimal() and decimals.isascii()


def _subject(text: str) -> Cell:
    return Word("subject", text) if text == "contract" else Text(text)


def _texts(names: Iterable[str]) -> tuple[Cell, ...]:
    return (Names(tuple(names)),)


def _rate(text: str | None) -> Cell:
    """ "0.05% per day" as a figure with its unit; what is not of that form stands as it is."""
    if text is None:
        return BLANK
    digits, per, unit = text.partition(" per ")
    return Number(digits, f"per {unit}") if per and "," not in text else Text(text)


def _day(iso: str | None) -> Cell:
    return BLANK if iso is None else Day(iso)


def _amount(amount: Record | None) -> Cell:
    return BLANK if amount is None else Amount(amount["value"], amount["currency"])


def _money(value: str | None, currency: str) -> Cell:
    return BLANK if value is None else Amount(value, currency)


def _figure(value: str | None, currency: str, undetermined: bool) -> Cell:
    if value is None:
        return Word("status", "undetermined") if undetermined else BLANK
    return Amount(value, currency) if currency else Number(value)


def _short(digits: str) -> str:
    """A figure that never ends, with four decimals and a sign that there are more; the document has twelve of them."""
    whole, point, rest = digits.partition(".")
    mark = rest.lstrip("0123456789")
    decimals_ = rest.removesuffix(mark)
    return digits if len(decimals_) < 12 else f"{whole}{point}{decimals_[:4]}…{mark}"


def _hours(value: str) -> str:
    """Hours in decimals as hours and minutes: `26:15`."""
    minutes = round(Fraction(value) * 60)
    return f"{minutes // 60}:{minutes % 60:02d}"


def _nil(value: str) -> bool:
    return not value.strip("-0.")


def _signed(value: str, sign: int) -> str:
    if sign > 0 or _nil(value):
        return value
    return value[1:] if value.startswith("-") else "-" + value
