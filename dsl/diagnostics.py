"""What is wrong with a contract or its facts, where, and what to write instead: for a reader or a machine.

A diagnostic holds a code and the words that belong to this one case, never a sentence. The sentences, hints
and pages stand in `messages.toml`, both languages side by side, and are read only to tell something.
"""

from __future__ import annotations

import os.path
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property, partial
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, cast

import attrs

Lang: TypeAlias = Literal["en", "zh"]
Severity: TypeAlias = Literal["error", "warning", "note"]

LANGS: Final[tuple[Lang, ...]] = ("en", "zh")

_TAB: Final = 4
_MOST_CANDIDATES: Final = 200  # names that one word is compared with, letter by letter
_LONGEST_WORD: Final = 160  # a user's word longer than this is cut in a sentence
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # controls, bidi, zero-width, surrogates
_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")
_PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z_]*)\}")


# Where


@attrs.frozen
class Source:
    """One text as it was read, with the name that the reader knows it by. Offsets count characters from 0."""

    name: str
    text: str = attrs.field(repr=False)
    files: tuple[tuple[int, Source], ...] = attrs.field(default=(), repr=False)
    """The files that it uses, whose texts stand behind its own, each with the offset at which it begins."""

    def origin(self, span: Span) -> tuple[Source, Span]:
        """The file that a span lies in, and where it lies there."""
        for offset, file in reversed(self.files):
            if span.start >= offset:
                return file, Span(span.start - offset, span.end - offset)
        return self, span

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return (0, *(found.end() for found in _LINE_BREAK.finditer(self.text)))

    @property
    def lines(self) -> int:
        return len(self._starts)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1, columns in characters."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def position_utf16(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, columns in UTF-16 units, which editors count in."""
        line, column = self.position(offset)
        start = self._starts[line - 1]
        before = self.text[start : start + column - 1]
        return line, column + sum(1 for char in before if ord(char) > 0xFFFF)

    def offset(self, line: int, column: int, utf16: bool = False) -> int:
        """The offset of a position, both from 1; what lies outside the text is drawn to its edge."""
        if line < 1:
            return 0
        if line > self.lines:
            return len(self.text)
        start, text = self._starts[line - 1], self.line_text(line)
        if not utf16:
            return start + min(max(column - 1, 0), len(text))
        units = 1
        for index, char in enumerate(text):
            if units >= column:
                return start + index
            units += 2 if ord(char) > 0xFFFF else 1
        return start + len(text)

    def line_text(self, line: int) -> str:
        """The text of a line, from 1, without its line break; empty outside the text."""
        if not 1 <= line <= self.lines:
            return ""
        end = self._starts[line] if line < self.lines else len(self.text)
        return self.text[self._starts[line - 1] : end].rstrip("\r\n")


@attrs.frozen
class Span:
    """From `start` up to, not including, `end`: character offsets in the original text. It may be empty."""

    start: int
    end: int


@attrs.frozen
class Cell:
    """A place in a file of facts. Rows count from 1 with the heading; `column` is a letter or a heading."""

    file: str
    row: int | None = None
    column: str | None = None
    sheet: str | None = None


# What


@attrs.frozen
class Both:
    """Words that differ by language, to be filled into a sentence: the name of a type, a list."""

    en: str
    zh: str

    def text(self, lang: Lang) -> str:
        return self.en if lang == "en" else self.zh


Arg: TypeAlias = str | Both


@attrs.frozen
class Fix:
    span: Span
    replacement: str


@attrs.frozen
class Related:
    """Another place to look at; `note` is a key of `[notes]` in the catalogue, or the words themselves."""

    span: Span
    note: Arg
    source: Source | None = None


@attrs.frozen
class Diagnostic:
    """One finding. `args` fill the sentence; `hint`, `expected` and `suggestion` get their own line."""

    code: str
    severity: Severity
    span: Span | None = None
    args: tuple[tuple[str, Arg], ...] = ()
    source: Source | None = None
    clause: str | None = None
    place: str | Cell | None = None
    fix: Fix | None = None
    related: tuple[Related, ...] = ()

    def arg(self, name: str) -> Arg | None:
        return next((value for key, value in self.args if key == name), None)

    @property
    def message(self) -> str:
        """The sentence in English, without its place."""
        return sentence(self)

    def text(self, lang: Lang = "en") -> str:
        """The sentence in a language, without its place."""
        return sentence(self, lang)

    def draw(self, lang: Lang = "en") -> str:
        """The finding with its line, its hint and what belongs to it, as `contract check` shows it."""
        return draw(self, lang)

    def __str__(self) -> str:
        """`error[E301] terms.contract:3:9: ...`"""
        where = _where(self, "en")
        return f"{self.severity}[{self.code}]{f' {where}' if where else ''}: {sentence(self)}"


