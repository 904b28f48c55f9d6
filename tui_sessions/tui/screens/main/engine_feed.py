"""What the engine tells, and what other windows did, brought to the widgets."""

from __future__ import annotations

import asyncio

from textual import on, work

from tui_sessions.errors import SessionsError
from tui_sessions.model.events import (
    Deleted,
    Event,
    LifecycleError,
    ReplyDelta,
    ReplyEnd,
    ReplyEvent,
    ReplyFailed,
    ReplyStarted,
    SessionEvent,
)
from tui_sessions.model.message import Message
from tui_sessions.model.session import Session
from tui_sessions.tui.messages import EngineHappened
from tui_sessions.tui.screens.main.importing import Importing
from tui_sessions.tui.widgets.session_tree import ProblemRow

POLL_S = 2.0
"""Seconds between two looks at what other windows and programs did."""


class EngineFeed(Importing):
    """Keeps what is shown true."""

    def on_mount(self) -> None:
        """Arrive, and look around regularly from then on."""
        self._seen: object = None
        self.transcript.placeholder = self.welcome(temporary=False)
        self._arrive()
        self.set_interval(POLL_S, self.look_around)

    @work
    async def _arrive(self) -> None:
        """Show what was known last time, then what was open here before, then what is there now.

        What the person types meanwhile goes where they arrive.
        """
        await asyncio.to_thread(self.drafts.load)
        async with self.telling():
            known = await self.manager.open_catalog()
            if known:
                self.session_tree.show(await self.manager.workspaces(), known)
            session_id = await self._session_to_resume()
            if session_id is not None:
                await self._open_chat(session_id).wait()
        if self.current.session is None:
            self.begin_session(self.start.workspace_id)
        self.arrived.set()
        async with self.telling():
            await self._show_tree()

    async def _session_to_resume(self) -> str | None:
        if self.start.session_id is not None:
            return self.start.session_id
        start, manager = self.start, self.manager
        if not await manager.candidates(manager.user_id, start.workspace_id, start.surface):
            return None
        session = await manager.resolve_session(workspace=start.workspace_id, surface=start.surface)
        return session.id

    @work(exclusive=True, group="look")
    async def look_around(self) -> None:
        """See what other windows and programs did meanwhile."""
        try:
            await self._show_tree()
        except (SessionsError, OSError) as error:
            self.log.warning(f"could not look at the store: {error!r}")
            return
        session = self.current.session
        if session is None or (session.id, self.current.chat_id) in self.manager.running():
            return
        known = next((s for s in self.manager.known_sessions() if s.id == session.id), None)
        if known is None:
            return
        if known.updated_at.isoformat() != self.current.shown_at:
            self.reload()

    async def _show_tree(self) -> None:
        sessions = await self.manager.list_sessions()
        problems = await self.manager.problems()
        workspaces = await self.manager.workspaces()
        seen = (
            {(s.id, s.updated_at, s.workspace_id) for s in sessions},
            [(p.path, p.reason) for p in problems],
            [(w.id, w.name) for w in workspaces],
        )
        if seen == self._seen:
            return
        self._seen = seen
        self.workspace_names = {w.id: w.name or w.id for w in workspaces}
        rows = [
            ProblemRow(p.path, p.reason, p.workspace_id or self.start.workspace_id, p.session_id)
            for p in problems
        ]
        self.session_tree.show(workspaces, sessions, rows)

    @on(EngineHappened)
    def follow(self, message: EngineHappened) -> None:
        """Follow what the engine tells."""
        event: Event = message.event
        match event:
            case ReplyDelta():
                self._follow_delta(event)
            case ReplyEvent():
                self._follow_reply(event)
            case SessionEvent(session=session):
                self._follow_session(session)
            case Deleted(session_id=session_id):
                self.session_tree.remove_session(session_id)
                if self.current.session_id == session_id:
                    self.begin_session(self.current.workspace_id)
            case LifecycleError(error=error, operation=operation):
                self.say(f"{operation}: {error}", severe=True)

    def _follow_session(self, session: Session) -> None:
        self.session_tree.update_session(session)
        if self.current.session_id == session.id:
            self.update_open_session(session)

    def _is_open(self, event: ReplyEvent) -> bool:
        opened = self.current
        return opened.session_id == event.session_id and opened.chat_id == event.chat_id

    def _follow_delta(self, event: ReplyDelta) -> None:
        opened = self.current
        if not self._is_open(event) or event.offset < opened.live_length:
            return
        opened.live_length = event.offset + len(event.text)
        self.transcript.extend_reply(event.message_id, event.text, event.kind)

    def _follow_reply(self, event: ReplyEvent) -> None:
        match event:
            case ReplyStarted():
                self.session_tree.set_running(event.session_id, event.chat_id, True)
                if self._is_open(event):
                    self._begin_reply(event)
            case ReplyEnd():
                self.session_tree.set_running(event.session_id, event.chat_id, False)
                if self._is_open(event):
                    self._end_reply(event)
                else:
                    self._tell_unseen(event)
        self.refresh_status()
        self.refresh_tabs()

    def _begin_reply(self, event: ReplyStarted) -> None:
        shown = {message.id for message in self.transcript.chat.messages[-4:]}
        if event.prompt is not None and event.prompt.id not in shown:
            self.transcript.append(event.prompt)
        if event.message_id not in shown and not self.current.regenerating:
            self.current.live_length = 0
            self.transcript.begin_reply(
                Message(id=event.message_id, role="assistant", status="partial")
            )
        elif self.current.regenerating:
            self._replace_last_reply(event.message_id)

    def _replace_last_reply(self, message_id: str) -> None:
        messages = list(self.transcript.chat.messages)
        while messages and not (messages[-1].role == "user" and not messages[-1].hidden):
            self.transcript.remove_message(messages.pop().id)
        self.current.live_length = 0
        self.transcript.begin_reply(Message(id=message_id, role="assistant", status="partial"))

    def _end_reply(self, event: ReplyEnd) -> None:
        self.transcript.end_reply(event.message)
        if isinstance(event, ReplyFailed):
            self.say(str(event.error), severe=True)
        if self.current.regenerating:
            self.current.regenerating = False
            self.reload()
        self.refresh_inspector()

    def _tell_unseen(self, event: ReplyEnd) -> None:
        """Mark a reply that ended where the person is not."""
        self.unread.add((event.session_id, event.chat_id))
        self.session_tree.set_unread(event.session_id, event.chat_id, True)
        known = {s.id: s for s in self.manager.known_sessions()}
        session = known.get(event.session_id)
        label = (session.label if session else "") or "Untitled"
        what = "failed" if isinstance(event, ReplyFailed) else "is done"
        self.say(f"The reply in {label} {what}.")
