"""Contract terms as executable policy: load a contract, evaluate it on facts, explain every figure."""

from clausal.dsl.version import __version__

__all__ = ["__version__"]
