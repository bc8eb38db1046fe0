"""Facts from files: four formats that say the same, and every mistake with its file, row, column and text."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import time
import zipfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import attrs
import pytest
import xlsxwriter
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clausal.dsl import model
from clausal.dsl.diagnostics import Cell as Place
from clausal.dsl.diagnostics import Diagnostic, Source, Span, brief, draw
from clausal.dsl.types import (
    BOOLEAN,
    DATE,
    MOMENT,
    NUMBER,
    PERCENT,
    TEXT,
    Field,
    Type,
    money,
)
from clausal.engine import tables
from clausal.engine.facts import Cell, Facts, Notice, Origin
from clausal.engine.intake import from_scenario, read_path, read_plain, read_value

HERE = Span(0, 0)
CNY = money("CNY")
NOTICE = Type("notice")
ORDERS = Type(
    "list",
    fields=(
        Field("order_no", TEXT),
        Field("ordered_on", DATE),
        Field("dealer_price", CNY),
        Field("quantity", Type("count")),
        Field("area", TEXT, optional=True),
    ),
)
SPENDS = Type("list", fields=(Field("on", DATE), Field("amount", CNY)))
BREAKS = Type("intervals")


def fact(name: str, type: Type, grain: str = "monthly", **more: Any) -> model.FactDecl:
    filled: dict[str, Any] = dict.fromkeys(("presume", "judged_by", "source", "dated_by", "keyed_by", "clause"))
    return model.FactDecl(name=name, type=type, grain=cast(Any, grain), notes=(), span=HERE, **(filled | more))


DECLARED = (
    fact("dealers", Type("count", unit="dealers"), source="CRM"),
    fact("sales", CNY, source="CRM"),
    fact("share", PERCENT),
    fact("strike", BOOLEAN),
    fact("withhold", DATE),
    fact("ending", NOTICE, "once"),
    fact("warning_", NOTICE),
    fact("growth", NUMBER, "quarterly"),
    fact("visits", NUMBER, "weekly"),
    fact("rain", NUMBER, "daily"),
    fact("audit", NUMBER, "yearly"),
    fact("start", DATE, "once"),
    fact("deposit", CNY, "once"),
    fact("incident", MOMENT, "once"),
    fact("orders", ORDERS, dated_by="ordered_on", keyed_by="order_no"),
    fact("spends", SPENDS, dated_by="on"),
    fact("breaks", BREAKS),
    fact("receipts", Type("payments"), source="bank feed"),
)


def contract(facts: Sequence[model.FactDecl] = DECLARED, currency: str = "CNY") -> model.Contract:
    header = model.Header(
        title="t",
        version=None,
        language=1,
        currency=currency,
        currencies=(currency,),
        term_start=dt.date(2026, 1, 1),
        term_end=dt.date(2026, 12, 31),
        rounding_mode="half_up",
        rounding_unit=Fraction(1, 100),
        month_end="clamp",
        calendar=None,
        deadlines="unshifted",
        payment_order=(),
        debt_order=(),
        credit="used when due",
        notices="received",
        source=None,
        notes=(),
        span=HERE,
    )
    parties = (
        model.Party("client", "Brand Foods Co., Ltd.", span=HERE),
        model.Party("operator", "网销科技有限公司", span=HERE),
    )
    values: dict[str, Any] = dict.fromkeys(
        ("parameters", "values", "obligations", "prohibitions", "rights", "scenarios", "findings"), ()
    )
    return model.Contract(
        source=Source("t.contract", "line one\nline two\n"),
        sha256="0",
        keywords="en",
        header=header,
        parties=parties,
        facts=tuple(facts),
        **values,
    )


AGREEMENT = contract()


def folder(at: Path, files: Mapping[str, str | bytes]) -> Path:
    at.mkdir(exist_ok=True)
    for name, content in files.items():
        (at / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return at


def taken(given_: tuple[Facts | None, tuple[Diagnostic, ...]]) -> Facts:
    facts, found = given_
    assert facts is not None, "\n".join(map(brief, found))
    return facts


def findings(given_: tuple[Facts | None, tuple[Diagnostic, ...]]) -> list[tuple[str, object, object, object]]:
    """Code, file, row and column of each error; there must be no facts beside one."""
    facts, found = given_
    assert (facts is None) == any(one.severity == "error" for one in found)
    told = []
    for one in found:
        assert brief(one).strip()
        place = one.place
        if isinstance(place, Place):
            told.append((one.code, place.file, place.row, place.column))
        else:
            told.append((one.code, place, None, None))
    return told


YEAR = {
    "monthly.csv": (
        "month,dealers,sales,share,strike,withhold,warning_.sent,warning_.received\n"
        '2026-01,6,"912,000.00",5%,no,,,\n'
        "2026-02,3,900000,,yes,2026-03-09,2026-03-01,2026-03-03\n"
        "2026-03,unknown,,0,,unknown,,\n"
    ),
    "quarterly.csv": "quarter,growth\n2026-Q1,1.5\n",
    "weekly.csv": "week,visits\n2026-W05,3\n",
    "daily.csv": "date,rain\n2026-01-05,12\n",
    "yearly.csv": "year,audit\n2026,1\n",
    "once.csv": ("fact,value\nstart,2026-01-01\ndeposit,0.8万元\nending.received,\nincident,2026-01-05 10:30\n"),
    "orders.csv": (
        "order_no,ordered_on,dealer_price,quantity,area,reported\n"
        "B2,2026-01-20,96,80,north,\n"
        "A1,2026-01-12,58.50,120,,2026-02-03\n"
    ),
    "spends.csv": "on,amount\n2026-02-02,5\n2026-01-31,7\n2026-02-02,6\n",
    "breaks.csv": "from,until\n2026-03-01,\n",
    "receipts.csv": (
        "ref,payer,payee,amount,on,reported,for,kind,currency\n"
        "P02,client,operator,6640.00,2026-02-25,,,,\n"
        "P01,Brand Foods Co. Ltd.,operator,5000.00,2026-02-10,,pay_fee@2026-01,,CNY\n"
        ",client,网销科技有限公司,1,2026-02-10,2026-02-11,,refund,\n"
    ).replace("Brand Foods Co. Ltd.", '"Brand Foods Co., Ltd."'),
    "closings.csv": ("as_of,source,complete_through\n2026-01-31,,2026-01-31\n,bank feed,2026-03-08\n,,2026-03-31\n"),
}


def test_a_folder_of_tables(tmp_path: Path) -> None:
    facts = taken(read_path(AGREEMENT, folder(tmp_path / "facts", YEAR)))
    assert {key: cell.value for key, cell in facts.scalars["sales"].items()} == {
        "2026-01": 912_000,
        "2026-02": 900_000,
    }
    assert facts.scalars["sales"]["2026-01"].origin == Origin("monthly.csv", None, 2, "sales", "912,000.00")
    assert facts.scalars["dealers"]["2026-03"] == Cell(
        None, Origin("monthly.csv", None, 4, "dealers", "unknown"), unknown=True
    )
    assert facts.scalars["share"]["2026-01"].value == Fraction(1, 20)
    assert "2026-02" not in facts.scalars["share"]
    assert [facts.scalars["strike"][m].value for m in ("2026-01", "2026-02")] == [False, True]
    assert [(c.value, c.unknown) for c in facts.scalars["withhold"].values()] == [
        (None, False),
        (dt.date(2026, 3, 9), False),
        (None, True),
    ]
    assert facts.scalars["warning_"]["2026-02"].value == Notice(dt.date(2026, 3, 1), dt.date(2026, 3, 3))
    assert facts.scalars["warning_"]["2026-01"].value is None
    assert facts.scalars["growth"]["2026-Q1"].value == Fraction(3, 2)
    assert facts.scalars["visits"]["2026-W05"].value == 3
    assert facts.scalars["rain"]["2026-01-05"].value == 12
    assert facts.scalars["audit"]["2026"].value == 1
    assert facts.scalars["deposit"]["once"].value == 8000
    assert facts.scalars["start"]["once"].value == dt.date(2026, 1, 1)
    assert facts.scalars["ending"]["once"].value is None
    assert facts.scalars["incident"]["once"].value == dt.datetime(2026, 1, 5, 10, 30)
    orders = facts.records["orders"]
    assert [(r.key, r.on, r.reported) for r in orders] == [
        ("A1", dt.date(2026, 1, 12), dt.date(2026, 2, 3)),
        ("B2", dt.date(2026, 1, 20), None),
    ]
    assert orders[0].fields["area"].value is None and not orders[0].fields["area"].unknown
    assert orders[0].fields["dealer_price"].value == Fraction(117, 2)
    assert orders[0].origin == Origin("orders.csv", None, 3)
    assert [(r.key, r.fields["amount"].value) for r in facts.records["spends"]] == [
        ("2026-01-31#1", 7),
        ("2026-02-02#1", 5),
        ("2026-02-02#2", 6),
    ]
    assert [(r.on, r.fields["until"].value) for r in facts.records["breaks"]] == [(dt.date(2026, 3, 1), None)]
    assert [(p.ref, p.payer, p.payee, p.amount, p.kind, p.for_) for p in facts.payments["receipts"]] == [
        ("2026-02-10#1", "client", "operator", 1, "refund", None),
        ("P01", "client", "operator", 5000, "payment", "pay_fee@2026-01"),
        ("P02", "client", "operator", 6640, "payment", None),
    ]
    assert facts.carried == {
        *("withhold", "warning_", "ending", "start", "incident", "orders", "spends", "breaks", "receipts")
    }
    assert [(c.as_of, dict(c.complete_through)) for c in facts.closings] == [
        (dt.date(2026, 1, 31), {None: dt.date(2026, 1, 31)})
    ]
    assert facts.complete_through == {None: dt.date(2026, 3, 31), "receipts": dt.date(2026, 3, 8)}
    assert facts.months == ("2026-01", "2026-02", "2026-03")


# ---- four formats ------------------------------------------------------------------------------

Content = dict[str, list[dict[str, str]]]
KEYS = {
    "monthly": "month",
    "quarterly": "quarter",
    "weekly": "week",
    "daily": "date",
    "yearly": "year",
}


def as_folder(content: Content, at: Path) -> Path:
    files = {}
    for name, rows in content.items():
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows[1:])
        files[f"{name}.csv"] = "\ufeff" + out.getvalue()
    return folder(at / "folder", files)


def as_workbook(content: Content, at: Path) -> Path:
    path = at / "facts.xlsx"
    book = cast(Any, xlsxwriter).Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in content.items():
        sheet = book.add_worksheet(name)
        for column, heading in enumerate(rows[0]):
            sheet.write_string(0, column, heading)
            for row, cells in enumerate(rows[1:], 1):
                text = cells[heading]
                if heading in ("amount", "quantity", "dealers", "sales") and text.replace(".", "").isdigit():
                    sheet.write_number(row, column, float(text))
                elif len(text) == 10 and text[4] == "-" and heading != "order_no":
                    sheet.write_datetime(row, column, dt.datetime.fromisoformat(text), day)
                elif text:
                    sheet.write_string(row, column, text)
    book.close()
    return path


def nested(content: Content) -> dict[str, object]:
    data: dict[str, object] = {}
    for name, rows in content.items():
        key = KEYS.get(name)
        if name == "once":
            data[name] = {row["fact"]: row["value"] for row in rows[1:]}
        elif key is None:
            data[name] = rows[1:]
        else:
            data[name] = {row[key]: {k: v for k, v in row.items() if k != key} for row in rows[1:]}
    return data


def as_json(content: Content, at: Path) -> Path:
    (at / "facts.json").write_text(json.dumps(nested(content), ensure_ascii=False), "utf-8")
    return at / "facts.json"


def as_yaml(content: Content, at: Path) -> Path:
    text = yaml.safe_dump(nested(content), allow_unicode=True, sort_keys=False)
    (at / "facts.yaml").write_text(text, "utf-8")
    return at / "facts.yaml"


def months() -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from([f"2026-{m:02d}" for m in range(1, 13)]), min_size=1, max_size=5, unique=True)


days = st.dates(dt.date(2025, 12, 31), dt.date(2027, 1, 1)).map(str)
cents = st.integers(0, 10**9).map(lambda n: format(Decimal(n).scaleb(-2), "f"))
maybe = st.sampled_from


@st.composite
def contents(draw: st.DrawFn) -> Content:
    """The same facts as rows of text, the heading first (as a row that names every column)."""

    def table(name: str, columns: Mapping[str, st.SearchStrategy[str]], keys: Sequence[str] | None) -> None:
        first = {column: column for column in columns}
        if keys is not None:
            first = {KEYS[name]: KEYS[name], **first}
        rows = [first]
        for key in keys if keys is not None else range(draw(st.integers(0, 4))):
            row = {column: draw(strategy) for column, strategy in columns.items()}
            rows.append({KEYS[name]: str(key), **row} if keys is not None else row)
        made[name] = rows

    made: Content = {}
    blank_or = lambda strategy: st.one_of(st.just(""), strategy)  # noqa: E731
    table(
        "monthly",
        {
            "dealers": blank_or(st.one_of(st.integers(0, 999).map(str), st.just("unknown"))),
            "sales": blank_or(cents),
            "share": blank_or(st.sampled_from(["5%", "12.5%", "0"])),
            "strike": blank_or(st.sampled_from(["yes", "no", "true", "0"])),
            "withhold": blank_or(st.one_of(days, st.just("none"))),
            "warning_.received": blank_or(days),
        },
        draw(months()),
    )
    if draw(st.booleans()):
        table("quarterly", {"growth": blank_or(cents)}, ["2026-Q1", "2026-Q2"])
    if draw(st.booleans()):
        made["once"] = [{"fact": "fact", "value": "value"}, {"fact": "deposit", "value": draw(cents)}]
    table(
        "orders",
        {
            "order_no": st.just(""),
            "ordered_on": days,
            "dealer_price": cents,
            "quantity": st.integers(0, 9999).map(str),
            "area": st.sampled_from(["", "north", "南区", 'say "hi", twice', "a\nb"]),
            "reported": blank_or(days),
        },
        None,
    )
    for i, row in enumerate(made["orders"][1:]):
        row["order_no"] = f"N{i}"
    table(
        "receipts",
        {
            "ref": st.just(""),
            "payer": st.sampled_from(["client", "Brand Foods Co., Ltd."]),
            "payee": st.sampled_from(["operator", "网销科技有限公司"]),
            "amount": cents,
            "on": days,
            "for": st.sampled_from(["", "pay_fee"]),
            "kind": st.sampled_from(["", "refund"]),
        },
        None,
    )
    for i, row in enumerate(made["receipts"][1:]):
        row["ref"] = f"P{i}" if draw(st.booleans()) or i else ""
    made["closings"] = [
        {"as_of": "as_of", "source": "source", "complete_through": "complete_through"},
        {"as_of": "2026-03-31", "source": "receipts", "complete_through": draw(days)},
        {"as_of": "", "source": "", "complete_through": draw(days)},
    ]
    return made


def bare(facts: Facts) -> Facts:
    """Facts without the places that they were read from."""
    nowhere = Origin("")

    def cell(one: Cell) -> Cell:
        return attrs.evolve(one, origin=nowhere)

    return attrs.evolve(
        facts,
        scalars={name: {key: cell(c) for key, c in values.items()} for name, values in facts.scalars.items()},
        records={
            name: tuple(attrs.evolve(r, origin=nowhere, fields={f: cell(c) for f, c in r.fields.items()}) for r in some)
            for name, some in facts.records.items()
        },
        payments={name: tuple(attrs.evolve(p, origin=nowhere) for p in some) for name, some in facts.payments.items()},
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(content=contents(), data=st.data())
def test_four_formats_give_the_same_facts(tmp_path: Path, content: Content, data: st.DataObject) -> None:
    for old in tmp_path.glob("folder/*"):
        old.unlink()
    first = bare(taken(read_path(AGREEMENT, as_folder(content, tmp_path))))
    for path in (as_workbook(content, tmp_path), as_json(content, tmp_path), as_yaml(content, tmp_path)):
        assert bare(taken(read_path(AGREEMENT, path))) == first
    assert bare(taken(read_plain(AGREEMENT, nested(content)))) == first
    # the order of columns and of rows with different keys says nothing
    turned: Content = {}
    for name in data.draw(st.permutations(list(content))):
        order = data.draw(st.permutations(list(content[name][0])))
        rows = data.draw(st.permutations(content[name][1:]))
        turned[name] = [{column: row[column] for column in order} for row in [content[name][0], *rows]]
    assert taken(read_plain(AGREEMENT, nested(turned))).sha256 == first.sha256


def test_the_hash_tells_different_facts_apart() -> None:
    given_: list[dict[str, object]] = [
        {"monthly": {"2026-01": {"sales": 1}}},
        {"monthly": {"2026-01": {"sales": 2}}},
        {"monthly": {"2026-02": {"sales": 1}}},
        {"monthly": {"2026-01": {"sales": "unknown"}}},
        {"monthly": {"2026-01": {"sales": None}}},
        {"monthly": {"2026-01": {"withhold": None}}},
        {"monthly": {"2026-01": {"withhold": "unknown"}}},
        {"monthly": {"2026-01": {"sales": 1, "withhold": None}}},
        {"monthly": {"2026-01": {"sales": 1}}, "orders": []},
        {"monthly": {"2026-01": {"sales": 1}}, "complete_through": "2026-01-31"},
    ]
    assert len({taken(read_plain(AGREEMENT, one)).sha256 for one in given_}) == len(given_)


@pytest.mark.parametrize(
    "data",
    [
        {"monthly": {"2026-01": {"sales": "912000"}}},
        {"monthly": [{"month": "2026-01", "sales": 912000}]},
        {"2026-01": {"sales": Decimal("912000.00")}},
        {"sales": {"2026-01": Fraction(912000)}},
        {"monthly": {"2026年1月": {"sales": "91.2万元"}}},
        [{"month": "2026-01", "sales": 912000}],
        [{"fact": "sales", "month": "2026-01", "value": 912000}],
        {"月度数据": {"2026/1": {"sales": "￥912,000"}}},
        {"monthly": [{"月份": dt.date(2026, 1, 1), "sales": 912000}]},
    ],
)
def test_plain_data_may_be_laid_out_by_period_by_fact_or_in_rows(data: Any) -> None:
    facts = taken(read_plain(AGREEMENT, data))
    assert {k: c.value for k, c in facts.scalars["sales"].items()} == {"2026-01": 912_000}
    assert facts.months == ("2026-01",)


def test_plain_data_with_lists_and_notices() -> None:
    data = {
        "2026-01": {"sales": 1, "orders": [], "warning_": {"sent": "2026-01-05", "received": None}},
        "ending": {"received": dt.date(2026, 2, 1)},
        "start": "none",
        "complete_through": {"default": "2026-01-31", "receipts": "2026-01-08"},
    }
    facts = taken(read_plain(AGREEMENT, data))
    assert facts.records == {"orders": ()}
    assert facts.scalars["warning_"]["2026-01"].value == Notice(dt.date(2026, 1, 5), None)
    assert facts.scalars["ending"]["once"].value == Notice(None, dt.date(2026, 2, 1))
    assert facts.scalars["start"]["once"].value is None
    assert facts.carried == {"orders", "warning_", "ending", "start"}
    assert facts.complete_through == {None: dt.date(2026, 1, 31), "receipts": dt.date(2026, 1, 8)}
    assert facts.scalars["sales"]["2026-01"].origin == Origin("facts", None, None, "2026-01.sales", "1")


def test_chinese_tables(tmp_path: Path) -> None:
    files = {
        "月度数据.csv": ("月份,sales,warning_.发出,warning_.到达\n2026年1月,９１．２万元,2026年1月5日,2026年1月6日\n"),
        "付款.csv": (
            "编号,付款人,收款人,金额,到账日,用途,类型,币种\nP1,client,网销科技有限公司,￥5,2026年2月10日,,退款,人民币\n"
        ),
        "截止记录.csv": "截止日,来源,数据完整至\n2026-01-31,默认,2026-01-31\n",
    }
    for encoding, given_ in (
        ("utf-8", None),
        ("gb18030", "gb18030"),
        ("gbk", "GBK"),
        ("utf-8-sig", "gb18030"),
    ):
        path = folder(tmp_path / encoding, {name: text.encode(encoding) for name, text in files.items()})
        facts = taken(read_path(AGREEMENT, path, given_))
        assert facts.scalars["sales"]["2026-01"].value == 912_000
        assert facts.payments["receipts"][0].kind == "refund"
        assert facts.scalars["warning_"]["2026-01"].value == Notice(dt.date(2026, 1, 5), dt.date(2026, 1, 6))
        assert len(facts.closings) == 1


def test_the_parts_of_a_notice_are_named_as_in_the_contract() -> None:
    for sent, received in (("sent", "received"), ("发出", "到达"), ("发出日", "到达日")):
        columns = {f"warning_.{sent}": "2026-01-05", f"warning_.{received}": "2026-01-06"}
        facts = taken(read_plain(AGREEMENT, {"2026-01": columns}))
        assert facts.scalars["warning_"]["2026-01"].value == Notice(dt.date(2026, 1, 5), dt.date(2026, 1, 6))


def test_one_file_of_a_folder_may_stand_alone(tmp_path: Path) -> None:
    path = folder(tmp_path, {"a year.csv": "month,sales\n2026-01,5\n\n2026-02,6\n"}) / "a year.csv"
    assert taken(read_path(AGREEMENT, path)).months == ("2026-01", "2026-02")


def test_a_column_that_is_there_is_carried_though_empty(tmp_path: Path) -> None:
    with_it = folder(tmp_path / "a", {"monthly.csv": "month,sales,withhold\n2026-01,5,\n"})
    without = folder(tmp_path / "b", {"monthly.csv": "month,sales\n2026-01,5\n"})
    assert taken(read_path(AGREEMENT, with_it)).carried == {"withhold"}
    assert taken(read_path(AGREEMENT, without)).carried == frozenset()
    empty = folder(tmp_path / "c", {"monthly.csv": "month\n2026-01\n", "receipts.csv": "ref,payer,payee,amount,on\n"})
    assert taken(read_path(AGREEMENT, empty)).payments == {"receipts": ()}
    assert taken(read_path(AGREEMENT, empty)).carried == {"receipts"}


# ---- what is wrong, and where ------------------------------------------------------------------

WRONG: list[tuple[str, dict[str, str | bytes], list[tuple[str, object, object, object]]]] = [
    (
        "an unknown column",
        {"monthly.csv": "month,slaes\n2026-01,5\n"},
        [("F601", "monthly.csv", 1, "slaes")],
    ),
    (
        "all in one run",
        {
            "monthly.csv": ("month,sales,dealers\n2026-01,abc,1.5\n2026-13,5,\n2026-02,NaN,Infinity\n2026-01,,\n"),
            "orders.csv": (
                "order_no,ordered_on,dealer_price,quantity\nA,46000,$5,1\nA,2026-01-01,1,1\nA,2026-01-02,1,1\n"
            ),
        },
        [
            ("F603", "monthly.csv", 2, "sales"),
            ("F603", "monthly.csv", 2, "dealers"),
            ("F615", "monthly.csv", 3, "month"),
            ("F606", "monthly.csv", 4, "sales"),
            ("F607", "monthly.csv", 4, "dealers"),
            ("F604", "monthly.csv", 5, "month"),
            ("F608", "orders.csv", 2, "ordered_on"),
            ("F611", "orders.csv", 2, "dealer_price"),
            ("F605", "orders.csv", 3, None),
            ("F605", "orders.csv", 4, None),
        ],
    ),
    (
        "a column twice",
        {"monthly.csv": "month,sales,sales\n2026-01,5,6\n"},
        [("F628", "monthly.csv", 1, "sales")],
    ),
    ("no month", {"monthly.csv": "sales\n5\n"}, [("F637", "monthly.csv", 1, None)]),
    ("a blank month", {"monthly.csv": "month,sales\n,5\n"}, [("F635", "monthly.csv", 2, "month")]),
    (
        "another grain",
        {"monthly.csv": "month,growth\n2026-01,5\n"},
        [("F634", "monthly.csv", 1, "growth")],
    ),
    (
        "a list as a column",
        {"monthly.csv": "month,orders\n2026-01,5\n"},
        [("F638", "monthly.csv", 1, "orders")],
    ),
    (
        "two answers",
        {"monthly.csv": "month,sales\n2026-01,5\n", "more.csv": "month,sales\n2026-01,6\n"},
        [("F621", "more.csv", 2, "sales")],
    ),
    ("too many cells", {"monthly.csv": "month,sales\n2026-01,8,000\n"}, [("F622", "monthly.csv", 2, None)]),
    (
        "too few cells",
        {"monthly.csv": "month,sales,dealers\n2026-01,8\n"},
        [("F622", "monthly.csv", 2, None)],
    ),
    ("another separator", {"monthly.csv": "month;sales\n2026-01;8\n"}, [("F631", "monthly.csv", 1, None)]),
    (
        "an open quotation mark",
        {"monthly.csv": 'month,sales\n2026-01,"8\n2026-02,9\n'},
        [("F631", "monthly.csv", 2, None)],
    ),
    (
        "cells without a heading",
        {"monthly.csv": "month,sales,\n2026-01,8,\n2026-02,8,x\n"},
        [("F633", "monthly.csv", 3, "3")],
    ),
    ("a table of commas", {"monthly.csv": ",,\n,,\n"}, [("F630", "monthly.csv", None, None)]),
    ("an empty file", {"monthly.csv": ""}, [("F630", "monthly.csv", None, None)]),
    ("an empty folder", {}, [("F630", "facts", None, None)]),
    (
        "a file for nothing",
        {"order.csv": "order_no,date\nA,2026-01-01\n"},
        [("F627", "order.csv", None, None)],
    ),
    (
        "a list in the wrong kind of file",
        {"monthly.csv": "month,sales\n", "orders.tsv": "x", "notes.txt": "x", "read me.md": "x"},
        [("F620", "orders.tsv", None, None)],
    ),
    (
        "UTF-16",
        {"monthly.csv": "month,sales\n2026-01,5\n".encode("utf-16")},
        [("F609", "monthly.csv", 1, None)],
    ),
    (
        "GB18030 unsaid",
        {"monthly.csv": "month,sales\n2026-01,5万\n".encode("gb18030")},
        [("F609", "monthly.csv", 2, None)],
    ),
    (
        "a list without a column",
        {"orders.csv": "order_no,ordered_on,quantity\nA,2026-01-01,1\n"},
        [("F637", "orders.csv", 1, None)],
    ),
    (
        "a record without key and date",
        {"orders.csv": "order_no,ordered_on,dealer_price,quantity\n,,1,1\n"},
        [("F635", "orders.csv", 2, "order_no"), ("F635", "orders.csv", 2, "ordered_on")],
    ),
    (
        "payments",
        {
            "receipts.csv": (
                "ref,payer,payee,amount,on,kind,currency\n"
                "1,client,Bob,5,2026-01-01,,\n"
                "2,client,operator,-5,2026-01-01,,\n"
                "3,client,operator,5.005,2026-01-01,,\n"
                "4,client,operator,5,2026-01-01,,USD\n"
                "5,client,client,5,2026-01-01,,\n"
                "6,client,operator,5,,,\n"
                "7,client,operator,5,2026-01-01,gift,\n"
                "8,client,operator,$5,2026-01-01,,\n"
                "9,client,operator,5,2026-01-01,,\n"
                "9,client,operator,6,2026-01-01,,\n"
                ",client,operator,7,2026-01-01,,\n"
                ",client,operator,7.00,2026/1/1,,CNY\n"
                "10,client,operator,(5),2026-01-01,,\n"
            )
        },
        [
            ("F610", "receipts.csv", 2, "payee"),
            ("F612", "receipts.csv", 3, "amount"),
            ("F603", "receipts.csv", 4, "amount"),
            ("F611", "receipts.csv", 5, "currency"),
            ("F640", "receipts.csv", 6, "payee"),
            ("F635", "receipts.csv", 7, "on"),
            ("F603", "receipts.csv", 8, "kind"),
            ("F611", "receipts.csv", 9, "amount"),
            ("F612", "receipts.csv", 14, "amount"),
            ("F613", "receipts.csv", 11, None),
            ("F614", "receipts.csv", 13, None),
        ],
    ),
    (
        "an unknown source of completeness",
        {"closings.csv": "as_of,source,complete_through\n,bank,2026-01-01\n,receipts,\n"},
        [("F601", "closings.csv", 2, None), ("F635", "closings.csv", 3, None)],
    ),
    (
        "two kinds of completeness",
        {"closings.csv": "complete_through\n2026-01-01\n2026-01-02\n"},
        [("F621", "closings.csv", 3, None)],
    ),
    (
        "facts that are not once",
        {"once.csv": "fact,value\nsales,5\nstrat,5\ndeposit,1\ndeposit,2\n"},
        [("F634", "once.csv", 2, "fact"), ("F601", "once.csv", 3, "fact"), ("F604", "once.csv", 5, "fact")],
    ),
    ("broken JSON", {"f.json": '{"monthly": \n{,}}'}, [("F631", "f.json", 2, "2")]),
    (
        "a key twice",
        {"f.json": '{"monthly": {"2026-01": {"sales": 1, "sales": 2}}}'},
        [("F618", "f.json", None, "monthly.2026-01")],
    ),
    (
        "constants",
        {"f.json": '{"monthly": {"2026-01": {"sales": NaN, "dealers": -Infinity}}}'},
        [
            ("F606", "f.json", None, "monthly.2026-01.sales"),
            ("F607", "f.json", None, "monthly.2026-01.dealers"),
        ],
    ),
    (
        "a key that says nothing",
        {"f.json": '{"oders": [], "orders": 5, "as_of": "2026-01-31"}'},
        [
            ("F627", "f.json", None, "oders"),
            ("F603", "f.json", None, "orders"),
            ("F627", "f.json", None, "as_of"),
        ],
    ),
    (
        "a record without a field",
        {"f.json": '{"orders": [{"order_no": "A", "ordered_on": "2026-01-01", "quantity": 1}]}'},
        [("F637", "f.json", None, "orders[1]")],
    ),
    ("deep JSON", {"f.json": "[" * 100_000}, [("F632", "f.json", None, None)]),
    ("a wide table", {"monthly.csv": ",".join(map(str, range(5000)))}, [("F632", "monthly.csv", None, None)]),
    (
        "a wide object",
        {"f.json": json.dumps({"orders": [{f"k{i}": 1} for i in range(5000)]})},
        [("F632", "f.json", None, None)],
    ),
    (
        "many keys",
        {"f.json": json.dumps({f"k{i}": 1 for i in range(5000)})},
        [("F632", "f.json", None, None)],
    ),
    (
        "many keys twice",
        {"f.json": "{" + ",".join(f'"k{i % 20000}":1' for i in range(40000)) + "}"},
        [*[("F618", "f.json", None, None)] * 200, ("F639", None, None, None)],
    ),
    ("no object", {"f.json": "5"}, [("F603", "f.json", None, None)]),
    (
        "YAML that says more than it shows",
        {"f.yaml": "monthly: &a\n  2026-01: {sales: !!float 5}\nquarterly: *a\n"},
        [("F623", "f.yaml", 1, None), ("F623", "f.yaml", 2, None), ("F623", "f.yaml", 3, None)],
    ),
    (
        "a YAML key twice",
        {"f.yaml": "monthly:\n  2026-01:\n    sales: 1\n    sales: 2\n"},
        [("F618", "f.yaml", 4, None)],
    ),
    ("broken YAML", {"f.yaml": "monthly:\n  - a\n b: c\n"}, [("F631", "f.yaml", 3, "2")]),
    ("two documents", {"f.yaml": "monthly: {}\n---\nmonthly: {}\n"}, [("F623", "f.yaml", 2, None)]),
    ("deep YAML", {"f.yaml": "[" * 500}, [("F632", "f.yaml", None, None)]),
    (
        "a YAML cell",
        {"f.yaml": "monthly:\n  2026-01:\n    sales: 1\n    dealers: many\n"},
        [("F603", "f.yaml", 4, "monthly.2026-01.dealers")],
    ),
    ("no workbook", {"f.xlsx": b"PK\x03\x04 nothing"}, [("F629", "f.xlsx", None, None)]),
]


@pytest.mark.parametrize(("files", "expected"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_what_is_wrong_and_where(
    tmp_path: Path, files: dict[str, str | bytes], expected: list[tuple[str, object, object, object]]
) -> None:
    assert findings(read_path(AGREEMENT, folder(tmp_path / "facts", files))) == expected


def draw_all(files: Mapping[str, str | bytes], at: Path) -> str:
    return "\n".join(map(draw, read_path(AGREEMENT, folder(at / "facts", files))[1]))


def test_the_words_of_a_finding(tmp_path: Path) -> None:
    text = draw_all(
        {
            "monthly.csv": "month,slaes\n2026-01,5\n",
            "receipts.csv": "payer,payee,amount,on\n" + 2 * "client,operator,7,2026-01-01\n",
        },
        tmp_path,
    )
    assert "monthly.csv row 1 column slaes" in text and "did you mean `sales`" in text
    assert "receipts.csv row 3" in text and "receipts.csv row 2" in text


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    assert findings(read_path(AGREEMENT, tmp_path / "nowhere")) == [("F629", "nowhere", None, None)]
    assert findings(read_path(AGREEMENT, tmp_path, "latin-1")) == [("F603", "--encoding", None, None)]
    path = folder(tmp_path, {"facts.pdf": "x"}) / "facts.pdf"
    assert findings(read_path(AGREEMENT, path)) == [("F620", "facts.pdf", None, None)]


def test_the_same_answer_twice_is_one_answer(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "monthly.csv": "month,sales\n2026-01,5\n",
        "more.csv": "month,sales,dealers\n2026-01,5.00,6\n",
    }
    assert taken(read_path(AGREEMENT, folder(tmp_path / "facts", files))).months == ("2026-01",)


def test_rows_may_lack_what_is_optional_at_their_end(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "receipts.csv": "ref,payer,payee,amount,on,reported,for\nP1,client,operator,5,2026-01-01\n",
        "orders.csv": "order_no,ordered_on,dealer_price,quantity,area\nA,2026-01-01,1,1\n",
    }
    facts = taken(read_path(AGREEMENT, folder(tmp_path / "facts", files)))
    assert facts.months == ("2026-01",) and facts.payments["receipts"][0].for_ is None


def test_a_float_is_refused_with_its_reason() -> None:
    assert findings(read_plain(AGREEMENT, {"2026-01": {"sales": 0.1}})) == [("F636", "facts", None, "2026-01.sales")]
    assert findings(read_plain(AGREEMENT, {"2026-01": {"sales": 10**5000}}))[0][0] == "F632"
    assert findings(read_plain(AGREEMENT, {"2026-01": {"sales": [1, 2]}}))[0][0] != ""
    assert findings(read_plain(AGREEMENT, cast(Any, {5: {"sales": 1}})))[0][0] == "F627"


def test_many_findings_are_cut(tmp_path: Path) -> None:
    rows = "".join(f"{i},2026-01-01,x,1\n" for i in range(1000))
    files: dict[str, str | bytes] = {"orders.csv": "order_no,ordered_on,dealer_price,quantity\n" + rows}
    found = findings(read_path(AGREEMENT, folder(tmp_path / "facts", files)))
    assert len(found) == 201 and found[-1][0] == "F639"


def test_currencies_without_and_with_three_decimals() -> None:
    for currency, amount, fine in (("JPY", "5", True), ("JPY", "5.5", False), ("KWD", "5.005", True)):
        receipts = [{"payer": "client", "payee": "operator", "amount": amount, "on": "2026-01-01"}]
        facts, _ = read_plain(contract(currency=currency), {"receipts": receipts})
        assert (facts is not None) == fine


# ---- workbooks ---------------------------------------------------------------------------------


def workbook(at: Path, write: Any, name: str = "monthly") -> Path:
    path = at / "facts.xlsx"
    book = cast(Any, xlsxwriter).Workbook(str(path))
    write(book, book.add_worksheet(name))
    book.close()
    return path


def test_what_a_spreadsheet_hides(tmp_path: Path) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["month", "sales", "share", "withhold", "dealers"])
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        percent = book.add_format({"num_format": "0.0%"})
        for row in range(1, 9):
            sheet.write_datetime(row, 0, dt.datetime(2026, row, 1), day)
        sheet.write_number(1, 1, 912000.1)
        sheet.write_number(1, 2, 0.125, percent)
        sheet.write_datetime(1, 3, dt.datetime(2026, 1, 9), day)
        sheet.write_number(1, 4, 6)
        sheet.write_number(2, 1, 1234567.123456789)
        sheet.write_number(2, 2, 0.125)
        sheet.write_number(2, 3, 46090)
        sheet.write_number(2, 4, 1.5)
        sheet.write_formula(3, 1, "=1+1", None, "")
        sheet.write_formula(3, 4, "=1+1", None, 2)
        sheet.write_formula(4, 1, "=1/0", None, "#DIV/0!")
        sheet.write_number(5, 1, 1e300)
        sheet.write_boolean(6, 1, True)

    found = findings(read_path(AGREEMENT, workbook(tmp_path, write)))
    assert found == [
        ("F616", "facts.xlsx", 3, "sales"),
        ("F603", "facts.xlsx", 3, "share"),
        ("F608", "facts.xlsx", 3, "withhold"),
        ("F603", "facts.xlsx", 3, "dealers"),
        ("F617", "facts.xlsx", 4, "sales"),
        ("F625", "facts.xlsx", 5, "sales"),
        ("F616", "facts.xlsx", 6, "sales"),
        ("F603", "facts.xlsx", 7, "sales"),
    ]

    def only_good(book: Any, sheet: Any) -> None:
        sheet.write_row(2, 1, ["month", "sales", "share"])
        sheet.write_row(4, 1, ["2026-01", 912000.1, 0.125])
        sheet.write_number(4, 3, 0.125, book.add_format({"num_format": "0.0%"}))
        book.add_worksheet("notes").write_string(0, 0, "anything")
        book.add_worksheet("empty")

    facts, warnings = read_path(AGREEMENT, workbook(tmp_path, only_good))
    assert facts is not None and [one.severity for one in warnings] == ["warning"]
    assert facts.scalars["sales"]["2026-01"].value == Fraction(9120001, 10)
    assert facts.scalars["sales"]["2026-01"].origin == Origin("facts.xlsx", "monthly", 5, "sales", "912000.1")
    assert facts.scalars["share"]["2026-01"].value == Fraction(1, 8)


def test_two_cells_that_span_a_billion_are_refused(tmp_path: Path) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_string(0, 0, "month")
        sheet.write_string(1_048_575, 16_383, "x")

    assert findings(read_path(AGREEMENT, workbook(tmp_path, write))) == [("F632", "facts.xlsx", None, None)]


def test_a_sheet_of_broken_cells_takes_no_time() -> None:
    start = time.process_time()
    for scrap in (b"<c>", b"<c ", b"<c><f>", b'<c t="e">', b"<c r='A1'><f/>", b" r  "):
        tables._marks_of_sheet(b'"e"<f>' + scrap * 100_000, frozenset({1}))
    assert time.process_time() - start < 5


def test_a_workbook_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_UNPACKED", 1000)
    path = workbook(tmp_path, lambda book, sheet: sheet.write_string(0, 0, "month"))
    assert findings(read_path(AGREEMENT, path)) == [("F632", "facts.xlsx", None, None)]


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_BYTES", 10)
    path = folder(tmp_path / "facts", {"monthly.csv": "month,sales\n2026-01,5\n"})
    assert findings(read_path(AGREEMENT, path)) == [("F632", "monthly.csv", None, None)]
    monkeypatch.setattr(tables, "MOST_BYTES", 1000)
    monkeypatch.setattr(tables, "MOST_ROWS", 0)
    assert findings(read_path(AGREEMENT, path)) == [("F632", "monthly.csv", None, None)]


# ---- anything at all ---------------------------------------------------------------------------

WORDS = (
    "month 2026-01 sales orders receipts monthly 5 NaN null &a *a !!x ref payer client once fact value "
    "closings as_of ending sent 1e9999 金额 , : { } [ ] \" - | > # ? '"
)
SPACES = ["\n", " ", "  ", "\t", "\x00", "\ufeff"]
SCRAPS = st.lists(st.sampled_from([*WORDS.split(), *SPACES]), max_size=40).map("".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    content=st.one_of(st.binary(max_size=200), SCRAPS.map(str.encode), st.text(max_size=80).map(str.encode)),
    name=st.sampled_from(["monthly.csv", "orders.csv", "receipts.csv", "once.csv", "f.json", "f.yaml", "f.xlsx"]),
    encoding=st.sampled_from([None, "gb18030"]),
)
def test_any_bytes_are_facts_or_findings(tmp_path: Path, content: bytes, name: str, encoding: str | None) -> None:
    (tmp_path / name).write_bytes(content)
    findings(read_path(AGREEMENT, tmp_path / name, encoding))


KNOWN = (
    "monthly sales orders receipts once ending 2026-01 2026-Q1 closings complete_through order_no ordered_on "
    "payer payee amount on for fact value month x deposit"
)
NAMES = st.sampled_from(["", *KNOWN.split()])
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.dates(),
    st.datetimes(),
    st.sampled_from(["client", "operator", "2026-01-01", "2026-01", "5", "none", "unknown", ""]),
    st.text(max_size=5),
)
DATA = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(NAMES, st.integers(), st.none(), st.dates()), inner, max_size=4),
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(DATA)
def test_any_data_is_facts_or_findings(data: Any) -> None:
    findings(read_plain(AGREEMENT, data))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(at=st.integers(0, 5000), byte=st.integers(0, 255), member=st.integers(0, 20))
def test_a_damaged_workbook_is_facts_or_findings(tmp_path: Path, at: int, byte: int, member: int) -> None:
    """Bytes are changed inside the packed parts, so that the damage gets past the archive's checksums."""

    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["month", "sales", "share"])
        sheet.write_row(1, 0, ["2026-01", 5, 0.5])
        sheet.write_formula(2, 1, "=1+1", book.add_format({"num_format": "0%"}), 2)

    path = workbook(tmp_path, write)
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        for name in names:
            content = bytearray(old.read(name))
            if name == names[member % len(names)]:
                content[at % len(content)] = byte
            new.writestr(name, bytes(content))
    path.write_bytes(out.getvalue())
    findings(read_path(AGREEMENT, path))


