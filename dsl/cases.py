"""The cases that facts can be in, as far as a condition can tell them apart.

A condition compares measures with bounds. The bounds cut the line of each measure into points and open stretches, in each of
which the condition has one answer, so that finitely many *cases* stand for all facts: whether a condition can ever be true, or
whether some value falls between the cases of a choice, is decided by putting it to each of them, exactly. What two
measures have to do with each other is not looked at (they count as independent), and what can't be taken apart is a case of
its own: so more is held to be possible than may be, and `never` and `always` are proofs.
"""

from __future__ import annotations

import datetime as dt
import itertools
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final, Literal, TypeAlias, cast

import attrs

from clausal.dsl import model as m
from clausal.dsl.check import children, least_step
from clausal.dsl.diagnostics import Both, all_of
from clausal.dsl.types import Type, is_numeric
from clausal.dsl.values import Duration, lengths
from clausal.dsl.wording import figure, number_text

MOST_NODES: Final = 3000  # an op larger or deeper than this is not taken apart
MOST_DEPTH: Final = 80
MOST_CASES: Final = 4000
MOST_WITHIN: Final = 8  # parameters that rest on parameters that rest on …
ABSENT: Final = "absent"
OTHER: Final = "…"

Place: TypeAlias = Fraction | bool | str
"""Where a measure stands in one case: a number (a date by its ordinal), a truth, a word, or ABSENT."""

