"""The statement for the ear: one line per thing, labels before figures, no tables and no frames."""

from collections.abc import Iterator

from clausal.dsl.wording import Lang
from clausal.engine.report.spelling import clean, say, section_title, semicolon, spell, spell_detail
from clausal.engine.report.statement import Document, Row, Section, rows

PAYING = ("payments",)


def render(document: Document, lang: Lang, party: str | None = None, month: str | None = None) -> str:
    """A result document as lines that stand alone; `lang` is "en" or "zh"."""
    statement = rows(document, party, month)
    stop, joint = "。" if lang == "zh" else ".", semicolon(lang)
    lines = [clean(statement.title) + stop]
    lines += [spell_detail(detail, lang) + stop for detail in statement.heading]
    for part in statement.months:
        name = f"{say('column.month', lang)} {part.month}"
        state = joint.join([name, *(spell(cell, lang) for cell in part.state)])
        lines += ["", state + (joint + say("detail.to_date", lang) if part.to_date else "") + stop]
        for section in part.sections:
            lines += _section(section, lang, joint, stop)
    lines.append("")
    for section in statement.closing:
        lines += _section(section, lang, joint, stop)
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines) + "\n"


def _section(section: Section, lang: Lang, joint: str, stop: str) -> Iterator[str]:
    said = [section_title(section, lang)]
    roles = ("payer", "payee") if section.key in PAYING else ("debtor", "creditor")
    for role, name in zip(roles, section.pair, strict=False):
        said.append(f"{say(f'column.{role}', lang)} {clean(name)}")
    said += [spell_detail(note, lang) for note in section.notes]
    yield joint.join(said) + stop
    for row in section.rows:
        yield _sentence(list(_row(section, row, lang)), joint, stop)


def _sentence(parts: list[str], joint: str, stop: str) -> str:
    return joint.join(part.rstrip(".。") for part in parts) + stop


def _row(section: Section, row: Row, lang: Lang) -> Iterator[str]:
    texts = [spell(cell, lang) for cell in row.cells]
    if section.headed:
        yield texts[0]
        for column, text in zip(section.columns[1:], texts[1:], strict=True):
            if text:
                yield f"{say(f'column.{column.key}', lang)} {text}"
    else:
        yield " ".join(texts)
    for detail in row.details:
        yield spell_detail(detail, lang)
