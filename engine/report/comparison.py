"""Two versions of a contract side by side: what their comparison says, for a terminal, as Markdown, a page, or data.

First a page is made of what a reader looks at (`Heading`, `Said`, `Lines`, `Table`), then a rendering is only layout. Every
change stands there as it was and as it is, with what differs marked; amounts stand with their difference.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from html import escape
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, assert_never

import attrs

from clausal.dsl import model as m
from clausal.dsl.compare import Aspect, Change, Comparison, Examples, FileLines, Reworded
from clausal.dsl.diagnostics import display_width, pad
from clausal.dsl.values import Exact
from clausal.dsl.wording import Lang, clause_text, decimals, number_text, plain_money
from clausal.engine.compare import Event, Figure, Money, Reading, Row, Total
from clausal.engine.outcome import plain_minor
from clausal.engine.report.markdown import escaped
from clausal.engine.report.spelling import clean, grouped, known, named, say
from clausal.engine.report.terminal import fold, wrapped

Layer: TypeAlias = Literal["text", "meaning", "money"]


@attrs.frozen
class Compared:
    """All that is known of two versions: the contracts, and of each layer what was asked for."""

    contracts: tuple[m.Contract, m.Contract]
    text: tuple[FileLines, ...] | None
    meaning: Comparison | None
    money: Money | None
    readings: tuple[Reading, Reading] | None

    @property
    def same(self) -> bool:
        """Whether nothing differs in meaning or money. Lines that mean the same are no difference."""
        return (self.meaning is None or self.meaning.same) and (self.money is None or self.money.same)


# ---- words ---------------------------------------------------------------------------------------------------------

# English, Chinese.
OWN: Final[Mapping[str, tuple[str, str]]] = MappingProxyType({
    "title": ("two versions compared", "合同版本对比"),
    "before": ("before", "原版本"),
    "after": ("after", "新版本"),
    "was": ("was: ", "原为："),
    "is": ("now: ", "现为："),
    "was of": ("was, {name}: ", "“{name}”原为："),
    "is of": ("now, {name}: ", "“{name}”现为："),
    "text": ("Text", "文本"),
    "meaning": ("Meaning", "含义"),
    "paper": ("Words of the clauses", "条款文字"),
    "besides": ("Besides", "其他"),
    "money": ("Money, as of {day}", "金额（截至{day}）"),
    "same text": ("no line differs", "文本无差异"),
    "same meaning": ("no difference in meaning", "含义无差异"),
    "same meaning, other lines": (
        "no difference in meaning: only layout, comments, notes or scenarios differ",
        "含义无差异：仅排版、注释、备注或示例不同",
    ),
    "same meaning, other words": (
        "no difference in meaning: the keywords are in another language",
        "含义无差异：仅关键词语言不同",
    ),
    "same known": (
        "no difference in money, dates or statuses as far as they are known",
        "就已能确定的部分，金额、日期和状态均无差异",
    ),
    "same money": ("no difference in money, dates or statuses", "金额、日期和状态均无差异"),
    "same": ("no difference", "无差异"),
    "one change": ("1 change in meaning", "含义变更1处"),
    "changes": ("{number} changes in meaning", "含义变更{number}处"),
    "one clause": ("1 clause of the paper changed", "条款文字变更1处"),
    "clauses": ("{number} clauses of the paper changed", "条款文字变更{number}处"),
    "added": ("{kind} {name}: added", "新增{kind}{name}"),
    "removed": ("{kind} {name}: removed", "删除{kind}{name}"),
    "changed": ("{kind} {name}: changed", "变更{kind}{name}"),
    "since": ("from {day} on", "自{day}起"),
    "renamed": ("renamed, it was {was}", "更名，原名{was}"),
    "moved": ("moved from {was} to {is}", "由{was}移至{is}"),
    "into": ("moved into {is}", "移入{is}"),
    "out of": ("moved out of {was}", "移出{was}"),
    "amendment": ("amendment “{title}”", "变更“{title}”"),
    "place": ("{file}, line {line}", "{file}第{line}行"),
    "line": ("line {line}", "第{line}行"),
    "silent": ("it says nothing of it", "无此约定"),
    "quoted": ("the contract's own lines:", "合同原文："),
    "rests": ("what rests on it: {names}", "受其影响：{names}"),
    "clause added": ("{number}: added", "新增{number}"),
    "clause removed": ("{number}: removed", "删除{number}"),
    "clause reworded": ("{number}: other words", "{number}：文字有改动"),
    "clause renumbered": ("{was} is now {number}, in the same words", "{was}改为{number}，文字相同"),
    "clause both": ("{was} is now {number}, in other words", "{was}改为{number}，文字有改动"),
    "words alone": ("the words changed and the rule did not: do they still agree?", "文字有改动而规则未变，请核对两者是否一致"),
    "words and rule": ("the rule changed too", "规则也有变更"),
    "no rule": ("no rule stands in it", "该条未设规则"),
    "rule alone": (
        "{number}: the rule changed and the words did not: do they still agree?",
        "{number}：规则有变更而文字未动，请核对两者是否一致",
    ),
    "keywords": ("the keywords are in another language", "关键词语言不同"),
    "notes": ("notes changed: {names}", "备注有改动：{names}"),
    "scenarios added": ("scenarios added: {names}", "新增示例：{names}"),
    "scenarios removed": ("scenarios removed: {names}", "删除示例：{names}"),
    "scenarios changed": ("scenarios changed: {names}", "示例有改动：{names}"),
    "unasked": ("left out {side}, which does not ask for it: {names}", "{side}未要求下列数据，未予计入：{names}"),
    "lacking": ("asked for {side} alone, and not given: {names}", "仅{side}要求、但未提供：{names}"),
    "needs": ("facts that are missing {side}: {names}", "{side}尚缺数据：{names}"),
    "excludes": ("undetermined {side}, and in no sum: {names}", "{side}暂不能确定，未计入合计：{names}"),
    "totals": ("Totals", "合计"),
    "rows": ("Lines that differ", "有差异的项目"),
    "events": ("Dates and statuses that differ", "有差异的日期与状态"),
    "sum": ("total", "合计"),
    "line.owed": ("amount", "款项"),
    "line.interest": ("interest", "逾期利息"),
    "line.penalties": ("penalty", "违约金"),
    "adjustments": ("other adjustments", "其他调整"),
    "undetermined": ("undetermined", "暂不能确定"),
    "no such": ("—", "—"),
    "owed": ("amounts", "款项"),
    "interest": ("late interest", "逾期利息"),
    "penalties": ("penalties", "违约金"),
    "all": ("owed in all", "应付合计"),
    "paid": ("paid", "已付"),
    "closing": ("open at the end", "期末未付"),
    "amount": ("amount", "金额"),
    "month": ("month", "月份"),
    "subject": ("of", "事项"),
    "aspect": ("what", "项目"),
    "difference": ("difference", "差额"),
    "kind.header": ("the header", "合同首部"),
    "kind.party": ("party", "当事人"),
    "kind.parameter": ("parameter", "参数"),
    "kind.fact": ("fact", "数据"),
    "kind.let": ("definition", "定义"),
    "kind.kpi": ("kpi", "考核指标"),
    "kind.balance": ("balance", "台账"),
    "kind.obligation": ("obligation", "义务"),
    "kind.prohibition": ("prohibition", "禁止事项"),
    "kind.right": ("right", "权利"),
    "kind.termination": ("termination", "终止"),
    "kind.suspension": ("suspension", "中止"),
    "kind.escalation": ("escalation", "逐级处理"),
    "kind.approval": ("approval", "审批"),
    "kind.exception": ("exception", "例外"),
    "kind.amendment": ("amendment", "变更"),
    "kind.property": ("property", "恒成立条件"),
    "kind.clause": ("clause", "条款"),
    "kind.breach": ("breach", "违约"),
    "kind.state": ("contract", "合同"),
    "aspect.due": ("due", "到期日"),
    "aspect.grace_until": ("grace until", "宽限期至"),
    "aspect.status": ("status", "状态"),
    "aspect.performed_on": ("performed on", "履行日"),
    "aspect.overdue_since": ("in default since", "违约起始日"),
    "aspect.since": ("in breach since", "违约日"),
    "aspect.grade": ("grade", "违约程度"),
    "aspect.cured_on": ("cured on", "补救日"),
    "aspect.opened": ("opened", "成立日"),
    "aspect.last_day": ("last day", "期限届满日"),
    "aspect.exercised_on": ("exercised on", "行使日"),
    "aspect.effective_on": ("effective on", "生效日"),
    "aspect.level": ("level", "级别"),
    "aspect.state": ("state", "合同状态"),
    "aspect.closing": ("balance at the end", "期末余额"),
})  # fmt: skip


def told(key: str, lang: Lang, **words: object) -> str:
    return OWN[key][1 if lang == "zh" else 0].format_map(words)


def _side(side: int, lang: Lang) -> str:
    if lang == "zh":
        return told("before" if side == 0 else "after", lang)
    return "before" if side == 0 else "after"


def _listed(names: Iterable[str], lang: Lang) -> str:
    return ("、" if lang == "zh" else ", ").join(clean(name) for name in names)


def _thing(kind: str, name: str, lang: Lang) -> str:
    """ "parameter late_rate", 参数“逾期费率”."""
    said = told(f"kind.{kind}", lang)
    if not name:
        return said
    return f"{said}“{clean(name)}”" if lang == "zh" else f"{said} {clean(name)}"


def _clause(number: str, lang: Lang) -> str:
    return clause_text(clean(number), lang)


# ---- the page ------------------------------------------------------------------------------------------------------


@attrs.frozen
class Heading:
    level: int
    text: str


@attrs.frozen
class Said:
    """A sentence. `was` and `is`: a version's own, in pieces of which some differ from the other version's."""

    pieces: tuple[tuple[str, bool], ...]
    mark: Literal["plain", "was", "is", "flag", "item", "quiet"] = "plain"
    lead: str = ""


@attrs.frozen
class Lines:
    """Lines of a file: of a unified diff, or quoted."""

    lines: tuple[str, ...]
    mark: Literal["diff", "was", "is"] = "diff"


@attrs.frozen
class Table:
    """Columns with whether they stand to the right, and rows; the last `sums` rows add up those above."""

    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    sums: int = 0


Block: TypeAlias = Heading | Said | Lines | Table


def page(found: Compared, lang: Lang) -> list[Block]:
    """What a reader sees, in order: what was compared, then each layer that was asked for."""
    a, b = found.contracts
    blocks: list[Block] = [Heading(1, told("title", lang))]
    for key, contract in (("before", a), ("after", b)):
        version = f" ({clean(contract.header.version)})" if contract.header.version else ""
        colon = "：" if lang == "zh" else ": "
        title = (
            f"“{clean(contract.header.title)}”{version}" if lang == "zh" else f"{clean(contract.header.title)}{version}"
        )
        blocks.append(
            _plain(f"{told(key, lang)}{colon}{clean(contract.source.name)}{'，' if lang == 'zh' else ', '}{title}")
        )
    if found.same and not found.text and not _remarks(found):
        return [*blocks, _plain(told("same", lang))]
    if found.text is not None:
        blocks += _text(found.text, lang)
    if found.meaning is not None:
        blocks += _meaning(found, found.meaning, lang)
    if found.money is not None:
        blocks += _money(found.money, found.readings, lang)
    return blocks


def _remarks(found: Compared) -> bool:
    """Whether there is something to say though nothing differs."""
    meaning, money = found.meaning, found.money
    besides = meaning is not None and (
        meaning.notes or meaning.examples != Examples() or meaning.keywords[0] != meaning.keywords[1]
    )
    missing = money is not None and (any(money.needs) or any(r.unasked or r.lacking for r in found.readings or ()))
    return bool(besides or missing or (meaning is not None and found.text is None))


def _plain(text: str, mark: Literal["plain", "was", "is", "flag", "item", "quiet"] = "plain") -> Said:
    return Said(((text, False),), mark)


def _text(files: Sequence[FileLines], lang: Lang) -> Iterator[Block]:
    yield Heading(2, told("text", lang))
    if not files:
        yield _plain(told("same text", lang))
    for file in files:
        before, after = (clean(name) if name is not None else "/dev/null" for name in file.names)
        yield Lines((f"--- {before}", f"+++ {after}", *map(clean, file.lines)))


def _meaning(found: Compared, meaning: Comparison, lang: Lang) -> Iterator[Block]:
    yield Heading(2, told("meaning", lang))
    if not meaning.changes:
        other = meaning.keywords[0] != meaning.keywords[1]
        lines = found.contracts[0].source.text != found.contracts[1].source.text
        key = "same meaning, other words" if other else "same meaning, other lines" if lines else "same meaning"
        yield _plain(told("same meaning" if meaning.clauses else key, lang))
    else:
        number = len(meaning.changes)
        yield _plain(told("one change" if number == 1 else "changes", lang, number=number))
    for change in meaning.changes:
        yield from _change(found, change, lang)
    if meaning.clauses or meaning.unsaid:
        yield Heading(3, told("paper", lang))
        for clause in meaning.clauses:
            yield from _reworded(clause, lang)
        for unsaid in meaning.unsaid:
            yield _plain(told("rule alone", lang, number=_clause(unsaid, lang)), "flag")
    besides = list(_besides(meaning, lang))
    if besides:
        yield Heading(3, told("besides", lang))
        yield from (_plain(text) for text in besides)


def _besides(meaning: Comparison, lang: Lang) -> Iterator[str]:
    """What is neither a rule nor the paper's words."""
    if meaning.keywords[0] != meaning.keywords[1] and meaning.changes:
        yield told("keywords", lang)
    for key, titles in (("added", meaning.examples.added), ("removed", meaning.examples.removed),
                        ("changed", meaning.examples.changed)):  # fmt: skip
        if titles:
            yield told(f"scenarios {key}", lang, names=_listed(titles, lang))
    if meaning.notes:
        yield told("notes", lang, names=_listed((_thing(kind, name, lang) for kind, name in meaning.notes), lang))


