"""What the tests of the shipped agreements share: the agreement, its year, the figures computed without the engine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import clausal


def computed(folder: Path) -> Mapping[str, Any]:
    """The figures that the agreement's own computation wrote."""
    found: Mapping[str, Any] = json.loads((folder / "expected" / "statement.json").read_text("utf-8"))
    return found


def recomputed(folder: Path, aside: Path) -> Mapping[str, Any]:
    """The same figures, computed again beside a copy of the facts, with nothing but the standard library."""
    shutil.copytree(folder / "facts", aside / "facts")
    (aside / "expected").mkdir()
    script = shutil.copy(folder / "expected" / "compute.py", aside / "expected")
    subprocess.run([sys.executable, "-I", script], check=True, capture_output=True)
    return computed(aside)


@cache
def contract(folder: Path) -> clausal.Contract:
    return clausal.load(folder)


@cache
def year(folder: Path) -> dict[str, Any]:
    """The result document of all the facts that come with the agreement."""
    return contract(folder).evaluate(folder / "facts").to_dict()


def months(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {month["month"]: month for month in document["months"]}


def last_rows(document: Mapping[str, Any], part: str, key: str) -> dict[str, dict[str, Any]]:
    """The last row of each thing, by its id."""
    return {row[key]: row for month in document["months"] for row in month[part]}
