"""Every example of every page is run: those under docs/, README.md and README.zh.md.

A comment directly before a fenced block says what is done with it. Readers of the rendered page don't see it;
blank lines may stand between. Several comments may follow one another, and one may hold several `key: value`,
separated by `;`.

    ```contract         A whole contract (it begins with `contract "…" {`) must be sound; its scenarios pass.
                        Any other text is a fragment: declarations that are put behind a preamble.
    in: NAME            The preamble of this fragment: a block of the page that is marked `preamble: NAME`, or
                        docs/preambles/NAME.contract. Chinese keywords take NAME-zh where there is one.
    from here in: NAME  The preamble of this and of every later fragment of the page.
    as: header          The fragment is header items; they replace those of the preamble with the same word.
    as: expressions     Each line of the fragment is an expression, read as a `let`.
    expect: E402, W502  All of these codes must be told of the block; with an E among them it must be refused.
                        Without `expect` a block must be sound; its warnings are not minded.
    same                The block means the same as the contract block before it, in other keywords.
    file: PATH          The block is also written to PATH, in a folder that belongs to the page (see below).

    ```python           Run in order, in one namespace for each page. The repository's `contracts/` is there.
    ```text             After a python block and with `output`: what the block before has printed.

    ```console          Each line `$ contract …` is run, and what follows, to the next `$` or the end, must be
                        its output. A line `…` stands for any lines, `…` at the end of a line for its rest.
    exit: 1             The exit code of the block's last command (the others, and all without this, give 0).

    ```csv json yaml    Facts. They need `file: PATH`, and then stand in the page's folder for later blocks.
    with: CONTRACT      The file is read at once as facts of that contract (a preamble or a file of the page)
                        and must be accepted, or refused with the codes of `expect`.

    ```sh               The `contract …` commands in it are run and must not fail. Others (pip) are left out.
    not run: REASON     On any block: it is not run. There is no other way not to be run: a block of another
                        language is an error, but for `text` and `ebnf`, which nothing runs.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner

from clausal.cli import main
from clausal.dsl.builtins import FUNCTIONS
from clausal.dsl.compile import compile_text
from clausal.dsl.diagnostics import Diagnostic, Rejected, Source, brief, codes, has_errors
from clausal.dsl.keywords import table
from clausal.dsl.lexer import lex
from clausal.engine.embedding import from_text, reader

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("**/*.md")) + sorted(ROOT.glob("README*.md"))
DATA = ("csv", "json", "yaml")
SHOWN = ("text", "ebnf", "")
KEYS = frozenset(
    ("in", "from here in", "as", "expect", "same", "file", "preamble", "output", "exit", "with", "not run")
)


@attrs.frozen
class Block:
    page: str
    line: int
    language: str
    text: str
    marks: dict[str, str]


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, each with what the comments before it say."""
    lines = page.read_text(encoding="utf-8").split("\n")
    marks: dict[str, str] = {}
    i = 0
    while i < len(lines):
        line = lines[i]
        fence = re.fullmatch(r"( *)(```+)([\w+-]*)\s*", line)
        comment = re.fullmatch(r"\s*<!--(.*?)-->\s*", line)
        if fence:
            indent, ticks, language = fence.groups()
            first = i + 1
            i = first
            while i < len(lines) and lines[i].strip() != ticks:
                i += 1
            body = "\n".join(one.removeprefix(indent) for one in lines[first:i])
            yield Block(page.name, first + 1, language, body + "\n", marks)
            marks = {}
        elif comment:
            marks = {**marks, **read_marks(comment[1])}
        elif line.strip():
            marks = {}
        i += 1