class Rejected(Exception):
    """The contract or its facts cannot be used; carries everything that was found, not only the first."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        return "\n".join(brief(diagnostic) for diagnostic in self.diagnostics)


def diagnostic(
    severity: Severity,
    code: str,
    span: Span | None = None,
    *,
    source: Source | None = None,
    clause: str | None = None,
    place: str | Cell | None = None,
    fix: Fix | None = None,
    related: Iterable[Related] = (),
    **args: Arg | int | None,
) -> Diagnostic:
    """A finding with its words by name; a word that is None is left out."""
    words = tuple(
        (name, value if isinstance(value, Both) else str(value))
        for name, value in sorted(args.items())
        if value is not None
    )
    return Diagnostic(code, severity, span, words, source, clause, place, fix, tuple(related))


error: Final = partial(diagnostic, "error")
warning: Final = partial(diagnostic, "warning")
note: Final = partial(diagnostic, "note")


def unreadable(content: bytes, name: str) -> Diagnostic:
    """Why bytes are no contract: the first byte that is not UTF-8, and what the file seems to be instead."""
    byte, hint = 1, _other_format(content)
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        byte = problem.start + 1
        if hint is None and problem.reason == "unexpected end of data":
            hint = Both(
                "the file may break off here: get a whole copy of it, or say its encoding with `--encoding gb18030`",
                "文件可能在此处中断：请重新取得完整的文件，或者用“--encoding gb18030”指明编码",
            )
    return error("E001", byte=byte, place=name, hint=hint)


def _other_format(content: bytes) -> Both | None:
    save_as = Both("save it as UTF-8", "请另存为UTF-8")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Both(f"this is UTF-16: {save_as.en}", f"这是UTF-16文本，{save_as.zh}")
    if content.startswith(b"PK\x03\x04"):
        if b"word/" in content or b"xl/" in content:
            return Both(
                "this is a Word or Excel document: save its text as plain text, in UTF-8",
                "这是Word或者Excel文档：请将其中的文字另存为纯文本（UTF-8）",
            )
        return Both("this is a zip archive, not text", "这是zip压缩文件，不是文本")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return Both(
            "this is an old Word or Excel document: save its text as plain text, in UTF-8",
            "这是旧版Word或者Excel文档：请将其中的文字另存为纯文本（UTF-8）",
        )
    if content.startswith(b"%PDF-"):
        return Both("this is a PDF document, not text", "这是PDF文档，不是文本")
    sample = content[:4096]
    if 0 in sample:
        pairs = max(1, len(sample) // 2)
        if (
            max(sample[0::2].count(0), sample[1::2].count(0))
            > pairs // 2
            > min(sample[0::2].count(0), sample[1::2].count(0))
        ):
            return Both(f"this looks like UTF-16: {save_as.en}", f"这可能是UTF-16文本，{save_as.zh}")
        return Both("this is a binary file, not text", "这是二进制文件，不是文本")
    return None


def located(found: Diagnostic) -> Diagnostic:
    """The same finding in the file that it is about, where a contract uses several."""
    source = found.source
    if source is None or not source.files or found.span is None:
        return found
    file, span = source.origin(found.span)
    related = tuple(
        one if one.source not in (None, source) else attrs.evolve(one, source=home, span=there)
        for one in found.related
        for home, there in (source.origin(one.span),)
    )
    fix = found.fix and attrs.evolve(found.fix, span=source.origin(found.fix.span)[1])
    return attrs.evolve(found, source=file, span=span, related=related, fix=fix)


def placed(found: Diagnostic, source: Source | None = None, clause: str | None = None) -> Diagnostic:
    """The same finding with the source and clause that its pass did not know; what it already says stays."""
    return attrs.evolve(found, source=found.source or source, clause=found.clause or clause)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """By file and place, each once; findings without a place come last, in the order given."""
    unique = tuple(dict.fromkeys(diagnostics))

    def key(found: Diagnostic) -> tuple[bool, str, int, int, str]:
        name = found.source.name if found.source else ""
        if found.span is None:
            return (True, name, 0, 0, "")
        return (False, name, found.span.start, found.span.end, found.code)

    return tuple(sorted(unique, key=key))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(found.severity == "error" for found in diagnostics)


def any_of(words: Iterable[Arg], limit: int = 8) -> Both:
    """`a`, `b` or `c`: plain words are quoted as the user's, the others stand as they are."""
    return _listed(words, limit, " or ", "或者")


