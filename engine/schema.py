"""The JSON Schema of a contract's facts: what a JSON file of facts may hold, so that other programs can check theirs.

It describes the layouts of docs/facts.md with their tables by grain or by period. What it refuses, engine/intake.py
refuses too, but for spellings that only people write (full-width digits); and what intake refuses because of a value's
type, it refuses. What one value has to do with another (a key that stands twice, a day before another) is left to intake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from clausal.dsl import model
from clausal.dsl.diagnostics import Both, Lang
from clausal.dsl.types import DATE, INTERVAL_FIELDS, TEXT, Type, money
from clausal.dsl.values import FINEST
from clausal.engine import cells
from clausal.engine.forms import CLOSING, INTERVAL, NOTICE, PAYMENT, TABLES, Form, form
from clausal.engine.intake import EVERY_SOURCE, PAYMENT_WORDS, dating_field

Schema: TypeAlias = dict[str, Any]

_DIGITS: Final = r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?"
_NUMBER: Final = rf"[+-]?{_DIGITS}"
_SCALE: Final = f"(?: *(?:{'|'.join(cells.SCALES)}))?"
_SPOKEN: Final = "[零〇一二两三四五六七八九十百千点]{1,20}"
_PERCENT: Final = rf"(?:{_NUMBER} *[%％‰‱]|[+-]?0+(?:\.0+)?|(?:百分之|千分之|万分之) *(?:{_NUMBER}|{_SPOKEN}))"
_YEAR: Final = "(?:19|2[01])[0-9]{2}"
_DAYS: Final = (
    ("(?:0?[13578]|1[02])", "(?:0?[1-9]|[12][0-9]|3[01])"),
    ("(?:0?[469]|11)", "(?:0?[1-9]|[12][0-9]|30)"),
    ("0?2", "(?:0?[1-9]|[12][0-9])"),
)
_DAY: Final = "(?:{})".format(
    "|".join(
        rf"{_YEAR}-{month}-{day}|{_YEAR}/{month}/{day}|{_YEAR}年{month}月{day}日" for month, day in _DAYS
    )
)  # fmt: skip
_TIME: Final = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?"
_HOURS: Final = "(?:[01]?[0-9]|2[0-3])时(?:[0-5]?[0-9]分)?"
_MONTH: Final = "(?:0?[1-9]|1[0-2])"
_PERIODS: Final[Mapping[str, str]] = {
    "monthly": f"{_YEAR}(?:[-/]{_MONTH}|年{_MONTH}月)",
    "quarterly": f"{_YEAR}(?:[-/ ]?[Qq][1-4]|年?第?[1-4一二三四]季度)",
    "weekly": f"{_YEAR}(?:[-/ ]?[Ww](?:[1-9]|[0-4][0-9]|5[0-3])|年?第(?:[1-9]|[0-4][0-9]|5[0-3])周)",
    "daily": _DAY,
    "yearly": f"{_YEAR}年?(?:度)?",
}
_UNSEEN: Final = (
    r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
)
_PLAIN_TEXT: Final = rf"^[^{_UNSEEN}]*$"
_SOME_TEXT: Final = rf"^[^{_UNSEEN}]*[^{_UNSEEN}\s][^{_UNSEEN}]*$"
_KNOWN_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "unknown": ("unknown", "Unknown", "UNKNOWN", "未知"),
    "none": ("none", "None", "NONE", "无"),
}

_ABOUT: Final = Both("The facts that the contract asks for", "合同所需的数据")
_ABOUT_PERIOD: Final = Both("What is known of one period", "某一期间的数据")
_ABOUT_COMPLETE: Final = Both(
    "The day up to which the facts are complete, for all or by source",
    "数据完整收集到哪一天，可以统一给出，也可以按来源给出",
)


def facts_schema(contract: model.Contract, lang: Lang) -> Schema:
    """A JSON Schema (draft 2020-12) of the contract's facts, with descriptions in that language."""
    made = form(contract, lang)
    notes = _notes(made)
    about = {sheet.name: {"description": sheet.about} for sheet in made.sheets}
    types = _Types(contract)
    names = dict.fromkeys(fact.name for fact in contract.facts)
    lists = [fact for fact in contract.facts if fact.type.kind in ("list", "payments", "intervals")]
    properties: Schema = {}
    patterns: Schema = {}
    records = {}
    for fact in lists:
        record = _payment(types, fact, notes) if fact.type.kind == "payments" else _record(types, fact, notes)
        rows = {**about[fact.name], "type": "array", "items": record}
        records[fact.name] = types.named(f"list {fact.name}", rows)
    for grain, pattern in _PERIODS.items():
        values = _values(types, grain, notes)
        one = types.named(f"one {grain}", {"description": _ABOUT_PERIOD.text(lang), **_object(values | records)})
        patterns[_whole(pattern)] = one
        if values:
            row = types.named(f"row {grain}", {**_object(values), "type": ["object", "null"]})
            table = {**about[_called(made, grain)], **_by_period(pattern, row)}
            _under(properties, TABLES[grain], types.named(f"table {grain}", table))
            properties |= {name: _by_period(pattern, value) for name, value in values.items() if name in names}
    once = _values(types, "once", notes)
    if once:
        table = types.named("table once", {**about[_called(made, "once")], **_object(once)})
        _under(properties, TABLES["once"], table)
        properties |= once
    properties |= records
    day = types.of(DATE, blank=False)
    sources = dict.fromkeys((*names, *(fact.source for fact in contract.facts if fact.source), *sorted(EVERY_SOURCE)))
    closing = {"source": {"enum": [*sources, None]}, "as_of": types.of(DATE), "complete_through": types.of(DATE)}
    rows = _object({word: value for name, value in closing.items() for word in _words(CLOSING[name])})
    _under(properties, TABLES["closings"], {**about[_called(made, "closings")], "type": "array", "items": rows})
    complete = {"anyOf": [day, _object(dict.fromkeys(sources, day))]}
    _under(properties, CLOSING["complete_through"], {"description": _ABOUT_COMPLETE.text(lang), **complete})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": contract.header.title,
        "description": _ABOUT.text(lang),
        "type": "object",
        "properties": properties,
        "patternProperties": patterns,
        "additionalProperties": False,
        "$defs": types.definitions,
    }


