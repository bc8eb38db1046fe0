"""The first door: `contract check`, `fmt`, `render`, `eval`, `explain`, `test`, `diff` and the others, for people and scripts.

Results go to standard output and diagnostics to standard error. Exit codes: 0 fine, 1 findings, 2 could not
run, 3 undetermined for want of facts, 5 a limit was hit, 70 our own mistake. Rooms load in the command that
needs them, so that `--version` and `--help` cost nothing.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, TypeVar

import click

from clausal.dsl.version import __version__

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from click.shell_completion import CompletionItem

    from clausal.dsl.diagnostics import Diagnostic
    from clausal.engine.compare import Money, Reading
    from clausal.engine.conformance import Verdict
    from clausal.engine.embedding import Contract, Statement
    from clausal.engine.facts import Facts
    from clausal.engine.scenarios import Failure, Result, Side
    from clausal.engine.simulate import Answer

Lang = Literal["en", "zh"]

FINE, FINDINGS, COULD_NOT_RUN, UNDETERMINED, LIMIT, INTERRUPTED, CLOSED, OUR_BUG = 0, 1, 2, 3, 5, 130, 141, 70

# Codes that say that a limit was hit, and those of a file that could not even be read.
LIMITS: Final = frozenset({"E005", "E006", "E019", "F632", "R704", "R767", "R770"})
UNREADABLE: Final = frozenset({"E010", "F629", "R713", "R719"})

MACHINE: Final = frozenset({"json", "jsonl", "csv", "github", "sarif"})

# How signs that a console cannot show are written there; what is not listed is written as its escape.
PLAINER: Final[Mapping[str, str]] = {
    **{"…": "...", "→": "->", "—": "--", "–": "-", "−": "-", "×": "x", "÷": "/", "≥": ">=", "≤": "<="},
    **dict(zip("“”‘’「」《》（）％？，。；：、", '""\'\'""""()%?,.;:,', strict=True)),
    **{"≠": "!=", "•": "*", "✓": "+", "✗": "x", "¥": "CNY ", "￥": "CNY ", "\u00a0": " ", "\u3000": "  "},
}

# What a line no longer changes after.
FINAL_STATUSES: Final = (
    *("performed", "performed late", "cured", "withheld", "waived", "excused", "discharged"),
    *("nil", "untracked"),
)

SAID: Final[Mapping[str, tuple[str, str]]] = {
    "no file": ("no contract checked: {tally}", "未检查任何合同：{tally}"),
    "one file": ("1 contract checked: {tally}", "已检查1份合同：{tally}"),
    "files": ("{number} contracts checked: {tally}", "已检查{number}份合同：{tally}"),
    "no findings": ("nothing found", "未发现问题"),
    "passed": ("passed", "通过"),
    "failed": ("failed", "未通过"),
    "sum": ("{passed} passed, {failed} failed", "{passed}个通过，{failed}个未通过"),
    "no scenarios": ("no scenarios", "没有示例"),
    "not read": ("it cannot be read", "无法读取"),
    "not compiled": ("the contract is not sound", "合同有错误"),
    "failure": (
        "line {line}: {what}: expected {expected}, and it is {found}",
        "第{line}行：{what}：预期 {expected}，实际 {found}",
    ),
    "failure without line": ("{what}: expected {expected}, and it is {found}", "{what}：预期 {expected}，实际 {found}"),
    "of": ("{subject} of {period}", "{period} 的 {subject}"),
    "figure": ("{subject}, {figure}", "{subject}，{figure}"),
    "of before": ("in the version before, {name}:", "原版本{name}："),
    "of after": ("in the version after, {name}:", "新版本{name}："),
    "checking": ("running scenarios", "正在运行示例"),
    "simulating": ("running the contract", "正在运行合同"),
    "judging": ("running cases", "正在运行用例"),
    "no cases": ("no cases", "没有用例"),
    "facts fine": (
        "facts are fine: {values} values, {records} records, months {first} to {last}",
        "数据无误：数值{values}个，记录{records}条，月份自{first}至{last}",
    ),
    "facts fine, no month": (
        "facts are fine: {values} values, {records} records, no month",
        "数据无误：数值{values}个，记录{records}条，没有月度数据",
    ),
    "facts wrong": ("facts are not accepted: {tally}", "数据未通过：{tally}"),
    "form made": (
        "the form is in {file}; when it is filled in, run",
        "空白数据表已写入{file}；填写完毕后运行",
    ),
    "contract made": (
        "{folder} has a contract, its facts and a README. Next:",
        "{folder}中已有合同、数据和说明。接下来可以运行：",
    ),
    "choose": ("Which template", "请选择模板"),
    "for an editor": (
        "an editor starts this command and speaks to it; end it with Ctrl+C",
        "本命令由编辑器启动并与之通信；按Ctrl+C结束",
    ),
    "would change": ("{number} of {all} files would change", "{all}个文件中有{number}个需要排版"),
    "formatted": (
        "{number} of {all} files formatted, the others are as they were",
        "{all}个文件中已排版{number}个，其余未改动",
    ),
    "formatting": ("formatting", "正在排版"),
    "translated": ("{file} is now in {language} keywords", "{file} 已改用{language}关键词"),
    "in that language": (
        "{file} is in {language} keywords already: it stays as it is",
        "{file} 已经使用{language}关键词，保持原样",
    ),
    "parts": (
        "it uses other files; translate them with it, in one command with --write: {files}",
        "它引用了其他文件，请用“--write”在同一命令中一并翻译：{files}",
    ),
    "en": ("English", "英文"),
    "zh": ("Chinese", "中文"),
    "about": (
        "clausal {version}, Python {python}, {platform}; CLAUSAL_TRACEBACK=1 shows where",
        "clausal {version}，Python {python}，{platform}；设CLAUSAL_TRACEBACK=1可显示位置",
    ),
}


# ---- how the door speaks -------------------------------------------------------------------------


class Voice:
    """The reader's language, colour and width, settled while a command runs; `auto` is the contract's."""

    def __init__(self, lang: str, color: str, quiet: bool) -> None:
        self.chosen = lang
        self.color = color
        self.quiet = quiet
        self.lang: Lang = "zh" if lang == "zh" or (lang == "auto" and _zh_environment()) else "en"
        self.width = _width()

    def hear(self, text: str) -> None:
        """Speak the language of this contract's keywords, unless another was asked for."""
        if self.chosen == "auto":
            self.lang = "zh" if keyword_language(text) == "zh" and _shows_chinese(sys.stdout) else "en"

    def say(self, key: str, **words: object) -> str:
        return SAID[key][1 if self.lang == "zh" else 0].format_map(words)

    def coloured(self, stream: Any) -> bool:
        if self.color != "auto":
            return self.color == "always"
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            return False
        return stream is not None and bool(stream.isatty())

    def tell(self, found: Iterable[Diagnostic]) -> None:
        """Diagnostics, drawn under their lines, to standard error."""
        from clausal.dsl.diagnostics import draw_all

        fitted = (fitting_finding(one, sys.stderr) for one in found)
        text = draw_all(fitted, self.lang, self.coloured(sys.stderr), self.width)
        if text:
            write(sys.stderr, fitting_drawing(text, sys.stderr) + "\n")

    def warn(self, found: Iterable[Diagnostic]) -> None:
        if not self.quiet:
            self.tell(found)


def keyword_language(text: str) -> Lang:
    """The language of a contract's keywords, also of one that cannot be read further."""
    for line in text.splitlines():
        word = line.lstrip("\ufeff \t　")
        if word.startswith("合同"):
            return "zh"
        if word.startswith("contract"):
            return "en"
    return "zh" if any("\u4e00" <= char <= "\u9fff" for char in text[:200]) else "en"


