"""The working days of China against two independent libraries, and the laws of any calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clausal.dsl.calendars import CALENDARS, CN, WEEKDAYS, Calendar, calendar

DAY = timedelta(days=1)
COVERED = [date(2024, 1, 1) + i * DAY for i in range(366 + 365 + 365)]

EDGES = [date(2023, 12, 31), date(2024, 1, 1), date(2024, 2, 29), date(2026, 12, 31), date(2027, 1, 1)]

# The days that a weekday rule gets wrong, the ends of the table, and ten years on either side of it.
dates = st.sampled_from([*sorted(CN.off | CN.worked), *EDGES]) | st.dates(date(2014, 1, 1), date(2036, 12, 31))
calendars = st.sampled_from([CN, WEEKDAYS])


def test_covered_days_agree_with_chinesecalendar():
    other = pytest.importorskip("chinese_calendar")
    assert [d for d in COVERED if CN.is_business_day(d) != other.is_workday(d)] == []


def test_covered_days_agree_with_holidays():
    other = pytest.importorskip("holidays").China(years=[2024, 2025, 2026])
    assert [d for d in COVERED if CN.is_business_day(d) != other.is_working_day(d)] == []


def test_the_table_ends_where_the_notices_end():
    assert (CN.known_from, CN.known_through) == (date(2024, 1, 1), date(2026, 12, 31))
    assert all(CN.covers(d) for d in COVERED)
    assert not CN.covers(date(2023, 12, 31))
    assert not CN.covers(date(2027, 1, 1))


def test_nothing_is_guessed_beyond_the_table():
    # 6 February 2027 is the lunar new year, a Saturday; some libraries guess the days after it.
    assert CN.is_business_day(date(2027, 2, 8))
    assert CN.is_business_day(date(2027, 1, 1))
    assert not CN.is_business_day(date(2027, 2, 6))


def test_business_days_by_year_as_counted_in_the_notices():
    # Weekdays, less those that the notice frees, and the weekend days that it has worked.
    counts = [sum(CN.is_business_day(d) for d in COVERED if d.year == y) for y in (2024, 2025, 2026)]
    assert counts == [262 - 19 + 8, 261 - 18 + 5, 261 - 19 + 6]


def test_every_make_up_day_is_on_a_weekend_and_no_day_is_both():
    assert {d.weekday() for d in CN.worked} == {5, 6}
    assert not CN.off & CN.worked
    assert len(CN.worked) == 8 + 5 + 6
    assert len(CN.off) == 28 + 28 + 33


def test_every_year_names_its_notice():
    assert CN.version == "CN-2026.1"
    assert CN.sources == (
        "国务院办公厅关于2024年部分节假日安排的通知(国办发明电〔2023〕7号,2023-10-25)",
        "国务院办公厅关于2025年部分节假日安排的通知(国办发明电〔2024〕12号,2024-11-12)",
        "国务院办公厅关于2026年部分节假日安排的通知(国办发明电〔2025〕7号,2025-11-04)",
    )


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-01-04", True),  # a Sunday, for the Friday after New Year
        ("2026-02-14", True),
        ("2026-02-15", False),
        ("2026-02-23", False),  # a Monday
        ("2026-02-24", True),
        ("2026-02-28", True),
        ("2026-04-06", False),
        ("2026-05-05", False),
        ("2026-05-09", True),
        ("2026-06-19", False),
        ("2026-09-20", True),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", True),
        ("2024-02-09", True),  # the eve: employers were encouraged to give it, the notice does not
        ("2025-01-28", False),  # the eve, off by law since 2025
    ],
)
def test_days_that_a_weekday_rule_gets_wrong(day, works):
    assert CN.is_business_day(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        ("2025-09-24", 7, "2025-10-10"),  # by weekdays 2025-10-03
        ("2026-04-30", 5, "2026-05-11"),  # Saturday 9 May is worked
        ("2026-02-11", 7, "2026-02-27"),
        ("2026-02-27", 7, "2026-03-09"),
        ("2026-03-09", 7, "2026-03-18"),
        ("2026-02-24", -1, "2026-02-14"),
        ("2026-02-15", 0, "2026-02-15"),
    ],
)
def test_the_nth_business_day_after(day, n, expected):
    assert CN.add_business_days(date.fromisoformat(day), n) == date.fromisoformat(expected)


def test_by_weekdays_the_same_seven_days_end_a_week_earlier():
    assert WEEKDAYS.add_business_days(date(2025, 9, 24), 7) == date(2025, 10, 3)


def test_a_span_is_provisional_if_one_of_its_days_is_not_covered():
    assert not CN.provisional(date(2026, 12, 1), date(2026, 12, 31))
    assert CN.provisional(date(2026, 12, 31), date(2027, 1, 1))
    assert CN.provisional(date(2027, 1, 1), date(2026, 12, 31))
    assert CN.provisional(date(2020, 1, 1), date(2030, 1, 1))
    assert not WEEKDAYS.provisional(date.min, date.max)


def test_calendars_are_found_by_their_exact_names():
    assert [calendar(name).name for name in CALENDARS] == ["CN", "weekdays"]
    assert calendar("cn") is None
    assert calendar("XX") is None


def test_no_business_day_beyond_the_last_day_there_is():
    with pytest.raises(ValueError, match="no business day can be found beyond 9999-12-31"):
        WEEKDAYS.add_business_days(date.max, 1)
    no_work = Calendar("rest", "rest-1", date.min, date.max, off=frozenset([date.max, date.max - DAY]))
    with pytest.raises(ValueError, match="beyond 9999-12-31"):
        no_work.next_business_day(date.max - DAY)
    with pytest.raises(ValueError, match="beyond 0001-01-01"):
        WEEKDAYS.add_business_days(date.min, -1)


@given(calendars, dates)
def test_next_business_day_is_one_and_the_first(cal, d):
    found = cal.next_business_day(d)
    assert found >= d
    assert cal.is_business_day(found)
    assert not any(cal.is_business_day(d + i * DAY) for i in range((found - d).days))


@given(calendars, dates)
def test_previous_business_day_is_one_and_the_last(cal, d):
    found = cal.previous_business_day(d)
    assert found <= d
    assert cal.is_business_day(found)
    assert not any(cal.is_business_day(d - i * DAY) for i in range((d - found).days))


@given(calendars, dates, st.integers(1, 60))
def test_the_nth_business_day_has_n_business_days_up_to_it(cal, d, n):
    found = cal.add_business_days(d, n)
    assert cal.is_business_day(found)
    assert sum(cal.is_business_day(d + i * DAY) for i in range(1, (found - d).days + 1)) == n
    assert cal.business_days_between(d, found) == n


@given(calendars, dates, st.integers(-60, 60))
def test_business_days_add_up_from_a_business_day(cal, d, n):
    d = cal.next_business_day(d)
    assert cal.add_business_days(cal.add_business_days(d, n), -n) == d


@given(calendars, dates, st.integers(-30, 30) | st.integers(-800, 800))
def test_business_days_between_counts_them_one_by_one(cal, a, span):
    b = a + span * DAY
    low, high, sign = (a, b, 1) if span >= 0 else (b, a, -1)
    counted = sum(cal.is_business_day(low + i * DAY) for i in range(1, (high - low).days + 1))
    assert cal.business_days_between(a, b) == sign * counted


@given(dates)
def test_outside_the_table_only_weekends_rest(d):
    if not CN.covers(d):
        assert CN.is_business_day(d) == WEEKDAYS.is_business_day(d)
