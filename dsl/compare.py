"""Two versions of a contract held against each other: what changed in their lines, in their meaning, in the paper's words.

The models are compared, not the text: layout, comments and the language of the keywords change nothing, and nothing that
changes is passed over because two sentences happen to read alike. Every change is told where it was made: what only reads a
changed parameter has not changed itself, and is named behind it (`Change.rests`). A name is no meaning either: of two things
that say the same but for their names, one is the other renamed.
"""

from __future__ import annotations

import datetime as dt
import difflib
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, get_args

import attrs

from clausal.dsl import model as m
from clausal.dsl.diagnostics import Lang, Source, Span
from clausal.dsl.prose import things
from clausal.dsl.types import Field, Type

DAY: Final = dt.timedelta(days=1)

Key: TypeAlias = tuple[str, str, "dt.date | None"]
"""Kind, name and first day of a version: an amended thing has several."""


# ---- what is found -------------------------------------------------------------------------------------------------


@attrs.frozen
class Aspect:
    """One aspect of a thing as it was and as it is, each a sentence of its own (None: it says nothing of it). `quoted`: the
    words are the contract's own lines, because the aspect has no sentence."""

    name: str
    was: str | None
    is_: str | None
    quoted: bool = False


@attrs.frozen
class Change:
    """One thing that is not what it was. `name` is the later one, `was_name` the earlier one where it was renamed; `since`
    the day of the version. `clauses` are the numbers that it stood and stands in. `rests` is what reads it, directly or
    not, in the order of the file. `lines` are where it stands in either version: the file's name, and the line from 1."""

    how: Literal["added", "removed", "changed", "renamed"]
    kind: str
    name: str
    was_name: str | None
    since: dt.date | None
    clauses: tuple[str | None, str | None]
    aspects: tuple[Aspect, ...]
    rests: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, int] | None, tuple[str, int] | None]

    @property
    def moved(self) -> bool:
        """Whether it stands in another clause."""
        return self.how in ("changed", "renamed") and self.clauses[0] != self.clauses[1]


@attrs.frozen
class Reworded:
    """A clause of the paper whose words or number are not what they were. `rule` says whether something that stands in it
    changed too; None where nothing stood or stands in it."""

    how: Literal["added", "removed", "reworded", "renumbered"]
    number: str
    was_number: str | None
    amendment: str | None
    was: str | None
    is_: str | None
    rule: bool | None


@attrs.frozen
class Examples:
    """Scenarios by their titles: they agree nothing, and say what somebody expected."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@attrs.frozen
class Comparison:
    """What is different between two versions. `unsaid` are the clauses whose rule changed while their words did not;
    `notes` the things whose notes changed; `renamed` pairs an earlier name with the later one."""

    changes: tuple[Change, ...]
    clauses: tuple[Reworded, ...]
    unsaid: tuple[str, ...]
    notes: tuple[tuple[str, str], ...]
    examples: Examples
    renamed: Mapping[str, str]
    keywords: tuple[Literal["en", "zh"], Literal["en", "zh"]]

    @property
    def same(self) -> bool:
        """Whether both mean the same: neither a rule nor a word of the paper changed."""
        return not self.changes and not self.clauses


@attrs.frozen
class FileLines:
    """The lines of one file that changed, as a unified diff without its heading; `names` are the two files' names, None
    where a version does not use such a file."""

    names: tuple[str | None, str | None]
    lines: tuple[str, ...]


# ---- lines ---------------------------------------------------------------------------------------------------------


def changed_lines(a: Source, b: Source, context: int = 3) -> tuple[FileLines, ...]:
    """The files whose lines differ: the contracts themselves, then what they use, file by file as their paths name them."""
    ours, theirs = _files(a), _files(b)
    found: list[FileLines] = []
    for path in dict.fromkeys((*ours, *theirs)):
        one, other = ours.get(path), theirs.get(path)
        before = [] if one is None else one.text.splitlines()
        after = [] if other is None else other.text.splitlines()
        lines = list(difflib.unified_diff(before, after, n=context, lineterm=""))[2:]
        if lines:
            names = (None if one is None else one.name, None if other is None else other.name)
            found.append(FileLines(names, tuple(lines)))
    return tuple(found)


def _files(source: Source) -> dict[str, Source]:
    """A contract's files by their paths from its folder; the contract itself is the empty path."""
    folder = posixpath.dirname(source.name.replace("\\", "/"))
    own = source.text[: source.files[0][0] - 1] if source.files else source.text
    found = {"": Source(source.name, own)}
    for _, file in source.files:
        found[posixpath.relpath(file.name.replace("\\", "/"), folder or ".")] = file
    return found


# ---- meaning -------------------------------------------------------------------------------------------------------