# ---- command line and scenarios ----------------------------------------------------------------


def test_a_parameter_on_the_command_line() -> None:
    assert read_value("CNY 800_000", CNY, AGREEMENT) == 800_000
    assert read_value("5%", PERCENT, AGREEMENT) == Fraction(1, 20)
    assert read_value("a_1", TEXT, AGREEMENT) == "a_1"
    for text, code in (("", "F603"), ("unknown", "F603"), ("0.05", "F603"), ("USD 5", "F611")):
        value = read_value(text, PERCENT if text == "0.05" else CNY, AGREEMENT)
        assert isinstance(value, Diagnostic) and value.code == code


def scalar(name: str, period: str, value: Any, known: bool = True) -> model.GivenScalar:
    return model.GivenScalar(name, period, value, known, span=HERE)


def records(name: str, period: str, *rows: dict[str, Any]) -> model.GivenRecords:
    return model.GivenRecords(name, period, tuple(tuple(row.items()) for row in rows), span=HERE)


def closing(as_of: dt.date | None, *facts: Any, corrected: Sequence[Any] = (), **through: dt.date) -> model.Closing:
    complete = tuple((None if k == "default" else k, v) for k, v in through.items())
    return model.Closing(facts, tuple(corrected), as_of, complete, (), span=HERE)