def _zh_environment() -> bool:
    said = next((v for v in map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG")) if v), "")
    return said.lower().startswith("zh") and _shows_chinese(sys.stdout)


def _shows_chinese(stream: Any) -> bool:
    return _shows(stream, "合同，应当")


def _shows(stream: Any, signs: str) -> bool:
    try:
        signs.encode((stream and stream.encoding) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _width() -> int:
    from shutil import get_terminal_size

    return max(40, min(get_terminal_size((80, 24)).columns, 160))


def fitting(text: str, encoding: str, machine: bool = False) -> str:
    """Text that `encoding` can hold: JSON's escapes for what it cannot; for people plainer signs where there are."""
    try:
        text.encode(encoding)
        return text
    except UnicodeEncodeError:
        return "".join(_fitting(char, encoding, machine) for char in text)
    except LookupError:
        return fitting(text, "ascii", machine)


def _fitting(char: str, encoding: str, machine: bool) -> str:
    try:
        char.encode(encoding)
        return char
    except UnicodeEncodeError:
        if not machine and char in PLAINER:
            return PLAINER[char]
        units = char.encode("utf-16-be", "surrogatepass")
        return "".join(f"\\u{units[i] << 8 | units[i + 1]:04x}" for i in range(0, len(units), 2))


def fitting_data(data: Any, stream: Any) -> Any:
    """A document with every text as the stream can show it, so that columns are drawn with their true widths."""
    if _shows_chinese(stream):
        return data
    encoding = (stream and stream.encoding) or "ascii"
    match data:
        case str():
            return fitting(data, encoding)
        case dict():
            return {fitting_data(key, stream): fitting_data(value, stream) for key, value in data.items()}
        case list() | tuple():
            return type(data)(fitting_data(each, stream) for each in data)
        case _:
            return data


def fitting_finding(found: Diagnostic, stream: Any) -> Diagnostic:
    """A finding as the stream can show it: its source escaped, its spans moved along, so that carets still fit."""
    if _shows_chinese(stream):
        return found
    import attrs

    from clausal.dsl.diagnostics import Cell, Source, Span

    def source(given: Source | None) -> Source | None:
        return None if given is None else Source(fitting_data(given.name, stream), fitting_data(given.text, stream))

    def span(given: Span | None, of: Source | None) -> Any:
        if given is None or of is None:
            return given
        start = len(fitting_data(of.text[: given.start], stream))
        return Span(start, start + len(fitting_data(of.text[given.start : given.end], stream)))

    place = found.place
    if isinstance(place, Cell):
        place = Cell(*(fitting_data(each, stream) for each in (place.file, place.row, place.column, place.sheet)))
    fix = found.fix
    if fix is not None:
        replacement = fitting_data(fix.replacement, stream)
        fix = attrs.evolve(fix, span=span(fix.span, found.source), replacement=replacement)
    related = tuple(
        attrs.evolve(one, span=span(one.span, one.source or found.source), source=source(one.source))
        for one in found.related
    )
    args = tuple((name, fitting_data(word, stream)) for name, word in found.args)
    return attrs.evolve(
        found, source=source(found.source), span=span(found.span, found.source), place=place, fix=fix,
        related=related, args=args, clause=fitting_data(found.clause, stream),
    )  # fmt: skip


def fitting_drawing(text: str, stream: Any) -> str:
    """A drawing whose cut lines end in one sign where `…` would be written as three, so that carets still fit."""
    if "…" not in text or fitting("…", (stream and stream.encoding) or "ascii") == "…":
        return text
    import re

    return re.sub(r"(?m)^ *[0-9]+(?:\x1b\[0m)? .*$", lambda line: line[0].replace("…", "~"), text)


def fitting_explanation(made: Any, stream: Any) -> Any:
    """An explanation as the stream can show it."""
    import attrs

    if _shows_chinese(stream):
        return made
    if attrs.has(type(made)):
        words = {
            field.name: fitting_explanation(getattr(made, field.name), stream) for field in attrs.fields(type(made))
        }
        return attrs.evolve(made, **words)
    if isinstance(made, tuple):
        return tuple(fitting_explanation(each, stream) for each in made)
    return fitting_data(dict(made) if hasattr(made, "items") else made, stream)


def write(stream: Any, text: str, machine: bool = False) -> None:
    """Text to a standard stream, in whatever encoding it has, and out of our hands when this returns."""
    if stream is None:  # it was closed before we began: nobody listens
        return
    stream.write(fitting(text, stream.encoding or "ascii", machine))
    stream.flush()


def emit(text: str, output: str | None, machine: bool = False) -> None:
    """The result, to standard output or whole into a file."""
    if output is not None:
        save(output, text)
        return
    try:
        if sys.stdout is None and text:
            from errno import EBADF

            raise OSError(EBADF, os.strerror(EBADF))
        write(sys.stdout, text, machine)
    except BrokenPipeError:
        raise
    except OSError as problem:
        _abandon(sys.stdout)
        raise _not_written("-", problem) from problem


def emit_whole(text: str, output: str | None) -> None:
    """A result that is read again as a file, such as a contract or a picture: redirected, it is UTF-8 wherever it goes, for
    what a console cannot show must not be lost from it."""
    if output is None and not _is_utf_8(sys.stdout) and hasattr(sys.stdout, "reconfigure") and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8")
    emit(text, output, machine=True)


def save(name: str, text: str) -> None:
    save_bytes(name, text.encode("utf-8", "backslashreplace"))


def save_bytes(name: str, content: bytes) -> None:
    """Write a file whole or not at all: beside its place first, then moved there. A device is written to."""
    path = os.path.realpath(name)
    beside = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{os.getpid()}.part")
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as device:
                device.write(content)
            return
        try:
            with open(beside, "xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if os.path.exists(path):
                os.chmod(beside, os.stat(path).st_mode & 0o7777)
            os.replace(beside, path)
        except BaseException:
            if os.path.exists(beside):
                os.unlink(beside)
            raise
    except (OSError, ValueError) as problem:
        raise _not_written(name, problem) from problem


def save_folder(name: str, files: Mapping[str, bytes]) -> None:
    """Write the files of a folder all or none: aside first, then moved to their place. The folder and those above it are
    made; what else is in it stays. The keys are paths inside it, with `/`."""
    from shutil import rmtree

    path = os.path.realpath(name)
    missing = [path]
    while not os.path.lexists(os.path.dirname(missing[-1])):
        missing.append(os.path.dirname(missing[-1]))
    missing = [each for each in missing if not os.path.lexists(each)]
    beside = os.path.join(path, f".{os.getpid()}.part")
    moved: list[str] = []
    if not name:
        raise _not_written(name, FileNotFoundError())
    try:
        try:
            for folder in reversed(missing):
                os.mkdir(folder)
            os.mkdir(beside)
            for inside, content in files.items():
                file = os.path.join(beside, *inside.split("/"))
                os.makedirs(os.path.dirname(file), exist_ok=True)
                with open(file, "xb") as aside:
                    aside.write(content)
                    aside.flush()
                    os.fsync(aside.fileno())
            for entry in sorted(os.listdir(beside)):
                place = os.path.join(path, entry)
                new = not os.path.lexists(place)
                os.replace(os.path.join(beside, entry), place)
                if new:
                    moved.append(place)
            os.rmdir(beside)
        except BaseException:
            for place in moved:
                if os.path.isdir(place):
                    rmtree(place, ignore_errors=True)
                else:
                    os.unlink(place)
            rmtree(beside, ignore_errors=True)
            for folder in missing:
                if os.path.isdir(folder) and not os.listdir(folder):
                    os.rmdir(folder)
            raise
    except (OSError, ValueError) as problem:
        raise _not_written(name, problem) from problem


def _not_written(name: str, problem: Exception) -> Exception:
    from errno import EBADF

    from clausal.dsl.diagnostics import Both, Rejected, error
    from clausal.engine.embedding import os_reason

    match problem:
        case FileNotFoundError():
            reason = Both("there is no such folder", "没有这个文件夹")
        case PermissionError():
            reason = Both("writing there is not permitted", "没有写入权限")
        case OSError(errno=number) if number == EBADF:
            reason = Both("standard output is closed", "标准输出已关闭")
        case _:
            reason = os_reason(problem)
    return Rejected((error("R715", file=name, reason=reason),))


def _abandon(stream: Any) -> None:
    """Nobody reads this stream any more: what is still in it must not be written when Python ends."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError, AttributeError):
        pass


def exit_code(found: Iterable[Diagnostic], otherwise: int = COULD_NOT_RUN) -> int:
    """Of findings that stopped a run: a limit, or `otherwise`."""
    return LIMIT if any(one.code in LIMITS and one.severity == "error" for one in found) else otherwise


# ---- the door ------------------------------------------------------------------------------------


class InOrder(click.Group):
    """Lists its commands in the order in which they stand here."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


class Door(InOrder):
    """Commands give their exit code; whatever goes wrong on the way is said in one message."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> NoReturn:
        gc.set_threshold(200_000, 20, 100)  # a run allocates much and keeps most of it; one process, one run
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")  # help has Chinese examples, which not every console shows
        try:
            code = super().main(args, prog_name or "contract", complete_var, standalone_mode=False, **extra)
            if sys.stdout is not None:
                sys.stdout.flush()
            sys.exit(code if isinstance(code, int) else FINE)
        except click.ClickException as problem:
            problem.show()
            sys.exit(problem.exit_code)
        except (click.Abort, KeyboardInterrupt):
            sys.exit(INTERRUPTED)
        except BrokenPipeError:
            _abandon(sys.stdout)
            _abandon(sys.stderr)
            sys.exit(CLOSED)
        except OSError as problem:  # of what click itself writes: help, the version
            _abandon(sys.stdout)
            _tell_plainly(problem)
            sys.exit(COULD_NOT_RUN)


def _tell_plainly(problem: OSError) -> None:
    """That standard output takes nothing, in one line, where no command has begun to speak."""
    from clausal.dsl.diagnostics import Rejected, draw

    rejected = _not_written("-", problem)
    lang: Lang = "zh" if _zh_environment() else "en"
    if isinstance(rejected, Rejected) and sys.stderr is not None:
        try:
            write(sys.stderr, "".join(draw(one, lang) + "\n" for one in rejected.diagnostics))
        except OSError:
            _abandon(sys.stderr)


def guarded(voice: Voice, run: Callable[[], int]) -> int:
    """What `run` gives; findings that stopped it, and mistakes of our own, told in the reader's language."""
    from clausal.dsl.diagnostics import Rejected

    try:
        return run()
    except Rejected as rejected:
        voice.tell(rejected.diagnostics)
        return exit_code(rejected.diagnostics)
    except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
        raise
    except Exception as problem:
        return _our_bug(voice, problem)


def _our_bug(voice: Voice, problem: Exception) -> int:
    import platform

    from clausal.dsl.diagnostics import draw, error

    if os.environ.get("CLAUSAL_TRACEBACK") == "1":
        import traceback

        write(sys.stderr, traceback.format_exc())
    reason = f"{type(problem).__name__}: {problem}" if str(problem) else type(problem).__name__
    text = draw(error("X901", reason=reason), voice.lang, voice.coloured(sys.stderr), voice.width)
    about = voice.say("about", version=__version__, python=platform.python_version(), platform=platform.system())
    write(sys.stderr, f"{text}\n  = {about}\n")
    return OUR_BUG


# ---- what a shell completes ----------------------------------------------------------------------


def completing(
    words: Callable[[click.Context, str], Iterable[str]],
) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """The answer to TAB: words that go on from what is typed; where there is none, files as the shell completes them.

    Whatever goes wrong is not told: nobody has asked for anything yet.
    """

    def complete(ctx: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        try:
            found = sorted({word for word in words(ctx, typed) if word.startswith(typed) and word.isprintable()})
        except Exception:
            found = []
        bash = os.environ.get("_CONTRACT_COMPLETE", "").startswith("bash")
        items = [CompletionItem(_for_bash(word) if bash else word) for word in found]
        return items or [CompletionItem(typed, type="file")]

    return complete


def _for_bash(word: str) -> str:
    """Bash puts a word on the line as it is, after click's script has read it and with that every other backslash."""
    return "".join("\\\\" + char if char in " \t\"'()&;|<>$`\\*?[]#~!{}" else char for char in word)


def _contracts_here(_ctx: click.Context, typed: str) -> Iterator[str]:
    """Contracts of the folder that is typed, unless a folder may be meant."""
    above = os.path.dirname(typed)
    with os.scandir(above or ".") as entries:
        here = [entry for entry in entries if entry.name.startswith(os.path.basename(typed))]
    if not any(entry.is_dir() for entry in here):
        yield from (os.path.join(above, entry.name) for entry in here if entry.name.endswith(".contract"))


def _named_contract(ctx: click.Context) -> Contract:
    """The contract that stands on the line already; behind an option that lacks its value, click leaves it in `args`."""
    known = (ctx.params.get("contract"), *(ctx.params.get("asked") or ()), *(ctx.params.get("paths") or ()), *ctx.args)
    given = next(word for word in known if word)
    return load_contract(Voice("en", "never", True), given, ctx.params.get("encoding"))[0]


def _party_names(ctx: click.Context, _typed: str) -> Iterator[str]:
    yield from (party.name for party in _named_contract(ctx).model.parties)


def _months_of_the_term(ctx: click.Context, _typed: str) -> Iterator[str]:
    header = _named_contract(ctx).model.header
    first = header.term_start.year * 12 + header.term_start.month - 1
    last = first + 11 if header.term_end is None else header.term_end.year * 12 + header.term_end.month - 1
    for number in range(first, last + 1):
        yield f"{number // 12:04d}-{number % 12 + 1:02d}"


def _what_to_explain(ctx: click.Context, typed: str) -> Iterator[str]:
    """First a contract or the code of a diagnostic, then facts or the name of a thing and behind `@` a month."""
    if not ctx.params.get("asked"):
        from clausal.dsl.diagnostics import codes

        yield from codes() if typed[:1].isupper() else _contracts_here(ctx, typed)
        return
    model = _named_contract(ctx).model
    things = (*model.obligations, *model.prohibitions, *model.rights, *model.values, *model.escalations)
    for name in {thing.name for thing in things}:
        if typed.startswith(f"{name}@"):
            yield from (f"{name}@{month}" for month in _months_of_the_term(ctx, typed))
        yield name


def _scenario_titles(ctx: click.Context, _typed: str) -> Iterator[str]:
    yield from (scenario.title for scenario in _named_contract(ctx).model.scenarios)


def _template_names(_ctx: click.Context, _typed: str) -> Iterator[str]:
    from clausal.engine.templates import names

    yield from names()


contracts_here, party_names, months_of_the_term = map(completing, (_contracts_here, _party_names, _months_of_the_term))
what_to_explain, scenario_titles = map(completing, (_what_to_explain, _scenario_titles))
template_names = completing(_template_names)


# ---- options -------------------------------------------------------------------------------------

_F = TypeVar("_F", bound=Callable[..., Any])
_T = TypeVar("_T")
_V = TypeVar("_V")


def options(*each: Callable[[Any], Any]) -> Callable[[_F], _F]:
    def add(command: _F) -> _F:
        for option in reversed(each):
            command = option(command)
        return command

    return add


spoken = options(
    click.option("--lang", type=click.Choice(["en", "zh", "auto"]), default="auto", show_default=True,
                 help="Language of what is said; auto: that of the contract's keywords."),
    click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True,
                 help="Colours; NO_COLOR is heeded."),
    click.option("--quiet", "-q", is_flag=True, help="No warnings and no summary."),
)  # fmt: skip


def _or_standard_output(_ctx: click.Context, _option: click.Parameter, name: str | None) -> str | None:
    return None if name == "-" else name


written = click.option(
    "-o", "--output", metavar="FILE", callback=_or_standard_output,
    help="Write the result to FILE, whole or not at all.",
)  # fmt: skip
encoded = click.option(
    "--encoding", metavar="NAME", help="Encoding of text that is not UTF-8, such as gb18030; never guessed."
)
running = options(
    click.option("--as-of", metavar="DATE",
                 help="The day of the statement [default: the end of the last month given]."),
    click.option("--complete-through", "complete", metavar="[FACT=]DATE", multiple=True,
                 help="The day to which the facts, or one of them, are complete. May be repeated."),
    click.option("--set", "settings", metavar="NAME=VALUE", multiple=True,
                 help="Give a parameter a value. May be repeated."),
    encoded,
)  # fmt: skip
selecting = options(
    running, click.option("--state", metavar="FILE", help="Go on from the state that an earlier run saved.")
)


@click.group(
    cls=Door,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine, 1 findings, 2 could not run, 3 undetermined for want of facts, "
    "5 a limit was hit, 70 a mistake of this program.",
)
@click.version_option(__version__, prog_name="contract", message="%(prog)s %(version)s")
def main() -> None:
    """Contract terms as executable policy: what is due, by whom, by when, and why.

    \b
    Example:
      contract check terms.contract
      contract eval terms.contract facts/ --as-of 2026-03-31
      contract explain terms.contract facts/ pay_fee@2026-03
    """


# ---- check ---------------------------------------------------------------------------------------


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE_OR_FOLDER...", shell_complete=contracts_here)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
)
@click.option("--strict", is_flag=True, help="Warnings count as findings too (exit code 1).")
@written
@encoded
@spoken
def check(
    paths: tuple[str, ...],
    form: str,
    strict: bool,
    output: str | None,
    encoding: str | None,
    lang: str,
    color: str,
    quiet: bool,
) -> int:
    """Say what is wrong with contracts before anyone signs them.

    A folder stands for every `.contract` file below it, `-` for standard input. Drawings go to standard error
    and one line that sums up to standard output; json, github and sarif go to standard output.

    \b
    Example:
      contract check contracts/ --lang en
      contract check terms.contract --format sarif -o findings.sarif
    """
    voice = Voice(lang, color, quiet)
    return guarded(voice, lambda: _check(voice, paths, form, strict, output, encoding))


def _check(
    voice: Voice, paths: Sequence[str], form: str, strict: bool, output: str | None, encoding: str | None
) -> int:
    from pathlib import Path

    from clausal.dsl.compile import compile_text
    from clausal.dsl.diagnostics import (
        Rejected,
        draw,
        has_errors,
        tally,
        to_github,
        to_json,
        to_sarif,
    )
    from clausal.engine.embedding import reader

    told: list[tuple[Diagnostic, Lang]] = []
    number = 0
    for name in contract_files(paths):
        found: Iterable[Diagnostic]
        try:
            text = read_contract(name, encoding)
            number += 1
            voice.hear(text)
            if name == "-":
                _, found = compile_text(text, "<stdin>")
            else:
                _, found = compile_text(text, name, reader(Path(name), encoding))
        except Rejected as rejected:
            found = rejected.diagnostics
        told += [(one, voice.lang) for one in found]
    every = [one for one, _ in told]
    if form == "text":
        color = output is None and voice.coloured(sys.stderr)
        spoken = [(one, lang) for one, lang in told if one.severity == "error" or not voice.quiet or strict]
        if output is None:
            spoken = [(fitting_finding(one, sys.stderr), lang) for one, lang in spoken]
        drawn = "".join(draw(one, lang, color, voice.width) + "\n\n" for one, lang in spoken)
        said = tally(every, voice.lang) or voice.say("no findings")
        key = "no file" if not number else "one file" if number == 1 else "files"
        summary = "" if voice.quiet else voice.say(key, number=number, tally=said) + "\n"
        if output is not None:
            save(output, drawn + summary)
        else:
            write(sys.stderr, fitting_drawing(drawn, sys.stderr))
            emit(summary, None)
    else:
        match form:
            case "json":
                text = to_json(every, voice.lang)
            case "github":
                text = to_github(every, voice.lang)
            case _:
                text = to_sarif(every, __version__, voice.lang)
        emit(text, output, machine=True)
    if exit_code(every, FINE) == LIMIT:
        return LIMIT
    if any(one.code in UNREADABLE for one in every):
        return COULD_NOT_RUN
    wrong = has_errors(every) or (strict and any(one.severity == "warning" for one in every))
    return FINDINGS if wrong else FINE


def contract_files(paths: Iterable[str], parts: bool = False) -> Iterator[str]:
    """Files as they are named; of folders every `.contract` file below. A folder without one is a finding.

    Files of declarations that another one uses are among those of a folder only with `parts`.
    """
    from clausal.dsl.diagnostics import Rejected, error

    for path in paths:
        if path == "-" or not os.path.isdir(path):
            yield path
            continue
        inside: list[str] = []
        for folder, folders, files in os.walk(path, onerror=_unreadable_folder):
            folders[:] = sorted(f for f in folders if not f.startswith("."))
            inside += [os.path.join(folder, f) for f in sorted(files) if f.endswith(".contract")]
        if not inside:
            raise Rejected((error("R719", folder=path),))
        yield from inside if parts else _whole_contracts(inside)


def _whole_contracts(names: Sequence[str]) -> Iterator[str]:
    """Without the files that hold declarations only and are used by another one: they are looked at with that one."""
    from pathlib import Path

    from clausal.dsl.diagnostics import Rejected, Source
    from clausal.dsl.files import used_in
    from clausal.engine.embedding import read_text

    parts: set[str] = set()
    used: set[str] = set()
    for name in names:
        try:
            whole, paths = used_in(Source(name, read_text(Path(name))))
        except Rejected:
            continue  # told when it is looked at
        if not whole:
            parts.add(os.path.realpath(name))
        used.update(os.path.realpath(os.path.join(os.path.dirname(name), path)) for path in paths)
    yield from (name for name in names if os.path.realpath(name) not in parts & used)


def _unreadable_folder(problem: OSError) -> NoReturn:
    from clausal.dsl.diagnostics import Rejected, error
    from clausal.engine.embedding import os_reason

    raise Rejected((error("E010", file=str(problem.filename), reason=os_reason(problem)),)) from problem


def read_contract(name: str, encoding: str | None) -> str:
    """A contract's text: UTF-8, or what `encoding` says where it is not. `-` is standard input."""
    from pathlib import Path

    from clausal.dsl.diagnostics import Rejected, error, unreadable
    from clausal.engine.embedding import MAX_BYTES, read_content, read_text

    if name == "-":
        content = sys.stdin.buffer.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise Rejected((error("E005", size=len(content), limit=MAX_BYTES),))
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            if encoding is not None:
                return _decoded(content, encoding, "<stdin>")
            raise Rejected((unreadable(content, "<stdin>"),)) from problem
    try:
        return read_text(Path(name))
    except Rejected as rejected:
        if encoding is None or rejected.diagnostics[0].code != "E001":
            raise
        return _decoded(read_content(Path(name)), encoding, name)


def _decoded(content: bytes, encoding: str, name: str) -> str:
    from clausal.dsl.diagnostics import Rejected, any_of, error

    try:
        return content.decode(encoding)
    except UnicodeDecodeError as problem:
        byte = problem.start + 1
        raise Rejected((error("F609", encoding=encoding.upper(), byte=byte, place=name),)) from problem
    except LookupError as problem:
        expected = any_of(("utf-8", "gb18030"))
        raise Rejected((error("F603", value=encoding, expected=expected, place="--encoding"),)) from problem


# ---- fmt, translate ------------------------------------------------------------------------------


@main.command(short_help="Lay contracts out in the one canonical way.")
@click.argument("paths", nargs=-1, required=True, metavar="FILE_OR_FOLDER...", shell_complete=contracts_here)
@click.option("--write", "-w", "mode", flag_value="write", help="Put the result in the place of each file.")
@click.option("--check", "mode", flag_value="check", help="List the files that would change (exit code 1 if any).")
@click.option("--diff", "mode", flag_value="diff", help="Show what would change (exit code 1 if anything).")
@encoded
@spoken
def fmt(paths: tuple[str, ...], mode: str | None, encoding: str | None, lang: str, color: str, quiet: bool) -> int:
    """Lay contracts out in the one canonical way; what they say stays the same.

    One file, or `-` for standard input, is printed to standard output. For several files, or a folder (every
    `.contract` file below it), say --write, --check or --diff. A file with errors of syntax is told and left
    as it is (exit code 1). Files are written as UTF-8.

    \b
    Example:
      contract fmt terms.contract
      contract fmt contracts/ --write
      contract fmt contracts/ --check
    """
    voice = Voice(lang, color, quiet)
    if mode is None and (len(paths) > 1 or os.path.isdir(paths[0])):
        raise click.UsageError("several files: say --write, --check or --diff")
    return guarded(voice, lambda: _fmt(voice, paths, mode, encoding))


def _fmt(voice: Voice, paths: Sequence[str], mode: str | None, encoding: str | None) -> int:
    from clausal.dsl.diagnostics import Rejected, Source
    from clausal.dsl.format import formatted

    told: list[Diagnostic] = []
    changed = 0
    files = list(dict.fromkeys(contract_files(paths, parts=True)))
    for name in _progress(voice, files, "formatting"):
        shown = "<stdin>" if name == "-" else name
        try:
            text = read_contract(name, encoding)
        except Rejected as rejected:
            voice.tell(rejected.diagnostics)
            told += rejected.diagnostics
            continue
        voice.hear(text)
        made, found = formatted(Source(shown, text))
        voice.tell(found)
        told += found
        if made is None:
            continue
        if mode is None or (mode == "write" and name == "-"):
            emit_whole(made, None)
            continue
        if name != "-":
            with open(name, "rb") as file:
                if file.read() == made.encode():
                    continue
        elif made == text:
            continue
        if mode == "write":
            try:
                save(name, made)
            except Rejected as rejected:
                voice.tell(rejected.diagnostics)
                told += rejected.diagnostics
                continue
        changed += 1
        if mode == "check":
            emit(shown + "\n", None)
        elif mode == "diff":
            emit(difference(shown, text, made, voice.coloured(sys.stdout)), None)
    if mode is not None and not voice.quiet:
        key = "formatted" if mode == "write" else "would change"
        write(sys.stderr, voice.say(key, number=changed, all=len(files)) + "\n")
    if any(one.code in UNREADABLE or one.code == "R715" for one in told):
        return COULD_NOT_RUN
    if any(one.code == "X904" for one in told):
        return OUR_BUG
    wrong = any(one.severity == "error" for one in told) or (changed and mode != "write")
    return exit_code(told, FINDINGS if wrong else FINE)


def difference(name: str, before: str, after: str, color: bool) -> str:
    """A unified diff of two texts."""
    from difflib import unified_diff

    inks = {"+": "32", "-": "31", "@": "36"}
    out: list[str] = []
    for line in unified_diff(before.split("\n"), after.split("\n"), name, name, lineterm=""):
        ink = inks.get(line[0]) if color else None
        out.append(f"\x1b[{ink}m{line}\x1b[0m" if ink else line)
    return "".join(line + "\n" for line in out)


@main.command(short_help="Say a contract in the other language's keywords.")
@click.argument("paths", nargs=-1, required=True, metavar="FILE_OR_FOLDER...", shell_complete=contracts_here)
@click.option("--to", required=True, type=click.Choice(["zh", "en"]), help="The language of the keywords.")
@click.option("--write", "-w", "in_place", is_flag=True, help="Put the result in the place of each file.")
@written
@encoded
@spoken
def translate(
    paths: tuple[str, ...],
    to: Lang,
    in_place: bool,
    output: str | None,
    encoding: str | None,
    lang: str,
    color: str,
    quiet: bool,
) -> int:
    """Say a contract in the keywords of the other language.

    Names, numbers, texts and comments stay; it means the same, and translated back it is the same file. `-` is
    standard input. A contract and the files that it uses are translated together, with --write. A file with
    errors is told and left as it is (exit code 1). Files are written as UTF-8.

    \b
    Example:
      contract translate terms.contract --to zh -o terms.zh.contract
      contract translate terms.contract annex.contract --to en --write
    """
    if in_place and (output is not None or "-" in paths):
        raise click.UsageError("--write puts the result in the place of each file: it goes with neither -o nor -")
    if not in_place and (len(paths) > 1 or os.path.isdir(paths[0])):
        raise click.UsageError("several files: say --write")
    voice = Voice(lang, color, quiet)
    return guarded(voice, lambda: _translate(voice, paths, to, in_place, output, encoding))


def _translate(
    voice: Voice, paths: Sequence[str], to: Lang, in_place: bool, output: str | None, encoding: str | None
) -> int:
    from clausal.dsl.diagnostics import Source
    from clausal.dsl.files import used_in
    from clausal.dsl.format import language, translated

    files = list(dict.fromkeys(contract_files(paths, parts=True)))
    sources = [Source("<stdin>" if name == "-" else name, read_contract(name, encoding)) for name in files]
    told: list[Diagnostic] = []
    for name, source in zip(files, sources, strict=True):
        voice.hear(source.text)
        called = voice.say(to)
        made, found = translated(source, to, [other for other in sources if other is not source])
        if made is None:
            voice.tell(found)
            told += found
            continue
        voice.warn(found)
        said: list[str] = []
        if language(source) == to:
            said.append(voice.say("in that language", file=source.name, language=called))
        elif in_place:
            save(name, made)
            said.append(voice.say("translated", file=source.name, language=called))
        _, used = used_in(source)
        if used and len(files) == 1 and language(source) != to:
            said.append(voice.say("parts", files=", ".join(used)))
        if not in_place:
            emit_whole(made, output)
        if not voice.quiet:
            write(sys.stderr, "".join(line + "\n" for line in said))
    return exit_code(told, FINDINGS) if told else FINE


# ---- eval ----------------------------------------------------------------------------------------


@main.command("eval", short_help="Say month by month what is due, paid, late and in breach.")
@click.argument("contract", shell_complete=contracts_here)
@click.argument("facts", required=False)
@click.option(
    "--month",
    "months",
    metavar="YYYY-MM",
    multiple=True,
    help="Show only this month. May be repeated.",
    shell_complete=months_of_the_term,
)
@click.option("--party", metavar="NAME", help="Show only what concerns this party.", shell_complete=party_names)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "plain", "json", "jsonl", "csv", "md", "html"]),
    default="table",
    show_default=True,
    help="plain is for screen readers, html a page that needs nothing beside it.",
)
@click.option(
    "--explain",
    "explaining",
    is_flag=True,
    help="Say why of every line that is open, in breach or undetermined.",
)
@click.option("--strict", is_flag=True, help="A missing fact that was needed is an error (exit code 3).")
@click.option(
    "--fail-on",
    "fail_on",
    type=click.Choice(["breach", "overdue", "undetermined"]),
    multiple=True,
    help="Exit with 1 (undetermined: 3) if the months shown have such a thing. May be repeated.",
)
@click.option("--save-state", metavar="FILE", help="Save the state, for a later run to go on from; `-` with -o.")
@selecting
@written
@spoken
def evaluate(contract: str, facts: str | None, lang: str, color: str, quiet: bool, **given: Any) -> int:
    """Say month by month what is due, paid, late, in breach, open, and not yet known.

    CONTRACT is a file, or a folder that holds one contract and its `facts`. FACTS is a folder of CSV files, a
    workbook, a JSON or a YAML file, or `-` for JSON on standard input.

    \b
    Example:
      contract eval contracts/b2b-outsourcing --month 2026-03
      contract eval terms.contract facts.xlsx --as-of 2026-03-31 --party client --format md
      contract eval terms.contract facts/ --strict --fail-on breach --format json -o march.json
    """  # fmt: skip
    voice = Voice(lang, color, quiet)
    return guarded(voice, lambda: _evaluate(voice, contract, facts, **given))