@attrs.frozen
class _Lifted:
    """An exception to a norm, taken out of it: it is a thing of its own."""

    target: str
    exemption: m.Exemption

    @property
    def name(self) -> str:
        return self.exemption.name

    @property
    def span(self) -> Span:
        return self.exemption.span


# What a reading Op repeats of the thing that it reads: changed there, it is told there.
_REPEATED: Final[Mapping[type, frozenset[str]]] = {
    m.FactRef: frozenset({"grain"}),
    m.NoticeRef: frozenset({"grain"}),
    m.Let: frozenset({"type", "grain"}),
}
_BY_PARAMETER: Final[Mapping[type, str]] = {m.Run: "amount", m.Schedule: "every"}
"""The field that repeats a parameter's known value where `length` reads the parameter."""
_REMARKS: Final = frozenset({"clause", "notes"})
_OPS: Final = get_args(m.Op)

# Texts that are no names of the contract's things: words of the paper, of a unit, of a field or part.
_NO_NAMES: Final[Mapping[type, frozenset[str]]] = {
    m.FieldRef: frozenset({"name"}),
    m.Builtin: frozenset({"name"}),
    m.Part: frozenset({"name"}),
    m.Kpi: frozenset({"levels"}),
    m.KpiLevel: frozenset({"level"}),
    m.StatusTest: frozenset({"statuses"}),
    m.BreachTest: frozenset({"grade"}),
    m.AtPeriod: frozenset({"literal"}),
    m.EscalationLevel: frozenset({"title"}),
    m.ClauseRef: frozenset({"number", "title", "text", "amendment"}),
    m.Header: frozenset({"title", "version", "currency", "currencies", "rounding_mode", "calendar", "source", "notes",
                         "payment_order", "debt_order"}),
    m.Party: frozenset({"title"}),
    m.FactDecl: frozenset({"source", "dated_by", "keyed_by", "judged_by", "notes"}),
    m.Balance: frozenset({"daycount", "notes"}),
    m.Interest: frozenset({"daycount"}),
    m.Limit: frozenset({"window"}),
    m.Obligation: frozenset({"what", "currency", "secured", "notes"}),
    m.Prohibition: frozenset({"what", "notes"}),
    m.Amendment: frozenset({"title"}),
    m.Property: frozenset({"title"}),
    Type: frozenset({"currency", "unit", "per", "choices"}),
    Field: frozenset({"name"}),
}  # fmt: skip


def compare(a: m.Contract, b: m.Contract, lang: Lang) -> Comparison:
    """What changed from `a` to `b`, told in `lang`."""
    old, new = _things(a), _things(b)
    ours, theirs = frozenset(_declared(old)), frozenset(_declared(new))
    shifts, notices = (a.header.deadlines, b.header.deadlines), (a.header.notices, b.header.notices)
    ground = _Ground({}, shifts, notices)
    pairs = _renamed(old, new, ground, _Names(ours - theirs, theirs - ours))
    ground = ground.of(pairs)
    renumbered = _renumbered(a, b, old, new, pairs)
    changes = _changes(a, b, old, new, ground, renumbered, lang)
    clauses, unsaid = _paper(a, b, old, new, changes, renumbered)
    notes = tuple(
        (kind, name)
        for (kind, name, since), thing in new.items()
        for before in (old.get((kind, ground.before(name), since)),)
        if before is not None and getattr(before, "notes", ()) != getattr(thing, "notes", ())
    )
    notes += tuple(("clause", number) for number in _other_notes(_clause_notes(a), _clause_notes(b), renumbered))
    return Comparison(
        tuple(changes), tuple(clauses), unsaid, tuple(dict.fromkeys(notes)), _examples(a, b, ground), pairs,
        (a.keywords, b.keywords),
    )  # fmt: skip


def _things(contract: m.Contract) -> dict[Key, Any]:
    """Everything that a contract declares, in the order of the file, exceptions by themselves."""
    found: dict[Key, Any] = {}
    excepted: tuple[m.Obligation | m.Prohibition, ...] = (*contract.obligations, *contract.prohibitions)
    declared: list[tuple[str, Any]] = [
        ("header", contract.header),
        *(("party", x) for x in contract.parties),
        *(("parameter", x) for x in contract.parameters),
        *(("fact", x) for x in contract.facts),
        *(("let" if isinstance(x, m.Let) else "kpi", x) for x in contract.values),
        *(("balance", x) for x in contract.balances),
        *(("obligation", x) for x in contract.obligations),
        *(("prohibition", x) for x in contract.prohibitions),
        *(("termination" if x.effect == "terminate" else "right", x) for x in contract.rights),
        *(("suspension", x) for x in contract.suspensions),
        *(("escalation", x) for x in contract.escalations),
        *(("approval", x) for x in contract.approvals),
        *(("exception", _Lifted(x.name, one)) for x in excepted for one in x.exemptions),
        *(("amendment", x) for x in contract.amendments),
        *(("property", x) for x in contract.properties),
    ]
    for kind, thing in sorted(declared, key=lambda one: (one[0] != "header", one[1].span.start)):
        if kind in ("obligation", "prohibition"):
            thing = attrs.evolve(thing, exemptions=())
        found[kind, _name(thing), getattr(thing, "since", None)] = thing
    return found