def order(no: str, day: int, **more: Any) -> dict[str, Any]:
    return {"order_no": no, "ordered_on": dt.date(2026, 1, day), "dealer_price": 5, "quantity": 1, **more}


def paid(ref: str | None, day: dt.date, amount: int, **more: Any) -> dict[str, Any]:
    row = {"payer": "client", "payee": "operator", "amount": amount, "on": day, **more}
    return row if ref is None else {"ref": ref, **row}


def test_a_scenario_closes_and_corrects() -> None:
    january, february = dt.date(2026, 1, 31), dt.date(2026, 2, 28)
    first = closing(
        january,
        scalar("sales", "2026-01", 900_000),
        scalar("dealers", "2026-01", None, known=False),
        scalar("withhold", "2026-01", None),
        scalar("warning_", "2026-01", (None, dt.date(2026, 1, 5))),
        records("orders", "2026-01", order("A", 12), order("B", 3)),
        records("receipts", "once", paid("P1", dt.date(2026, 1, 10), 5)),
        default=january,
    )
    second = closing(
        february,
        scalar("sales", "2026-02", 5),
        records("receipts", "once", paid(None, dt.date(2026, 1, 20), 6), paid("P3", dt.date(2026, 2, 3), 7)),
        corrected=[
            scalar("sales", "2026-01", 800_000),
            records("orders", "2026-01", order("A", 12, quantity=2)),
        ],
        receipts=dt.date(2026, 2, 8),
    )
    one = from_scenario(AGREEMENT, [first])
    assert one.months == ("2026-01",) and one.closings == () and one.complete_through == {None: january}
    assert [r.key for r in one.records["orders"]] == ["B", "A"]
    assert one.scalars["dealers"]["2026-01"].unknown
    assert one.carried == {"withhold", "warning_", "orders", "receipts"}
    assert one.scalars["warning_"]["2026-01"].value == Notice(None, dt.date(2026, 1, 5))

    both = from_scenario(AGREEMENT, [first, second])
    assert both.months == ("2026-01", "2026-02")
    assert both.scalars["sales"]["2026-01"].value == 800_000
    assert [(r.key, r.fields["quantity"].value) for r in both.records["orders"]] == [("A", 2)]
    assert both.records["orders"][0].fields["area"] == Cell(None, Origin("t.contract", None, 1, "orders"))
    assert [(p.ref, p.reported) for p in both.payments["receipts"]] == [
        ("P1", None),
        ("2026-01-20#1", dt.date(2026, 2, 1)),
        ("P3", None),
    ]
    assert [c.as_of for c in both.closings] == [january]
    assert both.complete_through == {"receipts": dt.date(2026, 2, 8)}
    assert both.sha256 != one.sha256


