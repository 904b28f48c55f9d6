"""Calls that a person or a program decides about before they run."""

from pathlib import Path
from typing import Any

import pytest
from engine_driving import Watched, ask, texts, until
from tool_driving import NEXT, asked, call, register, results, tool_chat

from tui_sessions import ReplyDone, SessionManager, ToolCallPart


async def test_a_refused_call_tells_the_model_and_the_turn_goes_on(manager: SessionManager) -> None:
    got = register(manager)
    session, _ = await tool_chat(manager, call("add", a=1, b=2), NEXT, "Pity.")
    turn = await asked(manager, session)
    assert await manager.answer_tool_call(session, "t1", False, reason="too dear")
    assert isinstance(await turn.end(), ReplyDone)
    result = results((await manager.history(session))[2])
    assert result.startswith("!The person refused this call: too dear.")
    assert got == []
    assert "tool_started" not in [event.name for event in turn.events]


async def test_an_allowance_holds_for_its_session_only(manager: SessionManager) -> None:
    register(manager)
    steps = (call("add", a=1, b=2), NEXT, call("add", "t2", a=3, b=4), NEXT, "Done")
    session, _ = await tool_chat(manager, *steps)
    turn = await asked(manager, session)
    await manager.answer_tool_call(session, "t1", True, for_session=True)
    assert isinstance(await turn.end(), ReplyDone)
    assert manager.allowed_tools(session) == ("add",)
    other, _ = await tool_chat(manager, *steps)
    turn = await asked(manager, other)
    await manager.stop(other)
    fork = await manager.fork(session)
    assert manager.allowed_tools(fork.id) == ()
    assert manager.disallow_tool(session, "add")
    assert manager.allowed_tools(session) == ()


async def test_an_allowance_lets_the_calls_that_wait_already_go_on(manager: SessionManager) -> None:
    register(manager)
    steps = [call("add", f"t{i}", a=i, b=0) for i in range(3)]
    session, _ = await tool_chat(manager, *steps, NEXT, "Done")
    turn = await asked(manager, session)
    await until(lambda: len(manager.waiting_tool_calls()) == 3)
    await manager.answer_tool_call(session, "t1", True, for_session=True)
    assert isinstance(await turn.end(), ReplyDone)
    assert texts(await manager.history(session))[-1] == "Done"


async def test_an_allowance_is_in_no_file(open_manager: Any, tmp_path: Path) -> None:
    async with open_manager() as manager:
        register(manager)
        session, _ = await tool_chat(manager, call("add", a=1, b=2), NEXT, "Done")
        manager.allow_tool(session, "add")
        await ask(manager, session, "Go")
    async with open_manager() as manager:
        register(manager)
        assert manager.allowed_tools(session) == ()


async def test_a_deleted_session_takes_its_allowances_along(manager: SessionManager) -> None:
    session = await manager.create_session()
    manager.allow_tool(session.id, "add")
    await manager.delete(session.id)
    await manager.undelete(session.id)
    assert manager.allowed_tools(session.id) == ()


@pytest.mark.parametrize("kind", ["plain", "async", "raising"])
async def test_a_program_can_decide_instead_of_a_person(open_manager: Any, kind: str) -> None:
    asked_for: list[tuple[str, str]] = []

    def approve(session_id: str, one: ToolCallPart) -> bool:
        asked_for.append((session_id, one.name))
        if kind == "raising":
            raise ValueError("no")
        return True

    async def approve_later(session_id: str, one: ToolCallPart) -> bool:
        return approve(session_id, one)

    chosen = approve_later if kind == "async" else approve
    async with open_manager(approve=chosen) as manager:
        got = register(manager)
        session, _ = await tool_chat(manager, call("add", a=1, b=2), NEXT, "Done")
        turn = Watched(manager.send(session, "Go"))
        assert isinstance(await turn.end(), ReplyDone)
    assert asked_for == [(session, "add")]
    assert "tool_asked" not in [event.name for event in turn.events]
    assert got == ([] if kind == "raising" else [(1, 2)])
