"""What is thrown away, and what of it is taken back."""

from __future__ import annotations

from textual import work

from tui_sessions.tui.screens.main.sending import Sending


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
            if not await self.manager.delete(session_id):
                return
            was_open = self.current.session_id == session_id
            self.session_tree.remove_session(session_id)
            self.leave_deleted(session_id)
            name = known.title if known else "a session"
            self.remember_undo(
                f"Deleted {name}", lambda: self._restore(session_id, reopen=was_open)
            )

    async def delete_chat(self, session_id: str, chat_id: str) -> None:
        """Delete a chat, at once; it can be taken back."""
        async with self.telling():
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
            await last.undo()
            self.undo_stack.remove(last)
            self.say(f"Taken back: {last.text}")

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
            return True
        return False

    async def _purge(self, session_id: str) -> bool:
        async with self.telling():
            await self.manager.purge(session_id)
            self.say("Deleted for good")
            return True
        return False