def test_a_scenario_gives_what_a_file_gives() -> None:
    data = {
        "2026-01": {"sales": 5, "withhold": None},
        "orders": [
            {"order_no": "A", "ordered_on": "2026-01-12", "dealer_price": 5, "quantity": 1},
        ],
    }
    given_ = closing(
        dt.date(2026, 1, 31),
        scalar("sales", "2026-01", 5),
        scalar("withhold", "2026-01", None),
        records("orders", "2026-01", order("A", 12)),
    )
    assert bare(from_scenario(AGREEMENT, [given_])) == bare(taken(read_plain(AGREEMENT, data)))


def test_a_ref_that_stands_twice_is_told_of_a_row_that_is_wrong_otherwise_too() -> None:
    rows = [
        {"ref": "P1", "payer": "client", "payee": "operator", "amount": "5", "on": "2026-01-01"},
        {"ref": "P1", "payer": "client", "payee": "operator", "amount": "$5", "on": "2026-01-02"},
    ]
    _, found = read_plain(AGREEMENT, {"receipts": rows})
    assert sorted(one.code for one in found) == ["F611", "F613"]


def test_a_field_that_a_list_has_not_is_told_with_its_place() -> None:
    rows = [{"order_no": "A", "ordered_on": "2026-01-01", "dealer_price": "1", "quantity": "1", "aera": "north"}]
    _, found = read_plain(AGREEMENT, {"orders": rows})
    (one,) = found
    assert (one.code, one.arg("list"), one.arg("suggestion")) == ("F642", "orders", "area")
    assert isinstance(one.place, Place) and one.place.column == "orders[1].aera"


