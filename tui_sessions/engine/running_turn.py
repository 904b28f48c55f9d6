"""One turn that is under way: it reads the provider, saves what comes, and tells who listens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from tui_sessions.engine.reply_builder import ReplyBuilder
from tui_sessions.errors import ProviderError, SessionsError, StoreError
from tui_sessions.model.changes import Change, PutMessage
from tui_sessions.model.codec import message_data
from tui_sessions.model.events import (
    ReplyDelta,
    ReplyDone,
    ReplyEvent,
    ReplyFailed,
    ReplyStarted,
    ReplyStopped,
)
from tui_sessions.model.message import Message
from tui_sessions.providers.base import Provider, ReplyRequest, TextDelta, ThinkingDelta

log = logging.getLogger(__name__)

SAVE_EVERY_S = 0.5
"""Seconds between two saves of a reply that is arriving."""
STOP_PATIENCE_S = 5.0
"""Seconds that a provider has to let go of a reply that is stopped."""

Save = Callable[[Sequence[Change]], Awaitable[object]]
Tell = Callable[[ReplyEvent], None]
Outcome = tuple[str, SessionsError | None]
"""The status of a reply, and why it failed if it did."""


class RunningTurn:
    """The life of one reply, in a task of its own; it ends in the chat it began in."""

    def __init__(
        self,
        session_id: str,
        workspace_id: str,
        chat_id: str,
        *,
        prompt: Message | None,
        replaces: Sequence[Change],
        save: Save,
        tell: Tell,
        release: Callable[[], object],
        report: Callable[[Exception], None],
    ) -> None:
        self._session_id = session_id
        self.workspace_id = workspace_id
        """Where the session is."""
        self._chat_id = chat_id
        self._prompt = prompt
        self._replaces = list(replaces)
        self._save = save
        self._tell_bus = tell
        self._release = release
        self._report = report
        self._events: asyncio.Queue[ReplyEvent | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._saving: asyncio.Task[None] | None = None
        self._saves_fail = False
        self._stop_asked = asyncio.Event()
        self._builder = ReplyBuilder(None)
        self.ended = asyncio.Event()

    @property
    def message_id(self) -> str:
        """The id of the reply."""
        return self._builder.message_id

    def start(self, provider: Provider, request: ReplyRequest) -> None:
        """Ask the provider."""
        self._builder = ReplyBuilder(request.agent.model)
        self._task = asyncio.create_task(self._run(provider, request), name="sessions-turn")

    def abandon(self) -> None:
        """End a turn that never started."""
        self._events.put_nowait(None)
        self.ended.set()

    async def stop(self) -> None:
        """Stop the reply, keep what came, and wait until that is on disk."""
        self._stop_asked.set()
        await self.ended.wait()

    def moved(self, workspace_id: str) -> None:
        """The session went to another workspace: tell of the reply there from now on."""
        self.workspace_id = workspace_id

    def reply(self) -> Message:
        """The reply as far as it has come."""
        return self._builder.message("partial")

    async def events(self) -> AsyncIterator[ReplyEvent]:
        """What the turn tells, up to its end; to leave early does not stop it."""
        while (event := await self._events.get()) is not None:
            yield event

    async def _run(self, provider: Provider, request: ReplyRequest) -> None:
        try:
            self._tell(ReplyStarted(prompt=self._prompt, **self._where()))
            status, error = await self._read(provider, request)
            await self._end(status, error)
        finally:
            self._release()
            self._events.put_nowait(None)
            self.ended.set()

    async def _read(self, provider: Provider, request: ReplyRequest) -> Outcome:
        """Read the stream in a task of its own until it ends or is stopped, saving on the way."""
        if self._stop_asked.is_set():
            return "stopped", None
        reader = asyncio.create_task(self._receive(provider, request))
        stop = asyncio.create_task(self._stop_asked.wait())
        saver = asyncio.create_task(self._save_regularly())
        try:
            await asyncio.wait([reader, stop], return_when=asyncio.FIRST_COMPLETED)
        finally:
            reader.cancel()
            stop.cancel()
            saver.cancel()
            await asyncio.wait([reader], timeout=STOP_PATIENCE_S)
            await asyncio.wait([stop, saver])
            if self._saving is not None:
                await self._saving
        return self._outcome(request.agent.provider, reader)

    def _outcome(self, provider: str, reader: asyncio.Task[None]) -> Outcome:
        """How the reply ended: a stop that came after its end changes nothing of it."""
        failure = _failure(reader)
        if failure is not None and not isinstance(failure, SessionsError):
            log.error("Provider %s failed", provider, exc_info=failure)
        if self._builder.finished:
            return "complete", None
        if self._stop_asked.is_set():
            return "stopped", None
        if failure is None:
            error = ProviderError("The reply was cut off before its end; try again.", "cut_off")
            return "failed", error
        if isinstance(failure, SessionsError):
            return "failed", failure
        reason = str(failure).rstrip(".") or type(failure).__name__
        return "failed", ProviderError(f"Provider {provider!r:.140} failed: {reason}.")

    async def _receive(self, provider: Provider, request: ReplyRequest) -> None:
        stream = provider.stream(request)
        try:
            async for part in stream:
                if self._stop_asked.is_set():
                    break
                offset = self._builder.length
                self._builder.add(part)
                match part:
                    case TextDelta(text):
                        self._tell(ReplyDelta(text=text, offset=offset, **self._where()))
                    case ThinkingDelta(text):
                        self._tell(
                            ReplyDelta(text=text, kind="thinking", offset=offset, **self._where())
                        )
        finally:
            if close := getattr(stream, "aclose", None):
                await close()

    async def _save_regularly(self) -> None:
        """Bring what has arrived to the disk; a failure is told and tried again later."""
        while True:
            await asyncio.sleep(SAVE_EVERY_S)
            changes = self._builder.unsaved_changes(self._chat_id)
            if changes:
                progress = self._save_progress([*self._replaces, *changes])
                self._saving = asyncio.create_task(progress)
                await asyncio.shield(self._saving)

    async def _save_progress(self, changes: Sequence[Change]) -> None:
        try:
            await self._save(changes)
            self._replaces.clear()
            self._saves_fail = False
        except Exception as error:
            self._builder.save_failed()
            if not self._saves_fail:
                self._report(error)
            self._saves_fail = True

    async def _end(self, status: str, error: SessionsError | None) -> None:
        message = self._builder.message(status, str(error) if error else None)
        put = PutMessage(chat=self._chat_id, value=message_data(message))
        if not (self._replaces and self._builder.empty and status != "complete"):
            try:
                await self._save([*self._replaces, put])
            except Exception as failure:
                self._report(failure)
                status, error = "failed", error or _unsaved(failure)
                message = self._builder.message(status, str(error))
        self._release()
        self._tell(self._last_event(status, message, error))

    def _last_event(self, status: str, message: Message, error: SessionsError | None) -> ReplyEvent:
        if error is not None:
            return ReplyFailed(message=message, error=error, **self._where())
        if status == "stopped":
            return ReplyStopped(message=message, **self._where())
        return ReplyDone(message=message, **self._where())

    def _tell(self, event: ReplyEvent) -> None:
        self._events.put_nowait(event)
        self._tell_bus(event)

    def _where(self) -> dict[str, str]:
        return {
            "session_id": self._session_id,
            "workspace_id": self.workspace_id,
            "chat_id": self._chat_id,
            "message_id": self.message_id,
        }


def _failure(reader: asyncio.Task[None]) -> BaseException | None:
    """Why a reader ended, where it was not stopped; also one that would not let itself be."""
    if not reader.done() or reader.cancelled():
        return None
    return reader.exception()


def _unsaved(failure: Exception) -> SessionsError:
    """A failed save as an error that names what to do."""
    if isinstance(failure, SessionsError):
        return failure
    return StoreError(f"The reply could not be saved: {failure or type(failure).__name__}")
