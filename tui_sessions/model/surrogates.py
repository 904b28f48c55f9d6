"""Halves of characters, as in file names that are not UTF-8: no file and no endpoint takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui_sessions.model.changes import Change


def without_surrogates(value: Any) -> Any:
    """The same JSON value; halves of characters become U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, Mapping):
        return {without_surrogates(key): without_surrogates(child) for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_surrogates(child) for child in value]
    return value


def storable(changes: Sequence[Change]) -> Sequence[Change]:
    """The changes as a store keeps them, so that memory and file say the same."""
    try:
        msgspec.json.encode(changes)
    except UnicodeEncodeError:
        return msgspec.convert(without_surrogates(msgspec.to_builtins(changes)), list[Change])
    except (TypeError, ValueError, RecursionError):
        return changes  # the store says what is wrong with them
    return changes
