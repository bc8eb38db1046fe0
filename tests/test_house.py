"""Guards on how the house is built: what may import what, what the package holds, and that it exists once."""

from __future__ import annotations

import ast
import graphlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import clausal
from clausal.engine.templates import TEMPLATES

ROOT = Path(__file__).resolve().parents[1]

# A lower floor never imports a higher one. The markers of the packages are the ground, since every import of
# a room runs them. A new module gets its floor here first.
FLOORS = {
    "clausal.dsl": 0,
    "clausal.engine": 0,
    "clausal.engine.report": 0,
    "clausal.engine.walk": 0,
    "clausal.dsl.version": 1,
    "clausal.dsl.diagnostics": 1,
    "clausal.dsl.periods": 1,
    "clausal.dsl.calendar_cn": 1,
    "clausal.dsl.calendars": 1,
    "clausal.dsl.types": 1,
    "clausal.dsl.values": 2,
    "clausal.dsl.syntax": 3,
    "clausal.dsl.model": 3,
    "clausal.dsl.wording": 3,
    "clausal.dsl.keywords": 4,
    "clausal.dsl.lexer": 4,
    "clausal.dsl.actions": 4,
    "clausal.dsl.parse": 4,
    "clausal.dsl.build_table": 4,
    "clausal.dsl.format": 5,
    "clausal.dsl.format.phrases": 4,
    "clausal.dsl.format.spelling": 4,
    "clausal.dsl.format.layout": 4,
    "clausal.dsl.builtins": 4,
    "clausal.dsl.highlight": 5,
    "clausal.dsl.prose.words": 5,
    "clausal.dsl.prose.telling": 5,
    "clausal.dsl.prose.ladders": 5,
    "clausal.dsl.prose.formulas": 5,
    "clausal.dsl.prose.powers": 6,
    "clausal.dsl.prose.duties": 6,
    "clausal.dsl.prose.course": 6,
    "clausal.dsl.prose.basics": 5,
    "clausal.dsl.prose": 6,
    "clausal.dsl.resolve": 5,
    "clausal.dsl.files": 5,
    "clausal.dsl.amend": 6,
    "clausal.dsl.check": 6,
    "clausal.dsl.lower": 7,
    "clausal.dsl.figures": 6,
    "clausal.dsl.cases": 7,
    "clausal.dsl.prove": 7,
    "clausal.dsl.graph": 7,
    "clausal.dsl.graph_notation": 7,
    "clausal.dsl.graph_drawing": 7,
    "clausal.dsl.compile": 8,
    "clausal.dsl.editor": 0,
    "clausal.dsl.editor.positions": 9,
    "clausal.dsl.editor.pinyin": 9,
    "clausal.dsl.editor.build_pinyin": 9,
    "clausal.dsl.editor.snippets": 9,
    "clausal.dsl.editor.writing": 9,
    "clausal.dsl.editor.facts_files": 9,
    "clausal.dsl.editor.expected": 9,
    "clausal.dsl.editor.reading": 9,
    "clausal.dsl.editor.completion": 9,
    "clausal.dsl.editor.names": 9,
    "clausal.dsl.editor.outline": 9,
    "clausal.dsl.editor.colours": 9,
    "clausal.dsl.editor.hints": 9,
    "clausal.dsl.editor.hover": 9,
    "clausal.dsl.editor.lens": 9,
    "clausal.dsl.editor.fixes": 9,
    "clausal.dsl.editor.beside": 9,
    "clausal.dsl.editor.desk": 9,
    "clausal.dsl.editor.tidying": 9,
    "clausal.dsl.editor.server": 9,
    "clausal.dsl.compare": 8,
    "clausal.engine.selection": 3,
    "clausal.engine.facts": 3,
    "clausal.engine.cells": 4,
    "clausal.engine.tables": 4,
    "clausal.engine.intake": 4,
    "clausal.engine.forms": 5,
    "clausal.engine.gaps": 5,
    "clausal.engine.schema": 6,
    "clausal.engine.templates": 5,
    "clausal.engine.state": 5,
    "clausal.engine.terms": 6,
    "clausal.engine.instances": 6,
    "clausal.engine.ladders": 6,
    "clausal.engine.rows": 7,
    "clausal.engine.outcome": 4,
    "clausal.engine.exact": 5,
    "clausal.engine.balances": 6,
    "clausal.engine.matching": 5,
    "clausal.engine.charges": 5,
    "clausal.engine.thresholds": 7,
    "clausal.engine.suspensions": 6,
    "clausal.engine.walk.course": 7,
    "clausal.engine.walk.interest": 7,
    "clausal.engine.walk.payments": 7,
    "clausal.engine.walk.deadlines": 7,
    "clausal.engine.walk.amounts": 7,
    "clausal.engine.walk.arising": 7,
    "clausal.engine.walk.performing": 7,
    "clausal.engine.walk.default": 7,
    "clausal.engine.walk.rights": 7,
    "clausal.engine.walk.escalations": 7,
    "clausal.engine.walk.prohibitions": 7,
    "clausal.engine.walk.halting": 7,
    "clausal.engine.walk.ending": 7,
    "clausal.engine.walk.answers": 7,
    "clausal.engine.walk.months": 7,
    "clausal.engine.walk.walk": 7,
    "clausal.engine.report.blocks": 6,
    "clausal.engine.report.blocks_html": 7,
    "clausal.engine.report.blocks_markdown": 7,
    "clausal.engine.report.reading": 9,
    "clausal.engine.report.statement": 6,
    "clausal.engine.report.spelling": 6,
    "clausal.engine.report.delimited": 7,
    "clausal.engine.report.html": 7,
    "clausal.engine.report.junit": 7,
    "clausal.engine.report.markdown": 7,
    "clausal.engine.report.plain": 7,
    "clausal.engine.report.terminal": 7,
    "clausal.engine.report.xlsx": 7,
    "clausal.engine.evaluate": 8,
    "clausal.engine.agenda": 9,
    "clausal.engine.explain": 8,
    "clausal.engine.scenarios": 8,
    "clausal.engine.quantities": 9,
    "clausal.engine.decisions": 9,
    "clausal.engine.simulate": 9,
    "clausal.engine.coverage": 9,
    "clausal.engine.report.coverage": 9,
    "clausal.engine.report.plot": 8,
    "clausal.engine.report.simulation": 9,
    "clausal.engine.report.explanation": 9,
    "clausal.engine.embedding": 9,
    "clausal.engine.compare": 9,
    "clausal.engine.report.comparison": 9,
    "clausal.engine.conformance": 9,
    "clausal.engine.beside": 9,
    "clausal": 10,
    "clausal.cli": 10,
}

