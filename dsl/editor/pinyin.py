"""Chinese words found by what a writer types before the input method is switched on: initials (`yw` for 义务), syllables
(`yiwu`), or a mixture (`yiw`)."""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from functools import cache


@cache
def sounds() -> Mapping[str, tuple[str, ...]]:
    """The sounds of each character, without tones."""
    found: dict[str, list[str]] = {}
    with open(os.path.join(os.path.dirname(__file__), "pinyin.txt"), encoding="utf-8") as file:
        for line in file:
            sound, _, chars = line.rstrip("\n").partition(" ")
            for char in chars:
                found.setdefault(char, []).append(sound)
    return {char: tuple(some) for char, some in found.items()}


def spells(typed: str, word: str) -> bool:
    """Whether `typed` begins the word in its sounds: of each character in turn the initial, more of the sound or all of it.
    Other characters of the word stand for themselves."""
    typed = typed.lower()
    if not typed.isascii() or word.isascii():
        return False
    table = sounds()
    places = {0}
    for char in word:
        reached: set[int] = set()
        for place in places:
            rest = typed[place:]
            for sound in (*table.get(char, ()), char.lower()):
                for size in range(1, len(sound) + 1):
                    if rest.startswith(sound[:size]):
                        reached.add(place + size)
                    elif sound.startswith(rest):
                        reached.add(len(typed))
                        break
                    else:
                        break
        if len(typed) in reached:
            return True
        places = reached
        if not places:
            return False
    return False
