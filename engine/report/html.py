"""The statement as HTML: a fragment for a notebook, a page of its own for everybody else.

A fragment brings its style with it, on each element: a notebook's own rules reach into tables, and nothing of ours may
reach out. It sets no colour of text or ground, so that it reads in light and in dark alike. Nothing is loaded from
anywhere, and no text of the contract's or the facts' is markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import chain
from typing import TypeAlias

from clausal.dsl import model as m
from clausal.dsl.keywords import keywords
from clausal.dsl.wording import Lang
from clausal.engine.report.spelling import clean, comma, say, section_title, spell, spell_detail
from clausal.engine.report.statement import (
    BLANK,
    Cell,
    Column,
    Day,
    Document,
    MonthPart,
    Row,
    Section,
    Sections,
    Word,
    rows,
)

# What typesets formulas passes over elements of these classes: `$` here is money.
CLASSES = "clausal tex2jax_ignore mathjax_ignore no-mathjax"
LANGUAGE = {"en": "en", "zh": "zh-Hans"}

LINE = "1px solid rgba(128,128,128,.45)"
TABLE = "border-collapse:collapse;margin:.4em 0 1em;font-size:inherit"
CAPTION = "caption-side:top;text-align:left;white-space:nowrap;font-weight:600;padding:.3em 0;color:inherit"
CELL = "padding:.2em .7em .2em 0;vertical-align:baseline;white-space:normal"
FIGURES = "text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums"
TEXT = "text-align:left"
WHOLE = "text-align:left;white-space:nowrap"
ALARM = "color:#d43a3a;font-weight:600"
NOTE = "margin:-.6em 0 1em;opacity:.8"

Provided: TypeAlias = m.Obligation | m.Prohibition | m.Right | m.Kpi | m.Suspension | m.Escalation | m.Approval

PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 2em auto; max-width: 64em; padding: 0 1em; line-height: 1.5;
  font-family: system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }}
table {{ max-width: 100%; overflow-wrap: break-word; }}
@media print {{
  body {{ margin: 0; max-width: none; font-size: 9.5pt; }}
  tr {{ break-inside: avoid; }} caption, thead, summary {{ break-after: avoid; }}
}}
</style>
</head>
<body>
{body}
</body>
</html>
"""


def render(
    document: Document,
    lang: Lang,
    party: str | None = None,
    month: str | None = None,
    explanations: Iterable[str] = (),
) -> str:
    """A result document as a page that needs nothing beside it, texts of explanations after it; `lang` is "en" or "zh"."""
    statement = rows(document, party, month)
    whole = "\n".join(_whole(statement, lang, 1, frozenset(part.month for part in statement.months)))
    body = "\n".join([whole, *(preformatted(text, lang) for text in explanations)])
    return PAGE.format(language=LANGUAGE[lang], title=escape(clean(statement.title)), body=body)


def fragment(document: Document, lang: Lang, party: str | None = None, month: str | None = None) -> str:
    """The same for a place within another page; of several months the last is open, the others unfold."""
    statement = rows(document, party, month)
    last = frozenset(part.month for part in statement.months[-1:])
    return "\n".join(_whole(statement, lang, 3, last)) + "\n"


def outline(contract: m.Contract, lang: Lang) -> str:
    """A contract at a glance: its parties, and what it provides, in the order of the file."""
    header = contract.header
    words = keywords()

    def role(name: str) -> str:
        return words.word(f"K_{name}", lang) or ""

    end = header.term_end.isoformat() if header.term_end is not None else "…"
    facts = (
        (role("TERM"), f"{header.term_start.isoformat()} – {end}"),
        (role("CURRENCY"), ", ".join(header.currencies)),
        *((f"{role('PARTY')} {clean(party.name)}", clean(party.title or "")) for party in contract.parties),
    )
    kpis = (each for each in contract.values if isinstance(each, m.Kpi))
    provided: tuple[tuple[str, Provided], ...] = (
        *(("OBLIGATION", each) for each in contract.obligations),
        *(("PROHIBITION", each) for each in contract.prohibitions),
        *(("TERMINATION" if each.effect == "terminate" else "RIGHT", each) for each in contract.rights),
        *(("KPI", each) for each in kpis),
        *(("SUSPENSION", each) for each in contract.suspensions),
        *(("ESCALATION", each) for each in contract.escalations),
        *(("APPROVAL", each) for each in contract.approvals),
    )
    once: dict[tuple[str, str], Sequence[str]] = {}
    for kind, each in sorted(provided, key=lambda one: one[1].span.start):
        once.setdefault((kind, each.name), (role(kind), clean(each.name), clean(_clause(each.clause))))
    headings = [say(f"column.{key}", lang) for key in ("kind", "name", "clause")]
    lines = [
        _opening(lang),
        f"<h3>{escape(clean(header.title))}</h3>",
        *_table("", [], [[(each, TEXT) for each in pair] for pair in facts]),
        *_table("", [(each, TEXT) for each in headings], [[(each, TEXT) for each in row] for row in once.values()]),
        "</div>",
    ]
    return "\n".join(lines) + "\n"


