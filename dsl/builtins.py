"""The functions of the language: name, types, meaning, and a worked example of each that tests run.

Every function is pure and total over exact values. Unknown and not applicable arguments never arrive here
(an engine passes them through first), except at `fallback`, whose business they are. `needs` says what a
function needs besides its arguments: the contract's calendar, or the period it is evaluated for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, cast

import attrs

from clausal.dsl.calendars import CN, Calendar
from clausal.dsl.periods import Period, days_in, month, share_of, year_fraction
from clausal.dsl.types import DATE, NUMBER, PERCENT, Type
from clausal.dsl.values import Exact, NotApplicable, Value, exact, round_to

DAYS: Final = Type("count", unit="days")

# What a parameter accepts. `same`: those marked so have one type, numeric or date; `amount`: likewise, but
# numeric; `plain`: a number or a count (any unit); `width`: the type of `amount`, or points where that is a
# percent or a number; `base`: percent, number or money; `rise`: the type of `base`, or points on a percent.
# Words by position: `daycount` and `proration` one of theirs, `currency` one of the contract's.
Accepts: TypeAlias = Literal[
    "same", "amount", "plain", "money", "percent", "date", "width", "base", "rise", "daycount", "proration", "currency"
]
Evaluate: TypeAlias = Callable[[tuple[Value, ...], Calendar | None, Period | None], Value]


@attrs.frozen
class Parameter:
    """One parameter of a function; only the last may be `many` (one or more) or `optional`. Where all are `many` they
    come again in turn: `weighted(score, weight, score, weight)`."""

    name: str
    accepts: Accepts
    many: bool = False
    optional: bool = False


@attrs.frozen
class Example:
    """What it gives for these arguments; `text` is the same as a contract writes it."""

    text: str
    args: tuple[Value, ...]
    gives: Value
    calendar: Calendar | None = None
    period: Period | None = None


@attrs.frozen
class Function:
    """`result` is a fixed type, or the name of the parameter kind whose type it has (`currency`: money of it)."""

    name: str
    zh: str
    parameters: tuple[Parameter, ...]
    result: Type | Literal["same", "amount", "money", "base", "currency"]
    evaluate: Evaluate
    examples: tuple[Example, ...]
    needs: Literal["calendar", "period"] | None = None

    @property
    def least(self) -> int:
        return sum(1 for p in self.parameters if not p.optional)

    @property
    def most(self) -> int | None:
        """None where there may be any number."""
        return None if any(p.many for p in self.parameters) else len(self.parameters)

    @property
    def turns(self) -> bool:
        return len(self.parameters) > 1 and all(p.many for p in self.parameters)

    def parameter(self, index: int) -> Parameter:
        if self.turns:
            return self.parameters[index % len(self.parameters)]
        return self.parameters[min(index, len(self.parameters) - 1)]


def _numbers(args: tuple[Value, ...]) -> tuple[Exact, ...]:
    return cast(tuple[Exact, ...], args)


def _floor(value: Exact) -> int:
    return value.numerator // value.denominator


def _rounded(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    value, unit = _numbers(args)
    if unit <= 0:
        return NotApplicable("rounding to a unit that is not above zero")
    return round_to(value, Fraction(unit), "half_up")


def _whole_below(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    return _floor(_numbers(args)[0])


def _whole_above(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    return -_floor(-_numbers(args)[0])


def _minimum(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    return min(_numbers(args))


def _maximum(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    return max(_numbers(args))


def _limit(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    value, low, high = _numbers(args)
    if low > high:
        return NotApplicable("limits that exclude each other")
    return max(low, min(value, high))


def _step(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    """base + rise for each full width that the value lies above `from`; base where it does not."""
    value, start, width, base, rise = _numbers(args)
    if width <= 0:
        return NotApplicable("a step without a width")
    full = _floor(Fraction(value - start) / width)
    return exact(base + rise * max(0, full))


def _attainment(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    actual, baseline, target = _numbers(args)
    if target == baseline:
        return NotApplicable("division by zero", "the target equals the baseline")
    return exact(Fraction(actual - baseline) / (target - baseline))


def _deviation(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    one, other, of = _numbers(args)
    if of == 0:
        return NotApplicable("division by zero")
    return exact(abs(Fraction(one - other) / of))


def _days_between(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    first, second = cast(tuple[dt.date, dt.date], args)
    return (second - first).days


def _business_days_between(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    if calendar is None:
        raise ValueError("business days need a calendar")
    first, second = cast(tuple[dt.date, dt.date], args)
    return calendar.business_days_between(first, second)


def _fallback(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    first, second = args
    return second if isinstance(first, NotApplicable) else first


def _absolute(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    value = _numbers(args)[0]
    return -value if value < 0 else value


def _first_of_month(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    return cast(dt.date, args[0]).replace(day=1)


def _month_number(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    return _period(period).start.month


def _days_in_month(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    return days_in(_period(period))


def _period(period: Period | None) -> Period:
    if period is None:
        raise ValueError("this function needs a period")
    return period


def _package(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    quantity, size, price = _numbers(args)[:3]
    free = _numbers(args)[3:]
    if size <= 0:
        return NotApplicable("a package without a size")
    over = max(0, quantity - (free[0] if free else 0))
    packages = -_floor(-Fraction(over) / size)
    return exact(packages * price)


def _tax_net(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    gross, rate = _numbers(args)
    if rate <= -1:
        return NotApplicable("division by zero")
    return exact(Fraction(gross) / (1 + rate))


def _tax_part(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    gross, rate = _numbers(args)
    if rate <= -1:
        return NotApplicable("division by zero")
    return exact(gross - Fraction(gross) / (1 + rate))


def _year_fraction(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    """From the first day to the second, which is not counted."""
    first, second = cast(tuple[dt.date, dt.date], args[:2])
    return exact(year_fraction(first, second, cast(str, args[2])))


def _prorate(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    """What of an amount for the whole period falls on the days from the first to the second, both counted."""
    amount = cast(Exact, args[0])
    first, second = cast(tuple[dt.date, dt.date], args[1:3])
    basis = cast(str, args[3]) if len(args) > 3 else "actual"
    try:
        return exact(amount * share_of(_period(period), first, second, basis))
    except ValueError:
        return NotApplicable("no such proration")


def _weighted(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    numbers = _numbers(args)
    scores, weights = numbers[::2], numbers[1::2]
    if sum(weights) != 1:
        return NotApplicable("weights that do not add up to one")
    return exact(sum(s * w for s, w in zip(scores, weights, strict=True)))


def _uplift(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    base, index, low, high = _numbers(args)
    if low > high:
        return NotApplicable("limits that exclude each other")
    return exact(base * (1 + max(low, min(index, high))))


def _fx(args: tuple[Value, ...], calendar: Calendar | None, period: Period | None) -> Value:
    amount, rate = _numbers(args[:2])
    if rate <= 0:
        return NotApplicable("a rate of exchange that is not above zero")
    return exact(amount * rate)


def _p(name: str, accepts: Accepts, many: bool = False, optional: bool = False) -> Parameter:
    return Parameter(name, accepts, many, optional)


FUNCTIONS: Final = (
    Function(
        "rounded",
        "舍入值",
        (_p("value", "amount"), _p("unit", "amount")),
        "amount",
        _rounded,
        (Example("rounded(CNY 10.005, CNY 0.01)", (Fraction("10.005"), Fraction("0.01")), Fraction("10.01")),),
    ),
    Function(
        "floor",
        "取整",
        (_p("value", "amount"),),
        "amount",
        _whole_below,
        (Example("floor(2.9)", (Fraction("2.9"),), 2), Example("floor(-0.1)", (Fraction("-0.1"),), -1)),
    ),
    Function(
        "ceiling",
        "进一",
        (_p("value", "amount"),),
        "amount",
        _whole_above,
        (Example("ceiling(2.1)", (Fraction("2.1"),), 3),),
    ),
    Function(
        "minimum",
        "较小者",
        (_p("first", "same"), _p("others", "same", many=True)),
        "same",
        _minimum,
        (Example("minimum(60%, 46%)", (Fraction(3, 5), Fraction(23, 50)), Fraction(23, 50)),),
    ),
    Function(
        "maximum",
        "较大者",
        (_p("first", "same"), _p("others", "same", many=True)),
        "same",
        _maximum,
        (Example("maximum(CNY 0, -CNY 5)", (0, -5), 0),),
    ),
    Function(
        "limit",
        "限值",
        (_p("value", "amount"), _p("low", "amount"), _p("high", "amount")),
        "amount",
        _limit,
        (Example("limit(CNY 1.50, CNY 1.75, CNY 12)", (Fraction("1.5"), Fraction("1.75"), 12), Fraction("1.75")),),
    ),
    Function(
        "step",
        "分级递增",
        (
            _p("value", "amount"),
            _p("from", "amount"),
            _p("width", "width"),
            _p("base", "base"),
            _p("rise", "rise"),
        ),
        "base",
        _step,
        (
            Example(
                "step(137%, 100%, 10pp, 40%, 2pp)",
                (Fraction(137, 100), 1, Fraction(1, 10), Fraction(2, 5), Fraction(1, 50)),
                Fraction(23, 50),
            ),
            Example(
                "step(109%, 100%, 10pp, 40%, 2pp)",
                (Fraction(109, 100), 1, Fraction(1, 10), Fraction(2, 5), Fraction(1, 50)),
                Fraction(2, 5),
            ),
        ),
    ),
    Function(
        "attainment",
        "达成率",
        (_p("actual", "amount"), _p("baseline", "amount"), _p("target", "amount")),
        PERCENT,
        _attainment,
        (Example("attainment(11_500, 10_000, 12_000)", (11_500, 10_000, 12_000), Fraction(3, 4)),),
    ),
    Function(
        "deviation",
        "偏差率",
        (_p("one", "amount"), _p("other", "amount"), _p("of", "amount")),
        PERCENT,
        _deviation,
        (
            Example(
                "deviation(CNY 330_000, CNY 285_000, CNY 285_000)",
                (330_000, 285_000, 285_000),
                Fraction(3, 19),
            ),
        ),
    ),
    Function(
        "days_between",
        "相隔天数",
        (_p("first", "date"), _p("second", "date")),
        DAYS,
        _days_between,
        (Example("days_between(2026-01-31, 2026-03-01)", (dt.date(2026, 1, 31), dt.date(2026, 3, 1)), 29),),
    ),
    Function(
        "business_days_between",
        "工作日数",
        (_p("first", "date"), _p("second", "date")),
        DAYS,
        _business_days_between,
        (
            Example(
                "business_days_between(2026-04-30, 2026-05-11)",
                (dt.date(2026, 4, 30), dt.date(2026, 5, 11)),
                5,
                calendar=CN,
            ),
        ),
        needs="calendar",
    ),
    Function(
        "fallback",
        "缺省取",
        (_p("value", "same"), _p("otherwise", "same")),
        "same",
        _fallback,
        (Example("fallback(sales / visits, CNY 0)", (NotApplicable("division by zero"), 0), 0),),
    ),
    Function(
        "absolute",
        "绝对值",
        (_p("value", "amount"),),
        "amount",
        _absolute,
        (Example("absolute(-CNY 5)", (-5,), 5),),
    ),
    Function(
        "first_of_month",
        "当月首日",
        (_p("day", "date"),),
        DATE,
        _first_of_month,
        (Example("first_of_month(2026-05-10)", (dt.date(2026, 5, 10),), dt.date(2026, 5, 1)),),
    ),
    Function(
        "month_number",
        "月份数",
        (),
        NUMBER,
        _month_number,
        (Example("month_number()", (), 3, period=month(2026, 3)),),
        needs="period",
    ),
    Function(
        "days_in_month",
        "当月天数",
        (),
        NUMBER,
        _days_in_month,
        (Example("days_in_month()", (), 28, period=month(2026, 2)),),
        needs="period",
    ),
    Function(
        "package",
        "按包计价",
        (
            _p("quantity", "plain"),
            _p("size", "plain"),
            _p("price", "money"),
            _p("free", "plain", optional=True),
        ),
        "money",
        _package,
        (
            Example("package(121, 10, CNY 100)", (121, 10, 100), 1300),
            Example("package(121, 10, CNY 100, 10)", (121, 10, 100, 10), 1200),
        ),
    ),
    Function(
        "tax_net",
        "不含税额",
        (_p("gross", "money"), _p("rate", "percent")),
        "money",
        _tax_net,
        (Example("tax_net(CNY 106_000, 6%)", (106_000, Fraction(6, 100)), 100_000),),
    ),
    Function(
        "tax_part",
        "税额",
        (_p("gross", "money"), _p("rate", "percent")),
        "money",
        _tax_part,
        (Example("tax_part(CNY 106_000, 6%)", (106_000, Fraction(6, 100)), 6_000),),
    ),
    Function(
        "year_fraction",
        "折合年数",
        (_p("from", "date"), _p("to", "date"), _p("daycount", "daycount")),
        NUMBER,
        _year_fraction,
        (
            Example(
                "year_fraction(2026-01-01, 2026-02-01, actual_365)",
                (dt.date(2026, 1, 1), dt.date(2026, 2, 1), "actual_365"),
                Fraction(31, 365),
            ),
            Example(
                "year_fraction(2012-12-30, 2013-01-09, actual_actual)",
                (dt.date(2012, 12, 30), dt.date(2013, 1, 9), "actual_actual"),
                Fraction(2, 366) + Fraction(8, 365),
            ),
        ),
    ),
    Function(
        "prorate",
        "按期折算",
        (_p("amount", "amount"), _p("first", "date"), _p("last", "date"), _p("basis", "proration", optional=True)),
        "amount",
        _prorate,
        (
            Example(
                "prorate(CNY 3_100, 2026-01-09, 2026-01-31)",
                (3_100, dt.date(2026, 1, 9), dt.date(2026, 1, 31)),
                2_300,
                period=month(2026, 1),
            ),
            Example(
                "prorate(CNY 150, 2026-01-13, 2026-01-31, fixed30)",
                (150, dt.date(2026, 1, 13), dt.date(2026, 1, 31), "fixed30"),
                90,
                period=month(2026, 1),
            ),
        ),
        needs="period",
    ),
    Function(
        "weighted",
        "加权值",
        (_p("score", "amount", many=True), _p("weight", "percent", many=True)),
        "amount",
        _weighted,
        (
            Example(
                "weighted(70, 40%, 80, 30%, 60, 30%)",
                (70, Fraction(2, 5), 80, Fraction(3, 10), 60, Fraction(3, 10)),
                70,
            ),
        ),
    ),
    Function(
        "uplift",
        "指数调价",
        (_p("base", "amount"), _p("index", "percent"), _p("low", "percent"), _p("high", "percent")),
        "amount",
        _uplift,
        (
            Example(
                "uplift(CNY 58, 3.2%, 0%, 5%)",
                (58, Fraction(32, 1000), 0, Fraction(1, 20)),
                Fraction("59.856"),
            ),
            Example(
                "uplift(CNY 100, 7.5%, 0%, 5%)",
                (100, Fraction(75, 1000), 0, Fraction(1, 20)),
                105,
            ),
        ),
    ),
    Function(
        "fx",
        "汇率折算",
        (_p("amount", "money"), _p("rate", "plain"), _p("to", "currency")),
        "currency",
        _fx,
        (Example("fx(CNY 710, 0.5, CNY)", (710, Fraction(1, 2), "CNY"), 355),),
    ),
)

BUILTINS: Final[Mapping[str, Function]] = MappingProxyType({f.name: f for f in FUNCTIONS})
"""By English name, which is the one that the model uses."""

_BY_WORD: Final[Mapping[str, Function]] = MappingProxyType({**BUILTINS, **{f.zh: f for f in FUNCTIONS}})


def builtin(word: str) -> Function | None:
    """The function of that name, in either language."""
    return _BY_WORD.get(word)


__all__ = ["BUILTINS", "DATE", "DAYS", "Example", "Function", "Parameter", "builtin"]
