"""The messages of the open chat, and the replies that are on their way to it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic

from textual import work

from tui_sessions.errors import SessionsError
from tui_sessions.model.history import History
from tui_sessions.model.message import Message
from tui_sessions.model.session import Session
from tui_sessions.settings import Settings
from tui_sessions.tui.remembered.drafts import Drafts
from tui_sessions.tui.screens.main.base import OpenChat
from tui_sessions.tui.screens.main.drafting import Drafting
from tui_sessions.tui.screens.main.other_windows import OtherWindows, growth, is_growing
from tui_sessions.tui.screens.main.shown_calls import ShownCalls
from tui_sessions.tui.screens.main.unread_keeping import UnreadKeeping
from tui_sessions.tui.start import Start
from tui_sessions.tui.widgets.transcript import has_open_calls

_FOLLOW_S = 0.5
"""Seconds between two looks at a reply of another window."""
_FOLLOW_REST = 9
"""How many times as long as such a look took, the next one is waited with at least."""


class ChatContents(OtherWindows):
    """Brings into the transcript what the open chat holds."""

    _followed: OpenChat | None = None
    """The chat in which another window's reply is followed."""

    def __init__(self, start: Start, drafts: Drafts, settings: Settings) -> None:
        super().__init__(start, drafts, settings)
        self.drafting = Drafting(self)
        self.unread_keeping = UnreadKeeping(self)
        self.shown_calls = ShownCalls(self)

    def refresh_around(self) -> None:
        """Bring tabs, status line, inspector and tool calls up to what is open."""
        self.refresh_tabs()
        self.refresh_status()
        self.refresh_welcome()
        self.refresh_inspector()
        self.shown_calls.show()

    def fill_transcript(self, history: History, *, keep_position: bool = False) -> None:
        """Put the messages into the transcript, and the reply that is on its way after them."""
        opened = self.current
        session, chat_id = opened.session, opened.chat_id
        if session is None:
            return
        chat = session.chat(chat_id or "")
        live = self._live_reply(session.id, chat_id, history) if chat_id else None
        if live is not None and self.regenerating.get((session.id, chat_id or "")) == live.id:
            # The old reply stays until something of the new one has come.
            live = live if live.content else None
            history = history if live is None else history[: before_last_reply(history)]
        coming = self.coming_elsewhere(history) if live is None else None
        if (arriving := live or coming) is not None:
            history = history.without(arriving.id)
        self.transcript.show(
            history,
            inherited=chat.inherited if chat else 0,
            agent_name=agent_name(session, chat_id),
            keep_position=keep_position,
        )
        opened.live_length, opened.live_id = 0, None
        if live is not None:
            opened.live_length, opened.live_id = reply_length(live), live.id
            self.transcript.begin_reply(live)
        if coming is not None:
            self.transcript.begin_reply(coming, elsewhere=True)
        if self.answered_elsewhere and self._followed is not opened:
            self._follow_elsewhere()

    def _live_reply(self, session_id: str, chat_id: str, history: History) -> Message | None:
        """The reply that is on its way; between two of a turn, while tools run, there is none."""
        live = self.manager.live_reply(session_id, chat_id)
        if live is not None and not live.content and has_open_calls(history):
            return None
        return live

    @work(exclusive=True, group="reload")
    async def reload(self) -> None:
        """Read the open chat again; the person stays where they are."""
        opened = self.current
        if opened.session is None:
            return
        async with self.telling():
            version = await self.manager.version(opened.session.id)
            await self.look_elsewhere()
            session = await self.manager.get_session(opened.session.id)
            if self.current is opened and session.chat(opened.chat_id or "") is None:
                self._leave_missing_chat(session)
            # The last to be waited for: what a reply brings meanwhile would be missing from it.
            history = await self.manager.open_history(session.id, opened.chat_id)
            if self.current is opened and not self.gone:
                await self._take_in(session, history)
                opened.seen = (opened.shown_at, version or "")

    def _leave_missing_chat(self, session: Session) -> None:
        """Show the active chat where the one that was open is gone, or the first one is there."""
        opened = self.current
        before = opened.session.chat(opened.chat_id or "") if opened.session else None
        self.show_active_chat(session)
        if before is not None:
            self.say(f"{before.name} was deleted in another window or program.")

    def show_active_chat(self, session: Session) -> None:
        """Have the active chat stand where the open one is gone, or where there was none yet."""
        opened = self.current
        had_key = opened.key
        opened.chat_id = session.active_chat_id
        self.drafting.take_along(had_key)
        self.session_tree.set_open(session.id, opened.chat_id)

    async def _take_in(self, session: Session, history: History) -> None:
        """Show what the open chat is now; the person stays where they are, and finds the same."""
        opened, found = self.current, self.transcript.found_text
        opened.session, opened.workspace_id = session, session.workspace_id
        opened.shown_at = session.updated_at.isoformat()
        self.fill_transcript(history, keep_position=True)
        self.refresh_around()
        await self.transcript.find(found, stay=True)

    @work(group="elsewhere")
    async def _follow_elsewhere(self) -> None:
        """Show what another window writes into the open chat as it arrives, up to its end."""
        opened, self._followed = self.current, self.current
        try:
            while self.answered_elsewhere and self.current is opened and not self.gone:
                began = monotonic()
                await self._follow_once(opened)
                # A long chat takes long to read: never more than a small part of the time.
                await asyncio.sleep(max(_FOLLOW_S, _FOLLOW_REST * (monotonic() - began)))
        except (SessionsError, OSError):
            return  # whoever looks around tells what is the matter
        finally:
            self._followed = None

    async def _follow_once(self, opened: OpenChat) -> None:
        if opened.session is None:
            return
        ended = await self.look_elsewhere()
        session = await self.manager.get_session(opened.session.id)
        if session.chat(opened.chat_id or "") is None:
            return  # whoever looks around tells
        history = await self.manager.open_history(session.id, opened.chat_id)
        if self.current is not opened or self.gone:
            return
        if ended or (session.updated_at.isoformat() != opened.shown_at and not self._grow(history)):
            await self._take_in(session, history)
        opened.shown_at = session.updated_at.isoformat()

    def _grow(self, history: History) -> bool:
        """Draw more of the reply of another window; False where something else has changed too."""
        chat = self.transcript.chat
        last = history[-1] if history else None
        if last is None or not is_growing(last) or len(history) != len(chat.messages):
            return False
        shown = chat.growing.get(last.id)
        gained = growth(shown.message(), last) if shown is not None else None
        for text, kind in gained or ():
            self.transcript.extend_reply(last.id, text, kind)
        return gained is not None


def before_last_reply(messages: Sequence[Message]) -> int:
    """Where the last question ends."""
    end = len(messages)
    while end and not (messages[end - 1].role == "user" and not messages[end - 1].hidden):
        end -= 1
    return end


def reply_length(message: Message) -> int:
    """How many characters of text and thinking a reply holds."""
    return sum(len(getattr(part, "text", "")) for part in message.content)


def agent_name(session: Session, chat_id: str | None) -> str:
    """What a chat's agent is called beside its replies."""
    chat = session.chat(chat_id or "")
    if chat is None:
        return ""
    return chat.agent.template or chat.agent.model or chat.agent.provider