def test_null_is_called_null() -> None:
    _, found = read_plain(AGREEMENT, {"orders": [None]})
    assert found[0].arg("value") == "null"


# ---- what a form brings back -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "months"),
    [
        # rows that stand ready for the rest of the year are not yet given
        ({"monthly.csv": "month,sales,withhold\n2026-01,5,\n2026-02,,2026-03-01\n2026-03,,\n2026-04,,\n"}, "01 02"),
        # between two that are filled nothing happened
        ({"monthly.csv": "month,sales,withhold\n2026-01,5,\n2026-02,,\n2026-03,6,\n"}, "01 02 03"),
        # whoever says that a value is unknown has said something
        ({"monthly.csv": "month,sales\n2026-01,5\n2026-02,unknown\n2026-03,\n"}, "01 02"),
        # nothing was refused so far, and payments are known for February
        ({"monthly.csv": "month,withhold\n2026-01,\n2026-02,\n2026-03,\n",
          "receipts.csv": "payer,payee,amount,on\nclient,operator,5,2026-02-10\n"}, "01 02"),
        # a month has no day in a quarter that is filled
        ({"monthly.csv": "month,withhold\n2026-01,\n2026-02,\n2026-04,\n",
          "quarterly.csv": "quarter,growth\n2026-Q1,5\n2026-Q2,\n"}, "01 02"),
        # whoever says that the facts are complete to the end of March, or made a statement then, has seen to March
        ({"monthly.csv": "month,sales,withhold\n2026-01,5,\n2026-02,,\n2026-03,,\n2026-04,,\n",
          "closings.csv": "as_of,source,complete_through\n,receipts,2026-03-31\n"}, "01 02 03"),
        ({"monthly.csv": "month,sales,withhold\n2026-01,5,\n2026-02,,\n2026-03,,\n2026-04,,\n",
          "closings.csv": "as_of,source,complete_through\n2026-03-30,,\n"}, "01 02"),
        # nothing at all is said but by the rows
        ({"monthly.csv": "month,withhold\n2026-01,\n2026-02,\n"}, "01 02"),
    ],
)  # fmt: skip
def test_blank_rows_at_the_end_of_a_form_give_no_month(tmp_path: Path, files: Mapping[str, str], months: str) -> None:
    facts = taken(read_path(AGREEMENT, folder(tmp_path / "facts", files)))
    assert facts.months == tuple(f"2026-{month}" for month in months.split())
    assert "withhold" in facts.carried or "sales" in facts.scalars


