"""What a turn is handed of the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from tui_sessions.engine.asking.request_making import RequestMaking
from tui_sessions.engine.documents.chats import chosen_chat
from tui_sessions.engine.engine import Engine
from tui_sessions.engine.sessions.busy_chats import BusyChats
from tui_sessions.engine.sessions.session_limits import SessionLimits
from tui_sessions.engine.turn.approvals import Answer
from tui_sessions.engine.turn.running_turn import RunningTurn
from tui_sessions.engine.turn.turn_host import TurnHost, Unfinished
from tui_sessions.model.changes import Change, ExtendMessage, PutMessage, RemoveMessage, SetFields
from tui_sessions.model.clock import written_now
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.message import Message, ToolCallPart
from tui_sessions.model.spent import with_spent
from tui_sessions.model.unknown_keys import with_unknown_keys
from tui_sessions.tools.base import Tool


class TurnHosting:
    """Makes turns, and serves those that run."""

    def __init__(
        self,
        engine: Engine,
        limits: SessionLimits,
        busy: BusyChats,
        requests: RequestMaking,
    ) -> None:
        self._engine = engine
        self._saving = engine.saving
        self._late_saves = engine.late_saves
        self._limits = limits
        self._busy = busy
        self._requests = requests
        self._reports = engine.reports

    def new_turn(
        self,
        document: SessionDocument,
        chat_id: str,
        *,
        prompt: Message | None = None,
        replaces: Sequence[RemoveMessage] = (),
        continues: Message | None = None,
        unfinished: Unfinished | None = None,
    ) -> RunningTurn:
        """A turn in a chat, which has not begun yet.

        Args:
            document: the session.
            chat_id: where it is to be.
            prompt: the question that it begins with.
            replaces: the messages whose place its reply takes.
            continues: the message that grows instead of a new one.
            unfinished: a message whose tool calls are run first.
        """
        session_id = document.id
        old = frozenset(change.message for change in replaces)
        going_on = continues.id if continues else None
        host = TurnHost(
            settings=self._engine.settings,
            make_room=partial(self._requests.make_room, session_id, chat_id),
            prepare=partial(self._requests.prepare, session_id, chat_id, old, going_on),
            save=partial(self._save_reply, session_id, chat_id),
            keep=partial(self._late_saves.keep_reply, session_id, chat_id),
            claim=lambda count: self._claim(session_id, chat_id, turn, count),
            ask=partial(self._ask_person, session_id, chat_id),
            tell=self._engine.bus.emit,
            release=lambda: self._busy.release((session_id, chat_id), turn),
            report=partial(
                self._reports.report, session_id, operation="save a reply", chat_id=chat_id
            ),
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

    async def _claim(self, session_id: str, chat_id: str, turn: RunningTurn, count: int) -> None:
        async with self._engine.documents.edit(session_id) as document:
            chosen_chat(document, chat_id)
            self._limits.check_fits(document, chat_id, count)
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

    async def _save_reply(self, session_id: str, chat_id: str, changes: Sequence[Change]) -> None:
        async with self._engine.documents.edit(session_id) as document:
            chosen_chat(document, chat_id)
            changes = with_spent(document, with_unknown_keys(document, changes))
            if not all(map(_only_grows, changes)):
                changes = [*changes, SetFields(fields={"last_active_at": written_now()})]
            self._saving.saved(await self._engine.documents.commit(session_id, changes))


def _only_grows(change: Change) -> bool:
    """Whether a change only keeps a reply that is on its way.

    That is no activity of its own: sessions that answer side by side would change places in every
    list of the latest, once a second.
    """
    arriving = isinstance(change, PutMessage) and change.value.get("status") == "partial"
    return arriving or isinstance(change, ExtendMessage)
