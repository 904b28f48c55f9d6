"""The one gate between text from outside and a screen.

Models, files and other tools may send control bytes that move a terminal's cursor or write its
clipboard. What has passed here only ever draws characters.
"""

from __future__ import annotations

import re
from functools import cache

_ESCAPES = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))"
"""Colours and titles, as programs write them for a terminal."""
_MAP: dict[int, str] = {code: chr(0x2400 + code) for code in range(0x20)}
_MAP.pop(0x09)
_MAP.pop(0x0A)
_MAP[0x7F] = "\u2421"
_MAP |= dict.fromkeys(range(0x80, 0xA0), "\u2426")
_MAP |= dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F)), "\ufffd")
_MAP |= dict.fromkeys(range(0x2066, 0x206A), "\ufffd")
_MAP |= dict.fromkeys((0x2028, 0x2029), "\n")
_MAP |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_LONG = 1000
"""Longer texts are looked through first: hardly any holds anything to replace."""
_JOINER = "\u200d"
_EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
_JOINS_NO_EMOJI = rf"(?<![\ufe0f{_EMOJI}])\u200d|\u200d(?![{_EMOJI}])"
_PARTED = "\u200c"
_JOINED, _PARTED_LETTERS = re.compile(".?.\u200d"), re.compile(".?.\u200c")
_LINE_MAP = {**_MAP, 0x09: " ", 0x0A: " ", 0x2028: " ", 0x2029: " "}


def visible(text: str) -> str:
    """The text with control characters as pictures (U+2400…) and bidi controls as U+FFFD.

    Tabs and newlines stay; CR LF becomes a newline. A joiner joins only emoji: what comes after it
    is thought to take no room.
    """
    if text.isascii() and text.isprintable():
        return text
    return text if len(text) > _LONG and _replaced().search(text) is None else _clean(text)


def visible_typing(text: str) -> str:
    """The same for a field in which a person writes: there a joiner joins whatever it stands by.

    The field counts its cells with what is typed, and would lose count if another were drawn.
    """
    return text if text.isascii() and text.isprintable() else _mapped(text)


def visible_line(text: str) -> str:
    """The same for a place of one line: tabs and newlines become spaces."""
    if text.isascii() and text.isprintable():
        return text
    return _parted(text.translate(_LINE_MAP))


def with_joiners(text: str, written: str) -> str:
    """A part of what is visible of `written`, with the joiners of its letters: it is to be copied.

    They are known by the two letters before them.
    """
    if _PARTED not in text or _JOINER not in written:
        return text
    joined = {each.replace(_JOINER, _PARTED): each for each in _JOINED.findall(written)}
    for each in _PARTED_LETTERS.findall(written):
        joined.pop(each, None)
    return _PARTED_LETTERS.sub(lambda found: joined.get(found[0], found[0]), text)


def without_escapes(text: str) -> str:
    """The text without the sequences that colour it on a terminal."""
    return re.sub(_ESCAPES, "", text) if "\x1b" in text else text


@cache
def _replaced() -> re.Pattern[str]:
    """Finds what is in the map, and joiners."""
    return re.compile(f"[{re.escape(''.join(map(chr, _MAP)))}{_JOINER}]")


def _clean(text: str) -> str:
    return _parted(_mapped(text))


def _mapped(text: str) -> str:
    return text.replace("\r\n", "\n").translate(_MAP)


def _parted(text: str) -> str:
    # `re` remembers it: few starts of the app see a joiner, and each would wait to prepare it.
    return re.sub(_JOINS_NO_EMOJI, _PARTED, text) if _JOINER in text else text
