"""Replies of other processes that are stopped or whose chat or session is ended from here."""

from __future__ import annotations

import signal

import pytest
from answering_elsewhere import SLOW, Start, partial, slow_session
from engine_driving import Watched

from tui_sessions import AgentConfig, ReplyStopped, SessionManager, SessionNotFound


async def test_a_reply_can_be_stopped_from_another_process(
    manager: SessionManager, elsewhere: Start
) -> None:
    session_id = await slow_session(manager)
    process = await elsewhere(session_id)
    assert await manager.stop(session_id) is True
    assert await process.until("stopped") == "stopped Once upon"
    assert await manager.running_elsewhere() == []
    last = (await manager.history(session_id))[-1]
    assert (last.status, last.text) == ("stopped", "Once upon ")
    assert await manager.stop(session_id) is False


async def test_to_stop_ones_own_reply_leaves_those_of_other_processes_alone(
    manager: SessionManager, elsewhere: Start
) -> None:
    session_id = await slow_session(manager)
    await elsewhere(session_id)
    agent = AgentConfig(provider="scripted", parameters={"script": [SLOW]})
    other = await manager.create_chat(session_id, agent=agent)
    turn = Watched(manager.send(session_id, "Hello", chat_id=other.id))
    await turn.until("reply_delta")
    assert await manager.stop(session_id) is True
    assert isinstance(await turn.end(), ReplyStopped)
    assert len(await manager.running_elsewhere()) == 1


@pytest.mark.parametrize("verb", ["delete", "delete_chat", "expire"])
async def test_what_ends_a_chat_stops_its_reply_elsewhere_and_keeps_what_came(
    manager: SessionManager, elsewhere: Start, verb: str
) -> None:
    session_id = await slow_session(manager)
    process = await elsewhere(session_id)
    chat = (await manager.get_session(session_id)).active_chat_id or ""
    if verb == "delete_chat":
        await manager.delete_chat(session_id, chat)
        await process.until("stopped")
        return
    await getattr(manager, verb)(session_id)
    assert await process.until("stopped") == "stopped Once upon"
    assert await manager.running_elsewhere() == []
    if verb == "delete":
        await process.end()
        assert await manager.list_sessions() == []
        await manager.undelete(session_id)
    last = (await manager.history(session_id))[-1]
    assert (last.status, last.text) == ("stopped", "Once upon ")


async def test_a_chat_deleted_with_its_reply_elsewhere_comes_back_with_what_came(
    manager: SessionManager, elsewhere: Start
) -> None:
    session_id = await slow_session(manager)
    await elsewhere(session_id)
    chat = (await manager.get_session(session_id)).active_chat_id or ""
    assert await manager.stop(session_id, chat)
    data = await manager.chat_json(session_id, chat)
    await manager.delete_chat(session_id, chat)
    await manager.restore_chat(session_id, data)
    assert (await manager.history(session_id, chat))[-1].text == "Once upon "


async def test_a_program_that_does_not_hear_keeps_nobody_from_deleting(
    manager: SessionManager, elsewhere: Start
) -> None:
    session_id = await slow_session(manager)
    process = await elsewhere(session_id)
    await partial(manager, session_id)
    process.signal(signal.SIGSTOP)
    assert await manager.delete(session_id)
    process.signal(signal.SIGCONT)
    assert "Once upon" in await process.until("failed")
    with pytest.raises(SessionNotFound):
        await manager.get_session(session_id)
    await manager.undelete(session_id)
    assert (await manager.history(session_id))[-1].text == "Once upon "