def _called(made: Form, table: str) -> str:
    """The name of a table in the form."""
    return next(sheet.name for sheet in made.sheets if sheet.name in _words(TABLES[table]))


def _notes(made: Form) -> dict[tuple[str, str], str]:
    """What the form says of each column, by the fact (or the list) and the heading's name."""
    mark = "；" if made.lang == "zh" else "; "
    found = {}
    for sheet in made.sheets:
        for column in sheet.columns:
            of = (sheet.name, column.name) if sheet.kind == "list" else (column.name, column.part or "")
            found[of] = mark.join(column.note)
    return found


def _words(both: Both) -> tuple[str, ...]:
    return tuple(dict.fromkeys((both.en, both.zh)))


def _under(properties: Schema, both: Both, schema: Schema) -> None:
    """Under its name in either language, where no fact has that name."""
    for word in _words(both):
        properties.setdefault(word, schema)


def _reference(name: str) -> str:
    """A key of `$defs` as a JSON pointer in a URI has it."""
    plain = name.replace("~", "~0").replace("/", "~1")
    kept = re.compile(r"[A-Za-z0-9_.~-]")
    return "".join(
        sign if kept.fullmatch(sign) else "".join(f"%{byte:02X}" for byte in sign.encode()) for sign in plain
    )


def _whole(pattern: str) -> str:
    return rf"^\s*(?:{pattern})\s*$"


def _object(properties: Schema, required: Iterable[str] = ()) -> Schema:
    needed = list(required)
    made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**made, "required": needed} if needed else made


def _by_period(pattern: str, value: Schema) -> Schema:
    return {"type": "object", "patternProperties": {_whole(pattern): value}, "additionalProperties": False}


# ---- values --------------------------------------------------------------------------------------