def _name(thing: Any) -> str:
    if isinstance(thing, m.Header):
        return ""
    return str(thing.title if isinstance(thing, m.Amendment | m.Property) else thing.name)


# ---- two things ----------------------------------------------------------------------------------------------------


@attrs.frozen
class _Names:
    """The names that one version has and the other has not."""

    gone: frozenset[str]
    come: frozenset[str]


def _declared(things: Mapping[Key, Any]) -> Iterator[str]:
    """Every name that the contract gives, those of norms inside others too."""
    for (kind, name, _), thing in things.items():
        if kind not in ("header", "amendment", "property"):
            yield name
        for node in _nodes(thing):
            if isinstance(node, m.Obligation | m.Right | m.Exemption):
                yield node.name


def _nodes(thing: Any) -> Iterator[Any]:
    """The thing and everything inside it, each once."""
    stack: list[Any] = [thing]
    seen: set[int] = set()
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            stack.extend(node)
        elif attrs.has(type(node)) and id(node) not in seen:
            seen.add(id(node))
            yield node
            stack.extend(getattr(node, field) for field in _compared(type(node)))


def _compared(kind: type) -> tuple[str, ...]:
    """The fields of a class that mean something."""
    return tuple(field.name for field in attrs.fields(kind) if field.eq and field.name not in _REMARKS)


def _names_things(kind: type, field: str) -> bool:
    """Whether a text in this field may be the name of a thing of the contract: not where it is one of a few words."""
    said = str(attrs.fields_dict(kind)[field].type)
    return "str" in said and "Literal" not in said and field not in _NO_NAMES.get(kind, frozenset())


def references(thing: Any) -> frozenset[str]:
    """Every text in a thing that may name another."""
    found: set[str] = set()
    for node in _nodes(thing):
        if isinstance(node, m.Const) and isinstance(node.value, str) and node.type.kind == "party":
            found.add(node.value)
        for field in _compared(type(node)):
            if _names_things(type(node), field):
                found.update(_texts(getattr(node, field)))
    return frozenset(found)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)


@attrs.frozen
class _Ground:
    """What both versions stand on: which earlier name is which later one (`pairs`), and the rules of their headers by which
    deadlines shift and notices work."""

    pairs: Mapping[str, str]
    shifts: tuple[str, str]
    notices: tuple[str, str]

    backward: Mapping[str, str] = attrs.field(init=False)

    @backward.default
    def _reversed(self) -> Mapping[str, str]:
        return {new: old for old, new in self.pairs.items()}

    def of(self, pairs: Mapping[str, str]) -> _Ground:
        return _Ground(pairs, self.shifts, self.notices)

    def before(self, name: str) -> str:
        """The earlier name of a thing by its later one."""
        return self.backward.get(name, name)

    def follows(self, kind: type, field: str, one: object, other: object) -> bool:
        """Whether a field is another only because the header has another rule."""
        if field in ("shift", "cure_shift"):
            return (one, other) == self.shifts
        return kind is m.NoticeRef and field == "field" and (one, other) == self.notices


class _Alike:
    """Whether two things mean the same if names of one stand for names of the other. With `names` given, names that only one
    version has are paired on the way; `more` holds those pairs."""

    def __init__(self, ground: _Ground, names: _Names | None = None) -> None:
        self.ground = ground
        self.names = names
        self.more: dict[str, str] = {}
        self.backward: dict[str, str] = {}

    def __call__(self, a: Any, b: Any) -> bool:
        stack: list[tuple[Any, Any, bool]] = [(a, b, False)]
        seen: set[tuple[int, int]] = set()
        while stack:
            one, other, named = stack.pop()
            if isinstance(one, str) and isinstance(other, str) and named:
                if not self._same_name(one, other):
                    return False
            elif isinstance(one, tuple) and isinstance(other, tuple):
                if len(one) != len(other):
                    return False
                stack.extend((x, y, named) for x, y in zip(one, other, strict=True))
            elif attrs.has(type(one)):
                if type(one) is not type(other):
                    return False
                if (id(one), id(other)) not in seen:
                    seen.add((id(one), id(other)))
                    stack.extend(_parts(one, other, self.ground))
            elif type(one) is not type(other) or bool(one != other):
                return False
        return True

    def _same_name(self, one: str, other: str) -> bool:
        if one in self.ground.pairs or other in self.ground.backward:
            return self.ground.pairs.get(one) == other
        if one in self.more or other in self.backward:
            return self.more.get(one) == other
        if self.names is None or one not in self.names.gone or other not in self.names.come:
            return one == other
        self.more[one] = other
        self.backward[other] = one
        return True


