"""A text area for text from outside: what it draws never moves the terminal's cursor."""

from __future__ import annotations

import re
from unicodedata import category

from rich.text import Text
from textual import events
from textual.strip import Strip
from textual.widgets import TextArea

from tui_sessions.model.visible import visible

_REMOVED = re.compile("[\x00\x1b]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def clean_text(text: str) -> str:
    """Text as it may be edited: no NUL or ESC, and newlines as the only line ends."""
    return _LINE_ENDS.sub("\n", _REMOVED.sub("", text))


class PlainTextArea(TextArea):
    """A text area that draws control characters as pictures and takes any paste."""

    def __init__(
        self,
        text: str = "",
        *,
        placeholder: str = "",
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - the name that all widgets use
        classes: str | None = None,
    ) -> None:
        super().__init__(
            clean_text(text),
            tab_behavior="indent",
            highlight_cursor_line=False,
            placeholder=placeholder,
            name=name,
            id=id,
            classes=classes,
        )

    def get_line(self, line_index: int) -> Text:
        """A line as it is drawn."""
        return Text(visible(self.document.get_line(line_index)), end="", no_wrap=True)

    def render_line(self, y: int) -> Strip:
        """A line as it is drawn; where a terminal leaves no room for it, nothing.

        The text area would divide what it says while it is empty into columns of no width.
        """
        if not self.content_size.width:
            return Strip.blank(self.size.width)
        return super().render_line(y)

    def action_new_line(self) -> None:
        """Break the line."""
        self.replace("\n", *self.selection, maintain_selection_offset=False)

    async def _on_key(self, event: events.Key) -> None:
        """Run the area's own bindings at once.

        Left to the app they would come after letters that were typed later.
        """
        if event.is_printable:
            return
        if event.character is not None and category(event.character) == "Cf":
            # A joiner of letters or emoji, a mark of direction: what languages are written with.
            event.prevent_default()
            event.stop()
            self.replace(event.character, *self.selection, maintain_selection_offset=False)
            return
        active = self.screen.active_bindings.get(event.key)
        if active is not None and active.node is self and active.enabled:
            event.prevent_default()
            if await self.app.run_action(active.binding.action, self):
                event.stop()
        elif event.key == "escape":
            # The text area would give the focus away; what it is part of knows better.
            event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.replace(clean_text(event.text), *self.selection, maintain_selection_offset=False)
