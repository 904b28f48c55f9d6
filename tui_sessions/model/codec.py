"""Between the plain JSON of a document and typed values."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from tui_sessions.errors import InvalidValue
from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.clock import as_utc, format_time, parse_time
from tui_sessions.model.collecting import collector_paused
from tui_sessions.model.message import (
    Elapsed,
    FilePart,
    ImagePart,
    KnownPart,
    Message,
    OpaquePart,
    Part,
    SummaryPart,
    TextPart,
    ThinkingPart,
)
from tui_sessions.model.session import Chat, Session, Workspace
from tui_sessions.model.surrogates import without_surrogates
from tui_sessions.model.usage import known_usage

_json_encoder = msgspec.json.Encoder()
_PLAIN: dict[type, Callable[[Any], str | int | float]] = {
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
}
_SHARED_PARTS = frozenset((TextPart, ThinkingPart, ImagePart, FilePart, SummaryPart))
_MANY = 200
"""More messages than this are made with the collector off: it would look at them for nothing."""


def message_from(data: Mapping[str, Any]) -> Message:
    """The message that a document's JSON stands for; nothing in it makes this fail."""
    try:
        message = msgspec.convert(data, Message)
    except msgspec.ValidationError:
        return _tolerant_message(data)
    # A file's own part of the type "opaque" is as unknown as any other.
    if any(isinstance(part, OpaquePart) for part in message.content):
        return _tolerant_message(data)
    if message.created_at is not None and message.created_at.tzinfo is None:
        return msgspec.structs.replace(message, created_at=as_utc(message.created_at))
    return message


def messages_from(data: Sequence[Mapping[str, Any]]) -> list[Message]:
    """The same for many at once."""
    with collector_paused(len(data) > _MANY):
        try:
            messages = msgspec.convert(data, list[Message])
        except msgspec.ValidationError:
            return [message_from(each) for each in data]
        for place, message in enumerate(messages):
            at = message.created_at
            if (at is not None and at.tzinfo is None) or OpaquePart in map(type, message.content):
                messages[place] = message_from(data[place])
        return messages


def own_message(message: Message) -> Message:
    """The same message, sharing nothing that a caller could change."""
    if not message.metadata and _SHARED_PARTS.issuperset(map(type, message.content)):
        return msgspec.structs.replace(message, metadata={})
    return copy.deepcopy(message)


def own_messages(messages: Sequence[Message]) -> list[Message]:
    """The same messages, sharing nothing that a caller could change."""
    with collector_paused(len(messages) > _MANY):
        return [own_message(message) for message in messages]


def own_session(session: Session) -> Session:
    """The same session, sharing nothing that a caller could change."""
    return msgspec.structs.replace(
        session,
        metadata=own_json(session.metadata),
        preferences=own_json(session.preferences),
        chats=tuple([_own_chat(chat) for chat in session.chats]),
    )


def own_workspace(workspace: Workspace) -> Workspace:
    """The same workspace, sharing nothing that a caller could change."""
    return msgspec.structs.replace(
        workspace,
        defaults=own_json(workspace.defaults),
        metadata=own_json(workspace.metadata),
        extra=own_json(workspace.extra),
    )


def own_agent(agent: AgentConfig) -> AgentConfig:
    """The same agent, sharing nothing that a caller could change."""
    parameters = own_json(agent.parameters) if agent.parameters else {}
    return msgspec.structs.replace(agent, parameters=parameters)


def _own_chat(chat: Chat) -> Chat:
    metadata = own_json(chat.metadata) if chat.metadata else {}
    return msgspec.structs.replace(chat, metadata=metadata, agent=own_agent(chat.agent))


def message_data(message: Message) -> dict[str, Any]:
    """The message as plain JSON, without the fields that say nothing.

    Raises:
        InvalidValue: its time is none in UTC.
    """
    data: dict[str, Any] = {"id": message.id, "role": message.role}
    if message.created_at is not None:
        try:
            data["created_at"] = format_time(message.created_at)
        except OverflowError:
            valid = "a moment within the years 1 to 9999"
            raise InvalidValue("created_at", message.created_at, valid) from None
    data["status"] = message.status
    if (elapsed := _known(message.elapsed_s, Elapsed)) is not None:
        data["elapsed_s"] = elapsed
    for field in ("hidden", "model", "error", "metadata"):
        value = getattr(message, field)
        if value is not None and value is not False and value != {}:
            data[field] = own_json(value)
    if (usage := known_usage(message.usage)) is not None:
        data["usage"] = msgspec.to_builtins(usage)
    data["content"] = parts_data(message.content)
    return data


