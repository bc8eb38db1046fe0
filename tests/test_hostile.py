"""Hostile contracts and facts through the public face: a result or diagnostics, never a traceback, in bounded time and space.

`Rejected` is the only exception that text, files or plain data may raise.
"""

# ruff: noqa: E501, SIM905  (hostile lines are long)

from __future__ import annotations

import json
import time
import zipfile
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import clausal

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = (ROOT / "contracts" / "worked-example" / "worked-example.contract").read_text("utf-8")
HEAD = (
    'contract "t" {\n  language 1\n  currency CNY\n  term from 2026-01-01 to 2026-12-31\n  rounding half_up to 0.01\n  month_end clamp\n}\n'
    'party client "C"\nparty operator "O"\n'
)
SMALL = HEAD + (
    "fact sales : money monthly\nfact seen_on : date monthly\nfact share : percent monthly\nfact ok : boolean monthly\n"
    "fact orders : list of { no: text, made_on: date, price: money } dated by made_on keyed by no\n"
    "fact receipts : payments\n"
    "let total = sum of price for each orders\nlet half = sales / 2\n"
    "obligation fee {\n  client must pay operator half\n  every month due day 10 of next month\n  performed by receipts\n"
    "  failing which { interest 0.05% per day simple on unpaid, cap 10% of amount }\n}\n"
)
CONTRACT = clausal.load(SMALL)


def findings(text: str) -> list[str]:
    """The codes of what is wrong with a contract; none if it is sound. Anything but `Rejected` fails the test."""
    try:
        clausal.load(text + "\n")
    except clausal.Rejected as rejected:
        assert rejected.diagnostics
        for finding in rejected.diagnostics:
            assert finding.code
            assert str(finding)
        assert str(rejected)
        return [d.code for d in rejected.diagnostics if d.severity == "error"]
    return []


def refused(facts: Any, as_of: str | None = "2026-02-28", **more: Any) -> list[str]:
    """The codes of what is wrong with facts; none if they give a statement."""
    try:
        statement = CONTRACT.evaluate(facts, as_of=as_of, **more)
    except clausal.Rejected as rejected:
        assert rejected.diagnostics and str(rejected)
        return [d.code for d in rejected.diagnostics if d.severity == "error"]
    json.loads(statement.to_json())
    return []


# ---- contracts: what is refused, and by which code

REFUSED = [
    ("full-width digits fold", "parameter p : money = CNY １００", []),
    ("Arabic digits do not", "parameter p : number = ١٢", None),
    ("a superscript", "parameter p : number = 2²", None),
    ("bidirectional control", "parameter p\u202e : number = 1", None),
    ("zero-width space", "parameter p\u200b : number = 1", None),
    ("zero-width joiner in a string", 'party third "A\u200dB"', None),
    ("a byte order mark inside", "parameter p : number = 1\ufeff", None),
    ("NUL", "parameter p : number = 1\x00", None),
    ("a lone surrogate", 'party third "\ud800"', None),
    ("a tag character", "parameter p : number = 1\U000e0041", None),
    ("an escape sequence", 'party third "\x1b[31mred"', None),
    ("NaN", "parameter p : number = NaN", None),
    ("Infinity", "parameter p : number = Infinity", None),
    ("an exponent", "parameter p : number = 1e1000000", None),
    ("a huge number", f"parameter p : number = {'9' * 41}", ["E007"]),
    ("a huge fraction", f"parameter p : number = 0.{'1' * 5000}", ["E007"]),
    ("forty digits are enough", f"parameter p : number = {'9' * 40}", []),
    ("a number that does not end", "parameter p : number = 1..2", None),
    ("an unclosed string", 'party third "abc', None),
    ("an unclosed brace", "obligation fee {", None),
    ("a date that does not exist", "parameter p : date = 2026-02-30", None),
    ("the year 0", "parameter p : date = 0000-01-01", None),
    ("a leap day that is none", "parameter p : date = 2026-02-29", None),
    ("a division by zero in a constant", "let v = 1 / 0", []),
    ("a let of itself", "let v = v + 1", None),
    ("a ring of lets", "let v = w\nlet w = v", None),
    ("the same name twice", "parameter p : number = 1\nparameter p : number = 2", None),
    ("a keyword as a name", "parameter every : number = 1", None),
    ("a day 32", "obligation fee { client must pay operator CNY 1 every month due day 32 performed by receipts }", None),
    ("a day 0", "obligation fee { client must pay operator CNY 1 every month due day 0 performed by receipts }", None),
    ("a run of no months", "fact a : boolean monthly\nlet v = a for 0 consecutive months", None),
    ("a run of too many months", f"fact a : boolean monthly\nlet v = a for {10**12} consecutive months", None),
    ("a huge duration", f"let v = 2026-01-01 + {10**12} days", None),
    ("a huge window", f"fact x : money monthly\nlet v = sum of x over last {10**12} months", None),
    ("a huge grace", f"fact receipts : payments\nobligation fee {{ client must pay operator CNY 1 every month due day 1 performed by receipts grace {10**12} days }}", None),
    ("every 0 months", "fact receipts : payments\nobligation fee { client must pay operator CNY 1 every 0 months due day 1 performed by receipts }", None),
    ("a URL as a name", "let https://example.com = 1", None),
    ("a script", "<script>alert(1)</script>", None),
]  # fmt: skip