def read_marks(text: str) -> dict[str, str]:
    """`in: trade; expect: E402` as keys and values; a comment that is none of ours says nothing."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        key, _, value = part.partition(":")
        if key.strip() in KEYS:
            found[key.strip()] = value.strip()
    return found


@attrs.define
class Reader:
    """One reader of one page, from top to bottom: what was defined, written and found on the way."""

    page: Path
    folder: Path
    failures: list[str] = attrs.Factory(list)
    preambles: dict[str, str] = attrs.Factory(dict)
    default: str | None = None
    namespace: dict[str, Any] = attrs.Factory(lambda: {"__name__": "page"})
    before: Any = None
    printed: str | None = None
    ran: int = 0

    def fail(self, block: Block, message: str) -> None:
        self.failures.append(f"{block.page}:{block.line}: {message}")

    def read(self) -> None:
        for block in blocks(self.page):
            if "not run" in block.marks:
                if not block.marks["not run"]:
                    self.fail(block, "`not run` must give a reason")
                continue
            self.ran += 1
            match block.language:
                case "contract":
                    self.contract(block)
                case "python":
                    self.python(block)
                case "console":
                    self.console(block)
                case "sh":
                    self.shell(block)
                case language if language in DATA:
                    self.data(block)
                case "text" if "output" in block.marks:
                    self.output(block)
                case language if language in SHOWN:
                    self.ran -= 1
                case language:
                    self.fail(block, f"nothing runs `{language}`; mark it `not run: REASON`")

    # ---- contracts

    def preamble(self, name: str, chinese: bool = False) -> str | None:
        if chinese:
            return self.preamble(f"{name}-zh") or self.preamble(name)
        if name in self.preambles:
            return self.preambles[name]
        path = DOCS / "preambles" / f"{name}.contract"
        return path.read_text(encoding="utf-8") if path.exists() else None

    def whole(self, block: Block) -> str | None:
        text = block.text
        self.default = block.marks.get("from here in", self.default)
        plain = re.sub(r"#.*", "", text).lstrip()
        if re.match(r'(contract|合同)\s+["“]', plain):
            return text
        name = block.marks.get("in", self.default)
        if name is None:
            self.fail(block, "a fragment needs `in: NAME`")
            return None
        chinese = lex(Source("", text)).lang == "zh"
        preamble = self.preamble(name, chinese)
        if preamble is None:
            self.fail(block, f"there is no preamble `{name}`")
            return None
        match block.marks.get("as"):
            case None:
                return preamble + "\n" + text
            case "header":
                return with_header(preamble, text)
            case "expressions":
                let = "定义" if chinese else "let"
                lines = [re.sub(r"\s#.*", "", line).strip() for line in text.split("\n")]
                lines = [line for line in lines if line and line[0] != "#"]
                made = [f"{let} example_{i} = {line}" for i, line in enumerate(lines)]
                return preamble + "\n" + "\n".join(made) + "\n"
            case other:
                self.fail(block, f"nothing is known as `{other}`")
                return None

    def contract(self, block: Block) -> None:
        text = self.whole(block)
        if text is None:
            return
        if "preamble" in block.marks:
            self.preambles[block.marks["preamble"]] = text
        if "file" in block.marks:
            self.write(block)
        model, found = compile_text(text, f"{block.page}:{block.line}", reader(self.folder / block.page))
        self.told(block, model is not None, found)
        if model is not None:
            self.scenarios(block, text)
        if "same" in block.marks and model is not None:
            one, two = meaning(self.before), meaning(model)
            for key in two:
                if one.get(key) != two[key]:
                    self.fail(block, f"its {key} differ from those of the block before")
        self.before = model

    def told(self, block: Block, sound: bool, found: tuple[Diagnostic, ...]) -> None:
        expected = {code.strip() for code in block.marks.get("expect", "").split(",") if code.strip()}
        got = {one.code for one in found}
        for code in sorted(expected - got):
            self.fail(block, f"{code} is not told; told are {sorted(got) or 'none'}")
        refused = any(code[0] in "EFR" for code in expected) and not expected <= {"F627"}
        if refused and sound:
            self.fail(block, "it must be refused, and is accepted")
        if not refused:
            errors = [brief(one) for one in found if one.severity == "error"]
            self.failures += [f"{block.page}:{block.line}: {error}" for error in errors]

    def scenarios(self, block: Block, text: str) -> None:
        if not any(word in text for word in ("scenario", "示例")):
            return
        for result in from_text(text, block.page, reader(self.folder / block.page)).run_scenarios():
            for failure in result.failures:
                got = f"expected {failure.expected}, got {failure.found}"
                self.fail(block, f"scenario {result.name!r}: {failure.what}: {got}")

    # ---- facts

    def write(self, block: Block) -> Path:
        path = self.folder / block.marks["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        return path

    def data(self, block: Block) -> None:
        if "file" not in block.marks:
            self.fail(block, "facts need `file: PATH`")
            return
        path = self.write(block)
        if "with" not in block.marks:
            return
        name = block.marks["with"]
        written = self.folder / name
        text = written.read_text(encoding="utf-8") if written.is_file() else self.preamble(name)
        if text is None:
            self.fail(block, f"there is no contract `{name}`")
            return
        contract = from_text(text, name)
        try:
            _, found = contract.read_facts(path)
            self.told(block, True, found)
        except Rejected as rejected:
            self.told(block, False, rejected.diagnostics)

    # ---- programs

    def python(self, block: Block) -> None:
        out = io.StringIO()
        try:
            with contextlib.redirect_stdout(out):
                exec(compile("\n" * (block.line - 1) + block.text, block.page, "exec"), self.namespace)
        except BaseException as problem:
            self.fail(block, f"{problem.__class__.__name__}: {problem}")
        self.printed = out.getvalue()

    def output(self, block: Block) -> None:
        if self.printed is None:
            self.fail(block, "there is no python block whose output this is")
        elif not alike(block.text, self.printed):
            self.fail(block, f"the output is\n{self.printed}")

    def console(self, block: Block) -> None:
        commands: list[tuple[str, list[str]]] = []
        for line in block.text.rstrip("\n").split("\n"):
            if line.startswith("$ "):
                commands.append((line[2:], []))
            elif commands:
                commands[-1][1].append(line)
            else:
                self.fail(block, "a console block begins with `$ `")
                return
        for i, (command, shown) in enumerate(commands):
            last = i == len(commands) - 1
            code = int(block.marks.get("exit", "0")) if last else 0
            words = shlex.split(command, comments=True)
            if words[:1] != ["contract"]:
                self.fail(block, f"only `contract` is run, not `{command}`")
                continue
            got, output = run_contract(words[1:])
            if got != code:
                self.fail(block, f"`{command}` gives the exit code {got}, not {code}\n{output}")
            if not alike("\n".join(shown), output):
                self.fail(block, f"`{command}` prints\n{output}")

    def shell(self, block: Block) -> None:
        text = block.text.replace("\\\n", " ")
        for command in re.findall(r"(?:^|[\s/])contract ([a-z].*?)(?=&&|\||;|#|$)", text, re.MULTILINE):
            got, output = run_contract(shlex.split(command))
            if got not in (0, 1, 3):
                self.fail(block, f"`contract {command}` gives the exit code {got}\n{output}")


def with_header(preamble: str, items: str) -> str:
    """The preamble with other header items: those that begin with the same word are replaced."""
    head, rest = preamble.split("{", 1)
    header, rest = rest.split("}", 1)
    new = [line for line in items.split("\n") if line.strip()]
    words = {line.split()[0] for line in new}
    kept = [line for line in header.split("\n") if line.strip() and line.split()[0] not in words]
    return head + "{\n" + "\n".join([*kept, *new]) + "\n}" + rest


def meaning(model: Any) -> dict[str, Any]:
    """What a contract means, without where it was read from."""
    if model is None:
        return {}
    fields = {a.name: getattr(model, a.name) for a in attrs.fields(model.__class__)}
    for name in ("source", "sha256", "keywords", "findings"):
        del fields[name]
    return fields


def alike(shown: str, got: str) -> bool:
    """Whether an output is as it is shown; `…` stands for anything."""
    pattern: list[str] = []
    for line in shown.rstrip().split("\n"):
        line = line.rstrip()
        if line.strip() in ("…", "..."):
            pattern.append(r"(?:[^\n]*\n)*?")
        elif line.endswith("…"):
            pattern.append(re.escape(line[:-1]) + r"[^\n]*\n")
        else:
            pattern.append(re.escape(line) + r"\n")
    text = "\n".join(line.rstrip() for line in got.rstrip().split("\n")) + "\n"
    return re.fullmatch("".join(pattern), text) is not None or (not shown.strip() and not got.strip())


def run_contract(words: list[str]) -> tuple[int, str]:
    """The exit code of a command and what it prints, both streams in their order."""
    result = CliRunner().invoke(
        main, words, prog_name="contract", env={"NO_COLOR": "1", "COLUMNS": "80", "LANG": "en_US.UTF-8"}
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_examples(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "contracts").symlink_to(ROOT / "contracts", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    reader = Reader(page, tmp_path)
    reader.read()
    assert not reader.failures, "\n" + "\n".join(reader.failures)


# ---- the conventions themselves


def read_text(text: str, tmp_path: Path) -> Reader:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    reader = Reader(page, tmp_path)
    reader.read()
    return reader


SMALL = """<!-- preamble: small -->
```contract
contract "Small" { currency CNY   term from 2026-01-01 to 2026-12-31   rounding half_up to 0.01 }
party a
party b
```
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("```contract\nlet x = 1\n```\n", "needs `in: NAME`"),
        (SMALL + "<!-- in: small -->\n```contract\nlet x = missing\n```\n", "E201"),
        (SMALL + "<!-- in: small; expect: E201 -->\n```contract\nlet x = 1\n```\n", "must be refused"),
        (SMALL + "<!-- in: small -->\n```contract\nlet x = 1\n```\n<!-- in: small; same -->\n"
         "```contract\nlet x = 2\n```\n", "values differ"),
        ("```python\nraise ValueError('no')\n```\n", "ValueError: no"),
        ("```python\nprint(1)\n```\n<!-- output -->\n```text\n2\n```\n", "the output is"),
        ("```ruby\nputs 1\n```\n", "nothing runs"),
        ("```csv\na,b\n```\n", "need `file: PATH`"),
        ("<!-- not run: -->\n```ruby\n```\n", "give a reason"),
    ],
)  # fmt: skip
def test_what_is_wrong_on_a_page_is_seen(text: str, words: str, tmp_path: Path) -> None:
    assert words in "\n".join(read_text(text, tmp_path).failures)


