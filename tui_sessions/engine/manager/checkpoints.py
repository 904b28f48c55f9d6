"""Checkpoints: a chat's summary stands for its beginning in what is sent, and starts a child."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

import msgspec

from tui_sessions.engine.manager.context import Context
from tui_sessions.engine.manager.core import moment
from tui_sessions.engine.manager.sessions import state_fields
from tui_sessions.engine.summary.running_summary import RunningSummary
from tui_sessions.engine.summary.summaries import SummaryDraft, insertion
from tui_sessions.engine.summary.summariser import Summariser
from tui_sessions.engine.turn.requests import after_last_prompt
from tui_sessions.errors import ReadOnlySession
from tui_sessions.model.changes import SetFields
from tui_sessions.model.codec import message_data
from tui_sessions.model.context import estimate_scale
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.lifecycle import TRANSITIONS, next_state
from tui_sessions.model.message import Message
from tui_sessions.model.selection import last_summary, summarisable
from tui_sessions.model.session import Chat, Session

WINDOW_PATIENCE_S = 0.5
"""Seconds that a summary waits for a window that is not known yet."""


class Checkpoints(Context):
    """Summarising chats, when a person wishes it and when they grow too long."""

    async def checkpoint(self, session_id: str, chat_id: str | None = None) -> Session | None:
        """Summarise what was said in a chat since its last summary.

        From then on the summary and what follows it is sent; the history stays whole. The chat's
        own model writes it, and the chat is busy meanwhile: `stop` ends it without a summary. A
        question whose answer failed stays behind the summary, to be asked again.

        Args:
            session_id: the session's.
            chat_id: the active chat by default.

        Returns:
            A child session that begins with the summary; None where there is nothing new to
            summarise, or it was stopped.

        Raises:
            SessionBusy: the chat is answering.
            SessionStateError: the session is paused, archived or expired.
            ProviderError: the model failed, or gave nothing; nothing has changed.
            SessionLimitError: there is no room for the child or for the summary.
        """
        running = await self._begin_summary(session_id, chat_id)
        return None if running is None else await running.result()

    async def _make_room(self, session_id: str, chat_id: str, *, full: bool = False) -> None:
        """Summarise all before the question where the window is nearly full; the chat is held.

        Nothing happens where the window is not known, unless the caller says that it is full.
        """
        settings = self._engine.settings.checkpoints
        document = await self._engine.documents.read(session_id)
        chat = document.session().chat(chat_id)
        if chat is None or not settings.automatic:
            return
        messages = await self._decoded(document, chat_id)
        question = after_last_prompt(messages) - 1
        if question < 1 or not summarisable(messages[:question]):
            return
        if not full and not await self._nearly_full(chat, messages[: question + 1]):
            return
        self._check_fits(document, chat_id, 1)
        await self._summarise(session_id, chat, messages[:question], SummaryDraft())

    async def _nearly_full(self, chat: Chat, messages: Sequence[Message]) -> bool:
        use = await self._context_use(chat, messages, await self._chat_window(chat))
        return use.share is not None and use.share > self._engine.settings.checkpoints.share

    async def _begin_summary(self, session_id: str, chat_id: str | None) -> RunningSummary | None:
        """Make the chat busy with a summary, unless there is nothing to summarise."""
        async with self._activation(), self._edit(session_id) as document:
            session = document.session()
            next_state(session_id, session.state, "send", verb="checkpoint")
            if chat_id is None and not session.chats:
                return None
            chosen = self._chat_id(document, chat_id)
            async with self._taken(document, chosen) as current:
                session, chat = current.session(), current.session().chat(chosen)
                messages = _without_failed_question(self._messages(current, chosen))
                if chat is None or not summarisable(messages):
                    return None
                self._check_fits(current, chosen, 1)
                await self._check_active_limit(session)
                return await self._start_summary(session, chat, messages)

    async def _start_summary(
        self, before: Session, chat: Chat, messages: Sequence[Message]
    ) -> RunningSummary:
        """Note that the session is in use, and begin; the caller holds it."""
        draft = SummaryDraft()
        place = (before.id, chat.id)
        running = RunningSummary(
            before.workspace_id,
            draft,
            release=partial(self._release_summary, place),
            report=partial(self._report, before.id, operation="summarise", chat_id=chat.id),
        )
        fields = {"last_active_at": moment()}
        state = TRANSITIONS["send"][before.state]
        if state is not before.state:
            fields |= state_fields(state)
        self._check_open()
        self._engine.turns[place] = running
        try:
            session = await self._commit(before.id, [SetFields(fields=fields)])
        except BaseException:
            running.abandon()
            raise
        self._tell_state(before, session)
        running.start(self._summarise(before.id, chat, messages, draft))
        self._engine.claims.listen(place, running)
        return running

    def _release_summary(self, place: tuple[str, str], running: RunningSummary) -> None:
        if self._engine.turns.get(place) is running:
            del self._engine.turns[place]
            self._engine.claims.let_go(place)

    async def _summarise(
        self, session_id: str, chat: Chat, messages: Sequence[Message], draft: SummaryDraft
    ) -> Session:
        """Make the summary, its child and its message, or nothing of all that."""
        document = await self._engine.documents.read(session_id)
        if document.read_only:
            raise ReadOnlySession(session_id, "its format is newer than this version writes.")
        await self._check_session_limits(document.session().user_id)
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
        self._chat_id(parent, chat_id)
        data = self._new_child_data(parent, "checkpoint", chat_id, covered)
        summary = draft.kept(reply, covered, data["id"])
        begun = self._new_chat_data(parent, chat_id)
        begun |= {"inherited": 1, "messages": [message_data(summary)]}
        data |= {"chats": [begun], "active_chat_id": begun["id"]}
        child = await self._save_child(parent.session(), data)
        try:
            async with self._engine.documents.edit(session_id) as document:
                changes = insertion(document, self._chat_id(document, chat_id), covered, summary)
                await self._commit(session_id, changes)
        except BaseException:
            await self._unmake(child)
            raise
        self._tell_child(child, session_id)
        return child

    async def _chat_window(self, chat: Chat) -> int | None:
        agent = chat.agent
        windows = self._engine.windows
        return await windows.window(agent.provider, agent.model, WINDOW_PATIENCE_S)


def _without_failed_question(messages: Sequence[Message]) -> list[Message]:
    """The messages up to the last question, where its answer failed, else all of them."""
    end = after_last_prompt(messages)
    states = {m.status for m in messages[end:] if m.role == "assistant"}
    return list(messages[: end - 1] if end and states == {"failed"} else messages)
