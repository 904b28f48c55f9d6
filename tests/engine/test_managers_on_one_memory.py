"""Two managers of one store in memory: one turn at a time in a chat among both."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from engine_driving import ask, begun

from tui_sessions import (
    AgentConfig,
    MemoryStore,
    ProviderRegistry,
    ReplyDone,
    ScriptedProvider,
    SessionBusy,
    SessionManager,
    open_sessions,
)


@pytest.fixture
def provider() -> ScriptedProvider:
    return ScriptedProvider([["Begun ", {"gate": "go"}, "and ended."]])


@pytest.fixture
async def managers(
    provider: ScriptedProvider,
) -> AsyncIterator[tuple[SessionManager, SessionManager]]:
    store, providers = MemoryStore(), ProviderRegistry()
    providers.register("scripted", lambda: provider)
    async with (
        open_sessions(store, providers=providers) as one,
        open_sessions(store, providers=providers) as other,
    ):
        yield one, other


async def chat_of(manager: SessionManager) -> str:
    session = await manager.create_session()
    await manager.create_chat(session.id, agent=AgentConfig(provider="scripted"))
    return session.id


async def test_a_chat_that_one_answers_in_is_busy_for_the_other(
    managers: tuple[SessionManager, SessionManager], provider: ScriptedProvider
) -> None:
    one, other = managers
    session_id = await chat_of(one)
    turn = await begun(one, session_id)
    with pytest.raises(SessionBusy):
        await ask(other, session_id, "Me too")
    assert [owner for owner, _ in await other.running_elsewhere()] == [session_id]
    provider.open("go")
    assert isinstance(await turn.end(), ReplyDone)
    assert isinstance(await ask(other, session_id, "And now"), ReplyDone)
    roles = [message.role for message in await one.history(session_id)]
    assert roles == ["user", "assistant", "user", "assistant"]


async def test_the_reply_of_one_is_stopped_and_kept_by_the_other(
    managers: tuple[SessionManager, SessionManager],
) -> None:
    one, other = managers
    session_id = await chat_of(one)
    turn = await begun(one, session_id)
    assert await other.stop(session_id) is True
    assert (await turn.end()).name == "reply_stopped"
    assert [m.status for m in await other.history(session_id)] == ["complete", "stopped"]


async def test_a_manager_that_ends_leaves_the_turns_of_the_other_alone(
    provider: ScriptedProvider,
) -> None:
    store, providers = MemoryStore(), ProviderRegistry()
    providers.register("scripted", lambda: provider)
    async with open_sessions(store, providers=providers) as one:
        session_id = await chat_of(one)
        turn = await begun(one, session_id)
        async with open_sessions(store, providers=providers) as other:
            await other.history(session_id)
        async with open_sessions(store, providers=providers) as third:
            with pytest.raises(SessionBusy):
                await ask(third, session_id, "Me too")
        provider.open("go")
        assert isinstance(await turn.end(), ReplyDone)
