"""The cells of a statement in the reader's language: the one place where a rendering meets the wording.

What the wording calls a thing everywhere, it is called here too; what only a statement says stands below.
"""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final, assert_never

from clausal.dsl.wording import Lang, has_label, label
from clausal.engine.report.statement import (
    Amount,
    Blank,
    Cell,
    Day,
    Detail,
    Names,
    Number,
    Section,
    Span,
    Text,
    Whole,
    Word,
)

# Where else a word is looked up that has no label under its own scope.
ROOMS: Final = MappingProxyType(
    {
        "boolean": ("known",),
        "part": ("kind",),
        "penalty": ("kind",),
        "payment": ("kind",),
        "restated": ("kind", "column"),
        "detail": ("column",),
        "column": ("balance",),
        "event": ("right", "kind", "section"),
        "reason": ("state", "kind"),
        "code": ("kind",),
    }
)

# English, Chinese.
OWN: Final = MappingProxyType(
    {
        "reached.title": ("reached by scenarios:", "示例覆盖："),
        "reached.all": ("all", "合计"),
        "reached.clause": ("clauses", "条款"),
        "reached.branch": ("branches", "分支"),
        "reached.band": ("bands of tiers", "阶梯级别"),
        "reached.bound": ("values at a bound", "取值恰为界限"),
        "reached.kpi": ("kpi outcomes", "考核结果"),
        "reached.obligation": ("obligation outcomes", "义务结果"),
        "reached.consequence": ("consequences", "违约后果"),
        "reached.prohibition": ("prohibitions violated", "违反的禁止事项"),
        "reached.exception": ("exceptions", "例外"),
        "reached.right": ("rights", "权利"),
        "reached.termination": ("terminations", "终止"),
        "reached.suspension": ("suspensions", "中止"),
        "reached.escalation": ("levels and ends of escalations", "逐级处理的级别与结果"),
        "reached.approval": ("approvals", "审批"),
        "reached.stage": ("stages", "分配阶段"),
        "reached.not.clause": ("clause", "条款"),
        "reached.not.branch": ("branch not taken in", "未触及的分支"),
        "reached.not.band": ("band not reached in", "未达到的级别"),
        "reached.not.bound": ("no value at the bound in", "界限处没有取值"),
        "reached.not.kpi": ("kpi", "考核指标"),
        "reached.not.obligation": ("obligation", "义务"),
        "reached.not.consequence": ("consequence of", "违约后果"),
        "reached.not.prohibition": ("prohibition", "禁止"),
        "reached.not.exception": ("exception to", "例外"),
        "reached.not.right": ("right", "权利"),
        "reached.not.termination": ("termination", "终止"),
        "reached.not.suspension": ("suspension", "中止"),
        "reached.not.escalation": ("escalation", "逐级处理"),
        "reached.not.approval": ("approval", "审批"),
        "reached.not.stage": ("stage not reached in", "未达到的阶段"),
        "reached.word.begins": ("begins", "开始"),
        "reached.word.ends": ("ends", "结束"),
        "reached.word.above": ("above", "超过"),
        "reached.word.otherwise": ("otherwise", "其他情形"),
        "reached.word.arises": ("arises", "产生"),
        "reached.word.ended": ("ends the contract", "合同终止"),
        "reached.word.amount": ("another amount", "另定金额"),
        "reached.word.interest": ("late interest", "逾期利息"),
        "reached.word.penalty": ("penalty", "违约金"),
        "reached.word.open": ("open", "可行使"),
        "status.not_there": ("not there", "未产生"),
        "status.determined": ("determined", "已能确定"),
        "kpi.not_there": ("not there", "未产生"),
        "kpi.no_level": ("no level", "无级别"),
        "side.nothing": ("nothing", "无"),
        "side.needs": ("needs", "尚缺"),
        "side.nothing_needed": ("nothing is needed", "不缺数据"),
        "side.owes": ("owes", "欠付"),
        "subject.contract": ("contract", "合同"),
        "status.resolved": ("resolved", "争议已解决"),
        "level.not_started": ("not started", "未启动"),
        "level.running": ("running", "进行中"),
        "level.opened": ("opened", "已启动"),
        "level.answered": ("answered", "已答复"),
        "level.expired": ("expired", "期限届满"),
        "level.stopped": ("stopped", "已停止"),
        "level.exhausted": ("exhausted", "已穷尽"),
        "level.undetermined": ("undetermined", "暂不能确定"),
        "approval.granted": ("granted", "已批准"),
        "approval.blocked": ("blocked", "未获批准"),
        "approval.undetermined": ("undetermined", "暂不能确定"),
        "approval.not_there": ("not there", "未产生"),
        "property.always": ("always", "始终成立"),
        "column.last_day": ("last day", "期限届满日"),
        "column.movement": ("movement", "变动"),
        "column.line": ("line", "项目"),
        "column.on_line": ("on", "所属项目"),
        "column.event": ("event", "事件"),
        "column.subject": ("subject", "对象"),
        "column.at_cost_of": ("at the cost of", "承担方"),
        "column.in_favour_of": ("in favour of", "受益方"),
        "column.origin": ("origin", "所属月份"),
        "column.booked_in": ("booked in", "入账月份"),
        "column.version": ("version", "版本"),
        "column.details": ("details", "说明"),
        "detail.complete_source": ("except source", "其中来源"),
        "detail.amendment": ("amendment", "变更"),
        "detail.to_date": ("to date, not final", "截至当日，未定"),
        "detail.excludes": ("without the undetermined", "不含未能确定的"),
        "detail.level": ("level", "级别"),
        "detail.measure": ("measure", "实际值"),
        "detail.target": ("target", "目标值"),
        "detail.attainment": ("attainment", "达成率"),
        "detail.shortfall": ("shortfall of", "不足额"),
        "detail.left": ("left over", "未分配"),
        "detail.accrued_on_it": ("of which accrued", "其中计息"),
        "detail.run": ("missed in a row:", "连续未达成"),
        "detail.because": ("because", "原因"),
        "detail.missing": ("unknown, did not decide:", "缺失但不影响结论"),
        "detail.presumed": ("presumed", "推定"),
        "detail.done": ("done", "已完成"),
        "detail.due_at": ("due at", "到期时刻"),
        "detail.performed_at": ("performed at", "履行时刻"),
        "detail.hours_late": ("late by (h:mm)", "迟延（时:分）"),
        "detail.days_overdue": ("days in default", "违约天数"),
        "detail.performed_on": ("performed on", "履行日"),
        "detail.late_interest": ("late interest", "逾期利息"),
        "detail.interest_open": ("of which open", "其中未付"),
        "detail.withheld": ("withheld", "已拒付"),
        "detail.retained": ("retained", "已暂扣"),
        "detail.written_off": ("written off", "核销"),
        "detail.disputed": ("disputed", "有争议"),
        "detail.prorated": ("prorated", "按日折算"),
        "detail.tax": ("tax", "税额"),
        "detail.tax_rate": ("tax rate", "税率"),
        "detail.capped": ("capped", "已达上限"),
        "detail.graded_on": ("grade since", "该程度始于"),
        "detail.cured_on": ("cured on", "补救日"),
        "detail.ended_on": ("ended on", "终了日"),
        "detail.cure_until": ("cure until", "补救期至"),
        "detail.effective_on": ("effective on", "生效日"),
        "detail.holder_in_breach": ("holder itself in breach of", "权利人自身违约"),
        "detail.named": ("named for", "指定用于"),
        "detail.for_days": ("for", "期间"),
        "detail.code": ("", "性质"),
        "aging.1_30": ("overdue 1-30 days", "逾期1-30日"),
        "aging.31_60": ("overdue 31-60 days", "逾期31-60日"),
        "aging.61_90": ("overdue 61-90 days", "逾期61-90日"),
        "aging.over_90": ("overdue over 90 days", "逾期超过90日"),
        "to.pay": ("to pay", "支付"),
        "to.deliver": ("to deliver", "交付"),
        "to.do": ("to", "完成"),
        "flag.disputed": ("disputed", "有争议"),
        "flag.provisional": ("provisional", "暂定"),
        "flag.nil": ("nil amount", "金额为零"),
        "flag.adjustment": ("adjustment, carried as credit", "调整，转为溢付款"),
        "flag.accelerated": ("accelerated", "加速到期"),
        "flag.reinstated": ("reinstated", "恢复"),
        "flag.conflict": ("conflict", "条款冲突"),
        "flag.moved": ("deadline moved by a suspension", "期限因中止顺延"),
        "flag.standing_still": ("interest stands still", "中止期间停止计息"),
        "may.withhold": ("may withhold", "有权拒付"),
        "may.retain": ("may retain", "有权暂扣"),
        "may.reduce": ("may reduce", "有权扣减"),
        "may.terminate": ("may terminate", "有权解除"),
        "may.suspend": ("may suspend", "有权暂停履行"),
        "may.demand": ("may demand", "有权催告"),
        "may.extend": ("may extend", "有权延长"),
        "may.other": ("may act", "有权行使"),
        "arg.from": ("from", "自"),
        "arg.to": ("to", "至"),
        "arg.reason": ("because", "原因"),
        "arg.last_day": ("last day", "最后一日"),
        "arg.days": ("days", "天数"),
        "arg.code": ("", "性质"),
        "arg.status": ("status", "状态"),
        "arg.run": ("missed in a row:", "连续未达成"),
        "arg.over": ("over", "针对"),
        "arg.ref": ("payment", "付款"),
        "arg.right": ("right", "权利"),
        "arg.amount": ("amount", "金额"),
        "arg.received": ("received", "到达"),
        "arg.sent": ("sent", "发出"),
        "arg.source": ("source", "来源"),
        "arg.fact": ("fact", "数据"),
        "arg.until": ("until", "至"),
        "arg.level": ("level", "级别"),
        "arg.loss": ("proven loss", "已证明的损失"),
        "arg.limit": ("limit", "限额"),
        "column.of": ("breach of", "违约事项"),
        "column.since": ("since", "违约日"),
        "penalty.interest": ("interest", "逾期利息"),
        "part.interest": ("interest", "利息"),
        "part.cost": ("cost", "费用"),
        "contingent.right": ("right", "权利"),
        "contingent.flag": ("flag", "警示"),
        "contingent.at_most": ("at most", "最高"),
        "contingent.on_demand": ("on demand", "待催告"),
        "code.over_130%_of_loss": ("over 130% of the proven loss", "超过损失的130%"),
        "code.earnest_over_20%": ("earnest money over 20%", "定金超过20%"),
        "code.earnest_twofold": (
            "payee in fundamental breach: earnest money twice back",
            "收受方根本违约：双倍返还定金",
        ),
        "code.earnest_forfeited": ("payer in fundamental breach: earnest money lost", "给付方根本违约：定金不予返还"),
        "code.earnest_or_penalty": ("earnest money or penalty, not both", "定金与违约金择一"),
        "step.over_cap": ("over the cap", "超出上限"),
        "step.minimum_commitment": ("up to the minimum commitment", "补足保底金额"),
        "step.reduced": ("reduced", "扣减"),
        "tax_kind.outside": ("outside VAT", "不征增值税"),
        "detail.net": ("net of tax", "不含税金额"),
        "detail.gross": ("with tax", "价税合计"),
        "arg.agreed": ("as agreed", "约定金额"),
        "arg.interest": ("late interest", "逾期利息"),
        "arg.penalty": ("penalty", "违约金"),
        "arg.price": ("price", "标的额"),
        "arg.paid": ("paid", "已付"),
        "arg.effective": ("earnest money", "定金"),
        "arg.of": ("breach of", "违约事项"),
        "arg.overdue_since": ("in default since", "违约起始日"),
        "reason.weights_that_do_not_add_up_to_one": ("weights that do not add up to 100%", "权重合计不为100%"),
        "reason.a_rate_of_exchange_that_is_not_above_zero": (
            "a rate of exchange that is not above zero",
            "汇率不大于零",
        ),
        "reason.no_such_proration": ("no such proration", "无此折算方式"),
        "reason.a_rate_of_tax_below_zero": ("a rate of tax below zero", "税率低于零"),
        "code.rate_over_4x_LPR": ("rate over 4 times LPR", "利率超过四倍LPR"),
        "code.no_agreed_interest": ("no agreed interest", "未约定利息"),
        "code.interest_and_penalty": ("interest and penalty for one default", "同一违约并计利息与违约金"),
        "upcoming.due": ("due", "到期"),
        "upcoming.grace_ends": ("grace ends", "宽限期届满"),
        "upcoming.right_lapses": ("right lapses", "权利失权"),
        "upcoming.cure_ends": ("cure ends", "补救期届满"),
        "upcoming.notice_ends": ("notice ends", "通知期届满"),
        "upcoming.term_ends": ("term ends", "合同期满"),
        "upcoming.survival_ends": ("end of what survives", "继续有效的期限届满"),
        "upcoming.level_ends": ("level ends", "本级处理届满"),
        "upcoming.suspension_ends": ("suspension ends", "中止届满"),
        "restated.accrued": ("accrued", "计提"),
        "restated.withheld": ("withheld", "拒付"),
        "restated.closing": ("closing", "期末"),
        "event.state": ("state", "状态变化"),
        "event.exercise": ("exercise", "行使"),
        "event.release": ("release", "解扣支付"),
        "event.waiver": ("waiver", "免除"),
        "event.dispute": ("dispute", "争议"),
        "event.discharge": ("discharge", "消灭"),
        "event.demand": ("demand", "催告"),
        "event.kpi": ("kpi", "考核"),
        "event.carry": ("carried over", "结转"),
        "event.level": ("level", "逐级处理"),
        "event.approval": ("approval", "审批"),
        "event.excluded": ("excluded", "不计入"),
        "event.not_yet_used": ("not yet used", "尚未使用"),
        "event.presumed": ("presumed", "推定"),
        "event.correction": ("correction", "更正"),
        "event.conflict": ("conflict", "条款冲突"),
        "event.version": ("version", "版本"),
        "event.lapse": ("lapse", "失权"),
        "reason.pays_a_closed_debt": ("pays a closed debt", "支付已结清的债务"),
        "reason.conflict": ("two exceptions apply, with different results", "两项例外同时适用而结果不同"),
        "reason.no_version": ("no version of it holds on that day", "当日没有适用的版本"),
        "reason.division_by_zero": ("division by zero", "除数为零"),
        "reason.shares_that_do_not_make_the_whole": ("shares that do not make the whole", "各方份额合计不等于整体"),
        "reason.partial_month": ("partial month", "不足整月"),
        "reason.not_assessed": ("not assessed", "不考核"),
        "reason.pays_an_unknown_debt": ("names no debt that exists", "指定的债务不存在"),
        "reason.refund_over_credit": ("refund over the credit", "退款超过溢付款"),
        "reason.set_off_over_the_debts": ("set-off over the debts", "抵销超过双方债务"),
        "reason.level": ("change of level", "级别变动"),
        "reason.tolerance": ("remainder within the tolerance", "尾差在容忍额之内"),
        "reason.partial": ("partial month", "不足整月"),
        "reason.not_started": ("assessment has not started", "尚未到考核起始日"),
        "reason.as_agreed": ("agreed ground", "约定的不考核情形"),
        "reason.out_of_term": ("outside the term", "不在合同期内"),
        "reason.absent": ("did not happen", "未发生"),
        "reason.before_the_history": ("before the facts begin", "早于数据起始"),
        "reason.nothing_to_choose_from": ("nothing to choose from", "没有可比较的数值"),
        "reason.no_case_applies": ("no case applies", "无适用情形"),
        "reason.no_version_yet": ("no version yet", "尚无适用版本"),
        "reason.expired": ("expiry", "期满"),
        "reason.begins": ("begins", "开始"),
        "reason.ends": ("ends", "结束"),
        "reason.not_suspended": ("no suspension", "没有中止"),
        "reason.cured": ("cured", "已补救"),
        "reason.before_the_term": ("before the term", "早于合同期"),
        "reason.after_the_end": ("after the end of the contract", "合同终止之后"),
        "arg.without": ("without the consent of", "尚缺同意"),
        "arg.disputed": ("disputed", "有争议"),
        "arg.effect": ("effect", "效力"),
        "arg.for": ("named for", "指定用于"),
        "arg.by": ("by", "由"),
        "arg.on": ("on", "日期"),
        "arg.date": ("date", "日期"),
        "arg.list": ("list", "清单"),
        "arg.needs": ("needs", "尚缺"),
        "arg.between": ("between", "涉及"),
        "arg.threshold": ("threshold", "界限"),
        "arg.effective_on": ("effective on", "生效日"),
        "arg.cure_until": ("cure until", "补救期至"),
        "arg.calendar": ("calendar", "工作日历"),
        "arg.known_through": ("known through", "已公布至"),
        "warning.calendar_provisional": (
            "days beyond the calendar are provisional",
            "超出日历覆盖范围的日期为暂定",
        ),
        "warning.no_such_day": (
            "a month without that day: its last day was taken",
            "该月无此日，以月末日代之",
        ),
        "warning.no_such_period": (
            "no such period: nothing falls due under this schedule",
            "无此期间：该安排不产生任何到期事项",
        ),
        "warning.right_without_ground": ("an exercised right has lost its ground", "已行使的权利失去依据"),
        "warning.note": ("reading", "理解说明"),
        "section.readings": ("readings that the contract marks", "合同注明的理解"),
        "detail.said": ("", ""),
        "warning.completeness_assumed": ("completeness assumed", "数据完整日为推定"),
        "warning.calendar_not_covered": ("calendar not covered", "日历未覆盖"),
        "version.engine": ("engine", "引擎"),
        "version.calendar": ("calendar", "工作日历"),
        "version.language": ("language", "语言版本"),
        "version.contract": ("amendment", "变更"),
        "version.contract_sha256": ("contract", "合同"),
        "version.inputs_sha256": ("inputs", "输入数据"),
        "unit.records": ("records", "条"),
        "span.until": ("to", "至"),
    }
)


