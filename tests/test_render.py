"""`contract render`: the contract as a document that a lawyer reads beside the paper, in Markdown and as a page."""

from __future__ import annotations

import datetime as dt
import html
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from clausal.cli import main
from clausal.dsl.compile import compile_text
from clausal.dsl.diagnostics import Lang
from clausal.dsl.prose import things
from clausal.engine.agenda import agenda
from clausal.engine.embedding import find_contract, reader
from clausal.engine.evaluate import Prepared, prepare
from clausal.engine.report import blocks_html, blocks_markdown
from clausal.engine.report.blocks import (
    Document,
    Facing,
    Heading,
    Items,
    Lines,
    Paragraph,
    Side,
    Strong,
    Table,
)
from clausal.engine.report.reading import reading

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = sorted(path.name for path in (ROOT / "contracts").iterdir() if path.is_dir())
LANGS: tuple[Lang, ...] = ("en", "zh")


@cache
def prepared(path: Path) -> Prepared:
    made, found = compile_text(path.read_text("utf-8"), str(path), reader(path, None))
    assert made is not None, [one.code for one in found]
    return prepare(made)


def shipped(name: str) -> Prepared:
    return prepared(Path(find_contract(ROOT / "contracts" / name)))


def of_text(text: str) -> Prepared:
    made, found = compile_text(text, "some.contract")
    assert made is not None, [one.code for one in found]
    return prepare(made)


# ---- what is in it


def facing(document: Document) -> tuple[Side, ...]:
    (found,) = [block for block in document.blocks if isinstance(block, Facing)]
    return found.sides


def words(part: object) -> str:
    """Everything that a part of the document says."""
    match part:
        case str():
            return part
        case Strong():
            return part.text
        case tuple():
            return "\n".join(words(one) for one in part)
        case Paragraph():
            return words(part.text)
        case Items():
            return words(part.items)
        case Heading():
            return part.text
        case Table():
            return words((part.columns, part.rows))
        case Side():
            return words((part.title, part.left, part.right))
        case Facing():
            return words((part.left, part.right, part.sides))
        case Lines():
            return words(part.labels)
        case _:
            return ""


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", SHIPPED)
def test_each_clause_stands_beside_every_sentence_of_its_rules(name: str, lang: Lang) -> None:
    contract = shipped(name).contract
    document = reading(shipped(name), lang)
    sides = facing(document)
    assert len(contract.clauses) <= len(sides) <= len(contract.clauses) + 1
    for clause, side in zip(contract.clauses, sides, strict=False):
        assert clause.ref.number in side.title
        if clause.ref.text:
            assert words(side.left) == clause.ref.text
    told = words(sides)
    for thing in things(contract, lang):
        for one in thing.said if thing.kind not in ("header", "party", "parameter", "fact", "amendment") else ():
            assert one.text in told, (thing.name, one)


@pytest.mark.parametrize("lang", LANGS)
def test_everything_that_is_told_is_somewhere_in_the_document(lang: Lang) -> None:
    path = ROOT / "tests/prose" / {"en": "services.contract", "zh": "services.zh.contract"}[lang]
    document = reading(prepared(path), lang)
    everything = "\n".join(words(block) for block in document.blocks)
    for thing in things(prepared(path).contract, lang):
        for one in thing.said:
            if thing.kind not in ("party", "parameter", "fact") and one.aspect != "title":
                assert one.text in everything, (thing.name, one)
        assert thing.name in everything


def test_the_calendar_is_that_of_the_statement() -> None:
    """Due dates and grace of the outsourcing agreement as its own examples state them (S80)."""
    dates = {(date.obligation.name, date.key): date for date in agenda(shipped("b2b-outsourcing")).dates}
    fee = dates["支付外包服务费", "2026-01"]
    assert (fee.due, fee.grace_until) == (dt.date(2026, 2, 6), dt.date(2026, 2, 11))
    assert dates["支付外包服务费", "2026-03"].due == dt.date(2026, 4, 8)
    assert dates["支付外包服务费", "2026-04"].due == dt.date(2026, 5, 11)
    assert dates["资料配合", "2026-01"].due == dt.date(2026, 1, 31)  # a Saturday: this one does not move
    assert len([key for key in dates if key[0] == "支付外包服务费"]) == 12
    assert not any(date.conditional for date in dates.values())
    assert dates["支付外包服务费", "2026-12"].provisional  # January 2027: no days off announced yet


