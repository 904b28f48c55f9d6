"""Work on files, in lanes; what another process holds is tried again, and what fails is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from tui_sessions.errors import StoreError
from tui_sessions.model.identifiers import check_id
from tui_sessions.stores import locking
from tui_sessions.stores.lanes import Answer, Lanes
from tui_sessions.stores.locking import HeldElsewhere
from tui_sessions.stores.single_files import explain

T = TypeVar("T")
_PAUSE_S = 0.1
"""Seconds until a session that another process holds is tried again."""


class PatientLanes:
    """Does work on files in threads; what the system says of a failure becomes a sentence."""

    def __init__(self) -> None:
        self._lanes = Lanes()

    async def run(
        self, session_id: str | None, work: Callable[[], T], *, patience_s: float | None = None
    ) -> T:
        """Do work after all earlier work on the same session.

        Args:
            session_id: the session's; None: the work is not about one.
            work: what is done in a thread.
            patience_s: for so many seconds what another process holds is tried again, by default
                `locking.PATIENCE_S`.
        """
        run = partial(self._lanes.run, session_id or "", work)
        return await _patiently(session_id, run, patience_s)

    async def run_answering(self, session_id: str, work: Callable[[Answer[T]], T]) -> T:
        """Do the same with work that may give its answer before it has ended."""
        return await _patiently(session_id, partial(self._lanes.run_answering, session_id, work))

    def put(self, session_id: str, work: Callable[[], object]) -> None:
        """Have work done in the same order without waiting for it; it raises nothing."""
        self._lanes.put(session_id, work)

    async def close(self) -> None:
        """Finish what was asked for and end the threads."""
        await self._lanes.close()


async def _patiently(
    session_id: str | None, run: Callable[[], Awaitable[T]], patience_s: float | None = None
) -> T:
    if session_id is not None:
        check_id(session_id, "session id")
    deadline = 0.0
    while True:
        try:
            return await run()
        except HeldElsewhere:
            most = locking.PATIENCE_S if patience_s is None else patience_s
            deadline = deadline or time.monotonic() + most
            if session_id is None or time.monotonic() > deadline:
                raise
        except OSError as error:
            raise StoreError(explain(error), error.filename) from error
        await asyncio.sleep(_PAUSE_S)
