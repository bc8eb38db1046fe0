"""The language server: every service of an editor over the wire. The only room that knows pygls; the work is done elsewhere."""

from __future__ import annotations

import asyncio
import functools
import logging
import os.path
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, Final, Literal, TypeVar

import attrs
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.uris import from_fs_path, to_fs_path

from clausal.dsl.diagnostics import Both, Diagnostic, Source, Span, error, hint, note_text
from clausal.dsl.editor import colours, completion, fixes, hints, hover, lens, names, outline
from clausal.dsl.editor import positions as at
from clausal.dsl.editor.beside import Beside
from clausal.dsl.editor.desk import FACTS, Desk, Paper
from clausal.dsl.editor.facts_files import FactsFile
from clausal.dsl.editor.pinyin import spells
from clausal.dsl.editor.reading import Reading, read_contract
from clausal.dsl.editor.tidying import tidied
from clausal.dsl.keywords import Lang
from clausal.dsl.prose import things
from clausal.dsl.version import __version__

RUN: Final = "clausal.runScenario"
_PAUSE: Final = 5  # milliseconds without a key before a text is checked
_MOST_FILES: Final = 60  # files of a workspace that are looked through for a symbol
_F = TypeVar("_F", bound=Callable[..., Any])
_P = TypeVar("_P")
_R = TypeVar("_R")

_SEVERITIES: Final = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "note": lsp.DiagnosticSeverity.Information,
}
_ITEMS: Final[dict[completion.Sort, lsp.CompletionItemKind]] = {
    "keyword": lsp.CompletionItemKind.Keyword,
    "name": lsp.CompletionItemKind.Variable,
    "word": lsp.CompletionItemKind.EnumMember,
    "field": lsp.CompletionItemKind.Field,
    "function": lsp.CompletionItemKind.Function,
    "snippet": lsp.CompletionItemKind.Snippet,
    "file": lsp.CompletionItemKind.File,
}
_SYMBOLS: Final[dict[str, lsp.SymbolKind]] = {
    "header": lsp.SymbolKind.File,
    "clause": lsp.SymbolKind.Module,
    "amendment": lsp.SymbolKind.Module,
    "scenario": lsp.SymbolKind.Event,
    "property": lsp.SymbolKind.Boolean,
    "exception": lsp.SymbolKind.Operator,
    "use": lsp.SymbolKind.File,
    "party": lsp.SymbolKind.Class,
    "parameter": lsp.SymbolKind.Constant,
    "fact": lsp.SymbolKind.Field,
    "let": lsp.SymbolKind.Variable,
    "kpi": lsp.SymbolKind.Number,
    "balance": lsp.SymbolKind.Array,
    "obligation": lsp.SymbolKind.Method,
    "prohibition": lsp.SymbolKind.Method,
    "right": lsp.SymbolKind.Interface,
    "termination": lsp.SymbolKind.Interface,
    "suspension": lsp.SymbolKind.Event,
    "escalation": lsp.SymbolKind.Event,
    "approval": lsp.SymbolKind.Event,
}
_SAID: Final[dict[str, Both]] = {
    "broken": Both("not formatted: the file has errors ({finding})", "未格式化：文件有错误（{finding}）"),
    "unfit": Both("the contract has errors: no scenario can be run", "合同有错误，无法运行示例"),
    "files": Both(
        "this also renames files of facts ({files}), which your editor cannot do: rename them by hand first",
        "此改名还需要重命名数据文件（{files}），当前编辑器不支持：请先手动重命名",
    ),
    "missed": Both("expectation not met: {what}", "预期不符：{what}"),
}


@attrs.define
class Settings:
    """What the client chose: the language of messages, whether hints are shown, where the facts are."""

    language: Literal["auto", "en", "zh"] = "auto"
    inlay_hints: bool = True


