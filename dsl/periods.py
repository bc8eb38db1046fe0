"""Months, contract years, schedules, deadlines, day counts, month ends: every rule of time in one place.

Pure functions on dates. Periods include both of their days. A date that cannot be had (a missing day under
the rule `error`, a day beyond the year 9999) is a `ValueError` whose text can stand in a diagnostic.
"""

import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Literal, assert_never

import attrs

from clausal.dsl.calendars import Calendar

MONTH_END_RULES = ("clamp", "sticky", "next", "error")
DEADLINE_RULES = ("next", "previous", "unshifted")
DURATION_UNITS = ("days", "business days", "weeks", "months", "quarters", "years")
DAY_COUNTS = ("actual_365", "actual_360", "thirty_360", "thirty_e_360", "actual_actual")
PRORATIONS = ("actual", "fixed30", "none")
STUBS = ("short", "long")

Kind = Literal["day", "week", "month", "quarter", "half", "year", "contract year"]

_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LAST_ORDINAL = date.max.toordinal()
_KIND_OF_LETTER: dict[str, Kind] = {"Q": "quarter", "H": "half"}
_KEY = r"([0-9]{4})(?:-(?:([0-9]{2})(?:-([0-9]{2}))?|Q([1-4])|H([12])|W([0-9]{2})))?"


# Periods


@attrs.frozen(order=True)
class Period:
    """A span of days with the name that statements give it; both days are included."""

    start: date
    end: date
    key: str
    """`2026-01`, `2026-Q1`, `2026-H1`, `2026`, `2026-W05`, `2026-02-04`; `Y1` for a contract year."""

    def __contains__(self, d: date) -> bool:
        return self.start <= d <= self.end

    @property
    def kind(self) -> Kind:
        key = self.key
        if len(key) == 7:
            return _KIND_OF_LETTER.get(key[5], "month")
        if key[0] == "Y":
            return "contract year"
        return "year" if len(key) == 4 else "week" if key[5] == "W" else "day"


@lru_cache(maxsize=4096)
def month(year: int, m: int) -> Period:
    return Period(date(year, m, 1), date(year, m, month_length(year, m)), f"{year:04d}-{m:02d}")


def quarter(year: int, q: int) -> Period:
    last = 3 * q
    return Period(date(year, last - 2, 1), date(year, last, month_length(year, last)), f"{year:04d}-Q{q}")


def half(year: int, h: int) -> Period:
    last = 6 * h
    return Period(date(year, last - 5, 1), date(year, last, month_length(year, last)), f"{year:04d}-H{h}")


def year(y: int) -> Period:
    return Period(date(y, 1, 1), date(y, 12, 31), f"{y:04d}")


def week(iso_year: int, w: int) -> Period:
    """An ISO week, Monday to Sunday; its year is the one that its Thursday lies in."""
    monday = date.fromisocalendar(iso_year, w, 1)
    return Period(monday, plus_days(monday, 6), f"{iso_year:04d}-W{w:02d}")


def month_of(d: date) -> Period:
    return month(d.year, d.month)


