"""What the contract says on each day: its text with the amendments in force, and the versions that come of them.

An amendment replaces a parameter's value or a clause's declarations from a date. So there is one whole text of the
contract for each stretch of days between two amendments (`Epoch`), and each is checked as any contract is: that no day
has two versions of a thing, or none, needs no other proof. Afterwards the models of all epochs become one, in which what
an amendment changed stands in versions, each with its days (`joined`).

What an amended clause no longer says has ended, and is still there to be spoken of (a debt of last month, a right over
it): it stays in the text of the later epochs, named in `Epoch.ended`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final, TypeAlias, TypeVar, cast

import attrs

from clausal.dsl import model, periods, syntax
from clausal.dsl.diagnostics import Both, Diagnostic, Related, Source, Span, did_you_mean, error, has_errors, warning
from clausal.dsl.resolve import KIND_WORDS, Kind, Names, named

DAY: Final = dt.timedelta(days=1)

# What an amended clause does not end when it no longer says it: it is no agreement of its own.
_LASTING: Final = frozenset({"party", "parameter", "fact"})

_UNVERSIONED: Final = frozenset({"balance", "suspension", "escalation"})

Versioned: TypeAlias = model.Let | model.Kpi | model.Obligation | model.Prohibition | model.Right
_V = TypeVar("_V", model.Let, model.Kpi, model.Obligation, model.Prohibition, model.Right)
_N = TypeVar("_N")


@attrs.frozen
class Epoch:
    """The contract's text as it reads from `since` on (None: from the beginning), without its amendments."""

    since: dt.date | None
    tree: syntax.Tree
    ended: frozenset[str] = frozenset()


@attrs.frozen
class Step:
    """One epoch with its names and its model."""

    epoch: Epoch
    names: Names
    contract: model.Contract


# ---- texts ---------------------------------------------------------------------------------------------------------


def epochs(tree: syntax.Tree, source: Source) -> tuple[tuple[Epoch, ...], list[Diagnostic]]:
    """The contract's texts in order of time. Scenarios stand in the last one only, in which every name is known."""
    amendments = [d for d in tree.declarations if isinstance(d, syntax.Amendment)]
    if not amendments:
        return (Epoch(None, tree),), []
    found: list[Diagnostic] = []
    declared: list[syntax.Declaration] = [d for d in tree.declarations if not isinstance(d, syntax.Amendment)]
    amendments.sort(key=lambda a: a.effective)
    declared = _parameters_amended(declared, amendments, source, found)
    scenes = tuple(_taken(declared, syntax.Scenario))
    texts: list[Epoch] = [Epoch(None, attrs.evolve(tree, declarations=tuple(declared)))]
    dropped: list[tuple[syntax.Declaration, syntax.Clause | None]] = []
    changed: dict[tuple[str, dt.date], Span] = {}
    for amendment in amendments:
        for clause in (i for i in amendment.items if isinstance(i, syntax.Clause)):
            first = changed.setdefault((clause.number, amendment.effective), clause.span)
            if first is not clause.span:
                found.append(
                    error(
                        "E410",
                        clause.span,
                        source=source,
                        clause=clause.number,
                        related=(Related(first, "other"),),
                        name=clause.number,
                        date=amendment.effective.isoformat(),
                    )
                )
                continue
            new = attrs.evolve(_stamped(clause, amendment.title), items=_without_parameters(clause, declared))
            declared, gone = _replaced(declared, new)
            if gone is None and clause.title is not None:
                found.append(warning("W592", clause.span, source=source, clause=clause.number, name=clause.number))
                declared, gone = [*declared, new], []
            if gone is None:
                similar = did_you_mean(clause.number, _numbers(declared))
                found.append(error("E209", clause.span, source=source, number=clause.number, suggestion=similar))
                continue
            dropped += gone
            scenes = (*scenes, *_taken([new], syntax.Scenario))
        now = {name.text: node for d in _leaves(declared) for _, node, _ in named(d) for name in (node.name,)}
        for old, _ in dropped:
            other = now.get(getattr(getattr(old, "name", None), "text", ""))
            if isinstance(old, syntax.Fact | syntax.Party) and other is not None and other != old:
                found.append(_changed_type(other.name, source))
        dropped = [(d, c) for d, c in dropped if not any(node.name.text in now for _, node, _ in named(d))]
        ghosts = tuple(d if c is None else attrs.evolve(c, items=(d,), texts=(), notes=()) for d, c in dropped)
        ended = frozenset(node.name.text for d, _ in dropped for kind, node, _ in named(d) if kind not in _LASTING)
        text = attrs.evolve(tree, declarations=(*declared, *ghosts))
        if texts[-1].since == amendment.effective:
            texts.pop()
        texts.append(Epoch(amendment.effective, text, ended))
    last = texts[-1]
    early = [attrs.evolve(e, tree=_without_scenarios(e.tree)) for e in texts]
    whole = _without_scenarios(last.tree)
    early[-1] = attrs.evolve(last, tree=attrs.evolve(whole, declarations=(*whole.declarations, *scenes)))
    return tuple(early), found


