"""Sub-agents: agents with a session of their own, started from a chat and linked back to it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from tui_sessions.engine.arguments import checked_count, checked_list, checked_name
from tui_sessions.engine.manager.checkpoints import Checkpoints
from tui_sessions.engine.manager.child_making import last_id
from tui_sessions.engine.manager.given_messages import as_message
from tui_sessions.errors import (
    InvalidValue,
    SessionLimitError,
    SessionNotFound,
    SessionsError,
)
from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.children import CONTEXTS, ChildStatus, ChildTask, child_status
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.events import LifecycleError
from tui_sessions.model.format import new_chat_data
from tui_sessions.model.identifiers import new_id
from tui_sessions.model.message import Message, Part
from tui_sessions.model.session import ParentLink, Session


class _Plan(NamedTuple):
    """What a sub-agent is made of."""

    question: Message | None
    agent: AgentConfig
    label: str


class Children(Checkpoints):
    """Starting sub-agents, and waiting for them."""

    async def spawn_child(
        self,
        session_id: str,
        prompt: str | Sequence[Part] | None = None,
        *,
        template: str | None = None,
        agent: AgentConfig | None = None,
        overrides: Mapping[str, Any] | None = None,
        context: str = "none",
        chat_id: str | None = None,
        at: str | None = None,
        label: str | None = None,
    ) -> Session:
        """Start a sub-agent: a child session with an agent of its own, linked to this chat.

        It sees what it is given and nothing else of the session. `stop` cancels it, `send` goes on
        with it; it is saved like any session, and stays when its parent goes.

        Args:
            session_id: the parent's; any state will do.
            prompt: what it is asked, at once and in the background; None: nothing yet.
            template: what its agent is made from.
            agent: its agent made by hand; with a template, its fields override the template's.
                Without either it is the chat's own.
            overrides: fields of the agent that differ; parameters are merged key by key.
            context: `none`, or `chat` to give it the chat so far.
            chat_id: the chat it comes from; the active one by default.
            at: the message it comes from; with `chat`, the last it is given.
            label: by default made from the prompt.

        Raises:
            SessionNotFound: there is no such parent.
            MessageNotFound: `at` is none of its messages.
            TemplateNotFound: there is no such template.
            InvalidValue: the prompt, the agent or the context cannot be used.
            SessionLimitError: sub-agents are nested too deeply, or there are too many sessions.
        """
        self._check_open()
        task = ChildTask(
            prompt=prompt,
            template=template,
            agent=agent,
            overrides=overrides,
            context=context,
            chat_id=chat_id,
            at=at,
            label=label,
        )
        plan = await self._child_plan(session_id, task)
        await self._check_depth(await self.get_session(session_id))
        async with self._engine.documents.lock(session_id):
            parent = await self._read(session_id)
            data = self._spawn_data(parent, plan.agent, task)
        data |= {"label": plan.label, "auto_label": False}
        child = await self._save_child(parent.session(), data)
        self._tell_child(child, session_id)
        if plan.question is not None:
            await self._ask_child(child, plan.question)
        return child

    async def child_status(self, child_id: str) -> ChildStatus:
        """How far a sub-agent has come.

        Raises:
            SessionNotFound: there is no such session.
        """
        document = await self._read(child_id)
        session = document.session()
        chat = session.active_chat
        if chat is None:
            return ChildStatus(session_id=child_id, state="idle")
        key = (child_id, chat.id)
        running = key in self._engine.turns or key in await self._engine.claims.look()
        messages = document.messages(chat.id)[chat.inherited :]
        status = child_status(child_id, messages, running=running)
        live = self.live_reply(child_id, chat.id) if running else None
        return msgspec.structs.replace(status, reply=live) if live else status

    async def child_result(self, child_id: str) -> ChildStatus:
        """Wait until a sub-agent answers no more, and tell how it ended.

        Raises:
            SessionNotFound: there is no such session, or it was deleted meanwhile.
        """
        await self._read(child_id)
        while turns := self._turns_of(child_id):
            for turn in turns:
                await turn.ended.wait()
        return await self.child_status(child_id)

    async def run_children(
        self, session_id: str, tasks: Sequence[ChildTask], *, at_once: int = 4
    ) -> list[ChildStatus]:
        """Ask several sub-agents, side by side, and wait for all of them.

        Whoever is cancelled while waiting stops those that run; what came of them is kept.

        Args:
            session_id: the parent's.
            tasks: what each is asked.
            at_once: how many answer at the same time, at most.

        Returns:
            How each ended, in the order of the tasks. One that could not be started is `failed`.

        Raises:
            SessionNotFound: there is no such parent.
            SessionLimitError: sub-agents are nested too deeply.
            TemplateNotFound: a task names a template that there is not; none is started.
            InvalidValue: a task cannot be used; none is started.
        """
        checked_count("at_once", at_once, optional=False)
        tasks = checked_list("tasks", tasks)
        await self._check_depth(await self.get_session(session_id))
        for task in tasks:
            await self._child_plan(session_id, task)
        places = asyncio.Semaphore(at_once)
        running = [
            asyncio.ensure_future(self._run_child(session_id, task, places)) for task in tasks
        ]
        try:
            return list(await asyncio.gather(*running))
        finally:
            for one in running:
                if not one.cancelling():
                    one.cancel()
            if running:
                await asyncio.wait(running)

    async def _run_child(
        self, session_id: str, task: ChildTask, places: asyncio.Semaphore
    ) -> ChildStatus:
        async with places:
            child_id = ""
            try:
                child_id = (await self.spawn_child(session_id, **msgspec.structs.asdict(task))).id
                return await self.child_result(child_id)
            except SessionNotFound as error:
                state = "cancelled" if child_id else "failed"
                return ChildStatus(session_id=child_id, state=state, error=str(error))
            except SessionsError as error:
                return ChildStatus(session_id=child_id, state="failed", error=str(error))
            except asyncio.CancelledError:
                for turn in self._turns_of(child_id):
                    await turn.stop()
                raise

    async def _child_plan(self, session_id: str, task: ChildTask) -> _Plan:
        """What a task comes to, checked; nothing is made of it yet."""
        if not isinstance(task, ChildTask):
            raise InvalidValue("task", task, "a ChildTask")
        question = None if task.prompt is None else as_message(task.prompt, "user")
        if task.context not in CONTEXTS:
            raise InvalidValue("context", task.context, CONTEXTS)
        label = "" if task.label in (None, "") else checked_name("label", task.label)
        document = await self._read(session_id)
        chat_id, agent = self._child_source(document, task), task.agent
        if task.template is None and agent is None and chat_id is not None:
            chat = document.session().chat(chat_id)
            agent = chat.agent if chat else None
        chosen = await self._agent(session_id, task.template, agent, task.overrides)
        return _Plan(question, chosen, label)

    def _child_source(self, parent: SessionDocument, task: ChildTask) -> str | None:
        """The chat that a child comes from; None where the session has none."""
        if task.at is not None:
            return self._chat_at(parent, task.at, task.chat_id)
        if task.chat_id is None and not parent.data["chats"]:
            return None
        return self._chat_id(parent, task.chat_id)

    async def _ask_child(self, child: Session, question: Message) -> None:
        """Send the prompt; a child that cannot be asked is taken back."""
        try:
            await self._begin(child.id, question, None)
        except Exception:
            await self._unmake(child)
            raise

    async def _check_depth(self, session: Session) -> None:
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

    async def _link_of(self, session_id: str) -> ParentLink | None:
        try:
            return (await self._engine.documents.read(session_id)).session().parent
        except SessionsError:
            return None

    def _spawn_data(
        self, parent: SessionDocument, agent: AgentConfig, task: ChildTask
    ) -> dict[str, Any]:
        """The JSON of a sub-agent's session."""
        chat_id = self._child_source(parent, task)
        begun = new_chat_data(new_id(), agent.template or "Chat 1", agent)
        source = None if chat_id is None else parent.chat_data(chat_id)
        carried = [self._chat_copy(parent.id, source, task.at, False)] if source else []
        link_id = task.at or last_id(carried, chat_id)
        data = self._new_child_data(parent, "spawn", chat_id, link_id)
        data["parent"]["detached"] = task.context == "none"
        if carried and task.context == "chat":
            begun |= {"messages": carried[0]["messages"], "inherited": carried[0]["inherited"]}
        return data | {"chats": [begun], "active_chat_id": begun["id"]}

    def _report(self, session_id: str, error: Exception, operation: str, **context: str) -> None:
        """Tell of a failure; one of a sub-agent's session is told of its parent too."""
        super()._report(session_id, error, operation, **context)
        known = self._engine.catalog.get(session_id)
        if known is not None and known.parent is not None and known.parent.kind == "spawn":
            self._engine.bus.emit(
                LifecycleError(
                    session_id=known.parent.session_id,
                    workspace_id=known.workspace_id,
                    error=error,
                    operation=operation,
                    context={**context, "child_id": session_id},
                )
            )
