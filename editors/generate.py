"""Writes the grammar that editors colour contracts by, from the language's own table of words.

    python editors/generate.py           writes editors/vscode/syntaxes/contract.tmLanguage.json
    python editors/generate.py --words FILE...
                                         prints, as JSON, the words of contracts as the language cuts them: what the
                                         grammar is tested against

A TextMate grammar sees a line at a time and knows no declarations, so a phrase over two lines and a name that is made of
keywords stay uncoloured or are coloured as keywords; an editor that asks the language server for its tokens gets them right.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from clausal.dsl.diagnostics import Source
from clausal.dsl.highlight import CONSTANTS, Kind, kind_of
from clausal.dsl.keywords import Keyword, keywords, table
from clausal.dsl.lexer import BEFORE_COLON, CURRENCIES, lex

GRAMMAR: Final = Path(__file__).parent / "vscode" / "syntaxes" / "contract.tmLanguage.json"

# The scope of each kind of keyword; all end in `.contract`.
SCOPES: Final[dict[Kind, str]] = {
    "declaration": "storage.type.declaration",
    "modal": "keyword.control.modal",
    "logic": "keyword.control.logic",
    "function": "support.function.aggregate",
    "constant": "constant.language",
    "status": "constant.language.status",
    "unit": "keyword.other.unit",
    "time": "support.constant.time",
    "particle": "keyword.other.particle",
    "item": "keyword.other.item",
}
# What the name behind a declaring keyword is; that of a norm is a function's, of a figure a variable's.
DECLARED: Final = {
    "PARTY": "entity.name.type.party",
    **dict.fromkeys(("PARAMETER", "FACT", "LET", "KPI", "BALANCE"), "entity.name.variable"),
    **dict.fromkeys(
        ("OBLIGATION", "PROHIBITION", "RIGHT", "SUSPENSION", "TERMINATION", "ESCALATION", "APPROVAL", "EXCEPTION_TO"),
        "entity.name.function",
    ),
}
# After these a word by position stands, or several with commas; after the last of them a currency.
BEFORE_CONSTANT: Final = (
    *("ROUNDING", "MONTH_END_RULE", "CALENDAR", "PRORATED", "BREACH", "IN_BREACH", "IS", "EVERY_WEEK_ON"),
    *("PAYMENTS_APPLIED", "WITHIN_A_DEBT"),
)

DIGIT: Final = "[0-9０-９]"
NAME: Final = r"(?:[^\W\d][\w\x{0300}-\x{036f}]*|[`｀][^`｀]*[`｀]|「[^」]*」)"
BEGIN: Final = r"(?<![^\W\d])"  # a word may follow a digit (10日), but never a letter
END: Final = r"(?!\w)"
NUMBER: Final = rf"(?<![0-9０-９_]){DIGIT}[0-9０-９_]*(?:[.．]{DIGIT}+)?(?:万亿|万|亿)?"
OPENS: Final = "[({（｛\\[［]"
CLOSES: Final = "[)}）｝\\]］]"


def grammar() -> dict[str, Any]:
    """The TextMate grammar of the language, both keyword sets in one."""
    roles = keywords().roles
    kinds = sorted(SCOPES)
    return {
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "name": "Clausal contract",
        "scopeName": "source.contract",
        "fileTypes": ["contract"],
        "patterns": [
            {"include": f"#{part}"}
            for part in (
                *("comments", "titles", "strings", "declarations", "members", "figures", "assigned", "types", "chosen"),
                *("functions", *(f"english-{kind}" for kind in kinds), "chinese", "names", "signs"),
            )
        ],
        "repository": {
            "comments": painted("comment.line.number-sign", "[#＃].*$"),
            "titles": {
                "match": rf'{BEGIN}({anyone(of_roles(roles, ("CLAUSE",)))})\s*("[^"]*"|“[^”]*”)',
                "captures": captures(SCOPES["declaration"], "string.quoted.double entity.name.section"),
            },
            "strings": {"patterns": [quoted('["＂]', '["＂]'), quoted("“", "”")]},
            "declarations": {"patterns": [declaration(role, scope) for role, scope in DECLARED.items()]},
            "members": {"patterns": list(members(roles))},
            "figures": {"patterns": list(figures())},
            "assigned": painted("variable.other", rf"{BEGIN}(?:{anyone(assigned())})(?=\s*[=＝](?![=＝>＞]))"),
            "types": {
                "match": rf"([:：])\s*({anyone(meanings('type'))}){END}",
                "captures": captures("punctuation.separator.colon", "support.type"),
            },
            "chosen": {"patterns": list(chosen(roles))},
            "functions": painted("support.function.builtin", rf"{BEGIN}(?:{anyone(meanings('builtin'))})(?=\s*[(（])"),
            **{
                f"english-{kind}": painted(SCOPES[kind], rf"{BEGIN}(?:{anyone(words(kind, 'en'), longer('en'))}){END}")
                for kind in kinds
            },
            "chinese": chinese(kinds),
            "names": painted("variable.other", NAME),
            "signs": {"patterns": list(signs())},
        },
    }


def painted(scope: str, match: str) -> dict[str, Any]:
    return {"name": scoped(scope), "match": match}


def scoped(scope: str) -> str:
    return " ".join(f"{each}.contract" for each in scope.split())


def captures(*scopes: str) -> dict[str, Any]:
    """What each group of a match is; nothing is said of one without a scope."""
    return {str(at): {"name": scoped(scope)} for at, scope in enumerate(scopes, 1) if scope}


def quoted(begin: str, end: str) -> dict[str, Any]:
    """A text between quotation marks; it may run over lines."""
    mark = {"0": {"name": "punctuation.definition.string.contract"}}
    return {
        "name": scoped("string.quoted.double"), "begin": begin, "end": end, "beginCaptures": mark, "endCaptures": mark,
    }  # fmt: skip


# ---- words


def words(kind: Kind, lang: str) -> list[str]:
    """The words of one kind in one language, those said after 1 too."""
    of_kind = [each for role, each in keywords().roles.items() if kind_of(role) == kind]
    return spellings(of_kind, lang)


def spellings(rows: Iterable[Keyword], lang: str) -> list[str]:
    found = [[each.zh] if lang == "zh" else [each.en, each.singular] for each in rows]
    return [word for row in found for word in row if word and word[0] != "/"]


def of_roles(roles: Any, wanted: Iterable[str]) -> list[str]:
    """The words of some roles in both languages."""
    rows = [roles[role] for role in wanted]
    return [*spellings(rows, "en"), *spellings(rows, "zh")]


def meanings(*sections: str) -> list[str]:
    """The names by position of some sections, in both languages."""
    return sorted({word for section in sections for pair in keywords().names[section].items() for word in pair})


def longer(lang: str) -> list[str]:
    return spellings(keywords().roles.values(), lang)


def anyone(choices: Iterable[str], among: Iterable[str] = ()) -> str:
    """A pattern for any of these words, the longest first; of a word that begins a longer one `among` the others,
    only where that doesn't follow."""
    others = sorted(among, key=lambda word: (-len(word), word))
    return "|".join(
        spelled(word) + (f"(?!{'|'.join(rests)})" if (rests := beyond(word, others)) else "")
        for word in sorted(set(choices), key=lambda word: (-len(word), word))
    )


