"""Showing a chat: where the person left it, or at a message, with what they had typed there."""

from __future__ import annotations

import asyncio
import contextlib

from textual import events, on, work

from tui_sessions.errors import SessionsError
from tui_sessions.model.history import History
from tui_sessions.model.session import Session
from tui_sessions.settings import Settings
from tui_sessions.tui.remembered.drafts import Drafts
from tui_sessions.tui.screens.main.base import OpenChat
from tui_sessions.tui.screens.main.chat_contents import ChatContents, agent_name
from tui_sessions.tui.screens.main.pane_folding import PaneFolding
from tui_sessions.tui.screens.main.tidying import Tidying
from tui_sessions.tui.start import Start
from tui_sessions.tui.widgets.transcript import ViewState

_SURFACE_DELAY_S = 0.4
_PAINT_S = 0.5
"""Seconds that the rest of a chat waits at most until the end of it is painted."""
_WAITS = "The session is not read yet: it is very long, or another program holds it."
_LATEST = 400
"""Messages whose prompts can be walked through in the composer."""


class Opening(ChatContents):
    """What the chat pane shows."""

    def __init__(self, start: Start, drafts: Drafts, settings: Settings) -> None:
        super().__init__(start, drafts, settings)
        self.panes = PaneFolding(self)
        self.tidying = Tidying(self)

    def on_mount(self) -> None:
        """Remember where the person was in each chat, and what was open."""
        self.tidying.watch()
        self._views: dict[str, ViewState] = {}
        self._prompts: list[str] = []

    @on(events.ScreenResume)
    def tidy_soon(self) -> None:
        """Tidy up behind what was shown before."""
        self.tidying.soon()

    def begin_session(
        self, workspace_id: str, *, temporary: bool = False, focus: bool = True
    ) -> None:
        """Show an empty chat; its session is made when the first message is sent."""
        self.workers.cancel_group(self, "open")
        self._leave()
        self.current = OpenChat(workspace_id, temporary=temporary)
        self.transcript.placeholder = self.welcome(temporary=temporary)
        self.transcript.show([])
        self.drafting.place()
        self.session_tree.set_open(None)
        self.refresh_around()
        if focus:
            self.panes.show_chat()

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
            self.panes.show_chat()
        self.load_chat(session_id, chat_id, message_id, find_text)

    @work(exclusive=True, group="open")
    async def load_chat(
        self,
        session_id: str,
        chat_id: str | None = None,
        message_id: str | None = None,
        find_text: str = "",
    ) -> None:
        """Read a session's chat and show it; the keys stay where they are."""
        if message_id is None and await self._open_from_end(session_id, chat_id):
            return
        async with self.telling():
            with self.explaining(_WAITS):
                session = await self.manager.load(session_id)
            if chat_id and chat_id != session.active_chat_id and session.chat(chat_id):
                session = await self.manager.switch_chat(session_id, chat_id)
            version = await self.manager.version(session_id)
            await self.look_elsewhere()
            history = await self.manager.open_history(session_id)
            self._leave()
            self._show(session, history, message_id)
            self.current.seen = (self.current.shown_at, version or "")
            self.claim_surface(session_id)
            if message_id is not None and find_text:
                self.find_bar.keep(find_text)
                self.transcript.focus()
                await self.transcript.find(find_text)

    async def _open_from_end(self, session_id: str, chat_id: str | None) -> bool:
        """Show the end of a long chat first, and take in the rest of it when that is read.

        False where the chat has to be read as a whole before it is shown.
        """
        await self.look_elsewhere()
        found = await self.manager.open_ending(session_id)
        if found is None or chat_id not in (None, found[0].active_chat_id):
            return False
        session, history = found
        view = self._views.get(f"{session.id}/{session.active_chat_id}")
        if view is not None and not view.following:
            return False
        self._leave()
        reading: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._show(session, history, None, reading)
        try:
            await self._painted()
            async with self.telling():
                await self._read_rest(session)
        finally:
            reading.set_result(None)
            self.tidying.soon()
        self.claim_surface(session_id)
        return True

    async def _painted(self) -> None:
        """Wait until what is shown now is on the screen, unless that takes long."""
        painted = asyncio.Event()
        self.call_after_refresh(painted.set)
        # Not `wait_for`: until Python 3.12 it loses being cancelled as what it waits for comes.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PAINT_S):
                await painted.wait()

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
            self.fill_transcript(history, keep_position=True)
            self.refresh_around()
        opened.seen = (opened.shown_at, version or "")
        self.composer.past_prompts = _prompts_of(history)

    def prompts(self) -> list[str]:
        """What was asked before, the latest last: here and since the start."""
        return list(dict.fromkeys([*self._prompts, *self.composer.past_prompts]))

    def add_prompt(self, text: str) -> None:
        """Note what was sent."""
        self._prompts.append(text)
        self.composer.past_prompts = [*self.composer.past_prompts, text]

    def update_open_session(self, session: Session) -> None:
        """Follow a change of the open session that is not one of its messages."""
        opened = self.current
        opened.session, opened.workspace_id = session, session.workspace_id
        chat = session.chat(opened.chat_id or "")
        if chat is None:
            self.show_active_chat(session)
            self.reload()
        else:
            self.transcript.name_agent(agent_name(session, chat.id))
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
        self.fill_transcript(history)
        if message_id is not None:
            self.transcript.scroll_to_message(message_id)
        elif opened.key in self._views:
            self.transcript.restore(self._views[opened.key])
        prompts = _prompts_of(history)
        self.composer.past_prompts = prompts
        self.drafting.drop_sent(opened, prompts[-1] if prompts else "")
        self.drafting.place()
        self.session_tree.update_session(session)
        self.session_tree.set_open(session.id, opened.chat_id)
        self.session_tree.move_to(session.id)
        self._mark_read()
        self.refresh_around()
        self.tidying.soon()

    def _leave(self) -> None:
        """Keep the draft and the position of what is shown."""
        self.find_bar.action_close()
        self.drafting.keep()
        if self.current.session is not None:
            self._views[self.current.key] = self.transcript.view_state()

    def _mark_read(self) -> None:
        session_id, chat_id = self.current.session_id, self.current.chat_id
        if session_id and chat_id and (session_id, chat_id) in self.unread:
            self.unread.discard((session_id, chat_id))
            self.session_tree.set_unread(session_id, chat_id, False)
            self.unread_keeping.keep()

    @work(exclusive=True, group="surface")
    async def claim_surface(self, session_id: str) -> None:
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
        self.tidying.soon()


def _prompts_of(history: History) -> list[str]:
    """What was asked lately."""
    latest = history[-_LATEST:]
    return [m.text for m in latest if m.role == "user" and not m.hidden and m.text]
