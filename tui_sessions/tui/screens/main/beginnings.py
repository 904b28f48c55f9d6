"""Sessions and chats that begin with the first thing that is done in them."""

from __future__ import annotations

from tui_sessions.model.session import Chat, Session
from tui_sessions.tui.screens.main.base import OpenChat
from tui_sessions.tui.screens.main.opening import Opening


class Beginnings:
    """Makes what an open chat stands for, where it is not there yet."""

    def __init__(self, screen: Opening) -> None:
        self._screen = screen

    async def ensure_session(self, opened: OpenChat) -> None:
        """Make the session, and its workspace, that a first message begins."""
        async with opened.beginning:
            if opened.session is None:
                await self._make_session(opened)

    async def _make_session(self, opened: OpenChat) -> None:
        await self._screen.make_workspace(opened.workspace_id)
        surface = self._screen.start.surface
        session = await self._screen.manager.create_session(
            workspace=opened.workspace_id, surface=surface, temporary=opened.temporary
        )
        self._screen.drafting.put(opened, "")
        opened.session = session
        opened.shown_at = session.updated_at.isoformat()
        if self._screen.current is opened:
            self._screen.drafting.keep()
            self._screen.claim_surface(session.id)
        await self._screen.show_tree()
        self._screen.mark_open_in_tree()

    async def chat_of(self, opened: OpenChat) -> tuple[Session, Chat]:
        """The session and chat that were open when a verb began, made where there are none."""
        await self.ensure_session(opened)
        session_id = opened.session_id or ""
        session = await self._screen.manager.get_session(session_id)
        if session.active_chat is None:
            await self._screen.manager.create_chat(session_id)
            session = await self._screen.manager.get_session(session_id)
        chat = session.chat(opened.chat_id or "") or session.chats[0]
        opened.chat_id = chat.id
        return session, chat
