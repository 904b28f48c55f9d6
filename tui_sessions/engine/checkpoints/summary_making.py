"""Making summaries, when a person wishes it and when a chat grows too long."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from tui_sessions.engine.checkpoints.context_uses import ContextUses
from tui_sessions.engine.children.child_making import ChildMaking, new_chat_like, new_child_data
from tui_sessions.engine.documents.chats import chosen_chat, decoded
from tui_sessions.engine.engine import Engine
from tui_sessions.engine.sessions.session_limits import SessionLimits
from tui_sessions.engine.sessions.session_making import SessionMaking
from tui_sessions.engine.summary.summaries import SummaryDraft, insertion
from tui_sessions.engine.summary.summariser import Summariser
from tui_sessions.engine.turn.requests import after_last_prompt
from tui_sessions.errors import ReadOnlySession
from tui_sessions.model.codec import message_data
from tui_sessions.model.context import estimate_scale
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.message import Message
from tui_sessions.model.selection import last_summary, summarisable
from tui_sessions.model.session import Chat, Session

WINDOW_PATIENCE_S = 0.5
"""Seconds that a summary waits for a window that is not known yet."""


class SummaryMaking:
    """Has a chat's own model summarise it, and keeps that as a message and a child session."""

    def __init__(
        self,
        engine: Engine,
        limits: SessionLimits,
        making: SessionMaking,
        children: ChildMaking,
        contexts: ContextUses,
    ) -> None:
        self._engine = engine
        self._saving = engine.saving
        self._limits = limits
        self._making = making
        self._children = children
        self._contexts = contexts

    async def make_room(self, session_id: str, chat_id: str, *, full: bool = False) -> None:
        """Summarise all before the question where the window is nearly full; the chat is held.

        Nothing happens where the window is not known, unless the caller says that it is full.
        """
        settings = self._engine.settings.checkpoints
        document = await self._engine.documents.read(session_id)
        chat = document.session().chat(chat_id)
        if chat is None or not settings.automatic:
            return
        messages = await decoded(self._engine.documents, document, chat_id)
        question = after_last_prompt(messages) - 1
        if question < 1 or not summarisable(messages[:question]):
            return
        if not full and not await self._nearly_full(chat, messages[: question + 1]):
            return
        self._limits.check_fits(document, chat_id, 1)
        await self.summarise(session_id, chat, messages[:question], SummaryDraft())

    async def summarise(
        self, session_id: str, chat: Chat, messages: Sequence[Message], draft: SummaryDraft
    ) -> Session:
        """Make the summary, its child and its message, or nothing of all that."""
        document = await self._engine.documents.read(session_id)
        if document.read_only:
            raise ReadOnlySession(session_id)
        await self._limits.check_sessions(document.head.user_id)
        draft.summariser = await self._summariser(document, chat, messages)
        place = last_summary(messages)
        earlier = messages[place].text if place >= 0 else ""
        covered = summarisable(messages)
        reply = await draft.summariser.summarise(covered, earlier)
        keeping = asyncio.ensure_future(
            self._keep_summary(session_id, chat.id, covered[-1].id, draft, reply)
        )
        # What has begun to be kept is kept, also where it is stopped just then.
        try:
            return await asyncio.shield(keeping)
        finally:
            await asyncio.wait([keeping])

    async def _nearly_full(self, chat: Chat, messages: Sequence[Message]) -> bool:
        use = await self._contexts.of(chat, messages, await self._chat_window(chat))
        return use.share is not None and use.share > self._engine.settings.checkpoints.share

    async def _summariser(
        self, document: SessionDocument, chat: Chat, messages: Sequence[Message]
    ) -> Summariser:
        """The chat's own model, told to summarise.

        Raises:
            TemplateNotFound: there is no template to summarise with.
            UnknownProvider: the chat's provider is not there.
            ProviderError: its window is too small.
        """
        templates = self._engine.templates.of(document.workspace_id)
        await templates.refresh()
        template = templates.get(self._engine.settings.checkpoints.template)
        agent = msgspec.structs.replace(
            chat.agent, system_prompt=template.agent.system_prompt, template=template.name
        )
        return Summariser(
            self._engine.providers.get(agent.provider),
            agent,
            window=await self._chat_window(chat),
            scale=estimate_scale(
                chat.agent,
                messages,
                tools=self._engine.tools.known_specs(chat.agent.tools),
                max_messages=chat.max_messages,
            ),
            retry=self._engine.settings.retry,
        )

    async def _keep_summary(
        self, session_id: str, chat_id: str, covered: str, draft: SummaryDraft, reply: Message
    ) -> Session:
        """Make the child, then put the summary right behind what it covers."""
        parent = await self._engine.documents.read(session_id)
        chosen_chat(parent, chat_id)
        data = new_child_data(parent, "checkpoint", chat_id, covered)
        summary = draft.kept(reply, covered, data["id"])
        begun = new_chat_like(parent, chat_id)
        begun |= {"inherited": 1, "messages": [message_data(summary)]}
        data |= {"chats": [begun], "active_chat_id": begun["id"]}
        child = await self._children.save(parent.session(), data)
        try:
            async with self._engine.documents.edit(session_id) as document:
                changes = insertion(document, chosen_chat(document, chat_id), covered, summary)
                await self._saving.commit(session_id, changes)
        except BaseException:
            await self._making.unmake(child)
            raise
        self._children.tell(child, session_id)
        return child

    async def _chat_window(self, chat: Chat) -> int | None:
        agent = chat.agent
        windows = self._engine.windows
        return await windows.window(agent.provider, agent.model, WINDOW_PATIENCE_S)
