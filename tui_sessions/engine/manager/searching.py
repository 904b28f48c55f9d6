"""Searching everything that was said, and what sessions are called."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from time import monotonic

import msgspec

from tui_sessions.engine.arguments import checked_count, checked_filter, checked_text, is_number
from tui_sessions.engine.full_text.search_scope import chosen_workspaces
from tui_sessions.engine.manager.importing import Importing
from tui_sessions.errors import InvalidValue, SessionsError
from tui_sessions.index.base import Found, IndexBusy, IndexLost, IndexUnusable, Passage, Scope
from tui_sessions.index.catalog_rows import Wanted
from tui_sessions.index.passages import passages_of
from tui_sessions.index.plain_scan import scan
from tui_sessions.index.snippets import Snippets
from tui_sessions.model.query import SearchQuery, parse_query
from tui_sessions.model.search import IndexProgress, SearchHit, SearchResults
from tui_sessions.model.session import Session

log = logging.getLogger(__name__)

_CHANGES = ("saved", "created", "deleted", "forked", "child_created")
"""The events after which something else may be found."""
_LOOK_EVERY_S = 0.5
"""Seconds between two looks at what other processes did."""
_READ_AT_ONCE = 32


class Searching(Importing):
    """Full-text search, and the index that it needs."""

    async def search(
        self,
        query: str,
        *,
        workspace: str | None = None,
        user_id: str | None = None,
        limit: int | None = 50,
        offset: int = 0,
        as_typed: bool = False,
        messages_only: bool = False,
        wait_s: float | None = 1.0,
    ) -> SearchResults:
        """Find messages by their words, and sessions by label, tags and workspace.

        ```python
        found = await manager.search('parser "off by one" -lexer role:user after:7d')
        ```

        All words must be there, whatever their case and accents; `"a phrase"`, `begin*` and `-not`
        are understood, and the filters `workspace: role: model: tag: state: before: after: has:`.
        Where too little is found, typing errors are forgiven, but not in quotes. What fits best
        comes first, what is newer before what is older.

        Args:
            query: what to look for.
            workspace: the id of the only workspace to look in.
            user_id: whose sessions.
            limit: at most this many hits; None: all of them.
            offset: so many of the best are left out.
            as_typed: more may be typed: the last word may be the beginning of one.
            messages_only: leave out sessions that are found by what they are called.
            wait_s: how long to wait for what has just changed to be found; None: as long as it
                takes, also for an index that is made for the first time.

        Raises:
            InvalidValue: a filter or an argument has a value that it cannot have.
        """
        self._check_open()
        parsed = parse_query(checked_text("query", query), as_typed=as_typed)
        checked_count("limit", limit, 0)
        checked_count("offset", offset, 0, optional=False)
        if wait_s is not None and not is_number(wait_s):
            raise InvalidValue("wait_s", wait_s, "a number of seconds, or nothing")
        most = sys.maxsize if limit is None else limit
        workspace = checked_filter("workspace", workspace)
        user_id = checked_filter("user id", user_id)
        scope = await self._search_scope(parsed, workspace, user_id)
        scope = msgspec.structs.replace(scope, messages_only=messages_only)
        looked = await self._let_index_catch_up(wait_s)
        found = await self._search(parsed, scope, most, offset)
        if not looked:
            found = msgspec.structs.replace(found, complete=False)
        if wait_s is None and not found.complete:  # such as when the index was taken away
            await self._engine.indexer.caught_up(None)
            found = await self._search(parsed, scope, most, offset)
        return found

    def start_indexing(self) -> None:
        """Keep the index up to date in the background from now on; the first search does so too."""
        engine = self._engine
        if not engine.indexing and not engine.closed:
            engine.indexing = True
            for event in _CHANGES:
                engine.bus.on(event, engine.indexer.note)
            engine.indexer.start(self.refresh)

    def index_progress(self) -> IndexProgress:
        """How far the index is with what is in the store."""
        return self._engine.indexer.progress

    async def _let_index_catch_up(self, wait_s: float | None) -> bool:
        """Begin a look at what others did, and give the index some time.

        Returns:
            Whether that look has come to its end.
        """
        engine = self._engine
        self.start_indexing()
        engine.indexer.hurry()
        began = monotonic()
        if wait_s is None and engine.looking is not None:
            await asyncio.wait([engine.looking])  # it began before what is to be found happened
        if engine.looking is None and (wait_s is None or began - engine.looked_at > _LOOK_EVERY_S):
            engine.looking = asyncio.create_task(self._look_at_others())
        looking = engine.looking
        if wait_s is not None and wait_s <= 0:
            return looking is None
        if looking is not None:
            await asyncio.wait([looking], timeout=wait_s)
        left = None if wait_s is None else max(began + wait_s - monotonic(), 0.01)
        await engine.indexer.caught_up(left)
        return looking is None or looking.done()

    async def _look_at_others(self) -> None:
        """Learn what other processes did."""
        engine = self._engine
        try:
            await self.refresh()
            await engine.indexer.look()
        except SessionsError as error:
            self._report("", error, "search")
        finally:
            engine.looked_at = monotonic()
            engine.looking = None

    async def _search(
        self, query: SearchQuery, scope: Scope, limit: int, offset: int
    ) -> SearchResults:
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
        unsaved = await self._unsaved()
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
        if not self._sees(session.workspace_id):
            return False
        if scope.workspaces is not None and session.workspace_id not in scope.workspaces:
            return False
        return passage.chat_id is None or session.chat(passage.chat_id) is not None

    async def _search_scope(
        self, query: SearchQuery, workspace: str | None, user_id: str | None
    ) -> Scope:
        """Where to look: the conditions on sessions, looked up in the catalog."""
        workspaces: frozenset[str] | None = None
        if query.values("workspace") or query.values("workspace", negated=True):
            workspaces = chosen_workspaces(query, await self.workspaces())
        for only in (self._scope, workspace):
            if only is not None:
                workspaces = frozenset((only,)) & ({only} if workspaces is None else workspaces)
        chosen = await self._ask(partial(self._engine.chosen.scope, query, user_id))
        return msgspec.structs.replace(chosen, workspaces=workspaces)

    def _unindexed(self) -> list[str]:
        """The sessions that never reach the index: temporary ones, and what waits in memory."""
        engine = self._engine
        return list({*engine.documents.unsaved(), *(s.id for s in engine.catalog.unkept())})

    async def _everything(self) -> list[str]:
        await self.refresh()
        return [session.id for session in await self._find_known(Wanted())]

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