def spell(cell: Cell, lang: Lang, currency: str = "") -> str:
    """One cell as text; an amount says its currency unless it is the `currency` already said above it."""
    match cell:
        case Text(text):
            return named(text, lang)
        case Names(names):
            return ("、" if lang == "zh" else ", ").join(named(name, lang) for name in names)
        case Word(scope, word):
            return say(f"{scope}.{word}", lang)
        case Amount(value, own):
            return grouped(value) if own == currency or not own else f"{own} {grouped(value)}"
        case Day(iso):
            return iso
        case Span(first, last):
            return first if first == last else f"{first} {say('span.until', lang)} {last}"
        case Whole(number, unit):
            return _with_unit(str(number), unit, lang)
        case Number(digits, unit):
            return _with_unit(grouped(digits) if digits[-1:].isdecimal() else digits, unit, lang)
        case Blank():
            return ""
        case _:
            assert_never(cell)


def named(text: str, lang: Lang) -> str:
    """A name in the statement; in Chinese the engine's own English parts of it are said in Chinese."""
    text = clean(text)
    if lang != "zh":
        return text
    if text == "credit":
        return say("kind.credit", lang)
    for part in ("penalty", "interest"):
        text = text.replace(f".{part}@", f".{say(f'kind.{part}', lang)}@")
    return text


