"""A small MCP server by MCP's own library: tools that work, fail, and say odd things."""

from __future__ import annotations

import os
import sys

from mcp.server.mcpserver import Image, MCPServer

server = MCPServer("demo")


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def fail() -> str:
    """Fails."""
    raise ValueError("kaputt")


@server.tool()
def tell(name: str) -> str:
    """What a variable of its environment holds."""
    return os.environ.get(name, "(not set)")


@server.tool()
def draw() -> Image:
    """A picture."""
    return Image(data=b"\x89PNG-of-sorts", format="png")


@server.tool()
def shapes() -> dict[str, list[int]]:
    """Something with a structure."""
    return {"sizes": [1, 2]}


@server.tool(name="odd name!", description="\x1b]52;c;evil\x07[red]mark[/up]")
def odd() -> str:
    return "\x1b[2Jodd"


@server.tool(name="x" * 300)
def long_name() -> str:
    return "long"


if __name__ == "__main__":
    server.run("stdio") if len(sys.argv) < 2 else server.run(
        "streamable-http", host="127.0.0.1", port=int(sys.argv[1])
    )
