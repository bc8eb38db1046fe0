"""An Op in words: values as a drafter writes a formula, conditions as a drafter writes a case.

A value is told with how tightly it holds together, so that brackets stand where they are needed and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias, assert_never

import attrs

from clausal.dsl import model as m
from clausal.dsl.prose.ladders import Band, Ladder, ladder, same
from clausal.dsl.prose.words import DAY_COUNTS, GRADES, GRAINS, PAYMENT_FIELDS, PER, UNITS_ZH, Telling
from clausal.dsl.types import is_numeric
from clausal.dsl.values import Duration
from clausal.dsl.wording import has_label, label

# How tightly words hold together: a phrase of several parts, a sum, a product, one thing.
PHRASE, SUM, PRODUCT, ONE = 0, 1, 2, 3
Said: TypeAlias = tuple[str, int]

_SIGNS: Final = {"+": " + ", "-": " − ", "*": " × ", "/": " ÷ "}


def words(t: Telling, op: m.Op) -> str:
    """The op in words: a condition as a case, anything else as a value."""
    return condition(t, op) if op.type.kind == "boolean" else value(t, op)[0]


def bracketed(t: Telling, op: m.Op, least: int = ONE) -> str:
    """A value that stands inside another one."""
    text, level = value(t, op)
    return text if level >= least else t.brackets(text)


def value(t: Telling, op: m.Op) -> Said:
    """A value and how tightly it holds together."""
    steps = ladder(op)
    if steps is not None:
        return tiers(t, steps), PHRASE
    match op:
        case m.Const():
            return t.figure(op.value, op.type), ONE
        case m.ParamRef() | m.FactRef() | m.LetRef():
            return (t.name(op.name) if op.type.kind == "boolean" else op.name), ONE
        case m.NoticeRef():
            day = t.pick("sent", "发出") if op.field == "sent" else t.pick("received", "到达")
            return t.pick(f"the day on which {op.name} is {day}", f"{op.name}{day}之日"), ONE
        case m.FieldRef():
            field = _field(t, op.name)
            return (t.pick(f"its own {field}", f"本笔记录的{field}") if op.outer else field), ONE
        case m.KpiFigure():
            field = t.pick(op.field, {"measure": "实际值", "target": "目标值", "attainment": "达成率"}[op.field])
            return t.pick(f"the {field} of {op.kpi}", f"“{op.kpi}”的{field}"), ONE
        case m.Arith():
            return _arith(t, op)
        case m.Negate():
            return "−" + bracketed(t, op.operand, PRODUCT), PRODUCT
        case m.Choice():
            return _choice(t, op), PHRASE
        case m.OverRecords():
            return _over_records(t, op), t.pick_level(PHRASE, ONE)
        case m.OverPeriods():
            return _over_periods(t, op), t.pick_level(PHRASE, ONE)
        case m.AtPeriod():
            when = moved(t, op.unit, op.offset, op.literal)
            body = bracketed(t, op.body)
            named = isinstance(op.body, m.FactRef | m.LetRef | m.ParamRef) and op.body.type.kind != "boolean"
            of = "" if named and op.unit != "literal" else "的"
            return t.pick(f"{body} of {when}", f"{when}{of}{body}"), ONE
        case m.AtSuspensionStart():
            body = bracketed(t, op.body)
            return t.pick(
                f"{body} of the last month that was over when the suspension began",
                f"{body}（以中止开始前最近一个已结束的月份计）",
            ), t.pick_level(PHRASE, ONE)
        case m.InstanceValue():
            return _figure_of(t, op), ONE
        case m.DateShift():
            by, day = bracketed(t, op.duration), bracketed(t, op.date)
            if t.zh and op.sign < 0 and isinstance(op.duration, m.Const) and op.duration.value == Duration(1, "days"):
                return f"{day}的前一日", ONE
            if isinstance(op.date, m.DateShift) and t.zh:
                day = t.brackets(day)
            if op.sign > 0:
                return t.pick(f"{by} after {day}", f"{day}后满{by}之日"), t.pick_level(PHRASE, ONE)
            return t.pick(f"{by} before {day}", f"{day}前推{by}之日"), t.pick_level(PHRASE, ONE)
        case m.Bound():
            return _bound(t, op.kind), ONE
        case m.Builtin():
            return _function(t, op)
        case m.Split():
            whole, shares = words(t, op.whole), divided(t, op.shares)
            if op.overlay:
                return t.pick(
                    f"of {whole}, each for itself and not together the whole: {shares}",
                    f"以{whole}为基数，各方分别计算、合计不必等于整体：{shares}",
                ), PHRASE
            return t.pick(f"{whole} divided as follows: {shares}", f"将{whole}按下列份额分配：{shares}"), PHRASE
        case m.Apportion():
            return _apportioned(t, op), PHRASE
        case m.Stages():
            return _stages(t, op), PHRASE
        case m.Waterfall():
            return _waterfall(t, op), PHRASE
        case m.ShareOf():
            return _share(t, op), ONE
        case m.BalanceRef():
            field = t.pick(
                {
                    "closing": "balance",
                    "opening": "opening balance",
                    "added": "additions of the period",
                    "accrued": "interest accrued in the period",
                    "used": "deductions of the period",
                }[op.field],
                {
                    "closing": "余额",
                    "opening": "期初余额",
                    "added": "本期增加额",
                    "accrued": "本期计息额",
                    "used": "本期减少额",
                }[op.field],
            )
            return t.pick(f"the {field} of {op.name}", f"“{op.name}”的{field}"), ONE
        case (
            m.KpiState()
            | m.KpiLevel()
            | m.Compare()
            | m.AllOf()
            | m.AnyOf()
            | m.Not()
            | m.Run()
            | m.NOfM()
            | m.Ever()
            | m.StatusTest()
            | m.BreachTest()
            | m.NothingOpen()
            | m.Happened()
            | m.Covered()
        ):
            case_ = condition(t, op)
            return t.pick(f"whether {case_}", f"“{case_}”是否成立"), PHRASE
        case _:
            assert_never(op)


# ---- conditions


def spread(op: m.Op) -> bool:
    """Whether a value takes several clauses to say, and so is set apart from the sentence that it stands in."""
    several = m.Choice | m.Split | m.Apportion | m.Stages | m.Waterfall
    return isinstance(op, several) or ladder(op) is not None


def condition(t: Telling, op: m.Op) -> str:
    """A case: what must hold."""
    for approval in t.contract.approvals:
        if same(op, approval.granted):
            return t.pick(f"{approval.name} is granted", f"“{approval.name}”已获批准")
    match op:
        case m.Const():
            return t.pick("always", "始终成立") if op.value is True else t.pick("never", "始终不成立")
        case m.ParamRef() | m.FactRef() | m.FieldRef():
            return t.pick(f"{value_name(t, op)} is yes", f"{value_name(t, op)}为“是”")
        case m.LetRef():
            return t.pick(f"{op.name} holds", f"“{op.name}”成立")
        case m.KpiState():
            state = {
                "met": ("met", "已达成"),
                "missed": ("missed", "未达成"),
                "not assessed": ("not assessed", "不考核"),
            }
            return t.pick(f"{op.kpi} is {state[op.state][0]}", f"“{op.kpi}”{state[op.state][1]}")
        case m.KpiLevel():
            return t.pick(f"{op.kpi} is at level “{op.level}”", f"“{op.kpi}”处于“{op.level}”级")
        case m.Compare():
            return _compared(t, op)
        case m.AllOf():
            return _joined(t, op.operands, "and")
        case m.AnyOf():
            return _joined(t, op.operands, "or")
        case m.Not():
            return _denied(t, op.operand)
        case m.Choice() | m.Builtin() | m.AtPeriod() | m.AtSuspensionStart() | m.OverRecords() | m.OverPeriods():
            text = bracketed(t, op)
            return t.pick(f"{text} is yes", f"{text}为“是”")
        case m.Run():
            return _run(t, op)
        case m.NOfM():
            test, last = condition(t, op.test), t.many(op.of, op.grain)
            how = _missing(t, op.missing)
            least = t.pick(f"at least {op.amount}", f"至少{op.amount}{UNITS_ZH[op.grain]}")
            return t.pick(f"in {least} of the last {last} {test}{how}", f"最近{last}中{least}{test}{how}")
        case m.Ever():
            test = condition(t, op.test)
            if op.current:
                return t.pick(f"in any month so far, this one included, {test}", f"截至本月的任一月份{test}")
            return t.pick(f"in any earlier month {test}", f"此前任一月份{test}")
        case m.StatusTest():
            states = t.listed((t.quoted(status(t, one)) for one in op.statuses), "or")
            return t.pick(f"{op.subject} is {states}", f"“{op.subject}”处于{states}状态")
        case m.BreachTest():
            grade = t.of(GRADES, op.grade)
            graver = grade if op.grade == "fundamental" else grade.replace(" breach", " or graver breach")
            return t.pick(f"there is {graver} of {op.subject}", f"“{op.subject}”构成{grade}（含更严重的违约）")
        case m.NothingOpen():
            return t.pick("nothing remains open on what was in breach", "据以行使该权利的违约款项已全部结清")
        case m.Happened():
            day = bracketed(t, op.date)
            return t.pick(f"{day} has come", f"{day}已届至")
        case m.Covered():
            return t.pick(f"the day lies within {op.name}", f"当日在“{op.name}”所载期间内")
        case (
            m.NoticeRef()
            | m.KpiFigure()
            | m.Arith()
            | m.Negate()
            | m.InstanceValue()
            | m.DateShift()
            | m.Bound()
            | m.Split()
            | m.Apportion()
            | m.Stages()
            | m.Waterfall()
            | m.ShareOf()
            | m.BalanceRef()
        ):
            return value(t, op)[0]
        case _:
            assert_never(op)


RATES: Final = {
    "day": ("a daily rate", "日利率"),
    "month": ("a monthly rate", "月利率"),
    "year": ("a yearly rate", "年利率"),
}


def rated(t: Telling, rate: m.Op, per: str, aside: str = "") -> str:
    """A rate of interest in Chinese: 年利率3%; one that has a name, with what period it is of: 费率（年利率）."""
    said, name = words(t, rate), RATES[per][1]
    if isinstance(rate, m.Const):
        return name + said.removeprefix(PER[per][1]) + t.asides(aside)
    return said + t.asides("，".join(part for part in (name, aside) if part))


def value_name(t: Telling, op: m.ParamRef | m.FactRef | m.FieldRef) -> str:
    if isinstance(op, m.FieldRef):
        field = _field(t, op.name)
        return t.pick(f"its own {field}", f"本笔记录的{field}") if op.outer else field
    return op.name


def _joined(t: Telling, operands: Sequence[m.Op], word: Literal["and", "or"]) -> str:
    """One case after the other; what joins cases itself stands in brackets."""
    said = []
    for op in operands:
        text = condition(t, op)
        inner = op.operand if isinstance(op, m.Not) else op
        several = isinstance(inner, m.AllOf | m.AnyOf) and not any(same(inner, a.granted) for a in t.contract.approvals)
        said.append(t.brackets(text) if several or isinstance(op, m.Run | m.NOfM | m.Ever) else text)
    if t.zh:
        return ("，且" if word == "and" else "，或").join(said)
    return f" {word} ".join(said)


def _contrary(op: m.AllOf | m.AnyOf) -> m.AllOf | m.AnyOf:
    """Not all of them: one of them not. Not any of them: none of them."""
    parts = tuple(m.Not(part, part.type, span=part.span) for part in op.operands)
    return (m.AnyOf if isinstance(op, m.AllOf) else m.AllOf)(parts, op.type, span=op.span)


def _denied(t: Telling, op: m.Op) -> str:
    for approval in t.contract.approvals:
        if same(op, approval.granted):
            return t.pick(f"{approval.name} is not granted", f"“{approval.name}”未获批准")
    match op:
        case m.AllOf() | m.AnyOf():
            return condition(t, _contrary(op))
        case m.Not():
            return condition(t, op.operand)
        case m.ParamRef() | m.FactRef() | m.FieldRef():
            return t.pick(f"{value_name(t, op)} is no", f"{value_name(t, op)}为“否”")
        case m.LetRef():
            return t.pick(f"{op.name} does not hold", f"“{op.name}”不成立")
        case m.Happened():
            day = bracketed(t, op.date)
            return t.pick(f"{day} has not come", f"{day}未届至")
        case m.Covered():
            return t.pick(f"the day lies outside {op.name}", f"当日不在“{op.name}”所载期间内")
        case m.KpiState() | m.KpiLevel():
            held = condition(t, op)
            return t.pick(
                held.replace(" is ", " is not ", 1), held.replace("处于", "不处于") if "处于" in held else f"并非{held}"
            )
        case m.Compare():
            return _compared(t, attrs.evolve(op, op=_OPPOSITE[op.op]), blank=may_be_blank(t, op))
        case _:
            held = condition(t, op)
            return t.pick(f"it is not so that {held}", f"“{held}”不成立")


_TESTS: Final = {
    "=": ("is", "为"),
    "!=": ("is not", "不为"),
    "<": ("is less than", "低于"),
    "<=": ("is at most", "不超过"),
    ">": ("is more than", "超过"),
    ">=": ("is at least", "不低于"),
}
_DATE_TESTS: Final = {
    "=": ("is", "为"),
    "!=": ("is not", "不为"),
    "<": ("is before", "早于"),
    "<=": ("is on or before", "不晚于"),
    ">": ("is after", "晚于"),
    ">=": ("is on or after", "不早于"),
}
_INCLUDED: Final = {"<": "（不含）", "<=": "（含）", ">": "（不含）", ">=": "（含）"}


_OPPOSITE: Final[dict[str, Literal["=", "!=", "<", "<=", ">", ">="]]] = {
    "=": "!=",
    "!=": "=",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
}


def may_be_blank(t: Telling, op: m.Op) -> tuple[str, ...]:
    """What in a comparison may be blank or not have happened: then the comparison does not hold, and its contrary does."""
    optional = {f.name for fact in t.contract.facts for f in fact.type.fields if f.optional}
    match op:
        case m.FieldRef():
            return (value_name(t, op),) if op.name in optional else ()
        case m.FactRef():
            return (op.name,) if op.type.kind in ("date", "moment") else ()
        case m.NoticeRef():
            return (op.name,)
        case m.Compare() | m.Arith():
            return tuple(dict.fromkeys((*may_be_blank(t, op.left), *may_be_blank(t, op.right))))
        case m.DateShift():
            return may_be_blank(t, op.date)
        case _:
            return ()


def _compared(t: Telling, op: m.Compare, blank: Sequence[str] = ()) -> str:
    (left, level), (right, _) = value(t, op.left), value(t, op.right)
    if t.zh and isinstance(op.right, m.Negate):
        right = t.brackets(right)  # or the sign of the number runs into the words before it
    if level == PHRASE and not t.zh:
        left = t.brackets(left)
    dated = op.left.type.kind in ("date", "moment")
    if op.op in ("=", "!=") and is_numeric(op.left.type):
        same_, other = ("equals", "等于"), ("does not equal", "不等于")
        en, zh = same_ if op.op == "=" else other
        return t.pick(f"{left} {en} {right}", f"{left}{zh}{right}")
    en, zh = (_DATE_TESTS if dated else _TESTS)[op.op]
    text = t.pick(f"{left} {en} {right}", f"{left}{zh}{right}{_INCLUDED.get(op.op, '')}")
    if not blank:
        return text
    names = t.listed(blank, "or")
    return t.brackets(t.pick(f"{text}, or {names} is blank", f"{text}，或者{names}空缺"))


def _missing(t: Telling, missing: str | None) -> str:
    match missing:
        case None:
            return ""
        case "skipping":
            return t.pick(" (periods not assessed are skipped)", "（不考核的期间跳过）")
        case _:
            return t.pick(" (a period not assessed begins the count anew)", "（遇不考核的期间重新起算）")


def _run(t: Telling, op: m.Run) -> str:
    test = condition(t, op.test)
    how = _missing(t, op.missing)
    if op.length is not None:
        length = value(t, op.length)[0]
        unit = GRAINS[op.grain]
        return t.pick(
            f"for {length} consecutive {unit[0]}s {test}{how}",
            f"连续若干{UNITS_ZH[op.grain]}（数目为{length}）{test}{how}",
        )
    return t.pick(
        f"for {op.amount} consecutive {GRAINS[op.grain][0]}s {test}{how}",
        f"连续{t.many(op.amount, op.grain)}{test}{how}",
    )


def status(t: Telling, word: str) -> str:
    """A status of a norm, an escalation, an approval."""
    own = {
        "granted": ("granted", "已批准"),
        "blocked": ("blocked", "未获批准"),
        "not started": ("not started", "未启动"),
        "running": ("running", "进行中"),
        "stopped": ("stopped", "已停止"),
        "exhausted": ("exhausted", "已穷尽"),
    }
    if word in own:
        return t.pick(*own[word])
    room = "status" if has_label(f"status.{word}") else "right"
    return label(f"{room}.{word}", t.lang)


# ---- figures


def _field(t: Telling, name: str) -> str:
    """A field of a record: the contract's own word, or one of the built-in record of payments."""
    own = any(field.name == name for fact in t.contract.facts if fact.type.kind == "list" for field in fact.type.fields)
    return t.of(PAYMENT_FIELDS, name) if not own and name in PAYMENT_FIELDS else name


