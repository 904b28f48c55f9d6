"""Showing a chat: history, drafts, positions, and the replies that are on their way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from time import monotonic

from textual import on, work

from tui_sessions.errors import SessionsError
from tui_sessions.model.history import History
from tui_sessions.model.message import Message
from tui_sessions.model.session import Session
from tui_sessions.tui.screens.main.base import OpenChat
from tui_sessions.tui.screens.main.other_windows import OtherWindows, growth, is_growing
from tui_sessions.tui.screens.main.tidying import Tidying
from tui_sessions.tui.widgets.chat_tabs import ChatTabs
from tui_sessions.tui.widgets.session_tree import SessionTree
from tui_sessions.tui.widgets.transcript import Transcript, ViewState, has_open_calls

_SURFACE_DELAY_S = 0.4
_PAINT_S = 0.5
"""Seconds that the rest of a chat waits at most until the end of it is painted."""
_WAITS = "The session is not read yet: it is very long, or another program holds it."
_FOLLOW_S = 0.5
"""Seconds between two looks at a reply of another window."""
_FOLLOW_REST = 9
"""How many times as long as such a look took, the next one is waited with at least."""
_LATEST = 400
"""Messages whose prompts can be walked through in the composer."""


class Opening(OtherWindows, Tidying):
    """What the chat pane shows."""

    def on_mount(self) -> None:
        """Remember where the person was in each chat."""
        self._views: dict[str, ViewState] = {}
        self._prompts: list[str] = []
        self._followed: OpenChat | None = None
        """The chat in which another window's reply is followed."""

    def begin_session(
        self, workspace_id: str, *, temporary: bool = False, focus: bool = True
    ) -> None:
        """Show an empty chat; its session is made when the first message is sent."""
        self.workers.cancel_group(self, "open")
        self._leave()
        self.current = OpenChat(workspace_id, temporary=temporary)
        self.transcript.placeholder = self.welcome(temporary=temporary)
        self.transcript.show([])
        typed = "" if self.arrived.is_set() else self.composer.draft
        self.composer.draft = self.draft_of(self.current) + typed
        self.session_tree.set_open(None)
        self.refresh_around()
        if focus:
            self.show_chat_pane()

    def open_chat(
        self,
        session_id: str,
        chat_id: str | None = None,
        message_id: str | None = None,
        *,
        find_text: str = "",
        focus: bool = True,
    ) -> None:
        """Show a session's chat, where the person left it or at a message.

        The cursor goes to the composer at once, so that what is typed from now on is for that chat.
        With words to find, it goes to the message, and the words are marked.
        """
        if focus:
            self.show_chat_pane()
        self._open_chat(session_id, chat_id, message_id, find_text)

    @work(exclusive=True, group="open")
    async def _open_chat(
        self,
        session_id: str,
        chat_id: str | None = None,
        message_id: str | None = None,
        find_text: str = "",
    ) -> None:
        if message_id is None and await self._open_from_end(session_id, chat_id):
            return
        async with self.telling():
            with self.explaining(_WAITS):
                session = await self.manager.load(session_id)
            if chat_id and chat_id != session.active_chat_id and session.chat(chat_id):
                session = await self.manager.switch_chat(session_id, chat_id)
            version = await self.manager.version(session_id)
            history = await self.manager.open_history(session_id)
            await self.look_elsewhere()
            self._leave()
            self._show(session, history, message_id)
            self.current.seen = (self.current.shown_at, version or "")
            self._claim_surface(session_id)
            if message_id is not None and find_text:
                self.find_bar.keep(find_text)
                self.transcript.focus()
                await self.transcript.find(find_text)

    async def _open_from_end(self, session_id: str, chat_id: str | None) -> bool:
        """Show the end of a long chat first, and take in the rest of it when that is read.

        False where the chat has to be read as a whole before it is shown.
        """
        found = await self.manager.open_ending(session_id)
        if found is None or chat_id not in (None, found[0].active_chat_id):
            return False
        session, history = found
        view = self._views.get(f"{session.id}/{session.active_chat_id}")
        if view is not None and not view.following:
            return False
        await self.look_elsewhere()
        self._leave()
        reading: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._show(session, history, None, reading)
        try:
            await self._painted()
            async with self.telling():
                await self._read_rest(session)
        finally:
            reading.set_result(None)
            self.tidy_soon()
        self._claim_surface(session_id)
        return True

    async def _painted(self) -> None:
        """Wait until what is shown now is on the screen, unless that takes long."""
        painted = asyncio.Event()
        self.call_after_refresh(painted.set)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(painted.wait(), _PAINT_S)

    async def _read_rest(self, shown: Session) -> None:
        """Read all of the chat whose end is shown; the person stays where they are."""
        opened = self.current
        version = await self.manager.version(shown.id)
        session = await self.manager.load(shown.id)
        history = await self.manager.open_history(session.id, shown.active_chat_id)
        if self.current is not opened or self.gone:
            return
        if session != shown or not self.transcript.complete(history):
            opened.session = session
            opened.shown_at = session.updated_at.isoformat()
            self._fill_transcript(history, keep_position=True)
            self.refresh_around()
        opened.seen = (opened.shown_at, version or "")
        self.composer.past_prompts = _prompts_of(history)

    @work(exclusive=True, group="reload")
    async def reload(self) -> None:
        """Read the open chat again; the person stays where they are."""
        opened = self.current
        if opened.session is None:
            return
        async with self.telling():
            version = await self.manager.version(opened.session.id)
            session = await self.manager.get_session(opened.session.id)
            history = await self.manager.open_history(session.id, opened.chat_id)
            await self.look_elsewhere()
            if self.current is opened and not self.gone:
                await self._take_in(session, history)
                opened.seen = (opened.shown_at, version or "")

    async def _take_in(self, session: Session, history: History) -> None:
        """Show what the open chat is now; the person stays where they are, and finds the same."""
        opened, found = self.current, self.transcript.found_text
        opened.session, opened.workspace_id = session, session.workspace_id
        opened.shown_at = session.updated_at.isoformat()
        self._fill_transcript(history, keep_position=True)
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
        session = await self.manager.get_session(opened.session.id)
        history = await self.manager.open_history(session.id, opened.chat_id)
        ended = await self.look_elsewhere()
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

    def show_chat_pane(self) -> None:
        """Bring the chat to the front and put the cursor into the composer."""
        self.composer.focus()

    def prompts(self) -> list[str]:
        """What was asked before, the latest last: here and since the start."""
        return list(dict.fromkeys([*self._prompts, *self.composer.past_prompts]))

    def add_prompt(self, text: str) -> None:
        """Note what was sent."""
        self._prompts.append(text)
        self.composer.past_prompts = [*self.composer.past_prompts, text]

    @on(SessionTree.Opened)
    def open_from_tree(self, event: SessionTree.Opened) -> None:
        """Open what was picked."""
        target = event.target
        if target.kind == "problem":
            self.say(f"{target.path} cannot be read; it was left as it is.", severe=True)
        elif target.session_id:
            self.open_chat(target.session_id, target.chat_id)

    @on(ChatTabs.Picked)
    def open_from_tabs(self, event: ChatTabs.Picked) -> None:
        """Open another chat of the session."""
        if self.current.session_id:
            self.open_chat(self.current.session_id, event.chat_id)

    @on(Transcript.JumpToParent)
    def open_parent(self) -> None:
        """Go to where this session was forked."""
        self.run_worker(self.action_to_parent())

    async def action_to_parent(self) -> None:
        """Go to the session that the open one was forked from, at the fork point."""
        session = self.current.session
        if session is None or session.parent is None:
            self.say("This session was not forked from another.")
            return
        link = session.parent
        async with self.telling():
            await self.manager.get_session(link.session_id)
            self.open_chat(link.session_id, link.chat_id, link.message_id)

    def action_beside(self, step: int) -> None:
        """Open the session above or below the open one."""
        session_id = self.current.session_id
        if session_id is None:
            self._open_latest()
            return
        target = self.session_tree.session_beside(session_id, step)
        if target is not None and target.session_id:
            self.open_chat(target.session_id)

    @work(exclusive=True, group="open")
    async def _open_latest(self) -> None:
        """From a session that has not begun, the way to the others leads to the latest."""
        known = self.manager.known_sessions
        latest = await known(workspace=self.current.workspace_id, limit=1) or await known(limit=1)
        if latest:
            self.open_chat(latest[0].id)

    def action_chat_beside(self, step: int) -> None:
        """Open the chat to the left or to the right."""
        session = self.current.session
        if session is None or len(session.chats) < 2:
            return
        ids = [chat.id for chat in session.chats]
        place = ids.index(self.current.chat_id) if self.current.chat_id in ids else 0
        self.open_chat(session.id, ids[(place + step) % len(ids)])

    def update_open_session(self, session: Session) -> None:
        """Follow a change of the open session that is not one of its messages."""
        opened = self.current
        opened.session, opened.workspace_id = session, session.workspace_id
        chat = session.chat(opened.chat_id or "")
        if chat is None:
            had_key = opened.key
            opened.chat_id = session.active_chat_id
            self.carry_draft(had_key)
            self.session_tree.set_open(session.id, opened.chat_id)
            self.reload()
        else:
            self.transcript.name_agent(_agent_name(session, chat.id))
            if chat.message_count == len(self.transcript.chat.messages):
                opened.shown_at = session.updated_at.isoformat()
        self.refresh_around()

    def _show(
        self,
        session: Session,
        history: History,
        message_id: str | None,
        reading: asyncio.Future[None] | None = None,
    ) -> None:
        opened = OpenChat(session.workspace_id, session, session.active_chat_id, reading=reading)
        opened.temporary = session.temporary
        opened.shown_at = session.updated_at.isoformat()
        self.current = opened
        self.transcript.placeholder = self.welcome(temporary=session.temporary)
        self._fill_transcript(history)
        if message_id is not None:
            self.transcript.scroll_to_message(message_id)
        elif opened.key in self._views:
            self.transcript.restore(self._views[opened.key])
        prompts = _prompts_of(history)
        self.composer.past_prompts = prompts
        self.drop_sent_draft(opened, prompts[-1] if prompts else "")
        typed = "" if self.arrived.is_set() else self.composer.draft
        self.composer.draft = self.draft_of(opened) + typed
        self.session_tree.update_session(session)
        self.session_tree.set_open(session.id, opened.chat_id)
        self.session_tree.move_to(session.id)
        self._mark_read()
        self.refresh_around()
        self.tidy_soon()

    def _fill_transcript(self, history: History, *, keep_position: bool = False) -> None:
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
            agent_name=_agent_name(session, chat_id),
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

    def _leave(self) -> None:
        """Keep the draft and the position of what is shown."""
        self.find_bar.action_close()
        self.keep_draft()
        if self.current.session is not None:
            self._views[self.current.key] = self.transcript.view_state()

    def _mark_read(self) -> None:
        session_id, chat_id = self.current.session_id, self.current.chat_id
        if session_id and chat_id and (session_id, chat_id) in self.unread:
            self.unread.discard((session_id, chat_id))
            self.session_tree.set_unread(session_id, chat_id, False)
            self.keep_unread()

    @work(exclusive=True, group="surface")
    async def _claim_surface(self, session_id: str) -> None:
        """Note that this terminal shows the session, once the person stays with it."""
        await asyncio.sleep(_SURFACE_DELAY_S)
        surface = self.start.surface
        try:
            for other in await self.manager.list_sessions(surface=surface):
                if other.id != session_id:
                    await self.manager.detach_surface(other.id, surface)
            session = await self.manager.get_session(session_id)
            if surface not in session.surfaces and not session.read_only:
                await self.manager.attach_surface(session_id, surface)
        except SessionsError as error:
            self.log.warning(f"surface not noted: {error!r}")
        self.tidy_soon()


def _prompts_of(history: History) -> list[str]:
    """What was asked lately."""
    latest = history[-_LATEST:]
    return [m.text for m in latest if m.role == "user" and not m.hidden and m.text]


def before_last_reply(messages: Sequence[Message]) -> int:
    """Where the last question ends."""
    end = len(messages)
    while end and not (messages[end - 1].role == "user" and not messages[end - 1].hidden):
        end -= 1
    return end


def reply_length(message: Message) -> int:
    """How many characters of text and thinking a reply holds."""
    return sum(len(getattr(part, "text", "")) for part in message.content)


def _agent_name(session: Session, chat_id: str | None) -> str:
    chat = session.chat(chat_id or "")
    if chat is None:
        return ""
    return chat.agent.template or chat.agent.model or chat.agent.provider