# The doors may load a room inside the command that needs it: nobody imports a door, so no knot hides there.
DOORS = {"clausal", "clausal.cli"}

# What a room may load inside a function too: for a method that only a notebook calls every start would be slower. The
# floors hold all the same.
SELDOM = {
    ("clausal.engine.embedding", "clausal.engine.report.html"),
    ("clausal.engine.embedding", "clausal.engine.report.explanation"),
}

# Siblings that don't know each other: a statement and a wording to text, page, workbook.
PAGES = {name for name, floor in FLOORS.items() if name.startswith("clausal.engine.report.") and floor == 7}

# The language knows no machine; engines read the model and never the syntax; the formatter the other way.
APART = [
    ("clausal.dsl", "clausal.engine"),
    ("clausal.engine", "clausal.dsl.syntax"),
    ("clausal.engine", "clausal.dsl.parse"),
    ("clausal.dsl.format", "clausal.dsl.model"),
]

# A third-party library is known by one room (rich by what draws for the terminal).
LIBRARIES = {
    "lark": {"clausal.dsl.build_table"},
    "pygments": {"clausal.dsl.highlight"},
    "yaml": {"clausal.engine.tables"},
    "python_calamine": {"clausal.engine.tables"},
    "xlsxwriter": {"clausal.engine.report.xlsx"},
    "rich": {"clausal.engine.report.terminal", "clausal.cli"},
    "click": {"clausal.cli"},
    "pygls": {"clausal.dsl.editor.server"},
    "lsprotocol": {"clausal.dsl.editor.server"},
    "pypinyin": {"clausal.dsl.editor.build_pinyin"},
}

# Where a float may be met: to refuse it, or to take its shortest decimal.
MEETS_FLOATS = {"clausal.engine.intake"}