def test_sheets_of_notes_do_no_harm(tmp_path: Path) -> None:
    """Neither those of a form, of which nothing is said, nor a pivot under a title of one cell."""

    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["month", "sales"])
        sheet.write_row(1, 0, ["2026-01", 5])
        for name in ("填写说明", "Instructions", "选项"):
            notes = book.add_worksheet(name)
            notes.write_string(0, 0, "How to fill this in")
            notes.write_row(2, 0, ["sheet", "what it holds"])
        pivot = book.add_worksheet("Pivot of 2025")
        pivot.write_string(0, 0, "Pivot")
        pivot.write_row(1, 0, ["month", "total", 3])

    facts, found = read_path(AGREEMENT, workbook(tmp_path, write))
    assert facts is not None and facts.scalars["sales"]["2026-01"].value == 5
    assert [(one.code, one.severity, cast(Place, one.place).sheet) for one in found] == [
        ("F627", "warning", "Pivot of 2025")
    ]


def test_a_sheet_that_is_asked_for_is_not_passed_over(tmp_path: Path) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["month", "sales"])
        sheet.write_row(1, 0, ["2026-01", 5, 7])
        other = book.add_worksheet("instructions")
        other.write_row(0, 0, ["month", "rates"])
        other.write_row(1, 0, ["2026-01", 5])
        other = book.add_worksheet("choices")
        other.write_row(0, 0, ["month", "share"])
        other.write_row(1, 0, ["2026-01", 5])

    assert findings(read_path(AGREEMENT, workbook(tmp_path, write))) == [
        ("F633", "facts.xlsx", 2, "3"),
        ("F603", "facts.xlsx", 2, "share"),
    ]