def _arith(t: Telling, op: m.Arith) -> Said:
    grown = _growth(t, op)
    if grown is not None:
        return grown, PHRASE
    left, right = op.left, op.right
    if op.op == "*" and isinstance(left, m.Const) and left.type.kind == "percent":
        of, part = bracketed(t, right, PRODUCT), t.figure(left.value, left.type)
        return t.pick(f"{part} of {of}", f"{of}的{part}"), PRODUCT
    if op.op == "/" and isinstance(left, m.Const) and isinstance(right, m.Const):
        return f"{value(t, left)[0]}/{value(t, right)[0]}", ONE
    if op.op in "+-":
        return _sum(t, op), SUM
    return bracketed(t, left, PRODUCT) + _SIGNS[op.op] + bracketed(t, right, ONE), PRODUCT


def _sum(t: Telling, op: m.Arith) -> str:
    """A sum, however long: along its spine, without recursion."""
    tail: list[str] = []
    first: m.Op = op
    while isinstance(first, m.Arith) and first.op in "+-" and (first is op or ladder(first) is None):
        tail.append(_SIGNS[first.op] + bracketed(t, first.right, SUM if first.op == "+" else PRODUCT))
        first = first.left
    return bracketed(t, first, SUM) + "".join(reversed(tail))


def _growth(t: Telling, op: m.Arith) -> str | None:
    """(now − before) ÷ before, where before is the same of an earlier period."""
    match op:
        case m.Arith(op="/", left=m.Arith(op="-", left=now, right=m.AtPeriod() as before), right=m.AtPeriod() as base):
            if not same(before, base) or not same(before.body, now):
                return None
            when = moved(t, before.unit, before.offset, before.literal)
            of = bracketed(t, now)
            return t.pick(f"the growth of {of} over {when}", f"{of}较{when}的增长率")
        case _:
            return None


