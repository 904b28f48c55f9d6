"""Sub-agents: agents with a session of their own, started from a chat and linked back to it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec

from tui_sessions.engine.arguments import checked_count, checked_list
from tui_sessions.engine.manager.room import Room
from tui_sessions.engine.manager.spawning import Spawning
from tui_sessions.errors import SessionNotFound, SessionsError
from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.children import ChildStatus, ChildTask, child_status
from tui_sessions.model.message import Message, Part
from tui_sessions.model.session import Session


class Children(Room):
    """Starting sub-agents, and waiting for them."""

    @cached_property
    def _spawning(self) -> Spawning:
        return Spawning(self._engine, self._sessions, self._agents, self._inherited)

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
        self._engine.check_open()
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
        plan = await self._spawning.plan(session_id, task)
        await self._spawning.check_depth(await self._sessions.get(session_id))
        async with self._engine.documents.lock(session_id):
            parent = await self._sessions.read(session_id)
            data = self._spawning.data(parent, plan.agent, task)
        data |= {"label": plan.label, "auto_label": False}
        child = await self._children.save(parent.session(), data)
        self._children.tell(child, session_id)
        if plan.question is not None:
            await self._ask_child(child, plan.question)
        return child

    async def child_status(self, child_id: str) -> ChildStatus:
        """How far a sub-agent has come.

        Raises:
            SessionNotFound: there is no such session.
        """
        document = await self._sessions.read(child_id)
        session = document.head
        chat = session.active_chat
        if chat is None:
            return ChildStatus(session_id=child_id, state="idle")
        key = (child_id, chat.id)
        running = key in self._engine.turns or key in await self._engine.claims.look()
        messages = document.messages(chat.id)[chat.inherited :]
        status = child_status(child_id, messages, running=running)
        live = self._busy.reply(child_id, chat.id) if running else None
        return msgspec.structs.replace(status, reply=live) if live else status

    async def child_result(self, child_id: str) -> ChildStatus:
        """Wait until a sub-agent answers no more, and tell how it ended.

        Raises:
            SessionNotFound: there is no such session, or it was deleted meanwhile.
        """
        await self._sessions.read(child_id)
        while turns := self._busy.of(child_id):
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
        await self._spawning.check_depth(await self._sessions.get(session_id))
        for task in tasks:
            await self._spawning.plan(session_id, task)
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

    async def _ask_child(self, child: Session, question: Message) -> None:
        """Send the prompt; a child that cannot be asked is taken back."""
        try:
            await self._beginnings.begin(child.id, question, None)
        except Exception:
            await self._making.unmake(child)
            raise

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
                for turn in self._busy.of(child_id):
                    await turn.stop()
                raise
