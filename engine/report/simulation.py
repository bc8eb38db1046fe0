"""The answer to a what-if: its points as a table, what turns and why, where conditions hold; as text, JSON, CSV and chart."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, cast

from clausal.dsl.types import Type, is_numeric
from clausal.dsl.values import Duration, Exact, NotApplicable, Unknown, Value, exact
from clausal.dsl.wording import (
    Lang,
    count_text,
    cut,
    decimals,
    display_width,
    duration_text,
    exact_text,
    figure,
    money_text,
    number_text,
    pad,
    percent_text,
)
from clausal.engine.decisions import measure
from clausal.engine.outcome import digits, typed_value
from clausal.engine.quantities import Quantity
from clausal.engine.report import plot
from clausal.engine.report.delimited import cell_text
from clausal.engine.report.spelling import say
from clausal.engine.report.terminal import wrapped
from clausal.engine.simulate import Answer, Axis, Change, Effect, Reason, Solution, Turn, measure_of

LONGEST: Final = 72  # of the contract's text in a reason, in columns

# English, Chinese.
SAID: Final = MappingProxyType(
    {
        "unknown": ("undetermined", "暂不能确定"),
        "none": ("not there", "未产生"),
        "not applicable": ("not applicable", "不适用"),
        "turns": ("Where it turns", "转折之处"),
        "no turns": (
            "Nothing turns in this range: what is shown follows one straight line.",
            "在此范围内没有转折：所列各项均按同一直线变动。",
        ),
        "idle": (
            "Nothing in the statement changes over this range.",
            "在此范围内，对账单没有任何变化。",
        ),
        "set idle": (
            "Nothing in the statement changes with what is set.",
            "所设定的内容不会使对账单发生任何变化。",
        ),
        "what": ("figure", "项目"),
        "given": ("as given", "原数据"),
        "set": ("what if", "设定后"),
        "difference": ("difference", "差额"),
        "constant": ("Nothing of what is shown changes over this range.", "在此范围内，所列各项均不变。"),
        "jump": ("{name}: cliff from {before} to {after}", "{name}：跳点，由{before}变为{after}"),
        "turn": ("{name}: from {before} to {after}", "{name}：由{before}变为{after}"),
        "bend": ("{name}: edge, {left} becomes {right}", "{name}：折点，由{left}变为{right}"),
        "bend alone": ("{name}: edge at {before}", "{name}：折点，此处为{before}"),
        "between": ("{left} | {right}", "{left} | {right}"),
        "at": ("(turns at {at})", "（转折于{at}）"),
        "line of": ("line {line}, {owner}: {text}", "第{line}行，{owner}：{text}"),
        "clause": ("clause {clause}", "条款{clause}"),
        "change": ("{subject}, {month}: {before} becomes {after}", "{month}的{subject}：由{before}变为{after}"),
        "contract": ("contract", "合同"),
        "more": ("{figure} per {unit}", "每{unit}增加{figure}"),
        "less": ("{figure} per {unit}", "每{unit}减少{figure}"),
        "more about": ("about {figure} per {unit}", "每{unit}约增加{figure}"),
        "less about": ("about {figure} per {unit}", "每{unit}约减少{figure}"),
        "flat": ("flat", "不变"),
        "about": ("about {figure}", "约{figure}"),
        "stepping": (
            "Steps that are too many to list: {text} (line {line}).",
            "步数过多，不逐一列出：{text}（第{line}行）。",
        ),
        "bent": (
            "{names}: no straight line everywhere; between the points it may bend where nothing is listed.",
            "{names}：并非处处为直线；各点之间可能存在未列出的变化。",
        ),
        "crowded": (
            "More turns than can be listed: the points are shown, what lies between them is not. A smaller range shows more.",
            "转折过多，无法逐一列出：仅列示各点，点间情况未列。缩小范围可以看得更清楚。",
        ),
        "grid": (
            "With two things varied the points are shown; what turns between them is looked for along one range only.",
            "变动两项时只列示各点；仅在变动一项时查找点间的转折。",
        ),
        "solve": ("Where {text}", "满足“{text}”之处"),
        "holds": ("from {first} to {last}", "自{first}至{last}"),
        "holds at": ("at {first}", "为{first}时"),
        "everywhere": ("everywhere from {first} to {last}", "在{first}至{last}的整个范围内"),
        "holds nowhere": ("nowhere in this range", "在此范围内不成立"),
        "near": ("the nearest: {value} at {place}", "最接近：{place}时为{value}"),
        "skipped": (
            "no exact equality: {low} at {left}, {high} at {right}, one least unit apart",
            "没有恰好相等之处：{left}时为{low}，{right}时为{high}，二者相差一个最小单位",
        ),
        "undetermined": (
            "undetermined from {first} to {last}; needed: {needs}",
            "自{first}至{last}暂不能确定；尚缺：{needs}",
        ),
        "not certain": (
            "The quantity follows no straight line: there may be more places.",
            "该项并非按直线变动，可能还有其他满足之处。",
        ),
        "runs": ("{runs} runs of the contract", "共运行合同{runs}次"),
        "chart": ("{names} over {across}", "{names}随{across}的变化"),
        "words": (
            "{names}, for {across} from {low} to {high}; {number} places at which something turns.",
            "{across}自{low}至{high}时的{names}；共有{number}处转折。",
        ),
        "and": (", ", "、"),
        "capped": ("capped", "已达上限"),
        "unit.day": ("day", "日"),
        "unit.one": ("1", "1"),
        "unit.point": ("percentage point", "百分点"),
    }
)


def _say(key: str, lang: Lang, **words: object) -> str:
    return SAID[key][1 if lang == "zh" else 0].format_map(words)


# ---- values in words -----------------------------------------------------------------------------------------------


def value_text(value: Value | None, of: Quantity | Type, lang: Lang) -> str:
    """A value of a quantity, of an axis, or what it is instead of one."""
    kind = of.type if isinstance(of, Quantity) else of
    match value:
        case None:
            return _say("none", lang)
        case Unknown():
            return _say("unknown", lang)
        case NotApplicable():
            return _say("not applicable", lang)
        case str() if isinstance(of, Quantity) and of.type is None:
            return say(f"{of.words}.{value}", lang) if value else ""
        case Duration(amount=amount, unit=unit):
            return duration_text(amount, unit, lang)
        case dt.datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case bool() | int() | Fraction() | dt.date() if kind is not None:
            said = figure(value, kind)
            return said.zh if lang == "zh" else said.en
        case _:
            return str(value)


def _plain(value: Value | None, of: Quantity, lang: Lang) -> str:
    """For a table: money without its currency, which stands in the heading."""
    if of.type is not None and of.type.kind == "money" and isinstance(value, int | Fraction):
        return money_text(value, "", decimals(of.type.currency or "")).replace(" ", "")
    return value_text(value, of, lang)


def slope_text(slope: Fraction, quantity: Quantity, axis: Axis, lang: Lang) -> str:
    """How much of the quantity for one of the axis: "2%", "CNY 400.00 per dealer"."""
    if slope == 0:
        return _say("flat", lang)
    kind, across = cast(Type, quantity.type), axis.input.type
    rough = _too_long(slope)
    places = 10 ** (4 if abs(slope) >= Fraction(1, 100) else 8)
    shown = Fraction(round(slope * places), places) if rough else slope
    if kind.kind == "money" and across.kind == "money" and kind.currency == across.currency and abs(slope) <= 1:
        text = percent_text(shown)
        return _say("about", lang, figure=text) if rough else text
    grown = shown * (Fraction(1, 100) if across.kind in ("percent", "points", "rate") else 1)
    size = abs(grown) if lang == "zh" else grown
    if kind.kind in ("date", "moment"):
        text = duration_text(size, "days", lang)
    else:
        said = figure(exact(size), kind)
        text = said.zh if lang == "zh" else said.en
    way = ("less" if grown < 0 else "more") + (" about" if rough else "")
    return _say(way, lang, figure=text, unit=_unit_text(across, lang))


def _too_long(slope: Fraction) -> bool:
    return (slope * 10**8).denominator != 1


def _unit_text(across: Type, lang: Lang) -> str:
    match across.kind:
        case "money":
            return f"{across.currency} 1"
        case "count":
            unit = across.unit or _say("unit.one", lang)
            return unit[:-1] if lang == "en" and unit.endswith("s") and unit.isascii() else unit
        case "date" | "notice":
            return _say("unit.day", lang)
        case "percent" | "points" | "rate":
            return _say("unit.point", lang)
        case _:
            return _say("unit.one", lang)


# ---- text ----------------------------------------------------------------------------------------------------------


def render(answer: Answer, lang: Lang, width: int = 80, braille: bool = True, drawn: bool = True) -> str:
    """A table of the points, a plot of each figure, what turns, where conditions hold."""
    if not answer.axes:
        return "\n".join(_compared(answer, lang, width)) + "\n"
    parts = ["\n".join(_table(answer, lang, width))]
    if drawn and not answer.idle:
        text = plot.render_text(chart(answer, lang, most=3), width, braille)
        if text:
            parts.append(text.rstrip("\n"))
    parts.append("\n".join(_said(answer, lang, width)))
    return "\n\n".join(part for part in parts if part) + "\n"


def _compared(answer: Answer, lang: Lang, width: int) -> Iterator[str]:
    """Each figure as it is with the facts as given, and as it would be; of numbers the difference too."""
    if answer.idle:
        yield from wrapped(_say("set idle", lang), width)
        return
    was, now = (point.values for point in answer.points)
    heads = [_say(key, lang) for key in ("what", "given", "set", "difference")]
    rows = [
        (
            _heading(q),
            _plain(was[i], q, lang),
            _plain(now[i], q, lang),
            _plain(_difference(was[i], now[i], q), q, lang) if _difference(was[i], now[i], q) is not None else "",
        )
        for i, q in enumerate(answer.quantities)
    ]
    table = [heads, *rows]
    widths = [max(display_width(row[i]) for row in table) for i in range(4)]
    for number, row in enumerate(table):
        cells = [
            pad(text, wide, "left" if i == 0 else "right")
            for i, (text, wide) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
        if number == 0:
            yield "  ".join("-" * wide for wide in widths)


def _difference(was: Value | None, now: Value | None, q: Quantity) -> Value | None:
    if q.type is None or not is_numeric(q.type):
        return None
    one, other = measure_of(was), measure_of(now)
    return None if one is None or other is None else exact(other - one)


def _table(answer: Answer, lang: Lang, width: int) -> Iterator[str]:
    if len(answer.axes) == 2 and len(answer.quantities) == 1:
        yield from _crossed(answer, lang, width)
        return
    heads = [[axis.input.text] for axis in answer.axes]
    columns = [
        [value_text(point.at[i], axis.input.type, lang) for point in answer.points]
        for i, axis in enumerate(answer.axes)
    ]
    figures = [[_plain(point.values[i], q, lang) for point in answer.points] for i, q in enumerate(answer.quantities)]
    names = [_heading(q) for q in answer.quantities]
    fixed = [[*head, *column] for head, column in zip(heads, columns, strict=True)]
    yield from _columns(fixed, [[name, *column] for name, column in zip(names, figures, strict=True)], width)


def _crossed(answer: Answer, lang: Lang, width: int) -> Iterator[str]:
    """One quantity over two ranges: a row for each value of the first, a column for each of the second."""
    one, other = answer.axes
    quantity = answer.quantities[0]
    rows = [one.value(stop) for stop in one.stops]
    lines = iter(answer.points)
    cells = [[_plain(next(lines).values[0], quantity, lang) for _ in other.stops] for _ in rows]
    yield f"{_heading(quantity)}: {one.input.text} \\ {other.input.text}"
    first = [["", *(value_text(row, one.input.type, lang) for row in rows)]]
    heads = [value_text(other.value(stop), other.input.type, lang) for stop in other.stops]
    yield from _columns(first, [[head, *(row[i] for row in cells)] for i, head in enumerate(heads)], width)


def _columns(fixed: list[list[str]], figures: list[list[str]], width: int) -> Iterator[str]:
    """Columns side by side as many as fit, the fixed ones first; the others follow in a table below."""
    left = [max(map(display_width, column)) for column in fixed]
    taken: list[list[str]] = []
    room = width - sum(left) - 2 * (len(left) - 1)
    for column in figures:
        wide = max(map(display_width, column)) + 2
        if taken and room < wide:
            yield from _laid_out([*fixed, *taken])
            yield ""
            taken, room = [], width - sum(left) - 2 * (len(left) - 1)
        taken.append(column)
        room -= wide
    yield from _laid_out([*fixed, *taken])


def _laid_out(columns: list[list[str]]) -> Iterator[str]:
    widths = [max(map(display_width, column)) for column in columns]
    for number, row in enumerate(zip(*columns, strict=True)):
        yield "  ".join(pad(text, wide, "right") for text, wide in zip(row, widths, strict=True))
        if number == 0:
            yield "  ".join("-" * wide for wide in widths)


def _heading(quantity: Quantity) -> str:
    unit = quantity.type.currency if quantity.type is not None and quantity.type.kind == "money" else None
    return f"{quantity.text} ({unit})" if unit else quantity.text


def _said(answer: Answer, lang: Lang, width: int) -> Iterator[str]:
    for solution in answer.solutions:
        yield _say("solve", lang, text=solution.condition.text)
        for line in _solved(answer, solution, lang):
            yield from wrapped(line, width, "  ")
        yield ""
    if answer.crowded:
        yield from wrapped(_say("crowded", lang), width)
    elif answer.idle:
        yield from wrapped(_say("idle", lang), width)
    elif answer.searched:
        if answer.turns:
            yield _say("turns", lang)
        elif all(p.values == answer.points[0].values for p in answer.points):
            yield from wrapped(_say("constant", lang), width)
        else:
            yield from wrapped(_say("no turns", lang), width)
        for turn in answer.turns:
            yield "  " + place_text(turn, answer.axes[0], lang)
            for line in told(answer, turn, lang):
                yield from wrapped(line, width, "    ")
    elif len(answer.axes) == 2:
        yield from wrapped(_say("grid", lang), width)
    for reason in answer.stepping:
        yield from wrapped(_say("stepping", lang, text=reason.text, line=reason.line), width)
    if answer.bent:
        names = _say("and", lang).join(answer.quantities[i].text for i in answer.bent)
        yield from wrapped(_say("bent", lang, names=names), width)
    yield _say("runs", lang, runs=answer.runs)


def place_text(turn: Turn, axis: Axis, lang: Lang) -> str:
    """The neighbours between which it turns; a bend that lies on one of them is told by that one alone."""
    kind = axis.input.type
    left, right = value_text(turn.left, kind, lang), value_text(turn.right, kind, lang)
    if all(effect.kind == "bend" for effect in turn.effects):
        at = turn.left if turn.at is None else turn.at
        return value_text(at, kind, lang)
    text = _say("between", lang, left=left, right=right)
    if turn.at is not None and turn.at not in (turn.left, turn.right):
        text += " " + _say("at", lang, at=value_text(turn.at, kind, lang))
    return text


def told(answer: Answer, turn: Turn, lang: Lang) -> Iterator[str]:
    """What happens there to each quantity, and why."""
    for effect in turn.effects:
        yield effect_text(answer, effect, lang)
    yield from (reason_text(reason, lang) for reason in turn.reasons)


def effect_text(answer: Answer, effect: Effect, lang: Lang) -> str:
    quantity, axis = answer.quantities[effect.quantity], answer.axes[0]
    before, after = (value_text(v, quantity, lang) for v in (effect.before, effect.after))
    left, right = effect.slopes
    if effect.kind == "bend" and left is not None and right is not None:
        one, other = (slope_text(slope, quantity, axis, lang) for slope in (left, right))
        if one == other:
            return _say("bend alone", lang, name=quantity.text, before=before)
        return _say("bend", lang, name=quantity.text, left=one, right=other)
    return _say(effect.kind, lang, name=quantity.text, before=before, after=after)


def reason_text(reason: Reason | Change, lang: Lang) -> str:
    if isinstance(reason, Change):
        before, after = (_word(reason.scope, word, lang) for word in (reason.before, reason.after))
        subject = reason.subject or _say("contract", lang)
        return _say("change", lang, subject=subject, month=reason.month, before=before, after=after)
    text = _say("line of", lang, line=reason.line, owner=reason.owner, text=cut(reason.text, LONGEST))
    if reason.clause is None:
        return text
    clause = _say("clause", lang, clause=reason.clause)
    return f"{text}（{clause}）" if lang == "zh" else f"{text} ({clause})"


def _word(scope: str, word: str, lang: Lang) -> str:
    if scope == "capped":
        return _say("capped", lang) if word else "—"
    return say(f"{'status' if scope == 'let' else scope}.{word}", lang) if word else _say("none", lang)


def _solved(answer: Answer, solution: Solution, lang: Lang) -> Iterator[str]:
    axis = answer.axes[0]
    kind, quantity = axis.input.type, solution.condition.quantity

    def place(value: Any) -> str:
        return value_text(value, kind, lang)

    def worth(value: Value | None) -> str:
        return value_text(value, quantity, lang)

    name = axis.input.text
    for stretch in solution.holds:
        first, last = place(stretch.first), place(stretch.last)
        if stretch.first == stretch.last:
            text = _say("holds at", lang, first=first)
        elif stretch.first == axis.value(0) and stretch.last == axis.value(axis.size):
            text = _say("everywhere", lang, first=first, last=last)
        else:
            text = _say("holds", lang, first=first, last=last)
        ends = tuple(dict.fromkeys(map(worth, stretch.values)))
        yield f"{name} {text}" + (f"  ({' … '.join(ends)})" if quantity.type is not None else "")
    if not solution.holds:
        yield f"{name}: {_say('holds nowhere', lang)}" if lang == "en" else f"{name}：{_say('holds nowhere', lang)}"
        if solution.skipped:
            (left, low), (right, high) = solution.near
            yield _say("skipped", lang, low=worth(low), left=place(left), high=worth(high), right=place(right))
        else:
            for at, value in solution.near:
                yield _say("near", lang, value=worth(value), place=place(at))
    for first_, last_, needs in solution.undetermined:
        joined = _say("and", lang).join(needs)
        yield _say("undetermined", lang, first=place(first_), last=place(last_), needs=joined)
    if not solution.certain:
        yield _say("not certain", lang)


# ---- data ----------------------------------------------------------------------------------------------------------


def as_data(answer: Answer) -> dict[str, Any]:
    """The answer for a program: exact numbers as text, keys in English."""
    return {
        "axes": [
            {
                "name": axis.input.name,
                "periods": list(axis.input.periods),
                "first": _datum(axis.value(0), axis.input.type),
                "last": _datum(axis.value(axis.size), axis.input.type),
                "unit": exact_text(axis.unit),
            }
            for axis in answer.axes
        ],
        "quantities": [q.text for q in answer.quantities],
        "points": [
            {
                "at": [_datum(v, axis.input.type) for v, axis in zip(p.at, answer.axes, strict=True)],
                "values": [_datum(v, q.type) for v, q in zip(p.values, answer.quantities, strict=True)],
            }
            for p in answer.points
        ],
        "searched": answer.searched,
        "turns": [_turn(answer, turn) for turn in answer.turns],
        "solutions": [_solution(answer, solution) for solution in answer.solutions],
        "runs": answer.runs,
        "notes": [
            *(["crowded"] if answer.crowded else []),
            *(["nothing changes"] if answer.idle else []),
            *(f"no straight line: {answer.quantities[i].text}" for i in answer.bent),
            *(f"too many steps: line {reason.line}: {reason.text}" for reason in answer.stepping),
        ],
    }


def _datum(value: Value | None, kind: Type | None) -> dict[str, Any] | None:
    if value is None:
        return None
    if kind is None or isinstance(value, str):
        return {"type": "text", "value": str(value)}
    if kind.kind == "notice":
        return {"type": "date", "value": str(value)}
    if kind.kind == "money" and isinstance(value, int | Fraction):
        return {"type": "money", "currency": kind.currency, "value": digits(value), "exact": str(value)}
    return typed_value(kind, value)


def _turn(answer: Answer, turn: Turn) -> dict[str, Any]:
    kind = answer.axes[0].input.type
    return {
        "left": _datum(turn.left, kind),
        "right": _datum(turn.right, kind),
        "at": None if turn.at is None else _datum(turn.at, kind),
        "effects": [
            {
                "quantity": answer.quantities[e.quantity].text,
                "kind": e.kind,
                "before": _datum(e.before, answer.quantities[e.quantity].type),
                "after": _datum(e.after, answer.quantities[e.quantity].type),
                "slopes": [None if s is None else exact_text(s) for s in e.slopes],
            }
            for e in turn.effects
        ],
        "reasons": [
            {"file": r.file, "line": r.line, "text": r.text, "of": r.owner, "clause": r.clause}
            if isinstance(r, Reason)
            else {"subject": r.subject or "contract", "month": r.month, "before": r.before, "after": r.after}
            for r in turn.reasons
        ],
    }


def _solution(answer: Answer, solution: Solution) -> dict[str, Any]:
    kind, mine = answer.axes[0].input.type, solution.condition.quantity.type
    return {
        "condition": solution.condition.text,
        "holds": [
            {
                "first": _datum(s.first, kind),
                "last": _datum(s.last, kind),
                "values": [_datum(v, mine) for v in s.values],
            }
            for s in solution.holds
        ],
        "nearest": [{"at": _datum(at, kind), "value": _datum(v, mine)} for at, v in solution.near],
        "skipped": solution.skipped,
        "undetermined": [
            {"first": _datum(a, kind), "last": _datum(b, kind), "needs": list(needs)}
            for a, b, needs in solution.undetermined
        ],
        "certain": solution.certain,
    }


def render_csv(answer: Answer) -> str:
    """The points, a row each: exact numbers, ungrouped; what is not known is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if not answer.axes:
        writer.writerow(["figure", "as given", "what if"])
        for i, q in enumerate(answer.quantities):
            writer.writerow([cell_text(_cell(value)) for value in (q.text, *(p.values[i] for p in answer.points))])
        return out.getvalue()
    writer.writerow([*(a.input.text for a in answer.axes), *(q.text for q in answer.quantities)])
    for point in answer.points:
        writer.writerow([cell_text(_cell(value)) for value in (*point.at, *point.values)])
    return out.getvalue()


