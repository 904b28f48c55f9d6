"""What is done to sessions from the tree, the chat and the palette."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on, work

from tui_sessions.model.identifiers import id_from_name, is_id
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.session import Session
from tui_sessions.tui.screens.main.sending import Sending
from tui_sessions.tui.widgets.inspector.inspector import Inspector
from tui_sessions.tui.widgets.session_tree import SessionTree

_LISTED = 1000
"""So many of the latest sessions are listed at once where one goes to anything."""


class SessionVerbs(Sending):
    """New, switch, fork, rename, delete, undo, pause, archive, tag, move."""

    def action_new_session(self) -> None:
        """Begin a session in the workspace under the cursor."""
        self.begin_session(self.target_workspace())

    def action_new_temporary_session(self) -> None:
        """Begin a session that is not saved."""
        self.begin_session(self.target_workspace(), temporary=True)

    @work
    async def action_go_to(self) -> None:
        """Go to any session, chat or message."""
        from tui_sessions.tui.screens.main.text_search import TextSearch
        from tui_sessions.tui.screens.switcher import QuickSwitcher

        workspaces = await self.manager.workspaces()
        recent = await self.manager.known_sessions(limit=_LISTED)
        texts = TextSearch(self.manager, workspaces)
        more = self._older_sessions if len(recent) == _LISTED else None
        open_id = self.current.session_id
        switcher = QuickSwitcher(recent, workspaces, open_id, texts.search, more)
        chosen = await self.app.push_screen_wait(switcher)
        if chosen is not None:
            self.open_chat(
                chosen.session_id, chosen.chat_id, chosen.message_id, find_text=chosen.find_text
            )

    async def _older_sessions(self, words: Sequence[str]) -> list[Session]:
        """The sessions that hold these words."""
        return await self.manager.known_sessions(words=words, limit=_LISTED)

    @work
    async def action_fork(self) -> None:
        """Fork the session, whole, and go to the fork."""
        session_id = self.target_session()
        if session_id is not None:
            await self.fork(session_id)

    @work
    async def action_fork_detached(self) -> None:
        """Fork the session without its messages, and go to the fork."""
        session_id = self.target_session()
        if session_id is not None:
            await self.fork(session_id, detached=True)

    async def fork(
        self, session_id: str, *, at: str | None = None, detached: bool = False
    ) -> Session | None:
        """Fork and go to the fork; None when it could not be done."""
        async with self.telling():
            child = await self.manager.fork(session_id, at=at, detached=detached)
            self.session_tree.update_session(child)
            self.open_chat(child.id)
            self.say(
                f"You are in {child.label or 'the fork'} now; esc, then ^ leads back.",
                title="Forked",
            )
            return child
        return None

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
    async def action_pause(self) -> None:
        """Pause the session, or go on with it."""
        session_id = self.target_session()
        if session_id is None:
            return
        async with self.telling():
            session = await self.manager.get_session(session_id)
            if session.state is SessionState.PAUSED:
                await self.manager.resume(session_id)
            else:
                await self.manager.pause(session_id)

    @work
    async def action_archive(self) -> None:
        """Put the session into the archive, or take it out."""
        session_id = self.target_session()
        if session_id is None:
            return
        async with self.telling():
            session = await self.manager.get_session(session_id)
            if session.state is SessionState.ARCHIVED:
                await self.manager.unarchive(session_id)
                return
            await self.manager.archive(session_id)
            name = session.title
            self.remember_undo(f"Archived {name}", lambda: self._unarchive(session_id))

    async def _unarchive(self, session_id: str) -> None:
        session = await self.manager.unarchive(session_id)
        self.session_tree.update_session(session)
        self.session_tree.move_to(session_id)

    @work
    async def action_tags(self) -> None:
        """Change the session's tags."""
        from tui_sessions.tui.screens.text_prompt import TextPrompt

        session_id = self.target_session()
        if session_id is None:
            return
        async with self.telling():
            session = await self.manager.get_session(session_id)
            prompt = TextPrompt("Tags, separated by commas", ", ".join(session.tags))
            text = await self.app.push_screen_wait(prompt)
            if text is not None:
                await self.change_tags(session, text.split(","))

    async def change_tags(self, session: Session, tags: Sequence[str]) -> None:
        """Give a session other tags; the ones it had can be brought back."""
        await self.manager.set_tags(session.id, tags)
        self.remember_undo(
            "Changed the tags", lambda: self.manager.set_tags(session.id, session.tags)
        )

    @work
    async def action_move(self) -> None:
        """Move the session to another workspace."""
        from tui_sessions.tui.screens.choice import Choice, ChoiceOption

        session_id = self.target_session()
        if session_id is None:
            return
        async with self.telling():
            session = await self.manager.get_session(session_id)
            options = [
                ChoiceOption(w.id, w.name or w.id, w.directory or "")
                for w in await self.manager.workspaces()
                if w.id != session.workspace_id
            ]
            chosen = await self.app.push_screen_wait(
                Choice("Move to", options, placeholder="a workspace, or a new name", allow_new=True)
            )
            if not chosen:
                return
            known = any(option.id == chosen for option in options)
            workspace = chosen if known else await self._new_workspace(chosen)
            await self.manager.move(session_id, workspace)
            self.remember_undo("Moved", lambda: self.manager.move(session_id, session.workspace_id))

    async def _new_workspace(self, name: str) -> str:
        workspace_id = name if is_id(name) else id_from_name(name)
        return (await self.manager.create_workspace(workspace_id, name=name)).id

    def action_copy_id(self) -> None:
        """Copy the id of what is under the cursor."""
        target = self.target()
        if target is None:
            return
        text = target.chat_id or target.session_id or target.workspace_id
        self.app.copy_to_clipboard(text)
        self.say(f"Copied {text}")

    @on(Inspector.CopyRequested)
    def copy_from_inspector(self, event: Inspector.CopyRequested) -> None:
        """Copy what the inspector shows."""
        self.app.copy_to_clipboard(event.text)
        self.say("Copied")

    @on(Inspector.JumpRequested)
    def open_from_inspector(self, event: Inspector.JumpRequested) -> None:
        """Go to a parent or child."""
        self.open_chat(event.session_id, event.chat_id, event.message_id)

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

    async def delete_chat(self, session_id: str, chat_id: str) -> None:
        """Delete a chat, at once; it can be taken back."""
        async with self.telling():
            data = await self.manager.chat_json(session_id, chat_id)
            await self.manager.delete_chat(session_id, chat_id)
            self.remember_undo(
                f"Deleted {data.get('name') or 'a chat'}",
                lambda: self.manager.restore_chat(session_id, data),
            )
