"""The values that can be changed here: how they are typed, and which ones are allowed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from types import MappingProxyType

from tui_sessions.errors import InvalidValue

MANY_LINES = frozenset({"system_prompt"})
"""The fields whose values may have several lines."""

HINTS = MappingProxyType(
    {
        "label": "a name",
        "tags": "separated by commas",
        "metadata": "a text or a JSON value",
        "new_metadata": "name = value",
        "parameter": "a text or a JSON value",
        "new_parameter": "name = value, such as top_p = 0.9",
        "provider": "a name such as openai or ollama; ctrl+l lists who answers",
        "model": "empty: the default",
        "system_prompt": "empty: none",
        "temperature": "0 to 2, empty: the default",
        "max_tokens": "a number, empty: the default",
        "max_messages": "a number, empty: all",
        "ttl_s": "30m, 2h or 7d, empty: the default",
    }
)
"""What may be typed, for each field."""

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw]?)")
_SECONDS = MappingProxyType({"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800})


def parse_field(field: str, text: str) -> object | None:
    """The value that was typed.

    Raises:
        InvalidValue: the field cannot have it.
    """
    return _PARSERS[field](text)


def parse_named(field: str, text: str) -> tuple[str, object]:
    """A name and a value, as `name = value`.

    Raises:
        InvalidValue: one of them is missing.
    """
    name, sign, value = text.partition("=")
    if not sign or not name.strip() or not value.strip():
        raise InvalidValue(field, text, "name = value")
    return name.strip(), _metadata(value)


def duration_text(seconds: float) -> str:
    """Seconds as they are typed: `90s`, `30m`, `2h`, `7d`."""
    for unit in ("d", "h", "m"):
        if seconds and seconds % _SECONDS[unit] == 0:
            return f"{seconds / _SECONDS[unit]:.0f}{unit}"
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"


def metadata_text(value: object) -> str:
    """A metadata value as it is typed; what would be read as something else is quoted."""
    if isinstance(value, str) and _metadata(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _filled(field: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not text.strip():
            raise InvalidValue(field, text, "any text that is not empty")
        return text.strip()

    return parse


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag for part in text.split(",") if (tag := part.strip())))


def _metadata(text: str) -> object:
    try:
        value: object = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return text.strip()
    return value


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


def _optional_text(text: str) -> str | None:
    return text.strip() or None


def _temperature(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 2:
        raise InvalidValue("temperature", text, "a number from 0 to 2, or nothing")
    return value


def _count(field: str) -> Callable[[str], int | None]:
    def parse(text: str) -> int | None:
        typed = text.strip().replace("_", "")
        if not typed:
            return None
        if not (typed.isascii() and typed.isdigit()) or len(typed) > 12 or int(typed) == 0:
            raise InvalidValue(field, text, "a whole number above 0, or nothing")
        return int(typed)

    return parse


def _ttl(text: str) -> float | None:
    typed = text.strip().lower()
    if not typed:
        return None
    found = _DURATION.fullmatch(typed)
    seconds = float(found[1]) * _SECONDS[found[2]] if found else 0
    if not 0 < seconds < 1e10:
        raise InvalidValue("TTL", text, "a time above 0 such as 30m, 2h or 7d, or nothing")
    return seconds


_PARSERS: MappingProxyType[str, Callable[[str], object | None]] = MappingProxyType(
    {
        "label": _filled("label"),
        "tags": _words,
        "metadata": _metadata,
        "provider": _filled("provider"),
        "parameter": _metadata,
        "model": _optional_text,
        "system_prompt": _optional_text,
        "temperature": _temperature,
        "max_tokens": _count("max_tokens"),
        "max_messages": _count("max_messages"),
        "ttl_s": _ttl,
    }
)
