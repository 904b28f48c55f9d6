"""Replies that are asked for again."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from engine_driving import Watched, answered, ask, odd, texts

from tui_sessions import (
    ReplyDone,
    ReplyFailed,
    ReplyRequest,
    ReplyStopped,
    ScriptedProvider,
    SessionManager,
)
from tui_sessions.errors import ChatNotFound, InvalidValue


async def test_regenerate_replaces_the_last_reply_and_asks_the_same(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    provider.open("go")
    session = await scripted.create_session()
    await ask(scripted, session.id, "Hello")
    before = await scripted.history(session.id)
    async for event in scripted.regenerate(session.id):
        last = event
    assert isinstance(last, ReplyDone)
    after = await scripted.history(session.id)
    assert after[0] == before[0]
    assert len(after) == 2
    assert after[1].id != before[1].id
    assert [texts(list(r.messages)) for r in provider.requests] == [["Hello"], ["Hello"]]


async def test_the_old_reply_stays_until_something_of_the_new_one_came(
    open_manager: Any,
) -> None:
    scripts = iter([["First"], [{"error": "No."}], [{"gate": "never"}]])

    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        async for part in ScriptedProvider([next(scripts)]).stream(request):
            yield part

    async with open_manager(providers=odd(play)) as manager:
        session = await manager.create_session()
        await ask(manager, session.id, "Hello")
        events = [event async for event in manager.regenerate(session.id)]
        assert isinstance(events[-1], ReplyFailed)
        assert texts(await manager.history(session.id)) == ["Hello", "First"]
        turn = Watched(manager.regenerate(session.id))
        await turn.until("reply_started")
        await manager.stop(session.id)
        assert isinstance(await turn.end(), ReplyStopped)
        assert texts(await manager.history(session.id)) == ["Hello", "First"]


async def test_what_is_added_while_a_reply_is_made_again_stays(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    session_id = await answered(scripted, provider, "Hello")
    turn = Watched(scripted.regenerate(session_id))
    await turn.until("reply_delta")
    await scripted.add_message(session_id, "A note", role="system")
    provider.open("go")
    await turn.end()
    assert set(texts(await scripted.history(session_id))) == {"Hello", "A note"}
    assert len(await scripted.history(session_id)) == 3


async def test_regenerate_without_a_question_is_refused(manager: SessionManager) -> None:
    session = await manager.create_session()
    with pytest.raises(ChatNotFound):
        await anext(manager.regenerate(session.id))
    chat = await manager.create_chat(session.id)
    with pytest.raises(InvalidValue):
        await anext(manager.regenerate(session.id, chat.id))
