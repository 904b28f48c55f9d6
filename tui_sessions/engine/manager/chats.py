"""The chats of a session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from tui_sessions.engine.arguments import checked_count, checked_name, checked_tags, checked_text
from tui_sessions.engine.documents.chats import check_chat_there
from tui_sessions.engine.manager.room import Room
from tui_sessions.engine.sessions.session_states import check_writable, tell_switched
from tui_sessions.errors import ChatNotFound, InvalidValue, WorkspaceNotFound
from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.changes import AddChat, Change, MergeField, SetFields
from tui_sessions.model.codec import json_object
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.events import Renamed
from tui_sessions.model.format import new_chat_data
from tui_sessions.model.identifiers import check_id, new_id
from tui_sessions.model.session import Chat, Session


class Chats(Room):
    """Making chats, and changing what they are called, who answers and which is active."""

    async def create_chat(
        self,
        session_id: str,
        *,
        name: str | None = None,
        template: str | None = None,
        agent: AgentConfig | None = None,
        overrides: Mapping[str, Any] | None = None,
        description: str = "",
        tags: Iterable[str] = (),
        metadata: Mapping[str, Any] | None = None,
        max_messages: int | None = None,
        id: str | None = None,  # noqa: A002  the name the field has everywhere
    ) -> Chat:
        """Add a chat; the first of a session becomes active.

        Args:
            session_id: the session's.
            name: by default `Chat` and a number.
            template: what the agent is made from; by default the workspace's.
            agent: an agent made by hand; with a template, its fields override the template's.
            overrides: fields of the agent that differ; parameters are merged key by key.
            description: what it is for.
            tags: words to find it by.
            metadata: JSON values that belong to whoever uses the engine.
            max_messages: how many messages are sent at most.
            id: an id of the caller's own.

        Raises:
            TemplateNotFound: there is no such template.
            UnknownProvider: the agent's provider is not known.
            InvalidValue: the agent cannot be used.
            SessionLimitError: the session has as many chats as it may.
        """
        if id is not None:
            check_id(id, "chat id")
        fields = {
            "tags": list(checked_tags(tags)),
            "metadata": json_object("metadata", metadata),
            "description": checked_text("description", description),
            "max_messages": checked_count("max_messages", max_messages),
        }
        if name not in (None, ""):
            name = checked_name("chat name", name)
        chosen = await self._agents.choose(session_id, template, agent, overrides)
        chat_id = id or new_id()

        async def add(document: SessionDocument) -> list[Change]:
            session = document.head
            check_writable(session, "create_chat")
            self._limits.check_chats(session)
            if id is not None and session.chat(id):
                raise InvalidValue("chat id", id, "an id that no other chat of the session has")
            data = new_chat_data(chat_id, name or f"Chat {len(session.chats) + 1}", chosen)
            return [AddChat(value=data | fields)]

        await self._sessions.amend(session_id, add)
        chat = (await self._sessions.read(session_id)).session().chat(chat_id)
        if chat is None:
            raise ChatNotFound(session_id, chat_id)
        return chat

    async def check_template(self, workspace_id: str, template: str | None = None) -> None:
        """Make sure that a new chat gets the agent that is meant; nothing is made.

        Args:
            workspace_id: where the chat would be; it need not be there yet.
            template: by default the workspace's.

        Raises:
            WorkspaceNotFound: it is out of scope.
            TemplateNotFound: there is no such template.
            SettingsError: nobody is there to answer for it, as the settings' `default_provider` is
                not known. A chat made in spite of that is answered by the offline agent.
        """
        if not self._boundary.sees(check_id(workspace_id, "workspace id")):
            raise WorkspaceNotFound(workspace_id)
        templates = self._engine.templates.of(workspace_id)
        await templates.refresh()
        templates.check_default(template or await self._agents.default_template(workspace_id))

    async def switch_chat(self, session_id: str, chat_id: str) -> Session:
        """Make a chat the active one.

        Raises:
            ChatNotFound: it is none of this session's; nothing changes.
        """
        async with self._sessions.edit(session_id) as document:
            check_chat_there(document, chat_id)
            if document.head.active_chat_id == chat_id:
                return document.session()
            session = await self._saving.commit(
                session_id, [SetFields(fields={"active_chat_id": chat_id})]
            )
        tell_switched(self._engine.bus, session)
        return session

    async def rename_chat(self, session_id: str, chat_id: str, name: str) -> Session:
        """Give a chat another name.

        Raises:
            InvalidValue: the name is blank.
        """
        name = checked_name("chat name", name)
        session = await self._change_chat(session_id, chat_id, {"name": name})
        self._engine.bus.emit(
            Renamed(
                session_id=session.id,
                workspace_id=session.workspace_id,
                session=session,
                chat_id=chat_id,
            )
        )
        return session

    async def update_chat(
        self,
        session_id: str,
        chat_id: str,
        *,
        description: str | None = None,
        tags: Iterable[str] | None = None,
        max_messages: int | msgspec.UnsetType | None = msgspec.UNSET,
    ) -> Session:
        """Change what is given of a chat's description, tags and limit of sent messages."""
        fields: dict[str, Any] = {}
        if description is not None:
            fields["description"] = checked_text("description", description)
        if tags is not None:
            fields["tags"] = list(checked_tags(tags))
        if not isinstance(max_messages, msgspec.UnsetType):
            fields["max_messages"] = checked_count("max_messages", max_messages)
        return await self._change_chat(session_id, chat_id, fields)

    async def set_agent(self, session_id: str, chat_id: str, agent: AgentConfig) -> Session:
        """Change who answers in a chat, from the next turn on.

        Raises:
            UnknownProvider: the agent's provider is not known.
            InvalidValue: the agent cannot be used.
            SessionStateError: the session has expired.
        """
        values = msgspec.to_builtins(self._agents.checked(agent))
        change = MergeField(field="agent", values=values, chat=chat_id)
        async with self._sessions.edit(session_id) as document:
            check_writable(document, "set_agent")
            check_chat_there(document, chat_id)
            return await self._saving.commit(session_id, [change])

    async def _change_chat(
        self, session_id: str, chat_id: str, fields: Mapping[str, Any]
    ) -> Session:
        async with self._sessions.edit(session_id) as document:
            check_chat_there(document, chat_id)
            change = SetFields(fields=dict(fields), chat=chat_id)
            return await self._saving.commit(session_id, [change])
