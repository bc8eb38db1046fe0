"""A document as one self-contained HTML page that prints on A4: no script, no picture, nothing fetched from anywhere."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from typing import Final, assert_never

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
    Strong,
    Table,
    Text,
)
from clausal.engine.report.spelling import clean

_STYLE: Final = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
html { background: #fff; color: #1a1a1a; }
body {
  margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem; font-size: 15px; line-height: 1.7; overflow-wrap: anywhere;
  font-family: "Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", SimSun, "Noto Serif", Georgia, "Times New Roman", serif;
}
html[lang="en"] body { font-family: "Noto Serif", Georgia, "Times New Roman", "Liberation Serif", "Noto Serif CJK SC", serif; }
h1, h2, h3, h4, th, nav, .lines {
  font-family: "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "Noto Sans", Arial, sans-serif;
}
h1 { font-size: 1.7rem; line-height: 1.35; margin: 0 0 .75rem; text-align: center; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-bottom: .25rem; border-bottom: 2px solid #1f3a5f; color: #1f3a5f; }
h3 { font-size: 1.02rem; margin: 1.3rem 0 .4rem; }
h4 { font-size: .95rem; margin: 1rem 0 .3rem; }
h1, h2, h3, h4, p.quiet { break-after: avoid; break-inside: avoid; }
h2.fresh { break-before: page; margin-top: 0; }
p { margin: .35rem 0; orphans: 2; widows: 2; }
p.quiet { color: #4a4a4a; font-size: .88em; }
p.alert { border-left: 4px solid #9b1c1c; background: #fdf2f2; padding: .5rem .8rem; break-inside: avoid; }
mark { background: #ffe8a3; color: #1a1a1a; font-weight: 700; padding: 0 .2em; }
ul { margin: .35rem 0; padding-left: 1.4em; }
li { margin: .15rem 0; }
a { color: #1f3a5f; }
nav { border: 1px solid #c9d1db; padding: .6rem 1.2rem; margin: 1.2rem 0; break-inside: avoid; }
nav p { font-weight: 700; margin: 0 0 .2rem; }
nav ol { list-style: none; margin: 0; padding: 0; columns: 2; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 1rem; font-size: .92em; line-height: 1.55; }
th, td { border: 1px solid #b8c0ca; padding: .35rem .5rem; vertical-align: top; text-align: left; }
th { background: #eef2f7; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
td p { margin: 0 0 .2rem; }
td p:last-child { margin-bottom: 0; }
td ul { margin: .1rem 0; padding-left: 1.2em; }
.facing td { width: 50%; }
.facing th[colspan] { background: #f7f9fb; }
.facing tr.clause { break-after: avoid; }
.lines { display: grid; grid-template-columns: max-content 1fr; gap: 1.4rem .8rem; margin: 1.2rem 0; break-inside: avoid; }
.lines span:nth-child(even) { border-bottom: 1px solid #1a1a1a; }
@page {
  size: A4; margin: 18mm 16mm 20mm;
  @bottom-center { content: counter(page) " / " counter(pages); font: 9pt sans-serif; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt; line-height: 1.55; }
  a { color: inherit; text-decoration: none; }
  th, mark, p.alert { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""


def render(document: Document) -> str:
    lang = "zh-Hans" if document.lang == "zh" else "en"
    body = "\n".join(line for block in document.blocks for line in _block(block, document))
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_escaped(document.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _block(block: Block, document: Document) -> Iterator[str]:
    match block:
        case Heading(level, text, anchor, fresh):
            name = "" if anchor is None else f' id="{html.escape(anchor, quote=True)}"'
            name += ' class="fresh"' if fresh else ""
            yield f"<h{level}{name}>{_escaped(text)}</h{level}>"
        case Paragraph(text, tone):
            name = "" if tone == "plain" else f' class="{tone}"'
            yield f"<p{name}>{_text(text)}</p>"
        case Items(items):
            yield _items(items)
        case Table():
            yield from _table(block)
        case Facing():
            yield from _facing(block)
        case Contents(title):
            yield f'<nav aria-label="{_escaped(title)}">\n<p>{_escaped(title)}</p>\n<ol>'
            for heading in document.blocks:
                if isinstance(heading, Heading) and heading.anchor is not None:
                    to = html.escape(heading.anchor, quote=True)
                    yield f'<li><a href="#{to}">{_escaped(heading.text)}</a></li>'
            yield "</ol>\n</nav>"
        case Lines(labels):
            inside = "".join(f"<span>{_escaped(label)}</span><span></span>" for label in labels)
            yield f'<div class="lines">{inside}</div>'
        case _:
            assert_never(block)


def _table(table: Table) -> Iterator[str]:
    yield "<table>"
    if table.widths:
        yield "<colgroup>" + "".join(f'<col style="width: {width}%">' for width in table.widths) + "</colgroup>"
    yield "<thead><tr>" + "".join(f'<th scope="col">{_escaped(name)}</th>' for name in table.columns) + "</tr></thead>"
    yield "<tbody>"
    for row in table.rows:
        yield "<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row) + "</tr>"
    yield "</tbody>\n</table>"


def _facing(facing: Facing) -> Iterator[str]:
    yield '<table class="facing">'
    yield f'<thead><tr><th scope="col">{_escaped(facing.left)}</th><th scope="col">{_escaped(facing.right)}</th></tr></thead>'
    yield "<tbody>"
    for side in facing.sides:
        yield f'<tr class="clause"><th colspan="2" scope="colgroup">{_escaped(side.title)}</th></tr>'
        right = "".join(
            _items(part.items) if isinstance(part, Items) else f"<p>{_text(part.text)}</p>" for part in side.right
        )
        yield f"<tr><td>{_cell(side.left)}</td><td>{right}</td></tr>"
    yield "</tbody>\n</table>"


def _items(items: Iterable[Text]) -> str:
    return "<ul>" + "".join(f"<li>{_text(item)}</li>" for item in items) + "</ul>"


def _cell(cell: Cell) -> str:
    if len(cell) == 1:
        return _text(cell[0])
    return "".join(f"<p>{_text(text)}</p>" for text in cell)


def _text(text: Text) -> str:
    return "".join(_strong(part) if isinstance(part, Strong) else _lines(part) for part in text)


def _strong(part: Strong) -> str:
    tag = "mark" if part.blank else "strong"
    return f"<{tag}>{_lines(part.text)}</{tag}>"


def _lines(text: str) -> str:
    """Line breaks as they are; a name of many words may be broken behind each of them."""
    return "<br>".join(_escaped(line).replace("_", "_<wbr>") for line in text.splitlines())


def _escaped(text: str) -> str:
    return html.escape(clean(text), quote=True)
