"""Searching everything that was said, and what sessions are called."""

from __future__ import annotations

import asyncio
import sys
from functools import cached_property

import msgspec

from tui_sessions.engine.arguments import checked_count, checked_filter, checked_text, is_number
from tui_sessions.engine.manager.room import Room
from tui_sessions.engine.searching.full_text_search import FullTextSearch
from tui_sessions.errors import InvalidValue
from tui_sessions.model.query import parse_query
from tui_sessions.model.search import IndexProgress, SearchResults


class Searching(Room):
    """Full-text search, and the index that it needs."""

    @cached_property
    def _full_text(self) -> FullTextSearch:
        return FullTextSearch(self._engine, self._boundary, self._catalog, self._workspaces)

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
        self._engine.check_open()
        parsed = parse_query(checked_text("query", query), as_typed=as_typed)
        checked_count("limit", limit, 0)
        checked_count("offset", offset, 0, optional=False)
        if wait_s is not None and not is_number(wait_s):
            raise InvalidValue("wait_s", wait_s, "a number of seconds, or nothing")
        most = sys.maxsize if limit is None else limit
        workspace = checked_filter("workspace", workspace)
        user_id = checked_filter("user id", user_id)
        workspaces = await self._full_text.workspaces(parsed, workspace)

        async def find() -> SearchResults:
            scope = await self._full_text.scope(parsed, user_id)
            scope = msgspec.structs.replace(
                scope, workspaces=workspaces, messages_only=messages_only
            )
            return await self._full_text.search(parsed, scope, most, offset)

        looked = await self._engine.catching_up.wait(wait_s)
        found = await find()
        if not looked:
            found = msgspec.structs.replace(found, complete=False)
        if wait_s is None and not found.complete:  # such as when the index was taken away
            await self._engine.indexer.caught_up(None)
            found = await find()
        return found

    def start_indexing(self) -> None:
        """Keep the index up to date in the background from now on; the first search does so too."""
        self._engine.catching_up.start()

    async def rest(self) -> None:
        """Let go of what is kept only to find things sooner.

        For a program that stays open, once nobody looks for anything: the next search takes some
        milliseconds more.
        """
        await self._engine.indexer.rest()
        await asyncio.to_thread(self._engine.catalog.rest)

    def index_progress(self) -> IndexProgress:
        """How far the index is with what is in the store."""
        return self._engine.indexer.progress
