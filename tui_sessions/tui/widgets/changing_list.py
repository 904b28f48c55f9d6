"""A list of options that may change while a click on it is on its way."""

from __future__ import annotations

from textual import events
from textual.widgets import OptionList


class ChangingList(OptionList):
    """Leaves clicks alone on options that have gone meanwhile; Textual would end the app."""

    async def _on_click(self, event: events.Click) -> None:
        if event.style.meta.get("option", 0) >= self.option_count:
            event.prevent_default()