def test_what_is_right_on_a_page_passes(tmp_path: Path) -> None:
    text = SMALL + (
        "<!-- in: small; as: expressions -->\n```contract\n5% of CNY 100   # CNY 5\n```\n"
        "<!-- in: small; as: header; expect: E402 -->\n```contract\ncalendar CN\n```\n"
        "```python\nprint('one\\ntwo')\n```\n<!-- output -->\n```text\none\n…\n```\n"
    )
    reader = read_text(text, tmp_path)
    assert not reader.failures
    assert reader.ran == 5


# ---- nothing of the language is left out


def reference() -> str:
    return (DOCS / "reference.md").read_text(encoding="utf-8")


def rows_of_tables(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])]
        for line in text.split("\n")
        if line.startswith("|")
    ]


def test_every_keyword_is_in_the_table_of_keywords() -> None:
    cells = {cell for row in rows_of_tables(reference()) for cell in row}
    for keyword in table().keywords.roles.values():
        wanted = [f"`{word}`" for word in (keyword.en, keyword.zh) if word]
        assert all(any(word in cell for cell in cells) for word in wanted), keyword
        if len(wanted) == 2:
            assert any(set(wanted) <= set(row) for row in rows_of_tables(reference())), keyword


def test_every_name_by_position_is_in_a_table() -> None:
    rows = [set(re.findall(r"`([^`]+)`", " ".join(row))) for row in rows_of_tables(reference())]
    for section, names in table().keywords.names.items():
        for en, zh in names.items():
            said = {en, en.replace("_", " ")}
            assert any(said & row and zh in row for row in rows), (section, en, zh)