@pytest.mark.parametrize(("what", "line", "codes"), REFUSED, ids=[r[0] for r in REFUSED])
def test_a_hostile_line_is_refused_with_a_reason(what: str, line: str, codes: list[str] | None) -> None:
    found = findings(HEAD + line + "\n")
    if codes is None:
        # refused, or the run says so
        if not found:
            clausal.load(HEAD + line + "\n").evaluate({}, as_of="2026-03-31").to_json()
    else:
        assert found == codes


def test_no_invisible_character_passes_anywhere() -> None:
    for sign in "\u200b\u200e\u202a\u202e\u2066\u2069\ufeff\u00ad\x00\x07\x1b\ud800\udfff\U000e0020":
        for where in (HEAD.replace('"t"', f'"t{sign}"'), HEAD + f"# {sign}\n", HEAD.replace("client", f"cli{sign}ent")):
            assert findings(where), repr(sign)


def test_a_byte_order_mark_at_the_start_of_a_file_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "a.contract"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert clausal.load(path).title == "t"


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"\x80", SMALL.encode("utf-16"), "合同".encode("gb18030"), b"\x00" * 100]
)
def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.contract"
    path.write_bytes(content)
    with pytest.raises(clausal.Rejected):
        clausal.load(path)


def test_a_file_that_is_not_there_and_a_folder_without_a_contract(tmp_path: Path) -> None:
    for path in (tmp_path / "none.contract", tmp_path):
        with pytest.raises(clausal.Rejected):
            clausal.load(path)


# ---- contracts: bounds


def within(seconds: float, text: str) -> list[str]:
    before = time.process_time()
    found = findings(text)
    assert time.process_time() - before < seconds
    return found


@pytest.mark.parametrize(
    "deep",
    [
        "let v = " + "(" * 100_000 + "1" + ")" * 100_000,
        "let v = " + "(" * 100_000,
        "let v = " + "-" * 100_000 + "1",
        "let v = " + "not " * 50_000 + "true",
        "let v = " + "if true then " * 20_000 + "1",
        "let v = 1" + " + 1" * 5_000,
        "let v = true" + " and true" * 5_000,
        "{" * 100_000,
        "}" * 100_000,
        "[" * 100_000,
        'clause "1" { ' * 10_000,
        "let v = choose { when true: " * 5_000,
        '"' * 100_001,
        "`" * 100_001,
        "contract " * 20_000,
    ],
    ids=lambda text: f"{text[:16]}…",
)
def test_depth_is_bounded(deep: str) -> None:
    assert within(6, HEAD + deep + "\n")


