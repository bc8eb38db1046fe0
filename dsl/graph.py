"""A contract as a picture of what hangs together: what its figures rest on, what follows a failure, how its life can go.

Nodes and edges come from the model in the order of the file, with labels in both languages, clause and place; how they are
written (DOT, Mermaid) or drawn is the business of graph_notation.py and graph_drawing.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, TypeAlias, assert_never

import attrs

from clausal.dsl import model as m
from clausal.dsl.check import children
from clausal.dsl.diagnostics import Both, Span, cut
from clausal.dsl.types import Type
from clausal.dsl.values import Duration
from clausal.dsl.wording import duration_text, label

View: TypeAlias = Literal["values", "obligations", "life"]

NodeKind: TypeAlias = Literal[
    "fact",
    "parameter",
    "let",
    "kpi",
    "balance",
    "obligation",
    "prohibition",
    "right",
    "termination",
    "suspension",
    "escalation",
    "approval",
    "grace",
    "interest",
    "penalty",
    "grade",
    "state",
    "step",
]
EdgeKind: TypeAlias = Literal["figure", "condition", "performance", "follows", "acts on", "becomes"]

_LONGEST: Final = 64  # of a condition in a label, in columns


@attrs.frozen
class Node:
    """`id` is unique in its graph; `name` the declaration that it belongs to. `lines` follow the name in a smaller hand."""

    id: str
    kind: NodeKind
    name: str
    title: Both
    lines: tuple[Both, ...] = ()
    clause: str | None = None
    span: Span | None = None


@attrs.frozen
class Edge:
    source: str
    target: str
    kind: EdgeKind
    said: Both | None = None


@attrs.frozen
class Graph:
    view: View
    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def of(self, id: str) -> Node:
        return next(node for node in self.nodes if node.id == id)


# English, Chinese.
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "values": ("What rests on what", "数值依据关系"),
    "obligations": ("What follows a failure", "不履行的后果"),
    "life": ("The life of the contract", "合同存续状态"),
    "fact": ("fact", "数据"),
    "parameter": ("parameter", "参数"),
    "let": ("definition", "定义"),
    "kpi": ("kpi", "考核指标"),
    "balance": ("balance", "台账"),
    "obligation": ("obligation", "义务"),
    "prohibition": ("prohibition", "禁止事项"),
    "right": ("right", "权利"),
    "termination": ("termination", "终止"),
    "suspension": ("suspension", "中止"),
    "escalation": ("escalation", "逐级处理"),
    "approval": ("approval", "审批"),
    "grace": ("grace", "宽限期"),
    "interest": ("late interest", "逾期利息"),
    "penalty": ("penalty", "违约金"),
    "grade": ("breach", "违约"),
    "state": ("state", "状态"),
    "step": ("step", "变化"),
    "figure": ("figure", "数值"),
    "condition": ("condition", "条件"),
    "performance": ("tells performance", "认定履行"),
    "follows": ("follows", "随后"),
    "acts on": ("acts on", "作用于"),
    "becomes": ("becomes", "转为"),
    "line": ("line {line}", "第{line}行"),
    "clause": ("clause {clause}", "条款{clause}"),
    "pays": ("{debtor} pays {creditor}", "{debtor}付给{creditor}"),
    "owes": ("{debtor}: {what}", "{debtor}：{what}"),
    "forbidden": ("{debtor} must not: {what}", "{debtor}不得：{what}"),
    "holder": ("{holder} may {effect}", "{holder}有权{effect}"),
    "automatic": ("by itself: {effect}", "自动{effect}"),
    "from day": ("day {day}", "逾期第{day}日"),
    "after days": ("after {days} days", "逾期超过{days}日"),
    "not performed": ("not performed", "未履行"),
    "violated": ("violated", "违反"),
    "missed": ("missed", "未达成"),
    "met": ("met", "达成"),
    "not assessed": ("not assessed", "不考核"),
    "lasting": ("for {number} {periods}", "连续{number}{periods}"),
    "minor": ("minor breach", "一般违约"),
    "serious": ("serious breach", "严重违约"),
    "fundamental": ("fundamental breach", "根本违约"),
    "on demand": ("on demand", "经要求支付"),
    "per day": ("per day", "按日"),
    "per week": ("per week", "按周"),
    "capped": ("capped", "设上限"),
    "to": ("to {party}", "付给{party}"),
    "simple": ("simple", "单利"),
    "compound": ("compound", "复利"),
    "suspends": ("stands still", "中止履行"),
    "every duty": ("every obligation", "全部义务"),
    "instead": ("instead", "改为"),
    "excuses": ("excused", "免责"),
    "amount": ("another amount", "另定金额"),
    "at the end": ("at the end", "级别穷尽后"),
    "level": ("level {number}: {title}, {within}", "第{number}级：{title}，{within}"),
    "contract ends": ("the contract ends", "合同终止"),
    "pending": ("not started", "未生效"),
    "active": ("in force", "履行中"),
    "suspended": ("suspended", "中止履行中"),
    "ending": ("notice running", "通知期内"),
    "ended": ("ended", "已终止"),
    "surviving": ("surviving terms", "继续有效条款"),
    "begins": ("begins", "开始"),
    "starts": ("conditions precedent", "生效条件"),
    "expires": ("expires", "期满终止"),
    "on": ("on {day}", "{day}"),
    "cured": ("cured", "已补救"),
    "within": ("within {within}", "{within}内"),
    "notice": ("notice of {notice}", "通知期{notice}"),
    "notice over": ("notice is over", "通知期届满"),
    "resumes": ("the suspension ends", "中止结束"),
    "extends": ("the term grows by the time", "期限相应顺延"),
    "survives": ("{name}: {time}", "{name}：{time}"),
    "survive": ("survive", "继续有效"),
    "when": ("when {text}", "当{text}"),
}


def said(key: str, **words: str | Both | int | None) -> Both:
    """A row of the table, filled; a word may differ by language."""
    en, zh = WORDS[key]
    return Both(
        en.format_map({k: w.en if isinstance(w, Both) else str(w) for k, w in words.items()}),
        zh.format_map({k: w.zh if isinstance(w, Both) else str(w) for k, w in words.items()}),
    )


def _same(text: str) -> Both:
    return Both(text, text)


def _labelled(key: str) -> Both:
    return Both(label(key), label(key, "zh"))


def _duration(length: Duration) -> Both:
    return Both(duration_text(length.amount, length.unit), duration_text(length.amount, length.unit, "zh"))


# ---- building ------------------------------------------------------------------------------------------------------


@attrs.define
class _Drawing:
    """Nodes and edges as they are found, each once."""

    contract: m.Contract
    nodes: dict[str, Node] = attrs.Factory(dict)
    edges: dict[tuple[str, str, str, str], Edge] = attrs.Factory(dict)

    def node(
        self,
        id: str,
        kind: NodeKind,
        name: str,
        title: Both | None = None,
        lines: Iterable[Both] = (),
        clause: m.ClauseRef | None = None,
        span: Span | None = None,
    ) -> str:
        number = None if clause is None else clause.number
        self.nodes.setdefault(id, Node(id, kind, name, title or _same(name), tuple(lines), number, span))
        return id

    def edge(self, source: str, target: str, kind: EdgeKind, words: Both | None = None) -> None:
        if source != target and source in self.nodes and target in self.nodes:
            key = (source, target, kind, "" if words is None else words.en)
            self.edges.setdefault(key, Edge(source, target, kind, words))

    def text(self, op: m.Op) -> str:
        """A condition in the contract's own words."""
        source, span = self.contract.source.origin(op.span)
        return cut(" ".join(source.text[span.start : span.end].split()), _LONGEST)

    def graph(self, view: View) -> Graph:
        places = {id: (node.span.start if node.span is not None else -1) for id, node in self.nodes.items()}
        order = sorted(self.nodes.values(), key=lambda node: places[node.id])
        return Graph(view, self.contract.header.title, tuple(order), tuple(self.edges.values()))


