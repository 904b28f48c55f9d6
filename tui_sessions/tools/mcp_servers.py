"""MCP servers: programs or addresses that have tools, by the provider library's own client."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import os
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_sessions.errors import ToolError
from tui_sessions.model.visible import visible_line
from tui_sessions.paths import log_file
from tui_sessions.settings import McpSettings
from tui_sessions.tools.base import Tool, ToolOutcome

if TYPE_CHECKING:
    from pydantic_ai.mcp import MCPToolset

log = logging.getLogger(__name__)

START_S = 60.0
"""Seconds that a server has to begin: one that is fetched first takes a while."""
END_S = 5.0
"""Seconds that a server has to end."""
PING_S = 2.0
"""Seconds that a server which runs has to show it; one that is busy is not taken for gone."""
PAUSE_S = 30.0
"""Seconds that a server which could not be started is left alone: no request waits for it."""
MOST_TOOLS = 500
LONGEST_NAME = 200
LONGEST_DESCRIPTION = 10_000
LONGEST_NOTE = 500
SHORTEST_SECRET = 6
"""Characters; what is shorter stands in ordinary words."""
LONGEST_LOG = 1_000_000
"""Bytes of what servers complained of; what is older goes at the next start of one."""


class McpServer:
    """One server, started by the first wish for its tools and kept until the end.

    What it says of itself and its tools is text from outside: cut where it is too long, and never
    more than text.
    """

    def __init__(self, name: str, settings: McpSettings) -> None:
        self.name = name
        self.known: tuple[Tool, ...] = ()
        """Its tools, as it listed them last."""
        self._settings = settings
        self._connection: _Connection | None = None
        self._connecting = asyncio.Lock()
        self._calls = 0
        """How many calls it is answering."""
        self._given_up = False
        """A call was given up, and none has been answered since."""
        self._failure: ToolError | None = None
        self._failed_at = 0.0

    async def tools(self) -> list[Tool]:
        """Its tools, named `server/tool`.

        Raises:
            ToolError: it cannot be started or reached, or does not answer as it should.
        """
        toolset = await self._connected()
        try:
            async with asyncio.timeout(START_S):
                listed = await toolset.list_tools()
            self.known = tuple(self._tools_of(listed))
        except Exception as error:
            raise self._failed("did not list its tools", error) from None
        return list(self.known)

    async def close(self) -> None:
        """End it, if it was started."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _connected(self) -> MCPToolset[None]:
        """The server, started where it does not run; one that failed just now is left alone."""
        clock = asyncio.get_running_loop().time
        if self._failure is not None and clock() - self._failed_at < PAUSE_S:
            raise ToolError(self.name, self._failure.reason)
        async with self._connecting:
            stuck = self._given_up and not self._calls
            if self._connection is None or await self._connection.lost(silent_is_lost=stuck):
                await self.close()
                self._connection = _Connection(self._settings)
            connection = self._connection
        try:
            toolset = await connection.toolset()
        except Exception as error:
            self._failure, self._failed_at = self._not_started(error), clock()
            raise self._failure from None
        self._failure = None
        return toolset

    def _not_started(self, error: Exception) -> ToolError:
        if isinstance(error, ImportError):
            return ToolError(
                self.name,
                'MCP servers need an extra; install it with `pip install "sessions-tui[mcp]"`.',
            )
        return self._failed("could not be started or reached", error)

    async def _call(self, tool: str, arguments: Mapping[str, Any]) -> ToolOutcome:
        try:
            toolset = await self._connected()
            self._calls += 1
            try:
                result = await toolset.direct_call_tool(tool, dict(arguments))
            finally:
                self._calls -= 1
        except asyncio.CancelledError:
            self._given_up = True
            raise
        except ToolError as error:
            return ToolOutcome(str(error), is_error=True)
        except ValueError as error:
            odd = (
                f"What the server {self.name!r} gave back is no result of a tool: {_reason(error)}"
            )
            return ToolOutcome(odd, is_error=True)
        except Exception as error:
            if not _is_answer(error):
                await self.close()
                lost = f"The server {self.name!r} was lost while the tool ran: {_reason(error)}"
                return ToolOutcome(lost, is_error=True)
            return ToolOutcome(str(error) or "The tool failed.", is_error=True)
        self._given_up = False
        return ToolOutcome(_text(result))

    def _tools_of(self, listed: list[Any]) -> list[Tool]:
        tools: dict[str, Tool] = {}
        for one in listed[:MOST_TOOLS]:
            name = str(one.name)
            if not 0 < len(name) <= LONGEST_NAME or name != visible_line(name) or name in tools:
                continue
            schema = getattr(one, "input_schema", None) or getattr(one, "inputSchema", None)
            tools[name] = Tool(
                name=f"{self.name}/{name}",
                description=str(one.description or "")[:LONGEST_DESCRIPTION],
                parameters=schema if isinstance(schema, dict) else {"type": "object"},
                call=partial(self._call, name),
            )
        return list(tools.values())

    def _failed(self, what: str, error: Exception) -> ToolError:
        if isinstance(error, ToolError):
            return error
        reason = self._without_secrets(_reason(error)) or type(error).__name__
        local = self._settings.command is not None
        hint = (
            f"; what it wrote is in {_complaints()}" if local else ": its address and its headers"
        )
        return ToolError(self.name, f"the server {what}: {reason} (see `mcp.{self.name}`{hint}).")

    def _without_secrets(self, text: str) -> str:
        """What a server says of itself, without what it was trusted with."""
        told = (value[1:] for value in self._settings.env.values() if value.startswith("$"))
        for name in (*self._settings.headers_env.values(), *told):
            secret = os.environ.get(name, "").strip()
            if len(secret) >= SHORTEST_SECRET:
                text = text.replace(secret, "[secret]")
        return text


