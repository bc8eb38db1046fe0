"""How a contract speaks to a lawyer: names, figures, days and lists as a drafter of the reader's language sets them.

Every sentence is put together here from words of the model; the two languages stand side by side where they differ.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

import attrs

from clausal.dsl import model as m
from clausal.dsl.diagnostics import Lang
from clausal.dsl.types import Shift, Type
from clausal.dsl.values import Duration, Scalar
from clausal.dsl.wording import (
    count_text,
    date_text,
    decimals,
    duration_text,
    label,
    money_text,
    number_text,
    percent_text,
    points_text,
)

PER: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "day": ("per day", "每日"),
        "week": ("per week", "每周"),
        "month": ("per month", "每月"),
        "year": ("per year", "每年"),
    }
)

DAY_COUNTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "actual_365": ("actual days over 365", "实际天数除以365"),
        "actual_360": ("actual days over 360", "实际天数除以360"),
        "actual_actual": ("actual days over the days of the year", "实际天数除以当年天数"),
        "thirty_360": ("months of 30 days over 360", "每月按30日计，除以360"),
        "thirty_e_360": ("months of 30 days over 360, European style", "每月按30日计（欧式），除以360"),
    }
)

WEEKDAYS: Final = (
    ("Monday", "周一"),
    ("Tuesday", "周二"),
    ("Wednesday", "周三"),
    ("Thursday", "周四"),
    ("Friday", "周五"),
    ("Saturday", "周六"),
    ("Sunday", "周日"),
)

# One period of each grain.
GRAINS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "daily": ("day", "日"),
        "weekly": ("week", "周"),
        "monthly": ("month", "月"),
        "quarterly": ("quarter", "季度"),
        "yearly": ("year", "年"),
        "once": ("term", "合同期"),
    }
)

UNITS_ZH: Final[Mapping[str, str]] = MappingProxyType(
    {"daily": "日", "weekly": "周", "monthly": "个月", "quarterly": "个季度", "yearly": "年", "once": "期"}
)

WINDOWS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "month": ("each month", "每月"),
        "quarter": ("each quarter", "每季度"),
        "contract year": ("each contract year", "每合同年度"),
        "calendar year": ("each calendar year", "每自然年度"),
        "whole term": ("the whole term", "整个合同期"),
    }
)

GRADES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "minor": ("a minor breach", "一般违约"),
        "serious": ("a serious breach", "严重违约"),
        "fundamental": ("a fundamental breach", "根本违约"),
    }
)

PAYMENT_FIELDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "ref": ("reference", "编号"),
        "payer": ("payer", "付款人"),
        "payee": ("payee", "收款人"),
        "amount": ("amount", "金额"),
        "on": ("date credited", "到账日"),
        "reported": ("date reported", "报告日"),
        "for": ("purpose", "用途"),
        "kind": ("kind", "类型"),
    }
)


@attrs.frozen
class Telling:
    """A contract, and the language in which it is told."""

    contract: m.Contract
    lang: Lang

    @property
    def zh(self) -> bool:
        return self.lang == "zh"

    def pick(self, en: str, zh: str) -> str:
        return zh if self.zh else en

    def pick_level(self, en: int, zh: int) -> int:
        """How tightly words hold together that do so in one language only."""
        return zh if self.zh else en

    def of(self, table: Mapping[str, tuple[str, str]], key: str) -> str:
        pair = table.get(key)
        return key if pair is None else self.pick(*pair)

    # ---- joining

    def listed(self, items: Iterable[str], last: str = "and") -> str:
        """ "a, b and c", "a、b和c", “a”“b”和“c”; `last` is "and" or "or"."""
        words = list(items)
        if len(words) < 2:
            return "".join(words)
        join = self.pick(f" {last} ", "和" if last == "and" else "或")
        some = self.pick(", ", "、").join(words[:-1])
        return (some.replace("”、“", "”“") if self.zh else some) + join + words[-1]

    def clauses(self, items: Iterable[str]) -> str:
        """Parts of a sentence, one after the other, set apart by semicolons."""
        return self.pick("; ", "；").join(item for item in items if item)

    def commas(self, items: Iterable[str]) -> str:
        return self.pick(", ", "，").join(item for item in items if item)

    def sentence(self, text: str) -> str:
        """With its full stop, and only one."""
        return text.rstrip(".。;；") + self.pick(".", "。")

    def brackets(self, text: str) -> str:
        return self.pick(f"({text})", f"（{text}）")

    def after(self, text: str, aside: str) -> str:
        """Text with an aside in brackets behind it, if there is one."""
        return text if not aside else self.pick(f"{text} ({aside})", f"{text}（{aside}）")

    # ---- names

    def quoted(self, text: str) -> str:
        return f"“{text}”"

    def name(self, name: str) -> str:
        """What a norm, a kpi, a list is called: in Chinese set in quotation marks, where names run into the sentence."""
        return self.pick(name, f"“{name}”")

    def party(self, name: str) -> str:
        """A party, by its name in the contract: a plain English word is said as one, `the client`."""
        if self.zh or not (name.isascii() and name[:1].islower() and name.isalpha()):
            return name
        return f"the {name}"

    def starting(self, name: str) -> str:
        """A party at the head of a sentence."""
        said = self.party(name)
        return said[:1].upper() + said[1:] if said.startswith("the ") and said != name else said

    def parties(self, names: Iterable[str]) -> str:
        return self.listed(self.party(name) for name in names)

    # ---- figures

    def money(self, amount: Fraction | int, currency: str) -> str:
        """ "CNY 8,000", "CNY 0.50"; "8,000元", "USD 8,000": cents only where there are any."""
        value = Fraction(amount)
        places = 0 if value.denominator == 1 else decimals(currency)
        text = money_text(value, currency, places)
        if self.zh and currency == "CNY":
            return text.replace("CNY ", "") + "元"
        return text

    def rate(self, value: Fraction | int, t: Type) -> str:
        per = t.per or "day"
        of = percent_text(value) if t.currency is None else self.money(value, t.currency)
        return self.pick(f"{of} {PER[per][0]}", f"{PER[per][1]}{of}")

    def duration(self, value: Duration) -> str:
        return duration_text(value.amount, value.unit, self.lang)

    def day(self, day: dt.date) -> str:
        return date_text(day, self.lang, long=True)

    def moment(self, at: dt.datetime) -> str:
        clock = f"{at:%H:%M}"
        return self.pick(f"{clock} on {self.day(at.date())}", f"{self.day(at.date())}{clock}")

    def figure(self, value: Scalar, t: Type) -> str:
        """A value that the contract writes out, by its type."""
        match value:
            case bool():
                return label("known.true" if value else "known.false", self.lang)
            case dt.datetime():
                return self.moment(value)
            case dt.date():
                return self.day(value)
            case Duration():
                return self.duration(value)
            case str():
                return self.party(value) if t.kind == "party" else self.quoted(value)
            case _:
                return self._number(value, t)

    def _number(self, value: int | Fraction, t: Type) -> str:
        match t.kind:
            case "money":
                return self.money(value, t.currency or "")
            case "percent":
                return percent_text(value)
            case "points":
                return points_text(value, self.lang)
            case "rate":
                return self.rate(value, t)
            case "count" if t.unit is not None:
                if self.zh:
                    return number_text(value) + t.unit if _is_chinese(t.unit) else count_text(value, t.unit)
                return count_text(value, t.unit)
            case _:
                return number_text(value)

    # ---- days that move

    def shifted(self, shift: Shift) -> str:
        """What becomes of a last day that is no business day."""
        match shift:
            case "next":
                return self.pick(
                    "if that day is not a business day, on the next business day", "遇休息日的，顺延至其后第一个工作日"
                )
            case "previous":
                return self.pick(
                    "if that day is not a business day, on the business day before it",
                    "遇休息日的，提前至其前一个工作日",
                )
            case _:
                return self.pick("whether or not that day is a business day", "遇休息日不作调整")

    def last_day(self, shift: Shift) -> str:
        """The same of a period that was just named; nothing where the contract has no days off."""
        if self.contract.header.calendar is None and shift == "unshifted":
            return ""
        match shift:
            case "next":
                return self.pick(
                    "extended to the next business day if its last day is not one",
                    "末日遇休息日的，顺延至其后第一个工作日",
                )
            case "previous":
                return self.pick(
                    "shortened to the business day before if its last day is not one",
                    "末日遇休息日的，提前至其前一个工作日",
                )
            case _:
                return self.pick("whether or not its last day is a business day", "末日遇休息日不作调整")

    def asides(self, *parts: str) -> str:
        """What is said in brackets behind words, with the blank before it; nothing if there is nothing to say."""
        said = self.clauses(parts)
        return said and self.pick(f" ({said})", f"（{said}）")

    def many(self, number: int, grain: str) -> str:
        one = GRAINS[grain][0]
        return self.pick(f"{number} {one}{'' if number == 1 else 's'}", f"{number}{UNITS_ZH[grain]}")


def _is_chinese(text: str) -> bool:
    return any("\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" for char in text)