def all_of(words: Iterable[Arg], limit: int = 8) -> Both:
    """`a`, `b` and `c`: plain words are quoted as the user's, the others stand as they are."""
    return _listed(words, limit, " and ", "和")


def _listed(words: Iterable[Arg], limit: int, last_en: str, last_zh: str) -> Both:
    unique = list(dict.fromkeys(words))
    told = [word if isinstance(word, Both) else Both(f"`{word}`", f"“{word}”") for word in unique[:limit]]
    en, zh = [word.en for word in told], [word.zh for word in told]
    if len(unique) > limit:
        return Both(", ".join(en) + ", …", _chinese_list(zh) + "等")
    if len(en) < 2:
        return Both("".join(en), "".join(zh))
    return Both(", ".join(en[:-1]) + last_en + en[-1], _chinese_list(zh[:-1]) + last_zh + zh[-1])


def _chinese_list(words: list[str]) -> str:
    return "、".join(words).replace("”、“", "”“")  # GB/T 15834: no 、 between words in quotation marks


def apply_fixes(text: str, fixes: Iterable[Fix]) -> str:
    """The text with every fix made; of two that touch the same characters only the first one."""
    pieces: list[str] = []
    done = 0
    for fix in sorted(set(fixes), key=lambda fix: (fix.span.start, fix.span.end, fix.replacement)):
        if fix.span.start < done:
            continue
        pieces += (text[done : fix.span.start], fix.replacement)
        done = fix.span.end
    return "".join((*pieces, text[done:]))


# The catalogue


@attrs.frozen
class Message:
    """What a code says: sentence, optional hint, and the page that explains it, each in both languages."""

    code: str
    say: Both
    hint: Both | None
    page: Both


@attrs.frozen
class LegalWord:
    """A word that lawyers write, or miswrite, and the ones that this language has in its place.

    One that holds `anywhere` is worth a warning in names and texts too, the others only in a keyword's place.
    """

    word: str
    write: tuple[str, ...]
    why: Both
    anywhere: bool


@attrs.frozen
class Catalogue:
    messages: Mapping[str, Message]
    frame: Mapping[str, Both]
    notes: Mapping[str, Both]
    legal_words: Mapping[str, LegalWord]


@cache
def catalogue() -> Catalogue:
    """All messages, read from the file beside this module when the first one is told."""
    import tomllib

    with open(os.path.join(os.path.dirname(__file__), "messages.toml"), "rb") as file:
        tables = tomllib.load(file)
    return Catalogue(
        messages=MappingProxyType({code: _message(code, table) for code, table in tables["codes"].items()}),
        frame=MappingProxyType({key: Both(row["en"], row["zh"]) for key, row in tables["frame"].items()}),
        notes=MappingProxyType({key: Both(row["en"], row["zh"]) for key, row in tables["notes"].items()}),
        legal_words=MappingProxyType(
            {
                word: LegalWord(word, tuple(row["write"]), Both(row["en"], row["zh"]), bool(row.get("anywhere", False)))
                for word, row in tables["legal_words"].items()
            }
        ),
    )


def _message(code: str, table: Mapping[str, str]) -> Message:
    hint = Both(table["hint_en"], table["hint_zh"]) if "hint_en" in table else None
    page = Both(table["page_en"].strip(), table["page_zh"].strip())
    return Message(code, Both(table["en"], table["zh"]), hint, page)


def codes() -> tuple[str, ...]:
    """Every code there is, in order."""
    return tuple(sorted(catalogue().messages))


def legal_word(word: str) -> LegalWord | None:
    """What to write in place of a lawyer's word that is no keyword, and why."""
    return catalogue().legal_words.get(word)


