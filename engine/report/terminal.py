"""The statement in a terminal: tables in columns, right under double-width characters, within the width.

Frames are plain ASCII, so that a console with a Chinese code page shows them too. A table that can't be
narrowed to the width is written out row by row, one figure a line: figures are never cut.
"""

from collections.abc import Iterator, Sequence

from clausal.dsl.wording import Lang, display_width, pad
from clausal.engine.report.spelling import clean, say, section_title, spell, spell_details
from clausal.engine.report.statement import Column, Day, Document, MonthPart, Row, Section, rows

GAP = 2
NARROWEST = 8
STOPS = tuple("；，。、：）”")
BOLD, RED, PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[0m"


def render(
    document: Document,
    lang: Lang,
    width: int = 80,
    color: bool = False,
    party: str | None = None,
    month: str | None = None,
) -> str:
    """A result document as a page of at most `width` columns; `lang` is "en" or "zh"."""
    statement = rows(document, party, month)
    lines = [*_bold(wrapped(clean(statement.title), width), color)]
    lines += wrapped(spell_details(statement.heading, lang), width)
    for part in statement.months:
        lines += ["", *_month(part, lang, width, color)]
    if statement.closing:
        lines += ["", "=" * width]
    for section in statement.closing:
        lines += [*_section(section, lang, width, color), ""]
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines) + "\n"


def _month(part: MonthPart, lang: Lang, width: int, color: bool) -> Iterator[str]:
    heading = "  ".join([part.month, *(spell(cell, lang) for cell in part.state)])
    if part.to_date:
        heading += f"  ({say('detail.to_date', lang)})"
    yield "=" * width
    yield from _bold([heading], color)
    yield "=" * width
    for at, section in enumerate(part.sections):
        if at:
            yield ""
        yield from _section(section, lang, width, color)


def _section(section: Section, lang: Lang, width: int, color: bool) -> Iterator[str]:
    title = section_title(section, lang)
    if section.pair:
        title += "  " + " -> ".join(clean(name) for name in section.pair)
    if section.currency:
        title += f"  {section.currency}"
    yield from _bold(wrapped(title, width), color)
    cells = [[spell(cell, lang, section.currency) for cell in row.cells] for row in section.rows]
    header = [say(f"column.{column.key}", lang) for column in section.columns]
    widths = _widths(section, header if section.headed else [], cells, width)
    if widths is None:
        yield from _written_out(section, header, cells, lang, width, color)
    else:
        beside = _beside(section, sum(widths) + GAP * len(widths), lang, width)
        yield from _table(section, header, cells, widths, beside, lang, width, color)
    if section.notes:
        notes = spell_details(section.notes, lang, section.currency)
        yield from wrapped(notes, width, "  ")


def _widths(section: Section, header: Sequence[str], cells: list[list[str]], width: int) -> list[int] | None:
    """Column widths that fit, narrowing text and never figures or days; None where nothing fits."""
    columns = range(len(section.columns))
    widths = [
        max([*(display_width(line[at]) for line in cells), *((display_width(header[at]),) if header else ())])
        for at in columns
    ]
    floors = list(widths)
    for at in columns:
        if _bends(section.columns[at], section.rows, at):
            floors[at] = min(widths[at], NARROWEST)
    room = width - GAP * (len(widths) - 1)
    while sum(widths) > room:
        bendable = [at for at in columns if widths[at] > floors[at]]
        if not bendable:
            return None
        widths[max(bendable, key=lambda at: widths[at])] -= 1
    return widths


def _bends(column: Column, lines: Sequence[Row], at: int) -> bool:
    return not column.right and not any(isinstance(line.cells[at], Day) for line in lines)


def _table(
    section: Section,
    header: list[str],
    cells: list[list[str]],
    widths: list[int],
    beside: bool,
    lang: Lang,
    width: int,
    color: bool,
) -> Iterator[str]:
    if section.headed:
        yield from _aligned(section.columns, header, widths)
        yield (" " * GAP).join("-" * each for each in widths)
    for row, line in zip(section.rows, cells, strict=True):
        first, *more = _aligned(section.columns, line, widths)
        if beside and row.details:
            first = pad(first, sum(widths) + GAP * len(widths)) + _said(row, section.currency, lang)
        yield from _alarmed([first, *more], row, color)
        if not beside:
            yield from _details(row, section.currency, lang, width)


def _beside(section: Section, used: int, lang: Lang, width: int) -> bool:
    """Whether the details of every row of this section fit behind it."""
    return all(display_width(_said(row, section.currency, lang)) <= width - used for row in section.rows)


def _aligned(columns: Sequence[Column], line: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    folded = [fold(text, each) for text, each in zip(line, widths, strict=True)]
    for level in range(max(len(each) for each in folded)):
        row = []
        for column, texts, each in zip(columns, folded, widths, strict=True):
            text = texts[level] if level < len(texts) else ""
            row.append(" " * (each - display_width(text)) + text if column.right else pad(text, each))
        yield (" " * GAP).join(row).rstrip()


def _written_out(
    section: Section, header: list[str], cells: list[list[str]], lang: Lang, width: int, color: bool
) -> Iterator[str]:
    for row, line in zip(section.rows, cells, strict=True):
        first, *rest = zip(header, line, strict=True)
        yield from _alarmed(wrapped(first[1], width), row, color)
        for name, text in rest:
            if text:
                yield from wrapped(f"{name} {text}", width, "  ")
        yield from _details(row, section.currency, lang, width)


def _details(row: Row, currency: str, lang: Lang, width: int) -> Iterator[str]:
    if row.details:
        yield from wrapped(_said(row, currency, lang), width, "    ")


def _said(row: Row, currency: str, lang: Lang) -> str:
    return spell_details(row.details, lang, currency)


def _alarmed(lines: Sequence[str] | Iterator[str], row: Row, color: bool) -> Iterator[str]:
    for line in lines:
        yield f"{RED}{line}{PLAIN}" if color and row.alarm else line


def _bold(lines: Sequence[str], color: bool) -> Iterator[str]:
    for line in lines:
        yield f"{BOLD}{line}{PLAIN}" if color else line


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Lines of at most `width` columns, each after `indent`."""
    return [(indent + line).rstrip() for line in fold(text, max(width - len(indent), NARROWEST))]


def fold(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, broken at a space or `；`, at `@_-.,;/` or a wide character.

    Where there is none of them they break anywhere. No line begins with a Chinese stop.
    """
    lines = []
    while display_width(text) > width:
        at = _break(text, width)
        lines.append(text[:at].rstrip())
        text = text[at:].lstrip()
    lines.append(text)
    return lines


def _break(text: str, width: int) -> int:
    """Where to cut so that the first part fits; at least one character is taken."""
    end, used = 0, 0
    space, joint = 0, 0
    for at, char in enumerate(text):
        used += display_width(char)
        if char == " " and used <= width + 1:
            space = at
        if used > width:
            break
        end = at + 1
        if char == "；":
            space = end
        if (char in "@_-.,;/" or display_width(char) == 2) and text[at + 1 : at + 2] not in STOPS:
            joint = at + 1
    if space * 2 > end:
        return space
    return joint or space or max(end, 1)