def test_size_is_bounded() -> None:
    assert within(2, "x" * (4 * 1024 * 1024 + 1)) == ["E005"]
    assert within(6, HEAD + "#" + " " * 3_000_000 + "\nlet v = w\n")


def test_a_name_as_long_as_a_page() -> None:
    within(2, HEAD + f"let {'v' * 100_000} = 1\n")


def test_many_mistakes_are_told_in_bounded_number() -> None:
    found = within(10, HEAD + "\n".join(f"let v{i} = unknown_{i} + " for i in range(3_000)) + "\n")
    assert 1 <= len(found) <= 60


def test_a_term_of_eight_thousand_years_ends(tmp_path: Path) -> None:
    text = SMALL.replace("2026-12-31", "9999-12-31")
    contract = clausal.load(text)
    statement = contract.evaluate({"receipts": [], "orders": []}, as_of="2026-06-30")
    assert statement.to_dict()["months"][-1]["month"] == "2026-06"


@pytest.mark.parametrize(
    "term",
    ["2026-01-01 to 2025-01-01", "0000-00-00 to 2026-01-01", "2026-01-01 to 10000-01-01", "2026-02-30 to 2026-12-31"],
)
def test_terms_at_the_ends_of_the_calendar(term: str) -> None:
    text = SMALL.replace("2026-01-01 to 2026-12-31", term)
    if not findings(text):
        day = "2026-12-31"
        with suppress(clausal.Rejected):
            clausal.load(text).evaluate({"receipts": [], "orders": []}, as_of=day).to_json()


@pytest.mark.parametrize(
    "due",
    [
        "due business day 25 of next month",
        "due business day 23 of next month",
        "due day 31 of next month",
        "due day 30 of next month",
        "due within 100_000_000 days after month end",
        "due within 9_000_000 days after month end",
        "due within 9_000_000 business days after month end",
        "due within 100_000 months after month end",
    ],
)
@pytest.mark.parametrize("rule", ["clamp", "sticky", "next", "error"])
def test_a_deadline_that_cannot_be_is_no_traceback(due: str, rule: str) -> None:
    text = (
        HEAD.replace("month_end clamp", f"month_end {rule}\n  calendar CN\n  deadlines next business day")
        + f"fact receipts : payments\nobligation fee {{ client must pay operator CNY 100 every month {due} performed by receipts grace 5 days }}\n"
    )
    if not findings(text):
        clausal.load(text).evaluate({"receipts": []}, as_of="2026-04-30").to_json()


# ---- contracts: any text

TOKENS = [
    *"contract party parameter fact let kpi clause obligation right prohibition termination scenario exception to suspension "
    "client operator must pay may withhold every month due day of next performed by receipts failing which interest penalty "
    "when and or not if then else choose otherwise sum count each where over last consecutive months previous "
    "money rate percent number boolean date list payments monthly once CNY USD true false TBD expect as_of term from".split(),
    *"{}()[],.:=<>+-*/%#\"`",
    *"合同 当事人 参数 数据 定义 义务 权利 应当 支付给 每月 到期日 违约金 上限 如果 则 否则 万 亿 元 ％ （ ） ： “ ” 「 」".split(),
    "1", "0.5", "8_000", "2026-01-31", "2026-02", "5%", "2pp", '"text"', "\n", " ", "１", "²", "\u3000", "e\u0301", "💥", "\x00", "\u202e", "\ud800",
]  # fmt: skip


@given(st.lists(st.sampled_from(TOKENS), max_size=60))
@example(["contract", '"', "\n"])
def test_any_words_give_diagnostics(words: list[str]) -> None:
    findings(" ".join(words))


@given(st.text(max_size=200))
def test_any_text_gives_diagnostics(text: str) -> None:
    findings(text)


