"""How long Clausal takes, each figure beside a limit or a peer measured in the same run.

    .venv/bin/python benchmarks/run.py            # everything, about two minutes
    .venv/bin/python benchmarks/run.py start months parse scale typing

CPU seconds are those of the operating system for finished child processes (user + system), medians of several runs; what is
shown for a command is its cost over a bare `python -c pass`.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
B2B = ROOT / "contracts" / "b2b-outsourcing"


def cpu_of(command: list[str], runs: int) -> float:
    """Median user + system seconds of a command; the first run, which may write bytecode, does not count."""
    return statistics.median([spent_by(command)[0] for _ in range(runs + 1)][1:])


def best_of(task: Callable[[], object], runs: int) -> float:
    """Median process seconds of a task in this process, the garbage collector off while it runs."""
    spent: list[float] = []
    task()
    for _ in range(runs):
        gc.collect()
        gc.disable()
        start = time.process_time()
        task()
        spent.append(time.process_time() - start)
        gc.enable()
    return statistics.median(spent)


def start(runs: int) -> None:
    contract = str(Path(sys.executable).parent / "contract")
    bare = cpu_of([sys.executable, "-c", "pass"], runs)
    print(f"cold start, CPU seconds over bare python ({bare:.3f} s), median of {runs}")
    for name, command, limit in (
        ("contract --version", [contract, "--version"], 0.10),
        ("contract check b2b", [contract, "check", str(B2B)], None),
        ("contract eval b2b year", [contract, "eval", str(B2B)], 0.35),
    ):
        over = cpu_of(command, runs) - bare
        wanted = "" if limit is None else f"   wanted {limit:.2f}   ratio {over / limit:.2f}"
        print(f"  {name:<26} {over:6.3f}{wanted}")


def months(runs: int) -> None:
    import clausal
    from clausal.engine import evaluate as steward
    from clausal.engine.explain import explain, subjects
    from clausal.engine.outcome import document

    contract = clausal.load(B2B)
    facts, _ = contract.read_facts(B2B / "facts")
    run = steward.evaluate(contract.prepared, facts)
    count = len(run.outcome.months)
    print(f"the interpreter, one core, the B2B year ({count} months), median of {runs}; wanted 5000/s with the trace")

    def alone() -> object:
        return steward.evaluate(contract.prepared, facts)

    def published() -> object:
        return document(steward.evaluate(contract.prepared, facts).outcome)

    def explained() -> object:
        made = steward.evaluate(contract.prepared, facts)
        return [explain(made, what) for what in subjects(made)]

    base = best_of(alone, runs)
    for name, task in (
        ("rows, histories and accruals", alone),
        ("and the result document", published),
        ("and every explanation, to the cell", explained),
    ):
        spent = best_of(task, runs)
        print(f"  {name:<36} {count / spent:9.0f} contract-months/s   {spent / base:5.2f} x the first")


def generated(clauses: int) -> str:
    """A contract of that many clauses, each a payment of its own with its consequences."""
    head = (
        'contract "generated" { language 1 currency CNY term from 2026-01-01 to 2026-12-31\n'
        "rounding half_up to 0.01 calendar CN deadlines next business day }\n"
        'party client "Client" party operator "Operator"\nfact sales : money monthly\nfact receipts : payments\n'
    )
    body = "".join(
        f'clause "{i}" "Fee {i}" {{\n  let share_{i} = 1% of sales + CNY {i + 1}\n'
        f"  obligation fee_{i} {{ client must pay operator share_{i} every month due day 10 of next month\n"
        "    performed by receipts grace 5 days delaying\n"
        "    failing which { interest 0.05% per day simple on unpaid, cap 10% of amount "
        "after 30 days breach serious } }\n}\n"
        for i in range(clauses)
    )
    return head + body


def parse(runs: int) -> None:
    from clausal.dsl.compile import compile_text
    from clausal.dsl.diagnostics import Source
    from clausal.dsl.parse import parse as parse_source

    print(f"parsing and checking, median of {runs}")
    for clauses in (30, 300):
        text = generated(clauses)
        lines = text.count("\n")
        parsed = best_of(lambda text=text: parse_source(Source("g", text)), runs)
        compiled = best_of(lambda text=text: compile_text(text), runs)
        print(
            f"  {lines:6} lines   parse {parsed * 1e3:8.1f} ms ({lines / parsed:8.0f} lines/s)"
            f"   parse, check and lower {compiled * 1e3:8.1f} ms"
        )


def scale(runs: int) -> None:
    del runs
    contract = str(Path(sys.executable).parent / "contract")
    print(
        "300 clauses against 3,000: CPU seconds and peak memory of `contract check` and of `contract eval`, three months"
    )
    facts = {"monthly": {f"2026-{m:02}": {"sales": "100000"} for m in (1, 2, 3)}, "receipts": []}
    figures: dict[str, list[tuple[float, int]]] = {"check": [], "eval": []}
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "facts.json"
        given.write_text(json.dumps(facts), encoding="utf-8")
        for clauses in (300, 3000):
            path = Path(folder) / f"{clauses}.contract"
            path.write_text(generated(clauses), encoding="utf-8")
            for what, command in (
                ("check", [contract, "check", str(path)]),
                (
                    "eval",
                    [contract, "eval", str(path), str(given), "--format", "json", "-o", str(Path(folder) / "out")],
                ),
            ):
                figures[what].append(spent_by(command))
                seconds, kilobytes = figures[what][-1]
                print(f"  {clauses:5} clauses   {what:<6} {seconds:7.2f} s   {kilobytes / 1024:7.0f} MB")
    for what, (small, large) in figures.items():
        print(
            f"  {what:<6} ratio {large[0] / small[0]:.1f} in time, {large[1] / small[1]:.1f} in memory (10 is linear)"
        )


def typing(runs: int) -> None:
    """A key is pressed in an editor; what can be written next, and then the findings of the new text, come back through the
    real server. Every other key is a letter: the text is broken while a word is written, as it is in life."""
    import asyncio

    print(
        f"contract lsp: milliseconds from a key to the list and to the findings, of {10 * runs}; wanted 50 for the findings"
    )
    asyncio.run(_typed(10 * runs))


async def _typed(keys: int) -> None:
    import asyncio

    from lsprotocol import types as lsp
    from pygls.lsp.client import LanguageClient

    client = LanguageClient("benchmark", "1")
    heard: asyncio.Queue[int] = asyncio.Queue()

    @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def hear(params: lsp.PublishDiagnosticsParams) -> None:
        heard.put_nowait(params.version or 0)

    await client.start_io(sys.executable, "-m", "clausal.cli", "lsp")
    await client.initialize_async(lsp.InitializeParams(lsp.ClientCapabilities()))
    client.initialized(lsp.InitializedParams())
    server = client._server.pid  # type: ignore[union-attr]
    line = "  let share_5 = 1%"
    b2b = B2B.joinpath("b2b-outsourcing.contract").read_text(encoding="utf-8")
    long = B2B.parent.joinpath("brand-cooperation", "brand-cooperation.contract").read_text(encoding="utf-8")
    for what, text, needle in (
        ("generated", generated(43), line),
        ("B2B", b2b, "合计 (经销价"),
        ("B2B, one clause broken", b2b + "义务 义务 {", "合计 (经销价"),
        ("the longest that is shipped", long, "阶梯 超额累进"),
    ):
        name = f"{text.count(chr(10))} lines, {what}"
        uri = f"untitled:{name.replace(' ', '-')}"
        client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "clausal", 0, text)))
        await heard.get()
        before = text[: text.index(needle)]
        at = lsp.Position(before.count("\n"), len(before) - before.rfind("\n") - 1)
        spent: list[float] = []
        listed: list[float] = []
        used = cpu_so_far(server)
        document = lsp.TextDocumentIdentifier(uri)
        for key in range(1, keys + 1):
            start = time.perf_counter()
            change = lsp.TextDocumentContentChangePartial(lsp.Range(at, at), " x"[key % 2])
            version = lsp.VersionedTextDocumentIdentifier(key, uri)
            client.text_document_did_change(lsp.DidChangeTextDocumentParams(version, [change]))
            await client.text_document_completion_async(lsp.CompletionParams(document, at))
            listed.append(1000 * (time.perf_counter() - start))
            while await heard.get() != key:
                pass
            spent.append(1000 * (time.perf_counter() - start))
        used = 1000 * (cpu_so_far(server) - used) / keys
        for end, took in (("list", listed), ("findings", spent)):
            print(f"  {name:<42} {end:<9} median {statistics.median(took):6.1f}   worst {max(took):6.1f}")
        print(
            f"  {'':<42} findings  {statistics.median(spent) / 50:6.2f} of what is wanted; CPU of the server {used:.1f} a key"
        )
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()


def cpu_so_far(process: int) -> float:
    """CPU seconds of a running process (where the system has `/proc`)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spent_by(command: list[str]) -> tuple[float, int]:
    """CPU seconds and peak resident kilobytes of one command, as the system accounts for it."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = {"start": start, "months": months, "parse": parse, "scale": scale, "typing": typing}
    parser.add_argument("parts", nargs="*", choices=[*parts, []], help="which to run (default: all)")
    parser.add_argument("-n", "--runs", type=int, default=7)
    given = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has its bytecode
    for name in given.parts or parts:
        parts[name](given.runs)
        print()


if __name__ == "__main__":
    main()