def _parts(one: Any, other: Any, ground: _Ground) -> Iterator[tuple[Any, Any, bool]]:
    """What two nodes of one class consist of, side by side."""
    kind = type(one)
    repeated = _REPEATED.get(kind, frozenset())
    if isinstance(one, _OPS) and not isinstance(one, m.Const):
        repeated |= {"type"}
    if kind in _BY_PARAMETER and one.length is not None:
        repeated |= {_BY_PARAMETER[kind]}
    for field in _compared(kind):
        x, y = getattr(one, field), getattr(other, field)
        if field not in repeated and not ground.follows(kind, field, x, y):
            yield x, y, _names_things(kind, field) or (kind is m.Const and one.type.kind == "party" == other.type.kind)


def _differing(a: Any, b: Any, ground: _Ground) -> tuple[str, ...]:
    """The fields in which two things of one kind differ."""
    if isinstance(a, _Lifted):
        fields = () if ground.pairs.get(a.target, a.target) == b.target else ("target",)
        return (*fields, *_differing(a.exemption, b.exemption, ground))
    kind, repeated = type(a), _REPEATED.get(type(a), frozenset())
    found: list[str] = []
    for field in _compared(kind):
        one, other = getattr(a, field), getattr(b, field)
        if field in repeated or ground.follows(kind, field, one, other):
            continue
        named = _names_things(kind, field)
        if named and isinstance(one, str) and isinstance(other, str):
            same = ground.pairs.get(one, one) == other
        elif named and isinstance(one, tuple) and isinstance(other, tuple):
            same = tuple(ground.pairs.get(x, x) for x in one) == other
        else:
            same = _Alike(ground)(one, other)
        if not same:
            found.append(field)
    return tuple(found)


# ---- names ---------------------------------------------------------------------------------------------------------


# What is looked at first tells most about the names in it. A parameter and a fact of one value are not among them: nothing
# of their own tells which of several they were, only a thing that reads them does.
_TELLING: Final = ("obligation", "prohibition", "right", "termination", "escalation", "approval", "suspension", "exception",
                   "balance", "kpi", "let", "fact", "party")  # fmt: skip
_MOST_PAIRED: Final = 250_000
"""Earlier things of a kind times later ones, above which no names are sought for them."""
_MOST_ROUNDS: Final = 20


def _renamed(old: Mapping[Key, Any], new: Mapping[Key, Any], ground: _Ground, names: _Names) -> dict[str, str]:
    """Which earlier name is which later one: of things that say the same but for names which the other version lacks.

    Where several later things would do, the decision waits until others have been paired, and is then made in the order of
    the file."""
    if not names.gone or not names.come:
        return {}
    gone = [key for kind in _TELLING for key in old if key[0] == kind and key[1] in names.gone and _own_words(old[key])]
    come: dict[tuple[str, dt.date | None], list[Key]] = {}
    for key in new:
        if key[1] in names.come:
            come.setdefault((key[0], key[2]), []).append(key)
    gone = [key for key in gone if len(gone) * len(come.get((key[0], key[2]), ())) <= _MOST_PAIRED]
    patient = True
    for _ in range(_MOST_ROUNDS):
        before = ground
        for key in gone:
            if key[1] in ground.pairs:
                continue
            fits: list[dict[str, str]] = []
            for other in come.get((key[0], key[2]), ()):
                if other[1] not in ground.backward:
                    alike = _Alike(ground, names)
                    if alike(old[key], new[other]) and alike.more.get(key[1]) == other[1]:
                        fits.append(alike.more)
            if len(fits) == 1 or (fits and not patient):
                ground = ground.of({**ground.pairs, **fits[0]})
        for key, thing in new.items():  # what both have by one name tells what the names in it stand for
            if key in old:
                alike = _Alike(ground, names)
                if alike(old[key], thing) and alike.more:
                    ground = ground.of({**ground.pairs, **alike.more})
        if ground is before:
            if not patient:
                break
            patient = False
    ours, theirs = _kinds(old), _kinds(new)
    return {was: is_ for was, is_ in ground.pairs.items() if ours.get(was) == theirs.get(is_)}


