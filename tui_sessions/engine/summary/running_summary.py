"""A summary that is on its way: what keeps its chat busy meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from tui_sessions.engine.summary.summaries import SummaryDraft
from tui_sessions.model.session import Session


class RunningSummary:
    """The work on a summary, in a task of its own; it stands among the turns."""

    owed = 1
    """How many messages are still to come."""

    def __init__(
        self,
        workspace_id: str,
        draft: SummaryDraft,
        *,
        release: Callable[[RunningSummary], object],
        report: Callable[[Exception], object],
    ) -> None:
        self.workspace_id = workspace_id
        """Where the session is."""
        self.message_id = draft.message_id
        """The id that the summary will have."""
        self.reply = draft.message
        """Gives the summary as far as it has come."""
        self._release = release
        self._report = report
        self._task: asyncio.Task[None] | None = None
        self._child: Session | None = None
        self._error: Exception | None = None
        self._waited_for = False
        self.ended = asyncio.Event()

    def start(self, work: Coroutine[Any, Any, Session]) -> None:
        """Begin the work."""
        self._task = asyncio.create_task(self._run(work), name="sessions-summary")

    def abandon(self) -> None:
        """End work that never began."""
        self._release(self)
        self.ended.set()

    async def stop(self) -> None:
        """End it without a summary."""
        if self._task is not None:
            self._task.cancel()
        await self.ended.wait()

    def moved(self, workspace_id: str) -> None:
        """The session went to another workspace."""
        self.workspace_id = workspace_id

    async def result(self) -> Session | None:
        """Wait for the child; None where it was stopped. To leave early does not stop it."""
        self._waited_for = True
        try:
            await self.ended.wait()
        except asyncio.CancelledError:
            self._waited_for = False
            raise
        if self._error is not None:
            raise self._error
        return self._child

    async def _run(self, work: Coroutine[Any, Any, Session]) -> None:
        try:
            self._child = await work
        except asyncio.CancelledError:
            pass
        except Exception as error:
            self._error = error
            if not self._waited_for:
                self._report(error)
        finally:
            self._release(self)
            self.ended.set()