class _Protocol(LanguageServerProtocol):
    """The texts are kept on our own desk: where a line ends is for the protocol to say, not for Python's `splitlines`.
    Columns are UTF-16 units, which every client can count, whatever else it would like better."""

    @lsp_method(lsp.INITIALIZE)
    def lsp_initialize(self, params: lsp.InitializeParams) -> Generator[Any, Any, lsp.InitializeResult]:
        if params.capabilities.general is not None:
            params.capabilities.general.position_encodings = [lsp.PositionEncodingKind.Utf16]
        return (yield from super().lsp_initialize(params))

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: lsp.DidChangeTextDocumentParams) -> Generator[Any, Any, None]:
        handler = self.fm.features.get(lsp.TEXT_DOCUMENT_DID_CHANGE)
        if handler is not None:
            yield handler, (params,), None


class Server(LanguageServer):
    """The desk, the settings, and what was published where."""

    def __init__(self, beside: Beside) -> None:
        super().__init__("clausal", __version__, protocol_cls=_Protocol)
        self.desk = Desk(beside)
        self.settings = Settings()
        self.published: dict[str, set[str]] = {}
        self.waiting: dict[str, asyncio.TimerHandle] = {}

    # ---- documents

    def paper(self, address: str) -> Paper | None:
        return self.desk.papers.get(address)

    def reading(self, address: str) -> tuple[Paper, Reading] | None:
        """The contract, or part of one, at an address; None for a file of facts, and for what is not open."""
        paper = self.paper(address)
        if paper is None or paper.ending in FACTS:
            return None
        return paper, self.desk.reading(paper)

    def lang(self, reading: Reading) -> Lang:
        return reading.lang if self.settings.language == "auto" else self.settings.language

    def address(self, name: str) -> str:
        """The address of a file by the name that it was read under."""
        open_ = self.desk.at(name)
        if open_ is not None:
            return open_.address
        if name in self.desk.papers:
            return name
        return from_fs_path(os.path.abspath(name)) or name

    def say(self, key: str, lang: Lang, **words: str) -> str:
        return _SAID[key].text(lang).format(**words)

    # ---- findings

    def check_soon(self, address: str) -> None:
        """Checks a document once the keys have rested for some milliseconds: only the last text counts."""
        earlier = self.waiting.pop(address, None)
        if earlier is not None:
            earlier.cancel()
        loop = asyncio.get_running_loop()
        self.waiting[address] = loop.call_later(_PAUSE / 1000, self.check, address)

    def check(self, address: str) -> None:
        """Publishes the findings of a document and of all that belong to it."""
        self.waiting.pop(address, None)
        paper = self.paper(address)
        if paper is None or paper.ending in FACTS:
            return
        try:
            for one in self.desk.touched(paper):
                self.publish(one)
        except Exception:
            logging.getLogger(__name__).exception("checking %s", address)

    def publish(self, paper: Paper) -> None:
        reading = self.desk.reading(paper)
        lang = self.lang(reading)
        by_file: dict[str, list[lsp.Diagnostic]] = {paper.address: []}
        for found in reading.findings:
            name = paper.path if found.source is None else found.source.name
            address = paper.address if name == paper.path else self.address(name)
            by_file.setdefault(address, []).append(self.told(found, reading, lang))
        for ran in paper.ran.values():
            for miss in ran.misses:
                if miss.span is not None and (span := reading.here(miss.span)) is not None:
                    by_file[paper.address].append(
                        lsp.Diagnostic(
                            _range(reading.source, span),
                            self.say("missed", lang, what=miss.text.text(lang)),
                            lsp.DiagnosticSeverity.Error,
                            "scenario",
                            source="clausal",
                        )
                    )
        gone = self.published.get(paper.address, set()) - set(by_file)
        self.published[paper.address] = set(by_file)
        for address, told in (*by_file.items(), *((address, []) for address in gone)):
            open_ = self.paper(address)
            if address != paper.address and open_ is not None:
                continue  # it tells its own
            self.text_document_publish_diagnostics(
                lsp.PublishDiagnosticsParams(address, told, None if open_ is None else open_.version)
            )

    def told(self, found: Diagnostic, reading: Reading, lang: Lang) -> lsp.Diagnostic:
        source = found.source or reading.source
        span = found.span or Span(0, 0)
        message = found.text(lang)
        advice = hint(found, lang)
        if advice:
            message += ("\n提示：" if lang == "zh" else "\nhint: ") + advice
        related = [
            lsp.DiagnosticRelatedInformation(
                lsp.Location(self.address((one.source or source).name), _range(one.source or source, one.span)),
                note_text(one.note, lang),
            )
            for one in found.related
        ]
        tags = [lsp.DiagnosticTag.Unnecessary] if found.code in ("W501", "W561") else None
        return lsp.Diagnostic(
            _range(source, span),
            message,
            _SEVERITIES[found.severity],
            found.code,
            source="clausal",
            tags=tags,
            related_information=related or None,
            data={"code": found.code},
        )