@given(st.integers(0, len(SAMPLE) - 1), st.integers(0, 200), st.lists(st.sampled_from(TOKENS), max_size=4))
def test_a_sound_contract_with_a_piece_cut_out_or_put_in(at: int, length: int, words: list[str]) -> None:
    text = SAMPLE[:at] + " ".join(words) + SAMPLE[at + length :]
    findings(text)


@given(
    st.lists(st.sampled_from(TOKENS), max_size=12),
    st.sampled_from(
        [
            "let v = ",
            "kpi k monthly { met when ",
            "fact f : ",
            "obligation o { ",
            'scenario "s" { ',
            "right r { ",
            "termination t { ",
        ]
    ),
)
def test_any_words_in_a_declaration(words: list[str], opening: str) -> None:
    text = SMALL + opening + " ".join(words) + (" }" if "{" in opening else "")
    if not findings(text):
        refused_or_run(text)


def refused_or_run(text: str) -> None:
    """A contract that was found sound runs on no facts, or says why not."""
    with suppress(clausal.Rejected):
        clausal.load(text + "\n").evaluate({"receipts": [], "orders": []}, as_of="2026-03-31").to_json()


# ---- facts: cells

BAD_CELLS = [
    "NaN", "Infinity", "-inf", "1e5", "1e1000000", "1E400", "0x10", "1_000", "1,00", "12,34", "--5", "5-", "٣", "1²", "½", "1/3",
    "=1+1", "@SUM(A1)", "1\u200b", "\u202e1", "1\x00", "#REF!", "TRUE1", "9" * 41, "0." + "1" * 60, "1" * 100_000, "USD 5", "5 $", "€5",
]  # fmt: skip


@pytest.mark.parametrize("cell", BAD_CELLS, ids=[ascii(c[:12]) for c in BAD_CELLS])
def test_a_cell_that_is_no_amount_is_refused(cell: str) -> None:
    assert refused({"monthly": {"2026-01": {"sales": cell}}, "receipts": []})


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        1e400,
        Decimal("NaN"),
        Decimal("1e1000000"),
        Decimal("Infinity"),
        Decimal("1e-1000000"),
        10**400,
        Fraction(1, 10**400),
        True,
        [1],
        {"a": 1},
        object(),
        b"1",
        1 + 2j,
    ],
)
def test_a_python_value_that_is_no_amount_is_refused(value: Any) -> None:
    before = time.process_time()
    assert refused({"monthly": {"2026-01": {"sales": value}}, "receipts": []})
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    ("cell", "exact"),
    [
        ("１２３", "123"),
        ("￥1,234.50", "2469/2"),
        ("0.8万", "8000"),
        ("-0", "0"),
        ("-0.00", "0"),
        ("1" + "0" * 30, "1" + "0" * 30),
        ("0.005", "1/200"),
        ("  7 ", "7"),
        ("\u30007", "7"),
    ],
)
def test_a_cell_that_has_one_reading_is_read(cell: str, exact: str) -> None:
    document = CONTRACT.evaluate(
        {"monthly": {"2026-01": {"sales": cell}}, "receipts": []}, as_of="2026-01-31"
    ).to_dict()
    assert Fraction(document["months"][0]["values"]["half"]["exact"]) == Fraction(exact) / 2
    assert "-0.00" not in json.dumps(document)


def test_a_sum_of_ten_to_the_thirty_works_exactly() -> None:
    big = "1" + "0" * 30
    facts = {
        "monthly": {"2026-01": {"sales": big}},
        "receipts": [{"ref": "P", "payer": "client", "payee": "operator", "amount": "0.01", "on": "2026-02-10"}],
    }
    document = CONTRACT.evaluate(facts, as_of="2026-02-28").to_dict()
    line = next(
        x for m in document["months"] for x in m["obligations"] if x["id"] == "fee@2026-01" and m["month"] == "2026-02"
    )
    assert line["amount"]["value"] == "5" + "0" * 29 + ".00"
    assert line["open"] == "4" + "9" * 29 + ".99"
    # 0.05% of all but a cent, for 18 days
    assert Fraction(line["interest"]["booked"]) == Fraction(round(Fraction(line["open"]) * 9 / 1000 * 100), 100)


