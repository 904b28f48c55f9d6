"""Moments that a person names: a day, a time, or how long ago."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import click

from tui_sessions.model.clock import as_utc, now

_AGO = re.compile(r"(\d{1,5})\s*([hdw])", re.IGNORECASE)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class Moment(click.ParamType[datetime]):
    """A date, a date and time of the person's clock, or `7d`, `12h`, `2w` ago."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The argument as a time in UTC."""
        if isinstance(value, datetime):
            return value
        text = str(value).strip()
        try:
            ago = _AGO.fullmatch(text)
            if ago is not None:
                return now() - int(ago[1]) * _UNITS[ago[2].lower()]
            return as_utc(datetime.fromisoformat(text).astimezone())
        except (ValueError, OverflowError):
            self.fail(f"{text!r:.40} is no date as 2026-11-20, and no age as 7d, 12h or 2w.")