def _change(found: Compared, change: Change, lang: Lang) -> Iterator[Block]:
    name = change.name
    kind = told(f"kind.{change.kind}", lang)
    how = "changed" if change.how == "renamed" else change.how
    shown = f"“{clean(name)}”" if lang == "zh" and name else clean(name)
    head = told(how, lang, kind=kind, name=shown).replace(" :", ":")
    also: list[str] = []
    if change.since is not None:
        also.append(told("since", lang, day=change.since.isoformat()))
    if change.was_name is not None:
        was = f"“{clean(change.was_name)}”" if lang == "zh" else clean(change.was_name)
        also.append(told("renamed", lang, was=was))
    was_clause, is_clause = (None if number is None else _clause(number, lang) for number in change.clauses)
    if change.moved:
        key = "into" if was_clause is None else "out of" if is_clause is None else "moved"
        also.append(told(key, lang, was=was_clause, **{"is": is_clause}))
    elif (stands := is_clause or was_clause) is not None:
        also.append(stands)
    also.append(_place(found, change, lang))
    if change.how == "renamed" or (change.moved and not change.aspects):
        head = _thing(change.kind, name, lang) if lang == "zh" else head.removesuffix(": changed")
    open_, shut = ("（", "）") if lang == "zh" else (" (", ")")
    yield _plain(head + open_ + ("；" if lang == "zh" else "; ").join(also) + shut, "item")
    if change.how in ("added", "removed"):
        texts = [clean((x.is_ if x.was is None else x.was) or "") for x in change.aspects]
        yield _plain(("" if lang == "zh" else " ").join(texts), "is" if change.how == "added" else "was")
    else:
        for aspect in change.aspects:
            yield from _aspect(aspect, lang)
    if change.rests and change.how != "renamed":
        names = _listed((_thing(kind, name, lang) for kind, name in change.rests), lang)
        yield _plain(told("rests", lang, names=names), "quiet")


