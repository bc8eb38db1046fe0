"""Tiers as a drafter sees them: the bands again, out of the choice that a ladder is in the model.

A ladder is found only where putting its bands together again gives the very same choice; whatever else looks like one is
told as a choice. So what a table of bands says is what is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import attrs

from clausal.dsl import model as m

Method = Literal["marginal", "whole"]


@attrs.frozen
class Band:
    """Up to `bound` (`inclusive`: that value too); None: all that is above. What is rated is what lies in the band
    (`marginal`) or everything (`whole`); `flat` comes on top."""

    bound: m.Op | None
    inclusive: bool
    method: Method
    rate: m.Op | None
    flat: m.Op | None


@attrs.frozen
class Ladder:
    """`applied`: what the rates are multiplied with, where that is not the measure. `measure` is that of the window so far
    where there is a `window`: then the month brings what its end adds. `parties`: whose rates each band has."""

    measure: m.Op
    applied: m.Op | None
    bands: tuple[Band, ...]
    window: m.Span_ | None = None
    parties: tuple[str, ...] = ()
    shares: tuple[tuple[m.Op | None, ...], ...] = ()
    """By band, the rate of each party."""


def ladder(op: m.Op) -> Ladder | None:
    """The ladder that the op is, if it is one."""
    match op:
        case m.Choice(tiers=True):
            return _single(op)
        case m.Arith(op="-", left=m.Choice(tiers=True) as now, right=m.Choice() as then):
            return _windowed(now, then)
        case m.Apportion():
            return _divided(op)
        case _:
            return None


def _windowed(now: m.Choice, then: m.Choice) -> Ladder | None:
    """The month brings f(to date) less f(to date before)."""
    late = _single(now)
    if late is None or not isinstance(late.measure, m.OverPeriods) or late.measure.function != "sum":
        return None
    if not then.tiers:  # a flat amount of the first band: nothing came before the window's first month
        flat = any(band.flat is not None for band in late.bands)
        if not flat or not _first_month(then, late.measure.window) or not isinstance(then.otherwise, m.Choice):
            return None
        then = then.otherwise
    elif any(band.flat is not None for band in late.bands):
        return None
    early = _single(then)
    if early is None or not same(early.bands, late.bands) or not _before(early.measure, late.measure):
        return None
    if (early.applied is None) != (late.applied is None):
        return None
    if late.applied is not None and early.applied is not None and not _before(early.applied, late.applied):
        return None
    return attrs.evolve(late, window=late.measure.window)


def _before(early: m.Op, late: m.Op) -> bool:
    """Whether one is the other less what the month itself adds."""
    match early:
        case m.Arith(op="-", left=left, right=right):
            return same(left, late) and isinstance(late, m.OverPeriods) and same(right, late.body)
        case _:
            return False


def _first_month(then: m.Choice, window: m.Span_) -> bool:
    match then.cases:
        case ((m.Compare(op="=", left=m.OverPeriods(function="sum", body=m.Const(value=1)) as counted), nothing),):
            same = counted.window == window and counted.grain == "monthly"
            return same and isinstance(nothing, m.Const) and nothing.value == 0
        case _:
            return False


def _divided(op: m.Apportion) -> Ladder | None:
    before = dict(op.before or ())
    found: list[Ladder] = []
    for party, now in op.shares:
        whole: m.Op = now if op.before is None else m.Arith("-", now, before[party], now.type, span=op.span)
        one = ladder(whole)
        if one is None or any(band.flat is not None for band in one.bands):
            return None
        found.append(one)
    first = found[0]
    shape = [(band.bound, band.inclusive) for band in first.bands]
    for one in found[1:]:
        alike = same([(band.bound, band.inclusive) for band in one.bands], shape)
        if not alike or not same((one.measure, one.applied, one.window), (first.measure, first.applied, first.window)):
            return None
        if [band.method for band in one.bands] != [band.method for band in first.bands]:
            return None
    shares = tuple(tuple(one.bands[at].rate for one in found) for at in range(len(first.bands)))
    return attrs.evolve(first, parties=tuple(party for party, _ in op.shares), shares=shares)


def _single(choice: m.Choice) -> Ladder | None:
    if not choice.cases or choice.otherwise is None:
        return None
    first = choice.cases[0][0]
    if not isinstance(first, m.Compare):
        return None
    measure = first.left
    bounds: list[tuple[m.Op | None, bool]] = []
    for test, _ in choice.cases:
        if not isinstance(test, m.Compare) or test.op not in ("<", "<=") or not same(test.left, measure):
            return None
        bounds.append((test.right, test.op == "<="))
    bounds.append((None, True))
    values = [value for _, value in choice.cases] + [choice.otherwise]
    for applied in (*_factors(values, measure), None):
        bands = _bands(values, bounds, measure, applied)
        if bands is not None:
            return Ladder(measure, applied, bands)
    return None


def _factors(values: Sequence[m.Op], measure: m.Op) -> tuple[m.Op, ...]:
    """What every band that has a rate multiplies it with, if it is one thing and not the measure."""
    found: list[m.Op] = []
    for value in values:
        product = value.left if isinstance(value, m.Arith) and value.op == "+" else value
        if isinstance(product, m.Arith) and product.op == "*":
            found.append(product.right)
    if not found or same(found[0], measure):
        return ()
    return (found[0],) if all(same(one, found[0]) for one in found) else ()


def _bands(
    values: Sequence[m.Op], bounds: Sequence[tuple[m.Op | None, bool]], measure: m.Op, applied: m.Op | None
) -> tuple[Band, ...] | None:
    bands: list[Band] = []
    lower: m.Op | None = None
    at_lower: m.Op | None = None
    methods: list[Method] = ["marginal", "whole"]
    for value, (bound, inclusive) in zip(values, bounds, strict=True):
        made = None
        for method in methods if applied is None else methods[1:]:
            parts = _parts(value, method, measure, applied, lower, at_lower)
            if parts is not None:
                made = Band(bound, inclusive, method, *parts)
                break
        if made is None:
            return None
        bands.append(made)
        if bound is not None:
            at = _rebuilt(made, bound, applied, lower, at_lower)
            if at is None:
                return None
            lower, at_lower = bound, at
    if len(bands) > 1:  # the first band is the same by either method
        first = bands[0]
        bands[0] = attrs.evolve(first, method=bands[1].method)
    return tuple(bands)


def _parts(
    value: m.Op, method: str, measure: m.Op, applied: m.Op | None, lower: m.Op | None, at_lower: m.Op | None
) -> tuple[m.Op | None, m.Op | None] | None:
    """Rate and flat amount of a band by this method, if its value is made of them."""
    if method == "whole" or at_lower is None:
        base = applied if applied is not None else measure
        match value:
            case m.Arith(op="+", left=m.Arith(op="*", left=rate, right=by), right=flat) if same(by, base):
                return rate, flat
            case m.Arith(op="*", left=rate, right=by) if same(by, base):
                return rate, None
            case _:
                return None, value
    match value:
        case m.Arith(
            op="+", left=m.Arith(op="+", left=under, right=m.Arith(op="*", left=rate, right=by)), right=flat
        ) if same(under, at_lower) and _above(by, measure, lower):
            return rate, flat
        case m.Arith(op="+", left=under, right=m.Arith(op="*", left=rate, right=by)) if same(
            under, at_lower
        ) and _above(by, measure, lower):
            return rate, None
        case m.Arith(op="+", left=under, right=flat) if same(under, at_lower):
            return None, flat
        case _:
            return None


def _above(by: m.Op, measure: m.Op, lower: m.Op | None) -> bool:
    return isinstance(by, m.Arith) and by.op == "-" and same(by.left, measure) and same(by.right, lower)


def _rebuilt(band: Band, x: m.Op, applied: m.Op | None, lower: m.Op | None, at_lower: m.Op | None) -> m.Op | None:
    """What the band gives for a measure of `x`, as the checker puts it together."""
    total: m.Op | None = None
    base = x
    if band.method == "marginal":
        total = at_lower
        if lower is not None:
            base = m.Arith("-", x, lower, x.type, span=x.span)
    if band.rate is not None:
        by = base if applied is None else applied
        product = m.Arith("*", band.rate, by, by.type, span=x.span)
        total = product if total is None else m.Arith("+", total, product, total.type, span=x.span)
    if band.flat is not None:
        total = band.flat if total is None else m.Arith("+", total, band.flat, total.type, span=x.span)
    return total


def same(one: Any, other: Any) -> bool:
    """Whether two things of the model say the same; the types of what they are made of follow from it. Does not recurse:
    each band of a ladder holds the one below."""
    waiting: list[tuple[Any, Any]] = [(one, other)]
    while waiting:
        left, right = waiting.pop()
        if left is right:
            continue
        if isinstance(left, tuple | list):
            if not isinstance(right, tuple | list) or len(left) != len(right):
                return False
            waiting += zip(left, right, strict=True)
        elif not attrs.has(type(left)) or type(left) is not type(right):
            if type(left) is not type(right) or left != right:
                return False
        else:
            fields = (field.name for field in attrs.fields(type(left)) if field.name not in ("type", "span"))
            waiting += ((getattr(left, name), getattr(right, name)) for name in fields)
    return True
