"""Numbers, money, dates and labels in the reader's language: the last wall before eyes.

Nothing is rounded here. A value that has more decimals than its currency is shown with all of them; one whose
decimals never end is cut after twelve, with a `…` so that nobody takes it for exact (see `exact_text`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Final, Literal, cast

from clausal.dsl.diagnostics import Both, Lang, char_width, cut, display_width, pad
from clausal.dsl.types import Type

__all__ = [
    "CURRENCY_DECIMALS",
    "LABELS",
    "Lang",
    "char_width",
    "clause_text",
    "count_text",
    "cut",
    "date_text",
    "decimals",
    "display_width",
    "duration_text",
    "exact_text",
    "figure",
    "folded",
    "has_label",
    "label",
    "money_text",
    "number_text",
    "pad",
    "percent_text",
    "plain_money",
    "points_text",
    "rate_text",
]

_SHOWN: Final = 12  # decimals of a number that never ends, counted from its first digit that is not zero
_NUMERALS: Final = "0123456789〇零一二三四五六七八九十百"
_LONGEST: Final = 40  # a number that does end is shown in full up to this many decimals

# ISO 4217: the currencies whose minor unit is not a hundredth. Precious metals and test codes have none at
# all, and get the two decimals of everything else.
CURRENCY_DECIMALS: Final[Mapping[str, int]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
                *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
            ),
            0,
        ),
        **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
        **dict.fromkeys(("CLF", "UYW"), 4),
    }
)


def decimals(currency: str) -> int:
    """Decimals of a currency's smallest unit: CNY 2, JPY 0, KWD 3."""
    return CURRENCY_DECIMALS.get(currency, 2)


# Numbers


def money_text(amount: Fraction | int, currency: str, places: int | None = None) -> str:
    """ "CNY 8,000.00", "-CNY 5.00": exact, so with more decimals than usual where the amount has them."""
    least = decimals(currency) if places is None else places
    sign, digits = _decimal(Fraction(amount), least, grouped=True)
    return f"{sign}{currency} {digits}"


def plain_money(amount: Fraction | int, places: int = 2) -> str:
    """ "8000.00", as in the result document. ValueError for an amount that was not rounded to a line."""
    value = Fraction(amount)
    if (value * 10**places).denominator != 1:
        raise ValueError(f"{value} has more than {places} decimals")
    sign, digits = _decimal(value, places, grouped=False)
    return sign + digits


def number_text(value: Fraction | int, grouped: bool = True) -> str:
    """ "1,234.5": all decimals where they end, twelve and `…` where they don't."""
    return "".join(_decimal(Fraction(value), 0, grouped))


def exact_text(value: Fraction | int) -> str:
    """A number to compute with again: its decimals where they end, else a fraction such as "10400/3"."""
    value = Fraction(value)
    places = _places(value.denominator)
    return str(value) if places is None or places > _LONGEST else number_text(value, grouped=False)


def percent_text(value: Fraction | int) -> str:
    """ "5%" for one twentieth."""
    return number_text(Fraction(value) * 100) + "%"


def points_text(value: Fraction | int, lang: Lang = "en") -> str:
    """ "2pp" for two hundredths: a step between two percents."""
    return number_text(Fraction(value) * 100) + ("pp" if lang == "en" else "个百分点")


def rate_text(value: Fraction | int, per: Literal["day", "week", "month", "year"], lang: Lang = "en") -> str:
    """ "0.05% per day", "0.05%/日"."""
    return percent_text(value) + label(f"per.{per}", lang)


def duration_text(number: Fraction | int, unit: str, lang: Lang = "en") -> str:
    """ "1 day", "10 business days", "10个工作日"; units by their plural, as `unit.…` labels."""
    text, name = number_text(number), label(f"unit.{unit}", lang)
    if lang == "zh":
        return text + name
    return f"{text} {name[:-1] if number == 1 and name.endswith('s') else name}"


def count_text(number: Fraction | int, unit: str | None = None) -> str:
    """ "5 dealers": the unit is the contract's own word, and left as it stands."""
    return f"{number_text(number)} {unit}" if unit else number_text(number)


