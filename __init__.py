"""Contract terms as executable policy: load a contract, evaluate it on facts, explain every figure.

    import clausal

    contract = clausal.load("contracts/b2b-outsourcing")
    statement = contract.evaluate("contracts/b2b-outsourcing/facts", as_of="2026-03-31")
    statement.to_dict()

The names load on first use, so that a program that only wants the version does not pay for a parser.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from clausal.dsl.version import __version__

if TYPE_CHECKING:
    from clausal.dsl.diagnostics import Diagnostic, Rejected
    from clausal.dsl.values import Duration, NotApplicable, Unknown
    from clausal.engine.embedding import Contract, Explanation, Statement, load
    from clausal.engine.scenarios import Result as ScenarioResult

_HOME = {
    "Contract": ("clausal.engine.embedding", "Contract"),
    "Diagnostic": ("clausal.dsl.diagnostics", "Diagnostic"),
    "Duration": ("clausal.dsl.values", "Duration"),
    "Explanation": ("clausal.engine.embedding", "Explanation"),
    "NotApplicable": ("clausal.dsl.values", "NotApplicable"),
    "Rejected": ("clausal.dsl.diagnostics", "Rejected"),
    "ScenarioResult": ("clausal.engine.scenarios", "Result"),
    "Statement": ("clausal.engine.embedding", "Statement"),
    "Unknown": ("clausal.dsl.values", "Unknown"),
    "load": ("clausal.engine.embedding", "load"),
}

__all__ = [
    "Contract",
    "Diagnostic",
    "Duration",
    "Explanation",
    "NotApplicable",
    "Rejected",
    "ScenarioResult",
    "Statement",
    "Unknown",
    "__version__",
    "load",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'clausal' has no attribute '{name}'")
    module, attribute = _HOME[name]
    return getattr(import_module(module), attribute)
