"""How a turn begins: with a question, or with what is answered again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from tui_sessions.engine.asking.turn_hosting import TurnHosting
from tui_sessions.engine.documents.chats import chosen_chat
from tui_sessions.engine.engine import Engine
from tui_sessions.engine.given_messages import label_changes
from tui_sessions.engine.kept_files import taken_in
from tui_sessions.engine.sessions.agent_choice import AgentChoice
from tui_sessions.engine.sessions.busy_chats import BusyChats
from tui_sessions.engine.sessions.scoped_sessions import MEETINGS, ScopedSessions
from tui_sessions.engine.sessions.session_limits import SessionLimits
from tui_sessions.engine.sessions.session_states import state_fields, tell_state
from tui_sessions.engine.turn.running_turn import RunningTurn
from tui_sessions.model.changes import Change, PutMessage, SetFields
from tui_sessions.model.clock import written_now
from tui_sessions.model.codec import message_data, message_from, own_message
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.lifecycle import next_state
from tui_sessions.model.message import Message
from tui_sessions.model.session import Session


class Overtaken(Exception):
    """Another program changed a session before its first chat was made here; nothing was done."""


class TurnBeginnings:
    """Begins turns: what begins them is saved before the provider is asked."""

    def __init__(
        self,
        engine: Engine,
        sessions: ScopedSessions,
        limits: SessionLimits,
        busy: BusyChats,
        agents: AgentChoice,
        hosting: TurnHosting,
    ) -> None:
        self._engine = engine
        self._sessions = sessions
        self._saving = engine.saving
        self._limits = limits
        self._busy = busy
        self._agents = agents
        self._hosting = hosting

    async def begin(self, session_id: str, prompt: Message, chat_id: str | None) -> RunningTurn:
        """Begin with a question in the chat that is meant, or in a first one."""
        prompt = await taken_in(prompt)
        async with self._limits.activation(), self._sessions.edit(session_id) as first:
            document = first
            for _ in range(MEETINGS):
                with suppress(Overtaken):
                    return await self._begin_in(document, prompt, chat_id)
                document = await self._sessions.read(session_id)
            return await self._begin_in(document, prompt, chat_id, anyway=True)

    async def _begin_in(
        self,
        document: SessionDocument,
        prompt: Message,
        chat_id: str | None,
        *,
        anyway: bool = False,
    ) -> RunningTurn:
        """Begin in the chat that is meant, or in a first one.

        Raises:
            Overtaken: another program came first, and may have made the first chat.
        """
        chosen, made = await self._agents.place_for(document, chat_id)
        async with self._busy.taken(document, chosen) as current:
            if made and current.data["chats"]:
                raise Overtaken
            if not made:
                chosen_chat(current, chosen)
            self._limits.check_fits(current, chosen, 2)
            put = PutMessage(chat=chosen, value=message_data(prompt))
            changes = [*made, put, *label_changes(current, prompt)]
            await self._engine.documents.keep_files(document.id, [put])
            turn = self._hosting.new_turn(
                current, chosen, prompt=own_message(message_from(put.value))
            )
            alone = bool(made) and not anyway
            return await self.start(current, chosen, turn, changes, alone=alone)

    async def start(
        self,
        document: SessionDocument,
        chat_id: str,
        turn: RunningTurn,
        changes: Sequence[Change],
        *,
        verb: str = "send",
        alone: bool = False,
    ) -> RunningTurn:
        """Save what begins the turn, then ask the provider; the caller holds the session.

        Args:
            document: the session, as the changes were decided by.
            chat_id: where the turn is.
            turn: what begins.
            changes: what is saved first.
            verb: what was asked for.
            alone: the changes hold only if nobody has changed the session meanwhile.

        Raises:
            Overtaken: somebody has.
        """
        before = document.head
        state = next_state(before.id, before.state, "send", verb=verb)
        if (chat := before.chat(chat_id)) is not None:
            self._engine.providers.get(chat.agent.provider)
        await self._limits.check_active(before)
        fields = {"last_active_at": written_now()}
        if state is not before.state:
            fields |= state_fields(state)
        # Nobody would stop a turn that begins once all that ran were stopped.
        self._engine.check_open()
        self._engine.turns[before.id, chat_id] = turn
        try:
            session = await self._commit_beginning(
                document, [*changes, SetFields(fields=fields)], alone=alone
            )
        except BaseException:
            self._busy.release((before.id, chat_id), turn)
            turn.abandon()
            raise
        tell_state(self._engine.bus, before, session)
        turn.start()
        self._engine.claims.listen((before.id, chat_id), turn)
        return turn

    async def _commit_beginning(
        self, document: SessionDocument, changes: Sequence[Change], *, alone: bool
    ) -> Session:
        if not alone or document.read_only or not self._engine.documents.checks:
            return await self._saving.commit(document.id, changes)
        if not await self._saving.commit_if_current(document, changes):
            raise Overtaken
        return (await self._sessions.read(document.id)).session()
