"""From outside text to what widgets may draw: never markup, never control bytes."""

from __future__ import annotations

from datetime import datetime, timedelta

from textual.content import Content

from tui_sessions.model.visible import visible, visible_line

_DAY = timedelta(days=1)
_STEPS = (
    (timedelta(minutes=1), timedelta(seconds=1), "now"),
    (timedelta(hours=1), timedelta(minutes=1), "{}m"),
    (_DAY, timedelta(hours=1), "{}h"),
    (timedelta(days=7), _DAY, "{}d"),
    (timedelta(days=61), timedelta(weeks=1), "{}w"),
)


def draw(text: str, style: str = "") -> Content:
    """Text of many lines, safe to hand to any widget."""
    return Content.styled(visible(text), style) if style else Content(visible(text))


def draw_line(text: str, style: str = "") -> Content:
    """Text for a place of one line, safe to hand to any widget."""
    return Content.styled(visible_line(text), style) if style else Content(visible_line(text))


def relative_time(moment: datetime, present: datetime) -> str:
    """How long ago, in at most seven cells: `now`, `5m`, `3h`, `2d`, `4w`, `Mar 14`, `2024-03`.

    Clocks differ a little, so what is less than a day ahead is `now`; beyond that stands the date.
    """
    age = present - moment
    for limit, unit, form in _STEPS:
        if -_DAY < age < limit:
            return form.format(max(age // unit, 0))
    return moment.strftime("%b %d" if moment.year == present.year else "%Y-%m")
