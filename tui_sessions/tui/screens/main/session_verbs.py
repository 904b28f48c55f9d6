"""What is done to sessions from the tree, the chat and the palette."""

from __future__ import annotations

from textual import on, work

from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.placement import workspace_named, workspace_of_name
from tui_sessions.tui.screens.main.base import NO_SESSION
from tui_sessions.tui.screens.main.ground import Ground
from tui_sessions.tui.widgets.inspector.requests import CopyRequested


class SessionVerbs(Ground):
    """New, fork, pause, archive, tag, move, copy."""

    def action_new_session(self) -> None:
        """Begin a session in the workspace under the cursor."""
        workspace_id = self.target_workspace()
        if self._is_new(workspace_id):
            self.say("This is a new session: it begins with the first message.")
        self.begin_session(workspace_id)

    def _is_new(self, workspace_id: str) -> bool:
        """Whether what is open has not begun, and is where a new session would be."""
        opened = self.current
        return (
            opened.session is None
            and not opened.temporary
            and opened.workspace_id == workspace_id
            and self.composer.has_focus
        )

    def action_new_temporary_session(self) -> None:
        """Begin a session that is not saved."""
        self.begin_session(self.target_workspace(), temporary=True)

    @work
    async def action_fork(self) -> None:
        """Fork the session, whole, and go to the fork."""
        session_id = self.target_session()
        if session_id is not None:
            await self.changes.fork(session_id)

    @work
    async def action_fork_detached(self) -> None:
        """Fork the session without its messages, and go to the fork."""
        session_id = self.target_session()
        if session_id is not None:
            await self.changes.fork(session_id, detached=True)

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
            self.taking_back.remember(f"Archived {name}", lambda: self._unarchive(session_id))

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
            kept = self.drafting.kept("tags", session)
            prompt = TextPrompt("Tags, separated by commas", ", ".join(session.tags), kept=kept)
            text = await self.app.push_screen_wait(prompt)
            if text is not None:
                with kept.unless_done(text):
                    await self.changes.change_tags(session, text.split(","))

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
                    kept=self.drafting.kept("move", session),
                )
            )
            if not chosen:
                return
            known = any(option.id == chosen for option in options)
            workspace = chosen if known else await self._new_workspace(chosen)
            await self.manager.move(session_id, workspace)
            self.taking_back.remember(
                "Moved", lambda: self.manager.move(session_id, session.workspace_id)
            )
            if session_id == self.current.session_id:
                self.session_tree.update_session(await self.manager.get_session(session_id))
                self.mark_open_in_tree()

    async def _new_workspace(self, name: str) -> str:
        known = await self.manager.workspaces()
        named = workspace_named(name, known)
        if named is not None:
            return named.id
        made = workspace_of_name(name, {workspace.id for workspace in known})
        return (await self.manager.create_workspace(made.id, name=name)).id

    def action_copy_id(self) -> None:
        """Copy the id of what is under the cursor."""
        target = self.target()
        if target is None:
            self.say(NO_SESSION)
            return
        text = target.chat_id or target.session_id or target.workspace_id
        self.app.copy_to_clipboard(text)
        self.say(f"Copied {text}")

    @on(CopyRequested)
    def copy_from_inspector(self, event: CopyRequested) -> None:
        """Copy what the inspector shows."""
        self.app.copy_to_clipboard(event.text)
        self.say("Copied")