def figure(value: Fraction | int | bool | date, t: Type) -> Both:
    """A value by its type, in both languages: "CNY 50.00", "5%", "3 dealers", "0.05% per day", true or 是."""
    if isinstance(value, bool):
        return Both("true", "是") if value else Both("false", "否")
    if isinstance(value, date):
        return _same(value.isoformat())
    match t.kind:
        case "money":
            return _same(money_text(value, t.currency or ""))
        case "percent":
            return _same(percent_text(value))
        case "points":
            return Both(points_text(value), points_text(value, "zh"))
        case "rate" if t.per in ("day", "week", "month", "year"):
            per = cast(Literal["day", "week", "month", "year"], t.per)
            if t.currency is not None:
                amount = money_text(value, t.currency)
                return Both(amount + label(f"per.{per}"), amount + label(f"per.{per}", "zh"))
            return Both(rate_text(value, per), rate_text(value, per, "zh"))
        case "count":
            return _same(count_text(value, t.unit))
        case "date" | "moment":
            return _same(date.fromordinal(int(value)).isoformat())
        case _:
            return _same(number_text(value))


def _same(text: str) -> Both:
    return Both(text, text)


def date_text(day: date, lang: Lang = "en", long: bool = False) -> str:
    """ "2026-03-09" in both languages, for tables; `long` in running text: 9 March 2026, 2026年3月9日."""
    if not long:
        return day.isoformat()
    if lang == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _decimal(value: Fraction, least: int, grouped: bool) -> tuple[str, str]:
    """Sign and digits, with at least `least` decimals. The sign of nothing is nothing."""
    top, bottom = abs(value.numerator), value.denominator
    whole, rest = divmod(top, bottom)
    places = _places(bottom)
    endless = places is None or places > max(_LONGEST, least)
    if places is None or endless:
        places = max(least, _SHOWN if whole else _SHOWN + _leading_zeros(rest, bottom))
    places = max(places, least)
    head = f"{whole:,}" if grouped else str(whole)
    tail = str(rest * 10**places // bottom).zfill(places) if places else ""
    digits = head + ("." + tail if tail else "") + ("…" if endless else "")
    return ("-" if value < 0 else "", digits)


def _places(bottom: int) -> int | None:
    """How many decimals 1/bottom has; None if they never end."""
    twos = (bottom & -bottom).bit_length() - 1
    bottom >>= twos
    fives = 0
    while bottom % 5 == 0:
        bottom //= 5
        fives += 1
    return max(twos, fives) if bottom == 1 else None


def _leading_zeros(rest: int, bottom: int) -> int:
    zeros = 0
    while rest * 10 < bottom:
        rest *= 10
        zeros += 1
    return zeros


# Lines


def folded(text: str, width: int) -> list[str]:
    """Text in lines of at most so many columns, broken at blanks and between Chinese characters, else where it must be."""
    lines: list[str] = []
    line = ""
    for blank, word in _unbroken(text, width):
        joint = " " if line and blank else ""
        if line and display_width(line + joint + word) > width:
            lines.append(line)
            line = word
        else:
            line += joint + word
    return [*lines, line] if line else lines


def _unbroken(text: str, width: int) -> Iterator[tuple[bool, str]]:
    """What a line is not broken in, and whether a blank stands before it; what is wider than a line is cut, a name behind one
    of its joints where it has one."""
    for word in text.split():
        blank, run = True, ""
        for char in word:
            if run and (char_width(char) > 1 or char_width(run[-1]) > 1) and char not in _STOPS:
                yield blank, run
                blank, run = False, ""
            elif display_width(run + char) > width:
                at = max(run.rfind(joint) for joint in "_./-") + 1 or len(run)
                yield blank, run[:at]
                blank, run = False, run[at:]
            run += char
        if run:
            yield blank, run


_STOPS: Final = "，。、；：？！）》”」』】,.;:?!)]}"


# Labels


def clause_text(number: str, lang: Lang = "en") -> str:
    """ "clause 4.8", 第4.8条; in Chinese a number that is none, such as that of a definition, is quoted: 条款“定义.4”."""
    if lang == "en":
        return f"clause {number}"
    counted = all(part and not set(part) - set(_NUMERALS) for part in number.split("."))
    return f"第{number}条" if counted else f"条款“{number}”"


def label(key: str, lang: Lang = "en") -> str:
    """The words for a key such as "status.performed late" or "ledger.opening"; a blank and `_` are the same.

    A key that is not in the table gives its own last part, so that a new word never stops a statement.
    """
    words = LABELS.get(_key(key))
    if words is None:
        return key.rpartition(".")[2].replace("_", " ")
    return words[0] if lang == "en" else words[1]


def has_label(key: str) -> bool:
    return _key(key) in LABELS


def _key(key: str) -> str:
    return key.replace(" ", "_").replace("-", "_")


def _table(**rooms: Mapping[str, tuple[str, str]]) -> Mapping[str, tuple[str, str]]:
    return MappingProxyType({f"{room}.{key}": pair for room in rooms for key, pair in rooms[room].items()})


LABELS: Final = _table(
    status={
        "discharged": ("discharged", "已消灭"),
        "waived": ("waived", "已免除"),
        "withheld": ("withheld", "已拒付"),
        "retained": ("retained", "已暂扣"),
        "excused": ("excused", "已免责"),
        "suspended": ("suspended", "已中止"),
        "undetermined": ("undetermined", "暂不能确定"),
        "performed": ("performed", "已履行"),
        "performed_late": ("performed late", "逾期履行"),
        "cured": ("cured", "已补救"),
        "untracked": ("untracked", "未跟踪"),
        "not_yet_due": ("not yet due", "未到期"),
        "breached": ("breached", "违约"),
        "partly_performed": ("partly performed", "部分履行"),
        "in_grace": ("in grace", "宽限期内"),
        "due": ("due", "已到期"),
        "disputed": ("disputed", "有争议"),
        "nil": ("nil", "金额为零"),
        "provisional": ("provisional", "暂定"),
        "conflict": ("conflict", "条款冲突"),
        "violated": ("violated", "已违反"),
        "observed": ("observed", "未违反"),
    },
    right={
        "open": ("open", "可行使"),
        "not_open": ("not open", "未成立"),
        "exercised": ("exercised", "已行使"),
        "given_up": ("given up", "已放弃"),
        "lapsed": ("lapsed", "已失权"),
        "spent": ("spent", "已用尽"),
        "undetermined": ("undetermined", "暂不能确定"),
        "premature": ("premature", "行使过早"),
        "too_late": ("too late", "逾期行使无效"),
        "no_right": ("no right", "无此权利"),
        "no_effect": ("no effect", "不生效力"),
    },
    effect={
        "withhold": ("withhold", "拒付"),
        "retain": ("retain", "暂扣"),
        "release": ("release", "解扣支付"),
        "reduce": ("reduce", "扣减"),
        "terminate": ("terminate", "解除"),
        "suspend": ("suspend", "暂停履行"),
        "demand": ("demand", "催告"),
        "extend": ("extend", "延长"),
        "set_off": ("set off", "抵销"),
    },
    state={
        "pending": ("pending", "待生效"),
        "active": ("active", "履行中"),
        "suspended": ("suspended", "中止履行中"),
        "ending": ("ending", "通知期内"),
        "ended": ("ended", "已终止"),
        "expired": ("expired", "期满终止"),
        "terminated": ("terminated", "已解除"),
    },
    kpi={
        "met": ("met", "已达成"),
        "missed": ("missed", "未达成"),
        "not_assessed": ("not assessed", "不考核"),
        "undetermined": ("undetermined", "暂不能确定"),
        "to_date": ("to date", "截至目前"),
        "attainment": ("attainment", "达成率"),
        "level": ("level", "级别"),
        "target": ("target", "目标值"),
        "baseline": ("baseline", "基准值"),
    },
    known={
        "known": ("known", "已知"),
        "presumed": ("presumed", "推定"),
        "unknown": ("unknown", "未知"),
        "none": ("none", "无"),
        "not_applicable": ("not applicable", "不适用"),
        "judged": ("judged by", "认定人"),
        "true": ("yes", "是"),
        "false": ("no", "否"),
        "at_most": ("at most", "至多"),
        "needs": ("needs", "尚缺"),
        "provisional": ("provisional", "暂定"),
    },
    action={
        "pay": ("pay", "支付"),
        "deliver": ("deliver", "交付"),
        "do": ("do", "完成"),
    },
    kind={
        "principal": ("principal", "主债务"),
        "costs": ("costs", "费用"),
        "interest": ("late interest", "逾期利息"),
        "penalty": ("penalty", "违约金"),
        "tax": ("tax", "税额"),
        "payment": ("payment", "付款"),
        "refund": ("refund", "退款"),
        "set_off": ("set off", "抵销"),
        "write_off": ("write off", "核销"),
        "credit": ("credit", "溢付款"),
        "obligation": ("obligation", "义务"),
        "prohibition": ("prohibition", "禁止事项"),
        "right": ("right", "权利"),
        "termination": ("termination", "终止"),
        "suspension": ("suspension", "中止"),
        "escalation": ("escalation", "逐级处理"),
        "exception": ("exception", "例外"),
        "amendment": ("amendment", "变更"),
        "notice": ("notice", "通知"),
        "cure": ("cure", "补救"),
        "alert": ("alert", "提醒"),
        "flag": ("flag", "提示"),
        "breach": ("breach", "违约"),
    },
    grade={
        "breach": ("breach", "违约"),
        "minor": ("minor", "一般违约"),
        "serious": ("serious", "严重违约"),
        "fundamental": ("fundamental", "根本违约"),
    },
    ledger={
        "from": ("debtor", "付款方"),
        "to": ("creditor", "收款方"),
        "currency": ("currency", "币种"),
        "opening": ("opening", "期初余额"),
        "accrued": ("accrued", "本期计提"),
        "interest": ("late interest", "逾期利息"),
        "penalties": ("penalties", "违约金"),
        "tax": ("tax", "税额"),
        "adjusted": ("adjusted", "调整"),
        "withheld": ("withheld", "拒付"),
        "written_off": ("written off", "核销"),
        "paid": ("paid", "已付"),
        "refunded": ("refunded", "已退款"),
        "closing": ("closing", "期末余额"),
        "of_which": ("of which", "其中"),
        "not_due": ("not due", "未到期"),
        "due": ("due", "已到期"),
        "overdue": ("overdue", "逾期未付"),
        "retained": ("retained", "已暂扣"),
        "disputed": ("disputed", "有争议"),
        "credit": ("credit", "溢付款"),
        "aging": ("aging", "账龄"),
        "total": ("total", "合计"),
    },
    balance={
        "opening": ("opening", "期初"),
        "added": ("added", "本期增加"),
        "used": ("used", "本期减少"),
        "closing": ("closing", "期末"),
        "accrued": ("accrued", "本期计息"),
    },
    section={
        "summary": ("summary", "摘要"),
        "contract": ("contract", "合同"),
        "parties": ("parties", "当事人"),
        "months": ("months", "各月"),
        "values": ("values", "计算结果"),
        "kpis": ("kpis", "考核指标"),
        "obligations": ("obligations", "义务"),
        "penalties": ("interest and penalties", "逾期利息与违约金"),
        "breaches": ("breaches", "违约情况"),
        "rights": ("rights", "权利"),
        "events": ("events", "事件"),
        "balances": ("balances", "台账"),
        "undetermined": ("not yet determined", "暂不能确定的事项"),
        "payments": ("payments", "付款记录"),
        "ledger": ("ledger", "往来账"),
        "settlement": ("final settlement", "清算"),
        "restatement": ("restatement", "重述"),
        "contingent": ("contingent", "或有事项"),
        "upcoming": ("upcoming", "近期到期事项"),
        "completeness": ("completeness of facts", "数据完整性"),
        "versions": ("versions", "适用版本"),
        "warnings": ("warnings", "提示"),
        "notes": ("notes", "附注"),
        "clauses": ("clauses", "条款"),
        "scenarios": ("scenarios", "示例"),
        "trace": ("how it was computed", "计算过程"),
    },
    column={
        "id": ("id", "编号"),
        "name": ("name", "名称"),
        "clause": ("clause", "条款"),
        "month": ("month", "月份"),
        "period": ("period", "期间"),
        "obligation": ("obligation", "义务"),
        "right": ("right", "权利"),
        "kind": ("kind", "类别"),
        "what": ("what", "事项"),
        "value": ("value", "数值"),
        "amount": ("amount", "金额"),
        "rate": ("rate", "费率"),
        "days": ("days", "天数"),
        "debtor": ("debtor", "义务人"),
        "creditor": ("creditor", "权利人"),
        "holder": ("holder", "权利人"),
        "by": ("by", "违约方"),
        "of": ("of", "所涉义务"),
        "action": ("action", "内容"),
        "due": ("due date", "到期日"),
        "due_amount": ("due", "应付"),
        "grace_until": ("grace until", "宽限期截止日"),
        "deadline": ("deadline", "期限"),
        "since": ("since", "自"),
        "overdue_since": ("overdue since", "逾期起始日"),
        "date": ("date", "日期"),
        "from": ("from", "自"),
        "to": ("to", "至"),
        "grade": ("grade", "违约等级"),
        "status": ("status", "状态"),
        "state": ("state", "合同状态"),
        "paid": ("paid", "已付"),
        "open": ("open", "未付"),
        "overdue": ("overdue", "逾期未付"),
        "opened": ("opened", "成立日"),
        "opens": ("opens", "成立日"),
        "lapses": ("last day", "最后行使日"),
        "exercised_on": ("exercised on", "行使日"),
        "at_stake": ("at stake", "涉及金额"),
        "needs": ("needs", "尚缺数据"),
        "ref": ("reference", "付款编号"),
        "on": ("credited on", "入账日"),
        "reported": ("reported on", "报告日"),
        "payer": ("payer", "付款人"),
        "payee": ("payee", "收款人"),
        "applied": ("applied to", "抵充"),
        "part": ("part", "部分"),
        "unapplied": ("unapplied", "未抵充"),
        "source": ("source", "来源"),
        "formula": ("formula", "算式"),
        "as_issued": ("as issued", "原出具数"),
        "as_now": ("as now", "重算数"),
        "difference": ("difference", "差额"),
        "as_of": ("as of", "截止日"),
        "complete_through": ("complete through", "数据完整至"),
        "net": ("net", "不含税金额"),
        "gross": ("gross", "价税合计"),
        "note": ("note", "附注"),
    },
    per={
        "day": (" per day", "/日"),
        "week": (" per week", "/周"),
        "month": (" per month", "/月"),
        "year": (" per year", "/年"),
    },
    unit={
        "hours": ("hours", "小时"),
        "days": ("days", "日"),
        "business_days": ("business days", "个工作日"),
        "weeks": ("weeks", "周"),
        "months": ("months", "个月"),
        "quarters": ("quarters", "个季度"),
        "years": ("years", "年"),
    },
    grain={
        "daily": ("daily", "按日"),
        "weekly": ("weekly", "按周"),
        "monthly": ("monthly", "按月"),
        "quarterly": ("quarterly", "按季"),
        "yearly": ("yearly", "按年"),
        "once": ("once", "一次性"),
    },
    type={
        "boolean": ("boolean", "是否"),
        "number": ("number", "数值"),
        "percent": ("percent", "百分比"),
        "points": ("percentage points", "百分点"),
        "count": ("count", "数量"),
        "money": ("money", "金额"),
        "rate": ("rate", "费率"),
        "date": ("date", "日期"),
        "moment": ("moment", "时刻"),
        "duration": ("duration", "时长"),
        "text": ("text", "文本"),
        "one_of": ("one of", "可选值"),
        "party": ("party", "当事人"),
        "list": ("list", "清单"),
        "payments": ("payments", "付款记录"),
        "intervals": ("intervals", "期间"),
        "notice": ("notice", "通知"),
        "record": ("record", "记录"),
        "shares": ("shares", "份额"),
    },
)
