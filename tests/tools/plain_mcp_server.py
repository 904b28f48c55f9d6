"""An MCP server in plain JSON lines: starts in no time, and shares no library with the client."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any


def schema(**types: str) -> dict[str, Any]:
    properties = {name: {"type": kind} for name, kind in types.items()}
    return {"type": "object", "properties": properties, "required": list(types)}


TOOLS = [
    {
        "name": "add",
        "description": "Adds two numbers.",
        "inputSchema": schema(a="integer", b="integer"),
    },
    {
        "name": "tell",
        "description": "What a variable of its environment holds.",
        "inputSchema": schema(name="string"),
    },
    {"name": "chatter", "description": "Says more than it is asked.", "inputSchema": schema()},
    {"name": "odd_result", "description": "Gives back what is none.", "inputSchema": schema()},
    {"name": "complain", "description": "Writes to its error output.", "inputSchema": schema()},
    {"name": "hang", "description": "Answers nothing any more.", "inputSchema": schema()},
    {"name": "end", "description": "Ends the server.", "inputSchema": schema()},
]

BADLY_DESCRIBED = [
    {"name": "no_object", "inputSchema": {"type": "array"}},
    {"description": "Has no name.", "inputSchema": schema()},
    {"name": "nonsense", "inputSchema": schema(a="nonsense")},
    {"name": 3, "inputSchema": schema()},
]


def call(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    if name == "chatter":
        note = {"level": "error", "data": "\x1b]0;mine now\x07"}
        say({"jsonrpc": "2.0", "method": "notifications/message", "params": note})
        print("not even JSON", flush=True)  # noqa: T201  what it does wrong
    if name == "complain":
        complain("a complaint")
    if name == "hang":
        complain("it hangs now")
        time.sleep(3600)
    if name == "end":
        os._exit(3)
    if name == "odd_result":
        return {"content": [{"type": "smell", "of": "roses"}]}
    if name == "add":
        text = str(arguments["a"] + arguments["b"])
    elif name == "tell":
        text = os.environ.get(arguments["name"], "(not set)")
    else:
        text = str(os.getpid())
    return {"content": [{"type": "text", "text": text}], "isError": False}


def answer(method: str, params: dict[str, Any]) -> dict[str, Any] | None:
    if method == "initialize":
        return {
            "protocolVersion": params["protocolVersion"],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "plain", "version": "1"},
        }
    if method == "tools/list":
        return {"tools": [*BADLY_DESCRIBED, *TOOLS] if sys.argv[1:] else TOOLS}
    if method == "tools/call":
        return call(params["name"], params["arguments"])
    return {} if method == "ping" else None


def complain(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201  what it is asked for


def say(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)  # noqa: T201  the protocol


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        if "id" not in request:
            continue
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
        result = answer(request["method"], request.get("params") or {})
        if result is None:
            reply["error"] = {"code": -32601, "message": "Method not found"}
        else:
            reply["result"] = result
        say(reply)


if __name__ == "__main__":
    main()
