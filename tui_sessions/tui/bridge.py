"""From the engine's events to Textual's messages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
from textual.message_pump import MessagePump

from tui_sessions.model.events import Event, ReplyDelta
from tui_sessions.tui.messages import EngineHappened

if TYPE_CHECKING:
    from tui_sessions.engine.session_manager import SessionManager

GATHER_S = 1 / 60
"""Seconds between two messages with the deltas that came meanwhile."""


async def forward_events(manager: SessionManager, target: MessagePump) -> None:
    """Post every event of the engine to a screen, until the engine is shut down."""
    posting = _Posting(target)
    async for event in manager.events():
        posting.take(event)
    posting.hand_over()


class _Posting:
    """Posts events in their order; deltas of a reply that follow each other go together."""

    def __init__(self, target: MessagePump) -> None:
        self._target = target
        self._loop = asyncio.get_running_loop()
        self._deltas: list[list[ReplyDelta]] = []
        """What waits, in runs that can become one delta."""
        self._last_of: dict[str, list[ReplyDelta]] = {}
        """The last run of each reply."""
        self._timer: asyncio.TimerHandle | None = None
        self._posted_at = 0.0

    def take(self, event: Event) -> None:
        """Post an event now, or a delta soon."""
        if not isinstance(event, ReplyDelta):
            self.hand_over()
            self._target.post_message(EngineHappened(event))
            return
        run = self._last_of.get(event.message_id)
        if run is None or not _follows(run[-1], event):
            run = self._last_of[event.message_id] = []
            self._deltas.append(run)
        run.append(event)
        if self._timer is None:
            # The first one after a rest does not wait.
            due = max(self._posted_at + GATHER_S, self._loop.time())
            self._timer = self._loop.call_at(due, self.hand_over)

    def hand_over(self) -> None:
        """Post the deltas that wait."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deltas, self._deltas = self._deltas, []
        self._last_of.clear()
        for run in deltas:
            self._target.post_message(EngineHappened(_joined(run)))
        self._posted_at = self._loop.time()


def _follows(before: ReplyDelta, delta: ReplyDelta) -> bool:
    """Whether a delta goes on right where the one before it ends."""
    place = (delta.kind, delta.session_id, delta.workspace_id, delta.chat_id)
    same = place == (before.kind, before.session_id, before.workspace_id, before.chat_id)
    return same and delta.offset == before.offset + len(before.text)


def _joined(run: list[ReplyDelta]) -> ReplyDelta:
    if len(run) == 1:
        return run[0]
    return msgspec.structs.replace(run[0], text="".join(delta.text for delta in run))
