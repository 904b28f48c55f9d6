"""The keys that other programs keep in a message's JSON, which survive when its reply goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

import msgspec

from tui_sessions.model.changes import Change, PutMessage
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.message import KnownPart, Message, Signature
from tui_sessions.model.usage import Usage

_OF_MESSAGES = frozenset(Message.__struct_encode_fields__)
_OF_USAGE = frozenset(Usage.__struct_encode_fields__)
_OF_SIGNATURES = frozenset(Signature.__struct_encode_fields__)
_OF_PARTS = {
    part.__struct_config__.tag: frozenset(("type", *part.__struct_encode_fields__))
    for part in get_args(KnownPart)
}


def with_unknown_keys(document: SessionDocument, changes: Iterable[Change]) -> list[Change]:
    """The changes, where those that write a message anew keep what of it is not ours."""
    return [_kept(document, c) if isinstance(c, PutMessage) else c for c in changes]


def _kept(document: SessionDocument, put: PutMessage) -> PutMessage:
    chat = document.chat_data(put.chat)
    place = None if chat is None else document.place_of(put.chat, put.value["id"])
    if chat is None or place is None:
        return put
    before = chat["messages"][place]
    value = {**_unknown(before, _OF_MESSAGES), **put.value}
    _keep_within(value, "usage", before, _OF_USAGE)
    value["content"] = _content(before.get("content"), value["content"])
    return msgspec.structs.replace(put, value=value)


def _content(before: object, parts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Parts with the unknown keys of those that they grew from."""
    there = before if isinstance(before, list) else []
    grown = [_part(old, new) for old, new in zip(there, parts, strict=False)]
    return [*grown, *parts[len(grown) :]]


def _part(old: object, new: Mapping[str, Any]) -> Mapping[str, Any]:
    known = _OF_PARTS.get(new.get("type"))
    if known is None or not isinstance(old, Mapping) or old.get("type") != new["type"]:
        return new
    part = {**_unknown(old, known), **new}
    if "signed" in part:
        _keep_within(part, "signed", old, _OF_SIGNATURES)
    return part


def _keep_within(
    data: dict[str, Any], key: str, before: Mapping[str, Any], known: frozenset[str]
) -> None:
    """Let the object under a key have the unknown keys that it had before."""
    old = before.get(key)
    unknown = _unknown(old, known) if isinstance(old, Mapping) else {}
    if unknown:
        data[key] = {**unknown, **(data.get(key) or {})}


def _unknown(data: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in known}
