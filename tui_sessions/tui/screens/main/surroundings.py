"""What stands around the open chat: its tabs, the status line and the inspector."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
from textual import work
from textual.worker import Worker

from tui_sessions.errors import SessionsError
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.session import Session
from tui_sessions.settings import Settings
from tui_sessions.tui.remembered.drafts import Drafts
from tui_sessions.tui.screens.main.areas import InspectorArea
from tui_sessions.tui.screens.main.measuring import Measuring
from tui_sessions.tui.screens.main.noticing import Noticing
from tui_sessions.tui.start import Start
from tui_sessions.tui.widgets.status_line import StatusInfo

_NUMBERS_AFTER_S = 0.1
"""Seconds before another session is counted: it is shown first, and many are only passed by."""


class Surroundings(Noticing):
    """Brings what stands around the open chat up to date."""

    summarising: frozenset[tuple[str, str]] = frozenset()
    """The chats that are being summarised because the person asked for it."""

    rows_wanted = False
    """The person has gone to the inspector, which does not show the open session yet."""

    def __init__(self, start: Start, drafts: Drafts, settings: Settings) -> None:
        super().__init__(start, drafts, settings)
        self.measuring = Measuring(self)

    def on_mount(self) -> None:
        """Begin without knowing what any parent is called, or any children."""
        self._labels: dict[str, str] = {}
        self.child_states: dict[str, tuple[object, str]] = {}
        """The open session's sub-agents, each with what its state was made of, and the state."""

    def refresh_tabs(self) -> None:
        """Bring the row of chats up to date."""
        session = self.current.session
        running = {
            chat
            for owner, chat in (*self.manager.running(), *self.elsewhere)
            if session and owner == session.id
        }
        unread = {chat for owner, chat in self.unread if session and owner == session.id}
        waiting = {
            chat for owner, chat in self.calls.waiting_chats() if session and owner == session.id
        }
        chats = session.chats if session else ()
        self.chat_tabs.show(chats, self.current.chat_id, running, unread, waiting)

    def refresh_status(self) -> None:
        """Bring the status line up to date."""
        self.measuring.measure()
        here = (self.current.session_id or "", self.current.chat_id or "")
        waiting = self.calls.waiting_chats()
        seen = {here} if self.current.live_id or here in self.summarising else set()
        running = self.manager.running() if self.opened.is_set() else ()
        info = StatusInfo(
            workspace=self._workspace_name(),
            temporary=self.current.temporary,
            replying=len({*running} - seen.union(waiting)),
            waiting=len(waiting),
        )
        if self.current.session is not None:
            info = self._with_session(info, self.current.session)
        self.status.show(info)

    def _with_session(self, info: StatusInfo, session: Session) -> StatusInfo:
        """What the status line says, with what it says of the open session and its chat."""
        chat = session.chat(self.current.chat_id or "")
        here = (session.id, self.current.chat_id or "")
        return msgspec.structs.replace(
            info,
            label=session.title,
            chat=chat.name if chat and len(session.chats) > 1 else "",
            state="" if session.state is SessionState.CREATED else session.state.value,
            parent=self._parent_label(session),
            parent_kind=session.parent.kind if session.parent else "fork",
            temporary=session.temporary,
            read_only=session.read_only,
            agent=(chat.agent.template or chat.agent.provider) if chat else "",
            model=(chat.agent.model or chat.agent.provider) if chat else "",
            messages=chat.message_count if chat else 0,
            context=self.measuring.info,
            doing=self._doing(here),
            missing=tuple([one.tool for one in self.manager.missing_tools(*here)]),
        )

    def _doing(self, place: tuple[str, str]) -> str:
        if place in self.summarising:
            return "summarising"
        return "answered in another window" if place in self.elsewhere else ""

    @work(exclusive=True, group="inspector")
    async def refresh_inspector(self) -> None:
        """Bring the inspector up to date, if it is there to be seen."""
        if not self.furnished:
            return
        session = self.current.session
        if session is None or not any(area.display for area in self.query(InspectorArea)):
            self.inspector.show(None)
            return
        if session.id != self.inspector.session_id:
            await asyncio.sleep(_NUMBERS_AFTER_S)
        await self.read_whole()
        try:
            stats = await self.manager.stats(session.id)
            line = await self.manager.lineage(session.id)
            children = await self.manager.children(session.id)
            states = await self._states_of(children)
            workspaces = {w.id: w for w in await self.manager.workspaces()}
        except SessionsError:
            return
        if self.current.session is session:
            self.rows_wanted = False
            self.inspector.show(
                session,
                stats,
                workspaces.get(session.workspace_id),
                line.ancestors,
                children,
                line.cycle,
                states,
            )

    def rows_under_way(self) -> list[Worker[Any]]:
        """What fills the inspector for who has just gone there: the next key is for its rows."""
        if not self.rows_wanted:
            return []
        return [w for w in self.workers if w.group == "inspector" and not w.is_finished]

    async def _states_of(self, children: Sequence[Session]) -> dict[str, str]:
        """How far sub-agents have come; only what has changed is looked at again."""
        running = {session_id for session_id, _ in (*self.manager.running(), *self.elsewhere)}
        before, self.child_states = self.child_states, {}
        for child in children:
            if child.parent is None or child.parent.kind != "spawn":
                continue
            seen = (child.updated_at, child.id in running)
            known = before.get(child.id)
            if known is None or known[0] != seen:
                known = (seen, (await self.manager.child_status(child.id)).state)
            self.child_states[child.id] = known
        return {child_id: state for child_id, (_, state) in self.child_states.items()}

    def _workspace_name(self) -> str:
        workspace_id, start = self.current.workspace_id, self.start
        unknown = start.workspace_name if workspace_id == start.workspace_id else workspace_id
        return self.workspace_names.get(workspace_id, unknown)

    def _parent_label(self, session: Session) -> str:
        """What the parent is called; asked for once, and shown when that is known."""
        if session.parent is None:
            return ""
        if session.parent.session_id not in self._labels:
            self._labels[session.parent.session_id] = ""
            self._look_up_label(session.parent.session_id)
        return self._labels[session.parent.session_id]

    @work(group="labels")
    async def _look_up_label(self, session_id: str) -> None:
        known = await self.manager.known_session(session_id)
        self._labels[session_id] = known.title if known else "a deleted session"
        self.refresh_status()