def _range(source: Source, span: Span) -> lsp.Range:
    found = at.range_of(source, span)
    return lsp.Range(
        lsp.Position(found.start.line, found.start.character), lsp.Position(found.end.line, found.end.character)
    )


def _offset(source: Source, position: lsp.Position) -> int:
    return at.offset_at(source, at.Position(position.line, position.character))


def _edit(source: Source, edit: at.Edit) -> lsp.TextEdit:
    return lsp.TextEdit(_range(source, edit.span), edit.text)


def _markdown(text: str) -> lsp.MarkupContent:
    return lsp.MarkupContent(lsp.MarkupKind.Markdown, text)


def total(otherwise: Callable[[], object]) -> Callable[[_F], _F]:
    """A handler that answers `otherwise` where it would fail: an editor must not be told of our mistakes in a dialog for
    each key. They go to the log."""

    def made(handler: _F) -> _F:
        @functools.wraps(handler)
        def guarded(server: Server, params: Any) -> Any:
            try:
                return handler(server, params)
            except JsonRpcException:
                raise
            except Exception:
                logging.getLogger(__name__).exception("%s", handler.__name__)
                return otherwise()

        return guarded  # type: ignore[return-value]

    return made


def nothing() -> None:
    return None


def of_contract(
    otherwise: Callable[[], object],
) -> Callable[[Callable[[Server, _P, Paper, Reading], _R]], Callable[[Server, _P], _R]]:
    """A total handler that is given the contract, or part of one, which its parameters name; of any other document, and of
    what is not open, it answers `otherwise`."""

    def made(handler: Callable[[Server, _P, Paper, Reading], _R]) -> Callable[[Server, _P], _R]:
        def found(server: Server, params: Any) -> Any:
            here = server.reading(params.text_document.uri)
            return otherwise() if here is None else handler(server, params, *here)

        found.__name__ = handler.__name__
        return total(otherwise)(found)

    return made


# ---- documents


def opened(server: Server, params: lsp.DidOpenTextDocumentParams) -> None:
    document = params.text_document
    path = to_fs_path(document.uri) if document.uri.startswith("file:") else None
    paper = Paper(document.uri, path or document.uri, document.version, document.text, path is not None)
    server.desk.papers[document.uri] = paper
    server.check_soon(document.uri)


def changed(server: Server, params: lsp.DidChangeTextDocumentParams) -> None:
    paper = server.paper(params.text_document.uri)
    if paper is None:
        return
    for change in params.content_changes:
        where = getattr(change, "range", None)
        range = None
        if where is not None:
            start, end = where.start, where.end
            range = at.Range(at.Position(start.line, start.character), at.Position(end.line, end.character))
        paper.text = at.changed(paper.text, range, change.text)
    paper.version = params.text_document.version
    paper.ran.clear()
    server.check_soon(paper.address)


def closed(server: Server, params: lsp.DidCloseTextDocumentParams) -> None:
    paper = server.desk.papers.pop(params.text_document.uri, None)
    if paper is None:
        return
    server.desk.forget()
    waiting = server.waiting.pop(paper.address, None)
    if waiting is not None:
        waiting.cancel()
    for address in server.published.pop(paper.address, {paper.address}):
        if server.paper(address) is None:
            server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(address, []))
    recheck(server)