def quarter_of(d: date) -> Period:
    return quarter(d.year, (d.month + 2) // 3)


def half_of(d: date) -> Period:
    return half(d.year, (d.month + 5) // 6)


def year_of(d: date) -> Period:
    return year(d.year)


def week_of(d: date) -> Period:
    iso_year, w, _ = d.isocalendar()
    return week(iso_year, w)


def day_of(d: date) -> Period:
    return Period(d, d, d.isoformat())


def period_of(d: date, kind: Kind) -> Period:
    """The period of that kind which holds the day; a contract year needs its term, see `contract_year_of`."""
    match kind:
        case "month":
            return month_of(d)
        case "quarter":
            return quarter_of(d)
        case "half":
            return half_of(d)
        case "year":
            return year_of(d)
        case "week":
            return week_of(d)
        case "day":
            return day_of(d)
        case "contract year":
            raise ValueError("a contract year is counted from the start of the term")
        case _:
            assert_never(kind)


def contract_year(n: int, term_start: date, rule: str = "clamp") -> Period:
    """The n-th year of the contract, from 1, counted from the first day of the term."""
    if n < 1:
        raise ValueError(f"contract years count from 1, not from {n}")
    start = add_months(term_start, 12 * (n - 1), rule)
    return Period(start, plus_days(add_months(term_start, 12 * n, rule), -1), f"Y{n}")


def contract_year_of(d: date, term_start: date, rule: str = "clamp") -> Period:
    """The contract year that holds `d`. ValueError before the term."""
    if d < term_start:
        raise ValueError(f"{d} lies before the term, which starts on {term_start}")
    n = d.year - term_start.year
    if n and d < add_months(term_start, 12 * n, rule):
        n -= 1
    return contract_year(n + 1, term_start, rule)


def parse_period(text: str) -> Period:
    """The period of that key. ValueError if it is spelled otherwise or does not exist."""
    found = re.fullmatch(_KEY, text)
    if found is None:
        raise ValueError(f"`{text}` is not a period: write 2026-01, 2026-Q1, 2026-H1, 2026, 2026-W05 or 2026-02-04")
    y, m, d, q, h, w = (int(part) if part else 0 for part in found.groups())
    try:
        if q:
            return quarter(y, q)
        if h:
            return half(y, h)
        if found[6] is not None:
            return week(y, w)
        if found[3] is not None:
            return day_of(date(y, m, d))
        if found[2] is not None:
            return month(y, m)
        return year(y)
    except ValueError:
        raise ValueError(f"`{text}` is not a period: there is none of that number") from None


def shift(period: Period, n: int) -> Period:
    """The period n of its own kind later, earlier if n is negative. ValueError for a contract year."""
    match period.kind:
        case "month":
            return month(*_later(period.start, n))
        case "quarter":
            return quarter_of(date(*_later(period.start, 3 * n), 1))
        case "half":
            return half_of(date(*_later(period.start, 6 * n), 1))
        case "year":
            return year(_year_in_range(period.start.year + n))
        case "week":
            return week_of(plus_days(period.start, 7 * n))
        case "day":
            return day_of(plus_days(period.start, n))
        case "contract year":
            raise ValueError("a contract year is counted from the start of the term")
        case kind:
            assert_never(kind)


def periods_between(start: date, end: date, kind: Kind) -> tuple[Period, ...]:
    """Every period of that kind with a day from `start` to `end`, in order; none if `end` is earlier."""
    found: list[Period] = []
    while start <= end:
        period = period_of(start, kind)
        found.append(period)
        if period.end >= end:
            break
        start = plus_days(period.end, 1)
    return tuple(found)


def months_between(start: date, end: date) -> tuple[Period, ...]:
    """Every month with a day from `start` to `end`, in order; none if `end` is earlier."""
    return periods_between(start, end, "month")


def days_in(period: Period) -> int:
    return days_inclusive(period.start, period.end)


def share_of(period: Period, first: date, last: date, basis: str) -> Fraction:
    """The share of the full period that the days from `first` to `last` cover, between 0 and 1.

    `actual` counts calendar days, `fixed30` counts months of thirty days (30E/360, so that shares of one
    period add up to one), `none` takes the whole period for any day in it.
    """
    first, last = max(first, period.start), min(last, period.end)
    if last < first:
        return Fraction(0)
    match basis:
        case "actual":
            return Fraction(days_inclusive(first, last), days_in(period))
        case "fixed30":
            if period.kind == "week" or period.start == period.end:
                raise ValueError(f"`fixed30` prorates months and longer periods, not a {period.kind}")
            whole = _thirty_e_after(period.end) - _thirty_e(period.start)
            return Fraction(_thirty_e_after(last) - _thirty_e(first), whole)
        case "none":
            return Fraction(1)
        case _:
            raise _unknown("proration", basis, PRORATIONS)


# Months and days later


def month_length(year: int, m: int) -> int:
    if m == 2 and _is_leap(year):
        return 29
    return _MONTH_LENGTHS[m - 1]


def plus_days(d: date, n: int) -> date:
    ordinal = d.toordinal() + n
    if not 1 <= ordinal <= _LAST_ORDINAL:
        raise ValueError(f"{_signed(n, 'day')} from {d} lies outside of the years 1 to 9999")
    return date.fromordinal(ordinal)


def add_months(anchor: date, n: int, rule: str) -> date:
    """The day n months after the anchor, before it if negative; the rule says what a missing day means.

    `clamp`: the last day of the month. `sticky`: an anchor on the last day of its month stays on the last
    day. `next`: the first day of the following month. `error`: ValueError.
    """
    y, m = _later(anchor, n)
    length = month_length(y, m)
    if rule == "sticky" and anchor.day == month_length(anchor.year, anchor.month):
        return date(y, m, length)
    return _day_in(y, m, anchor.day, length, rule)


def day_of_month(month: Period, n: int, rule: str) -> date:
    """Day n, from 1 to 31, of the month; a missing one as for `add_months` (here `sticky` is `clamp`)."""
    if not 1 <= n <= 31:
        raise ValueError(f"no month has a day {n}")
    return _day_in(month.start.year, month.start.month, n, month.end.day, rule)


def nth_business_day(month: Period, n: int, calendar: Calendar) -> date:
    """The n-th business day of the period, from 1; from its end if negative. ValueError if it has fewer."""
    if n == 0:
        raise ValueError("business days of a month count from 1")
    if n > 0:
        found = calendar.add_business_days(calendar.next_business_day(month.start), n - 1)
    else:
        found = calendar.add_business_days(calendar.previous_business_day(month.end), n + 1)
    if found not in month:
        raise ValueError(f"{month.key} has fewer than {abs(n)} business days in calendar {calendar.name}")
    return found


def add_duration(d: date, n: int, unit: str, calendar: Calendar | None, rule: str) -> date:
    """The last day of "within n units of d": `d` is not counted, that day is, to its end; unshifted."""
    match unit:
        case "days":
            return plus_days(d, n)
        case "business days":
            if calendar is None:
                raise ValueError("business days need a calendar")
            return calendar.add_business_days(d, n)
        case "weeks":
            return plus_days(d, 7 * n)
        case "months":
            return add_months(d, n, rule)
        case "quarters":
            return add_months(d, 3 * n, rule)
        case "years":
            return add_months(d, 12 * n, rule)
        case _:
            raise _unknown("unit of duration", unit, DURATION_UNITS)


def shift_deadline(d: date, rule: str, calendar: Calendar | None) -> date:
    """Where a deadline on `d` comes to lie: on the `next` or `previous` business day, or `unshifted`."""
    match rule:
        case "unshifted":
            return d
        case "next" | "previous":
            if calendar is None:
                raise ValueError(f"deadlines on the {rule} business day need a calendar")
            return calendar.next_business_day(d) if rule == "next" else calendar.previous_business_day(d)
        case _:
            raise _unknown("rule for deadlines", rule, DEADLINE_RULES)


def months_and_days(first: date, last: date) -> tuple[int, int]:
    """The time from `first` to `last`, both included, as full months and then days."""
    if last < first:
        return 0, 0
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    while (full := plus_days(add_months(first, months, "clamp"), -1)) > last:
        months -= 1
    return months, (last - full).days


def extend(end: date, first: date, last: date, by: str, rule: str) -> date:
    """A last day moved by the time from `first` to `last`, both included: `days`, or `months` then days."""
    match by:
        case "days":
            return plus_days(end, days_inclusive(first, last))
        case "months":
            months, days = months_and_days(first, last)
            return plus_days(add_months(end, months, rule), days)
        case _:
            raise _unknown("way to extend", by, ("days", "months"))


# Schedules: every date is computed from the anchor, never from the date before it


def schedule(anchor: date, every_months: int, until: date, rule: str) -> Iterator[date]:
    """The anchor and every so many months after it, up to and including `until`."""
    if every_months < 1:
        raise ValueError(f"a schedule moves by at least one month, not by {every_months}")
    months = 12 * (until.year - anchor.year) + until.month - anchor.month
    if until.day < min(anchor.day, month_length(until.year, until.month)):
        months -= 1  # else `error` would refuse a day that nobody asks for
    for n in range(0, months + 1, every_months):
        d = add_months(anchor, n, rule)
        if d > until:
            return
        yield d


def weekly_schedule(anchor: date, every_weeks: int, until: date) -> Iterator[date]:
    """The anchor and every so many weeks after it, up to and including `until`."""
    if every_weeks < 1:
        raise ValueError(f"a schedule moves by at least one week, not by {every_weeks}")
    for ordinal in range(anchor.toordinal(), until.toordinal() + 1, 7 * every_weeks):
        yield date.fromordinal(ordinal)


def schedule_to(anchor: date, every_months: int, end: date, rule: str, stub: str) -> tuple[date, ...]:
    """The dates of a schedule that closes on `end`, which may cut the last span `short` or make it `long`.

    A span runs from one date to the next and excludes the second.
    """
    if stub not in STUBS:
        raise _unknown("stub", stub, STUBS)
    dates = tuple(schedule(anchor, every_months, end, rule))
    if not dates or dates[-1] == end:
        return dates
    return (dates[:-1] if stub == "long" and len(dates) > 1 else dates) + (end,)


def on_weekday(d: date, iso_weekday: int) -> date:
    """The first day from `d` on that is this weekday, Monday being 1."""
    return plus_days(d, (iso_weekday - d.isoweekday()) % 7)


# Day counts


def days_inclusive(a: date, b: date) -> int:
    """The days from `a` to `b`, both included; none if `b` lies before `a`."""
    return max((b - a).days + 1, 0)


def days_counted(start: date, end: date, convention: str) -> int:
    """The days counted from `start` to `end`, the second excluded; negative if `end` is earlier."""
    match convention:
        case "actual_365" | "actual_360" | "actual_actual":
            return (end - start).days
        case "thirty_360":
            if end < start:
                return -days_counted(end, start, convention)
            days = _thirty_e(end) - _thirty_e(start)
            return days + 1 if end.day == 31 and start.day < 30 else days
        case "thirty_e_360":
            return _thirty_e(end) - _thirty_e(start)
        case _:
            raise _unknown("day count", convention, DAY_COUNTS)


def year_fraction(start: date, end: date, convention: str) -> Fraction:
    """The part of a year from `start` to `end`, the second excluded; negative if `end` is earlier.

    2006 ISDA Definitions, section 4.16: actual/actual (b), by the length of the calendar year of each day;
    actual/365 fixed (d); actual/360 (e); 30/360, bond basis (f); 30E/360, eurobond basis (g).
    """
    days = days_counted(start, end, convention)
    if convention == "actual_365":
        return Fraction(days, 365)
    if convention != "actual_actual":
        return Fraction(days, 360)
    return _years_since(end) - _years_since(start)


def _years_since(d: date) -> Fraction:
    """The years before `d`, its own by its own length: a difference of two is actual/actual by ISDA."""
    return d.year + Fraction((d - date(d.year, 1, 1)).days, 366 if _is_leap(d.year) else 365)


def _thirty_e(d: date) -> int:
    """The number of the day in a calendar of thirty-day months (30E/360)."""
    return 360 * d.year + 30 * d.month + min(d.day, 30)


def _thirty_e_after(d: date) -> int:
    """The number of the day after `d`."""
    if d.day == month_length(d.year, d.month):
        return 360 * d.year + 30 * d.month + 31
    return 360 * d.year + 30 * d.month + min(d.day + 1, 30)


# Shared


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _later(d: date, months: int) -> tuple[int, int]:
    """Year and month so many months after the month of `d`."""
    y, m = divmod(12 * d.year + d.month - 1 + months, 12)
    return _year_in_range(y), m + 1


def _year_in_range(y: int) -> int:
    if not 1 <= y <= 9999:
        raise ValueError(f"the year {y} lies outside of the years 1 to 9999")
    return y


def _day_in(y: int, m: int, day: int, length: int, rule: str) -> date:
    if rule not in MONTH_END_RULES:
        raise _unknown("rule for month ends", rule, MONTH_END_RULES)
    if day <= length:
        return date(y, m, day)
    match rule:
        case "next":
            return plus_days(date(y, m, length), 1)
        case "error":
            raise ValueError(f"{y:04d}-{m:02d} has no day {day}, and `month_end error` allows no other")
        case _:
            return date(y, m, length)


def _signed(n: int, noun: str) -> str:
    return f"{n} {noun}" if abs(n) == 1 else f"{n} {noun}s"


def _unknown(what: str, word: str, known: tuple[str, ...]) -> ValueError:
    return ValueError(f"`{word}` is no {what}: it is one of {', '.join(known)}")
