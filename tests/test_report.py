"""The result's published shape, and renderings of one February: figures, alignment, nothing lost."""

import copy
import csv
import io
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from clausal.dsl.wording import Lang, display_width
from clausal.engine.report import delimited, markdown, plain, spelling, statement, terminal

jsonschema: Any = pytest.importorskip("jsonschema")
HERE = Path(__file__).parent
SCHEMA = json.loads((HERE.parent / "engine" / "report" / "result.schema.json").read_text("utf-8"))
LANGUAGES: tuple[Lang, ...] = ("en", "zh")


@pytest.fixture
def february() -> Any:
    return json.loads((HERE / "report" / "february.json").read_text("utf-8"))


@pytest.fixture
def crowded(february: Any) -> Any:
    """February with what it happens not to have: a third party, an undetermined line, a settlement, ..."""
    document = copy.deepcopy(february)
    args = {"source": "receipts", "until": "2026-02-28"}
    document["warnings"] = [{"code": "completeness assumed", "args": args}]
    document["completeness"]["receipts"] = "2026-02-20"
    month = document["months"][-1]
    month["state"] = "ended"
    month["events"].append(
        {
            "date": "2026-02-13",
            "kind": "state",
            "subject": "contract",
            "args": {"from": "ending", "to": "ended", "reason": "terminated"},
        }
    )
    month["events"].append(
        {"date": "2026-02-14", "kind": "alert", "subject": "P02", "args": {"code": "pays a closed debt"}}
    )
    month["values"]["growth"] = {"type": "percent", "not_applicable": "division by zero"}
    month["values"]["boxes_packed"] = {"type": "count", "value": "1240", "unit": "box", "to_date": True}
    month["values"]["late_rate"] = {"type": "rate", "value": "0.05%", "unit": "day", "exact": "1/2000"}
    month["balances"]["recovered"] = {
        "currency": "CNY",
        "opening": "0.00",
        "added": "1234567.89",
        "used": "0.00",
        "closing": "1234567.89",
        "needs": [],
    }
    line = copy.deepcopy(month["obligations"][2])
    line |= {"obligation": "配送_to_the_warehouse_in_the_north", "amount": None, "paid": None, "open": None}
    line |= {"id": f"{line['obligation']}@2026-02", "action": "deliver"}
    line |= {"what": "仓库|日报 and a report\x1b[31m"}
    line |= {"interest": None, "status": "undetermined", "needs": ["delivered_on@2026-02"], "clause": "3.6"}
    line |= {"debtor": "carrier", "creditor": "operator", "notes": ["=cmd()"], "flags": ["provisional"]}
    month["obligations"].append(line)
    month["undetermined"].append(
        {
            "what": line["id"],
            "needs": ["delivered_on@2026-02"],
            "days": {"from": "2026-02-21", "to": "2026-02-28"},
        }
    )
    document["contingent"].append(
        {
            "kind": "flag",
            "code": "over 130% of loss",
            "subject": "exclusivity.penalty@2026-02-18",
            "from": "client",
            "to": "operator",
            "amount": {"currency": "CNY", "value": "4400.00"},
            "days": None,
            "args": {"loss": "12000.00"},
        }
    )
    document["settlement"] = {
        "as_of": "2026-02-13",
        "items": [
            {
                "id": "pay_fee@2026-01",
                "part": "principal",
                "owed_by": "client",
                "owed_to": "operator",
                "currency": "CNY",
                "amount": "6492.43",
                "due": "2026-02-10",
            }
        ],
        "totals": [{"from": "client", "to": "operator", "currency": "CNY", "amount": "6492.43"}],
    }
    document["restatement"] = [
        {
            "origin": "2026-01",
            "line": "payment P15",
            "kind": "payment",
            "from": "client",
            "to": "operator",
            "currency": "CNY",
            "as_issued": None,
            "as_now": "-500.00",
            "difference": "-500.00",
            "booked_in": "2026-02",
        }
    ]
    return document


