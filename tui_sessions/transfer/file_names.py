"""Names of files that read like a label, in its own script, on any common file system."""

from __future__ import annotations

import re
import unicodedata

_LONGEST = 60
"""Characters."""
_LARGEST = 160
"""Bytes: with an id and a suffix it stays below the 255 that a name may have."""
_KEPT = "LMN"
"""Letters, marks upon them, and numbers, as the categories of Unicode begin."""
_INVISIBLE = "Cf"


def file_name(label: str, fallback: str) -> str:
    """The part of a file's name that is made from a label.

    Args:
        label: any text.
        fallback: what is given where nothing of the label can be in a name.
    """
    whole = unicodedata.normalize("NFC", label)
    plain = re.sub("-+", "-", "".join(map(_letter, whole))).strip("-_")
    short = plain[:_LONGEST].encode("utf-8", "ignore")[:_LARGEST].decode("utf-8", "ignore")
    # A mark without its letter would be drawn upon whatever stands before the name.
    while short and not short[0].isalnum():
        short = short[1:]
    return short.rstrip("-_") or fallback


def _letter(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] in _KEPT or character == "_":
        return character
    return "" if category == _INVISIBLE else "-"
