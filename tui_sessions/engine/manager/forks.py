"""Forks: children that carry their parent's history up to a point, and go their own way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from tui_sessions.engine.arguments import checked_name
from tui_sessions.engine.children.inherited_chats import grows, last_id
from tui_sessions.engine.documents.chats import chosen_chat
from tui_sessions.engine.manager.room import Room
from tui_sessions.errors import InvalidValue
from tui_sessions.index.catalog_rows import Wanted
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


class Forks(Room):
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
        self._engine.check_open()
        label = "" if label in (None, "") else checked_name("label", label)
        if not isinstance(detached, bool):
            raise InvalidValue("detached", detached, "True or False")
        async with self._engine.documents.lock(check_id(session_id, "session id")):
            parent = await self._sessions.read(session_id)
            if any(grows(chat["messages"]) for chat in parent.data["chats"]):
                # It may be on its way in another program, or have come to its end meanwhile.
                await self._engine.claims.look()
                parent = await self._sessions.read(session_id)
            session = parent.head
            if at is not None:
                chat_id = self._inherited.chat_at(parent, at, chat_id)
            elif chat_id is not None:
                chosen_chat(parent, chat_id)
            data = self._child_data(parent, chat_id, at, detached)
            document_of = partial(SessionDocument, parent=parent, twin=self._twin(parent, data))
        data |= {"label": label, "auto_label": not label}
        if workspace is not None:
            data["workspace_id"] = self._workspaces.home(workspace)
        return await self._create_fork(session, data, document_of)

    async def children(self, session_id: str) -> list[Session]:
        """The sessions that were forked or started from this one, newest activity first."""
        await self._sessions.read(session_id)
        return await self._catalog.find(Wanted(parent_id=session_id))

    async def lineage(self, session_id: str) -> Lineage:
        """The line of parents, nearest first; a loop on disk is reported and cut."""
        session = (await self._sessions.read(session_id)).head
        await self._upkeep.refresh()
        line, cycle = await asyncio.to_thread(ancestors, session, self._catalog.known)
        return Lineage(ancestors=tuple(line), cycle=cycle)

    async def _create_fork(
        self,
        parent: Session,
        data: dict[str, Any],
        document_of: Callable[[dict[str, Any]], SessionDocument],
    ) -> Session:
        child = await self._children.save(parent, data, document_of)
        self._engine.bus.emit(
            Forked(
                session_id=child.id,
                workspace_id=child.workspace_id,
                session=child,
                parent_id=parent.id,
            )
        )
        self._children.tell(child, parent.id)
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
        link_chat = chat_id or parent.head.active_chat_id
        kept = [self._inherited.chat_copy(parent.id, chat, at, detached) for chat in chats]
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

    def _twin(self, parent: SessionDocument, data: Mapping[str, Any]) -> tuple[str, str] | None:
        """The parent and its version, where a child has all messages that are in the store."""
        lengths = [[len(chat["messages"]) for chat in one["chats"]] for one in (parent.data, data)]
        documents = self._engine.documents
        if lengths[0] != lengths[1] or parent.has_files or documents.waits(parent.id):
            return None
        return parent.id, documents.version(parent.id)
