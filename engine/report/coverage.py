"""What scenarios have reached, for a person: a line for each kind of point, then every point that none of them reached."""

from __future__ import annotations

from typing import Any

from clausal.dsl.diagnostics import Source, pad
from clausal.dsl.wording import Lang
from clausal.engine.coverage import KINDS, Coverage, Point, percent
from clausal.engine.report.spelling import known, say

# Kinds whose outcome is the contract's own text.
_QUOTED = frozenset({"branch", "band", "bound", "clause"})


def render(file: str, source: Source, coverage: Coverage, lang: Lang) -> str:
    rows = [(say(f"reached.{kind}", lang), *coverage.count(kind)) for kind in KINDS]
    rows = [row for row in rows if row[2]]
    rows.append((say("reached.all", lang), *coverage.count()))
    lines = [f"{say('reached.title', lang)}  {file}"]
    for name, reached, of in rows:
        share = percent(reached, of)
        figure = pad(f"{reached}/{of}", 9, "right") + ("" if share is None else pad(f"{share}%", 6, "right"))
        lines.append(f"  {pad(name, 24)}{figure}")
    lines += [f"  {_place(file, source, point)}  {_told(point, lang)}" for point in coverage.missed]
    return "".join(line + "\n" for line in lines)


def as_data(file: str, source: Source, coverage: Coverage) -> dict[str, Any]:
    """The same for a program: totals by kind, and every point."""
    totals = {kind: coverage.count(kind) for kind in KINDS if coverage.count(kind)[1]}
    reached, of = coverage.count()
    return {
        "file": file,
        "reached": reached,
        "of": of,
        "percent": percent(reached, of),
        "kinds": {k: {"reached": r, "of": n, "percent": percent(r, n)} for k, (r, n) in totals.items()},
        "points": [
            {
                "kind": p.kind,
                "subject": p.subject,
                "outcome": p.outcome or None,
                "line": line,
                "reached": p.reached,
                **({} if home == file else {"file": home}),
            }
            for p in coverage.points
            for home, line in (_home(file, source, p),)
        ],
    }


def _place(file: str, source: Source, point: Point) -> str:
    home, line = _home(file, source, point)
    return home if line is None else f"{home}:{line}"


def _home(file: str, source: Source, point: Point) -> tuple[str, int | None]:
    """The file that a point stands in, of those that the contract uses, and its line there."""
    if point.span is None:
        return file, None
    home, there = source.origin(point.span)
    return file if home is source else home.name, home.position(there.start)[0]


def _told(point: Point, lang: Lang) -> str:
    kind = say(f"reached.not.{point.kind}", lang)
    if point.kind == "clause":
        return f"{kind} {point.subject}"
    mark = "：" if lang == "zh" else ": "
    return f"{kind} {point.subject}{mark}{_outcome(point, lang)}"


def _outcome(point: Point, lang: Lang) -> str:
    if point.kind in _QUOTED and point.outcome not in ("above", "otherwise"):
        return point.outcome
    rooms = ("reached.word", "kpi", "status", "right", "grade", "kind", "level", "approval")
    room = next((r for r in rooms if known(f"{r}.{point.outcome}")), None)
    return point.outcome if room is None else say(f"{room}.{point.outcome}", lang)