def moved(t: Telling, unit: str, offset: int, literal: str | None) -> str:
    """A period that lies so far from the one at hand."""
    if unit == "literal":
        return literal or ""
    one = {"month": ("month", "月", "个月"), "quarter": ("quarter", "季度", "个季度"), "year": ("year", "年", "年")}[
        unit
    ]
    match offset:
        case 0:
            return t.pick(f"the same {one[0]}", f"本{one[1]}")
        case -1:
            return t.pick(f"the previous {one[0]}", f"上{one[1]}")
        case 1:
            return t.pick(f"the next {one[0]}", {"month": "次月", "quarter": "下季度", "year": "次年"}[unit])
        case -12 if unit == "month":
            return t.pick("the same month of the previous year", "上年同月")
        case -4 if unit == "quarter":
            return t.pick("the same quarter of the previous year", "上年同季度")
        case _ if offset < 0:
            return t.pick(f"the {one[0]} {-offset} {one[0]}s before", f"{-offset}{one[2]}之前的{one[1]}")
        case _:
            return t.pick(f"the {one[0]} {offset} {one[0]}s after", f"{offset}{one[2]}之后的{one[1]}")


def window(t: Telling, span: m.Span_) -> str:
    match span.kind:
        case "this month":
            return t.pick("this month", "当月")
        case "last":
            length = t.duration(Duration(span.amount, span.unit or "months"))
            return t.pick(f"the last {length}", f"最近{length}")
        case "this quarter":
            return t.pick("this quarter", "本季度")
        case "contract year to date":
            return t.pick("the contract year to date", "本合同年度至今")
        case "calendar year to date":
            return t.pick("the calendar year to date", "本自然年度至今")
        case "since start":
            return t.pick("the time since the start of the term", "自合同期首日至今")
        case "until previous month":
            return t.pick("the time from the start of the term to the previous month", "自合同期首日至上月末")
        case _:
            assert_never(span.kind)


