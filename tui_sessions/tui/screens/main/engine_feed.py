"""What the engine tells, and what other windows did, brought to the widgets."""

from __future__ import annotations

import asyncio
import contextlib

from textual import on, work
from textual.worker import WorkerCancelled

from tui_sessions.errors import SessionNotFound, SessionsError
from tui_sessions.model.events import (
    Deleted,
    Event,
    LifecycleError,
    ReplyDelta,
    ReplyEnd,
    ReplyEvent,
    ReplyFailed,
    ReplyStarted,
    ReplyStopped,
    SessionEvent,
)
from tui_sessions.model.message import Message
from tui_sessions.model.session import Session
from tui_sessions.tui.messages import EngineHappened
from tui_sessions.tui.screens.main.importing import Importing
from tui_sessions.tui.screens.main.opening import without_last_reply

POLL_S = 2.0
"""Seconds between two looks at what other windows and programs did."""


class EngineFeed(Importing):
    """Keeps what is shown true."""

    def on_mount(self) -> None:
        """Arrive, and look around regularly from then on."""
        self._trouble = ""
        self.transcript.placeholder = self.welcome(temporary=False)
        self._arrive()
        self.set_interval(POLL_S, self.look_again)

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
            if session_id is not None and not self.arrived.is_set():
                with contextlib.suppress(WorkerCancelled):
                    await self._open_chat(session_id).wait()
        if not self.arrived.is_set() and self.current.session is None:
            self.begin_session(self.start.workspace_id)
        self.arrived.set()
        with contextlib.suppress(WorkerCancelled):
            await self.look_around().wait()
        self.mark_open_in_tree()
        await self._warm_up()

    async def _warm_up(self) -> None:
        """Load what the open chat's next message needs, now that the screen is there."""
        session, chat_id = self.current.session, self.current.chat_id
        chat = session.chat(chat_id) if session and chat_id else None
        if chat is not None:
            async with self.telling():
                await self.manager.providers.warm_up(chat.agent.provider)

    async def _session_to_resume(self) -> str | None:
        if self.start.session_id is not None:
            return self.start.session_id
        start, manager = self.start, self.manager
        if not await manager.candidates(manager.user_id, start.workspace_id, start.surface):
            return None
        session = await manager.resolve_session(workspace=start.workspace_id, surface=start.surface)
        return session.id

    def look_again(self) -> None:
        """Look around, unless the last look takes that long."""
        if not any(w.group == "look" and not w.is_finished for w in self.workers):
            self.look_around()

    @work(exclusive=True, group="look")
    async def look_around(self) -> None:
        """See what other windows and programs did meanwhile."""
        try:
            await self.show_tree()
        except (SessionsError, OSError) as error:
            self._tell_trouble(error)
            return
        self._trouble = ""
        session = self.current.session
        if session is None or (session.id, self.current.chat_id) in self.manager.running():
            return
        known = next((s for s in self.manager.known_sessions() if s.id == session.id), None)
        if known is None:
            await self._leave_missing(session)
        elif known.updated_at.isoformat() != self.current.shown_at:
            self.reload()

    def _tell_trouble(self, error: Exception) -> None:
        """Say once what keeps the store from being read."""
        if self._trouble != str(error):
            self._trouble = str(error)
            self.say(self._trouble, severe=True)

    async def _leave_missing(self, session: Session) -> None:
        """Leave a session that is gone from the store; one that cannot be read stays shown."""
        try:
            if session.id in {problem.session_id for problem in await self.manager.problems()}:
                return
            await self.manager.get_session(session.id)
        except SessionNotFound:
            self.say(f"{session.label or 'Untitled'} was deleted elsewhere.")
            self.leave_deleted(session.id)
        except SessionsError as error:
            self._tell_trouble(error)

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
                self.leave_deleted(session_id)
                if event.purged:
                    self.drafts.forget_session(session_id)
            case LifecycleError(error=error, operation=operation):
                self.say(f"Could not {operation}: {error}", severe=True)

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
        if opened.live_id != event.message_id:
            if (event.session_id, event.chat_id) not in self.regenerating:
                return
            self._replace_last_reply(event.message_id)
        opened.live_length = event.offset + len(event.text)
        self.transcript.extend_reply(event.message_id, event.text, event.kind)

    def _follow_reply(self, event: ReplyEvent) -> None:
        match event:
            case ReplyStarted():
                self.session_tree.set_running(event.session_id, event.chat_id, True)
                if event.prompt is None:
                    self.regenerating.add((event.session_id, event.chat_id))
                if self._is_open(event):
                    self._begin_reply(event)
            case ReplyEnd():
                self.session_tree.set_running(event.session_id, event.chat_id, False)
                again = (event.session_id, event.chat_id) in self.regenerating
                self.regenerating.discard((event.session_id, event.chat_id))
                if self._is_open(event):
                    self._end_reply(event, again=again)
                else:
                    self._tell_unseen(event)
        self.refresh_status()
        self.refresh_tabs()

    def _begin_reply(self, event: ReplyStarted) -> None:
        """Show the question; the reply too, but one that is made again replaces the old later."""
        shown = {message.id for message in self.transcript.chat.messages[-4:]}
        if event.prompt is None:
            return
        if event.prompt.id not in shown:
            self.transcript.append(event.prompt)
        if event.message_id not in shown:
            self._show_reply(event.message_id)

    def _show_reply(self, message_id: str) -> None:
        self.current.live_length, self.current.live_id = 0, message_id
        self.transcript.begin_reply(Message(id=message_id, role="assistant", status="partial"))
        self.refresh_status()

    def _replace_last_reply(self, message_id: str) -> None:
        """Put a reply where the last one was."""
        messages = self.transcript.chat.messages
        for old in messages[len(without_last_reply(messages)) :]:
            self.transcript.remove_message(old.id)
        self._show_reply(message_id)

    def _end_reply(self, event: ReplyEnd, *, again: bool) -> None:
        if not again or self.current.live_id == event.message_id:
            self.transcript.end_reply(event.message)
        else:
            self.reload()
        self.current.live_id = None
        if isinstance(event, ReplyFailed):
            self.say(str(event.error), severe=True)
        self.refresh_inspector()

    def _tell_unseen(self, event: ReplyEnd) -> None:
        """Mark a reply that ended where the person is not."""
        known = {s.id: s for s in self.manager.known_sessions()}
        session = known.get(event.session_id)
        if session is None or isinstance(event, ReplyStopped):
            return
        self.unread.add((event.session_id, event.chat_id))
        self.session_tree.set_unread(event.session_id, event.chat_id, True)
        failed = isinstance(event, ReplyFailed)
        if failed or self.settings.app.notify_done:
            what = "failed" if failed else "is done"
            self.say(f"The reply in {session.label or 'Untitled'} {what}.", severe=failed)