def _place(found: Compared, change: Change, lang: Lang) -> str:
    """Where it stands: its lines, with the name of the file where it is not the contract's own."""
    said: list[str] = []
    for contract, place in zip(found.contracts, change.lines, strict=True):
        if place is not None:
            own = place[0] == contract.source.name
            said.append(told("line" if own else "place", lang, file=clean(place[0]), line=place[1]))
    return " → ".join(dict.fromkeys(said))


def _aspect(aspect: Aspect, lang: Lang) -> Iterator[Block]:
    if aspect.quoted:
        yield _plain(told("quoted", lang), "quiet")
        if aspect.was is not None:
            yield Lines(tuple(clean(line) for line in aspect.was.split("\n")), "was")
        if aspect.is_ is not None:
            yield Lines(tuple(clean(line) for line in aspect.is_.split("\n")), "is")
        return
    yield from _sides(aspect.was, aspect.is_, lang, aspect.name.rpartition(": ")[0])


def _sides(was: str | None, is_: str | None, lang: Lang, inside: str = "") -> Iterator[Said]:
    """A sentence before and after, what differs in it marked. Of what is new or gone there is one sentence. `inside` is the
    duty or right inside the thing that it is about."""
    of, name = (" of", clean(inside)) if inside else ("", "")
    one, other = marked(_clean_lines(was or ""), _clean_lines(is_ or ""))
    if was is not None:
        yield Said(one, "was", told(f"was{of}", lang, name=name))
    if is_ is not None:
        yield Said(other, "is", told(f"is{of}", lang, name=name))


