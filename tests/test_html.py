"""The statement as HTML: every row of the others in it, well formed, nothing of the contract's or the facts' is markup."""

import json
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import clausal
from clausal.cli import main
from clausal.dsl.wording import Lang
from clausal.engine.report import html
from clausal.engine.report.spelling import spell, spell_detail
from clausal.engine.report.statement import Section, rows

FEBRUARY = json.loads((Path(__file__).parent / "report" / "february.json").read_text("utf-8"))
LANGUAGES: tuple[Lang, ...] = ("en", "zh")
EMPTY = {"br", "meta"}  # elements without an end


class Reading(HTMLParser):
    """The elements of a text that close in order, and its tables as rows of texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: dict[str, int] = {}
        self.attributes: list[tuple[str, str, str]] = []
        self.tables: list[list[list[str]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in EMPTY:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("th", "td"):
            self.tables[-1][-1].append("")
        elif tag == "br" and {"th", "td"} & set(self.open):
            self.tables[-1][-1][-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"th", "td"} & set(self.open):
            self.tables[-1][-1][-1] += data


def sections(document: Any) -> Iterator[Section]:
    statement = rows(document)
    for part in statement.months:
        yield from part.sections
    yield from statement.closing


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("render", [html.render, html.fragment], ids=["page", "fragment"])
def test_every_row_is_there_with_its_details(render: Any, lang: Lang) -> None:
    tables = Reading(render(FEBRUARY, lang)).tables
    wanted = list(sections(FEBRUARY))
    assert len(tables) == len(wanted)
    for table, section in zip(tables, wanted, strict=True):
        body = table[-len(section.rows) :]
        for texts, row in zip(body, section.rows, strict=True):
            cells = [spell(cell, lang, section.currency) for cell in row.cells]
            assert texts[: len(cells)] == cells
            said = [spell_detail(detail, lang, section.currency) for detail in row.details]
            assert texts[len(cells) :] in ([], ["\n".join(said)])
            assert not said or len(texts) > len(cells)


def test_figures_stand_right_and_in_one_width() -> None:
    text = html.fragment(FEBRUARY, "en")
    found = {style for style, content in re.findall(r'<td style="([^"]*)">([^<]*)</td>', text) if content == "3,617.50"}
    assert found and all("text-align:right" in style and "nowrap" in style for style in found)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_written_is_never_markup(lang: Lang) -> None:
    hostile = '</td><script>alert("x")</script>&amp; <img src=x onerror=y> $x^2$ \x1b[31m'
    document = json.loads(json.dumps(FEBRUARY).replace("operator", json.dumps(hostile)[1:-1]))
    document["contract"]["title"] = hostile
    plain = Reading(html.render(FEBRUARY, lang))
    for render in (html.render, html.fragment):
        text = render(document, lang)
        reading = Reading(text)
        assert {"script", "img"}.isdisjoint(reading.seen)
        assert {name for _, name, _ in reading.attributes} <= {name for _, name, _ in plain.attributes}
        assert "\x1b" not in text
        assert '</td><script>alert("x")</script>&amp;' in unescape(text)


def test_nothing_is_loaded_from_elsewhere() -> None:
    text = html.render(FEBRUARY, "en", explanations=["why\n  because a < b"])
    reading = Reading(text)
    assert not {"link", "script", "img", "iframe", "object"} & set(reading.seen)
    assert not {"src", "href"} & {name for _, name, _ in reading.attributes}
    assert "url(" not in text and "@import" not in text and "://" not in text
    assert "because a &lt; b" in text


def test_a_fragment_reaches_nothing_around_it() -> None:
    """Styles stand on the elements; neither the text's colour nor the ground's is set, but for what is alarming."""
    text = html.fragment(FEBRUARY, "en")
    reading = Reading(text)
    assert not {"style", "html", "head", "body"} & set(reading.seen)
    assert "id" not in {name for _, name, _ in reading.attributes}
    colours = set(re.findall(r"(?<![-\w])(?:color|background)\s*:\s*([^;\"]+)", text))
    assert colours <= {"inherit", "none", html.ALARM.partition(";")[0].partition(":")[2]}


def test_of_several_months_the_last_is_open() -> None:
    assert len(FEBRUARY["months"]) == 2
    states = re.findall(r"<details( open)?", html.fragment(FEBRUARY, "en"))
    assert states == ["", " open"]
    assert re.findall(r"<details( open)?", html.render(FEBRUARY, "en")) == [" open", " open"]


def test_the_language_is_said() -> None:
    assert '<html lang="zh-Hans">' in html.render(FEBRUARY, "zh")
    assert ' lang="en">' in html.fragment(FEBRUARY, "en").splitlines()[0]


SMALL = """
contract "Linen <service>" {
  currency CNY
  term from 2026-01-01 to 2026-12-31
  rounding half_up to 0.01
}
party hotel "Hotel & Co."
party laundry
fact receipts : payments
clause "4" "Fee" {
  text "The fee is due."
  obligation pay_fee { hotel must pay laundry CNY 100 every month due day 10 of next month performed by receipts }
}
fact notices : notice monthly
termination unpaid { laundry may terminate when pay_fee is breached exercised on notices lapses 30 days after month end }
"""


def test_a_notebook_is_shown_contract_statement_and_explanation() -> None:
    contract = clausal.load(SMALL)
    shown = contract._repr_html_()
    assert Reading(shown).tables == [
        [
            ["term", "2026-01-01 – 2026-12-31"],
            ["currency", "CNY"],
            ["party hotel", "Hotel & Co."],
            ["party laundry", ""],
        ],
        [["kind", "name", "clause"], ["obligation", "pay_fee", "4 Fee"], ["termination", "unpaid", ""]],
    ]
    assert "<h3>Linen &lt;service&gt;</h3>" in shown
    statement = contract.evaluate({"receipts": []}, as_of="2026-01-31")
    assert statement._repr_html_() == html.fragment(statement.to_dict(), "en")
    explanation = statement.explain("pay_fee@2026-01")
    told = explanation._repr_html_()
    Reading(told)
    assert told.splitlines()[1].startswith("<pre") and "<b>pay_fee@2026-01 = CNY 100.00</b>" in told
    assert explanation.to_dict()["subject"] == "pay_fee@2026-01"


def test_a_notebook_is_spoken_to_in_the_language_of_the_keywords() -> None:
    contract = clausal.load(
        '合同 "洗涤" { 币种 CNY 合同期限 自 2026-01-01 至 2026-12-31 舍入 四舍五入 精确到 0.01 } '
        "当事人 甲方 数据 收付款 : 付款记录"
    )
    statement = contract.evaluate({"收付款": []}, as_of="2026-01-31")
    for shown in (contract._repr_html_(), statement._repr_html_()):
        assert 'lang="zh-Hans"' in shown
    assert "当事人 甲方" in contract._repr_html_()
    assert "截止日 2026-01-31" in statement._repr_html_()


def test_the_command_writes_a_page(tmp_path: Path) -> None:
    (tmp_path / "linen.contract").write_text(SMALL, "utf-8")
    (tmp_path / "facts.json").write_text('{"receipts": []}', "utf-8")
    asked = ["eval", str(tmp_path), "--as-of", "2026-01-31", "--format", "html", "--explain", "-q"]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0
    assert done.output.startswith("<!DOCTYPE html>")
    assert Reading(done.output).seen["pre"] == 1
    narrow = CliRunner(charset="gbk").invoke(main, [*asked, "--lang", "zh"])
    assert narrow.stdout_bytes.isascii() and "截止日" in unescape(narrow.output)
