"""Renaming in place: a field that lies over a row of the tree."""

from __future__ import annotations

from collections.abc import Callable

from textual import on

from tui_sessions.model.session import Session
from tui_sessions.tui.remembered.unfinished import Kept
from tui_sessions.tui.widgets.session_tree.name_input import NameInput
from tui_sessions.tui.widgets.session_tree.shown_sessions import ShownSessions
from tui_sessions.tui.widgets.session_tree.target import Target
from tui_sessions.tui.widgets.session_tree.tree_rows import TreeRows


class RenamedInPlace(ShownSessions):
    """Lays a field over the name that is edited."""

    kept_name: Callable[[Session, str | None], Kept | None] = staticmethod(lambda *_: None)
    """Where the name of a session, or of its chat, is kept while it is typed."""

    def name_typed(self, target: Target, text: str | None) -> None:
        """Hear the new name of something; None where it keeps the one it has."""

    def begin_rename(self) -> bool:
        """Edit the name under the cursor in place; False where that cannot be."""
        target = self.cursor_target
        session = self._outline.session(target.session_id) if target else None
        if target is None or session is None or target.kind not in ("session", "chat"):
            return False
        if self.query(NameInput):
            return False
        chat = session.chat(target.chat_id or "") if target.kind == "chat" else None
        text = chat.name if chat else session.label
        start_empty = chat is None and session.auto_label
        self._rows.scroll_to_cursor()
        field = NameInput(target, text, start_empty=start_empty)
        field.go_on_with(self.kept_name(session, target.chat_id if chat else None))
        self.mount(field)
        self._place(field)
        field.focus()
        return True

    def _place(self, field: NameInput) -> None:
        """Lay the field over the row.

        Where the row has gone the field stays: what is typed on would be keys of something else.
        """
        region = self._rows.name_region(field.target)
        if region is None:
            if self._rows.target == field.target:
                self._rows.scroll_to_cursor()
            return
        offset = region.offset + (self._rows.region.offset - self.content_region.offset)
        field.styles.offset = (offset.x, offset.y)
        field.styles.width = region.width

    @on(TreeRows.Shifted)
    def follow_row(self, event: TreeRows.Shifted) -> None:
        """Keep the field over its row, and the row in sight."""
        event.stop()
        for field in self.query(NameInput):
            self._place(field)

    @on(NameInput.Done)
    async def finish_rename(self, event: NameInput.Done) -> None:
        """Tell the screen the new name."""
        event.stop()
        had_focus = event.control.has_focus
        await event.control.remove()
        if had_focus:
            self.focus()
        self.name_typed(event.target, event.text)
