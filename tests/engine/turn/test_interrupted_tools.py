"""Turns that end, fail or are killed among their tools."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from engine_driving import Watched, ask
from tool_driving import NEXT, Slow, asked, call, register, shape, tool_chat

from tui_sessions import (
    ReplyDone,
    ReplyFailed,
    ReplyStopped,
    SessionManager,
    StoreError,
    ToolAsked,
    open_sessions,
)


@pytest.mark.parametrize("how", ["stop", "delete", "shutdown", "expire", "delete_chat"])
@pytest.mark.parametrize("when", ["waiting", "running"])
async def test_ending_a_turn_among_its_tools_keeps_what_came(
    open_manager: Any, how: str, when: str
) -> None:
    async with open_manager() as manager:
        slow = Slow()
        manager.tools.register(slow.tool())
        session, chat = await tool_chat(manager, "See.", call("slow"), NEXT, "-", tools=["slow"])
        turn = await asked(manager, session)
        if when == "running":
            await manager.answer_tool_call(session, "t1", True)
            await slow.begun.wait()
        arguments = {"shutdown": (), "delete_chat": (session, chat.id)}.get(how, (session,))
        await getattr(manager, how)(*arguments)
        end = await turn.end()
        assert isinstance(end, ReplyStopped)
        assert (end.message.text, end.message.status) == ("See.", "stopped")
        assert slow.cancelled == (when == "running")
        assert manager.waiting_tool_calls() == []
        assert manager.running() == []
    async with open_manager() as manager:
        if how == "delete_chat":
            assert (await manager.get_session(session)).chats == ()
            return
        if how == "delete":
            await manager.undelete(session)
        assert shape(await manager.history(session)) == [
            ("user", "complete", "Go"), ("assistant", "stopped", "See."),
        ]  # fmt: skip
        if how in ("stop", "shutdown"):
            assert isinstance(await ask(manager, session, "Never mind"), ReplyDone)


async def test_a_disk_that_fails_among_the_tools_ends_the_turn_and_tells(
    manager: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(manager)
    problems: list[Any] = []
    manager.on("lifecycle_error", problems.append)
    session, _ = await tool_chat(manager, "See.", call("add", a=1, b=2), NEXT, "Three")
    turn = await asked(manager, session)

    async def failing(*arguments: Any) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(manager._engine.store, "append", failing)
        await manager.answer_tool_call(session, "t1", True)
        end = await turn.end()
    assert isinstance(end, ReplyFailed)
    assert isinstance(end.error, StoreError)
    assert problems
    question, reply, result = await manager.history(session)
    assert [question.text, reply.text] == ["Go", "See."]
    assert [(part.call_id, part.text) for part in result.content] == [("t1", "3")]
    assert isinstance(await ask(manager, session, "Again"), ReplyDone)


_RUNNING = """
import asyncio, sys
from tui_sessions import *
async def main():
    async with open_sessions("file://" + sys.argv[1]) as manager:
        async def hang() -> None:
            await asyncio.Event().wait()
        manager.tools.register(lambda: "quick one", name="quick")
        manager.tools.register(hang)
        session = await manager.create_session(id="s")
        script = [["See.", {"tool_call": {"name": "quick", "id": "t1"}},
                   {"tool_call": {"name": "hang", "id": "t2"}}, {"next": True}, "Both."], ["Fine"]]
        await manager.create_chat("s", overrides={"provider": "scripted", "parameters": {
            "script": script}, "tools": ["quick", "hang"]})
        manager.allow_tool("s", "quick")
        manager.allow_tool("s", "hang")
        async for event in manager.send("s", "Go"):
            print(event.name, flush=True)
asyncio.run(main())
"""


async def killed_among_tools(folder: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _RUNNING, str(folder), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    seen: list[str] = []
    while "tool_done" not in seen:
        line = (await process.stdout.readline()).decode().strip()
        assert line, seen
        seen.append(line)
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()


async def test_a_kill_among_tools_keeps_what_they_gave_and_the_chat_goes_on(tmp_path: Path) -> None:
    await killed_among_tools(tmp_path)
    async with open_sessions(f"file://{tmp_path}") as manager:
        assert shape(await manager.history("s")) == [
            ("user", "complete", "Go"),
            ("assistant", "complete", "See."),
            ("tool", "complete", "quick one"),
        ]
        end = await ask(manager, "s", "Go on")
        assert isinstance(end, ReplyDone)
        assert end.message.text == "Fine"


async def test_after_a_kill_among_tools_the_turn_can_be_brought_to_its_end(tmp_path: Path) -> None:
    await killed_among_tools(tmp_path)
    async with open_sessions(f"file://{tmp_path}") as manager:
        for name in ("quick", "hang"):
            manager.tools.register(lambda: "now", name=name)
        turn = Watched(manager.continue_reply("s"))
        question = await turn.until("tool_asked")
        assert isinstance(question, ToolAsked)
        assert question.call.id == "t2"
        await manager.answer_tool_call("s", "t2", True)
        assert isinstance(await turn.end(), ReplyDone)
        assert shape(await manager.history("s")) == [
            ("user", "complete", "Go"),
            ("assistant", "complete", "See."),
            ("tool", "complete", "quick one"),
            ("tool", "complete", "now"),
            ("assistant", "complete", "Both."),
        ]