def _kinds(things: Iterable[Key]) -> dict[str, set[str]]:
    """What each name is the name of."""
    found: dict[str, set[str]] = {}
    for kind, name, _ in things:
        found.setdefault(name, set()).add(kind)
    return found


def _own_words(thing: Any) -> bool:
    """Whether something in a thing tells it from others of its kind."""
    match thing:
        case m.FactDecl():
            return thing.type.kind in ("list", "payments")
        case m.Party():
            return thing.title is not None
        case _:
            return True


# ---- changes -------------------------------------------------------------------------------------------------------


def _changes(
    a: m.Contract,
    b: m.Contract,
    old: Mapping[Key, Any],
    new: Mapping[Key, Any],
    ground: _Ground,
    renumbered: Mapping[str, str],
    lang: Lang,
) -> list[Change]:
    pairs = ground.pairs
    said_a, said_b = _Prose(a, old, lang), _Prose(b, new, lang)
    readers_a, readers_b = _Readers(old), _Readers(new)
    found: list[tuple[int, Change]] = []
    met: set[Key] = set()
    for place, (key, thing) in enumerate(new.items()):
        kind, name, since = key
        was_name = ground.before(name)
        earlier: Key = (kind, was_name, since)
        before_key: Key | None = earlier if earlier in old else _version_before(old, kind, was_name, since)
        before = None if before_key is None else old[before_key]
        if before_key == earlier:
            met.add(earlier)
        clauses = (None if before is None else _clause(before), _clause(thing))
        lines = (None if before is None else _line(a.source, before), _line(b.source, thing))
        rests = _following(old, new, ground) if kind == "header" else readers_b.of(name) if kind in _READ else ()
        renamed = was_name if was_name != name else None
        if before is None or before_key is None:
            aspects = tuple(Aspect(aspect, None, text) for aspect, text in said_b.of(key))
            found.append((place, Change("added", kind, name, None, since, (None, clauses[1]), aspects, rests, lines)))
            continue
        differing = _differing(before, thing, ground)
        of_version = since is not None and before.since != since
        if of_version or _goes_on(new, key, thing):  # the later version, or the amendment, says so
            differing = tuple(field for field in differing if field not in _VALIDITY)
            if of_version and not differing:
                continue
        if renamed is not None:
            differing = tuple(field for field in differing if field != "name")
        elsewhere = renumbered.get(clauses[0] or "", clauses[0]) != clauses[1] and kind not in ("header", "party")
        if not differing and not elsewhere and renamed is None:
            continue
        whole = (_lines_of(a.source, before), _lines_of(b.source, thing))
        aspects = _aspects(kind, said_a.of(before_key), said_b.of(key), differing, whole, pairs)
        aspects = tuple(x for x in aspects if x.name not in _VALIDITY or x.name in differing)
        if not differing:
            aspects, rests = (), ()
        where = clauses if elsewhere else (clauses[1], clauses[1])
        how: Literal["renamed", "changed"] = "renamed" if renamed is not None and not differing else "changed"
        found.append((place, Change(how, kind, name, renamed, since, where, aspects, rests, lines)))
    places = {key: place for place, key in enumerate(new)}
    place = -1
    for key, thing in old.items():
        kind, name, since = key
        now = (kind, pairs.get(name, name), since)
        place = places.get(now, place)
        if key in met or now in new:
            continue
        held = _version_before(new, *now)
        if held is not None and not _differing(thing, new[held], ground):
            continue
        aspects = tuple(Aspect(aspect, text, None) for aspect, text in said_a.of(key))
        rests = readers_a.of(name) if kind in _READ else ()
        stood = (_line(a.source, thing), None)
        found.append((place, Change("removed", kind, name, None, since, (_clause(thing), None), aspects, rests, stood)))
    return [change for _, change in sorted(found, key=lambda one: one[0])]


def _following(old: Mapping[Key, Any], new: Mapping[Key, Any], ground: _Ground) -> tuple[tuple[str, str], ...]:
    """What is another only because the header has another rule for deadlines or notices."""
    strict = attrs.evolve(ground, shifts=("", ""), notices=("", ""))
    return tuple(
        key[:2]
        for key, thing in new.items()
        for before in (old.get((key[0], ground.before(key[1]), key[2])),)
        if before is not None and _differing(before, thing, strict) != _differing(before, thing, ground)
    )


# What others read: a change of it is told once, with what rests on it.
_READ: Final = frozenset({"party", "parameter", "fact", "let", "kpi", "balance", "approval"})


def _version_before(things: Mapping[Key, Any], kind: str, name: str, since: dt.date | None) -> Key | None:
    """The version of a thing that held until the day on which another version began."""
    if since is None:
        return None
    held = [
        key
        for key, thing in things.items()
        if key[:2] == (kind, name)
        and (thing.since is None or thing.since < since)
        and (thing.until is None or thing.until >= since - DAY)
    ]
    return held[-1] if held else None