def _evaluate(
    voice: Voice,
    contract: str,
    facts: str | None,
    months: tuple[str, ...],
    party: str | None,
    form: str,
    explaining: bool,
    strict: bool,
    fail_on: tuple[str, ...],
    save_state: str | None,
    output: str | None,
    **given: Any,
) -> int:
    if explaining and form == "csv":
        raise click.UsageError("--explain does not go with --format csv")
    if save_state == "-" and output is None:
        raise click.UsageError("--save-state - needs -o FILE: standard output cannot hold the statement and the state")
    _months_are_months(months)
    statement = run(voice, contract, facts, **given)
    voice.warn(statement.findings)
    document = statement.to_dict()
    if strict:
        missing = wanted_facts(document)
        if missing:
            from clausal.dsl.diagnostics import all_of, error

            voice.tell([error("R702", names=all_of(missing, limit=40))])
            return UNDETERMINED
    shown = chosen(document, months, _party(statement.contract, party))
    fitted = output is None and form not in MACHINE and form != "html"
    page = fitting_data(shown, sys.stdout) if fitted else shown
    if form == "html":
        text = rendered_page(voice, page, explanations(statement, shown) if explaining else [], output)
    else:
        text = rendered(voice, page, form, color=output is None and voice.coloured(sys.stdout))
    if explaining:
        text += explained(voice, statement, shown, form, color=output is None and voice.coloured(sys.stdout))
        if form == "json":
            text = _as_json({**shown, "explanations": [e.to_dict() for e in explanations(statement, shown)]})
    bom = "\ufeff" if form == "csv" and output is not None else ""  # without it, Excel takes UTF-8 for the local code
    emit(bom + text, output, form in MACHINE)
    if save_state == "-":
        emit(_as_json(statement.state), None, machine=True)
    elif save_state is not None:
        save(save_state, _as_json(statement.state))
    return failing(shown, fail_on)


