"""Keeping the catalog true to the store, and asking it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from time import monotonic
from typing import TypeVar

import msgspec

from tui_sessions.engine.arguments import checked_filter, checked_text
from tui_sessions.engine.manager.core import Core
from tui_sessions.errors import CorruptSession, SessionNotFound, StoreError
from tui_sessions.index.catalog_answers import CatalogState, Differences, Known, WorkspaceCount
from tui_sessions.index.catalog_database import CatalogLost
from tui_sessions.index.catalog_rows import Wanted, newest_first
from tui_sessions.index.catalog_writing import LookedThrough
from tui_sessions.model.session import Session
from tui_sessions.stores.base import Look, QuickStore, Stamp

T = TypeVar("T")

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
    """The catalog of what is in the store, brought up to date before it is asked."""

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

    async def known_sessions(
        self,
        *,
        workspace: str | None = None,
        words: Iterable[str] = (),
        limit: int | None = None,
    ) -> list[Session]:
        """The sessions as last seen, newest activity first; the store is not asked.

        Args:
            workspace: the id of the workspace.
            words: each of them in the label, a tag or the name of a chat, whatever its case.
            limit: at most this many.
        """
        place = checked_filter("workspace", workspace)
        folded = tuple(checked_text("word", word).casefold() for word in words)
        return await self._find_known(Wanted(workspace_id=place, words=folded), limit)

    async def known_session(self, session_id: str) -> Session | None:
        """One session as last seen; the store is not asked."""
        self._check_there()
        return await asyncio.to_thread(self._known, session_id)

    async def known_workspaces(self, *, lasting: bool = False) -> list[WorkspaceCount]:
        """The workspaces that have sessions, as last seen, with how many they have.

        Args:
            lasting: leave the temporary sessions out.
        """
        counts = await self._ask(partial(self._engine.catalog.workspaces, lasting=lasting))
        return [count for count in counts if self._sees(count.workspace_id)]

    async def differences(self, mark: int = 0) -> Differences:
        """What this and other processes have changed since a mark; since 0, only a new mark."""
        found = await self._ask(partial(self._engine.catalog.differences, mark))
        sessions = [session for session in found.sessions if self._sees(session.workspace_id)]
        return msgspec.structs.replace(found, sessions=sessions)

    def _known(self, session_id: str) -> Session | None:
        """The same, here and now: it may wait for the disk."""
        session = self._engine.catalog.get(session_id)
        return session if session is not None and self._sees(session.workspace_id) else None

    async def _find(self, wanted: Wanted, limit: int | None = None) -> list[Session]:
        """The sessions in scope that are wanted, as they are now."""
        await self.refresh()
        return await self._find_known(wanted, limit)

    async def _find_known(self, wanted: Wanted, limit: int | None = None) -> list[Session]:
        if self._scope is not None and wanted.workspace_id not in (None, self._scope):
            return []
        wanted = msgspec.structs.replace(wanted, workspace_id=self._scope or wanted.workspace_id)
        unsaved = await self._unsaved()
        more = None if limit is None else limit + len(unsaved)
        found = await self._ask(partial(self._engine.catalog.find, wanted, more))
        if unsaved:
            found = [session for session in found if session.id not in unsaved]
            found += [session for session in unsaved.values() if wanted.fits(session)]
            found.sort(key=newest_first, reverse=True)
        return found[:limit]

    async def _count(self, wanted: Wanted) -> int:
        """How many sessions are wanted, also outside the scope of this face."""
        await self.refresh()
        counted = await self._ask(partial(self._engine.catalog.count, wanted))
        for session in (await self._unsaved()).values():
            saved = await asyncio.to_thread(self._engine.catalog.get, session.id)
            counted += wanted.fits(session) - bool(saved and wanted.fits(saved))
        return counted

    async def _ask(self, question: Callable[[], T]) -> T:
        """Ask the catalog in a thread; one that was lost is filled again first."""
        self._check_there()
        while True:
            try:
                return await asyncio.to_thread(question)
            except CatalogLost:
                await self.refresh(thoroughly=True)

    async def _unsaved(self) -> dict[str, Session]:
        """The sessions whose changes wait in memory, as they are with them."""
        sessions = {}
        for session_id in self._engine.documents.unsaved():
            try:
                document = await self._engine.documents.read(session_id)
            except SessionNotFound:
                continue  # another program deleted it, and with it what waited
            sessions[session_id] = document.session()
        return sessions

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