def _cell(value: Value | None) -> object:
    match value:
        case None | Unknown() | NotApplicable():
            return None
        case bool():
            return value
        case int() | Fraction():
            return digits(value)
        case _:
            return str(value)


# ---- chart ---------------------------------------------------------------------------------------------------------


def chart(answer: Answer, lang: Lang, most: int = 6) -> plot.Chart:
    """The figures over the (first) range; of two ranges a line for each value of the second."""
    axis = answer.axes[0]
    kind = axis.input.type
    numbered = [
        i
        for i, q in enumerate(answer.quantities)
        if q.type is not None and (is_numeric(q.type) or q.type.kind == "date")
    ]
    if len(answer.axes) == 2:
        numbered = numbered[:1]
    lines: dict[Type, list[plot.Line]] = {}
    for i in numbered[:most]:
        quantity = answer.quantities[i]
        for name, stretches in _lines(answer, i, lang)[:most]:
            if stretches:
                lines.setdefault(cast(Type, quantity.type), []).append(plot.Line(name, stretches))

    def across(place: Exact) -> str:
        if axis.listed:
            inside = isinstance(place, int) or place.denominator == 1
            return value_text(axis.value(int(place)), kind, lang) if inside else ""
        if isinstance(axis.first, dt.date):
            return dt.date.fromordinal(int(place)).isoformat()
        return _short(place, kind, lang)

    panels = tuple(plot.Panel(tuple(group), _speller(t, lang)) for t, mine in lines.items() for group in _alike(mine))
    names = _say("and", lang).join(answer.quantities[i].text for i in numbered[:most])
    low, high = axis.place(0), axis.place(axis.size)
    marks = tuple(
        plot.Mark(measure(turn.left) or 0, place_text(turn, axis, lang) + "\n" + "\n".join(told(answer, turn, lang)))
        for turn in answer.turns
    )
    bands = tuple(
        (measure(s.first) or 0, measure(s.last) or 0) for solution in answer.solutions[:1] for s in solution.holds
    )
    words = _say(
        "words", lang, names=names, across=axis.input.text, low=across(low), high=across(high), number=len(answer.turns)
    )
    title = _say("chart", lang, names=names, across=axis.input.text)
    whole = axis.listed != () or isinstance(axis.first, dt.date) or kind.kind == "count"
    return plot.Chart(title, axis.input.text, low, high, across, panels, marks, bands, whole, words)