def test_a_list_whose_name_no_sheet_can_have_is_found_under_its_tab(tmp_path: Path) -> None:
    long = "orders_that_were_placed_before_the_opening"
    names = (long, long + "_day", "in/out", "In_Out", "in_out")
    listed = Type("list", fields=(Field("on", DATE),))
    agreement = contract([fact(name, listed, dated_by="on") for name in names])
    found = tables.tabs(names)
    assert len({tab.casefold() for tab in found.values()}) == 5 and all(len(tab) <= 31 for tab in found.values())

    def write(book: Any, sheet: Any) -> None:
        for number, tab in enumerate(found[name] for name in names):
            made = book.add_worksheet(tab)
            made.write_string(0, 0, "on")
            for row in range(number):
                made.write_string(row + 1, 0, f"2026-01-0{row + 1}")

    facts = taken(read_path(agreement, workbook(tmp_path, write)))
    assert [len(facts.records[name]) for name in names] == [0, 1, 2, 3, 4]
    files = {f"{tab}.csv": "on\n" for tab in found.values()}
    assert taken(read_path(agreement, folder(tmp_path / "csv", files))).carried == set(names)


def test_a_payment_whose_reference_is_no_text_is_told() -> None:
    payment = {"payer": "client", "payee": "operator", "amount": 5, "on": "2026-02-10", "ref": True}
    assert findings(read_plain(AGREEMENT, {"receipts": [payment]})) == [("F603", "facts", None, "receipts[1].ref")]


