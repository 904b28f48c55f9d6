"""Halves of characters, as in file names that are not UTF-8: no file and no endpoint takes them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui_sessions.model.changes import Change

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


def without_surrogates(value: Any) -> Any:
    """The same JSON value; halves of characters become U+FFFD, and kinds of text plain text."""
    if isinstance(value, str):
        if value.isascii():
            return value if type(value) is str else str.__str__(value)
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, Mapping):
        return {without_surrogates(key): without_surrogates(child) for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_surrogates(child) for child in value]
    return value


def json_with_halves(text: bytes) -> Any:
    """The value of a JSON text, also where halves of characters stand in it; msgspec takes none.

    Raises:
        ValueError: it is not JSON.
        RecursionError: it is nested too deep.
    """
    import json  # few ever need it, and the app's start would wait for it

    return without_surrogates(json.loads(text, parse_constant=_no_constant))


def may_hold_halves(text: bytes) -> bool:
    """Whether half a character may be escaped in a JSON text."""
    return _HALF.search(text) is not None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


class JoinedHalves:
    """Puts characters together whose two halves came in different pieces of a text."""

    def __init__(self) -> None:
        self._first = ""

    def join(self, piece: str) -> str:
        """The piece as whole characters; half of one at its end waits for the next piece."""
        if not self._first and piece.isascii():
            return piece
        text, self._first = self._first + piece, ""
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._first = text[:-1], text[-1]
        whole: str = without_surrogates(text)
        return whole

    def rest(self) -> str:
        """What waited, now that no more comes."""
        alone, self._first = self._first, ""
        return "\ufffd" if alone else ""


def storable(changes: Sequence[Change]) -> Sequence[Change]:
    """The changes as a store keeps them, so that memory and file say the same."""
    try:
        for change in changes:  # the text of all at once might take much memory
            msgspec.json.encode(change)
    except UnicodeEncodeError:
        return msgspec.convert(without_surrogates(msgspec.to_builtins(changes)), list[Change])
    except (TypeError, ValueError, RecursionError):
        return changes  # the store says what is wrong with them
    return changes