_FUNCTIONS: Final = {
    "sum": ("the sum", "合计"),
    "count": ("the number", "个数"),
    "minimum": ("the least", "最小值"),
    "maximum": ("the greatest", "最大值"),
    "average": ("the average", "平均值"),
}


def _over_records(t: Telling, op: m.OverRecords) -> str:
    during = window(t, op.window)
    where = "" if op.where is None else condition(t, op.where)
    if op.body is None:
        chosen = t.pick(f" where {where}", f"中{where}的") if where else t.pick("", "的")
        return t.pick(f"the number of records of {op.list} in {during}{chosen}", f"{during}“{op.list}”{chosen}记录笔数")
    en, zh = _FUNCTIONS[op.function]
    body, level = value(t, op.body)
    chosen = t.pick(f" where {where}", f"中{where}的") if where else ""
    by = (
        f"{'所载' if isinstance(op.body, m.FieldRef) else '的'}{body}的{zh}"
        if level == ONE
        else f"逐笔按{body}计算的{zh}"
    )
    return t.pick(
        f"{en} of {body if level >= PRODUCT else t.brackets(body)} over the records of {op.list} in {during}{chosen}",
        f"{during}“{op.list}”{chosen}各笔记录{by}",
    )


def _over_periods(t: Telling, op: m.OverPeriods) -> str:
    during, grain = window(t, op.window), GRAINS[op.grain]
    if op.function == "count":
        test = condition(t, op.body)
        return t.pick(
            f"the number of {grain[0]}s of {during} in which {test}", f"{during}各{grain[1]}中{test}的{grain[1]}数"
        )
    en, zh = _FUNCTIONS[op.function]
    body, level = value(t, op.body)
    if op.window.kind == "this month" and op.grain == "monthly" and level == ONE:
        return t.pick(f"{en} of {body} of this month", f"当月{body}的{zh}")
    by = f"各{grain[1]}{body}的{zh}" if level == ONE else f"逐{grain[1]}按{body}计算的{zh}"
    return t.pick(
        f"{en} of {body if level == ONE else t.brackets(body)} over the {grain[0]}s of {during}", f"{during}{by}"
    )


