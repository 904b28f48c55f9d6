"""A running MCP server: begun, looked after and ended by one task."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

from tui_sessions.settings import McpSettings

if TYPE_CHECKING:
    from tui_sessions.tools.mcp_client import ServerClient

START_S = 60.0
"""Seconds that a server has to begin: one that is fetched first takes a while."""
END_S = 5.0
"""Seconds that a server has to end."""
PING_S = 2.0
"""Seconds that a server which runs has to show it; one that is busy is not taken for gone."""


class Connection:
    """A running server, held by one task from its start to its end, as its client demands."""

    def __init__(self, settings: McpSettings) -> None:
        self._settings = settings
        self._ready: asyncio.Future[ServerClient] = asyncio.get_running_loop().create_future()
        # Whoever waits for it may have been stopped: its failure is nobody's then.
        self._ready.add_done_callback(lambda ready: ready.cancelled() or ready.exception())
        self._ending = asyncio.Event()
        self._task = asyncio.create_task(self._hold(), name="sessions-mcp")

    async def lost(self, *, silent_is_lost: bool) -> bool:
        """It failed or ended; one that was killed is only found out by asking.

        Args:
            silent_is_lost: whether one that does not answer counts as lost: it is not at work.
        """
        if self._task.done():
            return True
        if not self._ready.done():
            return False
        if self._ready.exception() is not None:
            return True
        client = self._ready.result().client
        try:
            async with asyncio.timeout(PING_S):
                await client.ping()
        except TimeoutError:
            return silent_is_lost or not client.is_connected()
        except Exception as error:
            return not is_answer(error)
        return False

    async def server(self) -> ServerClient:
        """The server, once it has begun; to stop waiting does not stop it."""
        return await asyncio.shield(self._ready)

    async def close(self) -> None:
        """End it, by force where it takes too long."""
        self._ending.set()
        await asyncio.wait([self._task], timeout=END_S)
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task], timeout=END_S)

    async def _hold(self) -> None:
        try:
            server = await asyncio.to_thread(_client, self._settings)
            async with asyncio.timeout(START_S) as start, server:
                start.reschedule(None)
                self._ready.set_result(server)
                await self._ending.wait()
        except BaseException as error:
            if not self._ready.done():
                shown = error if isinstance(error, Exception) else ConnectionError("it was ended")
                self._ready.set_exception(shown)
            if not isinstance(error, Exception):
                raise


def is_answer(error: Exception) -> bool:
    """Whether a failure is what the server said, and not that it is gone."""
    from tui_sessions.tools import mcp_client

    return mcp_client.is_answer(error)


def _client(settings: McpSettings) -> ServerClient:
    """The client for a server; loading the library behind it takes seconds."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        from tui_sessions.tools.mcp_client import ServerClient
    finally:
        if was_on:
            gc.enable()
    return ServerClient(settings, START_S)