def graph(contract: m.Contract, view: View) -> Graph:
    """The whole picture of one kind."""
    match view:
        case "values":
            return _values(contract)
        case "obligations":
            return _failures(contract)
        case "life":
            return _life(contract)
        case _:
            assert_never(view)


# ---- what rests on what --------------------------------------------------------------------------------------------


def _values(contract: m.Contract) -> Graph:
    d = _Drawing(contract)
    for parameter in contract.parameters:
        d.node(
            parameter.name, "parameter", parameter.name, None, _typed(parameter.type), parameter.clause, parameter.span
        )
    for fact in contract.facts:
        d.node(fact.name, "fact", fact.name, None, _typed(fact.type), fact.clause, fact.span)
    for value in contract.values:
        d.node(value.name, "let" if isinstance(value, m.Let) else "kpi", value.name, None, (), value.clause, value.span)
    for balance in contract.balances:
        d.node(balance.name, "balance", balance.name, None, (), balance.clause, balance.span)
    duties = tuple(_duties(contract))
    for duty in duties:
        d.node(duty.name, "obligation", duty.name, None, _who(duty), duty.clause, duty.span)
    for forbidden in contract.prohibitions:
        d.node(forbidden.name, "prohibition", forbidden.name, None, _who(forbidden), forbidden.clause, forbidden.span)
    rights = tuple(_rights(contract))
    for right in rights:
        d.node(right.name, _kind_of(right), right.name, None, _power(right), right.clause, right.span)
    for halt in contract.suspensions:
        d.node(halt.name, "suspension", halt.name, None, (), halt.clause, halt.span)
    for approval in contract.approvals:
        d.node(approval.name, "approval", approval.name, None, (), approval.clause, approval.span)

    def rests(name: str, kind: EdgeKind, *ops: m.Op | None) -> None:
        for op in ops:
            for read in () if op is None else reads(op):
                d.edge(read, name, kind)

    for parameter in contract.parameters:
        rests(parameter.name, "figure", *(version.value for version in parameter.versions))
    for value in contract.values:
        match value:
            case m.Let():
                rests(value.name, "figure", value.value)
            case m.Kpi():
                rests(value.name, "figure", value.measure, value.target, value.baseline)
                rests(value.name, "condition", value.met, value.starting, value.not_assessed)
                rests(value.name, "condition", *(condition for _, condition in value.levels))
    for balance in contract.balances:
        rests(balance.name, "figure", balance.opening, balance.rate)
        for movement in balance.movements:
            rests(balance.name, "figure", movement.amount)
            rests(balance.name, "condition", movement.when, movement.on)
            if movement.list is not None:
                d.edge(movement.list, balance.name, "figure")
    for duty in duties:
        _duty_rests(d, duty, rests)
    for forbidden in contract.prohibitions:
        rests(forbidden.name, "condition", forbidden.violated_when, forbidden.where, forbidden.except_when)
        if forbidden.violated_by is not None:
            d.edge(forbidden.violated_by, forbidden.name, "condition")
        for penalty in (k.remedy for k in forbidden.chain if isinstance(k.remedy, m.Penalty)):
            rests(forbidden.name, "figure", penalty.amount, penalty.cap)
    for right in rights:
        rests(right.name, "condition", right.when, right.only_while, right.cured_when, right.exercised_on)
        rests(right.name, "figure", right.by)
        if right.list is not None:
            d.edge(right.list, right.name, "condition")
    for halt in contract.suspensions:
        rests(halt.name, "condition", halt.when)
    for approval in contract.approvals:
        rests(approval.name, "condition", approval.needed, *(signer.given for signer in approval.signers))
        if approval.list is not None:
            d.edge(approval.list, approval.name, "condition")
    used = {end for edge in d.edges.values() for end in (edge.source, edge.target)}
    d.nodes = {id: node for id, node in d.nodes.items() if id in used}
    return d.graph("values")


