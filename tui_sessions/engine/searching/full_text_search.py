"""Looking for messages: in the index, and in what is not in it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from tui_sessions.engine.boundary import Boundary
from tui_sessions.engine.engine import Engine
from tui_sessions.engine.full_text.search_scope import chosen_workspaces
from tui_sessions.engine.sessions.catalog_questions import CatalogQuestions
from tui_sessions.engine.sessions.scoped_workspaces import ScopedWorkspaces
from tui_sessions.errors import SessionsError
from tui_sessions.index.base import Found, IndexBusy, IndexLost, IndexUnusable, Passage, Scope
from tui_sessions.index.catalog_rows import Wanted
from tui_sessions.index.passages import passages_of
from tui_sessions.index.plain_scan import scan
from tui_sessions.index.snippets import Snippets
from tui_sessions.model.query import SearchQuery
from tui_sessions.model.search import SearchHit, SearchResults
from tui_sessions.model.session import Session

log = logging.getLogger(__name__)

_READ_AT_ONCE = 32


class FullTextSearch:
    """Finds passages, and makes hits of those that may be seen."""

    def __init__(
        self,
        engine: Engine,
        boundary: Boundary,
        catalog: CatalogQuestions,
        workspaces: ScopedWorkspaces,
    ) -> None:
        self._engine = engine
        self._boundary = boundary
        self._upkeep = engine.upkeep
        self._catalog = catalog
        self._workspaces = workspaces

    async def workspaces(self, query: SearchQuery, only: str | None) -> frozenset[str] | None:
        """The ids of the workspaces to look in; None: all.

        Args:
            query: may name some.
            only: the id of one that nothing may be found outside of.

        Raises:
            InvalidValue: the query names none that there is.
        """
        workspaces: frozenset[str] | None = None
        if query.values("workspace") or query.values("workspace", negated=True):
            workspaces = chosen_workspaces(query, await self._workspaces.all())
        for each in (self._boundary.workspace_id, only):
            if each is not None:
                workspaces = frozenset((each,)) & ({each} if workspaces is None else workspaces)
        return workspaces

    async def scope(self, query: SearchQuery, user_id: str | None) -> Scope:
        """The sessions to look in, as the catalog knows them by now."""
        return await self._catalog.ask(partial(self._engine.chosen.scope, query, user_id))

    async def search(
        self, query: SearchQuery, scope: Scope, limit: int, offset: int
    ) -> SearchResults:
        """What fits best, from the index and from what is read besides."""
        indexer = self._engine.indexer
        complete = indexer.progress.complete
        unindexed = await self._scan(query, scope, self._unindexed())
        indexed, notice = Found(), ""
        if indexer.problem:
            notice = f"Every session is read, as the search index cannot be used: {indexer.problem}"
            unindexed, complete = await self._scan(query, scope, await self._everything()), True
        else:
            # What is found outside the index may belong anywhere among its hits.
            first, most = (0, offset + limit) if unindexed.total else (offset, limit)
            found, notice = await self._search_index(query, scope, most, first)
            indexed, complete = found or indexed, complete and found is not None
            offset -= first
        unsaved = await self._catalog.unsaved()
        hits, missing = await asyncio.to_thread(
            self._hits, query, scope, (indexed, unindexed), unsaved, offset + limit
        )
        hits = hits[offset : offset + limit]
        return SearchResults(
            hits=tuple(hits),
            total=max(indexed.total + unindexed.total - missing, len(hits)),
            complete=complete,
            similar=indexed.similar,
            progress=indexer.progress,
            notice=notice,
        )

    async def _search_index(
        self, query: SearchQuery, scope: Scope, limit: int, offset: int
    ) -> tuple[Found | None, str]:
        """What is in the index; None where it could not be read just now, and what to say of it."""
        indexer = self._engine.indexer
        try:
            return await asyncio.to_thread(indexer.index.find, query, scope, limit, offset), ""
        except IndexLost:
            indexer.compare_again()
            return None, ""
        except (IndexBusy, IndexUnusable, OSError, ValueError) as error:
            if isinstance(error, IndexUnusable):
                indexer.compare_again()  # then it tells whether there can be one at all
            log.warning("The index could not be searched: %s", error)
            return None, "The search index could not be read just now."
        finally:
            indexer.searched()

    def _hits(
        self,
        query: SearchQuery,
        scope: Scope,
        found: Sequence[Found],
        unsaved: Mapping[str, Session],
        most: int,
    ) -> tuple[list[SearchHit], int]:
        """The hits, and how many were left out, as their session is gone or elsewhere."""
        ranked = [hit for one in found for hit in one.passages]
        ranked.sort(key=lambda hit: (hit[0], hit[1].time), reverse=True)
        cutters = Snippets(query, similar=any(one.similar for one in found))
        seen: set[tuple[str, str | None, str | None]] = set()
        hits: list[SearchHit] = []
        missing = 0
        for score, passage in ranked:
            if len(hits) == most:
                break
            session = unsaved.get(passage.session_id)
            session = session or self._engine.catalog.get(passage.session_id)
            where = (passage.session_id, passage.chat_id, passage.message_id)
            if session is None or where in seen or not self._is_there(session, passage, scope):
                missing += 1
                continue
            seen.add(where)
            hits.append(_hit(passage, session, score, cutters))
        return hits, missing

    def _is_there(self, session: Session, passage: Passage, scope: Scope) -> bool:
        if not self._boundary.sees(session.workspace_id):
            return False
        if scope.workspaces is not None and session.workspace_id not in scope.workspaces:
            return False
        return passage.chat_id is None or session.chat(passage.chat_id) is not None

    def _unindexed(self) -> list[str]:
        """The sessions that never reach the index: temporary ones, and what waits in memory."""
        engine = self._engine
        return list({*engine.documents.unsaved(), *(s.id for s in engine.catalog.unkept())})

    async def _everything(self) -> list[str]:
        await self._upkeep.refresh()
        return [session.id for session in await self._catalog.find_known(Wanted())]

    async def _scan(self, query: SearchQuery, scope: Scope, ids: Sequence[str]) -> Found:
        """Read sessions to find what fits."""
        found: list[tuple[float, Passage]] = []
        for start in range(0, len(ids), _READ_AT_ONCE):
            some = ids[start : start + _READ_AT_ONCE]
            passages = [each for one in some for each in await self._passages(one)]
            found += (await asyncio.to_thread(scan, passages, query, scope)).passages
        return Found(passages=found, total=len(found))

    async def _passages(self, session_id: str) -> Collection[Passage]:
        try:
            if self._engine.documents.waits(session_id):
                document = await self._engine.documents.read(session_id)
            else:
                document = (await self._engine.store.load(session_id)).document
        except SessionsError:
            return ()
        return list(passages_of(document))


def _hit(passage: Passage, session: Session, score: float, cutter: Snippets) -> SearchHit:
    # To open a session changes when it was last used, and is no reason to write the index.
    said = datetime.fromtimestamp(passage.time, UTC) if passage.message_id is not None else None
    return SearchHit(
        session_id=session.id,
        workspace_id=session.workspace_id,
        chat_id=passage.chat_id,
        message_id=passage.message_id,
        label=session.label,
        role=passage.role,
        time=session.last_active_at if said is None else said,
        snippet=cutter.cut(passage.text),
        score=round(score, 4),
    )