def saved(server: Server, params: lsp.DidSaveTextDocumentParams | lsp.DidChangeWatchedFilesParams) -> None:
    server.desk.forget()
    recheck(server)


def recheck(server: Server) -> None:
    for paper in server.desk.papers.values():
        server.check_soon(paper.address)


def configured(server: Server, given: object) -> None:
    """Settings as a client sends them: `language`, `inlayHints`, `facts`, by themselves or below `clausal`."""
    if not isinstance(given, dict):
        return
    rows = given.get("clausal", given)
    if not isinstance(rows, dict):
        return
    language, shown, facts = rows.get("language"), rows.get("inlayHints"), rows.get("facts")
    if language in ("auto", "en", "zh"):
        server.settings.language = language
    if isinstance(shown, bool):
        server.settings.inlay_hints = shown
    if "facts" in rows:
        server.desk.facts_at = facts if isinstance(facts, str) and facts else None


# ---- writing


@of_contract(nothing)
def complete(server: Server, params: lsp.CompletionParams, paper: Paper, reading: Reading) -> lsp.CompletionList | None:
    offset = _offset(reading.source, params.position)
    folder = os.path.dirname(paper.path)
    files = [
        os.path.relpath(path, folder).replace(os.sep, "/")
        for path in (server.desk.beside.contracts(folder, below=True) if _in_use(reading, offset) else ())
        if path != paper.path
    ]
    items = completion.completions(reading, offset, files)
    snippets = _can(server, "snippets")
    lang = server.lang(reading)
    plain = (item if snippets or not item.snippet else completion.bare(item) for item in items)
    return lsp.CompletionList(True, [_item(reading, item, i, offset, lang) for i, item in enumerate(plain)])


def _in_use(reading: Reading, offset: int) -> bool:
    line = reading.source.line_text(reading.source.position(offset)[0]).lstrip()
    return line.startswith(("use", "引用"))


def _item(reading: Reading, item: completion.Item, order: int, offset: int, lang: Lang) -> lsp.CompletionItem:
    told = hover.keyword_told(item.role, lang) if item.role is not None else ""
    return lsp.CompletionItem(
        label=item.label,
        kind=_ITEMS[item.sort],
        detail=item.detail or None,
        documentation=_markdown(told) if told else None,
        sort_text=f"{order:04}",
        filter_text=reading.source.text[item.span.start : offset] or item.label,
        insert_text_format=lsp.InsertTextFormat.Snippet if item.snippet else lsp.InsertTextFormat.PlainText,
        text_edit=lsp.TextEdit(_range(reading.source, item.span), item.insert),
    )


@of_contract(nothing)
def sign(server: Server, params: lsp.SignatureHelpParams, _paper: Paper, reading: Reading) -> lsp.SignatureHelp | None:
    made = hints.signature(reading, _offset(reading.source, params.position))
    if made is None:
        return None
    parameters = [lsp.ParameterInformation(name) for name in made.parameters]
    one = lsp.SignatureInformation(made.label, made.doc, parameters, made.active)
    return lsp.SignatureHelp([one], 0, made.active)


# ---- reading


@total(nothing)
def point(server: Server, params: lsp.HoverParams) -> lsp.Hover | None:
    found = server.reading(params.text_document.uri)
    if found is None:
        for reading, file, offset in _facts_word(server, params.text_document.uri, params.position):
            told = hover.of_facts(reading, file, offset, server.lang(reading))
            if told is not None:
                return lsp.Hover(_markdown(told.text), _range(Source(file.path, file.text or ""), told.span))
        return None
    _, reading = found
    lang, contract = server.lang(reading), reading.seen.contract
    offset = _offset(reading.source, params.position)
    use = reading.use_at(offset)
    values: tuple[hover.Known, ...] = ()
    prose: list[str] = []
    entry = None if use is None or use.list is not None else reading.entries.get(use.name)
    if entry is not None and contract is not None:
        if entry.kind == "fact":
            path, chosen = server.desk.contract_of(reading), server.desk.facts_at
            values = server.desk.beside.values(contract, path, chosen, entry.name)
        prose = [
            said.text for thing in things(contract, lang) if thing.name == entry.name and thing.kind == entry.kind
            for said in thing.said
        ]  # fmt: skip
    told = hover.hover(reading, offset, lang, values, prose)
    why = hover.explained(reading, offset, lang)
    one = told or why
    text = "\n\n---\n".join(part.text for part in (told, why) if part is not None)
    return None if one is None else lsp.Hover(_markdown(text), _range(reading.source, one.span))


