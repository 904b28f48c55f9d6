"""Who answers in a chat: the agent that is meant, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from tui_sessions.engine.agents.overrides import set_fields, with_overrides
from tui_sessions.engine.documents.chats import chosen_chat
from tui_sessions.engine.engine import Engine
from tui_sessions.engine.sessions.scoped_sessions import ScopedSessions
from tui_sessions.engine.sessions.scoped_workspaces import ScopedWorkspaces
from tui_sessions.errors import InvalidValue, WorkspaceNotFound
from tui_sessions.model.agent import AgentConfig, agent_problems
from tui_sessions.model.changes import AddChat, Change
from tui_sessions.model.codec import is_json, json_object
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.format import new_chat_data
from tui_sessions.model.identifiers import new_id
from tui_sessions.model.surrogates import without_surrogates


class AgentChoice:
    """Makes agents of templates and of what a caller gives."""

    def __init__(
        self, engine: Engine, sessions: ScopedSessions, workspaces: ScopedWorkspaces
    ) -> None:
        self._engine = engine
        self._sessions = sessions
        self._workspaces = workspaces

    async def choose(
        self,
        session_id: str,
        template: str | None,
        agent: AgentConfig | None,
        overrides: Mapping[str, Any] | None,
    ) -> AgentConfig:
        """The agent that is meant, checked."""
        if agent is not None and not isinstance(agent, AgentConfig):
            raise InvalidValue("agent", agent, "an AgentConfig")
        given = json_object("overrides", overrides)
        if agent is not None and template is None:
            chosen = with_overrides(agent, given)
        else:
            workspace_id = (await self._sessions.read(session_id)).workspace_id
            name = template or await self.default_template(workspace_id)
            fields = {**(set_fields(agent) if agent else {}), **given}
            templates = self._engine.templates.of(workspace_id)
            await templates.refresh()
            chosen, _ = templates.apply(name, fields)
        return self.checked(chosen)

    def checked(self, agent: AgentConfig) -> AgentConfig:
        """The agent, with JSON values of its own in it."""
        if not isinstance(agent, AgentConfig) or not is_json(agent):
            raise InvalidValue("agent", agent, "an AgentConfig of JSON values")
        try:
            own = msgspec.convert(without_surrogates(msgspec.to_builtins(agent)), AgentConfig)
        except msgspec.ValidationError as error:
            raise InvalidValue("agent", agent.model or agent.provider, str(error)) from error
        self._engine.providers.get(own.provider)
        if problems := agent_problems(own, self._engine.providers.names()):
            said = " ".join(problems)
            raise InvalidValue("agent", own.model or own.provider, said, sentence=said)
        return own

    async def default_template(self, workspace_id: str) -> str:
        """The name of the template that a workspace's new chats are made from."""
        try:
            workspace = await self._workspaces.get(workspace_id)
        except WorkspaceNotFound:
            return self._engine.settings.default_template
        return str(workspace.defaults.get("template") or self._engine.settings.default_template)

    async def place_for(
        self, document: SessionDocument, chat_id: str | None
    ) -> tuple[str, list[Change]]:
        """The chat that is meant, and what makes it where there is none and none is named."""
        if chat_id is not None or document.data["chats"]:
            return chosen_chat(document, chat_id), []
        first = await self._default_chat_change(document.id)
        return first.value["id"], [first]

    async def _default_chat_change(self, session_id: str) -> AddChat:
        """The first chat of a session that is sent to without one."""
        agent = await self.choose(session_id, None, None, None)
        data = new_chat_data(new_id(), "Chat 1", agent)
        return AddChat(value=data)