AGREED = """
contract "A loan" {{
  currency CNY  term from 2026-01-01 {end}  rounding half_up to 0.01
}}
party lender  party borrower  fact receipts : payments  fact closed : boolean monthly
parameter rate : money = TBD
obligation repay {{ borrower must pay lender rate every month when not closed due day 10 of next month failing which {{ breach minor }} }}
"""  # noqa: E501


def test_a_blank_has_its_dates_and_stands_out() -> None:
    made = of_text(AGREED.format(end="to 2026-03-31"))
    assert [date.due for date in agenda(made).dates] == [
        dt.date(2026, 2, 10),
        dt.date(2026, 3, 10),
        dt.date(2026, 4, 10),
    ]
    assert all(date.conditional for date in agenda(made).dates)
    page = blocks_html.render(reading(made, "en"))
    assert page.count("<mark>to be filled in</mark>") == 1
    assert "<mark>rate</mark>" in page
    assert "**to be filled in**" in blocks_markdown.render(reading(made, "en"))


def test_a_term_without_end_is_shown_for_a_year() -> None:
    found = agenda(of_text(AGREED.format(end="")))
    assert (found.until, found.whole) == (dt.date(2026, 12, 31), False)
    assert "Later dates follow the same schedules." in blocks_markdown.render(
        reading(of_text(AGREED.format(end="")), "en")
    )


def test_both_versions_of_an_amended_clause_are_shown_with_their_days() -> None:
    document = reading(prepared(ROOT / "tests/conformance/life/741-a-clause-amended/case.contract"), "en")
    first, second = facing(document)
    assert first.title == "Clause 3.6; to 28 February 2026"
    assert second.title == "Clause 3.6; from 1 March 2026; as amended by “No. 1”"
    assert (words(first.left), words(second.left)) == ("5%", "6%")
    assert "5% of sales" in words(first.right) and "6% of sales" not in words(first.right)
    assert "6% of sales" in words(second.right) and "5% of sales" not in words(second.right)


def test_nothing_but_the_contract_goes_into_it() -> None:
    made = shipped("b2b-outsourcing")
    assert reading(made, "zh") == reading(made, "zh")
    assert made.contract.sha256 in words(reading(made, "zh").blocks[2])


# ---- hostile words


HOSTILE = """
contract "<script>alert('1')</script> & | ** # [x](javascript:1)" {
  currency CNY  term from 2026-01-01 to 2026-12-31  rounding half_up to 0.01
  note "</style><img src=x onerror=alert(1)>"
}
party client "A | B"  party operator "# Heading"
fact receipts : payments  fact `sum|of_*all*` : money monthly source "`code` & &amp; | <b>"
clause "1. | <i>" "*bold* | title" {
  text "- a list\n# a heading\n1. first\n    code\n> quote | pipe"
  obligation `pay|it` {
    client must pay operator `sum|of_*all*` every month due day 10 of next month
    failing which { breach minor } note "<script src=//evil></script>"
  }
}
"""


class Page(HTMLParser):
    """The tags of a page, whether they close, and what it points to."""

    VOID = ("meta", "br", "col", "wbr")

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name == "id":
                assert value not in self.ids
                self.ids.add(value or "")
            if name == "href":
                self.links.add(value or "")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", [*SHIPPED, "hostile"])
def test_the_page_is_whole_and_fetches_nothing(name: str, lang: Lang) -> None:
    made = of_text(HOSTILE) if name == "hostile" else shipped(name)
    text = blocks_html.render(reading(made, lang))
    page = Page(text)
    assert page.open == []
    assert page.tags <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "h4", "p", "nav", "ol", "li", "a", "ul"),
        *("table", "colgroup", "col", "thead", "tbody", "tr", "th", "td", "br", "wbr", "strong", "mark", "div", "span"),
    }
    assert page.attributes <= {
        *("lang", "charset", "name", "content", "id", "class", "href", "style", "scope", "colspan", "aria-label")
    }
    assert page.links and {link.removeprefix("#") for link in page.links} <= page.ids
    assert f'<html lang="{"zh-Hans" if lang == "zh" else "en"}">' in text
    assert "url(" not in text and "@import" not in text


