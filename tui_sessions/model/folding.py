"""Texts as they are compared: without case and accents, and cut into words.

The index and find-in-chat fold alike, so that what one finds the other finds as well.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
"""Letters that stand for others but do not decompose."""
_MARKS = re.compile(
    "[\u00ad\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u200c-\u200f\u202a-\u202e\u2060\u2066-\u2069\u20d0-\u20ff\ufeff]"
)
"""Accents, the vowel points that Hebrew and Arabic are usually written without, and what cannot be
seen: hyphens that only show at the end of a line, joiners and marks of direction."""
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff"
    "\u3100-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
_SYMBOLS = (
    (range(0x1F000, 0x1FB00), 0x30000),
    (range(0x2190, 0x2200), 0x30B00),
    (range(0x2300, 0x2400), 0x30B70),
    (range(0x25A0, 0x27C0), 0x30C70),
    (range(0x2B00, 0x2C00), 0x30E90),
)
"""Emoji and other pictures that people look for, and the rarest of ideographs that stand for them:
so each of them is a word of its own everywhere."""
_SIGNS = re.compile(r"(?:\+\+(?<=(?<![^\W_])[CcGg]\+\+)|#(?<=(?<![^\W_])[A-Za-z]#))(?![+#])")
"""What is a part of a name after a single letter, as in C++ and F#, and punctuation elsewhere,
as in `i++`."""
_STAND_INS = {"++": "\U00031000", "#": "\U00031001"}
"""The rare ideographs that stand for them as words of their own."""
_PARTS = frozenset("\u3099\u309a" + "".join(map(chr, range(0x1161, 0x1176))))
"""Of what is written in parts, the ones without which nothing can be put together."""
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_HUMP = re.compile(r"[a-z][A-Z]|[A-Z][A-Z][a-z]")
_CASES = bytes(
    ord("a") if 97 <= code <= 122 else ord("A") if 65 <= code <= 90 else 32 for code in range(256)
)
"""Makes every byte a small letter, a capital or a space: a search in that is ten times as fast."""
_HUMP_EDGE = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NAME = re.compile(r"[A-Za-z]+")
SIGNS = (
    "".join(
        f"{chr(block + first)}-{chr(block + last)}"
        for block in range(0x0900, 0x0D80, 0x80)
        for first, last in (
            (0, 3),
            (0x3A, 0x3B),
            (0x3E, 0x4C),
            (0x4E, 0x4F),
            (0x55, 0x57),
            (0x62, 0x63),
        )
    )
    + "\u07a6-\u07b0\u0d81-\u0d83\u0dcf-\u0ddf\u0df2-\u0df3"
)
"""The vowels of Indian scripts, which are parts of words as letters are, for a set of a regex."""
LETTERS = rf"(?:(?!_)[\w{SIGNS}])+"
"""A word, for a regex."""
_LAST_KEPT = 0xFFFF
"""Foldings of rarer characters are made anew each time, so that the table stays small."""


class _Folds(dict[int, str]):
    """What each character becomes, made when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = _folded(chr(code))
        if len(folded) != 1:
            _resized.add(chr(code))
        if folded in _PARTS:
            _parts_met.add(folded)
        if code <= _LAST_KEPT:
            self[code] = folded
        return folded


_resized: set[str] = set()
"""The characters met so far that become none or several."""
_parts_met: set[str] = set()
"""Those of `_PARTS` met so far: mostly none, so that no text needs to be searched for them."""
_FOLDS = _Folds()


