"""One turn that is under way: it asks, saves what comes, runs tools, and tells who listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec

from tui_sessions.engine.turn.fitting import MOST_CUTS, uses_tools
from tui_sessions.engine.turn.reply_builder import ReplyBuilder
from tui_sessions.engine.turn.reply_reader import Outcome, ReplyReader
from tui_sessions.engine.turn.retrying import wait_before_retry
from tui_sessions.engine.turn.stopping import Stopping, failure_of
from tui_sessions.engine.turn.tool_calls import ToolCalls
from tui_sessions.engine.turn.turn_host import Step, TurnHost, Unfinished
from tui_sessions.engine.turn.turn_telling import TurnTelling
from tui_sessions.errors import ProviderError, SessionsError, StoreError, ToolError
from tui_sessions.model.changes import Change, PutMessage, SetMessage
from tui_sessions.model.codec import message_data
from tui_sessions.model.events import (
    ReplyDelta,
    ReplyEvent,
    ReplyStarted,
    ReplyStep,
    ToolAsked,
    ToolDone,
    ToolStarted,
)
from tui_sessions.model.message import Message, ToolCallPart
from tui_sessions.tools.base import Tool


class RunningTurn:
    """The life of one turn, in a task of its own; it ends in the chat it began in."""

    def __init__(
        self,
        session_id: str,
        workspace_id: str,
        chat_id: str,
        host: TurnHost,
        *,
        prompt: Message | None = None,
        replaces: Sequence[Change] = (),
        continues: Message | None = None,
        unfinished: Unfinished | None = None,
        owed: int = 1,
    ) -> None:
        self._telling = TurnTelling(session_id, workspace_id, chat_id, host.tell)
        self._chat_id = chat_id
        self._host = host
        self._prompt = prompt
        self._replaces = list(replaces)
        self._unsaved_results: list[Change] = []
        """Results of tools that the disk has not taken."""
        self._continued = continues is not None
        self._unfinished = unfinished
        self._builder = ReplyBuilder(continues)
        self.owed = owed
        """How many messages of the turn are still to come, the growing one included."""
        self._rounds = 0
        self._too_long = 0
        """How often the provider found longer than it can read what tools gave back."""
        self._step_asked: Step | None = None
        self._tools: Mapping[str, Tool] = {}
        self._task: asyncio.Task[None] | None = None
        self._stopping = Stopping()
        self.ended = asyncio.Event()

    @property
    def workspace_id(self) -> str:
        """Where the session is."""
        return self._telling.workspace_id

    @property
    def message_id(self) -> str:
        """The id of the reply that is on its way."""
        return self._builder.message_id

    def start(self) -> None:
        """Ask the provider."""
        self._task = asyncio.create_task(self._run(), name="sessions-turn")

    def abandon(self) -> None:
        """End a turn that never started."""
        self._telling.end()
        self.ended.set()

    async def stop(self) -> None:
        """Stop the turn, keep what came, and wait until that is on disk."""
        self._stopping.ask()
        await self.ended.wait()

    def moved(self, workspace_id: str) -> None:
        """The session went to another workspace: tell of the reply there from now on."""
        self._telling.workspace_id = workspace_id

    def reply(self) -> Message:
        """The reply as far as it has come."""
        return self._builder.message("partial")

    def events(self) -> AsyncIterator[ReplyEvent]:
        """What the turn tells, up to its end; to leave early does not stop it."""
        return self._telling.events()

    async def _run(self) -> None:
        try:
            self._telling.tell(ReplyStarted, self.message_id, prompt=self._prompt)
            await self._stopping.run(self._host.make_room())
            await self._converse()
        finally:
            self._host.release()
            self._telling.end()
            self.ended.set()

    async def _converse(self) -> None:
        """Ask the agent, run the tools that it calls for, and ask again until it calls none."""
        if self._unfinished is not None and not await self._finish(self._unfinished):
            return
        while True:
            status, error = await self._reply()
            calls = self._builder.calls if status == "complete" and self._tools else ()
            if not calls:
                await self._end(status, error)
                return
            if not await self._step(calls):
                return

    async def _reply(self) -> Outcome:
        """One reply, asked for again while the provider asks to wait and nothing has come."""
        tries = 0
        while True:
            status, error = await self._ask()
            if self._can_be_cut(error):
                self._too_long += 1
                continue
            tries += 1
            wait = wait_before_retry(error, tries, self._host.settings.retry)
            if error is None or wait is None or not self._builder.empty or self._stopping.asked:
                return status, error
            self._telling.tell_wait(self.message_id, wait, error, tries)
            await self._stopping.run(asyncio.sleep(wait))

    def _can_be_cut(self, error: SessionsError | None) -> bool:
        """Whether a request was too long whose tools' results can be cut more than they were."""
        if not isinstance(error, ProviderError) or error.kind != "context_too_long":
            return False
        step = self._step_asked
        cuttable = step is not None and uses_tools(step.request) and self._too_long < MOST_CUTS
        return cuttable and self._builder.empty and not self._stopping.asked

    async def _ask(self) -> Outcome:
        self._step_asked = None
        if self._stopping.asked:
            return "stopped", None
        preparing = await self._stopping.run(self._host.prepare(self._too_long))
        if (failure := failure_of(preparing)) is not None:
            return "failed", _as_error(failure, "The request could not be made")
        if preparing.cancelled() or not preparing.done():
            return "stopped", None
        step = self._step_asked = preparing.result()
        self._tools = step.tools
        self._builder.begin(step.request)
        reader = ReplyReader(
            self._builder,
            self._chat_id,
            save=self._save,
            tell=self._tell_piece,
            report=self._host.report,
        )
        return await reader.read(step.provider, step.request, self._stopping)

    async def _step(self, calls: Sequence[ToolCallPart]) -> bool:
        """Save a reply that ends with tool calls, and run them; tells whether to go on."""
        if self._rounds > self._host.settings.tools.max_rounds:
            await self._end("failed", _too_many_rounds(calls, self._rounds - 1))
            return False
        try:
            await self._host.claim(len(calls) + 1)
        except Exception as failure:
            await self._end("failed", _as_error(failure, "The tools could not be run"))
            return False
        message = self._builder.step()
        try:
            await self._save([PutMessage(chat=self._chat_id, value=message_data(message))])
        except Exception as failure:
            await self._end_unsaved(message, failure)
            return False
        self.owed = len(calls) + 1
        self._builder = ReplyBuilder()
        self._telling.tell(ReplyStep, message.id, message=message)
        return await self._use_tools(message, calls)

    async def _finish(self, unfinished: Unfinished) -> bool:
        """Run what a message that is on disk calls for; tells whether to go on."""
        preparing = await self._stopping.run(self._host.prepare(self._too_long))
        if preparing.done() and not preparing.cancelled() and preparing.exception() is None:
            self._tools = preparing.result().tools
        return await self._use_tools(unfinished.message, unfinished.calls)

    async def _use_tools(self, message: Message, calls: Sequence[ToolCallPart]) -> bool:
        """Run the calls of a message; tells whether the turn goes on."""
        self._rounds += 1
        tools = self._tool_calls(message)
        running = await self._stopping.run(self._run_tools(message, calls, tools))
        if (failure := failure_of(running)) is not None:
            await self._end_unsaved(message, failure)
            return False
        if running.done() and not running.cancelled():
            return True
        stopped = msgspec.structs.replace(message, status="stopped")
        change = SetMessage(chat=self._chat_id, message=message.id, fields={"status": "stopped"})
        try:
            for result in tools.left_over():
                await self._keep_result(message, result)
            await self._save([change])
        except Exception as error:
            await self._end_unsaved(message, error)
            return False
        self._finished(stopped)
        return False

    def _tool_calls(self, message: Message) -> ToolCalls:
        return ToolCalls(
            self._tools,
            self._host.settings.tools,
            ask=lambda call, tool: self._host.ask(
                call, tool, lambda: self._tell_asked(message, call, tool)
            ),
            started=lambda call: self._telling.tell(ToolStarted, message.id, call=call),
        )

    async def _run_tools(
        self, message: Message, calls: Sequence[ToolCallPart], tools: ToolCalls
    ) -> None:
        allowed = self._rounds <= self._host.settings.tools.max_rounds
        results = tools.results(calls) if allowed else tools.refused(calls)
        try:
            async for result in results:
                saving = asyncio.ensure_future(self._keep_result(message, result))
                try:
                    await asyncio.shield(saving)
                finally:
                    await asyncio.wait([saving])
        finally:
            await results.aclose()

    async def _keep_result(self, message: Message, result: Message) -> None:
        put = PutMessage(chat=self._chat_id, value=message_data(result))
        self._unsaved_results.append(put)
        await self._save([put])
        self._unsaved_results.remove(put)
        self.owed -= 1
        self._telling.tell(ToolDone, message.id, message=result)

    async def _save(self, changes: Sequence[Change]) -> None:
        """Save changes; what the turn replaces goes with the first of them."""
        await self._host.save([*self._replaces, *changes])
        self._replaces.clear()

    async def _end(self, status: str, error: SessionsError | None) -> None:
        message = self._builder.message(status, str(error) if error else None)
        if isinstance(error, ProviderError):
            metadata = message.metadata | {"error_kind": error.kind}
            message = msgspec.structs.replace(message, metadata=metadata)
        put = PutMessage(chat=self._chat_id, value=message_data(message))
        keeps_old = self._continued or bool(self._replaces)
        if not (keeps_old and self._builder.empty and status != "complete"):
            try:
                await self._save([put])
            except Exception as failure:
                await self._end_unsaved(message, failure, error)
                return
        self._finished(message, error)

    async def _end_unsaved(
        self, message: Message, failure: BaseException, error: SessionsError | None = None
    ) -> None:
        """End the turn after a save that failed; what came is handed over and kept all the same."""
        if isinstance(failure, Exception):
            self._host.report(failure)
        error = error or _as_error(failure, "The reply could not be saved")
        message = msgspec.structs.replace(message, status="failed", error=str(error))
        put = PutMessage(chat=self._chat_id, value=message_data(message))
        await self._host.keep([*self._replaces, put, *self._unsaved_results])
        self._finished(message, error)

    def _finished(self, message: Message, error: SessionsError | None = None) -> None:
        self._host.release()
        self._telling.tell_end(message, error)

    def _tell_piece(self, text: str, kind: str, offset: int) -> None:
        self._telling.tell(ReplyDelta, self.message_id, text=text, kind=kind, offset=offset)

    def _tell_asked(self, message: Message, call: ToolCallPart, tool: Tool) -> None:
        self._telling.tell(
            ToolAsked, message.id, call=call, tool=tool.name, description=tool.description
        )


def _as_error(failure: BaseException, what: str) -> SessionsError:
    """A failure as an error that names what to do."""
    if isinstance(failure, SessionsError):
        return failure
    return StoreError(f"{what}: {str(failure) or type(failure).__name__}")


def _too_many_rounds(calls: Sequence[ToolCallPart], rounds: int) -> ToolError:
    return ToolError(
        calls[0].name,
        f"the agent used tools {rounds} times in this turn and calls for more: continue the "
        "reply to let it, or raise `tools.max_rounds` in the settings.",
    )
