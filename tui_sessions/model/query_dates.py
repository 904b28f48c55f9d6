"""The moments that a person writes in a query."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from tui_sessions.model.clock import as_utc

VALID_DATES = (
    "a date as 2026-11-01, 2026-11 or 2026, today, yesterday, or an age as 12h, 7d, 2w, 3m, 1y"
)
_DATE = re.compile(r"(\d{4})(?:[-/](\d{1,2}))?(?:[-/](\d{1,2}))?")
_AGE = re.compile(r"(\d{1,6})([hdwmy])")
_HOURS = {"h": 1, "d": 24, "w": 24 * 7, "m": 24 * 30, "y": 24 * 365}
_DAYS = {"today": 0, "yesterday": 1}


def moment_of(text: str, present: datetime) -> datetime | None:
    """The moment that a text stands for, in UTC; None where it stands for none.

    Days begin at midnight where the person is, and an hour without a zone is one of that place.
    """
    text = text.lower()
    try:
        if found := _AGE.fullmatch(text):
            return as_utc(present) - timedelta(hours=int(found[1]) * _HOURS[found[2]])
        if text in _DAYS:
            today = present.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
            return _local(today.replace(tzinfo=None) - timedelta(days=_DAYS[text]))
        if found := _DATE.fullmatch(text):
            return _local(datetime(int(found[1]), int(found[2] or 1), int(found[3] or 1)))
        return _local(datetime.fromisoformat(text.upper())) if re.search("[t ]", text) else None
    except (ValueError, OverflowError, OSError):
        return None


def _local(moment: datetime) -> datetime:
    """A moment, on the person's clock where it names no zone, in UTC."""
    return as_utc(moment.astimezone())
