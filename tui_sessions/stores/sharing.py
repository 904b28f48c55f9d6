"""What a store may offer to the several processes that use it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol, runtime_checkable


@runtime_checkable
class CountingStore(Protocol):
    """A store that several processes may use, and that lets one of them create at a time.

    Without this, limits on the number of sessions hold within one manager.
    """

    def creating(self) -> AbstractAsyncContextManager[None]:
        """Keep other processes from creating sessions, or making them active, meanwhile.

        Raises:
            StoreError: another process does not let go.
        """


@runtime_checkable
class ResolvingStore(Protocol):
    """A store that several processes may use, and that lets one of them resolve at a time.

    Without this, two of them that look for a session to go on with at once may make one each.
    """

    def resolving(self) -> AbstractAsyncContextManager[None]:
        """Keep other processes from making a session to go on with meanwhile.

        Raises:
            StoreError: another process does not let go.
        """


@runtime_checkable
class ClaimingStore(Protocol):
    """A store that several processes may use, and that lets one of them answer in a chat at a time.

    Without this, one turn at a time in a chat holds within one manager. What is taken is let go of
    when its process ends, however that comes: a chat must never stay taken by nobody.
    """

    async def claim_turn(self, session_id: str, chat_id: str) -> bool | None:
        """Take a chat for a turn, until `release_turn` or the end of the process.

        Returns:
            False: it is taken. None: it cannot be taken where the session is, as on a disk without
            locks; the turn goes on without.
        """

    def release_turn(self, session_id: str, chat_id: str) -> None:
        """Let go of a chat that was taken through this store; does not wait for a disk."""

    async def claimed_turns(self) -> list[tuple[str, str]]:
        """The chats that are taken, whoever has them, as pairs of session and chat id."""

    async def ask_to_stop(self, session_id: str, chat_id: str) -> None:
        """Have whoever has taken a chat stop its turn; does nothing where nobody has."""

    async def asked_to_stop(self, session_id: str, chat_id: str) -> bool:
        """Whether that was asked of a chat that is taken through this store."""
