"""Pictures of contracts: what is linked with what, what may be written into the notations, and that nothing overlaps."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

import clausal
from clausal.cli import main
from clausal.dsl.diagnostics import Lang
from clausal.dsl.graph import Graph, View, focused, graph, of_clause
from clausal.dsl.graph_drawing import laid_out, svg
from clausal.dsl.graph_notation import dot, mermaid

CONTRACTS = Path(__file__).resolve().parent.parent / "contracts"
SHIPPED = sorted(path.parent.name for path in CONTRACTS.glob("*/*.contract"))
VIEWS: tuple[View, ...] = ("values", "obligations", "life")
SPACE = "{http://www.w3.org/2000/svg}"

AWKWARD = """contract “Quotes " \\ & <tags>” {
  language 1
  currency CNY
  term from 2026-01-01 to 2026-12-31
  rounding half_up to 0.01
  month_end clamp
}
party client "A"
party operator "B"
fact area : one of { "a #1", "b|c" } monthly
fact done_on : date monthly
let fee = if area = "a #1" then CNY 5 else CNY 6
balance kept : money { opening CNY 0  add fee }
obligation pay_it {
  client must pay operator fee every month due day 10 of next month
  performed by receipts
  failing which { penalty CNY 5  after 10 days breach serious }
}
obligation write_it {
  client must do “say "yes" & <b>no</b>; `now`” every month due last day
  performed on done_on
}
fact receipts : payments
"""


@cache
def shipped(name: str) -> clausal.Contract:
    return clausal.load(CONTRACTS / name)


@cache
def picture(name: str, view: View) -> Graph:
    return graph(shipped(name).model, view)


def arrows(found: Graph) -> set[tuple[str, str, str]]:
    return {(edge.source, edge.target, edge.kind) for edge in found.edges}


# ---- what is linked with what --------------------------------------------------------------------------------------


def test_a_figure_rests_on_what_it_reads() -> None:
    found = arrows(picture("worked-example", "values"))
    assert ("orders", "commission", "figure") in found
    assert ("commission", "pay_commission", "figure") in found
    assert ("min_dealers", "minimums", "condition") in found
    assert ("minimums", "withhold_fee", "condition") in found
    assert ("receipts", "pay_fee", "performance") not in found  # payments pay everything: they would be a hub


def test_what_follows_a_failure_leads_to_the_end() -> None:
    """Not paid: grace, then interest from the first day and a serious breach after 30, for which the operator may end it."""
    found = picture("worked-example", "obligations")
    chain = ["pay_fee", "pay_fee/grace", "pay_fee/serious", "non_payment", "/ended"]
    assert all(any((e.source, e.target) == pair for e in found.edges) for pair in pairwise(chain))
    said = {e.target: e.said.en for e in found.edges if e.source == "pay_fee/grace" and e.said is not None}
    assert sorted(said.values()) == ["after 30 days", "day 1"]
    withheld = next(e for e in found.edges if e.source == "withhold_fee")
    assert (withheld.target, withheld.said and withheld.said.zh) == ("pay_fee", "拒付")


def test_a_duty_with_no_consequence_is_shown_alone() -> None:
    found = picture("worked-example", "obligations")
    assert "pay_commission" in {node.id for node in found.nodes}
    assert not any("pay_commission" in (e.source, e.target) for e in found.edges)


def test_the_life_of_a_contract() -> None:
    found = arrows(picture("worked-example", "life"))
    for way in (
        ["/pending", "/start", "/active", "/expired", "/ended"],
        ["/active", "persistent_failure", "/ending", "/over", "/ended"],
        ["/ending", "persistent_failure/cured", "/active"],
    ):
        assert all((one, other, "becomes") in found for one, other in pairwise(way))
    assert "/suspended" not in {node.id for node in picture("worked-example", "life").nodes}


def test_conditions_precedent_suspension_and_survival_are_in_the_life() -> None:
    found = picture("integrated-marketing", "life")
    states = {node.id for node in found.nodes if node.kind == "state"}
    assert states == {"/pending", "/active", "/suspended", "/ending", "/ended", "/surviving"}


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("view", VIEWS)
def test_a_picture_is_whole_and_the_same_each_time(name: str, view: View) -> None:
    found = picture(name, view)
    ids = [node.id for node in found.nodes]
    assert len(ids) == len(set(ids))
    assert all(edge.source in ids and edge.target in ids for edge in found.edges)
    assert graph(shipped(name).model, view) == found
    for node in found.nodes:
        assert node.title.en and node.title.zh


def test_the_twins_have_one_picture() -> None:
    """The Chinese and the English agreement differ in names only."""
    for view in VIEWS:
        zh, en = picture("b2b-outsourcing", view), picture("b2b-outsourcing-en", view)
        assert [node.kind for node in zh.nodes] == [node.kind for node in en.nodes]
        assert [edge.kind for edge in zh.edges] == [edge.kind for edge in en.edges]


def test_a_focus_keeps_what_it_rests_on_and_what_rests_on_it() -> None:
    found = focused(picture("worked-example", "values"), "minimums")
    assert found is not None
    assert {node.id for node in found.nodes} == {
        *("min_dealers", "min_boxes", "min_sales", "dealers", "boxes", "sales"),
        *("minimums", "withhold_fee", "persistent_failure"),
    }
    assert focused(picture("worked-example", "values"), "nothing") is None


def test_a_clause_keeps_its_things_and_their_neighbours() -> None:
    found = of_clause(picture("worked-example", "values"), "4.4")
    assert found is not None
    assert {node.id for node in found.nodes} == {"orders", "commission", "pay_commission"}
    wider = of_clause(picture("worked-example", "values"), "4")
    assert wider is not None and {"minimums", "commission"} <= {node.id for node in wider.nodes}


# ---- notations -----------------------------------------------------------------------------------------------------

_STRING = r'"(?:[^"\\]|\\.)*"'
_ATTRIBUTES = rf"\[\w+=(?:{_STRING}|[\w.]+)(?:, \w+=(?:{_STRING}|[\w.]+))*\]"
_DOT = re.compile(rf"  (?:(?:graph|node|edge) {_ATTRIBUTES}|n\d+ {_ATTRIBUTES}|n\d+ -> n\d+(?: {_ATTRIBUTES})?)")
_LABEL = r'"(?:[^"#&<>`]|#\d+;|<br/>)*"'
_MERMAID = re.compile(
    rf"  (?:n\d+\[{_LABEL}\]:::\w+|n\d+ (?:-->|-\.->)(?:\|{_LABEL}\|)? n\d+|classDef \w+ fill:#\w+,stroke:#\w+,color:#\w+)"
)


def check_dot(text: str) -> None:
    first, *lines, last = text.splitlines()
    assert (first, last) == ("digraph contract {", "}")
    assert [line for line in lines if not _DOT.fullmatch(line)] == []


def check_mermaid(text: str) -> None:
    first, title, end, kind, *lines = text.splitlines()
    assert (first, end, kind) == ("---", "---", "flowchart LR")
    assert re.fullmatch(rf"title: {_STRING}", title)
    assert [line for line in lines if not _MERMAID.fullmatch(line)] == []


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("view", VIEWS)
def test_the_notations_are_well_formed(name: str, view: View) -> None:
    for lang in ("en", "zh"):
        check_dot(dot(picture(name, view), shipped(name).model, lang))
        check_mermaid(mermaid(picture(name, view), shipped(name).model, lang))


def test_signs_of_the_notations_in_a_contract_are_escaped() -> None:
    model = clausal.load(AWKWARD).model
    for view in VIEWS:
        found = graph(model, view)
        check_dot(dot(found, model, "en"))
        check_mermaid(mermaid(found, model, "en"))
        ElementTree.fromstring(svg(found, model, "en"))
    text = mermaid(graph(model, "obligations"), model, "en")
    assert "client: say #34;yes#34; #38; #60;b#62;no#60;/b#62;; #96;now#96;" in text


# ---- the drawing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("view", VIEWS)
def test_nothing_overlaps_and_everything_fits(name: str, view: View, lang: Lang) -> None:
    layout = laid_out(picture(name, view), lang)
    boxes = [
        (p.x - p.width // 2, p.y - p.height // 2, p.x + p.width // 2, p.y + p.height // 2)
        for p in layout.places
        if p.width
    ]
    for i, (left, top, right, bottom) in enumerate(boxes):
        assert left >= 0 and top >= 0 and right <= layout.width and bottom <= layout.height
        for left1, top1, right1, bottom1 in boxes[i + 1 :]:
            assert right <= left1 or right1 <= left or bottom <= top1 or bottom1 <= top


@pytest.mark.parametrize("view", VIEWS)
def test_an_edge_never_crosses_a_box(view: View) -> None:
    """Where it crosses a column it has a place of its own there, and curves only between columns."""
    for way in laid_out(picture("brand-cooperation", view), "zh").ways:
        for one, other in pairwise(way.places):
            assert one.right < other.left
            assert other.layer == one.layer + 1


def test_the_drawing_is_accessible_and_self_contained() -> None:
    text = svg(picture("b2b-outsourcing", "obligations"), shipped("b2b-outsourcing").model, "zh")
    root = ElementTree.fromstring(text)
    assert root.get("role") == "img"
    assert (root.findtext(f"{SPACE}title") or "").endswith("：不履行的后果")
    assert "→" in (root.findtext(f"{SPACE}desc") or "")
    tips = [group.findtext(f"{SPACE}title") for group in root.iter(f"{SPACE}g")]
    assert any(tip is not None and "第" in tip and "行" in tip for tip in tips)
    assert "<script" not in text and "http://www.w3.org/2000/svg" in text
    assert re.findall(r'(?:href|src)="', text) == []


def test_a_circle_is_drawn() -> None:
    """A suspension ends and the contract is in force again: the edge back is turned, and nothing is lost."""
    found = picture("integrated-marketing", "life")
    layout = laid_out(found, "en")
    assert len(layout.ways) == len(found.edges)
    assert any(way.turned for way in layout.ways)


# ---- the command ---------------------------------------------------------------------------------------------------


def command(*args: str) -> Result:
    return CliRunner().invoke(main, ["graph", *args], catch_exceptions=False)


def test_the_command_writes_a_file(tmp_path: Path) -> None:
    out = tmp_path / "life.svg"
    result = command(str(CONTRACTS / "worked-example"), "--kind", "life", "-o", str(out))
    assert (result.exit_code, result.stdout) == (0, "")
    assert ElementTree.parse(out).getroot().tag == f"{SPACE}svg"


def test_the_command_speaks_the_contracts_language() -> None:
    result = command(str(CONTRACTS / "b2b-outsourcing"), "--format", "mermaid")
    assert "未履行" in result.stdout
    result = command(str(CONTRACTS / "b2b-outsourcing"), "--format", "mermaid", "--lang", "en")
    assert "not performed" in result.stdout


def test_a_name_that_is_not_there_is_said() -> None:
    result = command(str(CONTRACTS / "worked-example"), "--kind", "values", "--focus", "minimum")
    assert result.exit_code == 2
    assert "R771" in result.stderr and "minimums" in result.stderr
    result = command(str(CONTRACTS / "worked-example"), "--clause", "99")
    assert result.exit_code == 2 and "R772" in result.stderr and "4.8" in result.stderr
