"""An endpoint as OpenAI's, on this machine, that answers with numbered words at a steady rate.

`python token_server.py RATE TOKENS` prints its port; every reply has so many tokens, the last of
which is `theend`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

LAST = "theend"
_HEAD = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: %s\r\n\r\n"


def reply(tokens: int) -> str:
    """The text of every reply."""
    return "".join(_words(tokens))


def _words(tokens: int) -> Iterator[str]:
    yield from (f"w{number} " for number in range(tokens - 1))
    yield LAST


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    if "content-length:" in head:
        await reader.readexactly(int(head.split("content-length:")[1].split()[0]))
    if head.startswith("get"):
        writer.write(_HEAD % b"application/json" + json.dumps({"data": [{"id": "m"}]}).encode())
    else:
        writer.write(_HEAD % b"text/event-stream")
        await _stream(writer, float(sys.argv[1]), int(sys.argv[2]))
    await writer.drain()
    writer.close()


async def _stream(writer: asyncio.StreamWriter, rate: float, tokens: int) -> None:
    began = time.monotonic()
    for number, word in enumerate(_words(tokens)):
        early = number / rate - (time.monotonic() - began)
        if early > 0:
            await writer.drain()
            await asyncio.sleep(early)
        writer.write(_event({"content": word}))
    usage = {"prompt_tokens": 1, "completion_tokens": tokens, "total_tokens": tokens + 1}
    writer.write(_event({}, finish_reason="stop") + _event(None, usage=usage) + b"data: [DONE]\n\n")


def _event(delta: dict[str, str] | None, *, usage: object = None, finish_reason: str = "") -> bytes:
    choices = [{"index": 0, "delta": delta, "finish_reason": finish_reason or None}]
    data: dict[str, Any] = {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
    }
    data["choices"] = [] if delta is None else choices
    if usage:
        data["usage"] = usage
    return b"data: " + json.dumps(data).encode() + b"\n\n"


async def _serve() -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