def _location(server: Server, one: names.Location) -> lsp.Location:
    return lsp.Location(server.address(one.source.name), _range(one.source, one.span))


def _facts_word(server: Server, address: str, position: lsp.Position) -> Iterator[tuple[Reading, FactsFile, int]]:
    """A file of facts that is open, with each contract that it lies beside."""
    paper = server.paper(address)
    if paper is None or paper.ending not in FACTS:
        return
    file = FactsFile(paper.path, paper.text)
    offset = _offset(Source(paper.path, paper.text), position)
    for reading in server.desk.owners(paper):
        yield reading, file, offset


@total(list)
def define(server: Server, params: lsp.DefinitionParams) -> list[lsp.Location]:
    found = server.reading(params.text_document.uri)
    if found is None:
        beside = _facts_word(server, params.text_document.uri, params.position)
        return [_location(server, one) for r, file, offset in beside for one in names.from_facts(r, file, offset)]
    _, reading = found
    offset = _offset(reading.source, params.position)
    return [_location(server, one) for one in names.definition(reading, offset, server.desk.facts(reading))]


@of_contract(list)
def refer(server: Server, params: lsp.ReferenceParams, _paper: Paper, reading: Reading) -> list[lsp.Location]:
    offset = _offset(reading.source, params.position)
    facts, declared = server.desk.facts(reading), params.context.include_declaration
    return [_location(server, one) for one in names.references(reading, offset, facts, declared)]


@of_contract(list)
def highlight(
    server: Server, params: lsp.DocumentHighlightParams, _paper: Paper, reading: Reading
) -> list[lsp.DocumentHighlight]:
    read, write = lsp.DocumentHighlightKind.Read, lsp.DocumentHighlightKind.Write
    return [
        lsp.DocumentHighlight(_range(reading.source, span), write if declares else read)
        for span, declares in names.highlights(reading, _offset(reading.source, params.position))
    ]


@of_contract(nothing)
def prepare_rename(
    server: Server, params: lsp.PrepareRenameParams, _paper: Paper, reading: Reading
) -> lsp.PrepareRenamePlaceholder | None:
    able = names.renamable(reading, _offset(reading.source, params.position))
    return None if able is None else lsp.PrepareRenamePlaceholder(_range(reading.source, able[0]), able[1])


@of_contract(nothing)
def rename(server: Server, params: lsp.RenameParams, _paper: Paper, reading: Reading) -> lsp.WorkspaceEdit | None:
    lang, offset = server.lang(reading), _offset(reading.source, params.position)
    made = names.rename(reading, offset, params.new_name, server.desk.facts(reading))
    if isinstance(made, Both):
        raise JsonRpcInvalidParams(made.text(lang))
    if made.files and not _can(server, "rename files"):
        raise JsonRpcInvalidParams(server.say("files", lang, files=", ".join(old for old, _ in made.files)))
    edits: dict[str, list[lsp.TextEdit]] = {}
    for change in made.changes:
        one = _edit(change.location.source, at.Edit(change.location.span, change.text))
        edits.setdefault(server.address(change.location.source.name), []).append(one)
    if not _can(server, "document changes"):
        return lsp.WorkspaceEdit(changes=edits)
    changes: list[lsp.TextDocumentEdit | lsp.CreateFile | lsp.RenameFile | lsp.DeleteFile] = []
    for address, some in edits.items():
        open_ = server.paper(address)
        version = None if open_ is None else open_.version
        changes.append(lsp.TextDocumentEdit(lsp.OptionalVersionedTextDocumentIdentifier(address, version), [*some]))
    for old, new in made.files:
        changes.append(lsp.RenameFile(server.address(old), from_fs_path(new) or new))
    return lsp.WorkspaceEdit(document_changes=changes)


