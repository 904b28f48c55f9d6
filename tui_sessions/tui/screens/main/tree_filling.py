"""What the tree shows: from the last time at first, then what is in the store."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work

from tui_sessions.errors import SessionsError
from tui_sessions.model.session import Session
from tui_sessions.model.shared_parts import with_shared_parts
from tui_sessions.tui.remembered.known_tree import Counts, KnownTree, ask_known_tree, remember_tree
from tui_sessions.tui.screens.main.surroundings import Surroundings
from tui_sessions.tui.widgets.session_tree import ProblemRow, SessionTree

if TYPE_CHECKING:
    from tui_sessions.stores.base import Problem

_AHEAD_S = 0.05
"""Seconds that the first paint may come later with the tree than without it."""
_LONG_LOOK_S = 1.0
"""Seconds after which the tree shows what a look at the store has found so far."""
_MANY_CHANGES = 500
"""With more changes than this, what is to be seen of the tree is asked for again."""
_MATCHES = 2000
"""At most so many sessions are given to the tree's filter."""


class TreeFilling(Surroundings):
    """Gives the tree what it shows, and keeps that for the next start."""

    tree_file: Path | None = None
    """Where what the tree shows is kept for the next start."""
    _ahead: asyncio.Future[KnownTree] | None = None
    """The first look at what the tree shows, which began before the screen was there."""
    _tree_shown: object = None
    """What the tree was last made of."""
    _counted: tuple[int, Counts | None] = (0, None)
    """How much is in each workspace, and the mark at which that was counted."""
    tree_mark = 0
    """What of the catalog's changes the tree knows."""
    _slow_look = False
    """A look at the store took long."""
    _counting = True
    """The store is being read for the first time, which takes as long as it is large."""

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
        found = await self.manager.differences(self.tree_mark)
        if self.gone:
            return
        self.tree_mark = found.mark
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
        known, problems = await self._ask_tree()
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

    async def _ask_tree(self) -> tuple[KnownTree, list[Problem]]:
        """What the tree shows, by the first look at it if that is still to be shown."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            return await ahead, []
        await self.opened.wait()
        mark, (counted_at, counted) = self.tree_mark, self._counted
        same = counted if mark and mark == counted_at else None
        asked = ask_known_tree(self.manager, same), self.manager.known_problems()
        known, problems = await asyncio.gather(*asked)
        self._counted = mark, known.counts
        return known, problems

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
        # They stay for as long as the workspace is unfolded, or longer.
        known = await asyncio.to_thread(with_shared_parts, known)
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