def _figure_of(t: Telling, op: m.InstanceValue) -> str:
    en, zh = {
        "amount": ("amount", "金额"),
        "unpaid": ("unpaid amount", "未付金额"),
        "open": ("open amount", "未付金额"),
        "overdue": ("overdue amount", "逾期未付金额"),
        "days_late": ("days of delay", "迟延天数"),
        "hours_late": ("hours of delay", "迟延小时数"),
        "penalty": ("penalty", "违约金"),
        "opened": ("first day", "启动日"),
        "last_day": ("last day", "期限届满日"),
    }[op.field]
    if op.subject is None:
        return t.pick(
            {"amount": "the amount of the debt", "unpaid": "the unpaid part of the debt"}[op.field], f"本笔债务{zh}"
        )
    return t.pick(f"the {en} of {op.subject}", f"“{op.subject}”的{zh}")


def _bound(t: Telling, kind: str) -> str:
    return t.pick(
        *{
            "month start": ("the first day of the month", "当月首日"),
            "month end": ("the last day of the month", "当月末日"),
            "term start": ("the first day of the term", "合同期首日"),
            "term end": ("the day on which the contract ends", "合同终止之日"),
            "period start": ("the first day of the period", "本期首日"),
            "period end": ("the last day of the period", "本期末日"),
            "arises": ("the day on which it arises", "义务发生之日"),
        }[kind]
    )