def test_the_table_of_keywords_says_nothing_else() -> None:
    """What the table claims is what `keywords.toml` has."""
    with open(ROOT / "dsl" / "keywords.toml", "rb") as file:
        roles = tomllib.load(file)["keyword"]
    pairs = {(row.get("en", "–"), row.get("zh", "–")) for row in roles.values()}
    text = reference()
    start = text.index("<!-- table of keywords -->")
    end = text.index("<!-- end of the table of keywords -->")
    for row in rows_of_tables(text[start:end]):
        if len(row) >= 2 and row[0].startswith("`") | row[0].startswith("–"):
            pair = (row[0].strip("`"), row[1].strip("`"))
            assert pair in pairs, pair


def test_every_function_is_documented() -> None:
    text = reference()
    for function in FUNCTIONS:
        assert f"`{function.name}`" in text or f"`{function.name}(" in text, function.name
        assert function.zh in text, function.zh


def test_every_code_that_a_page_names_exists() -> None:
    known = set(codes())
    for page in PAGES:
        named = set(re.findall(r"\b[EWFRX][1-9][0-9]{2}\b", page.read_text(encoding="utf-8")))
        assert named <= known, (page.name, sorted(named - known))


def slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        if anchor and there.suffix == ".md":
            headings = re.findall(r"^#+ +(.*)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {slug(heading) for heading in headings}, target


def test_every_term_and_figure_has_its_answer() -> None:
    """The index of "How do I say" leads each row, S1 to S82 and F1 to F58, to sections that bear its number."""
    folder = DOCS / "how-do-i-say"
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows_of_tables((folder / "README.md").read_text(encoding="utf-8")):
        if re.fullmatch(r"[SF]\d+[bc]?", row[0]):
            found[row[0]] = re.findall(r"\]\(([\w-]+\.md)#([^)]+)\)", row[-1])
    wanted = [f"S{i}" for i in range(1, 83)] + [f"F{i}" for i in range(1, 59)] + ["F15b", "F15c"]
    assert sorted(found) == sorted(wanted)
    for number, links in found.items():
        assert links, number
        for page, anchor in links:
            headings = re.findall(r"^### +(.*)$", (folder / page).read_text(encoding="utf-8"), re.MULTILINE)
            assert [h for h in headings if slug(h) == anchor and re.search(rf"\b{number}\b", h)], (number, anchor)


def test_every_room_is_on_the_map() -> None:
    """docs/design.md names each module, but for those of engine/report/, which it names as one."""
    design = (DOCS / "design.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w/]+)(?:\.py)?`", design))
    for folder in ("dsl", "engine", "engine/walk"):
        for path in (ROOT / folder).glob("*.py"):
            wanted = {f"{folder}/{path.stem}"} | ({path.stem} if folder == "engine/walk" else set())
            assert path.stem == "__init__" or wanted & named, path.relative_to(ROOT).as_posix()
    for name in named:
        if re.fullmatch(r"(dsl|engine)/\w[\w/]*\w", name):
            assert (ROOT / f"{name}.py").exists() or (ROOT / name).is_dir(), name


def test_a_rejected_contract_has_diagnostics() -> None:
    """What the conventions of this file rest on."""
    model, found = compile_text("contract", "x")
    assert model is None
    assert has_errors(found)
