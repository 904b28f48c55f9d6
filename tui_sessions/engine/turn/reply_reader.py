"""Reading one reply from a provider, and saving what arrives on the way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from tui_sessions.engine.turn.reply_builder import ReplyBuilder
from tui_sessions.engine.turn.stopping import Stopping, failure_of
from tui_sessions.errors import ProviderError, SessionsError
from tui_sessions.model.changes import Change
from tui_sessions.providers.base import Provider, ReplyRequest, TextDelta, ThinkingDelta

log = logging.getLogger(__name__)

SAVE_EVERY_S = 0.5
"""Seconds between two saves of a reply that is arriving."""

Outcome = tuple[str, SessionsError | None]
"""The status of a reply, and why it failed if it did."""


class ReplyReader:
    """Brings one stream into a builder, tells of its pieces, and saves them regularly."""

    def __init__(
        self,
        builder: ReplyBuilder,
        chat_id: str,
        *,
        save: Callable[[Sequence[Change]], Awaitable[object]],
        tell: Callable[[str, str, int], None],
        report: Callable[[Exception], None],
    ) -> None:
        self._builder = builder
        self._chat_id = chat_id
        self._save = save
        self._tell = tell
        self._report = report
        self._saving: asyncio.Task[None] | None = None
        self._saves_fail = False

    async def read(self, provider: Provider, request: ReplyRequest, stopping: Stopping) -> Outcome:
        """Read until the stream ends or is stopped."""
        saver = asyncio.create_task(self._save_regularly())
        try:
            reader = await stopping.run(self._receive(provider, request, stopping))
        finally:
            saver.cancel()
            await asyncio.wait([saver])
            if self._saving is not None:
                await self._saving
        return self._outcome(request.agent.provider, reader, stopping)

    def _outcome(self, provider: str, reader: asyncio.Task[None], stopping: Stopping) -> Outcome:
        """How the reply ended: a stop that came after its end changes nothing of it."""
        failure = failure_of(reader)
        if failure is not None and not isinstance(failure, SessionsError):
            log.error("Provider %s failed", provider, exc_info=failure)
        if self._builder.finished:
            return "complete", None
        if stopping.asked:
            return "stopped", None
        if failure is None:
            error = ProviderError(
                "The reply was cut off before its end: continue it, or try again.", "cut_off"
            )
            return "failed", error
        if isinstance(failure, SessionsError):
            return "failed", failure
        reason = str(failure).rstrip(".") or type(failure).__name__
        return "failed", ProviderError(f"Provider {provider!r:.140} failed: {reason}.")

    async def _receive(self, provider: Provider, request: ReplyRequest, stopping: Stopping) -> None:
        stream = provider.stream(request)
        try:
            async for part in stream:
                if stopping.asked:
                    break
                offset = self._builder.length
                self._builder.add(part)
                match part:
                    case TextDelta(text):
                        self._tell(text, "text", offset)
                    case ThinkingDelta(text) if text:
                        self._tell(text, "thinking", offset)
        finally:
            if close := getattr(stream, "aclose", None):
                await close()

    async def _save_regularly(self) -> None:
        """Bring what has arrived to the disk; a failure is told and tried again later."""
        while True:
            await asyncio.sleep(SAVE_EVERY_S)
            changes = self._builder.unsaved_changes(self._chat_id)
            if changes:
                self._saving = asyncio.create_task(self._save_progress(changes))
                await asyncio.shield(self._saving)

    async def _save_progress(self, changes: Sequence[Change]) -> None:
        try:
            await self._save(changes)
            self._saves_fail = False
        except Exception as error:
            self._builder.save_failed()
            if not self._saves_fail:
                self._report(error)
            self._saves_fail = True
