"""MCP servers: programs or addresses that have tools, by the provider library's own client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Container, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from tui_sessions.errors import ToolError
from tui_sessions.model.visible import visible_line
from tui_sessions.settings import McpSettings
from tui_sessions.tools.base import Tool, ToolOutcome
from tui_sessions.tools.mcp_complaints import complaints
from tui_sessions.tools.mcp_connection import Connection, is_answer

if TYPE_CHECKING:
    from tui_sessions.tools.mcp_client import ServerClient

LIST_S = 60.0
"""Seconds that a server has to list its tools."""
PAUSE_S = 30.0
"""Seconds that a server which could not be started is left alone: no request waits for it."""
MOST_TOOLS = 500
LONGEST_NAME = 200
LONGEST_DESCRIPTION = 10_000
LONGEST_REASON = 500
SHORTEST_SECRET = 6
"""Characters; what is shorter stands in ordinary words."""


class McpServer:
    """One server, started by the first wish for its tools and kept until the end.

    What it says of itself and its tools is text from outside: cut where it is too long, and never
    more than text.
    """

    def __init__(self, name: str, settings: McpSettings) -> None:
        self.name = name
        self.known: tuple[Tool, ...] = ()
        """Its tools, as it listed them last."""
        self.problems: tuple[ToolError, ...] = ()
        """Why others that it listed with them cannot be used."""
        self._settings = settings
        self._connection: Connection | None = None
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
        server = await self._connected()
        try:
            async with asyncio.timeout(LIST_S):
                self._take_in(*await server.described())
        except Exception as error:
            raise self._failed("did not list its tools", error) from None
        return list(self.known)

    async def close(self) -> None:
        """End it, if it was started."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _connected(self) -> ServerClient:
        """The server, started where it does not run; one that failed just now is left alone."""
        clock = asyncio.get_running_loop().time
        if self._failure is not None and clock() - self._failed_at < PAUSE_S:
            raise ToolError(self.name, self._failure.reason)
        async with self._connecting:
            stuck = self._given_up and not self._calls
            if self._connection is None or await self._connection.lost(silent_is_lost=stuck):
                await self.close()
                self._connection = Connection(self._settings)
            connection = self._connection
        try:
            server = await connection.server()
        except Exception as error:
            self._failure, self._failed_at = self._not_started(error), clock()
            raise self._failure from None
        self._failure = None
        return server

    def _not_started(self, error: Exception) -> ToolError:
        if isinstance(error, ImportError):
            return ToolError(
                self.name,
                'MCP servers need an extra; install it with `pip install "sessions-tui[mcp]"`.',
            )
        return self._failed("could not be started or reached", error)

    async def _call(self, tool: str, arguments: Mapping[str, Any]) -> ToolOutcome:
        try:
            server = await self._connected()
            self._calls += 1
            try:
                result = await server.direct_call_tool(tool, dict(arguments))
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
            if not is_answer(error):
                await self.close()
                lost = f"The server {self.name!r} was lost while the tool ran: {_reason(error)}"
                return ToolOutcome(lost, is_error=True)
            return ToolOutcome(str(error) or "The tool failed.", is_error=True)
        self._given_up = False
        return ToolOutcome(_text(result))

    def _take_in(self, listed: list[Any], refused: Mapping[str, str]) -> None:
        """Keep what of its list can be used, and why the rest cannot."""
        tools: dict[str, Tool] = {}
        faults = dict(refused)
        for one in listed[:MOST_TOOLS]:
            name = str(one.name)
            if fault := _fault_of_name(name, tools):
                faults[name] = fault
                continue
            tools[name] = Tool(
                name=f"{self.name}/{name}",
                description=str(one.description or "")[:LONGEST_DESCRIPTION],
                parameters=one.input_schema,
                call=partial(self._call, name),
            )
        if len(listed) > MOST_TOOLS:
            faults[f"(after {MOST_TOOLS})"] = f"more than {MOST_TOOLS} tools are not taken in"
        self.known = tuple(tools.values())
        self.problems = tuple(self._badly_described(*fault) for fault in faults.items())

    def _badly_described(self, name: str, fault: str) -> ToolError:
        told = visible_line(self._without_secrets(fault))[:LONGEST_REASON]
        shown = visible_line(name)[:LONGEST_NAME]
        return ToolError(f"{self.name}/{shown}", f"it is left out, as the server has it: {told}.")

    def _failed(self, what: str, error: Exception) -> ToolError:
        if isinstance(error, ToolError):
            return error
        reason = self._without_secrets(_reason(error)) or type(error).__name__
        local = self._settings.command is not None
        hint = f"; what it wrote is in {complaints()}" if local else ": its address and its headers"
        return ToolError(self.name, f"the server {what}: {reason} (see `mcp.{self.name}`{hint}).")

    def _without_secrets(self, text: str) -> str:
        """What a server says of itself, without what it was trusted with."""
        told = (value[1:] for value in self._settings.env.values() if value.startswith("$"))
        for name in (*self._settings.headers_env.values(), *told):
            secret = os.environ.get(name, "").strip()
            if len(secret) >= SHORTEST_SECRET:
                text = text.replace(secret, "[secret]")
        return text


def _fault_of_name(name: str, others: Container[str]) -> str:
    """What is wrong with the name of a tool; empty where it can be used."""
    if not 0 < len(name) <= LONGEST_NAME:
        return f"its name is not of 1 to {LONGEST_NAME} characters"
    if name != visible_line(name):
        return "its name has characters that cannot be seen"
    return "there is another one of that name" if name in others else ""


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
    return visible_line(words)[:LONGEST_REASON]
