"""An endpoint that fails in every way there is, byte for byte, on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
from types import TracebackType
from typing import Any, Self

import fault_scripts
from anthropic_scripts import ANTHROPIC
from fault_scripts import HANG, KEY_ECHO, text
from google_scripts import GOOGLE, GOOGLE_ANSWERS, GOOGLE_LIST
from mistral_scripts import MISTRAL, MISTRAL_LIST

ANSWERS = {**fault_scripts.ANSWERS, **GOOGLE_ANSWERS}
STREAMS = {**fault_scripts.STREAMS, **ANTHROPIC, **GOOGLE, **MISTRAL}
LISTS = {"google": GOOGLE_LIST, "mistral": MISTRAL_LIST}
"""Lists of models, by the first word of the scenario."""
_STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)


class FaultServer:
    """`async with FaultServer() as server`; the path of `address` names what goes wrong."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        """The bodies that came, in order."""
        self.headers: list[dict[str, str]] = []
        """The heads that came with them."""
        self.left: asyncio.Event = asyncio.Event()
        """A client went away while it was being answered."""
        self.answers_well = False
        """Answer all scenarios as a healthy endpoint would, from now on."""
        self.answers_as = ""
        """Answer all scenarios as this one, from now on."""
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def address(self, scenario: str) -> str:
        """Where an endpoint with that fault is."""
        return f"http://127.0.0.1:{self.port}/{scenario}/v1"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while True:
                await self._answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method, path, _ = first.split()
        scenario = "ok" if self.answers_well else path.strip("/").split("/")[0]
        scenario = self.answers_as or scenario
        if method == "POST":
            self.headers.append(headers)
            self.requests.append(json.loads(body))
        if scenario in ("blind", "large_picture"):
            scenario = f"{scenario}_400" if b"image_url" in body else "ok"
        if scenario in ANSWERS:
            status, more, said = ANSWERS[scenario]
            bearer = headers.get("authorization", "").removeprefix("Bearer ")
            key = headers.get("x-goog-api-key", bearer)
            written = said if isinstance(said, str) else json.dumps(said).replace(KEY_ECHO, key)
            await _plain(writer, status, more, written)
        elif method == "GET":
            usual = {"data": [{"id": "m", "max_model_len": 99}]}
            await _plain(writer, 200, {}, json.dumps(LISTS.get(scenario.split("_")[0], usual)))
        else:
            await self._stream(STREAMS[scenario], reader, writer)

    async def _stream(
        self, script: list[str | bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(_STREAM_HEAD if script[0] != HANG else b"")
        for step in script:
            match step:
                case fault_scripts.HANG:
                    await self._until_left(reader)
                case fault_scripts.FLOW:
                    await self._flow(reader, writer)
                case fault_scripts.RESET:
                    data = text(" world").encode()
                    writer.write(b"%x\r\n" % len(data) + data[:20])
                    await writer.drain()
                    raise ConnectionResetError
                case _:
                    await _chunk(writer, step)
        await _chunk(writer, b"")

    async def _flow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        leaving = asyncio.create_task(self._until_left(reader))
        try:
            number = 0
            while not leaving.done():
                number += 1
                await _chunk(writer, text(f" w{number}"))
                await asyncio.wait([leaving], timeout=0.002)
        finally:
            leaving.cancel()
        raise ConnectionResetError

    async def _until_left(self, reader: asyncio.StreamReader) -> None:
        # A client that leaves with data unread resets the connection.
        with contextlib.suppress(ConnectionError):
            await reader.read(1)
        self.left.set()
        raise ConnectionResetError


async def _chunk(writer: asyncio.StreamWriter, data: str | bytes) -> None:
    raw = data if isinstance(data, bytes) else data.encode()
    writer.write(b"%x\r\n" % len(raw) + raw + b"\r\n")
    await writer.drain()


async def _plain(
    writer: asyncio.StreamWriter, status: int, headers: dict[str, str], body: str
) -> None:
    packed = headers.get("content-encoding") == "gzip"
    data = gzip.compress(body.encode()) if packed else body.encode()
    fields = {"content-type": "application/json", "content-length": str(len(data)), **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    writer.write(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + data)
    await writer.drain()