def _duty_rests(d: _Drawing, duty: m.Obligation, rests: Callable[..., None]) -> None:
    amounts = [part.amount for part in duty.parts] + [op for _, op in duty.schedule.dates]
    caps = [limit.amount for limit in (duty.cap, duty.commitment) if limit is not None]
    rests(duty.name, "figure", *amounts, *caps, *(x.amount for x in duty.exemptions))
    rests(duty.name, "condition", duty.when, duty.schedule.condition, duty.schedule.where, duty.excused_while)
    rests(duty.name, "condition", duty.extended_by, duty.schedule.on, *(x.when for x in duty.exemptions))
    if duty.schedule.list is not None:
        d.edge(duty.schedule.list, duty.name, "condition")
    how = duty.performance
    if how.kind != "payments":  # which pay nearly everything: a line to each would say nothing
        rests(duty.name, "performance", how.expr, how.where)
        if how.list is not None:
            d.edge(how.list, duty.name, "performance")
    for link in duty.chain:
        match link.remedy:
            case m.Interest(rate=rate, cap=cap):
                rests(duty.name, "figure", rate, cap)
            case m.Penalty(amount=amount, cap=cap):
                rests(duty.name, "figure", amount, cap)
            case _:
                pass


def _typed(t: Type) -> tuple[Both, ...]:
    words = _labelled(f"type.{t.kind}")
    return (words if t.unit is None else Both(f"{words.en}, {t.unit}", f"{words.zh}，{t.unit}"),)


