"""How a name is written in a contract: bare where it can be read so, else in the quotation marks of its language."""

from __future__ import annotations

from clausal.dsl.diagnostics import Source
from clausal.dsl.keywords import Lang
from clausal.dsl.lexer import lex


def quoted_name(name: str, lang: Lang) -> str:
    return f"`{name}`" if lang == "en" else f"「{name}」"


def written_name(name: str, lang: Lang) -> str:
    lexed = lex(Source("", f"{name} "))
    bare = lexed.types == ["NAME"] and lexed.values == [name] and not lexed.found
    return name if bare else quoted_name(name, lang)
