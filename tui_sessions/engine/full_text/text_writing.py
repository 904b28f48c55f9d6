"""Writing what waits into the full-text index, while the next of it is being read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from itertools import islice
from time import monotonic

from tui_sessions.engine.freed_memory import return_gaps
from tui_sessions.engine.full_text.index_comparison import READ_AT_ONCE, IndexComparison
from tui_sessions.engine.full_text.indexed_text import TextSource, messages_in
from tui_sessions.engine.full_text.small_steps import SmallSteps
from tui_sessions.index.base import FullTextIndex, IndexBusy, SessionText

RETRY_S = 0.2
"""Seconds until a lock that another process holds is tried again."""
_HANDED_OVER = 1_000
"""Messages after which what was gathered is handed to the index."""
_MANY = 10_000
"""Messages that leave gaps in the memory behind when they have been written."""


class TextWriting:
    """Reads the sessions that a comparison found, and hands their texts to the index."""

    def __init__(
        self,
        index: FullTextIndex,
        source: TextSource,
        comparison: IndexComparison,
        steps: SmallSteps,
        moved: Callable[[], None],
    ) -> None:
        """Begin with nothing written.

        Args:
            index: takes the texts.
            source: reads them.
            comparison: knows which.
            steps: rests in between, while something goes on that comes first.
            moved: told after every few sessions.
        """
        self._index = index
        self._source = source
        self._comparison = comparison
        self._to_do = comparison.to_do
        self._steps = steps
        self._moved = moved
        self._changed: set[str] = set()
        """Sessions in which messages have just changed or gone."""
        self._messages = 0
        """How many were written since all was found that was written."""

    async def write_waiting(self) -> None:
        """Write what waits; the next sessions are read while some are being written.

        What was read before this program was the one that writes may be older than what another has
        written meanwhile: so it is looked once more what has changed before it lets others write.
        """
        writing: asyncio.Task[None] | None = None
        looked = False
        try:
            while self._to_do.is_there():
                began = monotonic()
                texts = await self._next_texts()
                gone = list(self._to_do.gone)
                self._to_do.gone.clear()
                if writing is not None:
                    await writing
                    await self._comparison.take_differences()
                    looked = True
                if texts or gone:
                    writing = asyncio.create_task(self._write(texts, gone))
                last = not self._to_do.is_there()
                if writing is not None and (last or self._steps.are_taken):
                    await writing
                changed, self._changed = self._changed, set()
                await self._to_do.take_children(changed)
                if writing is not None and last and not looked:
                    await self._comparison.take_differences()
                    looked = True
                if not last:
                    await self._steps.rest(began)
            if writing is not None:
                await writing
        except BaseException:
            if writing is not None and not writing.done():
                writing.cancel()
            raise
        finally:
            if writing is not None:
                await asyncio.to_thread(self._settle)

    async def _next_texts(self) -> list[SessionText]:
        texts: list[SessionText] = []
        while messages_in(texts) < _HANDED_OVER and (self._to_do.waiting or self._to_do.uncompared):
            while self._to_do.uncompared and len(self._to_do.waiting) < READ_AT_ONCE:
                await self._comparison.compare_next()
            next_ones = list(islice(self._to_do.waiting, READ_AT_ONCE))
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
            self._moved()
        return texts

    async def _read(self, session_ids: Sequence[str]) -> dict[str, SessionText | None]:
        """The texts of sessions; one whose messages are in as they are is not read for it."""
        texts: dict[str, SessionText | None] = {}
        for session_id in session_ids:
            renamed = await self._source.renamed(session_id)
            if renamed is None:
                continue
            if await asyncio.to_thread(self._index.has, session_id, renamed.messages_as):
                texts[session_id] = renamed
        others = [session_id for session_id in session_ids if session_id not in texts]
        read = await self._source.read(others, self._comparison.written.by_session)
        return texts | dict(zip(others, read, strict=True))

    def _put(self, texts: Sequence[SessionText], gone: Sequence[str]) -> Collection[str]:
        """Put texts in; what many messages took goes back to the system."""
        changed = self._index.write(texts, gone)
        times = self._messages // _MANY
        self._messages += messages_in(texts)
        if self._messages // _MANY > times:
            return_gaps()
        return changed

    def _settle(self) -> None:
        """Have all of it found; the merging of much leaves gaps as well."""
        try:
            self._index.settle()
        finally:
            if self._messages >= _MANY:
                return_gaps()
            self._messages = 0

    async def _write(self, texts: Sequence[SessionText], gone: Sequence[str]) -> None:
        while True:
            try:
                self._changed |= {*await asyncio.to_thread(self._put, texts, gone)}
                break
            except IndexBusy:
                await asyncio.sleep(RETRY_S)
                await self._comparison.leave_out_what_others_wrote()
        self._comparison.written.remember(texts)