def _stamped(clause: syntax.Clause, title: str) -> syntax.Clause:
    """The clause, and those inside it, as the words of an amendment."""
    items = tuple(_stamped(i, title) if isinstance(i, syntax.Clause) else i for i in clause.items)
    return attrs.evolve(clause, items=items, amendment=title)


def _leaves(declared: Iterable[syntax.Declaration]) -> Iterator[syntax.Declaration]:
    """Declarations out of their clauses."""
    for d in declared:
        if isinstance(d, syntax.Clause):
            yield from _leaves(d.items)
        else:
            yield d


def _taken(declared: Iterable[syntax.Declaration], kind: type[_N]) -> Iterator[_N]:
    for d in _leaves(declared):
        if isinstance(d, kind):
            yield d


def _without_scenarios(tree: syntax.Tree) -> syntax.Tree:
    def kept(items: Iterable[syntax.Declaration]) -> Iterator[syntax.Declaration]:
        for d in items:
            if isinstance(d, syntax.Clause):
                yield attrs.evolve(d, items=tuple(kept(d.items)))
            elif not isinstance(d, syntax.Scenario):
                yield d

    return attrs.evolve(tree, declarations=tuple(kept(tree.declarations)))


def _numbers(declared: Iterable[syntax.Declaration]) -> Iterator[str]:
    for d in declared:
        if isinstance(d, syntax.Clause):
            yield d.number
            yield from _numbers(d.items)
        elif (number := _clause_of(d)) is not None:
            yield number


def _clause_of(d: syntax.Declaration) -> str | None:
    """The clause that a declaration outside of clauses says it belongs to."""
    number = getattr(d, "clause", None)
    return number if isinstance(number, str) else None


def _replaced(
    declared: Sequence[syntax.Declaration], new: syntax.Clause
) -> tuple[list[syntax.Declaration], list[tuple[syntax.Declaration, syntax.Clause | None]] | None]:
    """The declarations with the clause of that number in its new words, and what stood there; None: no such clause."""
    gone: list[tuple[syntax.Declaration, syntax.Clause | None]] = []
    put = False

    def through(items: Iterable[syntax.Declaration]) -> Iterator[syntax.Declaration]:
        nonlocal put
        for d in items:
            if isinstance(d, syntax.Clause) and d.number != new.number:
                yield attrs.evolve(d, items=tuple(through(d.items)))
                continue
            if not isinstance(d, syntax.Clause) and _clause_of(d) != new.number:
                yield d
                continue
            if not put:
                put = True
                title = new.title
                if title is None and isinstance(d, syntax.Clause):
                    title = d.title
                yield attrs.evolve(new, title=title)
            if isinstance(d, syntax.Clause):
                gone.extend(_inside(d))
            else:
                gone.append((d, None))

    made = list(through(declared))
    return made, gone if put else None


def _inside(clause: syntax.Clause) -> Iterator[tuple[syntax.Declaration, syntax.Clause]]:
    """What a clause says by name, each with the clause that it stands in."""
    for d in clause.items:
        if isinstance(d, syntax.Clause):
            yield from _inside(d)
        elif not isinstance(d, syntax.Scenario | syntax.Exception_):
            yield d, clause


# ---- parameters ----------------------------------------------------------------------------------------------------


