"""A session as it is kept: one JSON document that changes are applied to.

The JSON itself is what is held, so keys of other programs survive every change; typed values are
made from it when they are asked for. The JSON of a message is never changed in place, but
replaced, so that a fork may hold the very same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec

from tui_sessions.model.changes import (
    AddChat,
    AddTo,
    Change,
    ClearChat,
    ExtendMessage,
    JournalEntry,
    MergeField,
    MessageChange,
    PutMessage,
    RemoveChat,
    RemoveFrom,
    RemoveMessage,
    SetFields,
    SetMessage,
)
from tui_sessions.model.chat_messages import ChatMessages
from tui_sessions.model.clock import format_time, parse_time
from tui_sessions.model.codec import own_json, own_session
from tui_sessions.model.format import FORMAT, DocumentError, check_document, check_head
from tui_sessions.model.heads import chat_head, session_of_heads, with_new_messages
from tui_sessions.model.history import History
from tui_sessions.model.kept_files import file_parts, file_parts_of
from tui_sessions.model.message import Message
from tui_sessions.model.session import Chat, Session

_LAST_MOMENT = datetime.max.replace(tzinfo=UTC)
_STEP = timedelta(microseconds=1)


class SessionDocument:
    """A session's JSON, what it stands for, and the changes that it takes."""

    def __init__(
        self,
        data: dict[str, Any],
        *,
        parent: SessionDocument | None = None,
        twin: tuple[str, str] | None = None,
    ) -> None:
        """Take the JSON over.

        Args:
            data: the document; it belongs to this object from now on.
            parent: where it is a fork, the document that all its chats and messages are of: what
                is known of those is not looked for again.
            twin: see the attribute.

        Raises:
            DocumentError: it is not a session, or not one that can be understood.
        """
        if parent is None:
            check_document(data)
        else:
            check_head(data)
        self._data = data
        self.twin = twin
        """The id of a session, and its version in the store, whose chats hold the same messages.

        Known of a whole fork until it is changed: their text may be copied.
        """
        self._has_files = False if parent is not None and not parent.has_files else None
        self._messages: dict[str, ChatMessages] = {}
        """Those of the chats that were looked into, by the ids of the chats."""
        self._chats: dict[str, dict[str, Any]] | None = None
        """The chats by their ids, once one was asked for; there may be thousands."""
        self._snapshot: Session | None = None
        self._unchanged: dict[str, Chat] = {}
        """The chats of the last snapshot, by id, that have not changed since."""
        try:
            _ = self.head
        except msgspec.ValidationError as error:
            raise DocumentError(f"a field is not of its kind: {error}") from error

    @property
    def id(self) -> str:
        """The session's id."""
        return cast(str, self._data["id"])

    @property
    def workspace_id(self) -> str:
        """The workspace it belongs to."""
        workspace_id = self._data.get("workspace_id")
        return "default" if workspace_id is None else cast(str, workspace_id)

    @property
    def revision(self) -> int:
        """How many journal entries the document has taken in."""
        revision = self._data.get("revision", 0)
        return revision if isinstance(revision, int) else 0

    @property
    def read_only(self) -> bool:
        """Of a newer format than this version may write."""
        return cast(int, self._data["format"]) > FORMAT

    @property
    def data(self) -> dict[str, Any]:
        """The JSON itself, for reading; changes go through `apply`."""
        return self._data

    @property
    def length(self) -> int:
        """How many messages all chats have together."""
        return sum(len(chat["messages"]) for chat in self._data["chats"])

    @property
    def has_files(self) -> bool:
        """Whether a message holds or names a picture or file, or one did when that was asked first.

        All messages are looked through for it only once.
        """
        if self._has_files is None:
            self._has_files = bool(file_parts_of(self._data["chats"]))
        return self._has_files

    def copy(self) -> SessionDocument:
        """A document that shares nothing with this one."""
        return SessionDocument(msgspec.json.decode(msgspec.json.encode(self._data)))

    def session(self) -> Session:
        """The session as a snapshot, with its chats but not their messages."""
        return own_session(self.head)

    @property
    def head(self) -> Session:
        """The same, made once and not the caller's to hand out."""
        if self._snapshot is None:
            known = self._unchanged.get
            chats = [
                known(chat["id"]) or chat_head(chat, chat["messages"])
                for chat in self._data["chats"]
            ]
            self._snapshot = session_of_heads(self._data, chats)
        return self._snapshot

    def chat_data(self, chat_id: str) -> dict[str, Any] | None:
        """The JSON of one chat, for reading."""
        if (chats := self._chats) is None:
            # Of two with the same id it is the first.
            chats = self._chats = {chat["id"]: chat for chat in reversed(self._data["chats"])}
        return chats.get(chat_id) if isinstance(chat_id, str) else None

    def messages(self, chat_id: str) -> Sequence[Message]:
        """The messages of a chat, oldest first; the sequence is not the caller's to change.

        Raises:
            KeyError: there is no such chat.
        """
        return self._there(chat_id).decoded()

    def history(self, chat_id: str) -> History:
        """The same messages as they are now, each read when it is looked at; the caller's own.

        Raises:
            KeyError: there is no such chat.
        """
        return History(self._there(chat_id).raw)

    def is_decoded(self, chat_id: str) -> bool:
        """Whether the messages of a chat can be had at once."""
        return chat_id in self._messages and self._messages[chat_id].is_decoded

    def place_of(self, chat_id: str, message_id: str) -> int | None:
        """Where in its chat a message stands, from 0."""
        return self._there(chat_id).place_of(message_id)

    def chat_of(self, message_id: str) -> str | None:
        """The chat that holds a message."""
        for chat in self._data["chats"]:
            if self.place_of(chat["id"], message_id) is not None:
                return cast(str, chat["id"])
        return None

    def apply_changes(self, changes: Sequence[Change], at: datetime) -> int:
        """Take changes in as the next journal entry.

        Returns:
            The revision they made.
        """
        revision = self.revision + 1
        self.apply_entry(
            JournalEntry(revision=revision, at=format_time(at), changes=tuple(changes))
        )
        return revision

    def apply_entry(self, entry: JournalEntry, begun: int | None = None) -> bool:
        """Take a journal entry in, unless the document holds it already.

        Args:
            entry: the entry.
            begun: the revision before the first entry of its journal; by default the present one.
                Two programs may have gone on from the same one where a tool put their lines
                together.

        Returns:
            Whether it was new.
        """
        revision = self.revision
        if entry.revision <= (revision if begun is None else begun):
            return False
        known, self._snapshot = self._snapshot, None
        self.twin = None
        if known is not None:
            self._unchanged = {chat.id: chat for chat in known.chats}
        for change in entry.changes:
            self._unchanged.pop(getattr(change, "chat", None) or "", None)
            self._apply(change)
        self._data["revision"] = max(entry.revision, revision)
        before, at = parse_time(self._data.get("updated_at")), parse_time(entry.at)
        if before is None or (at is not None and before < at):
            self._data["updated_at"] = entry.at
        elif before < _LAST_MOMENT:
            # A clock that was set back: that something has changed is still told by this time.
            self._data["updated_at"] = format_time(before + _STEP)
        if known is not None and at is not None:
            self._snapshot = self._snapshot_after(known, entry.changes, at)
        return True

    def _snapshot_after(
        self, known: Session, changes: Sequence[Change], at: datetime
    ) -> Session | None:
        """The snapshot after new messages, made from the one before: each message comes here."""
        chats = [change.chat for change in changes if isinstance(change, PutMessage)]
        if len(chats) != len(changes) or known.updated_at >= at:
            return None
        raw = {chat["id"]: chat["messages"] for chat in self._data["chats"] if chat["id"] in chats}
        return with_new_messages(known, at, raw)

    def _apply(self, change: Change) -> None:
        match change:
            case SetFields(fields=fields, chat=chat_id):
                self._target(chat_id).update(own_json(fields))
                if "id" in fields or "chats" in fields:
                    self._chats = None
                    self._unchanged = {}
            case MergeField():
                self._merge(change)
            case AddTo(field=field, value=value):
                values = self._list(field)
                if value not in values:
                    values.append(value)
            case RemoveFrom(field=field, value=value):
                self._data[field] = [other for other in self._list(field) if other != value]
            case AddChat(value=chat):
                self._add_chat(own_json(chat))
            case RemoveChat(chat=chat_id):
                self._remove_chat(chat_id)
            case _:
                self._apply_to_messages(change)

    def _apply_to_messages(self, change: MessageChange) -> None:
        messages = self._of(change.chat)
        if messages is None:
            return
        match change:
            case PutMessage(value=value):
                messages.put(own_json(value))
                self._look_for_files([value.get("content")])
            case ExtendMessage(message=message_id, content=content):
                messages.extend(message_id, content)
                self._look_for_files([content])
            case SetMessage(message=message_id, fields=fields):
                messages.set_fields(message_id, own_json(fields))
                self._look_for_files([fields.get("content")])
            case RemoveMessage(message=message_id, following=following):
                messages.remove(message_id, following=following)
            case ClearChat():
                messages.cut(0, None)

    def _look_for_files(self, contents: Sequence[object]) -> None:
        """Take notice of files in what has come in."""
        if self._has_files is False:
            self._has_files = bool(file_parts(contents))

    def _merge(self, change: MergeField) -> None:
        target = self._target(change.chat)
        there = target.get(change.field)
        field = target[change.field] = there if isinstance(there, dict) else {}
        field.update(own_json(change.values))
        for key in change.remove:
            field.pop(key, None)

    def _add_chat(self, chat: dict[str, Any]) -> None:
        if self.chat_data(chat["id"]) is None:
            chat.setdefault("messages", [])
            self._data["chats"].append(chat)
            if self._chats is not None:
                self._chats[chat["id"]] = chat
            self._look_for_files([message.get("content") for message in chat["messages"]])
            if not self._data.get("active_chat_id"):
                self._data["active_chat_id"] = chat["id"]

    def _remove_chat(self, chat_id: str) -> None:
        chats = [chat for chat in self._data["chats"] if chat["id"] != chat_id]
        if self._data.get("active_chat_id") not in [chat["id"] for chat in chats]:
            self._data["active_chat_id"] = chats[0]["id"] if chats else None
        self._data["chats"] = chats
        self._chats = None
        self._messages.pop(chat_id, None)

    def _target(self, chat_id: str | None) -> dict[str, Any]:
        """The object that a change of fields goes to; one that is gone takes it to nowhere."""
        if chat_id is None:
            return self._data
        return self.chat_data(chat_id) or {}

    def _list(self, field: str) -> list[Any]:
        values: list[Any] = self._data.get(field) or []
        self._data[field] = values
        return values

    def _of(self, chat_id: str) -> ChatMessages | None:
        """The messages of a chat; None where there is no such chat."""
        if chat_id not in self._messages:
            chat = self.chat_data(chat_id)
            if chat is None:
                return None
            self._messages[chat_id] = ChatMessages(chat)
        return self._messages[chat_id]

    def _there(self, chat_id: str) -> ChatMessages:
        messages = self._of(chat_id)
        if messages is None:
            raise KeyError(chat_id)
        return messages
