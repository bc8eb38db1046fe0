"""The state carried from run to run: every fact that was given, and the runs that were closed, as plain data.

A state can be printed, stored and replayed. It holds no result: what was issued follows from the facts as they were known
and the day on which the run was made, so that a later run can say exactly what changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, cast

import attrs

from clausal.dsl.values import Duration, Exact, Scalar, Value, exact
from clausal.engine.facts import Cell, Facts, Notice, Origin, Past, Payment, Record
from clausal.engine.intake import sealed

FORMAT: Final = 2


class NotThisState(ValueError):
    """The state was made by another contract or another version of the format."""


def save(runs: Sequence[Past], contract_sha256: str) -> dict[str, Any]:
    """The state after the last of `runs`, as JSON-ready data."""
    return {
        "format": FORMAT,
        "contract_sha256": contract_sha256,
        "runs": [
            {
                "as_of": run.as_of.isoformat(),
                "complete_through": {
                    k or "": d.isoformat()
                    for k, d in sorted(run.complete_through.items(), key=lambda item: item[0] or "")
                },
                "parameters": {name: _encoded(cast(Scalar, value)) for name, value in sorted(run.parameters.items())},
                "facts": _facts(run.facts),
            }
            for run in runs
        ],
    }


def _facts(facts: Facts) -> dict[str, Any]:
    return {
        "carried": sorted(facts.carried),
        "months": list(facts.months),
        "scalars": {
            name: {key: _cell(cell) for key, cell in sorted(column.items())}
            for name, column in sorted(facts.scalars.items())
        },
        "records": {
            name: [
                {
                    "key": r.key,
                    "on": r.on.isoformat(),
                    "reported": None if r.reported is None else r.reported.isoformat(),
                    "fields": {f: _cell(c) for f, c in sorted(r.fields.items())},
                    "origin": _origin(r.origin),
                }
                for r in records
            ]
            for name, records in sorted(facts.records.items())
        },
        "payments": {
            name: [
                {
                    "ref": p.ref,
                    "payer": p.payer,
                    "payee": p.payee,
                    "currency": p.currency,
                    "amount": str(p.amount),
                    "on": p.on.isoformat(),
                    "reported": None if p.reported is None else p.reported.isoformat(),
                    "for": p.for_,
                    "kind": p.kind,
                    "origin": _origin(p.origin),
                }
                for p in payments
            ]
            for name, payments in sorted(facts.payments.items())
        },
    }


def load(state: Mapping[str, Any], contract_sha256: str) -> tuple[Past, ...]:
    """What `save` gave. `NotThisState` if it is of another contract or is no state at all."""
    try:
        if state["format"] != FORMAT:
            raise NotThisState(f"format {state['format']}")
        if state["contract_sha256"] != contract_sha256:
            raise NotThisState(str(state["contract_sha256"])[:12])
        return tuple(
            Past(
                _date(run["as_of"]),
                {k or None: _date(d) for k, d in run["complete_through"].items()},
                {name: cast(Value, _decoded(value)) for name, value in run["parameters"].items()},
                _read_facts(run["facts"]),
            )
            for run in state["runs"]
        )
    except NotThisState:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise NotThisState(f"{type(problem).__name__}: {problem}") from problem


def _read_facts(given: Mapping[str, Any]) -> Facts:
    return Facts(
        scalars={
            name: {key: _read_cell(cell) for key, cell in column.items()} for name, column in given["scalars"].items()
        },
        records={
            name: tuple(
                Record(
                    r["key"],
                    _date(r["on"]),
                    {f: _read_cell(c) for f, c in r["fields"].items()},
                    None if r["reported"] is None else _date(r["reported"]),
                    Origin(*r["origin"]),
                )
                for r in records
            )
            for name, records in given["records"].items()
        },
        payments={
            name: tuple(
                Payment(
                    p["ref"],
                    p["payer"],
                    p["payee"],
                    p["currency"],
                    _number(p["amount"]),
                    _date(p["on"]),
                    None if p["reported"] is None else _date(p["reported"]),
                    p["for"],
                    p["kind"],
                    name,
                    Origin(*p["origin"]),
                )
                for p in payments
            )
            for name, payments in given["payments"].items()
        },
        carried=frozenset(given["carried"]),
        months=tuple(given["months"]),
    )


def news(old: Facts, new: Facts) -> Facts:
    """What `new` says that `old` did not, or said otherwise: the layer that a state keeps of a run."""
    scalars = {
        name: {key: cell for key, cell in column.items() if old.scalars.get(name, {}).get(key) != cell}
        for name, column in new.scalars.items()
    }
    return attrs.evolve(
        new,
        scalars={name: column for name, column in scalars.items() if column},
        records={name: _unlike(old.records.get(name, ()), rows) for name, rows in new.records.items()},
        payments={name: _unlike(old.payments.get(name, ()), rows) for name, rows in new.payments.items()},
    )


def _unlike(old: Sequence[Any], new: Sequence[Any]) -> tuple[Any, ...]:
    known = {getattr(x, "ref", None) or x.key: x for x in old}
    return tuple(x for x in new if known.get(getattr(x, "ref", None) or x.key) != x)


def merge(old: Facts, new: Facts) -> Facts:
    """Everything known: what is new is added, and replaces what was given before under the same name, period and key."""
    scalars: dict[str, dict[str, Cell]] = {name: dict(column) for name, column in old.scalars.items()}
    for name, column in new.scalars.items():
        scalars.setdefault(name, {}).update(column)
    records: dict[str, dict[str, Record]] = {n: {r.key: r for r in rows} for n, rows in old.records.items()}
    for name, rows in new.records.items():
        records.setdefault(name, {}).update({r.key: r for r in rows})
    payments: dict[str, dict[str, Payment]] = {n: {p.ref: p for p in rows} for n, rows in old.payments.items()}
    for name, paid in new.payments.items():
        payments.setdefault(name, {}).update({p.ref: p for p in paid})
    return sealed(
        attrs.evolve(
            new,
            scalars=scalars,
            records={n: tuple(sorted(rows.values(), key=lambda r: (r.on, r.key))) for n, rows in records.items()},
            payments={n: tuple(sorted(rows.values(), key=lambda p: (p.on, p.ref))) for n, rows in payments.items()},
            carried=old.carried | new.carried,
            months=tuple(sorted({*old.months, *new.months})),
        )
    )


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _number(text: str) -> Exact:
    return exact(Fraction(text))


def _origin(o: Origin) -> list[str | int | None]:
    return [o.file, o.sheet, o.row, o.column, o.text]


def _cell(cell: Cell) -> list[Any]:
    return [_encoded(cell.value), cell.unknown, _origin(cell.origin)]


def _encoded(value: Scalar | Notice | None) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Notice):
        return {
            "sent": None if value.sent is None else value.sent.isoformat(),
            "received": None if value.received is None else value.received.isoformat(),
        }
    if isinstance(value, dt.datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, dt.date):
        return {"date": value.isoformat()}
    if isinstance(value, Duration):
        return {"amount": value.amount, "unit": value.unit}
    if isinstance(value, str):
        return value
    return {"number": str(value)}


def _read_cell(data: list[Any]) -> Cell:
    value, unknown, origin = data
    return Cell(_decoded(value), Origin(*origin), bool(unknown))


def _decoded(value: Any) -> Scalar | Notice | None:
    if not isinstance(value, dict):
        return cast("Scalar | None", value)
    if "number" in value:
        return _number(value["number"])
    if "date" in value:
        return _date(value["date"])
    if "moment" in value:
        return dt.datetime.fromisoformat(value["moment"])
    if "unit" in value:
        return Duration(value["amount"], value["unit"])
    sent, received = value["sent"], value["received"]
    return Notice(None if sent is None else _date(sent), None if received is None else _date(received))
