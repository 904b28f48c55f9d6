"""What is done to sessions from the tree, the chat and the palette."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on, work

from tui_sessions.model.identifiers import id_from_name, is_id
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.session import Session
from tui_sessions.tui.screens.main.deleting import Deleting
from tui_sessions.tui.screens.main.naming import Naming
from tui_sessions.tui.widgets.inspector.requests import CopyRequested


class SessionVerbs(Naming, Deleting):
    """New, fork, pause, archive, tag, move, copy."""

    def action_new_session(self) -> None:
        """Begin a session in the workspace under the cursor."""
        self.begin_session(self.target_workspace())

    def action_new_temporary_session(self) -> None:
        """Begin a session that is not saved."""
        self.begin_session(self.target_workspace(), temporary=True)

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
                Choice(
                    "Move to",
                    options,
                    placeholder="a workspace, or a new name",
                    allow_new=True,
                    none_yet="There is no other workspace yet: type a name for a new one.",
                )
            )
            if not chosen:
                return
            known = any(option.id == chosen for option in options)
            workspace = chosen if known else await self._new_workspace(chosen)
            await self.manager.move(session_id, workspace)
            self.remember_undo("Moved", lambda: self.manager.move(session_id, session.workspace_id))
            if session_id == self.current.session_id:
                self.session_tree.update_session(await self.manager.get_session(session_id))
                self.mark_open_in_tree()

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

    @on(CopyRequested)
    def copy_from_inspector(self, event: CopyRequested) -> None:
        """Copy what the inspector shows."""
        self.app.copy_to_clipboard(event.text)
        self.say("Copied")
