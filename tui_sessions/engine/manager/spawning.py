"""What a sub-agent's session is made of, and whether there may be one."""

from __future__ import annotations

from typing import Any, NamedTuple

from tui_sessions.engine.arguments import checked_name
from tui_sessions.engine.children.child_making import new_child_data
from tui_sessions.engine.children.inherited_chats import InheritedChats, last_id
from tui_sessions.engine.documents.chats import chosen_chat
from tui_sessions.engine.engine import Engine
from tui_sessions.engine.given_messages import as_message
from tui_sessions.engine.sessions.agent_choice import AgentChoice
from tui_sessions.engine.sessions.scoped_sessions import ScopedSessions
from tui_sessions.errors import InvalidValue, SessionLimitError, SessionsError
from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.children import CONTEXTS, ChildTask
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.format import new_chat_data
from tui_sessions.model.identifiers import new_id
from tui_sessions.model.message import Message
from tui_sessions.model.session import ParentLink, Session


class ChildPlan(NamedTuple):
    """What a sub-agent is made of."""

    question: Message | None
    agent: AgentConfig
    label: str


class Spawning:
    """Plans and makes the sessions of sub-agents."""

    def __init__(
        self,
        engine: Engine,
        sessions: ScopedSessions,
        agents: AgentChoice,
        inherited: InheritedChats,
    ) -> None:
        self._engine = engine
        self._sessions = sessions
        self._agents = agents
        self._inherited = inherited

    async def plan(self, session_id: str, task: ChildTask) -> ChildPlan:
        """What a task comes to, checked; nothing is made of it yet."""
        if not isinstance(task, ChildTask):
            raise InvalidValue("task", task, "a ChildTask")
        question = None if task.prompt is None else as_message(task.prompt, "user")
        if task.context not in CONTEXTS:
            raise InvalidValue("context", task.context, CONTEXTS)
        label = "" if task.label in (None, "") else checked_name("label", task.label)
        document = await self._sessions.read(session_id)
        chat_id, agent = self._source(document, task), task.agent
        if task.template is None and agent is None and chat_id is not None:
            chat = document.session().chat(chat_id)
            agent = chat.agent if chat else None
        chosen = await self._agents.choose(session_id, task.template, agent, task.overrides)
        return ChildPlan(question, chosen, label)

    async def check_depth(self, session: Session) -> None:
        """Whether a session may start a sub-agent, by how many stand above it."""
        limit = self._engine.settings.limits.child_depth
        if limit is None:
            return
        depth, seen, link = 1, {session.id}, session.parent
        # A fork is a person's own, whatever it was forked from.
        while link is not None and link.kind != "fork" and link.session_id not in seen:
            depth += link.kind == "spawn"
            seen.add(link.session_id)
            link = await self._link_of(link.session_id)
        if depth > limit:
            raise SessionLimitError(limit, "child_depth")

    def data(self, parent: SessionDocument, agent: AgentConfig, task: ChildTask) -> dict[str, Any]:
        """The JSON of a sub-agent's session."""
        chat_id = self._source(parent, task)
        begun = new_chat_data(new_id(), agent.template or "Chat 1", agent)
        source = None if chat_id is None else parent.chat_data(chat_id)
        carried = [self._inherited.chat_copy(parent.id, source, task.at, False)] if source else []
        link_id = task.at or last_id(carried, chat_id)
        data = new_child_data(parent, "spawn", chat_id, link_id)
        data["parent"]["detached"] = task.context == "none"
        if carried and task.context == "chat":
            begun |= {"messages": carried[0]["messages"], "inherited": carried[0]["inherited"]}
        return data | {"chats": [begun], "active_chat_id": begun["id"]}

    def _source(self, parent: SessionDocument, task: ChildTask) -> str | None:
        """The chat that a child comes from; None where the session has none."""
        if task.at is not None:
            return self._inherited.chat_at(parent, task.at, task.chat_id)
        if task.chat_id is None and not parent.data["chats"]:
            return None
        return chosen_chat(parent, task.chat_id)

    async def _link_of(self, session_id: str) -> ParentLink | None:
        try:
            return (await self._engine.documents.read(session_id)).head.parent
        except SessionsError:
            return None