def run(
    voice: Voice,
    contract: str,
    facts: str | None,
    as_of: str | None,
    complete: tuple[str, ...],
    settings: tuple[str, ...],
    encoding: str | None,
    state: str | None,
) -> Statement:
    """One contract evaluated on its facts as the options say. Raises `Rejected`."""
    _one_from_stdin(contract, facts)
    loaded, beside = load_contract(voice, contract, encoding)
    through, parameters = completeness(complete), given_parameters(settings)
    earlier = None if state is None else read_state(state)
    facts_path = _facts(contract, facts, beside)
    if facts_path == "-":
        return _evaluated_from_stdin(loaded, as_of, through, parameters, earlier)
    return loaded.evaluate(facts_path, as_of, through or None, parameters, earlier, encoding)


def completeness(said: Iterable[str]) -> dict[str | None, str]:
    """The days of `--complete-through`, by fact. Raises `Rejected` where one is said twice."""
    from clausal.dsl.diagnostics import Rejected, error

    through: dict[str | None, str] = {}
    for one in said:
        name, equals, day = one.rpartition("=")
        source = name.strip() if equals else None
        if source in through:
            told = source or "--complete-through"
            raise Rejected(
                (error("R721", name=told, left=through[source], right=day.strip(), place="--complete-through"),)
            )
        through[source] = day.strip()
    return through


def given_parameters(settings: Iterable[str], option: str = "--set") -> dict[str, str]:
    """The values of `--set`, by parameter. Raises `Rejected` where one is said twice."""
    from clausal.dsl.diagnostics import Rejected, error

    parameters: dict[str, str] = {}
    for one in settings:
        name, equals, value = one.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"`{one}` is not NAME=VALUE, as in late_rate=0.05%", param_hint="'--set'")
        name, value = name.strip(), value.strip()
        if name in parameters:
            raise Rejected((error("R721", name=name, left=parameters[name], right=value, place=option),))
        parameters[name] = value
    return parameters


def _one_from_stdin(contract: str, facts: str | None) -> None:
    if contract == "-" and facts == "-":
        raise click.UsageError("only one of CONTRACT and FACTS can come from standard input")


def load_contract(voice: Voice, name: str, encoding: str | None) -> tuple[Contract, Path | None]:
    """The contract, and the folder that was named for it, if one was."""
    from pathlib import Path

    from clausal.engine.embedding import find_contract, from_text, reader

    folder = Path(name) if name != "-" and os.path.isdir(name) else None
    path = name if folder is None else str(find_contract(folder))
    text = read_contract(path, encoding)
    voice.hear(text)
    if name == "-":
        return from_text(text, "<stdin>"), folder
    return from_text(text, path, reader(Path(path), encoding)), folder


def _facts(contract: str, facts: str | None, folder: Path | None) -> str:
    from clausal.dsl.diagnostics import Rejected, error
    from clausal.engine.embedding import facts_beside

    if facts is not None:
        return facts
    if folder is not None:
        path = facts_beside(folder)
        if path is not None:
            return str(path)
    raise Rejected((error("R716", name=contract),))


def _evaluated_from_stdin(
    contract: Contract,
    as_of: str | None,
    through: Mapping[str | None, str],
    parameters: Mapping[str, str],
    state: Mapping[str, Any] | None,
) -> Statement:
    return _from_stdin(lambda path: contract.evaluate(path, as_of, through or None, parameters, state))


def _from_stdin(read: Callable[[Path], _T]) -> _T:
    """JSON on standard input, read by the same rules as a file of facts."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "stdin.json"
        path.write_bytes(sys.stdin.buffer.read())
        return read(path)


def read_state(name: str) -> dict[str, Any]:
    from json import loads
    from pathlib import Path

    from clausal.dsl.diagnostics import Both, Rejected, error
    from clausal.engine.embedding import read_text

    try:
        state = loads(read_text(Path(name)))
    except (ValueError, RecursionError) as problem:
        reason = Both(str(problem), str(problem))
        raise Rejected((error("F631", place=name, format="JSON", reason=reason),)) from problem
    if not isinstance(state, dict):
        raise Rejected((error("R708", found=name),))
    return state


def _months_are_months(months: Iterable[str], option: str = "--month") -> None:
    for month in months:
        year, dash, number = month.partition("-")
        if not (
            dash and len(year) == 4 and len(number) == 2 and (year + number).isdecimal() and (year + number).isascii()
        ):
            raise click.BadParameter(f"`{month}` is not a month such as 2026-03", param_hint=f"'{option}'")


def _party(contract: Contract, name: str | None) -> str | None:
    """A party by its name in the contract or by its title."""
    from clausal.dsl.diagnostics import Rejected, any_of, did_you_mean, error

    if name is None:
        return None
    parties = contract.model.parties
    found = next((p.name for p in parties if name in (p.name, p.title)), None)
    if found is None:
        names = [p.name for p in parties]
        meant = did_you_mean(name, names)
        raise Rejected((error("F610", value=name, expected=any_of(names), suggestion=meant, place="--party"),))
    return found


def chosen(document: dict[str, Any], months: Sequence[str], party: str | None) -> dict[str, Any]:
    """The document with only what concerns `months` (empty: all) and `party`."""
    from clausal.dsl.diagnostics import Rejected, all_of, error
    from clausal.engine.report.statement import select

    given = [part["month"] for part in document["months"]]
    for month in months:
        if month not in given:
            raise Rejected((error("R718", month=month, found=all_of(given, limit=36)),))
    if len(set(months)) < 2:
        return select(document, party, months[0] if months else None)
    parts = [select(document, party, month) for month in given if month in months]
    whole = dict(parts[-1])
    whole["months"] = [month for part in parts for month in part["months"]]
    whole["settlement"] = next((part["settlement"] for part in parts if part["settlement"] is not None), None)
    whole["restatement"] = [row for row in document["restatement"] if any(row in part["restatement"] for part in parts)]
    return whole


def rendered(voice: Voice, document: dict[str, Any], form: str, color: bool) -> str:
    """The (chosen) document in one of its forms."""
    from clausal.engine.report import delimited, markdown, plain, terminal

    match form:
        case "json":
            return _as_json(document)
        case "jsonl":
            return delimited.render_jsonl(document)
        case "csv":
            return delimited.render_csv(document)
        case "md":
            return markdown.render(document, voice.lang)
        case "plain":
            return plain.render(document, voice.lang)
        case _:
            return terminal.render(document, voice.lang, voice.width, color)


def rendered_page(voice: Voice, document: dict[str, Any], made: Sequence[Any], output: str | None) -> str:
    """The document as a page of HTML, which says of itself that it is UTF-8: on another stream all signs are ASCII."""
    from clausal.engine.report import html
    from clausal.engine.report.explanation import render

    text = html.render(document, voice.lang, explanations=[render(each, voice.lang, 110) for each in made])
    if output is None and (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") != "utf8":
        return text.encode("ascii", "xmlcharrefreplace").decode("ascii")
    return text


def _as_json(data: object) -> str:
    from json import dumps

    return dumps(data, ensure_ascii=False, indent=2) + "\n"


def explanations(statement: Statement, document: dict[str, Any]) -> list[Any]:
    """Of every line that is not settled, every breach and every right of the months shown, each once."""
    last: dict[str, bool] = {}
    for part in document["months"]:
        for line in part["obligations"]:
            last[line["id"]] = line["status"] not in FINAL_STATUSES
        last.update((row["of"], True) for row in part["breaches"])
        last.update((row["id"], True) for row in part["rights"])
    made = []
    for name, wanted in last.items():
        if wanted:
            try:
                made.append(statement.explain(name))
            except KeyError:
                continue
    return made


def explained(voice: Voice, statement: Statement, document: dict[str, Any], form: str, color: bool) -> str:
    from json import dumps

    from clausal.engine.report.explanation import render

    if form in ("json", "html"):
        return ""
    made = explanations(statement, document)
    if form == "jsonl":
        return "".join(dumps({"record": "explanation", **e.to_dict()}, ensure_ascii=False) + "\n" for e in made)
    texts = [render(e, voice.lang, voice.width, color) for e in made]
    if form == "md":
        return "".join(f"\n```text\n{text}```\n" for text in texts)
    return "".join("\n" + text for text in texts)


def wanted_facts(document: Mapping[str, Any]) -> list[str]:
    """Every fact that the run needed and did not have, once."""
    rows = (row for part in document["months"] for row in part["undetermined"])
    return sorted({need for row in rows for need in row["needs"]})


def failing(document: Mapping[str, Any], on: Iterable[str]) -> int:
    """The exit code that the months shown deserve."""
    months = document["months"]
    lines = [line for part in months[-1:] for line in part["obligations"]]
    happened = {
        "breach": any(part["breaches"] for part in months),
        "overdue": any(line["overdue_since"] is not None and _is_open(line) for line in lines),
        "undetermined": any(part["undetermined"] for part in months),
    }
    found = {name for name in on if happened[name]}
    if found & {"breach", "overdue"}:
        return FINDINGS
    return UNDETERMINED if found else FINE


def _is_open(line: Mapping[str, Any]) -> bool:
    return line["status"] not in FINAL_STATUSES


# ---- facts ---------------------------------------------------------------------------------------


@main.group("facts", cls=InOrder, short_help="Make, check and describe the facts of a contract.")
def about_facts() -> None:
    """Make the empty form of a contract's facts, check those that are filled in, describe them to programs.

    \b
    Example:
      contract facts template terms.contract -o facts.xlsx
      contract facts validate terms.contract facts.xlsx
    """


@about_facts.command()
@click.argument("contract", shell_complete=contracts_here)
@click.option(
    "-o", "--output", metavar="PATH", callback=_or_standard_output,
    help="A workbook, a folder for CSV files, or a JSON file.",
)  # fmt: skip
@click.option(
    "--format",
    "form",
    type=click.Choice(["xlsx", "csv", "json"]),
    help="[default: by the ending of PATH; a PATH without one is a folder of CSV files]",
)
@click.option(
    "--from",
    "first",
    metavar="YYYY-MM",
    shell_complete=months_of_the_term,
    help="The first month with a row [default: the first of the term].",
)
@click.option(
    "--to",
    "last",
    metavar="YYYY-MM",
    shell_complete=months_of_the_term,
    help="The last month with a row [default: the last of the term].",
)
@click.option("--force", is_flag=True, help="Write over what is there already.")
@encoded
@spoken
def template(contract: str, lang: str, color: str, quiet: bool, **given: Any) -> int:
    """Make the empty form of the facts that a contract asks for.

    A workbook has a sheet for each table, and a note to each heading on what belongs below it. Filled in, a form is read
    as it is: by `contract facts validate`, and by `contract eval`. The form is in the language of --lang, by default that
    of the contract's keywords.

    \b
    Example:
      contract facts template terms.contract -o facts.xlsx
      contract facts template terms.contract -o facts/ --from 2026-01 --to 2026-06
      contract facts template terms.contract --format json
    """  # fmt: skip
    voice = Voice(lang, color, quiet)
    return guarded(voice, lambda: _template(voice, contract, **given))


def _template(
    voice: Voice,
    contract: str,
    output: str | None,
    form: str | None,
    first: str | None,
    last: str | None,
    force: bool,
    encoding: str | None,
) -> int:
    from clausal.dsl.diagnostics import Rejected, error
    from clausal.engine import forms

    form = form or _form_of(output)
    if output is None and form != "json":
        raise click.UsageError("say where the form goes: -o facts.xlsx, or -o facts/ for CSV files")
    start, end = _month(first, "--from"), _month(last, "--to")
    loaded, _ = load_contract(voice, contract, encoding)
    if end is not None and end < (start or loaded.model.header.term_start).replace(day=1):
        raise click.BadParameter(f"{last} is before the first month", param_hint="'--to'")
    if output is not None and not force and _holds_something(output):
        raise Rejected((error("R741", file=output),))
    made = forms.form(loaded.model, _language_of_files(voice, loaded), start, end)
    if output is None:
        emit(forms.as_json(made), None, machine=True)
        return FINE
    match form:
        case "json":
            save(output, forms.as_json(made))
        case "csv":
            save_folder(output, {name: text.encode("utf-8-sig") for name, text in forms.as_csv(made).items()})
        case _:
            from clausal.engine.report import xlsx

            save_bytes(output, xlsx.form(made))
    if not voice.quiet:
        command = f"  contract facts validate {_quoted(contract)} {_quoted(output)}\n"
        emit(voice.say("form made", file=output) + "\n" + command, None)
    return FINE


def _form_of(output: str | None) -> str | None:
    """The form that a path asks for by its ending; one without an ending is a folder's."""
    if output is None:
        return None
    ending = os.path.splitext(output)[1].lower()
    if os.path.isdir(output) or not ending or output.endswith(("/", os.sep)):
        return "csv"
    if ending not in (".xlsx", ".json"):
        told = f"a form cannot be written as `{ending}`: name it .xlsx or .json, or name a folder"
        raise click.BadParameter(told, param_hint="'-o'")
    return ending.removeprefix(".")


