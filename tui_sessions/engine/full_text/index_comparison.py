"""What of the sessions is not in the full-text index as the catalog has it."""

from __future__ import annotations

import asyncio

import msgspec

from tui_sessions.engine.full_text.indexed_text import TextSource
from tui_sessions.engine.full_text.to_do import ToDo
from tui_sessions.engine.full_text.written_texts import WrittenTexts
from tui_sessions.index.base import CaughtUp, Compared, FullTextIndex
from tui_sessions.index.catalog import Catalog

READ_AT_ONCE = 32
"""Sessions that are read side by side, unless they are long."""
_CHANGED_SINCE = 2_000
"""With no more sessions that have changed since it was known what the index holds, they are in mind
together; of more, each workspace is compared."""


class IndexComparison:
    """Notes what is still to be written, by comparing or by what the catalog says has changed."""

    def __init__(self, index: FullTextIndex, catalog: Catalog, source: TextSource) -> None:
        self._index = index
        self._catalog = catalog
        self._source = source
        self.written = WrittenTexts()
        """What was written last of the sessions that are open."""
        self.to_do = ToDo(catalog, self.written)
        """What is found to be missing, or there in vain."""
        self.mark = 0
        """What the catalog has told up to; 0: everything is to be compared."""
        self._doubted = False
        """Something went wrong: what an index is known to hold is not relied on any more."""
        self.total = 0
        """How many sessions were to be looked at when that began."""
        self._beginnings = 0
        """How often everything was to be compared again."""

    @property
    def is_short(self) -> bool:
        """Whether no more than a few sessions are still to be written."""
        few = len(self.to_do.waiting) < READ_AT_ONCE
        return bool(self.mark) and not self.to_do.uncompared and few

    def again(self) -> None:
        """Compare everything with the sessions, as at the beginning."""
        self.mark = 0
        self._doubted = True
        self._beginnings += 1
        self.to_do.uncompared.clear()
        self.written.clear()

    async def resume(self) -> CaughtUp | None:
        """Open the index; gives what it is known to hold, None where that may be anything."""
        held = None
        if not self._doubted:
            held = await asyncio.to_thread(self._index.resume, self._fits)
        if held is None:
            await asyncio.to_thread(self._index.open)
        return held

    async def begin(self, held: CaughtUp | None) -> None:
        """Note what is to be written, by what the index is known to hold."""
        if held is not None:
            await self._go_on_from(held)
        if self.mark:
            await self.take_differences()
        else:
            await self._begin_to_compare()

    async def compare_next(self) -> None:
        """Find what is not in the index as it should be, of one workspace more."""
        workspace_id = next(iter(self.to_do.uncompared))
        compared = await asyncio.to_thread(self._compare, workspace_id)
        self.to_do.uncompared.pop(workspace_id, None)
        self.to_do.take(workspace_id, compared.stale)
        await self.to_do.take_strangers(compared.unknown)

    async def take_differences(self) -> None:
        """Take in what the catalog says now; what has just changed is written first."""
        mark = self.mark
        found = await asyncio.to_thread(self._catalog.differences, mark)
        if not mark or self.mark != mark:
            return  # everything is to be compared again
        self.mark = found.mark
        before, self.to_do.waiting = self.to_do.waiting, {}
        for session in found.sessions:
            if session.id not in found.found_as_before or session.id in self.to_do.unread:
                self.to_do.take(session.workspace_id, (session.id,))
        self.to_do.waiting = self.to_do.waiting | before
        self.total = max(self.total, len(self.to_do.waiting))
        there = {session.id for session in found.sessions}
        await self.to_do.take_gone(found.removed)
        await self.to_do.take_children(self.to_do.orphaned & there)
        self.to_do.orphaned -= there

    async def leave_out_what_others_wrote(self) -> None:
        """Another process is writing: perhaps the very same."""
        if len(self.to_do.waiting) > READ_AT_ONCE:
            for workspace_id in {*self.to_do.waiting.values()}:
                stamps = await asyncio.to_thread(self._stamps, workspace_id)
                compared = await asyncio.to_thread(self._index.compare, workspace_id, stamps)
                for session_id in stamps.keys() - set(compared.stale):
                    self.to_do.waiting.pop(session_id, None)

    async def keep(self) -> None:
        """Have it known that the index holds everything up to now."""
        beginning = self._beginnings
        kept = await asyncio.to_thread(self._keep, self.mark)
        if kept and beginning == self._beginnings:
            self._doubted = False

    def _fits(self, held: CaughtUp) -> bool:
        """Whether it can be told what is missing from what an index holds."""
        return bool(self._mark_of(held)) and self._source.takes(held.names)

    def _mark_of(self, held: CaughtUp) -> int:
        return self._catalog.mark_of(held.write, _CHANGED_SINCE)

    async def _go_on_from(self, held: CaughtUp) -> None:
        """Only what happened since is to be written, and what could not be read."""
        mark = await asyncio.to_thread(self._mark_of, held)
        if self.mark:
            mark = min(self.mark, mark)
        elif mark:
            await self._source.look_at_workspaces()
            places = await asyncio.to_thread(self._catalog.workspaces)
            self.total = sum(place.sessions for place in places)
            renamed = self._source.named_otherwise(held.names)
            sessions = {place.workspace_id: place.sessions for place in places}
            self.to_do.uncompared = {place: sessions.get(place, 0) for place in renamed}
            held = msgspec.structs.replace(
                held, names={k: v for k, v in held.names.items() if k not in renamed}
            )
        self._source.take(held.names)
        self.to_do.orphaned.update(held.orphaned)
        for session_id in held.unread:
            session = await asyncio.to_thread(self._catalog.get, session_id)
            if session is not None:
                self.to_do.take(session.workspace_id, (session_id,))
        self.mark = 0 if self._doubted else mark

    async def _begin_to_compare(self) -> None:
        """Find out what there is to be compared, the workspaces used last first."""
        beginning = self._beginnings
        await asyncio.to_thread(self._index.watch)
        await self._source.look_at_workspaces()
        self._source.begin()
        mark = (await asyncio.to_thread(self._catalog.differences, 0)).mark
        places = await asyncio.to_thread(self._catalog.workspaces)
        places.sort(key=lambda place: place.newest, reverse=True)
        self.to_do.begin((place.workspace_id, place.sessions) for place in places)
        self.total = self.to_do.sessions
        strange = await asyncio.to_thread(self._index.strangers, self.to_do.uncompared)
        await self.to_do.take_strangers(strange)
        if beginning == self._beginnings:  # else all of it is to be done again
            self.mark = mark

    def _keep(self, mark: int) -> bool:
        """Have it known that the index holds everything up to a mark; tells whether it is."""
        write = self._catalog.name_of(mark) if mark else ""
        if write:
            self._index.keep(
                CaughtUp(
                    write=write,
                    names=self._source.stamped(),
                    unread=tuple(sorted(self.to_do.unread)),
                    orphaned=tuple(sorted(self.to_do.orphaned)),
                )
            )
        return bool(write)

    def _compare(self, workspace_id: str) -> Compared:
        return self._index.compare(workspace_id, self._stamps(workspace_id))

    def _stamps(self, workspace_id: str) -> dict[str, str]:
        """What the sessions of a workspace are to be in the index as."""
        return {
            session_id: self._source.stamp(known.version, workspace_id)
            for session_id, known in self._catalog.versions((workspace_id,)).items()
        }
