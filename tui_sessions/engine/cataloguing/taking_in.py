"""Taking into the catalog what a look through the store found changed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from tui_sessions.engine.documents.open_documents import OpenDocuments
from tui_sessions.errors import CorruptSession, SessionNotFound, StoreError
from tui_sessions.index.catalog import Catalog
from tui_sessions.index.catalog_answers import CatalogState, Known
from tui_sessions.index.catalog_writing import LookedThrough
from tui_sessions.model.session import Session
from tui_sessions.stores.base import Look, QuickStore, Stamp, Store

MOST_WAITING = 12_000
"""So many sessions may wait to be written until what was asked for has been answered."""
_GLANCED_AT_ONCE = 1000
_LOADED_AT_ONCE = 64
"""How many sessions are read together while the catalog is brought up to date."""


class TakingIn:
    """Reads sessions again that differ from what the catalog knows of them."""

    def __init__(self, store: Store, documents: OpenDocuments, catalog: Catalog) -> None:
        self._store = store
        self._documents = documents
        self._catalog = catalog

    async def take_in(self, look: Look, before: CatalogState) -> bool:
        """Read again what has changed in the workspaces that were looked through.

        Returns:
            False, and nothing is changed, where a session is known from one that was passed over.
        """
        if _all_passed_over(look, before):
            return True
        catalog = self._catalog
        known = await asyncio.to_thread(catalog.versions, _looked_through(look, before))
        # With many sessions even to compare them would hold the screen up.
        gone, stale, fresh = await asyncio.to_thread(_compared, look, known, before.sequence)
        if look.unchanged:
            elsewhere: bool = await asyncio.to_thread(catalog.has_any, fresh)
            if elsewhere:
                return False
        await self._take_out(gone)
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

    async def _take_out(self, session_ids: Sequence[str]) -> None:
        """Forget sessions that a look did not find, but for those that are somewhere after all.

        One that another program moves into a folder after that was read, out of one before it was,
        is in neither. Of many, each is forgotten: whole folders are gone then.
        """
        forgotten = session_ids
        if len(session_ids) <= _LOADED_AT_ONCE:
            found = await asyncio.gather(*(self._find_again(each) for each in session_ids))
            forgotten = [each for each, there in zip(session_ids, found, strict=True) if not there]
        for session_id in forgotten:
            self._catalog.remove(session_id)

    async def _find_again(self, session_id: str) -> bool:
        """Take in a session wherever it is now; False where it is not found or cannot be read."""
        try:
            stored = await self._store.load(session_id)
        except (SessionNotFound, StoreError):
            return False
        session = stored.document.session()
        self._release_if_moved(session_id, session.workspace_id)
        self._catalog.put(session, stored.version)
        return True

    async def _read_all_again(self, stamps: Sequence[Stamp]) -> set[str]:
        """Take in how these sessions are now; of many, some are written while others are read.

        Returns:
            The workspaces that are to be looked through again, as something was out of reach.
        """
        catalog, unsettled = self._catalog, set[str]()
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
        store = self._store
        for stamp in stamps:
            self._release_if_moved(stamp.session_id, stamp.workspace_id)
        seen: Sequence[Session | None] = [None] * len(stamps)
        if isinstance(store, QuickStore):
            seen = await store.glance(stamps)
        rest = []
        for stamp, session in zip(stamps, seen, strict=True):
            if session is None:
                rest.append(stamp)
            else:
                self._catalog.put(session, stamp.version)
        unsettled = set[str]()
        for start in range(0, len(rest), _LOADED_AT_ONCE):
            some = rest[start : start + _LOADED_AT_ONCE]
            taken = await asyncio.gather(*(self._load_again(stamp) for stamp in some))
            unsettled |= {s.workspace_id for s, done in zip(some, taken, strict=True) if not done}
        return unsettled

    async def _load_again(self, stamp: Stamp) -> bool:
        """Take in how a session is now; False where that can change without a new version."""
        catalog = self._catalog
        try:
            stored = await self._store.load(stamp.session_id)
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

    def _release_if_moved(self, session_id: str, workspace_id: str) -> None:
        """Let go of a document whose file somebody has moved."""
        kept = self._documents.peek(session_id)
        if kept is not None and kept[0].workspace_id != workspace_id:
            self._documents.release(session_id)


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
