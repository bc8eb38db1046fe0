"""What bears on the course of a contract in sentences: suspensions, escalations, approvals, amendments, what always holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

import attrs

from clausal.dsl import model as m
from clausal.dsl.prose.duties import obligation
from clausal.dsl.prose.formulas import condition, may_be_blank, words
from clausal.dsl.prose.ladders import same
from clausal.dsl.prose.powers import right
from clausal.dsl.prose.telling import Account, Thing
from clausal.dsl.prose.words import Telling


def suspension(t: Telling, s: m.Suspension) -> Thing:
    a = Account(t, s.span)
    test = condition(t, s.when)
    a.say("when", f"The suspension lasts while {test}", f"在下列情形存续期间中止：{test}", s.when.span)
    if s.suspends is None:
        a.say("suspends", "It suspends every obligation", "中止期间，全部义务中止履行")
    else:
        names = t.listed(t.name(name) for name in s.suspends)
        a.say("suspends", f"It suspends {names}, and nothing else", f"中止期间，中止履行{names}，其余义务照常履行")
    _standing_still(t, a, s)
    instead = [o.name for o in t.contract.obligations if o.during == s.name]
    if instead:
        names = t.listed(t.name(name) for name in instead)
        a.say("instead", f"While it lasts, {names} applies instead", f"中止期间，改为履行{names}")
    match s.extends_term_by:
        case None:
            a.say("extends", "It does not extend the term", "合同期限不因中止而顺延")
        case "days":
            a.say("extends", "The end of the term moves by the suspended days", "合同期限按中止的天数顺延")
        case "months":
            a.say(
                "extends",
                "The end of the term moves by the whole months of the suspended time, then by its days",
                "合同期限按中止的整月数顺延，不足整月的部分按天数顺延",
            )
        case _:
            assert_never(s.extends_term_by)
    a.notes(s.notes)
    return a.thing("suspension", s.name, s.clause)


def _standing_still(t: Telling, a: Account, s: m.Suspension) -> None:
    """What becomes of the deadlines, the periods and the defaults of what it suspends; of nothing else."""
    if s.extends_term_by == "months":
        en, zh = "by the whole months of the suspended time, then by its days", "先按中止的整月数、再按余下的天数顺延"
    else:
        en, zh = "by the suspended days", "按中止的天数顺延"
    a.say(
        "deadlines",
        f"What it suspends is not late while it lasts; a due date, or an end of grace, that falls into it moves {en}",
        f"所中止的义务，到期日或者宽限期末日在中止期间内的，不构成逾期，{zh}",
    )
    a.say(
        "periods",
        "Of what it suspends, a period that lies wholly inside it is not owed; an amount that is prorated does not count "
        "its days",
        "所中止的义务分期发生的，整期均在中止期间内的一期不发生；按天数折算的款项，不计中止的天数",
    )
    if s.interest_continues:
        a.say(
            "interest",
            "What it suspends and was in default before bears interest while it lasts, and its days count as days of default",
            "所中止的义务此前已逾期的，中止期间照常计息，并计入逾期天数",
        )
    else:
        a.say(
            "interest",
            "What it suspends and was in default before bears no interest while it lasts, and its days do not count as days "
            "of default",
            "所中止的义务此前已逾期的，中止期间停止计息，亦不计入逾期天数",
        )


def escalation(t: Telling, e: m.Escalation) -> Iterator[Thing]:
    a = Account(t, e.span)
    on = "" if e.opens_on is None else words(t, e.opens_on)
    if e.list is not None:
        where = "" if e.where is None else condition(t, e.where)
        chosen = t.pick(f" where {where}", f"（限于{where}的记录）") if where else ""
        start = t.pick(f", on {on or 'the day of the record'}", f"，启动日为{on or '该笔记录的归属日期'}")
        a.say(
            "opens",
            f"A procedure is opened for each record of {e.list}{chosen}{start}",
            f"就“{e.list}”的每笔记录{chosen}各启动一次逐级处理{start}",
        )
    else:
        a.say("opens", f"A procedure is opened on each date of {on}", f"以{on}为启动日，每次启动一次逐级处理")
    for number, level in enumerate(e.levels, 1):
        length = t.duration(level.within)
        counted = t.asides(
            t.pick("the day on which it opens not counted", "启动当日不计入" if number == 1 else "转入当日不计入"),
            "" if level.within.unit == "business days" else t.last_day(t.contract.header.deadlines),
        )
        answered = "" if level.answered_on is None else words(t, level.answered_on)
        how = t.pick(
            f"; the date of its answer is {answered}" if answered else "; it closes by its time alone",
            f"，以{answered}为其答复日" if answered else "，未设答复日，期满转入下一级",
        )
        a.say(
            "level",
            f"Level {number}, {level.title}: within {length}{counted}{how}",
            f"第{number}级由{level.title}处理，期限为{length}{counted}{how}",
            level.span,
        )
    a.say(
        "next",
        "A level closes with its answer or with its last day, and the next one opens on that day",
        "本级答复或者期限届满的，自该日起转入下一级",
    )
    if e.stops_when is not None:
        test = condition(t, e.stops_when)
        a.say("stops", f"It stops on the day on which {test}", f"{test}的，逐级处理即行停止", e.stops_when.span)
    if e.at_end:
        names = t.listed(t.name(end.name) for end in e.at_end)
        zh = t.listed(f"{'权利' if isinstance(end, m.Right) else '义务'}{t.name(end.name)}" for end in e.at_end)
        a.say("at_end", f"When no level is left, this follows: {names}", f"各级处理均已穷尽的，产生{zh}")
    a.notes(e.notes)
    yield a.thing("escalation", e.name, e.clause)
    after = t.pick(f"when {e.name} has no level left", f"“{e.name}”各级均已穷尽之日")
    for end in e.at_end:
        match end:
            case m.Right():
                yield right(
                    t,
                    end,
                    t.pick(f"from the day after {e.name} has no level left", f"自“{e.name}”各级均已穷尽的次日起"),
                )
            case m.Obligation():
                yield from obligation(t, end, after)
            case _:
                assert_never(end)


def approval(t: Telling, p: m.Approval) -> Thing:
    a = Account(t, p.span)
    if p.list is not None:
        needed = "" if p.needed is None else condition(t, p.needed)
        chosen = t.pick(f" where {needed}", f"中{needed}的") if needed else t.pick("", "的")
        a.say("of", f"Each record of {p.list}{chosen} needs approval", f"“{p.list}”{chosen}每笔记录须经审批")
    elif p.needed is not None:
        test = condition(t, p.needed)
        a.say("of", f"Approval is needed where {test}", f"{test}的，须经审批", p.needed.span)
    for at, signer in enumerate(p.signers):
        who = t.party(signer.who)
        tests = _consent(t, signer.given, p.signers[at - 1] if at else None)
        a.say(
            "consent",
            f"{t.starting(signer.who)} has consented where {' and '.join(tests)}",
            f"{who}的同意以下列情形认定：{'，且'.join(tests)}",
            signer.span,
        )
    if len(p.signers) == p.quorum == 1:
        a.say("quorum", "Its consent is needed", "须经其同意")
    elif p.quorum == len(p.signers):
        a.say("quorum", "All of them must consent", f"须经上述{len(p.signers)}方（人）全部同意")
    else:
        a.say(
            "quorum",
            f"At least {p.quorum} of the {len(p.signers)} must consent",
            f"须经上述{len(p.signers)}方（人）中至少{p.quorum}方（人）同意",
        )
    dates = t.listed(words(t, date) for date in p.dates)
    if len(p.dates) == 1:
        a.say("dates", f"The consent is dated by {dates}", f"以{dates}为同意之日")
    else:
        a.say("dates", f"Their consents are dated by {dates}", f"各方（人）同意之日依次为{dates}")
    a.notes(p.notes)
    return a.thing("approval", p.name, p.clause)


def _consent(t: Telling, given: m.Op, before: m.Signer | None) -> list[str]:
    """What makes a consent count: that it was given, in time, after the one before it."""
    told: list[str] = []
    own: tuple[m.Op, ...] = given.operands if isinstance(given, m.AllOf) else (given,)
    for op in own:
        match op:
            case _ if before is not None and same(op, before.given):
                who = t.party(before.who)
                told.append(t.pick(f"{who} has consented", f"{who}已同意"))
            case m.Not(operand=m.Compare(op="<", left=late, right=early)):
                first, last = words(t, early), words(t, late)
                blank = may_be_blank(t, late) if same(early, _dated(own)) else may_be_blank(t, early)
                free = t.pick(" (or that day is blank)", "（后者空缺的，不受此限）") if blank else ""
                if not same(early, _dated(own)) and blank:
                    free = t.pick(" (or the former is blank)", "（前者空缺的，不受此限）")
                told.append(t.pick(f"{first} is not after {last}{free}", f"{first}不晚于{last}{free}"))
            case m.Happened():
                told.append(condition(t, op))
            case _:
                told.append(condition(_without_approvals(t), op))
    return told


def _dated(own: tuple[m.Op, ...]) -> m.Op | None:
    """The day of the consent itself, which is there where it was given."""
    return next((op.date for op in own if isinstance(op, m.Happened)), None)


def _without_approvals(t: Telling) -> Telling:
    """In what an approval is made of, its own name says nothing."""
    return attrs.evolve(t, contract=attrs.evolve(t.contract, approvals=()))


def amendment(t: Telling, x: m.Amendment) -> Thing:
    a = Account(t, x.span)
    day = t.day(x.effective)
    a.say(
        "effective",
        f"It takes effect on {day}: what it says holds from that day on, what it changes held to the day before",
        f"本变更自{day}起生效；所变更的约定适用至其前一日",
    )
    return a.thing("amendment", x.title, None)


def property_(t: Telling, p: m.Property) -> Thing:
    a = Account(t, p.span)
    test = condition(t, p.always)
    a.say(
        "always",
        f"Whatever the facts are, this is meant to hold at the end of every month: {test}",
        f"不论数据如何，每月末均应当成立：{test}",
        p.always.span,
    )
    return a.thing("property", p.title, p.clause)
