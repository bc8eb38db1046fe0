"""Writes `pinyin.txt`, the sounds of Chinese characters without their tones, for completion by initials or syllables.

    python -m clausal.dsl.editor.build_pinyin

needs the package pypinyin (MIT), which nobody needs who only uses Clausal. The table holds the characters of GB 2312
and those of the keywords, each under its usual sounds: a rare one helps nobody to find a word.
"""

from __future__ import annotations

import os.path
from collections.abc import Iterator
from typing import Final

from pypinyin import Style, pinyin

from clausal.dsl.keywords import keywords

_MOST_SOUNDS: Final = 2
# Second sounds that only the language of old books has.
_RARE: Final = frozenset(("乙jue", "方pang", "款xin", "还fu", "数shuo", "约yao"))


def characters() -> Iterator[str]:
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                yield bytes((high, low)).decode("gb2312")
            except UnicodeDecodeError:
                continue
    words = keywords()
    for role in words.roles.values():
        yield from role.zh or ""
    for row in words.names.values():
        for word in row.values():
            yield from word


def built() -> str:
    """One line for each sound: the sound, a blank, its characters."""
    sounds: dict[str, set[str]] = {}
    for char in characters():
        if "\u3400" <= char <= "\u9fff":
            for sound in pinyin(char, style=Style.NORMAL, heteronym=True)[0][:_MOST_SOUNDS]:
                plain = sound.replace("ü", "v").replace("ê", "e")
                if plain.isascii() and plain.isalpha() and char + plain not in _RARE:
                    sounds.setdefault(plain, set()).add(char)
    return "".join(f"{sound} {''.join(sorted(chars))}\n" for sound, chars in sorted(sounds.items()))


if __name__ == "__main__":
    with open(os.path.join(os.path.dirname(__file__), "pinyin.txt"), "w", encoding="utf-8", newline="\n") as file:
        file.write(built())