def sources() -> dict[str, str]:
    """Every module of the package by its dotted name, with its text."""
    paths = [ROOT / "__init__.py", ROOT / "cli.py", *ROOT.glob("dsl/**/*.py"), *ROOT.glob("engine/**/*.py")]
    texts = {}
    for path in sorted(path for path in paths if path.exists()):
        parts = ["clausal", *path.relative_to(ROOT).with_suffix("").parts]
        texts[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text("utf-8")
    return texts


def imported(module: str, text: str, is_package: bool) -> Iterator[tuple[str, int, bool]]:
    """Each name that `module` imports, in full, with its line and whether that is inside a function."""

    def walk(node: ast.AST, inside: bool) -> Iterator[tuple[str, int, bool]]:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield alias.name, node.lineno, inside
            case ast.ImportFrom(module=base, names=names, level=level):
                near = module.split(".")
                above = near[: len(near) + is_package - level] if level else []
                for alias in names:
                    yield ".".join([*above, *([base] if base else []), alias.name]), node.lineno, inside
            case _:
                inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                for child in ast.iter_child_nodes(node):
                    yield from walk(child, inside)

    yield from walk(ast.parse(text), False)


def import_findings(texts: dict[str, str]) -> list[str]:
    """What is wrong with the imports of these modules."""
    found = [f"{module} has no floor" for module in texts if module not in FLOORS]
    modules = {*FLOORS, *texts}
    graph: dict[str, set[str]] = {module: set() for module in texts}
    for module, text in texts.items():
        is_package = any(other.startswith(module + ".") for other in modules)
        for name, line, inside in imported(module, text, is_package):
            at = f"{module}:{line}"
            library = name.partition(".")[0]
            if library in LIBRARIES and module not in LIBRARIES[library]:
                found.append(f"{at} knows {library}")
            if library in {"dsl", "engine", "cli"}:
                found.append(f"{at} imports {name} outside the package")
            if library != "clausal":
                continue
            there = name
            while there not in modules:
                there = there.rpartition(".")[0]
            if there != module:
                graph[module].add(there)
            if FLOORS.get(there, 0) > FLOORS.get(module, 9):
                found.append(f"{at} imports {there}, up from floor {FLOORS[module]} to {FLOORS[there]}")
            if {module, there} <= PAGES and module != there:
                found.append(f"{at} imports {there}, its sibling")
            for room, other in APART:
                if module.startswith(room) and there.startswith(other):
                    found.append(f"{at} imports {there}, of which {room} knows nothing")
            if inside and module not in DOORS and (module, there) not in SELDOM:
                found.append(f"{at} imports {there} inside a function")
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        found.append("imports run in a circle: " + ", ".join(error.args[1]))
    return found


def float_findings(module: str, text: str) -> list[str]:
    """Where a module makes a float: by name, by a literal or (except where it is refused) in a type."""
    found = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Name(id="float")):
                found.append(f"{module}:{node.lineno} calls float()")
            case ast.Constant(value=float()):
                found.append(f"{module}:{node.lineno} writes {node.value!r}")
            case (
                ast.arg(annotation=ast.expr() as said)
                | ast.AnnAssign(annotation=said)
                | ast.FunctionDef(returns=ast.expr() as said)
            ):
                names = {part.id for part in ast.walk(said) if isinstance(part, ast.Name)}
                if "float" in names and module not in MEETS_FLOATS:
                    found.append(f"{module}:{node.lineno} has a float in a type")
    return found


def python(code: str, folder: Path) -> str:
    """What a fresh interpreter prints that was started in `folder`."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_package_exists_once() -> None:
    assert clausal.__file__ is not None
    assert Path(clausal.__file__).resolve() == ROOT / "__init__.py"
    ours = {path: name for name, path in loaded_from_the_root()}
    assert [(name, path) for name, path in loaded_from_the_root() if ours[path] != name] == []
    assert [name for name in ours.values() if name != "clausal" and not name.startswith("clausal.")] == []


def loaded_from_the_root() -> list[tuple[str, Path]]:
    """The modules loaded from the package's own files, under whatever name."""
    own = [ROOT / "dsl", ROOT / "engine"]
    loaded = []
    for name, module in list(sys.modules.items()):
        path = Path(getattr(module, "__file__", None) or "/").resolve()
        if path in (ROOT / "__init__.py", ROOT / "cli.py") or any(room in path.parents for room in own):
            loaded.append((name, path))
    return loaded


def test_imports_point_down() -> None:
    assert import_findings(sources()) == []


@pytest.mark.parametrize(
    ("module", "text", "finding"),
    [
        ("clausal.dsl.periods", "from clausal.dsl import model", "up from floor 1 to 3"),
        ("clausal.dsl.periods", "from clausal.dsl.model import Op", "up from floor 1 to 3"),
        ("clausal.dsl.periods", "from .model import Op", "up from floor 1 to 3"),
        ("clausal.dsl.periods", "import clausal.dsl.model as model", "up from floor 1 to 3"),
        ("clausal.dsl.periods", "if TYPE_CHECKING:\n    from . import model", "up from floor 1 to 3"),
        ("clausal.engine.report", "from . import terminal", "up from floor 0 to 7"),
        ("clausal.engine.exact", "from clausal import load", "up from floor 5 to 10"),
        ("clausal.engine.exact", "from ..dsl.compile import compile", "up from floor 5 to 8"),
        ("clausal.engine.report.html", "from .terminal import draw", "its sibling"),
        ("clausal.dsl.lower", "from clausal.engine.facts import Facts", "of which clausal.dsl knows nothing"),
        ("clausal.dsl.format", "from .. import model", "of which clausal.dsl.format knows nothing"),
        ("clausal.engine.evaluate", "from clausal.dsl.syntax import Node", "of which clausal.engine knows"),
        ("clausal.dsl.lower", "def f():\n    from clausal.dsl import model", "inside a function"),
        ("clausal.dsl.lower", "from dsl import model", "outside the package"),
        ("clausal.dsl.check", "import lark", "knows lark"),
        ("clausal.engine.evaluate", "def f():\n    from rich.table import Table", "knows rich"),
        ("clausal.dsl.helpers", "", "has no floor"),
    ],
)
def test_an_import_that_points_up_is_found(module: str, text: str, finding: str) -> None:
    assert finding in "\n".join(import_findings({module: text}))


