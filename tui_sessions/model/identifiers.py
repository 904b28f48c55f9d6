"""Ids: how they are made, and which ones a path may be made of."""

from __future__ import annotations

import os
import re
import threading
import time

from tui_sessions.errors import InvalidId

_VALID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]
_OUTSIDE = re.compile(r"[^A-Za-z0-9_-]+")
_making = threading.Lock()
_last_number = 0


def is_id(value: object) -> bool:
    """Whether the value may serve as an id, and so as a part of a file's name."""
    return isinstance(value, str) and _VALID.fullmatch(value) is not None


def check_id(value: object, kind: str = "id") -> str:
    """Return the value as plain text if it is an id.

    Raises:
        InvalidId: it is not; `kind` names it in the message.
    """
    if not isinstance(value, str) or _VALID.fullmatch(value) is None:
        raise InvalidId(value, kind)
    return value if type(value) is str else str.__str__(value)


def new_id() -> str:
    """A new unique id of 20 characters; ids that a process makes later sort after earlier ones."""
    global _last_number  # noqa: PLW0603  what was made before is what it has to come after
    number = (time.time_ns() // 1_000_000) << 50 | _random_bits(50)
    with _making:
        if number <= _last_number:
            number = _last_number + 1 + _random_bits(32)
        _last_number = number
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(90, -1, -10)])


def _random_bits(count: int) -> int:
    """As many as that; `secrets` would bring along much that every start waits for."""
    return int.from_bytes(os.urandom(8)) >> 64 - count


def id_from_name(name: str, fallback: str = "workspace") -> str:
    """An id that still reads like the name it is made from, such as a folder's."""
    slug = _OUTSIDE.sub("-", name).strip("-_")[:100].strip("-_")
    return slug or fallback