def _alike(lines: Sequence[plot.Line]) -> list[list[plot.Line]]:
    """Lines that can share a scale: what moves by less than a tenth of it would look flat beside the others."""
    groups: list[list[plot.Line]] = []
    for line in lines:
        for group in groups:
            together = [height for one in (*group, line) for _, height in one.spots]
            spans = [_span([height for _, height in one.spots]) for one in (*group, line)]
            if all(10 * span >= _span(together) for span in spans if span):
                group.append(line)
                break
        else:
            groups.append([line])
    return groups


def _span(heights: Sequence[Exact]) -> Exact:
    return max(heights) - min(heights)


def _short(place: Exact, kind: Type, lang: Lang) -> str:
    """A number on an axis: money without needless decimals, counts without their unit."""
    match kind.kind:
        case "money" if exact(place).__class__ is int:
            return number_text(place)
        case "money":
            return money_text(place, "", decimals(kind.currency or "")).replace(" ", "")
        case "count":
            return count_text(place)
        case _:
            said = figure(exact(place), kind)
            return said.zh if lang == "zh" else said.en


def _speller(t: Type, lang: Lang) -> Any:
    def spell(value: Exact) -> str:
        if t.kind == "date":
            return dt.date.fromordinal(int(value)).isoformat()
        rounded = Fraction(round(Fraction(value) * 10**6), 10**6)
        return _short(rounded, t, lang)

    return spell


