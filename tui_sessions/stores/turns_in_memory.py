"""Chats that are taken for a turn, told to the other managers on the same store in memory."""

from __future__ import annotations

import asyncio

import msgspec

from tui_sessions.model.identifiers import check_id

_ChatKey = tuple[str, str]
"""A session's and a chat's id."""


class _Claim(msgspec.Struct):
    """Who has taken a chat."""

    loop: asyncio.AbstractEventLoop
    """Where its turn runs; once that is closed, the chat is nobody's."""
    to_stop: bool = False


class TurnsInMemory:
    """What makes a `ClaimingStore` of a store that lives as long as the program."""

    def __init__(self) -> None:
        self._turns: dict[_ChatKey, _Claim] = {}

    async def claim_turn(self, session_id: str, chat_id: str) -> bool | None:
        """Take a chat for a turn; False where it is taken."""
        key = check_id(session_id, "session id"), check_id(chat_id, "chat id")
        if key in self._running():
            return False
        self._turns[key] = _Claim(asyncio.get_running_loop())
        return True

    def release_turn(self, session_id: str, chat_id: str) -> None:
        """Let go of a chat."""
        self._turns.pop((session_id, chat_id), None)

    async def claimed_turns(self) -> list[tuple[str, str]]:
        """The chats that are taken, as pairs of session and chat id."""
        return list(self._running())

    async def ask_to_stop(self, session_id: str, chat_id: str) -> None:
        """Have whoever has taken a chat stop its turn, if anybody has."""
        claim = self._turns.get((session_id, chat_id))
        if claim is not None:
            claim.to_stop = True

    async def asked_to_stop(self, session_id: str, chat_id: str) -> bool:
        """Whether that was asked of a chat."""
        claim = self._turns.get((session_id, chat_id))
        return claim is not None and claim.to_stop

    def _running(self) -> dict[_ChatKey, _Claim]:
        """The chats whose turn can still come to its end."""
        self._turns = {k: claim for k, claim in self._turns.items() if not claim.loop.is_closed()}
        return self._turns