def test_hostile_words_are_words() -> None:
    page = blocks_html.render(reading(of_text(HOSTILE), "en"))
    assert "<h1>&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt; &amp; | ** # [x](javascript:1)</h1>" in page
    text = blocks_markdown.render(reading(of_text(HOSTILE), "en"))
    assert text.splitlines()[0] == ("# \\<script\\>alert('1')\\</script\\> \\& \\| \\*\\* \\# \\[x\\](javascript:1)")
    assert "> \\- a list\\\n> \\# a heading\\\n> 1\\. first\\\n> code\\\n> \\> quote \\| pipe" in text


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", [*SHIPPED, "hostile"])
def test_the_markdown_has_whole_tables(name: str, lang: Lang) -> None:
    """Every row of a table has as many cells as its head, and nothing of the contract's opens markup of its own."""
    text = blocks_markdown.render(reading(of_text(HOSTILE) if name == "hostile" else shipped(name), lang))
    width = 0
    for line in text.splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) - 1
        if line.startswith("| "):
            width = width or cells
            assert cells == width, line
        else:
            width = 0
            assert cells == -1, line
    assert "\n\n\n" not in text
    assert not re.search(r"(?<!\\)<(?!br>)", text)


# ---- the command


def run(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["render", *args], input=stdin, prog_name="contract")


def test_a_folder_to_a_file_in_the_language_of_its_keywords(tmp_path: Path) -> None:
    done = run(str(ROOT / "contracts/b2b-outsourcing"), "--format", "html", "-o", str(tmp_path / "b2b.html"))
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")
    page = (tmp_path / "b2b.html").read_text("utf-8")
    assert page.startswith('<!DOCTYPE html>\n<html lang="zh-Hans">') and "逐条对照" in page


def test_standard_input_to_standard_output() -> None:
    done = run("-", "--lang", "zh", stdin=AGREED.format(end="to 2026-03-31"))
    assert done.exit_code == 0
    assert done.stdout.startswith("# A loan\n") and "依据文件：\\<stdin\\>" in done.stdout


def test_a_contract_that_is_not_sound(tmp_path: Path) -> None:
    (tmp_path / "bad.contract").write_text('contract "Bad" { currency CNY }', "utf-8")
    done = run(str(tmp_path / "bad.contract"), "--lang", "en", "-o", str(tmp_path / "out.md"))
    assert done.exit_code == 2
    assert done.stdout == "" and "error[" in done.stderr
    assert not (tmp_path / "out.md").exists()


def test_a_page_on_a_console_of_another_encoding_is_still_what_it_says() -> None:
    """The page says that it is UTF-8: where standard output is not, it is written in ASCII, which every encoding holds."""
    path = str(ROOT / "contracts/b2b-outsourcing")
    done = CliRunner(charset="gbk").invoke(main, ["render", path, "--format", "html"], prog_name="contract")
    assert done.exit_code == 0 and done.stdout_bytes.isascii()
    whole = CliRunner().invoke(main, ["render", path, "--format", "html"], prog_name="contract")
    assert html.unescape(done.stdout) == html.unescape(whole.stdout)


def test_what_a_contract_uses_is_in_it_and_named(tmp_path: Path) -> None:
    (tmp_path / "parties.contract").write_text('party a "A Ltd"\nclause "0" "Scope" { text "All of it." }\n', "utf-8")
    (tmp_path / "main.contract").write_text(
        'contract "Uses" { term from 2026-01-01 to 2026-06-30 }\nuse "parties.contract"\n', "utf-8"
    )
    done = run(str(tmp_path / "main.contract"), "--lang", "en")
    assert done.exit_code == 0, done.stderr
    assert "Made from main.contract with what it uses (parties.contract), SHA-256" in done.stdout
    assert "| a | A Ltd |" in done.stdout and "> All of it." in done.stdout