def _month(text: str | None, option: str) -> date | None:
    """The first day of a month given to an option."""
    from clausal.dsl.periods import parse_period

    if text is None:
        return None
    _months_are_months([text], option)
    try:
        return parse_period(text).start
    except ValueError as problem:
        raise click.BadParameter(f"there is no month {text}", param_hint=f"'{option}'") from problem


def _holds_something(path: str) -> bool:
    """Whether there is a file, or a folder that is not empty."""
    return os.path.lexists(path) and not (os.path.isdir(path) and not os.listdir(path))


def _language_of_files(voice: Voice, contract: Contract) -> Lang:
    """The language of what is written for others to read: no console has to show it."""
    return voice.lang if voice.chosen != "auto" else contract.model.keywords


def _quoted(word: str) -> str:
    """A word as a shell takes it: in marks, unless every sign of it is harmless."""
    from shlex import quote

    if word and all(sign.isalnum() or sign in "_@%+=:,./-" or sign == os.sep for sign in word):
        return word
    return f'"{word}"' if os.name == "nt" or not any(sign in '"$`\\!' for sign in word) else quote(word)


@about_facts.command()
@click.argument("contract", shell_complete=contracts_here)
@click.argument("facts", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="A value that is missing is an error too (exit code 1).")
@encoded
@written
@spoken
def validate(contract: str, facts: str | None, lang: str, color: str, quiet: bool, **given: Any) -> int:
    """Read facts without a run: say what is wrong with them, cell by cell, and what is missing.

    FACTS is a folder of CSV files, a workbook, a JSON or a YAML file, or `-` for JSON on standard input; without it, the
    `facts` beside the contract of a folder. Exit code 1 if the facts would be refused. What is missing is a note: it is
    unknown, and the statement names what waits for it.

    \b
    Example:
      contract facts validate terms.contract facts.xlsx
      contract facts validate contracts/b2b-outsourcing --strict --format json
    """  # fmt: skip
    voice = Voice(lang, color, quiet)
    return guarded(voice, lambda: _validate(voice, contract, facts, **given))


def _validate(
    voice: Voice,
    contract: str,
    facts: str | None,
    form: str,
    strict: bool,
    encoding: str | None,
    output: str | None,
) -> int:
    from pathlib import Path

    from clausal.dsl.diagnostics import draw, has_errors, tally, to_github, to_json
    from clausal.engine.gaps import gaps
    from clausal.engine.intake import MOST_FINDINGS, read_path

    _one_from_stdin(contract, facts)
    loaded, beside = load_contract(voice, contract, encoding)
    path = _facts(contract, facts, beside)
    most = MOST_FINDINGS if form == "text" else None  # a program can take them all in

    def taken(place: Path) -> tuple[Facts | None, tuple[Diagnostic, ...]]:
        return read_path(loaded.model, place, encoding, most)

    read, found = _from_stdin(taken) if path == "-" else taken(Path(path))
    if read is not None:
        found = (*found, *gaps(loaded.model, read, "error" if strict else "note"))
    if form == "text":
        shown = [one for one in found if one.severity == "error" or not voice.quiet]
        if output is None:
            shown = [fitting_finding(one, sys.stderr) for one in shown]
        color = output is None and voice.coloured(sys.stderr)
        drawn = "".join(draw(one, voice.lang, color, voice.width) + "\n\n" for one in shown)
        summary = "" if voice.quiet else _told_of_facts(voice, read, tally(found, voice.lang), has_errors(found)) + "\n"
        if output is None:
            write(sys.stderr, fitting_drawing(drawn, sys.stderr))
        emit(summary if output is None else drawn + summary, output)
    else:
        emit((to_json if form == "json" else to_github)(found, voice.lang), output, machine=True)
    if any(one.code in UNREADABLE for one in found):
        return COULD_NOT_RUN
    return exit_code(found, FINDINGS) if has_errors(found) else FINE


def _told_of_facts(voice: Voice, facts: Facts | None, counted: str, wrong: bool) -> str:
    """One line that sums up."""
    if facts is None or wrong:
        return voice.say("facts wrong", tally=counted)
    values = sum(cell.value is not None for given in facts.scalars.values() for cell in given.values())
    records = sum(map(len, facts.records.values())) + sum(map(len, facts.payments.values()))
    first, last = (facts.months[0], facts.months[-1]) if facts.months else ("", "")
    key = "facts fine" if facts.months else "facts fine, no month"
    said = voice.say(key, values=values, records=records, first=first, last=last)
    return said + (f"；{counted}" if voice.lang == "zh" else f"; {counted}") if counted else said


@about_facts.command("schema")
@click.argument("contract", shell_complete=contracts_here)
@encoded
@written
@spoken
def schema_of_facts(contract: str, lang: str, color: str, quiet: bool, **given: Any) -> int:
    """Print the JSON Schema of the facts that a contract asks for, as a JSON file holds them.

    \b
    Example:
      contract facts schema terms.contract -o facts.schema.json
    """
    voice = Voice(lang, color, quiet)
    return guarded(voice, lambda: _schema_of_facts(voice, contract, **given))


def _schema_of_facts(voice: Voice, contract: str, encoding: str | None, output: str | None) -> int:
    from clausal.engine.schema import facts_schema

    loaded, _ = load_contract(voice, contract, encoding)
    emit(_as_json(facts_schema(loaded.model, _language_of_files(voice, loaded))), output, machine=True)
    return FINE


# ---- new -----------------------------------------------------------------------------------------


@main.command(short_help="Begin a contract from a template.")
@click.argument("folder", required=False, metavar="FOLDER")
@click.option(
    "--template",
    "name",
    metavar="NAME",
    help="What to begin with, such as minimal; without it, a person is asked.",
    shell_complete=template_names,
)
@click.option("--list", "listing", is_flag=True, help="Show the templates and write nothing.")
@spoken
def new(folder: str | None, name: str | None, listing: bool, lang: str, color: str, quiet: bool) -> int:
    """Begin a contract: a new FOLDER with a contract, invented facts, examples, and a README that says what to run.

    --lang says in which language the contract is to be, where a template has two. The folder must not be there, or be
    empty; all of it is written, or nothing.

    \b
    Example:
      contract new --list
      contract new our-services --template minimal --lang en
      contract new 我们的合同 --template b2b-outsourcing
    """
    if folder is None and not listing:
        raise click.UsageError("say which FOLDER is to be made, or --list")
    voice = Voice(lang, color, quiet)
    return guarded(voice, lambda: _list_templates(voice) if listing or folder is None else _new(voice, folder, name))


def _list_templates(voice: Voice) -> int:
    emit("\n".join(_lines_of_templates(voice)) + "\n", None)
    return FINE


def _lines_of_templates(voice: Voice) -> list[str]:
    from clausal.dsl.diagnostics import pad
    from clausal.engine.templates import names, offered

    wide = max(map(len, names()))
    return [
        f"{pad(name, wide)}  {pad(', '.join(one.lang for one in offered(name)), 6)}  "
        f"{fitting_data(offered(name)[0].about.text(voice.lang), sys.stdout)}"
        for name in names()
    ]


def _new(voice: Voice, folder: str, name: str | None) -> int:
    from clausal.dsl.diagnostics import Both, Rejected, any_of, did_you_mean, error
    from clausal.engine.embedding import os_reason
    from clausal.engine.templates import files, in_language, names, offered

    if _holds_something(folder):
        raise Rejected((error("R742", folder=folder),))
    if name is None:
        if not (sys.stdin is not None and sys.stdin.isatty() and sys.stdout is not None and sys.stdout.isatty()):
            raise Rejected((error("R745", expected=any_of(names())),))
        emit("\n".join(_lines_of_templates(voice)) + "\n", None)
        name = str(click.prompt(voice.say("choose"), type=click.Choice(names()), default=names()[0]))
    some = offered(name)
    if not some:
        suggestion = did_you_mean(name, names())
        raise Rejected((error("R743", name=name, expected=any_of(names()), suggestion=suggestion),))
    template = in_language(some, voice.lang)
    if template is None and voice.chosen != "auto":
        language = Both("Chinese", "中文") if voice.lang == "zh" else Both("English", "英文")
        raise Rejected((error("R744", name=name, language=language),))
    template = template or some[0]
    try:
        made = files(template)
    except OSError as problem:
        raise Rejected((error("E010", file=str(problem.filename), reason=os_reason(problem)),)) from problem
    save_folder(folder, made)
    if not voice.quiet:
        commands = [f"  contract {command} {_quoted(folder)}" for command in ("check", "test", "eval")]
        emit("\n".join([voice.say("contract made", folder=folder), *commands]) + "\n", None)
    return FINE


# ---- explain -------------------------------------------------------------------------------------


