"""Foreign JSON made safe: decoded whatever its state, and free of what breaks files and screens."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

import msgspec

from tui_sessions.giving_way import give_way
from tui_sessions.model.clock import parse_time

MAX_DEPTH = 64
"""Deeper values are kept as their JSON text."""
_MAX_TOKENS = 2**53
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""What lies outside is damage or an empty field, and would stand at an end of lists for ever."""


class Undecodable(ValueError):
    """Bytes that are no JSON."""


def decode_json(data: bytes) -> Any:
    r"""The value that the bytes stand for, cleaned by `clean` where that may be needed.

    Raises:
        Undecodable: they are no JSON, not even with wrong UTF-8 and raw control bytes forgiven.
    """
    give_way()
    suspect = b"\\u" in data or data.count(b"[") + data.count(b"{") > MAX_DEPTH
    try:
        value = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        value, suspect = _decode_leniently(data), True
    return clean(value) if suspect else value


def json_in(text: object) -> Any:
    """The value that a text column holds as JSON; None where it holds none."""
    try:
        return decode_json(text.encode()) if isinstance(text, str) else None
    except Undecodable:
        return None


def clean(value: Any) -> Any:
    """The value without lone surrogates, NULs, endless numbers and bottomless nesting."""
    return _clean(value, MAX_DEPTH)


def clean_text(text: str) -> str:
    """The text without lone surrogates and NULs."""
    if text.isascii():
        return text.replace("\0", "\u2400")
    return text.encode("utf-8", "replace").decode().replace("\0", "\u2400")


def text_or_none(value: object) -> str | None:
    """The value if it is text with something in it."""
    return value if isinstance(value, str) and value.strip() else None


def moment_of(value: object) -> datetime | None:
    """The time that a foreign value stands for; none that no conversation can be from."""
    moment = parse_time(value) if isinstance(value, (str, int, float)) else None
    return moment if moment is not None and _EARLIEST <= moment < _LATEST else None


def tokens(value: object) -> int:
    """A token count; anything that cannot be one is 0."""
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MAX_TOKENS
    return value if isinstance(value, int) and is_count else 0


def _decode_leniently(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError) as error:
        raise Undecodable(str(error)) from error


def _clean(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (dict, list)):
        if depth == 0:
            return _flattened(value)
        if isinstance(value, list):
            return [_clean(item, depth - 1) for item in value]
        return {clean_text(key): _clean(item, depth - 1) for key, item in value.items()}
    return value


def _flattened(value: Any) -> str:
    try:
        return clean_text(json.dumps(value, ensure_ascii=False))
    except RecursionError:
        return "(nested too deeply to keep)"