# The shape


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", ["february", "crowded"])
def test_documents_have_the_published_shape(name: str, request: pytest.FixtureRequest) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(request.getfixturevalue(name))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("surprise",), 1),
        (("months", 0, "obligations", 0, "surprise"), None),
        (("months", 0, "obligations", 0, "amount", "value"), 8000),
        (("months", 0, "obligations", 0, "paid"), "-0.00"),
        (("months", 0, "obligations", 0, "open"), "8,000.00"),
        (("months", 0, "obligations", 0, "status"), "late"),
        (("months", 0, "ledger", 0, "paid"), "-1.00"),
        (("months", 0, "values", "commission", "exact"), "3640.0"),
        (("months", 0, "values", "commission", "value"), None),
        (("as_of",), "2026-02-32"),
    ],
)
def test_drift_is_refused(february: Any, path: tuple[Any, ...], value: object) -> None:
    place = february
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(february)


def test_every_object_of_the_schema_is_closed() -> None:
    def objects(node: Any) -> Any:
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield node
            for each in node.values():
                yield from objects(each)
        elif isinstance(node, list):
            for each in node:
                yield from objects(each)

    assert [node for node in objects(SCHEMA) if "additionalProperties" not in node] == []


def test_the_example_balances(february: Any) -> None:
    signs = {"opening": 1, "accrued": 1, "interest": 1, "penalties": 1, "tax": 1, "adjusted": 1}
    signs |= {"withheld": -1, "written_off": -1, "paid": -1, "refunded": 1}
    before = Fraction(0)
    for month in february["months"]:
        (row,) = month["ledger"]
        closing = Fraction(row["closing"])
        assert Fraction(row["opening"]) == before
        assert sum(sign * Fraction(row[key]) for key, sign in signs.items()) == closing
        parts = {key: Fraction(value) for key, value in row["of_which"].items()}
        held = sum(parts[key] for key in ("not_due", "due", "overdue", "retained"))
        assert held - parts["credit"] == closing
        assert sum(Fraction(value) for value in row["aging"].values()) == parts["overdue"]
        lines = month["obligations"]
        assert sum(Fraction(line["open"]) + Fraction(line["interest"]["open"]) for line in lines) == closing
        booked = sum(Fraction(each["amount"]["value"]) for each in month["penalties"])
        assert booked == Fraction(row["interest"])
        assert sum(Fraction(each["amount"]["value"]) for each in month["payments"]) == Fraction(row["paid"])
        for each in month["payments"]:
            applied = sum(Fraction(use["amount"]) for use in each["applied"]) + Fraction(each["unapplied"])
            assert applied == Fraction(each["amount"]["value"])
        before = closing
    assert before == Fraction("9322.50")


# Choosing


def test_a_month_alone(february: Any) -> None:
    january = statement.select(february, month="2026-01")
    assert [month["month"] for month in january["months"]] == ["2026-01"]
    assert january["upcoming"] == january["contingent"] == []
    assert len(statement.select(february, month="2026-02")["upcoming"]) == 5
    assert "P01" not in terminal.render(february, "en", month="2026-01")
    with pytest.raises(ValueError, match="no month 2026-03 in this result: it has 2026-01, 2026-02"):
        statement.select(february, month="2026-03")


def test_a_party_alone(crowded: Any) -> None:
    carrier = statement.select(crowded, party="carrier")["months"][-1]
    assert [line["debtor"] for line in carrier["obligations"]] == ["carrier"]
    assert carrier["ledger"] == carrier["payments"] == carrier["penalties"] == carrier["breaches"] == []
    assert [row["what"] for row in carrier["undetermined"]] == ["配送_to_the_warehouse_in_the_north@2026-02"]
    client = statement.select(crowded, party="client")
    assert len(client["months"][-1]["obligations"]) == 4
    assert client["months"][-1]["undetermined"] == []
    assert client["settlement"]["totals"] != []
    assert "warehouse" not in terminal.render(crowded, "en", party="client")


def test_choosing_changes_nothing(february: Any) -> None:
    before = copy.deepcopy(february)
    statement.select(february, party="nobody", month="2026-02")
    assert february == before


# Words


