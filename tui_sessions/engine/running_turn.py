"""One turn that is under way: it reads the provider, saves what comes, and tells who listens."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from tui_sessions.engine.reply_builder import ReplyBuilder
from tui_sessions.errors import ProviderError, SessionsError
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

Save = Callable[[Sequence[Change]], Awaitable[object]]
Tell = Callable[[ReplyEvent], None]


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
        self._workspace_id = workspace_id
        self._chat_id = chat_id
        self._prompt = prompt
        self._replaces = list(replaces)
        self._save = save
        self._tell_bus = tell
        self._release = release
        self._report = report
        self._events: asyncio.Queue[ReplyEvent | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._reader: asyncio.Task[None] | None = None
        self._saving: asyncio.Task[None] | None = None
        self._stopping = False
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
        self._stopping = True
        if self._reader is not None:
            self._reader.cancel()
        await self.ended.wait()

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
            error = await self._read(provider, request)
            await self._end(error)
        finally:
            self._release()
            self._events.put_nowait(None)
            self.ended.set()

    async def _read(self, provider: Provider, request: ReplyRequest) -> SessionsError | None:
        """Read the stream in a task that `stop` may cancel, saving on the way."""
        self._reader = asyncio.create_task(self._receive(provider, request))
        if self._stopping:
            self._reader.cancel()
        saver = asyncio.create_task(self._save_regularly())
        try:
            await asyncio.wait([self._reader])
        finally:
            self._reader.cancel()
            saver.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await saver
            if self._saving is not None:
                await self._saving
        if self._reader.cancelled():
            self._stopping = True
            return None
        failure = self._reader.exception()
        if failure is None and not self._builder.finished:
            return ProviderError("The reply was cut off before its end; try again.", "cut_off")
        if failure is None or isinstance(failure, SessionsError):
            return failure
        log.error("Provider %s failed", provider.name, exc_info=failure)
        return ProviderError(f"Provider {provider.name!r} failed: {failure or type(failure)}.")

    async def _receive(self, provider: Provider, request: ReplyRequest) -> None:
        stream = provider.stream(request)
        try:
            async for part in stream:
                self._builder.add(part)
                match part:
                    case TextDelta(text):
                        self._tell(ReplyDelta(text=text, **self._where()))
                    case ThinkingDelta(text):
                        self._tell(ReplyDelta(text=text, kind="thinking", **self._where()))
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
        except SessionsError as error:
            self._builder.save_failed()
            self._report(error)

    async def _end(self, error: SessionsError | None) -> None:
        if error is not None:
            message = self._builder.message("failed", str(error))
        else:
            message = self._builder.message("stopped" if self._stopping else "complete")
        put = PutMessage(chat=self._chat_id, value=message_data(message))
        cut_short = error is not None or self._stopping
        if not (self._replaces and self._builder.empty and cut_short):
            try:
                await self._save([*self._replaces, put])
            except SessionsError as failure:
                self._report(failure)
                error = error or failure
        self._release()
        self._tell(self._last_event(message, error))

    def _last_event(self, message: Message, error: SessionsError | None) -> ReplyEvent:
        if error is not None:
            return ReplyFailed(message=message, error=error, **self._where())
        if self._stopping:
            return ReplyStopped(message=message, **self._where())
        return ReplyDone(message=message, **self._where())

    def _tell(self, event: ReplyEvent) -> None:
        self._events.put_nowait(event)
        self._tell_bus(event)

    def _where(self) -> dict[str, str]:
        return {
            "session_id": self._session_id,
            "workspace_id": self._workspace_id,
            "chat_id": self._chat_id,
            "message_id": self.message_id,
        }
