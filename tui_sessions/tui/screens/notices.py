"""What the person was told, to be read again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_sessions.tui.drawing import draw
from tui_sessions.tui.remembered.notices import Told
from tui_sessions.tui.screens.dialog import Dialog, DialogBox
from tui_sessions.tui.widgets.key_line import KeyLine


class NoticesScreen(Dialog[None]):
    """The notices since the start, the latest first and each as a whole."""

    DEFAULT_CSS = """
    NoticesScreen {
        & VerticalScroll {
            height: auto;
            scrollbar-size-vertical: 1;
            & > Static {
                height: auto;
            }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "cancel", "Close", show=False)]
    LISTS = "VerticalScroll"
    SHARE = 70

    def __init__(self, told: Sequence[Told]) -> None:
        super().__init__()
        self._told = tuple(told)

    def compose(self) -> ComposeResult:
        """The notices and the way out."""
        with DialogBox("Notices"):
            with VerticalScroll():
                yield Static(draw_notices(self._told))
            yield KeyLine(("↑↓", "scroll"), ("dialog.cancel", "close"))

    def on_mount(self) -> None:
        """Begin where the arrows scroll."""
        self.query_one(VerticalScroll).focus()


def draw_notices(told: Sequence[Told]) -> Content:
    """Each with the time of day it was told."""
    if not told:
        return Content("There were no notices yet.")
    return Content("\n").join(
        Content.assemble(
            (one.at.astimezone().strftime("%H:%M:%S  "), "$foreground 60%"),
            draw(one.text).stylize("$text-error" if one.severe else "$foreground"),
        )
        for one in told
    )