def vocabulary() -> list[str]:
    """A key for every word of a closed list in the schema, as the statement forms it."""
    shapes = SCHEMA["$defs"]

    def words(shape: str, *path: str) -> list[str]:
        place = shapes[shape]["properties"]
        for step in path:
            place = place[step]
        return list(place["enum"])

    keys = [f"status.{word}" for word in shapes["status"]["enum"]]
    keys += [f"state.{word}" for word in words("month_report", "state")]
    keys += [f"kpi.{word}" for word in words("value_kpi", "status")]
    keys += [f"right.{word}" for word in words("right", "status")]
    keys += [f"may.{word}" for word in words("right", "effect")]
    keys += [f"penalty.{word}" for word in words("penalty", "kind")]
    keys += [f"payment.{word}" for word in words("payment", "kind")]
    keys += [f"part.{word}" for word in words("payment", "applied", "items", "properties", "part")]
    keys += [f"event.{word}" for word in words("event", "kind")]
    keys += [f"contingent.{word}" for word in words("contingent", "kind")]
    keys += [f"upcoming.{word}" for word in words("upcoming", "kind")]
    keys += [f"restated.{word}" for word in words("restatement", "kind")]
    keys += [f"flag.{word}" for word in words("obligation", "flags", "items")]
    keys += [f"ledger.{key}" for key, _ in statement.MOVEMENTS]
    keys += [f"ledger.{key}" for key in shapes["ledger"]["properties"]["of_which"]["required"]]
    keys += [f"aging.{key}" for key in shapes["ledger"]["properties"]["aging"]["required"]]
    return keys


def test_every_closed_word_has_a_label() -> None:
    assert [key for key in vocabulary() if not spelling.known(key)] == []


def test_everything_shown_has_a_label(crowded: Any) -> None:
    shown = statement.rows(crowded)
    sections = [*shown.closing, *(section for month in shown.months for section in month.sections)]
    keys = [f"section.{section.key}" for section in sections]
    keys += [f"column.{column.key}" for section in sections for column in section.columns]
    details = [*shown.heading, *(note for section in sections for note in section.notes)]
    details += [detail for section in sections for row in section.rows for detail in row.details]
    keys += [detail.key if "." in detail.key else f"detail.{detail.key}" for detail in details]
    cells = [cell for section in sections for row in section.rows for cell in row.cells]
    keys += [f"{cell.scope}.{cell.word}" for cell in cells if isinstance(cell, statement.Word)]
    assert sorted({key for key in keys if not spelling.known(key)}) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.00", "0.00"),
        ("999.99", "999.99"),
        ("1000", "1,000"),
        ("-1234567.50", "-1,234,567.50"),
        ("12345678901234567890.001", "12,345,678,901,234,567,890.001"),
    ],
)
def test_money_is_grouped(value: str, text: str) -> None:
    assert spelling.grouped(value) == text


def test_text_from_files_drives_no_terminal() -> None:
    assert spelling.clean("a\x1b[31mb\u202ec\nd") == "a?[31mb?c d"


# Terminal


def table(page: str, title: str) -> list[str]:
    """The lines from the last title that begins so, to the next empty one."""
    lines = page.splitlines()
    at = max(number for number, line in enumerate(lines) if line.startswith(title))
    return lines[at : lines.index("", at) if "" in lines[at:] else len(lines)]


def pages(document: Any, lang: Lang) -> list[str]:
    return [each.render(document, lang) for each in (terminal, plain, markdown)]


def cut(line: str, start: int, end: int) -> str:
    """What stands in the columns from `start` to `end` of a terminal."""
    found, used = "", 0
    for char in line:
        if start <= used < end:
            found += char
        used += display_width(char)
    return found


@pytest.mark.parametrize(("lang", "title"), [("en", "Ledger"), ("zh", "往来账")])
def test_the_ledger_of_february(february: Any, lang: Lang, title: str) -> None:
    heading, *lines = table(terminal.render(february, lang), title)
    assert heading.endswith("client -> operator  CNY")
    figures = [line.split()[-1] for line in lines[:5]]
    assert figures == ["11,640.00", "9,300.00", "22.50", "-11,640.00", "9,322.50"]
    assert len({display_width(line) for line in lines[:5]}) == 1
    assert "9,300.00" in lines[5]


