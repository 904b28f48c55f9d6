"""A field of one line."""

from __future__ import annotations

from textual import events, on
from textual.keys import KEY_NAME_REPLACEMENTS
from textual.widgets import Input

from tui_sessions.model.visible import visible_typing
from tui_sessions.tui.remembered.unfinished import Kept

_JOINERS = {"\xad", "\u200c", "\u200d", *map(chr, range(0xE0020, 0xE0080))}
"""What parts and joins letters and emoji; a control that turns a line around is none of it."""
_SIGNS = frozenset(KEY_NAME_REPLACEMENTS.values())
"""Keys that type a sign, and whose names Textual does not take for one, as `slash`."""


class LineInput(Input):
    """A field that takes whatever languages are written with."""

    _kept: Kept | None = None
    _began_with = ""

    def go_on_with(self, kept: Kept | None) -> None:
        """Begin with what was left here, and keep what is typed from now on until it is dropped."""
        self._kept, self._began_with = kept, self.value
        if kept is not None and kept.text:
            self.select_on_focus = False  # the next letter would take the place of all of it
            self.value = kept.text
            self.cursor_position = len(self.value)

    def drop_kept(self) -> None:
        """Keep nothing of what is typed: it was accepted, or is not wanted."""
        if self._kept is not None:
            self._kept.keep("")
        self._kept = None

    @on(Input.Changed)
    def keep_typed(self) -> None:
        """Keep what is typed, where it is another text than there was."""
        if self._kept is not None:
            self._kept.keep("" if self.value == self._began_with else self.value)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is typed here, and so does nothing else."""
        return key in _SIGNS or super().check_consume_key(key, character)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A line does not scroll: those keys are for what is around it, in the help as well."""
        if action.startswith(("scroll_", "page_")):
            return False
        return super().check_action(action, parameters)

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
