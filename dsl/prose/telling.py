"""What is told of a contract: things in the order of the file, each with sentences about one aspect after the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import attrs

from clausal.dsl import model as m
from clausal.dsl.diagnostics import Span
from clausal.dsl.prose.words import Telling


@attrs.frozen
class Said:
    """One sentence about one aspect: `aspect` a stable English key (`due`, `grace`, `penalty 2`), `text` in the reader's
    language, complete enough to be read alone."""

    aspect: str
    text: str
    span: Span


@attrs.frozen
class Thing:
    """What the contract declares: `kind` is header, party, parameter, fact, let, kpi, balance, obligation, prohibition,
    right, termination, suspension, escalation, approval, exception, amendment or property."""

    kind: str
    name: str
    clause: m.ClauseRef | None
    said: tuple[Said, ...]
    span: Span


@attrs.define
class Account:
    """Sentences as they are told of one thing; an aspect that comes again is numbered."""

    t: Telling
    span: Span
    said: list[Said] = attrs.field(factory=list)

    def say(self, aspect: str, en: str, zh: str, span: Span | None = None) -> None:
        text = self.t.sentence(self.t.pick(en, zh))
        self.said.append(Said(self._key(aspect), text, span or self.span))

    def notes(self, notes: Iterable[str]) -> None:
        for note in notes:
            self.said.append(Said(self._key("note"), self.t.pick(f"Note: {note}", f"备注：{note}"), self.span))

    def validity(self, since: dt.date | None, until: dt.date | None) -> None:
        """On which days this version holds, where an amendment brought it in or took it out."""
        t = self.t
        if since is not None:
            self.say("since", f"This holds from {t.day(since)} on", f"本约定自{t.day(since)}起适用")
        if until is not None:
            self.say("until", f"This holds to {t.day(until)}", f"本约定适用至{t.day(until)}止")

    def _key(self, aspect: str) -> str:
        told = sum(1 for one in self.said if one.aspect == aspect or one.aspect.startswith(f"{aspect} "))
        return aspect if not told else f"{aspect} {told + 1}"

    def thing(self, kind: str, name: str, clause: m.ClauseRef | None) -> Thing:
        return Thing(kind, name, clause, tuple(self.said), self.span)