def reads(op: m.Op) -> Iterator[str]:
    """The names that an Op rests on directly, in its own order."""
    stack: list[m.Op] = [op]
    while stack:
        top = stack.pop()
        yield from reads_here(top)
        stack.extend(reversed(tuple(children(top))))


def reads_here(op: m.Op) -> Iterator[str]:
    """The name that this very Op reads, if it reads one."""
    match op:
        case (
            m.ParamRef(name=name)
            | m.FactRef(name=name)
            | m.NoticeRef(name=name)
            | m.LetRef(name=name)
            | m.Covered(name=name)
            | m.BalanceRef(name=name)
            | m.KpiState(kpi=name)
            | m.KpiLevel(kpi=name)
            | m.KpiFigure(kpi=name)
            | m.StatusTest(subject=name)
            | m.BreachTest(subject=name)
            | m.OverRecords(list=name)
            | m.Stages(balance=name)
        ):
            yield name
        case m.InstanceValue(subject=str(name)):
            yield name
        case _:
            return


# ---- what follows a failure ----------------------------------------------------------------------------------------


def _duties(contract: m.Contract) -> Iterator[m.Obligation]:
    """Every obligation, those of the chains and exceptions of others too, each name once."""
    stack: list[m.Obligation | m.Prohibition] = [*reversed(contract.prohibitions), *reversed(contract.obligations)]
    stack = [*(x for e in contract.escalations for x in e.at_end if isinstance(x, m.Obligation)), *stack]
    seen: set[str] = set()
    while stack:
        norm = stack.pop()
        if isinstance(norm, m.Obligation) and norm.name not in seen:
            seen.add(norm.name)
            yield norm
        stack += [k.remedy for k in norm.chain if isinstance(k.remedy, m.Obligation)]
        stack += [x for exemption in norm.exemptions for x in exemption.instead]


def _norms(contract: m.Contract) -> Iterator[m.Obligation | m.Prohibition]:
    yield from _duties(contract)
    yield from contract.prohibitions


def _rights(contract: m.Contract) -> Iterator[m.Right]:
    seen: set[str] = set()
    inner = [link.remedy for norm in _norms(contract) for link in norm.chain]
    last = [x for e in contract.escalations for x in e.at_end]
    for right in (*contract.rights, *inner, *last):
        if isinstance(right, m.Right) and right.name not in seen:
            seen.add(right.name)
            yield right


def _kind_of(right: m.Right) -> NodeKind:
    return "termination" if right.effect == "terminate" else "right"


def _who(norm: m.Obligation | m.Prohibition) -> tuple[Both, ...]:
    if isinstance(norm, m.Prohibition):
        return (said("forbidden", debtor=norm.debtor, what=norm.what),) if norm.what else (_same(norm.debtor),)
    if norm.action == "pay" and norm.creditor is not None:
        return (said("pays", debtor=norm.debtor, creditor=norm.creditor),)
    return (said("owes", debtor=norm.debtor, what=norm.what or _labelled(f"action.{norm.action}")),)


def _power(right: m.Right) -> tuple[Both, ...]:
    effect = _labelled(f"effect.{right.effect}")
    if right.automatic or right.holder is None:
        return (said("automatic", effect=effect),)
    return (said("holder", holder=right.holder, effect=effect),)


