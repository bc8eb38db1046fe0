"""What a contract rests on in sentences: header, parties, parameters, the facts it asks for, definitions, kpis, balances."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, assert_never

from clausal.dsl import model as m
from clausal.dsl.prose.formulas import RATES, condition, rated, words
from clausal.dsl.prose.telling import Account, Thing
from clausal.dsl.prose.words import DAY_COUNTS, GRAINS, PER, Telling
from clausal.dsl.types import Type

_ROUNDINGS: Final = {
    "half_up": ("halves away from zero", "四舍五入"),
    "half_even": ("halves to the even digit", "四舍六入五成双"),
    "round_up": ("always away from zero", "一律进位"),
    "round_down": ("always toward zero", "一律舍去尾数"),
}
_MONTH_ENDS: Final = {
    "clamp": ("the last day of that month stands for it", "以该月最后一日代之"),
    "sticky": (
        "the last day of that month stands for it, and from the last day of a month one comes to the last day of another",
        "以该月最后一日代之；起算日为月末日的，对应日亦为月末日",
    ),
    "next": ("the first day of the next month stands for it", "以次月首日代之"),
    "error": ("the date does not exist, and what rests on it is an error", "该日期不存在，据以计算的事项作差错处理"),
}
_PAYMENT_ORDER: Final = {
    "named": ("the debt that the payer named", "付款人指定的债务"),
    "due": ("debts that are due before debts that are not", "已到期的债务"),
    "secured": ("the less secured before the more secured", "担保较少的债务"),
    "burden": ("the heavier burden before the lighter", "债务人负担较重的债务"),
    "oldest": ("what fell due earlier before what fell due later", "先到期的债务"),
    "proportional": ("in proportion to the open amounts", "按未付金额的比例"),
}
_DEBT_ORDER: Final = {
    "costs": ("costs", "实现债权的费用"),
    "interest": ("interest", "逾期利息"),
    "principal": ("principal", "主债务"),
    "penalties": ("penalties", "违约金"),
}
_SHIFTS: Final = {
    "next": (
        "the last day of a period that is no business day moves to the next business day",
        "期间的末日遇休息日的，顺延至其后第一个工作日",
    ),
    "previous": (
        "the last day of a period that is no business day moves to the business day before it",
        "期间的末日遇休息日的，提前至其前一个工作日",
    ),
    "unshifted": ("the last day of a period does not move, business day or not", "期间的末日遇休息日不作调整"),
}
_SUPPLIED: Final = {
    "daily": ("for every day", "按日提供"),
    "weekly": ("for every week", "按周提供"),
    "monthly": ("for every month", "按月提供"),
    "quarterly": ("for every quarter", "按季度提供"),
    "yearly": ("for every year", "按年提供"),
    "once": ("once", "提供一次"),
}


def header(t: Telling) -> Thing:
    h = t.contract.header
    a = Account(t, h.span)
    a.say("title", f"This is the contract “{h.title}”", f"本合同为《{h.title}》")
    if h.version is not None:
        a.say("version", f"Its version is {h.version}", f"合同版本：{h.version}")
    _term(t, a, h)
    if h.currency:
        others = [c for c in h.currencies if c != h.currency]
        more = t.pick(f"; {t.listed(others)} also occur", f"；另涉及{t.listed(others)}") if others else ""
        a.say("currency", f"Amounts are in {h.currency}{more}", f"金额以{_currency(t, h.currency)}计{more}")
        unit = t.money(Fraction(h.rounding_unit), h.currency)
        how = _ROUNDINGS.get(h.rounding_mode, (h.rounding_mode, h.rounding_mode))
        a.say(
            "rounding",
            f"An amount is rounded when it becomes a line of an account, to {unit}, {how[0]}; until then it is exact",
            f"各项金额在计入账目时舍入一次，精确到{unit}，{how[1]}；此前的计算不作舍入",
        )
    end = _MONTH_ENDS[h.month_end]
    a.say("month_end", f"Where a month lacks a day, {end[0]}", f"某月没有对应日的，{end[1]}")
    if h.calendar is not None:
        name = {"CN": ("the People's Republic of China", "中国法定"), "weekdays": ("Monday to Friday", "周一至周五的")}
        which = name.get(h.calendar, (h.calendar, h.calendar))
        a.say(
            "calendar",
            f"Business days are those of {which[0]}, make-up working days included"
            if h.calendar == "CN"
            else f"Business days are {which[0]}",
            f"工作日依{which[1]}工作日历（含调休）" if h.calendar == "CN" else f"工作日指{which[1]}各日",
        )
    shift = _SHIFTS[h.deadlines]
    a.say("deadlines", f"Unless a clause says otherwise, {shift[0]}", f"除条款另有约定外，{shift[1]}")
    if h.currency:
        _payments(t, a, h)
    received = h.notices == "received"
    a.say(
        "notices",
        f"A notice takes effect when it is {'received' if received else 'sent'}",
        f"通知自{'到达' if received else '发出'}时生效",
    )
    if h.currency:
        a.say(
            "negative",
            "Unless a duty says otherwise, an amount below zero gives rise to no debt and is credited to the debtor",
            "除条款另有约定外，金额低于零的不产生支付义务，转作债务人的溢付款",
        )
    if any(len(p.versions) > 1 for p in t.contract.parameters):
        a.say(
            "versions",
            "Unless a duty says otherwise, an amount of a period rests on the parameters of the first day of that period",
            "除条款另有约定外，参数变更的，各期金额以该期首日适用的数值为准",
        )
    if h.source is not None:
        a.say("source", f"Source: {h.source}", f"来源：{h.source}")
    a.say("language", f"It is written in version {h.language} of the language", f"本合同以语言版本{h.language}写成")
    a.notes(h.notes)
    return a.thing("header", h.title, None)


def _currency(t: Telling, code: str) -> str:
    return {"CNY": "人民币（CNY）"}.get(code, code) if t.zh else code


def _term(t: Telling, a: Account, h: m.Header) -> None:
    start = t.day(h.term_start)
    if h.starts_when is not None:
        test = condition(t, h.starts_when)
        a.say(
            "starts_when",
            f"The term starts on the first day from {start} on, on which {test}",
            f"合同期限自{start}（含）以后首个满足生效条件之日起算，生效条件为：{test}",
            h.starts_when.span,
        )
    if h.term_end is not None:
        end = t.day(h.term_end)
        a.say(
            "term",
            f"The term runs from {start} to {end}, both days included"
            if h.starts_when is None
            else f"The term ends on {end}, that day included",
            f"合同期限自{start}起至{end}止，首尾两日均计入"
            if h.starts_when is None
            else f"合同期限至{end}（含当日）止",
        )
    elif h.term_end_op is not None:
        last = words(t, h.term_end_op)
        a.say("term", f"The last day of the term is {last}", f"合同期限至{last}止", h.term_end_op.span)
    else:
        a.say(
            "term",
            f"The term runs from {start} until the contract is terminated",
            f"合同期限自{start}起，至本合同终止之日止，未约定届满日",
        )


def _payments(t: Telling, a: Account, h: m.Header) -> None:
    order = [t.of(_PAYMENT_ORDER, word) for word in h.payment_order]
    a.say(
        "payment_order",
        f"A payment is applied in this order: {t.clauses(order)}",
        f"付款不足以清偿全部债务的，依次抵充：{'、'.join(order)}",
    )
    inside = [t.of(_DEBT_ORDER, word) for word in h.debt_order]
    a.say(
        "debt_order",
        f"Within one debt it is applied to {', then '.join(inside)}",
        f"同一债务内依次抵充：{'、'.join(inside)}",
    )
    if h.credit == "held":
        a.say(
            "credit",
            "What is left over is held as credit, and used only by a refund or a set-off",
            "溢付款予以留存，仅得以退款或者抵销方式使用",
        )
    else:
        a.say(
            "credit",
            "What is left over is credit, and used on the day on which the next debt falls due",
            "溢付款留待抵充，于下一笔债务到期之日使用",
        )
    if h.tolerance is not None:
        least = words(t, h.tolerance)
        a.say(
            "tolerance",
            f"A remainder of at most {least} of an instance is written off",
            f"每期债务的尾差不超过{least}（含）的，予以核销",
            h.tolerance.span,
        )


def party(t: Telling, p: m.Party) -> Thing:
    a = Account(t, p.span)
    if p.title is not None:
        a.say("party", f"{t.starting(p.name)} is {p.title}", f"{p.name}：{p.title}")
    else:
        a.say("party", f"{t.starting(p.name)} is a party", f"{p.name}为当事人")
    return a.thing("party", p.name, None)


def kind(t: Telling, of: Type) -> str:
    """What a value is, in words: "money (CNY)", "金额"."""
    match of.kind:
        case "boolean":
            return t.pick("yes or no", "是或否")
        case "number":
            return t.pick("a number", "数值")
        case "percent":
            return t.pick("a percentage", "百分比")
        case "points":
            return t.pick("percentage points", "百分点")
        case "count":
            return t.pick(
                f"a number of {of.unit}" if of.unit else "a count", f"数量，单位：{of.unit}" if of.unit else "数量"
            )
        case "money":
            own = of.currency == t.contract.header.currency
            return t.pick(f"an amount in {of.currency}", "金额" if own else f"金额（{of.currency}）")
        case "rate":
            per = t.of(PER, of.per or "day")
            sum_ = "" if of.currency is None else f"{of.currency} "
            return t.pick(f"a rate {sum_}{per}", f"费率（{sum_}{per}）")
        case "date":
            return t.pick("a date", "日期")
        case "moment":
            return t.pick("a date and time of day", "时刻（日期和时分）")
        case "duration":
            unit = "" if of.unit is None else t.pick(f" in {of.unit}", f"（以{_unit(of.unit)}计）")
            return t.pick(f"a length of time{unit}", f"时长{unit}")
        case "text":
            return t.pick("text", "文本")
        case "one of":
            choices = [t.quoted(choice) for choice in of.choices]
            return t.pick(f"one of {t.listed(choices, 'or')}", f"{t.listed(choices, 'or')}之一")
        case "party":
            return t.pick("a party", "当事人")
        case "intervals":
            return t.pick("stretches of days, first and last day included", "起止期间（首尾两日均计入）")
        case "notice":
            return t.pick("a notice, with the days on which it was sent and received", "通知（含发出日、到达日）")
        case "payments":
            return t.pick("records of payments", "付款记录")
        case "list" | "record":
            return t.pick("a list of records", "逐笔记录的清单")
        case "shares":
            own = of.currency in (None, t.contract.header.currency)
            sum_ = "" if own else t.brackets(of.currency or "")
            return t.pick(
                f"shares of {t.parties(of.parties)} {sum_}".rstrip(), f"{t.listed(of.parties)}之间的分配{sum_}"
            )
        case _:
            assert_never(of.kind)


def _unit(unit: str) -> str:
    return {
        "hours": "小时",
        "days": "日",
        "business days": "工作日",
        "weeks": "周",
        "months": "月",
        "quarters": "季度",
        "years": "年",
    }[unit]


def parameter(t: Telling, p: m.Parameter) -> Thing:
    a = Account(t, p.span)
    of = kind(t, p.type)
    a.say("type", f"{p.name} is {of}", f"{p.name}：{of}")
    for version in p.versions:
        at = p.span if version.value is None else version.value.span
        what = (
            t.pick("not yet agreed (to be filled in)", "尚未约定（待填）")
            if version.value is None
            else words(t, version.value)
        )
        if version.start is None:
            a.say("value", f"{p.name} is {what}", f"{p.name}：{what}", at)
        else:
            start = t.day(version.start)
            a.say("value", f"From {start} on {p.name} is {what}", f"自{start}起，{p.name}：{what}", at)
    a.notes(p.notes)
    return a.thing("parameter", p.name, p.clause)


def fact(t: Telling, f: m.FactDecl) -> Thing:
    a = Account(t, f.span)
    what = kind(t, f.type)
    if f.type.kind in ("list", "payments", "intervals"):
        a.say("type", f"{f.name} is {what}", f"{f.name}：{what}")
    else:
        a.say(
            "type",
            f"{f.name} is {what}, supplied {_SUPPLIED[f.grain][0]}",
            f"{f.name}：{what}，{_SUPPLIED[f.grain][1]}",
        )
    if f.type.kind == "list":
        fields = [
            t.after(
                field.name, t.commas((kind(t, field.type), t.pick("may be blank", "可空") if field.optional else ""))
            )
            for field in f.type.fields
        ]
        a.say("fields", f"Each record has {t.listed(fields)}", f"每笔记录载明：{t.listed(fields)}")
    if f.type.kind == "list" and f.dated_by is not None:
        a.say("dated_by", f"A record belongs to the day of its {f.dated_by}", f"记录的归属日期以{f.dated_by}为准")
    if f.type.kind == "list" and f.keyed_by is not None:
        a.say("keyed_by", f"A record is named by its {f.keyed_by}", f"记录以{f.keyed_by}编号")
    if f.source is not None:
        a.say("source", f"It comes from: {f.source}", f"数据来源：{f.source}")
    if f.judged_by is not None:
        a.say("judged_by", f"It is certified by {t.party(f.judged_by)}", f"由{f.judged_by}认定")
    if f.presume is not None:
        what = t.figure(f.presume, f.type)
        a.say("presume", f"As long as it is not known, it is presumed to be {what}", f"未提供的，推定为{what}")
    a.notes(f.notes)
    return a.thing("fact", f.name, f.clause)


def let(t: Telling, x: m.Let) -> Thing:
    a = Account(t, x.span)
    formula = words(t, x.value)
    period = GRAINS[x.grain]
    a.say(
        "value",
        f"For each {period[0]}, {x.name} ({kind(t, x.type)}) is {formula}",
        f"{x.name}（{kind(t, x.type)}，逐{period[1]}计算）：{formula}",
        x.value.span,
    )
    a.validity(x.since, x.until)
    a.notes(x.notes)
    return a.thing("let", x.name, x.clause)


def kpi(t: Telling, k: m.Kpi) -> Thing:
    a = Account(t, k.span)
    period = GRAINS[k.grain]
    a.say("grain", f"{k.name} is assessed for each {period[0]}", f"“{k.name}”按{period[1]}考核")
    for aspect, op, en, zh in (
        ("measure", k.measure, "What is measured", "实际值"),
        ("baseline", k.baseline, "The baseline", "基准值"),
        ("target", k.target, "The target", "目标值"),
    ):
        if op is not None:
            of = words(t, op)
            a.say(aspect, f"{en}: {of}", f"{zh}：{of}", op.span)
    if k.met is not None:
        test = condition(t, k.met)
        a.say("met", f"It is met if {test}", f"达成条件：{test}", k.met.span)
    elif k.target is not None:
        a.say(
            "met",
            f"It is met if the measure is at {'most' if k.lower else 'least'} the target",
            f"实际值{'不高于' if k.lower else '不低于'}目标值（含）的，为达成",
        )
    if k.lower and k.met is not None:
        a.say("lower", "Less is better", "数值越低越好")
    for name, op in k.levels:
        test = condition(t, op)
        a.say("level", f"Level “{name}”: {test}", f"“{name}”级：{test}", op.span)
    if len(k.levels) > 1:
        a.say(
            "levels",
            "Of several levels whose conditions hold, the one that is told first counts",
            "同时满足数级条件的，以列在最前的一级为准",
        )
    if k.starting is not None:
        day = words(t, k.starting)
        a.say(
            "starting",
            f"It is assessed from {day} on: a {period[0]} that begins before that day is not",
            f"自{day}起考核；首日早于该日的期间，不考核",
            k.starting.span,
        )
    if k.not_assessed is not None:
        test = condition(t, k.not_assessed)
        a.say("not_assessed", f"It is not assessed where {test}", f"{test}的，不考核", k.not_assessed.span)
    match k.partial:
        case "not assessed":
            en, zh = "is not assessed", "不考核"
        case "prorated":
            en, zh = "is assessed against a target that counts by its days", "目标值按天数折算后考核"
        case "in full":
            en, zh = "is assessed like a whole one", "照常考核，不折算"
        case _:
            assert_never(k.partial)
    a.say("partial", f"A {period[0]} that the term covers in part {en}", f"不足整{period[1]}的，{zh}")
    a.validity(k.since, k.until)
    a.notes(k.notes)
    return a.thing("kpi", k.name, k.clause)


def balance(t: Telling, b: m.Balance) -> Thing:
    a = Account(t, b.span)
    a.say("type", f"{b.name} is an account of {kind(t, b.type)}", f"“{b.name}”为台账（{kind(t, b.type)}）")
    opening = t.pick("nothing", "零") if b.opening is None else words(t, b.opening)
    a.say("opening", f"It opens with {opening}", f"期初余额为{opening}", None if b.opening is None else b.opening.span)
    for move in b.movements:
        _movement(t, a, move)
    if b.rate is not None:
        rate, per = words(t, b.rate), RATES[b.per][0]
        count = "" if b.daycount is None else t.of(DAY_COUNTS, b.daycount)
        charged = rated(t, b.rate, b.per, count)
        a.say(
            "accrues",
            f"Interest at {rate} ({per}{', ' + count if count else ''}) accrues on what it was when each day began, "
            "and is added at the end of the month",
            f"以每日之初的余额为基数，按{charged}计息，于月末计入余额",
            b.rate.span,
        )
    a.notes(b.notes)
    return a.thing("balance", b.name, b.clause)


def _movement(t: Telling, a: Account, move: m.Movement) -> None:
    amount = words(t, move.amount)
    test = "" if move.when is None else condition(t, move.when)
    aspect = "add" if move.sign > 0 else "deduct"
    en, zh = ("Added", "增加") if move.sign > 0 else ("Deducted", "减少")
    if move.list is not None:
        chosen = t.pick(f" where {test}", f"中{test}的") if test else t.pick("", "的")
        a.say(
            aspect,
            f"{en} with each record of {move.list}{chosen}, on its day: {amount}",
            f"“{move.list}”{chosen}每笔记录，于其日期{zh}：{amount}",
            move.span,
        )
    elif move.on is not None:
        day = words(t, move.on)
        a.say(aspect, f"{en} once, on {day}: {amount}", f"于{day}一次性{zh}：{amount}", move.span)
    else:
        period = GRAINS[move.pace]
        cond = t.pick(f", if {test}", f"，{test}的，") if test else ""
        a.say(
            aspect,
            f"{en} at the end of each {period[0]}{cond}: {amount}",
            f"每{period[1]}末{cond}{zh}：{amount}",
            move.span,
        )
