"""What conditions ask of the life of the contract (exact.Life)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from clausal.dsl.values import Exact, NotApplicable, Unknown, Value
from clausal.engine.exact import Scope
from clausal.engine.instances import (
    GRADES,
    Instance,
    Power,
)
from clausal.engine.walk.ending import Ending


class Answers(Ending):
    def suspension_start(self, scope: Scope) -> Value:
        x = scope.instance
        source = x.obligation.during if isinstance(x, Instance) and x.obligation is not None else None
        return self.suspensions.start_of(source, scope.period)

    def has_status(self, subject: str, statuses: Sequence[str], scope: Scope) -> Value:
        if subject in self.terms.escalations:
            return self._ladder_status(subject, statuses, scope)
        day = scope.day or scope.period.end
        mine = self._of_subject(subject, scope)
        same = [x for x in mine if x.key == scope.period.key] if scope.day is None else []
        for x in same or mine:
            if x.status(day) in statuses or ("disputed" in statuses and x.held > 0):
                return True
        for p in self.powers:
            if p.right.name == subject and p.status in statuses:
                return True
        if "violated" in statuses or "breached" in statuses:
            if any(v.prohibition.name == subject for v in self.violations):
                return True
        return False

    def _of_subject(self, subject: str, scope: Scope) -> list[Instance]:
        """The subject's instances; where the scope is about an instance, the subject's one of the same period or record."""
        about = scope.instance
        if isinstance(about, Instance):
            twin = self.by_id.get(f"{subject}@{about.key}")
            if twin is not None:
                return [twin]
        return self.by_norm.get(subject, [])

    def in_breach(self, subject: str, grade: str, scope: Scope) -> Value:
        if any(x.in_breach(grade) for x in self._of_subject(subject, scope)):
            return True
        for v in self.violations:
            if v.prohibition.name == subject and v.grade is not None:
                if GRADES.index(v.grade) >= GRADES.index(grade):
                    return True
        return False

    def nothing_open(self, scope: Scope) -> Value:
        power = scope.instance
        if not isinstance(power, Power):
            return NotApplicable("no breach to cure")
        return all(x.closed or x.settled for x in power.grounds)

    def _day_of(self, scope: Scope) -> dt.date:
        """The day as of which a value is asked for: that of an instance's line is the day on which it arises."""
        if scope.day is not None or not isinstance(scope.instance, Instance):
            return scope.day or scope.period.end
        return self._today or scope.instance.created

    def figure(self, subject: str | None, field: str, scope: Scope) -> Value:
        if subject is None:
            x = scope.instance
            if not isinstance(x, Instance):
                return NotApplicable("no instance")
            if x.amount is None and x.origin is not None and field == "amount":
                x = x.origin
            if x.amount is None:
                return x.gap if x.gap is not None else NotApplicable("no amount")
            return self._major(x.amount if field == "amount" else x.open, x.currency)
        if subject in self.terms.escalations:
            return self._ladder_date(subject, field, scope)
        mine = self.by_norm.get(subject or "", [])
        if field in ("days_late", "hours_late"):
            day = self._day_of(scope)
            keys = {scope.period.key, scope.record.key if scope.record is not None else ""}
            if isinstance(scope.instance, Instance):
                keys.add(scope.instance.key)
            x = next((y for y in mine if y.key in keys), mine[0] if len(mine) == 1 else None)
            if x is None or x.due is None:
                return 0
            if field == "hours_late":
                return x.hours_late(day) or 0
            performed = x.performed_on if x.performed_on is not None and x.performed_on <= day else day
            return max(0, (performed - x.due).days)
        if field == "penalty":
            mine = self._of_subject(f"{subject}.penalty", scope)
        total: Exact = 0
        for x in mine:
            if x.amount is None:
                if x.gap is not None and isinstance(x.gap, Unknown):
                    return x.gap
                continue
            if field == "penalty":
                total = total + self._major(x.amount, x.currency)
                continue
            overdue = x.default_since is not None and x.default_until is None
            if field == "open" or overdue:
                held = x.held if field == "overdue" else 0
                total = total + self._major(x.open - held + x.interest_open, x.currency)
        return total
