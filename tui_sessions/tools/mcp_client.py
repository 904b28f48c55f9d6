"""The client of one MCP server, made of the provider library's; to load that takes seconds."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from fastmcp.client.transports import ClientTransport, StdioTransport
from fastmcp.client.transports.base import TransportOptions
from fastmcp.exceptions import McpError
from fastmcp.exceptions import ToolError as ServerToolError
from jsonschema import SchemaError  # type: ignore[import-untyped]
from jsonschema.validators import validator_for  # type: ignore[import-untyped]
from mcp import ClientSession
from mcp.types import CONNECTION_CLOSED, ListToolsResult, PaginatedRequestParams, Tool
from mcp_types.methods import validate_server_result
from pydantic import ValidationError
from pydantic_ai.mcp import MCPToolset

from tui_sessions.model.visible import visible_line
from tui_sessions.settings import McpSettings
from tui_sessions.tools.mcp_complaints import complaints, trimmed

log = logging.getLogger(__name__)

LONGEST_NOTE = 500


class ServerClient(MCPToolset[None]):
    """A server, reached as its settings say."""

    def __init__(self, settings: McpSettings, timeout_s: float) -> None:
        """Make the client; nothing is started yet.

        Args:
            settings: the server's.
            timeout_s: seconds that it has to begin.

        Raises:
            LookupError: an environment variable that they name is not set, or cannot be sent.
        """
        headers = {name: _header(value) for name, value in settings.headers_env.items()}
        super().__init__(
            _program(settings) if settings.url is None else settings.url,
            headers=headers if settings.url is not None else None,
            init_timeout=timeout_s,
            tool_error_behavior="error",
            log_handler=_note,
        )
        self._judged: tuple[list[Tool], list[str]] | None = None
        """What it listed last, and what is wrong with the schema of each."""
        # The client has no way to be told of another session; its transports have.
        transport = self.client.transport
        described = TransportOptions(session_class=_Session)
        transport.connect_session = partial(transport.connect_session, transport_options=described)

    async def described(self) -> tuple[list[Tool], dict[str, str]]:
        """Its tools, and what is wrong with those that it describes badly, by their names."""
        listed = await self.list_tools()
        if self._judged is None or self._judged[0] is not listed:
            faults = await asyncio.to_thread(lambda: [_fault_of_schema(tool) for tool in listed])
            self._judged = listed, faults
        session, faults = self.client.session, self._judged[1]
        refused = dict(session.refused) if isinstance(session, _Session) else {}
        judged = list(zip(listed, faults, strict=True))
        refused |= {tool.name: fault for tool, fault in judged if fault}
        return [tool for tool, fault in judged if not fault], refused


class _Session(ClientSession):
    """A session to which one tool that is described badly does not cost all the others."""

    def __init__(self, read_stream: Any, write_stream: Any, **others: Any) -> None:
        self.refused: dict[str, str] = {}
        super().__init__(_Received(read_stream, self._sound), write_stream, **others)

    async def list_tools(self, *, params: PaginatedRequestParams | None = None) -> ListToolsResult:
        if params is None or params.cursor is None:
            self.refused.clear()
        return await super().list_tools(params=params)

    def _sound(self, item: Any) -> Any:
        """A message of the server's; a list of tools without those that the protocol refuses."""
        result = getattr(getattr(item, "message", None), "result", None)
        if not isinstance(result, dict) or not isinstance(result.get("tools"), list):
            return item
        if self._fault(result) and not self._fault({**result, "tools": []}):
            listed, result["tools"] = result["tools"], []
            for number, tool in enumerate(listed, 1):
                if fault := self._fault({**result, "tools": [tool]}):
                    self.refused[_name(tool, number)] = fault
                else:
                    result["tools"].append(tool)
        return item

    def _fault(self, result: dict[str, Any]) -> str:
        """What is wrong with a list of tools first; empty where it can be used."""
        try:
            validate_server_result("tools/list", self.protocol_version or _USUAL, result)
        except ValidationError as error:
            wrong = error.errors(include_url=False)[0]
            return f"`{'.'.join(map(str, wrong['loc'][2:]))}`: {wrong['msg']}"
        return ""


_USUAL = "2025-11-25"
"""The version that is meant where none was agreed on."""


class _Received:
    """The stream of what a server sends, each message of it looked at."""

    def __init__(self, stream: Any, look: Callable[[Any], Any]) -> None:
        self._stream = stream
        self._look = look

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    async def receive(self) -> Any:
        return self._look(await self._stream.receive())

    def __aiter__(self) -> _Received:
        return self

    async def __anext__(self) -> Any:
        return self._look(await self._stream.__anext__())

    async def __aenter__(self) -> _Received:
        await self._stream.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> Any:
        return await self._stream.__aexit__(*error)


def is_answer(error: Exception) -> bool:
    """Whether a failure is what the server said, and not that it is gone."""
    if isinstance(error, McpError):
        return bool(error.error.code != CONNECTION_CLOSED)
    return isinstance(error, ServerToolError)


def _fault_of_schema(tool: Tool) -> str:
    """Why a tool's schema is none, which whoever is asked would refuse; empty where it is one."""
    schema = tool.input_schema
    try:
        validator_for(schema).check_schema(schema)
    except (SchemaError, RecursionError) as error:
        place = [*getattr(error, "absolute_path", ())]
        said = str(getattr(error, "message", "it is nested too deep"))
        return f"`{'.'.join(map(str, ['inputSchema', *place]))}`: {said}"
    return ""


def _name(tool: object, number: int) -> str:
    name = tool.get("name") if isinstance(tool, dict) else None
    return name if isinstance(name, str) and name else f"(number {number} of its list)"


def _program(settings: McpSettings) -> ClientTransport:
    """A server that is started as a program."""
    return StdioTransport(
        command=settings.command or "",
        args=list(settings.args),
        env={
            name: _variable(value[1:]) if value.startswith("$") else value
            for name, value in settings.env.items()
        },
        cwd=settings.cwd and str(Path(settings.cwd).expanduser()),
        keep_alive=False,
        log_file=trimmed(complaints()),
    )


def _keep_off_the_screen() -> None:
    """What the client's libraries log of servers goes to whoever collects it, not on the terminal.

    One of them writes there by itself; of the other, logging would where nobody listens.
    """
    own = logging.getLogger("fastmcp")
    own.handlers, own.propagate = [logging.NullHandler()], True
    logging.getLogger("mcp").addHandler(logging.NullHandler())


_keep_off_the_screen()


async def _note(message: Any) -> None:
    """What a server has to say of its work, which nobody asked for."""
    log.info("A server of tools says: %s", visible_line(str(message.data))[:LONGEST_NOTE])


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