def _can(server: Server, what: Literal["snippets", "rename files", "document changes"]) -> bool:
    """What the client said that it can do."""
    able = server.client_capabilities
    edit = None if able.workspace is None else able.workspace.workspace_edit
    match what:
        case "snippets":
            written = None if able.text_document is None else able.text_document.completion
            return bool(written and written.completion_item and written.completion_item.snippet_support)
        case "document changes":
            return bool(edit and edit.document_changes)
        case "rename files":
            kinds = (edit and edit.resource_operations) or []
            return bool(edit and edit.document_changes) and lsp.ResourceOperationKind.Rename in kinds


# ---- the file at a glance


@of_contract(list)
def show_symbols(
    _server: Server, _params: lsp.DocumentSymbolParams, _paper: Paper, reading: Reading
) -> list[lsp.DocumentSymbol]:
    return [_symbol(reading.source, one) for one in outline.symbols(reading)]


def _symbol(source: Source, one: outline.Symbol) -> lsp.DocumentSymbol:
    return lsp.DocumentSymbol(
        name=one.name or "…",
        detail=one.detail,
        kind=_SYMBOLS[one.sort],
        range=_range(source, one.span),
        selection_range=_range(source, one.chosen),
        children=[_symbol(source, child) for child in one.children],
    )


@total(list)
def find_symbols(server: Server, params: lsp.WorkspaceSymbolParams) -> list[lsp.WorkspaceSymbol]:
    made: list[lsp.WorkspaceSymbol] = []
    for reading in _everywhere(server):
        for one, owner in outline.flat(outline.symbols(reading)):
            query = params.query.lower()
            if query in one.name.lower() or query in one.detail.lower() or spells(query, one.name):
                location = lsp.Location(server.address(reading.source.name), _range(reading.source, one.chosen))
                made.append(lsp.WorkspaceSymbol(location, one.name, _SYMBOLS[one.sort], container_name=owner or None))
    return made


def _everywhere(server: Server) -> Iterator[Reading]:
    """The open documents, and the contracts of the workspace's folders."""
    seen: set[str] = set()
    for paper in server.desk.papers.values():
        if paper.ending not in FACTS:
            seen.add(os.path.normcase(paper.path))
            yield server.desk.reading(paper)
    left = _MOST_FILES
    for folder in server.workspace.folders.values():
        path = to_fs_path(folder.uri)
        for file in () if path is None else server.desk.beside.contracts(path, below=True):
            if os.path.normcase(file) not in seen and left > 0 and (text := server.desk.text(file)) is not None:
                left -= 1
                seen.add(os.path.normcase(file))
                yield read_contract(Source(file, text), server.desk.reader(file))


@total(list)
def fold(server: Server, params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange]:
    found = server.reading(params.text_document.uri)
    if found is None:
        return []
    comment, region = lsp.FoldingRangeKind.Comment, lsp.FoldingRangeKind.Region
    return [
        lsp.FoldingRange(one.first, one.last, kind=comment if one.comment else region)
        for one in outline.folds(found[1])
    ]


@of_contract(nothing)
def colour(
    server: Server, params: lsp.SemanticTokensParams, _paper: Paper, reading: Reading
) -> lsp.SemanticTokens | None:
    data: list[int] = []
    line = column = 0
    for one in colours.coloured(reading):
        there = _range(reading.source, one.span)
        start = there.start
        first = start.character - (column if start.line == line else 0)
        length = there.end.character - start.character
        data += (start.line - line, first, length, colours.COLOURS.index(one.colour), int(one.declares))
        line, column = start.line, start.character
    return lsp.SemanticTokens(data)


