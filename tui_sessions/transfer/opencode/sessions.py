"""opencode's sessions with their forks, sub-agents and undone messages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tui_sessions.model.message import Message
from tui_sessions.model.session import ParentLink
from tui_sessions.transfer.base import message_id_for, session_id_for
from tui_sessions.transfer.drafts import CHAT_ID, SessionDraft
from tui_sessions.transfer.hygiene import moment_of, text_or_none
from tui_sessions.transfer.opencode.messages import child_calls, messages_of, model_of
from tui_sessions.transfer.opencode.records import FORMAT, Conversation, Record, part_of
from tui_sessions.transfer.single_files import parents_first

_UNNAMED = re.compile(r"(New|Child) session - \d{4}-\d\d-\d\dT")


class SessionMaker:
    """Makes sessions of conversations; knows those made before, to link the next ones to."""

    def __init__(self, title: str, user_id: str) -> None:
        self._title = title
        self._user_id = user_id
        self._made: dict[str, Conversation] = {}
        self._alike: dict[object, list[Conversation]] = {}
        self._calls: dict[str, str] = {}
        """The message that started a sub-agent, by the sub-agent's session."""

    def drafts(self, conversations: Iterable[Conversation]) -> Iterator[SessionDraft]:
        """The sessions, parents before their children; those that were made before are left out."""
        by_age = sorted(conversations, key=lambda c: (_number(c.created), c.id))
        known = {conversation.id: conversation for conversation in by_age}
        parents = {id_: conversation.parent_id for id_, conversation in known.items()}
        for session_id in parents_first(parents):
            if session_id in known and session_id not in self._made:
                yield from self._drafts(known[session_id])

    def _drafts(self, conversation: Conversation) -> Iterator[SessionDraft]:
        records = conversation.load()
        self._made[conversation.id] = conversation
        link, shared = self._parent(conversation, records)
        for key in conversation.likenesses:
            self._alike.setdefault(key, []).append(conversation)
        cut = _undone_from(conversation, records)
        messages = [messages_of(record) for record in records]
        for record in records:
            for child in child_calls(record):
                self._calls.setdefault(child, message_id_for(FORMAT, "", record.id))
        kept = _joined(messages[:cut])
        inherited = len(_joined(messages[: min(shared, cut)]))
        yield self._draft(conversation, records[:cut], kept, conversation.id, link, inherited)
        if cut < len(records):
            undone = ParentLink(
                session_id=session_id_for(FORMAT, conversation.id),
                chat_id=CHAT_ID,
                message_id=kept[-1].id if kept else None,
            )
            name = f"{conversation.id}/{records[cut].id}"
            yield self._draft(conversation, records, _joined(messages), name, undone, len(kept))

    def _draft(
        self,
        conversation: Conversation,
        records: Sequence[Record],
        messages: list[Message],
        external_id: str,
        parent: ParentLink | None,
        inherited: int,
    ) -> SessionDraft:
        info = conversation.info
        title = text_or_none(info.get("title"))
        models = [found for record in records if (found := model_of(record.info))[1]]
        provider, model = models[-1] if models else model_of(info)
        version = text_or_none(info.get("version"))
        return SessionDraft(
            format_name=FORMAT,
            source_title=self._title,
            external_id=external_id,
            path=conversation.path,
            messages=messages,
            user_id=self._user_id,
            title=None if title and _UNNAMED.match(title) else title,
            directory=_directory(info, records),
            model=model,
            system_prompt=_system_prompt(records),
            source_provider=provider,
            parent=parent,
            inherited=inherited,
            created_at=moment_of(conversation.created) if external_id == conversation.id else None,
            archived=isinstance(part_of(info, "time", "archived"), (int, float)),
            metadata={"source_version": version} if version else {},
        )

    def _parent(
        self, conversation: Conversation, records: Sequence[Record]
    ) -> tuple[ParentLink | None, int]:
        """The session that it belongs to, and how many messages it took over from there."""
        parent_id = conversation.parent_id
        if parent_id is not None:
            link = ParentLink(
                session_id=session_id_for(FORMAT, parent_id),
                chat_id=CHAT_ID,
                message_id=self._calls.get(conversation.id),
                kind="spawn",
                detached=True,
            )
            return link, 0
        found, shared, last = None, 0, ""
        for candidate in self._candidates(conversation):
            others = candidate.load()
            length = _shared_length(records, others)
            if length > shared:
                found, shared, last = candidate, length, _last_id(others[:length])
        if found is None:
            return None, 0
        session_id = session_id_for(FORMAT, found.id)
        return ParentLink(session_id=session_id, chat_id=CHAT_ID, message_id=last or None), shared

    def _candidates(self, conversation: Conversation) -> list[Conversation]:
        """What it may be a copy of: no field says so, but copies keep times and titles."""
        found: dict[str, Conversation] = {}
        for key in conversation.likenesses:
            found |= {other.id: other for other in self._alike.get(key, ())}
        return list(found.values())


def _shared_length(records: Sequence[Record], others: Sequence[Record]) -> int:
    length = 0
    for record, other in zip(records, others, strict=False):
        if record.likeness != other.likeness:
            break
        length += 1
    return length


def _undone_from(conversation: Conversation, records: Sequence[Record]) -> int:
    """The place of the first message that was undone but is still stored."""
    point = part_of(conversation.info, "revert", "messageID")
    places = (place for place, record in enumerate(records) if record.id == point)
    return next(places, len(records))


def _joined(messages: Iterable[list[Message]]) -> list[Message]:
    return [message for group in messages for message in group]


def _last_id(records: Iterable[Record]) -> str:
    messages = _joined(messages_of(record) for record in records)
    return messages[-1].id if messages else ""


def _directory(info: dict[str, Any], records: Iterable[Record]) -> str | None:
    found = text_or_none(info.get("directory"))
    for record in records:
        for chain in (("path", "cwd"), ("metadata", "assistant", "path", "cwd")):
            found = found or text_or_none(part_of(record.info, *chain))
    return found


def _system_prompt(records: Iterable[Record]) -> str | None:
    """The last one that was sent; only some versions keep it."""
    prompt = None
    for record in records:
        value = record.info.get("system") or part_of(record.info, "metadata", "assistant", "system")
        if isinstance(value, list):
            value = "\n\n".join(text for text in value if isinstance(text, str))
        prompt = text_or_none(value) or prompt
    return prompt


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0
