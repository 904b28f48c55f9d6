"""Answers that are no stream though their status tells of no error, told as what they are.

Gateways and proxies answer so, with an error as plain JSON; the log-in pages of open networks too,
and addresses that have moved: no request is sent on, as a key goes to the settings' address only.
"""

from __future__ import annotations

import codecs
import json
import re
import zlib
from collections.abc import AsyncIterator

import httpx2

from tui_sessions.providers.library.failures import message_in

_BAD_GATEWAY = 502
"""What is not the endpoint's own answer counts as this status."""
_LONGEST_ANSWER = 64_000
"""Bytes of an answer that are looked at."""
_ENOUGH = 9
"""Bytes that tell a stream of events."""
_PACKED = ("gzip", "x-gzip")
_GZIP = 31
"""What zlib calls the format of gzip."""
_LARGEST_PIECE = 65_536
"""Bytes that are unpacked at once, however little they were packed into."""
_EVENT = re.compile(rb"(\xef\xbb\xbf)?\s*((data|event|id|retry)\s*)?:")


async def tell_no_stream(response: httpx2.Response) -> None:
    """Give an answer without events the status and the words of an error."""
    stream = response.stream
    if response.request.method != "POST" or not isinstance(stream, httpx2.AsyncByteStream):
        return
    if response.is_redirect:
        await stream.aclose()
        place = response.headers.get("location", "") or "somewhere that it does not name"
        _say(response, _BAD_GATEWAY, f"it has moved to {place}")
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if not response.is_success or encoding not in ("identity", *_PACKED):
        return
    pieces = aiter(stream) if encoding == "identity" else _unpacked(stream)
    try:
        begun = await _read(pieces, _ENOUGH)
        if _EVENT.match(begun):
            _unmark(response)
            response.stream = _GoingOn(stream, begun.removeprefix(codecs.BOM_UTF8), pieces)
            return
        answer = begun + await _read(pieces, _LONGEST_ANSWER)
    except httpx2.DecodingError as error:
        await stream.aclose()
        _say(response, _BAD_GATEWAY, str(error))
        return
    await stream.aclose()
    _say(response, *_as_error(answer))


async def _unpacked(stream: httpx2.AsyncByteStream) -> AsyncIterator[bytes]:
    """What was packed on the way, though nobody asked for that."""
    unpacking = zlib.decompressobj(_GZIP)
    async for piece in stream:
        packed = piece
        while packed and not unpacking.eof:
            try:
                unpacked = unpacking.decompress(packed, _LARGEST_PIECE)
            except zlib.error:
                raise httpx2.DecodingError("it says that it is packed, and is not") from None
            packed = unpacking.unconsumed_tail
            if unpacked:
                yield unpacked


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


def _say(response: httpx2.Response, status: int, words: str) -> None:
    """Have a response say that, as an error."""
    response.status_code = status
    _unmark(response)
    response.stream = httpx2.ByteStream(words.encode())


def _unmark(response: httpx2.Response) -> None:
    """Take away what was said of the answer as it came over the wire."""
    for name in ("content-length", "content-encoding"):
        response.headers.pop(name, None)


async def _read(pieces: AsyncIterator[bytes], enough: int) -> bytes:
    """So many bytes that are more than space, or all there are, and no endless space."""
    read = b""
    while len(read.lstrip()) < enough and len(read) < _LONGEST_ANSWER:
        if (piece := await anext(pieces, None)) is None:
            break
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
    first = body[0] if isinstance(body, list) and body else body
    error = first.get("error", first) if isinstance(first, dict) else None
    code = str(error.get("code", "")) if isinstance(error, dict) else ""
    return int(code) if re.fullmatch(r"[45]\d\d", code, re.ASCII) else _BAD_GATEWAY, said
