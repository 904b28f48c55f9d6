"""What replies used that are gone: answered again, deleted or cleared. What is spent stays spent.

It is kept by model in an optional key of a chat, and of a session for the chats that are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from tui_sessions.model.changes import Change, ClearChat, RemoveChat, RemoveMessage, SetFields
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.message import Message
from tui_sessions.model.tally import Tally, tallies_by_model
from tui_sessions.model.usage import Usage

SPENT = "spent_elsewhere"
"""The key in a file; whoever does not know it loses nothing else."""

Tallies = Mapping[str, Tally]


def spent_elsewhere(data: Mapping[str, Any] | None) -> dict[str, Tally]:
    """What a chat's or a session's JSON says by model; nothing where it cannot be understood."""
    try:
        return msgspec.convert((data or {}).get(SPENT) or {}, dict[str, Tally])
    except msgspec.ValidationError:
        return {}


def chat_tallies(document: SessionDocument, chat_id: str) -> dict[str, Tally]:
    """What a chat used by model, its gone replies too; what came with a fork is its parent's."""
    data = document.chat_data(chat_id) or {}
    present = document.messages(chat_id)[data.get("inherited") or 0 :]
    return _sum(_of_messages(data, present), spent_elsewhere(data))


def total(tallies: Tallies) -> Tally:
    """All models together."""
    return sum(tallies.values(), Tally())


def with_spent(document: SessionDocument, changes: Sequence[Change]) -> list[Change]:
    """The changes, and what notes the use of the messages and chats that they take away."""
    noted: list[Change] = []
    for chat_id in {c.chat for c in changes if isinstance(c, (RemoveMessage, ClearChat))}:
        gone = [message for c in changes for message in _taken(document, chat_id, c)]
        data = document.chat_data(chat_id) or {}
        if used := _of_messages(data, gone):
            noted.append(_note(_sum(spent_elsewhere(data), used), chat_id))
    for change in changes:
        if not isinstance(change, RemoveChat) or document.chat_data(change.chat) is None:
            continue
        if used := chat_tallies(document, change.chat):
            noted.append(_note(_sum(spent_elsewhere(document.data), used)))
    return [*changes, *noted]


def history_replaced(
    document: SessionDocument, chat_id: str, messages: Sequence[Message]
) -> list[Change]:
    """What notes the use of a chat's replies that other messages take the place of.

    Args:
        document: as it is before.
        chat_id: the chat's.
        messages: its own ones from now on; what they used is spent no more than once.
    """
    data = document.chat_data(chat_id) or {}
    kept = _of_messages(data, messages)
    gone = _difference(chat_tallies(document, chat_id), kept)
    return [_note(gone, chat_id)] if gone or SPENT in data else []


def chat_returned(document: SessionDocument, chat: Mapping[str, Any]) -> list[Change]:
    """What no more notes the use of a chat as gone that is back."""
    noted = spent_elsewhere(document.data)
    if not noted:
        return []
    back = SessionDocument({**document.data, "chats": [dict(chat)]})
    return [_note(_difference(noted, chat_tallies(back, chat["id"])))]


def _taken(document: SessionDocument, chat_id: str, change: Change) -> Sequence[Message]:
    """The chat's own messages that a change takes away."""
    if not isinstance(change, (RemoveMessage, ClearChat)) or change.chat != chat_id:
        return ()
    own = (document.chat_data(chat_id) or {}).get("inherited") or 0
    messages = document.messages(chat_id)
    if isinstance(change, ClearChat):
        return messages[own:]
    place = document.place_of(chat_id, change.message)
    if place is None:
        return ()
    return messages[max(place, own) : None if change.following else place + 1]


def _of_messages(chat: Mapping[str, Any], messages: Iterable[Message]) -> dict[str, Tally]:
    return tallies_by_model(messages, str((chat.get("agent") or {}).get("model") or ""))


def _note(tallies: Tallies, chat_id: str | None = None) -> Change:
    return SetFields(fields={SPENT: msgspec.to_builtins(dict(tallies))}, chat=chat_id)


def _sum(some: Tallies, more: Tallies) -> dict[str, Tally]:
    models = [*some, *(model for model in more if model not in some)]
    return {model: some.get(model, Tally()) + more.get(model, Tally()) for model in models}


def _difference(some: Tallies, less: Tallies) -> dict[str, Tally]:
    left = {model: _less(one, less.get(model, Tally())) for model, one in some.items()}
    return {model: one for model, one in left.items() if one != Tally()}


def _less(one: Tally, other: Tally) -> Tally:
    cost = one.usage.cost_usd
    if cost is not None:
        cost = max(cost - (other.usage.cost_usd or 0.0), 0.0) or None
    numbers = {
        name: max(getattr(one.usage, name) - getattr(other.usage, name), 0)
        for name in Usage.__struct_fields__
        if name != "cost_usd"
    }
    return Tally(
        replies=max(one.replies - other.replies, 0),
        unmeasured=max(one.unmeasured - other.unmeasured, 0),
        unpriced=max(one.unpriced - other.unpriced, 0),
        usage=Usage(**numbers, cost_usd=cost),
    )
