"""Changes of sessions and chats that are asked for in several places."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from tui_sessions.errors import SessionBusy
from tui_sessions.model.session import Session
from tui_sessions.tui.screens.main.opening import Opening
from tui_sessions.tui.screens.main.taking_back import TakingBack

STOPPING_THERE = "Another window answers there: it is asked to stop, so that what came is kept."


class SessionChanges:
    """Renames, tags, forks and deletes, each so that it can be taken back."""

    def __init__(self, screen: Opening, taking_back: TakingBack) -> None:
        self._screen = screen
        self._taking_back = taking_back

    async def rename(self, session: Session, label: str) -> None:
        """Rename a session; the label that it had can be brought back."""
        manager = self._screen.manager
        await manager.rename(session.id, label)
        if session.label:
            self._taking_back.remember("Renamed", lambda: manager.rename(session.id, session.label))

    async def rename_chat(self, session: Session, chat_id: str, name: str) -> None:
        """Rename a chat; the name that it had can be brought back."""
        manager, chat = self._screen.manager, session.chat(chat_id)
        await manager.rename_chat(session.id, chat_id, name)
        if chat is not None and chat.name:
            before = chat.name
            self._taking_back.remember(
                "Renamed", lambda: manager.rename_chat(session.id, chat_id, before)
            )

    async def change_tags(self, session: Session, tags: Sequence[str]) -> None:
        """Give a session other tags; the ones it had can be brought back."""
        manager = self._screen.manager
        await manager.set_tags(session.id, tags)
        self._taking_back.remember(
            "Changed the tags", lambda: manager.set_tags(session.id, session.tags)
        )

    async def delete_chat(self, session_id: str, chat_id: str) -> None:
        """Delete a chat, at once; it can be taken back."""
        screen, manager = self._screen, self._screen.manager
        async with screen.telling():
            with screen.explaining(STOPPING_THERE), contextlib.suppress(SessionBusy):
                await manager.stop(session_id, chat_id)  # what came belongs to what is kept
            data = await manager.chat_json(session_id, chat_id)
            await manager.delete_chat(session_id, chat_id)
            self._taking_back.remember(
                f"Deleted {data.get('name') or 'a chat'}",
                lambda: manager.restore_chat(session_id, data),
            )

    async def fork(self, session_id: str, *, at: str | None = None, detached: bool = False) -> None:
        """Fork and go to the fork; the person is told where it could not be done.

        Args:
            session_id: what is forked.
            at: the last message that the fork takes along.
            detached: without the messages.
        """
        screen = self._screen
        async with screen.telling():
            child = await screen.manager.fork(session_id, at=at, detached=detached)
            screen.session_tree.update_session(child)
            screen.open_chat(child.id)
            screen.say(
                f"You are in {child.label or 'the fork'} now; esc, then ^ leads back.",
                title="Forked",
            )
