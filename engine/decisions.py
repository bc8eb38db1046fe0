"""What a run decided: which way each comparison fell, which of several figures was the least, what became of each line.

Between two runs that decided alike, every figure follows the same formula; where they differ, something turned. A watched
program notes its decisions while it runs; the others are read off the outcome, since the walk through the days takes them.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, TypeAlias, cast

import attrs

from clausal.dsl import model as m
from clausal.dsl.diagnostics import Span
from clausal.dsl.graph import reads_here
from clausal.dsl.values import Exact, NotApplicable, Shares, Unknown, Value
from clausal.engine.evaluate import Run
from clausal.engine.exact import Compiled, Program, Scope
from clausal.engine.outcome import Assessed, Month

Key: TypeAlias = tuple[int, str, str]
"""An Op (by its identity), the period and the record that it was evaluated for."""

Day: TypeAlias = tuple[str, str, str]
"""A month, the scope of the word for a status (see engine/report/spelling.py), and what has it."""

# Functions with steps of their own; what they give is a decision, unless they take too many steps.
STEPPED: Final = frozenset({"rounded", "floor", "ceiling", "step", "package"})
CHOOSING: Final = frozenset({"minimum", "maximum", "limit", "uplift", "absolute", "deviation"})


@attrs.frozen
class Place:
    """Where in the contract something was decided: the condition or function, and the declaration that it stands in."""

    span: Span
    owner: str
    clause: str | None


@attrs.frozen
class Decided:
    """The decisions of one run, those of its Ops and those of its days."""

    ops: Mapping[Key, frozenset[object]]
    days: Mapping[Day, tuple[object, ...]]


class Decisions:
    """Notes the decisions of a program, run by run: make the program with `watch`, call `begin`, run, and read `decided`."""

    def __init__(self, contract: m.Contract) -> None:
        self.places = dict(_places(contract))
        self.rests = _rests(contract)
        self.ignored: set[int] = set()
        self.stepping: set[int] = set()
        self.measuring = False
        self._seen: dict[Key, set[object]] = {}
        self._margins: dict[Key, list[Exact]] = {}

    def begin(self, measuring: bool = False) -> None:
        """`measuring`: also by how much the figures differ between which was decided."""
        self.measuring = measuring
        self._seen = {}
        self._margins = {}

    def decided(self, run: Run) -> Decided:
        ops = {key: frozenset(seen) for key, seen in self._seen.items() if key[0] not in self.ignored}
        return Decided(ops, dict(_of_the_days(run.outcome.months)))

    def margins(self) -> Mapping[Key, tuple[Exact, ...]]:
        return {key: tuple(found) for key, found in self._margins.items()}

    def watch(self, program: Program, op: m.Op, run: Compiled) -> Compiled:
        """The Op's own function, which also notes which way it fell. Ops are pure: asking their parts again changes nothing."""
        match op:
            case m.Compare(left=left, right=right):
                return self._compared(op, run, program.compiled(left), program.compiled(right))
            case m.Builtin(name=name, args=args) if name in STEPPED | CHOOSING:
                if name in STEPPED:
                    self.stepping.add(id(op))
                how = _side if name in CHOOSING else _given
                return self._noted(op, run, tuple(map(program.compiled, args)), how(name))
            case m.Stages():
                return self._noted(op, run, tuple(program.compiled(x.bound) for x in op.stages if x.bound), _stage(op))
            case m.Waterfall():
                parts = (program.compiled(op.cash), *(program.compiled(need) for _, need in op.buckets))
                return self._noted(op, run, parts, _filled)
            case _:
                return run

    def _compared(self, op: m.Compare, run: Compiled, left: Compiled, right: Compiled) -> Compiled:
        number = id(op)

        def compare(s: Scope) -> Value:
            value = run(s)
            if not s.to_date:
                key = (number, s.period.key, "" if s.record is None else s.record.key)
                self._seen.setdefault(key, set()).add(value if isinstance(value, bool) else type(value).__name__)
                if self.measuring and isinstance(value, bool):
                    one, other = measure(left(s)), measure(right(s))
                    if one is not None and other is not None:
                        self._margins.setdefault(key, []).append(one - other)
            return value

        return compare

    def _noted(
        self,
        op: m.Op,
        run: Compiled,
        parts: tuple[Compiled, ...],
        word: Callable[[Value, Sequence[Value], Scope], object],
    ) -> Compiled:
        number = id(op)

        def note(s: Scope) -> Value:
            value = run(s)
            if not s.to_date:
                key = (number, s.period.key, "" if s.record is None else s.record.key)
                known = not isinstance(value, Unknown | NotApplicable)
                given = [part(s) for part in parts] if known else []
                self._seen.setdefault(key, set()).add(word(value, given, s) if known else type(value).__name__)
                if self.measuring and known:
                    self._margins.setdefault(key, []).extend(_between(op, given))
            return value

        return note

    def rests_on(self, names: Iterable[str | None]) -> frozenset[str]:
        """The declarations on which these rest, however far, and themselves; all of them where one is None."""
        stack = list(names)
        if None in stack:
            return frozenset(place.owner for place in self.places.values())
        found: set[str] = set()
        while stack:
            name = cast(str, stack.pop())
            if name not in found:
                found.add(name)
                stack.extend(self.rests.get(name, ()))
        return frozenset(found)

    def differing(self, one: Decided, other: Decided) -> tuple[Key, ...]:
        """The Ops that fell differently, in the order of the text."""
        keys = {key for key in {*one.ops, *other.ops} if one.ops.get(key) != other.ops.get(key)}
        return tuple(sorted(keys, key=lambda key: (self._start(key), key[1:])))

    def _start(self, key: Key) -> int:
        place = self.places.get(key[0])
        return 0 if place is None else place.span.start


