"""Colours: contracts are painted as the language reads them, and no character is lost on any text."""

from __future__ import annotations

import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pygments.lexer import Lexer
from pygments.token import Comment, Error, Keyword, Literal, Name, Number, Operator, String

from clausal.dsl.highlight import _KINDS, ContractLexer
from clausal.dsl.keywords import keywords

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = sorted((ROOT / "contracts").glob("**/*.contract"))


def painted(text: str) -> list[tuple[object, str]]:
    """The pieces of a text that are not blank, with what each is."""
    return [(kind, piece) for _, kind, piece in ContractLexer().get_tokens_unprocessed(text) if not piece.isspace()]


def of(text: str, word: str) -> object:
    (kind,) = {kind for kind, piece in painted(text) if piece == word}
    return kind


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_shipped_contracts_have_no_error_token(path: Path) -> None:
    text = path.read_text("utf-8")
    pieces = list(ContractLexer().get_tokens(text))
    assert [piece for kind, piece in pieces if kind is Error] == []
    assert "".join(piece for _, piece in pieces).strip() == text.strip()


words = st.sampled_from(sorted(keywords().words)) | st.sampled_from(
    [
        "“",
        "”",
        '"',
        "「",
        "`",
        "{",
        "}",
        "#",
        "\n",
        " ",
        "5",
        "USD5",
        "8,000",
        "万分之五",
        "2026-2-2",
        "\u200b",
        "%",
        "‰",
    ]
)


@given(st.text() | st.lists(words | st.text(max_size=3)).map("".join))
@example("5 %")
@example('"a\n"b # c\n"e')  # a string that an earlier one has swallowed, and a comment in it
@example("\ufeffparty a")
def test_every_character_is_kept(text: str) -> None:
    at = 0
    for start, _, piece in ContractLexer().get_tokens_unprocessed(text):
        assert start == at
        assert piece
        at += len(piece)
        assert text[start:at] == piece
    assert at == len(text)


def test_both_sets_are_painted_alike() -> None:
    english = "obligation pay_fee { client must pay operator CNY 8_000 every month due day 10 of next month }"
    chinese = "义务 支付服务费 { 甲方 应当 支付给 乙方 8_000元 每月 到期日 次月第10日 }"
    assert [
        of(english, word) for word in ("obligation", "pay_fee", "must", "CNY 8_000", "every month", "next month")
    ] == [of(chinese, word) for word in ("义务", "支付服务费", "应当", "8_000元", "每月", "次月")]
    assert of(chinese, "第") is Keyword
    assert of(chinese, "日") is Keyword.Type


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("party", Keyword.Declaration),
        ("client", Name.Class),
        ("x", Name.Function),
        ("# who", Comment.Single),
        ('"the words"', String.Doc),
        ("due", Name.Attribute),
        ("half_up", Name.Constant),
        ("money", Keyword.Type),
        ("and", Operator.Word),
        ("0.05%", Number),
        ("2026-01-31", Literal.Date),
        ("rounded", Name.Builtin),
    ],
)
def test_a_word_is_what_it_is_there(word: str, kind: object) -> None:
    text = """# who
party client
rounding half_up to 0.01
clause "1" { text "the words" }
fact late : money
let x = late.due and rounded(0.05% * late) = 2026-01-31 and client
"""
    assert of(text, word) is kind


def test_what_is_not_a_word_is_an_error_token_and_the_rest_is_painted() -> None:
    assert painted("party\u200b client") == [(Keyword.Declaration, "party"), (Error, "\u200b"), (Name.Class, "client")]
    assert painted("party client \x01 # who")[-1] == (Comment.Single, "# who")
    assert painted('party client "no end') == [
        (Keyword.Declaration, "party"),
        (Name.Class, "client"),
        (String, '"no end'),
    ]


def test_a_kind_is_given_to_roles_that_exist() -> None:
    assert set(_KINDS) <= set(keywords().roles)


def test_a_text_is_known_by_its_opening() -> None:
    assert ContractLexer.analyse_text('# draft\ncontract "x" {') == 1
    assert ContractLexer.analyse_text("合同 “服务合同” {") == 1
    assert ContractLexer.analyse_text("contract between the parties") == 0


def test_pygments_finds_the_lexer_by_the_entry_point() -> None:
    with open(ROOT / "pyproject.toml", "rb") as file:
        (where,) = tomllib.load(file)["project"]["entry-points"]["pygments.lexers"].values()
    module, _, name = where.partition(":")
    lexer = getattr(import_module(module), name)
    assert issubclass(lexer, Lexer)
    assert {"contract"} <= set(lexer.aliases)
    assert lexer.filenames == ("*.contract",)