class _Connection:
    """A running server, held by one task from its start to its end, as its client demands."""

    def __init__(self, settings: McpSettings) -> None:
        self._settings = settings
        self._ready: asyncio.Future[MCPToolset[None]] = asyncio.get_running_loop().create_future()
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
            return not _is_answer(error)
        return False

    async def toolset(self) -> MCPToolset[None]:
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
            toolset = await asyncio.to_thread(_toolset, self._settings)
            async with asyncio.timeout(START_S) as start, toolset:
                start.reschedule(None)
                self._ready.set_result(toolset)
                await self._ending.wait()
        except BaseException as error:
            if not self._ready.done():
                shown = error if isinstance(error, Exception) else ConnectionError("it was ended")
                self._ready.set_exception(shown)
            if not isinstance(error, Exception):
                raise


def _toolset(settings: McpSettings) -> MCPToolset[None]:
    """The library's client for a server; loading the library takes seconds."""
    is_new = "fastmcp" not in sys.modules
    was_on = gc.isenabled()
    gc.disable()
    try:
        from fastmcp.client.transports import StdioTransport
        from pydantic_ai.mcp import MCPToolset
    finally:
        if was_on:
            gc.enable()
    if is_new:
        _keep_off_the_screen()
    if settings.url is not None:
        headers = {name: _header(value) for name, value in settings.headers_env.items()}
        return MCPToolset(
            settings.url,
            headers=headers,
            init_timeout=START_S,
            tool_error_behavior="error",
            log_handler=_note,
        )
    transport = StdioTransport(
        command=settings.command or "",
        args=list(settings.args),
        env={
            name: _variable(value[1:]) if value.startswith("$") else value
            for name, value in settings.env.items()
        },
        cwd=settings.cwd and str(Path(settings.cwd).expanduser()),
        keep_alive=False,
        # What it complains of must not be written over the screen.
        log_file=_trimmed(_complaints()),
    )
    return MCPToolset(
        transport, init_timeout=START_S, tool_error_behavior="error", log_handler=_note
    )


def _keep_off_the_screen() -> None:
    """What the client's libraries log of servers goes to whoever collects it, not on the terminal.

    One of them writes there by itself; of the other, logging would where nobody listens.
    """
    own = logging.getLogger("fastmcp")
    own.handlers, own.propagate = [logging.NullHandler()], True
    logging.getLogger("mcp").addHandler(logging.NullHandler())


async def _note(message: Any) -> None:
    """What a server has to say of its work, which nobody asked for."""
    log.info("A server of tools says: %s", visible_line(str(message.data))[:LONGEST_NOTE])


def _complaints() -> Path:
    """Where servers' own error output goes."""
    path = log_file().with_name("mcp.log")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _trimmed(path: Path) -> Path:
    """The file, without its older half where it has grown too long.

    It is shortened in place: servers that run go on writing at its end.
    """
    with contextlib.suppress(FileNotFoundError), path.open("r+b") as file:
        if file.seek(0, os.SEEK_END) > LONGEST_LOG:
            file.seek(-LONGEST_LOG // 2, os.SEEK_END)
            newest = file.read()
            file.seek(0)
            file.write(newest[newest.find(b"\n") + 1 :])
            file.truncate()
    return path


def _variable(name: str) -> str:
    """The value of an environment variable.

    Raises:
        LookupError: it is not set.
    """
    value = os.environ.get(name)
    if not value:
        raise LookupError(f"the environment variable {name} is not set")
    return value


def _header(name: str) -> str:
    """The value of an environment variable that goes into a header.

    Raises:
        LookupError: it is not set, or cannot be sent; what refuses it later would quote it.
    """
    value = _variable(name).strip()
    if not value.isascii() or not value.isprintable():
        raise LookupError(
            f"the environment variable {name} has a line break or a character that no header takes"
        )
    return value


def _is_answer(error: Exception) -> bool:
    """Whether a failure is what the server said, and not that it is gone."""
    from fastmcp.exceptions import McpError
    from fastmcp.exceptions import ToolError as ServerToolError
    from mcp.types import CONNECTION_CLOSED

    if isinstance(error, McpError):
        return bool(error.error.code != CONNECTION_CLOSED)
    return isinstance(error, ServerToolError)


def _text(result: Any) -> str:
    """What a tool gave back as text; what is none is named."""
    if isinstance(result, str):
        return result
    if isinstance(result, list) and any(_is_binary(one) for one in result):
        return "\n".join(_text(one) for one in result)
    if _is_binary(result):
        return f"({result.media_type}, {len(result.data):,} bytes, not shown)"
    if result is None or result == []:
        return ""
    with contextlib.suppress(TypeError, ValueError):
        return json.dumps(result, ensure_ascii=False)
    return str(result)


def _is_binary(value: object) -> bool:
    return hasattr(value, "media_type") and hasattr(value, "data")


def _reason(error: BaseException) -> str:
    """What went wrong, on one line; of a group, the first of it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError) and not str(error):
        return "it took too long"
    # A check of what came tells a link and the value, line by line, behind what is wrong with it.
    words = " ".join(str(error).partition(" [type=")[0].split())
    return visible_line(words)[:500]