def _lines(answer: Answer, i: int, lang: Lang) -> list[tuple[str, tuple[tuple[plot.Spot, ...], ...]]]:
    if len(answer.axes) == 1:
        return [(_heading(answer.quantities[i]), _stretches(answer, i))]
    one, other = answer.axes
    found = []
    for column, stop in enumerate(other.stops):
        spots = [
            (one.place(row), answer.points[n * len(other.stops) + column].values[i]) for n, row in enumerate(one.stops)
        ]
        name = f"{other.input.text} = {value_text(other.value(stop), other.input.type, lang)}"
        found.append((name, _broken([(place, value, False) for place, value in spots])))
    return found


def _stretches(answer: Answer, i: int) -> tuple[tuple[plot.Spot, ...], ...]:
    """The points of one quantity and what is known at its turns, broken where it jumps."""
    axis = answer.axes[0]
    spots: dict[Exact, tuple[Value | None, bool]] = {}
    for n, point in enumerate(answer.points):
        place = axis.place(axis.stops[n])
        spots[place] = (point.values[i], False)
    for turn in answer.turns:
        for effect in turn.effects:
            if effect.quantity == i:
                left, right = measure(turn.left), measure(turn.right)
                if left is not None and right is not None:
                    spots[left] = (effect.before, effect.kind != "bend")
                    spots[right] = (effect.after, spots.get(right, (None, False))[1])
    return _broken([(place, value, broken) for place, (value, broken) in sorted(spots.items())])


def _broken(spots: Sequence[tuple[Exact, Value | None, bool]]) -> tuple[tuple[plot.Spot, ...], ...]:
    found: list[list[plot.Spot]] = [[]]
    for place, value, broken in spots:
        height = measure_of(value)
        if height is None:
            found.append([])
            continue
        found[-1].append((place, height))
        if broken:
            found.append([])
    return tuple(tuple(stretch) for stretch in found if stretch)
