"""What stands around the open chat: the tree, its tabs, the status line and the inspector."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work

from tui_sessions.errors import SessionsError
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.session import Session
from tui_sessions.tui.remembered.known_tree import Counts, KnownTree, ask_known_tree, remember_tree
from tui_sessions.tui.screens.main.areas import InspectorArea
from tui_sessions.tui.screens.main.measuring import Measuring
from tui_sessions.tui.widgets.session_tree import ProblemRow, SessionTree
from tui_sessions.tui.widgets.status_line import StatusInfo

if TYPE_CHECKING:
    from tui_sessions.stores.base import Problem

_AHEAD_S = 0.05
"""Seconds that the first paint may come later with the tree than without it."""
_NUMBERS_AFTER_S = 0.1
"""Seconds before another session is counted: it is shown first, and many are only passed by."""
_LONG_LOOK_S = 1.0
"""Seconds after which the tree shows what a look at the store has found so far."""
_MANY_CHANGES = 500
"""With more changes than this, what is to be seen of the tree is asked for again."""
_MATCHES = 2000
"""At most so many sessions are given to the tree's filter."""


class Surroundings(Measuring):
    """Brings what stands around the open chat up to date."""

    summarising: frozenset[tuple[str, str]] = frozenset()
    """The chats that are being summarised because the person asked for it."""
    tree_file: Path | None = None
    """Where what the tree shows is kept for the next start."""
    _ahead: asyncio.Future[KnownTree] | None = None
    """The first look at what the tree shows, which began before the screen was there."""
    _tree_shown: object = None
    """What the tree was last made of."""
    _counted: tuple[int, Counts | None] = (0, None)
    """How much is in each workspace, and the mark at which that was counted."""
    _tree_mark = 0
    """What of the catalog's changes the tree knows."""
    _slow_look = False
    """A look at the store took long."""
    _counting = True
    """The store is being read for the first time, which takes as long as it is large."""

    def on_mount(self) -> None:
        """Begin without knowing what any parent is called, or any children."""
        self._labels: dict[str, str] = {}
        self.child_states: dict[str, tuple[object, str]] = {}
        """The open session's sub-agents, each with what its state was made of, and the state."""

    def refresh_around(self) -> None:
        """Bring tabs, status line and inspector up to what is open."""
        self.refresh_tabs()
        self.refresh_status()
        self.refresh_welcome()
        self.refresh_inspector()

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
        self.measure_context()
        session = self.current.session
        chat_id = self.current.chat_id
        here = (self.current.session_id or "", chat_id or "")
        waiting = self.calls.waiting_chats()
        seen = {here} if self.current.live_id or here in self.summarising else set()
        running = self.manager.running() if self.opened.is_set() else ()
        elsewhere = {*running} - seen.union(waiting)
        if session is None:
            info = StatusInfo(
                workspace=self._workspace_name(),
                temporary=self.current.temporary,
                replying=len(elsewhere),
                waiting=len(waiting),
            )
            self.status.show(info)
            return
        chat = session.chat(chat_id or "")
        self.status.show(
            StatusInfo(
                workspace=self._workspace_name(),
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
                context=self.context_info,
                doing=self._doing(here),
                replying=len(elsewhere),
                waiting=len(waiting),
                missing=tuple([one.tool for one in self.manager.missing_tools(*here)]),
            )
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
            self.inspector.show(
                session,
                stats,
                workspaces.get(session.workspace_id),
                line.ancestors,
                children,
                line.cycle,
                states,
            )

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

    async def show_tree(self) -> None:
        """Bring the tree up to what is in the store; of a long look it shows how far it is."""
        looking = asyncio.create_task(self.manager.refresh())
        try:
            while not self.gone and not (await asyncio.wait({looking}, timeout=_LONG_LOOK_S))[0]:
                self._slow_look = True
                await self.show_known_tree()
            await looking
            self._counting = False
        finally:
            looking.cancel()
        found = await self.manager.differences(self._tree_mark)
        if self.gone:
            return
        self._tree_mark = found.mark
        self.follow_sessions(found.sessions)
        for session_id in found.removed:
            self.session_tree.remove_session(session_id)
            # What stands there instead, as a file that cannot be read, went with it.
            self._tree_shown = None
        await self.show_known_tree()

    def follow_sessions(self, changed: Sequence[Session]) -> None:
        """Bring the tree and what parents are called up to changes of sessions."""
        if len(changed) > _MANY_CHANGES:
            self.session_tree.ask_again()
        for session in changed:
            if len(changed) <= _MANY_CHANGES:
                self.session_tree.update_session(session)
            if session.id in self._labels:
                self._labels[session.id] = session.title

    def begin_with(self, known: KnownTree) -> None:
        """Take what the tree shows first from what was remembered of it."""
        self._ahead = asyncio.get_running_loop().create_future()
        self._ahead.set_result(known)

    async def look_ahead(self, ahead: asyncio.Future[KnownTree]) -> None:
        """Take what the tree shows first, so that it comes with the first paint.

        A disk that takes long to answer does so while the screen is being made.
        """
        self._ahead = ahead
        await asyncio.wait({ahead}, timeout=_AHEAD_S)

    async def show_known_tree(self) -> None:
        """Bring the tree up to what was last seen; the store is not looked through."""
        ahead, self._ahead = self._ahead, None
        problems: list[Problem] = []
        if ahead is not None:
            known = await ahead
        else:
            await self.opened.wait()
            mark, (counted_at, counted) = self._tree_mark, self._counted
            same = counted if mark and mark == counted_at else None
            asked = ask_known_tree(self.manager, same), self.manager.known_problems()
            known, problems = await asyncio.gather(*asked)
            self._counted = mark, known.counts
        workspaces, counts = known.workspaces, known.counts
        # A catalog from the last time knows nearly all; an empty one, nothing yet.
        counting = self._counting and (not counts or self._slow_look)
        seen = (
            counting,
            counts,
            [(p.path, p.reason) for p in problems],
            [(w.id, w.name) for w in workspaces],
        )
        if seen == self._tree_shown or self.gone:
            return
        self._tree_shown = seen
        self.workspace_names = {w.id: w.name or w.id for w in workspaces}
        self.note_workspaces(workspaces)
        rows = [
            ProblemRow(p.path, p.reason, p.workspace_id or self.start.workspace_id, p.session_id)
            for p in problems
        ]
        self.session_tree.show(workspaces, counts, rows, counting=counting)
        self.refresh_status()

    async def remember_tree(self) -> None:
        """Keep what the tree shows for the next start; nothing of what is temporary."""
        if self.tree_file is not None and self.opened.is_set():
            with contextlib.suppress(SessionsError, OSError):
                known = await ask_known_tree(self.manager, lasting=True)
                await asyncio.to_thread(remember_tree, self.tree_file, known)

    @on(SessionTree.SessionsWanted)
    @work(group="tree")
    async def fill_workspace(self, event: SessionTree.SessionsWanted) -> None:
        """Give the tree the sessions of a workspace that was unfolded."""
        await self.opened.wait()
        known = await self.manager.known_sessions(workspace=event.workspace_id)
        if self.gone:
            return
        self.session_tree.fill(event.workspace_id, known)
        if event.workspace_id == self.current.workspace_id:  # another may be folded: let it be
            self.mark_open_in_tree()

    @on(SessionTree.MatchesWanted)
    @work(exclusive=True, group="matches")
    async def find_in_workspaces(self, event: SessionTree.MatchesWanted) -> None:
        """Give the tree the sessions that the words of its filter are in."""
        found = await self.manager.known_sessions(words=event.words, limit=_MATCHES)
        if not self.gone:
            self.session_tree.take_in(found)

    async def make_workspace(self, workspace_id: str) -> None:
        """See to it that a workspace is there, the one of the current folder with its name."""
        start = self.start
        if workspace_id == start.workspace_id:
            await self.manager.create_workspace(
                workspace_id, name=start.workspace_name, directory=start.directory
            )

    def mark_open_in_tree(self) -> None:
        """Mark what is open in the tree, with the cursor on it unless the person is there."""
        session_id = self.current.session_id
        if session_id is None:
            return
        self.session_tree.set_open(session_id, self.current.chat_id)
        if not self.session_tree.has_focus_within:
            self.session_tree.move_to(session_id)

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