@main.command(short_help="Say why a figure, a status or a right is what it is.")
@click.argument(
    "asked", nargs=-1, required=True, metavar="CODE | CONTRACT [FACTS] WHAT", shell_complete=what_to_explain
)
@click.option("--why-not", is_flag=True, help="Of a thing that did not happen: which part of its condition failed.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@selecting
@written
@spoken
def explain(
    asked: tuple[str, ...],
    why_not: bool,
    form: str,
    output: str | None,
    lang: str,
    color: str,
    quiet: bool,
    **given: Any,
) -> int:
    """Say why a figure, a status, a right or a breach is what it is, down to the cell and the clause's words.

    WHAT is named as in the statement: `pay_fee@2026-03`, `commission of 2026-03`, `2026-03 的 支付服务费`,
    `pay_fee.interest@2026-03`. With a CODE such as E301, explain a diagnostic.

    \b
    Example:
      contract explain terms.contract facts/ pay_fee@2026-03
      contract explain contracts/b2b-outsourcing withhold_fee@2026-01 --why-not
      contract explain E301
    """
    voice = Voice(lang, color, quiet)
    return guarded(voice, lambda: _explain(voice, asked, why_not, form, output, **given))


def _explain(voice: Voice, asked: tuple[str, ...], why_not: bool, form: str, output: str | None, **given: Any) -> int:
    from clausal.engine.report.explanation import render

    if len(asked) == 1:
        return _explain_code(voice, asked[0], form, output)
    if len(asked) > 3 and asked[-2] in ("of", "的"):
        asked = (*asked[:-3], " ".join(asked[-3:]))
    if len(asked) > 3:
        raise click.UsageError("say CONTRACT, FACTS and WHAT, or a CODE")
    contract, facts = asked[0], asked[1] if len(asked) == 3 else None
    statement = run(voice, contract, facts, **given)
    voice.warn(statement.findings)
    what = subject(asked[-1])
    explanation = statement.explain(what, why_not)
    if form == "json":
        emit(_as_json(explanation.to_dict()), output, machine=True)
    else:
        color = output is None and voice.coloured(sys.stdout)
        page = fitting_explanation(explanation, sys.stdout) if output is None else explanation
        emit(render(page, voice.lang, voice.width, color), output)
    return FINE


def subject(what: str) -> str:
    """`pay_fee of 2026-03` and `2026-03 的 支付服务费` as the statement names them: `pay_fee@2026-03`."""
    import re

    text = what.strip().replace("＠", "@")
    found = re.fullmatch(r"(\S+)\s+of\s+(\S+)", text)
    if found:
        text = f"{found[1]}@{found[2]}"
    else:
        found = re.fullmatch(r"([0-9]{4}[-年0-9QW月日]*)\s*的\s*(\S+)", text)
        if found:
            text = f"{found[2]}@{found[1]}"
    name, at, key = text.partition("@")
    for word, field in (("逾期利息", "interest"), ("利息", "interest"), ("违约金", "penalty")):
        name = re.sub(rf"(?:\.|的){word}$", f".{field}", name)
    written_out = re.fullmatch(r"([0-9]{4})年([0-9]{1,2})月(?:([0-9]{1,2})日)?", key)
    if written_out:
        day = f"-{int(written_out[3]):02d}" if written_out[3] else ""
        key = f"{written_out[1]}-{int(written_out[2]):02d}{day}"
    return name + at + key


def _explain_code(voice: Voice, code: str, form: str, output: str | None) -> int:
    from clausal.dsl.diagnostics import Rejected, codes, did_you_mean, error
    from clausal.dsl.diagnostics import explain as page

    if os.path.exists(code):
        raise click.UsageError("say what to explain, after the contract and its facts: pay_fee@2026-03, say")
    text = page(code.strip().upper(), voice.lang)
    if text is None:
        raise Rejected((error("R717", name=code, suggestion=did_you_mean(code.upper(), codes())),))
    if form == "json":
        emit(_as_json({"code": code.strip().upper(), "text": text}), output, machine=True)
        return FINE
    from clausal.engine.report.terminal import wrapped

    lines = [line for paragraph in text.split("\n") for line in wrapped(paragraph, voice.width)]
    emit("\n".join(lines) + "\n", output)
    return FINE


# ---- render --------------------------------------------------------------------------------------


@main.command(short_help="Write a contract as a document to read and to sign.")
@click.argument("contract", shell_complete=contracts_here)
@click.option(
    "--format", "form", type=click.Choice(["html", "md"]), default="md", show_default=True,
    help="html prints well on A4.",
)  # fmt: skip
@encoded
@written
@spoken
def render(
    contract: str, form: str, encoding: str | None, output: str | None, lang: str, color: str, quiet: bool
) -> int:
    """Write the contract as a document that a lawyer can read, hold against the paper, and sign.

    Each rule is told in sentences, beside the words of its clause; payments, due dates and consequences stand in tables.
    CONTRACT is a file, a folder that holds one contract, or `-` for standard input.

    \b
    Example:
      contract render contracts/b2b-outsourcing --format html -o b2b.html
      contract render terms.contract --lang en
    """
    voice = Voice(lang, color, quiet)
    return guarded(voice, lambda: _render(voice, contract, form, encoding, output))


def _render(voice: Voice, contract: str, form: str, encoding: str | None, output: str | None) -> int:
    from clausal.engine.report import blocks_html, blocks_markdown
    from clausal.engine.report.reading import reading

    loaded, _ = load_contract(voice, contract, encoding)
    document = reading(loaded.prepared, voice.lang)
    if form == "md":
        emit_whole(blocks_markdown.render(document), output)
    elif output is None and not _is_utf_8(sys.stdout):  # the page says that it is UTF-8, and ASCII is
        emit(blocks_html.render(document).encode("ascii", "xmlcharrefreplace").decode("ascii"), None, machine=True)
    else:
        emit(blocks_html.render(document), output)
    return FINE


def _is_utf_8(stream: Any) -> bool:
    return stream is not None and (stream.encoding or "").lower().replace("-", "").replace("_", "") in (
        "utf8",
        "utf8sig",
    )


# ---- test ----------------------------------------------------------------------------------------


choosing = click.option(
    "-k", "expression", metavar="WORDS", shell_complete=scenario_titles,
    help="Only those whose name (with its file's or folder's) has the words; joined with and, or, not and (). "
    "Words side by side are one phrase.",
)  # fmt: skip
reporting = click.option(
    "--format", "form", type=click.Choice(["text", "junit", "json"]), default="text", show_default=True
)


@main.command(short_help="Run the scenarios of contracts.")
@click.argument("paths", nargs=-1, required=True, metavar="FILE_OR_FOLDER...", shell_complete=contracts_here)
@choosing
@click.option("--coverage", "covering", is_flag=True, help="Say what the scenarios have reached, and what not.")
@reporting
@written
@encoded
@spoken
def test(
    paths: tuple[str, ...],
    expression: str | None,
    covering: bool,
    form: str,
    output: str | None,
    encoding: str | None,
    lang: str,
    color: str,
    quiet: bool,
) -> int:
    """Run the scenarios of contracts: the examples that their terms must fulfil.

    A folder stands for every `.contract` file below it. Exit code 1 if a scenario fails, 2 if a contract
    cannot run or -k chooses nothing.

    \b
    Example:
      contract test contracts/
      contract test terms.contract -k "late and not fee" --coverage
      contract test contracts/ --format junit -o results.xml
    """
    if covering and form == "junit":
        raise click.UsageError("--coverage does not go with --format junit")
    voice = Voice(lang, color, quiet)
    chosen = selection(expression)
    return guarded(voice, lambda: _test(voice, paths, chosen, covering, form, output, encoding))


def selection(expression: str | None) -> Callable[[str], bool] | None:
    """The test that `-k` puts to a name."""
    from clausal.engine.selection import selector

    if expression is None:
        return None
    try:
        return selector(expression)
    except ValueError as problem:
        raise click.BadParameter(str(problem), param_hint="'-k'") from problem


def _within(file: str, chosen: Callable[[str], bool] | None) -> Callable[[str], bool] | None:
    """The same test, put to a title together with its file."""
    return None if chosen is None else lambda title: chosen(f"{file} {title}")


def _test(
    voice: Voice,
    paths: Sequence[str],
    chosen: Callable[[str], bool] | None,
    covering: bool,
    form: str,
    output: str | None,
    encoding: str | None,
) -> int:
    from clausal.dsl.diagnostics import Rejected
    from clausal.engine.coverage import run_covered
    from clausal.engine.report import coverage as reach
    from clausal.engine.scenarios import run_scenarios

    rows: list[dict[str, Any]] = []
    lines: list[str] = []
    reached: list[dict[str, Any]] = []
    broken: list[Diagnostic] = []
    try:
        files = list(contract_files(paths))
    except Rejected as rejected:
        if any(not os.path.isdir(path) for path in paths):
            raise
        files, broken = [], [one for one in rejected.diagnostics if one.code != "R719"]
    pages: list[str] = []
    for name in _progress(voice, files, "checking"):
        try:
            contract, _ = load_contract(voice, name, encoding)
        except Rejected as rejected:
            voice.tell(rejected.diagnostics)
            broken += rejected.diagnostics
            row = {"name": name, "status": "failed", "file": name, "line": None, "clause": None}
            rows.append({**row, "failures": [_failure("contract", "a sound contract", str(rejected), None)]})
            unread = all(one.code in UNREADABLE for one in rejected.diagnostics)
            lines.append(f"{voice.say('failed')}  {name}: {voice.say('not read' if unread else 'not compiled')}")
            continue
        here = _within(name, chosen)
        if covering:
            results, coverage = run_covered(contract.model, here)
            pages.append(reach.render(name, contract.model.source, coverage, voice.lang))
            reached.append(reach.as_data(name, contract.model.source, coverage))
        else:
            results = run_scenarios(contract.prepared, here)
        for result in results:
            row = _result(name, contract, result)
            rows.append(row)
            lines += _told(voice, row, result.failures)
    passed = sum(1 for row in rows if row["status"] == "passed")
    if form == "json":
        emit(_as_json({"scenarios": rows, "coverage": reached} if covering else rows), output, machine=True)
    elif form == "junit":
        unsound = frozenset(row["file"] for row in rows if row["failures"] and row["failures"][0]["what"] == "contract")
        emit(_as_junit(rows, "file", lambda row: row["file"] in unsound), output, machine=True)
    else:
        summary = voice.say("sum", passed=passed, failed=len(rows) - passed) if rows else voice.say("no scenarios")
        text = "\n".join([*lines, *([] if voice.quiet else [summary])])
        emit((text + "\n" if text else "") + "".join("\n" + page for page in pages), output)
    if broken or (chosen is not None and not rows):
        return exit_code(broken)
    return FINDINGS if passed < len(rows) else FINE


def _as_junit(rows: Iterable[Mapping[str, Any]], suite: str, erred: Callable[[Mapping[str, Any]], bool]) -> str:
    """Result rows as JUnit's XML, a suite for each value of their key `suite`."""
    from clausal.engine.report import junit

    suites: dict[str, list[junit.Test]] = {}
    for row in rows:
        troubles = tuple(
            junit.Trouble(
                f"{failure['what']}: expected {failure['expected']}, and it is {failure['found']}",
                f"{row['file']}:{failure['line']}" if failure["line"] else row["file"],
                erred(row),
            )
            for failure in row["failures"]
        )
        suites.setdefault(row[suite], []).append(junit.Test(row["name"], row["file"], row["line"], troubles))
    return junit.render([junit.Suite(name, tuple(tests)) for name, tests in suites.items()])


def _progress(voice: Voice, work: Sequence[_T], label: str) -> Iterator[_T]:
    """The pieces of work, with a bar where a person waits for many."""
    if len(work) < 4 or voice.quiet or not (sys.stderr.isatty() and sys.stdout.isatty()):
        yield from work
        return
    with click.progressbar(work, label=voice.say(label), file=sys.stderr) as bar:
        yield from bar


def _result(file: str, contract: Contract, result: Result) -> dict[str, Any]:
    source = contract.model.source

    def line(span: Any) -> int | None:
        if span is None:
            return None
        home, there = source.origin(span)
        return home.position(there.start)[0]

    if result.span is not None and (home := source.origin(result.span)[0]) is not source:
        file = home.name
    return {
        "name": result.name,
        "status": result.status,
        "file": file,
        "line": line(result.span),
        "clause": result.clause,
        "failures": [_failure(f.what, f.expected, f.found, line(f.span)) for f in result.failures],
    }


def _failure(what: str, expected: str, found: str, line: int | None) -> dict[str, Any]:
    return {"what": what, "expected": expected, "found": found, "line": line}


def _told(voice: Voice, row: Mapping[str, Any], failures: Sequence[Failure]) -> Iterator[str]:
    place = f"{row['file']}:{row['line']}" if row["line"] else row["file"]
    yield f"{voice.say(row['status'])}  {row['name']}  ({place})"
    for failure, plain in zip(failures, row["failures"], strict=True):
        words = dict(plain)
        if failure.sides is not None:
            expected, found = (side_text(side, voice.lang) for side in failure.sides)
            words |= {"expected": expected, "found": found}
        if failure.about is not None:
            words["what"] = _about(voice, failure.about)
        yield "    " + voice.say("failure", **words)


def _about(voice: Voice, about: Any) -> str:
    """What an expectation is about, in the reader's language."""
    from clausal.engine.report.spelling import known, say

    subject = say("subject.contract", voice.lang) if about.kind == "contract" else about.subject
    if about.kind == "owes":
        return f"{subject} {say('side.owes', voice.lang)} {about.creditor}"
    if about.period:
        subject = voice.say("of", subject=subject, period=about.period)
    if about.field:
        room = next((r for r in ("column", "detail", "part", "kind") if known(f"{r}.{about.field}")), "column")
        subject = voice.say("figure", subject=subject, figure=say(f"{room}.{about.field}", voice.lang))
    return subject


def side_text(side: Side, lang: Lang) -> str:
    """One side of a failure: a status in words, a value with its unit and currency, or the facts it needs."""
    from datetime import date
    from fractions import Fraction

    from clausal.dsl import wording
    from clausal.dsl.values import Duration, NotApplicable, Unknown
    from clausal.engine.report.spelling import say

    joint = "、" if lang == "zh" else ", "
    if side.text is not None:
        return side.text
    if side.status is not None:
        return say(f"{side.scope}.{side.status}", lang)
    if side.needed is not None:
        return (
            f"{say('side.needs', lang)} {joint.join(side.needed)}" if side.needed else say("side.nothing_needed", lang)
        )
    kind = "" if side.type is None else side.type.kind
    match side.value:
        case None:
            return say("side.nothing", lang)
        case Unknown(needs=needs):
            said = say("status.undetermined", lang)
            return (
                f"{said}{'，' if lang == 'zh' else ', '}{say('side.needs', lang)} {joint.join(needs)}"
                if needs
                else said
            )
        case NotApplicable(reason=reason):
            return say(f"reason.{reason}", lang)
        case bool():
            return say(f"boolean.{str(side.value).lower()}", lang)
        case int() | Fraction() if kind == "money" and side.type is not None:
            return wording.money_text(side.value, side.type.currency or "")
        case int() | Fraction() if kind in ("percent", "rate"):
            return wording.percent_text(side.value)
        case int() | Fraction() if kind == "points":
            return wording.points_text(side.value, lang)
        case int() | Fraction():
            return wording.count_text(side.value, side.type.unit if side.type is not None else None)
        case Duration(amount=amount, unit=unit):
            return wording.duration_text(amount, unit, lang)
        case date():
            return side.value.isoformat()
        case _:
            return str(side.value)


# ---- diff ----------------------------------------------------------------------------------------


@main.command(short_help="Compare two versions: lines, meaning, money.")
@click.argument("before", shell_complete=contracts_here)
@click.argument("after", shell_complete=contracts_here)
@click.option("--facts", metavar="FACTS", help="Evaluate both on these facts and compare what is owed; as for eval.")
@click.option(
    "--only", type=click.Choice(["text", "meaning", "money"]), multiple=True, help="Only this layer. May be repeated."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "md", "html"]),
    default="text",
    show_default=True,
    help="html is one file that prints.",
)
@click.option("--exit-code", "telling", is_flag=True, help="Exit with 1 if meaning or money differ.")
@running
@written
@spoken
def diff(
    before: str,
    after: str,
    facts: str | None,
    only: tuple[str, ...],
    form: str,
    telling: bool,
    output: str | None,
    lang: str,
    color: str,
    quiet: bool,
    **given: Any,
) -> int:
    """Compare two versions of a contract: their lines, their meaning, and with --facts the money.

    BEFORE and AFTER are files, or folders that hold one contract; one of them may be `-` for standard input. What
    only looks different (layout, comments, the language of the keywords) is no difference in meaning.

    \b
    Example:
      contract diff terms-v1.contract terms-v2.contract
      contract diff terms-v1.contract terms-v2.contract --facts facts/ --format html -o changes.html
      git show HEAD:terms.contract | contract diff - terms.contract --only meaning --exit-code
    """  # fmt: skip
    voice = Voice(lang, color, quiet)
    if [before, after, facts].count("-") > 1:
        raise click.UsageError("only one of BEFORE, AFTER and --facts can come from standard input")
    if "money" in only and facts is None:
        raise click.UsageError("--only money needs --facts")
    layers = frozenset(only or ("text", "meaning", *(("money",) if facts is not None else ())))
    return guarded(voice, lambda: _diff(voice, (before, after), facts, layers, form, telling, output, **given))