def _clean_lines(text: str) -> str:
    return "\n".join(clean(line) for line in text.split("\n"))


_TOKENS: Final = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_.,:%-]*[0-9A-Za-z_%]|\s+|.", re.DOTALL)


_MOST_COMPARED: Final = 1_000_000
"""Words of one text times words of the other: longer ones are told, and not marked."""


def marked(was: str, is_: str) -> tuple[tuple[tuple[str, bool], ...], tuple[tuple[str, bool], ...]]:
    """Both texts in pieces, with whether the other one lacks the piece: by words and figures, in Chinese by characters. Texts
    that have little in common are not marked at all."""
    ours, theirs = _TOKENS.findall(was), _TOKENS.findall(is_)
    first = 0
    while first < min(len(ours), len(theirs)) and ours[first] == theirs[first]:
        first += 1
    last = 0
    while last < min(len(ours), len(theirs)) - first and ours[-1 - last] == theirs[-1 - last]:
        last += 1
    middle = ours[first : len(ours) - last], theirs[first : len(theirs) - last]
    if len(middle[0]) * len(middle[1]) > _MOST_COMPARED:
        return ((was, False),), ((is_, False),)
    matcher = SequenceMatcher(None, *middle, autojunk=False)
    common = first + last + sum(block.size for block in matcher.get_matching_blocks())
    if 5 * common < len(ours) + len(theirs):
        return ((was, False),), ((is_, False),)
    one: list[tuple[str, bool]] = [_piece(ours[:first], "equal")]
    other: list[tuple[str, bool]] = [_piece(theirs[:first], "equal")]
    for kind, i, j, k, n in matcher.get_opcodes():
        one.append(_piece(middle[0][i:j], kind))
        other.append(_piece(middle[1][k:n], kind))
    one.append(_piece(ours[len(ours) - last :], "equal"))
    other.append(_piece(theirs[len(theirs) - last :], "equal"))
    return tuple(piece for piece in one if piece[0]), tuple(piece for piece in other if piece[0])


def _piece(tokens: Sequence[str], kind: str) -> tuple[str, bool]:
    """Blanks and line breaks are those of the file, and no difference."""
    text = "".join(tokens)
    return text, kind != "equal" and not text.isspace()


def _reworded(clause: Reworded, lang: Lang) -> Iterator[Block]:
    key = f"clause {clause.how}"
    if clause.how == "reworded" and clause.was_number is not None:
        key = "clause both"
    head = told(key, lang, number=_clause(clause.number, lang), was=_clause(clause.was_number or "", lang))
    if clause.amendment is not None:
        amendment = told("amendment", lang, title=clean(clause.amendment))
        head += f"（{amendment}）" if lang == "zh" else f" ({amendment})"
    yield _plain(head, "item")
    if clause.how == "reworded":
        rule = "no rule" if clause.rule is None else "words and rule" if clause.rule else "words alone"
        yield _plain(told(rule, lang), "flag" if clause.rule is False else "quiet")
    if clause.was is not None or clause.is_ is not None:
        yield from _sides(clause.was or None, clause.is_ or None, lang)


# ---- money ---------------------------------------------------------------------------------------------------------

_FIGURES: Final = ("owed", "interest", "penalties")