def _parameters_amended(
    declared: list[syntax.Declaration],
    amendments: Sequence[syntax.Amendment],
    source: Source,
    found: list[Diagnostic],
) -> list[syntax.Declaration]:
    """The declarations, in which each amended parameter has its new versions."""
    known = {p.name.text: p for p in _taken(declared, syntax.Parameter)}
    for amendment in amendments:
        for item in amendment.items:
            inside = item.items if isinstance(item, syntax.Clause) else (item,)
            for p in _taken(inside, syntax.Parameter):
                old = known.get(p.name.text)
                if old is not None:
                    known[p.name.text] = _amended(old, p, amendment.effective, source, found)
                elif item is p:
                    similar = did_you_mean(p.name.text, known)
                    expected = KIND_WORDS["parameter"]
                    found.append(
                        error(
                            "E201", p.name.span, source=source, name=p.name.text, expected=expected, suggestion=similar
                        )
                    )

    def through(items: Iterable[syntax.Declaration]) -> Iterator[syntax.Declaration]:
        for d in items:
            if isinstance(d, syntax.Clause):
                yield attrs.evolve(d, items=tuple(through(d.items)))
            elif isinstance(d, syntax.Parameter):
                yield known[d.name.text] if known[d.name.text].name is d.name else d
            else:
                yield d

    return list(through(declared))


def _amended(
    old: syntax.Parameter, new: syntax.Parameter, since: dt.date, source: Source, found: list[Diagnostic]
) -> syntax.Parameter:
    """The parameter with what an amendment says of it from a date; versions agreed for later days fall away."""
    if new.type is not None and old.type is not None and new.type != old.type:
        found.append(_changed_type(new.name, source))
    dated = new.dated or (syntax.Dated(since, new.value, span=new.span),)
    if dated[0].start != since:
        start = dated[0].start.isoformat()
        found.append(
            error("E437", dated[0].span, source=source, name=new.name.text, date=since.isoformat(), start=start)
        )
    before = tuple(d for d in old.dated if d.start < since or (d.start == since and d.amended))
    for gone in old.dated:
        if gone not in before:
            date = gone.start.isoformat()
            found.append(
                warning("W590", gone.span, source=source, name=old.name.text, date=date, since=since.isoformat())
            )
    return attrs.evolve(old, dated=(*before, *(attrs.evolve(d, amended=True) for d in dated)))


def _without_parameters(
    clause: syntax.Clause, declared: Sequence[syntax.Declaration]
) -> tuple[syntax.Declaration, ...]:
    """What an amending clause declares, without new values of parameters that the contract has."""
    known = {p.name.text for p in _taken(declared, syntax.Parameter)}
    return tuple(
        attrs.evolve(i, items=_without_parameters(i, declared)) if isinstance(i, syntax.Clause) else i
        for i in clause.items
        if not (isinstance(i, syntax.Parameter) and i.name.text in known)
    )


def _changed_type(name: syntax.Name, source: Source) -> Diagnostic:
    return error("E436", name.span, source=source, name=name.text)


# ---- models --------------------------------------------------------------------------------------------------------


def joined(steps: Sequence[Step], tree: syntax.Tree, source: Source) -> tuple[model.Contract, list[Diagnostic]]:
    """One contract of the models of its epochs, with what the amendments themselves have wrong."""
    last = steps[-1].contract
    if not any(isinstance(d, syntax.Amendment) for d in tree.declarations):
        return last, []
    amendments = tuple(
        model.Amendment(a.title, a.effective, span=a.span)
        for a in sorted(_taken(tree.declarations, syntax.Amendment), key=lambda a: a.effective)
    )
    found = [*_outside_the_term(amendments, last.header, source), *_unlike(steps, source), *_unversioned(steps, source)]
    if has_errors(found):
        return last, found
    values = _versions(steps, [s.contract.values for s in steps])
    obligations = cast("tuple[model.Obligation, ...]", _versions(steps, [s.contract.obligations for s in steps]))
    prohibitions = cast("tuple[model.Prohibition, ...]", _versions(steps, [s.contract.prohibitions for s in steps]))
    rights = cast("tuple[model.Right, ...]", _versions(steps, [s.contract.rights for s in steps]))
    found += _between(obligations, last.header, source)
    obligations = _bounded(obligations)
    found += _inside_a_period((*values, *obligations), last.header, source)
    contract = attrs.evolve(
        last,
        values=cast("tuple[model.Let | model.Kpi, ...]", values),
        obligations=obligations,
        prohibitions=prohibitions,
        rights=rights,
        amendments=amendments,
        clauses=tuple(_clauses(steps)),
    )
    return contract, found


