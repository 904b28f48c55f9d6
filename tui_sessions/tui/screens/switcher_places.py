"""The sessions and chats that one can go to, and those that fit what is typed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

from tui_sessions.errors import InvalidValue
from tui_sessions.model.query import parse_query
from tui_sessions.model.session import Session, Workspace
from tui_sessions.tui.slices import Slices
from tui_sessions.tui.widgets.switcher_results import Entry, Query, Ranked, entries_of

SessionSearch = Callable[[Sequence[str]], Awaitable[Sequence[Session]]]
"""Finds sessions that hold all these words, among those that are too old to be listed."""

_Step = TypeVar("_Step")


class Places:
    """Ranks in slices, so that the next key is never kept waiting."""

    def __init__(
        self,
        sessions: Sequence[Session],
        workspaces: Sequence[Workspace],
        open_session_id: str | None,
        more: SessionSearch | None,
    ) -> None:
        """Begin with nothing listed.

        Args:
            sessions: those that are listed.
            workspaces: all of them, for their names.
            open_session_id: the session that is open; it comes after the first other.
            more: finds sessions that are not listed, where there are any.
        """
        self._sessions = sessions
        self._names = {workspace.id: workspace.name or workspace.id for workspace in workspaces}
        self._open_session_id = open_session_id
        self._more = more
        self._collected = asyncio.Event()
        self._fitting: tuple[Query, list[Entry]] | None = None
        self.entries: list[Entry] = []
        """All that are listed, the most recent first."""

    def forget(self) -> None:
        """Let go of all of them."""
        self._sessions, self.entries, self._fitting = (), [], None

    async def collect(self) -> None:
        """List all places; it goes on while the person types."""
        self.entries = await _in_slices(self._listing(), [])
        self._collected.set()

    async def fitting(self, query: Query, *, everything: bool) -> list[Entry]:
        """The listed places that fit, best first; without words all of them, or none."""
        await self._collected.wait()
        if not query:
            return self.entries if everything else []
        narrowed = self._fitting is not None and query.narrows(self._fitting[0])
        among = self._fitting[1] if self._fitting and narrowed else self.entries
        ranked = await _in_slices(query.rank(among), Ranked([], []))
        self._fitting = (query, ranked.as_given)
        return ranked.best_first

    async def with_older(self, query: Query, shown: list[Entry]) -> list[Entry]:
        """What fits with the sessions that are not among the listed ones."""
        if self._more is None or not query:
            return shown
        names = "\n".join(self._names.values()).lower()
        listed = {session.id for session in self._sessions}
        words = [word for word in query.words if word not in names]
        older = await self._more(words) if words else ()
        entries = [
            entry
            for session in older
            if session.id not in listed
            for entry in entries_of(session, self._names)
        ]
        if not entries:
            return shown
        return (await _in_slices(query.rank([*shown, *entries]), Ranked([], []))).best_first

    def _listing(self) -> Iterator[list[Entry]]:
        recent = sorted(self._sessions, key=lambda session: session.last_active_at, reverse=True)
        own: list[Entry] = []
        others: list[Entry] = []
        for session in recent:
            places = own if session.id == self._open_session_id else others
            places.extend(entries_of(session, self._names))
            yield others
        yield [*others[:1], *own, *others[1:]]


def query_of(text: str) -> Query:
    """What places are looked for by; with a filter all is left to the text search."""
    try:
        parsed = parse_query(text)
    except InvalidValue:
        return Query(text)
    return Query("" if parsed.has_filters else " ".join(word.text for word in parsed.words))


async def _in_slices(steps: Iterator[_Step], last: _Step) -> _Step:
    """The last of the steps; others run in between."""
    slices = Slices()
    for step in steps:
        last = step
        await slices.rest()
    return last
