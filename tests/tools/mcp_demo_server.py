"""A small MCP server, as a program of its own: tools that work, fail, end, and say odd things."""

from __future__ import annotations

import os
import sys
import time

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
def end() -> str:
    """Ends the server."""
    os._exit(3)


@server.tool()
async def hang() -> str:
    """Answers nothing any more, not even a ping."""
    sys.stderr.write("it hangs now\n")
    sys.stderr.flush()
    time.sleep(3600)  # noqa: ASYNC251  that is what it is for
    return "at last"


@server.tool()
def complain() -> str:
    """Writes to its error output."""
    sys.stderr.write("a complaint\n")
    sys.stderr.flush()
    return "done"


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