def spell_details(details: Iterable[Detail], lang: Lang, currency: str = "") -> str:
    """One after the other; what ends in a stop loses it where something follows."""
    said = [spell_detail(each, lang, currency) for each in details]
    return semicolon(lang).join([*(text.rstrip(".。") for text in said[:-1]), *said[-1:]])


def spell_detail(detail: Detail, lang: Lang, currency: str = "") -> str:
    said = " ".join(text for text in (spell(cell, lang, currency) for cell in detail.cells) if text)
    name = say(detail.key if "." in detail.key else f"detail.{detail.key}", lang)
    return f"{name} {said}".strip() if said else name


def semicolon(lang: Lang) -> str:
    """What stands between things that are said one after the other."""
    return "；" if lang == "zh" else "; "


def comma(lang: Lang) -> str:
    return "，" if lang == "zh" else ", "


def section_title(section: Section, lang: Lang) -> str:
    title = say(f"section.{section.key}", lang)
    return title[:1].upper() + title[1:]


def say(key: str, lang: Lang) -> str:
    """The label of SCOPE.WORD; a word that has none is the contract's own and stands as it is."""
    found = _found(key)
    if found is None:
        return clean(key.partition(".")[2])
    own = OWN.get(found)
    if own is None:
        return label(found, lang)
    return own[1] if lang == "zh" else own[0]