@of_contract(list)
def select(
    server: Server, params: lsp.SelectionRangeParams, _paper: Paper, reading: Reading
) -> list[lsp.SelectionRange]:
    made: list[lsp.SelectionRange] = []
    for position in params.positions:
        inner: lsp.SelectionRange | None = None
        for span in reversed(outline.around(reading, _offset(reading.source, position))):
            inner = lsp.SelectionRange(_range(reading.source, span), inner)
        made.append(inner or lsp.SelectionRange(lsp.Range(position, position)))
    return made


@of_contract(list)
def hint_inline(server: Server, params: lsp.InlayHintParams, _paper: Paper, reading: Reading) -> list[lsp.InlayHint]:
    if not server.settings.inlay_hints:
        return []
    source = reading.source
    first, last = _offset(source, params.range.start), _offset(source, params.range.end)
    return [
        lsp.InlayHint(_range(source, Span(one.offset, one.offset)).start, one.text, tooltip=one.why, padding_left=True)
        for one in hints.hints(reading, first, last)
    ]


# ---- mending and running


@of_contract(nothing)
def tidy(
    server: Server,
    params: lsp.DocumentFormattingParams | lsp.DocumentRangeFormattingParams,
    _paper: Paper,
    reading: Reading,
) -> list[lsp.TextEdit] | None:
    chosen = getattr(params, "range", None)
    lines = None if chosen is None else (chosen.start.line, chosen.end.line - (chosen.end.character == 0))
    edits, problem = tidied(reading.source, lines)
    if problem is not None:
        lang = server.lang(reading)
        message = server.say("broken", lang, finding=problem.text(lang))
        server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, message))
        return None
    return [_edit(reading.source, edit) for edit in edits]


@of_contract(list)
def act(server: Server, params: lsp.CodeActionParams, paper: Paper, reading: Reading) -> list[lsp.CodeAction]:
    source, lang = reading.source, server.lang(reading)
    wanted = params.context.only
    made: list[lsp.CodeAction] = []
    first, last = _offset(source, params.range.start), _offset(source, params.range.end)
    if _asked(wanted, lsp.CodeActionKind.QuickFix):
        for one in fixes.mendings(reading, first, last):
            told = None if one.finding is None else [server.told(one.finding, reading, lang)]
            made.append(_action(paper, source, one, lsp.CodeActionKind.QuickFix, told))
    if _asked(wanted, lsp.CodeActionKind.SourceFixAll) and (every := fixes.mend_all(reading)) is not None:
        made.append(_action(paper, source, every, lsp.CodeActionKind.SourceFixAll, None))
    return made


def _asked(wanted: Iterable[str] | None, kind: str) -> bool:
    return wanted is None or any(kind == one or kind.startswith(f"{one}.") for one in wanted)


def _action(
    paper: Paper, source: Source, one: fixes.Mending, kind: lsp.CodeActionKind, told: list[lsp.Diagnostic] | None
) -> lsp.CodeAction:
    edits = [_edit(source, edit) for edit in one.edits]
    return lsp.CodeAction(
        one.title,
        kind,
        told,
        is_preferred=one.preferred or None,
        edit=lsp.WorkspaceEdit(changes={paper.address: edits}),
    )


@of_contract(list)
def show_lenses(server: Server, params: lsp.CodeLensParams, paper: Paper, reading: Reading) -> list[lsp.CodeLens]:
    return [
        lsp.CodeLens(_range(reading.source, one.span), lsp.Command(one.text, RUN, arguments=[paper.address, one.runs]))
        for one in lens.lenses(reading, paper.ran)
    ]


def run_scenario(server: Server, address: str, title: str) -> dict[str, object] | None:
    """Runs one scenario of an open contract; what came of it stands in the lens over it and among the findings."""
    found = server.reading(address)
    if found is None:
        return None
    paper, reading = found
    lang, contract = server.lang(reading), reading.seen.contract
    if contract is None:
        message = lsp.ShowMessageParams(lsp.MessageType.Error, server.say("unfit", lang))
        server.window_show_message(message)
        return None
    try:
        ran = server.desk.beside.run(contract, title)
    except Exception as problem:
        logging.getLogger(__name__).exception("running %s", title)
        said = error("X901", reason=f"{type(problem).__name__}: {problem}").text(lang)
        server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, said))
        return None
    if ran is None:
        return None
    paper.ran[title] = ran
    server.publish(paper)
    able = server.client_capabilities.workspace
    if able is not None and able.code_lens is not None and able.code_lens.refresh_support:
        server.workspace_code_lens_refresh(None)
    return {"passed": not ran.misses, "misses": [miss.text.text(lang) for miss in ran.misses]}


