"""What sessions and chats are called."""

from __future__ import annotations

from textual import on, work

from tui_sessions.model.session import Session
from tui_sessions.tui.screens.main.sending import Sending
from tui_sessions.tui.widgets.session_tree import SessionTree


class Naming(Sending):
    """Renames sessions and chats."""

    @work
    async def action_rename(self) -> None:
        """Rename in place in the tree, or in a dialog where the tree is folded away."""
        from tui_sessions.tui.screens.text_prompt import TextPrompt

        tree = self.session_tree
        if tree.has_focus_within:
            if not tree.begin_rename():
                self.say("Only sessions and chats can be renamed.")
            return
        session_id = self.target_session()
        if session_id is None:
            return
        if tree.region.width and tree.move_to(session_id) and tree.begin_rename():
            self.return_to_composer_after_rename = True
            return
        async with self.telling():
            session = await self.manager.get_session(session_id)
            value = "" if session.auto_label else session.label
            label = await self.app.push_screen_wait(TextPrompt("Rename", value, session.label))
            if label and label.strip():
                await self.give_label(session, label)

    @on(SessionTree.Renamed)
    async def rename_from_tree(self, event: SessionTree.Renamed) -> None:
        """Take over the name that was typed in the tree."""
        target = event.target
        async with self.telling():
            if target.session_id is None:
                return
            session = await self.manager.get_session(target.session_id)
            if target.kind == "chat" and target.chat_id:
                await self.give_chat_name(session, target.chat_id, event.text)
            else:
                await self.give_label(session, event.text)
        self._return_from_rename()

    @on(SessionTree.RenameCancelled)
    def _return_from_rename(self) -> None:
        """Go back to where the person was when they asked for the name."""
        if self.return_to_composer_after_rename:
            self.return_to_composer_after_rename = False
            self.composer.focus()

    async def give_label(self, session: Session, label: str) -> None:
        """Rename a session; the label that it had can be brought back."""
        await self.manager.rename(session.id, label)
        if session.label:
            self.remember_undo("Renamed", lambda: self.manager.rename(session.id, session.label))

    async def give_chat_name(self, session: Session, chat_id: str, name: str) -> None:
        """Rename a chat; the name that it had can be brought back."""
        chat = session.chat(chat_id)
        await self.manager.rename_chat(session.id, chat_id, name)
        if chat is not None and chat.name:
            before = chat.name
            self.remember_undo(
                "Renamed", lambda: self.manager.rename_chat(session.id, chat_id, before)
            )
