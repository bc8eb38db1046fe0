"""Rights and terminations in sentences: what a party may do, when the power opens and lapses, and how it is exercised."""

from __future__ import annotations

from typing import Final, assert_never

from clausal.dsl import model as m
from clausal.dsl.prose.formulas import bracketed, condition, words
from clausal.dsl.prose.telling import Account, Thing
from clausal.dsl.prose.words import GRAINS, Telling


def right(t: Telling, r: m.Right, opening: str = "") -> Thing:
    """`opening`: from when on it is open, where it stands in the chain of a failure or at the end of an escalation."""
    a = Account(t, r.span)
    _power(t, a, r)
    if opening:
        a.say("opens", f"It is open {opening}", f"该权利{opening}可以行使")
    if r.list is not None:
        where = "" if r.where is None else condition(t, r.where)
        chosen = t.pick(f" where {where}", f"（限于{where}的记录）") if where else ""
        a.say(
            "records",
            f"There is one such right for each record of {r.list}{chosen}",
            f"就“{r.list}”的每笔记录{chosen}各成立一项该权利",
        )
    elif r.where is not None:
        where = condition(t, r.where)
        a.say("records", f"It is limited to what has {where}", f"限于{where}的情形", r.where.span)
    _opening(t, a, r)
    if r.exercised_on is not None:
        day = words(t, r.exercised_on)
        a.say("exercised", f"The date of exercise is {day}", f"以{day}为行使日", r.exercised_on.span)
    elif not r.automatic:
        a.say("exercised", "Nothing tells that it is exercised", "未约定据以认定行使的数据")
    if r.released_on is not None:
        day = words(t, r.released_on)
        if r.effect == "suspend":
            a.say("released", f"Performance is resumed on {day}", f"自{day}起恢复履行", r.released_on.span)
        else:
            a.say(
                "released",
                f"What is kept back is released on {day}",
                f"自{day}起解除暂扣，恢复支付",
                r.released_on.span,
            )
    if r.given_up_on is not None:
        day = words(t, r.given_up_on)
        a.say("given_up", f"The date on which it is given up is {day}", f"以{day}为放弃该权利之日", r.given_up_on.span)
    if r.lapses is not None:
        _lapse(t, a, r.lapses)
    elif not r.automatic:
        a.say("lapses", "No last day is agreed for it", "未约定行使期限")
    if r.retroactive:
        a.say(
            "retroactive",
            "It takes back the interest booked before, too",
            "行使后溯及既往：此前已计的逾期利息一并取消",
        )
    elif r.effect == "withhold":
        a.say("retroactive", "The interest booked before stands", "此前已计的逾期利息不受影响")
    if r.effect == "terminate":
        _ending(t, a, r)
    a.validity(r.since, r.until)
    a.notes(r.notes)
    return a.thing("termination" if r.effect == "terminate" else "right", r.name, r.clause)


def _power(t: Telling, a: Account, r: m.Right) -> None:
    who = "" if r.holder is None else r.holder
    holder = "" if r.holder is None else t.starting(r.holder)
    target = "" if r.target is None else t.name(r.target)
    by = "" if r.by is None else words(t, r.by)
    if r.automatic:
        a.say("power", "The contract ends by itself as soon as the condition holds", "下列条件成就的，本合同自动终止")
        return
    match r.effect:
        case "withhold":
            en, zh = (
                f"withhold payment under {target}: the debt is extinguished from the day of exercise on, and what was paid of "
                "it becomes credit",
                f"拒付{target}项下的款项，该笔债务自行使之日起消灭，已付部分转作溢付款",
            )
        case "retain":
            en, zh = (
                f"keep back what is open under {target} until it is released",
                f"暂扣{target}项下的未付款项，至解除暂扣时止",
            )
        case "reduce":
            en, zh = f"reduce what is owed under {target} by {by}", f"将{target}项下的金额扣减{by}"
        case "terminate":
            en, zh = "terminate the contract", "解除本合同"
        case "suspend":
            en, zh = (
                f"suspend performance of {target}: while that lasts it is not late and bears no interest, and a due date "
                "that falls into it moves by the suspended days",
                f"暂停履行{target}；暂停期间不构成逾期、停止计息，到期日在暂停期间内的，按暂停的天数顺延",
            )
        case "demand":
            en, zh = f"demand {target}: the duty arises on the day of the demand", f"催告{target}，该义务自催告之日发生"
        case "extend":
            en, zh = f"extend the due date of {target} by {by}", f"将{target}的到期日延长{by}"
        case _:
            assert_never(r.effect)
    a.say("power", f"{holder} may {en}", f"{who}有权{zh}")