def _clauses(steps: Sequence[Step]) -> Iterator[model.Clause]:
    """The clauses in the order of the last text, those that are in it no longer behind them, each in its versions."""
    versions: dict[str, list[model.Clause]] = {clause.ref.number: [] for clause in steps[-1].contract.clauses}
    for step in steps:
        now: dict[str, model.Clause] = {}
        for clause in step.contract.clauses:
            now.setdefault(clause.ref.number, clause)  # what it says no longer stands behind it, under its number
        for number, clause in now.items():
            told = versions.setdefault(number, [])
            if told and told[-1].until is None and (told[-1].ref, told[-1].notes) == (clause.ref, clause.notes):
                continue
            if told and told[-1].until is None and step.epoch.since is not None:
                told[-1] = attrs.evolve(told[-1], until=step.epoch.since - DAY)
            told.append(attrs.evolve(clause, since=step.epoch.since))
    yield from (clause for told in versions.values() for clause in told)


def _versions(steps: Sequence[Step], groups: Sequence[Sequence[Versioned]]) -> tuple[Versioned, ...]:
    """The things of one sort in the order of the last text, each in its versions, in order of time."""
    made: dict[str, list[Versioned]] = {thing.name: [] for thing in groups[-1]}
    running: dict[str, tuple[Versioned, tuple[int, ...]]] = {}
    for step, group in zip(steps, groups, strict=True):
        since = step.epoch.since
        now = {thing.name: thing for thing in group if thing.name not in step.epoch.ended}
        for name in [n for n in running if n not in now or _words_of(step, n) != running[n][1]]:
            thing, _ = running.pop(name)
            made[name].append(attrs.evolve(thing, until=cast(dt.date, since) - DAY))
        for name, thing in now.items():
            if name not in running:
                running[name] = (attrs.evolve(thing, since=since), _words_of(step, name))
    for name, (thing, _) in running.items():
        made[name].append(thing)
    return tuple(thing for versions in made.values() for thing in versions)


def _words_of(step: Step, name: str) -> tuple[int, ...]:
    """What a thing's terms are read from: its own declaration and the exceptions to it, as they stand in the file."""
    own = step.names.entries[name]
    exceptions = [
        p.node for p in step.names.declarations if isinstance(p.node, syntax.Exception_) and p.node.target.text == name
    ]
    amendment = own.clause.amendment if own.clause is not None else None
    return (id(own.node), hash(amendment), *(id(node) for node in exceptions))


def _bounded(obligations: Sequence[model.Obligation]) -> tuple[model.Obligation, ...]:
    """A duty that an amendment brought in begins on its day, one that it took out ends on the day before."""
    made: list[model.Obligation] = []
    for i, o in enumerate(obligations):
        before = i and obligations[i - 1].name == o.name and obligations[i - 1].until
        after = i + 1 < len(obligations) and obligations[i + 1].name == o.name and obligations[i + 1].since
        starts = None if o.since is None or (before and before + DAY == o.since) else o.since
        stops = None if o.until is None or (after and after - DAY == o.until) else o.until
        made.append(attrs.evolve(o, starts=starts, stops=stops))
    return tuple(made)


def _outside_the_term(
    amendments: Iterable[model.Amendment], header: model.Header, source: Source
) -> Iterator[Diagnostic]:
    for a in amendments:
        if a.effective < header.term_start or (header.term_end is not None and a.effective > header.term_end):
            yield error(
                "E418",
                a.span,
                source=source,
                what=Both("the amendment", "变更"),
                date=a.effective.isoformat(),
                start=header.term_start.isoformat(),
                end=Both("no end", "无固定终止日") if header.term_end is None else header.term_end.isoformat(),
            )