def parts_data(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """Content parts as plain JSON."""
    return [
        copy.deepcopy(part.data) if isinstance(part, OpaquePart) else msgspec.to_builtins(part)
        for part in parts
    ]


def text_of_data(data: Mapping[str, Any], limit: int) -> str:
    """The first text of a message's JSON, up to `limit` characters, without decoding the rest."""
    content = data.get("content")
    if isinstance(content, str):
        return content[:limit]
    for part in content if isinstance(content, list) else ():
        if isinstance(part, dict) and part.get("type") in ("text", "summary"):
            return str(part.get("text", ""))[:limit]
    return ""


def part_from(data: object) -> Part:
    """The part that a document's JSON stands for; an unknown one is kept as it is."""
    if isinstance(data, str):
        return TextPart(data)
    try:
        part: Part = msgspec.convert(data, KnownPart)
    except msgspec.ValidationError:
        return OpaquePart(dict(data) if isinstance(data, Mapping) else {"value": data})
    return part


def fields_data(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Field values as plain JSON: times as text, tuples as lists, values as objects."""
    return {
        key: format_time(value) if isinstance(value, datetime) else msgspec.to_builtins(value)
        for key, value in fields.items()
    }


def is_json(value: object) -> bool:
    """Whether a value can be written as JSON and read again."""
    try:
        msgspec.json.decode(_json_encoder.encode(value))
    except UnicodeEncodeError:
        return True  # a lone surrogate in a text; stores replace it
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
        return False
    return True


def json_object(field: str, values: Mapping[str, Any] | None) -> dict[str, Any]:
    """The caller's JSON object as one of our own.

    Raises:
        InvalidValue: it is no object of JSON values.
    """
    if values is None:
        return {}
    if not isinstance(values, Mapping) or not all(isinstance(key, str) for key in values):
        raise InvalidValue(field, values, "an object with text for keys")
    try:
        own = {key: msgspec.to_builtins(v, enc_hook=_plain) for key, v in values.items()}
        finite = _is_finite(own)
    except RecursionError:
        raise InvalidValue(field, values, "values that are nested less deep") from None
    except (TypeError, ValueError):
        own = None
    if own is None or not is_json(own):
        raise InvalidValue(field, values, "values that JSON has words for")
    if not finite:
        raise InvalidValue(field, values, "values that JSON has words for, so no NaN or infinity")
    whole: dict[str, Any] = without_surrogates(own)
    return whole


def own_json(value: Any) -> Any:
    """A copy of a JSON value; `copy.deepcopy` takes ten times as long."""
    if isinstance(value, dict):
        return {key: own_json(child) for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [own_json(child) for child in value]
    return value


def _plain(value: object) -> str | int | float:
    """Text or a number of another library's class, such as NumPy's, as one of Python's own."""
    for kind, plain in _PLAIN.items():
        if isinstance(value, kind):
            return plain(value)
    raise TypeError(f"JSON has no word for {type(value).__name__}")


def _is_finite(value: object) -> bool:
    """Whether no number in a value is one that JSON has no word for."""
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def _tolerant_message(data: Mapping[str, Any]) -> Message:
    """Each field as far as it can be understood, its default where it cannot."""
    content = data.get("content") or ()
    if not isinstance(content, (list, tuple)):
        content = [content]
    values: dict[str, Any] = {
        "id": str(data.get("id", "")),
        "role": str(data.get("role") or "user"),
        "content": tuple(part_from(part) for part in content),
        "created_at": parse_time(data.get("created_at")),
        "status": str(data.get("status") or "complete"),
        "hidden": data.get("hidden") is True,
    }
    for field, kind in (
        ("model", str | None),
        ("elapsed_s", Elapsed | None),
        ("error", str | None),
        ("metadata", dict[str, Any]),
    ):
        if (known := _known(data.get(field), kind)) is not None:
            values[field] = known
    return Message(**values, usage=known_usage(data.get("usage")))


def _known(value: object, kind: Any) -> Any:
    """The value, if it is of its kind."""
    try:
        return None if value is None else msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return None