class Folded:
    """A text as it is compared, and the way back to its own places."""

    def __init__(self, text: str, *, in_words: bool = False) -> None:
        """Fold a text.

        Args:
            text: the text.
            in_words: with spaces around each character that is a word of its own, as `spaced` does.
        """
        self.text = text.lower() if text.isascii() else text.translate(_FOLDS)
        self._starts: list[int] | None = None
        if not text.isascii() and not _resized.isdisjoint(text):
            self._starts = [at for at, char in enumerate(text) for _ in _FOLDS[ord(char)]]
            self._starts.append(len(text))
        if _has_parts(self.text):
            self._replace(_composable(), _composed)
        if in_words and _has_signs(self.text):
            self._replace(_SIGNS, _stand_in)
        if in_words and not self.text.isascii():
            self._replace(_single(), _apart)

    def _replace(self, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str]) -> None:
        """Replace what a pattern finds, and keep where it came from."""
        before = self._starts or list(range(len(self.text) + 1))
        text, starts, at = "", list[int](), 0
        for found in pattern.finditer(self.text):
            start, end = found.span()
            piece = new(found)
            text += self.text[at:start] + piece
            starts += before[at:start]
            starts += (before[end if char == " " and i else start] for i, char in enumerate(piece))
            at = end
        if at:
            self.text, self._starts = text + self.text[at:], starts + before[at:]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the text that a place in the folded text stands for."""
        if self._starts is None:
            return start, end
        last = self._starts[max(end - 1, start)]
        following = self._starts[end]
        return self._starts[start], max(following, last + 1)


def fold(text: str) -> str:
    """The text without case and accents."""
    if text.isascii():
        return text.lower()
    folded = text.translate(_FOLDS)
    return _composable().sub(_composed, folded) if _has_parts(folded) else folded


def spaced(folded: str) -> str:
    """A folded text with spaces around each character that is a word of its own."""
    if _has_signs(folded):
        folded = _SIGNS.sub(_stand_in, folded)
    return folded if folded.isascii() else _single().sub(r" \g<0> ", folded)


def tokens_of(text: str) -> list[str]:
    """The words of a text, folded; punctuation and underscores end a word."""
    return _word().findall(spaced(fold(text)))


def is_single(token: str) -> bool:
    """Whether a token is one character of a script without spaces."""
    return _single().match(token) is not None


def parts_of_names(text: str) -> list[str]:
    """The names with humps in a text, as `parseQuery`, taken apart: `parse Query`."""
    cases = text.encode("utf-8", "replace").translate(_CASES)
    if b"aA" not in cases and b"AAa" not in cases:
        return []
    names = dict.fromkeys(name for name in _NAME.findall(text) if _HUMP.search(name))
    return [_HUMP_EDGE.sub(" ", name) for name in names]


@cache
def _word() -> re.Pattern[str]:
    """A word; compiled for the first search."""
    return re.compile(LETTERS)


@cache
def _single() -> re.Pattern[str]:
    """Characters of scripts that put no spaces between words; each is a word of its own.

    To compile it takes a while, which is for the first search and not for every start.
    """
    return re.compile(f"[{_UNSPACED}]")


@cache
def _composable() -> re.Pattern[str]:
    """Syllables and kana that are written in parts, as file names of macOS are."""
    return re.compile(
        "[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?|[\u3046-\u30fd][\u3099\u309a]"
    )


def _has_parts(folded: str) -> bool:
    return not folded.isascii() and any(part in folded for part in tuple(_parts_met))


def _has_signs(folded: str) -> bool:
    return "++" in folded or "#" in folded


def _composed(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", found[0])


def _stand_in(found: re.Match[str]) -> str:
    return f" {_STAND_INS[found[0]]} "


def _apart(found: re.Match[str]) -> str:
    return f" {found[0]} "


def _folded(char: str) -> str:
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"
    if _single().match(char):
        return char
    plain = unicodedata.normalize("NFKD", char)
    if _single().match(plain):  # a narrow or a circled form
        return unicodedata.normalize("NFKC", char)
    code = ord(char)
    for symbols, first in _SYMBOLS:
        if code in symbols and plain == char:
            return "" if code in _SKIN_TONES else chr(first + code - symbols.start)
    return _MARKS.sub("", plain.casefold()).translate(_LETTERS)
