"""Events of a stream that come at nearly the same time, made fewer before the library reads them.

The library takes a fifth of a millisecond for each event, whatever is in it: most of what a fast
reply costs. Text that is cut into many events costs hardly more than one when it is joined first.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import msgspec

_REST_S = 0.02
"""Seconds between two looks at what has come, less than between two frames of the screen; the first
event after a rest does not wait."""
_PAUSE_S = 0.016
"""Seconds after all that was there has been read until the connection is looked at again: to read
each word as it comes costs as much as to show it."""
_DATA, _END = b"data: ", b"\n\n"
_OF_EACH = ("usage", "created", "obfuscation")
"""What may differ from event to event: only the latest says anything."""
_TEXTS = frozenset({"content", "reasoning_content", "reasoning"})


async def gather_events(response: httpx2.Response) -> None:
    """Have the events of a response gathered as they are read, where it is a stream of them."""
    kind = response.headers.get("content-type", "")
    plain = "content-encoding" not in response.headers
    if plain and kind.startswith("text/event-stream"):
        stream = response.stream
        if isinstance(stream, httpx2.AsyncByteStream):
            response.stream = _Gathered(stream)


class _Gathered(httpx2.AsyncByteStream):
    """Reads a stream as it comes, and hands over in few and large pieces."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream
        self._reading: asyncio.Task[None] | None = None
        self._come: list[bytes] = []
        self._news = asyncio.Event()
        self._turned = False
        """Others had a turn since the last piece: it was waited for, or read anew."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        # Whoever comes again, to make sure that nothing is left, goes on where the first one ended:
        # the stream itself would never end for those.
        reading, clock = self._reading, asyncio.get_running_loop().time
        rest, due = b"", clock()
        while not reading.done() or self._come:
            await self._news.wait()
            if (early := due - clock()) > 0:
                await asyncio.sleep(early)
            self._news.clear()
            due = clock() + _REST_S
            come, self._come = b"".join([rest, *self._come]), []
            events, rest = _whole(come)
            if events:
                yield events
        if rest:
            yield rest
        await reading

    async def aclose(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await self._stream.aclose()

    async def _read(self) -> None:
        looks = 0
        self._watch_turn()
        try:
            async for piece in self._stream:
                self._come.append(piece)
                self._news.set()
                looks += self._turned
                if looks > 1:  # the first look has taken all that was there
                    looks = 0
                    await asyncio.sleep(_PAUSE_S)
                if self._turned:
                    self._watch_turn()
        finally:
            self._news.set()

    def _watch_turn(self) -> None:
        self._turned = False
        asyncio.get_running_loop().call_soon(setattr, self, "_turned", True)


def _whole(come: bytes) -> tuple[bytes, bytes]:
    """The whole events of what has come, joined, and the beginning of the next one."""
    if b"\r" in come:  # lines that end otherwise are left to the library
        return come, b""
    events, end, rest = come.rpartition(_END)
    return (b"".join(joined(events + end)) if end else b""), rest


def joined(events: bytes) -> Iterator[bytes]:
    """Whole events; those that only add text of one kind to what the last one said are one."""
    before: _Words | None = None
    for event in events.removesuffix(_END).split(_END):
        words = _Words.of(event)
        if before is not None and words is not None and before.take(words):
            continue
        if before is not None:
            yield before.event()
        before = words
        if words is None:
            yield event + _END
    if before is not None:
        yield before.event()


class _Words:
    """An event of the Chat Completions interface that says some text and nothing else."""

    def __init__(self, raw: bytes, said: dict[str, Any], delta: dict[str, Any], key: str) -> None:
        self._raw = raw
        self._texts: list[str] = [delta[key]]
        self._latest = {name: said.pop(name) for name in _OF_EACH if name in said}
        self._said, self._delta, self._key = said, delta, key
        delta[key] = ""

    @classmethod
    def of(cls, event: bytes) -> _Words | None:
        """What an event says; None where it is another one, or one that is not understood."""
        if not event.startswith(_DATA) or b"\n" in event:
            return None
        try:
            said = msgspec.json.decode(event[len(_DATA) :])
            [choice] = said["choices"]
            delta = choice["delta"]
            [key] = _TEXTS.intersection(name for name in delta if delta[name] is not None)
        except (msgspec.MsgspecError, UnicodeDecodeError, LookupError, TypeError, ValueError):
            return None
        ends = choice.get("finish_reason") is not None
        return None if ends or not isinstance(delta[key], str) else cls(event, said, delta, key)

    def take(self, more: _Words) -> bool:
        """Let the text of the next event join this one; False where they differ otherwise."""
        if self._said != more._said:
            return False
        self._texts += more._texts
        self._latest |= more._latest
        return True

    def event(self) -> bytes:
        """It as bytes; where nothing has joined it, as it came."""
        if len(self._texts) == 1:
            return self._raw + _END
        self._delta[self._key] = "".join(self._texts)
        return _DATA + msgspec.json.encode(self._said | self._latest) + _END
