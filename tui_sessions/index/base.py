"""The protocol of a full-text index: what the engine asks of whatever finds messages.

Every method blocks and may be called from any thread, `write` from one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from tui_sessions.model.message import Message
from tui_sessions.model.query import SearchQuery


class IndexBusy(Exception):
    """Another process is writing; try again soon."""


class IndexLost(Exception):
    """The index was damaged or taken away and is empty now: everything is to be written again."""


class IndexUnusable(Exception):
    """There can be no index here; its text says why."""


class Passage(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What can be found: a message, or a session by what it is called."""

    session_id: str
    workspace_id: str
    chat_id: str | None = None
    message_id: str | None = None
    role: str = ""
    model: str = ""
    time: float = 0.0
    """Seconds since 1970."""
    features: tuple[str, ...] = ()
    """What `has:` finds."""
    text: str = ""


class ChatText(msgspec.Struct, frozen=True, kw_only=True):
    """The messages of a chat that are to be found; what a fork inherited may be left out."""

    chat_id: str
    messages: Sequence[Message]


class InheritedText(msgspec.Struct, frozen=True, kw_only=True):
    """What a chat of a fork inherited, by the ids of the messages."""

    chat_id: str
    shared: Sequence[str]
    """What is found with the parent, which has the very same."""
    own: Sequence[str]
    """What is found with the fork, as the parent has it no more or has changed it."""


class SessionText(msgspec.Struct, frozen=True, kw_only=True):
    """A session as it is to be found from now on."""

    session_id: str
    workspace_id: str
    stamp: str
    """Differs whenever something of it would have to be written again."""
    title: str
    """The label, the tags and the names that find the session itself."""
    time: datetime
    """When it was last used, as far as anything that is found has changed since; also the time of
    messages that do not say."""
    chats: Sequence[ChatText] = ()
    live: bool = False
    """The messages are those of an open session: what stays as it is stays the same value."""
    written: Sequence[ChatText] | None = None
    """What this program wrote of it last: the very same messages need not be looked at again."""
    inherited: Sequence[InheritedText] = ()
    """Of a fork of which something is found with its parent; else empty."""
    parent_id: str = ""
    """The parent it is found with."""
    orphan_of: str = ""
    """The parent that does not have all that was inherited; else empty."""
    messages_as: Sequence[str] = ()
    """Stamps with which the very same messages may be in already: only what it is called is
    written, and no chats are given."""

    @property
    def message_count(self) -> int:
        """How many messages of it are to be found."""
        return sum(len(chat.messages) for chat in self.chats)


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Where to search."""

    workspaces: frozenset[str] | None = None
    """The ids of the only workspaces; None: all."""
    not_workspaces: frozenset[str] = frozenset()
    sessions: frozenset[str] | None = None
    """The ids of the only sessions; None: all. What these inherited is in them, too."""
    not_sessions: frozenset[str] = frozenset()
    messages_only: bool = False
    """Leave out sessions that were found by what they are called."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What fits a query, the best first."""

    passages: Sequence[tuple[float, Passage]] = ()
    """Each with its score."""
    total: int = 0
    similar: bool = False
    """Among them are words that are only nearly spelt as asked for."""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """How the sessions of a workspace are in the index."""

    stale: Sequence[str] = ()
    """Those that are not in as they are to be."""
    unknown: Sequence[str] = ()
    """Those that are in without having been asked about."""


class CaughtUp(msgspec.Struct, frozen=True, kw_only=True):
    """What an index holds all of."""

    write: str
    """The name of the catalog's write up to which everything is in."""
    names: Mapping[str, str | None]
    """By their ids, the names of the workspaces whose sessions are in with them; None: with several
    names."""
    unread: tuple[str, ...] = ()
    """The sessions that could not be read, and so are not in."""
    orphaned: tuple[str, ...] = ()
    """The parents that do not have what is in their forks as inherited."""


class FullTextIndex(Protocol):
    """Finds messages by their words.

    All but `open` may raise `IndexLost`.
    """

    def open(self) -> None:
        """Make ready; what is damaged or of another version is made anew, empty.

        Raises:
            IndexUnusable: there can be none here.
        """

    def resume(self, fits: Callable[[CaughtUp], bool]) -> CaughtUp | None:
        """What it is known to hold where somebody else wrote last; then it need not be opened.

        None where that is not known, or known already, or does not fit.
        """

    def watch(self) -> None:
        """Look out from now on for anybody else who writes."""

    def keep(self, held: CaughtUp) -> None:
        """Have it known what is held, unless somebody else wrote since `watch` or `resume`."""

    def compare(self, workspace_id: str, stamps: Mapping[str, str]) -> Compared:
        """Compare the sessions of a workspace with what they are to be in as."""

    def has(self, session_id: str, stamps: Collection[str]) -> bool:
        """Whether a session is in with one of these stamps."""

    def strangers(self, workspace_ids: Collection[str]) -> list[str]:
        """The sessions that are in with any other workspace than these."""

    def write(self, sessions: Sequence[SessionText], gone: Collection[str]) -> Collection[str]:
        """Put sessions in, as far as they differ from what is there, and drop others.

        All of it is found, and other processes may write, only after `settle`.

        Returns:
            The sessions in which messages have changed, or are not there any more.

        Raises:
            IndexBusy: another process is writing.
        """

    def settle(self) -> None:
        """Have what was written found, and write no more for now."""

    def find(self, query: SearchQuery, scope: Scope, limit: int, offset: int) -> Found:
        """Find what fits, the best first."""

    def rest(self) -> None:
        """Let go of what can be had again at once when something is asked or written."""

    def close(self) -> None:
        """Let go of everything."""


class NoIndex:
    """Stands where there is no index: everything is read instead."""

    def open(self) -> None:
        """Refuse.

        Raises:
            IndexUnusable: always.
        """
        raise IndexUnusable("there is none for this store")

    def resume(self, fits: Callable[[CaughtUp], bool]) -> CaughtUp | None:
        """Nothing is held."""
        return None

    def watch(self) -> None:
        """Nobody writes."""

    def keep(self, held: CaughtUp) -> None:
        """Nothing is kept."""

    def compare(self, workspace_id: str, stamps: Mapping[str, str]) -> Compared:
        """None is in."""
        return Compared(stale=list(stamps))

    def has(self, session_id: str, stamps: Collection[str]) -> bool:
        """None is in."""
        return False

    def strangers(self, workspace_ids: Collection[str]) -> list[str]:
        """None."""
        return []

    def write(self, sessions: Sequence[SessionText], gone: Collection[str]) -> Collection[str]:
        """Nothing is kept."""
        return ()

    def settle(self) -> None:
        """Nothing was written."""

    def find(self, query: SearchQuery, scope: Scope, limit: int, offset: int) -> Found:
        """Nothing."""
        return Found()

    def rest(self) -> None:
        """Nothing is held."""

    def close(self) -> None:
        """Nothing to let go of."""
