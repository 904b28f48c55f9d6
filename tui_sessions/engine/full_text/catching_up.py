"""The full-text index on its way to what is in the store, when somebody is about to search."""

from __future__ import annotations

import asyncio
from time import monotonic

from tui_sessions.engine.bus import EventBus
from tui_sessions.engine.cataloguing.catalog_upkeep import CatalogUpkeep
from tui_sessions.engine.failure_reports import FailureReports
from tui_sessions.engine.full_text.indexing import Indexer
from tui_sessions.errors import SessionsError

_CHANGES = ("saved", "created", "deleted", "forked", "child_created")
"""The events after which something else may be found."""
_LOOK_EVERY_S = 0.5
"""Seconds between two looks at what other processes did."""


class CatchingUp:
    """Keeps the index up to date, and lets a search wait for it."""

    def __init__(
        self, indexer: Indexer, upkeep: CatalogUpkeep, bus: EventBus, reports: FailureReports
    ) -> None:
        self._indexer = indexer
        self._upkeep = upkeep
        self._bus = bus
        self._reports = reports
        self._begun = False
        self._stopped = False
        self._looking: asyncio.Task[None] | None = None
        """A look at what other processes did, for a search."""
        self._looked_at = 0.0
        """When the last one ended, by the clock of `monotonic`."""

    def start(self) -> None:
        """Keep the index up to date in the background from now on."""
        if self._begun or self._stopped:
            return
        self._begun = True
        for event in _CHANGES:
            self._bus.on(event, self._indexer.note)
        self._indexer.start(self._upkeep.refresh)

    async def wait(self, wait_s: float | None) -> bool:
        """Begin a look at what others did, and give the index some time.

        Returns:
            Whether that look has come to its end.
        """
        self.start()
        self._indexer.hurry()
        began = monotonic()
        if wait_s is None and self._looking is not None:
            await asyncio.wait([self._looking])  # it began before what is to be found happened
        due = wait_s is None or began - self._looked_at > _LOOK_EVERY_S
        if self._looking is None and due:
            self._looking = asyncio.create_task(self._look_at_others())
        looking = self._looking
        if wait_s is not None and wait_s <= 0:
            return looking is None
        if looking is not None:
            await asyncio.wait([looking], timeout=wait_s)
        left = None if wait_s is None else max(began + wait_s - monotonic(), 0.01)
        await self._indexer.caught_up(left)
        return looking is None or looking.done()

    async def stop(self) -> None:
        """Bring the index no further, from now on."""
        self._stopped = True
        if self._looking is not None:
            self._looking.cancel()
        await self._indexer.stop()

    async def _look_at_others(self) -> None:
        """Learn what other processes did."""
        try:
            await self._upkeep.refresh()
            await self._indexer.look()
        except SessionsError as error:
            self._reports.report("", error, "search")
        finally:
            self._looked_at = monotonic()
            self._looking = None