def legal_words_in(text: str) -> tuple[tuple[int, LegalWord], ...]:
    """The words to be warned of in a name or a text, with their offsets, in the order of the text."""
    return tuple(
        sorted(
            (
                (found.start(), word)
                for word in catalogue().legal_words.values()
                if word.anywhere
                for found in re.finditer(re.escape(word.word), text)
            ),
            key=lambda pair: (pair[0], pair[1].word),
        )
    )


def default_severity(code: str) -> Severity:
    return "warning" if code.startswith("W") else "error"


def sentence(found: Diagnostic, lang: Lang = "en") -> str:
    """The sentence of a finding, without its place. An unknown code still says its code and its words."""
    message = catalogue().messages.get(found.code)
    if message is None:
        return "; ".join((found.code, *(f"{name}: {_spoken(value, lang)}" for name, value in found.args)))
    return _filled(message.say.text(lang), found, lang)


def hint(found: Diagnostic, lang: Lang = "en") -> str | None:
    """What to do about it: the finding's own hint, else its code's, if every word in that one is known."""
    own = found.arg("hint")
    if own is not None:
        return _spoken(own, lang, limit=None)
    message = catalogue().messages.get(found.code)
    if message is None or message.hint is None:
        return None
    template = message.hint.text(lang)
    known = {name for name, _ in found.args}
    return _filled(template, found, lang) if set(_PLACEHOLDER.findall(template)) <= known else None


def explain(code: str, lang: Lang = "en") -> str | None:
    """The page of a code, or None if there is no such code."""
    message = catalogue().messages.get(code)
    if message is None:
        return None
    gap = _PLACEHOLDER.sub
    parts = [f"{code}: {gap('...', message.say.text(lang))}", message.page.text(lang)]
    if message.hint is not None:
        colon = ": " if lang == "en" else "："
        parts.append(_frame("hint", lang) + colon + gap("...", message.hint.text(lang)))
    return "\n\n".join(parts)


def _filled(template: str, found: Diagnostic, lang: Lang) -> str:
    words = dict(found.args)

    def fill(match: re.Match[str]) -> str:
        value = words.get(match[1])
        return match[0] if value is None else _spoken(value, lang)

    return _PLACEHOLDER.sub(fill, template)


def _spoken(value: Arg, lang: Lang, limit: int | None = _LONGEST_WORD) -> str:
    if isinstance(value, Both):
        return shown(value.text(lang))
    text = value if limit is None or len(value) <= limit else value[: limit - 1] + "…"
    return shown(text)


def _frame(key: str, lang: Lang, **words: str) -> str:
    template = catalogue().frame[key].text(lang)
    return _PLACEHOLDER.sub(lambda match: words.get(match[1], match[0]), template)


def place_text(place: str | Cell, lang: Lang = "en") -> str:
    """ "sales.csv row 3 column B", and the same in Chinese."""
    if isinstance(place, str):
        return shown(place)
    parts = [shown(place.file)]
    if place.sheet is not None:
        parts.append(_frame("sheet", lang, sheet=shown(place.sheet)))
    if place.row is not None:
        parts.append(_frame("row", lang, row=str(place.row)))
    if place.column is not None:
        parts.append(_frame("column", lang, column=shown(place.column)))
    return " ".join(parts)


# Widths


def char_width(char: str) -> int:
    """Columns of a character on a terminal: 2 for East Asian wide ones, 0 for marks that stand on another."""
    if char < "\u0300":
        return 1
    if unicodedata.east_asian_width(char) in "WF":
        return 2
    return 0 if unicodedata.category(char) in ("Mn", "Me", "Cf") else 1


def display_width(text: str) -> int:
    return len(text) if text.isascii() else sum(map(char_width, text))