def preformatted(text: str, lang: Lang) -> str:
    """A text whose indents say something, such as an explanation, its first line as heading."""
    first, _, rest = text.rstrip("\n").partition("\n")
    style = "white-space:pre-wrap;background:none;color:inherit;margin:.4em 0;line-height:1.5"
    return f'{_opening(lang)}\n<pre style="{style}"><b>{escape(first)}</b>\n{escape(rest)}</pre>\n</div>\n'


def _opening(lang: Lang) -> str:
    return f'<div class="{CLASSES}" lang="{LANGUAGE[lang]}">'


def _clause(clause: m.ClauseRef | None) -> str:
    return "" if clause is None else f"{clause.number} {clause.title or ''}".strip()


def _whole(statement: Sections, lang: Lang, level: int, unfolded: frozenset[str]) -> Iterator[str]:
    yield _opening(lang)
    yield f"<h{level}>{escape(clean(statement.title))}</h{level}>"
    said = (spell_detail(detail, lang) for detail in statement.heading)
    yield f"<p>{'<br>'.join(escape(each) for each in said)}</p>"
    for part in statement.months:
        yield from _month(part, lang, level + 1, part.month in unfolded)
    for section in statement.closing:
        yield from _section(section, lang)
    yield "</div>"


def _month(part: MonthPart, lang: Lang, level: int, unfolded: bool) -> Iterator[str]:
    state = comma(lang).join(spell(cell, lang) for cell in part.state)
    if part.to_date:
        state += f" ({say('detail.to_date', lang)})"
    heading = f'<h{level} style="display:inline">{escape(part.month)} {escape(state)}</h{level}>'
    yield f'<details{" open" if unfolded else ""} style="border-top:{LINE};padding:.5em 0">'
    yield f'<summary style="cursor:pointer">{heading}</summary>'
    for section in part.sections:
        yield from _section(section, lang)
    yield "</details>"


def _section(section: Section, lang: Lang) -> Iterator[str]:
    title = section_title(section, lang)
    if section.pair:
        title += comma(lang) + " → ".join(clean(name) for name in section.pair)
    if section.currency:
        title += comma(lang) + section.currency
    detailed = any(row.details for row in section.rows)
    columns = [*section.columns, *([Column("details")] if detailed else [])]
    headings = [(say(f"column.{column.key}", lang), _align(column)) for column in columns]
    yield from _table(title, headings if section.headed or detailed else [], _rows(section, detailed, lang))
    if section.notes:
        notes = (spell_detail(note, lang, section.currency) for note in section.notes)
        yield f'<p style="{NOTE}">{"<br>".join(escape(note) for note in notes)}</p>'


def _rows(section: Section, detailed: bool, lang: Lang) -> Iterator[list[tuple[str, str]]]:
    for row in section.rows:
        cells = [
            (spell(cell, lang, section.currency), _align(column, cell) + _alarm(row))
            for column, cell in zip(section.columns, row.cells, strict=True)
        ]
        if detailed:
            cells.append(("\n".join(spell_detail(each, lang, section.currency) for each in row.details), TEXT))
        yield cells


def _align(column: Column, cell: Cell = BLANK) -> str:
    if column.right:
        return FIGURES
    return WHOLE if isinstance(cell, (Day, Word)) else TEXT


def _alarm(row: Row) -> str:
    return f";{ALARM}" if row.alarm else ""


def _table(
    caption: str, headings: Sequence[tuple[str, str]], lines: Iterable[Sequence[tuple[str, str]]]
) -> Iterator[str]:
    """A table of texts, each with its style; the first of a row is its heading."""
    yield f'<div style="overflow-x:auto"><table style="{TABLE}">'
    if caption:
        yield f'<caption style="{CAPTION}">{escape(caption)}</caption>'
    if headings:
        yield f"<thead><tr>{''.join(_cell('th', 'col', *each) for each in headings)}</tr></thead>"
    yield "<tbody>"
    for first, *rest in lines:
        yield f"<tr>{''.join(chain([_cell('th', 'row', *first)], (_cell('td', '', *each) for each in rest)))}</tr>"
    yield "</tbody></table></div>"


def _cell(tag: str, scope: str, text: str, style: str) -> str:
    said = f' scope="{scope}"' if scope else ""
    weight = "min-width:8em;font-weight:inherit;" if scope == "row" else ""
    content = "<br>".join(escape(line) for line in text.split("\n"))
    return f'<{tag}{said} style="{CELL};{weight}{style};border-bottom:{LINE}">{content}</{tag}>'
