"""One run of an escalation: where a dispute stands on its levels, and for want of which facts that cannot be said.

A level closes on the day on which it is answered, else at the end of its last day; the next one opens on that day. The
run ends when no level is left (`exhausted`) or when the contract's condition stops it. It only moves forward: what comes
for a level that is closed is too late.
"""

from __future__ import annotations

import datetime as dt

from clausal.dsl import model as m
from clausal.dsl.periods import Period
from clausal.engine.facts import Record


class Ladder:
    """A run: opened on a day, for a record where the escalation is about records. `needs` are the facts for want of which
    it is not known whether its level is still open; past the level's last day that is final (`stuck`)."""

    __slots__ = (
        "closed_on",
        "ended",
        "escalation",
        "id",
        "key",
        "last_day",
        "level_opened",
        "needs",
        "opened",
        "period",
        "place",
        "record",
        "state",
        "stuck",
        "waiting",
    )

    def __init__(
        self, escalation: m.Escalation, key: str, opened: dt.date, period: Period, record: Record | None
    ) -> None:
        self.escalation = escalation
        self.key = key
        self.id = f"{escalation.name}@{key}"
        self.opened = opened
        self.period = period
        self.record = record
        self.place = 0
        self.state = "running"
        self.level_opened = opened
        self.last_day = opened
        self.closed_on: dt.date | None = None
        self.needs: tuple[str, ...] = ()
        self.stuck = False
        self.ended = False  # what the contract puts at the end has begun
        self.waiting: list[m.Right] = []  # rights at the end whose own condition does not hold yet

    @property
    def level(self) -> m.EscalationLevel:
        """The level that is open, or the one on which the run ended."""
        return self.escalation.levels[min(self.place, len(self.escalation.levels) - 1)]

    @property
    def running(self) -> bool:
        return self.state == "running" and not self.stuck

    @property
    def status(self) -> str:
        return "undetermined" if self.needs else self.state

    def answers(self, place: int, day: dt.date) -> bool:
        """Whether an answer of that level on that day is in time."""
        return self.running and self.place == place and self.level_opened <= day <= self.last_day

    def beyond(self, place: int) -> bool:
        """Whether the run has left that level."""
        return self.place > place or self.state == "exhausted"
