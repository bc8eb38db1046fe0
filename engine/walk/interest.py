"""Late interest: accrued by segments on what is open, capitalised where it was agreed, booked by cumulative difference."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from typing import cast

from clausal.dsl import model as m
from clausal.dsl import periods
from clausal.dsl.values import Exact, NotApplicable, Unknown, Value, exact
from clausal.engine.exact import Scope
from clausal.engine.instances import (
    DAY,
    Accrual,
    Held,
    Instance,
)
from clausal.engine.walk.course import Course


class Interest(Course):
    def _charge(self, x: Instance, through: dt.date) -> None:
        """Accrue late interest through the end of a day, on the principal open when each day began. That of what is disputed
        is held back until the dispute is resolved."""
        link = x.interest_link
        if link is None or x.charged_to is None or x.amount is None or x.excused or x.stayed:
            return
        if x.halted is not None and x.due is not None and x.due >= x.halted:
            return  # its deadline moves: nothing is late, though the interest of what was goes on
        through = min(through, x.complete, self.suspensions.known_to_run(x.name))
        if (
            x.grace_kind != "unaffected"
            and x.grace_until is not None
            and (x.default_since is None or through < x.default_since)
            and not (x.disputed and through > cast(dt.date, x.deadline) and not x.stands_still)
        ):
            return
        if through <= x.charged_to:
            return
        held = x.held
        if x.fixed is None and x.open - held + self._capital(x, link) > 0:
            self._accrue(x, link, x.open - held, through)
        if held and x.fixed is None:
            for a, b in self.suspensions.running_days(x.name, x.charged_to + DAY, through):
                for first, last, rate, time in self._segments(x, link, a, b):
                    if not isinstance(rate, (Unknown, NotApplicable)):
                        x.held_back.append(Held(first, last, held, cast(Exact, rate), time))
        x.charged_to = through

    def _accrue(self, x: Instance, link: m.Interest, principal: Exact, through: dt.date) -> None:
        days = self.suspensions.running_days(x.name, cast(dt.date, x.charged_to) + DAY, through)
        if not days:
            return
        if x.slice_from is None:
            x.slice_from = days[0][0]
        x.slice_to = days[-1][1]
        x.slice_days += sum((b - a).days + 1 for a, b in days)
        stretches = [stretch for a, b in days for stretch in self._stretches(x, link, a, b)]
        for begin, end, capitalises in stretches:
            total: Exact = x.interest
            capital = self._capital(x, link)
            base = principal + capital
            for first, last, rate, time in self._segments(x, link, begin, end):
                if isinstance(rate, (Unknown, NotApplicable)):
                    return
                amount = base * cast(Exact, rate) * time
                total = total + amount
                x.accruals.append(Accrual(first, last, base, cast(Exact, rate), amount, capital))
                if not x.slice_rates or x.slice_rates[-1] != rate:
                    x.slice_rates.append(cast(Exact, rate))
            x.interest = self._capped_interest(x, link, exact(total))
            if capitalises:
                x.capitalised = x.interest
        x.touched = True

    def _segments(
        self, x: Instance, link: m.Interest, begin: dt.date, through: dt.date
    ) -> Iterator[tuple[dt.date, dt.date, Value, Exact]]:
        """The days from `begin` cut where the rate changes: first, last, rate, and their time in the rate's own unit."""
        for first, last, rate in self._rates(x, link, begin, through):
            time: Exact = (last - first).days + 1
            if link.per != "day":
                fraction = self._year_fraction(x, first - DAY, last, link.daycount or "actual_365")
                time = fraction if link.per == "year" else fraction * 12
            yield first, last, rate, time

    def _capital(self, x: Instance, link: m.Interest) -> Exact:
        """Interest that itself bears interest: what was capitalised and has not been paid since."""
        return max(x.capitalised - x.interest_paid, 0) if link.method == "compound" else 0

    def _stretches(
        self, x: Instance, link: m.Interest, first: dt.date, last: dt.date
    ) -> Iterator[tuple[dt.date, dt.date, bool]]:
        """The days cut at the ends of the periods of compound interest, and whether one ends there."""
        if link.method != "compound" or x.runs_from is None:
            yield first, last, False
            return
        rule = "clamp" if self.header.month_end == "error" else self.header.month_end
        for day in periods.schedule(x.runs_from, link.months, last, rule):
            if day >= first:
                yield first, day, True
                first = day + DAY
        if first <= last:
            yield first, last, False

    def _year_fraction(self, x: Instance, start: dt.date, end: dt.date, count: str) -> Fraction:
        """Bond basis counts a span otherwise than its parts: there each part is what it adds to the whole default."""
        if count != "thirty_360":
            return periods.year_fraction(start, end, count)
        origin = cast(dt.date, x.grace_until if x.grace_kind == "forgiving" else x.due)
        return periods.year_fraction(origin, end, count) - periods.year_fraction(origin, start, count)

    def _rates(
        self, x: Instance, link: m.Interest, first: dt.date, last: dt.date
    ) -> Iterator[tuple[dt.date, dt.date, Value]]:
        cuts = [d for d in self.world.version_starts if first < d <= last]
        for a, b in zip([first, *cuts], [*(c - DAY for c in cuts), last], strict=True):
            yield a, b, self._value(link.rate, Scope(self.world, x.period, a, x.record, x))

    def _cap(self, x: Instance, link: m.Interest) -> Exact | None:
        if link.cap is None:
            return None
        if not x.cap_known:
            value = self._value(link.cap, Scope(self.world, x.period, x.due, x.record, x))
            if not isinstance(value, (Unknown, NotApplicable)):
                x.cap = self._minor(cast(Exact, value), x.currency)
            x.cap_known = True
        return x.cap

    def _book(self, x: Instance, day: dt.date) -> None:
        """Book interest by cumulative difference: the rounded running total less what was booked before."""
        if x.interest_link is None or x.creditor is None:
            return
        target = self._round(x.interest, x.currency)
        difference = target - x.booked
        if difference:
            x.booked = target
            self._account(x).interest += difference
            x.note(day, "interest", difference)

    def _charge_and_book(self, x: Instance, day: dt.date) -> None:
        if x.interest_link is None or x.closed or x.fixed is not None:
            return
        if x.charged_to is not None and x.charged_to < day:
            self._charge(x, day)
            self._book(x, day)

    def _capped_interest(self, x: Instance, link: m.Interest, total: Exact) -> Exact:
        """Under a cap that fell with the amount, what had run up before stands."""
        cap = self._cap(x, link)
        return total if cap is None or total <= cap else max(cap, x.interest)
