"""What a store may offer so that lists and long chats are shown before all is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import msgspec

from tui_sessions.model.session import Session
from tui_sessions.stores.values import Stamp


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at the workspaces that may have changed has shown."""

    stamps: Sequence[Stamp]
    """The sessions of those that were looked through."""
    marks: dict[str, str]
    """Every workspace there is, each with what tells whether it has to be looked through again."""
    unchanged: frozenset[str] = frozenset()
    """Those that were passed over: their mark still held, or they were not asked for."""
    left: frozenset[str] = frozenset()
    """Those among them that are still to be looked through, as enough was seen before."""


@runtime_checkable
class QuickStore(Protocol):
    """A store that need not look at every session to find those that have changed.

    Without this, the engine scans the whole store and loads whole sessions for its lists.
    """

    async def look(
        self,
        marks: Mapping[str, str],
        *,
        only: Collection[str] | None = None,
        enough: int | None = None,
    ) -> Look:
        """Look through the workspaces that differ from their marks; through all without any.

        What is changed within a document, without its file being replaced, may be missed as long
        as the mark is given.

        Args:
            marks: what was told of the workspaces before.
            only: look through no others than these.
            enough: leave the rest for another look after so many sessions; what has changed last
                comes first.
        """

    async def glance(self, stamps: Sequence[Stamp]) -> list[Session | None]:
        """What lists show of these sessions; None for each that has to be loaded for it."""


@runtime_checkable
class EndReading(Protocol):
    """A store that can read the end of a long chat without the rest.

    Without this, a chat is shown once all of its session is loaded.
    """

    async def ending(self, session: Session, version: str) -> list[dict[str, Any]] | None:
        """The JSON of the last messages of a session's active chat, from a prompt on.

        Args:
            session: as it is known in this version.
            version: of the session.

        Returns:
            None where there is another version, or where the session has to be loaded to tell.
        """
