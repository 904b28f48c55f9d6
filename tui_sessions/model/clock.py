"""Times: aware, in UTC, to the microsecond, and how they are written in files."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

import msgspec

_SET_BACK = timedelta(seconds=10)
"""A clock that falls back further was set, and is believed."""
_WHOLE_SECONDS = len("2026-11-20T22:14:00")
_fixed_moment: ContextVar[datetime | None] = ContextVar("fixed_moment", default=None)


_reading = threading.Lock()
_last_moment = datetime.min.replace(tzinfo=UTC)


def now() -> datetime:
    """The present moment; later than every one before it in this process, so that order shows."""
    global _last_moment  # noqa: PLW0603  what was told before is what it has to come after
    fixed = _fixed_moment.get()
    if fixed is not None:
        return fixed
    with _reading:
        moment = datetime.now(UTC)
        if moment <= _last_moment < moment + _SET_BACK:
            moment = _last_moment + timedelta(microseconds=1)
        _last_moment = moment
    return moment


@contextmanager
def stopped_at(moment: datetime) -> Iterator[None]:
    """Let it be this moment in the block and the tasks begun there: for tests and pictures."""
    token = _fixed_moment.set(as_utc(moment))
    try:
        yield
    finally:
        _fixed_moment.reset(token)


def as_utc(moment: datetime) -> datetime:
    """The same moment in UTC; one without a zone is taken to be UTC."""
    if moment.tzinfo is UTC:
        return moment
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def as_local(moment: datetime) -> datetime:
    """The same moment by this place's clock; in UTC where the calendar there does not have it."""
    try:
        return as_utc(moment).astimezone()
    except (OverflowError, ValueError, OSError):
        return as_utc(moment)


def format_time(moment: datetime) -> str:
    """RFC 3339 with `Z`, as `2026-11-20T22:14:00.123Z`, or with six digits where it needs them."""
    # `isoformat` takes more than twice as long, which every line of a journal and of a list feels.
    text = _encode(as_utc(moment))[1:-2].decode()
    if len(text) == _WHOLE_SECONDS:
        return f"{text}.000Z"
    return f"{text.removesuffix('000')}Z"


def written_now() -> str:
    """The present moment as it is written in files."""
    return format_time(now())


def _plain(moment: datetime) -> datetime:
    """A moment in UTC of another library's class, such as pandas' `Timestamp`."""
    return datetime.combine(moment.date(), moment.time(), UTC)


_encode = msgspec.json.Encoder(enc_hook=_plain).encode


def parse_time(value: object) -> datetime | None:
    """The moment a file's value stands for, or None where it stands for none."""
    if isinstance(value, datetime):
        return as_utc(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return from_epoch(value)
    if not isinstance(value, str):
        return None
    try:
        return as_utc(datetime.fromisoformat(value))
    except (ValueError, OverflowError):
        return None


def from_epoch(value: float) -> datetime | None:
    """The moment of an epoch value in seconds or, above 1e11, in milliseconds."""
    try:
        return datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, UTC)
    except (OverflowError, OSError, ValueError):
        return None
