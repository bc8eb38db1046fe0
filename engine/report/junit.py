"""Test results as JUnit's XML, which every build server reads: a suite for each contract, a case for each scenario."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import quoteattr

import attrs

# What XML 1.0 cannot hold, not even escaped.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@attrs.frozen
class Trouble:
    """What went wrong in a case: an expectation that failed, or (`error`) a case that could not be run."""

    message: str
    place: str
    error: bool = False


@attrs.frozen
class Test:
    name: str
    file: str
    line: int | None
    troubles: tuple[Trouble, ...] = ()


@attrs.frozen
class Suite:
    name: str
    tests: tuple[Test, ...]


def render(suites: Sequence[Suite]) -> str:
    """The document. It holds no time: the same results give the same bytes."""
    tests = [test for suite in suites for test in suite.tests]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites {_counts(tests)}>"]
    for suite in suites:
        lines.append(f"  <testsuite name={_quoted(suite.name)} {_counts(suite.tests)}>")
        for test in suite.tests:
            lines += _test(suite, test)
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _counts(tests: Sequence[Test]) -> str:
    errors = sum(1 for test in tests if any(t.error for t in test.troubles))
    failures = sum(1 for test in tests if test.troubles and not any(t.error for t in test.troubles))
    return f'tests="{len(tests)}" failures="{failures}" errors="{errors}" skipped="0"'


def _test(suite: Suite, test: Test) -> Iterator[str]:
    line = "" if test.line is None else f' line="{test.line}"'
    head = f"<testcase classname={_quoted(suite.name)} name={_quoted(test.name)} file={_quoted(test.file)}{line}"
    if not test.troubles:
        yield f"    {head}/>"
        return
    yield f"    {head}>"
    # One element of a case: readers take the first and drop the rest, so the others stand in its text.
    kind = "error" if any(trouble.error for trouble in test.troubles) else "failure"
    told = "\n".join(f"{trouble.place}: {trouble.message}" for trouble in test.troubles)
    yield f"      <{kind} message={_quoted(test.troubles[0].message)}>{_text(told)}</{kind}>"
    yield "    </testcase>"


def _quoted(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _text(text: str) -> str:
    plain = _NOT_XML.sub("\ufffd", text)
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
