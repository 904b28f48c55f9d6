"""A field of one line."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from tui_sessions.model.visible import visible_typing

_JOINERS = {"\xad", "\u200c", "\u200d", *map(chr, range(0xE0020, 0xE0080))}
"""What parts and joins letters and emoji; a control that turns a line around is none of it."""


class LineInput(Input):
    """A field that takes whatever languages are written with."""

    async def _on_key(self, event: events.Key) -> None:
        """Take joiners of letters and emoji, which are no printable characters, as they come."""
        if event.character in _JOINERS:
            event.prevent_default()
            event.stop()
            self.replace(event.character, *self.selection)

    def _on_paste(self, event: events.Paste) -> None:
        """Take the first line that is pasted as it is shown: the field draws what it holds."""
        event.prevent_default()
        event.stop()
        lines = event.text.splitlines()
        line = next((each for each in lines if each.strip()), "")
        self.replace(visible_typing(line).replace("\t", " "), *self.selection)
