"""Which row of the tables is shown by which cases: `python tests/conformance/rows.py`.

The rows are the seed terms S1 to S82, the worked examples F1 to F58 (with F15b and F15c), and the rules of meaning in
rules.toml. A row is shown by a case of the suite that names it and passes, by a scenario of `contracts/` whose title
begins with it and that passes, or, for a law, by its property test. Exits with 1 if a row is shown by none or an unknown
one is named.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from clausal.engine.conformance import ROW, Verdict, folders, judge
from clausal.engine.embedding import load

HERE = Path(__file__).resolve().parent
CONTRACTS = HERE.parents[1] / "contracts"
TESTS = HERE.parent

FIGURES = ("F15b", "F15c")


def rules() -> Mapping[str, Mapping[str, str]]:
    """The rules of meaning by their row, B1.1 and so on."""
    tables = tomllib.loads((HERE / "rules.toml").read_text("utf-8"))
    return {f"{section}.{number}": said for section, table in tables.items() for number, said in table.items()}


def rows() -> tuple[str, ...]:
    """Every row there is, in order."""
    figures = [f"F{n}" for n in range(1, 59)]
    at = figures.index("F15") + 1
    return (*(f"S{n}" for n in range(1, 83)), *figures[:at], *FIGURES, *figures[at:], *rules())


def named(title: str) -> Iterator[str]:
    """The rows with which a scenario's title begins: `S67 …`, `S3, F49 …`."""
    for word in re.split(r"[\s,，、/]+", title.strip()):
        if not ROW.fullmatch(word.rstrip(":：")):
            return
        yield word.rstrip(":：")


def shown(verdicts: tuple[Verdict, ...]) -> dict[str, list[str]]:
    """What shows each row that anything shows."""
    found: dict[str, list[str]] = {}
    for verdict in verdicts:
        if verdict.status == "passed":
            for row in verdict.rows:
                found.setdefault(row, []).append(verdict.name)
    for path in sorted(CONTRACTS.rglob("*.contract")):
        for result in load(path).run_scenarios():
            if result.status == "passed":
                for row in named(result.name):
                    found.setdefault(row, []).append(f"{path.relative_to(CONTRACTS.parent)}: {result.name}")
    laws = {path.name: path.read_text("utf-8") for path in sorted(TESTS.glob("test_*.py"))}
    for row, said in rules().items():
        for name, text in laws.items():
            if "law" in said and f"def {said['law']}(" in text:
                found.setdefault(row, []).append(f"tests/{name}: {said['law']}")
    return found


def table() -> tuple[dict[str, list[str]], list[str]]:
    """Each row with what shows it, and the rows that are named and do not exist."""
    found = shown(tuple(map(judge, folders(HERE))))
    known = rows()
    return {row: found.get(row, []) for row in known}, sorted(set(found) - set(known))


def main() -> int:
    by_row, unknown = table()
    for row, where in by_row.items():
        print(f"{row:6} {len(where) or '-':>3}  {'; '.join(where[:3])}{' …' if len(where) > 3 else ''}")
    empty = [row for row, where in by_row.items() if not where]
    print(f"{len(by_row) - len(empty)} of {len(by_row)} rows are shown")
    if empty:
        print("not shown: " + ", ".join(empty))
    if unknown:
        print("unknown: " + ", ".join(unknown))
    return 1 if empty or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
