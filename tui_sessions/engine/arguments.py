"""Arguments of the engine's face: checked before anything is made of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TypeVar

from tui_sessions.errors import InvalidValue
from tui_sessions.model.clock import as_utc
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.surrogates import without_surrogates

T = TypeVar("T")
MAX_NAME = 200


def checked_name(field: str, text: object) -> str:
    """A name on one line, without blanks around it.

    Raises:
        InvalidValue: it is no text, has nothing to see in it, or is too long.
    """
    if not isinstance(text, str):
        raise InvalidValue(field, text, "some text")
    name = " ".join(checked_text(field, text).split())
    if not any(character.isprintable() for character in name):
        raise InvalidValue(field, text, "some text")
    if len(name) > MAX_NAME:
        raise InvalidValue(field, text, f"at most {MAX_NAME} characters")
    return name


def checked_text(field: str, text: object) -> str:
    """Any text, also an empty one, as stores keep it: halves of characters become U+FFFD.

    Raises:
        InvalidValue: it is something else.
    """
    if not isinstance(text, str):
        raise InvalidValue(field, text, "text")
    whole: str = without_surrogates(text)
    return whole


def checked_filter(field: str, text: object) -> str | None:
    """A text to look for, or None.

    Raises:
        InvalidValue: it is something else.
    """
    return None if text is None else checked_text(field, text)


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Words without blanks around them, each once, in their order.

    Raises:
        InvalidValue: it is no list of words.
    """
    if isinstance(tags, str) or not isinstance(tags, Iterable):
        raise InvalidValue("tags", tags, "a list of words")
    words = [" ".join(checked_text("tag", tag).split()) for tag in tags]
    return tuple(dict.fromkeys(word for word in words if word))


def checked_list(field: str, values: Iterable[T]) -> list[T]:
    """Several of something; a text is none.

    Raises:
        InvalidValue: it is something else.
    """
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise InvalidValue(field, values, "a list")
    return list(values)


def checked_seconds(field: str, value: float | None) -> float | None:
    """A number of seconds above 0, or None.

    Raises:
        InvalidValue: it is something else.
    """
    if value is None:
        return None
    if not is_number(value) or value <= 0:
        raise InvalidValue(field, value, "a number of seconds above 0")
    return value


def checked_moment(field: str, value: datetime | None) -> datetime | None:
    """A moment in UTC, or None.

    Raises:
        InvalidValue: it is no moment.
    """
    if value is None:
        return None
    if not isinstance(value, datetime):
        raise InvalidValue(field, value, "a datetime")
    try:
        return as_utc(value)
    except OverflowError:
        raise InvalidValue(field, value, "a moment within the years 1 to 9999") from None


def checked_count(
    field: str, value: int | None, least: int = 1, *, optional: bool = True
) -> int | None:
    """A whole number, or None where it may be left out.

    Raises:
        InvalidValue: it is something else, or below `least`.
    """
    if value is None and optional:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        said = f"a whole number of at least {least}"
        raise InvalidValue(field, value, f"{said}, or nothing" if optional else said)
    return value


def checked_states(
    state: SessionState | str | Collection[SessionState | str] | None,
) -> frozenset[SessionState] | None:
    """The states that are asked for; None: any.

    Raises:
        InvalidValue: there is no such state.
    """
    if state is None:
        return None
    states = [state] if isinstance(state, str) else state
    try:
        return frozenset(SessionState(each) for each in states)
    except (ValueError, TypeError):
        raise InvalidValue("state", state, SessionState) from None


def is_number(value: object) -> bool:
    """Whether it is a number that one can reckon with."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # no float is that large
        return False