class _Types:
    """The schemas of the contract's types, each written down once, under a name of its own."""

    def __init__(self, contract: model.Contract) -> None:
        self.contract = contract
        self.definitions: Schema = {}

    def of(self, type: Type, blank: bool = True, unknown: bool = True, least: int | None = None) -> Schema:
        """What a value of the type may be: text, and where no doubt is left a number or a boolean. `blank`: also
        nothing, or the word that it is not known."""
        written = _value(self.contract, type, blank, unknown, least)
        parts = (type.kind, type.currency, type.unit, type.per, *type.choices, "" if blank else "given")
        return self.named(" ".join(part for part in parts if part), written)

    def named(self, name: str, schema: Schema) -> Schema:
        """A reference to the schema, which is written down under that name."""
        self.definitions[name] = schema
        return {"$ref": f"#/$defs/{_reference(name)}"}


def _value(contract: model.Contract, type: Type, blank: bool, unknown: bool, least: int | None) -> Schema:
    if type.kind == "text":
        text = {"type": "string", "pattern": _PLAIN_TEXT if blank else _SOME_TEXT}
        return {"anyOf": [{"type": ["number", "null"] if blank else "number"}, text]}
    ways: list[Schema] = []
    words = [*_KNOWN_WORDS["unknown"]] if unknown and blank else []
    if type.kind in ("date", "moment") and blank:
        words += _KNOWN_WORDS["none"]
    match type.kind:
        case "one of" | "party":
            if type.kind == "party":
                names = {party.name: None for party in contract.parties}
                names |= {party.title: None for party in contract.parties if party.title}
            else:
                names = dict.fromkeys(type.choices)
            ways.append({"enum": [*names, *(word for word in words if word not in names)]})
            words = []
        case "boolean":
            ways.append({"type": "boolean"})
            words += [_any_case(word) for word in (*sorted(cells.YES), *sorted(cells.NO))]
        case "money":
            ways.append({"type": "number"} if least is None else {"type": "number", "minimum": least})
            words.append(_money(type.currency or "", signed=least is None))
        case "number":
            ways.append({"type": "number"})
            words.append(_NUMBER + _SCALE)
        case "count":
            ways.append({"type": "integer"})
            unit = f"(?: *{re.escape(type.unit)})?" if type.unit else ""
            words.append(rf"(?:[+-]?(?:[0-9]+|[0-9]{{1,3}}(?:,[0-9]{{3}})+)(?:\.0+)?|{_NUMBER}{_SCALE[:-1]}){unit}")
        case "percent":
            ways.append({"const": 0})
            words.append(_PERCENT)
        case "points":
            words.append(rf"{_NUMBER} *(?:pp|个百分点|百分点|percentage points?)")
        case "rate":
            ways.append({"type": "number"} if type.currency is not None else {"const": 0})
            units = "|".join([type.per or "", *(w for w, unit in cells.PER_UNITS.items() if unit == type.per)])
            base = _PERCENT if type.currency is None else _money(type.currency, signed=True)
            words.append(rf"{base}(?: *(?:per *|/ *|每)(?:{units}))?|(?:{units}) *{base}")
        case "date":
            words.append(rf"{_DAY}(?:[T ]00:00(?::00)?)?")
        case "moment":
            words.append(rf"{_DAY}(?:[T ]{_TIME}| ?{_HOURS})")
        case "duration":
            units = "|".join(word for word, unit in cells.DURATIONS.items() if _measures(unit, type.unit))
            words.append(rf"[0-9]{{1,6}} *(?:{units})")
        case _:
            raise AssertionError(type.kind)
    if words:
        nothing = "|" if blank else ""
        ways.append({"type": "string", "pattern": _whole("|".join(words) + nothing)})
    if blank:
        ways.append({"type": "null"})
        if not words:
            ways.append({"type": "string", "pattern": r"^\s*$"})
    return ways[0] if len(ways) == 1 else {"anyOf": ways}


def _text(pattern: str) -> Schema:
    return {"anyOf": [{"type": "string", "pattern": _whole(pattern + "|")}, {"type": "null"}]}


def _money(currency: str, signed: bool) -> str:
    mark = (
        "(?:"
        + "|".join(re.escape(mark) for mark in (*cells.marks(currency), *("￥" * (currency in ("CNY", "JPY")))))
        + ")"
    )
    sign = "[+-]?" if signed else "[+]?"
    plain = f"{sign} *(?:{mark} *){{0,2}}{sign}{_DIGITS}{_SCALE}(?: *{mark})?"
    return rf"{plain}|\((?:{mark} *)?{_DIGITS}{_SCALE}(?: *{mark})?\)" if signed else plain


