"""What a search finds."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Snippet(msgspec.Struct, frozen=True):
    """A piece of a text around what was found: plain text, never markup."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()
    """Where in it the words stand, each as a start and an end, in order."""

    @property
    def words(self) -> tuple[str, ...]:
        """The words that were found in it, each once."""
        return tuple(dict.fromkeys(self.text[start:end] for start, end in self.marks))


class SearchHit(msgspec.Struct, frozen=True, kw_only=True):
    """A message, or a session by its label, tags or workspace, that fits a query."""

    session_id: str
    workspace_id: str
    chat_id: str | None = None
    """None where the session itself was found."""
    message_id: str | None = None
    """None where the session itself was found."""
    label: str = ""
    """The session's."""
    role: str = ""
    """The message's; empty where the session itself was found."""
    time: datetime
    """When the message was written, or the session last used."""
    snippet: Snippet
    score: float
    """How well it fits: only to be compared with the others of the same search."""


class IndexProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far the index is with what is in the store."""

    done: int = 0
    """Sessions that are in."""
    total: int = 0
    """Sessions there are."""
    complete: bool = False
    """Everything that is known of is in."""

    @property
    def to_go(self) -> int:
        """How many sessions are still to be looked at."""
        return 0 if self.complete else max(self.total - self.done, 0)

    @property
    def percent(self) -> int:
        """The same in percent, and 100 only at the end."""
        if self.complete:
            return 100
        return min(100 * self.done // self.total, 99) if self.total else 0


class SearchResults(msgspec.Struct, frozen=True, kw_only=True):
    """What a search found, the best first."""

    hits: tuple[SearchHit, ...] = ()
    total: int = 0
    """How many there are in all."""
    complete: bool = True
    """False while the index is being built, or what others did is still being looked for: more may
    be found later."""
    similar: bool = False
    """Too little was spelt as asked for: there are words among them that are nearly so."""
    progress: IndexProgress = IndexProgress(complete=True)
    notice: str = ""
    """What a person should know of the search, such as that it works without its index."""