_TESTS: Final[Mapping[str, Callable[[Fraction, Fraction], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_FLIPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@attrs.frozen
class Linear:
    """A sum of measures, each with a factor, and a constant. `terms` are ordered by the number of the measure."""

    terms: tuple[tuple[int, Fraction], ...]
    constant: Fraction


@attrs.define
class Axis:
    """One measure of a condition, or a sum of them (`terms`, by the numbers of the atoms, the first factor one).

    `free`: it takes every value of its kind, whatever the other measures are.
    """

    op: m.Op
    type: Type
    kind: Literal["number", "word"]
    terms: tuple[tuple[int, Fraction], ...] = ()
    bounds: set[Fraction] = attrs.Factory(set)
    words: tuple[Place, ...] = ()
    integer: bool = False
    least: Fraction | None = None
    most: Fraction | None = None
    absent: bool = False
    free: bool = False

    @property
    def unit(self) -> Fraction:
        return Fraction(1) if self.integer else least_step(self.type)

    def places(self, least: Fraction | None = None) -> list[Place]:
        """One value for each case: the bounds, what lies between them, above and below; nearest to a bound."""
        if self.kind == "word":
            return list(self.words)
        low = self.least if least is None else least if self.least is None else max(least, self.least)
        bounds = sorted(self.bounds)
        found: list[Fraction] = list(bounds)
        for left, right in itertools.pairwise(bounds):
            near = left + self.unit
            found.append(near if near < right else (left + right) / 2)
        if bounds:
            found.append(bounds[-1] + self.unit)
            found.append(bounds[0] - self.unit)
        else:
            found.append(max(Fraction(0), low or Fraction(0)))
        if self.integer:
            found = [_whole(value, bounds) for value in found]
            found = [value for value in found if value.denominator == 1]
        kept: list[Place] = [
            value
            for value in dict.fromkeys(found)
            if (low is None or value >= low) and (self.most is None or value <= self.most)
        ]
        # the ends of the domain, where they lie between two bounds
        for end in (low, self.most):
            if end is not None and end not in kept:
                kept.append(end)
        return [*kept, ABSENT] if self.absent else kept


def _whole(value: Fraction, bounds: Sequence[Fraction]) -> Fraction:
    """A whole number of the same stretch between bounds, or the value itself where there is none."""
    if value.denominator == 1 or value in bounds:
        return value
    for near in (Fraction(value.__floor__()), Fraction(value.__ceil__())):
        if all((bound < value) == (bound < near) and bound != near for bound in bounds):
            return near
    return value


@attrs.frozen
class Fixed:
    """A condition whose answer is known; None where nothing can be said."""

    value: bool | None


@attrs.frozen
class Holds:
    """The measure compared with a bound."""

    axis: int
    op: str
    bound: Fraction


@attrs.frozen
class Is:
    """The measure is this word or truth."""

    axis: int
    word: Place
    negated: bool = False


@attrs.frozen
class Joined:
    """`and` (stop False) or `or` (stop True) of conditions."""

    parts: tuple[Condition, ...]
    stop: bool


@attrs.frozen
class Denied:
    part: Condition


@attrs.frozen
class Chosen:
    """A choice between conditions."""

    cases: tuple[tuple[Condition, Condition], ...]
    otherwise: Condition


Condition: TypeAlias = Fixed | Holds | Is | Joined | Denied | Chosen
Case: TypeAlias = dict[int, Place]


@attrs.define
class Cases:
    """The measures of one or several conditions, and what these are in each case."""

    known: Known
    axes: list[Axis] = attrs.Factory(list)
    numbers: dict[object, int] = attrs.Factory(dict)

    # ---- reading conditions

    def condition(self, op: m.Op) -> Condition:
        match op:
            case m.Const(value=bool(value)):
                return Fixed(value)
            case m.AllOf(operands=operands):
                return Joined(tuple(self.condition(one) for one in operands), stop=False)
            case m.AnyOf(operands=operands):
                return Joined(tuple(self.condition(one) for one in operands), stop=True)
            case m.Not(operand=operand):
                return Denied(self.condition(operand))
            case m.Choice():
                cases = tuple((self.condition(c), self.condition(v)) for c, v in op.cases)
                return Chosen(cases, Fixed(None) if op.otherwise is None else self.condition(op.otherwise))
            case m.LetRef(name=name) if (let := self.known.let(name)) is not None:
                return self.condition(let.value)
            case m.KpiState(kpi=kpi, state=state):
                words = ("met", "missed", "not assessed")
                return Is(self.axis(("kpi", kpi), op, "word", words=words, free=False), state)
            case m.Run(test=test, amount=amount, grain=grain) | m.NOfM(test=test, amount=amount, grain=grain):
                periods = self.known.periods_in_term(grain)
                if (periods is not None and amount > periods) or self.known.never(test):
                    return Fixed(False)
                return self.truth(op)
            case m.Ever(test=test) if self.known.never(test):
                return Fixed(False)
            case m.BreachTest(subject=subject, grade=grade) if not self.known.can_breach(subject, grade):
                return Fixed(False)
            case m.Compare():
                return self.compared(op)
            case _:
                return self.truth(op)

    def truth(self, op: m.Op) -> Condition:
        free = isinstance(op, m.FactRef | m.FieldRef)
        return Is(self.axis(op, op, "word", words=(True, False), free=free), True)

    def compared(self, op: m.Compare) -> Condition:
        left, right = op.left, op.right
        kinds = {left.type.kind, right.type.kind}
        if kinds == {"duration"} and isinstance(left, m.Const) and isinstance(right, m.Const):
            pair = lengths(cast(Duration, left.value), cast(Duration, right.value))
            return Fixed(None) if pair is None else Fixed(_TESTS[op.op](Fraction(pair[0]), Fraction(pair[1])))
        if kinds <= {"text", "one of", "party", "boolean"} and op.op in ("=", "!="):
            return self.worded(op)
        if kinds == {"date"} or (is_numeric(left.type) and is_numeric(right.type)):
            one, other = self.known.linear(left), self.known.linear(right)
            if one is not None and other is not None:
                return self.bounded(op, plus(one, other, -1))
        return self.truth(op)

    def worded(self, op: m.Compare) -> Condition:
        left, right = (op.right, op.left) if isinstance(op.left, m.Const) else (op.left, op.right)
        if not isinstance(right, m.Const) or not isinstance(left, m.FactRef | m.FieldRef):
            return self.truth(op)
        word = cast(Place, right.value)
        choices: tuple[Place, ...] = left.type.choices
        if left.type.kind == "boolean":
            choices = (True, False)
        axis = self.axis(left, left, "word", words=choices or (OTHER,), free=True, absent=optional(left, self.known))
        if word not in self.axes[axis].words:
            self.axes[axis].words = (word, *self.axes[axis].words)
        return Is(axis, word, negated=op.op == "!=")

    def bounded(self, op: m.Compare, difference: Linear) -> Condition:
        """`difference op 0`, with the first factor made one."""
        if not difference.terms:
            # What rests on parameters alone may be meant as a switch, and is decided by who fills them.
            if any(isinstance(node, m.ParamRef) for node in nodes(op)):
                return self.truth(op)
            return Fixed(_TESTS[op.op](difference.constant, Fraction(0)))
        first = difference.terms[0][1]
        terms = tuple((atom, factor / first) for atom, factor in difference.terms)
        bound = -difference.constant / first
        test = op.op if first > 0 else _FLIPPED.get(op.op, op.op)
        if len(terms) == 1:
            atom = self.known.atoms[terms[0][0]]
            low, high, integer = self.known.range_of(atom)
            axis = self.axis(
                atom,
                atom,
                "number",
                least=low,
                most=high,
                integer=integer,
                absent=optional(atom, self.known),
                free=isinstance(atom, m.FactRef | m.FieldRef | m.OverRecords | m.OverPeriods),
            )
        else:
            axis = self.axis(terms, op.left, "number")
            if any(optional(self.known.atoms[atom], self.known) for atom, _ in terms):
                self.axes[axis].absent = True
        self.axes[axis].terms = terms
        self.axes[axis].bounds.add(bound)
        return Holds(axis, test, bound)

    def axis(
        self,
        key: object,
        op: m.Op,
        kind: Literal["number", "word"],
        *,
        words: tuple[Place, ...] = (),
        least: Fraction | None = None,
        most: Fraction | None = None,
        integer: bool = False,
        absent: bool = False,
        free: bool = False,
    ) -> int:
        number = self.numbers.get(key)
        if number is None:
            number = self.numbers[key] = len(self.axes)
            type_ = op.type
            if absent and kind == "word":
                words = (*words, ABSENT)
            self.axes.append(Axis(op, type_, kind, (), set(), words, integer, least, most, absent, free))
        return number

    # ---- putting them to the cases

    def all(self, least: Fraction | None = None) -> Iterator[Case] | None:
        """Every case; None where they are too many to look at."""
        places = [axis.places(least) for axis in self.axes]
        count = 1
        for one in places:
            count *= max(1, len(one))
            if count > MOST_CASES:
                return None
        return (dict(enumerate(case)) for case in itertools.product(*places))

    def answers(self, condition: Condition) -> set[bool | None]:
        """The answers that occur; where cases are too many, those of each measure alone, the others unknown."""
        every = self.all()
        if every is not None:
            return {answer(condition, case) for case in every}
        found: set[bool | None] = {True, False, None}
        for number, axis in enumerate(self.axes):
            alone = {answer(condition, {number: place}) for place in axis.places()}
            if alone == {False} or alone == {True}:
                found &= alone
        return found


def answer(condition: Condition, case: Case) -> bool | None:
    """Kleene's answer in one case; None where a measure is not said."""
    match condition:
        case Fixed(value=value):
            return value
        case Holds():
            place = case.get(condition.axis)
            if place is None:
                return None
            if place == ABSENT:
                return False
            return _TESTS[condition.op](cast(Fraction, place), condition.bound)
        case Is():
            place = case.get(condition.axis)
            if place is None:
                return None
            if isinstance(place, str) and place == ABSENT:
                return False
            return (place == condition.word) is not condition.negated
        case Joined(parts=parts, stop=stop):
            result: bool | None = not stop
            for part in parts:
                held = answer(part, case)
                if held is stop:
                    return stop
                if held is None:
                    result = None
            return result
        case Denied(part=part):
            inner = answer(part, case)
            return None if inner is None else not inner
        case Chosen(cases=cases, otherwise=otherwise):
            for test, chosen in cases:
                held = answer(test, case)
                if held is None:
                    return None
                if held:
                    return answer(chosen, case)
            return answer(otherwise, case)


def plus(one: Linear, other: Linear, factor: int | Fraction = 1) -> Linear:
    terms = dict(one.terms)
    for atom, times in other.terms:
        terms[atom] = terms.get(atom, Fraction(0)) + factor * times
    return Linear(
        tuple(sorted((atom, times) for atom, times in terms.items() if times)),
        one.constant + factor * other.constant,
    )


def times(one: Linear, factor: Fraction) -> Linear:
    if not factor:
        return Linear((), Fraction(0))
    return Linear(tuple((atom, factor * by) for atom, by in one.terms), factor * one.constant)


def optional(op: m.Op, known: Known) -> bool:
    """Whether the value may be absent, so that every comparison with it is false."""
    match op:
        case m.FactRef(name=name):
            return known.facts[name].happening
        case m.NoticeRef():
            return True
        case m.FieldRef():
            return True  # which list it is of is not known here
        case m.DateShift(date=date):
            return optional(date, known)
        case _:
            return op.type.kind in ("date", "moment")


def nodes(op: m.Op) -> Iterator[m.Op]:
    stack = [op]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(children(node))


@attrs.define
class Known:
    """What the contract alone says: the values of parameters, the forms of lets, how long the term is."""

    contract: m.Contract
    facts: dict[str, m.FactDecl]
    atoms: list[m.Op] = attrs.Factory(list)
    numbers: dict[m.Op, int] = attrs.Factory(dict)
    parameters: dict[str, m.Parameter] = attrs.Factory(dict)
    lets: dict[str, m.Let] = attrs.Factory(dict)
    kpis: dict[str, m.Kpi] = attrs.Factory(dict)
    forms: dict[str, Linear | None] = attrs.Factory(dict)
    grades: dict[str, frozenset[str]] = attrs.Factory(dict)
    fulfilled: dict[int, tuple[m.Op, bool]] = attrs.Factory(dict)
    sizes: dict[str, tuple[int, int]] = attrs.Factory(dict)
    within: int = 0

    def small(self, op: m.Op) -> bool:
        """Whether an op, with the lets that it reads, can be taken apart in little time and depth."""
        return self.size(op) is not None

    def size(self, op: m.Op) -> tuple[int, int] | None:
        """How many nodes an op has and how deep it is, its lets put in their places; None where that is too much."""
        stack = [(op, 1)]
        count = deepest = 0
        while stack:
            node, depth = stack.pop()
            count += 1
            if isinstance(node, m.LetRef) and (inner := self.sizes.get(node.name)) is not None:
                count, depth = count + inner[0], depth + inner[1]
            deepest = max(deepest, depth)
            if count > MOST_NODES or deepest > MOST_DEPTH:
                return None
            stack.extend((child, depth + 1) for child in children(node))
        return count, deepest

    def let(self, name: str) -> m.Let | None:
        """A let that can be taken apart in its place; else it counts as a measure of its own."""
        return self.lets[name] if name in self.sizes else None

    def atom(self, op: m.Op) -> Linear:
        number = self.numbers.get(op)
        if number is None:
            number = self.numbers[op] = len(self.atoms)
            self.atoms.append(op)
        return Linear(((number, Fraction(1)),), Fraction(0))

    def linear(self, op: m.Op) -> Linear | None:
        """The op as a sum of measures; None where it is no number or date. The op is small."""
        match op:
            case m.Const(value=value):
                if isinstance(value, dt.datetime | bool):
                    return None
                if isinstance(value, dt.date):
                    return Linear((), Fraction(value.toordinal()))
                return Linear((), Fraction(value)) if isinstance(value, int | Fraction) else None
            case m.ParamRef(name=name):
                value_ = self.parameter(name)
                return self.atom(op) if value_ is None else value_
            case m.LetRef(name=name):
                if name not in self.forms:
                    let = self.let(name)
                    self.forms[name] = None if let is None else self.linear(let.value)
                return self.forms[name] or self.atom(op)
            case m.Negate(operand=operand):
                one = self.linear(operand)
                return None if one is None else times(one, Fraction(-1))
            case m.Arith():
                return self.arithmetic(op)
            case m.DateShift(date=date, duration=m.Const(value=Duration(amount=amount, unit="days"))):
                day = self.linear(date)
                return None if day is None else plus(day, Linear((), Fraction(amount)), op.sign)
            case m.Bound(kind="term start"):
                return Linear((), Fraction(self.contract.header.term_start.toordinal()))
            case _:
                return self.atom(op)

    def arithmetic(self, op: m.Arith) -> Linear | None:
        left, right = self.linear(op.left), self.linear(op.right)
        if left is None or right is None:
            return None
        match op.op:
            case "+":
                return plus(left, right)
            case "-":
                return plus(left, right, -1)
            case "*" if not right.terms:
                return times(left, right.constant)
            case "*" if not left.terms:
                return times(right, left.constant)
            case "/" if not right.terms and right.constant:
                return times(left, 1 / right.constant)
            case _:
                return self.atom(op)

    def parameter(self, name: str) -> Linear | None:
        """A parameter of one version with a value."""
        key = f"parameter {name}"
        if key not in self.forms:
            self.forms[key] = None
            declared = self.parameters[name]
            value = declared.versions[0].value if len(declared.versions) == 1 else None
            if value is not None and self.small(value) and self.within < MOST_WITHIN:
                self.within += 1
                form = self.linear(value)
                self.within -= 1
                self.forms[key] = form if form is not None and not form.terms else None
        return self.forms[key]

    def range_of(self, op: m.Op) -> tuple[Fraction | None, Fraction | None, bool]:
        """The least and the greatest value of a measure, where they are certain, and whether it is whole."""
        integer = op.type.kind in ("count", "date") and isinstance(op, m.FactRef | m.FieldRef | m.NoticeRef)
        match op:
            case m.OverRecords(function="count") | m.OverPeriods(function="count"):
                return Fraction(0), None, True
            case m.OverRecords(body=body) | m.OverPeriods(body=body) if body is not None and op.function == "sum":
                return None, None, body.type.kind == "count" and isinstance(body, m.FactRef | m.FieldRef)
            case m.ParamRef(name=name):
                values = [self.constant(v.value) for v in self.parameters[name].versions]
                known = [value for value in values if value is not None]
                if len(known) == len(values) and known:
                    return min(known), max(known), False
            case m.Builtin(name="days_in_month"):
                return Fraction(28), Fraction(31), True
            case m.Builtin(name="month_number"):
                return Fraction(1), Fraction(12), True
            case m.Builtin(name="absolute" | "deviation"):
                return Fraction(0), None, False
            case m.Builtin(name="floor" | "ceiling"):
                return None, None, True
            case m.Builtin(name="limit", args=(_, low, high)):
                return self.constant(low), self.constant(high), False
            case m.Builtin(name="minimum", args=args):
                caps = [value for arg in args if (value := self.constant(arg)) is not None]
                return None, min(caps, default=None), False
            case m.Builtin(name="maximum", args=args):
                floors = [value for arg in args if (value := self.constant(arg)) is not None]
                return max(floors, default=None), None, False
            case _:
                pass
        return None, None, integer

    def constant(self, op: m.Op | None) -> Fraction | None:
        if op is None or not is_numeric(op.type) or not self.small(op):
            return None
        form = self.linear(op)
        return None if form is None or form.terms else form.constant

    def day(self, op: m.Op | None) -> dt.date | None:
        """A date that rests on nothing that may change."""
        if op is None or op.type.kind != "date" or not self.small(op):
            return None
        form = self.linear(op)
        return None if form is None or form.terms else dt.date.fromordinal(int(form.constant))

    def never(self, op: m.Op) -> bool:
        """Whether a condition is true in no case."""
        found = self.fulfilled.get(id(op))
        if found is None:
            possible = True
            if self.small(op):
                cases = Cases(self)
                condition = cases.condition(op)
                possible = bool(cases.answers(condition) - {False})
            found = self.fulfilled[id(op)] = (op, not possible)
        return found[1]

    def can_breach(self, subject: str, grade: str) -> bool:
        """Whether the chain of an obligation or a prohibition leads to that grade or a graver one."""
        order = ("minor", "serious", "fundamental")
        graver = frozenset(order[order.index(grade) :])
        return subject not in self.grades or bool(self.grades[subject] & graver)

    def periods_in_term(self, grain: str) -> int | None:
        """How many of these periods the term touches; None where it has no end or they are no months."""
        start, end = self.contract.header.term_start, certain_end(self.contract)
        if end is None or grain not in ("monthly", "quarterly", "yearly"):
            return None
        length = {"monthly": 1, "quarterly": 3, "yearly": 12}[grain]
        first = (12 * start.year + start.month - 1) // length
        return (12 * end.year + end.month - 1) // length - first + 1


def certain_end(contract: m.Contract) -> dt.date | None:
    """The last day of the term, where nothing can move it: no suspension that extends it, no condition precedent."""
    moves = contract.header.starts_when is not None or any(s.extends_term_by for s in contract.suspensions)
    return None if moves else contract.header.term_end


def known_of(contract: m.Contract) -> Known:
    known = Known(
        contract,
        {fact.name: fact for fact in contract.facts},
        parameters={p.name: p for p in contract.parameters},
        lets={v.name: v for v in contract.values if isinstance(v, m.Let)},
        kpis={v.name: v for v in contract.values if isinstance(v, m.Kpi)},
        grades=_grades(contract),
    )
    for value in contract.values:
        if isinstance(value, m.Let) and (size := known.size(value.value)) is not None:
            known.sizes[value.name] = size
    return known


def _grades(contract: m.Contract) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    stack: list[m.Obligation | m.Prohibition] = [*contract.obligations, *contract.prohibitions]
    while stack:
        norm = stack.pop()
        remedies = [link.remedy for link in norm.chain]
        found[norm.name] = frozenset(one.grade for one in remedies if isinstance(one, m.Grade))
        stack.extend(one for one in remedies if isinstance(one, m.Obligation))
    return found


# ---- telling a case


def name_of(cases: Cases, axis: Axis, text: str) -> str:
    """A measure, or a sum of measures, in the words of the contract (whose text this is)."""
    if len(axis.terms) < 2:
        return _word(axis.op, text)
    said = ""
    for atom, factor in axis.terms:
        sign = "-" if factor < 0 else "+"
        size = "" if abs(factor) == 1 else f"{number_text(abs(factor))} * "
        said += (
            f" {sign} {size}{_word(cases.known.atoms[atom], text)}" if said else _word(cases.known.atoms[atom], text)
        )
    return said


def _word(op: m.Op, text: str) -> str:
    match op:
        case m.FactRef(name=name) | m.FieldRef(name=name) | m.LetRef(name=name) | m.ParamRef(name=name):
            return name
        case m.KpiState(kpi=name):
            return name
        case _:
            return " ".join(text[op.span.start : op.span.end].split())


def example(cases: Cases, case: Case, text: str, most: int = 3) -> Both:
    """A case in terms of facts: `sales` = CNY 50.00 and `dealers` = 3. `text` is that of the contract."""
    said: list[Both] = []
    for number, place in case.items():
        axis = cases.axes[number]
        name = name_of(cases, axis, text)
        if isinstance(axis.op, m.KpiState):
            said.append(Both(f"`{name}` {place}", f"“{name}”{_STATES.get(str(place), '')}"))
        else:
            value = _place(place, axis.type)
            said.append(Both(f"`{name}` = {value.en}", f"“{name}”为{value.zh}"))
    return all_of(said, most)


_ABSENT: Final = Both("absent", "未发生")


def _place(place: Place, t: Type) -> Both:
    if isinstance(place, str):
        return _ABSENT if place == ABSENT else Both(f'"{place}"', f"“{place}”")
    return figure(place, t)


_STATES: Final = {"met": "已达成", "missed": "未达成", "not assessed": "不考核"}