@pytest.mark.parametrize(("lang", "title"), [("en", "Payments"), ("zh", "付款记录")])
def test_columns_stand_under_their_rule(crowded: Any, lang: Lang, title: str) -> None:
    _, header, rule, *lines = table(terminal.render(crowded, lang), title)
    starts = [at for at in range(len(rule)) if rule[at] == "-" and (at == 0 or rule[at - 1] == " ")]
    ends = [rule.find(" ", at) if " " in rule[at:] else len(rule) for at in starts]
    row = next(line for line in lines if line.startswith("P02"))
    found = [cut(row, start, end).strip() for start, end in zip(starts, ends, strict=True)]
    assert found[0] == "P02"
    assert found[2:] == ["2026-02-25", "6,640.00"]
    assert row[: row.index("6,640.00")].endswith(" ")
    assert display_width(row) == display_width(header) == len(rule)


def test_the_lines_of_february(february: Any) -> None:
    lines = table(terminal.render(february, "en"), "Obligations")
    assert [line.split() for line in lines if line.startswith("pay_")] == [
        ["pay_fee@2026-01", "2026-02-10", "8,000.00", "8,000.00", "0.00", "performed", "late"],
        ["pay_commission@2026-01", "2026-02-10", "3,640.00", "3,617.50", "22.50", "breached"],
        ["pay_fee@2026-02", "2026-03-10", "8,000.00", "0.00", "8,000.00", "not", "yet", "due"],
        ["pay_commission@2026-02", "2026-03-10", "1,300.00", "0.00", "1,300.00", "not", "yet", "due"],
    ]
    assert len({line.index(".") for line in lines if line.startswith("pay_")}) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_nothing_is_wider_than_the_terminal(crowded: Any, lang: Lang, width: int) -> None:
    crowded["months"][-1]["ledger"][0]["opening"] = "98765432109876.50"
    page = terminal.render(crowded, lang, width=width)
    assert [line for line in page.splitlines() if display_width(line) > width] == []
    assert [line for line in page.splitlines() if line != line.rstrip()] == []


@pytest.mark.parametrize("width", [30, 80])
def test_no_figure_is_cut(crowded: Any, width: int) -> None:
    for line in crowded["months"][-1]["obligations"][:2]:
        line["amount"]["value"] = line["open"] = "98765432109876.50"
    assert terminal.render(crowded, "en", width=width).count("98,765,432,109,876.50") == 4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_chinese_console_can_show_it(february: Any, crowded: Any, lang: Lang) -> None:
    for document in (february, crowded):
        for page in pages(document, lang):
            page.encode("gbk")
    for page in (terminal.render(february, "en"), plain.render(february, "en")):
        page.encode("ascii")


def test_color_only_when_asked(february: Any) -> None:
    black = terminal.render(february, "en")
    colored = terminal.render(february, "en", color=True)
    assert "\x1b" not in black
    assert colored != black
    for code in (terminal.BOLD, terminal.RED, terminal.PLAIN):
        colored = colored.replace(code, "")
    assert colored == black


def test_what_the_crowded_page_says(crowded: Any) -> None:
    page = terminal.render(crowded, "en")
    assert "2026-02  ended  2026-02-13  terminated" in page
    assert "needs delivered_on@2026-02" in page
    assert "6,492.43" in page
    assert "-500.00" in page
    assert "?[31m" in page
    assert "\x1b" not in page
    assert "unknown, did not decide: boxes@2026-02" in " ".join(page.split())


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("pay_commission@2026-01", 16, ["pay_commission@", "2026-01"]),
        ("甲方应当支付", 5, ["甲方", "应当", "支付"]),
        ("甲方支付；乙方", 8, ["甲方支", "付；乙方"]),
        ("甲方支付；乙方交付", 12, ["甲方支付；", "乙方交付"]),
        ("one two three", 8, ["one two", "three"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("", 8, [""]),
    ],
)
def test_folding(text: str, width: int, lines: list[str]) -> None:
    assert terminal.fold(text, width) == lines


def test_chinese_lines_have_chinese_stops(february: Any, crowded: Any) -> None:
    for document in (february, crowded):
        pages = (one.render(document, "zh") for one in (terminal, markdown, plain))
        for page in pages:
            assert "; " not in page
            assert "；" in page
            assert not any(line.lstrip().startswith(tuple("；，。、")) for line in page.splitlines())
    assert spelling.spell(statement.Names(("甲", "乙")), "zh") == "甲、乙"
    assert spelling.spell(statement.Names(("a", "b")), "en") == "a, b"


# The other renderings