def _failures(contract: m.Contract) -> Graph:
    d = _Drawing(contract)
    duties, rights = tuple(_duties(contract)), tuple(_rights(contract))
    for duty in duties:
        d.node(duty.name, "obligation", duty.name, None, _who(duty), duty.clause, duty.span)
    for forbidden in contract.prohibitions:
        d.node(forbidden.name, "prohibition", forbidden.name, None, _who(forbidden), forbidden.clause, forbidden.span)
    for right in rights:
        d.node(right.name, _kind_of(right), right.name, None, _power(right), right.clause, right.span)
    for value in contract.values:
        if isinstance(value, m.Kpi):
            d.node(value.name, "kpi", value.name, None, (), value.clause, value.span)
    for halt in contract.suspensions:
        d.node(
            halt.name, "suspension", halt.name, None, (said("when", text=d.text(halt.when)),), halt.clause, halt.span
        )
    for approval in contract.approvals:
        d.node(approval.name, "approval", approval.name, None, (), approval.clause, approval.span)
    for duty in duties:
        _chained(d, duty, duty.grace)
    for forbidden in contract.prohibitions:
        _chained(d, forbidden, None)
    for right in rights:
        _opened(d, right)
        _acts(d, right)
    for halt in contract.suspensions:
        _halts(d, halt)
    for ladder in contract.escalations:
        _climbs(d, ladder)
    for norm in _norms(contract):
        for exemption in norm.exemptions:
            for other in exemption.instead:
                d.edge(norm.name, other.name, "follows", said("instead"))
    linked = {end for edge in d.edges.values() for end in (edge.source, edge.target)}
    kept = ("obligation", "prohibition")
    d.nodes = {id: node for id, node in d.nodes.items() if id in linked or node.kind in kept}
    return d.graph("obligations")


def _chained(d: _Drawing, norm: m.Obligation | m.Prohibition, grace: m.Grace | None) -> None:
    """The chain of a norm: grace, then what holds from which day on."""
    clause = norm.clause
    before = norm.name
    failed = said("violated") if isinstance(norm, m.Prohibition) else said("not performed")
    if grace is not None and norm.chain:
        before = d.node(
            f"{norm.name}/grace", "grace", norm.name, said("grace"), (_duration(grace.duration),), clause, norm.span
        )
        d.edge(norm.name, before, "follows", failed)
    for number, link in enumerate(norm.chain):
        target = _remedy(d, norm, link, number)
        if target is None:
            continue
        if isinstance(norm, m.Prohibition) or link.day <= 1:
            words = said("from day", day=1) if before != norm.name else failed
        else:
            words = said("after days", days=link.day - 1)
        d.edge(before, target, "follows", words)


def _remedy(d: _Drawing, norm: m.Obligation | m.Prohibition, link: m.Link, number: int) -> str | None:
    remedy, id = link.remedy, f"{norm.name}/{number}"
    match remedy:
        case m.Interest():
            lines = [_same(d.text(remedy.rate)), said(remedy.method)]
            if remedy.cap is not None:
                lines.append(said("capped"))
            return d.node(id, "interest", norm.name, said("interest"), lines, norm.clause, remedy.span)
        case m.Penalty():
            lines = [_same(d.text(remedy.amount)), said("to", party=remedy.to)]
            if remedy.per is not None:
                lines.append(said(f"per {remedy.per}"))
            if remedy.demanded_on is not None:
                lines.append(said("on demand"))
            if remedy.cap is not None:
                lines.append(said("capped"))
            return d.node(id, "penalty", norm.name, said("penalty"), lines, norm.clause, remedy.span)
        case m.Grade(grade=grade):
            # one node for each grade of a norm: rights ask for it
            return d.node(_grade(norm.name, grade), "grade", norm.name, said(grade), (), norm.clause, remedy.span)
        case m.Obligation() | m.Right():
            return remedy.name
        case _:
            assert_never(remedy)


def _grade(name: str, grade: str) -> str:
    return f"{name}/{grade}"


def _opened(d: _Drawing, right: m.Right) -> None:
    """What opens a right: a kpi, a breach of a grade, a status of a duty."""
    for op in (right.when, right.only_while):
        stack: list[tuple[m.Op, Both | None]] = [] if op is None else [(op, None)]
        while stack:
            top, lasting = stack.pop()
            match top:
                case m.Run(amount=amount, grain=grain):
                    units = {"monthly": "months", "quarterly": "quarters", "yearly": "years", "weekly": "weeks"}
                    unit = _labelled(f"unit.{units.get(grain, 'days')}")
                    lasting = said("lasting", number=amount, periods=unit)
                case m.KpiState(kpi=name, state=state):
                    word = said(state)
                    words = word if lasting is None else Both(f"{word.en} {lasting.en}", f"{lasting.zh}{word.zh}")
                    d.edge(name, right.name, "condition", words)
                case m.KpiLevel(kpi=name, level=level):
                    d.edge(name, right.name, "condition", _same(level))
                case m.BreachTest(subject=name, grade=grade):
                    order = ("minor", "serious", "fundamental")
                    graver = [_grade(name, g) for g in order[order.index(grade) :] if _grade(name, g) in d.nodes]
                    for source in graver or (name,):
                        d.edge(source, right.name, "condition", None if graver else said(grade))
                case m.StatusTest(subject=name, statuses=statuses):
                    words = Both(
                        ", ".join(label(f"status.{s}") for s in statuses),
                        "、".join(label(f"status.{s}", "zh") for s in statuses),
                    )
                    d.edge(name, right.name, "condition", words)
                case m.InstanceValue(subject=str(name), field=field):
                    d.edge(name, right.name, "condition", _same(field.replace("_", " ")))
                case _:
                    pass
            stack.extend((child, lasting) for child in children(top))


