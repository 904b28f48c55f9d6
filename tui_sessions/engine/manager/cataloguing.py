"""Keeping the catalog true to the store."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from time import monotonic

from tui_sessions.engine.manager.core import Core
from tui_sessions.errors import CorruptSession, SessionNotFound, StoreError
from tui_sessions.index.catalog_answers import CatalogState, Known
from tui_sessions.index.catalog_database import CatalogLost
from tui_sessions.index.catalog_writing import LookedThrough
from tui_sessions.model.session import Session
from tui_sessions.stores.base import Look, QuickStore, Stamp

FEW = 2000
"""With no more sessions than this every file is looked at each time: it is not felt."""
AT_ONCE = 1000
"""Of more sessions no more are kept in mind at a time, or those of one workspace."""
MOST_WAITING = 12_000
"""So many sessions may wait to be written until what was asked for has been answered."""
_GLANCED_AT_ONCE = 1000
_LOADED_AT_ONCE = 64
"""How many sessions are read together while the catalog is brought up to date."""
_PATIENCE_S = 1.0
"""Seconds before a thorough look begins in the background: a short program does without."""
_REST = 200
"""A thorough look is followed by a rest this many times as long."""


class Cataloguing(Core):
    """Brings the catalog up to date with what is in the store."""

    async def refresh(self, *, thoroughly: bool = False) -> None:
        """Bring the catalog up to date with the store.

        With more than a few thousand sessions, only the folders that have changed are looked
        through, and the rest from time to time in the background.

        Args:
            thoroughly: look at every file now.
        """
        self._check_there()
        engine = self._engine
        async with engine.listing:
            began = monotonic()
            if await self._bring_up_to_date(thoroughly):
                took = monotonic() - began
                engine.thorough_look_due = monotonic() + took * _REST
        if monotonic() > engine.thorough_look_due and engine.thorough_look is None:
            engine.thorough_look = asyncio.create_task(self._look_thoroughly())
        if engine.catalog.waiting and engine.writing_catalog is None:
            engine.writing_catalog = asyncio.create_task(self._write_catalog())

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
        if self._engine.catalog.waiting:
            await asyncio.to_thread(self._engine.catalog.flush)
        before = await asyncio.to_thread(self._engine.catalog.state, FEW + 1)
        thoroughly = thoroughly or before.sessions <= FEW
        first = look = await self._look(before, thoroughly=thoroughly, enough=AT_ONCE)
        while await self._take_in(look, before):
            if not look.left:
                return first.unchanged <= first.left
            before = await asyncio.to_thread(self._engine.catalog.state, FEW + 1)
            look = await self._look(before, thoroughly=thoroughly, only=look.left, enough=AT_ONCE)
        # Of a session in several folders all copies tell which one counts.
        before = await asyncio.to_thread(self._engine.catalog.state, FEW + 1)
        await self._take_in(await self._look(before, thoroughly=True), before)
        return True

    async def _take_in(self, look: Look, before: CatalogState) -> bool:
        """Read again what has changed in the workspaces that were looked through.

        Returns:
            False, and nothing is changed, where a session is known from one that was passed over.
        """
        if _all_passed_over(look, before):
            return True
        catalog = self._engine.catalog
        known = await asyncio.to_thread(catalog.versions, _looked_through(look, before))
        # With many sessions even to compare them would hold the screen up.
        gone, stale, fresh = await asyncio.to_thread(_compared, look, known, before.sequence)
        if look.unchanged:
            elsewhere: bool = await asyncio.to_thread(catalog.has_any, fresh)
            if elsewhere:
                return False
        for session_id in gone:
            catalog.remove(session_id)
        unsettled = await self._read_all_again(stale)
        looked = LookedThrough(
            marks=_new_marks(look, unsettled),
            gone=before.folders.keys() - look.marks.keys(),
            since=before.sequence,
        )
        if looked.marks or looked.gone:
            catalog.looked_through(looked)
        if catalog.waiting > MOST_WAITING:
            await asyncio.to_thread(catalog.flush)
        return True

    async def _look_thoroughly(self) -> None:
        """Look at every file once what was asked for has been answered."""
        try:
            await asyncio.sleep(_PATIENCE_S)
            await self.refresh(thoroughly=True)
        except Exception as error:
            self._report("", error, "look through the sessions")
        finally:
            self._engine.thorough_look = None

    async def _write_catalog(self) -> None:
        """Write what was found once what was asked for has been answered."""
        try:
            await asyncio.sleep(_PATIENCE_S)
            await asyncio.to_thread(self._engine.catalog.flush)
        except Exception as error:
            self._report("", error, "write the catalog")
        finally:
            self._engine.writing_catalog = None

    async def _look(
        self,
        before: CatalogState,
        *,
        thoroughly: bool,
        only: Collection[str] | None = None,
        enough: int | None = None,
    ) -> Look:
        store = self._engine.store
        if isinstance(store, QuickStore):
            marks = {} if thoroughly else before.folders
            return await store.look(marks, only=only, enough=enough)
        return Look(stamps=await store.scan(), marks={})

    async def _read_all_again(self, stamps: Sequence[Stamp]) -> set[str]:
        """Take in how these sessions are now; of many, some are written while others are read.

        Returns:
            The workspaces that are to be looked through again, as something was out of reach.
        """
        catalog, unsettled = self._engine.catalog, set[str]()
        writing: asyncio.Future[None] | None = None
        try:
            for start in range(0, len(stamps), _GLANCED_AT_ONCE):
                if writing is not None:
                    await writing
                if start and catalog.waiting > MOST_WAITING:
                    writing = asyncio.ensure_future(asyncio.to_thread(catalog.flush))
                unsettled |= await self._read_again(stamps[start : start + _GLANCED_AT_ONCE])
        finally:
            if writing is not None:
                await writing
        return unsettled

    async def _read_again(self, stamps: Sequence[Stamp]) -> set[str]:
        """Take in how these sessions are now: at a glance, where that is enough.

        Returns:
            The workspaces that are to be looked through again, as something was out of reach.
        """
        store, documents = self._engine.store, self._engine.documents
        for stamp in stamps:
            kept = documents.peek(stamp.session_id)
            if kept is not None and kept[0].workspace_id != stamp.workspace_id:
                documents.release(stamp.session_id)  # somebody moved its file
        seen: Sequence[Session | None] = [None] * len(stamps)
        if isinstance(store, QuickStore):
            seen = await store.glance(stamps)
        rest = []
        for stamp, session in zip(stamps, seen, strict=True):
            if session is None:
                rest.append(stamp)
            else:
                self._engine.catalog.put(session, stamp.version)
        unsettled = set[str]()
        for start in range(0, len(rest), _LOADED_AT_ONCE):
            some = rest[start : start + _LOADED_AT_ONCE]
            taken = await asyncio.gather(*(self._load_again(stamp) for stamp in some))
            unsettled |= {s.workspace_id for s, done in zip(some, taken, strict=True) if not done}
        return unsettled

    async def _load_again(self, stamp: Stamp) -> bool:
        """Take in how a session is now; False where that can change without a new version."""
        catalog = self._engine.catalog
        try:
            stored = await self._engine.store.load(stamp.session_id)
        except CorruptSession as error:
            if not isinstance(error.__cause__, OSError):
                catalog.put_unreadable(stamp.session_id, stamp.workspace_id, stamp.version)
                return True
        except SessionNotFound:
            pass
        except StoreError:
            return False  # another program holds it: it stays as it was last seen
        else:
            catalog.put(stored.document.session(), stored.version)
            return True
        if await asyncio.to_thread(catalog.has_any, [stamp.session_id]):
            catalog.remove(stamp.session_id)
        return False


def _all_passed_over(look: Look, before: CatalogState) -> bool:
    """Whether a look found every workspace as it was, and no other."""
    passed_over = bool(look.unchanged) and not look.stamps
    return passed_over and look.marks.keys() == look.unchanged == before.folders.keys()


def _looked_through(look: Look, before: CatalogState) -> set[str] | None:
    """The workspaces that a look went through, also those that it found gone; None: all."""
    if not look.unchanged:
        return None
    seen = {stamp.workspace_id for stamp in look.stamps}
    return (look.marks.keys() | before.folders.keys() | seen) - look.unchanged


def _compared(
    look: Look, known: Mapping[str, Known], sequence: int
) -> tuple[list[str], list[Stamp], set[str]]:
    """The ids of what is there no more, what has to be read again, and the ids that are new."""
    there = {stamp.session_id for stamp in look.stamps}
    gone = [
        session_id
        for session_id, entry in known.items()
        if session_id not in there and entry.sequence <= sequence
    ]
    stale = [stamp for stamp in look.stamps if _differs(stamp, known.get(stamp.session_id))]
    return gone, stale, there.difference(known)


def _new_marks(look: Look, unsettled: set[str]) -> dict[str, str]:
    """The marks of what was looked through; none where something was out of reach."""
    return {
        place: "" if place in unsettled else mark
        for place, mark in look.marks.items()
        if place not in look.unchanged
    }


def _differs(stamp: Stamp, known: Known | None) -> bool:
    return known is None or (known.version, known.workspace_id) != (
        stamp.version,
        stamp.workspace_id,
    )