def _any_case(word: str) -> str:
    return "".join(f"[{sign.upper()}{sign}]" if sign.isascii() and sign.isalpha() else re.escape(sign) for sign in word)


def _measures(unit: str, of: str | None) -> bool:
    return of is None or FINEST[unit][0] == FINEST[of][0]


# ---- tables --------------------------------------------------------------------------------------


def _values(types: _Types, grain: str, notes: Mapping[tuple[str, str], str]) -> Schema:
    """The values of the facts of a grain, by what they may be called. Each is written down once."""
    made: Schema = {}
    for fact in types.contract.facts:
        if fact.grain != grain or fact.type.kind in ("list", "payments", "intervals"):
            continue
        if fact.type.kind != "notice":
            said = {"description": notes[fact.name, ""], **types.of(fact.type)}
            made[fact.name] = types.named(f"fact {fact.name}", said)
            continue
        parts: Schema = {}
        for part, both in NOTICE.items():
            said = {"description": notes[fact.name, part], **types.of(DATE)}
            day = types.named(f"fact {fact.name}.{part}", said)
            parts |= dict.fromkeys((*_words(both), both.zh.removesuffix("日")), day)
        whole = {"anyOf": [parts["received"], _object(parts)]}
        made[fact.name] = types.named(f"fact {fact.name}", whole)
        made |= {f"{fact.name}.{word}": day for word, day in parts.items()}
    return made


def _record(types: _Types, fact: model.FactDecl, notes: Mapping[tuple[str, str], str]) -> Schema:
    intervals = fact.type.kind == "intervals"
    fields = INTERVAL_FIELDS if intervals else fact.type.fields
    dating = dating_field(fact, fields)
    names: dict[str, tuple[str, ...]] = {}
    properties: Schema = {}
    for field in fields:
        names[field.name] = _words(INTERVAL[field.name]) if intervals else (field.name,)
        needed = field.name in (dating, fact.keyed_by)
        value = {"description": notes[fact.name, field.name], **types.of(field.type, blank=not needed)}
        properties |= dict.fromkeys(names[field.name], value)
    required = [names[field.name] for field in fields if not field.optional]
    if dating is None:
        month: Schema = {"type": "string", "pattern": _whole(_PERIODS["monthly"])}
        properties = {"month": month, "月份": month} | properties
        required.append(("month", "月份"))
    reported = {"description": notes.get((fact.name, "reported"), ""), **types.of(DATE)}
    properties = dict.fromkeys(_words(PAYMENT["reported"]), reported) | properties
    return _needing(properties, required)


def _payment(types: _Types, fact: model.FactDecl, notes: Mapping[tuple[str, str], str]) -> Schema:
    header = types.contract.header
    currencies = tuple(dict.fromkeys((header.currency, *header.currencies)))
    properties: Schema = {}
    for name, both in PAYMENT.items():
        match name:
            case "payer" | "payee":
                value = types.of(Type("party"), blank=False, unknown=False)
            case "on":
                value = types.of(DATE, blank=False, unknown=False)
            case "reported":
                value = types.of(DATE)
            case "amount":
                amounts = [types.of(money(c), blank=False, unknown=False, least=0) for c in currencies]
                value = amounts[0] if len(amounts) == 1 else {"anyOf": amounts}
            case "currency":
                renminbi = ("RMB", "人民币") if "CNY" in currencies else ()
                value = {"enum": [*currencies, *renminbi, "", None]}
            case "kind":
                value = _text("|".join(_any_case(word) for word in PAYMENT_WORDS))
            case _:
                value = types.of(TEXT)
        said: Schema = {"description": notes.get((fact.name, name), ""), **value}
        properties.update((word, said) for word in _words(both))
    return _needing(properties, [_words(PAYMENT[name]) for name in ("payer", "payee", "amount", "on")])


def _needing(properties: Schema, required: Iterable[tuple[str, ...]]) -> Schema:
    """An object that has each of these keys, under one of its names."""
    either = [{"anyOf": [{"required": [name]} for name in names]} for names in required if len(names) > 1]
    made = _object(properties, [names[0] for names in required if len(names) == 1])
    return {**made, "allOf": either} if either else made
