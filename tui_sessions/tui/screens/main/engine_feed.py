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
    SessionEvent,
)
from tui_sessions.model.session import Session
from tui_sessions.tui.messages import EngineHappened
from tui_sessions.tui.screens.main.base import sentence_of
from tui_sessions.tui.screens.main.ground import Ground
from tui_sessions.tui.undisturbed import Rest
from tui_sessions.tui.widgets.key_line import key_name
from tui_sessions.tui.widgets.transcript import NextKeys

POLL_S = 2.0
"""Seconds between two looks at what other windows and programs did."""
INDEX_AFTER_S = 2.0
"""Seconds after the start until the full-text index is brought up to date: nothing waits for it."""


class EngineFeed(Ground):
    """Keeps what is shown true."""

    def on_mount(self) -> None:
        """Arrive, and look around regularly from then on."""
        self._trouble = ""
        self._rest = Rest()
        self.transcript.name_keys(self._next_keys())
        self._arrive()

    def _next_keys(self) -> NextKeys:
        """The keys that go on after a reply that is cut off, as the person has set them."""
        go_on, again, agent, summary = (
            key_name(self.settings.keymap.get(name, key).split(",")[0].strip())
            for name, key in (
                ("transcript.continue", "C"),
                ("transcript.regenerate", "r"),
                ("app.choose_agent", "ctrl+l"),
                ("transcript.checkpoint", "s"),
            )
        )
        return NextKeys(go_on, again, agent, summary)

    @work
    async def _arrive(self) -> None:
        """Show what was known last time, then what was open here before, then what is there now.

        What the person types meanwhile goes where they arrive.
        """
        async with self.telling():
            await self.show_known_tree()
        if not self.opened.is_set():
            await self.opened.wait()
            async with self.telling():
                await self.show_known_tree()
        self.set_interval(POLL_S, self.look_again)
        drafts = asyncio.create_task(asyncio.to_thread(self.drafts.load))
        if not self.session_tree.total:
            self.look_around()  # all is read for the first time, and the tree shows how far that is
        await drafts
        await self.unread_keeping.recall()
        async with self.telling():
            session_id = await self._session_to_resume()
            if session_id is not None and not self.arrived.is_set():
                with contextlib.suppress(WorkerCancelled):
                    await self.load_chat(session_id).wait()
        if not self.arrived.is_set() and self.current.session is None:
            self.begin_session(self.start.workspace_id, focus=False)
        self.arrived.set()
        with contextlib.suppress(WorkerCancelled):
            await self.look_around().wait()
        self.mark_open_in_tree()
        await self.remember_tree()
        if not self.session_tree.total:
            self.look_for_importable()
        self._warm_up()

    @work(group="warm-up")
    async def _warm_up(self) -> None:
        """Load what the open chat's next message needs, now that the screen is there; then index.

        No key waits for it: it is none of what the person asked for.
        """
        session, chat_id = self.current.session, self.current.chat_id
        chat = session.chat(chat_id) if session and chat_id else None
        if chat is not None:
            async with self.telling():
                await self.manager.providers.warm_up(chat.agent.provider)
        self.set_timer(INDEX_AFTER_S, self.manager.start_indexing)

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
        self._rest.take()
        if not any(w.group == "look" and not w.is_finished for w in self.workers):
            self.look_around()

    @work(exclusive=True, group="look")
    async def look_around(self) -> None:
        """See what other windows and programs did meanwhile."""
        try:
            mark = self.tree_mark
            await self.show_tree()
            if self.tree_mark != mark:
                await self.taking_back.drop_undone()
            changed = await self.look_elsewhere()
        except (SessionsError, OSError) as error:
            self._tell_trouble(error)
            return
        self._trouble = ""
        await self.gone_elsewhere.find_lost()
        session = self.current.session
        if session is None:
            return
        known = await self.manager.known_session(session.id)
        if known is None:
            await self._leave_missing(session)
        elif (session.id, self.current.chat_id) in self.manager.running():
            return
        elif await self._differs(known.updated_at.isoformat()) or changed:
            self.reload()

    async def _differs(self, changed_at: str) -> bool:
        """Whether the open session is another than is shown: also by hand, which tells no time."""
        opened = self.current
        before, version = opened.seen, None
        with contextlib.suppress(SessionsError):  # who reads it is told why it cannot be
            version = await self.manager.version(opened.session_id or "")
        opened.seen = (changed_at, version or "")
        by_hand = before is not None and before[0] == changed_at and before != opened.seen
        return changed_at != opened.shown_at or by_hand

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
            if self.current.session_id == session.id:
                self.gone_elsewhere.leave_lost(session)
        except SessionsError as error:
            self._tell_trouble(error)

    @on(EngineHappened)
    def follow(self, message: EngineHappened) -> None:
        """Follow what the engine tells of sessions."""
        event: Event = message.event
        match event:
            case SessionEvent(session=session):
                self._follow_session(session)
            case Deleted(session_id=session_id):
                self.session_tree.remove_session(session_id)
                self.shown_calls.forget(session_id)
                self.gone_elsewhere.leave_deleted(session_id)
                if event.purged:
                    self.drafts.forget_session(session_id)
                    self.unread.forget_session(session_id)
                    self.unread_keeping.keep()
            case LifecycleError(error=error, operation=operation):
                if self.told is None or error is not self.told():
                    self.say(f"Could not {operation}: {sentence_of(error)}", severe=True)
                self.refresh_status()

    def _follow_session(self, session: Session) -> None:
        self.follow_sessions([session])
        if self.current.session_id == session.id:
            self.update_open_session(session)