def _diff(
    voice: Voice,
    names: tuple[str, str],
    facts: str | None,
    layers: frozenset[str],
    form: str,
    telling: bool,
    output: str | None,
    encoding: str | None,
    **given: Any,
) -> int:
    from clausal.dsl.compare import changed_lines, compare
    from clausal.engine.report import comparison

    a, b = _both_versions(voice, names, lambda name: load_contract(voice, name, encoding)[0], names)
    meaning = compare(a.model, b.model, voice.lang)
    money, readings = None, None
    if "money" in layers and facts is not None:
        money, readings = _money_of_both(voice, names, (a, b), meaning.renamed, facts, encoding, **given)
    found = comparison.Compared(
        (a.model, b.model),
        changed_lines(a.model.source, b.model.source) if "text" in layers else None,
        meaning if "meaning" in layers else None,
        money,
        readings,
    )
    match form:
        case "json":
            text = _as_json(comparison.as_data(found))
        case "md":
            text = comparison.render_markdown(found, voice.lang)
        case "html":
            text = comparison.render_html(found, voice.lang)
            if output is None and not _is_utf_8(sys.stdout):  # the page says that it is UTF-8, and ASCII is
                text = text.encode("ascii", "xmlcharrefreplace").decode("ascii")
        case _:
            shown = (lambda words: fitting_data(words, sys.stdout)) if output is None else str
            color = output is None and voice.coloured(sys.stdout)
            text = comparison.render(found, voice.lang, voice.width, color, shown)
    emit(text, output, form in ("json", "html"))
    return FINDINGS if telling and not found.same else FINE


def _both_versions(voice: Voice, names: tuple[str, str], make: Callable[[_V], _T], of: tuple[_V, _V]) -> tuple[_T, _T]:
    """The same made of either version; what is wrong is told of both, under the name of the version, or once if it is the
    same with either."""
    from clausal.dsl.diagnostics import Rejected

    made: list[_T] = []
    broken: list[tuple[str, tuple[Diagnostic, ...]]] = []
    for key, name, one in zip(("before", "after"), names, of, strict=True):
        try:
            made.append(make(one))
        except Rejected as rejected:
            broken.append((voice.say(f"of {key}", name="<stdin>" if name == "-" else name), rejected.diagnostics))
    if len(broken) == 2 and broken[0][1] == broken[1][1]:
        raise Rejected(broken[0][1])
    for head, found in broken:
        write(sys.stderr, head + "\n")
        voice.tell(found)
    if broken:
        raise click.exceptions.Exit(exit_code(one for _, found in broken for one in found))
    return made[0], made[1]