def measure(value: Value) -> Exact | None:
    """A value on a line: a number, a date or a moment by its ordinal; None for what has no place on one."""
    match value:
        case bool():
            return None
        case int() | Fraction():
            return value
        case dt.datetime():
            return Fraction(value.toordinal() * 1440 + value.hour * 60 + value.minute, 1440)
        case dt.date():
            return value.toordinal()
        case _:
            return None


def _given(name: str) -> Callable[[Value, Sequence[Value], Scope], object]:
    def given(value: Value, args: Sequence[Value], s: Scope) -> object:
        if name != "rounded":
            return value
        unit = measure(args[1])
        small = unit is not None and unit <= s.world.program.contract.header.rounding_unit
        return None if small else value  # what is rounded to a cent goes on evenly for a reader

    return given


def _side(name: str) -> Callable[[Value, Sequence[Value], Scope], object]:
    """Which of its arguments decided."""

    def side(value: Value, args: Sequence[Value], s: Scope) -> object:
        numbers = [found for arg in args if (found := measure(arg)) is not None]
        if len(numbers) < len(args):
            return None
        match name:
            case "minimum" | "maximum":
                found = measure(value)
                return tuple(number == found for number in numbers).index(True) if found in numbers else None
            case "limit":
                return (numbers[0] > numbers[2]) - (numbers[0] < numbers[1])
            case "uplift":
                return (numbers[1] > numbers[3]) - (numbers[1] < numbers[2])
            case "absolute":
                return numbers[0] < 0
            case _:
                return numbers[0] < numbers[1]

    return side


def _stage(op: m.Stages) -> Callable[[Value, Sequence[Value], Scope], object]:
    def stage(value: Value, bounds: Sequence[Value], s: Scope) -> object:
        opening = None if s.world.balances is None else measure(s.world.balances.figure(op.balance, "opening", s))
        if opening is None or not isinstance(value, Shares):
            return None
        filled = opening + dict(value.amounts).get(op.filled_by, 0)
        limits = [found for bound in bounds if (found := measure(bound)) is not None]
        return sum(1 for limit in limits if opening >= limit), sum(1 for limit in limits if filled >= limit)

    return stage


def _between(op: m.Op, given: Sequence[Value]) -> Iterator[Exact]:
    """By how much the figures differ between which a function decides: where one of these is nothing, it tips."""
    numbers = [found for value in given if (found := measure(value)) is not None]
    if len(numbers) < len(given):
        return
    match op:
        case m.Builtin(name="minimum" | "maximum"):
            yield from (one - other for one, other in itertools.combinations(numbers, 2))
        case m.Builtin(name="limit"):
            yield from (numbers[0] - bound for bound in numbers[1:])
        case m.Builtin(name="uplift"):
            yield from (numbers[1] - bound for bound in numbers[2:])
        case m.Builtin(name="absolute"):
            yield numbers[0]
        case m.Builtin(name="deviation"):
            yield numbers[0] - numbers[1]
        case m.Waterfall():
            left = numbers[0]
            for need in numbers[1:]:
                left = left - max(need, 0)
                yield left
        case _:
            return


