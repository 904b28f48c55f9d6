"""The keys that other programs keep in a message's JSON, which survive that it is written anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

import msgspec

from tui_sessions.model.changes import Change, PutMessage, SetMessage
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
    return [_kept(document, change) for change in changes]


def _kept(document: SessionDocument, change: Change) -> Change:
    match change:
        case PutMessage(chat=chat, value=new) if before := _there(document, chat, new["id"]):
            value = {**_unknown(before, _OF_MESSAGES), **new}
            _keep_within(value, "usage", before, _OF_USAGE)
            value["content"] = _content(before.get("content"), value["content"])
            return msgspec.structs.replace(change, value=value)
        case SetMessage(chat=chat, message=message_id, fields={"content": parts} as new) if (
            before := _there(document, chat, message_id)
        ):
            fields = {**new, "content": _content(before.get("content"), parts)}
            return msgspec.structs.replace(change, fields=fields)
    return change


def _there(document: SessionDocument, chat_id: str, message_id: str) -> Mapping[str, Any] | None:
    """The JSON of a message as it is now, if it is there."""
    chat = document.chat_data(chat_id)
    place = None if chat is None else document.place_of(chat_id, message_id)
    return None if chat is None or place is None else chat["messages"][place]


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
