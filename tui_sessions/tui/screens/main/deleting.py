"""What is thrown away, and what of it is taken back."""

from __future__ import annotations

import contextlib

from textual import work

from tui_sessions.errors import (
    ChatNotFound,
    InvalidValue,
    MessageNotFound,
    SessionBusy,
    SessionNotFound,
)
from tui_sessions.tui.screens.main.sending import Sending

_WAITS = "Another window answers there: it is asked to stop, so that what came is kept."
_POINTLESS = (SessionNotFound, ChatNotFound, MessageNotFound, InvalidValue)
"""Failures of an undo that no later try would be spared from."""


class Deleting(Sending):
    """Delete, undo, and the trash."""

    @work
    async def action_delete(self) -> None:
        """Delete what is under the cursor, at once; it can be taken back."""
        target = self.target()
        if target is None or target.session_id is None:
            self.say("Only sessions and chats can be deleted.")
            return
        if target.kind == "chat" and target.chat_id:
            await self.delete_chat(target.session_id, target.chat_id)
        else:
            await self._delete_session(target.session_id)

    async def _delete_session(self, session_id: str) -> None:
        from tui_sessions.tui.screens.question import Question

        async with self.telling():
            known = await self.manager.known_session(session_id)
            if known is not None and known.temporary:
                question = Question("Delete this temporary session?", "It cannot be brought back.")
                if not await self.app.push_screen_wait(question):
                    return
            with self.explaining(_WAITS):
                deleted = await self.manager.delete(session_id)
            was_open = self.current.session_id == session_id
            self.session_tree.remove_session(session_id)
            self.leave_deleted(session_id)
            if not deleted:
                self.say("The session was deleted already.")
                return
            name = known.title if known else "a session"
            self.remember_undo(
                f"Deleted {name}",
                lambda: self._restore(session_id, reopen=was_open),
                deleted=session_id,
            )

    async def delete_chat(self, session_id: str, chat_id: str) -> None:
        """Delete a chat, at once; it can be taken back."""
        async with self.telling():
            with self.explaining(_WAITS), contextlib.suppress(SessionBusy):
                await self.manager.stop(session_id, chat_id)  # what came belongs to what is kept
            data = await self.manager.chat_json(session_id, chat_id)
            await self.manager.delete_chat(session_id, chat_id)
            self.remember_undo(
                f"Deleted {data.get('name') or 'a chat'}",
                lambda: self.manager.restore_chat(session_id, data),
            )

    async def _restore(self, session_id: str, *, reopen: bool = False) -> None:
        session = await self.manager.undelete(session_id)
        self.session_tree.update_session(session)
        self.session_tree.move_to(session.id)
        if reopen and self.current.session is None:
            self.open_chat(session_id, focus=not self.session_tree.has_focus_within)

    @work
    async def action_undo(self) -> None:
        """Take the last deletion or change back."""
        if not self.undo_stack:
            self.say("There is nothing to take back; T shows the trash.")
            return
        last = self.undo_stack[-1]
        async with self.telling():
            try:
                await last.undo()
            except _POINTLESS:
                said = f"{last.text}: it cannot be taken back any more, or is back already."
            else:
                said = f"Taken back: {last.text}"
            self.undo_stack.remove(last)
            self.say(said, instead=last.notice)

    async def drop_undone(self) -> None:
        """Forget the deletions of sessions that are there again, with the notices that say so."""
        for deletion in [one for one in self.undo_stack if one.deleted]:
            session = await self.manager.known_session(deletion.deleted)
            if session is not None and deletion in self.undo_stack:
                self.undo_stack.remove(deletion)
                self.say(f"{session.title} is back.", instead=deletion.notice)

    @work
    async def action_trash(self) -> None:
        """Show what was deleted, to bring it back or be rid of it."""
        from tui_sessions.tui.screens.trash import TrashRow, TrashScreen

        async with self.telling():
            names = self.workspace_names
            rows = [
                TrashRow(
                    t.session_id,
                    names.get(t.workspace_id, t.workspace_id),
                    t.label,
                    t.deleted_at,
                )
                for t in await self.manager.trash()
            ]
            chosen = await self.app.push_screen_wait(
                TrashScreen(rows, self._restore_from_trash, self._purge)
            )
            if chosen is not None:
                self.open_chat(chosen)

    async def _restore_from_trash(self, session_id: str) -> bool:
        async with self.telling():
            await self._restore(session_id)
            await self.drop_undone()
            return True
        return False

    async def _purge(self, session_id: str) -> bool:
        async with self.telling():
            await self.manager.purge(session_id)
            self.say("Deleted for good")
            return True
        return False