def _money_of_both(
    voice: Voice,
    names: tuple[str, str],
    contracts: tuple[Contract, Contract],
    renamed: Mapping[str, str],
    facts: str,
    encoding: str | None,
    as_of: str | None,
    complete: tuple[str, ...],
    settings: tuple[str, ...],
) -> tuple[Money, tuple[Reading, Reading]]:
    """Both versions evaluated on the same facts, of which each takes what it asks for."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from clausal.engine import compare as money

    a, b = contracts
    back = {new: old for old, new in renamed.items()}
    through, parameters = completeness(complete), given_parameters(settings)
    with TemporaryDirectory() as folder:
        path = Path(facts)
        if facts == "-":
            path = Path(folder) / "stdin.json"
            path.write_bytes(sys.stdin.buffer.read())
        readings = _both_versions(
            voice, names, lambda pair: money.read(pair[0], pair[1], pair[2], path, encoding),
            ((a, b, back), (b, a, renamed)),
        )  # fmt: skip
    for side, reading in enumerate(readings):
        if not side or reading.findings != readings[0].findings:
            voice.warn(reading.findings)
    day = as_of or money.last_day(a, b, readings).isoformat()
    readings, asked = money.shared_out(contracts, readings, (back, renamed), through, parameters)
    statements = _both_versions(
        voice, names, lambda one: money.run(one[0], one[1], day, one[2][0], one[2][1]),
        ((a, readings[0], asked[0]), (b, readings[1], asked[1])),
    )  # fmt: skip
    return money.compare(*statements, renamed), readings


# ---- conformance ---------------------------------------------------------------------------------


@main.command(short_help="Put the language's claims to this engine.")
@click.argument("folder", required=False, metavar="[FOLDER]")
@choosing
@reporting
@written
@spoken
def conformance(
    folder: str | None, expression: str | None, form: str, output: str | None, lang: str, color: str, quiet: bool
) -> int:
    """Put the claims of the conformance suite to this engine: what the language means, case by case.

    FOLDER is a suite, a part of one, or one case; without it, the suite that comes with the program is run. A case
    is chosen by its name, its rows and its claim. Exit code 1 if a case fails, 2 if one is malformed.

    \b
    Example:
      contract conformance
      contract conformance -k "leap or month end"
      contract conformance my-cases/ --format junit -o results.xml
    """
    voice = Voice(lang, color, quiet)
    chosen = selection(expression)
    return guarded(voice, lambda: _conformance(voice, folder, chosen, form, output))


def _conformance(
    voice: Voice, folder: str | None, chosen: Callable[[str], bool] | None, form: str, output: str | None
) -> int:
    from pathlib import Path

    from clausal.engine.conformance import folders, judge, shipped

    verdicts = [
        verdict
        for verdict in map(judge, _progress(voice, folders(shipped() if folder is None else Path(folder)), "judging"))
        if chosen is None or chosen(" ".join((verdict.name, *verdict.rows, verdict.claim)))
    ]
    malformed = [v.finding for v in verdicts if v.finding is not None]
    rows = [_verdict(voice, verdict) for verdict in verdicts]
    passed = sum(1 for verdict in verdicts if verdict.status == "passed")
    if form == "json":
        emit(_as_json(rows), output, machine=True)
    elif form == "junit":
        emit(_as_junit(rows, "area", lambda row: row["status"] == "error"), output, machine=True)
    else:
        voice.tell(malformed)
        lines = [line for row in rows if row["status"] == "failed" for line in _misses(voice, row)]
        summary = voice.say("sum", passed=passed, failed=len(rows) - passed) if rows else voice.say("no cases")
        text = "\n".join([*lines, *([] if voice.quiet else [summary])])
        emit(text + "\n" if text else "", output)
    if malformed or not rows:
        return exit_code(malformed)
    return FINDINGS if passed < len(rows) else FINE


def _verdict(voice: Voice, verdict: Verdict) -> dict[str, Any]:
    failures = [_failure(m.where, m.expected, m.found, m.line) for m in verdict.mismatches]
    if verdict.finding is not None:
        failures = [_failure("case", "a case as the suite's README has it", verdict.finding.text(voice.lang), None)]
    return {
        "name": verdict.name,
        "area": verdict.area,
        "claim": verdict.claim,
        "rows": list(verdict.rows),
        "status": verdict.status,
        "file": f"{verdict.name}/case.contract",
        "line": None,
        "failures": failures,
    }


def _misses(voice: Voice, row: Mapping[str, Any]) -> Iterator[str]:
    yield f"{voice.say('failed')}  {row['name']}  {row['claim']}"
    for failure in row["failures"]:
        told = voice.say("failure" if failure["line"] else "failure without line", **failure)
        yield "    " + told


# ---- simulate ------------------------------------------------------------------------------------


@main.command(short_help="Say what would be if a figure were another.")
@click.argument("contract", shell_complete=contracts_here)
@click.argument("facts", required=False)
@click.option(
    "--set",
    "settings",
    metavar="NAME[@PERIOD]=VALUE",
    multiple=True,
    help="Give a parameter, or a fact (of a period), a value. May be repeated.",
)
@click.option(
    "--vary",
    "varied",
    metavar="NAME[@PERIOD]=FIRST..LAST[:STEP]",
    multiple=True,
    help="Run a range of values, or a list (NAME=true,false). May be given twice.",
)
@click.option(
    "--month",
    "months",
    metavar="YYYY-MM",
    multiple=True,
    help="The months that a fact without a period means [default: every one given]. May be repeated.",
)
@click.option(
    "--show",
    "shown",
    metavar="NAME[.FIGURE][@PERIOD]",
    multiple=True,
    help="What to watch [default: what changes]. May be repeated.",
)
@click.option(
    "--solve",
    "conditions",
    metavar="CONDITION",
    multiple=True,
    help="Where this holds, as `total = 0` or `fee@2026-03 >= 50_000`. May be repeated.",
)
@click.option("--as-of", metavar="DATE", help="The day of the statement [default: the end of the last month given].")
@click.option(
    "--complete-through",
    "complete",
    metavar="[FACT=]DATE",
    multiple=True,
    help="The day to which the facts, or one of them, are complete. May be repeated.",
)
@click.option(
    "--most-runs",
    type=click.IntRange(2),
    default=10_000,
    show_default=True,
    help="How often the contract may be run for one answer.",
)
@click.option("--format", "form", type=click.Choice(["text", "json", "csv", "svg"]), default="text", show_default=True)
@click.option("--plot", metavar="FILE.svg", help="Draw the figures over the range, beside what else is written.")
@encoded
@written
@spoken
def simulate(contract: str, facts: str | None, lang: str, color: str, quiet: bool, **given: Any) -> int:
    """Say what would be if a parameter or a fact were another, and where the figures turn.

    With `--vary` every point of a range is run, and cliffs and edges between them are found to the cent, each with the
    line of the contract that makes it. With `--set` alone the facts as given are held against what is set.

    \b
    Example:
      contract simulate terms.contract facts/ --set sales@2026-03=950_000
      contract simulate terms.contract facts/ --vary sales@2026-03=0..2_000_000:100_000 --show fee@2026-03
      contract simulate terms.contract facts/ --vary late_rate=0%..0.1% --solve "total >= 50_000" --plot late.svg
    """
    voice = Voice(lang, color, quiet)
    return guarded(voice, lambda: _simulate(voice, contract, facts, **given))


def _simulate(
    voice: Voice,
    contract: str,
    facts: str | None,
    settings: tuple[str, ...],
    varied: tuple[str, ...],
    months: tuple[str, ...],
    shown: tuple[str, ...],
    conditions: tuple[str, ...],
    as_of: str | None,
    complete: tuple[str, ...],
    most_runs: int,
    form: str,
    plot: str | None,
    encoding: str | None,
    output: str | None,
) -> int:
    from clausal.engine import quantities
    from clausal.engine.report import simulation
    from clausal.engine.report.plot import render_svg
    from clausal.engine.simulate import Question, axis, setting
    from clausal.engine.simulate import simulate as run_it

    _asks_well(varied, settings, conditions, form, plot, output)
    _months_are_months(months)
    given_parameters(settings)  # each once, and what is varied is not set too
    given_parameters((*settings, *(one for one in varied if "=" in one)), "--vary")
    loaded, beside = load_contract(voice, contract, encoding)
    given, found = read_facts(loaded, contract, _facts(contract, facts, beside), encoding)
    voice.warn(found)
    model = loaded.model
    day, through = loaded.days(as_of, completeness(complete) or None)
    solved = []
    for text in conditions:
        name, sign, value = quantities.condition(text)
        solved.append(quantities.held_against(model, quantities.quantity(model, subject(name)), sign, value))
    question = Question(
        tuple(axis(model, given, text, months) for text in varied),
        tuple(quantities.quantity(model, subject(text)) for text in shown),
        tuple(solved),
        tuple(setting(model, given, text, months) for text in settings),
        day,
        through,
        most_runs=most_runs,
    )
    with _watched(voice) as seen:
        answer = run_it(loaded.prepared, given, question, seen)
    if plot is not None:
        save(plot, render_svg(simulation.chart(answer, voice.lang)))
    match form:
        case "json":
            text = _as_json(simulation.as_data(answer))
        case "csv":
            text = ("\ufeff" if output is not None else "") + simulation.render_csv(answer)
        case "svg":
            emit_whole(render_svg(simulation.chart(answer, voice.lang)), output)
            return _answered(answer)
        case _:
            braille = output is not None or _shows(sys.stdout, "\u28ff\u2514")
            page = fitting_explanation(answer, sys.stdout) if output is None else answer
            text = simulation.render(page, voice.lang, voice.width, braille)
    emit(text, output, form != "text")
    return _answered(answer)


def _answered(answer: Answer) -> int:
    return UNDETERMINED if answer.solutions and all(s.undetermined and not s.holds for s in answer.solutions) else FINE


def _asks_well(
    varied: Sequence[str],
    settings: Sequence[str],
    conditions: Sequence[str],
    form: str,
    plot: str | None,
    output: str | None,
) -> None:
    if len(varied) > 2:
        raise click.UsageError("--vary may be given twice at most: a table has two sides")
    if not varied and not settings:
        raise click.UsageError("say what is to be another: --vary NAME=FIRST..LAST or --set NAME=VALUE")
    if conditions and (len(varied) != 1 or ".." not in varied[0]):
        raise click.UsageError("--solve needs exactly one --vary with a range: NAME=FIRST..LAST")
    if not varied and (form == "svg" or plot is not None):
        raise click.UsageError("a plot needs --vary")
    if plot is not None and not plot.lower().endswith(".svg"):
        raise click.UsageError("--plot writes SVG: name a file that ends in .svg")
    if plot is not None and output is not None and os.path.realpath(plot) == os.path.realpath(output):
        raise click.UsageError("--plot and -o name the same file")


def read_facts(contract: Contract, name: str, path: str, encoding: str | None) -> tuple[Facts, tuple[Diagnostic, ...]]:
    """The facts at a path; `-` is JSON on standard input, read by the same rules as a file."""
    if path != "-":
        return contract.read_facts(path, encoding)
    _one_from_stdin(name, path)
    return _from_stdin(contract.read_facts)


@contextmanager
def _watched(voice: Voice) -> Iterator[Callable[[int, int], None]]:
    """A bar where a person waits; it begins anew when the next kind of work does."""
    if voice.quiet or not (sys.stderr.isatty() and sys.stdout.isatty()):
        yield lambda done, of: None
        return
    with click.progressbar(length=100, label=voice.say("simulating"), file=sys.stderr) as bar:

        def seen(done: int, of: int) -> None:
            bar.update(100 * done // max(1, of) - bar.pos)

        yield seen


# ---- graph ---------------------------------------------------------------------------------------


@main.command(short_help="Draw a contract: consequences, figures, states.")
@click.argument("contract", shell_complete=contracts_here)
@click.option(
    "--kind",
    "view",
    type=click.Choice(["obligations", "values", "life"]),
    default="obligations",
    show_default=True,
    help="What follows a failure, what rests on what, or the states of the contract.",
)
@click.option("--format", "form", type=click.Choice(["svg", "mermaid", "dot"]), default="svg", show_default=True)
@click.option("--focus", metavar="NAME", help="Only what this rests on and what rests on it.")
@click.option("--clause", metavar="NUMBER", help="Only the things of this clause, and what they are linked with.")
@encoded
@written
@spoken
def graph(
    contract: str,
    view: Literal["obligations", "values", "life"],
    form: str,
    focus: str | None,
    clause: str | None,
    encoding: str | None,
    output: str | None,
    lang: str,
    color: str,
    quiet: bool,
) -> int:
    """Draw how the parts of a contract hang together, each with its clause and its line.

    `svg` is a picture for a browser or a document, `mermaid` goes into a Markdown page, `dot` into Graphviz.

    \b
    Example:
      contract graph terms.contract -o obligations.svg
      contract graph terms.contract --kind values --focus pay_fee --format mermaid
      contract graph terms.contract --kind life --lang zh -o life.svg
    """
    voice = Voice(lang, color, quiet)
    return guarded(voice, lambda: _graph(voice, contract, view, form, focus, clause, encoding, output))


def _graph(
    voice: Voice,
    contract: str,
    view: Literal["obligations", "values", "life"],
    form: str,
    focus: str | None,
    clause: str | None,
    encoding: str | None,
    output: str | None,
) -> int:
    from clausal.dsl import graph as pictures
    from clausal.dsl.diagnostics import Rejected, any_of, did_you_mean, error
    from clausal.dsl.graph_drawing import svg
    from clausal.dsl.graph_notation import dot, mermaid

    model = load_contract(voice, contract, encoding)[0].model
    shown: pictures.Graph | None = pictures.graph(model, view)
    assert shown is not None
    if clause is not None:
        known = pictures.clauses(shown)
        shown = pictures.of_clause(shown, clause)
        if shown is None:
            raise Rejected((error("R772", name=clause, found=any_of(known, 40) if known else None),))
    if focus is not None:
        names = pictures.names(shown)
        shown = pictures.focused(shown, focus)
        if shown is None:
            raise Rejected((error("R771", name=focus, suggestion=did_you_mean(focus, names)),))
    write_as = {"svg": svg, "dot": dot, "mermaid": mermaid}[form]
    emit_whole(write_as(shown, model, voice.lang), output)
    return FINE


# ---- schema --------------------------------------------------------------------------------------


@main.command()
@click.argument("what", type=click.Choice(["result"]))
@written
@spoken
def schema(what: str, output: str | None, lang: str, color: str, quiet: bool) -> int:
    """Print the JSON Schema of the result document.

    \b
    Example:
      contract schema result -o result.schema.json
    """
    return guarded(Voice(lang, color, quiet), lambda: _schema(what, output))


def _schema(what: str, output: str | None) -> int:
    from importlib.resources import files

    text = files("clausal.engine.report").joinpath(f"{what}.schema.json").read_text("utf-8")
    emit(text, output, machine=True)
    return FINE


# ---- completion ----------------------------------------------------------------------------------

SHELLS: Final = ("bash", "zsh", "fish")


@main.command(short_help="Print what makes a shell complete commands.")
@click.argument("shell", required=False, type=click.Choice(SHELLS))
def completion(shell: str | None) -> int:
    """Print what makes a shell complete commands, options, contracts, parties, months and names.

    Without SHELL, it is the one that $SHELL names.

    \b
    Example:
      echo 'eval "$(contract completion bash)"' >> ~/.bashrc
      echo 'eval "$(contract completion zsh)"' >> ~/.zshrc
      contract completion fish > ~/.config/fish/completions/contract.fish
    """
    chosen = shell or os.path.basename(os.environ.get("SHELL", ""))
    if chosen not in SHELLS:
        raise click.UsageError(f"say which shell: {', '.join(SHELLS)}")
    return guarded(Voice("auto", "auto", False), lambda: _completion(chosen))


def _completion(shell: str) -> int:
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None
    emit(made(main, {}, "contract", "_CONTRACT_COMPLETE").source().strip("\n") + "\n", None)
    return FINE


# ---- language server -----------------------------------------------------------------------------


@main.command(short_help="Serve an editor over the Language Server Protocol.")
@click.option("--stdio", is_flag=True, help="Accepted because many editors add it: there is no other way.")
@spoken
def lsp(stdio: bool, lang: str, color: str, quiet: bool) -> int:
    """Serve an editor: findings while you type, completion, renaming, running of scenarios.

    An editor starts it and speaks to it over standard input and output; there is nothing to type here. It needs the
    extra `clausal[lsp]`.

    \b
    Example:
      pip install "clausal[lsp]"
      contract lsp
    """
    voice = Voice(lang, color, quiet)
    return guarded(voice, lambda: _lsp(voice, lang))


def _lsp(voice: Voice, chosen: str) -> int:
    from importlib.util import find_spec

    from clausal.dsl.diagnostics import Both, Rejected, error
    from clausal.engine.beside import FilesBeside

    if find_spec("pygls") is None:
        raise Rejected((error("R710", names="contract lsp", package="pygls", command='pip install "clausal[lsp]"'),))
    from clausal.dsl.editor.server import serve

    def told(failure: Failure) -> Both:
        return Both(*(_missed(Voice(lang, "never", True), failure) for lang in ("en", "zh")))

    if sys.stdin is None or sys.stdin.isatty():
        write(sys.stderr, voice.say("for an editor") + "\n")
    language: Literal["auto", "en", "zh"] = "zh" if chosen == "zh" else "en" if chosen == "en" else "auto"
    serve(FilesBeside(told), language, os.environ.get("CLAUSAL_TRACEBACK") == "1")
    return FINE


def _missed(voice: Voice, failure: Failure) -> str:
    words = {"what": failure.what, "expected": failure.expected, "found": failure.found}
    if failure.sides is not None:
        words |= dict(zip(("expected", "found"), (side_text(side, voice.lang) for side in failure.sides), strict=True))
    if failure.about is not None:
        words["what"] = _about(voice, failure.about)
    return voice.say("failure without line", **words)


if __name__ == "__main__":
    main()