def pad(text: str, width: int, align: Literal["left", "right", "center"] = "left") -> str:
    """Text filled with blanks to a display width; longer text is left alone."""
    missing = max(0, width - display_width(text))
    match align:
        case "left":
            return text + " " * missing
        case "right":
            return " " * missing + text
        case "center":
            return " " * (missing // 2) + text + " " * (missing - missing // 2)


def cut(text: str, width: int, mark: str = "…") -> str:
    """Text cut to a display width, ending in a mark where something was left out."""
    if display_width(text) <= width:
        return text
    room = width - display_width(mark)
    if room < 0:
        return ""
    kept: list[str] = []
    for char in text:
        room -= char_width(char)
        if room < 0:
            break
        kept.append(char)
    return "".join(kept) + mark


def shown(text: str) -> str:
    """Text with what can't be seen, or turns the reading direction, written as its escape (`\\u202E`)."""
    return text if text.isprintable() else "".join(map(_shown_char, text))


def _shown_char(char: str) -> str:
    if unicodedata.category(char) not in _HIDDEN:
        return char
    return f"\\u{ord(char):04X}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08X}"


# Drawing, for people


def brief(found: Diagnostic, lang: Lang = "en") -> str:
    """One line: `terms.contract:12:9: error[E201]: ...`"""
    where = _where(found, lang)
    head = f"{_frame(found.severity, lang)}[{found.code}]"
    colon = ": " if lang == "en" else "："
    return (f"{where}: " if where else "") + head + colon + sentence(found, lang)


def _where(found: Diagnostic, lang: Lang) -> str | None:
    if found.place is not None:
        return place_text(found.place, lang)
    if found.source is None:
        return None
    if found.span is None:
        return shown(found.source.name)
    line, column = found.source.position(found.span.start)
    return f"{shown(found.source.name)}:{line}:{column}"


_Paint: TypeAlias = Callable[[str, str], str]
_INK: Final = MappingProxyType(
    {"error": "1;31", "warning": "1;33", "note": "1;36", "frame": "34", "strong": "1", "help": "36"}
)


def _plain(_ink: str, text: str) -> str:
    return text


def _coloured(ink: str, text: str) -> str:
    return f"\x1b[{_INK[ink]}m{text}\x1b[0m"


def draw(found: Diagnostic, lang: Lang = "en", color: bool = False, width: int = 80) -> str:
    """A finding under its line, for a terminal. The frame is ASCII and `…`, which every console can show."""
    paint: _Paint = _coloured if color else _plain
    colon = ": " if lang == "en" else "："
    head = paint(found.severity, f"{_frame(found.severity, lang)}[{found.code}]")
    lines = [head + paint("strong", colon + sentence(found, lang))]
    gutter = 1
    if found.source is not None and found.span is not None:
        gutter = len(str(found.source.position(found.span.start)[0]))
    where = _where(found, lang)
    if where is not None:
        lines.append(f"{' ' * gutter}{paint('frame', '-->')} {where}")
    if found.source is not None and found.span is not None:
        lines += _under_line(found.source, found.span, found.severity, lang, paint, width)
    blank = " " * (gutter + 1)
    lines += [f"{blank}{paint('frame', '=')} {text}" for text in _advice(found, lang)]
    for other in found.related:
        lines += _related(other, found, lang, paint, width)
    return "\n".join(lines)


def draw_all(diagnostics: Iterable[Diagnostic], lang: Lang = "en", color: bool = False, width: int = 80) -> str:
    """All findings, a blank line between them, and how many there are of each kind."""
    found = tuple(diagnostics)
    if not found:
        return ""
    return "\n\n".join([*(draw(one, lang, color, width) for one in found), tally(found, lang)])


def tally(diagnostics: Iterable[Diagnostic], lang: Lang = "en") -> str:
    """ "2 errors, 1 warning", and the same in Chinese."""
    severities = [found.severity for found in diagnostics]
    parts = []
    for severity in ("error", "warning", "note"):
        number = sum(1 for one in severities if one == severity)
        if number:
            key = f"one_{severity}" if number == 1 else f"many_{severity}"
            parts.append(_frame(key, lang, number=str(number)))
    return (", " if lang == "en" else "，").join(parts)


def _advice(found: Diagnostic, lang: Lang) -> Iterator[str]:
    colon = ": " if lang == "en" else "："
    if found.clause is not None:
        yield _frame("in_clause", lang, clause=shown(found.clause))
    expected = found.arg("expected")
    message = catalogue().messages.get(found.code)
    told = message is not None and "{expected}" in message.say.text(lang)
    if expected is not None and not told:
        yield _frame("expected", lang) + colon + _spoken(expected, lang)
    help_text = hint(found, lang)
    if help_text is not None:
        yield _frame("hint", lang) + colon + help_text
    suggestion = found.arg("suggestion")
    if suggestion is not None:
        yield _frame("did_you_mean", lang, word=_spoken(suggestion, lang))
    if found.fix is not None:
        new = shown(found.fix.replacement)
        said = help_text or ""
        if new and (new in said or suggestion == found.fix.replacement):
            return
        if not new and found.source is not None:
            old = found.source.text[found.fix.span.start : found.fix.span.end]
            yield _frame("delete", lang, word=_spoken(old, lang))
        elif found.fix.span.start == found.fix.span.end:
            yield _frame("insert", lang, word=new)
        else:
            yield _frame("write", lang, word=new)


def _related(other: Related, found: Diagnostic, lang: Lang, paint: _Paint, width: int) -> list[str]:
    source = other.source or found.source
    colon = ": " if lang == "en" else "："
    lines = [paint("note", _frame("note", lang)) + colon + shown(note_text(other.note, lang))]
    if source is not None:
        line, column = source.position(other.span.start)
        gutter = " " * len(str(line))
        lines.append(f"{gutter}{paint('frame', '-->')} {shown(source.name)}:{line}:{column}")
        lines += _under_line(source, other.span, "note", lang, paint, width)
    return lines


def _under_line(source: Source, span: Span, severity: Severity, lang: Lang, paint: _Paint, width: int) -> list[str]:
    """The span's first line, cut to the width, with carets right under the span."""
    line, column = source.position(span.start)
    last_line, last_column = source.position(max(span.start, span.end))
    text = source.line_text(line)
    first = min(column - 1, len(text))
    end = len(text) if last_line > line else min(last_column - 1, len(text))
    number = str(line)
    picture, before, under = _windowed(text, first, max(end, first), max(20, width - len(number) - 3))
    bar = paint("frame", "|")
    blank = " " * len(number)
    tail = " " + _frame("to_line", lang, line=str(last_line)) if last_line > line else ""
    carets = " " * before + paint(severity, "^" * max(1, under) + tail)
    return [
        f"{blank} {bar}",
        f"{paint('frame', number)} {bar} {picture}".rstrip(),
        f"{blank} {bar} {carets}",
    ]


def _windowed(text: str, first: int, end: int, room: int) -> tuple[str, int, int]:
    """The part of a line around [first, end) that fits: what is drawn, columns before it, its columns."""
    far = 2 * room  # a line of a million characters is not measured to its ends
    base, limit = max(0, first - far), min(len(text), end, first + far)
    cells = _cells(text[base : min(len(text), limit + far)])
    clipped = base > 0, base + len(cells) < len(text)
    low, high = first - base, max(limit - base, first - base)
    if not any(clipped) and sum(cell[1] for cell in cells) <= room:
        kept_low, kept_high = 0, len(cells)
    else:
        kept_low, kept_high = _kept(cells, low, high, room - 2)
    left = "…" if kept_low > 0 or clipped[0] else ""
    right = "…" if kept_high < len(cells) or clipped[1] else ""
    picture = left + "".join(cell[0] for cell in cells[kept_low:kept_high]) + right
    before = len(left) + sum(cell[1] for cell in cells[kept_low:low])
    return picture, before, sum(cell[1] for cell in cells[low : min(high, kept_high)])


def _kept(cells: list[tuple[str, int]], low: int, high: int, room: int) -> tuple[int, int]:
    kept_low = kept_high = low
    while kept_high < high and cells[kept_high][1] <= room:
        room -= cells[kept_high][1]
        kept_high += 1
    if kept_high < high:
        return kept_low, kept_high
    grew = True
    while grew:
        grew = False
        if kept_low > 0 and cells[kept_low - 1][1] <= room:
            kept_low -= 1
            room -= cells[kept_low][1]
            grew = True
        if kept_high < len(cells) and cells[kept_high][1] <= room:
            room -= cells[kept_high][1]
            kept_high += 1
            grew = True
    return kept_low, kept_high


def _cells(text: str) -> list[tuple[str, int]]:
    """Each character as it is drawn, with its width; tabs run to the next fourth column."""
    cells: list[tuple[str, int]] = []
    column = 0
    for char in text:
        if char == "\t":
            drawn = " " * (_TAB - column % _TAB)
            wide = len(drawn)
        else:
            drawn = _shown_char(char)
            wide = char_width(char) if drawn == char else len(drawn)
        cells.append((drawn, wide))
        column += wide
    return cells


# Telling machines


def as_data(found: Diagnostic, lang: Lang = "en") -> dict[str, object]:
    """A finding as plain data for JSON; every key is always there, in this order."""
    file, start, end = _region(found)
    suggestion = found.arg("suggestion")
    return {
        "code": found.code,
        "severity": found.severity,
        "message": sentence(found, lang),
        "hint": hint(found, lang),
        "suggestion": None if suggestion is None else _spoken(suggestion, lang),
        "file": file,
        "line": start and start[0],
        "column": start and start[1],
        "end_line": end and end[0],
        "end_column": end and end[1],
        "offset": found.span and found.span.start,
        "end_offset": found.span and found.span.end,
        "clause": found.clause,
        "place": None if found.place is None else place_text(found.place, lang),
        "fix": found.fix
        and {
            "offset": found.fix.span.start,
            "end_offset": found.fix.span.end,
            "replacement": found.fix.replacement,
        },
        "related": [_related_data(other, found, lang) for other in found.related],
        "args": {name: value if isinstance(value, str) else value.text(lang) for name, value in found.args},
    }


def _related_data(other: Related, found: Diagnostic, lang: Lang) -> dict[str, object]:
    source = other.source or found.source
    start = source.position(other.span.start) if source else None
    return {
        "message": note_text(other.note, lang),
        "file": source.name if source else None,
        "line": start and start[0],
        "column": start and start[1],
        "offset": other.span.start,
        "end_offset": other.span.end,
    }


def note_text(key: Arg, lang: Lang) -> str:
    """The words of a `Related`."""
    if isinstance(key, Both):
        return key.text(lang)
    return catalogue().notes.get(key, Both(key, key)).text(lang)


def _region(found: Diagnostic) -> tuple[str | None, tuple[int, int] | None, tuple[int, int] | None]:
    """File, first position, and the position after the last character, as far as they are known."""
    if isinstance(found.place, Cell):
        at = None if found.place.row is None else (found.place.row, 1)
        return found.place.file, at, at
    if found.source is None:
        return None, None, None
    if found.span is None:
        return found.source.name, None, None
    return found.source.name, found.source.position(found.span.start), found.source.position(found.span.end)


def to_json(diagnostics: Iterable[Diagnostic], lang: Lang = "en") -> str:
    """A JSON array with one object per finding."""
    import json

    return json.dumps([as_data(found, lang) for found in diagnostics], ensure_ascii=False, indent=2) + "\n"


def to_github(diagnostics: Iterable[Diagnostic], lang: Lang = "en") -> str:
    """Workflow commands, one line per finding, which a GitHub job turns into annotations."""
    return "".join(_workflow_command(found, lang) + "\n" for found in diagnostics)


def _workflow_command(found: Diagnostic, lang: Lang) -> str:
    file, start, end = _region(found)
    fields: list[tuple[str, str]] = []
    if file is not None:
        fields.append(("file", file.replace("\\", "/")))
    if start is not None and end is not None:
        fields += [("line", str(start[0])), ("endLine", str(end[0]))]
        if not isinstance(found.place, Cell):
            fields.append(("col", str(start[1])))
            if start[0] == end[0]:
                fields.append(("endColumn", str(end[1])))
    fields.append(("title", found.code))
    command = "notice" if found.severity == "note" else found.severity
    listed = ",".join(f"{name}={_property(value)}" for name, value in fields)
    place = [place_text(found.place, lang)] if found.place is not None else []
    message = "\n".join([sentence(found, lang), *place, *_advice(found, lang)])
    return f"::{command} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def to_sarif(diagnostics: Iterable[Diagnostic], engine_version: str, lang: Lang = "en") -> str:
    """A SARIF 2.1.0 log with one run: the rules concerned, and every finding with its region and fix."""
    import json

    found = tuple(diagnostics)
    rules = sorted({one.code for one in found})
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "clausal",
                        "version": engine_version,
                        "rules": [_sarif_rule(code, lang) for code in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_sarif_result(one, rules.index(one.code), lang) for one in found],
            }
        ],
    }
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _sarif_rule(code: str, lang: Lang) -> dict[str, object]:
    rule: dict[str, object] = {"id": code, "defaultConfiguration": {"level": default_severity(code)}}
    message = catalogue().messages.get(code)
    if message is not None:
        rule["shortDescription"] = {"text": _PLACEHOLDER.sub("...", message.say.text(lang))}
        rule["help"] = {"text": message.page.text(lang)}
    return rule