def _choice(t: Telling, op: m.Choice) -> str:
    said = [
        t.pick(f"if {test}, {of}", f"{test}的，为{of}")
        for test, of in ((condition(t, test), words(t, of)) for test, of in op.cases)
    ]
    if op.otherwise is not None:
        rest = words(t, op.otherwise)
        said.append(t.pick(f"otherwise {rest}", f"其他情形，为{rest}"))
    return t.clauses(said)


# ---- functions


def _function(t: Telling, op: m.Builtin) -> Said:
    said = [(words(t, arg), ONE) if arg.type.kind == "boolean" else value(t, arg) for arg in op.args]
    a = [text for text, _ in said]
    b = [text if level == ONE else t.brackets(text) for text, level in said]
    match op.name:
        case "rounded":
            return t.pick(f"{b[0]} rounded half up to {a[1]}", f"{b[0]}四舍五入至{a[1]}的整数倍"), PHRASE
        case "floor":
            return t.pick(f"{b[0]} rounded down to a whole number", f"{b[0]}舍去小数后的整数"), PHRASE
        case "ceiling":
            return t.pick(f"{b[0]} rounded up to a whole number", f"{b[0]}有小数即进一后的整数"), PHRASE
        case "minimum":
            among = t.pick("smallest" if len(b) > 2 else "smaller", "最小者" if len(b) > 2 else "较小者")
            if op.type.kind in ("date", "moment"):
                among = t.pick("earliest" if len(b) > 2 else "earlier", "最早者" if len(b) > 2 else "较早者")
            return t.pick(f"the {among} of {t.listed(b)}", _among(t, b, among)), t.pick_level(PHRASE, ONE)
        case "maximum":
            if len(b) == 2 and isinstance(op.args[1], m.Const) and op.args[1].value == 0:
                return t.pick(f"{b[0]}, but not less than {a[1]}", f"{b[0]}（低于{a[1]}的，按{a[1]}计）"), t.pick_level(
                    PHRASE, ONE
                )
            among = t.pick("greatest" if len(b) > 2 else "greater", "最大者" if len(b) > 2 else "较大者")
            if op.type.kind in ("date", "moment"):
                among = t.pick("latest" if len(b) > 2 else "later", "最晚者" if len(b) > 2 else "较晚者")
            return t.pick(f"the {among} of {t.listed(b)}", _among(t, b, among)), t.pick_level(PHRASE, ONE)
        case "limit":
            return t.pick(
                f"{b[0]}, but at least {a[1]} and at most {a[2]}",
                f"{b[0]}（低于{a[1]}的按{a[1]}，高于{a[2]}的按{a[2]}）",
            ), t.pick_level(PHRASE, ONE)
        case "step":
            return t.pick(
                f"{a[3]}, raised by {a[4]} for each full {a[2]} by which {b[0]} lies above {a[1]}",
                f"以{a[3]}为基数，{b[0]}超过{a[1]}的部分每满{a[2]}增加{a[4]}（不足{a[2]}的不计）",
            ), PHRASE
        case "attainment":
            return t.pick(
                f"how far {b[0]} has come from {a[1]} to {a[2]}, as a percentage",
                f"{b[0]}自基准{a[1]}至目标{a[2]}的达成率",
            ), PHRASE
        case "deviation":
            return t.pick(
                f"the difference between {b[0]} and {b[1]} relative to {b[2]}, without its sign",
                f"{b[0]}与{b[1]}之差的绝对值 ÷ {b[2]}",
            ), PHRASE
        case "days_between":
            return t.pick(f"the number of days from {b[0]} to {b[1]}", f"自{b[0]}至{b[1]}相隔的天数"), ONE
        case "business_days_between":
            return t.pick(f"the number of business days from {b[0]} to {b[1]}", f"自{b[0]}至{b[1]}的工作日数"), ONE
        case "fallback":
            return t.pick(f"{b[0]}, or where that does not exist {b[1]}", f"{b[0]}（无法计算的，取{b[1]}）"), PHRASE
        case "absolute":
            return t.pick(f"{b[0]} without its sign", f"{b[0]}的绝对值"), PHRASE
        case "first_of_month":
            return t.pick(f"the first day of the month of {b[0]}", f"{b[0]}所在月份的首日"), ONE
        case "month_number":
            return t.pick("the number of the month in the calendar year", "当月在自然年度中的月份数"), ONE
        case "days_in_month":
            return t.pick("the number of days of the month", "当月天数"), ONE
        case "package":
            over = "" if len(a) < 4 else t.pick(f" beyond {a[3]}", f"超过{a[3]}的部分")
            return t.pick(
                f"{a[2]} for each {a[1]} or part of it of {b[0]}{over}",
                f"{b[0]}{over}每{a[1]}计{a[2]}（不足{a[1]}的按{a[1]}计）",
            ), PHRASE
        case "tax_net":
            return t.pick(f"{b[0]} without the tax of {a[1]} in it", f"{b[0]}按税率{a[1]}换算的不含税金额"), PHRASE
        case "tax_part":
            return t.pick(f"the tax of {a[1]} that {b[0]} holds", f"{b[0]}按税率{a[1]}换算所含的税额"), PHRASE
        case "year_fraction":
            count = t.of(DAY_COUNTS, _word(op.args[2]))
            return t.pick(
                f"the years from {b[0]} to {b[1]}, the last day not counted ({count})",
                f"自{b[0]}至{b[1]}（末日不计）折合的年数（{count}）",
            ), ONE
        case "prorate":
            basis = "" if len(op.args) < 4 else _word(op.args[3])
            how = t.pick(", months of 30 days", "（每月按30日计）") if basis == "fixed30" else ""
            return t.pick(
                f"what of {b[0]} falls on the days from {b[1]} to {b[2]}{how}",
                f"{b[0]}按自{b[1]}至{b[2]}的天数折算的数额{how}",
            ), PHRASE
        case "weighted":
            parts = [t.pick(f"{s} at {w}", f"{s}占{w}") for s, w in zip(b[::2], a[1::2], strict=True)]
            return t.pick(f"the weighted sum of {t.listed(parts)}", f"下列各项的加权值：{t.listed(parts)}"), PHRASE
        case "uplift":
            return t.pick(
                f"{b[0]} raised by {b[1]}, by at least {a[2]} and at most {a[3]}",
                f"{b[0]}按{b[1]}上调后的数额（上调幅度不低于{a[2]}、不超过{a[3]}）",
            ), PHRASE
        case "fx":
            return t.pick(
                f"{b[0]} in {_word(op.args[2])} at {a[1]} each", f"{b[0]}按汇率{a[1]}折算为{_word(op.args[2])}的金额"
            ), PHRASE
        case _:
            return f"{op.name}{t.brackets(t.pick(', ', '，').join(a))}", ONE