def _unlike(steps: Sequence[Step], source: Source) -> Iterator[Diagnostic]:
    """Versions of one name are of one sort: what refers to the name holds for all of them."""
    first: dict[str, tuple[Kind, object]] = {}
    told: set[int] = set()
    for step in steps:
        kinds = {thing.name: _sort(thing) for thing in _things(step.contract)}
        for name, entry in step.names.entries.items():
            sort = (entry.kind, kinds.get(name))
            if first.setdefault(name, sort) != sort and id(entry.node) not in told:
                told.add(id(entry.node))
                yield _changed_type(entry.node.name, source)


def _unversioned(steps: Sequence[Step], source: Source) -> Iterator[Diagnostic]:
    """A balance, a suspension, an escalation runs through the whole term in one set of words."""
    told: set[str] = set()
    for step in steps:
        for name, entry in step.names.entries.items():
            if entry.kind not in _UNVERSIONED or name in told:
                continue
            others = [other.names.entries.get(name) for other in steps]
            ended = any(name in other.epoch.ended for other in steps)
            if ended or any(other is None or other.node is not entry.node for other in others):
                told.add(name)
                yield error("E439", entry.span, source=source, name=name, kind=KIND_WORDS[entry.kind])


def _things(contract: model.Contract) -> Iterator[Versioned]:
    yield from contract.values
    yield from contract.obligations
    yield from contract.prohibitions
    yield from contract.rights


def _sort(thing: Versioned) -> object:
    match thing:
        case model.Let():
            return thing.type
        case model.Kpi():
            return thing.grain
        case model.Obligation():
            return thing.action, thing.currency
        case model.Right():
            return thing.effect
        case _:
            return None


def _between(obligations: Sequence[model.Obligation], header: model.Header, source: Source) -> Iterator[Diagnostic]:
    """A duty that changes the periods by which it is counted does so between two of the old and two of the new."""
    for old, new in pairwise(obligations):
        a, b = old.schedule, new.schedule
        if old.name != new.name or new.since is None or "periodic" not in (a.kind, b.kind):
            continue
        if (a.kind, a.every, a.unit, a.weekday, a.anchor) == (b.kind, b.every, b.unit, b.weekday, b.anchor):
            continue
        begins = all(s.kind != "periodic" or _begins_period(s, new.since, header) for s in (a, b))
        if not begins:
            yield error("E438", new.span, source=source, name=new.name, date=new.since.isoformat())


def _begins_period(schedule: model.Schedule, day: dt.date, header: model.Header) -> bool:
    """Whether a period of the schedule begins on that day."""
    if schedule.unit == "weeks":
        weekday = schedule.weekday or header.term_start.isoweekday()
        return (day - dt.timedelta(days=1)).isoweekday() == weekday
    if schedule.anchor is None:
        return day.day == 1 and (day.month - 1) % schedule.every == 0
    for start in periods.schedule(schedule.anchor, schedule.every, day, header.month_end):
        if start >= day:
            return start == day
    return False


def _inside_a_period(things: Iterable[Versioned], header: model.Header, source: Source) -> Iterator[Diagnostic]:
    """Told once for an amended clause: what counts by the month keeps the old words until the next one begins."""
    told: set[tuple[str, dt.date]] = set()
    for thing in things:
        since, clause = thing.since, thing.clause
        if since is None or clause is None or since.day == 1 or since == header.term_start:
            continue
        if isinstance(thing, model.Prohibition | model.Right):
            continue
        if isinstance(thing, model.Obligation) and (thing.schedule.kind != "periodic" or thing.starts is not None):
            continue
        if (clause.number, since) not in told:
            told.add((clause.number, since))
            yield warning(
                "W591", thing.span, source=source, clause=clause.number, name=clause.number, date=since.isoformat()
            )


# ---- findings ------------------------------------------------------------------------------------------------------


def gathered(found: Sequence[tuple[Names, Sequence[Diagnostic]]]) -> list[Diagnostic]:
    """The findings of all texts, each once. That nothing uses a name is true only if no text uses it."""
    every = list(dict.fromkeys(one for _, some in found for one in some))
    if len(found) == 1:
        return every
    unused = [{one.span for one in some if one.code == "W501"} for _, some in found]
    declared = [{entry.span for entry in names.entries.values()} for names, _ in found]
    return [
        one
        for one in every
        if one.code != "W501"
        or all(one.span in silent or one.span not in there for silent, there in zip(unused, declared, strict=True))
    ]