_VALIDITY: Final = frozenset({"since", "until", "starts", "stops"})


def _goes_on(things: Mapping[Key, Any], key: Key, thing: Any) -> bool:
    """Whether another version takes over on the day after the last one of this."""
    until = getattr(thing, "until", None)
    return until is not None and (key[0], key[1], until + DAY) in things


def _clause(thing: Any) -> str | None:
    clause = getattr(thing, "clause", None)
    return None if clause is None else str(clause.number)


def _line(source: Source, thing: Any) -> tuple[str, int]:
    home, there = source.origin(thing.span)
    return home.name, home.position(there.start)[0]


class _Readers:
    """What reads a thing, and what reads that."""

    def __init__(self, things: Mapping[Key, Any]) -> None:
        self.things = list(dict.fromkeys(key[:2] for key in things))
        self.reading: dict[str, set[tuple[str, str]]] = {}
        for (kind, name, _), thing in things.items():
            if kind not in ("header", "party", "amendment"):
                for read in references(thing):
                    if read != name:
                        self.reading.setdefault(read, set()).add((kind, name))

    def of(self, name: str) -> tuple[tuple[str, str], ...]:
        found: set[tuple[str, str]] = set()
        names = [name]
        while names:
            for reader in self.reading.get(names.pop(), ()):
                if reader not in found:
                    found.add(reader)
                    names.append(reader[1])
        return tuple(one for one in self.things if one in found and one[1] != name)


def _aspects(
    kind: str,
    was: Sequence[tuple[str, str]],
    is_: Sequence[tuple[str, str]],
    differing: Sequence[str],
    lines: tuple[str, str],
    pairs: Mapping[str, str],
) -> tuple[Aspect, ...]:
    """What the sentences of both say differently, and the lines themselves where no sentence tells a difference."""
    ours = [(_base(aspect), text) for aspect, text in was]
    theirs = [(_base(aspect), text) for aspect, text in is_]
    found: list[Aspect] = []
    for aspect in dict.fromkeys(name for name, _ in (*theirs, *ours)):
        before = [text for name, text in ours if name == aspect]
        after = [text for name, text in theirs if name == aspect]
        found += (Aspect(aspect, one, other) for one, other in _side_by_side(before, after, pairs))
    told = {field for aspect in found for field in tells(kind, aspect.name)}
    untold = [field for field in differing if field not in told]
    if untold:
        found.append(Aspect(untold[0] if len(untold) == 1 else "text", *lines, quoted=True))
    return tuple(found)


def _side_by_side(
    before: Sequence[str], after: Sequence[str], pairs: Mapping[str, str]
) -> Iterator[tuple[str | None, str | None]]:
    """Sentences of one aspect that only one version says, the one that took another's place beside it."""
    renamed = [_with_names(text, pairs) for text in before]
    for change, i, j, k, n in difflib.SequenceMatcher(None, renamed, after, autojunk=False).get_opcodes():
        if change != "equal":
            yield from zip_longest(before[i:j], after[k:n])


def _with_names(text: str, pairs: Mapping[str, str]) -> str:
    """A sentence with the later names in it."""
    if not pairs:
        return text
    either = "|".join(sorted(map(re.escape, pairs), key=len, reverse=True))
    return re.sub(f"(?<![0-9A-Za-z_])(?:{either})(?![0-9A-Za-z_])", lambda found: pairs[found[0]], text)


def _lines_of(source: Source, thing: Any) -> str:
    """A thing as it stands in the file, its lines moved to the left together."""
    home, there = source.origin(thing.span)
    start = there.start - home.position(there.start)[1] + 1
    lead = home.text[start : there.start]
    lines = ((lead if lead.isspace() else "") + home.text[there.start : there.end]).splitlines()
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[indent:].rstrip() for line in lines)


# ---- prose ---------------------------------------------------------------------------------------------------------

