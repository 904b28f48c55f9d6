"""Keeping the full-text index true to the sessions, in the background."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from time import monotonic

import msgspec

from tui_sessions.engine.full_text.indexed_text import TextSource, messages_in
from tui_sessions.engine.full_text.small_steps import SmallSteps
from tui_sessions.engine.full_text.to_do import ToDo
from tui_sessions.engine.full_text.written_texts import WrittenTexts
from tui_sessions.index.base import (
    CaughtUp,
    Compared,
    FullTextIndex,
    IndexBusy,
    IndexLost,
    IndexUnusable,
    SessionText,
)
from tui_sessions.index.catalog import Catalog
from tui_sessions.index.catalog_database import CatalogLost
from tui_sessions.model.search import IndexProgress

log = logging.getLogger(__name__)

_GATHER_S = 2.0
"""Seconds in which changes are gathered before they are written, while nobody searches: every time
takes some ten milliseconds, and a reply that is being written is saved often."""
_RETRY_S = 0.2
"""Seconds until a lock that another process holds is tried again."""
_AFTER_FAILURE_S, _LONGEST_REST_S = 5.0, 300.0
"""Seconds until what failed is tried again: longer every time."""
_READ_AT_ONCE = 32
"""Sessions that are read side by side, unless they are long."""
_HANDED_OVER = 1_000
"""Messages after which what was gathered is handed to the index."""
_CHANGED_SINCE = 2_000
"""With no more sessions that have changed since it was known what the index holds, they are in mind
together; of more, each workspace is compared."""
_LAST_WORDS_S = 2.0
"""Seconds that writing the last changes may take at the end."""


class Indexer:
    """Writes into the index whatever the catalog says has changed, here or in another process."""

    def __init__(self, index: FullTextIndex, catalog: Catalog, source: TextSource) -> None:
        self.index = index
        self.problem = ""
        """Why there is no index to rely on for now; empty where there is one."""
        self.steps = SmallSteps()
        """Taken while something goes on that comes first."""
        self._catalog = catalog
        self._source = source
        self._task: asyncio.Task[None] | None = None
        self._mark = 0
        """What the catalog has told up to; 0: everything is to be compared."""
        self._written = WrittenTexts()
        self._to_do = ToDo(catalog, self._written)
        self._doubted = False
        """Something went wrong: what an index is known to hold is not relied on any more."""
        self._comparisons = 0
        """How often everything was to be compared again."""
        self._total = self._asked = self._answered = 0
        self._changed: set[str] = set()
        """Sessions in which messages have just changed or gone."""
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
        """Somebody waits: nothing more is gathered."""
        self._moved = asyncio.Event()

    @property
    def progress(self) -> IndexProgress:
        """How far the index is."""
        return IndexProgress(
            done=max(self._total - self._to_do.sessions, 0),
            total=self._total,
            complete=self._task is not None and self._answered >= self._asked,
        )

    def start(self, refresh: Callable[[], Awaitable[None]]) -> None:
        """Work in the background from now on; `refresh` brings the catalog up to date."""
        if self._task is None:
            self.note()
            self._task = asyncio.create_task(self._run(refresh))

    def note(self, _: object = None) -> None:
        """Something may have changed: look at what the catalog says."""
        self._asked += 1
        self._wake.set()

    def hurry(self) -> None:
        """Somebody searches: write at once what was gathered."""
        self._hurry.set()
        self.steps.hurry()

    async def look(self) -> None:
        """Note what the catalog says that it did not say before."""
        newest = await asyncio.to_thread(self._catalog.differences, 0)
        if newest.mark != self._mark:
            self.note()

    def compare_again(self) -> None:
        """Compare everything with the sessions, as at the beginning."""
        self._mark = 0
        self._doubted = True
        self._comparisons += 1
        self._to_do.uncompared.clear()
        self._written.clear()
        self.note()

    async def caught_up(self, wait_s: float | None) -> bool:
        """Wait until all that has happened up to now is in the index.

        Args:
            wait_s: at most so many seconds; None: as long as it takes.

        Returns:
            Whether it is.
        """
        asked = self._asked
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                while self._answered < asked and not self.problem:
                    self.hurry()
                    self._moved.clear()
                    await self._moved.wait()
        return self._answered >= asked

    async def stop(self) -> None:
        """Write the last few changes and work no more."""
        task, self._task = self._task, None
        if task is None:
            return
        if self._mark and not self._to_do.uncompared and len(self._to_do.waiting) < _READ_AT_ONCE:
            self.note()
            await self.caught_up(_LAST_WORDS_S)
        task.cancel()
        await asyncio.to_thread(self.index.close)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _run(self, refresh: Callable[[], Awaitable[None]]) -> None:
        rest_s = 0.0
        while True:
            self._wake.clear()
            asked = self._asked
            try:
                await self._bring_up_to_date(refresh)
                await asyncio.to_thread(self.index.rest)
            except Exception as error:
                self.compare_again()
                rest_s = self._rest_after(error, rest_s)
                await asyncio.sleep(rest_s)
                continue
            rest_s, self.problem = 0.0, ""
            self._answered = asked
            self._moved.set()
            await self._wake.wait()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), _GATHER_S)
            self._hurry.clear()

    def _rest_after(self, error: Exception, rested_s: float) -> float:
        """Seconds until what failed is tried again; where that is long, nobody waits for it."""
        if isinstance(error, (IndexBusy, CatalogLost)):
            log.info("The index is compared with everything: %s", error)
            return max(rested_s, _RETRY_S)
        shortest_s = _RETRY_S if isinstance(error, IndexLost) else _AFTER_FAILURE_S
        rest_s = min(max(2 * rested_s, shortest_s), _LONGEST_REST_S)
        if rest_s < _AFTER_FAILURE_S:
            log.info("The index is compared with everything: %s", error)
            return rest_s
        if not isinstance(error, IndexUnusable):
            log.error("The index could not be brought up to date", exc_info=error)
            self.problem = "it could not be brought up to date; the log says why"
        elif self.problem != str(error):
            log.warning("Searching without an index: %s", error)
            self.problem = str(error)
        self._moved.set()
        return rest_s

    async def _bring_up_to_date(self, refresh: Callable[[], Awaitable[None]]) -> None:
        held = None
        if not self._doubted:
            held = await asyncio.to_thread(self.index.resume, self._fits)
        if held is None:
            await asyncio.to_thread(self.index.open)
        if not self._mark:
            await refresh()
        if held is not None:
            await self._go_on_from(held)
        if self._mark:
            await self._take_differences()
        else:
            await self._begin_to_compare()
        await self._write_waiting()
        comparison = self._comparisons
        kept = await asyncio.to_thread(self._keep, self._mark)
        if kept and comparison == self._comparisons:
            self._doubted = False

    def _fits(self, held: CaughtUp) -> bool:
        """Whether it can be told what is missing from what an index holds."""
        return bool(self._mark_of(held)) and self._source.takes(held.names)

    def _mark_of(self, held: CaughtUp) -> int:
        return self._catalog.mark_of(held.write, _CHANGED_SINCE)

    async def _go_on_from(self, held: CaughtUp) -> None:
        """Only what happened since is to be written, and what could not be read."""
        mark = await asyncio.to_thread(self._mark_of, held)
        if self._mark:
            mark = min(self._mark, mark)
        elif mark:
            await self._source.look_at_workspaces()
            places = await asyncio.to_thread(self._catalog.workspaces)
            self._total = sum(place.sessions for place in places)
            renamed = self._source.named_otherwise(held.names)
            sessions = {place.workspace_id: place.sessions for place in places}
            self._to_do.uncompared = {place: sessions.get(place, 0) for place in renamed}
            held = msgspec.structs.replace(
                held, names={k: v for k, v in held.names.items() if k not in renamed}
            )
        self._source.take(held.names)
        self._to_do.orphaned.update(held.orphaned)
        for session_id in held.unread:
            session = await asyncio.to_thread(self._catalog.get, session_id)
            if session is not None:
                self._to_do.take(session.workspace_id, (session_id,))
        self._mark = 0 if self._doubted else mark

    def _keep(self, mark: int) -> bool:
        """Have it known that the index holds everything up to a mark; tells whether it is."""
        write = self._catalog.name_of(mark) if mark else ""
        if write:
            self.index.keep(
                CaughtUp(
                    write=write,
                    names=self._source.stamped(),
                    unread=tuple(sorted(self._to_do.unread)),
                    orphaned=tuple(sorted(self._to_do.orphaned)),
                )
            )
        return bool(write)

    async def _begin_to_compare(self) -> None:
        """Find out what there is to be compared, the workspaces used last first."""
        comparison = self._comparisons
        await asyncio.to_thread(self.index.watch)
        await self._source.look_at_workspaces()
        self._source.begin()
        mark = (await asyncio.to_thread(self._catalog.differences, 0)).mark
        places = await asyncio.to_thread(self._catalog.workspaces)
        places.sort(key=lambda place: place.newest, reverse=True)
        self._to_do.begin((place.workspace_id, place.sessions) for place in places)
        self._total = self._to_do.sessions
        strange = await asyncio.to_thread(self.index.strangers, self._to_do.uncompared)
        await self._to_do.take_strangers(strange)
        if comparison == self._comparisons:  # else all of it is to be done again
            self._mark = mark

    async def _compare_next(self) -> None:
        """Find what is not in the index as it should be, of one workspace more."""
        workspace_id = next(iter(self._to_do.uncompared))
        compared = await asyncio.to_thread(self._compare, workspace_id)
        self._to_do.uncompared.pop(workspace_id, None)
        self._to_do.take(workspace_id, compared.stale)
        await self._to_do.take_strangers(compared.unknown)

    def _compare(self, workspace_id: str) -> Compared:
        return self.index.compare(workspace_id, self._stamps(workspace_id))

    def _stamps(self, workspace_id: str) -> dict[str, str]:
        """What the sessions of a workspace are to be in the index as."""
        return {
            session_id: self._source.stamp(known.version, workspace_id)
            for session_id, known in self._catalog.versions((workspace_id,)).items()
        }

    async def _take_differences(self) -> None:
        """Take in what the catalog says now; what has just changed is written first."""
        mark = self._mark
        found = await asyncio.to_thread(self._catalog.differences, mark)
        if not mark or self._mark != mark:
            return  # everything is to be compared again
        self._mark = found.mark
        before, self._to_do.waiting = self._to_do.waiting, {}
        for session in found.sessions:
            if session.id not in found.found_as_before or session.id in self._to_do.unread:
                self._to_do.take(session.workspace_id, (session.id,))
        self._to_do.waiting = self._to_do.waiting | before
        self._total = max(self._total, len(self._to_do.waiting))
        there = {session.id for session in found.sessions}
        await self._to_do.take_gone(found.removed)
        await self._to_do.take_children(self._to_do.orphaned & there)
        self._to_do.orphaned -= there

    async def _write_waiting(self) -> None:
        """Write what waits; the next sessions are read while some are being written."""
        writing: asyncio.Task[None] | None = None
        try:
            while self._to_do.is_there():
                began = monotonic()
                texts = await self._next_texts()
                gone = list(self._to_do.gone)
                self._to_do.gone.clear()
                if writing is not None:
                    await writing
                    await self._take_differences()
                if texts or gone:
                    writing = asyncio.create_task(self._write(texts, gone))
                last = not self._to_do.is_there()
                if writing is not None and (last or self.steps.are_taken):
                    await writing
                changed, self._changed = self._changed, set()
                await self._to_do.take_children(changed)
                if not last:
                    await self.steps.rest(began)
            if writing is not None:
                await writing
        except BaseException:
            if writing is not None and not writing.done():
                writing.cancel()
            raise
        finally:
            if writing is not None:
                await asyncio.to_thread(self.index.settle)

    async def _next_texts(self) -> list[SessionText]:
        texts: list[SessionText] = []
        while messages_in(texts) < _HANDED_OVER and (self._to_do.waiting or self._to_do.uncompared):
            while self._to_do.uncompared and len(self._to_do.waiting) < _READ_AT_ONCE:
                await self._compare_next()
            next_ones = list(islice(self._to_do.waiting, _READ_AT_ONCE))
            some = await self._source.first_few(next_ones, _HANDED_OVER)
            for session_id, text in (await self._read(some)).items():
                self._to_do.waiting.pop(session_id, None)
                if text is None:
                    self._to_do.gone[session_id] = self._to_do.unread[session_id] = None
                    continue
                texts.append(text)
                self._to_do.unread.pop(session_id, None)
                if text.orphan_of:
                    self._to_do.orphaned.add(text.orphan_of)
            self._moved.set()
        return texts

    async def _read(self, session_ids: Sequence[str]) -> dict[str, SessionText | None]:
        """The texts of sessions; one whose messages are in as they are is not read for it."""
        texts: dict[str, SessionText | None] = {}
        for session_id in session_ids:
            renamed = await self._source.renamed(session_id)
            if renamed is None:
                continue
            if await asyncio.to_thread(self.index.has, session_id, renamed.messages_as):
                texts[session_id] = renamed
        others = [session_id for session_id in session_ids if session_id not in texts]
        read = await self._source.read(others, self._written.by_session)
        return texts | dict(zip(others, read, strict=True))

    async def _write(self, texts: Sequence[SessionText], gone: Sequence[str]) -> None:
        while True:
            try:
                self._changed |= {*await asyncio.to_thread(self.index.write, texts, gone)}
                break
            except IndexBusy:
                await asyncio.sleep(_RETRY_S)
                await self._leave_out_what_others_wrote()
        self._written.remember(texts)

    async def _leave_out_what_others_wrote(self) -> None:
        """Another process is writing: perhaps the very same."""
        if len(self._to_do.waiting) > _READ_AT_ONCE:
            for workspace_id in {*self._to_do.waiting.values()}:
                stamps = await asyncio.to_thread(self._stamps, workspace_id)
                compared = await asyncio.to_thread(self.index.compare, workspace_id, stamps)
                for session_id in stamps.keys() - set(compared.stale):
                    self._to_do.waiting.pop(session_id, None)
