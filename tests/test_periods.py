"""The rules of time: figures worked by hand, and what must hold for every date."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clausal.dsl.calendars import CN, WEEKDAYS
from clausal.dsl.periods import (
    DAY_COUNTS,
    MONTH_END_RULES,
    Period,
    add_duration,
    add_months,
    contract_year,
    contract_year_of,
    day_of,
    day_of_month,
    days_counted,
    days_in,
    days_inclusive,
    extend,
    half,
    half_of,
    month,
    month_length,
    month_of,
    months_and_days,
    months_between,
    nth_business_day,
    on_weekday,
    parse_period,
    period_of,
    periods_between,
    plus_days,
    quarter,
    quarter_of,
    schedule,
    schedule_to,
    share_of,
    shift,
    shift_deadline,
    week,
    week_of,
    weekly_schedule,
    year,
    year_fraction,
    year_of,
)


def d(text: str) -> date:
    return date.fromisoformat(text)


def texts(dates) -> list[str]:
    return [day.isoformat() for day in dates]


def spans(periods) -> list[str]:
    return [f"{p.key} {p.start}..{p.end}" for p in periods]


EDGES = [
    "2023-12-31",
    "2024-01-01",
    "2024-01-31",
    "2024-02-28",
    "2024-02-29",
    "2024-03-01",
    "2025-02-28",
    "2025-03-01",
    "2026-01-30",
    "2026-01-31",
    "2026-04-30",
    "2026-12-31",
    "1900-02-28",
    "2000-02-29",
    "2026-12-28",
    "2027-01-03",
]
dates = st.sampled_from([d(text) for text in EDGES]) | st.dates(date(1900, 1, 1), date(2100, 12, 31))
kinds = st.sampled_from(["day", "week", "month", "quarter", "half", "year"])
total_rules = st.sampled_from(["clamp", "sticky", "next"])


# Periods


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (month_of(d("2026-02-14")), "2026-02 2026-02-01..2026-02-28"),
        (month_of(d("2024-02-29")), "2024-02 2024-02-01..2024-02-29"),
        (month(2026, 12), "2026-12 2026-12-01..2026-12-31"),
        (quarter_of(d("2026-03-31")), "2026-Q1 2026-01-01..2026-03-31"),
        (quarter_of(d("2026-04-01")), "2026-Q2 2026-04-01..2026-06-30"),
        (quarter(2026, 4), "2026-Q4 2026-10-01..2026-12-31"),
        (half_of(d("2026-06-30")), "2026-H1 2026-01-01..2026-06-30"),
        (half_of(d("2026-07-01")), "2026-H2 2026-07-01..2026-12-31"),
        (year_of(d("2026-07-01")), "2026 2026-01-01..2026-12-31"),
        (week_of(d("2026-02-01")), "2026-W05 2026-01-26..2026-02-01"),
        (week_of(d("2027-01-01")), "2026-W53 2026-12-28..2027-01-03"),
        (week_of(d("2024-12-30")), "2025-W01 2024-12-30..2025-01-05"),
        (day_of(d("2026-02-04")), "2026-02-04 2026-02-04..2026-02-04"),
    ],
)
def test_periods_and_their_keys(period, expected):
    assert spans([period]) == [expected]
    assert parse_period(period.key) == period


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-1",
        "26-01",
        "2026-13",
        "2026-00",
        "2026-Q0",
        "2026-Q5",
        "2026-q1",
        "2026-H3",
        "2026-W00",
        "2026-W54",
        "2025-W53",
        "2026-02-29",
        "20260204",
        "2026-W05-1",
        " 2026-01",
        "2026-01\n",
        "２０２６-01",
        "0000",
        "Y1",
    ],
)
def test_what_is_not_a_period(text):
    with pytest.raises(ValueError, match="is not a period"):
        parse_period(text)


@pytest.mark.parametrize(
    ("key", "n", "expected"),
    [
        ("2026-01", -1, "2025-12"),
        ("2026-11", 2, "2027-01"),
        ("2026-Q1", -1, "2025-Q4"),
        ("2026-Q3", 6, "2028-Q1"),
        ("2026-H1", -1, "2025-H2"),
        ("2026-H2", 1, "2027-H1"),
        ("2026", -2, "2024"),
        ("2026-W01", -1, "2025-W52"),
        ("2026-W53", 1, "2027-W01"),
        ("2024-02-28", 2, "2024-03-01"),
        ("2026-05", 0, "2026-05"),
    ],
)
def test_shift_moves_by_periods_of_its_own_kind(key, n, expected):
    assert shift(parse_period(key), n).key == expected


@given(dates, kinds, st.integers(-300, 300))
def test_shifting_there_and_back_is_nothing(day, kind, n):
    period = period_of(day, kind)
    assert shift(shift(period, n), -n) == period


@given(dates, kinds)
def test_a_period_holds_its_day_and_touches_the_next(day, kind):
    period = period_of(day, kind)
    assert day in period
    assert period.kind == kind
    assert period.start in period and period.end in period
    assert shift(period, 1).start == period.end + timedelta(days=1)
    assert shift(period, 1) > period
    assert parse_period(period.key) == period
    assert period_of(period.start, kind) == period_of(period.end, kind) == period
    assert sum(day in shift(period, n) for n in (-1, 0, 1)) == 1


@given(dates, kinds, st.integers(0, 400))
def test_periods_between_cover_every_day_once(start, kind, length):
    end = start + timedelta(days=length)
    found = periods_between(start, end, kind)
    assert start in found[0] and end in found[-1]
    assert all(a.end + timedelta(days=1) == b.start for a, b in pairwise(found))


def test_months_between_takes_partial_months_and_both_days():
    found = months_between(d("2025-11-30"), d("2026-02-01"))
    assert [p.key for p in found] == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert [p.key for p in months_between(d("2026-06-13"), d("2026-06-13"))] == ["2026-06"]
    assert months_between(d("2026-06-13"), d("2026-06-12")) == ()


def test_periods_reach_the_last_day_there_is():
    assert month(9999, 12).end == date.max
    assert [p.key for p in months_between(d("9999-11-30"), date.max)] == ["9999-11", "9999-12"]
    for period in (month(9999, 12), quarter(9999, 4), half(9999, 2), year(9999), day_of(date.max)):
        with pytest.raises(ValueError, match="years 1 to 9999"):
            shift(period, 1)
    for period in (month(1, 1), quarter(1, 1), half(1, 1), year(1), week(1, 1), day_of(date.min)):
        with pytest.raises(ValueError, match="years 1 to 9999"):
            shift(period, -1)
    with pytest.raises(ValueError, match="years 1 to 9999"):
        week_of(date.max)
    with pytest.raises(ValueError, match="years 1 to 9999"):
        plus_days(d("2026-01-01"), 10**30)
    with pytest.raises(ValueError, match="years 1 to 9999"):
        add_months(d("2026-01-01"), 10**30, "clamp")


@pytest.mark.parametrize(
    ("key", "days"),
    [
        ("2026-02", 28),
        ("2024-02", 29),
        ("2026", 365),
        ("2024", 366),
        ("2026-Q1", 90),
        ("2026-H2", 184),
        ("2026-W05", 7),
    ],
)
def test_days_in(key, days):
    assert days_in(parse_period(key)) == days


@pytest.mark.parametrize(("y", "days"), [(1900, 28), (2000, 29), (2023, 28), (2024, 29), (2100, 28)])
def test_february(y, days):
    assert month_length(y, 2) == days


# Contract years


@pytest.mark.parametrize(
    ("day", "start", "expected"),
    [
        ("2026-01-01", "2026-01-01", "Y1 2026-01-01..2026-12-31"),
        ("2027-01-01", "2026-01-01", "Y2 2027-01-01..2027-12-31"),
        ("2026-05-14", "2025-05-15", "Y1 2025-05-15..2026-05-14"),
        ("2026-05-15", "2025-05-15", "Y2 2026-05-15..2027-05-14"),
        ("2025-02-27", "2024-02-29", "Y1 2024-02-29..2025-02-27"),
        ("2025-02-28", "2024-02-29", "Y2 2025-02-28..2026-02-27"),
        ("2028-02-28", "2024-02-29", "Y4 2027-02-28..2028-02-28"),
        ("2028-02-29", "2024-02-29", "Y5 2028-02-29..2029-02-27"),
    ],
)
def test_contract_years(day, start, expected):
    assert spans([contract_year_of(d(day), d(start))]) == [expected]


@given(dates, st.integers(0, 4000), total_rules)
def test_contract_years_hold_their_day_and_leave_no_gap(start, later, rule):
    day = start + timedelta(days=later)
    found = contract_year_of(day, start, rule)
    assert day in found
    assert found.kind == "contract year"
    n = int(found.key[1:])
    assert contract_year(n + 1, start, rule).start == found.end + timedelta(days=1)


def test_contract_years_start_with_the_term_and_are_not_shifted():
    with pytest.raises(ValueError, match="before the term"):
        contract_year_of(d("2025-12-31"), d("2026-01-01"))
    with pytest.raises(ValueError, match="count from 1"):
        contract_year(0, d("2026-01-01"))
    with pytest.raises(ValueError, match="start of the term"):
        shift(contract_year(1, d("2026-01-01")), 1)
    with pytest.raises(ValueError, match="start of the term"):
        period_of(d("2026-01-01"), "contract year")


# Months later


@pytest.mark.parametrize(
    ("anchor", "n", "clamp", "sticky", "next_"),
    [
        ("2026-01-31", 1, "2026-02-28", "2026-02-28", "2026-03-01"),
        ("2026-08-31", 1, "2026-09-30", "2026-09-30", "2026-10-01"),
        ("2024-01-31", 1, "2024-02-29", "2024-02-29", "2024-03-01"),
        ("2026-12-31", 1, "2027-01-31", "2027-01-31", "2027-01-31"),
        ("2026-01-30", 1, "2026-02-28", "2026-02-28", "2026-03-01"),
        ("2026-01-30", 2, "2026-03-30", "2026-03-30", "2026-03-30"),  # 30 is not the end of January
        ("2026-02-28", 1, "2026-03-28", "2026-03-31", "2026-03-28"),
        ("2024-02-29", 12, "2025-02-28", "2025-02-28", "2025-03-01"),
        ("2024-02-29", 48, "2028-02-29", "2028-02-29", "2028-02-29"),
        ("2025-02-28", 36, "2028-02-28", "2028-02-29", "2028-02-28"),
        ("2026-04-30", 1, "2026-05-30", "2026-05-31", "2026-05-30"),
        ("2026-03-31", -1, "2026-02-28", "2026-02-28", "2026-03-01"),
        ("2026-03-31", -13, "2025-02-28", "2025-02-28", "2025-03-01"),
        ("2026-02-10", 3, "2026-05-10", "2026-05-10", "2026-05-10"),
        ("2026-05-15", 0, "2026-05-15", "2026-05-15", "2026-05-15"),
    ],
)
def test_add_months(anchor, n, clamp, sticky, next_):
    found = [add_months(d(anchor), n, rule) for rule in ("clamp", "sticky", "next")]
    assert texts(found) == [clamp, sticky, next_]


def test_a_missing_day_may_be_an_error():
    assert add_months(d("2026-01-31"), 2, "error") == d("2026-03-31")
    with pytest.raises(ValueError, match="2026-02 has no day 31"):
        add_months(d("2026-01-31"), 1, "error")


def test_unknown_words_name_the_known_ones():
    with pytest.raises(ValueError, match="one of clamp, sticky, next, error"):
        add_months(d("2026-01-15"), 1, "clam")
    with pytest.raises(ValueError, match="one of next, previous, unshifted"):
        shift_deadline(d("2026-01-15"), "following", CN)
    with pytest.raises(ValueError, match="one of days, business days, weeks"):
        add_duration(d("2026-01-15"), 1, "hours", CN, "clamp")
    with pytest.raises(ValueError, match="one of actual_365"):
        year_fraction(d("2026-01-15"), d("2026-02-15"), "30/360")
    with pytest.raises(ValueError, match="one of actual, fixed30, none"):
        share_of(month(2026, 1), d("2026-01-15"), d("2026-02-15"), "thirty")
    with pytest.raises(ValueError, match="one of short, long"):
        schedule_to(d("2026-01-15"), 1, d("2026-02-15"), "clamp", "L1")
    with pytest.raises(ValueError, match="one of days, months"):
        extend(d("2026-01-15"), d("2026-01-15"), d("2026-02-15"), "weeks", "clamp")


# Schedules


@pytest.mark.parametrize(
    ("anchor", "every", "until", "rule", "expected"),
    [
        ("2013-01-31", 1, "2013-04-30", "clamp", "2013-01-31 2013-02-28 2013-03-31 2013-04-30"),
        ("2013-01-30", 1, "2013-04-29", "sticky", "2013-01-30 2013-02-28 2013-03-30"),
        ("2013-01-31", 1, "2013-05-01", "next", "2013-01-31 2013-03-01 2013-03-31 2013-05-01"),
        ("2026-02-28", 3, "2026-12-31", "sticky", "2026-02-28 2026-05-31 2026-08-31 2026-11-30"),
        ("2026-02-28", 3, "2026-12-31", "clamp", "2026-02-28 2026-05-28 2026-08-28 2026-11-28"),
        ("2024-02-29", 12, "2028-02-29", "clamp", "2024-02-29 2025-02-28 2026-02-28 2027-02-28 2028-02-29"),
        ("2026-01-15", 1, "2026-01-15", "clamp", "2026-01-15"),
        ("2026-01-15", 1, "2026-01-14", "clamp", ""),
        ("2026-01-31", 1, "2026-02-27", "error", "2026-01-31"),
        ("9999-10-31", 1, "9999-12-31", "clamp", "9999-10-31 9999-11-30 9999-12-31"),
    ],
)
def test_schedules_start_from_the_anchor(anchor, every, until, rule, expected):
    assert texts(schedule(d(anchor), every, d(until), rule)) == expected.split()


def test_a_schedule_moves():
    with pytest.raises(ValueError, match="at least one month"):
        list(schedule(d("2026-01-15"), 0, d("2026-02-15"), "clamp"))
    with pytest.raises(ValueError, match="at least one week"):
        list(weekly_schedule(d("2026-01-15"), 0, d("2026-02-15")))
    with pytest.raises(ValueError, match="2026-02 has no day 31"):
        list(schedule(d("2026-01-31"), 1, d("2026-02-28"), "error"))


@given(dates, st.integers(1, 13), st.integers(0, 3000), total_rules)
def test_a_schedule_never_drifts(anchor, every, length, rule):
    until = anchor + timedelta(days=length)
    found = list(schedule(anchor, every, until, rule))
    assert found == [add_months(anchor, every * n, rule) for n in range(len(found))]
    assert add_months(anchor, every * len(found), rule) > until
    assert all(a < b for a, b in pairwise(found))
    if rule != "next":
        assert all(day.day == anchor.day or (day + timedelta(days=1)).day == 1 for day in found)


def test_weekly_schedules():
    assert on_weekday(d("2026-01-01"), 5) == d("2026-01-02")
    assert on_weekday(d("2026-01-02"), 5) == d("2026-01-02")
    assert on_weekday(d("2026-01-03"), 5) == d("2026-01-09")
    assert texts(weekly_schedule(d("2026-01-02"), 2, d("2026-01-30"))) == [
        "2026-01-02",
        "2026-01-16",
        "2026-01-30",
    ]
    assert texts(weekly_schedule(date.max, 1, date.max)) == ["9999-12-31"]


def test_the_last_span_may_be_short_or_long():
    # From 1 January, closing on 31 December: with a long stub the last span runs from 1 November, 60 days.
    short = texts(schedule_to(d("2013-01-01"), 1, d("2013-12-31"), "clamp", "short"))
    long = texts(schedule_to(d("2013-01-01"), 1, d("2013-12-31"), "clamp", "long"))
    assert short[-3:] == ["2013-11-01", "2013-12-01", "2013-12-31"]
    assert long[-3:] == ["2013-10-01", "2013-11-01", "2013-12-31"]
    assert days_counted(d("2013-11-01"), d("2013-12-31"), "actual_365") == 60


@pytest.mark.parametrize("stub", ["short", "long"])
def test_no_stub_where_the_end_is_on_the_schedule_or_there_is_one_span(stub):
    assert texts(schedule_to(d("2026-01-31"), 1, d("2026-02-28"), "clamp", stub)) == [
        "2026-01-31",
        "2026-02-28",
    ]
    assert texts(schedule_to(d("2026-01-31"), 3, d("2026-02-28"), "clamp", stub)) == [
        "2026-01-31",
        "2026-02-28",
    ]
    assert schedule_to(d("2026-01-31"), 1, d("2026-01-30"), "clamp", stub) == ()


# Durations and deadlines


@pytest.mark.parametrize(
    ("day", "n", "unit", "expected"),
    [
        ("2026-01-31", 10, "days", "2026-02-10"),  # 10 days after the month's end
        ("2026-02-10", 5, "days", "2026-02-15"),
        ("2026-03-25", 10, "days", "2026-04-04"),
        ("2026-04-30", 90, "days", "2026-07-29"),
        ("2026-05-14", 30, "days", "2026-06-13"),
        ("2026-05-14", 15, "days", "2026-05-29"),
        ("2026-05-18", 15, "days", "2026-06-02"),
        ("2026-02-10", 3, "months", "2026-05-10"),
        ("2026-01-31", 1, "months", "2026-02-28"),
        ("2026-11-30", 1, "quarters", "2027-02-28"),
        ("2024-02-29", 1, "years", "2025-02-28"),
        ("2026-02-28", 2, "weeks", "2026-03-14"),
        ("2025-09-24", 7, "business days", "2025-10-10"),
        ("2026-04-30", 5, "business days", "2026-05-11"),
        ("2026-05-14", -30, "days", "2026-04-14"),
        ("2026-05-14", 0, "months", "2026-05-14"),
    ],
)
def test_within_does_not_count_the_first_day(day, n, unit, expected):
    assert add_duration(d(day), n, unit, CN, "clamp") == d(expected)


@pytest.mark.parametrize(
    ("day", "next_", "previous"),
    [
        ("2026-02-15", "2026-02-24", "2026-02-14"),  # 15 to 23 February rest, Saturday the 14th is worked
        ("2026-04-04", "2026-04-07", "2026-04-03"),
        ("2026-05-10", "2026-05-11", "2026-05-09"),  # a Sunday after a worked Saturday
        ("2026-05-09", "2026-05-09", "2026-05-09"),
        ("2026-02-10", "2026-02-10", "2026-02-10"),
        ("2026-10-03", "2026-10-08", "2026-09-30"),
        ("2027-02-06", "2027-02-08", "2027-02-05"),  # beyond the table: the weekend and nothing else
    ],
)
def test_deadlines_on_a_day_of_rest(day, next_, previous):
    found = [shift_deadline(d(day), rule, CN) for rule in ("next", "previous", "unshifted")]
    assert texts(found) == [next_, previous, day]


def test_business_days_need_a_calendar():
    assert shift_deadline(d("2026-02-15"), "unshifted", None) == d("2026-02-15")
    assert add_duration(d("2026-02-10"), 5, "days", None, "clamp") == d("2026-02-15")
    with pytest.raises(ValueError, match="need a calendar"):
        shift_deadline(d("2026-02-15"), "next", None)
    with pytest.raises(ValueError, match="need a calendar"):
        add_duration(d("2026-02-15"), 1, "business days", None, "clamp")


@pytest.mark.parametrize(
    ("key", "n", "expected"),
    [
        ("2026-01", 1, "2026-01-04"),  # a Sunday; 1 to 3 January rest
        ("2026-02", 10, "2026-02-13"),
        ("2026-02", 11, "2026-02-14"),
        ("2026-02", 12, "2026-02-24"),
        ("2026-05", 5, "2026-05-11"),  # 6, 7, 8, Saturday the 9th, 11
        ("2026-02", -1, "2026-02-28"),
        ("2026-02", -5, "2026-02-24"),
        ("2026-02", -6, "2026-02-14"),
    ],
)
def test_the_nth_business_day_of_a_month(key, n, expected):
    assert nth_business_day(parse_period(key), n, CN) == d(expected)


def test_a_month_has_so_many_business_days_and_no_more():
    assert nth_business_day(month(2026, 2), 16, CN) == d("2026-02-28")
    for n in (17, -17):
        with pytest.raises(ValueError, match="2026-02 has fewer than 17 business days"):
            nth_business_day(month(2026, 2), n, CN)
    with pytest.raises(ValueError, match="count from 1"):
        nth_business_day(month(2026, 2), 0, CN)


@given(dates, st.sampled_from([CN, WEEKDAYS]))
def test_business_days_of_a_month_are_numbered_without_gaps(day, calendar):
    period = month_of(day)
    days = [period.start + timedelta(days=i) for i in range(days_in(period))]
    working = [x for x in days if calendar.is_business_day(x)]
    assert [nth_business_day(period, n + 1, calendar) for n in range(len(working))] == working
    assert [nth_business_day(period, n - len(working), calendar) for n in range(len(working))] == working


@pytest.mark.parametrize(
    ("key", "n", "rule", "expected"),
    [
        ("2026-02", 10, "clamp", "2026-02-10"),
        ("2026-02", 31, "clamp", "2026-02-28"),
        ("2026-02", 31, "sticky", "2026-02-28"),
        ("2026-02", 30, "next", "2026-03-01"),
        ("2024-02", 29, "error", "2024-02-29"),
    ],
)
def test_a_day_of_the_month(key, n, rule, expected):
    assert day_of_month(parse_period(key), n, rule) == d(expected)


def test_a_day_that_the_month_lacks():
    with pytest.raises(ValueError, match="2026-02 has no day 29"):
        day_of_month(month(2026, 2), 29, "error")
    for n in (0, 32, -1):
        with pytest.raises(ValueError, match=f"no month has a day {n}"):
            day_of_month(month(2026, 1), n, "clamp")


@given(dates, st.integers(-50, 50), st.sampled_from(MONTH_END_RULES))
def test_months_later_lands_in_that_month_or_on_the_first_day_after(anchor, n, rule):
    try:
        found = add_months(anchor, n, rule)
    except ValueError:
        assert rule == "error" and anchor.day > 28
        return
    target = shift(month_of(anchor), n)
    assert found in target or (rule == "next" and found == target.end + timedelta(days=1))
    if found.day == anchor.day:
        assume(rule != "sticky")
        assert {add_months(anchor, n, other) for other in ("clamp", "next", "error")} == {found}


# Extension of a term


@pytest.mark.parametrize(
    ("first", "last", "months", "days"),
    [
        ("2026-04-01", "2026-06-30", 3, 0),
        ("2026-02-01", "2026-02-28", 1, 0),
        ("2026-01-31", "2026-02-27", 1, 0),
        ("2026-03-15", "2026-05-20", 2, 6),
        ("2026-03-15", "2026-03-15", 0, 1),
        ("2026-03-15", "2026-03-14", 0, 0),
        ("2026-03-15", "2026-02-14", 0, 0),
    ],
)
def test_time_as_months_and_days(first, last, months, days):
    assert months_and_days(d(first), d(last)) == (months, days)


def test_a_suspension_extends_the_term_by_months_or_by_days():
    assert extend(d("2026-12-31"), d("2026-04-01"), d("2026-06-30"), "months", "clamp") == d("2027-03-31")
    assert extend(d("2026-12-31"), d("2026-04-01"), d("2026-06-30"), "days", "clamp") == d("2027-04-01")  # 91 days
    assert extend(d("2026-12-31"), d("2026-03-15"), d("2026-05-20"), "months", "clamp") == d("2027-03-06")
    assert extend(d("2026-12-31"), d("2026-04-01"), d("2026-03-31"), "months", "clamp") == d("2026-12-31")


@given(dates, st.integers(0, 2000))
def test_months_and_days_are_the_whole_time(first, length):
    last = first + timedelta(days=length)
    months, days = months_and_days(first, last)
    assert 0 <= days < 31 and months >= 0
    assert add_months(first, months, "clamp") + timedelta(days=days - 1) == last


# Proration


@pytest.mark.parametrize(
    ("key", "first", "last", "basis", "expected"),
    [
        ("2026-06", "2026-06-01", "2026-06-13", "actual", Fraction(13, 30)),
        ("2026-06", "2026-01-01", "2026-12-31", "actual", Fraction(1)),
        ("2026-05", "2026-05-09", "2026-05-31", "actual", Fraction(23, 31)),
        ("2026-05", "2026-05-09", "2026-05-31", "fixed30", Fraction(22, 30)),
        ("2026-02", "2026-02-15", "2026-02-28", "fixed30", Fraction(16, 30)),
        ("2026-02", "2026-02-01", "2026-02-14", "fixed30", Fraction(14, 30)),
        ("2026-02", "2026-02-01", "2026-02-28", "fixed30", Fraction(1)),
        ("2026-Q2", "2026-05-30", "2026-08-15", "actual", Fraction(32, 91)),
        ("2026-Q2", "2026-05-16", "2026-06-30", "fixed30", Fraction(45, 90)),
        ("2026-06", "2026-06-13", "2026-06-13", "none", Fraction(1)),
        ("2026-06", "2026-07-01", "2026-07-13", "none", Fraction(0)),
        ("2026-06", "2026-06-13", "2026-06-12", "actual", Fraction(0)),
        ("9999-12", "9999-12-31", "9999-12-31", "fixed30", Fraction(1, 30)),
    ],
)
def test_the_share_of_the_full_period(key, first, last, basis, expected):
    assert share_of(parse_period(key), d(first), d(last), basis) == expected


def test_thirty_days_are_for_months():
    with pytest.raises(ValueError, match="not a week"):
        share_of(week(2026, 5), d("2026-01-26"), d("2026-01-31"), "fixed30")


@given(
    dates,
    st.sampled_from(["month", "quarter", "half", "year"]),
    st.integers(0, 364),
    st.sampled_from(["actual", "fixed30"]),
)
def test_shares_of_the_parts_add_up_to_one(day, kind, cut, basis):
    period = period_of(day, kind)
    middle = period.start + timedelta(days=cut)
    left = share_of(period, period.start, middle, basis)
    right = share_of(period, middle + timedelta(days=1), period.end, basis)
    assert left + right == 1
    assert 0 <= left <= 1


# Day counts


def interest(principal: int, percent: int, start: str, end: str, convention: str) -> str:
    """Interest to four decimals, halves up, in integers."""
    exact = principal * Fraction(percent, 100) * year_fraction(d(start), d(end), convention)
    whole, decimals = divmod((exact * 10_000 + Fraction(1, 2)) // 1, 10_000)
    return f"{whole}.{decimals:04d}"


@pytest.mark.parametrize(
    ("start", "end", "convention", "expected"),
    [
        ("2013-01-01", "2013-02-01", "actual_365", "25.4795"),
        ("2013-01-01", "2013-03-01", "actual_360", "49.1667"),
        ("2013-01-01", "2013-02-01", "thirty_e_360", "25.0000"),
        ("2012-12-30", "2013-01-09", "actual_actual", "8.2147"),
        ("2013-11-01", "2013-12-31", "actual_365", "49.3151"),
        # Due Sunday 31 March 2013, from 28 February: shifted back, not shifted, shifted on.
        ("2013-02-28", "2013-03-29", "thirty_e_360", "25.8333"),
        ("2013-02-28", "2013-03-31", "thirty_e_360", "26.6667"),
        ("2013-02-28", "2013-04-01", "thirty_e_360", "27.5000"),
    ],
)
def test_interest_on_3000_at_ten_percent(start, end, convention, expected):
    assert interest(3000, 10, start, end, convention) == expected


def test_unshifted_interest_with_a_shifted_payment_date():
    assert shift_deadline(d("2013-03-31"), "next", WEEKDAYS) == d("2013-04-01")
    assert shift_deadline(d("2013-03-31"), "previous", WEEKDAYS) == d("2013-03-29")


@pytest.mark.parametrize(
    ("start", "end", "bond", "euro"),
    [
        ("2026-01-30", "2026-01-31", 0, 0),
        ("2026-01-15", "2026-01-31", 16, 15),
        ("2026-01-31", "2026-03-31", 60, 60),
        ("2026-01-31", "2026-02-28", 28, 28),
        ("2026-02-28", "2026-03-31", 33, 32),
        ("2024-02-29", "2025-02-28", 359, 359),
        ("2026-01-01", "2027-01-01", 360, 360),
        ("2026-05-23", "2026-06-15", 22, 22),
    ],
)
def test_thirty_day_months(start, end, bond, euro):
    assert days_counted(d(start), d(end), "thirty_360") == bond
    assert days_counted(d(start), d(end), "thirty_e_360") == euro


def test_actual_actual_over_leap_years():
    assert year_fraction(d("2012-12-30"), d("2013-01-09"), "actual_actual") == Fraction(2, 366) + Fraction(8, 365)
    assert year_fraction(d("2023-07-01"), d("2025-07-01"), "actual_actual") == Fraction(184, 365) + 1 + Fraction(
        181, 365
    )
    assert year_fraction(d("2024-01-01"), d("2025-01-01"), "actual_actual") == 1


@given(dates, dates, st.sampled_from(DAY_COUNTS))
def test_a_day_count_backwards_is_negative(a, b, convention):
    assert year_fraction(a, b, convention) == -year_fraction(b, a, convention)
    assert year_fraction(a, a, convention) == 0


@given(dates, dates, dates, st.sampled_from([c for c in DAY_COUNTS if c != "thirty_360"]))
def test_adjoining_spans_add_up(a, b, c, convention):
    assert year_fraction(a, b, convention) + year_fraction(b, c, convention) == year_fraction(a, c, convention)


def test_days_from_to_count_both():
    assert days_inclusive(d("2026-06-01"), d("2026-06-13")) == 13
    assert days_inclusive(d("2026-06-13"), d("2026-06-13")) == 1
    assert days_inclusive(d("2026-06-13"), d("2026-06-12")) == 0
    assert days_inclusive(d("2026-06-13"), d("2026-01-01")) == 0


def test_day_one_of_default_is_the_day_after_the_last_day_of_grace():
    # Due 10 April, five days of grace, in default since the 16th: day 31 of default is 16 May.
    since = plus_days(plus_days(d("2026-04-10"), 5), 1)
    assert since == d("2026-04-16")
    assert days_inclusive(since, d("2026-05-16")) == 31


def test_a_period_is_a_plain_value():
    assert Period(d("2026-01-01"), d("2026-01-31"), "2026-01") == month(2026, 1)
    assert min(month(2026, 2), month(2025, 12), month(2026, 1)).key == "2025-12"
    assert len({month(2026, 1), month_of(d("2026-01-31"))}) == 1