def _acts(d: _Drawing, right: m.Right) -> None:
    """What the exercise of a right does, and to what."""
    if right.effect == "terminate":
        lines = [] if right.notice is None else [said("notice", notice=_duration(right.notice))]
        end = d.node("/ended", "state", "", said("contract ends"), (), None, None)
        d.edge(right.name, end, "acts on", lines[0] if lines else None)
    elif right.target is not None:
        d.edge(right.name, right.target, "acts on", _labelled(f"effect.{right.effect}"))


def _halts(d: _Drawing, halt: m.Suspension) -> None:
    if halt.suspends is None:
        every = d.node("/every", "state", "", said("every duty"))
        d.edge(halt.name, every, "acts on", said("suspends"))
    for name in halt.suspends or ():
        d.edge(halt.name, name, "acts on", said("suspends"))
    for duty in d.contract.obligations:
        if duty.during == halt.name:
            d.edge(halt.name, duty.name, "follows", said("instead"))


def _climbs(d: _Drawing, ladder: m.Escalation) -> None:
    lines = [
        said("level", number=i, title=level.title, within=_duration(level.within))
        for i, level in enumerate(ladder.levels, 1)
    ]
    d.node(ladder.name, "escalation", ladder.name, None, lines, ladder.clause, ladder.span)
    for op in (ladder.opens_on, ladder.where):
        for name in () if op is None else reads(op):
            d.edge(name, ladder.name, "condition")
    for end in ladder.at_end:
        d.edge(ladder.name, end.name, "follows", said("at the end"))


# ---- the life of the contract --------------------------------------------------------------------------------------


def _life(contract: m.Contract) -> Graph:
    """The states, and between them what leads from one to the other."""
    d = _Drawing(contract)
    header = contract.header
    ends = [right for right in _rights(contract) if right.effect == "terminate"]
    halts = [right for right in _rights(contract) if right.effect == "suspend"]
    surviving = [norm for norm in _norms(contract) if norm.survives is not None]

    def state(key: str) -> str:
        return d.node(f"/{key}", "state", "", said(key))

    def passes(
        one: str,
        other: str,
        id: str,
        kind: NodeKind,
        name: str,
        *lines: Both,
        about: m.Right | m.Suspension | None = None,
        title: Both | None = None,
    ) -> None:
        clause, span = (None, None) if about is None else (about.clause, about.span)
        step = d.node(id, kind, name, title, lines, clause, span)
        d.edge(one, step, "becomes")
        d.edge(step, other, "becomes")

    if header.starts_when is not None:
        text = said("when", text=d.text(header.starts_when))
        passes(state("pending"), state("active"), "/start", "step", "", text, title=said("starts"))
    else:
        on = said("on", day=header.term_start.isoformat())
        passes(state("pending"), state("active"), "/start", "step", "", on, title=said("begins"))
    for halt in contract.suspensions:
        lines = [said("when", text=d.text(halt.when))]
        if halt.extends_term_by is not None:
            lines.append(said("extends"))
        passes(state("active"), state("suspended"), halt.name, "suspension", halt.name, *lines, about=halt)
    for right in halts:
        passes(state("active"), state("suspended"), right.name, "right", right.name, *_grounds(d, right), about=right)
    if contract.suspensions or halts:
        passes(state("suspended"), state("active"), "/resumed", "step", "", title=said("resumes"))
    for right in ends:
        lines = _grounds(d, right)
        target = state("ended") if right.notice is None else state("ending")
        if right.notice is not None:
            lines.append(said("notice", notice=_duration(right.notice)))
        passes(state("active"), target, right.name, "termination", right.name, *lines, about=right)
        if right.cured_when is not None and right.notice is not None:
            lines = [said("when", text=d.text(right.cured_when))]
            if right.cure is not None:
                lines.insert(0, said("within", within=_duration(right.cure)))
            id, title = (
                f"{right.name}/cured",
                Both(f"{right.name}: {said('cured').en}", f"{right.name}：{said('cured').zh}"),
            )
            passes(state("ending"), state("active"), id, "step", right.name, *lines, about=right, title=title)
    if any(right.notice is not None for right in ends):
        passes(state("ending"), state("ended"), "/over", "step", "", title=said("notice over"))
    if header.term_end is not None or header.term_end_op is not None:
        end = header.term_end
        text = said("on", day=end.isoformat()) if end is not None else _same(d.text(header.term_end_op))  # type: ignore[arg-type]
        passes(state("active"), state("ended"), "/expired", "step", "", text, title=said("expires"))
    if surviving:
        lines = [said("survives", name=n.name, time=_duration(n.survives)) for n in surviving if n.survives is not None]
        passes(state("ended"), state("surviving"), "/survive", "step", "", *lines, title=said("survive"))
    order = {key: i for i, key in enumerate(("pending", "active", "suspended", "ending", "ended", "surviving"))}
    nodes = sorted(d.nodes.values(), key=lambda n: (order.get(n.id[1:], 9), n.span.start if n.span else 0))
    return Graph("life", header.title, tuple(nodes), tuple(d.edges.values()))