def _among(t: Telling, values: Sequence[str], which: str) -> str:
    """Chinese counts what it compares: 甲与乙两者中的较小者, 甲、乙和丙中的最小者."""
    return f"{'与'.join(values)}两者中的{which}" if len(values) == 2 else f"{t.listed(values)}中的{which}"


def _word(op: m.Op) -> str:
    return str(op.value) if isinstance(op, m.Const) else ""


# ---- tiers, divisions


def tiers(t: Telling, steps: Ladder) -> str:
    """A ladder in a sentence: the method, then band by band."""
    bands = t.clauses(band_words(t, steps, at) for at in range(len(steps.bands)))
    return tiers_head(t, steps) + t.pick(": ", "：") + bands


def tiers_head(t: Telling, steps: Ladder) -> str:
    """What is measured, by which method, over which time."""
    methods = {band.method for band in steps.bands}
    measure = bracketed(t, steps.measure)
    if len(methods) > 1:
        how = t.pick("in bands, each by its own method", "分级计算（各级分别写明方法）")
    elif methods == {"marginal"}:
        how = t.pick(
            "in bands, each rate on no more than what lies in its band", "超额累进计算（各级只就本级部分适用本级比例）"
        )
    else:
        base = bracketed(t, steps.applied) if steps.applied is not None else t.pick("it", "全额")
        how = t.pick(
            f"by the band reached, its rate on the whole of {base}", f"全额累进计算（按所达级别对{base}适用该级比例）"
        )
    text = t.pick(f"the amount on {measure} {how}", f"按{measure}{how}")
    if steps.window is not None:
        text += t.pick(", less what the months before came to", "，并减去此前各月已计的数额")
    return text


def band_range(t: Telling, steps: Ladder, at: int) -> str:
    """From where to where a band goes, with what belongs to it."""
    band = steps.bands[at]
    below = steps.bands[at - 1] if at else None
    upper = None if band.bound is None else words(t, band.bound)
    if below is None or below.bound is None:
        if upper is None:
            return t.pick("any amount", "不论数额")
        return _upper(t, band, upper)
    lower = words(t, below.bound)
    over = (
        t.pick(f"more than {lower}", f"超过{lower}（不含）")
        if below.inclusive
        else t.pick(f"{lower} or more", f"{lower}以上（含）")
    )
    if upper is None:
        return over
    return t.pick(f"{over}, {_upper(t, band, upper)}", f"{over}至{upper}{'（含）' if band.inclusive else '（不含）'}")


