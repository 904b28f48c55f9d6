"""Forks: children that carry their parent's history up to a point, and go their own way."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui_sessions.engine.arguments import checked_name, checked_text
from tui_sessions.engine.manager.child_making import ChildMaking, last_id
from tui_sessions.errors import InvalidValue, MessageNotFound
from tui_sessions.model.clock import format_time, now
from tui_sessions.model.codec import own_json
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.events import Forked
from tui_sessions.model.format import FORMAT
from tui_sessions.model.identifiers import check_id, new_id
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.lineage import ancestors
from tui_sessions.model.session import Session
from tui_sessions.model.spent import SPENT

_OWN_FIELDS = ("surfaces", "expires_at", "origin", "temporary", "revision", SPENT)
"""What a fork does not take over from its parent."""


class Lineage(msgspec.Struct, frozen=True, kw_only=True):
    """A session's line of parents."""

    ancestors: tuple[Session, ...]
    """Nearest first."""
    cycle: bool = False
    """The parent links on disk run in a loop, which was cut."""


class Forks(ChildMaking):
    """Making forks, and finding one's way among them."""

    async def fork(
        self,
        session_id: str,
        *,
        chat_id: str | None = None,
        at: str | None = None,
        detached: bool = False,
        label: str | None = None,
        workspace: str | None = None,
    ) -> Session:
        """Start a child that is a copy of its own; the parent stays byte for byte the same.

        Args:
            session_id: the parent's; any state will do.
            chat_id: carry over this chat only; by default every chat, whole.
            at: carry over only this message's chat, cut after it.
            detached: carry over the agents, but no messages.
            label: by default the parent's with a mark.
            workspace: another workspace than the parent's.

        Raises:
            SessionNotFound: there is no such parent.
            MessageNotFound: the fork point is none of its messages.
            SessionLimitError: there are as many sessions as there may be.
        """
        self._check_open()
        label = "" if label in (None, "") else checked_name("label", label)
        if not isinstance(detached, bool):
            raise InvalidValue("detached", detached, "True or False")
        async with self._engine.documents.lock(check_id(session_id, "session id")):
            parent = await self._read(session_id)
            if any(_grows(chat["messages"]) for chat in parent.data["chats"]):
                # It may be on its way in another program, or have come to its end meanwhile.
                await self._engine.claims.look()
                parent = await self._read(session_id)
            session = parent.session()
            if at is not None:
                chat_id = self._chat_at(parent, at, chat_id)
            elif chat_id is not None:
                self._chat_id(parent, chat_id)
            data = self._child_data(parent, chat_id, at, detached)
        data |= {"label": label, "auto_label": not label}
        if workspace is not None:
            data["workspace_id"] = self._workspace_for(workspace)
        return await self._create_fork(session, data)

    async def children(self, session_id: str) -> list[Session]:
        """The sessions that were forked or started from this one, newest activity first."""
        await self._read(session_id)
        return await self.list_sessions(parent=session_id)

    async def lineage(self, session_id: str) -> Lineage:
        """The line of parents, nearest first; a loop on disk is reported and cut."""
        session = (await self._read(session_id)).session()
        await self.refresh()
        line, cycle = await asyncio.to_thread(ancestors, session, self._known)
        return Lineage(ancestors=tuple(line), cycle=cycle)

    async def _create_fork(self, parent: Session, data: dict[str, Any]) -> Session:
        child = await self._save_child(parent, data)
        self._engine.bus.emit(
            Forked(
                session_id=child.id,
                workspace_id=child.workspace_id,
                session=child,
                parent_id=parent.id,
            )
        )
        self._tell_child(child, parent.id)
        return child

    def _child_data(
        self, parent: SessionDocument, chat_id: str | None, at: str | None, detached: bool
    ) -> dict[str, Any]:
        """The JSON of a child; it shares messages with its parent's, which never change."""
        source = parent.data
        head = {k: v for k, v in source.items() if k != "chats" and k not in _OWN_FIELDS}
        data: dict[str, Any] = own_json(head)
        moment = format_time(now())
        for field in ("created_at", "updated_at", "last_active_at", "state_changed_at"):
            data[field] = moment
        chats = [chat for chat in source["chats"] if chat_id in (None, chat["id"])]
        link_chat = chat_id or parent.session().active_chat_id
        kept = [self._chat_copy(parent.id, chat, at, detached) for chat in chats]
        data |= {
            "format": FORMAT,
            "id": new_id(),
            "workspace_id": parent.workspace_id,
            "state": SessionState.CREATED.value,
            "surfaces": [],
            "chats": kept,
            "active_chat_id": link_chat,
            "parent": {
                "session_id": parent.id,
                "chat_id": link_chat,
                "message_id": at if detached else last_id(kept, link_chat),
                "kind": "fork",
                "detached": detached,
            },
        }
        return data

    def _chat_copy(
        self, session_id: str, chat: Mapping[str, Any], at: str | None, detached: bool
    ) -> dict[str, Any]:
        messages = [] if detached else list(chat["messages"])
        turn = self._engine.turns.get((session_id, chat["id"]))
        if turn is not None:
            messages = [message for message in messages if message["id"] != turn.message_id]
        elif (session_id, chat["id"]) in self._engine.claims.elsewhere and _grows(messages):
            messages.pop()
        if at is not None and not detached:
            place = next(i for i, message in enumerate(messages) if message["id"] == at)
            messages = messages[: place + 1]
        head = {key: value for key, value in chat.items() if key not in ("messages", SPENT)}
        return {**own_json(head), "messages": messages, "inherited": len(messages)}

    def _chat_at(self, parent: SessionDocument, message_id: str, chat_id: str | None) -> str:
        """The chat that holds the fork point, which must have arrived whole."""
        message_id = checked_text("message id", message_id)
        found = chat_id if chat_id is not None else parent.chat_of(message_id)
        if found is None or parent.chat_data(found) is None:
            raise MessageNotFound(parent.id, message_id)
        turn = self._engine.turns.get((parent.id, found))
        growing = turn is not None and turn.message_id == message_id
        if turn is None and (parent.id, found) in self._engine.claims.elsewhere:
            last = parent.messages(found)[-1:]
            growing = any(one.id == message_id and one.status == "partial" for one in last)
        if growing or parent.place_of(found, message_id) is None:
            raise MessageNotFound(parent.id, message_id)
        return found


def _grows(messages: Sequence[Mapping[str, Any]]) -> bool:
    """Whether messages end with a reply that has not come to its end."""
    last = messages[-1] if messages else {}
    return last.get("role") == "assistant" and last.get("status") == "partial"
