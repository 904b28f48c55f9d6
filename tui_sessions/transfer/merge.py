"""What importing once more adds to a session that is here already.

The rules:

- Messages of the source that came after the last import are put at the end of the chat, in the
  source's order. If the person went on in our copy, they come after what the person did: nothing
  is woven into a conversation that somebody has had.
- What was deleted here stays deleted, and what was changed here stays changed: label, tags, state,
  agent and messages are the person's. A chat that was deleted takes nothing more.
- A name that the source gives later takes the place of one that was made from the first prompt,
  and the model follows the replies that come in, until the person chooses another agent.
- A reply that was still being written at the last import, and is as it was then, is completed.
- If the source was rewound or rewritten, so that the message the last import ended with is gone
  from it, what follows the last message that both still have is new. Nothing is taken away here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from tui_sessions.model.changes import Change, MergeField, PutMessage, SetFields, SetMessage
from tui_sessions.model.clock import format_time, parse_time
from tui_sessions.model.codec import message_from, parts_data
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.kept_files import as_kept
from tui_sessions.model.label import label_from
from tui_sessions.model.message import Message
from tui_sessions.model.session import ParentLink
from tui_sessions.transfer.drafts import IMPORTED_TO

EDITED = "edited_at"
"""The key of a message's metadata that says the person changed it here."""
_GROWING = ("content", "usage")


def changes_between(existing: SessionDocument, imported: SessionDocument) -> list[Change]:
    """The changes that bring an imported session up to its source; none when nothing is new.

    Args:
        existing: the session as it is here, with whatever the person did to it.
        imported: the same session as its source tells it now.
    """
    comparison = Comparison(imported)
    for chat in existing.data["chats"]:
        for message in chat["messages"]:
            comparison.see(chat["id"], message)
    return comparison.changes(existing)


class Comparison:
    """Compares a session that is here with its source, one message of ours after the other."""

    def __init__(self, imported: SessionDocument) -> None:
        """Take the session as its source tells it now."""
        self._imported = imported
        self._there = {
            chat["id"]: {message["id"]: message for message in chat["messages"]}
            for chat in imported.data["chats"]
        }
        self._completed: list[Change] = []

    def see(self, chat_id: str, message: dict[str, Any]) -> None:
        """Take a message as it is here."""
        there = self._there.get(chat_id, {}).get(message["id"])
        # Most are as they were: to read all of them would take as much again as they do.
        if there is None or all(message.get(key) == there.get(key) for key in _GROWING):
            return
        if fields := _growth(message_from(message), message_from(there)):
            change = SetMessage(chat=chat_id, message=message["id"], fields=fields)
            self._completed.append(change)

    def changes(self, existing: SessionDocument) -> list[Change]:
        """What is new in the source, once all messages were seen.

        Args:
            existing: the session as it is here; of its messages nothing but the ids is looked at.
        """
        changes: list[Change] = [*self._completed]
        added: list[dict[str, Any]] = []
        for chat in self._imported.data["chats"]:
            here = existing.chat_data(chat["id"])
            if here is None:
                continue
            new = _new_messages(existing, here, chat["messages"])
            changes += [PutMessage(chat=chat["id"], value=message) for message in new]
            if new:
                last = {IMPORTED_TO: chat["messages"][-1]["id"]}
                changes.append(MergeField(field="metadata", values=last, chat=chat["id"]))
                changes += _model(here, chat)
            added += new
        return [*changes, *_told_later(existing, self._imported), *_activity(existing, added)]


def _new_messages(
    existing: SessionDocument, here: dict[str, Any], messages: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    known = {message["id"] for message in here["messages"]}
    places = {message["id"]: place for place, message in enumerate(messages)}
    last = _imported_to(existing, here["id"])
    if last in places:
        start = places[last] + 1
    else:
        start = max((place + 1 for id_, place in places.items() if id_ in known), default=0)
    return [message for message in messages[start:] if message["id"] not in known]


def _imported_to(existing: SessionDocument, chat_id: str) -> str | None:
    chat = existing.chat_data(chat_id) or {}
    metadata = chat.get("metadata")
    last = metadata.get(IMPORTED_TO) if isinstance(metadata, dict) else None
    return last if isinstance(last, str) else None


def _growth(here: Message, there: Message) -> dict[str, Any]:
    before, after = parts_data(here.content), parts_data(there.content)
    kept = after
    if before != after:  # perhaps only because the data of pictures went into files here
        before, kept = as_kept(before), as_kept(after)
    if EDITED in here.metadata or not _continues(before, kept):
        return {}
    fields: dict[str, Any] = {"content": after} if kept != before else {}
    if there.usage is not None and (
        here.usage is None or there.usage.output_tokens > here.usage.output_tokens
    ):
        fields["usage"] = msgspec.to_builtins(there.usage)
    return fields


def _continues(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> bool:
    """Whether parts are the earlier ones with something more at the end, of the last one too."""
    if not before or after[: len(before)] == before:
        return True
    if after[: len(before) - 1] != before[:-1] or len(after) < len(before):
        return False
    last, now = before[-1], after[len(before) - 1]
    text, longer = last.get("text"), now.get("text")
    is_written = last.get("type") in ("text", "thinking") and {**now, "text": text} == last
    return is_written and isinstance(text, str) and str(longer).startswith(text)


def _model(here: dict[str, Any], chat: dict[str, Any]) -> list[Change]:
    """The model that the source went on with, where the agent is the one an import made."""
    agent, now = here.get("agent"), chat.get("agent")
    if not isinstance(agent, dict) or not isinstance(now, dict) or not now.get("model"):
        return []
    if agent.get("provider") != now.get("provider") or agent.get("model") == now["model"]:
        return []
    return [SetFields(fields={"agent": {**agent, "model": now["model"]}}, chat=chat["id"])]


def _told_later(existing: SessionDocument, imported: SessionDocument) -> list[Change]:
    """The source's own name of the session, and the message that started it, if they came late."""
    fields: dict[str, Any] = {}
    here, there = existing.head, imported.head
    if here.auto_label and there.label != here.label and there.label not in _labels(imported):
        fields |= {"label": there.label, "auto_label": there.auto_label}
    match here.parent, there.parent:
        case ParentLink(session_id=one, message_id=None), ParentLink(
            session_id=other, message_id=m
        ):
            if m and one == other:
                fields["parent"] = imported.data["parent"]
    return [SetFields(fields=fields)] if fields else []


def _labels(document: SessionDocument) -> set[str]:
    """The labels that the prompts of a session make, and none at all."""
    prompts = (
        message
        for chat in document.data["chats"]
        for message in document.messages(chat["id"])
        if message.role == "user"
    )
    return {"", *(label_from(prompt.text) for prompt in prompts)}


def _activity(existing: SessionDocument, added: Iterable[dict[str, Any]]) -> list[Change]:
    moments = (parse_time(message.get("created_at")) for message in added)
    latest = max((moment for moment in moments if moment is not None), default=None)
    if latest is None or latest <= existing.session().last_active_at:
        return []
    return [SetFields(fields={"last_active_at": format_time(latest)})]
