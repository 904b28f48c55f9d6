"""One turn at a time in a chat among all programs on one store."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import Protocol

from tui_sessions.errors import SessionBusy
from tui_sessions.stores.base import ClaimingStore, Store

LISTEN_EVERY_S = 0.5
"""Seconds between two looks whether another program asks for the end of a turn."""
_PATIENCE_S = 10.0
"""Seconds that another program has to end a turn that it was asked to stop."""
_SHORT_PATIENCE_S = 2.0
"""The same where it is done without the other program if need be."""
_LOOK_EVERY_S = 0.1

ChatKey = tuple[str, str]
"""A session's and a chat's id."""


class Turn(Protocol):
    """What holds a chat."""

    ended: asyncio.Event
    """Set when it does so no longer."""

    async def stop(self) -> None:
        """End it, and keep what came of it."""


class TurnClaims:
    """The chats that turns have taken in the store, and those that other programs have."""

    def __init__(self, store: Store) -> None:
        self._store = store if isinstance(store, ClaimingStore) else None
        self._taken: set[ChatKey] = set()
        self._wanted: set[ChatKey] = set()
        """What is about to be taken here: the store may know of that first."""
        self._listening: set[asyncio.Task[None]] = set()
        self.works = False
        """Whether the last chat that a turn wanted was kept from other programs."""
        self.elsewhere: frozenset[ChatKey] = frozenset()
        """The chats that other programs answered in when that was looked at last."""

    async def take(self, key: ChatKey) -> bool:
        """Take a chat for a turn; False where the store cannot keep others out of it.

        Raises:
            SessionBusy: another program is answering in it.
        """
        self._wanted.add(key)
        try:
            taken = None if self._store is None else await self._claim(self._store, key)
        finally:
            self._wanted.discard(key)
        self.works = taken is not None
        if taken is False:
            raise SessionBusy(*key, elsewhere=True)
        if taken:
            self._taken.add(key)
        return bool(taken)

    def let_go(self, key: ChatKey) -> None:
        """Let others into a chat again."""
        if self._store is not None and key in self._taken:
            self._taken.discard(key)
            self._store.release_turn(*key)

    async def look(self) -> frozenset[ChatKey]:
        """The chats that other programs answer in now."""
        if self._store is not None:
            own = {*self._taken, *self._wanted}
            claimed = await self._store.claimed_turns()
            self.elsewhere = frozenset(claimed) - own - self._taken - self._wanted
        return self.elsewhere

    async def check(self, key: ChatKey) -> None:
        """Refuse what a turn in another program must be spared from.

        Raises:
            SessionBusy: there is one.
        """
        if key in await self.look():
            raise SessionBusy(*key, elsewhere=True)

    def listen(self, key: ChatKey, turn: Turn) -> None:
        """Stop a turn when another program asks for that."""
        if self._store is not None and key in self._taken:
            task = asyncio.create_task(self._listen(self._store, key, turn), name="sessions-stop")
            self._listening.add(task)
            task.add_done_callback(self._listening.discard)

    async def end(self, session_id: str, chat_id: str | None = None) -> None:
        """Have other programs stop what they answer in a session, or in one chat of it.

        One that does not hear, as it is suspended, is not waited for any longer than a moment.
        """
        if self._store is None:
            return
        found = [
            (owner, chat)
            for owner, chat in await self.look()
            if owner == session_id and chat_id in (None, chat)
        ]
        stopping = [self.stop(key, _SHORT_PATIENCE_S) for key in found]
        for failure in await asyncio.gather(*stopping, return_exceptions=True):
            if isinstance(failure, BaseException) and not isinstance(failure, SessionBusy):
                raise failure

    async def stop(self, key: ChatKey, patience_s: float = _PATIENCE_S) -> None:
        """Have another program stop its turn, and wait until it has.

        Raises:
            SessionBusy: it does not.
        """
        if self._store is None:
            return
        await self._store.ask_to_stop(*key)
        deadline = asyncio.get_running_loop().time() + patience_s
        while key in await self.look():
            if asyncio.get_running_loop().time() > deadline:
                raise SessionBusy(*key, elsewhere=True)
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _claim(self, store: ClaimingStore, key: ChatKey) -> bool | None:
        claiming = asyncio.ensure_future(store.claim_turn(*key))
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            # A chat that is taken after all has to be let go of as well.
            claiming.add_done_callback(partial(_give_back, store, key))
            raise

    async def _listen(self, store: ClaimingStore, key: ChatKey, turn: Turn) -> None:
        while not turn.ended.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(turn.ended.wait(), LISTEN_EVERY_S)
                return
            if await store.asked_to_stop(*key):
                await turn.stop()


def _give_back(store: ClaimingStore, key: ChatKey, claiming: asyncio.Future[bool | None]) -> None:
    if not claiming.cancelled() and claiming.exception() is None and claiming.result():
        store.release_turn(*key)
