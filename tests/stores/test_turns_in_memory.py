"""Chats that are taken in a store in memory, which several managers may use."""

from __future__ import annotations

import asyncio

from tui_sessions.stores.base import ClaimingStore
from tui_sessions.stores.memory import MemoryStore


async def test_a_chat_is_taken_once_and_free_again_after() -> None:
    store = MemoryStore()
    assert isinstance(store, ClaimingStore)
    assert await store.claim_turn("s1", "c1") is True
    assert await store.claim_turn("s1", "c1") is False
    assert await store.claim_turn("s1", "c2") is True
    assert await store.claimed_turns() == [("s1", "c1"), ("s1", "c2")]
    store.release_turn("s1", "c1")
    store.release_turn("s1", "c1")  # once more is no error
    assert await store.claimed_turns() == [("s1", "c2")]
    assert await store.claim_turn("s1", "c1") is True


async def test_who_has_taken_a_chat_is_asked_to_stop_and_the_next_is_not() -> None:
    store = MemoryStore()
    await store.ask_to_stop("s1", "c1")  # nobody has
    await store.claim_turn("s1", "c1")
    assert await store.asked_to_stop("s1", "c1") is False
    await store.ask_to_stop("s1", "c1")
    assert await store.asked_to_stop("s1", "c1") is True
    store.release_turn("s1", "c1")
    assert await store.asked_to_stop("s1", "c1") is False
    await store.claim_turn("s1", "c1")
    assert await store.asked_to_stop("s1", "c1") is False


async def test_a_chat_is_nobodys_once_the_loop_of_its_turn_is_closed() -> None:
    store = MemoryStore()

    def take_and_end() -> bool | None:
        return asyncio.run(store.claim_turn("s1", "c1"))

    assert await asyncio.to_thread(take_and_end) is True
    assert await store.claimed_turns() == []
    assert await store.claim_turn("s1", "c1") is True
