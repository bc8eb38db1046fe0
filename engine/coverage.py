"""What the scenarios of a contract have reached: clauses, branches, bands, bounds, outcomes; and what none of them has.

The points come from the model, the observation from the runs: a program that is watched says which case of a choice was
taken and which comparison met its bound exactly; the walk through the days says what was performed, breached, opened or
exercised. A run that nobody watches pays nothing for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Literal, TypeAlias, cast, get_args

import attrs

from clausal.dsl import model as m
from clausal.dsl.diagnostics import Span
from clausal.dsl.values import Exact, Shares, Unknown, Value
from clausal.engine.evaluate import Run, prepare
from clausal.engine.exact import Compiled, Program, Scope
from clausal.engine.outcome import Assessed
from clausal.engine.scenarios import Result, run_scenarios

Kind: TypeAlias = Literal[
    "clause",
    "branch",
    "band",
    "bound",
    "kpi",
    "obligation",
    "consequence",
    "prohibition",
    "exception",
    "right",
    "termination",
    "suspension",
    "escalation",
    "approval",
    "stage",
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_NUMERIC: Final = frozenset({"number", "count", "money", "percent", "points", "rate"})
_ORDERED: Final = frozenset({"<", "<=", ">", ">="})

Key: TypeAlias = tuple[object, ...]


@attrs.frozen
class Point:
    """Something that a scenario can reach. `outcome` is the word for it (`performed late`), or the contract's own text where
    it is a case, a band or a bound; `subject` is the declaration that it belongs to."""

    kind: Kind
    subject: str
    outcome: str
    span: Span | None
    reached: bool = False


@attrs.frozen
class Coverage:
    points: tuple[Point, ...]

    def count(self, kind: Kind | None = None) -> tuple[int, int]:
        """How many points (of one kind) were reached, and how many there are."""
        mine = [p for p in self.points if kind in (None, p.kind)]
        return sum(1 for p in mine if p.reached), len(mine)

    @property
    def missed(self) -> tuple[Point, ...]:
        return tuple(p for p in self.points if not p.reached)


def percent(reached: int, of: int) -> int | None:
    """Rounded down, so that 100 means all; None of nothing."""
    return 100 * reached // of if of else None


def run_covered(
    contract: m.Contract, chosen: Callable[[str], bool] | None = None
) -> tuple[tuple[Result, ...], Coverage]:
    """The scenarios (those whose titles are `chosen`), run, and what they reached together."""
    seen = _Seen(contract)
    results = run_scenarios(prepare(contract, seen.watch), chosen, seen.see)
    points = tuple(attrs.evolve(point, reached=key in seen.keys) for key, point in _points(contract))
    return results, Coverage(points)


# ---- what there is to reach ----------------------------------------------------------------------------------------


def _points(contract: m.Contract) -> Iterator[tuple[Key, Point]]:
    norms = tuple(_norms(contract))
    clauses: dict[str, Point] = {}
    for one in (
        *contract.values,
        *contract.balances,
        *norms,
        *contract.suspensions,
        *contract.escalations,
        *contract.approvals,
    ):
        if one.clause is not None:
            clauses.setdefault(one.clause.number, Point("clause", one.clause.number, "", one.span))
    for number, point in clauses.items():
        yield ("clause", number), point
    for declared in (*contract.parameters, *contract.values, *norms):
        yield from _inside(contract, declared)
    for value in contract.values:
        if isinstance(value, m.Kpi):
            outcomes = ["met", "missed"]
            if value.starting is not None or value.not_assessed is not None:
                outcomes.append("not assessed")
            for outcome in (*outcomes, *(name for name, _ in value.levels)):
                yield ("kpi", value.name, outcome), Point("kpi", value.name, outcome, value.span)
    for norm in norms:
        match norm:
            case m.Obligation():
                for outcome in _outcomes(norm):
                    point = Point("obligation", norm.name, outcome, norm.span)
                    yield ("obligation", norm.name, outcome), point
                if norm.excused_while is not None:
                    point = Point("exception", norm.name, "excused", norm.excused_while.span)
                    yield ("held", id(norm.excused_while)), point
            case m.Prohibition():
                yield (
                    ("prohibition", norm.name, "violated"),
                    Point("prohibition", norm.name, "violated", norm.span),
                )
                if norm.except_when is not None:
                    point = Point("exception", norm.name, "excused", norm.except_when.span)
                    yield ("held", id(norm.except_when)), point
            case m.Right():
                kind: Kind = "termination" if norm.effect == "terminate" else "right"
                for outcome in _uses(norm):
                    yield (kind, norm.name, outcome), Point(kind, norm.name, outcome, norm.span)
        if isinstance(norm, m.Right):
            continue
        for exemption in norm.exemptions:
            outcome = "excused" if exemption.excused else "amount"
            yield ("held", id(exemption.when)), Point("exception", norm.name, outcome, exemption.span)
        for link in norm.chain:
            yield ("link", id(link.remedy)), Point("consequence", norm.name, _remedy(link.remedy), link.remedy.span)
    yield from _course(contract)


def _course(contract: m.Contract) -> Iterator[tuple[Key, Point]]:
    """What can happen to the contract as a whole, to a dispute, to a record that needs consent."""
    for halt in contract.suspensions:
        for outcome in ("begins", "ends"):
            yield ("suspension", halt.name, outcome), Point("suspension", halt.name, outcome, halt.span)
    for ladder in contract.escalations:
        outcomes = [*(level.title for level in ladder.levels), "exhausted"]
        if ladder.stops_when is not None:
            outcomes.append("stopped")
        for outcome in outcomes:
            yield ("escalation", ladder.name, outcome), Point("escalation", ladder.name, outcome, ladder.span)
    for approval in contract.approvals:
        for outcome in ("granted", "blocked"):
            yield ("approval", approval.name, outcome), Point("approval", approval.name, outcome, approval.span)


def _norms(contract: m.Contract) -> Iterator[m.Obligation | m.Prohibition | m.Right]:
    """Every norm, those of the chains of others too, in the order of the file."""
    stack: list[m.Obligation | m.Prohibition | m.Right] = [
        *contract.obligations,
        *contract.prohibitions,
        *contract.rights,
        *(end for ladder in contract.escalations for end in ladder.at_end),
    ]
    found: dict[int, m.Obligation | m.Prohibition | m.Right] = {}
    while stack:
        norm = stack.pop()
        if id(norm) not in found:
            found[id(norm)] = norm
            if not isinstance(norm, m.Right):
                stack += [k.remedy for k in norm.chain if isinstance(k.remedy, m.Obligation | m.Right)]
    yield from sorted(found.values(), key=lambda norm: norm.span.start)


def _inside(contract: m.Contract, declared: Any) -> Iterator[tuple[Key, Point]]:
    """The choices and the comparisons in a declaration, but not those of norms in its chain."""
    text = contract.source.text
    name = declared.name

    def written(span: Span) -> str:
        return " ".join(text[span.start : span.end].split())

    keyed: dict[Key, Point] = {}
    for op in _ops(declared):
        if isinstance(op, m.Choice):
            kind: Kind = "band" if op.tiers else "branch"
            for number, (condition, _) in enumerate(op.cases):
                point = Point(kind, name, written(condition.span), condition.span)
                keyed.setdefault(("case", op.span.start, op.span.end, number), point)
            if op.otherwise is not None:
                last = op.otherwise.span
                keyed.setdefault(
                    ("case", op.span.start, op.span.end, len(op.cases)),
                    Point(kind, name, "above" if op.tiers else "otherwise", op.span if op.tiers else last),
                )
        elif isinstance(op, m.Stages):
            for number, stage in enumerate(op.stages):
                span = op.span if stage.bound is None else stage.bound.span
                outcome = "above" if stage.bound is None else written(span)
                keyed.setdefault(("stage", op.span.start, op.span.end, number), Point("stage", name, outcome, span))
        elif isinstance(op, m.Compare) and op.op in _ORDERED and op.left.type.kind in _NUMERIC:
            point = Point("bound", name, written(op.span), op.span)
            keyed.setdefault(("bound", op.span.start, op.span.end), point)
    yield from sorted(keyed.items(), key=lambda item: (item[1].span or Span(0, 0)).start)


def _ops(declared: Any) -> Iterator[m.Op]:
    """Every Op of a declaration, each once."""
    stack: list[Any] = [getattr(declared, a.name) for a in attrs.fields(type(declared)) if a.name != "span"]
    seen: set[int] = set()
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            stack.extend(node)
        elif attrs.has(type(node)) and type(node).__module__ == m.__name__ and id(node) not in seen:
            if isinstance(node, m.Obligation | m.Prohibition | m.Right | m.ClauseRef):
                continue
            seen.add(id(node))
            if isinstance(node, m.Choice | m.Compare | m.Stages):
                yield node
            stack.extend(getattr(node, a.name) for a in attrs.fields(type(node)) if a.name not in ("span", "type"))


def _outcomes(o: m.Obligation) -> Iterator[str]:
    how = o.performance.kind
    if how == "untracked":
        yield "arises"
        return
    yield "performed"
    dated = o.due is not None or o.schedule.kind in ("dates", "periodic")
    # An act that belonged to a period is never done later, unless it is due after the period.
    after = o.due is not None and (o.due.kind in ("within", "on") or o.due.offset > 0)
    if (how in ("payments", "on") and dated) or (how == "acts" and after):
        yield "performed late"
    if dated:
        yield "breached"


def _uses(right: m.Right) -> Iterator[str]:
    if not right.automatic:
        yield "open"
        if right.exercised_on is not None:
            yield "exercised"
        if right.lapses is not None or right.only_while is not None:
            yield "lapsed"
        if right.given_up_on is not None:
            yield "given up"
    if right.cured_when is not None:
        yield "cured"
    if right.effect == "terminate":
        yield "ended"


def _remedy(remedy: m.Interest | m.Penalty | m.Grade | m.Obligation | m.Right) -> str:
    match remedy:
        case m.Interest():
            return "interest"
        case m.Penalty():
            return "penalty"
        case m.Grade(grade=grade):
            return grade
        case _:
            return remedy.name


# ---- what was reached ----------------------------------------------------------------------------------------------


class _Seen:
    """The keys of the points that the runs so far have reached."""

    def __init__(self, contract: m.Contract) -> None:
        self.keys: set[Key] = set()
        self.conditions: set[int] = set()
        for norm in _norms(contract):
            if isinstance(norm, m.Obligation):
                self.conditions.add(id(norm.excused_while))
            if isinstance(norm, m.Prohibition):
                self.conditions.add(id(norm.except_when))
            if not isinstance(norm, m.Right):
                self.conditions.update(id(exemption.when) for exemption in norm.exemptions)

    def watch(self, program: Program, op: m.Op, run: Compiled) -> Compiled:
        """The Op's own function, which also notes what it was asked; Ops are pure, so asking their parts again is free of
        consequence."""
        if isinstance(op, m.Choice):
            run = self._cases(op, run, tuple(program.compiled(condition) for condition, _ in op.cases))
        elif isinstance(op, m.Compare) and op.op in _ORDERED and op.left.type.kind in _NUMERIC:
            run = self._bound(op, run, program.compiled(op.left), program.compiled(op.right))
        elif isinstance(op, m.Stages):
            bounds = tuple(None if x.bound is None else program.compiled(x.bound) for x in op.stages)
            run = self._stage(op, run, bounds)
        if id(op) in self.conditions:
            run = self._held(("held", id(op)), run)
        return run

    def _cases(self, op: m.Choice, run: Compiled, conditions: Sequence[Compiled]) -> Compiled:
        def choose(s: Scope) -> Value:
            if not s.to_date:
                for number, condition in enumerate(conditions):
                    held = condition(s)
                    if held is not False:
                        if held is True:
                            self.keys.add(("case", op.span.start, op.span.end, number))
                        break
                else:
                    self.keys.add(("case", op.span.start, op.span.end, len(conditions)))
            return run(s)

        return choose

    def _stage(self, op: m.Stages, run: Compiled, bounds: Sequence[Compiled | None]) -> Compiled:
        def divide(s: Scope) -> Value:
            value = run(s)
            if isinstance(value, Shares) and not s.to_date and s.world.balances is not None:
                reached = s.world.balances.figure(op.balance, "opening", s)
                for number, bound in enumerate(bounds):
                    limit = None if bound is None else bound(s)
                    if limit is None or cast(Exact, reached) < cast(Exact, limit):
                        self.keys.add(("stage", op.span.start, op.span.end, number))
                        break
            return value

        return divide

    def _bound(self, op: m.Compare, run: Compiled, left: Compiled, right: Compiled) -> Compiled:
        def compare(s: Scope) -> Value:
            value = run(s)
            if isinstance(value, bool) and not s.to_date and left(s) == right(s):
                self.keys.add(("bound", op.span.start, op.span.end))
            return value

        return compare

    def _held(self, key: Key, run: Compiled) -> Compiled:
        def hold(s: Scope) -> Value:
            value = run(s)
            if value is True:
                self.keys.add(key)
            return value

        return hold

    def see(self, run: Run) -> None:
        """What a run came to."""
        values = {v.name: v for v in run.prepared.contract.values}
        for month in run.outcome.months:
            for row in month.values:
                known = (
                    row.status != "undetermined" if isinstance(row, Assessed) else not isinstance(row.value, Unknown)
                )
                if not known or row.to_date:
                    continue
                self._clause(values[row.name].clause)
                if isinstance(row, Assessed):
                    self.keys.add(("kpi", row.name, row.status))
                    self.keys.add(("kpi", row.name, row.level))
            for event in month.events:
                name, args = event.subject.split("@")[0], dict(event.args)
                match event.kind:
                    case "cure":
                        self.keys.add(("termination", name, "cured"))
                    case "suspension":
                        self.keys.add(("suspension", name, args.get("code")))
                    case "approval":
                        self.keys.add(("approval", name, args.get("status")))
                    case _:
                        pass
        walk = run.walk
        for ladder in walk.ladders:
            self._clause(ladder.escalation.clause)
            for level in ladder.escalation.levels[: ladder.place + 1]:
                self.keys.add(("escalation", ladder.escalation.name, level.title))
            self.keys.add(("escalation", ladder.escalation.name, ladder.state))
        declared: list[m.Suspension | m.Approval] = [
            *run.prepared.contract.suspensions,
            *run.prepared.contract.approvals,
        ]
        for norm in declared:
            kind = "suspension" if isinstance(norm, m.Suspension) else "approval"
            if any(key[:2] == (kind, norm.name) for key in self.keys):
                self._clause(norm.clause)
        for row_ in run.outcome.months[-1].balances if run.outcome.months else ():
            if row_.closing is not None:
                self._clause(walk.balances.balances[row_.name].clause)
        for x in walk.instances:
            self._clause(x.clause)
            if x.obligation is not None:
                self._instance(x, x.obligation)
        for power in walk.powers:
            if power.status != "undetermined":
                self._clause(power.right.clause)
                kind = "termination" if power.right.effect == "terminate" else "right"
                self.keys.update((kind, power.right.name, word) for word in ("open", power.status))
                self.keys.add(("link", id(power.right)))
        if walk.ended_on is not None:
            self.keys.add(("termination", walk.end_reason, "ended"))
        penalised = {x.name for x in walk.instances if x.kind == "penalty"}
        for violation in walk.violations:
            p = violation.prohibition
            self._clause(p.clause)
            self.keys.add(("prohibition", p.name, "violated"))
            for link in p.chain:
                if isinstance(link.remedy, m.Grade) and link.remedy.grade == violation.grade:
                    self.keys.add(("link", id(link.remedy)))
                if isinstance(link.remedy, m.Penalty) and f"{p.name}.penalty" in penalised:
                    self.keys.add(("link", id(link.remedy)))

    def _clause(self, clause: m.ClauseRef | None) -> None:
        if clause is not None:
            self.keys.add(("clause", clause.number))

    def _instance(self, x: Any, o: m.Obligation) -> None:
        name = ("obligation", o.name)
        self.keys.add((*name, "arises"))
        self.keys.add(("link", id(o)))
        status = x.status(x.performed_on) if x.performed_on is not None else None
        if x.closed and status in ("performed", "performed late", "cured"):
            late = x.deadline is not None and x.performed_on > x.deadline
            self.keys.add((*name, "performed late" if late else "performed"))
        if x.default_since is not None:
            self.keys.add((*name, "breached"))
        if x.interest and x.interest_link is not None:
            self.keys.add(("link", id(x.interest_link)))
        for link in cast("tuple[m.Link, ...]", x.links[: x.fired]):
            self.keys.add(("link", id(link.remedy)))