# The fields of a thing that each aspect of its prose can tell. A field that changed while none of its aspects reads
# differently is shown in the contract's own lines, so that a sentence that leaves something out hides nothing.
_TELLS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "term": ("term_start", "term_end", "term_end_op"),
    "starts_when": ("starts_when", "term_start"),
    "currency": ("currency", "currencies"),
    "rounding": ("rounding_mode", "rounding_unit"),
    "party": ("title",),
    "type": ("type", "grain"),
    "fields": ("type",),
    "value": ("value", "versions"),
    "met": ("met", "lower"),
    "level": ("levels",),
    "add": ("movements",),
    "deduct": ("movements",),
    "accrues": ("rate", "per", "daycount"),
    "amount": ("debtor", "creditor", "action", "parts", "what", "amount", "when", "excused", "target"),
    "tax": ("tax", "parts"),
    "duty": ("debtor", "creditor", "action", "what", "parts"),
    "schedule": ("schedule", "parts"),
    "periods": ("schedule",),
    "due": ("due", "schedule"),
    "extended": ("extended_by",),
    "performed": ("performance",),
    "prorated": ("prorated", "parts"),
    "versions": ("blends",),
    "excused": ("excused_while", "excused", "when", "target", "amount"),
    "disputed": ("dispute",),
    "instead": ("when", "instead", "excused", "target", "amount"),
    **dict.fromkeys(
        ("interest", "reference", "penalty", "demanded", "penalty_due", "loss", "breach", "further"), ("chain",)
    ),
    "prohibition": ("debtor", "what"),
    "violated": ("violated_by", "violated_on", "violated_when", "where", "per"),
    "except": ("except_when",),
    "power": ("holder", "effect", "target", "by", "automatic"),
    "records": ("list", "where"),
    "when": ("when", "timing", "pace"),
    "instances": ("per_instance",),
    "exercised": ("exercised_on",),
    "released": ("released_on",),
    "given_up": ("given_up_on",),
    "cure": ("cure", "cured_when", "cure_shift"),
    "settle": ("settle", "accelerated"),
    "extends": ("extends_term_by",),
    "opens": ("opens_on", "list", "where"),
    "stops": ("stops_when", "stops"),
    "of": ("list", "needed", "granted"),
    "consent": ("signers", "granted"),
    "quorum": ("quorum", "signers", "granted"),
    "dates": ("dates", "granted"),
})  # fmt: skip
_OWN_INTEREST: Final = frozenset({"suspension"})
"""Of these things the interest is a field of their own."""


def tells(kind: str, aspect: str) -> frozenset[str]:
    """The fields of a thing of that kind that an aspect of its prose tells; what stands inside it is told as `name: aspect`."""
    base, _, part = aspect.rpartition(": ")
    if base:
        return frozenset({"chain", "instead", "at_end"})
    word = _base(part)
    if kind in _OWN_INTEREST and word == "interest":
        return frozenset({"interest_continues"})
    if word == "right":
        return frozenset({"chain"})
    return frozenset(_TELLS.get(word, (word,)))


def _base(aspect: str) -> str:
    """An aspect without its number."""
    word, _, number = aspect.rpartition(" ")
    return word if word and number.isdigit() else aspect


class _Prose:
    """What a contract says of its things, in sentences by aspect: what stands inside a thing is told with it."""

    def __init__(self, contract: m.Contract, declared: Mapping[Key, Any], lang: Lang) -> None:
        self.said: dict[Key, list[tuple[str, str]]] = {key: [] for key in declared}
        spans: dict[tuple[str, str, Span], list[Key]] = {}
        for key, thing in declared.items():
            spans.setdefault((key[0], key[1], thing.span), []).append(key)
        around = [(thing.span, key) for key, thing in declared.items() if key[0] not in ("header", "amendment")]
        for told in things(contract, lang):
            own = spans.get((told.kind, "" if told.kind == "header" else told.name, told.span))
            if own:
                key = own.pop(0) if len(own) > 1 else own[0]
                inside = ""
            else:
                holding = [
                    (span, k) for span, k in around if span.start <= told.span.start and told.span.end <= span.end
                ]
                if not holding:
                    continue
                key = max(holding, key=lambda one: one[0].start)[1]
                inside = f"{told.name}: "
            sentences = ((inside + one.aspect, one.text) for one in told.said if _base(one.aspect) != "note")
            self.said[key] += sentences

    def of(self, key: Key) -> Sequence[tuple[str, str]]:
        return self.said[key]


# ---- the paper -----------------------------------------------------------------------------------------------------


@attrs.frozen
class _Words:
    """A clause's title and words, of all its pieces."""

    title: str
    text: str

    @property
    def whole(self) -> str:
        return "\n".join(part for part in (self.title, self.text) if part)

    @property
    def bare(self) -> str:
        """Without blanks and line breaks, which are those of the file."""
        return "".join(self.whole.split())


ClauseKey: TypeAlias = tuple[str, "str | None"]


def _words(contract: m.Contract) -> dict[ClauseKey, _Words]:
    found: dict[ClauseKey, _Words] = {}
    for clause in (clause.ref for clause in contract.clauses):
        before = found.get((clause.number, clause.amendment), _Words("", ""))
        text = "\n".join(part for part in (before.text, clause.text or "") if part)
        found[clause.number, clause.amendment] = _Words(before.title or clause.title or "", text)
    return found


