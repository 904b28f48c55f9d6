"""Keeping the catalog true to the store: when it is looked through, and how thoroughly."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from time import monotonic

from tui_sessions.engine.cataloguing.taking_in import TakingIn
from tui_sessions.engine.documents.open_documents import OpenDocuments
from tui_sessions.engine.failure_reports import FailureReports
from tui_sessions.index.catalog import Catalog
from tui_sessions.index.catalog_answers import CatalogState
from tui_sessions.index.catalog_database import CatalogLost
from tui_sessions.stores.base import Look, QuickStore, Store

FEW = 2000
"""With no more sessions than this every file is looked at each time: it is not felt."""
AT_ONCE = 1000
"""Of more sessions no more are kept in mind at a time, or those of one workspace."""
_PATIENCE_S = 1.0
"""Seconds before a thorough look begins in the background: a short program does without."""
_REST = 200
"""A thorough look is followed by a rest this many times as long."""


class CatalogUpkeep:
    """Brings the catalog up to date with what is in the store."""

    def __init__(
        self, store: Store, documents: OpenDocuments, catalog: Catalog, reports: FailureReports
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._reports = reports
        self._taking_in = TakingIn(store, documents, catalog)
        self._looking = asyncio.Lock()
        """Held while the catalog is brought up to date."""
        self._thorough_look: asyncio.Task[None] | None = None
        """A look at every file that goes on in the background."""
        self._thorough_look_due = 0.0
        """When the next one may begin, by the clock of `monotonic`."""
        self._writing: asyncio.Task[None] | None = None
        """What was found new in the store is about to be written into the catalog."""

    @property
    def has_looked_thoroughly(self) -> bool:
        """Whether every file has been looked at since the program began."""
        return self._thorough_look_due > 0

    async def refresh(self, *, thoroughly: bool = False) -> None:
        """Bring the catalog up to date with the store, now or in part in the background."""
        async with self._looking:
            began = monotonic()
            if await self._bring_up_to_date(thoroughly):
                took = monotonic() - began
                self._thorough_look_due = monotonic() + took * _REST
        if monotonic() > self._thorough_look_due and self._thorough_look is None:
            self._thorough_look = asyncio.create_task(self._look_thoroughly())
        if self._catalog.waiting and self._writing is None:
            self._writing = asyncio.create_task(self._write_catalog())

    def stop(self) -> None:
        """Do nothing more in the background."""
        for task in (self._thorough_look, self._writing):
            if task is not None:
                task.cancel()

    async def _bring_up_to_date(self, thoroughly: bool) -> bool:
        """Read again what has changed, all of it where the catalog was lost meanwhile.

        Returns:
            Whether every file was looked at.
        """
        while True:
            try:
                return await self._take_in_changes(thoroughly)
            except CatalogLost:
                thoroughly = True

    async def _take_in_changes(self, thoroughly: bool) -> bool:
        """The same, some workspaces after the other: what was taken in is known at once."""
        if self._catalog.waiting:
            await asyncio.to_thread(self._catalog.flush)
        before = await asyncio.to_thread(self._catalog.state, FEW + 1)
        thoroughly = thoroughly or before.sessions <= FEW
        first = look = await self._look(before, thoroughly=thoroughly, enough=AT_ONCE)
        while await self._taking_in.take_in(look, before):
            if not look.left:
                return first.unchanged <= first.left
            before = await asyncio.to_thread(self._catalog.state, FEW + 1)
            look = await self._look(before, thoroughly=thoroughly, only=look.left, enough=AT_ONCE)
        # Of a session in several folders all copies tell which one counts.
        before = await asyncio.to_thread(self._catalog.state, FEW + 1)
        await self._taking_in.take_in(await self._look(before, thoroughly=True), before)
        return True

    async def _look_thoroughly(self) -> None:
        """Look at every file once what was asked for has been answered."""
        try:
            await asyncio.sleep(_PATIENCE_S)
            await self.refresh(thoroughly=True)
        except Exception as error:
            self._reports.report("", error, "look through the sessions")
        finally:
            self._thorough_look = None

    async def _write_catalog(self) -> None:
        """Write what was found once what was asked for has been answered."""
        try:
            await asyncio.sleep(_PATIENCE_S)
            await asyncio.to_thread(self._catalog.flush)
        except Exception as error:
            self._reports.report("", error, "write the catalog")
        finally:
            self._writing = None

    async def _look(
        self,
        before: CatalogState,
        *,
        thoroughly: bool,
        only: Collection[str] | None = None,
        enough: int | None = None,
    ) -> Look:
        store = self._store
        if isinstance(store, QuickStore):
            marks = {} if thoroughly else before.folders
            return await store.look(marks, only=only, enough=enough)
        return Look(stamps=await store.scan(), marks={})
