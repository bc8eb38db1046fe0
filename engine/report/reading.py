"""A contract as a document to be read and signed: who, what, when, what follows, and each clause beside its rules.

Everything in it is told from the model by `dsl/prose`; here is only what stands where, and the words of the headings.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Final

import attrs

from clausal.dsl import model as m
from clausal.dsl.diagnostics import Lang
from clausal.dsl.prose import Said, Thing, Tiers, formula, kind, things, tiers
from clausal.dsl.types import Type
from clausal.dsl.wording import clause_text, date_text, label
from clausal.engine.agenda import Agenda, Date, agenda
from clausal.engine.evaluate import Prepared
from clausal.engine.report.blocks import (
    Block,
    Cell,
    Contents,
    Document,
    Facing,
    Heading,
    Items,
    Lines,
    Paragraph,
    Side,
    Strong,
    Table,
    Text,
    plain,
)

WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "subtitle": (
            "A reading of the executable contract, for review and signature",
            "可执行合同的可读文本，供复核与签署",
        ),
        "how": (
            "This document is made from the rules of the contract and states all of them. Words that the contract itself "
            "defines stand as they are. What a party “may” do has no effect until it is done.",
            "本文由合同的规则逐条生成，所述即规则的全部内容。合同自行定义的名称照原样使用。凡写明“有权”的，不经行使不发生效力。",
        ),
        "contents": ("Contents", "目录"),
        "blanks": ("To be filled in", "待填事项"),
        "blanks said": (
            "The contract cannot run until these parameters have a value:",
            "下列参数尚未约定，补填之前无法计算：",
        ),
        "basics": ("Parties and basics", "当事人与基本约定"),
        "party": ("Party", "当事人"),
        "title": ("Name", "名称"),
        "definitions": ("Definitions", "定义"),
        "parameters": ("Agreed figures", "约定的数值"),
        "facts": ("Facts that the contract asks for", "履行中须提供的数据"),
        "facts said": (
            "A figure that is not supplied is unknown, and what rests on it stays undetermined. A date, a notice, a record or "
            "a payment that is left blank where its column is supplied has not happened.",
            "数值未提供的，视为未知，据以计算的事项暂不能确定；日期、通知、清单和付款记录已提供而留空的，视为未发生。",
        ),
        "lets": ("What is computed", "计算口径"),
        "name": ("Name", "名称"),
        "value": ("Value", "数值"),
        "sort": ("Sort", "类型"),
        "clause": ("Clause", "条款"),
        "supplied": ("When", "提供时间"),
        "by": ("Source or certifier", "来源或认定人"),
        "formula": ("Formula", "算式"),
        "payments": ("Payments", "付款一览"),
        "who": ("From and to", "付款方与收款方"),
        "what": ("For", "款项"),
        "amount": ("Amount", "金额"),
        "when": ("When it is owed and due", "发生与到期"),
        "then": ("If it is not paid", "逾期后果"),
        "tiers": ("Tiers", "阶梯"),
        "range": ("Range", "区间"),
        "gives": ("Rate, sum or shares", "比例、定额或份额"),
        "duties": ("Other duties and prohibitions", "其他义务与禁止事项"),
        "debtor": ("Who", "义务人"),
        "duty": ("What", "内容"),
        "fails": ("If it is not done", "未履行的后果"),
        "agenda": ("Calendar of due dates", "到期日历"),
        "agenda said": (
            "Due dates that are certain without any fact, up to {until}. A suspension, an early end or the exercise of a right "
            "may still move them. *: whether it is owed depends on facts; †: it rests on public holidays not announced yet.",
            "下列到期日无须任何数据即可确定，列至{until}。遇中止、提前终止或者行使权利而变动的，以变动后为准。"
            "标“*”的，是否发生取决于数据；标“†”的，所涉节假日安排尚未公布，为暂定。",
        ),
        "agenda cut": ("Later dates follow the same schedules.", "此后的到期日按同一安排推算。"),
        "agenda none": ("No due date is certain without facts.", "没有不依赖数据即可确定的到期日。"),
        "events": ("Duties whose due dates depend on facts", "到期日取决于数据的义务"),
        "month": ("Month", "月份"),
        "due dates": ("Due dates", "到期日"),
        "grace": ("grace until {day}", "宽限至{day}"),
        "chains": ("What follows a failure", "违约后果"),
        "of": ("Duty or prohibition", "事项"),
        "from": ("From", "起算"),
        "follows": ("What follows", "后果"),
        "day": ("day {day} of the default", "逾期第{day}日"),
        "at once": ("at once", "违反当日"),
        "after violation": ("{days} days after the violation", "违反后第{days}日"),
        "no chain": ("No consequence is agreed for: {names}.", "下列事项未约定违约后果：{names}。"),
        "rights": ("Rights and terminations", "权利与解除"),
        "course": ("Suspension, escalation, approval, exceptions, amendments", "中止、逐级处理、审批、例外与变更"),
        "kpis": ("Targets and accounts", "考核指标与台账"),
        "clauses": ("Clause by clause", "逐条对照"),
        "paper": ("The clause's own words", "条款原文"),
        "rules": ("What its rules say", "规则所述"),
        "no text": ("(no words of a paper are quoted)", "（未引原文）"),
        "no rules": ("This clause contains no rule: its words apply as they stand, and nothing is computed from them.",
                     "本条未写成规则：以原文为准，不参与计算。"),
        "outside": ("Outside of any clause", "未归入条款"),
        "since": ("from {day}", "自{day}起"),
        "until": ("to {day}", "至{day}止"),
        "amended": ("as amended by “{title}”", "经“{title}”变更"),
        "notes": ("Readings and notes", "理解与备注"),
        "signing": ("Review and signature", "复核与签署"),
        "signing said": (
            "I have compared the rules, as stated here, with the words of the contract, clause by clause.",
            "本人已将本文所述规则与合同原文逐条核对。",
        ),
        "sign": ("{party}: signature, date", "{party}（签字或者盖章、日期）"),
        "reviewer": ("Reviewer: signature, date", "复核人（签字、日期）"),
        "remarks": ("Remarks", "意见"),
        "made from": (
            "Made from {file}, SHA-256 {sha}, version {language} of the language.",
            "依据文件：{file}；SHA-256：{sha}；语言版本：{language}。",
        ),
        "with files": ("{file} with what it uses ({files})", "{file}（含所引用的{files}）"),
        "version": ("Version of the contract: {version}.", "合同版本：{version}。"),
        "blank": ("to be filled in", "待填"),
        "from day": ("from {day}: {value}", "自{day}起：{value}"),
    }
)  # fmt: skip

KINDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "party": ("Party", "当事人"),
        "parameter": ("Parameter", "参数"),
        "fact": ("Fact", "数据"),
        "let": ("Definition", "定义"),
        "kpi": ("Target", "考核指标"),
        "balance": ("Account", "台账"),
        "obligation": ("Obligation", "义务"),
        "prohibition": ("Prohibition", "禁止"),
        "right": ("Right", "权利"),
        "termination": ("Termination", "解除"),
        "suspension": ("Suspension", "中止"),
        "escalation": ("Escalation", "逐级处理"),
        "approval": ("Approval", "审批"),
        "exception": ("Exception", "例外"),
        "amendment": ("Amendment", "变更"),
        "property": ("Always", "恒成立"),
    }
)

# What a failure brings: the sentences that begin a link of its chain, and those that say more of it.
_LINKS: Final = ("interest", "penalty", "breach", "further", "right")
_MORE: Final = ("reference", "demanded", "penalty_due", "loss")


@attrs.frozen
class _Reader:
    """A contract with everything that is told of it, in one language."""

    contract: m.Contract
    lang: Lang
    told: tuple[Thing, ...]

    def say(self, key: str, **words: object) -> str:
        return WORDS[key][1 if self.lang == "zh" else 0].format_map(words)

    def kind(self, key: str) -> str:
        return KINDS[key][1 if self.lang == "zh" else 0]

    def words(self, op: m.Op) -> str:
        return formula(op, self.contract, self.lang)

    def sort(self, of: Type) -> str:
        return kind(of, self.contract, self.lang)

    def of(self, *kinds: str) -> list[Thing]:
        return [thing for thing in self.told if thing.kind in kinds]

    def listed(self, names: Iterable[str]) -> str:
        return ("、" if self.lang == "zh" else ", ").join(names)

    def named(self, thing: Thing) -> str:
        return (
            f"{self.kind(thing.kind)}“{thing.name}”" if self.lang == "zh" else f"{self.kind(thing.kind)} {thing.name}"
        )

    def clause(self, of: m.ClauseRef | None) -> str:
        return "" if of is None else clause_text(of.number, self.lang) if self.lang == "zh" else of.number


def reading(prepared: Prepared, lang: Lang) -> Document:
    """The whole document. Nothing but the contract goes into it, so the same contract gives the same document."""
    contract = prepared.contract
    r = _Reader(contract, lang, things(contract, lang))
    blocks = [
        Heading(1, contract.header.title),
        Paragraph(plain(r.say("subtitle")), "quiet"),
        Paragraph(plain(_provenance(r)), "quiet"),
        Paragraph(plain(r.say("how")), "quiet"),
        *_blanks(r),
        Contents(r.say("contents")),
        *_basics(r),
        *_definitions(r),
        *_payments(r),
        *_tiers(r),
        *_duties(r),
        *_agenda(r, agenda(prepared)),
        *_chains(r),
        *_section(r, "rights", ("right", "termination")),
        *_section(r, "kpis", ("kpi", "balance")),
        *_section(r, "course", ("suspension", "escalation", "approval", "exception", "amendment", "property")),
        *_clauses(r),
        *_notes(r),
        *_signing(r),
    ]
    return Document(contract.header.title, lang, tuple(blocks))


def _provenance(r: _Reader) -> str:
    contract = r.contract
    file, *used = [
        source.name.replace("\\", "/").rpartition("/")[2]
        for source in (contract.source, *(part for _, part in contract.source.files))
    ]
    said = r.say("with files", file=file, files=r.listed(dict.fromkeys(used))) if used else file
    text = r.say("made from", file=said, sha=contract.sha256, language=contract.header.language)
    if contract.header.version is not None:
        text += ("" if r.lang == "zh" else " ") + r.say("version", version=contract.header.version)
    return text


def _blanks(r: _Reader) -> Iterator[Block]:
    names = [p.name for p in r.contract.parameters if any(v.value is None for v in p.versions)]
    if names:
        said: list[str | Strong] = [r.say("blanks said") + ("" if r.lang == "zh" else " ")]
        for at, name in enumerate(names):
            said += [r.listed(("", "")) if at else "", Strong(name, blank=True)]
        yield Paragraph(tuple(said), "alert")


# ---- parties, definitions


def _basics(r: _Reader) -> Iterator[Block]:
    yield Heading(2, r.say("basics"), "basics")
    rows = tuple(((plain(p.name),), (plain(p.title or ""),)) for p in r.contract.parties)
    yield Table((r.say("party"), r.say("title")), rows, (30, 70))
    header = r.told[0]
    yield Items(tuple(plain(said.text) for said in header.said if said.aspect != "title" and not _is_note(said)))


def _is_note(said: Said) -> bool:
    return said.aspect.split(" ")[0] == "note"


def _notes_of(thing: Thing) -> list[str]:
    return [said.text for said in thing.said if _is_note(said)]


def _definitions(r: _Reader) -> Iterator[Block]:
    contract = r.contract
    yield Heading(2, r.say("definitions"), "definitions")
    rows: tuple[tuple[Cell, ...], ...]
    if contract.parameters:
        yield Heading(3, r.say("parameters"))
        rows = tuple(
            ((plain(p.name),), (plain(r.sort(p.type)),), _versions(r, p), (plain(r.clause(p.clause)),))
            for p in contract.parameters
        )
        yield Table((r.say("name"), r.say("sort"), r.say("value"), r.say("clause")), rows, (30, 22, 36, 12))
    values = [x for x in contract.values if isinstance(x, m.Let)]
    if values:
        yield Heading(3, r.say("lets"))
        rows = tuple(
            (
                (plain(x.name), *_days(r, x.since, x.until)),
                (plain(r.words(x.value)),),
                (plain(r.clause(x.clause)),),
            )
            for x in sorted(values, key=lambda x: x.span.start)
        )
        yield Table((r.say("name"), r.say("formula"), r.say("clause")), rows, (24, 64, 12))
    if contract.facts:
        yield Heading(3, r.say("facts"))
        yield Paragraph(plain(r.say("facts said")), "quiet")
        rows = tuple(_fact(r, fact) for fact in contract.facts)
        yield Table((r.say("name"), r.say("sort"), r.say("supplied"), r.say("by")), rows, (22, 46, 14, 18))


def _days(r: _Reader, since: dt.date | None, until: dt.date | None) -> tuple[Text, ...]:
    """On which days a version holds, under its name."""
    said = []
    if since is not None:
        said.append(r.say("since", day=date_text(since, r.lang, long=True)))
    if until is not None:
        said.append(r.say("until", day=date_text(until, r.lang, long=True)))
    return (plain(r.listed(said)),) if said else ()


def _versions(r: _Reader, p: m.Parameter) -> Cell:
    cells: list[Text] = []
    for version in p.versions:
        value: str | Strong = Strong(r.say("blank"), blank=True) if version.value is None else r.words(version.value)
        if version.start is None:
            cells.append((value,))
        else:
            before, _, after = r.say("from day", day=date_text(version.start, r.lang, long=True), value="\0").partition(
                "\0"
            )
            cells.append((before, value, after))
    return tuple(cells)


def _fact(r: _Reader, fact: m.FactDecl) -> tuple[Cell, ...]:
    thing = next(t for t in r.told if t.kind == "fact" and t.span == fact.span and t.name == fact.name)
    about = [plain(r.sort(fact.type))]
    about += [plain(said.text) for said in thing.said if said.aspect in ("fields", "dated_by", "keyed_by", "presume")]
    listed = fact.type.kind in ("list", "payments", "intervals")
    who = [text for text in (fact.source, fact.judged_by) if text]
    return (
        (plain(fact.name),),
        tuple(about),
        (plain("" if listed else label(f"grain.{fact.grain}", r.lang)),),
        (plain(r.listed(who)),),
    )


# ---- duties


def _every(contract: m.Contract) -> Iterator[m.Obligation | m.Prohibition]:
    """Every duty and prohibition, and what stands inside them, each before what it holds."""
    norms: list[m.Obligation | m.Prohibition] = [*contract.obligations, *contract.prohibitions]
    norms += [end for e in contract.escalations for end in e.at_end if isinstance(end, m.Obligation)]
    while norms:
        norm = norms.pop(0)
        yield norm
        norms += [link.remedy for link in norm.chain if isinstance(link.remedy, m.Obligation)]
        norms += [duty for e in norm.exemptions for duty in e.instead]


def _told(r: _Reader) -> list[tuple[m.Obligation | m.Prohibition, Thing]]:
    """Every duty and prohibition with what is told of it, in the order of the file."""
    by_span = {(t.span.start, t.span.end, t.name, t.said): t for t in r.of("obligation", "prohibition")}
    left = list(by_span.values())
    pairs = []
    for norm in _every(r.contract):
        since = getattr(norm, "since", None)
        found = next(
            (t for t in left if t.name == norm.name and t.span == norm.span and _since(t) == (since is not None)), None
        )
        if found is not None:
            left.remove(found)
            pairs.append((norm, found))
    return sorted(pairs, key=lambda pair: pair[1].span.start)


def _since(thing: Thing) -> bool:
    return any(said.aspect == "since" for said in thing.said)


def _said(thing: Thing, *aspects: str) -> Cell:
    """The sentences about these aspects."""
    return tuple(plain(said.text) for said in thing.said if said.aspect.split(" ")[0] in aspects)


def _payments(r: _Reader) -> Iterator[Block]:
    rows = []
    for o, thing in _told(r):
        if not isinstance(o, m.Obligation) or o.action != "pay":
            continue
        rows.append(
            (
                (plain(f"{o.debtor} → {o.creditor or ''}"),),
                (plain(o.name), plain(r.clause(o.clause)), *_days(r, o.since, o.until)),
                _said(thing, "amount", "currency", "tax", "cap", "commitment", "negative", "earnest"),
                _said(thing, "schedule", "when", "due", "advance", "grace", "extended"),
                _said(thing, *_LINKS, *_MORE) or ((),),
            )
        )
    if rows:
        yield Heading(2, r.say("payments"), "payments")
        head = tuple(r.say(key) for key in ("who", "what", "amount", "when", "then"))
        yield Table(head, tuple(rows), (14, 15, 24, 23, 24))


def _tiers(r: _Reader) -> Iterator[Block]:
    found: list[tuple[str, Tiers]] = []
    for value in r.contract.values:
        if isinstance(value, m.Let):
            found += [(value.name, one) for one in tiers(value.value, r.contract, r.lang)]
    for norm in _every(r.contract):
        for part in norm.parts if isinstance(norm, m.Obligation) else ():
            found += [(norm.name, one) for one in tiers(part.amount, r.contract, r.lang)]
    if not found:
        return
    yield Heading(2, r.say("tiers"), "tiers")
    for name, one in sorted(found, key=lambda pair: pair[1].span.start):
        yield Heading(3, name)
        yield Paragraph(plain(one.head + "。" if r.lang == "zh" else one.head[:1].upper() + one.head[1:] + "."))
        rows = tuple(((plain(band),), (plain(gives),)) for band, gives in one.bands)
        yield Table((r.say("range"), r.say("gives")), rows, (50, 50))


def _duties(r: _Reader) -> Iterator[Block]:
    rows = []
    for norm, thing in _told(r):
        if isinstance(norm, m.Obligation) and norm.action == "pay":
            continue
        rows.append(
            (
                (plain(norm.debtor),),
                (plain(norm.name), plain(r.clause(norm.clause)), *_days(r, norm.since, norm.until)),
                _said(thing, "duty", "at_least", "prohibition", "violated", "except"),
                _said(thing, "schedule", "when", "due", "grace", "extended"),
                _said(thing, *_LINKS, *_MORE),
            )
        )
    if rows:
        yield Heading(2, r.say("duties"), "duties")
        head = tuple(r.say(key) for key in ("debtor", "name", "duty", "when", "fails"))
        yield Table(head, tuple(rows), (11, 16, 29, 24, 20))


# ---- when


def _agenda(r: _Reader, found: Agenda) -> Iterator[Block]:
    yield Heading(2, r.say("agenda"), "agenda")
    if found.dates:
        until = date_text(found.until, r.lang, long=True)
        yield Paragraph(plain(r.say("agenda said", until=until)), "quiet")
        rows = []
        for month, dates in groupby(found.dates, key=lambda date: f"{date.due:%Y-%m}"):
            rows.append(((plain(month),), tuple(plain(_date(r, date)) for date in dates)))
        yield Table((r.say("month"), r.say("due dates")), tuple(rows), (14, 86))
        if not found.whole:
            yield Paragraph(plain(r.say("agenda cut")), "quiet")
    else:
        yield Paragraph(plain(r.say("agenda none")))
    certain = {date.obligation.name for date in found.dates}
    rest = [
        (plain(norm.name), _said(thing, "schedule", "when", "due"))
        for norm, thing in _told(r)
        if isinstance(norm, m.Obligation) and norm.name not in certain
    ]
    if rest:
        yield Heading(3, r.say("events"))
        yield Table((r.say("name"), r.say("when")), tuple(((name,), said) for name, said in rest), (28, 72))


def _date(r: _Reader, date: Date) -> str:
    marks = ("*" if date.conditional else "") + ("†" if date.provisional else "")
    text = f"{date.due.isoformat()}{marks}  {date.obligation.name}"
    if date.key:
        text += f"@{date.key}"
    if date.grace_until is not None and date.grace_until != date.due:
        grace = r.say("grace", day=date.grace_until.isoformat())
        text += f"（{grace}）" if r.lang == "zh" else f" ({grace})"
    return text


# ---- what follows


def _chains(r: _Reader) -> Iterator[Block]:
    rows = []
    without = []
    for norm, thing in _told(r):
        if not norm.chain:
            without.append(norm.name)
            continue
        name: Cell = (plain(norm.name), plain(r.clause(norm.clause)))
        for day, links in groupby(_links(norm, thing), key=lambda link: link[0]):
            if isinstance(norm, m.Obligation):
                when = r.say("day", day=day)
            else:
                when = r.say("at once") if day == 1 else r.say("after violation", days=day - 1)
            rows.append((name, (plain(when),), tuple(text for _, said in links for text in said)))
            name = ((),)
    if not rows and not without:
        return
    yield Heading(2, r.say("chains"), "chains")
    if rows:
        yield Table((r.say("of"), r.say("from"), r.say("follows")), tuple(rows), (22, 18, 60))
    if without:
        yield Paragraph(plain(r.say("no chain", names=r.listed(dict.fromkeys(without)))), "quiet")


def _links(norm: m.Obligation | m.Prohibition, thing: Thing) -> list[tuple[int, Cell]]:
    """Each link of the chain with its day and its sentences: they stand in the order of the links."""
    links: list[tuple[int, list[Text]]] = []
    for said in thing.said:
        aspect = said.aspect.split(" ")[0]
        if aspect in _LINKS and len(links) < len(norm.chain):
            links.append((norm.chain[len(links)].day, [plain(said.text)]))
        elif aspect in _MORE and links:
            links[-1][1].append(plain(said.text))
    return [(day, tuple(texts)) for day, texts in sorted(links, key=lambda link: link[0])]


# ---- powers, course, figures: each thing with its sentences


def _section(r: _Reader, key: str, kinds: Sequence[str]) -> Iterator[Block]:
    told = r.of(*kinds)
    if not told:
        return
    yield Heading(2, r.say(key), key)
    for thing in told:
        where = r.clause(thing.clause)
        title = r.named(thing) if thing.name else r.kind(thing.kind)
        yield Heading(
            3, f"{title}（{where}）" if where and r.lang == "zh" else f"{title} ({where})" if where else title
        )
        yield Items(tuple(plain(said.text) for said in thing.said if not _is_note(said)))


# ---- clause by clause


def _clauses(r: _Reader) -> Iterator[Block]:
    contract = r.contract
    yield Heading(2, r.say("clauses"), "clauses", fresh=True)
    sides = []
    placed: set[int] = set()
    for clause in contract.clauses:
        inside = [t for t in r.told if t.clause is not None and _same_clause(t, clause)]
        placed |= {id(t) for t in inside}
        sides.append(Side(_clause_title(r, clause), _paper(r, clause), tuple(_rules(r, inside, clause))))
    skipped = ("header", "party", "parameter", "fact", "amendment")
    outside = [t for t in r.told if id(t) not in placed and (t.kind not in skipped or t.clause is not None)]
    if outside:
        sides.append(Side(r.say("outside"), (plain(r.say("no text")),), tuple(_told_of(r, outside))))
    yield Facing(r.say("paper"), r.say("rules"), tuple(sides))


def _same_clause(thing: Thing, clause: m.Clause) -> bool:
    """Whether it stands in this version of the clause."""
    ref = thing.clause
    return ref is not None and ref.number == clause.ref.number and ref.amendment == clause.ref.amendment


def _clause_title(r: _Reader, clause: m.Clause) -> str:
    ref = clause.ref
    title = clause_text(ref.number, r.lang)
    title = title[:1].upper() + title[1:]
    parts = [title if ref.title is None else f"{title}{'　' if r.lang == 'zh' else ': '}{ref.title}"]
    parts += [text for days in _days(r, clause.since, clause.until) for text in days if isinstance(text, str)]
    if ref.amendment is not None:
        parts.append(r.say("amended", title=ref.amendment))
    return ("；" if r.lang == "zh" else "; ").join(parts)


def _paper(r: _Reader, clause: m.Clause) -> Cell:
    words = clause.ref.text
    return (plain(words if words else r.say("no text")),)


def _rules(r: _Reader, inside: Sequence[Thing], clause: m.Clause) -> Iterator[Paragraph | Items]:
    if inside:
        yield from _told_of(r, inside)
    else:
        yield Paragraph(plain(r.say("no rules")), "quiet")
    if clause.notes:
        word = "备注：" if r.lang == "zh" else "Note: "
        yield Items(tuple(plain(word + note) for note in clause.notes))


def _told_of(r: _Reader, told: Iterable[Thing]) -> Iterator[Paragraph | Items]:
    for thing in told:
        yield Paragraph((Strong(r.named(thing) if thing.name else r.kind(thing.kind)),))
        yield Items(tuple(plain(said.text) for said in thing.said))


# ---- notes, signature


def _notes(r: _Reader) -> Iterator[Block]:
    items: list[Text] = [plain(f"{text}") for text in _notes_of(r.told[0])]
    for clause in r.contract.clauses:
        items += [plain(f"{clause.ref.number} {note}") for note in clause.notes]
    for thing in r.told[1:]:
        items += [(Strong(thing.name), " " + text) for text in _notes_of(thing)]
    if items:
        yield Heading(2, r.say("notes"), "notes")
        yield Items(tuple(dict.fromkeys(items)))


def _signing(r: _Reader) -> Iterator[Block]:
    yield Heading(2, r.say("signing"), "signing", fresh=True)
    yield Paragraph(plain(r.say("signing said")))
    parties = [r.say("sign", party=p.title or p.name) for p in r.contract.parties]
    yield Lines((r.say("remarks"), "", "", "", r.say("reviewer"), *parties))
    yield Paragraph(plain(_provenance(r)), "quiet")