def _sarif_result(found: Diagnostic, rule: int, lang: Lang) -> dict[str, object]:
    message = "\n".join([sentence(found, lang), *_advice(found, lang)])
    result: dict[str, object] = {
        "ruleId": found.code,
        "ruleIndex": rule,
        "level": found.severity,
        "message": {"text": message},
    }
    file, start, _ = _region(found)
    if file is not None:
        physical: dict[str, object] = {"artifactLocation": {"uri": _uri(file)}}
        if found.source is not None and found.span is not None:
            physical["region"] = _sarif_region(found.source, found.span)
        elif start is not None:
            physical["region"] = {"startLine": start[0]}
        location: dict[str, object] = {"physicalLocation": physical}
        if found.place is not None:
            location["message"] = {"text": place_text(found.place, lang)}
        result["locations"] = [location]
    related = [_sarif_related(other, found, lang) for other in found.related if other.source or found.source]
    if related:
        result["relatedLocations"] = related
    if found.fix is not None and found.source is not None:
        replacement = {
            "deletedRegion": _sarif_region(found.source, found.fix.span),
            "insertedContent": {"text": found.fix.replacement},
        }
        change = {"artifactLocation": {"uri": _uri(found.source.name)}, "replacements": [replacement]}
        result["fixes"] = [{"artifactChanges": [change]}]
    return result


