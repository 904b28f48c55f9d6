"""Decoding a long document in slices, between which other threads have their turn.

That takes twice as long, but one call that decodes all of it would keep the screen from being drawn
meanwhile.
"""

from __future__ import annotations

import time
from typing import Any

import msgspec

_HUGE = 16 * 1024 * 1024
_SLICE = 100
"""Messages that are decoded in a millisecond at most, unless they are very long."""
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_chats = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_messages = msgspec.json.Decoder(list[msgspec.Raw])
_any = msgspec.json.Decoder()


def decoded(text: bytes) -> Any:
    """The same as `msgspec.json.decode`; only of a huge document it is done in slices."""
    if len(text) <= _HUGE:
        return _any.decode(text)
    try:
        fields = _fields.decode(text)
        chats = _chats.decode(fields["chats"])
        return {
            key: [_chat(chat) for chat in chats] if key == "chats" else _any.decode(value)
            for key, value in fields.items()
        }
    except (msgspec.MsgspecError, ValueError, LookupError, RecursionError):
        return _any.decode(text)


def _chat(fields: dict[str, msgspec.Raw]) -> dict[str, Any]:
    return {
        key: _sliced(_messages.decode(value)) if key == "messages" else _any.decode(value)
        for key, value in fields.items()
    }


def _sliced(raw: list[msgspec.Raw]) -> list[Any]:
    decode, values = _any.decode, []
    for start in range(0, len(raw), _SLICE):
        values += [decode(each) for each in raw[start : start + _SLICE]]
        time.sleep(0)  # gives the interpreter's lock away for a moment
    return values
