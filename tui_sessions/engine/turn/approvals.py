"""Which tool calls may run: what a person allowed, and the calls that wait for an answer."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from tui_sessions.errors import ToolError
from tui_sessions.model.message import ToolCallPart

log = logging.getLogger(__name__)

Approve = Callable[[str, ToolCallPart], Awaitable[bool] | bool]
"""Decides instead of a person: called with the session's id and the call."""


class Answer(NamedTuple):
    """What was said to a tool call."""

    allowed: bool
    reason: str = ""
    """Why it was refused; the model reads it."""


class WaitingCall(NamedTuple):
    """A tool call that nobody has answered yet."""

    session_id: str
    chat_id: str
    call: ToolCallPart
    tool: str
    answer: asyncio.Future[Answer]


class Approvals:
    """Allowances of sessions, kept in memory only: a file can bring none along."""

    def __init__(self, approve: Approve | None = None) -> None:
        self._approve = approve
        self._allowed: dict[str, set[str]] = {}
        self._missing: dict[tuple[str, str], tuple[ToolError, ...]] = {}
        self.waiting: list[WaitingCall] = []
        """In the order in which they were asked."""

    def allow(self, session_id: str, name: str) -> None:
        """Let a tool, or all tools of a server, run in a session without asking."""
        self._allowed.setdefault(session_id, set()).add(name)
        for one in self.waiting:
            if one.session_id == session_id and self.permits(session_id, one.tool):
                _settle(one, Answer(True))

    def disallow(self, session_id: str, name: str) -> bool:
        """Ask again from now on; tells whether it was allowed."""
        known = self._allowed.get(session_id, set())
        there = name in known
        known.discard(name)
        return there

    def allowed(self, session_id: str) -> frozenset[str]:
        """What may run in a session without asking."""
        return frozenset(self._allowed.get(session_id, ()))

    def permits(self, session_id: str, tool: str) -> bool:
        """Whether a tool may run without asking: it is allowed itself, or its server is."""
        known = self._allowed.get(session_id, ())
        return tool in known or tool.partition("/")[0] in known

    def forget(self, session_id: str) -> None:
        """Drop what is known of a session that is gone."""
        self._allowed.pop(session_id, None)
        for key in [key for key in self._missing if key[0] == session_id]:
            del self._missing[key]

    def note_missing(
        self, session_id: str, chat_id: str, problems: tuple[ToolError, ...]
    ) -> list[ToolError]:
        """Note which tools a chat's agent is without; gives those that it had until now."""
        known = {str(problem) for problem in self.missing(session_id, chat_id)}
        self._missing.pop((session_id, chat_id), None)
        if problems:
            self._missing[session_id, chat_id] = problems
        return [problem for problem in problems if str(problem) not in known]

    def missing(self, session_id: str, chat_id: str) -> tuple[ToolError, ...]:
        """Why a chat's agent was without some of its tools when it was asked last."""
        return self._missing.get((session_id, chat_id), ())

    def answer(self, one: WaitingCall, answer: Answer, *, for_session: bool) -> None:
        """Let a waiting call go on; for the session, others of its tool too."""
        _settle(one, answer)
        if answer.allowed and for_session:
            self.allow(one.session_id, one.tool)

    async def ask(
        self, session_id: str, chat_id: str, call: ToolCallPart, tool: str, tell: Callable[[], Any]
    ) -> Answer:
        """What is said to a call; `tell` is called where a person has to say it."""
        if self.permits(session_id, tool):
            return Answer(True)
        if self._approve is not None:
            return await _decided(self._approve, session_id, call)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        waiting = WaitingCall(session_id, chat_id, call, tool, answer)
        self.waiting.append(waiting)
        try:
            tell()
            return await answer
        finally:
            self.waiting.remove(waiting)


def _settle(one: WaitingCall, answer: Answer) -> None:
    if not one.answer.done():
        one.answer.set_result(answer)


async def _decided(approve: Approve, session_id: str, call: ToolCallPart) -> Answer:
    """What a program says; one that fails allows nothing."""
    try:
        said = approve(session_id, call)
        return Answer(bool(await said if inspect.isawaitable(said) else said))
    except Exception:
        log.exception("Asking whether %s may run failed", call.name)
        return Answer(False, "whoever decides could not be asked")