def _grounds(d: _Drawing, right: m.Right) -> list[Both]:
    lines = list(_power(right))
    if right.when is not None:
        lines.append(said("when", text=d.text(right.when)))
    return lines


# ---- a part of the picture -----------------------------------------------------------------------------------------


def focused(whole: Graph, name: str) -> Graph | None:
    """What the thing of this name rests on and what rests on it, however far; None where nothing has the name."""
    mine = {node.id for node in whole.nodes if node.name == name}
    if not mine:
        return None
    kept = {*_reached(mine, [(e.source, e.target) for e in whole.edges])}
    kept |= {*_reached(mine, [(e.target, e.source) for e in whole.edges])}
    return _part(whole, kept)


def of_clause(whole: Graph, number: str) -> Graph | None:
    """The things of a clause (and those below it: 4 stands for 4.8), with their neighbours."""
    mine = {
        n.id for n in whole.nodes if n.clause is not None and (n.clause == number or n.clause.startswith(number + "."))
    }
    if not mine:
        return None
    beside = {end for e in whole.edges if {e.source, e.target} & mine for end in (e.source, e.target)}
    return _part(whole, mine | beside)


def names(whole: Graph) -> tuple[str, ...]:
    return tuple(dict.fromkeys(node.name for node in whole.nodes if node.name))


def clauses(whole: Graph) -> tuple[str, ...]:
    return tuple(dict.fromkeys(node.clause for node in whole.nodes if node.clause is not None))


def _reached(start: set[str], arrows: Sequence[tuple[str, str]]) -> Iterator[str]:
    after: dict[str, list[str]] = {}
    for one, other in arrows:
        after.setdefault(one, []).append(other)
    stack, seen = list(start), set(start)
    while stack:
        top = stack.pop()
        yield top
        fresh = [other for other in after.get(top, ()) if other not in seen]
        seen.update(fresh)
        stack += fresh


def _part(whole: Graph, kept: set[str]) -> Graph:
    nodes = tuple(node for node in whole.nodes if node.id in kept)
    edges = tuple(edge for edge in whole.edges if {edge.source, edge.target} <= kept)
    return attrs.evolve(whole, nodes=nodes, edges=edges)


def tooltip(contract: m.Contract, node: Node, lang: Literal["en", "zh"]) -> str:
    """What a reader sees who rests on a node: its kind, name, clause, the line of the contract."""
    words = [said(node.kind), *([_same(node.name)] if node.name else [])]
    if node.clause is not None:
        words.append(said("clause", clause=node.clause))
    text = ""
    if node.span is not None:
        source, span = contract.source.origin(node.span)
        line = source.position(span.start)[0]
        words.append(said("line", line=line))
        text = "\n" + cut(source.line_text(line).strip(), 90)
    joint = "，" if lang == "zh" else ", "
    return joint.join(word.zh if lang == "zh" else word.en for word in words) + text
