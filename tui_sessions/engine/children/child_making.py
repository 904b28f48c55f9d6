"""What forks, checkpoints and sub-agents' sessions have in common: children of a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from tui_sessions.engine.engine import Engine
from tui_sessions.engine.sessions.catalog_questions import CatalogQuestions
from tui_sessions.engine.sessions.session_making import SessionMaking, new_session
from tui_sessions.index.catalog_rows import Wanted
from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.events import ChildCreated
from tui_sessions.model.format import new_chat_data, new_document_data
from tui_sessions.model.identifiers import new_id
from tui_sessions.model.label import MAX_LABEL
from tui_sessions.model.session import ParentLink, Session


class ChildMaking:
    """Making child sessions."""

    def __init__(
        self,
        engine: Engine,
        catalog: CatalogQuestions,
        making: SessionMaking,
    ) -> None:
        self._engine = engine
        self._catalog = catalog
        self._making = making
        self._reports = engine.reports

    async def save(
        self,
        parent: Session,
        data: dict[str, Any],
        document_of: Callable[[dict[str, Any]], SessionDocument] = SessionDocument,
    ) -> Session:
        """Save a child; a failure is told to the parent's listeners too.

        Args:
            parent: the session that it is a child of.
            data: the child's JSON.
            document_of: makes a document of that.
        """
        with self._reports.telling(parent.id, "create a child", child_id=data["id"]):
            async with self._engine.creation:
                if data["parent"]["kind"] == "fork":
                    data["label"] = data["label"] or await self._fork_label(parent)
                return await self._making.add(document_of(data), files_of=parent.id)

    def tell(self, child: Session, parent_id: str) -> None:
        """Tell that a session has a child."""
        self._engine.bus.emit(
            ChildCreated(
                session_id=child.id,
                workspace_id=child.workspace_id,
                session=child,
                parent_id=parent_id,
            )
        )

    async def _fork_label(self, parent: Session) -> str:
        """The parent's label with a mark that tells the forks of one parent apart."""
        if not parent.label:
            return ""
        siblings = {
            child.label for child in await self._catalog.find_known(Wanted(parent_id=parent.id))
        }
        base = parent.label[:MAX_LABEL].rstrip()
        number = 1
        while (label := f"{base} (fork {number})" if number > 1 else f"{base} (fork)") in siblings:
            number += 1
        return label


def new_child_data(
    parent: SessionDocument, kind: str, chat_id: str | None, message_id: str | None
) -> dict[str, Any]:
    """The JSON of a child without chats, in its parent's place and of its parent's user."""
    session = parent.head
    child = new_session(
        None,
        session.workspace_id,
        session.user_id,
        parent=ParentLink(session_id=parent.id, chat_id=chat_id, message_id=message_id, kind=kind),
        # What was to be kept in memory only is not to reach the disk by its child.
        temporary=session.temporary,
    )
    return new_document_data(child)


def new_chat_like(parent: SessionDocument, chat_id: str) -> dict[str, Any]:
    """The JSON of a new chat that goes on as one of the parent's, without its messages."""
    chat = parent.chat_data(chat_id) or {}
    copied = {key: chat[key] for key in ("agent", "max_messages") if key in chat}
    own: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(copied))
    return new_chat_data(new_id(), str(chat.get("name") or "Chat 1"), AgentConfig()) | own
