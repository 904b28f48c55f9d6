"""How a turn begins: what it is handed of the engine, and how each of its requests is made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

from tui_sessions.engine.long_chats import of_many
from tui_sessions.engine.manager.core import moment
from tui_sessions.engine.manager.late_saves import LateSaves
from tui_sessions.engine.manager.sessions import state_fields
from tui_sessions.engine.turn.approvals import Answer
from tui_sessions.engine.turn.fitting import LEAST, READABLE, fitted, room_for, too_long, uses_tools
from tui_sessions.engine.turn.requests import sent_messages
from tui_sessions.engine.turn.running_turn import RunningTurn
from tui_sessions.engine.turn.sent_files import with_files
from tui_sessions.engine.turn.turn_host import Step, TurnHost, Unfinished
from tui_sessions.errors import ChatNotFound
from tui_sessions.model.changes import Change, ExtendMessage, PutMessage, RemoveMessage, SetFields
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.events import StateChanged
from tui_sessions.model.lifecycle import next_state
from tui_sessions.model.message import Message, ToolCallPart
from tui_sessions.model.session import Session
from tui_sessions.model.spent import with_spent
from tui_sessions.model.unknown_keys import with_unknown_keys
from tui_sessions.providers.base import ReplyRequest
from tui_sessions.tools.base import Tool
from tui_sessions.tools.registry import OfferedTools


class Overtaken(Exception):
    """Another program changed a session before its first chat was made here; nothing was done."""


class TurnBeginnings(LateSaves):
    """Starting turns, and serving those that run."""

    async def _make_room(self, session_id: str, chat_id: str, *, full: bool = False) -> None:
        """Shorten what a turn is about to send, where that is wished for, and needed or full."""

    @asynccontextmanager
    async def _taken(
        self, document: SessionDocument, chat_id: str
    ) -> AsyncIterator[SessionDocument]:
        """Take a chat for what is about to keep it busy; gives the session as it is then.

        Raises:
            SessionBusy: a turn is under way in it, here or in another program.
        """
        key, claims = (document.id, chat_id), self._engine.claims
        self._check_idle(*key)
        taken = await claims.take(key)
        try:
            # Another program may have ended a turn between the reading and the taking.
            yield await self._read(document.id) if taken else document
        finally:
            if key not in self._engine.turns:
                claims.let_go(key)

    async def _start(
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
        before = document.session()
        state = next_state(before.id, before.state, "send", verb=verb)
        if (chat := before.chat(chat_id)) is not None:
            self._engine.providers.get(chat.agent.provider)
        await self._check_active_limit(before)
        fields = {"last_active_at": moment()}
        if state is not before.state:
            fields |= state_fields(state)
        # Nobody would stop a turn that begins once all that ran were stopped.
        self._check_open()
        self._engine.turns[before.id, chat_id] = turn
        try:
            session = await self._commit_beginning(
                document, [*changes, SetFields(fields=fields)], alone=alone
            )
        except BaseException:
            self._release(before.id, chat_id, turn)
            turn.abandon()
            raise
        self._tell_state(before, session)
        turn.start()
        self._engine.claims.listen((before.id, chat_id), turn)
        return turn

    async def _commit_beginning(
        self, document: SessionDocument, changes: Sequence[Change], *, alone: bool
    ) -> Session:
        if not alone or document.read_only or not self._engine.documents.checks:
            return await self._commit(document.id, changes)
        if not await self._commit_if_current(document, changes):
            raise Overtaken
        return (await self._read(document.id)).session()

    def _new_turn(
        self,
        document: SessionDocument,
        chat_id: str,
        *,
        prompt: Message | None = None,
        replaces: Sequence[RemoveMessage] = (),
        continues: Message | None = None,
        unfinished: Unfinished | None = None,
    ) -> RunningTurn:
        session_id = document.id
        old = frozenset(change.message for change in replaces)
        going_on = continues.id if continues else None
        host = TurnHost(
            settings=self._engine.settings,
            make_room=partial(self._room_made, session_id, chat_id),
            prepare=partial(self._prepare, session_id, chat_id, old, going_on),
            save=partial(self._save_reply, session_id, chat_id),
            keep=partial(self._keep_reply, session_id, chat_id),
            claim=lambda count: self._claim(session_id, chat_id, turn, count),
            ask=partial(self._ask_person, session_id, chat_id),
            tell=self._engine.bus.emit,
            release=lambda: self._release(session_id, chat_id, turn),
            report=partial(self._report, session_id, operation="save a reply", chat_id=chat_id),
        )
        turn = RunningTurn(
            session_id,
            document.workspace_id,
            chat_id,
            host,
            prompt=prompt,
            replaces=replaces,
            continues=continues,
            unfinished=unfinished,
            # A reply that takes the place of another, or grows it, needs no place of its own.
            owed=0 if replaces or continues else 1 + len(unfinished.calls if unfinished else ()),
        )
        return turn

    async def _room_made(self, session_id: str, chat_id: str, *, full: bool = False) -> None:
        """Make room; where that fails, the turn goes on with what there is."""
        try:
            await self._make_room(session_id, chat_id, full=full)
        except Exception as error:
            self._report(session_id, error, "make room for a question", chat_id=chat_id)

    async def _prepare(
        self,
        session_id: str,
        chat_id: str,
        old: frozenset[str],
        continues: str | None,
        cut: int,
    ) -> Step:
        """A request of what the chat is now, made to fit where tools have filled the window."""
        make = partial(self._request, session_id, chat_id, old, continues)
        request, offered = await make()
        if uses_tools(request):
            agent = request.agent
            window = await self._engine.windows.window(agent.provider, agent.model)
            room = room_for(request, window, cut)
            if room is not None:
                request = await self._fitted(session_id, chat_id, request, make, room)
        provider = self._engine.providers.get(request.agent.provider)
        return Step(request, provider, offered.tools)

    async def _fitted(
        self,
        session_id: str,
        chat_id: str,
        request: ReplyRequest,
        make: Callable[[], Awaitable[tuple[ReplyRequest, OfferedTools]]],
        room: int,
    ) -> ReplyRequest:
        """A request whose tools' results are cut so that all fits into so many tokens.

        Raises:
            ProviderError: it does not, even with a summary of what was said before.
        """
        fit = fitted(request, room, READABLE)
        if fit is None:
            await self._room_made(session_id, chat_id, full=True)
            request, _ = await make()
            fit = fitted(request, room, LEAST)
        if fit is None:
            raise too_long(request)
        return fit

    async def _request(
        self, session_id: str, chat_id: str, old: frozenset[str], continues: str | None
    ) -> tuple[ReplyRequest, OfferedTools]:
        """A request of the chat's own agent and messages and nothing else, and its tools."""
        document = await self._engine.documents.read(session_id)
        chat = document.session().chat(chat_id)
        if chat is None:
            raise ChatNotFound(session_id, chat_id)
        history = await self._decoded(document, chat_id)
        offered = await self._offered(session_id, chat_id, chat.agent)
        choose = partial(
            sent_messages,
            history,
            max_messages=chat.max_messages,
            longest_result=self._engine.settings.tools.longest_result,
            without=old,
            continues=continues,
        )
        messages = await of_many(len(history), choose)
        messages = await with_files(self._engine.store, session_id, messages)
        request = ReplyRequest(agent=chat.agent, messages=messages, tools=offered.specs())
        return request, offered

    async def _claim(self, session_id: str, chat_id: str, turn: RunningTurn, count: int) -> None:
        async with self._engine.documents.edit(session_id) as document:
            self._chat_id(document, chat_id)
            self._check_fits(document, chat_id, count)
            turn.owed += count

    async def _ask_person(
        self,
        session_id: str,
        chat_id: str,
        call: ToolCallPart,
        tool: Tool,
        tell: Callable[[], None],
    ) -> Answer:
        return await self._engine.approvals.ask(session_id, chat_id, call, tool.name, tell)

    def _release(self, session_id: str, chat_id: str, turn: RunningTurn) -> None:
        """Let the next turn begin in a chat, unless it has begun already."""
        if self._engine.turns.get((session_id, chat_id)) is turn:
            del self._engine.turns[session_id, chat_id]
            self._engine.claims.let_go((session_id, chat_id))

    async def _save_reply(self, session_id: str, chat_id: str, changes: Sequence[Change]) -> None:
        async with self._engine.documents.edit(session_id) as document:
            self._chat_id(document, chat_id)
            changes = with_spent(document, with_unknown_keys(document, changes))
            if not all(map(_only_grows, changes)):
                changes = [*changes, SetFields(fields={"last_active_at": moment()})]
            self._saved(await self._engine.documents.commit(session_id, changes))

    def _tell_state(self, before: Session, after: Session) -> None:
        if before.state is not after.state:
            self._engine.bus.emit(
                StateChanged(
                    session_id=after.id,
                    workspace_id=after.workspace_id,
                    session=after,
                    before=before.state.value,
                    after=after.state.value,
                )
            )


def _only_grows(change: Change) -> bool:
    """Whether a change only keeps a reply that is on its way.

    That is no activity of its own: sessions that answer side by side would change places in every
    list of the latest, once a second.
    """
    arriving = isinstance(change, PutMessage) and change.value.get("status") == "partial"
    return arriving or isinstance(change, ExtendMessage)
