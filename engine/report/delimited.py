"""The lines of a statement for a spreadsheet or a data tool: CSV with one set of columns, and JSON Lines.

Keys are the document's, English in every language; figures are as in the document, ungrouped. Text that a
spreadsheet would take for a formula is kept text.
"""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from clausal.engine.report.statement import Document, Record, select

COLUMNS = (
    *("record", "month", "id", "obligation", "period", "clause", "from", "to", "currency"),
    *("kind", "status", "flags"),
    *("due", "grace_until", "on", "reported", "first_day", "last_day", "days", "rate"),
    *("amount", "paid", "open", "interest_booked", "interest_paid", "interest_open", "withheld", "unapplied"),
    *("overdue_since", "days_overdue", "performed_on", "prorated", "part", "exact_total", "capped"),
    *("opening", "accrued", "interest", "penalties", "tax", "adjusted", "written_off", "refunded", "closing"),
    *("not_due", "due_now", "overdue", "retained", "disputed", "credit"),
    *("aging_1_30", "aging_31_60", "aging_61_90", "aging_over_90"),
    *("what", "needs", "notes"),
)
FORMULA = "=+-@\t\r＝＋－＠"
MONTH_LISTS = (
    ("obligations", "obligation"),
    ("penalties", "penalty"),
    ("breaches", "breach"),
    ("rights", "right"),
    ("events", "event"),
    ("undetermined", "undetermined"),
    ("payments", "payment"),
    ("ledger", "ledger"),
)
RUN_LISTS = (
    ("restatement", "restatement"),
    ("contingent", "contingent"),
    ("upcoming", "upcoming"),
    ("warnings", "warning"),
)


def render_csv(document: Document, party: str | None = None, month: str | None = None) -> str:
    """A header, then a line for each obligation, penalty, payment, use of a payment and ledger row."""
    chosen = select(document, party, month)
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for part in chosen["months"]:
        for line in _month_lines(part):
            cells = {key: cell_text(value) for key, value in line.items()}
            writer.writerow({"month": part["month"], **cells})
    return out.getvalue()


def render_jsonl(document: Document, party: str | None = None, month: str | None = None) -> str:
    """One JSON object a line, each with its `record`: the run, then every row of the document as it is."""
    chosen = select(document, party, month)
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in _records(chosen))


def cell_text(value: Any) -> str:
    """A cell's text, marked as text by a leading apostrophe where a spreadsheet would calculate it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            text = "; ".join(str(each) for each in value)
        case _:
            text = str(value)
    return "'" + text if text.startswith(tuple(FORMULA)) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    whole, point, decimals = text.removeprefix("-").partition(".")
    digits = whole + (decimals if point else "0")
    return bool(whole) and digits.isascii() and digits.isdecimal()


def _month_lines(part: Record) -> Iterator[dict[str, Any]]:
    for row in part["obligations"]:
        yield _obligation(row)
    for row in part["penalties"]:
        yield _penalty(row)
    for row in part["payments"]:
        yield from _payment(row)
    for row in part["ledger"]:
        yield _ledger(row)


def _obligation(row: Record) -> dict[str, Any]:
    line = {key: row[key] for key in ("id", "obligation", "period", "clause", "status", "flags")}
    line |= {key: row[key] for key in ("due", "grace_until", "overdue_since", "days_overdue", "performed_on")}
    line |= {key: row[key] for key in ("paid", "open", "withheld", "what", "needs", "notes")}
    line |= {key: row.get(key) for key in ("retained", "written_off", "disputed")}
    line |= {"record": "obligation", "from": row["debtor"], "to": row["creditor"], "kind": row["action"]}
    if row["amount"] is not None:
        line |= {"currency": row["amount"]["currency"], "amount": row["amount"]["value"]}
    if row["interest"] is not None:
        line |= {f"interest_{key}": row["interest"][key] for key in ("booked", "paid", "open")}
    if row["prorated"] is not None:
        line["prorated"] = f"{row['prorated']['days']} of {row['prorated']['of']}"
    if "tax" in row:
        line["tax"] = row["tax"]["tax"]
    return line


def _penalty(row: Record) -> dict[str, Any]:
    line = {key: row[key] for key in ("id", "obligation", "clause", "kind", "days", "rate", "exact_total")}
    return line | {
        "capped": row["capped"],
        "record": "penalty",
        "from": row["debtor"],
        "to": row["creditor"],
        "first_day": row["from"],
        "last_day": row["to"],
        "currency": row["amount"]["currency"],
        "amount": row["amount"]["value"],
    }


def _payment(row: Record) -> Iterator[dict[str, Any]]:
    common = {
        "id": row["ref"],
        "on": row["on"],
        "from": row["payer"],
        "to": row["payee"],
        "currency": row["amount"]["currency"],
        "kind": row["kind"],
    }
    yield common | {
        "record": "payment",
        "obligation": row["for"],
        "reported": row["reported"],
        "amount": row["amount"]["value"],
        "unapplied": row["unapplied"],
        "flags": ["provisional"] if row.get("provisional") else [],
    }
    for use in row["applied"]:
        use_of = {"obligation": use["to"], "part": use["part"], "amount": use["amount"]}
        yield common | {"record": "applied"} | use_of


def _ledger(row: Record) -> dict[str, Any]:
    line = {key: value for key, value in row.items() if key not in ("of_which", "aging", "excludes")}
    line |= {"due_now" if key == "due" else key: value for key, value in row["of_which"].items()}
    line |= {f"aging_{key.replace('-', '_').replace(' ', '_')}": value for key, value in row["aging"].items()}
    return line | {"record": "ledger", "needs": row["excludes"]}


def _records(document: Document) -> Iterator[dict[str, Any]]:
    run = ("contract", "engine", "as_of", "complete_through", "inputs_sha256", "completeness", "versions")
    yield {"record": "run", **{key: document[key] for key in run}}
    for part in document["months"]:
        month = part["month"]
        yield {"record": "month", "month": month, "state": part["state"]}
        for name, value in part["values"].items():
            yield {"record": "value", "month": month, "name": name, **value}
        for name, balance in part["balances"].items():
            yield {"record": "balance", "month": month, "name": name, **balance}
        for key, record in MONTH_LISTS:
            for row in part[key]:
                yield {"record": record, "month": month, **row}
    settlement = document["settlement"]
    if settlement is not None:
        for row in settlement["items"]:
            yield {"record": "settlement", "as_of": settlement["as_of"], **row}
        for row in settlement["totals"]:
            yield {"record": "settlement total", "as_of": settlement["as_of"], **row}
    for key, record in RUN_LISTS:
        for row in document[key]:
            yield {"record": record, **row}