# ---- the server


def made(beside: Beside) -> Server:
    """A server with all its services, not yet started."""
    server = Server(beside)
    feature = server.feature

    def initialized(params: lsp.InitializeParams) -> None:
        configured(server, params.initialization_options)

    def reconfigured(params: lsp.DidChangeConfigurationParams) -> None:
        configured(server, params.settings)
        server.desk.forget()
        recheck(server)

    feature(lsp.INITIALIZE)(initialized)
    feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)(reconfigured)
    for method, handler in (
        (lsp.TEXT_DOCUMENT_DID_OPEN, opened),
        (lsp.TEXT_DOCUMENT_DID_CHANGE, changed),
        (lsp.TEXT_DOCUMENT_DID_CLOSE, closed),
        (lsp.TEXT_DOCUMENT_DID_SAVE, saved),
        (lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, saved),
        (lsp.TEXT_DOCUMENT_HOVER, point),
        (lsp.TEXT_DOCUMENT_DEFINITION, define),
        (lsp.TEXT_DOCUMENT_REFERENCES, refer),
        (lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, highlight),
        (lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL, show_symbols),
        (lsp.WORKSPACE_SYMBOL, find_symbols),
        (lsp.TEXT_DOCUMENT_FOLDING_RANGE, fold),
        (lsp.TEXT_DOCUMENT_SELECTION_RANGE, select),
        (lsp.TEXT_DOCUMENT_INLAY_HINT, hint_inline),
        (lsp.TEXT_DOCUMENT_CODE_LENS, show_lenses),
        (lsp.TEXT_DOCUMENT_PREPARE_RENAME, prepare_rename),
        (lsp.TEXT_DOCUMENT_FORMATTING, tidy),
        (lsp.TEXT_DOCUMENT_RANGE_FORMATTING, tidy),
    ):
        feature(method)(functools.partial(handler, server))
    feature(
        lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[".", " ", '"', ":", "：", "“", "/"])
    )(functools.partial(complete, server))
    feature(lsp.TEXT_DOCUMENT_SIGNATURE_HELP, lsp.SignatureHelpOptions(["(", ",", "（", "，"]))(
        functools.partial(sign, server)
    )
    feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))(functools.partial(rename, server))
    kinds = [lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.SourceFixAll]
    feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=kinds))(
        functools.partial(act, server)
    )
    legend = lsp.SemanticTokensLegend(list(colours.COLOURS), ["declaration"])
    feature(lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, legend)(functools.partial(colour, server))

    def run(address: str, title: str) -> dict[str, object] | None:
        return run_scenario(server, address, title)

    server.command(RUN)(run)
    return server


class _Line(logging.Formatter):
    """One line for what went wrong on our side; an editor shows it in a log, not to the one who writes."""

    def format(self, record: logging.LogRecord) -> str:
        problem = record.exc_info[1] if record.exc_info else None
        said = "" if problem is None else f": {type(problem).__name__}: {problem}"
        return f"contract lsp: {record.getMessage()}{said}".replace("\n", " ")


def serve(beside: Beside, language: Literal["auto", "en", "zh"] = "auto", traced: bool = False) -> None:
    """Speaks to a client over standard input and output, until it says that it is done. `language` is that of messages,
    unless the client chooses; `traced`: the log shows where something went wrong."""
    log = logging.StreamHandler()
    if not traced:
        log.setFormatter(_Line())
    logging.basicConfig(level=logging.ERROR, handlers=[log])
    server = made(beside)
    server.settings.language = language
    server.start_io()