def test_a_circle_on_one_floor_is_found() -> None:
    circle = {"clausal.dsl.types": "from . import periods", "clausal.dsl.periods": "from . import types"}
    assert "circle" in "\n".join(import_findings(circle))


def test_no_float_in_the_rooms() -> None:
    rooms = {name: text for name, text in sources().items() if name not in DOORS}
    assert [line for name, text in rooms.items() for line in float_findings(name, text)] == []


@pytest.mark.parametrize(
    "text",
    ["x = float('1')", "x = 0.5", "def f(x: float): ...", "def f() -> float | None: ...", "x: list[float]"],
)
def test_a_float_is_found(text: str) -> None:
    assert len(float_findings("clausal.dsl.values", text)) == 1


def test_the_public_face_draws_nothing(tmp_path: Path) -> None:
    heavy = ("click", "rich", "python_calamine", "xlsxwriter")
    reached = python(
        "import sys, clausal\n"
        "for name in clausal.__all__: getattr(clausal, name)\n"
        f"print([name for name in {heavy} if name in sys.modules])",
        tmp_path,
    )
    assert reached.strip() == "[]"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built from a copy so that nothing an earlier build left behind can slip in."""
    copy, out = tmp_path_factory.mktemp("source") / "checkout", tmp_path_factory.mktemp("wheel")
    leave = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "node_modules", "*.egg-info")
    shutil.copytree(ROOT, copy, ignore=leave)
    python(f"from setuptools import build_meta; build_meta.build_wheel({str(out)!r})", copy)
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_holds_the_rooms_and_nothing_else(wheel: Path) -> None:
    rooms = [path for room in ("dsl", "engine") for path in (ROOT / room).rglob("*") if path.is_file()]
    doors = [path for path in (ROOT / "__init__.py", ROOT / "cli.py", ROOT / "py.typed") if path.exists()]
    shipped = {path.relative_to(ROOT).as_posix() for path in rooms + doors if path.suffix != ".pyc"}
    suite = ROOT / "tests" / "conformance"
    cases = [path for path in suite.rglob("*") if path.suffix in (".contract", ".json", ".md", ".py", ".toml")]
    shipped |= {f"conformance/{path.relative_to(suite).as_posix()}" for path in cases}
    shipped |= {
        f"contracts/{path.relative_to(ROOT / 'contracts').as_posix()}"
        for template in TEMPLATES
        for path in (ROOT / "contracts" / template.folder).rglob("*")
        if path.suffix in (".contract", ".csv") or path.name == "sources.md"
    }
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        (entry_points,) = [name for name in archive.namelist() if name.endswith("/entry_points.txt")]
        assert "contract = clausal.cli:main" in archive.read(entry_points).decode()
        assert any(name.endswith("/licenses/LICENSE") for name in archive.namelist())
    assert names == {f"clausal/{path}" for path in shipped}


def test_the_wheel_imports_by_itself(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    said = python("import clausal; print(clausal.__file__, clausal.__version__)", tmp_path)
    assert said.split() == [str(tmp_path / "clausal" / "__init__.py"), wheel.name.split("-")[1]]


BEGINNING = """
import contextlib, io, sys
from clausal.cli import main
from clausal.engine.templates import TEMPLATES

def contract(*args):
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            main(list(args))
        except SystemExit as done:
            assert not done.code, (args, done.code)

for one in TEMPLATES:
    contract("new", one.folder, "--template", one.name, "--lang", one.lang)
    contract("check", one.folder)
    if one.name in ("minimal", "marketing-procedure"):
        contract("test", one.folder)
        contract("eval", one.folder)
print(len(TEMPLATES))
"""


def test_contracts_are_begun_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    """Nothing of the repository is in reach: the templates are those of the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    assert python(BEGINNING, tmp_path).strip() == str(len(TEMPLATES))
    assert (tmp_path / "minimal" / "minimal.contract").is_file()
