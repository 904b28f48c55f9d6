"""One line of the transcript, as it is drawn and as it is copied."""

from __future__ import annotations

import msgspec
from textual.content import Content
from textual.strip import Strip

DIM = "$foreground 66%"
"""What stands back: times, folds, marks."""
FAINT = "$foreground 30%"
"""Rules and the like, which carry no words."""


class Line(msgspec.Struct, eq=False):
    """A drawn line of a message, without the gutter."""

    content: Content
    lead: int = 0
    """Characters at the start that are drawn but never copied: indents, quote bars."""
    joint: str = "\n"
    """What stands between this line and the next when both are copied."""
    fill: str = ""
    """The style under the line from `fill_at` to the right edge."""
    fill_at: int = 0
    fold: str | None = None
    """The fold that a click on this line toggles."""
    source: str | None = None
    """What is copied instead of the drawn text when the whole line is selected."""
    column: int = 0
    """Where in its row of text the line begins, which tells how wide the tabs of `source` are."""
    leads_to_parent: bool = False
    """Whether a click on this line asks for the session that was forked."""
    marked: bool = True
    """Whether the bar of the message cursor stands beside it."""
    strip: Strip | None = None
    """The line as it was last painted."""
    painted_as: object = None
    """The look and the place that `strip` was painted for."""


def blank_line() -> Line:
    """The space between two messages or blocks."""
    return Line(Content(""))
