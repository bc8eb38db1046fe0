"""Why a figure, a status, a right or a breach is what it is: a tree from the result down to the cells.

The tree is made by evaluating the same compiled Ops once more with every step kept, and by reading the
history that each instance gathered on its way. It holds no sentences; `engine/report/explanation.py` says
it in the reader's language.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, TypeAlias, TypeVar

import attrs

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.diagnostics import Rejected, any_of, did_you_mean, error
from clausal.dsl.periods import Period
from clausal.dsl.types import BOOLEAN, DATE, MOMENT, Type, money
from clausal.dsl.values import Exact, NotApplicable, Unknown, Value
from clausal.dsl.wording import decimals, exact_text, percent_text
from clausal.engine.balances import Ledgers
from clausal.engine.evaluate import Run
from clausal.engine.exact import Program, Scope, Step, World
from clausal.engine.facts import Origin, Payment
from clausal.engine.instances import Instance, Power, Violation
from clausal.engine.ladders import Ladder
from clausal.engine.outcome import Assessed, major, typed_value

MAX_NODES: Final = 4_000

# Lines that can hold or not hold.
_CONDITIONS: Final = frozenset({"condition", "formula", "let", "kpi test", "fact", "field", "parameter"})
# Conditions that have to hold for the thing asked about to happen.
_WANTED: Final = frozenset({"when", "met when", "violated when", "where", "performed when"})

# What may be asked of an obligation behind a dot; all but the first two show the whole line.
FIGURES: Final = ("interest", "penalty", "amount", "open", "paid", "due", "status")

_V = TypeVar("_V", m.Obligation, m.Prohibition, m.Right)

Words: TypeAlias = tuple[tuple[str, str], ...]


class NotThere(Rejected, KeyError):
    """Nothing in the statement has that name: a `KeyError` that says what is meant instead."""


@attrs.frozen
class Node:
    """One line of an explanation.

    `key` says what kind of line it is (`let`, `kpi`, `fact`, `record`, `parameter`, `amount`, `due`, `entry`,
    `accrual`, `condition`, `status`, …); `subject` names the thing; `formula` is the contract's own text;
    `value` is typed as in the result document; `place` is the cell; `args` are the words that its sentence
    needs.
    """

    key: str
    subject: str = ""
    formula: str | None = None
    value: Mapping[str, Any] | None = None
    place: Origin | None = None
    args: Words = ()
    children: tuple[Node, ...] = ()


@attrs.frozen
class Explanation:
    """The answer to `why`: the subject, its clause with the paper's words, the tree.

    `taken` is the name that was asked for where it left the period open, and the last one was taken.
    """

    subject: str
    clause: m.ClauseRef | None
    root: Node
    notes: tuple[str, ...] = ()
    taken: str | None = None

    def to_dict(self) -> dict[str, Any]:
        clause = None
        if self.clause is not None:
            clause = {"number": self.clause.number, "title": self.clause.title, "text": self.clause.text}
            if self.clause.amendment is not None:
                clause["amendment"] = self.clause.amendment
        return {
            "subject": self.subject,
            "clause": clause,
            "tree": _plain(self.root),
            "notes": list(self.notes),
            **({} if self.taken is None else {"taken": self.taken}),
        }


def _plain(node: Node) -> dict[str, Any]:
    out: dict[str, Any] = {"key": node.key, "subject": node.subject}
    if node.formula is not None:
        out["formula"] = node.formula
    if node.value is not None:
        out["value"] = dict(node.value)
    if node.place is not None:
        place = node.place
        out["cell"] = {
            k: v
            for k, v in (
                ("file", place.file),
                ("sheet", place.sheet),
                ("row", place.row),
                ("column", place.column),
                ("text", place.text),
            )
            if v is not None
        }
    if node.args:
        out["args"] = dict(node.args)
    if node.children:
        out["because"] = [_plain(c) for c in node.children]
    return out


def _typed(t: Type, value: Value) -> dict[str, Any]:
    """As in the result document, but money that no line has rounded is shown with all the decimals it has."""
    if t.kind == "money" and isinstance(value, (int, Fraction)):
        places = decimals(t.currency or "")
        if (value * 10**places).denominator != 1:
            digits = exact_text(value)
            return {"type": "money", "currency": t.currency, "value": digits, "exact": str(value)}
    return typed_value(t, value)


def deciding(node: Node) -> tuple[Node, ...]:
    """The innermost conditions for which `node` does not hold, or cannot be known."""
    if node.value is None or node.value.get("type") != "boolean" or node.value.get("value") is True:
        return ()
    inner = tuple(n for c in node.children if c.key in _CONDITIONS for n in deciding(c))
    return inner or (node,)


def subjects(run: Run) -> list[str]:
    """Everything that can be explained, by its name in the statement."""
    names: list[str] = []
    for month in run.outcome.months:
        names += [f"{v.name}@{v.period if isinstance(v, Assessed) else month.month}" for v in month.values]
        names += [f"{b.name}@{month.month}" for b in month.balances]
        names += [x.id for x in month.obligations]
        names += [r.id for r in month.rights]
        names += [b.of for b in month.breaches]
    names += [x.id for x in run.walk.ladders]
    return list(dict.fromkeys(names))


def explain(run: Run, what: str, why_not: bool = False) -> Explanation:
    """`NotThere`, a `KeyError`, where nothing has that name. `why_not` puts first what had to be otherwise."""
    if not isinstance(what, str):
        raise NotThere((error("R714", name=str(what)),))
    found = _explain(run, what)
    if not what.partition("@")[2]:
        found = attrs.evolve(found, taken=what.rstrip("@"))
    return attrs.evolve(found, root=_why_not(found.root)) if why_not else found


def nothing_called(run: Run, what: str) -> NotThere:
    known = subjects(run)
    names = list(dict.fromkeys(name.partition("@")[0] for name in known))
    name, at, key = what.partition("@")
    near = did_you_mean(name, names)
    meant = did_you_mean(what, known) or (near and near + at + key)
    return NotThere((error("R714", name=what, suggestion=meant, expected=any_of(names, limit=20)),))


def no_period(run: Run, name: str, key: str) -> NotThere:
    written = written_out(key)
    meant = f"{name}@{written}" if written else did_you_mean(f"{name}@{key}", subjects(run))
    if meant is None:
        base, dot, figure = key.rpartition(".")
        if dot and is_period(base):
            meant = f"{name}.{figure}@{base}" if figure in FIGURES else f"{name}@{base}"
    return NotThere((error("R724", key=key, name=name, suggestion=meant),))


def is_period(key: str) -> bool:
    try:
        periods.parse_period(key)
    except ValueError:
        return False
    return True


def written_out(key: str) -> str | None:
    """The month or day of that key with the digits that it lacks: `2026-1` as `2026-01`."""
    found = re.fullmatch(r"([0-9]{4})[-/.年]?([0-9]{1,2})月?(?:[-/.]?([0-9]{1,2})日?)?", key)
    if found is None:
        return None
    full = "-".join(part.zfill(2) for part in found.groups() if part)
    return full if full != key and is_period(full) else None


def _why_not(root: Node) -> Node:
    """The root with the parts of its conditions that did not hold gathered in front."""
    if dict(root.args).get("status") == "not assessed":
        return root
    asked = [c for c in root.children if c.key == "condition" and c.subject in _WANTED]
    parts = tuple(n for c in ([root] if root.key == "let" else asked) for n in deciding(c) if n is not root)
    if not parts:
        return root
    rest = tuple(_without(c, parts) for c in root.children if not any(c is part for part in parts))
    return attrs.evolve(root, children=(Node("why not", root.subject, children=parts), *rest))


def _without(node: Node, told: Sequence[Node]) -> Node:
    """The node, in which what was told before stands with its value alone."""
    if any(node is one for one in told):
        return attrs.evolve(node, children=())
    return attrs.evolve(node, children=tuple(_without(c, told) for c in node.children))


def _explain(run: Run, what: str) -> Explanation:
    tracer = _Tracer(run)
    name, _, key = what.partition("@")
    base, dot, field = name.partition(".")
    walk = run.walk
    contract = walk.contract
    asked = key
    if not key and run.outcome.months:
        key = run.outcome.months[-1].month
    norms = tuple(_norms(contract))
    day = periods.parse_period(key).start if is_period(key) else run.outcome.as_of
    obligation = _on([o for o in norms if isinstance(o, m.Obligation) and o.name == base], day)
    prohibition = _on([p for p in contract.prohibitions if p.name == base], day)
    right = _on([r for r in norms if isinstance(r, m.Right) and r.name == base], day)
    ladder = _meant({x.id: x for x in walk.ladders if x.escalation.name == base}, base, asked)
    if ladder is not None and not dot:
        return tracer.ladder(ladder)
    value = base in tracer.program.lets or base in tracer.program.kpis or base in tracer.ledgers.balances
    if not value and obligation is None and prohibition is None and right is None:
        raise nothing_called(run, what)
    if dot and field not in (FIGURES if obligation is not None else ("penalty",) if prohibition is not None else ()):
        figures = FIGURES if obligation is not None else ("penalty",) if prohibition is not None else ()
        near = did_you_mean(field, figures)
        meant = (f"{base}.{near}" if near else base) + (f"@{asked}" if asked else "")
        expected = any_of(figures) if figures else None
        raise NotThere((error("R723", name=base, figure=field, suggestion=meant, expected=expected),))
    if value:
        if not is_period(key):
            raise no_period(run, name, key)
        return tracer.value(base, key)
    stem = f"{base}.penalty" if field == "penalty" else base
    instance = walk.by_id.get(what) or _meant({x.id: x for x in walk.instances if x.name == stem}, stem, asked)
    if instance is not None:
        return tracer.instance(instance, field)
    power = _meant({p.id: p for p in walk.powers if p.right.name == base}, base, asked)
    if power is not None:
        return tracer.power(power)
    violation = _meant({v.id: v for v in walk.violations if v.prohibition.name == base}, base, asked)
    if violation is not None and field != "penalty":
        return tracer.violation(violation)
    if asked and not _could_be(run, obligation or prohibition or right, asked):
        raise no_period(run, name, asked)
    if field == "penalty":
        return Explanation(f"{stem}@{key}", None, Node("no penalty", f"{stem}@{key}"))
    if right is not None:
        return tracer.no_right(right, key)
    if prohibition is not None:
        return tracer.no_violation(prohibition, key)
    assert obligation is not None
    return tracer.no_instance(obligation, key)


def _norms(contract: m.Contract) -> Iterator[m.Obligation | m.Right]:
    """Every obligation and right, those in the chains of others and at the end of escalations too."""
    yield from contract.rights
    waiting: list[m.Obligation | m.Prohibition] = [*contract.obligations, *contract.prohibitions]
    for end in (end for e in contract.escalations for end in e.at_end):
        if isinstance(end, m.Right):
            yield end
        else:
            waiting.append(end)
    while waiting:
        norm = waiting.pop(0)
        if isinstance(norm, m.Obligation):
            yield norm
        waiting += [o for e in norm.exemptions for o in e.instead]
        for link in norm.chain:
            if isinstance(link.remedy, m.Right):
                yield link.remedy
            elif isinstance(link.remedy, m.Obligation):
                waiting.append(link.remedy)


def _on(versions: Sequence[_V], day: dt.date) -> _V | None:
    """The version that holds on the day, else the last one; None where there is none."""
    return next((v for v in versions if m.in_force(v, day)), versions[-1] if versions else None)


def _could_be(run: Run, norm: m.Obligation | m.Prohibition | m.Right | None, key: str) -> bool:
    """Whether something of that key might have arisen, or may yet: a period of its kind, or a record's key."""
    try:
        period = periods.parse_period(key)
    except ValueError:
        return any(record.key == key for rows in run.facts.records.values() for record in rows)
    if isinstance(norm, m.Obligation) and norm.schedule.kind == "periodic":
        kinds = {x.period.kind for x in run.walk.instances if x.name == norm.name}
        return not kinds or period.kind in kinds or period.kind == "day"
    return True