def _money(money: Money, readings: tuple[Reading, Reading] | None, lang: Lang) -> Iterator[Block]:
    yield Heading(2, told("money", lang, day=money.as_of.isoformat()))
    if money.same:
        unknown = any(any(total.excludes) for total in money.totals)
        yield _plain(told("same known" if unknown else "same money", lang))
    for side, reading in enumerate(readings or ()):
        for key, names in (("unasked", reading.unasked), ("lacking", reading.lacking)):
            if names:
                yield _plain(told(key, lang, side=_side(side, lang), names=_listed(names, lang)), "quiet")
    for side, names in enumerate(money.needs):
        if names:
            yield _plain(told("needs", lang, side=_side(side, lang), names=_listed(names, lang)), "flag")
    if any(total.differs for total in money.totals):
        yield Heading(3, told("totals", lang))
        for total in money.totals:
            yield from _total(total, lang)
    else:
        for total in money.totals:
            yield from _excluded(total, lang)
    pairs = {(row.debtor, row.creditor, row.currency): None for row in money.rows}
    if pairs:
        yield Heading(3, told("rows", lang))
        for pair in pairs:
            yield _plain(_pair(pair, lang), "item")
            yield _of_pair([row for row in money.rows if (row.debtor, row.creditor, row.currency) == pair], lang)
    if money.events:
        yield Heading(3, told("events", lang))
        header = ("subject", "month", "aspect", "before", "after")
        rows = tuple(_event(event, lang) for event in money.events)
        yield Table(tuple((told(key, lang), False) for key in header), rows)


def _pair(pair: tuple[str, str, str], lang: Lang) -> str:
    debtor, creditor, currency = map(clean, pair)
    return f"{debtor} → {creditor}{'，' if lang == 'zh' else ', '}{currency}"


def _total(total: Total, lang: Lang) -> Iterator[Block]:
    yield _plain(_pair((total.debtor, total.creditor, total.currency), lang), "item")
    names = ("owed", "interest", "penalties", "all", "paid", "closing")
    rows = [
        (told(name, lang), *_cells(figure, total.currency, lang))
        for name in names
        for figure in (getattr(total, name),)
        if figure.was or figure.is_ or name in ("all", "closing")
    ]
    columns = ((told("amount", lang), False), *((told(key, lang), True) for key in ("before", "after", "difference")))
    yield Table(columns, tuple(rows))
    yield from _excluded(total, lang)


def _excluded(total: Total, lang: Lang) -> Iterator[Block]:
    for side, lines in enumerate(total.excludes):
        if lines:
            names = _listed((named(line, lang) for line in lines), lang)
            yield _plain(told("excludes", lang, side=_side(side, lang), names=names), "flag")


def _of_pair(rows: Sequence[Row], lang: Lang) -> Table:
    currency = rows[0].currency
    lines: list[tuple[str, ...]] = []
    whole: Exact = 0
    for row in rows:
        line = told("adjustments", lang) if row.line is None else named(row.line, lang)
        clause = "" if row.clause is None else clean(row.clause)
        for name in _FIGURES:
            figure: Figure = getattr(row, name)
            if figure.differs:
                whole += figure.difference or 0
                cells = list(_cells(figure, currency, lang))
                for side in (0, 1):
                    if not row.there[side]:
                        cells[side] = told("no such", lang)
                lines.append((row.month, clause, line, told(f"line.{name}", lang), *cells))
    lines.append(("", "", told("sum", lang), "", "", "", _signed(whole, currency)))
    header = (("month", False), ("kind.clause", False), ("subject", False), ("aspect", False), ("before", True),
              ("after", True), ("difference", True))  # fmt: skip
    return Table(tuple((told(key, lang), right) for key, right in header), tuple(lines), 1)


def _cells(figure: Figure, currency: str, lang: Lang) -> tuple[str, str, str]:
    undetermined = told("undetermined", lang)

    def amount(value: Exact | None) -> str:
        return undetermined if value is None else grouped(plain_minor(value, currency))

    difference = figure.difference
    return amount(figure.was), amount(figure.is_), undetermined if difference is None else _signed(difference, currency)


def _signed(amount: Exact, currency: str) -> str:
    return ("+" if amount > 0 else "") + grouped(plain_minor(amount, currency))


def _event(event: Event, lang: Lang) -> tuple[str, ...]:
    subject = _thing(event.kind, "", lang) + (f" {named(event.subject, lang)}" if event.subject else "")
    aspect = told(f"aspect.{event.aspect}", lang)
    return subject, event.month, aspect, _cell(event, event.was, lang), _cell(event, event.is_, lang)


_SCOPES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "obligation": ("status",), "breach": ("grade",), "right": ("right",), "kpi": ("kpi",), "state": ("state",),
    "balance": ("status",),
})  # fmt: skip


def _cell(event: Event, value: dt.date | str | Exact | None, lang: Lang) -> str:
    match value:
        case None:
            return told("no such", lang)
        case dt.date():
            return value.isoformat()
        case str():
            key = next((f"{scope}.{value}" for scope in _SCOPES[event.kind] if known(f"{scope}.{value}")), None)
            return clean(value) if key is None else say(key, lang)
        case _:
            if event.type is not None and event.type.kind == "money":
                return grouped(plain_money(value, decimals(event.type.currency or "")))
            return number_text(value)


# ---- in a terminal -------------------------------------------------------------------------------------------------

