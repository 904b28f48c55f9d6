"""What is thrown away, and what of it is taken back."""

from __future__ import annotations

from textual import work

from tui_sessions.tui.screens.main.base import NO_SESSION
from tui_sessions.tui.screens.main.ground import Ground
from tui_sessions.tui.screens.main.session_changes import STOPPING_THERE


class Deleting(Ground):
    """Delete, undo, and the trash."""

    @work
    async def action_delete(self) -> None:
        """Delete what is under the cursor, at once; it can be taken back."""
        target = self.target()
        if target is None:
            self.say(NO_SESSION)
            return
        if target.session_id is None:
            self.say("Only sessions and chats can be deleted.")
            return
        if target.kind == "chat" and target.chat_id:
            await self.changes.delete_chat(target.session_id, target.chat_id)
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
            with self.explaining(STOPPING_THERE):
                deleted = await self.manager.delete(session_id)
            was_open = self.current.session_id == session_id
            self.session_tree.remove_session(session_id)
            self.gone_elsewhere.leave_deleted(session_id)
            if not deleted:
                self.say("The session was deleted already.")
                return
            name = known.title if known else "a session"
            self.taking_back.remember(
                f"Deleted {name}",
                lambda: self._restore(session_id, reopen=was_open),
                deleted=session_id,
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
        await self.taking_back.take_back()

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
            await self.taking_back.drop_undone()
            return True
        return False

    async def _purge(self, session_id: str) -> bool:
        async with self.telling():
            await self.manager.purge(session_id)
            self.say("Deleted for good")
            return True
        return False
