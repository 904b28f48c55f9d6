"""Asking on the terminal whether a tool may run."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

from tui_sessions.cli.output import note
from tui_sessions.model.events import ToolAsked
from tui_sessions.model.message import ToolCallPart
from tui_sessions.model.visible import visible, visible_line

if TYPE_CHECKING:
    from tui_sessions.engine.session_manager import SessionManager

_LONGEST_ARGUMENTS = 2000
_CHOICE = "Let it run? y once, a always in this run, n no [n]: "


class ToolQuestions:
    """Answers the tool calls of one reply: as the person says, or no where nobody can be asked."""

    def __init__(self, manager: SessionManager, stopped: asyncio.Event) -> None:
        self._manager = manager
        self._stopped = stopped
        self._interactive = sys.stdin.isatty() and sys.stderr.isatty()

    async def answer(self, event: ToolAsked) -> None:
        """Have a call that waits run or refused."""
        if not self._waits(event):
            return
        if not self._interactive:
            note(
                f"Refused {call_text(event.call, event.tool)}: nobody can be asked here; "
                f"allow it with --allow-tool {visible_line(event.tool)}."
            )
            await self._say(event, False, reason="nobody could be asked")
            return
        note(f"The agent wants to run {call_text(event.call, event.tool)}")
        said = (await self._read()).strip().lower()
        always = said in ("a", "always")
        await self._say(event, always or said in ("y", "yes"), always=always)

    def _waits(self, event: ToolAsked) -> bool:
        """Whether the call still waits: an answer to another one may have been for it too."""
        return any(
            (session_id, call.id) == (event.session_id, event.call.id)
            for session_id, _, call in self._manager.waiting_tool_calls()
        )

    async def _say(
        self, event: ToolAsked, allow: bool, *, always: bool = False, reason: str = ""
    ) -> None:
        await self._manager.answer_tool_call(
            event.session_id, event.call.id, allow, for_session=always, reason=reason
        )

    async def _read(self) -> str:
        """A line from the terminal; nothing where the reply is stopped instead."""
        sys.stderr.write(_CHOICE)
        sys.stderr.flush()
        typed = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(sys.stdin.fileno(), typed.set)
        waits = [asyncio.ensure_future(one.wait()) for one in (typed, self._stopped)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            loop.remove_reader(sys.stdin.fileno())
            for one in waits:
                one.cancel()
        # The terminal hands over whole lines: reading one does not wait.
        return sys.stdin.readline() if typed.is_set() else ""


def call_text(call: ToolCallPart, tool: str | None = None) -> str:
    """A call in one line, harmless to a terminal."""
    arguments = json.dumps(call.arguments, ensure_ascii=False, default=str)
    if len(arguments) > _LONGEST_ARGUMENTS:
        arguments = arguments[:_LONGEST_ARGUMENTS] + "…"
    return visible(visible_line(f"{tool or call.name} {arguments}"))
