"""The tool calls of one message: each is allowed or refused, run, and answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence

from tui_sessions.engine.turn.approvals import Answer
from tui_sessions.errors import SessionsError
from tui_sessions.model.clock import now
from tui_sessions.model.identifiers import new_id
from tui_sessions.model.message import Message, ToolCallPart, ToolResultPart
from tui_sessions.settings import ToolSettings
from tui_sessions.tools.base import Tool, ToolOutcome

log = logging.getLogger(__name__)

LONGEST_KEPT = 1_000_000
"""Characters of one result that are kept on disk."""


class Refused(ToolOutcome, frozen=True):
    """A call that a person did not let run."""


class ToolCalls:
    """Runs calls side by side, and hands their results out in the order of the calls.

    Whatever goes wrong with a call becomes a result that says so: the model reads it and goes on.
    """

    def __init__(
        self,
        tools: Mapping[str, Tool],
        settings: ToolSettings,
        *,
        ask: Callable[[ToolCallPart, Tool], Awaitable[Answer]],
        started: Callable[[ToolCallPart], None],
    ) -> None:
        self._tools = tools
        self._settings = settings
        self._ask = ask
        self._started = started
        self._unread: list[tuple[ToolCallPart, asyncio.Task[ToolOutcome]]] = []

    async def results(self, calls: Sequence[ToolCallPart]) -> AsyncGenerator[Message]:
        """A message for each call; to leave early stops those that still wait or run."""
        tasks = [asyncio.create_task(self._outcome(call)) for call in calls]
        self._unread = list(zip(calls, tasks, strict=True))
        try:
            for call, task in list(self._unread):
                outcome = await asyncio.shield(task)
                self._unread.pop(0)
                yield result_message(call, outcome)
        finally:
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)

    def left_over(self) -> Iterator[Message]:
        """After `results` was left early: what calls gave back that were done by then.

        They waited for one before them. What a tool has done is not to be done again.
        """
        for call, task in self._unread:
            if task.done() and not task.cancelled() and task.exception() is None:
                yield result_message(call, task.result())

    async def refused(self, calls: Sequence[ToolCallPart]) -> AsyncGenerator[Message]:
        """A message for each call of a turn that used tools as often as it may."""
        rounds = self._settings.max_rounds
        for call in calls:
            sentence = f"Tools ran {rounds} times in this turn, which is the limit: answer now."
            yield result_message(call, _error(sentence))

    async def _outcome(self, call: ToolCallPart) -> ToolOutcome:
        tool = self._tools.get(call.name)
        if tool is None:
            known = ", ".join(self._tools) or "none"
            return _error(f"There is no tool {call.name!r:.140}; there are: {known}.")
        arguments = {} if call.arguments is None else call.arguments
        if not isinstance(arguments, Mapping):
            return _error("The arguments are no JSON object; call it again with one.")
        answer = await self._ask(call, tool)
        if not answer.allowed:
            return Refused(_refusal(answer.reason), is_error=True)
        self._started(call)
        try:
            return await self._run(tool, arguments)
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) is None or task.cancelling():
                raise
            return _error("The tool was cancelled.")

    async def _run(self, tool: Tool, arguments: Mapping[str, object]) -> ToolOutcome:
        limit = asyncio.timeout(self._settings.timeout_s)
        try:
            async with limit:
                return await tool.call(arguments)
        except (Exception, SystemExit) as error:
            # A tool that calls `sys.exit` ends itself, and not the program that runs it.
            if limit.expired():
                return _error(
                    f"The tool gave nothing back within {self._settings.timeout_s:g} s; "
                    "it may still have done something."
                )
            if not isinstance(error, SessionsError):
                log.info("Tool %s failed", tool.name, exc_info=error)
            return _error(f"The tool failed: {type(error).__name__}: {_words_of(error)}")


def result_message(call: ToolCallPart, outcome: ToolOutcome) -> Message:
    """What a call gave back, as a message of the chat."""
    text = shortened(outcome.text, LONGEST_KEPT)
    return Message(
        id=new_id(),
        role="tool",
        content=(ToolResultPart(call.id, text, outcome.is_error),),
        created_at=now(),
        metadata={"refused": True} if isinstance(outcome, Refused) else {},
    )


def shortened(text: str, longest: int) -> str:
    """The text, cut with a mark where it is longer than it may be."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]}\n[… {len(text) - longest:,} more characters were left out]"


def _words_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "it does not say why"


def _error(sentence: str) -> ToolOutcome:
    return ToolOutcome(sentence, is_error=True)


def _refusal(reason: str) -> str:
    why = f": {reason.strip().rstrip('.')}" if reason.strip() else ""
    return f"The person refused this call{why}. Do not try it again unless asked to."