@pytest.mark.parametrize(
    "day",
    [
        "0000-01-01",
        "9999-12-31",
        "10000-01-01",
        "2026-02-30",
        "2026-13-01",
        "45000",
        "2026-1-1",
        "01/02/2026",
        "31.01.2026",
        "tomorrow",
        "2026-01-01T25:00",
        "١٢٣٤-٠١-٠١",
        "-2026-01-01",
    ],
)
def test_days_that_are_none_or_beyond_reason(day: str) -> None:
    refused({"monthly": {"2026-01": {"seen_on": day}}, "receipts": []})
    refused({"orders": [{"no": "1", "made_on": day, "price": "1"}], "receipts": []})
    refused({"receipts": [{"payer": "client", "payee": "operator", "amount": "1", "on": day}]})
    refused({"receipts": []}, as_of=day)
    refused({"receipts": []}, complete_through=day)
    refused({"receipts": [], "complete_through": {"receipts": day}})


@pytest.mark.parametrize("day", ["", "x", "2026-02-30", "9999-12-31x", "2025-12-31", "9999-12-31"])
def test_an_as_of_that_is_none_is_refused(day: str) -> None:
    assert refused({"receipts": []}, as_of=day)


# ---- facts: shapes

PAYMENT = {"ref": "P1", "payer": "client", "payee": "operator", "amount": "1", "on": "2026-02-10"}
SHAPES: list[Any] = [
    {"monthly": {"2026-01": {"salez": "1"}}},
    {"monthly": {"2026-01": {"sales": "1"}, "2026-1": {"sales": "2"}}},
    {"monthly": {"2026-13": {"sales": "1"}}},
    {"monthly": {"2026-Q1": {"sales": "1"}}},
    {"monthly": {"": {"sales": "1"}}},
    {"monthly": {"2026-01": {"sales": {"a": {"b": 1}}}}},
    {"monthly": {"2026-01": {"sales": [1, 2]}}},
    {"monthly": [1, 2, 3]},
    {"monthly": "x"},
    {"receipts": "x"},
    {"receipts": [1]},
    {"receipts": [None]},
    {"receipts": [{}]},
    {"receipts": {"a": 1}},
    {"receipts": [{**PAYMENT, "amount": "-1"}]},
    {"receipts": [{**PAYMENT, "amount": "0.001"}]},
    {"receipts": [{**PAYMENT, "payer": "stranger"}]},
    {"receipts": [{**PAYMENT, "payer": "operator"}]},
    {"receipts": [{**PAYMENT, "currency": "USD"}]},
    {"receipts": [{**PAYMENT, "kind": "gift"}]},
    {"receipts": [PAYMENT, {**PAYMENT, "amount": "2"}]},
    {"receipts": [{k: v for k, v in PAYMENT.items() if k != "ref"}] * 2},
    {"orders": [{"no": "1", "made_on": "2026-01-01", "price": "1"}] * 2},
    {"orders": [{"no": "", "made_on": "2026-01-01", "price": "1"}]},
    {"orders": [{"no": "1", "made_on": "", "price": "1"}]},
    {"orders": [{"no": "1", "price": "1"}]},
    {1: 2},
    {None: None},
    [{"month": "2026-01", "salez": "1"}],
    [{"sales": "1"}],
    [1],
    [[1]],
]  # fmt: skip


@pytest.mark.parametrize("facts", SHAPES, ids=lambda f: str(f)[:48])
def test_facts_of_the_wrong_shape_are_refused(facts: Any) -> None:
    assert refused(facts)


