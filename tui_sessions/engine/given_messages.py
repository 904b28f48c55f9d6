"""Messages made of what somebody gives: text, content parts, or whole messages."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tui_sessions.errors import InvalidValue
from tui_sessions.model.changes import Change, SetFields
from tui_sessions.model.clock import now
from tui_sessions.model.codec import is_json, message_data, message_from, part_from, parts_data
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.identifiers import new_id
from tui_sessions.model.label import label_from
from tui_sessions.model.message import ROLES, Message, Part, TextPart
from tui_sessions.model.surrogates import without_surrogates


def as_parts(content: str | Sequence[Part]) -> tuple[Part, ...]:
    """Text as one part, parts as they are.

    Raises:
        InvalidValue: there is nothing in it.
    """
    if isinstance(content, str) and content.strip():
        return (TextPart(without_surrogates(str(content))),)
    if not isinstance(content, (str, Sequence)):
        raise InvalidValue("message", content, "some text, or content parts")
    parts: tuple[Part, ...] = () if isinstance(content, str) else tuple(content)
    blank = all(isinstance(part, TextPart) and not str(part.text).strip() for part in parts)
    if blank or not all(isinstance(part, Part) and is_json(part) for part in parts):
        raise InvalidValue("message", content, "some text, or content parts")
    return tuple(part_from(data) for data in without_surrogates(parts_data(parts)))


def as_message(
    content: str | Sequence[Part] | Message, role: str, *, hidden: bool = False
) -> Message:
    """A message of what was given, with a new id and the present time where it has none."""
    if isinstance(content, Message):
        check_role(content.role)
        if not is_json(content) or not isinstance(content.id, str):
            raise InvalidValue("message", content, "a Message of JSON values")
        own = content if content.id else msgspec.structs.replace(content, id=new_id())
        try:
            return message_from(without_surrogates(message_data(own)))
        except RecursionError:
            valid = "a Message whose values are nested less deep"
            raise InvalidValue("message", content, valid) from None
    return Message(
        id=new_id(),
        role=check_role(role),
        content=as_parts(content),
        created_at=now(),
        hidden=hidden,
    )


def check_role(role: str) -> str:
    """Return the role if there is such a one.

    Raises:
        InvalidValue: there is none.
    """
    if role not in ROLES:
        raise InvalidValue("role", role, ROLES)
    return role


def label_changes(document: SessionDocument, message: Message) -> list[Change]:
    """The label a session gets from its first prompt, once, unless it has one."""
    session = document.head
    checkpoint = session.parent is not None and session.parent.kind == "checkpoint"
    if session.label or checkpoint or message.role != "user" or message.hidden:
        return []
    label = label_from(message.text)
    return [SetFields(fields={"label": label, "auto_label": True})] if label else []
