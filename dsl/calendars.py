"""Business days, make-up days included, by a versioned table that knows where it ends.

Outside of the table Monday to Friday work, weekends rest, and nothing else is known; whoever rests a deadline
on such a day asks `provisional` and says so in the result.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import attrs

from clausal.dsl.calendar_cn import NOTICES, VERSION

_ONE_DAY = timedelta(days=1)


@attrs.frozen
class Calendar:
    """A named table of working days; both bounds of what is known are included."""

    name: str
    version: str
    known_from: date
    known_through: date
    off: frozenset[date] = frozenset()
    """Days without work, whatever their weekday."""
    worked: frozenset[date] = frozenset()
    """Saturdays and Sundays that are worked."""
    sources: tuple[str, ...] = ()

    def covers(self, d: date) -> bool:
        return self.known_from <= d <= self.known_through

    def provisional(self, a: date, b: date) -> bool:
        """Whether a day from `a` to `b`, both included, in either order, lies outside of the table."""
        return not (self.covers(a) and self.covers(b))

    def is_business_day(self, d: date) -> bool:
        return d in self.worked or (d.weekday() < 5 and d not in self.off)

    def next_business_day(self, d: date) -> date:
        """`d` itself if it is a business day, else the first one after it."""
        while not self.is_business_day(d):
            d = _step(d, _ONE_DAY)
        return d

    def previous_business_day(self, d: date) -> date:
        """`d` itself if it is a business day, else the last one before it."""
        while not self.is_business_day(d):
            d = _step(d, -_ONE_DAY)
        return d

    def add_business_days(self, d: date, n: int) -> date:
        """The n-th business day after `d`, not counting `d`; before it if negative; `d` itself if zero."""
        step = _ONE_DAY if n > 0 else -_ONE_DAY
        left = abs(n)
        while left:
            d = _step(d, step)
            if self.is_business_day(d):
                left -= 1
        return d

    def business_days_between(self, a: date, b: date) -> int:
        """The business days after `a` up to and including `b`; negative if `b` lies before `a`."""
        if b < a:
            return -self.business_days_between(b, a)
        weeks, rest = divmod((b - a).days, 7)
        weekdays = 5 * weeks + sum((a.weekday() + i) % 7 < 5 for i in range(1, rest + 1))
        lost = sum(a < d <= b and d.weekday() < 5 for d in self.off)
        won = sum(a < d <= b for d in self.worked)
        return weekdays - lost + won


def _step(d: date, step: timedelta) -> date:
    try:
        return d + step
    except OverflowError:
        raise ValueError(f"no business day can be found beyond {d}") from None


def _days(year: int, text: str) -> Iterator[date]:
    """The days of `01-01  02-10..02-17` in that year."""
    for word in text.split():
        first, _, last = word.partition("..")
        d, end = date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last or first}")
        while d <= end:
            yield d
            d += _ONE_DAY


CN = Calendar(
    name="CN",
    version=VERSION,
    known_from=date(NOTICES[0][0], 1, 1),
    known_through=date(NOTICES[-1][0], 12, 31),
    off=frozenset(d for year, _, _, off, _ in NOTICES for d in _days(year, off)),
    worked=frozenset(d for year, _, _, _, worked in NOTICES for d in _days(year, worked)),
    sources=tuple(
        f"国务院办公厅关于{year}年部分节假日安排的通知({number},{day})" for year, number, day, _, _ in NOTICES
    ),
)

WEEKDAYS = Calendar(name="weekdays", version="weekdays-1", known_from=date.min, known_through=date.max)

CALENDARS = (CN.name, WEEKDAYS.name)
"""The names that a contract may give to `calendar`."""


def calendar(name: str) -> Calendar | None:
    """The calendar of that name, written exactly so, or None."""
    match name:
        case CN.name:
            return CN
        case WEEKDAYS.name:
            return WEEKDAYS
        case _:
            return None
