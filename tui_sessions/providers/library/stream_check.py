"""Answers that are no stream though their status says that all is well, told as what they are.

Gateways and proxies answer so, with an error as plain JSON; the log-in pages of open networks too.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

import httpx2

from tui_sessions.providers.library.failures import message_in

_BAD_GATEWAY = 502
"""What is not the endpoint's own answer counts as this status."""
_LONGEST_ANSWER = 64_000
"""Bytes of an answer that are looked at."""
_ENOUGH = 6
"""Bytes that tell a stream of events."""
_EVENT = re.compile(rb"\s*(data|event|id|retry)?\s*:")


async def tell_no_stream(response: httpx2.Response) -> None:
    """Give an answer without events the status and the words of an error."""
    stream = response.stream
    asked = response.request.method == "POST" and response.status_code == httpx2.codes.OK
    if not asked or "content-encoding" in response.headers:
        return
    if not isinstance(stream, httpx2.AsyncByteStream):
        return
    pieces = aiter(stream)
    begun = await _read(pieces, _ENOUGH)
    if _EVENT.match(begun):
        response.stream = _GoingOn(stream, begun, pieces)
        return
    answer = begun + await _read(pieces, _LONGEST_ANSWER)
    await stream.aclose()
    response.status_code, words = _as_error(answer)
    response.stream = httpx2.ByteStream(words.encode())


class _GoingOn(httpx2.AsyncByteStream):
    """A stream whose beginning has been read."""

    def __init__(
        self, stream: httpx2.AsyncByteStream, begun: bytes, rest: AsyncIterator[bytes]
    ) -> None:
        self._stream = stream
        self._begun = begun
        self._rest = rest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        begun, self._begun = self._begun, b""
        if begun:
            yield begun
        async for piece in self._rest:
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _read(pieces: AsyncIterator[bytes], enough: int) -> bytes:
    """So many bytes that are more than space, or all there are."""
    read = b""
    while len(read.lstrip()) < enough and (piece := await anext(pieces, None)) is not None:
        read += piece
    return read


def _as_error(answer: bytes) -> tuple[int, str]:
    """The status that an answer should have had, and what it says."""
    text = answer.decode("utf-8-sig", "replace").strip()
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return _BAD_GATEWAY, text if message_in(text) else "it answers with nothing"
    said = text if message_in(body) else "it does not answer with a stream of events"
    error = body.get("error", body) if isinstance(body, dict) else None
    code = str(error.get("code", "")) if isinstance(error, dict) else ""
    return int(code) if re.fullmatch(r"[45]\d\d", code, re.ASCII) else _BAD_GATEWAY, said
