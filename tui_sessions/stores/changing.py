"""What a store may offer so that a session is changed without being read first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from tui_sessions.model.changes import Change
from tui_sessions.stores.values import Appended, Stored


@runtime_checkable
class CheckingStore(Protocol):
    """A store that tells by the way whether a session is still as its caller knows it.

    Without this, the engine asks for the version before every change.
    """

    async def append_if(
        self, session_id: str, version: str, changes: Sequence[Change], at: datetime
    ) -> Appended | None:
        """Apply changes as `append` does, but to this version only.

        Args:
            session_id: which.
            version: the only one that they are meant for.
            changes: what is to happen to it.
            at: when that is.

        Returns:
            None where there is another version; then nothing was done.
        """


@runtime_checkable
class Skimming(Protocol):
    """A store that can go through a long session, and add to it, without ever holding all of it.

    Without this, a session is loaded to compare it with another.
    """

    async def skim(
        self, session_id: str, see: Callable[[str, dict[str, Any]], None]
    ) -> Stored | None:
        """Show the messages of a long session, one after the other.

        Args:
            session_id: which.
            see: is given the id of a chat and the JSON of a message, each message once, in another
                thread.

        Returns:
            The session, most messages of which hold nothing but their id; None for one that has to
            be loaded, be it that it is short. Then nothing that was shown counts.

        Raises:
            SessionNotFound: there is none with that id.
        """

    async def rewrite_if(
        self, session_id: str, version: str, changes: Sequence[Change], at: datetime
    ) -> Appended | None:
        """Apply changes to this version, and bring what was appended before into the document.

        Returns:
            None where there is another version, or where `skim` would give none; then nothing was
            done.
        """