def test_contradictory_files_name_both_places(tmp_path: Path) -> None:
    (tmp_path / "monthly.csv").write_text("month,sales\n2026-01,1\n2026-01,2\n")
    with pytest.raises(clausal.Rejected) as rejected:
        CONTRACT.evaluate(tmp_path)
    assert "monthly.csv" in str(rejected.value)


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.dates().map(str)
    | st.sampled_from(["2026-01", "client", "sales", "CNY 5", "5%"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "monthly",
                    "once",
                    "receipts",
                    "orders",
                    "sales",
                    "2026-01",
                    "amount",
                    "on",
                    "payer",
                    "payee",
                    "month",
                    "complete_through",
                    "closings",
                    "no",
                    "made_on",
                    "price",
                    "as_of",
                    "",
                ]
            )
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["monthly", "once", "receipts", "orders", "sales", "closings", "complete_through", "2026-01"]),
        plain,
        max_size=4,
    )
    | plain
)
def test_any_plain_data_gives_a_statement_or_diagnostics(facts: Any) -> None:
    if isinstance(facts, (dict, list)):
        refused(facts)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=8),
        lambda i: (
            st.lists(i, max_size=3)
            | st.dictionaries(
                st.sampled_from(["format", "contract_sha256", "closings", "facts", "scalars", "as_of"])
                | st.text(max_size=3),
                i,
                max_size=5,
            )
        ),
        max_leaves=8,
    )
)
def test_any_state_is_taken_up_or_refused(state: Any) -> None:
    if isinstance(state, dict):
        assert refused({"receipts": []}, state=state)


def test_a_state_that_was_tampered_with_is_refused() -> None:
    good = CONTRACT.evaluate({"receipts": [PAYMENT]}, as_of="2026-02-28").state
    for path, value in (
        (("format",), 1), (("format",), "x"), (("contract_sha256",), "0" * 64), (("runs",), 5), (("runs",), [{}]), (("runs", 0, "as_of"), 7),
        (("runs", 0, "facts"), None), (("runs", 0, "facts", "payments", "receipts"), [{"ref": "x"}]), (("runs", 0, "facts", "months"), 3),
        (("runs", 0, "facts", "scalars"), {"sales": {"2026-01": [1]}}), (("runs", 0, "complete_through"), []), (("runs", 0, "parameters"), 1),
    ):  # fmt: skip
        bad = json.loads(json.dumps(good))
        place = bad
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        assert refused({"receipts": []}, as_of="2026-03-31", state=bad) == ["R708"], path


# ---- facts: files

