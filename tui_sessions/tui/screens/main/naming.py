"""What sessions and chats are called."""

from __future__ import annotations

from textual import on, work

from tui_sessions.model.session import Session
from tui_sessions.tui.remembered.unfinished import Kept
from tui_sessions.tui.screens.main.ground import Ground
from tui_sessions.tui.widgets.chat_tabs import ChatTabs
from tui_sessions.tui.widgets.session_tree import SessionTree


class Naming(Ground):
    """Renames sessions and chats."""

    def on_mount(self) -> None:
        """Have names that are typed half outlive what ends the app."""
        self.session_tree.kept_name = self._kept_name
        self.chat_tabs.kept_name = self._kept_chat_name

    def _kept_name(self, session: Session, chat_id: str | None) -> Kept:
        return self.drafting.kept(f"name:{chat_id}" if chat_id else "label", session)

    def _kept_chat_name(self, chat_id: str) -> Kept | None:
        session = self.current.session
        return self._kept_name(session, chat_id) if session else None

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
            kept = self._kept_name(session, None)
            prompt = TextPrompt("Rename", value, session.label, kept=kept)
            label = await self.app.push_screen_wait(prompt)
            if label and label.strip():
                with kept.unless_done(label):
                    await self.changes.rename(session, label)

    @on(SessionTree.Renamed)
    async def rename_from_tree(self, event: SessionTree.Renamed) -> None:
        """Take over the name that was typed in the tree."""
        target = event.target
        async with self.telling():
            if target.session_id is None:
                return
            session = await self.manager.get_session(target.session_id)
            chat_id = target.chat_id if target.kind == "chat" else None
            with self._kept_name(session, chat_id).unless_done(event.text):
                if chat_id:
                    await self.changes.rename_chat(session, chat_id, event.text)
                else:
                    await self.changes.rename(session, event.text)
        self._return_from_rename()

    @on(ChatTabs.Renamed)
    async def rename_from_tabs(self, event: ChatTabs.Renamed) -> None:
        """Take over a chat's name that was typed in its tab."""
        session = self.current.session
        if session is not None:
            async with self.telling():
                with self._kept_name(session, event.chat_id).unless_done(event.text):
                    await self.changes.rename_chat(session, event.chat_id, event.text)

    @on(SessionTree.RenameCancelled)
    def _return_from_rename(self) -> None:
        """Go back to where the person was when they asked for the name."""
        if self.return_to_composer_after_rename:
            self.return_to_composer_after_rename = False
            self.composer.focus()