BOLD, RED, GREEN, CYAN, YELLOW, PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[36m", "\x1b[33m", "\x1b[0m"
UNDER: Final = "\x1b[4m"
_INDENT: Final = {"plain": "", "item": "", "was": "    ", "is": "    ", "flag": "  ! ", "quiet": "    "}


def render(found: Compared, lang: Lang, width: int = 80, color: bool = False, shown: Callable[[str], str] = str) -> str:
    """The page for a terminal of `width` columns; `shown` is a text as the terminal can write it."""
    lines: list[str] = []
    for block in (_shown(block, shown) for block in page(found, lang)):
        match block:
            case Heading(level=level, text=text):
                rule = {1: "=", 2: "-"}.get(level)
                lines += ["", _inked(text, BOLD, color)]
                lines += [rule * min(width, max(display_width(text), 3))] if rule else []
            case Said():
                if block.mark == "item":
                    lines.append("")
                lines += _said(block, width, color)
            case Lines():
                lines += _drawn(block, color)
            case Table():
                lines += _table(block, width, color)
            case _:
                assert_never(block)
    return "\n".join(lines).strip("\n") + "\n"


def _shown(block: Block, shown: Callable[[str], str]) -> Block:
    match block:
        case Heading():
            return attrs.evolve(block, text=shown(block.text))
        case Said():
            pieces = tuple((shown(text), differs) for text, differs in block.pieces)
            return attrs.evolve(block, pieces=pieces, lead=shown(block.lead))
        case Lines():
            return attrs.evolve(block, lines=tuple(map(shown, block.lines)))
        case Table():
            columns = tuple((shown(title), right) for title, right in block.columns)
            return attrs.evolve(block, columns=columns, rows=tuple(tuple(map(shown, row)) for row in block.rows))
        case _:
            assert_never(block)


def _inked(text: str, ink: str, color: bool) -> str:
    return f"{ink}{text}{PLAIN}" if color and text else text


def _said(said: Said, width: int, color: bool) -> Iterator[str]:
    """Wrapped under its own beginning; the pieces that differ are inked where there are colours."""
    lead = _INDENT[said.mark] + said.lead
    text = "".join(piece for piece, _ in said.pieces)
    changed = [differs for piece, differs in said.pieces for _ in piece]
    ink = {"was": RED, "is": GREEN, "flag": YELLOW, "item": BOLD}.get(said.mark, "")
    hang = " " * display_width(lead)
    at = 0
    for number, part in enumerate(
        line for paragraph in text.split("\n") for line in fold(paragraph, max(width - len(hang), 12))
    ):
        at = text.index(part, at)
        shown = part if not color else _painted(part, changed[at : at + len(part)], ink, said.mark)
        at += len(part)
        yield ((lead if not number else hang) + shown).rstrip()


def _painted(text: str, changed: Sequence[bool], ink: str, mark: str) -> str:
    if mark not in ("was", "is"):
        return _inked(text, ink, bool(ink))
    if not any(changed):
        return text
    out: list[str] = []
    inside = False
    for char, differs in zip(text, changed, strict=True):
        if differs != inside:
            out.append(ink + UNDER if differs else PLAIN)
            inside = differs
        out.append(char)
    return "".join(out) + (PLAIN if inside else "")


def _drawn(block: Lines, color: bool) -> Iterator[str]:
    if block.mark == "diff":
        for line in block.lines:
            ink = {"+": GREEN, "-": RED, "@": CYAN}.get(line[:1], "")
            yield _inked(line, BOLD if line.startswith(("--- ", "+++ ")) else ink, color and bool(ink))
        return
    sign, ink = ("-", RED) if block.mark == "was" else ("+", GREEN)
    for line in block.lines:
        yield _inked(f"    {sign} {line}".rstrip(), ink, color)


_GAP: Final = 2
_NARROWEST: Final = 8


def _table(table: Table, width: int, color: bool) -> Iterator[str]:
    """Columns under each other; texts are folded until the table fits, figures never. One that cannot fit is written out."""
    header = tuple(title for title, _ in table.columns)
    widths = [max(map(display_width, cells)) for cells in zip(header, *table.rows, strict=True)]
    room = width - _GAP * (len(widths) - 1)
    while sum(widths) > room:
        bends = [i for i, (_, right) in enumerate(table.columns) if not right and widths[i] > _NARROWEST]
        if not bends:
            yield from _written_out(table, width)
            return
        widths[max(bends, key=lambda i: widths[i])] -= 1
    yield from _row(header, table, widths)
    yield (" " * _GAP).join("-" * each for each in widths)
    for number, row in enumerate(table.rows):
        if number and number == len(table.rows) - table.sums:
            yield (" " * _GAP).join("-" * each for each in widths)
        for line in _row(row, table, widths):
            yield _inked(line, BOLD, color and number >= len(table.rows) - table.sums)


def _row(row: Sequence[str], table: Table, widths: Sequence[int]) -> Iterator[str]:
    folded = [fold(text, each) for text, each in zip(row, widths, strict=True)]
    for level in range(max(map(len, folded))):
        cells = [
            pad(parts[level] if level < len(parts) else "", each, "right" if right else "left")
            for parts, each, (_, right) in zip(folded, widths, table.columns, strict=True)
        ]
        yield (" " * _GAP).join(cells).rstrip()


def _written_out(table: Table, width: int) -> Iterator[str]:
    for row in table.rows:
        for number, ((title, _), text) in enumerate(zip(table.columns, row, strict=True)):
            if text:
                yield from wrapped(f"{title} {text}", width, "  " if number else "")


# ---- Markdown ------------------------------------------------------------------------------------------------------


def render_markdown(found: Compared, lang: Lang) -> str:
    """The page as Markdown: what differs is struck out or bold, lines are fenced."""
    return "\n".join(line for block in page(found, lang) for line in _markdown(block)).strip("\n") + "\n"


def _markdown(block: Block) -> Iterator[str]:
    match block:
        case Heading(level=level, text=text):
            yield from ("", f"{'#' * level} {escaped(text)}", "")
        case Said(mark="item"):
            yield from ("", f"**{escaped(_whole(block))}**", "")
        case Said():
            around = {"was": "~~", "is": "**"}.get(block.mark, "")
            pieces = "".join(
                _around(piece, around) if differs and around else escaped(piece) for piece, differs in block.pieces
            )
            text = (escaped(block.lead) + pieces).replace("\n", "<br>")
            yield from (f"- ⚠ {text}" if block.mark == "flag" else f"- {text}",)
        case Lines():
            fence = "`" * max(
                3, 1 + max((len(run) for line in block.lines for run in re.findall("`+", line)), default=0)
            )
            sign = {"diff": "", "was": "- ", "is": "+ "}[block.mark]
            yield from ("", f"{fence}diff", *(sign + line for line in block.lines), fence, "")
        case Table():
            yield ""
            yield "| " + " | ".join(escaped(title) for title, _ in block.columns) + " |"
            yield "| " + " | ".join("---:" if right else "---" for _, right in block.columns) + " |"
            for number, row in enumerate(block.rows):
                strong = "**" if number >= len(block.rows) - block.sums else ""
                yield "| " + " | ".join(f"{strong}{escaped(text)}{strong}" if text else "" for text in row) + " |"
            yield ""
        case _:
            assert_never(block)


def _around(text: str, sign: str) -> str:
    """A piece in signs that stand close to its letters, as Markdown wants them."""
    bare = text.strip()
    if not bare:
        return escaped(text)
    start = text.index(bare)
    return text[:start] + sign + escaped(bare) + sign + text[start + len(bare) :]


def _whole(said: Said) -> str:
    return said.lead + "".join(piece for piece, _ in said.pieces)


# ---- a page --------------------------------------------------------------------------------------------------------

_STYLE: Final = """
:root { color-scheme: light; }
body { font: 15px/1.6 system-ui, "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif;
  color: #1b1f24; max-width: 60rem; margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.5rem; }
h2 { font-size: 1.2rem; border-bottom: 2px solid #d0d7de; padding-bottom: .2rem; margin-top: 2.2rem; }
h3 { font-size: 1.05rem; margin-top: 1.6rem; }
p { margin: .25rem 0; white-space: pre-line; overflow-wrap: anywhere; }
p.item { font-weight: 600; margin-top: 1rem; }
p.was, p.is, p.quiet, p.flag { margin-left: 1.2rem; padding-left: .7rem; border-left: 3px solid transparent; }
p.was { border-color: #d1242f; }
p.is { border-color: #1a7f37; }
p.flag { border-color: #bf8700; background: #fff8e5; }
p.quiet, p .lead { color: #57606a; }
del { background: #ffe2e0; }
ins { background: #d7f5dd; text-decoration: underline; }
pre { font: 13px/1.45 ui-monospace, "Noto Sans Mono CJK SC", Menlo, Consolas, monospace; background: #f6f8fa;
  padding: .7rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; border-radius: 4px; }
pre .plus { color: #116329; background: #e6ffec; }
pre .minus { color: #82071e; background: #ffebe9; }
pre .at { color: #0550ae; }
table { border-collapse: collapse; margin: .5rem 0 1rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem; border-bottom: 1px solid #d0d7de; text-align: left; vertical-align: top; }
th { background: #f6f8fa; }
.right { text-align: right; white-space: nowrap; }
tr.sum td { font-weight: 600; border-top: 2px solid #57606a; }
@media print {
  body { margin: 0; max-width: none; font-size: 10.5pt; }
  h2, h3, p.item { break-after: avoid; }
  tr, p { break-inside: avoid; }
  pre { font-size: 8.5pt; }
  del, ins, th, pre, p.flag { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""


def render_html(found: Compared, lang: Lang) -> str:
    """The page as one file that needs no other, and prints."""
    body = "\n".join(_html(block) for block in page(found, lang))
    title = escape(told("title", lang))
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _html(block: Block) -> str:
    match block:
        case Heading(level=level, text=text):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Said():
            tag = {"was": "del", "is": "ins"}.get(block.mark, "span")
            pieces = "".join(
                f"<{tag}>{escape(piece)}</{tag}>" if differs else escape(piece) for piece, differs in block.pieces
            )
            lead = f'<span class="lead">{escape(block.lead)}</span>' if block.lead else ""
            return f'<p class="{block.mark}">{lead}{pieces}</p>'
        case Lines():
            sign = {"diff": "", "was": "- ", "is": "+ "}[block.mark]
            return "<pre>" + "\n".join(_html_line(sign + line) for line in block.lines) + "</pre>"
        case Table():
            head = "".join(f"<th{_right(right)}>{escape(title)}</th>" for title, right in block.columns)
            rows = "".join(
                f"<tr{_sum(number, block)}>"
                + "".join(
                    f"<td{_right(right)}>{escape(text)}</td>"
                    for text, (_, right) in zip(row, block.columns, strict=True)
                )
                + "</tr>\n"
                for number, row in enumerate(block.rows)
            )
            return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>"
        case _:
            assert_never(block)


def _html_line(line: str) -> str:
    kind = {"+": "plus", "-": "minus", "@": "at"}.get(line[:1])
    return escape(line) if kind is None else f'<span class="{kind}">{escape(line)}</span>'


def _right(right: bool) -> str:
    return ' class="right"' if right else ""


def _sum(number: int, table: Table) -> str:
    return ' class="sum"' if number >= len(table.rows) - table.sums else ""


# ---- data ----------------------------------------------------------------------------------------------------------


def as_data(found: Compared) -> dict[str, Any]:
    """The comparison for a program (docs/comparing.md describes it). Money is text with the currency's decimals."""
    a, b = found.contracts
    return {
        "before": _contract(a),
        "after": _contract(b),
        "same": found.same,
        "text": None if found.text is None else [_file(file) for file in found.text],
        "meaning": None if found.meaning is None else _as_data(found.meaning),
        "money": None if found.money is None else _money_data(found.money, found.readings),
    }


def _contract(contract: m.Contract) -> dict[str, Any]:
    header = contract.header
    return {
        "file": contract.source.name, "title": header.title, "version": header.version, "sha256": contract.sha256,
        "keywords": contract.keywords,
    }  # fmt: skip


def _file(file: FileLines) -> dict[str, Any]:
    return {"before": file.names[0], "after": file.names[1], "lines": list(file.lines)}


def _as_data(meaning: Comparison) -> dict[str, Any]:
    return {
        "same": meaning.same,
        "changes": [_change_data(change) for change in meaning.changes],
        "clauses": [_clause_data(clause) for clause in meaning.clauses],
        "rule_without_words": list(meaning.unsaid),
        "notes": [{"kind": kind, "name": name} for kind, name in meaning.notes],
        "scenarios": {
            "added": list(meaning.examples.added), "removed": list(meaning.examples.removed),
            "changed": list(meaning.examples.changed),
        },
        "renamed": dict(meaning.renamed),
    }  # fmt: skip


def _change_data(change: Change) -> dict[str, Any]:
    return {
        "how": change.how,
        "kind": change.kind,
        "name": change.name or None,
        "was_name": change.was_name,
        "since": None if change.since is None else change.since.isoformat(),
        "clause": _both(*change.clauses),
        "aspects": [{"aspect": x.name, **_both(x.was, x.is_), "quoted": x.quoted} for x in change.aspects],
        "read_by": [{"kind": kind, "name": name} for kind, name in change.rests],
        "place": _both(*(None if at is None else {"file": at[0], "line": at[1]} for at in change.lines)),
    }


def _clause_data(clause: Reworded) -> dict[str, Any]:
    rule = None if clause.rule is None else "changed" if clause.rule else "unchanged"
    return {
        "how": clause.how, "number": clause.number, "was_number": clause.was_number, "amendment": clause.amendment,
        **_both(clause.was, clause.is_), "rule": rule,
    }  # fmt: skip


def _both(before: Any, after: Any) -> dict[str, Any]:
    return {"before": before, "after": after}


def _money_data(money: Money, readings: tuple[Reading, Reading] | None) -> dict[str, Any]:
    one, other = readings or (None, None)
    return {
        "same": money.same,
        "as_of": money.as_of.isoformat(),
        "totals": [_total_data(total) for total in money.totals],
        "lines": [_row_data(row) for row in money.rows],
        "events": [_event_data(event) for event in money.events],
        "needs": _both(list(money.needs[0]), list(money.needs[1])),
        "left_out": _both(*(list(r.unasked) if r is not None else [] for r in (one, other))),
        "lacking": _both(*(list(r.lacking) if r is not None else [] for r in (one, other))),
    }


def _figures(figures: Mapping[str, Figure], currency: str) -> dict[str, Any]:
    def shown(value: Exact | None) -> str | None:
        return None if value is None else plain_minor(value, currency)

    return {
        name: {**_both(shown(x.was), shown(x.is_)), "difference": shown(x.difference)} for name, x in figures.items()
    }


def _total_data(total: Total) -> dict[str, Any]:
    figures = {
        "amounts": total.owed, "interest": total.interest, "penalties": total.penalties, "owed": total.all,
        "paid": total.paid, "closing": total.closing,
    }  # fmt: skip
    return {
        "from": total.debtor,
        "to": total.creditor,
        "currency": total.currency,
        **_figures(figures, total.currency),
        "excludes": _both(list(total.excludes[0]), list(total.excludes[1])),
    }


def _row_data(row: Row) -> dict[str, Any]:
    figures = {"amounts": row.owed, "interest": row.interest, "penalties": row.penalties}
    return {
        "month": row.month,
        "line": row.line,
        "clause": row.clause,
        "from": row.debtor,
        "to": row.creditor,
        "currency": row.currency,
        **_figures(figures, row.currency),
        "exists": _both(*row.there),
    }


def _event_data(event: Event) -> dict[str, Any]:
    def shown(value: dt.date | str | Exact | None) -> str | None:
        match value:
            case None | str():
                return value
            case dt.date():
                return value.isoformat()
            case _:
                if event.type is not None and event.type.kind == "money":
                    return plain_money(value, decimals(event.type.currency or ""))
                return str(value)

    return {
        "kind": event.kind,
        "of": event.subject or None,
        "month": event.month,
        "aspect": event.aspect,
        **_both(shown(event.was), shown(event.is_)),
    }
