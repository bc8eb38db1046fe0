"""What happened, by period and by record, each with the place that it was read from.

Facts are frozen data in the types of the contract: `engine/intake.py` makes them from files and dicts, a scenario makes
them from its literals. What is absent here is unknown, unless its fact is *carried* (its file, column or key was there),
is a happening, and so did not happen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import attrs

from clausal.dsl.values import Exact, Scalar, Value


@attrs.frozen
class Origin:
    """Where a cell stands: `sales.csv`, sheet (of a workbook), row (1-based, as an editor counts), column, its text."""

    file: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    text: str | None = None


@attrs.frozen
class Cell:
    """One known value. `value` None: carried and blank. `unknown` True: the source says that it is not known."""

    value: Scalar | Notice | None
    origin: Origin
    unknown: bool = False


@attrs.frozen
class Notice:
    sent: dt.date | None
    received: dt.date | None


@attrs.frozen
class Record:
    """A row of a list. `on` is its `dated by` date; `key` the `keyed by` value, or its date and place among that date's.

    `fields` has every declared field; a blank optional one is a `Cell` with value None.
    """

    key: str
    on: dt.date
    fields: Mapping[str, Cell]
    reported: dt.date | None
    origin: Origin


@attrs.frozen
class Payment:
    """A row of a `payments` list. `amount` in units of the currency, never negative; `kind` as in types.PAYMENT_KINDS.

    `for_` is what the payer named: an instance id (`pay_fee@2026-03`), an obligation's name, or None.
    """

    ref: str
    payer: str
    payee: str
    currency: str
    amount: Exact
    on: dt.date
    reported: dt.date | None
    for_: str | None
    kind: str
    source: str
    origin: Origin


@attrs.frozen
class Closing:
    """A run that was made before: its day and what was complete then, by fact name (None: the default)."""

    as_of: dt.date
    complete_through: Mapping[str | None, dt.date]


@attrs.frozen
class Facts:
    """`scalars[name][period key]`; `once` facts have the key "once". `records[list name]` and `payments[list name]` in
    order of date and key (ref). `carried` has the names of happenings that were supplied, even empty."""

    scalars: Mapping[str, Mapping[str, Cell]] = attrs.Factory(dict)
    records: Mapping[str, tuple[Record, ...]] = attrs.Factory(dict)
    payments: Mapping[str, tuple[Payment, ...]] = attrs.Factory(dict)
    carried: frozenset[str] = frozenset()
    closings: tuple[Closing, ...] = ()
    complete_through: Mapping[str | None, dt.date] = attrs.Factory(dict)
    months: tuple[str, ...] = ()
    sha256: str = ""


@attrs.frozen
class Past:
    """An earlier run: its day, what was complete then, its parameters, and the facts that were new to it."""

    as_of: dt.date
    complete_through: Mapping[str | None, dt.date]
    parameters: Mapping[str, Value]
    facts: Facts
