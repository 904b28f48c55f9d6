"""Agents with tools that play a script."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from engine_driving import Watched

from tui_sessions import Chat, Message, SessionManager, ToolResultPart


def call(tool: str, id: str = "t1", **arguments: Any) -> dict[str, Any]:  # noqa: A002
    """A step of a script: the model calls a tool."""
    return {"tool_call": {"name": tool, "id": id, "arguments": arguments}}


NEXT = {"next": True}


async def tool_chat(
    manager: SessionManager, *steps: Any, tools: list[str] | None = None
) -> tuple[str, Chat]:
    """A session whose chat plays one reply, with tools."""
    session = await manager.create_session()
    chat = await manager.create_chat(
        session.id,
        overrides={
            "provider": "scripted",
            "parameters": {"script": [list(steps), ["And then."]]},
            "tools": ["add"] if tools is None else tools,
        },
    )
    return session.id, chat


def register(manager: SessionManager) -> list[tuple[int, int]]:
    """Register `add`; gives the calls that it got."""
    got: list[tuple[int, int]] = []

    def add(a: int, b: int) -> int:
        """Adds two numbers."""
        got.append((a, b))
        return a + b

    manager.tools.register(add)
    return got


async def asked(manager: SessionManager, session_id: str) -> Watched:
    """A question whose agent waits for an answer to its first tool call."""
    turn = Watched(manager.send(session_id, "Go"))
    await turn.until("tool_asked")
    return turn


def shape(messages: list[Message]) -> list[tuple[str, str, str]]:
    """Roles, statuses, and what the messages say."""
    return [(m.role, m.status, m.text or results(m)) for m in messages]


def results(message: Message) -> str:
    """What tools gave back in a message."""
    return " ".join(
        ("!" if part.is_error else "") + part.text
        for part in message.content
        if isinstance(part, ToolResultPart)
    )


class Slow:
    """A tool that runs until it is let go, and notes whether it was cancelled."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.go = asyncio.Event()
        self.cancelled = False

    def tool(self) -> Callable[[], Any]:
        async def slow() -> str:
            """Takes its time."""
            self.begun.set()
            try:
                await self.go.wait()
            except asyncio.CancelledError:
                self.cancelled = True
                raise
            return "at last"

        return slow