def _renumbered(
    a: m.Contract, b: m.Contract, old: Mapping[Key, Any], new: Mapping[Key, Any], pairs: Mapping[str, str]
) -> dict[str, str]:
    """Which earlier number of a clause is which later one: the words are the same, or all that stands in it is."""
    ours = {number: words for (number, amendment), words in _words(a).items() if amendment is None}
    theirs = {number: words for (number, amendment), words in _words(b).items() if amendment is None}
    gone, come = [n for n in ours if n not in theirs], {n for n in theirs if n not in ours}
    inside: dict[str, set[str]] = {}
    for (_, name, _), thing in old.items():
        inside.setdefault(_clause(thing) or "", set()).add(pairs.get(name, name))
    there: dict[str, set[str]] = {}
    for (_, name, _), thing in new.items():
        there.setdefault(_clause(thing) or "", set()).add(name)
    by_words = {words.bare: number for number, words in theirs.items() if words.text and number in come}
    by_things = {frozenset(names): number for number, names in there.items() if number in come}
    found: dict[str, str] = {}
    for number in gone:
        other = by_words.get(ours[number].bare) or by_things.get(frozenset(inside.get(number, ())))
        if other is not None and other not in found.values():
            found[number] = other
    return found


def _paper(
    a: m.Contract,
    b: m.Contract,
    old: Mapping[Key, Any],
    new: Mapping[Key, Any],
    changes: Iterable[Change],
    renumbered: Mapping[str, str],
) -> tuple[list[Reworded], tuple[str, ...]]:
    """The clauses whose words or numbers changed, and the numbers of those whose rule alone did."""
    ours, theirs = _words(a), _words(b)
    back = {new: old for old, new in renumbered.items()}
    direct = _Readers(new).reading
    ruled = {number for thing in (*old.values(), *new.values()) if (number := _clause(thing)) is not None}
    touched: set[str] = set()
    moved: set[str] = set()
    of_thing = {key[:2]: number for key, thing in new.items() if (number := _clause(thing)) is not None}
    for change in changes:
        if change.how != "renamed" and (change.how != "changed" or change.aspects):
            own = {number for number in change.clauses if number is not None}
            readers = {of_thing[thing] for thing in direct.get(change.name, ()) if thing in of_thing}
            moved |= own | readers
            touched |= own | (
                readers if change.kind == "parameter" else set()
            )  # a clause says figures through parameters
    found: list[Reworded] = []
    unsaid: list[str] = []

    def rule(number: str, was: str | None = None) -> bool | None:
        if number not in ruled and was not in ruled:
            return None
        return number in moved or was in moved

    for (number, amendment), words in theirs.items():
        was_number = back.get(number) if amendment is None else None
        before = ours.get((was_number or number, amendment))
        if before is None and amendment is not None:
            before = ours.get((number, None))  # the words that the amendment takes the place of
        if before is None:
            if words.bare or amendment is None:
                found.append(Reworded("added", number, None, amendment, None, words.whole, rule(number)))
        elif before.bare != words.bare:
            found.append(
                Reworded("reworded", number, was_number, amendment, before.whole, words.whole, rule(number, was_number))
            )
        else:
            if was_number is not None:
                found.append(Reworded("renumbered", number, was_number, None, None, None, rule(number, was_number)))
            if words.text and (number in touched or was_number in touched) and amendment is None:
                unsaid.append(number)
    for (number, amendment), words in ours.items():
        told = (number, amendment) in theirs or (number in renumbered and amendment is None)
        if not told and (words.bare or amendment is None):
            found.append(Reworded("removed", number, None, amendment, words.whole, None, rule(number)))
    return found, tuple(unsaid)


def _clause_notes(contract: m.Contract) -> list[tuple[str, str]]:
    return [(clause.ref.number, text) for clause in contract.clauses for text in clause.notes]


def _other_notes(
    a: Sequence[tuple[str, str]], b: Sequence[tuple[str, str]], renumbered: Mapping[str, str]
) -> Iterator[str]:
    """The clauses whose notes are not what they were."""
    ours = [(renumbered.get(number, number), text) for number, text in a]
    for number in dict.fromkeys(number for number, _ in (*b, *ours)):
        if [text for n, text in ours if n == number] != [text for n, text in b if n == number]:
            yield number


def _examples(a: m.Contract, b: m.Contract, ground: _Ground) -> Examples:
    ours, theirs = {s.title: s for s in a.scenarios}, {s.title: s for s in b.scenarios}
    return Examples(
        tuple(title for title in theirs if title not in ours),
        tuple(title for title in ours if title not in theirs),
        tuple(title for title, one in theirs.items() if title in ours and not _Alike(ground)(ours[title], one)),
    )
