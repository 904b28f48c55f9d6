"""What forks, checkpoints and sub-agents' sessions have in common: children of a session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui_sessions.engine.manager.continuing import Continuing
from tui_sessions.index.catalog_rows import Wanted
from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.clock import now
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.events import ChildCreated
from tui_sessions.model.format import new_chat_data, new_document_data
from tui_sessions.model.identifiers import new_id
from tui_sessions.model.label import MAX_LABEL
from tui_sessions.model.session import ParentLink, Session


class ChildMaking(Continuing):
    """Making child sessions."""

    async def _save_child(self, parent: Session, data: dict[str, Any]) -> Session:
        """Save a child; a failure is told to the parent's listeners too."""
        try:
            async with self._engine.creation:
                if data["parent"]["kind"] == "fork":
                    data["label"] = data["label"] or await self._fork_label(parent)
                return await self._create(SessionDocument(data), files_of=parent.id)
        except Exception as error:
            self._report(parent.id, error, "create a child", child_id=data["id"])
            raise

    async def _unmake(self, child: Session) -> None:
        """Take a child back that was made for nothing."""
        async with self._engine.documents.lock(child.id):
            await self._engine.store.purge(child.id)
            self._forget(child.id, purged=True, tell=True)

    def _tell_child(self, child: Session, parent_id: str) -> None:
        self._engine.bus.emit(
            ChildCreated(
                session_id=child.id,
                workspace_id=child.workspace_id,
                session=child,
                parent_id=parent_id,
            )
        )

    def _new_child_data(
        self, parent: SessionDocument, kind: str, chat_id: str | None, message_id: str | None
    ) -> dict[str, Any]:
        """The JSON of a child without chats, in its parent's place and of its parent's user."""
        session = parent.session()
        at = now()
        link = ParentLink(session_id=parent.id, chat_id=chat_id, message_id=message_id, kind=kind)
        child = Session(
            id=new_id(),
            workspace_id=session.workspace_id,
            user_id=session.user_id,
            created_at=at,
            updated_at=at,
            last_active_at=at,
            state_changed_at=at,
            parent=link,
            # What was to be kept in memory only is not to reach the disk by its child.
            temporary=session.temporary,
        )
        return new_document_data(child)

    @staticmethod
    def _new_chat_data(parent: SessionDocument, chat_id: str) -> dict[str, Any]:
        """The JSON of a new chat that goes on as one of the parent's, without its messages."""
        chat = parent.chat_data(chat_id) or {}
        copied = {key: chat[key] for key in ("agent", "max_messages") if key in chat}
        own: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(copied))
        return new_chat_data(new_id(), str(chat.get("name") or "Chat 1"), AgentConfig()) | own

    async def _fork_label(self, parent: Session) -> str:
        """The parent's label with a mark that tells the forks of one parent apart."""
        if not parent.label:
            return ""
        siblings = {child.label for child in await self._find_known(Wanted(parent_id=parent.id))}
        base = parent.label[:MAX_LABEL].rstrip()
        number = 1
        while (label := f"{base} (fork {number})" if number > 1 else f"{base} (fork)") in siblings:
            number += 1
        return label


def last_id(chats: Sequence[Mapping[str, Any]], chat_id: str | None) -> str | None:
    """The id of the last message of one of several chats."""
    for chat in chats:
        if chat["id"] == chat_id and chat["messages"]:
            return str(chat["messages"][-1]["id"])
    return None
