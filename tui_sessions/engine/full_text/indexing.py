"""Keeping the full-text index true to the sessions, in the background."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from tui_sessions.engine.full_text.index_comparison import IndexComparison
from tui_sessions.engine.full_text.indexed_text import TextSource
from tui_sessions.engine.full_text.small_steps import SmallSteps
from tui_sessions.engine.full_text.text_writing import RETRY_S, TextWriting
from tui_sessions.index.base import FullTextIndex, IndexBusy, IndexLost, IndexUnusable
from tui_sessions.index.catalog import Catalog
from tui_sessions.index.catalog_database import CatalogLost
from tui_sessions.model.search import IndexProgress

log = logging.getLogger(__name__)

_GATHER_S = 2.0
"""Seconds in which changes are gathered before they are written, while nobody searches: every time
takes some ten milliseconds, and a reply that is being written is saved often."""
_AFTER_FAILURE_S, _LONGEST_REST_S = 5.0, 300.0
"""Seconds until what failed is tried again: longer every time."""
_REST_AFTER_S = 5.0
"""Seconds after a search until the index is let go of: who still types does not wait for it."""
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
        self._task: asyncio.Task[None] | None = None
        self._resting: asyncio.Task[None] | None = None
        """Lets go of the index once nobody searches any more."""
        self._asked = self._answered = 0
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
        """Somebody waits: nothing more is gathered."""
        self._moved = asyncio.Event()
        self._comparison = IndexComparison(index, catalog, source)
        self._writing = TextWriting(index, source, self._comparison, self.steps, self._moved.set)

    @property
    def progress(self) -> IndexProgress:
        """How far the index is."""
        return IndexProgress(
            done=max(self._comparison.total - self._comparison.to_do.sessions, 0),
            total=self._comparison.total,
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

    def searched(self) -> None:
        """Let go of the index unless it is soon searched again."""
        if self._resting is not None:
            self._resting.cancel()
        self._resting = asyncio.create_task(self._rest_later())

    async def rest(self) -> None:
        """Let go of the index until it is needed again."""
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        await asyncio.to_thread(self.index.rest)

    async def _rest_later(self) -> None:
        await asyncio.sleep(_REST_AFTER_S)
        await asyncio.to_thread(self.index.rest)

    async def look(self) -> None:
        """Note what the catalog says that it did not say before."""
        newest = await asyncio.to_thread(self._catalog.differences, 0)
        if newest.mark != self._comparison.mark:
            self.note()

    def compare_again(self) -> None:
        """Compare everything with the sessions, as at the beginning."""
        self._comparison.again()
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
                while self._answered < asked and not self.problem and self._task is not None:
                    self.hurry()
                    self._moved.clear()
                    await self._moved.wait()
        return self._answered >= asked

    async def stop(self) -> None:
        """Write the last few changes and work no more."""
        if self._resting is not None:
            self._resting.cancel()
        task = self._task
        if task is None:
            return
        if self._comparison.is_short and not task.done():
            self.note()
            await self.caught_up(_LAST_WORDS_S)
        task.cancel()
        await asyncio.to_thread(self.index.close)
        with contextlib.suppress(asyncio.CancelledError):
            await task
        self._task = None
        self._moved.set()  # whoever waits for more waits in vain

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
            # Not `wait_for`: until Python 3.12 it loses being cancelled as what it waits for comes.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_GATHER_S):
                    await self._hurry.wait()
            self._hurry.clear()

    def _rest_after(self, error: Exception, rested_s: float) -> float:
        """Seconds until what failed is tried again; where that is long, nobody waits for it."""
        if isinstance(error, (IndexBusy, CatalogLost)):
            log.info("The index is compared with everything: %s", error)
            return max(rested_s, RETRY_S)
        shortest_s = RETRY_S if isinstance(error, IndexLost) else _AFTER_FAILURE_S
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
        held = await self._comparison.resume()
        if not self._comparison.mark:
            await refresh()
        await self._comparison.begin(held)
        await self._writing.write_waiting()
        await self._comparison.keep()