def _filled(value: Value, parts: Sequence[Value], s: Scope) -> object:
    """Which buckets are full, and whether anything was left behind the last."""
    if not isinstance(value, Shares):
        return None
    wanted = sum(max(measure(need) or 0, 0) for need in parts[1:])
    given = sum((amount for _, amount in value.amounts), value.left)
    return tuple(lack > 0 for _, lack in value.short), given > wanted


def _of_the_days(months: Sequence[Month]) -> Iterator[tuple[Day, tuple[object, ...]]]:
    """What became of each line, kpi, right and breach by the end of each month: the word for it, and what else of it may
    turn. Which payment went to which debt is left out: what matters of it is seen in the figures."""
    for month in months:
        yield (month.month, "state", ""), (month.state,)
        for value in month.values:
            if isinstance(value, Assessed):
                yield (month.month, "kpi", f"{value.name}@{value.period}"), (value.status, value.level)
            else:
                unknown = type(value.value) in (Unknown, NotApplicable)
                yield (month.month, "let", value.name), ("undetermined" if unknown else "determined",)
        for x in month.obligations:
            parts = tuple((part.name, part.amount == 0) for part in x.parts)
            yield (month.month, "status", x.id), (x.status, x.flags, parts, x.amount is None)
        for cut in month.penalties:
            yield (month.month, "capped", cut.id), ("capped" if cut.capped else "", cut.kind)
        for breach in month.breaches:
            yield (month.month, "grade", breach.of), (breach.grade or "breach",)
        for right in month.rights:
            yield (month.month, "right", right.id), (right.status,)


def changes(one: Decided, other: Decided) -> Iterator[tuple[Day, str, str]]:
    """What became another thing, with the words for it on both sides; those of the first month in which anything did."""
    keys = [key for key in {**one.days, **other.days} if one.days.get(key) != other.days.get(key)]
    order = ("status", "capped", "kpi", "right", "grade", "state", "let")
    for key in sorted(keys, key=lambda key: (key[0], order.index(key[1]), key[2])):
        before, after = one.days.get(key, ("",)), other.days.get(key, ("",))
        if key[0] == min(k[0] for k in keys) and before[0] != after[0]:
            yield key, str(before[0]), str(after[0])


def _rests(contract: m.Contract) -> dict[str, set[str]]:
    """What each declaration reads, and for what a right or a suspension acts on, that too."""
    found: dict[str, set[str]] = {}
    for node, owner in _nodes(contract):
        for name in reads_here(node):
            found.setdefault(owner.name, set()).add(name)
    for right in contract.rights:
        if right.target is not None:
            found.setdefault(right.target, set()).add(right.name)
    return found


def _places(contract: m.Contract) -> Iterator[tuple[int, Place]]:
    """Of every Op of the contract the declaration that it stands in."""
    for node, owner in _nodes(contract):
        if hasattr(node, "span"):
            clause = cast("m.ClauseRef | None", owner.clause)
            yield id(node), Place(node.span, owner.name, None if clause is None else clause.number)


def _nodes(contract: m.Contract) -> Iterator[tuple[Any, Any]]:
    """Every node of the model below a declaration, once, with the declaration."""
    declared: list[Any] = [
        *contract.parameters,
        *contract.values,
        *contract.balances,
        *contract.obligations,
        *contract.prohibitions,
        *contract.rights,
        *contract.suspensions,
        *contract.escalations,
        *contract.approvals,
    ]
    seen: set[int] = set()
    for one in declared:
        stack: list[Any] = [one]
        while stack:
            node = stack.pop()
            if isinstance(node, tuple):
                stack.extend(node)
            elif attrs.has(type(node)) and type(node).__module__ == m.__name__ and id(node) not in seen:
                seen.add(id(node))
                if not isinstance(node, m.ClauseRef):
                    yield node, one
                    stack.extend(
                        getattr(node, a.name) for a in attrs.fields(type(node)) if a.name not in ("span", "type")
                    )