def test_plain_lines_stand_alone(february: Any) -> None:
    page = plain.render(february, "en")
    assert (
        "pay_commission@2026-01; due date 2026-02-10; amount CNY 3,640.00; paid CNY 3,617.50; "
        "open CNY 22.50; status breached; overdue since 2026-02-11; days in default 18.\n"
    ) in page
    assert "withhold_fee@2026-02; holder client; opened 2026-02-28; last day 2026-03-10;" in page
    assert "--" not in page
    assert "|" not in page
    chinese = plain.render(february, "zh")
    assert all(line.endswith("。") for line in chinese.splitlines() if line)
    assert "CNY 3,617.50" in chinese


@pytest.mark.parametrize("lang", LANGUAGES)
def test_markdown_tables_have_even_rows(crowded: Any, lang: Lang) -> None:
    page = markdown.render(crowded, lang)
    assert r"仓库\|日报" in page
    assert r"| pay\_commission@2026-01 | 2026-02-10 | 3,640.00 | 3,617.50 | 22.50 |" in page
    bars = [
        (line.replace(r"\|", "").count("|"), before.replace(r"\|", "").count("|"))
        for before, line in zip(page.splitlines(), page.splitlines()[1:], strict=False)
        if line.startswith("|") and before.startswith("|")
    ]
    assert bars
    assert all(one == other for one, other in bars)


def test_csv_lines(crowded: Any) -> None:
    lines = list(csv.DictReader(io.StringIO(delimited.render_csv(crowded))))
    records = [line["record"] for line in lines if line["month"] == "2026-02"]
    payments = ["payment", "applied", "payment", "applied", "applied", "applied"]
    assert records == ["obligation"] * 5 + ["penalty"] + payments + ["ledger"]
    line = lines[4]
    assert (line["id"], line["status"]) == ("pay_commission@2026-01", "breached")
    assert (line["amount"], line["paid"], line["open"]) == ("3640.00", "3617.50", "22.50")
    ledger = lines[-1]
    assert (ledger["opening"], ledger["paid"], ledger["closing"]) == ("11640.00", "11640.00", "9322.50")
    assert (ledger["not_due"], ledger["overdue"], ledger["aging_1_30"]) == ("9300.00", "22.50", "22.50")
    assert lines[7]["notes"] == "'=cmd()"
    assert lines[8]["exact_total"] == "45/2"


def test_csv_of_january_for_one_party(crowded: Any) -> None:
    lines = list(csv.DictReader(io.StringIO(delimited.render_csv(crowded, party="client", month="2026-01"))))
    assert [line["record"] for line in lines] == ["obligation", "obligation", "ledger"]
    assert list(csv.DictReader(io.StringIO(delimited.render_csv(crowded, party="nobody")))) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=1+1", "'=1+1"),
        ("+86 10", "'+86 10"),
        ("-cmd", "'-cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("\t=1", "'\t=1"),
        ("-12.50", "-12.50"),
        ("-1-1", "'-1-1"),
        ("--1", "'--1"),
        ("-.", "'-."),
        ("-１", "'-１"),
        ("45/2", "45/2"),
        (None, ""),
        (True, "true"),
        (18, "18"),
        (["=a", "b"], "'=a; b"),
    ],
)
def test_no_formula_is_injected(value: object, text: str) -> None:
    assert delimited.cell_text(value) == text


def test_jsonl_lines(crowded: Any) -> None:
    text = delimited.render_jsonl(crowded)
    records = [json.loads(line) for line in text.splitlines()]
    assert records[0]["record"] == "run"
    kinds = {record["record"] for record in records}
    assert {"month", "value", "balance", "obligation", "penalty", "breach", "right", "event"} <= kinds
    assert {"undetermined", "payment", "settlement", "settlement total", "restatement", "upcoming"} <= kinds
    breach = next(record for record in records if record["record"] == "breach")
    assert (breach["of"], breach["since"]) == ("pay_commission@2026-01", "2026-02-11")
    assert breach["month"] == "2026-02"
    assert sum(record["record"] == "ledger" for record in records) == 2
    assert records[-1] == {"record": "warning", **crowded["warnings"][0]}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_run_without_months(february: Any, lang: Lang) -> None:
    february["months"] = february["upcoming"] = february["contingent"] = []
    for page in pages(february, lang):
        assert "2026-02-28" in page
    assert len(delimited.render_csv(february).splitlines()) == 1