# What people and programs put into cells, most of it wrong in most columns.
CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**17), 10**17),
    st.floats(allow_nan=False, allow_infinity=False),
    st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(9999, 12, 31)),
    st.sampled_from(["", " ", "未知", "unknown", "none", "n/a", "#REF!", "=1+1", "client", "2026-01", "2026-13", "5%"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(sorted(YEAR)),
        st.integers(0, 5),
        st.integers(0, 9),
        CELLS,
        st.sampled_from(["@", "0%", "yyyy-mm-dd", "0.00"]),
    ),
    min_size=1,
    max_size=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(changes=CHANGES)
def test_a_workbook_with_other_cells_is_facts_or_findings_with_places(tmp_path: Path, changes: list[Any]) -> None:
    """Any cells of a sound workbook are others: whatever is told of them has its file, its sheet, and a row or column."""
    path = tmp_path / "facts.xlsx"
    book = cast(Any, xlsxwriter).Workbook(str(path), {"strings_to_urls": False})
    for name, text in YEAR.items():
        page = book.add_worksheet(name.removesuffix(".csv"))
        for i, row in enumerate(csv.reader(io.StringIO(text))):
            for j, cell in enumerate(row):
                page.write_string(i, j, cell)
        for at, row_, column, value, shown in changes:
            if at == name:
                page.write(row_, column, value, book.add_format({"num_format": shown}))
    book.close()
    facts, found = read_path(AGREEMENT, path)
    assert (facts is None) == any(one.severity == "error" for one in found)
    for one in found:
        assert isinstance(one.place, Place), str(one)
        assert one.place.file == "facts.xlsx" and one.place.sheet is not None, str(one)
        assert one.place.row is not None or one.place.column is not None or one.code == "F632", str(one)
        assert brief(one, "en") and draw(one, "zh")


def test_the_kinds_of_payment_are_told_in_the_words_of_the_form() -> None:
    payment = {"ref": "P1", "payer": "client", "payee": "operator", "amount": 5, "on": "2026-02-10", "kind": "转账"}
    _, found = read_plain(AGREEMENT, {"receipts": [payment]})
    (one,) = [each for each in found if each.code == "F603"]
    assert "`转账` is not `payment`, `refund`, `set off` or `write off`" in brief(one, "en")
    assert "“转账”不是“付款”“退款”“抵销”或者“核销”" in brief(one, "zh")


YEAR_AS_DATA: dict[str, Any] = {
    "monthly": {"2026-01": {"dealers": 6, "sales": "912,000.00", "share": "5%", "strike": False, "withhold": None}},
    "once": {"start": "2026-01-01", "deposit": "0.8万元", "ending": {"sent": None, "received": "2026-03-01"}},
    "orders": [{"order_no": "B2", "ordered_on": "2026-01-20", "dealer_price": 96, "quantity": 80, "area": "north"}],
    "breaks": [{"from": "2026-03-01", "until": None}],
    "receipts": [
        {"ref": "P1", "payer": "client", "payee": "operator", "amount": 5, "on": "2026-02-10", "kind": "refund"}
    ],
    "closings": [{"as_of": "2026-01-31", "source": "bank feed", "complete_through": "2026-01-31"}],
    "complete_through": {"receipts": "2026-03-08"},
}


@st.composite
def other_data(draw: st.DrawFn, inside: Any = None) -> Any:
    """The object with some of its values, at any depth, replaced, taken away or doubled under another key."""
    value = YEAR_AS_DATA if inside is None else inside
    if draw(st.integers(0, 11)) == 0:
        return draw(st.recursive(LEAVES, lambda leaf: st.lists(leaf, max_size=2), max_leaves=3))
    match value:
        case dict():
            made = {key: draw(other_data(part)) if part else part for key, part in value.items()}
            for key in list(made):
                if draw(st.integers(0, 19)) == 0:
                    made[draw(NAMES)] = made.pop(key)
            return made
        case list():
            return [draw(other_data(part)) for part in value] * draw(st.sampled_from([1, 1, 1, 0, 2]))
        case _:
            return value


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(data=other_data())
def test_a_json_document_with_other_values_is_facts_or_findings_with_places(tmp_path: Path, data: Any) -> None:
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(data, default=str), "utf-8")
    facts, found = read_path(AGREEMENT, path)
    assert (facts is None) == any(one.severity == "error" for one in found)
    for one in found:
        assert (one.place.file if isinstance(one.place, Place) else one.place) == "facts.json", str(one)
        assert brief(one, "zh") and draw(one, "en")


def test_a_number_that_is_no_day_in_a_cell_of_days_is_told(tmp_path: Path) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["month", "withhold", "sales"])
        sheet.write_row(1, 0, ["2026-01", None, 123456789012345])
        sheet.write_number(1, 1, 10**17, book.add_format({"num_format": "yyyy-mm-dd"}))

    assert findings(read_path(AGREEMENT, workbook(tmp_path, write))) == [("F603", "facts.xlsx", 2, "B")]
