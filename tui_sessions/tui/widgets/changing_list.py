"""A list of options that may change while a click on it is on its way."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import OptionList


class ChangingList(OptionList):
    """Leaves clicks alone on options that have gone meanwhile; Textual would end the app."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Choose", show=False, id="dialog.accept"),
        Binding("down", "cursor_down", "Next", show=False, id="dialog.next"),
        Binding("up", "cursor_up", "Previous", show=False, id="dialog.previous"),
        Binding("home", "first", "First", show=False, id="dialog.first"),
        Binding("end", "last", "Last", show=False, id="dialog.last"),
        Binding("pagedown", "page_down", "Page down", show=False, id="dialog.page_down"),
        Binding("pageup", "page_up", "Page up", show=False, id="dialog.page_up"),
    ]

    async def _on_click(self, event: events.Click) -> None:
        if event.style.meta.get("option", 0) >= self.option_count:
            event.prevent_default()
