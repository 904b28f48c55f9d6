"""Texts with the words of a language: few that are common, many that are rare."""

from __future__ import annotations

import random
from itertools import accumulate, product

_SYLLABLES = [a + b for a, b in product("bdfgklmnprstvz", "aeiou")]
_COMMON_TEXT = """
the of and to in is that it for as with on this be not are by from an at or which can have
parser token stream cache index thread lock retry schema query table column widget layout
colour glyph merge branch commit release deploy kernel socket packet buffer cursor window
session fork message reply prompt model agent template context summary export import search
"""
COMMON = _COMMON_TEXT.split()
_COUNT = 20_000


def _vocabulary() -> list[str]:
    words = [a + b + c for a, b, c in product(_SYLLABLES, repeat=3)]
    return [*COMMON, *random.Random(0).sample(words, _COUNT)]


WORDS = _vocabulary()
"""The most common first."""
_WEIGHTS = list(accumulate(1 / (place + 10) for place in range(len(WORDS))))
_CODE = "\n\n```python\ndef {name}(value: int) -> int:\n    return value + 1\n```"


def written(chance: random.Random, words: int) -> str:
    """So many words, with a code block now and then."""
    text = " ".join(chance.choices(WORDS, cum_weights=_WEIGHTS, k=words))
    if chance.random() < 0.1:
        text += _CODE.format(name=chance.choice(COMMON))
    return text


def title(chance: random.Random) -> str:
    """A few words that a session may be called by."""
    return " ".join(chance.choices(COMMON[20:], k=4)).capitalize()
