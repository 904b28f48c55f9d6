"""Processes that answer in chats of the store that a test has open."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

from engine_driving import ask

from tui_sessions import AgentConfig, SessionManager

ANSWERING = """
import asyncio, sys
from tui_sessions import open_sessions

async def main(place, session):
    async with open_sessions(place) as manager:
        async for event in manager.send(session, "Tell me"):
            print(event.name, flush=True)
        print(event.message.status, event.message.text, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""
SLOW: list[Any] = ["Once upon ", {"delay_s": 600}, {"next": True}, "a time."]
QUICK: list[Any] = ["Quick."]


class Elsewhere:
    """A process that answers in a chat."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def line(self) -> str:
        assert self.process.stdout is not None
        return (await self.process.stdout.readline()).decode().strip()

    async def until(self, text: str) -> str:
        while not (line := await self.line()).startswith(text):
            assert line, f"it ended without {text!r}"
        return line

    def signal(self, number: int) -> None:
        os.kill(self.process.pid, number)

    async def end(self) -> None:
        await self.process.communicate()


Start = Callable[[str], Awaitable[Elsewhere]]


async def slow_session(manager: SessionManager, *scripts: list[Any]) -> str:
    session = await manager.create_session()
    replies = [QUICK, *(scripts or [SLOW]), QUICK]
    agent = AgentConfig(provider="scripted", parameters={"script": replies})
    await manager.create_chat(session.id, agent=agent)
    await ask(manager, session.id, "First")
    return session.id


async def partial(manager: SessionManager, session_id: str) -> str:
    """Wait until a reply is on disk as far as it has come; its id."""
    while (last := (await manager.history(session_id))[-1]).status != "partial":
        await asyncio.sleep(0.01)
    return last.id
