"""The tools that agents may name: registered functions, and the servers of the settings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from tui_sessions.errors import InvalidValue, ToolError
from tui_sessions.model.identifiers import check_id
from tui_sessions.model.tool import ToolSpec
from tui_sessions.settings import McpSettings
from tui_sessions.tools.base import Tool
from tui_sessions.tools.functions import function_tool
from tui_sessions.tools.mcp_servers import McpServer
from tui_sessions.tools.wire_names import wire_name


class OfferedTools(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent can use right now."""

    tools: Mapping[str, Tool] = {}
    """By the name that goes over the wire."""
    problems: tuple[ToolError, ...] = ()
    """Why some of what was named is not among them."""

    def specs(self) -> list[ToolSpec]:
        """What the model is told of them."""
        return [
            ToolSpec(name=name, description=tool.description, parameters=tool.parameters)
            for name, tool in self.tools.items()
        ]


class ToolRegistry:
    """Tools by name; a name is a function's, a server's (all of its tools) or `server/tool`.

    ```python
    def add(a: int, b: int) -> int:
        "Adds two numbers."
        return a + b

    registry = ToolRegistry()
    registry.register(add)
    ```
    """

    def __init__(self, servers: Mapping[str, McpSettings] | None = None) -> None:
        self._tools: dict[str, Tool] = {}
        self._servers = {name: McpServer(name, one) for name, one in (servers or {}).items()}

    def register(
        self,
        function_or_tool: Callable[..., Any] | Tool,
        *,
        name: str | None = None,
        description: str | None = None,
    ) -> Tool:
        """Offer a Python function, or a tool made by hand; one of the same name is replaced.

        Raises:
            InvalidId: it has no name that a tool can have.
            InvalidValue: it is no function whose parameters can be given by name.
        """
        if isinstance(function_or_tool, Tool):
            tool = _renamed(function_or_tool, name, description)
        elif callable(function_or_tool):
            tool = function_tool(function_or_tool, name, description)
        else:
            raise InvalidValue("tool", function_or_tool, "a function or a Tool")
        self._tools[tool.name] = tool
        return tool

    def unregister(self, name: str) -> bool:
        """Offer a function no more.

        Returns:
            Whether there was one.
        """
        return self._tools.pop(name, None) is not None

    def names(self) -> tuple[str, ...]:
        """What an agent may name: functions, servers, and the tools of servers that have run."""
        known = [tool.name for server in self._servers.values() for tool in server.known]
        return (*self._tools, *(name for name in self._servers if name not in self._tools), *known)

    async def specs(self, names: Iterable[str]) -> list[ToolSpec]:
        """What a model is told of the tools of these names, as far as they can be had now."""
        return (await self.offer(tuple(names))).specs()

    def known_specs(self, names: Collection[str]) -> list[ToolSpec]:
        """The same as far as it is known at once: no server is started for it."""
        tools = [tool for name, tool in self._tools.items() if name in names]
        for place, server in self._servers.items():
            tools += [t for t in server.known if place in names or t.name in names]
        return OfferedTools(tools={tool.name: tool for tool in tools}).specs()

    async def offer(self, names: Sequence[str]) -> OfferedTools:
        """The tools of these names; a server is started by the first wish for one of its tools."""
        found = await asyncio.gather(*(self._named(name) for name in names))
        offered: dict[str, Tool] = {}
        problems: list[ToolError] = []
        for tools, missing in found:
            problems += missing
            for tool in tools:
                if all(tool.name != other.name for other in offered.values()):
                    offered[wire_name(tool.name, offered)] = tool
        return OfferedTools(tools=offered, problems=tuple(problems))

    async def close(self) -> None:
        """Let go of the servers; those that were started end."""
        await asyncio.gather(*(server.close() for server in self._servers.values()))

    async def _named(self, name: str) -> tuple[Sequence[Tool], Sequence[ToolError]]:
        """The tools that a name stands for, and why some of them cannot be had."""
        if name in self._tools:
            return [self._tools[name]], []
        place, _, rest = name.partition("/")
        server = self._servers.get(place)
        if server is None:
            known = ", ".join(self.names()) or "none"
            return [], [ToolError(name, f"there is none of that name; there are: {known}.")]
        try:
            tools = await server.tools()
        except ToolError as error:
            return [], [error]
        if not rest:
            chosen, missing = tools, server.problems
        else:
            chosen = [tool for tool in tools if tool.name == name]
            missing = tuple(problem for problem in server.problems if problem.tool == name)
        if not chosen and not missing:
            return [], [ToolError(name, f"the server {place!r} has no such tool.")]
        return chosen, missing


def _renamed(tool: Tool, name: str | None, description: str | None) -> Tool:
    return msgspec.structs.replace(
        tool,
        name=check_id(name or tool.name, "tool name"),
        description=tool.description if description is None else description,
    )