def beyond(word: str, others: Iterable[str]) -> list[str]:
    """What longer words have after this one, as patterns; an English word ends at a blank."""
    rests = [each.removeprefix(word) for each in others if each.startswith(word) and each != word]
    if not word.isascii():
        return [spelled(rest) for rest in rests]
    return [spelled(rest) + END for rest in rests if rest[0] == " "]


def spelled(word: str) -> str:
    return r"\s+".join(map(re.escape, word.split(" ")))


# ---- what stands where


def declaration(role: str, scope: str) -> dict[str, Any]:
    """A declaring keyword and the name that it gives; `: party` is a type and declares none."""
    opening = anyone(of_roles(keywords().roles, (role,)))
    return {
        "match": rf"{BEGIN}(?<![:：])(?<![:：]\s)({opening})\s+({NAME})",
        "captures": captures(SCOPES["declaration"], scope),
    }


def members(roles: Any) -> Iterable[dict[str, Any]]:
    """Names that may be spelled as a keyword: after a dot, and before the colon of a field."""
    yield {
        "match": rf"([.．])\s*({NAME})",
        "captures": captures("punctuation.accessor", "variable.other.member"),
    }
    cases = anyone(of_roles(roles, (type.removeprefix("K_") for type in sorted(BEFORE_COLON))))
    yield {
        "match": rf"(^|[{{｛,，])\s*(?!(?:{cases})\s*[:：])({NAME})(?=\s*[:：])",
        "captures": captures("punctuation.separator", "variable.other.property"),
    }


def assigned() -> list[str]:
    """Keywords of one word that are a name before `=`: no expression ends with them."""
    ends = table().automaton.ends_expression
    kept = [
        each for role, each in keywords().roles.items() if role == "DUE" or (role != "LET" and f"K_{role}" not in ends)
    ]
    return [word for lang in ("en", "zh") for word in spellings(kept, lang) if " " not in word]


def chosen(roles: Any) -> Iterable[dict[str, Any]]:
    """Words by position: what a header, a breach, a status or an interest is."""
    words = anyone(meanings(*CONSTANTS))
    before = [roles[role] for role in BEFORE_CONSTANT]
    kept: dict[Kind, list[Keyword]] = {}
    for each in before:
        kept.setdefault(kind_of(each.role), []).append(each)
    for kind, rows in sorted(kept.items()):
        opening = anyone([*spellings(rows, "en"), *spellings(rows, "zh")])
        yield {
            "match": rf"{BEGIN}({opening})\s+((?:{words}){END}(?:\s*[,，]\s*(?:{words}){END})*)",
            "captures": captures(SCOPES[kind], "constant.language.term"),
        }
    own = set(meanings("interest", "grade")) - set(meanings("proration", "order"))
    yield painted("constant.language.term", rf"{BEGIN}(?:{anyone(own)}){END}(?!\s*[:：=＝(（])")
    expect = anyone(of_roles(roles, ("EXPECT",)))
    statuses = anyone(meanings("status"))
    yield {
        "begin": rf"{BEGIN}({expect}){END}",
        "end": r"$|(?=[}｝#＃])",
        "beginCaptures": captures(SCOPES["logic"]),
        "patterns": [
            painted("constant.language.status", rf"(?<=[\s\w])(?:{statuses})(?=\s*(?:[}}｝#＃]|$))"),
            {"include": "$self"},
        ],
    }