_T = TypeVar("_T")


def _meant(named: Mapping[str, _T], name: str, key: str) -> _T | None:
    """The one called `name@key`, or else the last whose key begins so (`2026-03` of `2026-03-18#1`)."""
    found = named.get(f"{name}@{key}")
    if found is not None:
        return found
    begun = (f"{name}@{key}-", f"{name}@{key}#")
    return next((x for id, x in reversed(tuple(named.items())) if not key or id.startswith(begun)), None)


class _Tracer:
    """One run's Ops compiled with their steps kept."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.walk = run.walk
        self.contract = run.prepared.contract
        self.text = self.contract.source.text
        self.program = Program(self.contract, traced=True)
        old = run.walk.world
        self.world = World(self.program, run.facts, old.as_of, {}, run.parameters, run.prepared.calendar)
        self.world.complete = old.complete
        self.world.end = old.end
        self.world.life = run.walk
        self.ledgers = self.world.balances = Ledgers(self.world)
        self.count = 0
        self.header = self.contract.header
        self.payments = {p.ref: p for rows in run.facts.payments.values() for p in rows}

    # -- values

    def value(self, name: str, key: str) -> Explanation:
        try:
            period = periods.parse_period(key)
        except ValueError:
            raise no_period(self.run, name, key) from None
        if name in self.ledgers.balances:
            return self.balance(name, period)
        scope = Scope(self.world, period, steps=[])
        let = self.program.lets.get(name)
        if let is not None:
            let = self.program.let(name, self.world.first_day(period)) or let
            node = self.op(let.value, scope, "let", name)
            return Explanation(f"{name}@{key}", let.clause, node, let.notes)
        kpi = self.program.kpi(name, self.world.first_day(period)) or self.program.kpis[name]
        return Explanation(f"{name}@{key}", kpi.clause, self._kpi(kpi, self._shown(name, period), key), kpi.notes)

    def balance(self, name: str, period: periods.Period) -> Explanation:
        """What it opened with, what moved it, what accrued on it, and how each movement came about."""
        balance = self.ledgers.balances[name]
        month = periods.month_of(max(period.end, self.world.start))
        known = self.ledgers.month(name, month)
        subject = f"{name}@{month.key}"
        closing = self.ledgers.figure(name, "closing", Scope(self.world, month))
        children: list[Node] = []
        if known.dated_gap is None:
            children.append(Node("opening", subject, None, _typed(balance.type, known.opening)))
        for movement in (v for v in balance.movements if self.ledgers.due(v, month)):
            if movement.when is not None:
                children.append(self.op(movement.when, Scope(self.world, month), "condition", "when"))
                held = self.program.compiled(movement.when)(Scope(self.world, month))
                if held is False or isinstance(held, NotApplicable):
                    continue
            node = self.op(movement.amount, Scope(self.world, month), "movement", month.key)
            children.append(attrs.evolve(node, args=(("kind", "add" if movement.sign > 0 else "deduct"),)))
        for moved in known.dated:
            args: Words = (("kind", moved.kind), ("on", moved.on.isoformat()))
            value = _typed(balance.type, moved.amount if moved.kind == "add" else -moved.amount)
            children.append(Node("movement", moved.of, None, value, None, args))
        if balance.rate is not None:
            children.append(Node("accrued", subject, self._words(balance.rate), _typed(balance.type, known.accrued)))
        root = Node("balance", subject, None, _typed(balance.type, closing), None, (), tuple(children))
        return Explanation(subject, balance.clause, root, balance.notes)

    def _shown(self, name: str, period: Period) -> Scope:
        """The scope of a kpi as the statement shows it: of a period that runs on, as far as it had come."""
        for month in reversed(self.run.outcome.months):
            for v in month.values:
                if isinstance(v, Assessed) and v.name == name and v.period == period.key:
                    through = min(period.end, periods.parse_period(month.month).end) if v.to_date else period.end
                    return Scope(self.world, Period(period.start, through, period.key), to_date=v.to_date)
        return Scope(self.world, period)

    def _kpi(self, kpi: m.Kpi, shown: Scope, key: str) -> Node:
        def scope() -> Scope:
            return Scope(self.world, shown.period, to_date=shown.to_date, steps=[])

        status = self.world.kpi(kpi.name, scope())
        children: list[Node] = []
        for label, op in (("starting from", kpi.starting), ("not assessed when", kpi.not_assessed)):
            if op is not None:
                children.append(self.op(op, scope(), "condition", label))
        tests = (("met when", kpi.met), ("measure", kpi.measure), ("baseline", kpi.baseline), ("target", kpi.target))
        for label, op in tests:
            if op is not None:
                key_ = "condition" if op is kpi.met else "figure"
                children.append(self.op(op, scope(), key_, label))
        for level, op in kpi.levels:
            children.append(self.op(op, scope(), "level", level))
        if isinstance(status, Unknown):
            word, why = "undetermined", ", ".join(status.needs)
        elif isinstance(status, NotApplicable):
            word, why = "not assessed", status.detail or status.reason
        else:
            word, why = str(status), ""
        return Node("kpi", f"{kpi.name}@{key}", None, None, None, (("status", word), ("why", why)), tuple(children))

    def op(self, op: m.Op, scope: Scope, key: str, subject: str) -> Node:
        """One Op evaluated, its steps as children."""
        steps: list[Step] = []
        scope.steps = steps
        value = self.program.compiled(op)(scope)
        children = tuple(n for s in steps for n in self._inside(s))
        if len(steps) == 1 and len(children) == 1 and children[0].key == "formula":
            children = children[0].children
        return Node(key, subject, self._words(op), _typed(op.type, value), None, (), children)

    def _words(self, op: m.Op) -> str:
        return re.sub(r"\s+", " ", self.text[op.span.start : op.span.end]).strip()

    def _inside(self, step: Step) -> Iterator[Node]:
        """The lines of a step. What says nothing by itself (a literal, a wrapper) is passed through."""
        self.count += 1
        if self.count > MAX_NODES:
            return
        op = step.op
        inner = [n for s in step.steps for n in self._inside(s)]
        value = _typed(op.type, step.value)
        match op:
            case m.Const() | m.Bound():
                return
            case m.FactRef(name=name) | m.NoticeRef(name=name):
                presumed: Words = ()
                if step.cell is None and not isinstance(step.value, (Unknown, NotApplicable)):
                    presumed = (("presumed", "yes"),)
                judged = self.program.facts[name].judged_by
                args: Words = (*presumed, *((("judged by", judged),) if judged else ()))
                yield Node("fact", step.fact or name, None, value, step.cell.origin if step.cell else None, args)
            case m.Covered(name=name):
                yield Node("fact", name, None, value)
            case m.FieldRef(name=name):
                yield Node("field", name, None, value, step.cell.origin if step.cell else None)
            case m.ParamRef(name=name):
                yield Node("parameter", name, None, value)
            case m.LetRef(name=name):
                day = self.world.first_day(periods.parse_period(str(step.period)))
                let = self.program.let(name, day) or self.program.lets[name]
                yield Node("let", f"{name}@{step.period}", self._words(let.value), value, None, (), self._unwrap(inner))
            case m.BalanceRef(name=name, field=figure):
                subject = name if figure == "closing" else f"{name}.{figure}"
                yield Node("let", f"{subject}@{step.period}", "", value)
            case m.Stages(balance=name) if step.period is not None:
                reached = self.ledgers.figure(name, "opening", Scope(self.world, periods.parse_period(step.period)))
                cash = money(op.type.currency or "")
                opening = Node("let", f"{name}.opening@{step.period}", "", _typed(cash, reached))
                yield Node("formula", "", self._words(op), value, None, (), (opening, *inner))
            case m.ShareOf():
                yield Node("formula", "", self._words(op), value, None, (), self._unwrap(inner))
            case m.KpiState(kpi=name, state=state):
                yield Node("kpi test", f"{name}@{step.period}", state, value, None, (), tuple(inner))
            case m.KpiLevel(kpi=name, level=state):
                yield Node("kpi test", f"{name}@{step.period}", state, value, None, (), tuple(inner))
            case m.OverRecords(list=name):
                yield Node("records", name, self._words(op), value, None, (), tuple(self._by_record(step)))
            case _:
                yield Node("formula", "", self._words(op), value, None, (), tuple(inner))

    def _unwrap(self, nodes: Sequence[Node]) -> tuple[Node, ...]:
        if len(nodes) == 1 and nodes[0].key == "formula":
            return nodes[0].children
        return tuple(nodes)

    def _by_record(self, step: Step) -> Iterator[Node]:
        grouped: dict[str, list[Step]] = {}
        for s in step.steps:
            grouped.setdefault(s.record.key if s.record else "", []).append(s)
        for key, steps in grouped.items():
            record = steps[0].record
            nodes = [n for s in steps for n in self._inside(s)]
            if record is None:
                yield from nodes
                continue
            last = steps[-1]
            kept = "no" if last.op.type.kind == "boolean" and last.value is False else "yes"
            yield Node(
                "record", key, None, _typed(last.op.type, last.value), record.origin,
                (("on", record.on.isoformat()), ("counted", kept)), tuple(nodes),
            )  # fmt: skip

    # -- instances

    def instance(self, x: Instance, field: str) -> Explanation:
        day = self.run.outcome.as_of
        status = x.status(day)
        children: list[Node] = []
        o = x.obligation
        on = None if o is None or o.schedule.kind == "periodic" else x.created
        scope = Scope(self.world, x.period, on, x.record, x, steps=[])
        if x.record is not None:
            children.append(
                Node("record", x.record.key, place=x.record.origin, args=(("on", x.record.on.isoformat()),))
            )
        if field != "interest":
            for name, op in x.amount_ops:
                children.append(self.op(op, Scope(self.world, x.period, on, x.record, x), "amount", name or x.id))
            if x.prorated is not None:
                children.append(Node("prorated", x.id, args=(("days", str(x.prorated[0])), ("of", str(x.prorated[1])))))
            children.extend(self._steps(x))
            if x.due is not None:
                words = None
                if o is not None and o.due is not None:
                    span = o.due.span
                    words = re.sub(r"\s+", " ", self.text[span.start : span.end]).strip()
                moment = _typed(MOMENT, x.due_at) if x.due_at is not None else None
                children.append(Node("due", x.id, words, moment or _typed(DATE, x.due)))
            if x.grace_until is not None:
                children.append(Node("grace", x.id, None, _typed(DATE, x.grace_until)))
        if x.interest_link is not None and x.accruals:
            children.append(self._interest(x))
        if field != "interest":
            children.extend(self._history(x))
            if o is not None and o.performance.expr is not None:
                children.append(self.op(o.performance.expr, scope, "condition", f"performed {o.performance.kind}"))
            for exemption in o.exemptions if o is not None else ():
                put = Scope(self.world, x.period, x.asked_on, x.record, x)
                children.append(self.op(exemption.when, put, "condition", "exception"))
        children.append(self._status(x, status, day))
        key = "interest" if field == "interest" else "obligation"
        amount = None
        if x.currency is not None:
            shown: Exact | None = x.booked if field == "interest" else x.amount
            if shown is not None:
                amount = _typed(money(x.currency), major(shown, x.currency))
        subject = f"{x.name}.interest@{x.key}" if field == "interest" else x.id
        args: Words = (("status", status), ("debtor", x.debtor), ("creditor", x.creditor or ""))
        return Explanation(subject, x.clause, Node(key, subject, None, amount, None, args, tuple(children)), x.notes)

    def _steps(self, x: Instance) -> Iterator[Node]:
        """The steps of an amount that have lines of their own, and its tax."""
        if x.currency is None:
            return
        cash = money(x.currency)
        # What is reversed was reckoned in the direction that was agreed, as its formulas are shown.
        turned = x.obligation is not None and x.debtor != x.obligation.debtor
        for part in x.parts:
            if part.of is not None:
                amount = major(-part.amount if turned else part.amount, x.currency)
                yield Node("step", part.name, part.of, _typed(cash, amount))
        for name, tax in [*((p.name, p.tax) for p in x.parts), ("", x.tax)]:
            if tax is not None:
                rate = "" if tax.rate is None else percent_text(tax.rate)
                net, share = (str(major(v, x.currency)) for v in (tax.net, tax.tax))
                args: Words = (("kind", tax.kind), ("rate", rate), ("net", net), ("tax", share))
                yield Node("tax", name, None, _typed(cash, major(tax.gross, x.currency)), None, args)

    def _interest(self, x: Instance) -> Node:
        assert x.interest_link is not None and x.currency is not None
        cash = money(x.currency)
        rows: list[Node] = []
        for a in x.accruals:
            rows.append(
                Node(
                    "accrual", x.id, None, _typed(cash, major(a.amount, x.currency)), None,
                    (
                        ("from", a.first.isoformat()),
                        ("to", a.last.isoformat()),
                        ("days", str((a.last - a.first).days + 1)),
                        ("principal", str(major(a.principal, x.currency))),
                        ("rate", _typed(x.interest_link.rate.type, a.rate)["value"]),
                        ("per", x.interest_link.per),
                    ),
                )
            )  # fmt: skip
        args: Words = (("exact", str(major(x.interest, x.currency))),)
        if x.cap is not None:
            args += (("cap", str(major(x.cap, x.currency))),)
        return Node(
            "interest", f"{x.name}.interest@{x.key}",
            self._words(x.interest_link.rate), _typed(cash, major(x.booked, x.currency)),
            None, args, tuple(rows),
        )  # fmt: skip

    def _history(self, x: Instance) -> Iterator[Node]:
        for entry in x.history:
            value = None
            if entry.amount is not None and x.currency is not None:
                value = _typed(money(x.currency), major(entry.amount, x.currency))
            payment = self.payments.get(entry.ref or "")
            place = payment.origin if isinstance(payment, Payment) else None
            if entry.what == "act" and x.obligation is not None:
                acts = self.run.facts.records.get(x.obligation.performance.list or "", ())
                place = next((r.origin for r in acts if r.key == entry.ref), None)
            args: Words = (("date", entry.date.isoformat()), ("what", entry.what), ("ref", entry.ref or ""))
            yield Node("entry", x.id, None, value, place, args)

    def _status(self, x: Instance, status: str, day: dt.date) -> Node:
        args: list[tuple[str, str]] = [("status", status), ("day", day.isoformat())]
        for name, value in (
            ("deadline", x.due_at or x.deadline),
            ("due", x.due),
            ("since", x.default_since),
            ("performed_on", (x.performed_at if x.due_at is not None else None) or x.performed_on),
        ):
            if isinstance(value, dt.datetime):
                args.append((name, value.isoformat(timespec="minutes")))
            elif value is not None:
                args.append((name, value.isoformat()))
        if x.source is not None and x.complete != dt.date.min:
            args.append(("complete_through", x.complete.isoformat()))
        if isinstance(x.gap, Unknown):
            args.append(("needs", ", ".join(x.gap.needs)))
        elif isinstance(x.gap, NotApplicable):
            args.append(("because", x.gap.reason))
        return Node("status", x.id, None, None, None, tuple(args))

    def no_instance(self, o: m.Obligation, key: str) -> Explanation:
        children: list[Node] = []
        if o.when is not None:
            try:
                period = periods.parse_period(key)
                children.append(self.op(o.when, Scope(self.world, period), "condition", "when"))
            except ValueError:
                pass
        root = Node(
            "no instance",
            f"{o.name}@{key}",
            args=(("as_of", self.run.outcome.as_of.isoformat()),),
            children=tuple(children),
        )
        return Explanation(f"{o.name}@{key}", o.clause, root, o.notes)

    # -- rights and breaches

    def power(self, p: Power) -> Explanation:
        right = p.right
        children: list[Node] = []
        if right.when is not None:
            x = p.over
            day = p.opened
            scope = Scope(self.world, p.period, day, p.record, x)
            condition = self.op(right.when, scope, "condition", "when")
            if condition.value is None or condition.value.get("value") is not True:
                # It held when the right opened; what it asks about (a breach, say) has ended since.
                condition = attrs.evolve(condition, value=typed_value(BOOLEAN, True), children=())
            children.append(condition)
        args: list[tuple[str, str]] = [("status", p.status), ("opened", p.opened.isoformat())]
        for name, value in (
            ("last_day", p.last_day),
            ("exercised_on", p.exercised_on),
            ("cure_until", p.cure_until),
            ("effective_on", p.effective_on),
        ):
            if value is not None:
                args.append((name, value.isoformat()))
        if p.over is not None:
            args.append(("over", p.over.id))
        for x in p.grounds:
            children.append(Node("ground", x.id, args=(("since", str(x.default_since)), ("grade", x.grade or ""))))
        for event in self._events(right.name, p.id):
            children.append(event)
        root = Node(
            "right",
            p.id,
            None,
            None,
            None,
            (*args, ("holder", right.holder or ""), ("effect", right.effect)),
            tuple(children),
        )
        return Explanation(p.id, right.clause, root, right.notes)

    def ladder(self, x: Ladder) -> Explanation:
        """A run of an escalation: where it stands, the condition that would stop it, its levels as they came."""
        e, day = x.escalation, self.run.outcome.as_of
        children: list[Node] = []
        if e.stops_when is not None:
            scope = Scope(self.world, periods.month_of(day), day, x.record, since=x.opened)
            children.append(self.op(e.stops_when, scope, "condition", "stops when"))
        children.extend(self._events(x.id))
        needs: Words = (("needs", ", ".join(x.needs)),) if x.needs else ()
        args: Words = (("level", x.level.title), ("status", x.status), ("last_day", x.last_day.isoformat()), *needs)
        root = Node("escalation", x.id, None, None, None, args, tuple(children))
        return Explanation(x.id, e.clause, root, e.notes)

    def _events(self, *names: str) -> Iterator[Node]:
        for month in self.run.outcome.months:
            for e in month.events:
                if e.subject in names:
                    words = tuple((k, str(v)) for k, v in e.args if v is not None)
                    yield Node(
                        "event",
                        e.subject,
                        None,
                        None,
                        None,
                        (("date", e.date.isoformat()), ("what", e.kind), *words),
                    )

    def no_right(self, right: m.Right, key: str) -> Explanation:
        children: list[Node] = []
        try:
            period = periods.parse_period(key)
        except ValueError:
            period = periods.month_of(self.run.outcome.as_of)
        instance = self.walk.by_id.get(f"{right.target}@{key}")
        record = instance.record if instance is not None else None
        if right.list is not None:
            rows = self.run.facts.records.get(right.list, ())
            record = next((row for row in rows if row.key == key), record)
        # what is put for a record has no answer without one
        per_record = right.list is not None or any(
            o.name == right.target and o.schedule.kind == "records"
            for o in _norms(self.contract)
            if isinstance(o, m.Obligation)
        )
        if right.when is not None and (record is not None or not per_record):
            scope = Scope(self.world, period, period.end, record, instance)
            children.append(self.op(right.when, scope, "condition", "when"))
        children.extend(self._events(right.name, f"{right.name}@{key}"))
        root = Node(
            "not open",
            f"{right.name}@{key}",
            None,
            None,
            None,
            (("holder", right.holder or ""),),
            tuple(children),
        )
        return Explanation(f"{right.name}@{key}", right.clause, root, right.notes)

    def no_violation(self, p: m.Prohibition, key: str) -> Explanation:
        children: list[Node] = []
        try:
            period = periods.parse_period(key)
        except ValueError:  # a record's key
            period = periods.month_of(self.run.outcome.as_of)
        if p.violated_when is not None:
            children.append(
                self.op(p.violated_when, Scope(self.world, period, period.end), "condition", "violated when")
            )
        root = Node("not violated", f"{p.name}@{key}", p.what, args=(("debtor", p.debtor),), children=tuple(children))
        return Explanation(f"{p.name}@{key}", p.clause, root, p.notes)

    def violation(self, v: Violation) -> Explanation:
        p = v.prohibition
        children: list[Node] = []
        scope = Scope(self.world, periods.month_of(v.since), v.since, v.record)
        for label, op in (
            ("violated when", p.violated_when),
            ("where", p.where),
            ("except when", p.except_when),
        ):
            if op is not None:
                children.append(self.op(op, Scope(scope.world, scope.period, v.since, v.record), "condition", label))
        place = v.record.origin if v.record is not None else None
        args: Words = (("since", v.since.isoformat()), ("debtor", p.debtor), ("grade", v.grade or ""))
        return Explanation(v.id, p.clause, Node("violation", v.id, p.what, None, place, args, tuple(children)), p.notes)
