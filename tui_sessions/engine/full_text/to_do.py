"""What of the sessions is still to be written into the full-text index, or dropped from it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable

from tui_sessions.engine.full_text.written_texts import WrittenTexts
from tui_sessions.index.catalog import Catalog
from tui_sessions.index.catalog_rows import Wanted


class ToDo:
    """The sessions that are to be looked at, and what follows from one for its forks."""

    def __init__(self, catalog: Catalog, written: WrittenTexts) -> None:
        self._catalog = catalog
        self._written = written
        self.uncompared: dict[str, int] = {}
        """The workspaces that are to be compared with the index, and how many sessions they have:
        one after the other, so that a large store is never in mind as a whole."""
        self.waiting: dict[str, str] = {}
        """The sessions that are to be written, each with its workspace."""
        self.gone: dict[str, None] = {}
        """The sessions that are to be dropped."""
        self.unread: dict[str, None] = {}
        """The sessions that could not be read; some were never there."""
        self.orphaned: set[str] = set()
        """Parents that went or changed, so that their forks are found with what they inherited."""

    def is_there(self) -> bool:
        """Whether there is anything to be done."""
        return bool(self.waiting or self.gone or self.uncompared)

    @property
    def sessions(self) -> int:
        """How many sessions are to be looked at."""
        return len(self.waiting) + sum(self.uncompared.values())

    def begin(self, workspaces: Iterable[tuple[str, int]]) -> None:
        """Have nothing to do but to compare workspaces, each with how many sessions it has."""
        self.waiting.clear()
        self.gone.clear()
        self.unread.clear()
        self.uncompared = dict(workspaces)

    def take(self, workspace_id: str, session_ids: Iterable[str]) -> None:
        """Sessions are to be written."""
        for session_id in session_ids:
            self.gone.pop(session_id, None)
            self.waiting[session_id] = workspace_id

    async def take_gone(self, session_ids: Collection[str]) -> None:
        """Sessions are not there any more."""
        for session_id in session_ids:
            self.waiting.pop(session_id, None)
            self._written.forget(session_id)
            self.unread.pop(session_id, None)
            self.gone[session_id] = None
        await self.take_children(session_ids)

    async def take_strangers(self, session_ids: Collection[str]) -> None:
        """Note what is in the index where it is not known, and not known elsewhere either."""
        known = self._catalog.has_any
        await self.take_gone(
            [one for one in session_ids if not await asyncio.to_thread(known, (one,))]
        )

    async def take_children(self, parents: Collection[str]) -> None:
        """What a fork inherited is found in the fork while its parent has it no more."""
        for parent_id in parents:
            wanted = Wanted(parent_id=parent_id)
            for child in await asyncio.to_thread(self._catalog.find, wanted):
                self.orphaned.add(parent_id)
                self._written.forget(child.id)
                self.waiting[child.id] = child.workspace_id