def chinese(kinds: Iterable[Kind]) -> dict[str, Any]:
    """A run of Chinese keywords, blanks between them or not, up to a digit or its end: 次月第10日内."""
    every = longer("zh")
    instance = keywords().names["instance"].values()
    whole = sorted(word for row in keywords().names.values() for word in row.values() if runs_together(word, every))
    not_these = f"(?!(?:{anyone(whole)}){END})" if whole else ""
    run = anyone([*every, *instance])
    inner = [painted(SCOPES[kind], anyone(words(kind, "zh"), every)) for kind in kinds if words(kind, "zh")]
    return {
        "match": rf"{BEGIN}{not_these}(?:{run})+(?={DIGIT}|{END})",
        "captures": {"0": {"patterns": [*inner, painted("variable.language", anyone(instance))]}},
    }


def runs_together(word: str, every: Iterable[str]) -> bool:
    """Whether a name is made of several keywords, and would be taken for them."""
    return word not in every and re.fullmatch(f"(?:{anyone(every)})+", word) is not None


def figures() -> Iterable[dict[str, Any]]:
    """Money, shares, dates and numbers, the longer spelling first."""
    two = f"{DIGIT}{{1,2}}"  # 2026-2-3 is told, and read as the date that it says
    date = f"{DIGIT}{{4}}-(?:[QW]{two}|{two}(?:-{two}(?:T{two}[:：]{two})?)?)"
    yield painted("constant.numeric.date", rf"{date}(?![0-9A-Za-z_])")
    currencies = "|".join(sorted(CURRENCIES))
    grouped = rf"{DIGIT}{{1,3}}(?:[,，]{DIGIT}{{3}})+(?:[.．]{DIGIT}+)?(?:万亿|万|亿)?"
    yield {
        "match": rf"{BEGIN}({currencies})\s+({grouped}|{NUMBER})",
        "captures": captures("keyword.other.unit.currency", "constant.numeric.money"),
    }
    yield painted("constant.numeric.money", rf"[¥￥$＄€£]\s*{NUMBER}元?|{NUMBER}元")
    yield painted("constant.numeric.share", rf"{BEGIN}[百千万]分之(?:{NUMBER}|[零〇一二两三四五六七八九十百千点]+)")
    yield painted("constant.numeric.share", rf"{NUMBER}(?:[%％‰‱]|个百分点|pp{END})")
    yield painted("constant.numeric", NUMBER)
    yield painted("keyword.other.unit.currency", rf"{BEGIN}(?:{currencies}){END}")


def signs() -> Iterable[dict[str, Any]]:
    rates = "|".join(sorted(word for word in keywords().words if word[0] == "/"))
    yield painted(SCOPES["unit"], rf"(?:{rates}){END}")
    yield painted("keyword.operator.comparison", "<=|>=|!=|[≤≥≠=＝<＜>＞]")
    yield painted("keyword.operator.arithmetic", "[-+*/×÷＋－＊／]")
    yield painted("punctuation.section.bracket", f"{OPENS}|{CLOSES}")
    yield painted("punctuation.separator", "[,，:：]")
    yield painted("keyword.operator.optional", "[?？]")


# ---- the command


def text() -> str:
    return json.dumps(grammar(), ensure_ascii=False, indent=2) + "\n"


def as_cut(path: Path) -> list[dict[str, Any]]:
    """The words of a contract: where each begins and ends, what the language takes it for, of which kind it is, and
    whether only its declaration says that it is a name.
    """
    lexed = lex(Source(path.name, path.read_text("utf-8")))
    every = longer("zh")
    found = [
        {
            "start": start,
            "end": end,
            "type": type,
            "kind": kind_of(type[2:]) if type.startswith("K_") else "",
            "declared": type == "NAME" and runs_together(str(value), every),
        }
        for type, start, end, value in zip(lexed.types, lexed.starts, lexed.ends, lexed.values, strict=True)
    ]
    found += [{"start": start, "end": end, "type": "COMMENT", "kind": ""} for start, end in lexed.comments]
    return sorted(found, key=lambda word: int(word["start"]))


def main(given: list[str]) -> int:
    if given[:1] == ["--words"]:
        print(json.dumps({name: as_cut(Path(name)) for name in given[1:]}))
        return 0
    if given:
        print("say nothing, or --words FILE...", file=sys.stderr)
        return 2
    GRAMMAR.parent.mkdir(parents=True, exist_ok=True)
    GRAMMAR.write_text(text(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