def _sarif_related(other: Related, found: Diagnostic, lang: Lang) -> dict[str, object]:
    source = cast(Source, other.source or found.source)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(source.name)},
            "region": _sarif_region(source, other.span),
        },
        "message": {"text": note_text(other.note, lang)},
    }


def _sarif_region(source: Source, span: Span) -> dict[str, int]:
    start, end = source.position(span.start), source.position(span.end)
    return {
        "startLine": start[0],
        "startColumn": start[1],
        "endLine": end[0],
        "endColumn": end[1],
        "charOffset": span.start,
        "charLength": span.end - span.start,
    }


def _uri(path: str) -> str:
    plain = path.replace("\\", "/")
    keep = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/")
    return "".join(chr(byte) if byte in keep else f"%{byte:02X}" for byte in plain.encode("utf-8", "surrogatepass"))


# Did you mean


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """The one candidate that the word most likely stands for: the only nearest, and near for its length."""
    size = len(word)
    if size < (3 if word.isascii() else 2):
        return None
    reach = 1 if size < 6 else 2 if size < 12 else 3
    folded, letters = _folded(word), set(word)
    near: list[tuple[int, str]] = []
    for candidate in set(candidates) - {word}:
        apart = abs(len(candidate) - size)
        # one edit changes the set of letters by two at most
        if apart <= reach and len(letters.symmetric_difference(candidate)) <= 2 * reach:
            near.append((max(map(len, _differing(word, candidate))), candidate))
        elif _folded(candidate) == folded:
            near.append((0, candidate))
    nearest: list[str] = []
    best = reach
    for _, candidate in sorted(near)[:_MOST_CANDIDATES]:
        distance = 0 if _folded(candidate) == folded else _distance(word, candidate, best)
        if distance < best:
            nearest, best = [candidate], distance
        elif distance == best:
            nearest.append(candidate)
    return nearest[0] if len(nearest) == 1 else None


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().replace("_", "").replace("-", "").replace(" ", "")


def _differing(left: str, right: str) -> tuple[str, str]:
    """What remains of two words without their common beginning and end."""
    first, most = 0, min(len(left), len(right))
    while first < most and left[first] == right[first]:
        first += 1
    last = 0
    while last < most - first and left[-1 - last] == right[-1 - last]:
        last += 1
    return left[first : len(left) - last], right[first : len(right) - last]


def _distance(left: str, right: str, most: int) -> int:
    """Insertions, deletions, replacements and swaps of neighbours; `most + 1` stands for more than `most`."""
    left, right = _differing(left, right)
    if abs(len(left) - len(right)) > most:
        return most + 1
    far = most + 1
    older: list[int] = []
    old = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i, *[far] * len(right)]
        for j in range(max(1, i - most), min(len(right), i + most) + 1):  # what lies further off costs more
            b = right[j - 1]
            cost = min(old[j] + 1, row[j - 1] + 1, old[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row[j] = cost
        if min(row) > most:
            return most + 1
        older, old = old, row
    return min(old[-1], most + 1)