def known(key: str) -> bool:
    """Whether SCOPE.WORD has a label."""
    return _found(key) is not None


def _found(key: str) -> str | None:
    scope, _, word = key.partition(".")
    word = word.replace(" ", "_").replace("-", "_")
    for room in (scope, *ROOMS.get(scope, ())):
        place = f"{room}.{word}"
        if place in OWN or has_label(place):
            return place
    return None


def _with_unit(digits: str, unit: str, lang: Lang) -> str:
    """ "18 days", "18日", "0.05% per day", "1,240 boxes"."""
    if not unit:
        return digits
    if unit.startswith("per "):
        return digits + label(f"per.{unit.removeprefix('per ')}", lang)
    space = "" if lang == "zh" and known(f"unit.{unit}") else " "
    name = say(f"unit.{unit}", lang)
    if lang == "en" and digits in ("1", "-1") and known(f"unit.{unit}"):
        name = name.removesuffix("s")
    return digits + space + name


def grouped(value: str) -> str:
    """ "-1234567.50" as "-1,234,567.50"."""
    sign = "-" if value.startswith("-") else ""
    whole, point, cents = value.removeprefix("-").partition(".")
    parts: list[str] = []
    while len(whole) > 3:
        parts.insert(0, whole[-3:])
        whole = whole[:-3]
    return sign + ",".join([whole, *parts]) + point + cents


def clean(text: str) -> str:
    """Text from a file without what could drive a terminal or turn a line around."""
    return "".join(_safe(char) for char in text)


def _safe(char: str) -> str:
    code = ord(char)
    if char in "\t\n\r":
        return " "
    if code < 0x20 or 0x7F <= code < 0xA0 or 0x200B <= code <= 0x200F or 0x2028 <= code <= 0x202E:
        return "?"
    return "?" if 0x2066 <= code <= 0x2069 or code == 0xFEFF else char
