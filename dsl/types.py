"""The types of the language and how each is spelled to a reader.

At run time a value is a plain Python object whose meaning its type gives:

    boolean                       bool
    number, percent, points,
    count, money, rate            int or Fraction (money in units of its currency; 5% is 1/20, 2pp is 1/50)
    date / moment                 datetime.date / datetime.datetime (naive, in the contract's zone)
    duration                      Duration
    text, one of, party           str
    any of them                   Unknown or NotApplicable (dsl/values.py)

Exactness is by construction: no value is ever a float.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

# The words of time that the tree and the model share.
Grain: TypeAlias = Literal["daily", "weekly", "monthly", "quarterly", "yearly", "once"]
Unit: TypeAlias = Literal["hours", "days", "business days", "weeks", "months", "quarters", "years"]
PerUnit: TypeAlias = Literal["day", "week", "month", "year"]
Shift: TypeAlias = Literal["next", "previous", "unshifted"]
Missing: TypeAlias = Literal["skipping", "resetting"]

Kind: TypeAlias = Literal[
    "boolean",
    "number",
    "percent",
    "points",
    "count",
    "money",
    "rate",
    "date",
    "moment",
    "duration",
    "text",
    "one of",
    "party",
    "intervals",
    "notice",
    "payments",
    "list",
    "record",
    "shares",
]


@attrs.frozen
class Field:
    """A field of a list's records; an `optional` one may be blank."""

    name: str
    type: Type
    optional: bool = False


@attrs.frozen
class Type:
    """One class for all types: `kind`, and what that kind takes.

    `currency` for money (and for a rate of money: `CNY per day`), `unit` for a count ("dealers"), `per` for a rate
    ("day", "week", "month", "year"), `choices` for one of, `fields` for list and record, `parties` for shares.
    """

    kind: Kind
    currency: str | None = None
    unit: str | None = None
    per: str | None = None
    choices: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    parties: tuple[str, ...] = ()


BOOLEAN = Type("boolean")
NUMBER = Type("number")
PERCENT = Type("percent")
POINTS = Type("points")
DATE = Type("date")
MOMENT = Type("moment")
DURATION = Type("duration")
TEXT = Type("text")
PARTY = Type("party")

# The built-in record of `intervals`, both days included; a blank `until` is not over yet.
INTERVAL_FIELDS = (Field("from", DATE), Field("until", DATE, optional=True))

# The built-in record of `payments`; a `?` field may be blank.
PAYMENT_KINDS = ("payment", "refund", "set off", "write off")


def money(currency: str) -> Type:
    return Type("money", currency=currency)


def is_numeric(t: Type) -> bool:
    """Whether values of the type are int or Fraction."""
    return t.kind in ("number", "percent", "points", "count", "money", "rate")


def spell(t: Type) -> str:
    """The type as the English keyword set writes it, for messages: `money CNY`, `count "dealers"`, `rate per day`."""
    match t.kind:
        case "money":
            return f"money {t.currency}"
        case "count":
            return f'count "{t.unit}"' if t.unit else "count"
        case "points":
            return "percentage points"
        case "rate":
            of = f"{t.currency} " if t.currency else ""
            return f"rate {of}per {t.per}"
        case "one of":
            return "one of {" + ", ".join(f'"{c}"' for c in t.choices) + "}"
        case "list":
            return "list of {" + ", ".join(f.name for f in t.fields) + "}"
        case _:
            return t.kind
