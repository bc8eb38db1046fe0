"""The statement as Markdown: tables whose cells no text of the contract's can break or turn into markup."""

from collections.abc import Iterator

from clausal.dsl.wording import Lang
from clausal.engine.report.spelling import clean, comma, say, section_title, spell, spell_detail, spell_details
from clausal.engine.report.statement import Document, Section, rows

MARKUP = "\\`*_[]<>|#~"


def render(document: Document, lang: Lang, party: str | None = None, month: str | None = None) -> str:
    """A result document as a Markdown page; `lang` is "en" or "zh"."""
    statement = rows(document, party, month)
    lines = [f"# {escaped(clean(statement.title))}", ""]
    lines += [f"- {escaped(spell_detail(detail, lang))}" for detail in statement.heading]
    for part in statement.months:
        heading = f"## {part.month}: " + escaped(comma(lang).join(spell(cell, lang) for cell in part.state))
        if part.to_date:
            heading += f" ({escaped(say('detail.to_date', lang))})"
        lines += ["", heading]
        for section in part.sections:
            lines += _section(section, lang, "###")
    for section in statement.closing:
        lines += _section(section, lang, "##")
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, in a table cell too."""
    return "".join("\\" + char if char in MARKUP else char for char in text)


def _section(section: Section, lang: Lang, level: str) -> Iterator[str]:
    title = section_title(section, lang)
    if section.pair:
        title += comma(lang) + " → ".join(clean(name) for name in section.pair)
    if section.currency:
        title += comma(lang) + section.currency
    yield ""
    yield f"{level} {escaped(title)}"
    yield ""
    detailed = any(row.details for row in section.rows)
    header = [escaped(say(f"column.{column.key}", lang)) for column in section.columns]
    rule = ["---:" if column.right else "---" for column in section.columns]
    if detailed:
        header.append(escaped(say("column.details", lang)))
        rule.append("---")
    yield _line(header)
    yield _line(rule)
    for row in section.rows:
        cells = [escaped(spell(cell, lang, section.currency)) for cell in row.cells]
        if detailed:
            said = (spell_detail(each, lang, section.currency) for each in row.details)
            cells.append("<br>".join(escaped(each) for each in said))
        yield _line(cells)
    if section.notes:
        yield ""
        yield escaped(spell_details(section.notes, lang, section.currency))


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