_OVER_A_DEBT: Final = ("withhold", "retain", "reduce", "extend")


def _tested(t: Telling, r: m.Right) -> str:
    """When the condition of a right is put."""
    if r.list is not None:
        return t.pick("tested at the end of the day of the record", "于该笔记录当日终了时判断")
    pace = r.pace
    if r.effect in _OVER_A_DEBT:
        of_records = {o.name for o in t.contract.obligations if o.schedule.kind == "records"}
        pace = "monthly" if r.per_instance and r.target not in of_records else "daily"
    elif r.timing == "day":
        pace = "daily"
    period = t.of(GRAINS, "monthly" if pace == "once" else pace)
    return t.pick(f"tested at the end of each {period}", f"每{period}终了时判断")


def _opening(t: Telling, a: Account, r: m.Right) -> None:
    looked = _tested(t, r)
    if r.when is not None:
        test = condition(t, r.when)
        a.say(
            "when",
            f"{'It happens' if r.automatic else 'The right opens'} when the following holds, {looked}: {test}",
            f"{'自动终止的条件' if r.automatic else '该权利以下列情形为条件'}（{looked}）：{test}",
            r.when.span,
        )
    if r.per_instance:
        a.say(
            "instances",
            "It opens and is exercised separately for each instance",
            "就每一期（每一笔）分别成立、分别行使",
        )
    if r.only_while is not None:
        test = condition(t, r.only_while)
        a.say("only_while", f"It is open only while {test}", f"仅在下列情形存续期间可以行使：{test}", r.only_while.span)


def _lapse(t: Telling, a: Account, lapse: m.Lapse) -> None:
    length, last = t.duration(lapse.duration), t.last_day(lapse.shift)
    opened = t.pick("It can be exercised from the day after it opens", "自权利成立的次日起可以行使")
    if lapse.after is None:
        a.say(
            "lapses",
            f"{opened}, and lapses {length} after it opened{t.asides(last)}",
            f"{opened}，行使期限自权利成立之日起{length}{t.asides('成立当日不计入', last)}，期满未行使的失权",
        )
        return
    after = bracketed(t, lapse.after)
    a.say(
        "lapses",
        f"{opened}, and lapses {length} after {after}{t.asides(last)}",
        f"{opened}，行使期限自{after}起{length}{t.asides('起算当日不计入', last)}，期满未行使的失权",
    )


def _ending(t: Telling, a: Account, r: m.Right) -> None:
    """Notice, cure, and what is settled."""
    works = t.pick("received", "到达") if t.contract.header.notices == "received" else t.pick("sent", "发出")
    if r.notice is not None:
        length = t.duration(r.notice)
        a.say(
            "notice",
            f"The period of notice is {length}, not counting the day on which the notice is {works}: the contract ends with "
            "its last day, business day or not",
            f"通知期为{length}，自通知{works}之日起算（当日不计入）；本合同于通知期末日终了时终止，该日遇休息日不作调整",
        )
    elif not r.automatic:
        a.say(
            "notice",
            "There is no period of notice: the contract ends at the end of the day on which the right is exercised",
            "不设通知期：本合同于行使之日终了时终止",
        )
    if r.cure is not None and r.cured_when is not None:
        length, test = t.duration(r.cure), condition(t, r.cured_when)
        last = t.last_day(t.contract.header.deadlines if r.cure_shift is None else r.cure_shift)
        cured = t.pick(
            f"if, on a day from the notice to its end, {test}", f"自通知{works}之日起至补救期末日止的任一日，{test}的"
        )
        if isinstance(r.cured_when, m.Happened):  # an act before the notice cures nothing
            on = bracketed(t, r.cured_when.date)
            cured = t.pick(
                f"if {on} lies between the day of the notice and the end of that period, both included",
                f"{on}在通知{works}之日至补救期末日之间（首尾两日均计入）的",
            )
        a.say(
            "cure",
            f"The period of cure is {length}, not counting the day on which the notice is {works}{t.asides(last)}; {cured}, "
            "the notice is without effect",
            f"补救期为{length}，自通知{works}之日起算{t.asides('当日不计入', last)}；{cured}，通知失效",
            r.cured_when.span,
        )
    if r.settle:
        names = t.listed(t.name(name) for name in r.settle)
        a.say(
            "settle",
            f"The final settlement lists {names}{'; they fall due with the end of the contract' if r.accelerated else ''}",
            f"合同终止时一并清算{names}{'，其未到期部分随合同终止加速到期' if r.accelerated else ''}",
        )
    elif r.accelerated:
        a.say("settle", "What it settles falls due with the end of the contract", "清算事项随合同终止加速到期")
