"""Obligations and prohibitions in sentences: who must do what, when, how performance is known, and what follows a failure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, assert_never

import attrs

from clausal.dsl import model as m
from clausal.dsl.check import reads_the_day
from clausal.dsl.prose.formulas import RATES, bracketed, condition, moved, rated, spread, words
from clausal.dsl.prose.powers import right
from clausal.dsl.prose.telling import Account, Thing
from clausal.dsl.prose.words import DAY_COUNTS, GRADES, GRAINS, WEEKDAYS, WINDOWS, Telling


def obligation(t: Telling, o: m.Obligation, arising: str = "") -> Iterator[Thing]:
    """The duty, then the duties, rights and exceptions that stand in it. `arising`: when it arises, where no schedule says."""
    a = Account(t, o.span)
    _duty(t, a, o)
    _schedule(t, a, o, arising)
    if o.during is not None:
        a.say(
            "during",
            f"It exists only while the suspension {o.during} lasts, and for its days",
            f"本义务仅在“{o.during}”中止期间存在，以中止所及的天数为限",
        )
    if o.when is not None:
        when = condition(t, o.when)
        a.say(
            "when",
            f"It is owed only if, at the time at which it arises, {when}",
            f"发生时符合下列条件的，方产生本义务：{when}",
            o.when.span,
        )
    if o.due is not None or o.schedule.kind == "dates":
        _due(t, a, o)
    elif o.performance.kind != "untracked":
        a.say("due", "No due date is agreed", "本义务未约定到期日")
    if o.extended_by is not None:
        by = words(t, o.extended_by)
        a.say("extended", f"The due date is extended by {by}", f"到期日顺延，顺延时长为{by}", o.extended_by.span)
    if o.grace is not None:
        _grace(t, a, o, o.grace)
    _performance(t, a, o)
    _amounts(t, a, o)
    if o.excused_while is not None:
        test = condition(t, o.excused_while)
        if o.action == "pay":
            a.say(
                "excused",
                f"While {test}, a delay is no default and bears no interest, and the debt stays owed",
                f"到期时{test}的，迟延不构成违约、不计利息，债务仍应当清偿",
                o.excused_while.span,
            )
        else:
            a.say(
                "excused",
                f"It is excused if, when it falls due, {test}",
                f"到期时{test}的，免除履行",
                o.excused_while.span,
            )
    if o.dispute is not None:
        _dispute(t, a, o.dispute)
    _chain(t, a, o.chain, _Failure(o.debtor, o.action == "pay", o.grace, False))
    for exemption in o.exemptions:
        name = t.name(_exception_name(t, o.name, exemption))
        a.say(
            "exception",
            f"An exception to it is told apart: {name}",
            f"本义务另有例外{name}，见该例外",
        )
    if o.survives is not None:
        length = t.duration(o.survives)
        a.say(
            "survives",
            f"It goes on to arise for {length} after the end of the contract",
            f"合同终止后，本义务继续有效{length}",
        )
    a.validity(o.since, o.until)
    if o.starts is not None:
        a.say(
            "starts",
            f"An amendment brought it in: a period around {t.day(o.starts)} counts from that day",
            f"本义务由变更引入：跨越{t.day(o.starts)}的一期自该日起计",
        )
    if o.stops is not None:
        a.say(
            "stops",
            f"An amendment took it out: a period around {t.day(o.stops)} counts to that day",
            f"本义务由变更取消：跨越{t.day(o.stops)}的一期计至该日",
        )
    a.notes(o.notes)
    yield a.thing("obligation", o.name, o.clause)
    yield from _inside(t, o.chain, o.name, prohibited=False)
    yield from exceptions(t, o.name, o.exemptions, o.clause)


def prohibition(t: Telling, p: m.Prohibition) -> Iterator[Thing]:
    a = Account(t, p.span)
    a.say("prohibition", f"{t.starting(p.debtor)} must not {p.what or ''}", f"{p.debtor}不得{p.what or ''}")
    if p.creditor is not None:
        to = t.party(p.creditor)
        a.say("creditor", f"This is owed to {to}", f"此项不作为义务的权利人为{to}")
    if p.violated_by is not None:
        where = "" if p.where is None else condition(t, p.where)
        chosen = t.pick(f" where {where}", f"中{where}的") if where else t.pick("", "的")
        each = {
            "record": ("each of them is a breach", "每笔记录为一次违反"),
            "day": ("those of one day are one breach", "同一日的记录合为一次违反"),
            "month": ("those of one month are one breach", "同一月的记录合为一次违反"),
        }[p.per]
        a.say(
            "violated",
            f"It is violated by the records of {p.violated_by}{chosen}; {each[0]}",
            f"“{p.violated_by}”{chosen}记录即为违反的事实，{each[1]}",
        )
    if p.violated_on is not None:
        day = words(t, p.violated_on)
        a.say(
            "violated",
            f"The date of the violation is {day}",
            f"以{day}为违反之日",
            p.violated_on.span,
        )
    if p.violated_when is not None:
        test = condition(t, p.violated_when)
        a.say(
            "violated",
            f"It is violated in each month at whose end {test}",
            f"月末{test}的，当月构成违反",
            p.violated_when.span,
        )
    if p.except_when is not None:
        test = condition(t, p.except_when)
        a.say("except", f"It is not violated where {test}", f"{test}的除外", p.except_when.span)
    _chain(t, a, p.chain, _Failure(p.debtor, False, None, True))
    for exemption in p.exemptions:
        name = t.name(_exception_name(t, p.name, exemption))
        a.say(
            "exception",
            f"An exception to it is told apart: {name}",
            f"本项禁止另有例外{name}，见该例外",
        )
    if p.survives is not None:
        length = t.duration(p.survives)
        a.say(
            "survives", f"It binds for {length} after the end of the contract", f"合同终止后，本项禁止继续有效{length}"
        )
    a.validity(p.since, p.until)
    a.notes(p.notes)
    yield a.thing("prohibition", p.name, p.clause)
    yield from _inside(t, p.chain, p.name, prohibited=True)
    yield from exceptions(t, p.name, p.exemptions, p.clause)


def exceptions(t: Telling, of: str, exemptions: tuple[m.Exemption, ...], clause: m.ClauseRef | None) -> Iterator[Thing]:
    """What overrides a duty or a prohibition in certain cases."""
    for e in exemptions:
        a = Account(t, e.span)
        when = condition(t, e.when)
        if e.amount is not None:
            amount = words(t, e.amount)
            a.say(
                "amount",
                f"Where {when}, what is owed under {of} is instead {amount}",
                f"{when}的，“{of}”的金额改为{amount}",
                e.amount.span,
            )
        if e.instead:
            names = t.listed(t.name(one.name) for one in e.instead)
            a.say(
                "instead",
                f"Where {when}, {of} is excused and {names} arises in its place",
                f"{when}的，免除“{of}”，改为履行{names}",
                e.when.span,
            )
        elif e.excused:
            a.say("excused", f"Where {when}, {of} is excused", f"{when}的，免除“{of}”", e.when.span)
        yield a.thing("exception", _exception_name(t, of, e), clause)
        place = t.pick(f"in place of {of}, of the same period or record", f"“{of}”因例外而免除之时，与其同期（同笔）")
        for one in e.instead:
            yield from obligation(t, one, place)


def _exception_name(t: Telling, of: str, e: m.Exemption) -> str:
    """An exception has no name of its own: it is counted among those to its norm, or stands in a duty that has one."""
    head, counted, number = e.name.rpartition(" exception ")
    return t.pick(f"exception {number} to {of}", f"{of}的例外{number}") if counted and head == of else e.name


def _inside(t: Telling, chain: tuple[m.Link, ...], of: str, prohibited: bool) -> Iterator[Thing]:
    """The duties and rights that a failure brings."""
    for link in chain:
        days = link.day - 1
        match link.remedy:
            case m.Obligation() as duty:
                if prohibited:
                    zh = f"“{of}”被违反之日" + (f"后第{days}日" if days else "")
                    en = f"on the day on which {of} is violated" if not days else f"{days} days after {of} is violated"
                else:
                    zh = f"“{of}”逾期第{link.day}日"
                    en = f"on day {link.day} of the default on {of}"
                yield from obligation(t, duty, t.pick(en, zh))
            case m.Right() as power:
                yield right(t, power, _since(t, of, link.day, prohibited))
            case m.Interest() | m.Penalty() | m.Grade():
                pass
            case _:
                assert_never(link.remedy)


def _since(t: Telling, of: str, day: int, prohibited: bool) -> str:
    if prohibited:
        return t.pick(f"from day {day} of the violation of {of} on", f"自“{of}”被违反之日（计为第1日）起第{day}日起")
    return t.pick(f"from day {day} of the default on {of} on", f"自“{of}”逾期第{day}日起")


# ---- what is owed


def _duty(t: Telling, a: Account, o: m.Obligation) -> None:
    debtor = t.starting(o.debtor)
    creditor = "" if o.creditor is None else t.party(o.creditor)
    match o.action:
        case "pay":
            if len(o.parts) == 1 and o.parts[0].name is None:
                part = o.parts[0]
                tax = "" if part.tax == o.tax else _tax(t, part.tax)
                amount = words(t, part.amount)
                apart = spread(part.amount)
                if isinstance(part.amount, m.FieldRef) and not part.amount.outer:
                    amount = t.pick(f"the record's {amount}", f"该笔记录所载{amount}")
                if not t.zh and not apart and not isinstance(part.amount, m.Const):
                    amount = f"an amount equal to {amount}"  # or a name runs into that of the party
                aside = t.brackets(tax) if apart and tax else ""
                what = f"{aside}{t.pick(': ', '：')}{amount}" if apart else t.after(amount, tax)
                a.say(
                    "amount",
                    f"{debtor} must pay {creditor} {'this amount' if apart else ''}{what}",
                    f"{o.debtor}应当向{creditor}付款，金额{'按下列约定确定' if apart else '为'}{what}",
                    part.amount.span,
                )
            else:
                said = [
                    t.after(
                        f"{part.name}{t.pick(': ', '，为')}{words(t, part.amount)}",
                        "" if part.tax == o.tax else _tax(t, part.tax),
                    )
                    for part in o.parts
                ]
                a.say(
                    "amount",
                    f"{debtor} must pay {creditor} the sum of {t.clauses(said)}",
                    f"{o.debtor}应当向{creditor}付款，金额为下列各项之和：{t.clauses(said)}",
                )
            if o.currency is not None and o.currency != t.contract.header.currency:
                a.say("currency", f"It is owed in {o.currency}", f"以{o.currency}支付")
        case "deliver":
            to = t.pick(f" to {creditor}", f"给{creditor}") if creditor else ""
            what = o.what or ""
            a.say(
                "duty",
                f"{debtor} must deliver {what}{to}",
                f"{o.debtor}应当向{creditor}交付{what}" if creditor else f"{o.debtor}应当交付{what}",
            )
        case "do":
            to = t.pick(f" for {creditor}", f"向{creditor}") if creditor else ""
            what = o.what or ""
            lead = "" if what[:1].isascii() and what[:1].islower() else "do the following: "
            a.say("duty", f"{debtor} must {lead}{what}{to}", f"{o.debtor}应当{to}完成下列事项：{what}")
        case _:
            assert_never(o.action)
    if o.at_least != 1:
        a.say("at_least", f"It must be done at least {o.at_least} times each time", f"每期至少{o.at_least}次")


def _tax(t: Telling, tax: m.Tax | None) -> str:
    if tax is None:
        return ""
    rate = "" if tax.rate is None else words(t, tax.rate)
    match tax.kind:
        case "inclusive":
            return t.pick(f"value added tax of {rate} included", f"含增值税，税率为{rate}")
        case "exclusive":
            return t.pick(f"plus value added tax of {rate}", f"另计增值税，税率为{rate}")
        case _:
            return t.pick("outside value added tax", "不征增值税")


def _amounts(t: Telling, a: Account, o: m.Obligation) -> None:
    """What changes the amount: partial periods, amounts below zero, tax, cap, commitment, what it stands for."""
    if o.schedule.kind == "periodic" and o.action == "pay":
        _proration(t, a, o)
    if o.negative != "adjust":
        creditor = "" if o.creditor is None else t.party(o.creditor)
        if o.negative == "reverse":
            a.say(
                "negative",
                f"An amount below zero is owed by {creditor} to {t.party(o.debtor)}",
                f"金额低于零的，由{creditor}反向向{o.debtor}支付",
            )
        else:
            a.say("negative", "An amount below zero is taken as zero", "金额低于零的，按零计")
    if o.tax is not None:
        tax = _tax(t, o.tax)
        only = all(part.tax == o.tax for part in o.parts)
        a.say(
            "tax",
            f"{'Tax' if only else 'Tax where a part says nothing else'}: {tax}",
            f"{'本款' if only else '各项未另行约定税务处理的，'}{tax}",
        )
    for aspect, limit, en, zh in (
        ("cap", o.cap, "at most", "合计不超过"),
        ("commitment", o.commitment, "at least", "合计不低于"),
    ):
        if limit is not None:
            amount, over = words(t, limit.amount), t.of(WINDOWS, limit.window)
            part = ""
            if aspect == "commitment":
                part = (
                    t.pick(
                        "; of a window that the term covers in part, its days count", "；合同期只覆盖部分的，按天数折算"
                    )
                    if limit.prorated
                    else t.pick("; in full though the term covers it in part only", "；合同期只覆盖部分的，不折算")
                )
                part += t.pick(
                    ". What is lacking is added to the last instance of the window", "。不足部分计入该期间的最后一期"
                )
            a.say(
                aspect,
                f"It comes to {en} {amount} in {over}{part}",
                f"本款{over}{zh}{amount}（含）{part}",
                limit.amount.span,
            )
    if o.earnest is not None:
        price = words(t, o.earnest)
        a.say(
            "earnest",
            f"What is paid is earnest money on a price of {price}",
            f"所付款项为定金，对应的主合同标的额为{price}",
            o.earnest.span,
        )
    if o.secured is not None:
        a.say("secured", f"The debt is secured by: {o.secured}", f"本债务的担保：{o.secured}")


def _proration(t: Telling, a: Account, o: m.Obligation) -> None:
    match o.prorated:
        case "none":
            a.say(
                "prorated",
                "For a period that the term covers in part, nothing is prorated",
                "不足整期的，按整期计，不折算",
            )
            return
        case "actual":
            en, zh = "by actual days", "按实际天数折算"
        case "fixed30":
            en, zh = "by days, each month taken as 30", "按天数折算，每月按30日计"
        case _:
            assert_never(o.prorated)
    counted = [part for part in o.parts if part.prorated]
    if len(counted) == len(o.parts):
        a.say(
            "prorated", f"For a period that the term covers in part, the amount is prorated {en}", f"不足整期的，{zh}"
        )
    elif counted:
        names = t.listed(part.name or "" for part in counted)
        a.say(
            "prorated",
            f"For a period that the term covers in part, {names} is prorated {en}, and no other part",
            f"不足整期的，其中{names}{zh}，其余各项不折算",
        )
    else:
        a.say(
            "prorated",
            "Its amount is that of the days themselves and is not prorated",
            "金额本身按所涉期间计算，不再折算",
        )
    if o.blends:
        a.say(
            "versions",
            "Where a parameter changes within a period, each value counts for its days",
            "期内参数变更的，按新旧标准各自适用的天数分段计算",
        )


# ---- when


def _schedule(t: Telling, a: Account, o: m.Obligation, arising: str) -> None:
    s = o.schedule
    pay = o.action == "pay"
    when = ""
    match s.kind:
        case "periodic":
            when = _periods(t, s)
            if not pay and o.at_least == 1 and o.performance.kind == "acts":
                when += t.pick(", at least once each time", "，每期至少1次")
        case "once on":
            if s.on is not None:
                day = words(t, s.on)
                when = t.pick(f"This duty arises once, on {day}", f"一次性发生，发生日为{day}")
            else:
                when = _arising(t, o, arising)
        case "once when":
            test = "" if s.condition is None else condition(t, s.condition)
            when = t.pick(
                f"This duty arises once, at the end of the first {_pace(t, s)} at whose end {test}",
                f"一次性发生，于首次符合下列条件时发生（每{_pace(t, s)}终了时判断）：{test}",
            )
        case "each time":
            test = "" if s.condition is None else condition(t, s.condition)
            when = t.pick(
                f"This duty arises each time the following comes to hold, tested at the end of each {_pace(t, s)}: {test}",
                f"每当下列情形由不成立变为成立时发生一次（每{_pace(t, s)}终了时判断）：{test}",
            )
        case "dates":
            said = []
            for date, amount in s.dates:
                own = "" if amount is None else words(t, amount)
                said.append(
                    t.pick(f"{t.day(date)}{': ' if own else ''}{own}", f"{t.day(date)}{'，' if own else ''}{own}")
                )
            when = t.pick(f"It falls due on these dates: {t.clauses(said)}", f"按下列日期分期到期：{t.clauses(said)}")
        case "records":
            where = "" if s.where is None else condition(t, s.where)
            chosen = t.pick(f" where {where}", f"（限于{where}的记录）") if where else ""
            when = t.pick(
                f"This duty arises once for each record of {s.list}{chosen}",
                f"就“{s.list}”的每笔记录{chosen}各发生一次",
            )
        case _:
            assert_never(s.kind)
    if when:
        a.say("schedule", when, when)
    if s.long_last:
        a.say(
            "last_period",
            "What the end of the term leaves of a last period belongs to the period before it",
            "合同期末所余不足一期的部分并入上一期",
        )
    if s.periods_shifted != "unshifted":
        how = t.shifted(s.periods_shifted)
        a.say("periods", f"The periods run from business day to business day: {how}", f"各期首日{how}")


def _pace(t: Telling, s: m.Schedule) -> str:
    """The period at whose end the condition of a schedule is put: the day, where it reads what any day can change."""
    return t.of(GRAINS, "daily" if reads_the_day(s.condition) else "monthly" if s.pace == "once" else s.pace)


def _periods(t: Telling, s: m.Schedule) -> str:
    if s.length is not None:
        length = words(t, s.length)
        start = "" if s.anchor is None else t.pick(f", from {t.day(s.anchor)}", f"自{t.day(s.anchor)}起，")
        unit = t.pick(s.unit, "周" if s.unit == "weeks" else "月")
        return t.pick(
            f"This duty arises for each period as long as {length} (in {unit}){start}",
            f"{start}每满{length}（以{unit}计）为一期",
        )
    if s.unit == "weeks":
        day = "" if s.weekday is None else t.pick(*WEEKDAYS[s.weekday - 1])
        if s.every == 1 and s.anchor is None:
            return t.pick(f"This duty arises every week, each ending on {day}", f"每周一期，每期至{day}止")
        first = "" if s.anchor is None else t.pick(f", the first on {t.day(s.anchor)}", f"，首期至{t.day(s.anchor)}止")
        return t.pick(
            f"This duty arises every {s.every} weeks, each period ending on {day}{first}",
            f"每{s.every}周一期，每期至{day}止{first}",
        )
    if s.anchor is None:
        one = {
            1: ("every month", "每月"),
            3: ("every calendar quarter", "每季度（自然季度）"),
            6: ("every half of the calendar year", "每半年（自然半年）"),
            12: ("every calendar year", "每年（自然年度）"),
        }.get(s.every)
        if one is not None:
            return t.pick(f"This duty arises {one[0]}", f"{one[1]}一期")
        return t.pick(f"This duty arises every {s.every} months", f"每{s.every}个月一期")
    count = t.pick("month" if s.every == 1 else f"{s.every} months", f"{s.every}个月")
    return t.pick(
        f"This duty arises every {count}, counted from {t.day(s.anchor)}", f"自{t.day(s.anchor)}起，每{count}为一期"
    )


def _arising(t: Telling, o: m.Obligation, arising: str) -> str:
    """When a duty arises whose schedule says nothing: where it stands says it."""
    demanding = [r.name for r in t.contract.rights if r.effect == "demand" and r.target == o.name]
    demanding += [
        end.name
        for e in t.contract.escalations
        for end in e.at_end
        if isinstance(end, m.Right) and end.effect == "demand" and end.target == o.name
    ]
    if arising:
        return t.pick(f"This duty arises {arising}", f"发生于{arising}")
    if o.during is not None:
        return t.pick(
            f"This duty arises once, on the day on which {o.during} begins", f"一次性发生，发生于“{o.during}”开始之日"
        )
    if demanding:
        names = t.listed((t.name(name) for name in demanding), "or")
        return t.pick(
            f"This duty arises on each day on which it is demanded under {names}",
            f"每次依{names}催告的，于催告之日发生一次",
        )
    return ""


def _due(t: Telling, a: Account, o: m.Obligation) -> None:
    verb = t.pick("", "付清" if o.action == "pay" else "履行完毕")
    if o.schedule.kind == "dates":
        shift = t.contract.header.deadlines if o.due is None else o.due.shift
        if t.contract.header.calendar is not None:
            how = t.shifted(shift)
            a.say("due", f"Each is due on its date, {how}", f"各期应当于所列日期（含当日）前{verb}；{how}")
        return
    if o.due is None:
        return
    when = due(t, o.due, o.schedule)
    a.say("due", f"It is due {when}", f"应当{when}{verb}{_then(t, o.due)}", o.due.span)
    if o.action == "pay" and o.due.unit == "period" and o.due.kind in ("day", "business day"):
        a.say("advance", "It can be paid from the first day of its period on", "本款自当期首日起即可支付", o.due.span)


ARISES: Final = ("it arises", "发生之日")


def due(t: Telling, d: m.Due, schedule: m.Schedule | None, since: tuple[str, str] = ARISES) -> str:
    """The last day to perform; in English with what becomes of a day off, in Chinese without (see `_then`).

    `since`: what a month is counted from, where no period is: "it arises", 发生之日."""
    move = "" if t.zh else _then(t, d)
    periodic = schedule is not None and schedule.kind == "periodic"
    whole = schedule is not None and periodic and schedule.unit == "months" and schedule.anchor is None
    monthly = schedule is not None and whole and schedule.every == 1
    plain = monthly or (
        schedule is not None and whole and schedule.every == {"month": 1, "quarter": 3, "year": 12}.get(d.unit)
    )
    unit, offset = d.unit, d.offset
    if unit == "period" and not periodic:
        of = _counted(t, "month", 0, since)
    elif unit == "period":
        of = t.pick("the month", "当月") if monthly and d.kind != "last day" else t.pick("the period", "当期")
    elif not plain:
        of = _counted(t, unit, offset, ("the period ends", "当期末日") if periodic else since)
    elif offset == 0:
        of = t.pick(f"the {unit}", {"month": "当月", "quarter": "当季度", "year": "当年"}[unit])
    else:
        of = moved(t, unit, offset, None)
    if d.kind in ("day", "business day") and unit == "quarter":
        of = t.pick(f"the first month of {of}", f"{of}首月")
    if d.kind in ("day", "business day") and unit == "year":
        of = t.pick(f"January of {of}", f"{of}1月")
    match d.kind:
        case "day":
            return t.pick(f"by day {d.day} of {of}{move}", f"于{of}{d.day}日（含当日）前")
        case "business day":
            return t.pick(f"by business day {d.day} of {of}{move}", f"于{of}第{d.day}个工作日（含当日）前")
        case "last day":
            return t.pick(f"by the last day of {of}{move}", f"于{of}最后一日（含当日）前")
        case "within":
            length = "" if d.within is None else words(t, d.within)
            start = "" if d.after is None else bracketed(t, d.after)
            uncounted = "" if d.timed else t.pick(" (that day not counted)", "（起算当日不计入）")
            return t.pick(f"within {length} after {start}{uncounted}{move}", f"自{start}起{length}内{uncounted}")
        case "on":
            day = "" if d.on is None else words(t, d.on)
            return t.pick(f"on {day}{move}", f"于{day}{'' if d.timed else '（含当日）'}前")
        case _:
            assert_never(d.kind)


def _counted(t: Telling, unit: str, offset: int, since: tuple[str, str]) -> str:
    """A month, quarter or year so far from the one in which something happens."""
    en, zh = since
    month = {"month": "月份", "quarter": "季度", "year": "年度"}[unit]
    if offset == 0:
        return t.pick(f"the {unit} in which {en}", f"{zh}所在{month}")
    if offset == 1:
        return t.pick(
            f"the next {unit} after {en}", f"{zh}的次月" if unit == "month" else f"{zh}所在{month}的下一{month}"
        )
    return t.pick(f"{moved(t, unit, offset, None)} {en}", f"{zh}所在{month}之后的第{offset}个{month}")


def _then(t: Telling, d: m.Due) -> str:
    """What becomes of a deadline on a day off; nothing of one that has no days off, or that is a business day itself."""
    if d.timed:
        return t.pick(", to the minute", "（以时刻为准）")
    if d.kind == "business day" or (t.contract.header.calendar is None and d.shift == "unshifted"):
        return ""
    how = t.shifted(d.shift)
    return t.pick(f"; {how}" if d.shift != "unshifted" else f", {how}", f"；{how}")


def _grace(t: Telling, a: Account, o: m.Obligation, grace: m.Grace) -> None:
    length, last = t.duration(grace.duration), t.asides(t.last_day(grace.shift))
    bears = any(isinstance(link.remedy, m.Interest) for link in o.chain)
    effect = ""
    if bears or grace.kind != "unaffected":
        match grace.kind:
            case "forgiving":
                effect = t.pick("no interest is owed for the days of grace", "宽限期内不计利息")
            case "delaying":
                effect = t.pick(
                    "what is paid within grace bears no interest; what is not so paid bears it from the day after the due date",
                    "宽限期内付清的不计利息，逾宽限期未付清的自到期日的次日起追溯计息",
                )
            case "unaffected":
                effect = t.pick("interest runs during grace", "宽限期内照常计息")
            case _:
                assert_never(grace.kind)
    late = t.pick("not paid" if o.action == "pay" else "not done", "未付清" if o.action == "pay" else "未履行")
    a.say(
        "grace",
        f"A period of grace of {length} follows the due date{last}; what is still {late} at its end is in default"
        f"{'; ' + effect if effect else ''}",
        f"到期日后有{length}宽限期{last}，宽限期届满仍{late}的，方为逾期违约{'；' + effect if effect else ''}",
    )


def _performance(t: Telling, a: Account, o: m.Obligation) -> None:
    p = o.performance
    match p.kind:
        case "payments":
            a.say("performed", f"Payments in {p.list} perform it", f"以“{p.list}”所载到账款项认定履行")
        case "acts":
            where = "" if p.where is None else condition(t, p.where)
            chosen = t.pick(f" where {where}", f"中{where}的") if where else t.pick("", "的")
            a.say("performed", f"Records of {p.list}{chosen} perform it", f"以“{p.list}”{chosen}记录认定履行")
        case "on":
            day = "" if p.expr is None else words(t, p.expr)
            timed = p.expr is not None and p.expr.type.kind == "moment"
            a.say(
                "performed",
                f"The {'time' if timed else 'date'} of performance is {day}",
                f"以{day}为履行{'时刻' if timed else '日'}",
            )
        case "when":
            test = "" if p.expr is None else condition(t, p.expr)
            a.say(
                "performed",
                f"It is performed on the last day of the period, if then {test}",
                f"期末{test}的，认定为已履行",
            )
        case "untracked":
            a.say(
                "performed",
                "Nothing tells whether it is performed: it is listed when due, and never held to be in breach",
                "未约定据以认定履行的数据：到期时仅予列示，不认定违约",
            )
        case _:
            assert_never(p.kind)


def _dispute(t: Telling, a: Account, d: m.Dispute) -> None:
    amount, start = words(t, d.amount), words(t, d.start)
    end = t.pick("until it is paid or written off", "至付清或者核销为止") if d.end is None else words(t, d.end)
    until = end if d.end is None else t.pick(f"until {end}", f"至{end}为止")
    bears = (
        t.pick("what turns out to be owed bears interest for the time between", "经确定应付的部分，争议期间照计利息")
        if d.interest
        else t.pick("the time between bears no interest", "争议期间不计利息")
    )
    a.say(
        "disputed",
        f"Of the debt {amount} is disputed from {start} {until}; so long it is not in default, and {bears}",
        f"自{start}起{until}，其中{amount}为争议金额，争议期间不构成逾期；{bears}",
        d.amount.span,
    )


# ---- what follows a failure


@attrs.frozen
class _Failure:
    """What a chain follows: whose failure it is, of a payment or not, behind which grace; or a violation."""

    debtor: str
    pays: bool
    grace: m.Grace | None
    violation: bool

    def lead(self, t: Telling, day: int) -> str:
        """From which day of it: "if the default lasts more than 30 days"."""
        days = day - 1
        if self.violation:
            if not days:
                return t.pick("if it is violated", "违反的")
            return t.pick(f"{days} days after it was violated", f"自违反之日起满{days}日的")
        verb, done = ("付清", "paid") if self.pays else ("履行", "performed")
        if not days:
            if self.grace is not None:
                return t.pick(f"if it is not {done} by the end of grace", f"宽限期届满仍未{verb}的")
            return t.pick(f"if it is not {done} in time", f"逾期未{verb}的")
        over = f"{days} day{'s' if days > 1 else ''}"
        since = t.pick(" after grace", "自宽限期届满起") if self.grace is not None else ""
        return t.pick(f"if the default lasts more than {over}{since}", f"{since}逾期超过{days}日仍未{verb}的")


def _chain(t: Telling, a: Account, chain: tuple[m.Link, ...], failure: _Failure) -> None:
    for link in chain:
        lead = failure.lead(t, link.day)
        head = lead[:1].upper() + lead[1:]
        match link.remedy:
            case m.Interest() as interest:
                _interest(t, a, interest, link.day, failure)
            case m.Penalty() as penalty:
                _penalty(t, a, penalty, head, failure)
            case m.Grade() as graded:
                grade = t.of(GRADES, graded.grade)
                a.say("breach", f"{head}, this is {grade}", f"{lead}，构成{grade}", graded.span)
            case m.Obligation() as duty:
                a.say(
                    "further",
                    f"{head}, this further duty arises: {t.name(duty.name)}",
                    f"{lead}，另产生义务{t.name(duty.name)}",
                    duty.span,
                )
            case m.Right() as power:
                a.say(
                    "right",
                    f"{head}, this right opens: {t.name(power.name)}",
                    f"{lead}，产生权利{t.name(power.name)}",
                    power.span,
                )
            case _:
                assert_never(link.remedy)


def _interest(t: Telling, a: Account, i: m.Interest, day: int, failure: _Failure) -> None:
    rate = t.pick(words(t, i.rate), rated(t, i.rate, i.per))
    if not isinstance(i.rate, m.Const):
        rate = t.pick(f"{rate} ({t.of(RATES, i.per)}), as it stands on each day,", f"当日适用的{rate}")
    if day > 1:
        start = t.pick(f"from day {day} of the default", f"自逾期第{day}日起")
    elif failure.grace is not None and failure.grace.kind == "forgiving":
        start = t.pick("from the day after grace", "自宽限期届满的次日起")
    else:
        start = t.pick("from the day after the due date", "自到期日的次日起")
    if i.method == "simple":
        method = t.pick("simple", "单利")
    else:
        every = {1: ("monthly", "按月"), 3: ("quarterly", "按季"), 12: ("yearly", "按年")}.get(
            i.months, (f"every {i.months} months", f"每{i.months}个月")
        )
        method = t.pick(f"compounded {every[0]}", f"复利，{every[1]}计入本金")
    count = "" if i.daycount is None else t.of(DAY_COUNTS, i.daycount)
    cap = "" if i.cap is None else words(t, i.cap)
    how = t.pick(", ", "，").join(part for part in (method, count) if part)
    a.say(
        "interest",
        f"If it is not paid when due, {t.party(failure.debtor)} must pay late interest ({how}) at {rate} on the principal "
        f"unpaid at the start of each day, {start} up to and including the day of payment"
        f"{'; in total not more than ' + cap if cap else ''}",
        f"逾期未付的，{failure.debtor}应当{start}至实际付清之日（含当日）止，以每日之初的未付本金为基数，按{rate}计付逾期利息"
        f"（{how}）{'，累计以' + cap + '为限' if cap else ''}",
        i.span,
    )
    if i.reference is not None:
        of = words(t, i.reference)
        a.say(
            "reference",
            f"Interest beyond four times {of} is pointed out, and not reduced automatically",
            f"参照利率为{of}；逾期利息超过按其四倍计算的部分予以提示，不自动减少",
            i.reference.span,
        )


def _penalty(t: Telling, a: Account, p: m.Penalty, head: str, failure: _Failure) -> None:
    amount, to = words(t, p.amount), t.party(p.to)
    debtor = t.party(failure.debtor)
    cap = "" if p.cap is None else words(t, p.cap)
    most = t.pick(f", at most {cap} in all", f"，累计以{cap}为限") if cap else ""
    match p.per:
        case None:
            what = t.pick(f"a penalty of {amount}, once", f"违约金，金额为{amount}（一次性）")
            if t.zh and spread(p.amount):
                what = f"违约金（一次性），金额按下列约定确定：{amount}"
        case "day":
            what = t.pick(f"a penalty for each day of the default: {amount}", f"违约金，按日累计，标准为{amount}")
        case "week":
            what = t.pick(
                f"a penalty for each full week of the default: {amount}", f"违约金，每满一周累计一次，标准为{amount}"
            )
        case _:
            assert_never(p.per)
    a.say(
        "penalty", f"{head}, {debtor} must pay {to} {what}{most}", f"{head}，{debtor}应当向{to}支付{what}{most}", p.span
    )
    if p.demanded_on is not None:
        day = words(t, p.demanded_on)
        a.say(
            "demanded",
            f"The penalty is owed only when it is demanded; the date of the demand is {day}",
            f"上述违约金经催告后方应当支付，以{day}为催告日",
            p.demanded_on.span,
        )
    if p.due is not None:
        over = ("the default ends", "违约终了之日")
        if p.cap is not None:
            over = ("the default ends or the cap is reached", "违约终了或者达到上限之日")
        when = due(t, p.due, None, ARISES if p.per is None else over)
        a.say("penalty_due", f"The penalty is due {when}", f"上述违约金应当{when}付清{_then(t, p.due)}", p.due.span)
    else:
        a.say(
            "penalty_due",
            "The penalty is due on the day on which it arises"
            if p.per is None
            else "The penalty is due when the default ends or the cap is reached",
            "上述违约金于发生之日到期" if p.per is None else "上述违约金于违约终了或者达到上限之日到期",
        )
    if p.loss is not None:
        loss = words(t, p.loss)
        a.say(
            "loss",
            f"The proven loss is {loss}; any excess of the penalty over 130% of it is pointed out, and not reduced "
            "automatically",
            f"实际损失以{loss}为准；违约金超过实际损失130%的部分予以提示，不自动减少",
            p.loss.span,
        )
