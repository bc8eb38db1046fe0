"""Turns the grammar and the table of words into `grammar.table`, the one file that reading a contract needs.

Run `python -m clausal.dsl.build_table` after every change of `grammar.lark` or `keywords.toml`; a test
fails when the table is older than they are. Lark builds the LALR automaton here, once; nothing else knows
it, and reading a contract loads neither it nor the two files.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import tomllib
from typing import Any

from lark import Lark
from lark import __version__ as lark_version
from lark.grammar import Rule
from lark.lexer import Lexer
from lark.parsers.lalr_analysis import Shift

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(HERE, "grammar.table")
FORMAT = 1
VALUES = [
    "NUMBER",
    "PERCENT",
    "POINTS",
    "MONEY",
    "DATE",
    "MOMENT",
    "MONTH",
    "QUARTER",
    "WEEK",
    "STRING",
    "NAME",
]  # terminals that carry a value into the tree
STARTS = ("start", "expression", "declarations")
# Places where a broken part can be left out and reading go on: one of these may begin there.
SYNC = ("decl", "clause_item", "amendment_item", "header_item", "scenario_item")


class _NoLexer(Lexer):
    """Stands in for the lexer while only the automaton is wanted."""

    def __init__(self, conf: object) -> None:
        pass

    def lex(self, lexer_state: object, parser_state: object) -> Any:
        return iter(())


def source_hash() -> str:
    """What the table rests on: both files, the version of Lark, the format."""
    digest = hashlib.sha256(f"{FORMAT} {lark_version}\n".encode())
    for name in ("grammar.lark", "keywords.toml"):
        with open(os.path.join(HERE, name), encoding="utf-8") as file:
            digest.update(file.read().encode())
    return digest.hexdigest()


def terminals(grammar: str) -> list[str]:
    """Every keyword role and every kind of value that the grammar uses."""
    bare = re.sub(r"//.*", "", grammar)
    return sorted(set(re.findall(r"\bK_[A-Z_]+", bare)) | {name for name in VALUES if re.search(rf"\b{name}\b", bare)})


def automaton() -> Lark:
    """The grammar as Lark sees it; a conflict is an error."""
    with open(os.path.join(HERE, "grammar.lark"), encoding="utf-8") as file:
        grammar = file.read()
    declared = "\n%declare " + " ".join(terminals(grammar)) + "\n"
    return Lark(grammar + declared, parser="lalr", lexer=_NoLexer, start=list(STARTS), strict=True)


def build() -> bytes:
    """The table as bytes, the same for the same files."""
    lark = automaton()
    literal = {
        terminal.name: terminal.pattern.value.replace("\\", "")
        for terminal in lark.terminals
        if not terminal.name.startswith("K_") and terminal.name not in VALUES
    }
    parser: Any = lark.parser
    table: Any = parser.parser._parse_table

    order = _reachable(table, literal)
    number = {state: index for index, state in enumerate(order)}
    rules: list[Rule] = sorted(
        {arg for state in order for action, arg in table.states[state].values() if action is not Shift},
        key=lambda rule: (str(rule.origin.name), rule.order, str(rule)),
    )
    rule_number = {rule: index for index, rule in enumerate(rules)}

    rows: list[Any] = []
    gotos: list[dict[str, int]] = []
    for state in order:
        row: dict[str, int] = {}
        goto: dict[str, int] = {}
        for symbol, (action, arg) in sorted(table.states[state].items()):
            name = literal.get(symbol, symbol)
            if action is not Shift:
                row[name] = -1 - rule_number[arg]
            elif symbol.isupper() or symbol.startswith("$") or symbol in literal:
                row[name] = number[arg]
            else:
                goto[name] = number[arg]
        actions = set(row.values())
        rows.append(actions.pop() if len(actions) == 1 and min(row.values()) < 0 else row)
        gotos.append(goto)

    described = [_described(rule, literal) for rule in rules]
    _collapse(rows, gotos, described)
    unique: dict[str, int] = {}
    index = [unique.setdefault(json.dumps(row, sort_keys=True), len(unique)) for row in rows]
    with open(os.path.join(HERE, "keywords.toml"), "rb") as file:
        words = tomllib.load(file)
    content = {
        "sources": source_hash(),
        "start": {name: number[table.start_states[name]] for name in STARTS},
        "end": {name: number[table.end_states[name]] for name in STARTS},
        "rules": described,
        "rows": [json.loads(row) for row in unique],
        "row": index,
        "goto": gotos,
        "sync": [i for i, goto in enumerate(gotos) if any(name in table.states[order[i]] for name in SYNC)],
        "begins_expression": sorted(_first(lark, "expr", literal)),
        "ends_expression": sorted(_last(lark, ("expr", "period"), literal)),
        "keyword": {
            role: [entry.get("en"), entry.get("zh"), entry.get("singular")] for role, entry in words["keyword"].items()
        },
        "name": words["name"],
    }
    return (json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _reachable(table: Any, literal: dict[str, str]) -> list[int]:
    """States in the order in which a walk from the starts, symbol by symbol, meets them: always the same."""
    order: list[int] = []
    seen: set[int] = set()
    waiting = [table.start_states[name] for name in STARTS]
    while waiting:
        state = waiting.pop(0)
        if state in seen:
            continue
        seen.add(state)
        order.append(state)
        for symbol in sorted(table.states[state]):
            action, arg = table.states[state][symbol]
            if action is Shift:
                waiting.append(arg)
    return order


def _described(rule: Rule, literal: dict[str, str]) -> list[Any]:
    """[origin, size, what to call, which parts it takes]: a number, or -1 - number for a list."""
    origin = str(rule.origin.name)
    parts: list[int] = []
    for i, symbol in enumerate(rule.expansion):
        if not symbol.is_term:
            parts.append(-1 - i if symbol.name.startswith("__") else i)
        elif symbol.name in VALUES or rule.options.keep_all_tokens:
            parts.append(i)
    if origin.startswith("__"):
        grows = bool(rule.expansion) and rule.expansion[0].name == rule.origin.name
        return [origin, len(rule.expansion), "+" if grows else "*", parts]
    if rule.alias is None and rule.options.expand1 and len(parts) == 1 and parts[0] >= 0:
        return [origin, len(rule.expansion), "", parts]
    return [origin, len(rule.expansion), str(rule.alias or origin), parts]


def _collapse(rows: list[Any], gotos: list[dict[str, int]], rules: list[list[Any]]) -> None:
    """Leads past states that only rename their one symbol: `decl: party` then costs nothing."""
    for goto in gotos:
        for name, state in goto.items():
            while isinstance(rows[state], int):
                origin, size, call, _ = rules[-1 - rows[state]]
                if size != 1 or call:
                    break
                state = goto[origin]
            goto[name] = state


def _first(lark: Lark, name: str, literal: dict[str, str]) -> set[str]:
    """Terminals that can begin the nonterminal `name`."""
    return _edge(lark, (name,), literal, 1)


def _last(lark: Lark, names: tuple[str, ...], literal: dict[str, str]) -> set[str]:
    """Terminals that can end one of the nonterminals."""
    return _edge(lark, names, literal, -1)


def _edge(lark: Lark, names: tuple[str, ...], literal: dict[str, str], step: int) -> set[str]:
    found: set[str] = set()
    waiting, seen = list(names), set(names)
    while waiting:
        name = waiting.pop()
        for rule in lark.rules:
            if rule.origin.name != name or not rule.expansion:
                continue
            symbol = rule.expansion[0 if step == 1 else -1]
            if symbol.is_term:
                found.add(literal.get(symbol.name, symbol.name))
            elif symbol.name not in seen:
                seen.add(symbol.name)
                waiting.append(symbol.name)
    return found


def main() -> int:
    content = build()
    with open(TABLE, "wb") as file:
        file.write(content)
    print(f"{os.path.basename(TABLE)}: {len(content)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