def _upper(t: Telling, band: Band, upper: str) -> str:
    if band.inclusive:
        return t.pick(f"up to and including {upper}", f"不超过{upper}（含）")
    return t.pick(f"less than {upper}", f"不满{upper}（不含）")


def band_gives(t: Telling, steps: Ladder, at: int) -> str:
    """What a band brings: a rate, a sum, who gets what."""
    band = steps.bands[at]
    if steps.parties:
        shares = zip(steps.parties, steps.shares[at], strict=True)
        text = t.pick(", ", "，").join(
            f"{t.party(party)}{t.pick(' ', '')}{'0%' if of is None else words(t, of)}" for party, of in shares
        )
    else:
        parts = []
        if band.rate is not None:
            parts.append(words(t, band.rate))
        if band.flat is not None:
            parts.append(t.pick("a sum of ", "定额") + words(t, band.flat))
        text = t.pick(" and ", "，另加").join(parts)
    if len({one.method for one in steps.bands}) > 1:
        how = (
            t.pick("on what lies in the band", "就本级部分")
            if band.method == "marginal"
            else t.pick("on the whole", "就全额")
        )
        text = t.after(text, how)
    return text


def band_words(t: Telling, steps: Ladder, at: int) -> str:
    part = t.pick("", "的部分") if steps.bands[at].method == "marginal" else t.pick("", "的")
    span, gives = band_range(t, steps, at), band_gives(t, steps, at)
    return t.pick(
        f"{span}: {gives}",
        f"{span}{part}，{gives}",
    )


def divided(t: Telling, shares: Sequence[m.Share]) -> str:
    """Who gets what part."""
    said = []
    for share in shares:
        part = t.pick("the rest", "余下部分") if share.value is None else words(t, share.value)
        said.append(f"{t.party(share.party)}{t.pick(' ', '得')}{part}")
    return t.pick(", ", "，").join(said)


def _apportioned(t: Telling, op: m.Apportion) -> str:
    before = dict(op.before or ())
    said = []
    for party, share in op.shares:
        text = words(t, share)
        if op.before is not None:
            less = words(t, before[party])
            text = t.pick(f"{text}, less {less}", f"{text}，减去{less}")
        said.append(t.pick(f"{t.party(party)}: {text}", f"{party}：{text}"))
    return t.clauses(said)


def _stages(t: Telling, op: m.Stages) -> str:
    said = [t.pick(f"{stage}: {shares}", f"{stage}，{shares}") for stage, shares in stages(t, op)]
    cross = (
        t.pick("a month in which a bound is reached is divided there", "当月跨越阶段的，以界限为准分段计算")
        if op.crossing
        else t.pick(
            "a stage that is reached within a month applies from the next month on",
            "当月跨越阶段的，自次月起适用新阶段",
        )
    )
    return stages_head(t, op) + t.pick(": ", "：") + t.clauses([*said, cross])


def stages_head(t: Telling, op: m.Stages) -> str:
    """What is divided, and what fills the stages."""
    whole = bracketed(t, op.whole)
    return t.pick(
        f"{whole} divided by the stage that {op.balance} has reached (what {t.party(op.filled_by)} gets counts toward it)",
        f"将{whole}按“{op.balance}”的累计数（以{op.filled_by}所得计入）分阶段分配",
    )


def stages(t: Telling, op: m.Stages) -> list[tuple[str, str]]:
    """Until when each stage holds, and who gets what in it."""
    told: list[tuple[str, str]] = []
    for stage in op.stages:
        bound = "" if stage.bound is None else words(t, stage.bound)
        until = (
            t.pick(f"until it has reached {bound}", f"累计达到{bound}之前") if bound else t.pick("thereafter", "此后")
        )
        told.append((until, divided(t, stage.shares)))
    return told


def _waterfall(t: Telling, op: m.Waterfall) -> str:
    said = []
    for at, (party, need) in enumerate(op.buckets):
        most = words(t, need)
        first = t.pick("first" if at == 0 else "then", "首先" if at == 0 else "其次")
        said.append(t.pick(f"{first} {t.party(party)} up to {most}", f"{first}分给{party}，以{most}为限"))
    if op.rest:
        rest = divided(t, op.rest)
        said.append(t.pick(f"the rest: {rest}", f"余下部分，{rest}"))
    cash = bracketed(t, op.cash)
    return t.pick(f"{cash} distributed in this order: {t.clauses(said)}", f"将{cash}按下列顺位分配：{t.clauses(said)}")


def _share(t: Telling, op: m.ShareOf) -> str:
    of = bracketed(t, op.of)
    whose = "" if op.party is None else t.party(op.party)
    match op.field:
        case "share":
            return t.pick(f"the share of {whose} in {of}", f"{of}中{whose}应得部分")
        case "shortfall":
            return t.pick(f"what {whose} lacks of its part in {of}", f"{of}中{whose}的不足额")
        case _:
            return t.pick(f"what {of} leaves to nobody", f"{of}中未分配的部分")
