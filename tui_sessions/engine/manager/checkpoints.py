"""Checkpoints: a chat's summary stands for its beginning in what is sent, and starts a child."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tui_sessions.engine.documents.chats import chosen_chat, messages_of
from tui_sessions.engine.manager.room import Room
from tui_sessions.engine.sessions.session_states import state_fields, tell_state
from tui_sessions.engine.summary.running_summary import RunningSummary
from tui_sessions.engine.summary.summaries import SummaryDraft
from tui_sessions.engine.turn.requests import after_last_prompt
from tui_sessions.model.changes import SetFields
from tui_sessions.model.clock import written_now
from tui_sessions.model.lifecycle import TRANSITIONS, next_state
from tui_sessions.model.message import Message
from tui_sessions.model.selection import summarisable
from tui_sessions.model.session import Chat, Session


class Checkpoints(Room):
    """Summarising chats when a person wishes it."""

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

    async def _begin_summary(self, session_id: str, chat_id: str | None) -> RunningSummary | None:
        """Make the chat busy with a summary, unless there is nothing to summarise."""
        async with self._limits.activation(), self._sessions.edit(session_id) as document:
            session = document.session()
            next_state(session_id, session.state, "send", verb="checkpoint")
            if chat_id is None and not session.chats:
                return None
            chosen = chosen_chat(document, chat_id)
            async with self._busy.taken(document, chosen) as current:
                session, chat = current.session(), current.session().chat(chosen)
                messages = _without_failed_question(messages_of(current, chosen))
                if chat is None or not summarisable(messages):
                    return None
                self._limits.check_fits(current, chosen, 1)
                await self._limits.check_active(session)
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
            release=partial(self._busy.release, place),
            report=partial(self._reports.report, before.id, operation="summarise", chat_id=chat.id),
        )
        fields = {"last_active_at": written_now()}
        state = TRANSITIONS["send"][before.state]
        if state is not before.state:
            fields |= state_fields(state)
        self._engine.check_open()
        self._engine.turns[place] = running
        try:
            session = await self._saving.commit(before.id, [SetFields(fields=fields)])
        except BaseException:
            running.abandon()
            raise
        tell_state(self._engine.bus, before, session)
        running.start(self._summaries.summarise(before.id, chat, messages, draft))
        self._engine.claims.listen(place, running)
        return running


def _without_failed_question(messages: Sequence[Message]) -> list[Message]:
    """The messages up to the last question, where its answer failed, else all of them."""
    end = after_last_prompt(messages)
    states = {m.status for m in messages[end:] if m.role == "assistant"}
    return list(messages[: end - 1] if end and states == {"failed"} else messages)