FILES: list[tuple[str, bytes]] = [
    ("facts.json", b"{"),
    ("facts.json", b"[" * 100_000),
    ("facts.json", b'{"monthly": ' * 50_000),
    ("facts.json", b'{"monthly": {"2026-01": {"sales": NaN}}}'),
    ("facts.json", b'{"monthly": {"2026-01": {"sales": Infinity}}}'),
    ("facts.json", b'{"monthly": {"2026-01": {"sales": 1e1000000}}}'),
    ("facts.json", b'{"monthly": {"2026-01": {"sales": 1}, "2026-01": {"sales": 2}}}'),
    ("facts.json", b'{"monthly": {"2026-01": {"sales": 1, "sales": 2}}}'),
    ("facts.json", b'{"monthly": {"2026-01": {"sales": "\\ud800"}}}'),
    ("facts.json", b"\xff\xfe{\x00}\x00"),
    ("facts.json", b"null"),
    ("facts.json", b"9" * 100_000),
    ("facts.json", b""),
    ("facts.yaml", b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"),
    ("facts.yaml", b"monthly: &m\n  2026-01: {sales: 1}\nother: *m\n"),
    ("facts.yaml", b"monthly: !!python/object/apply:os.system ['true']\n"),
    ("facts.yaml", b"monthly: {2026-01: {sales: 1, sales: 2}}\n"),
    ("facts.yaml", b"monthly: {2026-01: {<<: {sales: 1}}}\n"),
    ("facts.yaml", b"- " * 50_000),
    ("facts.yaml", b"[" * 50_000),
    ("facts.yaml", b"{" * 50_000),
    ("facts.yaml", b"monthly: 'abc"),
    ("facts.yaml", b"--- 1\n--- 2\n"),
    ("facts.yaml", b"\x00"),
    ("facts.yaml", b"a: " + b"x" * 300_000),
    ("monthly.csv", b"month,sales\n2026-01,\x00\n"),
    ("monthly.csv", b"month,sales\n2026-01,1,2,3\n"),
    ("monthly.csv", b"month,sales,sales\n2026-01,1,2\n"),
    ("monthly.csv", b'month,sales\n2026-01,"1\n'),
    ("monthly.csv", b"month;sales\n2026-01;1\n"),
    ("monthly.csv", "month,sales\n2026-01,￥1\n".encode("gb18030")),
    ("monthly.csv", b"\xff\xfem\x00"),
    ("monthly.csv", b"," * 200_000),
    ("monthly.csv", b"month,sales\n" + b"2026-01,1\n" * 2),
    ("monthly.csv", b"month,sales\n45000,1\n"),
    ("facts.xlsx", b"PK\x03\x04 not a workbook"),
    ("facts.xlsx", b""),
    ("facts.xlsx", b"<html>"),
    ("facts.txt", b"x"),
]


@pytest.mark.parametrize(("name", "content"), FILES, ids=[f"{n} {c[:24]!r}" for n, c in FILES])
def test_a_hostile_file_is_refused_in_time(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    before = time.process_time()
    assert refused(tmp_path / name) or refused(tmp_path)
    assert time.process_time() - before < 3


def test_a_workbook_that_is_a_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "facts.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", b" " * 200_000_000)
    before = time.process_time()
    assert refused(path)
    assert time.process_time() - before < 5


@given(
    st.binary(max_size=300), st.sampled_from(["facts.json", "facts.yaml", "monthly.csv", "receipts.csv", "facts.xlsx"])
)
def test_any_bytes_give_a_statement_or_diagnostics(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    place = tmp_path_factory.mktemp("facts")
    (place / name).write_bytes(content)
    refused(place / name)


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                [
                    "month",
                    "sales",
                    "seen_on",
                    "2026-01",
                    "2026-02",
                    "1",
                    "",
                    "2026-01-31",
                    "unknown",
                    "none",
                    "NaN",
                    "０",
                    "=A1",
                    '"',
                    "x,y",
                ]
            ),
            max_size=4,
        ),
        max_size=5,
    )
)
def test_any_table_gives_a_statement_or_diagnostics(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    place = tmp_path_factory.mktemp("facts")
    (place / "monthly.csv").write_text("\n".join(",".join(row) for row in rows))
    refused(place)


def test_a_value_that_is_reached_by_many_ways_is_made_once() -> None:
    """Each of fifty lets names the one before twice, and the fact below them is not known: 2^50 ways, one value."""
    lets = "let v0 = sales\n" + "".join(f"let v{n} = v{n - 1} + v{n - 1}\n" for n in range(1, 50))
    contract = clausal.load(SMALL + lets)
    document = contract.evaluate({"2026-01": {"sales": 1}, "2026-02": {}}, "2026-02-15").to_dict()
    assert document["months"][0]["values"]["v49"]["value"] == f"{2**49}.00"
    assert document["months"][1]["values"]["v49"]["undetermined"]


def test_an_explanation_that_would_never_end_is_stopped() -> None:
    """An explanation tells each way by itself: of 2^50 it says that they are too many."""
    lets = "let v0 = sales\n" + "".join(f"let v{n} = v{n - 1} + v{n - 1}\n" for n in range(1, 50))
    statement = clausal.load(SMALL + lets).evaluate({"2026-01": {"sales": 1}}, "2026-01-31")
    assert statement.explain("v9@2026-01")
    with pytest.raises(clausal.Rejected) as stopped:
        statement.explain("v49@2026-01")
    assert [one.code for one in stopped.value.diagnostics] == ["R704"]
